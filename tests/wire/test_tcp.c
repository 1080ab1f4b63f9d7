/* TCP segments: a kernel's, ours, and what is wrong with others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "wire/checksum.h"
#include "wire/describe.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

static const Ipv4Address from = 0x0a4d0302, to = 0x0a4d0301;

/* A SYN as Linux writes it: MSS, SACK permitted, timestamps, no-operation, window scale. */
static const uint8_t linux_syn[] = {0x94, 0x14, 0x00, 0x13, 0x12, 0x34, 0x56, 0x78, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, 0, 0, 0, 0,
                                    2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7};

/* The segment with the right checksum. */
static Bytes sound(uint8_t *room, const uint8_t *octets, size_t size) {
    memmove(room, octets, size);
    if (size < TCP_HEADER_SIZE) return bytes_of(room, size);
    octets_set_u16(room + 16, 0);
    uint64_t sum = checksum_pseudo_sum(from, to, IPV4_PROTOCOL_TCP, (uint16_t)size);
    octets_set_u16(room + 16, (uint16_t)~checksum_fold(sum + checksum_sum(bytes_of(room, size))));
    return bytes_of(room, size);
}

static void assert_fault(Bytes octets, const char *reason, size_t offset) {
    TcpSegment s;
    ParseFault fault = {0};
    assert_false(tcp_decode(octets, from, to, &s, &fault));
    assert_string_equal(fault.reason, reason);
    assert_int_equal(fault.offset, offset);
}

static void a_kernels_syn_is_read(void **state) {
    (void)state;
    uint8_t room[100];
    TcpSegment s;
    ParseFault fault;
    assert_true(tcp_decode(sound(room, linux_syn, sizeof linux_syn), from, to, &s, &fault));
    assert_int_equal(s.source_port, 37908);
    assert_int_equal(s.destination_port, 19);
    assert_int_equal(s.seq, 0x12345678);
    assert_int_equal(s.ack, 0);
    assert_int_equal(s.flags, TCP_FLAG_SYN);
    assert_int_equal(s.window, 64240);
    assert_int_equal(s.urgent_pointer, 0);
    assert_int_equal(s.mss, 1460);
    assert_true(s.has_window_scale);
    assert_int_equal(s.window_scale, 7);
    assert_int_equal(s.options.size, 20);
    assert_int_equal(s.payload.size, 0);
    assert_int_equal(tcp_segment_length(&s), 1);
    size_t offset = 0;
    uint8_t kind;
    Bytes data;
    static const uint8_t kinds[] = {TCP_OPTION_MSS, TCP_OPTION_SACK_PERMITTED, TCP_OPTION_TIMESTAMPS, TCP_OPTION_NOP, TCP_OPTION_WINDOW_SCALE};
    static const uint8_t sizes[] = {2, 0, 8, 0, 1};
    for (size_t i = 0; i < 5; i++) {
        assert_true(tcp_option_next(s.options, &offset, &kind, &data, &fault));
        assert_int_equal(kind, kinds[i]);
        assert_int_equal(data.size, sizes[i]);
    }
    assert_false(tcp_option_next(s.options, &offset, &kind, &data, &fault));
    assert_null(fault.reason);
}

static void what_is_written_is_read_again(void **state) {
    (void)state;
    RandomStream random = random_stream(1, "tcp", "codec");
    for (int i = 0; i < 5000; i++) {
        static uint8_t payload[1460], room[2000];
        size_t size = random_below(&random, sizeof payload + 1);
        for (size_t k = 0; k < size; k++) payload[k] = (uint8_t)random_next(&random);
        TcpSegment s = {.source_port = (uint16_t)random_next(&random), .destination_port = (uint16_t)random_next(&random), .seq = (uint32_t)random_next(&random),
                        .ack = (uint32_t)random_next(&random), .flags = (uint8_t)random_next(&random), .window = (uint16_t)random_next(&random),
                        .urgent_pointer = (uint16_t)random_next(&random), .mss = i % 2 ? (uint16_t)random_next(&random) : 0, .payload = bytes_of(payload, size)};
        ByteWriter w = byte_writer(room, sizeof room);
        if (i % 3 == 0) { /* the payload stands in its place already */
            memcpy(room + tcp_encoded_header_size(&s), payload, size);
            s.payload.at = room + tcp_encoded_header_size(&s);
        }
        tcp_encode(&s, from, to, &w);
        assert_int_equal(w.size, tcp_encoded_header_size(&s) + size);
        assert_int_equal(checksum_fold(checksum_pseudo_sum(from, to, 6, (uint16_t)w.size) + (uint64_t)checksum_sum(bytes_of(room, w.size))), 0xffff);
        TcpSegment again;
        ParseFault fault;
        assert_true(tcp_decode(byte_writer_bytes(&w), from, to, &again, &fault));
        assert_int_equal(again.source_port, s.source_port);
        assert_int_equal(again.destination_port, s.destination_port);
        assert_int_equal(again.seq, s.seq);
        assert_int_equal(again.ack, s.ack);
        assert_int_equal(again.flags, s.flags);
        assert_int_equal(again.window, s.window);
        assert_int_equal(again.urgent_pointer, s.urgent_pointer);
        assert_int_equal(again.mss, s.mss);
        assert_int_equal(again.payload.size, size);
        assert_memory_equal(again.payload.at, payload, size);
        assert_int_equal(tcp_segment_length(&again), size + (s.flags & 1) + (s.flags >> 1 & 1));
    }
    /* What does not fit is not written. */
    uint8_t small[19];
    ByteWriter w = byte_writer(small, sizeof small);
    tcp_encode(&(TcpSegment){.seq = 1}, from, to, &w);
    assert_true(w.overflow);
    assert_int_equal(w.size, 0);
}

static void every_flip_and_every_cut_is_noticed(void **state) {
    (void)state;
    uint8_t room[100], changed[100];
    Bytes whole = sound(room, linux_syn, sizeof linux_syn);
    TcpSegment s;
    ParseFault fault;
    for (size_t bit = 0; bit < whole.size * 8; bit++) {
        memcpy(changed, whole.at, whole.size);
        changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_false(tcp_decode(bytes_of(changed, whole.size), from, to, &s, &fault));
        assert_true(fault.offset <= whole.size);
    }
    for (size_t size = 0; size < whole.size; size++)
        assert_fault(bytes_of(whole.at, size), "tcp.truncated", size);
    /* The addresses are covered, too, and the length. */
    assert_false(tcp_decode(whole, from + 1, to, &s, &fault));
    assert_string_equal(fault.reason, "tcp.checksum");
    assert_int_equal(fault.offset, 16);
    assert_false(tcp_decode(whole, from, to + 256, &s, &fault));
    memcpy(changed, whole.at, whole.size);
    changed[whole.size] = 0;
    assert_fault(bytes_of(changed, whole.size + 1), "tcp.checksum", 16);
}

static void the_data_offset_must_make_sense(void **state) {
    (void)state;
    uint8_t octets[TCP_HEADER_SIZE] = {0}, room[100];
    for (uint8_t words = 0; words < 5; words++) {
        octets[12] = (uint8_t)(words << 4);
        assert_fault(sound(room, octets, sizeof octets), "tcp.data_offset", 12);
    }
    octets[12] = 6 << 4;
    assert_fault(sound(room, octets, sizeof octets), "tcp.truncated", sizeof octets);
}

/* A header with these four octets of options. */
static Bytes with_options(uint8_t *room, const uint8_t *options, size_t size) {
    uint8_t octets[TCP_HEADER_MOST] = {0};
    octets[12] = (uint8_t)((TCP_HEADER_SIZE + size) / 4 << 4);
    memcpy(octets + TCP_HEADER_SIZE, options, size);
    return sound(room, octets, TCP_HEADER_SIZE + size);
}

static void options_are_read_to_their_end(void **state) {
    (void)state;
    static const struct {
        uint8_t octets[8];
        uint8_t size;
        size_t fault; /* 0: none */
        uint16_t mss;
    } cases[] = {
        {{1, 1, 1, 1}, 4, 0, 0},
        {{0, 2, 4, 9}, 4, 0, 0},                  /* what lies behind the end is no option */
        {{2, 4, 2, 24}, 4, 0, 536},
        {{2, 4, 2, 24, 2, 4, 1, 0}, 8, 0, 256},   /* the last one counts */
        {{99, 4, 7, 7, 2, 4, 2, 24}, 8, 0, 536},  /* an unknown one is stepped over */
        {{99, 2, 2, 4, 2, 24, 0, 0}, 8, 0, 536},
        {{2, 3, 2, 24}, 4, 21, 0},
        {{2, 0, 2, 24}, 4, 21, 0},
        {{99, 0, 0, 0}, 4, 21, 0},
        {{99, 1, 0, 0}, 4, 21, 0},
        {{99, 5, 0, 0}, 4, 21, 0},
        {{1, 1, 1, 99}, 4, 23, 0},                /* no room for its length */
        {{1, 1, 3, 4}, 4, 23, 0},
        {{4, 3, 0, 0}, 4, 21, 0},
        {{8, 4, 0, 0}, 4, 21, 0},
        {{2, 4, 2, 24, 1, 3, 2, 0}, 8, 26, 536},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t room[TCP_HEADER_MOST];
        Bytes octets = with_options(room, cases[i].octets, cases[i].size);
        if (cases[i].fault) {
            assert_fault(octets, "tcp.option", cases[i].fault);
            continue;
        }
        TcpSegment s;
        ParseFault fault;
        assert_true(tcp_decode(octets, from, to, &s, &fault));
        assert_int_equal(s.mss, cases[i].mss);
        assert_null(fault.reason);
    }
}

/* ---- As it is shown ---- */

static Bytes frame_with(uint8_t *frame, size_t most, Bytes segment) {
    ByteWriter w = byte_writer(frame, most);
    ethernet_encode_header(&(EthernetFrame){.type = ETHERNET_TYPE_IPV4}, &w);
    ipv4_encode_header(&(Ipv4Header){.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = from, .destination = to}, segment.size, &w);
    byte_writer_put(&w, segment.at, segment.size);
    return byte_writer_bytes(&w);
}

static void every_field_is_shown_with_its_octets(void **state) {
    (void)state;
    uint8_t room[200], frame[300], octets[sizeof linux_syn + 5];
    memcpy(octets, linux_syn, sizeof linux_syn);
    memcpy(octets + sizeof linux_syn, "hello", 5);
    Description d = {0};
    describe_frame(frame_with(frame, sizeof frame, sound(room, octets, sizeof octets)), &d);
    assert_null(d.fault.reason);
    assert_string_equal(d.protocol, "tcp");
    assert_string_equal(d.message, "SYN");
    static const struct {
        const char *key, *name, *value;
        uint32_t offset, length;
        uint8_t depth;
    } wanted[] = {
        {"tcp", "TCP", "", 0, 40, 0},
        {"tcp.source_port", "Source Port", "37908", 0, 2, 1},
        {"tcp.destination_port", "Destination Port", "19", 2, 2, 1},
        {"tcp.seq", "Sequence Number", "305419896", 4, 4, 1},
        {"tcp.ack", "Acknowledgment Number", "0", 8, 4, 1},
        {"tcp.data_offset", "Data Offset", "10", 12, 1, 1},
        {"tcp.reserved", "Reserved", "0", 12, 1, 1},
        {"tcp.flags", "Control bits", "0x02", 13, 1, 1},
        {"tcp.cwr", "CWR", "0", 13, 1, 2},
        {"tcp.ece", "ECE", "0", 13, 1, 2},
        {"tcp.urg", "URG", "0", 13, 1, 2},
        {"tcp.ack_flag", "ACK", "0", 13, 1, 2},
        {"tcp.psh", "PSH", "0", 13, 1, 2},
        {"tcp.rst", "RST", "0", 13, 1, 2},
        {"tcp.syn", "SYN", "1", 13, 1, 2},
        {"tcp.fin", "FIN", "0", 13, 1, 2},
        {"tcp.window", "Window", "64240", 14, 2, 1},
        {"tcp.urgent_pointer", "Urgent Pointer", "0", 18, 2, 1},
        {"tcp.option.mss", "Maximum Segment Size", "1460", 20, 4, 2},
        {"tcp.option.sack_permitted", "SACK Permitted", "", 24, 2, 2},
        {"tcp.option.timestamps", "Timestamps", "01:02:03:04:00:00:00:00", 26, 10, 2},
        {"tcp.option.nop", "No-Operation", "", 36, 1, 2},
        {"tcp.option.window_scale", "Window Scale", "7", 37, 3, 2},
        {"tcp.data", "Data", "hello", 40, 5, 1},
    };
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        const DescribedField *f = description_find(&d, wanted[i].key);
        if (!f) fail_msg("%s is not shown", wanted[i].key);
        assert_string_equal(f->name, wanted[i].name);
        assert_string_equal(description_value(&d, f), wanted[i].value);
        assert_int_equal(f->offset, 34 + wanted[i].offset);
        assert_int_equal(f->length, wanted[i].length);
        assert_int_equal(f->depth, wanted[i].depth);
    }
    /* Each flag is that bit and no other. */
    static const char *const keys[] = {"tcp.fin", "tcp.syn", "tcp.rst", "tcp.psh", "tcp.ack_flag", "tcp.urg", "tcp.ece", "tcp.cwr"};
    for (int bit = 0; bit < 8; bit++) {
        octets[13] = (uint8_t)(1 << bit);
        describe_frame(frame_with(frame, sizeof frame, sound(room, octets, sizeof octets)), &d);
        for (int k = 0; k < 8; k++) assert_string_equal(description_value(&d, description_find(&d, keys[k])), k == bit ? "1" : "0");
    }
    description_free(&d);
}

static void what_is_malformed_is_shown_as_far_as_it_goes(void **state) {
    (void)state;
    uint8_t room[200], frame[300];
    Description d = {0};
    static const uint8_t options[] = {2, 4, 5, 0xb4, 99, 77, 1, 1};
    describe_frame(frame_with(frame, sizeof frame, with_options(room, options, sizeof options)), &d);
    assert_string_equal(d.fault.reason, "tcp.option");
    assert_int_equal(d.fault.offset, 34 + 25);
    assert_string_equal(description_value(&d, description_find(&d, "tcp.option.mss")), "1460");
    const DescribedField *bad = description_find(&d, "tcp.option.malformed");
    assert_non_null(bad);
    assert_int_equal(bad->offset, 34 + 24);
    assert_int_equal(bad->length, 4);
    describe_frame(frame_with(frame, sizeof frame, bytes_of(linux_syn, 13)), &d);
    assert_string_equal(d.fault.reason, "tcp.truncated");
    assert_int_equal(description_find(&d, "tcp.data")->length, 13);
    describe_frame(frame_with(frame, sizeof frame, bytes_of(linux_syn, sizeof linux_syn)), &d);
    assert_string_equal(d.fault.reason, "tcp.checksum");
    assert_int_equal(d.fault.offset, 34 + 16);
    description_free(&d);
}

static void every_kind_of_segment_has_its_name(void **state) {
    (void)state;
    static const struct {
        uint8_t flags, size;
        const char *name;
    } cases[] = {{TCP_FLAG_SYN, 0, "SYN"}, {TCP_FLAG_SYN | TCP_FLAG_ACK, 0, "SYN ACK"}, {TCP_FLAG_ACK, 0, "ACK"}, {TCP_FLAG_ACK, 1, "DATA"},
                 {TCP_FLAG_ACK | TCP_FLAG_PSH, 5, "DATA"}, {TCP_FLAG_FIN | TCP_FLAG_ACK, 0, "FIN ACK"}, {TCP_FLAG_FIN | TCP_FLAG_ACK | TCP_FLAG_PSH, 5, "FIN ACK"},
                 {TCP_FLAG_FIN, 0, "FIN"}, {TCP_FLAG_RST, 0, "RST"}, {TCP_FLAG_RST | TCP_FLAG_ACK, 0, "RST ACK"}, {TCP_FLAG_SYN, 3, "SYN"}, {0, 0, ""}, {0, 2, "DATA"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint8_t octets[TCP_HEADER_SIZE + 5] = {0}, room[100], frame[200];
        octets[0] = 1;
        octets[3] = 80;
        octets[12] = 0x50;
        octets[13] = cases[i].flags;
        Bytes whole = frame_with(frame, sizeof frame, sound(room, octets, TCP_HEADER_SIZE + cases[i].size));
        FrameSummary s;
        frame_summarise(whole, &s);
        assert_string_equal(s.message, cases[i].name);
        assert_string_equal(s.protocol, "tcp");
        assert_int_equal(s.source_port, 256);
        assert_int_equal(s.destination_port, 80);
        assert_int_equal(s.payload_offset, 34);
        assert_int_equal(s.payload_size, TCP_HEADER_SIZE + cases[i].size);
        Description d = {0};
        describe_frame(whole, &d);
        assert_string_equal(d.message, cases[i].name);
        description_free(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kernels_syn_is_read),
        cmocka_unit_test(what_is_written_is_read_again),
        cmocka_unit_test(every_flip_and_every_cut_is_noticed),
        cmocka_unit_test(the_data_offset_must_make_sense),
        cmocka_unit_test(options_are_read_to_their_end),
        cmocka_unit_test(every_field_is_shown_with_its_octets),
        cmocka_unit_test(what_is_malformed_is_shown_as_far_as_it_goes),
        cmocka_unit_test(every_kind_of_segment_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
