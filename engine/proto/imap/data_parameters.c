/* The parameters of Content-Type and Content-Disposition as BODYSTRUCTURE shows them: as written, not decoded, in their
 * order; only what RFC 2231 cut into pieces is joined again (its section 6 asks IMAP servers for it). */
#include <string.h>

#include "mail/lexer.h"
#include "mail/parameter.h"
#include "proto/imap/data_inside.h"

typedef struct {
    Bytes name, value; /* as written, without quotes */
    Bytes base;        /* "filename" of "filename*1*" */
    int piece;         /* 1; -1: no piece */
    bool extended;     /* of a piece: percent-encoded */
    bool done;
} Pair;

/* "name*12*": digits without a leading zero. */
static void split_piece(Pair *p) {
    Bytes name = p->name;
    p->piece = -1;
    p->base = name;
    if (name.size > 0 && name.at[name.size - 1] == '*') {
        p->extended = true;
        name.size--;
    }
    size_t digits = 0;
    while (digits < name.size && name.at[name.size - 1 - digits] >= '0' && name.at[name.size - 1 - digits] <= '9')
        digits++;
    size_t start = name.size - digits;
    if (digits == 0 || digits > 3 || start < 2 || name.at[start - 1] != '*') return;
    if (digits > 1 && name.at[start] == '0') return;
    p->piece = 0;
    for (size_t i = start; i < name.size; i++) p->piece = p->piece * 10 + name.at[i] - '0';
    p->base = bytes_slice(name, 0, start - 1);
}

static size_t read_pairs(Arena *arena, Bytes value, Pair *pairs) {
    Lexer lexing = lexer(value, 0, NULL), *l = &lexing;
    size_t count = 0;
    for (lexer_skip(l); !lexer_end(l) && count < PARAMETERS_MOST; lexer_skip(l)) {
        Pair p = {.name = lexer_token(l)};
        lexer_skip(l);
        if (p.name.size == 0 || !lexer_is(l, '=')) {
            while (!lexer_end(l) && !lexer_is(l, ';')) {
                if (lexer_is(l, '"')) lexer_quoted(l, NULL);
                else l->at++;
            }
            if (!lexer_end(l)) l->at++;
            continue;
        }
        l->at++;
        lexer_skip(l);
        if (lexer_is(l, '"')) {
            Text content = text_new();
            lexer_quoted(l, &content);
            p.value = mail_keep_text(arena, &content);
        } else {
            size_t start = l->at;
            while (!lexer_end(l) && !lexer_is(l, ';') && !ascii_is_space(lexer_peek(l)) && !lexer_is(l, '(')) l->at++;
            p.value = bytes_slice(value, start, l->at - start);
        }
        split_piece(&p);
        pairs[count++] = p;
    }
    return count;
}

static Pair *find_piece(Pair *pairs, size_t count, Bytes base, int piece) {
    for (size_t i = 0; i < count; i++)
        if (!pairs[i].done && pairs[i].piece == piece && bytes_equal_nocase(pairs[i].base, base)) return &pairs[i];
    return NULL;
}

/* A plain piece among extended ones: what would be read as an escape is escaped. */
static void put_escaped(Text *to, Bytes value) {
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.at[i];
        if (is_token_character(c) && !strchr("*'%", c)) text_put_char(to, (char)c);
        else text_print(to, "%%%02X", (unsigned)c);
    }
}

/* All pieces from number 0 on, as one parameter whose name ends in "*" where one of them is extended. */
static void put_joined(Text *to, Pair *pairs, size_t count, Bytes base) {
    Pair *run[PARAMETERS_MOST];
    size_t pieces = 0;
    bool extended = false;
    for (Pair *p; (p = find_piece(pairs, count, base, (int)pieces)) != NULL; run[pieces++] = p) {
        p->done = true;
        extended = extended || p->extended;
    }
    Text name = text_new(), value = text_new();
    text_put_bytes(&name, base);
    if (extended) text_put_char(&name, '*');
    for (size_t i = 0; i < pieces; i++) {
        if (extended && !run[i]->extended) put_escaped(&value, run[i]->value);
        else text_put_bytes(&value, run[i]->value);
    }
    imap_put_string(to, bytes_of(name.at, name.size));
    text_put_char(to, ' ');
    imap_put_string(to, bytes_of(value.at, value.size));
    text_free(&name);
    text_free(&value);
}

void imap_put_parameters(Text *to, Arena *arena, Bytes value, bool charset) {
    Pair *pairs = arena_alloc(arena, PARAMETERS_MOST * sizeof *pairs);
    size_t count = read_pairs(arena, value, pairs);
    const char *before = "(";
    for (size_t i = 0; i < count; i++) {
        Pair *p = &pairs[i];
        if (p->done) continue;
        text_put(to, before);
        before = " ";
        if (bytes_is(p->base, "charset")) charset = false;
        if (p->piece >= 0 && find_piece(pairs, count, p->base, 0)) put_joined(to, pairs, count, p->base);
        if (p->done) continue;
        imap_put_string(to, p->name);
        text_put_char(to, ' ');
        imap_put_string(to, p->value);
    }
    if (charset) text_print(to, "%s\"charset\" \"us-ascii\"", before);
    text_put(to, charset || before[0] == ' ' ? ")" : "NIL");
}
