/* DNS on a host for others: the name server, and the resolver beside it. Both answer at port 53, where the server takes
 * questions in and hands over to the resolver what it has no authority for. */
#include <string.h>

#include "host/host.h"

static Sim *sim_of(const Host *host) { return host->stack->sim; }

/* ---- The server ---- */

static void server_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(((DnsServerService *)self)->host->stack, to, payload, machine->id, cause);
}

static void server_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    Host *host = ((DnsServerService *)self)->host;
    DnsAsker asker;
    (void)machine;
    if (effect->ask.ask == ASK_DNS_RESPOND) {
        host_dns_respond(host, (uint32_t)effect->ask.number, octets, cause);
        return;
    }
    CHECK(effect->ask.ask == ASK_RESOLVE && host->dns_resolver);
    memcpy(&asker, octets.at, sizeof asker);
    Effects *effects = sim_effects(sim_of(host));
    dns_recursor_ask(&host->dns_resolver->recursor, &asker, (uint16_t)effect->ask.number, effects);
    sim_apply(sim_of(host), effects, cause);
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

static DnsServerService *server_of(Host *host) {
    if (host->dns_server) return host->dns_server;
    Sim *sim = sim_of(host);
    DnsServerService *service = arena_alloc(sim_arena(sim), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, server_send, server_ask, server_timer, sim, NULL};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &dns_server_spec);
    dns_server_init(&service->server, &(DnsServerConfig){0});
    machine_init(&service->server.machine, &dns_server_spec, &service->server, &service->carrier, service->machine, 0);
    host->dns_server = service;
    return service;
}

void host_dns_server_add(Host *host, const DnsServerConfig *config) {
    DnsServer *server = &server_of(host)->server;
    server->config.zones = config->zones;
    server->config.zone_count = config->zone_count;
}

void host_dns_server_start(Host *host, uint32_t cause) {
    DnsServerService *service = host->dns_server;
    if (service->running) return;
    service->running = true;
    if (!udp_open(host->stack, &(UdpSocket){DNS_PORT, TRACE_PROTO_DNS, service->machine, server_receive, service}))
        return;
    host_dns_listen(host, cause);
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

/* ---- The resolver ---- */

static void resolver_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(((DnsResolverService *)self)->host->stack, to, payload, machine->id, cause);
}

static void resolver_receive(void *self, const UdpArrival *arrival) {
    DnsInquiry *inquiry = self;
    Sim *sim = inquiry->machine.carrier->sim;
    Effects *effects = sim_effects(sim);
    dns_recursor_receive(inquiry, arrival->source, arrival->payload, effects);
    sim_apply(sim, effects, arrival->record);
}

/* A port that is taken already is no disaster: no answer comes there, and the question is asked again elsewhere. */
static void use_port(DnsResolverService *service, DnsInquiry *inquiry, uint16_t port) {
    uint16_t *own = &service->ports[inquiry->machine.subject];
    IpStack *stack = service->host->stack;
    if (*own != 0) udp_close(stack, *own);
    UdpSocket socket = {port, TRACE_PROTO_DNS, service->machine, resolver_receive, inquiry};
    *own = port != 0 && udp_open(stack, &socket) ? port : 0;
}

static void answered_by_tcp(void *self, Bytes message, uint32_t cause) {
    DnsInquiry *inquiry = self;
    Sim *sim = inquiry->machine.carrier->sim;
    Effects *effects = sim_effects(sim);
    dns_recursor_receive_tcp(inquiry, message, effects);
    sim_apply(sim, effects, cause);
}

static void resolver_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    DnsResolverService *service = self;
    DnsTcpWaiter waiter = {answered_by_tcp, machine->self};
    switch ((AskKind)effect->ask.ask) {
        case ASK_PORT: use_port(service, machine->self, (uint16_t)effect->ask.number); break;
        case ASK_DNS_TCP: host_dns_ask(service->host, waiter, (Ipv4Address)effect->ask.number, octets, cause); break;
        case ASK_DNS_RESPOND: host_dns_respond(service->host, (uint32_t)effect->ask.number, octets, cause); break;
        default: CHECK_UNREACHABLE();
    }
}

static void resolver_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    Sim *sim = sim_of(((DnsResolverService *)self)->host);
    Effects *effects = sim_effects(sim);
    (void)timer;
    dns_recursor_timer(machine->self, effects);
    sim_apply(sim, effects, cause);
}

void host_dns_resolver_add(Host *host, const DnsRecursorConfig *config) {
    Sim *sim = sim_of(host);
    DnsResolverService *service = arena_alloc(sim_arena(sim), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, resolver_send, resolver_ask, resolver_timer, sim, NULL};
    server_of(host)->server.config.recursive = true;
    service->machine = trace_add_machine(sim_trace(sim), host->id, &dns_recursor_spec);
    dns_recursor_init(&service->recursor, config, sim_arena(sim),
                      random_stream(sim_seed(sim), host->name, "dns.recursor"));
    for (uint32_t i = 0; i < DNS_INQUIRIES; i++) {
        DnsInquiry *inquiry = &service->recursor.inquiries[i];
        machine_init(&inquiry->machine, &dns_recursor_spec, inquiry, &service->carrier, service->machine, i);
    }
    host->dns_resolver = service;
}

void host_dns_resolver_shut_down(Host *host, uint32_t cause) {
    Effects *effects = sim_effects(sim_of(host));
    dns_recursor_stop(&host->dns_resolver->recursor, effects);
    sim_apply(sim_of(host), effects, cause);
}

void host_dns_resolver_stop(Host *host) {
    DnsRecursor *recursor = &host->dns_resolver->recursor;
    for (size_t i = 0; i < DNS_INQUIRIES; i++) {
        DnsInquiry *inquiry = &recursor->inquiries[i];
        use_port(host->dns_resolver, inquiry, 0);
        sim_machine_silence(&inquiry->machine);
        inquiry->machine.state = dns_recursor_spec.initial;
    }
    dns_recursor_forget(recursor);
}
