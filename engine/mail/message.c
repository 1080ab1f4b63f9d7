#include "mail/message.h"

#include "mail/encoded_word.h"

static bool is_name_character(uint8_t c) { return c > ' ' && c < 127 && c != ':'; }

/* The length of the field's name if the line is one: printable ASCII, blanks (obsolete: RFC 5322 section 4.5), a colon.
 * 0: it is none. *colon becomes the colon's place in the line. */
static size_t field_name(Bytes line, size_t *colon) {
    size_t size = 0;
    while (size < line.size && is_name_character(line.at[size])) size++;
    size_t at = size;
    while (at < line.size && ascii_is_blank(line.at[at])) at++;
    if (size == 0 || at == line.size || line.at[at] != ':') return 0;
    *colon = at;
    return size;
}

/* What every step of reading a header shares. */
typedef struct {
    Arena *arena;
    Bytes whole;
    LineRule rule;
    HeaderStop stop;
    const void *context;
    MailFaults *faults;
    bool bare_lf_noted, too_many_noted;
} Reader;

static Bytes line_text(const Reader *r, const Line *line) {
    return bytes_slice(r->whole, line->start, line->end - line->start);
}

static bool next_line(Reader *r, size_t from, Line *line) {
    return line_next(r->whole, from, r->rule, line) && !(r->stop && r->stop(r->context, line_text(r, line)));
}

/* A line end right before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1): it is no blank line. */
static bool is_of_delimiter(Reader *r, const Line *line) {
    Line next;
    return r->stop && line_next(r->whole, line->next, r->rule, &next) && r->stop(r->context, line_text(r, &next));
}

static void note_line(Reader *r, const Line *line) {
    if (line->bare_lf && !r->bare_lf_noted) {
        r->bare_lf_noted = true;
        mail_fault(r->faults, "message.bare_lf", line->end);
    }
    if (line->end - line->start > HEADER_LINE_MOST) mail_fault(r->faults, "message.long_line", line->start);
}

/* Whether the header goes on behind a line that is no field: a field or the blank line comes next. */
static bool goes_on(Reader *r, const Line *line) {
    Line next;
    size_t colon;
    if (!next_line(r, line->next, &next)) return false;
    Bytes text = line_text(r, &next);
    return text.size == 0 || field_name(text, &colon) > 0;
}

static void add_field(Reader *r, Header *h, HeaderField field) {
    if (h->count == HEADER_FIELDS_MOST) {
        if (!r->too_many_noted) mail_fault(r->faults, "message.too_many_fields", field.offset);
        r->too_many_noted = true;
        return;
    }
    Bytes value = field.value;
    while (value.size > 0 && ascii_is_space(value.at[0])) value = bytes_slice(value, 1, value.size);
    field.value_offset += field.value.size - value.size;
    field.value = bytes_trim(value);
    h->fields = mail_grow(r->arena, h->fields, &h->capacity, h->count + 1, sizeof field);
    h->fields[h->count++] = field;
}

/* A line that is no field. True: the header goes on behind it. */
static bool odd_line(Reader *r, Header *h, const Line *line) {
    Bytes text = line_text(r, line);
    bool first = h->count == 0;
    if (first && text.size >= 5 && memcmp(text.at, "From ", 5) == 0) {
        mail_fault(r->faults, "message.mbox_from", line->start);
        return true;
    }
    if (!goes_on(r, line)) {
        mail_fault(r->faults, first ? "message.no_header" : "message.no_separator", line->start);
        return false;
    }
    bool continues = ascii_is_blank(text.at[0]);
    mail_fault(r->faults, continues ? "message.continuation_first" : "message.line_not_field", line->start);
    add_field(r, h, (HeaderField){{0}, text, line->start, line->next - line->start, line->start});
    return true;
}

Header header_read(Arena *arena, Bytes whole, size_t from, LineRule rule, HeaderStop stop, const void *context,
                   MailFaults *faults) {
    Reader r = {arena, whole, rule, stop, context, faults, false, false};
    Header h = {.offset = from, .end = from};
    Line line;
    while (next_line(&r, h.end, &line)) {
        Bytes text = line_text(&r, &line);
        size_t colon, name = field_name(text, &colon);
        if (text.size == 0 && is_of_delimiter(&r, &line)) break;
        if (text.size == 0) {
            h.separated = true;
            note_line(&r, &line);
            h.size = h.end - h.offset;
            h.end = line.next;
            return h;
        }
        if (name == 0) {
            if (!odd_line(&r, &h, &line)) break;
            note_line(&r, &line);
            h.end = line.next;
            continue;
        }
        note_line(&r, &line);
        if (colon > name) mail_fault(faults, "message.blank_in_name", line.start + name);
        Line last = line, more;
        while (next_line(&r, last.next, &more) && more.end > more.start && ascii_is_blank(whole.at[more.start])) {
            note_line(&r, &more);
            last = more;
        }
        size_t value = line.start + colon + 1;
        add_field(&r, &h,
                  (HeaderField){bytes_slice(text, 0, name), bytes_slice(whole, value, last.end - value), line.start,
                                last.next - line.start, value});
        h.end = last.next;
    }
    h.size = h.end - h.offset;
    return h;
}

Message message_read(Arena *arena, Bytes octets, LineRule rule, MailFaults *faults) {
    Message m = {.whole = octets, .header = header_read(arena, octets, 0, rule, NULL, NULL, faults)};
    m.body_offset = m.header.end;
    m.body = bytes_slice(octets, m.body_offset, octets.size);
    return m;
}

const HeaderField *header_find_from(const Header *header, const char *name, size_t from) {
    for (size_t i = from; i < header->count; i++)
        if (bytes_is(header->fields[i].name, name)) return &header->fields[i];
    return NULL;
}

size_t header_count(const Header *header, const char *name) {
    size_t count = 0;
    for (size_t i = 0; i < header->count; i++) count += bytes_is(header->fields[i].name, name);
    return count;
}

Bytes header_field_unfold(Arena *arena, const HeaderField *field) {
    Bytes value = field->value;
    if (value.size == 0 || (!memchr(value.at, '\n', value.size) && !memchr(value.at, '\r', value.size))) return value;
    uint8_t *to = arena_alloc(arena, value.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < value.size; i++)
        if (value.at[i] != '\r' && value.at[i] != '\n') to[size++] = value.at[i];
    return bytes_of(to, size);
}

Bytes header_field_text(Arena *arena, const HeaderField *field, MailFaults *faults) {
    return encoded_words_decode(arena, field->value, field->value_offset, faults);
}

void header_check(const Header *header, MailFaults *faults) {
    static const char *const once[] = {"Date", "From",       "Sender",      "Reply-To",   "To",      "Cc",
                                       "Bcc",  "Message-ID", "In-Reply-To", "References", "Subject", "MIME-Version"};
    for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
        const HeaderField *first = header_find(header, once[i]);
        const HeaderField *again = first ? header_find_from(header, once[i], (size_t)(first - header->fields) + 1)
                                         : NULL;
        if (again) mail_fault(faults, "message.repeated_field", again->offset);
    }
    if (!header_find(header, "Date")) mail_fault(faults, "message.no_date", header->offset + header->size);
    if (!header_find(header, "From")) mail_fault(faults, "message.no_from", header->offset + header->size);
}
