/* Pieces of the stage that stand still: cards of hosts, bars of switches. */
#ifndef NETSTAGE_VIEW_STAGE_PARTS_H
#define NETSTAGE_VIEW_STAGE_PARTS_H

#include "view/stage.h"

void stage_draw_cables(const Stage *stage, const Pen *pen);
void stage_draw_bars(const Stage *stage, const Pen *pen);
void stage_draw_ghosts(const Stage *stage, const Pen *pen);
void stage_draw_host(const Stage *stage, const Pen *pen, uint32_t host);
/* A lease as a bar: what is left of it, with T1 and T2 notched. */
void stage_draw_lease_bar(const Pen *pen, Rect box, const TimelineLease *lease, SimTime t);
/* The colour of a lease's age at t. */
Tone stage_lease_tone(const TimelineLease *lease, SimTime t);

#endif
