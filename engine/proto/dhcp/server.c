/* The DHCP server as a whole: which subnet and which address a message is about (RFC 2131 sections 4.3.1 and 4.3.2),
 * and the machine dhcp.server for what concerns no address. */
#include "proto/dhcp/server.h"

#include <stdlib.h>
#include <string.h>

#include "proto/dhcp/facts.h"

const DhcpServerConfig dhcp_server_config_default = {
    .lease_s = 3600,
    .lease_max_s = UINT32_MAX,
    .t1_permille = 500,
    .t2_permille = 875,
    .send_t1_t2 = true,
    .authoritative = true,
    .stable_storage = true,
    .offer_hold = 30 * SIM_SECOND,
    .ping_wait = 500 * SIM_MILLISECOND,
    .quarantine = 600 * SIM_SECOND,
};

/* ---- The machine dhcp.server ---- */

static const char *const state_names[] = {
#define X(name) #name,
    DHCP_SERVER_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
    {"start", INPUT_COMMAND},
    {"stop", INPUT_COMMAND},
    {"DHCPDISCOVER (no address left)", INPUT_WIRE},
    {"DHCPINFORM", INPUT_WIRE},
    {"DHCPREQUEST (wrong network)", INPUT_WIRE},
};

static void tell_exhausted(void *self, const void *argument, Effects *effects) {
    const DhcpCase *c = argument;
    (void)self;
    effect_fact(effects, &fact_dhcp_pool_exhausted, (int64_t[]){c->pool->subnet.network, (int64_t)mac_number(c->mac)});
}

static void answer_inform(void *self, const void *argument, Effects *effects) {
    (void)self;
    dhcp_send_parameters(argument, effects);
}

static bool is_authoritative(const void *self, const void *argument) {
    (void)argument;
    return ((const DhcpServer *)self)->config.authoritative;
}

static void refuse(void *self, const void *argument, Effects *effects) {
    const DhcpCase *c = argument;
    Ipv4Address wanted = c->message->ciaddr;
    (void)self;
    if (wanted == 0) (void)dhcp_option_u32(c->message, DHCP_OPTION_REQUESTED_ADDRESS, &wanted);
    bool here = c->pool && ipv4_prefix_has(c->pool->subnet, wanted);
    dhcp_send_nak(c, here ? "address no longer available" : "wrong network", effects);
}

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DHCP_SERVER_##from, DHCP_SERVER_ON_##input, guard, action, DHCP_SERVER_##to, "RFC 2131 " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, START, NULL, NULL, LISTENING, "4.1"),
    ROW(CLOSED, STOP, NULL, NULL, CLOSED, "4.1"),
    ROW(LISTENING, DISCOVER_UNMET, NULL, tell_exhausted, LISTENING, "4.3.1"),
    ROW(LISTENING, INFORM, NULL, answer_inform, LISTENING, "4.3.5"),
    ROW(LISTENING, WRONG_REQUEST, is_authoritative, refuse, LISTENING, "4.3.2"),
    ROW(LISTENING, STOP, NULL, NULL, CLOSED, "4.1"),
};

const MachineSpec dhcp_server_spec = {
    .name = "dhcp.server",
    .ref = "RFC 2131 4.3",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = DHCP_SERVER_CLOSED,
};

/* ---- Clients and their bindings ---- */

bool dhcp_key_equal(const DhcpKey *a, const DhcpKey *b) {
    return a->size == b->size && memcmp(a->octets, b->octets, a->size) == 0;
}

static DhcpKey key_of(const DhcpMessage *m) {
    DhcpKey key = {0};
    Bytes id = dhcp_option_find(m, DHCP_OPTION_CLIENT_IDENTIFIER);
    if (id.size > 0) {
        /* DEVIATION: identifiers beyond 39 octets are told apart by their first 39 alone. */
        key.octets[0] = 'i';
        size_t size = id.size < DHCP_KEY_MOST - 1 ? id.size : DHCP_KEY_MOST - 1;
        memcpy(key.octets + 1, id.at, size);
        key.size = (uint8_t)(size + 1);
    } else {
        key.octets[0] = 'h';
        key.octets[1] = m->htype;
        memcpy(key.octets + 2, m->chaddr, 6);
        key.size = 8;
    }
    return key;
}

static size_t bucket_of(const DhcpServer *s, const DhcpKey *key) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < key->size; i++) hash = (hash ^ key->octets[i]) * UINT64_C(0x100000001b3);
    return (size_t)(hash >> 20) & (s->bucket_count - 1);
}

static void bucket_leave(DhcpServer *s, DhcpBinding *b) {
    if (b->key.size == 0) return;
    for (DhcpBinding **at = &s->buckets[bucket_of(s, &b->key)]; *at; at = &(*at)->next) {
        if (*at != b) continue;
        *at = b->next;
        return;
    }
}

static void bucket_enter(DhcpServer *s, DhcpBinding *b) {
    if (b->key.size == 0) return;
    DhcpBinding **at = &s->buckets[bucket_of(s, &b->key)];
    b->next = *at;
    *at = b;
}

void dhcp_server_own(DhcpServer *s, DhcpBinding *b, const DhcpKey *key, MacAddress mac) {
    b->mac = mac;
    if (dhcp_key_equal(&b->key, key)) return;
    bucket_leave(s, b);
    b->key = *key;
    bucket_enter(s, b);
}

static void grow_buckets(DhcpServer *s) {
    if (s->all_count < s->bucket_count) return;
    for (size_t i = 0; i < s->all_count; i++) bucket_leave(s, s->all[i]);
    s->bucket_count *= 4;
    s->buckets = arena_alloc(s->arena, s->bucket_count * sizeof(DhcpBinding *));
    for (size_t i = 0; i < s->all_count; i++) bucket_enter(s, s->all[i]);
}

/* One that was in use before the last start. What was scheduled for it then stays void: its timers' generations go on. */
static DhcpBinding *used_binding(DhcpServer *s, DhcpBinding *b, Ipv4Address address) {
    DhcpBinding old = *b;
    *b = (DhcpBinding){.room = old.room, .room_size = old.room_size};
    machine_init(&b->machine, &dhcp_binding_spec, b, s->machine.carrier, s->binding_machine, address);
    for (int i = 0; i < MACHINE_TIMERS; i++) b->machine.timers[i].generation = old.machine.timers[i].generation + 1;
    return b;
}

static DhcpBinding *new_binding(DhcpServer *s, const DhcpPool *pool, Ipv4Address address) {
    bool again = s->all_count < s->made;
    DhcpBinding *b = again ? used_binding(s, s->all[s->all_count], address) : arena_alloc(s->arena, sizeof *b);
    if (!again) machine_init(&b->machine, &dhcp_binding_spec, b, s->machine.carrier, s->binding_machine, address);
    b->server = s;
    b->pool = pool;
    b->address = address;
    b->expires_at = SIM_NEVER;
    if (s->all_count == s->all_capacity) {
        size_t capacity = s->all_capacity ? s->all_capacity * 2 : 16;
        DhcpBinding **all = arena_alloc(s->arena, capacity * sizeof *all);
        if (s->all_count > 0) memcpy(all, s->all, s->all_count * sizeof *all);
        s->all = all;
        s->all_capacity = capacity;
    }
    s->all[s->all_count++] = b;
    if (!again) s->made = s->all_count;
    grow_buckets(s);
    return b;
}

/* ---- Pools ---- */

static size_t pool_size(const DhcpPool *pool) { return (size_t)(pool->last - pool->first) + 1; }

static bool pool_has(const DhcpPool *pool, Ipv4Address address) {
    if (address < pool->first || address > pool->last) return false;
    for (size_t i = 0; i < pool->excluded_count; i++)
        if (address >= pool->excluded[i].first && address <= pool->excluded[i].last) return false;
    return true;
}

/* Of subnets within one another the narrowest. */
static const DhcpPool *pool_of_subnet(const DhcpServer *s, Ipv4Address in_subnet) {
    const DhcpPool *best = NULL;
    for (size_t i = 0; i < s->config.pool_count; i++) {
        const DhcpPool *pool = &s->config.pools[i];
        if (ipv4_prefix_has(pool->subnet, in_subnet) && (!best || pool->subnet.length > best->subnet.length))
            best = pool;
    }
    return best;
}

static bool same_subnet(const DhcpPool *a, const DhcpPool *b) {
    return a->subnet.network == b->subnet.network && a->subnet.length == b->subnet.length;
}

/* Whether the address belongs where the message comes from, and not to a narrower subnet within. */
static bool is_of_place(const DhcpServer *s, const DhcpCase *c, Ipv4Address address) {
    if (!ipv4_prefix_has(c->pool->subnet, address)) return false;
    return same_subnet(pool_of_subnet(s, address), c->pool);
}

static const DhcpReservation *reservation_of(const DhcpServer *s, Ipv4Address address) {
    for (size_t i = 0; i < s->config.reservation_count; i++)
        if (s->config.reservations[i].address == address) return &s->config.reservations[i];
    return NULL;
}

bool dhcp_server_gives(const DhcpServer *s, Ipv4Address address) {
    bool given = reservation_of(s, address) != NULL;
    for (size_t i = 0; i < s->config.pool_count && !given; i++) given = pool_has(&s->config.pools[i], address);
    return given && s->machine.state == DHCP_SERVER_LISTENING;
}

static bool reservation_is_for(const DhcpReservation *r, const DhcpCase *c) {
    if (r->by_mac) return mac_equal(r->mac, c->mac);
    return bytes_equal(r->client_id, dhcp_option_find(c->message, DHCP_OPTION_CLIENT_IDENTIFIER));
}

/* The binding of an address this server may hand out, made when first needed; NULL if it may not. */
static DhcpBinding *binding_of(DhcpServer *s, Ipv4Address address) {
    for (size_t p = 0; p < s->config.pool_count; p++) {
        const DhcpPool *pool = &s->config.pools[p];
        if (address < pool->first || address > pool->last) continue;
        if (!pool_has(pool, address) && !reservation_of(s, address)) return NULL;
        size_t offset = address - pool->first;
        if (!s->slots[p]) s->slots[p] = arena_alloc(s->arena, pool_size(pool) * sizeof(DhcpBinding *));
        if (!s->slots[p][offset]) s->slots[p][offset] = new_binding(s, pool, address);
        return s->slots[p][offset];
    }
    if (!reservation_of(s, address)) return NULL;
    for (size_t i = 0; i < s->all_count; i++)
        if (s->all[i]->address == address) return s->all[i];
    const DhcpPool *pool = pool_of_subnet(s, address);
    return pool ? new_binding(s, pool, address) : NULL;
}

static bool can_offer(const DhcpServer *s, const DhcpBinding *b, const DhcpCase *c) {
    const DhcpReservation *r = s->config.reservation_count > 0 ? reservation_of(s, b->address) : NULL;
    if (r && !reservation_is_for(r, c)) return false;
    if (b->machine.state == DHCP_BINDING_FREE) return true;
    return b->machine.state != DHCP_BINDING_DECLINED && dhcp_key_equal(&b->key, &c->key);
}

/* ---- Which address for a DISCOVER: section 4.3.1 ---- */

static DhcpBinding *reserved_for(DhcpServer *s, const DhcpCase *c) {
    for (size_t i = 0; i < s->config.reservation_count; i++) {
        const DhcpReservation *r = &s->config.reservations[i];
        if (!reservation_is_for(r, c) || !is_of_place(s, c, r->address)) continue;
        DhcpBinding *b = binding_of(s, r->address);
        if (b && can_offer(s, b, c)) return b;
    }
    return NULL;
}

static DhcpBinding *held_by(DhcpServer *s, const DhcpCase *c, bool now) {
    for (DhcpBinding *b = s->buckets[bucket_of(s, &c->key)]; b; b = b->next) {
        if (!dhcp_key_equal(&b->key, &c->key) || !is_of_place(s, c, b->address)) continue;
        if ((b->machine.state != DHCP_BINDING_FREE) == now && can_offer(s, b, c) && binding_of(s, b->address) == b)
            return b;
    }
    return NULL;
}

static DhcpBinding *never_used(DhcpServer *s, const DhcpCase *c) {
    for (size_t p = 0; p < s->config.pool_count; p++) {
        const DhcpPool *pool = &s->config.pools[p];
        if (!same_subnet(pool, c->pool)) continue;
        for (; s->never_used[p] < pool_size(pool); s->never_used[p]++) {
            Ipv4Address address = pool->first + s->never_used[p];
            if (!pool_has(pool, address)) continue;
            if (s->config.reservation_count > 0 && reservation_of(s, address)) continue;
            DhcpBinding *b = binding_of(s, address);
            if (b->machine.state == DHCP_BINDING_FREE && b->key.size == 0 && b->ended == 0) return b;
        }
    }
    return NULL;
}

static DhcpBinding *longest_unused(DhcpServer *s, const DhcpCase *c) {
    DhcpBinding *best = NULL;
    for (size_t p = 0; p < s->config.pool_count; p++) {
        const DhcpPool *pool = &s->config.pools[p];
        if (!same_subnet(pool, c->pool) || !s->slots[p]) continue;
        for (size_t i = 0; i < pool_size(pool); i++) {
            DhcpBinding *b = s->slots[p][i];
            if (!b || b->machine.state != DHCP_BINDING_FREE || !pool_has(pool, b->address) || !can_offer(s, b, c))
                continue;
            if (!best || b->ended < best->ended) best = b;
        }
    }
    return best;
}

static DhcpBinding *choose(DhcpServer *s, const DhcpCase *c) {
    DhcpBinding *b = reserved_for(s, c);
    if (!b) b = held_by(s, c, true);
    if (!b) b = held_by(s, c, false);
    Ipv4Address wanted;
    if (!b && dhcp_option_u32(c->message, DHCP_OPTION_REQUESTED_ADDRESS, &wanted) && is_of_place(s, c, wanted)) {
        b = binding_of(s, wanted);
        if (b && !can_offer(s, b, c)) b = NULL;
    }
    if (!b) b = never_used(s, c);
    if (!b) b = longest_unused(s, c);
    return b;
}

static void discover(DhcpServer *s, const DhcpCase *c, Effects *effects) {
    DhcpBinding *b = choose(s, c);
    if (b) machine_step(&b->machine, DHCP_BINDING_ON_DISCOVER, c, effects);
    else machine_step(&s->machine, DHCP_SERVER_ON_DISCOVER_UNMET, c, effects);
}

/* ---- The four kinds of REQUEST: section 4.3.2 ---- */

static void not_selected(DhcpServer *s, const DhcpCase *c, Effects *effects) {
    bool any = false;
    for (DhcpBinding *b = s->buckets[bucket_of(s, &c->key)], *next; b; b = next) {
        next = b->next;
        if (!dhcp_key_equal(&b->key, &c->key)) continue;
        if (b->machine.state == DHCP_BINDING_FREE && any) continue;
        machine_step(&b->machine, DHCP_BINDING_ON_NOT_SELECTED, c, effects);
        any = true;
    }
    if (!any) effect_ignored(effects, &s->machine, "dhcp.another_server_chosen");
}

static void request(DhcpServer *s, const DhcpCase *c, Effects *effects) {
    const DhcpMessage *m = c->message;
    Ipv4Address server, wanted = 0;
    bool names_server = dhcp_option_u32(m, DHCP_OPTION_SERVER_IDENTIFIER, &server);
    bool has_wanted = dhcp_option_u32(m, DHCP_OPTION_REQUESTED_ADDRESS, &wanted);
    DhcpBindingInput input;
    if (names_server) {
        if (server != dhcp_server_identifier(s, c->arrival)) {
            not_selected(s, c, effects);
            return;
        }
        input = DHCP_BINDING_ON_SELECTED;
        if (!has_wanted) wanted = m->ciaddr; /* some clients of old put it there */
    } else if (m->ciaddr == 0) {
        input = DHCP_BINDING_ON_VERIFY;
        if (!has_wanted) {
            effect_ignored(effects, &s->machine, "dhcp.no_requested_address");
            return;
        }
    } else {
        input = m->giaddr == 0 && c->arrival->destination == c->arrival->interface_address ? DHCP_BINDING_ON_RENEW
                                                                                           : DHCP_BINDING_ON_REBIND;
        wanted = m->ciaddr;
    }
    if (!c->pool) {
        /* A renewal for an address of no pool of ours, sent to us alone: we gave it once, and no longer stand by it. */
        if (input == DHCP_BINDING_ON_RENEW || input == DHCP_BINDING_ON_SELECTED)
            machine_step(&s->machine, DHCP_SERVER_ON_WRONG_REQUEST, c, effects);
        else effect_ignored(effects, &s->machine, "dhcp.no_pool_for_subnet");
        return;
    }
    DhcpBinding *b = is_of_place(s, c, wanted) ? binding_of(s, wanted) : NULL;
    const DhcpReservation *r = b ? reservation_of(s, wanted) : NULL;
    if (r && !reservation_is_for(r, c)) { /* kept for another client, whoever asks and however */
        machine_step(&s->machine, DHCP_SERVER_ON_WRONG_REQUEST, c, effects);
        return;
    }
    if (b) {
        machine_step(&b->machine, (uint8_t)input, c, effects);
        return;
    }
    bool wrong_network = !is_of_place(s, c, wanted), gave = false;
    for (size_t i = 0; i < s->all_count && !gave; i++)
        gave = s->all[i]->address == wanted && dhcp_key_equal(&s->all[i]->key, &c->key);
    /* Another server of this subnet may have given what is not in our pools: then silence (section 4.3.2, "no
     * record"). */
    if (wrong_network || gave || input == DHCP_BINDING_ON_RENEW || input == DHCP_BINDING_ON_SELECTED)
        machine_step(&s->machine, DHCP_SERVER_ON_WRONG_REQUEST, c, effects);
    else effect_ignored(effects, &s->machine, "dhcp.unknown_client");
}

/* ---- Entry points ---- */

static void adopt_pools(DhcpServer *s) {
    s->slots_of = s->config.pools;
    s->slots = arena_alloc(s->arena, (s->config.pool_count + 1) * sizeof *s->slots);
    s->never_used = arena_alloc(s->arena, (s->config.pool_count + 1) * sizeof *s->never_used);
    for (size_t i = 0; i < s->all_count; i++) {
        DhcpBinding *b = s->all[i];
        b->pool = NULL;
        for (size_t p = 0; p < s->config.pool_count; p++) {
            const DhcpPool *pool = &s->config.pools[p];
            if (b->address < pool->first || b->address > pool->last) continue;
            if (!s->slots[p]) s->slots[p] = arena_alloc(s->arena, pool_size(pool) * sizeof(DhcpBinding *));
            s->slots[p][b->address - pool->first] = b;
            b->pool = pool;
        }
        if (!b->pool) b->pool = pool_of_subnet(s, b->address);
    }
}

void dhcp_server_init(DhcpServer *s, const DhcpServerConfig *config, Arena *arena, uint32_t binding_machine) {
    *s = (DhcpServer){.config = *config, .arena = arena, .binding_machine = binding_machine, .bucket_count = 16};
    s->buckets = arena_alloc(arena, s->bucket_count * sizeof(DhcpBinding *));
    adopt_pools(s);
}

void dhcp_server_restart(DhcpServer *s, const DhcpServerConfig *config) {
    s->config = *config;
    s->all_count = 0;
    s->ended = 0;
    memset(s->buckets, 0, s->bucket_count * sizeof *s->buckets);
    if (s->slots_of != config->pools) {
        adopt_pools(s);
        return;
    }
    memset(s->never_used, 0, config->pool_count * sizeof *s->never_used);
    for (size_t p = 0; p < config->pool_count; p++)
        if (s->slots[p]) memset(s->slots[p], 0, pool_size(&config->pools[p]) * sizeof *s->slots[p]);
}

void dhcp_server_configure(DhcpServer *s, const DhcpServerConfig *config) {
    s->config = *config;
    adopt_pools(s);
}

void dhcp_server_input(DhcpServer *s, DhcpServerInput input, Effects *effects) {
    machine_step(&s->machine, (uint8_t)input, NULL, effects);
}

void dhcp_server_restore(DhcpServer *s, const DhcpStored *stored, Effects *effects) {
    DhcpBinding *b = binding_of(s, stored->address);
    if (!b || b->machine.state != DHCP_BINDING_FREE) return;
    if (stored->declined) {
        if (stored->expires_at <= effects->now) return;
        b->expires_at = stored->expires_at;
        machine_step(&b->machine, DHCP_BINDING_ON_RESTORE_DECLINED, NULL, effects);
        return;
    }
    dhcp_server_own(s, b, &stored->key, stored->mac);
    b->ended = ++s->ended;
    if (!stored->bound) return;
    b->expires_at = stored->expires_at;
    machine_step(&b->machine, DHCP_BINDING_ON_RESTORE, NULL, effects);
}

Ipv4Address dhcp_server_identifier(const DhcpServer *s, const DhcpArrival *arrival) {
    return s->config.server_id ? s->config.server_id : arrival->interface_address;
}

uint32_t dhcp_server_lease(const DhcpServer *s, const DhcpMessage *message) {
    uint32_t lease_s;
    if (!dhcp_option_u32(message, DHCP_OPTION_LEASE_TIME, &lease_s) || lease_s == 0) lease_s = s->config.lease_s;
    if (lease_s < s->config.lease_min_s) lease_s = s->config.lease_min_s;
    if (lease_s > s->config.lease_max_s) lease_s = s->config.lease_max_s;
    return lease_s > 0 ? lease_s : 1;
}

static DhcpCase case_of(DhcpServer *s, const DhcpMessage *m, const DhcpArrival *arrival) {
    DhcpCase c = {.server = s, .message = m, .arrival = arrival, .key = key_of(m)};
    memcpy(c.mac.octet, m->chaddr, 6);
    /* Section 4.3.1: the subnet is that of giaddr, else that of the interface; a renewal by unicast may
     * come from afar. Who informs has an address, and that says where it is (section 4.3.5). */
    Ipv4Address place = m->giaddr ? m->giaddr : arrival->interface_address;
    if (!m->giaddr && m->ciaddr && arrival->destination == arrival->interface_address) place = m->ciaddr;
    if (m->type == DHCP_INFORM) place = m->ciaddr ? m->ciaddr : arrival->source;
    c.pool = pool_of_subnet(s, place);
    return c;
}

static void about_address(DhcpServer *s, const DhcpCase *c, Ipv4Address address, DhcpBindingInput input,
                          Effects *effects) {
    Ipv4Address server;
    if (!dhcp_option_u32(c->message, DHCP_OPTION_SERVER_IDENTIFIER, &server) ||
        server != dhcp_server_identifier(s, c->arrival)) {
        effect_ignored(effects, &s->machine, "dhcp.another_server_meant");
        return;
    }
    DhcpBinding *b = binding_of(s, address);
    if (b) machine_step(&b->machine, (uint8_t)input, c, effects);
    else effect_ignored(effects, &s->machine, "dhcp.unknown_address");
}

void dhcp_server_receive(DhcpServer *s, const DhcpArrival *arrival, Effects *effects) {
    DhcpMessage m;
    ParseFault fault = {0};
    const char *reason = NULL;
    if (s->machine.state != DHCP_SERVER_LISTENING) reason = "dhcp.server_closed";
    else if (!dhcp_message_decode(arrival->payload, &m, &fault)) reason = fault.reason;
    else if (m.op != BOOTREQUEST) reason = "dhcp.not_a_request";
    else if (m.htype != 1 || m.hlen != 6) reason = "dhcp.unknown_hardware";
    if (reason) {
        effect_ignored(effects, &s->machine, reason);
        return;
    }
    DhcpCase c = case_of(s, &m, arrival);
    Ipv4Address wanted = 0;
    switch (m.type) {
        case DHCP_DISCOVER:
            if (c.pool) discover(s, &c, effects);
            else effect_ignored(effects, &s->machine, "dhcp.no_pool_for_subnet");
            break;
        case DHCP_REQUEST: request(s, &c, effects); break;
        case DHCP_DECLINE:
            (void)dhcp_option_u32(&m, DHCP_OPTION_REQUESTED_ADDRESS, &wanted);
            about_address(s, &c, wanted, DHCP_BINDING_ON_DECLINE, effects);
            break;
        case DHCP_RELEASE: about_address(s, &c, m.ciaddr, DHCP_BINDING_ON_RELEASE, effects); break;
        case DHCP_INFORM:
            if (m.ciaddr || arrival->source) machine_step(&s->machine, DHCP_SERVER_ON_INFORM, &c, effects);
            else effect_ignored(effects, &s->machine, "dhcp.no_ciaddr");
            break;
        /* DEVIATION: clients of plain BOOTP are not served (RFC 1534): none is ever simulated. */
        default: effect_ignored(effects, &s->machine, m.type ? "dhcp.not_for_a_server" : "dhcp.bootp");
    }
}

/* The case of the DISCOVER that waited for the ping. */
static bool waiting_case(DhcpBinding *b, DhcpMessage *m, DhcpArrival *arrival, DhcpCase *c) {
    ParseFault fault;
    if (!dhcp_message_decode(b->waiting, m, &fault)) return false; /* it was read once before */
    *arrival = (DhcpArrival){.payload = b->waiting,
                             .interface = b->waiting_interface,
                             .interface_address = b->waiting_address,
                             .source = b->waiting_source,
                             .destination = IPV4_LIMITED_BROADCAST};
    *c = case_of(b->server, m, arrival);
    return true;
}

void dhcp_binding_timer(DhcpBinding *b, uint8_t timer, Effects *effects) {
    static const DhcpBindingInput input_of[] = {DHCP_BINDING_ON_PING_OVER, DHCP_BINDING_ON_OFFER_OVER,
                                                DHCP_BINDING_ON_EXPIRY, DHCP_BINDING_ON_QUARANTINE_OVER};
    DhcpMessage m;
    DhcpArrival arrival;
    DhcpCase c;
    bool waited = input_of[timer] == DHCP_BINDING_ON_PING_OVER;
    if (waited) CHECK(waiting_case(b, &m, &arrival, &c));
    machine_step(&b->machine, (uint8_t)input_of[timer], waited ? &c : NULL, effects);
}

void dhcp_server_ping_answered(DhcpServer *s, Ipv4Address address, Effects *effects) {
    DhcpBinding *b = binding_of(s, address);
    if (!b || b->machine.state != DHCP_BINDING_CHECKING) return;
    DhcpMessage m;
    DhcpArrival arrival;
    DhcpCase c;
    CHECK(waiting_case(b, &m, &arrival, &c));
    machine_step(&b->machine, DHCP_BINDING_ON_PING_REPLY, NULL, effects);
    if (c.pool && s->machine.state == DHCP_SERVER_LISTENING) discover(s, &c, effects); /* another for who waited */
}
