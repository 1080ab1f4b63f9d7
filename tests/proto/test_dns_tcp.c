/* DNS over a stream: both ends, the stream cut at every octet; and what resolvers do with a truncated answer, arrow by arrow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dns/recursor.h"
#include "proto/dns/resolver.h"
#include "proto/dns/stream.h"
#include "sim/sim.h"

static bool connection_rows[32], tcp_rows[32], resolver_rows[64], recursor_rows[64];

static void note_rows(const Effects *effects) {
    for (size_t i = 0; i < effects->count; i++) {
        const Effect *e = &effects->items[i];
        if (e->kind != EFFECT_STEP) continue;
        if (e->machine->spec == &dns_connection_spec) connection_rows[e->step.row] = true;
        if (e->machine->spec == &dns_tcp_spec) tcp_rows[e->step.row] = true;
        if (e->machine->spec == &dns_resolver_spec) resolver_rows[e->step.row] = true;
        if (e->machine->spec == &dns_recursor_spec) recursor_rows[e->step.row] = true;
    }
}

static DnsName name_of(const char *text) {
    DnsName name = {1, {0}};
    if (text[0]) assert_true(dns_name_parse(text, &name));
    return name;
}

/* Whether the effects ask the host for this; its octets. */
static const Effect *asked(const Effects *effects, AskKind ask) {
    for (size_t i = 0; i < effects->count; i++)
        if (effects->items[i].kind == EFFECT_ASK && effects->items[i].ask.ask == ask) return &effects->items[i];
    return NULL;
}

/* ---- Two ends, without a network ---- */

typedef struct {
    DnsServer server;
    DnsConnection connection;
    DnsTcp tcp;
    Text log;                 /* what was said, heard and asked, in order */
    uint8_t to_server[70000], to_client[70000];
    size_t to_server_size, to_client_size;
    uint8_t answer[70000]; /* of the server, until it is put into the connection */
    size_t answer_size;
    bool client_closed, server_closed, aborted;
} Ends;

static void carry(Ends *ends, Effects *effects, bool client) {
    static const char *const parts[] = {"command", "reply", "content"};
    note_rows(effects);
    for (size_t i = 0; i < effects->count; i++) {
        const Effect *e = &effects->items[i];
        const uint8_t *octets = effects->octets;
        switch ((EffectKind)e->kind) {
            case EFFECT_STEP: text_print(&ends->log, "%s %s\n", e->machine->spec->name, e->machine->spec->states[e->step.to]); break;
            case EFFECT_SAID: text_print(&ends->log, "%s %s %s %u\n", client ? "client" : "server", e->said.received ? "heard" : "said", parts[e->said.part], (unsigned)e->said.size); break;
            case EFFECT_WRITE: {
                uint8_t *to = client ? ends->to_server : ends->to_client;
                size_t *size = client ? &ends->to_server_size : &ends->to_client_size;
                memcpy(to + *size, octets + e->write.octets_at, e->write.size);
                *size += e->write.size;
                break;
            }
            case EFFECT_CLOSE: *(client ? &ends->client_closed : &ends->server_closed) = true; break;
            case EFFECT_ABORT: ends->aborted = true; break;
            case EFFECT_ASK:
                if (e->ask.ask == ASK_DNS_RESPOND) {
                    memcpy(ends->answer, octets + e->ask.octets_at, e->ask.size);
                    ends->answer_size = e->ask.size;
                } else {
                    text_print(&ends->log, "told %d\n", (int)e->ask.number);
                }
                break;
            default: break;
        }
    }
}

static void ends_new(Ends *ends, DnsZone *zone) {
    *ends = (Ends){0};
    dns_server_init(&ends->server, &(DnsServerConfig){.zones = zone, .zone_count = zone != NULL});
    machine_init(&ends->server.machine, &dns_server_spec, &ends->server, NULL, 0, 0);
    ends->server.machine.state = DNS_SERVER_LISTENING;
    machine_init(&ends->connection.machine, &dns_connection_spec, &ends->connection, NULL, 0, 0);
    machine_init(&ends->tcp.machine, &dns_tcp_spec, &ends->tcp, NULL, 0, 0);
    dns_connection_begin(&ends->connection, &ends->server, &(DnsAsker){.port = 1}, 1);
}

static void ends_free(Ends *ends) {
    dns_connection_release(&ends->connection);
    dns_tcp_release(&ends->tcp);
    text_free(&ends->log);
}

#define AT(ends, is_client, call)         \
    do {                                  \
        Effects effects = {0};            \
        effects_begin(&effects, 5);       \
        call;                             \
        carry(ends, &effects, is_client); \
        effects_free(&effects);           \
    } while (0)

static size_t write_query(uint8_t *octets, size_t size, uint16_t id, const char *name, uint16_t type) {
    static DnsMessage m;
    dns_message_begin(&m);
    m.id = id;
    m.has_question = true;
    m.question = (DnsQuestion){name_of(name), type, DNS_CLASS_IN};
    ByteWriter w = byte_writer(octets, size);
    dns_message_encode(&m, &w);
    return w.size;
}

static DnsRecord records[64];
static DnsZone big_zone(void) {
    static const uint8_t soa[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 60};
    records[0] = (DnsRecord){.name = name_of("big.edu"), .type = DNS_TYPE_SOA, .class = DNS_CLASS_IN, .ttl_s = 60, .data = bytes_of(soa, sizeof soa)};
    for (uint32_t i = 1; i < 64; i++) records[i] = (DnsRecord){.name = name_of("many.big.edu"), .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = 60, .address = 0x0a000000 + i};
    return (DnsZone){name_of("big.edu"), records, 64};
}

/* A query and its answer, octets handed over `step` at a time with the first piece `first` long; what was heard and said. */
static void dialogue(size_t first, size_t step, Text *log) {
    DnsZone zone = big_zone();
    static Ends ends;
    ends_new(&ends, &zone);
    uint8_t query[DNS_UDP_MOST];
    dns_tcp_begin(&ends.tcp, bytes_of(query, write_query(query, sizeof query, 9, "many.big.edu", DNS_TYPE_A)));
    AT(&ends, true, dns_tcp_stream.connecting(&ends.tcp, &effects));
    AT(&ends, true, dns_tcp_stream.opened(&ends.tcp, &effects));
    AT(&ends, false, dns_connection_stream.opened(&ends.connection, &effects));
    for (size_t at = 0, size = first; at < ends.to_server_size; size = step) {
        size_t taken = 0;
        AT(&ends, false, taken = dns_connection_stream.receive(&ends.connection, bytes_slice(bytes_of(ends.to_server, ends.to_server_size), at, size), &effects));
        assert_true(taken > 0);
        at += taken;
    }
    assert_int_equal(ends.answer_size, 12 + 18 + 63 * 16);
    AT(&ends, false, dns_connection_respond(&ends.connection, bytes_of(ends.answer, ends.answer_size), &effects));
    for (size_t at = 0, size = first; at < ends.to_client_size; size = step) {
        size_t taken = 0;
        AT(&ends, true, taken = dns_tcp_stream.receive(&ends.tcp, bytes_slice(bytes_of(ends.to_client, ends.to_client_size), at, size), &effects));
        assert_true(taken > 0);
        at += taken;
    }
    assert_true(ends.client_closed && !ends.server_closed && !ends.aborted);
    assert_true(bytes_equal(ends.tcp.response, bytes_of(ends.answer, ends.answer_size)));
    AT(&ends, false, dns_connection_stream.peer_closed(&ends.connection, &effects));
    assert_true(ends.server_closed);
    AT(&ends, true, dns_tcp_stream.peer_closed(&ends.tcp, &effects));
    AT(&ends, true, dns_tcp_stream.ended(&ends.tcp, "tcp.closed", &effects));
    AT(&ends, false, dns_connection_stream.ended(&ends.connection, "tcp.closed", &effects));
    *log = ends.log;
    ends.log = text_new();
    ends_free(&ends);
}

static void cut_anywhere(void **state) {
    (void)state;
    Text whole;
    dialogue(70000, 70000, &whole);
    assert_non_null(strstr(text_get(&whole), "client said command 30\ndns.connection OPEN\nserver heard command 30\n"));
    assert_non_null(strstr(text_get(&whole), "server said reply 1038\nclient heard reply 1038\ndns.tcp CLOSING\ntold 1\n"));
    for (size_t first = 1; first < 1040; first++) {
        Text cut;
        dialogue(first, 70000, &cut);
        assert_string_equal(text_get(&cut), text_get(&whole));
        text_free(&cut);
    }
    Text single;
    dialogue(1, 1, &single);
    assert_string_equal(text_get(&single), text_get(&whole));
    text_free(&single);
    text_free(&whole);
}

/* Several queries at once, in one piece; the other side closes while answers are outstanding. */
static void pipelined(void **state) {
    (void)state;
    DnsZone zone = big_zone();
    static Ends ends;
    ends_new(&ends, &zone);
    uint8_t both[200];
    size_t size = 0;
    for (uint16_t id = 1; id <= 2; id++) {
        size_t n = write_query(both + size + 2, 90, id, "big.edu", DNS_TYPE_SOA);
        octets_set_u16(both + size, (uint16_t)n);
        size += 2 + n;
    }
    AT(&ends, false, dns_connection_stream.opened(&ends.connection, &effects));
    for (size_t at = 0; at < size;) AT(&ends, false, at += dns_connection_stream.receive(&ends.connection, bytes_of(both + at, size - at), &effects));
    assert_int_equal(ends.connection.pending, 2);
    AT(&ends, false, dns_connection_stream.peer_closed(&ends.connection, &effects));
    assert_string_equal(dns_connection_spec.states[ends.connection.machine.state], "DRAINING");
    AT(&ends, false, dns_connection_respond(&ends.connection, bytes_of(ends.answer, ends.answer_size), &effects));
    assert_false(ends.server_closed);
    AT(&ends, false, dns_connection_respond(&ends.connection, bytes_of(ends.answer, ends.answer_size), &effects));
    assert_true(ends.server_closed);
    assert_int_equal(ends.to_client_size, 2 * (2 + ends.answer_size));
    ends_free(&ends);
}

static void put_machine(Ends *ends, uint8_t state, uint32_t pending) {
    ends_free(ends);
    ends_new(ends, NULL);
    ends->connection.machine.state = state;
    ends->connection.pending = pending;
}

static void ends_of_connections(void **state) {
    (void)state;
    static Ends ends;
    put_machine(&ends, DNS_CONNECTION_OPEN, 0); /* a length of 65535 */
    AT(&ends, false, assert_int_equal(dns_connection_stream.receive(&ends.connection, bytes_of("\xff\xffxyz", 5), &effects), 5));
    assert_true(ends.aborted);
    for (uint8_t s = DNS_CONNECTION_OPEN; s <= DNS_CONNECTION_DRAINING; s++) {
        put_machine(&ends, s, 1);
        AT(&ends, false, dns_connection_stream.timer(&ends.connection, 0, &effects));
        assert_true(ends.server_closed);
        put_machine(&ends, s, 1);
        AT(&ends, false, dns_connection_stream.ended(&ends.connection, "tcp.reset", &effects));
        assert_int_equal(ends.connection.machine.state, DNS_CONNECTION_CLOSED);
    }
    /* The resolver's end. */
    static const struct {
        uint8_t state;
        char what;
        bool aborted, told;
    } cases[] = {{DNS_TCP_CONNECTING, 't', true, true}, {DNS_TCP_CONNECTING, 'b', true, false}, {DNS_TCP_CONNECTING, 'e', false, true}, {DNS_TCP_WAITING, 'p', true, true},
                 {DNS_TCP_WAITING, 't', true, true},    {DNS_TCP_WAITING, 'b', true, false},    {DNS_TCP_WAITING, 'e', false, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        put_machine(&ends, DNS_CONNECTION_OPEN, 0);
        ends.tcp.machine.state = cases[i].state;
        Effects effects = {0};
        effects_begin(&effects, 5);
        if (cases[i].what == 't') dns_tcp_stream.timer(&ends.tcp, 0, &effects);
        if (cases[i].what == 'b') dns_tcp_break_off(&ends.tcp, &effects);
        if (cases[i].what == 'e') dns_tcp_stream.ended(&ends.tcp, "tcp.refused", &effects);
        if (cases[i].what == 'p') dns_tcp_stream.peer_closed(&ends.tcp, &effects);
        const Effect *told = asked(&effects, ASK_TELL_NAME);
        assert_int_equal(told != NULL, cases[i].told);
        if (told) assert_int_equal(told->ask.number, 0);
        carry(&ends, &effects, true);
        effects_free(&effects);
        assert_int_equal(ends.aborted, cases[i].aborted);
        assert_int_equal(ends.tcp.machine.state, DNS_TCP_CLOSED);
        assert_int_equal(ends.tcp.response.size, 0);
    }
    ends_free(&ends);
}

/* ---- What resolvers do with it ---- */

/* A response by TCP to the question `id`, and what it leads to. */
typedef struct {
    char kind; /* 'a'nswer, 'n'ame error, 'd' no data, 'l'oop of aliases, 'e' alias elsewhere, 'r'eferral, 'u' to a zone that the name is not in, 's'ervfail, 'x' none, 'w'rong ID */
    uint8_t asked_before;
    const char *state;
} Case;

static size_t write_response(uint8_t *octets, size_t size, uint16_t id, const DnsName *name, char kind) {
    static DnsMessage m;
    if (kind == 'x') return 0;
    dns_message_begin(&m);
    m.id = kind == 'w' ? (uint16_t)(id ^ 1) : id;
    m.qr = true;
    m.aa = kind != 'r' && kind != 'u';
    m.has_question = true;
    m.question = (DnsQuestion){*name, DNS_TYPE_A, DNS_CLASS_IN};
    m.tc = kind == 't';
    if (kind == 'n') m.rcode = DNS_RCODE_NAME_ERROR;
    if (kind == 's') m.rcode = DNS_RCODE_SERVER_FAILURE;
    DnsRecord record = {.name = *name, .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = 60, .address = 1};
    if (kind == 'a') assert_true(dns_message_put(&m, DNS_ANSWER, &record));
    record.type = DNS_TYPE_CNAME;
    static DnsName targets[9];
    for (int i = 0; (kind == 'l' && i < 8) || (kind == 'e' && i < 1); i++) {
        char text[32] = "a.big.edu";
        text[0] = (char)('a' + i);
        targets[i] = name_of(text);
        record.data = bytes_of(targets[i].octets, targets[i].size);
        assert_true(dns_message_put(&m, DNS_ANSWER, &record));
        record.name = targets[i];
    }
    static DnsName server;
    server = name_of("ns.big.edu");
    DnsRecord ns = {.name = name_of("big.edu"), .type = DNS_TYPE_NS, .class = DNS_CLASS_IN, .ttl_s = 60, .data = bytes_of(server.octets, server.size)};
    if (kind == 'u') ns.name = name_of("small.edu");
    if (kind == 'r' || kind == 'u') assert_true(dns_message_put(&m, DNS_AUTHORITY, &ns));
    DnsRecord glue = {.name = server, .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = 60, .address = 2};
    if (kind == 'r') assert_true(dns_message_put(&m, DNS_ADDITIONAL, &glue));
    ByteWriter w = byte_writer(octets, size);
    dns_message_encode(&m, &w);
    return w.size;
}

static void the_stub_asks_again(void **state) {
    (void)state;
    static const Case cases[] = {{'a', 1, "IDLE"}, {'n', 1, "IDLE"}, {'l', 1, "IDLE"}, {'e', 1, "WAITING"}, {'d', 1, "IDLE"},   {'s', 1, "WAITING"},
                                 {'s', 2, "IDLE"}, {'x', 1, "WAITING"}, {'x', 2, "IDLE"}, {'w', 1, "WAITING"}, {'w', 2, "IDLE"}};
    static const int outcomes[] = {NAME_FOUND, NAME_NONE, NAME_TEMPORARY, -1, NAME_NO_DATA, -1, NAME_TEMPORARY, -1, NAME_TEMPORARY, -1, NAME_TEMPORARY};
    for (size_t i = 0; i <= sizeof cases / sizeof cases[0]; i++) {
        bool stops = i == sizeof cases / sizeof cases[0];
        static DnsResolver r;
        Arena *arena = arena_new();
        dns_resolver_init(&r, &dns_resolver_config_default, arena, random_stream(1, "a", "b"));
        DnsLookup *l = &r.lookups[0];
        machine_init(&l->machine, &dns_resolver_spec, l, NULL, 0, 0);
        Effects effects = {0};
        DnsName name = name_of("www.big.edu");
        Ipv4Address server = 77;
        effects_begin(&effects, 5);
        dns_resolver_look_up(l, &name, DNS_TYPE_A, &server, 1, 50000, &effects);
        uint8_t octets[600];
        size_t size = write_response(octets, sizeof octets, l->id, &name, 't');
        for (int k = 1; !stops && k < cases[i].asked_before; k++) dns_resolver_timer(l, &effects);
        effects_begin(&effects, 5);
        dns_resolver_receive(l, server, bytes_of(octets, size), &effects);
        assert_string_equal(dns_resolver_spec.states[l->machine.state], "BY_TCP");
        const Effect *ask = asked(&effects, ASK_DNS_TCP);
        assert_true(ask && ask->ask.number == 77 && ask->ask.size == 29);
        note_rows(&effects);
        /* A second copy of the truncated answer makes no difference. */
        effects_begin(&effects, 5);
        dns_resolver_receive(l, server, bytes_of(octets, size), &effects);
        assert_true(effects.count == 1 && effects.items[0].kind == EFFECT_IGNORED);
        effects_begin(&effects, 5);
        if (stops) {
            dns_resolver_stop(l, &effects);
            assert_true(asked(&effects, ASK_DNS_TCP) && asked(&effects, ASK_DNS_TCP)->ask.number == 0);
            assert_int_equal(l->machine.state, DNS_RESOLVER_IDLE);
        } else {
            size = write_response(octets, sizeof octets, l->id, &name, cases[i].kind);
            dns_resolver_receive_tcp(l, bytes_of(octets, size), &effects);
            assert_string_equal(dns_resolver_spec.states[l->machine.state], cases[i].state);
            const Effect *told = asked(&effects, ASK_TELL_NAME);
            assert_int_equal(told ? told->ask.number : -1, outcomes[i]);
        }
        note_rows(&effects);
        effects_free(&effects);
        arena_free(arena);
    }
}

static void the_recursor_asks_again(void **state) {
    (void)state;
    static const Case cases[] = {{'a', 1, "IDLE"},  {'n', 1, "IDLE"},   {'d', 1, "IDLE"}, {'r', 1, "ASKING"}, {'u', 4, "IDLE"},   {'s', 1, "ASKING"},
                                 {'s', 4, "IDLE"}, {'x', 1, "ASKING"}, {'x', 4, "IDLE"}, {'w', 1, "ASKING"}};
    for (size_t i = 0; i <= sizeof cases / sizeof cases[0]; i++) {
        bool stops = i == sizeof cases / sizeof cases[0];
        static DnsRecursor r;
        Arena *arena = arena_new();
        DnsRecursorConfig config = dns_recursor_config_default;
        config.roots[config.root_count++] = 77;
        dns_recursor_init(&r, &config, arena, random_stream(1, "a", "b"));
        for (uint32_t k = 0; k < DNS_INQUIRIES; k++) machine_init(&r.inquiries[k].machine, &dns_recursor_spec, &r.inquiries[k], NULL, 0, k);
        Effects effects = {0};
        effects_begin(&effects, 5);
        DnsAsker asker = {.address = 5, .port = 6, .most = 512, .name = name_of("www.big.edu")};
        dns_recursor_ask(&r, &asker, DNS_TYPE_A, &effects);
        DnsInquiry *q = &r.inquiries[0];
        for (int k = 1; !stops && k < cases[i].asked_before; k++) dns_recursor_timer(q, &effects);
        uint8_t octets[600];
        size_t size = write_response(octets, sizeof octets, q->id, &asker.name, 't');
        effects_begin(&effects, 5);
        dns_recursor_receive(q, 77, bytes_of(octets, size), &effects);
        assert_string_equal(dns_recursor_spec.states[q->machine.state], "BY_TCP");
        assert_int_equal(asked(&effects, ASK_DNS_TCP)->ask.number, 77);
        note_rows(&effects);
        effects_begin(&effects, 5);
        dns_recursor_receive(q, 77, bytes_of(octets, size), &effects);
        assert_true(effects.count == 1 && effects.items[0].kind == EFFECT_IGNORED);
        effects_begin(&effects, 5);
        if (stops) {
            dns_recursor_stop(&r, &effects);
            assert_int_equal(asked(&effects, ASK_DNS_TCP)->ask.number, 0);
            assert_int_equal(q->machine.state, DNS_RECURSOR_IDLE);
        } else {
            size = write_response(octets, sizeof octets, q->id, &asker.name, cases[i].kind);
            dns_recursor_receive_tcp(q, bytes_of(octets, size), &effects);
            if (strcmp(dns_recursor_spec.states[q->machine.state], cases[i].state) != 0) fail_msg("%c: %s", cases[i].kind, dns_recursor_spec.states[q->machine.state]);
        }
        note_rows(&effects);
        effects_free(&effects);
        arena_free(arena);
    }
}

static size_t missing(const MachineSpec *spec, const bool *taken, bool by_tcp_only) {
    size_t count = 0;
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        bool by_tcp = strcmp(spec->states[row->from], "BY_TCP") == 0 || strcmp(spec->states[row->to], "BY_TCP") == 0;
        if (taken[i] || (by_tcp_only && !by_tcp)) continue;
        print_error("not taken: %s: %s, %s [%s]\n", spec->name, spec->states[row->from], spec->inputs[row->input].name, row->guard ? row->guard_name : "-");
        count++;
    }
    return count;
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    assert_int_equal(missing(&dns_connection_spec, connection_rows, false) + missing(&dns_tcp_spec, tcp_rows, false) + missing(&dns_resolver_spec, resolver_rows, true) +
                         missing(&dns_recursor_spec, recursor_rows, true), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cut_anywhere), cmocka_unit_test(pipelined), cmocka_unit_test(ends_of_connections), cmocka_unit_test(the_stub_asks_again), cmocka_unit_test(the_recursor_asks_again),
        cmocka_unit_test(every_arrow_was_taken), /* the last */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
