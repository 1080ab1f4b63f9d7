/* A TAP interface of the operating system: Ethernet frames to and from a real network stack (Linux, /dev/net/tun). */
#ifndef NETSTAGE_BRIDGE_TAP_H
#define NETSTAGE_BRIDGE_TAP_H

#include "base/bytes.h"
#include "base/text.h"

typedef struct Tap Tap;

/* Creates the interface, or attaches to an idle one of this name, and brings it up. NULL: *error says why, and what to do about it. */
Tap *tap_open(const char *interface, Text *error);
void tap_close(Tap *tap); /* the interface goes with it, unless it was made persistent by somebody */
/* To be waited on with poll(). */
int tap_descriptor(const Tap *tap);
/* The next frame, into `room`; 0: none is waiting. False: the interface is gone, *error says why. */
bool tap_read(Tap *tap, uint8_t *room, size_t most, size_t *size, Text *error) NS_MUST_USE;
/* A frame that can't be taken at the moment is dropped, as on a busy wire; the count of those is kept. */
void tap_write(Tap *tap, Bytes frame);
uint64_t tap_dropped(const Tap *tap);

#endif
