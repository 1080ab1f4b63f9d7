#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/panel_mail.h"

/* What a line is, as far as it is to be seen. */
typedef enum {
    LINE_PLAIN,
    LINE_FIELD,
    LINE_ADDED /* by the user agent or a server */,
    LINE_MIME,
    LINE_BOUNDARY,
    LINE_END
} LineKind;

typedef struct {
    const Pen *pen;
    Rect box; /* of the text */
    float size, step, y;
    float skip; /* lines that are scrolled away */
    const MimeTree *tree;
    bool dots;     /* as SMTP carries it */
    size_t before; /* octets that servers put in front */
    uint32_t hovered;
    bool cut; /* there is more than there is room for */
} Shape;

static bool begins(Bytes line, const char *with) {
    size_t size = strlen(with);
    return line.size >= size && bytes_equal_nocase(bytes_of(line.at, size), bytes_text(with));
}

/* The header field that stands at this offset of the message, or NULL. */
static const HeaderField *field_at(const MimeTree *tree, size_t offset) {
    for (const MimePart *part = tree->root; part; part = mime_next(part))
        for (size_t i = 0; offset >= part->offset && offset < part->body_offset && i < part->header.count; i++) {
            const HeaderField *field = &part->header.fields[i];
            if (offset >= field->offset && offset < field->offset + field->size) return field;
        }
    return NULL;
}

static bool is_boundary(const MimeTree *tree, Bytes line) {
    if (!begins(line, "--")) return false;
    for (const MimePart *part = tree->root; part; part = mime_next(part))
        if (part->boundary.size > 0 && line.size >= part->boundary.size + 2 &&
            memcmp(line.at + 2, part->boundary.at, part->boundary.size) == 0)
            return true;
    return false;
}

static LineKind kind_of(const Shape *s, Bytes line, size_t offset) {
    if (!s->tree || !s->tree->root) return LINE_PLAIN;
    if (offset < s->before) return LINE_ADDED;
    const HeaderField *field = field_at(s->tree, offset - s->before);
    if (!field) return is_boundary(s->tree, line) ? LINE_BOUNDARY : LINE_PLAIN;
    if (begins(field->name, "MIME-") || begins(field->name, "Content-")) return LINE_MIME;
    bool added = begins(field->name, "Date") || begins(field->name, "Message-ID") || begins(field->name, "Received") ||
                 begins(field->name, "Return-Path");
    return added ? LINE_ADDED : LINE_FIELD;
}

/* As it can be shown: what is no text as its octet in angle brackets. */
static void put_shown(Text *to, Bytes line) {
    for (size_t i = 0; i < line.size && i < 2000;) {
        uint32_t code;
        size_t step = utf8_next((const char *)line.at + i, line.size - i, &code);
        bool bad = code == 0xFFFD && step == 1;
        if (bad || code < 32 || code == 127) text_print(to, "<%02X>", line.at[i]);
        else text_put_n(to, (const char *)line.at + i, step);
        i += step;
    }
}

static void draw_row(Shape *s, const char *text, size_t size, LineKind kind, float indent, bool ends) {
    const Pen *pen = s->pen;
    if (s->skip > 0) {
        s->skip -= 1;
        return;
    }
    if (s->y + s->step > s->box.y + s->box.h + 1) {
        s->cut = true;
        return;
    }
    static const Tone tones[] = {[LINE_PLAIN] = TONE_NEUTRAL, [LINE_FIELD] = TONE_NEUTRAL, [LINE_ADDED] = TONE_ACTIVE,
                                 [LINE_MIME] = TONE_GOOD,     [LINE_BOUNDARY] = TONE_WARN, [LINE_END] = TONE_WARN};
    bool marked = kind >= LINE_ADDED;
    Rect row = {s->box.x - 3, s->y, s->box.w + 6, s->step};
    if (marked) draw_list_box(pen->list, row, 0, pen->theme->tone_soft[tones[kind]], 0, 0);
    Color ink = marked               ? pen->theme->tone_ink[tones[kind]]
                : kind == LINE_FIELD ? pen->theme->ink_soft
                                     : pen->theme->ink;
    char *copy = memory_new(size + 1);
    memcpy(copy, text, size);
    float width = draw_list_text(pen->list, (Point){s->box.x + indent, s->y + s->step / 2}, TEXT_LEFT, FONT_MONO,
                                 s->size, ink, 0, copy);
    if (ends && s->dots && indent + width + s->size < s->box.w)
        draw_list_text(pen->list, (Point){s->box.x + indent + width + 2, s->y + s->step / 2}, TEXT_LEFT, FONT_MONO,
                       s->size * 0.9f, pen->theme->ink_faint, 0, "\xE2\x86\xB5");
    free(copy);
    s->y += s->step;
}

/* One line, in as many rows as it needs. */
static void draw_line(Shape *s, Bytes line, size_t offset) {
    const Pen *pen = s->pen;
    LineKind kind = kind_of(s, line, offset);
    float dot = font_width(FONT_MONO, s->size, ".", 1), top = s->y;
    bool doubled = s->dots && line.size > 0 && line.at[0] == '.';
    Text shown = text_new();
    put_shown(&shown, line);
    const char *text = text_get(&shown);
    size_t left = shown.size;
    float indent = doubled ? dot : 0;
    do {
        size_t fits = font_fit(FONT_MONO, s->size, text, left, s->box.w - indent);
        if (fits == 0) fits = left;
        if (doubled && indent > 0 && s->skip <= 0 && s->y + s->step <= s->box.y + s->box.h + 1) {
            draw_list_box(pen->list, (Rect){s->box.x - 1, s->y + 1, dot + 1, s->step - 2}, 2,
                          pen->theme->tone[TONE_WARN], 0, 0);
            draw_list_text(pen->list, (Point){s->box.x, s->y + s->step / 2}, TEXT_LEFT, FONT_MONO, s->size,
                           pen->theme->ink, 0, ".");
        }
        draw_row(s, text, fits, kind, indent, fits == left);
        text += fits;
        left -= fits;
        indent = 0;
    } while (left > 0 && !s->cut);
    if (!s->dots && s->tree && s->tree->root && s->y > top) {
        const HeaderField *field = field_at(s->tree, offset);
        if (field)
            draw_list_zone(pen->list, (Rect){s->box.x, top, s->box.w, s->y - top},
                           hit_id(HIT_MAIL_FIELD, (uint32_t)field->offset));
    }
    text_free(&shown);
}

static void draw_octets(Shape *s, Bytes octets) {
    for (size_t at = 0; at < octets.size && !s->cut;) {
        const uint8_t *end = memchr(octets.at + at, '\n', octets.size - at);
        size_t stop = end ? (size_t)(end - octets.at) : octets.size,
               size = stop > at && octets.at[stop - 1] == '\r' ? stop - at - 1 : stop - at;
        draw_line(s, bytes_slice(octets, at, size), at);
        at = end ? stop + 1 : stop;
    }
    if (s->dots && !s->cut) draw_row(s, ".", 1, LINE_END, 0, true);
}

/* The frame of a column with its title and its length. Returns the box of its text. */
static Rect draw_frame(const Pen *pen, Rect box, const char *title, size_t size) {
    float u = pen->type.unit, small = pen->type.small;
    Text octets = text_new();
    char number[24];
    snprintf(number, sizeof number, "%zu", size);
    strings_fill(&octets, pen->words, "mail.octets", (StringsValue[]){{"octets", number}}, 1);
    float head = roundf(small * 1.8f),
          taken = size ? font_width(FONT_REGULAR, small * 0.9f, text_get(&octets), octets.size) : 0;
    draw_list_box(pen->list, box, u * 0.75f, pen->theme->ground, pen->theme->line, 1);
    draw_list_text(pen->list, (Point){box.x + u, box.y + head / 2 + 1}, TEXT_LEFT, FONT_BOLD, small,
                   pen->theme->ink_soft, box.w - taken - 3 * u, title);
    if (size)
        draw_list_text(pen->list, (Point){box.x + box.w - u, box.y + head / 2 + 1}, TEXT_RIGHT, FONT_REGULAR,
                       small * 0.9f, pen->theme->ink_faint, 0, text_get(&octets));
    draw_list_line(pen->list, (Point){box.x + 1, box.y + head}, (Point){box.x + box.w - 1, box.y + head},
                   pen->theme->line, 1);
    text_free(&octets);
    return (Rect){box.x + u, box.y + head + 3, box.w - 2 * u, box.h - head - 6};
}

static void draw_nothing(const Pen *pen, Rect box, const char *key) {
    draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, pen->type.small, 1.4f, pen->theme->ink_faint,
                        strings_get(pen->words, key));
}

/* What the field under the pointer is for; else what the colours mean. */
static void draw_foot(const MailPanel *panel, const LetterRead *letter, const Pen *pen, Rect box) {
    static const struct {
        Tone tone;
        const char *key;
    } legend[] = {{TONE_GOOD, "mail.legend_mime"}, {TONE_ACTIVE, "mail.legend_added"}, {TONE_WARN, "mail.legend_dots"}};
    const HeaderField *field = panel->hovered != STORY_NONE && letter->tree.root
                                   ? field_at(&letter->tree, panel->hovered)
                                   : NULL;
    float size = pen->type.small, x = box.x;
    if (field) {
        char name[64];
        size_t count = field->name.size < sizeof name - 1 ? field->name.size : sizeof name - 1;
        for (size_t i = 0; i < count; i++) name[i] = ascii_lower((char)field->name.at[i]);
        name[count] = 0;
        const char *words = strings_find_in(pen->words, "header", name);
        Text line = text_new();
        text_print(&line, "%.*s: %s", (int)field->name.size, (const char *)field->name.at,
                   words ? words : strings_get(pen->words, "header.other"));
        draw_list_paragraph(pen->list, box, TEXT_LEFT, FONT_REGULAR, size, 1.3f, pen->theme->accent, text_get(&line));
        text_free(&line);
        return;
    }
    for (size_t i = 0; i < sizeof legend / sizeof legend[0]; i++) {
        const char *words = strings_get(pen->words, legend[i].key);
        float side = roundf(size * 0.8f), middle = box.y + size * 0.75f;
        if (x + side + font_width(FONT_REGULAR, size, words, strlen(words)) + size > box.x + box.w) break;
        draw_list_box(pen->list, (Rect){x, middle - side / 2, side, side}, 2, pen->theme->tone_soft[legend[i].tone],
                      pen->theme->tone[legend[i].tone], 1);
        x += side + size * 0.4f;
        x += draw_list_text(pen->list, (Point){x, middle}, TEXT_LEFT, FONT_REGULAR, size, pen->theme->ink_soft, 0,
                            words) +
             size * 1.2f;
    }
}

void mail_draw_shapes(const MailPanel *panel, const LetterRead *letter, const Pen *pen, Rect box) {
    float u = pen->type.unit, foot = pen->type.small * 2.8f, gap = u, width = floorf((box.w - 2 * gap) / 3),
          height = box.h - foot;
    const char *const titles[] = {"mail.as_written", "mail.as_mime", "mail.as_carried"};
    Bytes octets[] = {bytes_of(text_get(&letter->written), letter->written.size), letter->made, letter->carried};
    const char *const missing[] = {letter->origin.report ? "mail.by_server" : "mail.not_ours", "mail.not_made",
                                   "mail.not_carried"};
    for (int i = 0; i < 3; i++) {
        Rect column = {box.x + (float)i * (width + gap), box.y, width, height};
        Rect inside = draw_frame(pen, column, strings_get(pen->words, titles[i]), octets[i].size);
        if (octets[i].size == 0) {
            draw_nothing(pen, inside, missing[i]);
            continue;
        }
        float size = fmaxf(10, roundf(pen->type.small * 0.85f));
        bool carried = i == 2;
        size_t before = carried && letter->carried.size > letter->made.size ? letter->carried.size - letter->made.size
                                                                            : 0;
        Shape shape = {.pen = pen,
                       .box = inside,
                       .size = size,
                       .step = roundf(size * 1.35f),
                       .y = inside.y,
                       .skip = panel->lines,
                       .tree = i == 0 ? NULL : &letter->tree,
                       .dots = carried,
                       .before = before,
                       .hovered = panel->hovered};
        draw_list_clip_push(pen->list, (Rect){column.x + 1, inside.y - 1, column.w - 2, inside.h + 2});
        draw_octets(&shape, octets[i]);
        draw_list_clip_pop(pen->list);
        if (shape.cut)
            draw_list_polygon(pen->list,
                              (Point[]){{column.x + column.w / 2 - u, column.y + column.h - u},
                                        {column.x + column.w / 2 + u, column.y + column.h - u},
                                        {column.x + column.w / 2, column.y + column.h - 2}},
                              3, pen->theme->wire);
    }
    draw_foot(panel, letter, pen, (Rect){box.x, box.y + height + u * 0.5f, box.w, foot});
}
