/* Lines of a stream: RFC 5321 section 2.3.8 and its kin. Only CRLF ends a line. A line feed without its carriage return
 * ends none, but nothing good can follow it either: what stood before it is handed out as a broken line, so that its
 * sender is told, rather than waited for without end. */
#ifndef NETSTAGE_WIRE_LINES_H
#define NETSTAGE_WIRE_LINES_H

#include "base/bytes.h"

typedef enum {
    LINE_PARTIAL,  /* all octets were taken, and no line has ended yet */
    LINE_WHOLE,    /* `line` is one, without its CRLF */
    LINE_TOO_LONG, /* a line has ended that had more than `most` octets; `line` is how it began */
    LINE_BARE_LF,  /* `line` stood before a line feed alone */
    LINE_BARE_CR,  /* a line has ended that has a carriage return inside */
} LineEnd;

typedef struct {
    uint8_t *at; /* grows up to `most` */
    size_t size, capacity, most;
    bool cr, too_long, bare_cr;
} LineReader;

static inline LineReader line_reader(size_t most) { return (LineReader){.most = most}; }
void line_reader_free(LineReader *reader);
/* Forgets what it has of a line. */
void line_reader_clear(LineReader *reader);
/* Takes octets up to and including the end of a line; `*taken` says how many. `line` is good until the next call. */
LineEnd line_reader_take(LineReader *reader, Bytes octets, size_t *taken, Bytes *line);

#endif
