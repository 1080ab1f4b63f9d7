/* POP3 on a host: a server beside its mail server, and a client that fetches a user's mail onto its own disk. */
#ifndef NETSTAGE_HOST_POP3_SERVICES_H
#define NETSTAGE_HOST_POP3_SERVICES_H

#include "host/streams.h"
#include "proto/pop3/client.h"
#include "proto/pop3/server.h"

typedef struct Pop3Service Pop3Service;
typedef struct Pop3Reader Pop3Reader;

typedef struct {
    Pop3ServerConfig server; /* what it points to lives in the world's arena */
    uint16_t port;
    uint16_t connections_most; /* more are greeted with -ERR */
    TcpSettings tcp;
} Pop3ServiceConfig;

/* The host must have a mail server: its mailboxes are served, to its users. */
void host_pop3_server_add(Host *host, const Pop3ServiceConfig *config);
void host_pop3_server_start(Host *host);
/* In order: sessions are told, nothing that was marked is removed. */
void host_pop3_server_shut_down(Host *host, uint32_t cause);
void host_pop3_server_stop(Host *host); /* power is gone */
void host_pop3_server_release(Host *host);

/* ---- Client ---- */

typedef struct {
    Pop3ClientConfig client; /* what it points to lives in the world's arena */
    const char *server;      /* a name to be looked up, or an address */
    uint16_t port;
    SimTime check;       /* so often by itself; 0: only when told */
    SimTime retry;       /* after a session that was cut off */
    uint16_t tries_most; /* in a row */
    SimTime disk_latency;
    uint64_t disk_size;
    TcpSettings tcp;
} Pop3ReaderConfig;

void host_pop3_client_add(Host *host, const Pop3ReaderConfig *config);
void host_pop3_client_start(Host *host, uint32_t cause);
/* Mail is fetched now, unless that is under way. */
void host_pop3_client_check(Host *host, uint32_t cause);
void host_pop3_client_shut_down(Host *host, uint32_t cause);
void host_pop3_client_stop(Host *host); /* power is gone */
void host_pop3_client_release(Host *host);
/* The disk that the client writes to, with the user's mailbox on it. */
struct MailService *host_pop3_client_disk(Host *host);
MailAccount *host_pop3_client_account(Host *host);
/* How many messages it knows by their unique-ids. */
size_t host_pop3_client_known(const Host *host);

#endif
