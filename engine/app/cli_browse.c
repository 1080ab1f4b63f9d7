/* netstage alone: the window, at the list of scenarios. */
#ifdef NETSTAGE_WINDOW
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/assets.h"
#include "app/cli.h"
#include "app/window/window.h"
#include "base/arena.h"
#include "script/session.h"

typedef struct {
    ChooserEntry shown;
    char *path;
} Entry;

typedef struct {
    Arena *arena;
    Entry *entries;
    ChooserEntry *shown; /* the same, without paths */
    size_t count, capacity;
} Shelf;

/* Reads a scenario's title without running it out; one with a mistake is listed by its file name. */
static void add_file(Shelf *shelf, const char *group, const char *directory, const char *file) {
    Text path = text_new(), error = text_new();
    text_print(&path, "%s/%s", directory, file);
    SessionOptions options = session_options_default();
    Session *session = session_open(text_get(&path), &options, &error);
    shelf->entries = array_grow(shelf->entries, &shelf->capacity, shelf->count + 1, sizeof *shelf->entries);
    Entry *entry = &shelf->entries[shelf->count++];
    *entry = (Entry){.path = arena_text(shelf->arena, text_get(&path))};
    entry->shown.group = arena_text(shelf->arena, group);
    entry->shown.file = arena_text(shelf->arena, file);
    for (Language l = 0; l < LANGUAGE_COUNT; l++) {
        const char *language = language_name(l);
        entry->shown.title[l] = arena_text(shelf->arena, session ? session_title(session, language) : "");
        entry->shown.about[l] = arena_text(shelf->arena, session ? session_about(session, language) : text_get(&error));
    }
    session_free(session);
    text_free(&path);
    text_free(&error);
}

static int by_name(const struct dirent **a, const struct dirent **b) { return strcmp((*a)->d_name, (*b)->d_name); }

static void add_group(Shelf *shelf, const char *root, const char *group) {
    Text directory = text_new();
    text_print(&directory, "%s/%s", root, group);
    struct dirent **files;
    int count = scandir(text_get(&directory), &files, NULL, by_name);
    /* The nine steps are where a course begins. */
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < count; i++) {
            const char *name = files[i]->d_name;
            size_t size = strlen(name);
            bool first = strcmp(name, "nine-steps.lua") == 0;
            if (size > 4 && strcmp(name + size - 4, ".lua") == 0 && first == (pass == 0))
                add_file(shelf, group, text_get(&directory), name);
        }
    for (int i = 0; i < count; i++) free(files[i]);
    if (count >= 0) free(files);
    text_free(&directory);
}

static Shelf read_shelf(const char *root) {
    Shelf shelf = {.arena = arena_new()};
    struct dirent **groups;
    int count = scandir(root, &groups, NULL, by_name);
    for (int i = 0; i < count; i++) {
        if (groups[i]->d_name[0] != '.') add_group(&shelf, root, groups[i]->d_name);
        free(groups[i]);
    }
    if (count >= 0) free(groups);
    shelf.shown = memory_new((shelf.count + 1) * sizeof *shelf.shown);
    for (size_t i = 0; i < shelf.count; i++) shelf.shown[i] = shelf.entries[i].shown;
    return shelf;
}

/* Runs the scenario and shows it. False: the window has been closed. */
static bool play(Window *window, const char *path, Strings *words[LANGUAGE_COUNT], Language *language,
                 ThemeName *theme) {
    Text error = text_new();
    SessionOptions options = session_options_default();
    Session *session = session_open(path, &options, &error);
    bool open = true;
    if (session) {
        if (session_run(session, SIM_NEVER) == SESSION_FAILED) fprintf(stderr, "%s\n", session_error(session));
        ViewConfig config = {.trace = session_trace(session), .language = *language, .theme = *theme};
        for (Language l = 0; l < LANGUAGE_COUNT; l++) {
            config.words[l] = words[l];
            config.titles[l] = session_title(session, language_name(l));
            config.abouts[l] = session_about(session, language_name(l));
        }
        View *view = view_new(&config);
        WindowContent content = window_content_of_view(view);
        open = window_show(window, &content);
        *language = view_language(view);
        *theme = view_theme(view);
        view_free(view);
    } else {
        fprintf(stderr, "%s\n", text_get(&error));
    }
    session_free(session);
    text_free(&error);
    return open;
}

static void browse(Window *window, const Shelf *shelf, Strings *words[LANGUAGE_COUNT]) {
    const Strings *both[LANGUAGE_COUNT] = {words[LANGUAGE_EN], words[LANGUAGE_ZH]};
    Language language = LANGUAGE_EN;
    ThemeName theme = THEME_LIGHT;
    size_t at = 0;
    for (bool open = true; open;) {
        Chooser *chooser = chooser_new(shelf->shown, shelf->count, both, language, theme, at);
        WindowContent content = window_content_of_chooser(chooser);
        open = window_show(window, &content);
        size_t chosen = chooser_take(chooser);
        language = chooser_language(chooser);
        theme = chooser_theme(chooser);
        chooser_free(chooser);
        if (open && chosen < shelf->count) {
            at = chosen;
            open = play(window, shelf->entries[chosen].path, words, &language, &theme);
        }
    }
}

bool cli_browse(Text *error) {
    Text assets = text_new(), fonts = text_new(), scenarios = text_new();
    assets_find(&assets);
    text_print(&fonts, "%s/fonts", text_get(&assets));
    text_print(&scenarios, "%s/../scenarios", text_get(&assets));
    Strings *words[LANGUAGE_COUNT] = {NULL};
    bool good = true;
    for (Language l = 0; l < LANGUAGE_COUNT && good; l++) good = strings_load(text_get(&assets), l, &words[l], error);
    Window *window = NULL;
    WindowConfig config = {.title = "netstage", .fonts = text_get(&fonts)};
    good = good && window_open(&config, &window, error);
    if (good) {
        Shelf shelf = read_shelf(text_get(&scenarios));
        browse(window, &shelf, words);
        free(shelf.entries);
        free(shelf.shown);
        arena_free(shelf.arena);
    }
    window_close(window);
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(words[l]);
    text_free(&assets);
    text_free(&fonts);
    text_free(&scenarios);
    return good;
}
#else
#include "app/cli.h"

bool cli_browse(Text *error) {
    text_put(error, "this netstage was built without its window");
    return false;
}
#endif
