/* What a resolver remembers: RRsets for as long as their TTL says, and for a while that there is no such name or nothing
 * of a type (RFC 2308). An RRset is kept and forgotten as a whole (RFC 2181 section 5). */
#ifndef NETSTAGE_PROTO_DNS_CACHE_H
#define NETSTAGE_PROTO_DNS_CACHE_H

#include "base/arena.h"
#include "sim/effects.h"
#include "wire/dns.h"

enum { DNS_CACHE_MOST = 512, DNS_CACHE_CHAINS = 64, DNS_ALIASES = 8 };

typedef enum {
    DNS_KNOWN_RECORDS,
    DNS_KNOWN_NO_NAME, /* whatever the type */
    DNS_KNOWN_NO_DATA,
    DNS_KNOWN_FAILURE, /* nobody could tell: RFC 2308 section 7, RFC 9520 */
} DnsKnownKind;

/* How good the source was: what is better known is not overwritten, and what came with a referral is no answer (RFC 2181
 * section 5.4.1). */
typedef enum { DNS_TRUST_REFERRAL, DNS_TRUST_ANSWER } DnsTrust;

typedef struct DnsKnown {
    struct DnsKnown *next; /* in its chain */
    DnsName name;
    const char *text; /* the name */
    uint16_t type;    /* 0 with DNS_KNOWN_NO_NAME */
    uint8_t kind, trust;
    SimTime learned_at, expires_at;
    Ipv4Address server; /* who said so */
    DnsRecord *records; /* of DNS_KNOWN_RECORDS; of a lack its SOA record, if it came with one */
    size_t record_count, record_capacity;
    uint8_t *octets; /* the records' data */
    size_t octet_capacity;
    const char *data; /* in words, as the fact says it */
} DnsKnown;

typedef struct {
    Arena *arena;
    bool tells;                       /* each thing learned is stated as a fact */
    uint32_t ttl_most_s, lack_most_s; /* RFC 2308 section 5: one to three hours for a lack */
    DnsKnown *chains[DNS_CACHE_CHAINS];
    size_t count;
} DnsCache;

/* The memory comes from the arena and is used again for the same or another name. */
void dns_cache_init(DnsCache *cache, Arena *arena, bool tells, uint32_t ttl_most_s, uint32_t lack_most_s);
/* Everything is forgotten. */
void dns_cache_clear(DnsCache *cache);
/* What is known of the name and type at this time, and at least so well; NULL: nothing. What was learned at this very instant counts even with
 * a TTL of 0 (RFC 1035 section 3.2.1: good for the transaction under way). */
const DnsKnown *dns_cache_find(const DnsCache *cache, const DnsName *name, uint16_t type, DnsTrust least, SimTime now);
/* The same, through aliases: *name becomes the last name of the chain, and *aliases counts them up. NULL: nothing is
 * known of the last name; or aliases lead in a circle, and then *aliases is DNS_ALIASES. */
const DnsKnown *dns_cache_resolve(const DnsCache *cache, DnsName *name, uint16_t type, DnsTrust least, size_t *aliases,
                                  SimTime now);
/* Learns the RRset that `first`, a record of the message, belongs to, from the records of its section behind it. NULL:
 * something better is known. */
const DnsKnown *dns_cache_learn(DnsCache *cache, const DnsMessage *message, const DnsRecord *first, DnsTrust trust,
                                Ipv4Address server, Effects *effects);
/* Learns that there is no such name (type 0), or nothing of the type; `soa`, which may be NULL, says for how long. */
const DnsKnown *dns_cache_learn_lack(DnsCache *cache, const DnsName *name, uint16_t type, const DnsRecord *soa,
                                     Ipv4Address server, Effects *effects);
/* Learns that nobody could tell. */
void dns_cache_learn_failure(DnsCache *cache, const DnsName *name, uint16_t type, SimTime span, Effects *effects);
/* Seconds left of what is known. */
uint32_t dns_known_ttl_s(const DnsKnown *known, SimTime now);

/* The section's record that owns data of this type for the name; NULL: there is none. */
const DnsRecord *dns_message_find(const DnsMessage *message, DnsSection section, const DnsName *name, uint16_t type);
/* Follows aliases within the answer section: the last name of the chain, and how many aliases led there (at most
 * DNS_ALIASES). */
DnsName dns_message_follow(const DnsMessage *message, const DnsName *name, uint16_t type, size_t *aliases);
/* The SOA record of the authority section whose zone holds the name; NULL. */
const DnsRecord *dns_message_soa(const DnsMessage *message, const DnsName *name);

#endif
