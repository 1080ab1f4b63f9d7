/* Power and cables at the worst moments: while ARP probes, while the server pings, while a client renews. */
#include "worlds.h"

static World *one_lan(const char *server, const char *client) {
    World *world = world_new(3, true);
    world_do(world, "{'do':'lan','name':'lan1','prefix':'192.168.1.0/24'}");
    world_do(world, "{'do':'host','name':'srv'}");
    world_do(world, "{'do':'attach','host':'srv','lan':'lan1','address':'192.168.1.1'}");
    world_do(world, "{'do':'service','host':'srv','service':'dhcp_server','config':{'pools':[['192.168.1.100','192.168.1.199']],'lease':'60s'%s}}", server);
    world_do(world, "{'do':'boot','host':'srv','quiet':true}");
    world_do(world, "{'do':'host','name':'pc'}");
    world_do(world, "{'do':'attach','host':'pc','lan':'lan1'}");
    world_do(world, "{'do':'service','host':'pc','service':'dhcp_client','config':{'initial_delay':'0s'%s}}", client);
    return world;
}

static const char *client_state(World *world) { return world_machine_state(world, world_find(world, "pc"), "dhcp.client", 0); }
static const char *binding_state(World *world) { return world_server_binding(world, world_find(world, "srv"), 0).state; }
static void wait_for(World *world, const char *state, SimTime at_most) {
    SimTime end = world_now(world) + at_most;
    while (strcmp(client_state(world), state) != 0 && world_now(world) < end) world_run(world, world_now(world) + 100 * SIM_MILLISECOND);
    assert_string_equal(client_state(world), state);
}

/* The probe dies with the host; the address that was acknowledged but never used is asked for anew. */
static void a_crash_while_probing(void **state) {
    (void)state;
    World *world = one_lan("", "");
    world_do(world, "{'do':'boot','host':'pc'}");
    wait_for(world, "PROBING", SIM_SECOND);
    world_do(world, "{'do':'crash','host':'pc'}");
    world_run(world, world_now(world) + 20 * SIM_SECOND);
    assert_string_equal(client_state(world), "OFF");
    assert_int_equal(world_interface(world, world_find(world, "pc"), 0).address, 0);
    world_do(world, "{'do':'boot','host':'pc'}");
    world_do(world, "{'do':'boot','host':'pc'}"); /* twice: the second changes nothing */
    wait_for(world, "BOUND", 10 * SIM_SECOND);
    assert_int_equal(world_interface(world, world_find(world, "pc"), 0).address, 0xc0a80164);
    world_free(world);
}

/* The server crashes while it pings: nothing is left of the DISCOVER, and the client's next one is served. */
static void a_crash_while_checking(void **state) {
    (void)state;
    World *world = one_lan(",'ping_check':true", ",'probe':false");
    world_do(world, "{'do':'boot','host':'pc'}");
    world_run(world, 100 * SIM_MILLISECOND);
    assert_string_equal(binding_state(world), "CHECKING");
    world_do(world, "{'do':'crash','host':'srv'}");
    world_do(world, "{'do':'boot','host':'srv','quiet':true}");
    world_run(world, 2 * SIM_SECOND);
    assert_string_equal(client_state(world), "SELECTING");
    wait_for(world, "BOUND", 10 * SIM_SECOND);
    world_free(world);
}

/* A shutdown while the server pings: it lingers for a second, but offers nothing any more. */
static void a_shutdown_while_checking(void **state) {
    (void)state;
    World *world = one_lan(",'ping_check':true", ",'probe':false");
    world_do(world, "{'do':'boot','host':'pc'}");
    world_run(world, 100 * SIM_MILLISECOND);
    assert_string_equal(binding_state(world), "CHECKING");
    world_do(world, "{'do':'shutdown','host':'srv'}");
    world_run(world, 3 * SIM_SECOND);
    assert_string_equal(client_state(world), "SELECTING");
    world_free(world);
}

/* A shutdown while RENEWING still releases. */
static void a_shutdown_while_renewing(void **state) {
    (void)state;
    World *world = one_lan("", ",'probe':false");
    world_do(world, "{'do':'boot','host':'pc'}");
    wait_for(world, "BOUND", SIM_SECOND);
    world_do(world, "{'do':'dhcp','host':'pc','action':'inform'}"); /* ignored in BOUND, and the lease is unharmed */
    world_run(world, 32 * SIM_SECOND); /* renewed once: the server's MAC is known, and the RELEASE need not wait for ARP */
    assert_string_equal(client_state(world), "BOUND");
    world_do(world, "{'do':'crash','host':'srv'}");
    wait_for(world, "RENEWING", 40 * SIM_SECOND);
    world_do(world, "{'do':'boot','host':'srv','quiet':true}");
    assert_string_equal(binding_state(world), "BOUND"); /* from its disk */
    world_do(world, "{'do':'shutdown','host':'pc'}");
    world_run(world, world_now(world) + 500 * SIM_MILLISECOND);
    assert_string_equal(binding_state(world), "FREE");
    world_run(world, world_now(world) + 5 * SIM_SECOND);
    assert_string_equal(client_state(world), "OFF");
    world_free(world);
}

/* Leases on disk whose time is over when the server comes back are free; what rests stays at rest. */
static void a_lease_ends_while_the_server_is_off(void **state) {
    (void)state;
    World *world = one_lan("", ",'probe':false,'release_on_shutdown':false");
    world_do(world, "{'do':'boot','host':'pc'}");
    wait_for(world, "BOUND", SIM_SECOND);
    world_do(world, "{'do':'crash','host':'pc'}");
    world_do(world, "{'do':'crash','host':'srv'}");
    world_run(world, 100 * SIM_SECOND);
    world_do(world, "{'do':'boot','host':'srv','quiet':true}");
    world_run(world, world_now(world) + SIM_MILLISECOND);
    assert_string_equal(binding_state(world), "FREE");
    world_do(world, "{'do':'boot','host':'pc'}");
    wait_for(world, "BOUND", 10 * SIM_SECOND);
    assert_int_equal(world_interface(world, world_find(world, "pc"), 0).address, 0xc0a80164);
    world_free(world);
}

/* Timers that were running at a crash are void, however often and quickly it happens. */
static void crash_upon_crash(void **state) {
    (void)state;
    World *world = one_lan(",'ping_check':true", "");
    for (int i = 0; i < 300; i++) {
        world_do(world, "{'do':'boot','host':'pc'}");
        world_run(world, world_now(world) + (SimTime)(i % 37) * 173 * SIM_MILLISECOND);
        world_do(world, "{'do':'%s','host':'%s'}", i % 5 == 0 ? "shutdown" : "crash", i % 3 ? "pc" : "srv");
        world_run(world, world_now(world) + (SimTime)(i % 11) * 97 * SIM_MILLISECOND);
        world_do(world, "{'do':'boot','host':'srv','quiet':true}");
    }
    world_run(world, world_now(world) + 2 * SIM_SECOND);
    world_do(world, "{'do':'boot','host':'pc'}");
    wait_for(world, "BOUND", 100 * SIM_SECOND);
    world_free(world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crash_while_probing),     cmocka_unit_test(a_crash_while_checking),
        cmocka_unit_test(a_shutdown_while_checking), cmocka_unit_test(a_shutdown_while_renewing),
        cmocka_unit_test(a_lease_ends_while_the_server_is_off), cmocka_unit_test(crash_upon_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
