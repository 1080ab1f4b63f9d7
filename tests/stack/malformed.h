/* Frames that are wrong in one place each, the reason with which they are refused, and where. */
#ifndef NETSTAGE_TESTS_MALFORMED_H
#define NETSTAGE_TESTS_MALFORMED_H

#include "packets.h"

typedef struct {
    const char *reason;
    size_t offset;
    uint8_t octets[600];
    size_t size;
} Malformed;

enum { IP = 14, UDP = 34, DHCP = 42, ARP = 14, MALFORMED_MOST = 40 };

static inline void set_u16(uint8_t *at, unsigned value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

/* Makes the header's checksum right again after a change to it. */
static inline void mend_ip(uint8_t *octets) {
    set_u16(octets + IP + 10, 0);
    unsigned sum = 0;
    for (size_t i = 0; i < (size_t)(octets[IP] & 15) * 4; i += 2) sum += (unsigned)octets[IP + i] << 8 | octets[IP + i + 1];
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    set_u16(octets + IP + 10, ~sum & 0xffff);
}

static inline Malformed *malformed_add(Malformed *list, size_t *count, const uint8_t *octets, size_t size, const char *reason, size_t offset) {
    assert_true(*count < MALFORMED_MOST && size <= sizeof list->octets);
    Malformed *m = &list[(*count)++];
    *m = (Malformed){.reason = reason, .offset = offset, .size = size};
    memcpy(m->octets, octets, size);
    return m;
}

/* All of them, for the host's first interface; the host runs a DHCP server. Returns how many. */
static inline size_t malformed_make(World *w, const char *host, Malformed *list) {
    size_t count = 0;
    uint8_t good[600] = {0};
    PacketTo to = packet_to(w, host, IPV4_PROTOCOL_UDP);
    size_t size = datagram_make(&to, 7, "twenty-four octets long.", good, sizeof good);
    Malformed *m;
    malformed_add(list, &count, good, IP + 12, "ipv4.truncated", IP + 12);
    malformed_add(list, &count, good, size, "ipv4.version", IP)->octets[IP] = 0x65;
    malformed_add(list, &count, good, size, "ipv4.header_length", IP)->octets[IP] = 0x44;
    malformed_add(list, &count, good, IP + 30, "ipv4.truncated", IP + 30)->octets[IP] = 0x4f; /* 60 octets of header */
    malformed_add(list, &count, good, size, "ipv4.checksum", IP + 10)->octets[IP + 9] ^= 4;
    m = malformed_add(list, &count, good, size, "ipv4.total_length", IP + 2);
    set_u16(m->octets + IP + 2, 19);
    mend_ip(m->octets);
    m = malformed_add(list, &count, good, size, "ipv4.truncated", size);
    set_u16(m->octets + IP + 2, (unsigned)size - IP + 1);
    mend_ip(m->octets);
    m = malformed_add(list, &count, good, size, "udp.truncated", UDP + 6);
    set_u16(m->octets + IP + 2, 26);
    mend_ip(m->octets);
    set_u16(malformed_add(list, &count, good, size, "udp.length", UDP + 4)->octets + UDP + 4, 7);
    set_u16(malformed_add(list, &count, good, size, "udp.truncated", UDP + 32)->octets + UDP + 4, 33);
    malformed_add(list, &count, good, size, "udp.checksum", UDP + 6)->octets[DHCP] ^= 0x20;

    to.protocol = IPV4_PROTOCOL_ICMP;
    size = echo_make(&to, ICMP_ECHO_REQUEST, good, sizeof good);
    malformed_add(list, &count, good, size, "icmp.checksum", UDP + 2)->octets[UDP + 8] ^= 1;
    m = malformed_add(list, &count, good, size, "icmp.truncated", UDP + 7);
    set_u16(m->octets + IP + 2, 27);
    mend_ip(m->octets);

    memset(good, 0, sizeof good);
    ByteWriter writer = byte_writer(good, 60);
    EthernetFrame ethernet = {.destination = to.to, .source = VISITOR_MAC, .type = ETHERNET_TYPE_ARP};
    ethernet_encode_header(&ethernet, &writer);
    ArpPacket arp = {.operation = ARP_REQUEST, .sender_mac = VISITOR_MAC, .sender_ip = visitor_ip, .target_ip = to.destination};
    arp_encode(&arp, &writer);
    malformed_add(list, &count, good, ARP + 27, "arp.truncated", ARP + 27);
    set_u16(malformed_add(list, &count, good, 60, "arp.hardware_type", ARP)->octets + ARP, 6);
    set_u16(malformed_add(list, &count, good, 60, "arp.protocol_type", ARP + 2)->octets + ARP + 2, 0x86dd);
    malformed_add(list, &count, good, 60, "arp.hardware_length", ARP + 4)->octets[ARP + 4] = 8;
    malformed_add(list, &count, good, 60, "arp.protocol_length", ARP + 5)->octets[ARP + 5] = 16;
    set_u16(malformed_add(list, &count, good, 60, "arp.operation", ARP + 6)->octets + ARP + 6, 99);
    set_u16(malformed_add(list, &count, good, 60, "ethernet.unknown_type", 12)->octets + 12, 0x1234);
    return count;
}

#endif
