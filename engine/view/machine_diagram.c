#include "view/machine_diagram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/machine_places.h"

enum { CURVE = 17, LABEL_LINES = 4, ARROWS = 160 };

/* Everything between two states in one direction is one arrow with several labels. */
typedef struct {
    uint8_t from, to;
    uint16_t rows[LABEL_LINES];
    size_t row_count, rows_left_out;
    bool near, last;
    Point points[CURVE];
} Arrow;

typedef struct {
    const Pen *pen;
    const MachineSpec *spec;
    Rect area;
    Rect boxes[MACHINE_STATES];
    bool hidden[MACHINE_STATES]; /* beyond the RFC's figure, and not of interest now */
    Arrow arrows[ARROWS];
    size_t arrow_count;
    Rect labels[ARROWS];
    size_t label_count;
    float size; /* of state names */
} Diagram;

static bool is_beyond(const MachineSpec *spec, size_t state) { return spec->beyond_figure >> state & 1; }

static void hide_states(Diagram *d, uint8_t current, uint16_t last_row) {
    for (size_t s = 0; s < d->spec->state_count; s++) {
        bool wanted = s == current || (last_row != MACHINE_NO_ROW &&
                                       (d->spec->rows[last_row].from == s || d->spec->rows[last_row].to == s));
        d->hidden[s] = is_beyond(d->spec, s) && !wanted;
    }
    for (size_t r = 0; r < d->spec->row_count && current != MACHINE_NO_STATE; r++)
        if (d->spec->rows[r].from == current && is_beyond(d->spec, current)) d->hidden[d->spec->rows[r].to] = false;
}

static bool place_by_figure(const Diagram *d, Point *centers) {
    for (size_t s = 0; s < d->spec->state_count; s++)
        if (!machine_place(d->spec->name, d->spec->states[s], &centers[s])) return false;
    return true;
}

/* Rows by distance from the initial state. */
static void place_by_depth(Diagram *d, Point *centers) {
    size_t n = d->spec->state_count, depth[MACHINE_STATES], in_row[MACHINE_STATES + 1] = {0},
           at[MACHINE_STATES + 1] = {0}, deepest = 0;
    for (size_t s = 0; s < n; s++) depth[s] = s == d->spec->initial ? 0 : n;
    for (size_t round = 0; round < n; round++)
        for (size_t r = 0; r < d->spec->row_count; r++) {
            const MachineRow *row = &d->spec->rows[r];
            if (depth[row->from] < n && depth[row->from] + 1 < depth[row->to]) depth[row->to] = depth[row->from] + 1;
        }
    for (size_t s = 0; s < n; s++) {
        in_row[depth[s]]++;
        deepest = depth[s] < n && depth[s] > deepest ? depth[s] : deepest;
    }
    for (size_t s = 0; s < n; s++) {
        size_t row = depth[s] == n ? deepest + 1 : depth[s];
        size_t rows = deepest + 1 + (in_row[n] > 0);
        float x = ((float)at[depth[s]]++ + 0.5f) / (float)in_row[depth[s]];
        /* Neighbouring rows lean to opposite sides, so that arrows over two rows don't run through the one between. */
        if (in_row[depth[s]] == 1 && rows > 2) x = row % 2 ? 0.66f : 0.36f;
        centers[s] = (Point){x, rows == 1 ? 0.5f : 0.07f + 0.86f * (float)row / (float)(rows - 1)};
    }
}

/* Are there so many states that their names must be smaller? */
static bool is_crowded(const Diagram *d) {
    size_t shown = 0;
    for (size_t s = 0; s < d->spec->state_count; s++) shown += !d->hidden[s];
    return shown > 20;
}

static void place_states(Diagram *d) {
    Point centers[MACHINE_STATES];
    if (!place_by_figure(d, centers)) place_by_depth(d, centers);
    for (size_t s = 0; s < d->spec->state_count; s++) {
        const char *name = d->spec->states[s];
        float width = font_width(FONT_BOLD, d->size, name, strlen(name)) + d->size * 1.6f, height = d->size * 2.3f;
        float x = d->area.x + centers[s].x * d->area.w, y = d->area.y + centers[s].y * d->area.h;
        x = fminf(d->area.x + d->area.w - width / 2, fmaxf(d->area.x + width / 2, x));
        y = fminf(d->area.y + d->area.h - height / 2, fmaxf(d->area.y + height / 2, y));
        d->boxes[s] = (Rect){roundf(x - width / 2), roundf(y - height / 2), roundf(width), roundf(height)};
    }
}

/* Do all arrows of a state that lead away from it lead back to the first one? */
static bool is_last_stop(const MachineSpec *spec, uint8_t state) {
    for (size_t r = 0; r < spec->row_count; r++)
        if (spec->rows[r].from == state && spec->rows[r].to != state && spec->rows[r].to != spec->initial) return false;
    return state != spec->initial;
}

static bool has_other_way(const MachineSpec *spec, const MachineRow *row) {
    for (size_t r = 0; r < spec->row_count; r++)
        if (spec->rows[r].from == row->from && spec->rows[r].to != row->from &&
            !(spec->beyond_inputs >> spec->rows[r].input & 1))
            return true;
    return false;
}

/* An accident that may happen in every state: the figure leaves it out, unless the state has no other way out. */
static bool leaves_early(const MachineSpec *spec, const MachineRow *row) {
    if (!(spec->beyond_inputs >> row->input & 1)) return false;
    if (row->to == row->from) return true;
    return (row->to == spec->initial || is_last_stop(spec, row->to)) && has_other_way(spec, row);
}

static void collect_arrows(Diagram *d, uint8_t current, uint16_t last_row) {
    for (size_t r = 0; r < d->spec->row_count; r++) {
        const MachineRow *row = &d->spec->rows[r];
        Arrow *arrow = NULL;
        if (d->hidden[row->from] || d->hidden[row->to]) continue;
        bool beyond = is_beyond(d->spec, row->from) || is_beyond(d->spec, row->to);
        /* Every state can be stopped: such arrows are drawn only where one was taken. A table may name its own. */
        MachineInputKind kind = d->spec->inputs[row->input].kind;
        beyond |= d->spec->beyond_figure && !d->spec->beyond_inputs && (kind == INPUT_COMMAND || kind == INPUT_ANSWER);
        beyond |= leaves_early(d->spec, row);
        if (beyond && r != last_row && !(row->from == current && is_beyond(d->spec, row->from))) continue;
        for (size_t i = 0; i < d->arrow_count && !arrow; i++)
            if (d->arrows[i].from == row->from && d->arrows[i].to == row->to) arrow = &d->arrows[i];
        if (!arrow) {
            if (d->arrow_count == ARROWS) continue;
            arrow = &d->arrows[d->arrow_count++];
            *arrow = (Arrow){.from = row->from, .to = row->to};
        }
        arrow->near |= row->from == current;
        if (r == last_row) {
            arrow->last = true;
            if (arrow->row_count == LABEL_LINES) arrow->row_count--, arrow->rows_left_out++;
            memmove(arrow->rows + 1, arrow->rows, arrow->row_count * sizeof arrow->rows[0]);
            arrow->rows[0] = (uint16_t)r;
            arrow->row_count++;
        } else if (arrow->row_count < LABEL_LINES) {
            arrow->rows[arrow->row_count++] = (uint16_t)r;
        } else {
            arrow->rows_left_out++;
        }
    }
}

static Point center_of(Rect r) { return (Point){r.x + r.w / 2, r.y + r.h / 2}; }

/* The point where the line from the box's middle to `to` leaves it. */
static Point border_point(Rect box, Point to) {
    Point c = center_of(box);
    float dx = to.x - c.x, dy = to.y - c.y;
    float part =
        fminf(fabsf(dx) > 0.01f ? box.w / 2 / fabsf(dx) : 1e9f, fabsf(dy) > 0.01f ? box.h / 2 / fabsf(dy) : 1e9f);
    return (Point){c.x + dx * part, c.y + dy * part};
}

static void bend(const Diagram *d, Arrow *arrow, float bow) {
    Point a = center_of(d->boxes[arrow->from]), b = center_of(d->boxes[arrow->to]);
    float dx = b.x - a.x, dy = b.y - a.y;
    Point control = {(a.x + b.x) / 2 - dy * bow, (a.y + b.y) / 2 + dx * bow};
    a = border_point(d->boxes[arrow->from], control);
    b = border_point(d->boxes[arrow->to], control);
    for (int i = 0; i < CURVE; i++) {
        float t = (float)i / (CURVE - 1), u = 1 - t;
        arrow->points[i] = (Point){u * u * a.x + 2 * u * t * control.x + t * t * b.x,
                                   u * u * a.y + 2 * u * t * control.y + t * t * b.y};
    }
}

static void loop_round(const Diagram *d, Arrow *arrow) {
    /* Out of the box's side that faces the nearer border of the area, where there is room. */
    Rect box = d->boxes[arrow->from];
    bool right = center_of(box).x > d->area.x + d->area.w / 2;
    bool room = right ? box.x + box.w + d->size * 1.6f <= d->area.x + d->area.w : box.x - d->size * 1.6f >= d->area.x;
    if (!room) right = !right;
    float side = right ? box.x + box.w : box.x, sign = right ? 1 : -1, reach = d->size * 1.3f, half = box.h * 0.28f;
    Point middle = center_of(box);
    for (int i = 0; i < CURVE; i++) {
        float turns = 0.5f * (float)i / (CURVE - 1);
        arrow->points[i] = (Point){side + sign * reach * turn_sin(turns), middle.y - half * turn_cos(turns)};
    }
}

static bool cross(Point a, Point b, Point c, Point d) {
    float abx = b.x - a.x, aby = b.y - a.y, cdx = d.x - c.x, cdy = d.y - c.y;
    float side_c = abx * (c.y - a.y) - aby * (c.x - a.x), side_d = abx * (d.y - a.y) - aby * (d.x - a.x);
    float side_a = cdx * (a.y - c.y) - cdy * (a.x - c.x), side_b = cdx * (b.y - c.y) - cdy * (b.x - c.x);
    return side_c * side_d < 0 && side_a * side_b < 0;
}

static float cost_of(const Diagram *d, size_t index, float bow) {
    const Arrow *arrow = &d->arrows[index];
    float cost = fabsf(bow) * 4;
    for (int i = 1; i + 1 < CURVE; i++) {
        Point p = arrow->points[i];
        for (size_t s = 0; s < d->spec->state_count; s++)
            if (!d->hidden[s] && s != arrow->from && s != arrow->to &&
                rect_contains(rect_inset(d->boxes[s], -d->size * 0.5f), p.x, p.y))
                cost += 10;
        if (!rect_contains(d->area, p.x, p.y)) cost += 6;
        for (size_t k = 0; k < index; k++)
            for (int j = 2; j + 2 < CURVE; j += 2) {
                float dx = d->arrows[k].points[j].x - p.x, dy = d->arrows[k].points[j].y - p.y;
                if (dx * dx + dy * dy < d->size * d->size * 0.5f) cost += 0.6f;
            }
    }
    for (size_t k = 0; k < index; k++)
        for (int i = 0; i + 2 < CURVE; i += 2)
            for (int j = 0; j + 2 < CURVE; j += 2)
                if (cross(arrow->points[i], arrow->points[i + 2], d->arrows[k].points[j], d->arrows[k].points[j + 2]))
                    cost += 2.5f;
    return cost;
}

static bool has_reverse(const Diagram *d, const Arrow *arrow) {
    for (size_t i = 0; i < d->arrow_count; i++)
        if (d->arrows[i].from == arrow->to && d->arrows[i].to == arrow->from) return true;
    return false;
}

static void route_arrows(Diagram *d) {
    static const float bows[] = {0, 0.1f, -0.1f, 0.2f, -0.2f, 0.3f, -0.3f, 0.45f, -0.45f, 0.65f, -0.65f};
    for (size_t i = 0; i < d->arrow_count; i++) {
        Arrow *arrow = &d->arrows[i];
        if (arrow->from == arrow->to) {
            loop_round(d, arrow);
            continue;
        }
        float best = 1e9f, chosen = 0;
        bool pair = has_reverse(d, arrow);
        for (size_t k = 0; k < sizeof bows / sizeof bows[0]; k++) {
            bend(d, arrow, bows[k]);
            /* Two arrows between the same states part to either side alike. */
            float cost = cost_of(d, i, bows[k]) + (pair && bows[k] == 0 ? 3 : 0) + (pair && bows[k] < 0 ? 1 : 0);
            if (cost < best - 0.001f) best = cost, chosen = bows[k];
        }
        bend(d, arrow, chosen);
    }
}

static void put_words(Text *to, const char *identifier) {
    for (; *identifier; identifier++) text_put_char(to, *identifier == '_' ? ' ' : *identifier);
}

static void put_row_label(Text *to, const MachineSpec *spec, const MachineRow *row, bool whole) {
    text_put(to, spec->inputs[row->input].name);
    if (whole && row->guard && row->guard_name) {
        text_put(to, " [");
        put_words(to, row->guard_name);
        text_put(to, "]");
    }
    if (whole && row->action && row->action_name) {
        text_put(to, " / ");
        put_words(to, row->action_name);
    }
}

static bool is_free(const Diagram *d, Rect r) {
    if (r.x < d->area.x || r.y < d->area.y || r.x + r.w > d->area.x + d->area.w || r.y + r.h > d->area.y + d->area.h)
        return false;
    for (size_t s = 0; s < d->spec->state_count; s++) {
        Rect both = rect_intersect(rect_inset(d->boxes[s], -3), r);
        if (!d->hidden[s] && both.w > 0 && both.h > 0) return false;
    }
    for (size_t l = 0; l < d->label_count; l++) {
        Rect both = rect_intersect(rect_inset(d->labels[l], -2), r);
        if (both.w > 0 && both.h > 0) return false;
    }
    return true;
}

/* How many pieces of other arrows a label there would cover. */
static float covered_by(const Diagram *d, const Arrow *own, Rect r) {
    float count = 0;
    for (size_t k = 0; k < d->arrow_count; k++)
        for (int i = 0; i < CURVE && &d->arrows[k] != own; i++)
            count += rect_contains(r, d->arrows[k].points[i].x, d->arrows[k].points[i].y);
    return count;
}

/* The best place for a label of this size near the arrow: over neither states nor other labels, over as few other
 * arrows as can be, near the middle. */
static bool find_label_place(const Diagram *d, const Arrow *arrow, float w, float h, Rect *place) {
    static const float parts[] = {0.5f, 0.42f, 0.58f, 0.34f, 0.66f, 0.26f, 0.74f, 0.18f, 0.82f};
    float best = 1e9f;
    for (size_t k = 0; k < sizeof parts / sizeof parts[0]; k++) {
        int i = (int)(parts[k] * (CURVE - 1));
        Point p = arrow->points[i];
        for (int across = -1; across <= 1; across++)
            for (int along = -1; along <= 1; along++) {
                float clear = arrow->from == arrow->to ? d->size * 1.3f
                                                       : d->size * 0.3f; /* a loop's label may stand below its state */
                Rect r = {p.x - w / 2 + (float)across * (w / 2 + d->size * 0.3f),
                          p.y - h / 2 + (float)along * (h / 2 + clear), w, h};
                float cost = 2.5f * covered_by(d, arrow, r) + fabsf(parts[k] - 0.5f) * 2 + (across ? 0.4f : 0) +
                             (along ? 0.4f : 0);
                if (cost < best && is_free(d, r)) {
                    best = cost;
                    *place = r;
                }
            }
    }
    return best < 1e9f;
}

static void draw_label(Diagram *d, const Arrow *arrow, MachineLabels labels, uint16_t last_row) {
    const Pen *pen = d->pen;
    float size = roundf(d->size * 0.82f), step = size * 1.25f, width = 0;
    Text lines[LABEL_LINES];
    size_t count = 0;
    for (size_t i = 0; i < arrow->row_count; i++) {
        if (labels == LABELS_NEAR && i >= 2) break;
        Text line = text_new();
        put_row_label(&line, d->spec, &d->spec->rows[arrow->rows[i]], labels == LABELS_ALL);
        bool again = false;
        for (size_t k = 0; k < count; k++) again |= strcmp(text_get(&lines[k]), text_get(&line)) == 0;
        if (again) {
            text_free(&line);
            continue;
        }
        width = fmaxf(width,
                      font_width(arrow->last && i == 0 ? FONT_BOLD : FONT_REGULAR, size, text_get(&line), line.size));
        lines[count++] = line;
    }
    width = fminf(width, d->area.w * 0.6f);
    Rect place;
    if (find_label_place(d, arrow, width + size * 0.6f, (float)count * step + size * 0.2f, &place)) {
        draw_list_box(pen->list, place, size * 0.3f, color_fade(pen->theme->card, 0.9f), 0, 0);
        for (size_t i = 0; i < count; i++) {
            bool strong = arrow->last && i == 0 && arrow->rows[0] == last_row;
            draw_list_text(pen->list, (Point){place.x + place.w / 2, place.y + size * 0.1f + ((float)i + 0.5f) * step},
                           TEXT_CENTER, strong ? FONT_BOLD : FONT_REGULAR, size,
                           strong ? pen->theme->accent : pen->theme->ink_soft, width, text_get(&lines[i]));
        }
        d->labels[d->label_count++] = place;
    }
    for (size_t i = 0; i < count; i++) text_free(&lines[i]);
}

static void draw_arrow(const Diagram *d, const Arrow *arrow, Color color, float width) {
    const Point *p = arrow->points;
    float head = d->size * (arrow->last ? 0.75f : 0.6f);
    Point line[CURVE], end = p[CURVE - 1];
    size_t count = 0;
    /* The line ends inside the head. */
    for (int i = 0; i < CURVE; i++)
        if (i == 0 || hypotf(p[i].x - end.x, p[i].y - end.y) > head * 0.7f) line[count++] = p[i];
    Point last = line[count - 1];
    float dx = end.x - last.x, dy = end.y - last.y, length = hypotf(dx, dy);
    if (length > head * 0.7f)
        line[count++] = (Point){end.x - dx / length * head * 0.7f, end.y - dy / length * head * 0.7f};
    if (count >= 2) draw_list_polyline(d->pen->list, line, count, color, width, 0, 0);
    draw_list_arrow_head(d->pen->list, last, end, color, head);
}

static void draw_state(const Diagram *d, size_t s, bool current) {
    const Theme *theme = d->pen->theme;
    Tone tone = tone_of_state(d->spec->states[s]);
    Rect box = d->boxes[s];
    Color fill = current ? theme->tone[tone] : theme->card, ink = current ? theme->on_accent : theme->ink;
    if (current && (tone == TONE_WARN || tone == TONE_NEUTRAL || tone == TONE_GOOD || tone == TONE_URGENT)) {
        fill = theme->tone_soft[tone];
        ink = theme->tone_ink[tone];
    }
    draw_list_box_dashed(d->pen->list, box, d->size * 0.6f, fill, current ? theme->tone[tone] : theme->wire,
                         current ? fmaxf(2, d->size / 6) : fmaxf(1.2f, d->size / 13),
                         is_beyond(d->spec, s) ? d->size * 0.3f : 0);
    draw_list_text(d->pen->list, center_of(box), TEXT_CENTER, FONT_BOLD, d->size, ink, 0, d->spec->states[s]);
}

void machine_diagram_draw(const Pen *pen, const MachineSpec *spec, Rect area, uint8_t current, uint16_t last_row,
                          MachineLabels labels) {
    Diagram *d = memory_new(sizeof *d);
    d->pen = pen;
    d->spec = spec;
    d->area = area;
    hide_states(d, current, last_row);
    d->size = fmaxf(11, roundf(fminf(pen->type.label, area.w / 30) * (is_crowded(d) ? 0.85f : 1)));
    place_states(d);
    collect_arrows(d, current, last_row);
    route_arrows(d);
    for (int pass = 0; pass < 2; pass++) /* the last arrow on top */
        for (size_t i = 0; i < d->arrow_count; i++) {
            const Arrow *arrow = &d->arrows[i];
            if (arrow->last == (pass == 1))
                draw_arrow(d, arrow,
                           arrow->last   ? pen->theme->accent
                           : arrow->near ? pen->theme->ink_soft
                                         : pen->theme->wire,
                           arrow->last ? fmaxf(2.5f, d->size / 5) : fmaxf(1.4f, d->size / 12));
        }
    for (size_t s = 0; s < spec->state_count; s++)
        if (!d->hidden[s]) draw_state(d, s, s == current);
    for (int pass = 0; pass < 2; pass++) /* the last arrow's label chooses its place first */
        for (size_t i = 0; i < d->arrow_count; i++) {
            const Arrow *arrow = &d->arrows[i];
            if (arrow->last == (pass == 0) && (labels == LABELS_ALL || arrow->near || arrow->last))
                draw_label(d, arrow, labels, last_row);
        }
    free(d);
}
