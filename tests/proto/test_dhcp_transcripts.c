/* DHCP's machines by transcript: no world, no network, only a machine, its messages and its clock.
 *
 * Each file of tests/proto/dhcp/ is one transcript, read from top to bottom:
 *
 *   client|server|relay NAME=VALUE ...   what is tested and its settings (below, in configure_*)
 *   start stop renew release inform linkup free taken lost own ADDRESS ping ADDRESS   a command or an answer of the host
 *   restore ADDRESS, remember ADDRESS, declined ADDRESS   found on disk: a lease, who had it last, an address that rests
 *   @TIME                                the clock goes on to TIME; timers that are due expire on the way
 *   < TYPE NAME=VALUE ...                a message arrives: fields, option codes (50=10.0.0.5), from=, to=, interface=; xid=$a
 *   > TYPE NAME=VALUE ... !CODE ...      the next message sent is this one, has these fields, and lacks those options
 *   silence                              nothing more has been sent
 *   state NAME [ADDRESS]                 the machine (the binding of that address) is in this state
 *   ask NAME ADDRESS                     the next thing asked of the host
 *   timer NAME TIME                      the timer runs and will expire then; "timer NAME off"
 *   ignored REASON                       the last input was ignored for that reason
 *   raw HEX                              these octets arrive; @192@ within stands for 192 octets of zero
 *
 * $a is bound where it first stands, and compared afterwards. When all transcripts have run, every row of the client's, the server's, the
 * binding's and the relay's table must have been taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/dhcp/client.h"
#include "proto/dhcp/relay.h"
#include "proto/dhcp/server.h"
#include "sim/sim.h"

enum { WORDS = 40, SENT = 64, ASKED = 64, VARIABLES = 26 };

typedef struct {
    DatagramTo to;
    size_t size;
    uint8_t octets[1500];
} Sent;

typedef struct {
    uint8_t ask;
    int64_t number;
} Asked;

typedef struct {
    const char *file;
    int line;
    char kind; /* c, s, r */
    SimTime now;
    Effects effects;
    Arena *arena;
    EffectCarrier carrier;
    DhcpClient client;
    DhcpServer server;
    DhcpRelay relay;
    Sent sent[SENT];
    size_t sent_count, sent_seen;
    Asked asked[ASKED];
    size_t asked_count, asked_seen;
    const char *ignored;
    uint32_t last_xid, timers_set;
    bool bound[VARIABLES];
    uint32_t variables[VARIABLES];
    Ipv4Address interface_address;
} Play;

/* ---- Rows taken, by machine ---- */

typedef struct {
    const MachineSpec *spec;
    bool taken[256];
} Coverage;
static Coverage coverage[] = {{.spec = &dhcp_client_spec}, {.spec = &dhcp_server_spec}, {.spec = &dhcp_binding_spec}, {.spec = &dhcp_relay_spec}};

static void cover(const MachineSpec *spec, size_t row) {
    for (size_t i = 0; i < sizeof coverage / sizeof coverage[0]; i++)
        if (coverage[i].spec == spec) coverage[i].taken[row] = true;
}

/* ---- Failing with the place ---- */

#define EXPECT(play, condition, ...)                                             \
    do {                                                                         \
        if (!(condition)) {                                                      \
            char message[400];                                                   \
            snprintf(message, sizeof message, __VA_ARGS__);                      \
            fail_msg("%s:%d: %s", (play)->file, (play)->line, message);          \
        }                                                                        \
    } while (0)

static SimTime time_of(Play *p, const char *text) {
    SimTime t = 0;
    EXPECT(p, sim_time_parse(text, &t), "\"%s\" is no time", text);
    return t;
}

static Ipv4Address address_of(Play *p, const char *text) {
    Ipv4Address a = 0;
    EXPECT(p, ipv4_parse(text, &a), "\"%s\" is no address", text);
    return a;
}

/* ---- Carrying effects out ---- */

static void carry_out(Play *p) {
    Effects *e = &p->effects;
    p->ignored = NULL;
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        Machine *m = effect->machine;
        switch ((EffectKind)effect->kind) {
            case EFFECT_STEP: cover(m->spec, effect->step.row); break;
            case EFFECT_IGNORED: p->ignored = effect->ignored.reason; break;
            case EFFECT_SEND: {
                EXPECT(p, p->sent_count < SENT, "too many messages");
                Sent *s = &p->sent[p->sent_count++];
                s->to = effect->send.to;
                s->size = effect->send.size;
                memcpy(s->octets, e->octets + effect->send.octets_at, s->size);
                break;
            }
            case EFFECT_TIMER_SET:
                m->timers[effect->timer.timer].at = effect->timer.at;
                m->timers[effect->timer.timer].set_by = p->timers_set++; /* of two that are due, the one set first expires first */
                break;
            case EFFECT_TIMER_CLEAR: m->timers[effect->timer.timer].at = SIM_NEVER; break;
            case EFFECT_FACT: break;
            case EFFECT_ASK:
                EXPECT(p, p->asked_count < ASKED, "too many asks");
                p->asked[p->asked_count] = (Asked){effect->ask.ask, effect->ask.number};
                if (effect->ask.ask == ASK_CONFIGURE) {
                    InterfaceSettings settings;
                    memcpy(&settings, e->octets + effect->ask.octets_at, sizeof settings);
                    p->asked[p->asked_count].number = settings.address;
                }
                if (effect->ask.ask != ASK_STORE) p->asked_count++;
                break;
            case EFFECT_SAID:
            case EFFECT_WRITE:
            case EFFECT_CLOSE:
            case EFFECT_ABORT: EXPECT(p, false, "DHCP speaks over no stream");
        }
    }
    effects_begin(e, p->now);
}

static size_t machines_of(Play *p, Machine **list, size_t most) {
    size_t count = 0;
    if (p->kind == 'c') list[count++] = &p->client.machine;
    if (p->kind == 'r') list[count++] = &p->relay.machine;
    if (p->kind == 's') {
        list[count++] = &p->server.machine;
        for (size_t i = 0; i < p->server.all_count && count < most; i++) list[count++] = &p->server.all[i]->machine;
    }
    return count;
}

static bool sooner(const MachineTimer *a, const MachineTimer *b) { return a->at < b->at || (a->at == b->at && a->set_by < b->set_by); }

static void go_to(Play *p, SimTime until) {
    for (;;) {
        Machine *list[300], *due = NULL;
        uint8_t timer = 0;
        size_t count = machines_of(p, list, 300);
        for (size_t i = 0; i < count; i++)
            for (uint8_t t = 0; t < list[i]->spec->timer_count; t++)
                if (list[i]->timers[t].at <= until && (!due || sooner(&list[i]->timers[t], &due->timers[timer]))) {
                    due = list[i];
                    timer = t;
                }
        if (!due) break;
        p->now = due->timers[timer].at;
        due->timers[timer].at = SIM_NEVER;
        effects_begin(&p->effects, p->now);
        if (p->kind == 'c')
            dhcp_client_timer(&p->client, timer, &p->effects);
        else
            dhcp_binding_timer(due->self, timer, &p->effects);
        carry_out(p);
    }
    p->now = until;
    effects_begin(&p->effects, p->now);
}

/* ---- Settings ---- */

static bool pair(char *word, const char **name, char **value) {
    char *equals = strchr(word, '=');
    if (!equals) return false;
    *equals = 0;
    *name = word;
    *value = equals + 1;
    return true;
}

static bool yes(const char *value) { return strcmp(value, "yes") == 0; }

static void configure_client(Play *p, char **words, size_t count) {
    DhcpClientConfig c = dhcp_client_config_default;
    c.delay_min = c.delay_max = 0;
    c.probe = false;
    c.retry_jitter = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        char *value = NULL;
        EXPECT(p, pair(words[i], &name, &value), "a setting expected, not %s", words[i]);
        if (strcmp(name, "delay") == 0) c.delay_min = c.delay_max = time_of(p, value);
        else if (strcmp(name, "probe") == 0) c.probe = yes(value);
        else if (strcmp(name, "wait") == 0) c.offer_wait = time_of(p, value);
        else if (strcmp(name, "policy") == 0) c.policy = strcmp(value, "longest") == 0 ? DHCP_POLICY_LONGEST : strcmp(value, "server") == 0 ? DHCP_POLICY_SERVER : DHCP_POLICY_FIRST;
        else if (strcmp(name, "server") == 0) c.server = address_of(p, value);
        else if (strcmp(name, "lease") == 0) c.lease_s = (uint32_t)atoi(value);
        else if (strcmp(name, "request") == 0) c.request = address_of(p, value);
        else if (strcmp(name, "remember") == 0) c.remember = yes(value);
        else if (strcmp(name, "inform") == 0) c.inform = yes(value);
        else if (strcmp(name, "broadcast") == 0) c.broadcast = yes(value);
        else if (strcmp(name, "retry_min") == 0) c.renew_retry_min = time_of(p, value);
        else if (strcmp(name, "host_name") == 0) c.host_name = arena_text(p->arena, value);
        else if (strcmp(name, "max") == 0) c.maximum_message_size = (uint16_t)atoi(value);
        else if (strcmp(name, "id") == 0) c.client_id_size = (uint8_t)snprintf((char *)c.client_id, sizeof c.client_id, "%s", value);
        else EXPECT(p, false, "unknown setting %s", name);
    }
    dhcp_client_init(&p->client, &c, (MacAddress){{2, 0, 0, 0, 0, 1}}, 0, random_stream(1, "pc", "dhcp.client"));
    machine_init(&p->client.machine, &dhcp_client_spec, &p->client, &p->carrier, 0, 0);
}

static void configure_server(Play *p, char **words, size_t count) {
    DhcpServerConfig c = dhcp_server_config_default;
    c.pools = arena_alloc(p->arena, 4 * sizeof(DhcpPool));
    c.reservations = arena_alloc(p->arena, 4 * sizeof(DhcpReservation));
    c.options = arena_alloc(p->arena, 4 * sizeof(DhcpExtraOption));
    c.lease_s = 60;
    p->interface_address = address_of(p, "10.0.0.1");
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        char *value = NULL, *dash;
        EXPECT(p, pair(words[i], &name, &value), "a setting expected, not %s", words[i]);
        if (strcmp(name, "pool") == 0 || strcmp(name, "wide") == 0) { /* wide: in a subnet of 16 bits, else of 24 */
            DhcpPool *pool = &c.pools[c.pool_count++];
            dash = strchr(value, '-');
            EXPECT(p, dash, "pool=FIRST-LAST expected");
            *dash = 0;
            *pool = (DhcpPool){.first = address_of(p, value), .last = address_of(p, dash + 1)};
            bool wide = name[0] == 'w';
            pool->subnet = (Ipv4Prefix){pool->first & (wide ? 0xffff0000 : 0xffffff00), wide ? 16 : 24};
            pool->router = pool->subnet.network + 254;
            pool->dns[pool->dns_count++] = pool->subnet.network + 53;
            pool->domain = "example.org";
        } else if (strcmp(name, "reserve") == 0) { /* last octet of the MAC - address */
            dash = strchr(value, '-');
            EXPECT(p, dash, "reserve=MAC-ADDRESS expected");
            *dash = 0;
            c.reservations[c.reservation_count++] = (DhcpReservation){.by_mac = true, .mac = {{2, 0, 0, 0, 0, (uint8_t)atoi(value)}}, .address = address_of(p, dash + 1)};
        } else if (strcmp(name, "reserve_id") == 0) { /* client identifier - address */
            dash = strchr(value, '-');
            EXPECT(p, dash, "reserve_id=ID-ADDRESS expected");
            *dash = 0;
            c.reservations[c.reservation_count++] = (DhcpReservation){.client_id = bytes_of(arena_text(p->arena, value), strlen(value)), .address = address_of(p, dash + 1)};
        } else if (strcmp(name, "extra") == 0) { /* an option of 200 octets */
            c.options[c.option_count++] = (DhcpExtraOption){(uint8_t)atoi(value), bytes_of(arena_alloc(p->arena, 200), 200)};
        } else if (strcmp(name, "exclude") == 0) {
            DhcpPool *pool = &c.pools[c.pool_count - 1];
            pool->excluded = arena_alloc(p->arena, sizeof(DhcpRange));
            pool->excluded[0] = (DhcpRange){address_of(p, value), address_of(p, value)};
            pool->excluded_count = 1;
        } else if (strcmp(name, "lease") == 0) c.lease_s = strcmp(value, "infinite") == 0 ? UINT32_MAX : (uint32_t)atoi(value);
        else if (strcmp(name, "min") == 0) c.lease_min_s = (uint32_t)atoi(value);
        else if (strcmp(name, "max") == 0) c.lease_max_s = (uint32_t)atoi(value);
        else if (strcmp(name, "ping") == 0) c.ping_check = yes(value);
        else if (strcmp(name, "authoritative") == 0) c.authoritative = yes(value);
        else if (strcmp(name, "quarantine") == 0) c.quarantine = time_of(p, value);
        else EXPECT(p, false, "unknown setting %s", name);
    }
    if (p->server.arena) { /* a second "server" line: other settings for the running one */
        dhcp_server_configure(&p->server, &c);
        return;
    }
    dhcp_server_init(&p->server, &c, p->arena, 1);
    machine_init(&p->server.machine, &dhcp_server_spec, &p->server, &p->carrier, 0, 0);
}

static void configure_relay(Play *p, char **words, size_t count) {
    DhcpRelayConfig c = dhcp_relay_config_default;
    for (size_t i = 0; i < count; i++) {
        const char *name = NULL;
        char *value = NULL;
        EXPECT(p, pair(words[i], &name, &value), "a setting expected, not %s", words[i]);
        if (strcmp(name, "server") == 0) c.servers[c.server_count++] = address_of(p, value);
        else if (strcmp(name, "option82") == 0) c.agent_option = yes(value);
        else if (strcmp(name, "trust") == 0) c.trust = yes(value);
        else if (strcmp(name, "remote") == 0) c.remote_id = arena_text(p->arena, value);
        else if (strcmp(name, "clients") == 0) c.client_interfaces = (uint16_t)atoi(value);
        else EXPECT(p, false, "unknown setting %s", name);
    }
    dhcp_relay_init(&p->relay, &c);
    p->relay.interfaces[0] = (DhcpRelayInterface){address_of(p, "10.0.1.254"), "eth0"};
    p->relay.interfaces[1] = (DhcpRelayInterface){address_of(p, "10.0.2.254"), "eth1"};
    p->relay.interfaces[2] = (DhcpRelayInterface){0, "eth2"};
    p->relay.interface_count = 3;
    machine_init(&p->relay.machine, &dhcp_relay_spec, &p->relay, &p->carrier, 0, 0);
}

/* ---- Messages ---- */

static uint32_t *variable(Play *p, const char *word) {
    EXPECT(p, word[0] == '$' && word[1] >= 'a' && word[1] <= 'z', "a variable such as $a expected, not %s", word);
    return &p->variables[word[1] - 'a'];
}

static uint8_t type_of(Play *p, const char *name) {
    for (unsigned t = 1; t <= 8; t++)
        if (strcmp(dhcp_message_type_name(t), name) == 0) return (uint8_t)t;
    EXPECT(p, false, "%s is no message", name);
    return 0;
}

static void put_option(Play *p, DhcpMessage *m, uint8_t code, const char *value) {
    switch (dhcp_option_kind(code)) {
        case DHCP_VALUE_IPV4:
        case DHCP_VALUE_IPV4_LIST: dhcp_option_put_u32(m, code, address_of(p, value)); break;
        case DHCP_VALUE_SECONDS: dhcp_option_put_u32(m, code, strcmp(value, "infinite") == 0 ? UINT32_MAX : (uint32_t)atoi(value)); break;
        case DHCP_VALUE_U16: dhcp_option_put_u16(m, code, (uint16_t)atoi(value)); break;
        case DHCP_VALUE_CODES: /* "big": what the transcripts of option 57 ask for; else some codes of no meaning */
            if (strcmp(value, "big") == 0) {
                static const uint8_t codes[] = {1, 250, 251, 252};
                dhcp_option_put(m, code, bytes_of(codes, sizeof codes));
            } else dhcp_option_put(m, code, bytes_of(arena_text(p->arena, value), strlen(value)));
            break;
        case DHCP_VALUE_U8: dhcp_option_put_u8(m, code, (uint8_t)atoi(value)); break;
        default: dhcp_option_put(m, code, bytes_of(arena_text(p->arena, value), strlen(value)));
    }
}

static void deliver(Play *p, Bytes payload, uint8_t interface, Ipv4Address from, Ipv4Address to) {
    effects_begin(&p->effects, p->now);
    if (p->kind == 'c') dhcp_client_receive(&p->client, payload, &p->effects);
    if (p->kind == 'r') dhcp_relay_receive(&p->relay, payload, interface, &p->effects);
    if (p->kind == 's') dhcp_server_receive(&p->server, &(DhcpArrival){payload, interface, p->interface_address, from, to}, &p->effects);
    carry_out(p);
}

static void arrives(Play *p, char **words, size_t count) {
    DhcpMessage m;
    dhcp_message_clear(&m);
    uint8_t type = type_of(p, words[0]), interface = 0;
    bool reply = type == DHCP_OFFER || type == DHCP_ACK || type == DHCP_NAK;
    Ipv4Address from = 0, to = IPV4_LIMITED_BROADCAST;
    m.op = reply ? BOOTREPLY : BOOTREQUEST;
    m.htype = 1;
    m.hlen = 6;
    m.xid = p->last_xid;
    memcpy(m.chaddr, (uint8_t[]){2, 0, 0, 0, 0, 1}, 6);
    dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, type);
    for (size_t i = 1; i < count; i++) {
        const char *name = NULL;
        char *value = NULL;
        EXPECT(p, pair(words[i], &name, &value), "a field expected, not %s", words[i]);
        if (name[0] >= '0' && name[0] <= '9') put_option(p, &m, (uint8_t)atoi(name), value);
        else if (strcmp(name, "xid") == 0) m.xid = value[0] == '$' ? *variable(p, value) : (uint32_t)strtoul(value, NULL, 0);
        else if (strcmp(name, "yiaddr") == 0) m.yiaddr = address_of(p, value);
        else if (strcmp(name, "ciaddr") == 0) m.ciaddr = address_of(p, value);
        else if (strcmp(name, "giaddr") == 0) m.giaddr = address_of(p, value);
        else if (strcmp(name, "hops") == 0) m.hops = (uint8_t)atoi(value);
        else if (strcmp(name, "op") == 0) m.op = (uint8_t)atoi(value);
        else if (strcmp(name, "htype") == 0) m.htype = (uint8_t)atoi(value);
        else if (strcmp(name, "flags") == 0) m.flags = value[0] == 'B' ? DHCP_FLAG_BROADCAST : 0;
        else if (strcmp(name, "chaddr") == 0) m.chaddr[5] = (uint8_t)atoi(value);
        else if (strcmp(name, "from") == 0) from = address_of(p, value);
        else if (strcmp(name, "to") == 0) to = address_of(p, value);
        else if (strcmp(name, "interface") == 0) interface = (uint8_t)atoi(value);
        else EXPECT(p, false, "unknown field %s", name);
    }
    uint8_t octets[1500];
    ByteWriter w = byte_writer(octets, sizeof octets);
    dhcp_message_encode(&m, &w, 1472);
    deliver(p, byte_writer_bytes(&w), interface, from, to);
}

/* In a value @ stands for a space. */
static void expect_option(Play *p, const DhcpMessage *m, uint8_t code, char *value) {
    for (char *at_sign = value; (at_sign = strchr(at_sign, '@'));) *at_sign = ' ';
    Bytes at = dhcp_option_find(m, code);
    EXPECT(p, at.at, "option %u is missing", code);
    uint32_t number = 0;
    uint16_t small = 0;
    switch (dhcp_option_kind(code)) {
        case DHCP_VALUE_IPV4:
        case DHCP_VALUE_IPV4_LIST: EXPECT(p, dhcp_option_u32(m, code, &number) && number == address_of(p, value), "option %u is not %s but %08x", code, value, number); break;
        case DHCP_VALUE_SECONDS:
            EXPECT(p, dhcp_option_u32(m, code, &number) && number == (strcmp(value, "infinite") == 0 ? UINT32_MAX : (uint32_t)atoi(value)), "option %u is not %s but %u", code, value, number);
            break;
        case DHCP_VALUE_U16: EXPECT(p, dhcp_option_u16(m, code, &small) && small == atoi(value), "option %u is not %s", code, value); break;
        case DHCP_VALUE_CODES: {
            Text codes = text_new();
            for (size_t i = 0; i < at.size; i++) text_print(&codes, "%s%u", i ? "," : "", (unsigned)at.at[i]);
            bool same = value[0] == '*' || strcmp(text_get(&codes), value) == 0;
            if (!same) fprintf(stderr, "%s:%d: codes %s\n", p->file, p->line, text_get(&codes));
            text_free(&codes);
            EXPECT(p, same, "option %u does not list %s", code, value);
            break;
        }
        default: EXPECT(p, value[0] == '*' || (at.size == strlen(value) && memcmp(at.at, value, at.size) == 0), "option %u is not %s", code, value);
    }
}

static void expect_sent(Play *p, char **words, size_t count) {
    EXPECT(p, p->sent_seen < p->sent_count, "%s expected, nothing was sent", words[0]);
    const Sent *s = &p->sent[p->sent_seen++];
    DhcpMessage m;
    ParseFault fault = {0};
    EXPECT(p, dhcp_message_decode(bytes_of(s->octets, s->size), &m, &fault), "what was sent is malformed: %s", fault.reason);
    EXPECT(p, m.type == type_of(p, words[0]), "%s expected, %s was sent", words[0], dhcp_message_type_name(m.type));
    p->last_xid = m.xid;
    for (size_t i = 1; i < count; i++) {
        const char *name = NULL;
        char *value = NULL;
        if (words[i][0] == '!') {
            EXPECT(p, !dhcp_option_find(&m, (uint8_t)atoi(words[i] + 1)).at, "option %s must not be there", words[i] + 1);
            continue;
        }
        EXPECT(p, pair(words[i], &name, &value), "a field expected, not %s", words[i]);
        if (name[0] >= '0' && name[0] <= '9') expect_option(p, &m, (uint8_t)atoi(name), value);
        else if (strcmp(name, "xid") == 0) {
            if (value[0] != '$') {
                EXPECT(p, m.xid == strtoul(value, NULL, 0), "xid is %u", m.xid);
                continue;
            }
            uint32_t *v = variable(p, value);
            bool *bound = &p->bound[value[1] - 'a'];
            EXPECT(p, !*bound || *v == m.xid, "xid is not %s", value);
            *v = m.xid;
            *bound = true;
        } else if (strcmp(name, "not_xid") == 0) EXPECT(p, m.xid != *variable(p, value), "xid must not be %s", value);
        else if (strcmp(name, "to") == 0) EXPECT(p, s->to.destination == address_of(p, value), "it goes to %08x", s->to.destination);
        else if (strcmp(name, "src") == 0) EXPECT(p, s->to.source == address_of(p, value) && (s->to.source != 0 || s->to.source_unspecified), "it comes from %08x", s->to.source);
        else if (strcmp(name, "port") == 0) EXPECT(p, s->to.destination_port == atoi(value), "its port is %u", s->to.destination_port);
        else if (strcmp(name, "interface") == 0) EXPECT(p, s->to.interface == (strcmp(value, "route") == 0 ? INTERFACE_BY_ROUTE : atoi(value)), "it leaves by %u", s->to.interface);
        else if (strcmp(name, "mac") == 0) EXPECT(p, s->to.has_mac == yes(value) && (!s->to.has_mac || memcmp(s->to.mac, m.chaddr, 6) == 0), "its MAC is not right");
        else if (strcmp(name, "yiaddr") == 0) EXPECT(p, m.yiaddr == address_of(p, value), "yiaddr is %08x", m.yiaddr);
        else if (strcmp(name, "ciaddr") == 0) EXPECT(p, m.ciaddr == address_of(p, value), "ciaddr is %08x", m.ciaddr);
        else if (strcmp(name, "giaddr") == 0) EXPECT(p, m.giaddr == address_of(p, value), "giaddr is %08x", m.giaddr);
        else if (strcmp(name, "secs") == 0) EXPECT(p, m.secs == atoi(value), "secs is %u", m.secs);
        else if (strcmp(name, "hops") == 0) EXPECT(p, m.hops == atoi(value), "hops is %u", m.hops);
        else if (strcmp(name, "flags") == 0) EXPECT(p, m.flags == (value[0] == 'B' ? DHCP_FLAG_BROADCAST : 0), "flags is %04x", m.flags);
        else if (strcmp(name, "size") == 0) EXPECT(p, s->size == (size_t)atoi(value), "it is %zu octets long", s->size);
        else EXPECT(p, false, "unknown field %s", name);
    }
}

/* ---- Lines ---- */

static Machine *machine_named(Play *p, const char *subject) {
    if (!subject) return p->kind == 'c' ? &p->client.machine : p->kind == 's' ? &p->server.machine : &p->relay.machine;
    for (size_t i = 0; i < p->server.all_count; i++)
        if (p->server.all[i]->address == address_of(p, subject)) return &p->server.all[i]->machine;
    EXPECT(p, false, "no binding of %s", subject);
    return NULL;
}

static void expect_timer(Play *p, const char *name, const char *when) {
    const Machine *m = machine_named(p, NULL);
    for (size_t t = 0; t < m->spec->timer_count; t++) {
        if (strcmp(m->spec->timers[t], name) != 0) continue;
        SimTime at = strcmp(when, "off") == 0 ? SIM_NEVER : time_of(p, when);
        EXPECT(p, m->timers[t].at == at, "timer %s expires at %lld ns", name, (long long)m->timers[t].at);
        return;
    }
    EXPECT(p, false, "no timer %s", name);
}

static void expect_ask(Play *p, char **words, size_t count) {
    static const struct { const char *name; AskKind ask; } names[] = {{"probe", ASK_PROBE_ADDRESS}, {"configure", ASK_CONFIGURE}, {"unconfigure", ASK_UNCONFIGURE}, {"ping", ASK_PING}};
    EXPECT(p, p->asked_seen < p->asked_count, "%s expected, nothing was asked", words[0]);
    const Asked *asked = &p->asked[p->asked_seen++];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, words[0]) == 0) {
            EXPECT(p, asked->ask == names[i].ask, "%s expected, ask %u found", words[0], asked->ask);
            if (count > 1) EXPECT(p, asked->number == address_of(p, words[1]), "%s of %08llx", words[0], (long long)asked->number);
            return;
        }
    EXPECT(p, false, "unknown ask %s", words[0]);
}

static bool command(Play *p, char **words, size_t count) {
    static const struct { const char *name; DhcpClientInput input; } inputs[] = {
        {"start", DHCP_CLIENT_ON_START}, {"stop", DHCP_CLIENT_ON_STOP}, {"renew", DHCP_CLIENT_ON_RENEW}, {"release", DHCP_CLIENT_ON_RELEASE}, {"inform", DHCP_CLIENT_ON_INFORM},
        {"linkup", DHCP_CLIENT_ON_LINK_UP}, {"free", DHCP_CLIENT_ON_ADDRESS_FREE}, {"taken", DHCP_CLIENT_ON_ADDRESS_TAKEN}, {"lost", DHCP_CLIENT_ON_ADDRESS_LOST}};
    bool start = strcmp(words[0], "start") == 0, known = false;
    effects_begin(&p->effects, p->now);
    if (p->kind == 'c') {
        for (size_t i = 0; i < sizeof inputs / sizeof inputs[0]; i++) {
            if (strcmp(inputs[i].name, words[0]) != 0) continue;
            dhcp_client_input(&p->client, inputs[i].input, &p->effects);
            known = true;
        }
        if (strcmp(words[0], "own") == 0 && count == 2) {
            dhcp_client_set_own_address(&p->client, address_of(p, words[1]), 24);
            known = true;
        }
    } else if (start || strcmp(words[0], "stop") == 0) {
        if (p->kind == 's') dhcp_server_input(&p->server, start ? DHCP_SERVER_ON_START : DHCP_SERVER_ON_STOP, &p->effects);
        if (p->kind == 'r') dhcp_relay_input(&p->relay, start ? DHCP_RELAY_ON_START : DHCP_RELAY_ON_STOP, &p->effects);
        known = true;
    } else if (p->kind == 's' && count == 2 && strcmp(words[0], "ping") == 0) {
        dhcp_server_ping_answered(&p->server, address_of(p, words[1]), &p->effects);
        known = true;
    } else if (p->kind == 's' && count == 2 && (strcmp(words[0], "restore") == 0 || strcmp(words[0], "remember") == 0 || strcmp(words[0], "declined") == 0)) {
        DhcpStored stored = {.address = address_of(p, words[1]), .bound = words[0][2] == 's', .declined = words[0][0] == 'd', .mac = {{2, 0, 0, 0, 0, 1}}, .expires_at = p->now + 60 * SIM_SECOND};
        stored.key.size = 8;
        memcpy(stored.key.octets, (uint8_t[]){'h', 1, 2, 0, 0, 0, 0, 1}, 8);
        dhcp_server_restore(&p->server, &stored, &p->effects);
        known = true;
    }
    if (known) carry_out(p);
    return known;
}

static void raw(Play *p, const char *hex) {
    uint8_t octets[600] = {0};
    size_t size = 0;
    while (*hex && size < sizeof octets) {
        unsigned octet;
        if (*hex == '@') {
            char *end;
            size += strtoul(hex + 1, &end, 10);
            EXPECT(p, *end == '@' && size < sizeof octets, "@COUNT@ expected");
            hex = end + 1;
            continue;
        }
        EXPECT(p, sscanf(hex, "%2x", &octet) == 1, "hexadecimal octets expected");
        octets[size++] = (uint8_t)octet;
        hex += 2;
    }
    deliver(p, bytes_of(octets, size), 0, 0, IPV4_LIMITED_BROADCAST);
}

static void play_line(Play *p, char *line) {
    char *words[WORDS];
    size_t count = 0;
    if (strchr(line, '#')) *strchr(line, '#') = 0;
    for (char *word = strtok(line, " \t\r\n"); word && count < WORDS; word = strtok(NULL, " \t\r\n")) words[count++] = word;
    if (count == 0) return;
    const char *verb = words[0];
    if (strcmp(verb, "client") == 0 || strcmp(verb, "server") == 0 || strcmp(verb, "relay") == 0) {
        p->kind = verb[0];
        if (p->kind == 'c') configure_client(p, words + 1, count - 1);
        if (p->kind == 's') configure_server(p, words + 1, count - 1);
        if (p->kind == 'r') configure_relay(p, words + 1, count - 1);
    } else if (verb[0] == '@') go_to(p, time_of(p, verb + 1));
    else if (strcmp(verb, "<") == 0) arrives(p, words + 1, count - 1);
    else if (strcmp(verb, ">") == 0) expect_sent(p, words + 1, count - 1);
    else if (strcmp(verb, "silence") == 0) EXPECT(p, p->sent_seen == p->sent_count, "a message was sent that nobody expected: type %u", p->sent[p->sent_seen].octets[242]);
    else if (strcmp(verb, "state") == 0) {
        const Machine *m = machine_named(p, count > 2 ? words[2] : NULL);
        EXPECT(p, strcmp(m->spec->states[m->state], words[1]) == 0, "it is in %s", m->spec->states[m->state]);
    } else if (strcmp(verb, "ask") == 0) expect_ask(p, words + 1, count - 1);
    else if (strcmp(verb, "timer") == 0 && count == 3) expect_timer(p, words[1], words[2]);
    else if (strcmp(verb, "ignored") == 0) EXPECT(p, p->ignored && strcmp(p->ignored, words[1]) == 0, "it was %s%s", p->ignored ? "ignored as " : "not ignored", p->ignored ? p->ignored : "");
    else if (strcmp(verb, "raw") == 0) raw(p, words[1]);
    else EXPECT(p, command(p, words, count), "unknown line: %s", verb);
}

static void play_file(void **state) {
    const char *path = *state;
    Text text = text_new(), error = text_new();
    if (!text_read_file(path, &text, &error)) fail_msg("%s", text_get(&error));
    Play *p = memory_new(sizeof *p);
    const char *slash = strrchr(path, '/');
    p->file = slash + 1;
    p->arena = arena_new();
    for (char *line = text.at, *next; line && *line; line = next) {
        next = strchr(line, '\n');
        if (next) *next++ = 0;
        p->line++;
        play_line(p, line);
    }
    EXPECT(p, p->kind, "an empty transcript");
    EXPECT(p, p->sent_seen == p->sent_count, "%zu messages were sent that nobody looked at", p->sent_count - p->sent_seen);
    effects_free(&p->effects);
    arena_free(p->arena);
    free(p);
    text_free(&text);
    text_free(&error);
}

static void every_row_was_taken(void **state) {
    (void)state;
    size_t missing = 0;
    for (size_t i = 0; i < sizeof coverage / sizeof coverage[0]; i++) {
        const MachineSpec *spec = coverage[i].spec;
        for (size_t r = 0; r < spec->row_count; r++) {
            if (coverage[i].taken[r]) continue;
            const MachineRow *row = &spec->rows[r];
            fprintf(stderr, "%s: no transcript takes %s, %s [%s] -> %s\n", spec->name, spec->states[row->from], spec->inputs[row->input].name, row->guard ? row->guard_name : "-", spec->states[row->to]);
            missing++;
        }
    }
    assert_int_equal(missing, 0);
}

int main(void) {
    static char paths[][80] = {
        "tests/proto/dhcp/client-four-messages.txt", "tests/proto/dhcp/client-choosing.txt", "tests/proto/dhcp/client-retransmission.txt", "tests/proto/dhcp/client-renewal.txt",
        "tests/proto/dhcp/client-reboot.txt", "tests/proto/dhcp/client-conflict.txt", "tests/proto/dhcp/client-inform.txt", "tests/proto/dhcp/client-stop-and-move.txt",
        "tests/proto/dhcp/client-ignores.txt", "tests/proto/dhcp/server-lease.txt", "tests/proto/dhcp/server-requests.txt", "tests/proto/dhcp/server-addresses.txt",
        "tests/proto/dhcp/server-ping-and-decline.txt", "tests/proto/dhcp/client-limits.txt", "tests/proto/dhcp/server-rights.txt", "tests/proto/dhcp/server-limits.txt", "tests/proto/dhcp/server-replies.txt", "tests/proto/dhcp/relay.txt",
    };
    enum { FILES = sizeof paths / sizeof paths[0] };
    struct CMUnitTest tests[FILES + 1];
    for (size_t i = 0; i < FILES; i++) tests[i] = (struct CMUnitTest){paths[i] + 17, play_file, NULL, NULL, paths[i]};
    tests[FILES] = (struct CMUnitTest)cmocka_unit_test(every_row_was_taken);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
