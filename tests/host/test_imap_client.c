/* The IMAP client on hosts, against our own server: two devices in step, connections that break at any moment, another
 * UIDVALIDITY, the disk, what is wanted off line. */
#include <stdlib.h>

#include "mail_worlds.h"
#include "proto/imap/client_facts.h"
#include "proto/imap/server_facts.h"

/* The network of mail_worlds.h with an IMAP server at burger (bob, bea) and hosts that read bob's mailbox. */
static World *reading_network(void) {
    World *w = mail_network((MailNetwork){.burger = "'users':{'bob':'secret','bea':'secret'},'trusted':['10.0.0.0/24']"});
    world_do(w, "{'do':'service','host':'burger','service':'imap_server','config':{'folders':{'Archive':'archive','Sent':'sent'}}}");
    return w;
}

static void reader(World *w, const char *name, int address, const char *config) {
    char whole[1000];
    snprintf(whole, sizeof whole, "'server':'10.0.0.20','user':'bob','password':'secret'%s%s", config[0] ? "," : "", config);
    mail_host(w, name, address, "imap_client", whole);
}

static Mailbox *folder(World *w, const char *name) {
    MailStore *store = &mail_of(w, "burger")->store;
    for (size_t i = 0; i < store->account_count; i++)
        if (strcmp(store->accounts[i].owner, "bob") == 0) return mailbox_find(&store->accounts[i], bytes_text(name));
    fail_msg("bob has no mailboxes");
    return NULL;
}

/* Into a mailbox of bob's, as if it had always been there. */
static void put_in(World *w, const char *mailbox, const char *text) {
    MailContent *content = mail_content_new((const uint8_t *)text, strlen(text));
    mailbox_append(folder(w, mailbox), content, 0, 0);
    mail_content_drop(content);
}

static void letters(World *w, int count) {
    char text[200];
    for (int i = 1; i <= count; i++) {
        snprintf(text, sizeof text, "From: Alice <alice@crepes.fr>\r\nSubject: Letter %d\r\n\r\nNumber %d.\r\n", i, i);
        put_in(w, "INBOX", text);
    }
}

static const ImapMemory *known(World *w, const char *host) { return host_imap_client_memory(network_host(w, host)); }
static const ImapMemory *on_disk(World *w, const char *host) { return host_imap_client_memory_on_disk(network_host(w, host)); }
static const char *state_of(World *w, const char *host) {
    return imap_client_spec.states[host_imap_client_machine(network_host(w, host))->machine.state];
}

static size_t count_facts(World *w, const char *host, const FactSpec *spec) { return facts_since(w, 0, host, spec, NULL, NULL); }

/* The two know the same of the mailbox, and it is what the server has. */
static void assert_in_step(World *w, const char *host, const char *mailbox) {
    const Mailbox *box = folder(w, mailbox);
    const ImapMemory *m = known(w, host);
    assert_int_equal(m->uid_validity, box->uid_validity);
    assert_int_equal(m->count, box->count);
    for (size_t i = 0; i < m->count; i++) {
        assert_int_equal(m->items[i].uid, box->messages[i]->uid);
        assert_int_equal(m->items[i].flags, box->messages[i]->flags & 31);
        assert_int_equal(m->items[i].header->size, box->messages[i]->content->size);
    }
}

static void assert_same_memory(const ImapMemory *a, const ImapMemory *b) {
    assert_int_equal(a->uid_validity, b->uid_validity);
    assert_int_equal(a->count, b->count);
    assert_int_equal(a->octets, b->octets);
    for (size_t i = 0; i < a->count; i++) {
        assert_int_equal(a->items[i].uid, b->items[i].uid);
        assert_int_equal(a->items[i].flags, b->items[i].flags);
        assert_int_equal(a->items[i].piece_count, b->items[i].piece_count);
        assert_string_equal(a->items[i].header->subject, b->items[i].header->subject);
    }
}

/* ---- Two devices ---- */

static void two_devices_stay_in_step(void **state) {
    (void)state;
    World *w = reading_network();
    letters(w, 3);
    reader(w, "desk", 31, "");
    reader(w, "lap", 32, "'server':'mail.hamburger.edu'");
    run_for(w, 3 * SIM_SECOND);
    assert_in_step(w, "desk", "INBOX");
    assert_in_step(w, "lap", "INBOX");
    world_do(w, "{'do':'mail_open','host':'desk','message':1}");
    world_do(w, "{'do':'mail_flag','host':'lap','message':2,'flag':'\\\\Flagged'}");
    world_do(w, "{'do':'mail_flag','host':'desk','message':2,'flag':'$Work'}");
    run_for(w, 3 * SIM_SECOND);
    assert_in_step(w, "desk", "INBOX");
    assert_in_step(w, "lap", "INBOX");
    assert_int_equal(known(w, "lap")->items[0].flags, MAIL_FLAG_SEEN);
    assert_int_equal(known(w, "desk")->items[1].flags & MAIL_FLAG_FLAGGED, MAIL_FLAG_FLAGGED);
    assert_string_equal(known(w, "lap")->items[1].keywords, "$Work");
    world_do(w, "{'do':'mail_file','host':'lap','message':1,'mailbox':'Archive'}");
    world_do(w, "{'do':'mail_delete','host':'desk','message':3}");
    world_do(w, "{'do':'mail','host':'pc','to':'bob@hamburger.edu','subject':'new','text':'t'}");
    run_for(w, 10 * SIM_SECOND);
    assert_in_step(w, "desk", "INBOX");
    assert_in_step(w, "lap", "INBOX");
    assert_int_equal(known(w, "lap")->count, 2);
    assert_int_equal(folder(w, "Archive")->count, 1);
    assert_string_equal(known(w, "desk")->items[1].header->subject, "new");
    /* Both idle, both have everything on disk, and nobody was told of what it did itself. */
    for (int i = 0; i < 2; i++) {
        const char *host = i ? "lap" : "desk";
        assert_same_memory(known(w, host), on_disk(w, host));
        assert_int_equal(count_facts(w, host, &fact_imap_message_gone), 1);
        assert_int_equal(count_facts(w, host, &fact_imap_header), 4);
    }
    world_free(w);
}

/* ---- Broken off at any moment ---- */

typedef enum { CABLE, SERVER, READER } Broken;

static const char big[] =
    "From: Alice <alice@crepes.fr>\r\nSubject: The plan\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    "--b\r\nContent-Type: text/plain\r\n\r\nSee below.\r\n--b\r\nContent-Type: text/csv; name=plan.csv\r\n\r\n"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789\r\n--b--\r\n";

static void wish(World *w) {
    world_do(w, "{'do':'mail_open','host':'desk','message':1}");
    world_do(w, "{'do':'mail_part','host':'desk','message':1,'part':'2'}");
    world_do(w, "{'do':'mail_flag','host':'desk','message':2,'flag':'\\\\Flagged'}");
    world_do(w, "{'do':'mail_file','host':'desk','message':3,'mailbox':'Archive'}");
}

static void break_it(World *w, Broken what) {
    if (what == CABLE) world_do(w, "{'do':'unplug','host':'desk'}");
    if (what == SERVER) world_do(w, "{'do':'crash','host':'burger'}");
    if (what == READER) world_do(w, "{'do':'crash','host':'desk'}");
}

static void mend_it(World *w, Broken what) {
    if (what == CABLE) world_do(w, "{'do':'plug','host':'desk'}");
    if (what == SERVER) world_do(w, "{'do':'boot','host':'burger'}");
    if (what == READER) world_do(w, "{'do':'boot','host':'desk','quiet':true}");
}

/* No header comes twice, no octet of a part either. */
static void assert_nothing_twice(World *w) {
    const Trace *trace = world_trace(w);
    bool header[10] = {false}, octets[10][1000] = {{false}};
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT) continue;
        const int64_t *v = trace_fact_values(trace, r);
        if (trace_fact_spec(trace, r) == &fact_imap_header) {
            assert_false(header[v[1]]);
            header[v[1]] = true;
        }
        if (trace_fact_spec(trace, r) == &fact_imap_part_read && strcmp(trace_fact_name(v[1]), "2") == 0)
            for (int64_t k = v[2]; k < v[2] + v[3]; k++) {
                assert_false(octets[v[0]][k]);
                octets[v[0]][k] = true;
            }
    }
}

/* Broken after so many milliseconds, for `for_steps`. Returns how many steps it took until all was done. */
static int broken_off(Broken what, int at, int for_steps) {
    World *w = reading_network();
    put_in(w, "INBOX", big);
    letters(w, 2);
    reader(w, "desk", 31, "'piece':60,'patience':'1s','retry':'1s','retry_most':'4s'");
    bool wished = false;
    int steps = 0, done = 0;
    for (; steps < 30000 && (!done || steps < at + for_steps + 10); steps++) {
        if (steps == at) {
            break_it(w, what);
            if (what == READER) assert_same_memory(known(w, "desk"), on_disk(w, "desk"));
        }
        if (steps == at + for_steps) mend_it(w, what);
        if (!wished && known(w, "desk")->count == 3) {
            wished = true;
            wish(w);
        }
        if (what == READER && steps == at + for_steps + 2000) { /* what was wanted is forgotten with the power */
            if (wished && folder(w, "INBOX")->count == 3) wish(w);
            else if (wished) world_do(w, "{'do':'mail_open','host':'desk','message':1}");
            else wish(w), wished = true;
        }
        run_for(w, SIM_MILLISECOND);
        if (!done && wished && folder(w, "Archive")->count == 1 && known(w, "desk")->count == 2 &&
            strcmp(state_of(w, "desk"), "IDLING") == 0)
            done = steps;
        if (what == READER && steps < at + for_steps + 3500) done = 0;
    }
    if (!done) fail_msg("broken at %d: %zu known, %zu in Archive, %s", at, known(w, "desk")->count, folder(w, "Archive")->count, state_of(w, "desk"));
    assert_in_step(w, "desk", "INBOX");
    assert_same_memory(known(w, "desk"), on_disk(w, "desk"));
    assert_int_equal(folder(w, "INBOX")->messages[0]->flags, MAIL_FLAG_SEEN);
    assert_int_equal(folder(w, "Archive")->count, 1);
    assert_true(count_facts(w, "desk", &fact_imap_opened) >= 1);
    if (what != READER) {
        bool ends;
        assert_int_equal(folder(w, "INBOX")->messages[1]->flags, MAIL_FLAG_FLAGGED);
        assert_int_equal(imap_known_has(&known(w, "desk")->items[0], "2", 0, &ends), 200);
        assert_true(ends);
        assert_int_equal(count_facts(w, "desk", &fact_imap_opened), 1);
        assert_nothing_twice(w);
    }
    world_free(w);
    return done;
}

static void at_every_moment(Broken what, int for_steps) {
    int last = broken_off(what, 100000, 0);
    assert_true(last > 50 && last < 1000);
    for (int at = 0; at < last + 4; at++) (void)broken_off(what, at, for_steps);
}

static void a_cable_pulled_at_any_moment(void **state) {
    (void)state;
    at_every_moment(CABLE, 2500);
}

static void a_server_that_crashes_at_any_moment(void **state) {
    (void)state;
    at_every_moment(SERVER, 1000);
}

static void a_reader_that_crashes_at_any_moment(void **state) {
    (void)state;
    for (int at = 0; at < 200; at += 2) (void)broken_off(READER, at, 500);
}

/* ---- What lasts ---- */

static void memory_survives_the_power(void **state) {
    (void)state;
    World *w = reading_network();
    letters(w, 3);
    reader(w, "desk", 31, "");
    run_for(w, 3 * SIM_SECOND);
    world_do(w, "{'do':'mail_open','host':'desk','message':2}");
    run_for(w, 3 * SIM_SECOND);
    world_do(w, "{'do':'shutdown','host':'desk'}");
    run_for(w, 5 * SIM_SECOND);
    assert_string_equal(state_of(w, "desk"), "CLOSED");
    size_t since = mark(w);
    world_do(w, "{'do':'boot','host':'desk'}");
    run_for(w, 10 * SIM_SECOND);
    world_do(w, "{'do':'mail_open','host':'desk','message':2}");
    run_for(w, 3 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "desk", &fact_imap_header, NULL, NULL), 0);
    assert_int_equal(facts_since(w, since, "desk", &fact_imap_part_read, NULL, NULL), 0);
    assert_int_equal(facts_since(w, since, "desk", &fact_imap_opened, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "desk", &fact_imap_synchronized, NULL, NULL), 1);
    assert_int_equal(facts_since(w, since, "desk", &fact_imap_reconnected, NULL, NULL), 0);
    assert_in_step(w, "desk", "INBOX");
    world_free(w);
}

/* The mailbox is deleted and made anew while nobody looks: the same UIDs name other messages. */
static void another_uidvalidity(void **state) {
    (void)state;
    World *w = reading_network();
    put_in(w, "Archive", "Subject: old one\r\n\r\nx\r\n");
    put_in(w, "Archive", "Subject: old two\r\n\r\nx\r\n");
    reader(w, "desk", 31, "'mailbox':'Archive'");
    run_for(w, 3 * SIM_SECOND);
    assert_in_step(w, "desk", "Archive");
    world_do(w, "{'do':'mail_disconnect','host':'desk'}");
    run_for(w, 1 * SIM_SECOND);
    world_do(w, "{'do':'mail_delete','host':'desk','message':2}"); /* of what will be gone */
    MailAccount *account = folder(w, "Archive")->account;
    assert_int_equal(mailbox_delete(account, bytes_text("Archive")), MAILBOX_OK);
    assert_int_equal(mailbox_create(account, bytes_text("Archive"), MAILBOX_USE_NONE), MAILBOX_OK);
    put_in(w, "Archive", "Subject: new one\r\n\r\nx\r\n");
    put_in(w, "Archive", "Subject: new two\r\n\r\nx\r\n");
    world_do(w, "{'do':'mail_connect','host':'desk'}");
    run_for(w, 3 * SIM_SECOND);
    const int64_t *v = NULL;
    assert_int_equal(facts_since(w, 0, "desk", &fact_imap_uidvalidity_changed, &v, NULL), 1);
    assert_int_equal(v[3], 2);
    assert_in_step(w, "desk", "Archive");
    assert_string_equal(known(w, "desk")->items[1].header->subject, "new two");
    assert_int_equal(folder(w, "Archive")->count, 2);
    assert_same_memory(known(w, "desk"), on_disk(w, "desk"));
    world_free(w);
}

static void the_disk(void **state) {
    (void)state;
    World *w = reading_network();
    letters(w, 3);
    reader(w, "desk", 31, "'connect':false");
    world_do(w, "{'do':'disk','host':'desk','state':'failing'}");
    world_do(w, "{'do':'mail_connect','host':'desk'}");
    run_for(w, 5 * SIM_SECOND);
    const int64_t *v = NULL;
    assert_int_equal(facts_since(w, 0, "desk", &fact_imap_failed, &v, NULL), 1);
    assert_string_equal(trace_fact_name(v[0]), "imap.disk");
    world_do(w, "{'do':'disk','host':'desk','state':'ok','size':100}");
    run_for(w, 15 * SIM_SECOND);
    assert_int_equal(facts_since(w, 0, "desk", &fact_imap_failed, &v, NULL), 2); /* too small for what came */
    assert_int_equal(on_disk(w, "desk")->count, 0);
    world_do(w, "{'do':'disk','host':'desk','size':100000}");
    run_for(w, 60 * SIM_SECOND);
    assert_in_step(w, "desk", "INBOX");
    assert_int_equal(on_disk(w, "desk")->count, 3);
    assert_int_equal(host_imap_client_disk(network_host(w, "desk"))->store.octets, on_disk(w, "desk")->octets);
    assert_int_equal(count_facts(w, "desk", &fact_imap_header), 3); /* they were in memory all the time */
    world_free(w);
}

/* ---- On line and off ---- */

static void what_is_wanted_off_line_is_done_on_line(void **state) {
    (void)state;
    World *w = reading_network();
    letters(w, 3);
    reader(w, "desk", 31, "'sent':'Sent'");
    world_do(w, "{'do':'service','host':'desk','service':'mail_agent','config':{'address':'bob@hamburger.edu','server':'10.0.0.20'}}");
    run_for(w, 3 * SIM_SECOND);
    world_do(w, "{'do':'mail_disconnect','host':'desk'}");
    run_for(w, 2 * SIM_SECOND);
    assert_string_equal(state_of(w, "desk"), "CLOSED");
    assert_int_equal(count_facts(w, "desk", &fact_imap_done), 1);
    world_do(w, "{'do':'mail_open','host':'desk','message':1}");
    world_do(w, "{'do':'mail_file','host':'desk','message':2,'mailbox':'Projects'}");
    world_do(w, "{'do':'mail','host':'desk','to':'bea@hamburger.edu','subject':'s','text':'t'}");
    world_do(w, "{'do':'mail_open','host':'desk','message':9}");
    assert_int_equal(ignored_since(w, 0, "desk", "imap.no_such_message", NULL), 1);
    run_for(w, 60 * SIM_SECOND);
    assert_null(folder(w, "Projects"));
    assert_int_equal(folder(w, "Sent")->count, 0);
    world_do(w, "{'do':'check_mail','host':'desk'}");
    run_for(w, 5 * SIM_SECOND);
    assert_in_step(w, "desk", "INBOX");
    assert_int_equal(folder(w, "INBOX")->count, 2);
    assert_int_equal(folder(w, "INBOX")->unseen, 1);
    assert_int_equal(folder(w, "Projects")->count, 1);
    assert_int_equal(folder(w, "Sent")->count, 1);
    assert_int_equal(folder(w, "Sent")->messages[0]->flags, MAIL_FLAG_SEEN);
    assert_bytes(mail_content_bytes(folder(w, "Projects")->messages[0]->content),
                 "From: Alice <alice@crepes.fr>\r\nSubject: Letter 2\r\n\r\nNumber 2.\r\n");
    /* Off line and on line again, before the connection has closed. */
    world_do(w, "{'do':'mail_disconnect','host':'desk'}");
    run_for(w, 10 * SIM_MILLISECOND);
    world_do(w, "{'do':'mail_connect','host':'desk'}");
    run_for(w, 5 * SIM_SECOND);
    assert_string_equal(state_of(w, "desk"), "IDLING");
    assert_int_equal(count_facts(w, "desk", &fact_imap_done), 2);
    world_do(w, "{'do':'mail_disconnect','host':'desk'}");
    world_do(w, "{'do':'mail_connect','host':'desk'}"); /* it was never gone */
    run_for(w, 5 * SIM_SECOND);
    assert_string_equal(state_of(w, "desk"), "IDLING");
    /* Asked for news while it idles. */
    size_t since = mark(w);
    world_do(w, "{'do':'check_mail','host':'desk'}");
    run_for(w, 2 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "desk", MESSAGE_SENT, NULL, NULL) > 0, 1);
    assert_string_equal(state_of(w, "desk"), "IDLING");
    world_free(w);
}

/* 10 s, 20 s, 40 s … up to 5 minutes; from the beginning again once the mailbox was open. */
static void it_tries_again_ever_more_seldom(void **state) {
    (void)state;
    static const int spans[] = {10, 20, 40, 80, 160, 300, 300};
    World *w = reading_network();
    world_do(w, "{'do':'crash','host':'burger'}");
    size_t since = mark(w);
    reader(w, "desk", 31, "'server':'nobody.example'");
    run_for(w, 1000 * SIM_SECOND);
    const Trace *trace = world_trace(w);
    SimTime last = -1;
    size_t count = 0;
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || trace_fact_spec(trace, r) != &fact_imap_failed) continue;
        assert_string_equal(trace_fact_name(trace_fact_values(trace, r)[0]), "imap.name_not_found");
        if (last >= 0) {
            SimTime span = r->at - last;
            assert_true(count <= 7 && span >= spans[count - 1] * SIM_SECOND && span < (spans[count - 1] + 1) * SIM_SECOND);
        }
        last = r->at;
        count++;
    }
    assert_true(count >= 6);
    world_free(w);
}

static void a_refused_login_is_not_tried_again(void **state) {
    (void)state;
    World *w = reading_network();
    reader(w, "desk", 31, "'password':'wrong'");
    run_for(w, 600 * SIM_SECOND);
    assert_int_equal(count_facts(w, "desk", &fact_imap_failed), 1);
    assert_string_equal(state_of(w, "desk"), "CLOSED");
    world_free(w);
}

static void mistakes_are_told(void **state) {
    (void)state;
    World *w = reading_network();
    reader(w, "desk", 31, "'connect':false");
    static const char *const bad[][2] = {
        {"{'do':'mail_open','host':'pc','message':1}", "host: pc has no IMAP client"},
        {"{'do':'mail_open','host':'desk'}", "message: "},
        {"{'do':'mail_open','host':'desk','message':0}", "message: "},
        {"{'do':'mail_part','host':'desk','message':1}", "part: "},
        {"{'do':'mail_part','host':'desk','message':1,'part':'2.'}", "part: "},
        {"{'do':'mail_part','host':'desk','message':1,'part':'TEXT'}", "part: "},
        {"{'do':'mail_flag','host':'desk','message':1,'flag':'\\\\Recent'}", "flag: "},
        {"{'do':'mail_flag','host':'desk','message':1,'flag':'a b'}", "flag: "},
        {"{'do':'mail_file','host':'desk','message':1,'mailbox':''}", "mailbox: "},
        {"{'do':'mail_file','host':'desk','message':1,'mailbox':'a*'}", "mailbox: "},
        {"{'do':'service','host':'desk','service':'imap_client','config':{'server':'x','user':'b','password':'c'}}", "service: "},
        {"{'do':'service','host':'pc','service':'imap_client','config':{'user':'b','password':'c'}}", "server: "},
        {"{'do':'service','host':'pc','service':'imap_client','config':{'server':'x','password':'c'}}", "user: "},
        {"{'do':'service','host':'pc','service':'imap_client','config':{'server':'x','user':'b','password':'\xc3\xa4'}}", "password: "},
        {"{'do':'service','host':'pc','service':'imap_client','config':{'server':'x','user':'b','password':'c','sent':'a%'}}", "sent: "},
        {"{'do':'service','host':'pc','service':'imap_client','config':{'server':'x','user':'b','password':'c','Idle':true}}", "Idle: "},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Text message = world_refuses(w, "%s", bad[i][0]);
        if (strncmp(text_get(&message), bad[i][1], strlen(bad[i][1])) != 0) fail_msg("%s: %s", bad[i][0], text_get(&message));
        text_free(&message);
    }
    world_do(w, "{'do':'crash','host':'desk'}");
    world_do(w, "{'do':'mail_connect','host':'desk'}");
    assert_int_equal(ignored_since(w, 0, "desk", "imap.off", NULL), 1);
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_devices_stay_in_step),
        cmocka_unit_test(memory_survives_the_power),
        cmocka_unit_test(another_uidvalidity),
        cmocka_unit_test(the_disk),
        cmocka_unit_test(what_is_wanted_off_line_is_done_on_line),
        cmocka_unit_test(it_tries_again_ever_more_seldom),
        cmocka_unit_test(a_refused_login_is_not_tried_again),
        cmocka_unit_test(mistakes_are_told),
        cmocka_unit_test(a_cable_pulled_at_any_moment),
        cmocka_unit_test(a_server_that_crashes_at_any_moment),
        cmocka_unit_test(a_reader_that_crashes_at_any_moment),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
