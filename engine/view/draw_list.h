/* A picture as a flat list of shapes and text runs, recorded before it is painted (raster.h) or written (svg.h).
 *
 * Lengths are pixels, x to the right and y downwards. Each item carries the id that was current when it was added, and
 * the clip; 0 is "nothing". A list is cleared and filled again for each frame, and stops allocating once it is warm. */
#ifndef NETSTAGE_VIEW_DRAW_LIST_H
#define NETSTAGE_VIEW_DRAW_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/font.h"

typedef struct {
    float x, y;
} Point;

typedef struct {
    float x, y, w, h;
} Rect;

typedef uint32_t Color; /* 0xAARRGGBB, not premultiplied; alpha 0 draws nothing */

typedef enum { DRAW_BOX, DRAW_POLYLINE, DRAW_POLYGON, DRAW_CIRCLE, DRAW_RING, DRAW_TEXT, DRAW_ZONE } DrawKind;

typedef enum { TEXT_LEFT, TEXT_CENTER, TEXT_RIGHT } TextAnchor;

typedef struct {
    DrawKind kind;
    uint32_t id;
    uint32_t clip;         /* index into DrawList.clips */
    Rect box;              /* BOX, ZONE: the shape. Others: what it covers, for hits and for clipping away */
    Color fill, stroke;    /* TEXT: fill is the ink */
    float width;           /* of the stroke; RING: of the band */
    float dash, gap;       /* 0: solid */
    float radius;          /* BOX: of the corners; CIRCLE, RING: to the middle of the stroke */
    float from, to;        /* RING: in turns, clockwise from the top; 0..1 is whole */
    FontFace face;         /* TEXT */
    TextAnchor anchor;     /* TEXT: what it was aligned by, for a writer whose reader may lack the font */
    float size;            /* TEXT: font size */
    uint32_t start, count; /* POLYLINE, POLYGON: points; TEXT: bytes, drawn from box.x with the middle of the line at
                               box.y + box.h / 2 */
} DrawItem;

typedef struct {
    DrawItem *items;
    size_t count, capacity;
    Point *points;
    size_t point_count, point_capacity;
    char *text;
    size_t text_size, text_capacity;
    Rect *clips; /* [0] is the whole picture */
    size_t clip_count, clip_capacity;
    uint32_t clip_stack[16], clip_depth;
    uint32_t id;
    float width, height;
} DrawList;

DrawList *draw_list_new(void);
void draw_list_free(DrawList *list);
/* Empties the list for a picture of this size. */
void draw_list_clear(DrawList *list, float width, float height);
/* Makes the picture larger; what was added stays where it is. */
void draw_list_extend(DrawList *list, float width, float height);
/* Makes `list` the same as `from`. */
void draw_list_copy(DrawList *list, const DrawList *from);
/* The id of the items added from now on. Returns the id before. */
uint32_t draw_list_id(DrawList *list, uint32_t id);
/* Restricts what is added until the matching pop, within the clip in force. At most 15 deep. */
void draw_list_clip_push(DrawList *list, Rect box);
void draw_list_clip_pop(DrawList *list);

/* A box with rounded corners. Stroke lies inside the box. Colours of alpha 0 leave fill or stroke out. */
void draw_list_box(DrawList *list, Rect box, float radius, Color fill, Color stroke, float width);
/* The same with a dashed stroke. */
void draw_list_box_dashed(DrawList *list, Rect box, float radius, Color fill, Color stroke, float width, float dash);
void draw_list_line(DrawList *list, Point from, Point to, Color stroke, float width);
void draw_list_line_dashed(DrawList *list, Point from, Point to, Color stroke, float width, float dash, float gap);
void draw_list_polyline(DrawList *list, const Point *points, size_t count, Color stroke, float width, float dash,
                        float gap);
void draw_list_polygon(DrawList *list, const Point *points, size_t count, Color fill);
/* A line with a filled head that ends at `to`; `head` is the length of the head. */
void draw_list_arrow(DrawList *list, Point from, Point to, Color color, float width, float head);
/* The head alone, pointing from `from` at `to`. */
void draw_list_arrow_head(DrawList *list, Point from, Point to, Color color, float head);
void draw_list_circle(DrawList *list, Point center, float radius, Color fill, Color stroke, float width);
/* An arc of a band: from and to in turns, clockwise from the top. */
void draw_list_ring(DrawList *list, Point center, float radius, float width, float from, float to, Color color);
/* A place to hit that shows nothing. */
void draw_list_zone(DrawList *list, Rect box, uint32_t id);

/* One line of text. `at` is its left end, middle or right end by `anchor`, on the middle of the line's height. With
 * max_width > 0 a longer text is cut and ends in an ellipsis. The bytes are copied. Returns the width drawn. */
float draw_list_text(DrawList *list, Point at, TextAnchor anchor, FontFace face, float size, Color ink, float max_width,
                     const char *text);
float draw_list_text_n(DrawList *list, Point at, TextAnchor anchor, FontFace face, float size, Color ink,
                       float max_width, const char *text, size_t bytes);
/* Wrapped text from the top left of `box`, at most as many lines as fit its height (the last then ends in an ellipsis),
 * line_height as a factor of the size. Returns the height used. */
float draw_list_paragraph(DrawList *list, Rect box, TextAnchor anchor, FontFace face, float size, float line_height,
                          Color ink, const char *text);
/* The height that paragraph would use with no limit. */
float draw_list_paragraph_height(float width, FontFace face, float size, float line_height, const char *text);

/* The topmost item with an id under the point; 0 where there is none. */
uint32_t draw_list_hit(const DrawList *list, float x, float y);

/* Sine and cosine of an angle in turns: the same bits on every platform, which libm doesn't promise. */
float turn_sin(float turns);
float turn_cos(float turns);

static inline Rect rect_inset(Rect r, float by) { return (Rect){r.x + by, r.y + by, r.w - 2 * by, r.h - 2 * by}; }
Rect rect_intersect(Rect a, Rect b);
static inline bool rect_contains(Rect r, float x, float y) {
    return x >= r.x && y >= r.y && x < r.x + r.w && y < r.y + r.h;
}

/* `color` with its alpha multiplied by part (0..1). */
Color color_fade(Color color, float part);

#endif
