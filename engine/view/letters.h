/* The letters of a run: which lie in a mailbox or wait in a queue at a place, what SMTP carried of each, and who wrote it. */
#ifndef NETSTAGE_VIEW_LETTERS_H
#define NETSTAGE_VIEW_LETTERS_H

#include "view/story.h"

typedef struct {
    uint32_t fact; /* that put it there: "mail.delivered", "mail.queued", or "pop3.retrieved" onto a reader's disk */
    uint32_t host;
    bool queued;
    const char *place; /* the mailbox, or the domain it waits for */
    const char *from;  /* of the envelope; "": a report, which nobody answers */
    SimTime next_try;  /* of a queued one; SIM_NEVER: it is being tried */
} Letter;

/* Those that are there before `seq_end`, the newest first; at most `most`. Returns how many there are. */
size_t letters_at(const Story *story, uint32_t seq_end, SimTime t, Letter *list, size_t most);

/* Where a letter comes from. Records, or STORY_NONE. */
typedef struct {
    uint32_t carried; /* the content as SMTP carried it last: a SENT record */
    uint32_t first;   /* the content as it left its writer's host */
    uint32_t written; /* the command by which a user wrote it; STORY_NONE: a server's report, or from outside the run */
    bool report;
} LetterOrigin;

/* Of a letter in its place (a fact), or of a content under way (a SENT record). */
LetterOrigin letter_origin(const Story *story, uint32_t seq);
/* The last content that SMTP carried, or began to carry, before the place: a SENT record. STORY_NONE if none. */
uint32_t letters_last_carried(const Story *story, uint32_t seq_end);

#endif
