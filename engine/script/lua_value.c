#include "script/lua_value.h"

#include "script/sandbox.h"

#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

enum { DEPTH_MOST = 12, NAMES_MOST = 256, TEXT_MOST = 64 * 1024 };

typedef struct {
    lua_State *L;
    Arena *arena;
    LuaObjectName *name;
    ConfigError *error;
} Reading;

static bool read_value(Reading *r, int index, const char *path, int depth, Value *value);

static bool refuse(Reading *r, const char *path, const char *what) {
    config_error_set(r->error, r->arena, path, "%s", what);
    return false;
}

typedef struct {
    const char *key;
    Value value;
} Entry;

static int compare_entries(const void *a, const void *b) {
    return strcmp(((const Entry *)a)->key, ((const Entry *)b)->key);
}

static bool read_list(Reading *r, int index, size_t count, const char *path, int depth, Value *value) {
    *value = value_list();
    for (size_t i = 1; i <= count; i++) {
        Text item_path = text_new();
        text_print(&item_path, "%s[%zu]", path, i);
        const char *kept = arena_text(r->arena, text_get(&item_path));
        text_free(&item_path);
        lua_rawgeti(r->L, index, (lua_Integer)i);
        Value item;
        bool good = read_value(r, -1, kept, depth + 1, &item);
        lua_pop(r->L, 1);
        if (!good) return false;
        value_append(r->arena, value, item);
    }
    return true;
}

static bool read_map(Reading *r, int index, size_t count, const char *path, int depth, Value *value) {
    Entry *entries = arena_alloc(r->arena, (count + 1) * sizeof(Entry));
    size_t i = 0;
    bool good = true;
    for (lua_pushnil(r->L); good && lua_next(r->L, index); i++) {
        if (lua_type(r->L, -2) != LUA_TSTRING) {
            lua_pop(r->L, 2);
            return refuse(r, path, "either a list or a table with names expected, a mixture given");
        }
        const char *key = lua_tostring(r->L, -2);
        entries[i].key = arena_text(r->arena, key);
        Text entry_path = text_new();
        text_print(&entry_path, "%s%s%s", path, *path ? "." : "", key);
        const char *kept = arena_text(r->arena, text_get(&entry_path));
        text_free(&entry_path);
        good = read_value(r, -1, kept, depth + 1, &entries[i].value);
        lua_pop(r->L, 1);
    }
    if (!good) {
        lua_pop(r->L, 1);
        return false;
    }
    qsort(entries, count, sizeof(Entry), compare_entries);
    *value = value_map();
    for (i = 0; i < count; i++) value_set(r->arena, value, entries[i].key, entries[i].value);
    return true;
}

static bool read_table(Reading *r, int index, const char *path, int depth, Value *value) {
    if (depth > DEPTH_MOST) return refuse(r, path, "nested too deep");
    index = lua_absindex(r->L, index);
    if (!lua_checkstack(r->L, 6)) return refuse(r, path, "nested too deep");
    size_t count = 0, length = (size_t)lua_rawlen(r->L, index);
    for (lua_pushnil(r->L); lua_next(r->L, index); lua_pop(r->L, 1)) count++;
    sandbox_charge(r->L, (int64_t)count * 10);
    if (count > 0 && length == count) return read_list(r, index, count, path, depth, value);
    if (count == 0) {
        *value = value_list();
        return true;
    }
    if (count > NAMES_MOST) return refuse(r, path, "too many fields");
    return read_map(r, index, count, path, depth, value);
}

static bool read_value(Reading *r, int index, const char *path, int depth, Value *value) {
    lua_State *L = r->L;
    switch (lua_type(L, index)) {
        case LUA_TNIL: *value = (Value){.kind = VALUE_NONE}; return true;
        case LUA_TBOOLEAN: *value = value_truth(lua_toboolean(L, index)); return true;
        case LUA_TNUMBER: {
            int whole;
            lua_Integer number = lua_tointegerx(L, index, &whole);
            if (!whole) return refuse(r, path, "a whole number or a text such as \"1.5s\" expected, a fraction given");
            *value = value_number(number);
            return true;
        }
        case LUA_TSTRING: {
            size_t size;
            const char *text = lua_tolstring(L, index, &size);
            if (size > TEXT_MOST) return refuse(r, path, "the text is too long");
            *value = value_text_n(r->arena, text, size);
            return true;
        }
        case LUA_TTABLE: return read_table(r, index, path, depth, value);
        case LUA_TUSERDATA: {
            const char *name = r->name ? r->name(L, index) : NULL;
            if (!name) return refuse(r, path, "a value expected, an object without a name given");
            *value = value_text(r->arena, name);
            return true;
        }
        default: {
            config_error_set(r->error, r->arena, path, "a value expected, a %s given", luaL_typename(L, index));
            return false;
        }
    }
}

bool lua_value_read(lua_State *L, int index, Arena *arena, LuaObjectName *name, Value *value, ConfigError *error) {
    Reading r = {L, arena, name, error};
    return read_value(&r, lua_absindex(L, index), "", 0, value);
}
