/* What a resolver knows without asking, and its entry points: steps 1 and 2 of RFC 1034 section 5.3.3. */
#include "proto/dns/recursor_inside.h"

/* ---- What is known ---- */

static DnsInquiry *inquiry_about(DnsRecursor *r, const DnsName *name, uint16_t type) {
    for (size_t i = 0; i < DNS_INQUIRIES; i++) {
        DnsInquiry *q = &r->inquiries[i];
        if (q->machine.state != DNS_RECURSOR_IDLE && q->type == type && dns_name_equal(&q->asked, name)) return q;
    }
    return NULL;
}

static DnsInquiry *idle_inquiry(DnsRecursor *r) {
    for (size_t i = 0; i < DNS_INQUIRIES; i++)
        if (r->inquiries[i].machine.state == DNS_RECURSOR_IDLE) return &r->inquiries[i];
    return NULL;
}

/* Whether `q` would wait for itself if it asked for this server's address. */
static bool would_circle(const DnsInquiry *q, const DnsName *server) {
    const DnsInquiry *other = inquiry_about(q->recursor, server, DNS_TYPE_A);
    for (; other; other = other->machine.state == DNS_RECURSOR_AWAITING ? other->awaits : NULL)
        if (other == q) return true;
    return false;
}

typedef enum {
    ZONE_UNKNOWN, /* no name servers of this zone are known */
    ZONE_USABLE,  /* their addresses, or the name of one that may be looked up */
    ZONE_CIRCLE,  /* to know an address one would have to know it: the zone above may tell it (glue) */
    ZONE_LOST,    /* nobody knows an address of any of them */
} ZoneServers;

/* The zone's name servers as far as they are known. */
static ZoneServers servers_of(const DnsInquiry *q, const DnsName *cut, DnsLocal *local, SimTime now) {
    const DnsCache *cache = &q->recursor->cache;
    const DnsKnown *ns = dns_cache_find(cache, cut, DNS_TYPE_NS, DNS_TRUST_REFERRAL, now);
    if (!ns || ns->kind != DNS_KNOWN_RECORDS) return ZONE_UNKNOWN;
    bool named = false, circle = false;
    local->cut = *cut;
    local->server_count = 0;
    for (size_t i = 0; i < ns->record_count; i++) {
        DnsName server = dns_record_target(&ns->records[i]), last = server;
        size_t aliases = 0; /* RFC 2181 section 10.3: a server's name should be no alias; some are */
        const DnsKnown *address = dns_cache_resolve(cache, &last, DNS_TYPE_A, DNS_TRUST_REFERRAL, &aliases, now);
        if (address && address->kind == DNS_KNOWN_RECORDS)
            for (size_t k = 0; k < address->record_count && local->server_count < DNS_INQUIRY_SERVERS; k++)
                local->servers[local->server_count++] = address->records[k].address;
        if (address || aliases == DNS_ALIASES || named) continue;
        bool circles = would_circle(q, &server);
        circle = circle || circles;
        named = !circles;
        local->server_name = server;
    }
    if (local->server_count > 0 || named) return ZONE_USABLE;
    return circle ? ZONE_CIRCLE : ZONE_LOST;
}

static DnsRecursorInput dead_end(DnsInquiry *q, const char *reason) {
    q->reason = reason;
    return DNS_RECURSOR_ON_DEAD_END;
}

/* Step 2: the nearest zone above the name whose servers are known. */
static DnsRecursorInput look_for_servers(DnsInquiry *q, DnsLocal *local, SimTime now) {
    DnsRecursor *r = q->recursor;
    ZoneServers servers = ZONE_UNKNOWN;
    for (size_t labels = dns_name_labels(&q->name) + 1; labels-- > 0 && servers != ZONE_USABLE;) {
        DnsName cut = dns_name_ending(&q->name, labels);
        servers = servers_of(q, &cut, local, now);
        if (servers == ZONE_LOST) return dead_end(q, "dns.no_server");
        if (servers == ZONE_CIRCLE && q->circles++ > 0) return dead_end(q, "dns.circle");
    }
    if (servers != ZONE_USABLE) { /* from the root down */
        local->cut = (DnsName){1, {0}};
        local->server_count = r->config.root_count < DNS_INQUIRY_SERVERS ? r->config.root_count : DNS_INQUIRY_SERVERS;
        for (uint8_t i = 0; i < local->server_count; i++) local->servers[i] = r->config.roots[i];
    }
    if (local->server_count > 0) return DNS_RECURSOR_ON_SERVERS_KNOWN;
    if (q->finds >= DNS_INQUIRY_FINDS || q->depth >= DNS_INQUIRY_DEPTH || !idle_inquiry(r))
        return dead_end(q, "dns.too_many_queries");
    return DNS_RECURSOR_ON_SERVER_NAMED;
}

/* Which arrow leads on from LOOKING. */
static DnsRecursorInput look(DnsInquiry *q, DnsLocal *local, SimTime now) {
    size_t aliases = 0;
    DnsTrust least = q->depth > 0 ? DNS_TRUST_REFERRAL : DNS_TRUST_ANSWER; /* glue will do for asking a server */
    q->name = q->asked;
    local->known = dns_cache_resolve(&q->recursor->cache, &q->name, q->type, least, &aliases, now);
    if (local->known && local->known->kind != DNS_KNOWN_FAILURE) return DNS_RECURSOR_ON_ANSWER_KNOWN;
    if (local->known) return dead_end(q, "dns.server_failure");
    if (aliases == DNS_ALIASES) return dead_end(q, "dns.alias_loop");
    if (q->queries >= DNS_INQUIRY_QUERIES) return dead_end(q, "dns.too_many_queries");
    return look_for_servers(q, local, now);
}

/* ---- Going on ---- */

static void go_on(DnsInquiry *q, Effects *effects);

static void begin(DnsInquiry *q, const DnsName *name, uint16_t type, uint8_t depth, Effects *effects) {
    Text text = text_new();
    dns_name_print(&text, name);
    q->asked = *name;
    q->text = arena_text(q->recursor->cache.arena, text_get(&text));
    text_free(&text);
    q->type = type;
    q->depth = depth;
    q->asker_count = q->queries = q->finds = q->circles = 0;
    q->awaits = NULL;
    machine_step(&q->machine, DNS_RECURSOR_ON_QUESTION, NULL, effects);
}

/* It is over: whoever waited for it looks again at what is known now. */
static void wake_waiting(DnsInquiry *ended, Effects *effects) {
    for (size_t i = 0; i < DNS_INQUIRIES; i++) {
        DnsInquiry *q = &ended->recursor->inquiries[i];
        if (q->machine.state != DNS_RECURSOR_AWAITING || q->awaits != ended) continue;
        q->awaits = NULL;
        if (q->queries < ended->queries) q->queries = ended->queries;
        if (q->finds < ended->finds) q->finds = ended->finds;
        machine_step(&q->machine, DNS_RECURSOR_ON_SERVER_LOOKED_UP, NULL, effects);
        go_on(q, effects);
    }
}

static void await_server(DnsInquiry *q, const DnsName *server, Effects *effects) {
    q->finds++;
    q->awaits = inquiry_about(q->recursor, server, DNS_TYPE_A);
    if (q->awaits) return;
    DnsInquiry *other = idle_inquiry(q->recursor);
    q->awaits = other;
    begin(other, server, DNS_TYPE_A, (uint8_t)(q->depth + 1), effects);
    other->queries = q->queries; /* whatever it costs counts together */
    other->finds = q->finds;
    go_on(other, effects);
}

/* After every step: out of LOOKING, which lasts no time; and the end of one question may be what another waits for. */
static void go_on(DnsInquiry *q, Effects *effects) {
    if (q->machine.state == DNS_RECURSOR_LOOKING) {
        DnsLocal local;
        DnsRecursorInput input = look(q, &local, effects->now);
        machine_step(&q->machine, (uint8_t)input, &local, effects);
        if (input == DNS_RECURSOR_ON_SERVER_NAMED) await_server(q, &local.server_name, effects);
    }
    if (q->machine.state == DNS_RECURSOR_IDLE) wake_waiting(q, effects);
}

/* ---- Entry points ---- */

void dns_recursor_init(DnsRecursor *r, const DnsRecursorConfig *config, Arena *arena, RandomStream random) {
    *r = (DnsRecursor){.config = *config, .random = random};
    dns_cache_init(&r->cache, arena, true, config->ttl_most_s, config->lack_most_s);
    for (size_t i = 0; i < DNS_INQUIRIES; i++) r->inquiries[i].recursor = r;
}

static bool has_asked(const DnsInquiry *q, const DnsAsker *asker) {
    for (uint8_t i = 0; i < q->asker_count; i++) {
        const DnsAsker *a = &q->askers[i];
        if (a->address == asker->address && a->port == asker->port && a->connection == asker->connection &&
            a->id == asker->id)
            return true;
    }
    return false;
}

void dns_recursor_ask(DnsRecursor *r, const DnsAsker *asker, uint16_t type, Effects *effects) {
    DnsInquiry *q = inquiry_about(r, &asker->name, type), *idle = idle_inquiry(r);
    if (q && has_asked(q, asker)) {
        effect_ignored(effects, &q->machine, "dns.asked_already");
    } else if (q && q->asker_count < DNS_INQUIRY_ASKERS) {
        q->askers[q->asker_count++] = *asker; /* the same answer will do for both */
    } else if (q || !idle) {
        effect_ignored(effects, q ? &q->machine : &r->inquiries[0].machine, "dns.too_many_questions");
        dns_recursor_refuse(asker, type, effects);
    } else {
        begin(idle, &asker->name, type, 0, effects);
        idle->askers[idle->asker_count++] = *asker;
        go_on(idle, effects);
    }
}

/* Why the message is no answer to the query under way; NULL: it is one. RFC 5452 section 9.1. */
static const char *no_answer_of(const DnsInquiry *q, const DnsMessage *m) {
    if (!m->qr) return "dns.not_a_response";
    if (m->id != q->id) return "dns.not_my_id";
    if (!m->has_question || m->question.type != q->type || m->question.class != DNS_CLASS_IN ||
        !dns_name_equal(&m->question.name, &q->name))
        return "dns.not_my_question";
    return NULL;
}

static bool was_asked(const DnsInquiry *q, Ipv4Address source) {
    for (uint8_t i = 0; i < q->server_count && i < q->sent; i++)
        if (q->servers[i] == source) return true;
    return false;
}

static const DnsRecord *referral_in(const DnsInquiry *q, const DnsMessage *m) {
    size_t count;
    const DnsRecord *authority = dns_message_section(m, DNS_AUTHORITY, &count);
    for (size_t i = 0; i < count; i++) {
        const DnsRecord *ns = &authority[i];
        if (ns->type == DNS_TYPE_NS && ns->class == DNS_CLASS_IN && ns->name.size > q->cut.size &&
            dns_name_within(&q->name, &ns->name) && dns_name_within(&ns->name, &q->cut))
            return ns;
    }
    return NULL;
}

static const char *receive(DnsInquiry *q, Ipv4Address source, Bytes octets, Effects *effects) {
    DnsMessage m;
    ParseFault fault;
    const char *reason = dns_message_decode(octets, &m, &fault) ? no_answer_of(q, &m) : fault.reason;
    if (!reason && source != 0 && !was_asked(q, source)) reason = "dns.not_my_server";
    if (reason) {
        effect_ignored(effects, &q->machine, reason);
        return reason;
    }
    DnsReading reading = {.message = &m, .source = source};
    reading.referral = m.answer_count == 0 ? referral_in(q, &m) : NULL;
    reading.last = dns_message_follow(&m, &q->name, q->type, &reading.aliases);
    reading.has_answer = dns_message_find(&m, DNS_ANSWER, &reading.last, q->type) != NULL;
    reading.soa = dns_message_soa(&m, &reading.last);
    machine_step(&q->machine, DNS_RECURSOR_ON_RESPONSE, &reading, effects);
    go_on(q, effects);
    return NULL;
}

void dns_recursor_receive(DnsInquiry *q, Ipv4Address source, Bytes payload, Effects *effects) {
    if (q->machine.state == DNS_RECURSOR_BY_TCP) effect_ignored(effects, &q->machine, "dns.asked_by_tcp");
    else (void)receive(q, source, payload, effects);
}

void dns_recursor_receive_tcp(DnsInquiry *q, Bytes message, Effects *effects) {
    if (message.size > 0 && receive(q, 0, message, effects) == NULL) return;
    machine_step(&q->machine, DNS_RECURSOR_ON_NO_TCP, NULL, effects);
    go_on(q, effects);
}

void dns_recursor_timer(DnsInquiry *q, Effects *effects) {
    machine_step(&q->machine, DNS_RECURSOR_ON_RETRANSMISSION, NULL, effects);
    go_on(q, effects);
}

void dns_recursor_stop(DnsRecursor *r, Effects *effects) {
    for (size_t i = 0; i < DNS_INQUIRIES; i++)
        if (r->inquiries[i].machine.state != DNS_RECURSOR_IDLE)
            machine_step(&r->inquiries[i].machine, DNS_RECURSOR_ON_STOP, NULL, effects);
}

void dns_recursor_forget(DnsRecursor *r) { dns_cache_clear(&r->cache); }
