/* DNS messages: names, compression, what is refused and where, and round trips. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "wire/describe_build.h"
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

static DnsRecord record_of(const char *owner, uint16_t type, const void *data, size_t size) {
    DnsRecord r = {.type = type, .class = DNS_CLASS_IN, .ttl_s = 60, .data = bytes_of(data, size)};
    assert_true(dns_name_parse(owner, &r.name));
    return r;
}

static const uint8_t soa_data[] = {2, 'n', 's', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0, 4, 'r', 'o', 'o', 't', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0,
                                   0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 5};

/* A message of every type, compressed octet by octet as RFC 1035 section 4.1.4 lets one, and read back. */
static void every_type(void **state) {
    (void)state;
    static DnsMessage m, again;
    dns_message_begin(&m);
    m.qr = true;
    m.has_question = true;
    m.question.type = DNS_TYPE_ANY, m.question.class = DNS_CLASS_IN;
    assert_true(dns_name_parse("example.org", &m.question.name));
    static const struct {
        uint16_t type;
        const char *data;
        size_t size;
        const char *printed;
        size_t written; /* of its RDATA */
    } cases[] = {
        {DNS_TYPE_NS, "\2ns\7example\3org", 16, "ns.example.org", 5},
        {DNS_TYPE_CNAME, "\2ns\7example\3org", 16, "ns.example.org", 2},
        {DNS_TYPE_PTR, "\7example\3org", 13, "example.org", 2},
        {DNS_TYPE_MX, "\0\12\4mail\2NS\7example\3org", 23, "10 mail.NS.example.org", 12},
        {DNS_TYPE_MX, "\0\0", 3, "0 .", 3},
        {DNS_TYPE_TXT, "\2a\"\0\1\xe7", 6, "\"a\\\"\" \"\" \"\\231\"", 6},
        {DNS_TYPE_AAAA, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16, "2001:db8:0:0:0:0:0:1", 16},
        {99, "\1\2\3", 3, "\\# 3 010203", 3},
    };
    enum { CASES = sizeof cases / sizeof cases[0] };
    for (size_t i = 0; i < CASES; i++) {
        DnsRecord r = record_of("example.org", cases[i].type, cases[i].data, cases[i].size);
        assert_true(dns_message_put(&m, DNS_ANSWER, &r));
        assert_true(dns_message_put(&m, DNS_ANSWER, &r)); /* once is enough */
    }
    DnsRecord soa = record_of("org", DNS_TYPE_SOA, soa_data, sizeof soa_data);
    assert_true(dns_message_put(&m, DNS_AUTHORITY, &soa));
    DnsRecord chaos = record_of("example.org", DNS_TYPE_MX, "??", 2); /* of another class: whatever it is */
    chaos.class = 3;
    assert_true(dns_message_put(&m, DNS_ADDITIONAL, &chaos));
    assert_int_equal(m.answer_count, CASES);
    uint8_t octets[600];
    ByteWriter w = byte_writer(octets, sizeof octets);
    byte_writer_u16(&w, 0xffff); /* what stands before the message does not move its pointers */
    dns_message_encode(&m, &w);
    size_t size = 12 + 17;
    for (size_t i = 0; i < CASES; i++) size += 12 + cases[i].written;
    assert_int_equal(w.size - 2, size + (12 + 2 + 7 + 20) + (12 + 2)); /* org: a pointer; ns: a pointer; root and a pointer */
    ParseFault fault;
    assert_true(dns_message_decode(bytes_of(octets + 2, w.size - 2), &again, &fault));
    for (size_t i = 0; i < CASES; i++) {
        assert_int_equal(again.records[i].type, cases[i].type);
        assert_true(bytes_equal(again.records[i].data, m.records[i].data));
        Text text = text_new();
        dns_record_print_data(&text, &again.records[i]);
        assert_string_equal(text_get(&text), cases[i].printed);
        text_free(&text);
    }
    assert_int_equal(dns_record_preference(&again.records[3]), 10);
    DnsSoa read = dns_record_soa(&again.records[CASES]);
    assert_true(read.serial == 1 && read.refresh_s == 2 && read.retry_s == 3 && read.expire_s == 4 && read.minimum_s == 5);
    assert_int_equal(dns_record_negative_ttl_s(&again.records[CASES]), 5);
    assert_true(bytes_equal(again.records[CASES].data, soa.data));
    assert_true(bytes_equal(again.records[CASES + 1].data, chaos.data));
    /* Cut anywhere it is refused. */
    for (size_t cut = 0; cut < w.size - 2; cut++) assert_false(dns_message_decode(bytes_of(octets + 2, cut), &again, &fault));
}

/* One name longer, another shorter once expanded: as many octets as on the wire, and yet others. */
static void expanded_to_the_same_size(void **state) {
    (void)state;
    uint8_t octets[80] = {0, 0, 0x80, 0, 0, 1, 0, 1, 0, 0, 0, 0, 1, 'a', 0, 0, 6, 0, 1, 0, 0, 6, 0, 1, 0, 0, 0, 0, 0, 24, 0xc0, 14, 0xc0, 12};
    static DnsMessage m;
    ParseFault fault;
    if (!dns_message_decode(bytes_of(octets, 12 + 3 + 4 + 11 + 24), &m, &fault)) fail_msg("%s at %zu", fault.reason, fault.offset);
    DnsSoa soa = dns_record_soa(&m.records[0]);
    assert_true(dns_name_is_root(&soa.mname) && soa.rname.size == 3);
}

static void data_that_is_refused(void **state) {
    (void)state;
    static const struct {
        uint16_t type;
        const char *data;
        size_t size;
        const char *reason;
        size_t offset; /* within the data, which begins at 23; -2: at its length */
    } cases[] = {
        {DNS_TYPE_NS, "", 0, "dns.rdata_length", 21},          {DNS_TYPE_NS, "\1a\0x", 4, "dns.rdata_length", 21},
        {DNS_TYPE_NS, "\3a", 2, "dns.rdata_length", 21},       {DNS_TYPE_NS, "\xc0\x17", 2, "dns.pointer", 23},
        {DNS_TYPE_CNAME, "\x40", 1, "dns.label", 23},          {DNS_TYPE_MX, "\0", 1, "dns.rdata_length", 21},
        {DNS_TYPE_MX, "\0\1", 2, "dns.rdata_length", 21},      {DNS_TYPE_SOA, "\0\0xxxxxxxxxxxxxxxxxxx", 21, "dns.rdata_length", 21},
        {DNS_TYPE_TXT, "", 0, "dns.rdata_length", 21},         {DNS_TYPE_TXT, "\2a", 2, "dns.rdata_length", 21},
        {DNS_TYPE_AAAA, "abc", 3, "dns.rdata_length", 21},     {DNS_TYPE_A, "abcde", 5, "dns.rdata_length", 21},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[60] = {0, 0, 0x80, 0, 0, 0, 0, 1};
        ByteWriter w = byte_writer(octets, sizeof octets);
        w.size = 12;
        byte_writer_u8(&w, 0);
        byte_writer_u16(&w, cases[i].type);
        byte_writer_u16(&w, DNS_CLASS_IN);
        byte_writer_u32(&w, 1);
        byte_writer_u16(&w, (uint16_t)cases[i].size);
        byte_writer_put(&w, cases[i].data, cases[i].size);
        static DnsMessage m;
        ParseFault fault = {0};
        assert_false(dns_message_decode(byte_writer_bytes(&w), &m, &fault));
        if (strcmp(fault.reason, cases[i].reason) != 0 || fault.offset != cases[i].offset) fail_msg("case %zu: %s at %zu", i, fault.reason, fault.offset);
    }
}

/* RFC 2181 section 9: whole RRsets go; TC where one was needed. */
static void cut_to_size(void **state) {
    (void)state;
    static DnsMessage m;
    dns_message_begin(&m);
    m.qr = m.aa = m.has_question = true;
    m.question.type = DNS_TYPE_A, m.question.class = DNS_CLASS_IN;
    assert_true(dns_name_parse("a.org", &m.question.name));
    DnsRecord r = record_of("a.org", DNS_TYPE_A, NULL, 0);
    for (uint32_t i = 0; i < 3; i++) {
        r.address = i;
        assert_true(dns_message_put(&m, DNS_ANSWER, &r));
    }
    DnsRecord ns = record_of("org", DNS_TYPE_NS, "\1n\3org", 7);
    assert_true(dns_message_put(&m, DNS_AUTHORITY, &ns));
    r = record_of("n.org", DNS_TYPE_A, NULL, 0);
    for (uint32_t i = 0; i < 3; i++) {
        r.address = i;
        assert_true(dns_message_put(&m, DNS_ADDITIONAL, &r));
    }
    dns_message_put_opt(&m, DNS_RCODE_BAD_VERSION);
    static const struct {
        size_t most, answers, authority, additional;
        bool tc;
    } cases[] = {{500, 3, 1, 4, false}, {12 + 11 + 48 + 16 + 48 + 11, 3, 1, 4, false}, {12 + 11 + 48 + 16 + 48 + 10, 3, 1, 1, false}, {12 + 11 + 48 + 16 + 11, 3, 1, 1, false},
                 {12 + 11 + 48 + 16 + 10, 3, 0, 1, true}, {12 + 11 + 48 + 11, 3, 0, 1, true}, {12 + 11 + 48 + 10, 0, 0, 1, true}, {12 + 11 + 11, 0, 0, 1, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        static DnsMessage cut;
        cut = m; /* its data is static */
        uint8_t octets[500];
        ByteWriter w = byte_writer(octets, sizeof octets);
        dns_message_encode_within(&cut, cases[i].most, &w);
        assert_true(w.size <= cases[i].most);
        ParseFault fault;
        assert_true(dns_message_decode(byte_writer_bytes(&w), &cut, &fault));
        if (cut.answer_count != cases[i].answers || cut.authority_count != cases[i].authority || cut.additional_count != cases[i].additional || cut.tc != cases[i].tc)
            fail_msg("case %zu: %zu %zu %zu%s", i, cut.answer_count, cut.authority_count, cut.additional_count, cut.tc ? " tc" : "");
        const DnsRecord *opt = dns_message_opt(&cut);
        assert_true(opt && opt->class == 1232 && opt->ttl_s == 0x01000000 && cut.rcode == 0);
    }
}

static void name_arithmetic(void **state) {
    (void)state;
    DnsName a, b, root = {1, {0}};
    assert_true(dns_name_parse("www.Example.org", &a) && dns_name_parse("example.ORG", &b));
    assert_true(dns_name_within(&a, &b) && dns_name_within(&a, &a) && dns_name_within(&a, &root) && !dns_name_within(&b, &a));
    assert_int_equal(dns_name_labels(&a), 3);
    assert_int_equal(dns_name_labels(&root), 0);
    DnsName ending = dns_name_ending(&a, 2);
    assert_true(dns_name_equal(&ending, &b));
    assert_int_equal(dns_name_hash(&ending), dns_name_hash(&b));
    ending = dns_name_ending(&a, 0);
    assert_true(dns_name_is_root(&ending));
    assert_true(dns_name_parse("wexample.org", &a));
    assert_false(dns_name_within(&a, &b)); /* the same letters, but no label begins there */
    DnsName joined;
    assert_true(dns_name_join(&a, &b, &joined));
    assert_int_equal(dns_name_labels(&joined), 4);
    char text[260];
    memset(text, 'x', sizeof text);
    for (size_t i = 63; i < 250; i += 64) text[i] = '.';
    text[250] = 0;
    assert_true(dns_name_parse(text, &a));
    assert_false(dns_name_join(&a, &b, &joined));
    joined = dns_name_of_address(0xc0000219);
    Text printed = text_new();
    dns_name_print(&printed, &joined);
    assert_string_equal(text_get(&printed), "25.2.0.192.in-addr.arpa");
    text_free(&printed);
    assert_int_equal(dns_type_of("MX"), DNS_TYPE_MX);
    assert_int_equal(dns_type_of("mx"), 0);
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

/* Parts of RDATA, each with its octets; and the names of messages. */
static void described_records(void **state) {
    (void)state;
    static DnsMessage m;
    dns_message_begin(&m);
    m.qr = m.aa = m.has_question = true;
    m.question.type = DNS_TYPE_MX, m.question.class = DNS_CLASS_IN;
    assert_true(dns_name_parse("example.org", &m.question.name));
    DnsRecord mx = record_of("example.org", DNS_TYPE_MX, "\0\12\4mail\7example\3org", 20), txt = record_of("example.org", DNS_TYPE_TXT, "\2hi\3you", 7);
    DnsRecord soa = record_of("example.org", DNS_TYPE_SOA, soa_data, sizeof soa_data);
    assert_true(dns_message_put(&m, DNS_ANSWER, &mx) && dns_message_put(&m, DNS_ANSWER, &txt) && dns_message_put(&m, DNS_AUTHORITY, &soa));
    dns_message_put_opt(&m, DNS_RCODE_NO_ERROR);
    uint8_t octets[300];
    ByteWriter w = byte_writer(octets, sizeof octets);
    dns_message_encode(&m, &w);
    Description d = {0};
    describe_dns(&d, byte_writer_bytes(&w), 0, w.size);
    assert_null(d.fault.reason);
    static const struct {
        const char *key, *value;
        size_t offset, length;
    } fields[] = {{"dns.answer", "example.org MX", 29, 12 + 9}, {"dns.rdata", "10 mail.example.org", 41, 9}, {"dns.preference", "10", 41, 2}, {"dns.exchange", "mail.example.org", 43, 7},
                  {"dns.txt_data", "hi", 62, 3}, {"dns.mname", "ns.example.org", 81, 5}, {"dns.rname", "root.example.org", 86, 7}, {"dns.serial", "1", 93, 4}, {"dns.minimum", "5", 109, 4},
                  {"dns.additional", ". OPT", 113, 11}, {"dns.opt_size", "1232", 116, 2}, {"dns.opt_version", "0", 119, 1}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const DescribedField *f = description_find(&d, fields[i].key);
        if (!f) fail_msg("%s is missing", fields[i].key);
        if (strcmp(description_value(&d, f), fields[i].value) != 0 || f->offset != fields[i].offset || f->length != fields[i].length)
            fail_msg("%s: \"%s\" at %u, %u octets", fields[i].key, description_value(&d, f), (unsigned)f->offset, (unsigned)f->length);
    }
    description_free(&d);
    /* Names: by the type asked for, and by what kind of answer it is. */
    static const struct {
        bool qr, aa, tc;
        uint8_t rcode;
        uint16_t qtype, authority; /* 0: none */
        const char *name;
    } names_of[] = {{0, 0, 0, 0, DNS_TYPE_MX, 0, "query MX"},          {0, 0, 0, 0, 99, 0, "query"},
                    {1, 1, 0, 0, DNS_TYPE_A, DNS_TYPE_SOA, "NODATA"},   {1, 0, 0, 0, DNS_TYPE_A, DNS_TYPE_NS, "referral"},
                    {1, 1, 0, 0, DNS_TYPE_A, DNS_TYPE_NS, "NODATA"},    {1, 0, 0, 0, DNS_TYPE_A, DNS_TYPE_SOA, "NODATA"},
                    {1, 0, 1, 0, DNS_TYPE_A, 0, "truncated"},           {1, 0, 0, 2, DNS_TYPE_A, 0, "SERVFAIL"},
                    {1, 0, 0, 9, DNS_TYPE_A, 0, "response"}};
    for (size_t i = 0; i < sizeof names_of / sizeof names_of[0]; i++) {
        dns_message_begin(&m);
        m.qr = names_of[i].qr, m.aa = names_of[i].aa, m.tc = names_of[i].tc, m.rcode = names_of[i].rcode;
        m.has_question = true;
        m.question.type = names_of[i].qtype, m.question.class = DNS_CLASS_IN;
        DnsRecord r = names_of[i].authority == DNS_TYPE_NS ? record_of("org", DNS_TYPE_NS, "\0", 1) : soa;
        if (names_of[i].authority) assert_true(dns_message_put(&m, DNS_AUTHORITY, &r));
        w = byte_writer(octets, sizeof octets);
        dns_message_encode(&m, &w);
        assert_string_equal(dns_message_name(byte_writer_bytes(&w)), names_of[i].name);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),      cmocka_unit_test(a_real_answer), cmocka_unit_test(every_truncation),
        cmocka_unit_test(what_is_refused), cmocka_unit_test(round_trip),    cmocka_unit_test(described),
        cmocka_unit_test(every_type), cmocka_unit_test(expanded_to_the_same_size), cmocka_unit_test(data_that_is_refused), cmocka_unit_test(cut_to_size), cmocka_unit_test(name_arithmetic), cmocka_unit_test(described_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
