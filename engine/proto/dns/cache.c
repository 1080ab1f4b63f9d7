#include "proto/dns/cache.h"

#include <string.h>

#include "proto/dns/facts.h"

void dns_cache_init(DnsCache *cache, Arena *arena, bool tells, uint32_t ttl_most_s, uint32_t lack_most_s) {
    *cache = (DnsCache){.arena = arena, .tells = tells, .ttl_most_s = ttl_most_s, .lack_most_s = lack_most_s};
}

static void forget(DnsKnown *known) {
    known->learned_at = -1;
    known->expires_at = 0;
}

void dns_cache_clear(DnsCache *cache) {
    for (size_t i = 0; i < DNS_CACHE_CHAINS; i++)
        for (DnsKnown *k = cache->chains[i]; k; k = k->next) forget(k);
}

static bool is_alive(const DnsKnown *k, SimTime now) { return k->expires_at > now || k->learned_at == now; }

static size_t chain_of(const DnsName *name) { return dns_name_hash(name) % DNS_CACHE_CHAINS; }

const DnsKnown *dns_cache_find(const DnsCache *cache, const DnsName *name, uint16_t type, DnsTrust least, SimTime now) {
    for (const DnsKnown *k = cache->chains[chain_of(name)]; k; k = k->next) {
        bool meant = k->type == type || k->kind == DNS_KNOWN_NO_NAME ||
                     (type == DNS_TYPE_ANY && k->kind == DNS_KNOWN_RECORDS); /* RFC 8482: any is good enough */
        if (meant && k->trust >= least && is_alive(k, now) && dns_name_equal(&k->name, name)) return k;
    }
    return NULL;
}

const DnsKnown *dns_cache_resolve(const DnsCache *cache, DnsName *name, uint16_t type, DnsTrust least, size_t *aliases,
                                  SimTime now) {
    for (; *aliases < DNS_ALIASES; ++*aliases) {
        const DnsKnown *known = dns_cache_find(cache, name, type, least, now);
        if (known) return known;
        const DnsKnown *alias = dns_cache_find(cache, name, DNS_TYPE_CNAME, DNS_TRUST_ANSWER, now);
        if (!alias || alias->kind != DNS_KNOWN_RECORDS) return NULL;
        *name = dns_record_target(&alias->records[0]);
    }
    return NULL;
}

uint32_t dns_known_ttl_s(const DnsKnown *known, SimTime now) {
    return known->expires_at > now ? (uint32_t)((known->expires_at - now) / SIM_SECOND) : 0;
}

/* ---- Learning ---- */

static DnsKnown *first_to_expire(const DnsCache *cache) {
    DnsKnown *first = NULL;
    for (size_t i = 0; i < DNS_CACHE_CHAINS; i++)
        for (DnsKnown *k = cache->chains[i]; k; k = k->next)
            if (!first || k->expires_at < first->expires_at) first = k;
    return first;
}

static void take_out(DnsCache *cache, const DnsKnown *known) {
    DnsKnown **at = &cache->chains[chain_of(&known->name)];
    while (*at != known) at = &(*at)->next;
    *at = known->next;
}

/* The place for what is known of this name and type: the one it has, or a new one, or that of what would be forgotten
 * first. */
static DnsKnown *place_for(DnsCache *cache, const DnsName *name, uint16_t type) {
    DnsKnown **chain = &cache->chains[chain_of(name)];
    for (DnsKnown *k = *chain; k; k = k->next)
        if (k->type == type && dns_name_equal(&k->name, name)) return k;
    DnsKnown *known;
    if (cache->count < DNS_CACHE_MOST) {
        known = arena_alloc(cache->arena, sizeof *known);
        cache->count++;
    } else {
        known = first_to_expire(cache);
        take_out(cache, known);
    }
    Text text = text_new();
    dns_name_print(&text, name);
    known->name = *name;
    known->type = type;
    known->text = arena_text(cache->arena, text_get(&text));
    known->data = NULL;
    forget(known);
    text_free(&text);
    known->next = *chain;
    *chain = known;
    return known;
}

static void keep_records(DnsCache *cache, DnsKnown *known, const DnsRecord *const *records, size_t count) {
    size_t octets = 0;
    for (size_t i = 0; i < count; i++) octets += records[i]->data.size;
    if (known->record_capacity < count) {
        known->record_capacity = count;
        known->records = arena_alloc(cache->arena, count * sizeof *known->records);
    }
    if (known->octet_capacity < octets) {
        known->octet_capacity = octets;
        known->octets = arena_alloc(cache->arena, octets);
    }
    known->record_count = count;
    octets = 0;
    for (size_t i = 0; i < count; i++) {
        known->records[i] = *records[i];
        if (records[i]->data.size > 0) memcpy(known->octets + octets, records[i]->data.at, records[i]->data.size);
        known->records[i].data = bytes_of(known->octets ? known->octets + octets : NULL, records[i]->data.size);
        octets += records[i]->data.size;
    }
}

static void put_data(Text *text, const DnsKnown *known) {
    switch ((DnsKnownKind)known->kind) {
        case DNS_KNOWN_RECORDS:
            for (size_t i = 0; i < known->record_count; i++) {
                if (i > 0) text_put(text, ", ");
                dns_record_print_data(text, &known->records[i]);
            }
            break;
        case DNS_KNOWN_NO_NAME: text_put(text, "NXDOMAIN"); break;
        case DNS_KNOWN_NO_DATA: text_put(text, "NODATA"); break;
        case DNS_KNOWN_FAILURE: text_put(text, "SERVFAIL"); break;
    }
}

static void learned(DnsCache *cache, DnsKnown *known, DnsKnownKind kind, DnsTrust trust, uint32_t ttl_s,
                    Ipv4Address server, Effects *effects) {
    known->kind = (uint8_t)kind;
    known->trust = (uint8_t)trust;
    known->learned_at = effects->now;
    known->expires_at = effects->now + (SimTime)ttl_s * SIM_SECOND;
    known->server = server;
    Text data = text_new(), type = text_new();
    put_data(&data, known);
    if (!known->data || strcmp(known->data, text_get(&data)) != 0)
        known->data = arena_text(cache->arena, text_get(&data));
    if (cache->tells) {
        const char *name = dns_type_name(known->type);
        if (!name && known->type != 0) dns_type_print(&type, known->type);
        if (!name) name = known->type == 0 ? "" : arena_text(cache->arena, text_get(&type));
        effect_fact(effects, &fact_dns_cached,
                    (int64_t[]){fact_name(known->text), fact_name(name), fact_name(known->data), server,
                                (SimTime)ttl_s * SIM_SECOND, known->expires_at});
    }
    text_free(&data);
    text_free(&type);
}

/* The name exists after all. */
static void forget_lack(DnsCache *cache, const DnsName *name) {
    for (DnsKnown *k = cache->chains[chain_of(name)]; k; k = k->next)
        if (k->type == 0 && dns_name_equal(&k->name, name)) forget(k);
}

const DnsKnown *dns_cache_learn(DnsCache *cache, const DnsMessage *m, const DnsRecord *first, DnsTrust trust,
                                Ipv4Address server, Effects *effects) {
    const DnsRecord *set[DNS_RECORDS_MOST];
    size_t count = 0;
    /* RFC 2181 section 5.2: an RRset has one TTL; where a server's differ, the least. Section 8: beyond 31 bits is 0. */
    uint32_t ttl_s = cache->ttl_most_s;
    const DnsRecord *end = m->records;
    for (DnsSection s = DNS_ANSWER; s < DNS_SECTIONS && end <= first; s++) {
        size_t in_section;
        end = dns_message_section(m, s, &in_section) + in_section;
    }
    for (const DnsRecord *r = first; r < end; r++) {
        if (!dns_record_same_set(r, first)) continue;
        uint32_t own_s = r->ttl_s > INT32_MAX ? 0 : r->ttl_s;
        if (own_s < ttl_s) ttl_s = own_s;
        set[count++] = r;
    }
    DnsKnown *known = place_for(cache, &first->name, first->type);
    if (is_alive(known, effects->now) && known->kind == DNS_KNOWN_RECORDS && known->trust > trust) return NULL;
    forget_lack(cache, &first->name);
    keep_records(cache, known, set, count);
    learned(cache, known, DNS_KNOWN_RECORDS, trust, ttl_s, server, effects);
    return known;
}

const DnsKnown *dns_cache_learn_lack(DnsCache *cache, const DnsName *name, uint16_t type, const DnsRecord *soa,
                                     Ipv4Address server, Effects *effects) {
    DnsKnown *known = place_for(cache, name, type);
    uint32_t ttl_s = soa ? dns_record_negative_ttl_s(soa)
                         : 0; /* without an SOA record: not kept (RFC 2308 section 5) */
    if (ttl_s > INT32_MAX) ttl_s = 0;
    if (ttl_s > cache->lack_most_s) ttl_s = cache->lack_most_s;
    keep_records(cache, known, &soa, soa != NULL);
    learned(cache, known, type == 0 ? DNS_KNOWN_NO_NAME : DNS_KNOWN_NO_DATA, DNS_TRUST_ANSWER, ttl_s, server, effects);
    return known;
}

void dns_cache_learn_failure(DnsCache *cache, const DnsName *name, uint16_t type, SimTime span, Effects *effects) {
    DnsKnown *known = place_for(cache, name, type);
    known->record_count = 0;
    learned(cache, known, DNS_KNOWN_FAILURE, DNS_TRUST_ANSWER, (uint32_t)(span / SIM_SECOND), 0, effects);
}

/* ---- Reading a response ---- */

const DnsRecord *dns_message_find(const DnsMessage *m, DnsSection section, const DnsName *name, uint16_t type) {
    size_t count;
    const DnsRecord *records = dns_message_section(m, section, &count);
    for (size_t i = 0; i < count; i++)
        if ((records[i].type == type || type == DNS_TYPE_ANY) && records[i].class == DNS_CLASS_IN &&
            dns_name_equal(&records[i].name, name))
            return &records[i];
    return NULL;
}

DnsName dns_message_follow(const DnsMessage *m, const DnsName *name, uint16_t type, size_t *aliases) {
    DnsName last = *name;
    for (*aliases = 0; *aliases < DNS_ALIASES && !dns_message_find(m, DNS_ANSWER, &last, type); ++*aliases) {
        const DnsRecord *alias = dns_message_find(m, DNS_ANSWER, &last, DNS_TYPE_CNAME);
        if (!alias) break;
        last = dns_record_target(alias);
    }
    return last;
}

const DnsRecord *dns_message_soa(const DnsMessage *m, const DnsName *name) {
    size_t count;
    const DnsRecord *records = dns_message_section(m, DNS_AUTHORITY, &count);
    for (size_t i = 0; i < count; i++)
        if (records[i].type == DNS_TYPE_SOA && records[i].class == DNS_CLASS_IN &&
            dns_name_within(name, &records[i].name))
            return &records[i];
    return NULL;
}
