/* The SMTP server as a table. Lay it beside RFC 5321 section 4.1.4 (the order of commands).
 *
 * A command is first looked up, checked and parsed (server_commands.c); the verdict comes here as the argument, and the
 * table says where a command that is taken, and one that is refused, leads. */
#include <string.h>

#include "proto/smtp/facts.h"
#include "proto/smtp/server_inside.h"

static const char *const state_names[] = {
#define X(name) #name,
    SMTP_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connection opens", INPUT_WIRE},
#define X(name) {#name, INPUT_WIRE},
                                      SMTP_COMMANDS(X)
#undef X
                                          {"refused command", INPUT_WIRE},
                                      {"AUTH response", INPUT_WIRE},
                                      {"end of data", INPUT_WIRE},
                                      {"stored", INPUT_ANSWER},
                                      {"not stored", INPUT_ANSWER},
                                      {"no command in time", INPUT_TIMER},
                                      {"shut down", INPUT_COMMAND},
                                      {"client closes", INPUT_WIRE},
                                      {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"idle"};

const SmtpServerConfig smtp_server_config_default = {
    .extensions = SMTP_EXTENSION_SIZE | SMTP_EXTENSION_8BITMIME | SMTP_EXTENSION_PIPELINING |
                  SMTP_EXTENSION_ENHANCEDSTATUSCODES | SMTP_EXTENSION_DSN | SMTP_EXTENSION_SMTPUTF8 |
                  SMTP_EXTENSION_AUTH,
    .size_most = 50 * 1024 * 1024,
    .recipients_most = 1000,
    .hops_most = 100,
    .verify = SMTP_VERIFY_ANSWER,
    .expand = SMTP_VERIFY_ANSWER,
    .idle = 5 * 60 * SIM_SECOND,
    .errors_most = 20,
};

/* ---- Guards ---- */

static bool is_one_too_many(const void *self, const void *argument) {
    (void)argument;
    return ((const SmtpServer *)self)->one_too_many;
}

static bool gives_no_service(const void *self, const void *argument) {
    (void)argument;
    return ((const SmtpServer *)self)->config->no_service;
}

static bool is_refused(const void *self, const void *argument) {
    (void)self;
    return ((const SmtpCommand *)argument)->verdict.code >= 400;
}

static bool is_one_error_too_many(const void *self, const void *argument) {
    const SmtpServer *s = self;
    (void)argument;
    return s->config->errors_most > 0 && s->errors + 1 >= s->config->errors_most;
}

static bool must_be_asked_more(const void *self, const void *argument) {
    (void)self;
    return ((const SmtpCommand *)argument)->verdict.code == 334;
}

static bool content_is_refused(const void *self, const void *argument) {
    (void)self;
    return ((const SmtpVerdict *)argument)->code != 0;
}

/* ---- Actions ---- */

static void close_after_replies(SmtpServer *s, Effects *effects) {
    smtp_server_flush(s, effects);
    effect_close(effects);
}

void smtp_server_set_idle(SmtpServer *s, Effects *effects) {
    effect_timer_set(effects, SMTP_SERVER_TIMER_IDLE, effects->now + s->config->idle);
}

static void state_phase(Effects *effects, const char *phase) {
    effect_fact(effects, &fact_smtp_phase, (int64_t[]){fact_name(phase)});
}

void smtp_server_forget_transaction(SmtpServer *s) {
    SmtpTransaction *t = &s->transaction;
    smtp_content_free(&t->content);
    if (t->recipient_count > 0) {
        arena_free(s->arena);
        s->arena = arena_new();
    }
    t->recipient_count = 0;
    t->mail = (SmtpMail){0};
}

static void greet(void *self, const void *argument, Effects *effects) {
    (void)argument;
    state_phase(effects, "smtp.set_up");
    smtp_server_reply(self, &(SmtpVerdict){220, NULL, SMTP_TEXT_GREETING, NULL, NULL}, effects);
    smtp_server_set_idle(self, effects);
}

/* RFC 5321 section 4.5.4.2 lets a server limit them; whoever is one too many is told to come again. */
static void turn_away(void *self, const void *argument, Effects *effects) {
    (void)argument;
    smtp_server_reply(
        self, &(SmtpVerdict){421, "4.3.2", SMTP_TEXT_COUNT, "{host} Too many connections, try again later", NULL},
        effects);
    close_after_replies(self, effects);
    smtp_server_set_idle(self, effects);
}

static void refuse_service(void *self, const void *argument, Effects *effects) {
    (void)argument;
    smtp_server_reply(self, &(SmtpVerdict){554, NULL, SMTP_TEXT_COUNT, "No SMTP service here", NULL}, effects);
    smtp_server_set_idle(self, effects);
}

static void answer(void *self, const void *argument, Effects *effects) {
    smtp_server_reply(self, &((const SmtpCommand *)argument)->verdict, effects);
    smtp_server_set_idle(self, effects);
}

static void refuse(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    s->errors++;
    answer(s, argument, effects);
}

static void take_name(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    const SmtpCommand *c = argument;
    memcpy(s->helo, c->argument.at, c->argument.size);
    s->helo[c->argument.size] = 0;
    smtp_server_forget_transaction(s);
    answer(s, c, effects);
}

static void take_helo(void *self, const void *argument, Effects *effects) {
    ((SmtpServer *)self)->extended = false;
    take_name(self, argument, effects);
}

static void take_ehlo(void *self, const void *argument, Effects *effects) {
    ((SmtpServer *)self)->extended = true;
    take_name(self, argument, effects);
}

static void begin_mail(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    const SmtpCommand *c = argument;
    smtp_server_forget_transaction(s);
    s->transaction.mail = c->mail;
    s->transaction.delivery = c->delivery;
    state_phase(effects, "smtp.transfer");
    answer(s, c, effects);
}

static void add_recipient(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    const SmtpCommand *c = argument;
    SmtpTransaction *t = &s->transaction;
    bool known = false; /* the same mailbox twice is one recipient */
    for (size_t i = 0; i < t->recipient_count; i++) known |= smtp_path_equal(&t->recipients[i].path, &c->rcpt.path);
    if (!known) {
        t->recipients = array_grow(t->recipients, &t->recipient_capacity, t->recipient_count + 1,
                                   sizeof *t->recipients);
        t->recipients[t->recipient_count++] = (SmtpRecipient){c->rcpt.path, c->rcpt.notify,
                                                              arena_text(s->arena, c->rcpt.orcpt), c->name};
    }
    answer(s, c, effects);
}

static void ask_for_data(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    smtp_content_begin(&s->transaction.content, s->config->size_most);
    answer(s, argument, effects);
}

static void reset(void *self, const void *argument, Effects *effects) {
    smtp_server_forget_transaction(self);
    answer(self, argument, effects);
}

static void say_goodbye(void *self, const void *argument, Effects *effects) {
    state_phase(effects, "smtp.release");
    answer(self, argument, effects);
    close_after_replies(self, effects);
}

static void close_after_errors(void *self, const void *argument, Effects *effects) {
    answer(self, argument, effects);
    smtp_server_reply(
        self, &(SmtpVerdict){421, "4.7.0", SMTP_TEXT_COUNT, "{host} Too many errors, closing channel", NULL}, effects);
    close_after_replies(self, effects);
}

static void authenticate(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    s->auth_step = 0;
    effect_fact(effects, &fact_smtp_authenticated, (int64_t[]){fact_name(s->user->name)});
    answer(s, argument, effects);
}

static void give_up_auth(void *self, const void *argument, Effects *effects) {
    ((SmtpServer *)self)->auth_step = 0;
    refuse(self, argument, effects);
}

static void store(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    (void)argument;
    s->transaction.number = ++*s->next_number;
    effect_timer_clear(effects, SMTP_SERVER_TIMER_IDLE);
    effect_ask(effects, ASK_MAIL_ACCEPT, s->transaction.number, NULL, 0);
}

static void refuse_content(void *self, const void *argument, Effects *effects) {
    smtp_server_forget_transaction(self);
    smtp_server_reply(self, argument, effects);
    smtp_server_set_idle(self, effects);
}

static void say_accepted(void *self, const void *argument, Effects *effects) {
    SmtpServer *s = self;
    const SmtpTransaction *t = &s->transaction;
    (void)argument;
    effect_fact(effects, &fact_smtp_accepted,
                (int64_t[]){t->number, (int64_t)t->recipient_count, (int64_t)t->content.total});
    smtp_server_reply(s, &(SmtpVerdict){250, "2.6.0", SMTP_TEXT_ACCEPTED, NULL, NULL}, effects);
    smtp_server_forget_transaction(s);
    smtp_server_set_idle(s, effects);
}

static void say_not_stored(void *self, const void *argument, Effects *effects) {
    smtp_server_reply(self, argument, effects);
    smtp_server_forget_transaction(self);
    smtp_server_set_idle(self, effects);
}

static void time_out(void *self, const void *argument, Effects *effects) {
    (void)argument;
    smtp_server_reply(self, &(SmtpVerdict){421, "4.4.2", SMTP_TEXT_COUNT, "{host} Timeout, closing channel", NULL},
                      effects);
    close_after_replies(self, effects);
    smtp_server_set_idle(self, effects);
}

/* The client said nothing more, and the message was its last. */
static void say_accepted_last(void *self, const void *argument, Effects *effects) {
    say_accepted(self, argument, effects);
    close_after_replies(self, effects);
}

static void say_not_stored_last(void *self, const void *argument, Effects *effects) {
    say_not_stored(self, argument, effects);
    close_after_replies(self, effects);
}

static void shut_down(void *self, const void *argument, Effects *effects) {
    (void)argument;
    smtp_server_reply(self, &(SmtpVerdict){421, "4.3.2", SMTP_TEXT_SHUTTING_DOWN, NULL, NULL}, effects);
    close_after_replies(self, effects);
    smtp_server_set_idle(self, effects);
}

static void close_too(void *self, const void *argument, Effects *effects) {
    (void)argument;
    smtp_server_set_idle(self, effects); /* it may never read what was still said to it */
    close_after_replies(self, effects);
}

static void break_off(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, SMTP_SERVER_TIMER_IDLE);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(SMTP_SERVER_##from, SMTP_SERVER_ON_##input, guard, action, SMTP_SERVER_##to, "RFC " ref)
/* A command that changes no state, wherever it may be given. */
#define ANYWHERE(input, ref)                                                                      \
    ROW(GREETED, input, NULL, answer, GREETED, ref), ROW(READY, input, NULL, answer, READY, ref), \
        ROW(MAIL, input, NULL, answer, MAIL, ref), ROW(RCPT, input, NULL, answer, RCPT, ref)
#define NAMED(input, action, ref)                                                               \
    ROW(GREETED, input, NULL, action, READY, ref), ROW(READY, input, NULL, action, READY, ref), \
        ROW(MAIL, input, NULL, action, READY, ref), ROW(RCPT, input, NULL, action, READY, ref)
#define TRANSACTION(input, ref) \
    ROW(READY, input, is_refused, refuse, READY, ref), ROW(READY, input, NULL, begin_mail, MAIL, ref)
#define REFUSED(state)                                                                     \
    ROW(state, REFUSED, is_one_error_too_many, close_after_errors, CLOSING, "5321 4.3.2"), \
        ROW(state, REFUSED, NULL, refuse, state, "5321 4.2.4")
#define ENDS(state)                                                    \
    ROW(state, SHUT_DOWN, NULL, shut_down, CLOSING, "5321 3.8"),       \
        ROW(state, PEER_CLOSED, NULL, close_too, CLOSING, "5321 3.8"), \
        ROW(state, ENDED, NULL, end, CLOSED, "5321 3.8")
/* The message may be on disk already: what is being written is written. */
#define ENDS_STORING(state) \
    ROW(state, SHUT_DOWN, NULL, shut_down, CLOSING, "5321 3.8"), ROW(state, ENDED, NULL, end, CLOSED, "5321 3.8")
#define IDLE(state) ROW(state, IDLE, NULL, time_out, CLOSING, "5321 4.5.3.2.7")
static const MachineRow rows[] = {
    ROW(CLOSED, OPEN, is_one_too_many, turn_away, CLOSING, "5321 4.5.4.2"),
    ROW(CLOSED, OPEN, gives_no_service, refuse_service, REFUSING, "5321 3.1"),
    ROW(CLOSED, OPEN, NULL, greet, GREETED, "5321 3.1"),
    NAMED(HELO, take_helo, "5321 4.1.1.1"),
    NAMED(EHLO, take_ehlo, "5321 4.1.1.1"),
    TRANSACTION(MAIL, "5321 4.1.1.2"),
    TRANSACTION(SEND, "821 3.4"),
    TRANSACTION(SOML, "821 3.4"),
    TRANSACTION(SAML, "821 3.4"),
    ROW(MAIL, RCPT, is_refused, refuse, MAIL, "5321 4.1.1.3"),
    ROW(MAIL, RCPT, NULL, add_recipient, RCPT, "5321 4.1.1.3"),
    ROW(RCPT, RCPT, is_refused, refuse, RCPT, "5321 4.1.1.3"),
    ROW(RCPT, RCPT, NULL, add_recipient, RCPT, "5321 4.1.1.3"),
    ROW(MAIL, DATA, NULL, refuse, MAIL, "5321 3.3"),
    ROW(RCPT, DATA, NULL, ask_for_data, DATA, "5321 4.1.1.4"),
    ROW(DATA, END_OF_DATA, content_is_refused, refuse_content, READY, "5321 4.1.1.4"),
    ROW(DATA, END_OF_DATA, NULL, store, STORING, "5321 4.1.1.4"),
    ROW(STORING, STORED, NULL, say_accepted, READY, "5321 6.1"),
    ROW(STORING, NOT_STORED, NULL, say_not_stored, READY, "5321 4.2.2"),
    /* It has closed its side and may still read: it is owed an answer. */
    ROW(STORING, PEER_CLOSED, NULL, NULL, STORING_LAST, "5321 6.1"),
    ROW(STORING_LAST, STORED, NULL, say_accepted_last, CLOSING, "5321 6.1"),
    ROW(STORING_LAST, NOT_STORED, NULL, say_not_stored_last, CLOSING, "5321 4.2.2"),
    ROW(GREETED, RSET, NULL, reset, GREETED, "5321 4.1.1.5"),
    ROW(READY, RSET, NULL, reset, READY, "5321 4.1.1.5"),
    ROW(MAIL, RSET, NULL, reset, READY, "5321 4.1.1.5"),
    ROW(RCPT, RSET, NULL, reset, READY, "5321 4.1.1.5"),
    ANYWHERE(VRFY, "5321 4.1.1.6"),
    ANYWHERE(EXPN, "5321 4.1.1.7"),
    ANYWHERE(HELP, "5321 4.1.1.8"),
    ANYWHERE(NOOP, "5321 4.1.1.9"),
    ROW(READY, TURN, NULL, refuse, READY, "5321 F.1"),
    ROW(READY, AUTH, must_be_asked_more, answer, AUTH, "4954 4"),
    ROW(READY, AUTH, is_refused, give_up_auth, READY, "4954 4"),
    ROW(READY, AUTH, NULL, authenticate, READY, "4954 4"),
    ROW(AUTH, AUTH_LINE, must_be_asked_more, answer, AUTH, "4954 4"),
    ROW(AUTH, AUTH_LINE, is_refused, give_up_auth, READY, "4954 4"),
    ROW(AUTH, AUTH_LINE, NULL, authenticate, READY, "4954 4"),
    ROW(GREETED, QUIT, NULL, say_goodbye, CLOSING, "5321 4.1.1.10"),
    ROW(READY, QUIT, NULL, say_goodbye, CLOSING, "5321 4.1.1.10"),
    ROW(MAIL, QUIT, NULL, say_goodbye, CLOSING, "5321 4.1.1.10"),
    ROW(RCPT, QUIT, NULL, say_goodbye, CLOSING, "5321 4.1.1.10"),
    ROW(REFUSING, QUIT, NULL, say_goodbye, CLOSING, "5321 3.1"),
    REFUSED(GREETED),
    REFUSED(READY),
    REFUSED(MAIL),
    REFUSED(RCPT),
    REFUSED(REFUSING),
    IDLE(GREETED),
    IDLE(READY),
    IDLE(MAIL),
    IDLE(RCPT),
    IDLE(DATA),
    IDLE(AUTH),
    IDLE(REFUSING),
    ROW(CLOSING, IDLE, NULL, break_off, CLOSED, "5321 3.8"),
    ENDS(GREETED),
    ENDS(READY),
    ENDS(MAIL),
    ENDS(RCPT),
    ENDS(DATA),
    ENDS(AUTH),
    ENDS(REFUSING),
    ENDS_STORING(STORING),
    ENDS_STORING(STORING_LAST),
    ROW(CLOSING, STORED, NULL, NULL, CLOSING, "5321 6.1"),
    ROW(CLOSING, NOT_STORED, NULL, NULL, CLOSING, "5321 6.1"),
    ROW(CLOSING, SHUT_DOWN, NULL, NULL, CLOSING, "5321 3.8"),
    ROW(CLOSING, PEER_CLOSED, NULL, close_too, CLOSING, "5321 4.1.1.10"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "5321 4.1.1.10"),
};

const MachineSpec smtp_server_spec = {
    .name = "smtp.server",
    .ref = "RFC 5321 4.1.4",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = SMTP_SERVER_CLOSED,
    .beyond_inputs = 1 << SMTP_SERVER_ON_REFUSED | 1 << SMTP_SERVER_ON_IDLE | 1 << SMTP_SERVER_ON_SHUT_DOWN |
                     1 << SMTP_SERVER_ON_PEER_CLOSED | 1 << SMTP_SERVER_ON_ENDED,
    MACHINE_TIMER_LIST(timer_names),
};
