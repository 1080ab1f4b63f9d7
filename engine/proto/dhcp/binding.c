/* One address of a DHCP server, as a table: RFC 2131 sections 4.3.1 to 4.3.4.
 *
 * FREE addresses remember who had them last, so that a client that comes back gets the same one. CHECKING waits for
 * the echo reply that should not come (section 3.1.2). OFFERED is held for the client until it chooses. DECLINED was
 * found in use by somebody, and rests. What a message means, and which address it is about, server.c has found out;
 * the argument is its DhcpCase. */
#include <string.h>

#include "proto/dhcp/facts.h"
#include "proto/dhcp/server.h"

static const char *const state_names[] = {
#define X(name) #name,
    DHCP_BINDING_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
    {"DHCPDISCOVER", INPUT_WIRE},
    {"DHCPREQUEST (this server)", INPUT_WIRE},
    {"DHCPREQUEST (another server)", INPUT_WIRE},
    {"DHCPREQUEST (INIT-REBOOT)", INPUT_WIRE},
    {"DHCPREQUEST (RENEWING)", INPUT_WIRE},
    {"DHCPREQUEST (REBINDING)", INPUT_WIRE},
    {"DHCPDECLINE", INPUT_WIRE},
    {"DHCPRELEASE", INPUT_WIRE},
    {"found on disk", INPUT_COMMAND},
    {"found on disk (declined)", INPUT_COMMAND},
    {"echo reply", INPUT_ANSWER},
    {"no echo reply", INPUT_TIMER},
    {"offer not taken", INPUT_TIMER},
    {"lease expires", INPUT_TIMER},
    {"quarantine over", INPUT_TIMER},
};
enum { TIMER_PING, TIMER_OFFER, TIMER_LEASE, TIMER_QUARANTINE };
static const char *const timer_names[] = {"ping", "offer", "lease", "quarantine"};

/* ---- Guards ---- */

static bool pings_first(const void *self, const void *argument) {
    (void)argument;
    return ((const DhcpBinding *)self)->server->config.ping_check;
}

static bool is_still_given(const void *self, const void *argument) {
    const DhcpBinding *b = self;
    (void)argument;
    return dhcp_server_gives(b->server, b->address);
}

static bool is_holder(const void *self, const void *argument) {
    const DhcpBinding *b = self;
    const DhcpCase *c = argument;
    return dhcp_key_equal(&b->key, &c->key);
}

/* An address nobody has had yet, or this client had last. */
static bool may_have(const void *self, const void *argument) {
    const DhcpBinding *b = self;
    return b->key.size == 0 || is_holder(self, argument);
}

static bool refuses(const void *self, const void *argument) {
    (void)argument;
    return ((const DhcpBinding *)self)->server->config.authoritative;
}

static bool is_another_and_refuses(const void *self, const void *argument) {
    return !is_holder(self, argument) && refuses(self, argument);
}

/* ---- Actions ---- */

static void note(const DhcpBinding *b, DhcpBindingState state, Effects *effects) {
    effect_fact(effects, &fact_dhcp_binding,
                (int64_t[]){b->address, fact_name(state_names[state]), (int64_t)mac_number(b->mac), b->expires_at});
}

static void store(const DhcpBinding *b, bool bound, Effects *effects) {
    if (!b->server->config.stable_storage) return;
    DhcpStored stored = {.address = b->address,
                         .bound = bound,
                         .declined = !bound && b->expires_at != SIM_NEVER,
                         .key = b->key,
                         .mac = b->mac,
                         .expires_at = b->expires_at};
    effect_ask(effects, ASK_STORE, 0, &stored, sizeof stored);
}

static void keep_waiting(void *self, const void *argument, Effects *effects) {
    DhcpBinding *b = self;
    const DhcpCase *c = argument;
    (void)effects;
    size_t size = c->arrival->payload.size;
    if (size > b->room_size) {
        b->room = arena_alloc(b->server->arena, size);
        b->room_size = size;
    }
    memcpy(b->room, c->arrival->payload.at, size);
    b->waiting = bytes_of(b->room, size);
    b->waiting_source = c->arrival->source;
    b->waiting_interface = c->arrival->interface;
    b->waiting_address = c->arrival->interface_address;
}

static void ping(void *self, const void *argument, Effects *effects) {
    DhcpBinding *b = self;
    const DhcpCase *c = argument;
    dhcp_server_own(b->server, b, &c->key, c->mac);
    keep_waiting(b, c, effects);
    b->expires_at = effects->now + b->server->config.ping_wait;
    note(b, DHCP_BINDING_CHECKING, effects);
    effect_ask(effects, ASK_PING, b->address, NULL, 0);
    effect_timer_set(effects, TIMER_PING, b->expires_at);
}

static void offer(void *self, const void *argument, Effects *effects) {
    DhcpBinding *b = self;
    const DhcpCase *c = argument;
    dhcp_server_own(b->server, b, &c->key, c->mac);
    b->expires_at = effects->now + b->server->config.offer_hold;
    note(b, DHCP_BINDING_OFFERED, effects);
    b->offered_s = dhcp_server_lease(b->server, c->message);
    dhcp_send_lease(c, DHCP_OFFER, b->address, b->offered_s, effects);
    effect_timer_set(effects, TIMER_OFFER, b->expires_at);
}

/* The client holds the address and asks as if it did not: it has lost its memory. The lease stands until it chooses.
 * DEVIATION: section 4.3.1 would offer only what is left of it; like every server in use this one offers a new lease. */
static void offer_again(void *self, const void *argument, Effects *effects) {
    DhcpBinding *b = self;
    const DhcpCase *c = argument;
    b->offered_s = dhcp_server_lease(b->server, c->message);
    dhcp_send_lease(c, DHCP_OFFER, b->address, b->offered_s, effects);
}

static void grant_for(DhcpBinding *b, const DhcpCase *c, uint32_t lease_s, Effects *effects) {
    dhcp_server_own(b->server, b, &c->key, c->mac);
    effect_timer_clear(effects, TIMER_OFFER);
    effect_timer_clear(effects, TIMER_LEASE);
    b->expires_at = lease_s == UINT32_MAX ? SIM_NEVER : effects->now + (SimTime)lease_s * SIM_SECOND;
    note(b, DHCP_BINDING_BOUND, effects);
    store(b, true, effects); /* before it is told: section 2.1, a crash must not forget what was granted */
    dhcp_send_lease(c, DHCP_ACK, b->address, lease_s, effects);
    if (b->expires_at != SIM_NEVER) effect_timer_set(effects, TIMER_LEASE, b->expires_at);
}

static void grant(void *self, const void *argument, Effects *effects) {
    const DhcpBinding *b = self;
    const DhcpCase *c = argument;
    grant_for(self, c, dhcp_server_lease(b->server, c->message), effects);
}

/* Section 3.1.4: the ACK should not differ from the OFFER, so the wish of a DISCOVER holds if the REQUEST has none. */
static void grant_offered(void *self, const void *argument, Effects *effects) {
    const DhcpBinding *b = self;
    const DhcpCase *c = argument;
    bool asks = dhcp_option_find(c->message, DHCP_OPTION_LEASE_TIME).at != NULL;
    bool was_offered = b->offered_s > 0 && dhcp_key_equal(&b->key, &c->key);
    grant_for(self, c, was_offered && !asks ? b->offered_s : dhcp_server_lease(b->server, c->message), effects);
}

static void refuse(void *self, const void *argument, Effects *effects) {
    (void)self;
    dhcp_send_nak(argument, "address not available", effects);
}

static void come_free(DhcpBinding *b, Effects *effects) {
    effect_timer_clear(effects, TIMER_PING);
    effect_timer_clear(effects, TIMER_OFFER);
    effect_timer_clear(effects, TIMER_LEASE);
    b->expires_at = SIM_NEVER;
    b->ended = ++b->server->ended;
    note(b, DHCP_BINDING_FREE, effects);
}

static void take_back(void *self, const void *argument, Effects *effects) {
    (void)argument;
    come_free(self, effects);
}

static void end_lease(void *self, const void *argument, Effects *effects) {
    (void)argument;
    come_free(self, effects);
    store(self, false, effects);
}

static void quarantine(DhcpBinding *b, Effects *effects) {
    effect_timer_clear(effects, TIMER_PING);
    effect_timer_clear(effects, TIMER_OFFER);
    effect_timer_clear(effects, TIMER_LEASE);
    dhcp_server_own(b->server, b, &(DhcpKey){0}, (MacAddress){{0}});
    b->expires_at = effects->now + b->server->config.quarantine;
    note(b, DHCP_BINDING_DECLINED, effects);
    store(b, false, effects);
    effect_timer_set(effects, TIMER_QUARANTINE, b->expires_at);
}

static void rest(void *self, const void *argument, Effects *effects) {
    (void)argument;
    quarantine(self, effects);
}

static void restore(void *self, const void *argument, Effects *effects) {
    DhcpBinding *b = self;
    (void)argument;
    note(b, DHCP_BINDING_BOUND, effects);
    if (b->expires_at != SIM_NEVER)
        effect_timer_set(effects, TIMER_LEASE, b->expires_at > effects->now ? b->expires_at : effects->now);
}

static void restore_rest(void *self, const void *argument, Effects *effects) {
    const DhcpBinding *b = self;
    (void)argument;
    note(b, DHCP_BINDING_DECLINED, effects);
    effect_timer_set(effects, TIMER_QUARANTINE, b->expires_at);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DHCP_BINDING_##from, DHCP_BINDING_ON_##input, guard, action, DHCP_BINDING_##to, "RFC 2131 " ref)
static const MachineRow rows[] = {
    ROW(FREE, DISCOVER, pings_first, ping, CHECKING, "3.1.2"),
    ROW(FREE, DISCOVER, NULL, offer, OFFERED, "4.3.1"),
    ROW(FREE, SELECTED, may_have, grant_offered, BOUND, "4.3.2"),
    ROW(FREE, SELECTED, NULL, refuse, FREE, "4.3.2"),
    ROW(FREE, NOT_SELECTED, NULL, NULL, FREE, "4.3.2"),
    ROW(FREE, VERIFY, is_holder, grant, BOUND, "4.3.2"),
    ROW(FREE, RENEW, is_holder, grant, BOUND, "4.3.2"),
    ROW(FREE, RENEW, refuses, refuse, FREE, "4.3.2"),
    ROW(FREE, REBIND, is_holder, grant, BOUND, "4.3.2"),
    ROW(FREE, REBIND, refuses, refuse, FREE, "4.3.2"),
    ROW(FREE, DECLINE, is_holder, rest, DECLINED, "4.3.3"),
    ROW(FREE, RELEASE, NULL, NULL, FREE, "4.3.4"),
    ROW(FREE, RESTORE, NULL, restore, BOUND, "2.1"),
    ROW(FREE, RESTORE_DECLINED, NULL, restore_rest, DECLINED, "4.3.3"),

    ROW(CHECKING, PING_OVER, is_still_given, offer, OFFERED, "3.1.2"),
    ROW(CHECKING, PING_OVER, NULL, take_back, FREE, "4.3.1"),
    ROW(CHECKING, PING_REPLY, NULL, rest, DECLINED, "3.1.2"),
    ROW(CHECKING, DISCOVER, NULL, keep_waiting, CHECKING, "3.1.2"),
    ROW(CHECKING, NOT_SELECTED, NULL, take_back, FREE, "4.3.2"),

    ROW(OFFERED, DISCOVER, is_holder, offer, OFFERED, "4.3.1"),
    ROW(OFFERED, SELECTED, is_holder, grant_offered, BOUND, "4.3.2"),
    ROW(OFFERED, SELECTED, NULL, refuse, OFFERED, "4.3.2"),
    ROW(OFFERED, NOT_SELECTED, NULL, take_back, FREE, "4.3.2"),
    ROW(OFFERED, VERIFY, is_holder, grant, BOUND, "4.3.2"),
    ROW(OFFERED, VERIFY, refuses, refuse, OFFERED, "4.3.2"),
    ROW(OFFERED, RENEW, is_another_and_refuses, refuse, OFFERED, "4.3.2"),
    ROW(OFFERED, REBIND, is_another_and_refuses, refuse, OFFERED, "4.3.2"),
    ROW(OFFERED, DECLINE, is_holder, rest, DECLINED, "4.3.3"),
    ROW(OFFERED, OFFER_OVER, NULL, take_back, FREE, "4.3.1"),

    ROW(BOUND, DISCOVER, is_holder, offer_again, BOUND, "4.3.1"),
    ROW(BOUND, SELECTED, is_holder, grant_offered, BOUND, "4.3.2"),
    ROW(BOUND, SELECTED, NULL, refuse, BOUND, "4.3.2"),
    ROW(BOUND, NOT_SELECTED, NULL, NULL, BOUND, "4.3.2"),
    ROW(BOUND, VERIFY, is_holder, grant, BOUND, "4.3.2"),
    ROW(BOUND, VERIFY, refuses, refuse, BOUND, "4.3.2"),
    ROW(BOUND, RENEW, is_holder, grant, BOUND, "4.3.2"),
    ROW(BOUND, RENEW, refuses, refuse, BOUND, "4.3.2"),
    ROW(BOUND, REBIND, is_holder, grant, BOUND, "4.3.2"),
    ROW(BOUND, REBIND, refuses, refuse, BOUND, "4.3.2"),
    ROW(BOUND, DECLINE, is_holder, rest, DECLINED, "4.3.3"),
    ROW(BOUND, RELEASE, is_holder, end_lease, FREE, "4.3.4"),
    ROW(BOUND, EXPIRY, NULL, end_lease, FREE, "4.3.1"),

    ROW(DECLINED, QUARANTINE_OVER, NULL, take_back, FREE, "4.3.3"),
    ROW(DECLINED, SELECTED, NULL, refuse, DECLINED, "4.3.2"),
    ROW(DECLINED, VERIFY, refuses, refuse, DECLINED, "4.3.2"),
    ROW(DECLINED, RENEW, refuses, refuse, DECLINED, "4.3.2"),
    ROW(DECLINED, REBIND, refuses, refuse, DECLINED, "4.3.2"),
    ROW(DECLINED, DECLINE, NULL, NULL, DECLINED, "4.3.3"),
};

const MachineSpec dhcp_binding_spec = {
    .name = "dhcp.binding",
    .ref = "RFC 2131 4.3",
    .subject = "address",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DHCP_BINDING_FREE,
    MACHINE_TIMER_LIST(timer_names),
};
