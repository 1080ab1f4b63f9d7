/* What responses tell: RFC 3501 section 7. What is not known is passed over (section 2.2.2 asks for it). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/imap/client_facts.h"
#include "proto/imap/client_inside.h"

static void step(ImapClient *c, ImapClientInput input, Effects *effects) {
    machine_step(&c->machine, input, NULL, effects);
}

/* ---- Capabilities and response codes ---- */

static void note_capabilities(ImapClient *c, Bytes names) {
    static const struct {
        const char *name;
        uint8_t bit;
    } known[] = {{"IDLE", IMAP_CAN_IDLE},
                 {"MOVE", IMAP_CAN_MOVE},
                 {"UIDPLUS", IMAP_CAN_UIDPLUS},
                 {"LITERAL+", IMAP_CAN_LITERAL_PLUS},
                 {"LITERAL-", IMAP_CAN_LITERAL_MINUS},
                 {"SASL-IR", IMAP_CAN_SASL_IR},
                 {"AUTH=PLAIN", IMAP_CAN_PLAIN},
                 {"LOGINDISABLED", IMAP_CAN_NOT_LOGIN}};
    c->capabilities = 0;
    c->knows_capabilities = true;
    for (size_t at = 0; at < names.size;) {
        size_t end = at;
        while (end < names.size && names.at[end] != ' ') end++;
        for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
            if (bytes_is(bytes_slice(names, at, end - at), known[i].name)) c->capabilities |= known[i].bit;
        at = end + 1;
    }
}

static uint32_t number_in(Bytes text) {
    ImapReader r = imap_reader(text, NULL);
    uint32_t number;
    return imap_read_number(&r, &number) ? number : 0;
}

/* "[UIDVALIDITY 17] …": the reader stands before it. */
static void take_code(ImapClient *c, const ImapReader *r) {
    Bytes rest = bytes_slice(r->text, r->at, SIZE_MAX);
    const uint8_t *close = rest.size > 1 && rest.at[0] == '[' ? memchr(rest.at, ']', rest.size) : NULL;
    c->code[0] = 0;
    if (!close) return;
    Bytes code = bytes_slice(rest, 1, (size_t)(close - rest.at) - 1), name = code;
    const uint8_t *space = code.size > 0 ? memchr(code.at, ' ', code.size) : NULL;
    if (space) name.size = (size_t)(space - code.at);
    Bytes value = bytes_slice(code, name.size + 1, SIZE_MAX);
    if (bytes_is(name, "UIDVALIDITY")) c->uid_validity = number_in(value);
    else if (bytes_is(name, "CAPABILITY")) note_capabilities(c, value);
    if (name.size >= sizeof c->code) return;
    for (size_t i = 0; i < name.size; i++)
        c->code[i] = (char)(name.at[i] >= 'a' && name.at[i] <= 'z' ? name.at[i] - 32 : name.at[i]);
    c->code[name.size] = 0;
}

/* It goes into the trace as text. */
static void keep_words(ImapClient *c, Bytes words) {
    text_clear(&c->words);
    for (size_t i = 0; i < words.size && i < 500; i++)
        text_put_char(&c->words, words.at[i] >= ' ' && words.at[i] < 0x7f ? (char)words.at[i] : '?');
}

/* ---- The mailbox ---- */

static void take_exists(ImapClient *c, uint32_t number, Effects *effects) {
    if (number > IMAP_CLIENT_MESSAGES_MOST) {
        c->trouble = "imap.too_many_messages";
        step(c, IMAP_CLIENT_ON_NONSENSE, effects);
        return;
    }
    c->uids = array_grow(c->uids, &c->uids_capacity, (size_t)number + 1, sizeof *c->uids);
    for (size_t i = c->exists; i < number; i++) c->uids[i] = 0;
    if (number > c->exists) c->headers_due = true;
    c->exists = number;
    if (c->exists_asked > number) c->exists_asked = number; /* it should not shrink so, but EXPUNGE by EXPUNGE */
}

/* Whether the client itself has just asked for the message to go. */
static bool is_own_doing(const ImapClient *c, uint32_t uid) {
    return (imap_client_is(c, IMAP_CLIENT_MOVE) || imap_client_is(c, IMAP_CLIENT_EXPUNGE)) &&
           imap_client_head(c)->uid == uid;
}

static void take_expunge(ImapClient *c, uint32_t number, Effects *effects) {
    if (number == 0 || number > c->exists) {
        effect_ignored(effects, &c->machine, "imap.no_such_number");
        return;
    }
    uint32_t uid = c->uids[number - 1];
    c->exists--;
    if (number <= c->exists_asked) c->exists_asked--;
    memmove(c->uids + number - 1, c->uids + number, (c->exists - (number - 1)) * sizeof *c->uids);
    if (uid == 0 || !imap_memory_find(c->memory, uid)) return;
    imap_memory_forget(c->memory, uid);
    c->changed = true;
    if (!is_own_doing(c, uid)) effect_fact(effects, &fact_imap_message_gone, (int64_t[]){uid, (int64_t)c->exists});
}

static int by_number(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

void imap_client_state_known(ImapClient *c, Effects *effects) {
    ImapMemory *m = c->memory;
    uint32_t *there = memory_new((c->exists + 1) * sizeof *there);
    if (c->exists > 0) memcpy(there, c->uids, c->exists * sizeof *there);
    qsort(there, c->exists, sizeof *there, by_number);
    for (size_t i = m->count; i-- > 0;) {
        uint32_t uid = m->items[i].uid;
        if (bsearch(&uid, there, c->exists, sizeof *there, by_number)) continue;
        imap_memory_forget(m, uid);
        c->changed = true;
        effect_fact(effects, &fact_imap_message_gone, (int64_t[]){uid, (int64_t)c->exists});
    }
    free(there);
}

static void put_missing(ImapMissing *m, uint32_t first, uint32_t last) {
    text_print(&m->set, "%s%u", m->set.size > 0 ? "," : "", (unsigned)first);
    if (last == 0) text_put(&m->set, ":*");
    else if (last > first) text_print(&m->set, ":%u", (unsigned)last);
}

/* UIDs ascend with the numbers: those of messages in a row of which none is known lie between their neighbours'. */
bool imap_client_missing(const ImapClient *c, ImapMissing *m) {
    uint32_t before = 0;
    size_t pieces = 0, i = 0;
    *m = (ImapMissing){.uid_last = c->headers_to};
    for (; i < c->exists && pieces < IMAP_CLIENT_HEADERS_AT_ONCE; i++) {
        uint32_t uid = c->uids[i];
        if (uid == 0) {
            bool is_new = i >= c->exists_asked;
            while (i + 1 < c->exists && c->uids[i + 1] == 0) is_new |= ++i >= c->exists_asked;
            uint32_t after = i + 1 < c->exists ? c->uids[i + 1] : 0;
            if (!is_new || before == UINT32_MAX || (after > 0 && after - 1 <= before)) continue;
            put_missing(m, before + 1, after > 0 ? after - 1 : 0);
            pieces++;
        } else if (uid > before) {
            before = uid;
            if (uid <= m->uid_last || imap_memory_find(c->memory, uid)) continue;
            m->uid_last = uid;
            put_missing(m, uid, uid);
            pieces++;
        }
    }
    m->scanned = i;
    m->more = i < c->exists;
    return pieces > 0;
}

/* ---- Untagged ---- */

static void take_status(ImapClient *c, ImapReader *r, ImapClientInput input, Effects *effects) {
    take_code(c, r);
    if (imap_client_is(c, IMAP_CLIENT_GREETING)) step(c, input, effects);
}

static void take_bye(ImapClient *c, ImapReader *r, Effects *effects) {
    keep_words(c, bytes_slice(r->text, 2, SIZE_MAX));
    take_code(c, r);
    if (!imap_client_is(c, IMAP_CLIENT_LOGOUT)) step(c, IMAP_CLIENT_ON_BYE, effects);
}

static void take_numbered(ImapClient *c, ImapReader *r, Effects *effects) {
    uint32_t number;
    Bytes name;
    if (!imap_read_number(r, &number) || !imap_read_space(r) || !imap_read_name(r, &name)) return;
    if (bytes_is(name, "EXISTS")) take_exists(c, number, effects);
    else if (bytes_is(name, "EXPUNGE")) take_expunge(c, number, effects);
    else if (bytes_is(name, "FETCH") && imap_read_space(r)) imap_client_take_fetch(c, r, number, effects);
}

static bool is_digit_next(const ImapReader *r) {
    return r->at < r->text.size && r->text.at[r->at] >= '0' && r->text.at[r->at] <= '9';
}

static void take_untagged(ImapClient *c, ImapReader *r, Effects *effects) {
    Bytes name;
    if (is_digit_next(r)) {
        take_numbered(c, r, effects);
        return;
    }
    if (!imap_read_name(r, &name)) return;
    if (imap_is_next(r, ' ')) (void)imap_read_space(r);
    if (bytes_is(name, "OK")) take_status(c, r, IMAP_CLIENT_ON_GREETED, effects);
    else if (bytes_is(name, "PREAUTH")) take_status(c, r, IMAP_CLIENT_ON_PREAUTH, effects);
    else if (bytes_is(name, "BYE")) take_bye(c, r, effects);
    else if (bytes_is(name, "CAPABILITY")) note_capabilities(c, bytes_slice(r->text, r->at, SIZE_MAX));
}

/* ---- Tagged ---- */

static void take_tagged(ImapClient *c, ImapReader *r, Bytes tag, Effects *effects) {
    char own[16];
    Bytes name;
    int size = snprintf(own, sizeof own, "a%u", (unsigned)c->tag);
    if (!bytes_equal(tag, bytes_of(own, (size_t)size))) {
        effect_ignored(effects, &c->machine, "imap.other_tag");
        return;
    }
    size_t words = r->at + 1;
    if (!imap_read_space(r) || !imap_read_name(r, &name)) return;
    keep_words(c, bytes_slice(r->text, words, SIZE_MAX));
    if (imap_is_next(r, ' ')) (void)imap_read_space(r);
    take_code(c, r);
    if (bytes_is(name, "OK")) step(c, IMAP_CLIENT_ON_OK, effects);
    else if (bytes_is(name, "NO") || bytes_is(name, "BAD")) step(c, IMAP_CLIENT_ON_NO, effects);
    else (void)imap_fault(r, "imap.name");
}

/* What cannot be read is passed over too, and said; without a "*" or a tag it is no IMAP at all. */
void imap_client_take_response(ImapClient *c, Effects *effects) {
    ImapReader r = imap_reader(bytes_of(text_get(&c->response), c->response.size), c->scratch);
    Bytes tag;
    effects->current = &c->machine;
    if (imap_is_next(&r, '+')) {
        step(c, IMAP_CLIENT_ON_GO_ON, effects);
    } else if (imap_is_next(&r, '*')) {
        r.at++;
        if (imap_read_space(&r)) take_untagged(c, &r, effects);
        if (imap_failed(&r)) effect_ignored(effects, &c->machine, "imap.unreadable");
    } else if (imap_read_tag(&r, &tag)) {
        take_tagged(c, &r, tag, effects);
    }
    if (!imap_failed(&r) || imap_client_is(c, IMAP_CLIENT_CLOSED) || imap_client_is(c, IMAP_CLIENT_CLOSING)) return;
    if (r.text.size > 0 && r.text.at[0] == '*') return;
    c->trouble = "imap.nonsense";
    step(c, IMAP_CLIENT_ON_NONSENSE, effects);
}
