/* What a frame says, field by field: the one reading that the Message panel, the JSON trace, transcripts and tests
 * share.
 *
 * A description is a flat list in the order of the octets; `depth` makes the tree: 0 a layer ("ethernet"), 1 its
 * fields, 2 parts of a field (a bit, a sub-option). It is lenient: what cannot be read is shown as octets, with a
 * fault beside it. */
#ifndef NETSTAGE_WIRE_DESCRIBE_H
#define NETSTAGE_WIRE_DESCRIBE_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"
#include "wire/address.h"

typedef struct {
    /* Static: "dhcp.giaddr", "dhcp.option.router", "ipv4.ttl"; also the key of its explanation in assets/lang. */
    const char *key;
    const char *name; /* static: as the RFC spells it: "giaddr" */
    uint8_t depth;
    uint8_t option;   /* DHCP option code where key is that of an option, else 0 */
    uint32_t offset, length; /* octets within the frame */
    uint32_t value_at;       /* into `values`: NUL-terminated; "" where the octets say it all */
    bool number;             /* the value is a decimal number */
} DescribedField;

typedef struct {
    DescribedField *fields;
    size_t count, capacity;
    Text values;
    ParseFault fault;        /* the first fault met; reason NULL if the frame is sound */
    const char *protocol;    /* of the innermost layer: "dhcp", "dns", "arp", "icmp", "udp", "tcp", "ipv4", "ethernet" */
    const char *message;     /* its name: "DISCOVER", "ARP request", "echo reply"; "" where it has none */
} Description;

void description_free(Description *description);
/* Describes a whole Ethernet frame. `into` must be zeroed or an earlier description, whose memory is used again. */
void describe_frame(Bytes frame, Description *into);
const char *description_value(const Description *description, const DescribedField *field);
/* The first field with this key, or NULL. */
const DescribedField *description_find(const Description *description, const char *key);

/* The short view of a frame, cheap enough for every frame of a long run: addresses, protocol and message name. */
typedef struct {
    MacAddress source_mac, destination_mac;
    Ipv4Address source, destination; /* 0 when there is no IPv4 header; for ARP the sender's and the target's */
    uint16_t source_port, destination_port;
    const char *protocol; /* as in Description */
    const char *message;  /* as in Description */
    size_t payload_offset, payload_size; /* of the innermost protocol's message within the frame */
    bool unicast; /* neither to the limited broadcast address nor to a group MAC */
} FrameSummary;
void frame_summarise(Bytes frame, FrameSummary *summary);

#endif
