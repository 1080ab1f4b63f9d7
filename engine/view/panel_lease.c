#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/panels.h"
#include "view/stage_parts.h"

typedef struct {
    const Scene *scene;
    const Pen *pen;
    Rect box;
    float y;
} Column;

static void put_left(Text *to, const Pen *pen, SimTime until, SimTime t) {
    if (until == SIM_NEVER) {
        text_put(to, strings_get(pen->words, "lease.forever"));
        return;
    }
    Text span = text_new();
    pen_put_span(&span, until > t ? until - t : 0);
    strings_fill(to, pen->words, "lease.left", (StringsValue[]){{"span", text_get(&span)}}, 1);
    text_free(&span);
}

/* The moment of T1 or T2 under its notch; pushed right by what stands there. Returns its right end. */
static float draw_mark_label(const Pen *pen, Rect bar, const TimelineLease *lease, SimTime at, const char *name,
                             float y, float from) {
    double whole = (double)(lease->expires_at - lease->started_at);
    float part = whole > 0 ? (float)((double)(at - lease->started_at) / whole) : 0;
    Text clock = text_new();
    text_print(&clock, "%s ", name);
    if (at < 60 * SIM_SECOND)
        text_print(&clock, "%d.%d s", (int)(at / SIM_SECOND), (int)(at % SIM_SECOND / (SIM_SECOND / 10)));
    else if (at < 3600 * SIM_SECOND)
        text_print(&clock, "%d:%02d", (int)(at / SIM_SECOND / 60), (int)(at / SIM_SECOND % 60));
    else
        text_print(&clock, "%d:%02d:%02d", (int)(at / SIM_SECOND / 3600), (int)(at / SIM_SECOND / 60 % 60),
                   (int)(at / SIM_SECOND % 60));
    float width = font_width(FONT_REGULAR, pen->type.small, clock.at, strlen(clock.at));
    float x = fmaxf(from, fminf(bar.x + bar.w - width, bar.x + bar.w * part - width / 2));
    draw_list_text(pen->list, (Point){x, y}, TEXT_LEFT, FONT_REGULAR, pen->type.small, pen->theme->ink_soft, 0,
                   clock.at);
    text_free(&clock);
    return x + width;
}

static void draw_lease(Column *c, const TimelineLease *lease) {
    const Pen *pen = c->pen;
    float u = pen->type.unit, x = c->box.x, width = c->box.w;
    SimTime t = c->scene->place.t;
    const TimelineMachine *machine = timeline_machine(c->scene->timeline, lease->host, "dhcp.client", lease->subject);
    const char *state = machine ? timeline_state_name(c->scene->timeline, machine) : "";
    const char *word = lease->held ? pen_word(pen, "state", state) : strings_get(pen->words, "lease.none");
    Text address = text_new(), left = text_new(), server = text_new(), line = text_new();
    ipv4_print(&address, lease->address);
    ipv4_print(&server, lease->server);
    float middle = c->y + pen->type.label;
    float name = draw_list_text(pen->list, (Point){x, middle}, TEXT_LEFT, FONT_BOLD, pen->type.label, pen->theme->ink,
                                width * 0.4f, story_node_name(c->scene->story, lease->host));
    draw_list_text(pen->list, (Point){x + name + 1.5f * u, middle}, TEXT_LEFT, FONT_REGULAR, pen->type.label,
                   lease->held ? pen->theme->ink : pen->theme->ink_faint, width * 0.4f, text_get(&address));
    float chip = pen_chip_width(word, pen->type.small);
    pen_chip(pen, (Point){x + width - chip, middle}, lease->held ? tone_of_state(state) : TONE_BAD, word,
             pen->type.small, 0);
    c->y += pen->type.label * 2 + u;
    if (lease->held) {
        Rect bar = {x, c->y, width, roundf(1.5f * u)};
        stage_draw_lease_bar(pen, bar, lease, t);
        c->y += 2.2f * u;
        if (lease->expires_at != SIM_NEVER) {
            float labels = c->y + pen->type.small * 0.8f;
            float right = draw_mark_label(pen, bar, lease, lease->t1_at, "T1", labels, x);
            draw_mark_label(pen, bar, lease, lease->t2_at, "T2", labels, right + u);
            c->y += pen->type.small * 1.7f;
        }
        put_left(&left, pen, lease->expires_at, t);
        strings_fill(&line, pen->words, "lease.from",
                     (StringsValue[]){{"server", text_get(&server)}, {"left", text_get(&left)}}, 2);
    } else if (lease->ended) {
        text_put(&line, pen_word(pen, "name", lease->ended));
    }
    draw_list_text(pen->list, (Point){x, c->y + pen->type.body * 0.7f}, TEXT_LEFT, FONT_REGULAR, pen->type.body,
                   pen->theme->ink_soft, width, text_get(&line));
    c->y += pen->type.body * 1.5f + 2.5f * u;
    text_free(&address);
    text_free(&left);
    text_free(&server);
    text_free(&line);
}

static void put_owner(const Scene *scene, MacAddress mac, Text *to) {
    const TimelineState *state = timeline_state(scene->timeline);
    for (size_t i = 0; i < state->interface_count; i++)
        if (mac_equal(state->interfaces[i].mac, mac)) {
            text_put(to, story_node_name(scene->story, state->interfaces[i].host));
            return;
        }
    mac_print(to, mac);
}

static void draw_binding(Column *c, const TimelineBinding *binding) {
    const Pen *pen = c->pen;
    float row = roundf(pen->type.small * 2.1f), middle = c->y + row / 2, size = pen->type.small, x = c->box.x,
          width = c->box.w;
    Text address = text_new(), owner = text_new(), left = text_new();
    ipv4_print(&address, binding->address);
    put_owner(c->scene, binding->client, &owner);
    if (strcmp(binding->state, "FREE") != 0) put_left(&left, pen, binding->expires_at, c->scene->place.t);
    draw_list_line(pen->list, (Point){x, c->y}, (Point){x + width, c->y}, pen->theme->line, 1);
    draw_list_text(pen->list, (Point){x, middle}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink, width * 0.3f,
                   text_get(&address));
    draw_list_text(pen->list, (Point){x + width * 0.31f, middle}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink_soft,
                   width * 0.15f, text_get(&owner));
    pen_chip(pen, (Point){x + width * 0.47f, middle}, tone_of_state(binding->state),
             pen_word(pen, "state", binding->state), size, width * 0.31f);
    draw_list_text(pen->list, (Point){x + width, middle}, TEXT_RIGHT, FONT_REGULAR, size, pen->theme->ink_faint,
                   width * 0.21f, text_get(&left));
    text_free(&address);
    text_free(&owner);
    text_free(&left);
    c->y += row;
}

float lease_panel_draw(const Scene *scene, const Pen *pen, Rect box, float scroll) {
    const TimelineState *state = timeline_state(scene->timeline);
    Column c = {scene, pen, box, box.y - scroll};
    draw_list_clip_push(pen->list, (Rect){box.x - 4, box.y, box.w + 8, box.h});
    c.y = pen_heading(pen, box.x, c.y, box.w, strings_get(pen->words, "lease.clients"));
    bool any = false;
    for (size_t i = 0; i < state->lease_count; i++)
        if (state->leases[i].record != TIMELINE_NONE) {
            draw_lease(&c, &state->leases[i]);
            any = true;
        }
    if (!any) {
        draw_list_text(pen->list, (Point){box.x, c.y + pen->type.body}, TEXT_LEFT, FONT_REGULAR, pen->type.body,
                       pen->theme->ink_soft, box.w, strings_get(pen->words, "lease.nobody"));
        c.y += pen->type.body * 2 + pen->type.unit * 2;
    }
    for (uint32_t host = 0; host < state->host_count; host++) {
        bool headed = false;
        size_t count;
        const uint32_t *slots = timeline_slots(scene->timeline, host, TIMELINE_BINDINGS, &count);
        for (size_t i = 0; i < count; i++) {
            const TimelineBinding *binding = &state->bindings[slots[i]];
            if (!binding->state) continue;
            if (!headed) {
                Text heading = text_new();
                strings_fill(&heading, pen->words, "lease.table",
                             (StringsValue[]){{"host", story_node_name(scene->story, host)}}, 1);
                c.y = pen_heading(pen, box.x, c.y + pen->type.unit, box.w, text_get(&heading));
                text_free(&heading);
                headed = true;
            }
            draw_binding(&c, binding);
        }
    }
    draw_list_clip_pop(pen->list);
    return fmaxf(0, c.y + scroll - box.y - box.h);
}
