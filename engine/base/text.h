/* A growing text, and the few conversions everything shares. */
#ifndef NETSTAGE_BASE_TEXT_H
#define NETSTAGE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

typedef struct {
    char *at; /* NUL-terminated once anything was appended; NULL before */
    size_t size, capacity;
} Text;

static inline Text text_new(void) { return (Text){0}; }
void text_free(Text *text);
void text_clear(Text *text);
/* The text as a C string; "" if nothing was appended. */
const char *text_get(const Text *text);
void text_put(Text *text, const char *more);
void text_put_n(Text *text, const char *more, size_t size);
void text_put_char(Text *text, char c);
void text_print(Text *text, const char *format, ...);
/* A JSON string with its quotes; octets that are not UTF-8 become U+FFFD. */
void text_put_json(Text *text, const char *value, size_t size);
/* Escapes & < > " ' for XML. */
void text_put_xml(Text *text, const char *value);
/* Two lower-case hexadecimal digits an octet, with `between` (may be "") between octets. */
void text_put_hex(Text *text, Bytes bytes, const char *between);
/* What a hexadecimal digit of either case is worth; -1 for any other character. */
int text_hex_digit(char digit);

/* The length of the UTF-8 sequence at `at` (1..4) and its code point; an ill-formed octet counts 1 and gives U+FFFD. */
size_t utf8_next(const char *at, size_t size, uint32_t *code_point);

/* The name in `names` (count of them) nearest to `word` by edit distance, if near enough to be a slip; else NULL. */
const char *text_nearest(const char *word, const char *const *names, size_t count);

/* Reads a whole file. False: *error says why, and names the file. The caller frees `into`. */
bool text_read_file(const char *path, Text *into, Text *error) NS_MUST_USE;
/* Writes to a temporary file beside `path` and renames it, so that a full disk leaves the old file whole; "-" writes to
 * standard output. False: *error says why. */
bool text_write_file(const char *path, Bytes content, Text *error) NS_MUST_USE;

#endif
