/* coroutine: as in Lua, but nothing is started or gone on with once the script has been killed. */
#include "script/sandbox_private.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

/* Moves `arguments` from L to the coroutine, runs it, moves back what it gives; -1: failed, with the error on L's
 * stack. */
static int go_on(lua_State *L, lua_State *coroutine, int arguments) {
    sandbox_charge(L, 10);
    if (lua_status(coroutine) == LUA_OK && lua_gettop(coroutine) == 0) {
        lua_pushliteral(L, "cannot resume dead coroutine");
        return -1;
    }
    if (!lua_checkstack(coroutine, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, coroutine, arguments);
    int results;
    Sandbox *s = sandbox_of(L);
    s->running = coroutine;
    int status = lua_resume(coroutine, L, arguments, &results);
    s->running = L;
    sandbox_check(L);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(coroutine, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(coroutine, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(coroutine, L, results);
    return results;
}

static int coroutine_resume(lua_State *L) {
    lua_State *coroutine = lua_tothread(L, 1);
    luaL_argexpected(L, coroutine, 1, "coroutine");
    int results = go_on(L, coroutine, lua_gettop(L) - 1);
    lua_pushboolean(L, results >= 0);
    if (results < 0) results = 1;
    lua_insert(L, -(results + 1));
    return results + 1;
}

static int wrapped(lua_State *L) {
    lua_State *coroutine = lua_tothread(L, lua_upvalueindex(1));
    int results = go_on(L, coroutine, lua_gettop(L));
    if (results >= 0) return results;
    return lua_error(L);
}

static int coroutine_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    sandbox_charge(L, 50);
    lua_State *coroutine = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, coroutine, 1);
    return 1;
}

static int coroutine_wrap(lua_State *L) {
    coroutine_create(L);
    lua_pushcclosure(L, wrapped, 1);
    return 1;
}

void sandbox_open_coroutine(lua_State *L) {
    static const luaL_Reg replaced[] = {
        {"create", coroutine_create}, {"wrap", coroutine_wrap}, {"resume", coroutine_resume}, {NULL, NULL}};
    luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 1);
    lua_pushnil(L);
    lua_setfield(L, -2, "close");
    luaL_setfuncs(L, replaced, 0);
    lua_pop(L, 1);
}
