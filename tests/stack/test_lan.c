/* Switch and hub: who gets a frame. */
#include "network.h"

enum { PORT_OUT = 1 }; /* side of a cable from the LAN's end */

static size_t out_of_port(World *w, size_t since, const char *host) { return transits_since(w, since, host, PORT_OUT, FRAME_DELIVERED, NULL); }

/* Frames that reached each host since `since`, as "0110". */
static void assert_reached(World *w, size_t since, const char *expected) {
    for (size_t i = 0; expected[i]; i++) {
        char name[32];
        snprintf(name, sizeof name, "pc%zu", i + 1);
        if (out_of_port(w, since, name) != (size_t)(expected[i] - '0')) fail_msg("%s got %zu frames, %c expected", name, out_of_port(w, since, name), expected[i]);
    }
}

/* A frame of an unknown type from pc1's stack to a MAC address. */
static void send_to(World *w, const char *from, uint64_t mac) {
    uint8_t octets[60] = {0};
    MacAddress to = mac_of_number(mac);
    memcpy(octets, to.octet, 6);
    memcpy(octets + 6, network_interface(w, from)->mac.octet, 6);
    octets[12] = 0x88, octets[13] = 0xb5; /* IEEE 802: for experiments */
    link_send(network_interface(w, from)->link, 0, frame_store_add(sim_frames(world_sim(w)), bytes_of(octets, 60)), TRACE_NONE);
    run_for(w, SIM_SECOND);
}

static uint64_t mac_of(World *w, const char *host) { return mac_number(network_interface(w, host)->mac); }

static void a_switch_learns(void **state) {
    (void)state;
    World *w = network_lan(4, "switch", 1);
    size_t since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2")); /* unknown yet: to all others */
    assert_reached(w, since, "0111");
    assert_int_equal(ignored_since(w, since, "pc3", "ethernet.not_for_this_mac", NULL), 1);
    assert_int_equal(ignored_since(w, since, "pc2", "ethernet.unknown_type", NULL), 1);
    since = mark(w);
    send_to(w, "pc2", mac_of(w, "pc1")); /* learned from the first frame */
    assert_reached(w, since, "1000");
    since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "0100");
    since = mark(w);
    send_to(w, "pc1", UINT64_C(0xffffffffffff));
    assert_reached(w, since, "0111");
    since = mark(w);
    send_to(w, "pc1", UINT64_C(0x01005e000001)); /* a group address is flooded, and never learned */
    assert_reached(w, since, "0111");
    since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc1")); /* back where it came from: filtered, visibly */
    assert_reached(w, since, "0000");
    assert_int_equal(ignored_since(w, since, "lan1", "switch.same_port", NULL), 1);
    world_free(w);
}

static void what_is_learned_grows_old(void **state) {
    (void)state;
    World *w = network_lan(3, "switch", 1);
    send_to(w, "pc2", UINT64_C(0xffffffffffff));
    run_for(w, 298 * SIM_SECOND);
    size_t since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "010");
    run_for(w, SIM_SECOND);
    since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2")); /* 301 s after it was last heard of */
    assert_reached(w, since, "011");
    world_free(w);
}

static void a_pulled_cable_is_forgotten(void **state) {
    (void)state;
    World *w = network_lan(3, "switch", 1);
    world_do(w, "{'do':'lan','name':'lan2','prefix':'192.168.2.0/24'}");
    send_to(w, "pc2", UINT64_C(0xffffffffffff));
    world_do(w, "{'do':'unplug','host':'pc2'}");
    size_t since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "001"); /* flooded, but not into the empty port */
    assert_int_equal(transits_since(w, since, "pc2", PORT_OUT, FRAME_LINK_DOWN, NULL), 0);
    /* plugged in at another port, it is found there as soon as it speaks */
    world_do(w, "{'do':'move','host':'pc2','lan':'lan1'}");
    run_for(w, SIM_SECOND);
    since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "011");
    send_to(w, "pc2", UINT64_C(0xffffffffffff));
    since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "010");
    /* on another LAN it hears nothing of this one */
    world_do(w, "{'do':'move','host':'pc2','lan':'lan2'}");
    run_for(w, SIM_SECOND);
    since = mark(w);
    send_to(w, "pc1", UINT64_C(0xffffffffffff));
    assert_reached(w, since, "001");
    world_free(w);
}

/* More stations than the table first has room for. */
static void a_table_of_many(void **state) {
    (void)state;
    World *w = network_lan(3, "switch", 1);
    uint8_t octets[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 9};
    for (int i = 0; i < 500; i++) {
        octets[10] = (uint8_t)(i >> 8), octets[11] = (uint8_t)i;
        link_send(network_interface(w, i % 2 ? "pc1" : "pc2")->link, 0, frame_store_add(sim_frames(world_sim(w)), bytes_of(octets, 60)), TRACE_NONE);
    }
    run_for(w, SIM_SECOND);
    for (uint64_t i = 0; i < 500; i++) {
        size_t since = mark(w);
        send_to(w, "pc3", UINT64_C(0x020900000000) + i);
        if (out_of_port(w, since, "pc1") != i % 2 || out_of_port(w, since, "pc2") != 1 - i % 2) fail_msg("station %u is lost", (unsigned)i);
        if (i % 100 == 99) { /* so that none grows old meanwhile */
            for (uint64_t k = 0; k < 500; k++) {
                octets[10] = (uint8_t)(k >> 8), octets[11] = (uint8_t)k;
                link_send(network_interface(w, k % 2 ? "pc1" : "pc2")->link, 0, frame_store_add(sim_frames(world_sim(w)), bytes_of(octets, 60)), TRACE_NONE);
            }
            run_for(w, SIM_SECOND);
        }
    }
    world_free(w);
}

static void a_hub_repeats_everything(void **state) {
    (void)state;
    World *w = network_lan(3, "hub", 1);
    send_to(w, "pc2", mac_of(w, "pc1"));
    size_t since = mark(w);
    send_to(w, "pc1", mac_of(w, "pc2"));
    assert_reached(w, since, "011");
    assert_int_equal(ignored_since(w, since, "pc3", "ethernet.not_for_this_mac", NULL), 1);
    assert_int_equal(trace_directory(world_trace(w))->hosts[world_find(w, "lan1")].kind, NODE_HUB);
    world_free(w);
}

static size_t tapped;
static void tap(void *self, Bytes frame, SimTime at) {
    (void)self, (void)at;
    tapped += frame.size;
}

static void the_tap_is_a_port(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    Text error = text_new();
    assert_false(world_tap(w, "lan9", tap, NULL, &error));
    assert_string_equal(text_get(&error), "there is no LAN \"lan9\"");
    text_free(&error);
    assert_true(world_tap(w, "lan1", tap, NULL, &error));
    uint8_t octets[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 9, 9, 9, 9, 9};
    size_t since = mark(w);
    tapped = 0;
    frame_in(w, octets, sizeof octets);
    run_for(w, SIM_SECOND);
    assert_reached(w, since, "11");
    assert_int_equal(tapped, 0); /* not back to where it came from */
    send_to(w, "pc1", mac_of(w, "pc1"));
    send_to(w, "pc2", mac_of(w, "pc1"));
    assert_int_equal(tapped, 0); /* known to be elsewhere */
    since = mark(w);
    send_to(w, "pc1", UINT64_C(0x020909090909)); /* learned behind the tap */
    assert_reached(w, since, "00");
    assert_int_equal(tapped, 60);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_switch_learns), cmocka_unit_test(what_is_learned_grows_old), cmocka_unit_test(a_pulled_cable_is_forgotten),
        cmocka_unit_test(a_table_of_many), cmocka_unit_test(a_hub_repeats_everything), cmocka_unit_test(the_tap_is_a_port),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
