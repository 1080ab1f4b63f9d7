/* The Message panel's part for what a stream carries: commands, replies with a meaning for each digit, contents. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "observe/record.h"
#include "view/panels.h"

uint32_t said_records_of(const Story *story, uint32_t message, uint32_t *records, uint32_t most) {
    return (uint32_t)story_said(story, &story->messages[message], records, most);
}

void said_put_name(const Trace *trace, uint32_t record, Text *name) {
    RecordSummary summary;
    record_summarise(trace, trace_get(trace, record), &summary);
    text_put(name, summary.frame.message);
}

/* The command that a reply answers: what its server had received. TRACE_NONE: none, as for a greeting. */
static uint32_t answered(const Trace *trace, uint32_t reply) {
    uint32_t seq = trace_get(trace, reply)->cause, host = trace_get(trace, reply)->host;
    for (int steps = 0; seq != TRACE_NONE && steps < 8; steps++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->host != host) return TRACE_NONE;
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_RECEIVED) return record_is_said(r) ? seq : TRACE_NONE;
        seq = r->cause;
    }
    return TRACE_NONE;
}

static void put_first_line(const Trace *trace, uint32_t record, Text *to) {
    Bytes octets = record_octets(trace, trace_get(trace, record));
    for (size_t i = 0; i < octets.size && octets.at[i] != '\r' && octets.at[i] != '\n'; i++)
        text_put_char(to, octets.at[i] >= ' ' && octets.at[i] != 127 ? (char)octets.at[i] : '.');
}

/* A name as part of a key: "+OK" is OK, "-ERR" ERR, "+" go_on, "UID FETCH" UID_FETCH. */
static void put_key(const Trace *trace, uint32_t record, Text *key) {
    Text name = text_new();
    said_put_name(trace, record, &name);
    const char *at = text_get(&name);
    if (strcmp(at, "+") == 0) at = "go_on";
    else if (*at == '+' || *at == '-') at++;
    for (; *at; at++) text_put_char(key, *at == ' ' ? '_' : *at);
    text_free(&name);
}

/* The most special words there are: of this reply to this command, of such a reply (IMAP names some
 * as it names commands), of the reply or command, of any such. */
static const char *explanation_of(const Scene *scene, const Pen *pen, uint32_t record, uint32_t asked) {
    const Trace *trace = scene->story->trace;
    const TraceRecord *r = trace_get(trace, record);
    Text name = text_new(), other = text_new(), key = text_new();
    const char *protocol = trace_proto_name((uint8_t)r->small), *words = NULL;
    put_key(trace, record, &name);
    if (asked != TRACE_NONE) {
        put_key(trace, asked, &other);
        text_print(&key, "%s.%s.%s", protocol, text_get(&name), text_get(&other));
        words = strings_find_in(pen->words, "explain", text_get(&key));
    }
    if (!words && r->message.part == SAID_REPLY) {
        text_clear(&key);
        text_print(&key, "%s.%s.reply", protocol, text_get(&name));
        words = strings_find_in(pen->words, "explain", text_get(&key));
    }
    if (!words) {
        text_clear(&key);
        text_print(&key, "%s.%s", protocol, text_get(&name));
        words = strings_find_in(pen->words, "explain", text_get(&key));
    }
    if (!words) {
        text_clear(&key);
        text_print(&key, "%s.any_%s", protocol, record_part(r));
        words = strings_find_in(pen->words, "explain", text_get(&key));
    }
    text_free(&name);
    text_free(&other);
    text_free(&key);
    return words;
}

static const char *digit_words(const Pen *pen, size_t place, char digit) {
    char key[24];
    snprintf(key, sizeof key, "digit%u.%c", (unsigned)place + 1, digit);
    const char *words = strings_find_in(pen->words, "said", key);
    if (words) return words;
    snprintf(key, sizeof key, "digit%u", (unsigned)place + 1);
    return strings_find_in(pen->words, "said", key);
}

/* Each digit in a tile of its own, its meaning beside it. */
static float draw_digits(const Pen *pen, Rect box, Bytes octets) {
    float size = pen->type.message, tile = roundf(size * 1.5f), small = pen->type.small, y = box.y;
    for (size_t i = 0; i < 3; i++) {
        char digit[2] = {(char)octets.at[i], 0};
        Tone tone = octets.at[0] == '4' ? TONE_WARN : octets.at[0] == '5' ? TONE_BAD : TONE_GOOD;
        if (octets.at[0] == '3') tone = TONE_ACTIVE;
        bool first = i == 0;
        draw_list_box(pen->list, (Rect){box.x, y, tile, tile}, pen->type.unit * 0.5f,
                      first ? pen->theme->tone_soft[tone] : pen->theme->sunken, 0, 0);
        draw_list_text(pen->list, (Point){box.x + tile / 2, y + tile / 2}, TEXT_CENTER, FONT_BOLD, size,
                       first ? pen->theme->tone_ink[tone] : pen->theme->ink, 0, digit);
        const char *words = digit_words(pen, i, digit[0]);
        float high = tile;
        if (words) {
            Rect room = {box.x + tile + pen->type.unit, y, box.w - tile - pen->type.unit, small * 1.3f * 2 + 1};
            float used = fminf(room.h, draw_list_paragraph_height(room.w, FONT_REGULAR, small, 1.3f, words));
            high = fmaxf(tile, used);
            room.y += (high - used) / 2;
            draw_list_paragraph(pen->list, room, TEXT_LEFT, FONT_REGULAR, small, 1.3f, pen->theme->ink, words);
        }
        y += high + pen->type.unit * 0.5f;
    }
    return y;
}

/* RFC 3463: class, subject, detail. */
static float draw_enhanced(const Scene *scene, const Pen *pen, Rect box, uint32_t record) {
    Description d = {0};
    record_describe(scene->story->trace, trace_get(scene->story->trace, record), &d);
    const DescribedField *field = description_find(&d, "said.enhanced");
    float y = box.y;
    if (field) {
        const char *code = description_value(&d, field), *subject = strchr(code, '.'),
                   *detail = subject ? strchr(subject + 1, '.') : NULL;
        Text line = text_new(), key = text_new();
        text_print(&line, "%s", code);
        if (detail) {
            text_put_n(&key, subject + 1, (size_t)(detail - subject - 1));
            const char *words = strings_find_in(pen->words, "enhanced.subject", text_get(&key));
            const char *exact = strings_find_in(pen->words, "enhanced.detail", subject + 1);
            if (words) text_print(&line, "  %s", words);
            if (exact) text_print(&line, ": %s", exact);
        }
        draw_list_text(pen->list, (Point){box.x, y + pen->type.small * 0.9f}, TEXT_LEFT, FONT_BOLD, pen->type.small,
                       pen->theme->ink_soft, box.w, text_get(&line));
        y += pen->type.small * 1.8f;
        text_free(&line);
        text_free(&key);
    }
    description_free(&d);
    return y;
}

float said_draw(const Scene *scene, const Pen *pen, Rect box, uint32_t record) {
    const Trace *trace = scene->story->trace;
    const TraceRecord *r = trace_get(trace, record);
    Bytes octets = record_octets(trace, r);
    bool reply = r->message.part == SAID_REPLY, smtp = r->small == TRACE_PROTO_SMTP;
    float u = pen->type.unit, size = pen->type.body, y = box.y;
    uint32_t asked = reply ? answered(trace, record) : TRACE_NONE;
    if (r->message.part != SAID_CONTENT) {
        Text line = text_new();
        put_first_line(trace, record, &line);
        Rect well = {box.x, y, box.w, roundf(size * 1.9f)};
        draw_list_box(pen->list, well, u * 0.5f, pen->theme->sunken, 0, 0);
        draw_list_text(pen->list, (Point){box.x + u, y + well.h / 2}, TEXT_LEFT, FONT_MONO, size, pen->theme->ink,
                       box.w - 2 * u, text_get(&line));
        y += well.h + u * 0.75f;
        text_free(&line);
    }
    if (asked != TRACE_NONE && trace_get(trace, asked)->message.part == SAID_COMMAND) {
        Text command = text_new(), line = text_new();
        put_first_line(trace, asked, &command);
        strings_fill(&line, pen->words, "message.answers", (StringsValue[]){{"command", text_get(&command)}}, 1);
        draw_list_text(pen->list, (Point){box.x, y + pen->type.small * 0.7f}, TEXT_LEFT, FONT_REGULAR, pen->type.small,
                       pen->theme->ink_soft, box.w, text_get(&line));
        y += pen->type.small * 1.7f;
        text_free(&command);
        text_free(&line);
    }
    const char *words = explanation_of(scene, pen, record, asked);
    if (words) {
        Rect room = {box.x, y, box.w, size * 1.35f * 4};
        y += draw_list_paragraph(pen->list, room, TEXT_LEFT, FONT_REGULAR, size, 1.35f, pen->theme->ink, words);
        y += u * 0.75f;
    }
    if (reply && smtp && octets.size >= 3) {
        y = draw_digits(pen, (Rect){box.x, y, box.w, 0}, octets);
        y = draw_enhanced(scene, pen, (Rect){box.x, y, box.w, 0}, record);
    }
    return y;
}

const char *said_field_hint(const Pen *pen, const Description *d, const DescribedField *field) {
    const char *value = description_value(d, field);
    if (strcmp(field->key, "said.header") == 0) {
        char name[48];
        size_t size = 0;
        for (; size + 1 < sizeof name && value[size] && value[size] != ':'; size++)
            name[size] = value[size] >= 'A' && value[size] <= 'Z' ? (char)(value[size] + 32) : value[size];
        name[size] = 0;
        const char *words = strings_find_in(pen->words, "header", name);
        if (words) return words;
    }
    if (strncmp(field->key, "said.digit", 10) == 0 && strcmp(d->protocol, "smtp") == 0)
        return digit_words(pen, (size_t)(field->key[10] - '1'), value[0]);
    return strings_find_in(pen->words, "field", field->key);
}
