/* DNS messages: RFC 1035 section 4.1. */
#include "wire/dns.h"

#include <string.h>

enum { QR = 0x8000, AA = 0x0400, TC = 0x0200, RD = 0x0100, RA = 0x0080, Z = 0x0040, AD = 0x0020, CD = 0x0010 };
enum { RECORD_FIXED = 10 /* type, class, TTL, RDLENGTH */, POINTER = 0xc000, POINTER_MOST = 0x3fff };

static bool dns_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

/* ---- Reading ---- */

static bool decode_question(Bytes from, size_t *at, DnsQuestion *question, ParseFault *fault) {
    if (!dns_name_decode(from, at, &question->name, fault)) return false;
    if (from.size - *at < 4) return dns_fault(fault, "dns.truncated", from.size);
    question->type = octets_u16(from.at + *at);
    question->class = octets_u16(from.at + *at + 2);
    *at += 4;
    return true;
}

static bool decode_record(Bytes from, size_t *at, DnsRecord *record, ByteWriter *room, ParseFault *fault) {
    if (!dns_name_decode(from, at, &record->name, fault)) return false;
    if (from.size - *at < RECORD_FIXED) return dns_fault(fault, "dns.truncated", from.size);
    const uint8_t *p = from.at + *at;
    record->type = octets_u16(p);
    record->class = octets_u16(p + 2);
    record->ttl_s = octets_u32(p + 4);
    size_t length = octets_u16(p + 8);
    *at += RECORD_FIXED;
    if (from.size - *at < length) return dns_fault(fault, "dns.truncated", from.size);
    if (!dns_data_decode(from, *at, length, record, room, fault)) return false;
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
    ByteWriter room = byte_writer(m->room, sizeof m->room);
    for (size_t i = 0; i < count; i++)
        if (!decode_record(from, &at, &m->records[i], &room, fault)) return false;
    m->room_used = room.size;
    if (at != from.size) return dns_fault(fault, "dns.trailing", at);
    return true;
}

/* ---- Putting together ---- */

static size_t record_count(const DnsMessage *m) {
    return m->answer_count + m->authority_count + m->additional_count;
}

void dns_message_begin(DnsMessage *m) {
    m->id = 0;
    m->qr = m->aa = m->tc = m->rd = m->ra = m->z = m->ad = m->cd = false;
    m->opcode = m->rcode = 0;
    m->has_question = false;
    m->answer_count = m->authority_count = m->additional_count = m->room_used = 0;
}

static size_t *count_of(DnsMessage *m, DnsSection section) {
    return section == DNS_ANSWER ? &m->answer_count : section == DNS_AUTHORITY ? &m->authority_count
                                                                                : &m->additional_count;
}

const DnsRecord *dns_message_section(const DnsMessage *m, DnsSection section, size_t *count) {
    *count = section == DNS_ANSWER ? m->answer_count : section == DNS_AUTHORITY ? m->authority_count
                                                                                : m->additional_count;
    return m->records + (section > DNS_ANSWER ? m->answer_count : 0) +
           (section > DNS_AUTHORITY ? m->authority_count : 0);
}

static bool same_record(const DnsRecord *a, const DnsRecord *b) {
    return dns_record_same_set(a, b) && a->address == b->address &&
           (a->type == DNS_TYPE_A || bytes_equal(a->data, b->data));
}

bool dns_message_put(DnsMessage *m, DnsSection section, const DnsRecord *record) {
    CHECK(section == DNS_ADDITIONAL || (m->additional_count == 0 && (section > 0 || m->authority_count == 0)));
    size_t count = record_count(m);
    for (size_t i = 0; i < count; i++)
        if (same_record(&m->records[i], record)) return true;
    if (count == DNS_RECORDS_MOST) return false;
    m->records[count] = *record;
    ++*count_of(m, section);
    return true;
}

/* ---- Writing ---- */

enum { PLACES = 128 };
typedef struct {
    ByteWriter *w;
    size_t start;            /* of the message within what is written */
    uint16_t places[PLACES]; /* where names, and endings of names, stand in the message */
    size_t place_count;
} Encoder;

/* Whether the labels from `name` on are what stands at `place` of the message, letter by letter. */
static bool stands_at(const Encoder *e, size_t place, const uint8_t *name) {
    const uint8_t *message = e->w->at + e->start;
    for (;;) {
        while (message[place] >= POINTER >> 8) place = octets_u16(message + place) & POINTER_MOST;
        size_t size = 1 + (size_t)name[0];
        if (message[place] != name[0] || memcmp(message + place, name, size) != 0) return false;
        if (name[0] == 0) return true;
        place += size;
        name += size;
    }
}

/* The place of these labels among the first `known`; -1: none. */
static int place_of(const Encoder *e, size_t known, const uint8_t *name) {
    for (size_t i = 0; i < known && !e->w->overflow; i++)
        if (stands_at(e, e->places[i], name)) return e->places[i];
    return -1;
}

/* A name is compared with those wholly written before it, not with itself. */
static void encode_name(Encoder *e, const DnsName *name) {
    size_t known = e->place_count;
    for (size_t at = 0; name->octets[at] != 0; at += 1 + (size_t)name->octets[at]) {
        int place = place_of(e, known, name->octets + at);
        if (place >= 0) {
            byte_writer_u16(e->w, (uint16_t)(POINTER | place));
            return;
        }
        size_t here = e->w->size - e->start;
        if (e->place_count < PLACES && here <= POINTER_MOST) e->places[e->place_count++] = (uint16_t)here;
        byte_writer_put(e->w, name->octets + at, 1 + (size_t)name->octets[at]);
    }
    byte_writer_u8(e->w, 0);
}

static void encode_data(Encoder *e, const DnsRecord *record) {
    DnsName name;
    switch (record->class == DNS_CLASS_IN ? record->type : 0) {
        case DNS_TYPE_A: byte_writer_u32(e->w, record->address); break;
        case DNS_TYPE_MX: byte_writer_u16(e->w, dns_record_preference(record)); /* fall through */
        case DNS_TYPE_NS:
        case DNS_TYPE_CNAME:
        case DNS_TYPE_PTR:
            name = dns_record_target(record);
            encode_name(e, &name);
            break;
        case DNS_TYPE_SOA: {
            DnsSoa soa = dns_record_soa(record);
            encode_name(e, &soa.mname);
            encode_name(e, &soa.rname);
            byte_writer_put(e->w, record->data.at + record->data.size - 20, 20);
            break;
        }
        default: byte_writer_put(e->w, record->data.at, record->data.size);
    }
}

static void encode_record(Encoder *e, const DnsRecord *record) {
    encode_name(e, &record->name);
    byte_writer_u16(e->w, record->type);
    byte_writer_u16(e->w, record->class);
    byte_writer_u32(e->w, record->ttl_s);
    size_t length_at = e->w->size;
    byte_writer_u16(e->w, 0);
    encode_data(e, record);
    if (!e->w->overflow) byte_writer_patch_u16(e->w, length_at, (uint16_t)(e->w->size - length_at - 2));
}

void dns_message_encode(const DnsMessage *m, ByteWriter *w) {
    CHECK(record_count(m) <= DNS_RECORDS_MOST && m->opcode < 16 && m->rcode < 16);
    unsigned flags = (unsigned)m->opcode << 11 | m->rcode;
    flags |= (m->qr ? QR : 0U) | (m->aa ? AA : 0U) | (m->tc ? TC : 0U) | (m->rd ? RD : 0U);
    flags |= (m->ra ? RA : 0U) | (m->z ? Z : 0U) | (m->ad ? AD : 0U) | (m->cd ? CD : 0U);
    Encoder e = {.w = w, .start = w->size};
    byte_writer_u16(w, m->id);
    byte_writer_u16(w, (uint16_t)flags);
    byte_writer_u16(w, m->has_question);
    byte_writer_u16(w, (uint16_t)m->answer_count);
    byte_writer_u16(w, (uint16_t)m->authority_count);
    byte_writer_u16(w, (uint16_t)m->additional_count);
    if (m->has_question) {
        encode_name(&e, &m->question.name);
        byte_writer_u16(w, m->question.type);
        byte_writer_u16(w, m->question.class);
    }
    for (size_t i = 0, count = record_count(m); i < count; i++) encode_record(&e, &m->records[i]);
}

/* Takes the last RRset out, OPT excepted. False: there is none. */
static bool drop_last_set(DnsMessage *m) {
    size_t count = record_count(m), last = count;
    while (last > 0 && m->records[last - 1].type == DNS_TYPE_OPT) last--;
    if (last == 0) return false;
    DnsSection section = DNS_SECTIONS;
    size_t section_at = count;
    do section_at -= *count_of(m, --section);
    while (section_at >= last);
    bool referral = m->answer_count == 0 && !m->aa && m->authority_count > 0 && m->records[0].type == DNS_TYPE_NS;
    if (section != DNS_ADDITIONAL || referral) m->tc = true;
    size_t first = last - 1;
    while (first > section_at && dns_record_same_set(&m->records[first - 1], &m->records[last - 1])) first--;
    memmove(m->records + first, m->records + last, (count - last) * sizeof m->records[0]);
    *count_of(m, section) -= last - first;
    return true;
}

void dns_message_encode_within(DnsMessage *m, size_t most, ByteWriter *w) {
    size_t start = w->size;
    CHECK(most <= w->capacity - start);
    for (;;) {
        dns_message_encode(m, w);
        if (!w->overflow && w->size - start <= most) return;
        w->size = start;
        w->overflow = false;
        CHECK(drop_last_set(m)); /* a header, a question and an OPT always fit */
    }
}

/* ---- EDNS(0) ---- */

const DnsRecord *dns_message_opt(const DnsMessage *m) {
    for (size_t i = m->answer_count + m->authority_count; i < record_count(m); i++)
        if (m->records[i].type == DNS_TYPE_OPT) return &m->records[i];
    return NULL;
}

size_t dns_message_opt_count(const DnsMessage *m) {
    size_t opts = 0;
    for (size_t i = 0; i < record_count(m); i++) opts += m->records[i].type == DNS_TYPE_OPT;
    return opts;
}

size_t dns_message_udp_most(const DnsMessage *query) {
    const DnsRecord *opt = dns_message_opt(query);
    if (!opt || opt->class < DNS_UDP_MOST) return DNS_UDP_MOST;
    return opt->class < DNS_UDP_EDNS_MOST ? opt->class : DNS_UDP_EDNS_MOST;
}

void dns_message_put_opt(DnsMessage *m, DnsRcode rcode) {
    DnsRecord opt = {.name = {1, {0}}, .type = DNS_TYPE_OPT, .class = DNS_UDP_EDNS_MOST};
    opt.ttl_s = (uint32_t)rcode >> 4 << 24;
    m->rcode = (uint8_t)(rcode & 15);
    if (record_count(m) == DNS_RECORDS_MOST) (void)drop_last_set(m);
    CHECK(dns_message_put(m, DNS_ADDITIONAL, &opt));
}
