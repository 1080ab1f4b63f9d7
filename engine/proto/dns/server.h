/* A name server: it answers with authority for the names of its zones, refers to other servers what it has delegated to
 * them, and hands over to a resolver beside it, if there is one, what lies elsewhere: RFC 1034 section 4.3, RFC 1035. */
#ifndef NETSTAGE_PROTO_DNS_SERVER_H
#define NETSTAGE_PROTO_DNS_SERVER_H

#include "proto/dns/zone.h"
#include "sim/effects.h"
#include "sim/trace.h"

typedef struct {
    DnsZone *zones; /* outlive the server */
    size_t zone_count;
    bool recursive; /* a resolver stands beside it: questions about other zones are asked of it */
} DnsServerConfig;

typedef struct {
    Machine machine; /* initialised by the host */
    DnsServerConfig config;
} DnsServer;

extern const MachineSpec dns_server_spec; /* "dns.server" */

#define DNS_SERVER_STATES(X) X(CLOSED) X(LISTENING)
typedef enum {
#define X(name) DNS_SERVER_##name,
    DNS_SERVER_STATES(X)
#undef X
} DnsServerState;

typedef enum { DNS_SERVER_ON_START, DNS_SERVER_ON_STOP, DNS_SERVER_ON_QUERY } DnsServerInput;

/* Who asked, and how an answer gets back. */
typedef struct {
    Ipv4Address address, own; /* the answer goes from `own` to `address` */
    uint16_t port;
    uint16_t id;
    bool rd, edns;       /* as in the query */
    uint32_t most;       /* octets that an answer may have */
    DnsName name;        /* as the query spelt it */
    uint32_t connection; /* that the query came by, as the host numbers them; 0: by UDP */
} DnsAsker;

void dns_server_init(DnsServer *server, const DnsServerConfig *config);
/* START or STOP. */
void dns_server_input(DnsServer *server, DnsServerInput input, Effects *effects);
/* A datagram for port 53. The answer goes from `own` to `source`. A question for the resolver beside is handed over by
 * ASK_RESOLVE: the number is the type, the octets are a DnsAsker. */
void dns_server_receive(DnsServer *server, Ipv4Address source, uint16_t source_port, Ipv4Address own, Bytes payload,
                        Effects *effects);

/* The same for a message that came over a stream; `from` says who is there and by which connection. */
void dns_server_receive_stream(DnsServer *server, const DnsAsker *from, Bytes message, Effects *effects);

/* Sends a response to whoever asked: a datagram, or ASK_DNS_RESPOND, whose number is the connection. */
void dns_asker_respond(const DnsAsker *asker, DnsMessage *response, DnsRcode rcode, Effects *effects);

#endif
