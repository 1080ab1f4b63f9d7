/* TCP connections for scripts: spoken by hand, as at a terminal, or by a server that students write. What has been heard
 * stands in the trace. */
#include <string.h>

#include "observe/record.h"
#include "script/session_private.h"

static Connection *connection_new(lua_State *L, Session *s, uint32_t host, const char *name) {
    if (s->connection_count == SESSION_CONNECTIONS_MOST)
        api_fail(L, s, "connect", "", "too many connections: at most %d", SESSION_CONNECTIONS_MOST);
    Connection *c = &s->connections[s->connection_count];
    *c = (Connection){.host = host, .name = arena_text(s->arena, name), .next = trace_count(world_trace(s->world))};
    api_push_object(L, s, OBJECT_CONNECTION, (uint32_t)s->connection_count++);
    return c;
}

static void need_trace(lua_State *L, Session *s, const char *call) {
    if (!trace_keeps(world_trace(s->world)))
        api_fail(L, s, call, "", "connections need the trace, and this run keeps none");
}

/* host:connect { to = …, port = 25 } */
int api_connect(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "connect");
    Session *s = host->session;
    need_trace(L, s, "connect");
    Value command = api_table(L, s, 2, "connect", false);
    Text name = text_new();
    text_print(&name, "script-%zu", s->connection_count + 1);
    api_put_text(s, &command, "do", "connect");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    if (!value_get(&command, "name")) api_put_text(s, &command, "name", text_get(&name));
    const Value *given = value_get(&command, "name");
    const char *called = arena_text(s->arena, given->kind == VALUE_TEXT ? given->text : "");
    text_free(&name);
    api_command(L, s, &command, "connect", "", NULL);
    connection_new(L, s, host->index, called);
    return 1;
}

/* host:tcp(2525, function(connection) … end): the function is run for each connection that comes in. */
int api_tcp_listen(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "tcp");
    Session *s = host->session;
    int whole;
    lua_Integer port = lua_tointegerx(L, 2, &whole);
    if (!whole || port < 1 || port > 65535 || !lua_isfunction(L, 3))
        api_fail(L, s, "tcp", "", "a port and a function expected: host:tcp(2525, function(connection) … end)");
    need_trace(L, s, "tcp");
    if (s->door_count == SESSION_DOORS_MOST)
        api_fail(L, s, "tcp", "", "too many ports: at most %d", SESSION_DOORS_MOST);
    Value command = value_map();
    api_put_text(s, &command, "do", "listen");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put(s, &command, "port", value_number(port));
    api_put_text(s, &command, "protocol", "tcp");
    api_command(L, s, &command, "tcp", "", NULL);
    lua_settop(L, 3);
    s->doors[s->door_count++] = (Door){host->index, (uint16_t)port, 0, luaL_ref(L, LUA_REGISTRYINDEX)};
    return 0;
}

/* ---- Connections that came in ---- */

static int start_handler(lua_State *L) {
    Session *s = lua_touserdata(L, 1);
    const Door *door = &s->doors[lua_tointeger(L, 2)];
    lua_rawgeti(L, LUA_REGISTRYINDEX, door->handler);
    Connection *c = connection_new(L, s, door->host, lua_tostring(L, 3));
    c->next = 0; /* what it has said already is for the handler too */
    session_add_script(L, s, 1, -1);
    return 0;
}

bool session_hand_out_connections(Session *s) {
    for (size_t i = 0; i < s->door_count; i++) {
        const char *name;
        while ((name = world_talk_accepted(s->world, s->doors[i].host, s->doors[i].port, s->doors[i].seen + 1))) {
            s->doors[i].seen++;
            lua_State *L = sandbox_state(s->sandbox);
            Text error = text_new();
            lua_pushcfunction(L, start_handler);
            lua_pushlightuserdata(L, s);
            lua_pushinteger(L, (lua_Integer)i);
            lua_pushstring(L, name);
            bool good = sandbox_call(s->sandbox, 3, 0, &error);
            if (!good) session_keep_error(s, text_get(&error));
            text_free(&error);
            if (!good) return false;
        }
    }
    return true;
}

/* ---- Methods ---- */

static Connection *self_connection(lua_State *L, const char *method, Session **session) {
    Object *object = api_self(L, OBJECT_CONNECTION, method);
    *session = object->session;
    return &object->session->connections[object->index];
}

static void write_text(lua_State *L, Session *s, const Connection *c, const char *method, const char *text, size_t size,
                       bool line) {
    Value command = value_map();
    api_put_text(s, &command, "do", "write");
    api_put_text(s, &command, "host", api_node_name(s, c->host));
    api_put_text(s, &command, "name", c->name);
    char *whole = arena_alloc(s->scratch, size + 3);
    memcpy(whole, text, size);
    if (line) memcpy(whole + size, "\r\n", 2);
    Value value = value_text_n(s->scratch, whole, size + (line ? 2 : 0));
    api_put(s, &command, "text", value);
    api_put_payload(s, &command);
    api_command(L, s, &command, method, "", NULL);
}

static int connection_send(lua_State *L) {
    Session *s;
    const Connection *c = self_connection(L, "send", &s);
    if (lua_type(L, 2) != LUA_TSTRING) api_fail(L, s, "send", "", "a text expected: connection:send(\"NOOP\\r\\n\")");
    size_t size;
    const char *text = lua_tolstring(L, 2, &size);
    write_text(L, s, c, "send", text, size, false);
    return 0;
}

/* The next message that came and was not read yet; SIZE_MAX: none. */
static size_t find_unread(const Session *s, Connection *c) {
    const Trace *trace = world_trace(s->world);
    WorldTalk talk = world_talk(s->world, c->host, c->name);
    if (talk.stream == TRACE_NONE) return SIZE_MAX;
    for (; c->next < trace_count(trace); c->next++) {
        const TraceRecord *r = trace_get(trace, c->next);
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_RECEIVED && r->message.stream == talk.stream) return c->next;
    }
    return SIZE_MAX;
}

static bool is_over(const Session *s, const Connection *c) {
    WorldTalk talk = world_talk(s->world, c->host, c->name);
    return talk.state && strcmp(talk.state, "ENDED") == 0;
}

/* Something has come, or nothing will. */
static int something_came(lua_State *L) {
    Session *s = lua_touserdata(L, lua_upvalueindex(1));
    Connection *c = &s->connections[lua_tointeger(L, lua_upvalueindex(2))];
    bool opening = lua_toboolean(L, lua_upvalueindex(3));
    WorldTalk talk = world_talk(s->world, c->host, c->name);
    bool open = talk.state && strcmp(talk.state, "OPEN") == 0;
    lua_pushboolean(L, (opening && open) || find_unread(s, c) != SIZE_MAX || is_over(s, c));
    return 1;
}

static int wait_for(lua_State *L, Session *s, const Connection *c, SimTime timeout, bool opening) {
    lua_pushlightuserdata(L, s);
    lua_pushinteger(L, c - s->connections);
    lua_pushboolean(L, opening);
    lua_pushcclosure(L, something_came, 3);
    return session_wait_until(L, s, lua_gettop(L), timeout);
}

static SimTime timeout_at(lua_State *L, Session *s, int index, const char *call) {
    return lua_isnoneornil(L, index) ? 60 * SIM_SECOND : api_span(L, s, index, call, "");
}

/* connection:say("HELO crepes.fr"): the line and its end; waits for an answer, at most a minute or as long as said. */
static int connection_say(lua_State *L) {
    Session *s;
    const Connection *c = self_connection(L, "say", &s);
    if (lua_type(L, 2) != LUA_TSTRING) api_fail(L, s, "say", "", "a line expected: connection:say(\"HELO crepes.fr\")");
    size_t size;
    const char *text = lua_tolstring(L, 2, &size);
    SimTime timeout = timeout_at(L, s, 3, "say");
    write_text(L, s, c, "say", text, size, true);
    return wait_for(L, s, c, timeout, false);
}

static int connection_wait(lua_State *L) {
    Session *s;
    const Connection *c = self_connection(L, "wait", &s);
    return wait_for(L, s, c, timeout_at(L, s, 2, "wait"), false);
}

static int connection_wait_open(lua_State *L) {
    Session *s;
    const Connection *c = self_connection(L, "wait_open", &s);
    return wait_for(L, s, c, timeout_at(L, s, 2, "wait_open"), true);
}

/* The next message that came: { text, name, part, t }; nil: there is none. */
static int connection_read(lua_State *L) {
    Session *s;
    Connection *c = self_connection(L, "read", &s);
    size_t seq = find_unread(s, c);
    if (seq == SIZE_MAX) {
        lua_pushnil(L);
        return 1;
    }
    c->next = seq + 1;
    const TraceRecord *r = trace_get(world_trace(s->world), seq);
    Bytes octets = record_octets(world_trace(s->world), r);
    RecordSummary summary;
    record_summarise(world_trace(s->world), r, &summary);
    sandbox_charge(L, 50 + octets.size);
    lua_createtable(L, 0, 4);
    lua_pushlstring(L, (const char *)octets.at, octets.size);
    lua_setfield(L, -2, "text");
    lua_pushstring(L, summary.frame.message);
    lua_setfield(L, -2, "name");
    lua_pushstring(L, record_part(r));
    lua_setfield(L, -2, "part");
    api_push_seconds(L, r->at);
    lua_setfield(L, -2, "t");
    return 1;
}

static int hang_up(lua_State *L, const char *method, bool abort) {
    Session *s;
    const Connection *c = self_connection(L, method, &s);
    Value command = value_map();
    api_put_text(s, &command, "do", "hangup");
    api_put_text(s, &command, "host", api_node_name(s, c->host));
    api_put_text(s, &command, "name", c->name);
    if (abort) api_put(s, &command, "abort", value_truth(true));
    api_command(L, s, &command, method, "", NULL);
    return 0;
}

static int connection_close(lua_State *L) { return hang_up(L, "close", false); }
static int connection_abort(lua_State *L) { return hang_up(L, "abort", true); }

static const luaL_Reg methods[] = {{"say", connection_say},   {"send", connection_send},   {"wait", connection_wait},
                                   {"wait_open", connection_wait_open},
                                   {"read", connection_read}, {"close", connection_close}, {"abort", connection_abort},
                                   {NULL, NULL}};

static void push_state(lua_State *L, Session *s, uint32_t index) {
    const Connection *c = &s->connections[index];
    lua_pushstring(L, world_talk(s->world, c->host, c->name).state);
}
static void push_how(lua_State *L, Session *s, uint32_t index) {
    const Connection *c = &s->connections[index];
    lua_pushstring(L, world_talk(s->world, c->host, c->name).how);
}
static void push_peer_closed(lua_State *L, Session *s, uint32_t index) {
    const Connection *c = &s->connections[index];
    lua_pushboolean(L, world_talk(s->world, c->host, c->name).peer_closed);
}
static void push_host(lua_State *L, Session *s, uint32_t index) {
    lua_pushstring(L, api_node_name(s, s->connections[index].host));
}

static const ObjectProperty properties[] = {
    {"state", push_state}, {"how", push_how}, {"peer_closed", push_peer_closed}, {"host", push_host}, {NULL, NULL}};
const ObjectClass connection_class = {"Connection", "a connection", methods, properties};
