/* The settings of mail servers and user agents (host/config.h). */
#include <string.h>

#include "host/config.h"
#include "mail/octets.h"

static const char *text_in(const ConfigPlace *place, const char *text) { return arena_text(place->arena, text); }

static void fail_at(ValueReader *r, const char *field, const char *key, const char *expected) {
    Text path = text_new();
    text_print(&path, "%s[\"%s\"]", field, key);
    config_error_set(r->error, r->arena, text_get(&path), "%s expected", expected);
    text_free(&path);
}

/* ---- Lists ---- */

/* One text, or a list of them; NULL-terminated count in *count. */
static const char **read_texts(ValueReader *r, const ConfigPlace *place, const char *field, size_t *count) {
    const Value *v = value_read_any(r, field, "string|string[]");
    *count = 0;
    if (!v || !place->host) return NULL;
    const Value *items = v->kind == VALUE_LIST ? v->items : v;
    size_t n = v->kind == VALUE_LIST ? v->count : 1;
    const char **texts = arena_alloc(place->arena, (n + 1) * sizeof *texts);
    for (size_t i = 0; i < n; i++) {
        if (items[i].kind != VALUE_TEXT) {
            value_reader_fail(r, field, &items[i], "a text, or a list of texts");
            return NULL;
        }
        texts[(*count)++] = text_in(place, items[i].text);
    }
    return texts;
}

static bool path_of(SmtpPath *path, const Value *v) { return v->kind == VALUE_TEXT && smtp_path_set(path, v->text); }

/* ---- Names: mailboxes, those who moved, lists, ambiguous ones ---- */

typedef struct {
    ValueReader *r;
    const ConfigPlace *place;
    MailConfig *c;
    size_t capacity, mailbox_capacity;
} Names;

static SmtpName *name_add(Names *n, const char *field, const char *key) {
    MailConfig *c = n->c;
    SmtpName name = {.full_name = ""};
    if (!smtp_path_set(&name.path, key) || name.path.size == 0) {
        fail_at(n->r, field, key, "a mailbox name such as \"bob\" or \"bob@hamburger.edu\"");
        return NULL;
    }
    for (size_t i = 0; i < c->server.name_count; i++)
        if (smtp_path_equal(&c->server.names[i].path, &name.path)) {
            fail_at(n->r, field, key, "a name that was not given before");
            return NULL;
        }
    c->server.names = mail_grow(n->place->arena, c->server.names, &n->capacity, c->server.name_count + 1, sizeof name);
    c->server.names[c->server.name_count++] = name;
    return &c->server.names[c->server.name_count - 1];
}

static void mailbox_add(Names *n, const char *key, const Value *settings) {
    SmtpName *name = name_add(n, "mailboxes", key);
    if (!name) return;
    MailConfig *c = n->c;
    c->mailboxes = mail_grow(n->place->arena, c->mailboxes, &n->mailbox_capacity, c->mailbox_count + 1, sizeof(char *));
    name->mailbox = (uint32_t)c->mailbox_count;
    c->mailboxes[c->mailbox_count++] = text_in(n->place, key);
    if (!settings || settings->kind != VALUE_MAP) return;
    Text path = text_new();
    text_print(&path, "mailboxes.%s", key);
    ValueReader r = value_reader(n->r->arena, settings, arena_text(n->place->arena, text_get(&path)), n->r->error);
    name->full_name = text_in(n->place, value_read_text(&r, "full_name", ""));
    name->quota = (uint64_t)value_read_number(&r, "quota", 0, INT64_MAX, 0);
    name->busy = value_read_truth(&r, "busy", false);
    name->online = value_read_truth(&r, "online", false);
    (void)!value_reader_finish(&r);
    text_free(&path);
}

static void read_mailboxes(Names *n, const Value *v) {
    static const char expected[] = "mailboxes = { \"alice\", \"bob\" } or { bob = { quota = 10000 } }";
    if (!v || !n->place->host) return;
    if (v->kind == VALUE_LIST) {
        for (size_t i = 0; i < v->count; i++) {
            if (v->items[i].kind != VALUE_TEXT) value_reader_fail(n->r, "mailboxes", &v->items[i], expected);
            else mailbox_add(n, v->items[i].text, NULL);
        }
    } else if (v->kind == VALUE_MAP) {
        for (size_t i = 0; i < v->count; i++) mailbox_add(n, v->keys[i], &v->items[i]);
    } else {
        value_reader_fail(n->r, "mailboxes", v, expected);
    }
}

static bool read_others(Names *n, SmtpName *name, const Value *v) {
    const Value *items = v->kind == VALUE_LIST ? v->items : v;
    size_t count = v->kind == VALUE_LIST ? v->count : 1;
    name->others = arena_alloc(n->place->arena, (count + 1) * sizeof *name->others);
    for (size_t i = 0; i < count; i++)
        if (!path_of(&name->others[name->other_count++], &items[i])) return false;
    return count > 0;
}

static void read_kind(Names *n, const char *field, const Value *v, SmtpNameKind kind, const char *expected) {
    if (!v || !n->place->host) return;
    if (v->kind != VALUE_MAP) {
        value_reader_fail(n->r, field, v, expected);
        return;
    }
    for (size_t i = 0; i < v->count; i++) {
        SmtpName *name = name_add(n, field, v->keys[i]);
        if (!name) return;
        const Value *others = &v->items[i];
        name->kind = kind;
        if (kind == SMTP_NAME_MOVED) {
            name->forward = true;
            if (others->kind == VALUE_MAP) {
                const Value *forward = value_get(others, "forward");
                name->forward = !forward || forward->kind != VALUE_TRUTH || forward->truth;
                others = value_get(others, "to");
            }
        }
        if (!others || !read_others(n, name, others)) fail_at(n->r, field, v->keys[i], expected);
    }
}

static void read_names(ValueReader *r, const ConfigPlace *place, MailConfig *c) {
    Names n = {r, place, c, 0, 0};
    read_mailboxes(&n, value_read_any(r, "mailboxes", "string[]|table<string, mailbox>"));
    read_kind(&n, "moved", value_read_any(r, "moved", "table<string, string|moved>"), SMTP_NAME_MOVED,
              "the new mailbox, such as \"dave@elsewhere.org\", or { to = …, forward = true|false }");
    read_kind(&n, "lists", value_read_any(r, "lists", "table<string, string[]>"), SMTP_NAME_LIST,
              "a list of mailboxes");
    read_kind(&n, "ambiguous", value_read_any(r, "ambiguous", "table<string, string[]>"), SMTP_NAME_AMBIGUOUS,
              "a list of mailboxes");
}

/* ---- The rest ---- */

static void read_replies(ValueReader *r, const ConfigPlace *place, SmtpServerConfig *c) {
    const Value *v = value_read_any(r, "replies", "table<string, string>");
    if (!v || !place->host) return;
    if (v->kind != VALUE_MAP) {
        value_reader_fail(r, "replies", v, "a table of texts");
        return;
    }
    ValueReader inner = value_reader(r->arena, v, "replies", r->error);
    for (int i = 0; i < SMTP_TEXT_COUNT; i++) {
        const char *text = value_read_text(&inner, smtp_text_keys[i], NULL);
        if (text) c->texts[i] = text_in(place, text);
    }
    (void)!value_reader_finish(&inner);
}

static void read_extensions(ValueReader *r, const ConfigPlace *place, SmtpServerConfig *c) {
    size_t count;
    if (place->host && !value_get(r->map, "extensions")) {
        (void)value_read_any(r, "extensions", "string[]");
        return;
    }
    const char **names = read_texts(r, place, "extensions", &count);
    c->extensions = 0;
    for (size_t i = 0; i < count; i++) {
        int k = 0;
        while (k < 7 && strcmp(names[i], smtp_extension_names[k]) != 0) k++;
        if (k == 7) {
            const char *nearest = text_nearest(names[i], (const char **)(uintptr_t)smtp_extension_names, 7);
            fail_at(r, "extensions", names[i],
                    nearest ? nearest
                            : "SIZE, 8BITMIME, PIPELINING, ENHANCEDSTATUSCODES, "
                              "DSN, SMTPUTF8 or AUTH");
            return;
        }
        c->extensions |= (uint8_t)(1 << k);
    }
}

static void read_users(ValueReader *r, const ConfigPlace *place, SmtpServerConfig *c) {
    const Value *v = value_read_any(r, "users", "table<string, string>");
    if (!v || !place->host) return;
    if (v->kind != VALUE_MAP) {
        value_reader_fail(r, "users", v, "users = { alice = \"her password\" }");
        return;
    }
    c->users = arena_alloc(place->arena, (v->count + 1) * sizeof *c->users);
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i].kind != VALUE_TEXT) fail_at(r, "users", v->keys[i], "a password");
        else c->users[c->user_count++] = (SmtpUser){text_in(place, v->keys[i]), text_in(place, v->items[i].text)};
    }
}

static void read_trusted(ValueReader *r, const ConfigPlace *place, SmtpServerConfig *c) {
    size_t count;
    const char **texts = read_texts(r, place, "trusted", &count);
    if (!place->host) return;
    c->trusted = arena_alloc(place->arena, (count + 1) * sizeof *c->trusted);
    for (size_t i = 0; i < count; i++) {
        Ipv4Prefix *prefix = &c->trusted[c->trusted_count++];
        if (ipv4_prefix_parse(texts[i], prefix, NULL)) continue;
        if (ipv4_parse(texts[i], &prefix->network)) prefix->length = 32;
        else fail_at(r, "trusted", texts[i], "an address or a prefix such as \"192.168.1.0/24\"");
    }
}

static void read_ports(ValueReader *r, MailConfig *c) {
    const Value *v = value_read_any(r, "ports", "integer|integer[]");
    c->ports[0] = 25;
    c->port_count = 1;
    if (!v) return;
    const Value *items = v->kind == VALUE_LIST ? v->items : v;
    size_t count = v->kind == VALUE_LIST ? v->count : 1;
    bool good = count > 0 && count <= 4;
    for (size_t i = 0; good && i < count; i++) {
        good = items[i].kind == VALUE_NUMBER && items[i].number > 0 && items[i].number <= UINT16_MAX;
        if (good) c->ports[i] = (uint16_t)items[i].number;
    }
    c->port_count = count;
    if (!good) value_reader_fail(r, "ports", v, "a port, or a list of at most 4");
}

static void read_queue(ValueReader *r, SmtpQueueConfig *q) {
    q->retry = config_read_span(r, "retry", q->retry);
    q->retry_most = config_read_span(r, "retry_most", q->retry > q->retry_most ? q->retry : q->retry_most);
    q->give_up = config_read_span(r, "give_up", q->give_up);
    q->warn = config_read_span(r, "warn", q->warn);
    if (q->retry == 0) value_reader_fail(r, "retry", value_get(r->map, "retry"), "a span greater than 0");
}

static void read_out(ValueReader *r, const ConfigPlace *place, MailConfig *c) {
    c->client.extended = value_read_truth(r, "ehlo", true);
    c->client.pipelining = value_read_truth(r, "pipelining", true);
    c->client.spaced = value_read_truth(r, "space_after_colon", false);
    SimTime patience = config_read_span(r, "patience", 0);
    if (patience > 0) c->client.timeouts = (SmtpTimeouts){patience, patience, patience, patience, patience, patience};
    c->disk_latency = config_read_span(r, "disk_latency", 2 * SIM_MILLISECOND);
    c->disk_size = (uint64_t)value_read_number(r, "disk_size", 0, INT64_MAX, (int64_t)1 << 30);
    c->tcp = tcp_settings_default;
    c->tcp.nagle = value_read_truth(r, "nagle", true);
    c->tcp.delayed_ack = config_read_span(r, "delayed_ack", c->tcp.delayed_ack);
    (void)place;
}

bool config_read_mail_server(ValueReader *r, const ConfigPlace *place, MailConfig *c) {
    static const char *const verify_names[] = {"answer", "noncommittal", "disabled"};
    static const char *const eight_bit_names[] = {"accept", "strip", "refuse"};
    *c = (MailConfig){.server = smtp_server_config_default,
                      .client = smtp_client_config_default,
                      .queue = smtp_queue_config_default,
                      .receives = true,
                      .relay_port = 25};
    SmtpServerConfig *s = &c->server;
    const char *name = value_read_text(r, "name", place->host ? place->host->name : "");
    size_t domain_count;
    const char **domains = read_texts(r, place, "domains", &domain_count);
    read_names(r, place, c);
    read_replies(r, place, s);
    read_extensions(r, place, s);
    s->size_most = (uint64_t)value_read_number(r, "size_limit", 0, INT64_MAX, (int64_t)s->size_most);
    s->recipients_most = (uint16_t)value_read_number(r, "recipients_limit", 1, UINT16_MAX, s->recipients_most);
    s->hops_most = (uint16_t)value_read_number(r, "hops_limit", 0, UINT16_MAX, s->hops_most);
    s->errors_most = (uint16_t)value_read_number(r, "errors_limit", 0, UINT16_MAX, s->errors_most);
    c->sessions_most = (uint16_t)value_read_number(r, "connections_limit", 1, UINT16_MAX, 1000);
    s->verify = (SmtpVerify)value_read_choice(r, "vrfy", verify_names, 3, SMTP_VERIFY_ANSWER);
    s->expand = (SmtpVerify)value_read_choice(r, "expn", verify_names, 3, SMTP_VERIFY_ANSWER);
    s->legacy = value_read_truth(r, "legacy", false);
    s->eight_bit = (SmtpEightBit)value_read_choice(r, "eight_bit", eight_bit_names, 3, SMTP_EIGHT_BIT_ACCEPT);
    read_users(r, place, s);
    s->auth_required = value_read_truth(r, "auth_required", false);
    read_trusted(r, place, s);
    s->no_service = value_read_truth(r, "no_service", false);
    s->greylist = config_read_span(r, "greylist", 0);
    s->idle = config_read_span(r, "idle", s->idle);
    read_ports(r, c);
    read_queue(r, &c->queue);
    read_out(r, place, c);
    const char *relay = value_read_text(r, "relay_to", NULL);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    s->name = c->client.name = text_in(place, name);
    s->domains = domains;
    s->domain_count = domain_count;
    if (relay) c->relay_to = text_in(place, relay);
    return r->error->message.size == 0;
}

bool config_read_mail_agent(ValueReader *r, const ConfigPlace *place, MailConfig *c) {
    *c = (MailConfig){
        .server = smtp_server_config_default,
        .client = smtp_client_config_default,
        .queue = {.retry = 60 * SIM_SECOND, .retry_most = 15 * 60 * SIM_SECOND, .give_up = 24 * 3600 * SIM_SECOND}};
    const char *address = value_read_text(r, "address", NULL), *server = value_read_text(r, "server", NULL);
    c->relay_port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 25);
    const char *name = value_read_text(r, "name", place->host ? place->host->name : "");
    const char *user = value_read_text(r, "user", NULL), *password = value_read_text(r, "password", NULL);
    read_queue(r, &c->queue);
    read_out(r, place, c);
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    SmtpPath path;
    if (!address || !smtp_path_set(&path, address) || smtp_domain(&path).size == 0)
        value_reader_fail(r, "address", value_get(r->map, "address"),
                          "the user's own address, such as \"alice@crepes.fr\"");
    if (!server) value_reader_fail(r, "server", NULL, "the name or address of the user's mail server");
    if (user && !password) value_reader_fail(r, "password", NULL, "a password, beside `user`");
    if (r->error->message.size > 0) return false;
    c->address = text_in(place, address);
    c->relay_to = text_in(place, server);
    c->server.name = c->client.name = text_in(place, name);
    if (user) {
        c->client.user = text_in(place, user);
        c->client.password = text_in(place, password);
    }
    return true;
}
