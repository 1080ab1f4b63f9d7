/* A lease from DISCOVER to RELEASE through the whole stack. */
#include "worlds.h"

static World *one_lan(uint64_t seed) {
    World *world = world_new(seed, true);
    world_do(world, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24'}");
    world_do(world, "{'do':'host','name':'dhcp1'}");
    world_do(world, "{'do':'attach','host':'dhcp1','lan':'lan1','address':'192.168.1.1'}");
    world_do(world, "{'do':'service','host':'dhcp1','service':'dhcp_server','config':{'pools':[['192.168.1.100','192.168.1.199']],"
                    "'router':'192.168.1.254','lease':'60s'}}");
    world_do(world, "{'do':'boot','host':'dhcp1','quiet':true}");
    world_do(world, "{'do':'host','name':'pc1'}");
    world_do(world, "{'do':'attach','host':'pc1','lan':'lan1'}");
    world_do(world, "{'do':'service','host':'pc1','service':'dhcp_client','config':{}}");
    return world;
}

static const char *client_state(World *world) { return world_machine_state(world, world_find(world, "pc1"), "dhcp.client", 0); }

static void a_client_gets_renews_and_releases(void **state) {
    (void)state;
    World *world = one_lan(7);
    world_do(world, "{'do':'boot','host':'pc1'}");
    world_run(world, 20 * SIM_SECOND);
    assert_string_equal(client_state(world), "BOUND");
    uint32_t pc = world_find(world, "pc1");
    WorldInterface eth = world_interface(world, pc, 0);
    assert_int_equal(eth.address, 0xc0a80164);
    assert_int_equal(eth.prefix_length, 24);
    assert_int_equal(eth.router, 0xc0a801fe);
    WorldLease first, second;
    assert_true(world_client_lease(world, pc, &first));
    assert_int_equal(first.t1_at - first.started_at, 30 * SIM_SECOND);
    assert_int_equal(first.t2_at - first.started_at, 52 * SIM_SECOND); /* 52.5 s in the whole seconds of option 59 */
    world_run(world, first.t1_at - 1);
    assert_string_equal(client_state(world), "BOUND");
    world_run(world, first.t1_at);
    assert_string_equal(client_state(world), "RENEWING");
    world_run(world, first.t1_at + SIM_SECOND);
    assert_string_equal(client_state(world), "BOUND");
    assert_true(world_client_lease(world, pc, &second));
    assert_int_equal(second.started_at, first.t1_at);
    world_do(world, "{'do':'dhcp','host':'pc1','action':'release'}");
    world_run(world, world_now(world) + SIM_SECOND);
    assert_string_equal(client_state(world), "OFF");
    assert_int_equal(world_interface(world, pc, 0).address, 0);
    assert_string_equal(world_server_binding(world, world_find(world, "dhcp1"), 0).state, "FREE");
    world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_client_gets_renews_and_releases)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
