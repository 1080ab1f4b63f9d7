/* Quoted-printable (RFC 2045 section 6.7): what ASCII readers can read stays, the rest is written =XX. */
#ifndef NETSTAGE_MAIL_QUOTED_PRINTABLE_H
#define NETSTAGE_MAIL_QUOTED_PRINTABLE_H

#include "mail/octets.h"
#include "mail/steps.h"

enum { QUOTED_PRINTABLE_LINE = 76 }; /* characters in a line, a soft break's "=" included */

/* A line end (CRLF; with QP_BINARY none) of the source stays a line end; every other CR or LF becomes =0D or =0A. A "."
 * that begins a line is quoted too, and so is the F of a "From " (RFC 2049 section 3), for the sake of old relays. */
typedef enum { QP_TEXT, QP_BINARY } QuotedPrintableKind;

Bytes quoted_printable_encode(Arena *arena, Bytes octets, QuotedPrintableKind kind);
/* The same with the reason for each character, at most `most` steps. Neighbouring literals are one step each. */
CodingSteps quoted_printable_steps(Arena *arena, Bytes octets, QuotedPrintableKind kind, size_t most);
/* Characters it would take. */
size_t quoted_printable_size(Bytes octets, QuotedPrintableKind kind);

/* ---- Reading. A stream cut anywhere. Blanks at a line's end are dropped (rule 3); "=" with anything but two digits
 * or a line end behind it stays as it is and is reported ("quoted_printable.bad_escape"), digits in lower case are
 * read and reported ("quoted_printable.lower_case"), as are characters that should have been quoted
 * ("quoted_printable.eight_bit", "quoted_printable.control") and lines over 76 characters
 * ("quoted_printable.long_line") ---- */

typedef struct {
    uint8_t escape[2]; /* an "=" was met, and what follows it */
    size_t escape_size;
    bool in_escape;
    size_t soft_blanks; /* blanks behind an "=": a soft break with blanks at its end */
    size_t blanks;      /* at the end of `to` so far: dropped if the line ends here */
    bool after_cr;      /* a CR was met whose LF may follow */
    size_t column, offset;
    bool long_line; /* noted for this line */
    MailFaults *faults;
} QuotedPrintableDecoder;

static inline QuotedPrintableDecoder quoted_printable_decoder(size_t offset, MailFaults *faults) {
    return (QuotedPrintableDecoder){.offset = offset, .faults = faults};
}
/* Writes at most as many octets as it reads, and 4 more; the writer must be the same from call to call, or empty
 * between lines. */
void quoted_printable_decode(QuotedPrintableDecoder *decoder, Bytes characters, ByteWriter *to);
void quoted_printable_decode_end(QuotedPrintableDecoder *decoder, ByteWriter *to);
Bytes quoted_printable_decode_all(Arena *arena, Bytes characters, size_t offset, MailFaults *faults);

#endif
