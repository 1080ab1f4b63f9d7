/* How long one frame takes to paint: about 200 shapes and 280 text runs, and the same with large ripples. Prints,
 * never fails.
 *   bench_raster [OUT.png] */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/window/glyphs.h"
#include "base/arena.h"
#include "view/png.h"
#include "view/theme.h"

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void scene(DrawList *list, float width, float height, int step) {
    const Theme *theme = theme_get(THEME_LIGHT);
    float scale = type_scale(width, height).scale;
    draw_list_clear(list, width, height);
    draw_list_box(list, (Rect){0, 0, width, height}, 0, theme->ground, 0, 0);
    for (int i = 0; i < 96; i++) {
        float x = (float)(i % 12) * width / 12 + 8, y = (float)(i / 12) * height / 8 + 8;
        Rect box = {x, y, width / 12 - 16, height / 8 - 16};
        draw_list_box(list, box, 8, theme->card, theme->line, 1);
        draw_list_arrow(list, (Point){x, y + box.h}, (Point){x + box.w, y + (float)((i + step) % 7) * 9}, theme->accent,
                        2, 9);
        draw_list_text(list, (Point){x + 8, y + 14}, TEXT_LEFT, FONT_BOLD, 16 * scale, theme->ink, box.w,
                       "DISCOVER 广播");
        draw_list_text(list, (Point){x + 8, y + 34}, TEXT_LEFT, FONT_MONO, 13 * scale, theme->ink_soft, box.w,
                       "10.0.12.254/24");
        draw_list_text(list, (Point){x + 8, y + 54}, TEXT_LEFT, FONT_REGULAR, 15 * scale, theme->ink, box.w,
                       "renewing, 租用期 3600 s");
    }
    for (int i = 0; i < 4; i++)
        draw_list_circle(list, (Point){width / 2, height / 2}, 80.0f * (float)(i + 1) * scale, 0,
                         theme->tone[TONE_ACTIVE], 3);
}

int main(int argc, char **argv) {
    Glyphs *glyphs;
    Text error = text_new();
    if (!glyphs_new(NETSTAGE_SOURCE "/assets/fonts", &glyphs, &error)) {
        fprintf(stderr, "%s\n", text_get(&error));
        return 1;
    }
    Raster *raster = raster_new();
    DrawList *list = draw_list_new();
    int sizes[][2] = {{1280, 800}, {1920, 1080}, {3840, 2160}};
    for (int s = 0; s < 3; s++) {
        Framebuffer to = {.width = sizes[s][0], .height = sizes[s][1], .stride = sizes[s][0]};
        to.pixels = memory_new((size_t)to.width * (size_t)to.height * 4);
        scene(list, (float)to.width, (float)to.height, 0);
        raster_draw(raster, &to, list, glyphs_mask, glyphs);
        double start = now_ms();
        int frames = 50;
        for (int i = 0; i < frames; i++) {
            scene(list, (float)to.width, (float)to.height, i);
            raster_draw(raster, &to, list, glyphs_mask, glyphs);
        }
        printf("raster %dx%d: %.2f ms a frame (%zu items)\n", to.width, to.height, (now_ms() - start) / frames,
               list->count);
        if (s == 0 && argc > 1 && !png_write_file(argv[1], &to, &error)) fprintf(stderr, "%s\n", text_get(&error));
        free(to.pixels);
    }
    draw_list_free(list);
    raster_free(raster);
    glyphs_free(glyphs);
    text_free(&error);
    return 0;
}
