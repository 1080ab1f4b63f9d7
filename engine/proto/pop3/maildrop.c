#include "proto/pop3/maildrop.h"

#include <stdlib.h>
#include <string.h>

/* A carriage return or line feed alone ends a line too, and CRLF is sent for it: a client that looks for line feeds must
 * not find an end of the message inside it (mail/dots.h, DOTS_REPAIR). */
uint64_t pop3_transmitted_size(Bytes content) {
    uint64_t size = 0;
    bool open = false;
    for (size_t i = 0; i < content.size;) {
        size_t run = i;
        while (run < content.size && content.at[run] != '\r' && content.at[run] != '\n') run++;
        size += run - i;
        open |= run > i;
        i = run;
        if (i == content.size) break;
        i += content.at[i] == '\r' && i + 1 < content.size && content.at[i + 1] == '\n' ? 2 : 1;
        size += 2;
        open = false;
    }
    return size + (open ? 2 : 0);
}

/* Behind the end of the line that begins at `at`. */
static size_t next_line(Bytes content, size_t at) {
    while (at < content.size && content.at[at] != '\r' && content.at[at] != '\n') at++;
    if (at == content.size) return at;
    return at + (content.at[at] == '\r' && at + 1 < content.size && content.at[at + 1] == '\n' ? 2 : 1);
}

size_t pop3_top_size(Bytes content, uint64_t lines) {
    size_t at = 0;
    for (bool blank = false; at < content.size && !blank;) {
        blank = content.at[at] == '\r' || content.at[at] == '\n';
        at = next_line(content, at);
    }
    for (; lines > 0 && at < content.size; lines--) at = next_line(content, at);
    return at;
}

/* Worked out once a message: the next login need not read it again. */
static uint64_t size_of(MailContent *content) {
    if (content->transmitted_size == UINT64_MAX)
        content->transmitted_size = pop3_transmitted_size(mail_content_bytes(content));
    return content->transmitted_size;
}

void pop3_maildrop_open(Pop3Maildrop *drop, MailAccount *account, const void *owner) {
    CHECK(!drop->account && !account->maildrop_lock);
    account->maildrop_lock = owner;
    drop->account = account;
    drop->inbox = mailbox_hold(mailbox_inbox(account));
    drop->count = drop->inbox->count;
    drop->messages = array_grow(drop->messages, &drop->capacity, drop->count + 1, sizeof *drop->messages);
    for (size_t i = 0; i < drop->count; i++) {
        StoredMessage *m = stored_message_hold(drop->inbox->messages[i]);
        drop->messages[i] = (Pop3Message){m, size_of(m->content), false};
    }
    drop->left = drop->octets = 0;
    pop3_maildrop_unmark_all(drop);
}

void pop3_maildrop_close(Pop3Maildrop *drop, const void *owner) {
    if (!drop->account) return;
    if (drop->account->maildrop_lock == owner) drop->account->maildrop_lock = NULL;
    for (size_t i = 0; i < drop->count; i++) stored_message_drop(drop->messages[i].message);
    mailbox_drop(drop->inbox);
    free(drop->messages);
    *drop = (Pop3Maildrop){0};
}

void pop3_maildrop_mark(Pop3Maildrop *drop, size_t index) {
    Pop3Message *m = &drop->messages[index];
    CHECK(index < drop->count && !m->deleted);
    m->deleted = true;
    drop->left--;
    drop->octets -= m->size;
}

void pop3_maildrop_unmark_all(Pop3Maildrop *drop) {
    drop->left = drop->count;
    drop->octets = 0;
    for (size_t i = 0; i < drop->count; i++) {
        drop->messages[i].deleted = false;
        drop->octets += drop->messages[i].size;
    }
}

/* ---- The update ---- */

Pop3Update *pop3_update_new(Pop3Maildrop *drop) {
    Pop3Update *update = memory_new(sizeof *update);
    update->account = drop->account;
    update->account->maildrop_lock = update;
    update->inbox = mailbox_hold(drop->inbox);
    update->messages = memory_new((drop->count - drop->left + 1) * sizeof *update->messages);
    for (size_t i = 0; i < drop->count; i++)
        if (drop->messages[i].deleted)
            update->messages[update->count++] = stored_message_hold(drop->messages[i].message);
    return update;
}

static int by_uid(const void *a, const void *b) {
    uint32_t left = (*(StoredMessage *const *)a)->uid, right = (*(StoredMessage *const *)b)->uid;
    return (left > right) - (left < right);
}

static bool is_marked(void *self, const StoredMessage *message) {
    const Pop3Update *update = self;
    return bsearch(&message, update->messages, update->count, sizeof *update->messages, by_uid) != NULL;
}

size_t pop3_update_carry_out(Pop3Update *update) {
    size_t removed = update->count > 0 ? mailbox_expunge_all(update->inbox, is_marked, update) : 0;
    pop3_update_drop(update);
    return removed;
}

void pop3_update_drop(Pop3Update *update) {
    if (update->account->maildrop_lock == update) update->account->maildrop_lock = NULL;
    for (size_t i = 0; i < update->count; i++) stored_message_drop(update->messages[i]);
    mailbox_drop(update->inbox);
    free(update->messages);
    free(update);
}
