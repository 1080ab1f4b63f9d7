/* The commands that came from outside, written down and given again: a run with real clients can be replayed. */
#include <string.h>

#include "script/session_private.h"

/* {"t": nanoseconds, "place": events before it, "command": {…}} a line, after a line that names the run. */
void session_commands_write(const Session *s, size_t from, bool head, Text *lines) {
    if (head) {
        text_print(lines, "{\"netstage\":\"commands\",\"seed\":%llu}\n",
                   (unsigned long long)sim_seed(world_sim(s->world)));
    }
    for (size_t i = from; i < s->outside_count; i++) {
        const LoggedCommand *command = world_log_get(s->world, s->outside[i].log_index);
        text_print(lines, "{\"t\":%lld,\"place\":%llu,\"command\":", (long long)command->at,
                   (unsigned long long)s->outside[i].place);
        text_put(lines, command->json);
        text_put(lines, "}\n");
    }
}

size_t session_command_count(const Session *s) { return s->outside_count; }

static bool fail(Text *error, size_t line, const char *message) {
    text_print(error, "line %zu: %s", line, message);
    return false;
}

static bool read_line(Session *s, Arena *arena, const char *text, size_t size, size_t number, Text *error) {
    Value value;
    Text why = text_new();
    if (!value_parse(arena, text, size, &value, &why)) {
        text_print(error, "line %zu: ", number);
        text_put(error, text_get(&why));
        text_free(&why);
        return false;
    }
    text_free(&why);
    if (number == 1) {
        const Value *kind = value_get(&value, "netstage"), *seed = value_get(&value, "seed");
        if (!kind || kind->kind != VALUE_TEXT || strcmp(kind->text, "commands") != 0 || !seed ||
            seed->kind != VALUE_NUMBER)
            return fail(error, number, "this is no file of commands as netstage serve --commands writes them");
        if ((uint64_t)seed->number == sim_seed(world_sim(s->world))) return true;
        text_print(error, "line 1: the commands were given to a run with another seed: --seed %lld expected",
                   (long long)seed->number);
        return false;
    }
    const Value *at = value_get(&value, "t"), *place = value_get(&value, "place"), *map = value_get(&value, "command");
    if (!at || at->kind != VALUE_NUMBER || !place || place->kind != VALUE_NUMBER || !map || map->kind != VALUE_MAP ||
        at->number < world_now(s->world))
        return fail(error, number, "a time not before the last one's, a place and a command expected");
    Text json = text_new();
    value_print(&json, map);
    LoggedCommand command = {.at = at->number, .json = text_get(&json)};
    Text trouble = text_new();
    bool good = session_replay_command(s, &command, (uint64_t)place->number, &trouble);
    if (!good) text_print(error, "line %zu: %s", number, text_get(&trouble));
    text_free(&trouble);
    text_free(&json);
    return good;
}

bool session_commands_replay(Session *s, const char *lines, size_t size, Text *error) {
    size_t number = 0;
    if (size == 0) return fail(error, 1, "the file is empty");
    for (size_t at = 0; at < size;) {
        const char *end = memchr(lines + at, '\n', size - at);
        size_t length = end ? (size_t)(end - lines) - at : size - at;
        if (!end) return fail(error, number + 1, "the line has no end: the file was cut off");
        Arena *arena = arena_new();
        bool good = read_line(s, arena, lines + at, length, ++number, error);
        arena_free(arena);
        if (!good) return false;
        at += length + 1;
    }
    return true;
}
