/* An IPv4 header that is accepted is written again as it was, and stays sound as its TTL goes down. The input's
 * own checksum is kept on even lengths and mended on odd ones, which lets a fuzzer past it. */
#include <stdlib.h>

#include "base/arena.h"
#include "fuzz.h"
#include "wire/checksum.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

static void check_icmp(const Ipv4Header *ip) {
    IcmpMessage icmp;
    ParseFault fault = {0};
    if (!icmp_decode(ip->payload, &icmp, &fault)) {
        fuzz_check_fault(fault, ip->payload.size);
        return;
    }
    static uint8_t room[1 << 16];
    ByteWriter w = byte_writer(room, sizeof room);
    icmp_encode(&icmp, &w);
    /* Ones' complement has two zeros: a sender may write the other one. */
    CHECK(w.size == ip->payload.size && memcmp(room + 4, ip->payload.at + 4, w.size - 4) == 0);
    CHECK(icmp_decode(byte_writer_bytes(&w), &icmp, &fault));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    uint8_t *octets = memory_new(size);
    if (size > 0) memcpy(octets, at, size);
    size_t header_size = size > 0 ? (size_t)(octets[0] & 15) * 4 : 0;
    if (size % 2 && header_size >= IPV4_HEADER_SIZE && size >= header_size) {
        octets_set_u16(octets + 10, 0);
        octets_set_u16(octets + 10, checksum_of(bytes_of(octets, header_size)));
    }
    Ipv4Header ip;
    ParseFault fault = {0};
    if (!ipv4_decode(bytes_of(octets, size), &ip, &fault)) {
        fuzz_check_fault(fault, size);
    } else {
        CHECK(IPV4_HEADER_SIZE + ip.options.size + ip.payload.size == ip.total_length && ip.total_length <= size);
        if (ip.options.size == 0) {
            uint8_t room[IPV4_HEADER_SIZE];
            ByteWriter w = byte_writer(room, sizeof room);
            ipv4_encode_header(&ip, ip.payload.size, &w);
            CHECK(memcmp(room, octets, 10) == 0 && memcmp(room + 12, octets + 12, 8) == 0);
        }
        if (ip.protocol == IPV4_PROTOCOL_ICMP) check_icmp(&ip);
        if (ip.ttl > 0) {
            ipv4_decrement_ttl(octets);
            CHECK(ipv4_decode(bytes_of(octets, size), &ip, &fault));
        }
    }
    free(octets);
    return 0;
}
