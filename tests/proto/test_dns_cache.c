/* What a resolver remembers: for how long, how well, and how much. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dns/cache.h"
#include "proto/dns/facts.h"

typedef struct {
    Arena *arena;
    DnsCache cache;
    Effects effects;
    Machine machine;
} Desk;

static Desk *desk_new(bool tells) {
    static Desk d;
    memset(&d, 0, sizeof d);
    d.arena = arena_new();
    dns_cache_init(&d.cache, d.arena, tells, 1000, 100);
    d.effects.current = &d.machine;
    return &d;
}

static void desk_free(Desk *d) {
    effects_free(&d->effects);
    arena_free(d->arena);
}

static void at(Desk *d, SimTime now) {
    effects_begin(&d->effects, now);
    d->effects.current = &d->machine;
}

static DnsName name_of(const char *text) {
    DnsName name;
    assert_true(dns_name_parse(text, &name));
    return name;
}

static const DnsKnown *learn_address(Desk *d, const char *name, uint32_t ttl_s, Ipv4Address address, DnsTrust trust) {
    static DnsMessage m;
    dns_message_begin(&m);
    DnsRecord r = {.name = name_of(name), .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = ttl_s, .address = address};
    assert_true(dns_message_put(&m, DNS_ANSWER, &r));
    return dns_cache_learn(&d->cache, &m, &m.records[0], trust, 7, &d->effects);
}

static const DnsKnown *find(const Desk *d, const char *text, uint16_t type, SimTime now) {
    DnsName name = name_of(text);
    return dns_cache_find(&d->cache, &name, type, DNS_TRUST_ANSWER, now);
}

static void for_as_long_as_the_ttl_says(void **state) {
    (void)state;
    Desk *d = desk_new(false);
    at(d, SIM_SECOND);
    assert_non_null(learn_address(d, "A.org", 60, 1, DNS_TRUST_ANSWER));
    assert_non_null(find(d, "a.ORG", DNS_TYPE_A, 61 * SIM_SECOND - 1));
    assert_null(find(d, "a.org", DNS_TYPE_A, 61 * SIM_SECOND));
    assert_null(find(d, "a.org", DNS_TYPE_MX, SIM_SECOND));
    assert_int_equal(dns_known_ttl_s(find(d, "a.org", DNS_TYPE_A, SIM_SECOND), 31 * SIM_SECOND), 30);
    /* A TTL of 0 is good at this instant alone; one beyond 31 bits is 0 (RFC 2181 section 8); more than the most is the most. */
    learn_address(d, "zero.org", 0, 1, DNS_TRUST_ANSWER);
    learn_address(d, "large.org", UINT32_C(0x80000000), 1, DNS_TRUST_ANSWER);
    learn_address(d, "long.org", 5000, 1, DNS_TRUST_ANSWER);
    assert_true(find(d, "zero.org", DNS_TYPE_A, SIM_SECOND) && !find(d, "zero.org", DNS_TYPE_A, SIM_SECOND + 1));
    assert_true(find(d, "large.org", DNS_TYPE_A, SIM_SECOND) && !find(d, "large.org", DNS_TYPE_A, SIM_SECOND + 1));
    assert_true(find(d, "long.org", DNS_TYPE_A, 1000 * SIM_SECOND) && !find(d, "long.org", DNS_TYPE_A, 1001 * SIM_SECOND));
    dns_cache_clear(&d->cache);
    assert_null(find(d, "long.org", DNS_TYPE_A, SIM_SECOND));
    desk_free(d);
}

/* An RRset is one thing: the least of its TTLs; other sets between its records are not its own. */
static void a_set_as_a_whole(void **state) {
    (void)state;
    Desk *d = desk_new(true);
    static DnsMessage m;
    dns_message_begin(&m);
    at(d, SIM_SECOND);
    DnsRecord r = {.name = name_of("a.org"), .type = DNS_TYPE_MX, .class = DNS_CLASS_IN, .ttl_s = 90, .data = bytes_of("\0\1\1x\0", 5)};
    assert_true(dns_message_put(&m, DNS_ANSWER, &r));
    DnsRecord other = {.name = name_of("b.org"), .type = DNS_TYPE_MX, .class = DNS_CLASS_IN, .ttl_s = 5, .data = bytes_of("\0\1\1z\0", 5)};
    assert_true(dns_message_put(&m, DNS_ANSWER, &other));
    r.ttl_s = 30;
    r.data = bytes_of("\0\2\1y\0", 5);
    assert_true(dns_message_put(&m, DNS_ANSWER, &r));
    r.data = bytes_of("\0\3\1w\0", 5);
    assert_true(dns_message_put(&m, DNS_ADDITIONAL, &r)); /* of another section */
    const DnsKnown *known = dns_cache_learn(&d->cache, &m, &m.records[0], DNS_TRUST_ANSWER, 7, &d->effects);
    assert_int_equal(known->record_count, 2);
    assert_int_equal(known->expires_at, 31 * SIM_SECOND);
    assert_string_equal(known->data, "1 x, 2 y");
    assert_int_equal(d->effects.count, 1);
    assert_ptr_equal(d->effects.items[0].fact.spec, &fact_dns_cached);
    desk_free(d);
}

static void better_is_not_overwritten(void **state) {
    (void)state;
    Desk *d = desk_new(false);
    at(d, SIM_SECOND);
    DnsName name = name_of("ns.org");
    learn_address(d, "ns.org", 60, 1, DNS_TRUST_REFERRAL);
    assert_null(find(d, "ns.org", DNS_TYPE_A, SIM_SECOND)); /* glue is no answer */
    assert_int_equal(dns_cache_find(&d->cache, &name, DNS_TYPE_A, DNS_TRUST_REFERRAL, SIM_SECOND)->records[0].address, 1);
    learn_address(d, "ns.org", 60, 2, DNS_TRUST_ANSWER);
    assert_null(learn_address(d, "ns.org", 60, 3, DNS_TRUST_REFERRAL));
    assert_int_equal(find(d, "ns.org", DNS_TYPE_A, SIM_SECOND)->records[0].address, 2);
    at(d, 61 * SIM_SECOND); /* but what has expired is */
    assert_non_null(learn_address(d, "ns.org", 60, 3, DNS_TRUST_REFERRAL));
    desk_free(d);
}

static void what_is_not_there(void **state) {
    (void)state;
    Desk *d = desk_new(false);
    static const uint8_t data[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 20};
    DnsRecord soa = {.name = name_of("org"), .type = DNS_TYPE_SOA, .class = DNS_CLASS_IN, .ttl_s = 50, .data = bytes_of(data, sizeof data)};
    DnsName name = name_of("a.org");
    at(d, SIM_SECOND);
    dns_cache_learn_lack(&d->cache, &name, 0, &soa, 7, &d->effects);
    assert_int_equal(find(d, "a.org", DNS_TYPE_MX, 20 * SIM_SECOND)->kind, DNS_KNOWN_NO_NAME); /* the least of the SOA's TTL and its minimum */
    assert_null(find(d, "a.org", DNS_TYPE_MX, 21 * SIM_SECOND));
    learn_address(d, "a.org", 60, 1, DNS_TRUST_ANSWER); /* it exists after all */
    assert_null(find(d, "a.org", DNS_TYPE_MX, SIM_SECOND));
    dns_cache_learn_lack(&d->cache, &name, DNS_TYPE_TXT, NULL, 7, &d->effects); /* nobody says for how long */
    assert_int_equal(find(d, "a.org", DNS_TYPE_TXT, SIM_SECOND)->kind, DNS_KNOWN_NO_DATA);
    assert_null(find(d, "a.org", DNS_TYPE_TXT, SIM_SECOND + 1));
    dns_cache_learn_failure(&d->cache, &name, DNS_TYPE_NS, 5 * SIM_SECOND, &d->effects);
    assert_int_equal(find(d, "a.org", DNS_TYPE_NS, 5 * SIM_SECOND)->kind, DNS_KNOWN_FAILURE);
    desk_free(d);
}

/* However many names are asked for, so much is kept; what would be forgotten first makes room. */
static void bounded(void **state) {
    (void)state;
    Desk *d = desk_new(false);
    at(d, SIM_SECOND);
    learn_address(d, "keep.org", 900, 1, DNS_TRUST_ANSWER);
    for (int i = 0; i < 20 * DNS_CACHE_MOST; i++) {
        char name[32];
        snprintf(name, sizeof name, "n%d.org", i);
        at(d, (i + 1) * SIM_MILLISECOND);
        learn_address(d, name, 10, 1, DNS_TRUST_ANSWER);
    }
    assert_int_equal(d->cache.count, DNS_CACHE_MOST);
    assert_non_null(find(d, "keep.org", DNS_TYPE_A, 11 * SIM_SECOND));
    size_t kept = 0;
    for (size_t i = 0; i < DNS_CACHE_CHAINS; i++)
        for (const DnsKnown *k = d->cache.chains[i]; k; k = k->next) kept++;
    assert_int_equal(kept, DNS_CACHE_MOST);
    assert_true(arena_footprint(d->arena) < 2000 * 1000);
    desk_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(for_as_long_as_the_ttl_says), cmocka_unit_test(a_set_as_a_whole), cmocka_unit_test(better_is_not_overwritten),
                                       cmocka_unit_test(what_is_not_there), cmocka_unit_test(bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
