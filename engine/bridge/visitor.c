#include "bridge/visitor.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static const char visitor_name[] = "visitor";

/* ---- Commands ---- */

typedef struct {
    Arena *arena;
    Value map;
} Order;

static Order order(const char *what, const char *host) {
    Order o = {arena_new(), value_map()};
    value_set(o.arena, &o.map, "do", value_text(o.arena, what));
    if (host) value_set(o.arena, &o.map, "host", value_text(o.arena, host));
    return o;
}

static void put(Order *o, const char *key, Value value) { value_set(o->arena, &o->map, key, value); }
static void put_text(Order *o, const char *key, const char *text) { put(o, key, value_text(o->arena, text)); }

static bool give(const VisitorDoor *door, Order *o, Text *error) {
    bool good = door->give(door->self, &o->map, error);
    arena_free(o->arena);
    return good;
}

/* ---- Whom to visit ---- */

static const char *node_name(const World *world, uint32_t host) {
    return trace_directory(world_trace(world))->hosts[host].name;
}

static uint32_t find_host(const World *world, const char *name) {
    uint32_t host = world_find(world, name);
    if (host != WORLD_NONE && world_interface_count(world, host) > 0) return host;
    Ipv4Address address;
    bool numeric = ipv4_parse(name, &address);
    const Directory *d = trace_directory(world_trace(world));
    for (uint32_t i = 0; i < d->host_count; i++) {
        const char *greets = world_mail_name(world, i);
        if (greets && strcmp(greets, name) == 0) return i;
        for (size_t k = 0; numeric && k < world_interface_count(world, i); k++)
            if (world_interface(world, i, k).address == address) return i;
    }
    return WORLD_NONE;
}

bool visitor_find(const World *world, const char *text, uint32_t *host, uint16_t *port, Text *error) {
    const char *colon = strrchr(text, ':');
    char *end;
    long number = colon ? strtol(colon + 1, &end, 10) : 0;
    if (!colon || colon == text || end == colon + 1 || *end || number < 1 || number > 65535) {
        text_print(error, "%s: HOST:PORT expected, for example mail.hamburger.edu:25", text);
        return false;
    }
    Text name = text_new();
    text_put_n(&name, text, (size_t)(colon - text));
    *host = find_host(world, text_get(&name));
    *port = (uint16_t)number;
    if (*host == WORLD_NONE) {
        const Directory *d = trace_directory(world_trace(world));
        const char **names = memory_new((2 * d->host_count + 1) * sizeof *names);
        size_t count = 0;
        for (uint32_t i = 0; i < d->host_count; i++) {
            if (world_interface_count(world, i) == 0) continue;
            names[count++] = d->hosts[i].name;
            if (world_mail_name(world, i)) names[count++] = world_mail_name(world, i);
        }
        const char *nearest = text_nearest(text_get(&name), names, count);
        text_print(error, "there is no host \"%s\" in this scenario", text_get(&name));
        if (nearest) text_print(error, "; did you mean \"%s\"?", nearest);
        free(names);
    }
    text_free(&name);
    return *host != WORLD_NONE;
}

/* The node at the far end of the host's cable: its LAN. */
static uint32_t lan_of(const World *world, uint32_t host) {
    const Directory *d = trace_directory(world_trace(world));
    WorldInterface interface = world_interface(world, host, 0);
    if (interface.link == WORLD_NONE || interface.link >= d->link_count) return WORLD_NONE;
    const DirectoryLink *link = &d->links[interface.link];
    uint32_t other = link->end[0].host == host ? link->end[1].host : link->end[0].host;
    NodeKind kind = d->hosts[other].kind;
    return kind == NODE_SWITCH || kind == NODE_HUB ? other : WORLD_NONE;
}

/* The highest address of the network that nobody uses. */
static Ipv4Address free_address(const World *world, Ipv4Address network, uint8_t length) {
    const Directory *d = trace_directory(world_trace(world));
    uint32_t hosts = length >= 31 ? 1 : ~ipv4_mask(length);
    for (uint32_t i = hosts - 1; i > 0; i--) {
        Ipv4Address address = (network & ipv4_mask(length)) | i;
        bool taken = false;
        for (uint32_t h = 0; h < d->host_count && !taken; h++)
            for (size_t k = 0; k < world_interface_count(world, h); k++)
                taken = taken || world_interface(world, h, k).address == address;
        if (!taken) return address;
    }
    return 0;
}

static bool join(const VisitorDoor *door, const char *name, uint32_t lan, const WorldInterface *target, Text *error) {
    Ipv4Address address = free_address(door->world, target->address, target->prefix_length);
    if (address == 0) {
        text_print(error, "no address is left for a visitor on %s", node_name(door->world, lan));
        return false;
    }
    Text written = text_new();
    ipv4_print(&written, address);
    text_print(&written, "/%u", target->prefix_length);
    Order host = order("host", NULL);
    put_text(&host, "name", name);
    bool good = give(door, &host, error);
    Order attach = order("attach", name);
    put_text(&attach, "lan", node_name(door->world, lan));
    put_text(&attach, "address", text_get(&written));
    good = give(door, &attach, error) && good;
    Order boot = order("boot", name);
    put(&boot, "quiet", value_truth(true));
    good = give(door, &boot, error) && good;
    text_free(&written);
    return good;
}

bool visitor_join(const VisitorDoor *door, uint32_t host, uint16_t port, Visitor *visitor, Text *error) {
    World *world = door->world;
    WorldInterface target = world_interface(world, host, 0);
    uint32_t lan = lan_of(world, host);
    if (lan == WORLD_NONE || target.address == 0) {
        text_print(error, "%s has no address on a LAN that a visitor could join", node_name(world, host));
        return false;
    }
    *visitor = (Visitor){.door = *door, .target = target.address, .port = port};
    for (unsigned i = 1;; i++) {
        Text name = text_new();
        text_put(&name, visitor_name);
        if (i > 1) text_print(&name, "%u", i);
        uint32_t found = world_find(world, text_get(&name));
        bool mine = found != WORLD_NONE && world_interface_count(world, found) > 0 && lan_of(world, found) == lan;
        bool good = found != WORLD_NONE || join(door, text_get(&name), lan, &target, error);
        if (found == WORLD_NONE && good) found = world_find(world, text_get(&name));
        mine = mine || (good && found != WORLD_NONE && lan_of(world, found) == lan);
        text_free(&name);
        if (!good) return false;
        if (!mine) continue;
        visitor->host = found;
        visitor->name = node_name(world, found);
        return true;
    }
}

bool visitor_connect(const Visitor *v, const char *name, Text *error) {
    Order o = order("connect", v->name);
    Text address = text_new();
    ipv4_print(&address, v->target);
    put_text(&o, "name", name);
    put_text(&o, "to", text_get(&address));
    put(&o, "port", value_number(v->port));
    put(&o, "nagle", value_truth(false)); /* the client's own TCP has decided already what goes together */
    text_free(&address);
    return give(&v->door, &o, error);
}

/* Octets that are no plain text go as hexadecimal digits, so that the command can be written down. */
bool visitor_write(const Visitor *v, const char *name, Bytes octets, Text *error) {
    Order o = order("write", v->name);
    put_text(&o, "name", name);
    bool plain = true;
    for (size_t i = 0; i < octets.size && plain; i++) {
        uint8_t c = octets.at[i];
        plain = c < 0x7f && (c >= 0x20 || c == '\n' || c == '\r' || c == '\t');
    }
    if (plain) {
        put(&o, "text", value_text_n(o.arena, (const char *)octets.at, octets.size));
    } else {
        Text hex = text_new();
        text_put_hex(&hex, octets, "");
        put(&o, "octets", value_text_n(o.arena, text_get(&hex), hex.size));
        text_free(&hex);
    }
    return give(&v->door, &o, error);
}

bool visitor_hang_up(const Visitor *v, const char *name, bool abort, Text *error) {
    Order o = order("hangup", v->name);
    put_text(&o, "name", name);
    if (abort) put(&o, "abort", value_truth(true));
    return give(&v->door, &o, error);
}
