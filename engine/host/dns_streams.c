#include "host/dns_streams.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"

enum { CONNECTIONS = 32, NUMBER_PLACES = 256 };

/* A connection of the name server. */
typedef struct {
    DnsStreams *streams;
    HostStream stream;
    DnsConnection connection;
    uint32_t place, life;
    uint8_t *outbox; /* responses, each behind its length in two octets, until the event that sends them */
    size_t outbox_size, outbox_capacity;
} Accepted;

/* A connection of a resolver. */
typedef struct {
    DnsStreams *streams;
    HostStream stream;
    DnsTcp tcp;
    DnsTcpWaiter waiter; /* answered NULL: nobody waits any more */
    uint32_t life;
    bool telling; /* the event that tells the waiter is under way */
} Asking;

struct DnsStreams {
    Host *host;
    uint32_t connection_machine, tcp_machine;
    Accepted *accepted[CONNECTIONS];
    size_t accepted_count;
    Asking **asking;
    size_t asking_count, asking_capacity;
};

static Sim *sim_of(const DnsStreams *s) { return s->host->stack->sim; }

static DnsStreams *streams_of(Host *host) {
    if (host->dns_streams) return host->dns_streams;
    Sim *sim = host->stack->sim;
    DnsStreams *s = arena_alloc(sim_arena(sim), sizeof *s);
    s->host = host;
    s->connection_machine = s->tcp_machine = TRACE_NONE;
    host->dns_streams = s;
    return s;
}

/* ---- The server's ---- */

static void connection_over(void *owner, HostStream *stream, uint32_t cause) {
    Accepted *a = owner;
    (void)stream, (void)cause;
    a->life++;
    a->outbox_size = 0;
}

/* A connection asks its host nothing; the server that it hands its queries to does. */
static const StreamOwner connection_calls = {NULL, connection_over};

static Accepted *accepted_idle(DnsStreams *s) {
    for (size_t i = 0; i < s->accepted_count; i++)
        if (!s->accepted[i]->stream.in_use) return s->accepted[i];
    if (s->accepted_count == CONNECTIONS) return NULL;
    if (s->connection_machine == TRACE_NONE)
        s->connection_machine = trace_add_machine(sim_trace(sim_of(s)), s->host->id, &dns_connection_spec);
    Accepted *a = arena_alloc(sim_arena(sim_of(s)), sizeof *a);
    a->streams = s;
    a->place = (uint32_t)s->accepted_count;
    host_stream_init(&a->stream, s->host, &dns_connection_stream, &a->connection, &a->connection.machine,
                     &connection_calls, a);
    machine_init(&a->connection.machine, &dns_connection_spec, &a->connection, &a->stream.carrier,
                 s->connection_machine, 0);
    s->accepted[s->accepted_count++] = a;
    return a;
}

static const TcpUser *accept_connection(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    DnsStreams *s = self;
    Accepted *a = accepted_idle(s);
    if (!a) {
        sim_record_ignored(sim_of(s), s->host->id, s->host->dns_server->machine, "dns.too_many_connections", FRAME_NONE,
                           0, cause);
        return NULL;
    }
    TcpStatus status = tcp_status(connection);
    DnsAsker asker = {.address = status.remote, .own = status.local, .port = status.remote_port};
    uint32_t number = (a->life % (UINT32_MAX / NUMBER_PLACES)) * NUMBER_PLACES + a->place + 1;
    dns_connection_begin(&a->connection, &s->host->dns_server->server, &asker, number);
    return host_stream_accept(&a->stream, connection, TRACE_PROTO_DNS, user, cause);
}

void host_dns_listen(Host *host, uint32_t cause) {
    DnsStreams *s = streams_of(host);
    TcpListener listener = {.port = DNS_PORT,
                            .proto = TRACE_PROTO_DNS,
                            .backlog = CONNECTIONS,
                            .settings = tcp_settings_default,
                            .accepted = accept_connection,
                            .self = s};
    host_stream_listen(host, &listener, host->dns_server->machine, cause);
}

/* An event of its own: the query may have come in on the very connection that the response goes out by. */
static void send_outbox(void *self, uint64_t life, uint32_t other, uint32_t cause) {
    Accepted *a = self;
    (void)other;
    if (a->life != life || !a->stream.in_use) return;
    Effects *effects = host_stream_begin(&a->stream);
    for (size_t at = 0; at < a->outbox_size;) {
        size_t size = octets_u16(a->outbox + at);
        dns_connection_respond(&a->connection, bytes_of(a->outbox + at + 2, size), effects);
        at += 2 + size;
    }
    a->outbox_size = 0;
    host_stream_end(&a->stream, effects, cause);
}

void host_dns_respond(Host *host, uint32_t number, Bytes message, uint32_t cause) {
    DnsStreams *s = host->dns_streams;
    uint32_t place = (number - 1) % NUMBER_PLACES;
    CHECK(s && place < s->accepted_count);
    Accepted *a = s->accepted[place];
    if (a->connection.asker.connection != number || !a->stream.in_use) return;
    a->outbox = array_grow(a->outbox, &a->outbox_capacity, a->outbox_size + 2 + message.size, 1);
    octets_set_u16(a->outbox + a->outbox_size, (uint16_t)message.size);
    memcpy(a->outbox + a->outbox_size + 2, message.at, message.size);
    if (a->outbox_size == 0) sim_schedule(sim_of(s), sim_now(sim_of(s)), send_outbox, a, a->life, 0, cause);
    a->outbox_size += 2 + message.size;
}

/* ---- The resolvers' ---- */

/* The waiter is told by an event of its own, since it may do anything. */
static void tell_waiter(void *self, uint64_t life, uint32_t other, uint32_t cause) {
    Asking *a = self;
    (void)other;
    if (a->life != life || !a->telling) return;
    a->telling = false;
    DnsTcpWaiter waiter = a->waiter;
    a->waiter = (DnsTcpWaiter){0};
    if (waiter.answered) waiter.answered(waiter.self, a->tcp.response, cause);
}

static void tcp_ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    Asking *a = owner;
    Sim *sim = sim_of(a->streams);
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_TELL_NAME);
    a->telling = true;
    sim_schedule(sim, sim_now(sim), tell_waiter, a, a->life, 0, cause);
}

static void tcp_over(void *owner, HostStream *stream, uint32_t cause) { (void)owner, (void)stream, (void)cause; }

static const StreamOwner tcp_calls = {tcp_ask, tcp_over};

static Asking *asking_idle(DnsStreams *s) {
    for (size_t i = 0; i < s->asking_count; i++)
        if (!s->asking[i]->stream.in_use && !s->asking[i]->telling) return s->asking[i];
    if (s->tcp_machine == TRACE_NONE)
        s->tcp_machine = trace_add_machine(sim_trace(sim_of(s)), s->host->id, &dns_tcp_spec);
    Asking *a = arena_alloc(sim_arena(sim_of(s)), sizeof *a);
    a->streams = s;
    host_stream_init(&a->stream, s->host, &dns_tcp_stream, &a->tcp, &a->tcp.machine, &tcp_calls, a);
    machine_init(&a->tcp.machine, &dns_tcp_spec, &a->tcp, &a->stream.carrier, s->tcp_machine, 0);
    s->asking = array_grow(s->asking, &s->asking_capacity, s->asking_count + 1, sizeof *s->asking);
    s->asking[s->asking_count++] = a;
    return a;
}

static void break_off(DnsStreams *s, const void *who, uint32_t cause) {
    for (size_t i = 0; i < s->asking_count; i++) {
        Asking *a = s->asking[i];
        if (a->waiter.self != who) continue;
        a->waiter = (DnsTcpWaiter){0};
        if (!a->stream.in_use) continue;
        Effects *effects = host_stream_begin(&a->stream);
        dns_tcp_break_off(&a->tcp, effects);
        host_stream_end(&a->stream, effects, cause);
    }
}

void host_dns_ask(Host *host, DnsTcpWaiter waiter, Ipv4Address server, Bytes query, uint32_t cause) {
    DnsStreams *s = streams_of(host);
    if (server == 0) {
        break_off(s, waiter.self, cause);
        return;
    }
    Asking *a = asking_idle(s);
    a->waiter = waiter;
    a->life++;
    dns_tcp_begin(&a->tcp, query);
    TcpOpen open = {.destination = server,
                    .destination_port = DNS_PORT,
                    .proto = TRACE_PROTO_DNS,
                    .settings = tcp_settings_default};
    host_stream_connect(&a->stream, &open, cause);
}

/* ---- Power ---- */

void host_dns_streams_shut_down(Host *host) {
    if (host->dns_streams && host->dns_server) tcp_listen_end(host->stack, DNS_PORT);
}

void host_dns_streams_stop(Host *host) {
    DnsStreams *s = host->dns_streams;
    if (!s) return;
    for (size_t i = 0; i < s->accepted_count; i++) {
        Accepted *a = s->accepted[i];
        a->life++;
        a->outbox_size = 0;
        if (a->stream.in_use) host_stream_drop(&a->stream);
    }
    for (size_t i = 0; i < s->asking_count; i++) {
        Asking *a = s->asking[i];
        a->life++;
        a->telling = false;
        a->waiter = (DnsTcpWaiter){0};
        if (a->stream.in_use) host_stream_drop(&a->stream);
    }
}

void host_dns_streams_free(Host *host) {
    DnsStreams *s = host->dns_streams;
    if (!s) return;
    for (size_t i = 0; i < s->accepted_count; i++) {
        dns_connection_release(&s->accepted[i]->connection);
        host_stream_release(&s->accepted[i]->stream);
        free(s->accepted[i]->outbox);
    }
    for (size_t i = 0; i < s->asking_count; i++) {
        dns_tcp_release(&s->asking[i]->tcp);
        host_stream_release(&s->asking[i]->stream);
    }
    free(s->asking);
}
