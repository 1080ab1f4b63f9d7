/* table: raw, charged for, and with a sort that is stable and can't be thrown off by a comparison that contradicts
 * itself. DEVIATION: unlike Lua's own, these functions take no notice of __index, __newindex and __len: with them a
 * loop's length would be whatever the script says it is. */
#include "script/sandbox_private.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

enum { UNPACK_MOST = 4096 };

static lua_Integer length_of(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    return (lua_Integer)lua_rawlen(L, 1);
}

static int table_insert(lua_State *L) {
    lua_Integer count = length_of(L), at = count + 1;
    switch (lua_gettop(L)) {
        case 2: break;
        case 3:
            at = luaL_checkinteger(L, 2);
            luaL_argcheck(L, at >= 1 && at <= count + 1, 2, "position out of bounds");
            sandbox_charge(L, count + 1 - at);
            for (lua_Integer i = count; i >= at; i--) {
                lua_rawgeti(L, 1, i);
                lua_rawseti(L, 1, i + 1);
            }
            break;
        default: return luaL_error(L, "table.insert takes (table, value) or (table, position, value)");
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int table_remove(lua_State *L) {
    lua_Integer count = length_of(L), at = luaL_optinteger(L, 2, count);
    if (lua_gettop(L) > 1)
        luaL_argcheck(L, (at >= 1 && at <= count + 1) || (count == 0 && at == 0), 2, "position out of bounds");
    lua_rawgeti(L, 1, at);
    if (at < count) sandbox_charge(L, count - at);
    for (; at < count; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    if (at == count || at == count + 1) {
        lua_pushnil(L);
        lua_rawseti(L, 1, at);
    }
    return 1;
}

static int table_move(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer first = luaL_checkinteger(L, 2), last = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, target, LUA_TTABLE);
    if (last >= first) {
        luaL_argcheck(L, first > 0 || last < INT64_MAX + first, 3, "too many elements to move");
        lua_Integer count = last - first + 1;
        luaL_argcheck(L, to <= INT64_MAX - count + 1, 4, "destination wraps around");
        sandbox_charge(L, count);
        bool forward = to > last || to <= first || (target != 1 && !lua_rawequal(L, 1, target));
        for (lua_Integer i = 0; i < count; i++) {
            lua_Integer step = forward ? i : count - 1 - i;
            lua_rawgeti(L, 1, first + step);
            lua_rawseti(L, target, to + step);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static int table_concat(lua_State *L) {
    lua_Integer count = length_of(L);
    size_t between_size;
    const char *between = luaL_optlstring(L, 2, "", &between_size);
    lua_Integer first = luaL_optinteger(L, 3, 1), last = luaL_optinteger(L, 4, count);
    luaL_Buffer text;
    luaL_buffinit(L, &text);
    for (lua_Integer i = first; i <= last; i++) {
        sandbox_charge(L, 1);
        lua_rawgeti(L, 1, i);
        if (!lua_isstring(L, -1)) {
            return luaL_error(L, "table.concat joins texts and numbers; element %I is %s", (LUAI_UACINT)i,
                              luaL_typename(L, -1));
        }
        luaL_addvalue(&text);
        if (i == last) break;
        luaL_addlstring(&text, between, between_size);
    }
    luaL_pushresult(&text);
    return 1;
}

static int table_unpack(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer first = luaL_optinteger(L, 2, 1);
    lua_Integer last = lua_isnoneornil(L, 3) ? (lua_Integer)lua_rawlen(L, 1) : luaL_checkinteger(L, 3);
    if (first > last) return 0;
    uint64_t count = (uint64_t)last - (uint64_t)first;
    if (count >= UNPACK_MOST || !lua_checkstack(L, (int)count + 1)) return luaL_error(L, "too many results to unpack");
    sandbox_charge(L, (int64_t)count + 1);
    for (uint64_t i = 0; i <= count; i++) lua_rawgeti(L, 1, (lua_Integer)((uint64_t)first + i));
    return (int)count + 1;
}

/* Whether the value at the top belongs before the one below it. */
static bool top_is_less(lua_State *L, bool by_function) {
    sandbox_charge(L, 4);
    if (!by_function) return lua_compare(L, -1, -2, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_pushvalue(L, -4);
    lua_call(L, 2, 1);
    bool less = lua_toboolean(L, -1);
    lua_pop(L, 1);
    sandbox_check(L);
    return less;
}

/* Merges from[left, middle) and from[middle, right) into to[left, right). */
static void merge(lua_State *L, int from, int to, lua_Integer left, lua_Integer middle, lua_Integer right,
                  bool by_function) {
    lua_Integer a = left, b = middle;
    for (lua_Integer at = left; at < right; at++) {
        bool take_right = a >= middle;
        if (a < middle && b < right) {
            lua_rawgeti(L, from, a);
            lua_rawgeti(L, from, b);
            take_right = top_is_less(L, by_function);
            lua_pop(L, 2);
        }
        lua_rawgeti(L, from, take_right ? b++ : a++);
        lua_rawseti(L, to, at);
    }
}

static int table_sort(lua_State *L) {
    lua_Integer count = length_of(L);
    bool by_function = !lua_isnoneornil(L, 2);
    if (by_function) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (count < 2) return 0;
    sandbox_charge(L, count * 4);
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        lua_rawseti(L, 3, i);
    }
    int from = 3, to = 4;
    for (lua_Integer width = 1; width < count; width *= 2) {
        for (lua_Integer left = 1; left <= count; left += 2 * width) {
            lua_Integer middle = left + width <= count + 1 ? left + width : count + 1;
            lua_Integer right = left + 2 * width <= count + 1 ? left + 2 * width : count + 1;
            merge(L, from, to, left, middle, right, by_function);
        }
        int other = from;
        from = to;
        to = other;
    }
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, from, i);
        lua_rawseti(L, 1, i);
    }
    return 0;
}

void sandbox_open_table(lua_State *L) {
    static const luaL_Reg replaced[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move}, {"concat", table_concat},
        {"unpack", table_unpack}, {"sort", table_sort},     {NULL, NULL}};
    luaL_requiref(L, LUA_TABLIBNAME, luaopen_table, 1);
    luaL_setfuncs(L, replaced, 0);
    lua_pop(L, 1);
}
