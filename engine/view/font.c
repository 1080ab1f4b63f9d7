#include "view/font.h"

#include <stdbool.h>
#include <string.h>

#include "base/check.h"
#include "base/text.h"
#include "view/font_advance.h"

static const FontAdvanceRun *run_of(FontFace face, uint32_t code_point) {
    const FontAdvanceRun *runs = face == FONT_REGULAR ? font_advance_regular
                                 : face == FONT_BOLD  ? font_advance_bold
                                                      : font_advance_mono;
    size_t low = 0, high = face == FONT_REGULAR ? font_advance_regular_count
                           : face == FONT_BOLD  ? font_advance_bold_count
                                                : font_advance_mono_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (code_point > runs[middle].last)
            low = middle + 1;
        else if (code_point < runs[middle].first)
            high = middle;
        else
            return &runs[middle];
    }
    return NULL;
}

FontFace font_face_for(FontFace wanted, uint32_t code_point) {
    CHECK(wanted < FONT_COUNT);
    FontFace other = wanted == FONT_MONO ? FONT_REGULAR : FONT_MONO;
    return !run_of(wanted, code_point) && run_of(other, code_point) ? other : wanted;
}

unsigned font_advance(FontFace face, uint32_t code_point) {
    if (code_point < ' ') return 0;
    const FontAdvanceRun *run = run_of(font_face_for(face, code_point), code_point);
    if (run) return run->advance;
    return face == FONT_MONO && code_point < 0x2E80 ? 602 : 1000;
}

static bool is_latin(uint32_t c) { return c > ' ' && c < 0x250; }

uint32_t font_next(const char *text, size_t size, size_t *offset) {
    uint32_t here, before = ' ', after = ' ';
    size_t start = *offset;
    *offset += utf8_next(text + start, size - start, &here);
    if (here != 0x2018 && here != 0x2019 && here != 0x201C && here != 0x201D) return here;
    if (start > 0) before = (uint8_t)text[start - 1] < 0x80 ? (uint8_t)text[start - 1] : 0x4E00;
    if (*offset < size) utf8_next(text + *offset, size - *offset, &after);
    bool latin = is_latin(before) || (before == ' ' && is_latin(after)) || (start == 0 && is_latin(after));
    if (!latin) return here;
    return here == 0x2018 || here == 0x2019 ? '\'' : '"';
}

float font_width(FontFace face, float size_px, const char *text, size_t size) {
    unsigned total = 0;
    for (size_t offset = 0; offset < size;) total += font_advance(face, font_next(text, size, &offset));
    return (float)total * size_px / 1000.0f;
}

size_t font_fit(FontFace face, float size_px, const char *text, size_t size, float width) {
    unsigned total = 0;
    size_t fits = 0;
    for (size_t offset = 0; offset < size; fits = offset) {
        total += font_advance(face, font_next(text, size, &offset));
        if ((float)total * size_px / 1000.0f > width) break;
    }
    return fits;
}

static bool in_set(uint32_t c, const uint32_t *set) {
    for (; *set; set++)
        if (*set == c) return true;
    return false;
}

/* May a line end between these two neighbours, neither of which is a space? */
static bool may_break(uint32_t left, uint32_t right) {
    static const uint32_t opening[] = {0xFF08, 0x300A, 0x3008, 0x300C, 0x300E, 0x3010, 0x201C, 0x2018, '(', '[', 0};
    static const uint32_t closing[] = {0xFF09, 0x300B, 0x3009, 0x300D, 0x300F, 0x3011, 0x201D, 0x2019, 0x3002,
                                       0xFF0C, 0x3001, 0xFF1B, 0xFF1A, 0xFF1F, 0xFF01, 0x2026, 0xB7,   '.',
                                       ',',    ';',    ':',    '!',    '?',    ')',    ']',    '%',    0};
    if (left < 0x2E80 && right < 0x2E80) return left == '-' || left == 0x2014;
    return !in_set(left, opening) && !in_set(right, closing);
}

size_t font_wrap(FontFace face, float size_px, const char *text, float width, FontLine *lines, size_t capacity) {
    size_t size = strlen(text), count = 0, start = 0;
    while (start < size) {
        unsigned total = 0;
        size_t offset = start, end = size, next = size, break_end = 0, break_next = 0;
        uint32_t left = 0;
        while (offset < size) {
            size_t at = offset;
            uint32_t c = font_next(text, size, &offset);
            if (c == '\n') {
                end = at, next = offset;
                break;
            }
            if (c == ' ')
                break_end = at, break_next = offset;
            else if (at > start && left != ' ' && may_break(left, c))
                break_end = at, break_next = at;
            total += font_advance(face, c);
            if (c != ' ' && at > start && (float)total * size_px / 1000.0f > width) {
                end = break_end > start ? break_end : at;
                next = break_end > start ? break_next : at;
                break;
            }
            left = c;
        }
        while (end > start && text[end - 1] == ' ') end--;
        if (count < capacity) lines[count] = (FontLine){start, end - start};
        count++;
        start = next;
    }
    return count;
}
