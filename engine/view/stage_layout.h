/* Where everything stands on the stage, computed from the topology alone: the same topology gives the same
 * picture.
 *
 * Each LAN is a cell: its switch is a bar, servers hang above it and clients below. Cells stand side by side; a
 * router or relay stands between the bars it joins. A cell keeps a place for every host that was ever plugged in
 * there, so that nothing else moves when a host does. */
#ifndef NETSTAGE_VIEW_STAGE_LAYOUT_H
#define NETSTAGE_VIEW_STAGE_LAYOUT_H

#include "view/draw_list.h"
#include "view/story.h"

typedef enum { STAGE_FULL, STAGE_COMPACT, STAGE_TINY } StageDensity;

enum { CABLE_POINTS = 6 };

typedef struct {
    Rect box;     /* of a host's card or a switch's bar; w 0: not on the stage */
    bool above;   /* hangs above its bar: messages and tags go to the other side */
    bool between; /* a router between cells */
} StageNode;

typedef struct {
    Point points[CABLE_POINTS]; /* from end 0 of the link to end 1; a bar's end is on the bar's middle line */
    uint32_t count;             /* 0: not plugged in */
} StageCable;

typedef struct {
    Rect box; /* a place that its host has left */
    uint32_t node;
} StageGhost;

typedef struct {
    StageNode *nodes;   /* by directory host */
    StageCable *cables; /* by directory link */
    StageGhost *ghosts;
    size_t node_count, cable_count, ghost_count, node_capacity, cable_capacity, ghost_capacity;
    StageDensity density;
    float scale;  /* of type and strokes within the stage, against TypeScale */
    bool crowded; /* cards are so narrow that messages show a letter for their name */
} StageLayout;

/* `plugged` says for each link of the directory whether it is in use now. */
void stage_layout_build(StageLayout *layout, const Story *story, const bool *plugged, Rect area, float unit);
void stage_layout_free(StageLayout *layout);

/* The point at `part` (0..1) of a path's length, and the direction there. */
Point path_at(const Point *points, size_t count, float part, Point *direction);

#endif
