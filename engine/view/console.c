#include "view/console.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "view/font.h"

enum { LINES_MOST = 2000, TYPED_MOST = 1000, HISTORY_MOST = 100 };

typedef enum { LINE_HEARD, LINE_TYPED, LINE_NOTE } LineKind;

typedef struct {
    LineKind kind;
    char *text;
} ConsoleLine;

struct Console {
    char *server;
    ConsoleLine *lines;
    size_t line_count, line_capacity;
    Text heard;  /* of a line that has not ended yet */
    Text typed;  /* the line being typed */
    Text given;  /* the line that was finished last */
    char *history[HISTORY_MOST];
    size_t history_count, history_at;
    size_t scroll; /* lines up from the newest */
};

static char *copy(const char *text) {
    size_t size = strlen(text) + 1;
    return memcpy(memory_new(size), text, size);
}

Console *console_new(const char *server) {
    Console *c = memory_new(sizeof *c);
    c->server = copy(server);
    return c;
}

void console_free(Console *c) {
    if (!c) return;
    for (size_t i = 0; i < c->line_count; i++) free(c->lines[i].text);
    for (size_t i = 0; i < c->history_count; i++) free(c->history[i]);
    free(c->lines);
    free(c->server);
    text_free(&c->heard);
    text_free(&c->typed);
    text_free(&c->given);
    free(c);
}

static void add_line(Console *c, LineKind kind, const char *text) {
    if (c->line_count == LINES_MOST) {
        free(c->lines[0].text);
        memmove(c->lines, c->lines + 1, --c->line_count * sizeof *c->lines);
    }
    c->lines = array_grow(c->lines, &c->line_capacity, c->line_count + 1, sizeof *c->lines);
    c->lines[c->line_count++] = (ConsoleLine){kind, copy(text)};
    c->scroll = 0;
}

/* Octets that are no printable ASCII are shown as a dot: what they are, the Message panel tells. */
void console_heard(Console *c, Bytes octets) {
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t o = octets.at[i];
        if (o == '\n') {
            add_line(c, LINE_HEARD, text_get(&c->heard));
            text_clear(&c->heard);
        } else if (o != '\r') {
            text_put_char(&c->heard, o >= 32 && o < 127 ? (char)o : '.');
        }
    }
}

void console_note(Console *c, const char *text) { add_line(c, LINE_NOTE, text); }

static void put_code_point(Text *text, uint32_t c) {
    if (c < 0x80) {
        text_put_char(text, (char)c);
    } else if (c < 0x800) {
        text_put_char(text, (char)(0xC0 | c >> 6));
        text_put_char(text, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        text_put_char(text, (char)(0xE0 | c >> 12));
        text_put_char(text, (char)(0x80 | (c >> 6 & 63)));
        text_put_char(text, (char)(0x80 | (c & 63)));
    } else {
        text_put_char(text, (char)(0xF0 | c >> 18));
        text_put_char(text, (char)(0x80 | (c >> 12 & 63)));
        text_put_char(text, (char)(0x80 | (c >> 6 & 63)));
        text_put_char(text, (char)(0x80 | (c & 63)));
    }
}

static void take_back(Text *text) {
    while (text->size > 0 && ((unsigned char)text->at[text->size - 1] & 0xC0) == 0x80) text->size--;
    if (text->size > 0) text->at[--text->size] = 0;
}

static void recall(Console *c, int direction) {
    if (direction < 0 && c->history_at > 0) c->history_at--;
    if (direction > 0 && c->history_at < c->history_count) c->history_at++;
    text_clear(&c->typed);
    if (c->history_at < c->history_count) text_put(&c->typed, c->history[c->history_at]);
}

static void remember(Console *c) {
    if (c->typed.size == 0) return;
    if (c->history_count == HISTORY_MOST) {
        free(c->history[0]);
        memmove(c->history, c->history + 1, --c->history_count * sizeof *c->history);
    }
    c->history[c->history_count++] = copy(text_get(&c->typed));
}

bool console_input(Console *c, const ViewEvent *event, const char **line) {
    *line = NULL;
    if (event->kind == EVENT_TEXT) {
        if (c->typed.size < TYPED_MOST) put_code_point(&c->typed, event->text);
        return true;
    }
    if (event->kind == EVENT_WHEEL) {
        if (event->wheel > 0 && c->scroll < c->line_count) c->scroll++;
        if (event->wheel < 0 && c->scroll > 0) c->scroll--;
        return true;
    }
    if (event->kind != EVENT_KEY) return false;
    switch (event->key) {
    case KEY_SPACE:
        if (c->typed.size < TYPED_MOST) text_put_char(&c->typed, ' ');
        return true;
    case KEY_BACKSPACE: take_back(&c->typed); return true;
    case KEY_UP: recall(c, -1); return true;
    case KEY_DOWN: recall(c, 1); return true;
    case KEY_ENTER:
        remember(c);
        c->history_at = c->history_count;
        add_line(c, LINE_TYPED, text_get(&c->typed));
        text_clear(&c->given);
        text_put(&c->given, text_get(&c->typed));
        text_clear(&c->typed);
        *line = text_get(&c->given);
        return true;
    /* The usual keys of a line that is typed, with nothing to do for them here, are not the stage's either. */
    case KEY_LEFT:
    case KEY_RIGHT:
    case KEY_HOME:
    case KEY_END: return true;
    default: return false;
    }
}

void console_draw(const Console *c, const Pen *pen, Rect box, bool focused) {
    float u = pen->type.unit, size = pen->type.body, step = roundf(size * 1.45f);
    const Theme *theme = pen->theme;
    draw_list_box(pen->list, box, u * 1.25f, theme->card, focused ? theme->accent : theme->line, focused ? 2 : 1);
    Text title = text_new();
    text_print(&title, "%s  %s", strings_get(pen->words, "console.title"), c->server);
    draw_list_text(pen->list, (Point){box.x + 2 * u, box.y + u + size / 2}, TEXT_LEFT, FONT_BOLD, pen->type.small,
                   theme->ink_soft, box.w - 4 * u, text_get(&title));
    text_free(&title);
    float left = box.x + 2 * u, width = box.w - 4 * u, bottom = box.y + box.h - u - step, top = box.y + 2 * u + step;
    draw_list_clip_push(pen->list, (Rect){box.x, box.y, box.w, box.h});
    /* The line being typed; its end is what must be seen. */
    const char *typed = text_get(&c->typed);
    while (*typed && font_width(FONT_MONO, size, typed, strlen(typed)) > width - 3 * u) {
        uint32_t ignored;
        typed += utf8_next(typed, strlen(typed), &ignored);
    }
    float middle = bottom + step / 2;
    draw_list_text(pen->list, (Point){left, middle}, TEXT_LEFT, FONT_MONO, size, theme->accent, 0, "> ");
    float at = left + font_width(FONT_MONO, size, "> ", 2);
    if (*typed) at += draw_list_text(pen->list, (Point){at, middle}, TEXT_LEFT, FONT_MONO, size, theme->ink, 0, typed);
    if (focused) draw_list_box(pen->list, (Rect){at + 1, middle - size * 0.6f, 2, size * 1.2f}, 0, theme->accent, theme->accent, 0);
    if (!*typed && c->line_count == 0)
        draw_list_text(pen->list, (Point){at + u, middle}, TEXT_LEFT, FONT_REGULAR, size, theme->ink_faint, width - 4 * u,
                       strings_get(pen->words, "console.hint"));
    float y = bottom - step / 2;
    for (size_t i = c->line_count > c->scroll ? c->line_count - c->scroll : 0; i-- > 0 && y > top;) {
        const ConsoleLine *line = &c->lines[i];
        Color ink = line->kind == LINE_HEARD ? theme->ink : line->kind == LINE_TYPED ? theme->accent : theme->ink_faint;
        FontFace face = line->kind == LINE_NOTE ? FONT_REGULAR : FONT_MONO;
        Text text = text_new();
        text_print(&text, "%s%s", line->kind == LINE_TYPED ? "> " : "", line->text);
        draw_list_text(pen->list, (Point){left, y}, TEXT_LEFT, face, size, ink, width, text_get(&text));
        text_free(&text);
        y -= step;
    }
    draw_list_clip_pop(pen->list);
}
