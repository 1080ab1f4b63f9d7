/* Finding a name in a zone. Lay dns_zone_find beside RFC 1034 section 4.3.2, step 3, and RFC 4592 for wildcards. */
#include "proto/dns/zone.h"

const DnsZone *dns_zone_of(const DnsZone *zones, size_t count, const DnsName *name) {
    const DnsZone *best = NULL;
    for (size_t i = 0; i < count; i++)
        if (dns_name_within(name, &zones[i].apex) && (!best || zones[i].apex.size > best->apex.size)) best = &zones[i];
    return best;
}

const DnsRecord *dns_zone_next(const DnsZone *zone, const DnsRecord *after, const DnsName *owner, uint16_t type) {
    for (size_t i = after ? (size_t)(after - zone->records) + 1 : 0; i < zone->record_count; i++) {
        const DnsRecord *r = &zone->records[i];
        if ((r->type == type || type == DNS_TYPE_ANY) && dns_name_equal(&r->name, owner)) return r;
    }
    return NULL;
}

const DnsRecord *dns_zone_soa(const DnsZone *zone) {
    const DnsRecord *soa = dns_zone_next(zone, NULL, &zone->apex, DNS_TYPE_SOA);
    CHECK(soa);
    return soa;
}

/* A name exists if it has records, or a name below it has (RFC 4592 section 2.2.2). */
static bool exists(const DnsZone *zone, const DnsName *name) {
    for (size_t i = 0; i < zone->record_count; i++)
        if (dns_name_within(&zone->records[i].name, name)) return true;
    return false;
}

static DnsZoneKind kind_at(const DnsZone *zone, const DnsName *owner, uint16_t type) {
    if (dns_zone_next(zone, NULL, owner, type)) return ZONE_RECORDS;
    return dns_zone_next(zone, NULL, owner, DNS_TYPE_CNAME) ? ZONE_ALIAS : ZONE_NO_DATA;
}

DnsZoneFound dns_zone_find(const DnsZone *zone, const DnsName *name, uint16_t type) {
    size_t apex = dns_name_labels(&zone->apex), labels = dns_name_labels(name);
    CHECK(dns_name_within(name, &zone->apex));
    for (size_t i = apex + 1; i <= labels; i++) { /* down from the apex, label by label */
        DnsName cut = dns_name_ending(name, i);
        if (dns_zone_next(zone, NULL, &cut, DNS_TYPE_NS)) return (DnsZoneFound){ZONE_REFERRAL, false, cut};
    }
    if (exists(zone, name)) return (DnsZoneFound){kind_at(zone, name, type), false, *name};
    DnsName closest = *name;
    do closest = dns_name_ending(name, --labels);
    while (labels > apex && !exists(zone, &closest));
    static const DnsName asterisk = {3, {1, '*', 0}};
    DnsName wildcard;
    if (!dns_name_join(&asterisk, &closest, &wildcard) || !exists(zone, &wildcard))
        return (DnsZoneFound){ZONE_NO_NAME, false, *name};
    return (DnsZoneFound){kind_at(zone, &wildcard, type), true, wildcard};
}
