#include "wire/udp.h"

#include <string.h>

#include "wire/checksum.h"
#include "wire/ipv4.h"

static bool udp_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

bool udp_decode(Bytes from, Ipv4Address source, Ipv4Address destination, UdpHeader *header, ParseFault *fault) {
    const uint8_t *p = from.at;
    if (from.size < UDP_HEADER_SIZE) return udp_fault(fault, "udp.truncated", from.size);
    header->length = octets_u16(p + 4);
    if (header->length < UDP_HEADER_SIZE) return udp_fault(fault, "udp.length", 4);
    if (header->length > from.size) return udp_fault(fault, "udp.truncated", from.size);
    header->checksum = octets_u16(p + 6);
    if (header->checksum != 0) {
        uint64_t sum = checksum_pseudo_sum(source, destination, IPV4_PROTOCOL_UDP, header->length);
        sum += checksum_sum(bytes_of(p, header->length));
        if (checksum_fold(sum) != 0xffff) return udp_fault(fault, "udp.checksum", 6);
    }
    header->source_port = octets_u16(p);
    header->destination_port = octets_u16(p + 2);
    header->payload = bytes_of(p + UDP_HEADER_SIZE, header->length - UDP_HEADER_SIZE);
    return true;
}

void udp_encode(Ipv4Address source, Ipv4Address destination, uint16_t source_port, uint16_t destination_port,
                Bytes payload, ByteWriter *into) {
    CHECK(payload.size <= UINT16_MAX - IPV4_HEADER_SIZE - UDP_HEADER_SIZE);
    size_t size = UDP_HEADER_SIZE + payload.size;
    uint8_t *p = octets_room(into, size);
    if (!p) return;
    if (payload.size > 0) memmove(p + UDP_HEADER_SIZE, payload.at, payload.size);
    octets_set_u16(p, source_port);
    octets_set_u16(p + 2, destination_port);
    octets_set_u16(p + 4, (uint16_t)size);
    octets_set_u16(p + 6, 0);
    uint64_t sum = checksum_pseudo_sum(source, destination, IPV4_PROTOCOL_UDP, (uint16_t)size);
    uint16_t checksum = (uint16_t)~checksum_fold(sum + checksum_sum(bytes_of(p, size)));
    octets_set_u16(p + 6, checksum == 0 ? 0xffff : checksum);
}
