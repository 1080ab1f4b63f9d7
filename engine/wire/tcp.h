/* TCP segments over IPv4 (RFC 9293 section 3.1). */
#ifndef NETSTAGE_WIRE_TCP_H
#define NETSTAGE_WIRE_TCP_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum {
    TCP_HEADER_SIZE = 20,      /* without options */
    TCP_HEADER_MOST = 60,      /* Data Offset has four bits */
    TCP_DEFAULT_SEND_MSS = 536 /* what may be sent to a peer that announced no MSS (section 3.7.1) */
};

typedef enum {
    TCP_FLAG_FIN = 0x01,
    TCP_FLAG_SYN = 0x02,
    TCP_FLAG_RST = 0x04,
    TCP_FLAG_PSH = 0x08,
    TCP_FLAG_ACK = 0x10,
    TCP_FLAG_URG = 0x20,
    TCP_FLAG_ECE = 0x40,
    TCP_FLAG_CWR = 0x80,
} TcpFlag;

typedef enum {
    TCP_OPTION_END = 0,
    TCP_OPTION_NOP = 1,
    TCP_OPTION_MSS = 2,
    TCP_OPTION_WINDOW_SCALE = 3,   /* RFC 7323 section 2 */
    TCP_OPTION_SACK_PERMITTED = 4, /* RFC 2018 section 2 */
    TCP_OPTION_SACK = 5,
    TCP_OPTION_TIMESTAMPS = 8, /* RFC 7323 section 3 */
} TcpOptionKind;

typedef struct {
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint8_t flags; /* TcpFlag */
    uint16_t window, checksum, urgent_pointer;
    uint16_t mss; /* of the Maximum Segment Size option; 0: absent */
    bool has_window_scale;
    uint8_t window_scale;
    Bytes options; /* as they stand in the header */
    Bytes payload;
} TcpSegment;

/* How much of the sequence space it takes (SEG.LEN): its octets, and one each for SYN and FIN. */
static inline uint32_t tcp_segment_length(const TcpSegment *s) {
    return (uint32_t)s->payload.size + ((s->flags & TCP_FLAG_SYN) != 0) + ((s->flags & TCP_FLAG_FIN) != 0);
}

/* Reads the payload of an IPv4 packet between these addresses, which the checksum covers too. Options and payload point
 * into `from`. Faults: "tcp.truncated", "tcp.data_offset", "tcp.checksum", and "tcp.option" (section 3.2, MUST-7:
 * an option's length is less than 2, runs over the header, or is not that of its kind). */
bool tcp_decode(Bytes from, Ipv4Address source, Ipv4Address destination, TcpSegment *segment,
                ParseFault *fault) NS_MUST_USE;

/* The option at `*offset` of a header's options: its kind and its data; *offset goes on behind it. False at the end of
 * the options, and where they are malformed: then *fault has a reason, and an offset within the options. */
bool tcp_option_next(Bytes options, size_t *offset, uint8_t *kind, Bytes *data, ParseFault *fault);

/* Header with checksum, then the payload, which may stand in its place already. An MSS option is written if `mss` is
 * not 0; `options`, `checksum` and the window scale are not read. */
void tcp_encode(const TcpSegment *segment, Ipv4Address source, Ipv4Address destination, ByteWriter *into);

/* Where the payload will stand behind the header that tcp_encode writes for such a segment. */
static inline size_t tcp_encoded_header_size(const TcpSegment *s) { return TCP_HEADER_SIZE + (s->mss ? 4 : 0); }

#endif
