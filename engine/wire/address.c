#include "wire/address.h"

const MacAddress mac_broadcast = {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

int ipv4_mask_length(uint32_t mask) {
    for (int length = 0; length <= 32; length++)
        if (mask == ipv4_mask((uint8_t)length)) return length;
    return -1;
}

MacAddress mac_of_number(uint64_t number) {
    MacAddress mac;
    for (int i = 0; i < 6; i++) mac.octet[i] = (uint8_t)(number >> (40 - 8 * i));
    return mac;
}

/* Printed for every message of a long trace, so without printf. */
void ipv4_print(Text *text, Ipv4Address a) {
    char digits[16];
    size_t size = 0;
    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned octet = a >> shift & 255;
        if (octet >= 100) digits[size++] = (char)('0' + octet / 100);
        if (octet >= 10) digits[size++] = (char)('0' + octet / 10 % 10);
        digits[size++] = (char)('0' + octet % 10);
        digits[size++] = '.';
    }
    text_put_n(text, digits, size - 1);
}

void mac_print(Text *text, MacAddress mac) { text_put_hex(text, bytes_of(mac.octet, 6), ":"); }

void ipv4_prefix_print(Text *text, Ipv4Prefix prefix) {
    ipv4_print(text, prefix.network);
    text_print(text, "/%u", (unsigned)prefix.length);
}

/* Reads a decimal number of at most three digits and at most `most`; NULL if there is none. */
static const char *small_number(const char *at, unsigned most, unsigned *number) {
    *number = 0;
    int digits = 0;
    for (; *at >= '0' && *at <= '9' && digits < 3; at++, digits++) *number = *number * 10 + (unsigned)(*at - '0');
    return digits > 0 && *number <= most ? at : NULL;
}

static const char *ipv4_read(const char *at, Ipv4Address *address) {
    *address = 0;
    for (int i = 0; i < 4; i++) {
        unsigned octet;
        if (i > 0 && *at++ != '.') return NULL;
        at = small_number(at, 255, &octet);
        if (!at) return NULL;
        *address = *address << 8 | octet;
    }
    return at;
}

bool ipv4_parse(const char *text, Ipv4Address *address) {
    const char *end = ipv4_read(text, address);
    return end && *end == 0;
}

bool ipv4_prefix_parse(const char *text, Ipv4Prefix *prefix, bool *host_bits) {
    Ipv4Address address;
    unsigned length;
    const char *at = ipv4_read(text, &address);
    if (!at || *at++ != '/') return false;
    at = small_number(at, 32, &length);
    if (!at || *at) return false;
    prefix->length = (uint8_t)length;
    prefix->network = address & ipv4_mask(prefix->length);
    if (host_bits) *host_bits = prefix->network != address;
    return true;
}

static int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool mac_parse(const char *text, MacAddress *mac) {
    for (int i = 0; i < 6; i++) {
        if (i > 0 && *text++ != ':') return false;
        int high = hex_digit(text[0]), low = high < 0 ? -1 : hex_digit(text[1]);
        if (low < 0) return false;
        mac->octet[i] = (uint8_t)(high << 4 | low);
        text += 2;
    }
    return *text == 0;
}
