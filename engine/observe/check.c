#include "observe/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* ---- Messages ---- */

MessageQuery message_query(void) {
    return (MessageQuery){
        .from = TIMELINE_NONE, .to = TIMELINE_NONE, .before = SIM_NEVER, .broadcast = -1, .taken = -1};
}

static bool answers(const Messages *messages, const MessageEntry *m, const MessageQuery *q) {
    if (m->at < q->after || m->at > q->before) return false;
    if (q->from != TIMELINE_NONE && m->host != q->from) return false;
    if (q->to != TIMELINE_NONE && m->to != q->to) return false;
    if (q->broadcast >= 0 && m->broadcast != (q->broadcast != 0)) return false;
    if (q->proto && strcmp(trace_proto_name(m->proto), q->proto) != 0) return false;
    if (q->name && strcmp(m->summary.message, q->name) != 0) return false;
    return q->taken < 0 || message_was_taken(messages, m) == (q->taken != 0);
}

uint32_t messages_find(const Messages *messages, const MessageQuery *query, uint32_t from) {
    for (size_t i = from; i < messages->count; i++)
        if (answers(messages, &messages->list[i], query)) return (uint32_t)i;
    return TIMELINE_NONE;
}

size_t messages_count(const Messages *messages, const MessageQuery *query) {
    size_t count = 0;
    for (size_t i = 0; i < messages->count; i++) count += answers(messages, &messages->list[i], query);
    return count;
}

/* ---- States ---- */

int machine_state_index(const MachineSpec *spec, const char *name) {
    for (size_t i = 0; i < spec->state_count; i++)
        if (strcmp(spec->states[i], name) == 0) return (int)i;
    return -1;
}

const MachineSpec *timeline_spec(const Timeline *timeline, uint32_t host, const char *machine) {
    const Directory *d = trace_directory(timeline_trace(timeline));
    for (size_t i = 0; i < d->machine_count; i++)
        if (d->machines[i].host == host && strcmp(d->machines[i].spec->name, machine) == 0) return d->machines[i].spec;
    return NULL;
}

static bool is_power_off(const Trace *trace, const TraceRecord *r) {
    if (r->kind != TRACE_FACT) return false;
    return strcmp(trace_fact_spec(trace, r)->name, "host.powered") == 0 && trace_fact_values(trace, r)[0] == 0;
}

typedef struct {
    StateStay *stays;
    size_t most, count;
    StateStay current;
} Stays;

/* Stays of no length are kept: a state that was passed through was visited. */
static void stay_ends(Stays *s, SimTime at, uint8_t next, uint32_t record) {
    s->current.to = at;
    if (s->count < s->most) s->stays[s->count] = s->current;
    s->count++;
    s->current = (StateStay){next, at, at, record};
}

size_t state_stays(const Timeline *timeline, uint32_t host, const char *machine, uint32_t subject, StateStay *stays,
                   size_t most) {
    const Trace *trace = timeline_trace(timeline);
    const Directory *d = trace_directory(trace);
    const MachineSpec *spec = timeline_spec(timeline, host, machine);
    if (!spec) return 0;
    Stays s = {stays, most, 0, {spec->initial, 0, 0, TIMELINE_NONE}};
    for (size_t seq = 0, count = trace_count(trace); seq < count; seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->host != host) continue;
        if (is_power_off(trace, r)) {
            if (s.current.state != spec->initial) stay_ends(&s, r->at, spec->initial, TIMELINE_NONE);
        } else if (r->kind == TRACE_STATE && r->state.from != r->state.to && r->state.subject == subject &&
                   strcmp(d->machines[r->machine].spec->name, machine) == 0) {
            stay_ends(&s, r->at, r->state.to, (uint32_t)seq);
        }
    }
    stay_ends(&s, timeline_end(timeline), 0, TIMELINE_NONE);
    return s.count;
}

/* ---- Leases ---- */

typedef struct {
    Ipv4Address address;
    uint32_t host, record;
    SimTime expires_at;
} HeldLease;

typedef struct {
    HeldLease *list;
    size_t count, capacity;
} HeldLeases;

static int64_t fact_value(const Trace *trace, const TraceRecord *r, const char *name) {
    const FactSpec *spec = trace_fact_spec(trace, r);
    for (size_t i = 0; i < spec->count; i++)
        if (strcmp(spec->fields[i].name, name) == 0) return trace_fact_values(trace, r)[i];
    return 0;
}

/* address 0: all of the host's. */
static void leases_drop(HeldLeases *held, uint32_t host, Ipv4Address address) {
    for (size_t i = held->count; i-- > 0;)
        if (held->list[i].host == host && (address == 0 || held->list[i].address == address))
            held->list[i] = held->list[--held->count];
}

static bool lease_take(HeldLeases *held, const HeldLease *lease, SimTime at, AddressClash *clash) {
    for (size_t i = 0; i < held->count; i++) {
        const HeldLease *other = &held->list[i];
        if (other->address != lease->address || other->host == lease->host || other->expires_at <= at) continue;
        *clash = (AddressClash){lease->address, other->host, lease->host, other->record, lease->record, at};
        return true;
    }
    leases_drop(held, lease->host, lease->address);
    held->list = array_grow(held->list, &held->capacity, held->count + 1, sizeof *held->list);
    held->list[held->count++] = *lease;
    return false;
}

bool leases_clash(const Timeline *timeline, AddressClash *clash) {
    const Trace *trace = timeline_trace(timeline);
    HeldLeases held = {0};
    bool found = false;
    size_t count;
    const uint32_t *facts = timeline_class(timeline, TIMELINE_FACTS, &count);
    for (size_t i = 0; i < count && !found; i++) {
        const TraceRecord *r = trace_get(trace, facts[i]);
        const char *name = trace_fact_spec(trace, r)->name;
        if (strcmp(name, "dhcp.bound") == 0) {
            HeldLease lease = {(Ipv4Address)fact_value(trace, r, "address"), r->host, facts[i],
                               fact_value(trace, r, "expires")};
            found = lease_take(&held, &lease, r->at, clash);
        } else if (strcmp(name, "dhcp.unbound") == 0) {
            leases_drop(&held, r->host, (Ipv4Address)fact_value(trace, r, "address"));
        } else if (is_power_off(trace, r)) {
            leases_drop(&held, r->host, 0);
        }
    }
    free(held.list);
    return found;
}
