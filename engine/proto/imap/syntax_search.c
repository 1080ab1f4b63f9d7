/* What SEARCH asks for: RFC 3501 section 9, "search-key". */
#include "mail/charset.h"
#include "proto/imap/syntax.h"

typedef enum { NOTHING, STRING, FIELD, KEYWORD, DATE, NUMBER, UIDS, ONE_KEY, TWO_KEYS } Argument;

/* In the order of IMAP_KEYS; SET and AND have no names. */
static const struct {
    const char *name;
    Argument argument;
} keys[] = {
    {"ALL", NOTHING},       {"ANSWERED", NOTHING},   {"BCC", STRING},        {"BEFORE", DATE},
    {"BODY", STRING},       {"CC", STRING},          {"DELETED", NOTHING},   {"DRAFT", NOTHING},
    {"FLAGGED", NOTHING},   {"FROM", STRING},        {"HEADER", FIELD},      {"KEYWORD", KEYWORD},
    {"LARGER", NUMBER},     {"NEW", NOTHING},        {"NOT", ONE_KEY},       {"OLD", NOTHING},
    {"ON", DATE},           {"OR", TWO_KEYS},        {"RECENT", NOTHING},    {"SEEN", NOTHING},
    {"SENTBEFORE", DATE},   {"SENTON", DATE},        {"SENTSINCE", DATE},    {"SINCE", DATE},
    {"SMALLER", NUMBER},    {"SUBJECT", STRING},     {"TEXT", STRING},       {"TO", STRING},
    {"UID", UIDS},          {"UNANSWERED", NOTHING}, {"UNDELETED", NOTHING}, {"UNDRAFT", NOTHING},
    {"UNFLAGGED", NOTHING}, {"UNKEYWORD", KEYWORD},  {"UNSEEN", NOTHING},
};
enum { NAMED = sizeof keys / sizeof keys[0] };
_Static_assert((int)NAMED == (int)IMAP_KEY_SET, "every key but SET and AND has a name");

typedef struct {
    ImapReader *r;
    const Charset *charset;
    bool named;       /* CHARSET was given */
    bool charset_bad; /* and is not known: strings stay as they are */
    size_t count;
} Search;

static bool skip(ImapReader *r, char c) {
    if (!imap_is_next(r, c)) return false;
    r->at++;
    return true;
}

static ImapKey *key_new(Search *s, ImapKeyKind kind) {
    ImapKey *key = arena_alloc(s->r->arena, sizeof *key);
    key->kind = kind;
    return key;
}

/* In UTF-8. What is not text in its charset cannot be looked for. */
static bool read_text(Search *s, Bytes *text) {
    ImapReader *r = s->r;
    size_t start = r->at;
    if (!imap_read_astring(r, text)) return false;
    if (s->charset_bad || bytes_is_ascii(*text)) {
        if (s->charset_bad || !s->named) return true;
    }
    MailFaults faults = mail_faults(r->arena);
    *text = charset_decode(r->arena, s->named ? s->charset : charset_utf8(), *text, 0, &faults);
    if (faults.count == 0) return true;
    r->at = start;
    return imap_fault(r, "imap.charset");
}

static bool read_key(Search *s, size_t depth, ImapKey **key);

static bool read_argument(Search *s, Argument argument, size_t depth, ImapKey *key) {
    ImapReader *r = s->r;
    if (argument == NOTHING) return true;
    if (!imap_read_space(r)) return false;
    switch (argument) {
        case NOTHING: return true;
        case STRING: return read_text(s, &key->text);
        case FIELD: return imap_read_astring(r, &key->field) && imap_read_space(r) && read_text(s, &key->text);
        case KEYWORD: return imap_read_atom(r, &key->text);
        case DATE: return imap_read_date(r, &key->day_s);
        case NUMBER: return imap_read_number(r, &key->number);
        case UIDS: return imap_read_set(r, &key->set);
        case ONE_KEY: return read_key(s, depth + 1, &key->first);
        case TWO_KEYS:
            return read_key(s, depth + 1, &key->first) && imap_read_space(r) &&
                   read_key(s, depth + 1, &key->first->next);
    }
    CHECK_UNREACHABLE();
}

/* search-key *(SP search-key), as one AND. */
static bool read_all(Search *s, size_t depth, ImapKey **all) {
    *all = key_new(s, IMAP_KEY_AND);
    ImapKey **end = &(*all)->first;
    do {
        if (!read_key(s, depth, end)) return false;
        end = &(*end)->next;
    } while (skip(s->r, ' '));
    return true;
}

static bool read_key(Search *s, size_t depth, ImapKey **key) {
    ImapReader *r = s->r;
    if (imap_failed(r)) return false;
    if (depth > IMAP_KEY_DEPTH_MOST) return imap_fault(r, "imap.search_deep");
    if (++s->count > IMAP_KEYS_MOST) return imap_fault(r, "imap.search_many");
    if (skip(r, '(')) return read_all(s, depth + 1, key) && imap_read_char(r, ')');
    uint8_t c = r->at < r->text.size ? r->text.at[r->at] : 0;
    if (c == '*' || (c >= '0' && c <= '9')) {
        *key = key_new(s, IMAP_KEY_SET);
        return imap_read_set(r, &(*key)->set);
    }
    size_t start = r->at;
    Bytes name;
    if (!imap_read_name(r, &name)) return false;
    for (size_t i = 0; i < NAMED; i++)
        if (bytes_is(name, keys[i].name)) {
            *key = key_new(s, (ImapKeyKind)i);
            return read_argument(s, keys[i].argument, depth, *key);
        }
    r->at = start;
    return imap_fault(r, "imap.search");
}

bool imap_read_search(ImapReader *r, ImapKey **key, bool *bad_charset) {
    static const char label[] = "CHARSET ";
    Search s = {.r = r};
    *bad_charset = false;
    *key = NULL;
    if (imap_failed(r)) return false;
    if (bytes_is(bytes_slice(r->text, r->at, sizeof label - 1), label)) {
        Bytes name;
        r->at += sizeof label - 1;
        if (!imap_read_astring(r, &name) || !imap_read_space(r)) return false;
        s.named = true;
        s.charset = charset_find(name);
        s.charset_bad = *bad_charset = !s.charset;
    }
    return read_all(&s, 0, key);
}
