#include "wire/arp.h"

#include <string.h>

#include "wire/ethernet.h"

enum { HARDWARE_ETHERNET = 1 };

static bool arp_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

bool arp_decode(Bytes from, ArpPacket *packet, ParseFault *fault) {
    const uint8_t *p = from.at;
    if (from.size < ARP_SIZE) return arp_fault(fault, "arp.truncated", from.size);
    if (octets_u16(p) != HARDWARE_ETHERNET) return arp_fault(fault, "arp.hardware_type", 0);
    if (octets_u16(p + 2) != ETHERNET_TYPE_IPV4) return arp_fault(fault, "arp.protocol_type", 2);
    if (p[4] != 6) return arp_fault(fault, "arp.hardware_length", 4);
    if (p[5] != 4) return arp_fault(fault, "arp.protocol_length", 5);
    packet->operation = octets_u16(p + 6);
    if (packet->operation != ARP_REQUEST && packet->operation != ARP_REPLY) return arp_fault(fault, "arp.operation", 6);
    memcpy(packet->sender_mac.octet, p + 8, 6);
    packet->sender_ip = octets_u32(p + 14);
    memcpy(packet->target_mac.octet, p + 18, 6);
    packet->target_ip = octets_u32(p + 24);
    return true;
}

void arp_encode(const ArpPacket *packet, ByteWriter *into) {
    uint8_t *p = octets_room(into, ARP_SIZE);
    if (!p) return;
    octets_set_u16(p, HARDWARE_ETHERNET);
    octets_set_u16(p + 2, ETHERNET_TYPE_IPV4);
    p[4] = 6;
    p[5] = 4;
    octets_set_u16(p + 6, packet->operation);
    memcpy(p + 8, packet->sender_mac.octet, 6);
    octets_set_u32(p + 14, packet->sender_ip);
    memcpy(p + 18, packet->target_mac.octet, 6);
    octets_set_u32(p + 24, packet->target_ip);
}
