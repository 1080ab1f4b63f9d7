/* ARP (RFC 826, RFC 1122 section 2.3.2): requests, replies, the cache, and packets that wait. */
#include "network.h"

static Bytes octets_of(World *w, const TraceRecord *message) { return frame_store_get(trace_frames(world_trace(w)), message->message.frame); }

static void request_and_reply(void **state) {
    (void)state;
    World *w = network_lan(3, "switch", 1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    TraceRecord request, reply;
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "ARP request", &request), 1);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "ARP reply", &reply), 1);
    assert_int_equal(request.host, world_find(w, "pc1"));
    assert_int_equal(reply.host, world_find(w, "pc2"));
    assert_false(frame_of(w, request.message.frame).unicast);
    assert_true(frame_of(w, reply.message.frame).unicast);
    ArpPacket packet;
    ParseFault fault;
    assert_true(arp_decode(bytes_slice(octets_of(w, &request), 14, 28), &packet, &fault));
    assert_int_equal(packet.sender_ip, 0xc0a80101);
    assert_int_equal(packet.target_ip, 0xc0a80102);
    assert_int_equal(mac_number(packet.target_mac), 0);
    assert_true(arp_decode(bytes_slice(octets_of(w, &reply), 14, 28), &packet, &fault));
    assert_int_equal(packet.sender_ip, 0xc0a80102);
    assert_true(mac_equal(packet.sender_mac, network_interface(w, "pc2")->mac));
    assert_true(mac_equal(packet.target_mac, network_interface(w, "pc1")->mac));
    assert_int_equal(ignored_since(w, since, "pc3", "arp.not_for_this_address", NULL), 1);
    /* Who was asked has learned too, who only overheard it has not. */
    assert_int_equal(facts_since(w, since, "pc1", &fact_arp_learned, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "pc2", &fact_arp_learned, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "pc3", &fact_arp_learned, NULL, NULL), 0);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    since = mark(w);
    ping(w, "pc2", "192.168.1.1");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "ARP request", NULL), 0);
    assert_int_equal(facts_since(w, since, "pc2", &fact_echo_reply, NULL, NULL), 1);
    world_free(w);
}

static void the_cache_expires_and_polls(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 299 * SIM_SECOND);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 2 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "ARP request", NULL), 0);
    /* What was known is asked for where it was, by unicast; the answer counts anew. */
    since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 2 * SIM_SECOND);
    TraceRecord request;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "ARP request", &request), 1);
    assert_true(frame_of(w, request.message.frame).unicast);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "pc1", &fact_arp_learned, NULL, NULL), 1); /* it had expired: news */
    /* Gone meanwhile: one poll by unicast, then the others by broadcast, a second apart, three in all. */
    run_for(w, 301 * SIM_SECOND);
    world_do(w, "{'do':'crash','host':'pc2'}");
    since = mark(w);
    SimTime start = world_now(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 10 * SIM_SECOND);
    SimTime at[3];
    bool unicast[3];
    size_t count = 0;
    for (size_t i = since; i < mark(w); i++) {
        const TraceRecord *r = trace_get(world_trace(w), i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT) continue;
        assert_true(count < 3);
        at[count] = r->at - start;
        unicast[count++] = frame_of(w, r->message.frame).unicast;
    }
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(at[i], (SimTime)i * SIM_SECOND);
        assert_int_equal(unicast[i], i == 0);
    }
    TraceRecord given_up;
    assert_int_equal(ignored_since(w, since, "pc1", "arp.no_answer", &given_up), 1);
    assert_int_equal(given_up.at - start, 3 * SIM_SECOND);
    /* and the next packet asks again from the start */
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    world_free(w);
}

/* What is heard again counts from then on, though it is no news. */
static void hearing_again_renews(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 190 * SIM_SECOND);
    world_do(w, "{'do':'crash','host':'pc2'}");
    world_do(w, "{'do':'boot','host':'pc2'}");
    run_for(w, 210 * SIM_SECOND); /* 400 s after the first, some 203 s after the announcements */
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "ARP request", NULL), 0);
    assert_int_equal(facts_since(w, 0, "pc1", &fact_arp_learned, NULL, NULL), 1);
    world_free(w);
}

static void packets_wait_in_order(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'cable','host':'pc2','latency':'200ms'}");
    size_t since = mark(w);
    for (int i = 0; i < 7; i++) world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':9,'text':'%d'}", i);
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "ARP request", NULL), 1);
    assert_int_equal(ignored_since(w, since, "pc1", "arp.queue_full", NULL), 3);
    /* The latest four remain, in their order. */
    char order[16] = "";
    for (size_t i = since; i < mark(w); i++) {
        const TraceRecord *r = trace_get(world_trace(w), i);
        if (r->kind != TRACE_MESSAGE || r->small != TRACE_PROTO_UDP) continue;
        Bytes frame = frame_store_get(trace_frames(world_trace(w)), r->message.frame);
        order[strlen(order)] = (char)frame.at[r->message.offset];
    }
    assert_string_equal(order, "3456");
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 4);
    world_free(w);
}

static void no_answer_behind_a_router(void **state) {
    (void)state;
    World *w = network_routed(1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.2.77");
    run_for(w, 10 * SIM_SECOND);
    TraceRecord given_up, error;
    assert_int_equal(ignored_since(w, since, "r", "arp.no_answer", &given_up), 1);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "destination unreachable", &error), 1);
    assert_int_equal(octets_of(w, &error).at[error.message.offset + 1], ICMP_HOST_UNREACHABLE);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "destination unreachable", NULL), 1);
    /* A host that finds nobody for a packet of its own tells nobody but itself. */
    since = mark(w);
    ping(w, "pc1", "192.168.1.77");
    run_for(w, 10 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc1", "arp.no_answer", NULL), 1);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "destination unreachable", NULL), 0);
    const int64_t *failed = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_failed, &failed, NULL), 1);
    assert_string_equal(trace_fact_name(failed[2]), "icmp.no_answer");
    world_free(w);
}

/* A host that boots announces its address: who knew the address under another MAC sends there from then on. */
static void announcements_update(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    world_do(w, "{'do':'crash','host':'pc2'}");
    world_do(w, "{'do':'host','name':'pc3'}");
    world_do(w, "{'do':'attach','host':'pc3','lan':'lan1','address':'192.168.1.2','probe':false}");
    world_do(w, "{'do':'host','name':'pc4'}");
    world_do(w, "{'do':'attach','host':'pc4','lan':'lan1','address':'192.168.1.4'}");
    world_do(w, "{'do':'boot','host':'pc4','quiet':true}");
    size_t since = mark(w);
    world_do(w, "{'do':'boot','host':'pc3'}");
    run_for(w, 5 * SIM_SECOND);
    const int64_t *learned = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_arp_learned, &learned, NULL), 1);
    assert_int_equal(learned[2], mac_number(network_interface(w, "pc3")->mac));
    assert_int_equal(facts_since(w, since, "pc4", &fact_arp_learned, NULL, NULL), 0); /* nobody makes an entry of it */
    since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc3", MESSAGE_RECEIVED, "echo request", NULL), 1);
    world_free(w);
}

static void a_crash_forgets(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    ping(w, "pc1", "192.168.1.77"); /* is being asked for when the power goes */
    world_do(w, "{'do':'crash','host':'pc1'}");
    world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
    size_t since = mark(w);
    run_for(w, 20 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    TraceRecord request;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "ARP request", &request), 1);
    assert_false(frame_of(w, request.message.frame).unicast);
    world_free(w);
}

/* More neighbours than the table first has room for; each is found again. */
static void many_neighbours(void **state) {
    (void)state;
    World *w = network_lan(60, "switch", 1);
    for (int round = 0; round < 2; round++) {
        size_t since = mark(w);
        for (int n = 2; n <= 60; n++) world_do(w, "{'do':'ping','host':'pc1','to':'192.168.1.%d'}", n);
        run_for(w, 3 * SIM_SECOND);
        assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 59);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "ARP request", NULL), round == 0 ? 59 : 0);
    }
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request_and_reply), cmocka_unit_test(the_cache_expires_and_polls), cmocka_unit_test(hearing_again_renews), cmocka_unit_test(packets_wait_in_order),
        cmocka_unit_test(no_answer_behind_a_router), cmocka_unit_test(announcements_update), cmocka_unit_test(a_crash_forgets),
        cmocka_unit_test(many_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
