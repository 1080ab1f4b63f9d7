#include "base/value.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

Value value_truth(bool truth) { return (Value){.kind = VALUE_TRUTH, .truth = truth}; }
Value value_number(int64_t number) { return (Value){.kind = VALUE_NUMBER, .number = number}; }
Value value_list(void) { return (Value){.kind = VALUE_LIST}; }
Value value_map(void) { return (Value){.kind = VALUE_MAP}; }

Value value_text_n(Arena *arena, const char *text, size_t size) {
    return (Value){.kind = VALUE_TEXT, .text = arena_text_n(arena, text, size), .text_size = size};
}
Value value_text(Arena *arena, const char *text) { return value_text_n(arena, text, strlen(text)); }

static Value *add(Arena *arena, Value *to, const char *key, Value item) {
    if (to->count == to->capacity) {
        size_t capacity = to->capacity ? to->capacity * 2 : 8;
        Value *items = arena_alloc(arena, capacity * sizeof(Value));
        if (to->count) memcpy(items, to->items, to->count * sizeof(Value));
        to->items = items;
        if (to->kind == VALUE_MAP) {
            const char **keys = arena_alloc(arena, capacity * sizeof(char *));
            if (to->count) memcpy(keys, to->keys, to->count * sizeof(char *));
            to->keys = keys;
        }
        to->capacity = capacity;
    }
    if (key) to->keys[to->count] = key;
    to->items[to->count] = item;
    return &to->items[to->count++];
}

Value *value_append(Arena *arena, Value *list, Value item) {
    CHECK(list->kind == VALUE_LIST);
    return add(arena, list, NULL, item);
}

Value *value_set(Arena *arena, Value *map, const char *key, Value item) {
    CHECK(map->kind == VALUE_MAP);
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->keys[i], key) == 0) {
            map->items[i] = item;
            return &map->items[i];
        }
    }
    return add(arena, map, arena_text(arena, key), item);
}

const Value *value_get(const Value *map, const char *key) {
    if (!map || map->kind != VALUE_MAP) return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->keys[i], key) == 0) return &map->items[i];
    return NULL;
}

const char *value_kind_name(ValueKind kind) {
    static const char *const names[] = {"nothing", "true or false", "a number", "a text", "a list", "a table"};
    return names[kind];
}

void value_print(Text *text, const Value *v) {
    switch (v->kind) {
        case VALUE_NONE: text_put(text, "null"); break;
        case VALUE_TRUTH: text_put(text, v->truth ? "true" : "false"); break;
        case VALUE_NUMBER: text_print(text, "%lld", (long long)v->number); break;
        case VALUE_TEXT: text_put_json(text, v->text, v->text_size); break;
        case VALUE_LIST:
        case VALUE_MAP:
            text_put_char(text, v->kind == VALUE_LIST ? '[' : '{');
            for (size_t i = 0; i < v->count; i++) {
                if (i > 0) text_put_char(text, ',');
                if (v->kind == VALUE_MAP) {
                    text_put_json(text, v->keys[i], strlen(v->keys[i]));
                    text_put_char(text, ':');
                }
                value_print(text, &v->items[i]);
            }
            text_put_char(text, v->kind == VALUE_LIST ? ']' : '}');
            break;
    }
}

/* ---- JSON ---- */

typedef struct {
    Arena *arena;
    const char *at;
    size_t size, offset;
    Text *error;
} Json;

static bool json_fail(Json *j, const char *what) {
    text_print(j->error, "at offset %zu: %s", j->offset, what);
    return false;
}

static char json_peek(Json *j) {
    while (j->offset < j->size && strchr(" \t\r\n", j->at[j->offset]) && j->at[j->offset]) j->offset++;
    return j->offset < j->size ? j->at[j->offset] : 0;
}

static void put_utf8(Text *text, uint32_t c) {
    char out[4];
    size_t n;
    if (c < 0x80) {
        out[0] = (char)c;
        n = 1;
    } else if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        n = 2;
    } else if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        n = 3;
    } else {
        out[0] = (char)(0xf0 | c >> 18);
        n = 4;
    }
    for (size_t i = 1; i < n; i++) out[i] = (char)(0x80 | (c >> (6 * (n - 1 - i)) & 0x3f));
    text_put_n(text, out, n);
}

static bool json_hex4(Json *j, uint32_t *c) {
    *c = 0;
    for (int i = 0; i < 4; i++) {
        char d = j->offset < j->size ? j->at[j->offset] : 0;
        int v = text_hex_digit(d);
        if (v < 0) return json_fail(j, "four hexadecimal digits expected");
        *c = *c << 4 | (uint32_t)v;
        j->offset++;
    }
    return true;
}

static bool json_string(Json *j, Text *out) {
    j->offset++;
    for (;;) {
        if (j->offset >= j->size) return json_fail(j, "text without its closing quote");
        char c = j->at[j->offset];
        if ((unsigned char)c < 0x20) return json_fail(j, "an escape expected for a control character");
        j->offset++;
        if (c == '"') return true;
        if (c != '\\') {
            text_put_char(out, c);
            continue;
        }
        char e = j->offset < j->size ? j->at[j->offset++] : 0;
        static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
        const char *found = e ? strchr(from, e) : NULL;
        if (found) {
            text_put_char(out, to[found - from]);
        } else if (e == 'u') {
            uint32_t code, low;
            if (!json_hex4(j, &code)) return false;
            if (code >= 0xd800 && code < 0xdc00 && j->size - j->offset >= 2 && j->at[j->offset] == '\\' &&
                j->at[j->offset + 1] == 'u') {
                j->offset += 2;
                if (!json_hex4(j, &low)) return false;
                code = low >= 0xdc00 && low < 0xe000 ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00) : 0xfffd;
            } else if (code >= 0xd800 && code < 0xe000) {
                code = 0xfffd;
            }
            put_utf8(out, code);
        } else {
            return json_fail(j, "unknown escape");
        }
    }
}

enum { JSON_LEVELS = 64 };
static bool json_value(Json *j, Value *v, int depth);

static bool json_items(Json *j, Value *v, bool map, int depth) {
    if (depth > JSON_LEVELS) return json_fail(j, "nested too deep");
    *v = map ? value_map() : value_list();
    char close = map ? '}' : ']';
    j->offset++;
    if (json_peek(j) == close) {
        j->offset++;
        return true;
    }
    for (;;) {
        Value item;
        Text key = text_new();
        if (map) {
            bool good = json_peek(j) == '"' ? json_string(j, &key) : json_fail(j, "a key in quotes expected");
            if (good && json_peek(j) != ':') good = json_fail(j, "':' expected");
            if (!good) {
                text_free(&key);
                return false;
            }
            j->offset++;
        }
        bool good = json_value(j, &item, depth);
        if (good) {
            if (map) value_set(j->arena, v, text_get(&key), item);
            else value_append(j->arena, v, item);
        }
        text_free(&key);
        if (!good) return false;
        char c = json_peek(j);
        j->offset++;
        if (c == close) return true;
        if (c != ',') {
            j->offset--;
            return json_fail(j, map ? "',' or '}' expected" : "',' or ']' expected");
        }
    }
}

static bool json_word(Json *j, const char *word) {
    size_t n = strlen(word);
    if (j->size - j->offset < n || memcmp(j->at + j->offset, word, n) != 0) return json_fail(j, "a value expected");
    j->offset += n;
    return true;
}

static bool json_number(Json *j, Value *v) {
    bool negative = j->at[j->offset] == '-';
    if (negative) j->offset++;
    uint64_t n = 0;
    size_t start = j->offset;
    for (; j->offset < j->size && j->at[j->offset] >= '0' && j->at[j->offset] <= '9'; j->offset++) {
        if (n > (uint64_t)INT64_MAX / 10) return json_fail(j, "number too large");
        n = n * 10 + (uint64_t)(j->at[j->offset] - '0');
    }
    if (j->offset == start) return json_fail(j, "a value expected");
    if (n > (uint64_t)INT64_MAX + negative) return json_fail(j, "number too large");
    if (j->offset < j->size && strchr(".eE", j->at[j->offset]) && j->at[j->offset])
        return json_fail(j, "a whole number expected");
    *v = value_number(negative ? (int64_t)(0 - n) : (int64_t)n);
    return true;
}

static bool json_value(Json *j, Value *v, int depth) {
    switch (json_peek(j)) {
        case '{': return json_items(j, v, true, depth + 1);
        case '[': return json_items(j, v, false, depth + 1);
        case 't': *v = value_truth(true); return json_word(j, "true");
        case 'f': *v = value_truth(false); return json_word(j, "false");
        case 'n': *v = (Value){.kind = VALUE_NONE}; return json_word(j, "null");
        case '"': {
            Text text = text_new();
            bool good = json_string(j, &text);
            if (good) *v = value_text_n(j->arena, text_get(&text), text.size);
            text_free(&text);
            return good;
        }
        case 0: return json_fail(j, "a value expected");
        default: return json_number(j, v);
    }
}

bool value_parse(Arena *arena, const char *json, size_t size, Value *value, Text *error) {
    Json j = {arena, json, size, 0, error};
    if (!json_value(&j, value, 0)) return false;
    if (json_peek(&j) != 0 || j.offset != j.size) return json_fail(&j, "nothing more expected");
    return true;
}

/* ---- Reading against expectations ---- */

void config_error_set(ConfigError *error, Arena *arena, const char *path, const char *format, ...) {
    if (error->message.size > 0) return;
    error->field = arena_text(arena, path);
    va_list arguments;
    va_start(arguments, format);
    char line[512];
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    text_put(&error->message, line);
}

ValueReader value_reader(Arena *arena, const Value *map, const char *path, ConfigError *error) {
    ValueReader r = {.arena = arena, .map = map, .path = path, .error = error};
    if (map && map->kind != VALUE_MAP && map->kind != VALUE_NONE && !(map->kind == VALUE_LIST && map->count == 0))
        config_error_set(error, arena, path, "a table expected, %s given", value_kind_name(map->kind));
    return r;
}

static const Value *ask(ValueReader *r, const char *field, const char *type) {
    CHECK(r->asked_count < VALUE_READER_FIELDS);
    r->asked[r->asked_count++] = field;
    if (r->names) text_print(r->names, "%s: %s\n", field, type);
    const Value *v = value_get(r->map, field);
    return v && v->kind != VALUE_NONE ? v : NULL;
}

static void field_path(Text *path, const ValueReader *r, const char *field) {
    text_put(path, r->path);
    if (r->path[0] && field[0] && field[0] != '[') text_put_char(path, '.');
    text_put(path, field);
}

static void put_given(Text *text, const Value *given) {
    Text shown = text_new();
    value_print(&shown, given);
    if (shown.size > 60) {
        text_put_n(text, shown.at, 57);
        text_put(text, "...");
    } else {
        text_put(text, text_get(&shown));
    }
    text_free(&shown);
}

void value_reader_fail(ValueReader *r, const char *field, const Value *given, const char *expected) {
    Text path = text_new(), shown = text_new();
    field_path(&path, r, field);
    if (given) put_given(&shown, given);
    else text_put(&shown, "nothing");
    config_error_set(r->error, r->arena, text_get(&path), "%s expected, %s given", expected, text_get(&shown));
    text_free(&path);
    text_free(&shown);
}

bool value_read_truth(ValueReader *r, const char *field, bool fallback) {
    const Value *v = ask(r, field, "boolean");
    if (!v) return fallback;
    if (v->kind == VALUE_TRUTH) return v->truth;
    value_reader_fail(r, field, v, "true or false");
    return fallback;
}

int64_t value_read_number(ValueReader *r, const char *field, int64_t least, int64_t most, int64_t fallback) {
    const Value *v = ask(r, field, "integer");
    if (!v) return fallback;
    if (v->kind == VALUE_NUMBER && v->number >= least && v->number <= most) return v->number;
    Text expected = text_new();
    text_print(&expected, "a whole number from %lld to %lld", (long long)least, (long long)most);
    value_reader_fail(r, field, v, text_get(&expected));
    text_free(&expected);
    return fallback;
}

const char *value_read_text(ValueReader *r, const char *field, const char *fallback) {
    const Value *v = ask(r, field, "string");
    if (!v) return fallback;
    if (v->kind == VALUE_TEXT && strlen(v->text) == v->text_size) return v->text;
    value_reader_fail(r, field, v, "a text");
    return fallback;
}

size_t value_read_choice(ValueReader *r, const char *field, const char *const *names, size_t count, size_t fallback) {
    Text type = text_new();
    for (size_t i = 0; i < count; i++) text_print(&type, "%s\"%s\"", i ? "|" : "", names[i]);
    const Value *v = ask(r, field, text_get(&type));
    size_t out = fallback;
    if (v) {
        out = count;
        if (v->kind == VALUE_TEXT)
            for (size_t i = 0; i < count; i++)
                if (strcmp(v->text, names[i]) == 0) out = i;
        if (out == count) {
            Text expected = text_new();
            text_put(&expected, "one of ");
            for (size_t i = 0; i < count; i++) text_print(&expected, "%s\"%s\"", i ? ", " : "", names[i]);
            value_reader_fail(r, field, v, text_get(&expected));
            text_free(&expected);
            out = fallback;
        }
    }
    text_free(&type);
    return out;
}

const Value *value_read_any(ValueReader *r, const char *field, const char *type) { return ask(r, field, type); }

bool value_reader_finish(ValueReader *r) {
    if (r->map && r->map->kind == VALUE_MAP) {
        for (size_t i = 0; i < r->map->count; i++) {
            bool known = false;
            for (size_t k = 0; k < r->asked_count; k++) known = known || strcmp(r->map->keys[i], r->asked[k]) == 0;
            if (known) continue;
            const char *nearest = text_nearest(r->map->keys[i], r->asked, r->asked_count);
            Text path = text_new();
            field_path(&path, r, r->map->keys[i]);
            if (nearest)
                config_error_set(r->error, r->arena, text_get(&path), "unknown field \"%s\"; did you mean \"%s\"?",
                                 r->map->keys[i], nearest);
            else config_error_set(r->error, r->arena, text_get(&path), "unknown field \"%s\"", r->map->keys[i]);
            text_free(&path);
        }
    }
    return r->error->message.size == 0;
}
