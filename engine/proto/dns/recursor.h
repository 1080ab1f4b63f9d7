/* A resolver that finds out for others: RFC 1034 section 5.3. It asks the root's servers, follows referrals down to the
 * servers of the zone that the name is in, and remembers all it is told on the way.
 *
 * Each question under way is a machine, "dns.recursor", whose subject is its place. A question may have to wait for
 * another: for the address of a name server of which only the name is known. */
#ifndef NETSTAGE_PROTO_DNS_RECURSOR_H
#define NETSTAGE_PROTO_DNS_RECURSOR_H

#include "base/random.h"
#include "proto/dns/cache.h"
#include "proto/dns/server.h"

enum {
    DNS_INQUIRIES = 32,
    DNS_INQUIRY_ASKERS = 8,
    DNS_INQUIRY_SERVERS = 8,
    DNS_INQUIRY_QUERIES = 40, /* that one question may cost */
    DNS_INQUIRY_FINDS = 8,    /* name servers' addresses that it may look up */
    DNS_INQUIRY_DEPTH = 6,    /* questions that wait for one another */
    DNS_ROOTS = 13,
};

typedef struct {
    Ipv4Address roots[DNS_ROOTS]; /* the hints: addresses of the root's servers */
    uint8_t root_count;
    SimTime retry;  /* an answer is awaited as long in the first two rounds, twice as long in the next two; 1 s */
    uint8_t rounds; /* how often each server is asked; 4 */
    uint32_t ttl_most_s, lack_most_s;
    SimTime failure; /* how long it is remembered that nobody could tell; 5 s (RFC 2308 section 7) */
} DnsRecursorConfig;
extern const DnsRecursorConfig dns_recursor_config_default;

typedef struct DnsRecursor DnsRecursor;

/* A question under way. */
typedef struct DnsInquiry {
    Machine machine; /* initialised by the host */
    DnsRecursor *recursor;
    DnsName asked;
    const char *text; /* that name */
    uint16_t type;
    DnsAsker askers[DNS_INQUIRY_ASKERS];
    uint8_t asker_count, depth;
    DnsName name; /* the end of the aliases known so far */
    DnsName cut;  /* the zone whose servers are asked */
    Ipv4Address servers[DNS_INQUIRY_SERVERS];
    uint8_t server_count, sent; /* queries to these servers */
    uint8_t queries, finds;     /* in all, with those of questions it waited for */
    uint8_t circles;            /* how often a zone's servers could be known only by asking them */
    uint16_t id, port;
    struct DnsInquiry *awaits; /* the question about the address of a name server */
    const char *reason;        /* why it can't be found out */
} DnsInquiry;

struct DnsRecursor {
    DnsRecursorConfig config;
    RandomStream random;
    DnsCache cache;
    DnsInquiry inquiries[DNS_INQUIRIES];
};

extern const MachineSpec dns_recursor_spec; /* "dns.recursor" */

#define DNS_RECURSOR_STATES(X) X(IDLE) X(LOOKING) X(ASKING) X(BY_TCP) X(AWAITING)
typedef enum {
#define X(name) DNS_RECURSOR_##name,
    DNS_RECURSOR_STATES(X)
#undef X
} DnsRecursorState;

typedef enum {
    DNS_RECURSOR_ON_QUESTION,
    DNS_RECURSOR_ON_ANSWER_KNOWN,
    DNS_RECURSOR_ON_SERVERS_KNOWN,
    DNS_RECURSOR_ON_SERVER_NAMED,
    DNS_RECURSOR_ON_DEAD_END,
    DNS_RECURSOR_ON_RESPONSE,
    DNS_RECURSOR_ON_RETRANSMISSION,
    DNS_RECURSOR_ON_NO_TCP,
    DNS_RECURSOR_ON_SERVER_LOOKED_UP,
    DNS_RECURSOR_ON_STOP,
} DnsRecursorInput;
enum { DNS_RECURSOR_TIMER_RETRANSMIT };

/* Memory of what is learned comes from the arena. The machines are initialised by the host afterwards. */
void dns_recursor_init(DnsRecursor *recursor, const DnsRecursorConfig *config, Arena *arena, RandomStream random);
/* Somebody asks for what a name server handed over (ASK_RESOLVE). The answer may come at once. The port of a question's
 * queries is asked of the host by ASK_PORT. */
void dns_recursor_ask(DnsRecursor *recursor, const DnsAsker *asker, uint16_t type, Effects *effects);
/* A datagram has come to the question's port. */
void dns_recursor_receive(DnsInquiry *inquiry, Ipv4Address source, Bytes payload, Effects *effects);
/* The answer to what was asked by ASK_DNS_TCP; without octets: there will be none. */
void dns_recursor_receive_tcp(DnsInquiry *inquiry, Bytes message, Effects *effects);
void dns_recursor_timer(DnsInquiry *inquiry, Effects *effects);
/* The host shuts down. */
void dns_recursor_stop(DnsRecursor *recursor, Effects *effects);
/* Power is gone. */
void dns_recursor_forget(DnsRecursor *recursor);

#endif
