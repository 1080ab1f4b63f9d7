/* Dot-stuffing (RFC 5321 section 4.5.2): how a message travels behind DATA, and where it ends. Streams, cut anywhere;
 * plain values without memory of their own.
 *
 * Only CRLF "." CRLF ends the data. "\n.\n", "\n.\r\n", "\r\n.\n" and "\r.\r" never do (section 2.3.8): whoever takes
 * them for an end lets a stranger smuggle in a second message. A bare CR or LF is counted, with the place of the
 * first one; what to do about it is the caller's policy. */
#ifndef NETSTAGE_MAIL_DOTS_H
#define NETSTAGE_MAIL_DOTS_H

#include "base/bytes.h"

enum { DOTS_LINE_MOST = 1000 }; /* octets of a text line, CRLF included: section 4.5.3.1.6 */

typedef struct {
    size_t count, first_at; /* offset in the data as it came */
} Sightings;

/* ---- Sending ---- */

/* DOTS_REPAIR sends every bare CR or LF as CRLF, as a client must that has such a message (section 2.3.8). */
typedef enum { DOTS_REPAIR, DOTS_AS_IT_IS } DotRule;

typedef struct {
    DotRule rule;
    size_t offset; /* of the next octet */
    bool after_cr, in_line;
    Sightings stuffed; /* lines that got a dot */
} DotStuffer;

static inline DotStuffer dot_stuffer(DotRule rule) { return (DotStuffer){.rule = rule}; }
/* The writer needs room for 2 × octets.size + 2. */
void dot_stuff(DotStuffer *stuffer, Bytes octets, ByteWriter *to);
/* Ends the last line if it is open, and writes "." CRLF: room for 6. */
void dot_stuff_end(DotStuffer *stuffer, ByteWriter *to);

/* ---- Receiving ---- */

typedef enum { DOTS_LINE_START, DOTS_TEXT, DOTS_CR, DOTS_DOT, DOTS_DOT_CR, DOTS_ENDED } DotState;

typedef struct {
    DotState state;
    size_t offset; /* of the next octet */
    size_t line;   /* octets in this line so far */
    size_t lines;
    Sightings unstuffed; /* lines whose dot was taken away */
    Sightings bare_cr, bare_lf, nul, eight_bit, long_lines;
} DotReader;

static inline DotReader dot_reader(void) { return (DotReader){.state = DOTS_LINE_START}; }
/* Reads up to the end of the data and writes the message, its last CRLF included; the writer needs room for octets.size
 * + 2. Returns how many octets were read: fewer than given only where the data ended (reader->state is DOTS_ENDED), and
 * what follows is the next command. */
size_t dot_read(DotReader *reader, Bytes octets, ByteWriter *to);

#endif
