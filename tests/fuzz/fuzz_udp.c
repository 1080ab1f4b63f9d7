/* The first eight octets are the addresses, the rest a datagram: accepted, it is written again as it was. */
#include "fuzz.h"
#include "wire/udp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size < 8 || size > 8 + 65000) return 0;
    Ipv4Address source = octets_u32(at), destination = octets_u32(at + 4);
    Bytes datagram = bytes_of(at + 8, size - 8);
    UdpHeader udp;
    ParseFault fault = {0};
    if (!udp_decode(datagram, source, destination, &udp, &fault)) {
        fuzz_check_fault(fault, datagram.size);
        return 0;
    }
    static uint8_t room[1 << 16];
    ByteWriter w = byte_writer(room, sizeof room);
    udp_encode(source, destination, udp.source_port, udp.destination_port, udp.payload, &w);
    CHECK(w.size == udp.length && w.size <= datagram.size);
    CHECK(memcmp(room, datagram.at, 6) == 0 && memcmp(room + 8, datagram.at + 8, w.size - 8) == 0);
    CHECK(octets_u16(room + 6) != 0);
    CHECK(udp.checksum == 0 || udp.checksum == octets_u16(room + 6));
    return 0;
}
