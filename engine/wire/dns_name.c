/* Domain names: RFC 1035 sections 2.3, 3.1, 3.5, 4.1.4 and 5.1. */
#include <string.h>

#include "wire/dns.h"

enum { POINTER = 0xc0 };

static bool dns_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

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

static bool equal_octets(const uint8_t *a, const uint8_t *b, size_t size) {
    for (size_t i = 0; i < size; i++) /* lengths of labels are below 'A' */
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

bool dns_name_equal(const DnsName *a, const DnsName *b) {
    return a->size == b->size && equal_octets(a->octets, b->octets, a->size);
}

bool dns_name_is_root(const DnsName *name) { return name->size == 1; }

/* Where the name's ending of `size` octets begins; the name's own size if no label begins there. */
static size_t ending_at(const DnsName *name, size_t size) {
    size_t at = 0;
    while (at + size < name->size) at += 1 + (size_t)name->octets[at];
    return at + size == name->size ? at : name->size;
}

bool dns_name_within(const DnsName *name, const DnsName *above) {
    if (above->size > name->size) return false;
    size_t at = ending_at(name, above->size);
    return at < name->size && equal_octets(name->octets + at, above->octets, above->size);
}

size_t dns_name_labels(const DnsName *name) {
    size_t count = 0;
    for (size_t at = 0; name->octets[at] != 0; at += 1 + (size_t)name->octets[at]) count++;
    return count;
}

DnsName dns_name_ending(const DnsName *name, size_t labels) {
    size_t at = 0;
    for (size_t skip = dns_name_labels(name); skip > labels; skip--) at += 1 + (size_t)name->octets[at];
    DnsName ending = {.size = (uint8_t)(name->size - at)};
    memcpy(ending.octets, name->octets + at, ending.size);
    return ending;
}

bool dns_name_join(const DnsName *name, const DnsName *above, DnsName *joined) {
    if (name->size - 1 + above->size > DNS_NAME_MOST) return false;
    DnsName both = {.size = (uint8_t)(name->size - 1 + above->size)};
    memcpy(both.octets, name->octets, name->size - 1U);
    memcpy(both.octets + name->size - 1, above->octets, above->size);
    *joined = both;
    return true;
}

DnsName dns_name_of_address(Ipv4Address address) {
    DnsName name = {0};
    Text text = text_new();
    text_print(&text, "%u.%u.%u.%u.in-addr.arpa", (unsigned)(address & 255), (unsigned)(address >> 8 & 255),
               (unsigned)(address >> 16 & 255), (unsigned)(address >> 24));
    CHECK(dns_name_parse(text_get(&text), &name));
    text_free(&text);
    return name;
}

uint32_t dns_name_hash(const DnsName *name) {
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < name->size; i++) hash = (hash ^ lower(name->octets[i])) * UINT32_C(16777619);
    return hash;
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
