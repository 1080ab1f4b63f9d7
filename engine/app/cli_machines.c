/* netstage machines: the tables the engine runs, as text or as a drawing for Graphviz. */
#include <stdio.h>
#include <string.h>

#include "app/assets.h"
#include "app/cli.h"
#include "base/text.h"
#include "proto/dhcp/client.h"
#include "proto/dhcp/relay.h"
#include "proto/dhcp/server.h"
#include "proto/dns/recursor.h"
#include "proto/dns/resolver.h"
#include "proto/dns/server.h"
#include "proto/dns/stream.h"
#include "proto/http/http.h"
#include "proto/pop3/client.h"
#include "proto/pop3/server.h"
#include "proto/imap/client.h"
#include "proto/imap/server.h"
#include "proto/smtp/client.h"
#include "proto/smtp/queue.h"
#include "proto/smtp/server.h"
#include "proto/talk/talk.h"
#include "stack/tcp.h"
#include "view/export.h"

static const MachineSpec *const machines[] = {&conflict_machine_spec, &tcp_spec, &dhcp_client_spec, &dhcp_server_spec,
                                              &dhcp_binding_spec, &dhcp_relay_spec, &dns_resolver_spec, &dns_recursor_spec,
                                              &dns_server_spec, &dns_connection_spec, &dns_tcp_spec, &smtp_server_spec,
                                              &smtp_client_spec, &smtp_queue_spec, &imap_server_spec, &http_server_spec, &http_client_spec,
                                              &pop3_server_spec, &pop3_client_spec, &imap_client_spec,
                                              &talk_spec};
enum { MACHINES = sizeof machines / sizeof machines[0] };

enum { OPTION_TEXT, OPTION_DOT, OPTION_SVG, OPTION_LANG };
static const CliOption options[] = {
    {"text", NULL, "one line an arrow (the default)"},
    {"dot", NULL, "a graph in Graphviz's language"},
    {"svg", NULL, "the state diagram as the window draws it; needs a NAME"},
    {"lang", "en|zh", "the language of the drawing; English if not given"},
};
static const CliCommand command = {
    .name = "machines",
    .usage = "[NAME] [OPTION]...",
    .about =
        "Without a name: lists the state machines. With one: prints its table, row by row, as the engine runs it;\n"
        "the reference of each row says where the RFC asks for it.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

static void print_list(void) {
    for (size_t i = 0; i < MACHINES; i++)
        printf("%-14s %2zu states, %2zu inputs, %2zu rows  %s\n", machines[i]->name, machines[i]->state_count,
               machines[i]->input_count, machines[i]->row_count, machines[i]->ref);
}

static void print_text(const MachineSpec *spec) {
    printf("%s  (%s)\n", spec->name, spec->ref);
    if (spec->timer_count > 0) {
        printf("timers:");
        for (size_t i = 0; i < spec->timer_count; i++) printf(" %s", spec->timers[i]);
        printf("\n");
    }
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        printf("  %-12s %-28s -> %-12s %-22s %-20s %s\n", spec->states[row->from], spec->inputs[row->input].name,
               spec->states[row->to], row->action ? row->action_name : "-",
               row->guard ? row->guard_name : "-", row->ref);
    }
}

static void print_dot(const MachineSpec *spec) {
    printf("digraph \"%s\" {\n  label=\"%s (%s)\";\n  node [shape=box, style=rounded];\n  start [shape=point];\n",
           spec->name, spec->name, spec->ref);
    printf("  start -> \"%s\";\n", spec->states[spec->initial]);
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        printf("  \"%s\" -> \"%s\" [label=\"%s", spec->states[row->from], spec->states[row->to],
               spec->inputs[row->input].name);
        if (row->guard) printf(" [%s]", row->guard_name);
        if (row->action) printf("\\n%s", row->action_name);
        printf("\"];\n");
    }
    printf("}\n");
}

static int print_svg(const MachineSpec *spec, Language language) {
    Text directory = text_new(), svg = text_new(), error = text_new();
    Strings *words = NULL;
    assets_find(&directory);
    bool good = strings_load(text_get(&directory), language, &words, &error);
    if (good) {
        export_machine_svg(spec, words, language, &svg);
        fputs(text_get(&svg), stdout);
    } else {
        fprintf(stderr, "%s\n", text_get(&error));
    }
    strings_free(words);
    text_free(&error);
    text_free(&svg);
    text_free(&directory);
    return good ? EXIT_HELD : EXIT_USAGE;
}

static const MachineSpec *find(const char *name) {
    const char *names[MACHINES];
    for (size_t i = 0; i < MACHINES; i++) {
        if (strcmp(machines[i]->name, name) == 0) return machines[i];
        names[i] = machines[i]->name;
    }
    const char *nearest = text_nearest(name, names, MACHINES);
    if (nearest)
        cli_wrong(&command, "there is no machine \"%s\"; did you mean \"%s\"?", name, nearest);
    else
        cli_wrong(&command, "there is no machine \"%s\"", name);
    return NULL;
}

int cli_machines(int argc, char **argv) {
    CliArgs args = cli_args(&command, argc, argv);
    const char *name = NULL;
    int form = OPTION_TEXT;
    Language language = LANGUAGE_EN;
    for (int option; (option = cli_next(&args)) != CLI_END;) {
        if (option == CLI_HELP) return EXIT_HELD;
        if (option == CLI_WRONG) return EXIT_USAGE;
        if (option == CLI_PLACE && name)
            return cli_wrong(&command, "one name expected, \"%s\" is a second", args.value);
        if (option == CLI_PLACE) name = args.value;
        if (option == OPTION_TEXT || option == OPTION_DOT || option == OPTION_SVG) form = option;
        if (option == OPTION_LANG && !language_parse(args.value, &language))
            return cli_wrong(&command, "--lang %s: en or zh expected", args.value);
    }
    if (!name && form == OPTION_SVG) return cli_wrong(&command, "--svg draws one machine: its name expected");
    if (!name && form == OPTION_TEXT) {
        print_list();
        return EXIT_HELD;
    }
    const MachineSpec *only = name ? find(name) : NULL;
    if (name && !only) return EXIT_USAGE;
    if (form == OPTION_SVG) return print_svg(only, language);
    for (size_t i = 0; i < MACHINES; i++) {
        if (only && machines[i] != only) continue;
        if (form == OPTION_DOT)
            print_dot(machines[i]);
        else
            print_text(machines[i]);
    }
    return EXIT_HELD;
}
