/* IPv4, ICMP and UDP: where packets go, what is answered, and what is refused with which words. */
#include "packets.h"

static Bytes octets_of(World *w, const TraceRecord *message) { return frame_store_get(trace_frames(world_trace(w)), message->message.frame); }

/* A field of the IPv4 header of a frame, by its offset. */
static uint32_t ip_u32(World *w, const TraceRecord *message, size_t offset) {
    const uint8_t *p = octets_of(w, message).at + 14 + offset;
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void add_echo(World *w, const char *host) { world_do(w, "{'do':'service','host':'%s','service':'udp_echo'}", host); }

/* ---- Forwarding ---- */

static void a_router_forwards(void **state) {
    (void)state;
    World *w = network_routed(1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.2.3");
    run_for(w, 5 * SIM_SECOND);
    TraceRecord sent, received;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "echo request", &sent), 1);
    assert_int_equal(messages_since(w, since, "pc3", MESSAGE_RECEIVED, "echo request", &received), 1);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_RECEIVED, "echo request", NULL), 0); /* it only passes by */
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "echo request", NULL), 0);
    Bytes before = octets_of(w, &sent), after = octets_of(w, &received);
    assert_int_equal(before.at[14 + 8], 64);
    assert_int_equal(after.at[14 + 8], 63);
    Ipv4Header header;
    ParseFault fault;
    assert_true(ipv4_decode(bytes_slice(after, 14, SIZE_MAX), &header, &fault)); /* the checksum is right again */
    assert_memory_equal(before.at + 14 + 12, after.at + 14 + 12, before.size - 14 - 12); /* nothing else is touched */
    assert_true(frame_of(w, received.message.frame).unicast);
    assert_memory_equal(after.at + 6, network_host(w, "r")->stack->interfaces[1]->mac.octet, 6);
    world_free(w);
}

static void time_to_live(void **state) {
    (void)state;
    World *w = network_routed(1);
    size_t since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.2.3','ttl':1}");
    run_for(w, 5 * SIM_SECOND);
    TraceRecord refused, error;
    assert_int_equal(ignored_since(w, since, "r", "ipv4.ttl_exceeded", &refused), 1);
    assert_int_equal(refused.ignored.offset, 14 + 8);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "time exceeded", &error), 1);
    assert_int_equal(messages_since(w, since, "pc3", MESSAGE_RECEIVED, NULL, NULL), 0);
    /* It quotes the header and eight octets of what it is about (RFC 792), and comes from the router's near side. */
    assert_int_equal(error.message.size, 8 + 20 + 8);
    assert_int_equal(ip_u32(w, &error, 12), 0xc0a801fe);
    const int64_t *failed = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_failed, &failed, NULL), 1);
    assert_string_equal(trace_fact_name(failed[2]), "icmp.time_exceeded");
    since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.2.3','ttl':2}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, NULL, NULL), 1);
    world_free(w);
}

static void longest_prefix_first(void **state) {
    (void)state;
    World *w = network_routed(1);
    IpStack *stack = network_host(w, "r")->stack;
    struct {
        const char *to, *via;
    } routes[] = {{"10.0.0.0/8", "192.168.1.1"}, {"10.1.0.0/16", "192.168.1.2"}, {"10.1.2.0/24", "192.168.2.3"}, {"10.1.2.3/32", "192.168.1.1"}, {"0.0.0.0/0", "192.168.2.9"}, {"192.168.2.64/26", "192.168.1.2"}};
    for (size_t i = 0; i < sizeof routes / sizeof routes[0]; i++) world_do(w, "{'do':'route','host':'r','to':'%s','via':'%s'}", routes[i].to, routes[i].via);
    struct {
        Ipv4Address to, hop;
        int interface;
    } cases[] = {
        {0x0a020304, 0xc0a80101, 0}, /* 10.2.3.4 */
        {0x0a010304, 0xc0a80102, 0}, /* 10.1.3.4 */
        {0x0a010204, 0xc0a80203, 1}, /* 10.1.2.4 */
        {0x0a010203, 0xc0a80101, 0}, /* 10.1.2.3 */
        {0x0b000001, 0xc0a80209, 1}, /* the default */
        {0xc0a80203, 0xc0a80203, 1}, /* on the link */
        {0xc0a80241, 0xc0a80102, 0}, /* a longer prefix inside the link's own */
        {0xc0a80141, 0xc0a80141, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Ipv4Address hop = 0;
        Interface *out = ip_stack_route(stack, cases[i].to, &hop);
        assert_non_null(out);
        assert_int_equal(out->index, cases[i].interface);
        assert_int_equal(hop, cases[i].hop);
    }
    world_do(w, "{'do':'route','host':'r','to':'10.1.0.0/16','via':'192.168.1.77'}"); /* replaced */
    Ipv4Address hop = 0;
    ip_stack_route(stack, 0x0a010304, &hop);
    assert_int_equal(hop, 0xc0a8014d);
    world_do(w, "{'do':'lan','name':'wide'}"); /* a network of its own that has all the others' addresses in its prefix */
    world_do(w, "{'do':'attach','host':'r','lan':'wide','address':'192.168.200.1/16'}");
    InterfaceSettings settings = {.address = 0xc0a8c801, .prefix_length = 16};
    interface_configure(stack->interfaces[2], &settings, TRACE_NONE);
    assert_int_equal(ip_stack_route(stack, 0xc0a80203, &hop)->index, 1);
    assert_int_equal(ip_stack_route(stack, 0xc0a80303, &hop)->index, 2);
    world_do(w, "{'do':'unplug','host':'r','interface':'eth1'}"); /* where no cable is, no route leads */
    assert_int_equal(ip_stack_route(stack, 0x0a010204, &hop)->index, 0);
    assert_int_equal(hop, 0xc0a8014d);
    /* Routes by hand come back at the next boot. */
    world_do(w, "{'do':'plug','host':'r','interface':'eth1'}");
    world_do(w, "{'do':'crash','host':'r'}");
    assert_null(ip_stack_route(stack, 0x0a010203, &hop));
    world_do(w, "{'do':'boot','host':'r','quiet':true}");
    assert_int_equal(ip_stack_route(stack, 0x0a010204, &hop)->index, 1);
    world_free(w);
}

static void no_route(void **state) {
    (void)state;
    World *w = network_routed(1);
    size_t since = mark(w);
    ping(w, "pc1", "10.9.9.9"); /* pc1 has a default, the router has none */
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "r", "ipv4.no_route", NULL), 1);
    TraceRecord error;
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "destination unreachable", &error), 1);
    assert_int_equal(octets_of(w, &error).at[error.message.offset + 1], ICMP_NET_UNREACHABLE);
    const int64_t *failed = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_failed, &failed, NULL), 1);
    assert_string_equal(trace_fact_name(failed[2]), "icmp.unreachable");
    since = mark(w);
    ping(w, "r", "10.9.9.9");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "r", "ipv4.no_route", NULL), 1);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, NULL, NULL), 0);
    world_free(w);
}

/* RFC 1122 section 3.2.2.6: the answer comes from the address that was asked, whatever interface it leaves by. */
static void a_router_answers_from_the_address_asked(void **state) {
    (void)state;
    World *w = network_routed(1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.2.254");
    run_for(w, 5 * SIM_SECOND);
    TraceRecord reply;
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "echo reply", &reply), 1);
    assert_int_equal(ip_u32(w, &reply, 12), 0xc0a802fe);
    const int64_t *values = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, &values, NULL), 1);
    assert_int_equal(values[0], 0xc0a802fe);
    add_echo(w, "r"); /* and likewise the UDP echo service */
    since = mark(w);
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.2.254','port':7,'text':'echo'}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "", &reply), 1);
    assert_int_equal(ip_u32(w, &reply, 12), 0xc0a802fe);
    world_free(w);
}

/* ---- What a host takes ---- */

static void broadcasts(void **state) {
    (void)state;
    World *w = network_routed(1);
    for (int i = 1; i <= 3; i++) add_echo(w, i == 1 ? "pc1" : i == 2 ? "pc2" : "pc3");
    static const char *const to[] = {"255.255.255.255", "192.168.1.255"};
    for (int i = 0; i < 2; i++) { /* limited, and directed at the own network */
        size_t since = mark(w);
        world_do(w, "{'do':'udp','host':'pc1','to':'%s','port':7,'text':'all'}", to[i]);
        run_for(w, 5 * SIM_SECOND);
        TraceRecord sent;
        assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "", &sent), 1);
        assert_false(frame_of(w, sent.message.frame).unicast);
        assert_int_equal(ip_u32(w, &sent, 16), i == 0 ? 0xffffffff : 0xc0a801ff);
        assert_true(messages_since(w, since, "pc2", MESSAGE_RECEIVED, "", NULL) >= 1);
        assert_int_equal(messages_since(w, since, "pc3", MESSAGE_RECEIVED, NULL, NULL), 0); /* not beyond the router */
        assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "destination unreachable", NULL), 0); /* port 7 is closed there */
        assert_int_equal(ignored_since(w, since, "r", "udp.port_closed", NULL), 1);
    }
    /* Directed at the network behind the router: RFC 2644 says no. */
    size_t since = mark(w);
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.2.255','port':7,'text':'all'}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc3", MESSAGE_RECEIVED, NULL, NULL), 0);
    TraceRecord why;
    assert_int_equal(ignored_since(w, since, "r", "ipv4.directed_broadcast", &why), 1);
    assert_int_equal(why.ignored.offset, 14 + 16);
    assert_int_equal(messages_since(w, since, "r", MESSAGE_SENT, "ARP request", NULL), 0); /* for nobody behind it */
    world_free(w);
}

static void not_mine(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    uint8_t octets[200];
    PacketTo to = packet_to(w, "pc2", IPV4_PROTOCOL_UDP);
    to.destination = 0xc0a80107; /* pc2's MAC, another's address: pc2 is no router */
    size_t since = mark(w), size = datagram_make(&to, 7, "hello", octets, sizeof octets);
    frame_in(w, octets, size);
    run_for(w, SIM_SECOND);
    TraceRecord why;
    assert_int_equal(ignored_since(w, since, "pc2", "ipv4.not_for_this_address", &why), 1);
    assert_int_equal(why.ignored.offset, 14 + 16);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, NULL, NULL), 0);
    world_free(w);
}

/* RFC 2131 section 4.1: what is addressed to the MAC of a host without an address is its own; and it can send. */
static void a_host_without_an_address(void **state) {
    (void)state;
    World *w = network_lan(1, "switch", 1);
    world_do(w, "{'do':'host','name':'new'}");
    world_do(w, "{'do':'attach','host':'new','lan':'lan1'}");
    add_echo(w, "new");
    world_do(w, "{'do':'boot','host':'new'}");
    uint8_t octets[200];
    PacketTo to = packet_to(w, "new", IPV4_PROTOCOL_UDP);
    to.destination = 0xc0a80164;
    size_t since = mark(w), size = datagram_make(&to, 7, "for you", octets, sizeof octets);
    frame_in(w, octets, size);
    run_for(w, SIM_SECOND);
    assert_int_equal(messages_since(w, since, "new", MESSAGE_RECEIVED, "", NULL), 1);
    since = mark(w);
    DatagramTo all = {.destination = IPV4_LIMITED_BROADCAST, .destination_port = 9, .source_port = 8, .source_unspecified = true, .proto = TRACE_PROTO_UDP};
    udp_send(network_host(w, "new")->stack, &all, bytes_of("who am I", 8), TRACE_NONE, TRACE_NONE);
    run_for(w, SIM_SECOND);
    TraceRecord sent;
    assert_int_equal(messages_since(w, since, "new", MESSAGE_SENT, "", &sent), 1);
    assert_int_equal(ip_u32(w, &sent, 12), 0);
    assert_int_equal(ignored_since(w, since, "pc1", "udp.port_closed", NULL), 1);
    /* By unicast it can send nothing: nobody could be asked for a MAC. */
    since = mark(w);
    ping(w, "new", "192.168.1.1");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "new", "ipv4.no_route", NULL), 1);
    assert_int_equal(messages_since(w, since, "new", MESSAGE_SENT, NULL, NULL), 0);
    world_free(w);
}

static void power_off(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    world_do(w, "{'do':'crash','host':'pc2'}");
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc2", "host.off", NULL), 3);
    DatagramTo to = {.destination = 0xc0a80101, .destination_port = 9, .interface = INTERFACE_BY_ROUTE};
    since = mark(w);
    udp_send(network_host(w, "pc2")->stack, &to, bytes_of("x", 1), TRACE_NONE, TRACE_NONE);
    assert_int_equal(ignored_since(w, since, "pc2", "host.off", NULL), 1);
    world_free(w);
}

/* ---- ICMP errors (RFC 1122 section 3.2.2) ---- */

static void ports_and_protocols(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    size_t since = mark(w);
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.2','port':9,'text':'?'}");
    run_for(w, 5 * SIM_SECOND);
    TraceRecord error;
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "destination unreachable", &error), 1);
    assert_int_equal(octets_of(w, &error).at[error.message.offset + 1], ICMP_PORT_UNREACHABLE);
    assert_int_equal(error.message.size, 8 + 20 + 8); /* the datagram's header, and not the frame's padding */
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_RECEIVED, "destination unreachable", NULL), 1);
    since = mark(w);
    world_do(w, "{'do':'udp','host':'pc1','to':'192.168.1.255','port':9,'text':'anybody?'}");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 1);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "destination unreachable", NULL), 0);
    uint8_t octets[200];
    PacketTo to = packet_to(w, "pc2", 99);
    since = mark(w);
    frame_in(w, octets, packet_make(&to, bytes_of("what is this", 12), octets, sizeof octets));
    run_for(w, SIM_SECOND);
    TraceRecord why;
    assert_int_equal(ignored_since(w, since, "pc2", "ipv4.unknown_protocol", &why), 1);
    assert_int_equal(why.ignored.offset, 14 + 9);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_SENT, "ARP request", NULL), 1); /* for who shall be told */
    world_free(w);
}

/* The errors that pc2 sends for a datagram to a closed port, or none. */
static size_t errors_for(World *w, const PacketTo *to, uint8_t first_of_icmp) {
    uint8_t octets[200];
    size_t size = first_of_icmp == 255 ? datagram_make(to, 9, "x", octets, sizeof octets) : packet_make(to, bytes_of((uint8_t[16]){first_of_icmp}, 16), octets, sizeof octets);
    size_t since = mark(w);
    frame_in(w, octets, size);
    run_for(w, 5 * SIM_SECOND);
    return messages_since(w, since, "pc2", MESSAGE_SENT, "destination unreachable", NULL);
}

static void errors_that_must_not_be_sent(void **state) {
    (void)state;
    World *w = network_routed(1); /* pc2 has a default router: it could send anywhere */;
    PacketTo usual = packet_to(w, "pc2", IPV4_PROTOCOL_UDP), to = usual;
    usual.source = to.source = network_interface(w, "pc1")->address; /* somebody who answers ARP */
    assert_int_equal(errors_for(w, &to, 255), 1);
    to.to = mac_broadcast; /* broadcast at the link layer alone */
    assert_int_equal(errors_for(w, &to, 255), 0);
    to = usual;
    to.destination = 0xc0a801ff;
    to.to = mac_broadcast;
    assert_int_equal(errors_for(w, &to, 255), 0);
    static const Ipv4Address nobody[] = {0, 0xffffffff, 0xe0000001, 0xc0a801ff};
    for (size_t i = 0; i < sizeof nobody / sizeof nobody[0]; i++) {
        to = usual;
        to.source = nobody[i];
        assert_int_equal(errors_for(w, &to, 255), 0);
    }
    to = usual; /* a later fragment */
    to.flags_fragment = 4;
    assert_int_equal(errors_for(w, &to, 255), 0);
    assert_int_equal(ignored_since(w, 0, "pc2", "ipv4.fragment", NULL), 1);
    world_free(w);
}

/* A router says nothing about an ICMP error that finds no way, but does about an echo request. */
static void no_error_about_an_error(void **state) {
    (void)state;
    for (int error = 0; error < 2; error++) {
        World *w = network_routed(1);
        uint8_t octets[200];
        PacketTo to = packet_to(w, "r", IPV4_PROTOCOL_ICMP);
        to.source = network_interface(w, "pc1")->address;
        to.destination = 0x0a090909;
        size_t size = echo_make(&to, error ? ICMP_DESTINATION_UNREACHABLE : ICMP_ECHO_REQUEST, octets, sizeof octets);
        frame_in(w, octets, size);
        run_for(w, 5 * SIM_SECOND);
        assert_int_equal(ignored_since(w, 0, "r", "ipv4.no_route", NULL), 1);
        assert_int_equal(messages_since(w, 0, "r", MESSAGE_SENT, "destination unreachable", NULL), error ? 0 : 1);
        world_free(w);
    }
}

static void pings_to_all_are_not_answered(void **state) {
    (void)state;
    World *w = network_lan(3, "switch", 1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.255");
    run_for(w, 5 * SIM_SECOND);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_RECEIVED, "echo request", NULL), 2);
    assert_int_equal(messages_since(w, since, NULL, MESSAGE_SENT, "echo reply", NULL), 0);
    world_free(w);
}

static void pings_come_back_whole_and_timed(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    ping(w, "pc1", "192.168.1.2");
    run_for(w, 5 * SIM_SECOND);
    world_do(w, "{'do':'cable','host':'pc1','latency':'50ms'}");
    size_t since = mark(w);
    world_do(w, "{'do':'ping','host':'pc1','to':'192.168.1.2','count':3}");
    run_for(w, 5 * SIM_SECOND);
    const int64_t *values = NULL;
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_reply, &values, NULL), 3);
    assert_int_equal(values[1], 4); /* the fourth echo of this host */
    assert_true(values[2] > 102 * SIM_MILLISECOND && values[2] < 103 * SIM_MILLISECOND); /* there and back: 2 × (50 + 1) ms */
    TraceRecord request, reply;
    messages_since(w, since, "pc1", MESSAGE_SENT, "echo request", &request);
    messages_since(w, since, "pc1", MESSAGE_RECEIVED, "echo reply", &reply);
    assert_int_equal(request.message.size, reply.message.size);
    assert_memory_equal(octets_of(w, &request).at + request.message.offset + 4, octets_of(w, &reply).at + reply.message.offset + 4, request.message.size - 4u);
    world_free(w);
}

/* A host that loses its power before the answer comes has nothing to say about it. */
static void a_crash_ends_the_waiting(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    size_t since = mark(w);
    ping(w, "pc1", "192.168.1.77");
    world_do(w, "{'do':'crash','host':'pc1'}");
    run_for(w, 10 * SIM_SECOND);
    assert_int_equal(facts_since(w, since, "pc1", &fact_echo_failed, NULL, NULL), 0);
    world_free(w);
}

/* ---- UDP ---- */

static void checksums_of_udp(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    add_echo(w, "pc2");
    uint8_t octets[200];
    PacketTo to = packet_to(w, "pc2", IPV4_PROTOCOL_UDP);
    size_t size = datagram_make(&to, 7, "hello", octets, sizeof octets), since = mark(w);
    octets[14 + 20 + 8 + 2] ^= 1;
    frame_in(w, octets, size);
    run_for(w, SIM_SECOND);
    TraceRecord why;
    assert_int_equal(ignored_since(w, since, "pc2", "udp.checksum", &why), 1);
    assert_int_equal(why.ignored.offset, 14 + 20 + 6);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_RECEIVED, "", NULL), 0);
    octets[14 + 20 + 6] = octets[14 + 20 + 7] = 0; /* no checksum was made: RFC 768 allows it */
    since = mark(w);
    frame_in(w, octets, size);
    run_for(w, SIM_SECOND);
    assert_int_equal(messages_since(w, since, "pc2", MESSAGE_RECEIVED, "", NULL), 1);
    world_free(w);
}

static void the_largest_datagram(void **state) {
    (void)state;
    World *w = network_lan(2, "switch", 1);
    IpStack *stack = network_host(w, "pc1")->stack;
    uint8_t octets[1473] = {0};
    DatagramTo to = {.destination = 0xc0a80102, .destination_port = 9, .source_port = 9, .interface = INTERFACE_BY_ROUTE, .proto = TRACE_PROTO_UDP};
    size_t since = mark(w);
    udp_send(stack, &to, bytes_of(octets, 1473), TRACE_NONE, TRACE_NONE);
    assert_int_equal(ignored_since(w, since, "pc1", "ipv4.too_big", NULL), 1);
    since = mark(w);
    udp_send(stack, &to, bytes_of(octets, 1472), TRACE_NONE, TRACE_NONE);
    run_for(w, SIM_SECOND);
    TraceRecord sent;
    assert_int_equal(messages_since(w, since, "pc1", MESSAGE_SENT, "", &sent), 1);
    assert_int_equal(octets_of(w, &sent).size, 1514);
    assert_int_equal(ignored_since(w, since, "pc2", "udp.port_closed", NULL), 1);
    world_free(w);
}

static void a_port_is_opened_once(void **state) {
    (void)state;
    World *w = network_lan(1, "switch", 1);
    IpStack *stack = network_host(w, "pc1")->stack;
    UdpSocket socket = {.port = 1000, .machine = TRACE_NONE};
    assert_true(udp_open(stack, &socket));
    assert_false(udp_open(stack, &socket));
    udp_close(stack, 1000);
    assert_true(udp_open(stack, &socket));
    udp_close(stack, 999);
    assert_false(udp_open(stack, &socket));
    world_free(w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_router_forwards),
        cmocka_unit_test(time_to_live),
        cmocka_unit_test(longest_prefix_first),
        cmocka_unit_test(no_route),
        cmocka_unit_test(a_router_answers_from_the_address_asked),
        cmocka_unit_test(broadcasts),
        cmocka_unit_test(not_mine),
        cmocka_unit_test(a_host_without_an_address),
        cmocka_unit_test(power_off),
        cmocka_unit_test(ports_and_protocols),
        cmocka_unit_test(errors_that_must_not_be_sent),
        cmocka_unit_test(no_error_about_an_error),
        cmocka_unit_test(pings_to_all_are_not_answered),
        cmocka_unit_test(pings_come_back_whole_and_timed),
        cmocka_unit_test(a_crash_ends_the_waiting),
        cmocka_unit_test(checksums_of_udp),
        cmocka_unit_test(the_largest_datagram),
        cmocka_unit_test(a_port_is_opened_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
