#include "host/tcp_services.h"

#include <stdlib.h>

#include "base/arena.h"
#include "host/host.h"

const FactSpec fact_tcp_discarded = {"tcp.discarded", 2, {{"octets", FACT_NUMBER}, {"crc32", FACT_NUMBER}}};

typedef struct Session {
    TcpService *service;
    struct Session *next, **back;
    TcpConnection *tcp;
    uint64_t octets; /* taken in, or given out */
    uint32_t crc;
    bool peer_closed;
} Session;

struct TcpService {
    Host *host;
    TcpService *next;
    TcpServiceConfig config;
    Session *sessions;
};

static void forget_session(Session *s) {
    *s->back = s->next;
    if (s->next) s->next->back = s->back;
    free(s);
}

/* ---- Discard: what came is told when the peer has closed, so that a test can compare it ---- */

/* ISO 3309, reflected; `crc` starts as 0. */
static uint32_t crc32_of(uint32_t crc, Bytes octets) {
    crc = ~crc;
    for (size_t i = 0; i < octets.size; i++) {
        crc ^= octets.at[i];
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0xedb88320) : 0);
    }
    return ~crc;
}

static void discard(Session *s, uint32_t cause) {
    for (Bytes b; (b = tcp_peek(s->tcp)).size > 0;) {
        s->crc = crc32_of(s->crc, b);
        s->octets += b.size;
        tcp_consume(s->tcp, b.size, cause);
    }
}

static void discarded(const Session *s, uint32_t cause) {
    Host *host = s->service->host;
    TcpStatus status = tcp_status(s->tcp);
    sim_record_fact(host->stack->sim, host->id, status.machine, status.number, &fact_tcp_discarded,
                    (int64_t[]){(int64_t)s->octets, s->crc}, cause);
}

/* ---- Echo: no more is taken in than can be said back ---- */

static void echo(Session *s, uint32_t cause) {
    for (Bytes b; (b = tcp_peek(s->tcp)).size > 0;) {
        size_t taken = tcp_write(s->tcp, b, cause);
        tcp_consume(s->tcp, taken, cause);
        if (taken < b.size) return;
    }
    if (s->peer_closed) tcp_close(s->tcp, cause);
}

/* ---- Character generator: RFC 864's lines of 72 out of 95 characters, each beginning with the next one ---- */

enum { LINE_SIZE = 74, CHARACTERS = 95, GENERATED = 16 * LINE_SIZE };

static uint8_t character(uint64_t offset) {
    uint64_t line = offset / LINE_SIZE, column = offset % LINE_SIZE;
    if (column >= LINE_SIZE - 2) return column == LINE_SIZE - 2 ? '\r' : '\n';
    return (uint8_t)(' ' + (line + column) % CHARACTERS);
}

static void generate(Session *s, uint32_t cause) {
    uint64_t most = s->service->config.octets;
    uint8_t room[GENERATED];
    while (most == 0 || s->octets < most) {
        size_t size = most == 0 || most - s->octets > sizeof room ? sizeof room : (size_t)(most - s->octets);
        for (size_t i = 0; i < size; i++) room[i] = character(s->octets + i);
        size_t taken = tcp_write(s->tcp, bytes_of(room, size), cause);
        s->octets += taken;
        if (taken < size) return;
    }
    tcp_close(s->tcp, cause);
}

/* What the peer says is thrown away. */
static void overhear(Session *s, uint32_t cause) {
    for (Bytes b; (b = tcp_peek(s->tcp)).size > 0;) tcp_consume(s->tcp, b.size, cause);
}

/* ---- A connection ---- */

static void on_opened(void *self, uint32_t cause) {
    Session *s = self;
    if (s->service->config.kind == TCP_SERVICE_CHARGEN) generate(s, cause);
}

static void on_readable(void *self, uint32_t cause) {
    Session *s = self;
    switch (s->service->config.kind) {
        case TCP_SERVICE_ECHO: echo(s, cause); break;
        case TCP_SERVICE_DISCARD: discard(s, cause); break;
        case TCP_SERVICE_CHARGEN: overhear(s, cause); break;
    }
}

static void on_writable(void *self, uint32_t cause) {
    Session *s = self;
    if (s->service->config.kind == TCP_SERVICE_ECHO) echo(s, cause);
    else on_opened(s, cause);
}

static void on_peer_closed(void *self, uint32_t cause) {
    Session *s = self;
    s->peer_closed = true;
    if (s->service->config.kind == TCP_SERVICE_ECHO) {
        echo(s, cause);
        return;
    }
    if (s->service->config.kind == TCP_SERVICE_DISCARD) discarded(s, cause);
    /* A generator without end has nobody to talk to now. */
    if (s->service->config.kind == TCP_SERVICE_DISCARD || s->service->config.octets == 0) tcp_close(s->tcp, cause);
}

static void on_ended(void *self, TcpEnd how, uint32_t cause) {
    (void)how, (void)cause;
    forget_session(self);
}

static const TcpUser calls = {on_opened, on_readable, on_writable, on_peer_closed, on_ended};

static const TcpUser *on_accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    TcpService *service = self;
    Session *s = memory_new(sizeof *s);
    (void)cause;
    *s = (Session){.service = service, .next = service->sessions, .back = &service->sessions, .tcp = connection};
    if (s->next) s->next->back = &s->next;
    service->sessions = s;
    *user = s;
    return &calls;
}

/* ---- The service ---- */

static void start(TcpService *service) {
    TcpListener listener = {.port = service->config.port,
                            .proto = TRACE_PROTO_TCP,
                            .backlog = service->config.backlog,
                            .settings = service->config.settings,
                            .accepted = on_accepted,
                            .self = service};
    (void)!tcp_listen(service->host->stack, &listener);
}

void tcp_service_add(Host *host, const TcpServiceConfig *config) {
    TcpService *service = arena_alloc(sim_arena(host->stack->sim), sizeof *service);
    *service = (TcpService){.host = host, .next = host->tcp_services, .config = *config};
    host->tcp_services = service;
    if (host->stack->powered) start(service);
}

bool tcp_service_runs(const Host *host, TcpServiceKind kind) {
    for (const TcpService *s = host->tcp_services; s; s = s->next)
        if (s->config.kind == kind) return true;
    return false;
}

void tcp_services_start(Host *host) {
    for (TcpService *s = host->tcp_services; s; s = s->next) start(s);
}

void tcp_services_shut_down(Host *host, uint32_t cause) {
    for (TcpService *service = host->tcp_services; service; service = service->next) {
        tcp_listen_end(host->stack, service->config.port);
        for (Session *s = service->sessions, *next; s; s = next) {
            next = s->next;
            tcp_close(s->tcp, cause);
        }
    }
}

void tcp_services_stop(Host *host) {
    for (TcpService *service = host->tcp_services; service; service = service->next)
        while (service->sessions) forget_session(service->sessions);
}
