/* The client's messages: RFC 2131 table 5, redrawn.
 *
 * | field or option | DISCOVER    | REQ select.    | REQ reboot  | REQ renewing | DECLINE  | RELEASE   | INFORM
 * |-----------------|-------------|----------------|-------------|--------------|----------|-----------|-------------
 * | op, htype, hlen | BOOTREQUEST, 1, 6 in all
 * | xid             | chosen      | the OFFER's    | chosen      | chosen       | chosen   | chosen    | chosen
 * | secs            | since start | the DISCOVER's | since start | since start  | 0        | 0         | since start
 * | flags           | B if conf.  | B if conf.     | B if conf.  | B if conf.   | 0        | 0         | B if conf.
 * | ciaddr          | 0           | 0              | 0           | own addr.    | 0        | own addr. | own addr.
 * | chaddr          | own in all
 * | 50 requested    | MAY         | MUST           | MUST        | MUST NOT     | MUST     | MUST NOT  | MUST NOT
 * | 51 lease time   | MAY         | MAY            | MAY         | MAY          | MUST NOT | MUST NOT  | MUST NOT
 * | 53 type         | in all
 * | 54 server       | MUST NOT    | MUST           | MUST NOT    | MUST NOT     | MUST     | MUST      | MUST NOT
 * | 55 parameters   | MAY         | MAY            | MAY         | MAY          | MUST NOT | MUST NOT  | MAY
 * | 57 maximum size | MAY         | MAY            | MAY         | MAY          | MUST NOT | MUST NOT  | MAY
 * | 12, 60          | MAY         | MAY            | MAY         | MAY          | MUST NOT | MUST NOT  | MAY
 * | 56 message      | SHOULD NOT  | SHOULD NOT     | SHOULD NOT  | SHOULD NOT   | SHOULD   | SHOULD    | SHOULD NOT
 * | 61 client id    | MAY, and if ever then in all
 *
 * REQ renewing stands for REBINDING too; conf.: configured. Sent to 255.255.255.255 port 67 from 0.0.0.0, but
 * RENEWING and RELEASE by unicast to the server, and all from the own address once it is held (section 4.4.4).
 */
#include <string.h>

#include "proto/dhcp/client.h"

/* RFC 2131 section 4.3.5 and 4.4.4: an address of our own may be used as the source. */
static DatagramTo to_all(const DhcpClient *c, Ipv4Address source) {
    return (DatagramTo){.source = source,
                        .source_unspecified = source == 0,
                        .source_port = DHCP_CLIENT_PORT,
                        .destination = IPV4_LIMITED_BROADCAST,
                        .destination_port = DHCP_SERVER_PORT,
                        .interface = c->interface,
                        .proto = TRACE_PROTO_DHCP};
}

static DatagramTo to_server(const DhcpClient *c) {
    DatagramTo to = to_all(c, c->lease.settings.address);
    to.destination = c->lease.server;
    return to;
}

/* The fields every message has. `since` SIM_NEVER: secs is 0. */
static void begin(const DhcpClient *c, DhcpMessage *m, DhcpMessageType type, SimTime since, SimTime now) {
    dhcp_message_clear(m);
    m->op = BOOTREQUEST;
    m->htype = 1;
    m->hlen = 6;
    m->xid = c->xid;
    if (since != SIM_NEVER) {
        SimTime secs = (now - since) / SIM_SECOND;
        m->secs = secs > UINT16_MAX ? UINT16_MAX : (uint16_t)secs;
    }
    memcpy(m->chaddr, c->mac.octet, 6);
    dhcp_option_put_u8(m, DHCP_OPTION_MESSAGE_TYPE, (uint8_t)type);
}

static void put_text(DhcpMessage *m, uint8_t code, const char *text) {
    if (text) dhcp_option_put(m, code, bytes_of(text, strlen(text)));
}

static void put_client_id(const DhcpClient *c, DhcpMessage *m) {
    if (c->config.client_id_size > 0)
        dhcp_option_put(m, DHCP_OPTION_CLIENT_IDENTIFIER, bytes_of(c->config.client_id, c->config.client_id_size));
}

/* What all messages that ask for parameters share; with `lease` false nothing of a lease is asked for (section 4.4.3). `codes` is
 * room for option 55, to be kept until the message is encoded. */
static void put_wishes(const DhcpClient *c, DhcpMessage *m, bool lease, uint8_t codes[DHCP_CLIENT_PARAMETERS]) {
    const DhcpClientConfig *config = &c->config;
    size_t count = 0;
    for (uint8_t i = 0; i < config->parameter_count; i++) {
        uint8_t code = config->parameters[i];
        bool of_lease = code == DHCP_OPTION_LEASE_TIME || code == DHCP_OPTION_RENEWAL_TIME ||
                        code == DHCP_OPTION_REBINDING_TIME;
        if (lease || !of_lease) codes[count++] = code;
    }
    if (config->broadcast) m->flags = DHCP_FLAG_BROADCAST;
    if (lease && config->lease_s > 0) dhcp_option_put_u32(m, DHCP_OPTION_LEASE_TIME, config->lease_s);
    put_text(m, DHCP_OPTION_HOST_NAME, config->host_name);
    put_text(m, DHCP_OPTION_VENDOR_CLASS, config->vendor_class);
    if (config->maximum_message_size > 0)
        dhcp_option_put_u16(m, DHCP_OPTION_MAXIMUM_MESSAGE_SIZE, config->maximum_message_size);
    if (count > 0) dhcp_option_put(m, DHCP_OPTION_PARAMETER_REQUEST_LIST, bytes_of(codes, count));
    put_client_id(c, m);
}

static void send(const DhcpMessage *m, const DatagramTo *to, Effects *effects) {
    enum { MOST = 1472 }; /* what one Ethernet frame carries in UDP */
    ByteWriter w = byte_writer(effect_send_begin(effects, to, MOST), MOST);
    dhcp_message_encode(m, &w, MOST);
    effect_send_done(effects, w.size);
}

void dhcp_client_send_discover(DhcpClient *c, Effects *effects) {
    DhcpMessage m;
    uint8_t codes[DHCP_CLIENT_PARAMETERS];
    begin(c, &m, DHCP_DISCOVER, c->began_at, effects->now);
    if (c->wanted) dhcp_option_put_u32(&m, DHCP_OPTION_REQUESTED_ADDRESS, c->wanted);
    put_wishes(c, &m, true, codes);
    DatagramTo to = to_all(c, 0);
    send(&m, &to, effects);
}

void dhcp_client_send_request(DhcpClient *c, DhcpRequestKind kind, Effects *effects) {
    DhcpMessage m;
    uint8_t codes[DHCP_CLIENT_PARAMETERS];
    bool repeats_secs = kind == DHCP_REQUEST_SELECTING; /* section 3.1.3: MUST */
    begin(c, &m, DHCP_REQUEST, c->began_at, repeats_secs ? c->discover_at : effects->now);
    DatagramTo to = to_all(c, 0);
    switch (kind) {
        case DHCP_REQUEST_SELECTING:
            dhcp_option_put_u32(&m, DHCP_OPTION_REQUESTED_ADDRESS, c->chosen.address);
            dhcp_option_put_u32(&m, DHCP_OPTION_SERVER_IDENTIFIER, c->chosen.server);
            break;
        case DHCP_REQUEST_INIT_REBOOT:
            dhcp_option_put_u32(&m, DHCP_OPTION_REQUESTED_ADDRESS, c->lease.settings.address);
            break;
        case DHCP_REQUEST_RENEWING:
            m.ciaddr = c->lease.settings.address;
            to = to_server(c);
            break;
        case DHCP_REQUEST_REBINDING:
            m.ciaddr = c->lease.settings.address;
            to = to_all(c, c->lease.settings.address);
            break;
    }
    put_wishes(c, &m, true, codes);
    send(&m, &to, effects);
}

void dhcp_client_send_decline(DhcpClient *c, Effects *effects) {
    DhcpMessage m;
    begin(c, &m, DHCP_DECLINE, SIM_NEVER, effects->now);
    dhcp_option_put_u32(&m, DHCP_OPTION_REQUESTED_ADDRESS, c->lease.settings.address);
    dhcp_option_put_u32(&m, DHCP_OPTION_SERVER_IDENTIFIER, c->lease.server);
    put_text(&m, DHCP_OPTION_MESSAGE, "address in use");
    put_client_id(c, &m);
    DatagramTo to = to_all(c, 0);
    send(&m, &to, effects);
}

void dhcp_client_send_release(DhcpClient *c, Effects *effects) {
    DhcpMessage m;
    begin(c, &m, DHCP_RELEASE, SIM_NEVER, effects->now);
    m.ciaddr = c->lease.settings.address;
    dhcp_option_put_u32(&m, DHCP_OPTION_SERVER_IDENTIFIER, c->lease.server);
    put_text(&m, DHCP_OPTION_MESSAGE, "address no longer needed");
    put_client_id(c, &m);
    DatagramTo to = to_server(c);
    send(&m, &to, effects);
}

void dhcp_client_send_inform(DhcpClient *c, Effects *effects) {
    DhcpMessage m;
    uint8_t codes[DHCP_CLIENT_PARAMETERS];
    begin(c, &m, DHCP_INFORM, c->began_at, effects->now);
    m.ciaddr = c->lease.settings.address;
    put_wishes(c, &m, false, codes);
    DatagramTo to = to_all(c, c->lease.settings.address);
    send(&m, &to, effects);
}
