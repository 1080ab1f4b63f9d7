/* The server's messages: RFC 2131 table 3, redrawn.
 *
 * | field or option | OFFER                              | ACK              | ACK to INFORM | NAK
 * |-----------------|------------------------------------|------------------|---------------|-----------------------
 * | op, htype, hlen | BOOTREPLY, from the message
 * | hops, secs      | 0                                  | 0                | 0             | 0
 * | xid, giaddr, chaddr | from the message
 * | flags           | from the message                   | from the message | from it       | from it; B if relayed
 * | ciaddr          | 0                                  | from the message | from it       | 0
 * | yiaddr          | offered                            | granted          | 0             | 0
 * | siaddr          | 0: this server boots nobody
 * | 51 lease time   | MUST                               | MUST             | MUST NOT      | MUST NOT
 * | 53 type, 54 server | in all
 * | 56 message      | -                                  | -                | -             | why
 * | 61 client id    | as it came (RFC 6842)              | likewise         | likewise      | likewise
 * | 82              | as it came (RFC 3046 section 2.2), last
 * | others          | what option 55 lists, in its order | likewise         | likewise      | MUST NOT
 */
#include <string.h>

#include "proto/dhcp/server.h"

enum { MOST = 1472, HEADERS = 28 /* IPv4 and UDP, counted by option 57 */ };

/* Section 4.1: where a reply goes. */
static DatagramTo reply_to(const DhcpCase *c, const DhcpMessage *reply) {
    const DhcpMessage *m = c->message;
    DatagramTo to = {.source = c->arrival->interface_address,
                     .source_port = DHCP_SERVER_PORT,
                     .destination_port = DHCP_CLIENT_PORT,
                     .interface = c->arrival->interface,
                     .proto = TRACE_PROTO_DHCP,
                     .destination = IPV4_LIMITED_BROADCAST};
    if (m->type == DHCP_INFORM) { /* section 4.3.5: unicast to ciaddr, whichever way the question came */
        to.destination = m->ciaddr ? m->ciaddr : c->arrival->source;
        to.interface = INTERFACE_BY_ROUTE;
        to.source = 0;
    } else if (m->giaddr) {
        to.destination = m->giaddr;
        to.destination_port = DHCP_SERVER_PORT;
        to.interface = INTERFACE_BY_ROUTE;
        to.source = 0;
    } else if (reply->type == DHCP_NAK) {
        to.destination = IPV4_LIMITED_BROADCAST;
    } else if (m->ciaddr) {
        to.destination = m->ciaddr;
        to.interface = INTERFACE_BY_ROUTE;
        to.source = 0;
    } else if (!(m->flags & DHCP_FLAG_BROADCAST)) {
        to.destination = reply->yiaddr;
        to.has_mac = true; /* the client has no address yet and could not answer ARP */
        memcpy(to.mac, m->chaddr, 6);
    }
    return to;
}

static void begin(const DhcpCase *c, DhcpMessage *reply, DhcpMessageType type) {
    const DhcpMessage *m = c->message;
    dhcp_message_clear(reply);
    reply->op = BOOTREPLY;
    reply->htype = m->htype;
    reply->hlen = m->hlen;
    reply->xid = m->xid;
    reply->flags = m->flags;
    reply->giaddr = m->giaddr;
    memcpy(reply->chaddr, m->chaddr, sizeof reply->chaddr);
    reply->type = (uint8_t)type;
    dhcp_option_put_u8(reply, DHCP_OPTION_MESSAGE_TYPE, (uint8_t)type);
    dhcp_option_put_u32(reply, DHCP_OPTION_SERVER_IDENTIFIER, dhcp_server_identifier(c->server, c->arrival));
}

/* RFC 6842: MUST be returned, so it stands before all that may be left out of a reply that is too long. */
static void put_client_id(const DhcpCase *c, DhcpMessage *reply) {
    Bytes id = dhcp_option_find(c->message, DHCP_OPTION_CLIENT_IDENTIFIER);
    if (id.at) dhcp_option_put(reply, DHCP_OPTION_CLIENT_IDENTIFIER, id);
}

static void finish(const DhcpCase *c, DhcpMessage *reply, Effects *effects) {
    const DhcpMessage *m = c->message;
    Bytes agent = dhcp_option_find(m, DHCP_OPTION_RELAY_AGENT_INFORMATION);
    if (agent.at) dhcp_option_put(reply, DHCP_OPTION_RELAY_AGENT_INFORMATION, agent);
    uint16_t most = DHCP_MINIMUM_MAX_SIZE;
    (void)dhcp_option_u16(m, DHCP_OPTION_MAXIMUM_MESSAGE_SIZE, &most);
    if (most < DHCP_MINIMUM_MAX_SIZE) most = DHCP_MINIMUM_MAX_SIZE; /* RFC 2132 section 9.10: the least legal value */
    if (most > MOST + HEADERS) most = MOST + HEADERS;
    DatagramTo to = reply_to(c, reply);
    ByteWriter w = byte_writer(effect_send_begin(effects, &to, MOST), MOST);
    dhcp_message_encode(reply, &w, (size_t)most - HEADERS);
    effect_send_done(effects, w.size);
}

static uint32_t part_of(uint32_t lease_s, uint32_t permille) { return (uint32_t)((uint64_t)lease_s * permille / 1000); }

/* Section 4.4.5: T1 before T2 before the end. A lease of a second or two has no whole seconds for that, and the client
 * must halve it itself. */
static bool tells_t1_t2(const DhcpServerConfig *config, uint32_t lease_s) {
    uint32_t t1_s = part_of(lease_s, config->t1_permille), t2_s = part_of(lease_s, config->t2_permille);
    return config->send_t1_t2 && lease_s != UINT32_MAX && 0 < t1_s && t1_s < t2_s && t2_s < lease_s;
}

static void put_parameter(const DhcpCase *c, DhcpMessage *reply, uint8_t code, uint32_t lease_s) {
    const DhcpServerConfig *config = &c->server->config;
    const DhcpPool *pool = c->pool;
    if (dhcp_option_find(reply, code).at) return;
    for (size_t i = 0; i < config->option_count; i++) {
        if (config->options[i].code != code) continue;
        dhcp_option_put(reply, code, config->options[i].value);
        return;
    }
    switch (code) {
        case DHCP_OPTION_SUBNET_MASK:
            if (pool) dhcp_option_put_u32(reply, code, ipv4_mask(pool->subnet.length));
            break;
        case DHCP_OPTION_BROADCAST_ADDRESS:
            if (pool && ipv4_prefix_broadcast(pool->subnet))
                dhcp_option_put_u32(reply, code, ipv4_prefix_broadcast(pool->subnet));
            break;
        case DHCP_OPTION_ROUTER:
            if (pool && pool->router) dhcp_option_put_u32(reply, code, pool->router);
            break;
        case DHCP_OPTION_DOMAIN_NAME_SERVER:
            if (pool && pool->dns_count > 0) dhcp_option_put_ipv4s(reply, code, pool->dns, pool->dns_count);
            break;
        case DHCP_OPTION_DOMAIN_NAME:
            if (pool && pool->domain) dhcp_option_put(reply, code, bytes_of(pool->domain, strlen(pool->domain)));
            break;
        case DHCP_OPTION_RENEWAL_TIME:
            if (tells_t1_t2(config, lease_s)) dhcp_option_put_u32(reply, code, part_of(lease_s, config->t1_permille));
            break;
        case DHCP_OPTION_REBINDING_TIME:
            if (tells_t1_t2(config, lease_s)) dhcp_option_put_u32(reply, code, part_of(lease_s, config->t2_permille));
            break;
        default: break;
    }
}

/* Section 4.3.1: what the client lists, in its order; if it lists nothing, what every host needs and what this server was
 * told to give besides. */
static void put_parameters(const DhcpCase *c, DhcpMessage *reply, uint32_t lease_s) {
    static const uint8_t usual[] = {DHCP_OPTION_SUBNET_MASK, DHCP_OPTION_ROUTER, DHCP_OPTION_DOMAIN_NAME_SERVER,
                                    DHCP_OPTION_DOMAIN_NAME};
    if (lease_s > 0) {
        put_parameter(c, reply, DHCP_OPTION_RENEWAL_TIME, lease_s);
        put_parameter(c, reply, DHCP_OPTION_REBINDING_TIME, lease_s);
    }
    Bytes list = dhcp_option_find(c->message, DHCP_OPTION_PARAMETER_REQUEST_LIST);
    bool lists_nothing = !list.at;
    if (lists_nothing) list = bytes_of(usual, sizeof usual);
    for (size_t i = 0; i < list.size; i++) {
        uint8_t code = list.at[i];
        /* Asked for or not, these are no parameters to be handed out: they belong to the exchange itself. */
        if (code == DHCP_OPTION_LEASE_TIME || code == DHCP_OPTION_REQUESTED_ADDRESS || code == DHCP_OPTION_OVERLOAD ||
            code == DHCP_OPTION_RELAY_AGENT_INFORMATION || code == DHCP_OPTION_CLIENT_IDENTIFIER)
            continue;
        put_parameter(c, reply, code, lease_s);
    }
    const DhcpServerConfig *config = &c->server->config;
    for (size_t i = 0; lists_nothing && i < config->option_count; i++)
        put_parameter(c, reply, config->options[i].code, lease_s);
}

void dhcp_send_lease(const DhcpCase *c, DhcpMessageType type, Ipv4Address address, uint32_t lease_s, Effects *effects) {
    DhcpMessage reply;
    begin(c, &reply, type);
    reply.yiaddr = address;
    if (type == DHCP_ACK) reply.ciaddr = c->message->ciaddr;
    dhcp_option_put_u32(&reply, DHCP_OPTION_LEASE_TIME, lease_s);
    put_client_id(c, &reply);
    put_parameters(c, &reply, lease_s);
    finish(c, &reply, effects);
}

void dhcp_send_nak(const DhcpCase *c, const char *why, Effects *effects) {
    DhcpMessage reply;
    begin(c, &reply, DHCP_NAK);
    if (reply.giaddr) reply.flags |= DHCP_FLAG_BROADCAST; /* section 4.3.2: so that the relay broadcasts it */
    dhcp_option_put(&reply, DHCP_OPTION_MESSAGE, bytes_of(why, strlen(why)));
    put_client_id(c, &reply);
    finish(c, &reply, effects);
}

void dhcp_send_parameters(const DhcpCase *c, Effects *effects) {
    DhcpMessage reply;
    begin(c, &reply, DHCP_ACK);
    reply.ciaddr = c->message->ciaddr;
    put_client_id(c, &reply);
    put_parameters(c, &reply, 0);
    finish(c, &reply, effects);
}
