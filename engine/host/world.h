/* A world: virtual hosts on simulated networks, and the only way to change it: commands.
 *
 * A command is a map with the key "do" (base/value.h). world_command checks it, carries it out at once, and writes it
 * to the command log and the trace. A run is {program version, seed, command log}: world_rebuild gives the same world
 * again.
 *
 * | do           | fields
 * |--------------|----------------------------------------------------------------------------------------------------
 * | lan          | name, prefix "192.168.1.0/24"?, kind "switch"|"hub", latency "1ms"?, bandwidth (bit/s)?: the default
 * |              | of its cables
 * | host         | name, router true|false (forwards packets)
 * | attach       | host, lan, interface "eth0"?, address "192.168.1.1"? or "192.168.1.1/24", router?, dns []?, mac?,
 * |              | latency?, bandwidth?
 * | link         | a, b (hosts): a cable between two routers; address_a, address_b, latency?, bandwidth?
 * | route        | host, to "10.0.0.0/8", via "192.168.1.254"
 * | service      | host, service "dhcp_client"|"dhcp_server"|"mail_server"|"mail_agent"|…|"tcp_echo", config {…}:
 * |              | see host/config.h
 * | boot         | host: power on; its services start; hand-configured addresses are probed and announced
 * | shutdown     | host: services stop in order (a DHCP client releases if its config says so), then power off
 * | crash        | host: power off at once; what is not on its disk is lost
 * | move         | host, interface?, lan: the cable is pulled and plugged in elsewhere
 * | unplug, plug | host, interface?
 * | cable        | host, interface?, direction "both"|"from_host"|"to_host", latency?, bandwidth?, loss? "40%",
 * |              | duplicate? "5%", reorder? "10%", corrupt? "1%", up? true|false
 * | fault        | host, interface?, direction, action "drop"|"duplicate"|"corrupt"|"delay", count, by? "2s" (delay),
 * |              | message? "ACK" (only frames with this message name; else any)
 * | address      | host, interface?, address "192.168.0.1/24", router?: hand configuration; "" takes it away
 * | dhcp         | host, interface?, action "release"|"renew"|"inform"|"start"|"stop"
 * | configure    | host, service, config {…}: replaces a running service's settings (a renumbered pool)
 * | lookup       | host, name, type "A"|"MX"|…?: asks the name servers that the host was told of; of type PTR also an
 * |              | address
 * | ping         | host, to (an address, a host, or a name to be looked up), count?, ttl?
 * | udp          | host, to, port, from_port?, text or octets (hexadecimal), count?, every?
 * | listen       | host, port, protocol "udp"|"tcp": takes datagrams or connections in, for a script to answer;
 * |              | close true|false: no more. Connections are named "25-1", "25-2" …
 * | connect      | host, name (of the connection), to (an address, a host, or a name to be looked up), port,
 * |              | nagle true|false
 * | write        | host, name, text or octets (hexadecimal): said over the connection
 * | hangup       | host, name, abort true|false
 * | frame        | lan, octets (hexadecimal): a frame from outside (the bridge), or a malformed one by hand
 * | http         | host, to (an address, a host, or a name to be looked up), paths (a text or a list), port?: fetched over
 * |              | one connection
 * | mail         | host: a user writes: from, reply_to, to, cc, bcc (a text or a list), subject, date, in_reply_to,
 * |              | references, fields {…}, text, html, attachments [{ type, name, description, content_id, inline,
 * |              | text or octets, parameters {…} }], multipart "mixed"|"digest"|"parallel"…, charset, eight_bit;
 * |              | or raw (text) or raw_octets: a message as it stands. envelope { from, to }: instead of the header's;
 * |              | notify "success"|"failure"|"delay"|"never" (or a list), ret "full"|"headers", envid
 * | queue        | host: what waits in its queue is tried now
 * | check_mail   | host: its POP3 client fetches mail now; its IMAP client asks for news, going on line if need be
 * | mail_connect | host: its IMAP client goes on line; mail_disconnect: and off
 * | mail_open    | host, message (its number): the user reads it
 * | mail_part    | host, message, part "2", from?, octets?: the user wants a part, or octets of it
 * | mail_flag    | host, message, flag, set true|false?
 * | mail_file    | host, message, mailbox: where it is moved to
 * | mail_delete  | host, message
 * | disk         | host, state "ok"|"failing", size?
 * | mailbox      | host, mailbox, busy?, online?, quota?
 * | say          | beat true|false?, phase?, text {en, zh}
 * | expect       | text, held, detail?
 */
#ifndef NETSTAGE_HOST_WORLD_H
#define NETSTAGE_HOST_WORLD_H

#include "base/value.h"
#include "sim/sim.h"
#include "wire/address.h"

typedef struct World World;

World *world_new(uint64_t seed, bool keep_trace);
void world_free(World *world);
Sim *world_sim(World *world);
const Trace *world_trace(const World *world);
SimTime world_now(const World *world);

/* False: *error says which field and why, and nothing was changed. `from_script`: the command would be given again by
 * running the script again, so a fork that runs the script leaves it out of the log it replays. */
bool world_command(World *world, const Value *command, bool from_script, ConfigError *error) NS_MUST_USE;

/* Runs all events up to and including time `until`; the clock then stands there. */
void world_run(World *world, SimTime until);
/* Runs one event; false if none is due at or before `until` (the clock then stands at `until`, unless that is
 * SIM_NEVER). */
bool world_step(World *world, SimTime until);
/* Calls back at `at`, in the order of events: how scripts sleep. */
void world_call_at(World *world, SimTime at, SimEvent *call, void *self, uint64_t number);

/* ---- The command log ---- */

typedef struct {
    SimTime at;
    uint64_t events_before; /* events carried out before it: its exact place */
    bool from_script;
    const char *json;
} LoggedCommand;
size_t world_log_count(const World *world);
const LoggedCommand *world_log_get(const World *world, size_t index);
/* A new world that has gone through every logged command up to and including `until`, and stands there. */
World *world_rebuild(const World *world, SimTime until);
/* Takes `world`, which has gone through the first commands of `from`'s log, through the following ones up to and
 * including `until`. */
void world_replay(World *world, const World *from, SimTime until);

/* ---- Looking at live state (scripts' conditions, and the test that folds agree with it) ---- */

#define WORLD_NONE UINT32_MAX
/* Directory index of the host or LAN with this name, or WORLD_NONE. */
uint32_t world_find(const World *world, const char *name);
bool world_host_powered(const World *world, uint32_t host);
size_t world_interface_count(const World *world, uint32_t host);
typedef struct {
    const char *name;
    MacAddress mac;
    Ipv4Address address, router; /* 0: none */
    uint8_t prefix_length;
    uint8_t name_server_count;
    Ipv4Address name_servers[SETTINGS_SERVERS];
    uint32_t link; /* directory index of its cable */
    bool up;       /* the cable is in and the host powered */
} WorldInterface;
WorldInterface world_interface(const World *world, uint32_t host, size_t index);
/* The state of the host's machine of this kind ("dhcp.client"), with this subject; NULL if there is none. */
const char *world_machine_state(const World *world, uint32_t host, const char *machine, uint32_t subject);

typedef struct {
    Ipv4Address address, server;
    SimTime started_at, t1_at, t2_at, expires_at; /* expires_at SIM_NEVER: infinite */
} WorldLease;
/* False if the host's client holds none. */
bool world_client_lease(const World *world, uint32_t host, WorldLease *lease);
typedef struct {
    Ipv4Address address;
    const char *state; /* of its machine dhcp.server: "FREE", "OFFERED", "BOUND" … */
    MacAddress client;
    SimTime expires_at; /* SIM_NEVER if it does not expire */
} WorldBinding;
size_t world_server_binding_count(const World *world, uint32_t host);
WorldBinding world_server_binding(const World *world, uint32_t host, size_t index);
/* Bytes a host takes besides trace and frames, all told, divided by the number of hosts. */
size_t world_footprint_per_host(const World *world);

/* The names of the fields that a command or a service's config understands, a line each ("name: type"): what api.lua
 * is held against. `what` is "do:attach" or "service:dhcp_server"; false if there is no such thing. */
bool world_describe_fields(const char *what, Text *names);

/* How the host's mail server calls itself; NULL: it has none. */
const char *world_mail_name(const World *world, uint32_t host);

/* ---- Connections spoken by hand ---- */

typedef struct {
    const char *state; /* "CONNECTING", "OPEN", "HALF_CLOSED" (hung up), "ENDED"; NULL: there is none of this name */
    const char *how;   /* ENDED: "tcp.closed", "tcp.refused" … */
    bool peer_closed;
    uint32_t stream; /* directory index, or TRACE_NONE */
    size_t unsent;   /* octets written that the network has not taken yet */
} WorldTalk;
WorldTalk world_talk(const World *world, uint32_t host, const char *name);
/* The name of the connection that the port accepted as its `number`th, from 1; NULL: it has not yet. */
const char *world_talk_accepted(const World *world, uint32_t host, uint16_t port, uint32_t number);
/* Octets that come are handed out as they come, too (a gateway's); none at all, `at` NULL: look at its state again.
 * False: there is no such connection. */
typedef void WorldHeard(void *self, Bytes octets);
bool world_talk_listen(World *world, uint32_t host, const char *name, WorldHeard *heard, void *self) NS_MUST_USE;

/* ---- Outside (bridge/) ---- */

/* Makes a port on the LAN through which frames leave to `out`; frames come in by the command "frame". */
typedef void WorldTap(void *self, Bytes frame, SimTime at);
bool world_tap(World *world, const char *lan, WorldTap *out, void *self, Text *error) NS_MUST_USE;

#endif
