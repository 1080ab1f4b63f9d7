/* The short view of a frame: no checksums, no memory, a few dozen instructions. */
#include "wire/arp.h"
#include "wire/describe.h"
#include "wire/describe_build.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"
#include "wire/udp.h"

#include <string.h>

static void summarise_udp(Bytes frame, size_t at, size_t end, FrameSummary *s) {
    const uint8_t *p = frame.at + at;
    s->source_port = octets_u16(p);
    s->destination_port = octets_u16(p + 2);
    size_t length = octets_u16(p + 4);
    if (length >= UDP_HEADER_SIZE && length < end - at) end = at + length;
    s->payload_offset = at + UDP_HEADER_SIZE;
    s->payload_size = end - s->payload_offset;
    Bytes payload = bytes_of(p + UDP_HEADER_SIZE, s->payload_size);
    if (dhcp_is_message(s->source_port, s->destination_port, payload)) {
        s->protocol = "dhcp";
        s->message = dhcp_message_name(payload);
    } else if (dns_is_message(s->source_port, s->destination_port, payload)) {
        s->protocol = "dns";
        s->message = dns_message_name(payload);
    }
}

/* The message is the whole segment: its header is what there is to see. */
static void summarise_tcp(Bytes frame, size_t at, size_t end, FrameSummary *s) {
    const uint8_t *p = frame.at + at;
    s->source_port = octets_u16(p);
    s->destination_port = octets_u16(p + 2);
    size_t header_size = (size_t)(p[12] >> 4) * 4;
    if (header_size < TCP_HEADER_SIZE || header_size > end - at) header_size = TCP_HEADER_SIZE;
    s->message = tcp_message_name(p[13], end - at - header_size);
}

static void summarise_ipv4(Bytes frame, FrameSummary *s) {
    const uint8_t *p = frame.at + ETHERNET_HEADER_SIZE;
    size_t size = frame.size - ETHERNET_HEADER_SIZE;
    s->protocol = "ipv4";
    if (size < IPV4_HEADER_SIZE) return;
    size_t header_size = (size_t)(p[0] & 15) * 4, total = octets_u16(p + 2);
    if (header_size < IPV4_HEADER_SIZE || header_size > size) return;
    s->source = octets_u32(p + 12);
    s->destination = octets_u32(p + 16);
    if (s->destination == IPV4_LIMITED_BROADCAST) s->unicast = false;
    size_t end = ETHERNET_HEADER_SIZE + (total >= header_size && total < size ? total : size);
    size_t at = ETHERNET_HEADER_SIZE + header_size;
    s->payload_offset = at;
    s->payload_size = end - at;
    if ((octets_u16(p + 6) & (IPV4_FLAG_MF | IPV4_FRAGMENT_OFFSET)) != 0) return;
    if (p[9] == IPV4_PROTOCOL_UDP) {
        s->protocol = "udp";
        if (end - at >= UDP_HEADER_SIZE) summarise_udp(frame, at, end, s);
    } else if (p[9] == IPV4_PROTOCOL_ICMP) {
        s->protocol = "icmp";
        if (end - at >= ICMP_HEADER_SIZE) s->message = icmp_message_name(frame.at[at]);
    } else if (p[9] == IPV4_PROTOCOL_TCP) {
        s->protocol = "tcp";
        if (end - at >= TCP_HEADER_SIZE) summarise_tcp(frame, at, end, s);
    }
}

void frame_summarise(Bytes frame, FrameSummary *summary) {
    *summary = (FrameSummary){.protocol = "ethernet", .message = ""};
    EthernetFrame ethernet;
    ParseFault fault;
    if (!ethernet_decode(frame, &ethernet, &fault)) {
        summary->payload_size = frame.size;
        return;
    }
    summary->destination_mac = ethernet.destination;
    summary->source_mac = ethernet.source;
    summary->unicast = !mac_is_group(ethernet.destination);
    summary->payload_offset = ETHERNET_HEADER_SIZE;
    summary->payload_size = ethernet.payload.size;
    if (ethernet.type == ETHERNET_TYPE_IPV4) {
        summarise_ipv4(frame, summary);
    } else if (ethernet.type == ETHERNET_TYPE_ARP) {
        summary->protocol = "arp";
        summary->message = arp_message_name(ethernet.payload);
        if (ethernet.payload.size < ARP_SIZE) return;
        summary->source = octets_u32(ethernet.payload.at + 14);
        summary->destination = octets_u32(ethernet.payload.at + 24);
        summary->payload_size = ARP_SIZE;
    }
}
