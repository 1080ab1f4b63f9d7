/* ARP for IPv4 over Ethernet (RFC 826; probes and announcements RFC 5227). */
#ifndef NETSTAGE_WIRE_ARP_H
#define NETSTAGE_WIRE_ARP_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum { ARP_SIZE = 28 };

typedef enum { ARP_REQUEST = 1, ARP_REPLY = 2 } ArpOperation;

typedef struct {
    uint16_t operation; /* ArpOperation */
    MacAddress sender_mac;
    Ipv4Address sender_ip;
    MacAddress target_mac;
    Ipv4Address target_ip;
} ArpPacket;

/* Octets behind the packet (padding) are not looked at. Faults: "arp.truncated", "arp.hardware_type",
 * "arp.protocol_type", "arp.hardware_length", "arp.protocol_length", "arp.operation". */
bool arp_decode(Bytes from, ArpPacket *packet, ParseFault *fault) NS_MUST_USE;
void arp_encode(const ArpPacket *packet, ByteWriter *into);

/* RFC 5227 section 1.1: a request with an all-zero sender address asks who uses the target address. */
static inline bool arp_is_probe(const ArpPacket *p) {
    return p->operation == ARP_REQUEST && p->sender_ip == IPV4_UNSPECIFIED && p->target_ip != IPV4_UNSPECIFIED;
}
/* RFC 5227 section 1.1: a request whose sender and target address are one ("gratuitous ARP"). */
static inline bool arp_is_announcement(const ArpPacket *p) {
    return p->operation == ARP_REQUEST && p->sender_ip == p->target_ip && p->sender_ip != IPV4_UNSPECIFIED;
}

#endif
