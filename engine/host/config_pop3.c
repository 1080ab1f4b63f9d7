/* The settings of POP3's services (host/config.h). */
#include "host/config.h"
#include "host/mail.h"
#include "mail/octets.h"

static void read_replies(ValueReader *r, const ConfigPlace *place, Pop3ServerConfig *c) {
    const Value *v = value_read_any(r, "replies", "table<string, string>");
    if (!v || !place->host) return;
    if (v->kind != VALUE_MAP) {
        value_reader_fail(r, "replies", v, "replies = { greeting = \"POP3 server ready\" }");
        return;
    }
    ValueReader inner = value_reader(r->arena, v, "replies", r->error);
    for (int i = 0; i < POP3_TEXT_COUNT; i++) {
        const char *text = value_read_text(&inner, pop3_text_keys[i], NULL);
        if (!text) continue;
        c->texts[i] = arena_text(place->arena, text);
        for (const char *at = text; *at; at++)
            if (*at == '\r' || *at == '\n')
                value_reader_fail(&inner, pop3_text_keys[i], value_get(v, pop3_text_keys[i]), "a text of one line");
    }
    (void)!value_reader_finish(&inner);
}

bool config_read_pop3_server(ValueReader *r, const ConfigPlace *place, Pop3ServiceConfig *c) {
    *c = (Pop3ServiceConfig){.server = pop3_server_config_default};
    Pop3ServerConfig *s = &c->server;
    const char *name = value_read_text(r, "name", NULL);
    c->port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 110);
    read_replies(r, place, s);
    s->apop = value_read_truth(r, "apop", s->apop);
    s->plain = value_read_truth(r, "plain", s->plain);
    s->login_delay = config_read_span(r, "login_delay", 0);
    s->idle = config_read_span(r, "idle", s->idle);
    s->errors_most = (uint16_t)value_read_number(r, "errors_limit", 0, UINT16_MAX, s->errors_most);
    c->connections_most = (uint16_t)value_read_number(r, "connections_limit", 1, UINT16_MAX, 1000);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (!name && place->host->mail_server) name = place->host->mail_server->config.server.name;
    s->name = arena_text(place->arena, name ? name : place->host->name);
    return r->error->message.size == 0;
}
