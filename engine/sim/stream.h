/* Protocols that speak over a stream (SMTP, POP3, IMAP, HTTP, DNS over TCP), and never learn what carries it.
 *
 * The carrier hands octets over as they come, cut anywhere; the protocol puts lines together, notes each message it has
 * read (effect_heard) and what it says (effect_say). Tests let two ends speak to each other without a network and cut
 * the stream wherever they like. */
#ifndef NETSTAGE_SIM_STREAM_H
#define NETSTAGE_SIM_STREAM_H

#include "sim/effects.h"

typedef struct {
    uint8_t proto; /* TraceProto */
    /* The connection has been asked for (by this end); may be NULL. */
    void (*connecting)(void *self, Effects *effects);
    /* The connection stands. */
    void (*opened)(void *self, Effects *effects);
    /* Octets have come; returns how many were taken. What was not is offered again with what follows, and after any
     * other input: a server that waits for its disk takes nothing meanwhile. */
    size_t (*receive)(void *self, Bytes octets, Effects *effects);
    /* All that was written has been handed on, and there is room for more; may be NULL. */
    void (*room)(void *self, Effects *effects);
    /* The peer has closed its side; all it said before has been offered. */
    void (*peer_closed)(void *self, Effects *effects);
    /* The connection is gone, or never came to be: "tcp.reset", "tcp.refused", "tcp.timeout", "tcp.unreachable";
     * "tcp.closed" if both sides had closed it in order. Nothing can be written any more. */
    void (*ended)(void *self, const char *how, Effects *effects);
    void (*timer)(void *self, uint8_t timer, Effects *effects);
} StreamProtocol;

#endif
