#include "mail/address.h"

#include <string.h>

#include "mail/encoded_word.h"
#include "mail/lexer.h"

typedef struct {
    Lexer l;
    Arena *arena;
    AddressList list;
    int group; /* open group, or ADDRESS_NO_GROUP */
    bool raw;  /* names as written */
} Reader;

/* What stands before "<", ":", "@" or the end: a display name, a group's name or a local part. */
typedef struct {
    Text local_part; /* as a local part: words joined as they stand, quotes removed */
    Text name;       /* as a display name, UTF-8 */
    size_t words, dots;
    bool blank;   /* two words stand without a dot between them */
    bool bad_dot; /* a dot at an end, or beside another */
    bool last_was_dot, any;
} Words;

/* Words as a name: `at` is where they stand in the text. */
static Bytes name_text(Reader *r, Bytes words, size_t at) {
    if (!r->raw) return encoded_words_decode(r->arena, words, r->l.offset + at, r->l.faults);
    uint8_t *name = arena_alloc(r->arena, words.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < words.size; i++) {
        bool space = ascii_is_space(words.at[i]);
        if (!space || (i > 0 && !ascii_is_space(words.at[i - 1]))) name[size++] = space ? ' ' : words.at[i];
    }
    return bytes_of(name, size);
}

/* Atoms that stand in a row, with the blanks between them: encoded words are decoded together. */
static void put_atoms(Reader *r, Words *w, size_t start, size_t end) {
    if (end == start) return;
    text_put_bytes(&w->name, name_text(r, bytes_slice(r->l.text, start, end - start), start));
}

static void put_quoted(Reader *r, Words *w) {
    size_t start = r->l.at;
    Text content = text_new();
    lexer_quoted(&r->l, &content);
    text_put_n(&w->local_part, content.at, content.size);
    Bytes text = bytes_of(content.at, content.size);
    EncodedWord word;
    if (r->raw) {
        text_put_bytes(&w->name, text);
    } else {
        if (encoded_word_find(text, 0, &word))
            mail_fault(r->l.faults, "address.quoted_encoded_word", r->l.offset + start);
        text_put_bytes(&w->name, name_text(r, text, start + 1));
    }
    text_free(&content);
}

static void note_word(Words *w, bool is_dot) {
    if (is_dot) {
        if (w->last_was_dot || !w->any) w->bad_dot = true;
        w->dots++;
        text_put_char(&w->local_part, '.');
    } else {
        if (w->any && !w->last_was_dot) {
            w->blank = true;
            text_put_char(&w->local_part, ' ');
        }
        w->words++;
    }
    w->last_was_dot = is_dot;
    w->any = true;
}

/* Reads words and dots up to a special. */
static Words read_words(Reader *r) {
    Words w = {0};
    Lexer *l = &r->l;
    size_t run = l->at, run_end = l->at; /* atoms not yet put into the name */
    while (!lexer_end(l)) {
        uint8_t c = lexer_peek(l);
        if (c == '"') {
            put_atoms(r, &w, run, run_end);
            if (w.name.size > 0 && l->at > run_end) text_put_char(&w.name, ' ');
            note_word(&w, false);
            put_quoted(r, &w);
            run = run_end = l->at;
        } else if (c == '.' || is_atext(c)) {
            if (run == run_end) { /* the first since a quoted string or a comment */
                if (w.name.size > 0 && l->at > run) text_put_char(&w.name, ' ');
                run = l->at;
            }
            note_word(&w, c == '.');
            if (c == '.') {
                l->at++;
            } else {
                Bytes atom = lexer_atom(l);
                text_put_bytes(&w.local_part, atom);
            }
            run_end = l->at;
        } else {
            break;
        }
        size_t before = l->at;
        lexer_skip(l);
        bool comment = memchr(l->text.at + before, '(', l->at - before) != NULL;
        if (comment && run < run_end) {
            put_atoms(r, &w, run, run_end);
            run = run_end = before;
        }
    }
    put_atoms(r, &w, run, run_end);
    if (w.last_was_dot) w.bad_dot = true;
    return w;
}

static void free_words(Words *w) {
    text_free(&w->local_part);
    text_free(&w->name);
}

/* A domain: atoms and dots, with blanks and comments between them (obsolete), or a literal in brackets. */
static Bytes read_domain(Reader *r) {
    Lexer *l = &r->l;
    Text domain = text_new();
    lexer_skip(l);
    size_t start = l->at;
    if (lexer_is(l, '[')) {
        while (!lexer_end(l) && !lexer_is(l, ']')) {
            uint8_t c = l->text.at[l->at++];
            if (c == '\\' && !lexer_end(l)) c = l->text.at[l->at++];
            if (!ascii_is_space(c)) text_put_char(&domain, (char)c);
        }
        if (lexer_end(l)) lexer_fault(l, "address.syntax", start);
        else l->at++, text_put_char(&domain, ']');
        lexer_skip(l);
    } else {
        bool dot = true, bad = false;
        while (!lexer_end(l)) {
            bool is_dot = lexer_is(l, '.');
            if (!is_dot && (!dot || !is_atext(lexer_peek(l)))) break;
            if (is_dot && dot) bad = true;
            if (is_dot) {
                l->at++;
                text_put_char(&domain, '.');
            } else {
                text_put_bytes(&domain, lexer_atom(l));
            }
            dot = is_dot;
            lexer_skip(l);
        }
        if (domain.size == 0) lexer_fault(l, "address.no_domain", start);
        else if (bad || dot) lexer_fault(l, "address.dot", start);
    }
    return mail_keep_text(r->arena, &domain);
}

/* Goes to the next comma, or semicolon within a group, passing quoted strings, comments and brackets. */
static void skip_to_separator(Reader *r) {
    Lexer *l = &r->l;
    while (!lexer_end(l)) {
        uint8_t c = lexer_peek(l);
        if (c == ',' || (c == ';' && r->group != ADDRESS_NO_GROUP)) return;
        if (c == '"') lexer_quoted(l, NULL);
        else if (c == '(') lexer_skip(l);
        else if (c == '\\') l->at += l->text.size - l->at > 1 ? 2 : 1;
        else l->at++;
    }
}

static void add(Reader *r, MailAddress address) {
    AddressList *list = &r->list;
    if (list->count == ADDRESS_MOST) {
        mail_fault(r->l.faults, "address.too_many", address.offset);
        r->l.at = r->l.text.size;
        return;
    }
    list->items = mail_grow(r->arena, list->items, &list->capacity, list->count + 1, sizeof address);
    list->items[list->count++] = address;
    if (r->group != ADDRESS_NO_GROUP) list->groups[r->group].count++;
}

static void note_local_part(Reader *r, const Words *w, size_t start) {
    if (w->blank) lexer_fault(&r->l, "address.local_part_blank", start);
    if (w->bad_dot) lexer_fault(&r->l, "address.dot", start);
}

/* An obsolete source route, "@a,@b:": no part of the address (RFC 5322 section 4.4). */
static void read_route(Reader *r, MailAddress *a) {
    Lexer *l = &r->l;
    Text route = text_new();
    lexer_fault(l, "address.route", l->at);
    for (; !lexer_end(l) && !lexer_is(l, ':') && !lexer_is(l, '>'); l->at++)
        if (!ascii_is_space(lexer_peek(l))) text_put_char(&route, (char)lexer_peek(l));
    a->route = mail_keep_text(r->arena, &route);
    if (lexer_is(l, ':')) l->at++;
    lexer_skip(l);
}

/* "<…>" at the position. */
static bool read_angle(Reader *r, MailAddress *a) {
    Lexer *l = &r->l;
    l->at++;
    lexer_skip(l);
    if (lexer_is(l, '@') || lexer_is(l, ',')) read_route(r, a);
    size_t start = l->at;
    Words w = read_words(r);
    bool good = w.words + w.dots > 0;
    if (good) note_local_part(r, &w, start);
    else if (!lexer_is(l, '>')) lexer_fault(l, "address.syntax", start);
    a->local_part = mail_keep(r->arena, bytes_of(w.local_part.at, w.local_part.size));
    free_words(&w);
    if (lexer_is(l, '@')) {
        l->at++;
        a->domain = read_domain(r);
    } else if (good) {
        lexer_fault(l, "address.no_domain", l->at);
    }
    if (lexer_is(l, '>')) {
        l->at++;
    } else {
        lexer_fault(l, "address.no_bracket", l->at);
        while (!lexer_end(l) && !lexer_is(l, '>') && !lexer_is(l, ',') && !lexer_is(l, ';')) l->at++;
        if (lexer_is(l, '>')) l->at++;
    }
    return good;
}

static void open_group(Reader *r, Bytes name) {
    AddressList *list = &r->list;
    list->groups = mail_grow(r->arena, list->groups, &list->group_capacity, list->group_count + 1,
                             sizeof(AddressGroup));
    r->group = (int)list->group_count;
    list->groups[list->group_count++] = (AddressGroup){name, list->count, 0};
    r->l.at++;
}

/* One address, or the head of a group. */
static void read_one(Reader *r) {
    Lexer *l = &r->l;
    l->comment = (Bytes){0};
    size_t start = l->at;
    MailAddress a = {.group = r->group, .offset = start};
    Words w = read_words(r);
    bool found = false;
    if (lexer_is(l, '<')) {
        a.name = mail_keep(r->arena, bytes_of(w.name.at, w.name.size));
        found = read_angle(r, &a);
    } else if (lexer_is(l, '@') && w.words + w.dots > 0) {
        note_local_part(r, &w, start);
        a.local_part = mail_keep(r->arena, bytes_of(w.local_part.at, w.local_part.size));
        l->at++;
        a.domain = read_domain(r);
        found = true;
    } else if (lexer_is(l, ':') && r->group == ADDRESS_NO_GROUP && w.words > 0) {
        open_group(r, mail_keep(r->arena, bytes_of(w.name.at, w.name.size)));
        free_words(&w);
        return;
    } else if (w.words + w.dots > 0) { /* a name alone: somebody on the sender's own host */
        lexer_fault(l, "address.no_domain", start);
        if (w.blank) lexer_fault(l, "address.local_part_blank", start);
        a.local_part = mail_keep(r->arena, bytes_of(w.local_part.at, w.local_part.size));
        found = true;
    } else {
        lexer_fault(l, "address.syntax", start);
        l->at++;
        skip_to_separator(r);
    }
    free_words(&w);
    a.size = l->at - start;
    while (a.size > 0 && ascii_is_space(l->text.at[start + a.size - 1])) a.size--;
    lexer_skip(l);
    if (l->comment.size > 0) {
        MailFaults *faults = l->faults;
        l->faults = NULL;
        a.comment = name_text(r, l->comment, (size_t)(l->comment.at - l->text.at));
        l->faults = faults;
    }
    a.offset += l->offset;
    if (found) add(r, a);
    if (!lexer_end(l) && !lexer_is(l, ',') && !lexer_is(l, ';')) {
        lexer_fault(l, "address.syntax", l->at);
        skip_to_separator(r);
    }
}

static AddressList read_list(Reader r) {
    Lexer *l = &r.l;
    bool separated = true; /* a comma stands before: another here has nothing between */
    for (lexer_skip(l); !lexer_end(l); lexer_skip(l)) {
        if (lexer_is(l, ',')) {
            if (separated) lexer_fault(l, "address.empty", l->at);
            separated = true;
            l->at++;
        } else if (lexer_is(l, ';')) {
            if (r.group == ADDRESS_NO_GROUP) lexer_fault(l, "address.syntax", l->at);
            r.group = ADDRESS_NO_GROUP;
            separated = false;
            l->at++;
        } else {
            int group = r.group;
            read_one(&r);
            separated = r.group != group;
        }
    }
    if (r.group != ADDRESS_NO_GROUP) lexer_fault(l, "address.group_open", l->at);
    return r.list;
}

AddressList address_list_read(Arena *arena, Bytes value, size_t offset, MailFaults *faults) {
    return read_list((Reader){.l = lexer(value, offset, faults), .arena = arena, .group = ADDRESS_NO_GROUP});
}

AddressList address_list_read_raw(Arena *arena, Bytes value) {
    return read_list((Reader){.l = lexer(value, 0, NULL), .arena = arena, .group = ADDRESS_NO_GROUP, .raw = true});
}

bool address_equal(Bytes local_part_a, Bytes domain_a, Bytes local_part_b, Bytes domain_b) {
    if (!bytes_equal_nocase(domain_a, domain_b)) return false;
    return bytes_equal(local_part_a, local_part_b) ||
           (bytes_is(local_part_a, "postmaster") && bytes_is(local_part_b, "postmaster"));
}

static bool is_dot_atom(Bytes text) {
    bool dot = true;
    for (size_t i = 0; i < text.size; i++) {
        bool is_dot = text.at[i] == '.';
        if (is_dot ? dot : !is_atext(text.at[i])) return false;
        dot = is_dot;
    }
    return !dot;
}

void address_put_local_part(Text *to, Bytes local_part) {
    if (is_dot_atom(local_part)) {
        text_put_bytes(to, local_part);
        return;
    }
    text_put_char(to, '"');
    for (size_t i = 0; i < local_part.size; i++) {
        if (local_part.at[i] == '"' || local_part.at[i] == '\\') text_put_char(to, '\\');
        text_put_char(to, (char)local_part.at[i]);
    }
    text_put_char(to, '"');
}

void address_put(Text *to, Bytes local_part, Bytes domain) {
    address_put_local_part(to, local_part);
    if (domain.size > 0) {
        text_put_char(to, '@');
        text_put_bytes(to, domain);
    }
}
