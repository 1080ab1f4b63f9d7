/* The commands of world.h: each reads its fields, is accepted, and is carried out. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/world_inside.h"
#include "stack/facts.h"
#include "wire/ethernet.h"

/* ---- Reading what several commands have ---- */

static bool fail(Command *c, const char *field, const char *message, const char *name) {
    Text line = text_new();
    text_print(&line, message, name);
    config_error_set(c->reader.error, c->reader.arena, field, "%s", text_get(&line));
    text_free(&line);
    return false;
}

static bool no_mistake(const Command *c) { return c->reader.error->message.size == 0; }

/* Names the nearest host or LAN in the message, where one is near. */
static void fail_unknown(Command *c, const char *field, const char *kind, const char *name) {
    const World *world = c->world;
    const char **names = memory_new((world->node_count + 1) * sizeof *names);
    size_t count = 0;
    bool lans = strcmp(kind, "LAN") == 0;
    for (size_t i = 0; i < world->node_count; i++)
        if ((world->nodes[i].lan != NULL) == lans) names[count++] = world->nodes[i].name;
    const char *nearest = text_nearest(name, names, count);
    if (nearest)
        config_error_set(c->reader.error, c->reader.arena, field, "there is no %s \"%s\"; did you mean \"%s\"?", kind,
                         name, nearest);
    else config_error_set(c->reader.error, c->reader.arena, field, "there is no %s \"%s\"", kind, name);
    free(names);
}

static Host *read_host(Command *c, const char *field) {
    const char *name = value_read_text(&c->reader, field, NULL);
    if (c->reader.names) return NULL;
    if (!name) {
        value_reader_fail(&c->reader, field, NULL, "the name of a host");
        return NULL;
    }
    uint32_t id = world_find(c->world, name);
    Host *host = world_host(c->world, id);
    if (!host) fail_unknown(c, field, "host", name);
    return host;
}

static Lan *read_lan(Command *c, const char *field) {
    const char *name = value_read_text(&c->reader, field, NULL);
    if (c->reader.names) return NULL;
    if (!name) {
        value_reader_fail(&c->reader, field, NULL, "the name of a LAN");
        return NULL;
    }
    uint32_t id = world_find(c->world, name);
    Lan *lan = id == WORLD_NONE ? NULL : c->world->nodes[id].lan;
    if (!lan) fail_unknown(c, field, "LAN", name);
    return lan;
}

static Interface *read_interface(Command *c, const Host *host) {
    const char *name = value_read_text(&c->reader, "interface", NULL);
    if (!host) return NULL;
    Interface *interface = host_interface(host, name);
    if (!interface)
        fail(c, "interface",
             name ? "no interface \"%s\" here" : "the host has no interface yet: attach it to a LAN first",
             name ? name : "");
    return interface;
}

/* "192.168.1.5" within the network's prefix, or with a prefix of its own: "192.168.1.5/24". "" and absent give address
 * 0. */
static bool read_place(Command *c, const char *field, const Lan *lan, HandSettings *hand) {
    const char *text = value_read_text(&c->reader, field, "");
    Ipv4Prefix prefix;
    hand->address = 0;
    if (!text[0] || !no_mistake(c)) return false;
    char host_part[32];
    const char *slash = strchr(text, '/');
    snprintf(host_part, sizeof host_part, "%.*s", slash ? (int)(slash - text) : 31, text);
    if (!ipv4_parse(host_part, &hand->address) || (slash && !ipv4_prefix_parse(text, &prefix, NULL))) {
        value_reader_fail(&c->reader, field, value_get(c->value, field),
                          "an address such as \"192.168.1.1\" or \"192.168.1.1/24\"");
        return false;
    }
    if (!slash && (!lan || lan->prefix.length == 0)) {
        fail(c, field, "\"%s\": a length is expected too (\"/24\"), since the network has no prefix of its own", text);
        return false;
    }
    if (!slash) prefix = lan->prefix;
    hand->prefix_length = prefix.length;
    Text shown = text_new();
    ipv4_prefix_print(&shown, lan && lan->prefix.length ? lan->prefix : prefix);
    bool inside = !lan || lan->prefix.length == 0 || ipv4_prefix_has(lan->prefix, hand->address);
    if (!inside)
        config_error_set(c->reader.error, c->reader.arena, field,
                         "%s lies outside the prefix %s of %s; an address inside it expected", text, text_get(&shown),
                         lan->name);
    if (prefix.length < 31 && (hand->address == (hand->address & ipv4_mask(prefix.length)) ||
                               (hand->address | ipv4_mask(prefix.length)) == UINT32_MAX))
        config_error_set(c->reader.error, c->reader.arena, field,
                         "%s is the network's own or its broadcast address; a host's address expected", text);
    text_free(&shown);
    return no_mistake(c);
}

static void read_quality(Command *c, LinkQuality *q) {
    ValueReader *r = &c->reader;
    q->latency = config_read_span(r, "latency", q->latency);
    q->bandwidth_bps = (uint64_t)value_read_number(r, "bandwidth", 0, INT64_C(1000000000000),
                                                   (int64_t)q->bandwidth_bps);
}

static MacAddress next_mac(World *world) {
    return mac_of_number(UINT64_C(0x020000000000) + ((uint64_t)++world->mac_count << 8));
}

static bool read_new_name(Command *c, const char **name) {
    *name = value_read_text(&c->reader, "name", NULL);
    if (c->reader.names) return true;
    if (!*name || !(*name)[0] || strlen(*name) > 40) {
        value_reader_fail(&c->reader, "name", *name ? value_get(c->value, "name") : NULL,
                          "a name of 1 to 40 characters");
        return false;
    }
    if (world_find(c->world, *name) != WORLD_NONE)
        return fail(c, "name", "the name \"%s\" is taken; another one expected", *name);
    return true;
}

/* ---- Building ---- */

static void do_lan(Command *c) {
    static const char *const kinds[] = {"switch", "hub"};
    const char *name;
    read_new_name(c, &name);
    bool hub = value_read_choice(&c->reader, "kind", kinds, 2, 0) == 1;
    const char *prefix_text = value_read_text(&c->reader, "prefix", NULL);
    Ipv4Prefix prefix = {0};
    bool host_bits = false;
    if (prefix_text && (!ipv4_prefix_parse(prefix_text, &prefix, &host_bits) || host_bits))
        value_reader_fail(&c->reader, "prefix", value_get(c->value, "prefix"),
                          "a prefix such as \"192.168.1.0/24\", with no bits set beyond its length");
    LinkQuality quality = {.latency = SIM_MILLISECOND, .bandwidth_bps = 100000000, .reorder_by = 5 * SIM_MILLISECOND};
    read_quality(c, &quality);
    if (!command_accept(c)) return;
    Lan *lan = lan_new(c->world->sim, name, hub, prefix, &quality);
    world_add_node(c->world, lan->host, lan->name, NULL, lan);
}

static void do_host(Command *c) {
    const char *name;
    read_new_name(c, &name);
    bool router = value_read_truth(&c->reader, "router", false);
    if (!command_accept(c)) return;
    Host *host = host_new(c->world, name, router);
    world_add_node(c->world, host->id, host->name, host, NULL);
}

/* A cable from the interface to the LAN; the interface's former one, if any, stays pulled. */
static void plug_in(World *world, Host *host, Interface *interface, Lan *lan, const LinkQuality *quality,
                    uint32_t cause) {
    LinkEnd port = lan_new_port(lan), end = interface_link_end(interface);
    char name[100], port_name[20];
    snprintf(name, sizeof name, "%s-%s", host->name, lan->name);
    if (interface->index > 0) snprintf(name, sizeof name, "%s.%s-%s", host->name, interface->name, lan->name);
    snprintf(port_name, sizeof port_name, "port%u", (unsigned)port.port);
    DirectoryLink entry = {.name = name,
                           .end = {{.host = host->id, .index = interface->index, .name = interface->name},
                                   {.host = lan->host, .index = port.port, .name = port_name}},
                           .added_at = sim_now(world->sim)};
    memcpy(entry.end[0].mac, interface->mac.octet, 6);
    interface->link = link_new(world->sim, &entry, end, port, quality);
    interface->side = 0;
    lan_set_port(lan, port.port, interface->link);
    host->lan[interface->index] = lan;
    sim_record_fact(world->sim, host->id, TRACE_NONE, interface->index, &fact_link_plugged,
                    (int64_t[]){interface->index, interface->link->id, 1}, cause);
}

static void pull(World *world, Host *host, Interface *interface, uint32_t cause) {
    if (!interface->link || !interface->link->up) return;
    link_set_up(interface->link, false);
    sim_record_fact(world->sim, host->id, TRACE_NONE, interface->index, &fact_link_plugged,
                    (int64_t[]){interface->index, interface->link->id, 0}, cause);
}

static void keep_hand(Command *c, Host *host, Interface *interface, const HandSettings *hand) {
    if (!host->hand[interface->index])
        host->hand[interface->index] = arena_alloc(sim_arena(c->world->sim), sizeof(HandSettings));
    *host->hand[interface->index] = *hand;
}

static void read_hand(Command *c, const char *field, const Lan *lan, HandSettings *hand) {
    read_place(c, field, lan, hand);
    hand->router = config_read_address(&c->reader, "router", 0);
    if (hand->router && hand->address && ((hand->router ^ hand->address) & ipv4_mask(hand->prefix_length)) &&
        no_mistake(c))
        value_reader_fail(&c->reader, "router", value_get(c->value, "router"),
                          "a router inside the host's own network");
    hand->name_server_count = (uint8_t)config_read_addresses(&c->reader, "dns", hand->name_servers, SETTINGS_SERVERS);
    hand->probe = value_read_truth(&c->reader, "probe", true);
}

static void do_attach(Command *c) {
    Host *host = read_host(c, "host");
    Lan *lan = read_lan(c, "lan");
    char usual[12];
    snprintf(usual, sizeof usual, "eth%zu", host ? host->stack->interface_count : 0);
    const char *name = value_read_text(&c->reader, "interface", usual);
    const char *mac_text = value_read_text(&c->reader, "mac", NULL);
    MacAddress mac = {{0}};
    if (mac_text && (!mac_parse(mac_text, &mac) || mac_is_group(mac)))
        value_reader_fail(&c->reader, "mac", value_get(c->value, "mac"),
                          "the MAC address of one station, such as \"02:00:00:00:01:00\"");
    HandSettings hand = {0};
    read_hand(c, "address", lan, &hand);
    LinkQuality quality = lan ? lan->quality : (LinkQuality){0};
    read_quality(c, &quality);
    if (host && no_mistake(c) && (!name[0] || strlen(name) > 11))
        value_reader_fail(&c->reader, "interface", value_get(c->value, "interface"), "a name of at most 11 characters");
    if (host && name[0] && host->stack->interface_count > 0 && host_interface(host, name))
        fail(c, "interface", "\"%s\" is plugged in already; another name, or move, expected", name);
    if (host && host->stack->interface_count == STACK_INTERFACES)
        fail(c, "interface", "%s", "at most 16 interfaces expected");
    if (!command_accept(c)) return;
    Interface *interface = ip_stack_add_interface(host->stack, name, mac_text ? mac : next_mac(c->world));
    keep_hand(c, host, interface, &hand);
    plug_in(c->world, host, interface, lan, &quality, c->cause);
}

static void do_link(Command *c) {
    Host *ends[2] = {read_host(c, "a"), read_host(c, "b")};
    HandSettings hands[2] = {{0}, {0}};
    read_place(c, "address_a", NULL, &hands[0]);
    read_place(c, "address_b", NULL, &hands[1]);
    LinkQuality quality = {
        .latency = 5 * SIM_MILLISECOND, .bandwidth_bps = 100000000, .reorder_by = 5 * SIM_MILLISECOND};
    read_quality(c, &quality);
    if (ends[0] && ends[0] == ends[1]) fail(c, "b", "%s", "another host than a expected");
    for (int i = 0; i < 2; i++)
        if (ends[i] && ends[i]->stack->interface_count == STACK_INTERFACES)
            fail(c, i ? "b" : "a", "%s", "at most 16 interfaces expected");
    if (!command_accept(c)) return;
    Interface *interfaces[2];
    DirectoryLink entry = {.added_at = sim_now(c->world->sim)};
    char name[100];
    snprintf(name, sizeof name, "%s-%s", ends[0]->name, ends[1]->name);
    entry.name = name;
    for (int i = 0; i < 2; i++) {
        char usual[12];
        snprintf(usual, sizeof usual, "eth%zu", ends[i]->stack->interface_count);
        interfaces[i] = ip_stack_add_interface(ends[i]->stack, usual, next_mac(c->world));
        hands[i].probe = true;
        keep_hand(c, ends[i], interfaces[i], &hands[i]);
        entry.end[i] = (DirectoryEnd){.host = ends[i]->id, .index = interfaces[i]->index, .name = interfaces[i]->name};
        memcpy(entry.end[i].mac, interfaces[i]->mac.octet, 6);
    }
    Link *link = link_new(c->world->sim, &entry, interface_link_end(interfaces[0]), interface_link_end(interfaces[1]),
                          &quality);
    for (int i = 0; i < 2; i++) {
        interfaces[i]->link = link;
        interfaces[i]->side = (uint8_t)i;
        sim_record_fact(c->world->sim, ends[i]->id, TRACE_NONE, interfaces[i]->index, &fact_link_plugged,
                        (int64_t[]){interfaces[i]->index, link->id, 1}, c->cause);
    }
}

/* The interface whose hand-made network has this address; NULL: none. */
static Interface *interface_towards(const Host *host, Ipv4Address address) {
    for (size_t i = 0; i < host->stack->interface_count; i++) {
        const HandSettings *hand = host->hand[i];
        if (hand && hand->address && ((hand->address ^ address) & ipv4_mask(hand->prefix_length)) == 0)
            return host->stack->interfaces[i];
    }
    return NULL;
}

static void do_route(Command *c) {
    Host *host = read_host(c, "host");
    const char *to = value_read_text(&c->reader, "to", NULL);
    Ipv4Address via = config_read_address(&c->reader, "via", 0);
    Route route = {.via = via};
    if (host && (!to || !ipv4_prefix_parse(to, &route.to, NULL)))
        value_reader_fail(&c->reader, "to", value_get(c->value, "to"), "a prefix such as \"10.0.0.0/8\"");
    Interface *interface = host ? interface_towards(host, via) : NULL;
    if (host && !interface && no_mistake(c)) {
        if (via)
            value_reader_fail(&c->reader, "via", value_get(c->value, "via"),
                              "a router on one of the host's own networks");
        else value_reader_fail(&c->reader, "via", NULL, "the address of the next router");
    }
    if (!command_accept(c)) return;
    route.interface = interface->index;
    host->routes = array_grow(host->routes, &host->route_capacity, host->route_count + 1, sizeof(Route));
    host->routes[host->route_count++] = route;
    if (host->stack->powered) ip_stack_route_add(host->stack, route.to, route.via, route.interface);
}

/* ---- Services ---- */

static const char *const service_names[] = {"dhcp_client", "dhcp_server", "dhcp_relay", "udp_echo"};
enum { SERVICE_DHCP_CLIENT, SERVICE_DHCP_SERVER, SERVICE_DHCP_RELAY, SERVICE_UDP_ECHO, SERVICES };

typedef struct {
    DhcpClientSettings client;
    DhcpServerConfig server;
    DhcpRelayConfig relay;
    uint16_t echo_port;
} ServiceSettings;

static bool read_service(size_t service, ValueReader *r, const ConfigPlace *place, ServiceSettings *s) {
    switch (service) {
        case SERVICE_DHCP_CLIENT: return config_read_dhcp_client(r, place, &s->client);
        case SERVICE_DHCP_SERVER: return config_read_dhcp_server(r, place, &s->server);
        case SERVICE_DHCP_RELAY: return config_read_dhcp_relay(r, place, &s->relay);
        case SERVICE_UDP_ECHO: return config_read_udp_echo(r, &s->echo_port);
        default: CHECK_UNREACHABLE();
    }
}

static const Value empty_map = {.kind = VALUE_MAP};

static bool read_service_config(Command *c, Host *host, size_t *service, ServiceSettings *settings) {
    *service = value_read_choice(&c->reader, "service", service_names, SERVICES, SERVICES);
    const Value *config = value_read_any(&c->reader, "config", "table");
    if (!host || !no_mistake(c)) return false;
    if (*service == SERVICES) {
        value_reader_fail(&c->reader, "service", NULL, "the name of a service");
        return false;
    }
    ConfigPlace place = {c->reader.arena, host, c->world->lans, c->world->lan_count};
    ValueReader inner = value_reader(c->reader.arena, config ? config : &empty_map, "", c->reader.error);
    return read_service(*service, &inner, &place, settings);
}

/* Sent where no route leads, a relay's datagrams would only vanish. */
static void check_relay_routes(Command *c, const Host *host, const DhcpRelayConfig *relay) {
    for (size_t i = 0; i < relay->server_count; i++) {
        bool reached = interface_towards(host, relay->servers[i]) != NULL;
        for (size_t k = 0; k < host->route_count; k++)
            reached = reached || ipv4_prefix_has(host->routes[k].to, relay->servers[i]);
        for (size_t k = 0; k < host->stack->interface_count; k++)
            reached = reached || (host->hand[k] && host->hand[k]->router);
        if (reached) continue;
        Text address = text_new();
        ipv4_print(&address, relay->servers[i]);
        fail(c, "config.servers", "no route leads to %s: an address on one of its networks, or a route to it, expected",
             text_get(&address));
        text_free(&address);
    }
}

static void do_service(Command *c) {
    Host *host = read_host(c, "host");
    size_t service;
    ServiceSettings s;
    if (!read_service_config(c, host, &service, &s)) return;
    static const uint16_t ports[SERVICES] = {DHCP_CLIENT_PORT, DHCP_SERVER_PORT, DHCP_SERVER_PORT, 0};
    uint16_t port = service == SERVICE_UDP_ECHO ? s.echo_port : ports[service];
    for (size_t i = 0; i < host->listen_count; i++)
        if (host->listens[i] == port) fail(c, "service", "%s listens on the port of this service already", host->name);
    bool taken[SERVICES] = {host->dhcp_client != NULL, host->dhcp_server != NULL, host->dhcp_relay != NULL,
                            host->echo_port != 0};
    if (taken[service]) fail(c, "service", "this host runs a %s already", service_names[service]);
    if (host->stack->interface_count == 0)
        fail(c, "host", "%s has no interface yet: attach it to a LAN first", host->name);
    if ((service == SERVICE_DHCP_SERVER && host->dhcp_relay) || (service == SERVICE_DHCP_RELAY && host->dhcp_server))
        fail(c, "service", "%s", "a host is a DHCP server or a relay: both listen on port 67");
    if (service == SERVICE_DHCP_RELAY) check_relay_routes(c, host, &s.relay);
    if (!command_accept(c)) return;
    switch (service) {
        case SERVICE_DHCP_CLIENT:
            host_dhcp_client_add(host, &s.client.client, &s.client.conflict, s.client.interface);
            if (host->stack->powered) host_dhcp_client_start(host, c->cause);
            break;
        case SERVICE_DHCP_SERVER:
            host_dhcp_server_add(host, &s.server);
            if (host->stack->powered) host_dhcp_server_start(host, c->cause);
            break;
        case SERVICE_DHCP_RELAY:
            host_dhcp_relay_add(host, &s.relay);
            if (host->stack->powered) host_dhcp_relay_start(host, c->cause);
            break;
        default: host_use_echo(host, s.echo_port);
    }
}

static void do_configure(Command *c) {
    Host *host = read_host(c, "host");
    size_t service;
    ServiceSettings s;
    if (!read_service_config(c, host, &service, &s)) return;
    if (service != SERVICE_DHCP_SERVER)
        fail(c, "service", "%s can't be changed while it runs; \"dhcp_server\" expected", service_names[service]);
    else if (!host->dhcp_server) fail(c, "service", "%s runs no DHCP server", host->name);
    if (!command_accept(c)) return;
    host_dhcp_server_configure(host, &s.server);
}

/* ---- Power and cables ---- */

static void do_boot(Command *c) {
    Host *host = read_host(c, "host");
    bool quiet = value_read_truth(&c->reader, "quiet", false);
    if (command_accept(c)) host_boot(host, quiet, c->cause);
}

static void do_shutdown(Command *c) {
    Host *host = read_host(c, "host");
    if (command_accept(c)) host_shutdown(host, c->cause);
}

static void do_crash(Command *c) {
    Host *host = read_host(c, "host");
    if (command_accept(c)) host_crash(host, c->cause);
}

static void do_move(Command *c) {
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    Lan *lan = read_lan(c, "lan");
    if (!command_accept(c)) return;
    pull(c->world, host, interface, c->cause);
    plug_in(c->world, host, interface, lan, &lan->quality, c->cause);
    host_link_up(host, interface, c->cause);
}

static void do_unplug(Command *c) {
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    if (command_accept(c)) pull(c->world, host, interface, c->cause);
}

static void do_plug(Command *c) {
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    if (interface && !interface->link) fail(c, "interface", "%s was never plugged in anywhere", interface->name);
    if (!command_accept(c) || interface->link->up) return;
    link_set_up(interface->link, true);
    sim_record_fact(c->world->sim, host->id, TRACE_NONE, interface->index, &fact_link_plugged,
                    (int64_t[]){interface->index, interface->link->id, 1}, c->cause);
    host_link_up(host, interface, c->cause);
}

static const char *const directions[] = {"both", "from_host", "to_host"};

/* Which of the cable's ways a direction means, seen from the interface. */
static bool way_meant(size_t direction, const Interface *interface, int side) {
    return direction == 0 || (direction == 1) == (side == interface->side);
}

static void do_cable(Command *c) {
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    ValueReader *r = &c->reader;
    size_t direction = value_read_choice(r, "direction", directions, 3, 0);
    LinkQuality given[2];
    Link *link = interface ? interface->link : NULL;
    for (int side = 0; side < 2; side++) given[side] = link ? link->way[side].quality : (LinkQuality){0};
    LinkQuality *q = &given[link && way_meant(direction, interface, 0) ? 0 : 1];
    read_quality(c, q);
    q->loss_ppm = config_read_share(r, "loss", q->loss_ppm);
    q->duplicate_ppm = config_read_share(r, "duplicate", q->duplicate_ppm);
    q->reorder_ppm = config_read_share(r, "reorder", q->reorder_ppm);
    q->corrupt_ppm = config_read_share(r, "corrupt", q->corrupt_ppm);
    bool up = value_read_truth(r, "up", link ? link->up : true), changes_up = link && up != link->up;
    if (host && !link) fail(c, "host", "%s is plugged in nowhere", host->name);
    if (!command_accept(c)) return;
    for (int side = 0; side < 2; side++) {
        if (!way_meant(direction, interface, side)) continue;
        LinkQuality *mine = &link->way[side].quality;
        if (value_get(c->value, "latency")) mine->latency = q->latency;
        if (value_get(c->value, "bandwidth")) mine->bandwidth_bps = q->bandwidth_bps;
        if (value_get(c->value, "loss")) mine->loss_ppm = q->loss_ppm;
        if (value_get(c->value, "duplicate")) mine->duplicate_ppm = q->duplicate_ppm;
        if (value_get(c->value, "reorder")) mine->reorder_ppm = q->reorder_ppm;
        if (value_get(c->value, "corrupt")) mine->corrupt_ppm = q->corrupt_ppm;
    }
    if (!changes_up) return;
    if (up) {
        link_set_up(link, true);
        sim_record_fact(c->world->sim, host->id, TRACE_NONE, interface->index, &fact_link_plugged,
                        (int64_t[]){interface->index, link->id, 1}, c->cause);
        host_link_up(host, interface, c->cause);
    } else {
        pull(c->world, host, interface, c->cause);
    }
}

static void do_fault(Command *c) {
    static const char *const actions[] = {"drop", "duplicate", "corrupt", "delay"};
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    size_t direction = value_read_choice(&c->reader, "direction", directions, 3, 0);
    LinkFault fault = {.action = (LinkFaultAction)value_read_choice(&c->reader, "action", actions, 4, 0)};
    fault.count = (uint32_t)value_read_number(&c->reader, "count", 1, 1000000, 1);
    fault.by = config_read_span(&c->reader, "by", SIM_SECOND);
    fault.message = value_read_text(&c->reader, "message", NULL);
    if (interface && !interface->link) fail(c, "host", "%s is plugged in nowhere", host->name);
    if (!command_accept(c)) return;
    fault.cause = c->cause;
    for (int side = 0; side < 2; side++)
        if (way_meant(direction, interface, side)) link_add_fault(interface->link, side, &fault);
}

static void do_address(Command *c) {
    Host *host = read_host(c, "host");
    Interface *interface = read_interface(c, host);
    HandSettings hand = {0};
    read_hand(c, "address", interface ? host->lan[interface->index] : NULL, &hand);
    if (!command_accept(c)) return;
    keep_hand(c, host, interface, &hand);
    if (!host->stack->powered) return;
    if (hand.address) host_use_hand_settings(host, interface, false, c->cause);
    else interface_unconfigure(interface, c->cause);
}

/* ---- Applications ---- */

static void do_dhcp(Command *c) {
    static const char *const actions[] = {"release", "renew", "inform", "start", "stop"};
    static const DhcpClientInput inputs[] = {DHCP_CLIENT_ON_RELEASE, DHCP_CLIENT_ON_RENEW, DHCP_CLIENT_ON_INFORM,
                                             DHCP_CLIENT_ON_START, DHCP_CLIENT_ON_STOP};
    Host *host = read_host(c, "host");
    size_t action = value_read_choice(&c->reader, "action", actions, 5, 5);
    if (host && no_mistake(c) && action == 5)
        value_reader_fail(&c->reader, "action", NULL, "one of \"release\", \"renew\", \"inform\", \"start\", \"stop\"");
    if (host && !host->dhcp_client) fail(c, "host", "%s runs no DHCP client", host->name);
    else if (host && !host->dhcp_client->running) fail(c, "host", "%s is switched off", host->name);
    if (!command_accept(c)) return;
    if (inputs[action] == DHCP_CLIENT_ON_INFORM) {
        const Interface *interface = host->stack->interfaces[host->dhcp_client->client.interface];
        if (interface->address)
            dhcp_client_set_own_address(&host->dhcp_client->client, interface->address, interface->prefix_length);
    }
    host_dhcp_client_input(host, inputs[action], c->cause);
}

/* An address, or the name of a host: then its first address. */
static Ipv4Address read_target(Command *c, const char *field) {
    const char *text = value_read_text(&c->reader, field, NULL);
    Ipv4Address address = 0;
    if (!text || ipv4_parse(text, &address)) {
        if (!text && !c->reader.names) value_reader_fail(&c->reader, field, NULL, "an address or the name of a host");
        return address;
    }
    const Host *host = world_host(c->world, world_find(c->world, text));
    if (!host) {
        fail_unknown(c, field, "host", text);
        return 0;
    }
    for (size_t i = 0; i < host->stack->interface_count && address == 0; i++)
        address = host->stack->interfaces[i]->address;
    for (size_t i = 0; i < host->stack->interface_count && address == 0; i++)
        if (host->hand[i]) address = host->hand[i]->address;
    if (address == 0) fail(c, field, "%s has no address at this moment", text);
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
} Repeat;

static void ping_next(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Repeat *repeat = self;
    (void)number, (void)other;
    if (!repeat->host->stack->powered) return;
    host_ping(repeat->host, repeat->to, repeat->ttl, cause);
    Sim *sim = repeat->host->stack->sim;
    if (--repeat->left > 0) sim_schedule(sim, sim_now(sim) + repeat->every, ping_next, repeat, 0, 0, cause);
}

static void do_ping(Command *c) {
    Host *host = read_host(c, "host");
    Repeat repeat = {.host = host, .to = read_target(c, "to"), .every = SIM_SECOND};
    repeat.left = (uint32_t)value_read_number(&c->reader, "count", 1, 1000000, 1);
    repeat.ttl = (uint8_t)value_read_number(&c->reader, "ttl", 1, 255, 64);
    if (!command_accept(c)) return;
    Repeat *kept = arena_alloc(sim_arena(c->world->sim), sizeof *kept);
    *kept = repeat;
    ping_next(kept, 0, 0, c->cause);
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
    Host *host = read_host(c, "host");
    Repeat repeat = {.host = host, .to = read_target(c, "to")};
    repeat.port = (uint16_t)value_read_number(&c->reader, "port", 1, 65535, 7);
    repeat.from_port = (uint16_t)value_read_number(&c->reader, "from_port", 1, 65535, 49152);
    repeat.left = (uint32_t)value_read_number(&c->reader, "count", 1, 100000000, 1);
    repeat.every = config_read_span(&c->reader, "every", SIM_SECOND);
    const char *text = value_read_text(&c->reader, "text", "");
    if (strlen(text) > UDP_OCTETS_MOST)
        value_reader_fail(&c->reader, "text", value_get(c->value, "text"), "at most 1400 octets");
    uint8_t octets[UDP_OCTETS_MOST];
    size_t size = read_hex(c, "octets", octets, sizeof octets, "at most 1400 octets, two hexadecimal digits each");
    if (size > 0 && text[0]) fail(c, "octets", "%s", "either text or octets expected, both given");
    if (!command_accept(c)) return;
    Repeat *kept = arena_alloc(sim_arena(c->world->sim), sizeof *kept);
    *kept = repeat;
    kept->octets = size > 0 ? bytes_of(arena_text_n(sim_arena(c->world->sim), (const char *)octets, size), size)
                            : bytes_of(arena_text(sim_arena(c->world->sim), text), strlen(text));
    udp_next(kept, 0, 0, c->cause);
}

static void do_listen(Command *c) {
    Host *host = read_host(c, "host");
    uint16_t port = (uint16_t)value_read_number(&c->reader, "port", 1, 65535, 0);
    bool close = value_read_truth(&c->reader, "close", false);
    if (host && port == 0) value_reader_fail(&c->reader, "port", NULL, "a port");
    if (host && port != 0 && !close && host_port_taken(host, port))
        fail(c, "port", "%s listens there already", host->name);
    if (!command_accept(c)) return;
    if (close)
        host_listen_end(host, port);
    else
        host_listen(host, port);
}

static void do_frame(Command *c) {
    Lan *lan = read_lan(c, "lan");
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
    void (*run)(Command *command);
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
    {"ping", do_ping},
    {"udp", do_udp},
    {"listen", do_listen},
    {"frame", do_frame},
    {"say", do_say},
    {"expect", do_expect},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

bool command_carry_out(Command *c) {
    const char *name = value_read_text(&c->reader, "do", "");
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, name) != 0) continue;
        commands[i].run(c);
        return no_mistake(c);
    }
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
    const char *nearest = text_nearest(name, names, COMMANDS);
    return fail(c, "do", nearest ? "unknown command; did you mean \"%s\"?" : "unknown command%s",
                nearest ? nearest : "");
}

bool command_describe(const char *what, Text *names) {
    bool found = false;
    World *world = world_new(0, false);
    ConfigError error = {0};
    for (size_t i = 0; i < SERVICES; i++) {
        if (strncmp(what, "service:", 8) != 0 || strcmp(what + 8, service_names[i]) != 0) continue;
        ValueReader r = value_reader(sim_arena(world->sim), &empty_map, "", &error);
        r.names = names;
        ConfigPlace place = {.arena = sim_arena(world->sim)};
        ServiceSettings s;
        (void)!read_service(i, &r, &place, &s);
        found = true;
    }
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
