/* Plain values: what commands and configurations are made of, whoever gives them (a Lua table, a command log, a test).
 *
 * A value is nothing, a truth, a whole number, a text, a list, or a map with text keys in the order they were given.
 * Values print as JSON and are read from JSON. */
#ifndef NETSTAGE_BASE_VALUE_H
#define NETSTAGE_BASE_VALUE_H

#include "base/arena.h"
#include "base/text.h"

typedef enum { VALUE_NONE, VALUE_TRUTH, VALUE_NUMBER, VALUE_TEXT, VALUE_LIST, VALUE_MAP } ValueKind;

typedef struct Value Value;
struct Value {
    ValueKind kind;
    bool truth;
    int64_t number;
    const char *text; /* NUL-terminated; may hold NULs inside: text_size counts */
    size_t text_size;
    Value *items;      /* of a list, or the values of a map */
    const char **keys; /* of a map */
    size_t count, capacity;
};

/* All memory comes from the arena. */
Value value_truth(bool truth);
Value value_number(int64_t number);
Value value_text(Arena *arena, const char *text);
Value value_text_n(Arena *arena, const char *text, size_t size);
Value value_list(void);
Value value_map(void);
Value *value_append(Arena *arena, Value *list, Value item);
/* Sets or replaces; returns its place, which stays good until the map grows. */
Value *value_set(Arena *arena, Value *map, const char *key, Value item);
/* NULL if absent or `map` is no map. */
const Value *value_get(const Value *map, const char *key);
/* "a number", "a list" …, for messages in English. */
const char *value_kind_name(ValueKind kind);

void value_print(Text *text, const Value *value);
/* Reads JSON (whole numbers only, at most 64 levels). False: *error says what and at which offset. */
bool value_parse(Arena *arena, const char *json, size_t size, Value *value, Text *error) NS_MUST_USE;

/* ---- Reading a map against what it should hold ----
 *
 * A configuration is read by asking for each field it may have; whatever was given and never asked for is a mistake,
 * and is reported with the nearest name that was asked for. The first mistake is kept, later ones are not. */
typedef struct {
    const char *field; /* path within what was given: "pools[1][2]"; "" the whole; points into the arena */
    Text message;      /* empty: no mistake. In English: what was given, what was expected */
} ConfigError;

enum { VALUE_READER_FIELDS = 64 };
typedef struct {
    Arena *arena;
    const Value *map;
    const char *path;
    ConfigError *error;
    const char *asked[VALUE_READER_FIELDS];
    size_t asked_count;
    Text *names; /* if not NULL, every name asked for is noted here with its type, a line each: how api.lua is tested */
} ValueReader;

ValueReader value_reader(Arena *arena, const Value *map, const char *path, ConfigError *error);
/* Absent fields give the default. */
bool value_read_truth(ValueReader *r, const char *field, bool fallback);
int64_t value_read_number(ValueReader *r, const char *field, int64_t least, int64_t most, int64_t fallback);
const char *value_read_text(ValueReader *r, const char *field, const char *fallback);
/* A name out of a closed set; the index in `names`. */
size_t value_read_choice(ValueReader *r, const char *field, const char *const *names, size_t count, size_t fallback);
/* The raw value, for lists and nested maps; NULL if absent. `type` is for `names` and messages: "a list of pools". */
const Value *value_read_any(ValueReader *r, const char *field, const char *type);
/* Marks the field as asked for and says that `expected` was wanted where `given` stands. */
void value_reader_fail(ValueReader *r, const char *field, const Value *given, const char *expected);
/* Reports the first field that nobody asked for. True: the whole map is good. Call once, at the end. */
bool value_reader_finish(ValueReader *r) NS_MUST_USE;
/* Notes a mistake at `path` unless one is noted already. */
void config_error_set(ConfigError *error, Arena *arena, const char *path, const char *format, ...);

#endif
