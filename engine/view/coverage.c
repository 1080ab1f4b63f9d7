#include "view/coverage.h"

#include <math.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* A row of more than 64 blocks can't be noted in one word: 8,192 pixels is the widest picture. */
#define BLOCK 128

void coverage_begin(Coverage *c, PixelBox box) {
    CHECK(box.x1 > box.x0 && box.y1 > box.y0 && box.x1 - box.x0 < 64 * BLOCK);
    c->box = box;
    c->columns = box.x1 - box.x0 + 2;
    size_t rows = (size_t)(box.y1 - box.y0), cells = rows * (size_t)c->columns, before = c->cell_capacity;
    if (cells > before) {
        c->cells = array_grow(c->cells, &c->cell_capacity, cells, sizeof *c->cells);
        memset(c->cells + before, 0, (c->cell_capacity - before) * sizeof *c->cells);
    }
    before = c->row_capacity;
    if (rows > before) {
        c->touched = array_grow(c->touched, &c->row_capacity, rows, sizeof *c->touched);
        memset(c->touched + before, 0, (c->row_capacity - before) * sizeof *c->touched);
    }
}

static void add(Coverage *c, int row, int column, float area) {
    c->cells[(size_t)row * (size_t)c->columns + (size_t)column] += area;
    c->touched[row] |= (uint64_t)1 << (column / BLOCK);
}

/* An edge within one row: from x0 at its top to x1 at its bottom, `height` tall (signed), x in 0 .. columns - 2. */
static void add_in_row(Coverage *c, int row, float x0, float x1, float height) {
    float left = fminf(x0, x1), right = fmaxf(x0, x1);
    int first = (int)left, last = (int)ceilf(right);
    if (last <= first + 1) {
        float middle = 0.5f * (x0 + x1) - (float)first;
        add(c, row, first, height * (1 - middle));
        add(c, row, first + 1, height * middle);
        return;
    }
    float slope = 1 / (right - left), lead = 1 - (left - (float)first);
    float before = 0.5f * slope * lead * lead;
    add(c, row, first, height * before);
    if (last == first + 2) {
        float tail = right - (float)last + 1, covered = 1 - 0.5f * slope * tail * tail;
        add(c, row, first + 1, height * (covered - before));
        add(c, row, first + 2, height * (1 - covered));
        return;
    }
    float second = slope * (1.5f - (left - (float)first));
    add(c, row, first + 1, height * (second - before));
    for (int i = first + 2; i < last - 1; i++) add(c, row, i, height * slope);
    float reached = second + (float)(last - first - 3) * slope;
    float tail = right - (float)last + 1, covered = 1 - 0.5f * slope * tail * tail;
    add(c, row, last - 1, height * (covered - reached));
    add(c, row, last, height * (1 - covered));
}

/* An edge whose x lie within the box: cut into rows. */
static void add_edge(Coverage *c, float x0, float y0, float x1, float y1) {
    if (y0 == y1) return;
    float sign = 1;
    if (y0 > y1) {
        float t = x0;
        x0 = x1, x1 = t;
        t = y0, y0 = y1, y1 = t;
        sign = -1;
    }
    float limit = (float)(c->columns - 2), slope = (x1 - x0) / (y1 - y0), x = x0;
    int rows = c->box.y1 - c->box.y0;
    for (int row = (int)y0; row < rows && (float)row < y1; row++) {
        float bottom = fminf((float)(row + 1), y1), top = fmaxf((float)row, y0);
        float next = bottom == y1 ? x1 : x0 + (bottom - y0) * slope;
        next = fminf(limit, fmaxf(0, next));
        if (bottom > top) add_in_row(c, row, x, next, sign * (bottom - top));
        x = next;
    }
}

void coverage_edge(Coverage *c, Point from, Point to) {
    float x0 = from.x - (float)c->box.x0, y0 = from.y - (float)c->box.y0;
    float x1 = to.x - (float)c->box.x0, y1 = to.y - (float)c->box.y0;
    float bottom = (float)(c->box.y1 - c->box.y0), right = (float)(c->columns - 2);
    if ((y0 <= 0 && y1 <= 0) || (y0 >= bottom && y1 >= bottom) || y0 == y1) return;
    float slope = (x1 - x0) / (y1 - y0);
    if (y0 < 0) x0 += slope * -y0, y0 = 0;
    if (y1 < 0) x1 += slope * -y1, y1 = 0;
    if (y0 > bottom) x0 += slope * (bottom - y0), y0 = bottom;
    if (y1 > bottom) x1 += slope * (bottom - y1), y1 = bottom;
    /* Left of the box an edge still covers every cell to its right; right of the box it covers none. */
    if (x0 <= 0 && x1 <= 0) {
        add_edge(c, 0, y0, 0, y1);
        return;
    }
    if (x0 >= right && x1 >= right) return;
    float at[4] = {0, 0, 1, 1};
    if ((x0 < 0) != (x1 < 0)) at[1] = -x0 / (x1 - x0);
    if ((x0 > right) != (x1 > right)) at[2] = (right - x0) / (x1 - x0);
    if (at[1] > at[2] && at[1] > 0) {
        float t = at[1];
        at[1] = at[2], at[2] = t;
    }
    for (int i = 0; i < 3; i++) {
        if (at[i + 1] <= at[i]) continue;
        float ax = x0 + (x1 - x0) * at[i], bx = x0 + (x1 - x0) * at[i + 1];
        float ay = i == 0 ? y0 : y0 + (y1 - y0) * at[i], by = i == 2 ? y1 : y0 + (y1 - y0) * at[i + 1];
        float middle = 0.5f * (ax + bx);
        if (middle <= 0)
            add_edge(c, 0, ay, 0, by);
        else if (middle < right)
            add_edge(c, fminf(right, fmaxf(0, ax)), ay, fminf(right, fmaxf(0, bx)), by);
    }
}

void coverage_polygon(Coverage *c, const Point *points, size_t count) {
    float area = 0;
    for (size_t i = 0; i < count; i++) {
        Point a = points[i], b = points[(i + 1) % count];
        area += a.x * b.y - b.x * a.y;
    }
    for (size_t i = 0; i < count; i++) {
        Point a = points[i], b = points[(i + 1) % count];
        if (area > 0)
            coverage_edge(c, a, b);
        else
            coverage_edge(c, b, a);
    }
}

void coverage_segment(Coverage *c, Point from, Point to, float width) {
    float dx = to.x - from.x, dy = to.y - from.y, length = sqrtf(dx * dx + dy * dy);
    if (length <= 0) return;
    float nx = -dy / length * width / 2, ny = dx / length * width / 2;
    Point corners[4] = {
        {from.x - nx, from.y - ny}, {to.x - nx, to.y - ny}, {to.x + nx, to.y + ny}, {from.x + nx, from.y + ny}};
    coverage_polygon(c, corners, 4);
}

/* The steps that keep a chord within a thirtieth of a pixel of its circle. */
static int arc_steps(float radius, float turns) {
    int steps = (int)(sqrtf(fmaxf(radius, 1)) * 12 * turns) + 2;
    return steps > 200 ? 200 : steps;
}

static Point on_circle(Point center, float radius, float turns) {
    return (Point){center.x + radius * turn_sin(turns), center.y - radius * turn_cos(turns)};
}

/* Follows the arc from `last`; returns its end. Each chord is the one before, turned. */
static Point arc_edges(Coverage *c, Point center, float radius, float from, float to, Point last) {
    int steps = arc_steps(radius, fabsf(to - from));
    double x = (double)turn_sin(from), y = -(double)turn_cos(from);
    double turn_x = (double)turn_cos((to - from) / (float)steps), turn_y = (double)turn_sin((to - from) / (float)steps);
    for (int i = 0; i < steps; i++) {
        Point next = {center.x + radius * (float)x, center.y + radius * (float)y};
        coverage_edge(c, last, next);
        last = next;
        double turned = x * turn_x - y * turn_y;
        y = x * turn_y + y * turn_x;
        x = turned;
    }
    Point end = on_circle(center, radius, to);
    coverage_edge(c, last, end);
    return end;
}

void coverage_circle(Coverage *c, Point center, float radius, bool inwards) {
    Point start = on_circle(center, radius, 0);
    Point end = inwards ? arc_edges(c, center, radius, 1, 0, start) : arc_edges(c, center, radius, 0, 1, start);
    coverage_edge(c, end, start);
}

void coverage_rounded(Coverage *c, Rect box, float radius, bool inwards) {
    float x0 = box.x + radius, x1 = box.x + box.w - radius, y0 = box.y + radius, y1 = box.y + box.h - radius;
    Point centers[4] = {{x1, y0}, {x1, y1}, {x0, y1}, {x0, y0}};
    Point first = inwards ? (Point){x0, box.y} : (Point){x1, box.y}, last = first;
    for (int i = 0; i < 4; i++) {
        int corner = inwards ? 3 - i : i;
        float from = (float)corner * 0.25f, to = from + 0.25f;
        if (radius <= 0) {
            Point next = centers[corner];
            coverage_edge(c, last, next);
            last = next;
        } else {
            last = inwards ? arc_edges(c, centers[corner], radius, to, from, last)
                           : arc_edges(c, centers[corner], radius, from, to, last);
        }
    }
    coverage_edge(c, last, first);
}

void coverage_arc(Coverage *c, Point center, float radius, float width, float from, float to) {
    if (to < from) {
        float t = from;
        from = to, to = t;
    }
    if (to - from >= 1) {
        coverage_circle(c, center, radius + width / 2, false);
        if (radius > width / 2) coverage_circle(c, center, radius - width / 2, true);
        return;
    }
    Point start = on_circle(center, radius + width / 2, from);
    Point last = arc_edges(c, center, radius + width / 2, from, to, start);
    last = arc_edges(c, center, fmaxf(0, radius - width / 2), to, from, last);
    coverage_edge(c, last, start);
}

static unsigned alpha_of(float sum) {
    float covered = fabsf(sum) * 255 + 0.5f;
    return covered >= 255 ? 255 : (unsigned)covered;
}

void coverage_end(Coverage *c, CoverageSpan span, void *context) {
    int width = c->columns - 2;
    for (int row = 0; row < c->box.y1 - c->box.y0; row++) {
        uint64_t touched = c->touched[row];
        if (!touched) continue;
        c->touched[row] = 0;
        float *cells = c->cells + (size_t)row * (size_t)c->columns, sum = 0;
        int y = c->box.y0 + row, run_start = 0;
        unsigned run_alpha = 0;
        for (int x = 0; x < c->columns; x += BLOCK) {
            if (!(touched >> (x / BLOCK) & 1)) continue;
            int end = x + BLOCK < c->columns ? x + BLOCK : c->columns;
            for (int i = x; i < end; i++) {
                if (cells[i] == 0) continue;
                sum += cells[i];
                cells[i] = 0;
                unsigned alpha = alpha_of(sum);
                if (alpha == run_alpha) continue;
                if (run_alpha && i > run_start) span(context, c->box.x0 + run_start, y, i - run_start, run_alpha);
                run_start = i, run_alpha = alpha;
            }
        }
        if (run_alpha && width > run_start) span(context, c->box.x0 + run_start, y, width - run_start, run_alpha);
    }
}
