/* Connections and listeners: making, finding, releasing. */
#include <stdlib.h>
#include <string.h>

#include "stack/tcp_inside.h"

enum { BUCKETS_FIRST = 16, DYNAMIC_PORTS = 49152 /* RFC 6335 section 6 */, CONNECTIONS_MOST = 1 << 16 };

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

static uint64_t hash_of(uint64_t secret, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                        uint16_t remote_port) {
    return mix(mix(secret ^ ((uint64_t)local << 32 | remote)) + ((uint32_t)local_port << 16 | remote_port));
}

Tcp *tcp_of(IpStack *stack) {
    if (stack->tcp) return stack->tcp;
    Tcp *tcp = memory_new(sizeof *tcp);
    tcp->stack = stack;
    tcp->carrier = (EffectCarrier){.self = tcp, .host = stack->host, .timer = tcp_timer, .sim = stack->sim};
    tcp->machine = trace_add_machine(sim_trace(stack->sim), stack->host, &tcp_spec);
    tcp->random = random_stream(sim_seed(stack->sim), stack->name, "tcp");
    tcp->secret = random_next(&tcp->random);
    tcp->next_port = (uint16_t)(DYNAMIC_PORTS + random_below(&tcp->random, 65536 - DYNAMIC_PORTS));
    tcp->bucket_count = BUCKETS_FIRST;
    tcp->buckets = memory_new(BUCKETS_FIRST * sizeof(TcpConnection *));
    stack->tcp = tcp;
    return tcp;
}

static void release_octets(TcpConnection *c) {
    tcp_ring_release(&c->sending);
    tcp_ring_release(&c->receiving);
    free(c->early);
    c->early = NULL;
    c->early_count = 0;
}

void tcp_release(IpStack *stack) {
    Tcp *tcp = stack->tcp;
    if (!tcp) return;
    for (size_t i = 0; i < tcp->count; i++) {
        release_octets(tcp->all[i]);
        free(tcp->all[i]);
    }
    while (tcp->idle) {
        TcpConnection *next = tcp->idle->next;
        free(tcp->idle);
        tcp->idle = next;
    }
    for (size_t i = 0; i < tcp->listener_count; i++) free(tcp->listeners[i]);
    free(tcp->all);
    free(tcp->buckets);
    free(tcp->listeners);
    free(tcp);
    stack->tcp = NULL;
}

/* ---- The table of connections ---- */

static TcpConnection **bucket_of(const Tcp *tcp, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                                 uint16_t remote_port) {
    uint64_t hash = hash_of(tcp->secret, local, local_port, remote, remote_port);
    return &tcp->buckets[hash & (tcp->bucket_count - 1)];
}

TcpConnection *tcp_find(const Tcp *tcp, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                        uint16_t remote_port) {
    TcpConnection *c = *bucket_of(tcp, local, local_port, remote, remote_port);
    while (c &&
           !(c->remote_port == remote_port && c->local_port == local_port && c->remote == remote && c->local == local))
        c = c->next;
    return c;
}

static void enter(Tcp *tcp, TcpConnection *c) {
    TcpConnection **bucket = bucket_of(tcp, c->local, c->local_port, c->remote, c->remote_port);
    c->next = *bucket;
    *bucket = c;
    c->found = true;
}

void tcp_connection_hide(TcpConnection *c) {
    if (!c->found) return;
    TcpConnection **at = bucket_of(c->tcp, c->local, c->local_port, c->remote, c->remote_port);
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    c->found = false;
}

static void grow_buckets(Tcp *tcp) {
    free(tcp->buckets);
    tcp->bucket_count *= 2;
    tcp->buckets = memory_new(tcp->bucket_count * sizeof(TcpConnection *));
    for (size_t i = 0; i < tcp->count; i++)
        if (tcp->all[i]->found) enter(tcp, tcp->all[i]);
}

/* RFC 9293 section 3.4.1: ISN = M + F(localip, localport, remoteip, remoteport, secretkey), where M ticks every 4
 * microseconds. */
static uint32_t initial_sequence(const Tcp *tcp, const TcpConnection *c) {
    uint64_t m = (uint64_t)(sim_now(tcp->stack->sim) / (4 * SIM_MICROSECOND));
    return (uint32_t)(m + (hash_of(~tcp->secret, c->local, c->local_port, c->remote, c->remote_port) >> 16));
}

static TcpSettings bounded(const TcpSettings *given) {
    TcpSettings s = *given;
    /* DEVIATION: no window scaling (RFC 7323): a window is at most what the header's 16 bits hold. */
    if (s.receive_buffer > UINT16_MAX) s.receive_buffer = UINT16_MAX;
    if (s.receive_buffer == 0) s.receive_buffer = 1;
    if (s.send_buffer == 0) s.send_buffer = 1;
    if (s.send_buffer > TCP_BUFFER_MOST) s.send_buffer = TCP_BUFFER_MOST;
    if (s.mss < TCP_MSS_LEAST) s.mss = TCP_MSS_LEAST;
    if (s.mss > TCP_MSS_MOST) s.mss = TCP_MSS_MOST;
    if (s.delayed_ack > 500 * SIM_MILLISECOND) s.delayed_ack = 500 * SIM_MILLISECOND;
    return s;
}

TcpConnection *tcp_connection_new(Tcp *tcp, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                                  uint16_t remote_port, const TcpSettings *settings) {
    if (tcp->count >= CONNECTIONS_MOST) return NULL;
    TcpConnection *c = tcp->idle;
    uint32_t generations[MACHINE_TIMERS] = {0};
    if (c) {
        tcp->idle = c->next;
        for (int i = 0; i < MACHINE_TIMERS; i++) generations[i] = c->machine.timers[i].generation + 1;
    } else {
        c = memory_new(sizeof *c);
    }
    *c = (TcpConnection){.tcp = tcp,
                         .place = (uint32_t)tcp->count,
                         .local = local,
                         .remote = remote,
                         .local_port = local_port,
                         .remote_port = remote_port,
                         .settings = bounded(settings),
                         .send_mss = TCP_DEFAULT_SEND_MSS};
    machine_init(&c->machine, &tcp_spec, c, &tcp->carrier, tcp->machine, ++tcp->numbers);
    /* What is in the event queue for who had this memory before is void. */
    for (int i = 0; i < MACHINE_TIMERS; i++) c->machine.timers[i].generation = generations[i];
    c->iss = c->snd_una = c->snd_nxt = c->snd_at = initial_sequence(tcp, c);
    c->recover = c->iss;
    tcp_rto_init(c);
    tcp->all = array_grow(tcp->all, &tcp->capacity, tcp->count + 1, sizeof(TcpConnection *));
    tcp->all[tcp->count++] = c;
    if (tcp->count > tcp->bucket_count) grow_buckets(tcp);
    enter(tcp, c);
    return c;
}

void tcp_connection_release(TcpConnection *c) {
    Tcp *tcp = c->tcp;
    tcp_connection_hide(c);
    tcp_backlog_leave(c);
    release_octets(c);
    sim_machine_silence(&c->machine);
    TcpConnection *last = tcp->all[--tcp->count];
    tcp->all[c->place] = last;
    last->place = c->place;
    c->machine.subject = 0;
    c->next = tcp->idle;
    tcp->idle = c;
}

void tcp_power_off(IpStack *stack) {
    Tcp *tcp = stack->tcp;
    if (!tcp) return;
    while (tcp->count > 0) tcp_connection_release(tcp->all[tcp->count - 1]);
    for (size_t i = 0; i < tcp->listener_count; i++) free(tcp->listeners[i]);
    tcp->listener_count = 0;
}

/* ---- Ports ---- */

static bool port_in_use(const Tcp *tcp, Ipv4Address local, uint16_t port, Ipv4Address remote, uint16_t remote_port) {
    return tcp_find(tcp, local, port, remote, remote_port) != NULL || tcp_listening(tcp, port) != NULL;
}

uint16_t tcp_free_port(Tcp *tcp, Ipv4Address local, Ipv4Address remote, uint16_t remote_port) {
    for (int tries = 0; tries < 65536 - DYNAMIC_PORTS; tries++) {
        uint16_t port = tcp->next_port;
        tcp->next_port = port == UINT16_MAX ? DYNAMIC_PORTS : (uint16_t)(port + 1);
        if (!port_in_use(tcp, local, port, remote, remote_port)) return port;
    }
    return 0;
}

/* ---- Listeners ---- */

Listening *tcp_listening(const Tcp *tcp, uint16_t port) {
    for (size_t i = 0; i < tcp->listener_count; i++)
        if (tcp->listeners[i]->listener.port == port) return tcp->listeners[i];
    return NULL;
}

static void listener_step(Listening *l, TcpInput input) {
    Sim *sim = l->machine.carrier->sim;
    Effects *effects = sim_effects(sim);
    machine_step(&l->machine, (uint8_t)input, NULL, effects);
    sim_apply(sim, effects, TRACE_NONE);
}

bool tcp_listen(IpStack *stack, const TcpListener *listener) {
    Tcp *tcp = tcp_of(stack);
    if (tcp_listening(tcp, listener->port)) return false;
    Listening *l = memory_new(sizeof *l);
    l->listener = *listener;
    machine_init(&l->machine, &tcp_spec, l, &tcp->carrier, tcp->machine, ++tcp->numbers);
    tcp->listeners = array_grow(tcp->listeners, &tcp->listener_capacity, tcp->listener_count + 1, sizeof(Listening *));
    tcp->listeners[tcp->listener_count++] = l;
    listener_step(l, TCP_ON_PASSIVE_OPEN);
    return true;
}

void tcp_listen_end(IpStack *stack, uint16_t port) {
    Tcp *tcp = stack->tcp;
    if (!tcp) return;
    for (size_t i = 0; i < tcp->listener_count; i++) {
        Listening *l = tcp->listeners[i];
        if (l->listener.port != port) continue;
        listener_step(l, TCP_ON_CLOSE);
        tcp->listeners[i] = tcp->listeners[--tcp->listener_count];
        free(l);
        for (size_t k = 0; k < tcp->count; k++)
            if (tcp->all[k]->local_port == port) tcp->all[k]->in_backlog = false;
        return;
    }
}

bool tcp_backlog_enter(TcpConnection *c, Listening *l) {
    if (l->pending >= (l->listener.backlog ? l->listener.backlog : TCP_BACKLOG)) return false;
    l->pending++;
    c->in_backlog = true;
    return true;
}

void tcp_backlog_leave(TcpConnection *c) {
    if (!c->in_backlog) return;
    c->in_backlog = false;
    tcp_listening(c->tcp, c->local_port)->pending--;
}

/* ---- What can be seen ---- */

size_t tcp_connection_count(const IpStack *stack) { return stack->tcp ? stack->tcp->count : 0; }

TcpStatus tcp_connection_status(const IpStack *stack, size_t index) {
    CHECK(index < tcp_connection_count(stack));
    return tcp_status(stack->tcp->all[index]);
}

TcpStatus tcp_status(const TcpConnection *c) {
    return (TcpStatus){.local = c->local,
                       .remote = c->remote,
                       .local_port = c->local_port,
                       .remote_port = c->remote_port,
                       .number = c->machine.subject,
                       .machine = c->machine.id,
                       .state = tcp_spec.states[c->machine.state],
                       .unsent = seq_before(c->snd_nxt, tcp_data_end(c)) ? tcp_data_end(c) - c->snd_nxt : 0,
                       .unacknowledged = c->snd_nxt - c->snd_una,
                       .unread = c->receiving.size,
                       .congestion_window = c->cwnd,
                       .slow_start_threshold = c->ssthresh,
                       .send_window = c->snd_wnd,
                       .receive_window = c->rcv_edge - c->rcv_nxt,
                       .rto = c->rto,
                       .smoothed_rtt = c->srtt};
}
