/* The stub resolver as a table. Lay it beside RFC 1035 section 7.
 *
 * A look-up sends its query to the first name server, and to the next one (or the first again) whenever no answer has
 * come in time. Only an answer that comes from the server last asked or one asked before, with the query's ID and its
 * question, is believed (section 7.3). An alias whose target the answer does not explain is looked up in turn. What did
 * not fit a datagram is asked again by TCP (RFC 7766 section 5). */
#include "proto/dns/resolver.h"

#include "proto/dns/facts.h"

const DnsResolverConfig dns_resolver_config_default = {.retry = 5 * SIM_SECOND, .rounds = 2};

enum { TTL_MOST_S = 604800, LACK_MOST_S = 10800 /* RFC 2308 section 5 */ };

static const char *const state_names[] = {
#define X(name) #name,
    DNS_RESOLVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"look up", INPUT_COMMAND},
                                      {"response", INPUT_WIRE},
                                      {"no answer in time", INPUT_TIMER},
                                      {"no answer by TCP", INPUT_ANSWER},
                                      {"stop", INPUT_COMMAND}};
static const char *const timer_names[] = {"retransmit"};

/* What a response says of the name asked for. */
typedef struct {
    const DnsMessage *message;
    DnsName last;    /* the end of its chain of aliases */
    size_t aliases;  /* in that chain */
    bool has_answer; /* records of the type asked for, at that end */
    const DnsRecord *soa;
    Ipv4Address source;
} DnsReading;

static const DnsKnown *remembered(const DnsLookup *l, SimTime now, size_t *aliases) {
    DnsName name = l->name;
    *aliases = l->aliases;
    return dns_cache_resolve(&l->resolver->cache, &name, l->type, DNS_TRUST_ANSWER, aliases, now);
}

/* ---- Guards: of the command the argument is the time, of a response the reading ---- */

static bool is_remembered(const void *self, const void *argument) {
    size_t aliases;
    const DnsKnown *known = remembered(self, *(const SimTime *)argument, &aliases);
    return known && known->kind == DNS_KNOWN_RECORDS;
}

static bool is_remembered_as_missing(const void *self, const void *argument) {
    size_t aliases;
    const DnsKnown *known = remembered(self, *(const SimTime *)argument, &aliases);
    return known && known->kind == DNS_KNOWN_NO_NAME;
}

static bool is_remembered_as_empty(const void *self, const void *argument) {
    size_t aliases;
    const DnsKnown *known = remembered(self, *(const SimTime *)argument, &aliases);
    return known && known->kind == DNS_KNOWN_NO_DATA;
}

static bool has_nobody_to_ask(const void *self, const void *argument) {
    (void)argument;
    return ((const DnsLookup *)self)->server_count == 0;
}

static bool is_truncated(const void *self, const void *argument) {
    (void)self;
    return ((const DnsReading *)argument)->message->tc;
}

static bool is_answer(const void *self, const void *argument) {
    const DnsReading *r = argument;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && r->has_answer;
}

static bool is_name_error(const void *self, const void *argument) {
    (void)self;
    return ((const DnsReading *)argument)->message->rcode == DNS_RCODE_NAME_ERROR;
}

static bool is_endless(const void *self, const void *argument) {
    const DnsReading *r = argument;
    return r->message->rcode == DNS_RCODE_NO_ERROR && ((const DnsLookup *)self)->aliases + r->aliases >= DNS_ALIASES;
}

static bool is_alias_elsewhere(const void *self, const void *argument) {
    const DnsReading *r = argument;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && r->aliases > 0 && !r->soa;
}

/* A referral is not: the server would have others asked (RFC 2308 section 2.2). */
static bool is_without_data(const void *self, const void *argument) {
    const DnsReading *r = argument;
    size_t count;
    const DnsRecord *authority = dns_message_section(r->message, DNS_AUTHORITY, &count);
    bool referral = !r->message->aa && !r->soa && count > 0 && authority[0].type == DNS_TYPE_NS;
    (void)self;
    return r->message->rcode == DNS_RCODE_NO_ERROR && !referral;
}

static bool may_ask_again(const void *self, const void *argument) {
    const DnsLookup *l = self;
    (void)argument;
    return l->asked < l->server_count * l->resolver->config.rounds;
}

/* ---- Actions ---- */

static void write_query(const DnsLookup *l, ByteWriter *w) {
    DnsMessage m;
    dns_message_begin(&m);
    m.id = l->id;
    m.rd = true;
    m.has_question = true;
    m.question = (DnsQuestion){l->name, l->type, DNS_CLASS_IN};
    dns_message_encode(&m, w);
}

static void send_query(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    (void)argument;
    DatagramTo to = {.source_port = l->port,
                     .destination = l->servers[l->asked % l->server_count],
                     .destination_port = DNS_PORT,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_DNS};
    ByteWriter w = byte_writer(effect_send_begin(effects, &to, DNS_UDP_MOST), DNS_UDP_MOST);
    write_query(l, &w);
    effect_send_done(effects, w.size);
    l->asked++;
    effect_timer_set(effects, DNS_RESOLVER_TIMER_RETRANSMIT, effects->now + l->resolver->config.retry);
}

static Ipv4Address server_asked(const DnsLookup *l) { return l->servers[(l->asked - 1) % l->server_count]; }

/* The server that answered, not necessarily the one asked last, has more to say. */
static void ask_by_tcp(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    uint8_t octets[DNS_UDP_MOST];
    ByteWriter w = byte_writer(octets, sizeof octets);
    write_query(l, &w);
    effect_timer_clear(effects, DNS_RESOLVER_TIMER_RETRANSMIT);
    effect_ask(effects, ASK_DNS_TCP, ((const DnsReading *)argument)->source, octets, w.size);
}

static void give(DnsLookup *l, const DnsKnown *known, bool cached, Effects *effects) {
    l->known = known;
    SimTime ttl = known->expires_at - effects->now;
    if (l->type == DNS_TYPE_A)
        effect_fact(effects, &fact_dns_resolved,
                    (int64_t[]){fact_name(l->text), known->records[0].address, known->server, ttl, cached});
    else
        effect_fact(effects, &fact_dns_answered,
                    (int64_t[]){fact_name(l->text), fact_name(dns_type_name(l->type)), fact_name(known->data),
                                known->server, ttl, cached});
    effect_ask(effects, ASK_TELL_NAME, NAME_FOUND, NULL, 0);
}

static void give_remembered(void *self, const void *argument, Effects *effects) {
    size_t aliases;
    give(self, remembered(self, *(const SimTime *)argument, &aliases), true, effects);
}

/* The aliases of the answer section that lead from the name asked for. */
static void learn_aliases(DnsLookup *l, const DnsReading *r, Effects *effects) {
    DnsName name = l->name;
    for (size_t i = 0; i < r->aliases; i++) {
        const DnsRecord *alias = dns_message_find(r->message, DNS_ANSWER, &name, DNS_TYPE_CNAME);
        (void)dns_cache_learn(&l->resolver->cache, r->message, alias, DNS_TRUST_ANSWER, server_asked(l), effects);
        name = dns_record_target(alias);
    }
}

static void resolve(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    const DnsReading *r = argument;
    effect_timer_clear(effects, DNS_RESOLVER_TIMER_RETRANSMIT);
    learn_aliases(l, r, effects);
    const DnsRecord *first = dns_message_find(r->message, DNS_ANSWER, &r->last, l->type);
    give(l, dns_cache_learn(&l->resolver->cache, r->message, first, DNS_TRUST_ANSWER, server_asked(l), effects), false,
         effects);
}

static void follow_alias(void *self, const void *argument, Effects *effects) {
    DnsLookup *l = self;
    const DnsReading *r = argument;
    learn_aliases(l, r, effects);
    l->name = r->last;
    l->aliases += (uint8_t)r->aliases;
    l->asked = 0;
    l->id = (uint16_t)random_below(&l->resolver->random, UINT16_MAX + 1);
    send_query(l, NULL, effects);
}

static void end(DnsLookup *l, const char *reason, NameOutcome outcome, Effects *effects) {
    effect_timer_clear(effects, DNS_RESOLVER_TIMER_RETRANSMIT);
    effect_fact(effects, &fact_dns_failed, (int64_t[]){fact_name(l->text), fact_name(reason)});
    effect_ask(effects, ASK_TELL_NAME, outcome, NULL, 0);
}

static void learn_lack(DnsLookup *l, const DnsReading *r, uint16_t type, Effects *effects) {
    learn_aliases(l, r, effects);
    (void)dns_cache_learn_lack(&l->resolver->cache, &r->last, type, r->soa, server_asked(l), effects);
}

static void fail_name_error(void *self, const void *argument, Effects *effects) {
    learn_lack(self, argument, 0, effects);
    end(self, "dns.name_error", NAME_NONE, effects);
}

static void fail_no_data(void *self, const void *argument, Effects *effects) {
    learn_lack(self, argument, ((DnsLookup *)self)->type, effects);
    end(self, "dns.no_data", NAME_NO_DATA, effects);
}

#define FAILURE(name, reason, outcome)                                     \
    static void name(void *self, const void *argument, Effects *effects) { \
        (void)argument;                                                    \
        end(self, reason, outcome, effects);                               \
    }
FAILURE(fail_remembered_missing, "dns.name_error", NAME_NONE)
FAILURE(fail_remembered_empty, "dns.no_data", NAME_NO_DATA)
FAILURE(fail_without_server, "dns.no_server", NAME_TEMPORARY)
FAILURE(fail_without_answer, "dns.no_answer", NAME_TEMPORARY)
FAILURE(fail_endless, "dns.alias_loop", NAME_TEMPORARY)
FAILURE(fail_refused, "dns.server_failure", NAME_TEMPORARY)
FAILURE(fail_stopped, "dns.stopped", NAME_TEMPORARY)

static void stop_tcp(void *self, const void *argument, Effects *effects) {
    effect_ask(effects, ASK_DNS_TCP, 0, NULL, 0);
    fail_stopped(self, argument, effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_RESOLVER_##from, DNS_RESOLVER_ON_##input, guard, action, DNS_RESOLVER_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(IDLE, LOOK_UP, is_remembered, give_remembered, IDLE, "1034 5.3.1"),
    ROW(IDLE, LOOK_UP, is_remembered_as_missing, fail_remembered_missing, IDLE, "2308 5"),
    ROW(IDLE, LOOK_UP, is_remembered_as_empty, fail_remembered_empty, IDLE, "2308 5"),
    ROW(IDLE, LOOK_UP, has_nobody_to_ask, fail_without_server, IDLE, "1034 5.3.1"),
    ROW(IDLE, LOOK_UP, NULL, send_query, WAITING, "1035 7.2"),
    ROW(WAITING, RESPONSE, is_truncated, ask_by_tcp, BY_TCP, "7766 5"),
    ROW(WAITING, RESPONSE, is_answer, resolve, IDLE, "1035 7.3"),
    ROW(WAITING, RESPONSE, is_name_error, fail_name_error, IDLE, "2308 2.1"),
    ROW(WAITING, RESPONSE, is_endless, fail_endless, IDLE, "1034 5.2.2"),
    ROW(WAITING, RESPONSE, is_alias_elsewhere, follow_alias, WAITING, "1034 5.2.2"),
    ROW(WAITING, RESPONSE, is_without_data, fail_no_data, IDLE, "2308 2.2"),
    ROW(WAITING, RESPONSE, may_ask_again, send_query, WAITING, "1035 7.3"),
    ROW(WAITING, RESPONSE, NULL, fail_refused, IDLE, "1035 4.1.1"),
    ROW(WAITING, RETRANSMISSION, may_ask_again, send_query, WAITING, "1035 7.2"),
    ROW(WAITING, RETRANSMISSION, NULL, fail_without_answer, IDLE, "1035 7.2"),
    ROW(WAITING, STOP, NULL, fail_stopped, IDLE, "1035 7"),
    ROW(BY_TCP, RESPONSE, is_answer, resolve, IDLE, "1035 7.3"),
    ROW(BY_TCP, RESPONSE, is_name_error, fail_name_error, IDLE, "2308 2.1"),
    ROW(BY_TCP, RESPONSE, is_endless, fail_endless, IDLE, "1034 5.2.2"),
    ROW(BY_TCP, RESPONSE, is_alias_elsewhere, follow_alias, WAITING, "1034 5.2.2"),
    ROW(BY_TCP, RESPONSE, is_without_data, fail_no_data, IDLE, "2308 2.2"),
    ROW(BY_TCP, RESPONSE, may_ask_again, send_query, WAITING, "1035 7.3"),
    ROW(BY_TCP, RESPONSE, NULL, fail_refused, IDLE, "1035 4.1.1"),
    ROW(BY_TCP, NO_TCP, may_ask_again, send_query, WAITING, "7766 5"),
    ROW(BY_TCP, NO_TCP, NULL, fail_without_answer, IDLE, "7766 5"),
    ROW(BY_TCP, STOP, NULL, stop_tcp, IDLE, "1035 7"),
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
    *resolver = (DnsResolver){.config = *config, .random = random};
    dns_cache_init(&resolver->cache, arena, false, TTL_MOST_S, LACK_MOST_S);
    for (size_t i = 0; i < DNS_LOOKUPS; i++) resolver->lookups[i].resolver = resolver;
}

DnsLookup *dns_resolver_idle(DnsResolver *resolver) {
    for (size_t i = 0; i < DNS_LOOKUPS; i++)
        if (resolver->lookups[i].machine.state == DNS_RESOLVER_IDLE) return &resolver->lookups[i];
    return NULL;
}

void dns_resolver_look_up(DnsLookup *l, const DnsName *name, uint16_t type, const Ipv4Address *servers,
                          uint8_t server_count, uint16_t port, Effects *effects) {
    CHECK(l->machine.state == DNS_RESOLVER_IDLE && server_count <= SETTINGS_SERVERS && dns_type_name(type));
    Text text = text_new();
    dns_name_print(&text, name);
    l->text = arena_text(l->resolver->cache.arena, text_get(&text));
    text_free(&text);
    l->name = *name;
    l->type = type;
    l->aliases = 0;
    l->known = NULL;
    l->server_count = server_count;
    for (uint8_t i = 0; i < server_count; i++) l->servers[i] = servers[i];
    l->asked = 0;
    l->port = port;
    l->id = (uint16_t)random_below(&l->resolver->random, UINT16_MAX + 1); /* RFC 5452 section 4.3 */
    machine_step(&l->machine, DNS_RESOLVER_ON_LOOK_UP, &effects->now, effects);
}

/* Why the message is no answer to this look-up; NULL: it is one. RFC 5452 section 9.1 lists what must match. */
static const char *no_answer_of(const DnsLookup *l, const DnsMessage *m) {
    if (!m->qr) return "dns.not_a_response";
    if (m->id != l->id) return "dns.not_my_id";
    if (!m->has_question || m->question.type != l->type || m->question.class != DNS_CLASS_IN ||
        !dns_name_equal(&m->question.name, &l->name))
        return "dns.not_my_question";
    return NULL;
}

static bool was_asked(const DnsLookup *l, Ipv4Address source) {
    for (uint8_t i = 0; i < l->server_count && i < l->asked; i++)
        if (l->servers[i] == source) return true;
    return false;
}

static const char *receive(DnsLookup *l, Ipv4Address source, Bytes octets, Effects *effects) {
    DnsMessage m;
    ParseFault fault;
    const char *reason = dns_message_decode(octets, &m, &fault) ? no_answer_of(l, &m) : fault.reason;
    if (!reason && source != 0 && !was_asked(l, source)) reason = "dns.not_my_server";
    if (reason) {
        effect_ignored(effects, &l->machine, reason);
        return reason;
    }
    DnsReading reading = {.message = &m, .source = source};
    reading.last = dns_message_follow(&m, &l->name, l->type, &reading.aliases);
    reading.has_answer = dns_message_find(&m, DNS_ANSWER, &reading.last, l->type) != NULL;
    reading.soa = dns_message_soa(&m, &reading.last);
    machine_step(&l->machine, DNS_RESOLVER_ON_RESPONSE, &reading, effects);
    return NULL;
}

void dns_resolver_receive(DnsLookup *l, Ipv4Address source, Bytes payload, Effects *effects) {
    if (l->machine.state == DNS_RESOLVER_BY_TCP) effect_ignored(effects, &l->machine, "dns.asked_by_tcp");
    else (void)receive(l, source, payload, effects);
}

void dns_resolver_receive_tcp(DnsLookup *l, Bytes message, Effects *effects) {
    if (message.size == 0 || receive(l, 0, message, effects) != NULL)
        machine_step(&l->machine, DNS_RESOLVER_ON_NO_TCP, NULL, effects);
}

void dns_resolver_timer(DnsLookup *l, Effects *effects) {
    machine_step(&l->machine, DNS_RESOLVER_ON_RETRANSMISSION, NULL, effects);
}

void dns_resolver_stop(DnsLookup *l, Effects *effects) {
    if (l->machine.state != DNS_RESOLVER_IDLE) machine_step(&l->machine, DNS_RESOLVER_ON_STOP, NULL, effects);
}

void dns_resolver_forget(DnsResolver *resolver) { dns_cache_clear(&resolver->cache); }
