/* Random networks under random faults, by seed.
 *
 * 1 to 4 subnets joined by a router that relays, 1 to 3 servers with pools of their own, clients that come, go, move and crash, cables
 * that lose up to 40 %, duplicate, reorder and corrupt. At every moment: no address is held by two clients. In the end: every client holds a
 * lease within a bounded time after the last fault, and the timeline folded from the trace equals the live state.
 *
 *   host_test_seeds [FIRST [COUNT]]     default 1 2000; a failing seed is printed, and its trace written to $NETSTAGE_SEED_TRACE
 */
#include <stdlib.h>

#include "base/random.h"
#include "observe/jsonl.h"
#include "observe/timeline.h"
#include "worlds.h"

enum { MOST_SUBNETS = 4, MOST_SERVERS = 3, MOST_CLIENTS = 8, MOST_GUESTS = 6 };
static const SimTime chaos_for = 400 * SIM_SECOND, bound_within = 600 * SIM_SECOND;

typedef struct {
    World *world;
    RandomStream random;
    uint64_t seed;
    unsigned subnets, servers, clients;
    unsigned hosts; /* clients, and guests who are gone in the end: there are more of them than addresses */
    unsigned lease_s;
    bool relay_option;
} Run;

static uint64_t below(Run *run, uint64_t bound) { return random_below(&run->random, bound); }
static bool chance(Run *run, unsigned per_cent) { return below(run, 100) < per_cent; }

static void build_server(Run *run, unsigned s, unsigned home) {
    World *w = run->world;
    char pools[1000] = "";
    /* Each server has its own part of every subnet; often a small one, so that addresses pass from hand to hand. */
    unsigned size = chance(run, 60) ? run->clients + 1 : 40;
    for (unsigned n = 1; n <= run->subnets; n++)
        snprintf(pools + strlen(pools), sizeof pools - strlen(pools), "%s{'subnet':'10.0.%u.0/24','first':'10.0.%u.%u','last':'10.0.%u.%u','router':'10.0.%u.254'}",
                 n > 1 ? "," : "", n, n, 20 + s * 60, n, 20 + s * 60 + size, n);
    world_do(w, "{'do':'host','name':'server%u'}", s);
    world_do(w, "{'do':'attach','host':'server%u','lan':'lan%u','address':'10.0.%u.%u','router':'10.0.%u.254'}", s, home, home, s + 1, home);
    world_do(w, "{'do':'service','host':'server%u','service':'dhcp_server','config':{'pools':[%s],'lease':%u,'offer_hold':'20s','ping_check':%s,'quarantine':'60s'}}",
             s, pools, run->lease_s, chance(run, 25) ? "true" : "false");
    world_do(w, "{'do':'boot','host':'server%u','quiet':true}", s);
}

static void build(Run *run) {
    World *w = run->world = world_new(run->seed, true);
    run->random = random_stream(run->seed, "seeds", "topology");
    run->subnets = 1 + (unsigned)below(run, MOST_SUBNETS);
    run->servers = 1 + (unsigned)below(run, MOST_SERVERS);
    run->clients = 1 + (unsigned)below(run, MOST_CLIENTS);
    run->hosts = run->clients + (unsigned)below(run, MOST_GUESTS + 1);
    run->lease_s = 30 + (unsigned)below(run, 150);
    run->relay_option = chance(run, 50);
    for (unsigned n = 1; n <= run->subnets; n++) world_do(w, "{'do':'lan','name':'lan%u','prefix':'10.0.%u.0/24','kind':'%s'}", n, n, chance(run, 20) ? "hub" : "switch");
    unsigned homes[MOST_SERVERS];
    for (unsigned s = 0; s < run->servers; s++) homes[s] = 1 + (unsigned)below(run, run->subnets);
    if (run->subnets > 1) {
        world_do(w, "{'do':'host','name':'r','router':true}");
        for (unsigned n = 1; n <= run->subnets; n++) world_do(w, "{'do':'attach','host':'r','lan':'lan%u','address':'10.0.%u.254'}", n, n);
        char servers[200] = "";
        for (unsigned s = 0; s < run->servers; s++) snprintf(servers + strlen(servers), sizeof servers - strlen(servers), "%s'10.0.%u.%u'", s ? "," : "", homes[s], s + 1);
        world_do(w, "{'do':'service','host':'r','service':'dhcp_relay','config':{'servers':[%s],'agent_option':%s}}", servers, run->relay_option ? "true" : "false");
        world_do(w, "{'do':'boot','host':'r','quiet':true}");
    }
    for (unsigned s = 0; s < run->servers; s++) build_server(run, s, homes[s]);
    for (unsigned c = 0; c < run->hosts; c++) {
        world_do(w, "{'do':'host','name':'pc%u'}", c);
        world_do(w, "{'do':'attach','host':'pc%u','lan':'lan%u'}", c, 1 + (unsigned)below(run, run->subnets));
        world_do(w, "{'do':'service','host':'pc%u','service':'dhcp_client','config':{'probe':%s,'remember':%s,'broadcast':%s,'retry_min':'%us','initial_delay':['0s','3s'],'policy':'%s'}}",
                 c, chance(run, 60) ? "true" : "false", chance(run, 70) ? "true" : "false", chance(run, 30) ? "true" : "false", 5 + (unsigned)below(run, 55),
                 chance(run, 50) ? "first" : "longest");
        world_do(w, "{'do':'boot','host':'pc%u'}", c);
    }
}

static void one_fault(Run *run) {
    World *w = run->world;
    unsigned c = (unsigned)below(run, run->hosts), s = (unsigned)below(run, run->servers);
    static const char *const directions[] = {"both", "from_host", "to_host"};
    switch (below(run, 9)) {
        case 0: world_do(w, "{'do':'move','host':'pc%u','lan':'lan%u'}", c, 1 + (unsigned)below(run, run->subnets)); break;
        case 1: world_do(w, "{'do':'crash','host':'pc%u'}", c); break;
        case 2: world_do(w, "{'do':'boot','host':'pc%u'}", c); break;
        case 3: world_do(w, "{'do':'crash','host':'server%u'}", s); break;
        case 4: world_do(w, "{'do':'boot','host':'server%u'}", s); break;
        case 5: world_do(w, "{'do':'shutdown','host':'pc%u'}", c); break;
        case 6: world_do(w, "{'do':'unplug','host':'pc%u'}", c); break;
        case 7: world_do(w, "{'do':'plug','host':'pc%u'}", c); break;
        default: {
            bool client = chance(run, 70);
            world_do(w, "{'do':'cable','host':'%s%u','direction':'%s','loss':%u,'duplicate':%u,'reorder':%u,'corrupt':%u}", client ? "pc" : "server",
                     client ? c : s, directions[below(run, 3)], (unsigned)below(run, 41), (unsigned)below(run, 30), (unsigned)below(run, 30),
                     (unsigned)below(run, 10));
        }
    }
}

static void end_faults(Run *run) {
    World *w = run->world;
    for (unsigned c = 0; c < run->clients; c++) {
        world_do(w, "{'do':'cable','host':'pc%u','loss':0,'duplicate':0,'reorder':0,'corrupt':0,'up':true}", c);
        world_do(w, "{'do':'boot','host':'pc%u'}", c);
    }
    for (unsigned c = run->clients; c < run->hosts; c++) world_do(w, "{'do':'crash','host':'pc%u'}", c);
    for (unsigned s = 0; s < run->servers; s++) {
        world_do(w, "{'do':'cable','host':'server%u','loss':0,'duplicate':0,'reorder':0,'corrupt':0,'up':true}", s);
        world_do(w, "{'do':'boot','host':'server%u'}", s);
    }
}

static bool holds(const Run *run, unsigned c, Ipv4Address *address) {
    char name[16];
    snprintf(name, sizeof name, "pc%u", c);
    WorldLease lease;
    if (!world_client_lease(run->world, world_find(run->world, name), &lease)) return false;
    *address = lease.address;
    return true;
}

static bool no_address_twice(const Run *run) {
    Ipv4Address held[MOST_CLIENTS + MOST_GUESTS];
    size_t count = 0;
    for (unsigned c = 0; c < run->hosts; c++) {
        if (!holds(run, c, &held[count])) continue;
        for (size_t i = 0; i < count; i++)
            if (held[i] == held[count]) return false;
        count++;
    }
    return true;
}

static bool fold_equals_live(Run *run, Timeline *timeline) {
    World *w = run->world;
    timeline_update(timeline);
    timeline_seek(timeline, world_now(w));
    const Directory *d = trace_directory(world_trace(w));
    const TimelineState *state = timeline_state(timeline);
    for (uint32_t h = 0; h < d->host_count; h++) {
        if (d->hosts[h].kind != NODE_HOST && d->hosts[h].kind != NODE_ROUTER) continue;
        if (state->hosts[h].powered != world_host_powered(w, h)) return false;
        for (uint8_t i = 0; i < world_interface_count(w, h); i++) {
            WorldInterface live = world_interface(w, h, i);
            const TimelineInterface *folded = timeline_interface(timeline, h, i);
            if (!folded || folded->address != live.address || folded->prefix_length != live.prefix_length || folded->router != live.router || folded->link != live.link) return false;
        }
        static const char *const machines[] = {"dhcp.client", "dhcp.server", "dhcp.relay"};
        for (size_t m = 0; m < 3; m++) {
            const char *live = world_machine_state(w, h, machines[m], 0);
            const TimelineMachine *folded = timeline_machine(timeline, h, machines[m], 0);
            if (live && folded && strcmp(live, timeline_state_name(timeline, folded)) != 0) return false;
        }
        WorldLease live;
        const TimelineLease *folded = timeline_held_lease(timeline, h);
        bool has = world_client_lease(w, h, &live);
        if (has != (folded != NULL)) return false;
        if (has && (folded->address != live.address || folded->expires_at != live.expires_at || folded->t1_at != live.t1_at)) return false;
        for (size_t b = 0; b < world_server_binding_count(w, h); b++) {
            WorldBinding binding = world_server_binding(w, h, b);
            bool found = strcmp(binding.state, "FREE") == 0; /* one that was never used has nothing to tell */
            for (size_t i = 0; i < state->binding_count && !found; i++) {
                const TimelineBinding *t = &state->bindings[i];
                found = t->host == h && t->address == binding.address && t->state && strcmp(t->state, binding.state) == 0 && t->expires_at == binding.expires_at;
            }
            if (!found) return false;
        }
    }
    return true;
}

/* NULL, or what went wrong. */
static const char *run_seed(Run *run) {
    build(run);
    const char *wrong = NULL;
    Timeline *timeline = timeline_new(world_trace(run->world));
    for (SimTime at = 10 * SIM_SECOND; at < chaos_for && !wrong; at += (SimTime)below(run, 20000) * SIM_MILLISECOND + SIM_MILLISECOND) {
        while (world_step(run->world, at))
            if (!no_address_twice(run)) wrong = "an address is held by two clients";
        one_fault(run);
        if (!wrong && chance(run, 20) && !fold_equals_live(run, timeline)) wrong = "the folded timeline differs from the live state";
    }
    if (!wrong) {
        end_faults(run);
        while (world_step(run->world, chaos_for + bound_within) && !wrong)
            if (!no_address_twice(run)) wrong = "an address is held by two clients after the faults";
        Ipv4Address address;
        for (unsigned c = 0; c < run->clients && !wrong; c++) {
            if (holds(run, c, &address)) continue;
            wrong = "a client has no lease long after the last fault";
            char name[16];
            snprintf(name, sizeof name, "pc%u", c);
            fprintf(stderr, "%s is in %s\n", name, world_machine_state(run->world, world_find(run->world, name), "dhcp.client", 0));
        }
        if (!wrong && !fold_equals_live(run, timeline)) wrong = "the folded timeline differs from the live state in the end";
    }
    if (wrong && getenv("NETSTAGE_SEED_TRACE")) {
        Text error = text_new();
        Output *output = output_to_file(getenv("NETSTAGE_SEED_TRACE"), &error);
        if (output) {
            jsonl_write(world_trace(run->world), 0, trace_count(world_trace(run->world)), output);
            if (!output_close(output, &error)) fprintf(stderr, "%s\n", text_get(&error));
        }
        text_free(&error);
    }
    timeline_free(timeline);
    world_free(run->world);
    return wrong;
}

static uint64_t first_seed = 1, seed_count = 2000;

static void every_seed(void **state) {
    (void)state;
    unsigned failures = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count && failures < 10; seed++) {
        Run run = {.seed = seed};
        const char *wrong = run_seed(&run);
        if (!wrong) continue;
        failures++;
        fprintf(stderr, "seed %llu: %s (%u subnets, %u servers, %u clients, %u hosts)\n", (unsigned long long)seed, wrong, run.subnets, run.servers, run.clients, run.hosts);
    }
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv) {
    if (argc > 1) first_seed = strtoull(argv[1], NULL, 10);
    if (argc > 1) seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
