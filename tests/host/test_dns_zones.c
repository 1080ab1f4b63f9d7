/* The authoritative server: what it says about its zones, arrow by arrow; and mistakes in zones. */
#include "host/dns_asking.h"

static bool server_rows[64];

static void done(World *w) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_STATE && trace_directory(trace)->machines[r->machine].spec == &dns_server_spec) server_rows[r->state.row] = true;
    }
    world_free(w);
}

#define SOA "ns.hamburger.edu hostmaster.hamburger.edu 1 3600 600 604800 300"
static const Ipv4Address server = 0xc0a80102;

/* pc2 (.2) has authority for hamburger.edu and a zone for addresses. */
static World *with_zones(void) {
    World *w = network_lan(2, "switch", 3);
    world_do(w, "{'do':'service','host':'pc2','service':'dns_server','config':{'ttl':'1h','zones':{"
                "'hamburger.edu':{'ns':['ns','ns.crepes.fr'],'records':[['ns','A','192.0.2.53'],['@','MX',10,'mail'],['@','MX',20,'backup.crepes.fr'],"
                "['mail','60s','A','192.0.2.25'],['mail','A','192.0.2.26'],['www','CNAME','mail'],['far','CNAME','www.crepes.fr'],['nowhere','CNAME','no.such'],['gone','CNAME','gone2'],"
                "['ring1','CNAME','ring2'],['ring2','CNAME','ring1'],['@','TXT','v=spf1 mx -all','two \\u0022words'],"
                "['cs','NS','ns.cs.hamburger.edu'],['ns.cs','A','192.0.2.99'],['www.cs','A','192.0.2.98'],"
                "['*.lab','A','192.0.2.77'],['*.lab','MX',5,'mail'],['known.lab','TXT','here'],['a.b.deep','A','192.0.2.1'],['whole.hamburger.edu','A','192.0.2.60']]},"
                "'2.0.192.in-addr.arpa':{'ttl':'2h','soa':{'primary':'ns.hamburger.edu','mailbox':'root.hamburger.edu','serial':2026010101,'refresh':'2h','retry':'15m','expire':'14d','minimum':'1h'},'records':[['25','PTR','mail.hamburger.edu']]}}}}");
    run_for(w, SIM_SECOND);
    return w;
}

static void what_stands_in_a_zone(void **state) {
    (void)state;
    World *w = with_zones();
    static const struct {
        const char *name;
        uint16_t type;
        const char *expected;
    } cases[] = {
        {"MAIL.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | MAIL.hamburger.edu A 192.0.2.25 60, MAIL.hamburger.edu A 192.0.2.26 3600 | |"},
        {"hamburger.edu", DNS_TYPE_MX, "NOERROR aa rd | hamburger.edu MX 10 mail.hamburger.edu 3600, hamburger.edu MX 20 backup.crepes.fr 3600 | | mail.hamburger.edu A 192.0.2.25 60, mail.hamburger.edu A 192.0.2.26 3600"},
        {"hamburger.edu", DNS_TYPE_NS, "NOERROR aa rd | hamburger.edu NS ns.hamburger.edu 3600, hamburger.edu NS ns.crepes.fr 3600 | | ns.hamburger.edu A 192.0.2.53 3600"},
        {"hamburger.edu", DNS_TYPE_SOA, "NOERROR aa rd | hamburger.edu SOA " SOA " 3600 | |"},
        {"hamburger.edu", DNS_TYPE_TXT, "NOERROR aa rd | hamburger.edu TXT \"v=spf1 mx -all\" \"two \\\"words\" 3600 | |"},
        {"25.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "NOERROR aa rd | 25.2.0.192.in-addr.arpa PTR mail.hamburger.edu 7200 | |"},
        {"whole.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | whole.hamburger.edu A 192.0.2.60 3600 | |"},
        /* Aliases: followed as far as our zones go (RFC 1034 section 4.3.2 step 3a). */
        {"www.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | www.hamburger.edu CNAME mail.hamburger.edu 3600, mail.hamburger.edu A 192.0.2.25 60, mail.hamburger.edu A 192.0.2.26 3600 | |"},
        {"www.hamburger.edu", DNS_TYPE_CNAME, "NOERROR aa rd | www.hamburger.edu CNAME mail.hamburger.edu 3600 | |"},
        {"www.hamburger.edu", DNS_TYPE_MX, "NOERROR aa rd | www.hamburger.edu CNAME mail.hamburger.edu 3600 | hamburger.edu SOA " SOA " 300 |"},
        {"far.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | far.hamburger.edu CNAME www.crepes.fr 3600 | |"},
        {"gone.hamburger.edu", DNS_TYPE_A, "NXDOMAIN aa rd | gone.hamburger.edu CNAME gone2.hamburger.edu 3600 | hamburger.edu SOA " SOA " 300 |"},
        {"ring1.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | ring1.hamburger.edu CNAME ring2.hamburger.edu 3600, ring2.hamburger.edu CNAME ring1.hamburger.edu 3600 | |"},
        /* Nothing of the type, and no such name: RFC 2308. */
        {"mail.hamburger.edu", DNS_TYPE_MX, "NOERROR aa rd | | hamburger.edu SOA " SOA " 300 |"},
        {"deep.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | | hamburger.edu SOA " SOA " 300 |"}, /* it exists: a name below it does */
        {"no.hamburger.edu", DNS_TYPE_A, "NXDOMAIN aa rd | | hamburger.edu SOA " SOA " 300 |"},
        {"9.2.0.192.in-addr.arpa", DNS_TYPE_PTR, "NXDOMAIN aa rd | | 2.0.192.in-addr.arpa SOA ns.hamburger.edu root.hamburger.edu 2026010101 7200 900 1209600 3600 3600 |"},
        /* Wildcards: RFC 4592 section 2.2.1's rules. */
        {"pc7.lab.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | pc7.lab.hamburger.edu A 192.0.2.77 3600 | |"},
        {"x.y.lab.hamburger.edu", DNS_TYPE_MX, "NOERROR aa rd | x.y.lab.hamburger.edu MX 5 mail.hamburger.edu 3600 | | mail.hamburger.edu A 192.0.2.25 60, mail.hamburger.edu A 192.0.2.26 3600"},
        {"pc7.lab.hamburger.edu", DNS_TYPE_TXT, "NOERROR aa rd | | hamburger.edu SOA " SOA " 300 |"},
        {"known.lab.hamburger.edu", DNS_TYPE_A, "NOERROR aa rd | | hamburger.edu SOA " SOA " 300 |"}, /* a name that is there is no wildcard's */
        {"x.known.lab.hamburger.edu", DNS_TYPE_A, "NXDOMAIN aa rd | | hamburger.edu SOA " SOA " 300 |"},
        /* What was given to others: a referral with glue. */
        {"www.cs.hamburger.edu", DNS_TYPE_A, "NOERROR rd | | cs.hamburger.edu NS ns.cs.hamburger.edu 3600 | ns.cs.hamburger.edu A 192.0.2.99 3600"},
        {"cs.hamburger.edu", DNS_TYPE_NS, "NOERROR rd | | cs.hamburger.edu NS ns.cs.hamburger.edu 3600 | ns.cs.hamburger.edu A 192.0.2.99 3600"},
        {"www.crepes.fr", DNS_TYPE_A, "REFUSED rd | | |"},
        {".", DNS_TYPE_NS, "REFUSED rd | | |"},
        {"hamburger.edu", DNS_TYPE_AXFR, "REFUSED rd | | |"},
        {"mail.hamburger.edu", DNS_TYPE_ANY, "NOERROR aa rd | mail.hamburger.edu A 192.0.2.25 60, mail.hamburger.edu A 192.0.2.26 3600 | |"},
        {"www.hamburger.edu", DNS_TYPE_ANY, "NOERROR aa rd | www.hamburger.edu CNAME mail.hamburger.edu 3600 | |"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_answer(w, "pc2", server, (Asking){.name = cases[i].name, .type = cases[i].type, .rd = true}, cases[i].expected);
    done(w);
}

static void the_header_and_edns(void **state) {
    (void)state;
    World *w = with_zones();
    assert_answer(w, "pc2", server, (Asking){.name = "ns.hamburger.edu", .type = DNS_TYPE_A, .edns = 4096}, "NOERROR aa | ns.hamburger.edu A 192.0.2.53 3600 | | OPT 1232");
    assert_answer(w, "pc2", server, (Asking){.name = "ns.hamburger.edu", .type = DNS_TYPE_A, .edns = 4096, .version = 1}, "BADVERS | | | OPT 1232");
    assert_answer(w, "pc2", server, (Asking){.name = "ns.hamburger.edu", .type = DNS_TYPE_A, .edns = 4096, .opts = 1}, "FORMERR | | | OPT 1232");
    assert_answer(w, "pc2", server, (Asking){.without_question = true}, "FORMERR | | |");
    assert_answer(w, "pc2", server, (Asking){.name = "ns.hamburger.edu", .type = DNS_TYPE_A, .opcode = 2}, "NOTIMP | | |");
    assert_answer(w, "pc2", server, (Asking){.name = "ns.hamburger.edu", .type = DNS_TYPE_A, .class = 3}, "REFUSED | | |");
    done(w);
}

/* Forty addresses: 12 + 21 + 40 * 16 octets. */
static void what_does_not_fit(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 3);
    Text config = text_new();
    text_put(&config, "{'do':'service','host':'pc2','service':'dns_server','config':{'zones':{'big.edu':{'records':[['@','MX',1,'one'],['@','MX',2,'many'],['one','A','10.0.0.1']");
    for (int i = 0; i < 40; i++) text_print(&config, ",['many','A','10.0.1.%d']", i);
    for (int i = 0; i < 30; i++) text_print(&config, ",['cut','NS','ns%d.cut.big.edu'],['ns%d.cut','A','10.0.2.%d']", i, i, i);
    text_put(&config, "]}}}}");
    world_do(w, "%s", text_get(&config));
    text_free(&config);
    assert_answer(w, "pc2", server, (Asking){.name = "many.big.edu", .type = DNS_TYPE_A}, "NOERROR aa tc | | |"); /* an RRset is given whole or not at all */
    /* Additional addresses that don't fit are no loss (RFC 2181 section 9). */
    assert_answer(w, "pc2", server, (Asking){.name = "big.edu", .type = DNS_TYPE_MX}, "NOERROR aa | big.edu MX 1 one.big.edu 3600, big.edu MX 2 many.big.edu 3600 | | one.big.edu A 10.0.0.1 3600");
    assert_answer(w, "pc2", server, (Asking){.name = "x.cut.big.edu", .type = DNS_TYPE_A}, "NOERROR tc | | |");
    Text text = ask(w, "pc2", server, (Asking){.name = "many.big.edu", .type = DNS_TYPE_A, .edns = 1232});
    assert_non_null(strstr(text_get(&text), "many.big.edu A 10.0.1.39 3600 | | OPT 1232"));
    text_free(&text);
    assert_answer(w, "pc2", server, (Asking){.name = "many.big.edu", .type = DNS_TYPE_A, .edns = 600}, "NOERROR aa tc | | | OPT 1232");
    assert_answer(w, "pc2", server, (Asking){.name = "many.big.edu", .type = DNS_TYPE_A, .edns = 100}, "NOERROR aa tc | | | OPT 1232"); /* 512 is the least */
    done(w);
}

static void power(void **state) {
    (void)state;
    World *w = with_zones();
    assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.server", 0), "LISTENING");
    world_do(w, "{'do':'shutdown','host':'pc2'}");
    assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.server", 0), "CLOSED");
    done(w);
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *zones, *message;
    } cases[] = {
        {"{}", "zones: "}, /* an empty table serves nothing */
        {"5", "zones: zones = { [\"example.org\"]"},
        {"{'a b':{}}", "zones[\"a b\"]: a domain name such as"},
        {"{'a.edu':5}", "zones[\"a.edu\"]: a table expected"},
        {"{'a.edu':{'record':[]}}", "zones[\"a.edu\"].record: unknown field \"record\"; did you mean \"records\"?"},
        {"{'a.edu':{'records':5}}", "zones[\"a.edu\"].records: a list of records expected"},
        {"{'a.edu':{'records':[['www','A']]}}", "zones[\"a.edu\"].records[1]: name, type and data"},
        {"{'a.edu':{'records':[['www','A','1.2.3.4'],['w w','A','1.2.3.4']]}}", "zones[\"a.edu\"].records[2]: a name in this zone"},
        {"{'a.edu':{'records':[['www.b.edu.','A','1.2.3.4']]}}", "zones[\"a.edu\"].records[1]: a name in this zone"},
        {"{'a.edu':{'records':[['www','AA','1.2.3.4']]}}", "zones[\"a.edu\"].records[1]: a type (A, NS, CNAME"},
        {"{'a.edu':{'records':[['www','5parsecs','A','1.2.3.4']]}}", "zones[\"a.edu\"].records[1]: a type (A, NS, CNAME"},
        {"{'a.edu':{'records':[['www','A','1.2.3']]}}", "zones[\"a.edu\"].records[1]: { \"www\", \"A\", \"192.0.2.80\" }"},
        {"{'a.edu':{'records':[['@','MX','mail']]}}", "zones[\"a.edu\"].records[1]: a preference and a name"},
        {"{'a.edu':{'records':[['@','MX',65536,'mail']]}}", "zones[\"a.edu\"].records[1]: a preference and a name"},
        {"{'a.edu':{'records':[['www','CNAME','a..b']]}}", "zones[\"a.edu\"].records[1]: a name such as"},
        {"{'a.edu':{'records':[['@','TXT',5]]}}", "zones[\"a.edu\"].records[1]: one or more texts"},
        {"{'a.edu':{'records':[['www','CNAME','b'],['www','A','1.2.3.4']]}}", "zones[\"a.edu\"]: www.a.edu is an alias (CNAME), so"},
        {"{'a.edu':{'records':[['cs','NS','ns.cs'],['ns.cs','A','1.2.3.4']]}}", "zones[\"a.edu\"]: the whole name \"ns.cs.a.edu\" expected, \"ns.cs\" given"},
        {"{'a.edu':{'ns':5}}", "zones[\"a.edu\"].ns: the name of a name server"},
        {"{'a.edu':{'ttl':'500ms'}}", "zones[\"a.edu\"].ttl: whole seconds"},
        {"{'a.edu':{'soa':{'minimun':'5m'}}}", "zones[\"a.edu\"].soa.minimun: unknown field \"minimun\"; did you mean \"minimum\"?"},
        {"{'a.edu':{'soa':{'retry':'soon'}}}", "zones[\"a.edu\"].soa.retry: whole seconds"},
        {"{'a.edu':{'soa':{'primary':'a..b'}}}", "zones[\"a.edu\"].soa.primary: a name such as"},
        {"{'a.edu':{},'A.EDU.':{}}", "zones: each zone once"},
    };
    World *w = network_lan(1, "switch", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text refused = world_refuses(w, "{'do':'service','host':'pc1','service':'dns_server','config':{'zones':%s}}", cases[i].zones);
        if (strncmp(text_get(&refused), cases[i].message, strlen(cases[i].message)) != 0) fail_msg("%s: %s", cases[i].zones, text_get(&refused));
        text_free(&refused);
    }
    world_free(w);
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < dns_server_spec.row_count; i++) {
        const char *guard = dns_server_spec.rows[i].guard ? dns_server_spec.rows[i].guard_name : "-";
        if (server_rows[i] || strcmp(guard, "is_for_the_resolver") == 0) continue; /* taken in test_dns_walk.c */
        print_error("not taken: %s [%s]\n", dns_server_spec.inputs[dns_server_spec.rows[i].input].name, guard);
        missing++;
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_stands_in_a_zone), cmocka_unit_test(the_header_and_edns), cmocka_unit_test(what_does_not_fit), cmocka_unit_test(power), cmocka_unit_test(mistakes),
        cmocka_unit_test(every_arrow_was_taken), /* the last */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
