/* netstage serve: a scenario in real time, with real peers on its LANs. */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "app/cli.h"
#include "app/cli_scenario.h"
#include "bridge/pace.h"
#include "observe/jsonl.h"
#include "app/live.h"
#include "bridge/gateway.h"
#include "bridge/tap.h"
#include "observe/pcapng.h"
#include "script/session.h"

enum { OPTION_LISTEN, OPTION_TAP, OPTION_FOR, OPTION_SEED, OPTION_PCAP, OPTION_CAPTURE, OPTION_TRACE, OPTION_COMMANDS, OPTION_WINDOW, OPTION_CONSOLE, OPTION_LANG, OPTION_THEME };
static const CliOption options[] = {
    [OPTION_LISTEN] = {"listen", "HOST:PORT=127.0.0.1:PORT", "let real clients in: who connects there speaks to the virtual host; may be given several times"},
    [OPTION_TAP] = {"tap", "LAN=IFNAME", "join a LAN to a TAP interface of this machine; may be given several times; needs root, or unshare -Urn"},
    [OPTION_FOR] = {"for", "SPAN", "stop after this long (\"30s\"); otherwise at Ctrl-C"},
    [OPTION_SEED] = {"seed", "N", "the seed of all random numbers, instead of the scenario's"},
    [OPTION_PCAP] = {"pcap", "FILE", "write the frames as they pass, as pcapng; - pipes it to a live wireshark -k -i -"},
    [OPTION_CAPTURE] = {"capture", "once|all", "each packet once, on its sender's cable (so if not given), or on every cable it passes"},
    [OPTION_TRACE] = {"trace", "FILE", "write everything as it happens, one JSON object a line; - is standard output"},
    [OPTION_COMMANDS] = {"commands", "FILE", "write what came from outside, so that run, play and shot --commands FILE can replay it"},
    [OPTION_WINDOW] = {"window", NULL, "show it in a window as it happens"},
    [OPTION_CONSOLE] = {"console", "HOST:PORT", "with --window: type to this server by hand, below the stage"},
    [OPTION_LANG] = {"lang", "en|zh", "the window's language; English if not given"},
    [OPTION_THEME] = {"theme", "light|dark", "light if not given"},
};
static const CliCommand command = {
    .name = "serve",
    .usage = "SCENARIO.lua [--listen HOST:PORT=127.0.0.1:PORT]... [--tap LAN=IFNAME]... [OPTION]...",
    .about = "Runs a scenario in real time. A LAN joined to a TAP interface lets real programs take part: a DHCP client on that\n"
             "interface gets its address from the scenario's server. A port listened on lets real clients in: a mail program speaks to\n"
             "a virtual mail server, and what it does crosses the virtual network. All of it enters the run as commands, so it can\n"
             "be replayed.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
};

enum { LISTENS_MOST = 16, TAPS_MOST = 8, FRAME_MOST = 1514 };
/* What is written as it happens, so that whoever reads along sees it at once. */
typedef struct {
    Output *pcap, *trace, *commands; /* NULL: not wanted */
    PcapngWriter writer;
    size_t traced, commanded;
    bool begun; /* the head of the commands stands */
} Exports;

typedef struct {
    CliScenario scenario;
    const char *pcap, *trace, *commands;
    PcapngScope scope;
    SimTime span;
    char lans[TAPS_MOST][64];
    const char *interfaces[TAPS_MOST];
    Tap *taps[TAPS_MOST];
    size_t tap_count;
    const char *listens[LISTENS_MOST];
    size_t listen_count;
    Gateway *gateway; /* NULL: nothing is listened on */
    Session *session;
    bool window;
    const char *console;
    Language language;
    ThemeName theme;
    int descriptors[TAPS_MOST + 1];
    size_t descriptor_count;
    Pace pace;
    Exports *exports;
} Order;

static volatile sig_atomic_t stopped;
static void on_signal(int number) {
    (void)number;
    stopped = 1;
}

static int take_option(Order *o, int option, const char *value) {
    const char *equals;
    switch (option) {
        case OPTION_LISTEN:
            if (!strchr(value, '='))
                return cli_wrong(&command, "--listen %s: HOST:PORT=127.0.0.1:PORT expected, for example hamburger:25=127.0.0.1:2525", value);
            if (o->listen_count == LISTENS_MOST) return cli_wrong(&command, "at most %d --listen expected", LISTENS_MOST);
            o->listens[o->listen_count++] = value;
            break;
        case OPTION_TAP:
            equals = strchr(value, '=');
            if (!equals || equals == value || !equals[1] || (size_t)(equals - value) >= sizeof o->lans[0])
                return cli_wrong(&command, "--tap %s: LAN=IFNAME expected, for example lan1=tap0", value);
            if (o->tap_count == TAPS_MOST) return cli_wrong(&command, "at most %d --tap expected", TAPS_MOST);
            snprintf(o->lans[o->tap_count], sizeof o->lans[0], "%.*s", (int)(equals - value), value);
            o->interfaces[o->tap_count++] = equals + 1;
            break;
        case OPTION_FOR:
            if (!sim_time_parse(value, &o->span)) return cli_wrong(&command, "--for %s: a span such as 30s or 10m expected", value);
            break;
        case OPTION_SEED: return cli_scenario_seed(&o->scenario, &command, value);
        case OPTION_PCAP: o->pcap = value; break;
        case OPTION_COMMANDS: o->commands = value; break;
        case OPTION_WINDOW: o->window = true; break;
        case OPTION_CONSOLE: o->console = value; break;
        case OPTION_LANG:
            if (!language_parse(value, &o->language)) return cli_wrong(&command, "--lang %s: en or zh expected", value);
            break;
        case OPTION_THEME:
            o->theme = strcmp(value, "dark") == 0 ? THEME_DARK : THEME_LIGHT;
            if (strcmp(value, "dark") != 0 && strcmp(value, "light") != 0) return cli_wrong(&command, "--theme %s: light or dark expected", value);
            break;
        case OPTION_CAPTURE:
            if (!cli_capture_scope(value, &o->scope)) return cli_wrong(&command, "--capture %s: once or all expected", value);
            break;
        case OPTION_TRACE: o->trace = value; break;
        case CLI_PLACE: return cli_scenario_place(&o->scenario, &command, value);
        default: CHECK_UNREACHABLE();
    }
    return EXIT_HELD;
}

static void frame_leaves(void *self, Bytes frame, SimTime at) {
    (void)at;
    tap_write(self, frame);
}

/* A frame from outside enters the run as a command: the run stays replayable. */
static bool frame_enters(Session *session, const char *lan, Bytes frame, Text *error) {
    Arena *arena = arena_new();
    Text hex = text_new();
    text_put_hex(&hex, frame, "");
    Value value = value_map();
    value_set(arena, &value, "do", value_text(arena, "frame"));
    value_set(arena, &value, "lan", value_text(arena, lan));
    value_set(arena, &value, "octets", value_text_n(arena, text_get(&hex), hex.size));
    ConfigError refused = {0};
    bool good = session_command(session, &value, &refused);
    if (!good) text_print(error, "a frame from outside: %s", text_get(&refused.message));
    text_free(&refused.message);
    text_free(&hex);
    arena_free(arena);
    return good;
}

/* Every frame that waits, at the time it was seen. */
static bool take_frames(Order *o, Session *session, Text *error) {
    uint8_t room[FRAME_MOST];
    for (size_t i = 0; i < o->tap_count; i++) {
        for (size_t size = 1; size > 0;) {
            if (!tap_read(o->taps[i], room, sizeof room, &size, error)) return false;
            if (size > 0 && !frame_enters(session, o->lans[i], bytes_of(room, size), error)) return false;
        }
    }
    return true;
}

static bool open_taps(Order *o, Session *session, Text *error) {
    for (size_t i = 0; i < o->tap_count; i++) {
        o->taps[i] = tap_open(o->interfaces[i], error);
        if (!o->taps[i] || !world_tap(session_world(session), o->lans[i], frame_leaves, o->taps[i], error)) return false;
    }
    return true;
}

static bool give_command(void *self, const Value *value, Text *error) {
    ConfigError refused = {0};
    bool good = session_command(((Order *)self)->session, value, &refused);
    if (!good) text_print(error, "%s: %s", refused.field ? refused.field : "", text_get(&refused.message));
    text_free(&refused.message);
    return good;
}

static bool open_gateway(Order *o, Session *session, Text *error) {
    o->session = session;
    if (o->listen_count == 0) return true;
    o->gateway = gateway_new(&(VisitorDoor){o, give_command, session_world(session)}, error);
    for (size_t i = 0; o->gateway && i < o->listen_count; i++) {
        Text said = text_new();
        bool good = gateway_listen(o->gateway, o->listens[i], &said, error);
        if (good) fprintf(stderr, "netstage: %s listens for %.*s\n", text_get(&said), (int)strcspn(o->listens[i], "="), o->listens[i]);
        text_free(&said);
        if (!good) return false;
    }
    return o->gateway != NULL;
}


static bool exports_open(Exports *e, const Order *o, const Session *session, Text *error) {
    if (o->pcap && !(e->pcap = output_to_file(o->pcap, error))) return false;
    if (o->trace && !(e->trace = output_to_file(o->trace, error))) return false;
    if (o->commands && !(e->commands = output_to_file(o->commands, error))) return false;
    if (e->pcap) e->writer = pcapng_begin(session_trace(session), o->scope, "netstage " NETSTAGE_VERSION, e->pcap);
    return true;
}

static void exports_update(Exports *e, const Session *session) {
    size_t count = trace_count(session_trace(session));
    if (e->traced == count) return;
    if (e->commands && (!e->begun || e->commanded < session_command_count(session))) {
        Text lines = text_new();
        session_commands_write(session, e->commanded, !e->begun, &lines);
        output_put(e->commands, text_get(&lines), lines.size);
        text_free(&lines);
        e->commanded = session_command_count(session);
        e->begun = true;
    }
    if (e->pcap) {
        pcapng_update(&e->writer);
        output_flush(e->pcap);
    }
    if (e->trace) {
        jsonl_write(session_trace(session), e->traced, count, e->trace);
        output_flush(e->trace);
    }
    e->traced = count;
}

static bool exports_close(Exports *e, Text *error) {
    bool pcap = !e->pcap || output_close(e->pcap, error), trace = !e->trace || output_close(e->trace, error);
    bool commands = !e->commands || output_close(e->commands, error);
    return pcap && trace && commands;
}

/* A run that has fallen behind catches up by so much at a time: what clients have sent meanwhile is heard before the
 * timers of seconds that they did not see go off. And for so long, before the window is drawn again. */
static const SimTime SLICE = 20 * SIM_MILLISECOND, CATCHING_UP = 50 * SIM_MILLISECOND;

/* The run goes on up to `until`, with what came from outside and what goes back. */
static bool go_on(Order *o, SimTime until, Text *error) {
    if (session_run(o->session, until) == SESSION_FAILED) {
        text_put(error, session_error(o->session));
        return false;
    }
    if (!take_frames(o, o->session, error)) return false;
    return !o->gateway || (gateway_take(o->gateway, error) && gateway_hand_back(o->gateway, error));
}

/* Up to now, then a wait of `wait` at most. False: it is over, or *error says what was wrong. */
static bool turn(void *self, SimTime wait, Text *error) {
    Order *o = self;
    const World *world = session_world(o->session);
    SimTime started = pace_now(&o->pace), now, until;
    do {
        now = pace_now(&o->pace);
        until = now < o->span ? now : o->span;
        if (until > world_now(world) + SLICE) until = world_now(world) + SLICE;
        if (!go_on(o, until, error)) return false;
    } while (until < o->span && now - until > 0 && now - started < CATCHING_UP);
    exports_update(o->exports, o->session);
    if (until >= o->span || stopped) return false;
    SimTime next = sim_next_at(world_sim(session_world(o->session))), limit = until + wait < o->span ? until + wait : o->span;
    pace_wait(&o->pace, next < limit ? next : limit, o->descriptors, o->descriptor_count);
    return true;
}

static bool live(Order *o, Exports *exports, Text *error) {
    fprintf(stderr, "netstage: %s runs in real time; %s ends it\n", o->scenario.path, o->window ? "closing the window" : "Ctrl-C");
    o->exports = exports;
    for (size_t i = 0; i < o->tap_count; i++) o->descriptors[o->descriptor_count++] = tap_descriptor(o->taps[i]);
    if (o->gateway) o->descriptors[o->descriptor_count++] = gateway_descriptor(o->gateway);
    o->pace = pace_start();
    if (o->window) {
        VisitorDoor door = {o, give_command, session_world(o->session)};
        LiveConfig config = {.session = o->session, .language = o->language, .theme = o->theme, .turn = turn, .self = o,
                             .door = &door, .server = o->console, .stopped = &stopped};
        return live_show(&config, error);
    }
    while (turn(o, SIM_SECOND, error)) {
    }
    return error->size == 0;
}

static int serve(Order *o) {
    Text error = text_new();
    Session *session = cli_scenario_open(&o->scenario, &error);
    Exports exports = {0};
    bool good = session && open_taps(o, session, &error) && open_gateway(o, session, &error);
    good = good && exports_open(&exports, o, session, &error);
    if (good) {
        struct sigaction action = {.sa_handler = on_signal};
        sigaction(SIGINT, &action, NULL);
        sigaction(SIGTERM, &action, NULL);
        good = live(o, &exports, &error);
    }
    if (!exports_close(&exports, &error)) good = false;
    int status = !good ? EXIT_USAGE : session_expectations_failed(session) > 0 ? EXIT_FAILED_EXPECTATION : EXIT_HELD;
    if (error.size > 0) fprintf(stderr, "%s\n", text_get(&error));
    for (size_t i = 0; i < o->tap_count && o->taps[i]; i++)
        if (tap_dropped(o->taps[i]) > 0)
            fprintf(stderr, "netstage: %s could not take %llu frames\n", o->interfaces[i], (unsigned long long)tap_dropped(o->taps[i]));
    for (size_t i = 0; i < o->tap_count; i++) tap_close(o->taps[i]);
    gateway_free(o->gateway);
    session_free(session);
    text_free(&error);
    return status;
}

int cli_serve(int argc, char **argv) {
    CliArgs args = cli_args(&command, argc, argv);
    Order order = {.scenario = cli_scenario(), .span = SIM_NEVER};
    int status = EXIT_HELD, option;
    while (status == EXIT_HELD && (option = cli_next(&args)) != CLI_END) {
        if (option == CLI_HELP) return EXIT_HELD;
        if (option == CLI_WRONG) return EXIT_USAGE;
        status = take_option(&order, option, args.value);
    }
    if (status == EXIT_HELD) status = cli_scenario_given(&order.scenario, &command);
    if (status == EXIT_HELD && order.console && !order.window) status = cli_wrong(&command, "--console goes with --window; netstage console speaks in the terminal");
    return status == EXIT_HELD ? serve(&order) : status;
}
