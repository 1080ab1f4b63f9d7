#include "view/stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/detail.h"
#include "view/stage_mail.h"
#include "view/stage_parts.h"

const TimelineMachine *stage_main_machine(const Timeline *timeline, uint32_t host) {
    static const char *const kinds[] = {".client", ".relay", ".server"};
    const TimelineState *state = timeline_state(timeline);
    const Directory *d = trace_directory(timeline_trace(timeline));
    size_t count;
    const uint32_t *slots = timeline_slots(timeline, host, TIMELINE_MACHINES, &count);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const TimelineMachine *latest = NULL;
        for (size_t i = 0; i < count; i++) {
            const TimelineMachine *machine = &state->machines[slots[i]];
            if (!strstr(d->machines[machine->machine].spec->name, kinds[k])) continue;
            if (!latest || (machine->record != TIMELINE_NONE &&
                            (latest->record == TIMELINE_NONE || machine->record > latest->record)))
                latest = machine;
        }
        if (latest) return latest;
    }
    return NULL;
}

int stage_next_timer(const TimelineMachine *machine) {
    int next = -1;
    for (int i = 0; i < MACHINE_TIMERS; i++)
        if (machine->timers[i].expires_at != SIM_NEVER && machine->timers[i].expires_at > machine->timers[i].set_at &&
            (next < 0 || machine->timers[i].expires_at < machine->timers[next].expires_at))
            next = i;
    return next;
}

void stage_arrange(Stage *stage, const Pen *pen, Rect area) {
    const Directory *d = trace_directory(stage->story->trace);
    const TimelineState *state = timeline_state(stage->timeline);
    stage->area = area;
    free(stage->plugged);
    stage->plugged = memory_new(d->link_count + 1);
    for (uint32_t i = 0; i < state->interface_count; i++)
        if (state->interfaces[i].link != TIMELINE_NONE && state->interfaces[i].up)
            stage->plugged[state->interfaces[i].link] = true;
    stage_layout_build(&stage->layout, stage->story, stage->plugged, rect_inset(area, pen->type.unit * 2),
                       pen->type.unit);
}

void stage_free(Stage *stage) {
    free(stage->plugged);
    stage_layout_free(&stage->layout);
}

/* ---- Messages under way ---- */

static float pen_token_reach(const Pen *pen) { return pen->type.message * 0.9f; }

static Point towards(Point from, Point to, float by) {
    float dx = to.x - from.x, dy = to.y - from.y, length = hypotf(dx, dy);
    by = fminf(by, length * 0.4f);
    return length > 0 ? (Point){from.x + dx / length * by, from.y + dy / length * by} : from;
}

/* Does the switch send more than one copy of it? */
static bool is_flood(const Story *story, const StoryTransit *t) {
    const StoryMessage *m = &story->messages[t->message];
    int copies = 0;
    for (uint32_t i = 0; i < m->count; i++)
        copies += story->transits[story->by_message[m->first + i]].previous == t->previous;
    return copies > 1;
}

/* The way of one hop: from the sender's end of the cable; out of a switch it begins where the frame came in,
 * unless there are several copies, which would cover each other: each of them begins at its own port. */
static size_t path_of(const Stage *stage, const Pen *pen, const StoryTransit *t, Point *points) {
    const Directory *d = trace_directory(stage->story->trace);
    const StageCable *cable = &stage->layout.cables[t->link];
    size_t count = 0;
    if (cable->count < 2) return 0;
    bool forward = d->links[t->link].end[0].host == t->from;
    if (t->previous != STORY_NONE && !is_flood(stage->story, t)) {
        const StoryTransit *in = &stage->story->transits[t->previous];
        const StageCable *before = &stage->layout.cables[in->link];
        if (before->count >= 2)
            points[count++] = before->points[d->links[in->link].end[0].host == t->from ? 0 : before->count - 1];
    }
    for (uint32_t i = 0; i < cable->count; i++) points[count++] = cable->points[forward ? i : cable->count - 1 - i];
    /* The name stays clear of the card that it leaves or nears. */
    float clear = pen_token_reach(pen);
    if (t->previous == STORY_NONE) points[0] = towards(points[0], points[1], clear);
    NodeKind end = d->hosts[t->to].kind;
    if (end != NODE_SWITCH && end != NODE_HUB) points[count - 1] = towards(points[count - 1], points[count - 2], clear);
    if (t->previous != STORY_NONE && count == cable->count) {
        /* Out of the bar, not from its middle. */
        Rect bar = stage->layout.nodes[t->from].box;
        bool upright = points[0].x == points[1].x;
        if (upright) points[0].y += points[1].y > points[0].y ? bar.h / 2 : -bar.h / 2;
    }
    return count;
}

/* A message's name on the stage, and where. */
typedef struct {
    uint32_t message;
    Point at;                          /* the middle of the name */
    float width, height, detail_width; /* height with the detail */
    float size, alpha;
    bool lost, detail_above; /* away from the card it nears */
    uint32_t link, from;
    int count; /* of alike messages that travel as one */
    char name[48], detail[120];
} Token;

enum { TOKENS = 64 };
typedef struct {
    Token items[TOKENS];
    size_t count;
} Tokens;

/* Alike and together on one cable: one name, with their number. Those of two servers with two addresses stay two. */
static bool joins_token(Tokens *tokens, const Token *token, float near) {
    for (size_t i = 0; i < tokens->count; i++) {
        Token *other = &tokens->items[i];
        if (other->link == token->link && other->from == token->from && other->lost == token->lost &&
            strcmp(other->name, token->name) == 0 && strcmp(other->detail, token->detail) == 0 &&
            fabsf(other->at.x - token->at.x) < near && fabsf(other->at.y - token->at.y) < near) {
            other->count++;
            return true;
        }
    }
    return false;
}

/* "MAIL" that is sent once more. */
static void put_again(const Pen *pen, const StoryMessage *m, Token *token) {
    Text words = text_new();
    strings_fill(&words, pen->words, "stage.again", (StringsValue[]){{"message", pen_message_name(pen, m)}}, 1);
    snprintf(token->name, sizeof token->name, "%s", text_get(&words));
    text_free(&words);
}

static void add_token(const Stage *stage, const Pen *pen, Tokens *tokens, const StoryTransit *t, Point at, float alpha,
                      bool lost) {
    const StoryMessage *m = &stage->story->messages[t->message];
    bool major = m->weight == WEIGHT_MAJOR, full = stage->layout.density != STAGE_TINY;
    Token token = {
        .message = t->message, .at = at, .alpha = alpha, .lost = lost, .link = t->link, .from = t->from, .count = 1};
    snprintf(token.name, sizeof token.name, "%s", pen_message_name(pen, m));
    if (major && stage->layout.density == STAGE_FULL) {
        Text detail = text_new();
        message_put_detail(stage->story, m, &detail);
        size_t fits = font_fit(FONT_REGULAR, pen->type.body, text_get(&detail), detail.size, 28 * pen->type.unit);
        bool cut = fits < detail.size;
        if (fits > sizeof token.detail - 4) fits = 0; /* a code point takes four octets at most: never met */
        snprintf(token.detail, sizeof token.detail, "%.*s%s", (int)fits, text_get(&detail), cut ? "..." : "");
        text_free(&detail);
    }
    if (m->again) put_again(pen, m, &token);
    token.size = roundf((major ? pen->type.message : pen->type.small) * (full ? 1 : 0.7f));
    token.height = roundf(token.size * 1.75f);
    if (joins_token(tokens, &token, token.height * 1.2f) || tokens->count == TOKENS) return;
    NodeKind to = trace_directory(stage->story->trace)->hosts[t->to].kind;
    uint32_t host = to == NODE_SWITCH || to == NODE_HUB ? t->from : t->to;
    token.detail_above = !stage->layout.nodes[host].above;
    tokens->items[tokens->count++] = token;
}

/* What each name takes, once it is known how many go together. */
static void measure_tokens(const Stage *stage, const Pen *pen, Tokens *tokens) {
    for (size_t i = 0; i < tokens->count; i++) {
        Token *token = &tokens->items[i];
        if (stage->layout.crowded) token->name[utf8_next(token->name, strlen(token->name), &(uint32_t){0})] = '\0';
        size_t size = strlen(token->name);
        if (token->count > 1) snprintf(token->name + size, sizeof token->name - size, " \xC3\x97%d", token->count);
        token->width =
            fmaxf(token->height,
                  roundf(font_width(FONT_BOLD, token->size, token->name, strlen(token->name)) + token->size * 1.1f));
        if (token->detail[0]) {
            token->detail_width =
                font_width(FONT_REGULAR, pen->type.body, token->detail, strlen(token->detail)) + pen->type.body;
            token->height += pen->type.unit * 0.4f + roundf(pen->type.body * 1.5f);
        }
    }
}

/* Names that would cover each other move apart sideways, the more the nearer they are in height. */
static void part_tokens(const Pen *pen, Tokens *tokens, Rect area) {
    for (int round = 0; round < 4; round++)
        for (size_t i = 0; i < tokens->count; i++)
            for (size_t k = i + 1; k < tokens->count; k++) {
                Token *a = &tokens->items[i], *b = &tokens->items[k];
                float wide = (fmaxf(a->width, a->detail_width) + fmaxf(b->width, b->detail_width)) / 2 + pen->type.unit;
                float high = fmaxf(a->height, b->height), dx = b->at.x - a->at.x, dy = fabsf(b->at.y - a->at.y);
                if (fabsf(dx) >= wide || dy >= high) continue;
                float push = (wide - fabsf(dx)) / 2 * fminf(1, (high - dy) / high * 3), sign = dx < 0 ? -1 : 1;
                a->at.x -= sign * push;
                b->at.x += sign * push;
            }
    for (size_t i = 0; i < tokens->count; i++) {
        float half = fmaxf(tokens->items[i].width, tokens->items[i].detail_width) / 2 + pen->type.unit * 0.5f;
        tokens->items[i].at.x = fminf(area.x + area.w - half, fmaxf(area.x + half, tokens->items[i].at.x));
    }
}

static void draw_token(const Stage *stage, const Pen *pen, const Token *token) {
    const StoryMessage *m = &stage->story->messages[token->message];
    Color color = pen_message_color(pen, m->protocol, m->name);
    float height = roundf(token->size * 1.75f), scale = pen->type.scale, alpha = token->alpha;
    Rect box = {roundf(token->at.x - token->width / 2), roundf(token->at.y - height / 2), token->width, height};
    draw_list_id(pen->list, hit_id(HIT_MESSAGE, token->message));
    if (token->message == stage->selected_message)
        draw_list_box(pen->list, rect_inset(box, -4 * scale), height, 0, color_fade(color, alpha * 0.5f), 3 * scale);
    draw_list_box(pen->list, rect_inset(box, -2 * scale), height, color_fade(pen->theme->ground, alpha), 0, 0);
    draw_list_box(pen->list, box, height / 2, color_fade(token->lost ? pen->theme->tone[TONE_BAD] : color, alpha), 0,
                  0);
    draw_list_text(pen->list, (Point){box.x + box.w / 2, box.y + box.h / 2}, TEXT_CENTER, FONT_BOLD, token->size,
                   color_fade(pen->theme->on_accent, alpha), 0, token->name);
    if (token->detail[0]) {
        float size = pen->type.body;
        float below = box.y + box.h + pen->type.unit * 0.4f,
              above = box.y - pen->type.unit * 0.4f - roundf(size * 1.5f);
        Rect under = {roundf(token->at.x - token->detail_width / 2), token->detail_above ? above : below,
                      roundf(token->detail_width), roundf(size * 1.5f)};
        draw_list_box(pen->list, under, pen->type.unit * 0.5f, color_fade(pen->theme->card, alpha * 0.95f),
                      color_fade(color, alpha), 1);
        draw_list_text(pen->list, (Point){token->at.x, under.y + under.h / 2}, TEXT_CENTER, FONT_REGULAR, size,
                       color_fade(pen->theme->ink, alpha), 0, token->detail);
    }
    draw_list_id(pen->list, 0);
}

/* Half the way along the cable, then off it. */
static void draw_lost(const Stage *stage, const Pen *pen, Tokens *tokens, const StoryTransit *t, const Point *path,
                      size_t count, float part) {
    Point at = path_at(path, count, fminf(part, 0.5f), NULL);
    float fall = part > 0.5f ? (part - 0.5f) * 2 : 0;
    at.x += fall * 6 * pen->type.unit;
    at.y += fall * fall * 9 * pen->type.unit;
    add_token(stage, pen, tokens, t, at, 1 - fall * 0.75f, fall > 0);
    if (fall > 0) {
        Point gap = path_at(path, count, 0.5f, NULL);
        float reach = pen->type.unit;
        Color bad = pen->theme->tone[TONE_BAD];
        draw_list_line(pen->list, (Point){gap.x - reach, gap.y - reach}, (Point){gap.x + reach, gap.y + reach}, bad,
                       3 * pen->type.scale);
        draw_list_line(pen->list, (Point){gap.x - reach, gap.y + reach}, (Point){gap.x + reach, gap.y - reach}, bad,
                       3 * pen->type.scale);
    }
}

/* A small label beside a host, on the side that its cable leaves. */
static void draw_tag(const Stage *stage, const Pen *pen, uint32_t node, const char *words, Tone tone, float alpha) {
    const StageNode *n = &stage->layout.nodes[node];
    if (n->box.w <= 0 || alpha <= 0 || stage->layout.density == STAGE_TINY) return;
    const Theme *theme = pen->theme;
    float size = stage->layout.density == STAGE_FULL ? pen->type.body : pen->type.small * 0.85f;
    float width = font_width(FONT_BOLD, size, words, strlen(words)) + size * 1.2f, height = roundf(size * 1.6f);
    float x = n->box.x + n->box.w / 2 - width / 2, gap = pen->type.unit * 0.5f;
    float y = n->between || !n->above ? n->box.y - height - gap : n->box.y + n->box.h + gap;
    x = fminf(stage->area.x + stage->area.w - width - gap, fmaxf(stage->area.x + gap, x));
    draw_list_box(pen->list, (Rect){roundf(x), roundf(y), roundf(width), height}, height * 0.3f,
                  color_fade(theme->tone_soft[tone], alpha), color_fade(theme->tone[tone], alpha), 1);
    draw_list_text(pen->list, (Point){x + width / 2, y + height / 2}, TEXT_CENTER, FONT_BOLD, size,
                   color_fade(theme->tone_ink[tone], alpha), 0, words);
}

/* What a relay wrote into the message it is sending on. */
static void draw_stamp(const Stage *stage, const Pen *pen, const StoryMessage *m) {
    const Trace *trace = stage->story->trace;
    for (uint32_t back = 0; back < 12 && back < m->seq; back++) {
        const TraceRecord *r = trace_get(trace, m->seq - back);
        if (r->kind != TRACE_FACT || r->host != m->sender ||
            strcmp(trace_fact_spec(trace, r)->name, "dhcp.relayed") != 0)
            continue;
        const int64_t *values = trace_fact_values(trace, r);
        if (values[1] == 0) return;
        Text giaddr = text_new(), words = text_new();
        char hops[16];
        snprintf(hops, sizeof hops, "%d", (int)values[2]);
        ipv4_print(&giaddr, (Ipv4Address)values[1]);
        strings_fill(&words, pen->words, "stage.stamped",
                     (StringsValue[]){{"giaddr", text_get(&giaddr)}, {"hops", hops}}, 2);
        draw_tag(stage, pen, m->sender, text_get(&words), TONE_ACTIVE, 1);
        text_free(&giaddr);
        text_free(&words);
        return;
    }
}

static Tone tone_of_fact(const char *fact) {
    static const char *const bad[] = {"address.conflict", "dhcp.unbound", "dhcp.pool_exhausted", "dns.failed",
                                      "echo.failed"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (strcmp(bad[i], fact) == 0) return TONE_BAD;
    if (strcmp(fact, "dns.resolved") == 0) return TONE_GOOD;
    return strcmp(fact, "echo.reply") == 0         ? TONE_GOOD
           : strcmp(fact, "address.defended") == 0 ? TONE_WARN
                                                   : TONE_ACTIVE;
}

/* What hosts have just found out, the latest of each. */
static void draw_notes(const Stage *stage, const Pen *pen) {
    static const SimTime shown_for = 1200 * SIM_MILLISECOND;
    const Story *story = stage->story;
    uint32_t told[8];
    size_t count = 0;
    for (size_t i = story->note_count; i-- > 0 && count < 8;) {
        const TraceRecord *r = trace_get(story->trace, story->notes[i]);
        if (story->notes[i] >= stage->place.seq_end || r->at > stage->place.t) continue;
        if (stage->place.t - r->at > shown_for) break;
        bool again = false;
        for (size_t k = 0; k < count; k++) again |= told[k] == r->host;
        Text words = text_new();
        if (!again && pen_put_fact(pen, story, r, "note", &words)) {
            told[count++] = r->host;
            draw_tag(stage, pen, r->host, text_get(&words), tone_of_fact(trace_fact_spec(story->trace, r)->name), 1);
        }
        text_free(&words);
    }
}

static float part_of(const StoryTransit *t, SimTime at) {
    return t->to_at > t->from_at ? (float)((double)(at - t->from_at) / (double)(t->to_at - t->from_at)) : 1;
}

/* Where the frame came into the switch. */
static bool entry_of(const Stage *stage, const StoryTransit *t, Point *at) {
    const Directory *d = trace_directory(stage->story->trace);
    if (t->previous == STORY_NONE) return false;
    const StoryTransit *in = &stage->story->transits[t->previous];
    const StageCable *cable = &stage->layout.cables[in->link];
    if (cable->count < 2) return false;
    *at = cable->points[d->links[in->link].end[0].host == t->from ? 0 : cable->count - 1];
    return true;
}

/* A copy goes out on every cable: the switch lights up, and rings leave the port where the frame came in. */
static void draw_ripples(const Stage *stage, const Pen *pen, Rect area) {
    const Story *story = stage->story;
    SimTime now = stage->place.t;
    uint32_t rippled = STORY_NONE;
    int floods = 0; /* of a storm only the first few */
    for (size_t i = story_first_transit(story, now); i < story->transit_count; i++) {
        const StoryTransit *t = &story->transits[i];
        const StoryMessage *m = &story->messages[t->message];
        if (t->from_at > now || t->seq >= stage->place.seq_end) break;
        Point entry;
        if (now >= t->to_at || t->previous == rippled || m->weight != WEIGHT_MAJOR || !is_flood(story, t) ||
            !entry_of(stage, t, &entry))
            continue;
        rippled = t->previous;
        if (++floods > 3) break;
        Color color = pen_message_color(pen, m->protocol, m->name);
        float part = part_of(t, now), reach = fminf(area.w, area.h) * 0.7f;
        Rect bar = stage->layout.nodes[t->from].box;
        draw_list_box(pen->list, bar, pen->type.unit * 0.75f, color_fade(color, 0.22f * (1 - part * 0.6f)),
                      color_fade(color, 1 - part * 0.6f), 2 * pen->type.scale);
        for (int ring = 0; ring < 3; ring++) {
            float at = part - (float)ring * 0.16f;
            if (at > 0.02f)
                draw_list_circle(pen->list, entry, reach * at, 0, color_fade(color, 0.30f * (1 - at)),
                                 2.5f * pen->type.scale);
        }
    }
}

/* After a hop, as long again as the hop took: who took the message, and who let it pass. */
static void draw_arrival(const Stage *stage, const Pen *pen, const StoryTransit *t) {
    const Directory *d = trace_directory(stage->story->trace);
    const StoryMessage *m = &stage->story->messages[t->message];
    NodeKind kind = d->hosts[t->to].kind;
    if (kind == NODE_SWITCH || kind == NODE_HUB || t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN) return;
    SimTime hop = t->to_at - t->from_at, since = stage->place.t - t->to_at;
    if (hop <= 0 || since > hop || m->weight == WEIGHT_DETAIL) return;
    float alpha = 1 - (float)((double)since / (double)hop);
    Rect box = stage->layout.nodes[t->to].box;
    if (!t->taken && !timeline_state(stage->timeline)->hosts[t->to].powered) return;
    if (t->ignored != STORY_NONE) {
        const TraceRecord *r = trace_get(stage->story->trace, t->ignored);
        const char *reason = d->reasons[r->small], *words = strings_find_in(pen->words, "reason", reason);
        bool known = m->weight == WEIGHT_MAJOR && t->ignored < stage->place.seq_end;
        /* The reason, where it is no wider than the card. */
        bool room = words && font_width(FONT_BOLD, pen->type.body, words, strlen(words)) + pen->type.body * 1.2f <
                                 box.w + 2 * pen->type.unit;
        if (known)
            draw_tag(stage, pen, t->to, room ? words : strings_get(pen->words, "stage.ignores"), TONE_NEUTRAL,
                     fminf(1, alpha * 1.5f));
    } else if (t->taken) {
        if (box.w > 0)
            draw_list_box(pen->list, rect_inset(box, -3 * pen->type.scale), pen->type.unit * 1.5f, 0,
                          color_fade(pen_message_color(pen, m->protocol, m->name), alpha), 3 * pen->type.scale);
    } else if (m->weight == WEIGHT_MAJOR) {
        draw_tag(stage, pen, t->to, strings_get(pen->words, "stage.ignores"), TONE_NEUTRAL, fminf(1, alpha * 1.5f));
    }
}

/* The cables that carry something now, in its colour. */
static void draw_ways(const Stage *stage, const Pen *pen) {
    const Story *story = stage->story;
    SimTime t = stage->place.t;
    bool *drawn = memory_new(stage->layout.cable_count + 1); /* in a storm a cable carries many frames */
    for (size_t i = story_first_transit(story, t); i < story->transit_count; i++) {
        const StoryTransit *transit = &story->transits[i];
        if (transit->from_at > t || transit->seq >= stage->place.seq_end) break;
        if (t >= transit->to_at || drawn[transit->link]) continue;
        if (story->messages[transit->message].weight == WEIGHT_DETAIL && !stage->segments) continue;
        Point path[CABLE_POINTS + 1];
        size_t count = path_of(stage, pen, transit, path);
        if (count < 2) continue;
        drawn[transit->link] = true;
        const StoryMessage *m = &story->messages[transit->message];
        draw_list_polyline(pen->list, path, count, color_fade(pen_message_color(pen, m->protocol, m->name), 0.5f),
                           4 * pen->type.scale, 0, 0);
    }
    free(drawn);
}

/* A segment that only acknowledges, or carries on with what another began. */
static void draw_dot(const Stage *stage, const Pen *pen, const StoryTransit *t, const Point *path, size_t count,
                     float part) {
    const StoryMessage *m = &stage->story->messages[t->message];
    bool lost = t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN;
    Point at = path_at(path, count, lost ? fminf(part, 0.5f) : part, NULL);
    bool data = strcmp(m->name, "DATA") == 0;
    float radius = pen->type.unit * (data ? 0.55f : 0.35f);
    Color color = lost && part > 0.5f ? pen->theme->tone[TONE_BAD] : pen_message_color(pen, m->protocol, m->name);
    draw_list_id(pen->list, hit_id(HIT_MESSAGE, t->message));
    draw_list_circle(pen->list, at, radius, color, pen->theme->ground, pen->type.scale);
    draw_list_id(pen->list, 0);
}

static void draw_messages(const Stage *stage, const Pen *pen, Rect area) {
    const Story *story = stage->story;
    SimTime t = stage->place.t;
    Tokens tokens = {.count = 0};
    for (size_t i = story_first_transit(story, t); i < story->transit_count; i++) {
        const StoryTransit *transit = &story->transits[i];
        if (transit->from_at > t || transit->seq >= stage->place.seq_end) break;
        if (t >= transit->to_at) draw_arrival(stage, pen, transit);
    }
    for (size_t i = story_first_transit(story, t); i < story->transit_count; i++) {
        const StoryTransit *transit = &story->transits[i];
        const StoryMessage *m = &story->messages[transit->message];
        if (transit->from_at > t || transit->seq >= stage->place.seq_end) break;
        if (t >= transit->to_at) continue;
        Point path[CABLE_POINTS + 1];
        size_t count = path_of(stage, pen, transit, path);
        if (count < 2) continue;
        float part = part_of(transit, t);
        if (m->weight == WEIGHT_DETAIL && !stage->segments) {
            draw_dot(stage, pen, transit, path, count, part);
            continue;
        }
        if (transit->verdict == FRAME_LOST || transit->verdict == FRAME_LINK_DOWN)
            draw_lost(stage, pen, &tokens, transit, path, count, part);
        else
            add_token(stage, pen, &tokens, transit, path_at(path, count, part, NULL), 1, false);
        if (transit->previous == STORY_NONE) draw_stamp(stage, pen, m);
    }
    measure_tokens(stage, pen, &tokens);
    part_tokens(pen, &tokens, area);
    for (size_t i = 0; i < tokens.count; i++) draw_token(stage, pen, &tokens.items[i]);
}

void stage_draw(const Stage *stage, const Pen *pen, Rect area) {
    const Directory *d = trace_directory(stage->story->trace);
    stage_draw_ghosts(stage, pen);
    stage_draw_tubes(stage, pen);
    stage_draw_cables(stage, pen);
    draw_ways(stage, pen);
    stage_draw_bars(stage, pen);
    draw_ripples(stage, pen, area);
    for (uint32_t host = 0; host < stage->layout.node_count; host++)
        if (d->hosts[host].kind != NODE_SWITCH && d->hosts[host].kind != NODE_HUB &&
            stage->layout.nodes[host].box.w > 0)
            stage_draw_host(stage, pen, host);
    draw_notes(stage, pen);
    draw_messages(stage, pen, area);
}
