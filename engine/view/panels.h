/* The panels beside the stage. Each draws itself into a box and keeps nothing; what is selected lives in the view. */
#ifndef NETSTAGE_VIEW_PANELS_H
#define NETSTAGE_VIEW_PANELS_H

#include "view/stage.h"

typedef struct {
    const Story *story;
    const Timeline *timeline;
    Place place;
} Scene;

/* ---- Message: layers, fields, octets, and why ---- */

enum { CARRIED_MOST = 6 };
typedef struct {
    uint32_t message;        /* StoryMessage index, or STORY_NONE */
    Description description; /* of its frame */
    uint32_t described;      /* frame id of the story's message */
    uint32_t carried[CARRIED_MOST]; /* records of the stream's messages that went into this segment */
    uint32_t carried_count;
    uint32_t turned_to;      /* which of them is described; carried_count: the frame is */
    uint32_t field;          /* selected, index in the description, or STORY_NONE */
    uint32_t hovered;        /* field under the pointer, or STORY_NONE */
    unsigned folded;         /* bit a layer: shown as one line */
    float scroll, scroll_limit;
} MessagePanel;

void message_panel_show(MessagePanel *panel, const Story *story, uint32_t message);
/* To one of the stream's messages in the segment, or (carried_count) to the frame. */
void message_panel_turn(MessagePanel *panel, const Story *story, uint32_t to);
void message_panel_free(MessagePanel *panel);
void message_panel_draw(MessagePanel *panel, const Scene *scene, const Pen *pen, Rect box);

/* The records of the stream's messages (SMTP commands, replies …) that a message of the story carries; returns how
 * many, at most `most`. */
uint32_t said_records_of(const Story *story, uint32_t message, uint32_t *records, uint32_t most);
/* "MAIL", "250": into `name`, which the text is appended to. */
void said_put_name(const Trace *trace, uint32_t record, Text *name);
/* What was said, to which command a reply answers, what that means, and of a reply every digit. Returns the y below. */
float said_draw(const Scene *scene, const Pen *pen, Rect box, uint32_t record);
/* What explains a field of a message: by its key, else by the header field's name or the digit in it. NULL: nothing. */
const char *said_field_hint(const Pen *pen, const Description *description, const DescribedField *field);

/* A record in words: "OFFER sent by dhcp1", "pc1: SELECTING to REQUESTING on DHCPOFFER". */
void panel_put_record(const Scene *scene, const Pen *pen, uint32_t seq, Text *to);

/* ---- Machine ---- */

/* The slot of the machine that the panel shows for this choice: `machine` itself, else the main one of `host`,
 * else the first client's. STORY_NONE if there is no machine. */
uint32_t machine_panel_choose(const Scene *scene, uint32_t host, uint32_t machine);
void machine_panel_draw(const Scene *scene, const Pen *pen, Rect box, uint32_t machine);

/* ---- Leases ---- */

/* Returns the greatest useful scroll. */
float lease_panel_draw(const Scene *scene, const Pen *pen, Rect box, float scroll);

/* ---- Mail ---- */

typedef struct {
    uint32_t letter;  /* the fact that put it where it lies, or STORY_NONE: whatever was carried last */
    uint32_t part;    /* its index, depth first, or STORY_NONE */
    uint32_t hovered; /* the header field under the pointer: its offset in the letter, or STORY_NONE */
    float scroll, scroll_limit; /* of the list */
    float lines;                /* of the three columns, scrolled away */
    float split;                /* where the list ends */
} MailPanel;
static const MailPanel mail_panel_none = {STORY_NONE, STORY_NONE, STORY_NONE, 0, 0, 0, 0};
/* What lies in queues and mailboxes, and one letter in its three shapes. */
void mail_panel_draw(MailPanel *panel, const Scene *scene, const Pen *pen, Rect box);

/* ---- The timeline along the bottom ---- */

typedef struct {
    Rect track;
} TimelineBar;
void timeline_bar_draw(TimelineBar *bar, const Scene *scene, const Playback *playback, const Pen *pen, Rect box,
                       uint32_t hovered);

#endif
