/* Small networks for the tests of stack/, and questions to their traces. */
#ifndef NETSTAGE_TESTS_NETWORK_H
#define NETSTAGE_TESTS_NETWORK_H

#include "host/world_inside.h"
#include "stack/facts.h"
#include "wire/describe.h"
#include "worlds.h"

/* One LAN, 192.168.1.0/24, with hosts pc1 .. pc<hosts> at .1, .2 …, all on, quietly. */
static inline World *network_lan(int hosts, const char *kind, uint64_t seed) {
    World *w = world_new(seed, true);
    world_do(w, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24','kind':'%s'}", kind);
    for (int n = 1; n <= hosts; n++) {
        world_do(w, "{'do':'host','name':'pc%d'}", n);
        world_do(w, "{'do':'attach','host':'pc%d','lan':'lan1','address':'192.168.1.%d'}", n, n);
        world_do(w, "{'do':'boot','host':'pc%d','quiet':true}", n);
    }
    return w;
}

/* Two such LANs, 192.168.1.0/24 with pc1 (.1) and pc2 (.2), 192.168.2.0/24 with pc3 (.3), joined by the router r
 * (.254 on both), everybody's default. */
static inline World *network_routed(uint64_t seed) {
    World *w = world_new(seed, true);
    world_do(w, "{'do':'host','name':'r','router':true}");
    for (int n = 1; n <= 2; n++) {
        world_do(w, "{'do':'lan','name':'lan%d','prefix':'192.168.%d.0/24'}", n, n);
        world_do(w, "{'do':'attach','host':'r','lan':'lan%d','address':'192.168.%d.254'}", n, n);
    }
    world_do(w, "{'do':'boot','host':'r','quiet':true}");
    for (int n = 1; n <= 3; n++) {
        int lan = n == 3 ? 2 : 1;
        world_do(w, "{'do':'host','name':'pc%d'}", n);
        world_do(w, "{'do':'attach','host':'pc%d','lan':'lan%d','address':'192.168.%d.%d','router':'192.168.%d.254'}", n, lan, lan, n, lan);
        world_do(w, "{'do':'boot','host':'pc%d','quiet':true}", n);
    }
    return w;
}

static inline Host *network_host(World *w, const char *name) {
    Host *host = world_host(w, world_find(w, name));
    assert_non_null(host);
    return host;
}
static inline Interface *network_interface(World *w, const char *host) { return network_host(w, host)->stack->interfaces[0]; }

static inline void run_for(World *w, SimTime span) { world_run(w, world_now(w) + span); }

static inline size_t mark(World *w) { return trace_count(world_trace(w)); }

/* The records since `since` that a host (NULL: any) ignored for this reason; the last one in *last, if that is wanted. */
static inline size_t ignored_since(World *w, size_t since, const char *host, const char *reason, TraceRecord *last) {
    const Trace *trace = world_trace(w);
    size_t count = 0;
    if (last) *last = (TraceRecord){.cause = TRACE_NONE};
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_IGNORED || (host && r->host != world_find(w, host))) continue;
        if (reason && strcmp(trace_directory(trace)->reasons[r->small], reason) != 0) continue;
        if (last) *last = *r;
        count++;
    }
    return count;
}

static inline FrameSummary frame_of(World *w, uint32_t frame) {
    FrameSummary s;
    frame_summarise(frame_store_get(trace_frames(world_trace(w)), frame), &s);
    return s;
}

/* Messages since `since` with this name ("ARP request"; NULL: any) that the host (NULL: any) sent or received. */
static inline size_t messages_since(World *w, size_t since, const char *host, MessageCode code, const char *name, TraceRecord *last) {
    const Trace *trace = world_trace(w);
    size_t count = 0;
    if (last) *last = (TraceRecord){.cause = TRACE_NONE};
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != code || (host && r->host != world_find(w, host))) continue;
        if (name && strcmp(frame_of(w, r->message.frame).message, name) != 0) continue;
        if (last) *last = *r;
        count++;
    }
    return count;
}

/* Transits since `since` with this verdict on the cable of a host's first interface, `side` 0 from the host. */
static inline size_t transits_since(World *w, size_t since, const char *host, int side, FrameCode code, TraceRecord *last) {
    const Trace *trace = world_trace(w);
    uint32_t link = network_interface(w, host)->link->id;
    size_t count = 0;
    if (last) *last = (TraceRecord){.cause = TRACE_NONE};
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FRAME || r->frame.link != link || r->small != side || r->code != code) continue;
        if (last) *last = *r;
        count++;
    }
    return count;
}

/* Facts since `since` of this kind about a host; the values of the last one in *values, if that is wanted. */
static inline size_t facts_since(World *w, size_t since, const char *host, const FactSpec *spec, const int64_t **values, TraceRecord *last) {
    const Trace *trace = world_trace(w);
    size_t count = 0;
    if (last) *last = (TraceRecord){.cause = TRACE_NONE};
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || r->host != world_find(w, host) || trace_fact_spec(trace, r) != spec) continue;
        if (values) *values = trace_fact_values(trace, r);
        if (last) *last = *r;
        count++;
    }
    return count;
}

static inline void ping(World *w, const char *from, const char *to) { world_do(w, "{'do':'ping','host':'%s','to':'%s'}", from, to); }

/* A frame as octets come in by the tap of lan1. */
static inline void frame_in(World *w, const uint8_t *octets, size_t size) {
    Text hex = text_new();
    text_put_hex(&hex, bytes_of(octets, size), "");
    Value command = value_map();
    Arena *arena = sim_arena(world_sim(w));
    value_set(arena, &command, "do", value_text(arena, "frame"));
    value_set(arena, &command, "lan", value_text(arena, "lan1"));
    value_set(arena, &command, "octets", value_text(arena, text_get(&hex)));
    ConfigError error = {0};
    assert_true(world_command(w, &command, false, &error));
    text_free(&hex);
}

#endif
