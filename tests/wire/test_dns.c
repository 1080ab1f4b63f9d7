/* DNS messages: names, compression, what is refused and where, and round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/describe.h"
#include "wire/dns.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

static void names(void **state) {
    (void)state;
    static const struct {
        const char *text, *octets, *printed;
    } good[] = {
        {"www.example.org", "\3www\7example\3org", "www.example.org"},
        {"www.example.org.", "\3www\7example\3org", "www.example.org"},
        {"a", "\1a", "a"},
        {"_dmarc.x-y.Z9", "\6_dmarc\3x-y\2Z9", "_dmarc.x-y.Z9"},
    };
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        DnsName name;
        assert_true(dns_name_parse(good[i].text, &name));
        assert_int_equal(name.size, strlen(good[i].octets) + 1);
        assert_memory_equal(name.octets, good[i].octets, name.size);
        Text text = text_new();
        dns_name_print(&text, &name);
        assert_string_equal(text_get(&text), good[i].printed);
        text_free(&text);
    }
    static const char *const bad[] = {"", ".", "..", "a..b", ".a", "a b", "a/b", "-a", "a-", "a.-b.c", "\xe7\xa7\x9f"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        DnsName name;
        if (dns_name_parse(bad[i], &name)) fail_msg("\"%s\" was taken", bad[i]);
    }
    /* 63 octets a label, 255 in all. */
    char text[300];
    DnsName name;
    memset(text, 'x', sizeof text);
    text[63] = 0;
    assert_true(dns_name_parse(text, &name));
    text[63] = 'x', text[64] = 0;
    assert_false(dns_name_parse(text, &name));
    memset(text, 'x', sizeof text);
    for (size_t i = 63; i < 253; i += 64) text[i] = '.';
    text[253] = 0;
    assert_true(dns_name_parse(text, &name)); /* 63.63.63.61: 255 octets */
    assert_int_equal(name.size, 255);
    text[253] = 'x', text[254] = 0;
    assert_false(dns_name_parse(text, &name));
    DnsName a, b;
    assert_true(dns_name_parse("WWW.example.ORG", &a) && dns_name_parse("www.EXAMPLE.org.", &b));
    assert_true(dns_name_equal(&a, &b));
    assert_true(dns_name_parse("ww.wexample.org", &b)); /* the same letters, other labels */
    assert_false(dns_name_equal(&a, &b));
    DnsName odd = {6, {4, ' ', '.', 0, 0xff, 0}};
    Text printed = text_new();
    dns_name_print(&printed, &odd);
    assert_string_equal(text_get(&printed), "\\032\\046\\000\\255");
    text_clear(&printed);
    dns_name_print(&printed, &(DnsName){1, {0}});
    assert_string_equal(text_get(&printed), ".");
    text_free(&printed);
}

/* A response as a name server on the Internet makes it: names compressed to pointers, a CNAME, EDNS. */
static const uint8_t answer[] = {
    0x12, 0x34, 0x81, 0xa0, 0, 1, 0, 2, 0, 0, 0, 1,                                      /* header: 0 */
    3, 'w', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 0, 1, 0, 1, /* question: 12 */
    0xc0, 12, 0, 5, 0, 1, 0, 0, 0x0e, 0x10, 0, 6, 3, 'w', 'e', 'b', 0xc0, 16,             /* CNAME web.example.org: 33 */
    0xc0, 45, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 168, 1, 10,                            /* A of that: 51 */
    0, 0, 41, 4, 0xd0, 0, 0, 0, 0, 0, 0,                                                 /* OPT: 67 */
};

static void a_real_answer(void **state) {
    (void)state;
    DnsMessage m;
    ParseFault fault = {0};
    if (!dns_message_decode(bytes_of(answer, sizeof answer), &m, &fault)) fail_msg("%s at %zu", fault.reason, fault.offset);
    assert_int_equal(m.id, 0x1234);
    assert_true(m.qr && m.rd && m.ra && m.ad);
    assert_false(m.aa || m.tc || m.z || m.cd);
    assert_int_equal(m.rcode, 0);
    assert_true(m.has_question && m.answer_count == 2 && m.authority_count == 0 && m.additional_count == 1);
    DnsName www, web;
    assert_true(dns_name_parse("www.example.org", &www) && dns_name_parse("web.example.org", &web));
    assert_true(dns_name_equal(&m.question.name, &www));
    assert_true(dns_name_equal(&m.records[0].name, &www));
    assert_int_equal(m.records[0].type, DNS_TYPE_CNAME);
    assert_int_equal(m.records[0].data.size, 17); /* expanded: web.example.org */
    DnsName target = dns_record_target(&m.records[0]);
    assert_true(dns_name_equal(&target, &web));
    assert_true(dns_name_equal(&m.records[1].name, &web)); /* a pointer to a name that ends in a pointer */
    assert_int_equal(m.records[1].address, 0xc0a8010a);
    assert_int_equal(m.records[1].ttl_s, 60);
    assert_int_equal(m.records[2].type, DNS_TYPE_OPT);
    assert_int_equal(m.records[2].name.size, 1);
    assert_int_equal(m.records[2].data.size, 0);
}

/* Cut anywhere, it is refused, and the place is where the octets end. */
static void every_truncation(void **state) {
    (void)state;
    for (size_t size = 0; size < sizeof answer; size++) {
        uint8_t *copy = malloc(size ? size : 1); /* so that a sanitizer sees a step beyond */
        memcpy(copy, answer, size);
        DnsMessage m;
        ParseFault fault = {0};
        assert_false(dns_message_decode(bytes_of(copy, size), &m, &fault));
        assert_string_equal(fault.reason, "dns.truncated");
        assert_int_equal(fault.offset, size);
        free(copy);
    }
}

static void what_is_refused(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *reason;
        size_t offset;
    } cases[] = {
        {5, 2, "dns.questions", 4},
        {7, 65, "dns.records", 6},
        {12, 0x40, "dns.label", 12},
        {12, 0x80, "dns.label", 12},
        {34, 33, "dns.pointer", 33}, /* to itself */
        {34, 35, "dns.pointer", 33}, /* ahead */
        {34, 11, "dns.pointer", 33}, /* into the header */
        {62, 3, "dns.rdata_length", 61},
        {11, 0, "dns.trailing", 67},
        {7, 3, "dns.truncated", sizeof answer},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[sizeof answer];
        memcpy(octets, answer, sizeof answer);
        octets[cases[i].at] = cases[i].value;
        DnsMessage m;
        ParseFault fault = {0};
        assert_false(dns_message_decode(bytes_of(octets, sizeof octets), &m, &fault));
        if (strcmp(fault.reason, cases[i].reason) != 0 || fault.offset != cases[i].offset) fail_msg("case %zu: %s at %zu", i, fault.reason, fault.offset);
    }
    /* Two names that point at each other would never end; pointers that build a name of more than 255 octets. */
    uint8_t loop[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 'a', 0xc0, 12, 0, 1, 0, 1};
    DnsMessage m;
    ParseFault fault;
    assert_false(dns_message_decode(bytes_of(loop, sizeof loop), &m, &fault));
    assert_string_equal(fault.reason, "dns.pointer");
    uint8_t longest[12 + 5 * 64 + 5] = {0, 0, 0, 0, 0, 1};
    for (size_t i = 0; i < 5; i++) longest[12 + 64 * i] = 63;
    assert_false(dns_message_decode(bytes_of(longest, sizeof longest), &m, &fault));
    assert_string_equal(fault.reason, "dns.name_too_long");
    assert_int_equal(fault.offset, 12 + 3 * 64);
}

static void round_trip(void **state) {
    (void)state;
    DnsMessage m = {.id = 0xbeef, .qr = true, .aa = true, .rd = true, .cd = true, .opcode = 2, .rcode = 3, .has_question = true, .answer_count = 1, .authority_count = 1};
    assert_true(dns_name_parse("www.example.org", &m.question.name));
    m.question.type = DNS_TYPE_A, m.question.class = DNS_CLASS_IN;
    m.records[0] = (DnsRecord){.name = m.question.name, .type = DNS_TYPE_A, .class = DNS_CLASS_IN, .ttl_s = 60, .address = 0xc0a8010a};
    m.records[1] = (DnsRecord){.type = DNS_TYPE_TXT, .class = DNS_CLASS_IN, .ttl_s = 7, .data = bytes_of("\2hi", 3)};
    assert_true(dns_name_parse("example.org", &m.records[1].name));
    uint8_t octets[512];
    ByteWriter w = byte_writer(octets, sizeof octets);
    dns_message_encode(&m, &w);
    assert_int_equal(w.size, 12 + 21 + 16 + (2 + 10 + 3)); /* the owners are pointers of 2 octets, the second into the first name */
    assert_memory_equal(octets + 33, "\xc0\x0c", 2);
    DnsMessage again;
    ParseFault fault;
    assert_true(dns_message_decode(byte_writer_bytes(&w), &again, &fault));
    assert_int_equal(again.id, 0xbeef);
    assert_true(again.qr && again.aa && !again.tc && again.rd && !again.ra && !again.z && !again.ad && again.cd);
    assert_int_equal(again.opcode, 2);
    assert_int_equal(again.rcode, 3);
    assert_true(dns_name_equal(&again.records[0].name, &m.question.name));
    assert_int_equal(again.records[0].address, 0xc0a8010a);
    assert_true(dns_name_equal(&again.records[1].name, &m.records[1].name));
    assert_true(bytes_equal(again.records[1].data, m.records[1].data));
    assert_int_equal(again.records[1].ttl_s, 7);
    w = byte_writer(octets, 40);
    dns_message_encode(&m, &w);
    assert_true(w.overflow);
}

/* The answer within a frame, for the Message panel: each field's octets lie inside it, and its values are these. */
static void described(void **state) {
    (void)state;
    uint8_t frame[200];
    ByteWriter w = byte_writer(frame, sizeof frame);
    EthernetFrame ethernet = {.type = ETHERNET_TYPE_IPV4};
    ethernet_encode_header(&ethernet, &w);
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_UDP, .source = 0x01020304, .destination = 0x05060708};
    ipv4_encode_header(&ip, 8 + sizeof answer, &w);
    udp_encode(ip.source, ip.destination, 53, 50000, bytes_of(answer, sizeof answer), &w);
    Description d = {0};
    describe_frame(byte_writer_bytes(&w), &d);
    assert_null(d.fault.reason);
    assert_string_equal(d.protocol, "dns");
    assert_string_equal(d.message, "response");
    static const struct {
        const char *key, *value;
        size_t offset, length;
    } fields[] = {{"dns.id", "0x1234", 0, 2}, {"dns.qr", "1", 2, 1}, {"dns.opcode", "QUERY", 2, 1}, {"dns.ad", "1", 3, 1}, {"dns.rcode", "NOERROR", 3, 1},
                  {"dns.ancount", "2", 6, 2}, {"dns.qname", "www.example.org", 12, 17}, {"dns.qtype", "A", 29, 2}, {"dns.qclass", "IN", 31, 2},
                  {"dns.name", "www.example.org", 33, 2}, {"dns.type", "CNAME", 35, 2}, {"dns.ttl", "3600", 39, 4}, {"dns.address", "192.168.1.10", 63, 4},
                  {"dns.question", "www.example.org A", 12, 21}, {"dns.answer", "www.example.org CNAME", 33, 18}, {"dns.additional", ". OPT", 67, 11}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const DescribedField *f = description_find(&d, fields[i].key);
        if (!f) fail_msg("%s is missing", fields[i].key);
        assert_string_equal(description_value(&d, f), fields[i].value);
        assert_int_equal(f->offset, 42 + fields[i].offset);
        assert_int_equal(f->length, fields[i].length);
    }
    FrameSummary s;
    frame_summarise(byte_writer_bytes(&w), &s);
    assert_string_equal(s.protocol, "dns");
    assert_string_equal(s.message, "response");
    assert_int_equal(s.payload_offset, 42);
    /* Cut short or wrong anywhere, it can still be shown; fields stay inside the frame. */
    for (size_t size = 42 + 12; size < w.size; size++) {
        describe_frame(bytes_of(frame, size), &d);
        assert_non_null(d.fault.reason);
        for (size_t i = 0; i < d.count; i++) assert_true(d.fields[i].offset + d.fields[i].length <= size);
    }
    for (size_t at = 42; at < w.size; at++) {
        uint8_t before = frame[at];
        for (int value = 0; value < 256; value += 5) {
            frame[at] = (uint8_t)value;
            describe_frame(byte_writer_bytes(&w), &d);
            for (size_t i = 0; i < d.count; i++) assert_true(d.fields[i].offset + d.fields[i].length <= w.size);
        }
        frame[at] = before;
    }
    frame[42 + 3] = 0xa3;
    describe_frame(byte_writer_bytes(&w), &d);
    assert_string_equal(d.message, "NXDOMAIN");
    frame[42 + 2] = 0x01;
    describe_frame(byte_writer_bytes(&w), &d);
    assert_string_equal(d.message, "query A");
    description_free(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),      cmocka_unit_test(a_real_answer), cmocka_unit_test(every_truncation),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(round_trip),    cmocka_unit_test(described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
