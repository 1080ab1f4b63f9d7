#define _GNU_SOURCE
#include "bridge/pace.h"

#include <poll.h>
#include <time.h>

#include "base/check.h"

enum { DESCRIPTORS_MOST = 16 };

static SimTime wall(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (SimTime)now.tv_sec * SIM_SECOND + now.tv_nsec;
}

Pace pace_start(void) { return (Pace){wall()}; }

SimTime pace_now(const Pace *pace) { return wall() - pace->started; }

void pace_wait(const Pace *pace, SimTime until, const int *descriptors, size_t count) {
    CHECK(count <= DESCRIPTORS_MOST);
    struct pollfd waits[DESCRIPTORS_MOST];
    for (size_t i = 0; i < count; i++) waits[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    SimTime left = until - pace_now(pace);
    if (left < 0) left = 0;
    if (left > SIM_SECOND) left = SIM_SECOND; /* whoever waits looks around at least once a second */
    struct timespec span = {.tv_sec = (time_t)(left / SIM_SECOND), .tv_nsec = (long)(left % SIM_SECOND)};
    (void)ppoll(waits, (nfds_t)count, &span, NULL);
}
