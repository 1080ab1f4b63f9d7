/* The resolver as a table. Lay it beside RFC 1034 section 5.3.3, whose four steps are its states: LOOKING is steps 1 and
 * 2 (what is known, and whom to ask), ASKING is step 3, the arrows back from a response are step 4.
 *
 * LOOKING lasts no time: what is known decides at once which arrow leads on (recursor_look below). What a server says
 * is believed only about the zone it was asked for (RFC 5452 section 6).
 *
 * DEVIATION: the hints are used as they are; no priming query verifies them (RFC 8109). */
#include "proto/dns/facts.h"
#include "proto/dns/recursor_inside.h"

const DnsRecursorConfig dns_recursor_config_default = {
    .retry = SIM_SECOND, .rounds = 4, .ttl_most_s = 604800, .lack_most_s = 10800, .failure = 5 * SIM_SECOND};

static const char *const state_names[] = {
#define X(name) #name,
    DNS_RECURSOR_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"question", INPUT_COMMAND},          {"answer known", INPUT_ANSWER},
                                      {"best servers known", INPUT_ANSWER}, {"best server named", INPUT_ANSWER},
                                      {"dead end", INPUT_ANSWER},           {"response", INPUT_WIRE},
                                      {"no answer in time", INPUT_TIMER},   {"no answer by TCP", INPUT_ANSWER},
                                      {"server looked up", INPUT_ANSWER},   {"stop", INPUT_COMMAND}};
static const char *const timer_names[] = {"retransmit"};

/* ---- Guards: the argument is a reading of the response ---- */

static bool is_truncated(const void *self, const void *argument) {
    (void)self;
    return ((const DnsReading *)argument)->message->tc;
}

static bool is_answer(const void *self, const void *argument) {
    const DnsReading *r = argument;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && (r->has_answer || r->aliases > 0);
}

static bool is_name_error(const void *self, const void *argument) {
    (void)self;
    return ((const DnsReading *)argument)->message->rcode == DNS_RCODE_NAME_ERROR;
}

static bool is_referral(const void *self, const void *argument) {
    const DnsReading *r = argument;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && r->referral;
}

/* RFC 2308 section 2.2: an SOA record, or at least authority, tells it from a server that knows nothing. */
static bool is_no_data(const void *self, const void *argument) {
    const DnsReading *r = argument;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && (r->soa || r->message->aa);
}

static bool may_ask_again(const void *self, const void *argument) {
    const DnsInquiry *q = self;
    (void)argument;
    return q->sent < q->server_count * q->recursor->config.rounds && q->queries < DNS_INQUIRY_QUERIES;
}

/* ---- Asking ---- */

static void write_query(const DnsInquiry *q, ByteWriter *w) {
    DnsMessage m;
    dns_message_begin(&m);
    m.id = q->id;
    m.has_question = true;
    m.question = (DnsQuestion){q->name, q->type, DNS_CLASS_IN};
    dns_message_put_opt(&m, DNS_RCODE_NO_ERROR);
    dns_message_encode(&m, w);
}

static void send_query(DnsInquiry *q, Effects *effects) {
    unsigned round = q->sent / q->server_count;
    DatagramTo to = {.source_port = q->port,
                     .destination = q->servers[q->sent % q->server_count],
                     .destination_port = DNS_PORT,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_DNS};
    ByteWriter w = byte_writer(effect_send_begin(effects, &to, DNS_UDP_MOST), DNS_UDP_MOST);
    write_query(q, &w);
    effect_send_done(effects, w.size);
    q->sent++;
    q->queries++;
    effect_timer_set(effects, DNS_RECURSOR_TIMER_RETRANSMIT, effects->now + (q->recursor->config.retry << round / 2));
}

/* The servers are known: a new port and ID for them (RFC 5452 section 9.2). */
static void ask(void *self, const void *argument, Effects *effects) {
    DnsInquiry *q = self;
    const DnsLocal *local = argument;
    q->cut = local->cut;
    q->server_count = local->server_count;
    for (uint8_t i = 0; i < local->server_count; i++) q->servers[i] = local->servers[i];
    q->sent = 0;
    q->id = (uint16_t)random_below(&q->recursor->random, UINT16_MAX + 1);
    q->port = (uint16_t)random_between(&q->recursor->random, DNS_PORT_FIRST, UINT16_MAX);
    effect_ask(effects, ASK_PORT, q->port, NULL, 0);
    send_query(q, effects);
}

static void ask_again(void *self, const void *argument, Effects *effects) {
    (void)argument;
    send_query(self, effects);
}

static void ask_by_tcp(void *self, const void *argument, Effects *effects) {
    DnsInquiry *q = self;
    uint8_t octets[DNS_UDP_MOST];
    ByteWriter w = byte_writer(octets, sizeof octets);
    write_query(q, &w);
    q->queries++;
    effect_timer_clear(effects, DNS_RECURSOR_TIMER_RETRANSMIT);
    effect_ask(effects, ASK_DNS_TCP, ((const DnsReading *)argument)->source, octets, w.size);
}

static void stop_asking(void *self, Effects *effects) {
    (void)self;
    effect_timer_clear(effects, DNS_RECURSOR_TIMER_RETRANSMIT);
    effect_ask(effects, ASK_PORT, 0, NULL, 0);
}

/* ---- Learning ---- */

static Ipv4Address server_asked(const DnsInquiry *q) { return q->servers[(q->sent - 1) % q->server_count]; }

/* The aliases that lead from the name, as far as they stand in the zone that was asked; returns where they lead. */
static DnsName learn_aliases(DnsInquiry *q, const DnsReading *r, Effects *effects) {
    DnsName name = q->name;
    for (size_t i = 0; i < r->aliases && dns_name_within(&name, &q->cut); i++) {
        const DnsRecord *alias = dns_message_find(r->message, DNS_ANSWER, &name, DNS_TYPE_CNAME);
        (void)dns_cache_learn(&q->recursor->cache, r->message, alias, DNS_TRUST_ANSWER, server_asked(q), effects);
        name = dns_record_target(alias);
    }
    return name;
}

static void learn_answer(void *self, const void *argument, Effects *effects) {
    DnsInquiry *q = self;
    const DnsReading *r = argument;
    stop_asking(q, effects);
    DnsName last = learn_aliases(q, r, effects);
    const DnsRecord *first = dns_message_find(r->message, DNS_ANSWER, &last, q->type);
    if (first && dns_name_within(&last, &q->cut))
        (void)dns_cache_learn(&q->recursor->cache, r->message, first, DNS_TRUST_ANSWER, server_asked(q), effects);
}

static void learn_lack(DnsInquiry *q, const DnsReading *r, uint16_t type, Effects *effects) {
    stop_asking(q, effects);
    DnsName last = learn_aliases(q, r, effects);
    const DnsRecord *soa = r->soa && dns_name_within(&r->soa->name, &q->cut) ? r->soa : NULL;
    if (dns_name_within(&last, &q->cut))
        (void)dns_cache_learn_lack(&q->recursor->cache, &last, type, soa, server_asked(q), effects);
}

static void learn_name_error(void *self, const void *argument, Effects *effects) {
    learn_lack(self, argument, 0, effects);
}

static void learn_no_data(void *self, const void *argument, Effects *effects) {
    learn_lack(self, argument, ((DnsInquiry *)self)->type, effects);
}

/* The servers of the zone below, and their addresses as far as they stand in the zone that was asked (glue). */
static void learn_referral(void *self, const void *argument, Effects *effects) {
    DnsInquiry *q = self;
    const DnsReading *r = argument;
    size_t count;
    const DnsRecord *authority = dns_message_section(r->message, DNS_AUTHORITY, &count);
    stop_asking(q, effects);
    (void)dns_cache_learn(&q->recursor->cache, r->message, r->referral, DNS_TRUST_REFERRAL, server_asked(q), effects);
    for (size_t i = 0; i < count; i++) {
        if (!dns_record_same_set(&authority[i], r->referral)) continue;
        DnsName target = dns_record_target(&authority[i]);
        const DnsRecord *glue = dns_message_find(r->message, DNS_ADDITIONAL, &target, DNS_TYPE_A);
        if (glue && dns_name_within(&target, &q->cut))
            (void)dns_cache_learn(&q->recursor->cache, r->message, glue, DNS_TRUST_REFERRAL, server_asked(q), effects);
    }
}

/* ---- Answering ---- */

static void put_known(DnsMessage *m, DnsSection section, const DnsKnown *known, SimTime now) {
    for (size_t i = 0; i < known->record_count; i++) {
        DnsRecord record = known->records[i];
        record.ttl_s = dns_known_ttl_s(known, now); /* counted down */
        (void)dns_message_put(m, section, &record);
    }
}

static void answer(void *self, const void *argument, Effects *effects) {
    const DnsInquiry *q = self;
    const DnsCache *cache = &q->recursor->cache;
    const DnsKnown *known = ((const DnsLocal *)argument)->known;
    for (uint8_t i = 0; i < q->asker_count; i++) {
        const DnsAsker *asker = &q->askers[i];
        DnsMessage m;
        dns_message_begin(&m);
        m.ra = true;
        m.has_question = true;
        m.question = (DnsQuestion){asker->name, q->type, DNS_CLASS_IN};
        for (DnsName name = q->asked; !dns_name_equal(&name, &known->name);) {
            const DnsKnown *alias = dns_cache_find(cache, &name, DNS_TYPE_CNAME, DNS_TRUST_ANSWER, effects->now);
            put_known(&m, DNS_ANSWER, alias, effects->now);
            name = dns_record_target(&alias->records[0]);
        }
        put_known(&m, known->kind == DNS_KNOWN_RECORDS ? DNS_ANSWER : DNS_AUTHORITY, known, effects->now);
        bool missing = known->kind == DNS_KNOWN_NO_NAME;
        dns_asker_respond(asker, &m, missing ? DNS_RCODE_NAME_ERROR : DNS_RCODE_NO_ERROR, effects);
    }
}

void dns_recursor_refuse(const DnsAsker *asker, uint16_t type, Effects *effects) {
    DnsMessage m;
    dns_message_begin(&m);
    m.ra = true;
    m.has_question = true;
    m.question = (DnsQuestion){asker->name, type, DNS_CLASS_IN};
    dns_asker_respond(asker, &m, DNS_RCODE_SERVER_FAILURE, effects);
}

static void fail(void *self, const void *argument, Effects *effects) {
    DnsInquiry *q = self;
    (void)argument;
    stop_asking(q, effects);
    effect_fact(effects, &fact_dns_failed, (int64_t[]){fact_name(q->text), fact_name(q->reason)});
    dns_cache_learn_failure(&q->recursor->cache, &q->asked, q->type, q->recursor->config.failure, effects);
    for (uint8_t i = 0; i < q->asker_count; i++) dns_recursor_refuse(&q->askers[i], q->type, effects);
}

static void fail_without_answer(void *self, const void *argument, Effects *effects) {
    ((DnsInquiry *)self)->reason = "dns.no_answer";
    fail(self, argument, effects);
}

static void fail_refused(void *self, const void *argument, Effects *effects) {
    ((DnsInquiry *)self)->reason = "dns.lame";
    fail(self, argument, effects);
}

static void stop(void *self, const void *argument, Effects *effects) {
    (void)argument;
    stop_asking(self, effects);
}

static void stop_tcp(void *self, const void *argument, Effects *effects) {
    effect_ask(effects, ASK_DNS_TCP, 0, NULL, 0);
    stop(self, argument, effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_RECURSOR_##from, DNS_RECURSOR_ON_##input, guard, action, DNS_RECURSOR_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(IDLE, QUESTION, NULL, NULL, LOOKING, "1034 5.3.3"),
    ROW(LOOKING, ANSWER_KNOWN, NULL, answer, IDLE, "1034 5.3.3 step 1"),
    ROW(LOOKING, SERVERS_KNOWN, NULL, ask, ASKING, "1034 5.3.3 step 2"),
    ROW(LOOKING, SERVER_NAMED, NULL, NULL, AWAITING, "1034 5.3.3 step 2"),
    ROW(LOOKING, DEAD_END, NULL, fail, IDLE, "1034 5.3.3"),
    ROW(AWAITING, SERVER_LOOKED_UP, NULL, NULL, LOOKING, "1034 5.3.3 step 2"),
    ROW(AWAITING, STOP, NULL, stop, IDLE, "1035 7"),
    ROW(ASKING, RESPONSE, is_truncated, ask_by_tcp, BY_TCP, "7766 5"),
    ROW(ASKING, RESPONSE, is_answer, learn_answer, LOOKING, "1034 5.3.3 step 4a"),
    ROW(ASKING, RESPONSE, is_name_error, learn_name_error, LOOKING, "2308 5"),
    ROW(ASKING, RESPONSE, is_referral, learn_referral, LOOKING, "1034 5.3.3 step 4b"),
    ROW(ASKING, RESPONSE, is_no_data, learn_no_data, LOOKING, "2308 5"),
    ROW(ASKING, RESPONSE, may_ask_again, ask_again, ASKING, "1034 5.3.3 step 4d"),
    ROW(ASKING, RESPONSE, NULL, fail_refused, IDLE, "1034 5.3.3 step 4d"),
    ROW(ASKING, RETRANSMISSION, may_ask_again, ask_again, ASKING, "1035 7.2"),
    ROW(ASKING, RETRANSMISSION, NULL, fail_without_answer, IDLE, "1035 7.2"),
    ROW(ASKING, STOP, NULL, stop, IDLE, "1035 7"),
    ROW(BY_TCP, RESPONSE, is_answer, learn_answer, LOOKING, "1034 5.3.3 step 4a"),
    ROW(BY_TCP, RESPONSE, is_name_error, learn_name_error, LOOKING, "2308 5"),
    ROW(BY_TCP, RESPONSE, is_referral, learn_referral, LOOKING, "1034 5.3.3 step 4b"),
    ROW(BY_TCP, RESPONSE, is_no_data, learn_no_data, LOOKING, "2308 5"),
    ROW(BY_TCP, RESPONSE, may_ask_again, ask_again, ASKING, "1034 5.3.3 step 4d"),
    ROW(BY_TCP, RESPONSE, NULL, fail_refused, IDLE, "1034 5.3.3 step 4d"),
    ROW(BY_TCP, NO_TCP, may_ask_again, ask_again, ASKING, "7766 5"),
    ROW(BY_TCP, NO_TCP, NULL, fail_without_answer, IDLE, "7766 5"),
    ROW(BY_TCP, STOP, NULL, stop_tcp, IDLE, "1035 7"),
};

const MachineSpec dns_recursor_spec = {
    .name = "dns.recursor",
    .ref = "RFC 1034 5.3.3",
    .subject = "question",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DNS_RECURSOR_IDLE,
    MACHINE_TIMER_LIST(timer_names),
};
