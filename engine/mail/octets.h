/* What every file of mail/ needs: faults collected while reading, spans of ASCII text compared, results kept in an
 * arena.
 *
 * Reading a message never fails as a whole: what is wrong is noted with its place and the reading goes on. */
#ifndef NETSTAGE_MAIL_OCTETS_H
#define NETSTAGE_MAIL_OCTETS_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"

enum { MAIL_FAULTS_MOST = 1000 };

typedef struct {
    Arena *arena;
    ParseFault *items; /* in the order they were met; offsets count from the start of what was read */
    size_t count, capacity;
    size_t beyond; /* faults after the first MAIL_FAULTS_MOST: counted, not kept */
} MailFaults;

static inline MailFaults mail_faults(Arena *arena) { return (MailFaults){arena, NULL, 0, 0, 0}; }
/* Notes a fault; `faults` may be NULL: then nobody asks. `reason` is a static identifier. */
void mail_fault(MailFaults *faults, const char *reason, size_t offset);
/* The first fault with this reason, or NULL. */
const ParseFault *mail_fault_find(const MailFaults *faults, const char *reason);

/* An array in an arena that grows by doubling: its place after making room for `needed` items. */
void *mail_grow(Arena *arena, void *items, size_t *capacity, size_t needed, size_t item_size);
/* A copy in the arena. A NUL follows it that the span does not count. */
Bytes mail_keep(Arena *arena, Bytes bytes);
/* A copy of the text in the arena; the text is freed. */
Bytes mail_keep_text(Arena *arena, Text *text);

static inline Bytes bytes_text(const char *text) {
    size_t size = 0;
    while (text[size]) size++;
    return bytes_of(text, size);
}
static inline void text_put_bytes(Text *text, Bytes bytes) { text_put_n(text, (const char *)bytes.at, bytes.size); }
static inline char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }
static inline bool ascii_is_blank(uint8_t c) { return c == ' ' || c == '\t'; }
/* A blank, or one of the two octets of a line end. */
static inline bool ascii_is_space(uint8_t c) { return ascii_is_blank(c) || c == '\r' || c == '\n'; }
/* Letters of either case are the same; other octets must be equal. */
bool bytes_equal_nocase(Bytes a, Bytes b);
bool bytes_is(Bytes a, const char *text); /* likewise, against a C string */
/* Whether all octets are below 128. */
bool bytes_is_ascii(Bytes bytes);
/* Without the blanks and line ends around it. */
Bytes bytes_trim(Bytes bytes);
/* A copy in lower case. */
Bytes mail_keep_lower(Arena *arena, Bytes bytes);

#endif
