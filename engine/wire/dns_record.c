/* What is inside DNS records: RFC 1035 section 3.3. */
#include <string.h>

#include "wire/dns.h"

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

uint16_t dns_type_of(const char *name) {
#define X(type, number) \
    if (strcmp(name, #type) == 0) return number;
    DNS_TYPES(X)
#undef X
    return 0;
}

void dns_type_print(Text *text, uint16_t type) {
    if (dns_type_name(type)) text_put(text, dns_type_name(type));
    else text_print(text, "TYPE%u", (unsigned)type);
}

/* Octets before the first name in the data, names, and octets behind them: the types whose names may be compressed. */
typedef struct {
    uint8_t before, names, behind;
} DataLayout;

static DataLayout layout_of(uint16_t type, uint16_t class) {
    if (class != DNS_CLASS_IN) return (DataLayout){0};
    switch (type) {
        case DNS_TYPE_NS:
        case DNS_TYPE_CNAME:
        case DNS_TYPE_PTR: return (DataLayout){0, 1, 0};
        case DNS_TYPE_MX: return (DataLayout){2, 1, 0};
        case DNS_TYPE_SOA: return (DataLayout){0, 2, 20};
        default: return (DataLayout){0};
    }
}

static bool decode_names(Bytes message, size_t at, size_t length, DataLayout layout, DnsRecord *record,
                         ByteWriter *room, ParseFault *fault) {
    Bytes until = bytes_of(message.at, at + length);
    uint8_t octets[2 + 2 * DNS_NAME_MOST + 20];
    ByteWriter w = byte_writer(octets, sizeof octets);
    size_t start = at;
    if (length < layout.before) return dns_fault(fault, "dns.rdata_length", start - 2);
    byte_writer_put(&w, message.at + at, layout.before);
    at += layout.before;
    for (int i = 0; i < layout.names; i++) {
        DnsName name;
        if (!dns_name_decode(until, &at, &name, fault)) {
            if (strcmp(fault->reason, "dns.truncated") == 0) return dns_fault(fault, "dns.rdata_length", start - 2);
            return false;
        }
        byte_writer_put(&w, name.octets, name.size);
    }
    if (start + length - at != layout.behind) return dns_fault(fault, "dns.rdata_length", start - 2);
    byte_writer_put(&w, message.at + at, layout.behind);
    CHECK(!w.overflow);
    record->data = bytes_of(message.at + start, length);
    if (w.size == length && memcmp(octets, message.at + start, length) == 0) return true;
    uint8_t *kept = octets_room(room, w.size);
    if (!kept) return dns_fault(fault, "dns.records", start);
    memcpy(kept, octets, w.size);
    record->data = bytes_of(kept, w.size);
    return true;
}

/* RFC 1035 section 3.3.14: one or more strings, each behind its length. */
static bool are_strings(Bytes data) {
    size_t at = 0;
    while (at < data.size) at += 1 + (size_t)data.at[at];
    return data.size > 0 && at == data.size;
}

bool dns_data_decode(Bytes message, size_t at, size_t length, DnsRecord *record, ByteWriter *room, ParseFault *fault) {
    record->data = bytes_of(message.at + at, length);
    record->address = 0;
    DataLayout layout = layout_of(record->type, record->class);
    if (layout.names > 0) return decode_names(message, at, length, layout, record, room, fault);
    if (record->class != DNS_CLASS_IN) return true;
    bool good = true;
    if (record->type == DNS_TYPE_A) {
        good = length == 4;
        if (good) record->address = octets_u32(message.at + at);
    } else if (record->type == DNS_TYPE_AAAA) {
        good = length == 16;
    } else if (record->type == DNS_TYPE_TXT) {
        good = are_strings(record->data);
    }
    return good || dns_fault(fault, "dns.rdata_length", at - 2);
}

/* Data is well-formed once it is in a record. */
static DnsName name_in(Bytes data, size_t *at) {
    DnsName name;
    ParseFault fault;
    CHECK(dns_name_decode(data, at, &name, &fault));
    return name;
}

DnsName dns_record_target(const DnsRecord *record) {
    DataLayout layout = layout_of(record->type, record->class);
    CHECK(layout.names == 1);
    size_t at = layout.before;
    return name_in(record->data, &at);
}

uint16_t dns_record_preference(const DnsRecord *record) {
    CHECK(record->type == DNS_TYPE_MX && record->data.size > 2);
    return octets_u16(record->data.at);
}

DnsSoa dns_record_soa(const DnsRecord *record) {
    CHECK(record->type == DNS_TYPE_SOA);
    DnsSoa soa;
    size_t at = 0;
    soa.mname = name_in(record->data, &at);
    soa.rname = name_in(record->data, &at);
    CHECK(record->data.size == at + 20);
    const uint8_t *p = record->data.at + at;
    soa.serial = octets_u32(p);
    soa.refresh_s = octets_u32(p + 4);
    soa.retry_s = octets_u32(p + 8);
    soa.expire_s = octets_u32(p + 12);
    soa.minimum_s = octets_u32(p + 16);
    return soa;
}

uint32_t dns_record_negative_ttl_s(const DnsRecord *record) {
    uint32_t minimum_s = dns_record_soa(record).minimum_s;
    return record->ttl_s < minimum_s ? record->ttl_s : minimum_s;
}

bool dns_record_same_set(const DnsRecord *a, const DnsRecord *b) {
    return a->type == b->type && a->class == b->class && dns_name_equal(&a->name, &b->name);
}

static void print_strings(Text *text, Bytes data) {
    for (size_t at = 0; at < data.size; at += 1 + (size_t)data.at[at]) {
        text_put(text, at > 0 ? " \"" : "\"");
        for (size_t i = 1; i <= data.at[at]; i++) {
            uint8_t c = data.at[at + i];
            if (c == '"' || c == '\\') text_print(text, "\\%c", c);
            else if (c < ' ' || c > '~') text_print(text, "\\%03u", (unsigned)c);
            else text_put_char(text, (char)c);
        }
        text_put_char(text, '"');
    }
}

void dns_record_print_data(Text *text, const DnsRecord *record) {
    DataLayout layout = layout_of(record->type, record->class);
    DnsName name;
    if (record->type == DNS_TYPE_A && record->class == DNS_CLASS_IN) {
        ipv4_print(text, record->address);
    } else if (layout.names == 1) {
        if (layout.before > 0) text_print(text, "%u ", (unsigned)dns_record_preference(record));
        name = dns_record_target(record);
        dns_name_print(text, &name);
    } else if (layout.names == 2) {
        DnsSoa soa = dns_record_soa(record);
        dns_name_print(text, &soa.mname);
        text_put_char(text, ' ');
        dns_name_print(text, &soa.rname);
        text_print(text, " %lu %lu %lu %lu %lu", (unsigned long)soa.serial, (unsigned long)soa.refresh_s,
                   (unsigned long)soa.retry_s, (unsigned long)soa.expire_s, (unsigned long)soa.minimum_s);
    } else if (record->type == DNS_TYPE_TXT && record->class == DNS_CLASS_IN) {
        print_strings(text, record->data);
    } else if (record->type == DNS_TYPE_AAAA && record->class == DNS_CLASS_IN) {
        for (size_t i = 0; i < 16; i += 2)
            text_print(text, "%s%x", i ? ":" : "", (unsigned)octets_u16(record->data.at + i));
    } else {
        text_print(text, "\\# %zu ", record->data.size);
        text_put_hex(text, record->data, "");
    }
}
