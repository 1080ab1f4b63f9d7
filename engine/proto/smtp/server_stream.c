/* The server as a stream: octets to commands and contents, and its entry points. */
#include <stdlib.h>
#include <string.h>

#include "proto/smtp/server_inside.h"

/* ---- The stream ---- */

/* An input that is no command, and what it was answered with. */
static void take_input(SmtpServer *s, SmtpServerInput input, const void *argument, Effects *effects) {
    machine_step(&s->machine, input, argument, effects);
    smtp_server_flush(s, effects);
}

static void on_opened(void *self, Effects *effects) { take_input(self, SMTP_SERVER_ON_OPEN, NULL, effects); }

static const char *line_trouble(LineEnd end, Bytes line) {
    if (end == LINE_TOO_LONG) return "smtp.line_too_long";
    if (end == LINE_BARE_LF) return "smtp.bare_lf";
    if (end == LINE_BARE_CR) return "smtp.bare_cr";
    if (line.size > 0 && memchr(line.at, 0, line.size)) return "smtp.nul";
    return NULL;
}

static size_t receive_data(SmtpServer *s, Bytes octets, Effects *effects) {
    size_t taken;
    SmtpContent *content = &s->transaction.content;
    bool ended = smtp_content_take(content, octets, &taken);
    effects->current = &s->machine;
    if (ended) {
        effect_heard(effects, &s->machine, STREAM_CONTENT, bytes_of(content->octets, content->size));
        SmtpVerdict verdict = smtp_server_judge_content(s);
        machine_step(&s->machine, SMTP_SERVER_ON_END_OF_DATA, &verdict, effects);
    } else {
        smtp_server_set_idle(s, effects); /* section 4.5.3.2.5: each block anew */
    }
    return taken;
}

static size_t receive_line(SmtpServer *s, Bytes octets, Effects *effects) {
    size_t taken;
    Bytes line;
    LineEnd end = line_reader_take(&s->lines, octets, &taken, &line);
    if (end == LINE_PARTIAL) return taken;
    effect_heard(effects, &s->machine, STREAM_COMMAND, line);
    if (s->machine.state == SMTP_SERVER_AUTH) smtp_server_auth_line(s, line, line_trouble(end, line), effects);
    else smtp_server_command(s, line, line_trouble(end, line), effects);
    return taken;
}

static size_t receive(SmtpServer *s, Bytes octets, Effects *effects) {
    size_t at = 0;
    while (at < octets.size) {
        Bytes left = bytes_slice(octets, at, SIZE_MAX);
        switch (s->machine.state) {
            case SMTP_SERVER_STORING:
            case SMTP_SERVER_STORING_LAST: return at; /* what follows waits until the disk has answered */
            case SMTP_SERVER_CLOSING:
            case SMTP_SERVER_CLOSED: return octets.size;
            case SMTP_SERVER_DATA: at += receive_data(s, left, effects); break;
            default: at += receive_line(s, left, effects);
        }
    }
    return at;
}

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    size_t taken = receive(self, octets, effects);
    smtp_server_flush(self, effects);
    return taken;
}

static void on_peer_closed(void *self, Effects *effects) {
    take_input(self, SMTP_SERVER_ON_PEER_CLOSED, NULL, effects);
}

static void on_ended(void *self, const char *how, Effects *effects) {
    SmtpServer *s = self;
    (void)how;
    if (s->machine.state != SMTP_SERVER_CLOSED) take_input(s, SMTP_SERVER_ON_ENDED, NULL, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    take_input(self, SMTP_SERVER_ON_IDLE, NULL, effects);
}

const StreamProtocol smtp_server_stream = {TRACE_PROTO_SMTP, NULL,     on_opened, on_receive, NULL,
                                           on_peer_closed,   on_ended, on_timer};

/* ---- Entry points ---- */

void smtp_server_init(SmtpServer *s) { *s = (SmtpServer){.lines = line_reader(SMTP_COMMAND_EXTENDED_MOST - 2)}; }

void smtp_server_begin(SmtpServer *s, const SmtpServerConfig *config, const SmtpPostOffice *office, Ipv4Address client,
                       Ipv4Address own, uint32_t *next_number) {
    CHECK(!s->arena);
    s->config = config;
    s->office = office;
    s->client = client;
    s->own = own;
    s->next_number = next_number;
    s->arena = arena_new();
    s->scratch = arena_new();
    s->helo[0] = 0;
    s->extended = s->one_too_many = false;
    s->user = NULL;
    s->auth_step = 0;
    s->errors = 0;
}

void smtp_server_stored(SmtpServer *s, bool stored, bool full, Effects *effects) {
    SmtpVerdict verdict = {full ? 452 : 451, full ? "4.3.1" : "4.3.0", SMTP_TEXT_COUNT,
                           full ? "Insufficient system storage" : "Local error in processing", NULL};
    take_input(s, stored ? SMTP_SERVER_ON_STORED : SMTP_SERVER_ON_NOT_STORED, &verdict, effects);
}

void smtp_server_shut_down(SmtpServer *s, Effects *effects) {
    if (s->machine.state != SMTP_SERVER_CLOSED) take_input(s, SMTP_SERVER_ON_SHUT_DOWN, NULL, effects);
}

void smtp_server_end(SmtpServer *s) {
    smtp_server_forget_transaction(s);
    free(s->transaction.recipients);
    s->transaction.recipients = NULL;
    s->transaction.recipient_capacity = 0;
    line_reader_clear(&s->lines);
    text_clear(&s->replies);
    arena_free(s->arena);
    arena_free(s->scratch);
    s->arena = s->scratch = NULL;
}

void smtp_server_release(SmtpServer *s) {
    smtp_server_end(s);
    line_reader_free(&s->lines);
    text_free(&s->replies);
}
