/* The first eight octets are the addresses, the rest a segment: read as it is, and once more with its checksum mended, so
 * that what lies behind that check is reached. What is accepted is written again as it was, but for its options. */
#include "fuzz.h"
#include "wire/checksum.h"
#include "wire/describe.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/tcp.h"

static void check_again(const TcpSegment *s, Ipv4Address source, Ipv4Address destination) {
    static uint8_t room[1 << 16];
    ByteWriter w = byte_writer(room, sizeof room);
    tcp_encode(s, source, destination, &w);
    CHECK(!w.overflow && w.size == tcp_encoded_header_size(s) + s->payload.size);
    TcpSegment again;
    ParseFault fault;
    CHECK(tcp_decode(byte_writer_bytes(&w), source, destination, &again, &fault));
    CHECK(again.source_port == s->source_port && again.destination_port == s->destination_port);
    CHECK(again.seq == s->seq && again.ack == s->ack && again.flags == s->flags && again.window == s->window);
    CHECK(again.urgent_pointer == s->urgent_pointer && again.mss == s->mss);
    CHECK(bytes_equal(again.payload, s->payload) && tcp_segment_length(&again) == tcp_segment_length(s));
}

static bool check_read(Bytes segment, Ipv4Address source, Ipv4Address destination) {
    TcpSegment s;
    ParseFault fault = {0};
    if (!tcp_decode(segment, source, destination, &s, &fault)) {
        fuzz_check_fault(fault, segment.size);
        return false;
    }
    CHECK(TCP_HEADER_SIZE + s.options.size + s.payload.size == segment.size);
    check_again(&s, source, destination);
    return true;
}

/* What people are shown lies within the frame, and has a fault just where the strict reading has one. */
static void check_shown(Bytes segment, Ipv4Address source, Ipv4Address destination, bool sound) {
    static uint8_t frame[ETHERNET_HEADER_SIZE + ETHERNET_MTU];
    static Description d;
    ByteWriter w = byte_writer(frame, sizeof frame);
    ethernet_encode_header(&(EthernetFrame){.type = ETHERNET_TYPE_IPV4}, &w);
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = source, .destination = destination};
    ipv4_encode_header(&ip, segment.size, &w);
    byte_writer_put(&w, segment.at, segment.size);
    describe_frame(byte_writer_bytes(&w), &d);
    for (size_t i = 0; i < d.count; i++) CHECK(d.fields[i].offset + d.fields[i].length <= w.size);
    CHECK(sound == (d.fault.reason == NULL));
    FrameSummary s;
    frame_summarise(byte_writer_bytes(&w), &s);
    CHECK(s.payload_offset + s.payload_size <= w.size);
    if (sound) CHECK(strcmp(s.message, d.message) == 0 && strcmp(s.protocol, "tcp") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size < 8 || size > 8 + ETHERNET_MTU - IPV4_HEADER_SIZE) return 0;
    Ipv4Address source = octets_u32(at), destination = octets_u32(at + 4);
    Bytes segment = bytes_of(at + 8, size - 8);
    check_shown(segment, source, destination, check_read(segment, source, destination));
    if (segment.size < TCP_HEADER_SIZE) return 0;
    static uint8_t mended[ETHERNET_MTU];
    memcpy(mended, segment.at, segment.size);
    mended[16] = mended[17] = 0;
    Bytes whole = bytes_of(mended, segment.size);
    uint64_t sum = checksum_pseudo_sum(source, destination, IPV4_PROTOCOL_TCP, (uint16_t)whole.size);
    octets_set_u16(mended + 16, (uint16_t)~checksum_fold(sum + checksum_sum(whole)));
    check_shown(whole, source, destination, check_read(whole, source, destination));
    return 0;
}
