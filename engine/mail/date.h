/* Dates of messages (RFC 5322 section 3.3), read with the obsolete forms of section 4.3. Times are seconds since
 * 1970-01-01 00:00:00 UTC, leap seconds not counted. There is no clock here: the caller passes the time. */
#ifndef NETSTAGE_MAIL_DATE_H
#define NETSTAGE_MAIL_DATE_H

#include "mail/octets.h"

typedef struct {
    int64_t at_s;     /* seconds since 1970 UTC */
    int zone_minutes; /* local time minus UTC: +0800 is 480 */
    bool zone_known;  /* false for "-0000" and for letters nobody agrees on: the time is UTC, the place is not told */
} MailDate;

typedef struct {
    int year, month, day; /* month 1 .. 12, day 1 .. 31 */
    int weekday;          /* 0 Sunday .. 6 Saturday */
    int hour, minute, second;
} CivilTime;

/* "Mon, 21 Nov 1997 09:55:06 -0600". False: *fault says why: date.day, date.month, date.year, date.time, date.zone,
 * date.rest (something stands behind it). A wrong day of the week is no fault that matters: it is noted in `faults`,
 * "date.weekday". `offset` is where the value stands in what is being read. */
bool date_read(Bytes value, size_t offset, MailDate *date, ParseFault *fault, MailFaults *faults) NS_MUST_USE;
void date_put(Text *to, int64_t at_s, int zone_minutes);

CivilTime civil_time(int64_t at_s);
int64_t civil_seconds(int year, int month, int day, int hour, int minute, int second);

#endif
