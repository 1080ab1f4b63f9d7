/* What the sender of a message is told: RFC 3461 (when), 3464 (how). A report travels with a null reverse-path, and about
 * a message that has one nobody is told: so no report is ever answered by another (row M3; RFC 5321 section 6.1). */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"
#include "mail/date.h"
#include "mail/report.h"
#include "mail/xtext.h"

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

static Bytes text_of(const char *text) { return bytes_of(text, strlen(text)); }

typedef struct {
    const char *name; /* of the fact, and its words' key */
    const char *subject, *opening;
    ReportAction action;
    uint8_t notify;
} Kind;

static const Kind failed = {"mail.failed", "Undeliverable mail",
                            "Your message could not be delivered to:", REPORT_FAILED, SMTP_NOTIFY_FAILURE};
static const Kind delayed = {"mail.delayed", "Mail is delayed",
                             "Your message has not yet been delivered, and is being tried again, to:", REPORT_DELAYED,
                             SMTP_NOTIFY_DELAY};
static const Kind delivered = {"mail.delivered", "Mail was delivered",
                               "Your message was delivered to:", REPORT_DELIVERED, SMTP_NOTIFY_SUCCESS};
static const Kind relayed = {"mail.relayed", "Mail was passed on",
                             "Your message was passed on to a server that sends no reports, for:", REPORT_RELAYED,
                             SMTP_NOTIFY_SUCCESS};

/* RFC 3461 section 4.1: without NOTIFY, failures are reported, and delays as the host likes: this one does. */
static bool wants(const SmtpJobRecipient *r, const Kind *kind) {
    uint8_t notify = r->notify ? r->notify : SMTP_NOTIFY_FAILURE | SMTP_NOTIFY_DELAY;
    return (notify & kind->notify) != 0;
}

typedef struct {
    MailService *service;
    Arena *arena;
    const Kind *kind;
    const SmtpMail *mail;
    ReportDraft draft;
    Text text;
} Writing;

/* What an xtext says (RFC 3461 section 4); nothing where it is none. */
static Bytes decoded(Writing *w, const char *xtext) {
    Text text = text_new();
    ParseFault fault;
    if (!xtext_decode(text_of(xtext), &text, &fault)) text_clear(&text);
    return mail_keep_text(w->arena, &text);
}

static Bytes original_of(Writing *w, const char *orcpt) {
    const char *semicolon = orcpt ? strchr(orcpt, ';') : NULL;
    return semicolon ? decoded(w, semicolon + 1) : bytes_of(NULL, 0);
}

static void add_recipient(Writing *w, const SmtpJobRecipient *r, const char *remote, SimTime retry_until) {
    Report *report = &w->draft.report;
    const SmtpOutcome *o = &r->outcome;
    report->recipients = mail_grow(w->arena, report->recipients, &report->recipient_capacity,
                                   report->recipient_count + 1, sizeof *report->recipients);
    ReportRecipient *to = &report->recipients[report->recipient_count++];
    *to = (ReportRecipient){.original_recipient = original_of(w, r->orcpt),
                            .final_recipient = text_of(arena_text(w->arena, r->path.text)),
                            .action = w->kind->action};
    const char *general = w->kind->action == REPORT_FAILED    ? "5.0.0"
                          : w->kind->action == REPORT_DELAYED ? "4.0.0"
                                                              : "2.0.0";
    bool told = o->enhanced[0] && w->kind->action != REPORT_DELIVERED;
    to->status = text_of(told ? arena_text(w->arena, o->enhanced) : general);
    /* A 4yz reply that has lasted too long is a failure: RFC 3463 section 2 lets only the class change. */
    if (w->kind->action == REPORT_FAILED && to->status.at[0] == '4') {
        char *status = arena_text_n(w->arena, (const char *)to->status.at, to->status.size);
        status[0] = '5';
        to->status = text_of(status);
    }
    if (remote && o->code) to->remote_mta = text_of(remote);
    Text line = text_new();
    if (o->code) {
        text_print(&line, "%u %s%s%s", o->code, o->enhanced, o->enhanced[0] ? " " : "", o->text);
        for (size_t i = 0; i < line.size; i++)
            if (line.at[i] == '\n') line.at[i] = ' ';
        to->diagnostic_code = text_of(arena_text(w->arena, text_get(&line)));
    }
    if (retry_until != SIM_NEVER) {
        to->has_will_retry_until = true;
        to->will_retry_until_s = mail_civil_s(retry_until);
    }
    text_print(&w->text, "  <%s>\n", r->path.text);
    if (o->text && o->text[0] && w->kind != &delivered)
        text_print(&w->text, "    %s%s\n", o->code ? "the server said: " : "", o->code ? text_get(&line) : o->text);
    text_free(&line);
}

static void begin(Writing *w, MailService *service, const Kind *kind, const SmtpMail *mail, SimTime arrived_at) {
    *w = (Writing){.service = service, .arena = arena_new(), .kind = kind, .mail = mail};
    w->draft.report.reporting_mta = text_of(service->config.server.name);
    w->draft.report.has_arrival_date = true;
    w->draft.report.arrival_at_s = mail_civil_s(arrived_at);
    if (mail->envid[0]) w->draft.report.original_envelope_id = decoded(w, mail->envid);
    text_print(&w->text, "%s\n\n", kind->opening);
}

static void state_report(const Writing *w, const FactSpec *spec, uint32_t cause) {
    const Report *report = &w->draft.report;
    Arena *arena = sim_arena(sim_of(w->service));
    for (size_t i = 0; i < report->recipient_count; i++) {
        const ReportRecipient *r = &report->recipients[i];
        int64_t kind = fact_name(w->kind->name);
        int64_t recipient = fact_name(
            arena_text_n(arena, (const char *)r->final_recipient.at, r->final_recipient.size));
        const char *said = arena_text_n(arena, (const char *)r->diagnostic_code.at, r->diagnostic_code.size);
        if (spec == &fact_mail_report_dropped)
            sim_record_fact(sim_of(w->service), w->service->host->id, TRACE_NONE, 0, spec, (int64_t[]){kind, recipient},
                            cause);
        else
            sim_record_fact(
                sim_of(w->service), w->service->host->id, TRACE_NONE, 0, spec,
                (int64_t[]){kind, fact_name(arena_text(arena, w->mail->path.text)), recipient, fact_name(said)}, cause);
    }
}

static void finish(Writing *w, Bytes message, MailTelling *telling, uint32_t cause) {
    MailService *service = w->service;
    if (w->draft.report.recipient_count > 0 && w->mail->path.size == 0) {
        state_report(w, &fact_mail_report_dropped, cause);
        mail_submit_telling(service, telling, cause);
    } else if (w->draft.report.recipient_count > 0) {
        Text from = text_new();
        text_print(&from, "Mail Delivery System <postmaster@%s>",
                   service->config.server.domain_count > 0 ? service->config.server.domains[0]
                                                           : service->config.server.name);
        w->draft.from = text_of(text_get(&from));
        w->draft.to = text_of(w->mail->path.text);
        w->draft.subject = text_of(w->kind->subject);
        w->draft.text = bytes_of(w->text.at, w->text.size);
        w->draft.message = message;
        w->draft.returns = w->mail->ret == SMTP_RET_FULL && w->kind->action == REPORT_FAILED ? REPORT_RETURNS_ALL
                                                                                             : REPORT_RETURNS_HEADER;
        w->draft.at_s = mail_civil_s(sim_now(sim_of(service)));
        Bytes report = report_write(w->arena, &w->draft, &service->random);
        state_report(w, &fact_mail_reported, cause);
        mail_submit_report(service, &w->mail->path, mail_content_new(report.at, report.size), telling, cause);
        text_free(&from);
    } else {
        mail_submit_telling(service, telling, cause);
    }
    text_free(&w->text);
    arena_free(w->arena);
}

/* A user agent tells its user, who sits before it. */
static void tell_user(const MailEntry *e, const SmtpJobRecipient *r, uint32_t cause) {
    Sim *sim = sim_of(e->service);
    sim_record_fact(sim, e->service->host->id, e->service->queue_machine, e->mail->number, &fact_mail_not_sent,
                    (int64_t[]){fact_name(arena_text(sim_arena(sim), r->path.text)), r->outcome.code,
                                fact_name(arena_text(sim_arena(sim), r->outcome.text ? r->outcome.text : ""))},
                    cause);
}

static bool is_settled(const SmtpJobRecipient *r) {
    return r->outcome.kind == SMTP_OUTCOME_SENT || r->outcome.kind == SMTP_OUTCOME_REFUSED;
}

/* What the recipient's end is to be by now. */
static SmtpOutcome outcome_by_now(const MailEntry *e, const SmtpJobRecipient *r, SmtpReportKind kind) {
    SmtpOutcome outcome = r->outcome;
    if (is_settled(r) || kind == SMTP_REPORT_FAILED) return outcome;
    if (outcome.code == 0) outcome = e->trouble;
    if (kind == SMTP_REPORT_DELAYED) {
        outcome.kind = SMTP_OUTCOME_LATER;
        if (!outcome.text) outcome.text = "";
    } else {
        outcome.kind = SMTP_OUTCOME_REFUSED;
        if (!outcome.text) outcome.text = "No attempt has succeeded in time";
    }
    return outcome;
}

void mail_report_entry(MailEntry *e, SmtpReportKind kind, uint32_t cause) {
    QueuedMail *mail = e->mail;
    bool delay = kind == SMTP_REPORT_DELAYED;
    const Kind *what = delay ? &delayed : &failed;
    SimTime until = delay ? mail->queued_at + e->service->config.queue.give_up : SIM_NEVER;
    MailTelling *telling = mail_telling_new(mail);
    telling->warned = delay;
    Writing w;
    begin(&w, e->service, what, &mail->mail, mail->queued_at);
    for (size_t i = 0; i < mail->recipient_count; i++) {
        SmtpJobRecipient *r = &mail->recipients[i], by_now = *r;
        by_now.outcome = outcome_by_now(e, r, kind);
        bool due = delay ? !is_settled(r) : by_now.outcome.kind == SMTP_OUTCOME_REFUSED;
        if (!due || r->reported || r->being_reported) continue;
        if (!delay) {
            telling->outcomes[i] = by_now.outcome;
            telling->told[i] = r->being_reported = true;
        }
        const char *host = e->queue.host < e->host_count ? e->hosts[e->queue.host] : NULL;
        /* A report that cannot be delivered is not reported, but that it is lost is to be seen. */
        bool lost = !delay && mail->mail.path.size == 0;
        if (e->service->config.receives && (lost || wants(&by_now, what))) add_recipient(&w, &by_now, host, until);
        else if (!e->service->config.receives && !delay) tell_user(e, &by_now, cause);
    }
    finish(&w, bytes_of(mail->content->octets, mail->content->size), telling, cause);
}

void mail_report_passed_on(MailEntry *e, const SmtpJobRecipient *recipients, size_t count, const char *host,
                           uint32_t cause) {
    Writing w;
    begin(&w, e->service, &relayed, &e->mail->mail, e->mail->queued_at);
    for (size_t i = 0; i < count && e->service->config.receives; i++)
        if (recipients[i].outcome.kind == SMTP_OUTCOME_SENT && (recipients[i].notify & SMTP_NOTIFY_SUCCESS))
            add_recipient(&w, &recipients[i], host, SIM_NEVER);
    finish(&w, bytes_of(e->mail->content->octets, e->mail->content->size), NULL, cause);
}

void mail_report_delivered(MailService *service, const SmtpMail *mail, const SmtpJobRecipient *recipients, size_t count,
                           Bytes content, SimTime arrived_at, uint32_t cause) {
    Writing w;
    begin(&w, service, &delivered, mail, arrived_at);
    for (size_t i = 0; i < count; i++) add_recipient(&w, &recipients[i], NULL, SIM_NEVER);
    finish(&w, content, NULL, cause);
}
