/* Command lines: options by table, so that parsing, --help and "did you mean" can't drift apart.
 *
 * Options are --name VALUE, --name=VALUE, or --name alone; they may stand anywhere; after -- nothing is an option. A
 * lone "-" is a file name. */
#ifndef NETSTAGE_APP_CLI_ARGS_H
#define NETSTAGE_APP_CLI_ARGS_H

#include <stdbool.h>
#include <stddef.h>

enum { EXIT_HELD = 0, EXIT_FAILED_EXPECTATION = 1, EXIT_USAGE = 2 };

typedef struct {
    const char *name;  /* without the dashes */
    const char *value; /* what it takes, as --help shows it: "FILE"; NULL: nothing */
    const char *help;
} CliOption;

typedef struct {
    const char *name;  /* "run" */
    const char *usage; /* "SCENARIO.lua [OPTION]..." */
    const char *about; /* a paragraph */
    const CliOption *options;
    size_t option_count;
} CliCommand;

typedef struct {
    const CliCommand *command;
    int argc, at;
    char **argv;
    bool plain; /* "--" has been met */
    const char *value;
} CliArgs;

enum {
    CLI_END = -1,
    CLI_PLACE = -2 /* not an option: see value */,
    CLI_HELP = -3 /* has been printed */,
    CLI_WRONG = -4 /* has been said */
};

CliArgs cli_args(const CliCommand *command, int argc, char **argv);
/* The index of the next option, or one of the above; `value` is then set where there is one. */
int cli_next(CliArgs *args);
/* Says "netstage run: …" on standard error and where help is. Returns EXIT_USAGE. */
int cli_wrong(const CliCommand *command, const char *format, ...);
void cli_print_help(const CliCommand *command);

#endif
