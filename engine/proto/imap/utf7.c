/* Names of mailboxes as they travel: modified UTF-7 (RFC 3501 section 5.1.3). "&" begins a run of UTF-16 in base64 with
 * "," for "/", and "-" ends it; "&-" is "&" itself. Each name has one form only. */
#include "mail/base64.h"
#include "proto/imap/syntax.h"

static int run_number(uint8_t c) { return c == ',' ? 63 : c == '/' ? -1 : base64_number(c); }
static bool stands_for_itself(uint32_t c) { return c >= 0x20 && c < 0x7f; }

static void put_character(Text *to, uint32_t c) {
    if (c < 0x80) {
        text_put_char(to, (char)c);
        return;
    }
    if (c < 0x800) {
        text_put_char(to, (char)(0xc0 | c >> 6));
    } else {
        if (c < 0x10000) {
            text_put_char(to, (char)(0xe0 | c >> 12));
        } else {
            text_put_char(to, (char)(0xf0 | c >> 18));
            text_put_char(to, (char)(0x80 | (c >> 12 & 0x3f)));
        }
        text_put_char(to, (char)(0x80 | (c >> 6 & 0x3f)));
    }
    text_put_char(to, (char)(0x80 | (c & 0x3f)));
}

/* The run behind "&"; *at goes behind its "-". Only whole characters, none that can stand as it is, no bits too many. */
static bool decode_run(Bytes utf7, size_t *at, Text *utf8) {
    uint32_t bits = 0, high = 0;
    unsigned count = 0;
    for (; *at < utf7.size && utf7.at[*at] != '-'; ++*at) {
        int number = run_number(utf7.at[*at]);
        if (number < 0) return false;
        bits = bits << 6 | (uint32_t)number;
        count += 6;
        if (count < 16) continue;
        count -= 16;
        uint32_t unit = bits >> count & 0xffff;
        bits &= (1U << count) - 1;
        bool is_low = unit >= 0xdc00 && unit < 0xe000;
        if (is_low != (high != 0)) return false;
        if (unit >= 0xd800 && unit < 0xdc00) {
            high = unit;
            continue;
        }
        uint32_t c = is_low ? 0x10000 + ((high - 0xd800) << 10) + (unit - 0xdc00) : unit;
        if (stands_for_itself(c)) return false;
        put_character(utf8, c);
        high = 0;
    }
    return (*at)++ < utf7.size && high == 0 && count < 6 && bits == 0;
}

bool imap_utf7_decode(Bytes utf7, Text *utf8) {
    size_t run_end = SIZE_MAX; /* a run right behind another would be a second form of both */
    for (size_t at = 0; at < utf7.size;) {
        uint8_t c = utf7.at[at++];
        if (!stands_for_itself(c)) return false;
        if (c != '&') {
            text_put_char(utf8, (char)c);
        } else if (at < utf7.size && utf7.at[at] == '-') {
            text_put_char(utf8, '&');
            at++;
        } else {
            if (at - 1 == run_end || !decode_run(utf7, &at, utf8)) return false;
            run_end = at;
        }
    }
    return true;
}

typedef struct {
    Text *to;
    uint32_t bits;
    unsigned count;
} Run;

static void put_number(Run *run, uint32_t number) {
    char c = base64_character(number & 63);
    text_put_char(run->to, c == '/' ? ',' : c);
}

static void put_unit(Run *run, uint32_t unit) {
    run->bits = run->bits << 16 | unit;
    for (run->count += 16; run->count >= 6; run->count -= 6) put_number(run, run->bits >> (run->count - 6));
    run->bits &= (1U << run->count) - 1;
}

void imap_utf7_encode(Bytes utf8, Text *utf7) {
    Run run = {.to = utf7};
    bool open = false;
    for (size_t at = 0; at <= utf8.size;) {
        uint32_t c = 0;
        bool end = at == utf8.size;
        at += end ? 1 : utf8_next((const char *)utf8.at + at, utf8.size - at, &c);
        bool in_run = !end && !stands_for_itself(c);
        if (open && !in_run) {
            if (run.count > 0) put_number(&run, run.bits << (6 - run.count));
            text_put_char(utf7, '-');
        }
        if (in_run && !open) {
            run = (Run){.to = utf7};
            text_put_char(utf7, '&');
        }
        open = in_run;
        if (end) break;
        if (c == '&') {
            text_put(utf7, "&-");
        } else if (!in_run) {
            text_put_char(utf7, (char)c);
        } else if (c < 0x10000) {
            put_unit(&run, c);
        } else {
            put_unit(&run, 0xd800 + ((c - 0x10000) >> 10));
            put_unit(&run, 0xdc00 + ((c - 0x10000) & 0x3ff));
        }
    }
}
