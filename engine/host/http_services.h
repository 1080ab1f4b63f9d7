/* HTTP on a host: a server of a few pages, and a client that fetches. */
#ifndef NETSTAGE_HOST_HTTP_SERVICES_H
#define NETSTAGE_HOST_HTTP_SERVICES_H

#include "host/streams.h"
#include "proto/http/http.h"

typedef struct HttpService HttpService;

typedef struct {
    HttpServerConfig server; /* what it points to lives in the world's arena */
    uint16_t port;
} HttpServiceConfig;

void host_http_server_add(Host *host, const HttpServiceConfig *config);
bool host_http_server_runs(const Host *host);
void host_http_start(Host *host);
/* Fetches the paths, one after another, over one connection. `name` and `paths` live in the world's arena. */
void host_http_get(Host *host, const char *name, Ipv4Address address, uint16_t port, const char *const *paths,
                   size_t path_count, uint32_t cause);
void host_http_shut_down(Host *host);
void host_http_stop(Host *host); /* power is gone */
void host_http_release(Host *host);

#endif
