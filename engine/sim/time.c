#include "sim/time.h"

#include <string.h>

bool sim_time_parse(const char *text, SimTime *time) {
    static const struct {
        const char *unit;
        SimTime nanoseconds;
    } units[] = {{"ns", 1},
                 {"us", SIM_MICROSECOND},
                 {"ms", SIM_MILLISECOND},
                 {"s", SIM_SECOND},
                 {"m", 60 * SIM_SECOND},
                 {"h", 3600 * SIM_SECOND},
                 {"d", 86400 * SIM_SECOND}};
    int64_t number = 0, scale = 1;
    int digits = 0;
    bool fraction = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !fraction); text++) {
        if (*text == '.') {
            fraction = true;
            continue;
        }
        if (++digits > 15) return false;
        number = number * 10 + (*text - '0');
        if (fraction) scale *= 10;
    }
    if (digits == 0) return false;
    while (*text == ' ') text++;
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcmp(text, units[i].unit) != 0) continue;
        SimTime unit = units[i].nanoseconds;
        int64_t whole = number / scale, part = number % scale;
        if (whole > INT64_MAX / unit - 1) return false;
        while (scale > SIM_SECOND) {
            scale /= 10;
            part /= 10;
        }
        /* part < scale <= 1e9, so splitting the unit keeps the product in range. */
        *time = whole * unit + unit / scale * part + unit % scale * part / scale;
        return true;
    }
    return false;
}

void sim_time_print(Text *text, SimTime time, int places) {
    CHECK(places >= 0 && places <= 9);
    if (time < 0) text_put_char(text, '-');
    uint64_t magnitude = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    text_print(text, "%llu", (unsigned long long)(magnitude / (uint64_t)SIM_SECOND));
    if (places == 0) return;
    char digits[16];
    uint64_t rest = magnitude % (uint64_t)SIM_SECOND;
    for (int i = 8; i >= 0; i--, rest /= 10) digits[i] = (char)('0' + rest % 10);
    text_put_char(text, '.');
    text_put_n(text, digits, (size_t)places);
}
