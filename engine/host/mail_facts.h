/* What a host states about mail. */
#ifndef NETSTAGE_HOST_MAIL_FACTS_H
#define NETSTAGE_HOST_MAIL_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_mail_composed;       /* "mail.composed": a user has written a message */
extern const FactSpec fact_mail_queued;         /* "mail.queued": it is on disk, for the hosts of a domain */
extern const FactSpec fact_mail_sent;           /* "mail.sent": a server has taken it over for a recipient */
extern const FactSpec fact_mail_refused;        /* "mail.refused": a server has refused a recipient for good */
extern const FactSpec fact_mail_deferred;       /* "mail.deferred": another attempt later */
extern const FactSpec fact_mail_dequeued;       /* "mail.dequeued": it has left the queue */
extern const FactSpec fact_mail_delivered;      /* "mail.delivered": it lies in a mailbox */
extern const FactSpec fact_mail_shown;          /* "mail.shown": SEND, SOML or SAML put it on a terminal */
extern const FactSpec fact_mail_reported;       /* "mail.reported": the sender is being told */
extern const FactSpec fact_mail_report_dropped; /* "mail.report_dropped": nobody is to be told: the sender is null */
extern const FactSpec fact_mail_not_sent;       /* "mail.not_sent": a user agent shows that its server refused */
extern const FactSpec fact_mailbox_changed;     /* "mailbox.changed": what a mailbox that can be read holds now */

#endif
