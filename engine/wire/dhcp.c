#include "wire/dhcp.h"

#include <string.h>


enum {
    COOKIE_SIZE = 4,
    OPTIONS_AT = DHCP_FIXED_SIZE + COOKIE_SIZE,
    SNAME_AT = 44,
    SNAME_SIZE = 64,
    FILE_AT = 108,
    FILE_SIZE = 128,
    OPTION_SIZE_MOST = 255,
    /* What a decoded message keeps free, so that a relay or server can add to it. */
    OPTIONS_RESERVE = 8,
    JOINED_RESERVE = 64,
};

/* Option 52, RFC 2132 section 9.3. */
enum { OVERLOAD_FILE = 1, OVERLOAD_SNAME = 2 };

static const uint8_t magic_cookie[COOKIE_SIZE] = {99, 130, 83, 99}; /* RFC 2131 section 3 */

const char *dhcp_message_type_name(unsigned type) {
    switch (type) {
#define X(name, value) \
    case value: return #name;
        DHCP_MESSAGE_TYPES(X)
#undef X
    default: return NULL;
    }
}

const char *dhcp_option_name(uint8_t code) {
    switch (code) {
#define X(name, value, field, kind) \
    case value: return field;
        DHCP_OPTIONS(X)
#undef X
    default: return NULL;
    }
}

DhcpValueKind dhcp_option_kind(uint8_t code) {
    switch (code) {
#define X(name, value, field, kind) \
    case value: return DHCP_VALUE_##kind;
        DHCP_OPTIONS(X)
#undef X
    default: return DHCP_VALUE_OCTETS;
    }
}

/* ---- Reading ---- */

static bool dhcp_fault(ParseFault *fault, const char *reason, size_t offset) {
    *fault = (ParseFault){reason, offset};
    return false;
}

static Bytes until_nul(Bytes field) {
    const void *nul = memchr(field.at, 0, field.size);
    return nul ? bytes_of(field.at, (size_t)((const uint8_t *)nul - field.at)) : field;
}

static DhcpOption *option_with(DhcpMessage *message, uint8_t code) {
    for (size_t i = 0; i < message->option_count; i++)
        if (message->options[i].code == code) return &message->options[i];
    return NULL;
}

/* RFC 3396 section 7: the octets of later instances follow those of the first. The pieces seldom stand together,
 * so they move to `joined`; a value that is already its last content grows in place. */
static bool option_join(DhcpMessage *message, DhcpOption *option, Bytes more) {
    uint8_t *end = message->joined + message->joined_size;
    bool last = option->value.size > 0 && option->value.at + option->value.size == end;
    size_t moved = last ? 0 : option->value.size;
    if (sizeof message->joined - JOINED_RESERVE - message->joined_size < moved + more.size) return false;
    if (moved > 0) memcpy(end, option->value.at, moved);
    if (more.size > 0) memcpy(end + moved, more.at, more.size);
    option->value = bytes_of(last ? option->value.at : end, option->value.size + more.size);
    message->joined_size += moved + more.size;
    return true;
}

typedef struct {
    DhcpMessage *message;
    uint64_t seen[4]; /* a bit for each code met so far */
    uint8_t overload;
    ParseFault *fault;
} OptionScan;

/* Reads the options of one field, which starts `base` octets into the message. A field may end without the End
 * option: real clients do that, and nothing is in doubt. */
static bool options_scan(OptionScan *scan, Bytes field, size_t base) {
    DhcpMessage *message = scan->message;
    for (size_t at = 0; at < field.size;) {
        uint8_t code = field.at[at];
        if (code == DHCP_OPTION_PAD) {
            at++;
            continue;
        }
        if (code == DHCP_OPTION_END) break;
        if (field.size - at < 2 || field.size - at - 2 < field.at[at + 1])
            return dhcp_fault(scan->fault, "dhcp.option_overrun", base + at);
        Bytes value = bytes_of(field.at + at + 2, field.at[at + 1]);
        uint64_t *word = &scan->seen[code >> 6], bit = UINT64_C(1) << (code & 63);
        if (code == DHCP_OPTION_OVERLOAD) {
            /* Layout, not content: it is obeyed and not listed. Within `file` and `sname` it means nothing. */
            if (base == OPTIONS_AT) {
                if (value.size != 1 || value.at[0] < 1 || value.at[0] > 3 || (*word & bit))
                    return dhcp_fault(scan->fault, "dhcp.overload", base + at);
                scan->overload = value.at[0];
            }
        } else if (code == DHCP_OPTION_MESSAGE_TYPE && (value.size != 1 || (*word & bit))) {
            return dhcp_fault(scan->fault, "dhcp.message_type", base + at);
        } else if (*word & bit) {
            if (!option_join(message, option_with(message, code), value))
                return dhcp_fault(scan->fault, "dhcp.joined_too_long", base + at);
        } else {
            if (message->option_count == DHCP_OPTIONS_MOST - OPTIONS_RESERVE)
                return dhcp_fault(scan->fault, "dhcp.options_too_many", base + at);
            message->options[message->option_count++] = (DhcpOption){code, value};
            if (code == DHCP_OPTION_MESSAGE_TYPE) message->type = value.at[0];
        }
        *word |= bit;
        at += 2 + value.size;
    }
    return true;
}

bool dhcp_message_decode(Bytes from, DhcpMessage *message, ParseFault *fault) {
    dhcp_message_clear(message);
    if (from.size < OPTIONS_AT) return dhcp_fault(fault, "dhcp.truncated", from.size);
    const uint8_t *p = from.at;
    message->op = p[0];
    if (message->op != BOOTREQUEST && message->op != BOOTREPLY) return dhcp_fault(fault, "dhcp.op", 0);
    message->htype = p[1];
    message->hlen = p[2];
    if (message->hlen > sizeof message->chaddr) return dhcp_fault(fault, "dhcp.hlen", 2);
    message->hops = p[3];
    message->xid = octets_u32(p + 4);
    message->secs = octets_u16(p + 8);
    message->flags = octets_u16(p + 10);
    message->ciaddr = octets_u32(p + 12);
    message->yiaddr = octets_u32(p + 16);
    message->siaddr = octets_u32(p + 20);
    message->giaddr = octets_u32(p + 24);
    memcpy(message->chaddr, p + 28, sizeof message->chaddr);
    if (memcmp(p + DHCP_FIXED_SIZE, magic_cookie, COOKIE_SIZE) != 0)
        return dhcp_fault(fault, "dhcp.cookie", DHCP_FIXED_SIZE);

    /* RFC 2131 section 4.1: first the options field, then `file`, then `sname`. */
    OptionScan scan = {.message = message, .fault = fault};
    Bytes file = bytes_of(p + FILE_AT, FILE_SIZE), sname = bytes_of(p + SNAME_AT, SNAME_SIZE);
    if (!options_scan(&scan, bytes_slice(from, OPTIONS_AT, from.size), OPTIONS_AT)) return false;
    if (scan.overload & OVERLOAD_FILE) {
        if (!options_scan(&scan, file, FILE_AT)) return false;
    } else {
        message->file = until_nul(file);
    }
    if (scan.overload & OVERLOAD_SNAME) {
        if (!options_scan(&scan, sname, SNAME_AT)) return false;
    } else {
        message->sname = until_nul(sname);
    }
    return true;
}

/* ---- Building ---- */

void dhcp_message_clear(DhcpMessage *message) {
    memset(message, 0, offsetof(DhcpMessage, options));
    message->joined_size = 0;
}

void dhcp_option_put(DhcpMessage *message, uint8_t code, Bytes value) {
    CHECK(message->option_count < DHCP_OPTIONS_MOST);
    CHECK(code != DHCP_OPTION_PAD && code != DHCP_OPTION_END && code != DHCP_OPTION_OVERLOAD);
    CHECK(!dhcp_option_find(message, code).at);
    static const uint8_t none[1];
    if (value.size == 0) value.at = none; /* present and empty is not absent */
    if (code == DHCP_OPTION_MESSAGE_TYPE) message->type = value.at[0];
    message->options[message->option_count++] = (DhcpOption){code, value};
}

void dhcp_option_remove(DhcpMessage *message, uint8_t code) {
    DhcpOption *option = option_with(message, code);
    if (!option) return;
    size_t behind = (size_t)(message->options + message->option_count - (option + 1));
    memmove(option, option + 1, behind * sizeof *option);
    message->option_count--;
    if (code == DHCP_OPTION_MESSAGE_TYPE) message->type = 0;
}

static uint8_t *joined_room(DhcpMessage *message, size_t size) {
    CHECK(sizeof message->joined - message->joined_size >= size);
    uint8_t *room = message->joined + message->joined_size;
    message->joined_size += size;
    return room;
}

void dhcp_option_put_u8(DhcpMessage *message, uint8_t code, uint8_t value) {
    uint8_t *room = joined_room(message, 1);
    *room = value;
    dhcp_option_put(message, code, bytes_of(room, 1));
}

void dhcp_option_put_u16(DhcpMessage *message, uint8_t code, uint16_t value) {
    uint8_t *room = joined_room(message, 2);
    octets_set_u16(room, value);
    dhcp_option_put(message, code, bytes_of(room, 2));
}

void dhcp_option_put_u32(DhcpMessage *message, uint8_t code, uint32_t value) {
    uint8_t *room = joined_room(message, 4);
    octets_set_u32(room, value);
    dhcp_option_put(message, code, bytes_of(room, 4));
}

void dhcp_option_put_ipv4s(DhcpMessage *message, uint8_t code, const Ipv4Address *list, size_t count) {
    uint8_t *room = joined_room(message, 4 * count);
    for (size_t i = 0; i < count; i++) octets_set_u32(room + 4 * i, list[i]);
    dhcp_option_put(message, code, bytes_of(room, 4 * count));
}

/* ---- Writing ---- */

static bool option_is_essential(uint8_t code) {
    return code == DHCP_OPTION_MESSAGE_TYPE || code == DHCP_OPTION_SERVER_IDENTIFIER || code == DHCP_OPTION_LEASE_TIME;
}

/* With one more code and length for each 255 octets begun (RFC 3396 section 6). */
static size_t option_wire_size(Bytes value) {
    size_t parts = value.size == 0 ? 1 : (value.size + OPTION_SIZE_MOST - 1) / OPTION_SIZE_MOST;
    return value.size + 2 * parts;
}

static void option_encode(uint8_t code, Bytes value, ByteWriter *into) {
    size_t at = 0;
    do {
        Bytes part = bytes_slice(value, at, OPTION_SIZE_MOST);
        byte_writer_u8(into, code);
        byte_writer_u8(into, (uint8_t)part.size);
        byte_writer_put(into, part.at, part.size);
        at += part.size;
    } while (at < value.size);
}

/* Sets kept[i] for each option; returns how many are left out, from the end of the list. The agent information
 * goes only when nothing but the essential ones is left. */
static size_t options_choose(const DhcpMessage *message, bool *kept, size_t most) {
    size_t size = OPTIONS_AT + 1, left_out = 0;
    for (size_t i = 0; i < message->option_count; i++) {
        kept[i] = true;
        size += option_wire_size(message->options[i].value);
    }
    for (int agent = 0; agent < 2; agent++)
        for (size_t i = message->option_count; i-- > 0 && size > most;) {
            uint8_t code = message->options[i].code;
            if (option_is_essential(code) || (code == DHCP_OPTION_RELAY_AGENT_INFORMATION) != agent) continue;
            kept[i] = false;
            left_out++;
            size -= option_wire_size(message->options[i].value);
        }
    return left_out;
}

static void field_encode(Bytes text, size_t size, ByteWriter *into) {
    CHECK(text.size <= size);
    byte_writer_put(into, text.at, text.size);
    byte_writer_zeros(into, size - text.size);
}

size_t dhcp_message_encode(const DhcpMessage *message, ByteWriter *into, size_t most) {
    CHECK(most >= DHCP_MINIMUM_SIZE);
    size_t start = into->size;
    uint8_t *p = octets_room(into, SNAME_AT);
    if (!p) return message->option_count;
    p[0] = message->op;
    p[1] = message->htype;
    p[2] = message->hlen;
    p[3] = message->hops;
    octets_set_u32(p + 4, message->xid);
    octets_set_u16(p + 8, message->secs);
    octets_set_u16(p + 10, message->flags);
    octets_set_u32(p + 12, message->ciaddr);
    octets_set_u32(p + 16, message->yiaddr);
    octets_set_u32(p + 20, message->siaddr);
    octets_set_u32(p + 24, message->giaddr);
    memcpy(p + 28, message->chaddr, sizeof message->chaddr);
    field_encode(message->sname, SNAME_SIZE, into);
    field_encode(message->file, FILE_SIZE, into);
    byte_writer_put(into, magic_cookie, COOKIE_SIZE);

    bool kept[DHCP_OPTIONS_MOST];
    size_t left_out = options_choose(message, kept, most);
    const DhcpOption *agent = NULL;
    for (size_t i = 0; i < message->option_count; i++) {
        const DhcpOption *option = &message->options[i];
        if (!kept[i]) continue;
        if (option->code == DHCP_OPTION_RELAY_AGENT_INFORMATION)
            agent = option;
        else
            option_encode(option->code, option->value, into);
    }
    if (agent) option_encode(agent->code, agent->value, into);
    byte_writer_u8(into, DHCP_OPTION_END);
    if (into->size - start < DHCP_MINIMUM_SIZE) byte_writer_zeros(into, DHCP_MINIMUM_SIZE - (into->size - start));
    return left_out;
}

/* ---- Accessors ---- */

Bytes dhcp_option_find(const DhcpMessage *message, uint8_t code) {
    for (size_t i = 0; i < message->option_count; i++)
        if (message->options[i].code == code) return message->options[i].value;
    return (Bytes){NULL, 0};
}

bool dhcp_option_u8(const DhcpMessage *message, uint8_t code, uint8_t *value) {
    Bytes found = dhcp_option_find(message, code);
    if (found.size != 1) return false;
    *value = found.at[0];
    return true;
}

bool dhcp_option_u16(const DhcpMessage *message, uint8_t code, uint16_t *value) {
    Bytes found = dhcp_option_find(message, code);
    if (found.size != 2) return false;
    *value = octets_u16(found.at);
    return true;
}

bool dhcp_option_u32(const DhcpMessage *message, uint8_t code, uint32_t *value) {
    Bytes found = dhcp_option_find(message, code);
    if (found.size != 4) return false;
    *value = octets_u32(found.at);
    return true;
}

size_t dhcp_option_ipv4s(const DhcpMessage *message, uint8_t code, Ipv4Address *list, size_t most) {
    Bytes found = dhcp_option_find(message, code);
    if (found.size % 4 != 0) return 0;
    size_t count = found.size / 4 < most ? found.size / 4 : most;
    for (size_t i = 0; i < count; i++) list[i] = octets_u32(found.at + 4 * i);
    return count;
}

Bytes dhcp_agent_suboption(Bytes agent_information, uint8_t code) {
    for (size_t at = 0; agent_information.size - at >= 2;) {
        size_t size = agent_information.at[at + 1];
        if (agent_information.size - at - 2 < size) break;
        if (agent_information.at[at] == code) return bytes_of(agent_information.at + at + 2, size);
        at += 2 + size;
    }
    return (Bytes){NULL, 0};
}
