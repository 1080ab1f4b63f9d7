/* The state of the whole stage at any moment: a fold of the trace, and nothing but the trace.
 *
 * The trace may grow while a timeline looks at it: timeline_update takes in what is new. Seeking forward applies
 * records; seeking back starts from the nearest keyframe. A slot (a machine, an interface, a lease, a binding) has the
 * same index at all times, from before it first appears: see each one's comment for how that looks. */
#ifndef NETSTAGE_OBSERVE_TIMELINE_H
#define NETSTAGE_OBSERVE_TIMELINE_H

#include "sim/trace.h"
#include "wire/address.h"

#define TIMELINE_NONE UINT32_MAX

/* By directory index: hosts, routers, switches. A node that has no power to switch on (a LAN's switch) stays
 * `powered` false. */
typedef struct {
    bool powered;
    SimTime since;       /* of power on or off */
    uint32_t record;     /* that says so, or TIMELINE_NONE */
} TimelineHost;

/* Before it is plugged in anywhere: link TIMELINE_NONE. */
typedef struct {
    uint32_t host;
    uint8_t index;       /* which interface of the host */
    bool up;             /* the cable is in (and not cut) */
    uint8_t prefix_length;
    MacAddress mac;
    Ipv4Address address, router, name_server; /* 0: none */
    uint32_t link;       /* directory index of its cable */
    uint32_t record;     /* that last configured or unconfigured it, or TIMELINE_NONE */
} TimelineInterface;

typedef struct {
    SimTime set_at, expires_at; /* expires_at SIM_NEVER: not running */
    uint32_t record;            /* that set it */
} TimelineTimer;

/* Before its first step: record TIMELINE_NONE, in its initial state. So it is again after its host lost power. */
typedef struct {
    uint32_t host;
    uint32_t machine;    /* directory index: gives its spec */
    uint32_t subject;
    uint8_t state;
    uint8_t from, input; /* of the last arrow */
    uint16_t row;
    SimTime stepped_at;  /* of the last arrow */
    SimTime entered_at;  /* since when it is in this state */
    uint32_t record;     /* the last arrow's, or TIMELINE_NONE */
    TimelineTimer timers[MACHINE_TIMERS]; /* by the spec's order */
} TimelineMachine;

/* What a DHCP client holds. `held` false: nothing (any more); the other fields then tell of the last one, if
 * record is set. */
typedef struct {
    uint32_t host;
    uint32_t machine, subject; /* the client */
    bool held;
    uint8_t interface;
    Ipv4Address address, server;
    SimTime started_at, t1_at, t2_at, expires_at; /* SIM_NEVER: infinite */
    const char *ended;   /* why it is not held any more ("expired", "nak", "released" …), or NULL */
    uint32_t record;     /* that last changed it, or TIMELINE_NONE */
} TimelineLease;

/* A row of a server's table. state NULL: no such row now. A host that loses power forgets its rows; those it kept
 * on its disk are stated again when it boots. */
typedef struct {
    uint32_t host;
    Ipv4Address address;
    const char *state;   /* "OFFERED", "BOUND" … */
    MacAddress client;
    SimTime expires_at;  /* SIM_NEVER: it does not expire */
    uint32_t record;
} TimelineBinding;

typedef struct {
    SimTime t;
    uint32_t seq_end;    /* records before this one are folded in */
    TimelineHost *hosts; /* by directory index */
    TimelineInterface *interfaces;
    TimelineMachine *machines;
    TimelineLease *leases;
    TimelineBinding *bindings;
    size_t host_count, interface_count, machine_count, lease_count, binding_count;
    uint32_t say, beat, phase; /* the last SAY record of each code, or TIMELINE_NONE; a beat is narration too */
    uint32_t beats;            /* passed so far */
    uint32_t expectations_held, expectations_failed;
    uint32_t links_seen;       /* links of the directory that exist by now */
} TimelineState;

typedef struct Timeline Timeline;

/* The trace must outlive the timeline and must keep its records. Takes in what there is. */
Timeline *timeline_new(const Trace *trace);
void timeline_free(Timeline *timeline);
/* Takes in records added since; the place stays. Pointers into the state may have moved. */
void timeline_update(Timeline *timeline);
const Trace *timeline_trace(const Timeline *timeline);
/* When the last thing that the trace tells of ends: its last record, or the arrival of a frame under way. */
SimTime timeline_end(const Timeline *timeline);

/* Goes to time t: every record with at <= t is folded in. */
void timeline_seek(Timeline *timeline, SimTime t);
/* Goes to the place before record seq_end, at time t (which must not lie before the records folded in). */
void timeline_seek_to(Timeline *timeline, uint32_t seq_end, SimTime t);
/* The state at the place; good until the next seek or update. */
const TimelineState *timeline_state(const Timeline *timeline);

typedef enum {
    TIMELINE_INTERFACES,
    TIMELINE_MACHINES,
    TIMELINE_LEASES,
    TIMELINE_BINDINGS,
    TIMELINE_LISTS
} TimelineList;
/* The slots of one host, as indexes into the state's list of that kind. */
const uint32_t *timeline_slots(const Timeline *timeline, uint32_t host, TimelineList list, size_t *count);
/* NULL if there is none. */
const TimelineMachine *timeline_machine(const Timeline *timeline, uint32_t host, const char *machine, uint32_t subject);
const TimelineInterface *timeline_interface(const Timeline *timeline, uint32_t host, uint8_t index);
/* The host's first lease slot that is held; NULL if there is none. */
const TimelineLease *timeline_held_lease(const Timeline *timeline, uint32_t host);
const char *timeline_machine_name(const Timeline *timeline, const TimelineMachine *machine);
const char *timeline_state_name(const Timeline *timeline, const TimelineMachine *machine);

/* A frame that is on a cable at the place: it left and has not arrived. A lost frame is shown until it would have
 * arrived. */
typedef struct {
    uint32_t record, frame, link;
    uint32_t from, to;   /* directory indexes of the nodes */
    uint8_t direction;   /* 0 from the link's end a, 1 from its end b */
    uint8_t code;        /* FrameCode */
    SimTime departs_at, arrives_at;
} TimelineFrame;
/* In the order they left; at most `most`. Returns how many there are. */
size_t timeline_frames(const Timeline *timeline, TimelineFrame *frames, size_t most);

/* ---- The index: records by what they are. It covers the whole trace, whatever the place. ---- */

typedef enum {
    TIMELINE_SENT = 1 << 0, /* messages handed to the network */
    TIMELINE_RECEIVED = 1 << 1,
    TIMELINE_STATES = 1 << 2,   /* arrows that change the state */
    TIMELINE_STEPS = 1 << 3,    /* arrows that lead back to the same state */
    TIMELINE_EXPIRIES = 1 << 4, /* timers that expired */
    TIMELINE_FACTS = 1 << 5,
    TIMELINE_TEXTS = 1 << 6, /* narration that is no beat */
    TIMELINE_BEATS = 1 << 7,
    TIMELINE_PHASES = 1 << 8,
    TIMELINE_LOSSES = 1 << 9, /* frames lost, corrupted, duplicated, or sent into a cut cable */
    TIMELINE_COMMANDS = 1 << 10,
    TIMELINE_EXPECTS = 1 << 11,
    TIMELINE_IGNORED = 1 << 12,
    TIMELINE_CLASSES = 13,
    /* What a viewer sees happen. */
    TIMELINE_VISIBLE = TIMELINE_SENT | TIMELINE_RECEIVED | TIMELINE_STATES | TIMELINE_LOSSES | TIMELINE_BEATS |
                       TIMELINE_PHASES | TIMELINE_COMMANDS
} TimelineClass;

/* The number of records with at <= t: also the seq of the first one after t. */
uint32_t timeline_seq_at(const Timeline *timeline, SimTime t);
/* The first record of these classes with seq >= from; TIMELINE_NONE if there is none. */
uint32_t timeline_next(const Timeline *timeline, uint32_t from, unsigned classes);
/* The last record of these classes with seq < before. */
uint32_t timeline_previous(const Timeline *timeline, uint32_t before, unsigned classes);
/* All records of one class, in order. */
const uint32_t *timeline_class(const Timeline *timeline, TimelineClass class, size_t *count);
/* The chain of causes: the record itself, its cause, the cause's cause …; at most `most`. Returns how many there
 * are. */
size_t timeline_causes(const Timeline *timeline, uint32_t seq, uint32_t *chain, size_t most);
/* What a record led to directly, in order. Returns how many there are. */
size_t timeline_consequences(const Timeline *timeline, uint32_t seq, uint32_t *records, size_t most);
/* Every record that speaks of a frame, in order: who sent it, its transits, who received or ignored it. Returns
 * how many. */
size_t timeline_frame_records(const Timeline *timeline, uint32_t frame, uint32_t *records, size_t most);
/* The message record that a frame's transit, an arrival or an ignored record goes back to; TIMELINE_NONE if there
 * is none. */
uint32_t timeline_message_of(const Timeline *timeline, uint32_t seq);

#endif
