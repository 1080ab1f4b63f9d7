#include "mail/compose.h"

#include <string.h>

#include "mail/date.h"
#include "mail/header_write.h"
#include "mail/message_id.h"
#include "mail/reencode.h"

typedef struct {
    Arena *arena;
    const Draft *draft;
    RandomStream *random;
    MailFaults *faults;
    const Charset *charset;
    Composed composed;
    Message as_written; /* the user's header, read back: addresses are taken from it */
    bool words;         /* a field needed encoded words */
} Composer;

/* ---- As the user wrote it ---- */

static void put_one_line(Text *to, Bytes value) {
    value = bytes_trim(value);
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.at[i];
        if (c == '\r' && i + 1 < value.size && value.at[i + 1] == '\n') continue;
        text_put_char(to, c == '\r' || c == '\n' ? ' ' : (char)c);
    }
}

static bool is_field_name(const char *name) {
    for (const char *c = name; *c; c++)
        if (*c <= ' ' || *c >= 127 || *c == ':') return false;
    return *name != 0;
}

static void write_as_written(Composer *c) {
    Text to = text_new();
    for (size_t i = 0; i < c->draft->field_count; i++) {
        const DraftField *field = &c->draft->fields[i];
        if (!is_field_name(field->name)) {
            mail_fault(c->faults, "compose.field_name", to.size);
            continue;
        }
        text_put(&to, field->name);
        text_put(&to, ": ");
        put_one_line(&to, field->value);
        text_put(&to, "\r\n");
    }
    text_put(&to, "\r\n");
    text_put_bytes(&to, canonical_lines(c->arena, c->draft->text));
    c->composed.written = mail_keep_text(c->arena, &to);
    c->as_written = message_read(c->arena, c->composed.written, LINES_CRLF, NULL);
}

/* ---- The header that travels ---- */

static bool is_owned(Bytes name) {
    return bytes_is(bytes_slice(name, 0, 8), "Content-") || bytes_is(name, "MIME-Version");
}

static bool is_address_field(Bytes name) {
    static const char *const names[] = {"From", "Sender",      "Reply-To",  "To",
                                        "Cc",   "Resent-From", "Resent-To", "Resent-Cc"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bytes_is(name, names[i])) return true;
    return false;
}

static void write_addresses(Composer *c, Text *to, const char *name, const HeaderField *field) {
    AddressList list = address_list_read(c->arena, field->value, field->value_offset, NULL);
    for (size_t i = 0; i < list.count; i++) {
        MailAddress *a = &list.items[i];
        if (a->domain.size == 0) a->domain = c->draft->domain;
        if (!bytes_is_ascii(a->local_part) || !bytes_is_ascii(a->domain)) c->composed.needs_utf8 = true;
        if (a->name.size > 0 && !bytes_is_ascii(a->name)) c->words = true;
    }
    HeaderWriter w = header_writer(to, c->charset);
    header_write_begin(&w, name);
    header_write_addresses(&w, &list);
    header_write_end(&w);
}

static void write_header(Composer *c, Text *to) {
    const Header *header = &c->as_written.header;
    bool to_somebody = false;
    for (size_t i = 0; i < header->count; i++) {
        const HeaderField *field = &header->fields[i];
        if (field->name.size == 0 || bytes_is(field->name, "Bcc")) continue;
        if (is_owned(field->name)) {
            mail_fault(c->faults, "compose.field_owned", field->offset);
            continue;
        }
        to_somebody |= bytes_is(field->name, "To") || bytes_is(field->name, "Cc");
        const char *name = arena_text_n(c->arena, (const char *)field->name.at, field->name.size);
        if (is_address_field(field->name)) {
            write_addresses(c, to, name, field);
        } else {
            c->words |= !bytes_is_ascii(field->value);
            header_write_text_field(to, name, field->value, c->charset);
        }
    }
    if (!to_somebody)
        text_put(to, "To: undisclosed-recipients:;\r\n"); /* RFC 822 asked for one; a group without members */
    if (!header_find(header, "Date")) {
        text_put(to, "Date: ");
        date_put(to, c->draft->at_s, c->draft->zone_minutes);
        text_put(to, "\r\n");
    }
    if (!header_find(header, "Message-ID")) {
        text_put(to, "Message-ID: ");
        message_id_put(to, c->draft->at_s, c->random,
                       c->draft->domain.size > 0 ? c->draft->domain : path_domain(&c->composed.envelope.reverse_path));
        text_put(to, "\r\n");
    }
}

/* ---- The content ---- */

/* A text in canonical lines and in the draft's character set, or in ASCII or UTF-8 where that is all it takes. */
static Entity *text_entity(Composer *c, const char *type, Bytes text) {
    text = canonical_lines(c->arena, charset_decode(c->arena, charset_utf8(), text, 0, NULL));
    const Charset *charset = bytes_is_ascii(text) ? charset_ascii() : c->charset;
    Bytes octets;
    if (!charset_encode(c->arena, charset, text, &octets)) {
        charset = charset_utf8();
        octets = text;
    }
    Entity *e = entity_leaf(c->arena, type, octets, true, c->draft->carrier);
    entity_parameter(e, "charset", bytes_text(charset->name));
    return e;
}

static bool is_of_type(const char *type, const char *top) {
    return bytes_is(bytes_slice(bytes_text(type), 0, strlen(top)), top);
}

static Entity *message_entity(Composer *c, const DraftPart *part, const char *type) {
    Bytes octets = canonical_lines(c->arena, part->octets);
    if (!c->draft->carrier.eight_bit && !bytes_is_ascii(octets)) {
        MimeTree tree = mime_read(c->arena, octets, (MimeRules){.lines = LINES_CRLF}, NULL);
        octets = reencode(c->arena, &tree, c->draft->carrier);
    }
    return entity_message(c->arena, type, octets);
}

static Entity *part_entity(Composer *c, const DraftPart *part, bool in_digest) {
    const char *type = part->type ? part->type : "application/octet-stream";
    Entity *e;
    if (is_of_type(type, "message/")) {
        bool is_default = in_digest && bytes_is(bytes_text(type), "message/rfc822");
        e = message_entity(c, part, is_default ? NULL : type);
    } else if (is_of_type(type, "text/")) {
        e = text_entity(c, type, part->octets);
    } else {
        e = entity_leaf(c->arena, type, part->octets, false, c->draft->carrier);
    }
    for (size_t i = 0; i < part->parameter_count; i++)
        entity_parameter(e, part->parameters[i].name, part->parameters[i].value);
    if (part->content_id.size > 0) {
        Text id = text_new();
        text_put_char(&id, '<');
        put_one_line(&id, part->content_id);
        text_put_char(&id, '>');
        entity_field(e, "Content-ID", mail_keep_text(c->arena, &id));
    }
    if (part->description.size > 0) entity_field(e, "Content-Description", part->description);
    if (part->filename.size > 0) {
        e->disposition = part->in_place ? "inline" : "attachment";
        e->filename = part->filename;
    }
    return e;
}

static Entity *build(Composer *c) {
    const Draft *d = c->draft;
    Entity *text = NULL;
    if (d->text.size > 0 || (d->part_count == 0 && d->html.size == 0)) text = text_entity(c, "text/plain", d->text);
    if (d->html.size > 0) {
        Entity *html = text_entity(c, "text/html", d->html);
        if (text) {
            Entity *both = entity_multipart(c->arena, "multipart/alternative");
            entity_add(both, text);
            entity_add(both, html);
            text = both;
        } else {
            text = html;
        }
    }
    if (d->part_count == 0) return text;
    if (d->part_count == 1 && !text && !d->multipart) return part_entity(c, d->parts, false);
    Text type = text_new();
    text_print(&type, "multipart/%s", d->multipart ? d->multipart : "mixed");
    Entity *all = entity_multipart(c->arena, (const char *)mail_keep_text(c->arena, &type).at);
    bool digest = bytes_is(bytes_text(all->type), "multipart/digest");
    if (text && !digest) entity_add(all, text);
    for (size_t i = 0; i < d->part_count; i++) entity_add(all, part_entity(c, &d->parts[i], digest));
    if (!text || !digest) return all;
    Entity *around = entity_multipart(c->arena, "multipart/mixed"); /* a digest's parts are messages */
    entity_add(around, text);
    entity_add(around, all);
    return around;
}

/* Plain English in short lines needs no MIME at all (RFC 2045 section 5.2). */
static bool needs_mime(const Composer *c, const Entity *content) {
    return c->words || content->is_multipart || content->choice.encoding != MIME_7BIT ||
           strcmp(content->type, "text/plain") != 0;
}

static void list_parts(Composer *c, const Entity *e) {
    if (e->is_multipart) {
        for (const Entity *child = e->first; child; child = child->next) list_parts(c, child);
        return;
    }
    Composed *m = &c->composed;
    m->parts = mail_grow(c->arena, m->parts, &m->part_capacity, m->part_count + 1, sizeof(ComposedPart));
    m->parts[m->part_count++] = (ComposedPart){bytes_text(e->type ? e->type : "message/rfc822"), e->source, e->choice,
                                               e->body_at, e->body.size};
}

Composed compose(Arena *arena, const Draft *draft, RandomStream *random, MailFaults *faults) {
    Composer c = {.arena = arena, .draft = draft, .random = random, .faults = faults};
    c.charset = draft->charset ? charset_find(bytes_text(draft->charset)) : charset_utf8();
    if (!c.charset) c.charset = charset_utf8();
    write_as_written(&c);
    c.composed.envelope = envelope_from_header(arena, &c.as_written.header, draft->domain, faults);
    Text to = text_new();
    write_header(&c, &to);
    Entity *content = build(&c);
    if (needs_mime(&c, content)) {
        text_put(&to, "MIME-Version: 1.0\r\n");
        entity_write(&to, content, random, c.charset);
    } else {
        text_put(&to, "\r\n");
        content->body_at = to.size;
        text_put_bytes(&to, content->body);
    }
    list_parts(&c, content);
    c.composed.needs_8bit = entity_is_8bit(content);
    c.composed.needs_utf8 |= c.composed.envelope.utf8;
    c.composed.mime = mail_keep_text(arena, &to);
    return c.composed;
}
