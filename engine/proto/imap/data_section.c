/* The sections of BODY[…]: RFC 3501 section 6.4.5. */
#include <string.h>

#include "proto/imap/data_inside.h"

/* Where a message or part lies; what is missing is empty. */
typedef struct {
    size_t header, body, end;
    bool separated;
} Place;

static Place place_of(const ImapPart *part) {
    return (Place){part->offset, part->body_offset, part->end, part->separated};
}

typedef struct {
    const ImapDigest *digest;
    uint32_t at; /* the part, or IMAP_NO_PART: `bare` */
    Place bare;  /* the text of a message that was not looked into, as a part of its own */
} Cursor;

static const ImapPart *part_at(const Cursor *c) { return &c->digest->parts[c->at]; }

/* Part 1 of what has no parts is its text. */
static bool take_text(Cursor *c, uint32_t number, Place text) {
    if (number != 1) return false;
    text.header = text.body;
    c->at = IMAP_NO_PART;
    c->bare = text;
    return true;
}

static bool take_child(Cursor *c, uint32_t number) {
    const ImapPart *part = part_at(c);
    uint32_t child = part->first;
    if (child == IMAP_NO_PART) return take_text(c, number, (Place){.body = part->end, .end = part->end});
    while (--number > 0 && child != IMAP_NO_PART) child = c->digest->parts[child].next;
    if (child == IMAP_NO_PART) return false;
    c->at = child;
    return true;
}

/* The part `number` of a multipart, or of the message that a part is. */
static bool descend(Cursor *c, uint32_t number, bool first) {
    if (c->at == IMAP_NO_PART) return false;
    const ImapPart *part = part_at(c);
    if (first && !part->multipart) return number == 1; /* a message that is no multipart is its own part 1 */
    if (part->message) {
        if (part->first == IMAP_NO_PART) return take_text(c, number, place_of(part));
        c->at = part->first;
        if (!part_at(c)->multipart) return number == 1;
    }
    return part_at(c)->multipart && take_child(c, number);
}

/* The fields that are named, or those that are not, and the blank line, which is missing only where the message ends
 * with its header. */
static Bytes pick_fields(Arena *arena, Bytes whole, Place place, const ImapSection *section) {
    Text picked = text_new();
    Header header = header_read(arena, bytes_slice(whole, 0, place.body), place.header, IMAP_LINES, NULL, NULL, NULL);
    for (size_t i = 0; i < header.count; i++) {
        bool named = false;
        for (size_t k = 0; k < section->field_count && !named; k++)
            named = bytes_equal_nocase(header.fields[i].name, section->fields[k]);
        if (named == (section->text == IMAP_SECTION_HEADER_FIELDS))
            text_put_bytes(&picked, bytes_slice(whole, header.fields[i].offset, header.fields[i].size));
    }
    if (place.separated || place.end > place.body) text_put(&picked, "\r\n");
    return mail_keep_text(arena, &picked);
}

static Bytes span(Bytes whole, size_t from, size_t end) { return bytes_slice(whole, from, end - from); }

bool imap_section(Arena *arena, MailContent *content, const ImapSection *section, Bytes *octets) {
    Bytes whole = mail_content_bytes(content);
    *octets = bytes_of(NULL, 0);
    Place place = {.end = whole.size};
    bool is_message = section->part_count == 0;
    if (is_message && section->text == IMAP_SECTION_WHOLE) {
        *octets = whole;
        return true;
    }
    if (is_message) {
        Header header = header_read(arena, whole, 0, IMAP_LINES, NULL, NULL, NULL);
        place.body = header.end;
        place.separated = header.separated;
    } else {
        Cursor c = {.digest = imap_digest_parts(content)};
        for (size_t i = 0; i < section->part_count; i++)
            if (!descend(&c, section->part[i], i == 0)) return false;
        place = c.at == IMAP_NO_PART ? c.bare : place_of(part_at(&c));
        if (section->text == IMAP_SECTION_WHOLE || section->text == IMAP_SECTION_MIME) {
            bool mime = section->text == IMAP_SECTION_MIME;
            *octets = mime ? span(whole, place.header, place.body) : span(whole, place.body, place.end);
            return true;
        }
        if (c.at == IMAP_NO_PART || !part_at(&c)->message) return false;
        uint32_t child = part_at(&c)->first;
        place = child == IMAP_NO_PART ? (Place){place.body, place.body, place.end, false}
                                      : place_of(&c.digest->parts[child]);
    }
    if (section->text == IMAP_SECTION_HEADER) *octets = span(whole, place.header, place.body);
    else if (section->text == IMAP_SECTION_TEXT) *octets = span(whole, place.body, place.end);
    else *octets = pick_fields(arena, whole, place, section);
    return true;
}

void imap_put_section(Text *to, const ImapFetch *fetch) {
    static const char *const names[] = {"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"};
    const ImapSection *section = &fetch->section;
    text_put(to, "BODY[");
    for (size_t i = 0; i < section->part_count; i++) text_print(to, i ? ".%u" : "%u", (unsigned)section->part[i]);
    if (section->part_count > 0 && section->text != IMAP_SECTION_WHOLE) text_put_char(to, '.');
    text_put(to, names[section->text]);
    for (size_t i = 0; i < section->field_count; i++) {
        text_put(to, i ? " " : " (");
        imap_put_astring(to, section->fields[i]);
    }
    text_put(to, section->field_count > 0 ? ")]" : "]");
    if (fetch->partial) text_print(to, "<%u>", (unsigned)fetch->from);
}
