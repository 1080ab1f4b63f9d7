/* Questions that expectations ask of a run: which messages, which states when, was an address ever bound twice. */
#ifndef NETSTAGE_OBSERVE_CHECK_H
#define NETSTAGE_OBSERVE_CHECK_H

#include "observe/messages.h"

/* Fields left zero (NULL, CHECK_ANY_HOST through message_query) do not narrow the search. */
typedef struct {
    const char *proto;   /* "dhcp" */
    const char *name;    /* "REQUEST" */
    uint32_t from, to;   /* hosts, or TIMELINE_NONE */
    SimTime after, before; /* sent in after .. before, both included */
    int broadcast;       /* 1: only broadcasts; 0: only unicasts; -1: either */
    int taken;           /* 1: only those somebody took; 0: only those nobody took; -1: either */
} MessageQuery;
/* A query that every message answers. */
MessageQuery message_query(void);
/* The first message at or behind index `from` that answers the query; TIMELINE_NONE if there is none. */
uint32_t messages_find(const Messages *messages, const MessageQuery *query, uint32_t from);
size_t messages_count(const Messages *messages, const MessageQuery *query);

/* A stay in a state: from its arrow to the next that leads elsewhere (or the loss of power, or the end of the
 * trace). */
typedef struct {
    uint8_t state;
    SimTime from, to;
    uint32_t record; /* of the arrow into it; TIMELINE_NONE for the initial state */
} StateStay;
/* The stays of one machine in order; at most `most`. Returns how many there are; 0 if there is no such machine. */
size_t state_stays(const Timeline *timeline, uint32_t host, const char *machine, uint32_t subject, StateStay *stays,
                   size_t most);

/* The index of the state's name in the machine's spec, or -1. */
int machine_state_index(const MachineSpec *spec, const char *name);
/* The machine's spec, or NULL if the host has no such machine. */
const MachineSpec *timeline_spec(const Timeline *timeline, uint32_t host, const char *machine);

typedef struct {
    Ipv4Address address;
    uint32_t first, second;               /* hosts */
    uint32_t first_record, second_record; /* that bound it */
    SimTime at;                           /* of the second */
} AddressClash;
/* Whether two hosts ever held a lease on one address at one time; the first such clash. A lease counts from
 * "dhcp.bound" to "dhcp.unbound", its expiry, or the loss of the host's power. */
bool leases_clash(const Timeline *timeline, AddressClash *clash);

#endif
