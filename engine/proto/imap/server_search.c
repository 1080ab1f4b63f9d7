/* SEARCH (RFC 3501 section 6.4.4). */
#include "proto/imap/data.h"
#include "proto/imap/server_inside.h"

/* What looking at so many messages has needed is given back. */
enum { MESSAGES_AN_ARENA = 64 };

void imap_parse_search(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_search(r, &c->key, &c->bad_charset));
}

/* A sequence number beyond the last message is BAD wherever it stands (section 9, "seq-number"). */
static bool has_bad_number(const ImapKey *key, uint32_t most) {
    for (; key; key = key->next) {
        if (key->kind == IMAP_KEY_SET)
            for (size_t i = 0; i < key->set.count; i++) {
                ImapRange range = key->set.ranges[i];
                if (most == 0 || (range.first != IMAP_STAR && range.first > most) ||
                    (range.last != IMAP_STAR && range.last > most))
                    return true;
            }
        if (has_bad_number(key->first, most)) return true;
    }
    return false;
}

void imap_judge_search(ImapServer *s, ImapCommand *c) {
    if (c->bad_charset) imap_verdict(c, IMAP_NO, "BADCHARSET (US-ASCII UTF-8)", "That charset is not known");
    else if (has_bad_number(c->key, (uint32_t)s->view.count))
        imap_verdict(c, IMAP_BAD, NULL, "There is no message of that number");
}

void imap_carry_search(ImapServer *s, ImapCommand *c, Effects *effects) {
    const ImapView *v = &s->view;
    ImapCandidate candidate = {
        .mailbox = v->mailbox, .uid_most = imap_view_uid_most(v), .number_most = (uint32_t)v->count};
    Arena *arena = arena_new();
    Text *to = imap_reply_begin(s);
    text_put(to, "* SEARCH");
    for (size_t i = 0; i < v->count; i++) {
        if (i % MESSAGES_AN_ARENA == MESSAGES_AN_ARENA - 1) {
            arena_free(arena);
            arena = arena_new();
        }
        candidate.message = v->entries[i].message;
        candidate.number = (uint32_t)(i + 1);
        candidate.recent = imap_view_is_recent(v, i);
        if (imap_search_matches(arena, c->key, &candidate))
            text_print(to, " %u", (unsigned)(c->row->uid ? candidate.message->uid : candidate.number));
    }
    arena_free(arena);
    imap_reply_end(s, effects);
}
