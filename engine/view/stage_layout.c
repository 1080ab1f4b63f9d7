#include "view/stage_layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* A place for a host in a cell. */
typedef struct {
    uint32_t node;
    bool above, used;
    Rect box;
} Slot;

typedef struct {
    uint32_t middle; /* the switch's node; STORY_NONE: a cable between two routers */
    uint32_t link;   /* of such a cable */
    Slot *slots;
    size_t slot_count, slot_capacity, above, below;
    bool placed;
    float x, width; /* of the bar */
} Cell;

typedef struct {
    uint32_t node;
    size_t after;    /* stands to the right of this place in the order of cells */
    size_t rank, of; /* among those that stand there */
    bool placed;
} Between;

typedef struct {
    const Story *story;
    const Directory *directory;
    Cell *cells;
    size_t cell_count, cell_capacity;
    size_t *order; /* cells from left to right */
    size_t order_count;
    Between *between;
    size_t between_count, between_capacity;
    float unit, slot_width, gap, seam; /* seam: between cells with no router between them */
    int columns;                       /* most slots in a row of a cell */
} Build;

static bool is_middle(const Directory *d, uint32_t node) {
    return d->hosts[node].kind == NODE_SWITCH || d->hosts[node].kind == NODE_HUB;
}

static bool serves(const Directory *d, uint32_t node) {
    for (size_t i = 0; i < d->machine_count; i++) {
        const char *name = d->machines[i].spec->name;
        size_t size = strlen(name);
        if (d->machines[i].host == node && size > 7 && strcmp(name + size - 7, ".server") == 0) return true;
    }
    return false;
}

static Cell *cell_of(Build *b, uint32_t middle) {
    for (size_t i = 0; i < b->cell_count; i++)
        if (b->cells[i].middle == middle && middle != STORY_NONE) return &b->cells[i];
    b->cells = array_grow(b->cells, &b->cell_capacity, b->cell_count + 1, sizeof *b->cells);
    b->cells[b->cell_count] = (Cell){.middle = middle};
    return &b->cells[b->cell_count++];
}

/* Does the node ever stand in two cells at once? Then it stands between them. */
static bool joins(const Build *b, uint32_t node) {
    if (b->directory->hosts[node].kind == NODE_ROUTER) return true;
    uint32_t first = STORY_NONE;
    for (size_t i = 0; i < b->directory->link_count; i++)
        for (int side = 0; side < 2; side++) {
            const DirectoryEnd *end = &b->directory->links[i].end[side];
            if (end->host != node) continue;
            if (first != STORY_NONE && first != end->index) return true;
            first = end->index;
        }
    return false;
}

static void collect_cells(Build *b) {
    const Directory *d = b->directory;
    for (uint32_t node = 0; node < d->host_count; node++)
        if (is_middle(d, node)) cell_of(b, node);
    for (uint32_t i = 0; i < d->link_count; i++) {
        uint32_t a = d->links[i].end[0].host, z = d->links[i].end[1].host;
        if (!is_middle(d, a) && !is_middle(d, z)) {
            cell_of(b, STORY_NONE)->link = i;
            continue;
        }
        uint32_t middle = is_middle(d, a) ? a : z, node = middle == a ? z : a;
        if (is_middle(d, node) || joins(b, node)) continue;
        Cell *cell = cell_of(b, middle);
        size_t s = 0;
        while (s < cell->slot_count && cell->slots[s].node != node) s++;
        if (s == cell->slot_count) {
            cell->slots = array_grow(cell->slots, &cell->slot_capacity, s + 1, sizeof *cell->slots);
            cell->slots[s] = (Slot){.node = node, .above = serves(d, node)};
            cell->slot_count++;
        }
    }
    for (size_t i = 0; i < b->cell_count; i++) {
        Cell *cell = &b->cells[i];
        for (size_t s = 0; s < cell->slot_count; s++) cell->above += cell->slots[s].above;
        cell->below = cell->slot_count - cell->above;
        /* A crowd without servers fills both sides. */
        for (size_t s = cell->slot_count; s-- > 0 && cell->below > 6 && cell->below > cell->above + 1;)
            if (!cell->slots[s].above) {
                cell->slots[s].above = true;
                cell->above++, cell->below--;
            }
    }
}

static bool touches(const Build *b, uint32_t node, const Cell *cell) {
    for (size_t i = 0; i < b->directory->link_count; i++) {
        const DirectoryLink *link = &b->directory->links[i];
        bool here = link->end[0].host == node || link->end[1].host == node;
        if (here && cell->middle == STORY_NONE && i == cell->link) return true;
        if (here && cell->middle != STORY_NONE &&
            (link->end[0].host == cell->middle || link->end[1].host == cell->middle))
            return true;
    }
    return false;
}

/* Breadth first from the first cell without a server, so that a request travels from left to right. */
static void order_cells(Build *b) {
    b->order = memory_new((b->cell_count + 1) * sizeof *b->order);
    for (uint32_t node = 0; node < b->directory->host_count; node++)
        if (!is_middle(b->directory, node) && joins(b, node)) {
            b->between = array_grow(b->between, &b->between_capacity, b->between_count + 1, sizeof *b->between);
            b->between[b->between_count++] = (Between){.node = node};
        }
    size_t done = 0;
    while (b->order_count < b->cell_count) {
        if (done == b->order_count) {
            size_t start = b->cell_count;
            for (size_t i = 0; i < b->cell_count && start == b->cell_count; i++) {
                bool server = false;
                for (size_t s = 0; s < b->cells[i].slot_count; s++)
                    server |= serves(b->directory, b->cells[i].slots[s].node);
                if (!b->cells[i].placed && !server && b->cells[i].middle != STORY_NONE) start = i;
            }
            for (size_t i = 0; i < b->cell_count && start == b->cell_count; i++)
                if (!b->cells[i].placed) start = i;
            b->cells[start].placed = true;
            b->order[b->order_count++] = start;
        }
        const Cell *here = &b->cells[b->order[done]];
        for (size_t k = 0; k < b->between_count; k++) {
            if (!touches(b, b->between[k].node, here)) continue;
            if (!b->between[k].placed) {
                b->between[k].placed = true;
                b->between[k].after = done;
            }
            for (size_t i = 0; i < b->cell_count; i++)
                if (!b->cells[i].placed && touches(b, b->between[k].node, &b->cells[i])) {
                    b->cells[i].placed = true;
                    b->order[b->order_count++] = i;
                }
        }
        done++;
    }
    for (size_t k = 0; k < b->between_count; k++) {
        for (size_t j = 0; j < b->between_count; j++)
            if (b->between[j].after == b->between[k].after) {
                b->between[k].of++;
                b->between[k].rank += j < k;
            }
    }
}

static size_t wider_side(const Cell *cell) {
    size_t most = cell->above > cell->below ? cell->above : cell->below;
    return most > 0 ? most : 1;
}

/* The slots of a side's rows, all alike, when no row may be longer than `most`. */
static size_t balanced(size_t count, size_t most, size_t *rows) {
    size_t needed = count > most ? (count + most - 1) / most : 1;
    if (rows) *rows = needed;
    return (count + needed - 1) / needed;
}

/* The width of a side in slots. Where there are several rows they stand half a slot aside from each other. */
static float side_slots(const Build *b, size_t count) {
    size_t rows, columns = balanced(count, (size_t)b->columns, &rows);
    return (float)columns + (rows > 1 ? 0.5f : 0);
}

/* A side that is folded may become the narrower one. */
static float cell_slots(const Build *b, const Cell *cell) {
    return fmaxf(1, fmaxf(side_slots(b, cell->above), side_slots(b, cell->below)));
}

static bool stands_after(const Build *b, size_t place) {
    for (size_t k = 0; k < b->between_count; k++)
        if (b->between[k].after == place) return true;
    return false;
}

/* Chooses the slot's width and the gaps so that all cells fit side by side. */
static void choose_widths(Build *b, StageLayout *layout, Rect area) {
    size_t slots = 0, gaps = 0, boundaries = 0;
    for (size_t i = 0; i < b->order_count; i++) {
        const Cell *cell = &b->cells[b->order[i]];
        slots += cell->middle == STORY_NONE ? 0 : wider_side(cell);
        gaps += stands_after(b, i) ? 2 : 0;
        boundaries += stands_after(b, i) ? 1 : 0;
    }
    /* A cable that goes round below everything comes up between two cells. */
    b->seam = (b->between_count > 0 && b->order_count > 2 ? 5 : 2) * b->unit;
    area.w -= b->order_count > boundaries + 1 ? (float)(b->order_count - boundaries - 1) * b->seam : 0;
    /* Each router takes a slot, and a gap on both sides of it. */
    float u = b->unit, columns = (float)(slots + boundaries);
    b->gap = fminf(11 * u, fmaxf(5 * u, area.w * 0.06f));
    float width = (area.w - (float)gaps * b->gap) / fmaxf(1, columns);
    if (width < 19 * u) {
        b->gap = 4 * u;
        width = (area.w - (float)gaps * b->gap) / fmaxf(1, columns);
    }
    layout->scale = 1;
    layout->density = STAGE_FULL;
    b->columns = 1000;
    layout->crowded = false;
    if (width < 17.5f * u) layout->density = STAGE_COMPACT;
    if (width < 13 * u) {
        layout->density = STAGE_TINY;
        float least = 9.5f * u;
        while (width < 12 * u && b->columns > 2) {
            /* More rows: the widest cells fold first. */
            size_t widest = 1;
            for (size_t i = 0; i < b->order_count; i++) {
                size_t side = wider_side(&b->cells[b->order[i]]);
                side = side > (size_t)b->columns ? (size_t)b->columns : side;
                widest = side > widest ? side : widest;
            }
            if (widest <= 2) break;
            b->columns = (int)widest - 1;
            float taken = 0;
            for (size_t i = 0; i < b->order_count; i++)
                taken += b->cells[b->order[i]].middle == STORY_NONE ? 0 : cell_slots(b, &b->cells[b->order[i]]);
            width = (area.w - (float)gaps * b->gap) / (taken + (float)boundaries);
        }
        if (width < least) layout->scale = fmaxf(0.3f, width / least);
    }
    b->slot_width = fminf(width, 34 * u);
    layout->crowded = layout->density == STAGE_TINY && b->slot_width < 12 * u;
}

static void place_side(Build *b, StageLayout *layout, Cell *cell, bool above, Rect area, float bar_y) {
    size_t count = above ? cell->above : cell->below, at = 0;
    if (count == 0) return;
    size_t rows, columns = balanced(count, (size_t)b->columns, &rows);
    bool tiny = layout->density == STAGE_TINY, full = layout->density == STAGE_FULL;
    float u = b->unit, card_w = fminf(b->slot_width - (full ? 3 : 1.5f) * u, 27 * u),
          card_h = (tiny   ? 6.5f
                    : full ? 15.5f
                           : 13) *
                   u;
    float bar = 2.5f * u, room = above ? bar_y - bar - area.y : area.y + area.h - bar_y - bar;
    if (tiny) card_h = fminf(card_h, room / (float)rows - 2 * u);
    float step = fminf((room - (tiny ? 3 : 5) * u) / (float)rows, card_h + 4 * u);
    for (size_t i = 0; i < cell->slot_count; i++) {
        Slot *slot = &cell->slots[i];
        if (slot->above != above) continue;
        size_t row = at / columns, column = at % columns,
               here = row + 1 < rows ? columns : count - columns * (rows - 1);
        at++;
        /* Outer rows stand half a slot aside: their cables pass between the cards of the row before. */
        float shift = row % 2 ? b->slot_width / 2 : 0;
        float center = cell->x + cell->width / 2 + ((float)column - ((float)here - 1) / 2) * b->slot_width;
        if (rows > 1)
            center = cell->x + cell->width / 2 + ((float)column - ((float)columns - 1) / 2) * b->slot_width + shift -
                     (rows > 1 ? b->slot_width / 4 : 0);
        float far = room - (float)(rows - 1 - row) * step; /* distance of the card's outer edge from the bar */
        far = fminf(far, (tiny ? 40 : 34) * u + (float)row * step);
        float y = above ? bar_y - bar - far : bar_y + bar + far - card_h;
        slot->box = (Rect){roundf(center - card_w / 2), roundf(y), roundf(card_w), roundf(card_h)};
    }
}

static void place_cells(Build *b, StageLayout *layout, Rect area) {
    float u = b->unit, total = 0;
    for (size_t i = 0; i < b->order_count; i++) {
        Cell *cell = &b->cells[b->order[i]];
        cell->width = cell->middle == STORY_NONE ? 0 : cell_slots(b, cell) * b->slot_width - 2 * u;
        total += cell->width + (stands_after(b, i) ? b->slot_width + 2 * b->gap : i + 1 < b->order_count ? b->seam : 0);
    }
    float x = area.x + (area.w - total) / 2;
    bool above = false, below = false;
    for (size_t i = 0; i < b->cell_count; i++) above |= b->cells[i].above > 0, below |= b->cells[i].below > 0;
    float bar_y = area.y + area.h * (above && below ? 0.5f : below ? 0.3f : above ? 0.7f : 0.5f);
    bar_y = roundf(bar_y);
    for (size_t i = 0; i < b->order_count; i++) {
        Cell *cell = &b->cells[b->order[i]];
        cell->x = roundf(x);
        x += cell->width;
        if (cell->middle != STORY_NONE)
            layout->nodes[cell->middle].box = (Rect){cell->x, bar_y - 2.5f * u, cell->width, 5 * u};
        place_side(b, layout, cell, true, area, bar_y);
        place_side(b, layout, cell, false, area, bar_y);
        if (!stands_after(b, i)) {
            x += i + 1 < b->order_count ? b->seam : 0;
            continue;
        }
        float width = fminf(b->slot_width - u, 27 * u), height = (layout->density == STAGE_TINY      ? 6.5f
                                                                  : layout->density == STAGE_COMPACT ? 13
                                                                                                     : 15.5f) *
                                                                 u;
        for (size_t k = 0; k < b->between_count; k++) {
            const Between *m = &b->between[k];
            if (m->after != i) continue;
            float y = bar_y + ((float)m->rank - ((float)m->of - 1) / 2) * (height + 3 * u);
            layout->nodes[m->node] = (StageNode){.box = {roundf(x + b->gap + (b->slot_width - width) / 2),
                                                         roundf(y - height / 2), roundf(width), roundf(height)},
                                                 .between = true};
        }
        x += b->slot_width + 2 * b->gap;
    }
}

static void set_cable(StageLayout *layout, uint32_t link, bool reversed, const Point *points, uint32_t count) {
    StageCable *cable = &layout->cables[link];
    cable->count = count;
    for (uint32_t i = 0; i < count; i++) cable->points[i] = points[reversed ? count - 1 - i : i];
}

static float middle_y(Rect r) { return r.y + r.h / 2; }
static float middle_x(Rect r) { return r.x + r.w / 2; }

/* From a router's side to a bar: straight where nothing lies between, else round below everything. */
static void route_between(const Build *b, StageLayout *layout, uint32_t link, uint32_t node, Rect bar, bool reversed,
                          Rect area) {
    Rect box = layout->nodes[node].box;
    bool right = middle_x(bar) > middle_x(box), near = true;
    float edge = right ? bar.x : bar.x + bar.w, from = right ? box.x + box.w : box.x;
    for (size_t i = 0; i < b->cell_count; i++) {
        const Cell *cell = &b->cells[i];
        if (cell->middle != STORY_NONE && cell->width > 0 &&
            (right ? cell->x > from && cell->x + cell->width < edge : cell->x > edge && cell->x + cell->width < from))
            near = false;
    }
    float port = right ? bar.x + 2 * b->unit : bar.x + bar.w - 2 * b->unit;
    if (near) {
        float y = middle_y(box), bar_y = middle_y(bar), turn = right ? edge - b->gap / 2 : edge + b->gap / 2;
        Point straight[] = {{from, bar_y}, {port, bar_y}};
        Point bent[] = {{from, y}, {turn, y}, {turn, bar_y}, {port, bar_y}};
        bool level = bar_y > box.y + 4 && bar_y < box.y + box.h - 4;
        set_cable(layout, link, reversed, level ? straight : bent, level ? 2 : 4);
        return;
    }
    float lane = area.y + area.h + 1.5f * b->unit, turn = right ? bar.x - b->seam / 2 : bar.x + bar.w + b->seam / 2;
    Point around[] = {{middle_x(box), box.y + box.h},
                      {middle_x(box), lane},
                      {turn, lane},
                      {turn, middle_y(bar)},
                      {port, middle_y(bar)}};
    set_cable(layout, link, reversed, around, 5);
}

static void place_cables(Build *b, StageLayout *layout, const bool *plugged, Rect area) {
    const Directory *d = b->directory;
    for (uint32_t i = 0; i < d->link_count; i++) {
        if (!plugged[i]) continue;
        uint32_t a = d->links[i].end[0].host, z = d->links[i].end[1].host;
        bool reversed = is_middle(d, a); /* points are made from the host's end to the bar's */
        uint32_t node = reversed ? z : a, middle = reversed ? a : z;
        Rect box = layout->nodes[node].box, bar = layout->nodes[middle].box;
        if (box.w <= 0 || bar.w <= 0) continue;
        if (!is_middle(d, middle)) {
            bool right = middle_x(bar) > middle_x(box);
            Point straight[] = {{right ? box.x + box.w : box.x, middle_y(box)},
                                {right ? bar.x : bar.x + bar.w, middle_y(bar)}};
            set_cable(layout, i, false, straight, 2);
        } else if (layout->nodes[node].between) {
            route_between(b, layout, i, node, bar, reversed, area);
        } else {
            float x = middle_x(box), bar_y = middle_y(bar);
            float port = fminf(bar.x + bar.w - b->unit, fmaxf(bar.x + b->unit, x));
            Point down[] = {{x, layout->nodes[node].above ? box.y + box.h : box.y}, {port, bar_y}};
            set_cable(layout, i, reversed, down, 2);
        }
    }
}

static bool plugged_into(const Build *b, const bool *plugged, uint32_t node, uint32_t middle) {
    for (size_t i = 0; i < b->directory->link_count; i++) {
        const DirectoryEnd *end = b->directory->links[i].end;
        if (plugged[i] &&
            ((end[0].host == node && end[1].host == middle) || (end[1].host == node && end[0].host == middle)))
            return true;
    }
    return false;
}

static void place_hosts(Build *b, StageLayout *layout, const bool *plugged) {
    size_t ghosts = 0;
    for (size_t i = 0; i < b->cell_count; i++) ghosts += b->cells[i].slot_count;
    layout->ghosts = array_grow(layout->ghosts, &layout->ghost_capacity, ghosts + 1, sizeof *layout->ghosts);
    layout->ghost_count = 0;
    /* A host stands where its cable is; one whose cable is out stays where it was last, the first place it had if
     * never. */
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < b->cell_count; i++)
            for (size_t s = 0; s < b->cells[i].slot_count; s++) {
                Slot *slot = &b->cells[i].slots[s];
                StageNode *node = &layout->nodes[slot->node];
                if (node->box.w > 0 || (pass == 0 && !plugged_into(b, plugged, slot->node, b->cells[i].middle)))
                    continue;
                *node = (StageNode){.box = slot->box, .above = slot->above};
                slot->used = true;
            }
    for (size_t i = 0; i < b->cell_count; i++)
        for (size_t s = 0; s < b->cells[i].slot_count; s++)
            if (!b->cells[i].slots[s].used)
                layout->ghosts[layout->ghost_count++] =
                    (StageGhost){b->cells[i].slots[s].box, b->cells[i].slots[s].node};
}

void stage_layout_build(StageLayout *layout, const Story *story, const bool *plugged, Rect area, float unit) {
    const Directory *d = trace_directory(story->trace);
    Build b = {.story = story, .directory = d, .unit = unit};
    layout->nodes = array_grow(layout->nodes, &layout->node_capacity, d->host_count + 1, sizeof *layout->nodes);
    layout->cables = array_grow(layout->cables, &layout->cable_capacity, d->link_count + 1, sizeof *layout->cables);
    layout->node_count = d->host_count;
    layout->cable_count = d->link_count;
    memset(layout->nodes, 0, (d->host_count + 1) * sizeof *layout->nodes);
    memset(layout->cables, 0, (d->link_count + 1) * sizeof *layout->cables);
    collect_cells(&b);
    order_cells(&b);
    choose_widths(&b, layout, area);
    place_cells(&b, layout, area);
    place_hosts(&b, layout, plugged);
    place_cables(&b, layout, plugged, area);
    for (size_t i = 0; i < b.cell_count; i++) free(b.cells[i].slots);
    free(b.cells);
    free(b.order);
    free(b.between);
}

void stage_layout_free(StageLayout *layout) {
    free(layout->nodes);
    free(layout->cables);
    free(layout->ghosts);
    *layout = (StageLayout){0};
}

Point path_at(const Point *points, size_t count, float part, Point *direction) {
    float total = 0;
    for (size_t i = 0; i + 1 < count; i++)
        total += hypotf(points[i + 1].x - points[i].x, points[i + 1].y - points[i].y);
    float left = total * fminf(1, fmaxf(0, part));
    for (size_t i = 0; i + 1 < count; i++) {
        float dx = points[i + 1].x - points[i].x, dy = points[i + 1].y - points[i].y, length = hypotf(dx, dy);
        if (length <= 0 || (left > length && i + 2 < count)) {
            left -= length;
            continue;
        }
        float at = fminf(1, left / length);
        if (direction) *direction = (Point){dx / length, dy / length};
        return (Point){points[i].x + dx * at, points[i].y + dy * at};
    }
    if (direction) *direction = (Point){0, 0};
    return points[count - 1];
}
