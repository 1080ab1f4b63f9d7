/* The DHCP client as a table. Lay it beside RFC 2131 figure 5 and section 4.4.
 *
 * The eight states of the figure are here under their names, with their arrows. Four states are added where the figure
 * is silent: OFF (not running), PROBING (between DHCPACK and BOUND, while ARP asks whether the address is in use:
 * section 4.4.1 and RFC 5227), INFORMING and INFORMED (section 4.4.3).
 *
 * A lease counts from the moment its DHCPREQUEST was first sent (section 4.4.1), not from the answer: so the client
 * never believes in an address longer than the server does.
 */
#include "proto/dhcp/client.h"

#include <string.h>

#include "proto/dhcp/facts.h"

const DhcpClientConfig dhcp_client_config_default = {
    .delay_min = 1 * SIM_SECOND,
    .delay_max = 10 * SIM_SECOND,
    .parameters = {1, 3, 6, 15, 28, 51, 54, 58, 59},
    .parameter_count = 9,
    .probe = true,
    .remember = true,
    .release_on_shutdown = true,
    .decline_wait = 10 * SIM_SECOND,
    .retry_first = 4 * SIM_SECOND,
    .retry_most = 64 * SIM_SECOND,
    .retry_jitter = 1 * SIM_SECOND,
    .request_tries = 4,
    .renew_retry_min = 60 * SIM_SECOND,
};

/* ---- States and inputs ---- */

static const char *const state_names[] = {
#define X(name, text) text,
    DHCP_CLIENT_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
#define X(name, text, kind) {text, kind},
    DHCP_CLIENT_INPUTS(X)
#undef X
};
enum { TIMER_DELAY, TIMER_RETRANSMIT, TIMER_OFFERS, TIMER_T1, TIMER_T2, TIMER_LEASE };
static const char *const timer_names[] = {"delay", "retransmit", "offers", "T1", "T2", "lease"};

/* ---- Guards ---- */

#define GUARD(name) static bool name(const void *self, const void *argument)

GUARD(remembers_lease) {
    (void)argument;
    return ((const DhcpClient *)self)->lease.settings.address != 0 && ((const DhcpClient *)self)->config.remember;
}

GUARD(informs_only) {
    (void)argument;
    return ((const DhcpClient *)self)->config.inform;
}

/* Nothing is waited for: the policy is to take the first, or this is the server that is known. */
GUARD(takes_offer_now) {
    const DhcpClient *c = self;
    if (c->config.policy == DHCP_POLICY_SERVER && dhcp_client_offer_of(argument).server == c->config.server)
        return true;
    return c->config.offer_wait == 0 && c->config.policy != DHCP_POLICY_SERVER;
}

GUARD(first_offer) {
    (void)argument;
    return ((const DhcpClient *)self)->offer_count == 0;
}

GUARD(probes) {
    (void)argument;
    return ((const DhcpClient *)self)->config.probe;
}

GUARD(has_address) {
    (void)argument;
    return ((const DhcpClient *)self)->lease.settings.address != 0;
}

GUARD(tries_left) {
    const DhcpClient *c = self;
    (void)argument;
    return c->tries < c->config.request_tries;
}

/* ---- Actions ---- */

#define ACTION(name) static void name(void *self, const void *argument, Effects *effects)

static void new_xid(DhcpClient *c) { c->xid = (uint32_t)random_next(&c->random); }

/* Section 4.1: 4 s, doubled each time up to 64 s, each with a random part of at most ± 1 s. */
static void wait_for_answer(DhcpClient *c, Effects *effects) {
    SimTime wait = c->config.retry_first;
    for (uint8_t i = 0; i < c->tries && wait < c->config.retry_most; i++) wait *= 2;
    if (wait > c->config.retry_most) wait = c->config.retry_most;
    SimTime jitter = c->config.retry_jitter < wait ? c->config.retry_jitter : wait / 2;
    effect_timer_set(effects, TIMER_RETRANSMIT, effects->now + wait + random_between(&c->random, -jitter, jitter));
}

/* Section 4.4.5: half of what is left until the next deadline, but not below 60 s. */
static void wait_half_of_rest(DhcpClient *c, SimTime deadline, Effects *effects) {
    SimTime wait = (deadline - effects->now) / 2;
    if (wait < c->config.renew_retry_min) wait = c->config.renew_retry_min;
    if (effects->now + wait < deadline) effect_timer_set(effects, TIMER_RETRANSMIT, effects->now + wait);
    else effect_timer_clear(effects, TIMER_RETRANSMIT);
}

static void clear_timers(Effects *effects) {
    for (uint8_t timer = TIMER_DELAY; timer <= TIMER_LEASE; timer++) effect_timer_clear(effects, timer);
}

static void forget_lease(DhcpClient *c, Effects *effects) {
    memset(&c->lease, 0, sizeof c->lease);
    effect_ask(effects, ASK_STORE, 0, &c->lease, sizeof c->lease);
}

static void start_over(DhcpClient *c, SimTime wait, Effects *effects) {
    clear_timers(effects);
    c->offer_count = 0;
    effect_timer_set(effects, TIMER_DELAY, effects->now + wait);
}

ACTION(wait_to_start) {
    DhcpClient *c = self;
    (void)argument;
    c->wanted = c->config.request;
    start_over(c, random_between(&c->random, c->config.delay_min, c->config.delay_max), effects);
}

ACTION(discover) {
    DhcpClient *c = self;
    (void)argument;
    new_xid(c);
    c->began_at = c->discover_at = effects->now;
    c->tries = 0;
    c->offer_count = 0;
    dhcp_client_send_discover(c, effects);
    wait_for_answer(c, effects);
}

ACTION(discover_again) {
    DhcpClient *c = self;
    (void)argument;
    c->tries++;
    c->discover_at = effects->now;
    dhcp_client_send_discover(c, effects);
    wait_for_answer(c, effects);
}

static void keep(DhcpClient *c, const DhcpMessage *m, Effects *effects) {
    if (c->offer_count == DHCP_CLIENT_OFFERS) return;
    DhcpOffered offer = dhcp_client_offer_of(m);
    c->offers[c->offer_count++] = offer;
    effect_fact(effects, &fact_dhcp_offered, (int64_t[]){offer.address, offer.server, dhcp_lease_span(offer.lease_s)});
}

ACTION(keep_offer) { keep(self, argument, effects); }

ACTION(keep_first_offer) {
    DhcpClient *c = self;
    keep(c, argument, effects);
    effect_timer_set(effects, TIMER_OFFERS, effects->now + c->config.offer_wait);
}

static void request(DhcpClient *c, DhcpOffered offer, Effects *effects) {
    effect_timer_clear(effects, TIMER_OFFERS);
    c->chosen = offer;
    c->tries = 0;
    c->requested_at = effects->now;
    effect_fact(effects, &fact_dhcp_chosen, (int64_t[]){offer.address, offer.server, dhcp_lease_span(offer.lease_s)});
    dhcp_client_send_request(c, DHCP_REQUEST_SELECTING, effects);
    wait_for_answer(c, effects);
}

ACTION(request_this) {
    keep(self, argument, effects);
    request(self, dhcp_client_offer_of(argument), effects);
}

ACTION(request_best) {
    DhcpClient *c = self;
    (void)argument;
    DhcpOffered best = c->offers[0];
    for (uint8_t i = 1; i < c->offer_count; i++)
        if (c->config.policy == DHCP_POLICY_LONGEST && c->offers[i].lease_s > best.lease_s) best = c->offers[i];
    request(c, best, effects);
}

ACTION(request_again) {
    DhcpClient *c = self;
    (void)argument;
    c->tries++;
    dhcp_client_send_request(c, DHCP_REQUEST_SELECTING, effects);
    wait_for_answer(c, effects);
}

ACTION(begin_again) { /* section 3.1.5: nobody answered our REQUESTs */
    (void)argument;
    start_over(self, 0, effects);
}

static void use_lease(DhcpClient *c, Effects *effects) {
    const DhcpLease *lease = &c->lease;
    clear_timers(effects);
    effect_ask(effects, ASK_CONFIGURE, 0, &lease->settings, sizeof lease->settings);
    effect_fact(effects, &fact_dhcp_bound,
                (int64_t[]){c->interface, lease->settings.address, lease->server, lease->started_at, lease->t1_at,
                            lease->t2_at, lease->expires_at});
    if (lease->expires_at != SIM_NEVER) {
        SimTime now = effects->now; /* a deadline may have passed while the answer was on its way or ARP was asked */
        effect_timer_set(effects, TIMER_T1, lease->t1_at > now ? lease->t1_at : now);
        effect_timer_set(effects, TIMER_T2, lease->t2_at > now ? lease->t2_at : now);
        effect_timer_set(effects, TIMER_LEASE, lease->expires_at > now ? lease->expires_at : now);
    }
    if (c->config.remember) effect_ask(effects, ASK_STORE, 0, lease, sizeof *lease);
}

ACTION(bind) {
    dhcp_client_take_lease(self, argument);
    use_lease(self, effects);
}

ACTION(bind_probed) {
    (void)argument;
    use_lease(self, effects);
}

/* Section 3.2.4: no answer to an INIT-REBOOT; the remembered lease still runs. */
ACTION(bind_remembered) {
    (void)argument;
    use_lease(self, effects);
}

static void probe_lease(DhcpClient *c, Effects *effects) {
    clear_timers(effects);
    if (c->lease.expires_at != SIM_NEVER) effect_timer_set(effects, TIMER_LEASE, c->lease.expires_at);
    effect_ask(effects, ASK_PROBE_ADDRESS, c->lease.settings.address, NULL, 0);
}

ACTION(probe) {
    dhcp_client_take_lease(self, argument);
    probe_lease(self, effects);
}

/* RFC 5227 section 2.1: an address is probed whenever the host or its cable was away, whoever vouches for it. */
ACTION(probe_remembered) {
    (void)argument;
    probe_lease(self, effects);
}

static void unconfigure(DhcpClient *c, const char *reason, Effects *effects) {
    effect_fact(effects, &fact_dhcp_unbound, (int64_t[]){c->lease.settings.address, fact_name(reason)});
    effect_ask(effects, ASK_UNCONFIGURE, 0, NULL, 0);
}

ACTION(decline) { /* section 3.1.5: at least ten seconds before trying again */
    DhcpClient *c = self;
    (void)argument;
    new_xid(c);
    dhcp_client_send_decline(c, effects);
    forget_lease(c, effects);
    c->wanted = 0;
    start_over(c, c->config.decline_wait, effects);
}

ACTION(decline_lost) {
    unconfigure(self, "conflict", effects);
    decline(self, argument, effects);
}

ACTION(accept_refusal) { /* a NAK before anything was configured */
    DhcpClient *c = self;
    (void)argument;
    forget_lease(c, effects);
    c->wanted = 0;
    start_over(c, random_between(&c->random, c->config.delay_min, c->config.delay_max), effects);
}

ACTION(stop_using) { /* a NAK to a renewal: at once */
    unconfigure(self, "nak", effects);
    accept_refusal(self, argument, effects);
}

ACTION(expire) { /* section 4.4.5: at the end of the lease; the next DISCOVER asks for the same address */
    DhcpClient *c = self;
    (void)argument;
    Ipv4Address last = c->lease.settings.address;
    unconfigure(c, "expired", effects);
    forget_lease(c, effects);
    c->wanted = last;
    start_over(c, 0, effects);
}

ACTION(expire_unused) { /* a remembered lease ran out before it could be verified */
    DhcpClient *c = self;
    (void)argument;
    c->wanted = c->lease.settings.address;
    forget_lease(c, effects);
    start_over(c, 0, effects);
}

static void begin_request(DhcpClient *c, Effects *effects) {
    new_xid(c);
    c->began_at = c->requested_at = effects->now;
    c->tries = 0;
}

ACTION(renew) {
    DhcpClient *c = self;
    (void)argument;
    begin_request(c, effects);
    effect_timer_clear(effects, TIMER_T1);
    dhcp_client_send_request(c, DHCP_REQUEST_RENEWING, effects);
    if (c->lease.expires_at != SIM_NEVER) wait_half_of_rest(c, c->lease.t2_at, effects);
}

ACTION(renew_again) {
    DhcpClient *c = self;
    (void)argument;
    dhcp_client_send_request(c, DHCP_REQUEST_RENEWING, effects);
    if (c->lease.expires_at != SIM_NEVER) wait_half_of_rest(c, c->lease.t2_at, effects);
}

ACTION(rebind) {
    DhcpClient *c = self;
    (void)argument;
    begin_request(c, effects);
    dhcp_client_send_request(c, DHCP_REQUEST_REBINDING, effects);
    wait_half_of_rest(c, c->lease.expires_at, effects);
}

ACTION(rebind_again) {
    DhcpClient *c = self;
    (void)argument;
    dhcp_client_send_request(c, DHCP_REQUEST_REBINDING, effects);
    wait_half_of_rest(c, c->lease.expires_at, effects);
}

/* Section 4.4.2: verify the remembered address as soon as the host is up. */
ACTION(begin_reboot) {
    DhcpClient *c = self;
    (void)argument;
    clear_timers(effects);
    /* Set first, so that a lease that is over already ends before anything is sent. */
    if (c->lease.expires_at != SIM_NEVER)
        effect_timer_set(effects, TIMER_LEASE, c->lease.expires_at > effects->now ? c->lease.expires_at : effects->now);
    effect_timer_set(effects, TIMER_DELAY, effects->now);
}

/* The cable was out: the address may belong to another network now, so it is not used until it is verified. */
ACTION(verify) {
    unconfigure(self, "link", effects);
    begin_reboot(self, argument, effects);
}

/* What was under way is worth nothing on another network. */
ACTION(abandon) {
    (void)argument;
    start_over(self, 0, effects);
}

ACTION(start_anew) {
    DhcpClient *c = self;
    unconfigure(c, "link", effects);
    forget_lease(c, effects);
    wait_to_start(c, argument, effects);
}

ACTION(request_remembered) {
    DhcpClient *c = self;
    (void)argument;
    begin_request(c, effects);
    dhcp_client_send_request(c, DHCP_REQUEST_INIT_REBOOT, effects);
    wait_for_answer(c, effects);
}

ACTION(request_remembered_again) {
    DhcpClient *c = self;
    (void)argument;
    c->tries++;
    dhcp_client_send_request(c, DHCP_REQUEST_INIT_REBOOT, effects);
    wait_for_answer(c, effects);
}

ACTION(release) { /* section 4.4.6: said once, and not waited for */
    DhcpClient *c = self;
    (void)argument;
    new_xid(c);
    clear_timers(effects);
    dhcp_client_send_release(c, effects);
    unconfigure(c, "released", effects);
    forget_lease(c, effects);
}

ACTION(stop) {
    (void)self;
    (void)argument;
    clear_timers(effects);
}

ACTION(stop_held) {
    (void)argument;
    clear_timers(effects);
    unconfigure(self, "stopped", effects);
}

ACTION(inform) { /* section 4.4.3 */
    DhcpClient *c = self;
    (void)argument;
    new_xid(c);
    c->began_at = effects->now;
    c->tries = 0;
    dhcp_client_send_inform(c, effects);
    wait_for_answer(c, effects);
}

ACTION(inform_again) {
    DhcpClient *c = self;
    (void)argument;
    c->tries++;
    dhcp_client_send_inform(c, effects);
    wait_for_answer(c, effects);
}

ACTION(take_parameters) { /* the address and its prefix stay as configured by hand */
    DhcpClient *c = self;
    const DhcpMessage *m = argument;
    InterfaceSettings own = c->lease.settings;
    uint32_t server = 0;
    (void)dhcp_option_u32(m, DHCP_OPTION_SERVER_IDENTIFIER, &server);
    c->lease.settings = dhcp_client_settings_of(c, m, own.address);
    c->lease.settings.prefix_length = own.prefix_length;
    effect_timer_clear(effects, TIMER_RETRANSMIT);
    effect_ask(effects, ASK_CONFIGURE, 0, &c->lease.settings, sizeof c->lease.settings);
    effect_fact(effects, &fact_dhcp_informed, (int64_t[]){own.address, server});
}

/* ---- The table: figure 5, state by state ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DHCP_CLIENT_##from, DHCP_CLIENT_ON_##input, guard, action, DHCP_CLIENT_##to, "RFC 2131 " ref)
static const MachineRow rows[] = {
    ROW(OFF, START, informs_only, inform, INFORMING, "4.4.3"),
    ROW(OFF, START, remembers_lease, begin_reboot, INIT_REBOOT, "4.4.2"),
    ROW(OFF, START, NULL, wait_to_start, INIT, "4.4.1"),
    ROW(OFF, INFORM, has_address, inform, INFORMING, "4.4.3"),
    ROW(OFF, STOP, NULL, NULL, OFF, "4.4"),

    ROW(INIT, DELAY_OVER, NULL, discover, SELECTING, "4.4.1"),
    ROW(INIT, STOP, NULL, stop, OFF, "4.4"),

    ROW(SELECTING, OFFER, takes_offer_now, request_this, REQUESTING, "4.4.1"),
    ROW(SELECTING, OFFER, first_offer, keep_first_offer, SELECTING, "4.4.1"),
    ROW(SELECTING, OFFER, NULL, keep_offer, SELECTING, "4.4.1"),
    ROW(SELECTING, OFFERS_IN, NULL, request_best, REQUESTING, "4.4.1"),
    ROW(SELECTING, RETRANSMIT, NULL, discover_again, SELECTING, "4.1"),
    ROW(SELECTING, LINK_UP, NULL, abandon, INIT, "3.7"),
    ROW(SELECTING, STOP, NULL, stop, OFF, "4.4"),

    ROW(REQUESTING, OFFER, NULL, NULL, REQUESTING, "figure 5"),
    ROW(REQUESTING, ACK, probes, probe, PROBING, "4.4.1"),
    ROW(REQUESTING, ACK, NULL, bind, BOUND, "4.4.1"),
    ROW(REQUESTING, NAK, NULL, accept_refusal, INIT, "4.4.1"),
    ROW(REQUESTING, RETRANSMIT, tries_left, request_again, REQUESTING, "3.1.5"),
    ROW(REQUESTING, RETRANSMIT, NULL, begin_again, INIT, "3.1.5"),
    ROW(REQUESTING, LINK_UP, NULL, abandon, INIT, "3.7"),
    ROW(REQUESTING, STOP, NULL, stop, OFF, "4.4"),

    ROW(PROBING, ADDRESS_FREE, NULL, bind_probed, BOUND, "4.4.1"),
    ROW(PROBING, ADDRESS_TAKEN, NULL, decline, INIT, "4.4.1"),
    ROW(PROBING, EXPIRY, NULL, expire_unused, INIT, "4.4.5"),
    ROW(PROBING, LINK_UP, NULL, abandon, INIT, "3.7"),
    ROW(PROBING, STOP, NULL, stop, OFF, "4.4"),

    ROW(BOUND, OFFER, NULL, NULL, BOUND, "figure 5"),
    ROW(BOUND, ACK, NULL, NULL, BOUND, "figure 5"),
    ROW(BOUND, NAK, NULL, NULL, BOUND, "figure 5"),
    ROW(BOUND, T1, NULL, renew, RENEWING, "4.4.5"),
    ROW(BOUND, RENEW, NULL, renew, RENEWING, "4.4.5"),
    ROW(BOUND, RELEASE, NULL, release, OFF, "4.4.6"),
    ROW(BOUND, LINK_UP, remembers_lease, verify, INIT_REBOOT, "3.7"),
    ROW(BOUND, LINK_UP, NULL, start_anew, INIT, "3.7"),
    ROW(BOUND, ADDRESS_LOST, NULL, decline_lost, INIT, "3.1.5"),
    ROW(BOUND, STOP, NULL, stop_held, OFF, "4.4"),

    ROW(RENEWING, ACK, NULL, bind, BOUND, "4.4.5"),
    ROW(RENEWING, NAK, NULL, stop_using, INIT, "4.4.5"),
    ROW(RENEWING, RETRANSMIT, NULL, renew_again, RENEWING, "4.4.5"),
    ROW(RENEWING, T2, NULL, rebind, REBINDING, "4.4.5"),
    ROW(RENEWING, RELEASE, NULL, release, OFF, "4.4.6"),
    ROW(RENEWING, LINK_UP, remembers_lease, verify, INIT_REBOOT, "3.7"),
    ROW(RENEWING, LINK_UP, NULL, start_anew, INIT, "3.7"),
    ROW(RENEWING, ADDRESS_LOST, NULL, decline_lost, INIT, "3.1.5"),
    ROW(RENEWING, STOP, NULL, stop_held, OFF, "4.4"),

    ROW(REBINDING, ACK, NULL, bind, BOUND, "4.4.5"),
    ROW(REBINDING, NAK, NULL, stop_using, INIT, "4.4.5"),
    ROW(REBINDING, RETRANSMIT, NULL, rebind_again, REBINDING, "4.4.5"),
    ROW(REBINDING, EXPIRY, NULL, expire, INIT, "4.4.5"),
    ROW(REBINDING, RELEASE, NULL, release, OFF, "4.4.6"),
    ROW(REBINDING, LINK_UP, remembers_lease, verify, INIT_REBOOT, "3.7"),
    ROW(REBINDING, LINK_UP, NULL, start_anew, INIT, "3.7"),
    ROW(REBINDING, ADDRESS_LOST, NULL, decline_lost, INIT, "3.1.5"),
    ROW(REBINDING, STOP, NULL, stop_held, OFF, "4.4"),

    ROW(INIT_REBOOT, DELAY_OVER, NULL, request_remembered, REBOOTING, "4.4.2"),
    ROW(INIT_REBOOT, EXPIRY, NULL, expire_unused, INIT, "3.2"),
    ROW(INIT_REBOOT, STOP, NULL, stop, OFF, "4.4"),

    ROW(REBOOTING, ACK, probes, probe, PROBING, "4.4.2"),
    ROW(REBOOTING, ACK, NULL, bind, BOUND, "4.4.2"),
    ROW(REBOOTING, NAK, NULL, accept_refusal, INIT, "4.4.2"),
    ROW(REBOOTING, RETRANSMIT, tries_left, request_remembered_again, REBOOTING, "3.2.4"),
    ROW(REBOOTING, RETRANSMIT, probes, probe_remembered, PROBING, "3.2.4"),
    ROW(REBOOTING, RETRANSMIT, NULL, bind_remembered, BOUND, "3.2.4"),
    ROW(REBOOTING, EXPIRY, NULL, expire_unused, INIT, "3.2"),
    ROW(REBOOTING, LINK_UP, NULL, begin_reboot, INIT_REBOOT, "3.7"),
    ROW(REBOOTING, STOP, NULL, stop, OFF, "4.4"),

    ROW(INFORMING, ACK, NULL, take_parameters, INFORMED, "4.4.3"),
    ROW(INFORMING, RETRANSMIT, tries_left, inform_again, INFORMING, "4.1"),
    ROW(INFORMING, RETRANSMIT, NULL, NULL, OFF, "4.1"),
    ROW(INFORMING, STOP, NULL, stop, OFF, "4.4"),

    ROW(INFORMED, INFORM, NULL, inform, INFORMING, "4.4.3"),
    ROW(INFORMED, ACK, NULL, NULL, INFORMED, "4.4.3"),
    ROW(INFORMED, STOP, NULL, stop, OFF, "4.4"),
};

const MachineSpec dhcp_client_spec = {
    .name = "dhcp.client",
    .ref = "RFC 2131 figure 5",
    MACHINE_LISTS(state_names, inputs, rows),
    .beyond_figure = 1U << DHCP_CLIENT_OFF | 1U << DHCP_CLIENT_PROBING | 1U << DHCP_CLIENT_INFORMING |
                     1U << DHCP_CLIENT_INFORMED,
    .initial = DHCP_CLIENT_OFF,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- Entry points ---- */

void dhcp_client_init(DhcpClient *client, const DhcpClientConfig *config, MacAddress mac, uint8_t interface,
                      RandomStream random) {
    *client = (DhcpClient){.config = *config, .mac = mac, .interface = interface, .random = random};
}

void dhcp_client_restore(DhcpClient *client, const DhcpLease *lease) { client->lease = *lease; }

void dhcp_client_set_own_address(DhcpClient *client, Ipv4Address address, uint8_t prefix_length) {
    if (client->machine.state != DHCP_CLIENT_OFF && client->machine.state != DHCP_CLIENT_INFORMED) return;
    client->lease = (DhcpLease){
        .settings = {.address = address, .prefix_length = prefix_length, .interface = client->interface}};
}

void dhcp_client_receive(DhcpClient *c, Bytes payload, Effects *effects) {
    DhcpMessage m;
    ParseFault fault;
    if (!dhcp_message_decode(payload, &m, &fault)) {
        effect_ignored(effects, &c->machine, fault.reason);
        return;
    }
    const char *reason = dhcp_client_unacceptable(c, &m, effects->now);
    if (reason) {
        effect_ignored(effects, &c->machine, reason);
        return;
    }
    DhcpClientInput input = m.type == DHCP_OFFER ? DHCP_CLIENT_ON_OFFER
                            : m.type == DHCP_ACK ? DHCP_CLIENT_ON_ACK
                                                 : DHCP_CLIENT_ON_NAK;
    machine_step(&c->machine, (uint8_t)input, &m, effects);
}

void dhcp_client_timer(DhcpClient *c, uint8_t timer, Effects *effects) {
    static const DhcpClientInput input_of[] = {DHCP_CLIENT_ON_DELAY_OVER, DHCP_CLIENT_ON_RETRANSMIT,
                                               DHCP_CLIENT_ON_OFFERS_IN,  DHCP_CLIENT_ON_T1,
                                               DHCP_CLIENT_ON_T2,         DHCP_CLIENT_ON_EXPIRY};
    machine_step(&c->machine, (uint8_t)input_of[timer], NULL, effects);
}

void dhcp_client_input(DhcpClient *c, DhcpClientInput input, Effects *effects) {
    machine_step(&c->machine, (uint8_t)input, NULL, effects);
}
