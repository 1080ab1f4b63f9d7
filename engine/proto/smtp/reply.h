/* Replies as a client reads them: RFC 5321 section 4.2, with the enhanced codes of RFC 3463. */
#ifndef NETSTAGE_PROTO_SMTP_REPLY_H
#define NETSTAGE_PROTO_SMTP_REPLY_H

#include "base/text.h"
#include "wire/lines.h"

enum { SMTP_REPLY_TEXT_MOST = 8 * 1024, SMTP_ENHANCED_MOST = 12 };

typedef struct {
    uint16_t code;                     /* 0: what came was no reply */
    char enhanced[SMTP_ENHANCED_MOST]; /* "5.1.1"; "" if none */
    Text text;                         /* the lines without their codes, a line feed between */
    Text raw;                          /* as it came, with its line ends */
} SmtpReply;

typedef struct {
    LineReader lines;
    SmtpReply reply; /* good until the next line is read */
    bool begun, ended;
} SmtpReplyReader;

void smtp_reply_reader_init(SmtpReplyReader *reader);
void smtp_reply_reader_clear(SmtpReplyReader *reader);
void smtp_reply_reader_free(SmtpReplyReader *reader);
/* Takes octets up to the end of a reply; true: `reader->reply` is one, or (code 0) something that is none. */
bool smtp_reply_take(SmtpReplyReader *reader, Bytes octets, size_t *taken);

#endif
