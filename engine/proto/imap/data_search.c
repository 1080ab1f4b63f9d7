/* SEARCH: RFC 3501 section 6.4.4. Texts are compared as people read them: encoded words and parts decoded, in UTF-8,
 * letters of either case the same. */
#include <string.h>

#include "mail/address.h"
#include "mail/date.h"
#include "proto/imap/data_inside.h"
#include "proto/imap/fold.h"

/* A message while it is looked at: what one key has worked out serves the next. */
typedef struct {
    const ImapCandidate *candidate;
    Bytes octets;
    Arena *arena; /* NULL until something must be worked out */
    Header header;
    Bytes *values; /* of the header's fields, folded; size SIZE_MAX: not yet */
    bool header_known, text_known, body_known;
    Bytes header_text, body_text; /* folded */
} Look;

enum { DAY_S = 86400 };

/* ---- Getting ready ---- */

void imap_search_prepare(Arena *arena, ImapKey *key, uint32_t number_most, uint32_t uid_most) {
    switch (key->kind) {
        case IMAP_KEY_BCC:
        case IMAP_KEY_BODY:
        case IMAP_KEY_CC:
        case IMAP_KEY_FROM:
        case IMAP_KEY_HEADER:
        case IMAP_KEY_SUBJECT:
        case IMAP_KEY_TEXT:
        case IMAP_KEY_TO:
            key->text = imap_fold(arena, key->text);
            key->borders = imap_borders(arena, key->text);
            return;
        case IMAP_KEY_SET: key->set = imap_set_resolve(arena, &key->set, number_most); return;
        case IMAP_KEY_UID: key->set = imap_set_resolve(arena, &key->set, uid_most); return;
        default:
            for (ImapKey *one = key->first; one; one = one->next)
                imap_search_prepare(arena, one, number_most, uid_most);
    }
}

/* ---- Header fields ---- */

static Arena *arena_of(Look *look) {
    if (!look->arena) look->arena = arena_new();
    return look->arena;
}

static const Header *header_of(Look *look) {
    if (look->header_known) return &look->header;
    look->header_known = true;
    look->header = header_read(arena_of(look), look->octets, 0, IMAP_LINES, NULL, NULL, NULL);
    look->values = arena_alloc(look->arena, (look->header.count + 1) * sizeof(Bytes));
    for (size_t i = 0; i < look->header.count; i++) look->values[i].size = SIZE_MAX;
    return &look->header;
}

static Bytes value_of(Look *look, size_t field) {
    Bytes *value = &look->values[field];
    if (value->size == SIZE_MAX)
        *value = imap_fold(look->arena, header_field_text(look->arena, &look->header.fields[field], NULL));
    return *value;
}

static Bytes fold_text(Look *look, Text *text) {
    Bytes folded = imap_fold(look->arena, bytes_of(text->at, text->size));
    text_free(text);
    return folded;
}

/* Whether an address may stand otherwise than it is read: only then is it worth reading. */
static bool may_be_spread(Bytes value) {
    for (size_t i = 0; i < value.size; i++) {
        uint8_t c = value.at[i];
        if (c == '(' || c == '\\') return true;
        if (!ascii_is_space(c)) continue;
        if (i > 0 && strchr("@.", value.at[i - 1])) return true;
        if (i + 1 < value.size && strchr("@.", value.at[i + 1])) return true;
    }
    return false;
}

/* Addresses as ENVELOPE has them, without comments and blanks between their parts: "a @ x . example" is a@x.example. */
static bool addresses_have(Look *look, Bytes value, const ImapKey *key) {
    AddressList list = address_list_read(look->arena, value, 0, NULL);
    for (size_t i = 0; i < list.count; i++) {
        Text text = text_new();
        address_put(&text, list.items[i].local_part, list.items[i].domain);
        if (imap_find(fold_text(look, &text), key->text, key->borders)) return true;
    }
    return false;
}

/* An empty text is in every field that is there. */
static bool field_has(Look *look, Bytes name, const ImapKey *key) {
    const Header *header = header_of(look);
    for (size_t i = 0; i < header->count; i++)
        if (bytes_equal_nocase(header->fields[i].name, name) && imap_find(value_of(look, i), key->text, key->borders))
            return true;
    return false;
}

/* FROM, TO and their like look into the ENVELOPE (section 6.4.4). */
static bool envelope_has(Look *look, const char *name, const ImapKey *key) {
    if (field_has(look, bytes_text(name), key)) return true;
    const Header *header = header_of(look);
    for (size_t i = 0; i < header->count; i++) {
        Bytes value = header->fields[i].value;
        if (!bytes_equal_nocase(header->fields[i].name, bytes_text(name)) || !may_be_spread(value)) continue;
        if (addresses_have(look, value, key)) return true;
    }
    return false;
}

static void put_field(Text *to, Arena *arena, const HeaderField *field) {
    text_put_bytes(to, field->name);
    text_put(to, ": ");
    text_put_bytes(to, header_field_text(arena, field, NULL));
    text_put_char(to, '\n');
}

static Bytes header_text(Look *look) {
    if (look->text_known) return look->header_text;
    look->text_known = true;
    const Header *header = header_of(look);
    Text text = text_new();
    if (header->count > 0) text_put_bytes(&text, bytes_slice(look->octets, 0, header->fields[0].offset));
    for (size_t i = 0; i < header->count; i++) put_field(&text, look->arena, &header->fields[i]);
    look->header_text = fold_text(look, &text);
    return look->header_text;
}

/* ---- The body ---- */

static bool is_text(const MimePart *part) {
    return part->type == MIME_TEXT || (part->type == MIME_MESSAGE && !part->first);
}

/* Text that is UTF-8 though its label says less is read so. */
static Bytes part_text(Arena *arena, const MimePart *part) {
    Bytes octets = mime_part_octets(arena, part, NULL);
    const Charset *charset = charset_find(mime_part_charset(part));
    bool says_little = !charset || charset == charset_ascii();
    if (says_little && charset_utf8_valid(octets) == octets.size) return octets;
    return charset_decode(arena, charset, octets, 0, NULL);
}

/* All texts below the message's header, with the headers of its parts. */
static Bytes body_text(Look *look) {
    if (look->body_known) return look->body_text;
    look->body_known = true;
    Arena *arena = arena_of(look);
    MimeTree tree = mime_read(arena, look->octets, (MimeRules){.lines = IMAP_LINES}, NULL);
    Text text = text_new();
    for (const MimePart *part = tree.root; part; part = mime_next(part)) {
        for (size_t i = 0; i < part->header.count && part != tree.root; i++)
            put_field(&text, arena, &part->header.fields[i]);
        if (is_text(part)) text_put_bytes(&text, part_text(arena, part));
        text_put_char(&text, '\n');
    }
    look->body_text = fold_text(look, &text);
    return look->body_text;
}

/* ---- Days ---- */

static int64_t midnight(int64_t at_s) {
    int64_t rest = at_s % DAY_S;
    return at_s - (rest < 0 ? rest + DAY_S : rest);
}

/* The day the Date field names, disregarding time and zone. False: there is none. */
static bool sent_day(Look *look, int64_t *day_s) {
    const HeaderField *field = header_find(header_of(look), "Date");
    MailDate date;
    ParseFault fault;
    if (!field || !date_read(field->value, 0, &date, &fault, NULL)) return false;
    *day_s = midnight(date.at_s + (int64_t)date.zone_minutes * 60);
    return true;
}

static bool sent(Look *look, const ImapKey *key) {
    int64_t day_s;
    if (!sent_day(look, &day_s)) return false;
    if (key->kind == IMAP_KEY_SENTBEFORE) return day_s < key->day_s;
    return key->kind == IMAP_KEY_SENTON ? day_s == key->day_s : day_s >= key->day_s;
}

/* ---- Keys ---- */

static bool has_keyword(const ImapCandidate *c, Bytes name) {
    for (size_t i = 0; i < c->mailbox->keyword_count; i++)
        if (bytes_is(name, c->mailbox->keywords[i])) return c->message->flags >> (MAIL_SYSTEM_FLAGS + i) & 1;
    return false;
}

static bool matches(Look *look, const ImapKey *key) {
    const ImapCandidate *c = look->candidate;
    uint64_t flags = c->message->flags;
    switch (key->kind) {
        case IMAP_KEY_ALL: return true;
        case IMAP_KEY_ANSWERED: return flags & MAIL_FLAG_ANSWERED;
        case IMAP_KEY_DELETED: return flags & MAIL_FLAG_DELETED;
        case IMAP_KEY_DRAFT: return flags & MAIL_FLAG_DRAFT;
        case IMAP_KEY_FLAGGED: return flags & MAIL_FLAG_FLAGGED;
        case IMAP_KEY_SEEN: return flags & MAIL_FLAG_SEEN;
        case IMAP_KEY_UNANSWERED: return !(flags & MAIL_FLAG_ANSWERED);
        case IMAP_KEY_UNDELETED: return !(flags & MAIL_FLAG_DELETED);
        case IMAP_KEY_UNDRAFT: return !(flags & MAIL_FLAG_DRAFT);
        case IMAP_KEY_UNFLAGGED: return !(flags & MAIL_FLAG_FLAGGED);
        case IMAP_KEY_UNSEEN: return !(flags & MAIL_FLAG_SEEN);
        case IMAP_KEY_RECENT: return c->recent;
        case IMAP_KEY_OLD: return !c->recent;
        case IMAP_KEY_NEW: return c->recent && !(flags & MAIL_FLAG_SEEN);
        case IMAP_KEY_KEYWORD: return has_keyword(c, key->text);
        case IMAP_KEY_UNKEYWORD: return !has_keyword(c, key->text);
        case IMAP_KEY_LARGER: return look->octets.size > key->number;
        case IMAP_KEY_SMALLER: return look->octets.size < key->number;
        case IMAP_KEY_BEFORE: return midnight(c->message->date_s) < key->day_s;
        case IMAP_KEY_ON: return midnight(c->message->date_s) == key->day_s;
        case IMAP_KEY_SINCE: return midnight(c->message->date_s) >= key->day_s;
        case IMAP_KEY_SENTBEFORE:
        case IMAP_KEY_SENTON:
        case IMAP_KEY_SENTSINCE: return sent(look, key);
        case IMAP_KEY_BCC: return envelope_has(look, "Bcc", key);
        case IMAP_KEY_CC: return envelope_has(look, "Cc", key);
        case IMAP_KEY_FROM: return envelope_has(look, "From", key);
        case IMAP_KEY_SUBJECT: return field_has(look, bytes_text("Subject"), key);
        case IMAP_KEY_TO: return envelope_has(look, "To", key);
        case IMAP_KEY_HEADER: return field_has(look, key->field, key);
        case IMAP_KEY_BODY: return key->text.size == 0 || imap_find(body_text(look), key->text, key->borders);
        case IMAP_KEY_TEXT:
            return key->text.size == 0 || imap_find(header_text(look), key->text, key->borders) ||
                   imap_find(body_text(look), key->text, key->borders);
        case IMAP_KEY_SET: return imap_set_has(&key->set, c->number);
        case IMAP_KEY_UID: return imap_set_has(&key->set, c->message->uid);
        case IMAP_KEY_NOT: return !matches(look, key->first);
        case IMAP_KEY_OR: return matches(look, key->first) || matches(look, key->first->next);
        case IMAP_KEY_AND:
            for (const ImapKey *one = key->first; one; one = one->next)
                if (!matches(look, one)) return false;
            return true;
    }
    CHECK_UNREACHABLE();
}

bool imap_search_matches(const ImapKey *key, const ImapCandidate *candidate) {
    Look look = {.candidate = candidate, .octets = mail_content_bytes(candidate->message->content)};
    bool match = matches(&look, key);
    arena_free(look.arena);
    return match;
}
