/* FETCH responses (RFC 3501 section 7.4.2): read whole, then taken to memory. */
#include <string.h>

#include "mail/encoded_word.h"
#include "proto/imap/client_facts.h"
#include "proto/imap/client_inside.h"

typedef struct {
    bool has_uid, has_flags, has_size, has_date, has_envelope, has_section;
    uint32_t uid, size;
    int64_t date_s;
    uint8_t flags;
    Text keywords;
    Bytes from, subject; /* for people */
    ImapStructure *structure;
    Bytes part; /* of BODY[part]<origin> */
    uint32_t origin;
    Bytes octets;
    bool nil;
} Told;

/* ---- Reading ---- */

static void note_flag(Told *t, Bytes flag) {
    static const struct {
        const char *name;
        uint8_t bit;
    } flags[] = {
#define X(name, text) {text, MAIL_FLAG_##name},
        MAIL_FLAGS(X)
#undef X
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (!bytes_is(flag, flags[i].name)) continue;
        t->flags |= flags[i].bit;
        return;
    }
    if (bytes_is(flag, "\\Recent") || t->keywords.size + flag.size > IMAP_KNOWN_TEXT_MOST) return;
    if (t->keywords.size > 0) text_put_char(&t->keywords, ' ');
    text_put_bytes(&t->keywords, flag);
}

static void read_flags(ImapReader *r, Told *t) {
    Bytes atom;
    t->has_flags = true;
    if (!imap_read_char(r, '(')) return;
    while (!imap_failed(r) && !imap_is_next(r, ')')) {
        size_t start = r->at;
        if (imap_is_next(r, '\\')) r->at++;
        if (!imap_read_atom(r, &atom)) return;
        note_flag(t, bytes_slice(r->text, start, r->at - start));
        if (imap_is_next(r, ' ')) r->at++;
    }
    (void)imap_read_char(r, ')');
}

static Bytes for_people(ImapReader *r, Bytes text) {
    MailFaults faults = mail_faults(r->arena);
    return encoded_words_decode(r->arena, text, 0, &faults);
}

/* The first address of a list, as "Alice <alice@crepes.fr>". */
static void read_addresses(ImapReader *r, Bytes *first) {
    Text text = text_new();
    if (!imap_is_next(r, '(')) {
        (void)imap_skip_value(r);
        return;
    }
    r->at++;
    for (int count = 0; imap_is_next(r, '('); count++) {
        Bytes name, route, mailbox, host;
        bool no_name, nil;
        r->at++;
        (void)(imap_read_nstring(r, &name, &no_name) && imap_read_space(r) && imap_read_nstring(r, &route, &nil) &&
               imap_read_space(r) && imap_read_nstring(r, &mailbox, &nil) && imap_read_space(r) &&
               imap_read_nstring(r, &host, &nil) && imap_read_char(r, ')'));
        if (imap_failed(r) || count > 0) continue;
        if (name.size > 0) text_put_bytes(&text, for_people(r, name));
        text_put(&text, name.size > 0 ? " <" : "");
        text_put_bytes(&text, mailbox);
        if (host.size > 0) text_put_char(&text, '@');
        text_put_bytes(&text, host);
        text_put(&text, name.size > 0 ? ">" : "");
    }
    (void)imap_read_char(r, ')');
    *first = mail_keep_text(r->arena, &text);
}

/* Date, subject, from; then sender, reply-to, to, cc, bcc, in-reply-to, message-id. */
static void read_envelope(ImapReader *r, Told *t) {
    Bytes date;
    bool nil;
    t->has_envelope = true;
    (void)(imap_read_char(r, '(') && imap_read_nstring(r, &date, &nil) && imap_read_space(r) &&
           imap_read_nstring(r, &t->subject, &nil) && imap_read_space(r));
    if (imap_failed(r)) return;
    t->subject = for_people(r, t->subject);
    read_addresses(r, &t->from);
    for (int i = 0; i < 7; i++) (void)(imap_read_space(r) && imap_skip_value(r));
    (void)imap_read_char(r, ')');
}

/* "[1]<0> {5}", behind BODY. */
static void read_section(ImapReader *r, Told *t) {
    size_t start = ++r->at;
    while (r->at < r->text.size && r->text.at[r->at] != ']') r->at++;
    t->part = bytes_slice(r->text, start, r->at - start);
    t->origin = 0;
    if (!imap_read_char(r, ']')) return;
    if (imap_is_next(r, '<')) {
        r->at++;
        (void)(imap_read_number(r, &t->origin) && imap_read_char(r, '>'));
    }
    t->has_section = imap_read_space(r) && imap_read_nstring(r, &t->octets, &t->nil);
}

static void read_item(ImapReader *r, Told *t) {
    Bytes name;
    if (!imap_read_name(r, &name)) return;
    if (bytes_is(name, "BODY") && imap_is_next(r, '[')) {
        read_section(r, t);
        return;
    }
    if (!imap_read_space(r)) return;
    if (bytes_is(name, "UID")) t->has_uid = imap_read_nz_number(r, &t->uid);
    else if (bytes_is(name, "FLAGS")) read_flags(r, t);
    else if (bytes_is(name, "RFC822.SIZE")) t->has_size = imap_read_number(r, &t->size);
    else if (bytes_is(name, "INTERNALDATE")) t->has_date = imap_read_date_time(r, &t->date_s);
    else if (bytes_is(name, "ENVELOPE")) read_envelope(r, t);
    else if (bytes_is(name, "BODYSTRUCTURE") && !t->structure) t->structure = imap_read_structure(r);
    else (void)imap_skip_value(r);
}

static void read_items(ImapReader *r, Told *t) {
    if (!imap_read_char(r, '(')) return;
    do read_item(r, t);
    while (imap_is_next(r, ' ') && imap_read_space(r));
    (void)(imap_read_char(r, ')') && imap_read_end(r));
}

/* ---- Taking ---- */

static const char *flags_as_text(ImapClient *c, const ImapKnown *known) {
    static const char *const names[] = {
#define X(name, text) text,
        MAIL_FLAGS(X)
#undef X
    };
    Text text = text_new();
    for (int i = 0; i < MAIL_SYSTEM_FLAGS; i++)
        if (known->flags >> i & 1) text_print(&text, "%s%s", text.size > 0 ? " " : "", names[i]);
    if (known->keywords) text_print(&text, "%s%s", text.size > 0 ? " " : "", known->keywords);
    const char *kept = arena_text(c->kept, text_get(&text));
    text_free(&text);
    return kept;
}

static ImapKnown *take_header(ImapClient *c, uint32_t number, uint32_t uid, Told *t, Effects *effects) {
    ImapKnown *known = imap_memory_add(c->memory, uid, t->size, t->date_s, t->from, t->subject);
    (void)imap_known_set_flags(c->memory, known, t->flags, bytes_of(t->keywords.at, t->keywords.size));
    c->changed = true;
    c->headers_read++;
    effect_fact(effects, &fact_imap_header,
                (int64_t[]){number, uid, t->size, fact_name(arena_text(c->kept, known->header->from)),
                            fact_name(arena_text(c->kept, known->header->subject))});
    return known;
}

static void take_flags(ImapClient *c, ImapKnown *known, const Told *t, Effects *effects) {
    if (!imap_known_set_flags(c->memory, known, t->flags, bytes_of(t->keywords.at, t->keywords.size))) return;
    c->changed = true;
    if (imap_client_is(c, IMAP_CLIENT_STORE) && known->uid == c->asked_uid) return;
    effect_fact(effects, &fact_imap_flag_heard, (int64_t[]){known->uid, fact_name(flags_as_text(c, known))});
}

static void take_structure(ImapClient *c, ImapKnown *known, Told *t, Effects *effects) {
    ImapStructure *s = t->structure;
    t->structure = NULL;
    imap_known_set_structure(c->memory, known, s);
    c->changed = true;
    c->told |= imap_client_is(c, IMAP_CLIENT_STRUCTURE) && known->uid == c->asked_uid;
    effect_fact(effects, &fact_imap_structure_read,
                (int64_t[]){known->uid, (int64_t)s->count,
                            fact_name(arena_text(c->kept, s->shown < s->count ? s->parts[s->shown].number : ""))});
}

static void take_part(ImapClient *c, ImapKnown *known, const Told *t, Effects *effects) {
    const ImapPart *part = imap_structure_find(known->structure, c->asked_part);
    if (!imap_client_is(c, IMAP_CLIENT_PART) || known->uid != c->asked_uid || t->nil ||
        !bytes_is(t->part, c->asked_part) || t->origin != c->asked_from)
        return;
    bool whole = c->asked_octets == 0;
    bool last = whole || t->octets.size < c->asked_octets ||
                (part && (uint64_t)t->origin + t->octets.size >= part->octets);
    imap_known_add_piece(c->memory, known, c->asked_part, t->origin, t->octets, last);
    c->changed = c->told = true;
    effect_fact(
        effects, &fact_imap_part_read,
        (int64_t[]){known->uid, fact_name(arena_text(c->kept, c->asked_part)), t->origin, (int64_t)t->octets.size});
}

static void take(ImapClient *c, uint32_t number, Told *t, Effects *effects) {
    uint32_t uid = t->has_uid ? t->uid : c->uids[number - 1];
    if (uid == 0) return; /* flags of a message whose header is still to come */
    c->uids[number - 1] = uid;
    ImapKnown *known = imap_memory_find(c->memory, uid);
    if (!known && t->has_envelope && t->has_size && t->has_flags) known = take_header(c, number, uid, t, effects);
    else if (known && t->has_flags) take_flags(c, known, t, effects);
    if (known && t->structure) take_structure(c, known, t, effects);
    if (known && t->has_section) take_part(c, known, t, effects);
    if (!known) c->headers_due = true;
}

void imap_client_take_fetch(ImapClient *c, ImapReader *r, uint32_t number, Effects *effects) {
    Told told = {0};
    read_items(r, &told);
    if (!imap_failed(r) && (number == 0 || number > c->exists))
        effect_ignored(effects, &c->machine, "imap.no_such_number");
    else if (!imap_failed(r)) take(c, number, &told, effects);
    imap_structure_drop(told.structure);
    text_free(&told.keywords);
    if (c->memory->octets <= c->config->memory_most) return;
    c->trouble = "imap.too_much";
    machine_step(&c->machine, IMAP_CLIENT_ON_NONSENSE, NULL, effects);
}
