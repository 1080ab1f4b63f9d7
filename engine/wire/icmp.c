#include "wire/icmp.h"

#include <string.h>

#include "wire/checksum.h"

bool icmp_decode(Bytes from, IcmpMessage *message, ParseFault *fault) {
    if (from.size < ICMP_HEADER_SIZE) {
        *fault = (ParseFault){"icmp.truncated", from.size};
        return false;
    }
    if (checksum_sum(from) != 0xffff) {
        *fault = (ParseFault){"icmp.checksum", 2};
        return false;
    }
    message->type = from.at[0];
    message->code = from.at[1];
    message->rest = octets_u32(from.at + 4);
    message->payload = bytes_of(from.at + ICMP_HEADER_SIZE, from.size - ICMP_HEADER_SIZE);
    return true;
}

void icmp_encode(const IcmpMessage *message, ByteWriter *into) {
    size_t size = ICMP_HEADER_SIZE + message->payload.size;
    uint8_t *p = octets_room(into, size);
    if (!p) return;
    if (message->payload.size > 0) memmove(p + ICMP_HEADER_SIZE, message->payload.at, message->payload.size);
    p[0] = message->type;
    p[1] = message->code;
    octets_set_u16(p + 2, 0);
    octets_set_u32(p + 4, message->rest);
    octets_set_u16(p + 2, checksum_of(bytes_of(p, size)));
}
