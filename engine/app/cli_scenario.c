#include "app/cli_scenario.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

CliScenario cli_scenario(void) { return (CliScenario){.session = session_options_default()}; }

void cli_scenario_free(CliScenario *s) {
    for (size_t i = 0; i < s->session.override_count; i++) free((char *)s->overrides[i].key);
    free(s->overrides);
}

int cli_scenario_place(CliScenario *s, const CliCommand *command, const char *path) {
    if (s->path) return cli_wrong(command, "one scenario expected, \"%s\" is a second", path);
    s->path = path;
    return EXIT_HELD;
}

int cli_scenario_seed(CliScenario *s, const CliCommand *command, const char *number) {
    char *end;
    errno = 0;
    s->session.seed = strtoull(number, &end, 10);
    s->session.has_seed = true;
    if (errno || end == number || *end || *number == '-')
        return cli_wrong(command, "--seed %s: a whole number expected", number);
    return EXIT_HELD;
}

int cli_scenario_set(CliScenario *s, const CliCommand *command, const char *key_value) {
    const char *equals = strchr(key_value, '=');
    if (!equals || equals == key_value) return cli_wrong(command, "--set %s: key=value expected", key_value);
    size_t size = (size_t)(equals - key_value);
    char *key = memory_new(size + 1);
    memcpy(key, key_value, size);
    size_t count = s->session.override_count;
    s->overrides = array_grow(s->overrides, &s->override_capacity, count + 1, sizeof *s->overrides);
    s->overrides[count] = (SessionOverride){key, equals + 1};
    s->session.override_count++;
    return EXIT_HELD;
}

bool cli_capture_scope(const char *text, PcapngScope *scope) {
    *scope = strcmp(text, "all") == 0 ? PCAPNG_EVERY_CABLE : PCAPNG_ONCE;
    return *scope == PCAPNG_EVERY_CABLE || strcmp(text, "once") == 0;
}

int cli_scenario_given(const CliScenario *s, const CliCommand *command) {
    return s->path ? EXIT_HELD : cli_wrong(command, "a scenario expected");
}

Session *cli_scenario_open(CliScenario *s, Text *error) {
    s->session.overrides = s->overrides;
    Session *session = session_open(s->path, &s->session, error);
    if (!session || !s->commands) return session;
    Text lines = text_new(), why = text_new();
    bool good = text_read_file(s->commands, &lines, error);
    if (good && !session_commands_replay(session, text_get(&lines), lines.size, &why)) {
        text_print(error, "%s: %s", s->commands, text_get(&why));
        good = false;
    }
    text_free(&lines);
    text_free(&why);
    if (good) return session;
    session_free(session);
    return NULL;
}
