#include "wire/tcp.h"

#include <string.h>

#include "wire/checksum.h"
#include "wire/ipv4.h"

static bool tcp_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

/* The length that an option of this kind must have; 0: any. */
static uint8_t option_length(uint8_t kind) {
    switch (kind) {
        case TCP_OPTION_MSS: return 4;
        case TCP_OPTION_WINDOW_SCALE: return 3;
        case TCP_OPTION_SACK_PERMITTED: return 2;
        case TCP_OPTION_TIMESTAMPS: return 10;
        default: return 0;
    }
}

bool tcp_option_next(Bytes options, size_t *offset, uint8_t *kind, Bytes *data, ParseFault *fault) {
    *fault = (ParseFault){0};
    if (*offset >= options.size) return false;
    const uint8_t *p = options.at + *offset;
    size_t left = options.size - *offset;
    *kind = p[0];
    *data = bytes_of(p, 0);
    if (*kind == TCP_OPTION_END) return false;
    if (*kind == TCP_OPTION_NOP) {
        ++*offset;
        return true;
    }
    uint8_t expected = option_length(*kind);
    if (left < 2) return tcp_fault(fault, "tcp.option", *offset);
    if (p[1] < 2 || p[1] > left || (expected && p[1] != expected)) return tcp_fault(fault, "tcp.option", *offset + 1);
    *data = bytes_of(p + 2, p[1] - 2U);
    *offset += p[1];
    return true;
}

static bool read_options(TcpSegment *s, ParseFault *fault) {
    size_t offset = 0;
    uint8_t kind;
    Bytes data;
    while (tcp_option_next(s->options, &offset, &kind, &data, fault)) {
        if (kind == TCP_OPTION_MSS) s->mss = octets_u16(data.at);
        if (kind == TCP_OPTION_WINDOW_SCALE) {
            s->has_window_scale = true;
            s->window_scale = data.at[0];
        }
    }
    fault->offset += TCP_HEADER_SIZE;
    return fault->reason == NULL;
}

bool tcp_decode(Bytes from, Ipv4Address source, Ipv4Address destination, TcpSegment *s, ParseFault *fault) {
    const uint8_t *p = from.at;
    if (from.size < TCP_HEADER_SIZE) return tcp_fault(fault, "tcp.truncated", from.size);
    if (from.size > UINT16_MAX) return tcp_fault(fault, "tcp.truncated", UINT16_MAX);
    size_t header_size = (size_t)(p[12] >> 4) * 4;
    if (header_size < TCP_HEADER_SIZE) return tcp_fault(fault, "tcp.data_offset", 12);
    if (header_size > from.size) return tcp_fault(fault, "tcp.truncated", from.size);
    uint64_t sum = checksum_pseudo_sum(source, destination, IPV4_PROTOCOL_TCP, (uint16_t)from.size);
    if (checksum_fold(sum + checksum_sum(from)) != 0xffff) return tcp_fault(fault, "tcp.checksum", 16);
    *s = (TcpSegment){.source_port = octets_u16(p),
                      .destination_port = octets_u16(p + 2),
                      .seq = octets_u32(p + 4),
                      .ack = octets_u32(p + 8),
                      .flags = p[13],
                      .window = octets_u16(p + 14),
                      .checksum = octets_u16(p + 16),
                      .urgent_pointer = octets_u16(p + 18),
                      .options = bytes_of(p + TCP_HEADER_SIZE, header_size - TCP_HEADER_SIZE),
                      .payload = bytes_of(p + header_size, from.size - header_size)};
    return header_size == TCP_HEADER_SIZE || read_options(s, fault);
}

void tcp_encode(const TcpSegment *s, Ipv4Address source, Ipv4Address destination, ByteWriter *into) {
    size_t header_size = tcp_encoded_header_size(s), size = header_size + s->payload.size;
    CHECK(size <= UINT16_MAX - IPV4_HEADER_SIZE);
    uint8_t *p = octets_room(into, size);
    if (!p) return;
    if (s->payload.size > 0 && s->payload.at != p + header_size)
        memmove(p + header_size, s->payload.at, s->payload.size);
    octets_set_u16(p, s->source_port);
    octets_set_u16(p + 2, s->destination_port);
    octets_set_u32(p + 4, s->seq);
    octets_set_u32(p + 8, s->ack);
    p[12] = (uint8_t)(header_size / 4 << 4);
    p[13] = s->flags;
    octets_set_u16(p + 14, s->window);
    octets_set_u16(p + 16, 0);
    octets_set_u16(p + 18, s->urgent_pointer);
    if (s->mss) {
        p[20] = TCP_OPTION_MSS;
        p[21] = 4;
        octets_set_u16(p + 22, s->mss);
    }
    uint64_t sum = checksum_pseudo_sum(source, destination, IPV4_PROTOCOL_TCP, (uint16_t)size);
    octets_set_u16(p + 16, (uint16_t)~checksum_fold(sum + checksum_sum(bytes_of(p, size))));
}
