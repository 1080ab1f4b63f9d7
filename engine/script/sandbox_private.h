/* The inside of a sandbox, shared by its library functions. */
#ifndef NETSTAGE_SCRIPT_SANDBOX_PRIVATE_H
#define NETSTAGE_SCRIPT_SANDBOX_PRIVATE_H

#include "script/sandbox.h"

typedef enum { KILL_NONE, KILL_SLICE, KILL_TOTAL, KILL_MEMORY, KILL_CPU } KillReason;

struct Sandbox {
    struct lua_State *state;
    SandboxLimits limits;
    int64_t slice_left, total_left;
    size_t memory_used;
    unsigned refusals; /* of the allocator, one after another: the second is past a full collection */
    unsigned ticks;
    int64_t cpu_used_ns, cpu_since_ns;
    int entered; /* calls into Lua under way */
    struct lua_State *running; /* the thread that runs; NULL outside Lua */
    KillReason killed;
    char killed_where[64]; /* "name:line: ", or "" */
    RandomStream random;
    SandboxPrint *print;
    void *print_self;
};

/* Notes the reason and the place, and raises; never returns. */
_Noreturn void sandbox_kill(struct lua_State *L, KillReason reason);

#endif
