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
    c->server.login_disabled = value_read_truth(r, "login_disabled", false);
    c->server.autologout = config_read_span(r, "idle", c->server.autologout);
    c->server.autologout_early = config_read_span(r, "login_idle", c->server.autologout_early);
    c->sessions_most = (uint16_t)value_read_number(r, "connections_limit", 1, UINT16_MAX, 1000);
    if (place->host && place->host->mail_server) c->tcp = place->host->mail_server->config.tcp;
    c->tcp.nagle = value_read_truth(r, "nagle", c->tcp.nagle);
    c->tcp.delayed_ack = config_read_span(r, "delayed_ack", c->tcp.delayed_ack);
    read_folders(r, place, c);
    if (!value_reader_finish(r)) return false;
    return r->error->message.size == 0;
}
