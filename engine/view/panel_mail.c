#include "view/panel_mail.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/value.h"
#include "observe/record.h"
#include "view/mail_state.h"

enum { LETTERS = 200 };

/* ---- Reading the letter ---- */

static void put_value(Text *to, const Value *v) {
    if (v->kind == VALUE_TEXT) text_put_n(to, v->text, v->text_size);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->count; i++) {
        if (i > 0) text_put(to, ", ");
        put_value(to, &v->items[i]);
    }
}

static const char *text_at(const Value *map, const char *key) {
    const Value *value = value_get(map, key);
    return value && value->kind == VALUE_TEXT ? value->text : NULL;
}

/* "[photo.gif image/gif]" */
static void put_attachment(Text *to, const Value *part) {
    const char *name = text_at(part, "name"), *type = text_at(part, "type");
    text_print(to, "\n[%s%s%s]", name ? name : "", name && type ? "  " : "", type ? type : "");
    if (!name && text_at(part, "text")) text_print(to, "\n%s", text_at(part, "text"));
}

/* What the user wrote: the fields in the order of a form, a blank line, the text, the attachments. */
static void put_written(const char *json, Text *to) {
    static const struct {
        const char *key, *name;
    } fields[] = {{"from", "From"}, {"reply_to", "Reply-To"}, {"to", "To"},
                  {"cc", "Cc"},     {"bcc", "Bcc"},           {"subject", "Subject"}};
    Arena *arena = arena_new();
    Text error = text_new();
    Value mail;
    if (value_parse(arena, json, strlen(json), &mail, &error)) {
        const char *raw = text_at(&mail, "raw");
        if (raw) text_put(to, raw);
        for (size_t i = 0; !raw && i < sizeof fields / sizeof fields[0]; i++) {
            const Value *field = value_get(&mail, fields[i].key);
            if (!field) continue;
            text_print(to, "%s: ", fields[i].name);
            put_value(to, field);
            text_put(to, "\n");
        }
        const char *text = text_at(&mail, "text"), *html = text_at(&mail, "html");
        if (!raw && (text || html)) text_print(to, "\n%s", text ? text : html);
        const Value *parts = value_get(&mail, "attachments");
        for (size_t i = 0; !raw && parts && parts->kind == VALUE_LIST && i < parts->count; i++)
            put_attachment(to, &parts->items[i]);
    }
    text_free(&error);
    arena_free(arena);
}

/* Of a letter that has not left its writer's host yet, what will leave: it is made already. */
static uint32_t content_to_come(const Story *story, uint32_t fact) {
    const Trace *trace = story->trace;
    int looked = 0;
    for (uint32_t seq = fact; seq < story->record_count && looked < 20; seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || !record_is_said(r) ||
            r->message.part != STREAM_CONTENT || r->host != trace_get(trace, fact)->host)
            continue;
        looked++;
        LetterOrigin origin = letter_origin(story, seq);
        if (origin.first == seq && origin.written == letter_origin(story, fact).written) return seq;
    }
    return STORY_NONE;
}

LetterRead letter_read(const Scene *scene, const MailPanel *panel) {
    const Story *story = scene->story;
    LetterRead letter = {.arena = arena_new(), .origin = {STORY_NONE, STORY_NONE, STORY_NONE, false}};
    uint32_t seq = panel->letter == STORY_NONE ? letters_last_carried(story, scene->place.seq_end) : panel->letter;
    if (seq == STORY_NONE) return letter;
    letter.origin = letter_origin(story, seq);
    uint32_t first = letter.origin.first, carried = letter.origin.carried;
    if (first == STORY_NONE && letter.origin.written != STORY_NONE) first = content_to_come(story, seq);
    if (letter.origin.written != STORY_NONE)
        put_written(trace_text(story->trace, trace_get(story->trace, letter.origin.written)), &letter.written);
    if (first != STORY_NONE) letter.made = record_octets(story->trace, trace_get(story->trace, first));
    letter.under_way = carried != STORY_NONE;
    if (letter.under_way) letter.carried = record_octets(story->trace, trace_get(story->trace, carried));
    enum { MOST = 1 << 20 };
    MailFaults faults = mail_faults(letter.arena);
    letter.tree = mime_read(letter.arena, bytes_slice(letter.made, 0, MOST), (MimeRules){.lines = LINES_CRLF}, &faults);
    return letter;
}

void letter_free(LetterRead *letter) {
    text_free(&letter->written);
    arena_free(letter->arena);
}

/* ---- The list ---- */

typedef struct {
    const Scene *scene;
    const Pen *pen;
    Rect box;
    float row;
    uint32_t shown; /* the fact of the letter that is shown, or STORY_NONE */
} List;

static void put_subject(const Scene *scene, const Letter *letter, Text *to) {
    LetterOrigin origin = letter_origin(scene->story, letter->fact);
    const Trace *trace = scene->story->trace;
    if (origin.first != STORY_NONE) {
        Arena *arena = arena_new();
        MailFaults faults = mail_faults(arena);
        Message message = message_read(arena, record_octets(trace, trace_get(trace, origin.first)), LINES_CRLF,
                                       &faults);
        const HeaderField *subject = header_find(&message.header, "Subject");
        if (subject) text_put_bytes(to, header_field_text(arena, subject, &faults));
        arena_free(arena);
    } else if (origin.written != STORY_NONE) {
        Arena *arena = arena_new();
        Text error = text_new();
        Value mail;
        const char *json = trace_text(trace, trace_get(trace, origin.written));
        if (value_parse(arena, json, strlen(json), &mail, &error) && text_at(&mail, "subject"))
            text_put(to, text_at(&mail, "subject"));
        text_free(&error);
        arena_free(arena);
    }
}

static void draw_letter(const List *list, const Letter *letter, float y) {
    const Pen *pen = list->pen;
    float size = pen->type.small, u = pen->type.unit, x = list->box.x, middle = y + list->row / 2, w = list->box.w;
    bool on = list->shown == letter->fact;
    draw_list_zone(pen->list, (Rect){x, y, w, list->row}, hit_id(HIT_LETTER, letter->fact));
    if (on) draw_list_box(pen->list, (Rect){x, y, w, list->row}, u * 0.5f, color_fade(pen->theme->accent, 0.14f), 0, 0);
    Text where = text_new(), subject = text_new(), status = text_new();
    strings_fill(
        &where, pen->words, letter->queued ? "mail.in_queue" : "mail.in_box",
        (StringsValue[]){{"host", story_node_name(list->scene->story, letter->host)}, {"place", letter->place}}, 2);
    put_subject(list->scene, letter, &subject);
    SimTime at = trace_get(list->scene->story->trace, letter->fact)->at;
    if (letter->queued && letter->next_try != SIM_NEVER) {
        Text left = text_new();
        pen_put_span(&left, letter->next_try - list->scene->place.t);
        strings_fill(&status, pen->words, "mail.tried_in", (StringsValue[]){{"left", text_get(&left)}}, 1);
        text_free(&left);
    } else if (letter->queued) {
        text_put(&status, strings_get(pen->words, "mail.trying"));
    } else {
        pen_put_clock(&status, at);
    }
    Tone tone = letter->queued ? TONE_WARN : TONE_ACTIVE;
    draw_list_circle(pen->list, (Point){x + u, middle}, size * 0.26f, pen->theme->tone[tone], 0, 0);
    draw_list_text(pen->list, (Point){x + 2.2f * u, middle}, TEXT_LEFT, FONT_BOLD, size, pen->theme->ink, w * 0.36f,
                   text_get(&where));
    const char *from = *letter->from ? letter->from : strings_get(pen->words, "mail.null_sender");
    draw_list_text(pen->list, (Point){x + 2.2f * u + w * 0.37f, middle}, TEXT_LEFT, FONT_REGULAR, size,
                   pen->theme->ink_soft, w * 0.2f, from);
    float status_width = draw_list_text(pen->list, (Point){x + w - u * 0.5f, middle}, TEXT_RIGHT, FONT_REGULAR, size,
                                        pen->theme->ink_faint, w * 0.16f, text_get(&status));
    float subject_x = x + 2.2f * u + w * 0.58f;
    draw_list_text(pen->list, (Point){subject_x, middle}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink,
                   x + w - u - status_width - subject_x, text_get(&subject));
    text_free(&where);
    text_free(&subject);
    text_free(&status);
}

/* The letter of the list that is the one shown. */
static uint32_t find_shown(const Scene *scene, const MailPanel *panel, const LetterRead *read, const Letter *letters,
                           size_t count) {
    if (panel->letter != STORY_NONE) return panel->letter;
    for (size_t i = 0; i < count; i++) {
        LetterOrigin origin = letter_origin(scene->story, letters[i].fact);
        if (origin.carried != STORY_NONE && origin.carried == read->origin.carried) return letters[i].fact;
    }
    return STORY_NONE;
}

/* Returns the y below it. */
static float draw_letters(MailPanel *panel, const Scene *scene, const LetterRead *read, const Pen *pen, Rect box) {
    Letter letters[LETTERS];
    size_t count = letters_at(scene->story, scene->place.seq_end, scene->place.t, letters, LETTERS);
    if (count > LETTERS) count = LETTERS;
    List list = {scene, pen, box, roundf(pen->type.small * 1.7f), find_shown(scene, panel, read, letters, count)};
    float y = pen_heading(pen, box.x, box.y, box.w, strings_get(pen->words, "mail.letters"));
    if (count == 0) {
        draw_list_text(pen->list, (Point){box.x, y + list.row / 2}, TEXT_LEFT, FONT_REGULAR, pen->type.small,
                       pen->theme->ink_faint, box.w, strings_get(pen->words, "mail.empty"));
        return y + list.row;
    }
    size_t visible = (size_t)fmaxf(2, floorf((box.y + box.h - y) / list.row));
    panel->scroll_limit = count > visible ? (float)(count - visible) * list.row : 0;
    panel->scroll = fminf(panel->scroll, panel->scroll_limit);
    size_t first = (size_t)roundf(panel->scroll / list.row);
    for (size_t i = first; i < count && i < first + visible; i++, y += list.row) draw_letter(&list, &letters[i], y);
    return y;
}

void mail_panel_draw(MailPanel *panel, const Scene *scene, const Pen *pen, Rect box) {
    float u = pen->type.unit;
    bool any = false;
    for (uint32_t host = 0; host < trace_directory(scene->story->trace)->host_count; host++)
        any |= mail_has_queue(scene->story, host);
    if (!any) {
        draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.5f, pen->theme->ink_soft,
                            strings_get(pen->words, "mail.nobody"));
        return;
    }
    /* What is chosen may not have happened yet, after going back. */
    if (panel->letter != STORY_NONE && panel->letter >= scene->place.seq_end) panel->letter = panel->part = STORY_NONE;
    LetterRead letter = letter_read(scene, panel);
    float y = draw_letters(panel, scene, &letter, pen, (Rect){box.x, box.y, box.w, box.h * 0.2f}) + 1.5f * u;
    panel->split = y;
    float left = box.y + box.h - y, below = fminf(left * 0.55f, mail_parts_height(panel, &letter, pen)),
          shapes = roundf(letter.made.size > 0 ? left - below - 1.5f * u : left);
    if (letter.made.size == 0 && letter.written.size == 0) {
        draw_list_paragraph(pen->list, (Rect){box.x, y, box.w, left}, TEXT_LEFT, FONT_REGULAR, pen->type.body, 1.5f,
                            pen->theme->ink_soft, strings_get(pen->words, "mail.none"));
    } else {
        mail_draw_shapes(panel, &letter, pen, (Rect){box.x, y, box.w, shapes});
        if (letter.made.size > 0)
            mail_draw_parts(panel, &letter, pen, (Rect){box.x, y + shapes + 1.5f * u, box.w, left - shapes - 1.5f * u});
    }
    letter_free(&letter);
}
