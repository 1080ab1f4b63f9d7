/* A Lua state for code from strangers: opening a scenario must be as safe as opening a picture.
 *
 * What ends every script, whatever it does: a count hook on every coroutine from its start; an allocator that counts
 * and refuses; library functions that charge for their own loops; and, as the last wall, processor time. A script that
 * has passed a limit is *killed*: from then on every instruction of it fails, so that no pcall can go on, and the state
 * is only good for being freed.
 *
 * What makes runs repeatable: pairs and next go through keys in order, sort is stable, math.random is the simulation's,
 * and no text ever holds an address.
 *
 * Lua's headers stay in script/: whoever includes this one needs none. */
#ifndef NETSTAGE_SCRIPT_SANDBOX_H
#define NETSTAGE_SCRIPT_SANDBOX_H

#include "base/random.h"
#include "base/text.h"

struct lua_State;
typedef struct Sandbox Sandbox;

typedef struct {
    int64_t slice_steps; /* instructions and the like, without simulated time going on */
    int64_t total_steps;
    size_t memory;  /* bytes, all told */
    size_t block;   /* bytes of the largest table */
    size_t string;  /* bytes of the longest text */
    int64_t cpu_ms; /* processor time of the whole script; 0: no limit */
} SandboxLimits;

SandboxLimits sandbox_limits_default(void);

/* `random` is where math.random draws from; `print` (may be NULL) gets each line printed. Never NULL. */
typedef void SandboxPrint(void *self, const char *line, size_t size);
Sandbox *sandbox_new(const SandboxLimits *limits, RandomStream random, SandboxPrint *print, void *print_self);
void sandbox_free(Sandbox *sandbox); /* NULL is allowed */
struct lua_State *sandbox_state(Sandbox *sandbox);
Sandbox *sandbox_of(struct lua_State *L);
void sandbox_set_random(Sandbox *sandbox, RandomStream random);

/* Compiles text (never bytecode) and leaves the function on the state's stack. False: *error holds "name:line: …". */
bool sandbox_load(Sandbox *sandbox, const char *source, size_t size, const char *name, Text *error) NS_MUST_USE;
/* Calls the function below `arguments` values, as lua_pcall does. False: *error says why. */
bool sandbox_call(Sandbox *sandbox, int arguments, int results, Text *error) NS_MUST_USE;
/* Starts or goes on with a coroutine of this state. */
typedef enum { SANDBOX_FINISHED, SANDBOX_YIELDED, SANDBOX_FAILED } SandboxOutcome;
SandboxOutcome sandbox_resume(Sandbox *sandbox, struct lua_State *coroutine, int arguments, Text *error);
/* Loads and runs a chunk to its end, as a coroutine. False: *error says why. */
bool sandbox_run(Sandbox *sandbox, const char *source, size_t size, const char *name, Text *error) NS_MUST_USE;

/* Simulated time goes on: a new slice. */
void sandbox_new_slice(Sandbox *sandbox);
/* Charges for work done in C; raises a Lua error once a limit is passed. */
void sandbox_charge(struct lua_State *L, int64_t steps);
int64_t sandbox_steps_left(const Sandbox *sandbox);
/* Raises if the script has been killed: to be asked after calling back into Lua. */
void sandbox_check(struct lua_State *L);
bool sandbox_killed(const Sandbox *sandbox);
size_t sandbox_memory_used(const Sandbox *sandbox);

/* What every userdata of the program begins with: its place in the order of pairs. */
typedef struct {
    uint64_t order;
} SandboxObject;

/* Pushes the text of the value at `index`, as tostring gives it: no addresses. */
const char *sandbox_push_text(struct lua_State *L, int index, size_t *size);

/* The parts of the library, each put into the state by sandbox_new. */
void sandbox_open_base(struct lua_State *L);
void sandbox_open_table(struct lua_State *L);
void sandbox_open_string(struct lua_State *L);
void sandbox_open_coroutine(struct lua_State *L);

#endif
