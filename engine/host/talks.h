/* Connections spoken by hand on a host: opened by the command "connect" or accepted on a port that "listen" opened. */
#ifndef NETSTAGE_HOST_TALKS_H
#define NETSTAGE_HOST_TALKS_H

#include "host/streams.h"
#include "proto/talk/talk.h"

typedef struct HostTalk {
    struct HostTalk *next;
    HostStream stream;
    Talk talk;
    const char *name; /* on this host: "c1", or "25-1" of one that was accepted; in the world's arena */
    bool known;       /* somebody may still ask after it */
    uint32_t index;   /* directory index of the stream, once there is one; TRACE_NONE */
} HostTalk;

typedef struct {
    uint16_t port;
    uint8_t proto;
    uint32_t accepted; /* so far */
    bool open;
} TalkPort;

typedef struct {
    Host *host;
    HostTalk *talks; /* the newest first */
    TalkPort **ports;
    size_t port_count, port_capacity;
    uint32_t machine; /* directory index */
} HostTalks;

/* What is spoken on a well-known port: TRACE_PROTO_SMTP on 25 and 587 …; else TRACE_PROTO_TCP. */
uint8_t talk_proto_of_port(uint16_t port);
/* NULL: there is none of this name. A name that was used before means the newest. */
HostTalk *host_talk_find(const Host *host, const char *name);
void host_talk_connect(Host *host, const char *name, const TcpOpen *open, uint32_t cause);
/* False: it is not open. */
bool host_talk_write(HostTalk *talk, Bytes octets, uint32_t cause);
void host_talk_hang_up(HostTalk *talk, bool abort, uint32_t cause);
/* False: the port is taken. Kept through crashes. */
bool host_talk_listen(Host *host, uint16_t port, uint8_t proto);
void host_talk_listen_end(Host *host, uint16_t port);
void host_talks_start(Host *host); /* power is back */
void host_talks_stop(Host *host);  /* power is gone */
void host_talks_shut_down(Host *host, uint32_t cause);
void host_talks_release(Host *host);

#endif
