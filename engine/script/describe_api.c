/* The API by name: what api.lua is held against. */
#include <string.h>

#include "script/session_private.h"

/* A class of api.lua that stands for the fields of a command or of a service. */
static const struct {
    const char *class;
    const char *what;       /* for world_describe_fields; NULL: the fields in `more` alone */
    const char *without[3]; /* what the method fills in itself */
    const char *more;       /* fields read in script/, lines of "name: type" */
} tables[] = {
    {"ScenarioFields", NULL, {NULL}, "title: Words\nabout: Words\nseed: integer\nends: span\n"},
    {"LanFields", "do:lan", {NULL}, ""},
    {"HostFields", "do:attach", {"host", "lan"}, "name: string\non: Lan|string\n"},
    {"InterfaceFields", "do:attach", {"host", "lan"}, "on: Lan|string\n"},
    {"RouterFields", NULL, {NULL}, "name: string\ninterfaces: InterfaceFields[]\nroutes: RouteFields[]\n"},
    {"RouteFields", "do:route", {"host"}, ""},
    {"LinkFields", "do:link", {"a", "b"}, "a: Host|string\nb: Host|string\n"},
    {"SettingFields", NULL, {NULL}, "name: string\ndefault: string|integer|boolean\nen: string\nzh: string\n"},
    {"FrameFields", "do:frame", {"lan"}, "lan: Lan|string\n"},
    {"BootFields", "do:boot", {"host"}, ""},
    {"MoveFields", "do:move", {"host", "lan"}, "lan: Lan|string\n"},
    {"PlugFields", "do:plug", {"host"}, ""},
    {"AddressFields", "do:address", {"host", "address"}, ""},
    {"CableFields", "do:cable", {"host"}, ""},
    {"FaultFields", "do:fault", {"host", "action"}, ""},
    {"LookupFields", "do:lookup", {"host", "name"}, ""},
    {"PingFields", "do:ping", {"host", "to"}, "to: Host|address\n"},
    {"SendFields", "do:udp", {"host", "to"}, "to: Host|address\n"},
    {"DatagramFields", "do:udp", {"host", "to", "from_port"}, "to: Host|address\n"},
    {"DhcpClientConfig", "service:dhcp_client", {NULL}, ""},
    {"DhcpServerConfig", "service:dhcp_server", {NULL}, ""},
    {"DhcpRelayConfig", "service:dhcp_relay", {NULL}, ""},
    {"DnsServerConfig", "service:dns_server", {NULL}, ""},
    {"mailbox", NULL, {NULL}, "full_name: string\nquota: integer\nbusy: boolean\nonline: boolean\n"},
    {"moved", NULL, {NULL}, "to: string\nforward: boolean\n"},
    {"attachment", NULL, {NULL},
     "type: string\nname: string\ndescription: string\ncontent_id: string\ninline: boolean\ntext: string\n"
     "octets: string\nparameters: table<string, string>\n"},
    {"envelope", NULL, {NULL}, "from: string\nto: string|string[]\n"},
    {"page", NULL, {NULL}, "type: string\ntext: string\noctets: string\n"},
    {"ImapServerConfig", "service:imap_server", {NULL}, ""},
    {"HttpServerConfig", "service:http_server", {NULL}, ""},
    {"HttpGetFields", "do:http", {"host", "to"}, "to: Host|address\n"},
    {"ConnectFields", "do:connect", {"host", "to"}, "to: Host|address\n"},
    {"DnsResolverConfig", "service:dns_resolver", {NULL}, ""},
    {"MailFields", "do:mail", {"host"}, ""},
    {"DiskFields", "do:disk", {"host"}, ""},
    {"MailboxFields", "do:mailbox", {"host"}, ""},
    {"MailServerConfig", "service:mail_server", {NULL}, ""},
    {"MailAgentConfig", "service:mail_agent", {NULL}, ""},
    {"Pop3ServerConfig", "service:pop3_server", {NULL}, ""},
    {"Pop3ClientConfig", "service:pop3_client", {NULL}, ""},
    {"ImapClientConfig", "service:imap_client", {NULL}, ""},
    {"MailPartFields", "do:mail_part", {"host", "message", "part"}, ""},
    {"MailFlagFields", "do:mail_flag", {"host", "message", "flag"}, ""},
    {"UdpEchoConfig", "service:udp_echo", {NULL}, ""},
    {"TcpServiceConfig", "service:tcp_echo", {NULL}, ""},
    {"TcpChargenConfig", "service:tcp_chargen", {NULL}, ""},
};

static void put_fields(Text *names, const char *class, const char *lines, const char *const without[3]) {
    while (*lines) {
        size_t size = strcspn(lines, "\n"), name = strcspn(lines, ":");
        bool hidden = false;
        for (int i = 0; i < 3 && without[i]; i++)
            hidden = hidden || (strlen(without[i]) == name && strncmp(without[i], lines, name) == 0);
        if (!hidden) text_print(names, "%s.%.*s\n", class, (int)size, lines);
        lines += size + (lines[size] == '\n');
    }
}

static void put_query(Text *names, const char *class, const char *const *fields) {
    for (; *fields; fields++) text_print(names, "%s.%s\n", class, *fields);
}

void session_describe_api(Text *names) {
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        const ObjectClass *class = api_classes[kind];
        if (kind == OBJECT_SETTINGS) continue; /* its names are the scenario's own */
        for (const luaL_Reg *m = class->methods; m && m->name; m++) text_print(names, "%s:%s\n", class->name, m->name);
        for (const ObjectProperty *p = class->properties; p && p->name; p++)
            text_print(names, "%s.%s\n", class->name, p->name);
    }
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        Text lines = text_new();
        if (tables[i].what) CHECK(world_describe_fields(tables[i].what, &lines));
        put_fields(names, tables[i].class, text_get(&lines), tables[i].without);
        put_fields(names, tables[i].class, tables[i].more, (const char *const[3]){NULL});
        text_free(&lines);
    }
    put_query(names, "MessageQuery", message_query_fields);
    put_query(names, "FactQuery", fact_query_fields);
    put_query(names, "StateQuery", state_query_fields);
}
