/* The parts of a message: RFC 2045 to 2049. A tree of spans into the message's octets, made in one pass over its lines.
 *
 * Reading never fails: what is malformed is noted with its place, and read as far as it makes sense. */
#ifndef NETSTAGE_MAIL_MIME_H
#define NETSTAGE_MAIL_MIME_H

#include "mail/message.h"
#include "mail/parameter.h"

enum { MIME_DEPTH_MOST = 50, MIME_PARTS_MOST = 10000, MIME_BOUNDARY_MOST = 70 };

/* The seven basic types (RFC 2046 section 3). */
#define MIME_TYPES(X)         \
    X(TEXT, "text")           \
    X(MULTIPART, "multipart") \
    X(MESSAGE, "message") X(IMAGE, "image") X(AUDIO, "audio") X(VIDEO, "video") X(APPLICATION, "application")
typedef enum {
#define X(name, text) MIME_##name,
    MIME_TYPES(X)
#undef X
        MIME_OTHER_TYPE,
} MimeType;

#define MIME_ENCODINGS(X) \
    X(7BIT, "7bit") X(8BIT, "8bit") X(BINARY, "binary") X(QUOTED_PRINTABLE, "quoted-printable") X(BASE64, "base64")
typedef enum {
#define X(name, text) MIME_##name,
    MIME_ENCODINGS(X)
#undef X
        MIME_OTHER_ENCODING,
} MimeEncoding;

const char *mime_type_name(MimeType type); /* "text" …; "" for MIME_OTHER_TYPE */
MimeType mime_type_find(Bytes name);
const char *mime_encoding_name(MimeEncoding encoding); /* "7bit" …; "" for MIME_OTHER_ENCODING */
MimeEncoding mime_encoding_find(Bytes name);

/* A subtype the lecture names: 15 of them, and those that came later and are read all the same. */
typedef struct {
    MimeType type;
    const char *subtype;
    const char *reference; /* "RFC 2046 section 5.1.3" */
    bool basic;            /* one of the 15 of RFC 1521 */
} MimeKind;
extern const MimeKind mime_kinds[];
extern const size_t mime_kind_count;
const MimeKind *mime_kind_find(Bytes type, Bytes subtype);

typedef struct MimePart MimePart;
struct MimePart {
    Header header;
    size_t offset, size; /* header and body, in the message; without the line end before the next delimiter */
    size_t body_offset;
    Bytes body; /* as carried: still encoded */

    MimeType type;
    Bytes type_name, subtype; /* in lower case; "text" and "plain" by default, "message" and "rfc822" in a digest */
    bool type_given;          /* a Content-Type field that could be read */
    Parameters parameters;
    MimeEncoding encoding;
    Bytes encoding_name; /* in lower case; "7bit" by default */
    Bytes content_id;    /* without its brackets */
    Bytes content_description;
    Bytes disposition; /* "inline", "attachment" …, in lower case; empty: none */
    Parameters disposition_parameters;
    bool mime_version;

    Bytes boundary;           /* of a multipart whose parts were read */
    Bytes preamble, epilogue; /* of a multipart */
    MimePart *parent, *first, *last, *next;
    size_t child_count;
    size_t depth;  /* 0: the message itself */
    size_t number; /* 1, 2 … among its siblings */
};

typedef struct {
    LineRule lines;
    size_t depth_most, parts_most; /* 0: the limits above */
} MimeRules;

typedef struct {
    Bytes whole;
    MimePart *root;
    size_t part_count; /* the root included */
    LineRule lines;    /* how it was read */
} MimeTree;

/* Faults: those of message.h, parameter.h, and
 *   mime.no_boundary             a multipart without the parameter: read as a leaf
 *   mime.boundary_long           over 70 characters: used all the same
 *   mime.boundary_missing        no delimiter occurs: all of it is preamble
 *   mime.not_closed              the closing delimiter is missing
 *   mime.content_type            a Content-Type that cannot be read: text/plain counts (RFC 2045 section 5.2)
 *   mime.encoding_unknown        the content stays as it is carried (section 6.4 calls it application/octet-stream)
 *   mime.encoding_of_composite   a multipart or a message in base64 or quoted-printable, which section 6.4 forbids:
 *                                a multipart is read all the same, a message stays a leaf
 *   mime.no_version              content fields without MIME-Version: read all the same
 *   mime.too_deep, mime.too_many_parts   limits: what lies beyond is a leaf, or passed over */
MimeTree mime_read(Arena *arena, Bytes octets, MimeRules rules, MailFaults *faults);

/* The next part in the order in which they stand, depth first; NULL at the end. Starts at the root. */
const MimePart *mime_next(const MimePart *part);
/* The part with IMAP's number ("1", "2.1"; "" the root): RFC 3501 section 6.4.5. A message/rfc822 part's numbers go on
 * with those of the message inside it. NULL: there is none. */
const MimePart *mime_part_find(const MimeTree *tree, const char *number);

/* The content without its transfer encoding. Of a multipart or an unknown encoding: the body as it is. */
Bytes mime_part_octets(Arena *arena, const MimePart *part, MailFaults *faults);
/* The content as UTF-8 text, by the charset parameter, US-ASCII by default. For text parts. */
Bytes mime_part_text(Arena *arena, const MimePart *part, MailFaults *faults);
/* The name the sender gives the content: Content-Disposition's filename, else Content-Type's name; may be empty. The
 * name is from a stranger: it may hold slashes. */
Bytes mime_part_filename(const MimePart *part);
/* The charset parameter, or "us-ascii". */
Bytes mime_part_charset(const MimePart *part);

#endif
