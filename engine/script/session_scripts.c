/* The scripts of a session: coroutines that wait for a time or for a condition, and expectations over the whole run. */
#include "script/session_private.h"

#include <string.h>

enum { WAIT_COST = 1000, SCRIPT_COST = 500, CONDITION_COST = 20 };

static void on_time(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    (void)other;
    (void)cause;
    Session *s = self;
    s->wakes++;
    Script *script = &s->scripts[number >> 32];
    if (script->wake != (uint32_t)number || (script->mode != SCRIPT_SLEEPING && script->mode != SCRIPT_WAITING)) return;
    script->mode = SCRIPT_READY;
    script->answer = false;
}

static void wake_after(Session *s, Script *script, SimTime span) {
    script->wake++;
    world_call_at(s->world, world_now(s->world) + span, on_time, s,
                  (uint64_t)(script - s->scripts) << 32 | script->wake);
}

static Script *unused_script(Session *s) {
    for (size_t i = 0; i < s->script_count; i++)
        if (s->scripts[i].mode == SCRIPT_OVER) return &s->scripts[i];
    return s->script_count < SESSION_SCRIPTS_MOST ? &s->scripts[s->script_count++] : NULL;
}

void session_add_script(lua_State *L, Session *s, int arguments, SimTime after) {
    sandbox_charge(L, SCRIPT_COST);
    lua_State *coroutine = lua_newthread(L);
    int reference = luaL_ref(L, LUA_REGISTRYINDEX);
    Script *script = unused_script(s);
    if (!script) api_fail(L, s, "script", "", "too many scripts at one time: at most %d", SESSION_SCRIPTS_MOST);
    lua_xmove(L, coroutine, arguments + 1);
    /* Its number of timers goes on counting: an older script's timer must not wake it. */
    *script = (Script){.coroutine = coroutine,
                       .reference = reference,
                       .mode = SCRIPT_READY,
                       .arguments = arguments,
                       .condition = LUA_NOREF,
                       .wake = script->wake + 1};
    if (after < 0) return;
    script->mode = SCRIPT_SLEEPING;
    wake_after(s, script, after);
}

bool session_scripts_over(const Session *s) {
    for (size_t i = 0; i < s->script_count; i++)
        if (s->scripts[i].mode != SCRIPT_OVER) return false;
    return true;
}

static Script *waiting_script(lua_State *L, Session *s, const char *call) {
    if (!s->current || s->current->coroutine != L || s->looking)
        api_fail(L, s, call, "", "waiting is only possible directly inside s:script(function() … end)");
    return s->current;
}

int session_wait(lua_State *L, Session *s, SimTime span) {
    Script *script = waiting_script(L, s, "wait");
    sandbox_charge(L, WAIT_COST);
    script->mode = SCRIPT_SLEEPING;
    script->answers = false;
    wake_after(s, script, span);
    return lua_yield(L, 0);
}

int session_wait_until(lua_State *L, Session *s, int condition, SimTime timeout) {
    Script *script = waiting_script(L, s, "wait_until");
    sandbox_charge(L, WAIT_COST);
    lua_pushvalue(L, condition);
    script->condition = luaL_ref(L, LUA_REGISTRYINDEX);
    script->mode = SCRIPT_WAITING;
    script->answers = true;
    wake_after(s, script, timeout);
    s->seen_records = SIZE_MAX; /* it may hold already: look at once */
    return lua_yield(L, 0);
}

/* ---- Conditions ---- */

/* Calls the function in the registry with `trace`; *held is whether it gave a truth. *detail, if not NULL, gets its
 * second result. */
static bool ask(Session *s, int function, bool *held, Text *detail) {
    lua_State *L = sandbox_state(s->sandbox);
    Text error = text_new();
    int top = lua_gettop(L);
    lua_rawgeti(L, LUA_REGISTRYINDEX, function);
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->trace_reference);
    s->looking++;
    bool good = sandbox_call(s->sandbox, 1, 2, &error);
    s->looking--;
    if (good) {
        *held = lua_toboolean(L, -2);
        if (detail && lua_type(L, -1) == LUA_TSTRING) text_put(detail, lua_tostring(L, -1));
        lua_settop(L, top);
    } else {
        session_keep_error(s, text_get(&error));
        if (!sandbox_killed(s->sandbox)) lua_settop(L, top);
    }
    text_free(&error);
    return good;
}

static void stop_waiting(Session *s, Script *script) {
    luaL_unref(sandbox_state(s->sandbox), LUA_REGISTRYINDEX, script->condition);
    script->condition = LUA_NOREF;
}

static bool look_at_conditions(Session *s) {
    for (size_t i = 0; i < s->script_count; i++) {
        Script *script = &s->scripts[i];
        if (script->mode != SCRIPT_WAITING) continue;
        bool held;
        if (!ask(s, script->condition, &held, NULL)) return false;
        if (!held) continue;
        script->mode = SCRIPT_READY;
        script->answer = true;
    }
    return true;
}

static bool look_at_watches(Session *s) {
    for (size_t i = 0; i < s->watch_count; i++) {
        Watch *watch = &s->watches[i];
        if (watch->judged || watch->kind == WATCH_AT_END) continue;
        bool held;
        Text detail = text_new();
        bool good = ask(s, watch->function, &held, &detail);
        if (good && held == (watch->kind == WATCH_NEVER)) {
            watch->judged = true;
            good = session_record_verdict(s, watch->text, false, text_get(&detail));
        }
        text_free(&detail);
        if (!good) return false;
    }
    return true;
}

static bool resume(Session *s, Script *script) {
    Text error = text_new();
    int arguments = script->arguments;
    script->arguments = 0;
    if (script->condition != LUA_NOREF) stop_waiting(s, script);
    if (script->answers) {
        lua_pushboolean(script->coroutine, script->answer);
        arguments = 1;
        script->answers = false;
    }
    s->current = script;
    SandboxOutcome outcome = sandbox_resume(s->sandbox, script->coroutine, arguments, &error);
    s->current = NULL;
    bool good = outcome != SANDBOX_FAILED;
    if (outcome == SANDBOX_YIELDED && script->mode == SCRIPT_READY) {
        text_print(&error, "a script may wait by s:wait and s:wait_until only, not by coroutine.yield");
        good = false;
    }
    if (outcome == SANDBOX_FINISHED) {
        script->mode = SCRIPT_OVER;
        luaL_unref(sandbox_state(s->sandbox), LUA_REGISTRYINDEX, script->reference);
    }
    if (!good) session_keep_error(s, text_get(&error));
    text_free(&error);
    return good;
}

bool session_settle(Session *s) {
    if (s->error.size > 0) return false;
    SimTime now = world_now(s->world);
    if (now != s->slice_at) {
        s->slice_at = now;
        sandbox_new_slice(s->sandbox);
    }
    for (;;) {
        size_t records = trace_count(world_trace(s->world));
        bool changed = records != s->seen_records;
        s->seen_records = records;
        if (changed && !(session_hand_out_datagrams(s) && session_hand_out_connections(s) && look_at_conditions(s) && look_at_watches(s))) return false;
        bool resumed = false;
        for (size_t i = 0; i < s->script_count; i++) {
            if (s->scripts[i].mode != SCRIPT_READY) continue;
            resumed = true;
            if (!resume(s, &s->scripts[i])) return false;
        }
        if (!changed && !resumed) return true;
    }
}

/* ---- Expectations ---- */

void session_add_watch(lua_State *L, Session *s, WatchKind kind, const char *text, int function) {
    if (s->watch_count == SESSION_WATCHES_MOST)
        api_fail(L, s, "expect", "", "too many expectations over the run: at most %d", SESSION_WATCHES_MOST);
    lua_pushvalue(L, function);
    s->watches[s->watch_count++] =
        (Watch){.kind = kind, .function = luaL_ref(L, LUA_REGISTRYINDEX), .text = arena_text(s->arena, text)};
}

bool session_record_verdict(Session *s, const char *text, bool held, const char *detail) {
    Arena *arena = arena_new();
    Value command = value_map();
    value_set(arena, &command, "do", value_text(arena, "expect"));
    value_set(arena, &command, "text", value_text(arena, text));
    value_set(arena, &command, "held", value_truth(held));
    if (detail[0]) value_set(arena, &command, "detail", value_text(arena, detail));
    ConfigError error = {0};
    bool good = world_command(s->world, &command, true, &error);
    if (good) {
        s->held += held;
        s->failed += !held;
    } else {
        session_keep_error(s, text_get(&error.message));
    }
    text_free(&error.message);
    arena_free(arena);
    return good;
}

void session_judge_now(lua_State *L, Session *s, const char *text, int index) {
    bool held;
    sandbox_charge(L, CONDITION_COST);
    text_clear(&s->message);
    if (lua_isfunction(L, index)) {
        lua_pushvalue(L, index);
        lua_rawgeti(L, LUA_REGISTRYINDEX, s->trace_reference);
        s->looking++;
        int status = lua_pcall(L, 1, 2, 0);
        s->looking--;
        if (status != LUA_OK) lua_error(L);
        held = lua_toboolean(L, -2);
        text_clear(&s->message);
        if (lua_type(L, -1) == LUA_TSTRING) text_put(&s->message, lua_tostring(L, -1));
    } else {
        held = lua_toboolean(L, index);
    }
    if (!session_record_verdict(s, text, held, text_get(&s->message)))
        api_fail(L, s, "expect", "", "%s", text_get(&s->error));
}

bool session_judge_at_end(Session *s) {
    for (size_t i = 0; i < s->watch_count; i++) {
        Watch *watch = &s->watches[i];
        if (watch->judged) continue;
        watch->judged = true;
        bool held = true, good = true;
        Text detail = text_new();
        if (watch->kind == WATCH_AT_END) good = ask(s, watch->function, &held, &detail);
        good = good && session_record_verdict(s, watch->text, held, text_get(&detail));
        text_free(&detail);
        if (!good) return false;
    }
    return true;
}
