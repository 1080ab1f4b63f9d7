/* A name server that answers with authority for the names of its configuration, and knows no others: RFC 1035. */
#ifndef NETSTAGE_PROTO_DNS_SERVER_H
#define NETSTAGE_PROTO_DNS_SERVER_H

#include "sim/effects.h"
#include "sim/trace.h"
#include "wire/dns.h"

enum { DNS_SERVER_ADDRESSES = 8 };

typedef struct {
    DnsName name;
    Ipv4Address addresses[DNS_SERVER_ADDRESSES];
    uint8_t address_count;
} DnsServerName;

typedef struct {
    DnsServerName *names; /* outlives the server */
    size_t name_count;
    uint32_t ttl_s;
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

void dns_server_init(DnsServer *server, const DnsServerConfig *config);
/* START or STOP. */
void dns_server_input(DnsServer *server, DnsServerInput input, Effects *effects);
/* A datagram for port 53. The answer goes from `own` to `source`. */
void dns_server_receive(DnsServer *server, Ipv4Address source, uint16_t source_port, Ipv4Address own, Bytes payload,
                        Effects *effects);

#endif
