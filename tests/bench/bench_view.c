/* How long a frame of the whole window takes, layout and painting, for some small runs. Prints, never fails.
 *   bench_view [SCENE SECONDS WIDTHxHEIGHT en|zh light|dark PANEL|help OUT.png]: draws that one picture instead. */
#include "view/scenes.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "app/window/glyphs.h"
#include "app/window/shot.h"
#include "base/arena.h"
#include "view/raster.h"
#include "view/svg.h"
#include "view/view.h"

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static World *build(const char *name) {
    for (int i = 0; i < SCENE_KINDS; i++)
        if (strcmp(scene_kinds[i].name, name) == 0) return scene_kinds[i].build();
    fprintf(stderr, "no scene %s\n", name);
    exit(2);
}

static View *view_of(const World *world, Strings *words[2], Language language, ThemeName theme) {
    ViewConfig config = {.trace = world_trace(world),
                         .words = {words[0], words[1]},
                         .titles = {"A lease, step by step", "租用期的一生"},
                         .language = language,
                         .theme = theme};
    return view_new(&config);
}

static int draw_one(char **argv, Strings *words[2]) {
    World *world = build(argv[1]);
    int width = 1280, height = 800;
    sscanf(argv[3], "%dx%d", &width, &height);
    View *view = view_of(world, words, strcmp(argv[4], "zh") == 0, strcmp(argv[5], "dark") == 0);
    ViewPanel panel;
    Text error = text_new();
    if (strcmp(argv[6], "help") == 0)
        view_input(view, &(ViewEvent){.kind = EVENT_KEY, .key = KEY_F1});
    else if (view_panel_parse(argv[6], &panel))
        view_set_panel(view, panel);
    else
        return 2;
    view_set_time(view, (SimTime)(atof(argv[2]) * 1e9));
    bool written;
    if (strstr(argv[7], ".svg")) {
        DrawList *list = draw_list_new();
        Text svg = text_new();
        view_layout(view, (float)width, (float)height);
        view_draw(view, list);
        svg_write(&svg, list, 0, NULL);
        written = text_write_file(argv[7], bytes_of(svg.at, svg.size), &error);
        text_free(&svg);
        draw_list_free(list);
    } else {
        written = shot_write_png(view, NETSTAGE_SOURCE "/assets/fonts", width, height, argv[7], &error);
    }
    if (!written) fprintf(stderr, "%s\n", text_get(&error));
    view_free(view);
    world_free(world);
    text_free(&error);
    return !written;
}

static void measure(const char *name, Strings *words[2], Glyphs *glyphs, int width, int height) {
    World *world = build(name);
    View *view = view_of(world, words, LANGUAGE_ZH, THEME_LIGHT);
    Raster *raster = raster_new();
    DrawList *list = draw_list_new();
    Framebuffer to = {memory_new((size_t)width * (size_t)height * 4), width, height, width};
    view_layout(view, (float)width, (float)height);
    view_input(view, &(ViewEvent){.kind = EVENT_KEY, .key = KEY_SPACE});
    double drawing = 0, painting = 0, worst = 0;
    int frames = 0;
    for (; frames < 400; frames++) {
        if (!view_advance(view, 1 / 60.0)) view_input(view, &(ViewEvent){.kind = EVENT_KEY, .key = KEY_SPACE});
        double start = now_ms();
        view_draw(view, list);
        double drawn = now_ms();
        raster_draw(raster, &to, list, glyphs_mask, glyphs);
        double done = now_ms();
        if (frames > 20) {
            drawing += drawn - start, painting += done - drawn;
            if (done - start > worst) worst = done - start;
        }
    }
    printf("frame %-8s %dx%d: layout and list %.2f ms, painting %.2f ms, worst %.2f ms (%zu items)\n", name, width,
           height, drawing / (frames - 21), painting / (frames - 21), worst, list->count);
    free(to.pixels);
    draw_list_free(list);
    raster_free(raster);
    view_free(view);
    world_free(world);
}

int main(int argc, char **argv) {
    Strings *words[LANGUAGE_COUNT];
    Text error = text_new();
    Glyphs *glyphs;
    for (Language l = 0; l < LANGUAGE_COUNT; l++)
        if (!strings_load(NETSTAGE_SOURCE "/assets", l, &words[l], &error)) {
            fprintf(stderr, "%s\n", text_get(&error));
            return 2;
        }
    int status = 0;
    if (argc == 8) {
        status = draw_one(argv, words);
    } else if (!glyphs_new(NETSTAGE_SOURCE "/assets/fonts", &glyphs, &error)) {
        fprintf(stderr, "%s\n", text_get(&error));
        status = 2;
    } else {
        for (int i = 0; i < SCENE_KINDS; i++) {
            measure(scene_kinds[i].name, words, glyphs, 1280, 800);
            measure(scene_kinds[i].name, words, glyphs, 1920, 1080);
        }
        glyphs_free(glyphs);
    }
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(words[l]);
    text_free(&error);
    return status;
}
