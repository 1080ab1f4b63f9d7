#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/svg.h"

static void the_document_is_what_it_was(void **state) {
    (void)state;
    DrawList *list = draw_list_new();
    draw_list_clear(list, 200, 100.5f);
    draw_list_box(list, (Rect){10, 10, 50, 20}, 4, 0xFFFFFFFF, 0x800072B2, 1);
    draw_list_clip_push(list, (Rect){0, 0, 100, 100});
    draw_list_line_dashed(list, (Point){0, 0.125f}, (Point){-3.5f, 20}, 0xFF000000, 2, 3, 1.5f);
    draw_list_clip_pop(list);
    draw_list_ring(list, (Point){50, 50}, 20, 4, 0, 0.75f, 0xFFD55E00);
    draw_list_text(list, (Point){100, 50}, TEXT_CENTER, FONT_BOLD, 20, 0xFF1B2430, 0, "a<b & \xE7\xA7\x9F");
    draw_list_zone(list, (Rect){0, 0, 9, 9}, 3);
    Text svg = text_new();
    svg_write(&svg, list, 0xFFFAFAFA, "T & t");
    static const char expected[] =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"200\" height=\"100.5\" viewBox=\"0 0 200 100.5\">\n"
        "<title>T &amp; t</title>\n"
        "<clipPath id=\"c1\"><rect x=\"0\" y=\"0\" width=\"100\" height=\"100\"/></clipPath>\n"
        "<rect x=\"0\" y=\"0\" width=\"200\" height=\"100.5\" fill=\"#FAFAFA\"/>\n"
        "<rect x=\"10.5\" y=\"10.5\" width=\"49\" height=\"19\" rx=\"3.5\" fill=\"#FFFFFF\" stroke=\"#0072B2\""
        " stroke-opacity=\"0.5\" stroke-width=\"1\"/>\n"
        "<g clip-path=\"url(#c1)\">\n"
        "<polyline points=\"0,0.13 -3.5,20\" fill=\"none\" stroke-linejoin=\"round\" stroke=\"#000000\" stroke-width=\"2\""
        " stroke-dasharray=\"3 1.5\"/>\n"
        "</g>\n"
        "<path d=\"M50 30 A20 20 0 1 1 30 50\" fill=\"none\" stroke=\"#D55E00\" stroke-width=\"4\"/>\n"
        "<text x=\"100\" y=\"57.4\" font-size=\"20\" font-family=\"'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC',"
        "'PingFang SC','Microsoft YaHei',sans-serif\" font-weight=\"700\" text-anchor=\"middle\" fill=\"#1B2430\""
        " textLength=\"80.38\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">a&lt;b &amp; \xE7\xA7\x9F</text>\n"
        "</svg>\n";
    assert_string_equal(text_get(&svg), expected);
    text_free(&svg);
    draw_list_free(list);
}

static void a_hit_finds_the_topmost_within_its_clip(void **state) {
    (void)state;
    DrawList *list = draw_list_new();
    draw_list_clear(list, 100, 100);
    draw_list_id(list, 7);
    draw_list_box(list, (Rect){10, 10, 50, 50}, 0, 0xFF000000, 0, 0);
    draw_list_id(list, 8);
    draw_list_line(list, (Point){0, 0}, (Point){100, 100}, 0xFF000000, 2);
    draw_list_clip_push(list, (Rect){0, 0, 30, 100});
    draw_list_id(list, 9);
    draw_list_box(list, (Rect){20, 50, 40, 10}, 0, 0xFF000000, 0, 0);
    draw_list_clip_pop(list);
    draw_list_id(list, 0);
    draw_list_box(list, (Rect){0, 0, 100, 100}, 0, 0xFF000000, 0, 0);
    assert_int_equal(draw_list_hit(list, 12, 40), 7);
    assert_int_equal(draw_list_hit(list, 30, 32), 8);
    assert_int_equal(draw_list_hit(list, 25, 55), 9);
    assert_int_equal(draw_list_hit(list, 40, 55), 7);
    assert_int_equal(draw_list_hit(list, 90, 10), 0);
    draw_list_free(list);
}

static void angles_are_exact_enough(void **state) {
    (void)state;
    assert_float_equal(turn_sin(0.125f), 0.70710678, 1e-7);
    assert_float_equal(turn_cos(0.125f), 0.70710678, 1e-7);
    assert_float_equal(turn_sin(-0.25f), -1, 1e-7);
    assert_float_equal(turn_cos(1.5f), -1, 1e-7);
    assert_float_equal(turn_sin(1 / 12.0f), 0.5, 1e-6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_document_is_what_it_was),
        cmocka_unit_test(a_hit_finds_the_topmost_within_its_clip),
        cmocka_unit_test(angles_are_exact_enough),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
