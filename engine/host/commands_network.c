/* The commands that build networks and change them: LANs, hosts, cables, routes, addresses by hand. */
#include <stdio.h>
#include <string.h>

#include "host/world_inside.h"
#include "stack/facts.h"

/* ---- Reading ---- */

/* "192.168.1.5" within the network's prefix, or with a prefix of its own: "192.168.1.5/24". "" and absent give address
 * 0. */
static bool read_place(Command *c, const char *field, const Lan *lan, HandSettings *hand) {
    const char *text = value_read_text(&c->reader, field, "");
    Ipv4Prefix prefix;
    hand->address = 0;
    if (!text[0] || !command_is_good(c)) return false;
    char host_part[32];
    const char *slash = strchr(text, '/');
    snprintf(host_part, sizeof host_part, "%.*s", slash ? (int)(slash - text) : 31, text);
    if (!ipv4_parse(host_part, &hand->address) || (slash && !ipv4_prefix_parse(text, &prefix, NULL))) {
        value_reader_fail(&c->reader, field, value_get(c->value, field),
                          "an address such as \"192.168.1.1\" or \"192.168.1.1/24\"");
        return false;
    }
    if (!slash && (!lan || lan->prefix.length == 0)) {
        command_fail(c, field, "\"%s\": a length is expected too (\"/24\"), since the network has no prefix of its own",
                     text);
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
    return command_is_good(c);
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
        return command_fail(c, "name", "the name \"%s\" is taken; another one expected", *name);
    return true;
}
/* ---- Building ---- */

void do_lan(Command *c) {
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

void do_host(Command *c) {
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
        command_is_good(c))
        value_reader_fail(&c->reader, "router", value_get(c->value, "router"),
                          "a router inside the host's own network");
    hand->name_server_count = (uint8_t)config_read_addresses(&c->reader, "dns", hand->name_servers, SETTINGS_SERVERS);
    hand->probe = value_read_truth(&c->reader, "probe", true);
}

void do_attach(Command *c) {
    Host *host = command_read_host(c, "host");
    Lan *lan = command_read_lan(c, "lan");
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
    if (host && command_is_good(c) && (!name[0] || strlen(name) > 11))
        value_reader_fail(&c->reader, "interface", value_get(c->value, "interface"), "a name of at most 11 characters");
    if (host && name[0] && host->stack->interface_count > 0 && host_interface(host, name))
        command_fail(c, "interface", "\"%s\" is plugged in already; another name, or move, expected", name);
    if (host && host->stack->interface_count == STACK_INTERFACES)
        command_fail(c, "interface", "%s", "at most 16 interfaces expected");
    if (!command_accept(c)) return;
    Interface *interface = ip_stack_add_interface(host->stack, name, mac_text ? mac : next_mac(c->world));
    keep_hand(c, host, interface, &hand);
    plug_in(c->world, host, interface, lan, &quality, c->cause);
}

void do_link(Command *c) {
    Host *ends[2] = {command_read_host(c, "a"), command_read_host(c, "b")};
    HandSettings hands[2] = {{0}, {0}};
    read_place(c, "address_a", NULL, &hands[0]);
    read_place(c, "address_b", NULL, &hands[1]);
    LinkQuality quality = {
        .latency = 5 * SIM_MILLISECOND, .bandwidth_bps = 100000000, .reorder_by = 5 * SIM_MILLISECOND};
    read_quality(c, &quality);
    if (ends[0] && ends[0] == ends[1]) command_fail(c, "b", "%s", "another host than a expected");
    for (int i = 0; i < 2; i++)
        if (ends[i] && ends[i]->stack->interface_count == STACK_INTERFACES)
            command_fail(c, i ? "b" : "a", "%s", "at most 16 interfaces expected");
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

Interface *host_interface_towards(const Host *host, Ipv4Address address) {
    for (size_t i = 0; i < host->stack->interface_count; i++) {
        const HandSettings *hand = host->hand[i];
        if (hand && hand->address && ((hand->address ^ address) & ipv4_mask(hand->prefix_length)) == 0)
            return host->stack->interfaces[i];
    }
    return NULL;
}

void do_route(Command *c) {
    Host *host = command_read_host(c, "host");
    const char *to = value_read_text(&c->reader, "to", NULL);
    Ipv4Address via = config_read_address(&c->reader, "via", 0);
    Route route = {.via = via};
    if (host && (!to || !ipv4_prefix_parse(to, &route.to, NULL)))
        value_reader_fail(&c->reader, "to", value_get(c->value, "to"), "a prefix such as \"10.0.0.0/8\"");
    Interface *interface = host ? host_interface_towards(host, via) : NULL;
    if (host && !interface && command_is_good(c)) {
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
/* ---- Cables ---- */

void do_move(Command *c) {
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
    Lan *lan = command_read_lan(c, "lan");
    if (!command_accept(c)) return;
    pull(c->world, host, interface, c->cause);
    plug_in(c->world, host, interface, lan, &lan->quality, c->cause);
    host_link_up(host, interface, c->cause);
}

void do_unplug(Command *c) {
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
    if (command_accept(c)) pull(c->world, host, interface, c->cause);
}

void do_plug(Command *c) {
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
    if (interface && !interface->link)
        command_fail(c, "interface", "%s was never plugged in anywhere", interface->name);
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

void do_cable(Command *c) {
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
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
    if (host && !link) command_fail(c, "host", "%s is plugged in nowhere", host->name);
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

void do_fault(Command *c) {
    static const char *const actions[] = {"drop", "duplicate", "corrupt", "delay"};
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
    size_t direction = value_read_choice(&c->reader, "direction", directions, 3, 0);
    LinkFault fault = {.action = (LinkFaultAction)value_read_choice(&c->reader, "action", actions, 4, 0)};
    fault.count = (uint32_t)value_read_number(&c->reader, "count", 1, 1000000, 1);
    fault.by = config_read_span(&c->reader, "by", SIM_SECOND);
    fault.message = value_read_text(&c->reader, "message", NULL);
    if (interface && !interface->link) command_fail(c, "host", "%s is plugged in nowhere", host->name);
    if (!command_accept(c)) return;
    fault.cause = c->cause;
    for (int side = 0; side < 2; side++)
        if (way_meant(direction, interface, side)) link_add_fault(interface->link, side, &fault);
}

void do_address(Command *c) {
    Host *host = command_read_host(c, "host");
    Interface *interface = command_read_interface(c, host);
    HandSettings hand = {0};
    read_hand(c, "address", interface ? host->lan[interface->index] : NULL, &hand);
    if (!command_accept(c)) return;
    keep_hand(c, host, interface, &hand);
    if (!host->stack->powered) return;
    interface_unconfigure(interface, c->cause);
    if (hand.address) host_use_hand_settings(host, interface, false, c->cause);
}
