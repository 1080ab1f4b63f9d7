#include "script/pattern.h"

#include <ctype.h>
#include <string.h>

static const char *match(Pattern *p, const char *s, const char *pat);

static const char *fail(Pattern *p, const char *error) {
    if (!p->error) p->error = error;
    return NULL;
}

static bool stopped(const Pattern *p) { return p->error || p->steps < 0; }

/* The end of the single item (a character, %x, or a [set]) that starts at `pat`; NULL if malformed. */
static const char *item_end(Pattern *p, const char *pat) {
    const char *end = p->pattern_end;
    char first = *pat++;
    if (first == '%') return pat == end ? fail(p, "malformed pattern (ends with '%')") : pat + 1;
    if (first != '[') return pat;
    if (pat < end && *pat == '^') pat++;
    bool opening = true; /* a ']' right here is a member of the set */
    for (;; opening = false) {
        if (pat == end) return fail(p, "malformed pattern (missing ']')");
        char c = *pat++;
        if (c == '%') {
            if (pat == end) return fail(p, "malformed pattern (missing ']')");
            pat++;
        } else if (c == ']' && !opening) {
            return pat;
        }
    }
}

static bool class_has(unsigned char class, unsigned char c) {
    bool in;
    switch (tolower(class)) {
        case 'a': in = isalpha(c); break;
        case 'c': in = iscntrl(c); break;
        case 'd': in = isdigit(c); break;
        case 'g': in = isgraph(c); break;
        case 'l': in = islower(c); break;
        case 'p': in = ispunct(c); break;
        case 's': in = isspace(c); break;
        case 'u': in = isupper(c); break;
        case 'w': in = isalnum(c); break;
        case 'x': in = isxdigit(c); break;
        default: return class == c;
    }
    return isupper(class) ? !in : in;
}

/* `set` points at '[', `end` after its ']'. */
static bool set_has(Pattern *p, const char *set, const char *end, unsigned char c) {
    const char *at = set + 1, *last = end - 1;
    bool wanted = true;
    if (*at == '^') {
        wanted = false;
        at++;
    }
    for (; at < last; at++) {
        p->steps--;
        if (*at == '%') {
            at++;
            if (class_has((unsigned char)*at, c)) return wanted;
        } else if (at + 2 < last && at[1] == '-') {
            if ((unsigned char)at[0] <= c && c <= (unsigned char)at[2]) return wanted;
            at += 2;
        } else if ((unsigned char)*at == c) {
            return wanted;
        }
    }
    return !wanted;
}

static bool item_has(Pattern *p, const char *s, const char *pat, const char *end) {
    if (s >= p->subject_end) return false;
    p->steps--;
    unsigned char c = (unsigned char)*s;
    switch (*pat) {
        case '.': return true;
        case '%': return class_has((unsigned char)pat[1], c);
        case '[': return set_has(p, pat, end, c);
        default: return (unsigned char)*pat == c;
    }
}

static const char *match_most(Pattern *p, const char *s, const char *pat, const char *end) {
    ptrdiff_t count = 0;
    while (item_has(p, s + count, pat, end)) count++;
    for (; count >= 0 && !stopped(p); count--) {
        const char *result = match(p, s + count, end + 1);
        if (result) return result;
    }
    return NULL;
}

static const char *match_least(Pattern *p, const char *s, const char *pat, const char *end) {
    while (!stopped(p)) {
        const char *result = match(p, s, end + 1);
        if (result) return result;
        if (!item_has(p, s, pat, end)) return NULL;
        s++;
    }
    return NULL;
}

/* %bxy */
static const char *match_balanced(Pattern *p, const char *s, const char *pat) {
    if (pat + 1 >= p->pattern_end) return fail(p, "malformed pattern (missing arguments to '%b')");
    if (s >= p->subject_end || *s != pat[0]) return NULL;
    size_t open = 1;
    for (s++; s < p->subject_end; s++) {
        if (--p->steps < 0) return NULL;
        if (*s == pat[1]) {
            if (--open == 0) return s + 1;
        } else if (*s == pat[0]) {
            open++;
        }
    }
    return NULL;
}

/* %f[set]: `pat` points at the set. */
static const char *match_frontier(Pattern *p, const char *s, const char *pat) {
    if (pat >= p->pattern_end || *pat != '[') return fail(p, "missing '[' after '%f' in pattern");
    const char *end = item_end(p, pat);
    if (!end) return NULL;
    unsigned char before = s == p->subject ? 0 : (unsigned char)s[-1];
    unsigned char here = s == p->subject_end ? 0 : (unsigned char)*s;
    if (set_has(p, pat, end, before) || !set_has(p, pat, end, here)) return NULL;
    return match(p, s, end);
}

static const char *match_again(Pattern *p, const char *s, unsigned char digit) {
    size_t index = (size_t)(digit - '1');
    if (digit < '1' || index >= p->capture_count || p->captures[index].kind == CAPTURE_OPEN)
        return fail(p, "invalid capture index in pattern");
    const PatternCapture *capture = &p->captures[index];
    size_t size = capture->kind == CAPTURE_PLACE ? 0 : capture->size;
    p->steps -= (int64_t)size;
    if ((size_t)(p->subject_end - s) < size || memcmp(capture->at, s, size) != 0) return NULL;
    return s + size;
}

static const char *match_open(Pattern *p, const char *s, const char *pat, CaptureKind kind) {
    if (p->capture_count >= PATTERN_CAPTURES) return fail(p, "too many captures");
    p->captures[p->capture_count++] = (PatternCapture){s, 0, kind};
    const char *result = match(p, s, pat);
    if (!result) p->capture_count--;
    return result;
}

static const char *match_close(Pattern *p, const char *s, const char *pat) {
    size_t i = p->capture_count;
    while (i > 0 && p->captures[i - 1].kind != CAPTURE_OPEN) i--;
    if (i == 0) return fail(p, "invalid pattern capture");
    PatternCapture *capture = &p->captures[i - 1];
    capture->size = (size_t)(s - capture->at);
    capture->kind = CAPTURE_TEXT;
    const char *result = match(p, s, pat);
    if (!result) capture->kind = CAPTURE_OPEN;
    return result;
}

static const char *match_special(Pattern *p, const char *s, const char *pat, bool *handled) {
    *handled = true;
    switch (*pat) {
        case '(':
            if (pat + 1 < p->pattern_end && pat[1] == ')') return match_open(p, s, pat + 2, CAPTURE_PLACE);
            return match_open(p, s, pat + 1, CAPTURE_OPEN);
        case ')': return match_close(p, s, pat + 1);
        case '$':
            if (pat + 1 == p->pattern_end) return s == p->subject_end ? s : NULL;
            break;
        case '%':
            if (pat + 1 == p->pattern_end) break;
            if (pat[1] == 'b') {
                s = match_balanced(p, s, pat + 2);
                return s ? match(p, s, pat + 4) : NULL;
            }
            if (pat[1] == 'f') return match_frontier(p, s, pat + 2);
            if (isdigit((unsigned char)pat[1])) {
                s = match_again(p, s, (unsigned char)pat[1]);
                return s ? match(p, s, pat + 2) : NULL;
            }
            break;
        default: break;
    }
    *handled = false;
    return NULL;
}

static const char *match_items(Pattern *p, const char *s, const char *pat) {
    while (pat < p->pattern_end) {
        if (--p->steps < 0 || p->error) return NULL;
        bool handled;
        const char *result = match_special(p, s, pat, &handled);
        if (handled) return result;
        const char *end = item_end(p, pat);
        if (!end) return NULL;
        char suffix = end < p->pattern_end ? *end : '\0';
        if (suffix == '*') return match_most(p, s, pat, end);
        if (suffix == '+') return item_has(p, s, pat, end) ? match_most(p, s + 1, pat, end) : NULL;
        if (suffix == '-') return match_least(p, s, pat, end);
        bool has = item_has(p, s, pat, end);
        if (suffix == '?') {
            if (has && (result = match(p, s + 1, end + 1)) != NULL) return result;
            pat = end + 1;
            continue;
        }
        if (!has) return NULL;
        s++;
        pat = end;
    }
    return s;
}

static const char *match(Pattern *p, const char *s, const char *pat) {
    if (p->depth >= PATTERN_DEPTH) return fail(p, "pattern too complex");
    p->depth++;
    const char *result = match_items(p, s, pat);
    p->depth--;
    return stopped(p) ? NULL : result;
}

Pattern pattern_new(const char *subject, size_t subject_size, int64_t steps) {
    return (Pattern){.subject = subject, .subject_end = subject + subject_size, .steps = steps};
}

const char *pattern_match_at(Pattern *p, const char *at, const char *pattern, size_t pattern_size) {
    p->pattern_end = pattern + pattern_size;
    p->capture_count = 0;
    p->depth = 0;
    return match(p, at, pattern);
}

const char *pattern_find(Pattern *p, const char *at, const char *pattern, size_t pattern_size, const char **end) {
    bool anchored = pattern_size > 0 && *pattern == '^';
    if (anchored) {
        pattern++;
        pattern_size--;
    }
    for (; at <= p->subject_end && !stopped(p); at++) {
        p->steps--;
        *end = pattern_match_at(p, at, pattern, pattern_size);
        if (*end) return at;
        if (anchored) return NULL;
    }
    return NULL;
}

const char *pattern_find_plain(Pattern *p, const char *at, const char *needle, size_t needle_size) {
    for (; (size_t)(p->subject_end - at) >= needle_size; at++) {
        size_t same = 0;
        while (same < needle_size && at[same] == needle[same]) same++;
        p->steps -= (int64_t)same + 1;
        if (p->steps < 0) return NULL;
        if (same == needle_size) return at;
    }
    return NULL;
}
