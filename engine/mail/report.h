/* Delivery status notifications (RFC 3461, 3464, 6522): what a mail system reports to the sender, and how a user agent
 * reads it back. A message in three parts: for people, for programs, and the message it is about. */
#ifndef NETSTAGE_MAIL_REPORT_H
#define NETSTAGE_MAIL_REPORT_H

#include "base/random.h"
#include "mail/mime.h"

#define REPORT_ACTIONS(X) \
    X(FAILED, "failed") X(DELAYED, "delayed") X(DELIVERED, "delivered") X(RELAYED, "relayed") X(EXPANDED, "expanded")
typedef enum {
#define X(name, text) REPORT_##name,
    REPORT_ACTIONS(X)
#undef X
        REPORT_OTHER_ACTION, /* only read */
} ReportAction;
const char *report_action_name(ReportAction action);

typedef struct {
    Bytes original_recipient; /* the address of ORCPT, decoded; empty: none was given */
    Bytes final_recipient;    /* the address */
    ReportAction action;
    Bytes status;          /* "5.1.1": RFC 3463 */
    Bytes remote_mta;      /* the server that said so, a name; may be empty */
    Bytes diagnostic_code; /* its reply, "550 5.1.1 no such user"; may be empty */
    bool has_last_attempt, has_will_retry_until;
    int64_t last_attempt_at_s, will_retry_until_s;
} ReportRecipient;

typedef struct {
    Bytes original_envelope_id; /* ENVID, decoded; may be empty */
    Bytes reporting_mta;        /* a name */
    bool has_arrival_date;
    int64_t arrival_at_s;
    ReportRecipient *recipients;
    size_t recipient_count, recipient_capacity;
} Report;

typedef enum { REPORT_RETURNS_HEADER, REPORT_RETURNS_ALL } ReportReturn; /* RET=HDRS, RET=FULL */

typedef struct {
    Report report;
    Bytes from;    /* "Mail Delivery System <postmaster@hamburger.edu>" */
    Bytes to;      /* the reverse-path of the message */
    Bytes subject; /* UTF-8, in the language of the reader */
    Bytes text;    /* for people, UTF-8, likewise */
    Bytes message; /* the message it is about */
    ReportReturn returns;
    int64_t at_s;
    int zone_minutes;
} ReportDraft;

/* The whole message, 7-bit. It must travel with a null reverse-path (RFC 3464 section 2), so that no report ever
 * answers a report. */
Bytes report_write(Arena *arena, const ReportDraft *draft, RandomStream *random);

typedef struct {
    Report report;
    Bytes text;               /* the part for people, UTF-8 */
    const MimePart *returned; /* message/rfc822 or text/rfc822-headers; NULL: it was not returned */
} ReportRead;

/* False: the message is no delivery status notification. Faults: report.no_status (no part for programs),
 * report.no_reporting_mta, report.no_recipient, report.field (one that cannot be read, with its place). */
bool report_read(Arena *arena, const MimeTree *tree, ReportRead *read, MailFaults *faults) NS_MUST_USE;

#endif
