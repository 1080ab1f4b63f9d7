/* A small HTTP/1.1 (RFC 9110, 9112): a server that answers GET and HEAD out of a table of pages, and a client that fetches
 * one object after another over one connection. It stands beside SMTP to be compared with it: HTTP pulls, one object a
 * response; SMTP pushes, several objects in one message (row M18).
 *
 * DEVIATION: no content but what a Content-Length measures, no chunks, no conditional requests, no ranges. */
#ifndef NETSTAGE_PROTO_HTTP_HTTP_H
#define NETSTAGE_PROTO_HTTP_HTTP_H

#include "base/text.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/lines.h"

enum { HTTP_LINE_MOST = 8000, HTTP_HEADER_FIELDS_MOST = 100, HTTP_BODY_MOST = 64 * 1024 * 1024 };

/* ---- Server ---- */

typedef struct {
    const char *path, *type; /* "/index.html", "text/html" */
    Bytes body;
} HttpPage;

typedef struct {
    HttpPage *pages;
    size_t page_count;
    SimTime idle; /* a connection without a request is closed after so long */
} HttpServerConfig;

#define HTTP_SERVER_STATES(X) X(CLOSED) X(WAITING) X(HEADER) X(CLOSING)
typedef enum {
#define X(name) HTTP_SERVER_##name,
    HTTP_SERVER_STATES(X)
#undef X
} HttpServerState;

typedef enum {
    HTTP_SERVER_ON_OPEN,
    HTTP_SERVER_ON_REQUEST_LINE,
    HTTP_SERVER_ON_FIELD,
    HTTP_SERVER_ON_END_OF_HEADER,
    HTTP_SERVER_ON_NONSENSE, /* no request line, no header field, or one too long */
    HTTP_SERVER_ON_IDLE,
    HTTP_SERVER_ON_PEER_CLOSED,
    HTTP_SERVER_ON_ENDED,
} HttpServerInput;
enum { HTTP_SERVER_TIMER_IDLE };

extern const MachineSpec http_server_spec; /* "http.server" */
extern const StreamProtocol http_server_stream;

typedef struct {
    Machine machine; /* initialised by the host */
    const HttpServerConfig *config;
    LineReader lines;
    Text request; /* its head, as it came */
    char method[16], path[1024];
    bool has_host, close, version_1_0;
    uint16_t trouble; /* status that the request must get whatever it asks for; 0: none */
    size_t fields;
    int64_t civil_s; /* what time it is, for Date: seconds since 1970 at simulated time 0 */
} HttpServer;

void http_server_init(HttpServer *server);
void http_server_begin(HttpServer *server, const HttpServerConfig *config, int64_t civil_s);
void http_server_release(HttpServer *server);

/* ---- Client ---- */

#define HTTP_CLIENT_STATES(X) X(CLOSED) X(CONNECTING) X(STATUS) X(HEADER) X(BODY) X(CLOSING)
typedef enum {
#define X(name) HTTP_CLIENT_##name,
    HTTP_CLIENT_STATES(X)
#undef X
} HttpClientState;

typedef enum {
    HTTP_CLIENT_ON_CONNECT,
    HTTP_CLIENT_ON_OPEN,
    HTTP_CLIENT_ON_STATUS_LINE,
    HTTP_CLIENT_ON_FIELD,
    HTTP_CLIENT_ON_END_OF_HEADER,
    HTTP_CLIENT_ON_END_OF_BODY,
    HTTP_CLIENT_ON_NONSENSE,
    HTTP_CLIENT_ON_TIMEOUT,
    HTTP_CLIENT_ON_PEER_CLOSED,
    HTTP_CLIENT_ON_ENDED,
} HttpClientInput;
enum { HTTP_CLIENT_TIMER_RESPONSE };

extern const MachineSpec http_client_spec; /* "http.client" */
extern const StreamProtocol http_client_stream;
extern const FactSpec fact_http_fetched; /* "http.fetched": host, path, status, octets */
extern const FactSpec fact_http_failed;  /* "http.failed": host, path, how */

typedef struct {
    Machine machine;
    const char *host;         /* for the Host field, in the world's arena */
    const char *const *paths; /* likewise */
    size_t path_count, at;
    SimTime patience;
    LineReader lines;
    Text response;
    uint16_t status;
    uint64_t length, body;
    uint8_t *content; /* of the body so far */
    size_t content_capacity;
    bool has_length, close;
} HttpClient;

void http_client_init(HttpClient *client);
void http_client_begin(HttpClient *client, const char *host, const char *const *paths, size_t path_count);
void http_client_release(HttpClient *client);

#endif
