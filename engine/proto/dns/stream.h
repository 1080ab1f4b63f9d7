/* DNS over a stream: each message behind its length in two octets (RFC 1035 section 4.2.2, RFC 7766).
 *
 * Two machines: "dns.connection" is a server's end of a connection, "dns.tcp" that of a resolver which asks again what
 * did not fit a datagram. */
#ifndef NETSTAGE_PROTO_DNS_STREAM_H
#define NETSTAGE_PROTO_DNS_STREAM_H

#include "proto/dns/server.h"
#include "sim/stream.h"

/* Octets of a message that is coming in. */
typedef struct {
    uint8_t *at; /* with its length */
    size_t size, capacity;
} DnsIncoming;

/* ---- The server's end ---- */

typedef struct {
    Machine machine; /* initialised by the host */
    DnsServer *server;
    DnsAsker asker; /* who is at the other end, without what differs by query */
    DnsIncoming incoming;
    uint32_t pending; /* queries not yet answered */
} DnsConnection;

extern const MachineSpec dns_connection_spec; /* "dns.connection" */
extern const StreamProtocol dns_connection_stream;

#define DNS_CONNECTION_STATES(X) X(CLOSED) X(OPEN) X(DRAINING) X(CLOSING)
typedef enum {
#define X(name) DNS_CONNECTION_##name,
    DNS_CONNECTION_STATES(X)
#undef X
} DnsConnectionState;

typedef enum {
    DNS_CONNECTION_ON_OPEN,
    DNS_CONNECTION_ON_QUERY,
    DNS_CONNECTION_ON_RESPONSE,
    DNS_CONNECTION_ON_NONSENSE,
    DNS_CONNECTION_ON_PEER_CLOSED,
    DNS_CONNECTION_ON_IDLE,
    DNS_CONNECTION_ON_END,
} DnsConnectionInput;
enum { DNS_CONNECTION_TIMER_IDLE };

/* For a connection about to be accepted. `number` names it to whoever answers: ASK_DNS_RESPOND. */
void dns_connection_begin(DnsConnection *connection, DnsServer *server, const DnsAsker *asker, uint32_t number);
/* A response to one of its queries. */
void dns_connection_respond(DnsConnection *connection, Bytes message, Effects *effects);
/* Power is gone, or the world. */
void dns_connection_release(DnsConnection *connection);

/* ---- The resolver's end ---- */

typedef struct {
    Machine machine; /* initialised by the host */
    uint8_t query[DNS_UDP_MOST];
    size_t query_size;
    DnsIncoming incoming;
    Bytes response; /* once it is there */
} DnsTcp;

extern const MachineSpec dns_tcp_spec; /* "dns.tcp" */
extern const StreamProtocol dns_tcp_stream;

#define DNS_TCP_STATES(X) X(CLOSED) X(CONNECTING) X(WAITING) X(CLOSING)
typedef enum {
#define X(name) DNS_TCP_##name,
    DNS_TCP_STATES(X)
#undef X
} DnsTcpState;

typedef enum {
    DNS_TCP_ON_CONNECT,
    DNS_TCP_ON_OPEN,
    DNS_TCP_ON_RESPONSE,
    DNS_TCP_ON_PEER_CLOSED,
    DNS_TCP_ON_TIMEOUT,
    DNS_TCP_ON_BREAK_OFF,
    DNS_TCP_ON_END,
} DnsTcpInput;
enum { DNS_TCP_TIMER_PATIENCE };

/* For a connection about to be opened. The end is told by ASK_TELL_NAME: number 1, and the answer is in `response`; 0:
 * there will be none. */
void dns_tcp_begin(DnsTcp *tcp, Bytes query);
/* Nobody waits for it any more. */
void dns_tcp_break_off(DnsTcp *tcp, Effects *effects);
void dns_tcp_release(DnsTcp *tcp);

#endif
