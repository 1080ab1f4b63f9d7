/* The SMTP client as a table. Lay it beside RFC 5321 sections 3.3 and 4.5.3.2, and RFC 2920 for pipelining.
 *
 * A state says which reply is awaited. Where the server offers pipelining, MAIL, every RCPT and DATA are said at once, and
 * the states then pass in the order of the replies; else each is said when its turn comes. */
#include <string.h>

#include "proto/smtp/client_inside.h"
#include "proto/smtp/facts.h"

enum { CONTENT_PART = 16 * 1024 };

static const char *const state_names[] = {
#define X(name) #name,
    SMTP_CLIENT_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connect", INPUT_COMMAND},
                                      {"connection opens", INPUT_WIRE},
                                      {"2yz", INPUT_WIRE},
                                      {"3yz", INPUT_WIRE},
                                      {"4yz", INPUT_WIRE},
                                      {"5yz", INPUT_WIRE},
                                      {"421", INPUT_WIRE},
                                      {"message to send", INPUT_ANSWER},
                                      {"no more messages", INPUT_ANSWER},
                                      {"room", INPUT_WIRE},
                                      {"no reply in time", INPUT_TIMER},
                                      {"stop", INPUT_COMMAND},
                                      {"server closes", INPUT_WIRE},
                                      {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"reply"};

const SmtpClientConfig smtp_client_config_default = {
    .extended = true,
    .pipelining = true,
    .timeouts = {.greeting = 300 * SIM_SECOND,
                 .mail = 300 * SIM_SECOND,
                 .rcpt = 300 * SIM_SECOND,
                 .data = 120 * SIM_SECOND,
                 .block = 180 * SIM_SECOND,
                 .final = 600 * SIM_SECOND},
};

/* ---- Guards; of a reply the argument is the SmtpReply ---- */

static bool is_modern(const void *self, const void *argument) {
    (void)argument;
    return ((const SmtpClient *)self)->config->extended;
}

static bool may_authenticate(const void *self, const void *argument) {
    const SmtpClient *c = self;
    (void)argument;
    return c->config->user && (c->auth_plain || c->auth_login);
}

static bool has_more_recipients(const void *self, const void *argument) {
    const SmtpClient *c = self;
    (void)argument;
    return c->asked + 1 < c->job->recipient_count;
}

static bool is_pipelined(const void *self, const void *argument) {
    (void)argument;
    return smtp_client_pipelines(self);
}

static bool has_accepted(const void *self, const void *argument) {
    (void)argument;
    return smtp_client_has_accepted(self);
}

static bool content_is_sent(const void *self, const void *argument) {
    (void)argument;
    return ((const SmtpClient *)self)->sending.ended;
}

static bool is_impossible(const void *self, const void *argument) {
    const char *enhanced;
    return smtp_client_impossible(self, argument, &enhanced) != NULL;
}

/* ---- Actions ---- */

static void await(SmtpClient *c, SimTime most, Effects *effects) {
    (void)c;
    effect_timer_set(effects, SMTP_CLIENT_TIMER_REPLY, effects->now + most);
}

static SmtpOutcome outcome_broken(const char *text) {
    return (SmtpOutcome){.kind = SMTP_OUTCOME_LATER, .enhanced = "4.4.2", .text = text, .stage = ""};
}

static void tell_done(SmtpClient *c, Effects *effects) {
    if (!c->job) return;
    effect_ask(effects, ASK_MAIL_DONE, 0, NULL, 0);
    c->job = NULL;
}

/* The connection is over, or will be at once. */
static void tell_failed(SmtpClient *c, Effects *effects) {
    tell_done(c, effects);
    if (!c->was_ready) effect_ask(effects, ASK_MAIL_HOST_FAILED, 0, NULL, 0);
}

static void await_greeting(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    await(c, c->config->timeouts.greeting, effects);
}

static void say_ehlo(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    effect_fact(effects, &fact_smtp_phase, (int64_t[]){fact_name("smtp.set_up")});
    smtp_client_say_one(effects, "EHLO %s%s", c->config->name);
    await(c, c->config->timeouts.greeting, effects);
}

static void say_helo(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    c->extensions = 0;
    effect_fact(effects, &fact_smtp_phase, (int64_t[]){fact_name("smtp.set_up")});
    smtp_client_say_one(effects, "HELO %s%s", c->config->name);
    await(c, c->config->timeouts.greeting, effects);
}

static void ask_next(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    c->was_ready = true;
    effect_timer_clear(effects, SMTP_CLIENT_TIMER_REPLY);
    effect_ask(effects, ASK_MAIL_NEXT, 0, NULL, 0);
}

static void say_auth(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    if (c->auth_plain) {
        Text secret = text_new();
        text_put_char(&secret, 0);
        text_put(&secret, c->config->user);
        text_put_char(&secret, 0);
        text_put(&secret, c->config->password);
        smtp_client_say_base64(c, effects, "AUTH PLAIN %s%s", bytes_of(secret.at, secret.size));
        text_free(&secret);
    } else {
        smtp_client_say_one(effects, "AUTH LOGIN%s%s", "");
    }
    await(c, c->config->timeouts.mail, effects);
}

/* LOGIN asks for the name, then for the password. */
static void say_auth_more(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    const char *answer = c->auth_step++ == 0 ? c->config->user : c->config->password;
    smtp_client_say_base64(c, effects, "%s%s", bytes_of(answer, strlen(answer)));
    await(c, c->config->timeouts.mail, effects);
}

static void begin_job(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    c->asked = 0;
    c->sending = (SmtpSending){0};
    SmtpSaying saying = {text_new()};
    effect_fact(effects, &fact_smtp_phase, (int64_t[]){fact_name("smtp.transfer")});
    smtp_client_say_mail(c, &saying, effects);
    for (size_t i = 0; smtp_client_pipelines(c) && i < c->job->recipient_count; i++)
        smtp_client_say_rcpt(c, i, &saying, effects);
    if (smtp_client_pipelines(c)) smtp_client_say(&saying, effects, "DATA%s%s", "", "");
    smtp_client_say_all(&saying, effects);
    await(c, c->config->timeouts.mail, effects);
}

static void refuse_job(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    SmtpOutcome outcome = {.kind = SMTP_OUTCOME_REFUSED, .stage = ""};
    const char *enhanced;
    outcome.text = smtp_client_impossible(c, c->job, &enhanced);
    memcpy(outcome.enhanced, enhanced, strlen(enhanced) + 1);
    smtp_client_settle(c, outcome);
    tell_done(c, effects);
    effect_ask(effects, ASK_MAIL_NEXT, 0, NULL, 0);
}

static void say_first_rcpt(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    if (!smtp_client_pipelines(c)) {
        SmtpSaying saying = {text_new()};
        smtp_client_say_rcpt(c, 0, &saying, effects);
        smtp_client_say_all(&saying, effects);
    }
    await(c, c->config->timeouts.rcpt, effects);
}

/* What was said already will be answered still: those answers change nothing. */
static void refuse_all(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, smtp_client_outcome_of(c, argument, "MAIL"));
    await(c, c->config->timeouts.rcpt, effects);
}

static void note_recipient(SmtpClient *c, const SmtpReply *reply) {
    SmtpOutcome *outcome = &c->job->recipients[c->asked].outcome;
    if (outcome->kind == SMTP_OUTCOME_OPEN) *outcome = smtp_client_outcome_of(c, reply, "RCPT");
    /* RFC 5321 section 4.5.3.1.10: "too many recipients" came as 552 in RFC 821, and means later. */
    if (outcome->code == 552 && strcmp(outcome->enhanced, "5.5.3") == 0) outcome->kind = SMTP_OUTCOME_LATER;
    c->asked++;
}

static void say_next_rcpt(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    note_recipient(c, argument);
    if (!smtp_client_pipelines(c)) {
        SmtpSaying saying = {text_new()};
        smtp_client_say_rcpt(c, c->asked, &saying, effects);
        smtp_client_say_all(&saying, effects);
    }
    await(c, c->config->timeouts.rcpt, effects);
}

static void await_data(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    note_recipient(c, argument);
    await(c, c->config->timeouts.data, effects);
}

static void say_data(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    note_recipient(c, argument);
    smtp_client_say_one(effects, "DATA%s%s", "");
    await(c, c->config->timeouts.data, effects);
}

static void say_rset(SmtpClient *c, Effects *effects) {
    smtp_client_say_one(effects, "RSET%s%s", "");
    await(c, c->config->timeouts.mail, effects);
}

static void note_and_reset(void *self, const void *argument, Effects *effects) {
    note_recipient(self, argument);
    say_rset(self, effects);
}

static void refuse_and_reset(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, smtp_client_outcome_of(c, argument, "DATA"));
    say_rset(c, effects);
}

static void send_part(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    uint8_t part[CONTENT_PART];
    (void)argument;
    if (c->sending.at == 0 && !c->sending.ended) effect_said(effects, STREAM_CONTENT, c->job->content);
    size_t size = smtp_content_send(&c->sending, c->job->content, part, sizeof part);
    effect_write(effects, bytes_of(part, size));
    await(c, c->config->timeouts.block, effects);
}

static void await_final(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    await(c, c->config->timeouts.final, effects);
}

/* Nobody is left to get it, and the server waits for it all the same (RFC 2920 section 3.1). */
static void send_nothing(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    effect_say(effects, STREAM_CONTENT, bytes_of(".\r\n", 3));
    await(c, c->config->timeouts.final, effects);
}

static void finish_job(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    SmtpOutcome outcome = smtp_client_outcome_of(c, argument, ".");
    if (outcome.kind == SMTP_OUTCOME_ACCEPTED) outcome.kind = SMTP_OUTCOME_SENT;
    smtp_client_settle(c, outcome);
    tell_done(c, effects);
    ask_next(c, NULL, effects);
}

static void finish_refused(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, smtp_client_outcome_of(c, argument, "MAIL"));
    tell_done(c, effects);
    ask_next(c, NULL, effects);
}

static void finish_reset(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    tell_done(c, effects);
    ask_next(c, NULL, effects);
}

static void say_quit(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    effect_fact(effects, &fact_smtp_phase, (int64_t[]){fact_name("smtp.release")});
    smtp_client_say_one(effects, "QUIT%s%s", "");
    await(c, c->config->timeouts.mail, effects);
}

/* The server is of no use: its reply says why. */
static void give_up_host(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, smtp_client_outcome_of(c, argument, ""));
    tell_failed(c, effects);
    say_quit(c, NULL, effects);
}

static void close_up(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    effect_close(effects);
    await(c, c->config->timeouts.mail, effects);
}

static void server_goes(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, smtp_client_outcome_of(c, argument, ""));
    tell_failed(c, effects);
    close_up(c, NULL, effects);
}

static void time_out(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    smtp_client_settle(c, outcome_broken("The server did not answer in time"));
    tell_failed(c, effects);
    effect_abort(effects);
}

static void stop(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    (void)argument;
    smtp_client_settle(c, outcome_broken("This host is shutting down"));
    tell_failed(c, effects);
    effect_timer_clear(effects, SMTP_CLIENT_TIMER_REPLY);
    effect_abort(effects);
}

static void lose(void *self, const void *argument, Effects *effects) {
    SmtpClient *c = self;
    smtp_client_settle(c, outcome_broken(argument));
    tell_failed(c, effects);
    effect_timer_clear(effects, SMTP_CLIENT_TIMER_REPLY);
}

static void lose_and_close(void *self, const void *argument, Effects *effects) {
    lose(self, argument, effects);
    close_up(self, NULL, effects); /* it may never read what was still said to it */
}

static void break_off(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, SMTP_CLIENT_TIMER_REPLY);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(SMTP_CLIENT_##from, SMTP_CLIENT_ON_##input, guard, action, SMTP_CLIENT_##to, "RFC " ref)
#define REFUSED(from, action, to, ref) \
    ROW(from, TRANSIENT, NULL, action, to, ref), ROW(from, PERMANENT, NULL, action, to, ref)
/* A reply to MAIL that is not 2yz. */
#define MAIL_REFUSED(input)                                       \
    ROW(MAIL, input, is_pipelined, refuse_all, RCPT, "2920 3.1"), \
        ROW(MAIL, input, NULL, finish_refused, READY, "5321 3.3")
#define RCPT_REFUSED(input)                                                 \
    ROW(RCPT, input, has_more_recipients, say_next_rcpt, RCPT, "5321 3.3"), \
        ROW(RCPT, input, is_pipelined, await_data, DATA, "2920 3.1"),       \
        ROW(RCPT, input, has_accepted, say_data, DATA, "5321 3.3"),         \
        ROW(RCPT, input, NULL, note_and_reset, RSET, "5321 3.3")
/* What may happen to a connection at any time. */
#define LOST(from)                                                                                                   \
    ROW(from, CLOSING, NULL, server_goes, CLOSING, "5321 3.8"),                                                      \
        ROW(from, TIMEOUT, NULL, time_out, CLOSED, "5321 4.5.3.2"), ROW(from, STOP, NULL, stop, CLOSED, "5321 3.8"), \
        ROW(from, PEER_CLOSED, NULL, lose_and_close, CLOSING, "5321 3.8"),                                           \
        ROW(from, ENDED, NULL, lose, CLOSED, "5321 3.8")
static const MachineRow rows[] = {
    ROW(CLOSED, CONNECT, NULL, NULL, CONNECTING, "5321 3.1"),
    ROW(CONNECTING, OPEN, NULL, await_greeting, GREETING, "5321 3.1"),
    ROW(CONNECTING, STOP, NULL, stop, CLOSED, "5321 3.8"),
    ROW(CONNECTING, ENDED, NULL, lose, CLOSED, "5321 5.1"),
    ROW(GREETING, POSITIVE, is_modern, say_ehlo, EHLO, "5321 3.2"),
    ROW(GREETING, POSITIVE, NULL, say_helo, HELO, "5321 3.2"),
    REFUSED(GREETING, give_up_host, QUIT, "5321 3.1"),
    ROW(EHLO, POSITIVE, may_authenticate, say_auth, AUTH, "4954 4"),
    ROW(EHLO, POSITIVE, NULL, ask_next, READY, "5321 4.1.1.1"),
    ROW(EHLO, PERMANENT, NULL, say_helo, HELO, "5321 3.2"),
    ROW(EHLO, TRANSIENT, NULL, give_up_host, QUIT, "5321 3.2"),
    ROW(HELO, POSITIVE, NULL, ask_next, READY, "5321 4.1.1.1"),
    REFUSED(HELO, give_up_host, QUIT, "5321 3.2"),
    ROW(AUTH, INTERMEDIATE, NULL, say_auth_more, AUTH, "4954 4"),
    ROW(AUTH, POSITIVE, NULL, ask_next, READY, "4954 4"),
    REFUSED(AUTH, give_up_host, QUIT, "4954 6"),
    ROW(READY, JOB, is_impossible, refuse_job, READY, "1870 6"),
    ROW(READY, JOB, NULL, begin_job, MAIL, "5321 3.3"),
    ROW(READY, NO_JOB, NULL, say_quit, QUIT, "5321 4.1.1.10"),
    ROW(MAIL, POSITIVE, NULL, say_first_rcpt, RCPT, "5321 3.3"),
    MAIL_REFUSED(TRANSIENT),
    MAIL_REFUSED(PERMANENT),
    ROW(RCPT, POSITIVE, has_more_recipients, say_next_rcpt, RCPT, "5321 3.3"),
    ROW(RCPT, POSITIVE, is_pipelined, await_data, DATA, "2920 3.1"),
    ROW(RCPT, POSITIVE, NULL, say_data, DATA, "5321 3.3"),
    RCPT_REFUSED(TRANSIENT),
    RCPT_REFUSED(PERMANENT),
    ROW(DATA, INTERMEDIATE, has_accepted, send_part, CONTENT, "5321 3.3"),
    ROW(DATA, INTERMEDIATE, NULL, send_nothing, ACCEPT, "2920 3.1"),
    REFUSED(DATA, refuse_and_reset, RSET, "5321 3.3"),
    ROW(CONTENT, ROOM, content_is_sent, await_final, ACCEPT, "5321 4.5.3.2.6"),
    ROW(CONTENT, ROOM, NULL, send_part, CONTENT, "5321 4.5.3.2.5"),
    REFUSED(CONTENT, server_goes, CLOSING, "5321 3.8"),
    ROW(ACCEPT, POSITIVE, NULL, finish_job, READY, "5321 3.3"),
    REFUSED(ACCEPT, finish_job, READY, "5321 3.3"),
    ROW(RSET, POSITIVE, NULL, finish_reset, READY, "5321 4.1.1.5"),
    REFUSED(RSET, give_up_host, QUIT, "5321 4.1.1.5"),
    ROW(QUIT, POSITIVE, NULL, close_up, CLOSING, "5321 4.1.1.10"),
    REFUSED(QUIT, close_up, CLOSING, "5321 4.1.1.10"),
    LOST(GREETING),
    LOST(EHLO),
    LOST(HELO),
    LOST(AUTH),
    LOST(MAIL),
    LOST(RCPT),
    LOST(DATA),
    LOST(CONTENT),
    LOST(ACCEPT),
    LOST(RSET),
    LOST(QUIT),
    ROW(CLOSING, TIMEOUT, NULL, break_off, CLOSED, "5321 3.8"),
    ROW(CLOSING, STOP, NULL, break_off, CLOSED, "5321 3.8"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "5321 4.1.1.10"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "5321 4.1.1.10"),
};

const MachineSpec smtp_client_spec = {
    .name = "smtp.client",
    .ref = "RFC 5321 3.3",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = SMTP_CLIENT_CLOSED,
    .beyond_inputs = 1 << SMTP_CLIENT_ON_CLOSING | 1 << SMTP_CLIENT_ON_TIMEOUT | 1 << SMTP_CLIENT_ON_STOP |
                     1 << SMTP_CLIENT_ON_PEER_CLOSED | 1 << SMTP_CLIENT_ON_ENDED,
    MACHINE_TIMER_LIST(timer_names),
};
