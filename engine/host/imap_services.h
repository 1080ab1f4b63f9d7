/* The IMAP server on a host: it reads the mailboxes of the mail server beside it. */
#ifndef NETSTAGE_HOST_IMAP_SERVICES_H
#define NETSTAGE_HOST_IMAP_SERVICES_H

#include "host/mail.h"
#include "proto/imap/server.h"

typedef struct ImapService ImapService;

/* A mailbox that every user has from the start. */
typedef struct {
    const char *name;
    MailboxUse use;
} ImapFolder;

typedef struct {
    ImapServerConfig server; /* what it points to lives in the world's arena */
    uint16_t port;
    uint16_t sessions_most; /* more connections are greeted with BYE */
    TcpSettings tcp;
    ImapFolder *folders;
    size_t folder_count;
} ImapServiceConfig;

/* The host must have a mail server. */
void host_imap_server_add(Host *host, const ImapServiceConfig *config);
void host_imap_start(Host *host);
void host_imap_shut_down(Host *host, uint32_t cause);
void host_imap_stop(Host *host); /* power is gone: before the mail server's goes */
void host_imap_release(Host *host);

#endif
