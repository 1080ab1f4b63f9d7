/* Address conflict detection, RFC 5227, as a machine for each interface.
 *
 * Read it beside section 2.1 (probing), 2.3 (announcing) and 2.4 (ongoing detection and defence). An address is first
 * probed: after a random wait, PROBE_NUM ARP requests from 0.0.0.0 ask who has it. If nobody says so within
 * ANNOUNCE_WAIT of the last, it is free. Once used it is announced ANNOUNCE_NUM times, and from then on any ARP packet
 * that carries it as the sender's address from another MAC is a conflict: the first is answered by one announcement
 * (defence, case b), the second within DEFEND_INTERVAL makes us give up.
 *
 * DEVIATION: MAX_CONFLICTS and RATE_LIMIT_INTERVAL (section 2.1.1) are left to whoever picks the next address: a DHCP
 * client waits ten seconds after a DECLINE (RFC 2131 section 3.1), and an address set by hand is tried once.
 */
#include "stack/facts.h"
#include "stack/ip_stack.h"

const ConflictSettings conflict_settings_rfc5227 = {
    .probe = true,
    .defend = true,
    .probe_wait = 1 * SIM_SECOND,
    .probe_min = 1 * SIM_SECOND,
    .probe_max = 2 * SIM_SECOND,
    .announce_wait = 2 * SIM_SECOND,
    .announce_interval = 2 * SIM_SECOND,
    .defend_interval = 10 * SIM_SECOND,
    .probe_num = 3,
    .announce_num = 2,
};

/* ---- States, inputs ---- */

#define STATES(X) X(IDLE) X(PROBE_WAIT) X(PROBING) X(ANNOUNCE_WAIT) X(ANNOUNCING) X(IN_USE) X(DEFENDING)
enum {
#define X(name) STATE_##name,
    STATES(X)
#undef X
};
static const char *const state_names[] = {
#define X(name) #name,
    STATES(X)
#undef X
};

enum { ON_PROBE, ON_CLAIM, ON_WITHDRAW, ON_CONFLICT, ON_NEXT, ON_DEFENDED };
static const MachineInput inputs[] = {
    {"probe", INPUT_COMMAND},        {"use", INPUT_COMMAND},           {"give up", INPUT_COMMAND},
    {"conflicting ARP", INPUT_WIRE}, {"next packet due", INPUT_TIMER}, {"DEFEND_INTERVAL over", INPUT_TIMER},
};
enum { TIMER_NEXT, TIMER_DEFEND };
static const char *const timer_names[] = {"next", "defend"};

/* ---- Guards ---- */

static bool probes_follow(const void *self, const void *argument) {
    const Conflict *c = self;
    (void)argument;
    return c->sent + 1 < c->settings.probe_num;
}

static bool announcements_follow(const void *self, const void *argument) {
    const Conflict *c = self;
    (void)argument;
    return c->sent + 1 < c->settings.announce_num;
}

static bool announces_often(const void *self, const void *argument) {
    const Conflict *c = self;
    (void)argument;
    return c->settings.announce_num > 1;
}

static bool announces_once(const void *self, const void *argument) {
    const Conflict *c = self;
    (void)argument;
    return c->settings.announce_num == 1;
}

static bool defends(const void *self, const void *argument) {
    const Conflict *c = self;
    (void)argument;
    return c->settings.defend;
}

/* ---- Actions: what goes out is asked of the stack as ARP packets ---- */

/* RFC 5227 section 2.1.1: a probe carries no sender address, so that it can pollute no cache. */
static void put_arp(Conflict *c, Ipv4Address sender, Effects *effects) {
    ArpPacket packet = {
        .operation = ARP_REQUEST, .sender_mac = c->interface->mac, .sender_ip = sender, .target_ip = c->address};
    effect_ask(effects, ASK_SEND_ARP, 0, &packet, sizeof packet);
}

static SimTime between(Conflict *c, SimTime low, SimTime high) { return random_between(&c->random, low, high); }

static void start_waiting(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    c->address = *(const Ipv4Address *)argument;
    c->sent = 0;
    effect_timer_set(effects, TIMER_NEXT, effects->now + between(c, 0, c->settings.probe_wait));
}

static void send_probe(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    (void)argument;
    c->sent++;
    put_arp(c, 0, effects);
    effect_timer_set(effects, TIMER_NEXT, effects->now + between(c, c->settings.probe_min, c->settings.probe_max));
}

static void send_last_probe(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    (void)argument;
    put_arp(c, 0, effects);
    effect_timer_set(effects, TIMER_NEXT, effects->now + c->settings.announce_wait);
}

static void say_free(void *self, const void *argument, Effects *effects) {
    (void)argument;
    effect_ask(effects, ASK_TELL_FREE, ((Conflict *)self)->address, NULL, 0);
}

static void put_conflict(Conflict *c, const ArpPacket *packet, const FactSpec *spec, Effects *effects) {
    effect_fact(effects, spec, (int64_t[]){c->interface->index, c->address, (int64_t)mac_number(packet->sender_mac)});
}

static void say_taken(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    effect_timer_clear(effects, TIMER_NEXT);
    put_conflict(c, argument, &fact_address_conflict, effects);
    effect_ask(effects, ASK_TELL_TAKEN, c->address, NULL, 0);
}

static void start_announcing(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    c->address = *(const Ipv4Address *)argument;
    c->sent = 1;
    put_arp(c, c->address, effects);
    effect_timer_set(effects, TIMER_NEXT, effects->now + c->settings.announce_interval);
}

static void hold(void *self, const void *argument, Effects *effects) {
    (void)effects;
    ((Conflict *)self)->address = *(const Ipv4Address *)argument;
}

static void announce_once(void *self, const void *argument, Effects *effects) {
    hold(self, argument, effects);
    put_arp(self, ((Conflict *)self)->address, effects);
}

static void announce(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    (void)argument;
    c->sent++;
    put_arp(c, c->address, effects);
    effect_timer_set(effects, TIMER_NEXT, effects->now + c->settings.announce_interval);
}

static void announce_last(void *self, const void *argument, Effects *effects) {
    (void)argument;
    put_arp(self, ((Conflict *)self)->address, effects);
}

static void defend(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    effect_timer_clear(effects, TIMER_NEXT);
    put_conflict(c, argument, &fact_address_defended, effects);
    put_arp(c, c->address, effects);
    effect_timer_set(effects, TIMER_DEFEND, effects->now + c->settings.defend_interval);
}

static void lose(void *self, const void *argument, Effects *effects) {
    Conflict *c = self;
    effect_timer_clear(effects, TIMER_NEXT);
    effect_timer_clear(effects, TIMER_DEFEND);
    put_conflict(c, argument, &fact_address_conflict, effects);
    effect_ask(effects, ASK_TELL_LOST, c->address, NULL, 0);
}

/* RFC 5227 section 2.4, case c, for a host told never to give up: it says nothing and goes on. */
static void note_conflict(void *self, const void *argument, Effects *effects) {
    put_conflict(self, argument, &fact_address_conflict, effects);
}

static void stop(void *self, const void *argument, Effects *effects) {
    (void)argument;
    (void)self;
    effect_timer_clear(effects, TIMER_NEXT);
    effect_timer_clear(effects, TIMER_DEFEND);
}

/* ---- The table ---- */

#define ROW MACHINE_ROW
static const MachineRow rows[] = {
    ROW(STATE_IDLE, ON_PROBE, NULL, start_waiting, STATE_PROBE_WAIT, "RFC 5227 2.1.1"),
    ROW(STATE_IDLE, ON_CLAIM, announces_often, start_announcing, STATE_ANNOUNCING, "RFC 5227 2.3"),
    ROW(STATE_IDLE, ON_CLAIM, announces_once, announce_once, STATE_IN_USE, "RFC 5227 2.3"),
    ROW(STATE_IDLE, ON_CLAIM, NULL, hold, STATE_IN_USE, "RFC 5227 2.4"),

    ROW(STATE_PROBE_WAIT, ON_NEXT, probes_follow, send_probe, STATE_PROBING, "RFC 5227 2.1.1"),
    ROW(STATE_PROBE_WAIT, ON_NEXT, NULL, send_last_probe, STATE_ANNOUNCE_WAIT, "RFC 5227 2.1.1"),
    ROW(STATE_PROBE_WAIT, ON_CONFLICT, NULL, say_taken, STATE_IDLE, "RFC 5227 2.1.1"),
    ROW(STATE_PROBE_WAIT, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.1.1"),

    ROW(STATE_PROBING, ON_NEXT, probes_follow, send_probe, STATE_PROBING, "RFC 5227 2.1.1"),
    ROW(STATE_PROBING, ON_NEXT, NULL, send_last_probe, STATE_ANNOUNCE_WAIT, "RFC 5227 2.1.1"),
    ROW(STATE_PROBING, ON_CONFLICT, NULL, say_taken, STATE_IDLE, "RFC 5227 2.1.1"),
    ROW(STATE_PROBING, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.1.1"),

    ROW(STATE_ANNOUNCE_WAIT, ON_NEXT, NULL, say_free, STATE_IDLE, "RFC 5227 2.1.1"),
    ROW(STATE_ANNOUNCE_WAIT, ON_CONFLICT, NULL, say_taken, STATE_IDLE, "RFC 5227 2.1.1"),
    ROW(STATE_ANNOUNCE_WAIT, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.1.1"),

    ROW(STATE_ANNOUNCING, ON_NEXT, announcements_follow, announce, STATE_ANNOUNCING, "RFC 5227 2.3"),
    ROW(STATE_ANNOUNCING, ON_NEXT, NULL, announce_last, STATE_IN_USE, "RFC 5227 2.3"),
    ROW(STATE_ANNOUNCING, ON_CONFLICT, defends, defend, STATE_DEFENDING, "RFC 5227 2.4"),
    ROW(STATE_ANNOUNCING, ON_CONFLICT, NULL, note_conflict, STATE_ANNOUNCING, "RFC 5227 2.4"),
    ROW(STATE_ANNOUNCING, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.4"),

    ROW(STATE_IN_USE, ON_CONFLICT, defends, defend, STATE_DEFENDING, "RFC 5227 2.4"),
    ROW(STATE_IN_USE, ON_CONFLICT, NULL, note_conflict, STATE_IN_USE, "RFC 5227 2.4"),
    ROW(STATE_IN_USE, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.4"),

    ROW(STATE_DEFENDING, ON_DEFENDED, NULL, NULL, STATE_IN_USE, "RFC 5227 2.4"),
    ROW(STATE_DEFENDING, ON_CONFLICT, NULL, lose, STATE_IDLE, "RFC 5227 2.4"),
    ROW(STATE_DEFENDING, ON_WITHDRAW, NULL, stop, STATE_IDLE, "RFC 5227 2.4"),
};

const MachineSpec conflict_machine_spec = {
    .name = "arp.conflict",
    .ref = "RFC 5227",
    MACHINE_LISTS(state_names, inputs, rows),
    .initial = STATE_IDLE,
    MACHINE_TIMER_LIST(timer_names),
};

/* ---- Entry points ---- */

static void step(Conflict *c, uint8_t input, const void *argument, uint32_t cause) {
    Sim *sim = c->interface->stack->sim;
    Effects *effects = sim_effects(sim);
    machine_step(&c->machine, input, argument, effects);
    sim_apply(sim, effects, cause);
}

void conflict_init(Interface *interface) {
    Conflict *c = &interface->conflict;
    IpStack *stack = interface->stack;
    c->interface = interface;
    c->settings = conflict_settings_rfc5227;
    Text part = text_new();
    text_print(&part, "arp.conflict.%s", interface->name);
    c->random = random_stream(sim_seed(stack->sim), stack->name, text_get(&part));
    text_free(&part);
    machine_init(&c->machine, &conflict_machine_spec, c, &stack->carrier,
                 trace_add_machine(sim_trace(stack->sim), stack->host, &conflict_machine_spec), interface->index);
}

static bool idle(const Conflict *c) { return c->machine.state == STATE_IDLE; }

static void withdraw(Conflict *c, uint32_t cause) {
    if (!idle(c)) step(c, ON_WITHDRAW, NULL, cause);
}

void interface_probe(Interface *interface, Ipv4Address address, uint32_t cause) {
    Conflict *c = &interface->conflict;
    withdraw(c, cause);
    step(c, ON_PROBE, &address, cause);
}

void conflict_claim(Interface *interface, Ipv4Address address, uint32_t cause) {
    Conflict *c = &interface->conflict;
    if (!idle(c) && c->address == address) return; /* a renewed lease: the address is held already */
    withdraw(c, cause);
    step(c, ON_CLAIM, &address, cause);
}

void conflict_withdraw(Interface *interface, uint32_t cause) { withdraw(&interface->conflict, cause); }

void conflict_timer(Machine *machine, uint8_t timer, uint32_t cause) {
    step(machine->self, timer == TIMER_NEXT ? ON_NEXT : ON_DEFENDED, NULL, cause);
}

/* While probing, another's use of the address or another's probe for it is a conflict (section 2.1.1); while using it,
 * only another's use is (section 2.4). */
bool conflict_concerns(const Interface *interface, const ArpPacket *packet) {
    const Conflict *c = &interface->conflict;
    if (idle(c) || mac_equal(packet->sender_mac, interface->mac)) return false;
    if (packet->sender_ip == c->address) return true;
    bool probing = c->machine.state == STATE_PROBE_WAIT || c->machine.state == STATE_PROBING ||
                   c->machine.state == STATE_ANNOUNCE_WAIT;
    return probing && arp_is_probe(packet) && packet->target_ip == c->address;
}

void conflict_see(Interface *interface, const ArpPacket *packet, uint32_t cause) {
    step(&interface->conflict, ON_CONFLICT, packet, cause);
}
