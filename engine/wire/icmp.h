/* ICMP messages (RFC 792): echo, unreachable, time exceeded share one shape. */
#ifndef NETSTAGE_WIRE_ICMP_H
#define NETSTAGE_WIRE_ICMP_H

#include "base/bytes.h"
#include "base/parse_fault.h"

enum { ICMP_HEADER_SIZE = 8 };

typedef enum {
    ICMP_ECHO_REPLY = 0,
    ICMP_DESTINATION_UNREACHABLE = 3,
    ICMP_ECHO_REQUEST = 8,
    ICMP_TIME_EXCEEDED = 11,
} IcmpType;

/* Codes of ICMP_DESTINATION_UNREACHABLE (RFC 792; 13: RFC 1812 section 5.2.7.1). */
typedef enum {
    ICMP_NET_UNREACHABLE = 0,
    ICMP_HOST_UNREACHABLE = 1,
    ICMP_PROTOCOL_UNREACHABLE = 2,
    ICMP_PORT_UNREACHABLE = 3,
    ICMP_FRAGMENTATION_NEEDED = 4,
    ICMP_ADMINISTRATIVELY_PROHIBITED = 13,
} IcmpUnreachableCode;

typedef struct {
    uint8_t type; /* IcmpType */
    uint8_t code;
    uint32_t rest; /* echo: identifier << 16 | sequence number; else unused */
    Bytes payload; /* echo: data; errors: the IPv4 header that caused it and at least 8 octets behind it */
} IcmpMessage;

static inline uint16_t icmp_identifier(const IcmpMessage *m) { return (uint16_t)(m->rest >> 16); }
static inline uint16_t icmp_sequence(const IcmpMessage *m) { return (uint16_t)m->rest; }

/* Faults: "icmp.truncated", "icmp.checksum". */
bool icmp_decode(Bytes from, IcmpMessage *message, ParseFault *fault) NS_MUST_USE;
/* With the checksum. */
void icmp_encode(const IcmpMessage *message, ByteWriter *into);

#endif
