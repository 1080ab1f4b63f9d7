/* POP3 on a host: a server beside its mail server, and a client that fetches a user's mail onto its own disk. */
#ifndef NETSTAGE_HOST_POP3_SERVICES_H
#define NETSTAGE_HOST_POP3_SERVICES_H

#include "host/streams.h"
#include "proto/pop3/server.h"

typedef struct Pop3Service Pop3Service;

typedef struct {
    Pop3ServerConfig server; /* what it points to lives in the world's arena */
    uint16_t port;
    uint16_t connections_most; /* more are greeted with -ERR */
} Pop3ServiceConfig;

/* The host must have a mail server: its mailboxes are served, to its users. */
void host_pop3_server_add(Host *host, const Pop3ServiceConfig *config);
void host_pop3_server_start(Host *host);
/* In order: sessions are told, nothing that was marked is removed. */
void host_pop3_server_shut_down(Host *host, uint32_t cause);
void host_pop3_server_stop(Host *host); /* power is gone */
void host_pop3_server_release(Host *host);

#endif
