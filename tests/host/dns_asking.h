/* Asking name servers by hand, and their answers in words. */
#ifndef NETSTAGE_TESTS_DNS_ASKING_H
#define NETSTAGE_TESTS_DNS_ASKING_H

#include "host/world_inside.h"
#include "stack/network.h"

typedef struct {
    const char *name;
    uint16_t type;
    bool rd;
    uint16_t edns; /* octets offered by an OPT record; 0: none */
    uint8_t opcode, version, opts;
    uint16_t class;
    bool without_question;
} Asking;

/* "NOERROR aa rd | example.org MX 10 mail.example.org 3600 | authority | additional" of a DNS message. */
static inline void put_message(Text *text, const DnsMessage *m) {
    static const char *const rcodes[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
    const DnsRecord *opt = dns_message_opt(m);
    if (opt && opt->ttl_s >> 24) text_print(text, "BADVERS%s%s%s", m->aa ? " aa" : "", m->rd ? " rd" : "", m->ra ? " ra" : "");
    else text_print(text, "%s%s%s%s%s", rcodes[m->rcode], m->aa ? " aa" : "", m->tc ? " tc" : "", m->rd ? " rd" : "", m->ra ? " ra" : "");
    for (DnsSection s = DNS_ANSWER; s < DNS_SECTIONS; s++) {
        size_t count;
        const DnsRecord *records = dns_message_section(m, s, &count);
        text_put(text, " |");
        for (size_t i = 0; i < count; i++) {
            if (records[i].type == DNS_TYPE_OPT) {
                text_print(text, " OPT %u", (unsigned)records[i].class);
                continue;
            }
            text_put(text, i ? ", " : " ");
            dns_name_print(text, &records[i].name);
            text_put_char(text, ' ');
            dns_type_print(text, records[i].type);
            text_put_char(text, ' ');
            dns_record_print_data(text, &records[i]);
            text_print(text, " %lu", (unsigned long)records[i].ttl_s);
        }
    }
}

static inline bool message_in(World *w, const TraceRecord *record, DnsMessage *m) {
    Bytes frame = frame_store_get(trace_frames(world_trace(w)), record->message.frame);
    ParseFault fault;
    return dns_message_decode(bytes_slice(frame, record->message.offset, record->message.size), m, &fault);
}

/* Sends the query from pc1, and returns the response of the host `server` in words; "" if none came. The caller frees it. */
static inline Text ask(World *w, const char *server, Ipv4Address address, Asking a) {
    static DnsMessage m;
    dns_message_begin(&m);
    m.id = 77;
    m.opcode = a.opcode;
    m.rd = a.rd;
    m.has_question = !a.without_question;
    if (m.has_question) assert_true(strcmp(a.name, ".") == 0 ? (m.question.name = (DnsName){1, {0}}, true) : dns_name_parse(a.name, &m.question.name));
    m.question.type = a.type;
    m.question.class = a.class ? a.class : DNS_CLASS_IN;
    for (int i = 0; i < (a.edns ? 1 : 0) + a.opts; i++) {
        m.records[m.additional_count++] = (DnsRecord){.name = {1, {0}}, .type = DNS_TYPE_OPT, .class = a.edns, .ttl_s = (uint32_t)a.version << 16, .data = bytes_of("\0\xa\0\0", (size_t)i * 4)};
    }
    uint8_t octets[600];
    ByteWriter writer = byte_writer(octets, sizeof octets);
    dns_message_encode(&m, &writer);
    DatagramTo to = {.source_port = 5353, .destination = address, .destination_port = 53, .interface = INTERFACE_BY_ROUTE, .proto = TRACE_PROTO_DNS};
    size_t since = mark(w);
    udp_send(network_host(w, "pc1")->stack, &to, byte_writer_bytes(&writer), TRACE_NONE, TRACE_NONE);
    run_for(w, 30 * SIM_SECOND);
    Text text = text_new();
    const Trace *trace = world_trace(w);
    for (size_t i = since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT || r->host != world_find(w, server) || r->small != TRACE_PROTO_DNS) continue;
        if (frame_of(w, r->message.frame).destination_port != 5353) continue;
        assert_true(message_in(w, r, &m));
        assert_int_equal(m.id, 77);
        assert_true(m.qr);
        assert_int_equal(m.has_question, !a.without_question);
        if (m.has_question) assert_int_equal(m.question.type, a.type);
        put_message(&text, &m);
    }
    return text;
}

static inline void assert_answer(World *w, const char *server, Ipv4Address address, Asking asking, const char *expected) {
    Text text = ask(w, server, address, asking);
    if (strcmp(text_get(&text), expected) != 0) fail_msg("%s %u:\n  %s\nexpected\n  %s", asking.name ? asking.name : "-", (unsigned)asking.type, text_get(&text), expected);
    text_free(&text);
}

#endif
