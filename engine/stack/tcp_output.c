/* What leaves, and when: RFC 9293 sections 3.7.4 (Nagle), 3.8.6 (windows) and 3.10.2 (SEND). */
#include "stack/facts.h"
#include "stack/tcp_inside.h"

/* ---- The window we announce ---- */

static uint32_t least_step(const TcpConnection *c) {
    uint32_t half = c->settings.receive_buffer / 2;
    return half < c->settings.mss ? half : c->settings.mss;
}

/* Section 3.8.6.2.2: the right edge stays until it can move by a good step, and never goes back. */
uint32_t tcp_window_edge(const TcpConnection *c) {
    uint32_t edge = c->rcv_nxt + c->settings.receive_buffer - c->receiving.size;
    uint32_t step = least_step(c);
    return !seq_before(edge, c->rcv_edge + (step ? step : 1)) ? edge : c->rcv_edge;
}

/* Is it time to say that the window has opened, though nothing else is to be said? */
static bool window_update_is_due(const TcpConnection *c) {
    if (!tcp_is_in(c, TCP_RECEIVING)) return false;
    uint32_t grown = tcp_window_edge(c) - c->rcv_edge, open = c->rcv_edge - c->rcv_nxt;
    if (grown == 0) return false;
    return grown >= 2U * c->settings.mss || grown >= c->settings.receive_buffer / 2 || open < least_step(c);
}

/* ---- Segments ---- */

typedef struct {
    uint32_t seq, size;
    uint8_t flags;
    bool with_mss;
} Out;

static void transmit(TcpConnection *c, const Out *out, uint32_t cause) {
    uint8_t packet[IPV4_HEADER_SIZE + TCP_HEADER_MOST + TCP_MSS_MOST];
    if (out->flags & TCP_FLAG_ACK) c->rcv_edge = tcp_window_edge(c);
    uint32_t window = out->flags & TCP_FLAG_ACK ? c->rcv_edge - c->rcv_nxt : c->settings.receive_buffer;
    TcpSegment s = {.source_port = c->local_port,
                    .destination_port = c->remote_port,
                    .seq = out->seq,
                    .ack = out->flags & TCP_FLAG_ACK ? c->rcv_nxt : 0,
                    .flags = out->flags,
                    .window = (uint16_t)(window > UINT16_MAX ? UINT16_MAX : window),
                    .mss = out->with_mss ? c->settings.mss : 0};
    ByteWriter w = byte_writer(packet + IPV4_HEADER_SIZE, sizeof packet - IPV4_HEADER_SIZE);
    uint8_t *data = packet + IPV4_HEADER_SIZE + tcp_encoded_header_size(&s);
    if (out->size > 0) tcp_ring_copy(&c->sending, out->seq - tcp_data_start(c), data, out->size);
    s.payload = bytes_of(data, out->size);
    tcp_encode(&s, c->local, c->remote, &w);
    if (out->flags & TCP_FLAG_ACK) {
        c->ack_now = c->ack_later = false;
        c->unacknowledged = 0;
    }
    ip_send_segment(c->tcp->stack, c->local, c->remote, packet, w.size, c->machine.id, cause);
}

/* SND.NXT follows what is sent for the first time, and that is timed (RFC 6298 section 3). */
static void sent_up_to(TcpConnection *c, uint32_t seq, uint32_t end) {
    bool is_new = seq == c->snd_nxt;
    c->snd_at = end;
    c->sent_at = tcp_now(c);
    c->snd_nxt = seq_later(c->snd_nxt, end);
    if (c->timing || !is_new) return;
    c->timing = true;
    c->timed = end;
    c->timed_at = tcp_now(c);
}

static void send_syn(TcpConnection *c, uint32_t cause) {
    uint8_t flags = tcp_state(c) == TCP_SYN_SENT ? TCP_FLAG_SYN : TCP_FLAG_SYN | TCP_FLAG_ACK;
    transmit(c, &(Out){.seq = c->iss, .flags = flags, .with_mss = true}, cause);
    sent_up_to(c, c->iss, c->iss + 1);
}

void tcp_send_ack(TcpConnection *c, uint32_t cause) {
    transmit(c, &(Out){.seq = c->snd_nxt, .flags = TCP_FLAG_ACK}, cause);
}

static bool fin_is_wanted(const TcpConnection *c) {
    return tcp_is_in(c, TCP_IN(FIN_WAIT_1) | TCP_IN(CLOSING) | TCP_IN(LAST_ACK)) && !tcp_fin_acknowledged(c);
}

/* What goes from `seq` on if `usable` octets of window are there. */
static Out piece_at(const TcpConnection *c, uint32_t seq, uint32_t usable) {
    uint32_t left = seq_before(seq, tcp_data_end(c)) ? tcp_data_end(c) - seq : 0;
    uint32_t size = left < usable ? left : usable;
    if (size > c->send_mss) size = c->send_mss;
    Out out = {.seq = seq, .size = size, .flags = TCP_FLAG_ACK};
    if (size == left && size > 0) out.flags |= TCP_FLAG_PSH;
    if (size == left && size < usable && fin_is_wanted(c)) out.flags |= TCP_FLAG_FIN;
    return out;
}

/* Section 3.8.6.2.1, the sender's silly window avoidance, with Nagle's algorithm (section 3.7.4). */
static bool may_go(const TcpConnection *c, const Out *out) {
    bool all = out->flags & TCP_FLAG_PSH, idle = c->snd_una == c->snd_nxt;
    if (out->size == c->send_mss || c->probe_due || (out->flags & TCP_FLAG_FIN)) return true;
    if (seq_before(out->seq, c->snd_nxt)) return all || out->seq == c->snd_una; /* sent before */
    if (c->settings.nagle && !idle) return false;
    return all || out->size >= c->max_snd_wnd / 2;
}

static uint32_t usable_window(const TcpConnection *c) {
    uint32_t cwnd = tcp_congestion_window(c), window = c->snd_wnd < cwnd ? c->snd_wnd : cwnd;
    uint32_t edge = c->snd_una + window;
    if (seq_before(c->snd_at, edge)) return edge - c->snd_at;
    /* A probe of a closed window (section 3.8.6.1), or the oldest octet once more though the window has shrunk. */
    bool oldest_again = c->snd_at == c->snd_una && seq_before(c->snd_at, c->snd_nxt);
    return c->probe_due || oldest_again ? 1 : 0;
}

static void send_data(TcpConnection *c, uint32_t cause) {
    while (seq_before(c->snd_at, tcp_data_end(c) + fin_is_wanted(c))) {
        tcp_congestion_before_sending(c);
        uint32_t usable = usable_window(c);
        if (usable == 0) break;
        Out out = piece_at(c, c->snd_at, usable);
        bool fin = out.flags & TCP_FLAG_FIN;
        if ((out.size == 0 && !fin) || !may_go(c, &out)) break;
        c->probe_due = false;
        c->fin_out = c->fin_out || fin;
        transmit(c, &out, cause);
        sent_up_to(c, out.seq, out.seq + out.size + fin);
    }
    c->probe_due = false;
}

void tcp_send_first_again(TcpConnection *c, uint32_t cause) {
    uint32_t usable = c->snd_nxt - c->snd_una;
    if (usable > c->snd_wnd) usable = c->snd_wnd ? c->snd_wnd : 1;
    Out out = piece_at(c, c->snd_una, usable);
    if (out.size > 0 || (out.flags & TCP_FLAG_FIN)) transmit(c, &out, cause);
}

void tcp_output(TcpConnection *c, uint32_t cause) {
    if (tcp_is_in(c, TCP_IN(CLOSED) | TCP_IN(LISTEN))) return;
    if (c->snd_at == c->iss) send_syn(c, cause);
    if (tcp_is_in(c, TCP_TRANSMITTING)) {
        tcp_congestion_resend(c, cause);
        send_data(c, cause);
    }
    if (c->keep_alive_due) { /* section 3.8.4: an octet that was acknowledged already makes the peer answer */
        c->keep_alive_due = false;
        transmit(c, &(Out){.seq = c->snd_nxt - 1, .flags = TCP_FLAG_ACK}, cause);
    }
    if (c->ack_now || window_update_is_due(c)) tcp_send_ack(c, cause);
    tcp_timers_update(c, cause);
}

void tcp_send_reset(IpStack *stack, Ipv4Address source, uint16_t source_port, Ipv4Address destination,
                    uint16_t destination_port, uint32_t seq, bool has_ack, uint32_t ack, uint32_t cause) {
    uint8_t packet[IPV4_HEADER_SIZE + TCP_HEADER_SIZE];
    TcpSegment s = {.source_port = source_port,
                    .destination_port = destination_port,
                    .seq = seq,
                    .ack = has_ack ? ack : 0,
                    .flags = (uint8_t)(TCP_FLAG_RST | (has_ack ? TCP_FLAG_ACK : 0))};
    ByteWriter w = byte_writer(packet + IPV4_HEADER_SIZE, TCP_HEADER_SIZE);
    tcp_encode(&s, source, destination, &w);
    ip_send_segment(stack, source, destination, packet, w.size, tcp_of(stack)->machine, cause);
}
