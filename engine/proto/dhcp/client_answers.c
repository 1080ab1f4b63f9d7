/* What an answer says, and whether it is one: the client's reading of OFFER, ACK and NAK (RFC 2131 sections 4.4.1 and 4.4.5). */
#include <string.h>

#include "proto/dhcp/client.h"

DhcpOffered dhcp_client_offer_of(const DhcpMessage *m) {
    DhcpOffered offer = {.address = m->yiaddr};
    (void)dhcp_option_u32(m, DHCP_OPTION_SERVER_IDENTIFIER, &offer.server);
    (void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &offer.lease_s);
    return offer;
}

static SimTime span_of(uint32_t seconds) { return (SimTime)seconds * SIM_SECOND; }
SimTime dhcp_lease_span(uint32_t seconds) { return seconds == UINT32_MAX ? SIM_NEVER : span_of(seconds); }

/* No host can have 0.0.0.0, a loopback address, or one of class D or E. */
static bool is_host_address(Ipv4Address a) { return a != 0 && a >> 24 != 127 && a >> 29 != 7; }

/* Without option 1 the mask is that of the address's old class (RFC 1122 section 3.2.1.3). */
static uint8_t class_length(Ipv4Address a) { return a >> 31 == 0 ? 8 : a >> 30 == 2 ? 16 : 24; }

InterfaceSettings dhcp_client_settings_of(const DhcpClient *c, const DhcpMessage *m, Ipv4Address address) {
    InterfaceSettings s = {.address = address, .prefix_length = class_length(address), .interface = c->interface};
    uint32_t mask;
    if (dhcp_option_u32(m, DHCP_OPTION_SUBNET_MASK, &mask) && ipv4_mask_length(mask) > 0)
        s.prefix_length = (uint8_t)ipv4_mask_length(mask);
    (void)dhcp_option_ipv4s(m, DHCP_OPTION_ROUTER, &s.router, 1);
    s.server_count = (uint8_t)dhcp_option_ipv4s(m, DHCP_OPTION_DOMAIN_NAME_SERVER, s.name_servers, SETTINGS_SERVERS);
    Bytes domain = dhcp_option_find(m, DHCP_OPTION_DOMAIN_NAME);
    if (domain.size > 0 && domain.size < SETTINGS_NAME) memcpy(s.domain_name, domain.at, domain.size);
    return s;
}

/* Sections 4.4.1 and 4.4.5: T1 and T2 from options 58 and 59, else half and seven eighths; "T1 MUST be earlier than T2,
 * which, in turn, MUST be earlier than" the end: options that are not in this order are both left aside. */
void dhcp_client_take_lease(DhcpClient *c, const DhcpMessage *m) {
    DhcpLease *lease = &c->lease;
    uint32_t lease_s = 0, t1_s, t2_s;
    (void)dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &lease_s);
    lease->settings = dhcp_client_settings_of(c, m, m->yiaddr);
    (void)dhcp_option_u32(m, DHCP_OPTION_SERVER_IDENTIFIER, &lease->server);
    lease->started_at = c->requested_at;
    lease->t1_at = lease->t2_at = lease->expires_at = SIM_NEVER;
    if (lease_s == UINT32_MAX) return;
    SimTime span = span_of(lease_s), t1 = span / 2, t2 = span / 8 * 7;
    if (dhcp_option_u32(m, DHCP_OPTION_RENEWAL_TIME, &t1_s)) t1 = span_of(t1_s);
    if (dhcp_option_u32(m, DHCP_OPTION_REBINDING_TIME, &t2_s)) t2 = span_of(t2_s);
    if (t1 == 0 || t1 >= t2 || t2 >= span) {
        t1 = span / 2;
        t2 = span / 8 * 7;
    }
    lease->t1_at = lease->started_at + t1;
    lease->t2_at = lease->started_at + t2;
    lease->expires_at = lease->started_at + span;
}

/* ---- Is it for this client? ---- */

static bool awaits_ack(uint8_t state) {
    return state == DHCP_CLIENT_REQUESTING || state == DHCP_CLIENT_REBOOTING || state == DHCP_CLIENT_RENEWING ||
           state == DHCP_CLIENT_REBINDING;
}

/* NULL if the message is for this client and complete; else why it is not acted on. */
const char *dhcp_client_unacceptable(const DhcpClient *c, const DhcpMessage *m, SimTime now) {
    uint32_t value;
    if (m->op != BOOTREPLY) return "dhcp.not_a_reply";
    if (m->hlen != 6 || memcmp(m->chaddr, c->mac.octet, 6) != 0) return "dhcp.not_my_chaddr";
    if (m->xid != c->xid) return "dhcp.not_my_xid";
    if (m->type != DHCP_OFFER && m->type != DHCP_ACK && m->type != DHCP_NAK) return "dhcp.not_for_a_client";
    if (!dhcp_option_u32(m, DHCP_OPTION_SERVER_IDENTIFIER, &value) || !is_host_address(value))
        return "dhcp.no_server_identifier";
    uint8_t state = c->machine.state;
    /* The REQUEST named one server: what another says about it is no answer. */
    if (state == DHCP_CLIENT_REQUESTING && m->type != DHCP_OFFER && value != c->chosen.server)
        return "dhcp.another_server";
    if (m->type == DHCP_NAK || state == DHCP_CLIENT_INFORMING || state == DHCP_CLIENT_INFORMED) return NULL;
    if (!is_host_address(m->yiaddr)) return "dhcp.no_yiaddr";
    if (!dhcp_option_u32(m, DHCP_OPTION_LEASE_TIME, &value) || value == 0) return "dhcp.no_lease_time";
    if (m->type == DHCP_OFFER) return NULL;
    Ipv4Address asked = state == DHCP_CLIENT_REQUESTING ? c->chosen.address : c->lease.settings.address;
    if (awaits_ack(state) && m->yiaddr != asked) return "dhcp.another_address";
    /* It was granted from the first REQUEST on, and that is too long ago: only a newer answer can help. */
    if (awaits_ack(state) && value != UINT32_MAX && c->requested_at + span_of(value) <= now) return "dhcp.lease_over";
    return NULL;
}
