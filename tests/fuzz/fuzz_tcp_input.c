/* A peer that says whatever it likes to a connection of ours, in whatever state it is, while the user does what it likes,
 * too. The input is a program: the first octet chooses how the connection begins and its settings, then each operation is
 * an octet with its operands behind it (`run` below).
 *
 * Checked after each: the variables stand in order, buffers keep to their limits, the timers run that must; whatever the
 * user reads is what the peer wrote at that place; whatever is sent is sound, lies in the window the peer has offered,
 * and holds what the user wrote. */
#include <stdlib.h>

#include "base/arena.h"
#include "fuzz.h"
#include "stack/tcp_inside.h"
#include "wire/ethernet.h"

enum { OUR_PORT = 5000, PEER_PORT = 40000 };
static const Ipv4Address ours = 0x0a000001, peers = 0x0a000002;
static const MacAddress peer_mac = {{2, 0, 0, 0, 0, 2}};
static const uint32_t peer_iss = 0xfffff000; /* sequence numbers pass 2^32 early */

typedef struct {
    const uint8_t *at;
    size_t left;
} Program;

static uint8_t next_u8(Program *p) {
    if (p->left == 0) return 0;
    p->left--;
    return *p->at++;
}
static uint16_t next_u16(Program *p) {
    uint16_t high = next_u8(p);
    return (uint16_t)(high << 8 | next_u8(p));
}

typedef struct {
    Sim *sim;
    IpStack *stack;
    Link *link;
    TcpSettings settings;
    TcpConnection *c; /* the user's; NULL: none */
    uint64_t written, read;
    uint32_t number; /* of the connection that the user has or had */
    bool hold, replaced; /* a second connection has taken the place of the first */
    uint8_t at_call;     /* what the user does when it is called */
    uint32_t window_edge; /* SND.UNA + SND.WND, the farthest that was ever offered */
    bool window_known;
} World1;
static World1 w;

static uint8_t octet_of(uint32_t offset) { return (uint8_t)(offset * 7 + offset / 256 + 3); }

/* ---- The user ---- */

static void user_reads(size_t most, uint32_t cause) {
    while (w.c && most > 0) {
        Bytes b = tcp_peek(w.c);
        if (b.size == 0) return;
        if (b.size > most) b.size = most;
        for (size_t i = 0; i < b.size; i++) CHECK(w.replaced || b.at[i] == octet_of((uint32_t)(w.read + i)));
        w.read += b.size;
        most -= b.size;
        tcp_consume(w.c, b.size, cause);
    }
}

static void user_writes(size_t size, uint32_t cause) {
    static uint8_t octets[1 << 16];
    if (!w.c) return;
    for (size_t i = 0; i < size; i++) octets[i] = octet_of((uint32_t)(w.written + i));
    size_t taken = tcp_write(w.c, bytes_of(octets, size), cause);
    CHECK(taken <= size);
    w.written += taken;
}

static void user_does(uint8_t what, uint32_t cause) {
    TcpConnection *c = w.c;
    if (!c) return;
    switch (what % 7) {
        case 1: user_writes(700, cause); break;
        case 2: tcp_close(c, cause); break;
        case 3:
            w.c = NULL;
            tcp_abort(c, cause);
            break;
        case 4:
            w.c = NULL;
            tcp_forget(c);
            break;
        case 5: user_reads(100, cause); break;
        default: break;
    }
}

static void on_call(void *self, uint32_t cause) {
    (void)self;
    if (!w.hold) user_reads(SIZE_MAX, cause);
    user_does(w.at_call, cause);
}
static void on_ended(void *self, TcpEnd how, uint32_t cause) {
    (void)self, (void)cause;
    CHECK(w.c != NULL && (how != TCP_END_CLOSED || tcp_peek(w.c).size == 0));
    w.c = NULL;
}
static const TcpUser calls = {on_call, on_call, on_call, on_call, on_ended};

static const TcpUser *on_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    (void)self, (void)cause;
    if (w.c || w.number) return NULL; /* one is enough */
    w.c = c;
    w.number = tcp_status(c).number;
    *user = &w;
    return &calls;
}

/* ---- The wire ---- */

static void check_sent(const TcpSegment *s) {
    if (s->flags & TCP_FLAG_RST) return;
    CHECK(!(s->flags & TCP_FLAG_SYN) == (s->mss == 0));
    for (size_t i = 0; i < w.stack->tcp->count; i++) {
        const TcpConnection *c = w.stack->tcp->all[i];
        if (c->local_port != s->source_port || c->remote_port != s->destination_port || c->machine.subject != w.number) continue;
        CHECK(s->payload.size <= c->send_mss);
        uint32_t end = s->seq + (uint32_t)s->payload.size;
        for (size_t k = 0; k < s->payload.size; k++) CHECK(s->payload.at[k] == octet_of(s->seq - c->iss - 1 + (uint32_t)k));
        /* one octet beyond: a probe */
        if (s->payload.size > 1) CHECK(w.window_known && !seq_before(w.window_edge, end));
    }
}

static void wire_receive(void *node, uint32_t port, FrameId id, uint32_t cause) {
    (void)node, (void)port, (void)cause;
    FrameStore *frames = sim_frames(w.sim);
    EthernetFrame e;
    ParseFault fault;
    Ipv4Header ip;
    TcpSegment s;
    CHECK(ethernet_decode(frame_store_get(frames, id), &e, &fault));
    if (e.type == ETHERNET_TYPE_IPV4) {
        CHECK(ipv4_decode(e.payload, &ip, &fault));
        if (ip.protocol == IPV4_PROTOCOL_TCP) {
            CHECK(tcp_decode(ip.payload, ip.source, ip.destination, &s, &fault));
            check_sent(&s);
        }
    }
    frame_store_release(frames, id);
}

static void put_frame(uint16_t type, const uint8_t *packet, size_t size) {
    uint8_t frame[1600];
    ByteWriter out = byte_writer(frame, sizeof frame);
    EthernetFrame header = {.destination = w.stack->interfaces[0]->mac, .source = peer_mac, .type = type};
    ethernet_encode_header(&header, &out);
    byte_writer_put(&out, packet, size);
    ethernet_encode_padding(&out, 0);
    link_send(w.link, 1, frame_store_add(sim_frames(w.sim), byte_writer_bytes(&out)), TRACE_NONE);
}

static void put_segment(const TcpSegment *s) {
    uint8_t packet[1600];
    ByteWriter out = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    tcp_encode(s, peers, ours, &out);
    ByteWriter header = byte_writer(packet, IPV4_HEADER_SIZE);
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = peers, .destination = ours};
    ipv4_encode_header(&ip, out.size, &header);
    put_frame(ETHERNET_TYPE_IPV4, packet, IPV4_HEADER_SIZE + out.size);
}

static void settle(void) {
    while (sim_next_at(w.sim) == sim_now(w.sim)) sim_step(w.sim, sim_now(w.sim));
}

/* ---- What must hold ---- */

static void check_connection(const TcpConnection *c) {
    CHECK(seq_up_to(c->snd_una, c->snd_at) && seq_up_to(c->snd_at, c->snd_nxt));
    CHECK(c->sending.size <= c->settings.send_buffer && c->receiving.size <= c->settings.receive_buffer);
    CHECK(c->sending.capacity <= 2 * c->settings.send_buffer + 256 && c->receiving.capacity <= 2 * c->settings.receive_buffer + 256);
    CHECK(c->early_count <= TCP_EXTENTS && c->busy == 0);
    CHECK(tcp_is_in(c, TCP_IN(CLOSED) | TCP_IN(SYN_SENT)) || c->rcv_edge - c->rcv_nxt <= c->settings.receive_buffer);
    for (uint8_t i = 0; i < c->early_count; i++) {
        CHECK(seq_before(c->early[i].start, c->early[i].end) && seq_before(c->rcv_nxt, c->early[i].start));
        CHECK(i == 0 || seq_before(c->early[i - 1].end, c->early[i].start));
        CHECK(c->early[i].end - c->rcv_nxt + c->receiving.size <= c->settings.receive_buffer);
    }
    bool outstanding = c->snd_una != c->snd_nxt && !tcp_is_in(c, TCP_IN(CLOSED) | TCP_IN(TIME_WAIT));
    CHECK(outstanding == (c->machine.timers[TCP_TIMER_RETRANSMISSION].at != SIM_NEVER));
    if (outstanding) CHECK(c->machine.timers[TCP_TIMER_USER_TIMEOUT].at != SIM_NEVER);
    CHECK(!c->ack_later || c->machine.timers[TCP_TIMER_DELAYED_ACK].at != SIM_NEVER);
    CHECK(!c->ack_now || tcp_is_in(c, TCP_IN(CLOSED)));
    CHECK((tcp_state(c) == TCP_TIME_WAIT) == (c->machine.timers[TCP_TIMER_TIME_WAIT].at != SIM_NEVER));
    /* Nothing waits for ever: what is to be sent is under way, or a timer will look after it. */
    bool pending = tcp_is_in(c, TCP_TRANSMITTING) && (c->sending.size > 0 || (c->close_wanted && !c->fin_out));
    CHECK(!pending || outstanding || c->machine.timers[TCP_TIMER_PROBE].at != SIM_NEVER);
    CHECK(c->rto > 0 && c->rto <= 60 * SIM_SECOND);
    if (tcp_is_in(c, TCP_TRANSMITTING)) CHECK(c->cwnd >= c->send_mss && c->ssthresh >= 2U * c->send_mss);
}

static void check_all(void) {
    const Tcp *tcp = w.stack->tcp;
    bool there = false;
    for (size_t i = 0; i < tcp->count; i++) {
        check_connection(tcp->all[i]);
        there = there || tcp->all[i] == w.c;
    }
    CHECK(tcp->count <= 40 && (there || !w.c));
}

/* ---- The program ---- */

static const TcpConnection *target(void) {
    const Tcp *tcp = w.stack->tcp;
    for (size_t i = 0; i < tcp->count; i++)
        if (tcp->all[i]->machine.subject == w.number) return tcp->all[i];
    return tcp->count > 0 ? tcp->all[0] : NULL;
}

/* A segment near the connection's variables. */
static void segment(Program *p, bool whole) {
    const TcpConnection *c = target();
    uint8_t flags = next_u8(p);
    uint32_t irs = c && c->rcv_edge ? c->irs : peer_iss;
    int16_t seq_off = whole ? 0 : (int16_t)next_u16(p), ack_off = whole ? 0 : (int16_t)next_u16(p);
    uint16_t size = next_u16(p) % 1461;
    TcpSegment s = {.source_port = PEER_PORT, .destination_port = OUR_PORT, .flags = flags & 0x3f};
    s.seq = (c && c->rcv_edge ? c->rcv_nxt : peer_iss) + (uint32_t)(int32_t)seq_off;
    s.ack = c ? c->snd_nxt + (uint32_t)(int32_t)ack_off : (uint32_t)(int32_t)ack_off;
    s.window = flags & 0x40 ? next_u16(p) : 65535;
    if ((flags & 0x80) && (flags & TCP_FLAG_SYN)) s.mss = next_u16(p);
    uint8_t data[1460];
    uint32_t first = s.flags & TCP_FLAG_SYN ? 0 : s.seq - irs - 1;
    for (size_t i = 0; i < size; i++) data[i] = octet_of(first + (uint32_t)i);
    s.payload = bytes_of(data, size);
    if (c && (w.number == 0 || c->machine.subject == w.number)) { /* what it may send afterwards */
        uint32_t edge = s.ack + s.window;
        if ((s.flags & TCP_FLAG_SYN) && tcp_is_in(c, TCP_IN(SYN_SENT))) edge = c->iss + 1 + s.window;
        bool acknowledges = (s.flags & TCP_FLAG_ACK) || tcp_is_in(c, TCP_IN(SYN_SENT));
        if (acknowledges && (!w.window_known || seq_before(w.window_edge, edge))) w.window_edge = edge;
        w.window_known = w.window_known || acknowledges;
    }
    put_segment(&s);
}

static void icmp_error(Program *p) {
    const TcpConnection *c = target();
    uint8_t quoted[28] = {0}, packet[100], type = next_u8(p), code = next_u8(p);
    ByteWriter out = byte_writer(quoted, sizeof quoted);
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = ours, .destination = peers};
    ipv4_encode_header(&ip, 20, &out);
    byte_writer_u16(&out, OUR_PORT);
    byte_writer_u16(&out, PEER_PORT);
    byte_writer_u32(&out, (c ? c->snd_una : 0) + next_u8(p));
    IcmpMessage m = {.type = type % 12, .code = code % 16, .payload = bytes_of(quoted, next_u8(p) % 29)};
    out = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    icmp_encode(&m, &out);
    ByteWriter header = byte_writer(packet, IPV4_HEADER_SIZE);
    Ipv4Header outer = {.ttl = 64, .protocol = IPV4_PROTOCOL_ICMP, .source = peers, .destination = ours};
    ipv4_encode_header(&outer, out.size, &header);
    put_frame(ETHERNET_TYPE_IPV4, packet, IPV4_HEADER_SIZE + out.size);
}

static void run_one(Program *p) {
    uint8_t op = next_u8(p);
    switch (op % 10) {
        case 0:
        case 1: segment(p, false); break;
        case 2:
        case 3: segment(p, true); break;
        case 4: user_writes(next_u16(p), TRACE_NONE); break;
        case 5: user_reads(next_u16(p), TRACE_NONE); break;
        case 6: user_does(next_u8(p), TRACE_NONE); break;
        case 7: w.hold = next_u8(p) & 1; break;
        case 8: {
            SimTime until = sim_now(w.sim) + (SimTime)next_u16(p) * 3 * SIM_MILLISECOND;
            while (sim_step(w.sim, until)) {}
            break;
        }
        case 9: icmp_error(p); break;
    }
    settle();
}

static void begin(Program *p) {
    uint8_t how = next_u8(p);
    w = (World1){.sim = sim_new(how, false), .settings = tcp_settings_default};
    w.at_call = how >> 5;
    w.settings.nagle = how & 2;
    w.settings.delayed_ack = how & 4 ? 200 * SIM_MILLISECOND : 0;
    w.settings.keep_alive = how & 8 ? 30 * SIM_SECOND : 0;
    w.settings.receive_buffer = how & 16 ? 3000 : 65535;
    w.settings.send_buffer = how & 16 ? 5000 : 65536;
    w.settings.user_timeout = 100 * SIM_SECOND;
    w.settings.msl = 10 * SIM_SECOND;
    uint32_t host = trace_add_host(sim_trace(w.sim), &(DirectoryHost){.name = "host", .kind = NODE_HOST});
    uint32_t peer = trace_add_host(sim_trace(w.sim), &(DirectoryHost){.name = "peer", .kind = NODE_HOST});
    w.stack = ip_stack_new(w.sim, "host", host, false);
    Interface *interface = ip_stack_add_interface(w.stack, "eth0", (MacAddress){{2, 0, 0, 0, 0, 1}});
    DirectoryLink entry = {.name = "cable", .end = {{.host = host, .name = "eth0"}, {.host = peer, .name = "eth0"}}};
    w.link = link_new(w.sim, &entry, interface_link_end(interface), (LinkEnd){NULL, wire_receive, 0, peer}, &(LinkQuality){0});
    interface->link = w.link;
    ip_stack_power(w.stack, true, TRACE_NONE);
    interface->address = ours;
    interface->prefix_length = 24;
    w.stack->arp_expiry = SIM_NEVER / 2;
    uint8_t room[64];
    ByteWriter out = byte_writer(room, sizeof room);
    ArpPacket reply = {.operation = ARP_REQUEST, .sender_mac = peer_mac, .sender_ip = peers, .target_ip = ours};
    arp_encode(&reply, &out);
    put_frame(ETHERNET_TYPE_ARP, room, out.size);
    settle();
    TcpListener l = {.port = OUR_PORT, .settings = w.settings, .accepted = on_accepted, .self = &w};
    bool listens = !(how & 1) || next_u8(p) & 1;
    if (listens) CHECK(tcp_listen(w.stack, &l));
    if (how & 1) {
        TcpOpen open = {.destination = peers, .source_port = OUR_PORT, .destination_port = PEER_PORT, .settings = w.settings};
        w.c = tcp_connect(w.stack, &open, &calls, &w, TRACE_NONE);
        CHECK(w.c != NULL);
        w.number = tcp_status(w.c).number;
        settle();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Program p = {at, size};
    begin(&p);
    while (p.left > 0) {
        run_one(&p);
        check_all();
    }
    w.c = NULL;
    ip_stack_release(w.stack);
    sim_free(w.sim);
    return 0;
}
