#include "mail/parameter.h"

#include <stdlib.h>
#include <string.h>

#include "mail/encoded_word.h"
#include "mail/lexer.h"

/* One "name*number*=value" as it stands. */
typedef struct {
    Bytes name;  /* lower case */
    Bytes value; /* quotes removed */
    int number;  /* of a continuation; -1: none */
    bool extended;
    size_t offset;
} Piece;

enum { PIECES_MOST = 2000, PIECE_LINE = 76 };

typedef struct {
    Arena *arena;
    Lexer l;
    Piece *pieces;
    size_t count, capacity;
} Reader;

/* Takes "*0*" off the name. */
static void split_name(Piece *p) {
    Bytes n = p->name;
    if (n.size > 1 && n.at[n.size - 1] == '*') {
        p->extended = true;
        n.size--;
    }
    const uint8_t *star = memchr(n.at, '*', n.size);
    size_t digits = star ? n.size - (size_t)(star - n.at) - 1 : 0;
    int number = 0;
    bool good = digits > 0 && digits <= 4;
    for (size_t i = 0; good && i < digits; i++) {
        good = star[1 + i] >= '0' && star[1 + i] <= '9';
        number = number * 10 + star[1 + i] - '0';
    }
    if (good && star > n.at) {
        p->number = number;
        n.size = (size_t)(star - n.at);
    }
    p->name = n;
}

static Bytes read_value(Reader *r) {
    Lexer *l = &r->l;
    if (lexer_is(l, '"')) {
        Text content = text_new();
        lexer_quoted(l, &content);
        return mail_keep_text(r->arena, &content);
    }
    size_t start = l->at, token = lexer_token(l).size;
    /* DEVIATION: what stands up to the next semicolon or blank is taken, though it should be quoted; real mailers write
     * boundary=a=b and filename=a/b. */
    while (!lexer_end(l) && !lexer_is(l, ';') && !ascii_is_space(lexer_peek(l)) && !lexer_is(l, '(')) l->at++;
    if (l->at - start > token) lexer_fault(l, "parameter.unquoted", start);
    return bytes_slice(l->text, start, l->at - start);
}

/* To the next semicolon, quoted strings passed over. */
static void skip_to_semicolon(Lexer *l) {
    while (!lexer_end(l) && !lexer_is(l, ';')) {
        if (lexer_is(l, '"')) lexer_quoted(l, NULL);
        else l->at++;
    }
}

static bool read_piece(Reader *r) {
    Lexer *l = &r->l;
    size_t start = l->at;
    Piece p = {.number = -1, .offset = l->offset + start};
    Bytes name = lexer_token(l);
    lexer_skip(l);
    if (name.size == 0 || !lexer_is(l, '=')) {
        lexer_fault(l, "parameter.syntax", start);
        return false;
    }
    p.name = mail_keep_lower(r->arena, name);
    split_name(&p);
    l->at++;
    lexer_skip(l);
    p.value = read_value(r);
    if (r->count == PIECES_MOST) {
        lexer_fault(l, "parameter.too_many", start);
        l->at = l->text.size;
        return true;
    }
    r->pieces = mail_grow(r->arena, r->pieces, &r->capacity, r->count + 1, sizeof p);
    r->pieces[r->count++] = p;
    return true;
}

/* ---- Pieces to parameters ---- */

static void put_percent(Reader *r, Text *to, const Piece *p, Bytes value) {
    for (size_t i = 0; i < value.size; i++) {
        int high = -1, low = -1;
        if (value.at[i] == '%' && value.size - i > 2) {
            high = text_hex_digit((char)value.at[i + 1]);
            low = text_hex_digit((char)value.at[i + 2]);
        }
        if (high >= 0 && low >= 0) {
            text_put_char(to, (char)(high << 4 | low));
            i += 2;
        } else {
            if (value.at[i] == '%') mail_fault(r->l.faults, "parameter.bad_escape", p->offset);
            text_put_char(to, (char)value.at[i]);
        }
    }
}

/* Takes charset'language' off the value of the first piece. */
static Bytes split_charset(Bytes value, Parameter *q) {
    const uint8_t *first = memchr(value.at, '\'', value.size);
    if (!first) return value;
    size_t at = (size_t)(first - value.at);
    const uint8_t *second = memchr(first + 1, '\'', value.size - at - 1);
    if (!second) return value;
    size_t end = (size_t)(second - value.at);
    q->charset = bytes_slice(value, 0, at);
    q->language = bytes_slice(value, at + 1, end - at - 1);
    return bytes_slice(value, end + 1, value.size);
}

static void add_parameter(Reader *r, Parameters *to, Parameter q) {
    if (to->count == PARAMETERS_MOST) {
        mail_fault(r->l.faults, "parameter.too_many", q.offset);
        return;
    }
    to->items = mail_grow(r->arena, to->items, &to->capacity, to->count + 1, sizeof q);
    to->items[to->count++] = q;
}

static Bytes plain_value(Reader *r, const Piece *p) {
    EncodedWord word;
    if (encoded_word_find(p->value, 0, &word)) mail_fault(r->l.faults, "parameter.encoded_word", p->offset);
    return encoded_words_decode(r->arena, p->value, p->offset, r->l.faults);
}

/* The pieces of a continuation, sorted by their numbers, or one extended piece. */
static Parameter join(Reader *r, const Piece *pieces, size_t count) {
    Parameter q = {.name = pieces->name, .offset = pieces->offset};
    Text octets = text_new();
    for (size_t i = 0; i < count; i++) {
        const Piece *p = &pieces[i];
        if (p->number >= 0 && p->number < (int)q.pieces) {
            mail_fault(r->l.faults, "parameter.repeated", p->offset);
            continue;
        }
        if (p->number > (int)q.pieces) {
            mail_fault(r->l.faults, "parameter.piece_missing", p->offset);
            break;
        }
        Bytes value = p->extended && q.pieces == 0 ? split_charset(p->value, &q) : p->value;
        if (p->extended) put_percent(r, &octets, p, value);
        else text_put_bytes(&octets, value);
        q.pieces++;
    }
    const Charset *charset = q.charset.size > 0 ? charset_find(q.charset) : charset_utf8();
    q.value = charset_decode(r->arena, charset, mail_keep_text(r->arena, &octets), q.offset, r->l.faults);
    return q;
}

/* All pieces of one name, sorted: those without a number first. The extended form counts before the plain one where
 * both are given (RFC 6266 section 4.3). */
static void add_group(Reader *r, Parameters *to, const Piece *pieces, size_t count) {
    const Piece *plain = NULL, *extended = NULL;
    size_t i = 0;
    for (; i < count && pieces[i].number < 0; i++) {
        const Piece **form = pieces[i].extended ? &extended : &plain;
        if (*form) mail_fault(r->l.faults, "parameter.repeated", pieces[i].offset);
        else *form = &pieces[i];
    }
    if (extended) {
        add_parameter(r, to, join(r, extended, 1));
    } else if (i < count && pieces[i].number == 0) {
        add_parameter(r, to, join(r, pieces + i, count - i));
    } else if (plain) {
        add_parameter(r, to, (Parameter){plain->name, plain_value(r, plain), {0}, {0}, 1, plain->offset});
    } else {
        mail_fault(r->l.faults, "parameter.piece_missing", pieces[i].offset);
    }
}

static int compare_pieces(const void *a, const void *b) {
    const Piece *p = a, *q = b;
    size_t size = p->name.size < q->name.size ? p->name.size : q->name.size;
    int order = memcmp(p->name.at, q->name.at, size);
    if (order) return order;
    if (p->name.size != q->name.size) return p->name.size < q->name.size ? -1 : 1;
    if (p->number != q->number) return p->number < q->number ? -1 : 1;
    return p->offset < q->offset ? -1 : p->offset > q->offset;
}

static int compare_parameters(const void *a, const void *b) {
    const Parameter *p = a, *q = b;
    return p->offset < q->offset ? -1 : p->offset > q->offset;
}

static void assemble(Reader *r, Parameters *to) {
    qsort(r->pieces, r->count, sizeof(Piece), compare_pieces);
    for (size_t i = 0, end; i < r->count; i = end) {
        for (end = i + 1; end < r->count && bytes_equal(r->pieces[i].name, r->pieces[end].name);) end++;
        add_group(r, to, r->pieces + i, end - i);
    }
    if (to->count > 0) qsort(to->items, to->count, sizeof(Parameter), compare_parameters);
}

Parameters parameters_read(Arena *arena, Bytes value, size_t offset, MailFaults *faults) {
    Reader r = {.arena = arena, .l = lexer(value, offset, faults)};
    Lexer *l = &r.l;
    for (lexer_skip(l); !lexer_end(l); lexer_skip(l)) {
        if (lexer_is(l, ';')) {
            l->at++;
            continue;
        }
        if (read_piece(&r)) {
            lexer_skip(l);
            if (lexer_end(l) || lexer_is(l, ';')) continue;
            lexer_fault(l, "parameter.no_semicolon", l->at);
            if (is_token_character(lexer_peek(l))) continue; /* name=value name=value */
        }
        skip_to_semicolon(l);
    }
    Parameters parameters = {0};
    if (r.count > 0) assemble(&r, &parameters);
    return parameters;
}

const Parameter *parameter_find(const Parameters *parameters, const char *name) {
    for (size_t i = 0; i < parameters->count; i++)
        if (bytes_is(parameters->items[i].name, name)) return &parameters->items[i];
    return NULL;
}

/* ---- Writing ---- */

static Text *add_piece(ParameterPieces *pieces) {
    pieces->items = array_grow(pieces->items, &pieces->capacity, pieces->count + 1, sizeof(Text));
    pieces->items[pieces->count] = text_new();
    return &pieces->items[pieces->count++];
}

static bool is_attribute_character(uint8_t c) { return is_token_character(c) && !strchr("*'%", c); }

/* In pieces: name*0*=UTF-8''…, name*1*=…; one piece, name*=…, where it fits. */
static void write_extended(ParameterPieces *pieces, const char *name, Bytes value) {
    bool one = true;
    size_t size = strlen(name) + 2 + strlen("UTF-8''");
    for (size_t i = 0; i < value.size; i++) size += is_attribute_character(value.at[i]) ? 1 : 3;
    if (size > PIECE_LINE) one = false;
    Text *piece = NULL;
    for (size_t i = 0; i < value.size || !piece;) {
        uint32_t c;
        size_t octets = i < value.size ? utf8_next((const char *)value.at + i, value.size - i, &c) : 0;
        if (!piece || (!one && piece->size + octets * 3 > PIECE_LINE)) {
            size_t number = pieces->count;
            piece = add_piece(pieces);
            if (one) text_print(piece, "%s*=UTF-8''", name);
            else text_print(piece, number == 0 ? "%s*%zu*=UTF-8''" : "%s*%zu*=", name, number);
        }
        for (; octets > 0; octets--, i++) {
            if (is_attribute_character(value.at[i])) text_put_char(piece, (char)value.at[i]);
            else text_print(piece, "%%%02X", (unsigned)value.at[i]);
        }
    }
}

ParameterPieces parameter_write(const char *name, Bytes value) {
    ParameterPieces pieces = {0};
    bool token = value.size > 0, plain = true;
    size_t quoted = 2;
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.at[i];
        token = token && is_token_character(c);
        plain = plain && c >= ' ' && c < 127;
        quoted += c == '"' || c == '\\' ? 2 : 1;
    }
    EncodedWord word;
    if (!plain || strlen(name) + 1 + (token ? value.size : quoted) > PIECE_LINE || encoded_word_find(value, 0, &word)) {
        write_extended(&pieces, name, value);
        return pieces;
    }
    Text *piece = add_piece(&pieces);
    text_print(piece, "%s=", name);
    if (!token) text_put_char(piece, '"');
    for (size_t i = 0; i < value.size; i++) {
        if (value.at[i] == '"' || value.at[i] == '\\') text_put_char(piece, '\\');
        text_put_char(piece, (char)value.at[i]);
    }
    if (!token) text_put_char(piece, '"');
    return pieces;
}

void parameter_pieces_free(ParameterPieces *pieces) {
    for (size_t i = 0; i < pieces->count; i++) text_free(&pieces->items[i]);
    free(pieces->items);
    *pieces = (ParameterPieces){0};
}
