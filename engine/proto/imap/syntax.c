#include "proto/imap/syntax.h"

#include <string.h>

#include "mail/date.h"

bool imap_fault(ImapReader *r, const char *reason) {
    if (!r->fault.reason) r->fault = (ParseFault){.reason = reason, .offset = r->at};
    return false;
}

/* ---- Characters ---- */

static int peek(const ImapReader *r) { return r->at < r->text.size ? r->text.at[r->at] : -1; }

static bool is_digit(int c) { return c >= '0' && c <= '9'; }
static bool is_letter(int c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

/* ATOM-CHAR: any CHAR but atom-specials. */
static bool is_atom_char(int c) { return c > ' ' && c < 127 && !strchr("(){%*\"\\]", c); }
static bool is_astring_char(int c) { return is_atom_char(c) || c == ']'; }
static bool is_list_char(int c) { return is_astring_char(c) || c == '%' || c == '*'; }
static bool is_tag_char(int c) { return is_astring_char(c) && c != '+'; }
static bool is_name_char(int c) { return is_digit(c) || is_letter(c) || c == '-' || c == '.'; }

bool imap_is_next(const ImapReader *r, char c) { return !imap_failed(r) && peek(r) == (uint8_t)c; }

static bool skip(ImapReader *r, char c) {
    if (!imap_is_next(r, c)) return false;
    r->at++;
    return true;
}

bool imap_read_char(ImapReader *r, char c) { return skip(r, c) || imap_fault(r, "imap.char"); }
bool imap_read_space(ImapReader *r) { return skip(r, ' ') || imap_fault(r, "imap.space"); }
bool imap_read_end(ImapReader *r) { return !imap_failed(r) && (r->at == r->text.size || imap_fault(r, "imap.end")); }

static bool read_run(ImapReader *r, bool (*is_part)(int c), const char *reason, Bytes *run) {
    size_t start = r->at;
    *run = bytes_of(NULL, 0);
    if (imap_failed(r)) return false;
    while (is_part(peek(r))) r->at++;
    if (r->at == start) return imap_fault(r, reason);
    *run = bytes_slice(r->text, start, r->at - start);
    return true;
}

bool imap_read_tag(ImapReader *r, Bytes *tag) { return read_run(r, is_tag_char, "imap.tag", tag); }
bool imap_read_atom(ImapReader *r, Bytes *atom) { return read_run(r, is_atom_char, "imap.atom", atom); }

bool imap_read_name(ImapReader *r, Bytes *name) {
    if (!read_run(r, is_name_char, "imap.name", name)) return false;
    uint8_t *upper = arena_alloc(r->arena, name->size);
    for (size_t i = 0; i < name->size; i++) {
        uint8_t c = name->at[i];
        upper[i] = c >= 'a' && c <= 'z' ? (uint8_t)(c - 32) : c;
    }
    *name = bytes_of(upper, name->size);
    return true;
}

/* ---- Numbers ---- */

bool imap_read_number(ImapReader *r, uint32_t *number) {
    uint64_t value = 0;
    *number = 0;
    if (imap_failed(r)) return false;
    if (!is_digit(peek(r))) return imap_fault(r, "imap.number");
    for (; is_digit(peek(r)); r->at++) {
        value = value * 10 + (uint64_t)(peek(r) - '0');
        if (value > UINT32_MAX) return imap_fault(r, "imap.number");
    }
    *number = (uint32_t)value;
    return true;
}

bool imap_read_nz_number(ImapReader *r, uint32_t *number) {
    *number = 0;
    return imap_is_next(r, '0') ? imap_fault(r, "imap.number") : imap_read_number(r, number);
}

/* ---- Strings ---- */

/* quoted = DQUOTE *QUOTED-CHAR DQUOTE: seven bits, no CR, LF or NUL, and a backslash only before itself or a quote. */
static bool read_quoted(ImapReader *r, Bytes *octets) {
    size_t start = ++r->at, size = 0;
    bool escapes = false;
    for (; peek(r) != '"'; r->at++, size++) {
        if (peek(r) == '\\') {
            r->at++;
            escapes = true;
            if (peek(r) != '"' && peek(r) != '\\') return imap_fault(r, "imap.string");
        }
        int c = peek(r);
        if (c <= 0 || c > 127 || c == '\r' || c == '\n') return imap_fault(r, "imap.string");
    }
    *octets = bytes_slice(r->text, start, r->at - start);
    r->at++;
    if (!escapes) return true;
    uint8_t *plain = arena_alloc(r->arena, size + 1);
    for (size_t i = 0, from = 0; i < size; i++) {
        if (octets->at[from] == '\\') from++;
        plain[i] = octets->at[from++];
    }
    *octets = bytes_of(plain, size);
    return true;
}

/* "{n}" or, where it is not waited for (RFC 7888), "{n+}" or "{n-}": CRLF, and n octets other than NUL. */
static bool read_literal(ImapReader *r, Bytes *octets) {
    uint32_t size;
    r->at++;
    if (!is_digit(peek(r)) || !imap_read_number(r, &size)) return imap_fault(r, "imap.literal");
    if (!skip(r, '+')) skip(r, '-');
    if (!skip(r, '}') || !skip(r, '\r') || !skip(r, '\n')) return imap_fault(r, "imap.literal");
    if (r->text.size - r->at < size) return imap_fault(r, "imap.literal");
    *octets = bytes_slice(r->text, r->at, size);
    const uint8_t *nul = size > 0 ? memchr(octets->at, 0, size) : NULL;
    r->at += nul ? (size_t)(nul - octets->at) : size;
    return !nul || imap_fault(r, "imap.nul");
}

bool imap_read_string(ImapReader *r, Bytes *octets) {
    *octets = bytes_of(NULL, 0);
    if (imap_is_next(r, '"')) return read_quoted(r, octets);
    if (imap_is_next(r, '{')) return read_literal(r, octets);
    return imap_fault(r, "imap.string");
}

static bool is_string_next(const ImapReader *r) { return imap_is_next(r, '"') || imap_is_next(r, '{'); }

bool imap_read_astring(ImapReader *r, Bytes *octets) {
    return is_string_next(r) ? imap_read_string(r, octets) : read_run(r, is_astring_char, "imap.string", octets);
}

bool imap_read_nstring(ImapReader *r, Bytes *octets, bool *is_nil) {
    *is_nil = !is_string_next(r);
    if (!*is_nil) return imap_read_string(r, octets);
    size_t start = r->at;
    if (!imap_read_atom(r, octets)) return false;
    if (!bytes_is(*octets, "NIL")) {
        r->at = start;
        return imap_fault(r, "imap.string");
    }
    *octets = bytes_of(NULL, 0);
    return true;
}

/* ---- Mailboxes ---- */

static bool decode_name(ImapReader *r, size_t start, Bytes *name) {
    Text utf8 = text_new();
    bool good = imap_utf7_decode(*name, &utf8);
    *name = mail_keep_text(r->arena, &utf8);
    if (bytes_is(*name, "INBOX")) *name = bytes_text("INBOX");
    if (good) return true;
    r->at = start;
    return imap_fault(r, "imap.utf7");
}

bool imap_read_mailbox(ImapReader *r, Bytes *utf8) {
    size_t start = r->at;
    return imap_read_astring(r, utf8) && decode_name(r, start, utf8);
}

bool imap_read_list_mailbox(ImapReader *r, Bytes *pattern_utf8) {
    size_t start = r->at;
    bool good = is_string_next(r) ? imap_read_string(r, pattern_utf8)
                                  : read_run(r, is_list_char, "imap.string", pattern_utf8);
    return good && decode_name(r, start, pattern_utf8);
}

/* ---- Flags ---- */

typedef struct {
    ImapFlagNames *flags;
    size_t capacity;
} FlagList;

/* flag = a keyword, or "\" and an atom. */
static bool read_flag(ImapReader *r, FlagList *list) {
    size_t start = r->at;
    Bytes name;
    skip(r, '\\');
    if (!imap_read_atom(r, &name)) return false;
    name = bytes_slice(r->text, start, r->at - start);
    if (bytes_is(name, "\\Recent")) {
        r->at = start;
        return imap_fault(r, "imap.flag");
    }
    ImapFlagNames *flags = list->flags;
    flags->names = mail_grow(r->arena, flags->names, &list->capacity, flags->count + 1, sizeof *flags->names);
    flags->names[flags->count++] = name;
    return true;
}

static bool read_flags(ImapReader *r, FlagList *list) {
    do
        if (!read_flag(r, list)) return false;
    while (skip(r, ' '));
    return true;
}

bool imap_read_flag_list(ImapReader *r, ImapFlagNames *flags) {
    *flags = (ImapFlagNames){0};
    FlagList list = {.flags = flags};
    if (!imap_read_char(r, '(')) return false;
    if (skip(r, ')')) return true;
    return read_flags(r, &list) && imap_read_char(r, ')');
}

bool imap_read_store_flags(ImapReader *r, ImapFlagNames *flags) {
    if (imap_is_next(r, '(')) return imap_read_flag_list(r, flags);
    *flags = (ImapFlagNames){0};
    FlagList list = {.flags = flags};
    return !imap_failed(r) && read_flags(r, &list);
}

/* ---- Dates ---- */

static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

static bool date_fault(ImapReader *r) { return imap_fault(r, "imap.date"); }

static bool read_digits(ImapReader *r, int count, int *value) {
    *value = 0;
    for (int i = 0; i < count; i++, r->at++) {
        if (!is_digit(peek(r))) return date_fault(r);
        *value = *value * 10 + peek(r) - '0';
    }
    return true;
}

/* "-Feb-1994" behind a day, which the calendar must have. */
static bool read_month_year(ImapReader *r, int day, int64_t *day_s) {
    int month = 0, year;
    if (!skip(r, '-')) return date_fault(r);
    Bytes word = bytes_slice(r->text, r->at, 3);
    while (month < 12 && !bytes_is(word, months[month])) month++;
    if (month++ == 12) return date_fault(r);
    r->at += 3;
    if (!skip(r, '-') || !read_digits(r, 4, &year)) return date_fault(r);
    *day_s = civil_seconds(year, month, day, 0, 0, 0);
    CivilTime there = civil_time(*day_s);
    return (there.day == day && there.month == month) || date_fault(r);
}

bool imap_read_date(ImapReader *r, int64_t *day_s) {
    int day;
    *day_s = 0;
    if (imap_failed(r)) return false;
    bool quoted = skip(r, '"');
    bool two = r->at + 1 < r->text.size && is_digit(r->text.at[r->at + 1]);
    if (!read_digits(r, two ? 2 : 1, &day) || !read_month_year(r, day, day_s)) return false;
    return !quoted || skip(r, '"') || date_fault(r);
}

bool imap_read_date_time(ImapReader *r, int64_t *at_s) {
    int day, hour, minute, second, zone_hour, zone_minute;
    *at_s = 0;
    if (imap_failed(r)) return false;
    if (!skip(r, '"') || !read_digits(r, skip(r, ' ') ? 1 : 2, &day) || !read_month_year(r, day, at_s) || !skip(r, ' '))
        return date_fault(r);
    if (!read_digits(r, 2, &hour) || !skip(r, ':') || !read_digits(r, 2, &minute) || !skip(r, ':') ||
        !read_digits(r, 2, &second) || hour > 23 || minute > 59 || second > 60 || !skip(r, ' '))
        return date_fault(r);
    bool west = imap_is_next(r, '-');
    if (!west && !imap_is_next(r, '+')) return date_fault(r);
    r->at++;
    if (!read_digits(r, 2, &zone_hour) || !read_digits(r, 2, &zone_minute) || zone_minute > 59 || !skip(r, '"'))
        return date_fault(r);
    int64_t zone_s = (int64_t)zone_hour * 3600 + (int64_t)zone_minute * 60;
    *at_s += (int64_t)hour * 3600 + (int64_t)minute * 60 + second + (west ? zone_s : -zone_s);
    return true;
}

/* ---- Literals, as lines announce them ---- */

bool imap_literal_follows(Bytes line, uint64_t *size, bool *waits) {
    if (line.size < 3 || line.at[line.size - 1] != '}') return false;
    size_t at = line.size - 1;
    *waits = line.at[at - 1] != '+';
    if (!*waits) at--;
    size_t end = at;
    while (at > 0 && line.at[at - 1] >= '0' && line.at[at - 1] <= '9') at--;
    if (at == end || at == 0 || line.at[at - 1] != '{') return false;
    *size = 0;
    for (; at < end; at++)
        if (*size < UINT64_MAX / 20) *size = *size * 10 + (uint64_t)(line.at[at] - '0');
    return true;
}
