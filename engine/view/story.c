#include "view/story.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/value.h"
#include "observe/record.h"
#include "view/mail_hosts.h"

static bool is_middle(const Directory *directory, uint32_t node) {
    NodeKind kind = directory->hosts[node].kind;
    return kind == NODE_SWITCH || kind == NODE_HUB;
}

bool story_is_notable(const char *fact) {
    static const char *const notable[] = {
        "address.conflict",   "address.defended",    "dhcp.offered",  "dhcp.chosen",       "dhcp.unbound",
        "dhcp.informed",      "dhcp.pool_exhausted", "dns.resolved",  "dns.failed",        "echo.reply",
        "echo.failed",        "mail.composed",       "mail.queued",   "mail.deferred",     "mail.delivered",
        "mail.refused",       "mail.reported",       "mail.not_sent", "mail.shown",        "mail.report_dropped",
        "smtp.authenticated", "http.fetched",        "http.failed",   "tcp.retransmission", "pop3.logged_in",
        "pop3.login_refused", "pop3.header",         "pop3.retrieved", "pop3.updated",      "pop3.lost",
        "pop3.done",          "pop3.failed",         "imap.headers_read", "imap.uidvalidity_changed",
        "imap.opened",        "imap.part_whole",     "imap.flag_told", "imap.flag_heard",   "imap.message_gone",
        "imap.filed",         "imap.deleted",        "imap.kept",     "imap.refused",      "imap.reconnected",
        "imap.failed",        "imap.done"};
    for (size_t i = 0; i < sizeof notable / sizeof notable[0]; i++)
        if (strcmp(notable[i], fact) == 0) return true;
    return false;
}

static void add_moment(Story *s, SimTime at, uint32_t seq, MomentKind kind) {
    s->moments = array_grow(s->moments, &s->moment_capacity, s->moment_count + 1, sizeof *s->moments);
    s->moments[s->moment_count++] = (StoryMoment){at, seq, kind};
}

static bool is_major(const char *protocol) {
    return strcmp(protocol, "arp") != 0 && strcmp(protocol, "ethernet") != 0 && strcmp(protocol, "ipv4") != 0;
}

/* ---- Segments that carry what was said over a stream ---- */

static const char *keep_name(Story *s, const char *name) {
    for (size_t i = 0; i < s->name_count; i++)
        if (strcmp(s->names[i], name) == 0) return s->names[i];
    s->names = array_grow(s->names, &s->name_capacity, s->name_count + 1, sizeof *s->names);
    size_t size = strlen(name) + 1;
    s->names[s->name_count] = memcpy(memory_new(size), name, size);
    return s->names[s->name_count++];
}

/* Where a stretch of a stream stands: addresses, ports and sequence number, as in the frame. */
struct StorySegment {
    uint8_t place[16];
    uint32_t message;
    bool used;
};

/* The place of the frame's data in its stream; false where the frame is not Ethernet, IPv4 and TCP. */
static bool segment_place(Bytes frame, uint8_t place[16]) {
    enum { IP = 14, ADDRESSES = 12, PORTS_AND_SEQ = 8 };
    if (frame.size < IP + 20) return false;
    size_t tcp = IP + (size_t)(frame.at[IP] & 15) * 4;
    if (frame.size < tcp + 20) return false;
    memcpy(place, frame.at + IP + ADDRESSES, 8);
    memcpy(place + 8, frame.at + tcp, PORTS_AND_SEQ);
    return true;
}

static size_t segment_slot(const Story *s, const uint8_t place[16]) {
    uint64_t hash = 14695981039346656037u;
    for (int i = 0; i < 16; i++) hash = (hash ^ place[i]) * 1099511628211u;
    size_t at = (size_t)(hash >> 24) & (s->segment_capacity - 1);
    while (s->segments[at].used && memcmp(s->segments[at].place, place, 16) != 0)
        at = (at + 1) & (s->segment_capacity - 1);
    return at;
}

static void grow_segments(Story *s) {
    struct StorySegment *old = s->segments;
    size_t capacity = s->segment_capacity;
    s->segment_capacity = capacity ? capacity * 2 : 256;
    s->segments = memory_new(s->segment_capacity * sizeof *s->segments);
    for (size_t i = 0; i < capacity; i++)
        if (old[i].used) s->segments[segment_slot(s, old[i].place)] = old[i];
    free(old);
}

/* The message that these octets of the stream left in when they were sent first: the one at hand, if this is the first
 * time. */
static uint32_t first_sent(Story *s, uint32_t message) {
    uint8_t place[16];
    if (!segment_place(frame_store_get(trace_frames(s->trace), s->messages[message].frame), place)) return message;
    if (s->segment_count * 2 >= s->segment_capacity) grow_segments(s);
    struct StorySegment *segment = &s->segments[segment_slot(s, place)];
    if (!segment->used) {
        *segment = (struct StorySegment){.message = message, .used = true};
        memcpy(segment->place, place, sizeof place);
        s->segment_count++;
    }
    return segment->message;
}

static void name_alike(StoryMessage *m, const StoryMessage *other) {
    m->protocol = other->protocol;
    m->name = other->name;
    m->said = other->said;
    m->said_last = other->said_last;
    m->several = other->several;
}

size_t story_said(const Story *s, const StoryMessage *m, uint32_t *said, size_t most) {
    size_t count = 0;
    if (m->said == STORY_NONE) return 0;
    const TraceRecord *last = trace_get(s->trace, m->said_last);
    for (uint32_t seq = m->said; seq <= m->said_last && count < most; seq++) {
        const TraceRecord *r = trace_get(s->trace, seq);
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT && r->host == last->host && record_is_said(r) &&
            r->message.stream == last->message.stream)
            said[count++] = seq;
    }
    return count;
}

/* "MAIL RCPT DATA": what was said from `first` to `last` on one stream. */
static void name_said(Story *s, StoryMessage *m, uint32_t first, uint32_t last) {
    enum { NAMED_MOST = 4, MOST = 100 };
    uint32_t said[MOST];
    m->said = first;
    m->said_last = last;
    size_t count = story_said(s, m, said, MOST);
    Text name = text_new();
    for (size_t i = 0; i < count; i++) {
        RecordSummary summary;
        record_summarise(s->trace, trace_get(s->trace, said[i]), &summary);
        if (i == NAMED_MOST) text_put(&name, " \xE2\x80\xA6");
        if (i < NAMED_MOST) text_print(&name, "%s%s", i > 0 ? " " : "", summary.frame.message);
        m->protocol = summary.frame.protocol;
        s->message_of[said[i]] = (uint32_t)(m - s->messages);
    }
    m->name = keep_name(s, text_get(&name));
    m->several = count > 1;
    m->weight = WEIGHT_MAJOR;
    text_free(&name);
}

static void note_said(Story *s, const TraceRecord *r, uint32_t seq) {
    if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || !record_is_said(r)) return;
    s->unsent = array_grow(s->unsent, &s->unsent_capacity, s->unsent_count + 1, sizeof *s->unsent);
    s->unsent[s->unsent_count++] = seq;
}

/* What was said on the stream whose ends the segment names, and has not left yet, leaves now: TCP may have kept it until
 * an acknowledgement came (Nagle, a closed window), and may send several messages in one segment (pipelining, and the
 * replies to it). False if there is nothing. */
static bool take_said(Story *s, uint32_t host, const FrameSummary *segment, uint32_t *first, uint32_t *last) {
    const Directory *d = trace_directory(s->trace);
    size_t kept = 0;
    *first = *last = STORY_NONE;
    for (size_t i = 0; i < s->unsent_count; i++) {
        const TraceRecord *said = trace_get(s->trace, s->unsent[i]);
        const DirectoryStream *stream = &d->streams[said->message.stream];
        if (said->host == host && stream->local == segment->source && stream->remote == segment->destination &&
            stream->local_port == segment->source_port && stream->remote_port == segment->destination_port) {
            if (*first == STORY_NONE) *first = s->unsent[i];
            *last = s->unsent[i];
        } else {
            s->unsent[kept++] = s->unsent[i];
        }
    }
    s->unsent_count = kept;
    return *first != STORY_NONE;
}

static size_t segment_data(Bytes frame, const FrameSummary *segment) {
    if (frame.size < segment->payload_offset + 20) return 0;
    size_t header = (size_t)(frame.at[segment->payload_offset + 12] >> 4) * 4;
    return segment->payload_size > header ? segment->payload_size - header : 0;
}

/* TCP below a message of its own is seen for what it does to the connection; what only acknowledges, or carries on with
 * a long content, is detail. One that is sent again is not. */
static void weigh_segment(Story *s, uint32_t message, const FrameSummary *segment) {
    StoryMessage *m = &s->messages[message];
    bool data = segment_data(frame_store_get(trace_frames(s->trace), m->frame), segment) > 0;
    bool plain = strcmp(m->name, "DATA") == 0, ack = strcmp(m->name, "ACK") == 0;
    m->weight = ack || plain ? WEIGHT_DETAIL : WEIGHT_QUIET;
    if (ack) return;
    uint32_t before = first_sent(s, message), first, last;
    m->again = before != message;
    bool new_said = data && (!m->again || segment->payload_size > s->messages[before].segment_size) &&
                    take_said(s, m->sender, segment, &first, &last);
    if (m->again) name_alike(m, &s->messages[before]);
    if (new_said) name_said(s, m, m->said == STORY_NONE ? first : m->said, last);
    else if (m->again && data) m->weight = WEIGHT_MAJOR;
}

/* A router passes it on: it is the same message. */
static void weigh_passed_on(Story *s, StoryMessage *m, uint32_t cause) {
    const StoryMessage *before = &s->messages[s->transits[s->transit_of[cause]].message];
    if (strcmp(m->protocol, "tcp") != 0) return;
    name_alike(m, before);
    m->weight = before->weight;
    m->again = before->again;
}

static uint32_t add_message(Story *s, const TraceRecord *record, uint32_t seq) {
    s->messages = array_grow(s->messages, &s->message_capacity, s->message_count + 1, sizeof *s->messages);
    StoryMessage *m = &s->messages[s->message_count];
    FrameSummary summary;
    frame_summarise(frame_store_get(trace_frames(s->trace), record->frame.frame), &summary);
    *m = (StoryMessage){.seq = seq,
                        .frame = record->frame.frame,
                        .sender = record->host,
                        .from_at = record->at,
                        .to_at = record->at,
                        .protocol = summary.protocol,
                        .name = summary.message,
                        .weight = is_major(summary.protocol) ? WEIGHT_MAJOR : WEIGHT_MINOR,
                        .broadcast = mac_is_group(summary.destination_mac),
                        .said = STORY_NONE,
                        .segment_size = (uint32_t)summary.payload_size,
                        .source = summary.source,
                        .destination = summary.destination};
    if (record->cause != TRACE_NONE && trace_get(s->trace, record->cause)->kind == TRACE_MESSAGE &&
        trace_get(s->trace, record->cause)->code == MESSAGE_SENT) {
        m->seq = record->cause;
        if (strcmp(m->protocol, "tcp") == 0) weigh_segment(s, (uint32_t)s->message_count, &summary);
        s->message_of[record->cause] = (uint32_t)s->message_count;
    } else if (record->cause != TRACE_NONE && s->transit_of[record->cause] != STORY_NONE) {
        weigh_passed_on(s, m, record->cause);
    }
    add_moment(s, record->at, seq, m->weight == WEIGHT_DETAIL ? MOMENT_DETAIL : MOMENT_MESSAGE);
    return (uint32_t)s->message_count++;
}

static void add_transit(Story *s, const TraceRecord *record, uint32_t seq) {
    const Directory *directory = trace_directory(s->trace);
    const DirectoryLink *link = &directory->links[record->frame.link];
    int side = record->small & 1;
    uint32_t from = link->end[side].host, previous = STORY_NONE;
    if (record->cause != TRACE_NONE && s->transit_of[record->cause] != STORY_NONE && is_middle(directory, from))
        previous = s->transit_of[record->cause];
    uint32_t message = previous == STORY_NONE ? add_message(s, record, seq) : s->transits[previous].message;
    s->transits = array_grow(s->transits, &s->transit_capacity, s->transit_count + 1, sizeof *s->transits);
    s->transits[s->transit_count] = (StoryTransit){.seq = seq,
                                                   .from_at = record->at,
                                                   .to_at = record->frame.arrives_at,
                                                   .frame = record->frame.frame,
                                                   .link = record->frame.link,
                                                   .from = from,
                                                   .to = link->end[!side].host,
                                                   .previous = previous,
                                                   .message = message,
                                                   .verdict = record->code,
                                                   .ignored = STORY_NONE};
    if (previous != STORY_NONE) s->transits[previous].taken = true;
    s->transit_of[seq] = (uint32_t)s->transit_count++;
    if (record->frame.arrives_at - record->at > s->longest) s->longest = record->frame.arrives_at - record->at;
    StoryMessage *m = &s->messages[message];
    m->count++;
    if (record->frame.arrives_at > m->to_at) m->to_at = record->frame.arrives_at;
}

/* A record whose cause is a transit tells what became of the frame at its far end. */
static void note_arrival(Story *s, const TraceRecord *record, uint32_t seq) {
    if (record->cause == TRACE_NONE) return;
    uint32_t transit = s->transit_of[record->cause];
    const TraceRecord *cause = trace_get(s->trace, record->cause);
    /* What was read from the stream belongs to the segment that brought the rest of it. */
    if (record->kind == TRACE_MESSAGE && record->code == MESSAGE_RECEIVED && cause->kind == TRACE_MESSAGE)
        s->message_of[seq] = s->message_of[record->cause];
    /* Received, read, and then not acted on. */
    if (record->kind == TRACE_IGNORED && cause->kind == TRACE_MESSAGE && cause->code == MESSAGE_RECEIVED &&
        cause->cause != TRACE_NONE)
        transit = s->transit_of[cause->cause];
    if (transit == STORY_NONE) return;
    if (record->kind == TRACE_MESSAGE) s->message_of[seq] = s->transits[transit].message;
    if (record->kind == TRACE_IGNORED) s->transits[transit].ignored = seq;
    else s->transits[transit].taken = true;
}

/* Claiming an address is a step of a few seconds that every host takes; only a quarrel about one is worth a stop. */
static bool is_worth_a_stop(const Trace *trace, const TraceRecord *state) {
    const MachineSpec *spec = trace_directory(trace)->machines[state->machine].spec;
    if (state->state.from == state->state.to) return false;
    return strncmp(spec->name, "arp.", 4) != 0 || strcmp(spec->states[state->state.to], "DEFENDING") == 0;
}

/* It was flooded to a station whose it is not, or the cable was pulled while it was on it. */
static bool has_strayed(const Story *s, const StoryTransit *t) {
    if (t->ignored == STORY_NONE) return true;
    const char *why = trace_directory(s->trace)->reasons[trace_get(s->trace, t->ignored)->small];
    return strcmp(why, "ethernet.not_for_this_mac") == 0 || strcmp(why, "link.pulled") == 0;
}

/* Who has spoken from which address, to see to whom a lost message would have gone. */
typedef struct {
    Ipv4Address address;
    uint32_t node;
} Speaker;

static void note_addressees(Story *s) {
    enum { SPEAKERS_MOST = 500 }; /* of more, a ladder shows next to nothing */
    Speaker *speakers = NULL;
    size_t count = 0, capacity = 0;
    for (size_t i = 0; i < s->message_count && count < SPEAKERS_MOST; i++) {
        const StoryMessage *m = &s->messages[i];
        size_t k = 0;
        while (k < count && speakers[k].address != m->source) k++;
        if (k < count || m->source == 0) continue;
        speakers = array_grow(speakers, &capacity, count + 1, sizeof *speakers);
        speakers[count++] = (Speaker){m->source, m->sender};
    }
    for (size_t i = 0; i < s->message_count; i++) {
        StoryMessage *m = &s->messages[i];
        m->meant_for = STORY_NONE;
        for (size_t k = 0; m->lost && k < count; k++)
            if (speakers[k].address == m->destination) m->meant_for = speakers[k].node;
    }
    free(speakers);
}

static void group_transits(Story *s) {
    uint32_t at = 0;
    for (size_t i = 0; i < s->message_count; i++) {
        s->messages[i].first = at;
        at += s->messages[i].count;
        s->messages[i].count = 0;
    }
    s->by_message = memory_new((s->transit_count + 1) * sizeof *s->by_message);
    for (size_t i = 0; i < s->transit_count; i++) {
        StoryMessage *m = &s->messages[s->transits[i].message];
        s->by_message[m->first + m->count++] = (uint32_t)i;
    }
    for (size_t i = 0; i < s->message_count; i++) {
        StoryMessage *m = &s->messages[i];
        bool lost = false, taken = false, ignored = false, strayed = false;
        for (uint32_t k = 0; k < m->count; k++) {
            const StoryTransit *t = &s->transits[s->by_message[m->first + k]];
            lost |= t->verdict == FRAME_LOST || t->verdict == FRAME_LINK_DOWN;
            if (t->taken) taken |= !is_middle(trace_directory(s->trace), t->to);
            else if (has_strayed(s, t)) strayed |= t->verdict == FRAME_DELIVERED && t->to_at < s->end_at;
            else ignored = true;
        }
        m->lost = !taken && (lost || (strayed && !ignored && !m->broadcast));
    }
    note_addressees(s);
}

static bool has_machine(const Story *s, const char *name) {
    const Directory *d = trace_directory(s->trace);
    for (size_t i = 0; i < d->machine_count; i++)
        if (strcmp(d->machines[i].spec->name, name) == 0) return true;
    return false;
}

/* Client and server tell of the same phases. The server's count, for whoever speaks to it, but a phase begins with what led to
 * it: the first with the client's SYN, the others with a command. Where there is no server (a real one answers), the
 * client's count, where they stand. */
static void note_stage(Story *s, const TraceRecord *r, uint32_t seq) {
    enum { CHAIN_MOST = 60 };
    static const struct {
        const char *fact, *server, *first;
    } talks[] = {{"smtp.phase", "smtp.server", "smtp.set_up"}, {"pop3.phase", "pop3.server", "pop3.authorization"}};
    size_t talk = 0;
    while (talk < 2 && strcmp(trace_fact_spec(s->trace, r)->name, talks[talk].fact) != 0) talk++;
    if (talk == 2 || r->machine == TRACE_NONE) return;
    bool server = strcmp(trace_directory(s->trace)->machines[r->machine].spec->name, talks[talk].server) == 0;
    if (!server && has_machine(s, talks[talk].server)) return;
    bool set_up = strcmp(trace_fact_name(trace_fact_values(s->trace, r)[0]), talks[talk].first) == 0;
    uint32_t before = STORY_NONE, cause = r->cause;
    for (int i = 0; server && i < CHAIN_MOST && cause != TRACE_NONE && before == STORY_NONE; i++) {
        uint32_t message = s->message_of[cause];
        if (message != STORY_NONE && (!set_up || strcmp(s->messages[message].name, "SYN") == 0)) before = message;
        cause = trace_get(s->trace, cause)->cause;
    }
    s->stages = array_grow(s->stages, &s->stage_capacity, s->stage_count + 1, sizeof *s->stages);
    s->stages[s->stage_count++] = (StoryStage){seq, before};
}

/* The connections that stand are few, and the latest of them are the likeliest. */
static void note_connection(Story *s, const TraceRecord *r, uint32_t seq) {
    const FactSpec *spec = trace_fact_spec(s->trace, r);
    if (strcmp(spec->name, "tcp.established") == 0) {
        const int64_t *v = trace_fact_values(s->trace, r);
        s->connections = array_grow(s->connections, &s->connection_capacity, s->connection_count + 1,
                                    sizeof *s->connections);
        s->connections[s->connection_count++] = (StoryConnection){.host = r->host,
                                                                  .machine = r->machine,
                                                                  .subject = r->fact.subject,
                                                                  .from_seq = seq,
                                                                  .to_seq = STORY_NONE,
                                                                  .local = (Ipv4Address)v[0],
                                                                  .local_port = (uint16_t)v[1],
                                                                  .remote = (Ipv4Address)v[2],
                                                                  .remote_port = (uint16_t)v[3]};
    } else if (strcmp(spec->name, "tcp.ended") == 0) {
        for (size_t i = s->connection_count; i-- > 0;) {
            StoryConnection *c = &s->connections[i];
            if (c->machine != r->machine || c->subject != r->fact.subject) continue;
            c->to_seq = seq;
            break;
        }
    } else if (strcmp(spec->name, "host.powered") == 0) {
        for (size_t i = s->connection_count; i-- > 0;)
            if (s->connections[i].host == r->host && s->connections[i].to_seq == STORY_NONE)
                s->connections[i].to_seq = seq;
    }
}

/* A queue's entry is tried again: at its time, or because somebody asked for it; or the power goes, and what waited is
 * tried as soon as it is back. */
static bool may_end_a_wait(const Trace *trace, const TraceRecord *r) {
    if (r->kind == TRACE_FACT) return strcmp(trace_fact_spec(trace, r)->name, "host.powered") == 0;
    if (r->kind != TRACE_STATE || r->state.from == r->state.to) return false;
    const MachineSpec *spec = trace_directory(trace)->machines[r->machine].spec;
    return strcmp(spec->name, "smtp.queue") == 0 && strcmp(spec->states[r->state.from], "DEFERRED") == 0;
}

static bool is_of_mail(const char *fact) {
    return strncmp(fact, "mail.", 5) == 0 || strcmp(fact, "mailbox.changed") == 0 ||
           strcmp(fact, "pop3.retrieved") == 0 || strcmp(fact, "pop3.removed") == 0 ||
           strcmp(fact, "imap.removed") == 0;
}

Story *story_new(const Trace *trace) {
    Story *s = memory_new(sizeof *s);
    s->trace = trace;
    size_t count = s->record_count = trace_count(trace);
    s->transit_of = memory_new((count + 1) * sizeof *s->transit_of);
    s->message_of = memory_new((count + 1) * sizeof *s->message_of);
    memset(s->transit_of, 0xFF, (count + 1) * sizeof *s->transit_of);
    memset(s->message_of, 0xFF, (count + 1) * sizeof *s->message_of);
    for (size_t i = 0; i < count; i++) {
        const TraceRecord *record = trace_get(trace, i);
        uint32_t seq = (uint32_t)i;
        if (record->at > s->end_at) s->end_at = record->at;
        if (record->kind == TRACE_FRAME) {
            add_transit(s, record, seq);
            if (record->frame.arrives_at > s->end_at) s->end_at = record->frame.arrives_at;
            continue;
        }
        note_arrival(s, record, seq);
        note_said(s, record, seq);
        if (record->kind == TRACE_STATE && is_worth_a_stop(trace, record)) add_moment(s, record->at, seq, MOMENT_STATE);
        if (record->kind == TRACE_FACT && is_of_mail(trace_fact_spec(trace, record)->name)) {
            s->mail = array_grow(s->mail, &s->mail_capacity, s->mail_count + 1, sizeof *s->mail);
            s->mail[s->mail_count++] = seq;
        }
        if (may_end_a_wait(trace, record)) {
            s->waits_ended = array_grow(s->waits_ended, &s->wait_end_capacity, s->wait_end_count + 1,
                                        sizeof *s->waits_ended);
            s->waits_ended[s->wait_end_count++] = seq;
        }
        if (record->kind == TRACE_FACT) note_connection(s, record, seq);
        if (record->kind == TRACE_FACT) note_stage(s, record, seq);
        if (record->kind == TRACE_FACT && story_is_notable(trace_fact_spec(trace, record)->name)) {
            add_moment(s, record->at, seq, MOMENT_FACT);
            s->notes = array_grow(s->notes, &s->note_capacity, s->note_count + 1, sizeof *s->notes);
            s->notes[s->note_count++] = seq;
        }
        if (record->kind == TRACE_SAY)
            add_moment(s, record->at, seq,
                       record->code == SAY_BEAT    ? MOMENT_BEAT
                       : record->code == SAY_PHASE ? MOMENT_PHASE
                                                   : MOMENT_SAY);
    }
    group_transits(s);
    s->mail_hosts = mail_hosts_read(trace);
    return s;
}

void story_free(Story *s) {
    if (!s) return;
    free(s->transits);
    free(s->by_message);
    free(s->messages);
    free(s->moments);
    free(s->notes);
    free(s->mail);
    free(s->waits_ended);
    free(s->segments);
    free(s->unsent);
    free(s->connections);
    free(s->stages);
    mail_hosts_free(s->mail_hosts);
    for (size_t i = 0; i < s->name_count; i++) free(s->names[i]);
    free(s->names);
    free(s->transit_of);
    free(s->message_of);
    free(s);
}

size_t story_first_transit(const Story *s, SimTime t) {
    size_t low = 0, high = s->transit_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (s->transits[middle].from_at < t - 2 * s->longest) low = middle + 1;
        else high = middle;
    }
    return low;
}

uint32_t story_message_of(const Story *s, uint32_t seq) {
    while (seq != TRACE_NONE && seq < s->record_count) {
        if (s->transit_of[seq] != STORY_NONE) return s->transits[s->transit_of[seq]].message;
        if (s->message_of[seq] != STORY_NONE) return s->message_of[seq];
        seq = trace_get(s->trace, seq)->cause;
    }
    return STORY_NONE;
}

const char *story_node_name(const Story *s, uint32_t node) {
    const Directory *directory = trace_directory(s->trace);
    return node < directory->host_count ? directory->hosts[node].name : "";
}

void story_say_text(const Story *s, uint32_t seq, const char *language, Text *into) {
    const char *json = trace_text(s->trace, trace_get(s->trace, seq));
    Arena *arena = arena_new();
    Text error = text_new();
    Value value;
    if (!value_parse(arena, json, strlen(json), &value, &error)) {
        text_put(into, json);
    } else {
        const Value *words = value_get(&value, "text"), *best = words ? words : &value;
        const Value *own = value_get(best, language), *english = value_get(best, "en");
        if (own) best = own;
        else if (english) best = english;
        else if (best->kind == VALUE_MAP && best->count > 0) best = &best->items[0];
        if (best->kind == VALUE_TEXT) text_put_n(into, best->text, best->text_size);
    }
    text_free(&error);
    arena_free(arena);
}
