#include "wire/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/describe_build.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

void description_free(Description *description) {
    free(description->fields);
    text_free(&description->values);
    *description = (Description){0};
}

const char *description_value(const Description *description, const DescribedField *field) {
    return text_get(&description->values) + field->value_at;
}

const DescribedField *description_find(const Description *description, const char *key) {
    for (size_t i = 0; i < description->count; i++)
        if (strcmp(description->fields[i].key, key) == 0) return &description->fields[i];
    return NULL;
}

DescribedField *describe_field(Description *d, const char *key, const char *name, int depth, size_t offset,
                               size_t length) {
    text_put_char(&d->values, 0); /* ends the value of the field before */
    d->fields = array_grow(d->fields, &d->capacity, d->count + 1, sizeof *d->fields);
    DescribedField *field = &d->fields[d->count++];
    *field = (DescribedField){.key = key, .name = name, .depth = (uint8_t)depth, .offset = (uint32_t)offset,
                              .length = (uint32_t)length, .value_at = (uint32_t)d->values.size};
    return field;
}

void describe_put_decimal(Text *text, uint32_t value) {
    char digits[10];
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + value % 10);
    while (value /= 10);
    text_put_n(text, digits + at, sizeof digits - at);
}

void describe_number(Description *d, const char *key, const char *name, int depth, size_t offset, size_t length,
                     uint32_t value) {
    describe_field(d, key, name, depth, offset, length)->number = true;
    describe_put_decimal(&d->values, value);
}

void describe_hex(Description *d, const char *key, const char *name, int depth, size_t offset, size_t length,
                  uint32_t value) {
    describe_field(d, key, name, depth, offset, length);
    uint8_t octets[4];
    CHECK(length <= sizeof octets);
    octets_set_u32(octets, value << (32 - 8 * length));
    text_put(&d->values, "0x");
    text_put_hex(&d->values, bytes_of(octets, length), "");
}

void describe_ipv4(Description *d, const char *key, const char *name, int depth, size_t offset, Ipv4Address value) {
    describe_field(d, key, name, depth, offset, 4);
    ipv4_print(&d->values, value);
}

static void describe_mac(Description *d, const char *key, const char *name, size_t offset, const uint8_t *octets) {
    describe_field(d, key, name, 1, offset, 6);
    text_put_hex(&d->values, bytes_of(octets, 6), ":");
}

void describe_put_text_or_hex(Description *d, Bytes value) {
    for (size_t i = 0; i < value.size; i++)
        if (value.at[i] < 0x20 || value.at[i] > 0x7e) {
            text_put_hex(&d->values, value, ":");
            return;
        }
    text_put_n(&d->values, (const char *)value.at, value.size);
}

void describe_fault(Description *d, const char *reason, size_t offset) {
    if (!d->fault.reason) d->fault = (ParseFault){reason, offset};
}

/* What no codec reads. */
static void describe_data(Description *d, const char *key, Bytes frame, size_t at) {
    if (at < frame.size) describe_field(d, key, "Data", 1, at, frame.size - at);
}

const char *arp_message_name(Bytes packet) {
    ArpPacket arp;
    ParseFault fault;
    if (!arp_decode(packet, &arp, &fault)) return "";
    if (arp.operation == ARP_REPLY) return "ARP reply";
    return arp_is_probe(&arp) ? "ARP probe" : arp_is_announcement(&arp) ? "ARP announcement" : "ARP request";
}

static void describe_arp(Description *d, Bytes frame, size_t at) {
    d->protocol = "arp";
    Bytes packet = bytes_slice(frame, at, ARP_SIZE);
    const uint8_t *p = packet.at;
    describe_field(d, "arp", "ARP", 0, at, packet.size);
    d->message = arp_message_name(packet);
    ArpPacket arp;
    ParseFault fault;
    if (!arp_decode(packet, &arp, &fault)) describe_fault(d, fault.reason, at + fault.offset);
    if (packet.size < ARP_SIZE) {
        describe_data(d, "arp.data", frame, at);
        return;
    }
    describe_number(d, "arp.hrd", "ar$hrd", 1, at, 2, octets_u16(p));
    describe_hex(d, "arp.pro", "ar$pro", 1, at + 2, 2, octets_u16(p + 2));
    describe_number(d, "arp.hln", "ar$hln", 1, at + 4, 1, p[4]);
    describe_number(d, "arp.pln", "ar$pln", 1, at + 5, 1, p[5]);
    describe_number(d, "arp.op", "ar$op", 1, at + 6, 2, octets_u16(p + 6));
    describe_mac(d, "arp.sha", "ar$sha", at + 8, p + 8);
    describe_ipv4(d, "arp.spa", "ar$spa", 1, at + 14, octets_u32(p + 14));
    describe_mac(d, "arp.tha", "ar$tha", at + 18, p + 18);
    describe_ipv4(d, "arp.tpa", "ar$tpa", 1, at + 24, octets_u32(p + 24));
}

const char *icmp_message_name(uint8_t type) {
    switch (type) {
    case ICMP_ECHO_REPLY: return "echo reply";
    case ICMP_DESTINATION_UNREACHABLE: return "destination unreachable";
    case ICMP_ECHO_REQUEST: return "echo request";
    case ICMP_TIME_EXCEEDED: return "time exceeded";
    default: return "";
    }
}

static void describe_icmp(Description *d, Bytes frame, size_t at, size_t size) {
    d->protocol = "icmp";
    Bytes octets = bytes_slice(frame, at, size);
    const uint8_t *p = octets.at;
    describe_field(d, "icmp", "ICMP", 0, at, octets.size);
    IcmpMessage icmp;
    ParseFault fault;
    if (!icmp_decode(octets, &icmp, &fault)) describe_fault(d, fault.reason, at + fault.offset);
    if (octets.size < ICMP_HEADER_SIZE) {
        if (octets.size > 0) describe_field(d, "icmp.data", "Data", 1, at, octets.size);
        return;
    }
    d->message = icmp_message_name(p[0]);
    describe_number(d, "icmp.type", "Type", 1, at, 1, p[0]);
    describe_number(d, "icmp.code", "Code", 1, at + 1, 1, p[1]);
    describe_hex(d, "icmp.checksum", "Checksum", 1, at + 2, 2, octets_u16(p + 2));
    bool echo = p[0] == ICMP_ECHO_REQUEST || p[0] == ICMP_ECHO_REPLY;
    if (echo) {
        describe_number(d, "icmp.identifier", "Identifier", 1, at + 4, 2, octets_u16(p + 4));
        describe_number(d, "icmp.sequence", "Sequence Number", 1, at + 6, 2, octets_u16(p + 6));
    } else {
        describe_hex(d, "icmp.unused", "unused", 1, at + 4, 4, octets_u32(p + 4));
    }
    if (octets.size > ICMP_HEADER_SIZE) {
        const char *key = echo ? "icmp.data" : "icmp.original";
        const char *name = echo ? "Data" : "Internet Header + 64 bits of Original Data Datagram";
        describe_field(d, key, name, 1, at + ICMP_HEADER_SIZE, octets.size - ICMP_HEADER_SIZE);
    }
}

static void describe_udp(Description *d, Bytes frame, size_t at, size_t size, Ipv4Address source,
                         Ipv4Address destination) {
    d->protocol = "udp";
    Bytes octets = bytes_slice(frame, at, size);
    const uint8_t *p = octets.at;
    UdpHeader udp;
    ParseFault fault;
    if (!udp_decode(octets, source, destination, &udp, &fault)) describe_fault(d, fault.reason, at + fault.offset);
    if (octets.size < UDP_HEADER_SIZE) {
        describe_field(d, "udp", "UDP", 0, at, octets.size);
        if (octets.size > 0) describe_field(d, "udp.data", "Data", 1, at, octets.size);
        return;
    }
    describe_field(d, "udp", "UDP", 0, at, UDP_HEADER_SIZE);
    uint16_t source_port = octets_u16(p), destination_port = octets_u16(p + 2), length = octets_u16(p + 4);
    describe_number(d, "udp.source_port", "Source Port", 1, at, 2, source_port);
    describe_number(d, "udp.destination_port", "Destination Port", 1, at + 2, 2, destination_port);
    describe_number(d, "udp.length", "Length", 1, at + 4, 2, length);
    describe_hex(d, "udp.checksum", "Checksum", 1, at + 6, 2, octets_u16(p + 6));
    size_t end = length >= UDP_HEADER_SIZE && length < octets.size ? length : octets.size;
    Bytes payload = bytes_slice(octets, UDP_HEADER_SIZE, end - UDP_HEADER_SIZE);
    if (dhcp_is_message(source_port, destination_port, payload))
        describe_dhcp(d, frame, at + UDP_HEADER_SIZE, payload.size);
    else if (dns_is_message(source_port, destination_port, payload))
        describe_dns(d, frame, at + UDP_HEADER_SIZE, payload.size);
    else if (payload.size > 0) {
        describe_field(d, "udp.data", "data octets", 1, at + UDP_HEADER_SIZE, payload.size);
        describe_put_text_or_hex(d, payload);
    }
    if (end < octets.size) describe_field(d, "ipv4.data", "Data", 1, at + end, octets.size - end);
}

static void describe_ipv4_packet(Description *d, Bytes frame, size_t at) {
    d->protocol = "ipv4";
    Bytes octets = bytes_slice(frame, at, frame.size);
    const uint8_t *p = octets.at;
    Ipv4Header header;
    ParseFault fault;
    if (!ipv4_decode(octets, &header, &fault)) describe_fault(d, fault.reason, at + fault.offset);
    size_t header_size = octets.size > 0 ? (size_t)(p[0] & 15) * 4 : 0;
    if (octets.size < IPV4_HEADER_SIZE || header_size < IPV4_HEADER_SIZE || header_size > octets.size) {
        describe_field(d, "ipv4", "IPv4", 0, at, octets.size);
        describe_data(d, "ipv4.data", frame, at);
        return;
    }
    describe_field(d, "ipv4", "IPv4", 0, at, header_size);
    uint16_t total_length = octets_u16(p + 2), flags = octets_u16(p + 6);
    describe_number(d, "ipv4.version", "Version", 1, at, 1, p[0] >> 4);
    describe_number(d, "ipv4.ihl", "IHL", 1, at, 1, p[0] & 15);
    describe_hex(d, "ipv4.tos", "Type of Service", 1, at + 1, 1, p[1]);
    describe_number(d, "ipv4.total_length", "Total Length", 1, at + 2, 2, total_length);
    describe_number(d, "ipv4.identification", "Identification", 1, at + 4, 2, octets_u16(p + 4));
    describe_number(d, "ipv4.flags", "Flags", 1, at + 6, 1, flags >> 13);
    describe_number(d, "ipv4.df", "DF", 2, at + 6, 1, (flags & IPV4_FLAG_DF) != 0);
    describe_number(d, "ipv4.mf", "MF", 2, at + 6, 1, (flags & IPV4_FLAG_MF) != 0);
    describe_number(d, "ipv4.fragment_offset", "Fragment Offset", 1, at + 6, 2, flags & IPV4_FRAGMENT_OFFSET);
    describe_number(d, "ipv4.ttl", "Time to Live", 1, at + 8, 1, p[8]);
    describe_number(d, "ipv4.protocol", "Protocol", 1, at + 9, 1, p[9]);
    describe_hex(d, "ipv4.checksum", "Header Checksum", 1, at + 10, 2, octets_u16(p + 10));
    Ipv4Address source = octets_u32(p + 12), destination = octets_u32(p + 16);
    describe_ipv4(d, "ipv4.source", "Source Address", 1, at + 12, source);
    describe_ipv4(d, "ipv4.destination", "Destination Address", 1, at + 16, destination);
    if (header_size > IPV4_HEADER_SIZE) {
        describe_field(d, "ipv4.options", "Options", 1, at + IPV4_HEADER_SIZE, header_size - IPV4_HEADER_SIZE);
        text_put_hex(&d->values, bytes_of(p + IPV4_HEADER_SIZE, header_size - IPV4_HEADER_SIZE), ":");
    }
    size_t end = total_length >= header_size && total_length < octets.size ? total_length : octets.size;
    size_t payload = end - header_size;
    if ((flags & (IPV4_FLAG_MF | IPV4_FRAGMENT_OFFSET)) != 0)
        describe_data(d, "ipv4.data", bytes_slice(frame, 0, at + end), at + header_size);
    else if (p[9] == IPV4_PROTOCOL_UDP)
        describe_udp(d, frame, at + header_size, payload, source, destination);
    else if (p[9] == IPV4_PROTOCOL_ICMP)
        describe_icmp(d, frame, at + header_size, payload);
    else if (p[9] == IPV4_PROTOCOL_TCP)
        describe_tcp(d, frame, at + header_size, payload, source, destination);
    else
        describe_data(d, "ipv4.data", bytes_slice(frame, 0, at + end), at + header_size);
    if (end < octets.size) describe_field(d, "ethernet.padding", "Padding", 0, at + end, octets.size - end);
}

void describe_frame(Bytes frame, Description *into) {
    into->count = 0;
    text_clear(&into->values);
    into->fault = (ParseFault){0};
    into->protocol = "ethernet";
    into->message = "";
    EthernetFrame ethernet;
    ParseFault fault;
    if (!ethernet_decode(frame, &ethernet, &fault)) {
        describe_fault(into, fault.reason, fault.offset);
        describe_field(into, "ethernet", "Ethernet", 0, 0, frame.size);
        describe_data(into, "ethernet.data", frame, 0);
        text_put_char(&into->values, 0);
        return;
    }
    describe_field(into, "ethernet", "Ethernet", 0, 0, ETHERNET_HEADER_SIZE);
    describe_mac(into, "ethernet.destination", "Destination Address", 0, ethernet.destination.octet);
    describe_mac(into, "ethernet.source", "Source Address", 6, ethernet.source.octet);
    describe_hex(into, "ethernet.type", "Type", 1, 12, 2, ethernet.type);
    if (ethernet.type == ETHERNET_TYPE_IPV4) {
        describe_ipv4_packet(into, frame, ETHERNET_HEADER_SIZE);
    } else if (ethernet.type == ETHERNET_TYPE_ARP) {
        describe_arp(into, frame, ETHERNET_HEADER_SIZE);
        size_t end = ETHERNET_HEADER_SIZE + ARP_SIZE;
        if (frame.size > end) describe_field(into, "ethernet.padding", "Padding", 0, end, frame.size - end);
    } else {
        describe_data(into, "ethernet.data", frame, ETHERNET_HEADER_SIZE);
    }
    text_put_char(&into->values, 0);
}
