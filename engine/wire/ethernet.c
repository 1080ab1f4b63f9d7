#include "wire/ethernet.h"

#include <string.h>


bool ethernet_decode(Bytes from, EthernetFrame *frame, ParseFault *fault) {
    if (from.size < ETHERNET_HEADER_SIZE) {
        *fault = (ParseFault){"ethernet.truncated", from.size};
        return false;
    }
    memcpy(frame->destination.octet, from.at, 6);
    memcpy(frame->source.octet, from.at + 6, 6);
    frame->type = octets_u16(from.at + 12);
    frame->payload = bytes_of(from.at + ETHERNET_HEADER_SIZE, from.size - ETHERNET_HEADER_SIZE);
    return true;
}

void ethernet_encode_header(const EthernetFrame *frame, ByteWriter *into) {
    uint8_t *p = octets_room(into, ETHERNET_HEADER_SIZE);
    if (!p) return;
    memcpy(p, frame->destination.octet, 6);
    memcpy(p + 6, frame->source.octet, 6);
    octets_set_u16(p + 12, frame->type);
}

void ethernet_encode_padding(ByteWriter *into, size_t start) {
    CHECK(start <= into->size);
    size_t size = into->size - start;
    if (size < ETHERNET_MINIMUM_SIZE) byte_writer_zeros(into, ETHERNET_MINIMUM_SIZE - size);
}

void ethernet_encode(const EthernetFrame *frame, ByteWriter *into) {
    size_t start = into->size;
    ethernet_encode_header(frame, into);
    byte_writer_put(into, frame->payload.at, frame->payload.size);
    ethernet_encode_padding(into, start);
}
