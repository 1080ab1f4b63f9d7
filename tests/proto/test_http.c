/* HTTP, both ends by transcript: what is said to a machine and what it says, every row of both tables, and every dialogue
 * cut at every octet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "proto/http/http.h"

static bool rows_taken[2][64];

typedef struct {
    bool client;
    HttpServer server;
    HttpClient fetcher;
    Effects effects;
    Text said, log;
    bool closed, aborted, timer_runs;
} End;

static Machine *machine_of(End *e) { return e->client ? &e->fetcher.machine : &e->server.machine; }
static void *self_of(End *e) { return e->client ? (void *)&e->fetcher : (void *)&e->server; }
static const StreamProtocol *stream_of(const End *e) { return e->client ? &http_client_stream : &http_server_stream; }

static void carry(End *e) {
    for (size_t i = 0; i < e->effects.count; i++) {
        const Effect *f = &e->effects.items[i];
        const uint8_t *octets = e->effects.octets;
        switch ((EffectKind)f->kind) {
            case EFFECT_STEP:
                rows_taken[e->client][f->step.row] = true;
                text_print(&e->log, "%s\n", f->machine->spec->states[f->step.to]);
                break;
            case EFFECT_SAID:
                text_print(&e->log, "%s %d: %.*s\n", f->said.received ? "heard" : "said", f->said.part, (int)f->said.size,
                           (const char *)octets + f->said.octets_at);
                break;
            case EFFECT_WRITE: text_put_n(&e->said, (const char *)octets + f->write.octets_at, f->write.size); break;
            case EFFECT_CLOSE: e->closed = true; break;
            case EFFECT_ABORT: e->aborted = true; break;
            case EFFECT_TIMER_SET: e->timer_runs = true; break;
            case EFFECT_TIMER_CLEAR: e->timer_runs = false; break;
            case EFFECT_FACT: text_print(&e->log, "fact %s\n", f->fact.spec->name); break;
            case EFFECT_IGNORED: fail_msg("ignored: %s", f->ignored.reason);
            case EFFECT_SEND:
            case EFFECT_ASK: fail_msg("HTTP sends no datagrams and asks nothing");
        }
    }
    effects_begin(&e->effects, 5);
}

static const HttpPage pages[] = {{"/", "text/html", {(const uint8_t *)"<h1>hi</h1>", 11}},
                                 {"/empty", "text/plain", {(const uint8_t *)"", 0}}};
static const HttpServerConfig config = {(HttpPage *)pages, 2, 30 * SIM_SECOND};
static const char *const paths[] = {"/", "/empty", "/none"};

static void end_new(End *e, bool client) {
    *e = (End){.client = client};
    http_server_init(&e->server);
    http_client_init(&e->fetcher);
    http_server_begin(&e->server, &config, 1788768000);
    http_client_begin(&e->fetcher, "www.example.org", paths, 3);
    machine_init(&e->server.machine, &http_server_spec, &e->server, NULL, 0, 0);
    machine_init(&e->fetcher.machine, &http_client_spec, &e->fetcher, NULL, 0, 0);
    effects_begin(&e->effects, 5);
    if (client) http_client_stream.connecting(&e->fetcher, &e->effects);
    carry(e);
}

static void end_free(End *e) {
    http_server_release(&e->server);
    http_client_release(&e->fetcher);
    effects_free(&e->effects);
    text_free(&e->said);
    text_free(&e->log);
}

static void open_it(End *e) {
    stream_of(e)->opened(self_of(e), &e->effects);
    carry(e);
}

/* Octets from the peer, cut at `cut` (0: nowhere, SIZE_MAX: everywhere). */
static void hear(End *e, const char *text, size_t size, size_t cut) {
    for (size_t at = 0; at < size;) {
        size_t part = cut == SIZE_MAX ? 1 : at < cut && cut < size ? cut - at : size - at;
        assert_int_equal(stream_of(e)->receive(self_of(e), bytes_of(text + at, part), &e->effects), part);
        carry(e);
        at += part;
    }
}

static void peer_closes(End *e) {
    stream_of(e)->peer_closed(self_of(e), &e->effects);
    carry(e);
}
static void ends(End *e, const char *how) {
    stream_of(e)->ended(self_of(e), how, &e->effects);
    carry(e);
}
static void expires(End *e) {
    assert_true(e->timer_runs);
    stream_of(e)->timer(self_of(e), 0, &e->effects);
    carry(e);
}
static const char *state_of(End *e) { return machine_of(e)->spec->states[machine_of(e)->state]; }

/* ---- The server ---- */

static void asked(const char *request, const char *status, const char *must_have, bool closes) {
    End e;
    end_new(&e, false);
    open_it(&e);
    hear(&e, request, strlen(request), 0);
    const char *said = text_get(&e.said);
    if (strncmp(said, status, strlen(status)) != 0) fail_msg("to %s: %s", request, said);
    if (must_have && !strstr(said, must_have)) fail_msg("to %s: no \"%s\" in %s", request, must_have, said);
    assert_int_equal(e.closed, closes);
    assert_string_equal(state_of(&e), closes ? "CLOSING" : "WAITING");
    end_free(&e);
}

static void the_server_answers(void **state) {
    (void)state;
    asked("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "\r\nContent-Length: 11\r\n\r\n<h1>hi</h1>", false);
    asked("GET / HTTP/1.1\r\nhOsT:x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Date: Mon, 07 Sep 2026 08:00:00 GMT\r\n", false);
    asked("\r\nGET /empty HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: 0\r\n\r\n", false);
    asked("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Content-Length: 11\r\n\r\n", false);
    asked("GET /none HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 404 Not Found\r\n", NULL, false);
    asked("POST / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 405 Method Not Allowed\r\n", "Allow: GET, HEAD\r\n", false);
    asked("BREW / HTTP/1.1\r\nHost: x\r\n\r\n", "HTTP/1.1 501 Not Implemented\r\n", NULL, false);
    asked("GET / HTTP/2.0\r\nHost: x\r\n\r\n", "HTTP/1.1 505 ", NULL, false);
    asked("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Connection: close\r\n", true);
    asked("GET / HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK\r\n", "Connection: close\r\n", true);
    asked("GET / HTTP/1.1\r\nHost: x\r\nno field\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", NULL, true);
    asked("nonsense\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", NULL, true);
    asked("GET /\n", "HTTP/1.1 400 Bad Request\r\n", NULL, true);
    asked("GET / HTTP/1.1\r\nHost:\rx\r\n", "HTTP/1.1 400 Bad Request\r\n", NULL, true);
    /* HTTP/1.1 without Host. */
    asked("GET / HTTP/1.1\r\nAccept: x\r\n\r\n", "HTTP/1.1 400 Bad Request\r\n", NULL, false);
    /* HEAD's answer has no body. */
    End e;
    end_new(&e, false);
    open_it(&e);
    hear(&e, "HEAD / HTTP/1.1\r\nHost: x\r\n\r\n", 28, 0);
    assert_null(strstr(text_get(&e.said), "<h1>"));
    end_free(&e);
}

static void the_server_bounds_what_it_reads(void **state) {
    (void)state;
    End e;
    end_new(&e, false);
    open_it(&e);
    char many[1000];
    memset(many, 'x', sizeof many);
    for (int i = 0; i < 10000; i++) hear(&e, many, sizeof many, 0);
    assert_int_equal(e.said.size, 0);
    assert_true(e.server.lines.capacity < 3 * HTTP_LINE_MOST);
    hear(&e, "\r\n", 2, 0);
    assert_int_equal(strncmp(text_get(&e.said), "HTTP/1.1 400", 12), 0);
    end_free(&e);
}

/* How connections end, in each state. */
static void the_server_lets_go(void **state) {
    (void)state;
    for (int half = 0; half < 2; half++) {
        for (int how = 0; how < 4; how++) {
            End e;
            end_new(&e, false);
            open_it(&e);
            if (half) hear(&e, "GET / HTTP/1.1\r\n", 16, 0);
            if (how == 0) peer_closes(&e);
            if (how == 1) ends(&e, "tcp.reset");
            if (how >= 2) expires(&e);
            if (how == 1) {
                assert_string_equal(state_of(&e), "CLOSED");
            } else {
                assert_true(e.closed);
                if (how == 0) peer_closes(&e);
                if (how == 2) ends(&e, "tcp.closed");
                if (how == 3) {
                    expires(&e);
                    assert_true(e.aborted);
                }
                assert_string_equal(state_of(&e), how == 0 ? "CLOSING" : "CLOSED");
            }
            end_free(&e);
        }
    }
}

/* ---- The client ---- */

static const char answers[] = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
                              "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n";

static void the_client_fetches(void **state) {
    (void)state;
    End e;
    end_new(&e, true);
    open_it(&e);
    hear(&e, answers, sizeof answers - 1, 0);
    assert_string_equal(text_get(&e.said), "GET / HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
                                           "GET /empty HTTP/1.1\r\nHost: www.example.org\r\n\r\n"
                                           "GET /none HTTP/1.1\r\nHost: www.example.org\r\nConnection: close\r\n\r\n");
    assert_true(e.closed);
    peer_closes(&e);
    ends(&e, "tcp.closed");
    assert_string_equal(state_of(&e), "CLOSED");
    assert_non_null(strstr(text_get(&e.log), "heard 2: hello\n"));
    assert_null(strstr(text_get(&e.log), "http.failed"));
    end_free(&e);
}

static void the_client_lets_go(void **state) {
    (void)state;
    static const char *const before[] = {"", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe",
                                         "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"};
    for (size_t i = 0; i < 4; i++) {
        for (int how = 0; how < 3; how++) {
            End e;
            end_new(&e, true);
            open_it(&e);
            hear(&e, before[i], strlen(before[i]), 0);
            if (how == 0) peer_closes(&e);
            if (how == 1) ends(&e, "tcp.reset");
            if (how == 2) expires(&e);
            assert_int_equal(strstr(text_get(&e.log), "http.failed") != NULL, i < 3);
            assert_string_equal(state_of(&e), how == 0 ? "CLOSING" : "CLOSED");
            end_free(&e);
        }
    }
    static const char *const nonsense[] = {"SMTP\r\n", "HTTP/1.1 2xx\r\n", "HTTP/1.1 200 OK\r\nbare\n"};
    for (size_t i = 0; i < 3; i++) {
        End e;
        end_new(&e, true);
        open_it(&e);
        hear(&e, nonsense[i], strlen(nonsense[i]), 0);
        assert_true(e.aborted);
        end_free(&e);
    }
    End e;
    end_new(&e, true);
    ends(&e, "tcp.refused");
    assert_non_null(strstr(text_get(&e.log), "http.failed"));
    end_free(&e);
}

/* ---- Cuts ---- */

static void cut(bool client, const char *octets) {
    End whole;
    end_new(&whole, client);
    open_it(&whole);
    size_t size = strlen(octets);
    hear(&whole, octets, size, 0);
    for (size_t i = 1; i <= size; i++) {
        End e;
        end_new(&e, client);
        open_it(&e);
        hear(&e, octets, size, i == size ? SIZE_MAX : i);
        assert_string_equal(text_get(&e.log), text_get(&whole.log));
        assert_string_equal(text_get(&e.said), text_get(&whole.said));
        end_free(&e);
    }
    end_free(&whole);
}

static void cut_at_every_octet(void **state) {
    (void)state;
    cut(true, answers);
    cut(false, "GET / HTTP/1.1\r\nHost: x\r\n\r\nHEAD /empty HTTP/1.1\r\nHost: x\r\n\r\nGET /none HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET / HTTP/1.1\r\n");
}

static void every_row_was_taken(void **state) {
    (void)state;
    const MachineSpec *specs[] = {&http_server_spec, &http_client_spec};
    size_t missing = 0;
    for (int i = 0; i < 2; i++)
        for (size_t r = 0; r < specs[i]->row_count; r++) {
            if (rows_taken[i][r]) continue;
            const MachineRow *row = &specs[i]->rows[r];
            print_error("%s row %zu (%s, %s) was taken by no test\n", specs[i]->name, r, specs[i]->states[row->from], specs[i]->inputs[row->input].name);
            missing++;
        }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_server_answers),  cmocka_unit_test(the_server_bounds_what_it_reads),
        cmocka_unit_test(the_server_lets_go),  cmocka_unit_test(the_client_fetches),
        cmocka_unit_test(the_client_lets_go),  cmocka_unit_test(cut_at_every_octet),
        cmocka_unit_test(every_row_was_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
