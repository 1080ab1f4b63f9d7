/* What the files data_*.c share: a message's parts as spans, worked out once and kept with its content. */
#ifndef NETSTAGE_PROTO_IMAP_DATA_INSIDE_H
#define NETSTAGE_PROTO_IMAP_DATA_INSIDE_H

#include "mail/mime.h"
#include "proto/imap/data.h"

#define IMAP_NO_PART UINT32_MAX

/* A part of a message; the first is the message itself. */
typedef struct {
    size_t offset, body_offset, end; /* header, body and the body's end, in the message */
    uint32_t first, next;            /* child and sibling, or IMAP_NO_PART */
    bool multipart;
    bool message; /* message/rfc822: its child is that message; without a child its body is taken for bare text */
    bool separated;
} ImapPart;

typedef struct {
    Text envelope, body, bodystructure;
    ImapPart *parts;
    size_t count;
} ImapDigest;

/* With its parts, BODY and BODYSTRUCTURE. */
const ImapDigest *imap_digest_parts(MailContent *content);

/* How messages are cut into lines. DEVIATION: a bare LF ends one too, although RFC 5322 knows CRLF alone: whoever reads
 * mail has to make sense of what other programs have stored. */
#define IMAP_LINES LINES_LENIENT

/* message/rfc822, the one type that IMAP looks into (RFC 3501 section 6.4.5). */
bool imap_holds_message(const MimePart *part);

void imap_put_envelope(Text *to, Arena *arena, const Header *header);
void imap_put_structure(Text *to, Arena *arena, const MimePart *part, bool extended);
/* "(name value …)" or NIL, as written; what RFC 2231 cut into pieces is joined, as its section 6 asks of IMAP. `charset`:
 * where none is given, US-ASCII is named (RFC 2046 section 4.1.2). */
void imap_put_parameters(Text *to, Arena *arena, Bytes value, bool charset);

#endif
