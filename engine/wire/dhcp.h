/* DHCP messages as octets (RFC 2131 section 2, options RFC 2132, agent information RFC 3046).
 *
 * Reading is in two steps. dhcp_message_decode finds the fixed fields and every option, following the overload
 * option into `file` and `sname` (RFC 2131 section 4.1) and joining options that were split (RFC 3396); it refuses
 * only what has no sensible reading. The accessors then give one option in its own type, or say that it is absent
 * or has the wrong length. */
#ifndef NETSTAGE_WIRE_DHCP_H
#define NETSTAGE_WIRE_DHCP_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "wire/address.h"

enum {
    DHCP_SERVER_PORT = 67,
    DHCP_CLIENT_PORT = 68,
    DHCP_FIXED_SIZE = 236,          /* up to and including `file` */
    DHCP_MINIMUM_MAX_SIZE = 576,    /* the least value of option 57: an IP datagram, RFC 2132 section 9.10 */
    DHCP_MINIMUM_SIZE = 300,        /* BOOTP's size, to which messages are padded (RFC 1542 section 2.1) */
    DHCP_FLAG_BROADCAST = 0x8000,
    DHCP_OPTIONS_MOST = 80,
};

typedef enum { BOOTREQUEST = 1, BOOTREPLY = 2 } DhcpOp;

/* Option 53, RFC 2132 section 9.6. */
#define DHCP_MESSAGE_TYPES(X) \
    X(DISCOVER, 1) X(OFFER, 2) X(REQUEST, 3) X(DECLINE, 4) X(ACK, 5) X(NAK, 6) X(RELEASE, 7) X(INFORM, 8)
typedef enum {
#define X(name, value) DHCP_##name = value,
    DHCP_MESSAGE_TYPES(X)
#undef X
} DhcpMessageType;
/* "DISCOVER" …; NULL for a number that is none. */
const char *dhcp_message_type_name(unsigned type);

/* How the value of an option is laid out. */
typedef enum {
    DHCP_VALUE_OCTETS,
    DHCP_VALUE_IPV4,
    DHCP_VALUE_IPV4_LIST,
    DHCP_VALUE_U8,
    DHCP_VALUE_U16,
    DHCP_VALUE_SECONDS,
    DHCP_VALUE_TEXT,
    DHCP_VALUE_CODES,     /* parameter request list */
    DHCP_VALUE_CLIENT_ID, /* type octet, then the identifier */
    DHCP_VALUE_AGENT,     /* RFC 3046 sub-options */
    DHCP_VALUE_TYPE,
} DhcpValueKind;

/* The options the program understands, named as in RFC 2132; every other code is carried through as octets. */
#define DHCP_OPTIONS(X)                                          \
    X(SUBNET_MASK, 1, "subnet_mask", IPV4)                       \
    X(ROUTER, 3, "router", IPV4_LIST)                            \
    X(DOMAIN_NAME_SERVER, 6, "domain_name_server", IPV4_LIST)    \
    X(HOST_NAME, 12, "host_name", TEXT)                          \
    X(DOMAIN_NAME, 15, "domain_name", TEXT)                      \
    X(BROADCAST_ADDRESS, 28, "broadcast_address", IPV4)          \
    X(REQUESTED_ADDRESS, 50, "requested_ip_address", IPV4)       \
    X(LEASE_TIME, 51, "ip_address_lease_time", SECONDS)          \
    X(OVERLOAD, 52, "option_overload", U8)                       \
    X(MESSAGE_TYPE, 53, "dhcp_message_type", TYPE)               \
    X(SERVER_IDENTIFIER, 54, "server_identifier", IPV4)          \
    X(PARAMETER_REQUEST_LIST, 55, "parameter_request_list", CODES) \
    X(MESSAGE, 56, "message", TEXT)                              \
    X(MAXIMUM_MESSAGE_SIZE, 57, "maximum_dhcp_message_size", U16) \
    X(RENEWAL_TIME, 58, "renewal_time", SECONDS)                 \
    X(REBINDING_TIME, 59, "rebinding_time", SECONDS)             \
    X(VENDOR_CLASS, 60, "vendor_class_identifier", OCTETS)       \
    X(CLIENT_IDENTIFIER, 61, "client_identifier", CLIENT_ID)     \
    X(RELAY_AGENT_INFORMATION, 82, "relay_agent_information", AGENT)
typedef enum {
    DHCP_OPTION_PAD = 0,
#define X(name, code, field, kind) DHCP_OPTION_##name = code,
    DHCP_OPTIONS(X)
#undef X
    DHCP_OPTION_END = 255,
} DhcpOptionCode;
enum { DHCP_AGENT_CIRCUIT_ID = 1, DHCP_AGENT_REMOTE_ID = 2 };

typedef struct {
    uint8_t code;
    Bytes value;
} DhcpOption;

typedef struct {
    uint8_t op, htype, hlen, hops;
    uint32_t xid;
    uint16_t secs, flags;
    Ipv4Address ciaddr, yiaddr, siaddr, giaddr;
    uint8_t chaddr[16];
    Bytes sname, file;   /* up to the first NUL; empty when overloaded with options */
    uint8_t type;        /* option 53; 0: absent, a BOOTP message */
    size_t option_count; /* in the order they stand, joined where split */
    DhcpOption options[DHCP_OPTIONS_MOST]; /* without 52, which is obeyed and not content */
    size_t joined_size; /* octets of `joined` in use: where joined options live */
    uint8_t joined[1024];
} DhcpMessage;

/* Reads a UDP payload. Option values point into `from` or, where they were split, into message->joined (so a
 * message is not to be copied by value). False: *fault says where and why: "dhcp.truncated", "dhcp.op",
 * "dhcp.hlen", "dhcp.cookie", "dhcp.option_overrun", "dhcp.overload", "dhcp.message_type",
 * "dhcp.options_too_many", "dhcp.joined_too_long". A decoded message has room for at least 8 more options and 64
 * more octets in `joined`. */
bool dhcp_message_decode(Bytes from, DhcpMessage *message, ParseFault *fault) NS_MUST_USE;

/* Sets every field to zero, with no options; does not touch the arrays beyond that, so it is cheap. */
void dhcp_message_clear(DhcpMessage *message);
/* Appends an option that is not in the message yet; sets message->type too if it is option 53. The octets must
 * outlive the message, except through the _u8, _u16, _u32 forms, which keep them in `joined`. */
void dhcp_option_put(DhcpMessage *message, uint8_t code, Bytes value);
void dhcp_option_put_u8(DhcpMessage *message, uint8_t code, uint8_t value);
void dhcp_option_put_u16(DhcpMessage *message, uint8_t code, uint16_t value);
void dhcp_option_put_u32(DhcpMessage *message, uint8_t code, uint32_t value); /* addresses and seconds too */
void dhcp_option_put_ipv4s(DhcpMessage *message, uint8_t code, const Ipv4Address *list, size_t count);
/* Takes the option away, if it is there (a relay strips 82). */
void dhcp_option_remove(DhcpMessage *message, uint8_t code);

/* Writes the message: fixed fields, magic cookie, options in their order, End, padding to 300 octets. Options that
 * would pass `most` octets (>= 300) of UDP payload are left out from the end of the list, but never 53, 54 or 51,
 * and 82 (which is written last, RFC 3046 section 2.1) only when no other is left. Returns the number of options
 * left out. Options longer than 255 octets are split (RFC 3396). `sname` and `file` never carry options. */
size_t dhcp_message_encode(const DhcpMessage *message, ByteWriter *into, size_t most);

/* The option's value; at == NULL if it is absent. */
Bytes dhcp_option_find(const DhcpMessage *message, uint8_t code);
/* False if it is absent or its length is wrong. */
bool dhcp_option_u8(const DhcpMessage *message, uint8_t code, uint8_t *value);
bool dhcp_option_u16(const DhcpMessage *message, uint8_t code, uint16_t *value);
bool dhcp_option_u32(const DhcpMessage *message, uint8_t code, uint32_t *value);
/* Reads up to `most` addresses; returns how many. */
size_t dhcp_option_ipv4s(const DhcpMessage *message, uint8_t code, Ipv4Address *list, size_t most);
/* A sub-option of option 82; at == NULL if absent. */
Bytes dhcp_agent_suboption(Bytes agent_information, uint8_t code);

/* "router" for 3 …; NULL for an option the program does not know. */
const char *dhcp_option_name(uint8_t code);
DhcpValueKind dhcp_option_kind(uint8_t code);

#endif
