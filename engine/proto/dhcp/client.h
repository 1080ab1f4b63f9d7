/* The DHCP client: RFC 2131 section 4.4 and figure 5. */
#ifndef NETSTAGE_PROTO_DHCP_CLIENT_H
#define NETSTAGE_PROTO_DHCP_CLIENT_H

#include "base/random.h"
#include "sim/effects.h"
#include "sim/trace.h"
#include "wire/dhcp.h"

enum { DHCP_CLIENT_PARAMETERS = 24, DHCP_CLIENT_ID_MOST = 32, DHCP_CLIENT_OFFERS = 8 };

typedef enum { DHCP_POLICY_FIRST, DHCP_POLICY_LONGEST, DHCP_POLICY_SERVER } DhcpOfferPolicy;

typedef struct {
    SimTime delay_min, delay_max; /* before the first DISCOVER: 4.4.1 */
    SimTime offer_wait;           /* how long offers are collected; 0: the first acceptable one is taken at once */
    DhcpOfferPolicy policy;
    Ipv4Address server;  /* of DHCP_POLICY_SERVER: taken at once; others only when offer_wait is over */
    uint32_t lease_s;    /* asked for in option 51; 0: not asked */
    Ipv4Address request; /* asked for in option 50 of the first DISCOVER; 0: none */
    uint8_t parameters[DHCP_CLIENT_PARAMETERS];
    uint8_t parameter_count;
    uint8_t client_id_size; /* 0: option 61 is not sent */
    uint8_t client_id[DHCP_CLIENT_ID_MOST];
    const char *host_name;         /* NULL: option 12 is not sent */
    const char *vendor_class;      /* NULL: option 60 is not sent */
    uint16_t maximum_message_size; /* 0: option 57 is not sent */
    bool broadcast;                /* set the broadcast flag */
    bool probe;                    /* ARP before use: 4.4.1 */
    bool remember;                 /* keep the lease on disk and start from INIT-REBOOT */
    bool release_on_shutdown;
    bool inform;                                   /* configured by hand: ask for the rest only, 4.4.3 */
    SimTime decline_wait;                          /* 3.1.5: at least ten seconds */
    SimTime retry_first, retry_most, retry_jitter; /* 4.1: 4 s doubling up to 64 s, each ± 1 s */
    uint8_t request_tries;                         /* retransmissions of a REQUEST before starting over: 3.1.5 */
    SimTime renew_retry_min;                       /* 4.4.5: 60 s */
} DhcpClientConfig;
extern const DhcpClientConfig dhcp_client_config_default;

/* What an ACK grants. Times are absolute. */
typedef struct {
    Ipv4Address server;
    SimTime started_at, t1_at, t2_at, expires_at; /* SIM_NEVER: an infinite lease */
    InterfaceSettings settings;
} DhcpLease;

typedef struct {
    Ipv4Address address, server;
    uint32_t lease_s;
} DhcpOffered;

typedef struct {
    Machine machine;
    DhcpClientConfig config;
    MacAddress mac;
    uint8_t interface;
    RandomStream random;
    uint32_t xid;
    SimTime began_at;     /* `secs` counts from here */
    SimTime discover_at;  /* the last DISCOVER was sent: a REQUEST repeats its `secs` (3.1.3) */
    SimTime requested_at; /* leases count from here: 4.4.1 */
    uint8_t tries;
    DhcpOffered offers[DHCP_CLIENT_OFFERS];
    uint8_t offer_count;
    DhcpOffered chosen;
    Ipv4Address wanted; /* option 50 of the next DISCOVER; 0: none */
    DhcpLease lease;    /* held, remembered, or just granted; settings.address 0: none */
} DhcpClient;

extern const MachineSpec dhcp_client_spec; /* "dhcp.client" */

/* clang-format off */
#define DHCP_CLIENT_STATES(X)                                                                             \
    X(INIT, "INIT") X(SELECTING, "SELECTING") X(REQUESTING, "REQUESTING") X(BOUND, "BOUND")                \
    X(RENEWING, "RENEWING") X(REBINDING, "REBINDING") X(INIT_REBOOT, "INIT-REBOOT")                        \
    X(REBOOTING, "REBOOTING") X(OFF, "OFF") X(PROBING, "PROBING") X(INFORMING, "INFORMING")                \
    X(INFORMED, "INFORMED")
/* clang-format on */
typedef enum {
#define X(name, text) DHCP_CLIENT_##name,
    DHCP_CLIENT_STATES(X)
#undef X
} DhcpClientState;

/* The first three come from the wire; INFORMED and what follows from the host. */
#define DHCP_CLIENT_INPUTS(X)                       \
    X(OFFER, "DHCPOFFER", INPUT_WIRE)               \
    X(ACK, "DHCPACK", INPUT_WIRE)                   \
    X(NAK, "DHCPNAK", INPUT_WIRE)                   \
    X(DELAY_OVER, "delay over", INPUT_TIMER)        \
    X(RETRANSMIT, "retransmit", INPUT_TIMER)        \
    X(OFFERS_IN, "offers collected", INPUT_TIMER)   \
    X(T1, "T1 expires", INPUT_TIMER)                \
    X(T2, "T2 expires", INPUT_TIMER)                \
    X(EXPIRY, "lease expires", INPUT_TIMER)         \
    X(START, "start", INPUT_COMMAND)                \
    X(STOP, "stop", INPUT_COMMAND)                  \
    X(RENEW, "renew", INPUT_COMMAND)                \
    X(RELEASE, "release", INPUT_COMMAND)            \
    X(INFORM, "inform", INPUT_COMMAND)              \
    X(LINK_UP, "link came up", INPUT_COMMAND)       \
    X(ADDRESS_FREE, "address free", INPUT_ANSWER)   \
    X(ADDRESS_TAKEN, "address taken", INPUT_ANSWER) \
    X(ADDRESS_LOST, "address lost", INPUT_ANSWER)
typedef enum {
#define X(name, text, kind) DHCP_CLIENT_ON_##name,
    DHCP_CLIENT_INPUTS(X)
#undef X
} DhcpClientInput;

/* `machine` is initialised by the host afterwards. Texts in the config must outlive the client. */
void dhcp_client_init(DhcpClient *client, const DhcpClientConfig *config, MacAddress mac, uint8_t interface,
                      RandomStream random);
/* The lease found on the host's disk, before START. */
void dhcp_client_restore(DhcpClient *client, const DhcpLease *lease);
/* The address an INFORM speaks for is the interface's own, configured by hand; 0: it has none, and can't inform. Without
 * effect while the client has a lease or asks for one. */
void dhcp_client_set_own_address(DhcpClient *client, Ipv4Address address, uint8_t prefix_length);
/* A datagram to port 68. What is not for this client, or malformed, is noted as ignored. */
void dhcp_client_receive(DhcpClient *client, Bytes payload, Effects *effects);
void dhcp_client_timer(DhcpClient *client, uint8_t timer, Effects *effects);
/* A command or an answer of the host. */
void dhcp_client_input(DhcpClient *client, DhcpClientInput input, Effects *effects);
static inline bool dhcp_client_holds(const DhcpClient *c) {
    return c->machine.state == DHCP_CLIENT_BOUND || c->machine.state == DHCP_CLIENT_RENEWING ||
           c->machine.state == DHCP_CLIENT_REBINDING;
}

/* ---- client_answers.c: what an OFFER or ACK says ---- */

DhcpOffered dhcp_client_offer_of(const DhcpMessage *message);
/* Nanoseconds; SIM_NEVER for an infinite lease. */
SimTime dhcp_lease_span(uint32_t seconds);
/* What the host is to be configured with, the address given. */
InterfaceSettings dhcp_client_settings_of(const DhcpClient *client, const DhcpMessage *message, Ipv4Address address);
/* Reads an ACK into client->lease, counted from requested_at. */
void dhcp_client_take_lease(DhcpClient *client, const DhcpMessage *message);
/* NULL if the message is for this client and complete; else why it is not acted on. */
const char *dhcp_client_unacceptable(const DhcpClient *client, const DhcpMessage *message, SimTime now);

/* ---- client_messages.c: table 5 ---- */

void dhcp_client_send_discover(DhcpClient *client, Effects *effects);
/* By state: after SELECTING, after INIT-REBOOT, RENEWING (unicast), REBINDING. */
typedef enum {
    DHCP_REQUEST_SELECTING,
    DHCP_REQUEST_INIT_REBOOT,
    DHCP_REQUEST_RENEWING,
    DHCP_REQUEST_REBINDING
} DhcpRequestKind;
void dhcp_client_send_request(DhcpClient *client, DhcpRequestKind kind, Effects *effects);
void dhcp_client_send_decline(DhcpClient *client, Effects *effects);
void dhcp_client_send_release(DhcpClient *client, Effects *effects);
void dhcp_client_send_inform(DhcpClient *client, Effects *effects);

#endif
