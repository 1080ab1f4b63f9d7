#define _GNU_SOURCE
#include "bridge/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"

enum {
    EVENTS = 256,
    OPENING_MOST = 32, /* connections asked for at one time: a virtual server's listen queue is no deeper than a real one's */
    READ_MOST = 16 * 1024,           /* octets taken from one client at a time */
    UNSENT_MOST = 128 * 1024,        /* a client is not read while so much of it waits for the network */
    OUT_MOST = 64 * 1024 * 1024,     /* a client that never reads is cut off */
};

typedef struct {
    Gateway *gateway;
    const Visitor *visitor;
    int descriptor;
    char name[24];
    size_t place;
    uint8_t *out; /* for the client */
    size_t out_at, out_size, out_capacity;
    bool listening;   /* what the visitor hears comes here */
    bool opening;     /* it is being connected */
    bool dirty;       /* there is something to hand back */
    bool held;        /* not being read: too much is unsent, or it is not open yet */
    bool client_done; /* the client has closed its side, and the visitor has hung up */
    bool gone;        /* nothing can be said to it any more */
} Client;

typedef struct {
    Gateway *gateway;
    int descriptor;
    Visitor visitor;
} Port;

struct Gateway {
    VisitorDoor door;
    int epoll;
    Port **ports;
    size_t port_count, port_capacity;
    Client **clients; /* by place; NULL: free */
    size_t client_count, client_capacity, open_count, opening_count;
    bool full; /* new clients wait outside until others are through the door */
    Client **dirty;
    size_t dirty_count, dirty_capacity;
    uint32_t numbers;
};

static bool fail(Text *error, const char *what) {
    text_print(error, "gateway: %s: %s", what, strerror(errno));
    return false;
}

Gateway *gateway_new(const VisitorDoor *door, Text *error) {
    Gateway *g = memory_new(sizeof *g);
    g->door = *door;
    g->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (g->epoll < 0) {
        fail(error, "epoll");
        free(g);
        return NULL;
    }
    struct rlimit files; /* thousands of clients are thousands of descriptors */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return g;
}

static void client_free(Client *c) {
    close(c->descriptor);
    free(c->out);
    free(c);
}

void gateway_free(Gateway *g) {
    if (!g) return;
    for (size_t i = 0; i < g->client_count; i++)
        if (g->clients[i]) client_free(g->clients[i]);
    for (size_t i = 0; i < g->port_count; i++) {
        close(g->ports[i]->descriptor);
        free(g->ports[i]);
    }
    close(g->epoll);
    free(g->ports);
    free(g->clients);
    free(g->dirty);
    free(g);
}

int gateway_descriptor(const Gateway *g) { return g->epoll; }
size_t gateway_open_count(const Gateway *g) { return g->open_count; }

/* ---- Ports ---- */

static bool read_real_address(const char *text, struct sockaddr_in *address, Text *error) {
    const char *colon = strrchr(text, ':');
    char host[INET_ADDRSTRLEN] = "", *end;
    if (colon && (size_t)(colon - text) < sizeof host) memcpy(host, text, (size_t)(colon - text));
    long port = colon ? strtol(colon + 1, &end, 10) : -1;
    *address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    bool good = colon && end != colon + 1 && !*end && port >= 0 && port <= 65535 &&
                inet_pton(AF_INET, host, &address->sin_addr) == 1;
    if (!good) {
        text_print(error, "%s: an address and port of this machine expected, for example 127.0.0.1:2525", text);
    } else if (ntohl(address->sin_addr.s_addr) >> 24 != 127) {
        text_print(error, "%s: only the loopback network, 127.0.0.1 and its like, can be listened on", text);
        good = false;
    }
    return good;
}

bool gateway_listen(Gateway *g, const char *text, Text *said, Text *error) {
    const char *equals = strchr(text, '=');
    if (!equals) {
        text_print(error, "%s: HOST:PORT=127.0.0.1:PORT expected, for example hamburger:25=127.0.0.1:2525", text);
        return false;
    }
    struct sockaddr_in address;
    Text virtual = text_new();
    text_put_n(&virtual, text, (size_t)(equals - text));
    uint32_t host;
    uint16_t number;
    bool good = visitor_find(g->door.world, text_get(&virtual), &host, &number, error) &&
                read_real_address(equals + 1, &address, error);
    text_free(&virtual);
    if (!good) return false;
    Port *port = memory_new(sizeof *port);
    port->gateway = g;
    port->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    int on = 1;
    if (port->descriptor >= 0) setsockopt(port->descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (port->descriptor < 0 || bind(port->descriptor, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(port->descriptor, SOMAXCONN) < 0) {
        fail(error, equals + 1);
        good = false;
    }
    good = good && visitor_join(&g->door, host, number, &port->visitor, error);
    if (!good) {
        if (port->descriptor >= 0) close(port->descriptor);
        free(port);
        return false;
    }
    socklen_t size = sizeof address;
    getsockname(port->descriptor, (struct sockaddr *)&address, &size);
    text_print(said, "127.%d.%d.%d:%u", (int)(ntohl(address.sin_addr.s_addr) >> 16 & 255),
               (int)(ntohl(address.sin_addr.s_addr) >> 8 & 255), (int)(ntohl(address.sin_addr.s_addr) & 255),
               ntohs(address.sin_port));
    g->ports = array_grow(g->ports, &g->port_capacity, g->port_count + 1, sizeof *g->ports);
    g->ports[g->port_count++] = port;
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uint64_t)g->port_count << 32};
    return epoll_ctl(g->epoll, EPOLL_CTL_ADD, port->descriptor, &event) == 0 || fail(error, "epoll");
}

/* ---- Clients ---- */

static void mark(Client *c) {
    Gateway *g = c->gateway;
    if (c->dirty) return;
    c->dirty = true;
    g->dirty = array_grow(g->dirty, &g->dirty_capacity, g->dirty_count + 1, sizeof *g->dirty);
    g->dirty[g->dirty_count++] = c;
}

static void heard(void *self, Bytes octets) {
    Client *c = self;
    if (octets.size > 0) {
        c->out = array_grow(c->out, &c->out_capacity, c->out_size + octets.size, 1);
        memcpy(c->out + c->out_size, octets.at, octets.size);
        c->out_size += octets.size;
    }
    mark(c);
}

static void watch(Client *c, size_t place, bool reading, bool writing) {
    struct epoll_event event = {.events = (reading ? EPOLLIN : 0u) | (writing ? EPOLLOUT : 0u), .data.u64 = place};
    (void)epoll_ctl(c->gateway->epoll, EPOLL_CTL_MOD, c->descriptor, &event);
}

static bool client_new(Port *port, int descriptor, Text *error) {
    Gateway *g = port->gateway;
    size_t place = 0;
    if (g->open_count < g->client_count)
        while (g->clients[place]) place++;
    else place = g->client_count;
    if (place == g->client_count) {
        g->clients = array_grow(g->clients, &g->client_capacity, place + 1, sizeof *g->clients);
        g->client_count++;
    }
    Client *c = memory_new(sizeof *c);
    *c = (Client){.gateway = g, .visitor = &port->visitor, .descriptor = descriptor, .place = place, .held = true};
    Text name = text_new();
    text_print(&name, "client-%u", ++g->numbers);
    memcpy(c->name, text_get(&name), name.size + 1);
    text_free(&name);
    int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    g->clients[place] = c;
    g->open_count++;
    c->opening = true;
    g->opening_count++;
    struct epoll_event event = {.events = 0, .data.u64 = place};
    if (epoll_ctl(g->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) return fail(error, "epoll");
    if (!visitor_connect(c->visitor, c->name, error)) return false;
    c->listening = world_talk_listen(g->door.world, c->visitor->host, c->name, heard, c);
    mark(c);
    return true;
}

static void watch_ports(Gateway *g) {
    bool full = g->opening_count >= OPENING_MOST;
    if (full == g->full) return;
    g->full = full;
    for (size_t i = 0; i < g->port_count; i++) {
        struct epoll_event event = {.events = full ? 0 : EPOLLIN, .data.u64 = (uint64_t)(i + 1) << 32};
        (void)epoll_ctl(g->epoll, EPOLL_CTL_MOD, g->ports[i]->descriptor, &event);
    }
}

static bool accept_all(Port *port, Text *error) {
    while (port->gateway->opening_count < OPENING_MOST) {
        int descriptor = accept4(port->descriptor, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (descriptor < 0) return true; /* none is left, or it went away again; out of descriptors: they wait */
        if (!client_new(port, descriptor, error)) return false;
    }
    watch_ports(port->gateway);
    return true;
}

static bool read_client(Client *c, size_t place, Text *error) {
    uint8_t octets[READ_MOST];
    ssize_t size = recv(c->descriptor, octets, sizeof octets, 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    WorldTalk talk = world_talk(c->gateway->door.world, c->visitor->host, c->name);
    if (!talk.state || strcmp(talk.state, "OPEN") != 0) {
        watch(c, place, false, false);
        mark(c);
        return true;
    }
    if (size <= 0) {
        c->client_done = true;
        watch(c, place, false, c->out_at < c->out_size);
        mark(c);
        return visitor_hang_up(c->visitor, c->name, size < 0, error);
    }
    if (!visitor_write(c->visitor, c->name, bytes_of(octets, (size_t)size), error)) return false;
    mark(c);
    return true;
}

bool gateway_take(Gateway *g, Text *error) {
    struct epoll_event events[EVENTS];
    int count = epoll_wait(g->epoll, events, EVENTS, 0);
    for (int i = 0; i < count; i++) {
        uint64_t data = events[i].data.u64;
        if (data >> 32) {
            if (!accept_all(g->ports[(data >> 32) - 1], error)) return false;
            continue;
        }
        Client *c = g->clients[data];
        if (!c) continue;
        if (events[i].events & EPOLLOUT) mark(c);
        if ((events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) && !c->client_done && !c->held &&
            !read_client(c, (size_t)data, error))
            return false;
        /* A client that is gone altogether: the system would say so again and again. */
        if ((events[i].events & (EPOLLHUP | EPOLLERR)) && (c->held || c->client_done)) {
            (void)epoll_ctl(g->epoll, EPOLL_CTL_DEL, c->descriptor, NULL);
            c->gone = true;
            mark(c);
        }
    }
    return true;
}

/* ---- Back ---- */

static void client_end(Gateway *g, size_t place, bool reset) {
    Client *c = g->clients[place];
    if (reset) {
        struct linger now = {1, 0};
        setsockopt(c->descriptor, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    if (c->listening) (void)!world_talk_listen(g->door.world, c->visitor->host, c->name, NULL, NULL);
    for (size_t i = 0; c->dirty && i < g->dirty_count; i++) {
        if (g->dirty[i] != c) continue;
        g->dirty[i] = g->dirty[--g->dirty_count];
        break;
    }
    if (c->opening) g->opening_count--;
    client_free(c);
    g->clients[place] = NULL;
    g->open_count--;
}

static bool hand_back(Gateway *g, Client *c, Text *error) {
    size_t place = c->place;
    bool broken = false;
    while (c->out_at < c->out_size && !c->gone) {
        ssize_t size = send(c->descriptor, c->out + c->out_at, c->out_size - c->out_at, MSG_NOSIGNAL);
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) {
            broken = errno != EAGAIN;
            break;
        }
        c->out_at += (size_t)size;
    }
    if (c->out_at == c->out_size) c->out_at = c->out_size = 0;
    WorldTalk talk = world_talk(g->door.world, c->visitor->host, c->name);
    bool ended = !talk.state || strcmp(talk.state, "ENDED") == 0;
    if (c->opening && (ended || strcmp(talk.state, "CONNECTING") != 0)) {
        c->opening = false;
        g->opening_count--;
        watch_ports(g);
    }
    bool left = c->gone && !c->client_done; /* without a word of good-bye */
    if (!ended && (broken || left || c->out_size - c->out_at > OUT_MOST)) {
        if (!visitor_hang_up(c->visitor, c->name, true, error)) return false;
        client_end(g, place, broken);
        return true;
    }
    bool pending = c->out_at < c->out_size;
    if (ended && (!pending || broken || c->gone)) {
        client_end(g, place, talk.how && strcmp(talk.how, "tcp.closed") != 0);
        return true;
    }
    if (!ended && !pending && talk.peer_closed && !c->gone && !c->client_done) shutdown(c->descriptor, SHUT_WR);
    bool open = talk.state && strcmp(talk.state, "OPEN") == 0;
    c->held = !open || talk.unsent > UNSENT_MOST;
    if (!c->gone) watch(c, place, !c->held && !c->client_done, pending);
    if (open && c->held) mark(c); /* looked at again once the network has taken some */
    return true;
}

bool gateway_hand_back(Gateway *g, Text *error) {
    size_t count = g->dirty_count;
    Client **list = memory_new((count + 1) * sizeof *list);
    if (count > 0) memcpy(list, g->dirty, count * sizeof *list);
    g->dirty_count = 0;
    for (size_t i = 0; i < count; i++) list[i]->dirty = false;
    bool good = true;
    for (size_t i = 0; i < count && good; i++) good = hand_back(g, list[i], error);
    free(list);
    return good;
}
