/* The settings of the IMAP server (host/config.h). */
#include <string.h>

#include "host/config.h"
#include "mail/octets.h"

static const char *const use_names[] = {"", "all", "archive", "drafts", "flagged", "junk", "sent", "trash"};
enum { USES = sizeof use_names / sizeof use_names[0] };

/* { Sent = "sent", Projects = "" }, or a list of names alone. */
static bool read_folder(ImapFolder *folder, const char *name, const Value *use, Arena *arena) {
    *folder = (ImapFolder){arena_text(arena, name), MAILBOX_USE_NONE};
    if (name[0] == 0 || strlen(name) > MAILBOX_NAME_MOST || strpbrk(name, "*%")) return false;
    if (!use) return true;
    if (use->kind != VALUE_TEXT) return false;
    size_t i = 0;
    while (i < USES && strcmp(use->text, use_names[i]) != 0) i++;
    folder->use = i < USES ? (MailboxUse)i : MAILBOX_USE_NONE;
    return i < USES;
}

static void read_folders(ValueReader *r, const ConfigPlace *place, ImapServiceConfig *c) {
    static const char expected[] = "folders = { Sent = \"sent\", Projects = \"\" }: a name, and what it is for: all, "
                                   "archive, drafts, flagged, junk, sent, trash, or \"\"";
    const Value *v = value_read_any(r, "folders", "string[]|table<string, string>");
    if (!v || !place->host) return;
    if (v->kind != VALUE_MAP && v->kind != VALUE_LIST) {
        value_reader_fail(r, "folders", v, expected);
        return;
    }
    c->folders = arena_alloc(place->arena, (v->count + 1) * sizeof *c->folders);
    for (size_t i = 0; i < v->count; i++) {
        const Value *item = &v->items[i];
        bool list = v->kind == VALUE_LIST;
        ImapFolder *folder = &c->folders[c->folder_count++];
        if ((!list || item->kind == VALUE_TEXT) &&
            read_folder(folder, list ? item->text : v->keys[i], list ? NULL : item, place->arena))
            continue;
        value_reader_fail(r, "folders", v, expected);
        return;
    }
}

bool config_read_imap_server(ValueReader *r, const ConfigPlace *place, ImapServiceConfig *c) {
    *c = (ImapServiceConfig){.server = imap_server_config_default, .tcp = tcp_settings_default};
    c->server.name = place->host ? place->host->name : "";
    c->server.civil_start_s = MAIL_CIVIL_START_S;
    c->port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 143);
    c->server.size_most = (uint64_t)value_read_number(r, "size_limit", 1, INT32_MAX, (int64_t)c->server.size_most);
    static const char *const literals[] = {"plus", "minus", "wait"};
    c->server.literals = (ImapLiterals)value_read_choice(r, "literals", literals, 3, IMAP_LITERAL_PLUS);
    c->server.login_disabled = value_read_truth(r, "login_disabled", false);
    c->server.autologout = config_read_span(r, "idle", c->server.autologout);
    c->server.autologout_early = config_read_span(r, "login_idle", c->server.autologout_early);
    c->server.errors_most =
        (uint16_t)value_read_number(r, "errors_limit", 0, UINT16_MAX, c->server.errors_most);
    c->sessions_most = (uint16_t)value_read_number(r, "connections_limit", 1, UINT16_MAX, 1000);
    if (place->host && place->host->mail_server) c->tcp = place->host->mail_server->config.tcp;
    c->tcp.nagle = value_read_truth(r, "nagle", c->tcp.nagle);
    c->tcp.delayed_ack = config_read_span(r, "delayed_ack", c->tcp.delayed_ack);
    read_folders(r, place, c);
    if (!value_reader_finish(r)) return false;
    return r->error->message.size == 0;
}

/* ---- The client ---- */

/* What is said in a command: printable ASCII that fits into its line. */
static bool is_word(const char *text) {
    bool good = text[0] && strlen(text) < 200;
    for (const char *at = text; good && *at; at++) good = *at >= ' ' && *at < 0x7f;
    return good;
}

static const char *read_word(ValueReader *r, const ConfigPlace *place, const char *field, const char *expected) {
    const char *text = value_read_text(r, field, NULL);
    if (!place->host) return NULL;
    if (text && is_word(text)) return arena_text(place->arena, text);
    value_reader_fail(r, field, text ? value_get(r->map, field) : NULL, expected);
    return NULL;
}

bool config_is_folder(const char *name) {
    bool good = name[0] && strlen(name) <= MAILBOX_NAME_MOST && !strpbrk(name, "*%");
    for (const char *at = name; good && *at; at++) good = (uint8_t)*at >= ' ' && *at != 0x7f;
    return good;
}

static const char *read_folder_name(ValueReader *r, const ConfigPlace *place, const char *field, const char *fallback) {
    const char *name = value_read_text(r, field, fallback);
    if (!place->host || !name) return fallback;
    if (!config_is_folder(name)) value_reader_fail(r, field, value_get(r->map, field), "a mailbox's name");
    return arena_text(place->arena, name);
}

bool config_read_imap_client(ValueReader *r, const ConfigPlace *place, ImapClientServiceConfig *c) {
    *c = (ImapClientServiceConfig){.client = imap_client_config_default};
    ImapClientConfig *k = &c->client;
    const char *server = value_read_text(r, "server", NULL);
    c->port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 143);
    k->user = read_word(r, place, "user", "the user's name at the server");
    k->password = read_word(r, place, "password", "the user's password at the server");
    k->mailbox = read_folder_name(r, place, "mailbox", k->mailbox);
    k->sent = read_folder_name(r, place, "sent", NULL);
    k->authenticate = value_read_truth(r, "authenticate", false);
    k->idle = value_read_truth(r, "idle", true);
    k->move = value_read_truth(r, "move", true);
    k->idle_for = config_read_span(r, "idle_for", k->idle_for);
    k->poll = config_read_span(r, "poll", k->poll);
    k->patience = config_read_span(r, "patience", k->patience);
    k->piece = (uint32_t)value_read_number(r, "piece", 1, INT32_MAX, k->piece);
    k->size_most = (uint64_t)value_read_number(r, "size_limit", 1, (int64_t)1 << 30, (int64_t)k->size_most);
    c->connect = value_read_truth(r, "connect", true);
    c->retry = config_read_span(r, "retry", 10 * SIM_SECOND);
    c->retry_most = config_read_span(r, "retry_most", 5 * 60 * SIM_SECOND);
    c->disk_latency = config_read_span(r, "disk_latency", 2 * SIM_MILLISECOND);
    c->disk_size = (uint64_t)value_read_number(r, "disk_size", 0, INT64_MAX, (int64_t)1 << 30);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (!server) value_reader_fail(r, "server", NULL, "the name or address of the user's mail server");
    if (r->error->message.size > 0) return false;
    c->server = arena_text(place->arena, server);
    return true;
}
