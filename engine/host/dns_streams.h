/* DNS over TCP on a host: connections that its name server has accepted, and those by which its resolvers ask again what
 * did not fit a datagram. */
#ifndef NETSTAGE_HOST_DNS_STREAMS_H
#define NETSTAGE_HOST_DNS_STREAMS_H

#include "host/streams.h"
#include "proto/dns/stream.h"

typedef struct DnsStreams DnsStreams;

/* Who asks by TCP: `answered` gets the whole message, or none (no octets). */
typedef struct {
    void (*answered)(void *self, Bytes message, uint32_t cause);
    void *self;
} DnsTcpWaiter;

/* The name server's port takes connections. */
void host_dns_listen(Host *host, uint32_t cause);
/* What ASK_DNS_RESPOND asks for. A connection that is gone gets nothing. */
void host_dns_respond(Host *host, uint32_t number, Bytes message, uint32_t cause);
/* What ASK_DNS_TCP asks for; server 0: the waiter waits no longer. */
void host_dns_ask(Host *host, DnsTcpWaiter waiter, Ipv4Address server, Bytes query, uint32_t cause);
/* The host shuts down: no new connections, and those that stand are closed when they have been idle for long. */
void host_dns_streams_shut_down(Host *host);
void host_dns_streams_stop(Host *host); /* power is gone */
void host_dns_streams_free(Host *host);

#endif
