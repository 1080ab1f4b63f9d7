/* The Mail panel: queues and mailboxes, and a letter in its three shapes: as the user wrote it, as MIME made it, as SMTP
 * carries it (row M22); its parts (M25), and how its encoding works, step by step (M24). */
#include <math.h>
#include <string.h>

#include "base/value.h"
#include "mail/base64.h"
#include "mail/mime.h"
#include "mail/quoted_printable.h"
#include "observe/record.h"
#include "view/mail_state.h"
#include "view/panels.h"

enum { SHOWN_LINES = 14, SHOWN_STEPS = 8 };

typedef struct {
    const Scene *scene;
    const Pen *pen;
    Rect box;
    float y;
} Column;

static bool is_visible(const Column *c, float height) {
    return c->y + height >= c->box.y && c->y <= c->box.y + c->box.h;
}

static void put_line(Column *c, FontFace face, float size, Color ink, float indent, const char *text) {
    float height = roundf(size * 1.4f);
    if (is_visible(c, height))
        draw_list_text(c->pen->list, (Point){c->box.x + indent, c->y + height / 2}, TEXT_LEFT, face, size, ink,
                       c->box.w - indent, text);
    c->y += height;
}

static void heading(Column *c, const char *text) {
    c->y += c->pen->type.unit;
    c->y = pen_heading(c->pen, c->box.x, c->y, c->box.w, text);
}

/* ---- Queues and mailboxes ---- */

static void draw_entry(Column *c, const MailEntryShown *entry) {
    const Pen *pen = c->pen;
    Text line = text_new(), number = text_new();
    text_print(&number, "%u", entry->recipients);
    strings_fill(&line, pen->words, "mail.entry",
                 (StringsValue[]){{"domain", entry->domain}, {"from", *entry->from ? entry->from : "<>"}, {"recipients", text_get(&number)}}, 3);
    put_line(c, FONT_BOLD, pen->type.body, pen->theme->ink, pen->type.unit, text_get(&line));
    text_clear(&line);
    if (entry->next_try == SIM_NEVER) {
        text_put(&line, strings_get(pen->words, "mail.trying"));
    } else {
        Text left = text_new();
        SimTime span = entry->next_try > c->scene->place.t ? entry->next_try - c->scene->place.t : 0;
        pen_put_span(&left, span);
        strings_fill(&line, pen->words, "mail.next_try", (StringsValue[]){{"left", text_get(&left)}, {"text", entry->trouble}}, 2);
        text_free(&left);
    }
    put_line(c, FONT_REGULAR, pen->type.small, pen->theme->ink_soft, pen->type.unit * 2, text_get(&line));
    text_free(&line);
    text_free(&number);
}

static void draw_host(Column *c, uint32_t host) {
    const Pen *pen = c->pen;
    MailShown shown;
    mail_state_at(c->scene->story, host, c->scene->place.seq_end, c->scene->place.t, &shown);
    if (!shown.any) return;
    put_line(c, FONT_BOLD, pen->type.label, pen->theme->ink, 0, story_node_name(c->scene->story, host));
    size_t count = shown.queue_count < MAIL_ENTRIES ? shown.queue_count : MAIL_ENTRIES;
    for (size_t i = 0; i < count; i++) draw_entry(c, &shown.queue[i]);
    for (size_t i = 0; i < shown.box_count; i++) {
        Text line = text_new(), number = text_new();
        text_print(&number, "%u", shown.boxes[i].count);
        strings_fill(&line, pen->words, "mail.box", (StringsValue[]){{"name", shown.boxes[i].name}, {"count", text_get(&number)}}, 2);
        put_line(c, FONT_REGULAR, pen->type.body, pen->theme->ink, pen->type.unit, text_get(&line));
        text_free(&line);
        text_free(&number);
    }
    if (count == 0 && shown.box_count == 0)
        put_line(c, FONT_REGULAR, pen->type.body, pen->theme->ink_faint, pen->type.unit, strings_get(pen->words, "mail.empty"));
    c->y += pen->type.unit * 0.5f;
}

/* ---- The letter ---- */

/* The last content that SMTP had carried by the place: its SENT record. */
static uint32_t find_letter(const Scene *scene) {
    const Trace *trace = scene->story->trace;
    for (uint32_t seq = scene->place.seq_end; seq-- > 0;) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT && record_is_said(r) && r->small == TRACE_PROTO_SMTP &&
            r->message.part == STREAM_CONTENT)
            return seq;
    }
    return STORY_NONE;
}

/* The command "mail" that it goes back to. */
static const char *find_written(const Trace *trace, uint32_t seq) {
    while (seq != TRACE_NONE) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind == TRACE_COMMAND && strstr(trace_text(trace, r), "\"do\":\"mail\"")) return trace_text(trace, r);
        seq = r->cause;
    }
    return NULL;
}

/* Lines of octets as they are: CR LF ends one; what is not printable ASCII or UTF-8 is a dot. */
static void put_octets(Column *c, Bytes octets, bool dots) {
    const Pen *pen = c->pen;
    size_t lines = 0, at = 0;
    for (; at < octets.size && lines < SHOWN_LINES; lines++) {
        const uint8_t *end = memchr(octets.at + at, '\n', octets.size - at);
        size_t stop = end ? (size_t)(end - octets.at) : octets.size;
        size_t size = stop > at && octets.at[stop - 1] == '\r' ? stop - at - 1 : stop - at;
        Text line = text_new();
        if (dots && size > 0 && octets.at[at] == '.') text_put_char(&line, '.');
        for (size_t i = 0; i < size && i < 120;) {
            uint32_t code;
            size_t step = utf8_next((const char *)octets.at + at + i, size - i, &code);
            if (code < 32 || code == 0xFFFD) text_put_char(&line, '.');
            else text_put_n(&line, (const char *)octets.at + at + i, step);
            i += step;
        }
        put_line(c, FONT_MONO, pen->type.small, pen->theme->ink, pen->type.unit, text_get(&line));
        text_free(&line);
        at = end ? stop + 1 : stop;
    }
    if (at < octets.size) put_line(c, FONT_REGULAR, pen->type.small, pen->theme->ink_faint, pen->type.unit, "\xE2\x80\xA6");
    if (dots && at >= octets.size) put_line(c, FONT_MONO, pen->type.small, pen->theme->accent, pen->type.unit, ".");
}

static void put_value(Text *to, const Value *v) {
    if (v->kind == VALUE_TEXT) text_put(to, v->text);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->count; i++) {
        if (i > 0) text_put(to, ", ");
        if (v->items[i].kind == VALUE_TEXT) text_put(to, v->items[i].text);
    }
}

static void draw_written(Column *c, const char *json) {
    static const struct {
        const char *key, *name;
    } fields[] = {{"from", "From"}, {"to", "To"}, {"cc", "Cc"}, {"bcc", "Bcc"}, {"reply_to", "Reply-To"}, {"subject", "Subject"}};
    Arena *arena = arena_new();
    Text error = text_new(), whole = text_new();
    Value value;
    if (json && value_parse(arena, json, strlen(json), &value, &error)) {
        for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
            const Value *field = value_get(&value, fields[i].key);
            if (!field) continue;
            text_print(&whole, "%s: ", fields[i].name);
            put_value(&whole, field);
            text_put(&whole, "\n");
        }
        text_put(&whole, "\n");
        const Value *text = value_get(&value, "raw") ? value_get(&value, "raw") : value_get(&value, "text");
        if (text && value_get(&value, "raw")) text_clear(&whole);
        if (text) put_value(&whole, text);
        const Value *parts = value_get(&value, "attachments");
        if (parts && parts->kind == VALUE_LIST)
            for (size_t i = 0; i < parts->count; i++) {
                const Value *name = value_get(&parts->items[i], "name"), *type = value_get(&parts->items[i], "type");
                text_print(&whole, "\n[%s]", name && name->kind == VALUE_TEXT ? name->text : type && type->kind == VALUE_TEXT ? type->text : "+");
            }
        put_octets(c, bytes_of(text_get(&whole), whole.size), false);
    } else {
        put_line(c, FONT_REGULAR, c->pen->type.body, c->pen->theme->ink_faint, c->pen->type.unit, strings_get(c->pen->words, "mail.not_ours"));
    }
    text_free(&whole);
    text_free(&error);
    arena_free(arena);
}

static void draw_part(Column *c, const MimePart *part) {
    Text line = text_new();
    text_print(&line, "%.*s/%.*s  %.*s  %zu", (int)part->type_name.size, (const char *)part->type_name.at, (int)part->subtype.size,
               (const char *)part->subtype.at, (int)part->encoding_name.size, (const char *)part->encoding_name.at, part->body.size);
    put_line(c, FONT_MONO, c->pen->type.small, c->pen->theme->ink, c->pen->type.unit * (1 + 2 * (float)part->depth), text_get(&line));
    text_free(&line);
    for (const MimePart *child = part->first; child; child = child->next) draw_part(c, child);
}

static const MimePart *find_encoded(const MimePart *part) {
    if (part->encoding == MIME_BASE64 || part->encoding == MIME_QUOTED_PRINTABLE) return part;
    for (const MimePart *child = part->first; child; child = child->next) {
        const MimePart *found = find_encoded(child);
        if (found) return found;
    }
    return NULL;
}

static void put_bits(Text *text, unsigned value) {
    for (int bit = 5; bit >= 0; bit--) text_put_char(text, value >> bit & 1 ? '1' : '0');
}

/* "E6 B1 89 → 111001 101011 000110 001001 → 5rGJ" */
static void draw_step(Column *c, Bytes source, Bytes result, const CodingStep *step, bool with_why) {
    Text line = text_new();
    for (size_t i = 0; i < step->from_size && i < 12; i++)
        text_print(&line, "%02X ", source.at[step->from + i]);
    for (uint8_t i = 0; i < step->index_count; i++) {
        text_put(&line, i == 0 ? "\xE2\x86\x92 " : " ");
        put_bits(&line, step->index[i]);
    }
    text_put(&line, " \xE2\x86\x92 ");
    for (size_t i = 0; i < step->to_size && i < 16; i++) {
        uint8_t o = result.at[step->to + i];
        if (o == '\n') text_put(&line, "\xE2\x86\xB5");
        else if (o != '\r') text_put_char(&line, (char)o);
    }
    put_line(c, FONT_MONO, c->pen->type.small, c->pen->theme->ink, c->pen->type.unit, text_get(&line));
    text_free(&line);
    if (!with_why) return;
    put_line(c, FONT_REGULAR, c->pen->type.small, c->pen->theme->ink_soft, c->pen->type.unit * 2,
             pen_word(c->pen, "step", coding_why_name(step->why)));
}

static void draw_steps(Column *c, Arena *arena, const MimePart *part) {
    MailFaults faults = mail_faults(arena);
    Bytes source = mime_part_octets(arena, part, &faults);
    if (source.size > 4096) source.size = 4096;
    bool base64 = part->encoding == MIME_BASE64;
    CodingSteps steps = base64 ? base64_encode_steps(arena, source, 76, 400) : quoted_printable_steps(arena, source, QP_TEXT, 400);
    Bytes result = base64 ? base64_encode_all(arena, source, 76) : quoted_printable_encode(arena, source, QP_TEXT);
    Text line = text_new(), sizes[2] = {text_new(), text_new()};
    text_print(&sizes[0], "%zu", source.size);
    text_print(&sizes[1], "%zu", result.size);
    strings_fill(&line, c->pen->words, base64 ? "mail.base64" : "mail.quoted_printable",
                 (StringsValue[]){{"octets", text_get(&sizes[0])}, {"characters", text_get(&sizes[1])}}, 2);
    heading(c, text_get(&line));
    text_free(&line);
    text_free(&sizes[0]);
    text_free(&sizes[1]);
    /* Of quoted-printable the steps that change something are the ones to see. */
    size_t drawn = 0, last = SIZE_MAX;
    for (size_t i = 0; i < steps.count && drawn < SHOWN_STEPS; i++) {
        if (!base64 && steps.items[i].why == CODING_QP_LITERAL) continue;
        draw_step(c, source, result, &steps.items[i], last == SIZE_MAX || steps.items[last].why != steps.items[i].why);
        last = i;
        drawn++;
    }
}

static void draw_letter(Column *c, uint32_t seq) {
    const Trace *trace = c->scene->story->trace;
    Bytes content = record_octets(trace, trace_get(trace, seq));
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    heading(c, strings_get(c->pen->words, "mail.as_written"));
    draw_written(c, find_written(trace, seq));
    heading(c, strings_get(c->pen->words, "mail.as_mime"));
    put_octets(c, content, false);
    heading(c, strings_get(c->pen->words, "mail.as_carried"));
    put_octets(c, content, true);
    if (content.size <= 1024 * 1024) {
        MimeTree tree = mime_read(arena, content, (MimeRules){.lines = LINES_CRLF}, &faults);
        heading(c, strings_get(c->pen->words, "mail.parts"));
        draw_part(c, tree.root);
        const MimePart *encoded = find_encoded(tree.root);
        if (encoded) draw_steps(c, arena, encoded);
    }
    arena_free(arena);
}

float mail_panel_draw(const Scene *scene, const Pen *pen, Rect box, float scroll) {
    Column c = {scene, pen, box, box.y - scroll};
    draw_list_clip_push(pen->list, (Rect){box.x - 4, box.y, box.w + 8, box.h});
    c.y = pen_heading(pen, box.x, c.y, box.w, strings_get(pen->words, "mail.hosts"));
    float before = c.y;
    for (uint32_t host = 0; host < trace_directory(scene->story->trace)->host_count; host++) draw_host(&c, host);
    if (c.y == before) put_line(&c, FONT_REGULAR, pen->type.body, pen->theme->ink_soft, 0, strings_get(pen->words, "mail.nobody"));
    uint32_t letter = find_letter(scene);
    if (letter != STORY_NONE) draw_letter(&c, letter);
    draw_list_clip_pop(pen->list);
    return fmaxf(0, c.y + scroll - box.y - box.h);
}
