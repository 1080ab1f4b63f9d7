/* Building worlds in tests: commands as JSON texts. */
#ifndef NETSTAGE_TESTS_WORLDS_H
#define NETSTAGE_TESTS_WORLDS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "host/world.h"

/* Carries out a command given as JSON, in which ' stands for ". Fails the test if it is refused. */
static inline void world_do(World *world, const char *format, ...) {
    static char json[400000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    for (char *at = json; *at; at++)
        if (*at == '\'') *at = '"';
    Value value;
    Text fault = text_new();
    ConfigError error = {0};
    if (!value_parse(sim_arena(world_sim(world)), json, strlen(json), &value, &fault)) fail_msg("%s: %s", json, text_get(&fault));
    if (!world_command(world, &value, false, &error)) fail_msg("%s: %s: %s", json, error.field, text_get(&error.message));
    text_free(&fault);
}

/* The message with which a command is refused, "field: message"; fails the test if it is carried out. The caller frees it. */
static inline Text world_refuses(World *world, const char *format, ...) {
    static char json[400000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(json, sizeof json, format, arguments);
    va_end(arguments);
    for (char *at = json; *at; at++)
        if (*at == '\'') *at = '"';
    Value value;
    Text fault = text_new(), out = text_new();
    ConfigError error = {0};
    if (!value_parse(sim_arena(world_sim(world)), json, strlen(json), &value, &fault)) fail_msg("%s: %s", json, text_get(&fault));
    if (world_command(world, &value, false, &error)) fail_msg("%s: was carried out", json);
    text_print(&out, "%s: %s", error.field ? error.field : "", text_get(&error.message));
    text_free(&error.message);
    text_free(&fault);
    return out;
}

#endif
