/* The trace: what happened, in order, each record with its cause. The only thing observers see.
 *
 * A record is 40 octets; its seq is its place. Octets of frames live in the frame store; texts and fact values in
 * pools of the trace; names of hosts, links, machines, facts and reasons in the directory. */
#ifndef NETSTAGE_SIM_TRACE_H
#define NETSTAGE_SIM_TRACE_H

#include "sim/effects.h"
#include "sim/frames.h"
#include "sim/machine.h"
#include "sim/time.h"

#define TRACE_NONE UINT32_MAX /* no cause, no host, no machine */

typedef enum {
    TRACE_STATE, /* an arrow was taken */
    TRACE_TIMER,
    TRACE_MESSAGE, /* a protocol message was handed to the network, or arrived at who it concerns */
    TRACE_FRAME,   /* a frame on a link */
    TRACE_FACT,
    TRACE_IGNORED, /* something arrived and was not acted on; or was malformed */
    TRACE_COMMAND,
    TRACE_SAY,    /* narration, beats, chapter marks */
    TRACE_EXPECT, /* an expectation, held or not */
    TRACE_KINDS,
} TraceKind;

typedef enum { TIMER_SET, TIMER_CLEARED, TIMER_EXPIRED } TimerCode;
typedef enum { MESSAGE_SENT, MESSAGE_RECEIVED } MessageCode;
typedef enum {
    FRAME_DELIVERED,
    FRAME_LOST,
    FRAME_DUPLICATE /* the copy */,
    FRAME_CORRUPTED,
    FRAME_LINK_DOWN
} FrameCode;
typedef enum { SAY_TEXT, SAY_BEAT, SAY_PHASE } SayCode;

/* clang-format off */
#define TRACE_PROTOS(X)                                                                                     \
    X(OTHER, "other")                                                                                       \
    X(ARP, "arp") X(ICMP, "icmp") X(UDP, "udp") X(DHCP, "dhcp") X(DNS, "dns") X(TCP, "tcp") X(SMTP, "smtp") \
        X(POP3, "pop3") X(IMAP, "imap") X(HTTP, "http")
/* clang-format on */
typedef enum {
#define X(name, text) TRACE_PROTO_##name,
    TRACE_PROTOS(X)
#undef X
        TRACE_PROTO_COUNT,
} TraceProto;
const char *trace_proto_name(uint8_t proto);
const char *trace_kind_name(uint8_t kind);

typedef struct {
    SimTime at;
    uint32_t cause;   /* seq of the record that led to this one, always smaller than its own; or TRACE_NONE */
    uint32_t host;    /* directory index; for a frame, the node that sent it onto the link */
    uint32_t machine; /* directory index, or TRACE_NONE */
    uint8_t kind;     /* TraceKind */
    uint8_t code;     /* by kind: TimerCode, MessageCode, FrameCode, SayCode; EXPECT: 1 held, 0 not */
    /* TIMER: its index in the spec; MESSAGE: TraceProto; FRAME: direction, 0 from end a, 1 from end b; FACT: fact
     * index; IGNORED: reason index */
    uint16_t small;
    union {
        struct {
            uint32_t subject;
            uint16_t row;
            uint8_t from, to, input;
        } state;
        struct {
            SimTime expires_at;
            uint32_t subject;
        } timer; /* SET: when it will expire */
        struct {
            uint32_t frame;
            uint16_t offset, size;
            uint8_t interface, part; /* part: StreamPart */
            uint32_t stream;
        } message; /* where in the frame the message's octets are. One that a stream carried (stream not TRACE_NONE)
                      stands in the frame store by itself: as a whole, whatever segments its octets crossed the network
                      in; offset, size and interface are then 0 */
        struct {
            SimTime arrives_at;
            uint32_t frame;
            uint32_t link;
        } frame; /* LOST: when and where it would have arrived */
        struct {
            uint32_t values_at, subject;
        } fact;
        struct {
            uint32_t frame, offset, subject;
            uint8_t input;
        } ignored; /* frame may be FRAME_NONE; input 255: none */
        struct {
            uint32_t text_at, text_size;
        } text; /* COMMAND: its JSON; SAY: JSON map language -> text; EXPECT: JSON {"text":…,"detail":…} */
    };
} TraceRecord;

/* ---- The directory: what the indexes in records mean ---- */

typedef enum { NODE_HOST, NODE_ROUTER, NODE_SWITCH, NODE_HUB, NODE_TAP } NodeKind;
typedef struct {
    const char *name;
    NodeKind kind;
    uint32_t prefix_network; /* of a LAN's switch or hub: its IPv4 prefix; 0/0 if none was given */
    uint8_t prefix_length;
} DirectoryHost;
typedef struct {
    uint32_t host, index; /* which interface of the node */
    const char *name;     /* "eth0"; for a switch "port3" */
    uint8_t mac[6];       /* zeros for a switch's port */
} DirectoryEnd;
typedef struct {
    const char *name;    /* "pc1-lan1" */
    DirectoryEnd end[2]; /* a, b; for a LAN's cable a is the host, b the switch */
    SimTime added_at;
} DirectoryLink;
typedef struct {
    uint32_t host;
    const MachineSpec *spec;
} DirectoryMachine;

/* A host's end of a connection. */
typedef struct {
    uint32_t host;
    uint32_t local, remote; /* IPv4 */
    uint16_t local_port, remote_port;
    uint8_t proto; /* TraceProto */
    bool opener;   /* this end asked for the connection */
    SimTime opened_at;
} DirectoryStream;

typedef struct {
    DirectoryHost *hosts;
    DirectoryLink *links;
    DirectoryMachine *machines;
    const FactSpec **facts;
    const char **reasons;
    DirectoryStream *streams;
    size_t host_count, link_count, machine_count, fact_count, reason_count, stream_count;
    size_t host_capacity, link_capacity, machine_capacity, fact_capacity, reason_capacity, stream_capacity;
} Directory;

typedef struct Trace Trace;

/* `keep` false: records are counted and forgotten, and frames with them (benchmarks). */
Trace *trace_new(bool keep);
void trace_free(Trace *trace);
bool trace_keeps(const Trace *trace);
size_t trace_count(const Trace *trace);
const TraceRecord *trace_get(const Trace *trace, size_t seq);
FrameStore *trace_frames(const Trace *trace);
const Directory *trace_directory(const Trace *trace);
/* The values of a fact record, spec->count of them; FACT_NAME and FACT_TEXT values are turned into text by
 * trace_fact_name. */
const int64_t *trace_fact_values(const Trace *trace, const TraceRecord *fact);
const char *trace_fact_name(int64_t value);
const FactSpec *trace_fact_spec(const Trace *trace, const TraceRecord *fact);
/* The text of a COMMAND, SAY or EXPECT record, NUL-terminated. */
const char *trace_text(const Trace *trace, const TraceRecord *record);
/* Bytes of memory, frames not counted. */
size_t trace_footprint(const Trace *trace);

/* ---- Writing: sim/ and stack/ alone ---- */

/* Returns the record's seq. record->at must not lie before the last one's. */
uint32_t trace_add(Trace *trace, const TraceRecord *record);
uint32_t trace_put_values(Trace *trace, const int64_t *values, size_t count);
uint32_t trace_put_text(Trace *trace, const char *text, size_t size);
uint32_t trace_add_host(Trace *trace, const DirectoryHost *host);
uint32_t trace_add_link(Trace *trace, const DirectoryLink *link);
uint32_t trace_add_machine(Trace *trace, uint32_t host, const MachineSpec *spec);
/* A trace that keeps nothing keeps no streams either, and returns TRACE_NONE. */
uint32_t trace_add_stream(Trace *trace, const DirectoryStream *stream);
uint16_t trace_fact_index(Trace *trace, const FactSpec *spec);
uint16_t trace_reason_index(Trace *trace, const char *reason);

#endif
