/* TCP under the loads that ns-3 was measured with: CPU seconds of this process, by clock().
 *
 *   bench_tcp [bulk MEGABYTES | dialogues PAIRS EXCHANGES | connections COUNT] [--no-trace]
 *
 * Without arguments, every load, with the trace kept and without. Figures only: nothing here passes or fails. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "host/world_inside.h"
#include "stack/tcp.h"

enum { PORT = 7000 };

/* A command as JSON in which ' stands for ". */
static void run(World *world, const char *format, ...) {
    char json[1000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    for (char *at = json; *at; at++)
        if (*at == '\'') *at = '"';
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

static IpStack *stack_of(World *w, const char *name) { return world_host(w, world_find(w, name))->stack; }

static void report(const char *load, World *w, bool trace, clock_t started, const char *note) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    printf("%-40s trace %-4s %8.3f s CPU %8.1f MB peak %10zu records  %s\n", load, trace ? "kept" : "off",
           (double)(clock() - started) / CLOCKS_PER_SEC, (double)usage.ru_maxrss / 1024, trace_count(world_trace(w)),
           note);
    fflush(stdout);
}

/* Two routers and a cable between them, as ns-3's point-to-point link. */
static World *pair(bool trace, const char *latency, uint64_t bandwidth) {
    World *w = world_new(1, trace);
    run(w, "{'do':'host','name':'a','router':true}");
    run(w, "{'do':'host','name':'b','router':true}");
    run(w,
        "{'do':'link','a':'a','b':'b','address_a':'10.0.0.1/24','address_b':'10.0.0.2/24','latency':'%s',"
        "'bandwidth':%llu}",
        latency, (unsigned long long)bandwidth);
    run(w, "{'do':'boot','host':'a','quiet':true}");
    run(w, "{'do':'boot','host':'b','quiet':true}");
    return w;
}

/* ---- One long stream ---- */

typedef struct {
    TcpConnection *c;
    uint64_t left, got;
    SimTime ended_at;
    World *world;
} Bulk;

static void bulk_write(void *self, uint32_t cause) {
    static const uint8_t octets[65536];
    Bulk *b = self;
    while (b->left > 0) {
        size_t size = b->left < sizeof octets ? (size_t)b->left : sizeof octets;
        size_t taken = tcp_write(b->c, bytes_of(octets, size), cause);
        b->left -= taken;
        if (taken < size) return;
    }
    tcp_close(b->c, cause);
}

static void bulk_read(void *self, uint32_t cause) {
    Bulk *b = self;
    for (Bytes octets; (octets = tcp_peek(b->c)).size > 0;) {
        b->got += octets.size;
        tcp_consume(b->c, octets.size, cause);
    }
}

static void bulk_peer_closed(void *self, uint32_t cause) {
    Bulk *b = self;
    b->ended_at = world_now(b->world);
    tcp_close(b->c, cause);
}

static const TcpUser bulk_user = {.opened = bulk_write,
                                  .readable = bulk_read,
                                  .writable = bulk_write,
                                  .peer_closed = bulk_peer_closed};

static const TcpUser bulk_reader = {.readable = bulk_read, .peer_closed = bulk_peer_closed};

static const TcpUser *bulk_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    (void)cause;
    ((Bulk *)self)->c = c;
    *user = self;
    return &bulk_reader;
}

static void bulk(uint64_t megabytes, bool trace) {
    clock_t started = clock();
    World *w = pair(trace, "2ms", 100000000);
    Bulk from = {.left = megabytes * 1000000, .world = w}, to = {.world = w};
    TcpListener l = {.port = PORT, .settings = tcp_settings_default, .accepted = bulk_accepted, .self = &to};
    if (!tcp_listen(stack_of(w, "b"), &l)) exit(2);
    TcpOpen open = {.destination = 0x0a000002, .destination_port = PORT, .settings = tcp_settings_default};
    from.c = tcp_connect(stack_of(w, "a"), &open, &bulk_user, &from, TRACE_NONE);
    world_run(w, 3600 * SIM_SECOND);
    char load[60], note[100];
    snprintf(load, sizeof load, "TCP, %llu MB, 100 Mbit/s, 2 ms", (unsigned long long)megabytes);
    snprintf(note, sizeof note, "%llu octets in %.3f s", (unsigned long long)to.got, (double)to.ended_at / SIM_SECOND);
    report(load, w, trace, started, note);
    world_free(w);
}

/* ---- Dialogues ---- */

enum { SAID = 50 };
typedef struct {
    TcpConnection *c;
    uint32_t left, done;
    size_t heard;
    bool client;
} Talker;

static void talker_says(Talker *t, uint32_t cause) {
    static const uint8_t words[SAID];
    if (tcp_write(t->c, bytes_of(words, SAID), cause) != SAID) exit(2);
}

static void talker_opened(void *self, uint32_t cause) { talker_says(self, cause); }

static void talker_hears(void *self, uint32_t cause) {
    Talker *t = self;
    for (Bytes octets; (octets = tcp_peek(t->c)).size > 0;) {
        t->heard += octets.size;
        tcp_consume(t->c, octets.size, cause);
    }
    while (t->heard >= SAID) {
        t->heard -= SAID;
        t->done++;
        if (!t->client) talker_says(t, cause);
        else if (t->done < t->left) talker_says(t, cause);
        else tcp_close(t->c, cause);
    }
}

static void talker_peer_closed(void *self, uint32_t cause) { tcp_close(((Talker *)self)->c, cause); }

static const TcpUser talker_user = {
    .opened = talker_opened, .readable = talker_hears, .peer_closed = talker_peer_closed};

static const TcpUser listener_user = {.readable = talker_hears, .peer_closed = talker_peer_closed};

static const TcpUser *talker_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    (void)cause;
    ((Talker *)self)->c = c;
    *user = self;
    return &listener_user;
}

static void dialogues(int pairs, uint32_t exchanges, bool trace) {
    clock_t started = clock();
    World *w = world_new(1, trace);
    Talker *talkers = calloc((size_t)pairs * 2, sizeof *talkers);
    for (int p = 0; p < pairs; p++) {
        run(w, "{'do':'host','name':'a%d','router':true}", p);
        run(w, "{'do':'host','name':'b%d','router':true}", p);
        run(w, "{'do':'link','a':'a%d','b':'b%d','address_a':'10.0.%d.1/24','address_b':'10.0.%d.2/24','latency':'2ms'}",
            p, p, p, p);
        run(w, "{'do':'boot','host':'a%d','quiet':true}", p);
        run(w, "{'do':'boot','host':'b%d','quiet':true}", p);
        Talker *client = &talkers[2 * p], *server = client + 1;
        *client = (Talker){.left = exchanges, .client = true};
        char name[20];
        snprintf(name, sizeof name, "b%d", p);
        TcpListener l = {.port = PORT, .settings = tcp_settings_default, .accepted = talker_accepted, .self = server};
        if (!tcp_listen(stack_of(w, name), &l)) exit(2);
        snprintf(name, sizeof name, "a%d", p);
        TcpOpen open = {.destination = 0x0a000002 + ((uint32_t)p << 8),
                        .destination_port = PORT,
                        .settings = tcp_settings_default};
        client->c = tcp_connect(stack_of(w, name), &open, &talker_user, client, TRACE_NONE);
    }
    world_run(w, 3600 * SIM_SECOND);
    uint64_t done = 0;
    for (int p = 0; p < pairs; p++) done += talkers[2 * p].done;
    char load[60], note[60];
    snprintf(load, sizeof load, "TCP, %d pairs, %u exchanges of %d octets", pairs, exchanges, SAID);
    snprintf(note, sizeof note, "%llu exchanges", (unsigned long long)done);
    report(load, w, trace, started, note);
    free(talkers);
    world_free(w);
}

/* ---- Connections, one after another ---- */

typedef struct {
    IpStack *stack;
    TcpConnection *c, *accepted;
    uint32_t left, done;
} Knocker;

static void knock(Knocker *k, uint32_t cause);

static void knocker_opened(void *self, uint32_t cause) { tcp_close(((Knocker *)self)->c, cause); }
static void knocker_ended(void *self, TcpEnd how, uint32_t cause) {
    Knocker *k = self;
    if (how == TCP_END_CLOSED) k->done++;
    if (--k->left > 0) knock(k, cause);
}
static const TcpUser knocker_user = {.opened = knocker_opened, .ended = knocker_ended};

static void knock(Knocker *k, uint32_t cause) {
    TcpOpen open = {.destination = 0x0a000002, .destination_port = PORT, .settings = tcp_settings_default};
    k->c = tcp_connect(k->stack, &open, &knocker_user, k, cause);
}

static void door_peer_closed(void *self, uint32_t cause) { tcp_close(((Knocker *)self)->accepted, cause); }
static const TcpUser door_user = {.peer_closed = door_peer_closed};
static const TcpUser *door_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    (void)cause;
    ((Knocker *)self)->accepted = c;
    *user = self;
    return &door_user;
}

static void connections(uint32_t count, bool trace) {
    clock_t started = clock();
    World *w = pair(trace, "100ms", 0);
    Knocker k = {.stack = stack_of(w, "a"), .left = count};
    TcpListener l = {.port = PORT, .settings = tcp_settings_default, .accepted = door_accepted, .self = &k};
    if (!tcp_listen(stack_of(w, "b"), &l)) exit(2);
    knock(&k, TRACE_NONE);
    size_t most = 0;
    while (k.left > 0) {
        world_run(w, world_now(w) + SIM_SECOND);
        size_t now = tcp_connection_count(k.stack) + tcp_connection_count(stack_of(w, "b"));
        if (now > most) most = now;
    }
    world_run(w, world_now(w) + 600 * SIM_SECOND);
    char load[60], note[100];
    snprintf(load, sizeof load, "TCP, %u connections in turn", count);
    snprintf(note, sizeof note, "%u closed in order, at most %zu stood at once (TIME-WAIT), %zu at the end", k.done, most,
             tcp_connection_count(k.stack));
    report(load, w, trace, started, note);
    world_free(w);
}

static void load(int argc, const char *const *argv, bool trace) {
    if (argc >= 2 && strcmp(argv[0], "bulk") == 0) bulk(strtoull(argv[1], NULL, 10), trace);
    else if (argc >= 3 && strcmp(argv[0], "dialogues") == 0)
        dialogues(atoi(argv[1]), (uint32_t)atoi(argv[2]), trace);
    else if (argc >= 2 && strcmp(argv[0], "connections") == 0) connections((uint32_t)atoi(argv[1]), trace);
    else {
        fprintf(stderr, "bench_tcp [bulk MEGABYTES | dialogues PAIRS EXCHANGES | connections COUNT] [--no-trace]\n");
        exit(2);
    }
}

/* Each load in a process of its own: peak memory is a process's. */
static void apart(int argc, const char *const *argv, bool trace) {
    pid_t child = fork();
    if (child == 0) {
        load(argc, argv, trace);
        exit(0);
    }
    int status;
    waitpid(child, &status, 0);
}

int main(int argc, char **argv) {
    bool trace = true;
    if (argc > 1 && strcmp(argv[argc - 1], "--no-trace") == 0) {
        trace = false;
        argc--;
    }
    if (argc > 1) {
        load(argc - 1, (const char *const *)argv + 1, trace);
        return 0;
    }
    struct utsname machine;
    uname(&machine);
    printf("on %s (%s %s, %s)\n", machine.nodename, machine.sysname, machine.release, machine.machine);
    fflush(stdout);
    const char *loads[][3] = {{"bulk", "100"}, {"dialogues", "200", "1000"}, {"connections", "10000"}};
    for (size_t i = 0; i < sizeof loads / sizeof loads[0]; i++)
        for (int t = 1; t >= 0; t--) apart(loads[i][2] ? 3 : 2, loads[i], t);
    return 0;
}
