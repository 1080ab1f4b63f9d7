#include "script/session_private.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_NAME_MOST = 40 }; /* Lua cuts longer names in messages */

#define DEFAULT_END (3600 * SIM_SECOND) /* of a scenario without a script and without an end */

SessionOptions session_options_default(void) {
    return (SessionOptions){.until = SIM_NEVER, .trace_memory = (size_t)2 << 30, .limits = sandbox_limits_default()};
}

/* ---- Opening ---- */

static void copy_options(Session *s, const SessionOptions *options) {
    s->options = *options;
    SessionOverride *copies = arena_alloc(s->arena, (options->override_count + 1) * sizeof *copies);
    for (size_t i = 0; i < options->override_count; i++) {
        copies[i].key = arena_text(s->arena, options->overrides[i].key);
        copies[i].value = arena_text(s->arena, options->overrides[i].value);
    }
    s->options.overrides = copies;
    s->override_used = arena_alloc(s->arena, options->override_count + 1);
}

static const char *chunk_name(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash && slash[1] ? slash + 1 : path;
    size_t size = strlen(name);
    if (size <= CHUNK_NAME_MOST) return name;
    name += size - CHUNK_NAME_MOST;
    while (((unsigned char)*name & 0xc0) == 0x80) name++;
    return name;
}

void session_keep_error(Session *s, const char *message) {
    if (s->error.size > 0) return;
    size_t size = strlen(s->chunk);
    if (strncmp(message, s->chunk, size) == 0 && message[size] == ':') {
        text_print(&s->error, "%s%s", s->path, message + size);
    } else {
        text_print(&s->error, "%s: %s", s->path, message);
    }
}

/* An override that no setting took is a slip of the pen. */
static bool overrides_known(Session *s) {
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < s->setting_count && count < 64; i++) names[count++] = s->settings[i].name;
    for (size_t i = 0; i < s->options.override_count; i++) {
        if (s->override_used[i]) continue;
        const char *key = s->options.overrides[i].key;
        const char *nearest = text_nearest(key, names, count);
        text_print(&s->error, "%s: it has no setting \"%s\"", s->path, key);
        if (nearest) text_print(&s->error, "; did you mean \"%s\"?", nearest);
        if (!nearest && count == 0) text_put(&s->error, ", nor any other");
        for (size_t k = 0; !nearest && k < count; k++) text_print(&s->error, "%s%s", k ? ", " : "; it has: ", names[k]);
        return false;
    }
    return true;
}

static bool load(Session *s) {
    Text error = text_new();
    bool good = sandbox_run(s->sandbox, s->source, s->source_size, s->chunk, &error);
    if (!good) session_keep_error(s, text_get(&error));
    text_free(&error);
    if (!good) return false;
    if (!s->world) {
        session_keep_error(s, "it builds nothing: a scenario begins with  local s = scenario { … }");
        return false;
    }
    s->opening = false;
    return overrides_known(s) && session_settle(s);
}

static Session *open_unstarted(const char *path, const char *source, size_t size, const SessionOptions *options) {
    Session *s = memory_new(sizeof *s);
    s->arena = arena_new();
    s->scratch = arena_new();
    copy_options(s, options);
    s->path = arena_text(s->arena, path);
    s->source = arena_text_n(s->arena, source, size);
    s->source_size = size;
    s->chunk = chunk_name(s->path);
    s->until = options->until;
    s->opening = true;
    s->title = s->about = value_map();
    s->sandbox =
        sandbox_new(&s->options.limits, random_stream(0, "scenario", "script"), options->print, options->print_self);
    api_open(s);
    return s;
}

Session *session_open_source(const char *path, const char *source, size_t size, const SessionOptions *options,
                             Text *error) {
    Session *s = open_unstarted(path, source, size, options);
    if (load(s)) return s;
    text_put(error, text_get(&s->error));
    session_free(s);
    return NULL;
}

Session *session_open(const char *path, const SessionOptions *options, Text *error) {
    Text source = text_new();
    Session *s = NULL;
    if (text_read_file(path, &source, error))
        s = session_open_source(path, text_get(&source), source.size, options, error);
    text_free(&source);
    return s;
}

void session_free(Session *s) {
    if (!s) return;
    sandbox_free(s->sandbox);
    world_free(s->world);
    free(s->holders.items);
    free(s->settings);
    free(s->outside);
    text_free(&s->config_error.message);
    text_free(&s->message);
    description_free(&s->description);
    text_free(&s->error);
    arena_free(s->scratch);
    arena_free(s->arena);
    free(s);
}

/* ---- Running ---- */

static bool trace_too_large(const Session *s) {
    const Trace *trace = world_trace(s->world);
    return trace_footprint(trace) + frame_store_footprint(trace_frames(trace)) > s->options.trace_memory;
}

/* When this run ends, as far as that is a time and not the end of its scripts. */
static SimTime end_of(const Session *s) {
    if (s->until != SIM_NEVER) return s->until;
    return s->has_script ? SIM_NEVER : DEFAULT_END;
}

static bool finish(Session *s) {
    s->over = true;
    return session_judge_at_end(s);
}

/* How far the run has come: events of the simulation, and timers of scripts. */
static uint64_t place_of(Session *s) { return sim_events_done(world_sim(s->world)) + s->wakes; }

/* Goes on to `until`, or to this place. `through`: also beyond the scenario's own end, where else it stops. False:
 * session->error is set. */
static bool advance(Session *s, SimTime until, uint64_t place, bool through) {
    for (unsigned steps = 0;; steps++) {
        if (!s->over && end_of(s) == SIM_NEVER && session_scripts_over(s) && !finish(s)) return false;
        if ((s->over && !through) || place_of(s) >= place) return true;
        SimTime end = s->over ? SIM_NEVER : end_of(s), limit = until < end ? until : end;
        if (!world_step(s->world, limit)) {
            if (s->over || limit != end) return true;
            if (!finish(s)) return false;
            continue;
        }
        if (!s->over && !session_settle(s)) return false;
        if (steps % 1024 == 0 && trace_too_large(s)) {
            session_keep_error(s, "the run was stopped: what happens in it fills more memory than a run may have");
            return false;
        }
    }
}

SessionStatus session_run(Session *s, SimTime until) {
    if (s->error.size > 0) return SESSION_FAILED;
    if (!advance(s, until, UINT64_MAX, s->over)) return SESSION_FAILED;
    return s->over ? SESSION_DONE : SESSION_PAUSED;
}

const char *session_error(const Session *s) { return text_get(&s->error); }

bool session_command(Session *s, const Value *command, ConfigError *error) {
    OutsideCommand outside = {world_log_count(s->world), place_of(s)};
    if (!world_command(s->world, command, false, error)) return false;
    s->outside = array_grow(s->outside, &s->outside_capacity, s->outside_count + 1, sizeof outside);
    s->outside[s->outside_count++] = outside;
    if (s->over || session_settle(s)) return true;
    config_error_set(error, s->scratch, "", "%s", text_get(&s->error));
    return false;
}

/* ---- Going back ---- */

/* Runs `s` up to the place in the run where the command was given, and gives it. */
bool session_replay_command(Session *s, const LoggedCommand *command, uint64_t place, Text *error) {
    if (!advance(s, command->at, place, true)) {
        text_put(error, text_get(&s->error));
        return false;
    }
    /* No event is due before the command then: this moves the clock alone. */
    if (world_now(s->world) < command->at) world_run(s->world, command->at);
    Value value;
    ConfigError refused = {0};
    if (!value_parse(s->scratch, command->json, strlen(command->json), &value, error)) return false;
    bool good = session_command(s, &value, &refused);
    if (!good) text_print(error, "the command %s can't be given again: %s", command->json, text_get(&refused.message));
    text_free(&refused.message);
    return good;
}

Session *session_fork(const Session *from, SimTime at, Text *error) {
    Session *s = session_open_source(from->path, from->source, from->source_size, &from->options, error);
    if (!s) return NULL;
    bool good = true;
    for (size_t i = 0; good && i < from->outside_count; i++) {
        const LoggedCommand *command = world_log_get(from->world, from->outside[i].log_index);
        if (command->at <= at) good = session_replay_command(s, command, from->outside[i].place, error);
    }
    if (good && !advance(s, at, UINT64_MAX, true)) {
        text_put(error, text_get(&s->error));
        good = false;
    }
    if (good) return s;
    session_free(s);
    return NULL;
}

/* ---- What it is ---- */

World *session_world(Session *s) { return s->world; }
const Trace *session_trace(const Session *s) { return world_trace(s->world); }
size_t session_expectations_held(const Session *s) { return s->held; }
size_t session_expectations_failed(const Session *s) { return s->failed; }
static const char *in_language(const Value *texts, const char *language) {
    const Value *text = value_get(texts, language);
    if (!text) text = value_get(texts, "en");
    return text ? text->text : "";
}

const char *session_title(const Session *s, const char *language) { return in_language(&s->title, language); }
const char *session_about(const Session *s, const char *language) { return in_language(&s->about, language); }
size_t session_setting_count(const Session *s) { return s->setting_count; }

SessionSetting session_setting(const Session *s, size_t index) {
    CHECK(index < s->setting_count);
    return s->settings[index];
}
