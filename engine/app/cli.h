/* The commands of netstage, one file each. `argv` begins after the command's name; the result is the exit status. */
#ifndef NETSTAGE_APP_CLI_H
#define NETSTAGE_APP_CLI_H

#include "app/cli_args.h"
#include "base/text.h"

int cli_run(int argc, char **argv);
int cli_check(int argc, char **argv);
int cli_serve(int argc, char **argv);
int cli_console(int argc, char **argv);
int cli_machines(int argc, char **argv);
/* The window at the list of scenarios. False: *error says why there is none. */
bool cli_browse(Text *error) NS_MUST_USE;
int cli_play(int argc, char **argv);
int cli_shot(int argc, char **argv);

#endif
