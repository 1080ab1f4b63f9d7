/* Sending and forwarding of IPv4 packets: RFC 791, RFC 1812 section 5.2, and the errors of RFC 792. */
#include <string.h>

#include "stack/ip_stack.h"
#include "wire/ethernet.h"
#include "wire/udp.h"

void interface_send_frame(Interface *interface, MacAddress to, Bytes packet, size_t message_size, uint8_t proto,
                          bool forwarded, uint32_t machine, uint32_t cause) {
    IpStack *stack = interface->stack;
    FrameStore *frames = sim_frames(stack->sim);
    if (!interface->link) {
        sim_record_ignored(stack->sim, stack->host, machine, "link.none", FRAME_NONE, 0, cause);
        return;
    }
    size_t most = ETHERNET_HEADER_SIZE + packet.size + ETHERNET_MINIMUM_SIZE;
    ByteWriter w = byte_writer(frame_store_reserve(frames, most), most);
    EthernetFrame header = {.destination = to, .source = interface->mac, .type = ETHERNET_TYPE_IPV4};
    ethernet_encode_header(&header, &w);
    byte_writer_put(&w, packet.at, packet.size);
    ethernet_encode_padding(&w, 0);
    FrameId frame = frame_store_commit(frames, w.size);
    if (!forwarded)
        cause = sim_record_message(stack->sim, stack->host, machine, MESSAGE_SENT, proto, frame,
                                   ETHERNET_HEADER_SIZE + packet.size - message_size, message_size, interface->index,
                                   cause);
    link_send(interface->link, interface->side, frame, cause);
}

typedef struct {
    Interface *interface;
    Ipv4Address source, destination, next_hop;
    const uint8_t *mac; /* NULL: to be resolved */
    uint8_t protocol, proto, ttl;
    bool to_self; /* interface is NULL */
    size_t message_size;
    uint32_t machine, cause;
} Outgoing;

bool interface_is_broadcast(const Interface *interface, Ipv4Address destination) {
    if (destination == IPV4_LIMITED_BROADCAST) return true;
    if (interface->address == 0 || interface->prefix_length >= 31) return false;
    uint32_t hosts = ~ipv4_mask(interface->prefix_length);
    return ((destination ^ interface->address) & ~hosts) == 0 && (destination & hosts) == hosts;
}

bool ip_stack_is_own(const IpStack *stack, Ipv4Address destination) {
    if (destination >> 24 == IPV4_LOOPBACK_NET) return true;
    for (size_t i = 0; i < stack->interface_count; i++)
        if (stack->interfaces[i]->address != 0 && stack->interfaces[i]->address == destination) return true;
    return false;
}

/* Chooses the interface, the next hop and the source address; a packet for this host itself keeps interface NULL and
 * goes by no link. False: no way leads there. */
static bool find_way(IpStack *stack, Outgoing *out) {
    out->to_self = stack->interface_count > 0 && ip_stack_is_own(stack, out->destination);
    if (out->to_self) {
        if (out->source == 0) out->source = out->destination;
        return true;
    }
    out->interface = ip_stack_route(stack, out->destination, &out->next_hop);
    if (out->interface && out->source == 0) out->source = out->interface->address;
    return out->interface != NULL;
}

Ipv4Address ip_stack_source_for(IpStack *stack, Ipv4Address destination) {
    Outgoing out = {.destination = destination};
    return find_way(stack, &out) ? out.source : 0;
}

/* Puts the IPv4 header before the payload that stands in `packet` behind 20 free octets, and sends it. */
static void send_packet(IpStack *stack, const Outgoing *out, uint8_t *packet, size_t payload_size) {
    ByteWriter w = byte_writer(packet, IPV4_HEADER_SIZE);
    Ipv4Header header = {.identification = stack->identification++,
                         .ttl = out->ttl,
                         .protocol = out->protocol,
                         .source = out->source,
                         .destination = out->destination};
    ipv4_encode_header(&header, payload_size, &w);
    Bytes octets = bytes_of(packet, IPV4_HEADER_SIZE + payload_size);
    if (out->to_self) {
        ip_loop_back(stack, octets, out->message_size, out->proto, out->machine, out->cause);
    } else if (out->mac || interface_is_broadcast(out->interface, out->destination)) {
        MacAddress mac = mac_broadcast;
        if (out->mac) memcpy(mac.octet, out->mac, 6);
        interface_send_frame(out->interface, mac, octets, out->message_size, out->proto, false, out->machine,
                             out->cause);
    } else {
        arp_send_packet(out->interface, out->next_hop, octets, out->message_size, out->proto, false, out->machine,
                        out->cause);
    }
}

void udp_send(IpStack *stack, const DatagramTo *to, Bytes payload, uint32_t machine, uint32_t cause) {
    Outgoing out = {.destination = to->destination,
                    .next_hop = to->destination,
                    .protocol = IPV4_PROTOCOL_UDP,
                    .proto = to->proto,
                    .ttl = stack->ttl,
                    .message_size = payload.size,
                    .machine = machine,
                    .cause = cause,
                    .mac = to->has_mac ? to->mac : NULL};
    bool found = true;
    if (to->interface != INTERFACE_BY_ROUTE) {
        CHECK(to->interface < stack->interface_count);
        out.interface = stack->interfaces[to->interface];
        Ipv4Address hop;
        if (!to->has_mac && !interface_is_broadcast(out.interface, to->destination) &&
            ip_stack_route(stack, to->destination, &hop) == out.interface)
            out.next_hop = hop;
    } else {
        out.source = to->source;
        found = find_way(stack, &out);
    }
    const char *trouble = !stack->powered                                                    ? "host.off"
                          : !found                                                           ? "ipv4.no_route"
                          : payload.size > ETHERNET_MTU - IPV4_HEADER_SIZE - UDP_HEADER_SIZE ? "ipv4.too_big"
                                                                                             : NULL;
    if (trouble) {
        sim_record_ignored(stack->sim, stack->host, machine, trouble, FRAME_NONE, 0, cause);
        return;
    }
    if (to->source_unspecified) out.source = 0;
    else if (to->source) out.source = to->source;
    else if (!out.to_self) out.source = out.interface->address;
    uint8_t packet[ETHERNET_MTU];
    ByteWriter w = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    udp_encode(out.source, out.destination, to->source_port, to->destination_port, payload, &w);
    send_packet(stack, &out, packet, w.size);
}

void icmp_send(IpStack *stack, Ipv4Address source, Ipv4Address destination, const IcmpMessage *message, uint8_t ttl,
               uint32_t machine, uint32_t cause) {
    Outgoing out = {.source = source,
                    .destination = destination,
                    .protocol = IPV4_PROTOCOL_ICMP,
                    .proto = TRACE_PROTO_ICMP,
                    .ttl = ttl ? ttl : stack->ttl,
                    .machine = machine,
                    .cause = cause};
    if (!find_way(stack, &out)) {
        sim_record_ignored(stack->sim, stack->host, machine, "ipv4.no_route", FRAME_NONE, 0, cause);
        return;
    }
    uint8_t packet[ETHERNET_MTU];
    ByteWriter w = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    icmp_encode(message, &w);
    if (w.overflow) return;
    out.message_size = w.size;
    send_packet(stack, &out, packet, w.size);
}

void ip_send_segment(IpStack *stack, Ipv4Address source, Ipv4Address destination, uint8_t *packet, size_t size,
                     uint32_t machine, uint32_t cause) {
    Outgoing out = {.source = source,
                    .destination = destination,
                    .protocol = IPV4_PROTOCOL_TCP,
                    .proto = TRACE_PROTO_TCP,
                    .ttl = stack->ttl,
                    .message_size = size,
                    .machine = machine,
                    .cause = cause};
    if (find_way(stack, &out)) send_packet(stack, &out, packet, size);
    else sim_record_ignored(stack->sim, stack->host, machine, "ipv4.no_route", FRAME_NONE, 0, cause);
}

void icmp_send_error(IpStack *stack, uint8_t type, uint8_t code, Bytes packet, const Ipv4Header *header,
                     uint32_t cause) {
    if (header->source == IPV4_UNSPECIFIED || ipv4_is_multicast(header->source)) return;
    for (size_t i = 0; i < stack->interface_count; i++)
        if (interface_is_broadcast(stack->interfaces[i], header->source)) return;
    if (header->destination == IPV4_LIMITED_BROADCAST || (header->flags_fragment & IPV4_FRAGMENT_OFFSET) != 0) return;
    if (header->protocol == IPV4_PROTOCOL_ICMP) {
        uint8_t about = header->payload.size > 0 ? header->payload.at[0] : ICMP_DESTINATION_UNREACHABLE;
        if (about != ICMP_ECHO_REQUEST && about != ICMP_ECHO_REPLY) return;
    }
    size_t quoted = packet.size - header->payload.size + 8;
    IcmpMessage message = {.type = type, .code = code, .payload = bytes_slice(packet, 0, quoted)};
    icmp_send(stack, 0, header->source, &message, 0, TRACE_NONE, cause);
}

void ip_forward(IpStack *stack, Bytes packet, const Ipv4Header *header, FrameId frame, uint32_t cause) {
    if (header->source == IPV4_UNSPECIFIED) { /* RFC 1812 section 5.3.7 */
        sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "ipv4.source_unspecified", frame,
                           ETHERNET_HEADER_SIZE + 12, cause);
        return;
    }
    if (header->ttl <= 1) {
        uint32_t seq = sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "ipv4.ttl_exceeded", frame,
                                          ETHERNET_HEADER_SIZE + 8, cause);
        icmp_send_error(stack, ICMP_TIME_EXCEEDED, 0, packet, header, seq);
        return;
    }
    Ipv4Address next_hop;
    Interface *out = ip_stack_route(stack, header->destination, &next_hop);
    if (!out) {
        uint32_t seq = sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "ipv4.no_route", frame,
                                          ETHERNET_HEADER_SIZE + 16, cause);
        icmp_send_error(stack, ICMP_DESTINATION_UNREACHABLE, ICMP_NET_UNREACHABLE, packet, header, seq);
        return;
    }
    uint8_t copy[ETHERNET_MTU];
    if (packet.size > sizeof copy) { /* a frame of ours is never that long; one from outside may be */
        sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "ipv4.too_big", frame, ETHERNET_HEADER_SIZE + 2, cause);
        return;
    }
    memcpy(copy, packet.at, packet.size);
    ipv4_decrement_ttl(copy);
    Bytes octets = bytes_of(copy, packet.size);
    if (interface_is_broadcast(out, header->destination)) /* RFC 2644: a directed broadcast into the link behind us */
        sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "ipv4.directed_broadcast", frame,
                           ETHERNET_HEADER_SIZE + 16, cause);
    else arp_send_packet(out, next_hop, octets, header->payload.size, TRACE_PROTO_OTHER, true, TRACE_NONE, cause);
}
