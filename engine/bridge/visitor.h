/* A visitor: a host that joins a scenario's network so that somebody outside can speak over it, at the console or through
 * the gateway. Everything it does is a command of the run. */
#ifndef NETSTAGE_BRIDGE_VISITOR_H
#define NETSTAGE_BRIDGE_VISITOR_H

#include "host/world.h"

/* How commands are given. False: *error says why it was refused. */
typedef struct {
    void *self;
    bool (*give)(void *self, const Value *command, Text *error);
    World *world;
} VisitorDoor;

typedef struct {
    VisitorDoor door;
    uint32_t host; /* its directory index */
    const char *name;
    Ipv4Address target; /* whom it speaks to */
    uint16_t port;
} Visitor;

/* "HOST:PORT": HOST is a host's name, its address, or the name its mail server greets with. *host and *port are set; false:
 * *error says what was expected. */
bool visitor_find(const World *world, const char *text, uint32_t *host, uint16_t *port, Text *error) NS_MUST_USE;
/* Joins the LAN of the host's first interface, under the first free name of "visitor", "visitor2" …, with a free address;
 * a visitor that is there already is used again. `visitor->name` lives as long as the world. */
bool visitor_join(const VisitorDoor *door, uint32_t host, uint16_t port, Visitor *visitor, Text *error) NS_MUST_USE;
bool visitor_connect(const Visitor *visitor, const char *name, Text *error) NS_MUST_USE;
bool visitor_write(const Visitor *visitor, const char *name, Bytes octets, Text *error) NS_MUST_USE;
bool visitor_hang_up(const Visitor *visitor, const char *name, bool abort, Text *error) NS_MUST_USE;

#endif
