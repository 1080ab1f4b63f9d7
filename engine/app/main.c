/* netstage: which command it is. */
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "base/text.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary;
} commands[] = {
    {"play", cli_play, "show a scenario in the window"},
    {"shot", cli_shot, "draw one moment of a run as PNG or SVG"},
    {"run", cli_run, "run a scenario without a window, judge its expectations, write captures and traces"},
    {"check", cli_check, "find mistakes in scenarios without running them out"},
    {"serve", cli_serve, "run a scenario in real time, with real clients and real peers on its LANs"},
    {"console", cli_console, "speak to a virtual server by hand"},
    {"machines", cli_machines, "show the protocols' state machines, from the tables the engine runs"},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static int help(FILE *to) {
    fprintf(
        to,
        "netstage shows network protocols at work: real state machines, real bytes, simulated networks.\n\nCommands:\n");
    for (size_t i = 0; i < COMMANDS; i++) fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].summary);
    fprintf(
        to,
        "\nnetstage COMMAND --help tells more about one; netstage --version prints the version.\n"
        "Exit status: 0 all is well, 1 an expectation of the scenario failed, 2 wrong usage or a mistake in a script.\n");
    return to == stdout ? EXIT_HELD : EXIT_USAGE;
}

int main(int argc, char **argv) {
    if (argc < 2) {
        Text error = text_new();
        bool shown = cli_browse(&error);
        if (!shown) {
            help(stderr);
            fprintf(stderr, "\n%s\n", text_get(&error));
        }
        text_free(&error);
        return shown ? EXIT_HELD : EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "--version") == 0) {
        printf("netstage %s\n", NETSTAGE_VERSION);
        return EXIT_HELD;
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) return help(stdout);
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i].name, name) == 0) return commands[i].run(argc - 2, argv + 2);
    const char *names[COMMANDS];
    for (size_t i = 0; i < COMMANDS; i++) names[i] = commands[i].name;
    const char *nearest = text_nearest(name, names, COMMANDS);
    fprintf(stderr, "netstage: there is no command \"%s\"", name);
    if (nearest) fprintf(stderr, "; did you mean \"%s\"?", nearest);
    fprintf(stderr, "\n(netstage --help lists them)\n");
    return EXIT_USAGE;
}
