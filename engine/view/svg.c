#include "view/svg.h"

#include <math.h>

static void put_number(Text *to, float value) {
    long hundredths = lroundf(value * 100);
    if (hundredths < 0) text_put_char(to, '-'), hundredths = -hundredths;
    text_print(to, "%ld", hundredths / 100);
    int rest = (int)(hundredths % 100);
    if (rest) text_print(to, rest % 10 ? ".%02d" : ".%d", rest % 10 ? rest : rest / 10);
}

static void put_attribute(Text *to, const char *name, float value) {
    text_print(to, " %s=\"", name);
    put_number(to, value);
    text_put_char(to, '"');
}

static void put_color(Text *to, const char *name, Color color) {
    unsigned alpha = color >> 24;
    if (alpha == 0) {
        text_print(to, " %s=\"none\"", name);
        return;
    }
    text_print(to, " %s=\"#%06X\"", name, (unsigned)(color & 0xFFFFFF));
    if (alpha < 255) {
        text_print(to, " %s-opacity=\"", name);
        put_number(to, (float)alpha / 255);
        text_put_char(to, '"');
    }
}

static void put_stroke(Text *to, const DrawItem *item) {
    if (item->width <= 0 || item->stroke >> 24 == 0) return;
    put_color(to, "stroke", item->stroke);
    put_attribute(to, "stroke-width", item->width);
    if (item->dash > 0) {
        text_put(to, " stroke-dasharray=\"");
        put_number(to, item->dash);
        text_put_char(to, ' ');
        put_number(to, item->gap);
        text_put_char(to, '"');
    }
}

static void put_points(Text *to, const DrawList *list, const DrawItem *item) {
    text_put(to, " points=\"");
    for (uint32_t i = 0; i < item->count; i++) {
        if (i) text_put_char(to, ' ');
        put_number(to, list->points[item->start + i].x);
        text_put_char(to, ',');
        put_number(to, list->points[item->start + i].y);
    }
    text_put_char(to, '"');
}

static void put_box(Text *to, const DrawItem *item) {
    /* SVG strokes astride the outline, a draw list within the box. */
    bool stroked = item->width > 0 && item->stroke >> 24;
    Rect box = stroked ? rect_inset(item->box, item->width / 2) : item->box;
    text_put(to, "<rect");
    put_attribute(to, "x", box.x);
    put_attribute(to, "y", box.y);
    put_attribute(to, "width", fmaxf(0, box.w));
    put_attribute(to, "height", fmaxf(0, box.h));
    if (item->radius > 0) put_attribute(to, "rx", stroked ? fmaxf(0, item->radius - item->width / 2) : item->radius);
    put_color(to, "fill", item->fill);
    put_stroke(to, item);
    text_put(to, "/>\n");
}

static void put_circle(Text *to, const DrawItem *item, Color fill) {
    text_put(to, "<circle");
    put_attribute(to, "cx", item->box.x + item->box.w / 2);
    put_attribute(to, "cy", item->box.y + item->box.h / 2);
    put_attribute(to, "r", item->radius);
    put_color(to, "fill", fill);
    put_stroke(to, item);
    text_put(to, "/>\n");
}

static void put_ring(Text *to, const DrawItem *item) {
    float span = item->to - item->from;
    if (fabsf(span) >= 1) {
        put_circle(to, item, 0);
        return;
    }
    Point center = {item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
    text_put(to, "<path d=\"M");
    put_number(to, center.x + item->radius * turn_sin(item->from));
    text_put_char(to, ' ');
    put_number(to, center.y - item->radius * turn_cos(item->from));
    text_put(to, " A");
    put_number(to, item->radius);
    text_put_char(to, ' ');
    put_number(to, item->radius);
    text_print(to, " 0 %d %d ", fabsf(span) > 0.5f, span > 0);
    put_number(to, center.x + item->radius * turn_sin(item->to));
    text_put_char(to, ' ');
    put_number(to, center.y - item->radius * turn_cos(item->to));
    text_put(to, "\" fill=\"none\"");
    put_stroke(to, item);
    text_put(to, "/>\n");
}

static void put_text(Text *to, const DrawList *list, const DrawItem *item) {
    static const char *const anchors[] = {"start", "middle", "end"};
    static const char *const families[] = {
        "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif",
        "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','PingFang SC','Microsoft YaHei',sans-serif",
        "'DejaVu Sans Mono',Menlo,Consolas,'Noto Sans CJK SC',monospace"};
    float shift = item->anchor == TEXT_LEFT ? 0 : item->anchor == TEXT_CENTER ? item->box.w / 2 : item->box.w;
    text_put(to, "<text");
    put_attribute(to, "x", item->box.x + shift);
    put_attribute(to, "y", item->box.y + item->box.h / 2 + item->size * FONT_MIDDLE_TO_BASELINE);
    put_attribute(to, "font-size", item->size);
    text_print(to, " font-family=\"%s\"", families[item->face]);
    if (item->face == FONT_BOLD) text_put(to, " font-weight=\"700\"");
    if (item->anchor != TEXT_LEFT) text_print(to, " text-anchor=\"%s\"", anchors[item->anchor]);
    put_color(to, "fill", item->fill);
    /* A reader without the font squeezes its own into the width that the layout counted on. */
    put_attribute(to, "textLength", item->box.w);
    text_put(to, " lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\">");
    Text shown = text_new();
    const char *text = list->text + item->start;
    for (size_t offset = 0; offset < item->count;) {
        size_t before = offset;
        uint32_t code_point = font_next(text, item->count, &offset);
        if (code_point == '\'' || code_point == '"')
            text_put_char(&shown, (char)code_point);
        else if (code_point >= ' ')
            text_put_n(&shown, text + before, offset - before);
    }
    text_put_xml(to, text_get(&shown));
    text_free(&shown);
    text_put(to, "</text>\n");
}

static void put_item(Text *to, const DrawList *list, const DrawItem *item) {
    switch (item->kind) {
    case DRAW_BOX: put_box(to, item); break;
    case DRAW_POLYLINE:
        text_put(to, "<polyline");
        put_points(to, list, item);
        text_put(to, " fill=\"none\" stroke-linejoin=\"round\"");
        put_stroke(to, item);
        text_put(to, "/>\n");
        break;
    case DRAW_POLYGON:
        text_put(to, "<polygon");
        put_points(to, list, item);
        put_color(to, "fill", item->fill);
        text_put(to, "/>\n");
        break;
    case DRAW_CIRCLE: put_circle(to, item, item->fill); break;
    case DRAW_RING: put_ring(to, item); break;
    case DRAW_TEXT: put_text(to, list, item); break;
    case DRAW_ZONE: break;
    }
}

static void put_rect_numbers(Text *to, Rect box) {
    put_attribute(to, "x", box.x);
    put_attribute(to, "y", box.y);
    put_attribute(to, "width", box.w);
    put_attribute(to, "height", box.h);
}

void svg_write(Text *to, const DrawList *list, Color background, const char *title) {
    text_put(to, "<svg xmlns=\"http://www.w3.org/2000/svg\"");
    put_attribute(to, "width", list->width);
    put_attribute(to, "height", list->height);
    text_put(to, " viewBox=\"0 0 ");
    put_number(to, list->width);
    text_put_char(to, ' ');
    put_number(to, list->height);
    text_put(to, "\">\n");
    if (title) {
        text_put(to, "<title>");
        text_put_xml(to, title);
        text_put(to, "</title>\n");
    }
    for (size_t i = 1; i < list->clip_count; i++) {
        text_print(to, "<clipPath id=\"c%zu\"><rect", i);
        put_rect_numbers(to, list->clips[i]);
        text_put(to, "/></clipPath>\n");
    }
    if (background >> 24) {
        text_put(to, "<rect");
        put_rect_numbers(to, (Rect){0, 0, list->width, list->height});
        put_color(to, "fill", background);
        text_put(to, "/>\n");
    }
    uint32_t clip = 0;
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *item = &list->items[i];
        if (item->kind == DRAW_ZONE) continue;
        if (item->clip != clip) {
            if (clip) text_put(to, "</g>\n");
            clip = item->clip;
            if (clip) text_print(to, "<g clip-path=\"url(#c%u)\">\n", (unsigned)clip);
        }
        put_item(to, list, item);
    }
    if (clip) text_put(to, "</g>\n");
    text_put(to, "</svg>\n");
}
