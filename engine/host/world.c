#include "host/world.h"

#include <stdlib.h>
#include <string.h>

#include "host/world_inside.h"

World *world_new(uint64_t seed, bool keep_trace) {
    World *world = memory_new(sizeof *world);
    world->sim = sim_new(seed, keep_trace);
    return world;
}

void world_free(World *world) {
    if (!world) return;
    for (size_t i = 0; i < world->node_count; i++) {
        if (world->nodes[i].host) host_release(world->nodes[i].host);
        if (world->nodes[i].lan) lan_release(world->nodes[i].lan);
    }
    free(world->nodes);
    free(world->names);
    free(world->lans);
    free(world->log);
    free(world->calls);
    sim_free(world->sim);
    free(world);
}

Sim *world_sim(World *world) { return world->sim; }
const Trace *world_trace(const World *world) { return sim_trace(world->sim); }
SimTime world_now(const World *world) { return sim_now(world->sim); }

/* ---- Names ---- */

static uint32_t *name_place(const World *world, const char *name) {
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (const char *at = name; *at; at++) hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
    size_t mask = world->name_capacity - 1, i = (size_t)(hash >> 16) & mask;
    while (world->names[i] != 0 && strcmp(world->nodes[world->names[i] - 1].name, name) != 0) i = (i + 1) & mask;
    return &world->names[i];
}

uint32_t world_find(const World *world, const char *name) {
    if (world->name_capacity == 0) return WORLD_NONE;
    uint32_t found = *name_place(world, name);
    return found ? found - 1 : WORLD_NONE;
}

void world_add_node(World *world, uint32_t id, const char *name, Host *host, Lan *lan) {
    CHECK(id == world->node_count);
    world->nodes = array_grow(world->nodes, &world->node_capacity, world->node_count + 1, sizeof(Node));
    world->nodes[world->node_count++] = (Node){name, host, lan};
    if (2 * world->node_count > world->name_capacity) {
        free(world->names);
        world->name_capacity = world->name_capacity ? world->name_capacity * 4 : 64;
        world->names = memory_new(world->name_capacity * sizeof(uint32_t));
        for (uint32_t i = 0; i < world->node_count; i++) *name_place(world, world->nodes[i].name) = i + 1;
    } else {
        *name_place(world, name) = id + 1;
    }
    if (lan) {
        world->lans = array_grow(world->lans, &world->lan_capacity, world->lan_count + 1, sizeof(Lan *));
        world->lans[world->lan_count++] = lan;
    }
}

Host *world_host(const World *world, uint32_t id) { return id < world->node_count ? world->nodes[id].host : NULL; }

/* ---- Commands ---- */

bool world_command(World *world, const Value *value, bool from_script, ConfigError *error) {
    Command command = {.world = world, .value = value, .from_script = from_script, .cause = TRACE_NONE};
    command.reader = value_reader(sim_arena(world->sim), value, "", error);
    return command_carry_out(&command) && error->message.size == 0;
}

bool command_accept(Command *command) {
    World *world = command->world;
    if (!value_reader_finish(&command->reader)) return false;
    Text json = text_new();
    value_print(&json, command->value);
    world->log = array_grow(world->log, &world->log_capacity, world->log_count + 1, sizeof(LoggedCommand));
    const char *kept = arena_text_n(sim_arena(world->sim), text_get(&json), json.size);
    world->log[world->log_count++] = (LoggedCommand){sim_now(world->sim), sim_events_done(world->sim),
                                                     command->from_script, kept};
    command->cause = sim_record_text(world->sim, TRACE_COMMAND, 0, TRACE_NONE, text_get(&json), json.size, TRACE_NONE);
    text_free(&json);
    return true;
}

size_t world_log_count(const World *world) { return world->log_count; }
const LoggedCommand *world_log_get(const World *world, size_t index) {
    CHECK(index < world->log_count);
    return &world->log[index];
}

void world_replay(World *world, const World *from, SimTime until) {
    for (size_t i = world->log_count; i < from->log_count && from->log[i].at <= until; i++) {
        const LoggedCommand *logged = &from->log[i];
        while (sim_events_done(world->sim) < logged->events_before) CHECK(world_step(world, logged->at));
        sim_advance(world->sim, logged->at);
        Value value;
        ConfigError error = {0};
        Text fault = text_new();
        CHECK(value_parse(sim_arena(world->sim), logged->json, strlen(logged->json), &value, &fault));
        CHECK(world_command(world, &value, logged->from_script, &error));
        text_free(&fault);
    }
    world_run(world, until);
}

World *world_rebuild(const World *world, SimTime until) {
    World *again = world_new(sim_seed(world->sim), trace_keeps(world_trace(world)));
    world_replay(again, world, until);
    return again;
}

bool world_describe_fields(const char *what, Text *names) { return command_describe(what, names); }

/* ---- Running ---- */

bool world_step(World *world, SimTime until) { return sim_step(world->sim, until); }

void world_run(World *world, SimTime until) {
    while (sim_step(world->sim, until)) continue;
}

static void call_outside(void *self, uint64_t index, uint32_t other, uint32_t cause) {
    World *world = self;
    OutsideCall call = world->calls[index];
    world->calls[index].next_idle = world->idle_call;
    world->idle_call = (uint32_t)index + 1;
    sim_event_uncount(world->sim);
    call.call(call.self, call.number, other, cause);
}

void world_call_at(World *world, SimTime at, SimEvent *call, void *self, uint64_t number) {
    uint32_t index = world->idle_call;
    if (index > 0) {
        world->idle_call = world->calls[--index].next_idle;
    } else {
        world->calls = array_grow(world->calls, &world->call_capacity, world->call_count + 1, sizeof(OutsideCall));
        index = (uint32_t)world->call_count++;
    }
    world->calls[index] = (OutsideCall){call, self, number, 0};
    sim_schedule(world->sim, at, call_outside, world, index, 0, TRACE_NONE);
}

/* ---- Live state ---- */

bool world_host_powered(const World *world, uint32_t host) {
    const Host *h = world_host(world, host);
    return h && h->stack->powered;
}

size_t world_interface_count(const World *world, uint32_t host) {
    const Host *h = world_host(world, host);
    return h ? h->stack->interface_count : 0;
}

WorldInterface world_interface(const World *world, uint32_t host, size_t index) {
    const Host *h = world_host(world, host);
    CHECK(h && index < h->stack->interface_count);
    const Interface *i = h->stack->interfaces[index];
    WorldInterface out = {.name = i->name,
                          .mac = i->mac,
                          .address = i->address,
                          .router = i->router,
                          .prefix_length = i->prefix_length,
                          .name_server_count = i->name_server_count,
                          .link = i->link ? i->link->id : WORLD_NONE,
                          .up = interface_is_up(i)};
    memcpy(out.name_servers, i->name_servers, sizeof out.name_servers);
    return out;
}

static const char *state_of(const Machine *machine) { return machine->spec->states[machine->state]; }

static const DhcpBinding *find_binding(const Host *host, Ipv4Address address) {
    if (!host->dhcp_server) return NULL;
    const DhcpServer *server = &host->dhcp_server->server;
    for (size_t i = 0; i < server->all_count; i++)
        if (server->all[i]->address == address) return server->all[i];
    return NULL;
}

const char *world_machine_state(const World *world, uint32_t host, const char *machine, uint32_t subject) {
    const Host *h = world_host(world, host);
    if (!h) return NULL;
    if (h->dhcp_client && strcmp(machine, "dhcp.client") == 0) return state_of(&h->dhcp_client->client.machine);
    if (h->dhcp_server && strcmp(machine, "dhcp.server") == 0) return state_of(&h->dhcp_server->server.machine);
    if (h->dhcp_relay && strcmp(machine, "dhcp.relay") == 0) return state_of(&h->dhcp_relay->relay.machine);
    if (h->dns_server && strcmp(machine, "dns.server") == 0) return state_of(&h->dns_server->server.machine);
    if (h->dns_stub && strcmp(machine, "dns.resolver") == 0 && subject < DNS_LOOKUPS)
        return state_of(&h->dns_stub->resolver.lookups[subject].machine);
    if (h->dns_resolver && strcmp(machine, "dns.recursor") == 0 && subject < DNS_INQUIRIES)
        return state_of(&h->dns_resolver->recursor.inquiries[subject].machine);
    if (strcmp(machine, "arp.conflict") == 0 && subject < h->stack->interface_count)
        return state_of(&h->stack->interfaces[subject]->conflict.machine);
    if (strcmp(machine, "tcp") == 0) {
        for (size_t i = 0; i < tcp_connection_count(h->stack); i++) {
            TcpStatus status = tcp_connection_status(h->stack, i);
            if (status.number == subject) return status.state;
        }
        return NULL;
    }
    if (strcmp(machine, "dhcp.binding") == 0) {
        const DhcpBinding *b = find_binding(h, subject);
        return b ? state_of(&b->machine) : NULL;
    }
    return NULL;
}

bool world_client_lease(const World *world, uint32_t host, WorldLease *lease) {
    const Host *h = world_host(world, host);
    if (!h || !h->dhcp_client || !dhcp_client_holds(&h->dhcp_client->client)) return false;
    const DhcpLease *l = &h->dhcp_client->client.lease;
    *lease = (WorldLease){l->settings.address, l->server, l->started_at, l->t1_at, l->t2_at, l->expires_at};
    return true;
}

size_t world_server_binding_count(const World *world, uint32_t host) {
    const Host *h = world_host(world, host);
    return h && h->dhcp_server && h->dhcp_server->running ? h->dhcp_server->server.all_count : 0;
}

WorldBinding world_server_binding(const World *world, uint32_t host, size_t index) {
    CHECK(index < world_server_binding_count(world, host));
    const DhcpBinding *b = world_host(world, host)->dhcp_server->server.all[index];
    return (WorldBinding){b->address, state_of(&b->machine), b->mac, b->expires_at};
}

size_t world_footprint_per_host(const World *world) {
    size_t hosts = world->node_count > world->lan_count ? world->node_count - world->lan_count : 1,
           bytes = arena_footprint(sim_arena(world->sim));
    bytes += sim_queue_footprint(world->sim) + world->node_capacity * sizeof(Node) +
             world->name_capacity * sizeof(uint32_t);
    bytes += world->log_capacity * sizeof(LoggedCommand);
    for (size_t i = 0; i < world->lan_count; i++)
        bytes += world->lans[i]->port_capacity * sizeof(Link *) + world->lans[i]->station_capacity * sizeof(LanStation);
    for (size_t i = 0; i < world->node_count; i++) {
        const Host *h = world->nodes[i].host;
        if (!h) continue;
        for (size_t k = 0; k < h->stack->interface_count; k++)
            bytes += h->stack->interfaces[k]->arp.capacity * sizeof(ArpEntry);
        bytes += h->stack->socket_capacity * sizeof(UdpSocket) + h->stack->route_capacity * sizeof(Route);
        if (h->dhcp_server)
            bytes += h->dhcp_server->disk_capacity * sizeof(DhcpStored) +
                     h->dhcp_server->disk_place_count * sizeof(uint32_t);
    }
    return bytes / hosts;
}

/* ---- Outside ---- */

bool world_tap(World *world, const char *lan, WorldTap *out, void *self, Text *error) {
    uint32_t id = world_find(world, lan);
    if (id == WORLD_NONE || !world->nodes[id].lan) {
        text_print(error, "there is no LAN \"%s\"", lan);
        return false;
    }
    world->nodes[id].lan->tap = out;
    world->nodes[id].lan->tap_self = self;
    return true;
}
