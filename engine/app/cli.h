/* The commands of netstage, one file each. `argv` begins after the command's name; the result is the exit status. */
#ifndef NETSTAGE_APP_CLI_H
#define NETSTAGE_APP_CLI_H

#include "app/cli_args.h"

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_machines(int argc, char **argv);
int cli_play(int argc, char **argv);
int cli_shot(int argc, char **argv);

#endif
