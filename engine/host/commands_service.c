/* The commands "service" and "configure": which services a host can run, and how each is read, added and started. */
#include <string.h>

#include "host/world_inside.h"

typedef union {
    DhcpClientSettings client;
    DhcpServerConfig server;
    DhcpRelayConfig relay;
    DnsServerConfig names;
    DnsRecursorConfig resolver;
    uint16_t echo_port;
    MailConfig mail;
    HttpServiceConfig http;
    ImapServiceConfig imap;
    Pop3ServiceConfig pop3;
    Pop3ReaderConfig pop3_reader;
    ImapClientServiceConfig imap_client;
    TcpServiceConfig tcp;
} ServiceSettings;

/* A service that a host can run. */
typedef struct {
    const char *name;
    bool (*read)(ValueReader *r, const ConfigPlace *place, ServiceSettings *s);
    uint16_t (*port)(const ServiceSettings *s);                            /* what it listens on; 0: on nothing */
    bool (*runs)(const Host *host);                                        /* the host has it already */
    void (*check)(Command *c, const Host *host, const ServiceSettings *s); /* further mistakes; NULL: none */
    void (*add)(Host *host, const ServiceSettings *s);
    void (*start)(Host *host, uint32_t cause); /* the host has power; NULL: nothing to do */
} ServiceKind;

#define READER(service, member)                                                                \
    static bool read_##service(ValueReader *r, const ConfigPlace *place, ServiceSettings *s) { \
        return config_read_##service(r, place, &s->member);                                    \
    }
#define PORT(service, number)                                     \
    static uint16_t port_of_##service(const ServiceSettings *s) { \
        (void)s;                                                  \
        return number;                                            \
    }
#define RUNS(service) \
    static bool runs_##service(const Host *host) { return host->service != NULL; }
#define ADD(service, member) \
    static void add_##service(Host *host, const ServiceSettings *s) { host_##service##_add(host, &s->member); }

READER(dhcp_client, client)
PORT(dhcp_client, DHCP_CLIENT_PORT)
RUNS(dhcp_client)
static void add_dhcp_client(Host *host, const ServiceSettings *s) {
    host_dhcp_client_add(host, &s->client.client, &s->client.conflict, s->client.interface);
}

static const char one_on_port_67[] = "a host is a DHCP server or a relay: both listen on port 67";

READER(dhcp_server, server)
PORT(dhcp_server, DHCP_SERVER_PORT)
RUNS(dhcp_server)
ADD(dhcp_server, server)
static void check_dhcp_server(Command *c, const Host *host, const ServiceSettings *s) {
    (void)s;
    if (host->dhcp_relay) command_fail(c, "service", "%s", one_on_port_67);
}

/* Sent where no route leads, a relay's datagrams would only vanish. */
static void check_relay_routes(Command *c, const Host *host, const DhcpRelayConfig *relay) {
    for (size_t i = 0; i < relay->server_count; i++) {
        bool reached = host_interface_towards(host, relay->servers[i]) != NULL;
        for (size_t k = 0; k < host->route_count; k++)
            reached = reached || ipv4_prefix_has(host->routes[k].to, relay->servers[i]);
        for (size_t k = 0; k < host->stack->interface_count; k++)
            reached = reached || (host->hand[k] && host->hand[k]->router);
        if (reached) continue;
        Text address = text_new();
        ipv4_print(&address, relay->servers[i]);
        command_fail(c, "config.servers",
                     "no route leads to %s: an address on one of its networks, or a route to it, expected",
                     text_get(&address));
        text_free(&address);
    }
}

READER(dhcp_relay, relay)
PORT(dhcp_relay, DHCP_SERVER_PORT)
RUNS(dhcp_relay)
ADD(dhcp_relay, relay)
static void check_dhcp_relay(Command *c, const Host *host, const ServiceSettings *s) {
    if (host->dhcp_server) command_fail(c, "service", "%s", one_on_port_67);
    check_relay_routes(c, host, &s->relay);
}

READER(dns_server, names)
PORT(dns_server, DNS_PORT)
/* A resolver has one beside it, without zones. */
static bool runs_dns_server(const Host *host) {
    return host->dns_server && host->dns_server->server.config.zone_count > 0;
}
ADD(dns_server, names)

READER(dns_resolver, resolver)
PORT(dns_resolver, DNS_PORT)
RUNS(dns_resolver)
ADD(dns_resolver, resolver)

static bool read_udp_echo(ValueReader *r, const ConfigPlace *place, ServiceSettings *s) {
    (void)place;
    return config_read_udp_echo(r, &s->echo_port);
}
static uint16_t port_of_udp_echo(const ServiceSettings *s) { return s->echo_port; }
static bool runs_udp_echo(const Host *host) { return host->echo_port != 0; }
static void add_udp_echo(Host *host, const ServiceSettings *s) { host_use_echo(host, s->echo_port); }

READER(mail_server, mail)
PORT(mail_server, 0) /* TCP's ports are another matter than UDP's */
RUNS(mail_server)
static void add_mail_server(Host *host, const ServiceSettings *s) {
    host->mail_server = mail_service_new(host, &s->mail);
}
static void start_mail_server(Host *host, uint32_t cause) { mail_service_start(host->mail_server, cause); }

READER(mail_agent, mail)
PORT(mail_agent, 0)
RUNS(mail_agent)
static void add_mail_agent(Host *host, const ServiceSettings *s) {
    host->mail_agent = mail_service_new(host, &s->mail);
}
static void start_mail_agent(Host *host, uint32_t cause) { mail_service_start(host->mail_agent, cause); }

#define TCP_SERVICE(name, kind_)                                                            \
    static bool read_##name(ValueReader *r, const ConfigPlace *place, ServiceSettings *s) { \
        (void)place;                                                                        \
        return config_read_tcp_service(r, kind_, &s->tcp);                                  \
    }                                                                                       \
    PORT(name, 0)                                                                           \
    static bool runs_##name(const Host *host) { return tcp_service_runs(host, kind_); }     \
    static void add_##name(Host *host, const ServiceSettings *s) { tcp_service_add(host, &s->tcp); }
TCP_SERVICE(tcp_echo, TCP_SERVICE_ECHO)
TCP_SERVICE(tcp_discard, TCP_SERVICE_DISCARD)
TCP_SERVICE(tcp_chargen, TCP_SERVICE_CHARGEN)

READER(http_server, http)
PORT(http_server, 0)
static bool runs_http_server(const Host *host) { return host_http_server_runs(host); }
ADD(http_server, http)

READER(imap_server, imap)
PORT(imap_server, 0)
RUNS(imap_server)
ADD(imap_server, imap)

READER(pop3_server, pop3)
PORT(pop3_server, 0)
RUNS(pop3_server)
ADD(pop3_server, pop3)

static void check_mail_reader(Command *c, const Host *host, const ServiceSettings *s) {
    (void)s;
    if (!host->mail_server)
        command_fail(c, "service", "%s runs no mail server, whose mailboxes could be read: that comes first",
                     host->name);
}

READER(pop3_client, pop3_reader)
PORT(pop3_client, 0)
RUNS(pop3_client)
ADD(pop3_client, pop3_reader)

READER(imap_client, imap_client)
PORT(imap_client, 0)
RUNS(imap_client)
ADD(imap_client, imap_client)

#define SERVICE(name, check, start) \
    { #name, read_##name, port_of_##name, runs_##name, check, add_##name, start }
static const ServiceKind services[] = {
    SERVICE(dhcp_client, NULL, host_dhcp_client_start),
    SERVICE(dhcp_server, check_dhcp_server, host_dhcp_server_start),
    SERVICE(dhcp_relay, check_dhcp_relay, host_dhcp_relay_start),
    SERVICE(dns_server, NULL, host_dns_server_start),
    SERVICE(dns_resolver, NULL, host_dns_server_start),
    SERVICE(mail_server, NULL, start_mail_server),
    SERVICE(mail_agent, NULL, start_mail_agent),
    SERVICE(imap_server, check_mail_reader, NULL),
    SERVICE(http_server, NULL, NULL),
    SERVICE(pop3_server, check_mail_reader, NULL),
    SERVICE(pop3_client, NULL, host_pop3_client_start),
    SERVICE(imap_client, NULL, host_imap_client_start),
    SERVICE(udp_echo, NULL, NULL),
    SERVICE(tcp_echo, NULL, NULL),
    SERVICE(tcp_discard, NULL, NULL),
    SERVICE(tcp_chargen, NULL, NULL),
};
enum { SERVICES = sizeof services / sizeof services[0] };

static const Value empty_map = {.kind = VALUE_MAP};

/* NULL: the mistake is noted, or only the names of fields were wanted. */
static const ServiceKind *read_service_config(Command *c, Host *host, ServiceSettings *settings) {
    const char *names[SERVICES];
    for (size_t i = 0; i < SERVICES; i++) names[i] = services[i].name;
    size_t chosen = value_read_choice(&c->reader, "service", names, SERVICES, SERVICES);
    const Value *config = value_read_any(&c->reader, "config", "table");
    if (!host || !command_is_good(c)) return NULL;
    if (chosen == SERVICES) {
        value_reader_fail(&c->reader, "service", NULL, "the name of a service");
        return NULL;
    }
    ConfigPlace place = {c->reader.arena, host, c->world->lans, c->world->lan_count};
    ValueReader inner = value_reader(c->reader.arena, config ? config : &empty_map, "", c->reader.error);
    return services[chosen].read(&inner, &place, settings) ? &services[chosen] : NULL;
}

void do_service(Command *c) {
    Host *host = command_read_host(c, "host");
    ServiceSettings s;
    const ServiceKind *service = read_service_config(c, host, &s);
    if (!service) return;
    uint16_t port = service->port(&s);
    for (size_t i = 0; i < host->listen_count; i++)
        if (port != 0 && host->listens[i] == port)
            command_fail(c, "service", "%s listens on the port of this service already", host->name);
    if (service->runs(host)) command_fail(c, "service", "this host runs a %s already", service->name);
    if (host->stack->interface_count == 0)
        command_fail(c, "host", "%s has no interface yet: attach it to a LAN first", host->name);
    if (service->check) service->check(c, host, &s);
    if (!command_accept(c)) return;
    service->add(host, &s);
    if (service->start && host->stack->powered) service->start(host, c->cause);
}

void do_configure(Command *c) {
    Host *host = command_read_host(c, "host");
    ServiceSettings s;
    const ServiceKind *service = read_service_config(c, host, &s);
    if (!service) return;
    if (service->add != add_dhcp_server)
        command_fail(c, "service", "%s can't be changed while it runs; \"dhcp_server\" expected", service->name);
    else if (!host->dhcp_server) command_fail(c, "service", "%s runs no DHCP server", host->name);
    if (!command_accept(c)) return;
    host_dhcp_server_configure(host, &s.server);
}

bool command_describe_service(const char *name, World *world, Text *names) {
    ConfigError error = {0};
    for (size_t i = 0; i < SERVICES; i++) {
        if (strcmp(name, services[i].name) != 0) continue;
        ValueReader r = value_reader(sim_arena(world->sim), &empty_map, "", &error);
        r.names = names;
        ConfigPlace place = {.arena = sim_arena(world->sim)};
        ServiceSettings s;
        (void)!services[i].read(&r, &place, &s);
        text_free(&error.message);
        return true;
    }
    return false;
}
