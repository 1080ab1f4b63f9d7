/* TCP segments for whoever shows them: every field and flag with its octets, as far as they can be read. */
#include "wire/describe_build.h"
#include "wire/tcp.h"

const char *tcp_message_name(uint8_t flags, size_t payload_size) {
    bool ack = flags & TCP_FLAG_ACK;
    if (flags & TCP_FLAG_RST) return ack ? "RST ACK" : "RST";
    if (flags & TCP_FLAG_SYN) return ack ? "SYN ACK" : "SYN";
    if (flags & TCP_FLAG_FIN) return ack ? "FIN ACK" : "FIN";
    if (payload_size > 0) return "DATA";
    return ack ? "ACK" : "";
}

static void describe_flags(Description *d, size_t at, uint8_t flags) {
    static const struct {
        const char *key, *name;
    } bits[] = {{"tcp.cwr", "CWR"}, {"tcp.ece", "ECE"}, {"tcp.urg", "URG"}, {"tcp.ack_flag", "ACK"},
                {"tcp.psh", "PSH"}, {"tcp.rst", "RST"}, {"tcp.syn", "SYN"}, {"tcp.fin", "FIN"}};
    describe_hex(d, "tcp.flags", "Control bits", 1, at, 1, flags);
    for (size_t i = 0; i < 8; i++) describe_number(d, bits[i].key, bits[i].name, 2, at, 1, flags >> (7 - i) & 1);
}

static void describe_option(Description *d, size_t at, size_t length, uint8_t kind, Bytes data) {
    switch (kind) {
        case TCP_OPTION_NOP: describe_field(d, "tcp.option.nop", "No-Operation", 2, at, length); break;
        case TCP_OPTION_MSS:
            describe_number(d, "tcp.option.mss", "Maximum Segment Size", 2, at, length, octets_u16(data.at));
            break;
        case TCP_OPTION_WINDOW_SCALE:
            describe_number(d, "tcp.option.window_scale", "Window Scale", 2, at, length, data.at[0]);
            break;
        case TCP_OPTION_SACK_PERMITTED:
            describe_field(d, "tcp.option.sack_permitted", "SACK Permitted", 2, at, length);
            break;
        case TCP_OPTION_SACK:
            describe_field(d, "tcp.option.sack", "SACK", 2, at, length);
            text_put_hex(&d->values, data, ":");
            break;
        case TCP_OPTION_TIMESTAMPS:
            describe_field(d, "tcp.option.timestamps", "Timestamps", 2, at, length);
            text_put_hex(&d->values, data, ":");
            break;
        default:
            describe_field(d, "tcp.option.unknown", "Unknown option", 2, at, length);
            describe_put_decimal(&d->values, kind);
    }
}

static void describe_options(Description *d, Bytes options, size_t at) {
    if (options.size == 0) return;
    describe_field(d, "tcp.options", "Options", 1, at, options.size);
    text_put_hex(&d->values, options, ":");
    size_t offset = 0, start = 0;
    uint8_t kind;
    Bytes data;
    ParseFault fault;
    while (tcp_option_next(options, &offset, &kind, &data, &fault)) {
        describe_option(d, at + start, offset - start, kind, data);
        start = offset;
    }
    if (start >= options.size) return;
    if (fault.reason)
        describe_field(d, "tcp.option.malformed", "Malformed options", 2, at + start, options.size - start);
    else describe_field(d, "tcp.option.end", "End of Option List", 2, at + start, options.size - start);
}

void describe_tcp(Description *d, Bytes frame, size_t at, size_t size, Ipv4Address source, Ipv4Address destination) {
    d->protocol = "tcp";
    Bytes octets = bytes_slice(frame, at, size);
    const uint8_t *p = octets.at;
    TcpSegment s;
    ParseFault fault;
    if (!tcp_decode(octets, source, destination, &s, &fault)) describe_fault(d, fault.reason, at + fault.offset);
    size_t header_size = octets.size >= TCP_HEADER_SIZE ? (size_t)(p[12] >> 4) * 4 : 0;
    if (octets.size < TCP_HEADER_SIZE) {
        describe_field(d, "tcp", "TCP", 0, at, octets.size);
        if (octets.size > 0) describe_field(d, "tcp.data", "Data", 1, at, octets.size);
        return;
    }
    if (header_size < TCP_HEADER_SIZE || header_size > octets.size) header_size = TCP_HEADER_SIZE;
    size_t payload_size = octets.size - header_size;
    d->message = tcp_message_name(p[13], payload_size);
    describe_field(d, "tcp", "TCP", 0, at, header_size);
    describe_number(d, "tcp.source_port", "Source Port", 1, at, 2, octets_u16(p));
    describe_number(d, "tcp.destination_port", "Destination Port", 1, at + 2, 2, octets_u16(p + 2));
    describe_number(d, "tcp.seq", "Sequence Number", 1, at + 4, 4, octets_u32(p + 4));
    describe_number(d, "tcp.ack", "Acknowledgment Number", 1, at + 8, 4, octets_u32(p + 8));
    describe_number(d, "tcp.data_offset", "Data Offset", 1, at + 12, 1, p[12] >> 4);
    describe_number(d, "tcp.reserved", "Reserved", 1, at + 12, 1, p[12] & 15);
    describe_flags(d, at + 13, p[13]);
    describe_number(d, "tcp.window", "Window", 1, at + 14, 2, octets_u16(p + 14));
    describe_hex(d, "tcp.checksum", "Checksum", 1, at + 16, 2, octets_u16(p + 16));
    describe_number(d, "tcp.urgent_pointer", "Urgent Pointer", 1, at + 18, 2, octets_u16(p + 18));
    describe_options(d, bytes_slice(octets, TCP_HEADER_SIZE, header_size - TCP_HEADER_SIZE), at + TCP_HEADER_SIZE);
    if (payload_size == 0) return;
    describe_field(d, "tcp.data", "Data", 1, at + header_size, payload_size);
    describe_put_text_or_hex(d, bytes_slice(octets, header_size, payload_size));
}
