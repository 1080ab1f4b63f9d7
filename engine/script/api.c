/* What every object of the API shares: classes, methods and properties by name, arguments, commands, and mistakes with
 * their place. */
#include "script/locate.h"
#include "script/lua_value.h"
#include "script/session_private.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { COMMAND_COST = 500, NAMES_MOST = 80 };

const ObjectClass *const api_classes[OBJECT_KINDS] = {&scenario_class, &lan_class,   &host_class,  &dhcp_class,
                                                      &settings_class, &trace_class, &socket_class, &connection_class};

/* ---- Objects ---- */

static const char *metatable_name(ObjectKind kind, char *into, size_t size) {
    snprintf(into, size, "netstage.%s", api_classes[kind]->name);
    return into;
}

Object *api_push_object(lua_State *L, Session *session, ObjectKind kind, uint32_t index) {
    char name[64];
    Object *object = lua_newuserdatauv(L, sizeof *object, 0);
    *object = (Object){{(uint64_t)kind << 32 | index}, session, kind, index};
    luaL_setmetatable(L, metatable_name(kind, name, sizeof name));
    return object;
}

Object *api_object(lua_State *L, int index, ObjectKind kind) {
    char name[64];
    return luaL_testudata(L, index, metatable_name(kind, name, sizeof name));
}

Object *api_self(lua_State *L, ObjectKind kind, const char *method) {
    Object *object = api_object(L, 1, kind);
    if (object) return object;
    luaL_error(L, "write a colon before the method:  %s:%s",
               kind == OBJECT_SCENARIO ? "s"
               : kind == OBJECT_TRACE  ? "trace"
                                       : "host",
               method);
    CHECK_UNREACHABLE();
}

const char *api_node_name(const Session *s, uint32_t index) {
    const Directory *directory = trace_directory(world_trace(s->world));
    return index < directory->host_count ? directory->hosts[index].name : "";
}

const char *api_object_name(lua_State *L, int index) {
    const Object *object = api_object(L, index, OBJECT_HOST);
    if (!object) object = api_object(L, index, OBJECT_LAN);
    return object ? api_node_name(object->session, object->index) : NULL;
}

static int object_to_text(lua_State *L) {
    const Object *object = lua_touserdata(L, 1);
    if (object->kind == OBJECT_HOST || object->kind == OBJECT_LAN)
        lua_pushstring(L, api_node_name(object->session, object->index));
    else
        lua_pushstring(L, api_classes[object->kind]->name);
    return 1;
}

static size_t class_names(const ObjectClass *class, const char **names) {
    size_t count = 0;
    for (const luaL_Reg *m = class->methods; m && m->name; m++) names[count++] = m->name;
    for (const ObjectProperty *p = class->properties; p && p->name; p++) names[count++] = p->name;
    CHECK(count <= NAMES_MOST);
    return count;
}

/* Upvalue: the table of methods. */
static int object_index(lua_State *L) {
    const Object *object = lua_touserdata(L, 1);
    const ObjectClass *class = api_classes[object->kind];
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *key = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";
    for (const ObjectProperty *p = class->properties; p && p->name; p++) {
        if (strcmp(p->name, key) != 0) continue;
        p->push(L, object->session, object->index);
        return 1;
    }
    if (object->kind == OBJECT_SETTINGS) {
        settings_class.properties[0].push(L, object->session, 0);
        return 1;
    }
    const char *names[NAMES_MOST];
    const char *nearest = text_nearest(key, names, class_names(class, names));
    if (nearest) return luaL_error(L, "%s has nothing called \"%s\"; did you mean \"%s\"?", class->label, key, nearest);
    return luaL_error(L, "%s has nothing called \"%s\"", class->label, key);
}

static int object_newindex(lua_State *L) {
    const Object *object = lua_touserdata(L, 1);
    return luaL_error(L, "%s can't be changed by \"=\"; use its methods", api_classes[object->kind]->label);
}

static int new_scenario(lua_State *L);

void api_open(Session *s) {
    lua_State *L = sandbox_state(s->sandbox);
    for (int kind = 0; kind < OBJECT_KINDS; kind++) {
        char name[64];
        luaL_newmetatable(L, metatable_name((ObjectKind)kind, name, sizeof name));
        lua_pushstring(L, api_classes[kind]->name);
        lua_setfield(L, -2, "__name");
        lua_newtable(L);
        if (api_classes[kind]->methods) luaL_setfuncs(L, api_classes[kind]->methods, 0);
        lua_pushcclosure(L, object_index, 1);
        lua_setfield(L, -2, "__index");
        lua_pushcfunction(L, object_newindex);
        lua_setfield(L, -2, "__newindex");
        lua_pushcfunction(L, object_to_text);
        lua_setfield(L, -2, "__tostring");
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
    }
    lua_pushlightuserdata(L, s);
    lua_pushcclosure(L, new_scenario, 1);
    lua_setglobal(L, "scenario");
    api_push_object(L, s, OBJECT_TRACE, 0);
    s->trace_reference = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* ---- Mistakes ---- */

static int call_line(lua_State *L) {
    lua_Debug at;
    for (int level = 1; lua_getstack(L, level, &at); level++)
        if (lua_getinfo(L, "Sl", &at) && at.currentline > 0) return at.currentline;
    return 0;
}

_Noreturn void api_fail(lua_State *L, Session *s, const char *call, const char *field, const char *format, ...) {
    char detail[1024]; /* first of all: an argument may point into s->message */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(detail, sizeof detail, format, arguments);
    va_end(arguments);
    int line = call_line(L);
    if (line > 0 && field[0]) line = locate_field(s->source, s->source_size, line, call, field);
    text_clear(&s->message);
    if (line > 0) text_print(&s->message, "%s:%d: ", s->chunk, line);
    if (field[0]) text_print(&s->message, "%s: ", field);
    text_put(&s->message, detail);
    lua_pushlstring(L, text_get(&s->message), s->message.size);
    lua_error(L);
    CHECK_UNREACHABLE();
}

/* ---- Arguments ---- */

static void new_call(Session *s) {
    arena_free(s->scratch);
    s->scratch = arena_new();
    text_clear(&s->config_error.message);
    s->config_error.field = "";
}

Value api_table(lua_State *L, Session *s, int index, const char *call, bool optional) {
    new_call(s);
    Value map;
    if (optional && lua_isnoneornil(L, index)) return value_map();
    if (!lua_istable(L, index))
        api_fail(L, s, call, "", "%s { … } expected, with a table of fields; %s given", call, luaL_typename(L, index));
    if (!lua_value_read(L, index, s->scratch, api_object_name, &map, &s->config_error))
        api_fail(L, s, call, s->config_error.field, "%s", text_get(&s->config_error.message));
    if (map.kind == VALUE_LIST && map.count > 0)
        api_fail(L, s, call, "[1]", "a named field expected (name = value), a value alone given");
    return map.kind == VALUE_MAP ? map : value_map();
}

void api_put(Session *s, Value *map, const char *key, Value value) { value_set(s->scratch, map, key, value); }

void api_put_text(Session *s, Value *map, const char *key, const char *text) {
    api_put(s, map, key, value_text(s->scratch, text));
}

Value api_take(Session *s, Value *map, const char *key) {
    (void)s;
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i], key) != 0) continue;
        Value taken = map->items[i];
        map->count--;
        memmove(&map->items[i], &map->items[i + 1], (map->count - i) * sizeof(Value));
        memmove(&map->keys[i], &map->keys[i + 1], (map->count - i) * sizeof(char *));
        return taken;
    }
    return (Value){.kind = VALUE_NONE};
}

void api_no_others(lua_State *L, Session *s, const Value *map, const char *call, const char *const *known,
                   size_t count) {
    for (size_t i = 0; i < map->count; i++) {
        const char *key = map->keys[i];
        bool good = false;
        for (size_t k = 0; k < count; k++) good = good || strcmp(known[k], key) == 0;
        if (good) continue;
        const char *nearest = text_nearest(key, known, count);
        if (nearest) api_fail(L, s, call, key, "unknown field \"%s\"; did you mean \"%s\"?", key, nearest);
        api_fail(L, s, call, key, "unknown field \"%s\"", key);
    }
}

void api_may_change(lua_State *L, Session *s, const char *call) {
    if (s->looking) api_fail(L, s, call, "", "a condition may look at the world, but not change it");
}

/* "config.pools[1]" to "pools[1]", "lan" to "on" … */
static const char *script_field(Session *s, const char *field, const char *prefix, FieldNames names) {
    if (strncmp(field, "config", 6) == 0 && (field[6] == '.' || field[6] == '\0')) field += field[6] ? 7 : 6;
    size_t size = strcspn(field, ".[");
    for (; names && (*names)[0]; names++) {
        if (strlen((*names)[0]) != size || strncmp(field, (*names)[0], size) != 0) continue;
        Text renamed = text_new();
        text_print(&renamed, "%s%s", (*names)[1], field + size);
        field = arena_text(s->scratch, text_get(&renamed));
        text_free(&renamed);
        break;
    }
    if (!prefix[0]) return field;
    Text whole = text_new();
    text_print(&whole, "%s%s%s", prefix, field[0] && field[0] != '[' ? "." : "", field);
    const char *kept = arena_text(s->scratch, text_get(&whole));
    text_free(&whole);
    return kept;
}

void api_command(lua_State *L, Session *s, Value *command, const char *call, const char *prefix, FieldNames names) {
    api_may_change(L, s, call);
    sandbox_charge(L, COMMAND_COST);
    text_clear(&s->config_error.message);
    s->config_error.field = "";
    if (world_command(s->world, command, true, &s->config_error)) return;
    const char *field = script_field(s, s->config_error.field, prefix, names);
    api_fail(L, s, call, field, "%s", text_get(&s->config_error.message));
}

SimTime api_span(lua_State *L, Session *s, int index, const char *call, const char *field) {
    SimTime span = -1;
    switch (lua_type(L, index)) {
        case LUA_TNUMBER: {
            lua_Number seconds = lua_tonumber(L, index);
            if (seconds >= 0 && seconds < 1e9) {
                lua_Number whole = (lua_Number)(int64_t)seconds;
                span = (int64_t)seconds * SIM_SECOND + (SimTime)((seconds - whole) * 1e9 + 0.5);
            }
            break;
        }
        case LUA_TSTRING:
            if (!sim_time_parse(lua_tostring(L, index), &span)) span = -1;
            break;
        default: break;
    }
    if (span >= 0) return span;
    const char *given = lua_isstring(L, index) ? lua_tostring(L, index) : luaL_typename(L, index);
    api_fail(L, s, call, field, "a span such as \"10s\" or \"500ms\", or a number of seconds expected, \"%s\" given",
             given);
}

/* The one place where simulated time becomes a floating number: for scripts, which count in seconds. */
void api_push_seconds(lua_State *L, SimTime time) {
    if (time == SIM_NEVER)
        lua_getglobal(L, "math"), lua_getfield(L, -1, "huge"), lua_remove(L, -2);
    else
        lua_pushnumber(L, (lua_Number)time / 1e9);
}

void api_push_ipv4(lua_State *L, Ipv4Address address) {
    if (address == IPV4_UNSPECIFIED) {
        lua_pushnil(L);
        return;
    }
    lua_pushfstring(L, "%d.%d.%d.%d", (int)(address >> 24), (int)(address >> 16 & 255), (int)(address >> 8 & 255),
                    (int)(address & 255));
}

void api_push_mac(lua_State *L, MacAddress mac) {
    char text[18];
    snprintf(text, sizeof text, "%02x:%02x:%02x:%02x:%02x:%02x", mac.octet[0], mac.octet[1], mac.octet[2], mac.octet[3],
             mac.octet[4], mac.octet[5]);
    lua_pushstring(L, text);
}

/* ---- scenario { … } ---- */

static void read_words(lua_State *L, Session *s, Value *map, const char *field, Value *into) {
    Value given = api_take(s, map, field);
    if (given.kind == VALUE_NONE) return;
    const Value *all = &given;
    Value *words = into;
    *words = value_map();
    if (given.kind == VALUE_TEXT) {
        value_set(s->arena, words, "en", value_text_n(s->arena, given.text, given.text_size));
        return;
    }
    for (size_t i = 0; given.kind == VALUE_MAP && i < all->count; i++) {
        bool known = strcmp(all->keys[i], "en") == 0 || strcmp(all->keys[i], "zh") == 0;
        if (!known || all->items[i].kind != VALUE_TEXT)
            api_fail(L, s, "scenario", field, "{ en = \"…\", zh = \"…\" } expected, %s given", all->keys[i]);
        value_set(s->arena, words, all->keys[i], value_text_n(s->arena, all->items[i].text, all->items[i].text_size));
    }
    if (words->count == 0)
        api_fail(L, s, "scenario", field, "{ en = \"…\", zh = \"…\" } expected, %s given", value_kind_name(given.kind));
}

static int new_scenario(lua_State *L) {
    static const char *const known[] = {"title", "about", "seed", "ends"};
    Session *s = lua_touserdata(L, lua_upvalueindex(1));
    if (s->world) api_fail(L, s, "scenario", "", "a file holds one scenario, and this one has begun already");
    Value map = api_table(L, s, 1, "scenario", false);
    read_words(L, s, &map, "title", &s->title);
    read_words(L, s, &map, "about", &s->about);
    if (s->title.count == 0)
        api_fail(L, s, "scenario", "title", "a title expected: title = { en = \"…\", zh = \"…\" }");
    Value seed = api_take(s, &map, "seed"), ends = api_take(s, &map, "ends");
    if (seed.kind != VALUE_NONE && (seed.kind != VALUE_NUMBER || seed.number < 0))
        api_fail(L, s, "scenario", "seed", "a whole number from 0 on expected, %s given", value_kind_name(seed.kind));
    SimTime end;
    if (ends.kind != VALUE_NONE) {
        if (ends.kind != VALUE_TEXT || !sim_time_parse(ends.text, &end))
            api_fail(L, s, "scenario", "ends", "a time such as \"120s\" expected");
        if (s->until == SIM_NEVER) s->until = end;
    }
    api_no_others(L, s, &map, "scenario", known, sizeof known / sizeof known[0]);
    uint64_t number = s->options.has_seed ? s->options.seed : seed.kind == VALUE_NUMBER ? (uint64_t)seed.number : 1;
    s->world = world_new(number, !s->options.forget_trace);
    sandbox_set_random(s->sandbox, random_stream(number, "scenario", "script"));
    api_push_object(L, s, OBJECT_SCENARIO, 0);
    return 1;
}
