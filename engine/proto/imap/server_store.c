/* STORE, COPY, MOVE, EXPUNGE, CLOSE: RFC 3501 sections 6.4.2, 6.4.3, 6.4.6, 6.4.7; RFC 4315, RFC 6851. What happens to
 * messages that another session has expunged meanwhile: RFC 2180 section 4. */
#include <string.h>

#include "proto/imap/server_inside.h"

static const char *mailbox_name(ImapServer *s, const Mailbox *mailbox) {
    return s->office->keep(s->office->self, mailbox->name);
}

static bool judge_read_only(ImapServer *s, ImapCommand *c) {
    if (s->view.read_only) imap_verdict(c, IMAP_NO, NULL, "The mailbox is open for reading only");
    return !s->view.read_only;
}

/* ---- STORE ---- */

void imap_parse_store(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    Bytes name;
    (void)s;
    if (!imap_read_space(r) || !imap_read_set(r, &c->set) || !imap_read_space(r)) return;
    if (imap_is_next(r, '+')) c->store = IMAP_STORE_ADD;
    if (imap_is_next(r, '-')) c->store = IMAP_STORE_REMOVE;
    if (c->store != IMAP_STORE_REPLACE) (void)imap_read_char(r, c->store == IMAP_STORE_ADD ? '+' : '-');
    if (!imap_read_name(r, &name)) return;
    c->silent = bytes_is(name, "FLAGS.SILENT");
    if (!c->silent && !bytes_is(name, "FLAGS")) (void)imap_fault(r, "imap.store_item");
    else (void)(imap_read_space(r) && imap_read_store_flags(r, &c->flags));
}

void imap_judge_store(ImapServer *s, ImapCommand *c) {
    if (imap_choose(s, c) && judge_read_only(s, c)) c->writes = c->chosen_count > 0;
}

/* What is taken away need not be known. False: there is no room for a keyword. */
static bool flags_of(ImapServer *s, ImapCommand *c, uint64_t *bits) {
    *bits = 0;
    for (size_t i = 0; i < c->flags.count; i++) {
        uint64_t bit = mailbox_flag(s->view.mailbox, c->flags.names[i], c->store != IMAP_STORE_REMOVE);
        if (bit == 0 && c->store != IMAP_STORE_REMOVE) {
            if (c->flags.names[i].at[0] == '\\') imap_verdict(c, IMAP_NO, "CANNOT", "There is no such system flag");
            else imap_verdict(c, IMAP_NO, "LIMIT", "The mailbox takes no more keywords, or none so long");
            return false;
        }
        *bits |= bit;
    }
    return true;
}

static void state_flags(ImapServer *s, size_t count, const ImapCommand *c, Effects *effects) {
    Text text = text_new();
    text_put(&text, c->store == IMAP_STORE_ADD ? "+" : c->store == IMAP_STORE_REMOVE ? "-" : "");
    for (size_t i = 0; i < c->flags.count; i++) {
        if (i > 0) text_put_char(&text, ' ');
        text_put_bytes(&text, c->flags.names[i]);
    }
    effect_fact(effects, &fact_imap_flags,
                (int64_t[]){fact_name(s->user), fact_name(mailbox_name(s, s->view.mailbox)), (int64_t)count,
                            fact_name(s->office->keep(s->office->self, text_get(&text)))});
    text_free(&text);
}

static size_t set_flags(ImapServer *s, ImapCommand *c, uint64_t bits) {
    size_t count = 0;
    for (size_t i = 0; i < c->chosen_count; i++) {
        const StoredMessage *m = s->view.entries[c->chosen[i]].message;
        uint64_t flags = c->store == IMAP_STORE_ADD      ? m->flags | bits
                         : c->store == IMAP_STORE_REMOVE ? m->flags & ~bits
                                                         : bits;
        if (m->expunged) {
            c->some_gone = true;
            continue;
        }
        count++;
        imap_view_set_flags(&s->view, c->chosen[i], flags);
    }
    return count;
}

void imap_carry_store(ImapServer *s, ImapCommand *c, Effects *effects) {
    ImapView *v = &s->view;
    uint64_t bits;
    if (!flags_of(s, c, &bits)) return;
    size_t count = set_flags(s, c, bits);
    imap_reply_new_keywords(s, effects);
    for (size_t i = 0; i < c->chosen_count && !c->silent; i++) {
        ImapViewEntry *entry = &v->entries[c->chosen[i]];
        if (entry->message->expunged) continue;
        entry->told = entry->message->flags | (entry->told & IMAP_VIEW_RECENT);
        imap_reply_flags(s, c->chosen[i], c->row->uid, effects);
    }
    if (count > 0) state_flags(s, count, c, effects);
    if (c->some_gone && !c->silent) imap_verdict(c, IMAP_NO, "EXPUNGEISSUED", "Some of the messages no longer exist");
}

/* ---- EXPUNGE, CLOSE ---- */

void imap_parse_uid_expunge(ImapServer *s, ImapCommand *c) {
    (void)s;
    c->has_set = true;
    (void)(imap_read_space(&c->reader) && imap_read_set(&c->reader, &c->set));
}

typedef struct {
    const ImapView *view;
    const ImapCommand *command;
    ImapSet set;
} Expunging;

/* What this session has not heard of yet, it does not remove. */
static bool is_to_go(void *self, const StoredMessage *m) {
    const Expunging *e = self;
    return (m->flags & MAIL_FLAG_DELETED) && m->uid < e->view->uid_next &&
           (!e->command->has_set || imap_set_has(&e->set, m->uid));
}

static Expunging expunging(ImapServer *s, ImapCommand *c) {
    Expunging e = {&s->view, c, {0}};
    uint32_t most = imap_view_uid_most(&s->view);
    if (c->has_set && most > 0) e.set = imap_set_resolve(s->scratch, &c->set, most);
    return e;
}

static bool has_any_to_go(ImapServer *s, ImapCommand *c) {
    Expunging e = expunging(s, c);
    for (size_t i = 0; i < s->view.count; i++) {
        StoredMessage *m = s->view.entries[i].message;
        if (!m->expunged && is_to_go(&e, m)) return true;
    }
    return false;
}

/* The messages of the mailbox that go, each by its fact. */
static size_t expunge(ImapServer *s, bool (*goes)(void *, const StoredMessage *), void *self, Effects *effects) {
    const Mailbox *mailbox = s->view.mailbox;
    int64_t user = fact_name(s->user), name = fact_name(mailbox_name(s, mailbox));
    for (size_t i = 0; i < mailbox->count; i++)
        if (goes(self, mailbox->messages[i]))
            effect_fact(effects, &fact_imap_removed, (int64_t[]){user, name, mailbox->messages[i]->uid});
    return mailbox_expunge_all(s->view.mailbox, goes, self);
}

static void state_expunged(ImapServer *s, size_t count, Effects *effects) {
    if (count > 0)
        effect_fact(effects, &fact_imap_expunged,
                    (int64_t[]){fact_name(s->user), fact_name(mailbox_name(s, s->view.mailbox)), (int64_t)count});
}

void imap_judge_expunge(ImapServer *s, ImapCommand *c) {
    if (judge_read_only(s, c)) c->writes = has_any_to_go(s, c);
}

void imap_carry_expunge(ImapServer *s, ImapCommand *c, Effects *effects) {
    Expunging e = expunging(s, c);
    if (c->writes) state_expunged(s, expunge(s, is_to_go, &e, effects), effects);
}

void imap_judge_close(ImapServer *s, ImapCommand *c) { c->writes = !s->view.read_only && has_any_to_go(s, c); }

void imap_carry_close(ImapServer *s, ImapCommand *c, Effects *effects) {
    imap_carry_expunge(s, c, effects);
    imap_carry_unselect(s, c, effects);
}

/* ---- COPY, MOVE ---- */

void imap_parse_copy(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_set(r, &c->set) && imap_read_space(r) && imap_read_mailbox(r, &c->mailbox));
}

/* All of them or none: where one no longer exists, none is copied (RFC 2180 section 4.4.2). */
static bool judge_sources(ImapServer *s, ImapCommand *c, uint64_t *octets) {
    *octets = 0;
    for (size_t i = 0; i < c->chosen_count; i++) {
        const StoredMessage *m = s->view.entries[c->chosen[i]].message;
        *octets += m->content->size;
        if (m->expunged) imap_verdict(c, IMAP_NO, "EXPUNGEISSUED", "Some of the messages no longer exist");
    }
    return c->status == IMAP_OK;
}

static bool judge_target(ImapServer *s, ImapCommand *c) {
    c->target = imap_find_target(s, c, c->mailbox);
    if (c->target && UINT32_MAX - c->target->uid_next <= c->chosen_count)
        imap_verdict(c, IMAP_NO, "LIMIT", "The mailbox has not so many UIDs left");
    return c->status == IMAP_OK;
}

void imap_judge_copy(ImapServer *s, ImapCommand *c) {
    uint64_t octets;
    if (imap_choose(s, c) && judge_target(s, c) && judge_sources(s, c, &octets) && imap_judge_room(s, c, octets))
        c->writes = c->chosen_count > 0;
}

void imap_judge_move(ImapServer *s, ImapCommand *c) {
    uint64_t octets;
    if (imap_choose(s, c) && judge_read_only(s, c) && judge_target(s, c) && judge_sources(s, c, &octets))
        c->writes = c->chosen_count > 0;
}

static uint64_t flags_there(const Mailbox *from, Mailbox *to, uint64_t flags) {
    uint64_t there = 0;
    for (uint64_t left = flags; left; left &= left - 1)
        there |= mailbox_flag(to, bytes_text(mailbox_flag_name(from, left & -left)), true);
    return there;
}

/* "38505 304,319:320 3956:3958" (RFC 4315 section 3), in the command's arena. */
static const char *copy_all(ImapServer *s, ImapCommand *c) {
    const ImapView *v = &s->view;
    Mailbox *to = c->target;
    uint32_t *old = arena_alloc(s->scratch, (c->chosen_count + 1) * sizeof *old);
    uint32_t *new = arena_alloc(s->scratch, (c->chosen_count + 1) * sizeof *new);
    for (size_t i = 0; i < c->chosen_count; i++) {
        StoredMessage *m = v->entries[c->chosen[i]].message;
        old[i] = m->uid;
        new[i] = mailbox_append(to, m->content, flags_there(v->mailbox, to, m->flags), m->date_s)->uid;
    }
    Text code = text_new();
    text_print(&code, "COPYUID %u ", (unsigned)to->uid_validity);
    imap_put_set(&code, old, c->chosen_count);
    text_put_char(&code, ' ');
    imap_put_set(&code, new, c->chosen_count);
    return (const char *)mail_keep_text(s->scratch, &code).at;
}

static void state_copied(ImapServer *s, ImapCommand *c, const FactSpec *spec, Effects *effects) {
    effect_fact(effects, spec,
                (int64_t[]){fact_name(s->user), fact_name(mailbox_name(s, s->view.mailbox)),
                            fact_name(mailbox_name(s, c->target)), (int64_t)c->chosen_count});
}

void imap_carry_copy(ImapServer *s, ImapCommand *c, Effects *effects) {
    uint64_t octets;
    if (!c->writes || !judge_target(s, c) || !judge_sources(s, c, &octets) || !imap_judge_room(s, c, octets)) return;
    c->code = copy_all(s, c);
    state_copied(s, c, &fact_imap_copied, effects);
}

static bool is_chosen(void *self, const StoredMessage *m) {
    const ImapServer *s = self;
    const ImapCommand *c = &s->command;
    size_t index = imap_view_index(&s->view, m->uid), low = 0, high = c->chosen_count;
    if (index == s->view.count || s->view.entries[index].message != m) return false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->chosen[middle] < index) low = middle + 1;
        else high = middle;
    }
    return low < c->chosen_count && c->chosen[low] == index;
}

void imap_carry_move(ImapServer *s, ImapCommand *c, Effects *effects) {
    uint64_t octets;
    if (!c->writes || !judge_target(s, c) || !judge_sources(s, c, &octets)) return;
    text_print(imap_reply_begin(s), "* OK [%s] Moved", copy_all(s, c));
    imap_reply_end(s, effects);
    (void)expunge(s, is_chosen, s, effects);
    state_copied(s, c, &fact_imap_moved, effects);
}
