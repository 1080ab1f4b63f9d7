/* What stands in the middle of a LAN: a learning switch (IEEE 802.1D-2004 sections 7.8 and 7.9) or a hub.
 *
 * DEVIATION: a hub has no collisions: every cable carries both ways at once. What it teaches here is who hears what. */
#ifndef NETSTAGE_STACK_LAN_H
#define NETSTAGE_STACK_LAN_H

#include "stack/link.h"
#include "wire/address.h"

typedef struct {
    uint64_t mac;
    uint32_t port; /* + 1; 0: the place is empty */
    SimTime seen_at;
} LanStation;

typedef struct {
    Sim *sim;
    uint32_t host; /* directory index */
    const char *name;
    bool hub;
    Ipv4Prefix prefix;   /* length 0: none given */
    LinkQuality quality; /* of new cables */
    Link **ports;
    size_t port_count, port_capacity;
    LanStation *stations; /* the filtering database: open addressing, a power of two */
    size_t station_count, station_capacity;
    SimTime ageing;
    /* The way out to a real network, if any: gets every frame that a port there would. */
    void (*tap)(void *self, Bytes frame, SimTime at);
    void *tap_self;
} Lan;

/* The LAN and its switch live in the simulation's arena. */
Lan *lan_new(Sim *sim, const char *name, bool hub, Ipv4Prefix prefix, const LinkQuality *quality);
void lan_release(Lan *lan); /* its tables; the arena keeps the rest */
/* A free port for a cable; it becomes the cable's end 1 with lan_set_port. */
LinkEnd lan_new_port(Lan *lan);
void lan_set_port(Lan *lan, uint32_t port, Link *link);
/* A frame comes in from the tap. */
void lan_receive_from_tap(Lan *lan, FrameId frame, uint32_t cause);

#endif
