/* A session: a scenario, loaded and running in a world of its own. The one way in for the command line, the window and
 * tests.
 *
 * session_open reads the script and starts it; session_run goes on with simulated time and wakes the script where it
 * waits; what happened stands in the trace, and nowhere else. */
#ifndef NETSTAGE_SCRIPT_SESSION_H
#define NETSTAGE_SCRIPT_SESSION_H

#include "host/world.h"
#include "script/sandbox.h"

typedef struct Session Session;

typedef struct {
    const char *key, *value;
} SessionOverride;

typedef struct {
    bool has_seed; /* else the scenario's */
    uint64_t seed;
    const SessionOverride *overrides; /* --set key=value */
    size_t override_count;
    SimTime until; /* when the run ends; SIM_NEVER: when the scenario says so */
    bool forget_trace;
    size_t trace_memory; /* bytes of trace and frames, after which a run is stopped with an error */
    SandboxLimits limits;
    SandboxPrint *print; /* what the script prints; may be NULL */
    void *print_self;
} SessionOptions;

SessionOptions session_options_default(void);

/* Reads the script, builds what it describes, and starts it: it stands where it first waits, at time 0. NULL: *error is
 * one message, "file:line: field: what is wrong". The options are copied. */
Session *session_open(const char *path, const SessionOptions *options, Text *error);
Session *session_open_source(const char *path, const char *source, size_t size, const SessionOptions *options,
                             Text *error);
void session_free(Session *session); /* NULL is allowed; frees the world too */

typedef enum {
    SESSION_PAUSED, /* the clock stands at `until`, and the scenario is not over */
    SESSION_DONE,   /* over: every script has ended, or the time is up; the expectations have been judged */
    SESSION_FAILED, /* the script has an error: session_error */
} SessionStatus;
/* Runs to `until` at most. A scenario that is over may be run on: its world lives, its script does not. */
SessionStatus session_run(Session *session, SimTime until);
const char *session_error(const Session *session); /* "" if there is none */

/* A command from outside: from the window, a console, the gateway. It is logged as not the script's. */
bool session_command(Session *session, const Value *command, ConfigError *error) NS_MUST_USE;
/* How many of them there were; and they as text, a JSON object a line, from number `from` on, `head` with a first line that
 * names the run. session_commands_replay gives them again to a session that stands at its beginning, each at its exact
 * place, so that the same run comes out. False: *error says which line is wrong, and why. */
size_t session_command_count(const Session *session);
void session_commands_write(const Session *session, size_t from, bool head, Text *lines);
bool session_commands_replay(Session *session, const char *lines, size_t size, Text *error) NS_MUST_USE;
/* A session of its own that has gone through the same run up to and including `at`, with the commands from outside that
 * were given until then, and stands there. NULL: *error says why. */
Session *session_fork(const Session *session, SimTime at, Text *error);

World *session_world(Session *session);
const Trace *session_trace(const Session *session);
size_t session_expectations_held(const Session *session);
size_t session_expectations_failed(const Session *session);

/* In the language given ("en", "zh"), else in English, else "". */
const char *session_title(const Session *session, const char *language);
const char *session_about(const Session *session, const char *language);

typedef struct {
    const char *name, *value; /* as it stands in this run */
    const char *en, *zh;      /* what it means; may be "" */
} SessionSetting;
size_t session_setting_count(const Session *session);
SessionSetting session_setting(const Session *session, size_t index);

/* Every name of the API, a line each, as api.lua spells it: "Scenario:lan" (a method), "Host.address" (a property),
 * "LanFields.name: string" (a field of a table that is given, with its type where the engine knows one). */
void session_describe_api(Text *names);

#endif
