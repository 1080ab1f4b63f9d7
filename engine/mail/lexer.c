#include "mail/lexer.h"

#include <string.h>

bool is_atext(uint8_t c) {
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 0x80) return true;
    return c > ' ' && c < 127 && strchr("!#$%&'*+-/=?^_`{|}~", c) != NULL;
}

bool is_token_character(uint8_t c) { return c > ' ' && c < 127 && strchr("()<>@,;:\\\"/[]?=", c) == NULL; }

static void skip_comment(Lexer *l) {
    size_t start = l->at++, depth = 1;
    for (; l->at < l->text.size; l->at++) {
        uint8_t c = l->text.at[l->at];
        if (c == '\\') l->at++;
        else if (c == '(') depth++;
        else if (c == ')' && --depth == 0) break;
    }
    if (l->at >= l->text.size) {
        l->at = l->text.size;
        lexer_fault(l, "header.open_comment", start);
        l->comment = bytes_slice(l->text, start + 1, l->text.size);
    } else {
        l->comment = bytes_slice(l->text, start + 1, l->at - start - 1);
        l->at++;
    }
}

void lexer_skip(Lexer *l) {
    size_t start = l->at;
    while (l->at < l->text.size) {
        uint8_t c = l->text.at[l->at];
        if (ascii_is_space(c)) l->at++;
        else if (c == '(') skip_comment(l);
        else break;
    }
    l->skipped = l->at > start;
}

bool lexer_quoted(Lexer *l, Text *into) {
    CHECK(lexer_is(l, '"'));
    size_t start = l->at++;
    while (l->at < l->text.size) {
        uint8_t c = l->text.at[l->at++];
        if (c == '"') return true;
        if (c == '\\' && l->at < l->text.size) c = l->text.at[l->at++];
        else if (c == '\r' || c == '\n') continue; /* folding */
        if (into) text_put_char(into, (char)c);
    }
    lexer_fault(l, "header.open_quote", start);
    return false;
}

Bytes lexer_atom(Lexer *l) {
    size_t start = l->at;
    while (l->at < l->text.size && is_atext(l->text.at[l->at])) l->at++;
    return bytes_slice(l->text, start, l->at - start);
}

Bytes lexer_token(Lexer *l) {
    size_t start = l->at;
    while (l->at < l->text.size && is_token_character(l->text.at[l->at])) l->at++;
    return bytes_slice(l->text, start, l->at - start);
}
