/* Simulated time on the wall clock: second by second while real peers take part. */
#ifndef NETSTAGE_BRIDGE_PACE_H
#define NETSTAGE_BRIDGE_PACE_H

#include <stddef.h>

#include "sim/time.h"

typedef struct {
    SimTime started; /* the wall clock's reading at simulated time 0 */
} Pace;

Pace pace_start(void);
/* The simulated time that it is now. */
SimTime pace_now(const Pace *pace);
/* Waits until simulated time `until`, or something waits to be read at one of the descriptors, or a signal comes. */
void pace_wait(const Pace *pace, SimTime until, const int *descriptors, size_t count);

#endif
