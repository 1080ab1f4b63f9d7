/* What a part holds, and how parts are found. */
#include "mail/base64.h"
#include "mail/lexer.h"
#include "mail/mime.h"
#include "mail/quoted_printable.h"

const MimePart *mime_next(const MimePart *part) {
    if (part->first) return part->first;
    while (part && !part->next) part = part->parent;
    return part ? part->next : NULL;
}

/* The part `number` of what `part` holds: of a multipart its child; of a message that is none, 1 is its body. */
static const MimePart *descend(const MimePart *part, size_t number) {
    if (part->type == MIME_MESSAGE && part->first) part = part->first;
    else if (part->type != MIME_MULTIPART && part->parent) return NULL;
    if (part->type != MIME_MULTIPART) return number == 1 ? part : NULL;
    const MimePart *child = part->first;
    while (child && child->number != number) child = child->next;
    return child;
}

const MimePart *mime_part_find(const MimeTree *tree, const char *number) {
    const MimePart *part = tree->root;
    bool first = true;
    while (part && *number) {
        size_t value = 0;
        while (*number >= '0' && *number <= '9' && value < 1000000) value = value * 10 + (size_t)(*number++ - '0');
        if (value == 0 || (*number && (*number != '.' || !number[1]))) return NULL;
        if (*number == '.') number++;
        /* A root that is no multipart has one part, itself, even if that is a message. */
        if (first && part->type != MIME_MULTIPART) part = value == 1 ? part : NULL;
        else part = descend(part, value);
        first = false;
    }
    return part;
}

Bytes mime_part_octets(Arena *arena, const MimePart *part, MailFaults *faults) {
    if (part->type == MIME_MULTIPART) return part->body;
    switch (part->encoding) {
        case MIME_BASE64: return base64_decode_all(arena, part->body, part->body_offset, faults);
        case MIME_QUOTED_PRINTABLE: return quoted_printable_decode_all(arena, part->body, part->body_offset, faults);
        case MIME_7BIT:
        case MIME_8BIT:
        case MIME_BINARY:
        case MIME_OTHER_ENCODING: return part->body;
    }
    CHECK_UNREACHABLE();
}

Bytes mime_part_charset(const MimePart *part) {
    const Parameter *charset = parameter_find(&part->parameters, "charset");
    return charset && charset->value.size > 0 ? charset->value : bytes_text("us-ascii");
}

Bytes mime_part_text(Arena *arena, const MimePart *part, MailFaults *faults) {
    Bytes octets = mime_part_octets(arena, part, faults);
    return charset_decode(arena, charset_find(mime_part_charset(part)), octets, part->body_offset, faults);
}

Bytes mime_part_filename(const MimePart *part) {
    const Parameter *name = parameter_find(&part->disposition_parameters, "filename");
    if (!name) name = parameter_find(&part->parameters, "name");
    return name ? name->value : (Bytes){0};
}

/* ---- message/partial ---- */

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
    Message enclosed = message_read(arena, first->body, LINES_LENIENT, NULL);
    Text text = text_new();
    put_fields(&text, around, &first->header, false);
    put_fields(&text, enclosed.whole, &enclosed.header, true);
    text_put(&text, "\r\n");
    text_put_bytes(&text, enclosed.body);
    for (size_t n = 1; n < total; n++) text_put_bytes(&text, in_order[n]->body);
    *whole = mail_keep_text(arena, &text);
    return true;
}
