/* A user's IMAP client on a host: one connection at a time, and what is known of the mailbox, on the host's own disk. */
#ifndef NETSTAGE_HOST_IMAP_CLIENT_H
#define NETSTAGE_HOST_IMAP_CLIENT_H

#include "host/streams.h"
#include "proto/imap/client.h"

typedef struct ImapClientService ImapClientService;

typedef struct {
    ImapClientConfig client; /* what it points to lives in the world's arena */
    const char *server;      /* a name to be looked up, or an address */
    uint16_t port;
    bool connect;              /* as soon as the host is on */
    SimTime retry, retry_most; /* after a connection that was cut off: this long, then twice as long each time */
    SimTime disk_latency;
    uint64_t disk_size;
} ImapClientServiceConfig;

void host_imap_client_add(Host *host, const ImapClientServiceConfig *config);
void host_imap_client_start(Host *host, uint32_t cause);
/* The user goes on line, and off. */
void host_imap_client_connect(Host *host, uint32_t cause);
void host_imap_client_disconnect(Host *host, uint32_t cause);
/* News is asked for now; who is off line goes on line. */
void host_imap_client_check(Host *host, uint32_t cause);
/* What the user wants of the message with this number (1, 2 …: of those that are known, by UID); of a copy of what was
 * written, 0. Texts and content are taken over. */
void host_imap_client_request(Host *host, size_t number, ImapRequest *request, uint32_t cause);
/* The user has written this; where copies are kept, one is put into the mailbox for them. */
void host_imap_client_keep(Host *host, Bytes message, uint32_t cause);
void host_imap_client_shut_down(Host *host, uint32_t cause);
void host_imap_client_stop(Host *host); /* power is gone */
void host_imap_client_release(Host *host);

const ImapClient *host_imap_client_machine(const Host *host);
/* The disk that it writes to; what is known, and what of it is on the disk. */
struct MailService *host_imap_client_disk(Host *host);
const ImapMemory *host_imap_client_memory(const Host *host);
const ImapMemory *host_imap_client_memory_on_disk(const Host *host);

#endif
