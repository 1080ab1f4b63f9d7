#include <stdlib.h>
#include <string.h>

#include "host/mail.h"

typedef struct Triplet {
    Ipv4Address client;
    SmtpPath from, to;
    SimTime since;
} Triplet;

MailContent *mail_content_new(const uint8_t *octets, size_t size) {
    MailContent *content = memory_new(sizeof *content);
    content->octets = memory_resize(NULL, size ? size : 1);
    if (size > 0 && octets) memcpy(content->octets, octets, size);
    content->size = size;
    content->holders = 1;
    return content;
}

MailContent *mail_content_hold(MailContent *content) {
    content->holders++;
    return content;
}

void mail_content_drop(MailContent *content) {
    if (!content || --content->holders > 0) return;
    free(content->octets);
    free(content);
}

const StoredMail *mail_store_deliver(MailStore *store, uint32_t mailbox, MailContent *content, SimTime now) {
    CHECK(mailbox < store->mailbox_count);
    Mailbox *box = &store->mailboxes[mailbox];
    box->mails = array_grow(box->mails, &box->capacity, box->count + 1, sizeof *box->mails);
    StoredMail *mail = &box->mails[box->count++];
    *mail = (StoredMail){box->next_uid++, mail_content_hold(content), now};
    box->octets += content->size;
    store->octets += content->size;
    return mail;
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

void mail_store_free(MailStore *store) {
    for (size_t i = 0; i < store->mailbox_count; i++) {
        for (size_t k = 0; k < store->mailboxes[i].count; k++) mail_content_drop(store->mailboxes[i].mails[k].content);
        free(store->mailboxes[i].mails);
    }
    free(store->mailboxes);
    while (store->queue) mail_store_remove(store, store->queue->number);
    free(store->triplets);
}

SimTime mail_store_triplet(MailStore *store, Ipv4Address client, const SmtpPath *from, const SmtpPath *to,
                           SimTime now) {
    for (size_t i = 0; i < store->triplet_count; i++) {
        const Triplet *t = &store->triplets[i];
        if (t->client == client && smtp_path_equal(&t->from, from) && smtp_path_equal(&t->to, to)) return t->since;
    }
    store->triplets = array_grow(store->triplets, &store->triplet_capacity, store->triplet_count + 1,
                                 sizeof *store->triplets);
    store->triplets[store->triplet_count++] = (Triplet){client, *from, *to, now};
    return SIM_NEVER;
}
