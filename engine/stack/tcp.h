/* TCP: RFC 9293, with RFC 6298 (retransmission timer), RFC 5681 (congestion control), RFC 1122 section 4.2 (delayed
 * acknowledgements, Nagle, keep-alive).
 *
 * A connection is a machine ("tcp", one for each, its subject is the connection's number on the host) whose table holds
 * the arrows of RFC 9293 figure 5. What a segment means is worked out step by step, in functions named after the steps
 * of section 3.10.7; the table says where a step leads. Whoever uses a connection gets a stream of octets, cut
 * wherever the network liked. */
#ifndef NETSTAGE_STACK_TCP_H
#define NETSTAGE_STACK_TCP_H

#include "stack/ip_stack.h"

typedef struct TcpConnection TcpConnection;

typedef enum {
    TCP_END_CLOSED,      /* both sides closed in order and everything was acknowledged */
    TCP_END_RESET,       /* the peer's RST */
    TCP_END_REFUSED,     /* RST in answer to our SYN */
    TCP_END_TIMEOUT,     /* R2 or the user timeout passed without an acknowledgement */
    TCP_END_UNREACHABLE, /* no route, or a hard ICMP error while connecting (RFC 5461) */
    TCP_END_ABORTED,     /* by tcp_abort */
} TcpEnd;

/* What a connection tells its user. `cause` is the record that led to it. Any of them may be NULL. Within each, the user
 * may call the functions below, tcp_abort included. */
typedef struct {
    void (*opened)(void *self, uint32_t cause);
    void (*readable)(void *self, uint32_t cause);    /* there is something new to tcp_peek at */
    void (*writable)(void *self, uint32_t cause);    /* tcp_write took less than offered, and now there is room again */
    void (*peer_closed)(void *self, uint32_t cause); /* its FIN, after all that came before it was announced */
    /* The last word: the connection is gone for the user, who must not touch it again. With TCP_END_CLOSED it comes
     * when nothing is left to happen for the user (on entering TIME-WAIT or CLOSED). */
    void (*ended)(void *self, TcpEnd how, uint32_t cause);
} TcpUser;

typedef struct {
    bool nagle;              /* default true: RFC 1122 section 4.2.3.4 */
    SimTime delayed_ack;     /* default 200 ms, at most 500 ms (RFC 9293 3.8.6.3); 0: none is delayed */
    SimTime keep_alive;      /* default 0: off; else idle time before a probe (RFC 1122 4.2.3.6) */
    uint8_t keep_alive_most; /* probes unanswered before the connection is given up; default 8 */
    SimTime user_timeout;    /* default 5 min (RFC 9293 3.9.1) */
    SimTime msl;             /* default 2 min: TIME-WAIT lasts twice as long */
    uint32_t receive_buffer; /* default 65535, what the window can be */
    uint32_t send_buffer;    /* default 65536 */
    uint16_t mss;            /* what we announce; default 1460 */
    SimTime rto_min;         /* default 1 s (RFC 6298 2.4) */
} TcpSettings;
extern const TcpSettings tcp_settings_default;

/* A listener asks its user who takes a new connection. */
typedef struct {
    uint16_t port;
    uint8_t proto;   /* TraceProto of what it serves */
    uint8_t backlog; /* connections not yet established; more SYNs are dropped (default 128) */
    TcpSettings settings;
    /* The three-way handshake is done. Returns the user of the connection (its `self` in *self), whose `opened` is called
     * next; or NULL: the connection is reset. */
    const TcpUser *(*accepted)(void *self, TcpConnection *connection, void **user, uint32_t cause);
    void *self;
} TcpListener;

/* False: the port is taken. */
bool tcp_listen(IpStack *stack, const TcpListener *listener) NS_MUST_USE;
/* New connections are refused; those that stand go on. */
void tcp_listen_end(IpStack *stack, uint16_t port);

typedef struct {
    Ipv4Address source; /* 0: the address of the interface the route leads to */
    Ipv4Address destination;
    uint16_t source_port; /* 0: a free one from the dynamic ports, by the random stream */
    uint16_t destination_port;
    uint8_t proto;
    TcpSettings settings;
} TcpOpen;
/* Active open. What can't even be begun is told by `ended` before this returns, and then NULL is returned. */
TcpConnection *tcp_connect(IpStack *stack, const TcpOpen *open, const TcpUser *user, void *self, uint32_t cause);

/* Takes as much as fits the send buffer; returns how much. Segments carry `cause` as theirs as far as these octets are
 * sent at once, else what made room for them. */
size_t tcp_write(TcpConnection *connection, Bytes octets, uint32_t cause);
/* Octets that have come in order and were not yet consumed: a contiguous part of them, at least one if there are any. */
Bytes tcp_peek(const TcpConnection *connection);
/* The user is done with the first `size` of them: the window opens again. */
void tcp_consume(TcpConnection *connection, size_t size, uint32_t cause);
/* Half-close: FIN after everything written. The user may go on reading. */
void tcp_close(TcpConnection *connection, uint32_t cause);
/* RST; `ended` is not called. */
void tcp_abort(TcpConnection *connection, uint32_t cause);
/* The user goes away without an abort: tcp_close was called, what still comes is thrown away. */
void tcp_forget(TcpConnection *connection);

typedef struct {
    Ipv4Address local, remote;
    uint16_t local_port, remote_port;
    uint32_t number;  /* the machine's subject */
    uint32_t machine; /* directory index of "tcp" on this host */
    const char *state;
    size_t unsent, unacknowledged, unread; /* octets */
    uint32_t congestion_window, slow_start_threshold, send_window, receive_window;
    SimTime rto, smoothed_rtt;
} TcpStatus;
TcpStatus tcp_status(const TcpConnection *connection);
size_t tcp_connection_count(const IpStack *stack);
TcpStatus tcp_connection_status(const IpStack *stack, size_t index);

/* Power is gone: connections vanish without a word on the wire, and without one to their users. */
void tcp_power_off(IpStack *stack);

extern const MachineSpec tcp_spec; /* "tcp" */

/* Spelt as in RFC 9293 section 3.3.2. */
#define TCP_STATES(X)                                                                                         \
    X(CLOSED, "CLOSED")                                                                                       \
    X(LISTEN, "LISTEN")                                                                                       \
    X(SYN_SENT, "SYN-SENT")                                                                                   \
    X(SYN_RECEIVED, "SYN-RECEIVED")                                                                           \
    X(ESTABLISHED, "ESTABLISHED")                                                                             \
    X(FIN_WAIT_1, "FIN-WAIT-1") X(FIN_WAIT_2, "FIN-WAIT-2") X(CLOSE_WAIT, "CLOSE-WAIT") X(CLOSING, "CLOSING") \
        X(LAST_ACK, "LAST-ACK") X(TIME_WAIT, "TIME-WAIT")
typedef enum {
#define X(name, text) TCP_##name,
    TCP_STATES(X)
#undef X
} TcpState;

#endif
