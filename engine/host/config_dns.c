/* The settings of the name server (host/config.h). */
#include <string.h>

#include "host/config.h"

static bool read_addresses(const Value *v, DnsServerName *name) {
    const Value *items = v->kind == VALUE_LIST ? v->items : v;
    size_t count = v->kind == VALUE_LIST ? v->count : 1;
    if (count == 0 || count > DNS_SERVER_ADDRESSES) return false;
    for (size_t i = 0; i < count; i++)
        if (items[i].kind != VALUE_TEXT || !ipv4_parse(items[i].text, &name->addresses[i])) return false;
    name->address_count = (uint8_t)count;
    return true;
}

bool config_read_dns_server(ValueReader *r, const ConfigPlace *place, DnsServerConfig *c) {
    static const char expected[] = "names = { [\"www.example.org\"] = \"192.168.1.10\" }";
    *c = (DnsServerConfig){0};
    SimTime ttl = config_read_span(r, "ttl", 3600 * SIM_SECOND);
    const Value *names = value_read_any(r, "names", "table<string, address|address[]>");
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (ttl / SIM_SECOND > INT32_MAX || ttl % SIM_SECOND != 0)
        value_reader_fail(r, "ttl", value_get(r->map, "ttl"), "whole seconds, at most 2147483647");
    c->ttl_s = (uint32_t)(ttl / SIM_SECOND);
    if (!names || names->kind != VALUE_MAP) {
        value_reader_fail(r, "names", names, expected);
        return false;
    }
    c->names = arena_alloc(place->arena, (names->count + 1) * sizeof(DnsServerName));
    for (size_t i = 0; i < names->count; i++) {
        DnsServerName *name = &c->names[c->name_count++];
        Text path = text_new();
        text_print(&path, "names[\"%s\"]", names->keys[i]);
        if (!dns_name_parse(names->keys[i], &name->name))
            config_error_set(r->error, r->arena, text_get(&path), "a domain name such as \"www.example.org\" expected");
        if (!read_addresses(&names->items[i], name))
            config_error_set(r->error, r->arena, text_get(&path), "an IPv4 address, or a list of at most 8, expected");
        for (size_t k = 0; k < i; k++)
            if (dns_name_equal(&c->names[k].name, &name->name))
                config_error_set(r->error, r->arena, text_get(&path), "a name that was not given before expected");
        text_free(&path);
    }
    return r->error->message.size == 0;
}
