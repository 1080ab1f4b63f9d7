/* A host's network stack: interfaces, ARP, IPv4 with forwarding, ICMP, UDP; TCP is in tcp.h.
 *
 * Files: ip_stack.c (interfaces, routes, receiving), ip_send.c (sending and forwarding), arp_cache.c (RFC 826),
 * conflict.c (RFC 5227 as a machine). */
#ifndef NETSTAGE_STACK_IP_STACK_H
#define NETSTAGE_STACK_IP_STACK_H

#include "stack/link.h"
#include "wire/address.h"
#include "wire/arp.h"
#include "wire/icmp.h"
#include "wire/ipv4.h"

typedef struct IpStack IpStack;
struct Tcp;
typedef struct Interface Interface;

/* ---- ARP cache (RFC 826) ---- */

/* A packet that waits for a MAC address: its octets from the IPv4 header on. */
typedef struct ArpWaiting {
    struct ArpWaiting *next;
    uint32_t machine, cause;
    uint8_t proto;       /* TraceProto */
    bool forwarded;      /* no message record: it is another's */
    size_t message_size; /* octets of the innermost message, which end the packet */
    size_t size;
    uint8_t octets[];
} ArpWaiting;

typedef struct {
    Ipv4Address address;
    bool resolved;
    uint8_t tries;
    uint32_t generation;
    MacAddress mac;
    SimTime expires_at;
    ArpWaiting *waiting;
} ArpEntry;

typedef struct {
    ArpEntry *entries; /* open addressing by address, a power of two; address 0 is an empty place */
    size_t count, capacity;
} ArpCache;

/* ---- Address conflict detection (RFC 5227) ---- */

typedef struct {
    bool probe; /* false: addresses are used unasked, as careless hosts do */
    bool defend;
    SimTime probe_wait, probe_min, probe_max, announce_wait, announce_interval, defend_interval;
    uint8_t probe_num, announce_num;
} ConflictSettings;
extern const ConflictSettings conflict_settings_rfc5227; /* section 1.1 */
extern const MachineSpec conflict_machine_spec;          /* "arp.conflict" */

typedef enum { ADDRESS_FREE, ADDRESS_TAKEN, ADDRESS_LOST } AddressEvent;

typedef struct {
    Machine machine;
    Interface *interface;
    ConflictSettings settings;
    RandomStream random;
    Ipv4Address address; /* probed or held */
    uint8_t sent;        /* probes or announcements */
} Conflict;

/* ---- Interfaces and the stack ---- */

struct Interface {
    IpStack *stack;
    uint8_t index;
    char name[12];
    MacAddress mac;
    Ipv4Address address; /* 0: none */
    uint8_t prefix_length;
    Ipv4Address router; /* 0: none */
    uint8_t name_server_count;
    Ipv4Address name_servers[SETTINGS_SERVERS];
    Link *link; /* its cable, in which it is end `side`; NULL: never plugged in */
    uint8_t side;
    ArpCache arp;
    Conflict conflict;
};

typedef struct {
    Ipv4Prefix to;
    Ipv4Address via; /* 0: on the link */
    uint8_t interface;
} Route;

/* A datagram for a socket. `record` is the message's record, the cause of what follows. */
typedef struct {
    Interface *interface;
    MacAddress source_mac;
    Ipv4Address source, destination;
    uint16_t source_port, destination_port;
    Bytes payload; /* good during the call */
    uint32_t record;
} UdpArrival;
typedef void UdpHandler(void *self, const UdpArrival *arrival);
typedef struct {
    uint16_t port;
    uint8_t proto;    /* TraceProto */
    uint32_t machine; /* directory index or TRACE_NONE */
    UdpHandler *handler;
    void *self;
} UdpSocket;

/* ICMP for whoever asked: an echo reply, or an error about something this host sent. */
typedef struct {
    Interface *interface;
    Ipv4Address source;
    IcmpMessage message;
    uint32_t record;
} IcmpArrival;

enum { STACK_INTERFACES = 16 };
struct IpStack {
    Sim *sim;
    uint32_t host;
    const char *name;
    bool powered, forwards;
    uint8_t ttl;
    uint16_t identification;
    SimTime arp_expiry, arp_retry;
    Interface *interfaces[STACK_INTERFACES];
    size_t interface_count;
    Route *routes;
    size_t route_count, route_capacity;
    UdpSocket *sockets;
    size_t socket_count, socket_capacity;
    struct Tcp *tcp; /* NULL until it is used */
    void *owner;
    void (*on_address)(void *owner, Interface *interface, AddressEvent event, uint32_t cause);
    void (*on_icmp)(void *owner, const IcmpArrival *arrival);
    EffectCarrier carrier; /* of the interfaces' conflict machines */
};

/* The stack lives in the simulation's arena; the host is entered in the directory by the caller. */
IpStack *ip_stack_new(Sim *sim, const char *name, uint32_t host, bool forwards);
void ip_stack_release(IpStack *stack); /* its tables */
/* NULL if there are STACK_INTERFACES already. */
Interface *ip_stack_add_interface(IpStack *stack, const char *name, MacAddress mac);
/* The end of a cable to be plugged into this interface. */
LinkEnd interface_link_end(Interface *interface);
bool interface_is_up(const Interface *interface);

/* Power off forgets ARP entries, waiting packets and addresses; nothing is said on the network. */
void ip_stack_power(IpStack *stack, bool on, uint32_t cause);

/* RFC 5227: asks whether the address is free; the answer is on_address with ADDRESS_FREE or ADDRESS_TAKEN. */
void interface_probe(Interface *interface, Ipv4Address address, uint32_t cause);
/* Uses the address from now on, announces it and defends it; ADDRESS_LOST through on_address if that fails. */
void interface_configure(Interface *interface, const InterfaceSettings *settings, uint32_t cause);
void interface_unconfigure(Interface *interface, uint32_t cause);

/* Replaces a route to the same prefix. */
void ip_stack_route_add(IpStack *stack, Ipv4Prefix to, Ipv4Address via, uint8_t interface);
/* The interface and next hop for a destination, longest prefix first; NULL: no route. */
Interface *ip_stack_route(IpStack *stack, Ipv4Address destination, Ipv4Address *next_hop);

/* False if the port is taken. */
bool udp_open(IpStack *stack, const UdpSocket *socket) NS_MUST_USE;
void udp_close(IpStack *stack, uint16_t port);
/* Sends a datagram; what can't be sent leaves an "ignored" record with the reason. `machine` is a directory index or
 * TRACE_NONE. */
void udp_send(IpStack *stack, const DatagramTo *to, Bytes payload, uint32_t machine, uint32_t cause);
/* Sends an ICMP message; source 0: the address of the interface it leaves by; ttl 0: the stack's own. */
void icmp_send(IpStack *stack, Ipv4Address source, Ipv4Address destination, const IcmpMessage *message, uint8_t ttl,
               uint32_t machine, uint32_t cause);

/* ---- Between the files of the stack ---- */

/* Is the destination this host itself, one of its addresses or 127.0.0.0/8 (RFC 1122 section 3.2.1.3)? */
bool ip_stack_is_own(const IpStack *stack, Ipv4Address destination);
/* The source address for a packet to there; 0: no way leads there. */
Ipv4Address ip_stack_source_for(IpStack *stack, Ipv4Address destination);
/* Sends a TCP segment that stands behind IPV4_HEADER_SIZE free octets of `packet`. What can't be sent leaves an
 * "ignored" record with the reason. */
void ip_send_segment(IpStack *stack, Ipv4Address source, Ipv4Address destination, uint8_t *packet, size_t size,
                     uint32_t machine, uint32_t cause);
/* A packet to this host itself: it comes back through the event queue, without a link. */
void ip_loop_back(IpStack *stack, Bytes packet, size_t message_size, uint8_t proto, uint32_t machine, uint32_t cause);

void arp_cache_release(ArpCache *cache);
void arp_cache_clear(ArpCache *cache);
/* Forgets what was learned, but lets packets that wait for an answer go out still: a RELEASE is sent by a host that
 * then drops its address. */
void arp_cache_forget(ArpCache *cache);
/* NULL if absent. */
ArpEntry *arp_cache_find(ArpCache *cache, Ipv4Address address);
void arp_receive(Interface *interface, Bytes payload, FrameId frame, uint32_t cause);
/* Sends the packet (its octets from the IPv4 header on) to `next_hop`, after asking for its MAC if need be. */
void arp_send_packet(Interface *interface, Ipv4Address next_hop, Bytes packet, size_t message_size, uint8_t proto,
                     bool forwarded, uint32_t machine, uint32_t cause);
void arp_send(Interface *interface, const ArpPacket *packet, MacAddress to, uint32_t machine, uint32_t cause);
void conflict_init(Interface *interface);
void conflict_claim(Interface *interface, Ipv4Address address, uint32_t cause);
void conflict_withdraw(Interface *interface, uint32_t cause);
void conflict_timer(Machine *machine, uint8_t timer, uint32_t cause);
/* Does this ARP packet concern the address being probed or held (RFC 5227 sections 2.1.1 and 2.4)? */
bool conflict_concerns(const Interface *interface, const ArpPacket *packet);
/* Tells the conflict machine of such a packet. */
void conflict_see(Interface *interface, const ArpPacket *packet, uint32_t cause);
/* A frame with this IPv4 packet leaves by the interface. */
void interface_send_frame(Interface *interface, MacAddress to, Bytes packet, size_t message_size, uint8_t proto,
                          bool forwarded, uint32_t machine, uint32_t cause);
/* The limited broadcast address, or the directed one of the interface's own network. */
bool interface_is_broadcast(const Interface *interface, Ipv4Address destination);
void ip_forward(IpStack *stack, Bytes packet, const Ipv4Header *header, FrameId frame, uint32_t cause);
/* RFC 1122 section 3.2.2: never about broadcasts, ICMP errors or packets without a sender. */
void icmp_send_error(IpStack *stack, uint8_t type, uint8_t code, Bytes packet, const Ipv4Header *header,
                     uint32_t cause);

#endif
