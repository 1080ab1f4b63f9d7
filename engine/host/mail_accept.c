/* What becomes of a message that was taken over: RFC 5321 section 6.1. It gets its Received line, lists and forwards
 * are followed, and all of it is written to disk at once: into mailboxes, and into the queue, an entry for each domain.
 * Only then is anybody told. */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"
#include "mail/date.h"

enum { LIST_DEPTH = 8 };

typedef struct {
    SmtpJobRecipient recipient;
    int64_t mailbox; /* its number here; -1: elsewhere */
    bool online;
} Destination;

typedef struct {
    MailService *service;
    MailSession *session; /* that waits for it; NULL: none */
    uint32_t life;
    SmtpMail mail;
    SmtpDelivery delivery;
    Destination *destinations;
    size_t count, capacity;
    MailContent *content; /* as it goes on */
    uint32_t reports_on;  /* entry of the queue whose refused recipients it reports; 0: none */
} Acceptance;

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

static const char *keep(const MailService *service, const char *text) {
    return arena_text(sim_arena(sim_of(service)), text ? text : "");
}

static void drop(void *what) {
    Acceptance *a = what;
    mail_content_drop(a->content);
    free(a->destinations);
    free(a);
}

/* ---- To whom ---- */

static void add(Acceptance *a, const SmtpPath *path, uint8_t notify, const char *orcpt, const SmtpName *name) {
    for (size_t i = 0; i < a->count; i++)
        if (smtp_path_equal(&a->destinations[i].recipient.path, path)) return;
    a->destinations = array_grow(a->destinations, &a->capacity, a->count + 1, sizeof *a->destinations);
    a->destinations[a->count++] = (Destination){{.path = *path, .notify = notify, .orcpt = keep(a->service, orcpt)},
                                                name && name->kind == SMTP_NAME_MAILBOX ? (int64_t)name->mailbox : -1,
                                                name && name->online};
}

static void add_followed(Acceptance *a, const SmtpPath *path, uint8_t notify, const char *orcpt, const SmtpName *name,
                         int depth) {
    bool follow = name && (name->kind == SMTP_NAME_LIST || name->kind == SMTP_NAME_MOVED) && depth < LIST_DEPTH;
    if (!follow) {
        add(a, path, notify, orcpt, name);
        return;
    }
    for (size_t i = 0; i < name->other_count; i++) {
        const SmtpPath *other = &name->others[i];
        const SmtpName *next = smtp_domain_is_local(&a->service->config.server, smtp_domain(other))
                                   ? smtp_name_find(&a->service->config.server, other)
                                   : NULL;
        add_followed(a, other, notify, orcpt, next, depth + 1);
    }
}

/* ---- Lines in front ---- */

static void put_received(Text *text, const MailSession *session) {
    const SmtpServer *s = &session->server;
    text_print(text, "Received: from %s ([", s->helo);
    ipv4_print(text, s->client);
    text_print(text, "])\r\n\tby %s with %s%s id %u", s->config->name, s->extended ? "ESMTP" : "SMTP",
               s->user ? "A" : "", s->transaction.number);
    if (s->transaction.recipient_count == 1) text_print(text, "\r\n\tfor <%s>", s->transaction.recipients[0].path.text);
    text_put(text, ";\r\n\t");
    date_put(text, MAIL_CIVIL_START_S + sim_now(sim_of(session->service)) / SIM_SECOND, 0);
    text_put(text, "\r\n");
}

static MailContent *with_front(const char *front, size_t front_size, const uint8_t *octets, size_t size) {
    MailContent *content = mail_content_new(NULL, front_size + size);
    memcpy(content->octets, front, front_size);
    if (size > 0) memcpy(content->octets + front_size, octets, size);
    return content;
}

/* ---- Onto the disk ---- */

static void deliver(Acceptance *a, uint32_t cause) {
    MailService *service = a->service;
    MailContent *content = NULL;
    SmtpJobRecipient *told = memory_new((a->count + 1) * sizeof *told);
    size_t told_count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const Destination *d = &a->destinations[i];
        if (d->mailbox < 0) continue;
        if (!content) { /* RFC 5321 section 4.4: the last server notes the reverse-path */
            Text front = text_new();
            text_print(&front, "Return-Path: <%s>\r\n", a->mail.path.text);
            content = with_front(front.at, front.size, a->content->octets, a->content->size);
            text_free(&front);
        }
        Mailbox *box = &service->store.mailboxes[d->mailbox];
        int64_t from = fact_name(keep(service, a->mail.path.text));
        bool shown = a->delivery != SMTP_DELIVER_MAIL && d->online;
        if (shown)
            sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mail_shown,
                            (int64_t[]){fact_name(box->name), from}, cause);
        if (shown && a->delivery != SMTP_DELIVER_SAML) continue;
        const StoredMail *mail = mail_store_deliver(&service->store, (uint32_t)d->mailbox, content,
                                                    sim_now(sim_of(service)));
        sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mail_delivered,
                        (int64_t[]){fact_name(box->name), mail->uid, from, (int64_t)content->size}, cause);
        if (d->recipient.notify & SMTP_NOTIFY_SUCCESS) told[told_count++] = d->recipient;
    }
    if (told_count > 0)
        mail_report_delivered(service, &a->mail, told, told_count, bytes_of(a->content->octets, a->content->size),
                              sim_now(sim_of(service)), cause);
    mail_content_drop(content);
    free(told);
}

static bool same_queue(const MailService *service, const SmtpPath *a, const SmtpPath *b) {
    if (service->config.relay_to) return true;
    char domain[SMTP_DOMAIN_MOST + 1];
    Bytes other = smtp_domain(b);
    memcpy(domain, other.at, other.size);
    domain[other.size] = 0;
    return smtp_text_equal(smtp_domain(a), domain);
}

/* Recipients of one domain go together (section 4.5.4.1). */
static void enqueue(Acceptance *a, uint32_t cause) {
    MailService *service = a->service;
    for (size_t i = 0; i < a->count; i++) {
        Destination *first = &a->destinations[i];
        if (first->mailbox != -1) continue;
        QueuedMail *mail = memory_new(sizeof *mail);
        mail->recipients = memory_new(a->count * sizeof *mail->recipients);
        SmtpPath path = first->recipient.path;
        for (size_t k = i; k < a->count; k++) {
            Destination *d = &a->destinations[k];
            if (d->mailbox != -1 || !same_queue(service, &d->recipient.path, &path)) continue;
            mail->recipients[mail->recipient_count++] = d->recipient;
            d->mailbox = -2; /* done with */
        }
        Bytes domain = smtp_domain(&path);
        mail->domain = service->config.relay_to
                           ? service->config.relay_to
                           : arena_text_n(sim_arena(sim_of(service)), (const char *)domain.at, domain.size);
        mail->number = ++service->store.next_entry;
        mail->mail = a->mail;
        mail->content = mail_content_hold(a->content);
        mail->queued_at = sim_now(sim_of(service));
        mail_store_queue(&service->store, mail);
        uint32_t queued = sim_record_fact(
            sim_of(service), service->host->id, service->queue_machine, mail->number, &fact_mail_queued,
            (int64_t[]){mail->number, fact_name(mail->domain), fact_name(keep(service, a->mail.path.text)),
                        (int64_t)mail->recipient_count, (int64_t)mail->content->size},
            cause);
        mail_queue_enter(service, mail, queued);
    }
}

static void written(MailService *service, void *what, bool held, uint32_t cause) {
    Acceptance *a = what;
    MailSession *session = a->session;
    bool full = service->store.octets + a->content->size > service->store.size;
    if (held && !full) {
        QueuedMail *reported = a->reports_on ? mail_store_find(&service->store, a->reports_on) : NULL;
        for (size_t i = 0; reported && i < reported->recipient_count; i++)
            reported->recipients[i].reported |= reported->recipients[i].outcome.kind == SMTP_OUTCOME_REFUSED;
        deliver(a, cause);
        enqueue(a, cause);
    }
    if (session && session->life == a->life && session->stream.in_use) {
        Effects *effects = host_stream_begin(&session->stream);
        smtp_server_stored(&session->server, held && !full, full, effects);
        host_stream_end(&session->stream, effects, cause);
    }
    drop(a);
}

static Acceptance *acceptance_new(MailService *service, const SmtpMail *mail) {
    Acceptance *a = memory_new(sizeof *a);
    a->service = service;
    a->mail = *mail;
    return a;
}

void mail_accept(MailSession *session, uint32_t cause) {
    MailService *service = session->service;
    const SmtpTransaction *t = &session->server.transaction;
    Acceptance *a = acceptance_new(service, &t->mail);
    a->session = session;
    a->life = session->life;
    a->delivery = t->delivery;
    for (size_t i = 0; i < t->recipient_count; i++)
        add_followed(a, &t->recipients[i].path, t->recipients[i].notify, t->recipients[i].orcpt, t->recipients[i].name,
                     0);
    Text front = text_new();
    put_received(&front, session);
    a->content = with_front(front.at, front.size, t->content.octets, t->content.size);
    text_free(&front);
    mail_disk_write(service, written, drop, a, cause);
}

void mail_submit(MailService *service, const SmtpMail *mail, const SmtpJobRecipient *recipients, size_t count,
                 MailContent *content, uint32_t reports_on, uint32_t cause) {
    Acceptance *a = acceptance_new(service, mail);
    a->reports_on = reports_on;
    for (size_t i = 0; i < count; i++) {
        const SmtpPath *path = &recipients[i].path;
        const SmtpName *name = service->config.receives &&
                                       smtp_domain_is_local(&service->config.server, smtp_domain(path))
                                   ? smtp_name_find(&service->config.server, path)
                                   : NULL;
        add_followed(a, path, recipients[i].notify, recipients[i].orcpt, name, 0);
    }
    a->content = content;
    mail_disk_write(service, written, drop, a, cause);
}
