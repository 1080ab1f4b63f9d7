#include "view/stage_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "view/mail_state.h"
#include "view/stage_mail.h"

static Point middle_of(Rect r) { return (Point){r.x + r.w / 2, r.y + r.h / 2}; }

static bool is_bar(const Directory *d, uint32_t node) {
    return d->hosts[node].kind == NODE_SWITCH || d->hosts[node].kind == NODE_HUB;
}

void stage_draw_cables(const Stage *stage, const Pen *pen) {
    float width = fmaxf(2, roundf(2.5f * pen->type.scale * stage->layout.scale));
    for (size_t i = 0; i < stage->layout.cable_count; i++) {
        const StageCable *cable = &stage->layout.cables[i];
        if (cable->count >= 2)
            draw_list_polyline(pen->list, cable->points, cable->count, pen->theme->wire, width, 0, 0);
    }
}

void stage_draw_bars(const Stage *stage, const Pen *pen) {
    const Directory *d = trace_directory(stage->story->trace);
    for (uint32_t node = 0; node < stage->layout.node_count; node++) {
        Rect box = stage->layout.nodes[node].box;
        if (!is_bar(d, node) || box.w <= 0) continue;
        draw_list_id(pen->list, hit_id(HIT_HOST, node));
        draw_list_box(pen->list, box, pen->type.unit * 0.75f, pen->theme->sunken, pen->theme->wire,
                      fmaxf(1, roundf(1.5f * pen->type.scale)));
        draw_list_id(pen->list, 0);
        Text label = text_new();
        text_put(&label, d->hosts[node].name);
        if (d->hosts[node].kind == NODE_HUB) text_print(&label, " (%s)", strings_get(pen->words, "stage.hub"));
        size_t name = label.size;
        if (d->hosts[node].prefix_length) {
            text_put(&label, "  ");
            ipv4_prefix_print(&label, (Ipv4Prefix){d->hosts[node].prefix_network, d->hosts[node].prefix_length});
        }
        if (font_width(FONT_BOLD, pen->type.body, label.at, label.size) > box.w - pen->type.unit) label.at[name] = '\0';
        draw_list_text(pen->list, middle_of(box), TEXT_CENTER, FONT_BOLD, pen->type.body, pen->theme->ink_soft,
                       box.w - pen->type.unit, text_get(&label));
        text_free(&label);
    }
    float half = roundf(3 * pen->type.scale);
    for (size_t i = 0; i < stage->layout.cable_count; i++) {
        const StageCable *cable = &stage->layout.cables[i];
        const DirectoryLink *link = &d->links[i];
        for (int side = 0; side < 2 && cable->count >= 2; side++) {
            if (!is_bar(d, link->end[side].host)) continue;
            Rect bar = stage->layout.nodes[link->end[side].host].box;
            Point p = cable->points[side ? cable->count - 1 : 0], q = cable->points[side ? cable->count - 2 : 1];
            float x = p.x == q.x  ? p.x
                      : q.x < p.x ? bar.x
                                  : bar.x + bar.w,
                  y = p.x == q.x ? (q.y < p.y ? bar.y : bar.y + bar.h) : p.y;
            draw_list_box(pen->list, (Rect){x - half, y - half, 2 * half, 2 * half}, 1, pen->theme->wire, 0, 0);
        }
    }
}

void stage_draw_ghosts(const Stage *stage, const Pen *pen) {
    for (size_t i = 0; i < stage->layout.ghost_count; i++)
        draw_list_box_dashed(pen->list, stage->layout.ghosts[i].box, pen->type.unit * 1.25f, 0,
                             color_fade(pen->theme->wire, 0.6f), 1.5f, 5 * pen->type.scale);
}

static void draw_computer(const Pen *pen, Rect r, Color ink) {
    float w = fmaxf(1.5f, r.w / 11);
    draw_list_box(pen->list, (Rect){r.x, r.y + r.h * 0.08f, r.w, r.h * 0.62f}, r.w * 0.1f, 0, ink, w);
    draw_list_line(pen->list, (Point){r.x + r.w / 2, r.y + r.h * 0.7f}, (Point){r.x + r.w / 2, r.y + r.h * 0.9f}, ink,
                   w);
    draw_list_line(pen->list, (Point){r.x + r.w * 0.25f, r.y + r.h * 0.92f},
                   (Point){r.x + r.w * 0.75f, r.y + r.h * 0.92f}, ink, w);
}

static void draw_server(const Pen *pen, Rect r, Color ink) {
    float w = fmaxf(1.5f, r.w / 11);
    for (int i = 0; i < 2; i++) {
        Rect unit = {r.x, r.y + r.h * (0.06f + 0.47f * (float)i), r.w, r.h * 0.4f};
        draw_list_box(pen->list, unit, r.w * 0.1f, 0, ink, w);
        draw_list_circle(pen->list, (Point){unit.x + r.w * 0.22f, unit.y + unit.h / 2}, r.w * 0.07f, ink, 0, 0);
    }
}

static void draw_router(const Pen *pen, Rect r, Color ink) {
    float w = fmaxf(1.5f, r.w / 11), y0 = r.y + r.h * 0.33f, y1 = r.y + r.h * 0.67f;
    draw_list_circle(pen->list, middle_of(r), r.w * 0.48f, 0, ink, w);
    draw_list_arrow(pen->list, (Point){r.x + r.w * 0.22f, y0}, (Point){r.x + r.w * 0.8f, y0}, ink, w, r.w * 0.26f);
    draw_list_arrow(pen->list, (Point){r.x + r.w * 0.78f, y1}, (Point){r.x + r.w * 0.2f, y1}, ink, w, r.w * 0.26f);
}

static bool runs(const Directory *d, uint32_t host, const char *ending) {
    for (size_t i = 0; i < d->machine_count; i++)
        if (d->machines[i].host == host && strstr(d->machines[i].spec->name, ending)) return true;
    return false;
}

static void draw_icon(const Stage *stage, const Pen *pen, uint32_t host, Rect r, Color ink) {
    const Directory *d = trace_directory(stage->story->trace);
    if (d->hosts[host].kind == NODE_ROUTER)
        draw_router(pen, r, ink);
    else if (runs(d, host, ".server"))
        draw_server(pen, r, ink);
    else
        draw_computer(pen, r, ink);
}

Tone stage_lease_tone(const TimelineLease *lease, SimTime t) {
    if (!lease->held) return TONE_BAD;
    return t >= lease->t2_at ? TONE_URGENT : t >= lease->t1_at ? TONE_WARN : TONE_GOOD;
}

void stage_draw_lease_bar(const Pen *pen, Rect box, const TimelineLease *lease, SimTime t) {
    float radius = box.h / 2;
    draw_list_box(pen->list, box, radius, pen->theme->sunken, 0, 0);
    if (lease->expires_at == SIM_NEVER || lease->expires_at <= lease->started_at) {
        draw_list_box(pen->list, box, radius, pen->theme->tone[TONE_GOOD], 0, 0);
        return;
    }
    double whole = (double)(lease->expires_at - lease->started_at);
    float gone = fminf(1, fmaxf(0, (float)((double)(t - lease->started_at) / whole)));
    if (gone < 1)
        draw_list_box(pen->list, (Rect){box.x + box.w * gone, box.y, box.w * (1 - gone), box.h}, radius,
                      pen->theme->tone[stage_lease_tone(lease, t)], 0, 0);
    SimTime marks[] = {lease->t1_at, lease->t2_at};
    for (int i = 0; i < 2; i++) {
        float at = (float)((double)(marks[i] - lease->started_at) / whole);
        if (at > 0 && at < 1)
            draw_list_box(pen->list,
                          (Rect){roundf(box.x + box.w * at) - pen->type.scale, box.y - 2 * pen->type.scale,
                                 2 * pen->type.scale, box.h + 4 * pen->type.scale},
                          0, pen->theme->ink, 0, 0);
    }
}

/* The ring and its words, or the ring alone where `room` is short. Returns the width they took, from the right end. */
static float draw_timer(const Pen *pen, Point right, float room, const MachineSpec *spec,
                        const TimelineMachine *machine, int timer, SimTime t) {
    const TimelineTimer *running = &machine->timers[timer];
    double whole = (double)(running->expires_at - running->set_at);
    float left = whole > 0 ? (float)((double)(running->expires_at - t) / whole) : 0;
    float radius = roundf(pen->type.small * 0.62f), width = roundf(pen->type.small * 0.3f), size = pen->type.small,
          ring = 2 * radius + width * 3;
    Text words = text_new();
    text_print(&words, "%s ", pen_word(pen, "timer", spec->timers[timer]));
    pen_put_span(&words, running->expires_at - t);
    float text = font_width(FONT_REGULAR, size, text_get(&words), words.size);
    if (ring + text > room) text = 0;
    Point center = {right.x - radius - width / 2, right.y};
    if (ring <= room) {
        draw_list_ring(pen->list, center, radius, width, 0, 1, pen->theme->sunken);
        draw_list_ring(pen->list, center, radius, width, 1 - fminf(1, fmaxf(0, left)), 1, pen->theme->accent);
        if (text > 0)
            draw_list_text(pen->list, (Point){center.x - radius - 2 * width, right.y}, TEXT_RIGHT, FONT_REGULAR, size,
                           pen->theme->ink_soft, 0, text_get(&words));
    }
    text_free(&words);
    return ring <= room ? text + ring : 0;
}

static void put_address(const Stage *stage, uint32_t host, Text *to) {
    const TimelineState *state = timeline_state(stage->timeline);
    size_t count;
    const uint32_t *slots = timeline_slots(stage->timeline, host, TIMELINE_INTERFACES, &count);
    for (size_t i = 0; i < count; i++) {
        const TimelineInterface *interface = &state->interfaces[slots[i]];
        if (!interface->address || !state->hosts[host].powered) continue;
        if (to->size) text_put(to, "\n");
        ipv4_print(to, interface->address);
        text_print(to, "/%d", interface->prefix_length);
    }
}

/* How many rows of a server's table are in each of two kinds. */
static void put_bindings(const Stage *stage, const Pen *pen, uint32_t host, Text *to) {
    const TimelineState *state = timeline_state(stage->timeline);
    int bound = 0, offered = 0;
    size_t count;
    const uint32_t *slots = timeline_slots(stage->timeline, host, TIMELINE_BINDINGS, &count);
    for (size_t i = 0; i < count; i++) {
        const char *name = state->bindings[slots[i]].state;
        bound += name && strcmp(name, "BOUND") == 0;
        offered += name && strcmp(name, "OFFERED") == 0;
    }
    char numbers[2][16];
    snprintf(numbers[0], sizeof numbers[0], "%d", bound);
    snprintf(numbers[1], sizeof numbers[1], "%d", offered);
    strings_fill(to, pen->words, offered ? "stage.bindings_offered" : "stage.bindings",
                 (StringsValue[]){{"bound", numbers[0]}, {"offered", numbers[1]}}, 2);
}

static void draw_status(const Stage *stage, const Pen *pen, uint32_t host, Rect row) {
    const Directory *d = trace_directory(stage->story->trace);
    const TimelineState *state = timeline_state(stage->timeline);
    Point at = {row.x, row.y + row.h / 2};
    const TimelineMachine *machine = stage_main_machine(stage->timeline, host);
    if (!state->hosts[host].powered) {
        pen_chip(pen, at, TONE_NEUTRAL, strings_get(pen->words, "stage.off"), pen->type.small, row.w);
        return;
    }
    if (mail_has_queue(stage->story, host)) {
        stage_draw_mail(stage, pen, host, at, pen->type.small, row.w);
        return;
    }
    if (machine && strstr(d->machines[machine->machine].spec->name, ".client")) {
        const char *name = d->machines[machine->machine].spec->states[machine->state];
        pen_state_chip(pen, at, name, pen->type.small, row.w);
        return;
    }
    Text words = text_new();
    Tone tone = TONE_NEUTRAL;
    if (runs(d, host, "dhcp.server")) {
        put_bindings(stage, pen, host, &words);
        tone = TONE_ACTIVE;
    } else if (runs(d, host, "dns.server")) {
        text_put(&words, pen_word(pen, "protocol", "dns"));
        tone = TONE_ACTIVE;
    } else if (runs(d, host, "http.server")) {
        text_put(&words, pen_word(pen, "protocol", "http"));
        tone = TONE_ACTIVE;
    } else if (runs(d, host, ".relay")) {
        text_put(&words, strings_get(pen->words, "stage.relay"));
        tone = TONE_ACTIVE;
    } else if (d->hosts[host].kind == NODE_ROUTER) {
        text_put(&words, strings_get(pen->words, "stage.router"));
    }
    float size = pen->type.small;
    while (size > 9 && pen_chip_width(text_get(&words), size) > row.w) size -= 1;
    if (words.size) pen_chip(pen, at, tone, text_get(&words), size, row.w);
    text_free(&words);
}

static void draw_tiny(const Stage *stage, const Pen *pen, uint32_t host, Rect box) {
    const Directory *d = trace_directory(stage->story->trace);
    const TimelineMachine *machine = stage_main_machine(stage->timeline, host);
    bool on = timeline_state(stage->timeline)->hosts[host].powered;
    Tone tone =
        machine && on ? tone_of_state(d->machines[machine->machine].spec->states[machine->state]) : TONE_NEUTRAL;
    float size = fmaxf(9, roundf(pen->type.small * stage->layout.scale)), pad = pen->type.unit * 0.75f;
    draw_list_text(pen->list, (Point){box.x + box.w / 2 + pad / 2, box.y + box.h * 0.34f}, TEXT_CENTER, FONT_BOLD, size,
                   on ? pen->theme->ink : pen->theme->ink_faint, box.w - 2 * pad, d->hosts[host].name);
    Text words = text_new();
    put_address(stage, host, &words);
    char *line = words.at ? strpbrk(words.at, "/\n") : NULL;
    if (line) *line = '\0';
    const char *second = words.size ? text_get(&words)
                         : on       ? strings_get(pen->words, "stage.no_address")
                                    : strings_get(pen->words, "stage.off");
    float strip = roundf(pen->type.unit * 0.5f);
    draw_list_box(pen->list, (Rect){box.x + strip, box.y + strip, strip, box.h - 2 * strip}, strip / 2,
                  pen->theme->tone[tone], 0, 0);
    draw_list_text(pen->list, (Point){box.x + box.w / 2 + pad / 2, box.y + box.h * 0.7f}, TEXT_CENTER, FONT_REGULAR,
                   size * 0.9f, pen->theme->ink_soft, box.w - pad, second);
    text_free(&words);
}

/* Between the two: name, address without its prefix, state as the RFC spells it. */
static void draw_compact(const Stage *stage, const Pen *pen, uint32_t host, Rect box) {
    const Directory *d = trace_directory(stage->story->trace);
    bool on = timeline_state(stage->timeline)->hosts[host].powered;
    float u = pen->type.unit, x = box.x + u, width = box.w - 2 * u, small = roundf(pen->type.small * 0.85f);
    draw_list_text(pen->list, (Point){x, box.y + 2.2f * u}, TEXT_LEFT, FONT_BOLD, pen->type.body,
                   on ? pen->theme->ink : pen->theme->ink_faint, width, d->hosts[host].name);
    Text address = text_new();
    put_address(stage, host, &address);
    char *line = address.at ? strpbrk(address.at, "/\n") : NULL;
    if (line) *line = '\0';
    bool has = address.size > 0;
    draw_list_text(pen->list, (Point){x, box.y + 5 * u}, TEXT_LEFT, FONT_REGULAR, pen->type.small,
                   has ? pen->theme->ink : pen->theme->ink_faint, width,
                   has  ? text_get(&address)
                   : on ? strings_get(pen->words, "stage.no_address")
                        : "\xE2\x80\x94");
    text_free(&address);
    const TimelineMachine *machine = stage_main_machine(stage->timeline, host);
    Point at = {x, box.y + 8 * u};
    if (!on) {
        pen_chip(pen, at, TONE_NEUTRAL, strings_get(pen->words, "stage.off"), small, width);
    } else if (mail_has_queue(stage->story, host)) {
        stage_draw_mail(stage, pen, host, at, small, width);
    } else if (machine && strstr(d->machines[machine->machine].spec->name, ".client")) {
        const char *name = d->machines[machine->machine].spec->states[machine->state];
        pen_state_chip(pen, at, name, small, width);
    } else if (runs(d, host, ".server")) {
        Text words = text_new();
        if (runs(d, host, "dhcp.server"))
            put_bindings(stage, pen, host, &words);
        else
            text_put(&words, pen_word(pen, "protocol", runs(d, host, "http.server") ? "http" : "dns"));
        pen_chip(pen, at, TONE_ACTIVE, text_get(&words), small, width);
        text_free(&words);
    }
    const TimelineLease *lease = timeline_held_lease(stage->timeline, host);
    if (lease && on)
        stage_draw_lease_bar(pen, (Rect){x, box.y + box.h - 2 * u, width, roundf(0.7f * u)}, lease, stage->place.t);
}

/* A size at which the text fits: smaller before it is cut, but not below three quarters. */
static float fitting(FontFace face, float size, const char *text, float width) {
    float least = roundf(size * 0.75f);
    while (size > least && font_width(face, size, text, strlen(text)) > width) size -= 1;
    return size;
}

/* One address large, up to three of a router small. Returns the y below them. */
static float draw_addresses(const Stage *stage, const Pen *pen, uint32_t host, Rect box) {
    bool on = timeline_state(stage->timeline)->hosts[host].powered;
    float u = pen->type.unit;
    Text address = text_new();
    put_address(stage, host, &address);
    int lines = 0;
    for (const char *at = address.at; at && *at; lines++) at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL;
    if (lines == 0) {
        draw_list_text(pen->list, (Point){box.x, box.y + box.h / 2}, TEXT_LEFT, FONT_REGULAR, pen->type.body,
                       pen->theme->ink_faint, box.w, on ? strings_get(pen->words, "stage.no_address") : "\xE2\x80\x94");
    }
    float size = lines > 1 ? pen->type.small : pen->type.label, step = lines > 1 ? size * 1.25f : 0;
    float y = lines > 2 ? box.y + u * 0.9f : box.y + box.h / 2 - step / 2;
    char *at = address.at;
    for (int i = 0; i < lines && i < 3; i++, y += step) {
        char *end = strchr(at, '\n'), *next = end ? end + 1 : NULL;
        if (end) *end = '\0';
        /* The prefix goes before the address is cut. */
        if (font_width(FONT_REGULAR, size, at, strlen(at)) > box.w && strchr(at, '/')) *strchr(at, '/') = '\0';
        draw_list_text(pen->list, (Point){box.x, y}, TEXT_LEFT, FONT_REGULAR, fitting(FONT_REGULAR, size, at, box.w),
                       pen->theme->ink, box.w, at);
        at = next;
    }
    text_free(&address);
    return box.y + box.h + (lines > 2 ? 2.3f * u : 0.6f * u);
}

static void draw_full(const Stage *stage, const Pen *pen, uint32_t host, Rect box) {
    const Directory *d = trace_directory(stage->story->trace);
    const TimelineState *state = timeline_state(stage->timeline);
    bool on = state->hosts[host].powered;
    float u = pen->type.unit, x = box.x + 1.5f * u, width = box.w - 3 * u, icon = pen->type.label * 1.15f;
    Color ink = on ? pen->theme->ink : pen->theme->ink_faint;
    float y = box.y + 3 * u, taken = 0;
    const TimelineMachine *machine = stage_main_machine(stage->timeline, host);
    bool mail = mail_has_queue(stage->story, host);
    int timer = machine && on && !mail ? stage_next_timer(machine) : -1;
    draw_icon(stage, pen, host, (Rect){x, y - icon / 2, icon, icon}, on ? pen->theme->ink_soft : pen->theme->ink_faint);
    const char *name = d->hosts[host].name;
    float name_size = fitting(FONT_BOLD, pen->type.label, name, width - icon - u),
          name_width = font_width(FONT_BOLD, name_size, name, strlen(name));
    if (timer >= 0)
        taken = draw_timer(pen, (Point){x + width, y}, width - icon - 2 * u - name_width,
                           d->machines[machine->machine].spec, machine, timer, stage->place.t) +
                u;
    draw_list_text(pen->list, (Point){x + icon + u, y}, TEXT_LEFT, FONT_BOLD, name_size, ink, width - icon - u - taken,
                   name);
    y = draw_addresses(stage, pen, host, (Rect){x, y + 1.7f * u, width, 3.4f * u});
    draw_status(stage, pen, host, (Rect){x, y, width, 3 * u});
    Rect below = {x, y + 3.1f * u, width, 2.6f * u};
    if (mail && on)
        stage_draw_roles(stage, pen, host, below);
    else if (mail)
        stage_draw_disk(stage, pen, host, below);
    const TimelineLease *lease = timeline_held_lease(stage->timeline, host);
    if (lease && on)
        stage_draw_lease_bar(pen, (Rect){x, box.y + box.h - 2.1f * u, width, roundf(0.8f * u)}, lease, stage->place.t);
}

void stage_draw_host(const Stage *stage, const Pen *pen, uint32_t host) {
    Rect box = stage->layout.nodes[host].box;
    bool on = timeline_state(stage->timeline)->hosts[host].powered;
    float radius = pen->type.unit * (stage->layout.density == STAGE_TINY ? 0.8f : 1.25f), scale = pen->type.scale;
    bool selected = stage->selected_host == host;
    draw_list_id(pen->list, hit_id(HIT_HOST, host));
    if (on)
        draw_list_box(pen->list, box, radius, pen->theme->card, selected ? pen->theme->accent : pen->theme->line,
                      selected ? 2 * scale : fmaxf(1, roundf(1.25f * scale)));
    else
        draw_list_box_dashed(pen->list, box, radius, pen->theme->ground, pen->theme->wire, 1.5f * scale, 5 * scale);
    draw_list_id(pen->list, 0);
    draw_list_clip_push(pen->list, box);
    if (stage->layout.density == STAGE_TINY)
        draw_tiny(stage, pen, host, box);
    else if (stage->layout.density == STAGE_COMPACT)
        draw_compact(stage, pen, host, box);
    else
        draw_full(stage, pen, host, box);
    draw_list_clip_pop(pen->list);
}
