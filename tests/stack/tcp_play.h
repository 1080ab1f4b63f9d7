/* The player of transcripts (test_tcp_transcripts.c): one host, 10.0.0.1, its users, and the wire to its peer. */
#ifndef NETSTAGE_TESTS_TCP_PLAY_H
#define NETSTAGE_TESTS_TCP_PLAY_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "stack/facts.h"
#include "stack/tcp_inside.h"
#include "wire/ethernet.h"

enum { WORDS = 24, SENT = 256, FLOWS = 300, USERS = 300, TOLD = 64, OUR_PORT = 5000, PEER_PORT = 40000 };
static const Ipv4Address ours = 0x0a000001, peers = 0x0a000002;
static const MacAddress peer_mac = {{2, 0, 0, 0, 0, 2}};

typedef struct {
    uint16_t peer_port, our_port;
    bool iss_known;
    uint32_t iss, peer_iss, peer_next, our_end;
} Flow;

typedef struct {
    TcpSegment s;
    uint8_t payload[1500];
} Sent;

typedef struct Play Play;
typedef struct {
    Play *play;
    TcpConnection *c;
    uint64_t written, read;
    bool hold;
    char at_opened, at_readable, at_closed; /* 'c'lose, 'a'bort, 'f'orget, 'w'rite */
} User;

struct Play {
    const char *file;
    int line;
    Sim *sim;
    IpStack *stack;
    Link *link;
    TcpSettings settings;
    uint32_t first_peer_iss;
    uint64_t seed;
    Flow flows[FLOWS];
    size_t flow_count;
    Sent sent[SENT];
    size_t sent_count, sent_seen;
    User users[USERS];
    size_t user_count;
    User *user; /* the last one */
    User next;  /* what the next user does */
    char told[TOLD][12];
    size_t told_count, since;
    bool refuse;
};

static bool taken[256];
static Play play = {.file = "(no file)", .seed = 1};

static void fail_at(const char *format, ...) {
    char text[600];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fail_msg("%s:%d: %s", play.file, play.line, text);
}

static uint8_t octet_of(uint64_t offset) { return (uint8_t)(offset * 7 + offset / 256 + 3); }

/* ---- The user ---- */

static void tell(const char *what) {
    if (play.told_count < TOLD) snprintf(play.told[play.told_count++], sizeof play.told[0], "%s", what);
}

static void user_write(User *u, size_t size, uint32_t cause) {
    static uint8_t octets[1 << 18];
    if (size > sizeof octets) fail_at("too much to write at once");
    for (size_t i = 0; i < size; i++) octets[i] = octet_of(u->written + i);
    u->written += tcp_write(u->c, bytes_of(octets, size), cause);
}

static void user_read(User *u, size_t most, uint32_t cause) {
    while (most > 0) {
        Bytes b = tcp_peek(u->c);
        if (b.size == 0) return;
        if (b.size > most) b.size = most;
        for (size_t i = 0; i < b.size; i++)
            if (b.at[i] != octet_of(u->read + i)) fail_at("octet %llu read is not the one sent", (unsigned long long)(u->read + i));
        u->read += b.size;
        most -= b.size;
        tcp_consume(u->c, b.size, cause);
    }
}

static void act(User *u, char what, uint32_t cause) {
    if (what == 'c') tcp_close(u->c, cause);
    if (what == 'w') user_write(u, 10, cause);
    if (what == 'a') tcp_abort(u->c, cause);
    if (what == 'f') tcp_forget(u->c);
    if (what == 'a' || what == 'f') u->c = NULL;
}

static void on_opened(void *self, uint32_t cause) {
    tell("opened");
    act(self, ((User *)self)->at_opened, cause);
}
static void on_readable(void *self, uint32_t cause) {
    User *u = self;
    tell("readable");
    if (!u->hold) user_read(u, SIZE_MAX, cause);
    act(u, u->at_readable, cause);
}
static void on_writable(void *self, uint32_t cause) {
    (void)self, (void)cause;
    tell("writable");
}
static void on_closed(void *self, uint32_t cause) {
    tell("closed");
    act(self, ((User *)self)->at_closed, cause);
}
static void on_ended(void *self, TcpEnd how, uint32_t cause) {
    static const char *const names[] = {"end", "reset", "refused", "timeout", "unreachable", "aborted"};
    (void)cause;
    ((User *)self)->c = NULL;
    tell(names[how]);
}
static const TcpUser calls = {on_opened, on_readable, on_writable, on_closed, on_ended};

static User *new_user(void) {
    if (play.user_count == USERS) fail_at("too many users");
    play.user = &play.users[play.user_count++];
    *play.user = play.next;
    play.next = (User){0};
    return play.user;
}

static const TcpUser *on_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    (void)self, (void)cause;
    if (play.refuse) return NULL;
    User *u = new_user();
    u->c = c;
    *user = u;
    tell("accepted");
    return &calls;
}

/* ---- The wire ---- */

static Flow *flow_of(uint16_t peer_port, uint16_t our_port) {
    for (size_t i = 0; i < play.flow_count; i++)
        if (play.flows[i].peer_port == peer_port && play.flows[i].our_port == our_port) return &play.flows[i];
    if (play.flow_count == FLOWS) fail_at("too many flows");
    Flow *f = &play.flows[play.flow_count++];
    *f = (Flow){.peer_port = peer_port, .our_port = our_port, .peer_iss = play.first_peer_iss, .peer_next = play.first_peer_iss};
    return f;
}

static void put_frame(uint16_t type, const uint8_t *packet, size_t size) {
    uint8_t frame[1600];
    ByteWriter w = byte_writer(frame, sizeof frame);
    EthernetFrame header = {.destination = play.stack->interfaces[0]->mac, .source = peer_mac, .type = type};
    ethernet_encode_header(&header, &w);
    byte_writer_put(&w, packet, size);
    ethernet_encode_padding(&w, 0);
    link_send(play.link, 1, frame_store_add(sim_frames(play.sim), byte_writer_bytes(&w)), TRACE_NONE);
}

static void wire_receive(void *node, uint32_t port, FrameId id, uint32_t cause) {
    (void)node, (void)port, (void)cause;
    EthernetFrame e;
    ParseFault fault;
    assert_true(ethernet_decode(frame_store_get(sim_frames(play.sim), id), &e, &fault));
    ArpPacket arp;
    if (e.type == ETHERNET_TYPE_ARP && arp_decode(e.payload, &arp, &fault) && arp.target_ip == peers && arp.operation == ARP_REQUEST) {
        ArpPacket reply = {.operation = ARP_REPLY, .sender_mac = peer_mac, .sender_ip = peers, .target_mac = arp.sender_mac, .target_ip = arp.sender_ip};
        uint8_t room[64];
        ByteWriter w = byte_writer(room, sizeof room);
        arp_encode(&reply, &w);
        put_frame(ETHERNET_TYPE_ARP, room, w.size);
        return;
    }
    Ipv4Header ip;
    if (e.type != ETHERNET_TYPE_IPV4 || !ipv4_decode(e.payload, &ip, &fault) || ip.protocol != IPV4_PROTOCOL_TCP) return;
    if (play.sent_count == SENT) fail_at("too many segments sent");
    Sent *sent = &play.sent[play.sent_count++];
    if (!tcp_decode(ip.payload, ip.source, ip.destination, &sent->s, &fault)) fail_at("a malformed segment was sent: %s", fault.reason);
    memcpy(sent->payload, sent->s.payload.at, sent->s.payload.size);
    sent->s.payload.at = sent->payload;
    Flow *f = flow_of(sent->s.destination_port, sent->s.source_port);
    if (sent->s.flags & TCP_FLAG_SYN) {
        if (!f->iss_known || sent->s.seq != f->iss) f->our_end = sent->s.seq;
        f->iss_known = true;
        f->iss = sent->s.seq;
    }
    uint32_t end = sent->s.seq + tcp_segment_length(&sent->s);
    if (!(sent->s.flags & TCP_FLAG_RST) && seq_before(f->our_end, end)) f->our_end = end;
}

/* Everything that happens at this instant. */
static void settle(void) {
    while (sim_next_at(play.sim) == sim_now(play.sim)) sim_step(play.sim, sim_now(play.sim));
}

/* ---- Words ---- */

typedef struct {
    char *words[WORDS];
    size_t count;
} Line;

static const char *value_of(const Line *l, const char *name) {
    size_t size = strlen(name);
    for (size_t i = 1; i < l->count; i++)
        if (strncmp(l->words[i], name, size) == 0 && l->words[i][size] == '=') return l->words[i] + size + 1;
    return NULL;
}

static SimTime time_of(const char *text) {
    SimTime t = 0;
    if (!text || !sim_time_parse(text, &t)) fail_at("no time: %s", text ? text : "(nothing)");
    return t;
}

static uint32_t number_of(const char *text) { return (uint32_t)strtoul(text, NULL, 0); }

static uint32_t seq_of(const char *text, uint32_t base) { return text[0] == '#' ? number_of(text + 1) : base + number_of(text); }

static uint8_t flags_of(const char *text) {
    static const char letters[] = "FSRPAU";
    uint8_t flags = 0;
    for (; *text; text++) {
        const char *at = strchr(letters, *text);
        if (!at) fail_at("no flag: %c", *text);
        flags |= (uint8_t)(1 << (at - letters));
    }
    return flags;
}

static void check_names(const Line *l, size_t from, const char *allowed) {
    for (size_t i = from; i < l->count; i++) {
        char name[32];
        const char *equals = strchr(l->words[i], '=');
        snprintf(name, sizeof name, " %.*s ", (int)(equals ? equals - l->words[i] : (long)strlen(l->words[i])), l->words[i]);
        if (!strstr(allowed, name)) fail_at("unknown: %s", l->words[i]);
    }
}

/* ---- Lines ---- */

/* No timer of a connection that is gone runs on in the trace. */
static void check_timers_of_the_dead(void) {
    const Trace *trace = sim_trace(play.sim);
    for (size_t i = 0; play.stack->powered && i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_TIMER || r->code != TIMER_SET || trace_directory(trace)->machines[r->machine].spec != &tcp_spec) continue;
        bool over = false;
        for (size_t k = 0; k < play.stack->tcp->count; k++) over = over || play.stack->tcp->all[k]->machine.subject == r->timer.subject;
        for (size_t k = i + 1; k < trace_count(trace) && !over; k++) {
            const TraceRecord *later = trace_get(trace, k);
            over = later->kind == TRACE_TIMER && later->small == r->small && later->timer.subject == r->timer.subject;
        }
        if (!over) fail_at("timer %s of connection %u runs on", tcp_spec.timers[r->small], r->timer.subject);
    }
}

static void end_host(void) {
    if (!play.sim) return;
    if (play.sent_seen < play.sent_count) fail_at("a segment was sent that nobody expected");
    const Trace *trace = sim_trace(play.sim);
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_STATE && trace_directory(trace)->machines[r->machine].spec == &tcp_spec) taken[r->state.row] = true;
    }
    check_timers_of_the_dead();
    ip_stack_release(play.stack);
    sim_free(play.sim);
    play.sim = NULL;
}

static void do_host(const Line *l) {
    end_host();
    check_names(l, 1, " nagle delayed keepalive probes timeout msl buffer send mss rtomin iss ");
    Play fresh = {.file = play.file, .line = play.line, .seed = play.seed};
    play = fresh;
    TcpSettings s = tcp_settings_default;
    const char *v;
    if ((v = value_of(l, "nagle"))) s.nagle = strcmp(v, "no") != 0;
    if ((v = value_of(l, "delayed"))) s.delayed_ack = time_of(v);
    if ((v = value_of(l, "keepalive"))) s.keep_alive = time_of(v);
    if ((v = value_of(l, "probes"))) s.keep_alive_most = (uint8_t)number_of(v);
    if ((v = value_of(l, "timeout"))) s.user_timeout = time_of(v);
    if ((v = value_of(l, "msl"))) s.msl = time_of(v);
    if ((v = value_of(l, "buffer"))) s.receive_buffer = number_of(v);
    if ((v = value_of(l, "send"))) s.send_buffer = number_of(v);
    if ((v = value_of(l, "mss"))) s.mss = (uint16_t)number_of(v);
    if ((v = value_of(l, "rtomin"))) s.rto_min = time_of(v);
    play.first_peer_iss = (v = value_of(l, "iss")) ? number_of(v) : 0x10000000;
    play.settings = s;
    play.sim = sim_new(play.seed, true);
    uint32_t host = trace_add_host(sim_trace(play.sim), &(DirectoryHost){.name = "host", .kind = NODE_HOST});
    uint32_t peer = trace_add_host(sim_trace(play.sim), &(DirectoryHost){.name = "peer", .kind = NODE_HOST});
    play.stack = ip_stack_new(play.sim, "host", host, false);
    Interface *interface = ip_stack_add_interface(play.stack, "eth0", (MacAddress){{2, 0, 0, 0, 0, 1}});
    DirectoryLink entry = {.name = "cable", .end = {{.host = host, .name = "eth0"}, {.host = peer, .name = "eth0"}}};
    play.link = link_new(play.sim, &entry, interface_link_end(interface), (LinkEnd){NULL, wire_receive, 0, peer}, &(LinkQuality){0});
    interface->link = play.link;
    ip_stack_power(play.stack, true, TRACE_NONE);
    interface->address = ours;
    interface->prefix_length = 24;
    play.stack->arp_expiry = SIM_NEVER / 2;
}

static void do_listen(const Line *l) {
    check_names(l, 2, " backlog refuse ");
    TcpListener listener = {.port = (uint16_t)number_of(l->words[1]), .settings = play.settings, .accepted = on_accepted};
    if (value_of(l, "backlog")) listener.backlog = (uint8_t)number_of(value_of(l, "backlog"));
    play.refuse = strcmp(l->words[l->count - 1], "refuse") == 0;
    if (!tcp_listen(play.stack, &listener)) fail_at("the port is taken");
}

static void do_open(const Line *l) {
    check_names(l, 2, " source ");
    const char *source = value_of(l, "source");
    TcpOpen open = {.destination = peers,
                    .source_port = source ? (uint16_t)number_of(source) : OUR_PORT,
                    .destination_port = (uint16_t)number_of(l->words[1]),
                    .settings = play.settings};
    User *u = new_user();
    TcpConnection *c = tcp_connect(play.stack, &open, &calls, u, TRACE_NONE);
    if (c) u->c = c;
}

static void do_at(const Line *l) {
    char what = l->words[1][0];
    if (strcmp(l->words[2], "opened") == 0) play.next.at_opened = what;
    else if (strcmp(l->words[2], "readable") == 0) play.next.at_readable = what;
    else if (strcmp(l->words[2], "closed") == 0) play.next.at_closed = what;
    else fail_at("unknown: %s", l->words[2]);
}

static Flow *flow_of_line(const Line *l) {
    const char *peer = value_of(l, "port"), *our = value_of(l, "to");
    if (!peer && !our && play.flow_count > 0) return &play.flows[0];
    return flow_of(peer ? (uint16_t)number_of(peer) : PEER_PORT, our ? (uint16_t)number_of(our) : OUR_PORT);
}

static void put_packet(uint8_t protocol, uint8_t *packet, size_t size) {
    ByteWriter w = byte_writer(packet, IPV4_HEADER_SIZE);
    Ipv4Header ip = {.ttl = 64, .protocol = protocol, .source = peers, .destination = ours};
    ipv4_encode_header(&ip, size, &w);
    put_frame(ETHERNET_TYPE_IPV4, packet, IPV4_HEADER_SIZE + size);
}

static void do_icmp(const Line *l) {
    check_names(l, 4, " seq port to quoted proto ");
    Flow *f = flow_of_line(l);
    uint8_t quoted[28] = {0};
    ByteWriter w = byte_writer(quoted, sizeof quoted);
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_TCP, .source = ours, .destination = peers};
    ipv4_encode_header(&ip, 20, &w);
    byte_writer_u16(&w, f->our_port);
    byte_writer_u16(&w, f->peer_port);
    byte_writer_u32(&w, seq_of(value_of(l, "seq"), f->iss));
    if (value_of(l, "proto")) quoted[9] = (uint8_t)number_of(value_of(l, "proto"));
    size_t size = value_of(l, "quoted") ? number_of(value_of(l, "quoted")) : 28;
    IcmpMessage m = {.type = (uint8_t)number_of(l->words[2]), .code = (uint8_t)number_of(l->words[3]), .payload = bytes_of(quoted, size)};
    uint8_t packet[100];
    w = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    icmp_encode(&m, &w);
    put_packet(IPV4_PROTOCOL_ICMP, packet, w.size);
    settle();
}

static void do_receive(const Line *l) {
    if (strcmp(l->words[1], "icmp") == 0) {
        do_icmp(l);
        return;
    }
    check_names(l, 2, " seq ack win len mss port to ");
    Flow *f = flow_of_line(l);
    const char *v;
    uint8_t packet[IPV4_HEADER_SIZE + TCP_HEADER_MOST + 1460], payload[1460];
    TcpSegment s = {.source_port = f->peer_port, .destination_port = f->our_port, .flags = flags_of(l->words[1]), .seq = f->peer_next, .window = 65535};
    if ((v = value_of(l, "seq"))) s.seq = seq_of(v, f->peer_iss);
    if ((s.flags & TCP_FLAG_SYN) && !value_of(l, "seq")) s.seq = f->peer_iss;
    if (s.flags & TCP_FLAG_ACK) s.ack = (v = value_of(l, "ack")) ? seq_of(v, f->iss_known ? f->iss : 0) : f->our_end;
    if ((v = value_of(l, "win"))) s.window = (uint16_t)number_of(v);
    if ((v = value_of(l, "mss"))) s.mss = (uint16_t)number_of(v);
    size_t size = (v = value_of(l, "len")) ? number_of(v) : 0;
    uint32_t first = s.seq - f->peer_iss - 1 + ((s.flags & TCP_FLAG_SYN) != 0);
    if (size > sizeof payload) fail_at("more than fits a frame");
    for (size_t i = 0; i < size; i++) payload[i] = octet_of(first + i);
    s.payload = bytes_of(payload, size);
    uint32_t end = s.seq + tcp_segment_length(&s);
    if (seq_before(f->peer_next, end) && !(s.flags & TCP_FLAG_RST)) f->peer_next = end;
    ByteWriter w = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    tcp_encode(&s, peers, ours, &w);
    put_packet(IPV4_PROTOCOL_TCP, packet, w.size);
    settle();
}

static void describe(const Sent *sent, const Flow *f, char *text, size_t size) {
    static const char letters[] = "FSRPAU";
    char flags[8] = "";
    for (size_t i = 0; i < 6; i++)
        if (sent->s.flags >> i & 1) strncat(flags, &letters[i], 1);
    snprintf(text, size, "%s seq=%u ack=%u win=%u len=%zu mss=%u (port %u)", flags, sent->s.seq - f->iss,
             sent->s.flags & TCP_FLAG_ACK ? sent->s.ack - f->peer_iss : 0, sent->s.window, sent->s.payload.size, sent->s.mss, sent->s.destination_port);
}

static void do_expect(const Line *l) {
    check_names(l, 2, " seq ack win len mss port ");
    if (play.sent_seen == play.sent_count) fail_at("nothing more was sent");
    const Sent *sent = &play.sent[play.sent_seen++];
    const Flow *f = flow_of(sent->s.destination_port, sent->s.source_port);
    char got[200];
    describe(sent, f, got, sizeof got);
    const char *v;
    if (sent->s.flags != flags_of(l->words[1])) fail_at("other flags were sent: %s", got);
    if ((v = value_of(l, "seq")) && sent->s.seq != seq_of(v, f->iss)) fail_at("another seq: %s", got);
    if ((v = value_of(l, "ack")) && sent->s.ack != seq_of(v, f->peer_iss)) fail_at("another ack: %s", got);
    if ((v = value_of(l, "win")) && sent->s.window != number_of(v)) fail_at("another window: %s", got);
    if ((v = value_of(l, "mss")) && sent->s.mss != number_of(v)) fail_at("another mss: %s", got);
    if ((v = value_of(l, "port")) && sent->s.destination_port != number_of(v)) fail_at("another port: %s", got);
    if (sent->s.payload.size != ((v = value_of(l, "len")) ? number_of(v) : 0)) fail_at("another length: %s", got);
    for (size_t i = 0; i < sent->s.payload.size; i++)
        if (sent->payload[i] != octet_of(sent->s.seq - f->iss - 1 + i)) fail_at("octet %zu sent is not the one written: %s", i, got);
}

static const TcpConnection *connection_of(const Line *l, size_t word) {
    const Tcp *tcp = play.stack->tcp;
    uint16_t port = l->count > word ? (uint16_t)number_of(l->words[word]) : 0;
    for (size_t i = 0; tcp && i < tcp->count; i++)
        if (port == 0 || tcp->all[i]->remote_port == port) return tcp->all[i];
    return NULL;
}

static void do_state(const Line *l) {
    const TcpConnection *c = connection_of(l, 2);
    const char *state = c ? tcp_spec.states[c->machine.state] : "none";
    if (strcmp(state, l->words[1]) != 0) fail_at("it is in %s", state);
}

static void do_told(const Line *l) {
    char all[600] = "";
    for (size_t i = 0; i < play.told_count; i++) {
        strcat(all, " ");
        strcat(all, play.told[i]);
    }
    if (strcmp(l->words[1], "nothing") == 0 ? play.told_count != 0 : play.told_count != l->count - 1) fail_at("the user was told:%s", all);
    for (size_t i = 0; i < play.told_count; i++)
        if (strcmp(play.told[i], l->words[i + 1]) != 0) fail_at("the user was told:%s", all);
}

static const TcpConnection *the_connection(void) {
    const TcpConnection *c = play.user && play.user->c ? play.user->c : connection_of(&(Line){.count = 0}, 1);
    if (!c) fail_at("there is no connection");
    return c;
}

static void do_timer(const Line *l) {
    const TcpConnection *c = the_connection();
    for (size_t i = 0; i < tcp_spec.timer_count; i++) {
        if (strcmp(tcp_spec.timers[i], l->words[1]) != 0) continue;
        SimTime at = c->machine.timers[i].at, wanted = strcmp(l->words[2], "off") == 0 ? SIM_NEVER : time_of(l->words[2]);
        if (at != wanted) fail_at("the timer runs until %lld ns", (long long)at);
        return;
    }
    fail_at("no such timer");
}

static void do_ignored(const Line *l) {
    const Trace *trace = sim_trace(play.sim);
    const char *last = "nothing";
    for (size_t i = play.since; i < trace_count(trace); i++)
        if (trace_get(trace, i)->kind == TRACE_IGNORED) last = trace_directory(trace)->reasons[trace_get(trace, i)->small];
    if (strcmp(last, l->words[1]) != 0) fail_at("ignored was: %s", last);
}

static void do_fact(const Line *l) {
    const Trace *trace = sim_trace(play.sim);
    for (size_t i = play.since; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind != TRACE_FACT || strcmp(trace_fact_spec(trace, r)->name, l->words[1]) != 0) continue;
        const FactSpec *spec = trace_fact_spec(trace, r);
        const int64_t *values = trace_fact_values(trace, r);
        bool all = true;
        for (size_t k = 0; k < spec->count; k++) {
            const char *v = value_of(l, spec->fields[k].name);
            if (!v) continue;
            if (spec->fields[k].kind == FACT_NAME) all = all && strcmp(trace_fact_name(values[k]), v) == 0;
            else if (spec->fields[k].kind == FACT_SPAN) all = all && values[k] == time_of(v);
            else all = all && values[k] == (int64_t)number_of(v);
        }
        if (all) return;
    }
    fail_at("no such fact was stated");
}

static bool look(const Line *l) {
    const char *word = l->words[0];
    if (strcmp(word, ">") == 0) do_expect(l);
    else if (strcmp(word, "state") == 0) do_state(l);
    else if (strcmp(word, "told") == 0) do_told(l);
    else if (strcmp(word, "timer") == 0) do_timer(l);
    else if (strcmp(word, "ignored") == 0) do_ignored(l);
    else if (strcmp(word, "fact") == 0) do_fact(l);
    else {
        static const char *const names[] = {"window", "cwnd", "ssthresh", "unread", "unsent", "unacked", "rto", "srtt"};
        for (size_t i = 0; i < 8; i++) {
            if (strcmp(word, names[i]) != 0) continue;
            TcpStatus s = tcp_status(the_connection());
            int64_t values[] = {s.receive_window, s.congestion_window, s.slow_start_threshold, (int64_t)s.unread, (int64_t)s.unsent, (int64_t)s.unacknowledged, s.rto, s.smoothed_rtt};
            int64_t wanted = i >= 6 ? time_of(l->words[1]) : (int64_t)number_of(l->words[1]);
            if (values[i] != wanted) fail_at("it is %lld", (long long)values[i]);
            return true;
        }
        return false;
    }
    return true;
}

static TcpConnection *users_connection(void) {
    if (!play.user || !play.user->c) fail_at("the user has no connection");
    return play.user->c;
}

static void go(const Line *l) {
    const char *word = l->words[0];
    if (play.sent_seen < play.sent_count) {
        char got[200];
        const Sent *s = &play.sent[play.sent_seen];
        describe(s, flow_of(s->s.destination_port, s->s.source_port), got, sizeof got);
        fail_at("before this line a segment was sent that nobody expected: %s", got);
    }
    play.sent_seen = play.sent_count = play.told_count = 0;
    play.since = trace_count(sim_trace(play.sim));
    if (word[0] == '@') {
        SimTime until = time_of(word + 1);
        while (sim_step(play.sim, until)) {}
        return;
    }
    if (strcmp(word, "<") == 0) do_receive(l);
    else if (strcmp(word, "listen") == 0) do_listen(l);
    else if (strcmp(word, "unlisten") == 0) tcp_listen_end(play.stack, (uint16_t)number_of(l->words[1]));
    else if (strcmp(word, "open") == 0) do_open(l);
    else if (strcmp(word, "write") == 0) user_write((users_connection(), play.user), number_of(l->words[1]), TRACE_NONE);
    else if (strcmp(word, "read") == 0) user_read((users_connection(), play.user), number_of(l->words[1]), TRACE_NONE);
    else if (strcmp(word, "hold") == 0) (play.user && play.user->c ? play.user : &play.next)->hold = true;
    else if (strcmp(word, "at") == 0) do_at(l);
    else if (strcmp(word, "close") == 0) tcp_close(users_connection(), TRACE_NONE);
    else if (strcmp(word, "abort") == 0 || strcmp(word, "forget") == 0) {
        users_connection();
        act(play.user, word[0], TRACE_NONE);
    } else if (strcmp(word, "power") == 0) ip_stack_power(play.stack, false, TRACE_NONE);
    else fail_at("unknown: %s", word);
    settle();
}

static void run_line(char *text) {
    Line l = {0};
    for (char *word = strtok(text, " \t\n"); word && l.count < WORDS; word = strtok(NULL, " \t\n")) l.words[l.count++] = word;
    if (l.count == 0 || l.words[0][0] == '#') return;
    if (strcmp(l.words[0], "host") == 0) {
        do_host(&l);
        return;
    }
    if (!play.sim) fail_at("no host yet");
    if (!look(&l)) go(&l);
}

static void run_text(const char *lines) {
    while (*lines) {
        char line[200];
        size_t size = strcspn(lines, "\n");
        snprintf(line, sizeof line, "%.*s", (int)size, lines);
        run_line(line);
        lines += size + (lines[size] == '\n');
    }
}

static void run_file(const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) fail_msg("%s can't be read", path);
    play.file = strrchr(path, '/') + 1;
    play.line = 0;
    char text[400];
    while (fgets(text, sizeof text, file)) {
        play.line++;
        run_line(text);
    }
    fclose(file);
    end_host();
}

#endif
