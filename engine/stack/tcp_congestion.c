/* How much may be under way: RFC 5681 (slow start, congestion avoidance, fast retransmit and recovery) with the partial
 * acknowledgements of RFC 6582 (NewReno). */
#include "stack/facts.h"
#include "stack/tcp_inside.h"

static const char *const phase_names[] = {"tcp.slow_start", "tcp.congestion_avoidance", "tcp.fast_recovery"};

/* RFC 5681 section 3.1, IW. */
static uint32_t initial_window(const TcpConnection *c) {
    uint32_t smss = c->send_mss;
    return smss > 2190 ? 2 * smss : smss > 1095 ? 3 * smss : 4 * smss;
}

static uint32_t flight_size(const TcpConnection *c) { return c->snd_nxt - c->snd_una; }

static uint32_t half_flight(const TcpConnection *c) {
    uint32_t half = flight_size(c) / 2, least = 2U * c->send_mss;
    return half > least ? half : least;
}

static void tell_phase(TcpConnection *c, TcpPhase phase, uint32_t cause) {
    c->phase = (uint8_t)phase;
    tcp_state_fact(c, &fact_tcp_congestion, (int64_t[]){fact_name(phase_names[phase]), c->cwnd, c->ssthresh}, cause);
}

void tcp_congestion_begin(TcpConnection *c) {
    c->cwnd = c->syn_resent ? c->send_mss : initial_window(c);
    c->ssthresh = 0x7fffffff; /* arbitrarily high */
    c->phase = TCP_SLOW_START;
    c->sent_at = tcp_now(c);
}

static void send_first_again(TcpConnection *c, uint32_t cause) {
    c->timing = false;
    tcp_send_first_again(c, cause);
}

/* RFC 6582 section 3.2, step 3. */
static void recovery_acked(TcpConnection *c, uint32_t octets, uint32_t cause) {
    if (seq_up_to(c->recover, c->snd_una)) { /* a full acknowledgement */
        uint32_t flight = flight_size(c) > c->send_mss ? flight_size(c) : c->send_mss;
        c->cwnd = c->ssthresh < flight + c->send_mss ? c->ssthresh : flight + c->send_mss;
        c->dup_acks = 0;
        c->acked = 0;
        tell_phase(c, c->cwnd < c->ssthresh ? TCP_SLOW_START : TCP_CONGESTION_AVOIDANCE, cause);
        return;
    }
    c->cwnd = c->cwnd > octets ? c->cwnd - octets : 0; /* a partial one */
    if (octets >= c->send_mss || c->cwnd == 0) c->cwnd += c->send_mss;
    c->resend_first = true;
}

void tcp_congestion_acked(TcpConnection *c, uint32_t octets, uint32_t cause) {
    if (c->phase == TCP_FAST_RECOVERY) {
        recovery_acked(c, octets, cause);
        return;
    }
    c->dup_acks = 0;
    if (c->cwnd < c->ssthresh) {
        c->cwnd += octets < c->send_mss ? octets : c->send_mss;
        if (c->cwnd >= c->ssthresh) tell_phase(c, TCP_CONGESTION_AVOIDANCE, cause);
    } else { /* a full-sized segment for each window acknowledged, counted in octets */
        c->acked += octets;
        if (c->acked >= c->cwnd) {
            c->acked -= c->cwnd;
            c->cwnd += c->send_mss;
        }
    }
    if (c->cwnd > TCP_BUFFER_MOST) c->cwnd = TCP_BUFFER_MOST;
}

/* RFC 5681 section 3.2. */
void tcp_congestion_duplicate(TcpConnection *c, uint32_t cause) {
    if (c->phase == TCP_FAST_RECOVERY) {
        c->cwnd += c->send_mss; /* a segment has left the network */
        return;
    }
    if (c->dup_acks < UINT8_MAX) c->dup_acks++;
    /* RFC 6582 section 3.2, step 2: not for what was sent before the last recovery or timeout. */
    if (c->dup_acks != 3 || !seq_before(c->recover, c->snd_una)) return;
    c->ssthresh = half_flight(c);
    c->recover = c->snd_nxt;
    c->cwnd = c->ssthresh + 3U * c->send_mss;
    tell_phase(c, TCP_FAST_RECOVERY, cause);
    tcp_state_fact(c, &fact_tcp_retransmission, (int64_t[]){c->snd_una, fact_name("tcp.fast_retransmit")}, cause);
    c->resend_first = true;
}

/* RFC 5681 section 3.1, equation 4 and below (a second timeout finds the same octets under way, so ssthresh stays);
 * RFC 6582 section 3.2, step 4. */
void tcp_congestion_timeout(TcpConnection *c, Effects *effects) {
    if (c->cwnd == 0) return; /* not connected yet */
    if (c->snd_wnd == 0 && flight_size(c) == 1) return; /* a probe of a closed window: no network is congested */
    bool again = c->phase == TCP_SLOW_START && c->cwnd == c->send_mss && c->ssthresh == half_flight(c);
    c->ssthresh = half_flight(c);
    c->cwnd = c->send_mss;
    c->recover = c->snd_nxt;
    c->dup_acks = 0;
    c->acked = 0;
    c->phase = TCP_SLOW_START;
    if (again) return;
    effect_fact(effects, &fact_tcp_congestion,
                (int64_t[]){fact_name(phase_names[TCP_SLOW_START]), c->cwnd, c->ssthresh});
}

/* RFC 5681 section 4.1: after an idle time longer than the RTO, as at the beginning. */
void tcp_congestion_before_sending(TcpConnection *c) {
    if (c->snd_una != c->snd_nxt || tcp_now(c) - c->sent_at <= c->rto) return;
    uint32_t restart = initial_window(c);
    if (c->cwnd > restart) c->cwnd = restart;
}

void tcp_congestion_resend(TcpConnection *c, uint32_t cause) {
    if (!c->resend_first) return;
    c->resend_first = false;
    send_first_again(c, cause);
}

uint32_t tcp_congestion_window(const TcpConnection *c) {
    /* RFC 3042: each of the first two duplicates lets a new segment go. */
    if (c->phase != TCP_FAST_RECOVERY && c->dup_acks < 3) return c->cwnd + c->dup_acks * (uint32_t)c->send_mss;
    return c->cwnd;
}
