/* The name server as a table. Lay it beside RFC 1034 section 4.3.2 and RFC 1035 section 4.1.1 (the response codes). */
#include "proto/dns/server.h"

enum { ALIASES = 8 };

static const char *const state_names[] = {
#define X(name) #name,
    DNS_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"start", INPUT_COMMAND}, {"stop", INPUT_COMMAND}, {"query", INPUT_WIRE}};

typedef struct {
    const DnsMessage *query;
    DnsAsker asker;
    const DnsZone *zone; /* nearest above the name asked for; NULL: none of ours */
    DnsZoneFound found;  /* in it */
} DnsCase;

/* ---- Guards ---- */

static bool is_no_standard_query(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->query->opcode != 0;
}

static bool is_ill_formed(const void *self, const void *argument) {
    const DnsMessage *q = ((const DnsCase *)argument)->query;
    (void)self;
    return !q->has_question || dns_message_opt_count(q) > 1; /* RFC 6891 section 6.1.1 */
}

static bool is_of_unknown_version(const void *self, const void *argument) {
    const DnsRecord *opt = dns_message_opt(((const DnsCase *)argument)->query);
    (void)self;
    return opt && dns_opt_version(opt) != 0;
}

/* DEVIATION: zones are not transferred (RFC 5936): each server of a scenario is given its own copy. */
static bool is_no_question_for_us(const void *self, const void *argument) {
    const DnsQuestion *q = &((const DnsCase *)argument)->query->question;
    (void)self;
    return q->class != DNS_CLASS_IN || q->type == DNS_TYPE_AXFR || q->type == DNS_TYPE_IXFR || q->type == DNS_TYPE_OPT;
}

static bool is_for_the_resolver(const void *self, const void *argument) {
    const DnsCase *c = argument;
    return c->query->rd && ((const DnsServer *)self)->config.recursive && (!c->zone || c->found.kind == ZONE_REFERRAL);
}

static bool is_of_another_zone(const void *self, const void *argument) {
    (void)self;
    return !((const DnsCase *)argument)->zone;
}

static bool is_delegated(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->found.kind == ZONE_REFERRAL;
}

static bool is_alias(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->found.kind == ZONE_ALIAS;
}

static bool has_wildcard(const void *self, const void *argument) {
    const DnsCase *c = argument;
    (void)self;
    return c->found.kind == ZONE_RECORDS && c->found.wildcard;
}

static bool has_records(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->found.kind == ZONE_RECORDS;
}

static bool has_name(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->found.kind == ZONE_NO_DATA;
}

/* ---- The answer ---- */

void dns_asker_respond(const DnsAsker *a, DnsMessage *m, DnsRcode rcode, Effects *effects) {
    m->id = a->id;
    m->qr = true;
    m->rd = a->rd;
    m->rcode = (uint8_t)(rcode & 15);
    if (a->edns) dns_message_put_opt(m, rcode);
    if (a->connection != 0) {
        uint8_t octets[DNS_TCP_MOST];
        ByteWriter w = byte_writer(octets, sizeof octets);
        dns_message_encode_within(m, a->most, &w);
        effect_ask(effects, ASK_DNS_RESPOND, a->connection, octets, w.size);
        return;
    }
    DatagramTo to = {.source = a->own,
                     .source_port = DNS_PORT,
                     .destination = a->address,
                     .destination_port = a->port,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_DNS};
    ByteWriter w = byte_writer(effect_send_begin(effects, &to, a->most), a->most);
    dns_message_encode_within(m, a->most, &w);
    effect_send_done(effects, w.size);
}

/* An empty response to the query. */
static void begin_response(const DnsServer *s, const DnsCase *c, DnsMessage *m) {
    dns_message_begin(m);
    m->ra = s->config.recursive;
    m->opcode = c->query->opcode;
    m->has_question = c->query->has_question;
    if (m->has_question) m->question = c->query->question;
}

static void respond_empty(void *self, const DnsCase *c, DnsRcode rcode, Effects *effects) {
    DnsMessage m;
    begin_response(self, c, &m);
    dns_asker_respond(&c->asker, &m, rcode, effects);
}

/* The records of one owner and type, under the name that was asked for. */
static void put_records(DnsMessage *m, DnsSection section, const DnsZone *zone, const DnsName *owner, uint16_t type,
                        const DnsName *as) {
    for (const DnsRecord *r = dns_zone_next(zone, NULL, owner, type); r; r = dns_zone_next(zone, r, owner, type)) {
        DnsRecord record = *r;
        if (as) record.name = *as;
        (void)dns_message_put(m, section, &record); /* what is beyond the most is left out */
    }
}

/* RFC 1034 section 4.3.2 step 6: addresses that will be needed next, of names in the message, where we know them. */
static void put_addresses(const DnsServer *s, DnsMessage *m, DnsSection of) {
    size_t count;
    const DnsRecord *records = dns_message_section(m, of, &count);
    for (size_t i = 0; i < count; i++) {
        if (records[i].class != DNS_CLASS_IN || (records[i].type != DNS_TYPE_NS && records[i].type != DNS_TYPE_MX))
            continue;
        DnsName target = dns_record_target(&records[i]);
        for (size_t z = 0; z < s->config.zone_count; z++)
            if (dns_name_within(&target, &s->config.zones[z].apex))
                put_records(m, DNS_ADDITIONAL, &s->config.zones[z], &target, DNS_TYPE_A, NULL);
    }
}

/* RFC 2308 section 3: how long the lack of something may be remembered. */
static void put_soa(DnsMessage *m, const DnsZone *zone) {
    DnsRecord soa = *dns_zone_soa(zone);
    soa.ttl_s = dns_record_negative_ttl_s(&soa);
    (void)dns_message_put(m, DNS_AUTHORITY, &soa);
}

/* Steps 2 to 6 of RFC 1034 section 4.3.2; an alias starts again at step 2 with the name it stands for. */
static void answer_from_zones(void *self, const void *argument, Effects *effects) {
    const DnsServer *s = self;
    const DnsCase *c = argument;
    const DnsZone *zone = c->zone;
    DnsZoneFound found = c->found;
    DnsName name = c->query->question.name;
    DnsRcode rcode = DNS_RCODE_NO_ERROR;
    DnsMessage m;
    begin_response(s, c, &m);
    m.aa = found.kind != ZONE_REFERRAL;
    for (int i = 0; i < ALIASES && zone && found.kind == ZONE_ALIAS; i++) {
        put_records(&m, DNS_ANSWER, zone, &found.owner, DNS_TYPE_CNAME, &name);
        name = dns_record_target(dns_zone_next(zone, NULL, &found.owner, DNS_TYPE_CNAME));
        zone = dns_zone_of(s->config.zones, s->config.zone_count, &name);
        if (zone) found = dns_zone_find(zone, &name, c->query->question.type);
    }
    if (zone && found.kind == ZONE_RECORDS) {
        put_records(&m, DNS_ANSWER, zone, &found.owner, c->query->question.type, &name);
        put_addresses(s, &m, DNS_ANSWER);
    } else if (zone && found.kind == ZONE_REFERRAL) {
        put_records(&m, DNS_AUTHORITY, zone, &found.owner, DNS_TYPE_NS, NULL);
        put_addresses(s, &m, DNS_AUTHORITY);
    } else if (zone && found.kind != ZONE_ALIAS) {
        put_soa(&m, zone);
        if (found.kind == ZONE_NO_NAME) rcode = DNS_RCODE_NAME_ERROR; /* also at the end of aliases: RFC 6604 */
    }
    dns_asker_respond(&c->asker, &m, rcode, effects);
}

/* ---- Actions ---- */

static void refer(void *self, const void *argument, Effects *effects) { answer_from_zones(self, argument, effects); }
static void answer_alias(void *self, const void *argument, Effects *effects) {
    answer_from_zones(self, argument, effects);
}
static void answer_by_wildcard(void *self, const void *argument, Effects *effects) {
    answer_from_zones(self, argument, effects);
}
static void answer(void *self, const void *argument, Effects *effects) { answer_from_zones(self, argument, effects); }
static void answer_no_data(void *self, const void *argument, Effects *effects) {
    answer_from_zones(self, argument, effects);
}
static void answer_name_error(void *self, const void *argument, Effects *effects) {
    answer_from_zones(self, argument, effects);
}
static void answer_format_error(void *self, const void *argument, Effects *effects) {
    respond_empty(self, argument, DNS_RCODE_FORMAT_ERROR, effects);
}
static void answer_not_implemented(void *self, const void *argument, Effects *effects) {
    respond_empty(self, argument, DNS_RCODE_NOT_IMPLEMENTED, effects);
}
static void answer_bad_version(void *self, const void *argument, Effects *effects) {
    respond_empty(self, argument, DNS_RCODE_BAD_VERSION, effects);
}
static void refuse(void *self, const void *argument, Effects *effects) {
    respond_empty(self, argument, DNS_RCODE_REFUSED, effects);
}
static void hand_over(void *self, const void *argument, Effects *effects) {
    const DnsCase *c = argument;
    (void)self;
    effect_ask(effects, ASK_RESOLVE, c->query->question.type, &c->asker, sizeof c->asker);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_SERVER_##from, DNS_SERVER_ON_##input, guard, action, DNS_SERVER_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, START, NULL, NULL, LISTENING, "1035 4.2.1"),
    ROW(LISTENING, QUERY, is_no_standard_query, answer_not_implemented, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, is_ill_formed, answer_format_error, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, is_of_unknown_version, answer_bad_version, LISTENING, "6891 6.1.3"),
    ROW(LISTENING, QUERY, is_no_question_for_us, refuse, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, is_for_the_resolver, hand_over, LISTENING, "1034 4.3.2 step 5"),
    ROW(LISTENING, QUERY, is_of_another_zone, refuse, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, is_delegated, refer, LISTENING, "1034 4.3.2 step 3b"),
    ROW(LISTENING, QUERY, is_alias, answer_alias, LISTENING, "1034 4.3.2 step 3a"),
    ROW(LISTENING, QUERY, has_wildcard, answer_by_wildcard, LISTENING, "1034 4.3.2 step 3c"),
    ROW(LISTENING, QUERY, has_records, answer, LISTENING, "1034 4.3.2 step 3a"),
    ROW(LISTENING, QUERY, has_name, answer_no_data, LISTENING, "2308 2.2"),
    ROW(LISTENING, QUERY, NULL, answer_name_error, LISTENING, "2308 2.1"),
    ROW(LISTENING, STOP, NULL, NULL, CLOSED, "1035 4.2.1"),
};

const MachineSpec dns_server_spec = {
    .name = "dns.server",
    .ref = "RFC 1034 4.3.2",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DNS_SERVER_CLOSED,
};

/* ---- Entry points ---- */

void dns_server_init(DnsServer *server, const DnsServerConfig *config) { *server = (DnsServer){.config = *config}; }

void dns_server_input(DnsServer *server, DnsServerInput input, Effects *effects) {
    machine_step(&server->machine, (uint8_t)input, NULL, effects);
}

static void receive(DnsServer *s, DnsAsker asker, Bytes octets, Effects *effects) {
    DnsMessage m;
    ParseFault fault;
    if (!dns_message_decode(octets, &m, &fault)) {
        effect_ignored(effects, &s->machine, fault.reason);
        return;
    }
    if (m.qr) { /* a response to a response would never end */
        effect_ignored(effects, &s->machine, "dns.not_a_query");
        return;
    }
    DnsCase c = {.query = &m, .asker = asker};
    c.asker.id = m.id;
    c.asker.rd = m.rd;
    c.asker.edns = dns_message_opt(&m) != NULL;
    c.asker.most = asker.connection != 0 ? DNS_TCP_MOST : (uint32_t)dns_message_udp_most(&m);
    if (m.has_question) {
        c.asker.name = m.question.name;
        c.zone = dns_zone_of(s->config.zones, s->config.zone_count, &m.question.name);
        if (c.zone) c.found = dns_zone_find(c.zone, &m.question.name, m.question.type);
    }
    machine_step(&s->machine, DNS_SERVER_ON_QUERY, &c, effects);
}

void dns_server_receive(DnsServer *s, Ipv4Address source, uint16_t source_port, Ipv4Address own, Bytes payload,
                        Effects *effects) {
    receive(s, (DnsAsker){.address = source, .own = own, .port = source_port}, payload, effects);
}

void dns_server_receive_stream(DnsServer *s, const DnsAsker *from, Bytes message, Effects *effects) {
    receive(s, *from, message, effects);
}
