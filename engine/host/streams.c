#include "host/streams.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "host/host.h"

/* A peer that never reads what it is told is not listened to either: so much is kept for it. */
enum { PENDING_MOST = 64 * 1024 };
/* So many beyond those it serves a server still tells to come again; more are reset. */
enum { TURNED_AWAY_MOST = 200 };

static Sim *sim_of(const HostStream *stream) { return stream->host->stack->sim; }

static size_t pending_left(const HostStream *s) { return s->pending_size - s->pending_at; }

static void enter(HostStream *s) { s->busy++; }

static void leave(HostStream *s, uint32_t cause) {
    CHECK(s->busy > 0);
    if (--s->busy > 0 || !s->finished || !s->in_use) return;
    sim_machine_silence(s->machine);
    s->in_use = false;
    s->tcp = NULL;
    s->owner_calls->over(s->owner, s, cause);
}

/* ---- Out ---- */

static void pending_add(HostStream *s, Bytes octets) {
    if (s->pending_at > 0) {
        memmove(s->pending, s->pending + s->pending_at, pending_left(s));
        s->pending_size -= s->pending_at;
        s->pending_at = 0;
    }
    s->pending = array_grow(s->pending, &s->pending_capacity, s->pending_size + octets.size, 1);
    memcpy(s->pending + s->pending_size, octets.at, octets.size);
    s->pending_size += octets.size;
}

static void flush(HostStream *s, uint32_t cause) {
    if (pending_left(s) > 0)
        s->pending_at += tcp_write(s->tcp, bytes_of(s->pending + s->pending_at, pending_left(s)), cause);
    if (pending_left(s) > 0) return;
    s->pending_at = s->pending_size = 0;
    if (s->closing) tcp_close(s->tcp, cause);
    s->closing = false;
}

static void carry_stream(void *self, Machine *machine, EffectKind kind, Bytes octets, uint32_t cause) {
    HostStream *s = self;
    (void)machine;
    if (s->finished || !s->tcp) return;
    switch (kind) {
        case EFFECT_WRITE:
            s->wrote = true;
            if (pending_left(s) == 0) octets = bytes_slice(octets, tcp_write(s->tcp, octets, cause), SIZE_MAX);
            if (octets.size > 0) pending_add(s, octets);
            break;
        case EFFECT_CLOSE:
            s->closing = true;
            flush(s, cause);
            break;
        case EFFECT_ABORT:
            tcp_abort(s->tcp, cause);
            s->finished = true;
            break;
        default: CHECK_UNREACHABLE();
    }
}

static void carry_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    (void)self, (void)to, (void)payload, (void)machine, (void)cause;
    CHECK_UNREACHABLE();
}

static void carry_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    HostStream *s = self;
    (void)machine;
    s->owner_calls->ask(s->owner, s, effect, octets, cause);
}

/* ---- In ---- */

static void give(HostStream *s, void (*input)(void *, Effects *), uint32_t cause) {
    Effects *effects = sim_effects(sim_of(s));
    input(s->self, effects);
    sim_apply(sim_of(s), effects, cause);
}

static void pump(HostStream *s, uint32_t cause) {
    while (!s->finished && pending_left(s) < PENDING_MOST) {
        Bytes octets = tcp_peek(s->tcp);
        if (octets.size == 0) break;
        Effects *effects = sim_effects(sim_of(s));
        size_t taken = s->protocol->receive(s->self, octets, effects);
        CHECK(taken <= octets.size);
        sim_apply(sim_of(s), effects, cause);
        if (taken == 0 || s->finished) return;
        tcp_consume(s->tcp, taken, cause);
    }
    if (s->finished || !s->peer_closed || s->peer_close_told || tcp_peek(s->tcp).size > 0) return;
    s->peer_close_told = true;
    give(s, s->protocol->peer_closed, cause);
}

/* Whoever has more to say than TCP takes at once is asked for it as long as there is room. False: nobody was asked. */
static bool offer_room(HostStream *s, uint32_t cause) {
    bool asked = false;
    while (s->wrote && s->protocol->room && !s->finished && s->tcp && pending_left(s) == 0) {
        s->wrote = false;
        asked = true;
        give(s, s->protocol->room, cause);
    }
    return asked;
}

static void settle(HostStream *s, uint32_t cause) {
    if (s->busy == 1 && s->tcp) {
        offer_room(s, cause);
        do pump(s, cause);
        while (offer_room(s, cause)); /* what has been said to its end may have held back what came meanwhile */
    }
    leave(s, cause);
}

static void on_opened(void *self, uint32_t cause) {
    HostStream *s = self;
    enter(s);
    give(s, s->protocol->opened, cause);
    settle(s, cause);
}

static void on_readable(void *self, uint32_t cause) {
    HostStream *s = self;
    enter(s);
    settle(s, cause);
}

static void on_writable(void *self, uint32_t cause) {
    HostStream *s = self;
    enter(s);
    flush(s, cause);
    s->wrote = true;
    settle(s, cause);
}

static void on_peer_closed(void *self, uint32_t cause) {
    HostStream *s = self;
    enter(s);
    s->peer_closed = true;
    settle(s, cause);
}

static const char *end_name(TcpEnd how) {
    switch (how) {
        case TCP_END_CLOSED: return "tcp.closed";
        case TCP_END_RESET: return "tcp.reset";
        case TCP_END_REFUSED: return "tcp.refused";
        case TCP_END_TIMEOUT: return "tcp.timeout";
        case TCP_END_UNREACHABLE: return "tcp.unreachable";
        case TCP_END_ABORTED: return "tcp.aborted";
    }
    CHECK_UNREACHABLE();
}

static void tell_ended(HostStream *s, TcpEnd how, uint32_t cause) {
    if (s->finished) return;
    s->finished = true;
    Effects *effects = sim_effects(sim_of(s));
    s->protocol->ended(s->self, end_name(how), effects);
    sim_apply(sim_of(s), effects, cause);
}

static void on_ended(void *self, TcpEnd how, uint32_t cause) {
    HostStream *s = self;
    s->tcp = NULL;
    s->failed = how;
    if (s->connecting) return; /* it is told once it has begun */
    enter(s);
    tell_ended(s, how, cause);
    leave(s, cause);
}

static const TcpUser user_calls = {on_opened, on_readable, on_writable, on_peer_closed, on_ended};

/* ---- For services ---- */

static void carry_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    HostStream *s = self;
    (void)machine;
    Effects *effects = host_stream_begin(s);
    s->protocol->timer(s->self, timer, effects);
    host_stream_end(s, effects, cause);
}

void host_stream_init(HostStream *s, Host *host, const StreamProtocol *protocol, void *self, Machine *machine,
                      const StreamOwner *owner_calls, void *owner) {
    *s = (HostStream){.host = host,
                      .protocol = protocol,
                      .self = self,
                      .machine = machine,
                      .owner_calls = owner_calls,
                      .owner = owner};
    s->carrier = (EffectCarrier){s, host->id, carry_send, carry_ask, carry_timer, host->stack->sim, carry_stream};
}

static void begin(HostStream *s) {
    CHECK(!s->in_use && s->busy == 0);
    s->in_use = true;
    s->wrote = s->closing = s->peer_closed = s->peer_close_told = s->finished = s->connecting = false;
    s->pending_at = s->pending_size = 0;
}

static void note_stream(HostStream *s, uint8_t proto, bool opener) {
    TcpStatus status = tcp_status(s->tcp);
    machine_reuse(s->machine, status.number);
    s->machine->stream = trace_add_stream(sim_trace(sim_of(s)), &(DirectoryStream){.host = s->host->id,
                                                                                   .local = status.local,
                                                                                   .remote = status.remote,
                                                                                   .local_port = status.local_port,
                                                                                   .remote_port = status.remote_port,
                                                                                   .proto = proto,
                                                                                   .opener = opener,
                                                                                   .opened_at = sim_now(sim_of(s))});
}

const TcpUser *host_stream_accept(HostStream *s, TcpConnection *connection, uint8_t proto, void **user,
                                  uint32_t cause) {
    begin(s);
    s->tcp = connection;
    note_stream(s, proto, false);
    *user = s;
    (void)cause;
    return &user_calls;
}

void host_stream_connect(HostStream *s, const TcpOpen *open, uint32_t cause) {
    begin(s);
    enter(s);
    machine_reuse(s->machine, 0);
    s->connecting = true;
    s->tcp = tcp_connect(s->host->stack, open, &user_calls, s, cause);
    s->connecting = false;
    if (s->tcp) note_stream(s, open->proto, true);
    if (s->protocol->connecting) give(s, s->protocol->connecting, cause);
    if (!s->tcp) tell_ended(s, s->failed, cause);
    leave(s, cause);
}

Effects *host_stream_begin(HostStream *s) {
    enter(s);
    return sim_effects(sim_of(s));
}

void host_stream_end(HostStream *s, Effects *effects, uint32_t cause) {
    sim_apply(sim_of(s), effects, cause);
    settle(s, cause);
}

void host_stream_drop(HostStream *s) {
    sim_machine_silence(s->machine);
    s->machine->state = s->machine->spec->initial;
    s->tcp = NULL;
    s->in_use = false;
    s->finished = true;
    s->pending_at = s->pending_size = 0;
}

void host_stream_release(HostStream *s) { free(s->pending); }

/* ---- Servers ---- */

void host_pool_add(HostStreamPool *pool, HostStream *stream) {
    pool->items = array_grow(pool->items, &pool->capacity, pool->count + 1, sizeof *pool->items);
    pool->items[pool->count++] = stream;
}

void host_pool_free(HostStreamPool *pool) { free(pool->items); }

bool host_pool_choose(const HostStreamPool *pool, size_t most, HostStream **idle, bool *one_too_many) {
    size_t busy = 0;
    *idle = NULL;
    for (size_t i = 0; i < pool->count; i++) {
        if (pool->items[i]->in_use) busy++;
        else if (!*idle) *idle = pool->items[i];
    }
    *one_too_many = busy >= most;
    return busy < most + TURNED_AWAY_MOST;
}

void host_stream_listen(Host *host, const TcpListener *listener, uint32_t machine, uint32_t cause) {
    if (!tcp_listen(host->stack, listener))
        sim_record_ignored(host->stack->sim, host->id, machine, "tcp.port_taken", FRAME_NONE, 0, cause);
}
