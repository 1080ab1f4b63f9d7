/* The HTTP client as a table: a request, its response, and the next request over the same connection (RFC 9112 9.3). */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "mail/octets.h"
#include "proto/http/http.h"

const FactSpec fact_http_fetched = {
    "http.fetched", 4, {{"host", FACT_TEXT}, {"path", FACT_TEXT}, {"status", FACT_NUMBER}, {"size", FACT_NUMBER}}};
const FactSpec fact_http_failed = {"http.failed", 3, {{"host", FACT_TEXT}, {"path", FACT_TEXT}, {"reason", FACT_NAME}}};

static const char *const state_names[] = {
#define X(name) #name,
    HTTP_CLIENT_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connect", INPUT_COMMAND},    {"connection opens", INPUT_WIRE},
                                      {"status line", INPUT_WIRE},   {"header field", INPUT_WIRE},
                                      {"end of header", INPUT_WIRE}, {"end of body", INPUT_WIRE},
                                      {"nonsense", INPUT_WIRE},      {"no response in time", INPUT_TIMER},
                                      {"server closes", INPUT_WIRE}, {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"response"};

/* ---- Guards and actions ---- */

static bool has_another(const void *self, const void *argument) {
    const HttpClient *c = self;
    (void)argument;
    return c->at + 1 < c->path_count && !c->close;
}

static bool has_body(const void *self, const void *argument) {
    const HttpClient *c = self;
    (void)argument;
    return c->has_length && c->length > 0;
}

static void ask(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    (void)argument;
    Text request = text_new();
    c->status = 0;
    c->has_length = c->close = false;
    c->length = c->body = 0;
    text_clear(&c->response);
    text_print(&request, "GET %s HTTP/1.1\r\nHost: %s\r\n", c->paths[c->at], c->host);
    if (c->at + 1 == c->path_count) text_put(&request, "Connection: close\r\n");
    text_put(&request, "\r\n");
    effect_say(effects, STREAM_COMMAND, bytes_of(request.at, request.size));
    text_free(&request);
    effect_timer_set(effects, HTTP_CLIENT_TIMER_RESPONSE, effects->now + c->patience);
}

/* HTTP-version SP status-code SP [ reason-phrase ] */
static void take_status(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    Bytes line = *(const Bytes *)argument;
    (void)effects;
    c->status = (uint16_t)((line.at[9] - '0') * 100 + (line.at[10] - '0') * 10 + line.at[11] - '0');
}

static void take_field(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    Bytes line = *(const Bytes *)argument;
    const uint8_t *colon = memchr(line.at, ':', line.size);
    (void)effects;
    if (!colon) return;
    Bytes name = bytes_of(line.at, (size_t)(colon - line.at)),
          value = bytes_trim(bytes_slice(line, name.size + 1, SIZE_MAX));
    if (bytes_is(name, "Connection") && bytes_is(value, "close")) c->close = true;
    if (!bytes_is(name, "Content-Length")) return;
    c->has_length = value.size > 0 && value.size < 12;
    c->length = 0;
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] < '0' || value.at[i] > '9') c->has_length = false;
        else c->length = c->length * 10 + (uint64_t)(value.at[i] - '0');
    }
    if (!c->has_length || c->length > HTTP_BODY_MOST) c->length = 0;
}

static void note_fetched(HttpClient *c, Effects *effects) {
    effect_timer_clear(effects, HTTP_CLIENT_TIMER_RESPONSE);
    effect_fact(effects, &fact_http_fetched,
                (int64_t[]){fact_name(c->host), fact_name(c->paths[c->at]), c->status, (int64_t)c->body});
}

static void ask_next(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    note_fetched(c, effects);
    c->at++;
    ask(c, argument, effects);
}

static void finish(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    (void)argument;
    note_fetched(c, effects);
    c->at = c->path_count;
    effect_close(effects);
    effect_timer_set(effects, HTTP_CLIENT_TIMER_RESPONSE, effects->now + c->patience);
}

static void fail(HttpClient *c, const char *reason, Effects *effects) {
    if (c->at < c->path_count)
        effect_fact(effects, &fact_http_failed,
                    (int64_t[]){fact_name(c->host), fact_name(c->paths[c->at]), fact_name(reason)});
    c->at = c->path_count;
}

static void refuse(void *self, const void *argument, Effects *effects) {
    (void)argument;
    fail(self, "http.nonsense", effects);
    effect_timer_clear(effects, HTTP_CLIENT_TIMER_RESPONSE);
    effect_abort(effects);
}

static void time_out(void *self, const void *argument, Effects *effects) {
    (void)argument;
    fail(self, "http.timeout", effects);
    effect_abort(effects);
}

static void lose(void *self, const void *argument, Effects *effects) {
    fail(self, argument ? argument : "http.closed", effects);
    effect_timer_clear(effects, HTTP_CLIENT_TIMER_RESPONSE);
}

static void lose_and_close(void *self, const void *argument, Effects *effects) {
    HttpClient *c = self;
    (void)argument;
    fail(c, "http.closed", effects);
    effect_close(effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(HTTP_CLIENT_##from, HTTP_CLIENT_ON_##input, guard, action, HTTP_CLIENT_##to, "RFC " ref)
#define LOST(state)                                                                                                \
    ROW(state, NONSENSE, NULL, refuse, CLOSED, "9112 4"), ROW(state, TIMEOUT, NULL, time_out, CLOSED, "9112 9.5"), \
        ROW(state, PEER_CLOSED, NULL, lose_and_close, CLOSING, "9112 8"),                                          \
        ROW(state, ENDED, NULL, lose, CLOSED, "9112 8")
static const MachineRow rows[] = {
    ROW(CLOSED, CONNECT, NULL, NULL, CONNECTING, "9112 9"),
    ROW(CONNECTING, OPEN, NULL, ask, STATUS, "9112 3"),
    ROW(CONNECTING, ENDED, NULL, lose, CLOSED, "9112 9"),
    ROW(STATUS, STATUS_LINE, NULL, take_status, HEADER, "9112 4"),
    ROW(HEADER, FIELD, NULL, take_field, HEADER, "9112 5"),
    ROW(HEADER, END_OF_HEADER, has_body, NULL, BODY, "9112 6.3"),
    ROW(HEADER, END_OF_HEADER, has_another, ask_next, STATUS, "9112 9.3"),
    ROW(HEADER, END_OF_HEADER, NULL, finish, CLOSING, "9112 9.6"),
    ROW(BODY, END_OF_BODY, has_another, ask_next, STATUS, "9112 9.3"),
    ROW(BODY, END_OF_BODY, NULL, finish, CLOSING, "9112 9.6"),
    LOST(STATUS),
    LOST(HEADER),
    ROW(BODY, TIMEOUT, NULL, time_out, CLOSED, "9112 9.5"),
    ROW(BODY, PEER_CLOSED, NULL, lose_and_close, CLOSING, "9112 8"),
    ROW(BODY, ENDED, NULL, lose, CLOSED, "9112 8"),
    ROW(CLOSING, TIMEOUT, NULL, time_out, CLOSED, "9112 9.6"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "9112 9.6"),
    ROW(CLOSING, ENDED, NULL, lose, CLOSED, "9112 9.6"),
};

const MachineSpec http_client_spec = {
    .name = "http.client",
    .ref = "RFC 9112 9",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = HTTP_CLIENT_CLOSED,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- The stream ---- */

static void step(HttpClient *c, HttpClientInput input, const void *argument, Effects *effects) {
    machine_step(&c->machine, input, argument, effects);
}

static void on_connecting(void *self, Effects *effects) { step(self, HTTP_CLIENT_ON_CONNECT, NULL, effects); }
static void on_opened(void *self, Effects *effects) { step(self, HTTP_CLIENT_ON_OPEN, NULL, effects); }

static size_t receive_body(HttpClient *c, Bytes octets, Effects *effects) {
    size_t left = (size_t)(c->length - c->body), size = octets.size < left ? octets.size : left;
    c->content = array_grow(c->content, &c->content_capacity, (size_t)c->body + size, 1);
    memcpy(c->content + c->body, octets.at, size);
    c->body += size;
    if (c->body == c->length) {
        effect_heard(effects, &c->machine, STREAM_CONTENT, bytes_of(c->content, (size_t)c->body));
        step(c, HTTP_CLIENT_ON_END_OF_BODY, NULL, effects);
    }
    return size;
}

static bool is_status_line(Bytes line) {
    return line.size >= 12 && memcmp(line.at, "HTTP/1.", 7) == 0 && line.at[8] == ' ' && line.at[9] >= '1' &&
           line.at[9] <= '5' && line.at[10] >= '0' && line.at[10] <= '9' && line.at[11] >= '0' && line.at[11] <= '9';
}

static size_t receive_line(HttpClient *c, Bytes octets, Effects *effects) {
    size_t taken;
    Bytes line;
    LineEnd end = line_reader_take(&c->lines, octets, &taken, &line);
    if (end == LINE_PARTIAL) return taken;
    text_put_n(&c->response, (const char *)line.at, line.size);
    text_put(&c->response, "\r\n");
    bool status = c->machine.state == HTTP_CLIENT_STATUS, over = !status && line.size == 0;
    bool good = end == LINE_WHOLE && (!status || is_status_line(line)) && c->response.size < 64 * 1024;
    if (over || !good) effect_heard(effects, &c->machine, STREAM_REPLY, bytes_of(c->response.at, c->response.size));
    if (!good) step(c, HTTP_CLIENT_ON_NONSENSE, NULL, effects);
    else if (status) step(c, HTTP_CLIENT_ON_STATUS_LINE, &line, effects);
    else step(c, over ? HTTP_CLIENT_ON_END_OF_HEADER : HTTP_CLIENT_ON_FIELD, &line, effects);
    return taken;
}

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    HttpClient *c = self;
    for (size_t at = 0; at < octets.size;) {
        Bytes left = bytes_slice(octets, at, SIZE_MAX);
        if (c->machine.state == HTTP_CLIENT_CLOSING || c->machine.state == HTTP_CLIENT_CLOSED) return octets.size;
        at += c->machine.state == HTTP_CLIENT_BODY ? receive_body(c, left, effects) : receive_line(c, left, effects);
    }
    return octets.size;
}

static void on_peer_closed(void *self, Effects *effects) { step(self, HTTP_CLIENT_ON_PEER_CLOSED, NULL, effects); }

static void on_ended(void *self, const char *how, Effects *effects) {
    HttpClient *c = self;
    if (c->machine.state != HTTP_CLIENT_CLOSED) step(c, HTTP_CLIENT_ON_ENDED, how, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    step(self, HTTP_CLIENT_ON_TIMEOUT, NULL, effects);
}

const StreamProtocol http_client_stream = {TRACE_PROTO_HTTP, on_connecting, on_opened, on_receive, NULL,
                                           on_peer_closed,   on_ended,      on_timer};

void http_client_init(HttpClient *c) {
    *c = (HttpClient){.lines = line_reader(HTTP_LINE_MOST), .patience = 30 * SIM_SECOND};
}

void http_client_begin(HttpClient *c, const char *host, const char *const *paths, size_t path_count) {
    CHECK(path_count > 0);
    c->host = host;
    c->paths = paths;
    c->path_count = path_count;
    c->at = 0;
    line_reader_clear(&c->lines);
    text_clear(&c->response);
}

void http_client_release(HttpClient *c) {
    line_reader_free(&c->lines);
    text_free(&c->response);
    free(c->content);
}
