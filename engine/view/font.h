/* The three bundled faces, measured without a font library: layout is the same in a window, in SVG and in a test. */
#ifndef NETSTAGE_VIEW_FONT_H
#define NETSTAGE_VIEW_FONT_H

#include <stddef.h>
#include <stdint.h>

typedef enum { FONT_REGULAR, FONT_BOLD, FONT_MONO, FONT_COUNT } FontFace;

/* The baseline lies this part of the size below the middle of a line: half the height of Latin capitals, and nearly
 * half the body of a hanzi, so that text centred by it looks centred in both scripts. */
#define FONT_MIDDLE_TO_BASELINE 0.37f

/* The face that shows `code_point` when `wanted` was asked for: hanzi in a mono run, tick marks in a sans one. */
FontFace font_face_for(FontFace wanted, uint32_t code_point);

/* Width of one code point in thousandths of the size, in the face that shows it. */
unsigned font_advance(FontFace face, uint32_t code_point);

/* One step through a text: the code point to show at *offset, which is moved past it. Curly quotes between Latin
 * letters become straight ones, because the bundled face has only the full-width Chinese forms. */
uint32_t font_next(const char *text, size_t size, size_t *offset);

/* Width of UTF-8 text in pixels at font size `size_px`. */
float font_width(FontFace face, float size_px, const char *text, size_t size);

/* How many bytes of the text fit in `width` pixels, cut at a code point. */
size_t font_fit(FontFace face, float size_px, const char *text, size_t size, float width);

typedef struct {
    size_t start, size; /* bytes of one line, without the space or newline it was broken at */
} FontLine;

/* Breaks text into lines no wider than `width` pixels: at spaces between words, between hanzi (never before a closing
 * mark or after an opening one), inside a word only if it alone is too wide, and at each newline. Writes up to
 * `capacity` lines and returns how many the text needs. */
size_t font_wrap(FontFace face, float size_px, const char *text, float width, FontLine *lines, size_t capacity);

#endif
