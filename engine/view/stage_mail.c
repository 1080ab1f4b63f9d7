#include "view/stage_mail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "observe/messages.h"
#include "view/mail_state.h"

/* Of the row below the host's state. */
static float role_size(const Pen *pen) { return fmaxf(11, roundf(pen->type.small * 0.88f)); }

/* ---- Mailboxes and the queue ---- */

static void draw_envelope(const Pen *pen, Rect r, Color ink) {
    float w = fmaxf(1, roundf(r.h / 8));
    draw_list_box(pen->list, r, r.h * 0.15f, 0, ink, w);
    Point flap[] = {{r.x + w / 2, r.y + w / 2}, {r.x + r.w / 2, r.y + r.h * 0.58f}, {r.x + r.w - w / 2, r.y + w / 2}};
    draw_list_polyline(pen->list, flap, 3, ink, w, 0, 0);
}

static float chip_width(const char *words, float size) {
    return roundf(font_width(FONT_BOLD, size, words, strlen(words)) + size * 2.9f);
}

/* As pen_chip, with a small envelope for its dot. */
static float draw_chip(const Pen *pen, Point at, Tone tone, const char *words, float size, float most) {
    float width = fminf(most, chip_width(words, size)), height = roundf(size * 1.55f), h = roundf(size * 0.72f);
    draw_list_box(pen->list, (Rect){at.x, at.y - height / 2, width, height}, height / 2, pen->theme->tone_soft[tone], 0,
                  0);
    draw_envelope(pen, (Rect){at.x + size * 0.6f, roundf(at.y - h / 2), roundf(size * 1.05f), h},
                  pen->theme->tone_ink[tone]);
    draw_list_text(pen->list, (Point){at.x + size * 2.0f, at.y}, TEXT_LEFT, FONT_BOLD, size, pen->theme->tone_ink[tone],
                   width - size * 2.5f, words);
    return width;
}

static bool is_new(const Stage *stage, const MailBoxShown *box) {
    static const SimTime shown_for = 1200 * SIM_MILLISECOND;
    return box->last_at >= 0 && stage->place.t - box->last_at <= shown_for;
}

/* A chip a mailbox as long as there is room; what is left over is counted. */
static float draw_boxes(const Stage *stage, const Pen *pen, const MailShown *shown, Point at, float size, float room) {
    float x = at.x, gap = pen->type.unit * 0.5f;
    for (size_t i = 0; i < shown->box_count; i++) {
        const MailBoxShown *box = &shown->boxes[i];
        Text words = text_new(), rest = text_new();
        text_print(&words, "%s %u", box->name, box->count);
        text_print(&rest, "+%zu", shown->box_count - i);
        float width = chip_width(text_get(&words), size), left = at.x + room - x;
        bool last = i + 1 == shown->box_count;
        float spare = last ? 0 : chip_width("+9", size) + gap;
        bool fits = width + spare <= left || i == 0;
        Tone tone = is_new(stage, box) ? TONE_GOOD : box->unread > 0 ? TONE_ACTIVE : TONE_NEUTRAL;
        if (fits)
            x += draw_chip(pen, (Point){x, at.y}, tone, text_get(&words), size, fmaxf(left - spare, size * 4)) + gap;
        else x += pen_chip(pen, (Point){x, at.y}, TONE_NEUTRAL, text_get(&rest), size, left) + gap;
        text_free(&words);
        text_free(&rest);
        if (!fits) break;
    }
    return x;
}

/* Of the first mailbox and the queue. */
static float mail_width(const Pen *pen, const MailShown *shown, const char *queue, float size) {
    Text words = text_new();
    if (shown->box_count > 0) text_print(&words, "%s %u", shown->boxes[0].name, shown->boxes[0].count);
    float rest = shown->box_count > 1 ? chip_width("+9", size) + pen->type.unit * 0.5f : 0,
          width = chip_width(text_get(&words), size) + pen_chip_width(queue, size) + pen->type.unit * 0.5f + rest;
    text_free(&words);
    return shown->box_count > 0 ? width : 0;
}

/* Where there is no room for words: how many letters lie in mailboxes, and how many in the queue. */
static void draw_numbers(const Stage *stage, const Pen *pen, const MailShown *shown, Point at, float size, float width) {
    char number[24];
    uint32_t letters = 0;
    Tone tone = TONE_NEUTRAL;
    for (size_t i = 0; i < shown->box_count; i++) {
        letters += shown->boxes[i].count;
        if (is_new(stage, &shown->boxes[i])) tone = TONE_GOOD;
        else if (shown->boxes[i].unread > 0 && tone == TONE_NEUTRAL) tone = TONE_ACTIVE;
    }
    snprintf(number, sizeof number, "%u", (unsigned)letters);
    float x = at.x + draw_chip(pen, at, tone, number, size, width) + pen->type.unit * 0.5f;
    snprintf(number, sizeof number, "%zu", shown->queue_count);
    pen_chip(pen, (Point){x, at.y}, TONE_WARN, number, size, at.x + width - x);
}

void stage_draw_mail(const Stage *stage, const Pen *pen, uint32_t host, Point at, float size, float width) {
    MailShown shown;
    char number[24];
    Text queue = text_new();
    const MailHost *mail = mail_hosts_find(stage->story->mail_hosts, host);
    mail_state_at(stage->story, host, stage->place.seq_end, stage->place.t, &shown);
    snprintf(number, sizeof number, "%zu", shown.queue_count);
    strings_fill(&queue, pen->words, "stage.queue", (StringsValue[]){{"count", number}}, 1);
    /* Smaller before it is cut. */
    while (size > 10 && shown.queue_count > 0 && mail_width(pen, &shown, text_get(&queue), size) > width) size -= 1;
    if (shown.queue_count > 0 && mail_width(pen, &shown, text_get(&queue), size) > width) {
        draw_numbers(stage, pen, &shown, at, size, width);
        text_free(&queue);
        return;
    }
    float gap = pen->type.unit * 0.5f, taken = shown.queue_count > 0 ? pen_chip_width(text_get(&queue), size) + gap : 0,
          x = at.x;
    if (shown.box_count > 0) {
        x = draw_boxes(stage, pen, &shown, at, size, width - taken);
    } else {
        const char *who = mail->server  ? strings_get(pen->words, "stage.mail_server")
                          : *mail->user ? mail->user
                                        : strings_get(pen->words, "stage.mail_agent");
        Text name = text_new();
        text_put(&name, who);
        /* A user is known by the mailbox's name alone, where there is no room for the domain. */
        char *domain = pen_chip_width(who, size) > width - taken ? strchr(name.at, '@') : NULL;
        if (domain) *domain = '\0';
        if (taken == 0 || pen_chip_width(text_get(&name), size) <= width - taken)
            x += pen_chip(pen, at, TONE_ACTIVE, text_get(&name), size, width - taken) + gap;
        text_free(&name);
    }
    if (shown.queue_count > 0) pen_chip(pen, (Point){x, at.y}, TONE_WARN, text_get(&queue), size, at.x + width - x);
    text_free(&queue);
}

void stage_draw_disk(const Stage *stage, const Pen *pen, uint32_t host, Rect row) {
    MailShown shown;
    mail_state_at(stage->story, host, stage->place.seq_end, stage->place.t, &shown);
    if (shown.box_count == 0 && shown.queue_count == 0) return;
    float size = role_size(pen);
    stage_draw_mail(stage, pen, host, (Point){row.x, roundf(row.y + row.h / 2)}, size, row.w);
}

/* ---- Roles ---- */

/* How many of the host's machines of this kind are at work, and which of them moved last. */
static size_t find_busy(const Stage *stage, uint32_t host, const char *name, const TimelineMachine **latest) {
    const TimelineState *state = timeline_state(stage->timeline);
    size_t count, busy = 0;
    const uint32_t *slots = timeline_slots(stage->timeline, host, TIMELINE_MACHINES, &count);
    *latest = NULL;
    for (size_t i = 0; i < count; i++) {
        const TimelineMachine *m = &state->machines[slots[i]];
        if (m->record == TIMELINE_NONE || strcmp(timeline_machine_name(stage->timeline, m), name) != 0 ||
            strcmp(timeline_state_name(stage->timeline, m), "CLOSED") == 0)
            continue;
        busy++;
        if (!*latest || m->record > (*latest)->record) *latest = m;
    }
    return busy;
}

static float draw_role(const Stage *stage, const Pen *pen, uint32_t host, const char *machine, const char *key,
                       Tone tone, Point at, float size, float room) {
    const TimelineMachine *latest;
    size_t busy = find_busy(stage, host, machine, &latest);
    if (busy == 0 || room < size * 5) return 0;
    Text words = text_new();
    const char *role = strings_get(pen->words, key), *state = timeline_state_name(stage->timeline, latest);
    text_print(&words, "%s %s", role, pen_word(pen, "state", state));
    if (pen_chip_width(text_get(&words), size) > room) { /* the RFC's name alone, where its word does not fit too */
        text_clear(&words);
        text_print(&words, "%s %s", role, state);
    }
    if (busy > 1) text_print(&words, " \xC3\x97%zu", busy);
    float width = pen_chip(pen, at, tone, text_get(&words), size, room);
    text_free(&words);
    return width + pen->type.unit * 0.5f;
}

static void draw_next_try(const Stage *stage, const Pen *pen, uint32_t host, Point at, float size, float room) {
    MailShown shown;
    mail_state_at(stage->story, host, stage->place.seq_end, stage->place.t, &shown);
    const MailEntryShown *next = NULL;
    for (size_t i = 0; i < shown.queue_count && i < MAIL_ENTRIES; i++)
        if (shown.queue[i].next_try != SIM_NEVER && (!next || shown.queue[i].next_try < next->next_try))
            next = &shown.queue[i];
    if (!next) return;
    double whole = (double)(next->next_try - next->waits_since), left = (double)(next->next_try - stage->place.t);
    float part = whole > 0 ? fminf(1, fmaxf(0, (float)(left / whole))) : 0;
    float radius = roundf(size * 0.62f), band = roundf(size * 0.3f);
    if (room < 2 * radius + band) return;
    Point center = {at.x + radius + band / 2, at.y};
    draw_list_ring(pen->list, center, radius, band, 0, 1, pen->theme->sunken);
    draw_list_ring(pen->list, center, radius, band, 1 - part, 1, pen->theme->tone[TONE_WARN]);
    Text words = text_new();
    text_print(&words, "%s ", pen_word(pen, "timer", "retry"));
    pen_put_span(&words, next->next_try - stage->place.t);
    float x = center.x + radius + 2 * band;
    if (font_width(FONT_REGULAR, size, text_get(&words), words.size) <= at.x + room - x)
        draw_list_text(pen->list, (Point){x, at.y}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink_soft, 0,
                       text_get(&words));
    text_free(&words);
}

void stage_draw_roles(const Stage *stage, const Pen *pen, uint32_t host, Rect row) {
    float size = role_size(pen), x = row.x, right = row.x + row.w, y = roundf(row.y + row.h / 2);
    static const char *const servers[] = {"smtp.server", "pop3.server", "imap.server"},
                      *const clients[] = {"smtp.client", "pop3.client", "imap.client"};
    for (size_t i = 0; i < sizeof servers / sizeof servers[0]; i++)
        x += draw_role(stage, pen, host, servers[i], "stage.as_server", TONE_GOOD, (Point){x, y}, size, right - x);
    for (size_t i = 0; i < sizeof clients / sizeof clients[0]; i++)
        x += draw_role(stage, pen, host, clients[i], "stage.as_client", TONE_ACTIVE, (Point){x, y}, size, right - x);
    draw_next_try(stage, pen, host, (Point){x, y}, size, right - x);
}

/* ---- Connections ---- */

static bool stands(const StoryConnection *c, const Stage *stage) {
    return c->from_seq < stage->place.seq_end && (c->to_seq == STORY_NONE || c->to_seq >= stage->place.seq_end);
}

/* The cable of the host that is plugged in, seen from the host: its end there, and where it meets the bar. */
static bool cable_of(const Stage *stage, uint32_t host, Point *near, Point *far, uint32_t *bar) {
    const Directory *d = trace_directory(stage->story->trace);
    for (uint32_t i = 0; i < stage->layout.cable_count; i++) {
        const StageCable *cable = &stage->layout.cables[i];
        if (cable->count != 2) continue;
        for (int end = 0; end < 2; end++) {
            if (d->links[i].end[end].host != host) continue;
            *near = cable->points[end];
            *far = cable->points[1 - end];
            *bar = d->links[i].end[1 - end].host;
            return true;
        }
    }
    return false;
}

static void draw_tube(const Stage *stage, const Pen *pen, const StoryConnection *c) {
    Point near, far, other_near, other_far;
    uint32_t bar, other_bar;
    if (!cable_of(stage, c->host, &near, &far, &bar)) return;
    float width = 9 * pen->type.scale * stage->layout.scale;
    Color color = color_fade(pen->theme->accent, 0.28f);
    Point path[3] = {near, far};
    size_t count = 2;
    uint32_t peer = timeline_host_of_address(stage->timeline, c->remote);
    if (peer != TIMELINE_NONE && peer != c->host && cable_of(stage, peer, &other_near, &other_far, &other_bar) &&
        other_bar == bar)
        path[count++] = (Point){(far.x + other_far.x) / 2, far.y};
    draw_list_polyline(pen->list, path, count, color, width, 0, 0);
}

/* Beside the cable, near the host: the state of its latest connection. */
static void draw_state(const Stage *stage, const Pen *pen, uint32_t host, const char *state, size_t count) {
    Point near, far;
    uint32_t bar;
    if (stage->layout.density != STAGE_FULL || !cable_of(stage, host, &near, &far, &bar) || near.x != far.x) return;
    float size = fmaxf(11, roundf(pen->type.small * 0.85f)), down = far.y > near.y ? 1 : -1;
    /* By the bar, where notes and what is under way seldom are. */
    float y = far.y - down * (pen->type.unit * 2.5f + size * 1.1f);
    /* To the right of the cable; where that is too near the stage's edge, as the RFC spells it alone; else to the left. */
    const char *const names[] = {pen_word(pen, "state", state), state};
    float edge = stage->area.x + stage->area.w + pen->type.unit, left = near.x + pen->type.unit, width = 0;
    Text words = text_new();
    for (int i = 0; i < 2 && (i == 0 || left + width > edge); i++) {
        text_clear(&words);
        text_put(&words, names[i]);
        if (count > 1) text_print(&words, " \xC3\x97%zu", count);
        width = font_width(FONT_BOLD, size, text_get(&words), words.size) + size;
    }
    if (left + width > edge) left = near.x - pen->type.unit - width;
    Rect box = {left, y - size * 0.75f, width, size * 1.5f};
    draw_list_box(pen->list, box, size * 0.4f, color_fade(pen->theme->ground, 0.9f), 0, 0);
    draw_list_text(pen->list, (Point){box.x + size / 2, y}, TEXT_LEFT, FONT_BOLD, size, pen->theme->accent, 0,
                   text_get(&words));
    text_free(&words);
}

void stage_draw_tubes(const Stage *stage, const Pen *pen) {
    const Story *story = stage->story;
    for (size_t i = 0; i < story->connection_count; i++)
        if (stands(&story->connections[i], stage)) draw_tube(stage, pen, &story->connections[i]);
    for (uint32_t host = 0; host < stage->layout.node_count; host++) {
        const StoryConnection *latest = NULL;
        size_t count = 0;
        for (size_t i = 0; i < story->connection_count; i++)
            if (story->connections[i].host == host && stands(&story->connections[i], stage)) {
                latest = &story->connections[i];
                count++;
            }
        const TimelineMachine *tcp = latest ? timeline_machine(stage->timeline, host, "tcp", latest->subject) : NULL;
        if (tcp) draw_state(stage, pen, host, timeline_state_name(stage->timeline, tcp), count);
    }
}
