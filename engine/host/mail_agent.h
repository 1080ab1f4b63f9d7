/* What a user writes, and what becomes of it. */
#ifndef NETSTAGE_HOST_MAIL_AGENT_H
#define NETSTAGE_HOST_MAIL_AGENT_H

#include "host/mail.h"
#include "mail/compose.h"

typedef struct {
    Draft draft;                   /* its time and domain are filled in */
    Bytes raw;                     /* instead of the draft: a message that is sent as it stands; at NULL: none */
    const SmtpPath *envelope_from; /* NULL: from the header */
    const SmtpPath *envelope_to;   /* count 0: from the header */
    size_t envelope_to_count;
    uint8_t notify; /* SMTP_NOTIFY_…; 0: as usual */
    SmtpRet ret;
    const char *envid; /* NULL: none */
} MailWriting;

/* Composes the message and puts it into the service's queue. */
void mail_write(MailService *service, const MailWriting *writing, uint32_t cause);

#endif
