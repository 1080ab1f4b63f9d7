/* Where the states of a diagram stand when a figure in an RFC, or good sense, says so. */
#ifndef NETSTAGE_VIEW_MACHINE_PLACES_H
#define NETSTAGE_VIEW_MACHINE_PLACES_H

#include "view/draw_list.h"

/* The middle of the state, 0..1 of the area's width and height. False: nobody has said. */
bool machine_place(const char *machine, const char *state, Point *at);

#endif
