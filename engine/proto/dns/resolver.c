/* The stub resolver as a table. Lay it beside RFC 1035 section 7.
 *
 * A look-up sends its query to the first name server, and to the next one (or the first again) whenever no answer has
 * come in time. Only an answer that comes from the server last asked or one asked before, with the query's ID and its
 * question, is believed (section 7.3).
 *
 * DEVIATION: aliases (CNAME) are not followed, and a truncated answer is not asked for again over TCP: a later issue
 * extends DNS. */
#include "proto/dns/resolver.h"

#include "proto/dns/facts.h"

const DnsResolverConfig dns_resolver_config_default = {.retry = 5 * SIM_SECOND, .rounds = 2};

static const char *const state_names[] = {
#define X(name) #name,
    DNS_RESOLVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
    {"look up", INPUT_COMMAND}, {"response", INPUT_WIRE}, {"no answer in time", INPUT_TIMER}, {"stop", INPUT_COMMAND}};
static const char *const timer_names[] = {"retransmit"};

/* ---- What is known ---- */

static DnsKnown *known_find(const DnsResolver *r, const DnsName *name) {
    for (DnsKnown *k = r->known; k; k = k->next)
        if (dns_name_equal(&k->name, name)) return k;
    return NULL;
}

static DnsKnown *known_for(DnsResolver *r, const DnsName *name) {
    DnsKnown *known = known_find(r, name);
    if (known) return known;
    known = arena_alloc(r->arena, sizeof *known);
    Text text = text_new();
    dns_name_print(&text, name);
    known->name = *name;
    known->text = arena_text(r->arena, text_get(&text));
    text_free(&text);
    known->next = r->known;
    r->known = known;
    return known;
}

/* The first address that the answer gives the name, or NULL. */
static const DnsRecord *answer_in(const DnsLookup *l, const DnsMessage *m) {
    for (size_t i = 0; i < m->answer_count; i++) {
        const DnsRecord *record = &m->records[i];
        if (record->type == DNS_TYPE_A && record->class == DNS_CLASS_IN && record->address != 0 &&
            dns_name_equal(&record->name, &l->known->name))
            return record;
    }
    return NULL;
}

/* ---- Guards: of the command the argument is the time, of a response the message ---- */

static bool is_remembered(const void *self, const void *argument) {
    return ((const DnsLookup *)self)->known->expires_at > *(const SimTime *)argument;
}

static bool has_nobody_to_ask(const void *self, const void *argument) {
    (void)argument;
    return ((const DnsLookup *)self)->server_count == 0;
}

static bool is_answer(const void *self, const void *argument) {
    const DnsMessage *m = argument;
    return m->rcode == DNS_RCODE_NO_ERROR && answer_in(self, m) != NULL;
}

static bool is_name_error(const void *self, const void *argument) {
    (void)self;
    return ((const DnsMessage *)argument)->rcode == DNS_RCODE_NAME_ERROR;
}

static bool is_truncated(const void *self, const void *argument) {
    (void)self;
    return ((const DnsMessage *)argument)->tc;
}

static bool is_without_address(const void *self, const void *argument) {
    (void)self;
    return ((const DnsMessage *)argument)->rcode == DNS_RCODE_NO_ERROR;
}

static bool may_ask_again(const void *self, const void *argument) {
    const DnsLookup *l = self;
    (void)argument;
    return l->asked < l->server_count * l->resolver->config.rounds;
}

/* ---- Actions ---- */

static void send_query(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    (void)argument;
    DatagramTo to = {.source_port = l->port,
                     .destination = l->servers[l->asked % l->server_count],
                     .destination_port = DNS_PORT,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_DNS};
    DnsMessage m = {.id = l->id, .rd = true, .has_question = true};
    m.question = (DnsQuestion){l->known->name, DNS_TYPE_A, DNS_CLASS_IN};
    ByteWriter w = byte_writer(effect_send_begin(effects, &to, DNS_UDP_MOST), DNS_UDP_MOST);
    dns_message_encode(&m, &w);
    effect_send_done(effects, w.size);
    l->asked++;
    effect_timer_set(effects, DNS_RESOLVER_TIMER_RETRANSMIT, effects->now + l->resolver->config.retry);
}

static void state_resolved(const DnsLookup *l, bool cached, Effects *effects) {
    const DnsKnown *k = l->known;
    effect_fact(effects, &fact_dns_resolved,
                (int64_t[]){fact_name(k->text), k->address, k->server, k->expires_at - effects->now, cached});
    effect_ask(effects, ASK_TELL_NAME, k->address, NULL, 0);
}

static void give_remembered(void *self, const void *argument, Effects *effects) {
    (void)argument;
    state_resolved(self, true, effects);
}

static void resolve(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    const DnsRecord *record = answer_in(l, argument);
    effect_timer_clear(effects, DNS_RESOLVER_TIMER_RETRANSMIT);
    l->known->address = record->address;
    l->known->server = l->servers[(l->asked - 1) % l->server_count];
    /* RFC 2181 section 8: a TTL has 31 bits; one with the highest bit set is 0. */
    l->known->expires_at = effects->now + (record->ttl_s >> 31 ? 0 : (SimTime)record->ttl_s * SIM_SECOND);
    state_resolved(l, false, effects);
}

static void fail(DnsLookup *l, const char *reason, Effects *effects) {
    effect_timer_clear(effects, DNS_RESOLVER_TIMER_RETRANSMIT);
    effect_fact(effects, &fact_dns_failed, (int64_t[]){fact_name(l->known->text), fact_name(reason)});
    effect_ask(effects, ASK_TELL_NAME, 0, NULL, 0);
}

#define FAILURE(name, reason)                                              \
    static void name(void *self, const void *argument, Effects *effects) { \
        (void)argument;                                                    \
        fail(self, reason, effects);                                       \
    }
FAILURE(fail_without_server, "dns.no_server")
FAILURE(fail_without_answer, "dns.no_answer")
FAILURE(fail_name_error, "dns.name_error")
FAILURE(fail_no_address, "dns.no_address")
FAILURE(fail_truncated, "dns.answer_truncated")
FAILURE(fail_refused, "dns.server_failure")
FAILURE(fail_stopped, "dns.stopped")

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_RESOLVER_##from, DNS_RESOLVER_ON_##input, guard, action, DNS_RESOLVER_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(IDLE, LOOK_UP, is_remembered, give_remembered, IDLE, "1034 5.3.1"),
    ROW(IDLE, LOOK_UP, has_nobody_to_ask, fail_without_server, IDLE, "1034 5.3.1"),
    ROW(IDLE, LOOK_UP, NULL, send_query, WAITING, "1035 7.2"),
    ROW(WAITING, RESPONSE, is_truncated, fail_truncated, IDLE, "1035 4.2.1"),
    ROW(WAITING, RESPONSE, is_answer, resolve, IDLE, "1035 7.3"),
    ROW(WAITING, RESPONSE, is_name_error, fail_name_error, IDLE, "1035 4.1.1"),
    ROW(WAITING, RESPONSE, is_without_address, fail_no_address, IDLE, "1035 7.3"),
    ROW(WAITING, RESPONSE, may_ask_again, send_query, WAITING, "1035 7.3"),
    ROW(WAITING, RESPONSE, NULL, fail_refused, IDLE, "1035 4.1.1"),
    ROW(WAITING, RETRANSMISSION, may_ask_again, send_query, WAITING, "1035 7.2"),
    ROW(WAITING, RETRANSMISSION, NULL, fail_without_answer, IDLE, "1035 7.2"),
    ROW(WAITING, STOP, NULL, fail_stopped, IDLE, "1035 7"),
};

const MachineSpec dns_resolver_spec = {
    .name = "dns.resolver",
    .ref = "RFC 1035 7",
    .subject = "lookup",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DNS_RESOLVER_IDLE,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- Entry points ---- */

void dns_resolver_init(DnsResolver *resolver, const DnsResolverConfig *config, Arena *arena, RandomStream random) {
    *resolver = (DnsResolver){.config = *config, .arena = arena, .random = random};
    for (size_t i = 0; i < DNS_LOOKUPS; i++) resolver->lookups[i].resolver = resolver;
}

DnsLookup *dns_resolver_idle(DnsResolver *resolver) {
    for (size_t i = 0; i < DNS_LOOKUPS; i++)
        if (resolver->lookups[i].machine.state == DNS_RESOLVER_IDLE) return &resolver->lookups[i];
    return NULL;
}

void dns_resolver_look_up(DnsLookup *l, const DnsName *name, const Ipv4Address *servers, uint8_t server_count,
                          uint16_t port, Effects *effects) {
    CHECK(l->machine.state == DNS_RESOLVER_IDLE && server_count <= SETTINGS_SERVERS);
    l->known = known_for(l->resolver, name);
    l->server_count = server_count;
    for (uint8_t i = 0; i < server_count; i++) l->servers[i] = servers[i];
    l->asked = 0;
    l->port = port;
    l->id = (uint16_t)random_below(&l->resolver->random, UINT16_MAX + 1); /* RFC 5452 section 4.3 */
    machine_step(&l->machine, DNS_RESOLVER_ON_LOOK_UP, &effects->now, effects);
}

/* Why the message is no answer to this look-up; NULL: it is one. RFC 5452 section 9.1 lists what must match. */
static const char *no_answer_of(const DnsLookup *l, Ipv4Address source, const DnsMessage *m) {
    bool asked = false;
    for (uint8_t i = 0; i < l->server_count && i < l->asked; i++) asked = asked || l->servers[i] == source;
    if (!m->qr) return "dns.not_a_response";
    if (!asked) return "dns.not_my_server";
    if (m->id != l->id) return "dns.not_my_id";
    if (!m->has_question || m->question.type != DNS_TYPE_A || m->question.class != DNS_CLASS_IN ||
        !dns_name_equal(&m->question.name, &l->known->name))
        return "dns.not_my_question";
    return NULL;
}

void dns_resolver_receive(DnsLookup *l, Ipv4Address source, Bytes payload, Effects *effects) {
    DnsMessage m;
    ParseFault fault;
    const char *reason = dns_message_decode(payload, &m, &fault) ? no_answer_of(l, source, &m) : fault.reason;
    if (reason) effect_ignored(effects, &l->machine, reason);
    else machine_step(&l->machine, DNS_RESOLVER_ON_RESPONSE, &m, effects);
}

void dns_resolver_timer(DnsLookup *l, Effects *effects) {
    machine_step(&l->machine, DNS_RESOLVER_ON_RETRANSMISSION, NULL, effects);
}

void dns_resolver_stop(DnsLookup *l, Effects *effects) {
    if (l->machine.state != DNS_RESOLVER_IDLE) machine_step(&l->machine, DNS_RESOLVER_ON_STOP, NULL, effects);
}

void dns_resolver_forget(DnsResolver *resolver) {
    for (DnsKnown *k = resolver->known; k; k = k->next) k->expires_at = 0;
}
