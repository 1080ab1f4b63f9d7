/* The outgoing queue as a table. Lay it beside RFC 5321 sections 4.5.4.1 and 5.1. */
#include "proto/smtp/queue.h"

static const char *const state_names[] = {
#define X(name) #name,
    SMTP_QUEUE_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"enter", INPUT_COMMAND},      {"route found", INPUT_ANSWER},
                                      {"no route", INPUT_ANSWER},    {"route unknown for now", INPUT_ANSWER},
                                      {"host failed", INPUT_ANSWER}, {"settled", INPUT_ANSWER},
                                      {"retry", INPUT_TIMER},        {"delay warning", INPUT_TIMER},
                                      {"give up", INPUT_TIMER},      {"run", INPUT_COMMAND},
                                      {"taken along", INPUT_ANSWER}};
static const char *const timer_names[] = {"retry", "warn", "give_up"};

const SmtpQueueConfig smtp_queue_config_default = {.retry = 30 * 60 * SIM_SECOND,
                                                   .retry_most = 4 * 3600 * SIM_SECOND,
                                                   .give_up = 5 * 24 * 3600 * SIM_SECOND,
                                                   .warn = 4 * 3600 * SIM_SECOND};

/* ---- Guards ---- */

static bool has_another_host(const void *self, const void *argument) {
    const SmtpQueueEntry *q = self;
    (void)argument;
    return q->host + 1 < q->host_count;
}

static bool is_left(const void *self, const void *argument) {
    (void)argument;
    return ((const SmtpQueueEntry *)self)->left;
}

/* Its time is over, or one attempt is all it gets. The argument is the time. */
static bool is_too_old(const void *self, const void *argument) {
    const SmtpQueueEntry *q = self;
    return *(const SimTime *)argument >= q->queued_at + q->config->give_up;
}

/* Recipients that are for later; but later is too late. */
static bool is_left_too_long(const void *self, const void *argument) {
    return is_left(self, argument) && is_too_old(self, argument);
}

/* ---- Actions ---- */

static void resolve(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    effect_timer_clear(effects, SMTP_QUEUE_TIMER_RETRY);
    q->attempts++;
    effect_ask(effects, ASK_MAIL_ROUTE, 0, NULL, 0);
}

static void enter(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    if (q->config->give_up > 0) {
        SimTime over = q->queued_at + q->config->give_up, warning = q->queued_at + q->config->warn;
        effect_timer_set(effects, SMTP_QUEUE_TIMER_GIVE_UP, over > effects->now ? over : effects->now);
        if (q->config->warn > 0 && !q->warned && warning < over)
            effect_timer_set(effects, SMTP_QUEUE_TIMER_WARN, warning > effects->now ? warning : effects->now);
    }
    resolve(q, argument, effects);
}

static void connect_first(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    q->host = 0;
    effect_ask(effects, ASK_MAIL_CONNECT, 0, NULL, 0);
}

static void connect_next(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    effect_ask(effects, ASK_MAIL_CONNECT, ++q->host, NULL, 0);
}

/* Twice as long after each attempt. */
static void defer(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    SimTime wait = q->config->retry;
    for (uint32_t i = 1; i < q->attempts && wait < q->config->retry_most; i++) wait *= 2;
    if (wait > q->config->retry_most) wait = q->config->retry_most;
    effect_timer_set(effects, SMTP_QUEUE_TIMER_RETRY, effects->now + wait);
    effect_ask(effects, ASK_MAIL_DEFERRED, effects->now + wait, NULL, 0);
}

static void finish(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    for (uint8_t timer = 0; timer < 3; timer++) effect_timer_clear(effects, timer);
    effect_ask(effects, ASK_MAIL_REMOVE, 0, NULL, 0);
}

#define REPORT(name, kind)                                                 \
    static void name(void *self, const void *argument, Effects *effects) { \
        effect_ask(effects, ASK_MAIL_REPORT, kind, NULL, 0);               \
        finish(self, argument, effects);                                   \
    }
REPORT(report_settled, SMTP_REPORT_FAILED)
REPORT(report_no_route, SMTP_REPORT_NO_ROUTE)
REPORT(report_expired, SMTP_REPORT_EXPIRED)

/* Those that were refused are reported at once, the others go on. */
static void report_and_defer(void *self, const void *argument, Effects *effects) {
    effect_ask(effects, ASK_MAIL_REPORT, SMTP_REPORT_FAILED, NULL, 0);
    defer(self, argument, effects);
}

static void warn(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    q->warned = true;
    effect_ask(effects, ASK_MAIL_REPORT, SMTP_REPORT_DELAYED, NULL, 0);
}

static void note_taken_along(void *self, const void *argument, Effects *effects) {
    SmtpQueueEntry *q = self;
    (void)argument;
    effect_timer_clear(effects, SMTP_QUEUE_TIMER_RETRY);
    q->attempts++;
    q->host = 0;
    q->host_count = 1;
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(SMTP_QUEUE_##from, SMTP_QUEUE_ON_##input, guard, action, SMTP_QUEUE_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(IDLE, ENTER, NULL, enter, RESOLVING, "5321 4.5.4.1"),
    ROW(RESOLVING, ROUTE, NULL, connect_first, SENDING, "5321 5.1"),
    ROW(RESOLVING, NO_ROUTE, NULL, report_no_route, DONE, "5321 5.1"),
    ROW(RESOLVING, ROUTE_LATER, is_too_old, report_expired, DONE, "5321 4.5.4.1"),
    ROW(RESOLVING, ROUTE_LATER, NULL, defer, DEFERRED, "5321 5.1"),
    ROW(SENDING, NO_ROUTE, NULL, report_no_route, DONE, "5321 5.1"),
    ROW(SENDING, HOST_FAILED, has_another_host, connect_next, SENDING, "5321 5.1"),
    ROW(SENDING, HOST_FAILED, is_too_old, report_expired, DONE, "5321 4.5.4.1"),
    ROW(SENDING, HOST_FAILED, NULL, defer, DEFERRED, "5321 4.5.4.1"),
    ROW(SENDING, SETTLED, is_left_too_long, report_expired, DONE, "5321 4.5.4.1"),
    ROW(SENDING, SETTLED, is_left, report_and_defer, DEFERRED, "5321 4.5.4.1"),
    ROW(SENDING, SETTLED, NULL, report_settled, DONE, "5321 6.1"),
    ROW(DEFERRED, RETRY, NULL, resolve, RESOLVING, "5321 4.5.4.1"),
    ROW(DEFERRED, RUN, NULL, resolve, RESOLVING, "1985 1"),
    ROW(DEFERRED, TAKEN_ALONG, NULL, note_taken_along, SENDING, "5321 4.5.4.1"),
    ROW(DEFERRED, GIVE_UP, NULL, report_expired, DONE, "5321 4.5.4.1"),
    ROW(DEFERRED, WARN, NULL, warn, DEFERRED, "3461 4.1"),
    /* While an attempt is under way its end decides. */
    ROW(RESOLVING, GIVE_UP, NULL, NULL, RESOLVING, "5321 4.5.4.1"),
    ROW(SENDING, GIVE_UP, NULL, NULL, SENDING, "5321 4.5.4.1"),
    ROW(RESOLVING, WARN, NULL, warn, RESOLVING, "3461 4.1"),
    ROW(SENDING, WARN, NULL, warn, SENDING, "3461 4.1"),
};

const MachineSpec smtp_queue_spec = {
    .name = "smtp.queue",
    .ref = "RFC 5321 4.5.4.1",
    .subject = "entry",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = SMTP_QUEUE_IDLE,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- Entry points ---- */

void smtp_queue_enter(SmtpQueueEntry *q, const SmtpQueueConfig *config, SimTime queued_at, bool warned,
                      Effects *effects) {
    q->config = config;
    q->queued_at = queued_at;
    q->warned = warned;
    q->attempts = 0;
    machine_step(&q->machine, SMTP_QUEUE_ON_ENTER, NULL, effects);
}

void smtp_queue_route(SmtpQueueEntry *q, uint8_t host_count, Effects *effects) {
    q->host_count = host_count;
    machine_step(&q->machine, SMTP_QUEUE_ON_ROUTE, NULL, effects);
}

void smtp_queue_settled(SmtpQueueEntry *q, bool left, Effects *effects) {
    q->left = left;
    machine_step(&q->machine, SMTP_QUEUE_ON_SETTLED, &effects->now, effects);
}

void smtp_queue_input(SmtpQueueEntry *q, SmtpQueueInput input, Effects *effects) {
    machine_step(&q->machine, input, &effects->now, effects);
}

void smtp_queue_timer(SmtpQueueEntry *q, uint8_t timer, Effects *effects) {
    static const SmtpQueueInput inputs_of[] = {SMTP_QUEUE_ON_RETRY, SMTP_QUEUE_ON_WARN, SMTP_QUEUE_ON_GIVE_UP};
    machine_step(&q->machine, inputs_of[timer], &effects->now, effects);
}
