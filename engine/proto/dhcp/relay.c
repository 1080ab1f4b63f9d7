/* The relay agent as a table. Lay it beside RFC 1542 section 4.
 *
 * A relay alters a message as little as it can: `hops`, `giaddr` and option 82 are changed in the octets as they came;
 * everything else, known or not, passes through untouched (section 4.1: "MUST NOT modify any other fields"). */
#include "proto/dhcp/relay.h"

#include <string.h>

#include "proto/dhcp/facts.h"

const DhcpRelayConfig dhcp_relay_config_default = {.hop_limit = 4, .client_interfaces = UINT16_MAX};

static const char *const state_names[] = {
#define X(name) #name,
    DHCP_RELAY_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
    {"start", INPUT_COMMAND},
    {"stop", INPUT_COMMAND},
    {"BOOTREQUEST", INPUT_WIRE},
    {"BOOTREPLY", INPUT_WIRE},
};

typedef struct {
    const DhcpMessage *message;
    Bytes payload;
    uint8_t interface; /* it came in by this one; for a reply, the one that giaddr names */
} RelayCase;

enum { OFFSET_HOPS = 3, OFFSET_GIADDR = 24, OFFSET_OPTIONS = 240, MOST = 1472 };

/* ---- Guards ---- */

static bool is_first_relay(const void *self, const void *argument) {
    (void)self;
    return ((const RelayCase *)argument)->message->giaddr == 0;
}

static bool must_broadcast(const void *self, const void *argument) {
    const DhcpMessage *m = ((const RelayCase *)argument)->message;
    (void)self;
    return (m->flags & DHCP_FLAG_BROADCAST) != 0 || (m->yiaddr == 0 && m->ciaddr == 0);
}

static bool has_yiaddr(const void *self, const void *argument) {
    (void)self;
    return ((const RelayCase *)argument)->message->yiaddr != 0;
}

/* ---- The octets ---- */

static void put_u32(uint8_t *at, uint32_t value) {
    ByteWriter w = byte_writer(at, 4);
    byte_writer_u32(&w, value);
}

/* The offset of the next option at or after `at`; `size` where there is none. */
static size_t skip_pads(const uint8_t *octets, size_t at, size_t size) {
    while (at < size && octets[at] == DHCP_OPTION_PAD) at++;
    return at;
}

static size_t option_end(const uint8_t *octets, size_t at, size_t size) {
    if (at + 1 >= size) return size;
    size_t end = at + 2 + octets[at + 1];
    return end < size ? end : size;
}

/* Where the End option stands; `size` if there is none. */
static size_t find_end(const uint8_t *octets, size_t size) {
    for (size_t at = skip_pads(octets, OFFSET_OPTIONS, size); at < size;
         at = skip_pads(octets, option_end(octets, at, size), size))
        if (octets[at] == DHCP_OPTION_END) return at;
    return size;
}

/* RFC 3046 section 2.1: option 82 is the last before End; a message it would make too long goes without it. */
static size_t add_agent_option(const DhcpRelay *r, uint8_t interface, uint8_t *octets, size_t size) {
    const char *circuit = r->config.circuit_id ? r->config.circuit_id : r->interfaces[interface].name;
    size_t circuit_size = strlen(circuit), remote_size = r->config.remote_id ? strlen(r->config.remote_id) : 0;
    size_t value = 2 + circuit_size + (remote_size ? 2 + remote_size : 0), end = find_end(octets, size);
    if (end == size || value > 255 || end + 2 + value + 1 > MOST) return size;
    ByteWriter w = byte_writer(octets + end, MOST - end);
    byte_writer_u8(&w, DHCP_OPTION_RELAY_AGENT_INFORMATION);
    byte_writer_u8(&w, (uint8_t)value);
    byte_writer_u8(&w, DHCP_AGENT_CIRCUIT_ID);
    byte_writer_u8(&w, (uint8_t)circuit_size);
    byte_writer_put(&w, circuit, circuit_size);
    if (remote_size) {
        byte_writer_u8(&w, DHCP_AGENT_REMOTE_ID);
        byte_writer_u8(&w, (uint8_t)remote_size);
        byte_writer_put(&w, r->config.remote_id, remote_size);
    }
    byte_writer_u8(&w, DHCP_OPTION_END);
    return end + w.size > size ? end + w.size : size;
}

/* RFC 3046 section 2.1: what this relay put in, the client must not see. The rest moves up, zeros fill the end. */
static void strip_agent_option(uint8_t *octets, size_t size) {
    for (size_t at = skip_pads(octets, OFFSET_OPTIONS, size); at < size && octets[at] != DHCP_OPTION_END;) {
        size_t end = option_end(octets, at, size);
        if (octets[at] == DHCP_OPTION_RELAY_AGENT_INFORMATION) {
            memmove(octets + at, octets + end, size - end);
            memset(octets + size - (end - at), 0, end - at);
            at = skip_pads(octets, at, size);
        } else {
            at = skip_pads(octets, end, size);
        }
    }
}

/* ---- Actions ---- */

static void relay_to_servers(const DhcpRelay *r, const RelayCase *c, bool stamp, Effects *effects) {
    for (uint8_t i = 0; i < r->config.server_count; i++) {
        DatagramTo to = {.source_port = DHCP_SERVER_PORT,
                         .destination = r->config.servers[i],
                         .destination_port = DHCP_SERVER_PORT,
                         .interface = INTERFACE_BY_ROUTE,
                         .proto = TRACE_PROTO_DHCP};
        uint8_t hops = (uint8_t)(c->message->hops + 1);
        Ipv4Address giaddr = stamp ? r->interfaces[c->interface].address : c->message->giaddr;
        effect_fact(effects, &fact_dhcp_relayed, (int64_t[]){c->message->xid, giaddr, hops, to.destination});
        uint8_t *octets = effect_send_begin(effects, &to, MOST);
        size_t size = c->payload.size;
        memcpy(octets, c->payload.at, size);
        octets[OFFSET_HOPS] = hops;
        put_u32(octets + OFFSET_GIADDR, giaddr);
        /* RFC 3046 section 2.1: one that a trusted bridge put in already is not followed by a second. */
        bool has_one = dhcp_option_find(c->message, DHCP_OPTION_RELAY_AGENT_INFORMATION).at != NULL;
        if (stamp && r->config.agent_option && !has_one) size = add_agent_option(r, c->interface, octets, size);
        effect_send_done(effects, size);
    }
}

static void stamp_and_relay(void *self, const void *argument, Effects *effects) {
    relay_to_servers(self, argument, true, effects);
}
static void relay_on(void *self, const void *argument, Effects *effects) {
    relay_to_servers(self, argument, false, effects);
}

static void hand_back(const DhcpRelay *r, const RelayCase *c, const DatagramTo *to, Effects *effects) {
    effect_fact(effects, &fact_dhcp_relayed,
                (int64_t[]){c->message->xid, c->message->giaddr, c->message->hops, to->destination});
    uint8_t *octets = effect_send_begin(effects, to, MOST);
    memcpy(octets, c->payload.at, c->payload.size);
    if (r->config.agent_option) strip_agent_option(octets, c->payload.size);
    effect_send_done(effects, c->payload.size);
}

static DatagramTo to_client(const RelayCase *c) {
    return (DatagramTo){.source_port = DHCP_SERVER_PORT,
                        .destination_port = DHCP_CLIENT_PORT,
                        .interface = c->interface,
                        .proto = TRACE_PROTO_DHCP,
                        .destination = IPV4_LIMITED_BROADCAST};
}

static void broadcast_reply(void *self, const void *argument, Effects *effects) {
    DatagramTo to = to_client(argument);
    hand_back(self, argument, &to, effects);
}

static void unicast_reply(void *self, const void *argument, Effects *effects) {
    const RelayCase *c = argument;
    DatagramTo to = to_client(c);
    to.destination = c->message->yiaddr;
    to.has_mac = true;
    memcpy(to.mac, c->message->chaddr, 6);
    hand_back(self, c, &to, effects);
}

static void reply_to_ciaddr(void *self, const void *argument, Effects *effects) {
    DatagramTo to = to_client(argument);
    to.destination = ((const RelayCase *)argument)->message->ciaddr;
    hand_back(self, argument, &to, effects);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DHCP_RELAY_##from, DHCP_RELAY_ON_##input, guard, action, DHCP_RELAY_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, START, NULL, NULL, RELAYING, "1542 4.1"),
    ROW(CLOSED, STOP, NULL, NULL, CLOSED, "1542 4.1"),
    ROW(RELAYING, BOOTREQUEST, is_first_relay, stamp_and_relay, RELAYING, "1542 4.1.1"),
    ROW(RELAYING, BOOTREQUEST, NULL, relay_on, RELAYING, "1542 4.1.1"),
    ROW(RELAYING, BOOTREPLY, must_broadcast, broadcast_reply, RELAYING, "1542 4.1.2"),
    ROW(RELAYING, BOOTREPLY, has_yiaddr, unicast_reply, RELAYING, "1542 4.1.2"),
    ROW(RELAYING, BOOTREPLY, NULL, reply_to_ciaddr, RELAYING, "1542 4.1.2"),
    ROW(RELAYING, STOP, NULL, NULL, CLOSED, "1542 4.1"),
};

const MachineSpec dhcp_relay_spec = {
    .name = "dhcp.relay",
    .ref = "RFC 1542 4",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DHCP_RELAY_CLOSED,
};

/* ---- Entry points ---- */

void dhcp_relay_init(DhcpRelay *relay, const DhcpRelayConfig *config) { *relay = (DhcpRelay){.config = *config}; }

void dhcp_relay_input(DhcpRelay *relay, DhcpRelayInput input, Effects *effects) {
    machine_step(&relay->machine, (uint8_t)input, NULL, effects);
}

/* What a relay must drop; NULL if it need not. */
static const char *unrelayable_request(const DhcpRelay *r, const DhcpMessage *m, uint8_t interface) {
    if (!(r->config.client_interfaces >> interface & 1)) return "dhcp.not_a_client_interface";
    if (r->interfaces[interface].address == 0) return "dhcp.relay_without_address";
    if (m->hops > r->config.hop_limit) return "dhcp.hop_limit";
    for (uint8_t i = 0; i < r->interface_count; i++)
        if (m->giaddr != 0 && m->giaddr == r->interfaces[i].address)
            return "dhcp.giaddr_spoofed"; /* RFC 3046 section 2.1.1 */
    if (m->giaddr == 0 && !r->config.trust && dhcp_option_find(m, DHCP_OPTION_RELAY_AGENT_INFORMATION).at)
        return "dhcp.untrusted_agent_option";
    return NULL;
}

void dhcp_relay_receive(DhcpRelay *r, Bytes payload, uint8_t interface, Effects *effects) {
    DhcpMessage m;
    ParseFault fault = {0};
    const char *reason = NULL;
    RelayCase c = {&m, payload, interface};
    if (payload.size > MOST || !dhcp_message_decode(payload, &m, &fault)) {
        reason = fault.reason ? fault.reason : "dhcp.too_long";
    } else if (m.op == BOOTREQUEST) {
        reason = unrelayable_request(r, &m, interface);
    } else if (m.op == BOOTREPLY) {
        /* RFC 1542 section 4.1.2: giaddr names the interface the reply must leave by. */
        reason = "dhcp.giaddr_not_mine";
        for (uint8_t i = 0; i < r->interface_count; i++) {
            if (m.giaddr == 0 || r->interfaces[i].address != m.giaddr) continue;
            c.interface = i;
            reason = NULL;
        }
    } else {
        reason = "dhcp.unknown_op";
    }
    if (reason) effect_ignored(effects, &r->machine, reason);
    else
        machine_step(&r->machine, m.op == BOOTREQUEST ? DHCP_RELAY_ON_BOOTREQUEST : DHCP_RELAY_ON_BOOTREPLY, &c,
                     effects);
}
