#include "app/cli_args.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

CliArgs cli_args(const CliCommand *command, int argc, char **argv) {
    return (CliArgs){.command = command, .argc = argc, .argv = argv};
}

int cli_wrong(const CliCommand *command, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "netstage %s: ", command->name);
    vfprintf(stderr, format, arguments);
    fprintf(stderr, "\n(netstage %s --help tells more)\n", command->name);
    va_end(arguments);
    return EXIT_USAGE;
}

void cli_print_help(const CliCommand *command) {
    printf("netstage %s %s\n\n%s\n", command->name, command->usage, command->about);
    printf("\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++) {
        const CliOption *option = &command->options[i];
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", option->name, option->value ? " " : "",
                 option->value ? option->value : "");
        printf("  %-26s %s\n", left, option->help);
    }
    printf("  %-26s %s\n", "--help", "this text");
}

static int unknown(const CliArgs *args, const char *name) {
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < args->command->option_count && count < 63; i++)
        names[count++] = args->command->options[i].name;
    names[count++] = "help";
    const char *nearest = text_nearest(name, names, count);
    if (nearest)
        cli_wrong(args->command, "unknown option --%s; did you mean --%s?", name, nearest);
    else
        cli_wrong(args->command, "unknown option --%s", name);
    return CLI_WRONG;
}

static int long_option(CliArgs *args, const char *text) {
    char name[64];
    size_t size = strcspn(text, "=");
    const char *given = text[size] == '=' ? text + size + 1 : NULL;
    if (size >= sizeof name) size = sizeof name - 1;
    memcpy(name, text, size);
    name[size] = '\0';
    if (strcmp(name, "help") == 0) {
        cli_print_help(args->command);
        return CLI_HELP;
    }
    for (size_t i = 0; i < args->command->option_count; i++) {
        const CliOption *option = &args->command->options[i];
        if (strcmp(option->name, name) != 0) continue;
        args->value = given;
        if (!option->value && given) {
            cli_wrong(args->command, "--%s takes no value", name);
            return CLI_WRONG;
        }
        if (option->value && !given) {
            if (args->at == args->argc) {
                cli_wrong(args->command, "--%s needs a value: --%s %s", name, name, option->value);
                return CLI_WRONG;
            }
            args->value = args->argv[args->at++];
        }
        return (int)i;
    }
    return unknown(args, name);
}

int cli_next(CliArgs *args) {
    args->value = NULL;
    if (args->at == args->argc) return CLI_END;
    const char *text = args->argv[args->at++];
    if (!args->plain && strcmp(text, "--") == 0) {
        args->plain = true;
        return cli_next(args);
    }
    if (!args->plain && strncmp(text, "--", 2) == 0) return long_option(args, text + 2);
    if (!args->plain && strcmp(text, "-h") == 0) return long_option(args, "help");
    if (!args->plain && text[0] == '-' && text[1]) {
        cli_wrong(args->command, "unknown option %s", text);
        return CLI_WRONG;
    }
    args->value = text;
    return CLI_PLACE;
}
