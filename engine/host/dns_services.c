/* DNS on a host: the name server, and the stub resolver that every host gets with its first look-up. */
#include <string.h>

#include "host/host.h"
#include "proto/dns/facts.h"

enum { PORT_FIRST = 49152, PORT_TRIES = 64 }; /* RFC 6335 section 6: dynamic ports */

static Sim *sim_of(const Host *host) { return host->stack->sim; }

/* ---- The resolver ---- */

static void resolver_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(((DnsResolverService *)self)->host->stack, to, payload, machine->id, cause);
}

static void resolver_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    DnsResolverService *service = self;
    DnsLookup *lookup = machine->self;
    (void)octets;
    CHECK(effect->ask.ask == ASK_TELL_NAME);
    udp_close(service->host->stack, lookup->port);
    NameWaiter waiter = service->waiters[machine->subject];
    Ipv4Address address = (Ipv4Address)effect->ask.number;
    NameAnswer answer = {.outcome = address ? NAME_FOUND : NAME_TEMPORARY, .type = DNS_TYPE_A, .count = address != 0};
    answer.addresses[0] = address;
    if (waiter.found) waiter.found(waiter.self, &answer, cause);
}

static void resolver_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    Sim *sim = sim_of(((DnsResolverService *)self)->host);
    Effects *effects = sim_effects(sim);
    (void)timer;
    dns_resolver_timer(machine->self, effects);
    sim_apply(sim, effects, cause);
}

static void resolver_receive(void *self, const UdpArrival *arrival) {
    DnsLookup *lookup = self;
    Sim *sim = lookup->machine.carrier->sim;
    Effects *effects = sim_effects(sim);
    dns_resolver_receive(lookup, arrival->source, arrival->payload, effects);
    sim_apply(sim, effects, arrival->record);
}

static DnsResolverService *resolver_of(Host *host) {
    if (host->dns_resolver) return host->dns_resolver;
    Sim *sim = sim_of(host);
    DnsResolverService *service = arena_alloc(sim_arena(sim), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, resolver_send, resolver_ask, resolver_timer, sim, NULL};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &dns_resolver_spec);
    dns_resolver_init(&service->resolver, &dns_resolver_config_default, sim_arena(sim),
                      random_stream(sim_seed(sim), host->name, "dns.resolver"));
    for (uint32_t i = 0; i < DNS_LOOKUPS; i++) {
        DnsLookup *lookup = &service->resolver.lookups[i];
        machine_init(&lookup->machine, &dns_resolver_spec, lookup, &service->carrier, service->machine, i);
    }
    host->dns_resolver = service;
    return service;
}

/* Opens a port that nobody could guess (RFC 5452 section 9.2); 0: none was free. */
static uint16_t open_port(DnsResolverService *service, DnsLookup *lookup) {
    for (int i = 0; i < PORT_TRIES; i++) {
        uint16_t port = (uint16_t)random_between(&service->resolver.random, PORT_FIRST, UINT16_MAX);
        if (udp_open(service->host->stack,
                     &(UdpSocket){port, TRACE_PROTO_DNS, service->machine, resolver_receive, lookup}))
            return port;
    }
    return 0;
}

static uint8_t name_servers_of(const Host *host, Ipv4Address servers[SETTINGS_SERVERS]) {
    uint8_t count = 0;
    for (size_t i = 0; i < host->stack->interface_count; i++) {
        const Interface *interface = host->stack->interfaces[i];
        for (uint8_t k = 0; k < interface->name_server_count && count < SETTINGS_SERVERS; k++)
            servers[count++] = interface->name_servers[k];
    }
    return count;
}

void host_look_up(Host *host, const DnsName *name, NameWaiter waiter, uint32_t cause) {
    DnsResolverService *service = resolver_of(host);
    DnsLookup *lookup = dns_resolver_idle(&service->resolver);
    uint16_t port = lookup ? open_port(service, lookup) : 0;
    if (port == 0) {
        uint32_t seq = sim_record_ignored(sim_of(host), host->id, service->machine, "dns.too_many_look_ups", FRAME_NONE,
                                          0, cause);
        if (waiter.found)
            waiter.found(waiter.self, &(NameAnswer){.outcome = NAME_TEMPORARY, .type = DNS_TYPE_A}, seq);
        return;
    }
    service->waiters[lookup->machine.subject] = waiter;
    Ipv4Address servers[SETTINGS_SERVERS];
    uint8_t count = name_servers_of(host, servers);
    Effects *effects = sim_effects(sim_of(host));
    dns_resolver_look_up(lookup, name, servers, count, port, effects);
    sim_apply(sim_of(host), effects, cause);
}

void host_dns_resolver_shut_down(Host *host, uint32_t cause) {
    for (size_t i = 0; i < DNS_LOOKUPS; i++) {
        Effects *effects = sim_effects(sim_of(host));
        dns_resolver_stop(&host->dns_resolver->resolver.lookups[i], effects);
        sim_apply(sim_of(host), effects, cause);
    }
}

void host_dns_resolver_stop(Host *host) {
    DnsResolver *resolver = &host->dns_resolver->resolver;
    for (size_t i = 0; i < DNS_LOOKUPS; i++) {
        DnsLookup *lookup = &resolver->lookups[i];
        if (lookup->machine.state == DNS_RESOLVER_IDLE) continue;
        udp_close(host->stack, lookup->port);
        sim_machine_silence(&lookup->machine);
        lookup->machine.state = dns_resolver_spec.initial;
    }
    dns_resolver_forget(resolver);
}

/* ---- The server ---- */

static void server_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(((DnsServerService *)self)->host->stack, to, payload, machine->id, cause);
}

static void server_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    (void)self, (void)machine, (void)effect, (void)octets, (void)cause;
    CHECK_UNREACHABLE();
}

static void server_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    (void)self, (void)machine, (void)timer, (void)cause;
    CHECK_UNREACHABLE();
}

static void server_receive(void *self, const UdpArrival *arrival) {
    DnsServerService *service = self;
    Sim *sim = sim_of(service->host);
    Ipv4Address own = interface_is_broadcast(arrival->interface, arrival->destination) ? 0 : arrival->destination;
    Effects *effects = sim_effects(sim);
    dns_server_receive(&service->server, arrival->source, arrival->source_port, own, arrival->payload, effects);
    sim_apply(sim, effects, arrival->record);
}

void host_dns_server_add(Host *host, const DnsServerConfig *config) {
    Sim *sim = sim_of(host);
    DnsServerService *service = arena_alloc(sim_arena(sim), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, server_send, server_ask, server_timer, sim, NULL};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &dns_server_spec);
    dns_server_init(&service->server, config);
    machine_init(&service->server.machine, &dns_server_spec, &service->server, &service->carrier, service->machine, 0);
    host->dns_server = service;
}

void host_dns_server_start(Host *host, uint32_t cause) {
    DnsServerService *service = host->dns_server;
    if (service->running) return;
    service->running = true;
    if (!udp_open(host->stack, &(UdpSocket){DNS_PORT, TRACE_PROTO_DNS, service->machine, server_receive, service}))
        return;
    host_dns_server_input(host, DNS_SERVER_ON_START, cause);
}

void host_dns_server_input(Host *host, DnsServerInput input, uint32_t cause) {
    Effects *effects = sim_effects(sim_of(host));
    dns_server_input(&host->dns_server->server, input, effects);
    sim_apply(sim_of(host), effects, cause);
}

void host_dns_server_stop(Host *host) {
    host->dns_server->running = false;
    host->dns_server->server.machine.state = dns_server_spec.initial;
    udp_close(host->stack, DNS_PORT);
}
