/* The settings of the name server (host/config.h): zones, as they are written in scenarios; and of the resolver. */
#include <string.h>

#include "host/config.h"

enum { ZONE_RECORDS_MOST = 4096, NAME_ADDRESSES = 8, TEXT_PIECE = 255 };

static const DnsName root_name = {1, {0}};

/* A zone while it is read. */
typedef struct {
    ValueReader *r;
    const ConfigPlace *place;
    DnsZone *zone;
    size_t capacity;
    uint32_t ttl_s;
    const char *apex; /* as it was given */
} ZoneReader;

static void fail(const ZoneReader *z, const char *path, const Value *given, const char *expected) {
    value_reader_fail(z->r, path, given, expected);
}

static DnsRecord *add_record(ZoneReader *z, const DnsName *owner, uint16_t type, uint32_t ttl_s) {
    if (z->zone->record_count == z->capacity) {
        size_t capacity = z->capacity ? 2 * z->capacity : 16;
        DnsRecord *more = arena_alloc(z->place->arena, capacity * sizeof *more);
        if (z->capacity) memcpy(more, z->zone->records, z->capacity * sizeof *more);
        z->zone->records = more;
        z->capacity = capacity;
    }
    DnsRecord *record = &z->zone->records[z->zone->record_count++];
    *record = (DnsRecord){.name = *owner, .type = type, .class = DNS_CLASS_IN, .ttl_s = ttl_s};
    return record;
}

static Bytes keep(const ZoneReader *z, const ByteWriter *w) {
    CHECK(!w->overflow);
    return bytes_of(arena_text_n(z->place->arena, (const char *)w->at, w->size), w->size);
}

/* "@" is the zone itself, "mail" and "a.b" stand in it, "*" and "*.b" are wildcards; a name that ends in the zone's
 * name, or in a dot, is whole. */
static bool read_owner(const ZoneReader *z, const char *text, DnsName *owner) {
    const DnsName *apex = &z->zone->apex;
    if (strcmp(text, "@") == 0) {
        *owner = *apex;
        return true;
    }
    DnsName name = root_name, below, above = *apex;
    bool wildcard = strcmp(text, "*") == 0 || strncmp(text, "*.", 2) == 0;
    if (wildcard) text += text[1] ? 2 : 1;
    size_t size = strlen(text);
    if (size > 0) {
        if (!dns_name_parse(text, &name)) return false;
        if (text[size - 1] == '.' || dns_name_within(&name, apex)) above = root_name;
    }
    if (!dns_name_join(&name, &above, &below)) return false;
    static const DnsName asterisk = {3, {1, '*', 0}};
    if (wildcard && !dns_name_join(&asterisk, &below, &below)) return false;
    *owner = below;
    return dns_name_within(owner, apex);
}

/* A name in a record: "@" is the zone itself, a name without a dot stands in the zone, any other is whole. */
static bool read_target(const ZoneReader *z, const Value *v, DnsName *target) {
    if (v->kind != VALUE_TEXT) return false;
    if (strcmp(v->text, "@") == 0) {
        *target = z->zone->apex;
        return true;
    }
    if (strcmp(v->text, ".") == 0) {
        *target = root_name;
        return true;
    }
    DnsName name;
    if (!dns_name_parse(v->text, &name)) return false;
    if (!strchr(v->text, '.')) return dns_name_join(&name, &z->zone->apex, target);
    *target = name;
    return true;
}

static bool seconds_of(const Value *v, uint32_t *seconds) {
    SimTime span;
    if (!config_span_of(v, &span) || span % SIM_SECOND != 0 || span / SIM_SECOND > INT32_MAX) return false;
    *seconds = (uint32_t)(span / SIM_SECOND);
    return true;
}

static const char span_expected[] = "whole seconds, such as \"1h\" or \"60s\", at most 2147483647";
static const char target_expected[] = "a name such as \"mail\" (in this zone) or \"mail.example.org\"";

static void put_text(ByteWriter *w, const Value *v) {
    for (size_t at = 0; at == 0 || at < v->text_size; at += TEXT_PIECE) {
        size_t size = v->text_size - at < TEXT_PIECE ? v->text_size - at : TEXT_PIECE;
        byte_writer_u8(w, (uint8_t)size);
        byte_writer_put(w, v->text + at, size);
    }
}

/* What stands behind the type: `values`, `count` of them. */
static void read_data(const ZoneReader *z, const char *path, const Value *given, const Value *values, size_t count,
                      DnsRecord *record) {
    uint8_t octets[4096];
    ByteWriter w = byte_writer(octets, sizeof octets);
    DnsName target;
    switch (record->type) {
        case DNS_TYPE_A:
            if (count != 1 || values[0].kind != VALUE_TEXT || !ipv4_parse(values[0].text, &record->address))
                fail(z, path, given, "{ \"www\", \"A\", \"192.0.2.80\" }");
            return;
        case DNS_TYPE_NS:
        case DNS_TYPE_CNAME:
        case DNS_TYPE_PTR:
            if (count != 1 || !read_target(z, &values[0], &target)) {
                fail(z, path, given, target_expected);
                return;
            }
            byte_writer_put(&w, target.octets, target.size);
            break;
        case DNS_TYPE_MX:
            if (count != 2 || values[0].kind != VALUE_NUMBER || values[0].number < 0 || values[0].number > 65535 ||
                !read_target(z, &values[1], &target)) {
                fail(z, path, given, "a preference and a name: { \"@\", \"MX\", 10, \"mail\" }");
                return;
            }
            byte_writer_u16(&w, (uint16_t)values[0].number);
            byte_writer_put(&w, target.octets, target.size);
            break;
        case DNS_TYPE_TXT: {
            size_t size = 0;
            bool good = count > 0;
            for (size_t i = 0; i < count; i++) {
                good = good && values[i].kind == VALUE_TEXT;
                size += values[i].text_size + values[i].text_size / TEXT_PIECE + 1;
            }
            if (!good || size > sizeof octets) {
                fail(z, path, given, "one or more texts, 4000 octets in all: { \"@\", \"TXT\", \"v=spf1 mx -all\" }");
                return;
            }
            for (size_t i = 0; i < count; i++) put_text(&w, &values[i]);
            break;
        }
        default: CHECK_UNREACHABLE();
    }
    record->data = keep(z, &w);
}

static void read_record(ZoneReader *z, const Value *v, size_t index) {
    static const char expected[] = "name, type and data: { \"mail\", \"A\", \"192.0.2.25\" }";
    Text path = text_new();
    text_print(&path, "records[%zu]", index + 1);
    const char *at = text_get(&path);
    uint32_t ttl_s = z->ttl_s;
    DnsName owner;
    size_t next = 1;
    if (v->kind != VALUE_LIST || v->count < 3 || v->items[0].kind != VALUE_TEXT) {
        fail(z, at, v, expected);
    } else if (!read_owner(z, v->items[0].text, &owner)) {
        fail(z, at, v, "a name in this zone: \"@\" for the zone itself, \"mail\", or \"*\"");
    } else {
        uint16_t type = v->items[1].kind == VALUE_TEXT ? dns_type_of(v->items[1].text) : 0;
        if (type == 0 && seconds_of(&v->items[1], &ttl_s) && v->items[2].kind == VALUE_TEXT)
            type = dns_type_of(v->items[next = 2].text);
        bool writable = type == DNS_TYPE_A || type == DNS_TYPE_NS || type == DNS_TYPE_CNAME || type == DNS_TYPE_PTR ||
                        type == DNS_TYPE_MX || type == DNS_TYPE_TXT;
        if (!writable) fail(z, at, v, "a type (A, NS, CNAME, PTR, MX or TXT) after the name, or a span and a type");
        else if (z->zone->record_count >= ZONE_RECORDS_MOST) fail(z, "records", NULL, "at most 4096 records");
        else read_data(z, at, v, v->items + next + 1, v->count - next - 1, add_record(z, &owner, type, ttl_s));
    }
    text_free(&path);
}

/* The SOA record, from what is given of it. */
static void read_soa(ZoneReader *z, const Value *given, const DnsName *primary) {
    ValueReader *outer = z->r;
    Text path = text_new();
    text_print(&path, "%s.soa", outer->path);
    ValueReader r = value_reader(outer->arena, given, arena_text(outer->arena, text_get(&path)), outer->error);
    text_free(&path);
    const Value *names[2] = {value_read_any(&r, "primary", "string"), value_read_any(&r, "mailbox", "string")};
    uint32_t numbers[5] = {(uint32_t)value_read_number(&r, "serial", 0, UINT32_MAX, 1), 3600, 600, 604800, 300};
    static const char *const spans[] = {NULL, "refresh", "retry", "expire", "minimum"};
    for (int i = 1; i < 5; i++) {
        const Value *v = value_read_any(&r, spans[i], "span");
        if (v && !seconds_of(v, &numbers[i])) value_reader_fail(&r, spans[i], v, span_expected);
    }
    DnsName mname = *primary, rname, hostmaster;
    CHECK(dns_name_parse("hostmaster", &hostmaster));
    if (!dns_name_join(&hostmaster, &z->zone->apex, &rname)) rname = z->zone->apex;
    if (names[0] && !read_target(z, names[0], &mname)) value_reader_fail(&r, "primary", names[0], target_expected);
    if (names[1] && !read_target(z, names[1], &rname)) value_reader_fail(&r, "mailbox", names[1], target_expected);
    if (!value_reader_finish(&r)) return;
    uint8_t octets[2 * DNS_NAME_MOST + 20];
    ByteWriter w = byte_writer(octets, sizeof octets);
    byte_writer_put(&w, mname.octets, mname.size);
    byte_writer_put(&w, rname.octets, rname.size);
    for (int i = 0; i < 5; i++) byte_writer_u32(&w, numbers[i]);
    add_record(z, &z->zone->apex, DNS_TYPE_SOA, z->ttl_s)->data = keep(z, &w);
}

static void add_name_server(ZoneReader *z, const Value *v) {
    DnsName target;
    if (!read_target(z, v, &target)) {
        fail(z, "ns", v, "the name of a name server, or a list of them");
        return;
    }
    uint8_t octets[DNS_NAME_MOST];
    ByteWriter w = byte_writer(octets, sizeof octets);
    byte_writer_put(&w, target.octets, target.size);
    add_record(z, &z->zone->apex, DNS_TYPE_NS, z->ttl_s)->data = keep(z, &w);
}

/* What can be wrong only with the whole zone. */
static void check_zone(const ZoneReader *z) {
    const DnsZone *zone = z->zone;
    for (size_t i = 0; i < zone->record_count; i++) {
        const DnsRecord *a = &zone->records[i];
        Text text = text_new(), owner = text_new();
        dns_name_print(&owner, &a->name);
        for (size_t k = 0; k < zone->record_count && a->type == DNS_TYPE_CNAME; k++) {
            const DnsRecord *b = &zone->records[k];
            if (k == i || !dns_name_equal(&a->name, &b->name)) continue;
            text_print(&text, "%s is an alias (CNAME), so it can have no other record (RFC 1034 section 3.6.2)",
                       text_get(&owner));
            break;
        }
        if (a->type == DNS_TYPE_NS || a->type == DNS_TYPE_MX || a->type == DNS_TYPE_CNAME) {
            /* "ns.sub" was meant to stand in the zone, and names something elsewhere. */
            DnsName target = dns_record_target(a), inside;
            if (!dns_name_is_root(&target) && !dns_name_within(&target, &zone->apex) &&
                dns_name_join(&target, &zone->apex, &inside) && dns_zone_next(zone, NULL, &inside, DNS_TYPE_ANY)) {
                text_clear(&text);
                text_print(&text, "the whole name \"");
                dns_name_print(&text, &inside);
                text_print(&text, "\" expected, \"");
                dns_name_print(&text, &target);
                text_put(&text, "\" given: only a name without a dot stands in the zone");
            }
        }
        if (text.size > 0) config_error_set(z->r->error, z->r->arena, z->r->path, "%s", text_get(&text));
        text_free(&text);
        text_free(&owner);
    }
}

static void read_zone(ValueReader *outer, const ConfigPlace *place, const char *apex, const Value *v, uint32_t ttl_s,
                      DnsZone *zone) {
    Text path = text_new();
    text_print(&path, "zones[\"%s\"]", apex);
    ValueReader r = value_reader(outer->arena, v, arena_text(outer->arena, text_get(&path)), outer->error);
    text_free(&path);
    ZoneReader z = {.r = &r, .place = place, .zone = zone, .ttl_s = ttl_s, .apex = apex};
    *zone = (DnsZone){.apex = root_name};
    if (strcmp(apex, ".") != 0 && !dns_name_parse(apex, &zone->apex)) {
        config_error_set(r.error, r.arena, r.path, "a domain name such as \"example.org\" expected");
        return;
    }
    const Value *ttl = value_read_any(&r, "ttl", "span"), *soa = value_read_any(&r, "soa", "table");
    const Value *ns = value_read_any(&r, "ns", "string|string[]"), *records = value_read_any(&r, "records", "table[]");
    if (!value_reader_finish(&r)) return;
    if (ttl && !seconds_of(ttl, &z.ttl_s)) fail(&z, "ttl", ttl, span_expected);
    if (ns && ns->kind == VALUE_LIST)
        for (size_t i = 0; i < ns->count; i++) add_name_server(&z, &ns->items[i]);
    else if (ns) add_name_server(&z, ns);
    if (records && records->kind != VALUE_LIST) fail(&z, "records", records, "a list of records");
    for (size_t i = 0; records && records->kind == VALUE_LIST && i < records->count && r.error->message.size == 0; i++)
        read_record(&z, &records->items[i], i);
    if (r.error->message.size > 0) return;
    const DnsRecord *first = dns_zone_next(zone, NULL, &zone->apex, DNS_TYPE_NS);
    DnsName primary = first ? dns_record_target(first) : zone->apex;
    read_soa(&z, soa, &primary);
    check_zone(&z);
}

/* The short form: names and their addresses. They are the root's zone, so that there is no other name. */
static void read_names(ValueReader *r, const ConfigPlace *place, const Value *names, uint32_t ttl_s, DnsZone *zone) {
    *zone = (DnsZone){.apex = root_name};
    ZoneReader z = {.r = r, .place = place, .zone = zone, .ttl_s = ttl_s, .apex = "."};
    if (names->kind != VALUE_MAP && !(names->kind == VALUE_LIST && names->count == 0)) {
        fail(&z, "names", names, "names = { [\"www.example.org\"] = \"192.168.1.10\" }");
        return;
    }
    for (size_t i = 0; i < names->count; i++) {
        Text path = text_new();
        text_print(&path, "names[\"%s\"]", names->keys[i]);
        const Value *v = &names->items[i], *items = v->kind == VALUE_LIST ? v->items : v;
        size_t count = v->kind == VALUE_LIST ? v->count : 1;
        DnsName name;
        if (!dns_name_parse(names->keys[i], &name))
            config_error_set(r->error, r->arena, text_get(&path), "a domain name such as \"www.example.org\" expected");
        else if (dns_zone_next(zone, NULL, &name, DNS_TYPE_A))
            config_error_set(r->error, r->arena, text_get(&path), "a name that was not given before expected");
        bool good = count > 0 && count <= NAME_ADDRESSES;
        for (size_t k = 0; k < count && good && r->error->message.size == 0; k++) {
            Ipv4Address address;
            good = items[k].kind == VALUE_TEXT && ipv4_parse(items[k].text, &address);
            if (good) add_record(&z, &name, DNS_TYPE_A, ttl_s)->address = address;
        }
        if (!good)
            config_error_set(r->error, r->arena, text_get(&path), "an IPv4 address, or a list of at most 8, expected");
        text_free(&path);
    }
    if (r->error->message.size == 0) read_soa(&z, NULL, &root_name);
}

bool config_read_dns_server(ValueReader *r, const ConfigPlace *place, DnsServerConfig *c) {
    *c = (DnsServerConfig){0};
    const Value *ttl = value_read_any(r, "ttl", "span");
    const Value *names = value_read_any(r, "names", "table<string, address|address[]>");
    const Value *zones = value_read_any(r, "zones", "table<string, DnsZone>");
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    uint32_t ttl_s = 3600;
    if (ttl && !seconds_of(ttl, &ttl_s)) value_reader_fail(r, "ttl", ttl, span_expected);
    if (zones && (zones->kind != VALUE_MAP || zones->count == 0))
        value_reader_fail(r, "zones", zones, "zones = { [\"example.org\"] = { records = { … } } }");
    if (!zones && !names) value_reader_fail(r, "zones", NULL, "zones, or names with their addresses,");
    if (r->error->message.size > 0) return false;
    c->zones = arena_alloc(place->arena, ((zones ? zones->count : 0) + 1) * sizeof(DnsZone));
    for (size_t i = 0; zones && i < zones->count && r->error->message.size == 0; i++) {
        DnsZone *zone = &c->zones[c->zone_count++];
        read_zone(r, place, zones->keys[i], &zones->items[i], ttl_s, zone);
        for (DnsZone *other = c->zones; other < zone && r->error->message.size == 0; other++)
            if (dns_name_equal(&other->apex, &zone->apex)) value_reader_fail(r, "zones", zones, "each zone once");
    }
    if (names && r->error->message.size == 0) read_names(r, place, names, ttl_s, &c->zones[c->zone_count++]);
    return r->error->message.size == 0;
}

bool config_read_dns_resolver(ValueReader *r, const ConfigPlace *place, DnsRecursorConfig *c) {
    *c = dns_recursor_config_default;
    c->root_count = (uint8_t)config_read_addresses(r, "roots", c->roots, DNS_ROOTS);
    c->retry = config_read_span(r, "retry", c->retry);
    const Value *spans[] = {value_read_any(r, "ttl_most", "span"), value_read_any(r, "lack_most", "span")};
    if (!value_reader_finish(r)) return false;
    if (!place->host) return true;
    if (c->root_count == 0) value_reader_fail(r, "roots", NULL, "the address of one of the root's name servers");
    if (c->retry < SIM_MILLISECOND || c->retry > 60 * SIM_SECOND)
        value_reader_fail(r, "retry", value_get(r->map, "retry"), "a span from \"1ms\" to \"60s\"");
    if (spans[0] && !seconds_of(spans[0], &c->ttl_most_s)) value_reader_fail(r, "ttl_most", spans[0], span_expected);
    if (spans[1] && !seconds_of(spans[1], &c->lack_most_s)) value_reader_fail(r, "lack_most", spans[1], span_expected);
    return r->error->message.size == 0;
}
