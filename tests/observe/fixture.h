/* A trace made by hand, as the simulation would make it: one LAN with a switch, a server and two clients; pc1 gets
 * a lease, renews it, and its server crashes; pc2's DISCOVER is lost. Observers are tested on it without any
 * world. */
#ifndef NETSTAGE_TESTS_FIXTURE_H
#define NETSTAGE_TESTS_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include "sim/trace.h"
#include "wire/dhcp.h"
#include "wire/ethernet.h"
#include "wire/ipv4.h"
#include "wire/udp.h"

enum { FIXTURE_LAN, FIXTURE_SERVER, FIXTURE_PC1, FIXTURE_PC2 };          /* hosts */
enum { FIXTURE_CLIENT1, FIXTURE_CLIENT2, FIXTURE_BINDINGS };             /* machines */
enum { CLIENT_INIT, CLIENT_SELECTING, CLIENT_REQUESTING, CLIENT_BOUND, CLIENT_RENEWING };
enum { CLIENT_TIMER_RETRANSMIT, CLIENT_TIMER_T1, CLIENT_TIMER_LEASE };
enum { BINDING_FREE, BINDING_OFFERED, BINDING_BOUND };

#define FIXTURE_SERVER_IP UINT32_C(0xc0a80101)
#define FIXTURE_PC1_IP UINT32_C(0xc0a80164)

static const char *const fixture_client_states[] = {"INIT", "SELECTING", "REQUESTING", "BOUND", "RENEWING"};
static const MachineInput fixture_client_inputs[] = {
    {"start", INPUT_COMMAND}, {"DHCPOFFER", INPUT_WIRE}, {"DHCPACK", INPUT_WIRE}, {"T1 expires", INPUT_TIMER}};
static const char *const fixture_client_timers[] = {"retransmit", "T1", "lease"};
static const MachineRow fixture_client_rows[] = {
    {CLIENT_INIT, 0, CLIENT_SELECTING, NULL, NULL, "NULL", "discover", "RFC 2131 4.4.1"},
    {CLIENT_SELECTING, 1, CLIENT_REQUESTING, NULL, NULL, "NULL", "request", "RFC 2131 4.4.1"},
    {CLIENT_REQUESTING, 2, CLIENT_BOUND, NULL, NULL, "NULL", "bind", "RFC 2131 4.4.1"},
    {CLIENT_BOUND, 3, CLIENT_RENEWING, NULL, NULL, "NULL", "renew", "RFC 2131 4.4.5"},
    {CLIENT_RENEWING, 2, CLIENT_BOUND, NULL, NULL, "NULL", "bind", "RFC 2131 4.4.5"},
};
static const MachineSpec fixture_client = {.name = "dhcp.client",
                                           .ref = "RFC 2131 figure 5",
                                           .states = fixture_client_states,
                                           .state_count = 5,
                                           .initial = CLIENT_INIT,
                                           .inputs = fixture_client_inputs,
                                           .input_count = 4,
                                           .rows = fixture_client_rows,
                                           .row_count = 5,
                                           .timers = fixture_client_timers,
                                           .timer_count = 3};
static const char *const fixture_binding_states[] = {"FREE", "OFFERED", "BOUND"};
static const char *const fixture_binding_timers[] = {"hold"};
static const MachineSpec fixture_binding = {.name = "dhcp.server",
                                            .ref = "RFC 2131 4.3",
                                            .subject = "address",
                                            .states = fixture_binding_states,
                                            .state_count = 3,
                                            .initial = BINDING_FREE,
                                            .inputs = fixture_client_inputs,
                                            .input_count = 4,
                                            .rows = fixture_client_rows,
                                            .row_count = 2,
                                            .timers = fixture_binding_timers,
                                            .timer_count = 1};

static const FactSpec fixture_powered = {"host.powered", 1, {{"on", FACT_NUMBER}}};
static const FactSpec fixture_plugged = {
    "link.plugged", 3, {{"interface", FACT_NUMBER}, {"link", FACT_NUMBER}, {"up", FACT_NUMBER}}};
static const FactSpec fixture_configured = {"interface.configured",
                                            5,
                                            {{"interface", FACT_NUMBER},
                                             {"address", FACT_IPV4},
                                             {"prefix_length", FACT_NUMBER},
                                             {"router", FACT_IPV4},
                                             {"name_server", FACT_IPV4}}};
static const FactSpec fixture_unconfigured = {
    "interface.unconfigured", 2, {{"interface", FACT_NUMBER}, {"address", FACT_IPV4}}};
static const FactSpec fixture_bound = {"dhcp.bound",
                                       7,
                                       {{"interface", FACT_NUMBER},
                                        {"address", FACT_IPV4},
                                        {"server", FACT_IPV4},
                                        {"started", FACT_TIME},
                                        {"t1", FACT_TIME},
                                        {"t2", FACT_TIME},
                                        {"expires", FACT_TIME}}};
static const FactSpec fixture_unbound = {"dhcp.unbound", 2, {{"address", FACT_IPV4}, {"reason", FACT_NAME}}};
static const FactSpec fixture_bindings = {
    "dhcp.binding",
    4,
    {{"address", FACT_IPV4}, {"state", FACT_NAME}, {"mac", FACT_MAC}, {"expires", FACT_TIME}}};

typedef struct {
    Trace *trace;
    SimTime now;
    uint32_t cause;
    uint32_t link[4]; /* by host; the LAN has none */
    FrameId dhcp_frame[8];
    size_t dhcp_count;
    bool no_delays; /* for random traces: every frame arrives soon */
} Fixture;

static inline MacAddress fixture_mac(uint32_t host) { return mac_of_number(UINT64_C(0x020000000000) + host); }

static inline TraceRecord fixture_record(const Fixture *f, TraceKind kind, uint32_t host, uint32_t machine) {
    return (TraceRecord){.at = f->now, .cause = f->cause, .host = host, .machine = machine, .kind = (uint8_t)kind};
}

static inline uint32_t fixture_fact(Fixture *f, uint32_t host, uint32_t machine, uint32_t subject, const FactSpec *spec,
                                    const int64_t *values) {
    TraceRecord r = fixture_record(f, TRACE_FACT, host, machine);
    r.small = trace_fact_index(f->trace, spec);
    r.fact.values_at = trace_put_values(f->trace, values, spec->count);
    r.fact.subject = subject;
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_step(Fixture *f, uint32_t host, uint32_t machine, uint32_t subject, uint16_t row,
                                    uint8_t from, uint8_t to, uint8_t input) {
    TraceRecord r = fixture_record(f, TRACE_STATE, host, machine);
    r.state.subject = subject;
    r.state.row = row;
    r.state.from = from;
    r.state.to = to;
    r.state.input = input;
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_timer(Fixture *f, uint32_t host, uint32_t machine, uint32_t subject, uint16_t timer,
                                     TimerCode code, SimTime expires_at) {
    TraceRecord r = fixture_record(f, TRACE_TIMER, host, machine);
    r.code = (uint8_t)code;
    r.small = timer;
    r.timer.expires_at = expires_at;
    r.timer.subject = subject;
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_text(Fixture *f, TraceKind kind, uint8_t code, const char *text) {
    TraceRecord r = fixture_record(f, kind, TRACE_NONE, TRACE_NONE);
    r.code = code;
    r.text.text_at = trace_put_text(f->trace, text, strlen(text));
    r.text.text_size = (uint32_t)strlen(text);
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_ignored(Fixture *f, uint32_t host, uint32_t machine, const char *reason, FrameId frame) {
    TraceRecord r = fixture_record(f, TRACE_IGNORED, host, machine);
    r.small = trace_reason_index(f->trace, reason);
    r.ignored.frame = frame;
    r.ignored.input = 255;
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_message(Fixture *f, uint32_t host, uint32_t machine, MessageCode code, FrameId frame) {
    TraceRecord r = fixture_record(f, TRACE_MESSAGE, host, machine);
    r.code = (uint8_t)code;
    r.small = TRACE_PROTO_DHCP;
    r.message.frame = frame;
    r.message.offset = 42;
    r.message.size = (uint16_t)(frame_store_get(trace_frames(f->trace), frame).size - 42);
    r.message.stream = TRACE_NONE;
    return trace_add(f->trace, &r);
}

static inline uint32_t fixture_transit(Fixture *f, uint32_t from, uint32_t link, uint16_t direction, FrameId frame,
                                       FrameCode code, SimTime arrives_at) {
    TraceRecord r = fixture_record(f, TRACE_FRAME, from, TRACE_NONE);
    r.code = (uint8_t)code;
    r.small = direction;
    r.frame.arrives_at = arrives_at;
    r.frame.frame = frame;
    r.frame.link = link;
    return trace_add(f->trace, &r);
}

static inline FrameId fixture_dhcp_frame(Fixture *f, uint32_t host, DhcpMessageType type, Ipv4Address source,
                                         Ipv4Address destination, MacAddress to, uint32_t xid) {
    static DhcpMessage m;
    static uint8_t payload[600], frame[1000];
    dhcp_message_clear(&m);
    bool reply = type == DHCP_OFFER || type == DHCP_ACK || type == DHCP_NAK;
    m.op = reply ? BOOTREPLY : BOOTREQUEST;
    m.htype = 1;
    m.hlen = 6;
    m.xid = xid;
    MacAddress client = reply ? fixture_mac(FIXTURE_PC1) : fixture_mac(host);
    memcpy(m.chaddr, client.octet, 6);
    if (reply) m.yiaddr = FIXTURE_PC1_IP;
    dhcp_option_put_u8(&m, DHCP_OPTION_MESSAGE_TYPE, (uint8_t)type);
    if (reply) {
        static const Ipv4Address servers[] = {FIXTURE_SERVER_IP, 0x08080808};
        dhcp_option_put_u32(&m, DHCP_OPTION_SERVER_IDENTIFIER, FIXTURE_SERVER_IP);
        dhcp_option_put_u32(&m, DHCP_OPTION_LEASE_TIME, 60);
        dhcp_option_put_ipv4s(&m, DHCP_OPTION_DOMAIN_NAME_SERVER, servers, 2);
    } else {
        dhcp_option_put(&m, DHCP_OPTION_PARAMETER_REQUEST_LIST, bytes_of("\1\3\6", 3));
        dhcp_option_put(&m, DHCP_OPTION_HOST_NAME, bytes_of("pc\"1", 4));
        dhcp_option_put(&m, 224, bytes_of("\1\2", 2));
    }
    ByteWriter p = byte_writer(payload, sizeof payload), w = byte_writer(frame, sizeof frame);
    dhcp_message_encode(&m, &p, sizeof payload);
    EthernetFrame ethernet = {.destination = to, .source = fixture_mac(host), .type = ETHERNET_TYPE_IPV4};
    Ipv4Header ip = {.ttl = 64, .protocol = IPV4_PROTOCOL_UDP, .source = source, .destination = destination};
    ethernet_encode_header(&ethernet, &w);
    ipv4_encode_header(&ip, UDP_HEADER_SIZE + p.size, &w);
    udp_encode(source, destination, reply ? DHCP_SERVER_PORT : DHCP_CLIENT_PORT,
               reply ? DHCP_CLIENT_PORT : DHCP_SERVER_PORT, byte_writer_bytes(&p), &w);
    FrameId id = frame_store_add(trace_frames(f->trace), byte_writer_bytes(&w));
    if (f->dhcp_count < 8) f->dhcp_frame[f->dhcp_count++] = id;
    return id;
}

/* A message from one host through the switch to another, 1 ms a cable; the other hosts hear a broadcast and ignore
 * it. Returns the record of its reception, which is the cause of what follows. */
static inline uint32_t fixture_exchange(Fixture *f, uint32_t from, uint32_t to, uint32_t from_machine,
                                        uint32_t to_machine, DhcpMessageType type, Ipv4Address source,
                                        Ipv4Address destination) {
    bool broadcast = destination == IPV4_LIMITED_BROADCAST;
    FrameId frame =
        fixture_dhcp_frame(f, from, type, source, destination, broadcast ? mac_broadcast : fixture_mac(to), 0x1234);
    f->cause = fixture_message(f, from, from_machine, MESSAGE_SENT, frame);
    uint32_t first = fixture_transit(f, from, f->link[from], 0, frame, FRAME_DELIVERED, f->now + SIM_MILLISECOND);
    f->now += SIM_MILLISECOND;
    f->cause = first;
    uint32_t second = TRACE_NONE, others[4], other_count = 0;
    for (uint32_t host = FIXTURE_SERVER; host <= FIXTURE_PC2; host++) {
        if (host == from || (!broadcast && host != to)) continue;
        uint32_t transit =
            fixture_transit(f, FIXTURE_LAN, f->link[host], 1, frame, FRAME_DELIVERED, f->now + SIM_MILLISECOND);
        if (host == to)
            second = transit;
        else
            others[other_count++] = transit;
    }
    f->now += SIM_MILLISECOND;
    for (uint32_t i = 0; i < other_count; i++) {
        f->cause = others[i];
        fixture_ignored(f, FIXTURE_PC2, TRACE_NONE, "udp.no_socket", frame);
    }
    f->cause = second;
    return f->cause = fixture_message(f, to, to_machine, MESSAGE_RECEIVED, frame);
}

static inline void fixture_bind(Fixture *f) {
    SimTime start = f->now;
    fixture_timer(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, CLIENT_TIMER_RETRANSMIT, TIMER_CLEARED, start);
    fixture_fact(f, FIXTURE_PC1, TRACE_NONE, 0, &fixture_configured,
                 (int64_t[]){0, FIXTURE_PC1_IP, 24, FIXTURE_SERVER_IP, FIXTURE_SERVER_IP});
    fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_bound,
                 (int64_t[]){0, FIXTURE_PC1_IP, FIXTURE_SERVER_IP, start, start + 30 * SIM_SECOND,
                             start + 52500 * SIM_MILLISECOND, start + 60 * SIM_SECOND});
    fixture_timer(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, CLIENT_TIMER_T1, TIMER_SET, start + 30 * SIM_SECOND);
    fixture_timer(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, CLIENT_TIMER_LEASE, TIMER_SET, start + 60 * SIM_SECOND);
}

static inline void fixture_stage(Fixture *f) {
    static const char *const names[] = {"lan1", "dhcp1", "pc1", "pc2"};
    for (uint32_t host = 0; host < 4; host++) {
        DirectoryHost entry = {.name = names[host], .kind = host == FIXTURE_LAN ? NODE_SWITCH : NODE_HOST,
                               .prefix_network = host == FIXTURE_LAN ? 0xc0a80100 : 0,
                               .prefix_length = host == FIXTURE_LAN ? 24 : 0};
        trace_add_host(f->trace, &entry);
    }
    trace_add_machine(f->trace, FIXTURE_PC1, &fixture_client);
    trace_add_machine(f->trace, FIXTURE_PC2, &fixture_client);
    trace_add_machine(f->trace, FIXTURE_SERVER, &fixture_binding);
    for (uint32_t host = FIXTURE_SERVER; host <= FIXTURE_PC2; host++) {
        char name[32] = "", port[8] = "port0";
        strcat(strcat(name, names[host]), "-lan1");
        port[4] = (char)('0' + host);
        DirectoryLink link = {.name = name, .end = {{host, 0, "eth0", {0}}, {FIXTURE_LAN, host, port, {0}}}};
        memcpy(link.end[0].mac, fixture_mac(host).octet, 6);
        f->link[host] = trace_add_link(f->trace, &link);
    }
}

/* The story told at the top of this file. The caller frees f->trace. */
static inline void fixture_make(Fixture *f) {
    *f = (Fixture){.trace = trace_new(true), .cause = TRACE_NONE};
    fixture_stage(f);
    fixture_text(f, TRACE_SAY, SAY_PHASE, "{\"en\":\"Set-up\",\"zh\":\"准备\"}");
    for (uint32_t host = FIXTURE_SERVER; host <= FIXTURE_PC2; host++) {
        f->cause = fixture_text(f, TRACE_COMMAND, 0, "{\"do\":\"boot\"}");
        f->cause = fixture_fact(f, host, TRACE_NONE, 0, &fixture_powered, (int64_t[]){1});
        if (host == FIXTURE_SERVER)
            fixture_fact(f, host, TRACE_NONE, 0, &fixture_configured, (int64_t[]){0, FIXTURE_SERVER_IP, 24, 0, 0});
    }
    f->cause = TRACE_NONE;
    f->now = SIM_SECOND;
    fixture_text(f, TRACE_SAY, SAY_BEAT, "{\"en\":\"The client shouts.\",\"zh\":\"客户广播。\"}");
    f->cause = fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 0, CLIENT_INIT, CLIENT_SELECTING, 0);
    fixture_timer(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, CLIENT_TIMER_RETRANSMIT, TIMER_SET, f->now + 4 * SIM_SECOND);
    fixture_exchange(f, FIXTURE_PC1, FIXTURE_SERVER, FIXTURE_CLIENT1, FIXTURE_BINDINGS, DHCP_DISCOVER, 0,
                     IPV4_LIMITED_BROADCAST);
    f->cause = fixture_step(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, 0, BINDING_FREE, BINDING_OFFERED, 0);
    fixture_fact(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, &fixture_bindings,
                 (int64_t[]){FIXTURE_PC1_IP, fact_name("OFFERED"), (int64_t)mac_number(fixture_mac(FIXTURE_PC1)),
                             f->now + 30 * SIM_SECOND});
    fixture_timer(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, 0, TIMER_SET, f->now + 30 * SIM_SECOND);
    fixture_exchange(f, FIXTURE_SERVER, FIXTURE_PC1, FIXTURE_BINDINGS, FIXTURE_CLIENT1, DHCP_OFFER, FIXTURE_SERVER_IP,
                     FIXTURE_PC1_IP);
    f->cause = fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 1, CLIENT_SELECTING, CLIENT_REQUESTING, 1);
    fixture_exchange(f, FIXTURE_PC1, FIXTURE_SERVER, FIXTURE_CLIENT1, FIXTURE_BINDINGS, DHCP_REQUEST, 0,
                     IPV4_LIMITED_BROADCAST);
    f->cause = fixture_step(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, 1, BINDING_OFFERED, BINDING_BOUND, 1);
    fixture_timer(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, 0, TIMER_CLEARED, f->now);
    fixture_fact(f, FIXTURE_SERVER, FIXTURE_BINDINGS, FIXTURE_PC1_IP, &fixture_bindings,
                 (int64_t[]){FIXTURE_PC1_IP, fact_name("BOUND"), (int64_t)mac_number(fixture_mac(FIXTURE_PC1)),
                             f->now + 60 * SIM_SECOND});
    fixture_exchange(f, FIXTURE_SERVER, FIXTURE_PC1, FIXTURE_BINDINGS, FIXTURE_CLIENT1, DHCP_ACK, FIXTURE_SERVER_IP,
                     FIXTURE_PC1_IP);
    f->cause = fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 2, CLIENT_REQUESTING, CLIENT_BOUND, 2);
    fixture_bind(f);
    /* pc2's DISCOVER falls off the wire */
    f->now = 5 * SIM_SECOND;
    f->cause = TRACE_NONE;
    f->cause = fixture_step(f, FIXTURE_PC2, FIXTURE_CLIENT2, 0, 0, CLIENT_INIT, CLIENT_SELECTING, 0);
    FrameId lost = fixture_dhcp_frame(f, FIXTURE_PC2, DHCP_DISCOVER, 0, IPV4_LIMITED_BROADCAST, mac_broadcast, 0x9999);
    f->cause = fixture_message(f, FIXTURE_PC2, FIXTURE_CLIENT2, MESSAGE_SENT, lost);
    fixture_transit(f, FIXTURE_PC2, f->link[FIXTURE_PC2], 0, lost, FRAME_LOST, f->now + SIM_MILLISECOND);
    /* T1 */
    f->now = 31008 * SIM_MILLISECOND;
    f->cause = TRACE_NONE;
    f->cause = fixture_timer(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, CLIENT_TIMER_T1, TIMER_EXPIRED, f->now);
    f->cause = fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 3, CLIENT_BOUND, CLIENT_RENEWING, 3);
    fixture_exchange(f, FIXTURE_PC1, FIXTURE_SERVER, FIXTURE_CLIENT1, FIXTURE_BINDINGS, DHCP_REQUEST, FIXTURE_PC1_IP,
                     FIXTURE_SERVER_IP);
    fixture_exchange(f, FIXTURE_SERVER, FIXTURE_PC1, FIXTURE_BINDINGS, FIXTURE_CLIENT1, DHCP_ACK, FIXTURE_SERVER_IP,
                     FIXTURE_PC1_IP);
    f->cause = fixture_step(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, 4, CLIENT_RENEWING, CLIENT_BOUND, 2);
    fixture_bind(f);
    /* the server crashes */
    f->now = 40 * SIM_SECOND;
    f->cause = TRACE_NONE;
    f->cause = fixture_text(f, TRACE_COMMAND, 0, "{\"do\":\"crash\",\"host\":\"dhcp1\"}");
    fixture_fact(f, FIXTURE_SERVER, TRACE_NONE, 0, &fixture_powered, (int64_t[]){0});
    f->cause = TRACE_NONE;
    f->now = 41 * SIM_SECOND;
    fixture_fact(f, FIXTURE_PC1, TRACE_NONE, 0, &fixture_plugged, (int64_t[]){0, f->link[FIXTURE_PC1], 0});
    f->now = 50 * SIM_SECOND;
    fixture_fact(f, FIXTURE_PC1, FIXTURE_CLIENT1, 0, &fixture_unbound,
                 (int64_t[]){FIXTURE_PC1_IP, fact_name("released")});
    fixture_fact(f, FIXTURE_PC1, TRACE_NONE, 0, &fixture_unconfigured, (int64_t[]){0, FIXTURE_PC1_IP});
    fixture_text(f, TRACE_EXPECT, 1, "{\"text\":\"pc1 renews at T1\"}");
    fixture_text(f, TRACE_EXPECT, 0, "{\"text\":\"pc2 gets an address\",\"detail\":\"it has none\"}");
}

#endif
