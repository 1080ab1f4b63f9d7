#include "mail/reencode.h"

#include <string.h>

#include "mail/header_write.h"

typedef struct {
    Arena *arena;
    Bytes whole;
    LineRule lines;
    MailCarrier carrier;
    Text *to;
} Writer;

/* ---- Fields ---- */

static void put_eight_bit_field(Writer *w, const HeaderField *field) {
    static const char *const of_addresses[] = {"From", "Sender", "Reply-To", "To", "Cc", "Bcc"};
    const char *name = arena_text_n(w->arena, (const char *)field->name.at, field->name.size);
    for (size_t i = 0; i < sizeof of_addresses / sizeof of_addresses[0]; i++) {
        if (!bytes_is(field->name, of_addresses[i])) continue;
        AddressList list = address_list_read(w->arena, field->value, 0, NULL);
        HeaderWriter h = header_writer(w->to, charset_utf8());
        header_write_begin(&h, name);
        header_write_addresses(&h, &list);
        header_write_end(&h);
        return;
    }
    header_write_text_field(w->to, name, header_field_text(w->arena, field, NULL), charset_utf8());
}

/* A field with parameters that are not ASCII: Content-Type, Content-Disposition. */
static void put_parameters_field(Writer *w, const char *name, Bytes head, const Parameters *parameters) {
    HeaderWriter h = header_writer(w->to, charset_utf8());
    header_write_begin(&h, name);
    header_write_token(&h, head);
    for (size_t i = 0; i < parameters->count; i++)
        header_write_parameter(
            &h, arena_text_n(w->arena, (const char *)parameters->items[i].name.at, parameters->items[i].name.size),
            parameters->items[i].value);
    header_write_end(&h);
}

/* A value as it is folded, every line end CRLF; one that no blank follows would end the field, and becomes a blank. */
static void put_folded(Text *to, Bytes value) {
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.at[i];
        if (c != '\r' && c != '\n') {
            text_put_char(to, (char)c);
            continue;
        }
        if (c == '\r' && i + 1 < value.size && value.at[i + 1] == '\n') i++;
        bool folds = i + 1 < value.size && ascii_is_blank(value.at[i + 1]);
        text_put(to, folds ? "\r\n" : " ");
    }
}

static void put_field(Writer *w, const MimePart *part, const HeaderField *field) {
    if (bytes_is_ascii(field->value)) {
        text_put_bytes(w->to, field->name);
        text_put(w->to, ": ");
        put_folded(w->to, field->value);
        text_put(w->to, "\r\n");
    } else if (bytes_is(field->name, "Content-Type") && part->type_given) {
        Text type = text_new();
        text_put_bytes(&type, part->type_name);
        text_put_char(&type, '/');
        text_put_bytes(&type, part->subtype);
        put_parameters_field(w, "Content-Type", bytes_of(type.at, type.size), &part->parameters);
        text_free(&type);
    } else if (bytes_is(field->name, "Content-Disposition") && part->disposition.size > 0) {
        put_parameters_field(w, "Content-Disposition", part->disposition, &part->disposition_parameters);
    } else {
        put_eight_bit_field(w, field);
    }
}

/* ---- Contents ---- */

static bool has_line_of_dashes(Bytes body) {
    Line line;
    for (size_t at = 0; line_next(body, at, LINES_CRLF, &line); at = line.next)
        if (line.end - line.start >= 2 && body.at[line.start] == '-' && body.at[line.start + 1] == '-') return true;
    return false;
}

/* Lines end in CRLF. A bare CR, and a bare LF where the message was read by the strict rule, ended no line and must not
 * end one now, for a delimiter might stand behind it that was none: it stays, or becomes a blank. */
static Bytes lines_end_in_crlf(Writer *w, Bytes text, bool stays) {
    OctetSurvey survey = octet_survey(text);
    if (survey.bare_lf + survey.bare_cr == 0) return text;
    size_t most = text.size + survey.bare_lf;
    ByteWriter to = byte_writer(arena_alloc(w->arena, most + 1), most);
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.at[i];
        bool crlf = c == '\r' && i + 1 < text.size && text.at[i + 1] == '\n';
        if (crlf || (c == '\n' && w->lines == LINES_LENIENT)) {
            byte_writer_put(&to, "\r\n", 2);
            i += crlf;
        } else {
            byte_writer_u8(&to, (c == '\r' || c == '\n') && !stays ? ' ' : c);
        }
    }
    CHECK(!to.overflow);
    return byte_writer_bytes(&to);
}

/* The body of a leaf, encoded for the carrier. */
static Bytes encode_leaf(Writer *w, const MimePart *p, MimeEncoding *encoding) {
    bool is_text = p->type == MIME_TEXT, carried = p->encoding != MIME_BASE64 && p->encoding != MIME_QUOTED_PRINTABLE;
    Bytes octets = mime_part_octets(w->arena, p, NULL);
    if (carried && (is_text || p->encoding == MIME_7BIT)) octets = lines_end_in_crlf(w, octets, true);
    EncodingChoice choice = encoding_choose(octets, is_text, w->carrier);
    /* What was 7bit and is fit to travel so stays. */
    *encoding = carried && choice.possible[MIME_7BIT] ? MIME_7BIT : choice.encoding;
    bool plain = *encoding != MIME_BASE64;
    if (plain && !carried && p->parent && has_line_of_dashes(octets)) *encoding = MIME_BASE64;
    return encoding_apply(w->arena, octets, is_text, *encoding);
}

static void write_part(Writer *w, const MimePart *p) {
    bool leaf = !p->first;
    bool may_encode = leaf && p->type != MIME_MULTIPART && p->encoding != MIME_OTHER_ENCODING &&
                      (p->type != MIME_MESSAGE || p->encoding == MIME_BASE64 || p->encoding == MIME_QUOTED_PRINTABLE);
    MimeEncoding encoding = p->encoding;
    Bytes body = may_encode ? encode_leaf(w, p, &encoding) : lines_end_in_crlf(w, p->body, false);
    if (!leaf) encoding = MIME_7BIT;
    bool declared = false;
    for (size_t i = 0; i < p->header.count; i++) {
        const HeaderField *field = &p->header.fields[i];
        if (field->name.size == 0) continue;
        if (!bytes_is(field->name, "Content-Transfer-Encoding") || (!may_encode && leaf)) {
            put_field(w, p, field);
        } else if (!declared && encoding != MIME_7BIT) {
            text_print(w->to, "Content-Transfer-Encoding: %s\r\n", mime_encoding_name(encoding));
            declared = true;
        }
    }
    if (!declared && encoding != MIME_7BIT && may_encode)
        text_print(w->to, "Content-Transfer-Encoding: %s\r\n", mime_encoding_name(encoding));
    text_put(w->to, "\r\n");
    if (leaf) {
        text_put_bytes(w->to, body);
    } else if (p->type != MIME_MULTIPART) {
        write_part(w, p->first);
    } else {
        if (p->preamble.size > 0) {
            text_put_bytes(w->to, lines_end_in_crlf(w, p->preamble, false));
            text_put(w->to, "\r\n");
        }
        for (const MimePart *child = p->first; child; child = child->next) {
            text_put(w->to, "--");
            text_put_bytes(w->to, p->boundary);
            text_put(w->to, "\r\n");
            write_part(w, child);
            text_put(w->to, "\r\n");
        }
        text_put(w->to, "--");
        text_put_bytes(w->to, p->boundary);
        text_put(w->to, "--\r\n");
        text_put_bytes(w->to, lines_end_in_crlf(w, p->epilogue, false));
    }
}

Bytes reencode(Arena *arena, const MimeTree *tree, MailCarrier carrier) {
    Text to = text_new();
    Writer w = {arena, tree->whole, tree->lines, carrier, &to};
    write_part(&w, tree->root);
    return mail_keep_text(arena, &to);
}
