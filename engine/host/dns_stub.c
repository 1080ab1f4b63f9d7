/* The stub resolver that every host gets with its first look-up. */
#include <string.h>

#include "host/host.h"
#include "proto/dns/facts.h"

enum { PORT_FIRST = 49152, PORT_TRIES = 64 }; /* RFC 6335 section 6: dynamic ports */

static Sim *sim_of(const Host *host) { return host->stack->sim; }

static void resolver_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(((DnsStubService *)self)->host->stack, to, payload, machine->id, cause);
}

/* RFC 5321 section 5.1: equal preferences are tried in random order. */
static void sort_exchangers(NameExchanger *list, size_t count, RandomStream *random) {
    for (size_t i = count; i > 1; i--) {
        size_t k = (size_t)random_below(random, i);
        NameExchanger swapped = list[i - 1];
        list[i - 1] = list[k];
        list[k] = swapped;
    }
    for (size_t i = 1; i < count; i++) { /* stable */
        NameExchanger moved = list[i];
        size_t k = i;
        for (; k > 0 && list[k - 1].preference > moved.preference; k--) list[k] = list[k - 1];
        list[k] = moved;
    }
}

/* A TXT record's strings without their lengths, one behind the other. */
static Bytes join_strings(Bytes data, ByteWriter *room) {
    size_t start = room->size;
    for (size_t at = 0; at < data.size; at += 1 + (size_t)data.at[at])
        byte_writer_put(room, data.at + at + 1, data.at[at]);
    return bytes_of(room->at + start, room->size - start);
}

enum { TEXT_ROOM = 8192 };

static void fill_answer(const DnsLookup *lookup, NameAnswer *answer, ByteWriter *room, RandomStream *random,
                        SimTime now) {
    const DnsKnown *known = lookup->known;
    size_t count = known->record_count < NAME_RECORDS ? known->record_count : NAME_RECORDS;
    answer->count = count;
    answer->ttl_s = dns_known_ttl_s(known, now);
    for (size_t i = 0; i < count; i++) {
        const DnsRecord *record = &known->records[i];
        switch (record->type) {
            case DNS_TYPE_A: answer->addresses[i] = record->address; break;
            case DNS_TYPE_MX:
                answer->exchangers[i] = (NameExchanger){dns_record_preference(record), dns_record_target(record)};
                break;
            case DNS_TYPE_NS:
            case DNS_TYPE_CNAME:
            case DNS_TYPE_PTR: answer->names[i] = dns_record_target(record); break;
            case DNS_TYPE_TXT: answer->texts[i] = join_strings(record->data, room); break;
            default: break;
        }
    }
    if (lookup->type == DNS_TYPE_MX) sort_exchangers(answer->exchangers, count, random);
}

static void answered_by_tcp(void *self, Bytes message, uint32_t cause) {
    DnsLookup *lookup = self;
    Sim *sim = lookup->machine.carrier->sim;
    Effects *effects = sim_effects(sim);
    dns_resolver_receive_tcp(lookup, message, effects);
    sim_apply(sim, effects, cause);
}

static void resolver_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    DnsStubService *service = self;
    DnsLookup *lookup = machine->self;
    if (effect->ask.ask == ASK_DNS_TCP) {
        DnsTcpWaiter by_tcp = {answered_by_tcp, lookup};
        host_dns_ask(service->host, by_tcp, (Ipv4Address)effect->ask.number, octets, cause);
        return;
    }
    CHECK(effect->ask.ask == ASK_TELL_NAME);
    udp_close(service->host->stack, lookup->port);
    NameWaiter waiter = service->waiters[machine->subject];
    if (!waiter.found) return;
    uint8_t texts[TEXT_ROOM];
    ByteWriter room = byte_writer(texts, sizeof texts);
    NameAnswer answer = {.outcome = (NameOutcome)effect->ask.number, .type = lookup->type};
    if (answer.outcome == NAME_FOUND)
        fill_answer(lookup, &answer, &room, &service->resolver.random, sim_now(sim_of(service->host)));
    waiter.found(waiter.self, &answer, cause);
}

static void resolver_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    Sim *sim = sim_of(((DnsStubService *)self)->host);
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

static DnsStubService *resolver_of(Host *host) {
    if (host->dns_stub) return host->dns_stub;
    Sim *sim = sim_of(host);
    DnsStubService *service = arena_alloc(sim_arena(sim), sizeof *service);
    service->host = host;
    service->carrier = (EffectCarrier){service, host->id, resolver_send, resolver_ask, resolver_timer, sim, NULL};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &dns_resolver_spec);
    dns_resolver_init(&service->resolver, &dns_resolver_config_default, sim_arena(sim),
                      random_stream(sim_seed(sim), host->name, "dns.resolver"));
    for (uint32_t i = 0; i < DNS_LOOKUPS; i++) {
        DnsLookup *lookup = &service->resolver.lookups[i];
        machine_init(&lookup->machine, &dns_resolver_spec, lookup, &service->carrier, service->machine, i);
    }
    host->dns_stub = service;
    return service;
}

/* Opens a port that nobody could guess (RFC 5452 section 9.2); 0: none was free. */
static uint16_t open_port(DnsStubService *service, DnsLookup *lookup) {
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
    host_look_up_type(host, name, DNS_TYPE_A, waiter, cause);
}

void host_look_up_mx(Host *host, const DnsName *domain, NameWaiter waiter, uint32_t cause) {
    host_look_up_type(host, domain, DNS_TYPE_MX, waiter, cause);
}

void host_look_up_type(Host *host, const DnsName *name, uint16_t type, NameWaiter waiter, uint32_t cause) {
    DnsStubService *service = resolver_of(host);
    DnsLookup *lookup = dns_resolver_idle(&service->resolver);
    uint16_t port = lookup ? open_port(service, lookup) : 0;
    if (port == 0) {
        uint32_t seq = sim_record_ignored(sim_of(host), host->id, service->machine, "dns.too_many_look_ups", FRAME_NONE,
                                          0, cause);
        if (waiter.found) waiter.found(waiter.self, &(NameAnswer){.outcome = NAME_TEMPORARY, .type = type}, seq);
        return;
    }
    service->waiters[lookup->machine.subject] = waiter;
    Ipv4Address servers[SETTINGS_SERVERS];
    uint8_t count = name_servers_of(host, servers);
    Effects *effects = sim_effects(sim_of(host));
    dns_resolver_look_up(lookup, name, type, servers, count, port, effects);
    sim_apply(sim_of(host), effects, cause);
}

void host_dns_stub_shut_down(Host *host, uint32_t cause) {
    for (size_t i = 0; i < DNS_LOOKUPS; i++) {
        Effects *effects = sim_effects(sim_of(host));
        dns_resolver_stop(&host->dns_stub->resolver.lookups[i], effects);
        sim_apply(sim_of(host), effects, cause);
    }
}

void host_dns_stub_stop(Host *host) {
    DnsResolver *resolver = &host->dns_stub->resolver;
    for (size_t i = 0; i < DNS_LOOKUPS; i++) {
        DnsLookup *lookup = &resolver->lookups[i];
        if (lookup->machine.state == DNS_RESOLVER_IDLE) continue;
        udp_close(host->stack, lookup->port);
        sim_machine_silence(&lookup->machine);
        lookup->machine.state = dns_resolver_spec.initial;
    }
    dns_resolver_forget(resolver);
}
