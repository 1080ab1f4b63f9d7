/* A virtual host: a network stack, the services that run on it, and a disk that outlives a crash. */
#ifndef NETSTAGE_HOST_HOST_H
#define NETSTAGE_HOST_HOST_H

#include "base/value.h"
#include "host/dns_streams.h"
#include "host/http_services.h"
#include "host/imap_client.h"
#include "host/imap_services.h"
#include "host/pop3_services.h"
#include "host/mail.h"
#include "host/talks.h"
#include "host/tcp_services.h"
#include "host/world.h"
#include "proto/dhcp/client.h"
#include "proto/dhcp/relay.h"
#include "proto/dhcp/server.h"
#include "proto/dns/recursor.h"
#include "proto/dns/resolver.h"
#include "proto/dns/server.h"
#include "stack/ip_stack.h"
#include "stack/lan.h"

typedef struct Host Host;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DhcpClient client;
    uint32_t machine; /* directory index */
    bool running;
    ConflictSettings conflict;
    DhcpLease disk; /* the lease as last written; settings.address 0: none */
} DhcpClientService;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DhcpServer server;
    DhcpServerConfig config;
    uint32_t machine, binding_machine;
    bool running;
    DhcpStored *disk;
    size_t disk_count, disk_capacity;
    uint32_t *disk_places; /* open addressing by address, a power of two: index + 1 */
    size_t disk_place_count;
} DhcpServerService;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DhcpRelay relay;
    uint32_t machine;
    bool running;
} DhcpRelayService;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DnsServer server;
    uint32_t machine;
    bool running;
} DnsServerService;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DnsRecursor recursor;
    uint32_t machine;
    uint16_t ports[DNS_INQUIRIES]; /* of the questions under way; 0: none */
} DnsResolverService;

enum { NAME_RECORDS = 16 };
typedef struct {
    uint16_t preference;
    DnsName exchanger; /* the root's name (size 1): a null MX (RFC 7505) */
} NameExchanger;

/* The end of a look-up; good during the call. */
typedef struct {
    NameOutcome outcome;
    uint16_t type; /* DnsType that was asked for */
    uint32_t ttl_s;
    size_t count;                        /* of records, 0 unless NAME_FOUND; what is beyond NAME_RECORDS is left out */
    Ipv4Address addresses[NAME_RECORDS]; /* of an A look-up, in the order of the answer */
    NameExchanger exchangers[NAME_RECORDS]; /* of an MX look-up, by preference; equal ones in random order */
    DnsName names[NAME_RECORDS];            /* of a PTR, NS or CNAME look-up */
    Bytes texts[NAME_RECORDS];              /* of a TXT look-up: a record's strings joined */
} NameAnswer;

/* Who wants to know. `cause` is the record that tells. Not called any more once the host has lost its power. */
typedef struct {
    void (*found)(void *self, const NameAnswer *answer, uint32_t cause); /* NULL: nobody */
    void *self;
} NameWaiter;

typedef struct {
    Host *host;
    EffectCarrier carrier;
    DnsResolver resolver;
    uint32_t machine;
    NameWaiter waiters[DNS_LOOKUPS]; /* by place */
} DnsStubService;

/* An echo that has been sent and not yet been answered, by the ping command. */
typedef struct EchoWait {
    struct EchoWait *next;
    Host *host;
    Ipv4Address to;
    uint16_t sequence;
    SimTime sent_at;
    bool done;
} EchoWait;

/* A hand-made address of an interface; address 0: none. */
typedef struct {
    Ipv4Address address, router;
    uint8_t prefix_length, name_server_count;
    Ipv4Address name_servers[SETTINGS_SERVERS];
    bool probe;
} HandSettings;

struct Host {
    World *world;
    const char *name;
    uint32_t id; /* directory index */
    IpStack *stack;
    HandSettings *hand[STACK_INTERFACES];
    Lan *lan[STACK_INTERFACES]; /* where the interface is plugged in; NULL for a cable between routers */
    Route *routes;              /* by hand, set at each boot */
    size_t route_count, route_capacity;
    DhcpClientService *dhcp_client;
    DhcpServerService *dhcp_server;
    DhcpRelayService *dhcp_relay;
    DnsServerService *dns_server;
    DnsResolverService *dns_resolver; /* for others */
    DnsStubService *dns_stub;         /* for itself; NULL: nothing was ever looked up */
    DnsStreams *dns_streams;          /* DNS by TCP; NULL: there never was any */
    MailService *mail_server, *mail_agent;
    ImapService *imap_server;
    Pop3Service *pop3_server;
    Pop3Reader *pop3_client;
    ImapClientService *imap_client;
    HttpService *http; /* NULL: it has none */
    HostTalks *talks;  /* NULL: nobody has spoken by hand here */
    TcpService *tcp_services;
    uint16_t echo_port; /* of the UDP echo service; 0: none */
    uint16_t *listens;  /* ports that only take datagrams in, for a script to answer */
    size_t listen_count, listen_capacity;
    EchoWait *echoes;
    uint16_t echo_sequence;
    uint32_t boots;
    bool stopping, boot_when_off; /* shutting down; and switched on again meanwhile */
};

Host *host_new(World *world, const char *name, bool router);
void host_release(Host *host);
/* NULL: the interface is unknown. "" or NULL is the first. */
Interface *host_interface(const Host *host, const char *name);
/* `quiet`: it has been on since before the scene begins: hand-made addresses are neither probed nor announced. */
void host_boot(Host *host, bool quiet, uint32_t cause);
void host_crash(Host *host, uint32_t cause);
/* In order: a client releases if its config says so; power goes off shortly after. */
void host_shutdown(Host *host, uint32_t cause);
/* The interface's cable was plugged in again, perhaps elsewhere. */
void host_link_up(Host *host, Interface *interface, uint32_t cause);
void host_use_hand_settings(Host *host, Interface *interface, bool quiet, uint32_t cause);
void host_ping(Host *host, Ipv4Address to, uint8_t ttl, uint32_t cause);
void host_use_echo(Host *host, uint16_t port);
/* Whether a service or an earlier host_listen uses the port. */
bool host_port_taken(const Host *host, uint16_t port);
void host_listen(Host *host, uint16_t port);
void host_listen_end(Host *host, uint16_t port);

/* ---- dns_stub.c, dns_services.c ---- */

/* Looks up the name's addresses (A) at the name servers of the host's interfaces, which must have power. Aliases (CNAME)
 * are followed. The waiter may be told before this returns. */
void host_look_up(Host *host, const DnsName *name, NameWaiter waiter, uint32_t cause);
/* The same for records of another type: A, MX, TXT, PTR, NS or CNAME. */
void host_look_up_type(Host *host, const DnsName *name, uint16_t type, NameWaiter waiter, uint32_t cause);
/* A domain's mail exchangers (RFC 5321 section 5.1). NAME_NO_DATA: none, so the domain itself stands for one, by its
 * address (implicit MX). */
void host_look_up_mx(Host *host, const DnsName *domain, NameWaiter waiter, uint32_t cause);
void host_dns_stub_shut_down(Host *host, uint32_t cause);
void host_dns_stub_stop(Host *host); /* power is gone */
/* A resolver for others, at the name server's port. */
void host_dns_resolver_add(Host *host, const DnsRecursorConfig *config);
void host_dns_resolver_shut_down(Host *host, uint32_t cause);
void host_dns_resolver_stop(Host *host); /* power is gone */
void host_dns_server_add(Host *host, const DnsServerConfig *config);
void host_dns_server_start(Host *host, uint32_t cause);
void host_dns_server_input(Host *host, DnsServerInput input, uint32_t cause);
void host_dns_server_stop(Host *host); /* power is gone */

/* ---- dhcp_services.c ---- */

void host_dhcp_client_add(Host *host, const DhcpClientConfig *config, const ConflictSettings *conflict,
                          uint8_t interface);
void host_dhcp_client_start(Host *host, uint32_t cause);
/* INFORM, for the address that is in use now. */
void host_dhcp_client_inform(Host *host, uint32_t cause);
void host_dhcp_client_stop(Host *host); /* power is gone */
void host_dhcp_client_input(Host *host, DhcpClientInput input, uint32_t cause);
void host_dhcp_server_add(Host *host, const DhcpServerConfig *config);
void host_dhcp_server_configure(Host *host, const DhcpServerConfig *config);
void host_dhcp_server_start(Host *host, uint32_t cause);
void host_dhcp_server_stop(Host *host);
void host_dhcp_server_icmp(Host *host, const IcmpArrival *arrival);
void host_dhcp_relay_add(Host *host, const DhcpRelayConfig *config);
void host_dhcp_relay_start(Host *host, uint32_t cause);
void host_dhcp_relay_stop(Host *host);

#endif
