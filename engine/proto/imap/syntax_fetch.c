/* What FETCH asks for: RFC 3501 section 9, "fetch" and "section". */
#include "proto/imap/syntax.h"

typedef struct {
    const char *name;
    ImapFetchItem item;
} Named;

static const Named names[] = {
    {"ENVELOPE", IMAP_FETCH_ENVELOPE},
    {"FLAGS", IMAP_FETCH_FLAGS},
    {"INTERNALDATE", IMAP_FETCH_INTERNALDATE},
    {"RFC822", IMAP_FETCH_RFC822},
    {"RFC822.HEADER", IMAP_FETCH_RFC822_HEADER},
    {"RFC822.SIZE", IMAP_FETCH_RFC822_SIZE},
    {"RFC822.TEXT", IMAP_FETCH_RFC822_TEXT},
    {"BODYSTRUCTURE", IMAP_FETCH_BODYSTRUCTURE},
    {"BODY", IMAP_FETCH_BODY},
    {"UID", IMAP_FETCH_UID},
};

static const struct {
    const char *name;
    size_t count;
    ImapFetchItem items[5];
} macros[] = {
    {"FAST", 3, {IMAP_FETCH_FLAGS, IMAP_FETCH_INTERNALDATE, IMAP_FETCH_RFC822_SIZE}},
    {"ALL", 4, {IMAP_FETCH_FLAGS, IMAP_FETCH_INTERNALDATE, IMAP_FETCH_RFC822_SIZE, IMAP_FETCH_ENVELOPE}},
    {"FULL",
     5,
     {IMAP_FETCH_FLAGS, IMAP_FETCH_INTERNALDATE, IMAP_FETCH_RFC822_SIZE, IMAP_FETCH_ENVELOPE, IMAP_FETCH_BODY}},
};

static bool skip(ImapReader *r, char c) {
    if (!imap_is_next(r, c)) return false;
    r->at++;
    return true;
}

static bool is_digit_next(const ImapReader *r) {
    return !imap_failed(r) && r->at < r->text.size && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9';
}

/* header-list = "(" header-fld-name *(SP header-fld-name) ")" */
static bool read_fields(ImapReader *r, ImapSection *section) {
    size_t capacity = 0;
    if (!imap_read_space(r) || !imap_read_char(r, '(')) return false;
    do {
        Bytes field;
        if (!imap_read_astring(r, &field)) return false;
        section->fields = mail_grow(r->arena, section->fields, &capacity, section->field_count + 1,
                                    sizeof *section->fields);
        section->fields[section->field_count++] = field;
    } while (skip(r, ' '));
    return imap_read_char(r, ')');
}

/* section-text = section-msgtext / "MIME"; MIME is of a part only. */
static bool read_section_text(ImapReader *r, ImapSection *section) {
    size_t start = r->at;
    Bytes name;
    if (!imap_read_name(r, &name)) return false;
    if (bytes_is(name, "HEADER")) section->text = IMAP_SECTION_HEADER;
    else if (bytes_is(name, "TEXT")) section->text = IMAP_SECTION_TEXT;
    else if (bytes_is(name, "HEADER.FIELDS")) section->text = IMAP_SECTION_HEADER_FIELDS;
    else if (bytes_is(name, "HEADER.FIELDS.NOT")) section->text = IMAP_SECTION_HEADER_FIELDS_NOT;
    else if (bytes_is(name, "MIME") && section->part_count > 0) section->text = IMAP_SECTION_MIME;
    else {
        r->at = start;
        return imap_fault(r, "imap.section");
    }
    bool listed = section->text == IMAP_SECTION_HEADER_FIELDS || section->text == IMAP_SECTION_HEADER_FIELDS_NOT;
    return !listed || read_fields(r, section);
}

static bool read_section(ImapReader *r, ImapSection *section) {
    size_t capacity = 0;
    if (!imap_read_char(r, '[')) return false;
    if (skip(r, ']')) return true;
    bool more = is_digit_next(r), text = !more;
    while (more) {
        uint32_t number;
        if (!imap_read_nz_number(r, &number)) return false;
        section->part = mail_grow(r->arena, section->part, &capacity, section->part_count + 1, sizeof *section->part);
        section->part[section->part_count++] = number;
        more = skip(r, '.');
        text = more && !is_digit_next(r);
        more = more && !text;
    }
    if (text && !read_section_text(r, section)) return false;
    return skip(r, ']') || imap_fault(r, "imap.section");
}

static bool read_partial(ImapReader *r, ImapFetch *fetch) {
    if (!skip(r, '<')) return true;
    fetch->partial = true;
    return imap_read_number(r, &fetch->from) && imap_read_char(r, '.') && imap_read_nz_number(r, &fetch->most) &&
           imap_read_char(r, '>');
}

static bool read_item(ImapReader *r, Bytes name, ImapFetch *fetch) {
    *fetch = (ImapFetch){.peek = bytes_is(name, "BODY.PEEK")};
    if (fetch->peek || (bytes_is(name, "BODY") && imap_is_next(r, '['))) {
        fetch->item = IMAP_FETCH_BODY_SECTION;
        return read_section(r, &fetch->section) && read_partial(r, fetch);
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (bytes_is(name, names[i].name)) {
            fetch->item = names[i].item;
            return true;
        }
    r->at -= name.size;
    return imap_fault(r, "imap.fetch");
}

static bool spell_out(ImapReader *r, Bytes name, ImapFetchList *list) {
    for (size_t i = 0; i < sizeof macros / sizeof macros[0]; i++) {
        if (!bytes_is(name, macros[i].name)) continue;
        list->count = macros[i].count;
        list->items = arena_alloc(r->arena, list->count * sizeof *list->items);
        for (size_t k = 0; k < list->count; k++) list->items[k].item = macros[i].items[k];
        return true;
    }
    return false;
}

bool imap_read_fetch(ImapReader *r, ImapFetchList *list) {
    size_t capacity = 0;
    *list = (ImapFetchList){0};
    bool in_parentheses = skip(r, '(');
    do {
        Bytes name;
        ImapFetch fetch;
        if (!imap_read_name(r, &name)) return false;
        if (!in_parentheses && spell_out(r, name, list)) return true;
        if (list->count == IMAP_FETCH_MOST) return imap_fault(r, "imap.fetch_many");
        if (!read_item(r, name, &fetch)) return false;
        list->items = mail_grow(r->arena, list->items, &capacity, list->count + 1, sizeof *list->items);
        list->items[list->count++] = fetch;
    } while (in_parentheses && skip(r, ' '));
    return !in_parentheses || imap_read_char(r, ')');
}

bool imap_fetch_reads(const ImapFetchList *list) {
    for (size_t i = 0; i < list->count; i++) {
        ImapFetchItem item = list->items[i].item;
        if (item == IMAP_FETCH_RFC822 || item == IMAP_FETCH_RFC822_TEXT) return true;
        if (item == IMAP_FETCH_BODY_SECTION && !list->items[i].peek) return true;
    }
    return false;
}
