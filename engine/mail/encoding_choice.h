/* Which transfer encoding a content needs, and why: RFC 2045 section 6, with what the carrier offers (RFC 6152,
 * 3030). */
#ifndef NETSTAGE_MAIL_ENCODING_CHOICE_H
#define NETSTAGE_MAIL_ENCODING_CHOICE_H

#include "mail/mime.h"

enum { SMTP_LINE_MOST = 998 }; /* octets of a line without its CRLF: RFC 5321 section 4.5.3.1.6 */

/* What stands in the octets. Lines end in CRLF; a CR or LF on its own is counted as bare. */
typedef struct {
    size_t size, lines;
    size_t longest_line, longest_line_at; /* without its CRLF */
    size_t eight_bit, first_eight_bit;    /* octets beyond ASCII */
    size_t nul, bare_cr, bare_lf;
    size_t first_bare; /* the first bare CR or LF */
} OctetSurvey;
OctetSurvey octet_survey(Bytes octets);

#define ENCODING_WHYS(X)                                                                                              \
    X(ASCII, "encoding.ascii")               /* 7bit: all ASCII, no line over 998 */                                  \
    X(LONG_LINES, "encoding.long_lines")     /* quoted-printable: ASCII, but a line over 998, or a bare CR or LF */   \
    X(MOSTLY_ASCII, "encoding.mostly_ascii") /* quoted-printable: few other octets, so it is shorter, and readable */ \
    X(FEW_ASCII, "encoding.few_ascii")       /* base64: so many other octets that quoted-printable is longer */       \
    X(NOT_TEXT, "encoding.not_text")         /* base64: no text, or NULs in it */                                     \
    X(CARRIER_8BIT, "encoding.carrier_8bit") /* 8bit: the carrier offers 8BITMIME, and lines are short enough */      \
    X(CARRIER_BINARY, "encoding.carrier_binary") /* binary: the carrier offers BINARYMIME */
typedef enum {
#define X(name, identifier) ENCODING_##name,
    ENCODING_WHYS(X)
#undef X
} EncodingWhy;
/* "encoding.ascii" …: words in assets/lang under choice. */
const char *encoding_why_name(EncodingWhy why);

typedef struct {
    bool eight_bit; /* 8BITMIME is offered, and wanted */
    bool binary;    /* BINARYMIME likewise */
} MailCarrier;

typedef struct {
    MimeEncoding encoding;
    EncodingWhy why;
    OctetSurvey survey;
    size_t size[MIME_OTHER_ENCODING];   /* octets each encoding would take, line ends included */
    bool possible[MIME_OTHER_ENCODING]; /* whether this content, over this carrier, may use it */
} EncodingChoice;

/* `is_text`: a text type in canonical form, lines ending in CRLF. */
EncodingChoice encoding_choose(Bytes octets, bool is_text, MailCarrier carrier);
/* The content in the encoding: of text q-p keeps its line ends, of anything else it codes them. */
Bytes encoding_apply(Arena *arena, Bytes octets, bool is_text, MimeEncoding encoding);

#endif
