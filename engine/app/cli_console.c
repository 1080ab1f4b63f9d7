/* netstage console: speak to a virtual server by hand, as with telnet (row M16). Lines come from the terminal or from a
 * script on standard input; simulated time passes while an answer is awaited, and stands while one thinks. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/cli.h"
#include "app/cli_scenario.h"
#include "base/arena.h"
#include "bridge/visitor.h"
#include "observe/jsonl.h"

enum { OPTION_AT, OPTION_SEED, OPTION_SET, OPTION_PCAP, OPTION_TRACE };
static const CliOption options[] = {
    [OPTION_AT] = {"at", "TIME", "connect at this simulated time, instead of when the scenario has been played"},
    [OPTION_SEED] = {"seed", "N", "the seed of all random numbers, instead of the scenario's"},
    [OPTION_SET] = {"set", "KEY=VALUE", "change a setting that the scenario declares; may be given several times"},
    [OPTION_PCAP] = {"pcap", "FILE", "write the frames of the whole run, as a pcapng capture for Wireshark"},
    [OPTION_TRACE] = {"trace", "FILE", "write everything that happened, one JSON object a line"},
};
static const CliCommand command = {
    .name = "console",
    .usage = "SCENARIO.lua HOST:PORT [OPTION]...",
    .about = "Connects to a virtual server and lets you speak to it: type HELO, MAIL FROM, RCPT TO, DATA, a line with a single\n"
             "dot, QUIT. What is typed is sent line by line, each ended with CRLF; what the server says is printed. From a file:\n"
             "netstage console scenarios/mail/hamburger.lua hamburger.edu:25 < dialogue.txt",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

static const SimTime patience = 2 * SIM_SECOND, pause_after = 100 * SIM_MILLISECOND;
static const char connection[] = "console";
enum { LINE_MOST = 64 * 1024 };

typedef struct {
    CliScenario scenario;
    const char *server, *pcap, *trace;
    SimTime at;
    Session *session;
    Visitor visitor;
    bool heard;
} Console;

static int take_option(Console *c, int option, const char *value) {
    switch (option) {
        case OPTION_AT:
            if (!sim_time_parse(value, &c->at)) return cli_wrong(&command, "--at %s: a time such as 90s or 2h expected", value);
            break;
        case OPTION_SEED: return cli_scenario_seed(&c->scenario, &command, value);
        case OPTION_SET: return cli_scenario_set(&c->scenario, &command, value);
        case OPTION_PCAP: c->pcap = value; break;
        case OPTION_TRACE: c->trace = value; break;
        case CLI_PLACE:
            if (!c->scenario.path) return cli_scenario_place(&c->scenario, &command, value);
            if (c->server) return cli_wrong(&command, "one HOST:PORT expected, \"%s\" is a second", value);
            c->server = value;
            break;
        default: CHECK_UNREACHABLE();
    }
    return EXIT_HELD;
}

static bool give(void *self, const Value *value, Text *error) {
    ConfigError refused = {0};
    bool good = session_command(((Console *)self)->session, value, &refused);
    if (!good) text_print(error, "%s: %s", refused.field ? refused.field : "", text_get(&refused.message));
    text_free(&refused.message);
    return good;
}

static void print_heard(void *self, Bytes octets) {
    ((Console *)self)->heard = true;
    for (size_t i = 0; i < octets.size; i++)
        if (octets.at[i] != '\r') putchar(octets.at[i]); /* lines as a terminal has them */
}

static bool run_to(Console *c, SimTime until, Text *error) {
    if (session_run(c->session, until) != SESSION_FAILED) return true;
    text_put(error, session_error(c->session));
    return false;
}

static WorldTalk state(const Console *c) {
    return world_talk(session_world(c->session), c->visitor.host, connection);
}

static bool is_open(const Console *c) {
    WorldTalk talk = state(c);
    return talk.state && strcmp(talk.state, "ENDED") != 0 && !talk.peer_closed;
}

/* Lets time pass until something was said and nothing more follows at once, or for as long as it is worth waiting. */
static bool wait_for_answer(Console *c, SimTime most, Text *error) {
    World *world = session_world(c->session);
    SimTime end = world_now(world) + most;
    c->heard = false;
    while (world_now(world) < end) {
        SimTime next = sim_next_at(world_sim(world));
        if (!run_to(c, next < end ? next : end, error)) return false;
        if (c->heard && end > world_now(world) + pause_after) end = world_now(world) + pause_after;
        c->heard = false;
    }
    fflush(stdout);
    return true;
}

static bool connect_to(Console *c, Text *error) {
    uint32_t host;
    uint16_t port;
    World *world = session_world(c->session);
    VisitorDoor door = {c, give, world};
    if (!visitor_find(world, c->server, &host, &port, error) || !visitor_join(&door, host, port, &c->visitor, error) ||
        !visitor_connect(&c->visitor, connection, error))
        return false;
    if (!world_talk_listen(world, c->visitor.host, connection, print_heard, c)) {
        text_put(error, "the connection could not be begun");
        return false;
    }
    if (!wait_for_answer(c, 10 * SIM_SECOND, error)) return false;
    WorldTalk talk = state(c);
    if (talk.state && strcmp(talk.state, "OPEN") == 0) return true;
    text_print(error, "no connection to %s: %s", c->server, talk.how ? talk.how : "nobody has answered");
    return false;
}

static bool speak(Console *c, Text *error) {
    static char line[LINE_MOST + 3];
    while (is_open(c) && fgets(line, LINE_MOST, stdin)) {
        size_t size = strcspn(line, "\r\n");
        memcpy(line + size, "\r\n", 3);
        if (!visitor_write(&c->visitor, connection, bytes_of(line, size + 2), error) || !wait_for_answer(c, patience, error))
            return false;
    }
    if (is_open(c) || strcmp(state(c).state, "OPEN") == 0)
        if (!visitor_hang_up(&c->visitor, connection, false, error)) return false;
    return wait_for_answer(c, patience, error);
}

static bool export(const Console *c, Text *error) {
    const Trace *trace = session_trace(c->session);
    bool good = true;
    if (c->pcap) {
        Output *output = output_to_file(c->pcap, error);
        if (!output) return false;
        PcapngWriter writer = pcapng_begin(trace, PCAPNG_ONCE, "netstage " NETSTAGE_VERSION, output);
        pcapng_update(&writer);
        good = output_close(output, error);
    }
    if (c->trace && good) {
        Output *output = output_to_file(c->trace, error);
        if (!output) return false;
        jsonl_write(trace, 0, trace_count(trace), output);
        good = output_close(output, error);
    }
    return good;
}

static int console(Console *c) {
    Text error = text_new();
    c->session = cli_scenario_open(&c->scenario, &error);
    bool good = c->session && run_to(c, c->at, &error);
    if (good && isatty(STDIN_FILENO)) fprintf(stderr, "netstage: speaking to %s; Ctrl-D hangs up\n", c->server);
    good = good && connect_to(c, &error) && speak(c, &error);
    fflush(stdout);
    if (c->session && !export(c, &error)) good = false;
    if (error.size > 0) fprintf(stderr, "netstage console: %s\n", text_get(&error));
    if (good && isatty(STDIN_FILENO)) fprintf(stderr, "netstage: the connection is closed\n");
    session_free(c->session);
    text_free(&error);
    return good ? EXIT_HELD : EXIT_USAGE;
}

int cli_console(int argc, char **argv) {
    CliArgs args = cli_args(&command, argc, argv);
    Console c = {.scenario = cli_scenario(), .at = SIM_NEVER};
    int status = EXIT_HELD, option;
    while (status == EXIT_HELD && (option = cli_next(&args)) != CLI_END) {
        if (option == CLI_HELP) status = CLI_HELP;
        else if (option == CLI_WRONG) status = EXIT_USAGE;
        else status = take_option(&c, option, args.value);
    }
    if (status == EXIT_HELD) status = cli_scenario_given(&c.scenario, &command);
    if (status == EXIT_HELD && !c.server) status = cli_wrong(&command, "HOST:PORT expected, for example hamburger.edu:25");
    if (status == EXIT_HELD) status = console(&c);
    cli_scenario_free(&c.scenario);
    return status == CLI_HELP ? EXIT_HELD : status;
}
