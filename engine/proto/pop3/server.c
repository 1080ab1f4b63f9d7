/* The POP3 server as a table. Lay it beside RFC 1939 sections 3 to 7: AUTHORIZATION, TRANSACTION, UPDATE.
 *
 * A command is first looked up, checked and judged (server_commands.c, server_login.c); what came of it arrives here as
 * the argument, and the table says where a command that is taken, and one that is refused, leads. */
#include <string.h>

#include "proto/pop3/facts.h"
#include "proto/pop3/server_inside.h"

static const char *const state_names[] = {
#define X(name) #name,
    POP3_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connection opens", INPUT_WIRE},
#define X(name) {#name, INPUT_WIRE},
                                      POP3_COMMANDS(X)
#undef X
                                          {"refused command", INPUT_WIRE},
                                      {"AUTH response", INPUT_WIRE},
                                      {"answer sent", INPUT_WIRE},
                                      {"written", INPUT_ANSWER},
                                      {"not written", INPUT_ANSWER},
                                      {"no command in time", INPUT_TIMER},
                                      {"shut down", INPUT_COMMAND},
                                      {"client closes", INPUT_WIRE},
                                      {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"idle"};

const Pop3ServerConfig pop3_server_config_default = {
    .apop = true, .plain = true, .idle = 10 * 60 * SIM_SECOND, .errors_most = 20};

/* ---- Guards ---- */

static bool is_one_too_many(const void *self, const void *argument) {
    (void)argument;
    return ((const Pop3Server *)self)->one_too_many;
}

static bool is_refused(const void *self, const void *argument) {
    (void)self;
    return ((const Pop3Command *)argument)->refused;
}

static bool is_one_error_too_many(const void *self, const void *argument) {
    const Pop3Server *s = self;
    return is_refused(self, argument) && s->config->errors_most > 0 && s->errors + 1 >= s->config->errors_most;
}

static bool must_be_asked_more(const void *self, const void *argument) {
    (void)self;
    return ((const Pop3Command *)argument)->asked;
}

static bool is_long(const void *self, const void *argument) {
    (void)argument;
    return pop3_server_is_long(self);
}

static bool nothing_is_marked(const void *self, const void *argument) {
    const Pop3Server *s = self;
    (void)argument;
    return s->drop.left == s->drop.count;
}

/* ---- Actions ---- */

static void close_after_replies(Pop3Server *s, Effects *effects) {
    pop3_server_flush(s, effects);
    effect_close(effects);
}

void pop3_server_set_idle(Pop3Server *s, Effects *effects) {
    effect_timer_set(effects, POP3_SERVER_TIMER_IDLE, effects->now + s->config->idle);
}

static void state_phase(Effects *effects, const char *phase) {
    effect_fact(effects, &fact_pop3_phase, (int64_t[]){fact_name(phase)});
}

static void say(Pop3Server *s, bool refused, const char *code, const char *text, Effects *effects) {
    Pop3Command c = {.refused = refused, .code = code};
    text_put(&c.text, text);
    pop3_server_reply(s, &c, effects);
    text_free(&c.text);
}

static void greet(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    Pop3Command c = {0};
    (void)argument;
    state_phase(effects, "pop3.authorization");
    pop3_put_text(s, POP3_TEXT_GREETING, &c.text);
    if (s->stamp[0]) text_print(&c.text, " %s", s->stamp);
    pop3_server_reply(s, &c, effects);
    text_free(&c.text);
    pop3_server_set_idle(s, effects);
}

static void turn_away(void *self, const void *argument, Effects *effects) {
    (void)argument;
    say(self, true, "SYS/TEMP", "Too many connections, try again later", effects);
    close_after_replies(self, effects);
    pop3_server_set_idle(self, effects);
}

static void answer(void *self, const void *argument, Effects *effects) {
    pop3_server_reply(self, (Pop3Command *)(uintptr_t)argument, effects);
    pop3_server_set_idle(self, effects);
}

static void refuse(void *self, const void *argument, Effects *effects) {
    ((Pop3Server *)self)->errors++;
    answer(self, argument, effects);
}

/* RFC 1939 section 6: a session that ends without QUIT removes nothing. */
static void let_go(Pop3Server *s, Effects *effects) {
    if (s->drop.left < s->drop.count)
        effect_fact(effects, &fact_pop3_lost,
                    (int64_t[]){fact_name(s->drop.account->owner), (int64_t)(s->drop.count - s->drop.left)});
    pop3_maildrop_close(&s->drop, s);
}

static void close_after_errors(void *self, const void *argument, Effects *effects) {
    refuse(self, argument, effects);
    let_go(self, effects);
    close_after_replies(self, effects);
}

static void refuse_login(void *self, const void *argument, Effects *effects) {
    const Pop3Command *c = argument;
    effect_fact(effects, &fact_pop3_login_refused, (int64_t[]){fact_name(c->reason)});
    refuse(self, argument, effects);
}

static void close_after_logins(void *self, const void *argument, Effects *effects) {
    refuse_login(self, argument, effects);
    close_after_replies(self, effects);
}

static void log_in(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    Pop3Command *c = (Pop3Command *)(uintptr_t)argument;
    pop3_maildrop_open(&s->drop, c->account, s);
    *s->office->logged_in_at(s->office->self, c->account) = effects->now;
    effect_fact(effects, &fact_pop3_logged_in,
                (int64_t[]){fact_name(c->account->owner), fact_name(c->method), (int64_t)s->drop.count,
                            (int64_t)s->drop.octets});
    state_phase(effects, "pop3.transaction");
    pop3_put_text(s, POP3_TEXT_LOGIN, &c->text);
    answer(s, c, effects);
}

/* The messages that follow a reply go into the trace whole, and into the stream as they are written. */
static void note_content(Pop3Server *s, const Pop3Command *c, Effects *effects) {
    if (c->multi && s->content)
        effect_said(effects, STREAM_CONTENT, bytes_slice(mail_content_bytes(s->content), 0, s->content_end));
}

static void send_all(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    answer(s, argument, effects);
    note_content(s, argument, effects);
    bool last = pop3_server_put_piece(s);
    CHECK(last);
}

static void begin_sending(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    answer(s, argument, effects);
    note_content(s, argument, effects);
    bool last = pop3_server_put_piece(s);
    CHECK(!last);
}

static void mark(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    pop3_maildrop_mark(&s->drop, ((const Pop3Command *)argument)->index);
    answer(s, argument, effects);
}

static void unmark_all(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    Pop3Command *c = (Pop3Command *)(uintptr_t)argument;
    pop3_maildrop_unmark_all(&s->drop);
    text_print(&c->text, "maildrop has %zu message%s (%llu octets)", s->drop.count, s->drop.count == 1 ? "" : "s",
               (unsigned long long)s->drop.octets);
    answer(s, c, effects);
}

static void say_goodbye(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    Pop3Command *c = (Pop3Command *)(uintptr_t)argument;
    pop3_put_text(s, POP3_TEXT_QUIT, &c->text);
    answer(s, c, effects);
    close_after_replies(s, effects);
}

static void update(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    state_phase(effects, "pop3.update");
    effect_timer_clear(effects, POP3_SERVER_TIMER_IDLE);
    effect_ask(effects, ASK_MAILBOX_WRITE, 0, NULL, 0);
}

static void say_updated(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    Pop3Command c = {0};
    const size_t *removed = argument;
    effect_fact(effects, &fact_pop3_updated,
                (int64_t[]){fact_name(s->drop.account->owner), (int64_t)*removed, (int64_t)s->drop.left});
    pop3_put_text(s, POP3_TEXT_QUIT, &c.text);
    if (s->drop.left > 0) text_print(&c.text, " (%zu message%s left)", s->drop.left, s->drop.left == 1 ? "" : "s");
    else text_put(&c.text, " (maildrop empty)");
    pop3_server_reply(s, &c, effects);
    text_free(&c.text);
    close_after_replies(s, effects);
    pop3_server_set_idle(s, effects);
}

static void say_not_updated(void *self, const void *argument, Effects *effects) {
    (void)argument;
    say(self, true, "SYS/TEMP", "some deleted messages not removed", effects);
    close_after_replies(self, effects);
    pop3_server_set_idle(self, effects);
}

/* RFC 1939 section 3: the session does not enter the UPDATE state, and nothing is said. */
static void time_out(void *self, const void *argument, Effects *effects) {
    Pop3Server *s = self;
    (void)argument;
    let_go(s, effects);
    pop3_server_forget_sending(s);
    close_after_replies(s, effects);
    pop3_server_set_idle(s, effects);
}

static void shut_down(void *self, const void *argument, Effects *effects) {
    say(self, true, "SYS/TEMP", "Server shutting down", effects);
    time_out(self, argument, effects);
}

static void go_on(void *self, const void *argument, Effects *effects) {
    (void)argument;
    pop3_server_forget_sending(self);
    pop3_server_set_idle(self, effects);
}

static void close_too(void *self, const void *argument, Effects *effects) {
    (void)argument;
    pop3_server_set_idle(self, effects); /* it may never read what was still said to it */
    close_after_replies(self, effects);
}

static void end_sending(void *self, const void *argument, Effects *effects) {
    (void)argument;
    let_go(self, effects);
    close_too(self, argument, effects);
}

static void break_off(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, POP3_SERVER_TIMER_IDLE);
}

static void lose(void *self, const void *argument, Effects *effects) {
    end(self, argument, effects);
    let_go(self, effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(POP3_SERVER_##from, POP3_SERVER_ON_##input, guard, action, POP3_SERVER_##to, "RFC " ref)
#define LOGIN(from, input, ref)                                                     \
    ROW(from, input, is_one_error_too_many, close_after_logins, CLOSING, "1939 4"), \
        ROW(from, input, is_refused, refuse_login, AUTHORIZATION, ref),             \
        ROW(from, input, NULL, log_in, TRANSACTION, ref)
#define REFUSED(state)                                                                 \
    ROW(state, REFUSED, is_one_error_too_many, close_after_errors, CLOSING, "1939 3"), \
        ROW(state, REFUSED, NULL, refuse, state, "1939 3")
#define LISTING(input, ref)                                        \
    ROW(TRANSACTION, input, is_long, begin_sending, SENDING, ref), \
        ROW(TRANSACTION, input, NULL, send_all, TRANSACTION, ref)
#define ENDS(state, ended)                                                                                          \
    ROW(state, IDLE, NULL, time_out, CLOSING, "1939 3"), ROW(state, SHUT_DOWN, NULL, shut_down, CLOSING, "1939 3"), \
        ROW(state, ENDED, NULL, ended, CLOSED, "1939 6")
#define GOES(state) ROW(state, PEER_CLOSED, NULL, time_out, CLOSING, "1939 6")
static const MachineRow rows[] = {
    ROW(CLOSED, OPEN, is_one_too_many, turn_away, CLOSING, "3206 4"),
    ROW(CLOSED, OPEN, NULL, greet, AUTHORIZATION, "1939 4"),
    ROW(AUTHORIZATION, USER, NULL, answer, NAMED, "1939 7"),
    ROW(NAMED, USER, NULL, answer, NAMED, "1939 7"),
    LOGIN(NAMED, PASS, "1939 7"),
    LOGIN(AUTHORIZATION, APOP, "1939 7"),
    LOGIN(NAMED, APOP, "1939 7"),
    ROW(AUTHORIZATION, AUTH, must_be_asked_more, answer, AUTH, "5034 4"),
    LOGIN(AUTHORIZATION, AUTH, "5034 4"),
    ROW(NAMED, AUTH, must_be_asked_more, answer, AUTH, "5034 4"),
    LOGIN(NAMED, AUTH, "5034 4"),
    LOGIN(AUTH, AUTH_LINE, "5034 4"),
    ROW(AUTHORIZATION, CAPA, NULL, send_all, AUTHORIZATION, "2449 5"),
    ROW(NAMED, CAPA, NULL, send_all, NAMED, "2449 5"),
    ROW(TRANSACTION, CAPA, NULL, send_all, TRANSACTION, "2449 5"),
    ROW(AUTHORIZATION, QUIT, NULL, say_goodbye, CLOSING, "1939 4"),
    ROW(NAMED, QUIT, NULL, say_goodbye, CLOSING, "1939 4"),
    ROW(TRANSACTION, STAT, NULL, answer, TRANSACTION, "1939 5"),
    LISTING(LIST, "1939 5"),
    LISTING(RETR, "1939 5"),
    ROW(TRANSACTION, DELE, NULL, mark, TRANSACTION, "1939 5"),
    ROW(TRANSACTION, NOOP, NULL, answer, TRANSACTION, "1939 5"),
    ROW(TRANSACTION, RSET, NULL, unmark_all, TRANSACTION, "1939 5"),
    LISTING(TOP, "1939 7"),
    LISTING(UIDL, "1939 7"),
    ROW(SENDING, SENT, NULL, go_on, TRANSACTION, "1939 3"),
    ROW(SENDING, PEER_CLOSED, NULL, NULL, SENDING_LAST, "1939 3"),
    ROW(SENDING_LAST, SENT, NULL, end_sending, CLOSING, "1939 6"),
    ROW(TRANSACTION, QUIT, NULL, update, UPDATE, "1939 6"),
    ROW(UPDATE, WRITTEN, NULL, say_updated, CLOSING, "1939 6"),
    ROW(UPDATE, NOT_WRITTEN, nothing_is_marked, say_updated, CLOSING, "1939 6"),
    ROW(UPDATE, NOT_WRITTEN, NULL, say_not_updated, CLOSING, "1939 6"),
    /* It has closed its side and may still read; what it has asked for is done. */
    ROW(UPDATE, PEER_CLOSED, NULL, NULL, UPDATE, "1939 6"),
    ROW(UPDATE, SHUT_DOWN, NULL, NULL, UPDATE, "1939 6"),
    ROW(UPDATE, ENDED, NULL, end, CLOSED, "1939 6"),
    REFUSED(AUTHORIZATION),
    REFUSED(NAMED),
    REFUSED(TRANSACTION),
    ENDS(AUTHORIZATION, end),
    GOES(AUTHORIZATION),
    ENDS(NAMED, end),
    GOES(NAMED),
    ENDS(AUTH, end),
    GOES(AUTH),
    ENDS(TRANSACTION, lose),
    GOES(TRANSACTION),
    ENDS(SENDING, lose),
    ENDS(SENDING_LAST, lose),
    ROW(CLOSING, IDLE, NULL, break_off, CLOSED, "1939 3"),
    ROW(CLOSING, SHUT_DOWN, NULL, NULL, CLOSING, "1939 6"),
    ROW(CLOSING, PEER_CLOSED, NULL, close_too, CLOSING, "1939 6"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "1939 6"),
};

const MachineSpec pop3_server_spec = {
    .name = "pop3.server",
    .ref = "RFC 1939 3",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .beyond_figure = 1 << POP3_SERVER_CLOSED | 1 << POP3_SERVER_NAMED | 1 << POP3_SERVER_AUTH |
                     1 << POP3_SERVER_SENDING | 1 << POP3_SERVER_SENDING_LAST | 1 << POP3_SERVER_CLOSING,
    .initial = POP3_SERVER_CLOSED,
    .beyond_inputs = 1u << POP3_SERVER_ON_REFUSED | 1u << POP3_SERVER_ON_IDLE | 1u << POP3_SERVER_ON_SHUT_DOWN |
                     1u << POP3_SERVER_ON_PEER_CLOSED | 1u << POP3_SERVER_ON_ENDED,
    MACHINE_TIMER_LIST(timer_names),
};
