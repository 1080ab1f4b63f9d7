/* Random days of two readers and one maildrop: cables that lose, repeat, delay and alter packets, are pulled and plugged in; crashes of
 * anybody at any time; disks that fail; letters that come meanwhile. In the end no letter is lost, and none lies on a disk twice. A failing
 * seed is printed; NETSTAGE_SEED runs one alone. */
#define _POSIX_C_SOURCE 200809L
#include <stdlib.h>

#include "base/random.h"
#include "host/pop3_services.h"
#include "mail_worlds.h"
#include "proto/pop3/facts.h"

enum { SEEDS = 1000, EVENTS = 40, LETTERS_MOST = 40 };
static const char *const readers[] = {"one", "two"}, *const modes[] = {"keep", "delete", "headers"};

typedef struct {
    World *w;
    RandomStream random;
    uint64_t seed;
    int letters;
    const char *mode[2];
    bool off[3], unplugged[3];
    size_t crashes;
} Day;

static const char *const hosts[] = {"one", "two", "burger"};

static Mailbox *inbox_of(Day *d, size_t host) {
    Host *h = network_host(d->w, hosts[host]);
    return host < 2 ? mailbox_inbox(host_pop3_client_account(h)) : mailbox_inbox(&h->mail_server->store.accounts[0]);
}

static size_t copies(Day *d, size_t host, int number) {
    char subject[40];
    size_t count = 0;
    Mailbox *box = inbox_of(d, host);
    snprintf(subject, sizeof subject, "Subject: %d\r\n\r\n", number);
    for (size_t i = 0; i < box->count; i++) {
        Bytes octets = mail_content_bytes(box->messages[i]->content);
        count += octets.size >= strlen(subject) && memcmp(octets.at, subject, strlen(subject)) == 0;
    }
    return count;
}

/* Each letter is somewhere, and nowhere twice; whole. */
static void check(Day *d, const char *when) {
    for (int i = 0; i < d->letters; i++) {
        size_t count[3];
        for (size_t h = 0; h < 3; h++) count[h] = copies(d, h, i);
        if (count[0] > 1 || count[1] > 1 || count[2] > 1 || count[0] + count[1] + count[2] == 0)
            fail_msg("NETSTAGE_SEED=%llu, %s (%lld s): letter %d lies %zu and %zu times with the readers, %zu times at the server",
                     (unsigned long long)d->seed, when, (long long)(world_now(d->w) / SIM_SECOND), i, count[0], count[1], count[2]);
    }
    for (size_t h = 0; h < 3; h++) {
        Mailbox *box = inbox_of(d, h);
        for (size_t i = 0; i < box->count; i++) {
            Bytes octets = mail_content_bytes(box->messages[i]->content);
            if (octets.size < 7 || memcmp(octets.at + octets.size - 7, "\r\nend\r\n", 7) != 0)
                fail_msg("NETSTAGE_SEED=%llu, %s: a letter is not whole", (unsigned long long)d->seed, when);
        }
    }
}

static void deliver(Day *d) {
    if (d->letters == LETTERS_MOST) return;
    Text text = text_new();
    text_print(&text, "Subject: %d\r\n\r\n", d->letters++);
    for (uint64_t lines = random_below(&d->random, 4) ? random_below(&d->random, 5) : random_below(&d->random, 800); lines > 0; lines--)
        text_print(&text, "%sa line of it\r\n", random_below(&d->random, 3) ? "" : ".");
    text_put(&text, "end\r\n");
    MailContent *content = mail_content_new((const uint8_t *)text_get(&text), text.size);
    mailbox_append(inbox_of(d, 2), content, 0, 0);
    mail_content_drop(content);
    text_free(&text);
}

static void set_power(Day *d, size_t host, bool on) {
    if (d->off[host] != on) return;
    bool in_order = !on && random_below(&d->random, 3) == 0;
    d->off[host] = !on;
    d->crashes += !on;
    world_do(d->w, on ? "{'do':'boot','host':'%s','quiet':true}" : in_order ? "{'do':'shutdown','host':'%s'}" : "{'do':'crash','host':'%s'}", hosts[host]);
}

static void set_cable(Day *d, size_t host, bool in) {
    if (d->unplugged[host] != in) return;
    d->unplugged[host] = !in;
    world_do(d->w, in ? "{'do':'plug','host':'%s'}" : "{'do':'unplug','host':'%s'}", hosts[host]);
}

static void something_happens(Day *d) {
    size_t host = random_below(&d->random, 3);
    switch (random_below(&d->random, 9)) {
        case 0:
        case 1: deliver(d); break;
        case 2:
        case 3:
            if (host < 2 && !d->off[host]) world_do(d->w, "{'do':'check_mail','host':'%s'}", readers[host]);
            break;
        case 4: set_power(d, host, false); break;
        case 5: set_power(d, host, true); break;
        case 6: set_cable(d, host, d->unplugged[host]); break;
        case 7: world_do(d->w, "{'do':'disk','host':'%s','state':'%s'}", hosts[host], random_below(&d->random, 3) ? "ok" : "failing"); break;
        case 8:
            world_do(d->w, "{'do':'cable','host':'%s','loss':'%d%%','duplicate':'%d%%','corrupt':'%d%%'}", hosts[host], (int)random_below(&d->random, 20),
                     (int)random_below(&d->random, 10), (int)random_below(&d->random, 5));
            break;
    }
}

static size_t live(uint64_t seed) {
    Day d = {.seed = seed, .random = random_stream(seed, "test", "pop3")};
    d.w = world_new(seed, true);
    world_do(d.w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'%dms'}", (int)random_below(&d.random, 20) + 1);
    mail_host(d.w, "burger", 20, "mail_server", "'name':'hamburger.edu','mailboxes':['bob'],'users':{'bob':'pickle'},'disk_latency':'20ms'");
    world_do(d.w, "{'do':'service','host':'burger','service':'pop3_server','config':{'idle':'10m','apop':%s}}", random_below(&d.random, 2) ? "true" : "false");
    for (size_t i = 0; i < 2; i++) {
        char config[300];
        d.mode[i] = modes[random_below(&d.random, 3)];
        snprintf(config, sizeof config, "'server':'10.0.0.20','user':'bob','password':'pickle','mode':'%s','retry':'%ds','patience':'20s','disk_latency':'30ms'", d.mode[i],
                 (int)random_below(&d.random, 60) + 1);
        mail_host(d.w, readers[i], 30 + (int)i, "pop3_client", config);
    }
    run_for(d.w, 5 * SIM_SECOND);
    deliver(&d);
    for (int i = 0; i < EVENTS; i++) {
        something_happens(&d);
        static const SimTime spans[] = {SIM_MILLISECOND, 100 * SIM_MILLISECOND, 3 * SIM_SECOND, 100 * SIM_SECOND};
        run_for(d.w, (SimTime)random_below(&d.random, (uint64_t)spans[random_below(&d.random, 4)]) + 1);
        check(&d, "meanwhile");
    }
    /* Everything is mended, and both fetch what there is. */
    for (size_t h = 0; h < 3; h++) {
        set_power(&d, h, true);
        set_cable(&d, h, true);
        world_do(d.w, "{'do':'cable','host':'%s','loss':'0%%','duplicate':'0%%','corrupt':'0%%'}", hosts[h]);
        world_do(d.w, "{'do':'disk','host':'%s','state':'ok'}", hosts[h]);
    }
    run_for(d.w, 1800 * SIM_SECOND); /* sessions that nobody speaks in any more have ended */
    for (size_t i = 0; i < 2; i++) {
        size_t before = facts_of(d.w, readers[i], &fact_pop3_done);
        world_do(d.w, "{'do':'check_mail','host':'%s'}", readers[i]);
        run_for(d.w, 600 * SIM_SECOND);
        if (facts_of(d.w, readers[i], &fact_pop3_done) == before) fail_msg("NETSTAGE_SEED=%llu: %s cannot fetch in the end", (unsigned long long)seed, readers[i]);
    }
    check(&d, "in the end");
    bool deletes = strcmp(d.mode[0], "delete") == 0 || strcmp(d.mode[1], "delete") == 0;
    size_t left = inbox_of(&d, 2)->count;
    if (left != (deletes ? 0 : (size_t)d.letters)) fail_msg("NETSTAGE_SEED=%llu: %zu of %d letters are left at the server", (unsigned long long)seed, left, d.letters);
    if (network_host(d.w, "burger")->mail_server->store.accounts[0].maildrop_lock) fail_msg("NETSTAGE_SEED=%llu: the maildrop is locked", (unsigned long long)seed);
    world_free(d.w);
    return d.crashes;
}

static void many_days(void **state) {
    (void)state;
    const char *one = getenv("NETSTAGE_SEED");
    if (one) {
        live(strtoull(one, NULL, 10));
        return;
    }
    size_t crashes = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) crashes += live(seed);
    printf("%d days, %zu crashes\n", SEEDS, crashes);
    assert_true(crashes > SEEDS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(many_days)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
