/* The loopback gateway: real clients speak to virtual servers. A connection to an address of this machine becomes a
 * connection of a visitor (bridge/visitor.h) to a virtual host, octet for octet; what it does crosses the virtual
 * network, is traced and captured, and can be replayed from the run's commands.
 *
 * Nothing waits: the caller polls the descriptor, lets the gateway take what came, runs the world, and lets the gateway
 * hand back. Only addresses of the loopback network are listened on. */
#ifndef NETSTAGE_BRIDGE_GATEWAY_H
#define NETSTAGE_BRIDGE_GATEWAY_H

#include "bridge/visitor.h"

typedef struct Gateway Gateway;

/* NULL: *error says why. */
Gateway *gateway_new(const VisitorDoor *door, Text *error);
void gateway_free(Gateway *gateway); /* NULL is allowed */
/* "HOST:PORT=127.0.0.1:PORT"; the real port may be 0: one is chosen, and said in *said ("127.0.0.1:40213"). */
bool gateway_listen(Gateway *gateway, const char *text, Text *said, Text *error) NS_MUST_USE;
/* To be waited on with poll(), for reading. */
int gateway_descriptor(const Gateway *gateway);
/* What has come from outside, as commands of the run. */
bool gateway_take(Gateway *gateway, Text *error) NS_MUST_USE;
/* What the world has answered, to the outside; connections that have ended are closed. */
bool gateway_hand_back(Gateway *gateway, Text *error) NS_MUST_USE;
/* Connections open at the moment. */
size_t gateway_open_count(const Gateway *gateway);

#endif
