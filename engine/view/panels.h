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

enum { SAID_MOST = 12 };
typedef struct {
    uint32_t message;         /* StoryMessage index, or STORY_NONE */
    uint32_t said[SAID_MOST]; /* the records of what the segment says */
    uint32_t said_count;
    uint32_t layer;          /* which of them is shown; said_count: the segment itself */
    Description description; /* of what is shown */
    uint32_t described;      /* frame id */
    uint32_t shown;          /* frame id of the segment */
    uint32_t field;          /* selected, index in the description, or STORY_NONE */
    uint32_t hovered;        /* field under the pointer, or STORY_NONE */
    unsigned folded;         /* bit a layer: shown as one line */
    float scroll, scroll_limit;
} MessagePanel;

void message_panel_show(MessagePanel *panel, const Story *story, uint32_t message);
/* Shows another of the messages that the segment carries, or (`layer` beyond them) the segment itself. */
void message_panel_layer(MessagePanel *panel, const Story *story, uint32_t layer);
void message_panel_free(MessagePanel *panel);
void message_panel_draw(MessagePanel *panel, const Scene *scene, const Pen *pen, Rect box);

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
