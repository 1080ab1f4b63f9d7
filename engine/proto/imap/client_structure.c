/* BODYSTRUCTURE (RFC 3501 section 7.4.2) as the list of its parts, numbered as section 6.4.5 has it, and which of them a
 * reader shows first: plain text, else HTML, else any text that is no attachment. */
#include <stdio.h>
#include <string.h>

#include "proto/imap/client_inside.h"

/* ---- Any value ---- */

static void skip_atom(ImapReader *r) {
    size_t start = r->at;
    while (r->at < r->text.size && !strchr(" ()\"{\r\n", r->text.at[r->at])) r->at++;
    if (r->at == start) (void)imap_fault(r, "imap.atom");
}

bool imap_skip_value(ImapReader *r) {
    Bytes text;
    size_t depth = 0;
    do {
        if (imap_is_next(r, '(')) {
            r->at++;
            depth++;
        } else if (depth > 0 && imap_is_next(r, ')')) {
            r->at++;
            depth--;
        } else if (imap_is_next(r, '"') || imap_is_next(r, '{')) {
            (void)imap_read_string(r, &text);
        } else if (depth > 0 && imap_is_next(r, ' ')) {
            r->at++;
        } else if (!imap_failed(r)) {
            skip_atom(r);
        }
    } while (depth > 0 && !imap_failed(r));
    return !imap_failed(r);
}

/* ---- One part ---- */

/* "("charset" "utf-8" …)": the value of one of them; NIL gives none. */
static void read_parameters(ImapReader *r, const char *wanted, const char *also, char **value, char **other) {
    Bytes name, text;
    if (!imap_is_next(r, '(')) {
        (void)imap_skip_value(r);
        return;
    }
    r->at++;
    while (!imap_failed(r) && !imap_is_next(r, ')')) {
        (void)(imap_read_string(r, &name) && imap_read_space(r) && imap_read_string(r, &text));
        if (imap_failed(r)) return;
        if (bytes_is(name, wanted)) *value = arena_text_n(r->arena, (const char *)text.at, text.size);
        else if (bytes_is(name, also)) *other = arena_text_n(r->arena, (const char *)text.at, text.size);
        if (imap_is_next(r, ' ')) r->at++;
    }
    (void)imap_read_char(r, ')');
}

/* "("attachment" ("filename" "a.gif"))", or NIL. */
static void read_disposition(ImapReader *r, ImapPart *part) {
    Bytes name;
    char *none = NULL;
    if (!imap_is_next(r, '(')) {
        (void)imap_skip_value(r);
        return;
    }
    r->at++;
    if (!imap_read_string(r, &name) || !imap_read_space(r)) return;
    part->attachment = bytes_is(name, "attachment");
    read_parameters(r, "filename", "", &part->name, &none);
    (void)imap_read_char(r, ')');
}

/* What may follow: nothing, or one more value behind a blank. */
static bool read_more(ImapReader *r) { return imap_is_next(r, ' ') && imap_read_space(r); }

static void read_extension(ImapReader *r, ImapPart *part) {
    if (!read_more(r) || !imap_skip_value(r)) return; /* MD5 */
    if (!read_more(r)) return;
    read_disposition(r, part);
    while (!imap_failed(r) && read_more(r)) (void)imap_skip_value(r);
}

static char *lower(ImapReader *r, Bytes text) {
    Bytes kept = mail_keep_lower(r->arena, text);
    return arena_text_n(r->arena, (const char *)kept.at, kept.size);
}

/* Texts hold no NUL, nor anything that could end a header line they are put into. */
static char *harmless(char *text) {
    for (char *at = text; *at; at++)
        if ((uint8_t)*at < ' ' || *at == '"' || *at == '\\' || *at == 0x7f) *at = '_';
    return text;
}

static void read_leaf(ImapReader *r, ImapStructure *s, const char *number) {
    ImapPart part = {0};
    Bytes type, subtype, text;
    bool nil;
    CHECK(strlen(number) < sizeof part.number);
    memcpy(part.number, number, strlen(number) + 1);
    char *charset = arena_text(r->arena, ""), *name = arena_text(r->arena, "");
    (void)(imap_read_string(r, &type) && imap_read_space(r) && imap_read_string(r, &subtype) && imap_read_space(r));
    if (imap_failed(r)) return;
    read_parameters(r, "charset", "name", &charset, &name);
    (void)(imap_read_space(r) && imap_read_nstring(r, &text, &nil) && imap_read_space(r) &&
           imap_read_nstring(r, &text, &nil) && imap_read_space(r) && imap_read_nstring(r, &text, &nil) &&
           imap_read_space(r) && imap_read_number(r, &part.octets));
    if (imap_failed(r)) return;
    Text both = text_new();
    part.encoding = harmless(lower(r, text));
    part.name = name;
    text_put_bytes(&both, mail_keep_lower(r->arena, type));
    text_put_char(&both, '/');
    text_put_bytes(&both, mail_keep_lower(r->arena, subtype));
    part.type = harmless(arena_text(r->arena, text_get(&both)));
    text_free(&both);
    if (strcmp(part.type, "message/rfc822") == 0)
        for (int i = 0; i < 3; i++) (void)(imap_read_space(r) && imap_skip_value(r));
    else if (bytes_is(type, "text")) (void)(imap_read_space(r) && imap_skip_value(r));
    read_extension(r, &part);
    part.charset = harmless(charset);
    part.name = harmless(part.name);
    if (!imap_failed(r) && s->count < IMAP_PARTS_MOST) imap_structure_add(s, part);
}

/* ---- The tree ---- */

/* How deep it goes is limited by how long a number can be. */
static void read_body(ImapReader *r, ImapStructure *s, const char *number) {
    char inner[IMAP_PART_NUMBER_MOST];
    if (!imap_read_char(r, '(')) return;
    if (!imap_is_next(r, '(')) {
        read_leaf(r, s, number[0] ? number : "1");
        (void)imap_read_char(r, ')');
        return;
    }
    for (unsigned child = 1; imap_is_next(r, '('); child++) {
        int size = snprintf(inner, sizeof inner, "%s%s%u", number, number[0] ? "." : "", child);
        if (size >= (int)sizeof inner) (void)imap_fault(r, "imap.deep");
        else read_body(r, s, inner);
    }
    while (!imap_failed(r) && read_more(r)) (void)imap_skip_value(r);
    (void)imap_read_char(r, ')');
}

static size_t find_text(const ImapStructure *s, const char *type) {
    size_t i = 0;
    while (i < s->count && (s->parts[i].attachment || strncmp(s->parts[i].type, type, strlen(type)) != 0)) i++;
    return i;
}

ImapStructure *imap_read_structure(ImapReader *r) {
    ImapStructure *s = imap_structure_new();
    read_body(r, s, "");
    if (imap_failed(r)) {
        imap_structure_drop(s);
        return NULL;
    }
    static const char *const shown[] = {"text/plain", "text/html", "text/"};
    s->shown = s->count;
    for (size_t i = 0; i < sizeof shown / sizeof shown[0] && s->shown == s->count; i++)
        s->shown = find_text(s, shown[i]);
    return s;
}
