/* What one session has been told of the mailbox it has selected: the messages by their sequence numbers, and the flags as
 * last said. Sequence numbers live here alone (RFC 3501 section 2.3.1.2); the messages are held, so that one which another
 * session has expunged can still be read until this session is told. */
#ifndef NETSTAGE_PROTO_IMAP_SERVER_VIEW_H
#define NETSTAGE_PROTO_IMAP_SERVER_VIEW_H

#include "mail/mailbox.h"

/* \Recent is beside the flags: no mailbox has so many keywords. */
#define IMAP_VIEW_RECENT ((uint64_t)1 << 63)

typedef struct {
    StoredMessage *message; /* held */
    uint64_t told;          /* its flags as last said, and IMAP_VIEW_RECENT */
} ImapViewEntry;

typedef struct {
    Mailbox *mailbox; /* held; NULL: none is selected */
    bool read_only;
    ImapViewEntry *entries; /* number 1 first, by UID */
    size_t count, capacity;
    size_t recent;        /* of them, for this session */
    uint32_t uid_next;    /* what has a smaller UID is in the view, or never will be */
    uint64_t seen;        /* the mailbox's count of changes up to which all has been told */
    size_t keywords_told; /* how many of the mailbox's keywords the client knows of */
    bool expunges_wait;   /* messages are gone, and this session has not been told */
} ImapView;

/* What is to be told, in the order in which it is said. */
typedef struct {
    void *self;
    void (*keywords)(void *self);                 /* the mailbox has more of them now */
    void (*expunge)(void *self, uint32_t number); /* the numbers behind it move up at once */
    void (*flags)(void *self, uint32_t number);   /* of the entry, whose `told` says them already */
    void (*exists)(void *self);                   /* view->count and view->recent are the new ones */
} ImapViewTeller;

/* Takes the mailbox into view; \Recent is this session's from now on unless it only reads (section 2.3.2). */
void imap_view_open(ImapView *view, Mailbox *mailbox, bool read_only);
void imap_view_close(ImapView *view);
/* Tells what has changed since the last time: without expunged messages where the numbers must stay (sections 5.5 and
 * 7.4.1). At once done if nothing has. */
void imap_view_sync(ImapView *view, bool with_expunges, const ImapViewTeller *teller);
/* Sets a message's flags for this session: what it has been told stands at what they are now, unless they had been
 * changed by another before, which it still has to hear of. */
void imap_view_set_flags(ImapView *view, size_t index, uint64_t flags);
/* The index of the first entry whose UID is at least `uid`; the count if there is none. */
size_t imap_view_index(const ImapView *view, uint32_t uid);
static inline uint32_t imap_view_uid_most(const ImapView *view) {
    return view->count > 0 ? view->entries[view->count - 1].message->uid : 0;
}
static inline bool imap_view_is_recent(const ImapView *view, size_t index) {
    return (view->entries[index].told & IMAP_VIEW_RECENT) != 0;
}

#endif
