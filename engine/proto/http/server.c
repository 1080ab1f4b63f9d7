/* The HTTP server as a table. Lay it beside RFC 9112 sections 3, 5 and 9. */
#include <string.h>

#include "mail/date.h"
#include "mail/octets.h"
#include "proto/http/http.h"

static const char *const state_names[] = {
#define X(name) #name,
    HTTP_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connection opens", INPUT_WIRE}, {"request line", INPUT_WIRE},
                                      {"header field", INPUT_WIRE},     {"end of header", INPUT_WIRE},
                                      {"nonsense", INPUT_WIRE},         {"no request in time", INPUT_TIMER},
                                      {"client closes", INPUT_WIRE},    {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"idle"};

/* ---- Guards and actions ---- */

static bool is_last(const void *self, const void *argument) {
    const HttpServer *s = self;
    (void)argument;
    return s->close || s->trouble == 400;
}

static void await(void *self, const void *argument, Effects *effects) {
    const HttpServer *s = self;
    (void)argument;
    effect_timer_set(effects, HTTP_SERVER_TIMER_IDLE, effects->now + s->config->idle);
}

static Bytes word_at(Bytes line, size_t *at) {
    size_t start = *at;
    while (*at < line.size && line.at[*at] != ' ') ++*at;
    Bytes word = bytes_slice(line, start, *at - start);
    if (*at < line.size) ++*at;
    return word;
}

static bool copy_word(char *to, size_t room, Bytes word) {
    if (word.size >= room) return false;
    memcpy(to, word.at, word.size);
    to[word.size] = 0;
    return true;
}

/* method SP request-target SP HTTP-version */
static void take_request_line(void *self, const void *argument, Effects *effects) {
    HttpServer *s = self;
    Bytes line = *(const Bytes *)argument;
    size_t at = 0;
    Bytes method = word_at(line, &at), target = word_at(line, &at), version = bytes_slice(line, at, SIZE_MAX);
    (void)effects;
    s->trouble = 0;
    s->has_host = s->close = false;
    s->fields = 0;
    s->version_1_0 = bytes_is(version, "HTTP/1.0");
    if (s->version_1_0) s->close = true;
    if (!copy_word(s->method, sizeof s->method, method)) s->trouble = 501;
    else if (!copy_word(s->path, sizeof s->path, target)) s->trouble = 414;
    else if (!s->version_1_0 && !bytes_is(version, "HTTP/1.1"))
        s->trouble = version.size > 5 && memcmp(version.at, "HTTP/", 5) == 0 ? 505 : 400;
}

static void take_field(void *self, const void *argument, Effects *effects) {
    HttpServer *s = self;
    Bytes line = *(const Bytes *)argument;
    const uint8_t *colon = memchr(line.at, ':', line.size);
    (void)effects;
    if (!colon || colon == line.at || colon[-1] == ' ' || ++s->fields > HTTP_HEADER_FIELDS_MOST) {
        s->trouble = 400;
        return;
    }
    Bytes name = bytes_of(line.at, (size_t)(colon - line.at));
    Bytes value = bytes_trim(bytes_slice(line, name.size + 1, SIZE_MAX));
    if (bytes_is(name, "Host")) s->has_host = true;
    if (bytes_is(name, "Connection") && bytes_is(value, "close")) s->close = true;
}

static const char *reason_of(uint16_t status) {
    switch (status) {
        case 200: return "OK";
        case 400: return "Bad Request";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 414: return "URI Too Long";
        case 501: return "Not Implemented";
        default: return "HTTP Version Not Supported";
    }
}

static const HttpPage *find_page(const HttpServer *s) {
    for (size_t i = 0; i < s->config->page_count; i++)
        if (strcmp(s->config->pages[i].path, s->path) == 0) return &s->config->pages[i];
    return NULL;
}

static uint16_t judge(const HttpServer *s, const HttpPage *page) {
    static const char *const others[] = {"POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"};
    if (s->trouble) return s->trouble;
    if (!s->has_host && !s->version_1_0) return 400; /* RFC 9112 section 3.2 */
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (strcmp(s->method, others[i]) == 0) return 405;
    if (strcmp(s->method, "GET") != 0 && strcmp(s->method, "HEAD") != 0) return 501;
    return page ? 200 : 404;
}

/* IMF-fixdate: RFC 9110 section 5.6.7. */
static void put_date(Text *text, int64_t at_s) {
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    CivilTime t = civil_time(at_s);
    text_print(text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[t.weekday], t.day, months[t.month - 1], t.year, t.hour,
               t.minute, t.second);
}

static void answer(void *self, const void *argument, Effects *effects) {
    HttpServer *s = self;
    (void)argument;
    const HttpPage *page = find_page(s);
    uint16_t status = judge(s, page);
    Text head = text_new(), own = text_new();
    if (status != 200) text_print(&own, "%u %s\n", status, reason_of(status));
    Bytes body = status == 200 ? page->body : bytes_of(own.at, own.size);
    text_print(&head, "HTTP/1.1 %u %s\r\nDate: ", status, reason_of(status));
    put_date(&head, s->civil_s + effects->now / SIM_SECOND);
    text_print(&head, "\r\nContent-Type: %s\r\nContent-Length: %zu\r\n", status == 200 ? page->type : "text/plain",
               body.size);
    if (status == 405) text_put(&head, "Allow: GET, HEAD\r\n");
    if (s->close || status == 400) text_put(&head, "Connection: close\r\n");
    text_put(&head, "\r\n");
    effect_said(effects, STREAM_REPLY, bytes_of(head.at, head.size));
    bool whole = strcmp(s->method, "HEAD") != 0;
    if (whole && body.size > 0) {
        effect_said(effects, STREAM_CONTENT, body);
        text_put_n(&head, (const char *)body.at, body.size);
    }
    effect_write(effects, bytes_of(head.at, head.size));
    text_free(&head);
    text_free(&own);
    await(s, NULL, effects);
}

static void answer_and_close(void *self, const void *argument, Effects *effects) {
    answer(self, argument, effects);
    effect_close(effects);
}

static void refuse(void *self, const void *argument, Effects *effects) {
    HttpServer *s = self;
    s->trouble = 400;
    s->method[0] = 0;
    answer_and_close(s, argument, effects);
}

static void close_up(void *self, const void *argument, Effects *effects) {
    effect_close(effects);
    await(self, argument, effects);
}

static void break_off(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, HTTP_SERVER_TIMER_IDLE);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(HTTP_SERVER_##from, HTTP_SERVER_ON_##input, guard, action, HTTP_SERVER_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, OPEN, NULL, await, WAITING, "9112 9"),
    ROW(WAITING, REQUEST_LINE, NULL, take_request_line, HEADER, "9112 3"),
    ROW(HEADER, FIELD, NULL, take_field, HEADER, "9112 5"),
    ROW(HEADER, END_OF_HEADER, is_last, answer_and_close, CLOSING, "9112 9.6"),
    ROW(HEADER, END_OF_HEADER, NULL, answer, WAITING, "9112 9.3"),
    ROW(WAITING, NONSENSE, NULL, refuse, CLOSING, "9112 2.2"),
    ROW(HEADER, NONSENSE, NULL, refuse, CLOSING, "9112 5"),
    ROW(WAITING, IDLE, NULL, close_up, CLOSING, "9112 9.5"),
    ROW(HEADER, IDLE, NULL, close_up, CLOSING, "9112 9.5"),
    ROW(CLOSING, IDLE, NULL, break_off, CLOSED, "9112 9.6"),
    ROW(WAITING, PEER_CLOSED, NULL, close_up, CLOSING, "9112 9.6"),
    ROW(HEADER, PEER_CLOSED, NULL, close_up, CLOSING, "9112 9.6"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "9112 9.6"),
    ROW(WAITING, ENDED, NULL, end, CLOSED, "9112 9.5"),
    ROW(HEADER, ENDED, NULL, end, CLOSED, "9112 9.5"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "9112 9.6"),
};

const MachineSpec http_server_spec = {
    .name = "http.server",
    .ref = "RFC 9112 9",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = HTTP_SERVER_CLOSED,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- The stream ---- */

static void step(HttpServer *s, HttpServerInput input, const Bytes *line, Effects *effects) {
    machine_step(&s->machine, input, line, effects);
}

static void on_opened(void *self, Effects *effects) { step(self, HTTP_SERVER_ON_OPEN, NULL, effects); }

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    HttpServer *s = self;
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        Bytes line;
        if (s->machine.state == HTTP_SERVER_CLOSING || s->machine.state == HTTP_SERVER_CLOSED) return octets.size;
        LineEnd end = line_reader_take(&s->lines, bytes_slice(octets, at, SIZE_MAX), &taken, &line);
        at += taken;
        if (end == LINE_PARTIAL) continue;
        if (s->machine.state == HTTP_SERVER_WAITING && line.size == 0 && end == LINE_WHOLE) continue; /* RFC 9112 2.2 */
        text_put_n(&s->request, (const char *)line.at, line.size);
        text_put(&s->request, "\r\n");
        bool over = line.size == 0 && end == LINE_WHOLE;
        if (end != LINE_WHOLE || over) {
            effect_heard(effects, &s->machine, STREAM_COMMAND, bytes_of(s->request.at, s->request.size));
            text_clear(&s->request);
        }
        if (end != LINE_WHOLE) step(s, HTTP_SERVER_ON_NONSENSE, &line, effects);
        else if (over) step(s, HTTP_SERVER_ON_END_OF_HEADER, &line, effects);
        else
            step(s, s->machine.state == HTTP_SERVER_WAITING ? HTTP_SERVER_ON_REQUEST_LINE : HTTP_SERVER_ON_FIELD, &line,
                 effects);
    }
    return octets.size;
}

static void on_peer_closed(void *self, Effects *effects) { step(self, HTTP_SERVER_ON_PEER_CLOSED, NULL, effects); }

static void on_ended(void *self, const char *how, Effects *effects) {
    HttpServer *s = self;
    (void)how;
    if (s->machine.state != HTTP_SERVER_CLOSED) step(s, HTTP_SERVER_ON_ENDED, NULL, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    step(self, HTTP_SERVER_ON_IDLE, NULL, effects);
}

const StreamProtocol http_server_stream = {TRACE_PROTO_HTTP, NULL,     on_opened, on_receive, NULL,
                                           on_peer_closed,   on_ended, on_timer};

void http_server_init(HttpServer *s) { *s = (HttpServer){.lines = line_reader(HTTP_LINE_MOST)}; }

void http_server_begin(HttpServer *s, const HttpServerConfig *config, int64_t civil_s) {
    s->config = config;
    s->civil_s = civil_s;
    line_reader_clear(&s->lines);
    text_clear(&s->request);
}

void http_server_release(HttpServer *s) {
    line_reader_free(&s->lines);
    text_free(&s->request);
}
