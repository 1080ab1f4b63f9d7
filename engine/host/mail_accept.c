/* What becomes of a message that was taken over: RFC 5321 section 6.1. It gets its Received line, lists and forwards
 * are followed, and all of it is written to disk at once: into mailboxes, and into the queue, an entry for each domain.
 * Only then is anybody told. */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"
#include "mail/date.h"

/* A recipient whose outcome is REFUSED at once cannot get it, and is reported like one that another host has refused. */
typedef struct {
    SmtpJobRecipient recipient;
    const SmtpName *name; /* whose mailbox it is here; NULL: it goes into the queue */
    bool queued;
} Destination;

typedef struct {
    MailService *service;
    MailSession *session; /* that waits for it; NULL: none */
    uint32_t life;
    SmtpMail mail;
    SmtpDelivery delivery;
    Destination *destinations;
    size_t count, capacity;
    const SmtpName **followed; /* lists and those who moved: each once, however they refer to each other */
    size_t followed_count, followed_capacity;
    MailContent *content; /* as it goes on; NULL: nothing does, it is a telling alone */
    uint64_t counted;     /* its octets as quotas count them: without the lines put in front */
    bool surely;          /* the disk is tried until it takes it: a report */
    MailTelling *telling; /* that is written with it; NULL: none */
} Acceptance;

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

static const char *keep(MailService *service, const char *text) { return mail_keep_words(service, text); }

static void drop(void *what) {
    Acceptance *a = what;
    mail_content_drop(a->content);
    mail_telling_free(a->telling);
    free((void *)(uintptr_t)a->followed);
    free(a->destinations);
    free(a);
}

/* ---- To whom ---- */

static Destination *add(Acceptance *a, const SmtpPath *path, uint8_t notify, const char *orcpt) {
    for (size_t i = 0; i < a->count; i++)
        if (smtp_path_equal(&a->destinations[i].recipient.path, path)) return NULL;
    a->destinations = array_grow(a->destinations, &a->capacity, a->count + 1, sizeof *a->destinations);
    a->destinations[a->count] = (Destination){
        .recipient = {.path = *path, .notify = notify, .orcpt = keep(a->service, orcpt)}};
    return &a->destinations[a->count++];
}

static void refuse(Destination *d, uint16_t code, const char *enhanced, const char *text) {
    SmtpOutcome *o = &d->recipient.outcome;
    *o = (SmtpOutcome){.kind = SMTP_OUTCOME_REFUSED, .code = code, .text = text, .stage = "RCPT"};
    memcpy(o->enhanced, enhanced, strlen(enhanced) + 1);
}

static bool was_followed(Acceptance *a, const SmtpName *name) {
    for (size_t i = 0; i < a->followed_count; i++)
        if (a->followed[i] == name) return true;
    a->followed = array_grow((void *)(uintptr_t)a->followed, &a->followed_capacity, a->followed_count + 1,
                             sizeof *a->followed);
    a->followed[a->followed_count++] = name;
    return false;
}

/* "bob" on a list of hamburger.edu's is bob@hamburger.edu. */
static SmtpPath qualified(const SmtpPath *path, const SmtpPath *at) {
    Bytes domain = smtp_domain(at);
    if (smtp_domain(path).size > 0 || domain.size == 0 || path->size + 1 + domain.size > SMTP_PATH_MOST) return *path;
    SmtpPath whole = *path;
    whole.text[whole.size++] = '@';
    memcpy(whole.text + whole.size, domain.at, domain.size);
    whole.size = (uint16_t)(whole.size + domain.size);
    whole.text[whole.size] = 0;
    return whole;
}

/* A list's members and a forward need not have been checked by any RCPT. */
static void add_followed(Acceptance *a, const SmtpPath *path, uint8_t notify, const char *orcpt) {
    const SmtpServerConfig *config = &a->service->config.server;
    bool local = a->service->config.receives && smtp_domain_is_local(config, smtp_domain(path));
    const SmtpName *name = local ? smtp_name_find(config, path) : NULL;
    if (name && (name->kind == SMTP_NAME_LIST || (name->kind == SMTP_NAME_MOVED && name->forward))) {
        if (was_followed(a, name)) return;
        for (size_t i = 0; i < name->other_count; i++) {
            SmtpPath other = qualified(&name->others[i], path);
            add_followed(a, &other, notify, orcpt);
        }
        return;
    }
    Destination *d = add(a, path, notify, orcpt);
    if (!d || !local) return;
    if (!name) refuse(d, 550, "5.1.1", "User unknown");
    else if (name->kind == SMTP_NAME_AMBIGUOUS) refuse(d, 553, "5.1.4", "User ambiguous");
    else if (name->kind == SMTP_NAME_MOVED) refuse(d, 551, "5.1.6", "User not local");
    else d->name = name;
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

/* Whoever cannot get it now, though somebody else can: the mailbox is full, or nobody sits at the terminal. */
static void judge_destinations(Acceptance *a) {
    for (size_t i = 0; i < a->count; i++) {
        Destination *d = &a->destinations[i];
        if (!d->name) continue;
        const MailAccount *account = &a->service->store.accounts[d->name->mailbox];
        uint64_t octets = mail_account_octets(account);
        uint64_t quota = d->name->quota;
        bool to_mailbox = a->delivery == SMTP_DELIVER_MAIL || a->delivery == SMTP_DELIVER_SAML ||
                          (a->delivery == SMTP_DELIVER_SOML && !d->name->online);
        if (a->delivery == SMTP_DELIVER_SEND && !d->name->online)
            refuse(d, 450, "4.2.0", "The user is not at a terminal now");
        else if (to_mailbox && quota > 0 && (octets > quota || a->counted > quota - octets))
            refuse(d, 552, "5.2.2", "Mailbox full");
        else continue;
        d->name = NULL;
    }
}

static void deliver(Acceptance *a, uint32_t cause) {
    MailService *service = a->service;
    MailContent *content = NULL;
    SmtpJobRecipient *told = memory_new((a->count + 1) * sizeof *told);
    size_t told_count = 0;
    for (size_t i = 0; i < a->count; i++) {
        const Destination *d = &a->destinations[i];
        if (!d->name) continue;
        if (!content) { /* RFC 5321 section 4.4: the last server notes the reverse-path */
            Text front = text_new();
            text_print(&front, "Return-Path: <%s>\r\n", a->mail.path.text);
            content = with_front(front.at, front.size, a->content->octets, a->content->size);
            text_free(&front);
        }
        const char *owner = service->store.accounts[d->name->mailbox].owner;
        int64_t from = fact_name(keep(service, a->mail.path.text));
        bool shown = a->delivery != SMTP_DELIVER_MAIL && d->name->online;
        if (shown)
            sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mail_shown,
                            (int64_t[]){fact_name(owner), from}, cause);
        if (d->recipient.notify & SMTP_NOTIFY_SUCCESS) told[told_count++] = d->recipient;
        if (shown && a->delivery != SMTP_DELIVER_SAML) continue;
        const StoredMessage *mail = mail_store_deliver(&service->store, d->name->mailbox, content,
                                                    sim_now(sim_of(service)));
        sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mail_delivered,
                        (int64_t[]){fact_name(owner), mail->uid, from, (int64_t)content->size}, cause);
    }
    if (told_count > 0)
        mail_report_delivered(service, &a->mail, told, told_count, bytes_of(a->content->octets, a->content->size),
                              sim_now(sim_of(service)), cause);
    mail_content_drop(content);
    free(told);
    mail_changes_tell(service, cause);
}

static bool same_queue(const MailService *service, const Destination *a, const Destination *b) {
    if (a->recipient.outcome.kind != b->recipient.outcome.kind) return false;
    if (service->config.relay_to) return true;
    char domain[SMTP_DOMAIN_MOST + 1] = "";
    Bytes other = smtp_domain(&b->recipient.path);
    memcpy(domain, other.at, other.size);
    return smtp_text_equal(smtp_domain(&a->recipient.path), domain);
}

/* Recipients of one domain go together (section 4.5.4.1). */
static void enqueue(Acceptance *a, uint32_t cause) {
    MailService *service = a->service;
    for (size_t i = 0; i < a->count; i++) {
        const Destination *first = &a->destinations[i];
        if (first->name || first->queued) continue;
        QueuedMail *mail = memory_new(sizeof *mail);
        mail->recipients = memory_new(a->count * sizeof *mail->recipients);
        for (size_t k = i; k < a->count; k++) {
            Destination *d = &a->destinations[k];
            if (d->name || d->queued || !same_queue(service, d, first)) continue;
            mail->recipients[mail->recipient_count++] = d->recipient;
            d->queued = true;
        }
        Bytes domain = smtp_domain(&first->recipient.path);
        char text[SMTP_DOMAIN_MOST + 1] = "";
        memcpy(text, domain.at, domain.size);
        mail->domain = service->config.relay_to ? service->config.relay_to : keep(service, text);
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

static void apply_telling(MailService *service, const MailTelling *telling) {
    QueuedMail *mail = telling ? mail_store_find(&service->store, telling->entry) : NULL;
    if (!mail) return;
    mail->warned |= telling->warned;
    for (size_t i = 0; i < mail->recipient_count; i++) {
        if (!telling->told[i]) continue;
        mail->recipients[i].outcome = telling->outcomes[i];
        mail->recipients[i].reported = true;
    }
}

/* A user sees at once that the disk did not take the message. */
static void tell_not_taken(const Acceptance *a, bool full, uint32_t cause) {
    MailService *service = a->service;
    for (size_t i = 0; i < a->count; i++)
        sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mail_not_sent,
                        (int64_t[]){fact_name(keep(service, a->destinations[i].recipient.path.text)), 0,
                                    fact_name(full ? "The disk is full" : "The disk fails")},
                        cause);
}

static void written(MailService *service, void *what, bool held, uint32_t cause) {
    Acceptance *a = what;
    MailSession *session = a->session;
    bool full = a->content && service->store.octets + a->content->size > service->store.size;
    bool taken = held && !full;
    if (!taken && a->surely) {
        mail_disk_write_surely(service, MAIL_DISK_RETRY_S * SIM_SECOND, written, drop, a, cause);
        return;
    }
    if (taken) {
        apply_telling(service, a->telling);
        judge_destinations(a);
        deliver(a, cause);
        enqueue(a, cause);
    } else if (!session) {
        tell_not_taken(a, full, cause);
    }
    if (session && session->life == a->life && session->stream.in_use) {
        Effects *effects = host_stream_begin(&session->stream);
        smtp_server_stored(&session->server, taken, full, effects);
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
        add_followed(a, &t->recipients[i].path, t->recipients[i].notify, t->recipients[i].orcpt);
    a->counted = t->content.total;
    Text front = text_new();
    put_received(&front, session);
    a->content = with_front(front.at, front.size, t->content.octets, t->content.size);
    text_free(&front);
    mail_disk_write(service, written, drop, a, cause);
}

void mail_submit(MailService *service, const SmtpMail *mail, const SmtpJobRecipient *recipients, size_t count,
                 MailContent *content, uint32_t cause) {
    Acceptance *a = acceptance_new(service, mail);
    for (size_t i = 0; i < count; i++) add_followed(a, &recipients[i].path, recipients[i].notify, recipients[i].orcpt);
    a->content = content;
    a->counted = content->size;
    mail_disk_write(service, written, drop, a, cause);
}

/* ---- Reports ---- */

MailTelling *mail_telling_new(const QueuedMail *mail) {
    MailTelling *telling = memory_new(sizeof *telling);
    telling->entry = mail->number;
    telling->count = mail->recipient_count;
    telling->outcomes = memory_new(telling->count * sizeof *telling->outcomes);
    telling->told = memory_new(telling->count);
    return telling;
}

void mail_telling_free(MailTelling *telling) {
    if (!telling) return;
    free(telling->outcomes);
    free(telling->told);
    free(telling);
}

void mail_submit_report(MailService *service, const SmtpPath *to, MailContent *content, MailTelling *telling,
                        uint32_t cause) {
    Acceptance *a = acceptance_new(service, &(SmtpMail){0});
    a->surely = true;
    a->telling = telling;
    add_followed(a, to, SMTP_NOTIFY_NEVER, "");
    a->content = content;
    a->counted = content->size;
    mail_disk_write_surely(service, 0, written, drop, a, cause);
}

void mail_submit_telling(MailService *service, MailTelling *telling, uint32_t cause) {
    bool anything = telling && telling->warned;
    for (size_t i = 0; telling && i < telling->count; i++) anything |= telling->told[i];
    if (!anything) {
        mail_telling_free(telling);
        return;
    }
    Acceptance *a = acceptance_new(service, &(SmtpMail){0});
    a->surely = true;
    a->telling = telling;
    mail_disk_write_surely(service, 0, written, drop, a, cause);
}
