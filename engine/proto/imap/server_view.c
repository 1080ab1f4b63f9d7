#include "proto/imap/server_view.h"

#include <stdlib.h>
#include <string.h>

/* Messages the view does not have yet. */
static bool take_new(ImapView *v) {
    Mailbox *m = v->mailbox;
    size_t from = mailbox_index(m, v->uid_next), more = m->count - from;
    uint32_t recent_from = m->recent_from;
    v->uid_next = m->uid_next;
    if (!v->read_only) m->recent_from = m->uid_next;
    if (more == 0) return false;
    v->entries = array_grow(v->entries, &v->capacity, v->count + more, sizeof *v->entries);
    for (size_t i = from; i < m->count; i++) {
        StoredMessage *message = m->messages[i];
        bool recent = message->uid >= recent_from;
        v->entries[v->count++] = (ImapViewEntry){stored_message_hold(message),
                                                 message->flags | (recent ? IMAP_VIEW_RECENT : 0)};
        v->recent += recent;
    }
    return true;
}

void imap_view_open(ImapView *v, Mailbox *mailbox, bool read_only) {
    CHECK(!v->mailbox);
    *v = (ImapView){.mailbox = mailbox_hold(mailbox),
                    .read_only = read_only,
                    .entries = v->entries,
                    .capacity = v->capacity,
                    .seen = mailbox->change,
                    .keywords_told = mailbox->keyword_count};
    (void)take_new(v);
}

void imap_view_close(ImapView *v) {
    if (!v->mailbox) return;
    for (size_t i = 0; i < v->count; i++) stored_message_drop(v->entries[i].message);
    free(v->entries);
    mailbox_drop(v->mailbox);
    *v = (ImapView){0};
}

static void drop_expunged(ImapView *v, const ImapViewTeller *teller) {
    size_t kept = 0, count = v->count;
    for (size_t i = 0; i < count; i++) {
        ImapViewEntry entry = v->entries[i];
        if (!entry.message->expunged) {
            v->entries[kept++] = entry;
            continue;
        }
        v->recent -= (entry.told & IMAP_VIEW_RECENT) != 0;
        stored_message_drop(entry.message);
        teller->expunge(teller->self, (uint32_t)(kept + 1));
    }
    v->count = kept;
}

static bool has_expunged(const ImapView *v) {
    for (size_t i = 0; i < v->count; i++)
        if (v->entries[i].message->expunged) return true;
    return false;
}

static void tell_flags(ImapView *v, uint64_t seen, const ImapViewTeller *teller) {
    for (size_t i = 0; i < v->count; i++) {
        ImapViewEntry *entry = &v->entries[i];
        const StoredMessage *m = entry->message;
        if (m->change <= seen || m->expunged || (entry->told & ~IMAP_VIEW_RECENT) == m->flags) continue;
        entry->told = m->flags | (entry->told & IMAP_VIEW_RECENT);
        teller->flags(teller->self, (uint32_t)(i + 1));
    }
}

/* Each message that came has counted as one change: if there were no more, and none of those in view is missing, nothing
 * else has happened. */
static bool only_new_ones(const ImapView *v) {
    const Mailbox *m = v->mailbox;
    size_t known = mailbox_index(m, v->uid_next);
    return known == v->count && m->change - v->seen == m->count - known;
}

void imap_view_sync(ImapView *v, bool with_expunges, const ImapViewTeller *teller) {
    const Mailbox *m = v->mailbox;
    if (v->keywords_told != m->keyword_count) {
        v->keywords_told = m->keyword_count;
        teller->keywords(teller->self);
    }
    if (m->change == v->seen && !(v->expunges_wait && with_expunges)) return;
    uint64_t seen = v->seen;
    bool scan = !only_new_ones(v);
    v->seen = m->change;
    if (scan && with_expunges) drop_expunged(v, teller);
    v->expunges_wait = scan && !with_expunges && has_expunged(v);
    if (scan) tell_flags(v, seen, teller);
    if (take_new(v)) teller->exists(teller->self);
}

void imap_view_set_flags(ImapView *v, size_t index, uint64_t flags) {
    ImapViewEntry *entry = &v->entries[index];
    StoredMessage *m = entry->message;
    bool knows = (entry->told & ~IMAP_VIEW_RECENT) == m->flags, all_told = v->seen == v->mailbox->change;
    mailbox_set_flags(v->mailbox, m, flags);
    if (knows) entry->told = m->flags | (entry->told & IMAP_VIEW_RECENT);
    if (knows && all_told) v->seen = v->mailbox->change;
}

size_t imap_view_index(const ImapView *v, uint32_t uid) {
    size_t low = 0, high = v->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v->entries[middle].message->uid < uid) low = middle + 1;
        else high = middle;
    }
    return low;
}
