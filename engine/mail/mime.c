/* One pass over the lines: a line that is the delimiter of an open multipart ends every part inside that one. */
#include "mail/mime.h"

#include "mail/lexer.h"
#include "mail/message_id.h"

/* A multipart whose delimiter may still come. */
typedef struct {
    MimePart *part;
    bool begun;  /* its first delimiter was met */
    bool closed; /* its closing delimiter was met: the rest is epilogue */
} Level;

typedef struct {
    Arena *arena;
    Bytes whole;
    MimeRules rules;
    MailFaults *faults;
    Level *levels;
    size_t level_count, level_capacity;
    MimePart *current; /* the innermost open part */
    MimeTree tree;
    bool too_many_noted;
} Reader;

/* ---- Delimiters ---- */

/* Whether the line is "--boundary", "--boundary--", with blanks behind (RFC 2046 section 5.1.1).
 *
 * DEVIATION: section 5.1.1 lets a comparison stop behind the boundary; the whole line is compared here, as
 * everywhere, so that an inner boundary may begin with the outer one. */
static bool is_delimiter(Bytes line, Bytes boundary, bool *closing) {
    if (line.size < 2 + boundary.size || memcmp(line.at + 2, boundary.at, boundary.size) != 0) return false;
    size_t at = 2 + boundary.size;
    *closing = line.size - at >= 2 && line.at[at] == '-' && line.at[at + 1] == '-';
    if (*closing) at += 2;
    while (at < line.size && ascii_is_blank(line.at[at])) at++;
    return at == line.size;
}

/* The level whose delimiter the line is, counted from 1; 0: none. */
static size_t find_level(const Reader *r, Bytes line, bool *closing) {
    if (line.size < 3 || line.at[0] != '-' || line.at[1] != '-') return 0;
    for (size_t i = r->level_count; i > 0; i--)
        if (!r->levels[i - 1].closed && is_delimiter(line, r->levels[i - 1].part->boundary, closing)) return i;
    return 0;
}

static bool stops_header(const void *context, Bytes line) {
    bool closing;
    return find_level(context, line, &closing) > 0;
}

/* ---- The fields of a part ---- */

static void read_content_type(Reader *r, MimePart *p) {
    bool in_digest = p->parent && p->parent->type == MIME_MULTIPART && bytes_is(p->parent->subtype, "digest");
    p->type_name = bytes_text(in_digest ? "message" : "text");
    p->subtype = bytes_text(in_digest ? "rfc822" : "plain");
    const HeaderField *field = header_find(&p->header, "Content-Type");
    if (field) {
        Lexer l = lexer(field->value, field->value_offset, r->faults);
        lexer_skip(&l);
        Bytes type = lexer_token(&l), subtype = {0};
        lexer_skip(&l);
        if (lexer_is(&l, '/')) {
            l.at++;
            lexer_skip(&l);
            subtype = lexer_token(&l);
            lexer_skip(&l);
        }
        if (type.size > 0 && subtype.size > 0 && (lexer_end(&l) || lexer_is(&l, ';'))) {
            p->type_given = true;
            p->type_name = mail_keep_lower(r->arena, type);
            p->subtype = mail_keep_lower(r->arena, subtype);
        } else {
            lexer_fault(&l, "mime.content_type", l.at);
            p->type_name = bytes_text("text");
            p->subtype = bytes_text("plain");
            while (!lexer_end(&l) && !lexer_is(&l, ';')) l.at++;
        }
        p->parameters = parameters_read(r->arena, bytes_slice(field->value, l.at, field->value.size),
                                        field->value_offset + l.at, r->faults);
    }
    p->type = mime_type_find(p->type_name);
}

static void read_encoding(Reader *r, MimePart *p) {
    p->encoding = MIME_7BIT;
    p->encoding_name = bytes_text("7bit");
    const HeaderField *field = header_find(&p->header, "Content-Transfer-Encoding");
    if (!field) return;
    Lexer l = lexer(field->value, field->value_offset, r->faults);
    lexer_skip(&l);
    p->encoding_name = mail_keep_lower(r->arena, lexer_token(&l));
    p->encoding = mime_encoding_find(p->encoding_name);
    if (p->encoding == MIME_OTHER_ENCODING) mail_fault(r->faults, "mime.encoding_unknown", field->value_offset);
    bool composite = p->type == MIME_MULTIPART || p->type == MIME_MESSAGE;
    if (composite && (p->encoding == MIME_BASE64 || p->encoding == MIME_QUOTED_PRINTABLE))
        mail_fault(r->faults, "mime.encoding_of_composite", field->value_offset);
}

static void read_others(Reader *r, MimePart *p) {
    const HeaderField *field = header_find(&p->header, "Content-ID");
    if (field) {
        MessageIds ids = message_ids_read(r->arena, field->value);
        p->content_id = ids.count > 0 ? ids.items[0] : header_field_unfold(r->arena, field);
    }
    field = header_find(&p->header, "Content-Description");
    if (field) p->content_description = header_field_text(r->arena, field, r->faults);
    field = header_find(&p->header, "Content-Disposition");
    if (field) {
        Lexer l = lexer(field->value, field->value_offset, r->faults);
        lexer_skip(&l);
        p->disposition = mail_keep_lower(r->arena, lexer_token(&l));
        while (!lexer_end(&l) && !lexer_is(&l, ';')) l.at++;
        p->disposition_parameters = parameters_read(r->arena, bytes_slice(field->value, l.at, field->value.size),
                                                    field->value_offset + l.at, r->faults);
    }
    p->mime_version = header_find(&p->header, "MIME-Version") != NULL;
    if (!p->parent && !p->mime_version && (p->type_given || p->encoding != MIME_7BIT))
        mail_fault(r->faults, "mime.no_version", p->header.offset);
}

/* ---- Parts begin and end ---- */

static void open_multipart(Reader *r, MimePart *p) {
    const Parameter *boundary = parameter_find(&p->parameters, "boundary");
    if (!boundary || boundary->value.size == 0) {
        mail_fault(r->faults, "mime.no_boundary", p->offset);
        return;
    }
    p->boundary = boundary->value;
    while (p->boundary.size > 1 && ascii_is_blank(p->boundary.at[p->boundary.size - 1])) p->boundary.size--;
    if (p->boundary.size > MIME_BOUNDARY_MOST) mail_fault(r->faults, "mime.boundary_long", boundary->offset);
    r->levels = mail_grow(r->arena, r->levels, &r->level_capacity, r->level_count + 1, sizeof(Level));
    r->levels[r->level_count++] = (Level){p, false, false};
}

static bool holds_message(const MimePart *p) {
    return p->type == MIME_MESSAGE && (bytes_is(p->subtype, "rfc822") || bytes_is(p->subtype, "global")) &&
           p->encoding != MIME_BASE64 && p->encoding != MIME_QUOTED_PRINTABLE;
}

/* Reads the header of the part that begins here, and of the messages in it. Returns where the content begins. */
static size_t begin_part(Reader *r, MimePart *parent, size_t at) {
    for (;;) {
        MimePart *p = arena_alloc(r->arena, sizeof *p);
        r->tree.part_count++;
        *p = (MimePart){.offset = at, .parent = parent, .depth = parent ? parent->depth + 1 : 0, .number = 1};
        if (parent) {
            p->number = ++parent->child_count;
            if (parent->last) parent->last->next = p;
            else parent->first = p;
            parent->last = p;
        } else {
            r->tree.root = p;
        }
        p->header = header_read(r->arena, r->whole, at, r->rules.lines, stops_header, r, r->faults);
        p->body_offset = at = p->header.end;
        read_content_type(r, p);
        read_encoding(r, p);
        read_others(r, p);
        r->current = p;
        bool composite = p->type == MIME_MULTIPART || holds_message(p);
        if (composite && p->depth >= r->rules.depth_most) {
            mail_fault(r->faults, "mime.too_deep", p->offset);
            return at;
        }
        if (p->type == MIME_MULTIPART) open_multipart(r, p);
        if (!holds_message(p)) return at;
        if (r->tree.part_count >= r->rules.parts_most) return at;
        parent = p;
    }
}

static void end_part(Reader *r, MimePart *p, size_t end) {
    if (end < p->body_offset) end = p->body_offset; /* the delimiter stands right behind the header */
    if (p->last && end < p->last->offset + p->last->size) end = p->last->offset + p->last->size; /* likewise, inside */
    p->size = end - p->offset;
    p->body = bytes_slice(r->whole, p->body_offset, end - p->body_offset);
    if (r->level_count == 0 || r->levels[r->level_count - 1].part != p) return;
    Level *level = &r->levels[--r->level_count];
    if (level->closed) {
        size_t start = (size_t)(p->epilogue.at - r->whole.at);
        p->epilogue = bytes_slice(r->whole, start, end > start ? end - start : 0);
    } else if (level->begun) {
        mail_fault(r->faults, "mime.not_closed", end);
    } else {
        p->preamble = p->body;
        mail_fault(r->faults, "mime.boundary_missing", end);
    }
}

/* Ends every part inside `until` (NULL: all parts). */
static void end_parts(Reader *r, MimePart *until, size_t end) {
    while (r->current != until) {
        end_part(r, r->current, end);
        r->current = r->current->parent;
    }
}

/* A delimiter of levels[level - 1]. Returns where reading goes on. */
static size_t take_delimiter(Reader *r, size_t level, const Line *line, bool closing) {
    MimePart *multipart = r->levels[level - 1].part;
    size_t end = line->start; /* the line end before a delimiter belongs to it */
    if (end > 0 && r->whole.at[end - 1] == '\n') end--;
    if (end > 0 && end < line->start && r->whole.at[end - 1] == '\r') end--;
    end_parts(r, multipart, end);
    Level *open = &r->levels[level - 1];
    if (!open->begun)
        multipart->preamble = bytes_slice(r->whole, multipart->body_offset,
                                          end > multipart->body_offset ? end - multipart->body_offset : 0);
    open->begun = true;
    open->closed = closing;
    if (closing) {
        multipart->epilogue = bytes_of(r->whole.at + line->next, 0);
        return line->next;
    }
    if (r->tree.part_count < r->rules.parts_most) return begin_part(r, multipart, line->next);
    if (!r->too_many_noted) mail_fault(r->faults, "mime.too_many_parts", line->start);
    r->too_many_noted = true;
    return line->next;
}

MimeTree mime_read(Arena *arena, Bytes octets, MimeRules rules, MailFaults *faults) {
    if (rules.depth_most == 0) rules.depth_most = MIME_DEPTH_MOST;
    if (rules.parts_most == 0) rules.parts_most = MIME_PARTS_MOST;
    if (octets.size == 0) octets = bytes_text("");
    Reader r = {.arena = arena,
                .whole = octets,
                .rules = rules,
                .faults = faults,
                .tree = {.whole = octets, .lines = rules.lines}};
    size_t at = begin_part(&r, NULL, 0);
    Line line;
    while (r.level_count > 0 && line_next(octets, at, rules.lines, &line)) {
        bool closing = false;
        size_t level = find_level(&r, bytes_slice(octets, line.start, line.end - line.start), &closing);
        at = level > 0 ? take_delimiter(&r, level, &line, closing) : line.next;
    }
    end_parts(&r, NULL, octets.size);
    return r.tree;
}
