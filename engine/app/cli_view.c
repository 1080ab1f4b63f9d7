/* netstage play and netstage shot: a run in the window, or one picture of it. */
#include <stdio.h>
#include <string.h>

#include "app/assets.h"
#include "app/cli.h"
#include "app/cli_scenario.h"
#include "base/arena.h"
#include "script/session.h"
#include "view/svg.h"
#include "view/view.h"
#ifdef NETSTAGE_WINDOW
#include "app/window/shot.h"
#include "app/window/window.h"
#endif

typedef struct {
    const CliCommand *command;
    CliScenario scenario;
    const char *out, *host, *message;
    Language language;
    ThemeName theme;
    ViewPanel panel;
    bool has_panel, present, has_at;
    SimTime at;
    int width, height;
} Showing;

/* What both commands understand; each has more of its own. */
enum { OPTION_LANG, OPTION_THEME, OPTION_PANEL, OPTION_SEED, OPTION_SET, OPTION_COMMANDS, OPTION_SHARED };
#define SHARED_OPTIONS                                                                                                 \
    [OPTION_LANG] = {"lang", "en|zh", "the language; English if not given"},                                           \
    [OPTION_THEME] = {"theme", "light|dark", "light if not given"},                                                    \
    [OPTION_PANEL] = {"panel", "NAME", "beside the stage: ladder, machine, message, leases, mail; or stage for nothing"},    \
    [OPTION_SEED] = {"seed", "N", "the seed of all random numbers, instead of the scenario's"},                        \
    [OPTION_SET] = {"set", "KEY=VALUE", "change a setting that the scenario declares; may be given several times"},                 \
    [OPTION_COMMANDS] = {"commands", "FILE", "give these commands again, which serve --commands has written"}

enum { PLAY_PRESENT = OPTION_SHARED };
static const CliOption play_options[] = {
    SHARED_OPTIONS,
    [PLAY_PRESENT] = {"present", NULL, "full screen, the stage alone: for a lecture"},
};
static const CliCommand play_command = {
    .name = "play",
    .usage = "SCENARIO.lua [OPTION]...",
    .about = "Runs a scenario and shows it in a window. Space plays and pauses, Page Down goes to the next beat,\n"
             "? shows all keys.",
    .options = play_options,
    .option_count = sizeof play_options / sizeof play_options[0],
};

enum { SHOT_AT = OPTION_SHARED, SHOT_SIZE, SHOT_OUT, SHOT_HOST, SHOT_MESSAGE };
static const CliOption shot_options[] = {
    SHARED_OPTIONS,
    [SHOT_AT] = {"at", "TIME", "the moment, such as 12.5s; the end of the run if not given"},
    [SHOT_SIZE] = {"size", "WxH", "in pixels; 1280x800 if not given"},
    [SHOT_OUT] = {"out", "FILE", "F.png or F.svg; needed"},
    [SHOT_HOST] = {"host", "NAME", "select this host, as a click on it would"},
    [SHOT_MESSAGE] = {"message", "NAME", "select the last message of this name, such as OFFER"},
};
static const CliCommand shot_command = {
    .name = "shot",
    .usage = "SCENARIO.lua --out FILE [OPTION]...",
    .about = "Draws one moment of a run as a picture. No display is needed.",
    .options = shot_options,
    .option_count = sizeof shot_options / sizeof shot_options[0],
};

static int take_shared(Showing *s, int option, const char *value) {
    switch (option) {
    case OPTION_LANG:
        return language_parse(value, &s->language) ? EXIT_HELD
                                                   : cli_wrong(s->command, "--lang %s: en or zh expected", value);
    case OPTION_THEME:
        s->theme = strcmp(value, "dark") == 0 ? THEME_DARK : THEME_LIGHT;
        return strcmp(value, "dark") == 0 || strcmp(value, "light") == 0
                   ? EXIT_HELD
                   : cli_wrong(s->command, "--theme %s: light or dark expected", value);
    case OPTION_PANEL:
        s->has_panel = true;
        return view_panel_parse(value, &s->panel)
                   ? EXIT_HELD
                   : cli_wrong(s->command, "--panel %s: stage, ladder, machine, message, leases or mail expected", value);
    case OPTION_SEED: return cli_scenario_seed(&s->scenario, s->command, value);
    case OPTION_COMMANDS: s->scenario.commands = value; return EXIT_HELD;
    case OPTION_SET: return cli_scenario_set(&s->scenario, s->command, value);
    case CLI_PLACE: return cli_scenario_place(&s->scenario, s->command, value);
    default: CHECK_UNREACHABLE();
    }
}

static int take_play(Showing *s, int option, const char *value) {
    if (option != PLAY_PRESENT) return take_shared(s, option, value);
    s->present = true;
    return EXIT_HELD;
}

static int take_shot(Showing *s, int option, const char *value) {
    char rest;
    switch (option) {
    case SHOT_AT:
        s->has_at = true;
        return sim_time_parse(value, &s->at) ? EXIT_HELD
                                             : cli_wrong(s->command, "--at %s: a time such as 12.5s expected", value);
    case SHOT_SIZE:
        if (sscanf(value, "%5dx%5d%c", &s->width, &s->height, &rest) != 2 || s->width < 320 || s->height < 240 ||
            s->width > 8000 || s->height > 8000)
            return cli_wrong(s->command, "--size %s: WIDTHxHEIGHT expected, from 320x240 to 8000x8000", value);
        return EXIT_HELD;
    case SHOT_OUT: s->out = value; return EXIT_HELD;
    case SHOT_HOST: s->host = value; return EXIT_HELD;
    case SHOT_MESSAGE: s->message = value; return EXIT_HELD;
    default: return take_shared(s, option, value);
    }
}

static void print_line(void *self, const char *line, size_t size) {
    (void)self;
    fprintf(stderr, "%.*s\n", (int)size, line);
}

/* What is done with the view once everything is loaded; false: *error says why not. */
typedef bool UseView(const Showing *showing, View *view, const char *assets, const char *title, Text *error);

static bool show(Showing *s, Session *session, UseView *use, Text *error) {
    Strings *words[LANGUAGE_COUNT] = {NULL};
    Text assets = text_new();
    assets_find(&assets);
    bool good = true;
    for (Language l = 0; l < LANGUAGE_COUNT && good; l++) good = strings_load(text_get(&assets), l, &words[l], error);
    if (good) {
        ViewConfig config = {
            .trace = session_trace(session), .language = s->language, .theme = s->theme, .present = s->present};
        for (Language l = 0; l < LANGUAGE_COUNT; l++) {
            config.words[l] = words[l];
            config.titles[l] = session_title(session, language_name(l));
            config.abouts[l] = session_about(session, language_name(l));
        }
        View *view = view_new(&config);
        if (s->has_panel) view_set_panel(view, s->panel);
        good = use(s, view, text_get(&assets), session_title(session, language_name(s->language)), error);
        view_free(view);
    }
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(words[l]);
    text_free(&assets);
    return good;
}

static int run_and_show(Showing *s, UseView *use) {
    Text error = text_new();
    s->scenario.session.print = print_line;
    Session *session = cli_scenario_open(&s->scenario, &error);
    /* A run that a mistake cut short is shown up to there. */
    if (session && session_run(session, SIM_NEVER) == SESSION_FAILED) fprintf(stderr, "%s\n", session_error(session));
    bool good = session && show(s, session, use, &error);
    if (error.size > 0) fprintf(stderr, "%s\n", text_get(&error));
    session_free(session);
    text_free(&error);
    return good ? EXIT_HELD : EXIT_USAGE;
}

static int showing_command(const CliCommand *command, int argc, char **argv, int (*take)(Showing *, int, const char *),
                           UseView *use) {
    CliArgs args = cli_args(command, argc, argv);
    Showing s = {.command = command, .scenario = cli_scenario(), .width = 1280, .height = 800};
    int status = EXIT_HELD, option;
    while (status == EXIT_HELD && (option = cli_next(&args)) != CLI_END) {
        if (option == CLI_HELP) return EXIT_HELD;
        status = option == CLI_WRONG ? EXIT_USAGE : take(&s, option, args.value);
    }
    if (status == EXIT_HELD) status = cli_scenario_given(&s.scenario, command);
    if (status == EXIT_HELD && command == &shot_command && !s.out) status = cli_wrong(command, "--out FILE expected");
    if (status == EXIT_HELD) status = run_and_show(&s, use);
    cli_scenario_free(&s.scenario);
    return status;
}

/* ---- shot ---- */

static bool write_svg(const Showing *s, View *view, const char *title, Text *error) {
    DrawList *list = draw_list_new();
    Text svg = text_new();
    view_layout(view, (float)s->width, (float)s->height);
    view_draw(view, list);
    svg_write(&svg, list, view_ground(view), title);
    bool written = text_write_file(s->out, bytes_of(svg.at, svg.size), error);
    text_free(&svg);
    draw_list_free(list);
    return written;
}

static bool write_png(const Showing *s, View *view, const char *assets, Text *error) {
#ifdef NETSTAGE_WINDOW
    Text fonts = text_new();
    text_print(&fonts, "%s/fonts", assets);
    bool written = shot_write_png(view, text_get(&fonts), s->width, s->height, s->out, error);
    text_free(&fonts);
    return written;
#else
    (void)view, (void)assets;
    text_print(error, "%s: this netstage was built without its window and can write SVG alone", s->out);
    return false;
#endif
}

static bool take_picture(const Showing *s, View *view, const char *assets, const char *title, Text *error) {
    view_set_time(view, s->has_at ? s->at : SIM_NEVER);
    if (s->host && !view_select_host(view, s->host)) {
        text_print(error, "--host %s: there is no such host in this scenario", s->host);
        return false;
    }
    if (s->message && !view_select_message(view, s->message)) {
        text_print(error, "--message %s: no message of this name was sent by then", s->message);
        return false;
    }
    size_t size = strlen(s->out);
    if (size > 4 && strcmp(s->out + size - 4, ".svg") == 0) return write_svg(s, view, title, error);
    return write_png(s, view, assets, error);
}

int cli_shot(int argc, char **argv) { return showing_command(&shot_command, argc, argv, take_shot, take_picture); }

/* ---- play ---- */

static bool open_window(const Showing *s, View *view, const char *assets, const char *title, Text *error) {
#ifdef NETSTAGE_WINDOW
    Text fonts = text_new();
    text_print(&fonts, "%s/fonts", assets);
    WindowConfig config = {.title = *title ? title : "netstage", .fonts = text_get(&fonts), .fullscreen = s->present};
    Window *window;
    bool shown = window_open(&config, &window, error);
    text_free(&fonts);
    if (shown) {
        WindowContent content = window_content_of_view(view);
        while (window_show(window, &content)) {
        } /* there is no list to go back to */
        window_close(window);
    }
    return shown;
#else
    (void)s, (void)view, (void)assets, (void)title;
    text_put(error, "this netstage was built without its window");
    return false;
#endif
}

int cli_play(int argc, char **argv) { return showing_command(&play_command, argc, argv, take_play, open_window); }
