/* A zone: the part of the tree of names that a server has authority for (RFC 1034 section 4.2), and finding a name in
 * it. */
#ifndef NETSTAGE_PROTO_DNS_ZONE_H
#define NETSTAGE_PROTO_DNS_ZONE_H

#include "wire/dns.h"

typedef struct {
    DnsName apex;
    DnsRecord *records; /* outlive the zone; its SOA record among them, and glue below its cuts */
    size_t record_count;
} DnsZone;

/* What RFC 1034 section 4.3.2 step 3 comes to. */
typedef enum {
    ZONE_RECORDS,  /* 3a: the name is there, with records of the type */
    ZONE_ALIAS,    /* 3a: it is an alias (CNAME) */
    ZONE_REFERRAL, /* 3b: it lies at or below a cut, `owner` */
    ZONE_NO_DATA,  /* 3a: it is there, without records of the type */
    ZONE_NO_NAME,  /* 3c */
} DnsZoneKind;

typedef struct {
    DnsZoneKind kind;
    bool wildcard; /* `owner` is a wildcard that stands in for the name: RFC 1034 section 4.3.3 */
    DnsName owner; /* of the records meant */
} DnsZoneFound;

/* The zone whose apex is nearest above the name; NULL: none is above it. */
const DnsZone *dns_zone_of(const DnsZone *zones, size_t count, const DnsName *name);
/* `name` must lie in the zone. Type ANY is any type. */
DnsZoneFound dns_zone_find(const DnsZone *zone, const DnsName *name, uint16_t type);
/* The zone's record after `after` (NULL: from the first) that has this owner and this type (ANY: any type); NULL: there
 * is no further one. */
const DnsRecord *dns_zone_next(const DnsZone *zone, const DnsRecord *after, const DnsName *owner, uint16_t type);
/* Every zone has one. */
const DnsRecord *dns_zone_soa(const DnsZone *zone);

#endif
