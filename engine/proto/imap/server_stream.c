/* The server as a stream: octets to lines, literals and commands, and its entry points. */
#include <stdlib.h>
#include <string.h>

#include "proto/imap/server_inside.h"

static void take_input(ImapServer *s, ImapServerInput input, const void *argument, Effects *effects) {
    imap_replies_begin(s);
    machine_step(&s->machine, input, argument, effects);
    imap_replies_flush(s, effects);
}

static void on_opened(void *self, Effects *effects) { take_input(self, IMAP_SERVER_ON_OPEN, NULL, effects); }

/* ---- Putting a command together ---- */

static void begin_command(ImapServer *s) {
    imap_text_empty(&s->text);
    s->heard_to = 0;
    s->message_size = 0;
    s->collecting = true;
    imap_server_forget_command(s);
}

/* What of the text has not been noted yet. */
static void hear(ImapServer *s, StreamPart part, Effects *effects) {
    effect_heard(effects, &s->machine, part, bytes_of(text_get(&s->text) + s->heard_to, s->text.size - s->heard_to));
    s->heard_to = s->text.size;
}

static void end_command(ImapServer *s, const char *trouble, Effects *effects) {
    if (s->heard_to < s->text.size || s->text.size == 0) hear(s, STREAM_COMMAND, effects);
    s->collecting = false;
    if (!trouble && s->text.size > 0 && memchr(s->text.at, 0, s->text.size)) trouble = "A NUL is no character of IMAP";
    imap_server_command(s, trouble, effects);
}

/* It is said before the literal comes, where the client waits for that; else there is no way to go on. */
static void refuse_literal(ImapServer *s, bool waits, Effects *effects) {
    hear(s, STREAM_COMMAND, effects);
    s->command.closes = !waits;
    s->collecting = false;
    machine_step(&s->machine, IMAP_SERVER_ON_REFUSED, &s->command, effects);
}

/* RFC 7888 sections 4 and 5: without LITERAL+ a literal that nobody waited for is bad, except LITERAL-'s small ones. */
static bool judge_unasked(ImapServer *s, uint64_t size) {
    ImapLiterals literals = s->config->literals;
    if (literals == IMAP_LITERAL_PLUS || (literals == IMAP_LITERAL_MINUS && size <= IMAP_LITERAL_MINUS_MOST)) return true;
    imap_verdict(&s->command, IMAP_BAD, NULL, "This literal must wait for \"+\"");
    return false;
}

/* Whether the literal is taken; if not, the verdict says why. One that waits is not asked for in vain. */
static bool judge_literal(ImapServer *s, uint64_t size, bool waits, bool *is_message) {
    ImapCommand *c = &s->command;
    *is_message = false;
    if (waits ? !imap_judge_name(s, c) : !judge_unasked(s, size)) return false;
    *is_message = s->message_size == 0 && imap_append_reaches_message(s, c);
    uint64_t most = *is_message ? s->config->size_most : IMAP_LITERAL_MOST;
    bool fits = size <= most && (*is_message || s->text.size - s->message_size + size <= IMAP_COMMAND_MOST);
    if (!fits) imap_verdict(c, *is_message ? IMAP_NO : IMAP_BAD, "TOOBIG", "The literal is too large");
    else if (*is_message && waits) imap_judge_append_early(s, c, size);
    return c->status == IMAP_OK;
}

static void begin_literal(ImapServer *s, uint64_t size, bool waits, Effects *effects) {
    bool is_message;
    imap_server_peek(s);
    if (!judge_literal(s, size, waits, &is_message)) {
        refuse_literal(s, waits, effects);
        return;
    }
    if (is_message) hear(s, STREAM_COMMAND, effects);
    text_put(&s->text, "\r\n");
    if (is_message) {
        s->heard_to = s->text.size;
        s->message_size = size;
        s->hears_message = true;
    }
    s->in_literal = true;
    s->literal_left = size;
    if (!waits) return;
    imap_reply_text(s, "+ Ready for the literal", effects);
    imap_server_set_timer(s, effects);
}

static void end_literal(ImapServer *s, Effects *effects) {
    if (s->hears_message) hear(s, STREAM_CONTENT, effects);
    s->in_literal = s->hears_message = false;
}

static size_t receive_literal(ImapServer *s, Bytes octets, Effects *effects) {
    size_t taken = octets.size < s->literal_left ? octets.size : (size_t)s->literal_left;
    text_put_n(&s->text, (const char *)octets.at, taken);
    s->literal_left -= taken;
    effects->current = &s->machine;
    imap_server_set_timer(s, effects);
    return taken;
}

/* ---- Lines ---- */

static const char *line_trouble(LineEnd end) {
    if (end == LINE_TOO_LONG) return "Line too long";
    if (end == LINE_BARE_LF || end == LINE_BARE_CR) return "A line ends with CRLF and holds no other CR or LF";
    return NULL;
}

static void take_idle_line(ImapServer *s, LineEnd end, Bytes line, Effects *effects) {
    effect_heard(effects, &s->machine, STREAM_COMMAND, line);
    bool done = end == LINE_WHOLE && bytes_is(line, "DONE");
    if (!done) imap_verdict(&s->command, IMAP_BAD, NULL, "DONE expected");
    machine_step(&s->machine, done ? IMAP_SERVER_ON_DONE : IMAP_SERVER_ON_REFUSED, &s->command, effects);
}

static void take_command_line(ImapServer *s, LineEnd end, Bytes line, Effects *effects) {
    uint64_t size;
    bool waits;
    if (!s->collecting) begin_command(s);
    text_put_bytes(&s->text, line);
    if (end == LINE_WHOLE && imap_literal_follows(line, &size, &waits)) begin_literal(s, size, waits, effects);
    else end_command(s, line_trouble(end), effects);
}

static size_t receive_line(ImapServer *s, Bytes octets, Effects *effects) {
    size_t taken;
    Bytes line;
    LineEnd end = line_reader_take(&s->lines, octets, &taken, &line);
    if (end == LINE_PARTIAL) return taken;
    effects->current = &s->machine;
    if (imap_is_state(s, IMAP_SERVER_AUTHENTICATING)) {
        effect_heard(effects, &s->machine, STREAM_COMMAND, line);
        imap_server_auth_line(s, line, line_trouble(end), effects);
    } else if (imap_is_state(s, IMAP_SERVER_IDLING)) {
        take_idle_line(s, end, line, effects);
    } else {
        take_command_line(s, end, line, effects);
    }
    return taken;
}

/* ---- The stream ---- */

static size_t receive(ImapServer *s, Bytes octets, Effects *effects) {
    size_t at = 0;
    for (;;) {
        if (s->in_literal && s->literal_left == 0) end_literal(s, effects);
        if (at == octets.size) return at;
        Bytes left = bytes_slice(octets, at, SIZE_MAX);
        switch (s->machine.state) {
            case IMAP_SERVER_WRITING:
            case IMAP_SERVER_WRITING_LAST:
            case IMAP_SERVER_FETCHING:
            case IMAP_SERVER_FETCHING_LAST: return at; /* what follows waits until this is answered */
            case IMAP_SERVER_LOGOUT:
            case IMAP_SERVER_CLOSED: return octets.size;
            default: at += s->in_literal ? receive_literal(s, left, effects) : receive_line(s, left, effects);
        }
    }
}

static size_t on_receive(void *self, Bytes octets, Effects *effects) {
    imap_replies_begin(self);
    size_t taken = receive(self, octets, effects);
    imap_replies_flush(self, effects);
    return taken;
}

static void on_room(void *self, Effects *effects) {
    ImapServer *s = self;
    if (imap_is_state(s, IMAP_SERVER_FETCHING) || imap_is_state(s, IMAP_SERVER_FETCHING_LAST))
        take_input(s, IMAP_SERVER_ON_ROOM, &s->command, effects);
}

static void on_peer_closed(void *self, Effects *effects) {
    take_input(self, IMAP_SERVER_ON_PEER_CLOSED, NULL, effects);
}

static void on_ended(void *self, const char *how, Effects *effects) {
    ImapServer *s = self;
    (void)how;
    if (!imap_is_state(s, IMAP_SERVER_CLOSED)) take_input(s, IMAP_SERVER_ON_ENDED, NULL, effects);
}

static void on_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    take_input(self, IMAP_SERVER_ON_AUTOLOGOUT, NULL, effects);
}

const StreamProtocol imap_server_stream = {TRACE_PROTO_IMAP, NULL,           on_opened, on_receive,
                                           on_room,          on_peer_closed, on_ended,  on_timer};

/* ---- Entry points ---- */

void imap_server_init(ImapServer *s) { *s = (ImapServer){.lines = line_reader(IMAP_LINE_MOST)}; }

void imap_server_begin(ImapServer *s, const ImapServerConfig *config, const ImapOffice *office) {
    CHECK(!s->scratch && !s->view.mailbox);
    s->config = config;
    s->office = office;
    s->scratch = arena_new();
    s->command = (ImapCommand){0};
    s->account = NULL;
    s->user = "";
    s->collecting = s->in_literal = s->hears_message = s->one_too_many = false;
    s->auth_step = 0;
    s->errors = 0;
}

void imap_server_written(ImapServer *s, bool written, bool full, Effects *effects) {
    if (!written) {
        if (full) imap_verdict(&s->command, IMAP_NO, "OVERQUOTA", "The disk is full");
        else imap_verdict(&s->command, IMAP_NO, "UNAVAILABLE", "The disk does not write");
    }
    take_input(s, written ? IMAP_SERVER_ON_WRITTEN : IMAP_SERVER_ON_NOT_WRITTEN, &s->command, effects);
}

void imap_server_changed(ImapServer *s, Effects *effects) {
    if (imap_is_state(s, IMAP_SERVER_IDLING)) take_input(s, IMAP_SERVER_ON_CHANGED, NULL, effects);
}

void imap_server_shut_down(ImapServer *s, Effects *effects) {
    if (!imap_is_state(s, IMAP_SERVER_CLOSED)) take_input(s, IMAP_SERVER_ON_SHUT_DOWN, NULL, effects);
}

void imap_server_end(ImapServer *s) {
    imap_view_close(&s->view);
    line_reader_clear(&s->lines);
    text_free(&s->text);
    text_free(&s->replies);
    arena_free(s->scratch);
    s->scratch = NULL;
    s->account = NULL;
}

void imap_server_release(ImapServer *s) {
    imap_server_end(s);
    line_reader_free(&s->lines);
}
