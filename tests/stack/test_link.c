/* Cables: when frames arrive, and each way in which they fail to. */
#include "network.h"

/* pc1 sends `count` datagrams of `size` octets to pc2's closed port, whose ARP entry it has. */
static void send_datagrams(World *w, int count, size_t size, const char *every) {
    char text[1401];
    memset(text, 'x', size);
    text[size] = 0;
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':9,'count':%d,'every':'%s','text':'%s'}", count, every, text);
}

static World *two(uint64_t seed) {
    World *w = network_lan(2, "switch", seed);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(facts_since(w, 0, "pc1", &fact_echo_reply, NULL, NULL), 1);
    return w;
}

static const TraceRecord *nth_transit(World *w, size_t since, const char *host, int side, size_t nth) {
    const Trace *trace = world_trace(w);
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_FRAME && r->frame.link == network_interface(w, host)->link->id && r->small == side && nth-- == 0) return r;
    }
    fail_msg("no such transit");
    return NULL;
}

static void latency_and_bandwidth(void **state) {
    (void)state;
    World *w = two(1);
    world_do(w, "{'do':'cable','host':'pc1','latency':'10ms','bandwidth':1000000}");
    size_t since = mark(w);
    SimTime start = world_now(w);
    send_datagrams(w, 3, 958, "0s"); /* 1000 octets a frame: 8 ms each at 1 Mbit/s */
    run_for(w, SIM_SECOND);
    for (size_t i = 0; i < 3; i++) {
        const TraceRecord *r = nth_transit(w, since, "pc1", 0, i);
        assert_int_equal(r->at, start);
        assert_int_equal(r->frame.arrives_at - start, 10 * SIM_MILLISECOND + (SimTime)(i + 1) * 8 * SIM_MILLISECOND);
    }
    /* What comes back is not held up by what goes out, and idle time is not saved up. */
    since = mark(w);
    run_for(w, SIM_SECOND);
    start = world_now(w);
    world_do(w, "{'do':'udp','host':'pc2','to':'192.168.1.1','port':9,'text':'%s'}", "x");
    send_datagrams(w, 1, 958, "0s");
    run_for(w, SIM_SECOND);
    assert_int_equal(nth_transit(w, since, "pc1", 0, 0)->frame.arrives_at - start, 18 * SIM_MILLISECOND);
    world_free(w);
}

static void one_way_only(void **state) {
    (void)state;
    World *w = two(1);
    world_do(w, "{'do':'cable','host':'pc1','direction':'to_host','latency':'70ms'}");
    size_t since = mark(w);
    SimTime start = world_now(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_true(nth_transit(w, since, "pc1", 0, 0)->frame.arrives_at - start < 2 * SIM_MILLISECOND);
    const TraceRecord *back = nth_transit(w, since, "pc1", 1, 0);
    assert_true(back->frame.arrives_at - back->at > 70 * SIM_MILLISECOND && back->frame.arrives_at - back->at < 71 * SIM_MILLISECOND);
    world_do(w, "{'do':'cable','host':'pc1','direction':'from_host','loss':'100%%'}");
    since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_LOST, NULL), 1);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_RECEIVED, NULL, NULL), 0);
    since = mark(w);
    ping(w, "pc2", "192.168.1.1"); /* heard, but the answer is lost */
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "echo request", NULL), 1);
    assert_int_equal(facts_since(w, since, "pc2", &fact_echo_reply, NULL, NULL), 0);
    world_free(w);
}

/* The share of 4000 frames that meet the fault, in thousandths. */
static size_t share(World *w, const char *fault, FrameCode code) {
    world_do(w, "{'do':'cable','host':'pc1','direction':'from_host','loss':'0%%','duplicate':'0%%','reorder':'0%%','corrupt':'0%%'}");
    world_do(w, "{'do':'cable','host':'pc1','direction':'from_host','%s':'30%%'}", fault);
    size_t since = mark(w);
    send_datagrams(w, 4000, 4, "1ms");
    run_for(w, 5 * SIM_SECOND);
    return transits_since(w, since, "pc1", 0, code, NULL) / 4;
}

static void shares_of_faults(void **state) {
    (void)state;
    World *w = two(3);
    size_t lost = share(w, "loss", FRAME_LOST), twice = share(w, "duplicate", FRAME_DUPLICATE), bad = share(w, "corrupt", FRAME_CORRUPTED);
    assert_in_range(lost, 270, 330);
    assert_in_range(twice, 270, 330);
    assert_in_range(bad, 270, 330);
    /* reordered: still delivered, five milliseconds later than its like */
    size_t since = mark(w);
    share(w, "reorder", FRAME_DELIVERED);
    size_t late = 0, all = 0;
    for (size_t i = since; i < mark(w); i++) {
        const TraceRecord *r = trace_get(world_trace(w), i);
        if (r->kind != TRACE_FRAME || r->frame.link != network_interface(w, "pc1")->link->id || r->small != 0) continue;
        all++;
        late += r->frame.arrives_at - r->at > 5 * SIM_MILLISECOND;
    }
    assert_int_equal(all, 4000);
    assert_in_range(late / 4, 270, 330);
    world_free(w);
}

/* Each way of a cable has luck of its own. */
static void the_two_ways_are_independent(void **state) {
    (void)state;
    World *w = two(6);
    world_do(w, "{'do':'cable','host':'pc1','loss':'50%%'}");
    Link *link = network_interface(w, "pc1")->link;
    size_t since = mark(w), same = 0;
    for (int i = 0; i < 200; i++)
        for (int side = 0; side < 2; side++) link_send(link, side, frame_store_add(sim_frames(world_sim(w)), bytes_of("x", 1)), TRACE_NONE);
    for (size_t i = 0; i < 200; i++) same += nth_transit(w, since, "pc1", 0, i)->code == nth_transit(w, since, "pc1", 1, i)->code;
    assert_in_range(same, 70, 130);
    world_free(w);
}

static void faults_repeat_with_the_seed_alone(void **state) {
    (void)state;
    size_t lost[3];
    for (int i = 0; i < 3; i++) {
        World *w = two(i == 2 ? 10 : 9);
        size_t since = mark(w);
        share(w, "loss", FRAME_LOST);
        lost[i] = 0;
        for (size_t s = since; s < mark(w); s++) {
            const TraceRecord *r = trace_get(world_trace(w), s);
            if (r->kind == TRACE_FRAME && r->code == FRAME_LOST) lost[i] = lost[i] * 31 + (size_t)r->at;
        }
        world_free(w);
    }
    assert_true(lost[0] == lost[1]);
    assert_true(lost[0] != lost[2]);
}

static void a_pulled_cable(void **state) {
    (void)state;
    World *w = two(1);
    world_do(w, "{'do':'cable','host':'pc2','latency':'100ms'}");
    size_t since = mark(w);
    send_datagrams(w, 1, 4, "0s");
    run_for(w, 50 * SIM_MILLISECOND);
    world_do(w, "{'do':'unplug','host':'pc2'}");
    run_for(w, SIM_MILLISECOND);
    world_do(w, "{'do':'plug','host':'pc2'}"); /* back before the frame would have come: it is gone all the same */
    run_for(w, SIM_SECOND);
    TraceRecord gone;
    assert_int_equal(ignored_since(w, since, "pc2", "link.pulled", &gone), 1);
    assert_int_equal(trace_get(world_trace(w), gone.cause)->kind, TRACE_FRAME);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 0);
    world_do(w, "{'do':'cable','host':'pc1','up':false}");
    since = mark(w);
    send_datagrams(w, 1, 4, "0s");
    run_for(w, SIM_SECOND);
    assert_int_equal(mark(w) - since, 2); /* the command, and why nothing left */
    world_do(w, "{'do':'cable','host':'pc1','up':true}");
    since = mark(w);
    send_datagrams(w, 1, 4, "0s");
    run_for(w, SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 1);
    world_free(w);
}

/* A frame sent into a cable whose other end was pulled says so in its transit. */
static void down_is_seen(void **state) {
    (void)state;
    World *w = world_new(1, true);
    world_do(w, "{'do':'host','name':'r1','router':true}");
    world_do(w, "{'do':'host','name':'r2','router':true}");
    world_do(w, "{'do':'link','a':'r1','b':'r2','address_a':'10.0.0.1/30','address_b':'10.0.0.2/30'}");
    world_do(w, "{'do':'boot','host':'r1','quiet':true}");
    world_do(w, "{'do':'boot','host':'r2','quiet':true}");
    ping(w, "r1", "10.0.0.2");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(facts_since(w, 0, "r1", &fact_echo_reply, NULL, NULL), 1);
    world_do(w, "{'do':'unplug','host':'r2'}");
    size_t since = mark(w);
    FrameId frame = frame_store_add(sim_frames(world_sim(w)), bytes_of("a frame", 7));
    link_send(network_interface(w, "r1")->link, 0, frame, TRACE_NONE);
    assert_int_equal(transits_since(w, since, "r1", 0, FRAME_LINK_DOWN, NULL), 1);
    run_for(w, SIM_SECOND);
    assert_int_equal(mark(w) - since, 1);
    world_free(w);
}

static void faults_by_hand(void **state) {
    (void)state;
    World *w = two(1);
    /* the next frame is dropped, and only that one; the cause of its loss is the command */
    world_do(w, "{'do':'fault','host':'pc1','direction':'from_host','action':'drop'}");
    size_t since = mark(w);
    send_datagrams(w, 3, 4, "1s");
    run_for(w, 4 * SIM_SECOND);
    TraceRecord lost;
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_LOST, &lost), 1);
    assert_int_equal(trace_get(world_trace(w), lost.cause)->kind, TRACE_COMMAND);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 2);
    /* by name: the echo requests pass, the second and third reply do not */
    world_do(w, "{'do':'fault','host':'pc1','action':'drop','message':'echo reply','count':2}");
    since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.1.2','count':3}");
    run_for(w, 6 * SIM_SECOND);
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_LOST, NULL), 0);
    assert_int_equal(transits_since(w, since, "pc1", 1, FRAME_LOST, NULL), 2);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    /* delayed, and so overtaken */
    world_do(w, "{'do':'fault','host':'pc1','direction':'from_host','action':'delay','by':'2s'}");
    since = mark(w);
    send_datagrams(w, 2, 4, "1s");
    run_for(w, 4 * SIM_SECOND);
    assert_true(nth_transit(w, since, "pc1", 0, 0)->frame.arrives_at > nth_transit(w, since, "pc1", 0, 1)->frame.arrives_at);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 2);
    /* twice: one frame of the store, two transits */
    world_do(w, "{'do':'fault','host':'pc1','direction':'from_host','action':'duplicate'}");
    since = mark(w);
    send_datagrams(w, 1, 4, "1s");
    run_for(w, 4 * SIM_SECOND);
    TraceRecord first, second;
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_DELIVERED, &first), 1);
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_DUPLICATE, &second), 1);
    assert_int_equal(first.frame.frame, second.frame.frame);
    assert_true(first.frame.arrives_at < second.frame.arrives_at);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 2);
    world_free(w);
}

/* Whatever octet behind the addresses is changed, somebody notices and says where; the frame as sent stays as it was. */
static void corruption_is_noticed(void **state) {
    (void)state;
    World *w = two(5);
    size_t since = mark(w), noticed = 0, padding = 0;
    for (int i = 0; i < 300; i++) {
        world_do(w, "{'do':'fault','host':'pc1','direction':'from_host','action':'corrupt'}");
        size_t before = mark(w);
        world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':9,'from_port':1,'text':'abcd'}");
        run_for(w, 100 * SIM_MILLISECOND);
        TraceRecord sent, transit, why;
        assert_int_equal(messages_since(w, before, "pc1", MESSAGE_SENT, NULL, &sent), 1);
        assert_int_equal(transits_since(w, before, "pc1", 0, FRAME_CORRUPTED, &transit), 1);
        assert_true(transit.frame.frame != sent.message.frame);
        Bytes whole = frame_store_get(trace_frames(world_trace(w)), sent.message.frame), bad = frame_store_get(trace_frames(world_trace(w)), transit.frame.frame);
        assert_int_equal(whole.size, bad.size);
        size_t at = 0, changed = 0;
        for (size_t k = 0; k < whole.size; k++) {
            if (whole.at[k] == bad.at[k]) continue;
            changed++;
            at = k;
        }
        assert_int_equal(changed, 1);
        assert_true(at >= 12);
        assert_true(ignored_since(w, before, "pc2", NULL, &why) >= 1);
        if (ignored_since(w, before, "pc2", "udp.port_closed", NULL)) {
            assert_true(at >= 14 + 20 + 8 + 4); /* padding, which no checksum covers */
            padding++;
        } else {
            assert_int_equal(why.ignored.frame, transit.frame.frame);
            noticed++;
        }
    }
    assert_true(noticed > 150 && padding > 10);
    assert_int_equal(transits_since(w, since, "pc1", 0, FRAME_DELIVERED, NULL), 0);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(latency_and_bandwidth), cmocka_unit_test(one_way_only), cmocka_unit_test(shares_of_faults),
        cmocka_unit_test(the_two_ways_are_independent), cmocka_unit_test(faults_repeat_with_the_seed_alone), cmocka_unit_test(a_pulled_cable), cmocka_unit_test(down_is_seen),
        cmocka_unit_test(faults_by_hand), cmocka_unit_test(corruption_is_noticed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
