#include "script/sandbox_private.h"

#include "base/arena.h"

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    HOOK_EVERY = 1000, /* instructions */
    CPU_EVERY = 8,     /* hooks between two looks at the processor's clock */
    BYTES_A_STEP = 64, /* allocating this much costs a step */
    SOURCE_LIMIT =
        256 * 1024, /* Lua's compiler compares every label with every other: longer texts could take minutes */
};

SandboxLimits sandbox_limits_default(void) {
    return (SandboxLimits){
        .slice_steps = 50 * 1000 * 1000,
        .total_steps = 1000 * 1000 * 1000,
        .memory = 64 * 1024 * 1024,
        .block = 4 * 1024 * 1024,
        .string = 1024 * 1024,
        .cpu_ms = 20 * 1000,
    };
}

static const char *kill_text(KillReason reason) {
    switch (reason) {
        case KILL_SLICE:
            return "the script goes on without end: no simulated time passes in it (is there a loop without s:wait?)";
        case KILL_TOTAL: return "the script goes on without end: it has used up all the steps a script may take";
        case KILL_MEMORY: return "the script needs more memory than a script may have";
        case KILL_CPU: return "the script takes longer than a script may take";
        case KILL_NONE: break;
    }
    CHECK_UNREACHABLE();
}

static int64_t cpu_now_ns(void) { return (int64_t)clock() * (1000000000 / CLOCKS_PER_SEC); }

Sandbox *sandbox_of(lua_State *L) {
    Sandbox *sandbox;
    memcpy(&sandbox, lua_getextraspace(L), sizeof sandbox);
    return sandbox;
}

static void on_count(lua_State *L, lua_Debug *activation);

/* The next instruction must end the script, for the next thousand may be a loop of pcall in which each call fails for want of
 * stack: the hook itself needs some, and each refusal makes Lua collect everything. So the killed script gets a reserve, in
 * which the hook can run. */
enum { KILLED_RESERVE = 4 };
static void kill_for_memory(Sandbox *s) {
    s->killed = KILL_MEMORY;
    if (s->running) lua_sethook(s->running, on_count, LUA_MASKCOUNT, 1);
}

static void *allocate(void *self, void *old, size_t old_size, size_t new_size) {
    Sandbox *s = self;
    size_t held = old ? old_size : 0;
    if (new_size == 0) {
        free(old);
        s->memory_used -= held;
        return NULL;
    }
    if (new_size > held) {
        size_t most = !old && old_size == LUA_TSTRING ? s->limits.string + 64 : s->limits.block;
        size_t limit = s->limits.memory;
        if (s->killed != KILL_NONE) {
            most = most * KILLED_RESERVE;
            limit = limit * KILLED_RESERVE;
        }
        if (new_size > most || s->memory_used - held + new_size > limit) {
            /* Lua collects everything and asks once more. */
            if (++s->refusals >= 2 && s->killed == KILL_NONE) kill_for_memory(s);
            return NULL;
        }
        s->slice_left -= (int64_t)((new_size - held) / BYTES_A_STEP);
    }
    void *room = realloc(old, new_size);
    if (!room) return NULL;
    s->refusals = 0;
    s->memory_used += new_size - held;
    return room;
}

static void note_kill(lua_State *L, KillReason reason) {
    Sandbox *s = sandbox_of(L);
    if (s->killed == KILL_NONE) s->killed = reason;
    lua_Debug at;
    for (int level = 0; !s->killed_where[0] && lua_getstack(L, level, &at); level++)
        if (lua_getinfo(L, "Sl", &at) && at.currentline > 0)
            snprintf(s->killed_where, sizeof s->killed_where, "%.40s:%d: ", at.short_src, at.currentline);
}

_Noreturn void sandbox_kill(lua_State *L, KillReason reason) {
    note_kill(L, reason);
    lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
    lua_pushnil(L);
    lua_error(L);
    CHECK_UNREACHABLE();
}

static KillReason exhausted(Sandbox *s) {
    if (s->killed != KILL_NONE) return s->killed;
    if (s->slice_left < 0) return KILL_SLICE;
    if (s->total_left < 0) return KILL_TOTAL;
    if (s->limits.cpu_ms > 0 && s->ticks % CPU_EVERY == 0 &&
        s->cpu_used_ns + cpu_now_ns() - s->cpu_since_ns > s->limits.cpu_ms * 1000000)
        return KILL_CPU;
    return KILL_NONE;
}

static void on_count(lua_State *L, lua_Debug *activation) {
    (void)activation;
    Sandbox *s = sandbox_of(L);
    s->slice_left -= HOOK_EVERY;
    s->total_left -= HOOK_EVERY;
    s->ticks++;
    KillReason reason = exhausted(s);
    if (reason == KILL_NONE) return;
    /* A yield passes every pcall of this coroutine at once; where it can't be had, each instruction raises anew. */
    if (lua_isyieldable(L)) {
        note_kill(L, reason);
        lua_sethook(L, on_count, LUA_MASKCOUNT, 1);
        lua_yield(L, 0);
        return;
    }
    sandbox_kill(L, reason);
}

void sandbox_charge(lua_State *L, int64_t steps) {
    Sandbox *s = sandbox_of(L);
    s->slice_left -= steps;
    s->total_left -= steps;
    if (s->killed != KILL_NONE) sandbox_kill(L, s->killed);
    if (s->slice_left < 0) sandbox_kill(L, KILL_SLICE);
    if (s->total_left < 0) sandbox_kill(L, KILL_TOTAL);
}

void sandbox_check(lua_State *L) { sandbox_charge(L, 0); }

int64_t sandbox_steps_left(const Sandbox *s) {
    int64_t left = s->slice_left < s->total_left ? s->slice_left : s->total_left;
    return left > 0 ? left : 0;
}

bool sandbox_killed(const Sandbox *s) { return s->killed != KILL_NONE; }
size_t sandbox_memory_used(const Sandbox *s) { return s->memory_used; }
void sandbox_new_slice(Sandbox *s) { s->slice_left = s->limits.slice_steps; }
lua_State *sandbox_state(Sandbox *s) { return s->state; }
void sandbox_set_random(Sandbox *s, RandomStream random) { s->random = random; }

static int open_libraries(lua_State *L) {
    sandbox_open_base(L);
    sandbox_open_string(L);
    sandbox_open_table(L);
    sandbox_open_coroutine(L);
    return 0;
}

Sandbox *sandbox_new(const SandboxLimits *limits, RandomStream random, SandboxPrint *print, void *print_self) {
    Sandbox *s = memory_new(sizeof *s);
    s->limits = *limits;
    s->slice_left = limits->slice_steps;
    s->total_left = limits->total_steps;
    s->random = random;
    s->print = print;
    s->print_self = print_self;
    s->state = lua_newstate(allocate, s);
    CHECK(s->state != NULL);
    memcpy(lua_getextraspace(s->state), &s, sizeof s);
    lua_pushcfunction(s->state, open_libraries);
    CHECK(lua_pcall(s->state, 0, 0, 0) == LUA_OK);
    /* Every coroutine inherits it from the one that makes it. */
    lua_sethook(s->state, on_count, LUA_MASKCOUNT, HOOK_EVERY);
    return s;
}

void sandbox_free(Sandbox *s) {
    if (!s) return;
    lua_sethook(s->state, NULL, 0, 0);
    lua_close(s->state);
    CHECK(s->memory_used == 0);
    free(s);
}

static void enter(Sandbox *s) {
    if (s->entered++ == 0) s->cpu_since_ns = cpu_now_ns();
}

static void leave(Sandbox *s) {
    if (--s->entered == 0) s->cpu_used_ns += cpu_now_ns() - s->cpu_since_ns;
}

static void put_error(Sandbox *s, lua_State *L, int status, Text *error) {
    if (status == LUA_ERRMEM && s->killed == KILL_NONE) s->killed = KILL_MEMORY;
    if (s->killed != KILL_NONE) {
        if (!s->killed_where[0]) note_kill(L, s->killed); /* the allocator can't know where it was asked */
        text_put(error, s->killed_where);
        text_put(error, kill_text(s->killed));
    } else if (lua_type(L, -1) == LUA_TSTRING) {
        size_t size;
        const char *text = lua_tolstring(L, -1, &size);
        text_put_n(error, text, size);
    } else {
        text_print(error, "error: the script raised %s that is no text", luaL_typename(L, -1));
    }
}

bool sandbox_load(Sandbox *s, const char *source, size_t size, const char *name, Text *error) {
    if (size > SOURCE_LIMIT) {
        text_print(error, "%s: too long: %zu bytes, at most %d are read", name, size, (int)SOURCE_LIMIT);
        return false;
    }
    Text chunk = text_new();
    text_print(&chunk, "@%s", name);
    enter(s);
    int status = luaL_loadbufferx(s->state, source, size, text_get(&chunk), "t");
    leave(s);
    text_free(&chunk);
    if (status == LUA_OK) return true;
    put_error(s, s->state, status, error);
    lua_pop(s->state, 1);
    return false;
}

bool sandbox_call(Sandbox *s, int arguments, int results, Text *error) {
    enter(s);
    lua_State *before = s->running;
    s->running = s->state;
    int status = s->killed ? LUA_ERRRUN : lua_pcall(s->state, arguments, results, 0);
    s->running = before;
    leave(s);
    if (status == LUA_OK && s->killed == KILL_NONE) return true;
    put_error(s, s->state, status, error);
    return false;
}

SandboxOutcome sandbox_resume(Sandbox *s, lua_State *coroutine, int arguments, Text *error) {
    int results = 0;
    enter(s);
    lua_State *before = s->running;
    s->running = coroutine;
    int status = s->killed ? LUA_ERRRUN : lua_resume(coroutine, s->state, arguments, &results);
    s->running = before;
    leave(s);
    if (s->killed != KILL_NONE || (status != LUA_OK && status != LUA_YIELD)) {
        put_error(s, coroutine, status, error);
        return SANDBOX_FAILED;
    }
    if (status == LUA_OK) return SANDBOX_FINISHED;
    lua_pop(coroutine, results);
    return SANDBOX_YIELDED;
}

bool sandbox_run(Sandbox *s, const char *source, size_t size, const char *name, Text *error) {
    if (!sandbox_load(s, source, size, name, error)) return false;
    /* As a coroutine, whose stack still tells where it was when it failed. */
    lua_State *coroutine = lua_newthread(s->state);
    lua_pushvalue(s->state, -2);
    lua_xmove(s->state, coroutine, 1);
    SandboxOutcome outcome = sandbox_resume(s, coroutine, 0, error);
    if (outcome == SANDBOX_YIELDED) text_print(error, "%s: the script yields where nothing waits for it", name);
    if (!sandbox_killed(s)) lua_pop(s->state, 2);
    return outcome == SANDBOX_FINISHED;
}
