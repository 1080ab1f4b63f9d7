/* Between world.c and the files of commands. */
#ifndef NETSTAGE_HOST_WORLD_INSIDE_H
#define NETSTAGE_HOST_WORLD_INSIDE_H

#include "host/config.h"
#include "host/host.h"
#include "host/world.h"

/* What a directory index names: a host or a LAN. */
typedef struct {
    const char *name;
    Host *host;
    Lan *lan;
} Node;

/* A call that somebody outside the world has asked for; a place is used again once the call was made. */
typedef struct {
    SimEvent *call;
    void *self;
    uint64_t number;
    uint32_t next_idle; /* + 1 */
} OutsideCall;

struct World {
    Sim *sim;
    Node *nodes; /* by directory index */
    size_t node_count, node_capacity;
    uint32_t *names; /* open addressing by name: index + 1 */
    size_t name_capacity;
    Lan **lans;
    size_t lan_count, lan_capacity;
    uint32_t mac_count;
    LoggedCommand *log;
    size_t log_count, log_capacity;
    OutsideCall *calls;
    size_t call_count, call_capacity;
    uint32_t idle_call; /* + 1 */
};

/* Enters a host or a LAN under its directory index. */
void world_add_node(World *world, uint32_t id, const char *name, Host *host, Lan *lan);
Host *world_host(const World *world, uint32_t id);

/* A command being carried out. Its fields are read first; command_accept then closes the reading, writes the command
 * to log and trace, and only after that may the world change. */
typedef struct {
    World *world;
    ValueReader reader;
    const Value *value;
    bool from_script;
    uint32_t cause; /* the command's record, once accepted */
} Command;
bool command_accept(Command *command);
/* False: the error is noted. */
bool command_carry_out(Command *command);
/* With only the names of fields wanted. */
bool command_describe(const char *what, Text *names);

/* ---- What several commands read (commands_read.c) ---- */

/* Notes a mistake; `message` has one %s, for `name`. Returns false. */
bool command_fail(Command *c, const char *field, const char *message, const char *name);
/* The same for a name that stands for nothing; `kind` is "host" or "LAN", and the nearest of the kind is named. */
void command_fail_unknown(Command *c, const char *field, const char *kind, const char *name);
bool command_is_good(const Command *c);
/* NULL: the mistake is noted, or only names are wanted. */
Host *command_read_host(Command *c, const char *field);
Lan *command_read_lan(Command *c, const char *field);
/* Of the field "interface"; the first one where it is not given. NULL as above, or where `host` is NULL. */
Interface *command_read_interface(Command *c, const Host *host);
/* An address, a host, or a name to be looked up (then the address is 0 and *name set). */
Ipv4Address command_read_target(Command *c, const char *field, DnsName *name);
/* The interface whose hand-made network has this address; NULL: none. */
Interface *host_interface_towards(const Host *host, Ipv4Address address);

/* With only the names of the fields of a service's config wanted; false: there is no such service. */
bool command_describe_service(const char *name, World *world, Text *names);

/* ---- The commands of commands_network.c and commands_service.c ---- */

typedef void CommandRun(Command *command);
CommandRun do_lan, do_host, do_attach, do_link, do_route, do_move, do_unplug, do_plug, do_cable, do_fault, do_address,
    do_service, do_configure, do_http, do_mail, do_check_mail, do_queue, do_disk, do_mailbox, do_connect, do_write, do_hangup,
    do_mail_connect, do_mail_disconnect, do_mail_open, do_mail_part, do_mail_flag, do_mail_file, do_mail_delete;

#endif
