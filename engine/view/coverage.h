/* The accumulation buffer under raster.c: edges in, coverage spans out. */
#ifndef NETSTAGE_VIEW_COVERAGE_H
#define NETSTAGE_VIEW_COVERAGE_H

#include <stddef.h>
#include <stdint.h>

#include "view/draw_list.h"

typedef struct {
    int x0, y0, x1, y1; /* x1 and y1 are outside */
} PixelBox;

typedef struct {
    float *cells;
    size_t cell_capacity;
    uint64_t *touched; /* one word a row, one bit a block of cells */
    size_t row_capacity;
    PixelBox box;
    int columns; /* cells a row: the box's width and one more */
} Coverage;

/* Starts a shape inside `box`, which must not be empty. */
void coverage_begin(Coverage *coverage, PixelBox box);
/* A directed edge of the outline. Outlines run clockwise on the screen; their overlaps merge. */
void coverage_edge(Coverage *coverage, Point from, Point to);
void coverage_polygon(Coverage *coverage, const Point *points, size_t count);
/* A rectangle along the line from..to, `width` across. */
void coverage_segment(Coverage *coverage, Point from, Point to, float width);
/* A circle, or with `inwards` the same outline turned round, which cuts a hole. */
void coverage_circle(Coverage *coverage, Point center, float radius, bool inwards);
/* An outline of a rounded box, or the hole of that shape. */
void coverage_rounded(Coverage *coverage, Rect box, float radius, bool inwards);
/* A band along an arc, angles in turns clockwise from the top. */
void coverage_arc(Coverage *coverage, Point center, float radius, float width, float from, float to);

typedef void (*CoverageSpan)(void *context, int x, int y, int count, unsigned alpha /* 1..255 */);
/* Hands out the spans of the shape row by row and empties the buffer for the next. */
void coverage_end(Coverage *coverage, CoverageSpan span, void *context);

#endif
