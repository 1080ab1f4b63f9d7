/* An ARP packet that is accepted is written again as it was. */
#include "fuzz.h"
#include "wire/arp.h"

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    ArpPacket packet;
    ParseFault fault = {0};
    if (!arp_decode(bytes_of(at, size), &packet, &fault)) {
        fuzz_check_fault(fault, size);
        return 0;
    }
    uint8_t room[ARP_SIZE];
    ByteWriter w = byte_writer(room, sizeof room);
    arp_encode(&packet, &w);
    CHECK(w.size == ARP_SIZE && memcmp(room, at, ARP_SIZE) == 0);
    CHECK(!(arp_is_probe(&packet) && arp_is_announcement(&packet)));
    return 0;
}
