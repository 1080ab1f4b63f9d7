/* Paints a draw list into 32-bit pixels with exact coverage at the edges (no multisampling, no colour fringes).
 *
 * A shape becomes directed edges; each edge adds its signed area to the cells it crosses, and the running sum along a
 * row is the coverage there. Whole boxes, the bulk of a window, are filled without that. The same list gives the same
 * pixels on every machine. */
#ifndef NETSTAGE_VIEW_RASTER_H
#define NETSTAGE_VIEW_RASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "view/draw_list.h"

typedef struct {
    uint32_t *pixels;          /* 0xAARRGGBB; alpha is 255 wherever something opaque lies */
    int width, height, stride; /* stride in pixels */
} Framebuffer;

/* The coverage of one glyph. `left` and `top` lead from the pen on the baseline to the mask's first pixel (top is
 * negative above the baseline). */
typedef struct {
    const uint8_t *mask;
    int width, height, stride, left, top;
} GlyphMask;

#define GLYPH_PHASES 4 /* the pen stands at quarters of a pixel, so that letters are spaced evenly */

/* The mask of a code point at a whole font size in pixels with the pen `phase` quarters right of a pixel's edge.
 * The mask stays valid until raster_draw returns. False: nothing to draw. */
typedef bool (*GlyphSource)(void *context, FontFace face, int size_px, int phase, uint32_t code_point, GlyphMask *mask);

typedef struct Raster Raster;

Raster *raster_new(void);
void raster_free(Raster *raster);
/* Paints the list's items in order. The framebuffer is not cleared first. `glyphs` may be NULL: then no text is
 * painted. */
void raster_draw(Raster *raster, Framebuffer *to, const DrawList *list, GlyphSource glyphs, void *context);

#endif
