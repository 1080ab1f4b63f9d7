/* The commands of world.h: each reads its fields, is accepted, and is carried out. Here those of power,
 * applications and words, and the table of all; commands_network.c has those that build networks, commands_service.c
 * those of services. */
#include <stdlib.h>
#include <string.h>

#include "host/world_inside.h"
#include "wire/ethernet.h"

/* ---- Power ---- */

static void do_boot(Command *c) {
    Host *host = command_read_host(c, "host");
    bool quiet = value_read_truth(&c->reader, "quiet", false);
    if (command_accept(c)) host_boot(host, quiet, c->cause);
}

static void do_shutdown(Command *c) {
    Host *host = command_read_host(c, "host");
    if (command_accept(c)) host_shutdown(host, c->cause);
}

static void do_crash(Command *c) {
    Host *host = command_read_host(c, "host");
    if (command_accept(c)) host_crash(host, c->cause);
}
/* ---- Applications ---- */

static void do_dhcp(Command *c) {
    static const char *const actions[] = {"release", "renew", "inform", "start", "stop"};
    static const DhcpClientInput inputs[] = {DHCP_CLIENT_ON_RELEASE, DHCP_CLIENT_ON_RENEW, DHCP_CLIENT_ON_INFORM,
                                             DHCP_CLIENT_ON_START, DHCP_CLIENT_ON_STOP};
    Host *host = command_read_host(c, "host");
    size_t action = value_read_choice(&c->reader, "action", actions, 5, 5);
    if (host && command_is_good(c) && action == 5)
        value_reader_fail(&c->reader, "action", NULL, "one of \"release\", \"renew\", \"inform\", \"start\", \"stop\"");
    if (host && !host->dhcp_client) command_fail(c, "host", "%s runs no DHCP client", host->name);
    else if (host && !host->dhcp_client->running) command_fail(c, "host", "%s is switched off", host->name);
    if (!command_accept(c)) return;
    if (inputs[action] == DHCP_CLIENT_ON_INFORM) {
        const Interface *interface = host->stack->interfaces[host->dhcp_client->client.interface];
        if (interface->address)
            dhcp_client_set_own_address(&host->dhcp_client->client, interface->address, interface->prefix_length);
    }
    host_dhcp_client_input(host, inputs[action], c->cause);
}

/* An address, or the name of a host: then its first address; or a domain name, which is left in *name (empty else). */
Ipv4Address command_read_target(Command *c, const char *field, DnsName *name) {
    const char *text = value_read_text(&c->reader, field, NULL);
    Ipv4Address address = 0;
    name->size = 0;
    if (!text || ipv4_parse(text, &address)) {
        if (!text && !c->reader.names) value_reader_fail(&c->reader, field, NULL, "an address or the name of a host");
        return address;
    }
    const Host *host = world_host(c->world, world_find(c->world, text));
    if (!host) {
        if (!strchr(text, '.') || !dns_name_parse(text, name)) command_fail_unknown(c, field, "host", text);
        return 0;
    }
    for (size_t i = 0; i < host->stack->interface_count && address == 0; i++)
        address = host->stack->interfaces[i]->address;
    for (size_t i = 0; i < host->stack->interface_count && address == 0; i++)
        if (host->hand[i]) address = host->hand[i]->address;
    if (address == 0) command_fail(c, field, "%s has no address at this moment", text);
    return address;
}

typedef struct {
    Host *host;
    Ipv4Address to;
    uint8_t ttl;
    uint16_t port, from_port;
    uint32_t left;
    SimTime every;
    Bytes octets;
    SimEvent *next;
} Repeat;

static void repeat_to(void *self, const NameAnswer *answer, uint32_t cause) {
    Repeat *repeat = self;
    if (answer->outcome != NAME_FOUND) return;
    repeat->to = answer->addresses[0];
    repeat->next(repeat, 0, 0, cause);
}

/* Sends for the first time, once the name, if it is one, was found. */
static void repeat_start(Command *c, const Repeat *repeat, const DnsName *name) {
    Repeat *kept = arena_alloc(sim_arena(c->world->sim), sizeof *kept);
    *kept = *repeat;
    if (name->size == 0) kept->next(kept, 0, 0, c->cause);
    else if (kept->host->stack->powered) host_look_up(kept->host, name, (NameWaiter){repeat_to, kept}, c->cause);
}

static void ping_next(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Repeat *repeat = self;
    (void)number, (void)other;
    if (!repeat->host->stack->powered) return;
    host_ping(repeat->host, repeat->to, repeat->ttl, cause);
    Sim *sim = repeat->host->stack->sim;
    if (--repeat->left > 0) sim_schedule(sim, sim_now(sim) + repeat->every, ping_next, repeat, 0, 0, cause);
}

static void do_ping(Command *c) {
    Host *host = command_read_host(c, "host");
    DnsName name;
    Repeat repeat = {.host = host, .to = command_read_target(c, "to", &name), .every = SIM_SECOND, .next = ping_next};
    repeat.left = (uint32_t)value_read_number(&c->reader, "count", 1, 1000000, 1);
    repeat.ttl = (uint8_t)value_read_number(&c->reader, "ttl", 1, 255, 64);
    if (command_accept(c)) repeat_start(c, &repeat, &name);
}

static void do_lookup(Command *c) {
    static const char *const types[] = {"A", "NS", "CNAME", "SOA", "PTR", "MX", "TXT", "AAAA"};
    Host *host = command_read_host(c, "host");
    const char *text = value_read_text(&c->reader, "name", NULL);
    uint16_t type = dns_type_of(types[value_read_choice(&c->reader, "type", types, 8, 0)]);
    DnsName name;
    Ipv4Address address;
    if (type == DNS_TYPE_PTR && text && ipv4_parse(text, &address)) name = dns_name_of_address(address);
    else if (host && (!text || !dns_name_parse(text, &name)))
        value_reader_fail(&c->reader, "name", value_get(c->value, "name"), "a domain name such as \"www.example.org\"");
    if (!command_accept(c) || !host->stack->powered) return;
    host_look_up_type(host, &name, type, (NameWaiter){NULL, NULL}, c->cause);
}

static void udp_next(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Repeat *repeat = self;
    (void)number, (void)other;
    if (!repeat->host->stack->powered) return;
    DatagramTo to = {.source_port = repeat->from_port,
                     .destination = repeat->to,
                     .destination_port = repeat->port,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_UDP};
    if (repeat->to == IPV4_LIMITED_BROADCAST && repeat->host->stack->interface_count > 0) {
        to.interface = 0;
        to.source_unspecified = repeat->host->stack->interfaces[0]->address == 0; /* as a DHCP client does */
    }
    if (repeat->port == DNS_PORT) to.proto = TRACE_PROTO_DNS;
    if (repeat->port == DHCP_SERVER_PORT || repeat->port == DHCP_CLIENT_PORT) to.proto = TRACE_PROTO_DHCP;
    udp_send(repeat->host->stack, &to, repeat->octets, TRACE_NONE, cause);
    Sim *sim = repeat->host->stack->sim;
    if (--repeat->left > 0) sim_schedule(sim, sim_now(sim) + repeat->every, udp_next, repeat, 0, 0, cause);
}

/* The octets of a hexadecimal field, at most `most`; absent: none. */
static size_t read_hex(Command *c, const char *field, uint8_t *octets, size_t most, const char *expected) {
    const char *hex = value_read_text(&c->reader, field, "");
    size_t size = 0;
    bool good = true;
    for (; good && hex[2 * size]; size++) {
        int high = text_hex_digit(hex[2 * size]), low = high < 0 ? -1 : text_hex_digit(hex[2 * size + 1]);
        good = low >= 0 && size < most;
        if (good) octets[size] = (uint8_t)(high << 4 | low);
    }
    if (!good) value_reader_fail(&c->reader, field, value_get(c->value, field), expected);
    return good ? size : 0;
}

enum { UDP_OCTETS_MOST = 1400 };

static void do_udp(Command *c) {
    Host *host = command_read_host(c, "host");
    DnsName name;
    Repeat repeat = {.host = host, .to = command_read_target(c, "to", &name), .next = udp_next};
    repeat.port = (uint16_t)value_read_number(&c->reader, "port", 1, 65535, 7);
    repeat.from_port = (uint16_t)value_read_number(&c->reader, "from_port", 1, 65535, 49152);
    repeat.left = (uint32_t)value_read_number(&c->reader, "count", 1, 100000000, 1);
    repeat.every = config_read_span(&c->reader, "every", SIM_SECOND);
    const char *text = value_read_text(&c->reader, "text", "");
    if (strlen(text) > UDP_OCTETS_MOST)
        value_reader_fail(&c->reader, "text", value_get(c->value, "text"), "at most 1400 octets");
    uint8_t octets[UDP_OCTETS_MOST];
    size_t size = read_hex(c, "octets", octets, sizeof octets, "at most 1400 octets, two hexadecimal digits each");
    if (size > 0 && text[0]) command_fail(c, "octets", "%s", "either text or octets expected, both given");
    if (!command_accept(c)) return;
    repeat.octets = size > 0 ? bytes_of(arena_text_n(sim_arena(c->world->sim), (const char *)octets, size), size)
                             : bytes_of(arena_text(sim_arena(c->world->sim), text), strlen(text));
    repeat_start(c, &repeat, &name);
}

static void do_listen(Command *c) {
    Host *host = command_read_host(c, "host");
    uint16_t port = (uint16_t)value_read_number(&c->reader, "port", 1, 65535, 0);
    static const char *const protocols[] = {"udp", "tcp"};
    bool tcp = value_read_choice(&c->reader, "protocol", protocols, 2, 0) == 1;
    bool close = value_read_truth(&c->reader, "close", false);
    if (host && port == 0) value_reader_fail(&c->reader, "port", NULL, "a port");
    if (host && port != 0 && !close && !tcp && host_port_taken(host, port))
        command_fail(c, "port", "%s listens there already", host->name);
    if (!command_accept(c)) return;
    if (tcp && close) host_talk_listen_end(host, port);
    else if (tcp && !host_talk_listen(host, port, talk_proto_of_port(port)))
        sim_record_ignored(c->world->sim, host->id, TRACE_NONE, "tcp.port_taken", FRAME_NONE, 0, c->cause);
    else if (close && !tcp) host_listen_end(host, port);
    else if (!tcp) host_listen(host, port);
}

static void do_frame(Command *c) {
    Lan *lan = command_read_lan(c, "lan");
    uint8_t octets[ETHERNET_MAXIMUM_SIZE];
    size_t size = read_hex(c, "octets", octets, sizeof octets, "at most 1514 octets, two hexadecimal digits each");
    if (!command_accept(c)) return;
    lan_receive_from_tap(lan, frame_store_add(sim_frames(c->world->sim), bytes_of(octets, size)), c->cause);
}

/* ---- Words ---- */

static void do_say(Command *c) {
    bool beat = value_read_truth(&c->reader, "beat", false), phase = value_read_truth(&c->reader, "phase", false);
    const Value *text = value_read_any(&c->reader, "text", "table");
    if (!c->reader.names && (!text || text->kind != VALUE_MAP))
        value_reader_fail(&c->reader, "text", text, "a table of texts by language: {en = ..., zh = ...}");
    if (!command_accept(c)) return;
    Text json = text_new();
    value_print(&json, text);
    SayCode code = beat ? SAY_BEAT : SAY_TEXT;
    if (phase) code = SAY_PHASE;
    sim_record_text(c->world->sim, TRACE_SAY, code, TRACE_NONE, text_get(&json), json.size, c->cause);
    text_free(&json);
}

static void do_expect(Command *c) {
    const char *text = value_read_text(&c->reader, "text", ""), *detail = value_read_text(&c->reader, "detail", "");
    bool held = value_read_truth(&c->reader, "held", false);
    if (!command_accept(c)) return;
    Text json = text_new();
    text_put(&json, "{\"text\":");
    text_put_json(&json, text, strlen(text));
    text_put(&json, ",\"detail\":");
    text_put_json(&json, detail, strlen(detail));
    text_put(&json, "}");
    sim_record_text(c->world->sim, TRACE_EXPECT, held, TRACE_NONE, text_get(&json), json.size, c->cause);
    text_free(&json);
}

/* ---- The table ---- */

static const struct {
    const char *name;
    CommandRun *run;
} commands[] = {
    {"lan", do_lan},
    {"host", do_host},
    {"attach", do_attach},
    {"link", do_link},
    {"route", do_route},
    {"service", do_service},
    {"configure", do_configure},
    {"boot", do_boot},
    {"shutdown", do_shutdown},
    {"crash", do_crash},
    {"move", do_move},
    {"unplug", do_unplug},
    {"plug", do_plug},
    {"cable", do_cable},
    {"fault", do_fault},
    {"address", do_address},
    {"dhcp", do_dhcp},
    {"lookup", do_lookup},
    {"ping", do_ping},
    {"udp", do_udp},
    {"listen", do_listen},
    {"frame", do_frame},
    {"connect", do_connect},
    {"write", do_write},
    {"hangup", do_hangup},
    {"http", do_http},
    {"check_mail", do_check_mail},
    {"mail_connect", do_mail_connect},
    {"mail_disconnect", do_mail_disconnect},
    {"mail_open", do_mail_open},
    {"mail_part", do_mail_part},
    {"mail_flag", do_mail_flag},
    {"mail_file", do_mail_file},
    {"mail_delete", do_mail_delete},
    {"mail", do_mail},
    {"queue", do_queue},
    {"disk", do_disk},
    {"mailbox", do_mailbox},
    {"say", do_say},
    {"expect", do_expect},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

bool command_carry_out(Command *c) {
    const char *name = value_read_text(&c->reader, "do", "");
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        commands[i].run(c);
        return command_is_good(c);
    }
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
    const char *nearest = text_nearest(name, names, COMMANDS);
    return command_fail(c, "do", nearest ? "unknown command; did you mean \"%s\"?" : "unknown command%s",
                        nearest ? nearest : "");
}

static const Value empty_map = {.kind = VALUE_MAP};

bool command_describe(const char *what, Text *names) {
    bool found = false;
    World *world = world_new(0, false);
    ConfigError error = {0};
    if (strncmp(what, "service:", 8) == 0) found = command_describe_service(what + 8, world, names);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strncmp(what, "do:", 3) != 0 || strcmp(what + 3, commands[i].name) != 0) continue;
        Command c = {.world = world, .value = &empty_map, .cause = TRACE_NONE};
        c.reader = value_reader(sim_arena(world->sim), &empty_map, "", &error);
        c.reader.names = names;
        config_error_set(&error, c.reader.arena, "", "only the names are wanted"); /* nothing will be accepted */
        commands[i].run(&c);
        found = true;
    }
    text_free(&error.message);
    world_free(world);
    return found;
}
