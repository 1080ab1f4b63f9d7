/* SEARCH (RFC 3501 section 6.4.4). */
#include "proto/imap/data.h"
#include "proto/imap/server_inside.h"

void imap_parse_search(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_search(r, &c->key, &c->bad_charset));
}

static bool has_bad_number(const ImapKey *key, uint32_t most) {
    for (; key; key = key->next)
        if ((key->kind == IMAP_KEY_SET && imap_set_goes_beyond(&key->set, most)) || has_bad_number(key->first, most))
            return true;
    return false;
}

void imap_judge_search(ImapServer *s, ImapCommand *c) {
    if (c->bad_charset) imap_verdict(c, IMAP_NO, "BADCHARSET (US-ASCII UTF-8)", "That charset is not known");
    else if (has_bad_number(c->key, (uint32_t)s->view.count))
        imap_verdict(c, IMAP_BAD, NULL, "There is no message of that number");
}

void imap_carry_search(ImapServer *s, ImapCommand *c, Effects *effects) {
    const ImapView *v = &s->view;
    ImapCandidate candidate = {.mailbox = v->mailbox};
    imap_search_prepare(s->scratch, c->key, (uint32_t)v->count, imap_view_uid_most(v));
    Text *to = imap_reply_begin(s);
    text_put(to, "* SEARCH");
    for (size_t i = 0; i < v->count; i++) {
        candidate.message = v->entries[i].message;
        candidate.number = (uint32_t)(i + 1);
        candidate.recent = imap_view_is_recent(v, i);
        if (imap_search_matches(c->key, &candidate))
            text_print(to, " %u", (unsigned)(c->row->uid ? candidate.message->uid : candidate.number));
    }
    imap_reply_end(s, effects);
}
