/* Users of TCP for tests: each writes what it was given, keeps what it reads, and closes when told to. */
#ifndef NETSTAGE_TESTS_TCP_PAIR_H
#define NETSTAGE_TESTS_TCP_PAIR_H

#include "network.h"
#include "stack/tcp.h"

typedef struct {
    TcpConnection *c; /* NULL before it is opened and after it has ended */
    Bytes to_write;   /* what is left of it */
    bool close_after; /* tcp_close when everything is written */
    bool close_with_peer;
    size_t most_at_once; /* read at most that much in one call; 0: everything */
    bool hold;           /* read nothing */
    uint8_t *got;
    size_t got_size, got_capacity;
    int opened, readable, writable, peer_closed, ended;
    TcpEnd how;
} TestUser;

static inline void test_user_write(TestUser *u, uint32_t cause) {
    if (!u->c) return;
    if (u->to_write.size > 0)
        u->to_write = bytes_slice(u->to_write, tcp_write(u->c, u->to_write, cause), u->to_write.size);
    if (u->to_write.size == 0 && u->close_after) {
        u->close_after = false;
        tcp_close(u->c, cause);
    }
}

static inline void test_user_read(TestUser *u, uint32_t cause) {
    while (!u->hold) {
        Bytes b = tcp_peek(u->c);
        if (b.size == 0) return;
        if (u->most_at_once > 0) b = bytes_slice(b, 0, u->most_at_once);
        u->got = array_grow(u->got, &u->got_capacity, u->got_size + b.size, 1);
        memcpy(u->got + u->got_size, b.at, b.size);
        u->got_size += b.size;
        tcp_consume(u->c, b.size, cause);
        if (u->most_at_once > 0) return;
    }
}

static inline void test_user_opened(void *self, uint32_t cause) {
    TestUser *u = self;
    u->opened++;
    test_user_write(u, cause);
}

static inline void test_user_readable(void *self, uint32_t cause) {
    TestUser *u = self;
    u->readable++;
    test_user_read(u, cause);
}

static inline void test_user_writable(void *self, uint32_t cause) {
    TestUser *u = self;
    u->writable++;
    test_user_write(u, cause);
}

static inline void test_user_peer_closed(void *self, uint32_t cause) {
    TestUser *u = self;
    u->peer_closed++;
    if (u->close_with_peer && u->to_write.size == 0) tcp_close(u->c, cause);
}

static inline void test_user_ended(void *self, TcpEnd how, uint32_t cause) {
    TestUser *u = self;
    (void)cause;
    u->ended++;
    u->how = how;
    u->c = NULL;
}

static const TcpUser test_user_calls = {test_user_opened, test_user_readable, test_user_writable,
                                        test_user_peer_closed, test_user_ended};

/* `self` of a listener is the one user who takes every connection. */
static inline const TcpUser *test_user_accepted(void *self, TcpConnection *c, void **user, uint32_t cause) {
    TestUser *u = self;
    (void)cause;
    u->c = c;
    *user = u;
    return &test_user_calls;
}

static inline void test_listen(World *w, const char *host, uint16_t port, const TcpSettings *settings, TestUser *u) {
    TcpListener l = {.port = port,
                     .proto = TRACE_PROTO_TCP,
                     .settings = settings ? *settings : tcp_settings_default,
                     .accepted = test_user_accepted,
                     .self = u};
    assert_true(tcp_listen(network_host(w, host)->stack, &l));
}

static inline void test_connect(World *w, const char *host, Ipv4Address to, uint16_t port, const TcpSettings *settings,
                                TestUser *u) {
    TcpOpen open = {.destination = to,
                    .destination_port = port,
                    .proto = TRACE_PROTO_TCP,
                    .settings = settings ? *settings : tcp_settings_default};
    u->c = tcp_connect(network_host(w, host)->stack, &open, &test_user_calls, u, TRACE_NONE);
}

static inline void test_fill(uint8_t *octets, size_t size, uint64_t seed) {
    for (size_t i = 0; i < size; i++) {
        seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        octets[i] = (uint8_t)(seed >> 56);
    }
}

#endif
