/* The basic functions, with everything left out that reaches outside, hides a kill, or differs from run to run. */
#include "script/sandbox_private.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

/* ---- Texts without addresses ---- */

const char *sandbox_push_text(lua_State *L, int index, size_t *size) {
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1)) luaL_error(L, "'__tostring' must return a text");
    } else {
        switch (lua_type(L, index)) {
            case LUA_TNIL: lua_pushliteral(L, "nil"); break;
            case LUA_TBOOLEAN: lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false"); break;
            case LUA_TNUMBER:
            case LUA_TSTRING:
                lua_pushvalue(L, index);
                lua_tolstring(L, -1, NULL);
                break;
            default:
                if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING) lua_pushstring(L, luaL_typename(L, index));
                break;
        }
    }
    return lua_tolstring(L, -1, size);
}

static int base_tostring(lua_State *L) {
    luaL_checkany(L, 1);
    sandbox_push_text(L, 1, NULL);
    return 1;
}

static int base_print(lua_State *L) {
    Sandbox *s = sandbox_of(L);
    int count = lua_gettop(L);
    luaL_Buffer line;
    luaL_buffinit(L, &line);
    for (int i = 1; i <= count; i++) {
        if (i > 1) luaL_addchar(&line, '\t');
        sandbox_push_text(L, i, NULL);
        luaL_addvalue(&line);
    }
    luaL_pushresult(&line);
    size_t size;
    const char *text = lua_tolstring(L, -1, &size);
    sandbox_charge(L, 100 + (int64_t)size);
    if (s->print) s->print(s->print_self, text, size);
    return 0;
}

/* ---- Keys in order ---- */

typedef enum { KEY_INTEGER, KEY_FLOAT, KEY_TEXT, KEY_TRUTH, KEY_OBJECT, KEY_OTHER } KeyKind;
typedef struct {
    KeyKind kind;
    lua_Integer integer; /* truth and object too */
    lua_Number number;
    const char *text;
    size_t size;
    int place; /* in the list of keys before sorting */
} Key;

static Key key_of(lua_State *L, int index) {
    Key key = {.kind = KEY_OTHER};
    switch (lua_type(L, index)) {
        case LUA_TNUMBER:
            key.number = lua_tonumber(L, index);
            if (lua_isinteger(L, index)) {
                key.kind = KEY_INTEGER;
                key.integer = lua_tointeger(L, index);
            } else {
                key.kind = KEY_FLOAT;
            }
            break;
        case LUA_TSTRING:
            key.kind = KEY_TEXT;
            key.text = lua_tolstring(L, index, &key.size);
            break;
        case LUA_TBOOLEAN:
            key.kind = KEY_TRUTH;
            key.integer = lua_toboolean(L, index);
            break;
        case LUA_TUSERDATA:
            key.kind = KEY_OBJECT;
            key.integer = (lua_Integer)((const SandboxObject *)lua_touserdata(L, index))->order;
            break;
        default: break;
    }
    return key;
}

static int compare_keys(const void *left, const void *right) {
    const Key *a = left, *b = right;
    bool a_number = a->kind <= KEY_FLOAT, b_number = b->kind <= KEY_FLOAT;
    if (a_number && b_number && (a->kind != b->kind || a->kind == KEY_FLOAT)) {
        if (a->number != b->number) return a->number < b->number ? -1 : 1;
        return (int)a->kind - (int)b->kind;
    }
    if (a->kind != b->kind) return a->kind < b->kind ? -1 : 1;
    if (a->kind == KEY_TEXT) {
        size_t common = a->size < b->size ? a->size : b->size;
        int order = memcmp(a->text, b->text, common);
        if (order != 0) return order;
        return a->size < b->size ? -1 : a->size > b->size;
    }
    return a->integer < b->integer ? -1 : a->integer > b->integer;
}

static void check_orderable(lua_State *L, size_t others) {
    if (others > 1)
        luaL_error(L, "the keys of this table are tables or functions: they have no order to go through them by");
}

/* Replaces nothing on the stack; pushes the list of the keys of the table at 1, in order. */
static void push_sorted_keys(lua_State *L) {
    size_t count = 0, others = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) count++;
    sandbox_charge(L, (int64_t)count * 8);
    Key *keys = lua_newuserdatauv(L, (count + 1) * sizeof(Key), 0);
    memset(keys, 0, sizeof(Key));
    lua_createtable(L, (int)count, 0);
    int list = lua_gettop(L);
    size_t i = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1), i++) {
        keys[i] = key_of(L, -2);
        keys[i].place = (int)i + 1;
        others += keys[i].kind == KEY_OTHER;
        lua_pushvalue(L, -2);
        lua_rawseti(L, list, (lua_Integer)i + 1);
    }
    check_orderable(L, others);
    qsort(keys, count, sizeof(Key), compare_keys);
    lua_createtable(L, (int)count, 0);
    for (i = 0; i < count; i++) {
        lua_rawgeti(L, list, keys[i].place);
        lua_rawseti(L, -2, (lua_Integer)i + 1);
    }
}

static int pairs_next(lua_State *L) {
    lua_Integer i = lua_tointeger(L, lua_upvalueindex(3));
    for (;;) {
        lua_rawgeti(L, lua_upvalueindex(2), ++i);
        if (lua_isnil(L, -1)) return 1;
        lua_pushvalue(L, -1);
        lua_rawget(L, lua_upvalueindex(1));
        if (!lua_isnil(L, -1)) break;
        lua_pop(L, 2);
        sandbox_charge(L, 1);
    }
    lua_pushinteger(L, i);
    lua_replace(L, lua_upvalueindex(3));
    return 2;
}

static int base_pairs(lua_State *L) {
    luaL_checkany(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    push_sorted_keys(L);
    int keys = lua_gettop(L);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, keys);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, pairs_next, 3);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/* The least key greater than the one given: linear, and charged for. */
static int base_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    bool first = lua_isnil(L, 2);
    Key after = key_of(L, 2), best = {0};
    size_t others = 0;
    int64_t seen = 0;
    bool found = false;
    lua_pushnil(L); /* 3: the best key */
    lua_pushnil(L); /* 4: its value */
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        Key key = key_of(L, -2);
        seen++;
        others += key.kind == KEY_OTHER;
        check_orderable(L, others);
        if (key.kind == KEY_OTHER && !first && after.kind == KEY_OTHER) continue;
        if ((first || compare_keys(&key, &after) > 0) && (!found || compare_keys(&key, &best) < 0)) {
            best = key;
            found = true;
            lua_pushvalue(L, -2);
            lua_replace(L, 3);
            lua_pushvalue(L, -1);
            lua_replace(L, 4);
        }
    }
    sandbox_charge(L, 1 + seen);
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_settop(L, 4);
    return 2;
}

/* ---- Metatables ---- */

static int base_setmetatable(lua_State *L) {
    /* Finalisers run when the collector likes; weak tables show when it ran. */
    static const char *const refused[] = {"__gc", "__close", "__mode"};
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_argexpected(L, lua_isnil(L, 2) || lua_istable(L, 2), 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
    if (lua_istable(L, 2)) {
        for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
            lua_pushstring(L, refused[i]);
            lua_rawget(L, 2);
            if (!lua_isnil(L, -1)) return luaL_error(L, "a metatable may not have %s here", refused[i]);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

/* ---- pcall ---- */

/* A kill goes on through every pcall at once. The hook alone would not do: to run it Lua may have to make its stack larger,
 * and where that is refused, the hook's place is taken by an error that pcall would catch, again and again. */
static int pcall_ended(lua_State *L, int status, lua_KContext context) {
    (void)context;
    sandbox_check(L);
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
}

/* Each error that is caught makes Lua look through all calls under way: a pile of pcalls thousands deep would take seconds
 * between two instructions. */
enum { PCALL_DEPTH = 400 };
static int base_pcall(lua_State *L) {
    lua_Debug activation;
    if (lua_getstack(L, PCALL_DEPTH, &activation)) return luaL_error(L, "pcall stands too deep in calls");
    luaL_checkany(L, 1);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return pcall_ended(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_ended), 0);
}

/* ---- Random numbers of the simulation ---- */

static int math_random(lua_State *L) {
    Sandbox *s = sandbox_of(L);
    lua_Integer low = 1, high;
    switch (lua_gettop(L)) {
        case 0: lua_pushnumber(L, (lua_Number)(random_next(&s->random) >> 11) * (1.0 / 9007199254740992.0)); return 1;
        case 1: high = luaL_checkinteger(L, 1); break;
        case 2:
            low = luaL_checkinteger(L, 1);
            high = luaL_checkinteger(L, 2);
            break;
        default: return luaL_error(L, "at most two arguments expected");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "the interval is empty");
    luaL_argcheck(L, low >= 0 || high <= INT64_MAX + low, lua_gettop(L), "the interval is too large");
    lua_pushinteger(L, random_between(&s->random, low, high));
    return 1;
}

/* ---- Names nobody gave ---- */

static int global_missing(lua_State *L) {
    const char *name = luaL_tolstring(L, 2, NULL);
    const char *names[128];
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && count < 128) names[count++] = lua_tostring(L, -2);
    const char *nearest = text_nearest(name, names, count);
    if (nearest) return luaL_error(L, "there is no \"%s\" here; did you mean \"%s\"?", name, nearest);
    return luaL_error(L, "there is no \"%s\" here", name);
}

static void forget(lua_State *L, const char *const *names) {
    for (; *names; names++) {
        lua_pushnil(L);
        lua_setfield(L, -2, *names);
    }
}

void sandbox_open_base(lua_State *L) {
    static const luaL_Reg replaced[] = {
        {"tostring", base_tostring},         {"print", base_print},
                                        {"pcall", base_pcall}, {"pairs", base_pairs}, {"next", base_next},
        {"setmetatable", base_setmetatable}, {NULL, NULL}};
    static const char *const dropped[] = {"collectgarbage", "dofile", "load",   "loadfile", "loadstring",
                                          "require",        "warn",   "xpcall", NULL};
    static const char *const dropped_math[] = {"randomseed", NULL};
    luaL_requiref(L, LUA_GNAME, luaopen_base, 1);
    forget(L, dropped);
    luaL_setfuncs(L, replaced, 0);
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, global_missing);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_pop(L, 1);
    luaL_requiref(L, LUA_MATHLIBNAME, luaopen_math, 1);
    forget(L, dropped_math);
    lua_pushcfunction(L, math_random);
    lua_setfield(L, -2, "random");
    lua_pop(L, 1);
    luaL_requiref(L, LUA_UTF8LIBNAME, luaopen_utf8, 1);
    lua_pop(L, 1);
}
