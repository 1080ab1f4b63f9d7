/* Who has to do with mail in a run, and what was set up there: from the commands that set it up. */
#ifndef NETSTAGE_VIEW_MAIL_HOSTS_H
#define NETSTAGE_VIEW_MAIL_HOSTS_H

#include "observe/plain.h"

enum { MAIL_BOXES = 32 };

typedef struct {
    uint32_t host;
    uint32_t since;                /* the record of the command */
    bool server;                   /* else a user agent */
    const char *name;              /* of the server's domain or host; "" if none was given */
    const char *user;              /* whose agent it is: an address */
    const char *boxes[MAIL_BOXES]; /* of a server, or of a reader that keeps mail itself */
    size_t box_count;
} MailHost;

typedef struct MailHosts MailHosts;

MailHosts *mail_hosts_read(const Trace *trace);
void mail_hosts_free(MailHosts *hosts);
/* NULL: the host has nothing to do with mail. */
const MailHost *mail_hosts_find(const MailHosts *hosts, uint32_t host);

#endif
