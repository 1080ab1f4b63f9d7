/* Lua's text patterns, with every step counted: a pattern that would take for ever ends when its steps are used up.
 *
 * Lua's own matcher can't be stopped from outside, and bounding subject and pattern would not help: "a?" thirty times
 * over is short enough for any bound and takes 2^30 steps. So this one is written anew, for the same patterns (Lua 5.4
 * manual, 6.4.1). */
#ifndef NETSTAGE_SCRIPT_PATTERN_H
#define NETSTAGE_SCRIPT_PATTERN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PATTERN_CAPTURES = 32, PATTERN_DEPTH = 160 };

typedef enum { CAPTURE_OPEN, CAPTURE_TEXT, CAPTURE_PLACE } CaptureKind;
typedef struct {
    const char *at;
    size_t size;
    CaptureKind kind;
} PatternCapture;

typedef struct {
    const char *subject, *subject_end, *pattern_end;
    int64_t steps;     /* left; negative: used up, and nothing is found any more */
    const char *error; /* a malformed pattern: what is wrong, static */
    int depth;
    size_t capture_count;
    PatternCapture captures[PATTERN_CAPTURES];
} Pattern;

Pattern pattern_new(const char *subject, size_t subject_size, int64_t steps);
/* Matches at exactly `at`; where the match ends, or NULL. `pattern` without its leading '^'. */
const char *pattern_match_at(Pattern *p, const char *at, const char *pattern, size_t pattern_size);
/* The first match at or after `at`: *end says where it ends. NULL: none (or p->error, or p->steps < 0). */
const char *pattern_find(Pattern *p, const char *at, const char *pattern, size_t pattern_size, const char **end);
/* Plain text, by the same account. */
const char *pattern_find_plain(Pattern *p, const char *at, const char *needle, size_t needle_size);

#endif
