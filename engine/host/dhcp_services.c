/* DHCP's machines on a host: their sockets, what they ask of the host, their disk. */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"

static Sim *sim_of(const Host *host) { return host->stack->sim; }

static void carry_send(Host *host, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(host->stack, to, payload, machine->id, cause);
}

/* A machine and what it needs to run starts from scratch at each boot; only its place in the directory stays. */
static void reset_machine(Machine *machine, const MachineSpec *spec, void *self, const EffectCarrier *carrier,
                          uint32_t id) {
    MachineTimer timers[MACHINE_TIMERS];
    memcpy(timers, machine->timers, sizeof timers);
    machine_init(machine, spec, self, carrier, id, 0);
    for (int i = 0; i < MACHINE_TIMERS; i++)
        machine->timers[i].generation = timers[i].generation + 1; /* what was scheduled before is void */
}

/* ---- The client ---- */

static void client_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    carry_send(((DhcpClientService *)self)->host, to, payload, machine, cause);
}

static void client_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    DhcpClientService *service = self;
    Interface *interface = service->host->stack->interfaces[service->client.interface];
    InterfaceSettings settings;
    (void)machine;
    switch ((AskKind)effect->ask.ask) {
        case ASK_PROBE_ADDRESS: interface_probe(interface, (Ipv4Address)effect->ask.number, cause); break;
        case ASK_CONFIGURE:
            memcpy(&settings, octets.at, sizeof settings);
            interface_configure(interface, &settings, cause);
            break;
        case ASK_UNCONFIGURE: interface_unconfigure(interface, cause); break;
        case ASK_STORE: memcpy(&service->disk, octets.at, sizeof service->disk); break;
        default: CHECK_UNREACHABLE();
    }
}

static void client_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    DhcpClientService *service = self;
    Effects *effects = sim_effects(sim_of(service->host));
    (void)machine;
    dhcp_client_timer(&service->client, timer, effects);
    sim_apply(sim_of(service->host), effects, cause);
}

static void client_receive(void *self, const UdpArrival *arrival) {
    DhcpClientService *service = self;
    Effects *effects = sim_effects(sim_of(service->host));
    if (arrival->interface->index == service->client.interface)
        dhcp_client_receive(&service->client, arrival->payload, effects);
    else effect_ignored(effects, &service->client.machine, "dhcp.another_interface");
    sim_apply(sim_of(service->host), effects, arrival->record);
}

void host_dhcp_client_add(Host *host, const DhcpClientConfig *config, const ConflictSettings *conflict,
                          uint8_t interface) {
    DhcpClientService *service = arena_alloc(sim_arena(sim_of(host)), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, client_send, client_ask, client_timer, sim_of(host), NULL};
    service->machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &dhcp_client_spec);
    service->conflict = *conflict;
    dhcp_client_init(&service->client, config, host->stack->interfaces[interface]->mac, interface,
                     random_stream(sim_seed(sim_of(host)), host->name, "dhcp.client"));
    machine_init(&service->client.machine, &dhcp_client_spec, &service->client, &service->carrier, service->machine, 0);
    host->stack->interfaces[interface]->conflict.settings = *conflict;
    host->dhcp_client = service;
}

void host_dhcp_client_start(Host *host, uint32_t cause) {
    DhcpClientService *service = host->dhcp_client;
    DhcpClient *client = &service->client;
    Interface *interface = host->stack->interfaces[client->interface];
    if (service->running) return;
    service->running = true;
    if (!udp_open(host->stack,
                  &(UdpSocket){DHCP_CLIENT_PORT, TRACE_PROTO_DHCP, service->machine, client_receive, service}))
        return;
    DhcpClientConfig config = client->config;
    RandomStream random = client->random; /* goes on, so that a second boot does not repeat the first */
    Machine machine = client->machine;
    dhcp_client_init(client, &config, interface->mac, interface->index, random);
    client->machine = machine;
    reset_machine(&client->machine, &dhcp_client_spec, client, &service->carrier, service->machine);
    if (config.inform) {
        /* An INFORM speaks for an address in use: while ARP still asks about it, wait (RFC 2131 section 4.4.3). */
        if (interface->address != 0) host_dhcp_client_inform(host, cause);
        return;
    }
    if (config.remember && service->disk.settings.address != 0) dhcp_client_restore(client, &service->disk);
    host_dhcp_client_input(host, DHCP_CLIENT_ON_START, cause);
}

void host_dhcp_client_inform(Host *host, uint32_t cause) {
    DhcpClient *client = &host->dhcp_client->client;
    const Interface *interface = host->stack->interfaces[client->interface];
    dhcp_client_set_own_address(client, interface->address, interface->prefix_length);
    host_dhcp_client_input(host, DHCP_CLIENT_ON_START, cause);
}

void host_dhcp_client_stop(Host *host) {
    DhcpClientService *service = host->dhcp_client;
    service->running = false;
    sim_machine_silence(&service->client.machine);
    service->client.machine.state = dhcp_client_spec.initial;
    udp_close(host->stack, DHCP_CLIENT_PORT);
}

void host_dhcp_client_input(Host *host, DhcpClientInput input, uint32_t cause) {
    DhcpClient *client = &host->dhcp_client->client;
    const Interface *interface = host->stack->interfaces[client->interface];
    if (input == DHCP_CLIENT_ON_INFORM)
        dhcp_client_set_own_address(client, interface->address, interface->prefix_length);
    Effects *effects = sim_effects(sim_of(host));
    dhcp_client_input(client, input, effects);
    sim_apply(sim_of(host), effects, cause);
}

/* ---- The server ---- */

enum { PING_IDENTIFIER = 0x4448 /* "DH" */ };

static void server_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    carry_send(((DhcpServerService *)self)->host, to, payload, machine, cause);
}

static uint32_t *disk_place(const DhcpServerService *service, Ipv4Address address) {
    size_t mask = service->disk_place_count - 1, i = (address * UINT32_C(0x9e3779b1)) >> 8 & mask;
    for (; service->disk_places[i] != 0; i = (i + 1) & mask)
        if (service->disk[service->disk_places[i] - 1].address == address) break;
    return &service->disk_places[i];
}

static void index_disk(DhcpServerService *service) {
    free(service->disk_places);
    service->disk_place_count = 16;
    while (service->disk_place_count < 2 * service->disk_capacity) service->disk_place_count *= 2;
    service->disk_places = memory_new(service->disk_place_count * sizeof(uint32_t));
    for (uint32_t i = 0; i < service->disk_count; i++) *disk_place(service, service->disk[i].address) = i + 1;
}

static void write_to_disk(DhcpServerService *service, const DhcpStored *stored) {
    size_t capacity = service->disk_capacity;
    service->disk = array_grow(service->disk, &service->disk_capacity, service->disk_count + 1, sizeof(DhcpStored));
    if (service->disk_capacity != capacity) index_disk(service);
    uint32_t *place = disk_place(service, stored->address);
    if (*place == 0) *place = (uint32_t)++service->disk_count;
    service->disk[*place - 1] = *stored;
}

static void server_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    DhcpServerService *service = self;
    DhcpStored stored;
    switch ((AskKind)effect->ask.ask) {
        case ASK_PING: {
            IcmpMessage echo = {.type = ICMP_ECHO_REQUEST, .rest = (uint32_t)PING_IDENTIFIER << 16 | 1};
            icmp_send(service->host->stack, 0, (Ipv4Address)effect->ask.number, &echo, 0, machine->id, cause);
            break;
        }
        case ASK_STORE:
            memcpy(&stored, octets.at, sizeof stored);
            write_to_disk(service, &stored);
            break;
        default: CHECK_UNREACHABLE();
    }
}

static void server_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    DhcpServerService *service = self;
    Effects *effects = sim_effects(sim_of(service->host));
    dhcp_binding_timer(machine->self, timer, effects);
    sim_apply(sim_of(service->host), effects, cause);
}

static void server_receive(void *self, const UdpArrival *arrival) {
    DhcpServerService *service = self;
    Effects *effects = sim_effects(sim_of(service->host));
    DhcpArrival message = {arrival->payload, arrival->interface->index, arrival->interface->address, arrival->source,
                           arrival->destination};
    /* A unicast may come in by another interface than the one it is addressed to. */
    for (size_t i = 0; i < service->host->stack->interface_count; i++)
        if (service->host->stack->interfaces[i]->address == arrival->destination && arrival->destination != 0)
            message.interface_address = arrival->destination;
    if (message.interface_address == 0)
        effect_ignored(effects, &service->server.machine, "dhcp.server_without_address");
    else dhcp_server_receive(&service->server, &message, effects);
    sim_apply(sim_of(service->host), effects, arrival->record);
}

void host_dhcp_server_icmp(Host *host, const IcmpArrival *arrival) {
    DhcpServerService *service = host->dhcp_server;
    if (!service || !service->running || arrival->message.type != ICMP_ECHO_REPLY ||
        icmp_identifier(&arrival->message) != PING_IDENTIFIER)
        return;
    Effects *effects = sim_effects(sim_of(host));
    dhcp_server_ping_answered(&service->server, arrival->source, effects);
    sim_apply(sim_of(host), effects, arrival->record);
}

void host_dhcp_server_add(Host *host, const DhcpServerConfig *config) {
    DhcpServerService *service = arena_alloc(sim_arena(sim_of(host)), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, server_send, server_ask, server_timer, sim_of(host), NULL};
    service->machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &dhcp_server_spec);
    service->binding_machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &dhcp_binding_spec);
    service->config = *config;
    dhcp_server_init(&service->server, config, sim_arena(sim_of(host)), service->binding_machine);
    machine_init(&service->server.machine, &dhcp_server_spec, &service->server, &service->carrier, service->machine, 0);
    host->dhcp_server = service;
}

void host_dhcp_server_configure(Host *host, const DhcpServerConfig *config) {
    host->dhcp_server->config = *config;
    dhcp_server_configure(&host->dhcp_server->server, config);
}

static int by_address(const void *a, const void *b) {
    Ipv4Address x = ((const DhcpStored *)a)->address, y = ((const DhcpStored *)b)->address;
    return x < y ? -1 : x > y;
}

void host_dhcp_server_start(Host *host, uint32_t cause) {
    DhcpServerService *service = host->dhcp_server;
    if (service->running) return;
    service->running = true;
    if (!udp_open(host->stack,
                  &(UdpSocket){DHCP_SERVER_PORT, TRACE_PROTO_DHCP, service->machine, server_receive, service}))
        return;
    dhcp_server_restart(&service->server, &service->config);
    reset_machine(&service->server.machine, &dhcp_server_spec, &service->server, &service->carrier, service->machine);
    Effects *effects = sim_effects(sim_of(host));
    dhcp_server_input(&service->server, DHCP_SERVER_ON_START, effects);
    if (service->disk_count > 0) {
        qsort(service->disk, service->disk_count, sizeof(DhcpStored), by_address);
        index_disk(service);
    }
    for (size_t i = 0; service->config.stable_storage && i < service->disk_count; i++) {
        const DhcpStored *stored = &service->disk[i];
        if (stored->key.size > 0 || stored->declined) dhcp_server_restore(&service->server, stored, effects);
    }
    sim_apply(sim_of(host), effects, cause);
}

void host_dhcp_server_stop(Host *host) {
    DhcpServerService *service = host->dhcp_server;
    service->running = false;
    sim_machine_silence(&service->server.machine);
    service->server.machine.state = dhcp_server_spec.initial;
    for (size_t i = 0; i < service->server.all_count; i++) sim_machine_silence(&service->server.all[i]->machine);
    udp_close(host->stack, DHCP_SERVER_PORT);
}

/* ---- The relay ---- */

static void relay_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    carry_send(((DhcpRelayService *)self)->host, to, payload, machine, cause);
}

static void relay_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    (void)self, (void)machine, (void)effect, (void)octets, (void)cause;
    CHECK_UNREACHABLE();
}

static void relay_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    (void)self, (void)machine, (void)timer, (void)cause;
    CHECK_UNREACHABLE();
}

static void relay_receive(void *self, const UdpArrival *arrival) {
    DhcpRelayService *service = self;
    IpStack *stack = service->host->stack;
    for (size_t i = 0; i < stack->interface_count; i++)
        service->relay.interfaces[i] = (DhcpRelayInterface){stack->interfaces[i]->address, stack->interfaces[i]->name};
    service->relay.interface_count = (uint8_t)stack->interface_count;
    Effects *effects = sim_effects(stack->sim);
    dhcp_relay_receive(&service->relay, arrival->payload, arrival->interface->index, effects);
    sim_apply(stack->sim, effects, arrival->record);
}

void host_dhcp_relay_add(Host *host, const DhcpRelayConfig *config) {
    DhcpRelayService *service = arena_alloc(sim_arena(sim_of(host)), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, relay_send, relay_ask, relay_timer, sim_of(host), NULL};
    service->machine = trace_add_machine(sim_trace(sim_of(host)), host->id, &dhcp_relay_spec);
    dhcp_relay_init(&service->relay, config);
    machine_init(&service->relay.machine, &dhcp_relay_spec, &service->relay, &service->carrier, service->machine, 0);
    host->dhcp_relay = service;
}

void host_dhcp_relay_start(Host *host, uint32_t cause) {
    DhcpRelayService *service = host->dhcp_relay;
    if (service->running) return;
    service->running = true;
    if (!udp_open(host->stack,
                  &(UdpSocket){DHCP_SERVER_PORT, TRACE_PROTO_DHCP, service->machine, relay_receive, service}))
        return;
    Effects *effects = sim_effects(sim_of(host));
    dhcp_relay_input(&service->relay, DHCP_RELAY_ON_START, effects);
    sim_apply(sim_of(host), effects, cause);
}

void host_dhcp_relay_stop(Host *host) {
    host->dhcp_relay->running = false;
    host->dhcp_relay->relay.machine.state = dhcp_relay_spec.initial;
    udp_close(host->stack, DHCP_SERVER_PORT);
}
