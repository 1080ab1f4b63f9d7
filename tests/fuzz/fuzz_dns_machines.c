/* Messages for a name server, a stub and a resolver: the first octet chooses, each of the others' messages stands behind its length in
 * two octets. Responses get the ID and the question that are awaited, so that they are looked into. Whatever comes, every machine stays
 * within its bounds and can be stopped. */
#include "base/arena.h"
#include "fuzz.h"
#include "proto/dns/recursor.h"
#include "proto/dns/resolver.h"
#include "proto/dns/stream.h"

static DnsName name_of(const char *text) {
    DnsName name = {1, {0}};
    if (text[0]) CHECK(dns_name_parse(text, &name));
    return name;
}

static void to_server(Bytes octets) {
    static const uint8_t soa[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 60}, alias[] = {1, 'b', 2, 'a', 'b', 0}, cut[] = {1, 'n', 1, 'c', 2, 'a', 'b', 0};
    static DnsRecord records[7];
    records[0] = (DnsRecord){.name = name_of("ab"), .type = DNS_TYPE_SOA, .class = DNS_CLASS_IN, .data = bytes_of(soa, sizeof soa)};
    records[1] = (DnsRecord){.name = name_of("b.ab"), .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .address = 1};
    records[2] = (DnsRecord){.name = name_of("a.ab"), .type = DNS_TYPE_CNAME, .class = DNS_CLASS_IN, .data = bytes_of(alias, sizeof alias)};
    records[3] = (DnsRecord){.name = name_of("c.ab"), .type = DNS_TYPE_NS, .class = DNS_CLASS_IN, .data = bytes_of(cut, sizeof cut)};
    records[4] = (DnsRecord){.name = name_of("n.c.ab"), .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .address = 2};
    records[5] = (DnsRecord){.name = {6, {1, '*', 2, 'a', 'b', 0}}, .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .address = 3};
    records[6] = (DnsRecord){.name = name_of("l.ab"), .type = DNS_TYPE_CNAME, .class = DNS_CLASS_IN, .data = bytes_of("\1l\2ab", 6)};
    DnsZone zone = {name_of("ab"), records, 7};
    static DnsConnection connection;
    DnsServer server;
    dns_server_init(&server, &(DnsServerConfig){.zones = &zone, .zone_count = 1});
    machine_init(&server.machine, &dns_server_spec, &server, NULL, 0, 0);
    server.machine.state = DNS_SERVER_LISTENING;
    Effects effects = {0};
    effects_begin(&effects, 5);
    dns_server_receive(&server, 1, 2, 3, octets, &effects);
    for (size_t i = 0; i < effects.count; i++)
        if (effects.items[i].kind == EFFECT_SEND) {
            static DnsMessage m;
            ParseFault fault;
            Bytes sent = bytes_of(effects.octets + effects.items[i].send.octets_at, effects.items[i].send.size);
            CHECK(sent.size <= DNS_UDP_EDNS_MOST && dns_message_decode(sent, &m, &fault) && m.qr);
        }
    /* The same octets as a stream. */
    dns_connection_begin(&connection, &server, &(DnsAsker){.port = 1}, 1);
    machine_init(&connection.machine, &dns_connection_spec, &connection, NULL, 0, 0);
    dns_connection_stream.opened(&connection, &effects);
    for (size_t at = 0; at < octets.size && connection.machine.state == DNS_CONNECTION_OPEN;) {
        size_t taken = dns_connection_stream.receive(&connection, bytes_slice(octets, at, 7), &effects);
        CHECK(taken > 0 && taken <= octets.size - at);
        at += taken;
    }
    dns_connection_release(&connection);
    effects_free(&effects);
}

/* The next message of the input, with this ID and question put in its place; false: there is none. */
static bool next_message(ByteReader *r, uint16_t id, const DnsName *name, uint16_t type, uint8_t *room, size_t *size) {
    size_t length = byte_reader_u16(r);
    if (length > byte_reader_left(r)) length = byte_reader_left(r);
    Bytes rest = byte_reader_take(r, length);
    if (r->failed || rest.size < 6) return false;
    ByteWriter w = byte_writer(room, 4096 + 300);
    byte_writer_u16(&w, id);
    byte_writer_put(&w, rest.at, 2);
    byte_writer_u16(&w, 1);
    for (size_t i = 0; i < 3; i++) byte_writer_u16(&w, rest.at[2 + i] % 6);
    byte_writer_put(&w, name->octets, name->size);
    byte_writer_u16(&w, type);
    byte_writer_u16(&w, DNS_CLASS_IN);
    byte_writer_put(&w, rest.at + 5, rest.size - 5 < 4096 ? rest.size - 5 : 4096);
    *size = w.size;
    return true;
}

static void to_stub(ByteReader *r, Arena *arena) {
    static DnsResolver resolver;
    dns_resolver_init(&resolver, &dns_resolver_config_default, arena, random_stream(1, "a", "b"));
    DnsLookup *l = &resolver.lookups[0];
    machine_init(&l->machine, &dns_resolver_spec, l, NULL, 0, 0);
    Effects effects = {0};
    effects_begin(&effects, 5);
    Ipv4Address server = 77;
    DnsName name = name_of("a.b");
    dns_resolver_look_up(l, &name, DNS_TYPE_MX, &server, 1, 50000, &effects);
    uint8_t room[4096 + 300];
    size_t size;
    while (l->machine.state != DNS_RESOLVER_IDLE && next_message(r, l->id, &l->name, l->type, room, &size)) {
        effects_begin(&effects, effects.now + 1);
        if (l->machine.state == DNS_RESOLVER_BY_TCP) dns_resolver_receive_tcp(l, bytes_of(room, size), &effects);
        else dns_resolver_receive(l, server, bytes_of(room, size), &effects);
    }
    effects_begin(&effects, effects.now + 1);
    dns_resolver_stop(l, &effects);
    CHECK(l->machine.state == DNS_RESOLVER_IDLE);
    effects_free(&effects);
}

static void to_recursor(ByteReader *r, Arena *arena) {
    static DnsRecursor recursor;
    DnsRecursorConfig config = dns_recursor_config_default;
    config.roots[config.root_count++] = 77;
    dns_recursor_init(&recursor, &config, arena, random_stream(1, "a", "b"));
    for (uint32_t k = 0; k < DNS_INQUIRIES; k++)
        machine_init(&recursor.inquiries[k].machine, &dns_recursor_spec, &recursor.inquiries[k], NULL, 0, k);
    Effects effects = {0};
    effects_begin(&effects, 5);
    DnsAsker asker = {.address = 5, .port = 6, .most = 512, .name = name_of("a.b")};
    dns_recursor_ask(&recursor, &asker, DNS_TYPE_MX, &effects);
    uint8_t room[4096 + 300];
    for (size_t step = 0, size; step < 200; step++) {
        DnsInquiry *q = NULL;
        for (size_t k = 0; k < DNS_INQUIRIES && !q; k++)
            if (recursor.inquiries[k].machine.state == DNS_RECURSOR_ASKING || recursor.inquiries[k].machine.state == DNS_RECURSOR_BY_TCP) q = &recursor.inquiries[k];
        if (!q || !next_message(r, q->id, &q->name, q->type, room, &size)) break;
        effects_begin(&effects, effects.now + 1);
        if (q->machine.state == DNS_RECURSOR_BY_TCP) dns_recursor_receive_tcp(q, bytes_of(room, size), &effects);
        else dns_recursor_receive(q, q->servers[0], bytes_of(room, size), &effects);
        CHECK(q->queries <= DNS_INQUIRY_QUERIES + 1);
    }
    for (size_t k = 0; k < DNS_INQUIRIES; k++) CHECK(recursor.inquiries[k].machine.state != DNS_RECURSOR_LOOKING);
    effects_begin(&effects, effects.now + 1);
    dns_recursor_stop(&recursor, &effects);
    for (size_t k = 0; k < DNS_INQUIRIES; k++) CHECK(recursor.inquiries[k].machine.state == DNS_RECURSOR_IDLE);
    effects_free(&effects);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    Arena *arena = arena_new();
    ByteReader r = byte_reader(bytes_of(at + 1, size - 1));
    switch (at[0] % 3) {
        case 0: to_server(bytes_of(at + 1, size - 1)); break;
        case 1: to_stub(&r, arena); break;
        default: to_recursor(&r, arena);
    }
    arena_free(arena);
    return 0;
}
