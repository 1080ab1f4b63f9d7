/* Looking names up: the resolver's and the server's arrows, each taken here. */
#include "host/world_inside.h"
#include "proto/dns/facts.h"
#include "stack/facts.h"
#include "stack/network.h"

static bool resolver_rows[64];

static void done(World *w) {
    const Trace *trace = world_trace(w);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_STATE) continue;
        const MachineSpec *spec = trace_directory(trace)->machines[r->machine].spec;
        if (spec == &dns_resolver_spec) resolver_rows[r->state.row] = true;
    }
    world_free(w);
}

/* pc1 (.1), told of the name servers .2 and .3; names on pc2; nothing on pc3 yet. */
static World *with_servers(const char *servers) {
    World *w = network_lan(3, "switch", 5);
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.1','dns':%s,'probe':false}", servers);
    world_do(w, "{'do':'service','host':'pc2','service':'dns_server','config':{'ttl':'60s','names':{'www.example.org':'192.168.1.2','Many.example.org':['192.168.1.3','192.168.1.2']}}}");
    run_for(w, 10 * SIM_SECOND);
    return w;
}

static void look_up(World *w, const char *name) { world_do(w, "{'do':'lookup','host':'pc1','name':'%s'}", name); }

/* The address that the only look-up since `since` gave, or 0 and its reason. */
static Ipv4Address found(World *w, size_t since, const char *reason) {
    const int64_t *values = NULL;
    size_t good = facts_since(w, since, "pc1", &fact_dns_resolved, &values, NULL);
    Ipv4Address address = good ? (Ipv4Address)values[1] : 0;
    size_t bad = facts_since(w, since, "pc1", &fact_dns_failed, &values, NULL);
    assert_int_equal(good + bad, 1);
    if (bad) assert_string_equal(trace_fact_name(values[1]), reason);
    return address;
}

static void a_name_is_found_and_remembered(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.2']");
    size_t since = mark(w);
    look_up(w, "WWW.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(found(w, since, ""), 0xc0a80102);
    const int64_t *values = NULL;
    facts_since(w, since, "pc1", &fact_dns_resolved, &values, NULL);
    assert_string_equal(trace_fact_name(values[0]), "WWW.example.org");
    assert_int_equal(values[2], 0xc0a80102);
    assert_true(values[3] == 60 * SIM_SECOND && values[4] == 0);
    TraceRecord query, response;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", &query), 1);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "response", &response), 1);
    assert_int_equal(query.small, TRACE_PROTO_DNS);
    assert_int_equal(response.small, TRACE_PROTO_DNS);
    FrameSummary s = frame_of(w, query.message.frame);
    assert_int_equal(s.destination_port, 53);
    assert_true(s.source_port >= 49152);
    assert_false(udp_open(network_host(w, "pc2")->stack, &(UdpSocket){.port = 53}));
    assert_true(udp_open(network_host(w, "pc1")->stack, &(UdpSocket){.port = s.source_port})); /* closed again */
    udp_close(network_host(w, "pc1")->stack, s.source_port);
    /* Another case is the same name; for a minute it is known. */
    run_for(w, 50 * SIM_SECOND);
    since = mark(w);
    look_up(w, "www.EXAMPLE.org");
    assert_int_equal(found(w, since, ""), 0xc0a80102);
    facts_since(w, since, "pc1", &fact_dns_resolved, &values, NULL);
    assert_int_equal(values[4], 1);
    assert_true(values[3] > 8 * SIM_SECOND && values[3] < 10 * SIM_SECOND);
    run_for(w, 10 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 0);
    since = mark(w);
    look_up(w, "www.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1);
    assert_int_equal(found(w, since, ""), 0xc0a80102);
    /* Power off, and it is forgotten. */
    world_do(w, "{'do':'crash','host':'pc1'}");
    world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
    since = mark(w);
    look_up(w, "www.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1);
    since = mark(w);
    look_up(w, "many.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(found(w, since, ""), 0xc0a80103); /* the first of the two */
    done(w);
}

static void what_is_not_found(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.2']");
    size_t since = mark(w);
    look_up(w, "nowhere.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(found(w, since, "dns.name_error"), 0);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "NXDOMAIN", NULL), 1);
    done(w);
    w = with_servers("[]");
    since = mark(w);
    look_up(w, "www.example.org");
    assert_int_equal(found(w, since, "dns.no_server"), 0);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, NULL, NULL), 0);
    done(w);
}

/* Five seconds a server, twice each, in turn. */
static void servers_are_asked_in_turn(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.3','192.168.1.2']");
    world_do(w, "{'do':'udp','host':'pc3','to':'192.168.1.1','port':9,'text':'x'}");
    run_for(w, SIM_SECOND);
    world_do(w, "{'do':'crash','host':'pc3'}"); /* known by ARP still, and silent */
    size_t since = mark(w);
    SimTime start = world_now(w);
    look_up(w, "www.example.org");
    run_for(w, 30 * SIM_SECOND);
    assert_int_equal(found(w, since, ""), 0xc0a80102);
    TraceRecord query;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", &query), 2);
    assert_in_range(query.at - start, 5 * SIM_SECOND, 5 * SIM_SECOND + 10 * SIM_MILLISECOND); /* and ARP */
    world_do(w, "{'do':'crash','host':'pc2'}");
    since = mark(w);
    start = world_now(w);
    look_up(w, "other.example.org");
    run_for(w, 30 * SIM_SECOND);
    assert_int_equal(found(w, since, "dns.no_answer"), 0);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", &query), 4);
    assert_int_equal(query.at - start, 15 * SIM_SECOND);
    TraceRecord failed;
    facts_since(w, since, "pc1", &fact_dns_failed, NULL, &failed);
    assert_int_equal(failed.at - start, 20 * SIM_SECOND);
    done(w);
}

/* pc3 answers by hand: what it sends to pc1's look-up, whose query has just gone out. */
typedef struct {
    World *w;
    uint16_t id, port;
    DnsMessage message;
} ByHand;

static ByHand last_query_to_pc3(World *w) {
    TraceRecord query;
    assert_true(messages_since(w, 0, "pc1", MESSAGE_SENT, "query A", &query) > 0);
    Bytes frame = frame_store_get(trace_frames(world_trace(w)), query.message.frame);
    ByHand hand = {.w = w, .port = frame_of(w, query.message.frame).source_port};
    ParseFault fault;
    assert_true(dns_message_decode(bytes_slice(frame, query.message.offset, query.message.size), &hand.message, &fault));
    hand.id = hand.message.id;
    hand.message.qr = true;
    return hand;
}

static ByHand query_to_pc3(World *w, const char *name) {
    world_do(w, "{'do':'lookup','host':'pc1','name':'%s'}", name);
    run_for(w, 100 * SIM_MILLISECOND);
    return last_query_to_pc3(w);
}

static void answer_by_hand(const ByHand *hand, const char *from) {
    uint8_t octets[512];
    ByteWriter writer = byte_writer(octets, sizeof octets);
    dns_message_encode(&hand->message, &writer);
    DatagramTo to = {.source_port = 53, .destination = 0xc0a80101, .destination_port = hand->port, .interface = INTERFACE_BY_ROUTE, .proto = TRACE_PROTO_DNS};
    udp_send(network_host(hand->w, from)->stack, &to, byte_writer_bytes(&writer), TRACE_NONE, 0);
    run_for(hand->w, 100 * SIM_MILLISECOND);
}

static void put_address(ByHand *hand, Ipv4Address address) {
    hand->message.answer_count = 1;
    hand->message.records[0] = (DnsRecord){.name = hand->message.question.name, .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = 5, .address = address};
}

static void only_the_right_answer_is_believed(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.3']");
    ByHand good = query_to_pc3(w, "www.example.org"), bad;
    put_address(&good, 0x0a000001);
    size_t since = mark(w);
    bad = good;
    bad.message.id ^= 1;
    answer_by_hand(&bad, "pc3");
    assert_int_equal(ignored_since(w, since, "pc1", "dns.not_my_id", NULL), 1);
    bad = good;
    assert_true(dns_name_parse("www.example.com", &bad.message.question.name));
    answer_by_hand(&bad, "pc3");
    assert_int_equal(ignored_since(w, since, "pc1", "dns.not_my_question", NULL), 1);
    answer_by_hand(&good, "pc2"); /* who was never asked */
    assert_int_equal(ignored_since(w, since, "pc1", "dns.not_my_server", NULL), 1);
    bad = good;
    bad.message.qr = false;
    answer_by_hand(&bad, "pc3");
    assert_int_equal(ignored_since(w, since, "pc1", "dns.not_a_response", NULL), 1);
    assert_string_equal(world_machine_state(w, world_find(w, "pc1"), "dns.resolver", 0), "WAITING");
    answer_by_hand(&good, "pc3");
    assert_int_equal(found(w, since, ""), 0x0a000001);
    assert_string_equal(world_machine_state(w, world_find(w, "pc1"), "dns.resolver", 0), "IDLE");
    answer_by_hand(&good, "pc3"); /* too late: the port is closed */
    assert_int_equal(ignored_since(w, since, "pc1", "udp.port_closed", NULL), 1);
    done(w);
}

static void answers_of_each_kind(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.3']");
    world_do(w, "{'do':'listen','host':'pc3','port':53}");
    ByHand hand = query_to_pc3(w, "a.example.org");
    size_t since = mark(w);
    hand.message.tc = true;
    answer_by_hand(&hand, "pc3");
    run_for(w, 2 * SIM_SECOND);
    assert_true(messages_since(w, since, "pc1", MESSAGE_SENT, "SYN", NULL) > 0); /* asked again by TCP, in vain; then once more by UDP */
    run_for(w, 30 * SIM_SECOND);
    assert_int_equal(found(w, since, "dns.no_answer"), 0);
    hand = query_to_pc3(w, "b.example.org");
    since = mark(w);
    answer_by_hand(&hand, "pc3"); /* no error, and nothing in it */
    assert_int_equal(found(w, since, "dns.no_data"), 0);
    hand = query_to_pc3(w, "c.example.org");
    put_address(&hand, 0x0a000001);
    assert_true(dns_name_parse("other.example.org", &hand.message.records[0].name)); /* of somebody else */
    since = mark(w);
    answer_by_hand(&hand, "pc3");
    assert_int_equal(found(w, since, "dns.no_data"), 0);
    hand = query_to_pc3(w, "d.example.org");
    hand.message.rcode = DNS_RCODE_SERVER_FAILURE;
    since = mark(w);
    answer_by_hand(&hand, "pc3");
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1); /* asked once more */
    answer_by_hand(&hand, "pc3");
    assert_int_equal(found(w, since, "dns.server_failure"), 0);
    /* An alias, and nothing about what it stands for: that is asked for. A referral is no answer. */
    hand = query_to_pc3(w, "f.example.org");
    hand.message.answer_count = 1;
    hand.message.records[0] = (DnsRecord){.name = hand.message.question.name, .type = DNS_TYPE_CNAME, .class = DNS_CLASS_IN, .ttl_s = 5, .data = bytes_of("\1g\7example\3org", 15)};
    since = mark(w);
    answer_by_hand(&hand, "pc3");
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1);
    ByHand next = last_query_to_pc3(w);
    assert_true(next.id != hand.id && next.message.question.name.octets[1] == 'g');
    put_address(&next, 0x0a000006);
    answer_by_hand(&next, "pc3");
    assert_int_equal(found(w, since, ""), 0x0a000006);
    hand = query_to_pc3(w, "h.example.org");
    hand.message.authority_count = 1;
    hand.message.records[0] = (DnsRecord){.name = hand.message.question.name, .type = DNS_TYPE_NS, .class = DNS_CLASS_IN, .ttl_s = 5, .data = bytes_of("\1g\7example\3org", 15)};
    since = mark(w);
    answer_by_hand(&hand, "pc3");
    answer_by_hand(&hand, "pc3");
    assert_int_equal(found(w, since, "dns.server_failure"), 0);
    /* TTL 0 and one beyond 31 bits: good for now, not for later. */
    static const uint32_t ttls[] = {0, UINT32_C(0x80000000)};
    for (int i = 0; i < 2; i++) {
        hand = query_to_pc3(w, "e.example.org");
        put_address(&hand, 0x0a000005);
        hand.message.records[0].ttl_s = ttls[i];
        since = mark(w);
        answer_by_hand(&hand, "pc3");
        assert_int_equal(found(w, since, ""), 0x0a000005);
    }
    since = mark(w);
    look_up(w, "e.example.org");
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1);
    done(w);
}

/* What the only look-up since `since` found of another type than A, in words; "" and its reason. */
static const char *answered(World *w, size_t since, const char *type, const char *reason) {
    const int64_t *values = NULL;
    const char *data = "";
    size_t good = facts_since(w, since, "pc1", &fact_dns_answered, &values, NULL);
    if (good) data = trace_fact_name(values[2]);
    if (good) assert_string_equal(trace_fact_name(values[1]), type);
    size_t bad = facts_since(w, since, "pc1", &fact_dns_failed, &values, NULL);
    assert_int_equal(good + bad, 1);
    if (bad) assert_string_equal(trace_fact_name(values[1]), reason);
    return data;
}

static size_t queries_since(World *w, size_t since) {
    const Trace *trace = world_trace(w);
    size_t count = 0;
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        count += r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT && r->small == TRACE_PROTO_DNS && r->host == world_find(w, "pc1");
    }
    return count;
}

static void records_of_other_types(void **state) {
    (void)state;
    static const struct {
        const char *name, *type, *data, *reason;
    } cases[] = {
        {"example.org", "MX", "10 mail.example.org, 5 first.example.org", ""},
        {"example.org", "TXT", "\"hello\"", ""},
        {"192.168.1.2", "PTR", "www.example.org", ""},
        {"2.1.168.192.in-addr.arpa", "PTR", "www.example.org", ""},
        {"alias.example.org", "CNAME", "www.example.org", ""},
        {"example.org", "SOA", "example.org hostmaster.example.org 1 3600 600 604800 120", ""},
        {"alias.example.org", "MX", "", "dns.no_data"},
        {"no.example.org", "MX", "", "dns.name_error"},
    };
    World *w = network_lan(2, "switch", 5);
    world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.1','dns':'192.168.1.2','probe':false}");
    world_do(w, "{'do':'service','host':'pc2','service':'dns_server','config':{'zones':{'example.org':{'soa':{'minimum':'2m'},'records':[['@','MX',10,'mail'],['@','MX',5,'first'],"
                "['@','TXT','hello'],['www','A','192.168.1.2'],['alias','CNAME','www'],['far','CNAME','www.example.com'],['r1','CNAME','r2'],['r2','CNAME','r1']]},"
                "'example.com':{'records':[['www','A','192.168.1.7']]},'1.168.192.in-addr.arpa':{'records':[['2','PTR','www.example.org']]}}}}");
    run_for(w, SIM_SECOND);
    for (int again = 0; again < 2; again++) { /* the second time from memory: what is, and for two minutes what is not */
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
            size_t since = mark(w);
            world_do(w, "{'do':'lookup','host':'pc1','name':'%s','type':'%s'}", cases[i].name, cases[i].type);
            run_for(w, SIM_SECOND);
            assert_string_equal(answered(w, since, cases[i].type, cases[i].reason), cases[i].data);
            assert_int_equal(queries_since(w, since), again == 0 && i != 3);
        }
    }
    run_for(w, 2 * 60 * SIM_SECOND);
    size_t since = mark(w);
    world_do(w, "{'do':'lookup','host':'pc1','name':'no.example.org','type':'MX'}");
    run_for(w, SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query MX", NULL), 1); /* a lack is not remembered for ever */
    since = mark(w);
    look_up(w, "far.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(found(w, since, ""), 0xc0a80107);
    since = mark(w);
    look_up(w, "r1.example.org");
    run_for(w, SIM_SECOND);
    assert_int_equal(found(w, since, "dns.alias_loop"), 0);
    done(w);
}

/* What the waiter is told: outcomes apart, exchangers by preference, equal ones in an order that the seed gives. */
typedef struct {
    NameAnswer answer;
    char text[64];
    size_t told;
} Told;

static void tell(void *self, const NameAnswer *answer, uint32_t cause) {
    Told *told = self;
    (void)cause;
    told->answer = *answer;
    told->told++;
    if (answer->type == DNS_TYPE_TXT && answer->count > 0) memcpy(told->text, answer->texts[0].at, answer->texts[0].size);
}

static Told told_of(World *w, const char *text, uint16_t type) {
    Told told = {0};
    DnsName name;
    assert_true(dns_name_parse(text, &name));
    if (type == DNS_TYPE_MX) host_look_up_mx(network_host(w, "pc1"), &name, (NameWaiter){tell, &told}, TRACE_NONE);
    else host_look_up_type(network_host(w, "pc1"), &name, type, (NameWaiter){tell, &told}, TRACE_NONE);
    run_for(w, 60 * SIM_SECOND);
    assert_int_equal(told.told, 1);
    return told;
}

static void what_the_waiter_is_told(void **state) {
    (void)state;
    bool first[3] = {false};
    for (uint64_t seed = 1; seed < 20; seed++) {
        World *w = network_lan(2, "switch", seed);
        world_do(w, "{'do':'address','host':'pc1','address':'192.168.1.1','dns':'192.168.1.2','probe':false}");
        world_do(w, "{'do':'service','host':'pc2','service':'dns_server','config':{'zones':{'example.org':{'records':[['@','MX',20,'last'],['@','MX',10,'a'],['@','MX',10,'b'],['@','MX',10,'c'],"
                    "['null','MX',0,'.'],['@','TXT','one ','two'],['a','A','10.0.0.1'],['a','A','10.0.0.2']]}}}}");
        run_for(w, SIM_SECOND);
        Told told = told_of(w, "example.org", DNS_TYPE_MX);
        assert_int_equal(told.answer.outcome, NAME_FOUND);
        assert_int_equal(told.answer.count, 4);
        for (size_t i = 1; i < 4; i++) assert_true(told.answer.exchangers[i - 1].preference <= told.answer.exchangers[i].preference);
        assert_int_equal(told.answer.exchangers[3].exchanger.octets[1], 'l');
        assert_int_equal(told.answer.ttl_s, 3600);
        first[told.answer.exchangers[0].exchanger.octets[1] - 'a'] = true;
        if (seed == 1) {
            told = told_of(w, "null.example.org", DNS_TYPE_MX);
            assert_true(told.answer.count == 1 && dns_name_is_root(&told.answer.exchangers[0].exchanger));
            told = told_of(w, "a.example.org", DNS_TYPE_A);
            assert_true(told.answer.count == 2 && told.answer.addresses[0] == 0x0a000001 && told.answer.addresses[1] == 0x0a000002);
            assert_int_equal(told_of(w, "a.example.org", DNS_TYPE_MX).answer.outcome, NAME_NO_DATA);
            assert_int_equal(told_of(w, "no.example.org", DNS_TYPE_MX).answer.outcome, NAME_NONE);
            assert_int_equal(told_of(w, "elsewhere.com", DNS_TYPE_MX).answer.outcome, NAME_TEMPORARY); /* REFUSED */
            assert_string_equal(told_of(w, "example.org", DNS_TYPE_TXT).text, "one two");
        }
        done(w);
    }
    assert_true(first[0] && first[1] && first[2]);
}

static void switched_off_meanwhile(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.77']");
    size_t since = mark(w);
    look_up(w, "www.example.org");
    run_for(w, SIM_SECOND);
    world_do(w, "{'do':'shutdown','host':'pc1'}");
    assert_int_equal(found(w, since, "dns.stopped"), 0);
    run_for(w, 10 * SIM_SECOND);
    look_up(w, "www.example.org"); /* without power: nothing */
    world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
    look_up(w, "www.example.org");
    run_for(w, SIM_SECOND);
    since = mark(w);
    world_do(w, "{'do':'crash','host':'pc1'}");
    run_for(w, 60 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_dns_failed, NULL, NULL), 0);
    world_do(w, "{'do':'boot','host':'pc1','quiet':true}");
    for (int i = 0; i <= DNS_LOOKUPS; i++) world_do(w, "{'do':'lookup','host':'pc1','name':'n%d.example.org'}", i);
    assert_int_equal(ignored_since(w, since, "pc1", "dns.too_many_look_ups", NULL), 1);
    done(w);
}

static void ping_by_name(void **state) {
    (void)state;
    World *w = with_servers("['192.168.1.2']");
    size_t since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'www.example.org','count':2}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 2);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "query A", NULL), 1);
    since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'nowhere.example.org'}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "echo request", NULL), 0);
    assert_int_equal(found(w, since, "dns.name_error"), 0);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_failed, NULL, NULL), 0); /* nobody was pinged */
    Text refused = world_refuses(w, "{'do':'ping','host':'pc1','to':'pc9'}"); /* no name for DNS */
    assert_string_equal(text_get(&refused), "to: there is no host \"pc9\"; did you mean \"pc1\"?");
    text_free(&refused);
    done(w);
}

/* What the server says to questions that our resolver never asks. */
static void the_server_answers(void **state) {
    (void)state;
    static const struct {
        uint8_t opcode;
        bool has_question;
        uint16_t type, class;
        const char *name, *message;
    } cases[] = {
        {0, true, DNS_TYPE_A, DNS_CLASS_IN, "www.example.org", "response"}, {0, true, DNS_TYPE_MX, DNS_CLASS_IN, "www.example.org", "NODATA"},
        {0, true, DNS_TYPE_MX, DNS_CLASS_IN, "no.example.org", "NXDOMAIN"}, {0, true, DNS_TYPE_A, 3, "www.example.org", "REFUSED"},
        {2, true, DNS_TYPE_A, DNS_CLASS_IN, "www.example.org", "NOTIMP"},   {0, false, 0, 0, "www.example.org", "FORMERR"},
    };
    World *w = with_servers("[]");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        DnsMessage m = {.id = (uint16_t)(100 + i), .opcode = cases[i].opcode, .has_question = cases[i].has_question, .rd = i == 0};
        assert_true(dns_name_parse(cases[i].name, &m.question.name));
        m.question.type = cases[i].type, m.question.class = cases[i].class;
        uint8_t octets[512];
        ByteWriter writer = byte_writer(octets, sizeof octets);
        dns_message_encode(&m, &writer);
        DatagramTo to = {.source_port = 5353, .destination = 0xc0a80102, .destination_port = 53, .interface = INTERFACE_BY_ROUTE, .proto = TRACE_PROTO_DNS};
        size_t since = mark(w);
        udp_send(network_host(w, "pc1")->stack, &to, byte_writer_bytes(&writer), TRACE_NONE, 0);
        run_for(w, SIM_SECOND);
        TraceRecord sent;
        assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, cases[i].message, &sent), 1);
        Bytes frame = frame_store_get(trace_frames(world_trace(w)), sent.message.frame);
        ParseFault fault;
        assert_true(dns_message_decode(bytes_slice(frame, sent.message.offset, sent.message.size), &m, &fault));
        assert_int_equal(m.id, 100 + i);
        assert_true(m.qr && m.rd == (i == 0) && !m.ra);
        assert_int_equal(m.opcode, cases[i].opcode);
        assert_int_equal(m.aa, m.rcode == DNS_RCODE_NO_ERROR || m.rcode == DNS_RCODE_NAME_ERROR);
        assert_int_equal(m.answer_count, i == 0);
        assert_int_equal(m.has_question, cases[i].has_question);
        if (i == 0) assert_int_equal(m.records[0].ttl_s, 60);
    }
    /* A response is no query; and what cannot be read is dropped, visibly. */
    size_t since = mark(w);
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':53,'octets':'123481800000000000000000'}");
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':53,'octets':'1234010000020000000000'}");
    run_for(w, SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc2", "dns.not_a_query", NULL), 1);
    assert_int_equal(ignored_since(w, since, "pc2", "dns.truncated", NULL), 1);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, NULL, NULL), 0);
    assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.server", 0), "LISTENING");
    world_do(w, "{'do':'shutdown','host':'pc2'}");
    assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.server", 0), "CLOSED");
    world_do(w, "{'do':'shutdown','host':'pc2'}");
    run_for(w, 5 * SIM_SECOND);
    world_do(w, "{'do':'boot','host':'pc2','quiet':true}");
    assert_string_equal(world_machine_state(w, world_find(w, "pc2"), "dns.server", 0), "LISTENING");
    done(w);
}

static void mistakes(void **state) {
    (void)state;
    static const struct {
        const char *config, *message;
    } cases[] = {
        {"{}", "zones: "},
        {"{'names':['a']}", "names: "},
        {"{'names':{'a b':'1.2.3.4'}}", "names[\"a b\"]: a domain name such as"},
        {"{'names':{'a.b':'1.2.3'}}", "names[\"a.b\"]: an IPv4 address"},
        {"{'names':{'a.b':[]}}", "names[\"a.b\"]: an IPv4 address"},
        {"{'names':{'a.b':'1.2.3.4','A.B.':'1.2.3.5'}}", "names[\"A.B.\"]: a name that was not given before"},
        {"{'names':{},'ttl':'500ms'}", "ttl: "},
        {"{'names':{},'tll':'5s'}", "tll: unknown field \"tll\"; did you mean \"ttl\"?"},
    };
    World *w = network_lan(1, "switch", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text refused = world_refuses(w, "{'do':'service','host':'pc1','service':'dns_server','config':%s}", cases[i].config);
        if (strncmp(text_get(&refused), cases[i].message, strlen(cases[i].message)) != 0) fail_msg("%s: %s", cases[i].config, text_get(&refused));
        text_free(&refused);
    }
    Text refused = world_refuses(w, "{'do':'lookup','host':'pc1','name':'a..b'}");
    assert_non_null(strstr(text_get(&refused), "domain name"));
    text_free(&refused);
    world_free(w);
}

static size_t missing(const MachineSpec *spec, const bool *taken) {
    size_t count = 0;
    for (size_t i = 0; i < spec->row_count; i++) {
        if (taken[i] || strcmp(spec->states[spec->rows[i].from], "BY_TCP") == 0) continue; /* those in tests/proto/test_dns_tcp.c */
        print_error("not taken: %s: %s, %s [%s]\n", spec->name, spec->states[spec->rows[i].from], spec->inputs[spec->rows[i].input].name, spec->rows[i].guard ? spec->rows[i].guard_name : "-");
        count++;
    }
    return count;
}

static void every_arrow_was_taken(void **state) {
    (void)state;
    assert_int_equal(missing(&dns_resolver_spec, resolver_rows), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_is_found_and_remembered),
        cmocka_unit_test(what_is_not_found),
        cmocka_unit_test(servers_are_asked_in_turn),
        cmocka_unit_test(only_the_right_answer_is_believed),
        cmocka_unit_test(answers_of_each_kind),
        cmocka_unit_test(records_of_other_types),
        cmocka_unit_test(what_the_waiter_is_told),
        cmocka_unit_test(switched_off_meanwhile),
        cmocka_unit_test(ping_by_name),
        cmocka_unit_test(the_server_answers),
        cmocka_unit_test(mistakes),
        cmocka_unit_test(every_arrow_was_taken), /* the last */
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
