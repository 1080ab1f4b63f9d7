/* The outgoing queue at work: connections, and what came of them (RFC 5321 section 4.5.4.1). */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

static const char *keep(MailService *service, const char *text) { return mail_keep_words(service, text); }

static void state(const MailEntry *e, const FactSpec *fact, const int64_t *values, uint32_t cause) {
    const MailService *service = e->service;
    sim_record_fact(sim_of(service), service->host->id, service->queue_machine, e->mail->number, fact, values, cause);
}

static bool is_left(const SmtpJobRecipient *r) {
    return r->outcome.kind != SMTP_OUTCOME_SENT && r->outcome.kind != SMTP_OUTCOME_REFUSED;
}

static bool anyone_left(const QueuedMail *mail) {
    for (size_t i = 0; i < mail->recipient_count; i++)
        if (is_left(&mail->recipients[i])) return true;
    return false;
}

void mail_queue_input(MailEntry *e, SmtpQueueInput what, uint32_t cause) {
    Effects *effects = sim_effects(sim_of(e->service));
    smtp_queue_input(&e->queue, what, effects);
    sim_apply(sim_of(e->service), effects, cause);
}

/* ---- Connections ---- */

static void job_free(MailEntry *e) {
    free(e->job.recipients);
    free(e->job_places);
    e->job = (SmtpJob){0};
    e->job_places = NULL;
}

/* What came of a message, on its way to the disk. */
typedef struct {
    MailEntry *entry;
    uint32_t life;
    SmtpOutcome *outcomes; /* by place in the message */
    bool *touched;
} Settlement;

static void settlement_drop(void *what) {
    Settlement *s = what;
    free(s->outcomes);
    free(s->touched);
    free(s);
}

static void settled(MailService *service, void *what, bool held, uint32_t cause) {
    Settlement *s = what;
    MailEntry *e = s->entry;
    (void)held;
    if (e->life == s->life && e->mail) {
        for (size_t i = 0; i < e->mail->recipient_count; i++)
            if (s->touched[i]) e->mail->recipients[i].outcome = s->outcomes[i];
        Effects *effects = sim_effects(sim_of(service));
        smtp_queue_settled(&e->queue, anyone_left(e->mail), effects);
        sim_apply(sim_of(service), effects, cause);
    }
    settlement_drop(s);
}

static void state_outcomes(MailEntry *e, const MailLink *link, uint32_t cause) {
    for (size_t i = 0; i < e->job.recipient_count; i++) {
        const SmtpJobRecipient *r = &e->job.recipients[i];
        int64_t recipient = fact_name(keep(e->service, r->path.text));
        if (r->outcome.kind == SMTP_OUTCOME_SENT)
            state(e, &fact_mail_sent, (int64_t[]){e->mail->number, recipient, fact_name(link->host), r->outcome.code},
                  cause);
        if (r->outcome.kind == SMTP_OUTCOME_REFUSED)
            state(
                e, &fact_mail_refused,
                (int64_t[]){e->mail->number, recipient, r->outcome.code, fact_name(keep(e->service, r->outcome.text))},
                cause);
    }
}

static void job_done(MailLink *link, uint32_t cause) {
    MailEntry *e = link->sending;
    MailService *service = link->service;
    link->sending = NULL;
    e->link = NULL;
    state_outcomes(e, link, cause);
    Settlement *s = memory_new(sizeof *s);
    *s = (Settlement){e, e->life, memory_new(e->mail->recipient_count * sizeof *s->outcomes),
                      memory_new(e->mail->recipient_count)};
    for (size_t i = 0; i < e->job.recipient_count; i++) {
        SmtpOutcome outcome = e->job.recipients[i].outcome;
        outcome.text = keep(service, outcome.text);
        if (outcome.kind == SMTP_OUTCOME_LATER) e->trouble = outcome;
        s->outcomes[e->job_places[i]] = outcome;
        s->touched[e->job_places[i]] = true;
    }
    if (!(link->client.extensions & SMTP_EXTENSION_DSN))
        mail_report_passed_on(e, e->job.recipients, e->job.recipient_count, link->host, cause);
    job_free(e);
    mail_disk_write_surely(service, 0, settled, settlement_drop, s, cause);
}

static void job_make(MailEntry *e) {
    const QueuedMail *mail = e->mail;
    e->job = (SmtpJob){.mail = mail->mail, .content = bytes_of(mail->content->octets, mail->content->size)};
    e->job.recipients = memory_new(mail->recipient_count * sizeof *e->job.recipients);
    e->job_places = memory_new(mail->recipient_count * sizeof *e->job_places);
    for (size_t i = 0; i < mail->recipient_count; i++) {
        if (!is_left(&mail->recipients[i])) continue;
        e->job_places[e->job.recipient_count] = i;
        SmtpJobRecipient *r = &e->job.recipients[e->job.recipient_count++];
        *r = mail->recipients[i];
        r->outcome = (SmtpOutcome){0};
    }
}

/* The next message for the connection: one that waits for it, or one of the same domain that waits for its time. */
static MailEntry *next_for(MailLink *link, uint32_t cause) {
    MailService *service = link->service;
    for (size_t i = 0; i < service->entry_count; i++)
        if (service->entries[i]->mail && service->entries[i]->link == link) return service->entries[i];
    for (size_t i = 0; i < service->entry_count; i++) {
        MailEntry *e = service->entries[i];
        if (!e->mail || strcmp(e->mail->domain, link->domain) != 0) continue;
        if (e->queue.machine.state != SMTP_QUEUE_DEFERRED) continue;
        /* One that this very server has put off would be put off again. */
        if (e->trouble.code != 0) continue;
        mail_queue_input(e, SMTP_QUEUE_ON_TAKEN_ALONG, cause);
        e->link = link;
        return e;
    }
    return NULL;
}

static void give_next(void *self, uint64_t life, uint32_t other, uint32_t cause) {
    MailLink *link = self;
    (void)other;
    if (link->life != life || !link->stream.in_use || link->client.machine.state != SMTP_CLIENT_READY) return;
    MailEntry *e = next_for(link, cause);
    if (e) {
        job_make(e);
        link->sending = e;
    }
    link->quitting = !e;
    Effects *effects = host_stream_begin(&link->stream);
    smtp_client_job(&link->client, e ? &e->job : NULL, effects);
    host_stream_end(&link->stream, effects, cause);
}

/* The connection came to nothing: those who waited for it look elsewhere. The first of them may use the connection's
 * place again, so all are taken off it before any is told. */
static void release_waiting(MailLink *link, uint32_t cause) {
    MailService *service = link->service;
    SmtpOutcome last = link->client.last;
    last.text = keep(service, last.text);
    size_t count = service->entry_count;
    for (size_t i = 0; i < count; i++) {
        MailEntry *e = service->entries[i];
        if (!e->mail || e->link != link) continue;
        e->link = NULL;
        e->released = true;
        e->trouble = last;
    }
    if (!link->stream.in_use) smtp_client_end(&link->client);
    for (size_t i = 0; i < count; i++) {
        MailEntry *e = service->entries[i];
        if (!e->released) continue;
        e->released = false;
        if (mail_route_next_address(e, cause)) continue;
        mail_queue_input(e, SMTP_QUEUE_ON_HOST_FAILED, cause);
    }
}

static void link_ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    MailLink *link = owner;
    (void)stream, (void)octets;
    switch (effect->ask.ask) {
        case ASK_MAIL_NEXT: /* as an event of its own: a queue full of what the server can't take is no recursion */
            sim_schedule(sim_of(link->service), sim_now(sim_of(link->service)), give_next, link, link->life, 0, cause);
            break;
        case ASK_MAIL_DONE: job_done(link, cause); break;
        case ASK_MAIL_HOST_FAILED:
            link->quitting = true;
            release_waiting(link, cause);
            break;
        default: CHECK_UNREACHABLE();
    }
}

static void link_over(void *owner, HostStream *stream, uint32_t cause) {
    MailLink *link = owner;
    (void)stream;
    link->quitting = true;
    release_waiting(link, cause);
}

static const StreamOwner link_calls = {link_ask, link_over};

static MailLink *link_idle(MailService *service) {
    for (size_t i = 0; i < service->link_count; i++)
        if (!service->links[i]->stream.in_use) return service->links[i];
    MailLink *link = arena_alloc(sim_arena(sim_of(service)), sizeof *link);
    *link = (MailLink){.service = service};
    smtp_client_init(&link->client);
    host_stream_init(&link->stream, service->host, &smtp_client_stream, &link->client, &link->client.machine,
                     &link_calls, link);
    machine_init(&link->client.machine, &smtp_client_spec, &link->client, &link->stream.carrier,
                 service->client_machine, 0);
    service->links = array_grow(service->links, &service->link_capacity, service->link_count + 1,
                                sizeof *service->links);
    service->links[service->link_count++] = link;
    return link;
}

void mail_queue_connect(MailEntry *e, Ipv4Address address, uint32_t cause) {
    MailService *service = e->service;
    const char *host = e->hosts[e->queue.host];
    for (size_t i = 0; i < service->link_count; i++) {
        MailLink *link = service->links[i];
        if (!link->stream.in_use || link->quitting || link->address != address ||
            strcmp(link->domain, e->mail->domain) != 0)
            continue;
        e->link = link;
        return;
    }
    MailLink *link = link_idle(service);
    link->domain = e->mail->domain;
    link->host = host;
    link->address = address;
    link->sending = NULL;
    link->quitting = false;
    link->life++;
    e->link = link;
    smtp_client_begin(&link->client, &service->config.client);
    TcpOpen open = {.destination = address,
                    .destination_port = service->config.relay_port,
                    .proto = TRACE_PROTO_SMTP,
                    .settings = service->config.tcp};
    host_stream_connect(&link->stream, &open, cause);
}

/* ---- Entries ---- */

static bool is_unreported(const SmtpJobRecipient *r) { return r->outcome.kind == SMTP_OUTCOME_REFUSED && !r->reported; }

static bool anyone_unreported(const QueuedMail *mail) {
    for (size_t i = 0; i < mail->recipient_count; i++)
        if (is_unreported(&mail->recipients[i])) return true;
    return false;
}

static void removal_drop(void *what) { (void)what; }

/* An entry leaves the disk after what tells its end. */
static void removed(MailService *service, void *what, bool held, uint32_t cause) {
    MailEntry *e = what;
    (void)held;
    if (anyone_unreported(e->mail)) { /* the disk had no room for the report */
        mail_disk_write_surely(service, MAIL_DISK_RETRY_S * SIM_SECOND, removed, removal_drop, e, cause);
        return;
    }
    state(e, &fact_mail_dequeued, (int64_t[]){e->mail->number, fact_name(e->mail->domain)}, cause);
    uint32_t number = e->mail->number;
    sim_machine_silence(&e->queue.machine);
    e->mail = NULL;
    e->life++;
    mail_store_remove(&service->store, number);
}

/* What the machine wants looked up is begun by an event of its own: the answer may be known at once, and lead to the next
 * question and to a connection, each of them a step within the last. */
static void look_up(void *self, uint64_t life, uint32_t ask, uint32_t cause) {
    MailEntry *e = self;
    if (e->life != life || !e->mail) return;
    if (ask == ASK_MAIL_ROUTE) mail_route_find(e, cause);
    else mail_route_connect(e, cause);
}

static void entry_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    MailEntry *e = self;
    (void)machine, (void)octets;
    switch (effect->ask.ask) {
        case ASK_MAIL_ROUTE:
        case ASK_MAIL_CONNECT:
            sim_schedule(sim_of(e->service), sim_now(sim_of(e->service)), look_up, e, e->life, effect->ask.ask, cause);
            break;
        case ASK_MAIL_DEFERRED:
            state(e, &fact_mail_deferred,
                  (int64_t[]){e->mail->number, fact_name(e->mail->domain), effect->ask.number,
                              fact_name(e->trouble.text ? e->trouble.text : "")},
                  cause);
            break;
        case ASK_MAIL_REPORT: mail_report_entry(e, (SmtpReportKind)effect->ask.number, cause); break;
        case ASK_MAIL_REMOVE: mail_disk_write_surely(e->service, 0, removed, removal_drop, e, cause); break;
        default: CHECK_UNREACHABLE();
    }
}

static void entry_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    MailEntry *e = self;
    (void)machine;
    Effects *effects = sim_effects(sim_of(e->service));
    smtp_queue_timer(&e->queue, timer, effects);
    sim_apply(sim_of(e->service), effects, cause);
}

static void entry_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    (void)self, (void)to, (void)payload, (void)machine, (void)cause;
    CHECK_UNREACHABLE();
}

static MailEntry *entry_idle(MailService *service) {
    for (size_t i = 0; i < service->entry_count; i++)
        if (!service->entries[i]->mail) return service->entries[i];
    Sim *sim = sim_of(service);
    MailEntry *e = arena_alloc(sim_arena(sim), sizeof *e);
    *e = (MailEntry){.service = service};
    e->carrier = (EffectCarrier){e, service->host->id, entry_send, entry_ask, entry_timer, sim, NULL};
    machine_init(&e->queue.machine, &smtp_queue_spec, &e->queue, &e->carrier, service->queue_machine, 0);
    service->entries = array_grow(service->entries, &service->entry_capacity, service->entry_count + 1,
                                  sizeof *service->entries);
    service->entries[service->entry_count++] = e;
    return e;
}

void mail_queue_enter(MailService *service, QueuedMail *mail, uint32_t cause) {
    MailEntry *e = entry_idle(service);
    e->mail = mail;
    e->link = NULL;
    e->trouble = (SmtpOutcome){0};
    e->host_count = 0;
    e->turn = 0;
    machine_reuse(&e->queue.machine, mail->number);
    for (size_t i = 0; i < mail->recipient_count; i++) mail->recipients[i].being_reported = false;
    if (anyone_unreported(mail)) mail_report_entry(e, SMTP_REPORT_FAILED, cause);
    if (!anyone_left(mail)) {
        mail_disk_write_surely(service, 0, removed, removal_drop, e, cause);
        return;
    }
    Effects *effects = sim_effects(sim_of(service));
    smtp_queue_enter(&e->queue, &service->config.queue, mail->queued_at, mail->warned, effects);
    sim_apply(sim_of(service), effects, cause);
}

/* What was settled before the crash and not yet told is told now. */
void mail_queue_restore(MailService *service, uint32_t cause) {
    for (QueuedMail *mail = service->store.queue, *next; mail; mail = next) {
        next = mail->next;
        mail_queue_enter(service, mail, cause);
    }
}

void mail_service_run_queue(MailService *service, uint32_t cause) {
    for (size_t i = 0; i < service->entry_count; i++)
        if (service->entries[i]->mail && service->entries[i]->queue.machine.state == SMTP_QUEUE_DEFERRED)
            mail_queue_input(service->entries[i], SMTP_QUEUE_ON_RUN, cause);
}

void mail_queue_shut_down(MailService *service, uint32_t cause) {
    for (size_t i = 0; i < service->link_count; i++) {
        MailLink *link = service->links[i];
        if (!link->stream.in_use) continue;
        link->quitting = true;
        Effects *effects = host_stream_begin(&link->stream);
        smtp_client_stop(&link->client, effects);
        host_stream_end(&link->stream, effects, cause);
    }
}

void mail_queue_stop(MailService *service) {
    for (size_t i = 0; i < service->link_count; i++) {
        MailLink *link = service->links[i];
        if (!link->stream.in_use) continue;
        host_stream_drop(&link->stream);
        smtp_client_end(&link->client);
        link->sending = NULL;
    }
    for (size_t i = 0; i < service->entry_count; i++) {
        MailEntry *e = service->entries[i];
        sim_machine_silence(&e->queue.machine);
        e->queue.machine.state = smtp_queue_spec.initial;
        job_free(e);
        e->mail = NULL; /* the disk has it still */
        e->link = NULL;
        e->turn = 0;
        e->life++;
    }
    service->look_ups = 0;
}

void mail_queue_release(MailService *service) {
    for (size_t i = 0; i < service->link_count; i++) {
        smtp_client_release(&service->links[i]->client);
        host_stream_release(&service->links[i]->stream);
    }
    for (size_t i = 0; i < service->entry_count; i++) job_free(service->entries[i]);
    free(service->links);
    free(service->entries);
}
