/* FETCH (RFC 3501 section 6.4.5, responses in 7.4.2), message by message as the stream takes it. */
#include <string.h>

#include "proto/imap/data.h"
#include "proto/imap/server_inside.h"

/* Beside an index in `chosen`: reading it has just set \Seen, which is to be said. */
#define NEWLY_SEEN ((uint32_t)1 << 31)

/* ---- Which messages ---- */

static void choose_range(ImapCommand *c, size_t from, size_t to) {
    for (size_t i = from; i < to; i++) c->chosen[c->chosen_count++] = (uint32_t)i;
}

bool imap_set_goes_beyond(const ImapSet *set, uint32_t most) {
    for (size_t i = 0; i < set->count; i++)
        if (most == 0 || set->ranges[i].first > most || set->ranges[i].last > most) return true;
    return false;
}

bool imap_choose(ImapServer *s, ImapCommand *c) {
    const ImapView *v = &s->view;
    bool uid = c->row->uid;
    uint32_t most = uid ? imap_view_uid_most(v) : (uint32_t)v->count;
    if (!uid && imap_set_goes_beyond(&c->set, most)) {
        imap_verdict(c, IMAP_BAD, NULL, "There is no message of that number");
        return false;
    }
    c->chosen = arena_alloc(s->scratch, (v->count + 1) * sizeof *c->chosen);
    if (most == 0) return true;
    ImapSet set = imap_set_resolve(s->scratch, &c->set, most);
    for (size_t i = 0; i < set.count; i++) {
        uint32_t first = set.ranges[i].first, last = set.ranges[i].last;
        if (!uid) choose_range(c, first - 1, last < most ? last : most);
        else choose_range(c, imap_view_index(v, first), last < most ? imap_view_index(v, last + 1) : v->count);
    }
    return true;
}

/* ---- Reading and judging ---- */

void imap_parse_fetch(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_set(r, &c->set) && imap_read_space(r) && imap_read_fetch(r, &c->fetch));
}

/* About how much a message's response is, without working it out. An odd message may have as much as its size in its
 * envelope. */
static uint64_t likely_octets(const ImapFetchList *list, uint64_t size) {
    uint64_t octets = 40;
    for (size_t i = 0; i < list->count; i++) {
        const ImapFetch *f = &list->items[i];
        switch (f->item) {
            case IMAP_FETCH_BODY_SECTION: octets += 60 + (f->partial && f->most < size ? f->most : size); break;
            case IMAP_FETCH_RFC822:
            case IMAP_FETCH_RFC822_TEXT:
            case IMAP_FETCH_RFC822_HEADER: octets += size; break;
            case IMAP_FETCH_ENVELOPE:
            case IMAP_FETCH_BODY:
            case IMAP_FETCH_BODYSTRUCTURE: octets += 500 + size / 50; break;
            default: octets += 40;
        }
    }
    return octets;
}

void imap_judge_fetch(ImapServer *s, ImapCommand *c) {
    const ImapView *v = &s->view;
    if (!imap_choose(s, c)) return;
    c->reads = !v->read_only && imap_fetch_reads(&c->fetch);
    for (size_t i = 0; i < c->chosen_count; i++) {
        const StoredMessage *m = v->entries[c->chosen[i]].message;
        c->octets += likely_octets(&c->fetch, m->content->size);
        c->writes |= c->reads && !(m->flags & MAIL_FLAG_SEEN) && !m->expunged;
    }
}

/* ---- Saying it ---- */

static void put_section(Text *to, Arena *arena, MailContent *content, const ImapFetch *fetch) {
    Bytes octets;
    imap_put_section(to, fetch);
    text_put_char(to, ' ');
    if (!imap_section(arena, content, &fetch->section, &octets)) text_put(to, "NIL");
    else imap_put_literal(to, fetch->partial ? bytes_slice(octets, fetch->from, fetch->most) : octets);
}

static void put_rfc822(Text *to, Arena *arena, MailContent *content, const char *name, ImapSectionText text) {
    ImapSection section = {.text = text};
    Bytes octets = {0};
    (void)imap_section(arena, content, &section, &octets);
    text_put(to, name);
    imap_put_literal(to, octets);
}

static void put_flags(Text *to, ImapView *v, size_t index) {
    ImapViewEntry *entry = &v->entries[index];
    entry->told = entry->message->flags | (entry->told & IMAP_VIEW_RECENT);
    text_put(to, "FLAGS ");
    imap_put_flags(to, v->mailbox, entry->told, imap_view_is_recent(v, index));
}

static void put_item(Text *to, Arena *arena, ImapView *v, size_t index, const ImapFetch *fetch) {
    const StoredMessage *m = v->entries[index].message;
    MailContent *content = m->content;
    switch (fetch->item) {
        case IMAP_FETCH_ENVELOPE:
            text_put(to, "ENVELOPE ");
            text_put_bytes(to, imap_envelope(content));
            return;
        case IMAP_FETCH_BODY:
            text_put(to, "BODY ");
            text_put_bytes(to, imap_body(content));
            return;
        case IMAP_FETCH_BODYSTRUCTURE:
            text_put(to, "BODYSTRUCTURE ");
            text_put_bytes(to, imap_bodystructure(content));
            return;
        case IMAP_FETCH_FLAGS: put_flags(to, v, index); return;
        case IMAP_FETCH_INTERNALDATE:
            text_put(to, "INTERNALDATE ");
            imap_put_date_time(to, m->date_s);
            return;
        case IMAP_FETCH_RFC822: put_rfc822(to, arena, content, "RFC822 ", IMAP_SECTION_WHOLE); return;
        case IMAP_FETCH_RFC822_HEADER: put_rfc822(to, arena, content, "RFC822.HEADER ", IMAP_SECTION_HEADER); return;
        case IMAP_FETCH_RFC822_TEXT: put_rfc822(to, arena, content, "RFC822.TEXT ", IMAP_SECTION_TEXT); return;
        case IMAP_FETCH_RFC822_SIZE: text_print(to, "RFC822.SIZE %zu", content->size); return;
        case IMAP_FETCH_UID: text_print(to, "UID %u", (unsigned)m->uid); return;
        case IMAP_FETCH_BODY_SECTION: put_section(to, arena, content, fetch); return;
    }
    CHECK_UNREACHABLE();
}

static bool asks_for(const ImapFetchList *list, ImapFetchItem item) {
    for (size_t i = 0; i < list->count; i++)
        if (list->items[i].item == item) return true;
    return false;
}

static void reply_message(ImapServer *s, ImapCommand *c, Arena *arena, uint32_t chosen, Effects *effects) {
    ImapView *v = &s->view;
    size_t index = chosen & ~NEWLY_SEEN;
    Text *to = imap_reply_begin(s);
    const char *between = "";
    text_print(to, "* %zu FETCH (", index + 1);
    if (c->row->uid && !asks_for(&c->fetch, IMAP_FETCH_UID)) {
        text_print(to, "UID %u", (unsigned)v->entries[index].message->uid);
        between = " ";
    }
    for (size_t i = 0; i < c->fetch.count; i++) {
        text_put(to, between);
        put_item(to, arena, v, index, &c->fetch.items[i]);
        between = " ";
    }
    if ((chosen & NEWLY_SEEN) && !asks_for(&c->fetch, IMAP_FETCH_FLAGS)) {
        text_put(to, between);
        put_flags(to, v, index);
    }
    text_put_char(to, ')');
    imap_reply_end(s, effects);
}

void imap_fetch_begin(ImapServer *s, ImapCommand *c, Effects *effects) {
    ImapView *v = &s->view;
    c->octets = 0;
    imap_reply_new_keywords(s, effects);
    if (!c->writes) return;
    for (size_t i = 0; i < c->chosen_count; i++) {
        const StoredMessage *m = v->entries[c->chosen[i]].message;
        if ((m->flags & MAIL_FLAG_SEEN) || m->expunged) continue;
        imap_view_set_flags(v, c->chosen[i], m->flags | MAIL_FLAG_SEEN);
        c->chosen[i] |= NEWLY_SEEN;
    }
}

void imap_fetch_some(ImapServer *s, ImapCommand *c, Effects *effects) {
    Arena *arena = arena_new();
    size_t before = s->replies.size;
    while (c->chosen_next < c->chosen_count && s->replies.size - before < IMAP_FETCH_AT_ONCE)
        reply_message(s, c, arena, c->chosen[c->chosen_next++], effects);
    arena_free(arena);
    c->octets += s->replies.size - before;
    if (c->chosen_next < c->chosen_count || c->chosen_count == 0) return;
    effect_fact(effects, &fact_imap_fetched,
                (int64_t[]){fact_name(s->user), fact_name(s->office->keep(s->office->self, s->view.mailbox->name)),
                            (int64_t)c->chosen_count, (int64_t)c->octets});
}

void imap_carry_fetch(ImapServer *s, ImapCommand *c, Effects *effects) {
    imap_fetch_begin(s, c, effects);
    do imap_fetch_some(s, c, effects);
    while (c->chosen_next < c->chosen_count);
}
