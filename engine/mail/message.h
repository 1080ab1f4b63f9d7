/* A message (RFC 5322) as header fields and body: spans into its octets, each with its place.
 *
 * Reading never fails. A line in the header that is no field is kept as a field without a name, as long as fields or
 * the blank line follow it; otherwise the header ends there and the line belongs to the body, so that a text without
 * any header ("Do you like ketchup?") is a body. */
#ifndef NETSTAGE_MAIL_MESSAGE_H
#define NETSTAGE_MAIL_MESSAGE_H

#include "mail/lines.h"
#include "mail/octets.h"

enum { HEADER_FIELDS_MOST = 10000, HEADER_LINE_MOST = 998 };

typedef struct {
    Bytes name;          /* as written; empty: a line that is no field */
    Bytes value;         /* behind the colon, still folded, without the blanks and line ends around it */
    size_t offset, size; /* the whole field with its line ends, in the message */
    size_t value_offset;
} HeaderField;

typedef struct {
    HeaderField *fields;
    size_t count, capacity;
    size_t offset, size; /* from the first field to the last one's line end, in the message */
    size_t end;          /* where the body begins, behind the blank line if there is one */
    bool separated;      /* the blank line is there */
} Header;

typedef struct {
    Bytes whole;
    Header header;
    Bytes body;
    size_t body_offset;
} Message;

/* Faults: message.line_not_field, message.no_separator, message.no_header, message.mbox_from (a "From " line before the
 * first field, skipped), message.bare_lf (the first one), message.long_line (over 998 characters),
 * message.blank_in_name (before the colon, obsolete), message.continuation_first (a folded line with nothing before
 * it), message.too_many_fields (fields beyond HEADER_FIELDS_MOST are passed over). */
Message message_read(Arena *arena, Bytes octets, LineRule rule, MailFaults *faults);

/* Whether a header must end at this line although it looks like a field: the delimiter of a multipart. */
typedef bool (*HeaderStop)(const void *context, Bytes line);
/* The header that begins at `from`; `stop` may be NULL. */
Header header_read(Arena *arena, Bytes whole, size_t from, LineRule rule, HeaderStop stop, const void *context,
                   MailFaults *faults);

/* The first field of this name (letters of either case) at or behind index `from`; NULL: none. */
const HeaderField *header_find_from(const Header *header, const char *name, size_t from);
static inline const HeaderField *header_find(const Header *header, const char *name) {
    return header_find_from(header, name, 0);
}
/* How many fields have this name: a relay counts Received to find loops (RFC 5321 section 6.3). */
size_t header_count(const Header *header, const char *name);
/* The value unfolded (RFC 5322 section 2.2.3), otherwise as it stands. */
Bytes header_field_unfold(Arena *arena, const HeaderField *field);
/* The value for people: unfolded, encoded words decoded, UTF-8. */
Bytes header_field_text(Arena *arena, const HeaderField *field, MailFaults *faults);
/* Notes "message.repeated_field" where a field stands twice that may stand once (RFC 5322 section 3.6), and
 * "message.no_date", "message.no_from" at the header's end. */
void header_check(const Header *header, MailFaults *faults);

#endif
