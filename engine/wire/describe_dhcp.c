#include <string.h>

#include "wire/describe_build.h"
#include "wire/dhcp.h"

enum {
    SNAME_AT = 44,
    SNAME_SIZE = 64,
    FILE_AT = 108,
    FILE_SIZE = 128,
    COOKIE_AT = DHCP_FIXED_SIZE,
    OPTIONS_AT = COOKIE_AT + 4
};

bool dhcp_is_message(uint16_t source_port, uint16_t destination_port, Bytes payload) {
    return (source_port == DHCP_SERVER_PORT || source_port == DHCP_CLIENT_PORT) &&
           (destination_port == DHCP_SERVER_PORT || destination_port == DHCP_CLIENT_PORT) &&
           payload.size >= DHCP_FIXED_SIZE;
}

/* Titles of RFC 2132 (82: RFC 3046). */
static const char *option_title(uint8_t code) {
    switch (code) {
    case DHCP_OPTION_SUBNET_MASK: return "Subnet Mask";
    case DHCP_OPTION_ROUTER: return "Router Option";
    case DHCP_OPTION_DOMAIN_NAME_SERVER: return "Domain Name Server Option";
    case DHCP_OPTION_HOST_NAME: return "Host Name Option";
    case DHCP_OPTION_DOMAIN_NAME: return "Domain Name";
    case DHCP_OPTION_BROADCAST_ADDRESS: return "Broadcast Address Option";
    case DHCP_OPTION_REQUESTED_ADDRESS: return "Requested IP Address";
    case DHCP_OPTION_LEASE_TIME: return "IP Address Lease Time";
    case DHCP_OPTION_OVERLOAD: return "Option Overload";
    case DHCP_OPTION_MESSAGE_TYPE: return "DHCP Message Type";
    case DHCP_OPTION_SERVER_IDENTIFIER: return "Server Identifier";
    case DHCP_OPTION_PARAMETER_REQUEST_LIST: return "Parameter Request List";
    case DHCP_OPTION_MESSAGE: return "Message";
    case DHCP_OPTION_MAXIMUM_MESSAGE_SIZE: return "Maximum DHCP Message Size";
    case DHCP_OPTION_RENEWAL_TIME: return "Renewal (T1) Time Value";
    case DHCP_OPTION_REBINDING_TIME: return "Rebinding (T2) Time Value";
    case DHCP_OPTION_VENDOR_CLASS: return "Vendor class identifier";
    case DHCP_OPTION_CLIENT_IDENTIFIER: return "Client-identifier";
    case DHCP_OPTION_RELAY_AGENT_INFORMATION: return "Relay Agent Information";
    default: return "option";
    }
}

static const char *option_key(uint8_t code) {
    switch (code) {
#define X(name, value, field, kind) \
    case value: return "dhcp.option." field;
        DHCP_OPTIONS(X)
#undef X
    default: return "dhcp.option.unknown";
    }
}

/* Parts of an option's value; `at` is the value's place in the frame. */
static void describe_codes(Description *d, size_t at, Bytes value) {
    for (size_t i = 0; i < value.size; i++) {
        describe_field(d, "dhcp.requested_option", option_title(value.at[i]), 2, at + i, 1)->number = true;
        describe_put_decimal(&d->values, value.at[i]);
    }
}

static void describe_agent(Description *d, size_t at, Bytes value) {
    for (size_t i = 0; i < value.size;) {
        if (value.size - i < 2 || value.size - i - 2 < value.at[i + 1]) {
            describe_fault(d, "dhcp.agent_overrun", at + i);
            describe_field(d, "dhcp.agent.unknown", "sub-option", 2, at + i, value.size - i);
            text_put_hex(&d->values, bytes_slice(value, i, value.size), ":");
            return;
        }
        uint8_t code = value.at[i];
        Bytes content = bytes_of(value.at + i + 2, value.at[i + 1]);
        bool circuit = code == DHCP_AGENT_CIRCUIT_ID, remote = code == DHCP_AGENT_REMOTE_ID;
        DescribedField *field = describe_field(
            d, circuit ? "dhcp.agent.circuit_id" : remote ? "dhcp.agent.remote_id" : "dhcp.agent.unknown",
            circuit ? "Agent Circuit ID Sub-option" : remote ? "Agent Remote ID Sub-option" : "sub-option", 2, at + i,
            2 + content.size);
        field->option = code;
        describe_put_text_or_hex(d, content);
        i += 2 + content.size;
    }
}

/* Writes the value of the field just begun; false: its length does not fit its kind, and it is shown as octets. */
static bool put_option_value(Description *d, DescribedField *field, uint8_t code, Bytes value) {
    Text *text = &d->values;
    const uint8_t *p = value.at;
    switch (dhcp_option_kind(code)) {
    case DHCP_VALUE_IPV4:
        if (value.size != 4) break;
        ipv4_print(text, octets_u32(p));
        return true;
    case DHCP_VALUE_IPV4_LIST:
        if (value.size == 0 || value.size % 4 != 0) break;
        for (size_t i = 0; i < value.size; i += 4) {
            if (i > 0) text_put(text, ", ");
            ipv4_print(text, octets_u32(p + i));
        }
        return true;
    case DHCP_VALUE_U8:
        if (value.size != 1) break;
        field->number = true;
        describe_put_decimal(text, p[0]);
        return true;
    case DHCP_VALUE_U16:
        if (value.size != 2) break;
        field->number = true;
        describe_put_decimal(text, octets_u16(p));
        return true;
    case DHCP_VALUE_SECONDS:
        if (value.size != 4) break;
        field->number = true;
        describe_put_decimal(text, octets_u32(p));
        return true;
    case DHCP_VALUE_TYPE: {
        if (value.size != 1) break;
        const char *name = dhcp_message_type_name(p[0]);
        if (name)
            text_put(text, name);
        else
            describe_put_decimal(text, p[0]);
        return true;
    }
    case DHCP_VALUE_CODES:
        for (size_t i = 0; i < value.size; i++) {
            if (i > 0) text_put(text, ", ");
            describe_put_decimal(text, p[i]);
        }
        return true;
    case DHCP_VALUE_CLIENT_ID:
    case DHCP_VALUE_AGENT: text_put_hex(text, value, ":"); return true;
    case DHCP_VALUE_OCTETS:
        if (!dhcp_option_name(code)) {
            text_put_hex(text, value, ":");
            return true;
        }
        describe_put_text_or_hex(d, value);
        return true;
    case DHCP_VALUE_TEXT: describe_put_text_or_hex(d, value); return true;
    }
    text_put_hex(text, value, ":");
    return false;
}

/* The options of one field, `from` .. `to` of the frame. Whatever follows the End option is padding. */
static void describe_options(Description *d, Bytes frame, size_t from, size_t to, int depth) {
    for (size_t at = from; at < to;) {
        uint8_t code = frame.at[at];
        if (code == DHCP_OPTION_PAD) {
            size_t end = at;
            while (end < to && frame.at[end] == DHCP_OPTION_PAD) end++;
            describe_field(d, "dhcp.option.pad", "Pad Option", depth, at, end - at);
            at = end;
            continue;
        }
        if (code == DHCP_OPTION_END) {
            describe_field(d, "dhcp.option.end", "End Option", depth, at, 1)->option = code;
            if (at + 1 < to) describe_field(d, "dhcp.padding", "padding", depth, at + 1, to - at - 1);
            return;
        }
        if (to - at < 2 || to - at - 2 < frame.at[at + 1]) {
            describe_fault(d, "dhcp.option_overrun", at);
            describe_field(d, option_key(code), option_title(code), depth, at, to - at)->option = code;
            text_put_hex(&d->values, bytes_slice(frame, at, to - at), ":");
            return;
        }
        Bytes value = bytes_of(frame.at + at + 2, frame.at[at + 1]);
        DescribedField *field = describe_field(d, option_key(code), option_title(code), depth, at, 2 + value.size);
        field->option = code;
        if (!put_option_value(d, field, code, value)) describe_fault(d, "dhcp.option_length", at + 1);
        if (code == DHCP_OPTION_PARAMETER_REQUEST_LIST) describe_codes(d, at + 2, value);
        if (code == DHCP_OPTION_RELAY_AGENT_INFORMATION) describe_agent(d, at + 2, value);
        at += 2 + value.size;
    }
}

/* The value of an option with one octet in the options field; 0 if there is none. */
static uint8_t octet_option(Bytes options, uint8_t wanted) {
    for (size_t at = 0; at < options.size;) {
        uint8_t code = options.at[at];
        if (code == DHCP_OPTION_END) break;
        if (code == DHCP_OPTION_PAD) {
            at++;
            continue;
        }
        if (options.size - at < 2 || options.size - at - 2 < options.at[at + 1]) break;
        if (code == wanted) return options.at[at + 1] == 1 ? options.at[at + 2] : 0;
        at += 2 + (size_t)options.at[at + 1];
    }
    return 0;
}

const char *dhcp_message_name(Bytes message) {
    if (message.size < OPTIONS_AT) return "";
    Bytes options = bytes_of(message.at + OPTIONS_AT, message.size - OPTIONS_AT);
    uint8_t type = octet_option(options, DHCP_OPTION_MESSAGE_TYPE);
    if (type == 0) { /* perhaps it stands in `file` or `sname` */
        uint8_t overload = octet_option(options, DHCP_OPTION_OVERLOAD);
        if (overload & 1) type = octet_option(bytes_of(message.at + FILE_AT, FILE_SIZE), DHCP_OPTION_MESSAGE_TYPE);
        if (type == 0 && overload & 2)
            type = octet_option(bytes_of(message.at + SNAME_AT, SNAME_SIZE), DHCP_OPTION_MESSAGE_TYPE);
    }
    const char *name = dhcp_message_type_name(type);
    if (name) return name;
    return type ? "" : message.at[0] == BOOTREQUEST ? "BOOTREQUEST" : message.at[0] == BOOTREPLY ? "BOOTREPLY" : "";
}

static void describe_text_field(Description *d, const char *key, const char *name, Bytes frame, size_t at, size_t size,
                                bool overloaded) {
    describe_field(d, key, name, 1, at, size);
    const uint8_t *start = frame.at + at, *nul = memchr(start, 0, size);
    if (overloaded)
        describe_options(d, frame, at, at + size, 2);
    else
        describe_put_text_or_hex(d, bytes_of(start, nul ? (size_t)(nul - start) : size));
}

void describe_dhcp(Description *d, Bytes frame, size_t at, size_t size) {
    const uint8_t *p = frame.at + at;
    d->protocol = "dhcp";
    d->message = dhcp_message_name(bytes_of(p, size));
    describe_field(d, "dhcp", "DHCP", 0, at, size);
    DhcpMessage message;
    ParseFault fault;
    if (!dhcp_message_decode(bytes_of(p, size), &message, &fault)) describe_fault(d, fault.reason, at + fault.offset);

    describe_field(d, "dhcp.op", "op", 1, at, 1);
    if (p[0] == BOOTREQUEST || p[0] == BOOTREPLY)
        text_put(&d->values, p[0] == BOOTREQUEST ? "BOOTREQUEST" : "BOOTREPLY");
    else
        describe_put_decimal(&d->values, p[0]);
    describe_number(d, "dhcp.htype", "htype", 1, at + 1, 1, p[1]);
    describe_number(d, "dhcp.hlen", "hlen", 1, at + 2, 1, p[2]);
    describe_number(d, "dhcp.hops", "hops", 1, at + 3, 1, p[3]);
    describe_hex(d, "dhcp.xid", "xid", 1, at + 4, 4, octets_u32(p + 4));
    describe_number(d, "dhcp.secs", "secs", 1, at + 8, 2, octets_u16(p + 8));
    uint16_t flags = octets_u16(p + 10);
    describe_hex(d, "dhcp.flags", "flags", 1, at + 10, 2, flags);
    describe_number(d, "dhcp.flags.broadcast", "BROADCAST flag", 2, at + 10, 1, (flags & DHCP_FLAG_BROADCAST) != 0);
    describe_number(d, "dhcp.flags.mbz", "MBZ", 2, at + 10, 2, flags & 0x7fff);
    describe_ipv4(d, "dhcp.ciaddr", "ciaddr", 1, at + 12, octets_u32(p + 12));
    describe_ipv4(d, "dhcp.yiaddr", "yiaddr", 1, at + 16, octets_u32(p + 16));
    describe_ipv4(d, "dhcp.siaddr", "siaddr", 1, at + 20, octets_u32(p + 20));
    describe_ipv4(d, "dhcp.giaddr", "giaddr", 1, at + 24, octets_u32(p + 24));
    describe_field(d, "dhcp.chaddr", "chaddr", 1, at + 28, 16);
    text_put_hex(&d->values, bytes_of(p + 28, p[2] <= 16 ? p[2] : 16), ":");
    uint8_t overload = 0;
    if (size > OPTIONS_AT) overload = octet_option(bytes_of(p + OPTIONS_AT, size - OPTIONS_AT), DHCP_OPTION_OVERLOAD);
    describe_text_field(d, "dhcp.sname", "sname", frame, at + SNAME_AT, SNAME_SIZE, overload & 2);
    describe_text_field(d, "dhcp.file", "file", frame, at + FILE_AT, FILE_SIZE, overload & 1);
    if (size < OPTIONS_AT) {
        if (size > COOKIE_AT) describe_field(d, "dhcp.data", "Data", 1, at + COOKIE_AT, size - COOKIE_AT);
        return;
    }
    describe_field(d, "dhcp.cookie", "magic cookie", 1, at + COOKIE_AT, 4);
    text_put_hex(&d->values, bytes_of(p + COOKIE_AT, 4), ":");
    describe_options(d, frame, at + OPTIONS_AT, at + size, 1);
}
