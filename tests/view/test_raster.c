#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "view/raster.h"

enum { SIDE = 64 };

typedef struct {
    Raster *raster;
    DrawList *list;
    Framebuffer to;
} Fixture;

static int setup(void **state) {
    Fixture *f = memory_new(sizeof *f);
    f->raster = raster_new();
    f->list = draw_list_new();
    draw_list_clear(f->list, SIDE, SIDE);
    f->to = (Framebuffer){memory_new(SIDE * SIDE * 4), SIDE, SIDE, SIDE};
    for (int i = 0; i < SIDE * SIDE; i++) f->to.pixels[i] = 0xFF000000;
    *state = f;
    return 0;
}

static int teardown(void **state) {
    Fixture *f = *state;
    raster_free(f->raster);
    draw_list_free(f->list);
    free(f->to.pixels);
    free(f);
    return 0;
}

/* White ink on black: a pixel's value is its coverage. */
static int at(const Fixture *f, int x, int y) { return (int)(f->to.pixels[y * SIDE + x] & 0xFF); }

static double total(const Fixture *f) {
    double sum = 0;
    for (int i = 0; i < SIDE * SIDE; i++) sum += (f->to.pixels[i] & 0xFF) / 255.0;
    return sum;
}

static void paint(Fixture *f) { raster_draw(f->raster, &f->to, f->list, NULL, NULL); }

static void a_box_covers_parts_of_pixels_exactly(void **state) {
    Fixture *f = *state;
    draw_list_box(f->list, (Rect){2.5f, 3.25f, 4, 2}, 0, 0xFFFFFFFF, 0, 0);
    paint(f);
    assert_int_equal(at(f, 3, 4), 255);
    assert_in_range(at(f, 2, 4), 126, 129);
    assert_in_range(at(f, 3, 3), 190, 193);
    assert_in_range(at(f, 6, 5), 30, 33); /* a half by a quarter */
    assert_int_equal(at(f, 7, 4), 0);
    assert_int_equal(at(f, 3, 6), 0);
}

static void a_polygon_covers_its_area(void **state) {
    Fixture *f = *state;
    draw_list_polygon(f->list, (Point[]){{10, 10}, {50.3f, 20.7f}, {23.1f, 49.9f}}, 3, 0xFFFFFFFF);
    paint(f);
    double area = 0.5 * ((50.3 - 10) * (49.9 - 10) - (23.1 - 10) * (20.7 - 10));
    assert_float_equal(total(f), area, area * 0.004);
    assert_int_equal(at(f, 27, 27), 255);
    assert_int_equal(at(f, 12, 40), 0);
}

static void either_direction_of_a_polygon_is_the_same(void **state) {
    Fixture *f = *state;
    draw_list_polygon(f->list, (Point[]){{10, 10}, {23.1f, 49.9f}, {50.3f, 20.7f}}, 3, 0xFFFFFFFF);
    paint(f);
    assert_int_equal(at(f, 27, 27), 255);
}

static void a_circle_and_a_ring_cover_their_areas(void **state) {
    Fixture *f = *state;
    draw_list_circle(f->list, (Point){32, 32}, 20, 0xFFFFFFFF, 0, 0);
    paint(f);
    assert_float_equal(total(f), 3.14159265 * 400, 4);
    memset(f->to.pixels, 0, SIDE * SIDE * 4);
    draw_list_clear(f->list, SIDE, SIDE);
    draw_list_ring(f->list, (Point){32, 32}, 20, 4, 0, 0.25f, 0xFFFFFFFF);
    paint(f);
    assert_float_equal(total(f), 3.14159265 * (22 * 22 - 18 * 18) / 4, 1.5);
    assert_int_equal(at(f, 46, 17), 255); /* from the top clockwise is the upper right */
    assert_int_equal(at(f, 17, 46), 0);
}

static void a_shape_outside_the_picture_touches_only_what_it_covers(void **state) {
    Fixture *f = *state;
    draw_list_polygon(f->list, (Point[]){{-500, -500}, {32, -500}, {32, 700}, {-500, 700}}, 4, 0xFFFFFFFF);
    draw_list_circle(f->list, (Point){5000, 10}, 100, 0xFFFFFFFF, 0, 0);
    paint(f);
    assert_int_equal(at(f, 0, 0), 255);
    assert_int_equal(at(f, 31, 63), 255);
    assert_int_equal(at(f, 32, 30), 0);
    assert_float_equal(total(f), 32 * 64, 0.01);
}

static void a_slanted_edge_cut_by_the_left_border_keeps_its_area(void **state) {
    Fixture *f = *state;
    draw_list_polygon(f->list, (Point[]){{-30, 0}, {30, 0}, {-30, 60}}, 3, 0xFFFFFFFF);
    paint(f);
    assert_float_equal(total(f), 450, 2); /* the triangle right of x = 0: legs of 30 */
}

static void a_clip_holds(void **state) {
    Fixture *f = *state;
    draw_list_clip_push(f->list, (Rect){10, 10, 5, 5});
    draw_list_box(f->list, (Rect){0, 0, 64, 64}, 12, 0xFFFFFFFF, 0, 0);
    draw_list_clip_push(f->list, (Rect){0, 0, 12, 64});
    draw_list_clip_pop(f->list);
    draw_list_clip_pop(f->list);
    draw_list_box(f->list, (Rect){40, 40, 1, 1}, 0, 0xFFFFFFFF, 0, 0);
    paint(f);
    assert_float_equal(total(f), 26, 0.01);
}

static void a_rounded_box_is_whole_at_its_seams(void **state) {
    Fixture *f = *state;
    Rect box = {4.3f, 5.6f, 50, 40};
    draw_list_box(f->list, box, 9.7f, 0x80FFFFFF, 0, 0);
    paint(f);
    for (int y = 7; y < 44; y++) assert_in_range(at(f, 30, y), 127, 129); /* no row painted twice, none left out */
    float corners = (4 - 3.14159265f) * 9.7f * 9.7f;
    assert_float_equal(total(f), (2000 - corners) * 128 / 255, 6);
}

static void a_stroked_box_has_the_same_border_all_round(void **state) {
    Fixture *f = *state;
    draw_list_box(f->list, (Rect){8, 8, 40, 30}, 6, 0, 0xFFFFFFFF, 2);
    paint(f);
    assert_int_equal(at(f, 8, 20), 255);
    assert_int_equal(at(f, 9, 20), 255);
    assert_int_equal(at(f, 10, 20), 0);
    assert_int_equal(at(f, 28, 9), 255);
    assert_int_equal(at(f, 28, 10), 0);
    assert_int_equal(at(f, 28, 37), 255);
    assert_int_equal(at(f, 47, 20), 255);
    assert_int_equal(at(f, 28, 20), 0);
    assert_int_equal(at(f, 8, 8), 0);
}

static void dashes_leave_gaps_along_a_bent_line(void **state) {
    Fixture *f = *state;
    draw_list_polyline(f->list, (Point[]){{4, 10}, {34, 10}, {34, 40}}, 3, 0xFFFFFFFF, 2, 5, 5);
    paint(f);
    assert_int_equal(at(f, 6, 10), 255);
    assert_int_equal(at(f, 11, 10), 0);
    assert_int_equal(at(f, 16, 10), 255);
    assert_int_equal(at(f, 34, 12), 255); /* the pattern goes on over the corner: 30 is a whole number of periods */
    assert_int_equal(at(f, 34, 17), 0);
}

static bool one_glyph(void *context, FontFace face, int size, int phase, uint32_t code_point, GlyphMask *mask) {
    static const uint8_t full[4] = {255, 255, 255, 255};
    int *calls = context;
    calls[phase]++;
    assert_int_equal(face, FONT_REGULAR);
    assert_int_equal(size, 16);
    *mask = (GlyphMask){full, 2, 2, 2, 0, -2};
    return code_point == 'i';
}

static void glyphs_stand_on_the_baseline_at_quarters_of_a_pixel(void **state) {
    Fixture *f = *state;
    int calls[GLYPH_PHASES] = {0};
    draw_list_text(f->list, (Point){10, 30}, TEXT_LEFT, FONT_REGULAR, 16, 0xFFFFFFFF, 0, "iii");
    raster_draw(f->raster, &f->to, f->list, one_glyph, calls);
    assert_float_equal(total(f), 12, 0.01);
    int baseline = 36; /* 30 + 0.37 * 16, rounded */
    assert_int_equal(at(f, 10, baseline - 1), 255);
    assert_int_equal(at(f, 10, baseline), 0);
    assert_int_equal(calls[0], 1);
}

/* A scene of everything, held by a hash: any change of the rasteriser's arithmetic shows. */
static void the_same_scene_gives_the_same_pixels(void **state) {
    Fixture *f = *state;
    draw_list_box(f->list, (Rect){1.5f, 2.5f, 40, 22}, 6, 0xFF0072B2, 0xFFD55E00, 1.5f);
    draw_list_arrow(f->list, (Point){4, 60}, (Point){58, 31}, 0xC0009E73, 2.5f, 9);
    draw_list_circle(f->list, (Point){44, 40}, 13.3f, 0x60E69F00, 0xFFCC79A7, 2);
    draw_list_ring(f->list, (Point){20, 42}, 11, 3, 0.1f, 0.83f, 0xFF56B4E9);
    draw_list_box_dashed(f->list, (Rect){30, 4, 30, 20}, 5, 0, 0xFFFFFFFF, 1.5f, 4);
    paint(f);
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < SIDE * SIDE; i++) hash = (hash ^ f->to.pixels[i]) * 1099511628211u;
    assert_int_equal(hash, 0x47e074d2ef4ce00du);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_box_covers_parts_of_pixels_exactly, setup, teardown),
        cmocka_unit_test_setup_teardown(a_polygon_covers_its_area, setup, teardown),
        cmocka_unit_test_setup_teardown(either_direction_of_a_polygon_is_the_same, setup, teardown),
        cmocka_unit_test_setup_teardown(a_circle_and_a_ring_cover_their_areas, setup, teardown),
        cmocka_unit_test_setup_teardown(a_shape_outside_the_picture_touches_only_what_it_covers, setup, teardown),
        cmocka_unit_test_setup_teardown(a_slanted_edge_cut_by_the_left_border_keeps_its_area, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clip_holds, setup, teardown),
        cmocka_unit_test_setup_teardown(a_rounded_box_is_whole_at_its_seams, setup, teardown),
        cmocka_unit_test_setup_teardown(a_stroked_box_has_the_same_border_all_round, setup, teardown),
        cmocka_unit_test_setup_teardown(dashes_leave_gaps_along_a_bent_line, setup, teardown),
        cmocka_unit_test_setup_teardown(glyphs_stand_on_the_baseline_at_quarters_of_a_pixel, setup, teardown),
        cmocka_unit_test_setup_teardown(the_same_scene_gives_the_same_pixels, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
