/* What a host has of mail at a place of the run: a fold of the facts "mail.…" up to there. */
#ifndef NETSTAGE_VIEW_MAIL_STATE_H
#define NETSTAGE_VIEW_MAIL_STATE_H

#include "view/mail_hosts.h"
#include "view/story.h"

enum { MAIL_ENTRIES = 64 };

typedef struct {
    const char *name;
    uint32_t count;
    uint32_t unread; /* of them: known where somebody can read them; else all */
    SimTime last_at; /* when the newest came; -1 if none has */
} MailBoxShown;

typedef struct {
    uint32_t entry;
    const char *domain, *from;
    uint32_t recipients;
    SimTime since, waits_since; /* queued; put off */
    SimTime next_try;           /* SIM_NEVER: it is being tried */
    const char *trouble;        /* why it waits; "" if it does not */
} MailEntryShown;

typedef struct {
    MailBoxShown boxes[MAIL_BOXES];
    size_t box_count, letters; /* letters in all of the mailboxes */
    MailEntryShown queue[MAIL_ENTRIES];
    size_t queue_count; /* may be more than MAIL_ENTRIES */
    bool any;           /* the host has to do with mail */
} MailShown;

/* Records before `seq_end` count. A wait that is over by `t` is none. */
void mail_state_at(const Story *story, uint32_t host, uint32_t seq_end, SimTime t, MailShown *shown);
/* Whether the host runs a mail server, and whether it has a queue at all (a user agent's, too). */
bool mail_is_server(const Story *story, uint32_t host);
bool mail_has_queue(const Story *story, uint32_t host);

#endif
