/* SEGMENT ARRIVES: RFC 9293 section 3.10.7, step by step, each step a function named after it. */
#include <string.h>

#include "base/arena.h"
#include "stack/facts.h"
#include "stack/tcp_inside.h"

typedef struct {
    TcpConnection *c;
    TcpSegment s; /* trimmed to the window as it goes */
    uint32_t cause;
    Listening *listener; /* of the port, or NULL */
    bool has_iss_after;  /* a connection made for it has an ISN beyond this one */
    uint32_t iss_after;
} Arrival;

static bool has(const Arrival *a, uint8_t flag) { return a->s.flags & flag; }

/* The segment is dealt with; what is left is not looked at. */
static bool drop(Arrival *a, const char *reason) {
    tcp_ignore(a->c, reason, a->cause);
    return false;
}

/* RFC 5961 section 7: what takes no part of the sequence space, a SYN and a RST are answered ten times a second at
 * most: they may be an attacker's, or the answer to an answer. */
static bool drop_with_ack(Arrival *a, const char *reason) {
    TcpConnection *c = a->c;
    tcp_ignore(c, reason, a->cause);
    if (tcp_now(c) - c->challenges_since >= SIM_SECOND) {
        c->challenges_since = tcp_now(c);
        c->challenges = 0;
    }
    bool limited = a->s.payload.size == 0 || has(a, TCP_FLAG_SYN) || has(a, TCP_FLAG_RST);
    if (limited && c->challenges == TCP_CHALLENGES) return false;
    c->challenges += limited;
    tcp_send_ack(c, a->cause);
    return false;
}

static void reset_for(const Arrival *a, Ipv4Address source, Ipv4Address destination, IpStack *stack, uint32_t cause) {
    const TcpSegment *s = &a->s;
    if (has(a, TCP_FLAG_ACK))
        tcp_send_reset(stack, destination, s->destination_port, source, s->source_port, s->ack, false, 0, cause);
    else
        tcp_send_reset(stack, destination, s->destination_port, source, s->source_port, 0, true,
                       s->seq + tcp_segment_length(s), cause);
}

static void answer_reset(const Arrival *a) { reset_for(a, a->c->remote, a->c->local, a->c->tcp->stack, a->cause); }

/* ---- Shared by several states ---- */

static void set_send_window(Arrival *a) {
    TcpConnection *c = a->c;
    c->snd_wnd = a->s.window;
    c->snd_wl1 = a->s.seq;
    c->snd_wl2 = a->s.ack;
    if (c->snd_wnd > c->max_snd_wnd) c->max_snd_wnd = c->snd_wnd;
}

static void take_syn(Arrival *a) {
    TcpConnection *c = a->c;
    c->irs = a->s.seq;
    c->rcv_nxt = a->s.seq + 1;
    c->rcv_edge = c->rcv_nxt + c->settings.receive_buffer;
    set_send_window(a);
    uint16_t mss = a->s.mss ? a->s.mss : TCP_DEFAULT_SEND_MSS;
    if (mss < TCP_MSS_LEAST) mss = TCP_MSS_LEAST;
    c->send_mss = mss < c->settings.mss ? mss : c->settings.mss;
    tcp_congestion_begin(c);
}

/* SEG.ACK acknowledges something new. */
static void advance(Arrival *a) {
    TcpConnection *c = a->c;
    uint32_t octets = a->s.ack - c->snd_una;
    if (c->timing && seq_up_to(c->timed, a->s.ack)) {
        c->timing = false;
        tcp_rto_sample(c, tcp_now(c) - c->timed_at, a->cause);
    }
    if (c->snd_una == c->iss) octets--; /* our SYN is no octet of the stream */
    bool fin = c->fin_out && a->s.ack == c->snd_nxt;
    if (fin) octets--;
    tcp_ring_drop(&c->sending, octets);
    c->snd_una = a->s.ack;
    c->snd_at = seq_later(c->snd_at, c->snd_una);
    if (c->sending.size == 0) tcp_ring_release(&c->sending);
    if (octets > 0) tcp_congestion_acked(c, octets, a->cause);
    tcp_timers_progress(c, a->cause);
    if (c->write_refused && c->sending.size < c->settings.send_buffer) {
        c->write_refused = false;
        tcp_note(c, TCP_TELL_WRITABLE, a->cause);
    }
}

static void update_send_window(Arrival *a) {
    TcpConnection *c = a->c;
    if (!seq_before(c->snd_wl1, a->s.seq) && !(c->snd_wl1 == a->s.seq && seq_up_to(c->snd_wl2, a->s.ack))) return;
    bool was_open = c->snd_wnd > 0, is_open = a->s.window > 0;
    set_send_window(a);
    if (was_open != is_open) tcp_state_fact(c, &fact_tcp_window, (int64_t[]){is_open}, a->cause);
}

static void established(Arrival *a, uint32_t led) {
    TcpConnection *c = a->c;
    tcp_backlog_leave(c);
    tcp_congestion_begin(c);
    tcp_rto_connected(c);
    tcp_state_fact(c, &fact_tcp_established, (int64_t[]){c->local, c->local_port, c->remote, c->remote_port}, led);
    if (!c->passive) {
        tcp_note(c, TCP_TELL_OPENED, led);
    } else {
        const TcpListener *l = a->listener ? &a->listener->listener : NULL;
        c->user = l ? l->accepted(l->self, c, &c->self, led) : NULL;
        if (!c->user && !c->forgotten) {
            tcp_abort(c, led);
            return;
        }
        if (c->user) tcp_note(c, TCP_TELL_OPENED, led);
    }
    if (c->close_wanted && tcp_state(c) == TCP_ESTABLISHED) tcp_step(c, TCP_ON_CLOSE, led);
}

static void over(Arrival *a, TcpInput input, TcpEnd how) {
    TcpConnection *c = a->c;
    uint32_t led = tcp_step(c, input, a->cause);
    if (tcp_state(c) == TCP_LISTEN) led = tcp_step(c, TCP_ON_CLOSE, led);
    tcp_end(c, how, led);
}

/* ---- 3.10.7.3: SYN-SENT ---- */

static bool syn_sent_arrival(Arrival *a) {
    TcpConnection *c = a->c;
    const TcpSegment *s = &a->s;
    bool ack = has(a, TCP_FLAG_ACK);
    if (ack && (seq_up_to(s->ack, c->iss) || seq_before(c->snd_nxt, s->ack))) {
        if (!has(a, TCP_FLAG_RST)) answer_reset(a);
        return drop(a, "tcp.ack_of_nothing_sent");
    }
    if (has(a, TCP_FLAG_RST)) {
        if (!ack) return drop(a, "tcp.reset_out_of_place");
        over(a, TCP_ON_RST, TCP_END_REFUSED);
        return false;
    }
    if (!has(a, TCP_FLAG_SYN)) return drop(a, "tcp.no_syn");
    take_syn(a);
    if (!ack) {
        c->timing = false;
        a->cause = tcp_step(c, TCP_ON_SYN, a->cause);
        return false;
    }
    advance(a);
    a->cause = tcp_step(c, TCP_ON_SYN_ACK, a->cause);
    established(a, a->cause);
    a->s.seq++; /* what came along with the SYN */
    return tcp_state(c) != TCP_CLOSED;
}

/* ---- 3.10.7.4: all other states ---- */

/* First, check sequence number: table 6. */
static bool is_acceptable(const TcpConnection *c, const TcpSegment *s) {
    uint32_t window = c->rcv_edge - c->rcv_nxt, length = tcp_segment_length(s), first = s->seq - c->rcv_nxt;
    if (length == 0) return window == 0 ? first == 0 : first < window;
    return window > 0 && (first < window || first + length - 1 < window);
}

static bool first_check_sequence_number(Arrival *a) {
    TcpConnection *c = a->c;
    TcpSegment *s = &a->s;
    /* The SYN,ACK of a simultaneous open (figure 7): its SYN was dealt with, its ACK was not. */
    if (tcp_state(c) == TCP_SYN_RECEIVED && has(a, TCP_FLAG_SYN) && has(a, TCP_FLAG_ACK) && s->seq == c->irs) {
        s->flags &= (uint8_t)~TCP_FLAG_SYN;
        s->seq++;
    }
    if (!is_acceptable(c, s)) {
        /* "If the RCV.WND is zero, ... special allowance should be made to accept valid ACKs, URGs, and RSTs." */
        bool closed = c->rcv_edge == c->rcv_nxt && s->seq == c->rcv_nxt;
        if (!closed || has(a, TCP_FLAG_SYN)) {
            if (has(a, TCP_FLAG_RST)) return drop(a, "tcp.out_of_window");
            if (tcp_state(c) == TCP_TIME_WAIT && has(a, TCP_FLAG_FIN) && s->seq + s->payload.size == c->fin_at)
                a->cause = tcp_step(c, TCP_ON_FIN, a->cause); /* 2MSL begins anew; ack_now answers */
            else drop_with_ack(a, "tcp.out_of_window");
            return false;
        }
        c->ack_now = true;
    }
    /* "It could be tailored to actual segments by trimming off any portions that lie outside the window." */
    if (seq_before(s->seq, c->rcv_nxt) && !has(a, TCP_FLAG_SYN)) {
        uint32_t old = c->rcv_nxt - s->seq;
        if (old > s->payload.size) old = (uint32_t)s->payload.size; /* the FIN is behind it */
        s->payload = bytes_slice(s->payload, old, s->payload.size);
        s->seq += old;
    }
    uint32_t room = c->rcv_edge - s->seq;
    if (s->payload.size >= room) { /* the FIN would stand behind */
        s->payload.size = room;
        s->flags &= (uint8_t)~TCP_FLAG_FIN;
    }
    return true;
}

/* Second, check the RST bit, with RFC 5961 section 3. */
static bool second_check_rst(Arrival *a) {
    TcpConnection *c = a->c;
    if (!has(a, TCP_FLAG_RST)) return true;
    if (a->s.seq != c->rcv_nxt) return drop_with_ack(a, "tcp.reset_not_exact");
    TcpState state = tcp_state(c);
    over(a, TCP_ON_RST,
         state == TCP_SYN_RECEIVED ? TCP_END_REFUSED
         : state == TCP_TIME_WAIT  ? TCP_END_CLOSED
                                   : TCP_END_RESET);
    return false;
}

/* Fourth, check the SYN bit, with RFC 5961 section 4. (The third step, security, has no meaning here.) */
static bool fourth_check_syn(Arrival *a) {
    if (!has(a, TCP_FLAG_SYN)) return true;
    if (tcp_state(a->c) != TCP_SYN_RECEIVED || !a->c->passive) return drop_with_ack(a, "tcp.syn_in_connection");
    over(a, TCP_ON_SYN, TCP_END_RESET);
    return false;
}

/* ESTABLISHED, and what all later states do too. */
static bool acknowledge(Arrival *a) {
    TcpConnection *c = a->c;
    const TcpSegment *s = &a->s;
    if (seq_before(c->snd_nxt, s->ack)) return drop_with_ack(a, "tcp.ack_of_nothing_sent");
    if (seq_before(s->ack, c->snd_una - c->max_snd_wnd)) /* RFC 5961 section 5 */
        return drop_with_ack(a, "tcp.ack_too_old");
    /* RFC 5681 section 2; what answers a probe of a closed window is none. */
    bool duplicate = c->snd_wnd > 0 && s->ack == c->snd_una && c->snd_una != c->snd_nxt && s->payload.size == 0 &&
                     !has(a, TCP_FLAG_FIN) && s->window == c->snd_wnd;
    if (seq_before(c->snd_una, s->ack)) advance(a);
    else if (duplicate) tcp_congestion_duplicate(c, a->cause);
    if (!seq_before(s->ack, c->snd_una)) update_send_window(a);
    /* Section 3.8.6.1: as long as probes are answered the connection stays. */
    if (c->snd_wnd == 0) tcp_timers_heard(c, a->cause);
    return true;
}

/* Fifth, check the ACK field. */
static bool fifth_check_ack(Arrival *a) {
    TcpConnection *c = a->c;
    if (!has(a, TCP_FLAG_ACK)) return drop(a, "tcp.no_ack");
    if (tcp_state(c) == TCP_SYN_RECEIVED) {
        if (seq_up_to(a->s.ack, c->snd_una) || seq_before(c->snd_nxt, a->s.ack)) {
            answer_reset(a);
            return drop(a, "tcp.ack_of_nothing_sent");
        }
        set_send_window(a);
        advance(a);
        a->cause = tcp_step(c, TCP_ON_ACK_OF_SYN, a->cause);
        established(a, a->cause);
        return tcp_state(c) != TCP_CLOSED;
    }
    if (!acknowledge(a)) return false;
    if (!tcp_fin_acknowledged(c)) return true;
    switch (tcp_state(c)) {
        case TCP_FIN_WAIT_1: a->cause = tcp_step(c, TCP_ON_ACK_OF_FIN, a->cause); return true;
        case TCP_CLOSING:
            a->cause = tcp_step(c, TCP_ON_ACK_OF_FIN, a->cause);
            tcp_end(c, TCP_END_CLOSED, a->cause);
            return true;
        case TCP_LAST_ACK: over(a, TCP_ON_ACK_OF_FIN, TCP_END_CLOSED); return false;
        default: return true;
    }
}

/* ---- Seventh, process the segment text ---- */

static void early_remove(TcpConnection *c, uint8_t i) {
    c->early_count--;
    memmove(c->early + i, c->early + i + 1, (size_t)(c->early_count - i) * sizeof *c->early);
}

/* Octets behind a gap: they wait in the ring behind its end. False: there is no place to note them. */
static bool keep_early(TcpConnection *c, uint32_t start, Bytes text) {
    TcpExtent added = {start, start + (uint32_t)text.size};
    uint8_t i = 0;
    while (i < c->early_count && seq_before(c->early[i].end, added.start)) i++;
    if (c->early_count == TCP_EXTENTS && (i == c->early_count || seq_before(added.end, c->early[i].start)))
        return false;
    tcp_ring_put(&c->receiving, c->receiving.size + (start - c->rcv_nxt), text);
    while (i < c->early_count && seq_up_to(c->early[i].start, added.end)) {
        if (seq_before(c->early[i].start, added.start)) added.start = c->early[i].start;
        added.end = seq_later(added.end, c->early[i].end);
        early_remove(c, i);
    }
    if (!c->early) c->early = memory_new(TCP_EXTENTS * sizeof *c->early);
    memmove(c->early + i + 1, c->early + i, (size_t)(c->early_count - i) * sizeof *c->early);
    c->early[i] = added;
    c->early_count++;
    return true;
}

static void receive_up_to(TcpConnection *c, uint32_t end) {
    c->receiving.size += end - c->rcv_nxt;
    c->rcv_nxt = end;
    while (c->early_count > 0 && seq_up_to(c->early[0].start, c->rcv_nxt)) {
        if (seq_before(c->rcv_nxt, c->early[0].end)) {
            c->receiving.size += c->early[0].end - c->rcv_nxt;
            c->rcv_nxt = c->early[0].end;
        }
        early_remove(c, 0);
    }
    if (!c->forgotten) return;
    tcp_ring_drop(&c->receiving, c->receiving.size);
    if (c->early_count == 0) tcp_ring_release(&c->receiving);
}

static void seventh_process_text(Arrival *a) {
    TcpConnection *c = a->c;
    TcpSegment *s = &a->s;
    if (!tcp_is_in(c, TCP_RECEIVING)) return;
    if (c->fin_seen && seq_before(c->fin_at, s->seq + (uint32_t)s->payload.size)) { /* text behind the peer's FIN */
        s->payload.size = seq_before(s->seq, c->fin_at) ? c->fin_at - s->seq : 0;
        s->flags &= (uint8_t)~TCP_FLAG_FIN;
        c->ack_now = true;
    }
    if (s->payload.size > 0) {
        bool gap = c->early_count > 0;
        if (s->seq == c->rcv_nxt) {
            tcp_ring_put(&c->receiving, c->receiving.size, s->payload);
            receive_up_to(c, s->seq + (uint32_t)s->payload.size);
            tcp_note(c, TCP_TELL_READABLE, a->cause);
            /* RFC 5681 section 4.2: every second segment, and at once what fills a gap. */
            c->unacknowledged++;
            if (gap || c->unacknowledged >= 2 || c->settings.delayed_ack == 0) c->ack_now = true;
            else c->ack_later = true;
        } else {
            c->ack_now = true;
            if (!keep_early(c, s->seq, s->payload)) tcp_ignore(c, "tcp.too_many_gaps", a->cause);
        }
    }
    if (has(a, TCP_FLAG_FIN) && !c->fin_seen) {
        c->fin_seen = true;
        c->fin_at = s->seq + (uint32_t)s->payload.size;
        c->ack_now = true;
    }
}

/* Eighth, check the FIN bit: its turn comes when everything before it is there. */
static void eighth_check_fin(Arrival *a) {
    TcpConnection *c = a->c;
    if (!c->fin_seen || c->rcv_nxt != c->fin_at || !tcp_is_in(c, TCP_RECEIVING)) return;
    c->rcv_nxt++;
    a->cause = tcp_step(c, TCP_ON_FIN, a->cause);
    tcp_note(c, TCP_TELL_PEER_CLOSED, a->cause);
    if (tcp_state(c) == TCP_TIME_WAIT) tcp_end(c, TCP_END_CLOSED, a->cause);
}

static void other_states_arrival(Arrival *a) {
    if (!first_check_sequence_number(a) || !second_check_rst(a) || !fourth_check_syn(a) || !fifth_check_ack(a)) return;
    /* DEVIATION: sixth, the URG bit: urgent data stay in the stream, and nobody is told; section 3.8.5 tells new
     * applications not to use them. */
    seventh_process_text(a);
    eighth_check_fin(a);
}

static void arrival(Arrival *a) {
    TcpConnection *c = a->c;
    tcp_begin(c);
    c->heard_at = tcp_now(c);
    c->keep_alive_probes = 0;
    if (tcp_state(c) != TCP_SYN_SENT) {
        other_states_arrival(a);
    } else if (syn_sent_arrival(a)) {
        seventh_process_text(a);
        eighth_check_fin(a);
    }
    tcp_finish(c, a->cause);
}

/* ---- 3.10.7.1 and 3.10.7.2: CLOSED and LISTEN ---- */

static void ignore_at(IpStack *stack, const char *reason, FrameId frame, size_t offset, uint32_t cause) {
    sim_record_ignored(stack->sim, stack->host, stack->tcp ? stack->tcp->machine : TRACE_NONE, reason, frame, offset,
                       cause);
}

typedef struct {
    IpStack *stack;
    Ipv4Address source, destination;
    FrameId frame;
    size_t offset;
} From;

static void closed_arrival(Arrival *a, const From *f) {
    ignore_at(f->stack, has(a, TCP_FLAG_RST) ? "tcp.reset_of_nothing" : "tcp.port_closed", f->frame, f->offset,
              a->cause);
    if (!has(a, TCP_FLAG_RST)) reset_for(a, f->source, f->destination, f->stack, a->cause);
}

static void listen_arrival(Arrival *a, const From *f) {
    const TcpListener *l = &a->listener->listener;
    if (has(a, TCP_FLAG_RST) || has(a, TCP_FLAG_ACK)) {
        closed_arrival(a, f);
        return;
    }
    if (!has(a, TCP_FLAG_SYN)) {
        ignore_at(f->stack, "tcp.no_syn", f->frame, f->offset, a->cause);
        return;
    }
    TcpConnection *c = tcp_connection_new(f->stack->tcp, f->destination, a->s.destination_port, f->source,
                                          a->s.source_port, &l->settings);
    if (!c || !tcp_backlog_enter(c, a->listener)) {
        if (c) tcp_connection_release(c);
        ignore_at(f->stack, "tcp.backlog_full", f->frame, f->offset, a->cause);
        return;
    }
    a->c = c;
    c->passive = true;
    c->machine.state = TCP_LISTEN;
    if (a->has_iss_after && seq_before(c->iss, a->iss_after)) c->iss = a->iss_after;
    c->snd_una = c->snd_nxt = c->snd_at = c->recover = c->iss;
    tcp_begin(c);
    /* DEVIATION: text and FIN that come with a SYN are not kept; the peer sends them again. */
    take_syn(a);
    tcp_finish(c, tcp_step(c, TCP_ON_SYN, a->cause));
}

/* Section 3.6.1: a SYN beyond the old connection's sequence numbers opens a new one out of TIME-WAIT, with an ISN
 * beyond those it used. DEVIATION: if it turns out to be an old duplicate, the connection does not return to
 * TIME-WAIT, since its sequence number was beyond all that the old one has seen. */
static bool reopens(Arrival *a) {
    TcpConnection *c = a->c;
    if (tcp_state(c) != TCP_TIME_WAIT || (a->s.flags & (TCP_FLAG_SYN | TCP_FLAG_ACK | TCP_FLAG_RST)) != TCP_FLAG_SYN)
        return false;
    if (!a->listener || !seq_before(c->rcv_nxt, a->s.seq)) return false;
    a->iss_after = c->snd_nxt + UINT16_MAX + 1;
    a->has_iss_after = true;
    tcp_begin(c);
    a->cause = tcp_step(c, TCP_ON_SYN, a->cause);
    tcp_end(c, TCP_END_CLOSED, a->cause);
    tcp_finish(c, a->cause);
    return true;
}

void tcp_receive(IpStack *stack, Interface *interface, Ipv4Address source, Ipv4Address destination, Bytes octets,
                 FrameId frame, size_t offset, uint32_t cause) {
    Arrival a = {0};
    From f = {stack, source, destination, frame, offset};
    ParseFault fault;
    if (!tcp_decode(octets, source, destination, &a.s, &fault)) {
        ignore_at(stack, fault.reason, frame, offset + fault.offset, cause);
        return;
    }
    Tcp *tcp = tcp_of(stack);
    a.listener = tcp_listening(tcp, a.s.destination_port);
    a.c = tcp_find(tcp, destination, a.s.destination_port, source, a.s.source_port);
    a.cause = cause;
    if (a.c || a.listener)
        a.cause = sim_record_message(stack->sim, stack->host, tcp->machine, MESSAGE_RECEIVED, TRACE_PROTO_TCP, frame,
                                     offset, octets.size, interface->index, cause);
    if (a.c && !reopens(&a)) arrival(&a);
    else if (a.listener) listen_arrival(&a, &f);
    else closed_arrival(&a, &f);
}

/* ---- ICMP errors: RFC 1122 section 4.2.3.9, RFC 5461, RFC 5927 ---- */

void tcp_receive_error(IpStack *stack, const IcmpMessage *message, uint32_t cause) {
    Bytes q = message->payload;
    if (!stack->tcp || q.size < IPV4_HEADER_SIZE) return;
    size_t header = (size_t)(q.at[0] & 15) * 4;
    if (q.at[9] != IPV4_PROTOCOL_TCP || header < IPV4_HEADER_SIZE || q.size < header + 8) return;
    const uint8_t *p = q.at + header;
    TcpConnection *c = tcp_find(stack->tcp, octets_u32(q.at + 12), octets_u16(p), octets_u32(q.at + 16),
                                octets_u16(p + 2));
    if (!c) return;
    uint32_t seq = octets_u32(p + 4);
    tcp_begin(c);
    bool in_flight = !seq_before(seq, c->snd_una) && seq_before(seq, c->snd_nxt);
    bool hard = message->type == ICMP_DESTINATION_UNREACHABLE &&
                (message->code == ICMP_PROTOCOL_UNREACHABLE || message->code == ICMP_PORT_UNREACHABLE);
    if (!in_flight) {
        tcp_ignore(c, "tcp.error_about_nothing_sent", cause);
    } else if (!hard || !tcp_is_in(c, TCP_IN(SYN_SENT) | TCP_IN(SYN_RECEIVED))) {
        tcp_ignore(c, "tcp.soft_error", cause); /* retransmission goes on; it may pass */
    } else {
        Arrival a = {.c = c, .cause = cause};
        over(&a, TCP_ON_UNREACHABLE, TCP_END_UNREACHABLE);
    }
    tcp_finish(c, cause);
}
