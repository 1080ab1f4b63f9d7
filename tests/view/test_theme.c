#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "view/theme.h"

static double luminance(Color color) {
    static const double weights[3] = {0.0722, 0.7152, 0.2126};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        double c = (double)(color >> (8 * i) & 0xFF) / 255;
        sum += weights[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static double contrast(Color a, Color b) {
    double x = luminance(a), y = luminance(b);
    return x > y ? (x + 0.05) / (y + 0.05) : (y + 0.05) / (x + 0.05);
}

/* WCAG: 4.5 for text, 3 for large text and graphics. */
static void texts_can_be_read(void **state) {
    (void)state;
    for (ThemeName name = 0; name < THEME_COUNT; name++) {
        const Theme *t = theme_get(name);
        assert_true(contrast(t->ink, t->card) >= 7);
        assert_true(contrast(t->ink, t->ground) >= 7);
        assert_true(contrast(t->ink_soft, t->ground) >= 4.5);
        assert_true(contrast(t->ink_soft, t->sunken) >= 4.5);
        assert_true(contrast(t->ink_faint, t->card) >= 4);
        assert_true(contrast(t->on_accent, t->accent) >= 4.5);
        for (Tone tone = 0; tone < TONE_COUNT; tone++) {
            assert_true(contrast(t->tone_ink[tone], t->card) >= 4.5);
            assert_true(contrast(t->tone_ink[tone], t->tone_soft[tone]) >= 4.5);
        }
        for (int i = 0; i < 8; i++) assert_true(contrast(t->message[i], t->card) >= 3);
    }
}

static void sizes_can_be_read_from_the_last_row(void **state) {
    (void)state;
    TypeScale at = type_scale(1280, 800);
    assert_true(at.label >= 15 && at.body >= 15);
    assert_true(at.message >= 18);
    assert_true(type_scale(2560, 1600).message >= 36);
    assert_true(type_scale(1024, 640).message >= 14);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_can_be_read),
        cmocka_unit_test(sizes_can_be_read_from_the_last_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
