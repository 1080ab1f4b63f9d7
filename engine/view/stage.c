#include "view/stage.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/stage_parts.h"

const TimelineMachine *stage_main_machine(const Timeline *timeline, uint32_t host)
{
    static const char *const kinds[] = {".client", ".relay", ".server"};
    const TimelineState *state = timeline_state(timeline);
    const Directory *d = trace_directory(timeline_trace(timeline));
    size_t count;
    const uint32_t *slots = timeline_slots(timeline, host, TIMELINE_MACHINES, &count);
    for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
        const TimelineMachine *latest = NULL;
        for (size_t i = 0; i < count; i++) {
            const TimelineMachine *machine = &state->machines[slots[i]];
            if (!strstr(d->machines[machine->machine].spec->name, kinds[k]))
                continue;
            if (!latest || (machine->record != TIMELINE_NONE && (latest->record == TIMELINE_NONE || machine->record > latest->record)))
                latest = machine;
        }
        if (latest)
            return latest;
    }
    return NULL;
}

int stage_next_timer(const TimelineMachine *machine)
{
    int next = -1;
    for (int i = 0; i < MACHINE_TIMERS; i++)
        if (machine->timers[i].expires_at != SIM_NEVER && machine->timers[i].expires_at > machine->timers[i].set_at &&
            (next < 0 || machine->timers[i].expires_at < machine->timers[next].expires_at))
            next = i;
    return next;
}

void stage_arrange(Stage *stage, const Pen *pen, Rect area)
{
    const Directory *d = trace_directory(stage->story->trace);
    const TimelineState *state = timeline_state(stage->timeline);
    free(stage->plugged);
    stage->plugged = memory_new(d->link_count + 1);
    for (uint32_t i = 0; i < state->interface_count; i++)
        if (state->interfaces[i].link != TIMELINE_NONE && state->interfaces[i].up)
            stage->plugged[state->interfaces[i].link] = true;
    stage_layout_build(&stage->layout, stage->story, stage->plugged, rect_inset(area, pen->type.unit * 2), pen->type.unit);
}

void stage_free(Stage *stage)
{
    free(stage->plugged);
    stage_layout_free(&stage->layout);
}

/* ---- Messages under way ---- */

/* The way of one hop: from the sender's end of the cable; out of a switch it begins where the frame came in. */
static size_t path_of(const Stage *stage, const StoryTransit *t, Point *points)
{
    const Directory *d = trace_directory(stage->story->trace);
    const StageCable *cable = &stage->layout.cables[t->link];
    size_t count = 0;
    if (cable->count < 2)
        return 0;
    bool forward = d->links[t->link].end[0].host == t->from;
    if (t->previous != STORY_NONE) {
        const StoryTransit *in = &stage->story->transits[t->previous];
        const StageCable *before = &stage->layout.cables[in->link];
        if (before->count >= 2)
            points[count++] = before->points[d->links[in->link].end[0].host == t->from ? 0 : before->count - 1];
    }
    for (uint32_t i = 0; i < cable->count; i++)
        points[count++] = cable->points[forward ? i : cable->count - 1 - i];
    return count;
}

/* A line under the name: the address that is offered, asked for or given. */
static void put_detail(const Stage *stage, const StoryMessage *m, Text *to)
{
    if (!m->protocol || strcmp(m->protocol, "dhcp") != 0)
        return;
    Description description = {0};
    describe_frame(frame_store_get(trace_frames(stage->story->trace), m->frame), &description);
    const DescribedField *field = description_find(&description, "dhcp.yiaddr");
    const char *value = field ? description_value(&description, field) : "";
    if (!*value || strcmp(value, "0.0.0.0") == 0) {
        field = description_find(&description, "dhcp.option.requested_ip_address");
        value = field ? description_value(&description, field) : "";
    }
    if (!*value) {
        field = description_find(&description, "dhcp.ciaddr");
        value = field ? description_value(&description, field) : "";
        if (strcmp(value, "0.0.0.0") == 0)
            value = "";
    }
    text_put(to, value);
    description_free(&description);
}

static void draw_pill(const Stage *stage, const Pen *pen, uint32_t message, Point at, float alpha, bool lost)
{
    const StoryMessage *m = &stage->story->messages[message];
    const char *name = pen_message_name(pen, m);
    bool major = m->weight == WEIGHT_MAJOR, tiny = stage->layout.density == STAGE_TINY;
    float size = roundf((major ? pen->type.message : pen->type.small) * (tiny ? 0.7f : 1));
    Color color = pen_message_color(pen, m->protocol, m->name);
    float width = font_width(FONT_BOLD, size, name, strlen(name)) + size * 1.3f, height = roundf(size * 1.75f);
    Rect box = {roundf(at.x - width / 2), roundf(at.y - height / 2), roundf(width), height};
    draw_list_id(pen->list, hit_id(HIT_MESSAGE, message));
    if (message == stage->selected_message)
        draw_list_box(pen->list, rect_inset(box, -4 * pen->type.scale), height, 0, color_fade(color, alpha * 0.5f), 3 * pen->type.scale);
    draw_list_box(pen->list, rect_inset(box, -2 * pen->type.scale), height, color_fade(pen->theme->ground, alpha), 0, 0);
    draw_list_box(pen->list, box, height / 2, color_fade(lost ? pen->theme->tone[TONE_BAD] : color, alpha), 0, 0);
    draw_list_text(pen->list, (Point){box.x + box.w / 2, box.y + box.h / 2}, TEXT_CENTER, FONT_BOLD, size,
                   color_fade(pen->theme->on_accent, alpha), 0, name);
    if (major && !tiny) {
        Text detail = text_new();
        put_detail(stage, m, &detail);
        if (detail.size) {
            float small = pen->type.body, w = font_width(FONT_REGULAR, small, text_get(&detail), detail.size) + small;
            Rect under = {roundf(at.x - w / 2), box.y + box.h + pen->type.unit * 0.4f, roundf(w), roundf(small * 1.5f)};
            draw_list_box(pen->list, under, pen->type.unit * 0.5f, color_fade(pen->theme->card, alpha * 0.95f), color_fade(color, alpha), 1);
            draw_list_text(pen->list, (Point){at.x, under.y + under.h / 2}, TEXT_CENTER, FONT_REGULAR, small, color_fade(pen->theme->ink, alpha), 0,
                           text_get(&detail));
        }
        text_free(&detail);
    }
    draw_list_id(pen->list, 0);
}

/* Half the way along the cable, then off it. */
static void draw_lost(const Stage *stage, const Pen *pen, const StoryTransit *t, const Point *path, size_t count, float part)
{
    Point at = path_at(path, count, fminf(part, 0.5f), NULL);
    float fall = part > 0.5f ? (part - 0.5f) * 2 : 0;
    at.x += fall * 6 * pen->type.unit;
    at.y += fall * fall * 9 * pen->type.unit;
    draw_pill(stage, pen, t->message, at, 1 - fall * 0.75f, fall > 0);
    if (fall > 0) {
        Point gap = path_at(path, count, 0.5f, NULL);
        float reach = pen->type.unit;
        Color bad = pen->theme->tone[TONE_BAD];
        draw_list_line(pen->list, (Point){gap.x - reach, gap.y - reach}, (Point){gap.x + reach, gap.y + reach}, bad, 3 * pen->type.scale);
        draw_list_line(pen->list, (Point){gap.x - reach, gap.y + reach}, (Point){gap.x + reach, gap.y - reach}, bad, 3 * pen->type.scale);
    }
}

/* A small label beside a host, on the side that its cable leaves. */
static void draw_tag(const Stage *stage, const Pen *pen, uint32_t node, const char *words, Tone tone, float alpha)
{
    const StageNode *n = &stage->layout.nodes[node];
    if (n->box.w <= 0 || alpha <= 0)
        return;
    const Theme *theme = pen->theme;
    float size = stage->layout.density == STAGE_TINY ? pen->type.small * 0.8f : pen->type.body;
    float width = font_width(FONT_BOLD, size, words, strlen(words)) + size * 1.2f, height = roundf(size * 1.6f);
    float x = n->box.x + n->box.w / 2 - width / 2, gap = pen->type.unit * 0.5f;
    float y = n->between || !n->above ? n->box.y - height - gap : n->box.y + n->box.h + gap;
    Rect area = pen->list->clips[0];
    x = fminf(area.w - width - gap, fmaxf(gap, x));
    draw_list_box(pen->list, (Rect){roundf(x), roundf(y), roundf(width), height}, height * 0.3f, color_fade(theme->tone_soft[tone], alpha),
                  color_fade(theme->tone[tone], alpha), 1);
    draw_list_text(pen->list, (Point){x + width / 2, y + height / 2}, TEXT_CENTER, FONT_BOLD, size, color_fade(theme->tone_ink[tone], alpha), 0, words);
}

/* What a relay wrote into the message it is sending on. */
static void draw_stamp(const Stage *stage, const Pen *pen, const StoryMessage *m)
{
    const Trace *trace = stage->story->trace;
    for (uint32_t back = 0; back < 12 && back < m->seq; back++) {
        const TraceRecord *r = trace_get(trace, m->seq - back);
        if (r->kind != TRACE_FACT || r->host != m->sender || strcmp(trace_fact_spec(trace, r)->name, "dhcp.relayed") != 0)
            continue;
        const int64_t *values = trace_fact_values(trace, r);
        if (values[1] == 0)
            return;
        Text giaddr = text_new(), words = text_new();
        char hops[16];
        snprintf(hops, sizeof hops, "%d", (int)values[2]);
        ipv4_print(&giaddr, (Ipv4Address)values[1]);
        strings_fill(&words, pen->words, "stage.stamped", (StringsValue[]){{"giaddr", text_get(&giaddr)}, {"hops", hops}}, 2);
        draw_tag(stage, pen, m->sender, text_get(&words), TONE_ACTIVE, 1);
        text_free(&giaddr);
        text_free(&words);
        return;
    }
}

static float part_of(const StoryTransit *t, SimTime at)
{
    return t->to_at > t->from_at ? (float)((double)(at - t->from_at) / (double)(t->to_at - t->from_at)) : 1;
}

/* Rings that leave the port where a broadcast came into the switch. */
static void draw_ripple(const Stage *stage, const Pen *pen, const StoryTransit *t, float part, Rect area)
{
    const StoryMessage *m = &stage->story->messages[t->message];
    Point path[CABLE_POINTS + 1];
    if (!path_of(stage, t, path))
        return;
    Color color = pen_message_color(pen, m->protocol, m->name);
    float reach = fminf(area.w, area.h) * 0.62f;
    draw_list_clip_push(pen->list, area);
    for (int ring = 0; ring < 3; ring++) {
        float at = part - (float)ring * 0.16f;
        if (at > 0.02f)
            draw_list_circle(pen->list, path[0], reach * at, 0, color_fade(color, 0.30f * (1 - at)), 2.5f * pen->type.scale);
    }
    draw_list_clip_pop(pen->list);
}

/* After a hop, as long again as the hop took: who took the message, and who let it pass. */
static void draw_arrival(const Stage *stage, const Pen *pen, const StoryTransit *t)
{
    const Directory *d = trace_directory(stage->story->trace);
    const StoryMessage *m = &stage->story->messages[t->message];
    NodeKind kind = d->hosts[t->to].kind;
    if (kind == NODE_SWITCH || kind == NODE_HUB || t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN)
        return;
    SimTime hop = t->to_at - t->from_at, since = stage->place.t - t->to_at;
    if (hop <= 0 || since > hop)
        return;
    float alpha = 1 - (float)((double)since / (double)hop);
    Rect box = stage->layout.nodes[t->to].box;
    if (t->ignored != STORY_NONE) {
        const TraceRecord *r = trace_get(stage->story->trace, t->ignored);
        const char *reason = d->reasons[r->small], *words = strings_find_in(pen->words, "reason", reason);
        bool known = m->weight == WEIGHT_MAJOR && t->ignored < stage->place.seq_end;
        if (known)
            draw_tag(stage, pen, t->to, words ? words : strings_get(pen->words, "stage.ignores"), TONE_NEUTRAL, fminf(1, alpha * 1.5f));
    } else if (t->taken) {
        if (box.w > 0)
            draw_list_box(pen->list, rect_inset(box, -3 * pen->type.scale), pen->type.unit * 1.5f, 0,
                          color_fade(pen_message_color(pen, m->protocol, m->name), alpha), 3 * pen->type.scale);
    } else if (m->weight == WEIGHT_MAJOR) {
        draw_tag(stage, pen, t->to, strings_get(pen->words, "stage.ignores"), TONE_NEUTRAL, fminf(1, alpha * 1.5f));
    }
}

static void draw_messages(const Stage *stage, const Pen *pen, Rect area)
{
    const Story *story = stage->story;
    SimTime t = stage->place.t;
    uint32_t rippled = STORY_NONE;
    for (size_t i = story_first_transit(story, t); i < story->transit_count; i++) {
        const StoryTransit *transit = &story->transits[i];
        if (transit->from_at > t || transit->seq >= stage->place.seq_end)
            break;
        if (t >= transit->to_at)
            draw_arrival(stage, pen, transit);
    }
    for (size_t i = story_first_transit(story, t); i < story->transit_count; i++) {
        const StoryTransit *transit = &story->transits[i];
        const StoryMessage *m = &story->messages[transit->message];
        if (transit->from_at > t || transit->seq >= stage->place.seq_end)
            break;
        if (t >= transit->to_at)
            continue;
        Point path[CABLE_POINTS + 1];
        size_t count = path_of(stage, transit, path);
        if (count < 2)
            continue;
        float part = part_of(transit, t);
        Color color = pen_message_color(pen, m->protocol, m->name);
        if (m->broadcast && m->weight == WEIGHT_MAJOR && transit->previous != STORY_NONE && transit->previous != rippled) {
            rippled = transit->previous;
            draw_ripple(stage, pen, transit, part, area);
        }
        draw_list_polyline(pen->list, path, count, color_fade(color, 0.55f), 4 * pen->type.scale, 0, 0);
        if (transit->verdict == FRAME_LOST || transit->verdict == FRAME_LINK_DOWN)
            draw_lost(stage, pen, transit, path, count, part);
        else
            draw_pill(stage, pen, transit->message, path_at(path, count, part, NULL), 1, false);
        if (transit->previous == STORY_NONE)
            draw_stamp(stage, pen, m);
    }
}

void stage_draw(const Stage *stage, const Pen *pen, Rect area)
{
    const Directory *d = trace_directory(stage->story->trace);
    stage_draw_ghosts(stage, pen);
    stage_draw_cables(stage, pen);
    stage_draw_bars(stage, pen);
    for (uint32_t host = 0; host < stage->layout.node_count; host++)
        if (d->hosts[host].kind != NODE_SWITCH && d->hosts[host].kind != NODE_HUB && stage->layout.nodes[host].box.w > 0)
            stage_draw_host(stage, pen, host);
    draw_messages(stage, pen, area);
}
