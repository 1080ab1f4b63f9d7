/* Inside TCP: the connection and what its files share.
 *
 * Files: tcp.c (the table, what its rows do, the calls of users), tcp_connections.c (making, finding and releasing
 * connections; listeners), tcp_input.c (section 3.10.7, segment arrives), tcp_output.c (what leaves, and when),
 * tcp_timers.c (which timers run; RFC 6298), tcp_congestion.c (RFC 5681, RFC 6582), tcp_buffer.c (octets that wait). */
#ifndef NETSTAGE_STACK_TCP_INSIDE_H
#define NETSTAGE_STACK_TCP_INSIDE_H

#include "base/random.h"
#include "stack/tcp.h"
#include "wire/tcp.h"

/* ---- Sequence numbers: section 3.4, modulo 2^32 ---- */

static inline bool seq_before(uint32_t a, uint32_t b) { return (int32_t)(a - b) < 0; }
static inline bool seq_up_to(uint32_t a, uint32_t b) { return (int32_t)(a - b) <= 0; }
static inline uint32_t seq_later(uint32_t a, uint32_t b) { return seq_before(a, b) ? b : a; }

/* ---- Octets that wait: a ring that takes memory only while something is in it ---- */

typedef struct {
    uint8_t *at;
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t start;    /* where the first octet stands */
    uint32_t size;
} TcpRing;

/* Puts octets `offset` behind the first one; the ring's size is left alone. */
void tcp_ring_put(TcpRing *ring, uint32_t offset, Bytes octets);
void tcp_ring_copy(const TcpRing *ring, uint32_t offset, uint8_t *to, uint32_t size);
/* The first octets, as far as they stand together. */
Bytes tcp_ring_front(const TcpRing *ring);
void tcp_ring_drop(TcpRing *ring, uint32_t size);
void tcp_ring_release(TcpRing *ring);

/* Octets that came before those in front of them; sequence numbers. */
typedef struct {
    uint32_t start, end;
} TcpExtent;
enum { TCP_EXTENTS = 32 };

/* ---- The machine ---- */

/* clang-format off */
#define TCP_INPUTS(X)                                                                                                \
    X(PASSIVE_OPEN, "passive OPEN", COMMAND) X(ACTIVE_OPEN, "active OPEN", COMMAND) X(SEND, "SEND", COMMAND)         \
    X(CLOSE, "CLOSE", COMMAND) X(ABORT, "ABORT", COMMAND)                                                            \
    X(SYN, "SYN", WIRE) X(SYN_ACK, "SYN,ACK", WIRE) X(ACK_OF_SYN, "ACK of SYN", WIRE) X(FIN, "FIN", WIRE)            \
    X(ACK_OF_FIN, "ACK of FIN", WIRE) X(RST, "RST", WIRE) X(UNREACHABLE, "unreachable", WIRE)                        \
    X(RETRANSMISSION, "retransmission timeout", TIMER) X(PROBE, "window probe", TIMER)                               \
    X(DELAYED_ACK, "delayed ACK", TIMER) X(KEEP_ALIVE, "keep-alive", TIMER) X(TIME_WAIT_OVER, "2MSL timeout", TIMER) \
    X(USER_TIMEOUT, "USER TIMEOUT", TIMER)
/* clang-format on */
typedef enum {
#define X(name, text, kind) TCP_ON_##name,
    TCP_INPUTS(X)
#undef X
} TcpInput;

typedef enum {
    TCP_TIMER_RETRANSMISSION,
    TCP_TIMER_PROBE, /* of a closed window, and the override of section 3.8.6.2.1 */
    TCP_TIMER_DELAYED_ACK,
    TCP_TIMER_KEEP_ALIVE,
    TCP_TIMER_TIME_WAIT,
    TCP_TIMER_USER_TIMEOUT,
} TcpTimer;

/* What the user is to be told when the segment has been dealt with. */
enum {
    TCP_TELL_OPENED = 1,
    TCP_TELL_READABLE = 2,
    TCP_TELL_WRITABLE = 4,
    TCP_TELL_PEER_CLOSED = 8,
    TCP_TELL_ENDED = 16,
};

typedef struct Tcp Tcp;

struct TcpConnection {
    Machine machine;
    Tcp *tcp;
    TcpConnection *next; /* in its bucket, or of the free ones */
    uint32_t place;      /* among all */
    Ipv4Address local, remote;
    uint16_t local_port, remote_port;
    TcpSettings settings;
    bool passive;
    bool found;      /* segments find it */
    bool in_backlog; /* counted among the listener's pending ones */

    /* Its user. */
    const TcpUser *user; /* NULL: none yet, or gone */
    void *self;
    bool forgotten; /* the user is gone: what comes is thrown away */
    bool write_refused;
    uint8_t tell; /* TCP_TELL_... */
    TcpEnd how;
    uint32_t tell_cause;
    bool ended;
    bool reset_due;
    uint8_t busy; /* something happens to it: it must not be released */

    /* Send sequence variables, section 3.3.1. SND.NXT never goes back; what is sent next is snd_at, which lies
     * before it while lost segments are sent again. */
    uint32_t iss, snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2;
    uint32_t snd_at, max_snd_wnd;
    uint16_t send_mss; /* SMSS */
    bool close_wanted; /* a FIN goes after everything written */
    bool fin_out;      /* it has gone */
    TcpRing sending;   /* from SND.UNA on (ISS + 1 while the SYN is not acknowledged) */

    /* Receive sequence variables. */
    uint32_t irs, rcv_nxt;
    uint32_t rcv_edge;      /* RCV.NXT + RCV.WND as last announced: never goes back */
    uint8_t unacknowledged; /* data segments since an ACK was sent */
    bool ack_now, ack_later;
    TcpRing receiving;
    TcpExtent *early;
    uint8_t early_count;
    bool fin_seen; /* the peer's FIN has come, though perhaps not in order */
    uint32_t fin_at;

    /* Congestion control, RFC 5681 and RFC 6582. */
    uint32_t cwnd, ssthresh, recover, acked;
    uint8_t dup_acks;
    uint8_t phase;     /* TcpPhase */
    bool resend_first; /* fast retransmit is due */
    SimTime sent_at;

    /* RFC 6298. */
    SimTime srtt, rttvar, rto;
    bool timing, measured, syn_resent;
    uint32_t timed;
    SimTime timed_at;

    bool probe_due;            /* an octet may go though the window is closed */
    uint8_t keep_alive_probes; /* unanswered */
    bool keep_alive_due;
    SimTime heard_at;
    uint8_t challenges; /* RFC 5961 section 7: since challenges_since */
    SimTime challenges_since;
};

typedef struct {
    TcpListener listener;
    Machine machine;
    uint16_t pending; /* connections not yet established */
} Listening;

enum {
    TCP_BACKLOG = 128,
    TCP_CHALLENGES = 10, /* a second */
    TCP_BUFFER_MOST = 1 << 24,
    TCP_MSS_LEAST = 64, /* a peer that announces less would make us send little but headers */
    TCP_MSS_MOST = 1460 /* Ethernet's 1500 octets less two headers */
};

struct Tcp {
    IpStack *stack;
    EffectCarrier carrier;
    uint32_t machine; /* directory index */
    RandomStream random;
    uint64_t secret;  /* of initial sequence numbers */
    uint32_t numbers; /* given to connections and listeners so far */
    uint16_t next_port;
    TcpConnection **all;
    size_t count, capacity;
    TcpConnection **buckets; /* a power of two */
    size_t bucket_count;
    TcpConnection *idle; /* released; their memory stays, because the event queue may still name them */
    Listening **listeners;
    size_t listener_count, listener_capacity;
};

static inline TcpState tcp_state(const TcpConnection *c) { return (TcpState)c->machine.state; }
static inline SimTime tcp_now(const TcpConnection *c) { return sim_now(c->tcp->stack->sim); }
/* The sequence number of the octet that stands first in `sending`, and the one behind the last. */
static inline uint32_t tcp_data_start(const TcpConnection *c) { return c->snd_una == c->iss ? c->iss + 1 : c->snd_una; }
static inline uint32_t tcp_data_end(const TcpConnection *c) { return tcp_data_start(c) + c->sending.size; }
static inline bool tcp_fin_acknowledged(const TcpConnection *c) { return c->fin_out && c->snd_una == c->snd_nxt; }
/* A set of states. */
static inline bool tcp_is_in(const TcpConnection *c, uint32_t states) { return states >> c->machine.state & 1; }
#define TCP_IN(state) (1u << TCP_##state)
enum {
    /* Data and FIN may leave (section 3.10.2 and what 3.10.4 queued). */
    TCP_TRANSMITTING = TCP_IN(ESTABLISHED) | TCP_IN(FIN_WAIT_1) | TCP_IN(CLOSE_WAIT) | TCP_IN(CLOSING) |
                       TCP_IN(LAST_ACK),
    /* The peer's data are taken (section 3.10.7.4, seventh). */
    TCP_RECEIVING = TCP_IN(ESTABLISHED) | TCP_IN(FIN_WAIT_1) | TCP_IN(FIN_WAIT_2),
};

/* tcp.c */

/* Around everything that happens to a connection: in between it is not released, though the user may abort it.
 * tcp_finish tells the user, sends what is due, sets the timers; then the connection may be gone. */
void tcp_begin(TcpConnection *c);
void tcp_finish(TcpConnection *c, uint32_t cause);
/* Notes something to be told to the user. */
void tcp_note(TcpConnection *c, uint8_t what, uint32_t cause);
/* Takes an arrow; the record of the step, the cause of what follows, is returned. */
uint32_t tcp_step(TcpConnection *c, TcpInput input, uint32_t cause);
void tcp_timer(void *self, Machine *machine, uint8_t timer, uint32_t cause);
/* The connection is over for its user (in TIME-WAIT or CLOSED), who is to be told how; in CLOSED it is released then. */
void tcp_end(TcpConnection *c, TcpEnd how, uint32_t cause);
void tcp_state_fact(TcpConnection *c, const FactSpec *spec, const int64_t *values, uint32_t cause);
/* A word on the wire that was not acted on, and why. */
void tcp_ignore(TcpConnection *c, const char *reason, uint32_t cause);

/* tcp_connections.c */

Tcp *tcp_of(IpStack *stack);
/* Frees everything; the stack goes. */
void tcp_release(IpStack *stack);
TcpConnection *tcp_connection_new(Tcp *tcp, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                                  uint16_t remote_port, const TcpSettings *settings);
/* Segments don't find it any more: its addresses and ports are free again. */
void tcp_connection_hide(TcpConnection *c);
void tcp_connection_release(TcpConnection *c);
TcpConnection *tcp_find(const Tcp *tcp, Ipv4Address local, uint16_t local_port, Ipv4Address remote,
                        uint16_t remote_port);
Listening *tcp_listening(const Tcp *tcp, uint16_t port);
/* False: too many are pending already. */
bool tcp_backlog_enter(TcpConnection *c, Listening *listening) NS_MUST_USE;
void tcp_backlog_leave(TcpConnection *c);
/* A dynamic port that no connection to this remote socket uses; 0: none is left. */
uint16_t tcp_free_port(Tcp *tcp, Ipv4Address local, Ipv4Address remote, uint16_t remote_port);

/* tcp_output.c */

/* Sends whatever is due. */
void tcp_output(TcpConnection *c, uint32_t cause);
/* Sends the first segment that is not acknowledged once more. */
void tcp_send_first_again(TcpConnection *c, uint32_t cause);
/* <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK> at once. */
void tcp_send_ack(TcpConnection *c, uint32_t cause);
void tcp_send_reset(IpStack *stack, Ipv4Address source, uint16_t source_port, Ipv4Address destination,
                    uint16_t destination_port, uint32_t seq, bool has_ack, uint32_t ack, uint32_t cause);
/* The right edge of the window that may be announced. */
uint32_t tcp_window_edge(const TcpConnection *c);

/* tcp_timers.c */

/* SIM_NEVER: stops it. */
void tcp_timer_to(TcpConnection *c, TcpTimer timer, SimTime at, uint32_t cause);
/* Starts and stops the timers as what is outstanding demands. */
void tcp_timers_update(TcpConnection *c, uint32_t cause);
/* New data were acknowledged: the retransmission timer and the user's start anew (RFC 6298 (5.3)). */
void tcp_timers_progress(TcpConnection *c, uint32_t cause);
/* The peer lives: the user timeout starts anew. */
void tcp_timers_heard(TcpConnection *c, uint32_t cause);
void tcp_rto_init(TcpConnection *c);
/* A round trip was measured. */
void tcp_rto_sample(TcpConnection *c, SimTime r, uint32_t cause);
void tcp_rto_back_off(TcpConnection *c);
/* (5.7): after a SYN that was sent more than once. */
void tcp_rto_connected(TcpConnection *c);

/* tcp_congestion.c */

typedef enum { TCP_SLOW_START, TCP_CONGESTION_AVOIDANCE, TCP_FAST_RECOVERY } TcpPhase;
void tcp_congestion_begin(TcpConnection *c);
/* So many octets were acknowledged for the first time. */
void tcp_congestion_acked(TcpConnection *c, uint32_t octets, uint32_t cause);
void tcp_congestion_duplicate(TcpConnection *c, uint32_t cause);
void tcp_congestion_timeout(TcpConnection *c, Effects *effects);
void tcp_congestion_before_sending(TcpConnection *c);
/* Fast retransmit, if it is due. */
void tcp_congestion_resend(TcpConnection *c, uint32_t cause);
/* What may be under way. */
uint32_t tcp_congestion_window(const TcpConnection *c);

/* tcp_input.c */

/* A segment for this host, in the frame at `offset`. */
void tcp_receive(IpStack *stack, Interface *interface, Ipv4Address source, Ipv4Address destination, Bytes octets,
                 FrameId frame, size_t offset, uint32_t cause);
/* An ICMP error about a segment of ours: `quoted` is the packet it quotes. */
void tcp_receive_error(IpStack *stack, const IcmpMessage *message, uint32_t cause);

#endif
