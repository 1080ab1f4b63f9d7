/* The IPv4 header (RFC 791 section 3.1). */
#ifndef NETSTAGE_WIRE_IPV4_H
#define NETSTAGE_WIRE_IPV4_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum {
    IPV4_HEADER_SIZE = 20, /* without options */
    IPV4_FLAG_DF = 0x4000, /* don't fragment */
    IPV4_FLAG_MF = 0x2000, /* more fragments */
    IPV4_FRAGMENT_OFFSET = 0x1fff, /* in units of eight octets */
};

typedef enum { IPV4_PROTOCOL_ICMP = 1, IPV4_PROTOCOL_TCP = 6, IPV4_PROTOCOL_UDP = 17 } Ipv4Protocol;

typedef struct {
    uint8_t tos;
    uint16_t total_length; /* header and payload */
    uint16_t identification;
    uint16_t flags_fragment; /* IPV4_FLAG_... and the fragment offset */
    uint8_t ttl;
    uint8_t protocol; /* Ipv4Protocol */
    uint16_t checksum;
    Ipv4Address source, destination;
    Bytes options;
    Bytes payload; /* up to total_length: Ethernet's padding is cut off */
} Ipv4Header;

/* Options and payload point into `from`. Faults: "ipv4.truncated", "ipv4.version", "ipv4.header_length",
 * "ipv4.total_length", "ipv4.checksum". A fragment is no fault: see ipv4_is_fragment. */
bool ipv4_decode(Bytes from, Ipv4Header *header, ParseFault *fault) NS_MUST_USE;

/* Writes 20 octets, with total_length for a payload of `payload_size` octets (which the caller writes behind them)
 * and the checksum; header->total_length, checksum, options and payload are not read. */
void ipv4_encode_header(const Ipv4Header *header, size_t payload_size, ByteWriter *into);

static inline bool ipv4_is_fragment(const Ipv4Header *h) {
    return (h->flags_fragment & (IPV4_FLAG_MF | IPV4_FRAGMENT_OFFSET)) != 0;
}

/* In the octets of a sound header: takes one from the TTL, which must not be 0, and mends the checksum (RFC 1624). */
void ipv4_decrement_ttl(uint8_t *header);

#endif
