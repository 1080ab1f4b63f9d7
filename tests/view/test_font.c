#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/draw_list.h"
#include "view/font.h"

static void widths_come_from_the_fonts(void **state) {
    (void)state;
    assert_float_equal(font_width(FONT_MONO, 20, "10.0.0.1", 8), 8 * 20 * 0.602, 0.01);
    assert_float_equal(font_width(FONT_REGULAR, 16, "\xE7\xA7\x9F\xE7\x94\xA8\xE6\x9C\x9F", 9), 48,
                       0.01); /* three hanzi */
    assert_true(font_advance(FONT_REGULAR, 'i') < font_advance(FONT_REGULAR, 'm'));
    assert_true(font_advance(FONT_BOLD, 'm') > font_advance(FONT_REGULAR, 'm'));
}

static void a_face_without_the_character_hands_over(void **state) {
    (void)state;
    assert_int_equal(font_face_for(FONT_REGULAR, 0x2713), FONT_MONO); /* tick mark */
    assert_int_equal(font_face_for(FONT_MONO, 0x79DF), FONT_REGULAR);
    assert_int_equal(font_face_for(FONT_BOLD, 'a'), FONT_BOLD);
}

static void curly_quotes_are_straight_between_latin_letters_only(void **state) {
    (void)state;
    const char *latin = "client\xE2\x80\x99s", *chinese = "\xE7\xA7\x9F\xE2\x80\x9D\xE7\x94\xA8";
    size_t offset = 6;
    assert_int_equal(font_next(latin, strlen(latin), &offset), '\'');
    assert_int_equal(offset, 9);
    offset = 3;
    assert_int_equal(font_next(chinese, strlen(chinese), &offset), 0x201D);
}

static void assert_lines(const char *text, float width, const char *const *expected, size_t count) {
    FontLine lines[8];
    assert_int_equal(font_wrap(FONT_REGULAR, 10, text, width, lines, 8), count);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lines[i].size, strlen(expected[i]));
        assert_memory_equal(text + lines[i].start, expected[i], lines[i].size);
    }
}

static void latin_breaks_at_spaces(void **state) {
    (void)state;
    assert_lines("the client shouts", 50, (const char *const[]){"the client", "shouts"}, 2);
    assert_lines("one\ntwo", 500, (const char *const[]){"one", "two"}, 2);
}

static void a_word_too_long_is_cut(void **state) {
    (void)state;
    FontLine lines[8];
    size_t count = font_wrap(FONT_REGULAR, 10, "abcdefghijklmnopqrstuvwxyz", 40, lines, 8);
    assert_in_range(count, 3, 5);
    size_t total = 0;
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(lines[i].start, total);
        total += lines[i].size;
    }
    assert_int_equal(total, 26);
}

static void no_line_starts_with_a_closing_mark(void **state) {
    (void)state;
    /* Five hanzi and a full stop: at a width of five the stop would stand alone, so a hanzi goes with it. */
    const char *text = "\xE5\xAE\xA2\xE6\x88\xB7\xE5\xB9\xBF\xE6\x92\xAD\xE4\xBA\x86\xE3\x80\x82";
    FontLine lines[4];
    assert_int_equal(font_wrap(FONT_REGULAR, 10, text, 51, lines, 4), 2);
    assert_int_equal(lines[0].size, 12);
    assert_int_equal(lines[1].size, 6);
}

static void cut_text_fits_and_says_so(void **state) {
    (void)state;
    DrawList *list = draw_list_new();
    draw_list_clear(list, 400, 100);
    float width =
        draw_list_text(list, (Point){0, 50}, TEXT_LEFT, FONT_REGULAR, 16, 0xFF000000, 90, "retransmission timer");
    assert_true(width <= 90);
    const DrawItem *item = &list->items[0];
    assert_memory_equal(list->text + item->start + item->count - 3, "...", 3);
    assert_float_equal(font_width(FONT_REGULAR, 16, list->text + item->start, item->count), width, 0.01);
    draw_list_free(list);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widths_come_from_the_fonts),
        cmocka_unit_test(a_face_without_the_character_hands_over),
        cmocka_unit_test(curly_quotes_are_straight_between_latin_letters_only),
        cmocka_unit_test(latin_breaks_at_spaces),
        cmocka_unit_test(a_word_too_long_is_cut),
        cmocka_unit_test(no_line_starts_with_a_closing_mark),
        cmocka_unit_test(cut_text_fits_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
