/* What there is to see in a run, indexed once: messages with every hop they took, and the moments worth stopping
 * at.
 *
 * A *transit* is one frame on one cable. A *message* is what a sender gave away, with all transits that switches
 * made of it, up to whoever received it; a router or relay that sends it on starts another. */
#ifndef NETSTAGE_VIEW_STORY_H
#define NETSTAGE_VIEW_STORY_H

#include "observe/plain.h"

#define STORY_NONE UINT32_MAX

/* DETAIL: segments that only acknowledge or carry on; MINOR: ARP and the like; QUIET: what TCP says to open and close a
 * connection; MAJOR: the protocols' own messages, and segments that are sent again. */
typedef enum { WEIGHT_DETAIL, WEIGHT_MINOR, WEIGHT_QUIET, WEIGHT_MAJOR } StoryWeight;

typedef struct {
    uint32_t seq;
    SimTime from_at, to_at;
    uint32_t frame, link;
    uint32_t from, to; /* nodes, directory indexes */
    uint32_t previous; /* the transit that a switch passed on, or STORY_NONE */
    uint32_t message;
    uint8_t verdict;  /* FrameCode */
    bool taken;       /* somebody at the far end acted on it, or passed it on */
    uint32_t ignored; /* seq of the record that says why it was not acted on, or STORY_NONE */
} StoryTransit;

typedef struct {
    uint32_t seq; /* the record that sent it: a MESSAGE, or the first FRAME where there is none */
    uint32_t frame;
    uint32_t sender; /* node */
    SimTime from_at, to_at;
    uint32_t first, count;       /* transits in Story.by_message */
    const char *protocol, *name; /* as in FrameSummary */
    uint32_t said;               /* the record of the stream's message that this segment carries first, or STORY_NONE */
    uint32_t said_last;          /* and last */
    uint32_t segment_size;       /* of the IPv4 packet's payload */
    uint8_t weight;              /* StoryWeight */
    bool several;                /* more than one message of the stream went into this segment */
    bool again;                  /* a segment that is sent once more */
    bool broadcast;              /* sent to every station of the link */
    bool lost;                   /* no copy of it reached anyone it was for: lost on the way, or strayed */
    Ipv4Address source, destination;
} StoryMessage;

/* A host's end of a TCP connection while it stands. */
typedef struct StoryConnection {
    uint32_t host, machine, subject; /* whose, and which of its TCP's */
    uint32_t from_seq, to_seq;       /* the facts that it is established, and over: STORY_NONE if it never is */
    Ipv4Address local, remote;
    uint16_t local_port, remote_port;
} StoryConnection;

/* A dialogue enters one of its own phases. */
typedef struct {
    uint32_t seq;    /* the fact, "smtp.phase" or "pop3.phase" */
    uint32_t before; /* the message that begins it; STORY_NONE: it begins where the fact stands */
} StoryStage;

typedef enum {
    MOMENT_START,
    MOMENT_MESSAGE,
    MOMENT_DETAIL, /* a message of weight DETAIL: no stop */
    MOMENT_STATE,
    MOMENT_BEAT,
    MOMENT_SAY,
    MOMENT_PHASE,
    MOMENT_FACT,
    MOMENT_END
} MomentKind;

typedef struct {
    SimTime at;
    uint32_t seq;
    MomentKind kind;
} StoryMoment;

typedef struct {
    const Trace *trace;
    size_t record_count;    /* of the trace, as far as the story goes: a live run's grows on */
    StoryTransit *transits; /* in the order of the trace */
    uint32_t *by_message;   /* transit indexes, message by message */
    StoryMessage *messages;
    StoryMoment *moments; /* beats, says, phases, state changes, messages, by seq */
    struct MailHosts *mail_hosts;
    struct StoryConnection *connections; /* by the record that opened them */
    size_t connection_count, connection_capacity;
    StoryStage *stages; /* by the fact */
    size_t stage_count, stage_capacity;
    uint32_t *mail; /* facts about mail, by seq */
    size_t mail_count, mail_capacity;
    uint32_t *waits_ended; /* by seq: what may end an entry's wait in a queue: it is tried, or its host lost power */
    size_t wait_end_count, wait_end_capacity;
    uint32_t *notes; /* facts that are told beside their host, by seq */
    size_t note_count, note_capacity;
    size_t transit_count, transit_capacity, message_count, message_capacity, moment_count, moment_capacity;
    uint32_t *transit_of;          /* by seq; STORY_NONE for other records */
    uint32_t *message_of;          /* by seq: the message that a MESSAGE record sent or received */
    struct StorySegment *segments; /* that carry what was said, to know them when they are sent again */
    size_t segment_count, segment_capacity;
    uint32_t *unsent; /* while it is made: what was said on streams and no segment has carried yet */
    size_t unsent_count, unsent_capacity;
    char **names; /* of messages that have no static one */
    size_t name_count, name_capacity;
    SimTime end_at;  /* of the last thing that happens */
    SimTime longest; /* of all transits */
} Story;

/* Is a fact of this name told on the stage? */
bool story_is_notable(const char *fact);
Story *story_new(const Trace *trace);
void story_free(Story *story);
/* The first transit that may still matter at `t`, when the effects of a hop are shown as long again as the hop took. */
size_t story_first_transit(const Story *story, SimTime t);
/* The message that a record belongs to: sent by it, carried by it, or the nearest among its causes. STORY_NONE if
 * none. */
uint32_t story_message_of(const Story *story, uint32_t seq);
/* The records of what the segment says, in order; at most `most`. Returns how many. */
size_t story_said(const Story *story, const StoryMessage *message, uint32_t *said, size_t most);
/* How the host's machine at the end of the transit would be named: node names of the directory. */
const char *story_node_name(const Story *story, uint32_t node);
/* The text of a SAY record in a language ("en", "zh"), else in any it has. The caller frees *into. */
void story_say_text(const Story *story, uint32_t seq, const char *language, Text *into);

#endif
