#include "sim/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { CHUNK_BITS = 13, CHUNK_RECORDS = 1 << CHUNK_BITS, INTERN_SLOTS = 64 };

/* Remembers which index a static text or spec has, by its address. */
typedef struct {
    const void *key;
    uint16_t index;
} InternSlot;

struct Trace {
    bool keep;
    size_t count;
    SimTime last_at;
    TraceRecord **chunks;
    size_t chunk_count, chunk_capacity;
    int64_t *values;
    size_t value_count, value_capacity;
    Text texts;
    FrameStore *frames;
    Arena *arena;
    Directory directory;
    InternSlot reason_slots[INTERN_SLOTS], fact_slots[INTERN_SLOTS];
};

const char *trace_proto_name(uint8_t proto) {
    static const char *const names[] = {
#define X(name, text) text,
        TRACE_PROTOS(X)
#undef X
    };
    CHECK(proto < TRACE_PROTO_COUNT);
    return names[proto];
}

const char *trace_kind_name(uint8_t kind) {
    static const char *const names[] = {"state",   "timer",   "message", "frame", "fact",
                                        "ignored", "command", "say",     "expect"};
    CHECK(kind < TRACE_KINDS);
    return names[kind];
}

Trace *trace_new(bool keep) {
    Trace *trace = memory_new(sizeof *trace);
    trace->keep = keep;
    trace->frames = frame_store_new(!keep);
    trace->arena = arena_new();
    return trace;
}

void trace_free(Trace *trace) {
    if (!trace) return;
    for (size_t i = 0; i < trace->chunk_count; i++) free(trace->chunks[i]);
    free(trace->chunks);
    free(trace->values);
    text_free(&trace->texts);
    frame_store_free(trace->frames);
    free(trace->directory.hosts);
    free(trace->directory.links);
    free(trace->directory.machines);
    free(trace->directory.facts);
    free(trace->directory.reasons);
    free(trace->directory.streams);
    arena_free(trace->arena);
    free(trace);
}

bool trace_keeps(const Trace *trace) { return trace->keep; }
size_t trace_count(const Trace *trace) { return trace->keep ? trace->count : 0; }
FrameStore *trace_frames(const Trace *trace) { return trace->frames; }
const Directory *trace_directory(const Trace *trace) { return &trace->directory; }

const TraceRecord *trace_get(const Trace *trace, size_t seq) {
    CHECK(trace->keep && seq < trace->count);
    return &trace->chunks[seq >> CHUNK_BITS][seq & (CHUNK_RECORDS - 1)];
}

const int64_t *trace_fact_values(const Trace *trace, const TraceRecord *fact) {
    CHECK(fact->kind == TRACE_FACT);
    return trace->values + fact->fact.values_at;
}

int64_t fact_name(const char *text) { return (int64_t)(intptr_t)text; }
const char *trace_fact_name(int64_t value) { return (const char *)(intptr_t)value; }

const FactSpec *trace_fact_spec(const Trace *trace, const TraceRecord *fact) {
    CHECK(fact->kind == TRACE_FACT && fact->small < trace->directory.fact_count);
    return trace->directory.facts[fact->small];
}

const char *trace_text(const Trace *trace, const TraceRecord *record) {
    CHECK(record->kind == TRACE_COMMAND || record->kind == TRACE_SAY || record->kind == TRACE_EXPECT);
    return trace->texts.at + record->text.text_at;
}

size_t trace_footprint(const Trace *trace) {
    return trace->chunk_count * CHUNK_RECORDS * sizeof(TraceRecord) + trace->value_capacity * sizeof(int64_t) +
           trace->texts.capacity;
}

uint32_t trace_add(Trace *trace, const TraceRecord *record) {
    CHECK(record->at >= trace->last_at && (record->cause == TRACE_NONE || record->cause < trace->count));
    CHECK(trace->count < TRACE_NONE);
    trace->last_at = record->at;
    if (trace->keep) {
        size_t chunk = trace->count >> CHUNK_BITS;
        if (chunk == trace->chunk_count) {
            trace->chunks = array_grow(trace->chunks, &trace->chunk_capacity, chunk + 1, sizeof(TraceRecord *));
            trace->chunks[trace->chunk_count++] = memory_resize(NULL, CHUNK_RECORDS * sizeof(TraceRecord));
        }
        trace->chunks[chunk][trace->count & (CHUNK_RECORDS - 1)] = *record;
    }
    return (uint32_t)trace->count++;
}

uint32_t trace_put_values(Trace *trace, const int64_t *values, size_t count) {
    if (!trace->keep) return 0;
    trace->values = array_grow(trace->values, &trace->value_capacity, trace->value_count + count, sizeof(int64_t));
    if (count > 0) memcpy(trace->values + trace->value_count, values, count * sizeof(int64_t));
    trace->value_count += count;
    return (uint32_t)(trace->value_count - count);
}

uint32_t trace_put_text(Trace *trace, const char *text, size_t size) {
    if (!trace->keep) return 0;
    size_t at = trace->texts.size;
    CHECK(at + size < UINT32_MAX);
    text_put_n(&trace->texts, text, size);
    text_put_char(&trace->texts, 0);
    return (uint32_t)at;
}

uint32_t trace_add_host(Trace *trace, const DirectoryHost *host) {
    Directory *d = &trace->directory;
    d->hosts = array_grow(d->hosts, &d->host_capacity, d->host_count + 1, sizeof *d->hosts);
    d->hosts[d->host_count] = *host;
    d->hosts[d->host_count].name = arena_text(trace->arena, host->name);
    return (uint32_t)d->host_count++;
}

uint32_t trace_add_link(Trace *trace, const DirectoryLink *link) {
    Directory *d = &trace->directory;
    d->links = array_grow(d->links, &d->link_capacity, d->link_count + 1, sizeof *d->links);
    DirectoryLink *kept = &d->links[d->link_count];
    *kept = *link;
    kept->name = arena_text(trace->arena, link->name);
    for (int i = 0; i < 2; i++) kept->end[i].name = arena_text(trace->arena, link->end[i].name);
    return (uint32_t)d->link_count++;
}

uint32_t trace_add_machine(Trace *trace, uint32_t host, const MachineSpec *spec) {
    Directory *d = &trace->directory;
    d->machines = array_grow(d->machines, &d->machine_capacity, d->machine_count + 1, sizeof *d->machines);
    d->machines[d->machine_count] = (DirectoryMachine){host, spec};
    return (uint32_t)d->machine_count++;
}

uint32_t trace_add_stream(Trace *trace, const DirectoryStream *stream) {
    if (!trace->keep) return TRACE_NONE;
    Directory *d = &trace->directory;
    d->streams = array_grow(d->streams, &d->stream_capacity, d->stream_count + 1, sizeof *d->streams);
    d->streams[d->stream_count] = *stream;
    return (uint32_t)d->stream_count++;
}

static InternSlot *intern_slot(InternSlot *slots, const void *key) {
    return &slots[((uintptr_t)key >> 3) % INTERN_SLOTS];
}

uint16_t trace_fact_index(Trace *trace, const FactSpec *spec) {
    InternSlot *slot = intern_slot(trace->fact_slots, spec);
    if (slot->key == spec) return slot->index;
    Directory *d = &trace->directory;
    size_t index = 0;
    while (index < d->fact_count && d->facts[index] != spec) index++;
    if (index == d->fact_count) {
        d->facts = array_grow(d->facts, &d->fact_capacity, index + 1, sizeof *d->facts);
        d->facts[d->fact_count++] = spec;
    }
    *slot = (InternSlot){spec, (uint16_t)index};
    return slot->index;
}

uint16_t trace_reason_index(Trace *trace, const char *reason) {
    InternSlot *slot = intern_slot(trace->reason_slots, reason);
    if (slot->key == reason) return slot->index;
    Directory *d = &trace->directory;
    size_t index = 0;
    while (index < d->reason_count && strcmp(d->reasons[index], reason) != 0) index++;
    if (index == d->reason_count) {
        d->reasons = array_grow(d->reasons, &d->reason_capacity, index + 1, sizeof *d->reasons);
        d->reasons[d->reason_count++] = reason;
    }
    *slot = (InternSlot){reason, (uint16_t)index};
    return slot->index;
}
