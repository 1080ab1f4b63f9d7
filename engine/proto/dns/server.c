/* The name server as a table. Lay it beside RFC 1035 section 4.1.1 (the response codes) and RFC 1034 section 4.3.2. */
#include "proto/dns/server.h"

static const char *const state_names[] = {
#define X(name) #name,
    DNS_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {{"start", INPUT_COMMAND}, {"stop", INPUT_COMMAND}, {"query", INPUT_WIRE}};

typedef struct {
    const DnsMessage *query;
    const DnsServerName *name; /* that is asked for; NULL: not one of ours */
    DatagramTo to;
} DnsCase;

/* ---- Guards ---- */

static bool is_no_standard_query(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->query->opcode != 0;
}

static bool has_no_question(const void *self, const void *argument) {
    (void)self;
    return !((const DnsCase *)argument)->query->has_question;
}

static bool is_of_another_class(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->query->question.class != DNS_CLASS_IN;
}

static bool has_address(const void *self, const void *argument) {
    const DnsCase *c = argument;
    (void)self;
    return c->name && c->query->question.type == DNS_TYPE_A;
}

static bool has_name(const void *self, const void *argument) {
    (void)self;
    return ((const DnsCase *)argument)->name != NULL;
}

/* ---- Actions ---- */

static void respond(const DnsServer *s, const DnsCase *c, DnsRcode rcode, bool addresses, Effects *effects) {
    const DnsMessage *q = c->query;
    DnsMessage m = {.id = q->id, .qr = true, .rd = q->rd, .opcode = q->opcode, .rcode = (uint8_t)rcode};
    m.aa = rcode == DNS_RCODE_NO_ERROR || rcode == DNS_RCODE_NAME_ERROR;
    m.has_question = q->has_question;
    if (q->has_question) m.question = q->question;
    for (uint8_t i = 0; addresses && i < c->name->address_count; i++)
        m.records[m.answer_count++] = (DnsRecord){.name = q->question.name,
                                                  .type = DNS_TYPE_A,
                                                  .class = DNS_CLASS_IN,
                                                  .ttl_s = s->config.ttl_s,
                                                  .address = c->name->addresses[i]};
    ByteWriter w = byte_writer(effect_send_begin(effects, &c->to, DNS_UDP_MOST), DNS_UDP_MOST);
    dns_message_encode(&m, &w);
    CHECK(!w.overflow); /* 12 octets, a question of at most 259, and eight times 16 */
    effect_send_done(effects, w.size);
}

static void answer(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_NO_ERROR, true, effects);
}
/* RFC 2308 section 2.2: the name exists, and has nothing of the type asked for. */
static void answer_nothing(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_NO_ERROR, false, effects);
}
static void answer_name_error(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_NAME_ERROR, false, effects);
}
static void answer_format_error(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_FORMAT_ERROR, false, effects);
}
static void answer_not_implemented(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_NOT_IMPLEMENTED, false, effects);
}
static void refuse(void *self, const void *argument, Effects *effects) {
    respond(self, argument, DNS_RCODE_REFUSED, false, effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_SERVER_##from, DNS_SERVER_ON_##input, guard, action, DNS_SERVER_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, START, NULL, NULL, LISTENING, "1035 4.2.1"),
    ROW(LISTENING, QUERY, is_no_standard_query, answer_not_implemented, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, has_no_question, answer_format_error, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, is_of_another_class, refuse, LISTENING, "1035 4.1.1"),
    ROW(LISTENING, QUERY, has_address, answer, LISTENING, "1034 4.3.2"),
    ROW(LISTENING, QUERY, has_name, answer_nothing, LISTENING, "1034 4.3.2"),
    ROW(LISTENING, QUERY, NULL, answer_name_error, LISTENING, "1034 4.3.2"),
    ROW(LISTENING, STOP, NULL, NULL, CLOSED, "1035 4.2.1"),
};

const MachineSpec dns_server_spec = {
    .name = "dns.server",
    .ref = "RFC 1035 4",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DNS_SERVER_CLOSED,
};

/* ---- Entry points ---- */

void dns_server_init(DnsServer *server, const DnsServerConfig *config) { *server = (DnsServer){.config = *config}; }

void dns_server_input(DnsServer *server, DnsServerInput input, Effects *effects) {
    machine_step(&server->machine, (uint8_t)input, NULL, effects);
}

void dns_server_receive(DnsServer *s, Ipv4Address source, uint16_t source_port, Ipv4Address own, Bytes payload,
                        Effects *effects) {
    DnsMessage m;
    ParseFault fault;
    if (!dns_message_decode(payload, &m, &fault)) {
        effect_ignored(effects, &s->machine, fault.reason);
        return;
    }
    if (m.qr) {
        effect_ignored(effects, &s->machine, "dns.not_a_query");
        return;
    }
    DnsCase c = {.query = &m,
                 .to = {.source = own,
                        .source_port = DNS_PORT,
                        .destination = source,
                        .destination_port = source_port,
                        .interface = INTERFACE_BY_ROUTE,
                        .proto = TRACE_PROTO_DNS}};
    for (size_t i = 0; m.has_question && i < s->config.name_count; i++)
        if (dns_name_equal(&s->config.names[i].name, &m.question.name)) c.name = &s->config.names[i];
    machine_step(&s->machine, DNS_SERVER_ON_QUERY, &c, effects);
}
