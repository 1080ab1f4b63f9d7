/* The server as a stream: octets to commands, replies to octets, and its entry points. */
#include <stdio.h>
#include <string.h>

#include "proto/pop3/server_inside.h"

/* ---- Replies ---- */

const char *const pop3_text_keys[POP3_TEXT_COUNT] = {
#define X(name, key) #key,
    POP3_TEXTS(X)
#undef X
};

static const char *const own_texts[POP3_TEXT_COUNT] = {
    [POP3_TEXT_GREETING] = "{host} POP3 server ready",
    [POP3_TEXT_USER] = "password required for {user}",
    [POP3_TEXT_LOGIN] = "{user}'s maildrop has {messages} ({octets} octets)",
    [POP3_TEXT_REFUSED] = "invalid user name or password",
    [POP3_TEXT_NOOP] = "",
    [POP3_TEXT_QUIT] = "{host} POP3 server signing off",
};

static void put_value(const Pop3Server *s, Bytes key, Text *text) {
    const Pop3Maildrop *d = &s->drop;
    if (bytes_is(key, "host")) text_put(text, s->config->name);
    else if (bytes_is(key, "user")) text_put(text, s->user);
    else if (bytes_is(key, "messages")) text_print(text, "%zu message%s", d->left, d->left == 1 ? "" : "s");
    else if (bytes_is(key, "octets")) text_print(text, "%llu", (unsigned long long)d->octets);
    else { /* not ours: as it stands */ text_put_char(text, '{');
        text_put_bytes(text, key);
        text_put_char(text, '}');
    }
}

void pop3_put_text(const Pop3Server *s, Pop3TextKey key, Text *text) {
    const char *from = s->config->texts[key] ? s->config->texts[key] : own_texts[key];
    while (*from) {
        const char *end = *from == '{' ? strchr(from, '}') : NULL;
        if (end) {
            put_value(s, bytes_of(from + 1, (size_t)(end - from - 1)), text);
            from = end + 1;
        } else {
            text_put_char(text, *from++);
        }
    }
}

void pop3_server_reply(Pop3Server *s, Pop3Command *c, Effects *effects) {
    Text reply = text_new();
    if (c->asked) text_put(&reply, "+ ");
    else text_put(&reply, c->refused ? "-ERR" : "+OK");
    if (c->code) text_print(&reply, " [%s]", c->code);
    if (c->text.size > 0 && !c->asked) text_put_char(&reply, ' ');
    size_t room = POP3_REPLY_MOST - 2 - reply.size;
    text_put_n(&reply, text_get(&c->text), c->text.size < room ? c->text.size : room);
    text_put(&reply, "\r\n");
    text_put_n(&s->replies, reply.at, reply.size);
    if (c->multi && !s->content) text_put_n(&reply, s->listing.at, s->listing.size);
    effect_said(effects, STREAM_REPLY, bytes_of(reply.at, reply.size));
    text_free(&reply);
}

void pop3_server_flush(Pop3Server *s, Effects *effects) {
    if (s->replies.size == 0) return;
    effects->current = &s->machine;
    effect_write(effects, bytes_of(s->replies.at, s->replies.size));
    text_clear(&s->replies);
}

/* ---- What follows a reply ---- */

bool pop3_server_is_long(const Pop3Server *s) {
    return s->content ? s->content_end > POP3_PIECE : s->listing.size > POP3_PIECE;
}

bool pop3_server_put_piece(Pop3Server *s) {
    if (!s->content) {
        Bytes piece = bytes_slice(bytes_of(s->listing.at, s->listing.size), s->listing_at, POP3_PIECE);
        text_put_bytes(&s->replies, piece);
        s->listing_at += piece.size;
        if (s->listing_at < s->listing.size) return false;
    } else {
        static const size_t over = 2 + 6;
        Bytes whole = bytes_slice(mail_content_bytes(s->content), 0, s->content_end);
        Bytes piece = bytes_slice(whole, s->content_at, POP3_PIECE);
        bool last = s->content_at + piece.size == whole.size;
        uint8_t octets[2 * POP3_PIECE + 8];
        ByteWriter w = byte_writer(octets, 2 * piece.size + over);
        dot_stuff(&s->stuffer, piece, &w);
        if (last) dot_stuff_end(&s->stuffer, &w);
        text_put_bytes(&s->replies, byte_writer_bytes(&w));
        s->content_at += piece.size;
        if (!last) return false;
    }
    pop3_server_forget_sending(s);
    return true;
}

void pop3_server_forget_sending(Pop3Server *s) {
    mail_content_drop(s->content);
    s->content = NULL;
    if (s->listing.capacity > POP3_PIECE) text_free(&s->listing);
    else text_clear(&s->listing);
    s->listing_at = 0;
}

/* ---- The stream ---- */

/* An input that is no command, and what it was answered with. */
static void take_input(Pop3Server *s, Pop3ServerInput input, const void *argument, Effects *effects) {
    machine_step(&s->machine, input, argument, effects);
    pop3_server_flush(s, effects);
}

static void on_opened(void *self, Effects *effects) { take_input(self, POP3_SERVER_ON_OPEN, NULL, effects); }

static const char *line_trouble(LineEnd end, Bytes line) {
    if (end == LINE_TOO_LONG) return "pop3.line_too_long";
    if (end == LINE_BARE_LF) return "pop3.bare_lf";
    if (end == LINE_BARE_CR) return "pop3.bare_cr";
    for (size_t i = 0; i < line.size; i++)
        if (line.at[i] < ' ' || line.at[i] == 0x7f) return "pop3.control";
    return NULL;
}

static size_t receive_line(Pop3Server *s, Bytes octets, Effects *effects) {
    size_t taken;
    Bytes line;
    bool answers = s->machine.state == POP3_SERVER_AUTH;
    s->lines.most = answers ? POP3_AUTH_LINE_MOST : POP3_COMMAND_MOST - 2;
    LineEnd end = line_reader_take(&s->lines, octets, &taken, &line);
    if (end == LINE_PARTIAL) return taken;
    effect_heard(effects, &s->machine, STREAM_COMMAND, line);
    if (answers) pop3_server_auth_line(s, line, line_trouble(end, line), effects);
    else pop3_server_command(s, line, line_trouble(end, line), effects);
    return taken;
}

/* A client that asks for much in one breath gets it breath by breath: what it has asked for beyond is taken when this has
 * been written. */
static size_t receive(Pop3Server *s, Bytes octets, Effects *effects) {
    size_t at = 0;
    while (at < octets.size && s->replies.size < 2 * POP3_PIECE) {
        switch (s->machine.state) {
            case POP3_SERVER_SENDING:
            case POP3_SERVER_SENDING_LAST:
            case POP3_SERVER_UPDATE: return at; /* what follows waits */
            case POP3_SERVER_CLOSING:
            case POP3_SERVER_CLOSED: return octets.size;
            default: at += receive_line(s, bytes_slice(octets, at, SIZE_MAX), effects);
        }
    }
    return at;
}

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    size_t taken = receive(self, octets, effects);
    pop3_server_flush(self, effects);
    return taken;
}

static void on_room(void *self, Effects *effects) {
    Pop3Server *s = self;
    if (s->machine.state != POP3_SERVER_SENDING && s->machine.state != POP3_SERVER_SENDING_LAST) return;
    effects->current = &s->machine;
    if (pop3_server_put_piece(s)) take_input(s, POP3_SERVER_ON_SENT, NULL, effects);
    pop3_server_set_idle(s, effects);
    pop3_server_flush(s, effects);
}

static void on_peer_closed(void *self, Effects *effects) {
    take_input(self, POP3_SERVER_ON_PEER_CLOSED, NULL, effects);
}

static void on_ended(void *self, const char *how, Effects *effects) {
    Pop3Server *s = self;
    (void)how;
    if (s->machine.state != POP3_SERVER_CLOSED) machine_step(&s->machine, POP3_SERVER_ON_ENDED, NULL, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    take_input(self, POP3_SERVER_ON_IDLE, NULL, effects);
}

const StreamProtocol pop3_server_stream = {TRACE_PROTO_POP3, NULL,           on_opened, on_receive,
                                           on_room,          on_peer_closed, on_ended,  on_timer};

/* ---- Entry points ---- */

void pop3_server_init(Pop3Server *s) { *s = (Pop3Server){.lines = line_reader(POP3_COMMAND_MOST - 2)}; }

void pop3_server_begin(Pop3Server *s, const Pop3ServerConfig *config, const Pop3Office *office, RandomStream *random,
                       int64_t civil_s) {
    CHECK(!s->drop.account && !s->content);
    s->config = config;
    s->office = office;
    s->user[0] = s->stamp[0] = 0;
    s->one_too_many = false;
    s->errors = 0;
    /* RFC 1939 section 7: of the form of a msg-id, and different each time. */
    if (config->apop)
        snprintf(s->stamp, sizeof s->stamp, "<%lu.%lld@%.250s>", (unsigned long)random_below(random, 1000000000),
                 (long long)civil_s, config->name);
}

Pop3Update *pop3_server_update(Pop3Server *s) { return pop3_update_new(&s->drop); }

void pop3_server_written(Pop3Server *s, bool written, size_t removed, Effects *effects) {
    if (s->machine.state != POP3_SERVER_UPDATE) return;
    take_input(s, written ? POP3_SERVER_ON_WRITTEN : POP3_SERVER_ON_NOT_WRITTEN, &removed, effects);
}

void pop3_server_shut_down(Pop3Server *s, Effects *effects) {
    if (s->machine.state != POP3_SERVER_CLOSED) take_input(s, POP3_SERVER_ON_SHUT_DOWN, NULL, effects);
}

void pop3_server_end(Pop3Server *s) {
    pop3_maildrop_close(&s->drop, s);
    pop3_server_forget_sending(s);
    text_free(&s->listing);
    line_reader_clear(&s->lines);
    text_clear(&s->replies);
}

void pop3_server_release(Pop3Server *s) {
    pop3_server_end(s);
    line_reader_free(&s->lines);
    text_free(&s->replies);
}
