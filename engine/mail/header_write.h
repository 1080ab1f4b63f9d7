/* Writing header fields: folded at 78 columns (RFC 5322 section 2.1.1), never over 998, ASCII unless it is an address
 * that SMTPUTF8 must carry. Whatever a user typed, no line end of it reaches the header. */
#ifndef NETSTAGE_MAIL_HEADER_WRITE_H
#define NETSTAGE_MAIL_HEADER_WRITE_H

#include "mail/address.h"
#include "mail/charset.h"

enum { HEADER_LINE_WANTED = 78 };

typedef struct {
    Text *to;
    const Charset *charset; /* of encoded words */
    size_t column;
    size_t name_end; /* the column behind the field's name */
} HeaderWriter;

static inline HeaderWriter header_writer(Text *to, const Charset *charset) { return (HeaderWriter){to, charset, 0, 0}; }
/* "Name:". Characters a field name may not have are left out. */
void header_write_begin(HeaderWriter *w, const char *name);
/* A blank and the token, on a line of its own if it doesn't fit. The token must be fit for a header. */
void header_write_token(HeaderWriter *w, Bytes token);
/* Unstructured text (UTF-8): words as they are, encoded words where they must be. */
void header_write_text(HeaderWriter *w, Bytes text);
/* The display name and the address. `comma`: another follows. */
void header_write_address(HeaderWriter *w, const MailAddress *address, bool comma);
/* Mailboxes and groups. */
void header_write_addresses(HeaderWriter *w, const AddressList *list);
/* Puts ";" behind what stands there, and the parameter. */
void header_write_parameter(HeaderWriter *w, const char *name, Bytes value);
/* The line end. */
void header_write_end(HeaderWriter *w);

/* A whole field. */
void header_write_text_field(Text *to, const char *name, Bytes text, const Charset *charset);

#endif
