#include "view/raster.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "view/coverage.h"

struct Raster {
    Coverage coverage;
    Framebuffer *to;
    Color ink; /* of the shape being painted */
    PixelBox clip;
};

Raster *raster_new(void) { return memory_new(sizeof(Raster)); }

void raster_free(Raster *raster) {
    if (!raster) return;
    free(raster->coverage.cells);
    free(raster->coverage.touched);
    free(raster);
}

/* part: 0..256 */
static inline uint32_t blend(uint32_t under, uint32_t over, uint32_t part) {
    uint32_t keep = 256 - part;
    uint32_t rb = ((under & 0xFF00FF) * keep + (over & 0xFF00FF) * part) >> 8 & 0xFF00FF;
    uint32_t g = ((under & 0x00FF00) * keep + (over & 0x00FF00) * part) >> 8 & 0x00FF00;
    return 0xFF000000 | rb | g;
}

static inline uint32_t part_of(unsigned coverage, unsigned alpha) {
    unsigned product = coverage * alpha;
    product = (product + 128 + (product >> 8)) >> 8; /* rounded division by 255 */
    return product + (product >> 7);
}

/* Covers `count` pixels from x with the ink, all equally. */
static void paint_span(Raster *r, int x, int y, int count, unsigned coverage) {
    uint32_t *at = r->to->pixels + (size_t)y * (size_t)r->to->stride + x;
    uint32_t part = part_of(coverage, r->ink >> 24), ink = r->ink | 0xFF000000;
    if (part >= 256)
        for (int i = 0; i < count; i++) at[i] = ink;
    else if (part > 0)
        for (int i = 0; i < count; i++) at[i] = blend(at[i], ink, part);
}

static void coverage_span(void *context, int x, int y, int count, unsigned alpha) {
    paint_span(context, x, y, count, alpha);
}

static PixelBox pixel_box(Rect box, PixelBox clip) {
    /* Far outside values would not fit an int. */
    float limit = 1 << 20;
    PixelBox p = {(int)floorf(fmaxf(-limit, box.x)), (int)floorf(fmaxf(-limit, box.y)),
                  (int)ceilf(fminf(limit, box.x + box.w)), (int)ceilf(fminf(limit, box.y + box.h))};
    p.x0 = p.x0 > clip.x0 ? p.x0 : clip.x0;
    p.y0 = p.y0 > clip.y0 ? p.y0 : clip.y0;
    p.x1 = p.x1 < clip.x1 ? p.x1 : clip.x1;
    p.y1 = p.y1 < clip.y1 ? p.y1 : clip.y1;
    return p;
}

static bool is_empty(PixelBox box) { return box.x1 <= box.x0 || box.y1 <= box.y0; }

/* How much of the pixel from `at` to at + 1 lies between low and high, in 0..255. */
static unsigned overlap(int at, float low, float high) {
    float covered = fminf((float)at + 1, high) - fmaxf((float)at, low);
    return covered <= 0 ? 0 : (unsigned)(covered * 255 + 0.5f);
}

/* An upright rectangle, edges anywhere: no accumulation needed. */
static void paint_rect(Raster *r, Rect box, Color ink) {
    PixelBox p = pixel_box(box, r->clip);
    if (is_empty(p) || ink >> 24 == 0) return;
    r->ink = ink;
    float right = box.x + box.w, bottom = box.y + box.h;
    unsigned first = overlap(p.x0, box.x, right), last = overlap(p.x1 - 1, box.x, right);
    for (int y = p.y0; y < p.y1; y++) {
        unsigned row = overlap(y, box.y, bottom);
        int x0 = p.x0, x1 = p.x1;
        if (row == 0) continue;
        if (first < 255) {
            paint_span(r, x0, y, 1, first * row / 255);
            x0++;
        }
        if (last < 255 && x1 > x0) {
            x1--;
            paint_span(r, x1, y, 1, last * row / 255);
        }
        if (x1 > x0) paint_span(r, x0, y, x1 - x0, row);
    }
}

static bool begin(Raster *r, Rect box, Color ink) {
    PixelBox p = pixel_box(box, r->clip);
    if (is_empty(p) || ink >> 24 == 0) return false;
    r->ink = ink;
    coverage_begin(&r->coverage, p);
    return true;
}

static void finish(Raster *r) { coverage_end(&r->coverage, coverage_span, r); }

static void fill_box(Raster *r, Rect box, float radius, Color ink) {
    if (radius <= 0) {
        paint_rect(r, box, ink);
        return;
    }
    /* The band between the corners holds no curve; only the rows with corners are accumulated. They end on whole
     * pixels, so that no row is painted twice. */
    float top = ceilf(box.y + radius), bottom = floorf(box.y + box.h - radius);
    if (bottom < top) bottom = top;
    PixelBox whole = r->clip;
    float ends[2][2] = {{box.y, top}, {bottom, box.y + box.h}};
    for (int i = 0; i < 2; i++) {
        r->clip.y0 = i == 0 ? whole.y0 : (int)fmaxf((float)whole.y0, bottom);
        r->clip.y1 = i == 0 ? (int)fminf((float)whole.y1, top) : whole.y1;
        if (begin(r, (Rect){box.x, ends[i][0], box.w, ends[i][1] - ends[i][0]}, ink)) {
            coverage_rounded(&r->coverage, box, radius, false);
            finish(r);
        }
        r->clip = whole;
    }
    paint_rect(r, (Rect){box.x, top, box.w, bottom - top}, ink);
}

static void stroke_box(Raster *r, Rect box, float radius, Color ink, float width) {
    float corner = ceilf(fmaxf(radius, width));
    float top = ceilf(box.y + corner), bottom = floorf(box.y + box.h - corner);
    if (bottom < top) bottom = top;
    PixelBox whole = r->clip;
    Rect inner = rect_inset(box, width);
    for (int i = 0; i < 2; i++) {
        r->clip.y0 = i == 0 ? whole.y0 : (int)fmaxf((float)whole.y0, bottom);
        r->clip.y1 = i == 0 ? (int)fminf((float)whole.y1, top) : whole.y1;
        if (begin(r, box, ink)) {
            coverage_rounded(&r->coverage, box, radius, false);
            if (inner.w > 0 && inner.h > 0) coverage_rounded(&r->coverage, inner, fmaxf(0, radius - width), true);
            finish(r);
        }
        r->clip = whole;
    }
    paint_rect(r, (Rect){box.x, top, width, bottom - top}, ink);
    paint_rect(r, (Rect){box.x + box.w - width, top, width, bottom - top}, ink);
}

/* Feeds the pieces of a dashed or solid line to the accumulation; `phase` carries the pattern over the corners. */
static void stroke_piece(Raster *r, Point from, Point to, const DrawItem *item, float *phase) {
    if (item->dash <= 0) {
        coverage_segment(&r->coverage, from, to, item->width);
        return;
    }
    float dx = to.x - from.x, dy = to.y - from.y, length = sqrtf(dx * dx + dy * dy), period = item->dash + item->gap;
    for (float at = -*phase; at < length; at += period) {
        float low = fmaxf(0, at), high = fminf(length, at + item->dash);
        if (high > low)
            coverage_segment(&r->coverage, (Point){from.x + dx * low / length, from.y + dy * low / length},
                             (Point){from.x + dx * high / length, from.y + dy * high / length}, item->width);
    }
    *phase = fmodf(*phase + length, period);
}

/* A joint of a smooth curve needs no filling, and would show as a bead on a thin line. */
static bool bends(Point a, Point b, Point c) {
    float ux = b.x - a.x, uy = b.y - a.y, vx = c.x - b.x, vy = c.y - b.y;
    float dot = ux * vx + uy * vy;
    return dot <= 0 || dot * dot < 0.88f * (ux * ux + uy * uy) * (vx * vx + vy * vy);
}

static void paint_polyline(Raster *r, const DrawItem *item, const Point *points) {
    bool upright = item->count == 2 && item->dash <= 0 && (points[0].x == points[1].x || points[0].y == points[1].y);
    if (upright) {
        Rect box = item->box; /* padded on all four sides: a line ends where it ends */
        float half = item->width / 2;
        paint_rect(r,
                   points[0].x == points[1].x ? (Rect){box.x, box.y + half, box.w, box.h - 2 * half}
                                              : (Rect){box.x + half, box.y, box.w - 2 * half, box.h},
                   item->stroke);
        return;
    }
    if (!begin(r, item->box, item->stroke)) return;
    float phase = 0;
    for (uint32_t i = 0; i + 1 < item->count; i++) {
        stroke_piece(r, points[i], points[i + 1], item, &phase);
        if (i > 0 && item->dash <= 0 && item->width > 1.25f && bends(points[i - 1], points[i], points[i + 1]))
            coverage_circle(&r->coverage, points[i], item->width / 2, false);
    }
    finish(r);
}

static void paint_dashed_box(Raster *r, const DrawItem *item) {
    Rect b = rect_inset(item->box, item->width / 2);
    float k = item->radius;
    Point corners[4] = {
        {b.x + b.w - k, b.y + k}, {b.x + b.w - k, b.y + b.h - k}, {b.x + k, b.y + b.h - k}, {b.x + k, b.y + k}};
    Point last = {b.x + k, b.y};
    float phase = 0;
    if (!begin(r, item->box, item->stroke)) return;
    for (int corner = 0; corner < 4; corner++)
        for (int i = 0; i <= 6; i++) {
            float turns = (float)corner * 0.25f + (float)i / 24;
            Point next = {corners[corner].x + k * turn_sin(turns), corners[corner].y - k * turn_cos(turns)};
            stroke_piece(r, last, next, item, &phase);
            last = next;
        }
    stroke_piece(r, last, (Point){b.x + k, b.y}, item, &phase);
    finish(r);
}

static void paint_glyph(Raster *r, const GlyphMask *glyph, int x, int y) {
    int x0 = x + glyph->left, y0 = y + glyph->top;
    int left = x0 < r->clip.x0 ? r->clip.x0 - x0 : 0,
        right = x0 + glyph->width > r->clip.x1 ? r->clip.x1 - x0 : glyph->width;
    int top = y0 < r->clip.y0 ? r->clip.y0 - y0 : 0;
    int bottom = y0 + glyph->height > r->clip.y1 ? r->clip.y1 - y0 : glyph->height;
    uint32_t ink = r->ink | 0xFF000000, alpha = r->ink >> 24;
    for (int row = top; row < bottom; row++) {
        const uint8_t *mask = glyph->mask + (size_t)row * (size_t)glyph->stride;
        uint32_t *at = r->to->pixels + (size_t)(y0 + row) * (size_t)r->to->stride + x0;
        for (int i = left; i < right; i++) {
            if (mask[i] == 0) continue;
            uint32_t part = part_of(mask[i], alpha);
            at[i] = part >= 256 ? ink : blend(at[i], ink, part);
        }
    }
}

static void paint_text(Raster *r, const DrawItem *item, const char *text, GlyphSource glyphs, void *context) {
    float x = item->box.x, baseline = item->box.y + item->box.h / 2 + item->size * FONT_MIDDLE_TO_BASELINE;
    int size = (int)(item->size + 0.5f), y = (int)floorf(baseline + 0.5f);
    if (!glyphs || size <= 0 || baseline < (float)r->clip.y0 - item->size ||
        baseline > (float)r->clip.y1 + 2 * item->size)
        return;
    r->ink = item->fill;
    for (size_t offset = 0; offset < item->count;) {
        uint32_t code_point = font_next(text, item->count, &offset);
        float quarters = floorf(x * GLYPH_PHASES + 0.5f);
        int column = (int)floorf(quarters / GLYPH_PHASES), phase = (int)quarters - column * GLYPH_PHASES;
        GlyphMask mask;
        FontFace face = font_face_for(item->face, code_point);
        if (code_point > ' ' && column < r->clip.x1 && glyphs(context, face, size, phase, code_point, &mask))
            paint_glyph(r, &mask, column, y);
        x += (float)font_advance(item->face, code_point) * item->size / 1000;
    }
}

static void paint_circle(Raster *r, const DrawItem *item) {
    Point center = {item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
    if (begin(r, item->box, item->fill)) {
        coverage_circle(&r->coverage, center, item->radius, false);
        finish(r);
    }
    if (item->width > 0 && begin(r, item->box, item->stroke)) {
        coverage_arc(&r->coverage, center, item->radius, item->width, 0, 1);
        finish(r);
    }
}

static void paint_item(Raster *r, const DrawList *list, const DrawItem *item, GlyphSource glyphs, void *context) {
    switch (item->kind) {
    case DRAW_BOX:
        fill_box(r, item->box, item->radius, item->fill);
        if (item->width > 0 && item->stroke >> 24) {
            if (item->dash > 0)
                paint_dashed_box(r, item);
            else
                stroke_box(r, item->box, item->radius, item->stroke, item->width);
        }
        break;
    case DRAW_POLYLINE: paint_polyline(r, item, list->points + item->start); break;
    case DRAW_POLYGON:
        if (begin(r, item->box, item->fill)) {
            coverage_polygon(&r->coverage, list->points + item->start, item->count);
            finish(r);
        }
        break;
    case DRAW_CIRCLE: paint_circle(r, item); break;
    case DRAW_RING:
        if (begin(r, item->box, item->stroke)) {
            Point center = {item->box.x + item->box.w / 2, item->box.y + item->box.h / 2};
            coverage_arc(&r->coverage, center, item->radius, item->width, item->from, item->to);
            finish(r);
        }
        break;
    case DRAW_TEXT: paint_text(r, item, list->text + item->start, glyphs, context); break;
    case DRAW_ZONE: break;
    }
}

void raster_draw(Raster *r, Framebuffer *to, const DrawList *list, GlyphSource glyphs, void *context) {
    r->to = to;
    PixelBox whole = {0, 0, to->width, to->height};
    for (size_t i = 0; i < list->count; i++) {
        const DrawItem *item = &list->items[i];
        r->clip = pixel_box(list->clips[item->clip], whole);
        if (!is_empty(pixel_box(item->box, r->clip))) paint_item(r, list, item, glyphs, context);
    }
}
