#include "view/draw_list.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

DrawList *draw_list_new(void) {
    DrawList *list = memory_new(sizeof *list);
    draw_list_clear(list, 0, 0);
    return list;
}

void draw_list_free(DrawList *list) {
    if (!list) return;
    free(list->items);
    free(list->points);
    free(list->text);
    free(list->clips);
    free(list);
}

static uint32_t add_clip(DrawList *list, Rect box) {
    list->clips = array_grow(list->clips, &list->clip_capacity, list->clip_count + 1, sizeof *list->clips);
    list->clips[list->clip_count] = box;
    return (uint32_t)list->clip_count++;
}

void draw_list_clear(DrawList *list, float width, float height) {
    list->count = list->point_count = list->text_size = list->clip_count = 0;
    list->clip_depth = 0;
    list->id = 0;
    list->width = width;
    list->height = height;
    list->clip_stack[0] = add_clip(list, (Rect){0, 0, width, height});
}

static void *copy_items(void *to, size_t *capacity, const void *from, size_t count, size_t size) {
    to = array_grow(to, capacity, count + 1, size);
    if (count) memcpy(to, from, count * size);
    return to;
}

void draw_list_extend(DrawList *list, float width, float height) {
    CHECK(list->clip_depth == 0 && width >= list->width && height >= list->height);
    list->width = width;
    list->height = height;
    /* A clip of its own for what comes: that of the smaller picture stays for what was added. */
    list->clips = array_grow(list->clips, &list->clip_capacity, list->clip_count + 1, sizeof(Rect));
    list->clips[list->clip_count++] = (Rect){0, 0, width, height};
    list->clip_stack[0] = (uint32_t)(list->clip_count - 1);
}

void draw_list_copy(DrawList *list, const DrawList *from) {
    draw_list_clear(list, from->width, from->height);
    list->items = copy_items(list->items, &list->capacity, from->items, from->count, sizeof *from->items);
    list->points =
        copy_items(list->points, &list->point_capacity, from->points, from->point_count, sizeof *from->points);
    list->text = copy_items(list->text, &list->text_capacity, from->text, from->text_size, 1);
    list->clips = copy_items(list->clips, &list->clip_capacity, from->clips, from->clip_count, sizeof *from->clips);
    list->count = from->count;
    list->point_count = from->point_count;
    list->text_size = from->text_size;
    list->clip_count = from->clip_count;
}

uint32_t draw_list_id(DrawList *list, uint32_t id) {
    uint32_t before = list->id;
    list->id = id;
    return before;
}

Rect rect_intersect(Rect a, Rect b) {
    float x0 = fmaxf(a.x, b.x), y0 = fmaxf(a.y, b.y);
    float x1 = fminf(a.x + a.w, b.x + b.w), y1 = fminf(a.y + a.h, b.y + b.h);
    return (Rect){x0, y0, fmaxf(0, x1 - x0), fmaxf(0, y1 - y0)};
}

void draw_list_clip_push(DrawList *list, Rect box) {
    CHECK(list->clip_depth + 1 < sizeof list->clip_stack / sizeof list->clip_stack[0]);
    Rect outer = list->clips[list->clip_stack[list->clip_depth]];
    uint32_t clip = add_clip(list, rect_intersect(outer, box));
    list->clip_stack[++list->clip_depth] = clip;
}

void draw_list_clip_pop(DrawList *list) {
    CHECK(list->clip_depth > 0);
    list->clip_depth--;
}

static DrawItem *add(DrawList *list, DrawKind kind, Rect box) {
    list->items = array_grow(list->items, &list->capacity, list->count + 1, sizeof *list->items);
    DrawItem *item = &list->items[list->count++];
    *item = (DrawItem){.kind = kind, .id = list->id, .clip = list->clip_stack[list->clip_depth], .box = box};
    return item;
}

static uint32_t add_points(DrawList *list, const Point *points, size_t count) {
    list->points = array_grow(list->points, &list->point_capacity, list->point_count + count, sizeof *list->points);
    memcpy(list->points + list->point_count, points, count * sizeof *points);
    uint32_t start = (uint32_t)list->point_count;
    list->point_count += count;
    return start;
}

static Rect bounds(const Point *points, size_t count, float margin) {
    Point low = points[0], high = points[0];
    for (size_t i = 1; i < count; i++) {
        low.x = fminf(low.x, points[i].x), low.y = fminf(low.y, points[i].y);
        high.x = fmaxf(high.x, points[i].x), high.y = fmaxf(high.y, points[i].y);
    }
    return (Rect){low.x - margin, low.y - margin, high.x - low.x + 2 * margin, high.y - low.y + 2 * margin};
}

void draw_list_box(DrawList *list, Rect box, float radius, Color fill, Color stroke, float width) {
    draw_list_box_dashed(list, box, radius, fill, stroke, width, 0);
}

void draw_list_box_dashed(DrawList *list, Rect box, float radius, Color fill, Color stroke, float width, float dash) {
    DrawItem *item = add(list, DRAW_BOX, box);
    item->radius = fminf(radius, fminf(box.w, box.h) / 2);
    item->fill = fill;
    item->stroke = stroke;
    item->width = width;
    item->dash = item->gap = dash;
}

void draw_list_line(DrawList *list, Point from, Point to, Color stroke, float width) {
    draw_list_line_dashed(list, from, to, stroke, width, 0, 0);
}

void draw_list_line_dashed(DrawList *list, Point from, Point to, Color stroke, float width, float dash, float gap) {
    draw_list_polyline(list, (Point[]){from, to}, 2, stroke, width, dash, gap);
}

void draw_list_polyline(DrawList *list, const Point *points, size_t count, Color stroke, float width, float dash,
                        float gap) {
    CHECK(count >= 2);
    uint32_t start = add_points(list, points, count);
    DrawItem *item = add(list, DRAW_POLYLINE, bounds(points, count, width / 2));
    item->stroke = stroke;
    item->width = width;
    item->dash = dash;
    item->gap = gap;
    item->start = start;
    item->count = (uint32_t)count;
}

void draw_list_polygon(DrawList *list, const Point *points, size_t count, Color fill) {
    CHECK(count >= 3);
    uint32_t start = add_points(list, points, count);
    DrawItem *item = add(list, DRAW_POLYGON, bounds(points, count, 0));
    item->fill = fill;
    item->start = start;
    item->count = (uint32_t)count;
}

void draw_list_arrow_head(DrawList *list, Point from, Point to, Color color, float head) {
    float dx = to.x - from.x, dy = to.y - from.y, length = sqrtf(dx * dx + dy * dy);
    if (length < 0.01f) return;
    dx *= head / length, dy *= head / length;
    Point base = {to.x - dx, to.y - dy};
    Point corners[3] = {to, {base.x - dy * 0.42f, base.y + dx * 0.42f}, {base.x + dy * 0.42f, base.y - dx * 0.42f}};
    draw_list_polygon(list, corners, 3, color);
}

void draw_list_arrow(DrawList *list, Point from, Point to, Color color, float width, float head) {
    float dx = to.x - from.x, dy = to.y - from.y, length = sqrtf(dx * dx + dy * dy);
    if (length > head) {
        float part = (length - head * 0.8f) / length;
        draw_list_line(list, from, (Point){from.x + dx * part, from.y + dy * part}, color, width);
    }
    draw_list_arrow_head(list, from, to, color, head);
}

void draw_list_circle(DrawList *list, Point center, float radius, Color fill, Color stroke, float width) {
    float reach = radius + (stroke >> 24 ? width / 2 : 0);
    DrawItem *item = add(list, DRAW_CIRCLE, (Rect){center.x - reach, center.y - reach, 2 * reach, 2 * reach});
    item->radius = radius;
    item->fill = fill;
    item->stroke = stroke;
    item->width = width;
}

void draw_list_ring(DrawList *list, Point center, float radius, float width, float from, float to, Color color) {
    float reach = radius + width / 2;
    DrawItem *item = add(list, DRAW_RING, (Rect){center.x - reach, center.y - reach, 2 * reach, 2 * reach});
    item->radius = radius;
    item->width = width;
    item->from = from;
    item->to = to;
    item->stroke = color;
}

void draw_list_zone(DrawList *list, Rect box, uint32_t id) { add(list, DRAW_ZONE, box)->id = id; }

static void add_bytes(DrawList *list, const char *bytes, size_t size) {
    list->text = array_grow(list->text, &list->text_capacity, list->text_size + size + 1, 1);
    memcpy(list->text + list->text_size, bytes, size);
    list->text_size += size;
}

float draw_list_text_n(DrawList *list, Point at, TextAnchor anchor, FontFace face, float size, Color ink,
                       float max_width, const char *text, size_t bytes) {
    if (bytes == 0) return 0;
    float width = font_width(face, size, text, bytes);
    const char *more = "";
    if (max_width > 0 && width > max_width) {
        /* The full-width Chinese ellipsis after a hanzi, three dots after anything else. */
        float room = face == FONT_MONO ? size * 0.602f : size * 0.87f;
        size_t fits = font_fit(face, size, text, bytes, max_width - room);
        bool hanzi = fits > 0 && (uint8_t)text[fits - 1] >= 0x80;
        if (hanzi && face != FONT_MONO) fits = font_fit(face, size, text, bytes, max_width - size);
        while (fits > 0 && text[fits - 1] == ' ') fits--;
        more = hanzi || face == FONT_MONO ? "\xE2\x80\xA6" : "...";
        bytes = fits;
        width = font_width(face, size, text, bytes) + font_width(face, size, more, strlen(more));
        if (width > max_width && bytes == 0) return 0;
    }
    uint32_t start = (uint32_t)list->text_size;
    add_bytes(list, text, bytes);
    add_bytes(list, more, strlen(more));
    float left = anchor == TEXT_LEFT ? at.x : anchor == TEXT_CENTER ? at.x - width / 2 : at.x - width;
    DrawItem *item = add(list, DRAW_TEXT, (Rect){left, at.y - size * 0.6f, width, size * 1.2f});
    item->face = face;
    item->anchor = anchor;
    item->size = size;
    item->fill = ink;
    item->start = start;
    item->count = (uint32_t)list->text_size - start;
    return width;
}

float draw_list_text(DrawList *list, Point at, TextAnchor anchor, FontFace face, float size, Color ink, float max_width,
                     const char *text) {
    return draw_list_text_n(list, at, anchor, face, size, ink, max_width, text, strlen(text));
}

float draw_list_paragraph(DrawList *list, Rect box, TextAnchor anchor, FontFace face, float size, float line_height,
                          Color ink, const char *text) {
    FontLine lines[64];
    size_t count = font_wrap(face, size, text, box.w, lines, 64);
    float step = size * line_height, used = 0;
    float x = anchor == TEXT_LEFT ? box.x : anchor == TEXT_CENTER ? box.x + box.w / 2 : box.x + box.w;
    for (size_t i = 0; i < count && i < 64 && used + step <= box.h + 0.5f; i++, used += step) {
        bool last = used + 2 * step > box.h + 0.5f && i + 1 < count;
        Point at = {x, box.y + used + step / 2};
        if (last) {
            /* One line longer than the box, so that the cut shows as an ellipsis. */
            size_t end = i + 1 < 64 ? lines[i + 1].start + lines[i + 1].size : lines[i].start + lines[i].size;
            draw_list_text_n(list, at, anchor, face, size, ink, box.w, text + lines[i].start, end - lines[i].start);
        } else {
            draw_list_text_n(list, at, anchor, face, size, ink, 0, text + lines[i].start, lines[i].size);
        }
    }
    return used;
}

float draw_list_paragraph_height(float width, FontFace face, float size, float line_height, const char *text) {
    return (float)font_wrap(face, size, text, width, NULL, 0) * size * line_height;
}

static bool near_polyline(const DrawList *list, const DrawItem *item, float x, float y) {
    float reach = fmaxf(item->width / 2, 6);
    const Point *points = list->points + item->start;
    for (uint32_t i = 0; i + 1 < item->count; i++) {
        float dx = points[i + 1].x - points[i].x, dy = points[i + 1].y - points[i].y, square = dx * dx + dy * dy;
        float part = square > 0 ? ((x - points[i].x) * dx + (y - points[i].y) * dy) / square : 0;
        part = fminf(1, fmaxf(0, part));
        float ex = points[i].x + dx * part - x, ey = points[i].y + dy * part - y;
        if (ex * ex + ey * ey <= reach * reach) return true;
    }
    return false;
}

uint32_t draw_list_hit(const DrawList *list, float x, float y) {
    for (size_t i = list->count; i-- > 0;) {
        const DrawItem *item = &list->items[i];
        if (item->id == 0 || !rect_contains(list->clips[item->clip], x, y)) continue;
        if (item->kind == DRAW_POLYLINE ? near_polyline(list, item, x, y) : rect_contains(item->box, x, y))
            return item->id;
    }
    return 0;
}

/* The sine of 0 .. a quarter turn by its Taylor series: the first term left out is below 4e-9. */
static float quarter_sin(double turns) {
    double a = turns * 6.283185307179586, s = a * a;
    return (float)(a * (1 - s / 6 * (1 - s / 20 * (1 - s / 42 * (1 - s / 72 * (1 - s / 110 * (1 - s / 156)))))));
}

float turn_sin(float turns) {
    double t = (double)turns - floor((double)turns);
    if (t < 0.25) return quarter_sin(t);
    if (t < 0.5) return quarter_sin(0.5 - t);
    if (t < 0.75) return -quarter_sin(t - 0.5);
    return -quarter_sin(1 - t);
}

float turn_cos(float turns) { return turn_sin(turns + 0.25f); }

Color color_fade(Color color, float part) {
    float alpha = (float)(color >> 24) * fminf(1, fmaxf(0, part));
    return (color & 0xFFFFFF) | (Color)(alpha + 0.5f) << 24;
}
