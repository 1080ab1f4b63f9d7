/* The small services that every TCP can be tried with: echo (RFC 862), discard (RFC 863) and character generator
 * (RFC 864). */
#ifndef NETSTAGE_HOST_TCP_SERVICES_H
#define NETSTAGE_HOST_TCP_SERVICES_H

#include "stack/tcp.h"

typedef struct Host Host;
typedef struct TcpService TcpService;

typedef enum { TCP_SERVICE_ECHO, TCP_SERVICE_DISCARD, TCP_SERVICE_CHARGEN } TcpServiceKind;
typedef struct {
    TcpServiceKind kind;
    uint16_t port;
    uint8_t backlog;
    uint64_t octets; /* chargen: how many, then it closes; 0: until the peer does */
    TcpSettings settings;
} TcpServiceConfig;

extern const FactSpec fact_tcp_discarded; /* octets, crc32: what came over a connection to the discard service */

/* Lives in the simulation's arena; its connections do not. */
void tcp_service_add(Host *host, const TcpServiceConfig *config);
bool tcp_service_runs(const Host *host, TcpServiceKind kind);
void tcp_services_start(Host *host);
/* No new connections; those that stand are closed in order. */
void tcp_services_shut_down(Host *host, uint32_t cause);
void tcp_services_stop(Host *host); /* power is gone */

#endif
