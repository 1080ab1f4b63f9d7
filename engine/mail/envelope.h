/* The envelope a mail system takes from the header the user wrote: To, Cc and Bcc become recipients, From or Sender the
 * reverse-path. The envelope may also be set apart from the header: then nothing here is asked. */
#ifndef NETSTAGE_MAIL_ENVELOPE_H
#define NETSTAGE_MAIL_ENVELOPE_H

#include "mail/message.h"
#include "mail/path.h"

enum { ENVELOPE_MOST = 10000 };

typedef struct {
    MailPath path;
    const char *field; /* "To", "Cc" or "Bcc": where it was met first */
} EnvelopeRecipient;

typedef struct {
    MailPath reverse_path;         /* null if there is neither Sender nor From with a good address */
    EnvelopeRecipient *recipients; /* in the order of the fields To, Cc, Bcc; without doubles */
    size_t count, capacity;
    bool utf8; /* an address has octets beyond ASCII: it needs SMTPUTF8 */
} Envelope;

/* Faults: envelope.no_sender, envelope.no_recipients, envelope.address (one that no path can hold, with its place),
 * envelope.too_many, and those of address.h. An address without a domain gets `domain`, if that is not empty. */
Envelope envelope_from_header(Arena *arena, const Header *header, Bytes domain, MailFaults *faults);

#endif
