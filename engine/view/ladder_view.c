#include "view/ladder_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/detail.h"

static void add_row(LadderView *l, LadderRow row) {
    l->rows = array_grow(l->rows, &l->row_capacity, l->row_count + 1, sizeof *l->rows);
    l->rows[l->row_count++] = row;
}

static bool has_row(const LadderView *l, const StoryMessage *m) { return l->minor || m->weight >= WEIGHT_QUIET; }

/* Clients first, then whatever stands between, then servers. */
static int rank_of(const Directory *d, uint32_t node) {
    if (d->hosts[node].kind == NODE_ROUTER) return 1;
    for (size_t i = 0; i < d->machine_count; i++)
        if (d->machines[i].host == node && strstr(d->machines[i].spec->name, ".server")) return 2;
    for (size_t i = 0; i < d->machine_count; i++)
        if (d->machines[i].host == node && strstr(d->machines[i].spec->name, ".relay")) return 1;
    return 0;
}

static void choose_columns(LadderView *l) {
    const Story *s = l->story;
    const Directory *d = trace_directory(s->trace);
    bool *speaks = memory_new(d->host_count + 1);
    for (size_t i = 0; i < s->transit_count; i++) {
        const StoryTransit *t = &s->transits[i];
        const StoryMessage *m = &s->messages[t->message];
        if (!has_row(l, m)) continue;
        speaks[m->sender] = true;
        speaks[t->to] |= t->taken;
    }
    l->columns = memory_new((d->host_count + 1) * sizeof *l->columns);
    l->column_of = memory_new((d->host_count + 1) * sizeof *l->column_of);
    memset(l->column_of, 0xFF, (d->host_count + 1) * sizeof *l->column_of);
    for (int rank = 0; rank < 3; rank++)
        for (uint32_t node = 0; node < d->host_count; node++) {
            NodeKind kind = d->hosts[node].kind;
            if (!speaks[node] || kind == NODE_SWITCH || kind == NODE_HUB || rank_of(d, node) != rank) continue;
            l->column_of[node] = (uint32_t)l->column_count;
            l->columns[l->column_count++] = node;
        }
    free(speaks);
}

/* Has the scenario's own heading ("Mail transfer") said it already? */
static bool is_told(const Story *story, uint32_t phase, uint32_t stage) {
    if (phase == STORY_NONE) return false;
    const char *name = trace_fact_name(trace_fact_values(story->trace, trace_get(story->trace, stage))[0]) +
                       strlen("smtp.");
    Text heading = text_new();
    story_say_text(story, phase, "en", &heading);
    bool told = false;
    for (const char *at = text_get(&heading); *at && !told; at++) {
        size_t i = 0;
        while (name[i] && (at[i] | 32) == (name[i] == '_' ? '-' | 32 : name[i])) i++;
        told = !name[i];
    }
    text_free(&heading);
    return told;
}

/* The phases of dialogues that this message begins. */
static void add_stages(LadderView *l, uint32_t message, uint32_t phase, const StoryMoment *moment) {
    const Story *s = l->story;
    for (size_t i = 0; i < s->stage_count; i++) {
        const StoryStage *stage = &s->stages[i];
        /* The client's word alone is taken when its next message leaves. */
        bool here = stage->before == message || (stage->before == STORY_NONE && stage->seq < moment->seq &&
                                                 (message == 0 || s->messages[message - 1].seq < stage->seq));
        if (here && !is_told(s, phase, stage->seq))
            add_row(l, (LadderRow){LADDER_STAGE, moment->seq, stage->seq, moment->at, 0});
    }
}

LadderView *ladder_view_new(const Story *story, bool minor) {
    LadderView *l = memory_new(sizeof *l);
    l->story = story;
    l->minor = minor;
    choose_columns(l);
    SimTime before = 0;
    uint32_t message = 0, phase = STORY_NONE;
    for (size_t i = 0; i < story->moment_count; i++) {
        const StoryMoment *moment = &story->moments[i];
        LadderRow row = {.seq = moment->seq, .at = moment->at, .index = moment->seq};
        if (moment->kind == MOMENT_MESSAGE || moment->kind == MOMENT_DETAIL) {
            row.kind = story->messages[message].weight == WEIGHT_MAJOR ? LADDER_MESSAGE : LADDER_QUIET;
            row.index = message++;
            if (!has_row(l, &story->messages[row.index])) continue;
        } else if (moment->kind == MOMENT_STATE) {
            const TraceRecord *r = trace_get(story->trace, moment->seq);
            const MachineSpec *spec = trace_directory(story->trace)->machines[r->machine].spec;
            /* Machines of which a host runs many (a binding each) would crowd the lifeline. */
            if (spec->subject || r->host == TRACE_NONE || l->column_of[r->host] == STORY_NONE ||
                strchr(spec->name, '.') == NULL || strncmp(spec->name, "arp.", 4) == 0)
                continue;
            row.kind = LADDER_STATE;
        } else if (moment->kind == MOMENT_PHASE) {
            row.kind = LADDER_PHASE;
            phase = moment->seq;
        } else {
            continue;
        }
        if (moment->at - before > 2 * SIM_SECOND && l->row_count > 0)
            add_row(l, (LadderRow){LADDER_PAUSE, moment->seq, 0, before, moment->at - before});
        before = moment->at;
        if (row.kind == LADDER_MESSAGE || row.kind == LADDER_QUIET) add_stages(l, row.index, phase, moment);
        add_row(l, row);
    }
    return l;
}

void ladder_view_free(LadderView *l) {
    if (!l) return;
    free(l->rows);
    free(l->columns);
    free(l->column_of);
    free(l);
}

static float row_height(const Pen *pen, LadderRowKind kind) {
    float size = pen->type.body;
    switch (kind) {
        case LADDER_MESSAGE: return roundf(size * 2.7f);
        case LADDER_QUIET: return roundf(size * 1.9f);
        case LADDER_STATE: return roundf(size * 2.0f);
        case LADDER_STAGE: return roundf(size * 1.7f);
        case LADDER_PHASE: return roundf(size * 2.4f);
        case LADDER_PAUSE: return roundf(size * 1.8f);
    }
    return 0;
}

static float head_height(const Pen *pen) { return roundf(pen->type.label * 2.2f); }

float ladder_view_height(const LadderView *l, const Pen *pen) {
    float height = head_height(pen) * 2 + pen->type.unit * 2; /* room for names in two rows */
    for (size_t i = 0; i < l->row_count; i++) height += row_height(pen, l->rows[i].kind);
    return height;
}

typedef struct {
    const LadderView *l;
    const Pen *pen;
    Rect area;
    float left, step; /* of the columns */
    Place place;
    uint32_t selected;
    bool staggered; /* the names stand in two rows by turns: side by side they would be cut off */
} Sheet;

static float column_x(const Sheet *s, uint32_t column) { return s->left + ((float)column + 0.5f) * s->step; }

static float head_width(const Sheet *s, uint32_t column) {
    const char *name = trace_directory(s->l->story->trace)->hosts[s->l->columns[column]].name;
    float size = s->pen->type.label;
    return font_width(FONT_BOLD, size, name, strlen(name)) + size * 1.4f;
}

static bool must_stagger(const Sheet *s) {
    for (uint32_t i = 0; i < s->l->column_count; i++)
        if (head_width(s, i) > s->step - 6) return true;
    return false;
}

static void draw_heads(const Sheet *s) {
    const Pen *pen = s->pen;
    const Directory *d = trace_directory(s->l->story->trace);
    float size = pen->type.label, height = head_height(pen), most = s->step * (s->staggered ? 2 : 1) - 6;
    for (uint32_t i = 0; i < s->l->column_count; i++) {
        const char *name = d->hosts[s->l->columns[i]].name;
        float width = fminf(most, head_width(s, i)), top = s->staggered && i % 2 == 1 ? height : 0, x = column_x(s, i);
        float left = fmaxf(s->area.x, fminf(x - width / 2, s->area.x + s->area.w - width));
        Rect box = {roundf(left), s->area.y + top, roundf(width), roundf(height * 0.8f)};
        if (s->staggered && i % 2 == 0)
            draw_list_line(pen->list, (Point){roundf(x) + 0.5f, box.y + box.h},
                           (Point){roundf(x) + 0.5f, s->area.y + 2 * height}, pen->theme->line,
                           fmaxf(1, roundf(pen->type.scale)));
        draw_list_box(pen->list, box, pen->type.unit * 0.75f, pen->theme->sunken, pen->theme->line, 1);
        draw_list_text(pen->list, (Point){box.x + box.w / 2, box.y + box.h / 2}, TEXT_CENTER, FONT_BOLD, size,
                       pen->theme->ink, width - size * 0.4f, name);
    }
}

static void put_time(const Sheet *s, float y, SimTime at) {
    Text clock = text_new();
    pen_put_clock(&clock, at);
    draw_list_text(s->pen->list, (Point){s->left - s->pen->type.unit, y}, TEXT_RIGHT, FONT_REGULAR, s->pen->type.small,
                   s->pen->theme->ink_faint, 0, text_get(&clock));
    text_free(&clock);
}

static void draw_cross(const Pen *pen, Point at, float reach, Color color) {
    draw_list_line(pen->list, (Point){at.x - reach, at.y - reach}, (Point){at.x + reach, at.y + reach}, color,
                   2.5f * pen->type.scale);
    draw_list_line(pen->list, (Point){at.x - reach, at.y + reach}, (Point){at.x + reach, at.y - reach}, color,
                   2.5f * pen->type.scale);
}

/* How far the message is by now, 0 .. 1. */
static float progress(const StoryMessage *m, SimTime t) {
    if (t >= m->to_at) return 1;
    return t <= m->from_at ? 0 : (float)((double)(t - m->from_at) / (double)(m->to_at - m->from_at));
}

/* Does the message's arrow go to where this hop ends? To whoever took it; if nobody did, to all whom it reached. */
static bool is_end(const LadderView *l, const StoryMessage *m, const StoryTransit *t) {
    if (m->lost) return false;
    if (l->column_of[t->to] == STORY_NONE || t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN) return false;
    bool taken = false;
    for (uint32_t i = 0; i < m->count && !taken; i++) {
        const StoryTransit *other = &l->story->transits[l->story->by_message[m->first + i]];
        taken = other->taken && l->column_of[other->to] != STORY_NONE;
    }
    return t->taken || !taken;
}

/* Its name, what it is about, and how it fared: in the middle of the arrow, as far as there is room. */
static void draw_words(const Sheet *s, const StoryMessage *m, float middle, float y, float size, const char *how,
                       bool bad) {
    const Pen *pen = s->pen;
    const char *name = pen_message_name(pen, m);
    bool said = m->said != STORY_NONE || strcmp(m->protocol, "dns") == 0;
    Text detail = text_new();
    if (said) message_put_detail(s->l->story, m, &detail);
    float small = pen->type.small, gap = small * 0.6f, right_edge = s->area.x + s->area.w - pen->type.unit,
          room = right_edge - s->left;
    float name_width = fminf(room, font_width(FONT_BOLD, size, name, strlen(name)));
    float how_width = *how ? font_width(FONT_REGULAR, small, how, strlen(how)) + gap : 0;
    float detail_width = detail.size ? font_width(FONT_REGULAR, small, detail.at, detail.size) + gap : 0;
    if (detail_width > room - name_width - how_width) {
        detail_width = room - name_width - how_width;
        if (detail_width < 3 * small) detail_width = 0;
    }
    float width = name_width + detail_width + how_width;
    float x = fminf(right_edge - width / 2, fmaxf(s->left + width / 2, middle)) - width / 2;
    Color color = pen_message_color(pen, m->protocol, m->name);
    draw_list_box(pen->list, (Rect){x - 2, y + size * 0.35f, width + 4, size * 1.2f}, 2,
                  color_fade(pen->theme->card, 0.85f), 0, 0);
    draw_list_text(pen->list, (Point){x, y + size * 0.95f}, TEXT_LEFT, FONT_BOLD, size, color, name_width + 1, name);
    if (detail_width > 0)
        draw_list_text(pen->list, (Point){x + name_width + gap, y + size}, TEXT_LEFT, FONT_REGULAR, small,
                       pen->theme->ink_soft, detail_width - gap + 1, text_get(&detail));
    if (*how)
        draw_list_text(pen->list, (Point){x + width, y + size}, TEXT_RIGHT, FONT_REGULAR, small,
                       bad ? pen->theme->tone_ink[TONE_BAD] : pen->theme->ink_soft, 0, how);
    text_free(&detail);
}

static void draw_message(const Sheet *s, const LadderRow *row, float y) {
    const Pen *pen = s->pen;
    const Story *story = s->l->story;
    const StoryMessage *m = &story->messages[row->index];
    if (s->l->column_of[m->sender] == STORY_NONE) return;
    bool quiet = row->kind == LADDER_QUIET;
    float size = quiet ? pen->type.small : pen->type.label, scale = pen->type.scale,
          line_y = roundf(y + (quiet ? size * 1.75f : size * 1.9f));
    Color color = pen_message_color(pen, m->protocol, m->name);
    float from = column_x(s, s->l->column_of[m->sender]), least = from, most = from, part = progress(m, s->place.t),
          lost_at = 0;
    bool lost = false, ignored = false;
    for (uint32_t i = 0; i < m->count; i++) {
        const StoryTransit *t = &story->transits[story->by_message[m->first + i]];
        if (is_end(s->l, m, t)) {
            float x = column_x(s, s->l->column_of[t->to]);
            least = fminf(least, x);
            most = fmaxf(most, x);
        }
        if (t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN) lost = true;
    }
    if (m->lost) {
        uint32_t from_column = s->l->column_of[m->sender],
                 to_column = m->meant_for == STORY_NONE ? STORY_NONE : s->l->column_of[m->meant_for];
        bool right = to_column == STORY_NONE ? from_column == 0 : to_column > from_column;
        float towards = right ? 1 : -1;
        lost_at = from + towards * s->step * 0.5f;
        least = fminf(from, lost_at), most = fmaxf(from, lost_at);
    }
    if (least == most) most = from + s->step * 0.35f;
    draw_list_zone(pen->list, (Rect){s->area.x, y, s->area.w, row_height(pen, row->kind)},
                   hit_id(HIT_MESSAGE, row->index));
    if (row->index == s->selected)
        draw_list_box(pen->list, (Rect){s->area.x, y, s->area.w, row_height(pen, row->kind)}, pen->type.unit * 0.75f,
                      color_fade(pen->theme->accent, 0.10f), 0, 0);
    float width = quiet ? fmaxf(1, scale) : roundf(2 * scale), dash = m->broadcast ? 7 * scale : 0,
          head = (quiet ? 7 : 10) * scale;
    float reach_left = from + (least - from) * part, reach_right = from + (most - from) * part;
    if (reach_right > reach_left)
        draw_list_line_dashed(pen->list, (Point){reach_left, line_y}, (Point){reach_right, line_y}, color, width, dash,
                              4 * scale);
    for (uint32_t i = 0; i < m->count && part >= 1; i++) {
        const StoryTransit *t = &story->transits[story->by_message[m->first + i]];
        if (!is_end(s->l, m, t)) continue;
        float x = column_x(s, s->l->column_of[t->to]);
        draw_list_arrow_head(pen->list, (Point){from, line_y}, (Point){x, line_y}, color, head);
        if (t->ignored != STORY_NONE && !m->broadcast) ignored = true;
    }
    draw_list_circle(pen->list, (Point){from, line_y}, (quiet ? 2.5f : 3.5f) * scale, color, 0, 0);
    if (m->lost && part >= 1) draw_cross(pen, (Point){lost_at, line_y}, 5 * scale, pen->theme->tone[TONE_BAD]);
    draw_words(s, m, (least + most) / 2, y, size,
               lost && part >= 1 ? strings_get(pen->words, "ladder.lost")
               : m->again        ? strings_get(pen->words, "ladder.again")
               : m->broadcast    ? strings_get(pen->words, "ladder.broadcast")
               : ignored         ? strings_get(pen->words, "ladder.ignored")
                                 : "",
               lost);
    put_time(s, line_y, m->from_at);
}

static void draw_state(const Sheet *s, const LadderRow *row, float y) {
    const Pen *pen = s->pen;
    const TraceRecord *r = trace_get(s->l->story->trace, row->index);
    const MachineSpec *spec = trace_directory(s->l->story->trace)->machines[r->machine].spec;
    const char *name = spec->states[r->state.to], *word = pen_word(pen, "state", name);
    float size = pen->type.small, width = pen_chip_width(word, size), x = column_x(s, s->l->column_of[r->host]);
    float left = fmaxf(s->left, fminf(x - width / 2, s->area.x + s->area.w - width));
    /* The lifeline ends at the chip's edge. */
    draw_list_box(pen->list, (Rect){left - 2, y + size * 0.3f, width + 4, size * 2}, size, pen->theme->card, 0, 0);
    pen_chip(pen, (Point){left, roundf(y + size * 1.15f)}, tone_of_state(name), word, size, 0);
}

static void draw_phase(const Sheet *s, const LadderRow *row, float y) {
    const Pen *pen = s->pen;
    Text text = text_new();
    story_say_text(s->l->story, row->index, language_name(pen->language), &text);
    float size = pen->type.body, middle = y + size * 1.2f;
    draw_list_box(pen->list, (Rect){s->area.x, y + size * 0.2f, s->area.w, size * 2}, pen->type.unit * 0.5f,
                  pen->theme->sunken, 0, 0);
    draw_list_text(pen->list, (Point){s->area.x + pen->type.unit * 1.5f, middle}, TEXT_LEFT, FONT_BOLD, size,
                   pen->theme->ink_soft, s->area.w - pen->type.unit * 3, text_get(&text));
    text_free(&text);
}

/* A hairline with the phase's name in it. */
static void draw_stage(const Sheet *s, const LadderRow *row, float y) {
    const Pen *pen = s->pen;
    const Trace *trace = s->l->story->trace;
    const TraceRecord *r = trace_get(trace, row->index);
    const char *words = pen_word(pen, "name", trace_fact_name(trace_fact_values(trace, r)[0]));
    float size = pen->type.small, middle = roundf(y + row_height(pen, LADDER_STAGE) / 2),
          width = font_width(FONT_REGULAR, size, words, strlen(words)) + size * 1.6f,
          center = (s->left + s->area.x + s->area.w) / 2;
    draw_list_line(pen->list, (Point){s->left, middle + 0.5f},
                   (Point){s->area.x + s->area.w - pen->type.unit, middle + 0.5f}, pen->theme->wire, 1);
    draw_list_box(pen->list, (Rect){center - width / 2, middle - size * 0.7f, width, size * 1.4f}, 0, pen->theme->card,
                  0, 0);
    draw_list_text(pen->list, (Point){center, middle}, TEXT_CENTER, FONT_REGULAR, size, pen->theme->ink_soft, 0, words);
}

/* The bracket that holds a phase's rows together, from its heading to `bottom`. */
static void draw_bracket(const Sheet *s, float top, float bottom) {
    const Pen *pen = s->pen;
    float width = fmaxf(2, roundf(2 * pen->type.scale)), u = pen->type.unit, y = top + pen->type.body * 2.2f;
    if (bottom - u <= y) return;
    draw_list_box(pen->list, (Rect){s->area.x, y, width, bottom - u * 0.5f - y}, 0, pen->theme->wire, 0, 0);
    draw_list_box(pen->list, (Rect){s->area.x, bottom - u * 0.5f - width, u, width}, 0, pen->theme->wire, 0, 0);
}

static void draw_pause(const Sheet *s, const LadderRow *row, float y) {
    const Pen *pen = s->pen;
    float size = pen->type.small, middle = roundf(y + row_height(pen, LADDER_PAUSE) / 2);
    for (uint32_t i = 0; i < s->l->column_count; i++) {
        float x = column_x(s, i);
        draw_list_box(pen->list, (Rect){x - 3, y + 2, 6, row_height(pen, LADDER_PAUSE) - 4}, 0, pen->theme->card, 0, 0);
        draw_list_line_dashed(pen->list, (Point){x, y + 2}, (Point){x, y + row_height(pen, LADDER_PAUSE) - 2},
                              pen->theme->wire, 1.5f, 2, 3);
    }
    Text span = text_new(), text = text_new();
    pen_put_span(&span, row->span);
    strings_fill(&text, pen->words, "ladder.later", (StringsValue[]){{"span", text_get(&span)}}, 1);
    float width = font_width(FONT_REGULAR, size, text_get(&text), text.size), right = s->left - pen->type.unit,
          least = s->area.x + pen->type.unit * 1.25f + width;
    draw_list_box(pen->list, (Rect){fmaxf(right, least) - width - 2, middle - size * 0.7f, width + 4, size * 1.4f}, 0,
                  pen->theme->card, 0, 0);
    draw_list_text(pen->list, (Point){fmaxf(right, least), middle}, TEXT_RIGHT, FONT_REGULAR, size,
                   pen->theme->ink_faint, 0, text_get(&text));
    text_free(&span);
    text_free(&text);
}

static bool is_shown(const Sheet *s, const LadderRow *row) {
    return row->seq < s->place.seq_end && row->at <= s->place.t;
}

float ladder_view_draw(const LadderView *l, const Pen *pen, Rect area, Place place, float scroll, uint32_t selected) {
    float gutter = roundf(pen->type.small * 6.2f), head = head_height(pen);
    Sheet s = {l, pen, area, area.x + gutter, 0, place, selected, false};
    if (l->column_count == 0) return 0;
    s.step = (area.w - gutter) / (float)l->column_count;
    s.staggered = must_stagger(&s);
    if (s.staggered) head *= 2;
    float total = 0;
    size_t shown = 0;
    for (; shown < l->row_count && is_shown(&s, &l->rows[shown]); shown++)
        total += row_height(pen, l->rows[shown].kind);
    Rect body = {area.x, area.y + head, area.w, area.h - head};
    float slack = fmaxf(0, total + pen->type.unit * 2 - body.h);
    float y = body.y - fmaxf(0, slack - fminf(scroll, slack));
    draw_list_clip_push(pen->list, body);
    for (uint32_t i = 0; i < l->column_count; i++)
        draw_list_line(pen->list, (Point){roundf(column_x(&s, i)) + 0.5f, body.y},
                       (Point){roundf(column_x(&s, i)) + 0.5f, body.y + body.h}, pen->theme->line,
                       fmaxf(1, roundf(pen->type.scale)));
    float phase = 0;
    bool in_phase = false;
    for (size_t i = 0; i < shown; i++) {
        const LadderRow *row = &l->rows[i];
        if (row->kind == LADDER_PHASE) {
            if (in_phase) draw_bracket(&s, phase, y);
            in_phase = true;
            phase = y;
        }
        float height = row_height(pen, row->kind);
        if (y + height >= body.y && y <= body.y + body.h) {
            if (row->kind == LADDER_MESSAGE || row->kind == LADDER_QUIET) draw_message(&s, row, y);
            else if (row->kind == LADDER_STAGE) draw_stage(&s, row, y);
            else if (row->kind == LADDER_STATE) draw_state(&s, row, y);
            else if (row->kind == LADDER_PHASE) draw_phase(&s, row, y);
            else draw_pause(&s, row, y);
        }
        y += height;
    }
    if (in_phase) draw_bracket(&s, phase, y);
    draw_list_clip_pop(pen->list);
    draw_heads(&s);
    return slack;
}
