#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "observe/record.h"
#include "view/panel_message.h"

static const TraceRecord *said_of(const MessagePanel *panel, const Story *story) {
    return panel->layer < panel->said_count ? trace_get(story->trace, panel->said[panel->layer]) : NULL;
}

uint32_t message_record(const MessagePanel *panel, const Story *story) {
    return panel->layer < panel->said_count ? panel->said[panel->layer] : story->messages[panel->message].seq;
}

/* ---- Which of the messages ---- */

float message_draw_layers(const MessagePanel *panel, const Scene *scene, const Pen *pen, Rect box) {
    if (panel->said_count == 0) return box.y;
    float size = pen->type.small, height = roundf(size * 1.7f), x = box.x, u = pen->type.unit;
    const StoryMessage *m = &scene->story->messages[panel->message];
    for (uint32_t i = 0; i <= panel->said_count; i++) {
        char words[48];
        if (i < panel->said_count) {
            RecordSummary summary;
            record_summarise(scene->story->trace, trace_get(scene->story->trace, panel->said[i]), &summary);
            snprintf(words, sizeof words, "%s %s", pen_word(pen, "protocol", m->protocol),
                     pen_word(pen, "message", summary.frame.message));
        } else {
            snprintf(words, sizeof words, "%s", strings_get(pen->words, "message.segment_below"));
        }
        bool on = i == panel->layer;
        float width = font_width(on ? FONT_BOLD : FONT_REGULAR, size, words, strlen(words)) + size * 1.4f;
        if (x + width > box.x + box.w && x > box.x) x = box.x, box.y += height + u * 0.4f;
        Rect tab = {roundf(x), box.y, roundf(width), height};
        draw_list_id(pen->list, hit_id(HIT_LAYER, i));
        draw_list_box(pen->list, tab, height / 2, on ? pen->theme->tone_soft[TONE_ACTIVE] : pen->theme->sunken, 0, 0);
        draw_list_id(pen->list, 0);
        draw_list_text(pen->list, (Point){tab.x + tab.w / 2, tab.y + tab.h / 2}, TEXT_CENTER,
                       on ? FONT_BOLD : FONT_REGULAR, size,
                       on ? pen->theme->tone_ink[TONE_ACTIVE] : pen->theme->ink_soft, 0, words);
        x += width + u * 0.6f;
    }
    return box.y + height + u * 0.75f;
}

/* ---- What it means ---- */

/* The name of the command (or the content) that a reply answers; "" where the trace does not tell. */
static void put_answered(const Story *story, uint32_t reply, Text *to) {
    enum { MOST = 30 };
    for (int i = 0; i < MOST; i++) {
        reply = trace_get(story->trace, reply)->cause;
        if (reply == TRACE_NONE) return;
        const TraceRecord *r = trace_get(story->trace, reply);
        if (r->kind != TRACE_MESSAGE || !record_is_said(r) || r->code != MESSAGE_RECEIVED) continue;
        RecordSummary summary;
        record_summarise(story->trace, r, &summary);
        text_put(to, summary.frame.message);
        return;
    }
}

static const char *find(const Pen *pen, const char *protocol, const char *name, const char *about) {
    Text key = text_new();
    text_print(&key, "%s.%s%s%s", protocol, name, *about ? "_" : "", about);
    for (char *c = key.at; *c; c++) *c = *c == ' ' ? '_' : *c; /* no key has a space */
    const char *words = strings_find_in(pen->words, "explain", text_get(&key));
    text_free(&key);
    return words;
}

void message_put_explanation(const MessagePanel *panel, const Scene *scene, const Pen *pen, Text *to) {
    const StoryMessage *m = &scene->story->messages[panel->message];
    const TraceRecord *said = said_of(panel, scene->story);
    const char *words = NULL;
    if (!said) {
        /* The segment itself, whatever it carries. */
        FrameSummary summary;
        frame_summarise(frame_store_get(trace_frames(scene->story->trace), panel->shown), &summary);
        const char *name = summary.message && *summary.message ? summary.message : "any";
        words = find(pen, summary.protocol, name, "");
        if (!words && strcmp(summary.protocol, "tcp") == 0) words = find(pen, "tcp", "any", "");
        if (words) text_put(to, words);
        return;
    }
    RecordSummary summary;
    record_summarise(scene->story->trace, said, &summary);
    Text answered = text_new();
    if (said->message.part == STREAM_REPLY) put_answered(scene->story, panel->said[panel->layer], &answered);
    const char *more = answered.size ? find(pen, m->protocol, summary.frame.message, text_get(&answered)) : NULL;
    words = find(pen, m->protocol, summary.frame.message, "");
    if (!words) words = find(pen, m->protocol, said->message.part == STREAM_REPLY ? "any_reply" : "any", "");
    if (words) text_put(to, words);
    if (more) text_print(to, "%s%s", words ? " " : "", more);
    text_free(&answered);
}

/* ---- Its fields ---- */

static Bytes octets_of(const MessagePanel *panel, const Story *story, const DescribedField *field) {
    return bytes_slice(frame_store_get(trace_frames(story->trace), panel->described), field->offset, field->length);
}

static void put_line(Text *to, Bytes octets) {
    for (size_t i = 0; i < octets.size && i < 400;) {
        uint32_t code;
        size_t step = utf8_next((const char *)octets.at + i, octets.size - i, &code);
        if (code == 0xFFFD && step == 1)
            text_print(to, "<%02X>", octets.at[i]);
        else if (code < 32)
            text_put_char(to, ' ');
        else
            text_put_n(to, (const char *)octets.at + i, step);
        i += step;
    }
}

static Bytes without_space(Bytes octets) {
    size_t first = 0;
    while (first < octets.size && octets.at[first] <= ' ') first++;
    return bytes_slice(octets, first, SIZE_MAX);
}

/* "5.1.1" as its subject and detail: the class is the first digit of the code. */
static const char *enhanced_words(const Pen *pen, Bytes code) {
    char name[16];
    if (code.size < 5 || code.size > sizeof name) return NULL;
    snprintf(name, sizeof name, "%.*s", (int)(code.size - 2), (const char *)code.at + 2);
    return strings_find_in(pen->words, "enhanced", name);
}

bool message_put_said_field(const MessagePanel *panel, const Scene *scene, const Pen *pen, const DescribedField *field,
                            Text *name, Text *value) {
    if (strncmp(field->key, "said.", 5) != 0) return false;
    Bytes octets = octets_of(panel, scene->story, field);
    const char *key = field->key + 5, *word = strings_find_in(pen->words, "said", key);
    const uint8_t *colon = strcmp(key, "header") == 0 ? memchr(octets.at, ':', octets.size) : NULL;
    if (colon) {
        size_t size = (size_t)(colon - octets.at);
        put_line(name, bytes_slice(octets, 0, size));
        put_line(value, without_space(bytes_slice(octets, size + 1, SIZE_MAX)));
        return true;
    }
    text_put(name, word ? word : field->name);
    if (strcmp(key, "folded") == 0) text_clear(name);
    put_line(value, strcmp(key, "folded") == 0 ? without_space(octets) : octets);
    const char *meaning = NULL;
    if (strncmp(key, "digit", 5) == 0) meaning = strings_find_in(pen->words, key, text_get(value));
    if (strcmp(key, "enhanced") == 0) meaning = enhanced_words(pen, octets);
    if (meaning) text_print(value, "  %s", meaning);
    return true;
}

const char *message_field_hint(const MessagePanel *panel, const Scene *scene, const Pen *pen,
                               const DescribedField *field) {
    if (strcmp(field->key, "said.header") == 0) {
        Bytes octets = octets_of(panel, scene->story, field);
        char name[64];
        size_t size = 0;
        while (size < octets.size && size + 1 < sizeof name && octets.at[size] != ':')
            name[size] = (char)tolower(octets.at[size]), size++;
        name[size] = 0;
        const char *words = strings_find_in(pen->words, "header", name);
        if (words) return words;
    }
    return strings_find_in(pen->words, "field", field->key);
}
