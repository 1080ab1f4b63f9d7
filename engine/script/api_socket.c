/* UDP sockets for scripts: a port of a host whose datagrams a function answers. So students write a server of their
 * own.
 *
 * A datagram that has come in is found in the trace; its handler runs as a script of its own, which may wait. */
#include <string.h>

#include "script/session_private.h"
#include "wire/dhcp.h"

/* host:udp(5000) */
int api_open_socket(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "udp");
    Session *s = host->session;
    int whole;
    lua_Integer port = lua_tointegerx(L, 2, &whole);
    if (!whole || port < 1 || port > 65535)
        api_fail(L, s, "udp", "", "a port from 1 to 65535 expected: host:udp(5000)");
    if (!trace_keeps(world_trace(s->world)))
        api_fail(L, s, "udp", "", "sockets need the trace, and this run keeps none");
    if (s->socket_count == SESSION_SOCKETS_MOST)
        api_fail(L, s, "udp", "", "too many sockets: at most %d", SESSION_SOCKETS_MOST);
    api_table(L, s, 3, "udp", true);
    Value command = value_map();
    api_put_text(s, &command, "do", "listen");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put(s, &command, "port", value_number(port));
    api_command(L, s, &command, "udp", "", NULL);
    /* What came before the port was open is not for it. */
    if (s->socket_count == 0) s->seen_datagrams = trace_count(world_trace(s->world));
    s->sockets[s->socket_count] = (Socket){host->index, (uint16_t)port, true, LUA_NOREF};
    api_push_object(L, s, OBJECT_SOCKET, (uint32_t)s->socket_count++);
    return 1;
}

/* ---- Datagrams that came ---- */

static void push_datagram(lua_State *L, const Session *s, const TraceRecord *record, const FrameSummary *summary) {
    Bytes frame = frame_store_get(trace_frames(world_trace(s->world)), record->message.frame);
    Bytes payload = bytes_slice(frame, record->message.offset, record->message.size);
    lua_createtable(L, 0, 8);
    lua_pushlstring(L, (const char *)payload.at, payload.size);
    lua_setfield(L, -2, "text");
    lua_pushstring(L, api_node_name(s, record->host));
    lua_setfield(L, -2, "host");
    api_push_seconds(L, record->at);
    lua_setfield(L, -2, "t");
    api_push_ipv4(L, summary->source);
    lua_setfield(L, -2, "from");
    lua_pushinteger(L, summary->source_port);
    lua_setfield(L, -2, "from_port");
    api_push_ipv4(L, summary->destination);
    lua_setfield(L, -2, "to");
    lua_pushinteger(L, summary->destination_port);
    lua_setfield(L, -2, "to_port");
    lua_pushboolean(L, summary->unicast);
    lua_setfield(L, -2, "unicast");
}

/* Called with the socket's index and the record's number: in protected mode, since tables are made. */
static int start_handler(lua_State *L) {
    Session *s = lua_touserdata(L, 1);
    const Socket *socket = &s->sockets[lua_tointeger(L, 2)];
    const TraceRecord *record = trace_get(world_trace(s->world), (size_t)lua_tointeger(L, 3));
    FrameSummary summary;
    frame_summarise(frame_store_get(trace_frames(world_trace(s->world)), record->message.frame), &summary);
    if (summary.destination_port != socket->port) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, socket->handler);
    push_datagram(L, s, record, &summary);
    session_add_script(L, s, 1, -1);
    return 0;
}

static bool hand_out(Session *s, size_t socket, size_t record) {
    lua_State *L = sandbox_state(s->sandbox);
    Text error = text_new();
    lua_pushcfunction(L, start_handler);
    lua_pushlightuserdata(L, s);
    lua_pushinteger(L, (lua_Integer)socket);
    lua_pushinteger(L, (lua_Integer)record);
    bool good = sandbox_call(s->sandbox, 3, 0, &error);
    if (!good) session_keep_error(s, text_get(&error));
    text_free(&error);
    return good;
}

bool session_hand_out_datagrams(Session *s) {
    if (s->socket_count == 0) return true;
    const Trace *trace = world_trace(s->world);
    for (; s->seen_datagrams < trace_count(trace); s->seen_datagrams++) {
        const TraceRecord *record = trace_get(trace, s->seen_datagrams);
        if (record->kind != TRACE_MESSAGE || record->code != MESSAGE_RECEIVED) continue;
        if (record->small != TRACE_PROTO_UDP && record->small != TRACE_PROTO_DHCP) continue;
        for (size_t i = 0; i < s->socket_count; i++) {
            const Socket *socket = &s->sockets[i];
            if (!socket->open || socket->handler == LUA_NOREF || socket->host != record->host) continue;
            if (!hand_out(s, i, s->seen_datagrams)) return false;
        }
    }
    return true;
}

/* ---- The socket's methods ---- */

static Socket *self_socket(lua_State *L, const char *method, Session **session) {
    Object *object = api_self(L, OBJECT_SOCKET, method);
    *session = object->session;
    Socket *socket = &object->session->sockets[object->index];
    if (!socket->open) api_fail(L, *session, method, "", "this socket has been closed");
    return socket;
}

static int socket_on_datagram(lua_State *L) {
    Session *s;
    Socket *socket = self_socket(L, "on_datagram", &s);
    if (!lua_isfunction(L, 2))
        api_fail(L, s, "on_datagram", "", "socket:on_datagram(function(datagram) … end) expected");
    luaL_unref(L, LUA_REGISTRYINDEX, socket->handler);
    lua_settop(L, 2);
    socket->handler = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

void api_put_payload(Session *s, Value *command) {
    static const char digits[] = "0123456789abcdef";
    Value text = api_take(s, command, "text");
    if (text.kind != VALUE_TEXT) {
        if (text.kind != VALUE_NONE) api_put(s, command, "text", text);
        return;
    }
    bool plain = true;
    for (size_t i = 0; i < text.text_size; i++) {
        unsigned char c = (unsigned char)text.text[i];
        plain = plain && c < 0x7f && (c >= 0x20 || c == '\n' || c == '\r' || c == '\t');
    }
    if (plain) {
        api_put(s, command, "text", text);
        return;
    }
    char *hex = arena_alloc(s->scratch, text.text_size * 2 + 1);
    for (size_t i = 0; i < text.text_size; i++) {
        hex[2 * i] = digits[(unsigned char)text.text[i] >> 4];
        hex[2 * i + 1] = digits[(unsigned char)text.text[i] & 15];
    }
    api_put_text(s, command, "octets", hex);
}

/* socket:send { to = …, port = …, text = … } */
static int socket_send(lua_State *L) {
    Session *s;
    const Socket *socket = self_socket(L, "send", &s);
    Value command = api_table(L, s, 2, "send", false);
    api_put_payload(s, &command);
    api_put_text(s, &command, "do", "udp");
    api_put_text(s, &command, "host", api_node_name(s, socket->host));
    api_put(s, &command, "from_port", value_number(socket->port));
    api_command(L, s, &command, "send", "", NULL);
    return 0;
}

static int socket_close(lua_State *L) {
    Session *s;
    Socket *socket = self_socket(L, "close", &s);
    api_table(L, s, 2, "close", true);
    Value command = value_map();
    api_put_text(s, &command, "do", "listen");
    api_put_text(s, &command, "host", api_node_name(s, socket->host));
    api_put(s, &command, "port", value_number(socket->port));
    api_put(s, &command, "close", value_truth(true));
    api_command(L, s, &command, "close", "", NULL);
    luaL_unref(L, LUA_REGISTRYINDEX, socket->handler);
    socket->handler = LUA_NOREF;
    socket->open = false;
    return 0;
}

static const luaL_Reg socket_methods[] = {
    {"on_datagram", socket_on_datagram}, {"send", socket_send}, {"close", socket_close}, {NULL, NULL}};

static void push_port(lua_State *L, Session *s, uint32_t index) { lua_pushinteger(L, s->sockets[index].port); }
static void push_host(lua_State *L, Session *s, uint32_t index) {
    lua_pushstring(L, api_node_name(s, s->sockets[index].host));
}

static const ObjectProperty socket_properties[] = {{"port", push_port}, {"host", push_host}, {NULL, NULL}};
const ObjectClass socket_class = {"Socket", "a socket", socket_methods, socket_properties};
