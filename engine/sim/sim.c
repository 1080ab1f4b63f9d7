#include "sim/sim.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    SimTime at;
    uint64_t order; /* of scheduling: events at one instant keep it */
    SimEvent *run;
    void *self;
    uint64_t number;
    uint32_t other, cause;
} Event;

enum { EFFECT_DEPTH = 4 };

struct Sim {
    SimTime now;
    uint64_t seed, scheduled, done;
    Event *heap; /* four children a node: shallow, and neighbours share a cache line */
    size_t heap_count, heap_capacity;
    Trace *trace;
    Arena *arena;
    Effects effects[EFFECT_DEPTH];
    size_t effects_taken;
};

Sim *sim_new(uint64_t seed, bool keep_trace) {
    Sim *sim = memory_new(sizeof *sim);
    sim->seed = seed;
    sim->trace = trace_new(keep_trace);
    sim->arena = arena_new();
    return sim;
}

void sim_free(Sim *sim) {
    if (!sim) return;
    for (int i = 0; i < EFFECT_DEPTH; i++) effects_free(&sim->effects[i]);
    free(sim->heap);
    trace_free(sim->trace);
    arena_free(sim->arena);
    free(sim);
}

SimTime sim_now(const Sim *sim) { return sim->now; }
uint64_t sim_seed(const Sim *sim) { return sim->seed; }
Arena *sim_arena(Sim *sim) { return sim->arena; }
Trace *sim_trace(Sim *sim) { return sim->trace; }
FrameStore *sim_frames(Sim *sim) { return trace_frames(sim->trace); }
uint64_t sim_events_done(const Sim *sim) { return sim->done; }
void sim_event_uncount(Sim *sim) { sim->done--; }

void sim_advance(Sim *sim, SimTime at) {
    CHECK(at >= sim->now && (sim->heap_count == 0 || sim->heap[0].at >= at));
    sim->now = at;
}

size_t sim_queue_footprint(const Sim *sim) { return sim->heap_capacity * sizeof(Event); }

static bool earlier(const Event *a, const Event *b) { return a->at < b->at || (a->at == b->at && a->order < b->order); }

void sim_schedule(Sim *sim, SimTime at, SimEvent *run, void *self, uint64_t number, uint32_t other, uint32_t cause) {
    CHECK(at >= sim->now);
    sim->heap = array_grow(sim->heap, &sim->heap_capacity, sim->heap_count + 1, sizeof(Event));
    Event event = {at, sim->scheduled++, run, self, number, other, cause};
    size_t i = sim->heap_count++;
    while (i > 0) {
        size_t parent = (i - 1) / 4;
        if (!earlier(&event, &sim->heap[parent])) break;
        sim->heap[i] = sim->heap[parent];
        i = parent;
    }
    sim->heap[i] = event;
}

static Event take_first(Sim *sim) {
    Event first = sim->heap[0], last = sim->heap[--sim->heap_count];
    size_t i = 0, count = sim->heap_count;
    for (;;) {
        size_t child = 4 * i + 1;
        if (child >= count) break;
        size_t least = child, end = child + 4 < count ? child + 4 : count;
        for (size_t k = child + 1; k < end; k++)
            if (earlier(&sim->heap[k], &sim->heap[least])) least = k;
        if (!earlier(&sim->heap[least], &last)) break;
        sim->heap[i] = sim->heap[least];
        i = least;
    }
    if (count > 0) sim->heap[i] = last;
    return first;
}

SimTime sim_next_at(const Sim *sim) { return sim->heap_count > 0 ? sim->heap[0].at : SIM_NEVER; }

bool sim_step(Sim *sim, SimTime until) {
    if (sim->heap_count == 0 || sim->heap[0].at > until) {
        if (until != SIM_NEVER && until > sim->now) sim->now = until;
        return false;
    }
    Event event = take_first(sim);
    sim->now = event.at;
    sim->done++;
    event.run(event.self, event.number, event.other, event.cause);
    return true;
}

Effects *sim_effects(Sim *sim) {
    CHECK(sim->effects_taken < EFFECT_DEPTH);
    Effects *effects = &sim->effects[sim->effects_taken++];
    effects_begin(effects, sim->now);
    return effects;
}

static TraceRecord record_at_now(const Sim *sim, TraceKind kind, uint32_t host, uint32_t machine, uint32_t cause) {
    TraceRecord record = {.at = sim->now, .cause = cause, .host = host, .machine = machine, .kind = (uint8_t)kind};
    return record;
}

uint32_t sim_record_message(Sim *sim, uint32_t host, uint32_t machine, MessageCode code, uint8_t proto, FrameId frame,
                            size_t offset, size_t size, uint8_t interface, uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_MESSAGE, host, machine, cause);
    record.code = (uint8_t)code;
    record.small = proto;
    record.message.frame = frame;
    record.message.offset = (uint16_t)offset;
    record.message.size = (uint16_t)size;
    record.message.interface = interface;
    record.message.stream = TRACE_NONE;
    return trace_add(sim->trace, &record);
}

uint32_t sim_record_said(Sim *sim, uint32_t host, uint32_t machine, MessageCode code, uint8_t proto, uint32_t stream,
                         StreamPart part, Bytes octets, uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_MESSAGE, host, machine, cause);
    record.code = (uint8_t)code;
    record.small = proto;
    record.message.frame = trace_keeps(sim->trace) ? frame_store_add(sim_frames(sim), octets) : FRAME_NONE;
    record.message.part = (uint8_t)part;
    record.message.stream = stream;
    return trace_add(sim->trace, &record);
}

uint32_t sim_record_ignored(Sim *sim, uint32_t host, uint32_t machine, const char *reason, FrameId frame, size_t offset,
                            uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_IGNORED, host, machine, cause);
    record.small = trace_reason_index(sim->trace, reason);
    record.ignored.frame = frame;
    record.ignored.offset = (uint32_t)offset;
    record.ignored.input = 255;
    return trace_add(sim->trace, &record);
}

uint32_t sim_record_fact(Sim *sim, uint32_t host, uint32_t machine, uint32_t subject, const FactSpec *spec,
                         const int64_t *values, uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_FACT, host, machine, cause);
    record.small = trace_fact_index(sim->trace, spec);
    record.fact.values_at = trace_put_values(sim->trace, values, spec->count);
    record.fact.subject = subject;
    return trace_add(sim->trace, &record);
}

uint32_t sim_record_text(Sim *sim, TraceKind kind, uint8_t code, uint32_t host, const char *text, size_t size,
                         uint32_t cause) {
    TraceRecord record = record_at_now(sim, kind, host, TRACE_NONE, cause);
    record.code = code;
    record.text.text_at = trace_put_text(sim->trace, text, size);
    record.text.text_size = (uint32_t)size;
    return trace_add(sim->trace, &record);
}

static uint32_t record_timer(Sim *sim, const Machine *machine, uint8_t timer, TimerCode code, SimTime expires_at,
                             uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_TIMER, machine->carrier->host, machine->id, cause);
    record.code = (uint8_t)code;
    record.small = timer;
    record.timer.expires_at = expires_at;
    record.timer.subject = machine->subject;
    return trace_add(sim->trace, &record);
}

static void timer_expires(void *self, uint64_t number, uint32_t generation, uint32_t cause);

/* Enters the timer's time into the queue and the trace. */
static void timer_show(Sim *sim, Machine *machine, uint8_t index, uint32_t cause) {
    MachineTimer *timer = &machine->timers[index];
    timer->shown_at = timer->at;
    timer->generation++;
    timer->set_by = record_timer(sim, machine, index, TIMER_SET, timer->at, cause);
    sim_schedule(sim, timer->at, timer_expires, machine, index, timer->generation, timer->set_by);
}

static void timer_expires(void *self, uint64_t number, uint32_t generation, uint32_t cause) {
    Machine *machine = self;
    uint8_t index = (uint8_t)(number & 0xff);
    MachineTimer *timer = &machine->timers[index];
    if (timer->generation != generation) return;
    const EffectCarrier *carrier = machine->carrier;
    timer->shown_at = SIM_NEVER;
    if (timer->at != sim_now(carrier->sim)) { /* it was moved on or cleared meanwhile: now the trace is told */
        if (timer->at == SIM_NEVER)
            record_timer(carrier->sim, machine, index, TIMER_CLEARED, sim_now(carrier->sim), cause);
        else timer_show(carrier->sim, machine, index, cause);
        return;
    }
    timer->at = SIM_NEVER;
    uint32_t expiry = record_timer(carrier->sim, machine, index, TIMER_EXPIRED, sim_now(carrier->sim), cause);
    carrier->timer(carrier->self, machine, index, expiry);
}

/* RFC 6298's timer is set anew by every acknowledgement. While a busy timer's record in the queue is due no later than
 * its new time, moving it on or clearing it costs nothing: the record that is due tells the trace what became of it.
 * So no expiry is ever shown that did not happen, and what is shown in between is out of date by one span at most. */
static bool timer_is_busy(const Machine *machine, uint8_t index) {
    return (machine->spec->busy_timers >> index & 1) && machine->timers[index].changes == MACHINE_TIMER_EXACT;
}

static void timer_changed(MachineTimer *timer) {
    if (timer->changes < MACHINE_TIMER_EXACT) timer->changes++;
}

static void timer_set(Sim *sim, Machine *machine, uint8_t index, SimTime at, uint32_t cause) {
    MachineTimer *timer = &machine->timers[index];
    timer->at = at;
    timer_changed(timer);
    if (timer->shown_at <= at && timer_is_busy(machine, index)) return;
    timer_show(sim, machine, index, cause);
}

static void timer_clear(Sim *sim, Machine *machine, uint8_t index, uint32_t cause) {
    MachineTimer *timer = &machine->timers[index];
    if (timer->at == SIM_NEVER) return;
    SimTime at = timer->at;
    timer->at = SIM_NEVER;
    timer_changed(timer);
    if (timer_is_busy(machine, index)) return;
    record_timer(sim, machine, index, TIMER_CLEARED, at, cause);
    timer->shown_at = SIM_NEVER;
    timer->generation++;
}

void sim_machine_stop(Machine *machine, uint32_t cause) {
    for (uint8_t i = 0; i < machine->spec->timer_count; i++) {
        MachineTimer *timer = &machine->timers[i];
        if (timer->shown_at == SIM_NEVER) continue;
        record_timer(machine->carrier->sim, machine, i, TIMER_CLEARED, timer->shown_at, cause);
        timer->at = timer->shown_at = SIM_NEVER;
        timer->generation++;
    }
}

void sim_machine_silence(Machine *machine) {
    for (int i = 0; i < MACHINE_TIMERS; i++) {
        machine->timers[i].at = machine->timers[i].shown_at = SIM_NEVER;
        machine->timers[i].generation++;
    }
}

static uint32_t record_step(Sim *sim, const Effect *e, uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_STATE, e->machine->carrier->host, e->machine->id, cause);
    record.state.subject = e->machine->subject;
    record.state.row = e->step.row;
    record.state.from = e->step.from;
    record.state.to = e->step.to;
    record.state.input = e->step.input;
    return trace_add(sim->trace, &record);
}

static void record_ignored(Sim *sim, const Effect *e, uint32_t cause) {
    TraceRecord record = record_at_now(sim, TRACE_IGNORED, e->machine->carrier->host, e->machine->id, cause);
    record.small = trace_reason_index(sim->trace, e->ignored.reason);
    record.ignored.frame = FRAME_NONE;
    if (cause != TRACE_NONE && trace_keeps(sim->trace)) {
        const TraceRecord *led = trace_get(sim->trace, cause);
        if (led->kind == TRACE_MESSAGE) record.ignored.frame = led->message.frame;
    }
    record.ignored.subject = e->machine->subject;
    record.ignored.input = e->ignored.input;
    trace_add(sim->trace, &record);
}

static uint32_t record_said(Sim *sim, const Effect *e, Bytes octets, uint32_t cause) {
    const Machine *machine = e->machine;
    uint32_t stream = machine->stream;
    uint8_t proto = TRACE_PROTO_OTHER;
    if (trace_keeps(sim->trace)) proto = trace_directory(sim->trace)->streams[stream].proto;
    return sim_record_said(sim, machine->carrier->host, machine->id, e->said.received ? MESSAGE_RECEIVED : MESSAGE_SENT,
                           proto, stream, e->said.part, octets, cause);
}

uint32_t sim_apply(Sim *sim, Effects *effects, uint32_t cause) {
    CHECK(sim->effects_taken > 0 && effects == &sim->effects[sim->effects_taken - 1]);
    uint32_t led = cause;   /* what a step wants done is led to by the step */
    uint32_t heard = cause; /* and the step by the message that was read from the stream */
    uint32_t said = TRACE_NONE;
    for (size_t i = 0; i < effects->count; i++) {
        const Effect *e = &effects->items[i];
        Machine *machine = e->machine;
        const EffectCarrier *carrier = machine->carrier;
        switch ((EffectKind)e->kind) {
            case EFFECT_STEP: led = record_step(sim, e, heard); break;
            case EFFECT_IGNORED: record_ignored(sim, e, heard); break;
            case EFFECT_SEND:
                carrier->send(carrier->self, &e->send.to, bytes_of(effects->octets + e->send.octets_at, e->send.size),
                              machine, led);
                break;
            case EFFECT_TIMER_SET: timer_set(sim, machine, e->timer.timer, e->timer.at, led); break;
            case EFFECT_TIMER_CLEAR: timer_clear(sim, machine, e->timer.timer, led); break;
            case EFFECT_FACT: {
                int64_t values[FACT_FIELDS];
                memcpy(values, effects->octets + e->fact.values_at, e->fact.spec->count * sizeof(int64_t));
                sim_record_fact(sim, carrier->host, machine->id, machine->subject, e->fact.spec, values, led);
                break;
            }
            case EFFECT_ASK:
                carrier->ask(carrier->self, machine, e,
                             e->ask.size > 0 ? bytes_of(effects->octets + e->ask.octets_at, e->ask.size) : (Bytes){0},
                             led);
                break;
            case EFFECT_SAID: {
                Bytes octets = bytes_of(effects->octets + e->said.octets_at, e->said.size);
                if (e->said.received) led = heard = record_said(sim, e, octets, cause);
                else said = record_said(sim, e, octets, led);
                break;
            }
            case EFFECT_WRITE:
                carrier->stream(carrier->self, machine, EFFECT_WRITE,
                                bytes_of(effects->octets + e->write.octets_at, e->write.size),
                                said != TRACE_NONE ? said : led);
                said = TRACE_NONE;
                break;
            case EFFECT_CLOSE:
            case EFFECT_ABORT:
                carrier->stream(carrier->self, machine, (EffectKind)e->kind, bytes_of(NULL, 0), led);
                break;
        }
    }
    sim->effects_taken--;
    return led;
}
