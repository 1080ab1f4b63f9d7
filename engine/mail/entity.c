#include "mail/entity.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "mail/header_write.h"

Bytes canonical_lines(Arena *arena, Bytes text) {
    OctetSurvey survey = octet_survey(text);
    if (survey.bare_cr + survey.bare_lf == 0) return text;
    size_t most = text.size + survey.bare_cr + survey.bare_lf;
    ByteWriter w = byte_writer(arena_alloc(arena, most + 1), most);
    for (size_t i = 0; i < text.size; i++) {
        uint8_t c = text.at[i];
        if (c != '\r' && c != '\n') {
            byte_writer_u8(&w, c);
            continue;
        }
        byte_writer_put(&w, "\r\n", 2);
        if (c == '\r' && i + 1 < text.size && text.at[i + 1] == '\n') i++;
    }
    CHECK(!w.overflow);
    return byte_writer_bytes(&w);
}

static Entity *new_entity(Arena *arena, const char *type) {
    Entity *e = arena_alloc(arena, sizeof *e);
    e->arena = arena;
    e->type = type;
    return e;
}

Entity *entity_leaf(Arena *arena, const char *type, Bytes octets, bool is_text, MailCarrier carrier) {
    Entity *e = new_entity(arena, type);
    e->source = octets;
    e->choice = encoding_choose(octets, is_text, carrier);
    e->body = encoding_apply(arena, octets, is_text, e->choice.encoding);
    return e;
}

Entity *entity_message(Arena *arena, const char *type, Bytes octets) {
    Entity *e = new_entity(arena, type);
    e->source = e->body = octets;
    e->choice = encoding_choose(octets, true, (MailCarrier){0});
    bool ascii = e->choice.survey.eight_bit == 0;
    e->choice.encoding = ascii ? MIME_7BIT : MIME_8BIT;
    e->choice.why = ascii ? ENCODING_ASCII : ENCODING_CARRIER_8BIT;
    return e;
}

Entity *entity_multipart(Arena *arena, const char *type) {
    Entity *e = new_entity(arena, type);
    e->is_multipart = true;
    return e;
}

void entity_add(Entity *multipart, Entity *child) {
    CHECK(multipart->is_multipart && !child->next);
    if (multipart->last) multipart->last->next = child;
    else multipart->first = child;
    multipart->last = child;
}

static void add_pair(Arena *arena, EntityPair **pairs, size_t *count, size_t *capacity, EntityPair pair) {
    *pairs = mail_grow(arena, *pairs, capacity, *count + 1, sizeof pair);
    (*pairs)[(*count)++] = pair;
}

void entity_parameter(Entity *e, const char *name, Bytes value) {
    add_pair(e->arena, &e->parameters, &e->parameter_count, &e->parameter_capacity, (EntityPair){name, value});
}

void entity_field(Entity *e, const char *name, Bytes value) {
    add_pair(e->arena, &e->fields, &e->field_count, &e->field_capacity, (EntityPair){name, value});
}

bool entity_is_8bit(const Entity *e) {
    if (!e->is_multipart) return !bytes_is_ascii(e->body);
    for (const Entity *child = e->first; child; child = child->next)
        if (entity_is_8bit(child)) return true;
    return false;
}

/* ---- Boundaries ---- */

static bool occurs(Bytes body, const char *boundary) {
    size_t size = strlen(boundary);
    for (size_t at = 0; body.size - at >= size;) {
        const uint8_t *hit = memchr(body.at + at, boundary[0], body.size - at - size + 1);
        if (!hit) return false;
        if (memcmp(hit, boundary, size) == 0) return true;
        at = (size_t)(hit - body.at) + 1;
    }
    return false;
}

static bool occurs_in(const Entity *e, const char *boundary) {
    if (!e->is_multipart) return occurs(e->body, boundary);
    for (const Entity *child = e->first; child; child = child->next)
        if (occurs_in(child, boundary)) return true;
    return false;
}

/* "=_" cannot stand in base64 or quoted-printable (RFC 2045 section 6.7), so only plain parts are at risk. */
static void draw_boundary(const Entity *e, RandomStream *random, char boundary[40]) {
    do snprintf(boundary, 40, "=_%016" PRIx64, random_next(random));
    while (occurs_in(e, boundary));
}

/* ---- Writing ---- */

static void write_fields(Text *to, const Entity *e, const char *boundary, const Charset *charset) {
    if (e->type) {
        HeaderWriter w = header_writer(to, charset);
        header_write_begin(&w, "Content-Type");
        header_write_token(&w, bytes_text(e->type));
        for (size_t i = 0; i < e->parameter_count; i++)
            header_write_parameter(&w, e->parameters[i].name, e->parameters[i].value);
        if (boundary) header_write_parameter(&w, "boundary", bytes_text(boundary));
        header_write_end(&w);
    }
    if (!e->is_multipart && (e->type || e->choice.encoding != MIME_7BIT))
        header_write_text_field(to, "Content-Transfer-Encoding", bytes_text(mime_encoding_name(e->choice.encoding)),
                                charset);
    for (size_t i = 0; i < e->field_count; i++)
        header_write_text_field(to, e->fields[i].name, e->fields[i].value, charset);
    if (!e->disposition) return;
    HeaderWriter w = header_writer(to, charset);
    header_write_begin(&w, "Content-Disposition");
    header_write_token(&w, bytes_text(e->disposition));
    if (e->filename.size > 0) header_write_parameter(&w, "filename", e->filename);
    header_write_end(&w);
}

void entity_write(Text *to, Entity *e, RandomStream *random, const Charset *charset) {
    char boundary[40];
    if (e->is_multipart) draw_boundary(e, random, boundary);
    write_fields(to, e, e->is_multipart ? boundary : NULL, charset);
    if (e->is_multipart && entity_is_8bit(e)) /* RFC 2045 section 6.4: it says what its parts say */
        header_write_text_field(to, "Content-Transfer-Encoding", bytes_text("8bit"), charset);
    text_put(to, "\r\n");
    e->body_at = to->size;
    if (!e->is_multipart) {
        text_put_bytes(to, e->body);
        return;
    }
    for (Entity *child = e->first; child; child = child->next) {
        text_print(to, "--%s\r\n", boundary);
        entity_write(to, child, random, charset);
        /* The line end before a delimiter belongs to it; base64 has one to give. */
        if (child->is_multipart || child->choice.encoding != MIME_BASE64 || child->body.size == 0) text_put(to, "\r\n");
    }
    text_print(to, "--%s--\r\n", boundary);
}
