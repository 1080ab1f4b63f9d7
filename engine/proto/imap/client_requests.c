/* What the user wants, and what of it comes next. */
#include <stdlib.h>
#include <string.h>

#include "mail/mime.h"
#include "proto/imap/client_facts.h"
#include "proto/imap/client_inside.h"

ImapRequest *imap_client_head(const ImapClient *c) {
    CHECK(c->request_count > 0);
    return &c->requests[0];
}

static void free_request(const ImapRequest *r) {
    free(r->flag);
    free(r->mailbox);
    mail_content_drop(r->content);
}

static void drop_request(ImapClient *c, size_t index) {
    free_request(&c->requests[index]);
    c->request_count--;
    memmove(c->requests + index, c->requests + index + 1, (c->request_count - index) * sizeof *c->requests);
}

void imap_client_pop(ImapClient *c) { drop_request(c, 0); }

static void refuse_at(ImapClient *c, size_t index, const char *reason, Effects *effects) {
    effect_fact(effects, &fact_imap_refused,
                (int64_t[]){c->requests[index].uid, fact_name(reason),
                            fact_name(arena_text(c->kept, strcmp(reason, "imap.no") == 0 ? text_get(&c->words) : ""))});
    drop_request(c, index);
}

void imap_client_refuse(ImapClient *c, const char *reason, Effects *effects) { refuse_at(c, 0, reason, effects); }

bool imap_client_request(ImapClient *c, const ImapRequest *request) {
    if (c->request_count == IMAP_CLIENT_REQUESTS_MOST) {
        free_request(request);
        return false;
    }
    c->requests = array_grow(c->requests, &c->request_capacity, c->request_count + 1, sizeof *c->requests);
    c->requests[c->request_count++] = *request;
    return true;
}

void imap_client_forget_requests(ImapClient *c) {
    while (c->request_count > 0) drop_request(c, c->request_count - 1);
    free(c->requests);
    c->requests = NULL;
    c->request_capacity = 0;
}

/* ---- What memory can answer ---- */

const char *imap_client_text(Arena *kept, const ImapKnown *known, const ImapPart *part) {
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    Text entity = text_new();
    text_print(&entity, "Content-Type: text/plain; charset=\"%s\"\r\nContent-Transfer-Encoding: %s\r\n\r\n",
               part->charset[0] ? part->charset : "us-ascii", part->encoding[0] ? part->encoding : "7bit");
    text_put_bytes(&entity, imap_known_octets(arena, known, part->number));
    MimeTree tree = mime_read(arena, bytes_of(entity.at, entity.size), (MimeRules){.lines = LINES_LENIENT}, &faults);
    Bytes text = mime_part_text(arena, tree.root, &faults);
    size_t size = text.size < IMAP_KNOWN_TEXT_MOST ? text.size : IMAP_KNOWN_TEXT_MOST;
    while (size > 0 && size < text.size && (text.at[size] & 0xc0) == 0x80) size--;
    char *words = arena_text_n(kept, (const char *)text.at, size);
    for (size_t i = 0; i < size; i++)
        if (words[i] == 0) words[i] = ' ';
    text_free(&entity);
    arena_free(arena);
    return words;
}

static const ImapPart *shown_part(const ImapKnown *known) {
    const ImapStructure *s = known->structure;
    return s && s->shown < s->count ? &s->parts[s->shown] : NULL;
}

static bool has_all(const ImapKnown *known, const char *part) {
    bool ends;
    (void)imap_known_has(known, part, 0, &ends);
    return ends;
}

static void show(ImapClient *c, ImapRequest *r, const ImapKnown *known, Effects *effects) {
    const ImapPart *part = shown_part(known);
    r->shown = true;
    effect_fact(effects, &fact_imap_opened,
                (int64_t[]){r->uid, fact_name(part ? arena_text(c->kept, part->number) : ""),
                            fact_name(arena_text(c->kept, known->header->from)),
                            fact_name(arena_text(c->kept, known->header->subject)),
                            fact_name(part ? imap_client_text(c->kept, known, part) : "")});
}

/* True: there is nothing left to be done. */
static bool settle_open(ImapClient *c, ImapRequest *r, const ImapKnown *known, Effects *effects) {
    const ImapPart *part = shown_part(known);
    if (!r->shown && known->structure && (!part || has_all(known, part->number))) show(c, r, known, effects);
    return r->shown && (known->flags & MAIL_FLAG_SEEN);
}

static bool has_range(const ImapKnown *known, const ImapRequest *r) {
    bool ends;
    uint32_t has = imap_known_has(known, r->part, r->from, &ends);
    return ends || has >= r->octets;
}

static bool settle_part(ImapClient *c, const ImapRequest *r, const ImapKnown *known, Effects *effects) {
    bool ends;
    const ImapPart *part = imap_structure_find(known->structure, r->part);
    if (!has_range(known, r)) return false;
    effect_fact(effects, &fact_imap_part_whole,
                (int64_t[]){r->uid, fact_name(arena_text(c->kept, r->part)),
                            fact_name(part ? arena_text(c->kept, part->name) : ""),
                            imap_known_has(known, r->part, 0, &ends)});
    return true;
}

/* A command runs that is about the first request. */
static bool is_at_work(const ImapClient *c) {
    switch (c->machine.state) {
        case IMAP_CLIENT_STRUCTURE:
        case IMAP_CLIENT_PART:
        case IMAP_CLIENT_STORE:
        case IMAP_CLIENT_MOVE:
        case IMAP_CLIENT_COPY:
        case IMAP_CLIENT_CREATE:
        case IMAP_CLIENT_EXPUNGE:
        case IMAP_CLIENT_APPEND:
        case IMAP_CLIENT_APPENDING: return true;
        default: return false;
    }
}

void imap_client_settle(ImapClient *c, Effects *effects) {
    if (is_at_work(c)) return;
    effects->current = &c->machine;
    for (size_t i = 0; i < c->request_count;) {
        ImapRequest *r = &c->requests[i];
        const ImapKnown *known = r->kind == IMAP_REQUEST_KEEP ? NULL : imap_memory_find(c->memory, r->uid);
        if (r->kind != IMAP_REQUEST_KEEP && !known) {
            refuse_at(c, i, "imap.gone", effects);
        } else if (r->kind == IMAP_REQUEST_PART && known->structure &&
                   !imap_structure_find(known->structure, r->part)) {
            refuse_at(c, i, "imap.no_part", effects);
        } else if ((r->kind == IMAP_REQUEST_OPEN && settle_open(c, r, known, effects)) ||
                   (r->kind == IMAP_REQUEST_PART && settle_part(c, r, known, effects))) {
            drop_request(c, i);
        } else {
            i++;
        }
    }
}

/* ---- What comes next ---- */

static ImapWant want_of_head(const ImapClient *c) {
    const ImapRequest *r = imap_client_head(c);
    const ImapKnown *known = imap_memory_find(c->memory, r->uid);
    if (r->create) return IMAP_WANT_CREATE;
    switch (r->kind) {
        case IMAP_REQUEST_OPEN:
            return !known->structure ? IMAP_WANT_STRUCTURE : r->shown ? IMAP_WANT_STORE : IMAP_WANT_PART;
        case IMAP_REQUEST_PART: return known->structure ? IMAP_WANT_PART : IMAP_WANT_STRUCTURE;
        case IMAP_REQUEST_FLAG: return IMAP_WANT_STORE;
        case IMAP_REQUEST_DELETE: return r->marked ? IMAP_WANT_EXPUNGE : IMAP_WANT_STORE;
        case IMAP_REQUEST_FILE:
            if (r->copied) return r->marked ? IMAP_WANT_EXPUNGE : IMAP_WANT_STORE;
            return c->config->move && imap_client_can(c, IMAP_CAN_MOVE) ? IMAP_WANT_MOVE : IMAP_WANT_COPY;
        case IMAP_REQUEST_KEEP: return IMAP_WANT_APPEND;
    }
    CHECK_UNREACHABLE();
}

ImapWant imap_client_want(const ImapClient *c) {
    if (c->changed) return IMAP_WANT_WRITE;
    if (c->leaving) return IMAP_WANT_LOGOUT;
    if (c->flags_due) return IMAP_WANT_FLAGS;
    if (c->headers_due) return IMAP_WANT_HEADERS;
    if (c->news_due) return IMAP_WANT_NEWS;
    return c->request_count > 0 ? want_of_head(c) : IMAP_WANT_REST;
}

const char *imap_client_flag_wanted(const ImapClient *c, bool *set) {
    const ImapRequest *r = imap_client_head(c);
    *set = r->kind != IMAP_REQUEST_FLAG || r->set;
    return r->kind == IMAP_REQUEST_OPEN ? "\\Seen" : r->kind == IMAP_REQUEST_FLAG ? r->flag : "\\Deleted";
}
