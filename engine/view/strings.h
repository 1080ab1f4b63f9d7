/* The words of the window, in one language. The engine speaks identifiers; assets/lang/<language>/<part>.txt turns
 * them into sentences.
 *
 * A file is lines of `key = text`; `#` starts a comment line; `\n` in a text is a line break; `{name}` is a
 * placeholder that the program fills. Keys are identifiers joined by dots: `fact.lease`, `message.dhcp.DISCOVER`.
 * A key given twice, or a line that is none of these, is an error that names file and line. */
#ifndef NETSTAGE_VIEW_STRINGS_H
#define NETSTAGE_VIEW_STRINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/bytes.h"
#include "base/text.h"

typedef enum { LANGUAGE_EN, LANGUAGE_ZH, LANGUAGE_COUNT } Language;

/* "en" and "zh"; false where `name` is neither. */
const char *language_name(Language language);
bool language_parse(const char *name, Language *language) NS_MUST_USE;

typedef struct Strings Strings;

typedef struct {
    const char *name; /* of the placeholder */
    const char *value;
} StringsValue;

Strings *strings_new(void);
void strings_free(Strings *strings);
/* Adds the lines of one file; `name` is for messages. False: *error says where and what. */
bool strings_read(Strings *strings, Bytes content, const char *name, Text *error) NS_MUST_USE;
/* Reads every part of a language from `root`/lang/<language>/. The caller frees *strings. */
bool strings_load(const char *root, Language language, Strings **strings, Text *error) NS_MUST_USE;
/* The text of a key; the key itself where there is none, so that a gap is seen and harms nothing. */
const char *strings_get(const Strings *strings, const char *key);
/* NULL where there is none. */
const char *strings_find(const Strings *strings, const char *key);
/* The key of `family`.`name`, NULL where there is none: strings_find_in(s, "state", "BOUND"). */
const char *strings_find_in(const Strings *strings, const char *family, const char *name);
/* Appends the text of `key` with its placeholders filled. A placeholder that no value fits stays as it is. */
void strings_fill(Text *to, const Strings *strings, const char *key, const StringsValue *values, size_t count);
void strings_fill_text(Text *to, const char *text, const StringsValue *values, size_t count);

/* For the test that holds languages against each other: keys in sorted order. */
size_t strings_count(const Strings *strings);
const char *strings_key_at(const Strings *strings, size_t index);

#endif
