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

/* The part `number` of what `part` holds: of a multipart its child, of a message within that of the message. */
static const MimePart *descend(const MimePart *part, size_t number) {
    bool message = part->type == MIME_MESSAGE && part->first;
    if (message) part = part->first;
    if (part->type != MIME_MULTIPART) return message && number == 1 ? part : NULL;
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
