/* Both languages' words, for the tests of a program: a group's set-up and tear-down. */
#ifndef NETSTAGE_TESTS_VIEW_WORDS_H
#define NETSTAGE_TESTS_VIEW_WORDS_H

#include <stdio.h>

#include "view/strings.h"

static Strings *words[LANGUAGE_COUNT];

static inline int load_words(void **state) {
    (void)state;
    Text error = text_new();
    for (Language l = 0; l < LANGUAGE_COUNT; l++)
        if (!strings_load(NETSTAGE_SOURCE "/assets", l, &words[l], &error)) {
            fprintf(stderr, "%s\n", text_get(&error));
            return -1;
        }
    text_free(&error);
    return 0;
}

static inline int free_words(void **state) {
    (void)state;
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(words[l]);
    return 0;
}

#endif
