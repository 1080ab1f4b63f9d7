/* A message's content in the making: leaves with their encoded bodies, multiparts with their children. */
#ifndef NETSTAGE_MAIL_ENTITY_H
#define NETSTAGE_MAIL_ENTITY_H

#include "base/random.h"
#include "mail/encoding_choice.h"

typedef struct {
    const char *name;
    Bytes value;
} EntityPair;

typedef struct Entity Entity;
struct Entity {
    Arena *arena;
    const char *type; /* "text/plain"; NULL: no Content-Type is written, the default counts */
    EntityPair *parameters;
    size_t parameter_count, parameter_capacity;
    EntityPair *fields;
    size_t field_count, field_capacity;
    const char *disposition; /* "attachment", "inline"; NULL: the field is not written */
    Bytes filename;          /* UTF-8, written with it; may be empty */
    bool is_multipart;
    Bytes source, body;    /* of a leaf: before and after encoding */
    EncodingChoice choice; /* of a leaf */
    Entity *first, *last, *next;
    size_t body_at; /* where its body stands in what entity_write wrote to */
};

/* A leaf whose encoding is chosen (encoding_choose). `type` and `octets` must outlive the entity. */
Entity *entity_leaf(Arena *arena, const char *type, Bytes octets, bool is_text, MailCarrier carrier);
/* A leaf that may not be encoded: message/rfc822 and its kin (RFC 2046 section 5.2.1). 7bit or 8bit is declared. */
Entity *entity_message(Arena *arena, const char *type, Bytes octets);
Entity *entity_multipart(Arena *arena, const char *type);
void entity_add(Entity *multipart, Entity *child);
void entity_parameter(Entity *entity, const char *name, Bytes value);
/* A field besides Content-Type and Content-Transfer-Encoding; its value is UTF-8 text. */
void entity_field(Entity *entity, const char *name, Bytes value);
/* Whether a body in it has octets beyond ASCII. */
bool entity_is_8bit(const Entity *entity);

/* Writes its fields, the blank line and the body. Boundaries are drawn until none occurs in what it encloses. */
void entity_write(Text *to, Entity *entity, RandomStream *random, const Charset *charset);

/* Lines that end in CRLF: each bare LF, and each bare CR, becomes one. The span itself where nothing changes. */
Bytes canonical_lines(Arena *arena, Bytes text);

#endif
