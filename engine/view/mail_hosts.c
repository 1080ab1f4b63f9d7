#include "view/mail_hosts.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/value.h"

struct MailHosts {
    Arena *arena; /* texts live here */
    MailHost *list;
    size_t count, capacity;
};

static const char *text_at(const Value *map, const char *key) {
    const Value *value = map ? value_get(map, key) : NULL;
    return value && value->kind == VALUE_TEXT ? value->text : "";
}

static uint32_t host_named(const Directory *d, const char *name) {
    for (uint32_t i = 0; i < d->host_count; i++)
        if (strcmp(d->hosts[i].name, name) == 0) return i;
    return UINT32_MAX;
}

/* { "alice", "bob" } or { bob = { quota = 10000 } }. */
static void read_boxes(MailHost *host, const Value *boxes) {
    host->box_count = 0;
    for (size_t i = 0; boxes && i < boxes->count && host->box_count < MAIL_BOXES; i++) {
        if (boxes->kind == VALUE_LIST && boxes->items[i].kind == VALUE_TEXT)
            host->boxes[host->box_count++] = boxes->items[i].text;
        if (boxes->kind == VALUE_MAP) host->boxes[host->box_count++] = boxes->keys[i];
    }
}

static void read_service(MailHosts *hosts, const Directory *d, const Value *command, uint32_t seq) {
    const char *service = text_at(command, "service");
    bool server = strcmp(service, "mail_server") == 0;
    uint32_t host = host_named(d, text_at(command, "host"));
    const Value *config = value_get(command, "config");
    bool reader = strcmp(service, "pop3_client") == 0 || strcmp(service, "imap_client") == 0;
    if ((!server && !reader && strcmp(service, "mail_agent") != 0) || host == UINT32_MAX || !config) return;
    MailHost *entry = NULL;
    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->list[i].host == host) entry = &hosts->list[i];
    if (!entry) {
        hosts->list = array_grow(hosts->list, &hosts->capacity, hosts->count + 1, sizeof *hosts->list);
        entry = &hosts->list[hosts->count++];
        *entry = (MailHost){.host = host, .since = seq, .name = "", .user = ""};
    }
    entry->server |= server;
    if (*text_at(config, "name")) entry->name = text_at(config, "name");
    if (*text_at(config, "address")) entry->user = text_at(config, "address");
    if (server) read_boxes(entry, value_get(config, "mailboxes"));
    if (reader) { /* what is fetched lies on the host's own disk */
        entry->boxes[0] = text_at(config, "user");
        entry->box_count = 1;
    }
}

MailHosts *mail_hosts_read(const Trace *trace) {
    MailHosts *hosts = memory_new(sizeof *hosts);
    hosts->arena = arena_new();
    Text error = text_new();
    for (size_t seq = 0; seq < trace_count(trace); seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        const char *json = r->kind == TRACE_COMMAND ? trace_text(trace, r) : "";
        if (!strstr(json, "\"mail_") && !strstr(json, "\"pop3_client\"") && !strstr(json, "\"imap_client\"")) continue;
        Value command;
        if (value_parse(hosts->arena, json, strlen(json), &command, &error) && command.kind == VALUE_MAP)
            read_service(hosts, trace_directory(trace), &command, (uint32_t)seq);
    }
    text_free(&error);
    return hosts;
}

void mail_hosts_free(MailHosts *hosts) {
    if (!hosts) return;
    arena_free(hosts->arena);
    free(hosts->list);
    free(hosts);
}

const MailHost *mail_hosts_find(const MailHosts *hosts, uint32_t host) {
    for (size_t i = 0; i < hosts->count; i++)
        if (hosts->list[i].host == host) return &hosts->list[i];
    return NULL;
}
