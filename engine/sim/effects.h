/* What a machine wants done, as plain data in the order it was wanted. sim_apply (sim/sim.h) carries it out and is the
 * only place that does. */
#ifndef NETSTAGE_SIM_EFFECTS_H
#define NETSTAGE_SIM_EFFECTS_H

#include "base/bytes.h"
#include "sim/machine.h"

/* A statement about the domain, for whoever watches. The order of `fields` is the order of the values. */
typedef enum {
    FACT_NUMBER,
    FACT_IPV4,
    FACT_MAC,
    FACT_SPAN /* nanoseconds */,
    FACT_TIME /* absolute */,
    FACT_NAME, /* an identifier, which assets/lang has a word for: a pointer to static text */
    FACT_TEXT, /* content, as it is: a pointer to text that outlives the run */
} FactFieldKind;
enum { FACT_FIELDS = 8 };
typedef struct {
    const char *name; /* "dhcp.bound"; also the key of its sentence in assets/lang */
    size_t count;
    struct {
        const char *name;
        FactFieldKind kind;
    } fields[FACT_FIELDS];
} FactSpec;

/* Where a datagram goes. `interface` is the index of the interface it must leave by, or INTERFACE_BY_ROUTE. */
enum { INTERFACE_BY_ROUTE = 255 };
typedef struct {
    uint32_t source,
        destination; /* IPv4; source 0 with `source_unspecified` is sent as 0.0.0.0, else the interface's own */
    uint16_t source_port, destination_port;
    uint8_t interface;
    bool source_unspecified;
    bool has_mac; /* the link-layer destination is given: no ARP (a reply to a client without an address) */
    uint8_t mac[6];
    uint8_t proto; /* TraceProto */
} DatagramTo;

/* What a machine may ask of the host it runs on. The answer comes back as an input. */
typedef enum {
    ASK_PROBE_ADDRESS, /* number: IPv4. Is anyone using it? RFC 5227 section 2.1.1 */
    ASK_CONFIGURE,     /* octets: an InterfaceSettings */
    ASK_UNCONFIGURE,
    ASK_PING, /* number: IPv4; answered by an echo reply or not at all */
    ASK_PING_CANCEL,
    ASK_STORE,     /* the machine's durable data changed: write it to the host's disk */
    ASK_SEND_ARP,  /* octets: an ArpPacket, broadcast */
    ASK_TELL_FREE, /* number: IPv4; the conflict machine's verdicts, for whoever asked */
    ASK_TELL_TAKEN,
    ASK_TELL_LOST,
    ASK_MAIL_ACCEPT,      /* number: the message's. Write what the session has taken in to disk, then tell it */
    ASK_MAIL_NEXT,        /* a connection is ready for another message */
    ASK_MAIL_DONE,        /* what became of the message's recipients stands in the job */
    ASK_MAIL_HOST_FAILED, /* the connection never came to its first message */
    ASK_MAIL_ROUTE,       /* where does the domain's mail go? */
    ASK_MAIL_CONNECT,     /* number: which host of the route */
    ASK_MAIL_DEFERRED,    /* number: when the next attempt is */
    ASK_MAIL_REPORT,      /* number: a SmtpReportKind; the sender is to be told */
    ASK_MAIL_REMOVE,      /* the entry leaves the queue */
    ASK_MAILBOX_WRITE,    /* what the machine is about to change in a mailbox is to be written; then it is told */
    ASK_MAIL_READ,        /* a reader's session has come to its end: what it learned stands in the machine */
    ASK_TELL_NAME,        /* number: NameOutcome of a look-up */
    ASK_RESOLVE,          /* a question for the resolver beside a name server: proto/dns/server.h */
    ASK_DNS_RESPOND,      /* number: the connection by which the response in the octets goes */
    ASK_DNS_TCP,          /* number: IPv4 of a server to be asked the query in the octets by TCP; 0: no longer */
    ASK_PORT,             /* number: the UDP port to which the machine's answers will come; 0: none any more */
} AskKind;

enum { SETTINGS_SERVERS = 4, SETTINGS_NAME = 64 };
/* What a host needs before it can talk (row D1). */
typedef struct {
    uint32_t address, router; /* router 0: none */
    uint8_t prefix_length, server_count, interface;
    uint32_t name_servers[SETTINGS_SERVERS];
    char domain_name[SETTINGS_NAME];
} InterfaceSettings;

typedef enum {
    EFFECT_STEP,
    EFFECT_IGNORED,
    EFFECT_SEND,
    EFFECT_TIMER_SET,
    EFFECT_TIMER_CLEAR,
    EFFECT_FACT,
    EFFECT_ASK,
    EFFECT_SAID,  /* a message was put into the stream, or has been read from it: a record, no more */
    EFFECT_WRITE, /* octets for the stream */
    EFFECT_CLOSE, /* our side of the stream ends after what was written */
    EFFECT_ABORT, /* the connection is broken off */
} EffectKind;

/* What a message of a stream is, for whoever names it. */
typedef enum { STREAM_COMMAND, STREAM_REPLY, STREAM_CONTENT } StreamPart;

typedef struct {
    uint8_t kind;
    Machine *machine;
    union {
        struct {
            uint16_t row;
            uint8_t from, to, input;
        } step;
        struct {
            const char *reason;
            uint8_t input;
        } ignored;
        struct {
            DatagramTo to;
            uint32_t octets_at, size;
        } send;
        struct {
            uint8_t timer;
            SimTime at;
        } timer;
        struct {
            const FactSpec *spec;
            uint32_t values_at;
        } fact;
        struct {
            uint8_t ask;
            int64_t number;
            uint32_t octets_at, size;
        } ask;
        struct {
            uint8_t part;  /* StreamPart */
            bool received; /* else sent */
            uint32_t octets_at, size;
        } said;
        struct {
            uint32_t octets_at, size;
        } write;
    };
} Effect;

struct Effects {
    Machine *current; /* whose step is running */
    SimTime now;
    Effect *items;
    size_t count, capacity;
    uint8_t *octets; /* payloads, 8-aligned starts */
    size_t octets_size, octets_capacity;
};

void effects_free(Effects *effects);
void effects_begin(Effects *effects, SimTime now);
/* Appends an effect of the current machine, its members still to be filled in. */
Effect *effects_add(Effects *effects, EffectKind kind);

/* The datagram's octets are written into the room returned (at least `most`), then effects_send_done says how many. */
uint8_t *effect_send_begin(Effects *effects, const DatagramTo *to, size_t most);
void effect_send_done(Effects *effects, size_t size);
/* Sets or sets anew. */
void effect_timer_set(Effects *effects, uint8_t timer, SimTime at);
void effect_timer_clear(Effects *effects, uint8_t timer);
/* `values` as the spec's fields say; spec->count of them. FACT_NAME and FACT_TEXT values are pointers to text that
 * outlives the run, cast by fact_name. */
void effect_fact(Effects *effects, const FactSpec *spec, const int64_t *values);
int64_t fact_name(const char *text);
void effect_ask(Effects *effects, AskKind ask, int64_t number, const void *octets, size_t size);
/* A message goes into the stream: its record, then its octets. */
void effect_say(Effects *effects, StreamPart part, Bytes octets);
/* A whole message was read from the stream; what the following step does is led to by it. The octets need only be good
 * during the call. `machine` is the one that reads. */
void effect_heard(Effects *effects, Machine *machine, StreamPart part, Bytes octets);
/* The record alone, or the octets alone: for content that is written piece by piece. */
void effect_said(Effects *effects, StreamPart part, Bytes octets);
void effect_write(Effects *effects, Bytes octets);
void effect_close(Effects *effects);
void effect_abort(Effects *effects);
/* Says that something from the wire was not acted on, and why: a static identifier ("dhcp.not_my_xid"). */
void effect_ignored(Effects *effects, Machine *machine, const char *reason);

#endif
