/* What every command that runs a scenario takes: the scenario, its seed, its settings. */
#ifndef NETSTAGE_APP_CLI_SCENARIO_H
#define NETSTAGE_APP_CLI_SCENARIO_H

#include "app/cli_args.h"
#include "observe/pcapng.h"
#include "script/session.h"

typedef struct {
    const char *path; /* NULL: none given yet */
    SessionOptions session;
    SessionOverride *overrides;
    size_t override_capacity;
    const char *commands; /* a file of commands to be given again; NULL: none */
} CliScenario;

CliScenario cli_scenario(void);
void cli_scenario_free(CliScenario *scenario);
/* Each takes the text given and returns EXIT_HELD, or EXIT_USAGE after saying what is wrong. */
int cli_scenario_place(CliScenario *scenario, const CliCommand *command, const char *path);
int cli_scenario_seed(CliScenario *scenario, const CliCommand *command, const char *number);
int cli_scenario_set(CliScenario *scenario, const CliCommand *command, const char *key_value);
/* "once" or "all"; false: neither. */
bool cli_capture_scope(const char *text, PcapngScope *scope);
/* After the last argument: was a scenario given? */
int cli_scenario_given(const CliScenario *scenario, const CliCommand *command);
/* NULL: *error says why. */
Session *cli_scenario_open(CliScenario *scenario, Text *error);

#endif
