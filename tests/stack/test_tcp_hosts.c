/* TCP on hosts to which things happen: they speak to themselves, lose power, cables and addresses, and meet crowds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/tcp_inside.h"
#include "tcp_pair.h"
#include "wire/ethernet.h"

enum { PORT = 7000 };
static const Ipv4Address pc1 = 0xc0a80101, pc2 = 0xc0a80102, loopback = 0x7f000001;

static IpStack *stack_of(World *w, const char *name) { return network_host(w, name)->stack; }

static size_t frames_on(World *w, size_t since, const char *host) {
    return transits_since(w, since, host, 0, FRAME_DELIVERED, NULL) + transits_since(w, since, host, 1, FRAME_DELIVERED, NULL);
}

/* ---- Loopback ---- */

static void a_host_speaks_to_itself_without_a_cable(void **state) {
    (void)state;
    const Ipv4Address own[] = {pc1, loopback, 0x7f123456};
    static uint8_t there[20000];
    test_fill(there, sizeof there, 3);
    for (size_t i = 0; i < 3; i++) {
        World *w = network_lan(1, "switch", 1);
        world_do(w, "{'do':'unplug','host':'pc1'}");
        TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true};
        TestUser b = {.to_write = bytes_of(there, 5000), .close_with_peer = true};
        test_listen(w, "pc1", PORT, NULL, &b);
        size_t since = mark(w);
        test_connect(w, "pc1", own[i], PORT, NULL, &a);
        run_for(w, 10 * SIM_SECOND);
        assert_int_equal(a.ended, 1);
        assert_int_equal(b.ended, 1);
        assert_true(bytes_equal(bytes_of(b.got, b.got_size), bytes_of(there, sizeof there)));
        assert_true(bytes_equal(bytes_of(a.got, a.got_size), bytes_of(there, 5000)));
        assert_int_equal(frames_on(w, since, "pc1"), 0);
        TraceRecord syn, received;
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "SYN", &syn), 1);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "SYN", &received), 1);
        assert_true(received.at > syn.at); /* answers to answers must not stop the clock */
        assert_true(trace_get(world_trace(w), received.cause)->at == syn.at);
        assert_int_equal(frame_of(w, syn.message.frame).source, own[i]);
        free(a.got);
        free(b.got);
        world_free(w);
    }
}

static void udp_and_ping_come_back_too(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'service','host':'pc1','service':'udp_echo'}");
    size_t since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'127.0.0.1'}");
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.1.1'}");
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.1','port':7,'from_port':4000,'text':'hello'}");
    run_for(w, SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 2);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "", NULL), 2); /* the datagram and its echo */
    assert_int_equal(frames_on(w, since, "pc1"), 0);
    /* Two echoes that answer one another for ever take time, and end with the power. */
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.1','port':7,'from_port':7,'text':'for ever'}");
    run_for(w, SIM_MILLISECOND);
    world_do(w, "{'do':'crash','host':'pc1'}");
    since = mark(w);
    run_for(w, SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc1", "host.off", NULL), 1);
    world_free(w);
}

static void what_claims_to_come_from_a_loopback_or_a_crowd_is_thrown_away(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    TestUser b = {0};
    test_listen(w, "pc1", PORT, NULL, &b);
    const struct {
        Ipv4Address source, destination;
        const char *reason;
    } cases[] = {{loopback, pc1, "ipv4.source_no_host"},       {pc2, loopback, "ipv4.source_no_host"},
                 {0xc0a801ff, pc1, "ipv4.source_no_host"},     {0xe0000001, pc1, "ipv4.source_no_host"},
                 {0xffffffff, pc1, "ipv4.source_no_host"},     {pc2, 0xc0a801ff, "tcp.not_unicast"},
                 {pc2, 0xffffffff, "tcp.not_unicast"},         {pc2, pc1, NULL}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t frame[100];
        ByteWriter out = byte_writer(frame, sizeof frame);
        EthernetFrame header = {.destination = network_interface(w, "pc1")->mac, .source = network_interface(w, "pc2")->mac, .type = ETHERNET_TYPE_IPV4};
        ethernet_encode_header(&header, &out);
        Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = cases[i].source, .destination = cases[i].destination};
        ipv4_encode_header(&ip, TCP_HEADER_SIZE, &out);
        TcpSegment s = {.source_port = 5000, .destination_port = PORT, .flags = TCP_FLAG_SYN, .seq = 5, .window = 100};
        tcp_encode(&s, cases[i].source, cases[i].destination, &out);
        size_t since = mark(w);
        Text hex = text_new();
        text_put_hex(&hex, byte_writer_bytes(&out), "");
        world_do(w, "{'do':'frame','lan':'lan1','octets':'%s'}", text_get(&hex));
        text_free(&hex);
        run_for(w, SIM_SECOND / 2);
        if (cases[i].reason) assert_int_equal(ignored_since(w, since, "pc1", cases[i].reason, NULL), 1);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "SYN ACK", NULL), cases[i].reason ? 0 : 1);
    }
    world_free(w);
}

/* ---- Power, cables, addresses ---- */

/* The first part of a stream stands in the second. */
static void assert_begins(const TestUser *u, const uint8_t *octets, size_t size) {
    assert_true(u->got_size <= size);
    assert_memory_equal(u->got ? u->got : octets, octets, u->got_size);
}

static void a_peer_that_lost_its_power_answers_with_a_reset(void **state) {
    (void)state;
    static uint8_t there[200000];
    test_fill(there, sizeof there, 5);
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'cable','host':'pc1','bandwidth':1000000}");
    TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true}, b = {.close_with_peer = true};
    test_listen(w, "pc2", PORT, NULL, &b);
    test_connect(w, "pc1", pc2, PORT, NULL, &a);
    run_for(w, SIM_SECOND / 2);
    assert_true(b.got_size > 0 && b.got_size < sizeof there);
    size_t since = mark(w);
    world_do(w, "{'do':'crash','host':'pc2'}");
    assert_int_equal(b.ended, 0); /* nobody is told: the users are gone with it */
    assert_int_equal(tcp_connection_count(stack_of(w, "pc2")), 0);
    run_for(w, SIM_SECOND);
    assert_int_equal(a.ended, 0);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, NULL, NULL), 0);
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    run_for(w, 60 * SIM_SECOND);
    assert_int_equal(a.ended, 1);
    assert_int_equal(a.how, TCP_END_RESET);
    assert_begins(&b, there, sizeof there);
    /* It listens no more: who asks is refused. */
    TestUser c = {0};
    test_connect(w, "pc1", pc2, PORT, NULL, &c);
    run_for(w, SIM_SECOND);
    assert_int_equal(c.how, TCP_END_REFUSED);
    free(b.got);
    world_free(w);
}

static void a_connection_outlives_a_pulled_cable_and_a_lost_address(void **state) {
    (void)state;
    static uint8_t there[300000];
    test_fill(there, sizeof there, 6);
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'cable','host':'pc1','bandwidth':30000}");
    TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true}, b = {.close_with_peer = true};
    test_listen(w, "pc2", PORT, NULL, &b);
    test_connect(w, "pc1", pc2, PORT, NULL, &a);
    run_for(w, SIM_SECOND / 2);
    world_do(w, "{'do':'unplug','host':'pc1'}");
    run_for(w, 30 * SIM_SECOND);
    size_t so_far = b.got_size;
    assert_true(so_far < sizeof there);
    assert_int_equal(a.ended, 0);
    world_do(w, "{'do':'plug','host':'pc1'}");
    run_for(w, 20 * SIM_SECOND);
    assert_true(b.got_size > so_far);
    world_do(w, "{'do':'address','host':'pc2','address':''}");
    run_for(w, 10 * SIM_SECOND);
    assert_int_equal(a.ended + b.ended, 0);
    world_do(w, "{'do':'address','host':'pc2','address':'192.168.1.2/24'}");
    run_for(w, 300 * SIM_SECOND);
    assert_int_equal(a.ended, 1);
    assert_int_equal(b.how, TCP_END_CLOSED);
    assert_true(bytes_equal(bytes_of(b.got, b.got_size), bytes_of(there, sizeof there)));
    free(b.got);
    world_free(w);
}

static void nowhere_to_go_is_told_at_once_and_a_dead_end_in_time(void **state) {
    (void)state;
    World *w = network_lan(1, "switch", 1);
    TestUser a = {0}, b = {0};
    test_connect(w, "pc1", 0x0a000001, PORT, NULL, &a); /* another network, and no router */
    assert_null(a.c);
    assert_int_equal(a.ended, 1);
    assert_int_equal(a.how, TCP_END_UNREACHABLE);
    test_connect(w, "pc1", 0xe0000001, PORT, NULL, &b);
    assert_int_equal(b.how, TCP_END_UNREACHABLE);
    TestUser c = {0};
    TcpSettings quick = tcp_settings_default;
    quick.user_timeout = 20 * SIM_SECOND;
    test_connect(w, "pc1", 0xc0a80163, PORT, &quick, &c); /* nobody has this address */
    assert_non_null(c.c);
    run_for(w, 19 * SIM_SECOND);
    assert_int_equal(c.ended, 0);
    run_for(w, SIM_SECOND);
    assert_int_equal(c.how, TCP_END_TIMEOUT);
    world_do(w, "{'do':'crash','host':'pc1'}");
    TestUser d = {0};
    test_connect(w, "pc1", loopback, PORT, NULL, &d);
    assert_int_equal(d.how, TCP_END_UNREACHABLE);
    world_free(w);
}

/* A router's "network unreachable" may pass (RFC 5461): the connection comes about when the way is there. */
static void a_routers_complaint_is_not_the_last_word(void **state) {
    (void)state;
    World *w = network_routed(1);
    world_do(w, "{'do':'unplug','host':'r','interface':'eth1'}");
    TestUser a = {.close_after = true}, b = {.close_with_peer = true};
    test_listen(w, "pc3", PORT, NULL, &b);
    size_t since = mark(w);
    test_connect(w, "pc1", 0xc0a80203, PORT, NULL, &a);
    run_for(w, 2 * SIM_SECOND);
    assert_true(ignored_since(w, since, "pc1", "tcp.soft_error", NULL) > 0);
    assert_int_equal(a.ended, 0);
    world_do(w, "{'do':'plug','host':'r','interface':'eth1'}");
    run_for(w, 20 * SIM_SECOND);
    assert_int_equal(a.opened, 1);
    assert_int_equal(a.how, TCP_END_CLOSED);
    assert_int_equal(b.how, TCP_END_CLOSED);
    world_free(w);
}

/* ---- Crowds ---- */

static void memory_is_used_again(void **state) {
    (void)state;
    assert_true(sizeof(TcpConnection) < 1024);
    World *w = network_lan(2, "switch", 1);
    TcpSettings brief = tcp_settings_default;
    brief.msl = SIM_SECOND;
    TestUser b = {.close_with_peer = true};
    test_listen(w, "pc2", PORT, &brief, &b);
    static uint8_t octets[100];
    size_t most = 0;
    for (int i = 0; i < 10000; i++) {
        TestUser a = {.to_write = bytes_of(octets, sizeof octets), .close_after = true};
        test_connect(w, "pc1", pc2, PORT, &brief, &a);
        run_for(w, SIM_SECOND / 20);
        if (a.ended != 1 || a.how != TCP_END_CLOSED) fail_msg("connection %d", i);
        size_t here = tcp_connection_count(stack_of(w, "pc1"));
        if (here > most) most = here;
    }
    assert_int_equal(b.ended, 10000);
    assert_int_equal(b.got_size, 10000 * sizeof octets);
    assert_true(most <= 41); /* two seconds of TIME-WAIT */
    size_t idle = 0;
    for (const TcpConnection *c = stack_of(w, "pc1")->tcp->idle; c; c = c->next) idle++;
    assert_true(idle + tcp_connection_count(stack_of(w, "pc1")) <= 41);
    free(b.got);
    world_free(w);
}

/* What stands idle holds no buffers, whatever went through it. */
static void an_idle_connection_is_small(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    static uint8_t octets[100000];
    TestUser a = {.to_write = bytes_of(octets, sizeof octets)}, b = {.to_write = bytes_of(octets, sizeof octets)};
    test_listen(w, "pc2", PORT, NULL, &b);
    test_connect(w, "pc1", pc2, PORT, NULL, &a);
    run_for(w, 10 * SIM_SECOND);
    assert_int_equal(a.got_size + b.got_size, 2 * sizeof octets);
    for (int n = 1; n <= 2; n++) {
        const TcpConnection *c = n == 1 ? a.c : b.c;
        assert_int_equal(c->sending.capacity + c->receiving.capacity, 0);
        assert_null(c->early);
        for (size_t i = 0; i < tcp_spec.timer_count; i++) assert_true(c->machine.timers[i].at == SIM_NEVER);
    }
    /* Nor does one whose user is gone, though it is still spoken to. */
    b.hold = true;
    assert_int_equal(tcp_write(a.c, bytes_of(octets, 3000), TRACE_NONE), 3000);
    run_for(w, SIM_SECOND);
    assert_int_equal(b.c->receiving.size, 3000);
    tcp_close(b.c, TRACE_NONE);
    tcp_forget(b.c);
    assert_int_equal(b.c->receiving.capacity, 0);
    assert_int_equal(tcp_write(a.c, bytes_of(octets, 3000), TRACE_NONE), 3000);
    run_for(w, SIM_SECOND);
    assert_int_equal(b.c->receiving.capacity, 0);
    assert_int_equal(tcp_status(a.c).unacknowledged, 0);
    free(a.got);
    free(b.got);
    world_free(w);
}

/* A flood of SYNs from everywhere: so many are remembered and no more, who is connected is not disturbed, and when the
 * flood has passed the others come in. */
static void a_flood_of_syns_is_bounded(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    TcpSettings brief = tcp_settings_default;
    brief.user_timeout = 10 * SIM_SECOND;
    TestUser a = {0}, b = {0};
    test_listen(w, "pc2", PORT, &brief, &b);
    test_connect(w, "pc1", pc2, PORT, NULL, &a);
    run_for(w, SIM_SECOND);
    assert_int_equal(b.opened, 1);
    IpStack *stack = stack_of(w, "pc2");
    for (uint32_t i = 0; i < 5000; i++) {
        uint8_t segment[TCP_HEADER_SIZE];
        Ipv4Address source = 0xc0a80164 + i % 100; /* nobody: the SYN,ACK finds no one */
        TcpSegment s = {.source_port = (uint16_t)(1000 + i), .destination_port = PORT, .flags = TCP_FLAG_SYN, .seq = i, .window = 100};
        ByteWriter out = byte_writer(segment, sizeof segment);
        tcp_encode(&s, source, pc2, &out);
        FrameId frame = frame_store_add(sim_frames(world_sim(w)), byte_writer_bytes(&out));
        tcp_receive(stack, stack->interfaces[0], source, pc2, byte_writer_bytes(&out), frame, 0, TRACE_NONE);
        assert_true(tcp_connection_count(stack) <= 129);
    }
    assert_int_equal(tcp_connection_count(stack), 129);
    static const uint8_t word[] = "still here";
    assert_int_equal(tcp_write(a.c, bytes_of(word, 10), TRACE_NONE), 10);
    run_for(w, SIM_SECOND);
    assert_int_equal(b.got_size, 10);
    TestUser late = {0};
    TestUser *before = &b;
    TcpConnection *first = b.c;
    test_connect(w, "pc1", pc2, PORT, NULL, &late);
    run_for(w, SIM_SECOND);
    assert_int_equal(late.opened, 0);
    run_for(w, 30 * SIM_SECOND); /* the half-open ones are given up; its SYN comes once more */
    assert_int_equal(late.opened, 1);
    assert_int_equal(before->opened, 2);
    assert_int_equal(tcp_connection_count(stack), 2);
    (void)first;
    free(b.got);
    world_free(w);
}

static void ports_and_connections_run_out_in_order(void **state) {
    (void)state;
    static TestUser users[70000];
    World *w = network_lan(1, "switch", 1);
    size_t unreachable = 0, stood = 0;
    for (size_t i = 0; i < 70000; i++) {
        users[i] = (TestUser){0};
        test_connect(w, "pc1", 0xc0a80163, (uint16_t)(PORT + i / 16384), NULL, &users[i]);
        if (i == 16383) assert_int_equal(ignored_since(w, 0, "pc1", "tcp.no_port", NULL), 0);
        if (i == 65535) assert_int_equal(ignored_since(w, 0, "pc1", "tcp.too_many", NULL), 0);
        unreachable += users[i].ended && users[i].how == TCP_END_UNREACHABLE;
        stood += users[i].c != NULL;
    }
    assert_int_equal(stood, 65536);
    assert_int_equal(unreachable, 70000 - 65536);
    assert_int_equal(ignored_since(w, 0, "pc1", "tcp.too_many", NULL), unreachable);
    TestUser one = {0};
    for (size_t i = 0; i < 16384; i++) tcp_abort(users[16384 + i].c, TRACE_NONE);
    test_connect(w, "pc1", 0xc0a80163, PORT, NULL, &one); /* all ports towards there are in use still */
    assert_null(one.c);
    assert_int_equal(ignored_since(w, 0, "pc1", "tcp.no_port", NULL), 1);
    world_free(w);
}

/* Many at once, each with its own stream. */
static void many_connections_at_once_keep_their_streams_apart(void **state) {
    (void)state;
    enum { MANY = 300 };
    static TestUser clients[MANY];
    static uint8_t octets[MANY][500];
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'service','host':'pc2','service':'tcp_echo'}");
    world_do(w, "{'do':'cable','host':'pc2','loss':'2%%'}");
    for (int i = 0; i < MANY; i++) {
        test_fill(octets[i], sizeof octets[i], (uint64_t)i);
        clients[i] = (TestUser){.to_write = bytes_of(octets[i], sizeof octets[i]), .close_after = true};
        test_connect(w, "pc1", pc2, 7, NULL, &clients[i]);
    }
    run_for(w, 300 * SIM_SECOND);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(clients[i].how, TCP_END_CLOSED);
        assert_int_equal(clients[i].ended, 1);
        assert_true(bytes_equal(bytes_of(clients[i].got, clients[i].got_size), bytes_of(octets[i], sizeof octets[i])));
        free(clients[i].got);
    }
    world_free(w);
}

/* ---- Whatever happens, what was read is how the stream began ---- */

static void cables_power_and_chance_never_garble_a_stream(void **state) {
    (void)state;
    static uint8_t there[60000], back[60000];
    test_fill(there, sizeof there, 8);
    test_fill(back, sizeof back, 9);
    size_t whole = 0;
    TcpSettings watchful = tcp_settings_default; /* else who has nothing to say never notices that its peer is gone */
    watchful.keep_alive = 60 * SIM_SECOND;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        RandomStream random = random_stream(seed, "test", "fate");
        World *w = network_lan(2, seed % 3 ? "switch" : "hub", seed);
        world_do(w, "{'do':'cable','host':'pc1','latency':'5ms','bandwidth':400000,'loss':'%d%%'}", (int)random_below(&random, 6));
        TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true};
        TestUser b = {.to_write = bytes_of(back, sizeof back), .close_after = true};
        test_listen(w, "pc2", PORT, &watchful, &b);
        test_connect(w, "pc1", pc2, PORT, &watchful, &a);
        for (int i = 0; i < 6; i++) {
            run_for(w, random_between(&random, 1, 900) * SIM_MILLISECOND);
            int host = 1 + (int)random_below(&random, 2);
            switch (random_below(&random, 8)) {
                case 0:
                    world_do(w, "{'do':'crash','host':'pc%d'}", host);
                    if (host == 1) a.c = NULL;
                    else b.c = NULL;
                    run_for(w, random_between(&random, 1, 3000) * SIM_MILLISECOND);
                    world_do(w, "{'do':'boot','host':'pc%d','quiet':true}", host);
                    break;
                case 1:
                case 2:
                    world_do(w, "{'do':'unplug','host':'pc%d'}", host);
                    run_for(w, random_between(&random, 1, 20000) * SIM_MILLISECOND);
                    world_do(w, "{'do':'plug','host':'pc%d'}", host);
                    break;
                default: break;
            }
            for (int n = 1; n <= 2; n++) /* the machine as the trace has it is the machine as it is */
                for (size_t k = 0; k < tcp_connection_count(stack_of(w, n == 1 ? "pc1" : "pc2")); k++) {
                    TcpStatus s = tcp_connection_status(stack_of(w, n == 1 ? "pc1" : "pc2"), k);
                    const char *shown = NULL;
                    for (size_t r = trace_count(world_trace(w)); r-- > 0 && !shown;) {
                        const TraceRecord *record = trace_get(world_trace(w), r);
                        if (record->kind == TRACE_STATE && record->machine == s.machine && record->state.subject == s.number)
                            shown = tcp_spec.states[record->state.to];
                    }
                    assert_string_equal(shown, s.state);
                }
        }
        run_for(w, 2000 * SIM_SECOND);
        assert_begins(&a, back, sizeof back);
        assert_begins(&b, there, sizeof there);
        if (a.ended && a.how == TCP_END_CLOSED) assert_int_equal(a.got_size, sizeof back);
        if (b.ended && b.how == TCP_END_CLOSED) assert_int_equal(b.got_size, sizeof there);
        whole += a.ended && b.ended && a.how == TCP_END_CLOSED && b.how == TCP_END_CLOSED;
        assert_int_equal(tcp_connection_count(stack_of(w, "pc1")), 0);
        assert_int_equal(tcp_connection_count(stack_of(w, "pc2")), 0);
        free(a.got);
        free(b.got);
        world_free(w);
    }
    assert_true(whole > 100 && whole < 300);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_host_speaks_to_itself_without_a_cable),
        cmocka_unit_test(udp_and_ping_come_back_too),
        cmocka_unit_test(what_claims_to_come_from_a_loopback_or_a_crowd_is_thrown_away),
        cmocka_unit_test(a_peer_that_lost_its_power_answers_with_a_reset),
        cmocka_unit_test(a_connection_outlives_a_pulled_cable_and_a_lost_address),
        cmocka_unit_test(nowhere_to_go_is_told_at_once_and_a_dead_end_in_time),
        cmocka_unit_test(a_routers_complaint_is_not_the_last_word),
        cmocka_unit_test(memory_is_used_again),
        cmocka_unit_test(an_idle_connection_is_small),
        cmocka_unit_test(a_flood_of_syns_is_bounded),
        cmocka_unit_test(ports_and_connections_run_out_in_order),
        cmocka_unit_test(many_connections_at_once_keep_their_streams_apart),
        cmocka_unit_test(cables_power_and_chance_never_garble_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
