/* netstage check: opens each file as a scenario, which builds its topology and starts its script, and goes no further.
 */
#include <stdio.h>

#include "app/cli.h"
#include "script/session.h"

static const CliCommand command = {
    .name = "check",
    .usage = "FILE.lua...",
    .about =
        "Finds mistakes in scenarios: each file is read and what it describes is built, but no simulated time passes.\n"
        "Each mistake is one line: file:line: field: what is wrong, and what was expected.",
};

int cli_check(int argc, char **argv) {
    CliArgs args = cli_args(&command, argc, argv);
    size_t files = 0, wrong = 0;
    for (int option; (option = cli_next(&args)) != CLI_END;) {
        if (option == CLI_HELP) return EXIT_HELD;
        if (option == CLI_WRONG) return EXIT_USAGE;
        SessionOptions options = session_options_default();
        Text error = text_new();
        Session *session = session_open(args.value, &options, &error);
        files++;
        if (!session) {
            wrong++;
            fprintf(stderr, "%s\n", text_get(&error));
        }
        session_free(session);
        text_free(&error);
    }
    if (files == 0) return cli_wrong(&command, "a file expected");
    return wrong > 0 ? EXIT_USAGE : EXIT_HELD;
}
