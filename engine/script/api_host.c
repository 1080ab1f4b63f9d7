/* Hosts: what runs on them, what is done to them, and how they are at this moment. */
#include "script/session_private.h"

#include <string.h>

static Value host_command(Session *s, const Object *host, const char *what) {
    Value command = value_map();
    api_put_text(s, &command, "do", what);
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    return command;
}

/* ---- Services ---- */

static int run_service(lua_State *L, const char *service, const char *what) {
    Object *host = api_self(L, OBJECT_HOST, service);
    Session *s = host->session;
    Value config = api_table(L, s, 2, service, true), command = host_command(s, host, what);
    api_put_text(s, &command, "service", service);
    api_put(s, &command, "config", config);
    api_command(L, s, &command, service, "", NULL);
    return 0;
}

static int host_dhcp_client(lua_State *L) { return run_service(L, "dhcp_client", "service"); }
static int host_dhcp_server(lua_State *L) { return run_service(L, "dhcp_server", "service"); }
static int host_dhcp_relay(lua_State *L) { return run_service(L, "dhcp_relay", "service"); }
static int host_dns_server(lua_State *L) { return run_service(L, "dns_server", "service"); }
static int host_dns_resolver(lua_State *L) { return run_service(L, "dns_resolver", "service"); }
static int host_mail_server(lua_State *L) { return run_service(L, "mail_server", "service"); }
static int host_mail_agent(lua_State *L) { return run_service(L, "mail_agent", "service"); }
static int host_imap_server(lua_State *L) { return run_service(L, "imap_server", "service"); }
static int host_http_server(lua_State *L) { return run_service(L, "http_server", "service"); }
static int host_pop3_server(lua_State *L) { return run_service(L, "pop3_server", "service"); }
static int host_pop3_client(lua_State *L) { return run_service(L, "pop3_client", "service"); }
static int host_imap_client(lua_State *L) { return run_service(L, "imap_client", "service"); }
static int host_udp_echo(lua_State *L) { return run_service(L, "udp_echo", "service"); }
static int host_tcp_echo(lua_State *L) { return run_service(L, "tcp_echo", "service"); }
static int host_tcp_discard(lua_State *L) { return run_service(L, "tcp_discard", "service"); }
static int host_tcp_chargen(lua_State *L) { return run_service(L, "tcp_chargen", "service"); }

/* host:configure("dhcp_server", { … }) */
static int host_configure(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "configure");
    Session *s = host->session;
    if (lua_type(L, 2) != LUA_TSTRING)
        api_fail(L, s, "configure", "", "host:configure(\"dhcp_server\", { … }) expected");
    Value config = api_table(L, s, 3, "configure", false), command = host_command(s, host, "configure");
    api_put_text(s, &command, "service", lua_tostring(L, 2));
    api_put(s, &command, "config", config);
    api_command(L, s, &command, "configure", "", NULL);
    return 0;
}

/* ---- Power, cables, addresses ---- */

/* Commands without anything but the host, or with a table of more. */
static int simple(lua_State *L, const char *method, const char *what) {
    Object *host = api_self(L, OBJECT_HOST, method);
    Session *s = host->session;
    Value command = api_table(L, s, 2, method, true);
    api_put_text(s, &command, "do", what);
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_command(L, s, &command, method, "", NULL);
    return 0;
}

static int host_boot(lua_State *L) { return simple(L, "boot", "boot"); }
static int host_shutdown(lua_State *L) { return simple(L, "shutdown", "shutdown"); }
static int host_crash(lua_State *L) { return simple(L, "crash", "crash"); }
static int host_unplug(lua_State *L) { return simple(L, "unplug", "unplug"); }
static int host_plug(lua_State *L) { return simple(L, "plug", "plug"); }
static int host_route(lua_State *L) { return simple(L, "route", "route"); }
static int host_cable(lua_State *L) { return simple(L, "cable", "cable"); }

static int host_attach(lua_State *L) {
    static const char *const names[][2] = {{"lan", "on"}, {NULL, NULL}};
    Object *host = api_self(L, OBJECT_HOST, "attach");
    Session *s = host->session;
    Value command = api_table(L, s, 2, "attach", false), lan = api_take(s, &command, "on");
    api_put_text(s, &command, "do", "attach");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    if (lan.kind != VALUE_NONE) api_put(s, &command, "lan", lan);
    api_command(L, s, &command, "attach", "", names);
    return 0;
}

/* host:move(lan), host:move { lan = lan2, interface = "eth1" } */
static int host_move(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "move");
    Session *s = host->session;
    Object *lan = api_object(L, 2, OBJECT_LAN);
    const char *name = lan ? api_node_name(s, lan->index) : lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : NULL;
    if (!name) return simple(L, "move", "move");
    api_table(L, s, 3, "move", true);
    Value command = host_command(s, host, "move");
    api_put_text(s, &command, "lan", name);
    api_command(L, s, &command, "move", "", NULL);
    return 0;
}

/* host:set_address("192.168.0.1/24", { router = … }); "" takes it away. */
static int host_set_address(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "set_address");
    Session *s = host->session;
    if (lua_type(L, 2) != LUA_TSTRING)
        api_fail(L, s, "set_address", "", "host:set_address(\"192.168.0.1/24\") expected");
    Value command = api_table(L, s, 3, "set_address", true);
    api_put_text(s, &command, "do", "address");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put_text(s, &command, "address", lua_tostring(L, 2));
    api_command(L, s, &command, "set_address", "", NULL);
    return 0;
}

/* ---- Faults ---- */

static int fault(lua_State *L, const char *action) {
    Object *host = api_self(L, OBJECT_HOST, action);
    Session *s = host->session;
    Value command = api_table(L, s, 2, action, true);
    api_put_text(s, &command, "do", "fault");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put_text(s, &command, "action", action);
    api_command(L, s, &command, action, "", NULL);
    return 0;
}

static int host_drop(lua_State *L) { return fault(L, "drop"); }
static int host_duplicate(lua_State *L) { return fault(L, "duplicate"); }
static int host_corrupt(lua_State *L) { return fault(L, "corrupt"); }
static int host_delay(lua_State *L) { return fault(L, "delay"); }

/* ---- What a host is told to do ---- */

static int dhcp_action(lua_State *L, const char *method, const char *action) {
    Object *host = api_self(L, OBJECT_HOST, method);
    Session *s = host->session;
    Value command = api_table(L, s, 2, method, true);
    api_put_text(s, &command, "do", "dhcp");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put_text(s, &command, "action", action);
    api_command(L, s, &command, method, "", NULL);
    return 0;
}

static int host_release(lua_State *L) { return dhcp_action(L, "release", "release"); }
static int host_renew(lua_State *L) { return dhcp_action(L, "renew", "renew"); }
static int host_inform(lua_State *L) { return dhcp_action(L, "inform", "inform"); }
static int host_dhcp_start(lua_State *L) { return dhcp_action(L, "dhcp_start", "start"); }
static int host_dhcp_stop(lua_State *L) { return dhcp_action(L, "dhcp_stop", "stop"); }

/* host:lookup("www.example.org"), host:lookup("example.org", { type = "MX" }) */
static int host_lookup(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "lookup");
    Session *s = host->session;
    if (lua_type(L, 2) != LUA_TSTRING)
        api_fail(L, s, "lookup", "", "a domain name expected:  pc:lookup(\"www.example.org\")");
    Value command = api_table(L, s, 3, "lookup", true);
    api_put_text(s, &command, "do", "lookup");
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put_text(s, &command, "name", lua_tostring(L, 2));
    api_command(L, s, &command, "lookup", "", NULL);
    return 0;
}

/* host:ping(other), host:ping("192.168.1.1"), host:ping { to = …, count = 3, ttl = 1 } */
static int host_ping(lua_State *L) {
    Object *host = api_self(L, OBJECT_HOST, "ping");
    Session *s = host->session;
    if (lua_istable(L, 2)) return simple(L, "ping", "ping");
    const char *target = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : api_object_name(L, 2);
    if (!target)
        api_fail(L, s, "ping", "", "a host or an address expected:  pc:ping(server)  or  pc:ping(\"192.168.1.1\")");
    api_table(L, s, 3, "ping", true);
    Value command = host_command(s, host, "ping");
    api_put_text(s, &command, "to", target);
    api_command(L, s, &command, "ping", "", NULL);
    return 0;
}

/* host:send { to = …, port = 7, text = "hello" }: a UDP datagram. */
static int host_send(lua_State *L) { return simple(L, "send", "udp"); }

static int host_http_get(lua_State *L) { return simple(L, "http_get", "http"); }
static int host_mail(lua_State *L) { return simple(L, "mail", "mail"); }
static int host_run_queue(lua_State *L) { return simple(L, "run_queue", "queue"); }
static int host_check_mail(lua_State *L) { return simple(L, "check_mail", "check_mail"); }
static int host_mail_connect(lua_State *L) { return simple(L, "mail_connect", "mail_connect"); }
static int host_mail_disconnect(lua_State *L) { return simple(L, "mail_disconnect", "mail_disconnect"); }

/* host:mail_open(1), host:mail_file(1, "Archive"), host:mail_flag(1, "\\Flagged", { set = false }): the message's number,
 * a text where there is one, and a table of more. */
static int mail_action(lua_State *L, const char *method, const char *text_field, const char *example) {
    Object *host = api_self(L, OBJECT_HOST, method);
    Session *s = host->session;
    int is_number = 0;
    lua_Integer number = lua_tointegerx(L, 2, &is_number);
    if (!is_number || (text_field && lua_type(L, 3) != LUA_TSTRING)) api_fail(L, s, method, "", example);
    Value command = api_table(L, s, text_field ? 4 : 3, method, true);
    api_put_text(s, &command, "do", method);
    api_put_text(s, &command, "host", api_node_name(s, host->index));
    api_put(s, &command, "message", value_number(number));
    if (text_field) api_put_text(s, &command, text_field, lua_tostring(L, 3));
    api_command(L, s, &command, method, "", NULL);
    return 0;
}

static int host_mail_open(lua_State *L) {
    return mail_action(L, "mail_open", NULL, "a message's number expected:  pc:mail_open(1)");
}
static int host_mail_delete(lua_State *L) {
    return mail_action(L, "mail_delete", NULL, "a message's number expected:  pc:mail_delete(1)");
}
static int host_mail_part(lua_State *L) {
    return mail_action(L, "mail_part", "part",
                       "numbers of a message and a part expected:  pc:mail_part(1, \"2\", { octets = 4096 })");
}
static int host_mail_flag(lua_State *L) {
    return mail_action(L, "mail_flag", "flag",
                       "a message's number and a flag expected:  pc:mail_flag(1, \"\\\\Flagged\")");
}
static int host_mail_file(lua_State *L) {
    return mail_action(L, "mail_file", "mailbox",
                       "a message's number and a mailbox expected:  pc:mail_file(1, \"Archive\")");
}

static int host_disk(lua_State *L) { return simple(L, "disk", "disk"); }
static int host_mailbox(lua_State *L) { return simple(L, "mailbox", "mailbox"); }

static const luaL_Reg host_methods[] = {
    {"attach", host_attach},
    {"route", host_route},
    {"dhcp_client", host_dhcp_client},
    {"dhcp_server", host_dhcp_server},
    {"dhcp_relay", host_dhcp_relay},
    {"dns_server", host_dns_server},
    {"dns_resolver", host_dns_resolver},
    {"mail_server", host_mail_server},
    {"mail_agent", host_mail_agent},
    {"imap_server", host_imap_server},
    {"http_server", host_http_server},
    {"pop3_server", host_pop3_server},
    {"pop3_client", host_pop3_client},
    {"imap_client", host_imap_client},
    {"udp_echo", host_udp_echo},
    {"tcp_echo", host_tcp_echo},
    {"tcp_discard", host_tcp_discard},
    {"tcp_chargen", host_tcp_chargen},
    {"configure", host_configure},
    {"boot", host_boot},
    {"shutdown", host_shutdown},
    {"crash", host_crash},
    {"move", host_move},
    {"unplug", host_unplug},
    {"plug", host_plug},
    {"set_address", host_set_address},
    {"cable", host_cable},
    {"drop", host_drop},
    {"duplicate", host_duplicate},
    {"corrupt", host_corrupt},
    {"delay", host_delay},
    {"release", host_release},
    {"renew", host_renew},
    {"inform", host_inform},
    {"dhcp_start", host_dhcp_start},
    {"dhcp_stop", host_dhcp_stop},
    {"lookup", host_lookup},
    {"ping", host_ping},
    {"send", host_send},
    {"http_get", host_http_get},
    {"mail", host_mail},
    {"run_queue", host_run_queue},
    {"check_mail", host_check_mail},
    {"mail_connect", host_mail_connect},
    {"mail_disconnect", host_mail_disconnect},
    {"mail_open", host_mail_open},
    {"mail_part", host_mail_part},
    {"mail_flag", host_mail_flag},
    {"mail_file", host_mail_file},
    {"mail_delete", host_mail_delete},
    {"disk", host_disk},
    {"mailbox", host_mailbox},
    {"udp", api_open_socket},
    {"connect", api_connect},
    {"tcp", api_tcp_listen},
    {NULL, NULL},
};

/* ---- How a host is now ---- */

static bool first_interface(const Session *s, uint32_t host, WorldInterface *interface) {
    if (world_interface_count(s->world, host) == 0) return false;
    *interface = world_interface(s->world, host, 0);
    return true;
}

static void push_name(lua_State *L, Session *s, uint32_t host) { lua_pushstring(L, api_node_name(s, host)); }
static void push_powered(lua_State *L, Session *s, uint32_t host) {
    lua_pushboolean(L, world_host_powered(s->world, host));
}

static void push_address(lua_State *L, Session *s, uint32_t host) {
    WorldInterface interface;
    api_push_ipv4(L, first_interface(s, host, &interface) ? interface.address : IPV4_UNSPECIFIED);
}

static void push_router(lua_State *L, Session *s, uint32_t host) {
    WorldInterface interface;
    api_push_ipv4(L, first_interface(s, host, &interface) ? interface.router : IPV4_UNSPECIFIED);
}

static void push_prefix_length(lua_State *L, Session *s, uint32_t host) {
    WorldInterface interface;
    if (first_interface(s, host, &interface) && interface.address != IPV4_UNSPECIFIED)
        lua_pushinteger(L, interface.prefix_length);
    else
        lua_pushnil(L);
}

static void push_dns(lua_State *L, Session *s, uint32_t host) {
    WorldInterface interface;
    lua_newtable(L);
    if (!first_interface(s, host, &interface)) return;
    for (int i = 0; i < interface.name_server_count; i++) {
        api_push_ipv4(L, interface.name_servers[i]);
        lua_rawseti(L, -2, i + 1);
    }
}

static void push_mac(lua_State *L, Session *s, uint32_t host) {
    WorldInterface interface;
    if (first_interface(s, host, &interface))
        api_push_mac(L, interface.mac);
    else
        lua_pushnil(L);
}

static void push_dhcp(lua_State *L, Session *s, uint32_t host) { api_push_object(L, s, OBJECT_DHCP, host); }

static void push_bindings(lua_State *L, Session *s, uint32_t host) {
    lua_newtable(L);
    size_t count = world_server_binding_count(s->world, host);
    sandbox_charge(L, (int64_t)count * 10);
    for (size_t i = 0; i < count; i++) {
        WorldBinding binding = world_server_binding(s->world, host, i);
        lua_createtable(L, 0, 4);
        api_push_ipv4(L, binding.address);
        lua_setfield(L, -2, "address");
        lua_pushstring(L, binding.state);
        lua_setfield(L, -2, "state");
        api_push_mac(L, binding.client);
        lua_setfield(L, -2, "client");
        api_push_seconds(L, binding.expires_at);
        lua_setfield(L, -2, "expires_at");
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static const ObjectProperty host_properties[] = {
    {"name", push_name},         {"powered", push_powered},
    {"address", push_address},   {"prefix_length", push_prefix_length},
    {"router", push_router},     {"dns", push_dns},
    {"mac", push_mac},           {"dhcp", push_dhcp},
    {"bindings", push_bindings}, {NULL, NULL},
};
const ObjectClass host_class = {"Host", "a host", host_methods, host_properties};

/* ---- host.dhcp ---- */

static void push_dhcp_state(lua_State *L, Session *s, uint32_t host) {
    lua_pushstring(L, world_machine_state(s->world, host, "dhcp.client", 0));
}

typedef enum {
    LEASE_ADDRESS,
    LEASE_SERVER,
    LEASE_STARTED_AT,
    LEASE_T1_AT,
    LEASE_T2_AT,
    LEASE_EXPIRES_AT,
    LEASE_SPAN
} LeasePart;

static void push_lease_part(lua_State *L, Session *s, uint32_t host, LeasePart part) {
    WorldLease lease;
    if (!world_client_lease(s->world, host, &lease)) {
        lua_pushnil(L);
        return;
    }
    switch (part) {
        case LEASE_ADDRESS: api_push_ipv4(L, lease.address); break;
        case LEASE_SERVER: api_push_ipv4(L, lease.server); break;
        case LEASE_STARTED_AT: api_push_seconds(L, lease.started_at); break;
        case LEASE_T1_AT: api_push_seconds(L, lease.t1_at); break;
        case LEASE_T2_AT: api_push_seconds(L, lease.t2_at); break;
        case LEASE_EXPIRES_AT: api_push_seconds(L, lease.expires_at); break;
        case LEASE_SPAN:
            api_push_seconds(L, lease.expires_at == SIM_NEVER ? SIM_NEVER : lease.expires_at - lease.started_at);
            break;
    }
}

static void push_lease_address(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_ADDRESS); }
static void push_lease_server(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_SERVER); }
static void push_lease_started_at(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_STARTED_AT); }
static void push_lease_t1_at(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_T1_AT); }
static void push_lease_t2_at(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_T2_AT); }
static void push_lease_expires_at(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_EXPIRES_AT); }
static void push_lease_span(lua_State *L, Session *s, uint32_t h) { push_lease_part(L, s, h, LEASE_SPAN); }

static const ObjectProperty dhcp_properties[] = {
    {"state", push_dhcp_state},
    {"address", push_lease_address},
    {"server", push_lease_server},
    {"started_at", push_lease_started_at},
    {"t1_at", push_lease_t1_at},
    {"t2_at", push_lease_t2_at},
    {"expires_at", push_lease_expires_at},
    {"lease", push_lease_span},
    {NULL, NULL},
};
const ObjectClass dhcp_class = {"Dhcp", "host.dhcp", NULL, dhcp_properties};
