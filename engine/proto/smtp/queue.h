/* A message in the outgoing queue, on its way to the hosts of one domain: RFC 5321 section 4.5.4.1. One machine for each;
 * its subject is the entry's number.
 *
 * The host looks up where the domain's mail goes and opens connections; the machine decides when, how often, to which
 * of the domain's hosts, and when it is enough. */
#ifndef NETSTAGE_PROTO_SMTP_QUEUE_H
#define NETSTAGE_PROTO_SMTP_QUEUE_H

#include "sim/effects.h"

typedef struct {
    SimTime retry;      /* before the second attempt: 30 minutes (section 4.5.4.1); then twice as long each time */
    SimTime retry_most; /* but not longer than this: 4 hours */
    SimTime give_up;    /* after the message was queued: 5 days; 0: after the first attempt */
    SimTime warn;       /* the sender is told of a delay after so long: 4 hours; 0: never */
} SmtpQueueConfig;
extern const SmtpQueueConfig smtp_queue_config_default;

#define SMTP_QUEUE_STATES(X) X(IDLE) X(RESOLVING) X(SENDING) X(DEFERRED) X(DONE)
typedef enum {
#define X(name) SMTP_QUEUE_##name,
    SMTP_QUEUE_STATES(X)
#undef X
} SmtpQueueState;

typedef enum {
    SMTP_QUEUE_ON_ENTER,       /* it was queued, or found on disk after a crash */
    SMTP_QUEUE_ON_ROUTE,       /* the domain's hosts are known */
    SMTP_QUEUE_ON_NO_ROUTE,    /* there is no such domain, or it takes no mail (RFC 7505) */
    SMTP_QUEUE_ON_ROUTE_LATER, /* nobody could tell */
    SMTP_QUEUE_ON_HOST_FAILED, /* no connection, or no service */
    SMTP_QUEUE_ON_SETTLED,     /* the server has answered for every recipient; some may be left for later */
    SMTP_QUEUE_ON_RETRY,
    SMTP_QUEUE_ON_WARN,
    SMTP_QUEUE_ON_GIVE_UP,
    SMTP_QUEUE_ON_RUN,         /* "try it now" */
    SMTP_QUEUE_ON_TAKEN_ALONG, /* a connection to its host has room for one more message (row M17) */
} SmtpQueueInput;
enum { SMTP_QUEUE_TIMER_RETRY, SMTP_QUEUE_TIMER_WARN, SMTP_QUEUE_TIMER_GIVE_UP };

extern const MachineSpec smtp_queue_spec; /* "smtp.queue" */

typedef struct {
    Machine machine; /* initialised by the host */
    const SmtpQueueConfig *config;
    SimTime queued_at;
    uint32_t attempts;        /* since it was queued */
    uint8_t host, host_count; /* which of the route's is being tried */
    bool warned;              /* on disk too: a crash is no reason to warn twice */
    bool left;                /* after SETTLED: some recipients are for later */
} SmtpQueueEntry;

/* For each of RESOLVING and SENDING the host is asked: ASK_MAIL_ROUTE, and ASK_MAIL_CONNECT with the index of the route's
 * host. ASK_MAIL_REPORT's number is a SmtpReportKind. ASK_MAIL_REMOVE: it is over. */
typedef enum { SMTP_REPORT_FAILED, SMTP_REPORT_DELAYED, SMTP_REPORT_EXPIRED, SMTP_REPORT_NO_ROUTE } SmtpReportKind;

void smtp_queue_enter(SmtpQueueEntry *entry, const SmtpQueueConfig *config, SimTime queued_at, bool warned,
                      Effects *effects);
void smtp_queue_route(SmtpQueueEntry *entry, uint8_t host_count, Effects *effects);
/* What came of the connection: `left` recipients are for later. */
void smtp_queue_settled(SmtpQueueEntry *entry, bool left, Effects *effects);
/* NO_ROUTE, ROUTE_LATER, HOST_FAILED, RUN or TAKEN_ALONG. */
void smtp_queue_input(SmtpQueueEntry *entry, SmtpQueueInput input, Effects *effects);
void smtp_queue_timer(SmtpQueueEntry *entry, uint8_t timer, Effects *effects);

#endif
