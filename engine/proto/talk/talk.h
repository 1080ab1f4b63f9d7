/* A connection spoken by hand: by a script, at the console, or by a real client at the gateway. The machine ("talk", one a
 * connection) says what it is told and takes in whatever comes; and it follows the conversation well enough to note
 * each command, reply and content as a whole, as the protocol's own machines do (proto/talk/follow.h). */
#ifndef NETSTAGE_PROTO_TALK_TALK_H
#define NETSTAGE_PROTO_TALK_TALK_H

#include "proto/talk/follow.h"
#include "sim/stream.h"
#include "sim/trace.h"

#define TALK_STATES(X) X(CLOSED) X(CONNECTING) X(OPEN) X(HALF_CLOSED) X(ENDED)
typedef enum {
#define X(name) TALK_##name,
    TALK_STATES(X)
#undef X
} TalkState;

typedef enum {
    TALK_ON_CONNECT,
    TALK_ON_OPEN,
    TALK_ON_HANG_UP,
    TALK_ON_ABORT,
    TALK_ON_PEER_CLOSED,
    TALK_ON_ENDED,
} TalkInput;

extern const MachineSpec talk_spec;
extern const StreamProtocol talk_stream;

typedef struct {
    Machine machine; /* initialised by the host */
    bool server;     /* this end answers */
    Follower follower;
    bool peer_closed;
    const char *how; /* it ended; NULL: it has not */
    /* What came, as it came; no octets at all (at NULL): it opened, ended, or the peer closed. NULL: nobody listens. */
    void (*heard)(void *self, Bytes octets);
    void *heard_self;
} Talk;

void talk_init(Talk *talk);
/* proto: TraceProto, what is spoken. */
void talk_begin(Talk *talk, uint8_t proto, bool server);
/* Only in OPEN. */
void talk_write(Talk *talk, Bytes octets, Effects *effects);
void talk_hang_up(Talk *talk, bool abort, Effects *effects);
void talk_release(Talk *talk);

#endif
