/* MAC and IPv4 addresses. An IPv4 address is a number in host order: 192.168.1.1 is 0xc0a80101. */
#ifndef NETSTAGE_WIRE_ADDRESS_H
#define NETSTAGE_WIRE_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/text.h"

typedef uint32_t Ipv4Address;

#define IPV4_UNSPECIFIED UINT32_C(0)
#define IPV4_LIMITED_BROADCAST UINT32_C(0xffffffff) /* RFC 919 section 7 */

enum { IPV4_LOOPBACK_NET = 127 /* 127.0.0.0/8: RFC 1122 section 3.2.1.3 (g) */ };
static inline bool ipv4_is_multicast(Ipv4Address address) { return address >> 28 == 0xe; }

typedef struct {
    uint8_t octet[6];
} MacAddress;

extern const MacAddress mac_broadcast;

typedef struct {
    Ipv4Address network; /* bits beyond `length` are zero */
    uint8_t length;      /* 0..32 */
} Ipv4Prefix;

static inline uint32_t ipv4_mask(uint8_t length) { return length == 0 ? 0 : UINT32_MAX << (32 - length); }
static inline bool ipv4_prefix_has(Ipv4Prefix prefix, Ipv4Address address) {
    return (address & ipv4_mask(prefix.length)) == prefix.network;
}
/* The directed broadcast address; for /31 and /32 there is none and 0 is returned (RFC 3021). */
static inline Ipv4Address ipv4_prefix_broadcast(Ipv4Prefix p) {
    return p.length >= 31 ? 0 : p.network | ~ipv4_mask(p.length);
}
/* The number of leading ones of a contiguous mask; -1 if the mask is not contiguous. */
int ipv4_mask_length(uint32_t mask);

static inline uint64_t mac_number(MacAddress m) {
    return (uint64_t)m.octet[0] << 40 | (uint64_t)m.octet[1] << 32 | (uint64_t)m.octet[2] << 24 |
           (uint64_t)m.octet[3] << 16 | (uint64_t)m.octet[4] << 8 | m.octet[5];
}
MacAddress mac_of_number(uint64_t number);
static inline bool mac_equal(MacAddress a, MacAddress b) { return mac_number(a) == mac_number(b); }
/* Broadcast is a group address too (IEEE 802-2014 section 8.2.2). */
static inline bool mac_is_group(MacAddress m) { return m.octet[0] & 1; }

void ipv4_print(Text *text, Ipv4Address address);
void mac_print(Text *text, MacAddress mac);
void ipv4_prefix_print(Text *text, Ipv4Prefix prefix);

/* The whole of `text` must be one: "192.168.1.1", "192.168.1.0/24", "02:00:00:00:00:01". A prefix keeps only its
 * network bits; `host_bits`, if not NULL, tells whether others were set. */
bool ipv4_parse(const char *text, Ipv4Address *address) NS_MUST_USE;
bool ipv4_prefix_parse(const char *text, Ipv4Prefix *prefix, bool *host_bits) NS_MUST_USE;
bool mac_parse(const char *text, MacAddress *mac) NS_MUST_USE;

#endif
