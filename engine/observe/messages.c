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

/* Messages of a stream that were sent and not yet read, in order: a stream delivers them so. */
typedef struct {
    uint32_t first, last; /* message indexes, or TIMELINE_NONE */
} SaidQueue;

typedef struct {
    Timeline *timeline;
    SaidQueue *said;       /* by stream */
    uint32_t *peers;       /* open addressing by ends: stream + 1, the latest */
    size_t peer_places, streams_known;
    Messages *messages;
    FoundArrival *found; /* in the order of the trace; sorted by message at the end */
    size_t found_count, found_capacity;
} Reading;

/* ---- Streams ---- */

static size_t stream_place(const Reading *reading, uint32_t a, uint16_t a_port, uint32_t b, uint16_t b_port) {
    uint64_t hash = ((uint64_t)a << 32 | b) * UINT64_C(0x9e3779b97f4a7c15);
    hash = (hash ^ ((uint64_t)a_port << 16 | b_port)) * UINT64_C(0x9e3779b97f4a7c15);
    const Directory *d = trace_directory(reading->timeline->trace);
    size_t mask = reading->peer_places - 1, i = (size_t)(hash >> 24) & mask;
    while (reading->peers[i] != 0) {
        const DirectoryStream *s = &d->streams[reading->peers[i] - 1];
        if (s->local == a && s->local_port == a_port && s->remote == b && s->remote_port == b_port) break;
        i = (i + 1) & mask;
    }
    return i;
}

/* Streams are known from their first record on, so that ports used again name the right one. */
static void streams_note(Reading *reading, uint32_t up_to) {
    const Directory *d = trace_directory(reading->timeline->trace);
    for (; reading->streams_known <= up_to; reading->streams_known++) {
        const DirectoryStream *s = &d->streams[reading->streams_known];
        reading->peers[stream_place(reading, s->local, s->local_port, s->remote, s->remote_port)] =
            (uint32_t)reading->streams_known + 1;
    }
}

/* The other end of the connection, or TRACE_NONE: it is outside, or has not said anything yet. */
static uint32_t stream_peer(Reading *reading, uint32_t stream) {
    const DirectoryStream *s = &trace_directory(reading->timeline->trace)->streams[stream];
    uint32_t found = reading->peers[stream_place(reading, s->remote, s->remote_port, s->local, s->local_port)];
    return found ? found - 1 : TRACE_NONE;
}

static void said_add(Reading *reading, uint32_t message, uint32_t stream) {
    SaidQueue *queue = &reading->said[stream];
    if (queue->first == TIMELINE_NONE) queue->first = message;
    else reading->messages->list[queue->last].next_said = message;
    queue->last = message;
}

/* The message that was read now: the first one said with these octets. What was said before it and never read was
 * thrown away by the reader. TIMELINE_NONE: it came from outside. */
static uint32_t said_take(Reading *reading, const TraceRecord *r) {
    uint32_t peer = stream_peer(reading, r->message.stream);
    if (peer == TRACE_NONE) return TIMELINE_NONE;
    Bytes octets = record_octets(reading->timeline->trace, r);
    SaidQueue *queue = &reading->said[peer];
    for (uint32_t i = queue->first; i != TIMELINE_NONE; i = reading->messages->list[i].next_said) {
        MessageEntry *entry = &reading->messages->list[i];
        if (!bytes_equal(octets, frame_store_get(trace_frames(reading->timeline->trace), entry->frame))) continue;
        queue->first = entry->next_said;
        entry->next_said = TIMELINE_NONE;
        return i;
    }
    return TIMELINE_NONE;
}

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
                            .stream = r->message.stream,
                            .next_said = TIMELINE_NONE,
                            .to = TIMELINE_NONE};
    RecordSummary summary;
    record_summarise(tl->trace, r, &summary);
    entry->summary = summary.frame;
    if (summary.frame.message == summary.name) {
        memcpy(entry->name, summary.name, sizeof entry->name);
        entry->summary.message = NULL;
    }
    entry->broadcast = mac_is_group(entry->summary.destination_mac);
    if (record_is_said(r)) {
        timeline_seek_to(tl, seq, r->at);
        bool sent = r->code == MESSAGE_SENT;
        if (!sent) entry->host = timeline_host_of_address(tl, entry->summary.source);
        entry->to = sent ? timeline_host_of_address(tl, entry->summary.destination) : r->host;
        if (sent) said_add(reading, (uint32_t)m->count, r->message.stream);
    } else if (!entry->broadcast) {
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
    if (r->kind == TRACE_MESSAGE && record_is_said(r)) {
        streams_note(reading, r->message.stream);
        message = r->code == MESSAGE_SENT ? TIMELINE_NONE : said_take(reading, r);
        if (message == TIMELINE_NONE) message = message_add(reading, seq, r);
        if (r->code == MESSAGE_RECEIVED)
            arrival_add(reading, message, &(MessageArrival){r->host, seq, r->at, ARRIVAL_TAKEN, NULL});
        m->message_of[seq] = message;
        return;
    }
    if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT) message = message_add(reading, seq, r);
    m->message_of[seq] = message;
    if (message == TIMELINE_NONE || r->cause == TRACE_NONE) return;
    if (r->kind == TRACE_FRAME && (r->code == FRAME_LOST || r->code == FRAME_LINK_DOWN))
        loss_add(reading, message, seq, r);
    const TraceRecord *cause = trace_get(trace, r->cause);
    bool looped = r->kind == TRACE_MESSAGE && cause->kind == TRACE_MESSAGE && cause->code == MESSAGE_SENT;
    if (cause->kind != TRACE_FRAME && !looped) return; /* what a machine ignores was received before */
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
    size_t streams = trace_directory(tl->trace)->stream_count;
    Reading reading = {.timeline = tl, .messages = messages, .peer_places = 16};
    while (reading.peer_places < 2 * streams) reading.peer_places *= 2;
    reading.peers = memory_new(reading.peer_places * sizeof *reading.peers);
    reading.said = memory_new((streams + 1) * sizeof *reading.said);
    for (size_t i = 0; i < streams; i++) reading.said[i] = (SaidQueue){TIMELINE_NONE, TIMELINE_NONE};
    timeline_seek_to(tl, 0, 0);
    for (uint32_t seq = 0; seq < tl->taken; seq++) record_read(&reading, seq);
    arrivals_sort(&reading);
    free(reading.found);
    free(reading.peers);
    free(reading.said);
    timeline_seek(tl, timeline_end(tl));
}

void messages_free(Messages *messages) {
    free(messages->list);
    free(messages->arrivals);
    free(messages->message_of);
    *messages = (Messages){0};
}

const char *message_name(const MessageEntry *message) {
    return message->summary.message ? message->summary.message : message->name;
}

bool message_was_taken(const Messages *messages, const MessageEntry *message) {
    for (uint32_t i = 0; i < message->arrival_count; i++)
        if (messages->arrivals[message->first_arrival + i].fate == ARRIVAL_TAKEN) return true;
    return false;
}
