/* Mailboxes opened, made, removed, renamed, and asked about: RFC 3501 sections 6.3.1 to 6.3.7 and 6.3.10. */
#include "proto/imap/server_inside.h"

void imap_parse_mailbox(ImapServer *s, ImapCommand *c) {
    (void)s;
    (void)(imap_read_space(&c->reader) && imap_read_mailbox(&c->reader, &c->mailbox));
}

/* ---- SELECT, EXAMINE, UNSELECT ---- */

void imap_judge_select(ImapServer *s, ImapCommand *c) {
    c->target = mailbox_find(s->account, c->mailbox);
    if (!c->target) imap_verdict(c, IMAP_NO, "NONEXISTENT", "There is no such mailbox");
    else if (c->target->no_select) imap_verdict(c, IMAP_NO, NULL, "That is no mailbox, only a name above others");
}

static void state_about_view(ImapServer *s, const FactSpec *spec, Effects *effects) {
    const Mailbox *m = s->view.mailbox;
    effect_fact(effects, spec,
                (int64_t[]){fact_name(s->user), fact_name(s->office->keep(s->office->self, m->name)), (int64_t)m->count,
                            (int64_t)m->unseen});
}

static void reply_first_unseen(ImapServer *s, Effects *effects) {
    const ImapView *v = &s->view;
    size_t i = 0;
    if (v->mailbox->unseen == 0) return;
    while (i < v->count && (v->entries[i].told & MAIL_FLAG_SEEN)) i++;
    if (i == v->count) return;
    text_print(imap_reply_begin(s), "* OK [UNSEEN %zu] The first that has not been seen", i + 1);
    imap_reply_end(s, effects);
}

static void open_view(ImapServer *s, ImapCommand *c, bool read_only, Effects *effects) {
    Mailbox *m = mailbox_hold(c->target); /* it may be the one that is closed now */
    if (s->view.mailbox) imap_carry_unselect(s, c, effects);
    imap_view_open(&s->view, m, read_only);
    mailbox_drop(m);
    imap_reply_keywords(s, effects);
    text_print(imap_reply_begin(s), "* %zu EXISTS", s->view.count);
    imap_reply_end(s, effects);
    text_print(imap_reply_begin(s), "* %zu RECENT", s->view.recent);
    imap_reply_end(s, effects);
    reply_first_unseen(s, effects);
    text_print(imap_reply_begin(s), "* OK [UIDVALIDITY %u] UIDs valid", (unsigned)m->uid_validity);
    imap_reply_end(s, effects);
    text_print(imap_reply_begin(s), "* OK [UIDNEXT %u] Predicted next UID", (unsigned)m->uid_next);
    imap_reply_end(s, effects);
    c->code = read_only ? "READ-ONLY" : "READ-WRITE";
    state_about_view(s, &fact_imap_selected, effects);
}

void imap_carry_select(ImapServer *s, ImapCommand *c, Effects *effects) { open_view(s, c, false, effects); }

void imap_carry_examine(ImapServer *s, ImapCommand *c, Effects *effects) { open_view(s, c, true, effects); }

void imap_carry_unselect(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)c;
    state_about_view(s, &fact_imap_closed, effects);
    imap_view_close(&s->view);
}

/* ---- CREATE, DELETE, RENAME, SUBSCRIBE, UNSUBSCRIBE ---- */

void imap_parse_create(ImapServer *s, ImapCommand *c) { imap_parse_mailbox(s, c); }

void imap_parse_rename(ImapServer *s, ImapCommand *c) {
    imap_parse_mailbox(s, c);
    if (imap_failed(&c->reader)) return;
    (void)(imap_read_space(&c->reader) && imap_read_mailbox(&c->reader, &c->other));
}

/* Whether it can be done is known for sure only once the disk has written: others write too. */
void imap_judge_write(ImapServer *s, ImapCommand *c) {
    (void)s;
    c->writes = true;
}

static void answer_status(ImapCommand *c, MailboxStatus status) {
    switch (status) {
        case MAILBOX_OK: return;
        case MAILBOX_EXISTS: imap_verdict(c, IMAP_NO, "ALREADYEXISTS", "There is a mailbox of that name"); return;
        case MAILBOX_MISSING: imap_verdict(c, IMAP_NO, "NONEXISTENT", "There is no such mailbox"); return;
        case MAILBOX_BAD_NAME: imap_verdict(c, IMAP_NO, "CANNOT", "That can be no mailbox's name"); return;
        case MAILBOX_HAS_CHILDREN: imap_verdict(c, IMAP_NO, NULL, "There are mailboxes below that name"); return;
        case MAILBOX_IS_INBOX: imap_verdict(c, IMAP_NO, "CANNOT", "INBOX stays"); return;
        case MAILBOX_TOO_MANY: imap_verdict(c, IMAP_NO, "LIMIT", "There are too many mailboxes"); return;
    }
    CHECK_UNREACHABLE();
}

void imap_carry_create(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)effects;
    answer_status(c, mailbox_create(s->account, c->mailbox, MAILBOX_USE_NONE));
}

/* Sessions that have it selected see its messages expunged one and all, and go on with an empty mailbox: what RFC 2180
 * section 3 leaves to the server. */
void imap_carry_delete(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)effects;
    answer_status(c, mailbox_delete(s->account, c->mailbox));
}

void imap_carry_rename(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)effects;
    answer_status(c, mailbox_rename(s->account, c->mailbox, c->other));
}

void imap_carry_subscribe(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)effects;
    answer_status(c, mailbox_subscribe(s->account, c->mailbox));
}

void imap_carry_unsubscribe(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)effects;
    if (mailbox_unsubscribe(s->account, c->mailbox) != MAILBOX_OK)
        imap_verdict(c, IMAP_NO, NULL, "That is not subscribed to");
}

/* ---- STATUS ---- */

#define STATUS_ITEMS(X) X(MESSAGES) X(RECENT) X(UIDNEXT) X(UIDVALIDITY) X(UNSEEN)
enum {
#define X(name) STATUS_##name,
    STATUS_ITEMS(X)
#undef X
        STATUS_COUNT,
};
static const char *const status_names[] = {
#define X(name) #name,
    STATUS_ITEMS(X)
#undef X
};

void imap_parse_status(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    Bytes name;
    imap_parse_mailbox(s, c);
    if (imap_failed(r) || !imap_read_space(r) || !imap_read_char(r, '(')) return;
    do {
        if (!imap_read_name(r, &name)) return;
        int i = 0;
        while (i < STATUS_COUNT && !bytes_is(name, status_names[i])) i++;
        if (i == STATUS_COUNT) {
            (void)imap_fault(r, "imap.status_item");
            return;
        }
        c->items |= 1u << i;
    } while (imap_is_next(r, ' ') && imap_read_space(r));
    (void)imap_read_char(r, ')');
}

void imap_judge_status(ImapServer *s, ImapCommand *c) { imap_judge_select(s, c); }

void imap_carry_status(ImapServer *s, ImapCommand *c, Effects *effects) {
    const Mailbox *m = c->target;
    Text *to = imap_reply_begin(s);
    text_put(to, "* STATUS ");
    imap_put_mailbox(to, bytes_text(m->name));
    const uint64_t values[STATUS_COUNT] = {[STATUS_MESSAGES] = m->count,
                                           [STATUS_RECENT] = m->count - mailbox_index(m, m->recent_from),
                                           [STATUS_UIDNEXT] = m->uid_next,
                                           [STATUS_UIDVALIDITY] = m->uid_validity,
                                           [STATUS_UNSEEN] = m->unseen};
    const char *between = " (";
    for (int i = 0; i < STATUS_COUNT; i++) {
        if (!(c->items >> i & 1)) continue;
        text_print(to, "%s%s %llu", between, status_names[i], (unsigned long long)values[i]);
        between = " ";
    }
    text_put_char(to, ')');
    imap_reply_end(s, effects);
}
