/* How an encoder came from octets to characters, one small step at a time: for a panel and for lessons. */
#ifndef NETSTAGE_MAIL_STEPS_H
#define NETSTAGE_MAIL_STEPS_H

#include "mail/octets.h"

/* Why these characters stand for these octets. */
#define CODING_WHYS(X)                                                                                                \
    X(BASE64_GROUP, "base64.group")     /* 3 octets, 24 bits, regrouped as 4 × 6 */                                  \
    X(BASE64_PADDING, "base64.padding") /* the last 1 or 2 octets: bits filled up with 0, and = */                    \
    X(BASE64_BREAK, "base64.line_break")                                                                              \
    X(QP_LITERAL, "quoted_printable.literal")                                                                         \
    X(QP_NOT_ASCII, "quoted_printable.not_ascii")                                                                     \
    X(QP_EQUALS, "quoted_printable.equals")                 /* = itself */                                            \
    X(QP_CONTROL, "quoted_printable.control")               /* a control octet, or a CR or LF on its own */           \
    X(QP_TRAILING_BLANK, "quoted_printable.trailing_blank") /* a blank before a line end: some relay would drop it */ \
    X(QP_DOT, "quoted_printable.leading_dot")               /* a "." or "From " that begins a line (RFC 2049 s. 3) */ \
    X(QP_LINE_BREAK, "quoted_printable.line_break")         /* a line end of the text itself */                       \
    X(QP_SOFT_BREAK, "quoted_printable.soft_break")         /* "=" and a line end: the line would pass 76 characters */

typedef enum {
#define X(name, identifier) CODING_##name,
    CODING_WHYS(X)
#undef X
} CodingWhy;
/* "base64.group" …: words in assets/lang under step. */
const char *coding_why_name(CodingWhy why);

typedef struct {
    CodingWhy why;
    size_t from, from_size; /* octets of the source; from_size 0: a break that stands for none */
    size_t to, to_size;     /* characters of the result */
    uint8_t index[4];       /* of a base64 group: the four numbers of six bits; of padding, those that count */
    uint8_t index_count;
} CodingStep;

typedef struct {
    CodingStep *items;
    size_t count, capacity;
    size_t most; /* steps beyond it are not kept */
    bool cut;    /* there were more than `most` */
} CodingSteps;

void coding_step(Arena *arena, CodingSteps *steps, CodingStep step);

#endif
