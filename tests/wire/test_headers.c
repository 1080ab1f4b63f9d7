/* Ethernet, ARP, IPv4, ICMP, UDP and the checksum: known octets, round trips, every truncation, every flipped bit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "wire/arp.h"
#include "wire/checksum.h"
#include "wire/ethernet.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

/* The textbook form of RFC 1071 section 4.1. */
static uint16_t slow_sum(const uint8_t *at, size_t size) {
    uint64_t sum = 0;
    for (size_t i = 0; i < size; i++) sum += i % 2 ? at[i] : (uint64_t)at[i] << 8;
    while (sum >> 16) sum = (sum >> 16) + (sum & 0xffff);
    return (uint16_t)sum;
}

static void checksum_of_the_rfc(void **state) {
    (void)state;
    static const uint8_t octets[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7}; /* RFC 1071 section 3 */
    assert_int_equal(checksum_sum(bytes_of(octets, 8)), 0xddf2);
    assert_int_equal(checksum_of(bytes_of(octets, 8)), 0x220d);
    assert_int_equal(checksum_sum(bytes_of(NULL, 0)), 0);
}

static void checksum_of_any_length(void **state) {
    (void)state;
    RandomStream random = random_stream(1, "checksum", "test");
    uint8_t octets[300];
    for (size_t i = 0; i < sizeof octets; i++) octets[i] = (uint8_t)(random_next(&random) | (i % 7 ? 0 : 0xff));
    for (size_t start = 0; start < 9; start++)
        for (size_t size = 0; size + start <= sizeof octets; size++)
            assert_int_equal(checksum_sum(bytes_of(octets + start, size)), slow_sum(octets + start, size));
}

static void checksum_updates_in_place(void **state) {
    (void)state;
    RandomStream random = random_stream(2, "checksum", "test");
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[20];
        for (int i = 0; i < 20; i++) octets[i] = (uint8_t)random_next(&random);
        octets[0] = 0x45; /* a header is never all zeros, where the two zeros of ones' complement would differ */
        uint16_t checksum = checksum_of(bytes_of(octets, 20));
        uint16_t before = (uint16_t)(octets[8] << 8 | octets[9]), after = (uint16_t)random_next(&random);
        octets[8] = (uint8_t)(after >> 8);
        octets[9] = (uint8_t)after;
        assert_int_equal(checksum_update(checksum, before, after), checksum_of(bytes_of(octets, 20)));
    }
}

/* An ICMP echo request of ping, checksums made by another hand: 192.168.1.2 to 192.168.1.1. */
static const uint8_t ping_packet[] = {
    0x45, 0x00, 0x00, 0x20, 0x1c, 0x46, 0x40, 0x00, 0x40, 0x01, 0x9b, 0x43, 0xc0, 0xa8, 0x01, 0x02,
    0xc0, 0xa8, 0x01, 0x01, 0x08, 0x00, 0x66, 0xdc, 0x12, 0x34, 0x00, 0x01, 'a',  'b',  0x1d, 0x8c};

static void packet_known_octets(void **state) {
    (void)state;
    ParseFault fault;
    Ipv4Header ip;
    IcmpMessage icmp;
    assert_true(ipv4_decode(bytes_of(ping_packet, sizeof ping_packet), &ip, &fault));
    assert_int_equal(ip.source, 0xc0a80102);
    assert_int_equal(ip.destination, 0xc0a80101);
    assert_int_equal(ip.ttl, 64);
    assert_int_equal(ip.flags_fragment, IPV4_FLAG_DF);
    assert_false(ipv4_is_fragment(&ip));
    assert_int_equal(ip.identification, 0x1c46);
    assert_int_equal(ip.payload.size, 12);
    assert_true(icmp_decode(ip.payload, &icmp, &fault));
    assert_int_equal(icmp.type, ICMP_ECHO_REQUEST);
    assert_int_equal(icmp_identifier(&icmp), 0x1234);
    assert_int_equal(icmp_sequence(&icmp), 1);

    uint8_t room[64];
    ByteWriter w = byte_writer(room, sizeof room);
    ipv4_encode_header(&ip, ip.payload.size, &w);
    icmp_encode(&icmp, &w);
    assert_false(w.overflow);
    assert_int_equal(w.size, sizeof ping_packet);
    assert_memory_equal(room, ping_packet, sizeof ping_packet);
}

static void every_bit_of_a_header_is_guarded(void **state) {
    (void)state;
    for (size_t bit = 0; bit < sizeof ping_packet * 8; bit++) {
        uint8_t octets[sizeof ping_packet];
        memcpy(octets, ping_packet, sizeof octets);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        ParseFault fault = {0};
        Ipv4Header ip;
        IcmpMessage icmp;
        bool sound =
            ipv4_decode(bytes_of(octets, sizeof octets), &ip, &fault) && icmp_decode(ip.payload, &icmp, &fault);
        assert_false(sound);
        assert_non_null(fault.reason);
    }
}

static void every_truncation_is_refused(void **state) {
    (void)state;
    uint8_t frame[128];
    ByteWriter w = byte_writer(frame, sizeof frame);
    EthernetFrame ethernet = {.destination = mac_broadcast, .source = {{2, 0, 0, 0, 0, 1}}, .type = ETHERNET_TYPE_IPV4};
    ethernet_encode_header(&ethernet, &w);
    Ipv4Header header = {.ttl = 64, .protocol = IPV4_PROTOCOL_UDP, .source = 1, .destination = 0xffffffff};
    ipv4_encode_header(&header, UDP_HEADER_SIZE + 30, &w);
    udp_encode(1, 0xffffffff, 68, 67, bytes_of("012345678901234567890123456789", 30), &w);
    size_t whole = w.size;
    for (size_t size = 0; size <= whole; size++) {
        uint8_t *exact = memory_new(size); /* so that a sanitizer sees a read past the end */
        memcpy(exact, frame, size);
        ParseFault fault = {0};
        UdpHeader udp;
        bool sound = ethernet_decode(bytes_of(exact, size), &ethernet, &fault) &&
                     ipv4_decode(ethernet.payload, &header, &fault) &&
                     udp_decode(header.payload, header.source, header.destination, &udp, &fault);
        assert_int_equal(sound, size == whole);
        if (!sound) assert_string_equal(fault.reason, size < 14 ? "ethernet.truncated" : "ipv4.truncated");
        free(exact);
    }
    for (size_t size = 0; size < UDP_HEADER_SIZE + 30; size++) {
        ParseFault fault = {0};
        UdpHeader udp;
        assert_false(udp_decode(bytes_of(frame + 34, size), 1, 0xffffffff, &udp, &fault));
        assert_string_equal(fault.reason, "udp.truncated");
        assert_int_equal(fault.offset, size);
    }
}

static void frames_are_padded_and_padding_is_ignored(void **state) {
    (void)state;
    uint8_t room[128];
    ByteWriter w = byte_writer(room, sizeof room);
    EthernetFrame in, out = {.destination = {{2, 0, 0, 0, 0, 2}}, .source = {{2, 0, 0, 0, 0, 1}}};
    out.type = ETHERNET_TYPE_IPV4;
    out.payload = bytes_of(ping_packet, sizeof ping_packet);
    ethernet_encode(&out, &w);
    assert_int_equal(w.size, ETHERNET_MINIMUM_SIZE);
    ParseFault fault;
    assert_true(ethernet_decode(byte_writer_bytes(&w), &in, &fault));
    assert_true(mac_equal(in.destination, out.destination));
    assert_true(mac_equal(in.source, out.source));
    assert_int_equal(in.type, ETHERNET_TYPE_IPV4);
    assert_int_equal(in.payload.size, 46);
    Ipv4Header ip;
    assert_true(ipv4_decode(in.payload, &ip, &fault));
    assert_int_equal(ip.payload.size, 12);
    static const uint8_t payload[80];
    for (size_t size = 0; size < sizeof payload; size++) { /* behind another frame in the same room */
        uint8_t both[256];
        w = byte_writer(both, sizeof both);
        byte_writer_zeros(&w, 7);
        out.payload = bytes_of(payload, size);
        ethernet_encode(&out, &w);
        assert_int_equal(w.size - 7, size < 46 ? 60 : size + 14);
    }
}

static void ipv4_faults_have_names(void **state) {
    (void)state;
    static const struct {
        size_t at;
        uint8_t value;
        const char *reason;
    } cases[] = {{0, 0x65, "ipv4.version"},      {0, 0x44, "ipv4.header_length"}, {0, 0x4f, "ipv4.truncated"},
                 {2, 0x01, "ipv4.checksum"},     {3, 0x13, "ipv4.checksum"},      {10, 0, "ipv4.checksum"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t octets[sizeof ping_packet];
        memcpy(octets, ping_packet, sizeof octets);
        octets[cases[i].at] = cases[i].value;
        ParseFault fault = {0};
        Ipv4Header ip;
        assert_false(ipv4_decode(bytes_of(octets, sizeof octets), &ip, &fault));
        assert_string_equal(fault.reason, cases[i].reason);
    }
    for (int total = 0; total < 40; total++) { /* with a checksum that agrees */
        uint8_t octets[sizeof ping_packet];
        memcpy(octets, ping_packet, sizeof octets);
        octets[3] = (uint8_t)total;
        octets[10] = octets[11] = 0;
        uint16_t checksum = checksum_of(bytes_of(octets, 20));
        octets[10] = (uint8_t)(checksum >> 8);
        octets[11] = (uint8_t)checksum;
        ParseFault fault = {0};
        Ipv4Header ip;
        bool sound = ipv4_decode(bytes_of(octets, sizeof octets), &ip, &fault);
        assert_int_equal(sound, total >= 20 && total <= 32);
        if (!sound) assert_string_equal(fault.reason, total < 20 ? "ipv4.total_length" : "ipv4.truncated");
    }
}

static void ipv4_options_are_found(void **state) {
    (void)state;
    uint8_t octets[28] = {0x47, 0, 0, 28, 0, 0, 0, 0, 1, 17, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0x94, 4, 0, 0, 1, 1, 1, 1};
    uint16_t checksum = checksum_of(bytes_of(octets, 28));
    octets[10] = (uint8_t)(checksum >> 8);
    octets[11] = (uint8_t)checksum;
    Ipv4Header ip;
    ParseFault fault;
    assert_true(ipv4_decode(bytes_of(octets, 28), &ip, &fault));
    assert_int_equal(ip.options.size, 8);
    assert_ptr_equal(ip.options.at, octets + 20);
    assert_int_equal(ip.payload.size, 0);
}

static void ttl_goes_down_and_the_checksum_stays_right(void **state) {
    (void)state;
    uint8_t octets[sizeof ping_packet];
    memcpy(octets, ping_packet, sizeof octets);
    for (int ttl = 64; ttl > 0; ttl--) {
        Ipv4Header ip;
        ParseFault fault;
        assert_true(ipv4_decode(bytes_of(octets, sizeof octets), &ip, &fault));
        assert_int_equal(ip.ttl, ttl);
        ipv4_decrement_ttl(octets);
    }
}

static void udp_checksum(void **state) {
    (void)state;
    uint8_t room[64];
    ByteWriter w = byte_writer(room, sizeof room);
    udp_encode(0x0a000001, 0x0a000002, 68, 67, bytes_of("hello", 5), &w);
    UdpHeader udp;
    ParseFault fault = {0};
    assert_true(udp_decode(byte_writer_bytes(&w), 0x0a000001, 0x0a000002, &udp, &fault));
    assert_int_equal(udp.source_port, 68);
    assert_int_equal(udp.destination_port, 67);
    assert_int_equal(udp.length, 13);
    assert_memory_equal(udp.payload.at, "hello", 5);
    assert_int_equal(udp.payload.size, 5);
    /* The addresses belong to it. */
    assert_false(udp_decode(byte_writer_bytes(&w), 0x0a000001, 0x0a000003, &udp, &fault));
    assert_string_equal(fault.reason, "udp.checksum");
    for (size_t bit = 0; bit < w.size * 8; bit++) {
        uint8_t octets[64];
        memcpy(octets, room, w.size);
        octets[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(udp_decode(bytes_of(octets, w.size), 0x0a000001, 0x0a000002, &udp, &fault));
    }
    room[6] = room[7] = 0; /* none was made */
    assert_true(udp_decode(byte_writer_bytes(&w), 0x0a000001, 0x0a000003, &udp, &fault));
    for (int length = 0; length < 32; length++) {
        room[5] = (uint8_t)length;
        bool sound = udp_decode(byte_writer_bytes(&w), 0, 0, &udp, &fault);
        assert_int_equal(sound, length >= 8 && length <= 13);
        if (!sound) assert_string_equal(fault.reason, length < 8 ? "udp.length" : "udp.truncated");
    }
}

/* A checksum of zero goes out as all ones: RFC 768. The payload is searched so that it comes out so. */
static void udp_checksum_is_never_zero(void **state) {
    (void)state;
    int seen = 0;
    for (unsigned number = 0; number < 0x10000; number++) {
        uint8_t payload[2] = {(uint8_t)(number >> 8), (uint8_t)number}, room[16];
        ByteWriter w = byte_writer(room, sizeof room);
        udp_encode(0x0a000001, 0x0a000002, 1, 2, bytes_of(payload, 2), &w);
        UdpHeader udp;
        ParseFault fault;
        assert_true(udp_decode(byte_writer_bytes(&w), 0x0a000001, 0x0a000002, &udp, &fault));
        assert_int_not_equal(udp.checksum, 0);
        seen += udp.checksum == 0xffff;
    }
    assert_int_equal(seen, 1);
}

static void arp_round_trip(void **state) {
    (void)state;
    ArpPacket out = {ARP_REQUEST, {{2, 0, 0, 0, 0, 1}}, 0xc0a80102, {{0}}, 0xc0a80101}, in;
    uint8_t room[64];
    ByteWriter w = byte_writer(room, sizeof room);
    arp_encode(&out, &w);
    static const uint8_t expected[] = {0, 1, 8, 0, 6, 4, 0, 1, 2,   0,   0, 0, 0,
                                       1, 192, 168, 1, 2, 0, 0, 0, 0, 0, 0, 192, 168, 1, 1};
    assert_int_equal(w.size, sizeof expected);
    assert_memory_equal(room, expected, sizeof expected);
    ParseFault fault = {0};
    assert_true(arp_decode(byte_writer_bytes(&w), &in, &fault));
    assert_int_equal(in.operation, ARP_REQUEST);
    assert_true(mac_equal(in.sender_mac, out.sender_mac));
    assert_true(mac_equal(in.target_mac, out.target_mac));
    assert_int_equal(in.sender_ip, out.sender_ip);
    assert_int_equal(in.target_ip, out.target_ip);
    assert_false(arp_is_probe(&in));
    assert_false(arp_is_announcement(&in));
    in.sender_ip = 0;
    assert_true(arp_is_probe(&in));
    in.sender_ip = in.target_ip;
    assert_true(arp_is_announcement(&in));
    for (size_t size = 0; size < ARP_SIZE; size++) assert_false(arp_decode(bytes_of(room, size), &in, &fault));
    static const char *const reasons[] = {
        "arp.hardware_type",   "arp.hardware_type",   "arp.protocol_type", "arp.protocol_type",
        "arp.hardware_length", "arp.protocol_length", "arp.operation",     "arp.operation"};
    for (size_t at = 0; at < 8; at++) {
        room[at] ^= 0x40;
        assert_false(arp_decode(bytes_of(room, ARP_SIZE), &in, &fault));
        assert_string_equal(fault.reason, reasons[at]);
        room[at] ^= 0x40;
    }
}

static void a_full_writer_is_left_alone(void **state) {
    (void)state;
    uint8_t room[64];
    for (size_t capacity = 0; capacity < 28; capacity++) {
        memset(room, 0xaa, sizeof room);
        ByteWriter w = byte_writer(room, capacity);
        ArpPacket packet = {.operation = ARP_REPLY};
        arp_encode(&packet, &w);
        assert_true(w.overflow);
        assert_int_equal(w.size, 0);
        udp_encode(1, 2, 3, 4, bytes_of(ping_packet, 30), &w);
        assert_true(w.overflow);
        for (size_t i = 0; i < sizeof room; i++) assert_int_equal(room[i], 0xaa);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(checksum_of_the_rfc),
        cmocka_unit_test(checksum_of_any_length),
        cmocka_unit_test(checksum_updates_in_place),
        cmocka_unit_test(packet_known_octets),
        cmocka_unit_test(every_bit_of_a_header_is_guarded),
        cmocka_unit_test(every_truncation_is_refused),
        cmocka_unit_test(frames_are_padded_and_padding_is_ignored),
        cmocka_unit_test(ipv4_faults_have_names),
        cmocka_unit_test(ipv4_options_are_found),
        cmocka_unit_test(ttl_goes_down_and_the_checksum_stays_right),
        cmocka_unit_test(udp_checksum),
        cmocka_unit_test(udp_checksum_is_never_zero),
        cmocka_unit_test(arp_round_trip),
        cmocka_unit_test(a_full_writer_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
