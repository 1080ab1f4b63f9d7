/* Which timers run: the retransmission timer of RFC 6298, window probes, delayed acknowledgements, keep-alive, and
 * the user timeout. */
#include "stack/facts.h"
#include "stack/tcp_inside.h"

static const SimTime rto_first = SIM_SECOND;         /* RFC 6298 (2.1) */
static const SimTime rto_most = 60 * SIM_SECOND;     /* (2.5) */
static const SimTime rto_after_syn = 3 * SIM_SECOND; /* (5.7) */
static const SimTime keep_alive_interval = 75 * SIM_SECOND;

void tcp_timer_to(TcpConnection *c, TcpTimer timer, SimTime at, uint32_t cause) {
    if (c->machine.timers[timer].at == at) return;
    Sim *sim = c->tcp->stack->sim;
    Effects *effects = sim_effects(sim);
    effects->current = &c->machine;
    if (at == SIM_NEVER) effect_timer_clear(effects, (uint8_t)timer);
    else effect_timer_set(effects, (uint8_t)timer, at);
    sim_apply(sim, effects, cause);
}

/* ---- RFC 6298 ---- */

void tcp_rto_init(TcpConnection *c) { c->rto = rto_first; }

static SimTime within(const TcpConnection *c, SimTime rto) {
    if (rto < c->settings.rto_min) rto = c->settings.rto_min;
    return rto > rto_most ? rto_most : rto;
}

/* (2.2) and (2.3). The clock's granularity G is a nanosecond. */
void tcp_rto_sample(TcpConnection *c, SimTime r, uint32_t cause) {
    if (!c->measured) {
        c->srtt = r;
        c->rttvar = r / 2;
    } else {
        SimTime error = c->srtt > r ? c->srtt - r : r - c->srtt;
        c->rttvar = (3 * c->rttvar + error) / 4;
        c->srtt = (7 * c->srtt + r) / 8;
    }
    SimTime spread = 4 * c->rttvar > 1 ? 4 * c->rttvar : 1, before = c->rto;
    c->rto = within(c, c->srtt + spread);
    if (!c->measured || c->rto > before + before / 4 || c->rto < before - before / 4)
        tcp_state_fact(c, &fact_tcp_rto, (int64_t[]){c->srtt, c->rttvar, c->rto}, cause);
    c->measured = true;
}

/* (5.5). Karn's algorithm: what is sent again is not timed, and the doubled RTO stays until something else was. */
void tcp_rto_back_off(TcpConnection *c) {
    c->timing = false;
    c->rto = c->rto * 2 > rto_most ? rto_most : c->rto * 2;
}

void tcp_rto_connected(TcpConnection *c) {
    if (c->syn_resent) c->rto = within(c, rto_after_syn);
}

/* ---- What runs ---- */

/* Something is there to be sent, nothing is under way whose acknowledgement could open the window, and it does not go:
 * the window is closed, or so narrow that section 3.8.6.2.1 holds it back. */
static bool is_stuck(const TcpConnection *c) {
    if (!tcp_is_in(c, TCP_TRANSMITTING) || c->snd_una != c->snd_nxt) return false;
    return c->sending.size > 0 || (c->close_wanted && !c->fin_out);
}

static void keep(TcpConnection *c, TcpTimer timer, bool wanted, SimTime span, uint32_t cause) {
    bool runs = c->machine.timers[timer].at != SIM_NEVER;
    if (wanted != runs) tcp_timer_to(c, timer, wanted ? tcp_now(c) + span : SIM_NEVER, cause);
}

static void keep_alive_update(TcpConnection *c, uint32_t cause) {
    bool wanted = c->snd_una == c->snd_nxt && !is_stuck(c) &&
                  tcp_is_in(c, TCP_IN(ESTABLISHED) | TCP_IN(FIN_WAIT_2) | TCP_IN(CLOSE_WAIT));
    if (!wanted) {
        tcp_timer_to(c, TCP_TIMER_KEEP_ALIVE, SIM_NEVER, cause);
    } else if (c->keep_alive_probes == 0) {
        SimTime at = c->heard_at + c->settings.keep_alive;
        tcp_timer_to(c, TCP_TIMER_KEEP_ALIVE, at > tcp_now(c) ? at : tcp_now(c), cause);
    } else {
        SimTime span = c->settings.keep_alive < keep_alive_interval ? c->settings.keep_alive : keep_alive_interval;
        keep(c, TCP_TIMER_KEEP_ALIVE, true, span, cause);
    }
}

void tcp_timers_update(TcpConnection *c, uint32_t cause) {
    bool outstanding = c->snd_una != c->snd_nxt, stuck = is_stuck(c);
    bool abandoned = c->forgotten && tcp_state(c) == TCP_FIN_WAIT_2;
    keep(c, TCP_TIMER_RETRANSMISSION, outstanding, c->rto, cause);
    /* The probe is an octet of the stream: once it is under way the retransmission timer backs off for it. */
    keep(c, TCP_TIMER_PROBE, stuck, c->rto, cause);
    keep(c, TCP_TIMER_DELAYED_ACK, c->ack_later, c->settings.delayed_ack, cause);
    keep(c, TCP_TIMER_USER_TIMEOUT, outstanding || stuck || abandoned, c->settings.user_timeout, cause);
    if (c->settings.keep_alive > 0) keep_alive_update(c, cause);
}

void tcp_timers_heard(TcpConnection *c, uint32_t cause) {
    if (c->machine.timers[TCP_TIMER_USER_TIMEOUT].at != SIM_NEVER)
        tcp_timer_to(c, TCP_TIMER_USER_TIMEOUT, tcp_now(c) + c->settings.user_timeout, cause);
}

void tcp_timers_progress(TcpConnection *c, uint32_t cause) {
    bool outstanding = c->snd_una != c->snd_nxt;
    tcp_timer_to(c, TCP_TIMER_RETRANSMISSION, outstanding ? tcp_now(c) + c->rto : SIM_NEVER, cause); /* (5.2), (5.3) */
    tcp_timers_heard(c, cause);
}
