#include "stack/ip_stack.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stack/facts.h"
#include "stack/tcp_inside.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

/* ---- The carrier of conflict machines ---- */

static void carry_ask(void *self, Machine *machine, const Effect *effect, Bytes octets, uint32_t cause) {
    IpStack *stack = self;
    Interface *interface = ((Conflict *)machine->self)->interface;
    AddressEvent event = ADDRESS_FREE;
    switch ((AskKind)effect->ask.ask) {
        case ASK_SEND_ARP: {
            ArpPacket packet;
            memcpy(&packet, octets.at, sizeof packet);
            if (interface_is_up(interface)) arp_send(interface, &packet, mac_broadcast, machine->id, cause);
            return;
        }
        case ASK_TELL_FREE: event = ADDRESS_FREE; break;
        case ASK_TELL_TAKEN: event = ADDRESS_TAKEN; break;
        case ASK_TELL_LOST: event = ADDRESS_LOST; break;
        default: CHECK_UNREACHABLE();
    }
    if (stack->on_address) stack->on_address(stack->owner, interface, event, cause);
}

static void carry_send(void *self, const DatagramTo *to, Bytes payload, Machine *machine, uint32_t cause) {
    udp_send(self, to, payload, machine->id, cause);
}

static void carry_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    (void)self;
    conflict_timer(machine, timer, cause);
}

/* ---- Making ---- */

IpStack *ip_stack_new(Sim *sim, const char *name, uint32_t host, bool forwards) {
    IpStack *stack = arena_alloc(sim_arena(sim), sizeof *stack);
    stack->sim = sim;
    stack->name = arena_text(sim_arena(sim), name);
    stack->host = host;
    stack->forwards = forwards;
    stack->ttl = 64;
    stack->arp_expiry = 300 * SIM_SECOND;
    stack->arp_retry = SIM_SECOND;
    stack->carrier = (EffectCarrier){stack, host, carry_send, carry_ask, carry_timer, sim, NULL};
    return stack;
}

void ip_stack_release(IpStack *stack) {
    for (size_t i = 0; i < stack->interface_count; i++) arp_cache_release(&stack->interfaces[i]->arp);
    tcp_release(stack);
    free(stack->routes);
    free(stack->sockets);
}

Interface *ip_stack_add_interface(IpStack *stack, const char *name, MacAddress mac) {
    if (stack->interface_count == STACK_INTERFACES) return NULL;
    Interface *interface = arena_alloc(sim_arena(stack->sim), sizeof *interface);
    interface->stack = stack;
    interface->index = (uint8_t)stack->interface_count;
    snprintf(interface->name, sizeof interface->name, "%s", name);
    interface->mac = mac;
    stack->interfaces[stack->interface_count++] = interface;
    conflict_init(interface);
    return interface;
}

bool interface_is_up(const Interface *interface) {
    return interface->stack->powered && interface->link && interface->link->up;
}

void ip_stack_power(IpStack *stack, bool on, uint32_t cause) {
    stack->powered = on;
    sim_record_fact(stack->sim, stack->host, TRACE_NONE, 0, &fact_host_powered, (int64_t[]){on}, cause);
    if (on) return;
    tcp_power_off(stack);
    for (size_t i = 0; i < stack->interface_count; i++) {
        Interface *interface = stack->interfaces[i];
        arp_cache_clear(&interface->arp);
        sim_machine_silence(&interface->conflict.machine);
        interface->conflict.machine.state = conflict_machine_spec.initial;
        interface->address = interface->router = 0;
        interface->prefix_length = interface->name_server_count = 0;
    }
    stack->route_count = 0;
}

void interface_configure(Interface *interface, const InterfaceSettings *settings, uint32_t cause) {
    IpStack *stack = interface->stack;
    bool same = interface->address == settings->address && interface->prefix_length == settings->prefix_length &&
                interface->router == settings->router && interface->name_server_count == settings->server_count &&
                (settings->server_count == 0 || interface->name_servers[0] == settings->name_servers[0]);
    if (interface->address != 0 && interface->address != settings->address) interface_unconfigure(interface, cause);
    interface->address = settings->address;
    interface->prefix_length = settings->prefix_length;
    interface->router = settings->router;
    interface->name_server_count = settings->server_count;
    memcpy(interface->name_servers, settings->name_servers, sizeof interface->name_servers);
    if (!same)
        sim_record_fact(stack->sim, stack->host, TRACE_NONE, interface->index, &fact_interface_configured,
                        (int64_t[]){interface->index, settings->address, settings->prefix_length, settings->router,
                                    settings->server_count > 0 ? settings->name_servers[0] : 0},
                        cause);
    conflict_claim(interface, settings->address, cause);
}

void interface_unconfigure(Interface *interface, uint32_t cause) {
    IpStack *stack = interface->stack;
    conflict_withdraw(interface, cause);
    if (interface->address == 0) return;
    sim_record_fact(stack->sim, stack->host, TRACE_NONE, interface->index, &fact_interface_unconfigured,
                    (int64_t[]){interface->index, interface->address}, cause);
    interface->address = interface->router = 0;
    interface->prefix_length = interface->name_server_count = 0;
    arp_cache_forget(&interface->arp);
}

/* ---- Routes ---- */

void ip_stack_route_add(IpStack *stack, Ipv4Prefix to, Ipv4Address via, uint8_t interface) {
    Route route = {to, via, interface};
    for (size_t i = 0; i < stack->route_count; i++) {
        if (stack->routes[i].to.network == to.network && stack->routes[i].to.length == to.length) {
            stack->routes[i] = route;
            return;
        }
    }
    stack->routes = array_grow(stack->routes, &stack->route_capacity, stack->route_count + 1, sizeof(Route));
    stack->routes[stack->route_count++] = route;
}

Interface *ip_stack_route(IpStack *stack, Ipv4Address destination, Ipv4Address *next_hop) {
    Interface *best = NULL;
    int best_length = -1;
    for (size_t i = 0; i < stack->interface_count; i++) {
        Interface *interface = stack->interfaces[i];
        if (interface->address == 0 || !interface_is_up(interface) || interface->prefix_length <= best_length) continue;
        if ((destination ^ interface->address) & ipv4_mask(interface->prefix_length)) continue;
        best = interface;
        best_length = interface->prefix_length;
        *next_hop = destination;
    }
    for (size_t i = 0; i < stack->route_count; i++) {
        const Route *route = &stack->routes[i];
        if (route->to.length <= best_length || !ipv4_prefix_has(route->to, destination)) continue;
        Interface *interface = stack->interfaces[route->interface];
        if (interface->address == 0 || !interface_is_up(interface)) continue;
        best = interface;
        best_length = route->to.length;
        *next_hop = route->via ? route->via : destination;
    }
    if (best) return best;
    for (size_t i = 0; i < stack->interface_count; i++) {
        Interface *interface = stack->interfaces[i];
        if (interface->address == 0 || interface->router == 0 || !interface_is_up(interface)) continue;
        *next_hop = interface->router;
        return interface;
    }
    return NULL;
}

/* ---- Sockets ---- */

bool udp_open(IpStack *stack, const UdpSocket *socket) {
    for (size_t i = 0; i < stack->socket_count; i++)
        if (stack->sockets[i].port == socket->port) return false;
    stack->sockets = array_grow(stack->sockets, &stack->socket_capacity, stack->socket_count + 1, sizeof(UdpSocket));
    stack->sockets[stack->socket_count++] = *socket;
    return true;
}

void udp_close(IpStack *stack, uint16_t port) {
    for (size_t i = 0; i < stack->socket_count; i++)
        if (stack->sockets[i].port == port) stack->sockets[i] = stack->sockets[--stack->socket_count];
}

/* ---- Receiving ---- */

static void ignore(IpStack *stack, const char *reason, FrameId frame, size_t offset, uint32_t cause) {
    sim_record_ignored(stack->sim, stack->host, TRACE_NONE, reason, frame, offset, cause);
}

typedef struct {
    Interface *interface;
    FrameId frame;
    uint32_t cause;
    MacAddress source_mac;
    Bytes octets; /* of the IPv4 packet, without padding */
    Ipv4Header ip;
    size_t payload_offset; /* within the frame */
    bool broadcast;        /* at either layer */
    bool looped;           /* from this host itself */
} Packet;

static void receive_udp(IpStack *stack, const Packet *p) {
    UdpHeader udp;
    ParseFault fault;
    if (!udp_decode(p->ip.payload, p->ip.source, p->ip.destination, &udp, &fault)) {
        ignore(stack, fault.reason, p->frame, p->payload_offset + fault.offset, p->cause);
        return;
    }
    for (size_t i = 0; i < stack->socket_count; i++) {
        const UdpSocket *socket = &stack->sockets[i];
        if (socket->port != udp.destination_port) continue;
        uint32_t seq = sim_record_message(stack->sim, stack->host, socket->machine, MESSAGE_RECEIVED, socket->proto,
                                          p->frame, p->payload_offset + UDP_HEADER_SIZE, udp.payload.size,
                                          p->interface->index, p->cause);
        UdpArrival arrival = {p->interface,    p->source_mac,        p->ip.source, p->ip.destination,
                              udp.source_port, udp.destination_port, udp.payload,  seq};
        socket->handler(socket->self, &arrival);
        return;
    }
    ignore(stack, "udp.port_closed", p->frame, p->payload_offset, p->cause);
    if (!p->broadcast)
        icmp_send_error(stack, ICMP_DESTINATION_UNREACHABLE, ICMP_PORT_UNREACHABLE, p->octets, &p->ip, p->cause);
}

static void receive_icmp(IpStack *stack, const Packet *p) {
    IcmpMessage message;
    ParseFault fault;
    if (!icmp_decode(p->ip.payload, &message, &fault)) {
        ignore(stack, fault.reason, p->frame, p->payload_offset + fault.offset, p->cause);
        return;
    }
    uint32_t seq = sim_record_message(stack->sim, stack->host, TRACE_NONE, MESSAGE_RECEIVED, TRACE_PROTO_ICMP, p->frame,
                                      p->payload_offset, p->ip.payload.size, p->interface->index, p->cause);
    if (message.type == ICMP_ECHO_REQUEST) {
        /* RFC 1122 section 3.2.2.6: an echo request to a broadcast address may be discarded without a word. */
        if (p->broadcast) return;
        IcmpMessage reply = {.type = ICMP_ECHO_REPLY, .rest = message.rest, .payload = message.payload};
        icmp_send(stack, ip_stack_is_own(stack, p->ip.destination) ? p->ip.destination : 0, p->ip.source, &reply, 0,
                  TRACE_NONE, seq);
        return;
    }
    if (message.type != ICMP_ECHO_REPLY) tcp_receive_error(stack, &message, seq);
    IcmpArrival arrival = {p->interface, p->ip.source, message, seq};
    if (stack->on_icmp) stack->on_icmp(stack->owner, &arrival);
}

static void receive_tcp(IpStack *stack, const Packet *p) {
    /* RFC 9293 section 3.9.2.3: a SYN to a broadcast or multicast address is discarded; so is any other segment. */
    if (p->broadcast || !ip_stack_is_own(stack, p->ip.destination)) {
        ignore(stack, "tcp.not_unicast", p->frame, ETHERNET_HEADER_SIZE + 16, p->cause);
        return;
    }
    tcp_receive(stack, p->interface, p->ip.source, p->ip.destination, p->ip.payload, p->frame, p->payload_offset,
                p->cause);
}

static void receive_ipv4(IpStack *stack, Packet *p, Bytes payload, bool mac_broadcast_seen) {
    ParseFault fault;
    if (!ipv4_decode(payload, &p->ip, &fault)) {
        ignore(stack, fault.reason, p->frame, ETHERNET_HEADER_SIZE + fault.offset, p->cause);
        return;
    }
    p->octets = bytes_slice(payload, 0, p->ip.total_length);
    p->payload_offset = ETHERNET_HEADER_SIZE + (size_t)(p->ip.payload.at - payload.at);
    /* RFC 1122 section 3.2.1.3: no host is called by a broadcast or multicast address, and 127.0.0.0/8 never comes from
     * outside. */
    if (ipv4_is_multicast(p->ip.source) || interface_is_broadcast(p->interface, p->ip.source) ||
        (!p->looped && (p->ip.source >> 24 == IPV4_LOOPBACK_NET || p->ip.destination >> 24 == IPV4_LOOPBACK_NET))) {
        ignore(stack, "ipv4.source_no_host", p->frame, ETHERNET_HEADER_SIZE + 12, p->cause);
        return;
    }
    bool to_all = interface_is_broadcast(p->interface, p->ip.destination);
    p->broadcast = to_all || mac_broadcast_seen;
    /* RFC 2131 section 4.1: a host without an address takes what is addressed to its MAC. */
    bool mine = to_all || ip_stack_is_own(stack, p->ip.destination) ||
                (p->interface->address == 0 && !mac_broadcast_seen);
    if (!mine) {
        if (stack->forwards && !mac_broadcast_seen) ip_forward(stack, p->octets, &p->ip, p->frame, p->cause);
        else ignore(stack, "ipv4.not_for_this_address", p->frame, ETHERNET_HEADER_SIZE + 16, p->cause);
        return;
    }
    /* DEVIATION: fragments are not put together again; nothing here sends any, and a frame's worth is enough for the
     * course. */
    if (ipv4_is_fragment(&p->ip)) {
        ignore(stack, "ipv4.fragment", p->frame, ETHERNET_HEADER_SIZE + 6, p->cause);
        return;
    }
    switch (p->ip.protocol) {
        case IPV4_PROTOCOL_UDP: receive_udp(stack, p); break;
        case IPV4_PROTOCOL_ICMP: receive_icmp(stack, p); break;
        case IPV4_PROTOCOL_TCP: receive_tcp(stack, p); break;
        default:
            ignore(stack, "ipv4.unknown_protocol", p->frame, ETHERNET_HEADER_SIZE + 9, p->cause);
            if (!p->broadcast)
                icmp_send_error(stack, ICMP_DESTINATION_UNREACHABLE, ICMP_PROTOCOL_UNREACHABLE, p->octets, &p->ip,
                                p->cause);
    }
}

static void receive_frame(Interface *interface, FrameId id, uint32_t cause) {
    IpStack *stack = interface->stack;
    EthernetFrame frame;
    ParseFault fault;
    if (!stack->powered) {
        ignore(stack, "host.off", id, 0, cause);
        return;
    }
    if (!ethernet_decode(frame_store_get(sim_frames(stack->sim), id), &frame, &fault)) {
        ignore(stack, fault.reason, id, fault.offset, cause);
        return;
    }
    bool to_all = mac_equal(frame.destination, mac_broadcast);
    if (!to_all && !mac_equal(frame.destination, interface->mac)) {
        ignore(stack, "ethernet.not_for_this_mac", id, 0, cause);
        return;
    }
    if (frame.type == ETHERNET_TYPE_ARP) {
        arp_receive(interface, frame.payload, id, cause);
    } else if (frame.type == ETHERNET_TYPE_IPV4) {
        Packet packet = {.interface = interface, .frame = id, .cause = cause, .source_mac = frame.source};
        receive_ipv4(stack, &packet, frame.payload, to_all);
    } else {
        ignore(stack, "ethernet.unknown_type", id, 12, cause);
    }
}

static void receive(void *self, uint32_t port, FrameId frame, uint32_t cause) {
    Interface *interface = self;
    (void)port;
    receive_frame(interface, frame, cause);
    frame_store_release(sim_frames(interface->stack->sim), frame);
}

/* ---- Loopback ---- */

/* A computer's way to itself takes little time, but not none: two programs that answer one another must not stop the
 * clock. */
static const SimTime loopback_delay = SIM_MICROSECOND;

static void loop_arrives(void *self, uint64_t number, uint32_t frame, uint32_t cause) {
    IpStack *stack = self;
    FrameStore *frames = sim_frames(stack->sim);
    Packet packet = {.interface = stack->interfaces[number], .frame = frame, .cause = cause, .looped = true};
    Bytes octets = frame_store_get(frames, frame);
    if (!stack->powered) ignore(stack, "host.off", frame, 0, cause);
    else receive_ipv4(stack, &packet, bytes_slice(octets, ETHERNET_HEADER_SIZE, octets.size), false);
    frame_store_release(frames, frame);
}

static size_t interface_with(const IpStack *stack, Ipv4Address address) {
    for (size_t i = 0; i < stack->interface_count; i++)
        if (stack->interfaces[i]->address == address) return i;
    return 0;
}

/* The frame has no link-layer addresses, as captures of loopback interfaces show it. */
void ip_loop_back(IpStack *stack, Bytes packet, size_t message_size, uint8_t proto, uint32_t machine, uint32_t cause) {
    FrameStore *frames = sim_frames(stack->sim);
    size_t size = ETHERNET_HEADER_SIZE + packet.size, interface = interface_with(stack, octets_u32(packet.at + 16));
    ByteWriter w = byte_writer(frame_store_reserve(frames, size), size);
    ethernet_encode_header(&(EthernetFrame){.type = ETHERNET_TYPE_IPV4}, &w);
    byte_writer_put(&w, packet.at, packet.size);
    FrameId frame = frame_store_commit(frames, w.size);
    uint32_t seq = sim_record_message(stack->sim, stack->host, machine, MESSAGE_SENT, proto, frame, size - message_size,
                                      message_size, (uint8_t)interface, cause);
    sim_schedule(stack->sim, sim_now(stack->sim) + loopback_delay, loop_arrives, stack, interface, frame, seq);
}

LinkEnd interface_link_end(Interface *interface) {
    return (LinkEnd){interface, receive, interface->index, interface->stack->host};
}
