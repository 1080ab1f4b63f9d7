/* scenarios/api.lua says what the program registers: no more, no less, and of the same type. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "script/session.h"

enum { NAMES_MOST = 600 };

/* "LanFields.name" and its type ("" if none is known). */
typedef struct {
    char *name, *type;
    bool met;
} Name;
typedef struct {
    Name items[NAMES_MOST];
    size_t count;
} Names;

static char *copy_of(const char *text, size_t size) {
    char *copy = malloc(size + 1);
    memcpy(copy, text, size);
    copy[size] = '\0';
    return copy;
}

static void add(Names *names, const char *name, size_t name_size, const char *type, size_t type_size) {
    assert_true(names->count < NAMES_MOST);
    names->items[names->count++] = (Name){copy_of(name, name_size), copy_of(type, type_size), false};
}

static void names_free(Names *names) {
    for (size_t i = 0; i < names->count; i++) {
        free(names->items[i].name);
        free(names->items[i].type);
    }
}

static Name *find(Names *names, const char *name) {
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i].name, name) == 0) return &names->items[i];
    return NULL;
}

/* A type ends at a blank that is outside brackets and quotes. */
static size_t type_size(const char *type) {
    int depth = 0;
    size_t i = 0;
    for (; type[i] && type[i] != '\n' && (type[i] != ' ' || depth > 0); i++)
        depth += (strchr("({<", type[i]) != NULL) - (strchr(")}>", type[i]) != NULL);
    return i;
}

static void read_annotations(const char *text, Names *names) {
    char class[80] = "";
    for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line == '\n') {
        if (strncmp(line, "---@class ", 10) == 0) {
            size_t size = strcspn(line + 10, " \n");
            assert_true(size < sizeof class);
            memcpy(class, line + 10, size);
            class[size] = '\0';
        } else if (strncmp(line, "---@field ", 10) == 0) {
            const char *field = line + 10;
            size_t size = strcspn(field, "? \n");
            const char *type = field + size + (field[size] == '?') + 1;
            char name[160];
            int written = snprintf(name, sizeof name, "%s.%.*s", class, (int)size, field);
            add(names, name, (size_t)written, type, type_size(type));
        } else if (strncmp(line, "function ", 9) == 0 && strncmp(line + 9, "scenario(", 9) != 0) {
            add(names, line + 9, strcspn(line + 9, "("), "", 0);
        }
    }
}

static void read_registered(Names *names) {
    Text lines = text_new();
    session_describe_api(&lines);
    for (const char *line = text_get(&lines); *line; line += strcspn(line, "\n"), line += *line == '\n') {
        size_t size = strcspn(line, "\n");
        const char *colon = strstr(line, ": ");
        if (colon && colon < line + size)
            add(names, line, (size_t)(colon - line), colon + 2, (size_t)(line + size - colon - 2));
        else
            add(names, line, size, "", 0);
    }
    text_free(&lines);
}

/* What results are made of: described, but not given to the program by anyone. */
static bool is_result(const char *name) {
    static const char *const classes[] = {"Binding.",  "Message.",         "Fact.",      "Arrow.", "Cause.", "Datagram.",
                                          "DhcpPool.", "DhcpReservation.", "DhcpOption.", "DnsZone.", "DnsSoa."};
    for (size_t i = 0; i < sizeof classes / sizeof classes[0]; i++)
        if (strncmp(name, classes[i], strlen(classes[i])) == 0) return true;
    return false;
}

static void test_api_lua(void **state) {
    (void)state;
    Text text = text_new(), error = text_new();
    if (!text_read_file(NETSTAGE_SOURCE "/scenarios/api.lua", &text, &error)) fail_msg("%s", text_get(&error));
    static Names written, registered;
    read_annotations(text_get(&text), &written);
    read_registered(&registered);
    assert_true(registered.count > 150);
    size_t wrong = 0;
    for (size_t i = 0; i < registered.count; i++) {
        Name *name = find(&written, registered.items[i].name);
        if (name) name->met = true;
        if (!name) {
            print_error("missing in api.lua: %s: %s\n", registered.items[i].name, registered.items[i].type);
            wrong++;
        } else if (registered.items[i].type[0] && strcmp(registered.items[i].type, name->type) != 0) {
            print_error("%s is \"%s\" in api.lua, and \"%s\" in the program\n", name->name, name->type,
                        registered.items[i].type);
            wrong++;
        }
    }
    for (size_t i = 0; i < written.count; i++) {
        if (written.items[i].met || is_result(written.items[i].name)) continue;
        print_error("in api.lua, but not in the program: %s\n", written.items[i].name);
        wrong++;
    }
    assert_int_equal(wrong, 0);
    names_free(&written);
    names_free(&registered);
    text_free(&text);
    text_free(&error);
}

/* It is Lua, too. */
static void test_api_lua_compiles(void **state) {
    (void)state;
    Text text = text_new(), error = text_new();
    assert_true(text_read_file(NETSTAGE_SOURCE "/scenarios/api.lua", &text, &error));
    SandboxLimits limits = sandbox_limits_default();
    Sandbox *sandbox = sandbox_new(&limits, random_stream(1, "a", "b"), NULL, NULL);
    if (!sandbox_load(sandbox, text_get(&text), text.size, "api.lua", &error)) fail_msg("%s", text_get(&error));
    sandbox_free(sandbox);
    text_free(&text);
    text_free(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_api_lua), cmocka_unit_test(test_api_lua_compiles)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
