#include "mail/partial.h"

#include <stdio.h>

#include "mail/header_write.h"

static size_t number_parameter(const MimePart *part, const char *name) {
    const Parameter *p = parameter_find(&part->parameters, name);
    size_t value = 0;
    for (size_t i = 0; p && i < p->value.size; i++) {
        if (p->value.at[i] < '0' || p->value.at[i] > '9' || value > 100000) return 0;
        value = value * 10 + p->value.at[i] - '0';
    }
    return value;
}

/* Fields that the enclosed message gives; all others come from the message around the first fragment (RFC 2046 section
 * 5.2.2.1). */
static bool is_of_enclosed(const HeaderField *field) {
    return bytes_is(bytes_slice(field->name, 0, 8), "Content-") || bytes_is(field->name, "Subject") ||
           bytes_is(field->name, "Message-ID") || bytes_is(field->name, "Encrypted") ||
           bytes_is(field->name, "MIME-Version");
}

static void put_fields(Text *to, Bytes whole, const Header *header, bool of_enclosed) {
    for (size_t i = 0; i < header->count; i++) {
        const HeaderField *field = &header->fields[i];
        if (field->name.size > 0 && is_of_enclosed(field) == of_enclosed)
            text_put_bytes(to, bytes_slice(whole, field->offset, field->size));
    }
}

static bool refuse(ParseFault *fault, const char *reason, size_t where) {
    *fault = (ParseFault){reason, where};
    return false;
}

bool mime_partial_join(Arena *arena, const MimeTree *const *fragments, size_t count, Bytes *whole, ParseFault *fault) {
    size_t total = 0;
    const MimePart **in_order = arena_alloc(arena, (count + 1) * sizeof *in_order);
    const Parameter *id = NULL;
    for (size_t i = 0; i < count; i++) {
        const MimePart *p = fragments[i]->root;
        if (p->type != MIME_MESSAGE || !bytes_is(p->subtype, "partial")) return refuse(fault, "mime.partial_type", i);
        const Parameter *own = parameter_find(&p->parameters, "id");
        if (!own || (id && !bytes_equal(own->value, id->value))) return refuse(fault, "mime.partial_other", i);
        id = own;
        size_t number = number_parameter(p, "number"), says = number_parameter(p, "total");
        if (says > 0 && total > 0 && says != total) return refuse(fault, "mime.partial_other", i);
        if (says > 0) total = says;
        if (number == 0 || number > count) return refuse(fault, "mime.partial_missing", number ? count : 0);
        if (in_order[number - 1]) return refuse(fault, "mime.partial_repeated", i);
        in_order[number - 1] = p;
    }
    if (total == 0) return refuse(fault, "mime.partial_total", 0);
    for (size_t n = 0; n < total; n++)
        if (n >= count || !in_order[n]) return refuse(fault, "mime.partial_missing", n + 1);
    if (count > total) return refuse(fault, "mime.partial_total", 0);

    const MimePart *first = in_order[0];
    Bytes around = bytes_of(first->body.at - first->body_offset, first->body_offset + first->body.size);
    Text bodies = text_new();
    for (size_t n = 0; n < total; n++) text_put_bytes(&bodies, in_order[n]->body);
    Message enclosed = message_read(arena, mail_keep_text(arena, &bodies), LINES_LENIENT, NULL);
    Text text = text_new();
    put_fields(&text, around, &first->header, false);
    put_fields(&text, enclosed.whole, &enclosed.header, true);
    text_put(&text, "\r\n");
    text_put_bytes(&text, enclosed.body);
    *whole = mail_keep_text(arena, &text);
    return true;
}

Bytes *mime_partial_split(Arena *arena, Bytes whole, size_t octets_most, Bytes id, size_t *count) {
    CHECK(octets_most > 0);
    Message m = message_read(arena, whole, LINES_CRLF, NULL);
    Text enclosed = text_new();
    put_fields(&enclosed, whole, &m.header, true);
    text_put(&enclosed, "\r\n");
    text_put_bytes(&enclosed, m.body);
    Bytes content = mail_keep_text(arena, &enclosed);

    size_t *ends = NULL, capacity = 0;
    *count = 0;
    for (size_t at = 0; at < content.size || *count == 0;) {
        size_t end = at;
        Line line;
        while (line_next(content, end, LINES_CRLF, &line) && (end == at || line.next - at <= octets_most))
            end = line.next;
        ends = mail_grow(arena, ends, &capacity, *count + 1, sizeof *ends);
        ends[(*count)++] = at = end;
    }
    Bytes *fragments = arena_alloc(arena, *count * sizeof *fragments);
    for (size_t n = 0; n < *count; n++) {
        Text to = text_new();
        put_fields(&to, whole, &m.header, false);
        const HeaderField *subject = header_find(&m.header, "Subject");
        if (subject) text_put_bytes(&to, bytes_slice(whole, subject->offset, subject->size));
        text_put(&to, "MIME-Version: 1.0\r\n");
        HeaderWriter w = header_writer(&to, charset_utf8());
        header_write_begin(&w, "Content-Type");
        header_write_token(&w, bytes_text("message/partial"));
        header_write_parameter(&w, "id", id);
        char number[24], total[24];
        snprintf(number, sizeof number, "%zu", n + 1);
        snprintf(total, sizeof total, "%zu", *count);
        header_write_parameter(&w, "number", bytes_text(number));
        header_write_parameter(&w, "total", bytes_text(total));
        header_write_end(&w);
        text_put(&to, "\r\n");
        size_t start = n > 0 ? ends[n - 1] : 0;
        text_put_bytes(&to, bytes_slice(content, start, ends[n] - start));
        fragments[n] = mail_keep_text(arena, &to);
    }
    return fragments;
}
