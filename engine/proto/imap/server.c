/* The IMAP server as a table. Lay it beside the figure of RFC 3501 section 3.
 *
 * A command is first put together (server_stream.c), looked up, read and judged (server_commands.c); it comes here as the
 * argument, and the table says where it leads. States that the figure does not show: AUTHENTICATING waits for the answer
 * to a challenge, FETCHING goes on as the stream takes more, WRITING waits for the disk, IDLING for DONE; …_LAST are the same for a
 * client that will say no more. */
#include "proto/imap/server_inside.h"

static const char *const state_names[] = {
#define X(name) #name,
    IMAP_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connection opens", INPUT_WIRE},
                                      {"refused command", INPUT_WIRE},
                                      {"no command in time", INPUT_TIMER},
                                      {"shut down", INPUT_COMMAND},
                                      {"client closes", INPUT_WIRE},
                                      {"connection ends", INPUT_WIRE},
                                      {"response", INPUT_WIRE},
                                      {"DONE", INPUT_WIRE},
                                      {"mailbox changed", INPUT_ANSWER},
                                      {"written", INPUT_ANSWER},
                                      {"not written", INPUT_ANSWER},
                                      {"room", INPUT_ANSWER},
#define X(name) {#name, INPUT_WIRE},
                                      IMAP_COMMANDS(X)
#undef X
};
static const char *const timer_names[] = {"autologout"};

const ImapServerConfig imap_server_config_default = {
    .name = "",
    .size_most = 50 * 1024 * 1024,
    .autologout = 30 * 60 * SIM_SECOND,
    .autologout_early = 3 * 60 * SIM_SECOND,
    .errors_most = 20,
};

/* ---- Guards ---- */

static bool is_one_too_many(const void *self, const void *argument) {
    (void)argument;
    return ((const ImapServer *)self)->one_too_many;
}

static bool is_refused(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->status != IMAP_OK;
}

/* A command that is BAD, or a login that is refused. */
static bool is_error(const ImapServer *s, const ImapCommand *c) {
    return c->status == IMAP_BAD || (c->status == IMAP_NO && !s->account);
}

static bool is_one_error_too_many(const void *self, const void *argument) {
    const ImapServer *s = self;
    return is_error(s, argument) && s->config->errors_most > 0 && s->errors + 1 >= s->config->errors_most;
}

static bool must_close(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->closes;
}

static bool must_be_asked_more(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->asks_more;
}

static bool must_write(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->writes;
}

static bool is_long(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->octets > IMAP_FETCH_AT_ONCE;
}

static bool has_more(const void *self, const void *argument) {
    const ImapCommand *c = argument;
    (void)self;
    return c->chosen_next < c->chosen_count;
}

static bool closes_mailbox(const void *self, const void *argument) {
    (void)self;
    return ((const ImapCommand *)argument)->row->input == IMAP_SERVER_ON_CLOSE;
}

static bool has_mailbox(const void *self, const void *argument) {
    (void)argument;
    return ((const ImapServer *)self)->view.mailbox != NULL;
}

/* ---- Actions ---- */

void imap_server_set_timer(ImapServer *s, Effects *effects) {
    SimTime after = s->account ? s->config->autologout : s->config->autologout_early;
    effect_timer_set(effects, IMAP_SERVER_TIMER_AUTOLOGOUT, effects->now + after);
}

static void close_after_replies(ImapServer *s, Effects *effects) {
    imap_replies_flush(s, effects);
    effect_close(effects);
    imap_server_set_timer(s, effects); /* it may never read what was still said to it */
}

static void greet(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    Text *to = imap_reply_begin(s);
    text_put(to, "* OK [CAPABILITY ");
    imap_put_capabilities(s, to);
    text_print(to, "] %s IMAP4rev1 server ready", s->config->name);
    imap_reply_end(s, effects);
    imap_server_set_timer(s, effects);
}

static void turn_away(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_reply_text(self, "* BYE Too many connections, try again later", effects);
    close_after_replies(self, effects);
}

/* The tagged response, after what else is to be told. What is no command gives no leave to announce EXPUNGE (section
 * 7.4.1). */
static void answer(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    const ImapCommand *c = argument;
    if (is_error(s, c)) s->errors++;
    else if (s->account) s->errors = 0;
    imap_reply_news(s, c->row && !c->row->keeps_numbers, effects);
    imap_reply_tagged(s, effects);
    imap_server_set_timer(s, effects);
}

static void refuse_and_part(void *self, const void *argument, Effects *effects) {
    answer(self, argument, effects);
    imap_reply_text(self, "* BYE Too many errors", effects);
    close_after_replies(self, effects);
}

static void refuse(void *self, const void *argument, Effects *effects) { answer(self, argument, effects); }

static void refuse_and_close(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    const ImapCommand *c = argument;
    text_print(imap_reply_begin(s), "* BYE %s", c->text);
    imap_reply_end(s, effects);
    close_after_replies(s, effects);
}

static void carry_out(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    ImapCommand *c = &s->command;
    if (c->row->carry_out) c->row->carry_out(s, c, effects);
    answer(s, argument, effects);
}

static void challenge(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    const ImapCommand *c = argument;
    text_print(imap_reply_begin(s), "+ %s", c->text);
    imap_reply_end(s, effects);
    imap_server_set_timer(s, effects);
}

static void authenticate(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    Text code = text_new();
    text_put(&code, "CAPABILITY ");
    imap_put_capabilities(s, &code);
    imap_code_print(s, &s->command, "%s", text_get(&code));
    text_free(&code);
    s->command.text = "Logged in";
    effect_fact(effects, &fact_imap_authenticated, (int64_t[]){fact_name(s->user)});
    answer(s, &s->command, effects);
}

static void deselect_and_refuse(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    imap_carry_unselect(s, &s->command, effects);
    answer(s, argument, effects);
}

static void say_goodbye(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    imap_reply_text(s, "* BYE Logging out", effects);
    imap_reply_tagged(s, effects);
    close_after_replies(s, effects);
}

static void begin_idle(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    imap_reply_text(s, "+ idling", effects);
    imap_reply_news(s, true, effects);
    imap_server_set_timer(s, effects);
}

static void tell_news(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_reply_news(self, true, effects);
}

static void ask_to_write(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, IMAP_SERVER_TIMER_AUTOLOGOUT);
    effect_ask(effects, ASK_MAILBOX_WRITE, 0, NULL, 0);
}

static void carry_out_last(void *self, const void *argument, Effects *effects) {
    carry_out(self, argument, effects);
    close_after_replies(self, effects);
}

static void answer_last(void *self, const void *argument, Effects *effects) {
    answer(self, argument, effects);
    close_after_replies(self, effects);
}

static void refuse_last(void *self, const void *argument, Effects *effects) { answer_last(self, argument, effects); }

static void begin_fetch(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    imap_fetch_begin(s, &s->command, effects);
    imap_fetch_some(s, &s->command, effects);
    imap_server_set_timer(s, effects);
}

static void go_on_fetching(void *self, const void *argument, Effects *effects) {
    ImapServer *s = self;
    (void)argument;
    imap_fetch_some(s, &s->command, effects);
    imap_server_set_timer(s, effects);
}

static void log_out_idle(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_reply_text(self, "* BYE Autologout; idle for too long", effects);
    close_after_replies(self, effects);
}

static void shut_down(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_reply_text(self, "* BYE Server is shutting down", effects);
    close_after_replies(self, effects);
}

static void close_too(void *self, const void *argument, Effects *effects) {
    (void)argument;
    close_after_replies(self, effects);
}

static void break_off(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, IMAP_SERVER_TIMER_AUTOLOGOUT);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(IMAP_SERVER_##from, IMAP_SERVER_ON_##input, guard, action, IMAP_SERVER_##to, "RFC " ref)
/* A command that changes no state: in any state; when somebody has logged in. */
#define AFTER_LOGIN(input, ref) \
    ROW(AUTHENTICATED, input, NULL, carry_out, AUTHENTICATED, ref), ROW(SELECTED, input, NULL, carry_out, SELECTED, ref)
#define ANYWHERE(input, ref) \
    ROW(NOT_AUTHENTICATED, input, NULL, carry_out, NOT_AUTHENTICATED, ref), AFTER_LOGIN(input, ref)
/* One that changes the account. */
#define WRITES(input, ref) \
    ROW(AUTHENTICATED, input, NULL, ask_to_write, WRITING, ref), ROW(SELECTED, input, NULL, ask_to_write, WRITING, ref)
/* One that may change the mailbox. */
#define MAY_WRITE(input, ref) \
    ROW(SELECTED, input, must_write, ask_to_write, WRITING, ref), ROW(SELECTED, input, NULL, carry_out, SELECTED, ref)
/* Whatever comes of it, the mailbox that was selected no longer is. */
#define SELECTS(input, ref)                                                        \
    ROW(AUTHENTICATED, input, is_refused, refuse, AUTHENTICATED, ref),             \
        ROW(AUTHENTICATED, input, NULL, carry_out, SELECTED, ref),                 \
        ROW(SELECTED, input, is_refused, deselect_and_refuse, AUTHENTICATED, ref), \
        ROW(SELECTED, input, NULL, carry_out, SELECTED, ref)
#define REFUSED(state)                                                       \
    ROW(state, REFUSED, must_close, refuse_and_close, LOGOUT, "3501 7.1.5"),               \
        ROW(state, REFUSED, is_one_error_too_many, refuse_and_part, LOGOUT, "3501 7.1.5"), \
        ROW(state, REFUSED, NULL, refuse, state, "3501 7.1")
#define ENDS(state)                                                 \
    ROW(state, AUTOLOGOUT, NULL, log_out_idle, LOGOUT, "3501 5.4"), \
        ROW(state, SHUT_DOWN, NULL, shut_down, LOGOUT, "3501 3.4"), \
        ROW(state, PEER_CLOSED, NULL, close_too, LOGOUT, "3501 3.4"), ROW(state, ENDED, NULL, end, CLOSED, "3501 3.4")
static const MachineRow rows[] = {
    ROW(CLOSED, OPEN, is_one_too_many, turn_away, LOGOUT, "3501 7.1.5"),
    ROW(CLOSED, OPEN, NULL, greet, NOT_AUTHENTICATED, "3501 3"),
    ANYWHERE(CAPABILITY, "3501 6.1.1"),
    ANYWHERE(NOOP, "3501 6.1.2"),
    ANYWHERE(ID, "2971 3.1"),
    ROW(NOT_AUTHENTICATED, LOGOUT, NULL, say_goodbye, LOGOUT, "3501 6.1.3"),
    ROW(AUTHENTICATED, LOGOUT, NULL, say_goodbye, LOGOUT, "3501 6.1.3"),
    ROW(SELECTED, LOGOUT, NULL, say_goodbye, LOGOUT, "3501 6.1.3"),
    ROW(NOT_AUTHENTICATED, AUTHENTICATE, must_be_asked_more, challenge, AUTHENTICATING, "3501 6.2.2"),
    ROW(NOT_AUTHENTICATED, AUTHENTICATE, NULL, authenticate, AUTHENTICATED, "4959 3"),
    ROW(AUTHENTICATING, AUTH_LINE, must_be_asked_more, challenge, AUTHENTICATING, "3501 6.2.2"),
    ROW(AUTHENTICATING, AUTH_LINE, is_one_error_too_many, refuse_and_part, LOGOUT, "3501 7.1.5"),
    ROW(AUTHENTICATING, AUTH_LINE, is_refused, refuse, NOT_AUTHENTICATED, "3501 6.2.2"),
    ROW(AUTHENTICATING, AUTH_LINE, NULL, authenticate, AUTHENTICATED, "3501 6.2.2"),
    ROW(NOT_AUTHENTICATED, LOGIN, NULL, authenticate, AUTHENTICATED, "3501 6.2.3"),
    SELECTS(SELECT, "3501 6.3.1"),
    SELECTS(EXAMINE, "3501 6.3.2"),
    WRITES(CREATE, "3501 6.3.3"),
    WRITES(DELETE, "3501 6.3.4"),
    WRITES(RENAME, "3501 6.3.5"),
    WRITES(SUBSCRIBE, "3501 6.3.6"),
    WRITES(UNSUBSCRIBE, "3501 6.3.7"),
    AFTER_LOGIN(LIST, "3501 6.3.8"),
    AFTER_LOGIN(LSUB, "3501 6.3.9"),
    AFTER_LOGIN(STATUS, "3501 6.3.10"),
    WRITES(APPEND, "3501 6.3.11"),
    AFTER_LOGIN(NAMESPACE, "2342 5"),
    AFTER_LOGIN(ENABLE, "5161 3.1"),
    ROW(AUTHENTICATED, IDLE, NULL, begin_idle, IDLING, "2177 3"),
    ROW(SELECTED, IDLE, NULL, begin_idle, IDLING, "2177 3"),
    ROW(SELECTED, CHECK, NULL, carry_out, SELECTED, "3501 6.4.1"),
    ROW(SELECTED, CLOSE, must_write, ask_to_write, WRITING, "3501 6.4.2"),
    ROW(SELECTED, CLOSE, NULL, carry_out, AUTHENTICATED, "3501 6.4.2"),
    ROW(SELECTED, UNSELECT, NULL, carry_out, AUTHENTICATED, "3691 2"),
    MAY_WRITE(EXPUNGE, "3501 6.4.3"),
    ROW(SELECTED, SEARCH, NULL, carry_out, SELECTED, "3501 6.4.4"),
    ROW(SELECTED, FETCH, must_write, ask_to_write, WRITING, "3501 6.4.5"),
    ROW(SELECTED, FETCH, is_long, begin_fetch, FETCHING, "3501 6.4.5"),
    ROW(SELECTED, FETCH, NULL, carry_out, SELECTED, "3501 6.4.5"),
    MAY_WRITE(STORE, "3501 6.4.6"),
    MAY_WRITE(COPY, "3501 6.4.7"),
    MAY_WRITE(MOVE, "6851 3.1"),
    ROW(WRITING, WRITTEN, closes_mailbox, carry_out, AUTHENTICATED, "3501 6.4.2"),
    ROW(WRITING, WRITTEN, is_long, begin_fetch, FETCHING, "3501 6.4.5"),
    ROW(WRITING, WRITTEN, has_mailbox, carry_out, SELECTED, "3501 7.1.1"),
    ROW(WRITING, WRITTEN, NULL, carry_out, AUTHENTICATED, "3501 7.1.1"),
    ROW(WRITING, NOT_WRITTEN, has_mailbox, refuse, SELECTED, "3501 7.1.2"),
    ROW(WRITING, NOT_WRITTEN, NULL, refuse, AUTHENTICATED, "3501 7.1.2"),
    ROW(FETCHING, ROOM, has_more, go_on_fetching, FETCHING, "3501 6.4.5"),
    ROW(FETCHING, ROOM, NULL, answer, SELECTED, "3501 6.4.5"),
    ROW(IDLING, CHANGED, NULL, tell_news, IDLING, "2177 3"),
    ROW(IDLING, DONE, has_mailbox, answer, SELECTED, "2177 3"),
    ROW(IDLING, DONE, NULL, answer, AUTHENTICATED, "2177 3"),
    ROW(IDLING, REFUSED, has_mailbox, refuse, SELECTED, "2177 3"),
    ROW(IDLING, REFUSED, NULL, refuse, AUTHENTICATED, "2177 3"),
    REFUSED(NOT_AUTHENTICATED),
    REFUSED(AUTHENTICATED),
    REFUSED(SELECTED),
    ENDS(NOT_AUTHENTICATED),
    ENDS(AUTHENTICATING),
    ENDS(AUTHENTICATED),
    ENDS(SELECTED),
    ENDS(IDLING),
    /* It takes nothing of what is said to it. */
    ROW(FETCHING, AUTOLOGOUT, NULL, break_off, CLOSED, "3501 5.4"),
    ROW(FETCHING, SHUT_DOWN, NULL, shut_down, LOGOUT, "3501 3.4"),
    ROW(FETCHING, ENDED, NULL, end, CLOSED, "3501 3.4"),
    /* It has closed its side and may still read: it is owed an answer. */
    ROW(FETCHING, PEER_CLOSED, NULL, NULL, FETCHING_LAST, "3501 3.4"),
    ROW(FETCHING_LAST, ROOM, has_more, go_on_fetching, FETCHING_LAST, "3501 6.4.5"),
    ROW(FETCHING_LAST, ROOM, NULL, answer_last, LOGOUT, "3501 3.4"),
    ROW(FETCHING_LAST, AUTOLOGOUT, NULL, break_off, CLOSED, "3501 5.4"),
    ROW(FETCHING_LAST, SHUT_DOWN, NULL, shut_down, LOGOUT, "3501 3.4"),
    ROW(FETCHING_LAST, ENDED, NULL, end, CLOSED, "3501 3.4"),
    ROW(WRITING, PEER_CLOSED, NULL, NULL, WRITING_LAST, "3501 3.4"),
    ROW(WRITING, SHUT_DOWN, NULL, shut_down, LOGOUT, "3501 3.4"),
    ROW(WRITING, ENDED, NULL, end, CLOSED, "3501 3.4"),
    ROW(WRITING_LAST, WRITTEN, is_long, begin_fetch, FETCHING_LAST, "3501 6.4.5"),
    ROW(WRITING_LAST, WRITTEN, NULL, carry_out_last, LOGOUT, "3501 7.1.1"),
    ROW(WRITING_LAST, NOT_WRITTEN, NULL, refuse_last, LOGOUT, "3501 7.1.2"),
    ROW(WRITING_LAST, SHUT_DOWN, NULL, shut_down, LOGOUT, "3501 3.4"),
    ROW(WRITING_LAST, ENDED, NULL, end, CLOSED, "3501 3.4"),
    /* What was never answered need not have happened. */
    ROW(LOGOUT, WRITTEN, NULL, NULL, LOGOUT, "3501 3.4"),
    ROW(LOGOUT, NOT_WRITTEN, NULL, NULL, LOGOUT, "3501 3.4"),
    ROW(LOGOUT, AUTOLOGOUT, NULL, break_off, CLOSED, "3501 5.4"),
    ROW(LOGOUT, SHUT_DOWN, NULL, NULL, LOGOUT, "3501 3.4"),
    ROW(LOGOUT, PEER_CLOSED, NULL, close_too, LOGOUT, "3501 3.4"),
    ROW(LOGOUT, ENDED, NULL, end, CLOSED, "3501 3.4"),
};

const MachineSpec imap_server_spec = {
    .name = "imap.server",
    .ref = "RFC 3501 3",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = IMAP_SERVER_CLOSED,
    .beyond_figure = 1 << IMAP_SERVER_AUTHENTICATING | 1 << IMAP_SERVER_FETCHING | 1 << IMAP_SERVER_FETCHING_LAST |
                     1 << IMAP_SERVER_WRITING | 1 << IMAP_SERVER_WRITING_LAST | 1 << IMAP_SERVER_IDLING,
    .beyond_inputs = 1 << IMAP_SERVER_ON_REFUSED | 1 << IMAP_SERVER_ON_AUTOLOGOUT | 1 << IMAP_SERVER_ON_SHUT_DOWN |
                     1 << IMAP_SERVER_ON_PEER_CLOSED | 1 << IMAP_SERVER_ON_ENDED | 1 << IMAP_SERVER_ON_CHANGED,
    MACHINE_TIMER_LIST(timer_names),
    .busy_timers = 1 << IMAP_SERVER_TIMER_AUTOLOGOUT,
};
