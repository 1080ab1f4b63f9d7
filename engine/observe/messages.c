#include "observe/messages.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "observe/timeline_inside.h"

uint32_t timeline_host_of_mac(const Timeline *tl, MacAddress mac) {
    uint64_t number = mac_number(mac);
    return timeline_slot_find(tl, SLOT_MAC, (uint32_t)(number >> 32), (uint32_t)number);
}

uint32_t timeline_host_of_address(const Timeline *tl, Ipv4Address address) {
    const TimelineState *s = timeline_state(tl);
    for (size_t i = 0; address != 0 && i < s->interface_count; i++)
        if (s->interfaces[i].address == address) return s->interfaces[i].host;
    return TIMELINE_NONE;
}

static bool host_uses(const Timeline *tl, uint32_t host, Ipv4Address address) {
    size_t count;
    const uint32_t *slots = timeline_slots(tl, host, TIMELINE_INTERFACES, &count);
    for (size_t i = 0; i < count; i++)
        if (timeline_state(tl)->interfaces[slots[i]].address == address) return true;
    return false;
}

/* The MAC names the receiver (it alone does for a client without an address, or where two hosts use one address),
 * unless it is that of a router which has not the address and passes the packet on to who has. */
static uint32_t receiver_of(const Timeline *tl, const FrameSummary *s) {
    uint32_t next_hop = timeline_host_of_mac(tl, s->destination_mac);
    if (next_hop == TIMELINE_NONE) return timeline_host_of_address(tl, s->destination);
    if (trace_directory(tl->trace)->hosts[next_hop].kind != NODE_ROUTER || s->destination == 0) return next_hop;
    if (host_uses(tl, next_hop, s->destination)) return next_hop;
    uint32_t owner = timeline_host_of_address(tl, s->destination);
    return owner != TIMELINE_NONE ? owner : next_hop;
}

typedef struct {
    uint32_t message;
    MessageArrival arrival;
} FoundArrival;

typedef struct {
    Timeline *timeline;
    Messages *messages;
    FoundArrival *found; /* in the order of the trace; sorted by message at the end */
    size_t found_count, found_capacity;
} Reading;

static uint32_t message_add(Reading *reading, uint32_t seq, const TraceRecord *r) {
    Messages *m = reading->messages;
    Timeline *tl = reading->timeline;
    m->list = array_grow(m->list, &m->capacity, m->count + 1, sizeof *m->list);
    MessageEntry *entry = &m->list[m->count];
    *entry = (MessageEntry){.record = seq,
                            .frame = r->message.frame,
                            .host = r->host,
                            .machine = r->machine,
                            .at = r->at,
                            .proto = (uint8_t)r->small,
                            .to = TIMELINE_NONE};
    frame_summarise(frame_store_get(trace_frames(tl->trace), r->message.frame), &entry->summary);
    entry->broadcast = mac_is_group(entry->summary.destination_mac);
    if (!entry->broadcast) {
        timeline_seek_to(tl, seq, r->at);
        entry->to = receiver_of(tl, &entry->summary);
    }
    return (uint32_t)m->count++;
}

static void arrival_add(Reading *reading, uint32_t message, const MessageArrival *arrival) {
    reading->found =
        array_grow(reading->found, &reading->found_capacity, reading->found_count + 1, sizeof *reading->found);
    reading->found[reading->found_count++] = (FoundArrival){message, *arrival};
}

/* A lost copy was on its way to the far end of the cable; if that is a switch, to nobody yet, or to whom a unicast
 * is for. */
static void loss_add(Reading *reading, uint32_t message, uint32_t seq, const TraceRecord *r) {
    const Directory *d = trace_directory(reading->timeline->trace);
    uint32_t far = d->links[r->frame.link].end[~r->small & 1].host;
    bool nobody = d->hosts[far].kind == NODE_SWITCH || d->hosts[far].kind == NODE_HUB;
    MessageArrival arrival = {nobody ? reading->messages->list[message].to : far, seq, r->frame.arrives_at,
                              ARRIVAL_LOST, NULL};
    arrival_add(reading, message, &arrival);
}

static void record_read(Reading *reading, uint32_t seq) {
    Messages *m = reading->messages;
    const Trace *trace = reading->timeline->trace;
    const TraceRecord *r = trace_get(trace, seq);
    uint32_t message = r->cause == TRACE_NONE ? TIMELINE_NONE : m->message_of[r->cause];
    if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT) message = message_add(reading, seq, r);
    m->message_of[seq] = message;
    if (message == TIMELINE_NONE || r->cause == TRACE_NONE) return;
    if (r->kind == TRACE_FRAME && (r->code == FRAME_LOST || r->code == FRAME_LINK_DOWN))
        loss_add(reading, message, seq, r);
    if (trace_get(trace, r->cause)->kind != TRACE_FRAME) return; /* what a machine ignores was received before */
    if (r->kind == TRACE_IGNORED) {
        const char *reason = trace_directory(trace)->reasons[r->small];
        arrival_add(reading, message, &(MessageArrival){r->host, seq, r->at, ARRIVAL_IGNORED, reason});
    } else if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_RECEIVED) {
        arrival_add(reading, message, &(MessageArrival){r->host, seq, r->at, ARRIVAL_TAKEN, NULL});
    }
}

/* Counting sort: the arrivals of a message stand together and keep their order. */
static void arrivals_sort(Reading *reading) {
    Messages *m = reading->messages;
    m->arrivals = memory_resize(NULL, reading->found_count * sizeof *m->arrivals);
    m->arrival_count = reading->found_count;
    for (size_t i = 0; i < reading->found_count; i++) m->list[reading->found[i].message].arrival_count++;
    uint32_t first = 0;
    for (size_t i = 0; i < m->count; i++) {
        m->list[i].first_arrival = first;
        first += m->list[i].arrival_count;
        m->list[i].arrival_count = 0;
    }
    for (size_t i = 0; i < reading->found_count; i++) {
        MessageEntry *entry = &m->list[reading->found[i].message];
        m->arrivals[entry->first_arrival + entry->arrival_count++] = reading->found[i].arrival;
    }
}

void messages_read(Timeline *tl, Messages *messages) {
    *messages = (Messages){.record_count = tl->taken};
    messages->message_of = memory_resize(NULL, tl->taken * sizeof *messages->message_of);
    Reading reading = {tl, messages, NULL, 0, 0};
    timeline_seek_to(tl, 0, 0);
    for (uint32_t seq = 0; seq < tl->taken; seq++) record_read(&reading, seq);
    arrivals_sort(&reading);
    free(reading.found);
    timeline_seek(tl, timeline_end(tl));
}

void messages_free(Messages *messages) {
    free(messages->list);
    free(messages->arrivals);
    free(messages->message_of);
    *messages = (Messages){0};
}

bool message_was_taken(const Messages *messages, const MessageEntry *message) {
    for (uint32_t i = 0; i < message->arrival_count; i++)
        if (messages->arrivals[message->first_arrival + i].fate == ARRIVAL_TAKEN) return true;
    return false;
}
