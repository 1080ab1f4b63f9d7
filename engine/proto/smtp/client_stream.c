/* The client as a stream: octets to replies, replies to inputs of its machine; and its entry points. */
#include <stdlib.h>
#include <string.h>

#include "proto/smtp/client_inside.h"
#include "proto/smtp/server.h"

/* ---- The stream ---- */

static void on_connecting(void *self, Effects *effects) {
    machine_step(&((SmtpClient *)self)->machine, SMTP_CLIENT_ON_CONNECT, NULL, effects);
}

static void on_opened(void *self, Effects *effects) {
    machine_step(&((SmtpClient *)self)->machine, SMTP_CLIENT_ON_OPEN, NULL, effects);
}

/* What the server can, from its answer to EHLO. */
static void read_extensions(SmtpClient *c, const SmtpReply *reply) {
    const char *line = strchr(text_get(&reply->text), '\n');
    c->extensions = 0;
    while (line) {
        const char *start = line + 1, *end = strchr(start, '\n');
        Bytes whole = bytes_of(start, end ? (size_t)(end - start) : strlen(start));
        size_t size = 0;
        while (size < whole.size && whole.at[size] != ' ' && whole.at[size] != '=') size++;
        Bytes keyword = bytes_slice(whole, 0, size), value = bytes_slice(whole, size + 1, SIZE_MAX);
        for (int i = 0; i < 7; i++)
            if (smtp_text_equal(keyword, smtp_extension_names[i])) c->extensions |= (uint8_t)(1 << i);
        if (smtp_text_equal(keyword, "SIZE")) c->size_most = strtoull(start + size, NULL, 10);
        if (smtp_text_equal(keyword, "AUTH"))
            for (size_t at = 0; at < value.size; at += 1 + size) {
                size = 0;
                while (at + size < value.size && value.at[at + size] != ' ') size++;
                c->auth_plain |= smtp_text_equal(bytes_slice(value, at, size), "PLAIN");
                c->auth_login |= smtp_text_equal(bytes_slice(value, at, size), "LOGIN");
            }
        line = end;
    }
}

/* What the reply means here. One that answers nothing that was said, or in another way than it can be answered, is
 * nonsense: it is taken for a refusal, and its recipients for later. */
static SmtpClientInput input_of(const SmtpClient *c, SmtpReply *reply) {
    uint8_t state = c->machine.state;
    unsigned class = reply->code / 100;
    if (reply->code == 421) return SMTP_CLIENT_ON_CLOSING;
    if (class == 4) return SMTP_CLIENT_ON_TRANSIENT;
    if (class == 5) return SMTP_CLIENT_ON_PERMANENT;
    if (class == 3 && (state == SMTP_CLIENT_AUTH || state == SMTP_CLIENT_DATA)) return SMTP_CLIENT_ON_INTERMEDIATE;
    if (class == 2 && state != SMTP_CLIENT_DATA && state != SMTP_CLIENT_CONTENT) return SMTP_CLIENT_ON_POSITIVE;
    reply->code = 0;
    return SMTP_CLIENT_ON_PERMANENT;
}

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    SmtpClient *c = self;
    for (size_t at = 0; at < octets.size;) {
        if (c->machine.state == SMTP_CLIENT_CLOSING || c->machine.state == SMTP_CLIENT_CLOSED) return octets.size;
        /* READY is a moment: the host answers ASK_MAIL_NEXT before anything else is read. */
        if (c->machine.state == SMTP_CLIENT_READY) return at;
        size_t taken;
        bool whole = smtp_reply_take(&c->replies, bytes_slice(octets, at, SIZE_MAX), &taken);
        at += taken;
        if (!whole) continue;
        SmtpReply *reply = &c->replies.reply;
        effect_heard(effects, &c->machine, STREAM_REPLY, bytes_of(reply->raw.at, reply->raw.size));
        if (c->machine.state == SMTP_CLIENT_EHLO && reply->code / 100 == 2) read_extensions(c, reply);
        SmtpClientInput input = input_of(c, reply);
        machine_step(&c->machine, input, reply, effects);
    }
    return octets.size;
}

static void on_room(void *self, Effects *effects) {
    SmtpClient *c = self;
    if (c->machine.state == SMTP_CLIENT_CONTENT) machine_step(&c->machine, SMTP_CLIENT_ON_ROOM, NULL, effects);
}

static void on_peer_closed(void *self, Effects *effects) {
    machine_step(&((SmtpClient *)self)->machine, SMTP_CLIENT_ON_PEER_CLOSED,
                 "The server closed the connection before its time", effects);
}

static void on_ended(void *self, const char *how, Effects *effects) {
    SmtpClient *c = self;
    static const struct {
        const char *how, *text;
    } texts[] = {{"tcp.refused", "Connection refused"},
                 {"tcp.timeout", "Connection timed out"},
                 {"tcp.unreachable", "No route to host"},
                 {"tcp.reset", "Connection reset by peer"}};
    const char *text = "Connection lost";
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(texts[i].how, how) == 0) text = texts[i].text;
    if (c->machine.state != SMTP_CLIENT_CLOSED) machine_step(&c->machine, SMTP_CLIENT_ON_ENDED, text, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    machine_step(&((SmtpClient *)self)->machine, SMTP_CLIENT_ON_TIMEOUT, NULL, effects);
}

const StreamProtocol smtp_client_stream = {TRACE_PROTO_SMTP, on_connecting,  on_opened, on_receive,
                                           on_room,          on_peer_closed, on_ended,  on_timer};

/* ---- Entry points ---- */

void smtp_client_init(SmtpClient *c) {
    *c = (SmtpClient){0};
    smtp_reply_reader_init(&c->replies);
}

void smtp_client_begin(SmtpClient *c, const SmtpClientConfig *config) {
    CHECK(!c->arena);
    c->config = config;
    c->arena = arena_new();
    c->extensions = c->auth_step = 0;
    c->auth_plain = c->auth_login = c->was_ready = false;
    c->size_most = 0;
    c->job = NULL;
    c->last = (SmtpOutcome){0};
    smtp_reply_reader_clear(&c->replies);
}

void smtp_client_job(SmtpClient *c, SmtpJob *job, Effects *effects) {
    c->job = job;
    machine_step(&c->machine, job ? SMTP_CLIENT_ON_JOB : SMTP_CLIENT_ON_NO_JOB, job, effects);
}

void smtp_client_stop(SmtpClient *c, Effects *effects) {
    if (c->machine.state != SMTP_CLIENT_CLOSED) machine_step(&c->machine, SMTP_CLIENT_ON_STOP, NULL, effects);
}

void smtp_client_end(SmtpClient *c) {
    arena_free(c->arena);
    c->arena = NULL;
    c->job = NULL;
}

void smtp_client_release(SmtpClient *c) {
    smtp_client_end(c);
    smtp_reply_reader_free(&c->replies);
}
