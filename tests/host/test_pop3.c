/* Mail fetched by POP3 in whole worlds: readers and servers with their disks, what goes wrong between them, and a crash at any
 * instant of a session. */
#include <stdlib.h>

#include "host/pop3_services.h"
#include "mail_worlds.h"
#include "proto/pop3/facts.h"

enum { LETTERS = 3 };

static void run_s(World *w, int64_t seconds) { run_for(w, seconds * SIM_SECOND); }

/* One LAN: burger (.20, a mail and a POP3 server, bob's), reader (.30) and other (.31), bob's clients. */
static World *pop3_network(const char *server, const char *reader, const char *other) {
    World *w = world_new(7, true);
    char config[1000];
    world_do(w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'1ms'}");
    mail_host(w, "burger", 20, "mail_server", "'name':'hamburger.edu','mailboxes':['bob'],'users':{'bob':'pickle'}");
    world_do(w, "{'do':'service','host':'burger','service':'pop3_server','config':{%s}}", server);
    static const char client[] = "'server':'10.0.0.20','user':'bob','password':'pickle'";
    snprintf(config, sizeof config, "%s%s%s", client, *reader ? "," : "", reader);
    mail_host(w, "reader", 30, "pop3_client", config);
    if (other) {
        snprintf(config, sizeof config, "%s%s%s", client, *other ? "," : "", other);
        mail_host(w, "other", 31, "pop3_client", config);
    }
    run_s(w, 5);
    return w;
}

static Mailbox *bobs(World *w) { return mailbox_of(w, "burger", "bob"); }
static Mailbox *of_reader(World *w, const char *host) {
    return mailbox_inbox(host_pop3_client_account(network_host(w, host)));
}

static void deliver(World *w, int number, size_t octets) {
    Text text = text_new();
    text_print(&text, "From: alice@crepes.fr\r\nSubject: letter %d\r\n\r\n.dot\r\n", number);
    while (text.size < octets) text_put(&text, "Every line counts, also the last one.\r\n");
    MailContent *content = mail_content_new((const uint8_t *)text_get(&text), text.size);
    mailbox_append(bobs(w), content, 0, 0);
    mail_content_drop(content);
    text_free(&text);
}

static void deliver_all(World *w) {
    for (int i = 0; i < LETTERS; i++) deliver(w, i, i == 1 ? 3000 : 0);
}

/* How often letter `number` lies in the mailbox, whole. */
static size_t copies(const Mailbox *box, int number) {
    char subject[80];
    size_t count = 0;
    snprintf(subject, sizeof subject, "From: alice@crepes.fr\r\nSubject: letter %d\r\n\r\n.dot\r\n", number);
    for (size_t i = 0; i < box->count; i++) {
        Bytes octets = mail_content_bytes(box->messages[i]->content);
        if (octets.size < strlen(subject) || memcmp(octets.at, subject, strlen(subject)) != 0) continue;
        assert_int_equal(octets.at[octets.size - 1], '\n');
        if (number == 1) assert_true(octets.size >= 3000);
        count++;
    }
    return count;
}

static void fetch(World *w, const char *host) { world_do(w, "{'do':'check_mail','host':'%s'}", host); }

static void run_until(World *w, const char *host, const FactSpec *spec) {
    for (int i = 0; facts_of(w, host, spec) == 0; i++) {
        assert_true(i < 10000);
        run_for(w, SIM_MILLISECOND);
    }
}

static void assert_each_once(World *w, const char *host, size_t at_server) {
    for (int i = 0; i < LETTERS; i++) assert_int_equal(copies(of_reader(w, host), i), 1);
    assert_int_equal(of_reader(w, host)->count, LETTERS);
    assert_int_equal(bobs(w)->count, at_server);
}

/* ---- Fetching ---- */

static void deletes(void **state) {
    (void)state;
    World *w = pop3_network("", "'mode':'delete'", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_s(w, 5);
    assert_each_once(w, "reader", 0);
    assert_int_equal(host_pop3_client_known(network_host(w, "reader")), 0); /* what is gone need not be known */
    const int64_t *v = NULL;
    assert_int_equal(facts_since(w, 0, "reader", &fact_pop3_done, &v, NULL), 1);
    assert_int_equal(v[0], LETTERS), assert_int_equal(v[1], LETTERS), assert_int_equal(v[2], LETTERS);
    /* Nothing is there. */
    fetch(w, "reader");
    run_s(w, 5);
    assert_each_once(w, "reader", 0);
    world_free(w);
}

static void keeps(void **state) {
    (void)state;
    World *w = pop3_network("", "", NULL);
    deliver_all(w);
    for (int i = 0; i < 3; i++) {
        fetch(w, "reader");
        run_s(w, 5);
        assert_each_once(w, "reader", LETTERS);
        assert_int_equal(host_pop3_client_known(network_host(w, "reader")), LETTERS);
        /* What is known is on disk. */
        world_do(w, "{'do':'crash','host':'reader'}");
        world_do(w, "{'do':'boot','host':'reader','quiet':true}");
        run_s(w, 1);
    }
    assert_int_equal(facts_of(w, "reader", &fact_pop3_retrieved), LETTERS);
    mailbox_expunge(bobs(w), bobs(w)->messages[0]);
    fetch(w, "reader");
    run_s(w, 5);
    assert_int_equal(host_pop3_client_known(network_host(w, "reader")), LETTERS - 1);
    world_free(w);
}

static void headers_first(void **state) {
    (void)state;
    World *w = pop3_network("", "'mode':'headers','retrieve_limit':1000", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_s(w, 5);
    assert_int_equal(facts_of(w, "reader", &fact_pop3_header), LETTERS);
    assert_int_equal(of_reader(w, "reader")->count, LETTERS - 1);
    assert_int_equal(copies(of_reader(w, "reader"), 1), 0); /* the big one */
    world_free(w);
}

static void many_messages(void **state) {
    (void)state;
    enum { MANY = 4000 };
    World *w = pop3_network("", "'mode':'delete'", NULL);
    for (int i = 0; i < MANY; i++) deliver(w, i, 0);
    fetch(w, "reader");
    run_s(w, 600);
    assert_int_equal(of_reader(w, "reader")->count, MANY);
    assert_int_equal(bobs(w)->count, 0);
    for (int i = 0; i < MANY; i += 499) assert_int_equal(copies(of_reader(w, "reader"), i), 1);
    world_free(w);
}

/* ---- Two at once ---- */

static void the_lock(void **state) {
    (void)state;
    World *w = pop3_network("", "'retry':'1s'", "'retry':'1s','mode':'delete'");
    deliver_all(w);
    fetch(w, "reader");
    fetch(w, "other");
    run_for(w, 500 * SIM_MILLISECOND);
    const int64_t *v = NULL;
    assert_int_equal(facts_since(w, 0, "burger", &fact_pop3_login_refused, &v, NULL), 1);
    assert_string_equal(trace_fact_name(v[0]), "pop3.in_use");
    assert_int_equal(facts_of(w, "reader", &fact_pop3_done) + facts_of(w, "other", &fact_pop3_done), 1);
    run_s(w, 5);
    assert_int_equal(facts_of(w, "other", &fact_pop3_done), 1);
    assert_each_once(w, "other", 0);
    world_free(w);
}

/* Delivered while a session is open: it neither shows nor goes with what was marked. */
static void delivery_meanwhile(void **state) {
    (void)state;
    World *w = pop3_network("", "'mode':'delete'", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_until(w, "reader", &fact_pop3_listed);
    deliver(w, LETTERS, 0);
    run_s(w, 5);
    assert_each_once(w, "reader", 1);
    assert_int_equal(copies(bobs(w), LETTERS), 1);
    fetch(w, "reader");
    run_s(w, 5);
    assert_int_equal(copies(of_reader(w, "reader"), LETTERS), 1);
    assert_int_equal(bobs(w)->count, 0);
    world_free(w);
}

/* Another reader of the same mailbox (IMAP) removes what this session has in view. */
static void removed_meanwhile(void **state) {
    (void)state;
    World *w = pop3_network("", "'mode':'delete'", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_until(w, "reader", &fact_pop3_listed);
    while (bobs(w)->count > 0) mailbox_expunge(bobs(w), bobs(w)->messages[0]);
    run_s(w, 5);
    assert_each_once(w, "reader", 0);
    const int64_t *v = NULL;
    assert_int_equal(facts_since(w, 0, "burger", &fact_pop3_updated, &v, NULL), 1);
    assert_int_equal(v[1], 0);
    world_free(w);
}

/* ---- What goes wrong ---- */

static const char *last_failure(World *w, const char *host) {
    const int64_t *v = NULL;
    assert_true(facts_since(w, 0, host, &fact_pop3_failed, &v, NULL) > 0);
    return trace_fact_name(v[0]);
}

static void disks_that_fail(void **state) {
    (void)state;
    World *w = pop3_network("", "'mode':'delete','retry':'10s'", NULL);
    deliver_all(w);
    world_do(w, "{'do':'disk','host':'burger','state':'failing'}");
    fetch(w, "reader");
    run_s(w, 5);
    assert_string_equal(last_failure(w, "reader"), "pop3.not_now");
    assert_each_once(w, "reader", LETTERS); /* they are here, and not removed there */
    assert_int_equal(host_pop3_client_known(network_host(w, "reader")), LETTERS);
    world_do(w, "{'do':'disk','host':'burger','state':'ok'}");
    run_s(w, 15);
    assert_each_once(w, "reader", 0);
    world_free(w);
    /* The reader's disk has room for one letter. */
    w = pop3_network("", "'mode':'delete','disk_size':2000,'tries':2", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_s(w, 5);
    assert_string_equal(last_failure(w, "reader"), "pop3.disk");
    assert_int_equal(of_reader(w, "reader")->count, 1);
    assert_int_equal(bobs(w)->count, 2);
    run_s(w, 300);
    assert_int_equal(facts_of(w, "reader", &fact_pop3_failed), 2); /* as often as `tries` says */
    assert_int_equal(bobs(w)->count, 2);
    fetch(w, "reader");
    run_s(w, 300);
    assert_int_equal(facts_of(w, "reader", &fact_pop3_failed), 4);
    world_free(w);
}

static void nobody_there(void **state) {
    (void)state;
    World *w = pop3_network("", "'password':'gherkin','retry':'10s'", NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_s(w, 60);
    assert_string_equal(last_failure(w, "reader"), "pop3.refused");
    assert_int_equal(facts_of(w, "reader", &fact_pop3_failed), 1); /* a wrong password does not become right */
    world_free(w);
    w = pop3_network("", "'port':1110,'retry':'10s','tries':3", NULL);
    fetch(w, "reader");
    run_s(w, 100);
    assert_string_equal(last_failure(w, "reader"), "tcp.refused");
    assert_int_equal(facts_of(w, "reader", &fact_pop3_failed), 3);
    world_free(w);
    w = pop3_network("", "'server':'mail.hamburger.edu','tries':1", NULL);
    fetch(w, "reader");
    run_s(w, 100);
    assert_string_equal(last_failure(w, "reader"), "pop3.name_not_found");
    world_free(w);
    /* The power goes while the name is looked up. */
    w = pop3_network("", "'server':'mail.hamburger.edu'", NULL);
    fetch(w, "reader");
    run_for(w, SIM_MILLISECOND);
    world_do(w, "{'do':'crash','host':'reader'}");
    run_s(w, 100);
    world_do(w, "{'do':'boot','host':'reader','quiet':true}");
    run_s(w, 100);
    assert_int_equal(facts_of(w, "reader", &fact_pop3_failed), 0);
    fetch(w, "reader");
    run_s(w, 25);
    assert_string_equal(last_failure(w, "reader"), "pop3.name_not_found");
    world_free(w);
}

static void by_itself(void **state) {
    (void)state;
    World *w = pop3_network("", "'check':'5m','mode':'delete'", NULL);
    for (int i = 0; i < LETTERS; i++) {
        deliver(w, i, 3000);
        run_s(w, 301);
        assert_int_equal(of_reader(w, "reader")->count, i + 1);
    }
    world_do(w, "{'do':'shutdown','host':'reader'}");
    run_s(w, 1000);
    world_do(w, "{'do':'boot','host':'reader','quiet':true}");
    deliver(w, LETTERS, 0);
    run_s(w, 310);
    assert_int_equal(of_reader(w, "reader")->count, LETTERS + 1);
    world_free(w);
}

static void shut_down_in_order(void **state) {
    (void)state;
    static const char *const who[] = {"reader", "burger"};
    for (size_t i = 0; i < 2; i++) {
        World *w = pop3_network("", "'mode':'delete','retry':'10s'", NULL);
        deliver_all(w);
        fetch(w, "reader");
        run_until(w, "reader", &fact_pop3_deleted);
        world_do(w, "{'do':'shutdown','host':'%s'}", who[i]);
        run_s(w, 5);
        assert_int_equal(bobs(w)->count, LETTERS);
        world_do(w, "{'do':'boot','host':'%s','quiet':true}", who[i]);
        run_s(w, 1);
        if (i == 0) fetch(w, "reader");
        run_s(w, 60);
        assert_each_once(w, "reader", 0);
        world_free(w);
    }
}

static void settings_that_are_wrong(void **state) {
    (void)state;
    static const struct {
        const char *service, *config, *said;
    } wrong[] = {
        {"pop3_client", "'user':'bob','password':'x'", "server"},
        {"pop3_client", "'server':'10.0.0.20','password':'x'", "user"},
        {"pop3_client", "'server':'10.0.0.20','user':'bob'", "password"},
        {"pop3_client", "'server':'10.0.0.20','user':'bob','password':'x','mode':'read'", "mode"},
        {"pop3_client", "'server':'10.0.0.20','user':'bo\\nb','password':'x'", "user"},
        {"pop3_client", "'server':'10.0.0.20','user':'bob','password':''", "password"},
        {"pop3_server", "", "runs no mail server"},
        {"pop3_server", "'replies':{'greeting':'a\\r\\nb'}", "greeting"},
        {"pop3_server", "'reply':{}", "reply"},
    };
    World *w = world_new(7, true);
    world_do(w, "{'do':'lan','name':'net','prefix':'10.0.0.0/24','latency':'1ms'}");
    mail_host(w, "pc", 30, NULL, NULL);
    mail_host(w, "burger", 20, "mail_server", "'name':'hamburger.edu','mailboxes':['bob']");
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        Text said = world_refuses(w, "{'do':'service','host':'%s','service':'%s','config':{%s}}",
                                  strcmp(wrong[i].service, "pop3_client") == 0 || !wrong[i].config[0] ? "pc" : "burger",
                                  wrong[i].service, wrong[i].config);
        if (!strstr(text_get(&said), wrong[i].said)) fail_msg("%s: %s", wrong[i].config, text_get(&said));
        text_free(&said);
    }
    Text said = world_refuses(w, "{'do':'check_mail','host':'pc'}");
    text_free(&said);
    world_free(w);
}

/* ---- A crash at any instant ---- */

typedef struct {
    const char *mode, *first, *second; /* second: NULL, or crashes too */
    bool cable;                        /* the cable is pulled instead */
} Calamity;

/* The instants of an undisturbed session, from `fetch` on. */
static size_t find_instants(const char *mode, SimTime **instants) {
    char reader[60];
    snprintf(reader, sizeof reader, "'mode':'%s'", mode);
    World *w = pop3_network("", reader, NULL);
    deliver_all(w);
    size_t since = trace_count(world_trace(w)), count = 0, capacity = 0;
    fetch(w, "reader");
    run_s(w, 1);
    SimTime last = -1;
    *instants = NULL;
    for (size_t i = since; i < trace_count(world_trace(w)); i++) {
        SimTime at = trace_get(world_trace(w), i)->at;
        if (at == last) continue;
        last = at;
        *instants = array_grow(*instants, &capacity, count + 2, sizeof **instants);
        (*instants)[count++] = at;
        (*instants)[count++] = at + 1;
    }
    assert_int_equal(facts_of(w, "reader", &fact_pop3_done), 1);
    world_free(w);
    return count;
}

static void strike(World *w, const Calamity *c, bool back) {
    if (c->cable) {
        world_do(w, "{'do':'%s','host':'%s'}", back ? "plug" : "unplug", c->first);
        return;
    }
    const char *who[] = {c->first, c->second};
    for (size_t i = 0; i < 2 && who[i]; i++)
        world_do(w, back ? "{'do':'boot','host':'%s','quiet':true}" : "{'do':'crash','host':'%s'}", who[i]);
}

static void survives(const Calamity *c, SimTime at) {
    char reader[60];
    snprintf(reader, sizeof reader, "'mode':'%s','retry':'20s'", c->mode);
    World *w = pop3_network("'idle':'2m'", reader, NULL);
    deliver_all(w);
    fetch(w, "reader");
    run_for(w, at - world_now(w));
    strike(w, c, false);
    for (int i = 0; i < LETTERS; i++) {
        if (copies(bobs(w), i) > 1 || copies(of_reader(w, "reader"), i) > 1 ||
            copies(bobs(w), i) + copies(of_reader(w, "reader"), i) == 0)
            fail_msg("%s, %s at %lld ns: letter %d %zu times here, %zu times there", c->mode, c->first, (long long)at, i,
                     copies(of_reader(w, "reader"), i), copies(bobs(w), i));
    }
    size_t on_disk[] = {of_reader(w, "reader")->count, bobs(w)->count};
    run_s(w, 3);
    /* Without power nothing is written any more. */
    if (!c->cable && strcmp(c->first, "reader") == 0) assert_int_equal(of_reader(w, "reader")->count, on_disk[0]);
    if (!c->cable && (c->second || strcmp(c->first, "burger") == 0)) assert_int_equal(bobs(w)->count, on_disk[1]);
    strike(w, c, true);
    run_s(w, 3);
    if (strcmp(c->first, "reader") == 0 || c->second) fetch(w, "reader");
    run_s(w, 400);
    size_t left = strcmp(c->mode, "delete") == 0 ? 0 : LETTERS;
    for (int i = 0; i < LETTERS; i++)
        if (copies(of_reader(w, "reader"), i) != 1 || of_reader(w, "reader")->count != LETTERS || bobs(w)->count != left)
            fail_msg("%s, %s at %lld ns: in the end letter %d %zu times of %zu here, %zu letters there", c->mode, c->first,
                     (long long)at, i, copies(of_reader(w, "reader"), i), of_reader(w, "reader")->count, bobs(w)->count);
    assert_null(mail_of(w, "burger")->store.accounts[0].maildrop_lock);
    world_free(w);
}

static void crash_at_any_instant(void **state) {
    (void)state;
    static const Calamity calamities[] = {
        {"delete", "reader", NULL, false},     {"delete", "burger", NULL, false},   {"delete", "reader", "burger", false},
        {"keep", "reader", NULL, false},       {"keep", "burger", NULL, false},     {"delete", "reader", NULL, true},
        {"delete", "burger", NULL, true},
    };
    size_t runs = 0;
    for (size_t i = 0; i < sizeof calamities / sizeof calamities[0]; i++) {
        SimTime *instants;
        size_t count = find_instants(calamities[i].mode, &instants);
        for (size_t k = 0; k < count; k++, runs++) survives(&calamities[i], instants[k]);
        free(instants);
    }
    printf("%zu crashes\n", runs);
    assert_true(runs > 500);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deletes),
        cmocka_unit_test(keeps),
        cmocka_unit_test(headers_first),
        cmocka_unit_test(many_messages),
        cmocka_unit_test(the_lock),
        cmocka_unit_test(delivery_meanwhile),
        cmocka_unit_test(removed_meanwhile),
        cmocka_unit_test(disks_that_fail),
        cmocka_unit_test(nobody_there),
        cmocka_unit_test(by_itself),
        cmocka_unit_test(shut_down_in_order),
        cmocka_unit_test(settings_that_are_wrong),
        cmocka_unit_test(crash_at_any_instant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
