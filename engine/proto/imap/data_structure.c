/* BODY and BODYSTRUCTURE: RFC 3501 section 7.4.2. Sizes and lines are those of the content as it is carried. */
#include "mail/lexer.h"
#include "proto/imap/data_inside.h"

static size_t count_lines(Bytes octets) {
    size_t lines = 0;
    for (size_t i = 0; i < octets.size; i++) lines += octets.at[i] == '\n';
    return lines;
}

/* What stands behind the first semicolon of a structured field. */
static Bytes behind_semicolon(Bytes value) {
    Lexer l = lexer(value, 0, NULL);
    for (lexer_skip(&l); !lexer_end(&l) && !lexer_is(&l, ';'); lexer_skip(&l)) {
        if (lexer_is(&l, '"')) lexer_quoted(&l, NULL);
        else l.at++;
    }
    return bytes_slice(value, l.at, value.size);
}

static void put_field(Text *to, Arena *arena, const MimePart *part, const char *name) {
    const HeaderField *field = header_find(&part->header, name);
    Bytes value = field ? header_field_unfold(arena, field) : (Bytes){0};
    text_put_char(to, ' ');
    imap_put_nstring(to, value, value.size == 0);
}

static void put_type_parameters(Text *to, Arena *arena, const MimePart *part) {
    const HeaderField *field = header_find(&part->header, "Content-Type");
    Bytes value = field && part->type_given ? behind_semicolon(field->value) : (Bytes){0};
    text_put_char(to, ' ');
    imap_put_parameters(to, arena, value, part->type == MIME_TEXT);
}

static void put_disposition(Text *to, Arena *arena, const MimePart *part) {
    const HeaderField *field = header_find(&part->header, "Content-Disposition");
    if (!field || part->disposition.size == 0) {
        text_put(to, " NIL");
        return;
    }
    text_put(to, " (");
    imap_put_string(to, part->disposition);
    text_put_char(to, ' ');
    imap_put_parameters(to, arena, behind_semicolon(field->value), false);
    text_put_char(to, ')');
}

/* RFC 3282: tags between commas. */
static void put_language(Text *to, const MimePart *part) {
    const HeaderField *field = header_find(&part->header, "Content-Language");
    Lexer l = lexer(field ? field->value : (Bytes){0}, 0, NULL);
    const char *before = " (";
    for (lexer_skip(&l); !lexer_end(&l); lexer_skip(&l)) {
        Bytes tag = lexer_token(&l);
        if (tag.size == 0) {
            l.at++;
            continue;
        }
        text_put(to, before);
        imap_put_string(to, tag);
        before = " ";
    }
    text_put(to, before[1] ? " NIL" : ")");
}

static void put_extension(Text *to, Arena *arena, const MimePart *part) {
    put_disposition(to, arena, part);
    put_language(to, part);
    put_field(to, arena, part, "Content-Location");
}

/* A multipart whose parts cannot be told apart has one, and that is empty: the syntax wants one. */
static void put_empty_text(Text *to, bool extended) {
    text_put(to, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" 0 0");
    text_put(to, extended ? " NIL NIL NIL NIL)" : ")");
}

static void put_multipart(Text *to, Arena *arena, const MimePart *part, bool extended) {
    text_put_char(to, '(');
    if (!part->first) put_empty_text(to, extended);
    for (const MimePart *child = part->first; child; child = child->next)
        imap_put_structure(to, arena, child, extended);
    text_put_char(to, ' ');
    imap_put_string(to, part->subtype);
    if (extended) {
        put_type_parameters(to, arena, part);
        put_extension(to, arena, part);
    }
    text_put_char(to, ')');
}

/* Of a message/rfc822. One that must not be looked into (it is encoded, which RFC 2046 section 5.2.1 forbids, or lies too
 * deep) is shown as a message without a header, all of it text. */
static void put_message(Text *to, Arena *arena, const MimePart *part, bool extended) {
    static const Header none;
    text_put_char(to, ' ');
    imap_put_envelope(to, arena, part->first ? &part->first->header : &none);
    text_put_char(to, ' ');
    if (part->first) {
        imap_put_structure(to, arena, part->first, extended);
    } else {
        text_print(to, "(\"text\" \"plain\" (\"charset\" \"us-ascii\") NIL NIL \"7bit\" %zu %zu%s)", part->body.size,
                   count_lines(part->body), extended ? " NIL NIL NIL NIL" : "");
    }
}

void imap_put_structure(Text *to, Arena *arena, const MimePart *part, bool extended) {
    if (part->type == MIME_MULTIPART) {
        put_multipart(to, arena, part, extended);
        return;
    }
    text_put_char(to, '(');
    imap_put_string(to, part->type_name);
    text_put_char(to, ' ');
    imap_put_string(to, part->subtype);
    put_type_parameters(to, arena, part);
    put_field(to, arena, part, "Content-ID");
    put_field(to, arena, part, "Content-Description");
    text_put_char(to, ' ');
    imap_put_string(to, part->encoding_name.size > 0 ? part->encoding_name : bytes_text("7bit"));
    text_print(to, " %zu", part->body.size);
    if (imap_holds_message(part)) put_message(to, arena, part, extended);
    if (imap_holds_message(part) || part->type == MIME_TEXT) text_print(to, " %zu", count_lines(part->body));
    if (extended) {
        put_field(to, arena, part, "Content-MD5");
        put_extension(to, arena, part);
    }
    text_put_char(to, ')');
}
