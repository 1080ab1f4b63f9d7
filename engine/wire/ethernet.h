/* Ethernet II frames, without preamble and frame check sequence (IEEE 802.3 section 3, RFC 894). */
#ifndef NETSTAGE_WIRE_ETHERNET_H
#define NETSTAGE_WIRE_ETHERNET_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum {
    ETHERNET_HEADER_SIZE = 14,
    ETHERNET_MINIMUM_SIZE = 60,   /* without the frame check sequence; shorter frames are padded */
    ETHERNET_MAXIMUM_SIZE = 1514, /* header and 1500 octets */
    ETHERNET_MTU = 1500,
};

typedef enum { ETHERNET_TYPE_IPV4 = 0x0800, ETHERNET_TYPE_ARP = 0x0806, ETHERNET_TYPE_IPV6 = 0x86dd } EthernetType;

typedef struct {
    MacAddress destination, source;
    uint16_t type; /* below 1536 it is the length of an IEEE 802.3 frame, which no layer of ours reads */
    Bytes payload; /* with the padding, which only the next layer can tell from the content */
} EthernetFrame;

/* False: fewer than 14 octets ("ethernet.truncated"). The payload points into `from`. */
bool ethernet_decode(Bytes from, EthernetFrame *frame, ParseFault *fault) NS_MUST_USE;

/* Writes the header alone: the next layer writes its octets behind it, without a copy. frame->payload is not read. */
void ethernet_encode_header(const EthernetFrame *frame, ByteWriter *into);
/* Zeros up to 60 octets for the frame that started at `start` octets of `into`. */
void ethernet_encode_padding(ByteWriter *into, size_t start);
/* Header, payload and padding. */
void ethernet_encode(const EthernetFrame *frame, ByteWriter *into);

#endif
