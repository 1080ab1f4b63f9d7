#include "mail/mailbox.h"

#include <stdlib.h>
#include <string.h>

/* ---- Contents ---- */

MailContent *mail_content_new(const uint8_t *octets, size_t size) {
    MailContent *content = memory_new(sizeof *content);
    content->octets = memory_resize(NULL, size ? size : 1);
    if (size > 0 && octets) memcpy(content->octets, octets, size);
    content->size = size;
    content->holders = 1;
    content->transmitted_size = UINT64_MAX;
    return content;
}

MailContent *mail_content_hold(MailContent *content) {
    content->holders++;
    return content;
}

void mail_content_drop(MailContent *content) {
    if (!content || --content->holders > 0) return;
    if (content->digest_free) content->digest_free(content->digest);
    free(content->octets);
    free(content);
}

/* ---- Holding ---- */

StoredMessage *stored_message_hold(StoredMessage *message) {
    message->holders++;
    return message;
}

void stored_message_drop(StoredMessage *message) {
    if (--message->holders > 0) return;
    mail_content_drop(message->content);
    free(message);
}

Mailbox *mailbox_hold(Mailbox *mailbox) {
    mailbox->holders++;
    return mailbox;
}

void mailbox_drop(Mailbox *mailbox) {
    if (--mailbox->holders > 0) return;
    for (size_t i = 0; i < mailbox->keyword_count; i++) free(mailbox->keywords[i]);
    free(mailbox->keywords);
    free(mailbox->messages);
    free(mailbox->name);
    free(mailbox);
}

/* ---- Names ---- */

static char *name_copy(Bytes name) {
    char *copy = memory_new(name.size + 1);
    memcpy(copy, name.at, name.size);
    return copy;
}

static int name_compare(Bytes a, const char *b) {
    size_t size = strlen(b);
    int order = memcmp(a.at, b, a.size < size ? a.size : size);
    return order ? order : (a.size > size) - (a.size < size);
}

static bool is_inbox(Bytes name) { return bytes_is(name, "INBOX"); }

/* "inbox/x" is below INBOX too. */
static bool below_inbox(Bytes name) {
    return name.size > 6 && name.at[5] == MAILBOX_DELIMITER && is_inbox(bytes_slice(name, 0, 5));
}

static bool good_name(Bytes name) {
    if (name.size == 0 || name.size > MAILBOX_NAME_MOST) return false;
    size_t depth = 1;
    bool level_empty = true;
    for (size_t i = 0; i < name.size; i++) {
        uint8_t c = name.at[i];
        if (c < 0x20 || c == 0x7f || c == '*' || c == '%') return false;
        if (c != MAILBOX_DELIMITER) {
            level_empty = false;
            continue;
        }
        if (level_empty || ++depth > MAILBOX_DEPTH_MOST) return false;
        level_empty = true;
    }
    return !level_empty;
}

/* Where a name stands, or would stand. The first place is INBOX's. */
static size_t name_place(const MailAccount *account, Bytes name, bool *found) {
    size_t low = 1, high = account->count;
    *found = false;
    if (is_inbox(name)) {
        *found = account->count > 0;
        return 0;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_compare(name, account->mailboxes[middle]->name);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return low;
}

Mailbox *mailbox_find(const MailAccount *account, Bytes name) {
    if (name.size == 0) return NULL;
    Text usual = text_new();
    if (below_inbox(name)) {
        text_put(&usual, "INBOX");
        text_put_n(&usual, (const char *)name.at + 5, name.size - 5);
        name = bytes_of(usual.at, usual.size);
    }
    bool found;
    size_t place = name_place(account, name, &found);
    text_free(&usual);
    return found ? account->mailboxes[place] : NULL;
}

Mailbox *mailbox_inbox(const MailAccount *account) { return account->mailboxes[0]; }

static bool is_below(const char *name, Bytes above) {
    return strlen(name) > above.size && memcmp(name, above.at, above.size) == 0 &&
           name[above.size] == MAILBOX_DELIMITER;
}

bool mailbox_has_children(const MailAccount *account, const Mailbox *mailbox) {
    /* By octets, the first name below this one stands where the name with a delimiter would. */
    Text below = text_new();
    text_put(&below, mailbox->name);
    text_put_char(&below, MAILBOX_DELIMITER);
    bool found;
    size_t place = name_place(account, bytes_of(below.at, below.size), &found);
    text_free(&below);
    return place < account->count && is_below(account->mailboxes[place]->name, bytes_text(mailbox->name));
}

/* ---- Accounts ---- */

static Mailbox *add(MailAccount *account, Bytes name) {
    bool found;
    size_t place = account->count == 0 ? 0 : name_place(account, name, &found);
    Mailbox *mailbox = memory_new(sizeof *mailbox);
    *mailbox = (Mailbox){.account = account,
                         .name = name_copy(name),
                         .holders = 1,
                         .uid_validity = account->uid_validity_next++,
                         .uid_next = 1,
                         .recent_from = 1};
    account->mailboxes = array_grow(account->mailboxes, &account->capacity, account->count + 1, sizeof(Mailbox *));
    memmove(account->mailboxes + place + 1, account->mailboxes + place, (account->count - place) * sizeof(Mailbox *));
    account->mailboxes[place] = mailbox;
    account->count++;
    return mailbox;
}

void mail_account_init(MailAccount *account, const char *owner, uint32_t uid_validity) {
    *account = (MailAccount){.owner = owner, .uid_validity_next = uid_validity};
    add(account, bytes_text("INBOX"));
}

/* In one pass, as if each had been expunged. */
static void empty(Mailbox *mailbox) {
    for (size_t i = 0; i < mailbox->count; i++) {
        mailbox->messages[i]->expunged = true;
        stored_message_drop(mailbox->messages[i]);
    }
    if (mailbox->account && mailbox->account->disk_octets) *mailbox->account->disk_octets -= mailbox->octets;
    mailbox->count = mailbox->unseen = 0;
    mailbox->octets = 0;
    mailbox->change++;
}

void mail_account_free(MailAccount *account) {
    for (size_t i = 0; i < account->count; i++) {
        empty(account->mailboxes[i]);
        account->mailboxes[i]->account = NULL;
        account->mailboxes[i]->gone = true;
        mailbox_drop(account->mailboxes[i]);
    }
    for (size_t i = 0; i < account->subscription_count; i++) free(account->subscriptions[i]);
    free(account->mailboxes);
    free(account->subscriptions);
}

uint64_t mail_account_octets(const MailAccount *account) {
    uint64_t octets = 0;
    for (size_t i = 0; i < account->count; i++) octets += account->mailboxes[i]->octets;
    return octets;
}

static void tell(Mailbox *mailbox) {
    MailAccount *account = mailbox->account;
    if (account && account->changed) account->changed(account->listener, mailbox);
}

/* ---- Creating, deleting, renaming ---- */

/* The name as it is kept: INBOX in capitals. */
static Bytes usual_name(Bytes name, Text *room) {
    if (!is_inbox(name) && !below_inbox(name)) return name;
    text_put(room, "INBOX");
    text_put_n(room, (const char *)name.at + 5, name.size - 5);
    return bytes_of(room->at, room->size);
}

/* Makes the superiors that a name still needs, unless with them and `more` there would be too many names. */
static bool make_superiors(MailAccount *account, Bytes name, size_t more) {
    for (size_t i = 1; i < name.size; i++)
        if (name.at[i] == MAILBOX_DELIMITER && !mailbox_find(account, bytes_slice(name, 0, i))) more++;
    if (account->count + more > MAILBOXES_MOST) return false;
    for (size_t i = 1; i < name.size; i++) {
        Bytes above = bytes_slice(name, 0, i);
        if (name.at[i] == MAILBOX_DELIMITER && !mailbox_find(account, above)) add(account, above);
    }
    return true;
}

static MailboxStatus create(MailAccount *account, Bytes name, MailboxUse use) {
    Mailbox *there = mailbox_find(account, name);
    if (there && !there->no_select) return MAILBOX_EXISTS;
    if (!make_superiors(account, name, there ? 0 : 1)) return MAILBOX_TOO_MANY;
    if (!there) there = add(account, name);
    there->no_select = false;
    there->use = use;
    return MAILBOX_OK;
}

MailboxStatus mailbox_create(MailAccount *account, Bytes name, MailboxUse use) {
    if (name.size > 1 && name.at[name.size - 1] == MAILBOX_DELIMITER) name.size--;
    if (!good_name(name)) return MAILBOX_BAD_NAME;
    Text room = text_new();
    MailboxStatus status = create(account, usual_name(name, &room), use);
    text_free(&room);
    return status;
}

/* A name is given up. Whoever takes it later must have a greater UIDVALIDITY (RFC 3501 section 2.3.1.1). */
static void take_out(MailAccount *account, size_t place) {
    uint32_t validity = account->mailboxes[place]->uid_validity;
    if (validity > account->uid_validity_given_up) account->uid_validity_given_up = validity;
    memmove(account->mailboxes + place, account->mailboxes + place + 1,
            (account->count - place - 1) * sizeof(Mailbox *));
    account->count--;
}

MailboxStatus mailbox_delete(MailAccount *account, Bytes name) {
    Mailbox *mailbox = mailbox_find(account, name);
    if (!mailbox) return MAILBOX_MISSING;
    if (mailbox == account->mailboxes[0]) return MAILBOX_IS_INBOX;
    bool children = mailbox_has_children(account, mailbox);
    if (children && mailbox->no_select) return MAILBOX_HAS_CHILDREN;
    /* Who has it selected sees it empty, and what takes its name later is another mailbox. */
    bool found;
    size_t place = name_place(account, bytes_text(mailbox->name), &found);
    CHECK(found);
    take_out(account, place);
    empty(mailbox);
    mailbox->gone = true;
    if (children) add(account, bytes_text(mailbox->name))->no_select = true;
    tell(mailbox);
    mailbox->account = NULL;
    mailbox_drop(mailbox);
    return MAILBOX_OK;
}

/* INBOX's messages get new UIDs in the new mailbox: it is another one. */
static MailboxStatus move_inbox(MailAccount *account, Bytes to) {
    MailboxStatus status = mailbox_create(account, to, MAILBOX_USE_NONE);
    if (status != MAILBOX_OK) return status;
    Mailbox *inbox = mailbox_inbox(account), *other = mailbox_find(account, to);
    for (size_t i = 0; i < inbox->count; i++) {
        const StoredMessage *m = inbox->messages[i];
        uint64_t flags = m->flags & (((uint64_t)1 << MAIL_SYSTEM_FLAGS) - 1);
        for (size_t k = 0; k < inbox->keyword_count; k++)
            if (m->flags >> (MAIL_SYSTEM_FLAGS + k) & 1)
                flags |= mailbox_flag(other, bytes_text(inbox->keywords[k]), true);
        mailbox_append(other, m->content, flags, m->date_s);
    }
    empty(inbox);
    tell(inbox);
    return MAILBOX_OK;
}

static size_t depth_of(const char *name) {
    size_t depth = 1;
    for (; *name; name++) depth += *name == MAILBOX_DELIMITER;
    return depth;
}

/* Whether every inferior of `from` would still have a good name below `to`. */
static bool inferiors_fit(const MailAccount *account, Bytes from, const char *to) {
    for (size_t i = 1; i < account->count; i++) {
        const char *name = account->mailboxes[i]->name;
        if (!is_below(name, from)) continue;
        const char *rest = name + from.size;
        if (strlen(rest) + strlen(to) > MAILBOX_NAME_MOST || depth_of(rest) - 1 + depth_of(to) > MAILBOX_DEPTH_MOST)
            return false;
    }
    return true;
}

static void put_back(MailAccount *account, Mailbox *mailbox) {
    bool found;
    size_t place = name_place(account, bytes_text(mailbox->name), &found);
    CHECK(!found);
    account->mailboxes = array_grow(account->mailboxes, &account->capacity, account->count + 1, sizeof(Mailbox *));
    memmove(account->mailboxes + place + 1, account->mailboxes + place, (account->count - place) * sizeof(Mailbox *));
    account->mailboxes[place] = mailbox;
    account->count++;
}

/* `to` is a good name that nobody has; since superiors always exist, nobody has one below it either. */
static MailboxStatus rename_to(MailAccount *account, Mailbox *mailbox, const char *to) {
    Text old = text_new();
    text_put(&old, mailbox->name);
    Bytes from = bytes_of(old.at, old.size);
    MailboxStatus status = MAILBOX_OK;
    if (is_below(to, from) || !inferiors_fit(account, from, to)) status = MAILBOX_BAD_NAME;
    else if (!make_superiors(account, bytes_text(to), 0)) status = MAILBOX_TOO_MANY;
    if (status != MAILBOX_OK) {
        text_free(&old);
        return status;
    }
    uint32_t given_up = account->uid_validity_given_up;
    Mailbox **moved = memory_new(account->count * sizeof *moved);
    size_t count = 0;
    for (size_t i = account->count; i-- > 1;) {
        Mailbox *one = account->mailboxes[i];
        if (one != mailbox && !is_below(one->name, from)) continue;
        moved[count++] = one;
        take_out(account, i);
    }
    while (count > 0) {
        Mailbox *one = moved[--count];
        Text name = text_new();
        text_print(&name, "%s%s", to, one->name + from.size);
        free(one->name);
        one->name = name_copy(bytes_of(name.at, name.size));
        text_free(&name);
        if (one->uid_validity <= given_up) one->uid_validity = account->uid_validity_next++;
        put_back(account, one);
    }
    free(moved);
    text_free(&old);
    return MAILBOX_OK;
}

MailboxStatus mailbox_rename(MailAccount *account, Bytes from, Bytes to) {
    if (to.size > 1 && to.at[to.size - 1] == MAILBOX_DELIMITER) to.size--;
    Mailbox *mailbox = mailbox_find(account, from);
    if (!mailbox) return MAILBOX_MISSING;
    if (!good_name(to)) return MAILBOX_BAD_NAME;
    if (mailbox_find(account, to)) return MAILBOX_EXISTS;
    Text room = text_new();
    to = usual_name(to, &room);
    Text whole = text_new(); /* with a NUL behind it */
    text_put_bytes(&whole, to);
    MailboxStatus status = mailbox == account->mailboxes[0] ? move_inbox(account, bytes_of(whole.at, whole.size))
                                                            : rename_to(account, mailbox, text_get(&whole));
    text_free(&whole);
    text_free(&room);
    return status;
}

/* ---- Subscriptions ---- */

static size_t subscription_place(const MailAccount *account, Bytes name, bool *found) {
    size_t low = 0, high = account->subscription_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = name_compare(name, account->subscriptions[middle]);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return low;
}

MailboxStatus mailbox_subscribe(MailAccount *account, Bytes name) {
    if (!good_name(name)) return MAILBOX_BAD_NAME;
    Text room = text_new();
    name = usual_name(name, &room);
    bool found;
    size_t place = subscription_place(account, name, &found);
    MailboxStatus status = MAILBOX_OK;
    if (!found && account->subscription_count >= MAILBOXES_MOST) status = MAILBOX_TOO_MANY;
    if (!found && status == MAILBOX_OK) {
        account->subscriptions = array_grow(account->subscriptions, &account->subscription_capacity,
                                            account->subscription_count + 1, sizeof(char *));
        memmove(account->subscriptions + place + 1, account->subscriptions + place,
                (account->subscription_count - place) * sizeof(char *));
        account->subscriptions[place] = name_copy(name);
        account->subscription_count++;
    }
    text_free(&room);
    return status;
}

MailboxStatus mailbox_unsubscribe(MailAccount *account, Bytes name) {
    Text room = text_new();
    bool found;
    size_t place = subscription_place(account, usual_name(name, &room), &found);
    text_free(&room);
    if (!found) return MAILBOX_MISSING;
    free(account->subscriptions[place]);
    memmove(account->subscriptions + place, account->subscriptions + place + 1,
            (account->subscription_count - place - 1) * sizeof(char *));
    account->subscription_count--;
    return MAILBOX_OK;
}

bool mailbox_is_subscribed(const MailAccount *account, Bytes name) {
    Text room = text_new();
    bool found;
    (void)subscription_place(account, usual_name(name, &room), &found);
    text_free(&room);
    return found;
}

/* ---- What is in them ---- */

StoredMessage *mailbox_append(Mailbox *mailbox, MailContent *content, uint64_t flags, int64_t date_s) {
    CHECK(!mailbox->no_select && !mailbox->gone && mailbox->uid_next < UINT32_MAX);
    mailbox->messages = array_grow(mailbox->messages, &mailbox->capacity, mailbox->count + 1, sizeof(StoredMessage *));
    StoredMessage *message = memory_new(sizeof *message);
    *message = (StoredMessage){.uid = mailbox->uid_next++,
                               .holders = 1,
                               .flags = flags,
                               .change = ++mailbox->change,
                               .date_s = date_s,
                               .content = mail_content_hold(content)};
    mailbox->messages[mailbox->count++] = message;
    mailbox->unseen += !(flags & MAIL_FLAG_SEEN);
    mailbox->octets += content->size;
    if (mailbox->account->disk_octets) *mailbox->account->disk_octets += content->size;
    tell(mailbox);
    return message;
}

void mailbox_set_flags(Mailbox *mailbox, StoredMessage *message, uint64_t flags) {
    if (message->flags == flags || message->expunged) return;
    mailbox->unseen += !(flags & MAIL_FLAG_SEEN);
    mailbox->unseen -= !(message->flags & MAIL_FLAG_SEEN);
    message->flags = flags;
    message->change = ++mailbox->change;
    tell(mailbox);
}

static bool is_the_one(void *self, const StoredMessage *message) { return message == self; }

void mailbox_expunge(Mailbox *mailbox, StoredMessage *message) {
    (void)mailbox_expunge_all(mailbox, is_the_one, message);
}

size_t mailbox_expunge_all(Mailbox *mailbox, bool (*wanted)(void *self, const StoredMessage *message), void *self) {
    size_t kept = 0, before = mailbox->count;
    uint64_t freed = 0;
    for (size_t i = 0; i < before; i++) {
        StoredMessage *message = mailbox->messages[i];
        if (!wanted(self, message)) {
            mailbox->messages[kept++] = message;
            continue;
        }
        freed += message->content->size;
        mailbox->unseen -= !(message->flags & MAIL_FLAG_SEEN);
        message->expunged = true;
        stored_message_drop(message);
    }
    if (kept == before) return 0;
    mailbox->count = kept;
    mailbox->octets -= freed;
    if (mailbox->account && mailbox->account->disk_octets) *mailbox->account->disk_octets -= freed;
    mailbox->change++;
    tell(mailbox);
    return before - kept;
}

size_t mailbox_index(const Mailbox *mailbox, uint32_t uid) {
    size_t low = 0, high = mailbox->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (mailbox->messages[middle]->uid < uid) low = middle + 1;
        else high = middle;
    }
    return low;
}

static const char *const system_flags[] = {
#define X(name, text) text,
    MAIL_FLAGS(X)
#undef X
};

uint64_t mailbox_flag(Mailbox *mailbox, Bytes name, bool add_it) {
    for (size_t i = 0; i < MAIL_SYSTEM_FLAGS; i++)
        if (bytes_is(name, system_flags[i])) return (uint64_t)1 << i;
    if (name.size == 0 || name.size > MAIL_KEYWORD_MOST || name.at[0] == '\\') return 0;
    for (size_t i = 0; i < name.size; i++)
        if (name.at[i] <= ' ' || name.at[i] >= 0x7f) return 0; /* an atom (RFC 3501 section 9, flag-keyword) */
    for (size_t i = 0; i < mailbox->keyword_count; i++)
        if (bytes_is(name, mailbox->keywords[i])) return (uint64_t)1 << (MAIL_SYSTEM_FLAGS + i);
    if (!add_it || mailbox->keyword_count == MAIL_KEYWORDS_MOST) return 0;
    if (!mailbox->keywords) mailbox->keywords = memory_new(MAIL_KEYWORDS_MOST * sizeof(char *));
    mailbox->keywords[mailbox->keyword_count] = name_copy(name);
    return (uint64_t)1 << (MAIL_SYSTEM_FLAGS + mailbox->keyword_count++);
}

const char *mailbox_flag_name(const Mailbox *mailbox, uint64_t bit) {
    CHECK(bit != 0 && (bit & (bit - 1)) == 0);
    size_t i = 0;
    while (bit >> i > 1) i++;
    if (i < MAIL_SYSTEM_FLAGS) return system_flags[i];
    CHECK(i - MAIL_SYSTEM_FLAGS < mailbox->keyword_count);
    return mailbox->keywords[i - MAIL_SYSTEM_FLAGS];
}
