/* The stage: hosts, switches, routers and cables, and the messages under way between them. */
#ifndef NETSTAGE_VIEW_STAGE_H
#define NETSTAGE_VIEW_STAGE_H

#include "observe/timeline.h"
#include "view/pen.h"
#include "view/playback.h"
#include "view/stage_layout.h"

typedef struct {
    const Story *story;
    const Timeline *timeline; /* at the place */
    Place place;
    StageLayout layout;
    Rect area;
    bool *plugged;                            /* by link */
    bool segments;                            /* every segment has its name; else those of DETAIL are dots */
    uint32_t selected_host, selected_message; /* STORY_NONE: none */
} Stage;

/* Finds which links are in use and where everything stands. */
void stage_arrange(Stage *stage, const Pen *pen, Rect area);
void stage_draw(const Stage *stage, const Pen *pen, Rect area);
void stage_free(Stage *stage);

/* The machine whose state a host's card shows: a client's before a relay's before a server's; NULL if it has none. */
const TimelineMachine *stage_main_machine(const Timeline *timeline, uint32_t host);
/* The running timer that expires first, as an index; -1 if none runs. */
int stage_next_timer(const TimelineMachine *machine);

#endif
