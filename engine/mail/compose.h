/* A user agent's part: from what a user wrote to the message that travels and the envelope it travels in.
 * The content itself is built by entity.h.
 *
 * Three views of one message (what MIME is for): `written`, as the user wrote it, every character as it is and Bcc
 * still there; `mime`, in 7-bit lines, Bcc gone; the third, as SMTP carries it, is dots.h applied to `mime`. */
#ifndef NETSTAGE_MAIL_COMPOSE_H
#define NETSTAGE_MAIL_COMPOSE_H

#include "base/random.h"
#include "mail/entity.h"
#include "mail/envelope.h"

typedef struct {
    const char *name;
    Bytes value; /* UTF-8, as typed */
} DraftField;

typedef struct {
    const char *type;  /* "image/gif", "message/rfc822", "message/external-body" …; NULL: application/octet-stream */
    Bytes octets;      /* of a text type: UTF-8, whose lines may end in LF */
    Bytes filename;    /* UTF-8; may be empty */
    Bytes description; /* Content-Description; may be empty */
    Bytes content_id;  /* without brackets; may be empty */
    bool in_place;     /* "inline" rather than "attachment", where there is a filename */
    const DraftField *parameters; /* more of Content-Type: access-type, name, id, number, total … */
    size_t parameter_count;
} DraftPart;

typedef struct {
    const DraftField *fields; /* in the order in which they are written */
    size_t field_count;
    Bytes text; /* UTF-8, lines end in LF or CRLF */
    Bytes html; /* the same in HTML: multipart/alternative; may be empty */
    const DraftPart *parts;
    size_t part_count;
    const char *multipart; /* subtype around text and parts; NULL: "mixed". "digest": the parts are messages */
    const char *charset;   /* of text and encoded words, where it is not ASCII; NULL: UTF-8 */
    MailCarrier carrier;
    /* Date and Message-ID are added where the fields lack them. */
    int64_t at_s;
    int zone_minutes;
    Bytes domain; /* of the Message-ID, and of addresses without one */
} Draft;

/* What became of one content. */
typedef struct {
    Bytes type;            /* "text/plain" */
    Bytes source;          /* the octets that were encoded: canonical lines, in their character set */
    EncodingChoice choice; /* of a message or multipart: 7bit or 8bit */
    size_t at, size;       /* its encoded body in `mime` */
} ComposedPart;

typedef struct {
    Bytes written, mime;
    Envelope envelope;
    ComposedPart *parts; /* in the order in which they stand */
    size_t part_count, part_capacity;
    bool needs_8bit; /* SMTP's BODY=8BITMIME */
    bool needs_utf8; /* SMTPUTF8 */
} Composed;

/* Fields of the user's that MIME owns (MIME-Version, Content-…) are left out: "compose.field_owned"; a name that is
 * none, "compose.field_name". Faults' offsets count in `written`. A forwarded message with octets beyond ASCII is
 * encoded anew (reencode.h) unless the carrier takes them. */
Composed compose(Arena *arena, const Draft *draft, RandomStream *random, MailFaults *faults);

#endif
