/* netstage run: a scenario without a window. */
#include <stdio.h>
#include <string.h>

#include "app/assets.h"
#include "app/cli.h"
#include "app/cli_scenario.h"
#include "base/arena.h"
#include "observe/jsonl.h"
#include "observe/pcapng.h"
#include "observe/transcript.h"
#include "script/session.h"
#include "view/export.h"

enum {
    OPTION_UNTIL,
    OPTION_SEED,
    OPTION_SET,
    OPTION_TRACE,
    OPTION_PCAP,
    OPTION_CAPTURE,
    OPTION_COMMANDS,
    OPTION_LADDER,
    OPTION_TRANSCRIPT,
    OPTION_SEGMENTS,
    OPTION_ARP,
    OPTION_LANG,
    OPTION_QUIET
};
static const CliOption options[] = {
    [OPTION_UNTIL] = {"until", "TIME", "stop at this simulated time (\"3600s\"), instead of where the scenario ends"},
    [OPTION_SEED] = {"seed", "N", "the seed of all random numbers, instead of the scenario's"},
    [OPTION_SET] = {"set", "KEY=VALUE", "change a setting that the scenario declares; may be given several times"},
    [OPTION_TRACE] = {"trace", "FILE", "write everything that happened, one JSON object a line; - is standard output"},
    [OPTION_PCAP] = {"pcap", "FILE", "write the frames, as a pcapng capture for Wireshark"},
    [OPTION_CAPTURE] = {"capture", "once|all", "each packet once, on its sender's cable (so if not given), or on every cable it passes"},
    [OPTION_COMMANDS] = {"commands", "FILE", "give these commands again, which serve --commands has written: the same run comes out"},
    [OPTION_LADDER] = {"ladder", "FILE.svg", "draw the messages as a sequence diagram, for a slide"},
    [OPTION_TRANSCRIPT] = {"transcript", "FILE", "write the messages for people, one a line; - is standard output"},
    [OPTION_SEGMENTS] = {"segments", NULL, "every TCP segment in the transcript, not only those that open or close"},
    [OPTION_ARP] = {"arp", NULL, "ARP in the transcript"},
    [OPTION_LANG] = {"lang", "en|zh", "the language of narration and of drawings; English if not given"},
    [OPTION_QUIET] = {"quiet", NULL, "say nothing about expectations that held"},
};
static const CliCommand command = {
    .name = "run",
    .usage = "SCENARIO.lua [OPTION]...",
    .about = "Runs a scenario to its end, says which of its expectations held, and writes what was asked for.\n"
             "Exit status: 0 every expectation held, 1 one failed, 2 wrong usage or a mistake in the script.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

typedef struct {
    CliScenario scenario;
    const char *trace, *pcap, *ladder, *transcript; /* files; NULL: not wanted */
    const char *language;
    PcapngScope scope;
    bool quiet, segments, arp;
} Order;

static void print_line(void *self, const char *line, size_t size) {
    (void)self;
    fprintf(stderr, "%.*s\n", (int)size, line);
}

/* EXIT_HELD, or what has been said to be wrong. */
static int take_option(Order *order, int option, const char *value) {
    switch (option) {
        case OPTION_UNTIL:
            if (!sim_time_parse(value, &order->scenario.session.until))
                return cli_wrong(&command, "--until %s: a time such as 90s or 2h expected", value);
            break;
        case OPTION_SEED: return cli_scenario_seed(&order->scenario, &command, value);
        case OPTION_SET: return cli_scenario_set(&order->scenario, &command, value);
        case OPTION_LANG:
            if (strcmp(value, "en") != 0 && strcmp(value, "zh") != 0)
                return cli_wrong(&command, "--lang %s: en or zh expected", value);
            order->language = value;
            break;
        case OPTION_TRACE: order->trace = value; break;
        case OPTION_PCAP: order->pcap = value; break;
        case OPTION_CAPTURE:
            if (!cli_capture_scope(value, &order->scope)) return cli_wrong(&command, "--capture %s: once or all expected", value);
            break;
        case OPTION_COMMANDS: order->scenario.commands = value; break;
        case OPTION_LADDER: order->ladder = value; break;
        case OPTION_TRANSCRIPT: order->transcript = value; break;
        case OPTION_SEGMENTS: order->segments = true; break;
        case OPTION_ARP: order->arp = true; break;
        case OPTION_QUIET: order->quiet = true; break;
        case CLI_PLACE: return cli_scenario_place(&order->scenario, &command, value);
        default: CHECK_UNREACHABLE();
    }
    return EXIT_HELD;
}

/* The verdicts, from the trace: held ones and failed ones with what was found. */
static void print_verdicts(const Session *session, bool quiet, FILE *to) {
    const Trace *trace = session_trace(session);
    Arena *arena = arena_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *record = trace_get(trace, i);
        if (record->kind != TRACE_EXPECT || (record->code == 1 && quiet)) continue;
        const char *json = trace_text(trace, record);
        Value verdict;
        Text time = text_new();
        if (!value_parse(arena, json, strlen(json), &verdict, &time)) CHECK_UNREACHABLE();
        sim_time_print(&time, record->at, 3);
        const Value *text = value_get(&verdict, "text"), *detail = value_get(&verdict, "detail");
        fprintf(to, "%s %10s s  %s", record->code == 1 ? "held  " : "FAILED", text_get(&time), text ? text->text : "");
        if (detail && detail->kind == VALUE_TEXT && detail->text[0]) fprintf(to, "  (%s)", detail->text);
        fprintf(to, "\n");
        text_free(&time);
    }
    arena_free(arena);
}

/* ---- Exports ---- */

typedef bool WriteExport(const Session *session, const Order *order, Output *output, Text *error);

static bool write_jsonl(const Session *session, const Order *order, Output *output, Text *error) {
    (void)order, (void)error;
    jsonl_write(session_trace(session), 0, trace_count(session_trace(session)), output);
    return true;
}

static bool write_pcapng(const Session *session, const Order *order, Output *output, Text *error) {
    (void)order, (void)error;
    PcapngWriter writer = pcapng_begin(session_trace(session), order->scope, "netstage " NETSTAGE_VERSION, output);
    pcapng_update(&writer);
    return true;
}

static bool write_transcript(const Session *session, const Order *order, Output *output, Text *error) {
    (void)error;
    Timeline *timeline = timeline_new(session_trace(session));
    Messages messages = {0};
    messages_read(timeline, &messages);
    TranscriptOptions how = {.states = true,
                             .segments = order->segments,
                             .arp = order->arp,
                             .says = true,
                             .language = order->language,
                             .words = &transcript_words_en};
    transcript_write(timeline, &messages, &how, output);
    messages_free(&messages);
    timeline_free(timeline);
    return true;
}

static bool write_ladder(const Session *session, const Order *order, Output *output, Text *error) {
    Text directory = text_new(), svg = text_new();
    Strings *words = NULL;
    Language language = LANGUAGE_EN;
    CHECK(language_parse(order->language, &language));
    assets_find(&directory);
    bool good = strings_load(text_get(&directory), language, &words, error);
    if (good) export_ladder_svg(session_trace(session), words, language, session_title(session, order->language), &svg);
    output_put(output, text_get(&svg), svg.size);
    strings_free(words);
    text_free(&svg);
    text_free(&directory);
    return good;
}

static bool export_to(const char *path, WriteExport *write, const Session *session, const Order *order, Text *error) {
    if (!path) return true;
    Output *output = output_to_file(path, error);
    if (!output) return false;
    bool good = write(session, order, output, error);
    return output_close(output, error) && good;
}

static bool write_exports(const Session *session, const Order *order, Text *error) {
    return export_to(order->trace, write_jsonl, session, order, error) &&
           export_to(order->pcap, write_pcapng, session, order, error) &&
           export_to(order->ladder, write_ladder, session, order, error) &&
           export_to(order->transcript, write_transcript, session, order, error);
}

static int judge(const Session *session, const Order *order) {
    size_t failed = session_expectations_failed(session), all = failed + session_expectations_held(session);
    print_verdicts(session, order->quiet, stderr);
    if (failed > 0) fprintf(stderr, "%s: %zu of %zu expectations failed\n", order->scenario.path, failed, all);
    return failed > 0 ? EXIT_FAILED_EXPECTATION : EXIT_HELD;
}

static int run(Order *order) {
    Text error = text_new();
    order->scenario.session.print = print_line;
    Session *session = cli_scenario_open(&order->scenario, &error);
    int status = EXIT_USAGE;
    if (session) {
        /* What happened until a mistake is worth looking at too. */
        if (session_run(session, SIM_NEVER) == SESSION_FAILED) {
            text_put(&error, session_error(session));
            Text ignored = text_new();
            (void)!write_exports(session, order, &ignored);
            text_free(&ignored);
        } else if (write_exports(session, order, &error)) {
            status = judge(session, order);
        }
    }
    if (error.size > 0) fprintf(stderr, "%s\n", text_get(&error));
    session_free(session);
    text_free(&error);
    return status;
}

int cli_run(int argc, char **argv) {
    CliArgs args = cli_args(&command, argc, argv);
    Order order = {.scenario = cli_scenario(), .language = "en"};
    int status = EXIT_HELD, option;
    while (status == EXIT_HELD && (option = cli_next(&args)) != CLI_END) {
        if (option == CLI_HELP) return EXIT_HELD;
        if (option == CLI_WRONG) return EXIT_USAGE;
        status = take_option(&order, option, args.value);
    }
    if (status == EXIT_HELD) status = cli_scenario_given(&order.scenario, &command);
    if (status == EXIT_HELD) status = run(&order);
    cli_scenario_free(&order.scenario);
    return status;
}
