#include "host/config.h"

#include <stdio.h>
#include <string.h>

/* ---- Values that many fields share ---- */

bool config_span_of(const Value *v, SimTime *span) {
    if (v->kind == VALUE_NUMBER && v->number >= 0 && v->number <= INT32_MAX) {
        *span = v->number * SIM_SECOND;
        return true;
    }
    return v->kind == VALUE_TEXT && sim_time_parse(v->text, span);
}

static const char span_expected[] = "a span such as \"60s\", \"500ms\" or \"2h\"";
static const char address_expected[] = "an IPv4 address such as \"192.168.1.1\"";

SimTime config_read_span(ValueReader *r, const char *field, SimTime fallback) {
    const Value *v = value_read_any(r, field, "span");
    SimTime span = fallback;
    if (v && !config_span_of(v, &span)) value_reader_fail(r, field, v, span_expected);
    return span;
}

Ipv4Address config_read_address(ValueReader *r, const char *field, Ipv4Address fallback) {
    const Value *v = value_read_any(r, field, "address");
    Ipv4Address address = fallback;
    if (v && (v->kind != VALUE_TEXT || !ipv4_parse(v->text, &address)))
        value_reader_fail(r, field, v, address_expected);
    return address;
}

/* Decimal digits, at most one point, per cent. */
static bool share_of(const Value *v, uint32_t *ppm) {
    if (v->kind == VALUE_NUMBER && v->number >= 0 && v->number <= 100) {
        *ppm = (uint32_t)v->number * 10000;
        return true;
    }
    if (v->kind != VALUE_TEXT) return false;
    uint64_t units = 0, scale = 10000;
    bool point = false, any = false;
    const char *at = v->text;
    for (; (*at >= '0' && *at <= '9') || (*at == '.' && !point); at++) {
        if (*at == '.') {
            point = true;
        } else if (point) {
            scale /= 10;
            units += (uint64_t)(*at - '0') * scale;
            any = true;
        } else {
            units = units * 10 + (uint64_t)(*at - '0') * 10000;
            any = true;
        }
        if (units > 1000000) return false;
    }
    *ppm = (uint32_t)units;
    return any && strcmp(at, "%") == 0;
}

uint32_t config_read_share(ValueReader *r, const char *field, uint32_t fallback) {
    const Value *v = value_read_any(r, field, "share");
    uint32_t ppm = fallback;
    if (v && !share_of(v, &ppm)) value_reader_fail(r, field, v, "a share such as \"40%\"");
    return ppm;
}

size_t config_read_addresses(ValueReader *r, const char *field, Ipv4Address *list, size_t most) {
    const Value *v = value_read_any(r, field, "address|address[]");
    if (!v) return 0;
    const Value *items = v->kind == VALUE_LIST ? v->items : v;
    size_t count = v->kind == VALUE_LIST ? v->count : 1;
    for (size_t i = 0; i < count; i++) {
        if (i < most && items[i].kind == VALUE_TEXT && ipv4_parse(items[i].text, &list[i])) continue;
        value_reader_fail(r, field, i < most ? &items[i] : v, i < most ? address_expected : "fewer addresses");
        return 0;
    }
    return count;
}

static void address_text(char *into, size_t size, Ipv4Address a) {
    snprintf(into, size, "%u.%u.%u.%u", (unsigned)(a >> 24), (unsigned)(a >> 16 & 255), (unsigned)(a >> 8 & 255),
             (unsigned)(a & 255));
}

static bool no_mistake(const ValueReader *r) { return r->error->message.size == 0; }

/* "a", or {"a", "b"}: a span or the two ends of a range. */
static void read_span_range(ValueReader *r, const char *field, SimTime *least, SimTime *most) {
    const Value *v = value_read_any(r, field, "span|span[]");
    if (!v) return;
    bool good = v->kind == VALUE_LIST
                    ? v->count == 2 && config_span_of(&v->items[0], least) && config_span_of(&v->items[1], most)
                    : config_span_of(v, least);
    if (v->kind != VALUE_LIST && good) *most = *least;
    if (!good || *least > *most)
        value_reader_fail(r, field, v, "a span such as \"1s\", or two of them: {\"1s\", \"10s\"}");
}

/* Words, or octets as "01:02:03". A text of words becomes type 0 and the words (RFC 2132 section 9.14). */
static size_t read_client_id(ValueReader *r, const char *field, const Value *v, uint8_t *into, size_t most) {
    if (v->kind == VALUE_TEXT && v->text_size > 0) {
        size_t size = 0;
        const char *at = v->text;
        bool hex = v->text_size % 3 == 2;
        for (size_t i = 0; hex && i < v->text_size; i++)
            hex = i % 3 == 2 ? at[i] == ':' : strchr("0123456789abcdefABCDEF", at[i]) != NULL;
        for (; hex && size < most && size * 3 < v->text_size; size++) {
            unsigned octet = 0;
            sscanf(at + size * 3, "%2x", &octet);
            into[size] = (uint8_t)octet;
        }
        if (!hex && v->text_size + 1 <= most) {
            into[0] = 0;
            memcpy(into + 1, v->text, v->text_size);
            size = v->text_size + 1;
        }
        if (size > 0 && (!hex || size * 3 > v->text_size)) return size;
    }
    value_reader_fail(r, field, v, "at most 31 characters, or octets such as \"01:02:00:00:00:00:01\"");
    return 0;
}

/* ---- dhcp_client ---- */

static void read_conflict(ValueReader *r, ConflictSettings *c) {
    c->probe_wait = config_read_span(r, "probe_wait", c->probe_wait);
    read_span_range(r, "probe_interval", &c->probe_min, &c->probe_max);
    c->probe_num = (uint8_t)value_read_number(r, "probe_count", 1, 10, c->probe_num);
    c->announce_wait = config_read_span(r, "announce_wait", c->announce_wait);
    c->announce_num = (uint8_t)value_read_number(r, "announce_count", 0, 10, c->announce_num);
    c->announce_interval = config_read_span(r, "announce_interval", c->announce_interval);
    c->defend_interval = config_read_span(r, "defend_interval", c->defend_interval);
    c->defend = value_read_truth(r, "defend", c->defend);
}

bool config_read_dhcp_client(ValueReader *r, const ConfigPlace *place, DhcpClientSettings *s) {
    static const char *const policies[] = {"first", "longest", "server"};
    s->client = dhcp_client_config_default;
    s->conflict = conflict_settings_rfc5227;
    s->interface = 0;
    DhcpClientConfig *c = &s->client;
    const char *interface = value_read_text(r, "interface", NULL);
    if (place->host && !host_interface(place->host, interface))
        config_error_set(r->error, r->arena, "interface", "%s has no interface \"%s\"; attach it to a LAN first",
                         place->host->name, interface ? interface : "eth0");
    else if (place->host) s->interface = host_interface(place->host, interface)->index;
    read_span_range(r, "initial_delay", &c->delay_min, &c->delay_max);
    c->offer_wait = config_read_span(r, "offer_wait", c->offer_wait);
    c->policy = (DhcpOfferPolicy)value_read_choice(r, "policy", policies, 3, DHCP_POLICY_FIRST);
    c->server = config_read_address(r, "server", 0);
    if (c->policy == DHCP_POLICY_SERVER && c->server == 0 && no_mistake(r))
        value_reader_fail(r, "server", NULL, "the address of the known server");
    if (c->policy != DHCP_POLICY_FIRST && c->offer_wait == 0) c->offer_wait = 2 * SIM_SECOND;
    SimTime lease = config_read_span(r, "lease", 0);
    if (lease < 0 || (lease > 0 && lease < SIM_SECOND) || lease / SIM_SECOND >= UINT32_MAX)
        config_error_set(r->error, r->arena, "lease", "at least one second expected");
    c->lease_s = (uint32_t)(lease / SIM_SECOND);
    c->request = config_read_address(r, "request", 0);
    const Value *list = value_read_any(r, "parameters", "integer[]");
    if (list) {
        c->parameter_count = 0;
        bool good = list->kind == VALUE_LIST && list->count <= DHCP_CLIENT_PARAMETERS;
        for (size_t i = 0; good && i < list->count; i++) {
            good = list->items[i].kind == VALUE_NUMBER && list->items[i].number > 0 && list->items[i].number < 255;
            c->parameters[c->parameter_count++] = (uint8_t)list->items[i].number;
        }
        if (!good) value_reader_fail(r, "parameters", list, "at most 24 option codes (1..254)");
    }
    const Value *name = value_read_any(r, "host_name", "string|false");
    c->host_name = place->host ? place->host->name : NULL;
    if (name && name->kind == VALUE_TRUTH && !name->truth) c->host_name = NULL;
    else if (name && name->kind == VALUE_TEXT && name->text_size > 0 && name->text_size < 64)
        c->host_name = arena_text(place->arena, name->text);
    else if (name) value_reader_fail(r, "host_name", name, "a name of at most 63 characters, or false");
    const Value *id = value_read_any(r, "client_id", "string");
    if (id) c->client_id_size = (uint8_t)read_client_id(r, "client_id", id, c->client_id, DHCP_CLIENT_ID_MOST);
    const char *vendor = value_read_text(r, "vendor_class", NULL);
    if (vendor && (vendor[0] == 0 || strlen(vendor) > 255))
        value_reader_fail(r, "vendor_class", NULL, "1 to 255 characters");
    if (vendor) c->vendor_class = arena_text(place->arena, vendor);
    c->maximum_message_size = (uint16_t)value_read_number(r, "maximum_message_size", DHCP_MINIMUM_MAX_SIZE, 1500, 0);
    c->broadcast = value_read_truth(r, "broadcast", c->broadcast);
    c->probe = value_read_truth(r, "probe", c->probe);
    c->remember = value_read_truth(r, "remember", c->remember);
    c->release_on_shutdown = value_read_truth(r, "release_on_shutdown", c->release_on_shutdown);
    c->inform = value_read_truth(r, "inform", c->inform);
    c->decline_wait = config_read_span(r, "decline_wait", c->decline_wait);
    c->renew_retry_min = config_read_span(r, "retry_min", c->renew_retry_min);
    if (c->renew_retry_min < SIM_MILLISECOND) c->renew_retry_min = SIM_MILLISECOND;
    read_conflict(r, &s->conflict);
    if (c->inform && place->host && no_mistake(r) &&
        (!place->host->hand[s->interface] || place->host->hand[s->interface]->address == 0))
        config_error_set(r->error, r->arena, "inform",
                         "a host that only informs needs an address configured by hand: address = \"...\" expected");
    return value_reader_finish(r);
}

/* ---- dhcp_server ---- */

/* The prefix of the network that this address is in: one the host stands in, else any LAN's. */
static bool find_subnet(const ConfigPlace *place, Ipv4Address address, Ipv4Prefix *subnet) {
    if (!place->host) return false;
    for (size_t i = 0; i < place->host->stack->interface_count; i++) {
        const HandSettings *hand = place->host->hand[i];
        if (!hand || hand->address == 0 || (hand->address ^ address) & ipv4_mask(hand->prefix_length)) continue;
        *subnet = (Ipv4Prefix){address & ipv4_mask(hand->prefix_length), hand->prefix_length};
        return true;
    }
    for (size_t i = 0; i < place->lan_count; i++) {
        if (place->lans[i]->prefix.length == 0 || !ipv4_prefix_has(place->lans[i]->prefix, address)) continue;
        *subnet = place->lans[i]->prefix;
        return true;
    }
    return false;
}

static bool range_of(const Value *v, DhcpRange *range) {
    if (v->kind == VALUE_TEXT && ipv4_parse(v->text, &range->first)) {
        range->last = range->first;
        return true;
    }
    return v->kind == VALUE_LIST && v->count == 2 && v->items[0].kind == VALUE_TEXT && v->items[1].kind == VALUE_TEXT &&
           ipv4_parse(v->items[0].text, &range->first) && ipv4_parse(v->items[1].text, &range->last) &&
           range->first <= range->last;
}

static void read_excluded(ValueReader *r, const ConfigPlace *place, DhcpPool *pool) {
    const Value *list = value_read_any(r, "exclude", "(address|address[])[]");
    if (!list) return;
    if (list->kind != VALUE_LIST) {
        value_reader_fail(r, "exclude", list, "a list of addresses or of pairs");
        return;
    }
    pool->excluded = arena_alloc(place->arena, (list->count + 1) * sizeof(DhcpRange));
    for (size_t i = 0; i < list->count; i++)
        if (!range_of(&list->items[i], &pool->excluded[pool->excluded_count++]))
            value_reader_fail(r, "exclude", &list->items[i], "an address, or a pair {first, last}");
}

/* What a pool has, and the server gives where a pool has none. */
static void read_handouts(ValueReader *r, const ConfigPlace *place, DhcpPool *pool) {
    pool->router = config_read_address(r, "router", pool->router);
    Ipv4Address dns[DHCP_SERVER_DNS];
    size_t count = config_read_addresses(r, "dns", dns, DHCP_SERVER_DNS);
    if (count > 0) {
        memcpy(pool->dns, dns, sizeof dns);
        pool->dns_count = (uint8_t)count;
    }
    const char *domain = value_read_text(r, "domain", NULL);
    if (domain) pool->domain = arena_text(place->arena, domain);
}

static void pool_fault(ValueReader *r, const DhcpPool *pool, const char *what) {
    char first[20], last[20];
    address_text(first, sizeof first, pool->first);
    address_text(last, sizeof last, pool->last);
    config_error_set(r->error, r->arena, r->path, "pool %s to %s: %s", first, last, what);
}

static void check_pool(ValueReader *r, const ConfigPlace *place, const DhcpPool *pool) {
    char line[160], a[20];
    if (pool->first > pool->last) pool_fault(r, pool, "the first address must not come after the last");
    if (pool->last - pool->first >= DHCP_POOL_MOST) pool_fault(r, pool, "at most 65536 addresses expected");
    address_text(a, sizeof a, pool->subnet.network);
    if (!ipv4_prefix_has(pool->subnet, pool->first) || !ipv4_prefix_has(pool->subnet, pool->last)) {
        snprintf(line, sizeof line, "addresses inside the prefix %s/%u expected", a, (unsigned)pool->subnet.length);
        pool_fault(r, pool, line);
    }
    if (pool->subnet.length < 31 &&
        (pool->first == pool->subnet.network || pool->last == ipv4_prefix_broadcast(pool->subnet)))
        pool_fault(r, pool, "the network's own and its broadcast address can't be handed out");
    for (size_t i = 0; place->host && i < place->host->stack->interface_count; i++) {
        const HandSettings *hand = place->host->hand[i];
        if (!hand || hand->address < pool->first || hand->address > pool->last) continue;
        bool excluded = false;
        for (size_t k = 0; k < pool->excluded_count; k++)
            excluded = excluded ||
                       (hand->address >= pool->excluded[k].first && hand->address <= pool->excluded[k].last);
        address_text(a, sizeof a, hand->address);
        snprintf(line, sizeof line, "it holds %s, the server's own address; exclude it or move the pool", a);
        if (!excluded) pool_fault(r, pool, line);
    }
}

static void read_pool(ValueReader *outer, const ConfigPlace *place, const Value *v, size_t index,
                      const DhcpPool *defaults, DhcpPool *pool) {
    char path[64];
    snprintf(path, sizeof path, "pools[%zu]", index + 1);
    *pool = *defaults;
    DhcpRange range;
    bool subnet_given = false;
    ValueReader r = value_reader(place->arena, v->kind == VALUE_LIST ? NULL : v, arena_text(place->arena, path),
                                 outer->error);
    r.names = outer->names;
    if (v->kind == VALUE_LIST) {
        if (!range_of(v, &range)) {
            value_reader_fail(&r, "", v, "a pair { first, last } of addresses in order");
            return;
        }
        pool->first = range.first;
        pool->last = range.last;
    } else {
        pool->first = config_read_address(&r, "first", 0);
        pool->last = config_read_address(&r, "last", 0);
        const char *subnet = value_read_text(&r, "subnet", NULL);
        if (subnet && !(subnet_given = ipv4_prefix_parse(subnet, &pool->subnet, NULL)))
            value_reader_fail(&r, "subnet", value_get(v, "subnet"), "a prefix such as \"192.168.1.0/24\"");
        read_excluded(&r, place, pool);
        read_handouts(&r, place, pool);
        if (!value_reader_finish(&r)) return;
        if (pool->first == 0) value_reader_fail(&r, "first", NULL, address_expected);
        if (pool->last == 0) value_reader_fail(&r, "last", NULL, address_expected);
        if (!no_mistake(&r)) return;
    }
    if (!place->host) return;
    if (!subnet_given && !find_subnet(place, pool->first, &pool->subnet)) {
        pool_fault(&r, pool, "no network with these addresses is known; subnet = \"a.b.c.0/24\" expected");
        return;
    }
    check_pool(&r, place, pool);
}

static void check_overlaps(ValueReader *r, const DhcpServerConfig *config) {
    for (size_t i = 0; i < config->pool_count && no_mistake(r); i++) {
        for (size_t k = 0; k < i; k++) {
            const DhcpPool *a = &config->pools[k], *b = &config->pools[i];
            if (a->last < b->first || b->last < a->first) continue;
            char path[64], first[20], last[20];
            snprintf(path, sizeof path, "pools[%zu]", i + 1);
            address_text(first, sizeof first, a->first);
            address_text(last, sizeof last, a->last);
            config_error_set(r->error, r->arena, path,
                             "pools that do not overlap expected; it overlaps pools[%zu] (%s to %s)", k + 1, first,
                             last);
        }
    }
}

/* An address is one client's, and can be nobody's who is no client. */
static void check_reservation(ValueReader *r, const ConfigPlace *place, const DhcpServerConfig *c, size_t index) {
    const DhcpReservation *this = &c->reservations[index];
    char path[64], a[20];
    snprintf(path, sizeof path, "reservations[%zu]", index + 1);
    address_text(a, sizeof a, this->address);
    for (size_t i = 0; i < index; i++)
        if (c->reservations[i].address == this->address)
            config_error_set(r->error, r->arena, path,
                             "%s is reserved by reservations[%zu]; an address of its own expected", a, i + 1);
    for (size_t p = 0; p < c->pool_count; p++) {
        const Ipv4Prefix *subnet = &c->pools[p].subnet;
        if (subnet->length < 31 && ipv4_prefix_has(*subnet, this->address) &&
            (this->address == subnet->network || this->address == ipv4_prefix_broadcast(*subnet)))
            config_error_set(r->error, r->arena, path,
                             "%s: the network's own and its broadcast address can't be reserved", a);
    }
    for (size_t i = 0; place->host && i < place->host->stack->interface_count; i++)
        if (place->host->hand[i] && place->host->hand[i]->address == this->address)
            config_error_set(r->error, r->arena, path, "%s is the server's own address; another expected", a);
}

static void read_reservation(ValueReader *outer, const ConfigPlace *place, const Value *v, size_t index,
                             DhcpReservation *reservation) {
    char path[64];
    snprintf(path, sizeof path, "reservations[%zu]", index + 1);
    ValueReader r = value_reader(place->arena, v, arena_text(place->arena, path), outer->error);
    const char *mac = value_read_text(&r, "mac", NULL);
    const Value *id = value_read_any(&r, "client_id", "string");
    reservation->address = config_read_address(&r, "address", 0);
    if (!value_reader_finish(&r)) return;
    reservation->by_mac = mac != NULL;
    if (mac && !mac_parse(mac, &reservation->mac))
        value_reader_fail(&r, "mac", value_get(v, "mac"), "a MAC address such as \"02:00:00:00:01:00\"");
    if (id) {
        uint8_t *octets = arena_alloc(place->arena, DHCP_CLIENT_ID_MOST);
        reservation->client_id = bytes_of(octets, read_client_id(&r, "client_id", id, octets, DHCP_CLIENT_ID_MOST));
    }
    if (!mac == !id)
        config_error_set(r.error, r.arena, r.path, "mac = \"...\" or client_id = \"...\" expected, one of the two");
    if (reservation->address == 0) value_reader_fail(&r, "address", NULL, address_expected);
}

static bool is_hex(char c) { return c != 0 && strchr("0123456789abcdefABCDEF", c) != NULL; }

/* Codes that DHCP itself puts in. */
static bool is_of_the_exchange(uint8_t code) {
    return (code >= DHCP_OPTION_REQUESTED_ADDRESS && code <= DHCP_OPTION_MAXIMUM_MESSAGE_SIZE) ||
           code == DHCP_OPTION_CLIENT_IDENTIFIER || code == DHCP_OPTION_RELAY_AGENT_INFORMATION;
}

static void read_extra_option(ValueReader *outer, const ConfigPlace *place, const Value *v, size_t index,
                              DhcpExtraOption *option) {
    char path[64];
    snprintf(path, sizeof path, "options[%zu]", index + 1);
    ValueReader r = value_reader(place->arena, v, arena_text(place->arena, path), outer->error);
    option->code = (uint8_t)value_read_number(&r, "code", 1, 254, 0);
    const char *text = value_read_text(&r, "text", NULL), *hex = value_read_text(&r, "hex", NULL);
    Ipv4Address list[16];
    size_t count = config_read_addresses(&r, "ip", list, 16);
    if (!value_reader_finish(&r)) return;
    uint8_t *octets = arena_alloc(place->arena, 256);
    ByteWriter w = byte_writer(octets, 255);
    if (text) byte_writer_put(&w, text, strlen(text));
    for (size_t i = 0; i < count; i++) byte_writer_u32(&w, list[i]);
    for (size_t i = 0; hex && hex[i]; i += 2) {
        unsigned octet;
        if (!is_hex(hex[i]) || !is_hex(hex[i + 1]) || sscanf(hex + i, "%2x", &octet) != 1) {
            value_reader_fail(&r, "hex", value_get(v, "hex"), "pairs of hexadecimal digits");
            return;
        }
        byte_writer_u8(&w, (uint8_t)octet);
    }
    if (w.overflow) config_error_set(r.error, r.arena, r.path, "at most 255 octets expected");
    if (is_of_the_exchange(option->code))
        value_reader_fail(&r, "code", value_get(v, "code"), "an option that is not DHCP's own");
    if (option->code == 0 || w.size == 0)
        config_error_set(r.error, r.arena, r.path, "code and one of text, hex, ip expected");
    option->value = byte_writer_bytes(&w);
}

/* The items of a list field, NULL if absent or no list. */
static const Value *read_list(ValueReader *r, const char *field, const char *type, const char *expected) {
    const Value *list = value_read_any(r, field, type);
    if (!list || list->kind == VALUE_LIST) return list;
    value_reader_fail(r, field, list, expected);
    return NULL;
}

static uint32_t seconds_of(SimTime span) {
    return span / SIM_SECOND >= UINT32_MAX ? UINT32_MAX : (uint32_t)(span / SIM_SECOND);
}

static uint32_t read_lease(ValueReader *r, const char *field, uint32_t fallback) {
    const Value *v = value_read_any(r, field, "span|\"infinite\"");
    SimTime span;
    if (!v) return fallback;
    if (v->kind == VALUE_TEXT && strcmp(v->text, "infinite") == 0) return UINT32_MAX;
    if (config_span_of(v, &span)) return seconds_of(span);
    value_reader_fail(r, field, v, "a span such as \"60s\" or \"8d\", or \"infinite\"");
    return fallback;
}

enum { OPTIONS_MOST = 32 };

bool config_read_dhcp_server(ValueReader *r, const ConfigPlace *place, DhcpServerConfig *c) {
    *c = dhcp_server_config_default;
    DhcpPool defaults = {0};
    read_handouts(r, place, &defaults);
    c->lease_s = read_lease(r, "lease", c->lease_s);
    c->lease_min_s = read_lease(r, "lease_min", c->lease_min_s);
    c->lease_max_s = read_lease(r, "lease_max", c->lease_max_s);
    if (c->lease_min_s > c->lease_max_s)
        config_error_set(r->error, r->arena, "lease_min", "a span not longer than lease_max expected");
    if (c->lease_s == 0) config_error_set(r->error, r->arena, "lease", "at least one second expected");
    c->t1_permille = config_read_share(r, "t1", c->t1_permille * 1000) / 1000;
    c->t2_permille = config_read_share(r, "t2", c->t2_permille * 1000) / 1000;
    if (c->t1_permille == 0 || c->t1_permille >= c->t2_permille || c->t2_permille >= 1000)
        config_error_set(r->error, r->arena, "t1",
                         "t1 above 0 and earlier than t2 expected, and t2 earlier than the end of the lease");
    c->send_t1_t2 = value_read_truth(r, "send_t1_t2", c->send_t1_t2);
    c->offer_hold = config_read_span(r, "offer_hold", c->offer_hold);
    c->ping_check = value_read_truth(r, "ping_check", c->ping_check);
    c->ping_wait = config_read_span(r, "ping_wait", c->ping_wait);
    c->quarantine = config_read_span(r, "quarantine", c->quarantine);
    c->authoritative = value_read_truth(r, "authoritative", c->authoritative);
    c->stable_storage = value_read_truth(r, "stable_storage", c->stable_storage);
    c->server_id = config_read_address(r, "server_id", 0);
    const Value *pools = read_list(r, "pools", "DhcpPool[]", "a list of pools"), *reservations, *options;
    reservations = read_list(r, "reservations", "DhcpReservation[]", "a list of reservations");
    options = read_list(r, "options", "DhcpOption[]", "a list of options");
    if (!value_reader_finish(r)) return false;
    if (pools) {
        c->pools = arena_alloc(place->arena, (pools->count + 1) * sizeof(DhcpPool));
        for (size_t i = 0; i < pools->count; i++)
            read_pool(r, place, &pools->items[i], i, &defaults, &c->pools[c->pool_count++]);
    } else if (place->host) {
        config_error_set(r->error, r->arena, "",
                         "pools = { { \"first\", \"last\" } } expected: a server without a pool has nothing to give");
    }
    check_overlaps(r, c);
    if (reservations) {
        c->reservations = arena_alloc(place->arena, (reservations->count + 1) * sizeof(DhcpReservation));
        for (size_t i = 0; i < reservations->count; i++) {
            read_reservation(r, place, &reservations->items[i], i, &c->reservations[c->reservation_count++]);
            Ipv4Address address = c->reservations[i].address;
            bool inside = false;
            for (size_t p = 0; p < c->pool_count; p++) inside = inside || ipv4_prefix_has(c->pools[p].subnet, address);
            if (!inside && no_mistake(r))
                value_reader_fail(r, "reservations", &reservations->items[i], "an address in the subnet of a pool");
            if (no_mistake(r)) check_reservation(r, place, c, i);
        }
    }
    if (options && options->count > OPTIONS_MOST) {
        value_reader_fail(r, "options", options, "at most 32 options");
    } else if (options) {
        c->options = arena_alloc(place->arena, (options->count + 1) * sizeof(DhcpExtraOption));
        for (size_t i = 0; i < options->count; i++)
            read_extra_option(r, place, &options->items[i], i, &c->options[c->option_count++]);
    }
    return no_mistake(r);
}

/* ---- dhcp_relay, udp_echo ---- */

bool config_read_dhcp_relay(ValueReader *r, const ConfigPlace *place, DhcpRelayConfig *c) {
    *c = dhcp_relay_config_default;
    c->server_count = (uint8_t)config_read_addresses(r, "servers", c->servers, DHCP_RELAY_SERVERS);
    c->hop_limit = (uint8_t)value_read_number(r, "hop_limit", 1, 16, c->hop_limit);
    c->agent_option = value_read_truth(r, "agent_option", c->agent_option);
    c->trust = value_read_truth(r, "trust", c->trust);
    const char *circuit = value_read_text(r, "circuit_id", NULL), *remote = value_read_text(r, "remote_id", NULL);
    if (circuit) c->circuit_id = arena_text(place->arena, circuit);
    if (remote) c->remote_id = arena_text(place->arena, remote);
    const Value *list = read_list(r, "client_interfaces", "string[]", "a list of interface names");
    if (list && place->host) {
        c->client_interfaces = 0;
        for (size_t i = 0; i < list->count; i++) {
            const Interface *interface = list->items[i].kind == VALUE_TEXT
                                             ? host_interface(place->host, list->items[i].text)
                                             : NULL;
            if (interface) c->client_interfaces |= (uint16_t)(1U << interface->index);
            else value_reader_fail(r, "client_interfaces", &list->items[i], "the name of one of the host's interfaces");
        }
    }
    if (!value_reader_finish(r)) return false;
    if (c->server_count == 0 && place->host)
        value_reader_fail(r, "servers", NULL, "the address of a DHCP server, or a list of them");
    return no_mistake(r);
}

bool config_read_udp_echo(ValueReader *r, uint16_t *port) {
    *port = (uint16_t)value_read_number(r, "port", 1, 65535, 7);
    return value_reader_finish(r);
}
