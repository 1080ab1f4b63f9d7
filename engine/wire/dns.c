#include "wire/dns.h"

#include <string.h>


enum { QR = 0x8000, AA = 0x0400, TC = 0x0200, RD = 0x0100, RA = 0x0080, Z = 0x0040, AD = 0x0020, CD = 0x0010 };
enum { POINTER = 0xc0, RECORD_FIXED = 10 /* type, class, TTL, RDLENGTH */ };

static bool dns_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

const char *dns_type_name(uint16_t type) {
    switch (type) {
#define X(name, number) \
    case number: return #name;
        DNS_TYPES(X)
#undef X
        default: return NULL;
    }
}

/* ---- Names ---- */

static bool is_plain(uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

bool dns_name_parse(const char *text, DnsName *name) {
    size_t size = 0;
    for (const char *label = text; *label;) {
        size_t length = strcspn(label, ".");
        if (length == 0 || length > DNS_LABEL_MOST || size + 1 + length + 1 > DNS_NAME_MOST) return false;
        if (label[0] == '-' || label[length - 1] == '-') return false;
        for (size_t i = 0; i < length; i++)
            if (!is_plain((uint8_t)label[i])) return false;
        name->octets[size++] = (uint8_t)length;
        memcpy(name->octets + size, label, length);
        size += length;
        label += length + (label[length] == '.');
    }
    if (size == 0) return false;
    name->octets[size++] = 0;
    name->size = (uint8_t)size;
    return true;
}

void dns_name_print(Text *text, const DnsName *name) {
    if (name->octets[0] == 0) text_put_char(text, '.');
    for (size_t at = 0; name->octets[at] != 0; at += 1 + (size_t)name->octets[at]) {
        if (at > 0) text_put_char(text, '.');
        for (size_t i = 1; i <= name->octets[at]; i++) {
            uint8_t c = name->octets[at + i];
            if (is_plain(c)) text_put_char(text, (char)c);
            else text_print(text, "\\%03u", (unsigned)c);
        }
    }
}

static uint8_t lower(uint8_t c) { return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c; }

bool dns_name_equal(const DnsName *a, const DnsName *b) {
    if (a->size != b->size) return false;
    for (size_t i = 0; i < a->size; i++) /* lengths of labels are below 'A' */
        if (lower(a->octets[i]) != lower(b->octets[i])) return false;
    return true;
}

/* RFC 1035 section 4.1.4: a pointer leads to a prior occurrence, so each must lead before where the last led. */
bool dns_name_decode(Bytes message, size_t *at, DnsName *name, ParseFault *fault) {
    size_t from = *at, back = *at, size = 0;
    bool jumped = false;
    for (;;) {
        if (from >= message.size) return dns_fault(fault, "dns.truncated", message.size);
        uint8_t length = message.at[from];
        if ((length & POINTER) == POINTER) {
            if (message.size - from < 2) return dns_fault(fault, "dns.truncated", message.size);
            size_t to = octets_u16(message.at + from) & 0x3fffU;
            if (to >= back || to < DNS_HEADER_SIZE) return dns_fault(fault, "dns.pointer", from);
            if (!jumped) *at = from + 2;
            jumped = true;
            from = back = to;
            continue;
        }
        if (length > DNS_LABEL_MOST) return dns_fault(fault, "dns.label", from);
        if (message.size - from - 1 < length) return dns_fault(fault, "dns.truncated", message.size);
        if (size + 1 + length + (length > 0) > DNS_NAME_MOST) return dns_fault(fault, "dns.name_too_long", from);
        memcpy(name->octets + size, message.at + from, 1 + (size_t)length);
        size += 1 + (size_t)length;
        from += 1 + (size_t)length;
        if (length == 0) break;
    }
    name->size = (uint8_t)size;
    if (!jumped) *at = from;
    return true;
}

/* ---- Messages ---- */

static bool decode_question(Bytes from, size_t *at, DnsQuestion *question, ParseFault *fault) {
    if (!dns_name_decode(from, at, &question->name, fault)) return false;
    if (from.size - *at < 4) return dns_fault(fault, "dns.truncated", from.size);
    question->type = octets_u16(from.at + *at);
    question->class = octets_u16(from.at + *at + 2);
    *at += 4;
    return true;
}

static bool decode_record(Bytes from, size_t *at, DnsRecord *record, ParseFault *fault) {
    if (!dns_name_decode(from, at, &record->name, fault)) return false;
    if (from.size - *at < RECORD_FIXED) return dns_fault(fault, "dns.truncated", from.size);
    const uint8_t *p = from.at + *at;
    record->type = octets_u16(p);
    record->class = octets_u16(p + 2);
    record->ttl_s = octets_u32(p + 4);
    size_t length = octets_u16(p + 8);
    *at += RECORD_FIXED;
    if (from.size - *at < length) return dns_fault(fault, "dns.truncated", from.size);
    record->data = bytes_of(from.at + *at, length);
    record->address = 0;
    if (record->type == DNS_TYPE_A && record->class == DNS_CLASS_IN) {
        if (length != 4) return dns_fault(fault, "dns.rdata_length", *at - 2);
        record->address = octets_u32(from.at + *at);
    }
    *at += length;
    return true;
}

bool dns_message_decode(Bytes from, DnsMessage *m, ParseFault *fault) {
    if (from.size < DNS_HEADER_SIZE) return dns_fault(fault, "dns.truncated", from.size);
    const uint8_t *p = from.at;
    uint16_t flags = octets_u16(p + 2);
    m->id = octets_u16(p);
    m->qr = flags & QR, m->aa = flags & AA, m->tc = flags & TC, m->rd = flags & RD;
    m->ra = flags & RA, m->z = flags & Z, m->ad = flags & AD, m->cd = flags & CD;
    m->opcode = (uint8_t)(flags >> 11 & 15);
    m->rcode = (uint8_t)(flags & 15);
    if (octets_u16(p + 4) > 1) return dns_fault(fault, "dns.questions", 4);
    m->has_question = octets_u16(p + 4) == 1;
    m->answer_count = octets_u16(p + 6);
    m->authority_count = octets_u16(p + 8);
    m->additional_count = octets_u16(p + 10);
    size_t count = m->answer_count + m->authority_count + m->additional_count, at = DNS_HEADER_SIZE;
    if (count > DNS_RECORDS_MOST) return dns_fault(fault, "dns.records", 6);
    if (m->has_question && !decode_question(from, &at, &m->question, fault)) return false;
    for (size_t i = 0; i < count; i++)
        if (!decode_record(from, &at, &m->records[i], fault)) return false;
    if (at != from.size) return dns_fault(fault, "dns.trailing", at);
    return true;
}

static void encode_record(const DnsMessage *m, const DnsRecord *record, ByteWriter *w) {
    if (m->has_question && dns_name_equal(&record->name, &m->question.name))
        byte_writer_u16(w, (uint16_t)(POINTER << 8 | DNS_HEADER_SIZE));
    else byte_writer_put(w, record->name.octets, record->name.size);
    bool address = record->type == DNS_TYPE_A && record->class == DNS_CLASS_IN;
    byte_writer_u16(w, record->type);
    byte_writer_u16(w, record->class);
    byte_writer_u32(w, record->ttl_s);
    byte_writer_u16(w, address ? 4 : (uint16_t)record->data.size);
    if (address) byte_writer_u32(w, record->address);
    else byte_writer_put(w, record->data.at, record->data.size);
}

void dns_message_encode(const DnsMessage *m, ByteWriter *w) {
    size_t count = m->answer_count + m->authority_count + m->additional_count;
    CHECK(count <= DNS_RECORDS_MOST && m->opcode < 16 && m->rcode < 16);
    unsigned flags = (unsigned)m->opcode << 11 | m->rcode;
    flags |= (m->qr ? QR : 0U) | (m->aa ? AA : 0U) | (m->tc ? TC : 0U) | (m->rd ? RD : 0U);
    flags |= (m->ra ? RA : 0U) | (m->z ? Z : 0U) | (m->ad ? AD : 0U) | (m->cd ? CD : 0U);
    byte_writer_u16(w, m->id);
    byte_writer_u16(w, (uint16_t)flags);
    byte_writer_u16(w, m->has_question);
    byte_writer_u16(w, (uint16_t)m->answer_count);
    byte_writer_u16(w, (uint16_t)m->authority_count);
    byte_writer_u16(w, (uint16_t)m->additional_count);
    if (m->has_question) {
        byte_writer_put(w, m->question.name.octets, m->question.name.size);
        byte_writer_u16(w, m->question.type);
        byte_writer_u16(w, m->question.class);
    }
    for (size_t i = 0; i < count; i++) encode_record(m, &m->records[i], w);
}
