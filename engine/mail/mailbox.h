/* Mailboxes as SMTP fills them and POP3 and IMAP read them: RFC 3501 section 2.3 is the model, RFC 1939 sees of it one
 * mailbox, INBOX. All a user has is a MailAccount. Everything here is what lies on disk: it changes in one instant, when
 * the disk has written, and a crash leaves it as it was before or after.
 *
 * A message keeps its UID for good; what a reader has in view it holds, so that it can still be read when another reader
 * has expunged it. Sequence numbers are each reader's own and do not stand here. */
#ifndef NETSTAGE_MAIL_MAILBOX_H
#define NETSTAGE_MAIL_MAILBOX_H

#include "mail/octets.h"

/* ---- Contents ---- */

/* A message's octets, shared by all who hold it. */
typedef struct {
    uint8_t *octets;
    size_t size;
    uint32_t holders;
    /* What a reader has worked out about it and may need again (RFC 3501's ENVELOPE): freed with it. */
    void *digest;
    void (*digest_free)(void *digest);
    uint64_t transmitted_size; /* with CRLF behind every line, as POP3 has it; UINT64_MAX: not worked out yet */
} MailContent;

MailContent *mail_content_new(const uint8_t *octets, size_t size);
MailContent *mail_content_hold(MailContent *content);
void mail_content_drop(MailContent *content); /* NULL is allowed */
static inline Bytes mail_content_bytes(const MailContent *content) { return bytes_of(content->octets, content->size); }

/* ---- Messages ---- */

/* RFC 3501 section 2.3.2. \Recent is no flag of the message: it is given to one reader. Behind these come the mailbox's
 * keywords, one bit each. */
#define MAIL_FLAGS(X) \
    X(ANSWERED, "\\Answered") X(FLAGGED, "\\Flagged") X(DELETED, "\\Deleted") X(SEEN, "\\Seen") X(DRAFT, "\\Draft")
enum {
    MAIL_FLAG_ANSWERED = 1,
    MAIL_FLAG_FLAGGED = 2,
    MAIL_FLAG_DELETED = 4,
    MAIL_FLAG_SEEN = 8,
    MAIL_FLAG_DRAFT = 16,
    MAIL_SYSTEM_FLAGS = 5, /* how many */
    MAIL_KEYWORDS_MOST = 50,
    MAIL_KEYWORD_MOST = 100, /* octets of a keyword */
};

typedef struct {
    uint32_t uid;     /* ascending in its mailbox, never used again */
    uint32_t holders; /* the mailbox while it is in it, and readers that have it in view */
    uint64_t flags;
    uint64_t change; /* the mailbox's count of changes when it last changed */
    int64_t date_s;  /* INTERNALDATE: seconds since 1970 UTC */
    bool expunged;   /* no longer in its mailbox */
    MailContent *content;
} StoredMessage;

/* ---- Mailboxes ---- */

enum { MAILBOX_NAME_MOST = 1000, MAILBOX_DEPTH_MOST = 20, MAILBOXES_MOST = 10000 };
#define MAILBOX_DELIMITER '/'

/* RFC 6154; at most one. */
#define MAILBOX_USES(X)     \
    X(NONE, "")             \
    X(ALL, "\\All")         \
    X(ARCHIVE, "\\Archive") \
    X(DRAFTS, "\\Drafts") X(FLAGGED, "\\Flagged") X(JUNK, "\\Junk") X(SENT, "\\Sent") X(TRASH, "\\Trash")
typedef enum {
#define X(name, text) MAILBOX_USE_##name,
    MAILBOX_USES(X)
#undef X
} MailboxUse;

typedef struct MailAccount MailAccount;

typedef struct {
    MailAccount *account;
    char *name; /* UTF-8, with its superiors: "work/2026"; "INBOX" in capitals */
    uint32_t holders;
    uint32_t uid_validity, uid_next;
    uint32_t recent_from;     /* messages from this UID on have not been announced to any reader yet */
    uint64_t change;          /* counts up with each change of its messages */
    StoredMessage **messages; /* by UID */
    size_t count, capacity;
    size_t unseen; /* of them without \Seen */
    uint64_t octets;
    char **keywords; /* as first written; compared without regard to case; their places never change */
    size_t keyword_count;
    MailboxUse use;
    bool no_select; /* only a name above others (\Noselect) */
    bool gone;      /* deleted: only readers that had selected it still hold it */
} Mailbox;

struct MailAccount {
    const char *owner;   /* the name of its mailbox at the server: a local part; kept by the caller */
    Mailbox **mailboxes; /* INBOX first, the others by the octets of their names */
    size_t count, capacity;
    char **subscriptions; /* by octets; a name stays when its mailbox goes (RFC 3501 section 6.3.6) */
    size_t subscription_count, subscription_capacity;
    uint32_t uid_validity_next;
    uint32_t uid_validity_given_up; /* the greatest of mailboxes that were deleted or renamed */
    uint64_t *disk_octets;          /* counted along, if not NULL */
    const void *maildrop_lock;      /* the POP3 session that has it (RFC 1939 section 4); NULL: free. Not on disk */
    /* Told after each change of a mailbox's messages or flags; may be NULL. */
    void (*changed)(void *listener, Mailbox *mailbox);
    void *listener;
};

typedef enum {
    MAILBOX_OK,
    MAILBOX_EXISTS,
    MAILBOX_MISSING,
    MAILBOX_BAD_NAME,     /* empty, too long, too deep, an empty level, a control character, "*" or "%" */
    MAILBOX_HAS_CHILDREN, /* a \Noselect name that has inferiors cannot be deleted */
    MAILBOX_IS_INBOX,     /* that cannot be deleted */
    MAILBOX_TOO_MANY,
} MailboxStatus;

/* An account with an empty INBOX. `uid_validity` is that of its first mailbox; every later one's is greater. */
void mail_account_init(MailAccount *account, const char *owner, uint32_t uid_validity);
void mail_account_free(MailAccount *account);
/* Of all its messages. */
uint64_t mail_account_octets(const MailAccount *account);

/* INBOX in any case (RFC 3501 section 5.1), other names octet for octet; NULL: there is none. */
Mailbox *mailbox_find(const MailAccount *account, Bytes name);
Mailbox *mailbox_inbox(const MailAccount *account);
/* Whether names below this one exist. */
bool mailbox_has_children(const MailAccount *account, const Mailbox *mailbox);
/* With the superiors that are missing; a delimiter at the end is passed over (section 6.3.3). A \Noselect name becomes
 * a mailbox. */
MailboxStatus mailbox_create(MailAccount *account, Bytes name, MailboxUse use);
/* A mailbox with inferiors becomes \Noselect and loses its messages (section 6.3.4). */
MailboxStatus mailbox_delete(MailAccount *account, Bytes name);
/* With its inferiors, making missing superiors. UIDVALIDITY stays, unless the new name may have had a greater one
 * (section 2.3.1.1). INBOX's messages move to a new mailbox, and it stays (section 6.3.5). */
MailboxStatus mailbox_rename(MailAccount *account, Bytes from, Bytes to);
MailboxStatus mailbox_subscribe(MailAccount *account, Bytes name);
MailboxStatus mailbox_unsubscribe(MailAccount *account, Bytes name);
bool mailbox_is_subscribed(const MailAccount *account, Bytes name);

/* ---- What is in them ---- */

/* Holds the content. The message is the mailbox's. */
StoredMessage *mailbox_append(Mailbox *mailbox, MailContent *content, uint64_t flags, int64_t date_s);
void mailbox_set_flags(Mailbox *mailbox, StoredMessage *message, uint64_t flags);
void mailbox_expunge(Mailbox *mailbox, StoredMessage *message);
/* All that are wanted, in one pass. Returns how many. */
size_t mailbox_expunge_all(Mailbox *mailbox, bool (*wanted)(void *self, const StoredMessage *message), void *self);
/* The index of the first message whose UID is at least `uid`; the count if there is none. */
size_t mailbox_index(const Mailbox *mailbox, uint32_t uid);
/* The bit of a flag or keyword as written, in any case; 0: unknown (or "\Recent"), no atom, or no room is left for another
 * keyword. With `add` a new keyword gets its place. */
uint64_t mailbox_flag(Mailbox *mailbox, Bytes name, bool add);
/* "\Seen", "$Forwarded": of one bit. */
const char *mailbox_flag_name(const Mailbox *mailbox, uint64_t bit);

StoredMessage *stored_message_hold(StoredMessage *message);
void stored_message_drop(StoredMessage *message);
Mailbox *mailbox_hold(Mailbox *mailbox);
void mailbox_drop(Mailbox *mailbox);

#endif
