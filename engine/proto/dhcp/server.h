/* The DHCP server: RFC 2131 section 4.3.
 *
 * Two machines. dhcp.server is the server as a whole: it listens, answers INFORM, refuses what is wrong whatever the
 * table of leases says. dhcp.binding is one address: free, offered, bound, declined; a server runs as many as it has
 * addresses in use.
 *
 * Files: server.c (which address a message is about), binding.c (the machine of one address), server_messages.c (table
 * 3). */
#ifndef NETSTAGE_PROTO_DHCP_SERVER_H
#define NETSTAGE_PROTO_DHCP_SERVER_H

#include "base/arena.h"
#include "sim/effects.h"
#include "sim/trace.h"
#include "wire/dhcp.h"

enum { DHCP_SERVER_DNS = 4, DHCP_KEY_MOST = 40, DHCP_POOL_MOST = 65536 };

/* Who a client is: its client identifier, or else its hardware type and address (RFC 2131 section 4.2). */
typedef struct {
    uint8_t size;
    uint8_t octets[DHCP_KEY_MOST];
} DhcpKey;

typedef struct {
    Ipv4Address first, last;
} DhcpRange;

typedef struct {
    Ipv4Prefix subnet;
    Ipv4Address first, last;
    DhcpRange *excluded;
    size_t excluded_count;
    Ipv4Address router; /* 0: none */
    Ipv4Address dns[DHCP_SERVER_DNS];
    uint8_t dns_count;
    const char *domain; /* NULL: none */
} DhcpPool;

typedef struct {
    bool by_mac;
    MacAddress mac;
    Bytes client_id; /* as in option 61 */
    Ipv4Address address;
} DhcpReservation;

typedef struct {
    uint8_t code;
    Bytes value;
} DhcpExtraOption;

typedef struct {
    DhcpPool *pools;
    size_t pool_count;
    DhcpReservation *reservations;
    size_t reservation_count;
    DhcpExtraOption *options;
    size_t option_count;
    uint32_t lease_s, lease_min_s, lease_max_s; /* UINT32_MAX: infinite */
    uint32_t t1_permille, t2_permille;          /* of the lease */
    bool send_t1_t2, ping_check, authoritative, stable_storage;
    SimTime offer_hold, ping_wait, quarantine;
    Ipv4Address server_id; /* 0: the address of the interface */
} DhcpServerConfig;
extern const DhcpServerConfig dhcp_server_config_default;

typedef struct DhcpServer DhcpServer;
typedef struct DhcpBinding DhcpBinding;

#define DHCP_BINDING_STATES(X) X(FREE) X(CHECKING) X(OFFERED) X(BOUND) X(DECLINED)
typedef enum {
#define X(name) DHCP_BINDING_##name,
    DHCP_BINDING_STATES(X)
#undef X
} DhcpBindingState;

struct DhcpBinding {
    Machine machine; /* dhcp.binding; its subject is the address */
    DhcpServer *server;
    const DhcpPool *pool; /* NULL: a reservation outside every pool */
    Ipv4Address address;
    DhcpKey key; /* who holds it or held it last; size 0: nobody ever */
    MacAddress mac;
    SimTime expires_at; /* SIM_NEVER: does not end */
    uint64_t ended;     /* order in which bindings came free: the longest unused is given first */
    DhcpBinding *next;  /* in the same bucket of the server's clients */
    uint32_t offered_s; /* the lease that the last OFFER promised its key; 0: none */
    Bytes waiting;      /* CHECKING: the DISCOVER that waits for the ping, kept in `room` */
    uint8_t *room;
    size_t room_size;
    uint8_t waiting_interface;
    Ipv4Address waiting_address, waiting_source; /* of that interface, and of the datagram */
};

/* A message, and what is known of where it came from. */
typedef struct {
    Bytes payload;
    uint8_t interface;
    Ipv4Address interface_address, source, destination;
} DhcpArrival;

/* What is written to disk of a binding. */
typedef struct {
    Ipv4Address address;
    bool bound;    /* false: the address is free again, but remembered */
    bool declined; /* it rests, nobody's, until expires_at */
    DhcpKey key;
    MacAddress mac;
    SimTime expires_at;
} DhcpStored;

struct DhcpServer {
    Machine machine; /* dhcp.server */
    DhcpServerConfig config;
    Arena *arena;
    uint32_t binding_machine; /* directory index of dhcp.binding on this host */
    DhcpBinding ***slots;     /* by pool, by offset; made when first needed */
    uint32_t *never_used;     /* by pool: all offsets from here on have never been used */
    DhcpBinding **all;
    size_t all_count, all_capacity;
    size_t made;              /* all[all_count] to all[made - 1] were in use before the last start, and serve again */
    const DhcpPool *slots_of; /* the pools that `slots` was made for */
    DhcpBinding **buckets;    /* by client key */
    size_t bucket_count;
    uint64_t ended; /* counts bindings that came free */
};

extern const MachineSpec dhcp_server_spec;  /* "dhcp.server" */
extern const MachineSpec dhcp_binding_spec; /* "dhcp.binding" */

#define DHCP_SERVER_STATES(X) X(CLOSED) X(LISTENING)
typedef enum {
#define X(name) DHCP_SERVER_##name,
    DHCP_SERVER_STATES(X)
#undef X
} DhcpServerState;
typedef enum {
    DHCP_SERVER_ON_START,
    DHCP_SERVER_ON_STOP,
    DHCP_SERVER_ON_DISCOVER_UNMET,
    DHCP_SERVER_ON_INFORM,
    DHCP_SERVER_ON_WRONG_REQUEST
} DhcpServerInput;

/* `machine` is initialised by the host afterwards. The config's arrays must outlive the server; so must the arena. */
void dhcp_server_init(DhcpServer *server, const DhcpServerConfig *config, Arena *arena, uint32_t binding_machine);
/* As new, but with the memory it has already: a server that starts a thousand times needs no more than one. All timers
 * of its bindings must be void. */
void dhcp_server_restart(DhcpServer *server, const DhcpServerConfig *config);
/* START or STOP. */
void dhcp_server_input(DhcpServer *server, DhcpServerInput input, Effects *effects);
/* Other pools from now on. Who holds an address outside them is refused at the next renewal. */
void dhcp_server_configure(DhcpServer *server, const DhcpServerConfig *config);
/* A binding found on disk, after START. */
void dhcp_server_restore(DhcpServer *server, const DhcpStored *stored, Effects *effects);
void dhcp_server_receive(DhcpServer *server, const DhcpArrival *arrival, Effects *effects);
void dhcp_binding_timer(DhcpBinding *binding, uint8_t timer, Effects *effects);
/* The ping was answered: the address is in use by somebody. */
void dhcp_server_ping_answered(DhcpServer *server, Ipv4Address address, Effects *effects);

/* ---- Between server.c, binding.c and server_messages.c ---- */

/* A message with everything that was found out about it: the argument of both machines' rows. */
typedef struct {
    DhcpServer *server;
    const DhcpMessage *message;
    const DhcpArrival *arrival;
    const DhcpPool *pool;
    DhcpKey key;
    MacAddress mac;
} DhcpCase;

typedef enum {
    DHCP_BINDING_ON_DISCOVER,
    DHCP_BINDING_ON_SELECTED,
    DHCP_BINDING_ON_NOT_SELECTED,
    DHCP_BINDING_ON_VERIFY,
    DHCP_BINDING_ON_RENEW,
    DHCP_BINDING_ON_REBIND,
    DHCP_BINDING_ON_DECLINE,
    DHCP_BINDING_ON_RELEASE,
    DHCP_BINDING_ON_RESTORE,
    DHCP_BINDING_ON_RESTORE_DECLINED,
    DHCP_BINDING_ON_PING_REPLY,
    DHCP_BINDING_ON_PING_OVER,
    DHCP_BINDING_ON_OFFER_OVER,
    DHCP_BINDING_ON_EXPIRY,
    DHCP_BINDING_ON_QUARANTINE_OVER,
} DhcpBindingInput;

/* Whether the server is up and its settings still let it hand out the address. */
bool dhcp_server_gives(const DhcpServer *server, Ipv4Address address);
bool dhcp_key_equal(const DhcpKey *a, const DhcpKey *b);
void dhcp_server_own(DhcpServer *server, DhcpBinding *binding, const DhcpKey *key, MacAddress mac);
Ipv4Address dhcp_server_identifier(const DhcpServer *server, const DhcpArrival *arrival);
/* The lease this message gets: what it asks for, within the server's limits. Seconds; UINT32_MAX: infinite. */
uint32_t dhcp_server_lease(const DhcpServer *server, const DhcpMessage *message);
void dhcp_send_lease(const DhcpCase *c, DhcpMessageType type /* OFFER or ACK */, Ipv4Address address, uint32_t lease_s,
                     Effects *effects);
void dhcp_send_nak(const DhcpCase *c, const char *why, Effects *effects);
void dhcp_send_parameters(const DhcpCase *c, Effects *effects); /* the answer to an INFORM */

#endif
