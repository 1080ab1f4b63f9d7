/* What the transcripts of protocols over streams share: their files, words and escapes, the cuts, and what no transcript has
 * taken. */
#ifndef NETSTAGE_TESTS_PROTO_TRANSCRIPTS_H
#define NETSTAGE_TESTS_PROTO_TRANSCRIPTS_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "sim/machine.h"

/* "NAME=VALUE" among the words. */
static inline bool transcript_is_set(char **words, size_t count, const char *name, const char **value) {
    size_t length = strlen(name);
    for (size_t i = 0; i < count; i++) {
        if (strncmp(words[i], name, length) != 0 || words[i][length] != '=') continue;
        *value = words[i] + length + 1;
        return true;
    }
    return false;
}

/* \r \n \t \0 \\ \xHH; {500} repeats the character before it so often. False: the number has no end. */
static inline bool transcript_unescape(const char *from, Text *to) {
    for (; *from; from++) {
        if (*from == '{' && from[1] >= '0' && from[1] <= '9' && to->size > 0) {
            char *end, last = to->at[to->size - 1];
            for (long n = strtol(from + 1, &end, 10); n > 1; n--) text_put_char(to, last);
            if (*end != '}') return false;
            from = end;
        } else if (*from != '\\') {
            text_put_char(to, *from);
        } else {
            from++;
            if (*from == 'x') {
                text_put_char(to, (char)(text_hex_digit(from[1]) << 4 | text_hex_digit(from[2])));
                from += 2;
            } else {
                char c = *from;
                text_put_char(to, c == 'r' ? '\r' : c == 'n' ? '\n' : c == 't' ? '\t' : c == '0' ? '\0' : c);
            }
        }
    }
    return true;
}

/* The log must be as when nothing was cut; it is freed. */
static inline void transcript_compare(const char *file, const char *how, size_t cut, Text *log, const Text *whole) {
    if (strcmp(text_get(log), text_get(whole)) != 0) {
        const char *a = text_get(log), *b = text_get(whole);
        while (*a && *a == *b) a++, b++;
        while (a > text_get(log) && a[-1] != '\n') a--, b--;
        fail_msg("%s, %s %zu: \"%.200s\" instead of \"%.200s\"", file, how, cut, a, b);
    }
    text_free(log);
}

/* Plays a transcript, its input cut at this octet, octet by octet, or run together: what came of it, and in `*came` how
 * many octets came in. */
typedef Text TranscriptPlay(const char *file, const char *text, size_t cut, bool each_octet, bool together, size_t *came);

/* As it stands, octet by octet, run together, and cut at every octet; at every 997th where there are more than `many`.
 * Returns the number of cuts. */
static inline size_t transcript_cut(TranscriptPlay *play, const char *file, const char *text, size_t many) {
    size_t octets, again, cuts = 0;
    Text whole = play(file, text, SIZE_MAX, false, false, &octets);
    Text log = play(file, text, SIZE_MAX, true, false, &again);
    transcript_compare(file, "octet by octet", 0, &log, &whole);
    log = play(file, text, SIZE_MAX, false, true, &again);
    transcript_compare(file, "run together", 0, &log, &whole);
    for (size_t cut = 1; cut < octets; cut += octets > many ? 997 : 1, cuts++) {
        log = play(file, text, cut, false, false, &again);
        transcript_compare(file, "cut at", cut, &log, &whole);
    }
    text_free(&whole);
    return cuts;
}

/* Each file of a folder; `each` returns the number of its cuts. */
static inline void transcript_files(const char *folder, size_t (*each)(const char *file, const char *text)) {
    struct dirent **entries;
    int count = scandir(folder, &entries, NULL, alphasort);
    assert_true(count > 2);
    size_t cuts = 0;
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            char path[400];
            snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
            Text text = text_new(), error = text_new();
            assert_true(text_read_file(path, &text, &error));
            cuts += each(entries[i]->d_name, text_get(&text));
            text_free(&text), text_free(&error);
        }
        free(entries[i]);
    }
    free(entries);
    printf("%zu cuts\n", cuts);
}

/* The rows of a table that no transcript has taken, a line each. */
static inline void transcript_report_rows(const MachineSpec *spec, const bool *taken, Text *missing) {
    for (size_t i = 0; i < spec->row_count; i++) {
        const MachineRow *row = &spec->rows[i];
        if (!taken[i])
            text_print(missing, "\n  %s row %zu: %s, %s, %s -> %s", spec->name, i, spec->states[row->from],
                       spec->inputs[row->input].name, row->guard_name, spec->states[row->to]);
    }
}

#endif
