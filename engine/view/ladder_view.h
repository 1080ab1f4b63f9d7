/* The sequence diagram: a lifeline a host, an arrow a message, growing with time. */
#ifndef NETSTAGE_VIEW_LADDER_VIEW_H
#define NETSTAGE_VIEW_LADDER_VIEW_H

#include "view/pen.h"
#include "view/playback.h"

typedef enum { LADDER_MESSAGE, LADDER_QUIET /* small */, LADDER_STATE, LADDER_PHASE, LADDER_STAGE /* a phase of the dialogue itself */, LADDER_PAUSE } LadderRowKind;

typedef struct {
    LadderRowKind kind;
    uint32_t seq;   /* shown from this record on */
    uint32_t index; /* MESSAGE: StoryMessage; STATE, PHASE, STAGE: the record; PAUSE: none */
    SimTime at;
    SimTime span; /* PAUSE: how long nothing happened */
} LadderRow;

typedef struct {
    const Story *story;
    LadderRow *rows;
    uint32_t *columns;   /* nodes, from left to right */
    uint32_t *column_of; /* by node; STORY_NONE: has no lifeline */
    size_t row_count, row_capacity, column_count;
    bool minor; /* ARP and the like have rows too */
} LadderView;

LadderView *ladder_view_new(const Story *story, bool minor);
void ladder_view_free(LadderView *ladder);

/* Draws what has happened by `place` into `area`, the latest row at the bottom, `scroll` pixels further up.
 * `selected` is a message. Returns the greatest useful scroll. */
float ladder_view_draw(const LadderView *ladder, const Pen *pen, Rect area, Place place, float scroll,
                       uint32_t selected);

/* The height that the whole diagram takes at this width. */
float ladder_view_height(const LadderView *ladder, const Pen *pen);

#endif
