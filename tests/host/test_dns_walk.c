/* The resolver for others: walks from the root down, what it remembers, and what can go wrong on the way. */
#include "host/dns_asking.h"
#include "proto/dns/facts.h"

static bool recursor_rows[64], handed_over;

static void done(World *w) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_STATE) continue;
        const MachineSpec *spec = trace_directory(trace)->machines[r->machine].spec;
        if (spec == &dns_recursor_spec) recursor_rows[r->state.row] = true;
        const MachineRow *row = &spec->rows[r->state.row];
        handed_over = handed_over || (spec == &dns_server_spec && row->guard && strcmp(row->guard_name, "is_for_the_resolver") == 0);
    }
    world_free(w);
}

static void serve(World *w, const char *host, const char *zones) {
    world_do(w, "{'do':'service','host':'%s','service':'dns_server','config':{'zones':{%s}}}", host, zones);
}

/* pc1 asks, pc2 finds out; pc3 the root, pc4 edu, pc5 hamburger.edu, pc6 fr and org, pc7 crepes.fr. */
static World *internet(uint64_t seed) {
    World *w = network_lan(7, "switch", seed);
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.1','dns':'192.168.1.2','probe':false}");
    world_do(w, "{'do':'service','host':'pc2','service':'dns_resolver','config':{'roots':'192.168.1.3'}}");
    serve(w, "pc3", "'.':{'ttl':'2d','records':[['edu','NS','ns.edu'],['ns.edu','A','192.168.1.4'],['fr','NS','ns.nic.fr'],['ns.nic.fr','A','192.168.1.6'],"
                    "['org','NS','ns.nic.fr'],['dead','NS','ns.dead'],['ns.dead','A','192.168.1.99'],['lame','NS','ns.lame'],['ns.lame','A','192.168.1.5'],"
                    "['nowhere','NS','ns.nowhere.org']]}");
    serve(w, "pc4", "'edu':{'ttl':'1d','records':[['hamburger','NS','ns.hamburger.edu'],['ns.hamburger','A','192.168.1.5'],"
                    "['twin','NS','ns.twin.fr'],['half','NS','ns.dead.edu'],['half','NS','ns.hamburger.edu'],['ns.dead','A','192.168.1.99'],"
                    "['loop','NS','ns.pool.edu'],['pool','NS','ns.loop.edu']]}");
    serve(w, "pc5", "'hamburger.edu':{'ttl':'1h','ns':'ns','soa':{'minimum':'2m'},'records':[['@','MX',10,'mail'],['ns','A','192.168.1.5'],['mail','60s','A','192.0.2.25'],"
                    "['www','CNAME','web'],['web','CNAME','www.crepes.fr'],['ring','CNAME','ring.crepes.fr'],['null','0s','A','192.0.2.1'],['gone','CNAME','nobody.crepes.fr']]},"
                    "'half.edu':{'records':[['www','A','192.0.2.50']]}");
    serve(w, "pc6", "'fr':{'records':[['crepes','NS','ns.crepes.fr'],['ns.crepes','A','192.168.1.7'],['ns.twin','A','192.168.1.7'],['ns.nic','A','192.168.1.6']]},'org':{'records':[['ns.nic','A','192.168.1.6']]}");
    serve(w, "pc7", "'crepes.fr':{'ttl':'30m','records':[['ns','A','192.168.1.7'],['www','A','198.51.100.80'],['ring','CNAME','ring.hamburger.edu']]},'twin.edu':{'records':[['www','A','198.51.100.81']]}");
    run_for(w, SIM_SECOND);
    return w;
}

/* What pc2 asked since then, in order: "pc3 www.edu A, pc4 …". The caller frees it. */
static Text walk_since(World *w, size_t since) {
    const Trace *trace = world_trace(w);
    Text text = text_new();
    static DnsMessage m;
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || r->small != TRACE_PROTO_DNS || r->host != world_find(w, "pc2")) continue;
        FrameSummary s = frame_of(w, r->message.frame);
        if (s.destination_port != 53) continue;
        assert_true(message_in(w, r, &m));
        assert_true(!m.rd && dns_message_opt_count(&m) == 1 && s.source_port >= 49152);
        text_print(&text, "%spc%u ", text.size ? ", " : "", (unsigned)(s.destination & 255));
        dns_name_print(&text, &m.question.name);
        text_put_char(&text, ' ');
        dns_type_print(&text, m.question.type);
    }
    return text;
}

static const Ipv4Address resolver = 0xc0a80102;

/* pc1's question to pc2 is answered so, and costs this walk. */
static void assert_walk(World *w, const char *name, uint16_t type, const char *answer, const char *walk) {
    size_t since = mark(w);
    assert_answer(w, "pc2", resolver, (Asking){.name = name, .type = type, .rd = true}, answer);
    Text text = walk_since(w, since);
    if (strcmp(text_get(&text), walk) != 0) fail_msg("%s: walked\n  %s\nexpected\n  %s", name, text_get(&text), walk);
    text_free(&text);
}

static void from_the_root_down(void **state) {
    (void)state;
    World *w = internet(1);
    assert_walk(w, "hamburger.edu", DNS_TYPE_MX, "NOERROR rd ra | hamburger.edu MX 10 mail.hamburger.edu 3600 | |", "pc3 hamburger.edu MX, pc4 hamburger.edu MX, pc5 hamburger.edu MX");
    /* The servers of edu and hamburger.edu are known now; the address came along as additional data, and is not believed for that. */
    assert_walk(w, "mail.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | mail.hamburger.edu A 192.0.2.25 60 | |", "pc5 mail.hamburger.edu A");
    /* From memory, counted down: each question takes thirty seconds here. */
    assert_walk(w, "MAIL.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | mail.hamburger.edu A 192.0.2.25 30 | |", "");
    run_for(w, SIM_SECOND);
    assert_walk(w, "mail.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | mail.hamburger.edu A 192.0.2.25 60 | |", "pc5 mail.hamburger.edu A");
    assert_walk(w, "hamburger.edu", DNS_TYPE_MX, "NOERROR rd ra | hamburger.edu MX 10 mail.hamburger.edu 3479 | |", "");
    /* Aliases lead across zones. */
    assert_walk(w, "www.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | www.hamburger.edu CNAME web.hamburger.edu 3599, web.hamburger.edu CNAME www.crepes.fr 3599, www.crepes.fr A 198.51.100.80 1800 | |",
                "pc5 www.hamburger.edu A, pc3 www.crepes.fr A, pc6 www.crepes.fr A, pc7 www.crepes.fr A");
    assert_walk(w, "www.hamburger.edu", DNS_TYPE_CNAME, "NOERROR rd ra | www.hamburger.edu CNAME web.hamburger.edu 3570 | |", "");
    assert_walk(w, "null.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | null.hamburger.edu A 192.0.2.1 0 | |", "pc5 null.hamburger.edu A");
    assert_walk(w, "null.hamburger.edu", DNS_TYPE_A, "NOERROR rd ra | null.hamburger.edu A 192.0.2.1 0 | |", "pc5 null.hamburger.edu A"); /* TTL 0: for this once */
    assert_answer(w, "pc2", resolver, (Asking){.name = "hamburger.edu", .type = DNS_TYPE_MX}, "REFUSED ra | | |"); /* nobody wants it found out */
    done(w);
}

#define HAMBURGER "hamburger.edu SOA ns.hamburger.edu hostmaster.hamburger.edu 1 3600 600 604800 120 "
static void what_does_not_exist(void **state) {
    (void)state;
    World *w = internet(2);
    assert_walk(w, "no.hamburger.edu", DNS_TYPE_A, "NXDOMAIN rd ra | | " HAMBURGER "120 |", "pc3 no.hamburger.edu A, pc4 no.hamburger.edu A, pc5 no.hamburger.edu A");
    assert_walk(w, "no.hamburger.edu", DNS_TYPE_MX, "NXDOMAIN rd ra | | " HAMBURGER "90 |", ""); /* whatever the type */
    assert_walk(w, "ns.hamburger.edu", DNS_TYPE_MX, "NOERROR rd ra | | " HAMBURGER "120 |", "pc5 ns.hamburger.edu MX");
    assert_walk(w, "ns.hamburger.edu", DNS_TYPE_MX, "NOERROR rd ra | | " HAMBURGER "90 |", "");
    assert_walk(w, "ns.hamburger.edu", DNS_TYPE_TXT, "NOERROR rd ra | | " HAMBURGER "120 |", "pc5 ns.hamburger.edu TXT");
    run_for(w, SIM_SECOND);
    assert_walk(w, "no.hamburger.edu", DNS_TYPE_A, "NXDOMAIN rd ra | | " HAMBURGER "120 |", "pc5 no.hamburger.edu A"); /* two minutes are over */
    assert_walk(w, "gone.hamburger.edu", DNS_TYPE_A, "NXDOMAIN rd ra | gone.hamburger.edu CNAME nobody.crepes.fr 3599 | crepes.fr SOA crepes.fr hostmaster.crepes.fr 1 3600 600 604800 300 300 |",
                "pc5 gone.hamburger.edu A, pc3 nobody.crepes.fr A, pc6 nobody.crepes.fr A, pc7 nobody.crepes.fr A");
    assert_walk(w, "com", DNS_TYPE_A, "NXDOMAIN rd ra | | . SOA . hostmaster 1 3600 600 604800 300 300 |", "pc3 com A");
    done(w);
}

/* A name server of which only the name is known has to be looked up first. */
static void servers_without_glue(void **state) {
    (void)state;
    World *w = internet(3);
    assert_walk(w, "www.twin.edu", DNS_TYPE_A, "NOERROR rd ra | www.twin.edu A 198.51.100.81 3600 | |",
                "pc3 www.twin.edu A, pc4 www.twin.edu A, pc3 ns.twin.fr A, pc6 ns.twin.fr A, pc7 www.twin.edu A");
    /* Two zones whose servers stand in each other: nobody can ever find them. */
    size_t since = mark(w);
    assert_answer(w, "pc2", resolver, (Asking){.name = "www.loop.edu", .type = DNS_TYPE_A, .rd = true}, "SERVFAIL rd ra | | |");
    Text walk = walk_since(w, since);
    size_t queries = 1;
    for (const char *c = text_get(&walk); *c; c++) queries += *c == ',';
    if (queries > 10) fail_msg("%zu queries: %s", queries, text_get(&walk));
    text_free(&walk);
    const int64_t *values = NULL;
    assert_true(facts_since(w, since, "pc2", &fact_dns_failed, &values, NULL) > 0);
    /* A zone whose only server is said to be where there is none. */
    assert_answer(w, "pc2", resolver, (Asking){.name = "www.nowhere", .type = DNS_TYPE_A, .rd = true}, "SERVFAIL rd ra | | |");
    facts_since(w, since, "pc2", &fact_dns_failed, &values, NULL);
    assert_string_equal(trace_fact_name(values[1]), "dns.no_server");
    done(w);
}

/* Glue that has gone before the delegation it belongs to: the zone above tells it again. */
static void glue_that_expired(void **state) {
    (void)state;
    World *w = network_lan(4, "switch", 4);
    world_do(w, "{'do':'service','host':'pc2','service':'dns_resolver','config':{'roots':'192.168.1.3'}}");
    serve(w, "pc3", "'.':{'ttl':'2d','records':[['edu','NS','ns.edu'],['ns.edu','1m','A','192.168.1.4']]}");
    serve(w, "pc4", "'edu':{'records':[['a','A','10.0.0.1'],['b','A','10.0.0.2'],['ns','A','192.168.1.4']]}");
    assert_walk(w, "a.edu", DNS_TYPE_A, "NOERROR rd ra | a.edu A 10.0.0.1 3600 | |", "pc3 a.edu A, pc4 a.edu A");
    run_for(w, 60 * SIM_SECOND);
    assert_walk(w, "b.edu", DNS_TYPE_A, "NOERROR rd ra | b.edu A 10.0.0.2 3600 | |", "pc3 ns.edu A, pc4 b.edu A");
    done(w);
}

static bool has_failed(World *w, size_t since, const char *reason) {
    const Trace *trace = world_trace(w);
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || r->host != world_find(w, "pc2") || trace_fact_spec(trace, r) != &fact_dns_failed) continue;
        if (strcmp(trace_fact_name(trace_fact_values(trace, r)[1]), reason) == 0) return true;
    }
    return false;
}

static void servers_that_do_not_answer(void **state) {
    (void)state;
    World *w = internet(5);
    size_t since = mark(w);
    SimTime start = world_now(w);
    /* Four times, after 1, 2, 4 and 6 seconds the last wait is over. */
    assert_walk(w, "www.dead", DNS_TYPE_A, "SERVFAIL rd ra | | |", "pc3 www.dead A");
    const int64_t *values = NULL;
    TraceRecord failed;
    assert_int_equal(facts_since(w, since, "pc2", &fact_dns_failed, &values, &failed), 1);
    assert_string_equal(trace_fact_name(values[1]), "dns.no_answer");
    assert_in_range(failed.at - start, 6 * SIM_SECOND, 6 * SIM_SECOND + 50 * SIM_MILLISECOND);
    /* The next of a zone's servers is asked; then the one that is dead is asked first no more often than the order says. */
    assert_answer(w, "pc2", resolver, (Asking){.name = "www.half.edu", .type = DNS_TYPE_A, .rd = true}, "NOERROR rd ra | www.half.edu A 192.0.2.50 3600 | |");
    /* A server that knows nothing of its zone (lame) refuses; for five seconds that is remembered. */
    since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.lame'}");
    run_for(w, SIM_SECOND);
    Text walk = walk_since(w, since);
    assert_string_equal(text_get(&walk), "pc3 www.lame A, pc5 www.lame A, pc5 www.lame A, pc5 www.lame A, pc5 www.lame A");
    text_free(&walk);
    assert_true(has_failed(w, since, "dns.lame") && has_failed(w, since, "dns.server_failure")); /* the stub asks twice */
    since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.lame'}");
    run_for(w, SIM_SECOND);
    walk = walk_since(w, since);
    assert_string_equal(text_get(&walk), "");
    text_free(&walk);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "SERVFAIL", NULL), 2);
    done(w);
}

static void aliases_in_a_circle(void **state) {
    (void)state;
    World *w = internet(6);
    assert_answer(w, "pc2", resolver, (Asking){.name = "ring.hamburger.edu", .type = DNS_TYPE_A, .rd = true}, "SERVFAIL rd ra | | |");
    done(w);
}

/* Only what a server was asked about is believed of it: records of other zones in its answer are passed over. */
static void what_is_not_believed(void **state) {
    (void)state;
    World *w = network_lan(4, "switch", 7);
    world_do(w, "{'do':'service','host':'pc2','service':'dns_resolver','config':{'roots':'192.168.1.3'}}");
    serve(w, "pc3", "'.':{'records':[['edu','NS','ns.edu'],['ns.edu','A','192.168.1.4'],['fr','NS','ns.fr'],['ns.fr','A','192.168.1.3']]},'fr':{'records':[['bank','A','192.0.2.1'],['ns.bank','A','192.168.1.3']]},'snare.edu':{'records':[['www','A','192.0.2.2']]}");
    serve(w, "pc4", "'edu':{'records':[['trap','CNAME','bank.fr'],['snare','NS','ns.bank.fr']]},'fr':{'records':[['bank','A','6.6.6.6'],['ns.bank','A','6.6.6.6']]}"); /* pc4 knows more than it should */
    assert_walk(w, "trap.edu", DNS_TYPE_A, "NOERROR rd ra | trap.edu CNAME bank.fr 3599, bank.fr A 192.0.2.1 3600 | |", "pc3 trap.edu A, pc4 trap.edu A, pc3 bank.fr A");
    /* Glue of another zone is none: the server's address is asked of those who know. */
    assert_walk(w, "www.snare.edu", DNS_TYPE_A, "NOERROR rd ra | www.snare.edu A 192.0.2.2 3600 | |", "pc4 www.snare.edu A, pc3 ns.bank.fr A, pc3 www.snare.edu A");
    done(w);
}

/* Two askers at once are answered by one walk; a question that is repeated meanwhile waits for the first. */
static void several_askers(void **state) {
    (void)state;
    World *w = internet(8);
    world_do(w, "{'do':'address','host':'pc7','address':'192.168.1.7','dns':'192.168.1.2','probe':false}");
    run_for(w, SIM_SECOND);
    size_t since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.dead'}");
    world_do(w, "{'do':'lookup','host':'pc7','name':'www.dead'}");
    run_for(w, 6 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc2", "dns.asked_already", NULL), 2); /* both ask again after five seconds */
    run_for(w, 4 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "SERVFAIL", NULL), 2);
    done(w);
    /* More questions than it can keep in mind at once. */
    w = internet(9);
    static const char *const hosts[] = {"pc1", "pc6", "pc7"};
    for (int i = 0; i < 3; i++) {
        world_do(w, "{'do':'address','host':'%s','address':'192.168.1.%c','dns':'192.168.1.2','probe':false}", hosts[i], hosts[i][2]);
        ping(w, hosts[i], "192.168.1.2"); /* ARP keeps few packets waiting */
    }
    run_for(w, SIM_SECOND);
    since = mark(w);
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 16; k++) world_do(w, "{'do':'lookup','host':'%s','name':'n%d-%d.dead'}", hosts[i], i, k);
    }
    run_for(w, 2 * SIM_SECOND);
    assert_true(ignored_since(w, since, "pc2", "dns.too_many_questions", NULL) >= 16);
    assert_true(messages_since(w, since, "pc2", MESSAGE_SENT, "SERVFAIL", NULL) >= 16);
    done(w);
}

static void switched_off_meanwhile(void **state) {
    (void)state;
    World *w = internet(10);
    /* Shut down while asking, and while waiting for a server's address. */
    world_do(w, "{'do':'crash','host':'pc6'}");
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.dead'}");
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.twin.edu'}");
    run_for(w, SIM_SECOND / 2);
    uint32_t pc2 = world_find(w, "pc2");
    bool awaiting = false;
    for (uint32_t i = 0; i < 4; i++) awaiting = awaiting || strcmp(world_machine_state(w, pc2, "dns.recursor", i), "AWAITING") == 0;
    assert_true(awaiting);
    world_do(w, "{'do':'shutdown','host':'pc2'}");
    run_for(w, 5 * SIM_SECOND);
    for (uint32_t i = 0; i < 4; i++) assert_string_equal(world_machine_state(w, pc2, "dns.recursor", i), "IDLE");
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    assert_walk(w, "hamburger.edu", DNS_TYPE_MX, "NOERROR rd ra | hamburger.edu MX 10 mail.hamburger.edu 3600 | |", "pc3 hamburger.edu MX, pc4 hamburger.edu MX, pc5 hamburger.edu MX"); /* all was forgotten */
    world_do(w, "{'do':'lookup','host':'pc1','name':'www.dead'}");
    run_for(w, SIM_SECOND / 2);
    size_t sockets = network_host(w, "pc2")->stack->socket_count;
    world_do(w, "{'do':'crash','host':'pc2'}");
    assert_int_equal(network_host(w, "pc2")->stack->socket_count, sockets - 2); /* 53 and the question's own */
    for (uint32_t i = 0; i < 4; i++) assert_string_equal(world_machine_state(w, pc2, "dns.recursor", i), "IDLE");
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    run_for(w, 60 * SIM_SECOND);
    done(w);
}

/* Three of ten datagrams are lost on the resolver's cable, either way: the name is found all the same, or the asker is told. */
static void loss(void **state) {
    (void)state;
    size_t found = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        World *w = internet(seed);
        world_do(w, "{'do':'cable','host':'pc2','loss':'30%%'}");
        const int64_t *values = NULL;
        size_t good = 0;
        for (size_t tries = 1; tries <= 4 && good == 0; tries++) {
            world_do(w, "{'do':'lookup','host':'pc1','name':'www.hamburger.edu'}");
            run_for(w, 60 * SIM_SECOND);
            good = facts_since(w, 0, "pc1", &fact_dns_resolved, &values, NULL);
            assert_int_equal(good + facts_since(w, 0, "pc1", &fact_dns_failed, NULL, NULL), tries);
        }
        if (good) assert_int_equal(values[1], 0xc6336450);
        found += good;
        for (uint32_t i = 0; i < 4; i++) assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.recursor", i), "IDLE");
        done(w);
    }
    if (found < 36) fail_msg("found %zu times of 40", found);
}

/* Answers too long for a datagram: by TCP from the server to the resolver, and from the resolver to the asker. */
static void long_answers(void **state) {
    (void)state;
    Text records = text_new();
    World *w = network_lan(4, "switch", 12);
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.1','dns':'192.168.1.2','probe':false}");
    world_do(w, "{'do':'service','host':'pc2','service':'dns_resolver','config':{'roots':'192.168.1.3'}}");
    serve(w, "pc3", "'.':{'records':[['edu','NS','ns.edu'],['ns.edu','A','192.168.1.4']]}");
    text_put(&records, "'edu':{'records':[['few','A','10.0.0.1']");
    for (int i = 0; i < 60; i++) text_print(&records, ",['many','A','10.0.1.%d']", i);
    for (int i = 0; i < 20; i++) text_print(&records, ",['huge','TXT','%d %0200d']", i, i);
    text_put(&records, "]}");
    serve(w, "pc4", text_get(&records));
    text_free(&records);
    run_for(w, SIM_SECOND);
    size_t since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'many.edu'}"); /* 60 addresses fit 1232 octets, not 512 */
    run_for(w, 2 * SIM_SECOND);
    const int64_t *values = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_dns_resolved, &values, NULL), 1);
    assert_int_equal(values[1], 0x0a000100);
    assert_true(messages_since(w, since, "pc1", MESSAGE_SENT, "SYN", NULL) > 0);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "SYN", NULL), 0);
    since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'huge.edu','type':'TXT'}"); /* neither */
    run_for(w, 2 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_dns_answered, &values, NULL), 1);
    assert_int_equal(strlen(trace_fact_name(values[2])), 10 * (204 + 2) + 10 * (205 + 2) - 2);
    assert_true(messages_since(w, since, "pc2", MESSAGE_SENT, "SYN", NULL) > 0);
    /* Power fails in the middle. */
    for (int step = 1; step < 40; step++) {
        world_do(w, "{'do':'crash','host':'pc1'}");
        world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
        world_do(w, "{'do':'crash','host':'pc2'}");
        world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
        world_do(w, "{'do':'lookup','host':'pc1','name':'huge.edu','type':'TXT'}");
        run_for(w, step * SIM_MILLISECOND);
    }
    since = mark(w);
    world_do(w, "{'do':'shutdown','host':'pc1'}");
    run_for(w, 30 * SIM_SECOND);
    done(w);
}

/* A host that knows nothing but what DHCP told it (row D1) finds a name through the resolver. */
static void told_by_dhcp(void **state) {
    (void)state;
    World *w = internet(13);
    world_do(w, "{'do':'service','host':'pc3','service':'dhcp_server','config':{'pools':[['192.168.1.100','192.168.1.110']],'dns':'192.168.1.2'}}");
    world_do(w, "{'do':'host','name':'new'}");
    world_do(w, "{'do':'attach','host':'new','lan':'lan1'}");
    world_do(w, "{'do':'service','host':'new','service':'dhcp_client','config':{'initial_delay':'0s'}}");
    world_do(w, "{'do':'boot','host':'new'}");
    run_for(w, 30 * SIM_SECOND);
    size_t since = mark(w);
    world_do(w, "{'do':'lookup','host':'new','name':'hamburger.edu','type':'MX'}");
    run_for(w, SIM_SECOND);
    const int64_t *values = NULL;
    assert_int_equal(facts_since(w, since, "new", &fact_dns_answered, &values, NULL), 1);
    assert_string_equal(trace_fact_name(values[2]), "10 mail.hamburger.edu");
    assert_int_equal(values[3], resolver);
    done(w);
}

static void beside_a_server(void **state) {
    (void)state;
    World *w = internet(11);
    serve(w, "pc2", "'home.lan':{'records':[['pc1','A','192.168.1.1'],['old','NS','ns.old.home.lan'],['www','CNAME','www.crepes.fr']]}");
    assert_walk(w, "pc1.home.lan", DNS_TYPE_A, "NOERROR aa rd ra | pc1.home.lan A 192.168.1.1 3600 | |", "");
    assert_walk(w, "www.crepes.fr", DNS_TYPE_A, "NOERROR rd ra | www.crepes.fr A 198.51.100.80 1800 | |", "pc3 www.crepes.fr A, pc6 www.crepes.fr A, pc7 www.crepes.fr A");
    Text refused = world_refuses(w, "{'do':'service','host':'pc2','service':'dns_server','config':{'zones':{'a.b':{}}}}");
    assert_non_null(strstr(text_get(&refused), "runs a dns_server already"));
    text_free(&refused);
    refused = world_refuses(w, "{'do':'service','host':'pc1','service':'dns_resolver','config':{}}");
    assert_non_null(strstr(text_get(&refused), "roots: the address of one of the root's name servers expected"));
    text_free(&refused);
    done(w);
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < dns_recursor_spec.row_count; i++) {
        const MachineRow *row = &dns_recursor_spec.rows[i];
        if (recursor_rows[i] || row->from == DNS_RECURSOR_BY_TCP) continue; /* those in tests/proto/test_dns_tcp.c */
        print_error("not taken: %s, %s [%s]\n", dns_recursor_spec.states[row->from], dns_recursor_spec.inputs[row->input].name, row->guard ? row->guard_name : "-");
        missing++;
    }
    assert_int_equal(missing, 0);
    assert_true(handed_over);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(from_the_root_down), cmocka_unit_test(what_does_not_exist), cmocka_unit_test(servers_without_glue), cmocka_unit_test(glue_that_expired),
        cmocka_unit_test(servers_that_do_not_answer), cmocka_unit_test(aliases_in_a_circle), cmocka_unit_test(what_is_not_believed), cmocka_unit_test(several_askers),
        cmocka_unit_test(switched_off_meanwhile), cmocka_unit_test(loss), cmocka_unit_test(long_answers), cmocka_unit_test(told_by_dhcp), cmocka_unit_test(beside_a_server),
        cmocka_unit_test(every_arrow_was_taken), /* the last */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
