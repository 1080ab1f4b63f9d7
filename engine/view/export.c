#include "view/export.h"

#include <math.h>

#include "view/ladder_view.h"
#include "view/machine_diagram.h"

static Pen pen_for(DrawList *list, const Strings *words, Language language, float width, float height) {
    return (Pen){list, theme_get(THEME_LIGHT), type_scale(width, height), words, language};
}

void export_ladder_svg(const Trace *trace, const Strings *words, Language language, const char *title, Text *svg) {
    Story *story = story_new(trace);
    LadderView *ladder = ladder_view_new(story, false);
    DrawList *list = draw_list_new();
    Pen pen = pen_for(list, words, language, 1280, 800);
    float margin = 3 * pen.type.unit, columns = (float)(ladder->column_count ? ladder->column_count : 1);
    float width = fminf(1600, fmaxf(640, 110 + columns * 210)) + 2 * margin, top = title ? 5 * pen.type.unit : 0;
    float height = ladder_view_height(ladder, &pen) + 2 * margin + top;
    draw_list_clear(list, width, height);
    if (title)
        draw_list_text(list, (Point){margin, margin + 1.5f * pen.type.unit}, TEXT_LEFT, FONT_BOLD, pen.type.title,
                       pen.theme->ink, width - 2 * margin, title);
    Rect area = {margin, margin + top, width - 2 * margin, height - 2 * margin - top};
    Place everything = {SIM_NEVER, (uint32_t)trace_count(trace)};
    ladder_view_draw(ladder, &pen, area, everything, 0, STORY_NONE);
    svg_write(svg, list, pen.theme->card, title);
    draw_list_free(list);
    ladder_view_free(ladder);
    story_free(story);
}

void export_machine_svg(const MachineSpec *spec, const Strings *words, Language language, Text *svg) {
    DrawList *list = draw_list_new();
    float width = spec->state_count > 8 ? 1480 : 1280, height = spec->state_count > 4 ? 1000 : 560;
    Pen pen = pen_for(list, words, language, 1280, 800);
    float margin = 4 * pen.type.unit, top = 5 * pen.type.unit;
    draw_list_clear(list, width, height);
    Text title = text_new();
    text_print(&title, "%s   %s", spec->name, spec->ref ? spec->ref : "");
    draw_list_text(list, (Point){margin, margin}, TEXT_LEFT, FONT_BOLD, pen.type.title, pen.theme->ink,
                   width - 2 * margin, text_get(&title));
    machine_diagram_draw(&pen, spec, (Rect){margin, margin + top, width - 2 * margin, height - 2 * margin - top},
                         MACHINE_NO_STATE, MACHINE_NO_ROW, LABELS_ALL);
    svg_write(svg, list, pen.theme->card, text_get(&title));
    text_free(&title);
    draw_list_free(list);
}
