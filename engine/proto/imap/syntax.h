/* The formal syntax of RFC 3501 section 9, for whoever reads commands. A command is read from one span: its line with
 * every literal in place ("{3}" CRLF and three octets), as server_stream.c has put it together. A reader stops at the
 * first fault and keeps its place and reason; what it returns after that means nothing. */
#ifndef NETSTAGE_PROTO_IMAP_SYNTAX_H
#define NETSTAGE_PROTO_IMAP_SYNTAX_H

#include "base/arena.h"
#include "base/parse_fault.h"
#include "mail/mailbox.h"

/* Faults: imap.char (another character was due), imap.space, imap.end (something is left), imap.tag, imap.name,
 * imap.atom, imap.string, imap.literal, imap.nul (in a literal), imap.number, imap.utf7, imap.flag, imap.date,
 * imap.set_many, imap.fetch, imap.fetch_many, imap.section, imap.search, imap.search_deep, imap.search_many,
 * imap.charset (octets that are not text in the charset). */
typedef struct {
    Bytes text;
    size_t at;
    Arena *arena;     /* what is read lives there, or in the text */
    ParseFault fault; /* reason NULL: none yet; "imap.atom", "imap.space" … */
} ImapReader;

static inline ImapReader imap_reader(Bytes text, Arena *arena) { return (ImapReader){.text = text, .arena = arena}; }
static inline bool imap_failed(const ImapReader *r) { return r->fault.reason != NULL; }
/* Notes the first fault. Always false. */
bool imap_fault(ImapReader *r, const char *reason);

/* ---- Pieces ---- */

bool imap_read_char(ImapReader *r, char c);  /* exactly this one */
bool imap_is_next(const ImapReader *r, char c);
bool imap_read_space(ImapReader *r);
bool imap_read_end(ImapReader *r); /* nothing is left */
bool imap_read_tag(ImapReader *r, Bytes *tag);
/* Letters, digits, "-", ".", in upper case: a command's or item's name, a charset, a key. */
bool imap_read_name(ImapReader *r, Bytes *name);
bool imap_read_atom(ImapReader *r, Bytes *atom);
enum { IMAP_LITERAL_MINUS_MOST = 4096 }; /* octets, of LITERAL-: RFC 7888 section 5 */
/* "{310}" or "{310+}" at the end of a line (section 4.3, RFC 7888): a literal of that many octets follows; a number beyond
 * measure is UINT64_MAX / 20 and more. `waits`: its sender waits to be told to go on. */
bool imap_literal_follows(Bytes line, uint64_t *size, bool *waits);
bool imap_read_string(ImapReader *r, Bytes *octets); /* quoted or literal, without quotes and backslashes */
bool imap_read_astring(ImapReader *r, Bytes *octets);
bool imap_read_nstring(ImapReader *r, Bytes *octets, bool *is_nil);
bool imap_read_number(ImapReader *r, uint32_t *number);
bool imap_read_nz_number(ImapReader *r, uint32_t *number);
/* UTF-8, from modified UTF-7 (section 5.1.3); INBOX in any case is "INBOX". Fault "imap.utf7" where it is not in the one
 * form the RFC allows. */
bool imap_read_mailbox(ImapReader *r, Bytes *utf8);
bool imap_read_list_mailbox(ImapReader *r, Bytes *pattern_utf8); /* with "%" and "*" */
/* Each name as written, without knowing any mailbox: "\Seen", "$Forwarded", and a flag-extension such as "\Foo", which
 * the syntax allows. "\Recent" is a fault ("imap.flag"): nobody may set it. */
typedef struct {
    Bytes *names;
    size_t count;
} ImapFlagNames;
bool imap_read_flag_list(ImapReader *r, ImapFlagNames *flags);       /* in parentheses, may be empty */
bool imap_read_store_flags(ImapReader *r, ImapFlagNames *flags);     /* with or without parentheses */
bool imap_read_date(ImapReader *r, int64_t *day_s);                  /* "1-Feb-1994", quoted or not: its midnight, UTC */
bool imap_read_date_time(ImapReader *r, int64_t *at_s);              /* "\"17-Jul-1996 02:44:25 -0700\"" */

/* Numbers or UIDs: ranges in the order given, each with first <= last; IMAP_STAR, which is no number, is "*" and stands
 * last ("*:4" is 4:*). */
enum { IMAP_RANGES_MOST = 100000, IMAP_STAR = 0 };
typedef struct {
    uint32_t first, last;
} ImapRange;
typedef struct {
    ImapRange *ranges;
    size_t count;
} ImapSet;
bool imap_read_set(ImapReader *r, ImapSet *set);
/* With "*" as the number `most` ("4:*" where 3 is the most is 3:4, as the RFC has it): ascending, without overlaps.
 * `most` 0: there is nothing to name; "*" alone then is nothing. */
ImapSet imap_set_resolve(Arena *arena, const ImapSet *set, uint32_t most);
bool imap_set_has(const ImapSet *resolved, uint32_t number);

/* ---- FETCH ---- */

typedef enum {
    IMAP_SECTION_WHOLE,
    IMAP_SECTION_HEADER,
    IMAP_SECTION_HEADER_FIELDS,
    IMAP_SECTION_HEADER_FIELDS_NOT,
    IMAP_SECTION_TEXT,
    IMAP_SECTION_MIME,
} ImapSectionText;
typedef struct {
    uint32_t *part; /* "2.1.3"; count 0: the message itself */
    size_t part_count;
    ImapSectionText text;
    Bytes *fields; /* HEADER.FIELDS(.NOT), as written */
    size_t field_count;
} ImapSection;

#define IMAP_FETCH_ITEMS(X) \
    X(ENVELOPE) X(FLAGS) X(INTERNALDATE) X(RFC822) X(RFC822_HEADER) X(RFC822_SIZE) X(RFC822_TEXT) X(BODYSTRUCTURE) \
        X(BODY) X(UID) X(BODY_SECTION)
typedef enum {
#define X(name) IMAP_FETCH_##name,
    IMAP_FETCH_ITEMS(X)
#undef X
} ImapFetchItem;
typedef struct {
    ImapFetchItem item;
    ImapSection section; /* BODY_SECTION */
    bool peek, partial;
    uint32_t from, most; /* partial: "<from.most>" */
} ImapFetch;
typedef struct {
    ImapFetch *items;
    size_t count;
} ImapFetchList;
enum { IMAP_FETCH_MOST = 200 };
/* One item, a list in parentheses, or a macro (ALL, FAST, FULL) spelt out. */
bool imap_read_fetch(ImapReader *r, ImapFetchList *list);
/* Whether fetching it sets \Seen. */
bool imap_fetch_reads(const ImapFetchList *list);

/* ---- SEARCH ---- */

typedef struct ImapKey ImapKey;
#define IMAP_KEYS(X) \
    X(ALL) X(ANSWERED) X(BCC) X(BEFORE) X(BODY) X(CC) X(DELETED) X(DRAFT) X(FLAGGED) X(FROM) X(HEADER) X(KEYWORD) X(LARGER) \
    X(NEW) X(NOT) X(OLD) X(ON) X(OR) X(RECENT) X(SEEN) X(SENTBEFORE) X(SENTON) X(SENTSINCE) X(SINCE) X(SMALLER) \
    X(SUBJECT) X(TEXT) X(TO) X(UID) X(UNANSWERED) X(UNDELETED) X(UNDRAFT) X(UNFLAGGED) X(UNKEYWORD) X(UNSEEN) \
    X(SET) X(AND)
typedef enum {
#define X(name) IMAP_KEY_##name,
    IMAP_KEYS(X)
#undef X
} ImapKeyKind;
struct ImapKey {
    ImapKeyKind kind;
    Bytes text, field; /* of strings: UTF-8 once the charset is known; HEADER's field */
    int64_t day_s;
    uint32_t number;
    ImapSet set;            /* UID and SET */
    ImapKey *first, *next;  /* NOT: one; OR: two; AND: all inside the parentheses */
    uint32_t *borders;      /* of `text`, once prepared (data.h): fold.h says what they are */
};
enum { IMAP_KEY_DEPTH_MOST = 100, IMAP_KEYS_MOST = 10000 };
/* "[CHARSET x] key …" as one AND, up to what is no further key. Strings become UTF-8; without CHARSET they must be
 * US-ASCII, and UTF-8 is taken too. A charset that is not known is no fault: *bad_charset is set (NO [BADCHARSET]). */
bool imap_read_search(ImapReader *r, ImapKey **key, bool *bad_charset);

/* ---- Writing ---- */

void imap_put_quoted(Text *to, Bytes octets); /* must be 7-bit, no CR, LF or NUL */
/* Quoted where it can be, else a literal. DEVIATION: a NUL, which no string may hold, becomes 80 (hexadecimal), so that a
 * message that came with one keeps its size; every server does something of the kind. */
void imap_put_string(Text *to, Bytes octets);
void imap_put_literal(Text *to, Bytes octets); /* the same, always as a literal */
void imap_put_nstring(Text *to, Bytes octets, bool is_nil);
void imap_put_astring(Text *to, Bytes octets);
void imap_put_mailbox(Text *to, Bytes utf8); /* as modified UTF-7 */
void imap_put_date_time(Text *to, int64_t at_s);
/* "1:3,7", of ascending numbers. */
void imap_put_set(Text *to, const uint32_t *numbers, size_t count);

/* Modified UTF-7 (section 5.1.3). False: the text is not in the one form that is allowed. */
bool imap_utf7_decode(Bytes utf7, Text *utf8) NS_MUST_USE;
void imap_utf7_encode(Bytes utf8, Text *utf7);

/* LIST's patterns (section 6.3.8): "*" any octets, "%" any but the delimiter. No pattern takes more steps than a small
 * multiple of the name's length squared, and the pattern's own length. */
bool imap_pattern_matches(Bytes pattern, Bytes name);

#endif
