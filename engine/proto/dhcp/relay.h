/* The DHCP relay agent: RFC 1542 section 4, RFC 2131 section 4.1, RFC 3046. */
#ifndef NETSTAGE_PROTO_DHCP_RELAY_H
#define NETSTAGE_PROTO_DHCP_RELAY_H

#include "sim/effects.h"
#include "sim/trace.h"
#include "wire/dhcp.h"

enum { DHCP_RELAY_SERVERS = 8, DHCP_RELAY_INTERFACES = 16 };

typedef struct {
    Ipv4Address servers[DHCP_RELAY_SERVERS];
    uint8_t server_count;
    uint8_t hop_limit;      /* a message whose `hops` exceeds it is dropped; RFC 1542 section 4.1.1: 4, at most 16 */
    bool agent_option;      /* add option 82, and take it out of replies */
    bool trust;             /* let pass a message that has option 82 though no relay has stamped it */
    const char *circuit_id; /* NULL: the interface's name */
    const char *remote_id;  /* NULL: none */
    uint16_t client_interfaces; /* a bit each: where clients are listened to */
} DhcpRelayConfig;
extern const DhcpRelayConfig dhcp_relay_config_default;

typedef struct {
    Ipv4Address address; /* 0: none, then nothing is relayed from there */
    const char *name;
} DhcpRelayInterface;

typedef struct {
    Machine machine;
    DhcpRelayConfig config;
    DhcpRelayInterface interfaces[DHCP_RELAY_INTERFACES];
    uint8_t interface_count;
} DhcpRelay;

extern const MachineSpec dhcp_relay_spec; /* "dhcp.relay" */

#define DHCP_RELAY_STATES(X) X(CLOSED) X(RELAYING)
typedef enum {
#define X(name) DHCP_RELAY_##name,
    DHCP_RELAY_STATES(X)
#undef X
} DhcpRelayState;
typedef enum {
    DHCP_RELAY_ON_START,
    DHCP_RELAY_ON_STOP,
    DHCP_RELAY_ON_BOOTREQUEST,
    DHCP_RELAY_ON_BOOTREPLY
} DhcpRelayInput;

/* `machine` is initialised by the host afterwards; names and addresses of interfaces are set by the host before
 * START. */
void dhcp_relay_init(DhcpRelay *relay, const DhcpRelayConfig *config);
void dhcp_relay_input(DhcpRelay *relay, DhcpRelayInput input, Effects *effects);
/* A datagram to port 67 that came in by this interface. */
void dhcp_relay_receive(DhcpRelay *relay, Bytes payload, uint8_t interface, Effects *effects);

#endif
