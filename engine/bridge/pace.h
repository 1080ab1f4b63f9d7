/* Simulated time on the wall clock: second by second while real peers take part. */
#ifndef NETSTAGE_BRIDGE_PACE_H
#define NETSTAGE_BRIDGE_PACE_H

#include "bridge/tap.h"
#include "sim/time.h"

typedef struct {
    SimTime started; /* the wall clock's reading at simulated time 0 */
} Pace;

Pace pace_start(void);
/* The simulated time that it is now. */
SimTime pace_now(const Pace *pace);
/* Waits until simulated time `until`, or a frame waits at one of the taps, or a signal comes. */
void pace_wait(const Pace *pace, SimTime until, Tap *const *taps, size_t count);

#endif
