/* A malformed frame is one record: ignored, with its reason and the offset of what is wrong; and nothing comes of it. */
#include "malformed.h"

static void each_is_dropped_visibly(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'service','host':'pc1','service':'udp_echo'}");
    static Malformed list[MALFORMED_MOST];
    size_t count = malformed_make(w, "pc1", list);
    assert_int_equal(count, 20);
    for (size_t i = 0; i < count; i++) {
        size_t since = mark(w);
        frame_in(w, list[i].octets, list[i].size);
        run_for(w, 2 * SIM_SECOND);
        TraceRecord why;
        if (ignored_since(w, since, "pc1", NULL, &why) != 1) fail_msg("%zu: %s: %zu ignored", i, list[i].reason, ignored_since(w, since, "pc1", NULL, NULL));
        assert_string_equal(trace_directory(world_trace(w))->reasons[why.small], list[i].reason);
        assert_int_equal(why.ignored.offset, list[i].offset);
        Bytes frame = frame_store_get(trace_frames(world_trace(w)), why.ignored.frame);
        assert_true(bytes_equal(frame, bytes_of(list[i].octets, list[i].size))); /* it can be looked at */
        assert_true(why.ignored.offset <= frame.size);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, NULL, NULL), 0);
        /* The Message panel says the same as the stack. */
        Description d = {0};
        describe_frame(frame, &d);
        if (strncmp(list[i].reason, "ethernet.", 9) != 0) {
            assert_non_null(d.fault.reason);
            assert_string_equal(d.fault.reason, list[i].reason);
            assert_int_equal(d.fault.offset, list[i].offset);
        }
        description_free(&d);
    }
    world_free(w);
}

/* Too short for a switch to see whom it is for. */
static void a_runt(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    for (size_t size = 0; size < 14; size++) {
        size_t since = mark(w);
        frame_in(w, (const uint8_t *)"\xff\xff\xff\xff\xff\xff\2\7\7\7\7\7\x08", size);
        run_for(w, SIM_SECOND);
        TraceRecord why;
        assert_int_equal(ignored_since(w, since, "lan1", "ethernet.truncated", &why), 1);
        assert_int_equal(why.ignored.offset, size);
        assert_int_equal(mark(w) - since, 2); /* the command and its end */
        since = mark(w);
        FrameId frame = frame_store_add(sim_frames(world_sim(w)), bytes_of("\xff\xff\xff\xff\xff\xff\2\7\7\7\7\7\x08", size));
        link_send(network_interface(w, "pc1")->link, 1, frame, TRACE_NONE); /* as a cable may bring it */
        run_for(w, SIM_SECOND);
        assert_int_equal(ignored_since(w, since, "pc1", "ethernet.truncated", &why), 1);
        assert_int_equal(why.ignored.offset, size);
    }
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_dropped_visibly), cmocka_unit_test(a_runt)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
