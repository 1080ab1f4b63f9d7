#include "proto/talk/talk.h"

static const char *const state_names[] = {
#define X(name) #name,
    TALK_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connect", INPUT_COMMAND},  {"connection opens", INPUT_WIRE},
                                      {"hang up", INPUT_COMMAND},  {"abort", INPUT_COMMAND},
                                      {"peer closes", INPUT_WIRE}, {"connection ends", INPUT_WIRE}};

static void hang_up(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_close(effects);
}

static void break_off(void *self, const void *argument, Effects *effects) {
    ((Talk *)self)->how = "tcp.aborted";
    (void)argument;
    effect_abort(effects);
}

#define ROW(from, input, action, to) \
    MACHINE_ROW(TALK_##from, TALK_ON_##input, NULL, action, TALK_##to, "RFC 9293 3.9.1")
static const MachineRow rows[] = {
    ROW(CLOSED, CONNECT, NULL, CONNECTING),     ROW(CLOSED, OPEN, NULL, OPEN),
    ROW(CONNECTING, OPEN, NULL, OPEN),          ROW(CONNECTING, ENDED, NULL, ENDED),
    ROW(CONNECTING, HANG_UP, break_off, ENDED), ROW(CONNECTING, ABORT, break_off, ENDED),
    ROW(OPEN, HANG_UP, hang_up, HALF_CLOSED),   ROW(OPEN, ABORT, break_off, ENDED),
    ROW(OPEN, PEER_CLOSED, NULL, OPEN),         ROW(OPEN, ENDED, NULL, ENDED),
    ROW(HALF_CLOSED, ABORT, break_off, ENDED),  ROW(HALF_CLOSED, PEER_CLOSED, NULL, HALF_CLOSED),
    ROW(HALF_CLOSED, ENDED, NULL, ENDED),
};

const MachineSpec talk_spec = {
    .name = "talk",
    .ref = "RFC 9293 3.9.1",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = TALK_CLOSED,
};

/* ---- Following the conversation ---- */

typedef struct {
    Talk *talk;
    Effects *effects;
} Notes;

static void note(void *self, bool from_client, StreamPart part, Bytes octets) {
    const Notes *n = self;
    n->effects->current = &n->talk->machine;
    if (from_client == n->talk->server) effect_heard(n->effects, &n->talk->machine, part, octets);
    else effect_said(n->effects, part, octets);
}

static void follow(Talk *t, Bytes octets, bool heard, Effects *effects) {
    Notes notes = {t, effects};
    follower_take(&t->follower, heard == t->server, octets, &(Listener){&notes, note});
}

/* ---- The stream ---- */

static void step(Talk *t, TalkInput input, Effects *effects) {
    machine_step(&t->machine, input, NULL, effects);
    if (t->heard) t->heard(t->heard_self, bytes_of(NULL, 0));
}

static void on_connecting(void *self, Effects *effects) { step(self, TALK_ON_CONNECT, effects); }
static void on_opened(void *self, Effects *effects) { step(self, TALK_ON_OPEN, effects); }

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    Talk *t = self;
    follow(t, octets, true, effects);
    if (t->heard) t->heard(t->heard_self, octets);
    return octets.size;
}

static void on_peer_closed(void *self, Effects *effects) {
    ((Talk *)self)->peer_closed = true;
    step(self, TALK_ON_PEER_CLOSED, effects);
}

static void on_ended(void *self, const char *how, Effects *effects) {
    ((Talk *)self)->how = how;
    step(self, TALK_ON_ENDED, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)self, (void)timer, (void)effects;
    CHECK_UNREACHABLE();
}

const StreamProtocol talk_stream = {TRACE_PROTO_TCP, on_connecting, on_opened, on_receive, NULL,
                                    on_peer_closed,  on_ended,      on_timer};

/* ---- Entry points ---- */

void talk_init(Talk *t) {
    *t = (Talk){0};
    follower_init(&t->follower);
}

void talk_begin(Talk *t, uint8_t proto, bool server) {
    t->server = server;
    t->peer_closed = false;
    t->how = NULL;
    t->heard = NULL;
    follower_begin(&t->follower, proto);
}

void talk_write(Talk *t, Bytes octets, Effects *effects) {
    CHECK(t->machine.state == TALK_OPEN);
    follow(t, octets, false, effects);
    effects->current = &t->machine;
    effect_write(effects, octets);
}

void talk_hang_up(Talk *t, bool abort, Effects *effects) { step(t, abort ? TALK_ON_ABORT : TALK_ON_HANG_UP, effects); }

void talk_release(Talk *t) { follower_release(&t->follower); }
