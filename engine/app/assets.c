#define _POSIX_C_SOURCE 200809L
#include "app/assets.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool holds_words(const char *directory) {
    Text path = text_new();
    text_print(&path, "%s/lang/en/ui.txt", directory);
    bool found = access(text_get(&path), R_OK) == 0;
    text_free(&path);
    return found;
}

void assets_find(Text *directory) {
    const char *given = getenv("NETSTAGE_ASSETS");
    if (given && *given) {
        text_put(directory, given);
        return;
    }
    char program[4096];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    /* A build tree and an installed one: the program lies one to three folders below. */
    for (int up = 0; size > 0 && up < 4; up++) {
        while (size > 0 && program[size - 1] != '/') size--;
        if (size > 0) size--;
        program[size > 0 ? size : 0] = '\0';
        static const char *const places[] = {"assets", "share/netstage"};
        for (int i = 0; i < 2; i++) {
            Text path = text_new();
            text_print(&path, "%s/%s", program, places[i]);
            bool found = holds_words(text_get(&path));
            if (found) text_put(directory, text_get(&path));
            text_free(&path);
            if (found) return;
        }
    }
    text_put(directory, NETSTAGE_ASSETS);
}
