/* The settings of POP3's services (host/config.h). */
#include <string.h>

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
    *c = (Pop3ServiceConfig){.server = pop3_server_config_default, .tcp = tcp_settings_default};
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
    if (place->host && place->host->mail_server) c->tcp = place->host->mail_server->config.tcp;
    c->tcp.nagle = value_read_truth(r, "nagle", c->tcp.nagle);
    c->tcp.delayed_ack = config_read_span(r, "delayed_ack", c->tcp.delayed_ack);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (!name && place->host->mail_server) name = place->host->mail_server->config.server.name;
    s->name = arena_text(place->arena, name ? name : place->host->name);
    return r->error->message.size == 0;
}

/* What is said in a command has no control character, and fits into its line, also both together as in AUTH PLAIN. */
static const char *read_word(ValueReader *r, const char *field, const char *expected) {
    const char *text = value_read_text(r, field, NULL);
    bool good = text != NULL && text[0] && strlen(text) < 90;
    for (const char *at = text; good && *at; at++) good = (uint8_t)*at >= ' ' && *at != 0x7f;
    if (!good && text) value_reader_fail(r, field, value_get(r->map, field), expected);
    return text;
}

bool config_read_pop3_client(ValueReader *r, const ConfigPlace *place, Pop3ReaderConfig *c) {
    static const char *const modes[] = {"keep", "delete", "headers"};
    *c = (Pop3ReaderConfig){.client = pop3_client_config_default, .tcp = tcp_settings_default};
    const char *server = value_read_text(r, "server", NULL);
    c->port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 110);
    const char *user = read_word(r, "user", "the user's name at the server"),
               *password = read_word(r, "password", "the user's password at the server");
    c->client.mode = (Pop3Mode)value_read_choice(r, "mode", modes, 3, POP3_KEEP);
    c->client.apop = value_read_truth(r, "apop", true);
    c->client.retrieve_most = (uint64_t)value_read_number(r, "retrieve_limit", 0, INT64_MAX, INT64_MAX);
    c->client.size_most = (uint64_t)value_read_number(r, "size_limit", 1, (int64_t)1 << 30, 64 * 1024 * 1024);
    c->client.patience = config_read_span(r, "patience", c->client.patience);
    c->check = config_read_span(r, "check", 0);
    c->retry = config_read_span(r, "retry", 30 * SIM_SECOND);
    /* As long as a server may keep the maildrop of a session that was cut off. */
    c->tries_most = (uint16_t)value_read_number(r, "tries", 1, UINT16_MAX, 30);
    c->disk_latency = config_read_span(r, "disk_latency", 2 * SIM_MILLISECOND);
    c->disk_size = (uint64_t)value_read_number(r, "disk_size", 0, INT64_MAX, (int64_t)1 << 30);
    c->tcp.nagle = value_read_truth(r, "nagle", c->tcp.nagle);
    c->tcp.delayed_ack = config_read_span(r, "delayed_ack", c->tcp.delayed_ack);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (!server) value_reader_fail(r, "server", NULL, "the name or address of the user's mail server");
    if (!user) value_reader_fail(r, "user", NULL, "the user's name at the server");
    if (!password) value_reader_fail(r, "password", NULL, "the user's password at the server");
    if (r->error->message.size > 0) return false;
    c->server = arena_text(place->arena, server);
    c->client.user = arena_text(place->arena, user);
    c->client.password = arena_text(place->arena, password);
    return true;
}
