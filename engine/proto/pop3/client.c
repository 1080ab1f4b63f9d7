/* The POP3 client as a table. Lay it beside RFC 1939 section 10, an example of a session.
 *
 * A reply is first read whole and noted (client_stream.c); then the table says what is said next. */
#include "proto/pop3/client.h"

#include <string.h>

#include "mail/base64.h"
#include "proto/pop3/client_inside.h"
#include "proto/pop3/facts.h"

static const char *const state_names[] = {
#define X(name) #name,
    POP3_CLIENT_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
    {"connect", INPUT_COMMAND},    {"connection opens", INPUT_WIRE},  {"+OK", INPUT_WIRE},
    {"-ERR", INPUT_WIRE},          {"nonsense", INPUT_WIRE},          {"written", INPUT_ANSWER},
    {"not written", INPUT_ANSWER}, {"no reply in time", INPUT_TIMER}, {"stop", INPUT_COMMAND},
    {"server closes", INPUT_WIRE}, {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"reply"};

const Pop3ClientConfig pop3_client_config_default = {
    .apop = true, .retrieve_most = UINT64_MAX, .size_most = 64 * 1024 * 1024, .patience = 60 * SIM_SECOND};

/* ---- Guards ---- */

static const Pop3Client *as_client(const void *self) { return self; }

static bool has_stamp(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->config->apop && as_client(self)->stamp[0];
}

static bool takes_auth_alone(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->has_plain && !as_client(self)->has_user;
}

/* Without unique-ids nobody could tell what has been fetched already from what has not. */
static bool needs_unique_ids(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->config->mode != POP3_DELETE;
}

static bool is_empty(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->count == 0;
}

static bool wants_top(const void *self, const void *argument) {
    size_t at;
    (void)argument;
    return pop3_client_next_top(self, &at);
}

static bool wants_retr(const void *self, const void *argument) {
    size_t at;
    (void)argument;
    return pop3_client_next_retr(self, &at);
}

static bool wants_dele(const void *self, const void *argument) {
    size_t at;
    (void)argument;
    return pop3_client_next_dele(self, &at);
}

/* ---- Actions ---- */

static void wait_for_reply(Pop3Client *c, Effects *effects) {
    c->round_trips++;
    effect_timer_set(effects, POP3_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
}

static void say(Pop3Client *c, const Text *line, Effects *effects) {
    Text octets = text_new();
    effect_said(effects, STREAM_COMMAND, bytes_of(line->at, line->size));
    text_print(&octets, "%s\r\n", text_get(line));
    effect_write(effects, bytes_of(octets.at, octets.size));
    text_free(&octets);
    wait_for_reply(c, effects);
}

static void say_words(Pop3Client *c, const char *verb, const char *a, const char *b, Effects *effects) {
    Text line = text_new();
    text_print(&line, "%s%s%s%s%s", verb, a ? " " : "", a ? a : "", b ? " " : "", b ? b : "");
    say(c, &line, effects);
    text_free(&line);
}

static void say_number(Pop3Client *c, const char *verb, const char *after, Effects *effects) {
    Text line = text_new();
    text_print(&line, "%s %zu%s", verb, c->at + 1, after);
    say(c, &line, effects);
    text_free(&line);
}

static void expect_greeting(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_fact(effects, &fact_pop3_phase, (int64_t[]){fact_name("pop3.authorization")});
    effect_timer_set(effects, POP3_CLIENT_TIMER_REPLY, effects->now + ((Pop3Client *)self)->config->patience);
}

#define SAYS(name, verb)                                                   \
    static void name(void *self, const void *argument, Effects *effects) { \
        (void)argument;                                                    \
        say_words(self, verb, NULL, NULL, effects);                        \
    }
SAYS(say_capa, "CAPA")
SAYS(say_list, "LIST")
SAYS(say_uidl, "UIDL")

static void say_apop(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    char digest[POP3_DIGEST + 1];
    (void)argument;
    pop3_digest(c->stamp, c->config->password, digest);
    say_words(c, "APOP", c->config->user, digest, effects);
}

static void say_auth(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    Arena *arena = arena_new();
    Text proof = text_new();
    (void)argument;
    text_put_n(&proof, "", 1);
    text_put_n(&proof, c->config->user, strlen(c->config->user) + 1);
    text_put(&proof, c->config->password);
    Bytes encoded = base64_encode_all(arena, bytes_of(proof.at, proof.size), 0);
    say_words(c, "AUTH PLAIN", arena_text_n(arena, (const char *)encoded.at, encoded.size), NULL, effects);
    text_free(&proof);
    arena_free(arena);
}

static void say_user(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    say_words(c, "USER", c->config->user, NULL, effects);
}

static void say_pass(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    say_words(c, "PASS", c->config->password, NULL, effects);
}

static void say_stat(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_fact(effects, &fact_pop3_phase, (int64_t[]){fact_name("pop3.transaction")});
    say_words(self, "STAT", NULL, NULL, effects);
}

static void say_top(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    CHECK(pop3_client_next_top(c, &c->at));
    say_number(c, "TOP", " 0", effects);
}

static void say_retr(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    CHECK(pop3_client_next_retr(c, &c->at));
    c->from = c->at;
    say_number(c, "RETR", "", effects);
}

static void say_dele(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    CHECK(pop3_client_next_dele(c, &c->at));
    c->from = c->at;
    say_number(c, "DELE", "", effects);
}

static void say_goodbye(Pop3Client *c, Effects *effects) { say_words(c, "QUIT", NULL, NULL, effects); }

/* Behind a login the server updates the maildrop now. */
static void say_quit(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_fact(effects, &fact_pop3_phase, (int64_t[]){fact_name("pop3.update")});
    say_goodbye(self, effects);
}

static void store(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    effect_timer_clear(effects, POP3_CLIENT_TIMER_REPLY);
    effect_ask(effects, ASK_MAILBOX_WRITE, (int64_t)c->at + 1, NULL, 0);
}

static void set_failed(Pop3Client *c, Pop3Outcome outcome, const char *reason, Effects *effects) {
    if (c->outcome != POP3_OUTCOME_NONE) return;
    c->outcome = outcome;
    c->reason = reason;
    effect_fact(effects, &fact_pop3_failed,
                (int64_t[]){fact_name(reason), fact_name(arena_text(c->kept, text_get(&c->status))), (int64_t)c->octets,
                            (int64_t)c->round_trips});
}

/* RFC 2449 section 8, RFC 3206: what may be otherwise the next time. */
static const char *refusal(const Pop3Client *c, Pop3Outcome *outcome) {
    static const struct {
        const char *code, *reason;
    } passing[] = {{"-ERR [IN-USE]", "pop3.in_use"},
                   {"-ERR [LOGIN-DELAY]", "pop3.login_delay"},
                   {"-ERR [SYS/TEMP]", "pop3.not_now"}};
    *outcome = POP3_OUTCOME_LATER;
    for (size_t i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (bytes_is(bytes_slice(bytes_text(text_get(&c->status)), 0, strlen(passing[i].code)), passing[i].code))
            return passing[i].reason;
    *outcome = POP3_OUTCOME_REFUSED;
    return "pop3.refused";
}

static void fail_refused(Pop3Client *c, Effects *effects) {
    Pop3Outcome outcome;
    const char *reason = refusal(c, &outcome);
    set_failed(c, outcome, reason, effects);
}

static void give_up_login(void *self, const void *argument, Effects *effects) {
    (void)argument;
    fail_refused(self, effects);
    say_goodbye(self, effects);
}

static void give_up(void *self, const void *argument, Effects *effects) {
    fail_refused(self, effects);
    say_quit(self, argument, effects);
}

static void give_up_without_ids(void *self, const void *argument, Effects *effects) {
    set_failed(self, POP3_OUTCOME_REFUSED, "pop3.no_uidl", effects);
    say_quit(self, argument, effects);
}

/* What is on the disk is on it, and what was marked may go. */
static void give_up_disk(void *self, const void *argument, Effects *effects) {
    set_failed(self, POP3_OUTCOME_LATER, "pop3.disk", effects);
    say_quit(self, argument, effects);
}

static void close_in_order(Pop3Client *c, Effects *effects) {
    effect_close(effects);
    effect_timer_set(effects, POP3_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
}

static void close_refused(void *self, const void *argument, Effects *effects) {
    (void)argument;
    fail_refused(self, effects);
    close_in_order(self, effects);
}

static void finish(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    if (c->outcome == POP3_OUTCOME_NONE) {
        c->outcome = POP3_OUTCOME_DONE;
        effect_fact(effects, &fact_pop3_done,
                    (int64_t[]){(int64_t)c->count, (int64_t)c->fetched, (int64_t)c->deleted, (int64_t)c->octets,
                                (int64_t)c->round_trips});
    }
    close_in_order(c, effects);
}

static void break_off_nonsense(void *self, const void *argument, Effects *effects) {
    Pop3Client *c = self;
    (void)argument;
    set_failed(c, POP3_OUTCOME_LATER, c->trouble ? c->trouble : "pop3.nonsense", effects);
    effect_timer_clear(effects, POP3_CLIENT_TIMER_REPLY);
    effect_abort(effects);
}

static void time_out(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, POP3_OUTCOME_LATER, "pop3.timeout", effects);
    effect_abort(effects);
}

static void stop(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, POP3_OUTCOME_LATER, "pop3.stopped", effects);
    effect_timer_clear(effects, POP3_CLIENT_TIMER_REPLY);
    effect_abort(effects);
}

static void lose_and_close(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, POP3_OUTCOME_LATER, "pop3.closed", effects);
    close_in_order(self, effects);
}

static void lose(void *self, const void *argument, Effects *effects) {
    set_failed(self, POP3_OUTCOME_LATER, argument ? argument : "pop3.closed", effects);
    effect_timer_clear(effects, POP3_CLIENT_TIMER_REPLY);
}

static void abort_late(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, POP3_CLIENT_TIMER_REPLY);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(POP3_CLIENT_##from, POP3_CLIENT_ON_##input, guard, action, POP3_CLIENT_##to, "RFC " ref)
/* What is wanted next, once it is known what there is. */
#define NEXT(from, input)                                                                                        \
    ROW(from, input, wants_top, say_top, TOP, "1939 7"), ROW(from, input, wants_dele, say_dele, DELE, "1939 5"), \
        ROW(from, input, wants_retr, say_retr, RETR, "1939 5"), ROW(from, input, NULL, say_quit, QUIT, "1939 6")
#define REFUSED(state) ROW(state, ERR, NULL, give_up_login, QUIT, "1939 4")
#define LOST(state)                                                                                            \
    ROW(state, NONSENSE, NULL, break_off_nonsense, CLOSED, "1939 3"),                                          \
        ROW(state, TIMEOUT, NULL, time_out, CLOSED, "1939 3"), ROW(state, STOP, NULL, stop, CLOSED, "1939 3"), \
        ROW(state, PEER_CLOSED, NULL, lose_and_close, CLOSING, "1939 3"),                                      \
        ROW(state, ENDED, NULL, lose, CLOSED, "1939 3")
static const MachineRow rows[] = {
    ROW(CLOSED, CONNECT, NULL, NULL, CONNECTING, "1939 3"),
    ROW(CONNECTING, OPEN, NULL, expect_greeting, GREETING, "1939 4"),
    ROW(CONNECTING, STOP, NULL, stop, CLOSED, "1939 3"),
    ROW(CONNECTING, ENDED, NULL, lose, CLOSED, "1939 3"),
    ROW(GREETING, OK, NULL, say_capa, CAPA, "2449 5"),
    ROW(GREETING, ERR, NULL, close_refused, CLOSING, "3206 4"),
    ROW(CAPA, OK, has_stamp, say_apop, APOP, "1939 7"),
    ROW(CAPA, OK, takes_auth_alone, say_auth, AUTH, "5034 4"),
    ROW(CAPA, OK, NULL, say_user, USER, "1939 7"),
    ROW(CAPA, ERR, has_stamp, say_apop, APOP, "1939 7"),
    ROW(CAPA, ERR, NULL, say_user, USER, "1939 7"),
    ROW(APOP, OK, NULL, say_stat, STAT, "1939 7"),
    REFUSED(APOP),
    ROW(AUTH, OK, NULL, say_stat, STAT, "5034 4"),
    REFUSED(AUTH),
    ROW(USER, OK, NULL, say_pass, PASS, "1939 7"),
    REFUSED(USER),
    ROW(PASS, OK, NULL, say_stat, STAT, "1939 7"),
    REFUSED(PASS),
    ROW(STAT, OK, is_empty, say_quit, QUIT, "1939 6"),
    ROW(STAT, OK, NULL, say_list, LIST, "1939 5"),
    ROW(STAT, ERR, NULL, give_up, QUIT, "1939 5"),
    ROW(LIST, OK, NULL, say_uidl, UIDL, "1939 7"),
    ROW(LIST, ERR, NULL, give_up, QUIT, "1939 5"),
    NEXT(UIDL, OK),
    ROW(UIDL, ERR, needs_unique_ids, give_up_without_ids, QUIT, "1939 7"),
    ROW(UIDL, ERR, wants_retr, say_retr, RETR, "1939 5"),
    ROW(UIDL, ERR, NULL, say_quit, QUIT, "1939 6"),
    ROW(TOP, OK, wants_top, say_top, TOP, "1939 7"),
    ROW(TOP, OK, wants_retr, say_retr, RETR, "1939 5"),
    ROW(TOP, OK, NULL, say_quit, QUIT, "1939 6"),
    ROW(TOP, ERR, wants_top, say_top, TOP, "1939 7"),
    ROW(TOP, ERR, wants_retr, say_retr, RETR, "1939 5"),
    ROW(TOP, ERR, NULL, say_quit, QUIT, "1939 6"),
    ROW(RETR, OK, NULL, store, STORING, "1939 5"),
    ROW(RETR, ERR, wants_dele, say_dele, DELE, "1939 5"),
    ROW(RETR, ERR, wants_retr, say_retr, RETR, "1939 5"),
    ROW(RETR, ERR, NULL, say_quit, QUIT, "1939 6"),
    ROW(STORING, WRITTEN, wants_dele, say_dele, DELE, "1939 5"),
    ROW(STORING, WRITTEN, wants_retr, say_retr, RETR, "1939 5"),
    ROW(STORING, WRITTEN, NULL, say_quit, QUIT, "1939 6"),
    ROW(STORING, NOT_WRITTEN, NULL, give_up_disk, QUIT, "1939 6"),
    ROW(STORING, STOP, NULL, stop, CLOSED, "1939 3"),
    ROW(STORING, PEER_CLOSED, NULL, lose_and_close, CLOSING, "1939 3"),
    ROW(STORING, ENDED, NULL, lose, CLOSED, "1939 3"),
    ROW(DELE, OK, wants_dele, say_dele, DELE, "1939 5"),
    ROW(DELE, OK, wants_retr, say_retr, RETR, "1939 5"),
    ROW(DELE, OK, NULL, say_quit, QUIT, "1939 6"),
    ROW(DELE, ERR, wants_dele, say_dele, DELE, "1939 5"),
    ROW(DELE, ERR, wants_retr, say_retr, RETR, "1939 5"),
    ROW(DELE, ERR, NULL, say_quit, QUIT, "1939 6"),
    ROW(QUIT, OK, NULL, finish, CLOSING, "1939 6"),
    ROW(QUIT, ERR, NULL, close_refused, CLOSING, "1939 6"),
    LOST(GREETING),
    LOST(CAPA),
    LOST(APOP),
    LOST(AUTH),
    LOST(USER),
    LOST(PASS),
    LOST(STAT),
    LOST(LIST),
    LOST(UIDL),
    LOST(TOP),
    LOST(RETR),
    LOST(DELE),
    LOST(QUIT),
    ROW(CLOSING, WRITTEN, NULL, NULL, CLOSING, "1939 6"),
    ROW(CLOSING, NOT_WRITTEN, NULL, NULL, CLOSING, "1939 6"),
    ROW(CLOSING, TIMEOUT, NULL, abort_late, CLOSED, "1939 6"),
    ROW(CLOSING, STOP, NULL, abort_late, CLOSED, "1939 6"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "1939 6"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "1939 6"),
};

const MachineSpec pop3_client_spec = {
    .name = "pop3.client",
    .ref = "RFC 1939 10",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = POP3_CLIENT_CLOSED,
    .beyond_inputs = 1 << POP3_CLIENT_ON_NONSENSE | 1 << POP3_CLIENT_ON_TIMEOUT | 1 << POP3_CLIENT_ON_STOP |
                     1 << POP3_CLIENT_ON_PEER_CLOSED | 1 << POP3_CLIENT_ON_ENDED,
    MACHINE_TIMER_LIST(timer_names),
};
