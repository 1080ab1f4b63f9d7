/* A stub resolver: RFC 1034 section 5.3.1, RFC 1035 section 7. It asks the name servers its host was told of, one after
 * another, and remembers what they answer for as long as their TTL says.
 *
 * Each look-up under way is a machine, "dns.resolver", whose subject is its place. */
#ifndef NETSTAGE_PROTO_DNS_RESOLVER_H
#define NETSTAGE_PROTO_DNS_RESOLVER_H

#include "base/random.h"
#include "proto/dns/cache.h"
#include "sim/trace.h"

enum { DNS_LOOKUPS = 16 };

typedef struct {
    SimTime retry;  /* an answer is awaited as long before the next server is asked; 5 s */
    uint8_t rounds; /* how often each server is asked; 2 */
} DnsResolverConfig;
extern const DnsResolverConfig dns_resolver_config_default;

/* How a look-up ended. What is temporary may be asked again later (RFC 5321 section 5.1 tells them apart). */
typedef enum {
    NAME_FOUND,
    NAME_NONE,      /* NXDOMAIN: there is no such name */
    NAME_NO_DATA,   /* the name exists, and has nothing of this type (RFC 2308 section 2.2) */
    NAME_TEMPORARY, /* no answer, SERVFAIL, REFUSED, nobody to ask, or the host shuts down */
} NameOutcome;

typedef struct DnsResolver DnsResolver;

typedef struct {
    Machine machine; /* initialised by the host */
    DnsResolver *resolver;
    DnsName name;     /* asked for now: the last of the aliases met so far */
    const char *text; /* the name that was asked for first */
    uint16_t type;
    uint8_t aliases;       /* met so far */
    const DnsKnown *known; /* NAME_FOUND: the records */
    Ipv4Address servers[SETTINGS_SERVERS];
    uint8_t server_count, asked; /* queries sent so far */
    uint16_t id, port;           /* of the queries */
} DnsLookup;

struct DnsResolver {
    DnsResolverConfig config;
    RandomStream random;
    DnsCache cache;
    DnsLookup lookups[DNS_LOOKUPS];
};

extern const MachineSpec dns_resolver_spec; /* "dns.resolver" */

#define DNS_RESOLVER_STATES(X) X(IDLE) X(WAITING) X(BY_TCP)
typedef enum {
#define X(name) DNS_RESOLVER_##name,
    DNS_RESOLVER_STATES(X)
#undef X
} DnsResolverState;

typedef enum {
    DNS_RESOLVER_ON_LOOK_UP,
    DNS_RESOLVER_ON_RESPONSE,
    DNS_RESOLVER_ON_RETRANSMISSION,
    DNS_RESOLVER_ON_NO_TCP,
    DNS_RESOLVER_ON_STOP,
} DnsResolverInput;
enum { DNS_RESOLVER_TIMER_RETRANSMIT };

/* Names are kept in the arena. The machines are initialised by the host afterwards. */
void dns_resolver_init(DnsResolver *resolver, const DnsResolverConfig *config, Arena *arena, RandomStream random);
/* A look-up that is idle; NULL: all are under way. */
DnsLookup *dns_resolver_idle(DnsResolver *resolver);
/* Begins. `port` is the UDP port that answers come to. The host is told the end by ASK_TELL_NAME, whose number is a
 * NameOutcome; it may come at once: where the answer is remembered, or there is nobody to ask. */
void dns_resolver_look_up(DnsLookup *lookup, const DnsName *name, uint16_t type, const Ipv4Address *servers,
                          uint8_t server_count, uint16_t port, Effects *effects);
/* A datagram has come to the look-up's port. */
void dns_resolver_receive(DnsLookup *lookup, Ipv4Address source, Bytes payload, Effects *effects);
/* The answer to what was asked by ASK_DNS_TCP; without octets: there will be none. */
void dns_resolver_receive_tcp(DnsLookup *lookup, Bytes message, Effects *effects);
void dns_resolver_timer(DnsLookup *lookup, Effects *effects);
/* The host shuts down. */
void dns_resolver_stop(DnsLookup *lookup, Effects *effects);
/* What was remembered is forgotten: the host has no power. */
void dns_resolver_forget(DnsResolver *resolver);

#endif
