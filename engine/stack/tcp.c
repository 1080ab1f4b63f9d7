/* TCP's connection as a table. Lay it beside RFC 9293 figure 5 and section 3.10.
 *
 * The table says which call, segment or timer leads from which state to which, and what is due then; what a segment
 * means is worked out in tcp_input.c, and what is due leaves in tcp_output.c. A row's action therefore only notes what
 * is due: the same variables say it whichever way they came about.
 *
 * A listener is a machine in LISTEN. A connection that a SYN makes begins in LISTEN too, as its copy; back in LISTEN
 * (a RST, a second SYN) it is closed, while the listener goes on.
 *
 * The arrow SYN-RECEIVED to CLOSE-WAIT of section 3.10.7.4 (eighth) is never taken: a FIN is looked at behind the ACK
 * that leads to ESTABLISHED. */
#include "stack/facts.h"
#include "stack/tcp_inside.h"

const TcpSettings tcp_settings_default = {
    .nagle = true,
    .delayed_ack = 200 * SIM_MILLISECOND,
    .keep_alive_most = 8,
    .user_timeout = 300 * SIM_SECOND,
    .msl = 120 * SIM_SECOND,
    .receive_buffer = 65535,
    .send_buffer = 65536,
    .mss = TCP_MSS_MOST,
    .rto_min = SIM_SECOND,
};

static const char *const state_names[] = {
#define X(name, text) text,
    TCP_STATES(X)
#undef X
};
static const MachineInput inputs[] = {
#define X(name, text, kind) {text, INPUT_##kind},
    TCP_INPUTS(X)
#undef X
};
static const char *const timer_names[] = {"retransmission", "probe",     "delayed_ack",
                                          "keep_alive",     "time_wait", "user_timeout"};

/* ---- Guards ---- */

static bool was_passive(const void *self, const void *argument) {
    (void)argument;
    return ((const TcpConnection *)self)->passive;
}

static bool has_nothing_to_send(const void *self, const void *argument) {
    (void)argument;
    return ((const TcpConnection *)self)->sending.size == 0;
}

static bool may_ask_again(const void *self, const void *argument) {
    const TcpConnection *c = self;
    (void)argument;
    return c->keep_alive_probes < c->settings.keep_alive_most;
}

/* ---- Actions ---- */

#define ACTION(name) static void name(void *self, const void *argument, Effects *effects)
#define UNUSED() ((void)self, (void)argument, (void)effects)

/* In SYN-SENT a SYN, in SYN-RECEIVED a SYN,ACK: sequence number ISS goes (again). */
ACTION(send_syn) {
    TcpConnection *c = self;
    UNUSED();
    c->snd_at = c->iss;
}

ACTION(send_ack) {
    UNUSED();
    ((TcpConnection *)self)->ack_now = true;
}

ACTION(send_fin) {
    UNUSED();
    ((TcpConnection *)self)->close_wanted = true;
}

ACTION(send_reset) {
    UNUSED();
    ((TcpConnection *)self)->reset_due = true;
}

ACTION(retransmit) {
    TcpConnection *c = self;
    (void)argument;
    effect_fact(effects, &fact_tcp_retransmission, (int64_t[]){c->snd_una, fact_name("tcp.rto")});
    tcp_congestion_timeout(c, effects);
    tcp_rto_back_off(c);
    c->snd_at = c->snd_una;
    if (c->snd_una == c->iss) c->syn_resent = true;
    effect_timer_set(effects, TCP_TIMER_RETRANSMISSION, effects->now + c->rto);
}

ACTION(send_probe) {
    TcpConnection *c = self;
    UNUSED();
    c->probe_due = true;
}

ACTION(ask_again) {
    TcpConnection *c = self;
    UNUSED();
    c->keep_alive_due = true;
    c->keep_alive_probes++;
}

ACTION(start_time_wait) {
    TcpConnection *c = self;
    (void)argument;
    c->ack_now = true;
    effect_timer_set(effects, TCP_TIMER_TIME_WAIT, effects->now + 2 * c->settings.msl);
}

/* Our FIN is acknowledged and the peer's was before: there is nothing to answer. */
ACTION(start_quiet_time_wait) {
    TcpConnection *c = self;
    (void)argument;
    effect_timer_set(effects, TCP_TIMER_TIME_WAIT, effects->now + 2 * c->settings.msl);
}

/* ---- The table ---- */

#define ROW(from, input, guard, action, to, ref) \
    MACHINE_ROW(TCP_##from, TCP_ON_##input, guard, action, TCP_##to, "RFC " ref)
static const MachineRow rows[] = {
    ROW(CLOSED, PASSIVE_OPEN, NULL, NULL, LISTEN, "9293 3.10.1"),
    ROW(CLOSED, ACTIVE_OPEN, NULL, send_syn, SYN_SENT, "9293 3.10.1"),
    ROW(LISTEN, SYN, NULL, send_syn, SYN_RECEIVED, "9293 3.10.7.2"),
    ROW(LISTEN, SEND, NULL, send_syn, SYN_SENT, "9293 3.10.2"),
    ROW(LISTEN, CLOSE, NULL, NULL, CLOSED, "9293 3.10.4"),
    ROW(SYN_SENT, SYN_ACK, NULL, send_ack, ESTABLISHED, "9293 3.10.7.3"),
    ROW(SYN_SENT, SYN, NULL, send_syn, SYN_RECEIVED, "9293 3.10.7.3"),
    ROW(SYN_SENT, CLOSE, NULL, NULL, CLOSED, "9293 3.10.4"),
    ROW(SYN_SENT, RST, NULL, NULL, CLOSED, "9293 3.10.7.3"),
    ROW(SYN_SENT, UNREACHABLE, NULL, NULL, CLOSED, "1122 4.2.3.9"),
    ROW(SYN_SENT, ABORT, NULL, NULL, CLOSED, "9293 3.10.5"),
    ROW(SYN_SENT, RETRANSMISSION, NULL, retransmit, SYN_SENT, "6298 5"),
    ROW(SYN_SENT, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(SYN_RECEIVED, ACK_OF_SYN, NULL, NULL, ESTABLISHED, "9293 3.10.7.4"),
    ROW(SYN_RECEIVED, RST, was_passive, NULL, LISTEN, "9293 3.10.7.4"),
    ROW(SYN_RECEIVED, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(SYN_RECEIVED, SYN, was_passive, NULL, LISTEN, "9293 3.10.7.4"),
    ROW(SYN_RECEIVED, CLOSE, has_nothing_to_send, send_fin, FIN_WAIT_1, "9293 3.10.4"),
    ROW(SYN_RECEIVED, CLOSE, NULL, send_fin, SYN_RECEIVED, "9293 3.10.4"),
    ROW(SYN_RECEIVED, UNREACHABLE, was_passive, NULL, LISTEN, "1122 4.2.3.9"),
    ROW(SYN_RECEIVED, UNREACHABLE, NULL, NULL, CLOSED, "1122 4.2.3.9"),
    ROW(SYN_RECEIVED, ABORT, NULL, send_reset, CLOSED, "9293 3.10.5"),
    ROW(SYN_RECEIVED, RETRANSMISSION, NULL, retransmit, SYN_RECEIVED, "6298 5"),
    ROW(SYN_RECEIVED, USER_TIMEOUT, was_passive, NULL, LISTEN, "9293 3.10.8"),
    ROW(SYN_RECEIVED, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(ESTABLISHED, CLOSE, NULL, send_fin, FIN_WAIT_1, "9293 3.10.4"),
    ROW(ESTABLISHED, FIN, NULL, send_ack, CLOSE_WAIT, "9293 3.10.7.4"),
    ROW(ESTABLISHED, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(ESTABLISHED, ABORT, NULL, send_reset, CLOSED, "9293 3.10.5"),
    ROW(ESTABLISHED, RETRANSMISSION, NULL, retransmit, ESTABLISHED, "6298 5"),
    ROW(ESTABLISHED, PROBE, NULL, send_probe, ESTABLISHED, "9293 3.8.6.1"),
    ROW(ESTABLISHED, DELAYED_ACK, NULL, send_ack, ESTABLISHED, "9293 3.8.6.3"),
    ROW(ESTABLISHED, KEEP_ALIVE, may_ask_again, ask_again, ESTABLISHED, "9293 3.8.4"),
    ROW(ESTABLISHED, KEEP_ALIVE, NULL, NULL, CLOSED, "9293 3.8.4"),
    ROW(ESTABLISHED, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(FIN_WAIT_1, ACK_OF_FIN, NULL, NULL, FIN_WAIT_2, "9293 3.10.7.4"),
    ROW(FIN_WAIT_1, FIN, NULL, send_ack, CLOSING, "9293 3.10.7.4"),
    ROW(FIN_WAIT_1, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(FIN_WAIT_1, ABORT, NULL, send_reset, CLOSED, "9293 3.10.5"),
    ROW(FIN_WAIT_1, RETRANSMISSION, NULL, retransmit, FIN_WAIT_1, "6298 5"),
    ROW(FIN_WAIT_1, PROBE, NULL, send_probe, FIN_WAIT_1, "9293 3.8.6.1"),
    ROW(FIN_WAIT_1, DELAYED_ACK, NULL, send_ack, FIN_WAIT_1, "9293 3.8.6.3"),
    ROW(FIN_WAIT_1, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(FIN_WAIT_2, FIN, NULL, start_time_wait, TIME_WAIT, "9293 3.10.7.4"),
    ROW(FIN_WAIT_2, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(FIN_WAIT_2, ABORT, NULL, send_reset, CLOSED, "9293 3.10.5"),
    ROW(FIN_WAIT_2, DELAYED_ACK, NULL, send_ack, FIN_WAIT_2, "9293 3.8.6.3"),
    ROW(FIN_WAIT_2, KEEP_ALIVE, may_ask_again, ask_again, FIN_WAIT_2, "9293 3.8.4"),
    ROW(FIN_WAIT_2, KEEP_ALIVE, NULL, NULL, CLOSED, "9293 3.8.4"),
    /* Only where the user is gone: nobody else would ever end it. */
    ROW(FIN_WAIT_2, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(CLOSE_WAIT, CLOSE, NULL, send_fin, LAST_ACK, "9293 3.10.4"),
    ROW(CLOSE_WAIT, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(CLOSE_WAIT, ABORT, NULL, send_reset, CLOSED, "9293 3.10.5"),
    ROW(CLOSE_WAIT, RETRANSMISSION, NULL, retransmit, CLOSE_WAIT, "6298 5"),
    ROW(CLOSE_WAIT, PROBE, NULL, send_probe, CLOSE_WAIT, "9293 3.8.6.1"),
    ROW(CLOSE_WAIT, KEEP_ALIVE, may_ask_again, ask_again, CLOSE_WAIT, "9293 3.8.4"),
    ROW(CLOSE_WAIT, KEEP_ALIVE, NULL, NULL, CLOSED, "9293 3.8.4"),
    ROW(CLOSE_WAIT, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(CLOSING, ACK_OF_FIN, NULL, start_quiet_time_wait, TIME_WAIT, "9293 3.10.7.4"),
    ROW(CLOSING, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(CLOSING, ABORT, NULL, NULL, CLOSED, "9293 3.10.5"),
    ROW(CLOSING, RETRANSMISSION, NULL, retransmit, CLOSING, "6298 5"),
    ROW(CLOSING, PROBE, NULL, send_probe, CLOSING, "9293 3.8.6.1"),
    ROW(CLOSING, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(LAST_ACK, ACK_OF_FIN, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(LAST_ACK, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(LAST_ACK, ABORT, NULL, NULL, CLOSED, "9293 3.10.5"),
    ROW(LAST_ACK, RETRANSMISSION, NULL, retransmit, LAST_ACK, "6298 5"),
    ROW(LAST_ACK, PROBE, NULL, send_probe, LAST_ACK, "9293 3.8.6.1"),
    ROW(LAST_ACK, USER_TIMEOUT, NULL, NULL, CLOSED, "9293 3.10.8"),
    ROW(TIME_WAIT, FIN, NULL, start_time_wait, TIME_WAIT, "9293 3.10.7.4"),
    ROW(TIME_WAIT, SYN, NULL, NULL, CLOSED, "9293 3.6.1"),
    ROW(TIME_WAIT, RST, NULL, NULL, CLOSED, "9293 3.10.7.4"),
    ROW(TIME_WAIT, TIME_WAIT_OVER, NULL, NULL, CLOSED, "9293 3.10.8"),
};

const MachineSpec tcp_spec = {
    .name = "tcp",
    .ref = "RFC 9293 figure 5",
    .subject = "connection",
    MACHINE_LISTS(state_names, inputs, rows),
    .beyond_inputs = 1 << TCP_ON_ABORT | 1 << TCP_ON_RST | 1 << TCP_ON_UNREACHABLE | 1 << TCP_ON_RETRANSMISSION |
                     1 << TCP_ON_PROBE | 1 << TCP_ON_DELAYED_ACK | 1 << TCP_ON_KEEP_ALIVE | 1 << TCP_ON_USER_TIMEOUT,
    .initial = TCP_CLOSED,
    MACHINE_TIMER_LIST(timer_names),
    .busy_timers = 1 << TCP_TIMER_RETRANSMISSION | 1 << TCP_TIMER_DELAYED_ACK | 1 << TCP_TIMER_KEEP_ALIVE |
                   1 << TCP_TIMER_USER_TIMEOUT,
};

uint32_t tcp_step(TcpConnection *c, TcpInput input, uint32_t cause) {
    Sim *sim = c->tcp->stack->sim;
    Effects *effects = sim_effects(sim);
    machine_step(&c->machine, (uint8_t)input, NULL, effects);
    return sim_apply(sim, effects, cause);
}

void tcp_ignore(TcpConnection *c, const char *reason, uint32_t cause) {
    Sim *sim = c->tcp->stack->sim;
    Effects *effects = sim_effects(sim);
    effect_ignored(effects, &c->machine, reason);
    sim_apply(sim, effects, cause);
}

void tcp_state_fact(TcpConnection *c, const FactSpec *spec, const int64_t *values, uint32_t cause) {
    sim_record_fact(c->tcp->stack->sim, c->tcp->stack->host, c->machine.id, c->machine.subject, spec, values, cause);
}

/* ---- Telling the user ---- */

void tcp_note(TcpConnection *c, uint8_t what, uint32_t cause) {
    c->tell |= what;
    c->tell_cause = cause;
}

/* The end in order waits until everything was read. */
static bool may_tell_end(const TcpConnection *c) {
    return (c->tell & TCP_TELL_ENDED) && (c->how != TCP_END_CLOSED || c->receiving.size == 0);
}

static void tell(TcpConnection *c) {
    while (c->user) {
        const TcpUser *user = c->user;
        uint8_t next = c->tell & (uint8_t)-c->tell; /* the lowest bit: what came first */
        if (next == 0 || (next == TCP_TELL_ENDED && !may_tell_end(c))) return;
        c->tell &= (uint8_t)~next;
        void (*call)(void *, uint32_t) = next == TCP_TELL_OPENED     ? user->opened
                                         : next == TCP_TELL_READABLE ? user->readable
                                         : next == TCP_TELL_WRITABLE ? user->writable
                                                                     : user->peer_closed;
        if (next == TCP_TELL_ENDED) {
            c->user = NULL;
            if (user->ended) user->ended(c->self, c->how, c->tell_cause);
        } else if (call) {
            call(c->self, c->tell_cause);
        }
    }
}

void tcp_begin(TcpConnection *c) {
    CHECK(c->busy < UINT8_MAX);
    c->busy++;
}

void tcp_finish(TcpConnection *c, uint32_t cause) {
    if (c->busy == 1) tell(c);
    if (c->machine.state != TCP_CLOSED) tcp_output(c, cause);
    if (--c->busy == 0 && c->machine.state == TCP_CLOSED && !c->user) tcp_connection_release(c);
}

/* When the user has called, what there is to tell is told apart from the call. */
static void tell_later(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    TcpConnection *c = self;
    (void)other;
    if (c->machine.subject != number) return;
    tcp_begin(c);
    tcp_finish(c, cause);
}

static void tell_soon(TcpConnection *c, uint32_t cause) {
    Sim *sim = c->tcp->stack->sim;
    if (c->busy == 0) sim_schedule(sim, sim_now(sim), tell_later, c, c->machine.subject, 0, cause);
}

static const char *end_name(TcpEnd how) {
    static const char *const names[] = {"tcp.closed",  "tcp.reset",       "tcp.refused",
                                        "tcp.timeout", "tcp.unreachable", "tcp.aborted"};
    return names[how];
}

void tcp_end(TcpConnection *c, TcpEnd how, uint32_t cause) {
    if (!c->ended) {
        if (c->user) tcp_note(c, TCP_TELL_ENDED, cause);
        c->ended = true;
        c->how = how;
        tcp_state_fact(c, &fact_tcp_ended, (int64_t[]){fact_name(end_name(how))}, cause);
    }
    tcp_ring_release(&c->sending);
    if (c->machine.state != TCP_CLOSED) return;
    tcp_connection_hide(c);
    sim_machine_stop(&c->machine, cause);
    if (how != TCP_END_CLOSED) tcp_ring_release(&c->receiving);
}

/* ---- Timers ---- */

static void timer_input(TcpConnection *c, uint8_t timer, uint32_t cause) {
    static const uint8_t on[] = {TCP_ON_RETRANSMISSION, TCP_ON_PROBE,          TCP_ON_DELAYED_ACK,
                                 TCP_ON_KEEP_ALIVE,     TCP_ON_TIME_WAIT_OVER, TCP_ON_USER_TIMEOUT};
    TcpState before = tcp_state(c);
    uint32_t led = tcp_step(c, (TcpInput)on[timer], cause);
    if (tcp_state(c) == TCP_LISTEN) led = tcp_step(c, TCP_ON_CLOSE, led);
    if (tcp_state(c) == TCP_CLOSED) tcp_end(c, before == TCP_TIME_WAIT ? TCP_END_CLOSED : TCP_END_TIMEOUT, led);
    tcp_finish(c, led);
}

void tcp_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause) {
    TcpConnection *c = machine->self;
    (void)self;
    tcp_begin(c);
    timer_input(c, timer, cause);
}

/* ---- The user's calls: section 3.10 ---- */

TcpConnection *tcp_connect(IpStack *stack, const TcpOpen *open, const TcpUser *user, void *self, uint32_t cause) {
    Tcp *tcp = tcp_of(stack);
    Ipv4Address source = open->source ? open->source : ip_stack_source_for(stack, open->destination);
    uint16_t port = open->source_port;
    TcpConnection *c = NULL;
    const char *trouble = !stack->powered                        ? "host.off"
                          : source == 0                          ? "ipv4.no_route"
                          : ipv4_is_multicast(open->destination) ? "tcp.not_unicast"
                                                                 : NULL;
    if (!trouble && port == 0) {
        port = tcp_free_port(tcp, source, open->destination, open->destination_port);
        if (port == 0) trouble = "tcp.no_port";
    }
    if (!trouble && tcp_find(tcp, source, port, open->destination, open->destination_port)) trouble = "tcp.in_use";
    if (!trouble) {
        c = tcp_connection_new(tcp, source, port, open->destination, open->destination_port, &open->settings);
        if (!c) trouble = "tcp.too_many";
    }
    if (trouble) {
        uint32_t seq = sim_record_ignored(stack->sim, stack->host, tcp->machine, trouble, FRAME_NONE, 0, cause);
        if (user->ended) user->ended(self, TCP_END_UNREACHABLE, seq);
        return NULL;
    }
    c->user = user;
    c->self = self;
    bool listens = tcp_listening(tcp, port) != NULL;
    if (listens) c->machine.state = TCP_LISTEN; /* from passive to active, section 3.10.2 */
    tcp_output(c, tcp_step(c, listens ? TCP_ON_SEND : TCP_ON_ACTIVE_OPEN, cause));
    return c;
}

size_t tcp_write(TcpConnection *c, Bytes octets, uint32_t cause) {
    if (c->close_wanted || !tcp_is_in(c, TCP_TRANSMITTING | TCP_IN(SYN_SENT) | TCP_IN(SYN_RECEIVED))) return 0;
    uint32_t room = c->settings.send_buffer - c->sending.size;
    size_t taken = octets.size < room ? octets.size : room;
    c->write_refused = c->write_refused || taken < octets.size;
    tcp_ring_put(&c->sending, c->sending.size, bytes_slice(octets, 0, taken));
    c->sending.size += (uint32_t)taken;
    if (taken > 0) tcp_output(c, cause);
    return taken;
}

Bytes tcp_peek(const TcpConnection *c) { return tcp_ring_front(&c->receiving); }

void tcp_consume(TcpConnection *c, size_t size, uint32_t cause) {
    CHECK(size <= c->receiving.size);
    tcp_ring_drop(&c->receiving, (uint32_t)size);
    if (c->receiving.size == 0 && c->early_count == 0) tcp_ring_release(&c->receiving);
    if (c->busy > 0) return;
    if (may_tell_end(c)) tell_soon(c, cause);
    else if (c->machine.state != TCP_CLOSED) tcp_output(c, cause);
}

void tcp_close(TcpConnection *c, uint32_t cause) {
    if (c->close_wanted ||
        !tcp_is_in(c, TCP_IN(SYN_SENT) | TCP_IN(SYN_RECEIVED) | TCP_IN(ESTABLISHED) | TCP_IN(CLOSE_WAIT)))
        return;
    uint32_t led = tcp_step(c, TCP_ON_CLOSE, cause);
    if (tcp_state(c) == TCP_CLOSED) {
        tcp_end(c, TCP_END_ABORTED, led);
        tell_soon(c, led);
        return;
    }
    tcp_output(c, led);
}

void tcp_abort(TcpConnection *c, uint32_t cause) {
    tcp_begin(c);
    c->user = NULL;
    if (tcp_is_in(c, ~(TCP_IN(CLOSED) | TCP_IN(TIME_WAIT)))) {
        uint32_t led = tcp_step(c, TCP_ON_ABORT, cause);
        if (c->reset_due)
            tcp_send_reset(c->tcp->stack, c->local, c->local_port, c->remote, c->remote_port, c->snd_nxt, false, 0,
                           led);
        tcp_end(c, TCP_END_ABORTED, led);
    }
    tcp_finish(c, cause);
}

void tcp_forget(TcpConnection *c) {
    tcp_begin(c);
    c->user = NULL;
    c->forgotten = true;
    tcp_ring_drop(&c->receiving, c->receiving.size);
    if (c->early_count == 0) tcp_ring_release(&c->receiving);
    tcp_finish(c, TRACE_NONE);
}
