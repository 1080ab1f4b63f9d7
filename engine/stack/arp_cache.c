/* Address resolution: RFC 826, with the cache's expiry of RFC 1122 section 2.3.2.1. */
#include <stdlib.h>
#include <string.h>

#include "stack/facts.h"
#include "stack/ip_stack.h"
#include "wire/ethernet.h"

enum { ARP_TRIES = 3, ARP_WAITING_MOST = 4, PACKET_MOST = ETHERNET_MTU };

static ArpEntry *place_of(const ArpCache *cache, Ipv4Address address) {
    size_t mask = cache->capacity - 1, i = (address * UINT32_C(0x9e3779b1)) >> 12 & mask;
    while (cache->entries[i].address != 0 && cache->entries[i].address != address) i = (i + 1) & mask;
    return &cache->entries[i];
}

ArpEntry *arp_cache_find(ArpCache *cache, Ipv4Address address) {
    if (cache->capacity == 0 || address == 0) return NULL;
    ArpEntry *entry = place_of(cache, address);
    return entry->address ? entry : NULL;
}

static ArpEntry *entry_for(ArpCache *cache, Ipv4Address address) {
    CHECK(address != 0);
    if (4 * (cache->count + 1) > 3 * cache->capacity) {
        ArpCache old = *cache;
        cache->capacity = old.capacity ? old.capacity * 2 : 4;
        cache->entries = memory_new(cache->capacity * sizeof(ArpEntry));
        for (size_t i = 0; i < old.capacity; i++)
            if (old.entries[i].address) *place_of(cache, old.entries[i].address) = old.entries[i];
        free(old.entries);
    }
    ArpEntry *entry = place_of(cache, address);
    if (!entry->address) {
        cache->count++;
        entry->address = address;
    }
    return entry;
}

static void drop_waiting(ArpEntry *entry) {
    while (entry->waiting) {
        ArpWaiting *next = entry->waiting->next;
        free(entry->waiting);
        entry->waiting = next;
    }
}

static void forget(ArpEntry *entry) {
    entry->resolved = false;
    entry->tries = 0;
    entry->mac = (MacAddress){{0}};
    entry->generation++; /* requests scheduled before are void */
}

void arp_cache_clear(ArpCache *cache) {
    for (size_t i = 0; i < cache->capacity; i++) {
        ArpEntry *entry = &cache->entries[i];
        if (!entry->address) continue;
        drop_waiting(entry);
        forget(entry);
    }
}

void arp_cache_forget(ArpCache *cache) {
    for (size_t i = 0; i < cache->capacity; i++)
        if (!cache->entries[i].waiting) forget(&cache->entries[i]);
}

void arp_cache_release(ArpCache *cache) {
    arp_cache_clear(cache);
    free(cache->entries);
    *cache = (ArpCache){0};
}

void arp_send(Interface *interface, const ArpPacket *packet, MacAddress to, uint32_t machine, uint32_t cause) {
    IpStack *stack = interface->stack;
    FrameStore *frames = sim_frames(stack->sim);
    ByteWriter w = byte_writer(frame_store_reserve(frames, ETHERNET_MINIMUM_SIZE), ETHERNET_MINIMUM_SIZE);
    EthernetFrame header = {.destination = to, .source = interface->mac, .type = ETHERNET_TYPE_ARP};
    ethernet_encode_header(&header, &w);
    arp_encode(packet, &w);
    ethernet_encode_padding(&w, 0);
    FrameId frame = frame_store_commit(frames, w.size);
    uint32_t seq = sim_record_message(stack->sim, stack->host, machine, MESSAGE_SENT, TRACE_PROTO_ARP, frame,
                                      ETHERNET_HEADER_SIZE, ARP_SIZE, interface->index, cause);
    link_send(interface->link, interface->side, frame, seq);
}

static void ask(Interface *interface, ArpEntry *entry, uint32_t cause);

static void ask_again(void *self, uint64_t number, uint32_t generation, uint32_t cause) {
    Interface *interface = self;
    IpStack *stack = interface->stack;
    ArpEntry *entry = arp_cache_find(&interface->arp, (Ipv4Address)number);
    if (!entry || entry->generation != generation || entry->resolved) return;
    /* Without an address the request would be a probe, and start a conflict (RFC 5227 section 2.1.1). */
    if (entry->tries < ARP_TRIES && interface_is_up(interface) && interface->address != 0) {
        ask(interface, entry, cause);
        return;
    }
    uint32_t seq = sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "arp.no_answer", FRAME_NONE, 0, cause);
    entry->tries = 0;
    for (ArpWaiting *w = entry->waiting; w; w = w->next) {
        Ipv4Header header;
        ParseFault fault;
        if (w->forwarded && ipv4_decode(bytes_of(w->octets, w->size), &header, &fault))
            icmp_send_error(stack, ICMP_DESTINATION_UNREACHABLE, ICMP_HOST_UNREACHABLE, bytes_of(w->octets, w->size),
                            &header, seq);
    }
    entry = arp_cache_find(&interface->arp, (Ipv4Address)number); /* sending may have grown the table */
    drop_waiting(entry);
}

/* An address that was known is first asked for where it was, by unicast (RFC 1122 section 2.3.2.1, method 2); then
 * everybody is. */
static void ask(Interface *interface, ArpEntry *entry, uint32_t cause) {
    IpStack *stack = interface->stack;
    MacAddress to = entry->tries == 0 && mac_number(entry->mac) != 0 ? entry->mac : mac_broadcast;
    entry->tries++;
    entry->generation++;
    ArpPacket packet = {.operation = ARP_REQUEST,
                        .sender_mac = interface->mac,
                        .sender_ip = interface->address,
                        .target_ip = entry->address};
    sim_schedule(stack->sim, sim_now(stack->sim) + stack->arp_retry, ask_again, interface, entry->address,
                 entry->generation, cause);
    arp_send(interface, &packet, to, TRACE_NONE, cause);
}

void arp_send_packet(Interface *interface, Ipv4Address next_hop, Bytes packet, size_t message_size, uint8_t proto,
                     bool forwarded, uint32_t machine, uint32_t cause) {
    IpStack *stack = interface->stack;
    ArpEntry *entry = arp_cache_find(&interface->arp, next_hop);
    if (entry && entry->resolved && sim_now(stack->sim) < entry->expires_at) {
        interface_send_frame(interface, entry->mac, packet, message_size, proto, forwarded, machine, cause);
        return;
    }
    if (!entry) entry = entry_for(&interface->arp, next_hop);
    if (entry->resolved) {
        entry->resolved = false;
        entry->tries = 0;
    }
    size_t waiting = 0;
    ArpWaiting **at = &entry->waiting;
    for (; *at; at = &(*at)->next) waiting++;
    if (waiting == ARP_WAITING_MOST) { /* RFC 1122 section 2.3.2.2: at least the latest is kept */
        ArpWaiting *oldest = entry->waiting;
        entry->waiting = oldest->next;
        if (at == &oldest->next) at = &entry->waiting;
        sim_record_ignored(stack->sim, stack->host, machine, "arp.queue_full", FRAME_NONE, 0, oldest->cause);
        free(oldest);
    }
    ArpWaiting *w = memory_new(sizeof *w + packet.size);
    *w = (ArpWaiting){.machine = machine,
                      .cause = cause,
                      .proto = proto,
                      .forwarded = forwarded,
                      .message_size = message_size,
                      .size = packet.size};
    memcpy(w->octets, packet.at, packet.size);
    *at = w;
    if (entry->tries == 0) ask(interface, entry, cause);
}

static void learn(Interface *interface, ArpEntry *entry, MacAddress mac, uint32_t cause) {
    IpStack *stack = interface->stack;
    bool news = !entry->resolved || !mac_equal(entry->mac, mac);
    entry->resolved = true;
    entry->tries = 0;
    entry->generation++;
    entry->mac = mac;
    entry->expires_at = sim_now(stack->sim) + stack->arp_expiry;
    if (news)
        sim_record_fact(stack->sim, stack->host, TRACE_NONE, 0, &fact_arp_learned,
                        (int64_t[]){interface->index, entry->address, (int64_t)mac_number(mac)}, cause);
    while (entry->waiting) {
        ArpWaiting *w = entry->waiting;
        entry->waiting = w->next;
        interface_send_frame(interface, mac, bytes_of(w->octets, w->size), w->message_size, w->proto, w->forwarded,
                             w->machine, w->cause);
        free(w);
    }
}

void arp_receive(Interface *interface, Bytes payload, FrameId frame, uint32_t cause) {
    IpStack *stack = interface->stack;
    ArpPacket packet;
    ParseFault fault;
    if (!arp_decode(payload, &packet, &fault)) {
        sim_record_ignored(stack->sim, stack->host, TRACE_NONE, fault.reason, frame,
                           ETHERNET_HEADER_SIZE + fault.offset, cause);
        return;
    }
    /* Its own packet come back, over a loop in the wiring, tells a host nothing. */
    bool own = mac_equal(packet.sender_mac, interface->mac);
    bool mine = interface->address != 0 && packet.target_ip == interface->address && !own;
    bool conflict = conflict_concerns(interface, &packet), concerns = mine || conflict;
    ArpEntry *entry = packet.sender_ip != 0 ? arp_cache_find(&interface->arp, packet.sender_ip) : NULL;
    if (entry && !entry->resolved && !entry->waiting) entry = NULL; /* forgotten long ago */
    if (!concerns && !entry) {
        sim_record_ignored(stack->sim, stack->host, TRACE_NONE, "arp.not_for_this_address", frame, ETHERNET_HEADER_SIZE,
                           cause);
        return;
    }
    uint32_t seq = sim_record_message(stack->sim, stack->host, TRACE_NONE, MESSAGE_RECEIVED, TRACE_PROTO_ARP, frame,
                                      ETHERNET_HEADER_SIZE, ARP_SIZE, interface->index, cause);
    if (conflict) {
        conflict_see(interface, &packet, seq);
        return;
    }
    if (!entry && packet.sender_ip != 0) entry = entry_for(&interface->arp, packet.sender_ip);
    if (entry) learn(interface, entry, packet.sender_mac, seq);
    if (mine && packet.operation == ARP_REQUEST) {
        ArpPacket reply = {.operation = ARP_REPLY,
                           .sender_mac = interface->mac,
                           .sender_ip = interface->address,
                           .target_mac = packet.sender_mac,
                           .target_ip = packet.sender_ip};
        arp_send(interface, &reply, packet.sender_mac, TRACE_NONE, seq);
    }
}
