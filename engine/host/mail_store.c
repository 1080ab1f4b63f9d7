#include <stdlib.h>
#include <string.h>

#include "host/mail.h"

/* Whoever sends from ever new addresses makes the oldest ones forgotten. */
enum { TRIPLETS_MOST = 10000 };

typedef struct Triplet {
    Ipv4Address client;
    SmtpPath from, to;
    SimTime since;
} Triplet;

int64_t mail_civil_s(SimTime at) { return MAIL_CIVIL_START_S + at / SIM_SECOND; }

const StoredMessage *mail_store_deliver(MailStore *store, uint32_t account, MailContent *content, SimTime now) {
    CHECK(account < store->account_count);
    return mailbox_append(mailbox_inbox(&store->accounts[account]), content, 0, mail_civil_s(now));
}

QueuedMail *mail_store_find(const MailStore *store, uint32_t number) {
    for (QueuedMail *mail = store->queue; mail; mail = mail->next)
        if (mail->number == number) return mail;
    return NULL;
}

void mail_store_queue(MailStore *store, QueuedMail *mail) {
    QueuedMail **at = &store->queue;
    while (*at) at = &(*at)->next;
    mail->next = NULL;
    *at = mail;
    store->octets += mail->content->size;
}

static void queued_free(QueuedMail *mail) {
    mail_content_drop(mail->content);
    free(mail->recipients);
    free(mail);
}

void mail_store_remove(MailStore *store, uint32_t number) {
    for (QueuedMail **at = &store->queue; *at; at = &(*at)->next) {
        QueuedMail *mail = *at;
        if (mail->number != number) continue;
        *at = mail->next;
        store->octets -= mail->content->size;
        queued_free(mail);
        return;
    }
}

uint64_t mail_store_room(const MailStore *store) {
    return store->octets < store->size ? store->size - store->octets : 0;
}

void mail_store_free(MailStore *store) {
    for (size_t i = 0; i < store->account_count; i++) mail_account_free(&store->accounts[i]);
    free(store->accounts);
    while (store->queue) mail_store_remove(store, store->queue->number);
    free(store->triplets);
}

SimTime mail_store_triplet(MailStore *store, Ipv4Address client, const SmtpPath *from, const SmtpPath *to,
                           SimTime now) {
    for (size_t i = 0; i < store->triplet_count; i++) {
        const Triplet *t = &store->triplets[i];
        if (t->client == client && smtp_path_equal(&t->from, from) && smtp_path_equal(&t->to, to)) return t->since;
    }
    if (store->triplet_count < TRIPLETS_MOST)
        store->triplets = array_grow(store->triplets, &store->triplet_capacity, store->triplet_count + 1,
                                     sizeof *store->triplets);
    size_t place = store->triplets_seen++ % TRIPLETS_MOST;
    if (place == store->triplet_count) store->triplet_count++;
    store->triplets[place] = (Triplet){client, *from, *to, now};
    return SIM_NEVER;
}
