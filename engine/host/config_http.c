/* The settings of the HTTP server (host/config.h), and the command that fetches. */
#include <string.h>

#include "host/config.h"
#include "host/world_inside.h"

static bool read_octets(const Value *v, Arena *arena, Bytes *body) {
    size_t size = v->text_size / 2;
    uint8_t *octets = arena_alloc(arena, size + 1);
    *body = bytes_of(octets, size);
    if (v->text_size % 2 != 0) return false;
    for (size_t i = 0; i < size; i++) {
        int high = text_hex_digit(v->text[2 * i]), low = text_hex_digit(v->text[2 * i + 1]);
        if (high < 0 || low < 0) return false;
        octets[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_page(const Value *v, const ConfigPlace *place, HttpPage *page) {
    page->type = "text/html";
    const Value *text = v, *octets = NULL, *type = NULL;
    if (v->kind == VALUE_MAP) {
        text = value_get(v, "text");
        octets = value_get(v, "octets");
        type = value_get(v, "type");
        size_t known = (text != NULL) + (octets != NULL) + (type != NULL);
        if (known != v->count || (text && octets)) return false;
    }
    if (type && type->kind != VALUE_TEXT) return false;
    if (type) page->type = arena_text(place->arena, type->text);
    if (octets) return octets->kind == VALUE_TEXT && read_octets(octets, place->arena, &page->body);
    if (!text || text->kind != VALUE_TEXT) return false;
    page->body = bytes_of(arena_text_n(place->arena, text->text, text->text_size), text->text_size);
    return true;
}

bool config_read_http_server(ValueReader *r, const ConfigPlace *place, HttpServiceConfig *c) {
    *c = (HttpServiceConfig){0};
    const Value *pages = value_read_any(r, "pages", "table<string, string|page>");
    c->port = (uint16_t)value_read_number(r, "port", 1, UINT16_MAX, 80);
    c->server.idle = config_read_span(r, "idle", 30 * SIM_SECOND);
    if (!value_reader_finish(r)) return false;
    if (!place->host || !pages) return true;
    if (pages->kind != VALUE_MAP) {
        value_reader_fail(r, "pages", pages, "pages = { [\"/\"] = \"<h1>Hello</h1>\" }");
        return false;
    }
    c->server.pages = arena_alloc(place->arena, (pages->count + 1) * sizeof(HttpPage));
    for (size_t i = 0; i < pages->count; i++) {
        HttpPage *page = &c->server.pages[c->server.page_count++];
        *page = (HttpPage){.path = arena_text(place->arena, pages->keys[i])};
        if (pages->keys[i][0] == '/' && read_page(&pages->items[i], place, page)) continue;
        Text path = text_new();
        text_print(&path, "pages[\"%s\"]", pages->keys[i]);
        config_error_set(r->error, r->arena, text_get(&path),
                         "a path that begins with \"/\", and a text or { type = …, text = … or octets = … } expected");
        text_free(&path);
    }
    return r->error->message.size == 0;
}

/* ---- The command ---- */

typedef struct {
    Host *host;
    const char *name;
    uint16_t port;
    const char **paths;
    size_t path_count;
} Fetch;

static void found(void *self, const NameAnswer *answer, uint32_t cause) {
    Fetch *f = self;
    if (answer->outcome == NAME_FOUND && answer->count > 0) {
        host_http_get(f->host, f->name, answer->addresses[0], f->port, f->paths, f->path_count, cause);
        return;
    }
    sim_record_fact(f->host->stack->sim, f->host->id, TRACE_NONE, 0, &fact_http_failed,
                    (int64_t[]){fact_name(f->name), fact_name(f->paths[0]), fact_name("http.name_not_found")}, cause);
}

void do_http(Command *c) {
    Host *host = command_read_host(c, "host");
    DnsName name;
    Ipv4Address to = command_read_target(c, "to", &name);
    const Value *target = value_get(c->value, "to"), *paths = value_read_any(&c->reader, "paths", "string|string[]");
    uint16_t port = (uint16_t)value_read_number(&c->reader, "port", 1, UINT16_MAX, 80);
    size_t count = !paths ? 0 : paths->kind == VALUE_LIST ? paths->count : 1;
    const Value *items = paths && paths->kind == VALUE_LIST ? paths->items : paths;
    bool good = count > 0;
    for (size_t i = 0; i < count; i++)
        good = good && items[i].kind == VALUE_TEXT && items[i].text[0] == '/' && !strpbrk(items[i].text, " \r\n");
    if (host && !good) value_reader_fail(&c->reader, "paths", paths, "a path such as \"/\", or a list of them");
    if (!command_accept(c) || !host->stack->powered) return;
    Arena *arena = sim_arena(c->world->sim);
    Fetch *f = arena_alloc(arena, sizeof *f);
    *f = (Fetch){host, arena_text(arena, target->text), port, arena_alloc(arena, count * sizeof(char *)), count};
    for (size_t i = 0; i < count; i++) f->paths[i] = arena_text(arena, items[i].text);
    if (name.size == 0) host_http_get(host, f->name, to, port, f->paths, count, c->cause);
    else host_look_up(host, &name, (NameWaiter){found, f}, c->cause);
}
