/* Whatever is accepted is written and read again to the same message; whatever the octets, they can be shown. */
#include "fuzz.h"
#include "wire/describe_build.h"
#include "wire/dns.h"

static void check_same(const DnsMessage *a, const DnsMessage *b) {
    CHECK(a->id == b->id && a->qr == b->qr && a->aa == b->aa && a->tc == b->tc && a->rd == b->rd && a->ra == b->ra);
    CHECK(a->z == b->z && a->ad == b->ad && a->cd == b->cd && a->opcode == b->opcode && a->rcode == b->rcode);
    CHECK(a->has_question == b->has_question && a->answer_count == b->answer_count);
    CHECK(a->authority_count == b->authority_count && a->additional_count == b->additional_count);
    if (a->has_question) CHECK(dns_name_equal(&a->question.name, &b->question.name));
    for (size_t i = 0; i < a->answer_count + a->authority_count + a->additional_count; i++) {
        const DnsRecord *x = &a->records[i], *y = &b->records[i];
        CHECK(dns_name_equal(&x->name, &y->name) && x->type == y->type && x->class == y->class);
        CHECK(x->ttl_s == y->ttl_s && x->address == y->address && bytes_equal(x->data, y->data));
        Text printed = text_new();
        dns_record_print_data(&printed, x);
        text_free(&printed);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Bytes octets = bytes_of(at, size);
    if (size >= DNS_HEADER_SIZE) {
        static Description d;
        d.count = 0;
        text_clear(&d.values);
        d.fault = (ParseFault){0};
        describe_dns(&d, octets, 0, size);
        for (size_t i = 0; i < d.count; i++) CHECK(d.fields[i].offset + d.fields[i].length <= size);
    }
    static DnsMessage m, again;
    ParseFault fault = {0};
    if (!dns_message_decode(octets, &m, &fault)) {
        fuzz_check_fault(fault, size);
        return 0;
    }
    static uint8_t room[1 << 17];
    ByteWriter w = byte_writer(room, sizeof room);
    dns_message_encode(&m, &w);
    CHECK(!w.overflow);
    CHECK(dns_message_decode(byte_writer_bytes(&w), &again, &fault));
    check_same(&m, &again);
    /* Cut to what fits a datagram, it is still a message, and not a larger one. */
    size_t most = dns_message_udp_most(&m);
    w = byte_writer(room, sizeof room);
    if (dns_message_opt_count(&m) == 0) {
        dns_message_encode_within(&m, most, &w);
        CHECK(w.size <= most && dns_message_decode(byte_writer_bytes(&w), &again, &fault));
    }
    Text text = text_new();
    if (m.has_question) dns_name_print(&text, &m.question.name);
    DnsName name;
    if (m.has_question && text.size > 0 && dns_name_parse(text_get(&text), &name))
        CHECK(dns_name_equal(&name, &m.question.name));
    text_free(&text);
    return 0;
}
