/* The Internet checksum (RFC 1071) and its update in place (RFC 1624).
 *
 * A sum is the ones' complement sum of 16-bit words, with carries still in the upper bits; sums of parts add, as
 * long as every part but the last has an even number of octets. */
#ifndef NETSTAGE_WIRE_CHECKSUM_H
#define NETSTAGE_WIRE_CHECKSUM_H

#include <stdint.h>

#include "base/bytes.h"
#include "wire/address.h"

/* The folded sum of `bytes`, 0..0xffff; an odd last octet counts as if a zero followed it (RFC 1071 section 1). */
uint16_t checksum_sum(Bytes bytes);

/* Adds the carries back in (RFC 1071 section 1, "end-around carry"). */
static inline uint16_t checksum_fold(uint64_t sum) {
    sum = (sum >> 32) + (sum & 0xffffffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

/* What goes into the checksum field; over octets that hold a right checksum it is 0. */
static inline uint16_t checksum_of(Bytes bytes) { return (uint16_t)~checksum_sum(bytes); }

/* The sum of the pseudo header of UDP (RFC 768) and TCP (RFC 9293 section 3.1); `length` is that of header and data. */
static inline uint32_t checksum_pseudo_sum(Ipv4Address source, Ipv4Address destination, uint8_t protocol,
                                           uint16_t length) {
    return (source >> 16) + (source & 0xffff) + (destination >> 16) + (destination & 0xffff) + protocol + length;
}

/* The checksum after one 16-bit word it covers went from `before` to `after`: RFC 1624 section 3, equation 3. */
static inline uint16_t checksum_update(uint16_t checksum, uint16_t before, uint16_t after) {
    return (uint16_t)~checksum_fold((uint64_t)(uint16_t)~checksum + (uint16_t)~before + after);
}

#endif
