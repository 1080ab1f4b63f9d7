/* The trace, for expectations: what was sent, what was said, which arrows were taken. Read only, and linear in the
 * records asked for: since = … makes a query cheap. */
#include "script/session_private.h"

#include <stdlib.h>
#include <string.h>

#include "observe/record.h"
#include "wire/dhcp.h"

/* ---- What is asked for ---- */

typedef struct {
    Session *session;
    const char *call;
    /* NULL: any */
    const char *proto, *name, *from, *to, *received_by, *host, *machine, *input;
    SimTime since, before;
    size_t after; /* records from this one on */
    int unicast;  /* -1: either */
} Query;

static const char *text_field(lua_State *L, Query *q, const char *field) {
    int kind = lua_getfield(L, 2, field);
    const char *name = kind == LUA_TUSERDATA ? api_object_name(L, -1) : NULL;
    if (kind == LUA_TNIL) return NULL;
    if (name) return name;                               /* lives in the trace's directory */
    if (kind == LUA_TSTRING) return lua_tostring(L, -1); /* anchored: it stays on the stack */
    api_fail(L, q->session, q->call, field, "a text expected, %s given", luaL_typename(L, -1));
}

static SimTime time_field(lua_State *L, Query *q, const char *field, SimTime fallback) {
    if (lua_getfield(L, 2, field) == LUA_TNIL) return fallback;
    if (lua_type(L, -1) == LUA_TNUMBER && lua_tonumber(L, -1) >= 1e9) return SIM_NEVER;
    return api_span(L, q->session, lua_gettop(L), q->call, field);
}

const char *const message_query_fields[] = {"proto",  "name",  "from",    "received_by", "since",
                                            "before", "after", "unicast", NULL};
const char *const fact_query_fields[] = {"name", "host", "machine", "since", "before", "after", NULL};
const char *const state_query_fields[] = {"host", "machine", "from", "to", "input", "since", "before", "after", NULL};

/* The query is the table at 2. */
static Query read_query(lua_State *L, Session *s, const char *call, const char *const *known) {
    size_t count = 0;
    while (known[count]) count++;
    Query q = {.session = s, .call = call, .before = SIM_NEVER, .unicast = -1};
    lua_settop(L, 2);
    if (lua_isnil(L, 2)) return q;
    if (!lua_istable(L, 2)) api_fail(L, q.session, call, "", "trace:%s { … } expected", call);
    luaL_checkstack(L, 24, "too deep");
    for (lua_pushnil(L); lua_next(L, 2); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[1]";
        bool good = false;
        for (size_t i = 0; i < count; i++) good = good || strcmp(known[i], key) == 0;
        if (good) continue;
        const char *nearest = text_nearest(key, known, count);
        if (nearest) api_fail(L, q.session, call, key, "unknown field \"%s\"; did you mean \"%s\"?", key, nearest);
        api_fail(L, q.session, call, key, "unknown field \"%s\"", key);
    }
    q.proto = text_field(L, &q, "proto");
    q.name = text_field(L, &q, "name");
    q.from = text_field(L, &q, "from");
    q.to = text_field(L, &q, "to");
    q.received_by = text_field(L, &q, "received_by");
    q.host = text_field(L, &q, "host");
    q.machine = text_field(L, &q, "machine");
    q.input = text_field(L, &q, "input");
    q.since = time_field(L, &q, "since", 0);
    q.before = time_field(L, &q, "before", SIM_NEVER);
    if (lua_getfield(L, 2, "after") != LUA_TNIL) q.after = (size_t)luaL_checkinteger(L, -1);
    if (lua_getfield(L, 2, "unicast") != LUA_TNIL) q.unicast = lua_toboolean(L, -1);
    return q;
}

/* A name that no host bears would make an expectation that can't fail, or can't hold. */
static void check_host(lua_State *L, const Query *q, const char *field, const char *name) {
    if (!name || world_find(q->session->world, name) != WORLD_NONE) return;
    const Directory *directory = trace_directory(world_trace(q->session->world));
    const char *names[256];
    size_t count = 0;
    for (size_t i = 0; i < directory->host_count && count < 256; i++) names[count++] = directory->hosts[i].name;
    const char *nearest = text_nearest(name, names, count);
    if (nearest)
        api_fail(L, q->session, q->call, field, "there is no host \"%s\"; did you mean \"%s\"?", name, nearest);
    api_fail(L, q->session, q->call, field, "there is no host \"%s\"", name);
}

/* DHCP's messages are written in capitals; one that does not exist would never be found. So are SMTP's commands: who asks
 * for those says proto = "smtp". */
static void check_message(lua_State *L, const Query *q) {
    static const char *const names[] = {
#define X(name, value) #name,
        DHCP_MESSAGE_TYPES(X)
#undef X
    };
    enum { NAMES = sizeof names / sizeof names[0] };
    if (q->proto && strcmp(q->proto, "dhcp") != 0) return;
    if (!q->name || strspn(q->name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != strlen(q->name)) return;
    for (size_t i = 0; i < NAMES; i++)
        if (strcmp(names[i], q->name) == 0) return;
    const char *nearest = text_nearest(q->name, names, NAMES);
    if (nearest)
        api_fail(L, q->session, q->call, "name", "DHCP has no message \"%s\"; did you mean \"%s\"?", q->name, nearest);
    api_fail(L, q->session, q->call, "name", "DHCP has no message \"%s\"; of another protocol? then say so: proto = \"smtp\"",
             q->name);
}

static bool wants(const char *wanted, const char *is) { return !wanted || (is && strcmp(wanted, is) == 0); }

static const char *host_name(const Trace *trace, uint32_t host) {
    const Directory *directory = trace_directory(trace);
    return host < directory->host_count ? directory->hosts[host].name : "";
}

static const char *machine_name(const Trace *trace, uint32_t machine) {
    const Directory *directory = trace_directory(trace);
    return machine < directory->machine_count ? directory->machines[machine].spec->name : NULL;
}

/* The first record that may be asked for. */
static size_t first_of(const Trace *trace, const Query *q) {
    SimTime since = q->since;
    size_t low = q->after < trace_count(trace) ? q->after : trace_count(trace), high = trace_count(trace);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trace_get(trace, middle)->at < since)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Pushes the table of one result with what all kinds share. */
static void push_result(lua_State *L, const Trace *trace, const TraceRecord *record, size_t seq) {
    lua_createtable(L, 0, 12);
    api_push_seconds(L, record->at);
    lua_setfield(L, -2, "t");
    lua_pushinteger(L, record->at);
    lua_setfield(L, -2, "t_ns");
    lua_pushinteger(L, (lua_Integer)seq);
    lua_setfield(L, -2, "seq");
    lua_pushstring(L, host_name(trace, record->host));
    lua_setfield(L, -2, "host");
    lua_pushstring(L, machine_name(trace, record->machine));
    lua_setfield(L, -2, "machine");
}

/* ---- Messages ---- */

static void push_fields(lua_State *L, const Trace *trace, const TraceRecord *record, Description *description) {
    const char *proto = record_is_said(record) ? "said" : trace_proto_name((uint8_t)record->small);
    record_describe(trace, record, description);
    size_t proto_size = strlen(proto);
    lua_newtable(L);
    for (size_t i = description->count; i-- > 0;) { /* of fields with one name the first stays */
        const DescribedField *field = &description->fields[i];
        const char *key = field->key, *value = description_value(description, field);
        if (strncmp(key, proto, proto_size) != 0 || key[proto_size] != '.') continue;
        key += proto_size + 1;
        if (strncmp(key, "option.", 7) == 0) key += 7;
        if (field->number)
            lua_pushinteger(L, strtoll(value, NULL, 10));
        else
            lua_pushstring(L, value);
        lua_setfield(L, -2, key);
    }
}

static void push_message(lua_State *L, Session *s, const TraceRecord *record, size_t seq,
                         const FrameSummary *summary) {
    const Trace *trace = world_trace(s->world);
    push_result(L, trace, record, seq);
    lua_pushstring(L, trace_proto_name((uint8_t)record->small));
    lua_setfield(L, -2, "proto");
    lua_pushstring(L, summary->message);
    lua_setfield(L, -2, "name");
    lua_pushboolean(L, record->code == MESSAGE_RECEIVED);
    lua_setfield(L, -2, "received");
    lua_pushboolean(L, summary->unicast);
    lua_setfield(L, -2, "unicast");
    lua_pushfstring(L, "%d.%d.%d.%d", (int)(summary->source >> 24), (int)(summary->source >> 16 & 255),
                    (int)(summary->source >> 8 & 255), (int)(summary->source & 255));
    lua_setfield(L, -2, "src");
    lua_pushfstring(L, "%d.%d.%d.%d", (int)(summary->destination >> 24), (int)(summary->destination >> 16 & 255),
                    (int)(summary->destination >> 8 & 255), (int)(summary->destination & 255));
    lua_setfield(L, -2, "dst");
    if (record_is_said(record)) {
        Bytes octets = record_octets(trace, record);
        lua_pushlstring(L, (const char *)octets.at, octets.size);
        lua_setfield(L, -2, "text");
        lua_pushstring(L, record_part(record));
        lua_setfield(L, -2, "part");
    }
    push_fields(L, trace, record, &s->description);
    lua_setfield(L, -2, "fields");
}

static Query read_message_query(lua_State *L, Session *s, const char *call) {
    Query q = read_query(L, s, call, message_query_fields);
    check_host(L, &q, "from", q.from);
    check_host(L, &q, "received_by", q.received_by);
    check_message(L, &q);
    return q;
}

void api_check_message_query(lua_State *L, Session *s, const char *call) { (void)read_message_query(L, s, call); }

static int trace_messages(lua_State *L) {
    Query q = read_message_query(L, api_self(L, OBJECT_TRACE, "messages")->session, "messages");
    const Trace *trace = world_trace(q.session->world);
    MessageCode code = q.received_by ? MESSAGE_RECEIVED : MESSAGE_SENT;
    const char *host = q.received_by ? q.received_by : q.from;
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t seq = first_of(trace, &q); seq < trace_count(trace); seq++) {
        const TraceRecord *record = trace_get(trace, seq);
        if (record->at >= q.before) break;
        sandbox_charge(L, 1);
        if (record->kind != TRACE_MESSAGE || record->code != code) continue;
        if (!wants(q.proto, trace_proto_name((uint8_t)record->small)) || !wants(host, host_name(trace, record->host)))
            continue;
        RecordSummary whole;
        record_summarise(trace, record, &whole);
        const FrameSummary summary = whole.frame;
        if (!wants(q.name, summary.message) || (q.unicast >= 0 && summary.unicast != (q.unicast == 1))) continue;
        sandbox_charge(L, 200);
        push_message(L, q.session, record, seq, &summary);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* ---- Facts ---- */

static void push_fact_value(lua_State *L, FactFieldKind kind, int64_t value) {
    switch (kind) {
        case FACT_NUMBER: lua_pushinteger(L, value); break;
        case FACT_IPV4: api_push_ipv4(L, (Ipv4Address)value); break;
        case FACT_SPAN:
        case FACT_TIME: api_push_seconds(L, value); break;
        case FACT_NAME:
        case FACT_TEXT: lua_pushstring(L, trace_fact_name(value)); break;
        case FACT_MAC: api_push_mac(L, mac_of_number((uint64_t)value)); break;
    }
}

static int trace_facts(lua_State *L) {
    Query q = read_query(L, api_self(L, OBJECT_TRACE, "facts")->session, "facts", fact_query_fields);
    const Trace *trace = world_trace(q.session->world);
    check_host(L, &q, "host", q.host);
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t seq = first_of(trace, &q); seq < trace_count(trace); seq++) {
        const TraceRecord *record = trace_get(trace, seq);
        if (record->at >= q.before) break;
        sandbox_charge(L, 1);
        if (record->kind != TRACE_FACT || !wants(q.host, host_name(trace, record->host))) continue;
        const FactSpec *spec = trace_fact_spec(trace, record);
        if (!wants(q.name, spec->name) || !wants(q.machine, machine_name(trace, record->machine))) continue;
        sandbox_charge(L, 50);
        push_result(L, trace, record, seq);
        lua_pushstring(L, spec->name);
        lua_setfield(L, -2, "name");
        const int64_t *values = trace_fact_values(trace, record);
        lua_createtable(L, 0, (int)spec->count);
        for (size_t i = 0; i < spec->count; i++) {
            push_fact_value(L, spec->fields[i].kind, values[i]);
            lua_setfield(L, -2, spec->fields[i].name);
        }
        lua_setfield(L, -2, "fields");
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* ---- Arrows ---- */

static void push_subject(lua_State *L, const MachineSpec *spec, uint32_t subject) {
    if (!spec->subject)
        lua_pushnil(L);
    else if (strcmp(spec->subject, "address") == 0)
        api_push_ipv4(L, subject);
    else
        lua_pushinteger(L, subject);
}

static int trace_states(lua_State *L) {
    Query q = read_query(L, api_self(L, OBJECT_TRACE, "states")->session, "states", state_query_fields);
    const Trace *trace = world_trace(q.session->world);
    check_host(L, &q, "host", q.host);
    lua_newtable(L);
    lua_Integer count = 0;
    for (size_t seq = first_of(trace, &q); seq < trace_count(trace); seq++) {
        const TraceRecord *record = trace_get(trace, seq);
        if (record->at >= q.before) break;
        sandbox_charge(L, 1);
        if (record->kind != TRACE_STATE || !wants(q.host, host_name(trace, record->host))) continue;
        const MachineSpec *spec = trace_directory(trace)->machines[record->machine].spec;
        const char *from = spec->states[record->state.from], *to = spec->states[record->state.to];
        const char *input = spec->inputs[record->state.input].name;
        if (!wants(q.machine, spec->name) || !wants(q.from, from) || !wants(q.to, to) || !wants(q.input, input))
            continue;
        sandbox_charge(L, 50);
        push_result(L, trace, record, seq);
        lua_pushstring(L, from);
        lua_setfield(L, -2, "from");
        lua_pushstring(L, to);
        lua_setfield(L, -2, "to");
        lua_pushstring(L, input);
        lua_setfield(L, -2, "input");
        lua_pushstring(L, spec->rows[record->state.row].ref);
        lua_setfield(L, -2, "ref");
        push_subject(L, spec, record->state.subject);
        lua_setfield(L, -2, "subject");
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* ---- Who holds which address ---- */

static Holder *find_holder(Holders *h, uint32_t host, uint32_t interface) {
    for (size_t i = 0; i < h->count; i++)
        if (h->items[i].host == host && h->items[i].interface == interface) return &h->items[i];
    h->items = array_grow(h->items, &h->capacity, h->count + 1, sizeof *h->items);
    h->items[h->count] = (Holder){.host = host, .interface = interface};
    return &h->items[h->count++];
}

static void note_twice(Holders *h, const Trace *trace, const Holder *a, const Holder *b, SimTime at) {
    if (h->twice[0]) return;
    Text text = text_new();
    ipv4_print(&text, a->address);
    text_print(&text, " is held by %s and %s at ", host_name(trace, a->host), host_name(trace, b->host));
    sim_time_print(&text, at, 3);
    text_put(&text, " s");
    size_t size = text.size < sizeof h->twice - 1 ? text.size : sizeof h->twice - 1;
    memcpy(h->twice, text_get(&text), size);
    text_free(&text);
}

static void set_address(Holders *h, const Trace *trace, const TraceRecord *record, uint32_t interface,
                        uint32_t address) {
    Holder *holder = find_holder(h, record->host, interface);
    holder->address = address;
    if (address == 0) return;
    for (size_t i = 0; i < h->count; i++)
        if (&h->items[i] != holder && h->items[i].address == address && h->items[i].host != record->host)
            note_twice(h, trace, &h->items[i], holder, record->at);
}

bool holders_follow(Holders *h, const Trace *trace) {
    for (; h->next_record < trace_count(trace); h->next_record++) {
        const TraceRecord *record = trace_get(trace, h->next_record);
        if (record->kind != TRACE_FACT) continue;
        const char *name = trace_fact_spec(trace, record)->name;
        const int64_t *values = trace_fact_values(trace, record);
        if (strcmp(name, "interface.configured") == 0) {
            set_address(h, trace, record, (uint32_t)values[0], (uint32_t)values[1]);
        } else if (strcmp(name, "interface.unconfigured") == 0) {
            set_address(h, trace, record, (uint32_t)values[0], 0);
        } else if (strcmp(name, "host.powered") == 0 && values[0] == 0) {
            for (size_t i = 0; i < h->count; i++)
                if (h->items[i].host == record->host) h->items[i].address = 0;
        }
    }
    return h->twice[0] == '\0';
}

/* True, or false and a sentence that says which address. */
static int trace_at_most_one_holder(lua_State *L) {
    Session *s = api_self(L, OBJECT_TRACE, "at_most_one_holder")->session;
    const Trace *trace = world_trace(s->world);
    sandbox_charge(L, (int64_t)(trace_count(trace) - s->holders.next_record));
    bool good = holders_follow(&s->holders, trace);
    lua_pushboolean(L, good);
    if (good) return 1;
    lua_pushstring(L, s->holders.twice);
    return 2;
}

/* ---- Causes ---- */

static void push_cause(lua_State *L, const Trace *trace, const TraceRecord *record, size_t seq) {
    push_result(L, trace, record, seq);
    lua_pushstring(L, trace_kind_name(record->kind));
    lua_setfield(L, -2, "kind");
    if (record->kind == TRACE_FACT) {
        lua_pushstring(L, trace_fact_spec(trace, record)->name);
    } else if (record->kind == TRACE_MESSAGE) {
        RecordSummary summary;
        record_summarise(trace, record, &summary);
        lua_pushstring(L, summary.frame.message);
    } else {
        return;
    }
    lua_setfield(L, -2, "name");
}

/* trace:causes(record): what led to it, back to what had no cause. */
static int trace_causes(lua_State *L) {
    Session *s = api_self(L, OBJECT_TRACE, "causes")->session;
    const Trace *trace = world_trace(s->world);
    int whole = 0;
    lua_Integer seq = -1;
    if (lua_istable(L, 2)) {
        lua_getfield(L, 2, "seq");
        seq = lua_tointegerx(L, -1, &whole);
    }
    if (!whole || seq < 0 || (uint64_t)seq >= trace_count(trace))
        api_fail(L, s, "causes", "", "a message, fact or arrow of this trace expected: trace:causes(trace:facts {…}[1])");
    lua_newtable(L);
    lua_Integer count = 0;
    for (uint32_t cause = trace_get(trace, (size_t)seq)->cause; cause != TRACE_NONE; cause = trace_get(trace, cause)->cause) {
        sandbox_charge(L, 50);
        push_cause(L, trace, trace_get(trace, cause), cause);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

static const luaL_Reg trace_methods[] = {
    {"messages", trace_messages},
    {"facts", trace_facts},
    {"states", trace_states},
    {"causes", trace_causes},
    {"at_most_one_holder", trace_at_most_one_holder},
    {NULL, NULL},
};
const ObjectClass trace_class = {"Trace", "the trace", trace_methods, NULL};
