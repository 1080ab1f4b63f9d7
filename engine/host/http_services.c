#include "host/http_services.h"

#include <stdlib.h>

#include "host/host.h"

enum { CONNECTIONS_MOST = 1000 };

typedef struct {
    HttpService *service;
    HostStream stream;
    HttpServer server;
} Serving;

typedef struct {
    HttpService *service;
    HostStream stream;
    HttpClient client;
} Fetching;

struct HttpService {
    Host *host;
    bool serves;
    HttpServiceConfig config;
    uint32_t server_machine, client_machine; /* directory indexes; TRACE_NONE until there is one */
    Serving **servings;
    Fetching **fetchings;
    size_t serving_count, serving_capacity, fetching_count, fetching_capacity;
};

static Sim *sim_of(const Host *host) { return host->stack->sim; }

static HttpService *service_of(Host *host) {
    if (host->http) return host->http;
    host->http = arena_alloc(sim_arena(sim_of(host)), sizeof *host->http);
    *host->http = (HttpService){.host = host, .server_machine = TRACE_NONE, .client_machine = TRACE_NONE};
    return host->http;
}

static void over(void *owner, HostStream *stream, uint32_t cause) { (void)owner, (void)stream, (void)cause; }
static const StreamOwner owner_calls = {NULL, over};

/* ---- Server ---- */

static Serving *serving_idle(HttpService *service) {
    for (size_t i = 0; i < service->serving_count; i++)
        if (!service->servings[i]->stream.in_use) return service->servings[i];
    if (service->serving_count == CONNECTIONS_MOST) return NULL;
    Host *host = service->host;
    Serving *s = arena_alloc(sim_arena(sim_of(host)), sizeof *s);
    *s = (Serving){.service = service};
    http_server_init(&s->server);
    host_stream_init(&s->stream, host, &http_server_stream, &s->server, &s->server.machine, &owner_calls, s);
    machine_init(&s->server.machine, &http_server_spec, &s->server, &s->stream.carrier, service->server_machine, 0);
    service->servings = array_grow(service->servings, &service->serving_capacity, service->serving_count + 1,
                                   sizeof *service->servings);
    return service->servings[service->serving_count++] = s;
}

static const TcpUser *accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    HttpService *service = self;
    Serving *s = serving_idle(service);
    if (!s) return NULL;
    http_server_begin(&s->server, &service->config.server, MAIL_CIVIL_START_S);
    return host_stream_accept(&s->stream, connection, TRACE_PROTO_HTTP, user, cause);
}

void host_http_server_add(Host *host, const HttpServiceConfig *config) {
    HttpService *service = service_of(host);
    service->serves = true;
    service->config = *config;
    service->server_machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &http_server_spec);
    if (host->stack->powered) host_http_start(host);
}

bool host_http_server_runs(const Host *host) { return host->http && host->http->serves; }

void host_http_start(Host *host) {
    HttpService *service = host->http;
    if (!service || !service->serves) return;
    TcpListener listener = {.port = service->config.port,
                            .proto = TRACE_PROTO_HTTP,
                            .backlog = 128,
                            .settings = tcp_settings_default,
                            .accepted = accepted,
                            .self = service};
    host_stream_listen(host, &listener, service->server_machine, TRACE_NONE);
}

/* ---- Client ---- */

void host_http_get(Host *host, const char *name, Ipv4Address address, uint16_t port, const char *const *paths,
                   size_t path_count, uint32_t cause) {
    HttpService *service = service_of(host);
    if (service->client_machine == TRACE_NONE)
        service->client_machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &http_client_spec);
    Fetching *f = NULL;
    for (size_t i = 0; i < service->fetching_count && !f; i++)
        if (!service->fetchings[i]->stream.in_use) f = service->fetchings[i];
    if (!f) {
        f = arena_alloc(sim_arena(sim_of(host)), sizeof *f);
        *f = (Fetching){.service = service};
        http_client_init(&f->client);
        host_stream_init(&f->stream, host, &http_client_stream, &f->client, &f->client.machine, &owner_calls, f);
        machine_init(&f->client.machine, &http_client_spec, &f->client, &f->stream.carrier, service->client_machine, 0);
        service->fetchings = array_grow(service->fetchings, &service->fetching_capacity, service->fetching_count + 1,
                                        sizeof *service->fetchings);
        service->fetchings[service->fetching_count++] = f;
    }
    http_client_begin(&f->client, name, paths, path_count);
    TcpOpen open = {
        .destination = address, .destination_port = port, .proto = TRACE_PROTO_HTTP, .settings = tcp_settings_default};
    host_stream_connect(&f->stream, &open, cause);
}

/* ---- Power ---- */

void host_http_shut_down(Host *host) {
    if (host_http_server_runs(host)) tcp_listen_end(host->stack, host->http->config.port);
}

void host_http_stop(Host *host) {
    HttpService *service = host->http;
    if (!service) return;
    for (size_t i = 0; i < service->serving_count; i++)
        if (service->servings[i]->stream.in_use) host_stream_drop(&service->servings[i]->stream);
    for (size_t i = 0; i < service->fetching_count; i++)
        if (service->fetchings[i]->stream.in_use) host_stream_drop(&service->fetchings[i]->stream);
    if (service->serves) tcp_listen_end(host->stack, service->config.port);
}

void host_http_release(Host *host) {
    HttpService *service = host->http;
    if (!service) return;
    for (size_t i = 0; i < service->serving_count; i++) {
        http_server_release(&service->servings[i]->server);
        host_stream_release(&service->servings[i]->stream);
    }
    for (size_t i = 0; i < service->fetching_count; i++) {
        http_client_release(&service->fetchings[i]->client);
        host_stream_release(&service->fetchings[i]->stream);
    }
    free(service->servings);
    free(service->fetchings);
}
