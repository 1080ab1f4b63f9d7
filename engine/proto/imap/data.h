/* What FETCH and SEARCH know of a message: RFC 3501 sections 6.4.4, 6.4.5 and 7.4.2. Pure functions of its octets. */
#ifndef NETSTAGE_PROTO_IMAP_DATA_H
#define NETSTAGE_PROTO_IMAP_DATA_H

#include "proto/imap/syntax.h"

/* ENVELOPE, BODY and BODYSTRUCTURE as they stand in a FETCH response, in parentheses. Worked out once a message and kept
 * with its content. */
Bytes imap_envelope(MailContent *content);
Bytes imap_body(MailContent *content);
Bytes imap_bodystructure(MailContent *content);

/* The octets of a section; false: the message has no such part (NIL). They lie in the content or in the arena. */
bool imap_section(Arena *arena, MailContent *content, const ImapSection *section, Bytes *octets);
/* "BODY[1.HEADER.FIELDS (Date)]<0>" as the response names it. */
void imap_put_section(Text *to, const ImapFetch *fetch);

/* ---- SEARCH ---- */

/* What is asked of one message in a reader's view. */
typedef struct {
    const Mailbox *mailbox;
    const StoredMessage *message;
    uint32_t number; /* its sequence number */
    bool recent;     /* for this reader */
} ImapCandidate;

/* Makes a key ready for a reader's view, once and before the first message: "*" becomes a number, texts are folded. */
void imap_search_prepare(Arena *arena, ImapKey *key, uint32_t number_most, uint32_t uid_most);
/* What it takes for a message (parts decoded) is given back before it returns. Keywords are looked up in the mailbox. */
bool imap_search_matches(const ImapKey *key, const ImapCandidate *candidate);

#endif
