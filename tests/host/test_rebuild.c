/* A world is its seed and its commands: rebuilt at any moment and carried on, it gives the trace and the frames it would have given. */
#include <stdlib.h>

#include "base/random.h"
#include "observe/jsonl.h"
#include "worlds.h"

/* A busy minute: three clients with faults, a crash and a move, with commands between events at odd moments. */
static World *busy_world(uint64_t seed) {
    World *w = world_new(seed, true);
    RandomStream random = random_stream(seed, "test", "commands");
    world_do(w, "{'do':'lan','name':'lan1','prefix':'10.0.1.0/24'}");
    world_do(w, "{'do':'lan','name':'lan2','prefix':'10.0.2.0/24','kind':'hub'}");
    world_do(w, "{'do':'host','name':'r','router':true}");
    for (int n = 1; n <= 2; n++) world_do(w, "{'do':'attach','host':'r','lan':'lan%d','address':'10.0.%d.254'}", n, n);
    world_do(w, "{'do':'service','host':'r','service':'dhcp_relay','config':{'servers':'10.0.1.1','agent_option':true}}");
    world_do(w, "{'do':'host','name':'server'}");
    world_do(w, "{'do':'attach','host':'server','lan':'lan1','address':'10.0.1.1','router':'10.0.1.254'}");
    world_do(w, "{'do':'service','host':'server','service':'dhcp_server','config':{'pools':[['10.0.1.10','10.0.1.50'],['10.0.2.10','10.0.2.50']],'lease':20,'ping_check':true}}");
    world_do(w, "{'do':'boot','host':'r','quiet':true}");
    world_do(w, "{'do':'boot','host':'server','quiet':true}");
    for (int c = 0; c < 3; c++) {
        world_do(w, "{'do':'host','name':'pc%d'}", c);
        world_do(w, "{'do':'attach','host':'pc%d','lan':'lan%d'}", c, 1 + c % 2);
        world_do(w, "{'do':'service','host':'pc%d','service':'dhcp_client','config':{'retry_min':'2s'}}", c);
        world_do(w, "{'do':'cable','host':'pc%d','loss':20,'duplicate':10,'reorder':10,'corrupt':5}", c);
        world_do(w, "{'do':'boot','host':'pc%d'}", c);
    }
    for (int i = 0; i < 30; i++) {
        uint64_t steps = random_below(&random, 300);
        for (uint64_t s = 0; s < steps; s++) (void)!world_step(w, world_now(w) + 5 * SIM_SECOND);
        switch (random_below(&random, 4)) {
            case 0: world_do(w, "{'do':'move','host':'pc0','lan':'lan%d'}", 1 + (int)random_below(&random, 2)); break;
            case 1: world_do(w, "{'do':'crash','host':'pc1'}"); break;
            case 2: world_do(w, "{'do':'boot','host':'pc1'}"); break;
            default: world_do(w, "{'do':'ping','host':'pc2','to':'10.0.1.1'}");
        }
    }
    world_run(w, world_now(w) + 60 * SIM_SECOND);
    return w;
}

static Text everything(const World *world) {
    Text text = text_new(), error = text_new();
    Output *output = output_to_text(&text);
    jsonl_write(world_trace(world), 0, trace_count(world_trace(world)), output);
    assert_true(output_close(output, &error));
    const FrameStore *frames = trace_frames(world_trace(world));
    for (FrameId f = 0; f < frame_store_count(frames); f++) text_put_hex(&text, frame_store_get(frames, f), "");
    return text;
}

static void rebuilding_equals_never_having_stopped(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 20; seed++) {
        World *whole = busy_world(seed);
        Text expected = everything(whole);
        assert_true(trace_count(world_trace(whole)) > 500);
        RandomStream random = random_stream(seed, "test", "stops");
        for (int i = 0; i < 5; i++) {
            SimTime stop = (SimTime)random_below(&random, (uint64_t)world_now(whole));
            World *again = world_rebuild(whole, stop);
            assert_int_equal(world_now(again), stop);
            world_replay(again, whole, world_now(whole));
            Text got = everything(again);
            assert_int_equal(got.size, expected.size);
            assert_memory_equal(got.at, expected.at, expected.size);
            text_free(&got);
            world_free(again);
        }
        text_free(&expected);
        world_free(whole);
    }
}

static void another_seed_is_another_run(void **state) {
    (void)state;
    World *a = busy_world(1), *b = busy_world(2);
    Text ta = everything(a), tb = everything(b);
    assert_true(ta.size != tb.size || memcmp(ta.at, tb.at, ta.size) != 0);
    text_free(&ta);
    text_free(&tb);
    world_free(a);
    world_free(b);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(rebuilding_equals_never_having_stopped), cmocka_unit_test(another_seed_is_another_run)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
