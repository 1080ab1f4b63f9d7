/* The simulation: the clock, the queue of what is to happen, the trace, and the one place where effects are carried
 * out. */
#ifndef NETSTAGE_SIM_SIM_H
#define NETSTAGE_SIM_SIM_H

#include "base/arena.h"
#include "sim/effects.h"
#include "sim/trace.h"

typedef struct Sim Sim;

/* What happens at an event's time. `number` and `other` are whatever sim_schedule was given; `cause` likewise, a trace
 * record. */
typedef void SimEvent(void *self, uint64_t number, uint32_t other, uint32_t cause);

struct EffectCarrier {
    void *self;
    uint32_t host; /* directory index */
    /* Sends the datagram; `cause` is the record that led to it. */
    void (*send)(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause);
    void (*ask)(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause);
    /* The timer has expired (its record is `cause`): give the machine its input. */
    void (*timer)(void *self, Machine *machine, uint8_t timer, uint32_t cause);
    Sim *sim;
    /* WRITE, CLOSE and ABORT of a machine that speaks over a stream; NULL where there is none. */
    void (*stream)(void *self, Machine *machine, EffectKind kind, Bytes octets, uint32_t cause);
};

Sim *sim_new(uint64_t seed, bool keep_trace);
void sim_free(Sim *sim);
SimTime sim_now(const Sim *sim);
uint64_t sim_seed(const Sim *sim);
Arena *sim_arena(Sim *sim);
Trace *sim_trace(Sim *sim);
FrameStore *sim_frames(Sim *sim);
/* Events carried out so far: with the time, the exact place of a command in a run. */
uint64_t sim_events_done(const Sim *sim);
/* Called by an event that is no part of the world (a script's wake-up), so that a world without the script counts
 * alike. */
void sim_event_uncount(Sim *sim);
/* Moves the clock on to `at`; no event may be due before it. */
void sim_advance(Sim *sim, SimTime at);
/* Bytes the queue takes. */
size_t sim_queue_footprint(const Sim *sim);

/* Events at one instant happen in the order they were scheduled. `at` must not lie in the past. */
void sim_schedule(Sim *sim, SimTime at, SimEvent *event, void *self, uint64_t number, uint32_t other, uint32_t cause);
/* SIM_NEVER if nothing is left. */
SimTime sim_next_at(const Sim *sim);
/* Carries out the next event; false if there is none at or before `until`, and then the clock stands at `until` unless
 * that is SIM_NEVER. */
bool sim_step(Sim *sim, SimTime until);

/* The buffer for the step about to be taken, emptied, with the time filled in; sim_apply gives it back. Steps may nest
 * a little (a client's step configures an interface, whose own machine then steps), last taken first applied. */
Effects *sim_effects(Sim *sim);
/* Writes a step's effects to the trace and carries them out, in order. `cause` is the record that led to the step.
 * Returns the record of the last step among them, the cause of what follows from it; `cause` where there was none. */
uint32_t sim_apply(Sim *sim, Effects *effects, uint32_t cause);
/* Stops the machine's timers, and tells the trace of each that it shows. */
void sim_machine_stop(Machine *machine, uint32_t cause);
/* Stops the machine's timers without a word: its host has crashed. */
void sim_machine_silence(Machine *machine);

/* Records written by the stack and the host, at the current time. */
uint32_t sim_record_message(Sim *sim, uint32_t host, uint32_t machine, MessageCode code, uint8_t proto, FrameId frame,
                            size_t offset, size_t size, uint8_t interface, uint32_t cause);
/* A message of the connection `stream` (directory index), as a whole. */
uint32_t sim_record_said(Sim *sim, uint32_t host, uint32_t machine, MessageCode code, uint8_t proto, uint32_t stream,
                         StreamPart part, Bytes octets, uint32_t cause);
uint32_t sim_record_ignored(Sim *sim, uint32_t host, uint32_t machine, const char *reason, FrameId frame, size_t offset,
                            uint32_t cause);
uint32_t sim_record_fact(Sim *sim, uint32_t host, uint32_t machine, uint32_t subject, const FactSpec *spec,
                         const int64_t *values, uint32_t cause);
uint32_t sim_record_text(Sim *sim, TraceKind kind, uint8_t code, uint32_t host, const char *text, size_t size,
                         uint32_t cause);

#endif
