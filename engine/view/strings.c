#include "view/strings.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/check.h"

/* The parts of a language, each one file. */
static const char *const parts[] = {"ui", "protocol", "mail", "said", "reading", "imap", "imap_client", "pop3"};

typedef struct {
    const char *key, *text;
} Entry;

struct Strings {
    Arena *arena;
    Entry *entries; /* sorted by key */
    size_t count, capacity;
};

const char *language_name(Language language) {
    CHECK(language < LANGUAGE_COUNT);
    return language == LANGUAGE_EN ? "en" : "zh";
}

bool language_parse(const char *name, Language *language) {
    for (Language l = 0; l < LANGUAGE_COUNT; l++)
        if (strcmp(name, language_name(l)) == 0) {
            *language = l;
            return true;
        }
    return false;
}

Strings *strings_new(void) {
    Strings *strings = memory_new(sizeof *strings);
    strings->arena = arena_new();
    return strings;
}

void strings_free(Strings *strings) {
    if (!strings) return;
    arena_free(strings->arena);
    free(strings->entries);
    free(strings);
}

/* The place of `key`, or where it would stand. */
static size_t place_of(const Strings *strings, const char *key, bool *found) {
    size_t low = 0, high = strings->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(strings->entries[middle].key, key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = false;
    return low;
}

static bool is_key(const char *at, size_t size) {
    for (size_t i = 0; i < size; i++) {
        char c = at[i];
        if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || strchr("._-+", c)))
            return false;
    }
    return size > 0;
}

static const char *unescape(Strings *strings, const char *at, size_t size) {
    char *text = arena_text_n(strings->arena, at, size), *to = text;
    for (const char *from = text; *from; from++) {
        if (from[0] == '\\' && from[1] == 'n')
            *to++ = '\n', from++;
        else
            *to++ = *from;
    }
    *to = '\0';
    return text;
}

static bool read_line(Strings *strings, const char *line, size_t size, const char *name, size_t number, Text *error) {
    while (size && (line[size - 1] == ' ' || line[size - 1] == '\r' || line[size - 1] == '\t')) size--;
    while (size && (*line == ' ' || *line == '\t')) line++, size--;
    if (size == 0 || *line == '#') return true;
    const char *equals = memchr(line, '=', size);
    size_t key_size = equals ? (size_t)(equals - line) : 0;
    while (key_size && line[key_size - 1] == ' ') key_size--;
    if (!equals || !is_key(line, key_size)) {
        text_print(error, "%s:%zu: expected `key = text`", name, number);
        return false;
    }
    const char *text = equals + 1;
    while (text < line + size && *text == ' ') text++;
    char *key = arena_text_n(strings->arena, line, key_size);
    bool found;
    size_t place = place_of(strings, key, &found);
    if (found) {
        text_print(error, "%s:%zu: the key %s was given before", name, number, key);
        return false;
    }
    strings->entries = array_grow(strings->entries, &strings->capacity, strings->count + 1, sizeof *strings->entries);
    memmove(strings->entries + place + 1, strings->entries + place,
            (strings->count - place) * sizeof *strings->entries);
    strings->entries[place] = (Entry){key, unescape(strings, text, (size_t)(line + size - text))};
    strings->count++;
    return true;
}

bool strings_read(Strings *strings, Bytes content, const char *name, Text *error) {
    const char *at = (const char *)content.at, *end = at + content.size;
    for (size_t number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        if (!read_line(strings, at, (size_t)(stop - at), name, number, error)) return false;
        at = stop + 1;
    }
    return true;
}

bool strings_load(const char *root, Language language, Strings **into, Text *error) {
    Strings *strings = strings_new();
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        Text path = text_new(), content = text_new();
        text_print(&path, "%s/lang/%s/%s.txt", root, language_name(language), parts[i]);
        bool read = text_read_file(text_get(&path), &content, error) &&
                    strings_read(strings, bytes_of(content.at, content.size), text_get(&path), error);
        text_free(&path);
        text_free(&content);
        if (!read) {
            strings_free(strings);
            return false;
        }
    }
    *into = strings;
    return true;
}

const char *strings_find(const Strings *strings, const char *key) {
    bool found;
    size_t place = place_of(strings, key, &found);
    return found ? strings->entries[place].text : NULL;
}

const char *strings_get(const Strings *strings, const char *key) {
    const char *text = strings_find(strings, key);
    return text ? text : key;
}

const char *strings_find_in(const Strings *strings, const char *family, const char *name) {
    Text key = text_new();
    text_print(&key, "%s.%s", family, name);
    const char *text = strings_find(strings, text_get(&key));
    text_free(&key);
    return text;
}

void strings_fill_text(Text *to, const char *text, const StringsValue *values, size_t count) {
    while (*text) {
        const char *open = strchr(text, '{'), *close = open ? strchr(open, '}') : NULL;
        if (!close) {
            text_put(to, text);
            return;
        }
        text_put_n(to, text, (size_t)(open - text));
        size_t size = (size_t)(close - open - 1), i = 0;
        while (i < count && !(strlen(values[i].name) == size && memcmp(values[i].name, open + 1, size) == 0)) i++;
        if (i < count)
            text_put(to, values[i].value);
        else
            text_put_n(to, open, size + 2);
        text = close + 1;
    }
}

void strings_fill(Text *to, const Strings *strings, const char *key, const StringsValue *values, size_t count) {
    strings_fill_text(to, strings_get(strings, key), values, count);
}

size_t strings_count(const Strings *strings) { return strings->count; }

const char *strings_key_at(const Strings *strings, size_t index) {
    CHECK(index < strings->count);
    return strings->entries[index].key;
}
