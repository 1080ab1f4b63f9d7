#include "app/live.h"

#include <string.h>

#include "app/assets.h"
#include "base/arena.h"

#ifndef NETSTAGE_WINDOW
bool live_show(const LiveConfig *config, Text *error) {
    (void)config;
    text_put(error, "this netstage was built without its window");
    return false;
}
#else

#include <math.h>

#include "app/window/window.h"
#include "view/console.h"
#include "view/view_follow.h"

static const SimTime turn_wait = 12 * SIM_MILLISECOND;
/* A picture of a growing run is made anew so often at most: a class sees no difference. */
static const double renew_after_s = 0.3;

typedef struct {
    const LiveConfig *config;
    Strings *words[LANGUAGE_COUNT];
    ViewConfig view_config;
    View *view;
    size_t shown, known; /* records, and hosts, links and machines, that the view knows */
    double since_s;
    Console *console; /* NULL: none */
    Visitor visitor;
    char connection[24];
    unsigned connections;
    bool connected, focused, over;
    float width, height;
    Text error;
} Live;

/* ---- The console's connection ---- */

static WorldTalk talk_of(const Live *live) {
    return world_talk(session_world(live->config->session), live->visitor.host, live->connection);
}

static void heard(void *self, Bytes octets) {
    Live *live = self;
    const Strings *words = live->words[view_language(live->view)];
    if (octets.size > 0) {
        console_heard(live->console, octets);
        return;
    }
    WorldTalk talk = talk_of(live);
    if (!talk.state) return;
    if (strcmp(talk.state, "ENDED") == 0 && live->connected) {
        live->connected = false;
        console_note(live->console, strings_get(words, "console.ended"));
    }
}

static bool connect_console(Live *live, Text *error) {
    uint32_t host;
    uint16_t port;
    const LiveConfig *config = live->config;
    if (!visitor_find(config->door->world, config->server, &host, &port, error) ||
        !visitor_join(config->door, host, port, &live->visitor, error))
        return false;
    Text name = text_new();
    text_print(&name, "console-%u", ++live->connections);
    memcpy(live->connection, text_get(&name), name.size + 1);
    text_free(&name);
    if (!visitor_connect(&live->visitor, live->connection, error)) return false;
    live->connected = world_talk_listen(config->door->world, live->visitor.host, live->connection, heard, live);
    return true;
}

static void type_line(Live *live, const char *line) {
    Text trouble = text_new();
    if (!live->connected && !connect_console(live, &trouble)) console_note(live->console, text_get(&trouble));
    WorldTalk talk = talk_of(live);
    if (talk.state && strcmp(talk.state, "OPEN") == 0) {
        Text octets = text_new();
        text_print(&octets, "%s\r\n", line);
        if (!visitor_write(&live->visitor, live->connection, bytes_of(octets.at, octets.size), &trouble))
            console_note(live->console, text_get(&trouble));
        text_free(&octets);
    }
    text_free(&trouble);
}

/* ---- What the window asks for ---- */

static float console_height(const Live *live) { return live->console ? roundf(live->height * 0.3f) : 0; }

static void layout(void *self, float width, float height) {
    Live *live = self;
    live->width = width;
    live->height = height;
    view_layout(live->view, width, height - console_height(live));
}

static void draw(void *self, DrawList *list) {
    Live *live = self;
    view_draw(live->view, list);
    if (!live->console) return;
    float top = live->height - console_height(live);
    Theme const *theme = theme_get(view_theme(live->view));
    Pen pen = {list, theme, type_scale(live->width, live->height), live->words[view_language(live->view)],
               view_language(live->view)};
    float u = pen.type.unit;
    draw_list_extend(list, live->width, live->height);
    draw_list_box(list, (Rect){0, top, live->width, live->height - top}, 0, theme->ground, theme->ground, 0);
    console_draw(live->console, &pen, (Rect){u, top, live->width - 2 * u, live->height - top - u}, live->focused);
}

static size_t hosts_and_links(const Live *live) {
    const Directory *d = trace_directory(session_trace(live->config->session));
    return d->host_count + d->link_count + d->machine_count;
}

static void renew(Live *live) {
    size_t count = trace_count(session_trace(live->config->session));
    if (count == live->shown) return;
    live->view_config.trace = session_trace(live->config->session);
    View *next = view_new(&live->view_config);
    view_follow(next, live->view);
    view_free(live->view);
    live->view = next;
    live->shown = count;
    live->known = hosts_and_links(live);
    live->since_s = 0;
}

static bool advance(void *self, double wall_s) {
    Live *live = self;
    live->since_s += wall_s;
    size_t before = trace_count(session_trace(live->config->session));
    if (!live->over && !live->config->turn(live->config->self, turn_wait, &live->error)) live->over = true;
    if (live->config->stopped && *live->config->stopped) live->over = true;
    bool grew = trace_count(session_trace(live->config->session)) != before;
    /* A view knows the hosts there were when it was made: one that has joined since is a reason for another at once. */
    if (live->since_s >= renew_after_s || hosts_and_links(live) != live->known) renew(live);
    return view_advance(live->view, wall_s) || grew;
}

static bool rests(void *self) {
    (void)self;
    return false;
}

static bool is_over(void *self) { return ((const Live *)self)->over; }

static unsigned input(void *self, const ViewEvent *event) {
    Live *live = self;
    if (live->console) {
        bool pointer = event->kind == EVENT_PRESS || event->kind == EVENT_WHEEL;
        bool inside = pointer && event->y >= live->height - console_height(live);
        if (event->kind == EVENT_PRESS) live->focused = inside;
        if (live->focused && event->kind == EVENT_KEY && event->key == KEY_TAB) {
            live->focused = false;
            return VIEW_CHANGED;
        }
        if (!live->focused && event->kind == EVENT_TEXT && (event->text == 'c' || event->text == 'C')) {
            live->focused = true;
            return VIEW_CHANGED;
        }
        const char *line;
        if ((live->focused && !(pointer && !inside)) || inside) {
            if (console_input(live->console, event, &line)) {
                if (line) type_line(live, line);
                return VIEW_CHANGED;
            }
            if (inside) return VIEW_CHANGED;
        }
    }
    return view_input(live->view, event);
}

bool live_show(const LiveConfig *config, Text *error) {
    Live live = {.config = config};
    Text assets = text_new();
    assets_find(&assets);
    bool good = true;
    for (Language l = 0; l < LANGUAGE_COUNT && good; l++)
        good = strings_load(text_get(&assets), l, &live.words[l], error);
    text_put(&assets, "/fonts");
    Window *window = NULL;
    const char *title = session_title(config->session, language_name(config->language));
    WindowConfig window_config = {.title = *title ? title : "netstage", .fonts = text_get(&assets)};
    good = good && window_open(&window_config, &window, error);
    if (good) {
        live.view_config = (ViewConfig){
            .trace = session_trace(config->session), .language = config->language, .theme = config->theme, .live = true};
        for (Language l = 0; l < LANGUAGE_COUNT; l++) {
            live.view_config.words[l] = live.words[l];
            live.view_config.titles[l] = session_title(config->session, language_name(l));
            live.view_config.abouts[l] = session_about(config->session, language_name(l));
        }
        live.view = view_new(&live.view_config);
        view_set_time(live.view, SIM_NEVER); /* what comes is played as it comes */
        live.shown = trace_count(session_trace(config->session));
        live.known = hosts_and_links(&live);
        if (config->server) {
            live.console = console_new(config->server);
            live.focused = true;
            if (!connect_console(&live, error)) good = false;
            renew(&live);
        }
        WindowContent content = {&live, layout, draw, advance, rests, input, is_over};
        while (good && !live.over && window_show(window, &content)) {
        } /* there is no list to go back to */
        if (live.connected)
            (void)!world_talk_listen(config->door->world, live.visitor.host, live.connection, NULL, NULL);
        if (live.error.size > 0) {
            text_put(error, text_get(&live.error));
            good = false;
        }
        view_free(live.view);
        console_free(live.console);
        window_close(window);
    }
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(live.words[l]);
    text_free(&assets);
    text_free(&live.error);
    return good;
}
#endif
