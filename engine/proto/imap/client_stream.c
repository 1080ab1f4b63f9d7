/* The client as a stream: octets to responses, and its entry points. */
#include <stdlib.h>
#include <string.h>

#include "proto/imap/client_facts.h"
#include "proto/imap/client_inside.h"

static void step(ImapClient *c, ImapClientInput input, Effects *effects) {
    machine_step(&c->machine, input, NULL, effects);
}

/* ---- What comes next ---- */

static void state_synchronized(ImapClient *c, Effects *effects) {
    if (c->synchronized || c->changed || c->flags_due || c->headers_due) return;
    c->synchronized = true;
    effects->current = &c->machine;
    effect_fact(effects, &fact_imap_synchronized,
                (int64_t[]){fact_name(c->config->mailbox), (int64_t)c->exists, (int64_t)imap_memory_unseen(c->memory)});
}

/* Before it is asked what comes next: what nobody needs is not wanted. */
static void settle(ImapClient *c, Effects *effects) {
    if (c->headers_due && !c->flags_due) {
        ImapMissing missing;
        c->headers_due = imap_client_missing(c, &missing);
        text_free(&missing.set);
    }
    state_synchronized(c, effects);
    imap_client_settle(c, effects);
}

static void go_on(ImapClient *c, Effects *effects) {
    for (;;) {
        switch (c->machine.state) {
            case IMAP_CLIENT_SELECTED: settle(c, effects); break;
            case IMAP_CLIENT_NOT_AUTHENTICATED:
            case IMAP_CLIENT_AUTHENTICATED: break;
            case IMAP_CLIENT_IDLING:
                if (c->headers_due) step(c, IMAP_CLIENT_ON_WISH, effects);
                else if (c->changed) step(c, IMAP_CLIENT_ON_LEARNED, effects);
                return;
            default: return;
        }
        step(c, IMAP_CLIENT_ON_NEXT, effects);
    }
}

static void take_input(ImapClient *c, ImapClientInput input, Effects *effects) {
    step(c, input, effects);
    go_on(c, effects);
}

/* ---- Responses out of octets ---- */

static void begin_response(ImapClient *c) {
    enum { ROOM_KEPT = 256 * 1024 };
    if (c->response.capacity > ROOM_KEPT) text_free(&c->response);
    text_clear(&c->response);
    arena_free(c->scratch);
    c->scratch = arena_new();
}

static void hear(ImapClient *c, Effects *effects) {
    text_put(&c->response, "\r\n");
    effect_heard(effects, &c->machine, STREAM_REPLY, bytes_of(c->response.at, c->response.size));
    c->response.size -= 2;
}

static void take_nonsense(ImapClient *c, const char *trouble, Effects *effects) {
    hear(c, effects);
    c->trouble = trouble;
    step(c, IMAP_CLIENT_ON_NONSENSE, effects);
}

/* Only what has a "*" in front brings literals: a tagged response ends with text for people. */
static bool may_hold_literals(const ImapClient *c) { return c->response.size > 0 && c->response.at[0] == '*'; }

static size_t receive_line(ImapClient *c, Bytes octets, Effects *effects) {
    size_t taken;
    uint64_t size;
    bool waits;
    Bytes line;
    LineEnd end = line_reader_take(&c->lines, octets, &taken, &line);
    c->octets += taken;
    if (end == LINE_PARTIAL) return taken;
    text_put_bytes(&c->response, line);
    bool too_big = end == LINE_TOO_LONG || c->response.size > c->config->size_most;
    if (too_big || end != LINE_WHOLE) {
        take_nonsense(c, too_big ? "imap.too_big" : "imap.nonsense", effects);
    } else if (may_hold_literals(c) && imap_literal_follows(line, &size, &waits) && waits) {
        if (size > c->config->size_most || c->response.size + size > c->config->size_most) {
            take_nonsense(c, "imap.too_big", effects);
            return taken;
        }
        text_put(&c->response, "\r\n");
        c->in_literal = true;
        c->literal_left = size;
    } else {
        hear(c, effects);
        imap_client_take_response(c, effects);
        begin_response(c);
        go_on(c, effects);
    }
    return taken;
}

static bool rests(const ImapClient *c) {
    return imap_client_is(c, IMAP_CLIENT_IDLING) || imap_client_is(c, IMAP_CLIENT_WAITING);
}

static size_t receive_literal(ImapClient *c, Bytes octets, Effects *effects) {
    size_t taken = octets.size < c->literal_left ? octets.size : (size_t)c->literal_left;
    text_put_n(&c->response, (const char *)octets.at, taken);
    c->literal_left -= taken;
    c->octets += taken;
    effects->current = &c->machine;
    if (!rests(c)) effect_timer_set(effects, IMAP_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
    return taken;
}

/* ---- The stream ---- */

static void on_connecting(void *self, Effects *effects) { step(self, IMAP_CLIENT_ON_CONNECT, effects); }
static void on_opened(void *self, Effects *effects) { step(self, IMAP_CLIENT_ON_OPEN, effects); }

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    ImapClient *c = self;
    size_t at = 0;
    while (at < octets.size) {
        if (imap_client_is(c, IMAP_CLIENT_CLOSING) || imap_client_is(c, IMAP_CLIENT_CLOSED)) return octets.size;
        if (imap_client_is(c, IMAP_CLIENT_STORING)) return at; /* it waits */
        if (c->in_literal && c->literal_left == 0) c->in_literal = false;
        Bytes left = bytes_slice(octets, at, SIZE_MAX);
        at += c->in_literal ? receive_literal(c, left, effects) : receive_line(c, left, effects);
    }
    return at;
}

static void on_peer_closed(void *self, Effects *effects) { step(self, IMAP_CLIENT_ON_PEER_CLOSED, effects); }

static void on_ended(void *self, const char *how, Effects *effects) {
    ImapClient *c = self;
    if (!imap_client_is(c, IMAP_CLIENT_CLOSED)) machine_step(&c->machine, IMAP_CLIENT_ON_ENDED, how, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    take_input(self, timer == IMAP_CLIENT_TIMER_WAIT ? IMAP_CLIENT_ON_WAITED : IMAP_CLIENT_ON_TIMEOUT, effects);
}

const StreamProtocol imap_client_stream = {TRACE_PROTO_IMAP, on_connecting, on_opened, on_receive, NULL,
                                           on_peer_closed,   on_ended,      on_timer};

/* ---- Entry points ---- */

void imap_client_init(ImapClient *c) { *c = (ImapClient){.lines = line_reader(IMAP_CLIENT_LINE_MOST - 2)}; }

void imap_client_begin(ImapClient *c, const ImapClientConfig *config, ImapMemory *memory, Arena *kept) {
    CHECK(!c->uids && !c->scratch);
    c->config = config;
    c->memory = memory;
    c->kept = kept;
    c->scratch = arena_new();
    c->tag = c->uid_validity = c->headers_to = 0;
    c->capabilities = 0;
    c->code[0] = 0;
    c->exists = c->exists_asked = 0;
    c->literal_left = c->octets = c->round_trips = 0;
    c->in_literal = c->knows_capabilities = c->proof_sent = c->flags_due = c->headers_due = c->synchronized = false;
    c->news_due = c->leaving = c->was_selected = false;
    c->trouble = c->reason = NULL;
    c->outcome = IMAP_OUTCOME_NONE;
}

void imap_client_wake(ImapClient *c, Effects *effects) {
    imap_client_settle(c, effects);
    if (rests(c) && imap_client_want(c) != IMAP_WANT_REST) take_input(c, IMAP_CLIENT_ON_WISH, effects);
}

void imap_client_check(ImapClient *c, Effects *effects) {
    c->news_due = true;
    imap_client_wake(c, effects);
}

void imap_client_leave(ImapClient *c, Effects *effects) {
    c->leaving = true;
    imap_client_wake(c, effects);
}

void imap_client_written(ImapClient *c, bool written, Effects *effects) {
    if (!written) c->changed = true;
    if (imap_client_is(c, IMAP_CLIENT_STORING))
        take_input(c, written ? IMAP_CLIENT_ON_WRITTEN : IMAP_CLIENT_ON_NOT_WRITTEN, effects);
}

void imap_client_stop(ImapClient *c, Effects *effects) {
    if (!imap_client_is(c, IMAP_CLIENT_CLOSED)) step(c, IMAP_CLIENT_ON_STOP, effects);
}

void imap_client_end(ImapClient *c) {
    line_reader_clear(&c->lines);
    text_free(&c->response);
    text_free(&c->words);
    free(c->uids);
    arena_free(c->scratch);
    c->uids = NULL;
    c->scratch = NULL;
    c->uids_capacity = c->exists = 0;
}

void imap_client_release(ImapClient *c) {
    imap_client_end(c);
    imap_client_forget_requests(c);
    line_reader_free(&c->lines);
}
