#include "observe/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "observe/timeline_inside.h"

/* A keyframe takes as much memory as a state: the larger a state, the rarer. Folding a record takes some ten
 * nanoseconds, so that going back stays well below a millisecond. */
enum { KEYFRAME_RECORDS = 2048, KEYFRAME_BYTES_PER_RECORD = 64 };

/* ---- Facts the fold understands ---- */

static const struct {
    const char *name;
    FoldKind kind;
    const char *fields[FACT_FIELDS]; /* in the order in which fold_fact takes their values */
} fold_facts[] = {
    {"host.powered", FOLD_POWERED, {"on"}},
    {"link.plugged", FOLD_PLUGGED, {"interface", "link", "up"}},
    {"interface.configured", FOLD_CONFIGURED, {"interface", "address", "prefix_length", "router", "name_server"}},
    {"interface.unconfigured", FOLD_UNCONFIGURED, {"interface"}},
    {"dhcp.bound", FOLD_BOUND, {"interface", "address", "server", "started", "t1", "t2", "expires"}},
    {"dhcp.unbound", FOLD_UNBOUND, {"reason"}},
    {"dhcp.binding", FOLD_BINDING, {"address", "state", "mac", "expires"}},
};

/* A fact of this name without one of the fields is another fact. */
static FoldFact fold_fact_of(const FactSpec *spec) {
    FoldFact fold = {FOLD_NOTHING, {0}};
    for (size_t i = 0; i < sizeof fold_facts / sizeof *fold_facts; i++) {
        if (strcmp(fold_facts[i].name, spec->name) != 0) continue;
        for (size_t f = 0; f < FACT_FIELDS && fold_facts[i].fields[f]; f++) {
            size_t k = 0;
            while (k < spec->count && strcmp(spec->fields[k].name, fold_facts[i].fields[f]) != 0) k++;
            if (k == spec->count) return (FoldFact){FOLD_NOTHING, {0}};
            fold.at[f] = (uint8_t)k;
        }
        fold.kind = fold_facts[i].kind;
    }
    return fold;
}

static void take_facts(Timeline *tl) {
    const Directory *d = trace_directory(tl->trace);
    tl->facts = array_grow(tl->facts, &tl->fact_capacity, d->fact_count, sizeof *tl->facts);
    for (; tl->fact_count < d->fact_count; tl->fact_count++)
        tl->facts[tl->fact_count] = fold_fact_of(d->facts[tl->fact_count]);
}

/* The slot that a record changes, made if need be. */
static uint32_t slot_for(Timeline *tl, const TraceRecord *r) {
    if (r->kind == TRACE_STATE) return timeline_machine_slot(tl, r->machine, r->state.subject);
    if (r->kind == TRACE_TIMER) return timeline_machine_slot(tl, r->machine, r->timer.subject);
    if (r->kind != TRACE_FACT) return TIMELINE_NONE;
    const FoldFact *fold = &tl->facts[r->small];
    const int64_t *values = trace_fact_values(tl->trace, r);
    switch (fold->kind) {
    case FOLD_NOTHING:
    case FOLD_POWERED: return TIMELINE_NONE;
    case FOLD_PLUGGED:
    case FOLD_CONFIGURED:
    case FOLD_UNCONFIGURED: return timeline_interface_slot(tl, r->host, (uint32_t)values[fold->at[0]] & 0xff);
    case FOLD_BOUND:
    case FOLD_UNBOUND: return timeline_lease_slot(tl, r);
    case FOLD_BINDING: return timeline_binding_slot(tl, r->host, (Ipv4Address)values[fold->at[0]]);
    }
    CHECK_UNREACHABLE();
}

/* ---- The fold ---- */

static void interface_clear(TimelineInterface *interface, uint32_t seq) {
    if (interface->address != 0) interface->record = seq;
    interface->address = interface->router = interface->name_server = 0;
    interface->prefix_length = 0;
}

/* Without power a host keeps its cables and nothing else. */
static void fold_power_off(const Timeline *tl, TimelineState *s, uint32_t host, uint32_t seq) {
    size_t count;
    const uint32_t *slots = timeline_slots(tl, host, TIMELINE_MACHINES, &count);
    for (size_t i = 0; i < count; i++) s->machines[slots[i]] = tl->blank.machines[slots[i]];
    slots = timeline_slots(tl, host, TIMELINE_INTERFACES, &count);
    for (size_t i = 0; i < count; i++) interface_clear(&s->interfaces[slots[i]], seq);
    slots = timeline_slots(tl, host, TIMELINE_LEASES, &count);
    for (size_t i = 0; i < count; i++) {
        TimelineLease *lease = &s->leases[slots[i]];
        if (!lease->held) continue;
        lease->held = false;
        lease->ended = "power";
        lease->record = seq;
    }
    slots = timeline_slots(tl, host, TIMELINE_BINDINGS, &count);
    for (size_t i = 0; i < count; i++) s->bindings[slots[i]].state = NULL;
}

static void interface_plug(const Timeline *tl, TimelineInterface *interface, uint32_t link, bool up) {
    const DirectoryLink *entry = &trace_directory(tl->trace)->links[link];
    for (int end = 0; end < 2; end++)
        if (entry->end[end].host == interface->host && entry->end[end].index == interface->index)
            memcpy(interface->mac.octet, entry->end[end].mac, 6);
    interface->link = link;
    interface->up = up;
}

static void fold_fact(const Timeline *tl, TimelineState *s, const TraceRecord *r, uint32_t seq) {
    const FoldFact *fold = &tl->facts[r->small];
    if (fold->kind == FOLD_NOTHING) return;
    const int64_t *values = trace_fact_values(tl->trace, r);
    int64_t v[FACT_FIELDS];
    for (int i = 0; i < FACT_FIELDS; i++) v[i] = values[fold->at[i]];
    uint32_t slot = tl->slot_of[seq];
    switch (fold->kind) {
    case FOLD_NOTHING: break;
    case FOLD_POWERED: {
        TimelineHost *host = &s->hosts[r->host];
        host->powered = v[0] != 0;
        host->since = r->at;
        host->record = seq;
        if (!host->powered) fold_power_off(tl, s, r->host, seq);
        break;
    }
    case FOLD_PLUGGED:
        /* Told of the old cable after the new one was found in the directory, it says nothing about the new one. */
        if (v[2] == 0 && v[1] != (int64_t)s->interfaces[slot].link) break;
        if ((uint64_t)v[1] >= trace_directory(tl->trace)->link_count) break;
        interface_plug(tl, &s->interfaces[slot], (uint32_t)v[1], v[2] != 0);
        break;
    case FOLD_CONFIGURED: {
        TimelineInterface *interface = &s->interfaces[slot];
        interface->address = (Ipv4Address)v[1];
        interface->prefix_length = (uint8_t)v[2];
        interface->router = (Ipv4Address)v[3];
        interface->name_server = (Ipv4Address)v[4];
        interface->record = seq;
        break;
    }
    case FOLD_UNCONFIGURED: interface_clear(&s->interfaces[slot], seq); break;
    case FOLD_BOUND: {
        TimelineLease *lease = &s->leases[slot];
        lease->held = true;
        lease->interface = (uint8_t)v[0];
        lease->address = (Ipv4Address)v[1];
        lease->server = (Ipv4Address)v[2];
        lease->started_at = v[3];
        lease->t1_at = v[4];
        lease->t2_at = v[5];
        lease->expires_at = v[6];
        lease->ended = NULL;
        lease->record = seq;
        break;
    }
    case FOLD_UNBOUND: {
        TimelineLease *lease = &s->leases[slot];
        lease->held = false;
        lease->ended = trace_fact_name(v[0]);
        lease->record = seq;
        break;
    }
    case FOLD_BINDING: {
        TimelineBinding *binding = &s->bindings[slot];
        binding->state = trace_fact_name(v[1]);
        for (int i = 0; i < 6; i++) binding->client.octet[i] = (uint8_t)(v[2] >> (40 - 8 * i));
        binding->expires_at = v[3];
        binding->record = seq;
        break;
    }
    }
}

static void fold_timer(TimelineMachine *m, const TraceRecord *r, uint32_t seq) {
    if (r->small >= MACHINE_TIMERS) return;
    m->timers[r->small] = (TimelineTimer){r->at, r->code == TIMER_SET ? r->timer.expires_at : SIM_NEVER, seq};
}

/* A link that appears is plugged in at both ends. */
static void fold_links(const Timeline *tl, TimelineState *s, SimTime t) {
    const Directory *d = trace_directory(tl->trace);
    for (; s->links_seen < d->link_count && d->links[s->links_seen].added_at <= t; s->links_seen++)
        for (int end = 0; end < 2; end++) {
            const DirectoryEnd *e = &d->links[s->links_seen].end[end];
            uint32_t slot = timeline_slot_find(tl, SLOT_INTERFACE, e->host, e->index & 0xff);
            if (slot != TIMELINE_NONE) interface_plug(tl, &s->interfaces[slot], s->links_seen, true);
        }
}

static void fold(const Timeline *tl, TimelineState *s, uint32_t seq) {
    const TraceRecord *r = trace_get(tl->trace, seq);
    fold_links(tl, s, r->at);
    switch ((TraceKind)r->kind) {
    case TRACE_STATE: {
        TimelineMachine *m = &s->machines[tl->slot_of[seq]];
        if (m->record == TIMELINE_NONE || r->state.to != m->state) m->entered_at = r->at;
        m->state = r->state.to;
        m->from = r->state.from;
        m->input = r->state.input;
        m->row = r->state.row;
        m->stepped_at = r->at;
        m->record = seq;
        break;
    }
    case TRACE_TIMER: fold_timer(&s->machines[tl->slot_of[seq]], r, seq); break;
    case TRACE_FACT: fold_fact(tl, s, r, seq); break;
    case TRACE_SAY:
        if (r->code == SAY_PHASE)
            s->phase = seq;
        else
            s->say = seq;
        if (r->code == SAY_BEAT) {
            s->beat = seq;
            s->beats++;
        }
        break;
    case TRACE_EXPECT:
        if (r->code)
            s->expectations_held++;
        else
            s->expectations_failed++;
        break;
    default: break;
    }
    s->seq_end = seq + 1;
    s->t = r->at;
}

/* ---- The timeline ---- */

Timeline *timeline_new(const Trace *trace) {
    CHECK(trace_keeps(trace));
    Timeline *tl = memory_new(sizeof *tl);
    tl->trace = trace;
    TimelineState empty = {.say = TIMELINE_NONE, .beat = TIMELINE_NONE, .phase = TIMELINE_NONE};
    tl->blank = tl->head = tl->now = empty;
    timeline_update(tl);
    return tl;
}

void timeline_free(Timeline *tl) {
    if (!tl) return;
    timeline_state_free(&tl->blank);
    timeline_state_free(&tl->head);
    timeline_state_free(&tl->now);
    for (size_t i = 0; i < tl->keyframe_count; i++) timeline_state_free(&tl->keyframes[i].state);
    free(tl->keyframes);
    free(tl->slot_of);
    free(tl->table);
    free(tl->facts);
    for (size_t i = 0; i < tl->host_slot_count; i++)
        for (int list = 0; list < TIMELINE_LISTS; list++) free(tl->host_slots[i].lists[list].seqs);
    free(tl->host_slots);
    timeline_index_free(&tl->index);
    free(tl);
}

/* Machines that never step and interfaces that are never configured are on the stage too. Switch ports have no MAC
 * and are none. */
static void take_directory(Timeline *tl) {
    static const uint8_t no_mac[6];
    const Directory *d = trace_directory(tl->trace);
    timeline_take_hosts(tl);
    take_facts(tl);
    for (size_t i = tl->head.links_seen; i < d->link_count; i++)
        for (int end = 0; end < 2; end++) {
            const DirectoryEnd *e = &d->links[i].end[end];
            if (memcmp(e->mac, no_mac, 6) == 0) continue;
            MacAddress mac;
            memcpy(mac.octet, e->mac, 6);
            timeline_interface_slot(tl, e->host, e->index & 0xff);
            timeline_mac_slot(tl, mac, e->host);
        }
    for (size_t i = 0; i < d->machine_count; i++)
        if (!d->machines[i].spec->subject) timeline_machine_slot(tl, (uint32_t)i, 0);
}

void timeline_update(Timeline *tl) {
    uint32_t count = (uint32_t)trace_count(tl->trace);
    take_directory(tl);
    tl->slot_of = array_grow(tl->slot_of, &tl->slot_capacity, count, sizeof *tl->slot_of);
    size_t since = tl->keyframe_count ? tl->taken - tl->keyframes[tl->keyframe_count - 1].seq_end : tl->taken;
    while (tl->taken < count) {
        uint32_t seq = tl->taken;
        tl->slot_of[seq] = slot_for(tl, trace_get(tl->trace, seq));
        fold(tl, &tl->head, seq);
        timeline_index_add(tl, seq);
        tl->taken++;
        if (++since >= KEYFRAME_RECORDS && since >= timeline_state_size(&tl->head) / KEYFRAME_BYTES_PER_RECORD) {
            timeline_keyframe_add(tl);
            since = 0;
        }
    }
}

const Trace *timeline_trace(const Timeline *tl) { return tl->trace; }
const TimelineState *timeline_state(const Timeline *tl) { return &tl->now; }
SimTime timeline_end(const Timeline *tl) { return tl->index.end; }

void timeline_seek_to(Timeline *tl, uint32_t seq_end, SimTime t) {
    CHECK(seq_end <= tl->taken);
    size_t low = 0, high = tl->keyframe_count; /* keyframes before `low` end at or before the place */
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (tl->keyframes[middle].seq_end <= seq_end)
            low = middle + 1;
        else
            high = middle;
    }
    const Keyframe *nearest = low > 0 ? &tl->keyframes[low - 1] : NULL;
    if (tl->now.seq_end > seq_end || t < tl->now.t || (nearest && nearest->seq_end > tl->now.seq_end))
        timeline_state_copy(tl, &tl->now, nearest ? &nearest->state : &tl->blank);
    for (uint32_t seq = tl->now.seq_end; seq < seq_end; seq++) fold(tl, &tl->now, seq);
    fold_links(tl, &tl->now, t);
    CHECK(t >= tl->now.t);
    tl->now.t = t;
}

void timeline_seek(Timeline *tl, SimTime t) { timeline_seek_to(tl, timeline_seq_at(tl, t), t); }

/* ---- Looking things up ---- */

const TimelineMachine *timeline_machine(const Timeline *tl, uint32_t host, const char *machine, uint32_t subject) {
    size_t count;
    const uint32_t *slots = timeline_slots(tl, host, TIMELINE_MACHINES, &count);
    for (size_t i = 0; i < count; i++) {
        const TimelineMachine *m = &tl->now.machines[slots[i]];
        if (m->subject == subject && strcmp(timeline_machine_name(tl, m), machine) == 0) return m;
    }
    return NULL;
}

const TimelineInterface *timeline_interface(const Timeline *tl, uint32_t host, uint8_t index) {
    uint32_t slot = timeline_slot_find(tl, SLOT_INTERFACE, host, index);
    return slot == TIMELINE_NONE ? NULL : &tl->now.interfaces[slot];
}

const TimelineLease *timeline_held_lease(const Timeline *tl, uint32_t host) {
    size_t count;
    const uint32_t *slots = timeline_slots(tl, host, TIMELINE_LEASES, &count);
    for (size_t i = 0; i < count; i++)
        if (tl->now.leases[slots[i]].held) return &tl->now.leases[slots[i]];
    return NULL;
}

const char *timeline_machine_name(const Timeline *tl, const TimelineMachine *machine) {
    return trace_directory(tl->trace)->machines[machine->machine].spec->name;
}

const char *timeline_state_name(const Timeline *tl, const TimelineMachine *machine) {
    return trace_directory(tl->trace)->machines[machine->machine].spec->states[machine->state];
}
