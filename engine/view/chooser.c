#include "view/chooser.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "view/actions.h"
#include "view/pen.h"

struct Chooser {
    const ChooserEntry *entries;
    size_t count, selected, chosen; /* chosen SIZE_MAX: none yet */
    const Strings *words[LANGUAGE_COUNT];
    Language language;
    ThemeName theme;
    float width, height, scroll, limit;
    uint32_t hovered;
    bool follow; /* the list moves so that the selected entry is seen */
    DrawList *last;
};

Chooser *chooser_new(const ChooserEntry *entries, size_t count, const Strings *const words[LANGUAGE_COUNT],
                     Language language, ThemeName theme, size_t selected) {
    Chooser *c = memory_new(sizeof *c);
    c->entries = entries;
    c->count = count;
    c->chosen = SIZE_MAX;
    c->selected = selected < count ? selected : 0;
    c->follow = true;
    for (int l = 0; l < LANGUAGE_COUNT; l++) c->words[l] = words[l];
    c->language = language;
    c->theme = theme;
    c->last = draw_list_new();
    chooser_layout(c, 1280, 800);
    return c;
}

void chooser_free(Chooser *c) {
    if (!c) return;
    draw_list_free(c->last);
    free(c);
}

void chooser_layout(Chooser *c, float width, float height) {
    c->width = width;
    c->height = height;
}

Language chooser_language(const Chooser *c) { return c->language; }
ThemeName chooser_theme(const Chooser *c) { return c->theme; }

size_t chooser_take(Chooser *c) {
    size_t chosen = c->chosen;
    c->chosen = SIZE_MAX;
    return chosen;
}

static float button(const Pen *pen, float right, float y, const char *text, uint32_t id) {
    float size = pen->type.body;
    float width = roundf(fmaxf(size * 2.2f, font_width(FONT_BOLD, size, text, strlen(text)) + size * 1.4f));
    Rect box = {right - width, y - roundf(size), width, roundf(size * 2)};
    draw_list_id(pen->list, id);
    draw_list_box(pen->list, box, box.h / 2, pen->theme->card, pen->theme->line, fmaxf(1, roundf(pen->type.scale)));
    draw_list_id(pen->list, 0);
    draw_list_text(pen->list, (Point){box.x + box.w / 2, y}, TEXT_CENTER, FONT_BOLD, size, pen->theme->ink_soft, 0,
                   text);
    return box.x - pen->type.unit;
}

static void draw_entry(const Chooser *c, const Pen *pen, size_t index, Rect box) {
    const ChooserEntry *entry = &c->entries[index];
    float u = pen->type.unit;
    bool on = index == c->selected;
    const char *title = entry->title[c->language], *about = entry->about[c->language];
    draw_list_id(pen->list, hit_id(HIT_MARK, (uint32_t)index));
    draw_list_box(pen->list, box, u * 1.25f, pen->theme->card, on ? pen->theme->accent : pen->theme->line,
                  on ? 2 * pen->type.scale : fmaxf(1, roundf(pen->type.scale)));
    draw_list_id(pen->list, 0);
    draw_list_text(pen->list, (Point){box.x + 2 * u, box.y + 2.6f * u}, TEXT_LEFT, FONT_BOLD, pen->type.label,
                   pen->theme->ink, box.w - 4 * u, *title ? title : entry->file);
    draw_list_paragraph(pen->list, (Rect){box.x + 2 * u, box.y + 4.4f * u, box.w - 4 * u, box.h - 7.4f * u}, TEXT_LEFT,
                        FONT_REGULAR, pen->type.body, 1.4f, pen->theme->ink_soft, about);
    draw_list_text(pen->list, (Point){box.x + 2 * u, box.y + box.h - 1.8f * u}, TEXT_LEFT, FONT_MONO, pen->type.small,
                   pen->theme->ink_faint, box.w - 4 * u, entry->file);
}

enum { COLUMNS = 3 };

/* Where the entry stands, counted from the top of the list: groups follow each other under headings. */
static Rect place_of(const Chooser *c, const Pen *pen, size_t index, float width, float *heading) {
    float u = pen->type.unit, height = 15.5f * u, gap = 2 * u, y = 0;
    float w = (width - (COLUMNS - 1) * gap) / COLUMNS;
    size_t column = 0;
    Rect place = {0, 0, 0, 0};
    for (size_t i = 0; i <= index; i++) {
        bool first = i == 0 || strcmp(c->entries[i].group, c->entries[i - 1].group) != 0;
        if (first) {
            if (i > 0) y += height + gap;
            *heading = y;
            y += 5 * u;
            column = 0;
        } else if (++column == COLUMNS) {
            column = 0;
            y += height + gap;
        }
        place = (Rect){(float)column * (w + gap), y, w, height};
    }
    return place;
}

void chooser_draw(Chooser *c, DrawList *list) {
    const Theme *theme = theme_get(c->theme);
    Pen pen = {list, theme, type_scale(c->width, c->height), c->words[c->language], c->language};
    float u = pen.type.unit, margin = 5 * u, top = 13 * u;
    draw_list_clear(list, c->width, c->height);
    draw_list_box(list, (Rect){0, 0, c->width, c->height}, 0, theme->ground, 0, 0);
    Rect body = {margin, top, c->width - 2 * margin, c->height - top};
    float heading = 0, end = 0;
    if (c->count > 0) end = place_of(c, &pen, c->count - 1, body.w, &heading).y + 17.5f * u;
    c->limit = fmaxf(0, end - body.h + margin);
    if (c->follow && c->count > 0) {
        Rect place = place_of(c, &pen, c->selected, body.w, &heading);
        if (place.y - c->scroll < 5 * u) c->scroll = place.y - 5 * u;
        if (place.y + place.h - c->scroll > body.h - margin) c->scroll = place.y + place.h - body.h + margin;
        c->follow = false;
    }
    c->scroll = fminf(c->limit, fmaxf(0, c->scroll));
    draw_list_clip_push(list, (Rect){0, top, c->width, c->height - top});
    for (size_t i = 0; i < c->count; i++) {
        Rect place = place_of(c, &pen, i, body.w, &heading);
        if (i == 0 || strcmp(c->entries[i].group, c->entries[i - 1].group) != 0) {
            const char *word = strings_find_in(pen.words, "group", c->entries[i].group);
            draw_list_text(list, (Point){body.x, body.y + heading - c->scroll + 2.2f * u}, TEXT_LEFT, FONT_BOLD,
                           pen.type.message, theme->ink_soft, body.w, word ? word : c->entries[i].group);
        }
        place.x += body.x;
        place.y += body.y - c->scroll;
        if (place.y + place.h > top && place.y < c->height) draw_entry(c, &pen, i, place);
    }
    draw_list_clip_pop(list);
    float x = c->width - margin, middle = 6 * u;
    x = button(&pen, x, middle, strings_get(pen.words, c->theme == THEME_LIGHT ? "top.dark" : "top.light"),
               hit_id(HIT_BUTTON, ACTION_THEME));
    x = button(&pen, x, middle, strings_get(pen.words, "top.other_language"), hit_id(HIT_BUTTON, ACTION_LANGUAGE));
    draw_list_text(list, (Point){margin, 5 * u}, TEXT_LEFT, FONT_BOLD, roundf(pen.type.title * 1.4f), theme->ink, 0,
                   "netstage");
    draw_list_text(list, (Point){margin, 9 * u}, TEXT_LEFT, FONT_REGULAR, pen.type.body, theme->ink_soft, x - margin,
                   strings_get(pen.words, "chooser.hint"));
    draw_list_copy(c->last, list);
}

static unsigned choose(Chooser *c, size_t index) {
    if (index >= c->count) return VIEW_SAME;
    c->selected = c->chosen = index;
    return VIEW_CHANGED | VIEW_QUIT;
}

static unsigned select_by(Chooser *c, long by) {
    long next = (long)c->selected + by;
    if (next < 0 || next >= (long)c->count) return VIEW_SAME;
    c->selected = (size_t)next;
    c->follow = true;
    return VIEW_CHANGED;
}

static unsigned toggle(Chooser *c, ViewAction action) {
    if (action == ACTION_LANGUAGE)
        c->language = c->language == LANGUAGE_EN ? LANGUAGE_ZH : LANGUAGE_EN;
    else if (action == ACTION_THEME)
        c->theme = c->theme == THEME_LIGHT ? THEME_DARK : THEME_LIGHT;
    return VIEW_CHANGED;
}

static unsigned press_key(Chooser *c, ViewKey key) {
    switch (key) {
    case KEY_LEFT: return select_by(c, -1);
    case KEY_RIGHT: return select_by(c, 1);
    case KEY_UP: return select_by(c, -COLUMNS);
    case KEY_DOWN: return select_by(c, COLUMNS);
    case KEY_HOME: return select_by(c, -(long)c->selected);
    case KEY_END: return select_by(c, (long)c->count - 1 - (long)c->selected);
    case KEY_ENTER:
    case KEY_SPACE:
    case KEY_PAGE_DOWN: return choose(c, c->selected);
    case KEY_F11: return VIEW_CHANGED | VIEW_FULLSCREEN;
    default: return VIEW_SAME;
    }
}

static unsigned type(Chooser *c, uint32_t letter) {
    switch (letter) {
    case 'l':
    case 'L': return toggle(c, ACTION_LANGUAGE);
    case 't':
    case 'T': return toggle(c, ACTION_THEME);
    case 'f':
    case 'F': return VIEW_CHANGED | VIEW_FULLSCREEN;
    default: return VIEW_SAME;
    }
}

unsigned chooser_input(Chooser *c, const ViewEvent *event) {
    uint32_t id = draw_list_hit(c->last, event->x, event->y);
    switch (event->kind) {
    case EVENT_KEY: return press_key(c, event->key);
    case EVENT_TEXT: return type(c, event->text);
    case EVENT_PRESS:
        if (hit_kind(id) == HIT_BUTTON) return toggle(c, (ViewAction)hit_number(id));
        return hit_kind(id) == HIT_MARK ? choose(c, hit_number(id)) : VIEW_SAME;
    case EVENT_MOVE:
        if (id == c->hovered) return VIEW_SAME;
        c->hovered = id;
        if (hit_kind(id) == HIT_MARK) c->selected = hit_number(id);
        return VIEW_CHANGED;
    case EVENT_WHEEL: c->scroll -= event->wheel * 60; return VIEW_CHANGED;
    case EVENT_RELEASE: return VIEW_SAME;
    }
    return VIEW_SAME;
}
