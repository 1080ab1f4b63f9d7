/* A record of the trace in words, for chains of causes. */
#include <string.h>

#include "base/value.h"
#include "observe/record.h"
#include "view/panels.h"

/* A command in words: "pc1 is switched on", else "cable pc1". */
static void put_command(const Pen *pen, const char *json, Text *to) {
    Arena *arena = arena_new();
    Text error = text_new();
    Value value;
    if (value_parse(arena, json, strlen(json), &value, &error)) {
        static const char *const names[] = {"do", "host", "lan", "action", "service", "name", "to", "message"};
        enum { NAMES = sizeof names / sizeof names[0] };
        StringsValue values[NAMES];
        for (size_t i = 0; i < NAMES; i++) {
            const Value *field = value_get(&value, names[i]);
            values[i] = (StringsValue){names[i], field && field->kind == VALUE_TEXT ? field->text : ""};
        }
        const char *words = strings_find_in(pen->words, "command", values[0].value);
        if (words)
            strings_fill_text(to, words, values, NAMES);
        else
            text_print(to, "%s %s", values[0].value, *values[1].value ? values[1].value : values[5].value);
    } else {
        text_put(to, json);
    }
    text_free(&error);
    arena_free(arena);
}

void panel_put_record(const Scene *scene, const Pen *pen, uint32_t seq, Text *to) {
    const Trace *trace = scene->story->trace;
    const Directory *d = trace_directory(trace);
    const TraceRecord *r = trace_get(trace, seq);
    const char *host = story_node_name(scene->story, r->host);
    StringsValue values[6] = {{"host", host}};
    const char *key = "record.other";
    size_t count = 1;
    Text name = text_new();
    if (r->kind == TRACE_FACT) {
        if (!pen_put_fact(pen, scene->story, r, "fact", to))
            text_print(to, "%s: %s", host, trace_fact_spec(trace, r)->name);
        text_free(&name);
        return;
    }
    if (r->kind == TRACE_STATE || r->kind == TRACE_TIMER) {
        const MachineSpec *spec = d->machines[r->machine].spec;
        values[count++] = (StringsValue){"machine", spec->name};
        if (r->kind == TRACE_STATE) {
            key = r->state.from == r->state.to ? "record.step" : "record.state";
            values[count++] = (StringsValue){"from", spec->states[r->state.from]};
            values[count++] = (StringsValue){"to", spec->states[r->state.to]};
            values[count++] = (StringsValue){"input", spec->inputs[r->state.input].name};
        } else {
            key = r->code == TIMER_SET       ? "record.timer_set"
                  : r->code == TIMER_CLEARED ? "record.timer_cleared"
                                             : "record.timer_expired";
            values[count++] = (StringsValue){"timer", spec->timers[r->small]};
        }
    } else if (r->kind == TRACE_MESSAGE || r->kind == TRACE_FRAME) {
        uint32_t message = story_message_of(scene->story, seq);
        RecordSummary summary = {0};
        if (r->kind == TRACE_MESSAGE) record_summarise(trace, r, &summary);
        bool segment = r->kind == TRACE_MESSAGE && r->small == TRACE_PROTO_TCP;
        if (r->kind == TRACE_MESSAGE && (segment || record_is_said(r)) && summary.frame.message[0])
            text_print(&name, "%s%s", segment ? "TCP " : "",
                       segment && strcmp(summary.frame.message, "DATA") == 0
                           ? strings_get(pen->words, "message.segment")
                           : pen_word(pen, "message", summary.frame.message));
        else if (message != STORY_NONE)
            text_put(&name, pen_message_name(pen, &scene->story->messages[message]));
        values[count++] = (StringsValue){"message", text_get(&name)};
        if (r->kind == TRACE_FRAME) {
            key = r->code == FRAME_LOST || r->code == FRAME_LINK_DOWN ? "record.frame_lost" : "record.frame";
            values[count++] = (StringsValue){"link", d->links[r->frame.link].name};
        } else {
            key = r->code == MESSAGE_SENT ? "record.sent" : "record.received";
        }
    } else if (r->kind == TRACE_IGNORED) {
        key = "record.ignored";
        values[count++] = (StringsValue){"reason", pen_word(pen, "reason", d->reasons[r->small])};
    } else if (r->kind == TRACE_COMMAND) {
        put_command(pen, trace_text(trace, r), to);
        text_free(&name);
        return;
    } else if (r->kind == TRACE_SAY) {
        key = "record.say";
    }
    strings_fill(to, pen->words, key, values, count);
    text_free(&name);
}
