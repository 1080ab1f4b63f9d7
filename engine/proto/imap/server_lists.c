/* LIST, LSUB (RFC 3501 sections 6.3.8, 6.3.9), with CHILDREN (3348) and SPECIAL-USE (6154); NAMESPACE (2342). */
#include <string.h>

#include "proto/imap/server_inside.h"

void imap_parse_list(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_mailbox(r, &c->mailbox) && imap_read_space(r) &&
           imap_read_list_mailbox(r, &c->other));
}

/* Reference and pattern joined: what is not a pattern by itself is not interpreted further (section 6.3.8). */
static Bytes pattern_of(ImapServer *s, const ImapCommand *c) {
    Text joined = text_new();
    text_put_bytes(&joined, c->mailbox);
    text_put_bytes(&joined, c->other);
    return mail_keep_text(s->scratch, &joined);
}

/* INBOX in any case. */
static bool matches(ImapServer *s, Bytes pattern, Bytes name) {
    if (imap_pattern_matches(pattern, name)) return true;
    if (!bytes_is(name, "INBOX")) return false;
    return imap_pattern_matches(mail_keep_lower(s->scratch, pattern), bytes_text("inbox"));
}

static void reply_name(ImapServer *s, const char *response, const char *attributes, Bytes name, Effects *effects) {
    Text *to = imap_reply_begin(s);
    text_print(to, "* %s (%s) \"%c\" ", response, attributes, MAILBOX_DELIMITER);
    imap_put_mailbox(to, name);
    imap_reply_end(s, effects);
}

/* An empty pattern asks for the delimiter and the root of the reference's names: here they all have one. */
static bool reply_root(ImapServer *s, const ImapCommand *c, const char *response, Effects *effects) {
    if (c->other.size > 0) return false;
    text_print(imap_reply_begin(s), "* %s (\\Noselect) \"%c\" \"\"", response, MAILBOX_DELIMITER);
    imap_reply_end(s, effects);
    return true;
}

static void put_attributes(Text *to, const MailAccount *account, const Mailbox *m) {
    static const char *const uses[] = {
#define X(name, text) text,
        MAILBOX_USES(X)
#undef X
    };
    if (m->no_select) text_put(to, "\\Noselect ");
    text_put(to, mailbox_has_children(account, m) ? "\\HasChildren" : "\\HasNoChildren");
    if (m->use != MAILBOX_USE_NONE) text_print(to, " %s", uses[m->use]);
}

void imap_carry_list(ImapServer *s, ImapCommand *c, Effects *effects) {
    if (reply_root(s, c, "LIST", effects)) return;
    Bytes pattern = pattern_of(s, c);
    Text attributes = text_new();
    for (size_t i = 0; i < s->account->count; i++) {
        const Mailbox *m = s->account->mailboxes[i];
        if (!matches(s, pattern, bytes_text(m->name))) continue;
        text_clear(&attributes);
        put_attributes(&attributes, s->account, m);
        reply_name(s, "LIST", text_get(&attributes), bytes_text(m->name), effects);
    }
    text_free(&attributes);
}

/* With "%" at its end, a pattern that matches a name above a subscribed one is answered with that name, \Noselect
 * (section 6.3.9). Names come sorted, so those below one name stand together. */
static void reply_above(ImapServer *s, Bytes pattern, Bytes name, Text *last, Effects *effects) {
    for (size_t i = 1; i < name.size; i++) {
        if (name.at[i] != MAILBOX_DELIMITER) continue;
        Bytes above = bytes_slice(name, 0, i);
        if (mailbox_is_subscribed(s->account, above) || !matches(s, pattern, above)) continue;
        if (bytes_equal(above, bytes_of(text_get(last), last->size))) continue;
        text_clear(last);
        text_put_bytes(last, above);
        reply_name(s, "LSUB", "\\Noselect", above, effects);
    }
}

void imap_carry_lsub(ImapServer *s, ImapCommand *c, Effects *effects) {
    if (reply_root(s, c, "LSUB", effects)) return;
    Bytes pattern = pattern_of(s, c);
    bool level = pattern.size > 0 && pattern.at[pattern.size - 1] == '%';
    Text last = text_new();
    for (size_t i = 0; i < s->account->subscription_count; i++) {
        Bytes name = bytes_text(s->account->subscriptions[i]);
        const Mailbox *m = mailbox_find(s->account, name);
        if (matches(s, pattern, name)) reply_name(s, "LSUB", m && !m->no_select ? "" : "\\Noselect", name, effects);
        else if (level) reply_above(s, pattern, name, &last, effects);
    }
    text_free(&last);
}

void imap_carry_namespace(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)c;
    text_print(imap_reply_begin(s), "* NAMESPACE ((\"\" \"%c\")) NIL NIL", MAILBOX_DELIMITER);
    imap_reply_end(s, effects);
}
