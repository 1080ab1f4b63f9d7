/* The messages of a run, each once: who sent it, to whom, who took it, who ignored it, and where a copy of it fell
 * off the wire. */
#ifndef NETSTAGE_OBSERVE_MESSAGES_H
#define NETSTAGE_OBSERVE_MESSAGES_H

#include "observe/timeline.h"
#include "observe/record.h"

typedef enum { ARRIVAL_TAKEN, ARRIVAL_IGNORED, ARRIVAL_LOST } ArrivalFate;

/* Where one copy of the message ended. */
typedef struct {
    uint32_t host;      /* TIMELINE_NONE: it was lost before it came near anyone */
    uint32_t record;    /* that says so: the reception, the refusal, or the transit in which it was lost */
    SimTime at;         /* when it arrived, or would have */
    ArrivalFate fate;
    const char *reason; /* why it was ignored, or NULL */
} MessageArrival;

typedef struct {
    uint32_t record;    /* that sent it */
    uint32_t frame, host, machine;
    SimTime at;
    uint8_t proto;      /* TraceProto */
    bool broadcast;     /* to every station of the link */
    uint32_t to;        /* whom a unicast is for: a host, or TIMELINE_NONE where the trace does not know */
    uint32_t stream;    /* directory index of the sender's end of the connection, or TRACE_NONE: a frame of its own */
    uint32_t next_said; /* the next message on that stream which nobody has read yet, or TIMELINE_NONE */
    FrameSummary summary;
    char name[SAID_NAME]; /* where summary.message is NULL: see message_name */
    uint32_t first_arrival, arrival_count; /* into the list's arrivals */
} MessageEntry;

typedef struct {
    MessageEntry *list; /* in the order they were sent */
    MessageArrival *arrivals;
    uint32_t *message_of; /* by seq: the index of the message that a record is about or follows from; TIMELINE_NONE if
                             none */
    size_t count, capacity, arrival_count, record_count;
} Messages;

/* Reads the whole trace; the timeline is moved to its end. */
void messages_read(Timeline *timeline, Messages *messages);
void messages_free(Messages *messages);
/* Its name: "DISCOVER", "RCPT", "250". */
const char *message_name(const MessageEntry *message);
/* Somebody took it. */
bool message_was_taken(const Messages *messages, const MessageEntry *message);

/* The host that has this MAC address on one of its interfaces, or TIMELINE_NONE. */
uint32_t timeline_host_of_mac(const Timeline *timeline, MacAddress mac);
/* The host that uses this address at the place, or TIMELINE_NONE. */
uint32_t timeline_host_of_address(const Timeline *timeline, Ipv4Address address);

#endif
