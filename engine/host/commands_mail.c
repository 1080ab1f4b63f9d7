/* The commands about mail: what a user writes, the queue, the disk, a mailbox's state. */
#include <string.h>

#include "host/mail_agent.h"
#include "host/world_inside.h"

static MailService *service_of(const Host *host) { return host->mail_agent ? host->mail_agent : host->mail_server; }

static MailService *read_service(Command *c, bool server) {
    Host *host = command_read_host(c, "host");
    if (!host) return NULL;
    MailService *service = server ? host->mail_server : service_of(host);
    if (!service)
        command_fail(c, "host", server ? "%s runs no mail server" : "%s has no mail agent and no mail server",
                     host->name);
    return service;
}

/* ---- mail ---- */

typedef struct {
    Command *c;
    Arena *arena;
    MailWriting *w;
    DraftField *fields;
    size_t field_capacity;
} Reading;

static void add_field(Reading *r, const char *name, const Value *v) {
    Text text = text_new();
    if (v->kind == VALUE_TEXT) text_put(&text, v->text);
    for (size_t i = 0; v->kind == VALUE_LIST && i < v->count; i++) {
        if (v->items[i].kind != VALUE_TEXT) {
            value_reader_fail(&r->c->reader, name, &v->items[i], "an address, or a list of addresses");
            break;
        }
        text_print(&text, "%s%s", i > 0 ? ", " : "", v->items[i].text);
    }
    if (v->kind != VALUE_TEXT && v->kind != VALUE_LIST) value_reader_fail(&r->c->reader, name, v, "a text");
    Draft *draft = &r->w->draft;
    r->fields = mail_grow(r->arena, r->fields, &r->field_capacity, draft->field_count + 1, sizeof *r->fields);
    r->fields[draft->field_count++] = (DraftField){name, mail_keep(r->arena, bytes_of(text_get(&text), text.size))};
    draft->fields = r->fields;
    text_free(&text);
}

/* The fields in their usual order, then those of the user's own. */
static void read_fields(Reading *r) {
    static const struct {
        const char *key, *name;
    } usual[] = {{"from", "From"},
                 {"reply_to", "Reply-To"},
                 {"to", "To"},
                 {"cc", "Cc"},
                 {"bcc", "Bcc"},
                 {"subject", "Subject"},
                 {"date", "Date"},
                 {"in_reply_to", "In-Reply-To"},
                 {"references", "References"}};
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) {
        const Value *v = value_read_any(&r->c->reader, usual[i].key, i >= 1 && i <= 4 ? "string|string[]" : "string");
        if (v) add_field(r, usual[i].name, v);
    }
    const Value *more = value_read_any(&r->c->reader, "fields", "table<string, string>");
    if (more && more->kind != VALUE_MAP) value_reader_fail(&r->c->reader, "fields", more, "a table of header fields");
    for (size_t i = 0; more && more->kind == VALUE_MAP && i < more->count; i++)
        add_field(r, arena_text(r->arena, more->keys[i]), &more->items[i]);
}

static Bytes hexadecimal(Arena *arena, const char *text, bool *good) {
    size_t size = strlen(text);
    uint8_t *octets = arena_alloc(arena, size / 2 + 1);
    *good = size % 2 == 0;
    for (size_t i = 0; i + 1 < size; i += 2) {
        int high = text_hex_digit(text[i]), low = text_hex_digit(text[i + 1]);
        *good = *good && high >= 0 && low >= 0;
        octets[i / 2] = (uint8_t)((high & 15) << 4 | (low & 15));
    }
    return bytes_of(octets, size / 2);
}

/* Text, or octets in hexadecimal digits. */
static Bytes read_content(Reading *r, ValueReader *from) {
    const char *text = value_read_text(from, "text", NULL), *octets = value_read_text(from, "octets", NULL);
    bool good = true;
    Bytes content = octets ? hexadecimal(r->arena, octets, &good) : bytes_text(text ? text : "");
    if (!good) value_reader_fail(from, "octets", value_get(from->map, "octets"), "pairs of hexadecimal digits");
    return mail_keep(r->arena, content);
}

static const char *keep_or_null(Reading *r, const char *text) { return text ? arena_text(r->arena, text) : NULL; }

static void read_parameters(Reading *r, ValueReader *from, DraftPart *part) {
    const Value *v = value_read_any(from, "parameters", "table<string, string>");
    if (!v || v->kind != VALUE_MAP) {
        if (v) value_reader_fail(from, "parameters", v, "a table of texts");
        return;
    }
    DraftField *list = arena_alloc(r->arena, (v->count + 1) * sizeof *list);
    for (size_t i = 0; i < v->count; i++)
        if (v->items[i].kind == VALUE_TEXT)
            list[part->parameter_count++] = (DraftField){arena_text(r->arena, v->keys[i]),
                                                         mail_keep(r->arena, bytes_text(v->items[i].text))};
    part->parameters = list;
}

static void read_parts(Reading *r) {
    const Value *v = value_read_any(&r->c->reader, "attachments", "attachment[]");
    if (!v) return;
    if (v->kind != VALUE_LIST) {
        value_reader_fail(&r->c->reader, "attachments", v, "a list of attachments");
        return;
    }
    DraftPart *parts = arena_alloc(r->arena, (v->count + 1) * sizeof *parts);
    for (size_t i = 0; i < v->count; i++) {
        Text path = text_new();
        text_print(&path, "attachments[%zu]", i + 1);
        ValueReader from = value_reader(r->c->reader.arena, &v->items[i], arena_text(r->arena, text_get(&path)),
                                        r->c->reader.error);
        DraftPart *part = &parts[r->w->draft.part_count++];
        part->type = keep_or_null(r, value_read_text(&from, "type", NULL));
        const char *name = keep_or_null(r, value_read_text(&from, "name", NULL));
        const char *description = keep_or_null(r, value_read_text(&from, "description", NULL));
        const char *id = keep_or_null(r, value_read_text(&from, "content_id", NULL));
        part->filename = bytes_text(name ? name : "");
        part->description = bytes_text(description ? description : "");
        part->content_id = bytes_text(id ? id : "");
        part->in_place = value_read_truth(&from, "inline", false);
        part->octets = read_content(r, &from);
        read_parameters(r, &from, part);
        (void)!value_reader_finish(&from);
        text_free(&path);
    }
    r->w->draft.parts = parts;
}

static void read_envelope(Reading *r) {
    const Value *v = value_read_any(&r->c->reader, "envelope", "envelope");
    if (!v) return;
    ValueReader from = value_reader(r->c->reader.arena, v, "envelope", r->c->reader.error);
    const char *sender = value_read_text(&from, "from", NULL);
    const Value *to = value_read_any(&from, "to", "string|string[]");
    SmtpPath *path = arena_alloc(r->arena, sizeof *path);
    if (sender && !smtp_path_set(path, sender))
        value_reader_fail(&from, "from", value_get(v, "from"), "a mailbox, or \"\" for the null reverse-path");
    if (sender) r->w->envelope_from = path;
    size_t count = !to ? 0 : to->kind == VALUE_LIST ? to->count : 1;
    SmtpPath *list = arena_alloc(r->arena, (count + 1) * sizeof *list);
    for (size_t i = 0; i < count; i++) {
        const Value *one = to->kind == VALUE_LIST ? &to->items[i] : to;
        if (one->kind != VALUE_TEXT || !smtp_path_set(&list[i], one->text) || list[i].size == 0)
            value_reader_fail(&from, "to", one, "a mailbox, or a list of them");
    }
    r->w->envelope_to = list;
    r->w->envelope_to_count = count;
    (void)!value_reader_finish(&from);
}

static void read_notify(Reading *r) {
    static const char *const names[] = {"success", "failure", "delay", "never"};
    const Value *v = value_read_any(&r->c->reader, "notify", "string|string[]");
    size_t count = !v ? 0 : v->kind == VALUE_LIST ? v->count : 1;
    for (size_t i = 0; i < count; i++) {
        const Value *one = v->kind == VALUE_LIST ? &v->items[i] : v;
        int k = 0;
        while (k < 4 && (one->kind != VALUE_TEXT || strcmp(one->text, names[k]) != 0)) k++;
        if (k == 4) value_reader_fail(&r->c->reader, "notify", one, "\"success\", \"failure\", \"delay\" or \"never\"");
        else r->w->notify |= (uint8_t)(1 << k);
    }
}

/* A message written in a scenario has lines as text files have them; SMTP's end with CRLF. */
static Bytes with_crlf(Arena *arena, const char *text) {
    Text octets = text_new();
    for (; *text; text++) {
        if (*text == '\n' && (octets.size == 0 || octets.at[octets.size - 1] != '\r')) text_put_char(&octets, '\r');
        text_put_char(&octets, *text);
    }
    return mail_keep_text(arena, &octets);
}

void do_mail(Command *c) {
    static const char *const rets[] = {"none", "full", "headers"};
    MailService *service = read_service(c, false);
    MailWriting w = {0};
    Reading r = {c, c->reader.arena, &w, NULL, 0};
    read_fields(&r);
    const char *text = value_read_text(&c->reader, "text", ""), *html = value_read_text(&c->reader, "html", "");
    w.draft.text = mail_keep(r.arena, bytes_text(text));
    w.draft.html = mail_keep(r.arena, bytes_text(html));
    read_parts(&r);
    w.draft.multipart = keep_or_null(&r, value_read_text(&c->reader, "multipart", NULL));
    w.draft.charset = keep_or_null(&r, value_read_text(&c->reader, "charset", NULL));
    w.draft.carrier.eight_bit = value_read_truth(&c->reader, "eight_bit", false);
    const char *raw = value_read_text(&c->reader, "raw", NULL),
               *octets = value_read_text(&c->reader, "raw_octets", NULL);
    bool good = true;
    if (raw) w.raw = with_crlf(r.arena, raw);
    if (octets) w.raw = hexadecimal(r.arena, octets, &good);
    if (!good)
        value_reader_fail(&c->reader, "raw_octets", value_get(c->value, "raw_octets"), "pairs of hexadecimal digits");
    read_envelope(&r);
    read_notify(&r);
    w.ret = (SmtpRet)value_read_choice(&c->reader, "ret", rets, 3, SMTP_RET_NONE);
    w.envid = keep_or_null(&r, value_read_text(&c->reader, "envid", NULL));
    if (w.envid && strlen(w.envid) * 3 > SMTP_ENVID_MOST)
        value_reader_fail(&c->reader, "envid", value_get(c->value, "envid"), "at most 33 characters");
    if (!command_accept(c) || !service->host->stack->powered) return;
    mail_write(service, &w, c->cause);
}

const char *world_mail_name(const World *world, uint32_t id) {
    const Host *host = world_host(world, id);
    return host && host->mail_server ? host->mail_server->config.server.name : NULL;
}

/* ---- queue, disk, mailbox ---- */

void do_queue(Command *c) {
    MailService *service = read_service(c, false);
    if (command_accept(c) && service->host->stack->powered) mail_service_run_queue(service, c->cause);
}

void do_disk(Command *c) {
    static const char *const states[] = {"ok", "failing"};
    Host *host = command_read_host(c, "host");
    MailService *disks[] = {host ? service_of(host) : NULL,
                            host && host->pop3_client ? host_pop3_client_disk(host) : NULL,
                            host && host->imap_client ? host_imap_client_disk(host) : NULL};
    if (host && !disks[0] && !disks[1] && !disks[2]) command_fail(c, "host", "%s has no mail agent and no mail server", host->name);
    size_t state = value_read_choice(&c->reader, "state", states, 2, 0);
    int64_t size = value_read_number(&c->reader, "size", 0, INT64_MAX, -1);
    if (!command_accept(c)) return;
    for (size_t i = 0; i < 3; i++) {
        if (!disks[i]) continue;
        disks[i]->store.failing = state == 1;
        if (size >= 0) disks[i]->store.size = (uint64_t)size;
    }
}

void do_check_mail(Command *c) {
    Host *host = command_read_host(c, "host");
    if (host && !host->pop3_client && !host->imap_client)
        command_fail(c, "host", "%s has no POP3 client and no IMAP client", host->name);
    if (!command_accept(c)) return;
    if (host->pop3_client) host_pop3_client_check(host, c->cause);
    if (host->imap_client) host_imap_client_check(host, c->cause);
}

void do_mailbox(Command *c) {
    MailService *service = read_service(c, true);
    const char *mailbox = value_read_text(&c->reader, "mailbox", NULL);
    SmtpName *name = NULL;
    for (size_t i = 0; service && mailbox && i < service->config.server.name_count; i++) {
        SmtpName *one = &service->config.server.names[i];
        if (one->kind == SMTP_NAME_MAILBOX && strcmp(service->config.mailboxes[one->mailbox], mailbox) == 0) name = one;
    }
    if (service && !name) command_fail(c, "mailbox", "there is no mailbox \"%s\" here", mailbox ? mailbox : "");
    const Value *busy = value_read_any(&c->reader, "busy", "boolean"),
                *online = value_read_any(&c->reader, "online", "boolean");
    int64_t quota = value_read_number(&c->reader, "quota", 0, INT64_MAX, -1);
    if ((busy && busy->kind != VALUE_TRUTH) || (online && online->kind != VALUE_TRUTH))
        value_reader_fail(&c->reader, busy && busy->kind != VALUE_TRUTH ? "busy" : "online", NULL, "true or false");
    if (!command_accept(c)) return;
    if (busy) name->busy = busy->truth;
    if (online) name->online = online->truth;
    if (quota >= 0) name->quota = (uint64_t)quota;
}
