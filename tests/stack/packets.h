/* Frames made by hand, right or wrong, for the command "frame". */
#ifndef NETSTAGE_TESTS_PACKETS_H
#define NETSTAGE_TESTS_PACKETS_H

#include "network.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

typedef struct {
    MacAddress to;
    Ipv4Address source, destination;
    uint8_t protocol, ttl;
    uint16_t flags_fragment;
} PacketTo;

/* The station that packets made here come from. */
static const Ipv4Address visitor_ip = 0xc0a80163; /* 192.168.1.99 */
#define VISITOR_MAC mac_of_number(UINT64_C(0x020909090909))

/* A packet from the visitor to a host's first interface. */
static inline PacketTo packet_to(World *w, const char *host, uint8_t protocol) {
    const Interface *i = network_interface(w, host);
    return (PacketTo){.to = i->mac, .source = visitor_ip, .destination = i->address, .protocol = protocol, .ttl = 64};
}

/* An IPv4 frame; returns its size (at least 60). */
static inline size_t packet_make(const PacketTo *to, Bytes payload, uint8_t *octets, size_t room) {
    ByteWriter w = byte_writer(octets, room);
    EthernetFrame ethernet = {.destination = to->to, .source = VISITOR_MAC, .type = ETHERNET_TYPE_IPV4};
    ethernet_encode_header(&ethernet, &w);
    Ipv4Header ip = {.identification = 7, .flags_fragment = to->flags_fragment, .ttl = to->ttl, .protocol = to->protocol,
                     .source = to->source, .destination = to->destination};
    ipv4_encode_header(&ip, payload.size, &w);
    byte_writer_put(&w, payload.at, payload.size);
    ethernet_encode_padding(&w, 0);
    assert_false(w.overflow);
    return w.size;
}

/* A UDP datagram in such a frame. */
static inline size_t datagram_make(const PacketTo *to, uint16_t port, const char *text, uint8_t *octets, size_t room) {
    uint8_t udp[1480];
    ByteWriter w = byte_writer(udp, sizeof udp);
    udp_encode(to->source, to->destination, 5000, port, bytes_of(text, strlen(text)), &w);
    return packet_make(to, byte_writer_bytes(&w), octets, room);
}

static inline size_t echo_make(const PacketTo *to, uint8_t type, uint8_t *octets, size_t room) {
    uint8_t icmp[64];
    ByteWriter w = byte_writer(icmp, sizeof icmp);
    IcmpMessage message = {.type = type, .rest = 0x00010001, .payload = bytes_of("ping", 4)};
    icmp_encode(&message, &w);
    return packet_make(to, byte_writer_bytes(&w), octets, room);
}

#endif
