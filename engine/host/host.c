#include "host/host.h"

#include <stdlib.h>
#include <string.h>

#include "stack/facts.h"

enum { ECHO_IDENTIFIER = 0x4e53 /* "NS" */, ECHO_OCTETS = 32 };
static const SimTime echo_wait = 2 * SIM_SECOND, power_linger = 1 * SIM_SECOND;

static void on_address(void *owner, Interface *interface, AddressEvent event, uint32_t cause) {
    Host *host = owner;
    HandSettings *hand = host->hand[interface->index];
    if (hand && hand->address && (interface->address == 0 || interface->address == hand->address)) {
        if (event == ADDRESS_FREE) {
            host_use_hand_settings(host, interface, true, cause);
            const DhcpClientService *service = host->dhcp_client;
            if (service && service->running && service->client.config.inform &&
                service->client.interface == interface->index && service->client.machine.state == DHCP_CLIENT_OFF)
                host_dhcp_client_inform(host, cause);
        }
        if (event == ADDRESS_LOST) interface_unconfigure(interface, cause);
        return;
    }
    if (host->dhcp_client && host->dhcp_client->running && host->dhcp_client->client.interface == interface->index)
        host_dhcp_client_input(host,
                               event == ADDRESS_FREE    ? DHCP_CLIENT_ON_ADDRESS_FREE
                               : event == ADDRESS_TAKEN ? DHCP_CLIENT_ON_ADDRESS_TAKEN
                                                        : DHCP_CLIENT_ON_ADDRESS_LOST,
                               cause);
}

static void echo_answered(Host *host, const IcmpArrival *arrival) {
    for (EchoWait *wait = host->echoes; wait; wait = wait->next) {
        if (wait->done || wait->sequence != icmp_sequence(&arrival->message)) continue;
        wait->done = true;
        sim_record_fact(host->stack->sim, host->id, TRACE_NONE, 0, &fact_echo_reply,
                        (int64_t[]){arrival->source, wait->sequence, sim_now(host->stack->sim) - wait->sent_at},
                        arrival->record);
    }
}

/* An error quotes the packet it is about: its IPv4 header and eight octets more (RFC 792). */
static void echo_refused(Host *host, const IcmpArrival *arrival) {
    Bytes quoted = arrival->message.payload;
    if (quoted.size < 28 || quoted.at[9] != IPV4_PROTOCOL_ICMP || quoted.at[20] != ICMP_ECHO_REQUEST) return;
    uint16_t sequence = (uint16_t)(quoted.at[26] << 8 | quoted.at[27]);
    const char *reason = arrival->message.type == ICMP_TIME_EXCEEDED ? "icmp.time_exceeded" : "icmp.unreachable";
    for (EchoWait *wait = host->echoes; wait; wait = wait->next) {
        if (wait->done || wait->sequence != sequence) continue;
        wait->done = true;
        sim_record_fact(host->stack->sim, host->id, TRACE_NONE, 0, &fact_echo_failed,
                        (int64_t[]){wait->to, sequence, fact_name(reason)}, arrival->record);
    }
}

static void on_icmp(void *owner, const IcmpArrival *arrival) {
    Host *host = owner;
    if (arrival->message.type == ICMP_ECHO_REPLY) {
        if (icmp_identifier(&arrival->message) == ECHO_IDENTIFIER) echo_answered(host, arrival);
        host_dhcp_server_icmp(host, arrival);
    } else {
        echo_refused(host, arrival);
    }
}

Host *host_new(World *world, const char *name, bool router) {
    Sim *sim = world_sim(world);
    Host *host = arena_alloc(sim_arena(sim), sizeof *host);
    host->world = world;
    host->name = arena_text(sim_arena(sim), name);
    host->id = trace_add_host(sim_trace(sim),
                              &(DirectoryHost){.name = host->name, .kind = router ? NODE_ROUTER : NODE_HOST});
    host->stack = ip_stack_new(sim, name, host->id, router);
    host->stack->owner = host;
    host->stack->on_address = on_address;
    host->stack->on_icmp = on_icmp;
    return host;
}

void host_release(Host *host) {
    tcp_services_stop(host);
    ip_stack_release(host->stack);
    free(host->routes);
    free(host->listens);
    host_dns_streams_free(host);
    host_talks_release(host);
    host_http_release(host);
    host_imap_release(host);
    host_pop3_server_release(host);
    host_pop3_client_release(host);
    host_imap_client_release(host);
    if (host->mail_server) mail_service_free(host->mail_server);
    if (host->mail_agent) mail_service_free(host->mail_agent);
    if (host->dhcp_server) {
        free(host->dhcp_server->disk);
        free(host->dhcp_server->disk_places);
    }
}

Interface *host_interface(const Host *host, const char *name) {
    if (!name || !name[0]) return host->stack->interface_count > 0 ? host->stack->interfaces[0] : NULL;
    for (size_t i = 0; i < host->stack->interface_count; i++)
        if (strcmp(host->stack->interfaces[i]->name, name) == 0) return host->stack->interfaces[i];
    return NULL;
}

void host_use_hand_settings(Host *host, Interface *interface, bool quiet, uint32_t cause) {
    const HandSettings *hand = host->hand[interface->index];
    if (hand->probe && !quiet) {
        interface_probe(interface, hand->address, cause);
        return;
    }
    InterfaceSettings settings = {.address = hand->address,
                                  .router = hand->router,
                                  .prefix_length = hand->prefix_length,
                                  .server_count = hand->name_server_count,
                                  .interface = interface->index};
    memcpy(settings.name_servers, hand->name_servers, sizeof settings.name_servers);
    interface_configure(interface, &settings, cause);
}

/* ---- UDP echo (RFC 862) ---- */

static void echo_receive(void *self, const UdpArrival *arrival) {
    Host *host = self;
    DatagramTo to = {.source = arrival->destination,
                     .source_port = arrival->destination_port,
                     .destination = arrival->source,
                     .destination_port = arrival->source_port,
                     .interface = INTERFACE_BY_ROUTE,
                     .proto = TRACE_PROTO_UDP};
    udp_send(host->stack, &to, arrival->payload, TRACE_NONE, arrival->record);
}

static void open_echo(Host *host) {
    (void)!udp_open(host->stack, &(UdpSocket){host->echo_port, TRACE_PROTO_UDP, TRACE_NONE, echo_receive, host});
}

void host_use_echo(Host *host, uint16_t port) {
    host->echo_port = port;
    if (host->stack->powered) open_echo(host);
}

/* ---- Ports for scripts ---- */

/* That the datagram came in stands in the trace already, where whoever opened the port finds it. */
static void take_in(void *self, const UdpArrival *arrival) { (void)self, (void)arrival; }

static void open_listen(Host *host, uint16_t port) {
    uint8_t proto = port == DHCP_SERVER_PORT || port == DHCP_CLIENT_PORT ? TRACE_PROTO_DHCP : TRACE_PROTO_UDP;
    (void)!udp_open(host->stack, &(UdpSocket){port, proto, TRACE_NONE, take_in, host});
}

bool host_port_taken(const Host *host, uint16_t port) {
    for (size_t i = 0; i < host->listen_count; i++)
        if (host->listens[i] == port) return true;
    return (port == DHCP_SERVER_PORT && (host->dhcp_server || host->dhcp_relay)) ||
           (port == DHCP_CLIENT_PORT && host->dhcp_client) || (port == DNS_PORT && host->dns_server) ||
           (host->echo_port != 0 && port == host->echo_port);
}

void host_listen(Host *host, uint16_t port) {
    host->listens = array_grow(host->listens, &host->listen_capacity, host->listen_count + 1, sizeof(uint16_t));
    host->listens[host->listen_count++] = port;
    if (host->stack->powered) open_listen(host, port);
}

void host_listen_end(Host *host, uint16_t port) {
    for (size_t i = 0; i < host->listen_count; i++) {
        if (host->listens[i] != port) continue;
        host->listens[i] = host->listens[--host->listen_count];
        if (host->stack->powered) udp_close(host->stack, port);
        return;
    }
}

/* ---- Power ---- */

void host_boot(Host *host, bool quiet, uint32_t cause) {
    IpStack *stack = host->stack;
    if (stack->powered) {
        host->boot_when_off = host->stopping;
        return;
    }
    host->boots++;
    ip_stack_power(stack, true, cause);
    for (size_t i = 0; i < host->route_count; i++)
        ip_stack_route_add(stack, host->routes[i].to, host->routes[i].via, host->routes[i].interface);
    for (size_t i = 0; i < stack->interface_count; i++) {
        Interface *interface = stack->interfaces[i];
        if (!host->hand[i] || host->hand[i]->address == 0) continue;
        uint8_t announcements = interface->conflict.settings.announce_num;
        if (quiet) interface->conflict.settings.announce_num = 0;
        host_use_hand_settings(host, interface, quiet, cause);
        interface->conflict.settings.announce_num = announcements;
    }
    if (host->echo_port) open_echo(host);
    tcp_services_start(host);
    for (size_t i = 0; i < host->listen_count; i++) open_listen(host, host->listens[i]);
    if (host->dns_server) host_dns_server_start(host, cause);
    if (host->dhcp_server) host_dhcp_server_start(host, cause);
    host_talks_start(host);
    host_http_start(host);
    if (host->mail_server) mail_service_start(host->mail_server, cause);
    host_imap_start(host);
    host_pop3_server_start(host);
    if (host->mail_agent) mail_service_start(host->mail_agent, cause);
    host_pop3_client_start(host, cause);
    host_imap_client_start(host, cause);
    if (host->dhcp_relay) host_dhcp_relay_start(host, cause);
    if (host->dhcp_client) host_dhcp_client_start(host, cause);
}

void host_crash(Host *host, uint32_t cause) {
    if (!host->stack->powered) return;
    host->stopping = host->boot_when_off = false;
    if (host->dhcp_client) host_dhcp_client_stop(host);
    if (host->dhcp_server) host_dhcp_server_stop(host);
    if (host->dhcp_relay) host_dhcp_relay_stop(host);
    if (host->dns_server) host_dns_server_stop(host);
    if (host->dns_resolver) host_dns_resolver_stop(host);
    if (host->dns_stub) host_dns_stub_stop(host);
    host_dns_streams_stop(host);
    host_talks_stop(host);
    host_http_stop(host);
    host_imap_stop(host);
    host_pop3_server_stop(host);
    host_pop3_client_stop(host);
    host_imap_client_stop(host);
    if (host->mail_server) mail_service_stop(host->mail_server);
    if (host->mail_agent) mail_service_stop(host->mail_agent);
    tcp_services_stop(host);
    if (host->echo_port) udp_close(host->stack, host->echo_port);
    for (EchoWait *wait = host->echoes; wait; wait = wait->next) wait->done = true;
    for (size_t i = 0; i < host->listen_count; i++) udp_close(host->stack, host->listens[i]);
    ip_stack_power(host->stack, false, cause);
}

static void power_off(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Host *host = self;
    (void)other;
    if (host->boots != number || !host->stack->powered) return; /* it has crashed meanwhile */
    bool again = host->boot_when_off;
    host_crash(host, cause);
    if (again) host_boot(host, false, cause);
}

void host_shutdown(Host *host, uint32_t cause) {
    if (!host->stack->powered || host->stopping) return;
    host->stopping = true;
    host->boot_when_off = false;
    if (host->dhcp_client && host->dhcp_client->running) {
        DhcpClient *client = &host->dhcp_client->client;
        bool release = client->config.release_on_shutdown && dhcp_client_holds(client);
        host_dhcp_client_input(host, release ? DHCP_CLIENT_ON_RELEASE : DHCP_CLIENT_ON_STOP, cause);
    }
    Effects *effects = sim_effects(host->stack->sim);
    if (host->dhcp_server && host->dhcp_server->running)
        dhcp_server_input(&host->dhcp_server->server, DHCP_SERVER_ON_STOP, effects);
    if (host->dhcp_relay && host->dhcp_relay->running)
        dhcp_relay_input(&host->dhcp_relay->relay, DHCP_RELAY_ON_STOP, effects);
    sim_apply(host->stack->sim, effects, cause);
    if (host->dns_server && host->dns_server->running) host_dns_server_input(host, DNS_SERVER_ON_STOP, cause);
    if (host->dns_resolver) host_dns_resolver_shut_down(host, cause);
    if (host->dns_stub) host_dns_stub_shut_down(host, cause);
    host_dns_streams_shut_down(host);
    host_talks_shut_down(host, cause);
    host_http_shut_down(host);
    host_pop3_server_shut_down(host, cause);
    host_pop3_client_shut_down(host, cause);
    host_imap_client_shut_down(host, cause);
    tcp_services_shut_down(host, cause);
    host_imap_shut_down(host, cause);
    if (host->mail_server) mail_service_shut_down(host->mail_server, cause);
    if (host->mail_agent) mail_service_shut_down(host->mail_agent, cause);
    /* A RELEASE may have to wait for an answer to ARP. */
    sim_schedule(host->stack->sim, sim_now(host->stack->sim) + power_linger, power_off, host, host->boots, 0, cause);
}

void host_link_up(Host *host, Interface *interface, uint32_t cause) {
    if (!host->stack->powered) return;
    if (host->dhcp_client && host->dhcp_client->running && host->dhcp_client->client.interface == interface->index)
        host_dhcp_client_input(host, DHCP_CLIENT_ON_LINK_UP, cause);
}

/* ---- Ping ---- */

static void echo_over(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    EchoWait *wait = self;
    (void)number, (void)other;
    if (!wait->done)
        sim_record_fact(wait->host->stack->sim, wait->host->id, TRACE_NONE, 0, &fact_echo_failed,
                        (int64_t[]){wait->to, wait->sequence, fact_name("icmp.no_answer")}, cause);
    wait->done = true;
    for (EchoWait **at = &wait->host->echoes; *at; at = &(*at)->next) {
        if (*at != wait) continue;
        *at = wait->next;
        return;
    }
}

void host_ping(Host *host, Ipv4Address to, uint8_t ttl, uint32_t cause) {
    Sim *sim = host->stack->sim;
    uint8_t octets[ECHO_OCTETS];
    for (size_t i = 0; i < sizeof octets; i++) octets[i] = (uint8_t)('a' + i % 23);
    EchoWait *wait = arena_alloc(sim_arena(sim), sizeof *wait);
    *wait = (EchoWait){
        .next = host->echoes, .host = host, .to = to, .sequence = ++host->echo_sequence, .sent_at = sim_now(sim)};
    host->echoes = wait;
    IcmpMessage echo = {.type = ICMP_ECHO_REQUEST,
                        .rest = (uint32_t)ECHO_IDENTIFIER << 16 | wait->sequence,
                        .payload = bytes_of(octets, sizeof octets)};
    icmp_send(host->stack, 0, to, &echo, ttl, TRACE_NONE, cause);
    sim_schedule(sim, sim_now(sim) + echo_wait, echo_over, wait, 0, 0, cause);
}
