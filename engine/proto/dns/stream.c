/* DNS over a stream, both ends as tables. Lay them beside RFC 7766 section 6.2. */
#include "proto/dns/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { LENGTH_SIZE = 2, QUERY_MOST = 4096 };
static const SimTime idle_for = 10 * SIM_SECOND /* RFC 7766 section 6.2.3 */, patience = 10 * SIM_SECOND;

/* ---- Messages in a stream ---- */

static size_t wanted(const DnsIncoming *in) {
    return in->size < LENGTH_SIZE ? LENGTH_SIZE : LENGTH_SIZE + (size_t)octets_u16(in->at);
}

static bool is_whole(const DnsIncoming *in) { return in->size >= LENGTH_SIZE && in->size == wanted(in); }

/* Takes octets up to the end of a message; returns how many. */
static size_t take(DnsIncoming *in, Bytes octets) {
    size_t taken = 0;
    while (taken < octets.size && !is_whole(in)) {
        size_t size = wanted(in) - in->size;
        if (size > octets.size - taken) size = octets.size - taken;
        in->at = array_grow(in->at, &in->capacity, in->size + size, 1);
        memcpy(in->at + in->size, octets.at + taken, size);
        in->size += size;
        taken += size;
    }
    return taken;
}

static Bytes message_of(const DnsIncoming *in) { return bytes_of(in->at + LENGTH_SIZE, in->size - LENGTH_SIZE); }

static void incoming_release(DnsIncoming *in) {
    free(in->at);
    *in = (DnsIncoming){0};
}

static void say(Effects *effects, StreamPart part, Bytes message) {
    uint8_t length[LENGTH_SIZE];
    octets_set_u16(length, (uint16_t)message.size);
    effect_said(effects, part, message);
    effect_write(effects, bytes_of(length, LENGTH_SIZE));
    effect_write(effects, message);
}

/* ---- The server's end ---- */

static const char *const connection_states[] = {
#define X(name) #name,
    DNS_CONNECTION_STATES(X)
#undef X
};
static const MachineInput connection_inputs[] = {{"connection stands", INPUT_WIRE}, {"query", INPUT_WIRE},
                                                 {"response", INPUT_ANSWER},        {"nonsense", INPUT_WIRE},
                                                 {"other side closes", INPUT_WIRE}, {"nothing for long", INPUT_TIMER},
                                                 {"connection is over", INPUT_WIRE}};
static const char *const connection_timers[] = {"idle"};

static bool has_pending(const void *self, const void *argument) {
    (void)argument;
    return ((const DnsConnection *)self)->pending > 0;
}

static bool is_last_pending(const void *self, const void *argument) {
    (void)argument;
    return ((const DnsConnection *)self)->pending <= 1;
}

static void wait_for_query(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_set(effects, DNS_CONNECTION_TIMER_IDLE, effects->now + idle_for);
}

static void count_query(void *self, const void *argument, Effects *effects) {
    ((DnsConnection *)self)->pending++;
    wait_for_query(self, argument, effects);
}

static void send_response(void *self, const void *argument, Effects *effects) {
    DnsConnection *c = self;
    if (c->pending > 0) c->pending--;
    say(effects, STREAM_REPLY, *(const Bytes *)argument);
    wait_for_query(self, argument, effects);
}

static void close_connection(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, DNS_CONNECTION_TIMER_IDLE);
    effect_close(effects);
}

static void send_last_response(void *self, const void *argument, Effects *effects) {
    send_response(self, argument, effects);
    close_connection(self, argument, effects);
}

static void abort_connection(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, DNS_CONNECTION_TIMER_IDLE);
    effect_abort(effects);
}

static void stop_waiting(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, DNS_CONNECTION_TIMER_IDLE);
}

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_CONNECTION_##from, DNS_CONNECTION_ON_##input, guard, action, DNS_CONNECTION_##to, "RFC 7766 " ref)
static const MachineRow connection_rows[] = {
    ROW(CLOSED, OPEN, NULL, wait_for_query, OPEN, "6.2"),
    ROW(OPEN, QUERY, NULL, count_query, OPEN, "6.2.1.1"),
    ROW(OPEN, RESPONSE, NULL, send_response, OPEN, "7"),
    ROW(OPEN, NONSENSE, NULL, abort_connection, CLOSED, "8"),
    ROW(OPEN, PEER_CLOSED, has_pending, NULL, DRAINING, "6.2.4"),
    ROW(OPEN, PEER_CLOSED, NULL, close_connection, CLOSING, "6.2.4"),
    ROW(OPEN, IDLE, NULL, close_connection, CLOSING, "6.2.3"),
    ROW(OPEN, END, NULL, stop_waiting, CLOSED, "6.2.4"),
    ROW(DRAINING, RESPONSE, is_last_pending, send_last_response, CLOSING, "6.2.4"),
    ROW(DRAINING, RESPONSE, NULL, send_response, DRAINING, "6.2.4"),
    ROW(DRAINING, IDLE, NULL, close_connection, CLOSING, "6.2.3"),
    ROW(DRAINING, END, NULL, stop_waiting, CLOSED, "6.2.4"),
    ROW(CLOSING, END, NULL, NULL, CLOSED, "6.2.4"),
};
#undef ROW

const MachineSpec dns_connection_spec = {
    .name = "dns.connection",
    .ref = "RFC 7766 6.2",
    .subject = "connection",
    MACHINE_LISTS(connection_states, connection_inputs, connection_rows),
    .initial = DNS_CONNECTION_CLOSED,
    MACHINE_TIMER_LIST(connection_timers),
};

static void connection_opened(void *self, Effects *effects) {
    machine_step(&((DnsConnection *)self)->machine, DNS_CONNECTION_ON_OPEN, NULL, effects);
}

static size_t connection_receive(void *self, Bytes octets, Effects *effects) {
    DnsConnection *c = self;
    if (c->machine.state != DNS_CONNECTION_OPEN) return octets.size;
    size_t taken = take(&c->incoming, octets);
    if (wanted(&c->incoming) > LENGTH_SIZE + QUERY_MOST) {
        machine_step(&c->machine, DNS_CONNECTION_ON_NONSENSE, NULL, effects);
    } else if (is_whole(&c->incoming)) {
        effect_heard(effects, &c->machine, STREAM_COMMAND, message_of(&c->incoming));
        machine_step(&c->machine, DNS_CONNECTION_ON_QUERY, NULL, effects);
        dns_server_receive_stream(c->server, &c->asker, message_of(&c->incoming), effects);
        c->incoming.size = 0;
    }
    return taken;
}

static void connection_peer_closed(void *self, Effects *effects) {
    machine_step(&((DnsConnection *)self)->machine, DNS_CONNECTION_ON_PEER_CLOSED, NULL, effects);
}

static void connection_ended(void *self, const char *how, Effects *effects) {
    DnsConnection *c = self;
    (void)how;
    if (c->machine.state != DNS_CONNECTION_CLOSED) machine_step(&c->machine, DNS_CONNECTION_ON_END, NULL, effects);
}

static void connection_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    machine_step(&((DnsConnection *)self)->machine, DNS_CONNECTION_ON_IDLE, NULL, effects);
}

const StreamProtocol dns_connection_stream = {.proto = TRACE_PROTO_DNS,
                                              .opened = connection_opened,
                                              .receive = connection_receive,
                                              .peer_closed = connection_peer_closed,
                                              .ended = connection_ended,
                                              .timer = connection_timer};

void dns_connection_begin(DnsConnection *c, DnsServer *server, const DnsAsker *asker, uint32_t number) {
    c->server = server;
    c->asker = *asker;
    c->asker.connection = number;
    c->incoming.size = 0;
    c->pending = 0;
}

void dns_connection_respond(DnsConnection *c, Bytes message, Effects *effects) {
    machine_step(&c->machine, DNS_CONNECTION_ON_RESPONSE, &message, effects);
}

void dns_connection_release(DnsConnection *c) { incoming_release(&c->incoming); }

/* ---- The resolver's end ---- */

static const char *const tcp_states[] = {
#define X(name) #name,
    DNS_TCP_STATES(X)
#undef X
};
static const MachineInput tcp_inputs[] = {{"ask", INPUT_COMMAND},
                                          {"connection stands", INPUT_WIRE},
                                          {"response", INPUT_WIRE},
                                          {"other side closes", INPUT_WIRE},
                                          {"no answer in time", INPUT_TIMER},
                                          {"stop", INPUT_COMMAND},
                                          {"connection is over", INPUT_WIRE}};
static const char *const tcp_timers[] = {"patience"};

static void be_patient(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_set(effects, DNS_TCP_TIMER_PATIENCE, effects->now + patience);
}

static void send_query(void *self, const void *argument, Effects *effects) {
    DnsTcp *t = self;
    (void)argument;
    say(effects, STREAM_COMMAND, bytes_of(t->query, t->query_size));
}

static void tell(Effects *effects, bool answered) {
    effect_timer_clear(effects, DNS_TCP_TIMER_PATIENCE);
    effect_ask(effects, ASK_TELL_NAME, answered, NULL, 0);
}

static void hand_on(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    tell(effects, true);
    effect_close(effects);
}

static void give_up(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    tell(effects, false);
}

static void give_up_and_abort(void *self, const void *argument, Effects *effects) {
    give_up(self, argument, effects);
    effect_abort(effects);
}

static void abort_tcp(void *self, const void *argument, Effects *effects) {
    (void)self, (void)argument;
    effect_timer_clear(effects, DNS_TCP_TIMER_PATIENCE);
    effect_abort(effects);
}

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(DNS_TCP_##from, DNS_TCP_ON_##input, guard, action, DNS_TCP_##to, "RFC 7766 " ref)
static const MachineRow tcp_rows[] = {
    ROW(CLOSED, CONNECT, NULL, be_patient, CONNECTING, "5"),
    ROW(CONNECTING, OPEN, NULL, send_query, WAITING, "6.2"),
    ROW(CONNECTING, TIMEOUT, NULL, give_up_and_abort, CLOSED, "6.2.3"),
    ROW(CONNECTING, BREAK_OFF, NULL, abort_tcp, CLOSED, "6.2.4"),
    ROW(CONNECTING, END, NULL, give_up, CLOSED, "6.2.4"),
    ROW(WAITING, RESPONSE, NULL, hand_on, CLOSING, "7"),
    ROW(WAITING, PEER_CLOSED, NULL, give_up_and_abort, CLOSED, "6.2.4"),
    ROW(WAITING, TIMEOUT, NULL, give_up_and_abort, CLOSED, "6.2.3"),
    ROW(WAITING, BREAK_OFF, NULL, abort_tcp, CLOSED, "6.2.4"),
    ROW(WAITING, END, NULL, give_up, CLOSED, "6.2.4"),
    ROW(CLOSING, PEER_CLOSED, NULL, NULL, CLOSING, "6.2.4"),
    ROW(CLOSING, END, NULL, NULL, CLOSED, "6.2.4"),
};

const MachineSpec dns_tcp_spec = {
    .name = "dns.tcp",
    .ref = "RFC 7766 6.2",
    .subject = "connection",
    MACHINE_LISTS(tcp_states, tcp_inputs, tcp_rows),
    .initial = DNS_TCP_CLOSED,
    MACHINE_TIMER_LIST(tcp_timers),
};

static void tcp_opened(void *self, Effects *effects) {
    machine_step(&((DnsTcp *)self)->machine, DNS_TCP_ON_OPEN, NULL, effects);
}

static size_t tcp_receive(void *self, Bytes octets, Effects *effects) {
    DnsTcp *t = self;
    if (t->machine.state != DNS_TCP_WAITING) return octets.size;
    size_t taken = take(&t->incoming, octets);
    if (is_whole(&t->incoming)) {
        t->response = message_of(&t->incoming);
        effect_heard(effects, &t->machine, STREAM_REPLY, t->response);
        machine_step(&t->machine, DNS_TCP_ON_RESPONSE, NULL, effects);
    }
    return taken;
}

static void tcp_peer_closed(void *self, Effects *effects) {
    machine_step(&((DnsTcp *)self)->machine, DNS_TCP_ON_PEER_CLOSED, NULL, effects);
}

static void tcp_ended(void *self, const char *how, Effects *effects) {
    DnsTcp *t = self;
    (void)how;
    if (t->machine.state != DNS_TCP_CLOSED) machine_step(&t->machine, DNS_TCP_ON_END, NULL, effects);
}

static void tcp_timer(void *self, uint8_t timer, Effects *effects) {
    (void)timer;
    machine_step(&((DnsTcp *)self)->machine, DNS_TCP_ON_TIMEOUT, NULL, effects);
}

static void tcp_connecting(void *self, Effects *effects) {
    machine_step(&((DnsTcp *)self)->machine, DNS_TCP_ON_CONNECT, NULL, effects);
}

const StreamProtocol dns_tcp_stream = {.proto = TRACE_PROTO_DNS,
                                       .connecting = tcp_connecting,
                                       .opened = tcp_opened,
                                       .receive = tcp_receive,
                                       .peer_closed = tcp_peer_closed,
                                       .ended = tcp_ended,
                                       .timer = tcp_timer};

void dns_tcp_begin(DnsTcp *t, Bytes query) {
    CHECK(query.size <= sizeof t->query);
    memcpy(t->query, query.at, query.size);
    t->query_size = query.size;
    t->incoming.size = 0;
    t->response = bytes_of(NULL, 0);
}

void dns_tcp_break_off(DnsTcp *t, Effects *effects) {
    if (t->machine.state == DNS_TCP_CONNECTING || t->machine.state == DNS_TCP_WAITING)
        machine_step(&t->machine, DNS_TCP_ON_BREAK_OFF, NULL, effects);
}

void dns_tcp_release(DnsTcp *t) { incoming_release(&t->incoming); }
