/* The inside of a session, shared by the files of the API. */
#ifndef NETSTAGE_SCRIPT_SESSION_PRIVATE_H
#define NETSTAGE_SCRIPT_SESSION_PRIVATE_H

#include <lauxlib.h>
#include <lua.h>

#include "script/session.h"
#include "wire/describe.h"

enum { SESSION_SCRIPTS_MOST = 256, SESSION_SOCKETS_MOST = 256,
       SESSION_CONNECTIONS_MOST = 1024, SESSION_DOORS_MOST = 64, SESSION_WATCHES_MOST = 256, SESSION_HOSTS_MOST = 20000 };

typedef enum { SCRIPT_READY, SCRIPT_SLEEPING, SCRIPT_WAITING /* for a condition */, SCRIPT_OVER } ScriptMode;

typedef struct {
    lua_State *coroutine;
    int reference; /* of the coroutine, in the registry */
    ScriptMode mode;
    int arguments; /* on the coroutine's stack, for its start */
    int condition; /* registry reference of the function waited for */
    uint32_t wake; /* number of its latest timer: older ones are void */
    bool answers;  /* what it waits in gives a truth: wait_until */
    bool answer;
} Script;

typedef enum { WATCH_ALWAYS, WATCH_NEVER, WATCH_AT_END } WatchKind;

/* An expectation over the whole run. */
typedef struct {
    WatchKind kind;
    int function; /* registry reference */
    const char *text;
    bool judged;
} Watch;

/* A UDP port of a host that a script answers for. */
typedef struct {
    uint32_t host;
    uint16_t port;
    bool open;
    int handler; /* registry reference; LUA_NOREF: datagrams are dropped */
} Socket;

/* A connection that a script speaks over. */
typedef struct {
    uint32_t host;
    const char *name;
    size_t next; /* records before this one have been read */
} Connection;

/* A TCP port of a host that a script answers on. */
typedef struct {
    uint32_t host;
    uint16_t port;
    uint32_t seen; /* connections that were handed to scripts */
    int handler;   /* registry reference */
} Door;

/* A command from outside: its index in the log, and its exact place in the run: how many events and how many timers of
 * scripts came before it. */
typedef struct {
    size_t log_index;
    uint64_t place;
} OutsideCommand;

/* Addresses in use, followed through the facts of the trace. */
typedef struct {
    uint32_t host, interface, address; /* address 0: none now */
} Holder;

typedef struct {
    Holder *items;
    size_t count, capacity;
    size_t next_record;
    char twice[160]; /* the first address found held twice, in words; "" if none */
} Holders;

struct Session {
    SessionOptions options;
    Sandbox *sandbox;
    Arena *arena;   /* what lives as long as the session */
    Arena *scratch; /* what lives as long as one call */
    World *world;   /* NULL before scenario{} */
    const char *path;
    const char *source;
    size_t source_size;
    const char *chunk; /* the name Lua knows the script by: the end of `path` */
    Value title, about;
    SimTime until; /* resolved: the options', the scenario's, or SIM_NEVER */
    bool opening;  /* the topology is being built */
    bool over;
    int looking;      /* a condition or expectation is being evaluated: nothing may be changed */
    SimTime slice_at; /* the time of the script's current slice */
    Script scripts[SESSION_SCRIPTS_MOST];
    size_t script_count;
    Script *current;
    bool has_script; /* s:script was called: the run ends with the last one */
    Socket sockets[SESSION_SOCKETS_MOST];
    size_t socket_count;
    size_t seen_datagrams; /* records before this one have been handed to sockets */
    Connection connections[SESSION_CONNECTIONS_MOST];
    size_t connection_count;
    Door doors[SESSION_DOORS_MOST];
    size_t door_count;
    Watch watches[SESSION_WATCHES_MOST];
    size_t watch_count;
    uint64_t wakes; /* timers of scripts that have run: the simulation doesn't count them as events */
    OutsideCommand *outside;
    size_t outside_count, outside_capacity;
    size_t seen_records; /* conditions have been evaluated up to here */
    SessionSetting *settings;
    bool *override_used;
    size_t setting_count, setting_capacity;
    size_t host_count;
    size_t held, failed;
    Holders holders;
    ConfigError config_error; /* of the command under way */
    Text message;             /* of the mistake under way: kept here, so that a raised error leaks nothing */
    Text error;
    int trace_reference;
    Description description; /* of the frame under way, kept here like `message` */
};

/* ---- Objects (api.c) ---- */

typedef enum {
    OBJECT_SCENARIO,
    OBJECT_LAN,
    OBJECT_HOST,
    OBJECT_DHCP,
    OBJECT_SETTINGS,
    OBJECT_TRACE,
    OBJECT_SOCKET,
    OBJECT_CONNECTION,
    OBJECT_KINDS
} ObjectKind;

typedef struct {
    SandboxObject base;
    Session *session;
    ObjectKind kind;
    uint32_t index; /* of a host or LAN: in the trace's directory */
} Object;

typedef struct {
    const char *name;
    void (*push)(lua_State *L, Session *session, uint32_t index);
} ObjectProperty;

typedef struct {
    const char *name;  /* "Host" in api.lua */
    const char *label; /* "a host" in messages */
    const luaL_Reg *methods;
    const ObjectProperty *properties;
} ObjectClass;

extern const ObjectClass scenario_class, lan_class, host_class, dhcp_class, settings_class, trace_class, socket_class,
    connection_class;
extern const ObjectClass *const api_classes[OBJECT_KINDS];
/* What a query may ask for, up to a NULL. */
extern const char *const message_query_fields[], *const fact_query_fields[], *const state_query_fields[];

void api_open(Session *session);
Object *api_push_object(lua_State *L, Session *session, ObjectKind kind, uint32_t index);
/* The object at `index` if it is of this kind, else NULL. */
Object *api_object(lua_State *L, int index, ObjectKind kind);
/* The first argument of a method; raises if it was called with a '.' instead of a ':'. */
Object *api_self(lua_State *L, ObjectKind kind, const char *method);
const char *api_object_name(lua_State *L, int index);
const char *api_node_name(const Session *session, uint32_t index);

/* Raises "file:line: field: message" for the call under way; the line is the field's own if it can be found. */
_Noreturn void api_fail(lua_State *L, Session *session, const char *call, const char *field, const char *format, ...);
/* The table at `index` as a map. `optional`: nothing at all is an empty one. The map lives until the next call of
 * api_table. */
Value api_table(lua_State *L, Session *session, int index, const char *call, bool optional);
/* Adds a field, and takes one out (VALUE_NONE if it is not there). */
void api_put(Session *session, Value *map, const char *key, Value value);
void api_put_text(Session *session, Value *map, const char *key, const char *text);
Value api_take(Session *session, Value *map, const char *key);
/* Raises on the first field that is left and is none of `known`. */
void api_no_others(lua_State *L, Session *session, const Value *map, const char *call, const char *const *known,
                   size_t count);
/* How a field is called in the script where the command calls it otherwise: pairs of (command's, script's), up to a
 * NULL. */
typedef const char *const (*FieldNames)[2];
/* Carries out the command; raises with the field's place if it is refused. `prefix` comes before the field in the
 * script's table. */
void api_command(lua_State *L, Session *session, Value *command, const char *call, const char *prefix,
                 FieldNames names);
/* Raises unless the world may be changed now. */
void api_may_change(lua_State *L, Session *session, const char *call);
/* A span or a time in seconds (a number) or as a text ("1.5s"). */
SimTime api_span(lua_State *L, Session *session, int index, const char *call, const char *field);
void api_push_seconds(lua_State *L, SimTime time);
void api_push_ipv4(lua_State *L, Ipv4Address address); /* nil for 0.0.0.0 */
void api_push_mac(lua_State *L, MacAddress mac);

/* ---- Scripts and expectations (session_scripts.c) ---- */

/* Starts a script: the function and its arguments are taken from the top of the stack. Its first step comes with the
 * next settling, or when `after` has passed. */
void session_add_script(lua_State *L, Session *session, int arguments, SimTime after);
int session_wait(lua_State *L, Session *session, SimTime span);
int session_wait_until(lua_State *L, Session *session, int condition, SimTime timeout);
void session_add_watch(lua_State *L, Session *session, WatchKind kind, const char *text, int function);
/* Judges at once: the value or function at `index`. */
void session_judge_now(lua_State *L, Session *session, const char *text, int index);
/* Wakes what is ready and evaluates what waits until nothing changes any more. False: session->error is set. */
bool session_settle(Session *session) NS_MUST_USE;
bool session_judge_at_end(Session *session) NS_MUST_USE;
bool session_scripts_over(const Session *session);
/* Writes the verdict to the trace. */
bool session_record_verdict(Session *session, const char *text, bool held, const char *detail) NS_MUST_USE;
/* Puts the script's own path before a message from Lua, and keeps it as the session's error. */
void session_keep_error(Session *session, const char *message);

/* Starts the handlers of the sockets to which datagrams have come (api_socket.c). False: session->error is set. */
bool session_hand_out_datagrams(Session *session) NS_MUST_USE;
int api_open_socket(lua_State *L); /* host:udp(port) */
/* Octets that are no plain text go as hexadecimal digits, so that the command can be written down. */
void api_put_payload(Session *session, Value *command);

/* Starts the handlers of ports to which connections have come (api_connection.c). False: session->error is set. */
bool session_hand_out_connections(Session *session) NS_MUST_USE;
int api_connect(lua_State *L);    /* host:connect { … } */
int api_tcp_listen(lua_State *L); /* host:tcp(port, function) */

/* Runs up to the place in the run where the command was given, and gives it. */
bool session_replay_command(Session *session, const LoggedCommand *command, uint64_t place, Text *error) NS_MUST_USE;

/* ---- Queries (api_trace.c) ---- */

/* Raises if the table at 2 is no query for messages. */
void api_check_message_query(lua_State *L, Session *session, const char *call);

/* Follows the facts; false if some address has been held by two powered hosts at one time. */
bool holders_follow(Holders *holders, const Trace *trace);

#endif
