/* Who is told when a mailbox has changed: readers that have it open, and the trace. */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"

void mail_watch(MailService *service, MailWatcher *watcher) {
    watcher->next = service->watchers;
    service->watchers = watcher;
}

void mail_watch_changed(void *listener, Mailbox *mailbox) {
    MailService *service = listener;
    if (!service->watchers) return;
    for (size_t i = 0; i < service->changed_count; i++)
        if (service->changed[i] == mailbox) return;
    service->changed = array_grow(service->changed, &service->changed_capacity, service->changed_count + 1,
                                  sizeof *service->changed);
    service->changed[service->changed_count++] = mailbox_hold(mailbox);
}

static uint32_t note(MailService *service, const Mailbox *mailbox, const char *owner, uint32_t cause) {
    return sim_record_fact(service->host->stack->sim, service->host->id, TRACE_NONE, 0, &fact_mailbox_changed,
                           (int64_t[]){fact_name(owner), fact_name(mail_keep_words(service, mailbox->name)),
                                       (int64_t)mailbox->count, (int64_t)mailbox->unseen},
                           cause);
}

void mail_changes_tell(MailService *service, uint32_t cause) {
    size_t count = service->changed_count;
    if (count == 0) return;
    Mailbox **list = memory_new(count * sizeof *list);
    memcpy(list, service->changed, count * sizeof *list);
    service->changed_count = 0;
    for (size_t i = 0; i < count; i++) {
        uint32_t told = cause;
        if (list[i]->account) told = note(service, list[i], list[i]->account->owner, cause);
        for (MailWatcher *w = service->watchers; w; w = w->next)
            if (w->changed) w->changed(w->self, list[i], told);
        mailbox_drop(list[i]);
    }
    free(list);
}

/* ---- Who may read ---- */

MailAccount *mail_account_of(MailService *service, Bytes user) {
    for (size_t i = 0; i < service->store.account_count; i++)
        if (bytes_equal(user, bytes_text(service->store.accounts[i].owner)))
            return &service->store.accounts[i];
    return NULL;
}

const char *mail_password_of(const MailService *service, Bytes user) {
    const SmtpServerConfig *c = &service->config.server;
    for (size_t i = 0; i < c->user_count; i++)
        if (bytes_equal(user, bytes_text(c->users[i].name))) return c->users[i].password;
    return NULL;
}
