/* A DHCP message that is accepted says the same after it was written and read again. */
#ifndef NETSTAGE_TESTS_FUZZ_DHCP_H
#define NETSTAGE_TESTS_FUZZ_DHCP_H

#include "fuzz.h"
#include "wire/dhcp.h"

static inline void fuzz_check_dhcp(Bytes octets) {
    static DhcpMessage first, second;
    static uint8_t room[1 << 17];
    ParseFault fault = {0};
    if (!dhcp_message_decode(octets, &first, &fault)) {
        fuzz_check_fault(fault, octets.size);
        return;
    }
    ByteWriter w = byte_writer(room, sizeof room);
    CHECK(dhcp_message_encode(&first, &w, sizeof room) == 0);
    CHECK(!w.overflow && w.size >= DHCP_MINIMUM_SIZE);
    CHECK(memcmp(room, octets.at, 44) == 0);
    CHECK(dhcp_message_decode(byte_writer_bytes(&w), &second, &fault));
    CHECK(second.type == first.type && second.option_count == first.option_count);
    CHECK(bytes_equal(second.sname, first.sname) && bytes_equal(second.file, first.file));
    for (size_t i = 0; i < first.option_count; i++) {
        Bytes found = dhcp_option_find(&second, first.options[i].code);
        CHECK(found.at != NULL && bytes_equal(found, first.options[i].value));
        dhcp_agent_suboption(first.options[i].value, DHCP_AGENT_CIRCUIT_ID);
    }
    /* Cut to what the smallest client must take, it still fits and still reads. */
    w = byte_writer(room, sizeof room);
    dhcp_message_encode(&first, &w, DHCP_MINIMUM_MAX_SIZE - 28);
    CHECK(dhcp_message_decode(byte_writer_bytes(&w), &second, &fault));
    CHECK(second.type == first.type);
}

#endif
