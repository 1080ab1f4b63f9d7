/* The IMAP client as a table. Lay it beside RFC 3501 section 3, the figure of states and flow: NOT_AUTHENTICATED, AUTHENTICATED
 * and SELECTED are its three; from each the client asks itself what comes next, says a command, and comes back with the
 * answer. */
#include "proto/imap/client.h"

#include <string.h>

#include "proto/imap/client_facts.h"
#include "proto/imap/client_inside.h"

static const char *const state_names[] = {
#define X(name) #name,
    IMAP_CLIENT_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"connect", INPUT_COMMAND},
                                      {"connection opens", INPUT_WIRE},
                                      {"OK greeting", INPUT_WIRE},
                                      {"PREAUTH", INPUT_WIRE},
                                      {"BYE", INPUT_WIRE},
                                      {"OK", INPUT_WIRE},
                                      {"NO, BAD", INPUT_WIRE},
                                      {"+", INPUT_WIRE},
                                      {"nonsense", INPUT_WIRE},
                                      {"what next?", INPUT_COMMAND},
                                      {"news or wish", INPUT_COMMAND},
                                      {"flags or EXPUNGE", INPUT_WIRE},
                                      {"written", INPUT_ANSWER},
                                      {"not written", INPUT_ANSWER},
                                      {"no reply in time", INPUT_TIMER},
                                      {"waited long enough", INPUT_TIMER},
                                      {"stop", INPUT_COMMAND},
                                      {"server closes", INPUT_WIRE},
                                      {"connection ends", INPUT_WIRE}};
static const char *const timer_names[] = {"reply", "wait"};

const ImapClientConfig imap_client_config_default = {.mailbox = "INBOX",
                                                     .idle = true,
                                                     .move = true,
                                                     .idle_for = 29 * 60 * SIM_SECOND,
                                                     .poll = 5 * 60 * SIM_SECOND,
                                                     .patience = 60 * SIM_SECOND,
                                                     .piece = 4096,
                                                     .size_most = 64 * 1024 * 1024,
                                                     .memory_most = 1024 * 1024 * 1024};

/* ---- Guards ---- */

static const ImapClient *as_client(const void *self) { return self; }

static bool wants_capability(const void *self, const void *argument) {
    (void)argument;
    return !as_client(self)->knows_capabilities;
}

static bool must_prove(const void *self, const void *argument) {
    const ImapClient *c = self;
    (void)argument;
    return imap_client_can(c, IMAP_CAN_PLAIN) && (c->config->authenticate || imap_client_can(c, IMAP_CAN_NOT_LOGIN));
}

static bool cannot_log_in(const void *self, const void *argument) {
    (void)argument;
    return imap_client_can(self, IMAP_CAN_NOT_LOGIN);
}

static bool has_proved(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->proof_sent;
}

#define WANTS(name, what)                                      \
    static bool name(const void *self, const void *argument) { \
        (void)argument;                                        \
        return imap_client_want(self) == IMAP_WANT_##what;     \
    }
WANTS(wants_write, WRITE)
WANTS(wants_logout, LOGOUT)
WANTS(wants_flags, FLAGS)
WANTS(wants_headers, HEADERS)
WANTS(wants_news, NEWS)
WANTS(wants_structure, STRUCTURE)
WANTS(wants_part, PART)
WANTS(wants_store, STORE)
WANTS(wants_move, MOVE)
WANTS(wants_copy, COPY)
WANTS(wants_create, CREATE)
WANTS(wants_expunge, EXPUNGE)
WANTS(wants_append, APPEND)

static bool wants_append_at_once(const void *self, const void *argument) {
    return wants_append(self, argument) && imap_client_may_append_at_once(self);
}

static bool wants_anything(const void *self, const void *argument) {
    (void)argument;
    return imap_client_want(self) != IMAP_WANT_REST;
}

static bool may_idle(const void *self, const void *argument) {
    (void)argument;
    return as_client(self)->config->idle && imap_client_can(self, IMAP_CAN_IDLE);
}

/* ---- Actions: what is said ---- */

#define SAYS(name, call)                                                   \
    static void name(void *self, const void *argument, Effects *effects) { \
        ImapClient *c = self;                                              \
        (void)argument;                                                    \
        call;                                                              \
    }
SAYS(say_capability, imap_client_say_words(c, "CAPABILITY", effects))
SAYS(say_authenticate, imap_client_say_authenticate(c, effects))
SAYS(say_proof, imap_client_say_proof(c, effects))
SAYS(say_cancel, imap_client_say_line(c, "*", effects))
SAYS(say_login, imap_client_say_login(c, effects))
SAYS(say_select, imap_client_say_mailbox(c, "SELECT", c->config->mailbox, effects))
SAYS(say_flags, imap_client_say_flags(c, effects))
SAYS(say_headers, imap_client_say_headers(c, effects))
SAYS(say_structure, imap_client_say_structure(c, effects))
SAYS(say_part, imap_client_say_part(c, effects))
SAYS(say_store, imap_client_say_store(c, effects))
SAYS(say_move, imap_client_say_transfer(c, "UID MOVE", effects))
SAYS(say_copy, imap_client_say_transfer(c, "UID COPY", effects))
SAYS(say_create, imap_client_say_mailbox(c, "CREATE", imap_client_head(c)->mailbox, effects))
SAYS(say_expunge, imap_client_say_expunge(c, effects))
SAYS(say_append, imap_client_say_append(c, effects))
SAYS(say_message, imap_client_say_message(c, effects))
SAYS(say_idle, imap_client_say_words(c, "IDLE", effects))
SAYS(say_logout, imap_client_say_words(c, "LOGOUT", effects))

static void say_noop(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    c->news_due = false;
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_WAIT);
    imap_client_say_words(c, "NOOP", effects);
}

static void say_done(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_WAIT);
    imap_client_say_line(self, "DONE", effects);
}

/* ---- Actions: sessions ---- */

static void clear_timers(Effects *effects) {
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_REPLY);
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_WAIT);
}

static void expect_greeting(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_timer_set(effects, IMAP_CLIENT_TIMER_REPLY, effects->now + as_client(self)->config->patience);
}

static void know_capabilities(void *self, const void *argument, Effects *effects) {
    (void)argument, (void)effects;
    ((ImapClient *)self)->knows_capabilities = true;
}

/* RFC 3501 section 2.3.1.1: with another UIDVALIDITY, UIDs that are known name nothing. */
static void open_mailbox(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    ImapMemory *m = c->memory;
    (void)argument;
    if (m->uid_validity != c->uid_validity || c->uid_validity == 0) {
        if (m->uid_validity != 0)
            effect_fact(
                effects, &fact_imap_uidvalidity_changed,
                (int64_t[]){fact_name(c->config->mailbox), m->uid_validity, c->uid_validity, (int64_t)m->count});
        imap_memory_clear(m);
        m->uid_validity = c->uid_validity;
        c->changed = true;
    }
    c->was_selected = true;
    c->flags_due = m->count > 0;
    c->headers_due = true;
    if (!c->reconnecting) return;
    c->reconnecting = false;
    effect_fact(effects, &fact_imap_reconnected, (int64_t[]){fact_name(c->config->mailbox), (int64_t)m->count});
}

static void set_failed(ImapClient *c, ImapOutcome outcome, const char *reason, Effects *effects) {
    if (c->outcome != IMAP_OUTCOME_NONE) return;
    c->outcome = outcome;
    c->reason = reason;
    effect_fact(effects, &fact_imap_failed,
                (int64_t[]){fact_name(reason), fact_name(arena_text(c->kept, text_get(&c->words))), (int64_t)c->octets,
                            (int64_t)c->round_trips});
}

static void close_in_order(ImapClient *c, Effects *effects) {
    effect_close(effects);
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_WAIT);
    effect_timer_set(effects, IMAP_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
}

/* RFC 5530: what may be otherwise the next time. */
static void give_up(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    bool passing = strcmp(c->code, "UNAVAILABLE") == 0 || strcmp(c->code, "INUSE") == 0;
    (void)argument;
    set_failed(c, passing ? IMAP_OUTCOME_LATER : IMAP_OUTCOME_REFUSED, passing ? "imap.not_now" : "imap.no", effects);
    imap_client_say_words(c, "LOGOUT", effects);
}

static void give_up_login(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_REFUSED, "imap.no_login", effects);
    imap_client_say_words(self, "LOGOUT", effects);
}

static void give_up_disk(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_LATER, "imap.disk", effects);
    imap_client_say_words(self, "LOGOUT", effects);
}

static void finish(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    if (c->outcome == IMAP_OUTCOME_NONE) {
        c->outcome = IMAP_OUTCOME_DONE;
        effect_fact(effects, &fact_imap_done, (int64_t[]){(int64_t)c->octets, (int64_t)c->round_trips});
    }
    close_in_order(c, effects);
}

static void break_off_nonsense(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    set_failed(c, IMAP_OUTCOME_LATER, c->trouble ? c->trouble : "imap.nonsense", effects);
    clear_timers(effects);
    effect_abort(effects);
}

static void time_out(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_LATER, "imap.timeout", effects);
    effect_abort(effects);
}

static void stop(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_LATER, "imap.stopped", effects);
    clear_timers(effects);
    effect_abort(effects);
}

static void hear_bye(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_LATER, "imap.bye", effects);
    close_in_order(self, effects);
}

static void lose_and_close(void *self, const void *argument, Effects *effects) {
    (void)argument;
    set_failed(self, IMAP_OUTCOME_LATER, "imap.closed_early", effects);
    close_in_order(self, effects);
}

static void lose(void *self, const void *argument, Effects *effects) {
    set_failed(self, IMAP_OUTCOME_LATER, argument ? argument : "imap.closed_early", effects);
    clear_timers(effects);
}

static void abort_late(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    clear_timers(effects);
    effect_abort(effects);
}

static void end(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    clear_timers(effects);
}

/* ---- Actions: what has been answered ---- */

static void write_memory(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    c->changed = false;
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_REPLY);
    effect_ask(effects, ASK_MAILBOX_WRITE, 0, NULL, 0);
}

/* The server has spoken of itself: nothing waits for the disk. */
static void write_beside(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    c->changed = false;
    effect_ask(effects, ASK_MAILBOX_WRITE, 0, NULL, 0);
}

/* What was known and has not been told of is no longer there. */
static void forget_the_gone(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_client_state_known(self, effects);
}

static void count_headers(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    if (c->headers_read > 0)
        effect_fact(effects, &fact_imap_headers_read,
                    (int64_t[]){fact_name(c->config->mailbox), (int64_t)c->headers_read,
                                (int64_t)(c->octets - c->octets_before)});
}

static void pass_over_flags(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument, (void)effects;
}

static void check_told(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    (void)argument;
    if (!c->told) imap_client_refuse(c, "imap.not_told", effects);
}

static void store_flag(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    ImapRequest *r = imap_client_head(c);
    bool set;
    const char *flag = imap_client_flag_wanted(c, &set);
    Text told = text_new();
    (void)argument;
    text_print(&told, "%s%s", set ? "+" : "-", flag);
    effect_fact(effects, &fact_imap_flag_told, (int64_t[]){r->uid, fact_name(arena_text(c->kept, text_get(&told)))});
    text_free(&told);
    r->marked = true;
    if (r->kind == IMAP_REQUEST_FLAG || r->kind == IMAP_REQUEST_OPEN) imap_client_pop(c);
}

static void file_moved(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    const ImapRequest *r = imap_client_head(c);
    (void)argument;
    effect_fact(effects, &fact_imap_filed, (int64_t[]){r->uid, fact_name(arena_text(c->kept, r->mailbox))});
    imap_client_pop(c);
}

static void note_copied(void *self, const void *argument, Effects *effects) {
    (void)argument, (void)effects;
    imap_client_head(self)->copied = true;
}

static void note_created(void *self, const void *argument, Effects *effects) {
    ImapRequest *r = imap_client_head(self);
    (void)argument, (void)effects;
    r->create = false;
    r->created = true;
}

static void remove_message(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    const ImapRequest *r = imap_client_head(c);
    if (r->kind == IMAP_REQUEST_FILE) {
        file_moved(self, argument, effects);
        return;
    }
    effect_fact(effects, &fact_imap_deleted, (int64_t[]){r->uid});
    imap_client_pop(c);
}

static void note_kept(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    const ImapRequest *r = imap_client_head(c);
    (void)argument;
    effect_fact(effects, &fact_imap_kept,
                (int64_t[]){fact_name(arena_text(c->kept, r->mailbox)), (int64_t)r->content->size});
    imap_client_pop(c);
}

static void refuse(void *self, const void *argument, Effects *effects) {
    (void)argument;
    imap_client_refuse(self, "imap.no", effects);
}

/* RFC 3501 section 6.4.7: TRYCREATE says that it can be made and the command given again. */
static void create_or_refuse(void *self, const void *argument, Effects *effects) {
    ImapClient *c = self;
    ImapRequest *r = imap_client_head(c);
    (void)argument;
    if (strcmp(c->code, "TRYCREATE") == 0 && !r->created) r->create = true;
    else imap_client_refuse(c, "imap.no", effects);
}

static void do_without_idle(void *self, const void *argument, Effects *effects) {
    (void)argument, (void)effects;
    ((ImapClient *)self)->capabilities &= (uint8_t)~IMAP_CAN_IDLE;
}

/* A span of 0 is without end. */
static void wait_for(SimTime span, Effects *effects) {
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_REPLY);
    if (span > 0) effect_timer_set(effects, IMAP_CLIENT_TIMER_WAIT, effects->now + span);
}

static void idle(void *self, const void *argument, Effects *effects) {
    (void)argument;
    wait_for(as_client(self)->config->idle_for, effects);
}

static void wait(void *self, const void *argument, Effects *effects) {
    (void)argument;
    wait_for(as_client(self)->config->poll, effects);
}

static void wake(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, IMAP_CLIENT_TIMER_WAIT);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(IMAP_CLIENT_##from, IMAP_CLIENT_ON_##input, guard, action, IMAP_CLIENT_##to, "RFC " ref)
#define LOST_QUIETLY(state)                                                 \
    ROW(state, STOP, NULL, stop, CLOSED, "3501 3.4"),                       \
        ROW(state, PEER_CLOSED, NULL, lose_and_close, CLOSING, "3501 3.4"), \
        ROW(state, ENDED, NULL, lose, CLOSED, "3501 3.4")
#define LOST_RESTING(state)                                               \
    ROW(state, NONSENSE, NULL, break_off_nonsense, CLOSED, "3501 2.2.2"), \
        ROW(state, BYE, NULL, hear_bye, CLOSING, "3501 7.1.5"), LOST_QUIETLY(state)
#define LOST(state) ROW(state, TIMEOUT, NULL, time_out, CLOSED, "3501 2.2.2"), LOST_RESTING(state)
/* A command that is answered: what was wanted has come, or not. */
#define COMMAND(state, done, refused, ref) \
    ROW(state, OK, NULL, done, SELECTED, ref), ROW(state, NO, NULL, refused, SELECTED, ref), LOST(state)
static const MachineRow rows[] = {
    ROW(CLOSED, CONNECT, NULL, NULL, CONNECTING, "3501 2.1"),
    ROW(CONNECTING, OPEN, NULL, expect_greeting, GREETING, "3501 3"),
    ROW(CONNECTING, STOP, NULL, stop, CLOSED, "3501 2.1"),
    ROW(CONNECTING, ENDED, NULL, lose, CLOSED, "3501 2.1"),
    ROW(GREETING, GREETED, NULL, NULL, NOT_AUTHENTICATED, "3501 7.1"),
    ROW(GREETING, PREAUTH, NULL, NULL, AUTHENTICATED, "3501 7.1.4"),
    LOST(GREETING),

    ROW(NOT_AUTHENTICATED, NEXT, wants_capability, say_capability, CAPABILITY, "3501 6.1.1"),
    ROW(NOT_AUTHENTICATED, NEXT, must_prove, say_authenticate, AUTHENTICATE, "3501 6.2.2"),
    ROW(NOT_AUTHENTICATED, NEXT, cannot_log_in, give_up_login, LOGOUT, "3501 6.2.3"),
    ROW(NOT_AUTHENTICATED, NEXT, NULL, say_login, LOGIN, "3501 6.2.3"),
    ROW(CAPABILITY, OK, NULL, know_capabilities, NOT_AUTHENTICATED, "3501 6.1.1"),
    ROW(CAPABILITY, NO, NULL, know_capabilities, NOT_AUTHENTICATED, "3501 6.1.1"),
    LOST(CAPABILITY),
    ROW(AUTHENTICATE, GO_ON, has_proved, say_cancel, AUTHENTICATE, "3501 6.2.2"),
    ROW(AUTHENTICATE, GO_ON, NULL, say_proof, AUTHENTICATE, "3501 6.2.2"),
    ROW(AUTHENTICATE, OK, NULL, NULL, AUTHENTICATED, "3501 6.2.2"),
    ROW(AUTHENTICATE, NO, NULL, give_up, LOGOUT, "3501 6.2.2"),
    LOST(AUTHENTICATE),
    ROW(LOGIN, OK, NULL, NULL, AUTHENTICATED, "3501 6.2.3"),
    ROW(LOGIN, NO, NULL, give_up, LOGOUT, "3501 6.2.3"),
    LOST(LOGIN),

    ROW(AUTHENTICATED, NEXT, wants_capability, say_capability, CAPABILITY_AGAIN, "3501 6.1.1"),
    ROW(AUTHENTICATED, NEXT, NULL, say_select, SELECT, "3501 6.3.1"),
    ROW(CAPABILITY_AGAIN, OK, NULL, know_capabilities, AUTHENTICATED, "3501 6.1.1"),
    ROW(CAPABILITY_AGAIN, NO, NULL, know_capabilities, AUTHENTICATED, "3501 6.1.1"),
    LOST(CAPABILITY_AGAIN),
    ROW(SELECT, OK, NULL, open_mailbox, SELECTED, "3501 6.3.1"),
    ROW(SELECT, NO, NULL, give_up, LOGOUT, "3501 6.3.1"),
    LOST(SELECT),

    ROW(SELECTED, NEXT, wants_write, write_memory, STORING, "3501 2.3.1.1"),
    ROW(SELECTED, NEXT, wants_logout, say_logout, LOGOUT, "3501 6.1.3"),
    ROW(SELECTED, NEXT, wants_flags, say_flags, FLAGS, "3501 6.4.8"),
    ROW(SELECTED, NEXT, wants_headers, say_headers, HEADERS, "3501 6.4.8"),
    ROW(SELECTED, NEXT, wants_news, say_noop, NOOP, "3501 6.1.2"),
    ROW(SELECTED, NEXT, wants_structure, say_structure, STRUCTURE, "3501 6.4.5"),
    ROW(SELECTED, NEXT, wants_part, say_part, PART, "3501 6.4.5"),
    ROW(SELECTED, NEXT, wants_store, say_store, STORE, "3501 6.4.6"),
    ROW(SELECTED, NEXT, wants_move, say_move, MOVE, "6851 3.1"),
    ROW(SELECTED, NEXT, wants_copy, say_copy, COPY, "3501 6.4.7"),
    ROW(SELECTED, NEXT, wants_create, say_create, CREATE, "3501 6.3.3"),
    ROW(SELECTED, NEXT, wants_expunge, say_expunge, EXPUNGE, "3501 6.4.3"),
    ROW(SELECTED, NEXT, wants_append_at_once, say_append, APPENDING, "7888 3"),
    ROW(SELECTED, NEXT, wants_append, say_append, APPEND, "3501 6.3.11"),
    ROW(SELECTED, NEXT, may_idle, say_idle, IDLE_SAID, "2177 3"),
    ROW(SELECTED, NEXT, NULL, wait, WAITING, "3501 6.1.2"),
    ROW(STORING, WRITTEN, NULL, NULL, SELECTED, "3501 2.3.1.1"),
    ROW(STORING, NOT_WRITTEN, NULL, give_up_disk, LOGOUT, "3501 6.1.3"),
    LOST_QUIETLY(STORING),

    COMMAND(FLAGS, forget_the_gone, pass_over_flags, "3501 7.4.2"),
    COMMAND(HEADERS, count_headers, count_headers, "3501 7.4.2"),
    COMMAND(STRUCTURE, check_told, refuse, "3501 7.4.2"),
    COMMAND(PART, check_told, refuse, "3501 7.4.2"),
    COMMAND(STORE, store_flag, refuse, "3501 6.4.6"),
    COMMAND(MOVE, file_moved, create_or_refuse, "6851 3.1"),
    COMMAND(COPY, note_copied, create_or_refuse, "3501 6.4.7"),
    COMMAND(CREATE, note_created, refuse, "3501 6.3.3"),
    COMMAND(EXPUNGE, remove_message, refuse, "3501 6.4.3"),
    ROW(APPEND, GO_ON, NULL, say_message, APPENDING, "3501 4.3"),
    COMMAND(APPEND, refuse, create_or_refuse, "3501 6.3.11"),
    COMMAND(APPENDING, note_kept, create_or_refuse, "3501 6.3.11"),
    COMMAND(NOOP, NULL, NULL, "3501 6.1.2"),

    ROW(IDLE_SAID, GO_ON, wants_anything, say_done, IDLE_DONE, "2177 3"),
    ROW(IDLE_SAID, GO_ON, NULL, idle, IDLING, "2177 3"),
    COMMAND(IDLE_SAID, do_without_idle, do_without_idle, "2177 3"),
    ROW(IDLING, WISH, NULL, say_done, IDLE_DONE, "2177 3"),
    ROW(IDLING, LEARNED, NULL, write_beside, IDLING, "2177 3"),
    ROW(IDLING, WAITED, NULL, say_done, IDLE_DONE, "2177 3"),
    ROW(IDLING, OK, NULL, wake, SELECTED, "2177 3"),
    ROW(IDLING, NO, NULL, wake, SELECTED, "2177 3"),
    LOST_RESTING(IDLING),
    COMMAND(IDLE_DONE, NULL, NULL, "2177 3"),
    ROW(WAITING, WISH, NULL, wake, SELECTED, "3501 6.1.2"),
    ROW(WAITING, WAITED, NULL, say_noop, NOOP, "3501 6.1.2"),
    LOST_RESTING(WAITING),

    ROW(LOGOUT, OK, NULL, finish, CLOSING, "3501 6.1.3"),
    ROW(LOGOUT, NO, NULL, finish, CLOSING, "3501 6.1.3"),
    ROW(LOGOUT, TIMEOUT, NULL, time_out, CLOSED, "3501 3.4"),
    ROW(LOGOUT, NONSENSE, NULL, break_off_nonsense, CLOSED, "3501 2.2.2"),
    LOST_QUIETLY(LOGOUT),
    ROW(CLOSING, TIMEOUT, NULL, abort_late, CLOSED, "3501 3.4"),
    ROW(CLOSING, STOP, NULL, abort_late, CLOSED, "3501 3.4"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "3501 3.4"),
    ROW(CLOSING, ENDED, NULL, end, CLOSED, "3501 3.4"),
};

const MachineSpec imap_client_spec = {
    .name = "imap.client",
    .ref = "RFC 3501 3",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = IMAP_CLIENT_CLOSED,
    .beyond_figure = 1 << IMAP_CLIENT_CAPABILITY | 1 << IMAP_CLIENT_CAPABILITY_AGAIN | 1 << IMAP_CLIENT_STORING |
                     1 << IMAP_CLIENT_CREATE | 1 << IMAP_CLIENT_APPENDING | 1 << IMAP_CLIENT_WAITING |
                     1 << IMAP_CLIENT_NOOP,
    .beyond_inputs = 1 << IMAP_CLIENT_ON_NONSENSE | 1 << IMAP_CLIENT_ON_BYE | 1 << IMAP_CLIENT_ON_TIMEOUT |
                     1 << IMAP_CLIENT_ON_STOP | 1 << IMAP_CLIENT_ON_PEER_CLOSED | 1 << IMAP_CLIENT_ON_ENDED,
    MACHINE_TIMER_LIST(timer_names),
    .busy_timers = 1 << IMAP_CLIENT_TIMER_REPLY,
};
