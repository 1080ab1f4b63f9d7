#include "view/view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/view_parts.h"

static const char *const panel_names[PANEL_COUNT] = {"stage", "ladder", "machine", "message", "leases", "mail"};

bool view_panel_parse(const char *name, ViewPanel *panel) {
    for (int i = 0; i < PANEL_COUNT; i++)
        if (strcmp(name, panel_names[i]) == 0) {
            *panel = (ViewPanel)i;
            return true;
        }
    return false;
}

static char *copy_text(const char *text) {
    if (!text || !*text) return NULL;
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size), text, size);
}

View *view_new(const ViewConfig *config) {
    View *view = memory_new(sizeof *view);
    view->config = *config;
    for (int l = 0; l < LANGUAGE_COUNT; l++) {
        view->titles[l] = copy_text(config->titles[l]);
        view->abouts[l] = copy_text(config->abouts[l]);
    }
    view->story = story_new(config->trace);
    view->timeline = timeline_new(config->trace);
    view->playback = playback_new(view->story);
    view->playback->passes_beats = config->live;
    view->ladder = ladder_view_new(view->story, false);
    view->stage = (Stage){
        .story = view->story, .timeline = view->timeline, .selected_host = STORY_NONE, .selected_message = STORY_NONE};
    view->message.message = STORY_NONE;
    view->mail = mail_panel_none;
    view->host = view->machine = STORY_NONE;
    view->language = config->language;
    view->theme = config->theme;
    view->panel = config->present ? PANEL_NONE : PANEL_LADDER;
    view->last = draw_list_new();
    view_layout(view, 1280, 800);
    return view;
}

void view_free(View *view) {
    if (!view) return;
    for (int l = 0; l < LANGUAGE_COUNT; l++) free(view->titles[l]), free(view->abouts[l]);
    stage_free(&view->stage);
    message_panel_free(&view->message);
    ladder_view_free(view->ladder);
    playback_free(view->playback);
    timeline_free(view->timeline);
    story_free(view->story);
    draw_list_free(view->last);
    free(view);
}

void view_layout(View *view, float width, float height) {
    view->width = width;
    view->height = height;
    /* A lecture hall is larger than a desk. */
    float larger = view->config.present ? 1.15f : 1;
    view->type = type_scale(width * larger, height * larger);
    view_arrange(view);
}

void view_set_time(View *view, SimTime t) {
    view->playback->playing = false;
    playback_seek_time(view->playback, t);
    /* All that happens at this instant, not only what comes before a beat there. */
    const Schedule *schedule = &view->playback->schedules[view->playback->pace];
    for (size_t i = 0; i < schedule->segment_count; i++)
        if (schedule->segments[i].t0 == t && schedule->segments[i].t1 == t &&
            schedule->segments[i].p0 >= view->playback->position)
            playback_seek(view->playback, (schedule->segments[i].p0 + schedule->segments[i].p1) / 2);
}

void view_set_panel(View *view, ViewPanel panel) {
    view->panel = panel;
    view_arrange(view);
}

bool view_select_host(View *view, const char *name) {
    const Directory *d = trace_directory(view->config.trace);
    for (uint32_t i = 0; i < d->host_count; i++)
        if (strcmp(d->hosts[i].name, name) == 0) {
            view->host = i;
            view->machine = STORY_NONE;
            return true;
        }
    return false;
}

/* "RCPT" in "MAIL RCPT DATA", and which word it is; a name of several words ("SYN ACK") is one for itself. */
static bool has_word(const char *words, const char *word) {
    size_t size = strlen(word);
    if (strcmp(words, word) == 0) return true;
    if (strchr(word, ' ') || strncmp(words, "SYN", 3) == 0 || strncmp(words, "FIN", 3) == 0) return false;
    for (const char *at = strstr(words, word); at; at = strstr(at + 1, word))
        if ((at == words || at[-1] == ' ') && (at[size] == 0 || at[size] == ' ')) return true;
    return false;
}

static uint32_t word_index(const char *words, const char *word) {
    size_t size = strlen(word);
    uint32_t index = 0;
    if (strcmp(words, word) == 0) return 0;
    for (const char *at = words; *at; at++) {
        if ((at == words || at[-1] == ' ') && strncmp(at, word, size) == 0 && (at[size] == 0 || at[size] == ' '))
            return index;
        index += *at == ' ';
    }
    return 0;
}

bool view_select_message(View *view, const char *name) {
    Place place = playback_place(view->playback, NULL);
    for (size_t i = view->story->message_count; i-- > 0;) {
        const StoryMessage *m = &view->story->messages[i];
        if (m->seq < place.seq_end && m->from_at <= place.t && m->name && has_word(m->name, name)) {
            message_panel_show(&view->message, view->story, (uint32_t)i);
            message_panel_turn(&view->message, view->story, word_index(m->name, name));
            view->message_chosen = true;
            return true;
        }
    }
    return false;
}

bool view_advance(View *view, double wall_s) { return playback_advance(view->playback, wall_s); }

bool view_rests(const View *view) { return !view->playback->playing; }
Color view_ground(const View *view) { return theme_get(view->theme)->ground; }
SimTime view_time(const View *view) { return playback_place(view->playback, NULL).t; }

Language view_language(const View *view) { return view->language; }
ThemeName view_theme(const View *view) { return view->theme; }

Pen view_pen(const View *view, DrawList *list) {
    return (Pen){list, theme_get(view->theme), view->type, view->config.words[view->language], view->language};
}

Scene view_scene(const View *view) {
    return (Scene){view->story, view->timeline, playback_place(view->playback, NULL)};
}

/* ---- Events ---- */

static unsigned act(View *view, ViewAction action) {
    Playback *playback = view->playback;
    switch (action) {
    case ACTION_PLAY: playback_toggle(playback); break;
    case ACTION_STEP: playback_step(playback); break;
    case ACTION_STEP_BACK: playback_step_back(playback); break;
    case ACTION_NEXT_BEAT: playback_next_beat(playback); break;
    case ACTION_PREVIOUS_BEAT: playback_previous_beat(playback); break;
    case ACTION_START:
        playback->playing = false;
        playback_seek(playback, 0);
        break;
    case ACTION_END:
        playback->playing = false;
        playback_seek(playback, playback_length(playback));
        break;
    case ACTION_NEXT_STATE: playback_jump_state(playback, 1); break;
    case ACTION_PREVIOUS_STATE: playback_jump_state(playback, -1); break;
    case ACTION_FASTER:
        if (playback->speed >= 8)
            playback->speed = 0.25;
        else
            playback_change_speed(playback, 1);
        break;
    case ACTION_SLOWER: playback_change_speed(playback, -1); break;
    case ACTION_PACE: playback_set_pace(playback, playback->pace == PACE_EVENTS ? PACE_CLOCK : PACE_EVENTS); break;
    case ACTION_LANGUAGE: view->language = view->language == LANGUAGE_EN ? LANGUAGE_ZH : LANGUAGE_EN; break;
    case ACTION_THEME: view->theme = view->theme == THEME_LIGHT ? THEME_DARK : THEME_LIGHT; break;
    case ACTION_HELP: view->help = !view->help; break;
    case ACTION_MINOR:
        view->minor = !view->minor;
        playback_set_segments(playback, view->minor);
        ladder_view_free(view->ladder);
        view->ladder = ladder_view_new(view->story, view->minor);
        break;
    case ACTION_FULLSCREEN: return VIEW_CHANGED | VIEW_FULLSCREEN;
    case ACTION_NONE:
    case ACTION_COUNT: return VIEW_SAME;
    }
    return VIEW_CHANGED;
}

static unsigned show_panel(View *view, ViewPanel panel) {
    view_set_panel(view, panel);
    return VIEW_CHANGED;
}

static unsigned key(View *view, ViewKey code) {
    switch (code) {
    case KEY_SPACE: return act(view, ACTION_PLAY);
    case KEY_RIGHT: return act(view, ACTION_STEP);
    case KEY_LEFT: return act(view, ACTION_STEP_BACK);
    case KEY_DOWN: return act(view, ACTION_NEXT_STATE);
    case KEY_UP: return act(view, ACTION_PREVIOUS_STATE);
    case KEY_PAGE_DOWN: return act(view, ACTION_NEXT_BEAT);
    case KEY_PAGE_UP: return act(view, ACTION_PREVIOUS_BEAT);
    case KEY_HOME: return act(view, ACTION_START);
    case KEY_END: return act(view, ACTION_END);
    case KEY_TAB: return show_panel(view, (ViewPanel)((view->panel + 1) % PANEL_COUNT));
    case KEY_BACK_TAB: return show_panel(view, (ViewPanel)((view->panel + PANEL_COUNT - 1) % PANEL_COUNT));
    case KEY_F1: return act(view, ACTION_HELP);
    case KEY_F11: return act(view, ACTION_FULLSCREEN);
    case KEY_ESCAPE:
        if (view->help) return act(view, ACTION_HELP);
        if (view->message_chosen || view->host != STORY_NONE || view->mail.letter != STORY_NONE) {
            view->message_chosen = false;
            view->mail = mail_panel_none;
            view->host = view->machine = STORY_NONE;
            return VIEW_CHANGED;
        }
        return VIEW_SAME;
    case KEY_BACKSPACE: return VIEW_QUIT;
    case KEY_ENTER: return act(view, ACTION_PLAY);
    case KEY_NONE: return VIEW_SAME;
    }
    return VIEW_SAME;
}

static unsigned choose_field(View *view, int direction) {
    const Description *d = &view->message.description;
    if (view->panel != PANEL_MESSAGE || view->message.message == STORY_NONE || d->count == 0) return VIEW_SAME;
    uint32_t field = view->message.field;
    for (size_t i = 0; i < d->count; i++) {
        field = field == STORY_NONE ? (direction > 0 ? 0 : (uint32_t)d->count - 1)
                                    : (uint32_t)((field + d->count + (size_t)direction) % d->count);
        if (d->fields[field].depth > 0) break;
    }
    view->message.field = field;
    return VIEW_CHANGED;
}

static unsigned typed(View *view, uint32_t c) {
    if (c >= '1' && c < '1' + PANEL_COUNT) return show_panel(view, (ViewPanel)(c - '1'));
    switch (c) {
    case 'l':
    case 'L': return act(view, ACTION_LANGUAGE);
    case 't':
    case 'T': return act(view, ACTION_THEME);
    case 'f':
    case 'F': return act(view, ACTION_FULLSCREEN);
    case '+':
    case '=': playback_change_speed(view->playback, 1); return VIEW_CHANGED;
    case '-':
    case '_': return act(view, ACTION_SLOWER);
    case 'c':
    case 'C': return act(view, ACTION_PACE);
    case 'd':
    case 'D': return act(view, ACTION_MINOR);
    case '?':
    case 'h':
    case 'H': return act(view, ACTION_HELP);
    case 'j': return choose_field(view, 1);
    case 'k': return choose_field(view, -1);
    case 'n':
    case 'p': {
        /* The next or previous host, for those without a mouse. */
        const Directory *d = trace_directory(view->config.trace);
        uint32_t host = view->host;
        for (size_t i = 0; i < d->host_count; i++) {
            host = host == STORY_NONE
                       ? (c == 'n' ? 0 : (uint32_t)d->host_count - 1)
                       : (uint32_t)((host + d->host_count + (c == 'n' ? 1 : d->host_count - 1)) % d->host_count);
            if (d->hosts[host].kind == NODE_HOST || d->hosts[host].kind == NODE_ROUTER) break;
        }
        view->host = host;
        view->machine = STORY_NONE;
        return VIEW_CHANGED;
    }
    default: return VIEW_SAME;
    }
}

static void drag(View *view, float x) {
    float part = view->bar.track.w > 0 ? (x - view->bar.track.x) / view->bar.track.w : 0;
    view->playback->playing = false;
    playback_seek(view->playback, (double)part * playback_length(view->playback));
}

static unsigned press(View *view, float x, float y) {
    uint32_t id = draw_list_hit(view->last, x, y), number = hit_number(id);
    if (view->help) {
        view->help = false;
        return VIEW_CHANGED;
    }
    switch (hit_kind(id)) {
    case HIT_BUTTON: return act(view, (ViewAction)number);
    case HIT_TAB: return show_panel(view, (ViewPanel)number == view->panel ? PANEL_NONE : (ViewPanel)number);
    case HIT_HOST:
        view->host = view->host == number ? STORY_NONE : number;
        view->machine = STORY_NONE;
        if (view->panel != PANEL_MACHINE && view->panel != PANEL_LEASES && view->panel != PANEL_MAIL && view->host != STORY_NONE)
            view_set_panel(view, PANEL_MACHINE);
        return VIEW_CHANGED;
    case HIT_MESSAGE:
        message_panel_show(&view->message, view->story, number);
        view->message_chosen = true;
        view_set_panel(view, PANEL_MESSAGE);
        return VIEW_CHANGED;
    case HIT_FIELD:
        /* Another message may be shown by now than when the click was aimed. */
        if (number >= view->message.description.count) return VIEW_SAME;
        if (view->message.description.fields[number].depth == 0) {
            unsigned layer = 0;
            for (uint32_t i = 1; i <= number; i++) layer += view->message.description.fields[i].depth == 0;
            view->message.folded ^= 1u << (layer & 31);
        } else {
            view->message.field = view->message.field == number ? STORY_NONE : number;
        }
        return VIEW_CHANGED;
    case HIT_CARRIED: message_panel_turn(&view->message, view->story, number); return VIEW_CHANGED;
    case HIT_CAUSE: {
        uint32_t message = story_message_of(view->story, number);
        if (message != STORY_NONE) {
            message_panel_show(&view->message, view->story, message);
            view->message_chosen = true;
        }
        return VIEW_CHANGED;
    }
    case HIT_TRACK:
        view->dragging = true;
        drag(view, x);
        return VIEW_CHANGED;
    case HIT_MARK: {
        const Schedule *schedule = &view->playback->schedules[view->playback->pace];
        for (size_t i = 0; i < schedule->stop_count; i++)
            if (schedule->stops[i].moment == number) playback_seek(view->playback, schedule->stops[i].p);
        view->playback->playing = false;
        return VIEW_CHANGED;
    }
    case HIT_MACHINE:
        view->machine = number;
        view->host = timeline_state(view->timeline)->machines[number].host;
        return VIEW_CHANGED;
    case HIT_LETTER:
        view->mail = mail_panel_none;
        view->mail.letter = number;
        return VIEW_CHANGED;
    case HIT_PART: view->mail.part = number; return VIEW_CHANGED;
    case HIT_MAIL_FIELD:
    case HIT_NONE:
    case HIT_PANEL: return VIEW_SAME;
    }
    return VIEW_SAME;
}

static unsigned move(View *view, float x, float y) {
    if (view->dragging) {
        drag(view, x);
        return VIEW_CHANGED;
    }
    uint32_t id = draw_list_hit(view->last, x, y);
    if (id == view->hovered) return VIEW_SAME;
    view->hovered = id;
    const Description *d = &view->message.description;
    uint32_t field = hit_number(id);
    bool on_field = hit_kind(id) == HIT_FIELD && field < d->count && d->fields[field].depth > 0;
    view->mail.hovered = hit_kind(id) == HIT_MAIL_FIELD ? field : STORY_NONE;
    view->message.hovered = on_field ? field : STORY_NONE;
    return VIEW_CHANGED;
}

static unsigned wheel(View *view, const ViewEvent *event) {
    float by = -event->wheel * view->type.body * 3, *scroll = NULL, limit = 0;
    if (!rect_contains(view->side, event->x, event->y)) {
        if (event->wheel > 0)
            playback_step_back(view->playback);
        else
            playback_step(view->playback);
        return VIEW_CHANGED;
    }
    switch (view->panel) {
    case PANEL_LADDER:
        by = -by; /* counted from the bottom, where the present is */
        scroll = &view->ladder_scroll, limit = view->ladder_limit;
        break;
    case PANEL_MESSAGE: scroll = &view->message.scroll, limit = view->message.scroll_limit; break;
    case PANEL_LEASES: scroll = &view->lease_scroll, limit = view->lease_limit; break;
    case PANEL_MAIL:
        if (event->y > view->mail.split) {
            view->mail.lines = fminf(100000, fmaxf(0, view->mail.lines - event->wheel * 3));
            return VIEW_CHANGED;
        }
        scroll = &view->mail.scroll, limit = view->mail.scroll_limit;
        break;
    default: return VIEW_SAME;
    }
    *scroll = fminf(limit, fmaxf(0, *scroll + by));
    return VIEW_CHANGED;
}

unsigned view_input(View *view, const ViewEvent *event) {
    switch (event->kind) {
    case EVENT_KEY: return key(view, event->key);
    case EVENT_TEXT: return typed(view, event->text);
    case EVENT_PRESS: return press(view, event->x, event->y);
    case EVENT_RELEASE: view->dragging = false; return VIEW_SAME;
    case EVENT_MOVE: return move(view, event->x, event->y);
    case EVENT_WHEEL: return wheel(view, event);
    }
    return VIEW_SAME;
}
