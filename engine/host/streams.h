/* Carries a protocol that speaks over a stream (sim/stream.h): its TCP connection, what it wrote and TCP has not taken
 * yet, and its end.
 *
 * A service keeps its HostStreams in a pool and uses one again when it is over, since a timer's expiry may still name
 * its machine (machine_reuse). */
#ifndef NETSTAGE_HOST_STREAMS_H
#define NETSTAGE_HOST_STREAMS_H

#include "sim/stream.h"
#include "stack/tcp.h"

typedef struct Host Host;
typedef struct HostStream HostStream;

typedef struct {
    /* The machine asks its host something; NULL: it never does. */
    void (*ask)(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause);
    /* The stream is over, the protocol was told, and nothing of it is running any more: it may be used again. */
    void (*over)(void *owner, HostStream *stream, uint32_t cause);
} StreamOwner;

struct HostStream {
    Host *host;
    EffectCarrier carrier;
    const StreamProtocol *protocol;
    void *self; /* of the protocol */
    Machine *machine;
    const StreamOwner *owner_calls;
    void *owner;
    TcpConnection *tcp;
    uint8_t *pending; /* written, and not yet taken by TCP */
    size_t pending_at, pending_size, pending_capacity;
    uint32_t busy; /* calls under way: it is over only after the outermost */
    bool in_use, wrote, closing, peer_closed, peer_close_told, finished, connecting;
    TcpEnd failed; /* why a connection that could not even be begun was not */
};

/* Once for each place of a pool: `machine` must have been initialised with &stream->carrier. */
void host_stream_init(HostStream *stream, Host *host, const StreamProtocol *protocol, void *self, Machine *machine,
                      const StreamOwner *owner_calls, void *owner);
/* Takes over a connection that was accepted; returns what its listener answers, and `*user` likewise. The protocol is
 * told that the connection stands. */
const TcpUser *host_stream_accept(HostStream *stream, TcpConnection *connection, uint8_t proto, void **user,
                                  uint32_t cause);
/* Opens a connection. What can't even be begun ends as any other: the protocol is told, and the owner. */
void host_stream_connect(HostStream *stream, const TcpOpen *open, uint32_t cause);
/* An input that the owner gives the machine itself. */
Effects *host_stream_begin(HostStream *stream);
void host_stream_end(HostStream *stream, Effects *effects, uint32_t cause);
/* Power is gone: nobody is told anything. */
void host_stream_drop(HostStream *stream);
/* What it holds. */
void host_stream_release(HostStream *stream);

/* ---- Servers: those whom many come to at one time ---- */

typedef struct {
    HostStream **items; /* each one's `owner` is the session */
    size_t count, capacity;
} HostStreamPool;

void host_pool_add(HostStreamPool *pool, HostStream *stream);
void host_pool_free(HostStreamPool *pool);
/* Where another connection may have its session: in `*idle`, or NULL there, and a new one must be added. The server serves
 * `most` and tells some more to come again (`*one_too_many`). False: not even that; the connection is to be reset. */
bool host_pool_choose(const HostStreamPool *pool, size_t most, HostStream **idle, bool *one_too_many) NS_MUST_USE;
/* Listens. A port that is taken is noted in the trace, with the service's machine. */
void host_stream_listen(Host *host, const TcpListener *listener, uint32_t machine, uint32_t cause);

#endif
