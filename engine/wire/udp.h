/* UDP datagrams over IPv4 (RFC 768). */
#ifndef NETSTAGE_WIRE_UDP_H
#define NETSTAGE_WIRE_UDP_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum { UDP_HEADER_SIZE = 8 };

typedef struct {
    uint16_t source_port, destination_port;
    uint16_t length; /* header and payload */
    uint16_t checksum; /* 0: the sender made none */
    Bytes payload;
} UdpHeader;

/* Reads the payload of an IPv4 packet between these addresses, which the checksum covers too; octets behind
 * `length` are ignored. Faults: "udp.truncated", "udp.length", "udp.checksum". */
bool udp_decode(Bytes from, Ipv4Address source, Ipv4Address destination, UdpHeader *header,
                ParseFault *fault) NS_MUST_USE;

/* Header with checksum, then the payload. A checksum that comes out as 0 is sent as 0xffff. */
void udp_encode(Ipv4Address source, Ipv4Address destination, uint16_t source_port, uint16_t destination_port,
                Bytes payload, ByteWriter *into);

#endif
