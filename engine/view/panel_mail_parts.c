#include <math.h>
#include <stdio.h>
#include <string.h>

#include "mail/base64.h"
#include "mail/encoding_choice.h"
#include "mail/quoted_printable.h"
#include "view/panel_mail.h"

enum { STEPS = 400, SOURCE_MOST = 1 << 16 };

static bool is_encoded(const MimePart *part) {
    return part->encoding == MIME_BASE64 || part->encoding == MIME_QUOTED_PRINTABLE;
}

/* The chosen part; without a choice the first that is encoded, else the first that holds something. */
static const MimePart *chosen_part(const MailPanel *panel, const MimeTree *tree) {
    const MimePart *encoded = NULL, *leaf = NULL;
    uint32_t index = 0;
    for (const MimePart *part = tree->root; part; part = mime_next(part), index++) {
        if (index == panel->part) return part;
        if (!encoded && is_encoded(part)) encoded = part;
        if (!leaf && !part->first) leaf = part;
    }
    return encoded ? encoded : leaf;
}

/* ---- The tree ---- */

static void draw_tree(const MailPanel *panel, const LetterRead *letter, const MimePart *chosen, const Pen *pen,
                      Rect box) {
    (void)panel;
    float size = pen->type.small, u = pen->type.unit, row = roundf(size * 1.65f),
          y = pen_heading(pen, box.x, box.y, box.w, strings_get(pen->words, "mail.parts"));
    uint32_t index = 0;
    for (const MimePart *part = letter->tree.root; part && y + row <= box.y + box.h; part = mime_next(part), index++) {
        float x = box.x + 2 * u * (float)part->depth, middle = y + row / 2;
        bool on = part == chosen;
        draw_list_zone(pen->list, (Rect){box.x, y, box.w, row}, hit_id(HIT_PART, index));
        if (on)
            draw_list_box(pen->list, (Rect){box.x, y, box.w, row}, u * 0.5f, color_fade(pen->theme->accent, 0.14f), 0,
                          0);
        if (part->depth > 0) {
            draw_list_line(pen->list, (Point){x - u, y - row * 0.3f}, (Point){x - u, middle}, pen->theme->wire, 1.5f);
            draw_list_line(pen->list, (Point){x - u, middle}, (Point){x - u * 0.2f, middle}, pen->theme->wire, 1.5f);
        }
        Text name = text_new(), how = text_new();
        text_print(&name, "%.*s/%.*s", (int)part->type_name.size, (const char *)part->type_name.at,
                   (int)part->subtype.size, (const char *)part->subtype.at);
        if (!part->first)
            text_print(&how, "%.*s  %zu B", (int)part->encoding_name.size, (const char *)part->encoding_name.at,
                       part->body.size);
        float how_width = font_width(FONT_REGULAR, size * 0.9f, text_get(&how), how.size),
              name_width = font_width(on ? FONT_BOLD : FONT_REGULAR, size, name.at, name.size);
        bool fits = x + u * 0.5f + name_width + u + how_width < box.x + box.w;
        draw_list_text(pen->list, (Point){x + u * 0.5f, middle}, TEXT_LEFT, on ? FONT_BOLD : FONT_REGULAR, size,
                       pen->theme->ink, box.x + box.w - x - u * 0.5f, text_get(&name));
        if (fits)
            draw_list_text(pen->list, (Point){box.x + box.w - u * 0.5f, middle}, TEXT_RIGHT, FONT_REGULAR, size * 0.9f,
                           pen->theme->ink_soft, 0, text_get(&how));
        text_free(&name);
        text_free(&how);
        y += row;
    }
}

/* ---- What each encoding would take, and why this one ---- */

/* A bar an encoding. Returns the y below. */
static float draw_sizes(const Pen *pen, Rect box, const EncodingChoice *choice, MimeEncoding used) {
    static const MimeEncoding shown[] = {MIME_7BIT, MIME_QUOTED_PRINTABLE, MIME_BASE64};
    enum { SHOWN = sizeof shown / sizeof shown[0] };
    float size = pen->type.small * 0.92f, row = roundf(size * 1.45f), label = size * 9, number = size * 6.5f, y = box.y;
    size_t most = 1;
    for (int i = 0; i < SHOWN; i++) most = choice->size[shown[i]] > most ? choice->size[shown[i]] : most;
    for (int i = 0; i < SHOWN; i++, y += row) {
        MimeEncoding encoding = shown[i];
        bool raw = encoding == MIME_7BIT,
             possible = raw ? used <= MIME_BINARY || choice->possible[MIME_7BIT] : choice->possible[encoding];
        bool on = raw ? used <= MIME_BINARY : used == encoding;
        const char *name = mime_encoding_name(raw && used <= MIME_BINARY ? used : encoding);
        float middle = y + row / 2, bar = box.w - label - number,
              width = fmaxf(2, bar * (float)((double)choice->size[encoding] / (double)most));
        draw_list_text(pen->list, (Point){box.x, middle}, TEXT_LEFT, on ? FONT_BOLD : FONT_REGULAR, size,
                       on ? pen->theme->ink : pen->theme->ink_soft, label - 4, name);
        Rect shape = {box.x + label, middle - row * 0.3f, width, row * 0.6f};
        if (possible) draw_list_box(pen->list, shape, 2, on ? pen->theme->tone[TONE_GOOD] : pen->theme->wire, 0, 0);
        else draw_list_box_dashed(pen->list, shape, 2, 0, pen->theme->wire, 1, 3);
        Text octets = text_new();
        text_print(&octets, "%zu B", choice->size[encoding]);
        if (!possible) text_print(&octets, " \xC3\x97");
        draw_list_text(pen->list, (Point){box.x + box.w, middle}, TEXT_RIGHT, FONT_REGULAR, size,
                       possible ? pen->theme->ink_soft : pen->theme->ink_faint, 0, text_get(&octets));
        text_free(&octets);
    }
    return y;
}

/* The rule that picked it, where the rule would pick the same. */
static const char *reason_of(const Pen *pen, const EncodingChoice *choice, MimeEncoding used) {
    if (choice->encoding == used) return pen_word(pen, "choice", encoding_why_name(choice->why));
    if (used == MIME_8BIT) return pen_word(pen, "choice", encoding_why_name(ENCODING_CARRIER_8BIT));
    return strings_get(pen->words, "mail.chosen_elsewhere");
}

/* ---- The steps ---- */

/* The octets of a group as 3 × 8 bits, regrouped as 4 × 6: hexadecimal above, the numbers and characters below. */
static void draw_group(const Pen *pen, Rect box, Bytes source, Bytes result, const CodingStep *step) {
    float size = fmaxf(10, pen->type.small * 0.85f), row = roundf(size * 1.35f), cell = box.w / 25.5f;
    const Color inks[] = {pen->theme->tone_ink[TONE_ACTIVE], pen->theme->tone_ink[TONE_WARN],
                          pen->theme->tone_ink[TONE_GOOD], pen->theme->ink_faint};
    const Color grounds[] = {pen->theme->tone_soft[TONE_ACTIVE], pen->theme->tone_soft[TONE_WARN],
                             pen->theme->tone_soft[TONE_GOOD], pen->theme->sunken};
    char text[16];
    for (size_t bit = 0; bit < 24; bit++) {
        size_t octet = bit / 8;
        bool real = octet < step->from_size, counts = bit / 6 < step->index_count;
        float x = box.x + ((float)bit + (float)(bit / 6) * 0.5f) * cell;
        if (!counts) break;
        unsigned value = real ? source.at[step->from + octet] >> (7 - bit % 8) & 1 : 0;
        int tint = real ? (int)octet : 3;
        draw_list_box(pen->list, (Rect){x, box.y + row, cell + 0.5f, row}, 0, grounds[tint], 0, 0);
        draw_list_text(pen->list, (Point){x + cell / 2, box.y + row * 1.5f}, TEXT_CENTER, FONT_MONO, size, inks[tint],
                       0, value ? "1" : "0");
        if (bit % 8 == 3 && real) {
            snprintf(text, sizeof text, "%02X", source.at[step->from + octet]);
            draw_list_text(pen->list, (Point){x + cell, box.y + row * 0.5f}, TEXT_CENTER, FONT_MONO, size, inks[tint],
                           0, text);
        }
    }
    for (size_t i = 0; i < step->to_size && i < 4; i++) {
        float x = box.x + ((float)i * 6.5f + 3) * cell;
        if (i < step->index_count) snprintf(text, sizeof text, "%u", step->index[i]);
        else snprintf(text, sizeof text, "-");
        float left = box.x + (float)i * 6.5f * cell;
        draw_list_line(pen->list, (Point){left + 1, box.y + 2 * row + 2},
                       (Point){left + 6 * cell - 1, box.y + 2 * row + 2}, pen->theme->wire, 1);
        draw_list_text(pen->list, (Point){x - cell * 1.5f, box.y + row * 2.65f}, TEXT_CENTER, FONT_MONO, size,
                       pen->theme->ink_faint, 0, text);
        snprintf(text, sizeof text, "%c", result.at[step->to + i]);
        draw_list_text(pen->list, (Point){x + cell * 1.5f, box.y + row * 2.65f}, TEXT_CENTER, FONT_MONO, size * 1.15f,
                       pen->theme->ink, 0, text);
    }
}

static void draw_base64(const Pen *pen, Rect box, Arena *arena, Bytes source) {
    float size = fmaxf(10, pen->type.small * 0.85f), height = roundf(size * 1.35f) * 3.3f, gap = pen->type.unit * 2,
          width = fminf(box.w, fmaxf(25.5f * size * 0.55f, (box.w - gap) / 2));
    CodingSteps steps = base64_encode_steps(arena, source, BASE64_LINE, STEPS);
    Bytes result = base64_encode_all(arena, source, BASE64_LINE);
    size_t columns = (size_t)fmaxf(1, floorf((box.w + gap) / (width + gap))), drawn = 0;
    for (size_t i = 0; i < steps.count; i++) {
        if (steps.items[i].why == CODING_BASE64_BREAK) continue;
        float x = box.x + (float)(drawn % columns) * (width + gap), y = box.y + (float)(drawn / columns) * (height + 4);
        if (y + height > box.y + box.h) break;
        draw_group(pen, (Rect){x, y, width, height}, source, result, &steps.items[i]);
        drawn++;
    }
}

/* A step's octets above, the characters they became below; what changes nothing is joined and faint. */
static void draw_quoted(const Pen *pen, Rect box, Arena *arena, Bytes source, QuotedPrintableKind kind) {
    float size = fmaxf(10, pen->type.small * 0.9f), row = roundf(size * 1.4f), x = box.x, y = box.y;
    CodingSteps steps = quoted_printable_steps(arena, source, kind, STEPS);
    Bytes result = quoted_printable_encode(arena, source, kind);
    for (size_t i = 0; i < steps.count; i++) {
        const CodingStep *step = &steps.items[i];
        bool literal = step->why == CODING_QP_LITERAL, line = step->why == CODING_QP_LINE_BREAK;
        Text from = text_new(), to = text_new();
        for (size_t k = 0; k < step->from_size && k < 16; k++) {
            uint8_t octet = source.at[step->from + k];
            if (literal) text_put_char(&from, (char)octet);
            else if (!line) text_print(&from, "%s%02X", k ? " " : "", octet);
        }
        for (size_t k = 0; k < step->to_size && k < 16; k++) {
            uint8_t octet = result.at[step->to + k];
            if (octet == '\n') text_put(&to, "\xE2\x86\xB5");
            else if (octet != '\r') text_put_char(&to, (char)octet);
        }
        if (step->to_size > 16) text_put(&to, "\xE2\x80\xA6");
        if (step->from_size > 16 && literal) text_put(&from, "\xE2\x80\xA6");
        float width = fmaxf(font_width(FONT_MONO, size, text_get(&from), from.size),
                            font_width(FONT_MONO, size, text_get(&to), to.size)) +
                      size * 0.6f;
        if (x + width > box.x + box.w) x = box.x, y += 2 * row + 6;
        bool room = y + 2 * row <= box.y + box.h;
        if (room) {
            Tone tone = literal ? TONE_NEUTRAL : line || step->why == CODING_QP_SOFT_BREAK ? TONE_ACTIVE : TONE_WARN;
            draw_list_box(pen->list, (Rect){x, y + row, width, row}, 2, pen->theme->tone_soft[tone], 0, 0);
            draw_list_text(pen->list, (Point){x + width / 2, y + row / 2}, TEXT_CENTER, FONT_MONO, size,
                           pen->theme->ink_faint, 0, text_get(&from));
            draw_list_text(pen->list, (Point){x + width / 2, y + row * 1.5f}, TEXT_CENTER, FONT_MONO, size,
                           pen->theme->tone_ink[tone], 0, text_get(&to));
        }
        x += width + 3;
        text_free(&from);
        text_free(&to);
        if (!room) break;
    }
}

static void draw_encoding(const LetterRead *letter, const MimePart *part, const Pen *pen, Rect box) {
    MailFaults faults = mail_faults(letter->arena);
    Bytes source = bytes_slice(mime_part_octets(letter->arena, part, &faults), 0, SOURCE_MOST);
    bool text = part->type == MIME_TEXT;
    EncodingChoice choice = encoding_choose(source, text, (MailCarrier){0});
    MimeEncoding used = part->encoding == MIME_OTHER_ENCODING ? MIME_BINARY : part->encoding;
    float u = pen->type.unit, size = pen->type.small;
    float y = pen_heading(pen, box.x, box.y, box.w, strings_get(pen->words, "mail.encoding"));
    y = draw_sizes(pen, (Rect){box.x, y, box.w, 0}, &choice, used) + u * 0.5f;
    y += draw_list_paragraph(pen->list, (Rect){box.x, y, box.w, size * 1.35f * 2 + 1}, TEXT_LEFT, FONT_REGULAR, size,
                             1.35f, pen->theme->ink_soft, reason_of(pen, &choice, used)) +
         u * 0.5f;
    Rect left = {box.x, y, box.w, box.y + box.h - y};
    if (used == MIME_BASE64) draw_base64(pen, left, letter->arena, source);
    if (used == MIME_QUOTED_PRINTABLE) draw_quoted(pen, left, letter->arena, source, text ? QP_TEXT : QP_BINARY);
}

float mail_parts_height(const MailPanel *panel, const LetterRead *letter, const Pen *pen) {
    const MimePart *chosen = letter->tree.root ? chosen_part(panel, &letter->tree) : NULL;
    float lines = chosen && is_encoded(chosen) ? 17.5f : 9;
    if ((float)letter->tree.part_count + 1 > lines / 1.3f)
        lines = fminf(17.5f, 1.3f * (float)letter->tree.part_count + 2);
    return lines * pen->type.small * 1.3f;
}

void mail_draw_parts(const MailPanel *panel, const LetterRead *letter, const Pen *pen, Rect box) {
    if (!letter->tree.root) return;
    float gap = 2 * pen->type.unit, tree = roundf(box.w * 0.36f);
    const MimePart *chosen = chosen_part(panel, &letter->tree);
    draw_list_clip_push(pen->list, box);
    draw_tree(panel, letter, chosen, pen, (Rect){box.x, box.y, tree, box.h});
    if (chosen && !chosen->first)
        draw_encoding(letter, chosen, pen, (Rect){box.x + tree + gap, box.y, box.w - tree - gap, box.h});
    draw_list_clip_pop(pen->list);
}
