/* The content of a message on its way: RFC 5321 sections 2.3.8 and 4.5.2.
 *
 * Receiving: the data end with CRLF "." CRLF and with nothing else. A carriage return or a line feed that stands alone
 * is content, never the end of a line: whoever takes "\n.\n" for the end as well lets a sender smuggle a second message
 * in. Such octets are kept and noted, and the server refuses the message. Sending: a line that begins with a dot gets
 * another. mail/dots.h does both; here it meets memory and its limits. */
#ifndef NETSTAGE_PROTO_SMTP_CONTENT_H
#define NETSTAGE_PROTO_SMTP_CONTENT_H

#include "mail/dots.h"

typedef struct {
    uint8_t *octets; /* without the dots that were added and without the end */
    size_t size, capacity;
    uint64_t most;  /* more is counted and thrown away; 0: no limit */
    uint64_t total; /* octets of content that came */
    DotReader dots; /* where it stands, and what it has seen on its way: bare line ends, long lines … */
} SmtpContent;

void smtp_content_begin(SmtpContent *content, uint64_t most);
void smtp_content_free(SmtpContent *content);
/* Takes octets up to and including the end of the data; true: that was reached. */
bool smtp_content_take(SmtpContent *content, Bytes octets, size_t *taken);
/* How many header fields with this name ("Received") the content begins with. */
size_t smtp_content_count_fields(Bytes content, const char *name);

/* Where a sender stands in a content. */
typedef struct {
    size_t at;
    DotStuffer dots;
    bool ended;
} SmtpSending;
/* The next at most `room` octets as they cross the wire, the final "." CRLF included; 0: all was sent. A content that
 * does not end with CRLF gets one. `room` is at least 10; its half may
 * stay free. */
size_t smtp_content_send(SmtpSending *sending, Bytes content, uint8_t *to, size_t room);

#endif
