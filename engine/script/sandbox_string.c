/* string: what loops in C is bounded or charged for, patterns run in script/pattern.c, and format writes no addresses.
 */
#include "script/pattern.h"
#include "script/sandbox_private.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <string.h>

static int string_rep(lua_State *L) {
    size_t size, between_size;
    const char *text = luaL_checklstring(L, 1, &size);
    lua_Integer count = luaL_checkinteger(L, 2);
    const char *between = luaL_optlstring(L, 3, "", &between_size);
    if (count < 1) {
        lua_pushliteral(L, "");
        return 1;
    }
    size_t most = sandbox_of(L)->limits.string;
    size_t each = size + between_size;
    if (each > 0 && (uint64_t)count > most / each)
        return luaL_error(L, "the text would be longer than %d bytes", (int)most);
    if (each == 0) count = 1;
    sandbox_charge(L, count / 4);
    luaL_Buffer result;
    luaL_buffinit(L, &result);
    for (lua_Integer i = 0; i < count; i++) {
        luaL_addlstring(&result, text, size);
        if (i + 1 < count) luaL_addlstring(&result, between, between_size);
    }
    luaL_pushresult(&result);
    return 1;
}

/* ---- Patterns ---- */

/* Takes the steps used off the account; raises if they are used up or the pattern is malformed. */
static void settle(lua_State *L, const Pattern *p, int64_t steps_before) {
    if (p->steps < 0) sandbox_kill(L, KILL_SLICE);
    sandbox_charge(L, 1 + (steps_before - p->steps));
    if (p->error) luaL_error(L, "%s", p->error);
}

static void push_capture(lua_State *L, const Pattern *p, size_t index, const char *at, const char *end) {
    if (index >= p->capture_count) {
        if (index != 0) luaL_error(L, "invalid capture index %%%d", (int)index + 1);
        lua_pushlstring(L, at, (size_t)(end - at));
        return;
    }
    const PatternCapture *capture = &p->captures[index];
    switch (capture->kind) {
        case CAPTURE_OPEN: luaL_error(L, "unfinished capture"); break;
        case CAPTURE_PLACE: lua_pushinteger(L, capture->at - p->subject + 1); break;
        case CAPTURE_TEXT: lua_pushlstring(L, capture->at, capture->size); break;
    }
}

static int push_captures(lua_State *L, const Pattern *p, const char *at, const char *end, bool whole_if_none) {
    size_t count = p->capture_count == 0 && whole_if_none ? 1 : p->capture_count;
    luaL_checkstack(L, (int)count, "too many captures");
    for (size_t i = 0; i < count; i++) push_capture(L, p, i, at, end);
    return (int)count;
}

/* A start as string.find takes it, as an offset; more than size: no match can be. */
static size_t start_of(lua_State *L, int index, size_t size) {
    lua_Integer start = luaL_optinteger(L, index, 1);
    if (start > 0) return (uint64_t)(start - 1) > size ? size + 1 : (size_t)(start - 1);
    if (start == 0 || start < -(lua_Integer)size) return 0;
    return size - (size_t)-start;
}

static int find_or_match(lua_State *L, bool find) {
    size_t size, pattern_size;
    const char *subject = luaL_checklstring(L, 1, &size);
    const char *pattern = luaL_checklstring(L, 2, &pattern_size);
    size_t start = start_of(L, 3, size);
    if (start > size) {
        lua_pushnil(L);
        return 1;
    }
    int64_t steps = sandbox_steps_left(sandbox_of(L));
    Pattern p = pattern_new(subject, size, steps);
    const char *end = NULL, *at;
    if (find && lua_toboolean(L, 4)) {
        at = pattern_find_plain(&p, subject + start, pattern, pattern_size);
        end = at ? at + pattern_size : NULL;
    } else {
        at = pattern_find(&p, subject + start, pattern, pattern_size, &end);
    }
    settle(L, &p, steps);
    if (!at) {
        lua_pushnil(L);
        return 1;
    }
    if (!find) return push_captures(L, &p, at, end, true);
    lua_pushinteger(L, at - subject + 1);
    lua_pushinteger(L, end - subject);
    return 2 + push_captures(L, &p, at, end, false);
}

static int string_find(lua_State *L) { return find_or_match(L, true); }
static int string_match(lua_State *L) { return find_or_match(L, false); }

/* Upvalues: subject, pattern, where to go on, where the last match ended (-1: none yet). */
static int gmatch_next(lua_State *L) {
    size_t size, pattern_size;
    const char *subject = lua_tolstring(L, lua_upvalueindex(1), &size);
    const char *pattern = lua_tolstring(L, lua_upvalueindex(2), &pattern_size);
    lua_Integer last = lua_tointeger(L, lua_upvalueindex(4));
    int64_t steps = sandbox_steps_left(sandbox_of(L));
    Pattern p = pattern_new(subject, size, steps);
    for (size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3)); from <= size && p.steps >= 0 && !p.error;
         from++) {
        p.steps--;
        const char *end = pattern_match_at(&p, subject + from, pattern, pattern_size);
        if (!end || end - subject == last) continue;
        settle(L, &p, steps);
        lua_pushinteger(L, end - subject);
        lua_pushvalue(L, -1);
        lua_replace(L, lua_upvalueindex(3));
        lua_replace(L, lua_upvalueindex(4));
        return push_captures(L, &p, subject + from, end, true);
    }
    settle(L, &p, steps);
    return 0;
}

static int string_gmatch(lua_State *L) {
    size_t size;
    luaL_checklstring(L, 1, &size);
    luaL_checkstring(L, 2);
    size_t start = start_of(L, 3, size);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)start);
    lua_pushinteger(L, -1);
    lua_pushcclosure(L, gmatch_next, 4);
    return 1;
}

/* Adds a replacement text, with %0 to %9 and %% in it. */
static void add_template(lua_State *L, luaL_Buffer *into, const Pattern *p, const char *at, const char *end) {
    size_t size;
    const char *text = lua_tolstring(L, 3, &size);
    sandbox_charge(L, (int64_t)size);
    for (size_t i = 0; i < size; i++) {
        if (text[i] != '%') {
            luaL_addchar(into, text[i]);
            continue;
        }
        char c = ++i < size ? text[i] : '\0';
        if (c == '%') {
            luaL_addchar(into, '%');
        } else if (c == '0') {
            luaL_addlstring(into, at, (size_t)(end - at));
        } else if (c >= '1' && c <= '9') {
            push_capture(L, p, (size_t)(c - '1'), at, end);
            luaL_tolstring(L, -1, NULL);
            lua_remove(L, -2);
            luaL_addvalue(into);
        } else {
            luaL_error(L, "invalid use of '%%' in replacement text");
        }
    }
}

static void add_replacement(lua_State *L, luaL_Buffer *into, const Pattern *p, const char *at, const char *end) {
    switch (lua_type(L, 3)) {
        case LUA_TFUNCTION: {
            lua_pushvalue(L, 3);
            int count = push_captures(L, p, at, end, true);
            lua_call(L, count, 1);
            sandbox_check(L);
            break;
        }
        case LUA_TTABLE:
            push_capture(L, p, 0, at, end);
            lua_gettable(L, 3);
            sandbox_check(L);
            break;
        default: add_template(L, into, p, at, end); return;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        luaL_addlstring(into, at, (size_t)(end - at));
    } else if (lua_isstring(L, -1)) {
        luaL_addvalue(into);
    } else {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
}

static int string_gsub(lua_State *L) {
    size_t size, pattern_size;
    const char *subject = luaL_checklstring(L, 1, &size);
    const char *pattern = luaL_checklstring(L, 2, &pattern_size);
    int kind = lua_type(L, 3);
    luaL_argexpected(L, kind == LUA_TNUMBER || kind == LUA_TSTRING || kind == LUA_TFUNCTION || kind == LUA_TTABLE, 3,
                     "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)size + 1), count = 0;
    bool anchored = pattern_size > 0 && *pattern == '^';
    if (anchored) {
        pattern++;
        pattern_size--;
    }
    lua_settop(L, 4);
    const char *at = subject, *subject_end = subject + size, *last = NULL;
    luaL_Buffer result;
    luaL_buffinit(L, &result);
    while (count < most) {
        int64_t steps = sandbox_steps_left(sandbox_of(L));
        Pattern p = pattern_new(subject, size, steps);
        const char *end = pattern_match_at(&p, at, pattern, pattern_size);
        settle(L, &p, steps);
        if (end && end != last) {
            count++;
            add_replacement(L, &result, &p, at, end);
            at = last = end;
        } else if (at < subject_end) {
            luaL_addchar(&result, *at++);
        } else {
            break;
        }
        if (anchored) break;
    }
    luaL_addlstring(&result, at, (size_t)(subject_end - at));
    luaL_pushresult(&result);
    lua_pushinteger(L, count);
    return 2;
}

/* ---- format ---- */

/* Lua's own format (the first upvalue) does one conversion at a time; %s gets texts only, so that it never shows an
 * address. */
static int string_format(lua_State *L) {
    enum { SPEC_MOST = 20 };
    size_t size;
    const char *format = luaL_checklstring(L, 1, &size);
    const char *end = format + size;
    int argument = 1;
    luaL_Buffer result;
    luaL_buffinit(L, &result);
    sandbox_charge(L, (int64_t)size / 8);
    while (format < end) {
        if (*format != '%') {
            luaL_addchar(&result, *format++);
            continue;
        }
        if (format + 1 < end && format[1] == '%') {
            luaL_addchar(&result, '%');
            format += 2;
            continue;
        }
        const char *start = format++;
        while (format < end && strchr("-+ #0123456789.", *format) && *format) format++;
        size_t spec_size = (size_t)(format - start) + 1;
        if (format == end || spec_size > SPEC_MOST || !strchr("aAcdeEfFgGiosquxX", *format) || !*format)
            return luaL_error(L, "invalid conversion in the format \"%s\"", lua_tostring(L, 1));
        if (++argument > lua_gettop(L)) luaL_argerror(L, argument, "no value");
        char conversion = *format++;
        lua_pushvalue(L, lua_upvalueindex(1));
        lua_pushlstring(L, start, spec_size);
        if (conversion == 's')
            sandbox_push_text(L, argument, NULL);
        else
            lua_pushvalue(L, argument);
        lua_call(L, 2, 1);
        luaL_addvalue(&result);
    }
    luaL_pushresult(&result);
    return 1;
}

void sandbox_open_string(lua_State *L) {
    static const luaL_Reg replaced[] = {{"rep", string_rep},       {"find", string_find}, {"match", string_match},
                                        {"gmatch", string_gmatch}, {"gsub", string_gsub}, {NULL, NULL}};
    static const char *const dropped[] = {"dump", "pack", "packsize", "unpack", NULL};
    luaL_requiref(L, LUA_STRLIBNAME, luaopen_string, 1);
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, string_format, 1);
    lua_setfield(L, -2, "format");
    luaL_setfuncs(L, replaced, 0);
    for (size_t i = 0; dropped[i]; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, dropped[i]);
    }
    lua_pop(L, 1);
}
