/* Every shipped scenario, drawn: tidy in both languages at the sizes that matter, and with a word for all it shows. */
#include "view/tidy.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/value.h"
#include "script/session.h"
#include "view/story.h"
#include "view/view.h"
#include "view/words.h"

typedef void UseScenario(const char *name, Session *session);

static void for_each_scenario(UseScenario *use) {
    static const char *const folders[] = {NETSTAGE_SOURCE "/scenarios/dhcp", NETSTAGE_SOURCE "/scenarios/mail"};
    for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++) {
        DIR *directory = opendir(folders[f]);
        assert_non_null(directory);
        int count = 0;
        for (struct dirent *entry; (entry = readdir(directory));) {
            size_t size = strlen(entry->d_name);
            if (size < 5 || strcmp(entry->d_name + size - 4, ".lua") != 0) continue;
            Text path = text_new(), error = text_new();
            text_print(&path, "%s/%s", folders[f], entry->d_name);
            SessionOptions options = session_options_default();
            Session *session = session_open(text_get(&path), &options, &error);
            if (!session) fail_msg("%s", text_get(&error));
            if (session_run(session, SIM_NEVER) == SESSION_FAILED) fail_msg("%s", session_error(session));
            use(entry->d_name, session);
            session_free(session);
            text_free(&path);
            text_free(&error);
            count++;
        }
        closedir(directory);
        assert_true(count >= 10);
    }
}

static void key(View *view, ViewKey code) { view_input(view, &(ViewEvent){.kind = EVENT_KEY, .key = code}); }

static void draw_throughout(const char *name, Session *session) {
    static const int sizes[][2] = {{1024, 640}, {1280, 800}, {1920, 1080}};
    ViewConfig config = {.trace = session_trace(session),
                         .words = {words[0], words[1]},
                         .titles = {session_title(session, "en"), session_title(session, "zh")}};
    DrawList *list = draw_list_new();
    for (Language l = 0; l < LANGUAGE_COUNT; l++) {
        config.language = l;
        View *view = view_new(&config);
        for (int frame = 0; frame < 120; frame++) {
            int panel = frame % PANEL_COUNT, size = frame / PANEL_COUNT % 3;
            view_set_panel(view, (ViewPanel)panel);
            view_layout(view, (float)sizes[size][0], (float)sizes[size][1]);
            if (view_rests(view)) key(view, KEY_SPACE);
            SimTime before = view_time(view);
            view_advance(view, 0.37);
            if (view_time(view) < before) break; /* begins again: all has been seen */
            view_draw(view, list);
            char where[200];
            snprintf(where, sizeof where, "%s %s %dx%d panel %d t=%.6f", name, language_name(l), sizes[size][0],
                     sizes[size][1], panel, (double)view_time(view) / 1e9);
            assert_tidy(list, where);
        }
        view_free(view);
    }
    draw_list_free(list);
}

static void every_scenario_is_tidy(void **state) {
    (void)state;
    for_each_scenario(draw_throughout);
}

static void assert_word(const char *name, const char *family, const char *identifier) {
    if (!strings_find_in(words[LANGUAGE_EN], family, identifier))
        fail_msg("%s: assets/lang has no %s.%s", name, family, identifier);
}

static void find_words(const char *name, Session *session) {
    const Trace *trace = session_trace(session);
    const Directory *d = trace_directory(trace);
    for (size_t i = 0; i < d->reason_count; i++) assert_word(name, "reason", d->reasons[i]);
    for (size_t i = 0; i < d->fact_count; i++)
        if (strcmp(d->facts[i]->name, "link.plugged") != 0) {
            assert_word(name, "fact", d->facts[i]->name);
            if (story_is_notable(d->facts[i]->name)) assert_word(name, "note", d->facts[i]->name);
        }
    for (size_t i = 0; i < d->machine_count; i++) {
        const MachineSpec *spec = d->machines[i].spec;
        for (size_t s = 0; s < spec->state_count; s++) assert_word(name, "state", spec->states[s]);
        for (size_t t = 0; t < spec->timer_count; t++) assert_word(name, "timer", spec->timers[t]);
    }
    Arena *arena = arena_new();
    for (size_t i = 0; i < trace_count(trace); i++) {
        const TraceRecord *r = trace_get(trace, i);
        if (r->kind == TRACE_FACT) {
            const FactSpec *spec = trace_fact_spec(trace, r);
            for (size_t f = 0; f < spec->count; f++)
                if (spec->fields[f].kind == FACT_NAME && strcmp(spec->name, "dhcp.binding") != 0)
                    assert_word(name, "name", trace_fact_name(trace_fact_values(trace, r)[f]));
        } else if (r->kind == TRACE_COMMAND) {
            Value command;
            Text error = text_new();
            const char *json = trace_text(trace, r);
            assert_true(value_parse(arena, json, strlen(json), &command, &error));
            assert_word(name, "command", value_get(&command, "do")->text);
            text_free(&error);
        }
    }
    arena_free(arena);
}

static void every_identifier_has_a_word(void **state) {
    (void)state;
    for_each_scenario(find_words);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_scenario_is_tidy),
        cmocka_unit_test(every_identifier_has_a_word),
    };
    return cmocka_run_group_tests(tests, load_words, free_words);
}
