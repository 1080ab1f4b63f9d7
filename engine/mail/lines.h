/* Lines of a message. They end in CRLF; a reader that is told so takes a bare LF for a line end too. */
#ifndef NETSTAGE_MAIL_LINES_H
#define NETSTAGE_MAIL_LINES_H

#include <string.h>

#include "base/bytes.h"

/* LINES_CRLF is what travels (RFC 5321 section 2.3.8: a bare CR or LF is no line end). LINES_LENIENT is for files. */
typedef enum { LINES_CRLF, LINES_LENIENT } LineRule;

typedef struct {
    size_t start, end; /* the line without its end */
    size_t next;       /* where the next line begins */
    bool bare_lf;      /* it ended in LF alone (LINES_LENIENT) */
    bool ended;        /* false: the octets end without a line end */
} Line;

/* The line that begins at `from`; false at the end of the octets. */
static inline bool line_next(Bytes whole, size_t from, LineRule rule, Line *line) {
    if (from >= whole.size) return false;
    *line = (Line){from, whole.size, whole.size, false, false};
    for (size_t at = from; at < whole.size;) {
        const uint8_t *lf = memchr(whole.at + at, '\n', whole.size - at);
        if (!lf) return true;
        at = (size_t)(lf - whole.at);
        bool crlf = at > from && whole.at[at - 1] == '\r';
        if (crlf || rule == LINES_LENIENT) {
            *line = (Line){from, crlf ? at - 1 : at, at + 1, !crlf, true};
            return true;
        }
        at++;
    }
    return true;
}

#endif
