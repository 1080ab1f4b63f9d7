/* DNS messages for whoever shows them: every field with its octets, as far as it can be read. */
#include "wire/describe_build.h"
#include "wire/dns.h"

static const char *const opcode_names[] = {"QUERY", "IQUERY", "STATUS"};
static const char *const rcode_names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
enum { OPCODES = sizeof opcode_names / sizeof opcode_names[0], RCODES = sizeof rcode_names / sizeof rcode_names[0] };

bool dns_is_message(uint16_t source_port, uint16_t destination_port, Bytes payload) {
    return (source_port == DNS_PORT || destination_port == DNS_PORT) && payload.size >= DNS_HEADER_SIZE;
}

static const char *query_name(uint16_t type) {
    switch (type) {
#define X(name, number) \
    case number: return "query " #name;
        DNS_TYPES(X)
#undef X
        default: return "query";
    }
}

const char *dns_message_name(Bytes message) {
    if (message.size < DNS_HEADER_SIZE) return "";
    bool response = message.at[2] & 0x80;
    uint8_t rcode = message.at[3] & 15;
    if (response && rcode != DNS_RCODE_NO_ERROR) return rcode < RCODES ? rcode_names[rcode] : "response";
    size_t at = DNS_HEADER_SIZE;
    DnsName name;
    ParseFault fault;
    bool question = octets_u16(message.at + 4) == 1 && dns_name_decode(message, &at, &name, &fault) &&
                    message.size - at >= 4;
    if (!response) return question ? query_name(octets_u16(message.at + at)) : "query";
    if (message.at[2] & 0x02) return "truncated";
    if (!question || octets_u16(message.at + 6) > 0) return "response";
    at += 4;
    bool authority = octets_u16(message.at + 8) > 0 && dns_name_decode(message, &at, &name, &fault) &&
                     message.size - at >= 2;
    bool delegates = authority && octets_u16(message.at + at) == DNS_TYPE_NS;
    return delegates && !(message.at[2] & 0x04) ? "referral" : "NODATA";
}

static void describe_choice(Description *d, const char *key, const char *name, size_t at, const char *const *names,
                            size_t count, uint32_t value) {
    describe_field(d, key, name, 2, at, 1);
    if (value < count) text_put(&d->values, names[value]);
    else describe_put_decimal(&d->values, value);
}

static void describe_flags(Description *d, size_t at, uint16_t flags) {
    static const struct {
        const char *key, *name;
        uint8_t octet, bit;
    } bits[] = {{"dns.aa", "AA", 0, 10}, {"dns.tc", "TC", 0, 9}, {"dns.rd", "RD", 0, 8}, {"dns.ra", "RA", 1, 7},
                {"dns.z", "Z", 1, 6},    {"dns.ad", "AD", 1, 5}, {"dns.cd", "CD", 1, 4}};
    describe_hex(d, "dns.flags", "flags", 1, at, 2, flags);
    describe_number(d, "dns.qr", "QR", 2, at, 1, flags >> 15);
    describe_choice(d, "dns.opcode", "OPCODE", at, opcode_names, OPCODES, flags >> 11 & 15);
    for (size_t i = 0; i < sizeof bits / sizeof bits[0]; i++)
        describe_number(d, bits[i].key, bits[i].name, 2, at + bits[i].octet, 1, flags >> bits[i].bit & 1);
    describe_choice(d, "dns.rcode", "RCODE", at + 1, rcode_names, RCODES, flags & 15);
}

static void put_type(Description *d, uint16_t type) { dns_type_print(&d->values, type); }

static void describe_class(Description *d, const char *key, const char *name, size_t at, uint16_t class) {
    describe_field(d, key, name, 2, at, 2);
    if (class == DNS_CLASS_IN) text_put(&d->values, "IN");
    else describe_put_decimal(&d->values, class);
}

/* The octets from `at` on that can't be read. */
static void describe_rest(Description *d, size_t start, size_t size, size_t at) {
    if (at < size) describe_field(d, "dns.data", "Data", 1, start + at, size - at);
}

static size_t describe_question(Description *d, Bytes message, size_t start, size_t at) {
    size_t end = at;
    DnsName name;
    ParseFault fault;
    if (!dns_name_decode(message, &end, &name, &fault) || message.size - end < 4) return 0;
    describe_field(d, "dns.question", "Question", 1, start + at, end + 4 - at);
    dns_name_print(&d->values, &name);
    text_put_char(&d->values, ' ');
    put_type(d, octets_u16(message.at + end));
    describe_field(d, "dns.qname", "QNAME", 2, start + at, end - at);
    dns_name_print(&d->values, &name);
    describe_field(d, "dns.qtype", "QTYPE", 2, start + end, 2);
    put_type(d, octets_u16(message.at + end));
    describe_class(d, "dns.qclass", "QCLASS", start + end + 2, octets_u16(message.at + end + 2));
    return end + 4;
}

/* A name inside RDATA; false: it can't be read, or does not end where RDATA does at the latest. */
static bool describe_name(Description *d, Bytes message, size_t start, size_t *at, size_t end, const char *key,
                          const char *title) {
    size_t from = *at;
    DnsName name;
    ParseFault fault;
    if (!dns_name_decode(bytes_of(message.at, end), at, &name, &fault)) return false;
    describe_field(d, key, title, 3, start + from, *at - from);
    dns_name_print(&d->values, &name);
    return true;
}

static void describe_soa(Description *d, Bytes message, size_t start, size_t at, size_t end) {
    static const struct {
        const char *key, *name;
    } numbers[] = {{"dns.serial", "SERIAL"}, {"dns.refresh", "REFRESH"}, {"dns.retry", "RETRY"},
                   {"dns.expire", "EXPIRE"}, {"dns.minimum", "MINIMUM"}};
    if (!describe_name(d, message, start, &at, end, "dns.mname", "MNAME") ||
        !describe_name(d, message, start, &at, end, "dns.rname", "RNAME"))
        return;
    for (size_t i = 0; i < 5 && end - at >= 4; i++, at += 4)
        describe_number(d, numbers[i].key, numbers[i].name, 3, start + at, 4, octets_u32(message.at + at));
}

static void describe_strings(Description *d, Bytes message, size_t start, size_t at, size_t end) {
    for (size_t size; at < end; at += size) {
        size = 1 + (size_t)message.at[at];
        if (size > end - at) return;
        describe_field(d, "dns.txt_data", "TXT-DATA", 3, start + at, size);
        describe_put_text_or_hex(d, bytes_of(message.at + at + 1, size - 1));
    }
}

/* What RDATA from `at` to `end` holds, for types whose inside is known: a line for the whole, then its parts. */
static void describe_data(Description *d, Bytes message, size_t start, size_t at, size_t end, uint16_t type) {
    DnsRecord record = {.type = type, .class = DNS_CLASS_IN};
    uint8_t octets[600];
    ByteWriter room = byte_writer(octets, sizeof octets);
    ParseFault fault;
    describe_field(d, "dns.rdata", "RDATA", 2, start + at, end - at);
    if (dns_data_decode(message, at, end - at, &record, &room, &fault)) dns_record_print_data(&d->values, &record);
    else text_put_hex(&d->values, bytes_of(message.at + at, end - at), ":");
    switch (type) {
        case DNS_TYPE_MX:
            if (end - at < 2) return;
            describe_number(d, "dns.preference", "PREFERENCE", 3, start + at, 2, octets_u16(message.at + at));
            at += 2;
            (void)describe_name(d, message, start, &at, end, "dns.exchange", "EXCHANGE");
            break;
        case DNS_TYPE_NS: (void)describe_name(d, message, start, &at, end, "dns.nsdname", "NSDNAME"); break;
        case DNS_TYPE_CNAME: (void)describe_name(d, message, start, &at, end, "dns.cname", "CNAME"); break;
        case DNS_TYPE_PTR: (void)describe_name(d, message, start, &at, end, "dns.ptrdname", "PTRDNAME"); break;
        case DNS_TYPE_SOA: describe_soa(d, message, start, at, end); break;
        case DNS_TYPE_TXT: describe_strings(d, message, start, at, end); break;
        default: break;
    }
}

/* RFC 6891 section 6.1.3: the OPT record uses the fields of others for itself. */
static size_t describe_opt(Description *d, Bytes message, size_t start, size_t at, size_t end, const char *key) {
    const uint8_t *p = message.at + end;
    size_t length = octets_u16(p + 8);
    describe_field(d, key, "OPT", 1, start + at, end + 10 + length - at);
    text_put(&d->values, ". OPT");
    describe_field(d, "dns.name", "NAME", 2, start + at, end - at);
    text_put(&d->values, ".");
    describe_field(d, "dns.type", "TYPE", 2, start + end, 2);
    text_put(&d->values, "OPT");
    describe_number(d, "dns.opt_size", "UDP payload size", 2, start + end + 2, 2, octets_u16(p + 2));
    describe_number(d, "dns.opt_rcode", "EXTENDED-RCODE", 2, start + end + 4, 1, p[4]);
    describe_number(d, "dns.opt_version", "VERSION", 2, start + end + 5, 1, p[5]);
    describe_number(d, "dns.opt_do", "DO", 2, start + end + 6, 1, p[6] >> 7);
    describe_number(d, "dns.rdlength", "RDLENGTH", 2, start + end + 8, 2, (uint32_t)length);
    if (length > 0) {
        describe_field(d, "dns.opt_options", "OPTIONS", 2, start + end + 10, length);
        text_put_hex(&d->values, bytes_of(p + 10, length), ":");
    }
    return end + 10 + length;
}

static size_t describe_record(Description *d, Bytes message, size_t start, size_t at, const char *key,
                              const char *title) {
    size_t end = at;
    DnsName name;
    ParseFault fault;
    if (!dns_name_decode(message, &end, &name, &fault) || message.size - end < 10) return 0;
    const uint8_t *p = message.at + end;
    uint16_t type = octets_u16(p), class = octets_u16(p + 2), length = octets_u16(p + 8);
    if (message.size - end - 10 < length) return 0;
    if (type == DNS_TYPE_OPT && name.size == 1) return describe_opt(d, message, start, at, end, key);
    describe_field(d, key, title, 1, start + at, end + 10 + length - at);
    dns_name_print(&d->values, &name);
    text_put_char(&d->values, ' ');
    put_type(d, type);
    describe_field(d, "dns.name", "NAME", 2, start + at, end - at);
    dns_name_print(&d->values, &name);
    describe_field(d, "dns.type", "TYPE", 2, start + end, 2);
    put_type(d, type);
    describe_class(d, "dns.class", "CLASS", start + end + 2, class);
    describe_number(d, "dns.ttl", "TTL", 2, start + end + 4, 4, octets_u32(p + 4));
    describe_number(d, "dns.rdlength", "RDLENGTH", 2, start + end + 8, 2, length);
    if (type == DNS_TYPE_A && class == DNS_CLASS_IN && length == 4) {
        describe_ipv4(d, "dns.address", "ADDRESS", 2, start + end + 10, octets_u32(p + 10));
    } else if (length > 0 && class == DNS_CLASS_IN && dns_type_name(type)) {
        describe_data(d, message, start, end + 10, end + 10 + length, type);
    } else if (length > 0) {
        describe_field(d, "dns.rdata", "RDATA", 2, start + end + 10, length);
        text_put_hex(&d->values, bytes_of(p + 10, length), ":");
    }
    return end + 10 + length;
}

void describe_dns(Description *d, Bytes frame, size_t start, size_t size) {
    static const struct {
        const char *count_key, *count_name, *key, *title;
    } sections[] = {{"dns.ancount", "ANCOUNT", "dns.answer", "Answer"},
                    {"dns.nscount", "NSCOUNT", "dns.authority", "Authority"},
                    {"dns.arcount", "ARCOUNT", "dns.additional", "Additional"}};
    Bytes message = bytes_slice(frame, start, size);
    const uint8_t *p = message.at;
    d->protocol = "dns";
    d->message = dns_message_name(message);
    describe_field(d, "dns", "DNS", 0, start, size);
    DnsMessage decoded;
    ParseFault fault;
    if (!dns_message_decode(message, &decoded, &fault)) describe_fault(d, fault.reason, start + fault.offset);
    describe_hex(d, "dns.id", "ID", 1, start, 2, octets_u16(p));
    describe_flags(d, start + 2, octets_u16(p + 2));
    describe_number(d, "dns.qdcount", "QDCOUNT", 1, start + 4, 2, octets_u16(p + 4));
    for (size_t s = 0; s < 3; s++)
        describe_number(d, sections[s].count_key, sections[s].count_name, 1, start + 6 + 2 * s, 2,
                        octets_u16(p + 6 + 2 * s));
    size_t at = DNS_HEADER_SIZE;
    for (size_t i = 0, n = octets_u16(p + 4); i < n; i++) {
        size_t next = describe_question(d, message, start, at);
        if (next == 0) {
            describe_rest(d, start, size, at);
            return;
        }
        at = next;
    }
    for (size_t s = 0; s < 3; s++) {
        for (size_t i = 0, n = octets_u16(p + 6 + 2 * s); i < n; i++) {
            size_t next = describe_record(d, message, start, at, sections[s].key, sections[s].title);
            if (next == 0) {
                describe_rest(d, start, size, at);
                return;
            }
            at = next;
        }
    }
    describe_rest(d, start, size, at);
}
