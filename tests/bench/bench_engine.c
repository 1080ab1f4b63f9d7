/* The engine under the loads that ns-3 was measured with: CPU seconds of this process, by clock().
 *
 *   bench_engine [dhcp CLIENTS | relayed CLIENTS LANS | echo DATAGRAMS] [--no-trace]
 *
 * Without arguments, every load, with the trace kept and without. Figures only: nothing here passes or fails. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/world.h"

static void command(World *world, const char *json) {
    Arena *scratch = arena_new();
    Value value;
    Text fault = text_new();
    ConfigError error = {0};
    if (!value_parse(scratch, json, strlen(json), &value, &fault) || !world_command(world, &value, false, &error)) {
        fprintf(stderr, "%s: %s%s\n", json, text_get(&fault), text_get(&error.message));
        exit(2);
    }
    arena_free(scratch);
}

/* A command as JSON in which ' stands for ". */
static void run(World *world, const char *format, ...) {
    char json[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    for (char *at = json; *at; at++)
        if (*at == '\'') *at = '"';
    command(world, json);
}

static void add_client(World *w, int c, const char *lan) {
    run(w, "{'do':'host','name':'pc%d'}", c);
    run(w, "{'do':'attach','host':'pc%d','lan':'%s'}", c, lan);
    run(w, "{'do':'service','host':'pc%d','service':'dhcp_client','config':{}}", c);
    run(w, "{'do':'boot','host':'pc%d'}", c);
}

static size_t bound(World *w, int clients) {
    size_t count = 0;
    for (int c = 0; c < clients; c++) {
        char name[20];
        snprintf(name, sizeof name, "pc%d", c);
        WorldLease lease;
        count += world_client_lease(w, world_find(w, name), &lease);
    }
    return count;
}

static void report(const char *load, World *w, bool trace, clock_t started, const char *note) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-34s trace %-4s %8.3f s CPU %8.1f MB peak %6zu octets/host %10zu records  %s\n", load, trace ? "kept" : "off",
           (double)(clock() - started) / CLOCKS_PER_SEC, (double)usage.ru_maxrss / 1024, world_footprint_per_host(w), trace_count(world_trace(w)), note);
    fflush(stdout);
}

static void dhcp_on_one_lan(int clients, bool trace) {
    clock_t started = clock();
    World *w = world_new(1, trace);
    run(w, "{'do':'lan','name':'lan','prefix':'10.0.0.0/16'}");
    run(w, "{'do':'host','name':'server'}");
    run(w, "{'do':'attach','host':'server','lan':'lan','address':'10.0.0.1'}");
    run(w, "{'do':'service','host':'server','service':'dhcp_server','config':{'pools':[['10.0.1.0','10.0.%d.%d']],'lease':'60s'}}",
        1 + clients / 256, clients % 256);
    run(w, "{'do':'boot','host':'server','quiet':true}");
    for (int c = 0; c < clients; c++) add_client(w, c, "lan");
    world_run(w, 60 * SIM_SECOND); /* by then all are bound; what follows is renewals */
    clock_t settled = clock();
    world_run(w, 3600 * SIM_SECOND);
    char load[60], note[90];
    snprintf(load, sizeof load, "DHCP, one LAN, %d clients, 1 h", clients);
    snprintf(note, sizeof note, "%zu bound, renewals alone %.3f s", bound(w, clients), (double)(clock() - settled) / CLOCKS_PER_SEC);
    report(load, w, trace, started, note);
    world_free(w);
}

static void dhcp_relayed(int clients, int lans, bool trace) {
    clock_t started = clock();
    World *w = world_new(1, trace);
    run(w, "{'do':'lan','name':'core','prefix':'10.255.0.0/16'}");
    run(w, "{'do':'host','name':'server'}");
    run(w, "{'do':'attach','host':'server','lan':'core','address':'10.255.0.1'}");
    char pools[4000] = "";
    for (int n = 0; n < lans; n++) snprintf(pools + strlen(pools), sizeof pools - strlen(pools), "%s['10.%d.0.10','10.%d.3.250']", n ? "," : "", n, n);
    for (int n = 0; n < lans; n++) {
        run(w, "{'do':'lan','name':'lan%d','prefix':'10.%d.0.0/22'}", n, n);
        run(w, "{'do':'host','name':'r%d','router':true}", n);
        run(w, "{'do':'attach','host':'r%d','lan':'lan%d','address':'10.%d.0.1'}", n, n, n);
        run(w, "{'do':'attach','host':'r%d','lan':'core','address':'10.255.1.%d'}", n, n + 1);
        run(w, "{'do':'service','host':'r%d','service':'dhcp_relay','config':{'servers':'10.255.0.1'}}", n);
        run(w, "{'do':'route','host':'server','to':'10.%d.0.0/22','via':'10.255.1.%d'}", n, n + 1);
        run(w, "{'do':'boot','host':'r%d','quiet':true}", n);
    }
    char json[5000];
    snprintf(json, sizeof json, "{\"do\":\"service\",\"host\":\"server\",\"service\":\"dhcp_server\",\"config\":{\"lease\":\"60s\",\"pools\":[");
    for (int n = 0; n < lans; n++)
        snprintf(json + strlen(json), sizeof json - strlen(json), "%s{\"first\":\"10.%d.0.10\",\"last\":\"10.%d.3.250\",\"router\":\"10.%d.0.1\"}", n ? "," : "", n, n, n);
    snprintf(json + strlen(json), sizeof json - strlen(json), "]}}");
    command(w, json);
    run(w, "{'do':'boot','host':'server','quiet':true}");
    for (int c = 0; c < clients; c++) {
        char lan[20];
        snprintf(lan, sizeof lan, "lan%d", c % lans);
        add_client(w, c, lan);
    }
    world_run(w, 3600 * SIM_SECOND);
    char load[60], note[60];
    snprintf(load, sizeof load, "DHCP, %d relayed LANs, %d clients, 1 h", lans, clients);
    snprintf(note, sizeof note, "%zu bound", bound(w, clients));
    report(load, w, trace, started, note);
    world_free(w);
}

static void udp_echo(int datagrams, bool trace) {
    clock_t started = clock();
    World *w = world_new(1, trace);
    run(w, "{'do':'host','name':'a'}");
    run(w, "{'do':'host','name':'b'}");
    run(w, "{'do':'link','a':'a','b':'b','address_a':'10.0.0.1/30','address_b':'10.0.0.2/30','latency':'1ms'}");
    run(w, "{'do':'service','host':'b','service':'udp_echo','config':{}}");
    run(w, "{'do':'boot','host':'a','quiet':true}");
    run(w, "{'do':'boot','host':'b','quiet':true}");
    run(w, "{'do':'udp','host':'a','to':'10.0.0.2','port':7,'count':%d,'every':'100us','text':'%050d'}", datagrams, 0);
    world_run(w, datagrams * (100 * SIM_MICROSECOND) + SIM_SECOND);
    char load[60];
    snprintf(load, sizeof load, "UDP echo, %d datagrams", datagrams);
    report(load, w, trace, started, "");
    world_free(w);
}

static void one(int argc, const char *const *argv, bool trace) {
    if (strcmp(argv[0], "dhcp") == 0 && argc >= 2) dhcp_on_one_lan(atoi(argv[1]), trace);
    if (strcmp(argv[0], "relayed") == 0 && argc >= 3) dhcp_relayed(atoi(argv[1]), atoi(argv[2]), trace);
    if (strcmp(argv[0], "echo") == 0 && argc >= 2) udp_echo(atoi(argv[1]), trace);
}

/* Each load in a process of its own, so that its peak memory is its own. */
static void apart(int argc, const char *const *argv, bool trace) {
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        one(argc, argv, trace);
        exit(0);
    }
    waitpid(child, NULL, 0);
}

int main(int argc, char **argv) {
    struct utsname name;
    uname(&name);
    bool trace = argc < 2 || strcmp(argv[argc - 1], "--no-trace") != 0;
    if (argc > 1) {
        one(argc - 1, (const char *const *)argv + 1, trace);
        return 0;
    }
    printf("%s %s, machine %s\n", name.sysname, name.machine, name.nodename);
    const char *const loads[][4] = {{"dhcp", "10"}, {"dhcp", "100"}, {"dhcp", "250"}, {"dhcp", "500"}, {"dhcp", "1000"}, {"relayed", "10000", "40"}, {"echo", "1000000"}};
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++)
        for (int keep = 1; keep >= 0; keep--) apart(4, loads[i], keep);
    return 0;
}
