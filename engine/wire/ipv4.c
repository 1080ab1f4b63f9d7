#include "wire/ipv4.h"

#include "wire/checksum.h"

static bool ipv4_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

bool ipv4_decode(Bytes from, Ipv4Header *header, ParseFault *fault) {
    const uint8_t *p = from.at;
    if (from.size < IPV4_HEADER_SIZE) return ipv4_fault(fault, "ipv4.truncated", from.size);
    if (p[0] >> 4 != 4) return ipv4_fault(fault, "ipv4.version", 0);
    size_t header_size = (size_t)(p[0] & 15) * 4;
    if (header_size < IPV4_HEADER_SIZE) return ipv4_fault(fault, "ipv4.header_length", 0);
    if (header_size > from.size) return ipv4_fault(fault, "ipv4.truncated", from.size);
    if (checksum_sum(bytes_of(p, header_size)) != 0xffff) return ipv4_fault(fault, "ipv4.checksum", 10);
    header->total_length = octets_u16(p + 2);
    if (header->total_length < header_size) return ipv4_fault(fault, "ipv4.total_length", 2);
    if (header->total_length > from.size) return ipv4_fault(fault, "ipv4.truncated", from.size);
    header->tos = p[1];
    header->identification = octets_u16(p + 4);
    header->flags_fragment = octets_u16(p + 6);
    header->ttl = p[8];
    header->protocol = p[9];
    header->checksum = octets_u16(p + 10);
    header->source = octets_u32(p + 12);
    header->destination = octets_u32(p + 16);
    header->options = bytes_of(p + IPV4_HEADER_SIZE, header_size - IPV4_HEADER_SIZE);
    header->payload = bytes_of(p + header_size, header->total_length - header_size);
    return true;
}

void ipv4_encode_header(const Ipv4Header *header, size_t payload_size, ByteWriter *into) {
    CHECK(payload_size <= UINT16_MAX - IPV4_HEADER_SIZE);
    uint8_t *p = octets_room(into, IPV4_HEADER_SIZE);
    if (!p) return;
    p[0] = 0x45;
    p[1] = header->tos;
    octets_set_u16(p + 2, (uint16_t)(IPV4_HEADER_SIZE + payload_size));
    octets_set_u16(p + 4, header->identification);
    octets_set_u16(p + 6, header->flags_fragment);
    p[8] = header->ttl;
    p[9] = header->protocol;
    octets_set_u16(p + 10, 0);
    octets_set_u32(p + 12, header->source);
    octets_set_u32(p + 16, header->destination);
    octets_set_u16(p + 10, checksum_of(bytes_of(p, IPV4_HEADER_SIZE)));
}

void ipv4_decrement_ttl(uint8_t *header) {
    CHECK(header[8] > 0);
    uint16_t before = octets_u16(header + 8);
    header[8]--;
    octets_set_u16(header + 10, checksum_update(octets_u16(header + 10), before, octets_u16(header + 8)));
}
