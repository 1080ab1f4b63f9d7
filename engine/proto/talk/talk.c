#include "proto/talk/talk.h"

#include "proto/smtp/syntax.h"

enum { LINE_MOST = 64 * 1024, CONTENT_MOST = 256 * 1024 * 1024 };

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

static void note(Talk *t, bool heard, StreamPart part, Bytes octets, Effects *effects) {
    effects->current = &t->machine;
    if (heard) effect_heard(effects, &t->machine, part, octets);
    else effect_said(effects, part, octets);
}

static void follow_client(Talk *t, Bytes octets, bool heard, Effects *effects) {
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        Bytes left = bytes_slice(octets, at, SIZE_MAX), line;
        if (t->content_follows) {
            if (smtp_content_take(&t->content, left, &taken)) {
                note(t, heard, STREAM_CONTENT, bytes_of(t->content.octets, t->content.size), effects);
                smtp_content_free(&t->content);
                t->content_follows = false;
            }
        } else if (line_reader_take(&t->commands, left, &taken, &line) != LINE_PARTIAL) {
            note(t, heard, STREAM_COMMAND, line, effects);
        }
        at += taken;
    }
}

static void follow_smtp_server(Talk *t, Bytes octets, bool heard, Effects *effects) {
    for (size_t at = 0; at < octets.size;) {
        size_t taken;
        bool whole = smtp_reply_take(&t->replies, bytes_slice(octets, at, SIZE_MAX), &taken);
        at += taken;
        if (!whole) continue;
        const SmtpReply *reply = &t->replies.reply;
        note(t, heard, STREAM_REPLY, bytes_of(reply->raw.at, reply->raw.size), effects);
        if (reply->code != 354) continue;
        t->content_follows = true;
        smtp_content_begin(&t->content, CONTENT_MOST);
    }
}

static void follow(Talk *t, Bytes octets, bool heard, Effects *effects) {
    bool from_client = heard == t->server;
    if (t->proto != TRACE_PROTO_SMTP) note(t, heard, from_client ? STREAM_COMMAND : STREAM_REPLY, octets, effects);
    else if (from_client) follow_client(t, octets, heard, effects);
    else follow_smtp_server(t, octets, heard, effects);
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
    *t = (Talk){.commands = line_reader(LINE_MOST)};
    smtp_reply_reader_init(&t->replies);
}

void talk_begin(Talk *t, uint8_t proto, bool server) {
    t->proto = proto;
    t->server = server;
    t->content_follows = t->peer_closed = false;
    t->how = NULL;
    t->heard = NULL;
    line_reader_clear(&t->commands);
    smtp_reply_reader_clear(&t->replies);
    smtp_content_free(&t->content);
}

void talk_write(Talk *t, Bytes octets, Effects *effects) {
    CHECK(t->machine.state == TALK_OPEN);
    follow(t, octets, false, effects);
    effects->current = &t->machine;
    effect_write(effects, octets);
}

void talk_hang_up(Talk *t, bool abort, Effects *effects) { step(t, abort ? TALK_ON_ABORT : TALK_ON_HANG_UP, effects); }

void talk_release(Talk *t) {
    line_reader_free(&t->commands);
    smtp_reply_reader_free(&t->replies);
    smtp_content_free(&t->content);
}
