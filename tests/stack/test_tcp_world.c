/* TCP between hosts of a world: whatever the network does, the stream arrives whole, in order, once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "observe/jsonl.h"
#include "tcp_pair.h"

enum { PORT = 7000 };
static const Ipv4Address pc1 = 0xc0a80101, pc2 = 0xc0a80102;

static void a_stream_goes_both_ways_and_both_ends_close(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    static uint8_t there[100000], back[50000];
    test_fill(there, sizeof there, 1);
    test_fill(back, sizeof back, 2);
    TestUser a = {.to_write = bytes_of(there, sizeof there), .close_after = true};
    TestUser b = {.to_write = bytes_of(back, sizeof back), .close_with_peer = true};
    test_listen(w, "pc2", PORT, NULL, &b);
    size_t since = mark(w);
    test_connect(w, "pc1", pc2, PORT, NULL, &a);
    run_for(w, 60 * SIM_SECOND);
    assert_int_equal(a.opened, 1);
    assert_int_equal(b.opened, 1);
    assert_true(bytes_equal(bytes_of(a.got, a.got_size), bytes_of(back, sizeof back)));
    assert_true(bytes_equal(bytes_of(b.got, b.got_size), bytes_of(there, sizeof there)));
    assert_int_equal(a.ended, 1);
    assert_int_equal(b.ended, 1);
    assert_int_equal(a.how, TCP_END_CLOSED);
    assert_int_equal(b.how, TCP_END_CLOSED);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "SYN", NULL), 1);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "SYN ACK", NULL), 1);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "FIN ACK", NULL), 1);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "FIN ACK", NULL), 1);
    assert_int_equal(facts_since(w, since, "pc1", &fact_tcp_retransmission, NULL, NULL), 0);
    assert_int_equal(facts_since(w, since, "pc2", &fact_tcp_retransmission, NULL, NULL), 0);
    assert_int_equal(ignored_since(w, since, "pc1", NULL, NULL), 0);
    assert_int_equal(tcp_connection_count(network_host(w, "pc1")->stack), 1); /* in TIME-WAIT */
    assert_string_equal(tcp_connection_status(network_host(w, "pc1")->stack, 0).state, "TIME-WAIT");
    run_for(w, 240 * SIM_SECOND);
    assert_int_equal(tcp_connection_count(network_host(w, "pc1")->stack), 0);
    assert_int_equal(tcp_connection_count(network_host(w, "pc2")->stack), 0);
    assert_int_equal(facts_since(w, since, "pc1", &fact_tcp_ended, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "pc2", &fact_tcp_ended, NULL, NULL), 1);
    free(a.got);
    free(b.got);
    world_free(w);
}

/* Why was it sent? What the user was told with, or what let it go. */
static void every_segment_has_its_cause(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'service','host':'pc2','service':'tcp_echo'}");
    static uint8_t octets[20000];
    TestUser a = {.to_write = bytes_of(octets, sizeof octets), .close_after = true};
    test_connect(w, "pc1", pc2, 7, NULL, &a);
    run_for(w, 10 * SIM_SECOND);
    const Trace *trace = world_trace(w);
    size_t data = 0, echoes = 0;
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || r->small != TRACE_PROTO_TCP) continue;
        const char *name = frame_of(w, r->message.frame).message;
        const TraceRecord *why = r->cause == TRACE_NONE ? NULL : trace_get(trace, r->cause);
        if (strcmp(name, "SYN") == 0) assert_true(why->kind == TRACE_STATE && why->state.to == TCP_SYN_SENT);
        if (strcmp(name, "SYN ACK") == 0) assert_true(why->kind == TRACE_STATE && why->state.to == TCP_SYN_RECEIVED);
        if (strcmp(name, "DATA") != 0) continue;
        data++;
        if (r->host == world_find(w, "pc2")) { /* back goes what came, and what an acknowledgement made room for */
            assert_int_equal(why->host, r->host);
            if (why->kind == TRACE_STATE) why = trace_get(trace, why->cause); /* the FIN, of which the step is the answer */
            assert_true(why->kind == TRACE_MESSAGE && why->code == MESSAGE_RECEIVED);
            echoes += strcmp(frame_of(w, why->message.frame).message, "DATA") == 0;
        } else {
            assert_true((why->kind == TRACE_MESSAGE && why->code == MESSAGE_RECEIVED) ||
                        (why->kind == TRACE_STATE && why->state.to == TCP_ESTABLISHED));
        }
    }
    assert_true(data > 20 && echoes > 5);
    free(a.got);
    world_free(w);
}

/* What went wrong can be read in the trace. */
static void keep_trace(World *w) {
    Text error = text_new();
    Output *out = output_to_file("tcp-failed-seed.jsonl", &error);
    if (out) jsonl_write(world_trace(w), 0, trace_count(world_trace(w)), out);
    if (!out || !output_close(out, &error)) print_message("%s\n", text_get(&error));
    text_free(&error);
}

/* A network that loses, doubles, reorders and corrupts. */
static void every_octet_arrives_once_and_in_order(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 500; seed++) {
        World *w = network_lan(2, "switch", seed);
        /* ARP has no checksum: a corrupted answer would hide a host for as long as it is remembered. */
        network_host(w, "pc1")->stack->arp_expiry = network_host(w, "pc2")->stack->arp_expiry = SIM_NEVER / 2;
        world_do(w, "{'do':'ping','host':'pc1','to':'192.168.1.2'}");
        run_for(w, SIM_SECOND);
        world_do(w,
                 "{'do':'cable','host':'pc1','latency':'2ms','loss':'%d%%','duplicate':'%d%%','reorder':'%d%%',"
                 "'corrupt':'%d%%'}",
                 (int)(seed % 8), (int)(seed % 4), (int)(seed % 6), (int)(seed % 3));
        size_t there_size = 1 + (size_t)(seed * 977 % 60000), back_size = (size_t)(seed * 331 % 30000);
        uint8_t *there = malloc(there_size), *back = malloc(back_size + 1);
        test_fill(there, there_size, seed);
        test_fill(back, back_size, ~seed);
        TestUser a = {.to_write = bytes_of(there, there_size), .close_after = true, .most_at_once = seed % 5 * 100};
        TestUser b = {.to_write = bytes_of(back, back_size), .close_after = seed % 2, .close_with_peer = true};
        test_listen(w, "pc2", PORT, NULL, &b);
        test_connect(w, "pc1", pc2, PORT, NULL, &a);
        for (int i = 0; i < 3000 && !(a.ended && b.ended); i++) {
            run_for(w, SIM_SECOND);
            if (a.c) test_user_read(&a, TRACE_NONE);
        }
        if (!a.ended || !b.ended) keep_trace(w);
        if (!a.ended || !b.ended || a.how != TCP_END_CLOSED || b.how != TCP_END_CLOSED)
            fail_msg("seed %d: ended %d %d, how %d %d, at %d s", (int)seed, a.ended, b.ended, a.how, b.how,
                     (int)(world_now(w) / SIM_SECOND));
        if (!bytes_equal(bytes_of(a.got, a.got_size), bytes_of(back, back_size)) ||
            !bytes_equal(bytes_of(b.got, b.got_size), bytes_of(there, there_size)))
            fail_msg("seed %d: %zu of %zu there, %zu of %zu back", (int)seed, b.got_size, there_size, a.got_size,
                     back_size);
        run_for(w, 700 * SIM_SECOND);
        assert_int_equal(tcp_connection_count(network_host(w, "pc1")->stack), 0);
        assert_int_equal(tcp_connection_count(network_host(w, "pc2")->stack), 0);
        free(a.got);
        free(b.got);
        free(there);
        free(back);
        world_free(w);
    }
}

int main(void) {
    (void)pc1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_goes_both_ways_and_both_ends_close),
        cmocka_unit_test(every_segment_has_its_cause),
        cmocka_unit_test(every_octet_arrives_once_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
