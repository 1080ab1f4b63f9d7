/* What no transcript can show: how chance is spread, and that memory does not grow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dhcp/client.h"
#include "proto/dhcp/server.h"
#include "sim/sim.h"

static const MacAddress mac = {{2, 0, 0, 0, 0, 1}};

/* Takes the effects in: how many messages were sent, and when each timer of the machine expires. */
static size_t take_in(Effects *e, SimTime now) {
    size_t sent = 0;
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        if (effect->kind == EFFECT_SEND) sent++;
        if (effect->kind == EFFECT_TIMER_SET) effect->machine->timers[effect->timer.timer].at = effect->timer.at;
        if (effect->kind == EFFECT_TIMER_CLEAR) effect->machine->timers[effect->timer.timer].at = SIM_NEVER;
    }
    effects_begin(e, now);
    return sent;
}

/* The next timer of the machine; its expiry is taken off. */
static uint8_t next_timer(Machine *m, SimTime *at) {
    uint8_t next = 0;
    for (uint8_t t = 1; t < m->spec->timer_count; t++)
        if (m->timers[t].at < m->timers[next].at) next = t;
    *at = m->timers[next].at;
    m->timers[next].at = SIM_NEVER;
    return next;
}

typedef struct {
    SimTime least, most, sum;
} Spread;

static void spread_add(Spread *s, SimTime value) {
    if (s->sum == 0 || value < s->least) s->least = value;
    if (value > s->most) s->most = value;
    s->sum += value;
}

/* RFC 2131 sections 4.4.1 and 4.1: a first delay spread evenly over 1 to 10 s; then 4, 8, 16, 32, 64, 64 s, each with
 * a part spread evenly over -1 to +1 s. All of it is used, and nothing beyond it. */
static void test_chance(void **state) {
    (void)state;
    enum { CLIENTS = 2000, WAITS = 6 };
    static const int64_t waits_s[WAITS] = {4, 8, 16, 32, 64, 64};
    Spread first = {0}, waits[WAITS] = {{0}};
    Effects e = {0};
    for (uint64_t seed = 1; seed <= CLIENTS; seed++) {
        DhcpClient c;
        EffectCarrier carrier = {0};
        dhcp_client_init(&c, &dhcp_client_config_default, mac, 0, random_stream(seed, "pc", "dhcp.client"));
        machine_init(&c.machine, &dhcp_client_spec, &c, &carrier, 0, 0);
        effects_begin(&e, 0);
        dhcp_client_input(&c, DHCP_CLIENT_ON_START, &e);
        assert_int_equal(take_in(&e, 0), 0);
        SimTime last = 0;
        for (int i = -1; i < WAITS; i++) {
            SimTime at;
            uint8_t timer = next_timer(&c.machine, &at);
            spread_add(i < 0 ? &first : &waits[i], at - last);
            last = at;
            effects_begin(&e, at);
            dhcp_client_timer(&c, timer, &e);
            assert_int_equal(take_in(&e, at), 1);
        }
    }
    assert_in_range(first.least, 1 * SIM_SECOND, 1100 * SIM_MILLISECOND);
    assert_in_range(first.most, 9900 * SIM_MILLISECOND, 10 * SIM_SECOND);
    assert_in_range(first.sum / CLIENTS, 5300 * SIM_MILLISECOND, 5700 * SIM_MILLISECOND);
    for (int i = 0; i < WAITS; i++) {
        SimTime middle = waits_s[i] * SIM_SECOND;
        assert_in_range(waits[i].least, middle - 1 * SIM_SECOND, middle - 980 * SIM_MILLISECOND);
        assert_in_range(waits[i].most, middle + 980 * SIM_MILLISECOND, middle + 1 * SIM_SECOND);
        assert_in_range(waits[i].sum / CLIENTS, middle - 50 * SIM_MILLISECOND, middle + 50 * SIM_MILLISECOND);
    }
    effects_free(&e);
}

static Bytes discover_of(uint8_t client, size_t pad, uint8_t *octets) {
    static const uint8_t zeros[255];
    DhcpMessage m;
    dhcp_message_clear(&m);
    m.op = BOOTREQUEST;
    m.htype = 1;
    m.hlen = 6;
    m.chaddr[0] = 2;
    m.chaddr[5] = client;
    dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, DHCP_DISCOVER);
    if (pad > 0) dhcp_option_put(&m, 200, bytes_of(zeros, pad));
    ByteWriter w = byte_writer(octets, 1500);
    dhcp_message_encode(&m, &w, 1472);
    return byte_writer_bytes(&w);
}

/* One life of a server: leases found on disk, clients whose addresses are pinged and found in use or free. */
static void live(DhcpServer *s, const EffectCarrier *carrier, Effects *e, SimTime now) {
    machine_init(&s->machine, &dhcp_server_spec, s, carrier, 0, 0);
    effects_begin(e, now);
    dhcp_server_input(s, DHCP_SERVER_ON_START, e);
    for (uint8_t i = 0; i < 60; i++) {
        DhcpStored stored = {.address = 0x0a000064U + i, .bound = i % 2 == 0, .expires_at = now + SIM_SECOND};
        stored.key.size = 8;
        stored.key.octets[7] = i;
        dhcp_server_restore(s, &stored, e);
    }
    for (uint8_t i = 0; i < 8; i++) {
        uint8_t octets[1500];
        DhcpArrival a = {.payload = discover_of(i, 100 + i, octets), .interface_address = 0x0a000001,
                         .destination = IPV4_LIMITED_BROADCAST};
        dhcp_server_receive(s, &a, e);
    }
    assert_int_equal(take_in(e, now), 0);
    for (size_t i = 0; i < s->all_count; i++) {
        if (s->all[i]->machine.state != DHCP_BINDING_CHECKING) continue;
        if (i % 2) dhcp_binding_timer(s->all[i], 0, e);
        else dhcp_server_ping_answered(s, s->all[i]->address, e);
    }
    assert_true(take_in(e, now) >= 4);
}

/* A server that crashes and boots ten thousand times needs the memory of its busiest life, and not a page more. */
static void test_memory(void **state) {
    (void)state;
    Arena *arena = arena_new();
    DhcpPool pool = {.subnet = {0x0a000000, 24}, .first = 0x0a00000a, .last = 0x0a0000c8};
    DhcpServerConfig config = dhcp_server_config_default;
    config.pools = &pool;
    config.pool_count = 1;
    config.ping_check = true;
    DhcpServer s;
    EffectCarrier carrier = {0};
    Effects e = {0};
    dhcp_server_init(&s, &config, arena, 1);
    live(&s, &carrier, &e, 0);
    dhcp_server_restart(&s, &config);
    live(&s, &carrier, &e, SIM_SECOND);
    size_t footprint = arena_footprint(arena), bindings = s.all_count;
    uint32_t generation = s.all[0]->machine.timers[0].generation;
    for (int i = 2; i < 10000; i++) {
        dhcp_server_restart(&s, &config);
        assert_int_equal(s.all_count, 0);
        live(&s, &carrier, &e, i * SIM_SECOND);
        assert_int_equal(s.all_count, bindings);
    }
    assert_int_equal(arena_footprint(arena), footprint);
    assert_true(s.all[0]->machine.timers[0].generation >= generation + 9998); /* nothing scheduled before can fire */
    effects_free(&e);
    arena_free(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_chance), cmocka_unit_test(test_memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
