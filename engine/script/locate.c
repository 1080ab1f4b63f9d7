#include "script/locate.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* ---- Lua's tokens, as far as it takes to find one's way ---- */

typedef enum { TOKEN_END, TOKEN_NAME, TOKEN_TEXT, TOKEN_OTHER } TokenKind;
typedef struct {
    TokenKind kind;
    const char *at; /* of a text: without its quotes */
    size_t size;
    int line;
    char sign; /* of TOKEN_OTHER: its first character */
} Token;

typedef struct {
    const char *at, *end;
    int line;
    Token token;
} Scanner;

static void skip_to(Scanner *s, const char *to) {
    for (; s->at < to; s->at++) s->line += *s->at == '\n';
}

/* If a long bracket opens here ([[ or [==[), its level; else -1. */
static int long_bracket(const Scanner *s, const char *at) {
    if (at >= s->end || *at != '[') return -1;
    int level = 0;
    for (at++; at < s->end && *at == '='; at++) level++;
    return at < s->end && *at == '[' ? level : -1;
}

static const char *long_bracket_end(const Scanner *s, const char *at, int level) {
    for (at += level + 2; at < s->end; at++) {
        if (*at != ']') continue;
        const char *close = at + 1;
        while (close < s->end && *close == '=') close++;
        if (close < s->end && *close == ']' && close - at - 1 == level) return close + 1;
    }
    return s->end;
}

static void skip_blanks(Scanner *s) {
    for (;;) {
        while (s->at < s->end && isspace((unsigned char)*s->at)) skip_to(s, s->at + 1);
        if (s->end - s->at < 2 || s->at[0] != '-' || s->at[1] != '-') return;
        int level = long_bracket(s, s->at + 2);
        if (level >= 0) {
            skip_to(s, long_bracket_end(s, s->at + 2, level));
        } else {
            const char *line_end = memchr(s->at, '\n', (size_t)(s->end - s->at));
            skip_to(s, line_end ? line_end : s->end);
        }
    }
}

static bool is_name(char c) { return isalnum((unsigned char)c) || c == '_'; }

static void next(Scanner *s) {
    skip_blanks(s);
    Token *t = &s->token;
    *t = (Token){TOKEN_END, s->at, 0, s->line, 0};
    if (s->at >= s->end) return;
    const char *to = s->at;
    int level = long_bracket(s, s->at);
    if (is_name(*to)) {
        while (to < s->end && is_name(*to)) to++;
        *t = (Token){TOKEN_NAME, s->at, (size_t)(to - s->at), s->line, 0};
    } else if (*to == '"' || *to == '\'') {
        for (to++; to < s->end && *to != *s->at && *to != '\n'; to++)
            if (*to == '\\' && to + 1 < s->end) to++;
        *t = (Token){TOKEN_TEXT, s->at + 1, (size_t)(to - s->at - 1), s->line, 0};
        if (to < s->end) to++;
    } else if (level >= 0) {
        to = long_bracket_end(s, s->at, level);
        *t = (Token){TOKEN_TEXT, s->at, (size_t)(to - s->at), s->line, 0};
    } else {
        *t = (Token){TOKEN_OTHER, to, 1, s->line, *to};
        to++;
        if (*t->at == '=' && to < s->end && *to == '=') {
            t->sign = 'e';
            to++;
        }
    }
    skip_to(s, to);
}

static bool is_sign(const Scanner *s, char sign) { return s->token.kind == TOKEN_OTHER && s->token.sign == sign; }

static bool is_word(const Token *t, const char *word, size_t size) {
    return (t->kind == TOKEN_NAME || t->kind == TOKEN_TEXT) && t->size == size && memcmp(t->at, word, size) == 0;
}

/* ---- Tables ---- */

/* Goes to the ',' ';' or '}' after a value. */
static void skip_value(Scanner *s) {
    static const char *const openers[] = {"function", "do", "if", "repeat"};
    int depth = 0;
    for (; s->token.kind != TOKEN_END; next(s)) {
        if (depth <= 0 && (is_sign(s, ',') || is_sign(s, ';') || is_sign(s, '}'))) return;
        if (s->token.kind == TOKEN_OTHER && strchr("({[", s->token.sign)) depth++;
        if (s->token.kind == TOKEN_OTHER && strchr(")}]", s->token.sign)) depth--;
        if (s->token.kind != TOKEN_NAME) continue;
        for (size_t i = 0; i < sizeof openers / sizeof openers[0]; i++)
            depth += is_word(&s->token, openers[i], strlen(openers[i]));
        if (is_word(&s->token, "end", 3) || is_word(&s->token, "until", 5)) depth--;
    }
}

typedef struct {
    const char *name; /* NULL: a place in a list */
    size_t size;
    long place;
} Part;

static const char *next_part(const char *path, Part *part) {
    if (*path == '.') path++;
    if (*path == '[') {
        char *end;
        *part = (Part){NULL, 0, strtol(path + 1, &end, 10)};
        return *end == ']' ? end + 1 : end;
    }
    size_t size = strcspn(path, ".[");
    *part = (Part){path, size, 0};
    return path + size;
}

/* The scanner stands after a '{'. Goes to the part's value; its line, or 0 if it is not there. */
static int enter(Scanner *s, const Part *part) {
    long place = 0;
    while (s->token.kind != TOKEN_END && !is_sign(s, '}')) {
        Token key = s->token;
        bool named = false;
        if (key.kind == TOKEN_NAME) {
            Scanner ahead = *s;
            next(&ahead);
            if (is_sign(&ahead, '=')) {
                *s = ahead;
                next(s);
                named = true;
            }
        } else if (is_sign(s, '[')) {
            next(s);
            key = s->token;
            next(s);
            next(s);
            next(s);
            named = true;
        }
        if (!named) place++;
        if (named ? part->name && is_word(&key, part->name, part->size) : !part->name && place == part->place)
            return key.line;
        skip_value(s);
        if (!is_sign(s, '}')) next(s);
    }
    return 0;
}

int locate_field(const char *source, size_t size, int call_line, const char *call, const char *path) {
    Scanner s = {.at = source, .end = source + size, .line = 1};
    next(&s);
    while (s.token.kind != TOKEN_END && (s.token.line < call_line || !is_word(&s.token, call, strlen(call)))) next(&s);
    while (s.token.kind != TOKEN_END && !is_sign(&s, '{') && !is_sign(&s, ')')) next(&s);
    int line = call_line;
    while (*path && is_sign(&s, '{')) {
        Part part;
        path = next_part(path, &part);
        next(&s);
        int found = enter(&s, &part);
        if (found == 0) break;
        line = found;
    }
    return line;
}
