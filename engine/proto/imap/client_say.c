/* Commands: RFC 3501 section 6, one at a time, each with a tag of its own. */
#include <string.h>

#include "mail/base64.h"
#include "proto/imap/client_inside.h"

static void begin(ImapClient *c, Text *line, const char *words) {
    text_print(line, "a%u %s", (unsigned)++c->tag, words);
}

static void put_line(ImapClient *c, const Text *line, Effects *effects) {
    Text octets = text_new();
    effect_said(effects, STREAM_COMMAND, bytes_of(text_get(line), line->size));
    text_print(&octets, "%s\r\n", text_get(line));
    effect_write(effects, bytes_of(octets.at, octets.size));
    text_free(&octets);
    effect_timer_set(effects, IMAP_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
}

static void end(ImapClient *c, Text *line, Effects *effects) {
    c->round_trips++;
    put_line(c, line, effects);
    text_free(line);
}

void imap_client_say_words(ImapClient *c, const char *words, Effects *effects) {
    Text line = text_new();
    begin(c, &line, words);
    end(c, &line, effects);
}

void imap_client_say_line(ImapClient *c, const char *words, Effects *effects) {
    Text line = text_new();
    text_put(&line, words);
    put_line(c, &line, effects);
    text_free(&line);
}

/* ---- Login ---- */

/* RFC 4616: nobody in particular, the user, the password, in base64. */
static void put_proof(const ImapClient *c, Text *to) {
    Arena *arena = arena_new();
    Text proof = text_new();
    text_put_n(&proof, "", 1);
    text_put_n(&proof, c->config->user, strlen(c->config->user) + 1);
    text_put(&proof, c->config->password);
    text_put_bytes(to, base64_encode_all(arena, bytes_of(proof.at, proof.size), 0));
    text_free(&proof);
    arena_free(arena);
}

static void begin_login(ImapClient *c) { c->knows_capabilities = false; }

void imap_client_say_authenticate(ImapClient *c, Effects *effects) {
    Text line = text_new();
    c->proof_sent = imap_client_can(c, IMAP_CAN_SASL_IR);
    begin_login(c);
    begin(c, &line, "AUTHENTICATE PLAIN");
    if (c->proof_sent) {
        text_put_char(&line, ' ');
        put_proof(c, &line);
    }
    end(c, &line, effects);
}

void imap_client_say_proof(ImapClient *c, Effects *effects) {
    Text line = text_new();
    c->proof_sent = true;
    put_proof(c, &line);
    put_line(c, &line, effects);
    text_free(&line);
}

void imap_client_say_login(ImapClient *c, Effects *effects) {
    Text line = text_new();
    begin_login(c);
    begin(c, &line, "LOGIN ");
    imap_put_astring(&line, bytes_text(c->config->user));
    text_put_char(&line, ' ');
    imap_put_astring(&line, bytes_text(c->config->password));
    end(c, &line, effects);
}

/* ---- Mailboxes ---- */

void imap_client_say_mailbox(ImapClient *c, const char *verb, const char *mailbox, Effects *effects) {
    Text line = text_new();
    if (imap_client_is(c, IMAP_CLIENT_SELECT)) {
        c->exists = c->exists_asked = 0;
        c->uid_validity = c->headers_to = 0;
        c->synchronized = false;
    }
    begin(c, &line, verb);
    text_put_char(&line, ' ');
    imap_put_mailbox(&line, bytes_text(mailbox));
    end(c, &line, effects);
}

static uint32_t uid_most(const ImapClient *c) {
    return c->memory->count > 0 ? c->memory->items[c->memory->count - 1].uid : 0;
}

void imap_client_say_flags(ImapClient *c, Effects *effects) {
    Text line = text_new();
    c->flags_due = false;
    begin(c, &line, "");
    text_print(&line, "UID FETCH 1:%u (FLAGS)", (unsigned)uid_most(c));
    end(c, &line, effects);
}

void imap_client_say_headers(ImapClient *c, Effects *effects) {
    Text line = text_new();
    ImapMissing missing;
    CHECK(imap_client_missing(c, &missing));
    c->headers_due = missing.more;
    c->headers_to = missing.uid_last;
    c->exists_asked = missing.scanned;
    c->headers_read = 0;
    c->octets_before = c->octets;
    begin(c, &line, "UID FETCH ");
    text_print(&line, "%s (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)", text_get(&missing.set));
    text_free(&missing.set);
    end(c, &line, effects);
}

/* ---- One message ---- */

static void ask_about(ImapClient *c, const ImapRequest *r) {
    c->asked_uid = r->uid;
    c->told = false;
}

void imap_client_say_structure(ImapClient *c, Effects *effects) {
    Text line = text_new();
    ask_about(c, imap_client_head(c));
    begin(c, &line, "");
    text_print(&line, "UID FETCH %u BODYSTRUCTURE", (unsigned)c->asked_uid);
    end(c, &line, effects);
}

/* The text that is shown in one piece; of another part the next octets that are not there yet. */
void imap_client_say_part(ImapClient *c, Effects *effects) {
    const ImapRequest *r = imap_client_head(c);
    const ImapKnown *known = imap_memory_find(c->memory, r->uid);
    const ImapStructure *s = known->structure;
    bool ends;
    const char *part = r->kind == IMAP_REQUEST_OPEN ? s->parts[s->shown].number : r->part;
    Text line = text_new();
    ask_about(c, r);
    memcpy(c->asked_part, part, strlen(part) + 1);
    c->asked_from = c->asked_octets = 0;
    begin(c, &line, "");
    text_print(&line, "UID FETCH %u BODY.PEEK[%s]", (unsigned)c->asked_uid, part);
    if (r->kind != IMAP_REQUEST_OPEN) {
        uint32_t has = imap_known_has(known, part, r->from, &ends), left = r->octets - has;
        c->asked_from = r->from + has;
        uint32_t gap = imap_known_gap(known, part, c->asked_from),
                 most = left < c->config->piece ? left : c->config->piece;
        c->asked_octets = most < gap ? most : gap;
        text_print(&line, "<%u.%u>", (unsigned)c->asked_from, (unsigned)c->asked_octets);
    }
    end(c, &line, effects);
}

void imap_client_say_store(ImapClient *c, Effects *effects) {
    const ImapRequest *r = imap_client_head(c);
    bool set;
    const char *flag = imap_client_flag_wanted(c, &set);
    Text line = text_new();
    ask_about(c, r);
    begin(c, &line, "");
    text_print(&line, "UID STORE %u %sFLAGS (%s)", (unsigned)r->uid, set ? "+" : "-", flag);
    end(c, &line, effects);
}

void imap_client_say_transfer(ImapClient *c, const char *verb, Effects *effects) {
    const ImapRequest *r = imap_client_head(c);
    Text line = text_new();
    begin(c, &line, verb);
    text_print(&line, " %u ", (unsigned)r->uid);
    imap_put_mailbox(&line, bytes_text(r->mailbox));
    end(c, &line, effects);
}

/* RFC 4315: without UIDPLUS whatever bears \Deleted goes. */
void imap_client_say_expunge(ImapClient *c, Effects *effects) {
    Text line = text_new();
    begin(c, &line, imap_client_can(c, IMAP_CAN_UIDPLUS) ? "UID EXPUNGE " : "EXPUNGE");
    if (imap_client_can(c, IMAP_CAN_UIDPLUS)) text_print(&line, "%u", (unsigned)imap_client_head(c)->uid);
    end(c, &line, effects);
}

/* ---- APPEND ---- */

bool imap_client_may_append_at_once(const ImapClient *c) {
    return imap_client_can(c, IMAP_CAN_LITERAL_PLUS) ||
           (imap_client_can(c, IMAP_CAN_LITERAL_MINUS) &&
            imap_client_head(c)->content->size <= IMAP_LITERAL_MINUS_MOST);
}

void imap_client_say_append(ImapClient *c, Effects *effects) {
    const ImapRequest *r = imap_client_head(c);
    bool at_once = imap_client_may_append_at_once(c);
    Text line = text_new();
    begin(c, &line, "APPEND ");
    imap_put_mailbox(&line, bytes_text(r->mailbox));
    text_print(&line, " (\\Seen) {%zu%s}", r->content->size, at_once ? "+" : "");
    end(c, &line, effects);
    if (at_once) imap_client_say_message(c, effects);
}

void imap_client_say_message(ImapClient *c, Effects *effects) {
    Bytes message = mail_content_bytes(imap_client_head(c)->content);
    effect_said(effects, STREAM_CONTENT, message);
    effect_write(effects, message);
    effect_write(effects, bytes_text("\r\n"));
    effect_timer_set(effects, IMAP_CLIENT_TIMER_REPLY, effects->now + c->config->patience);
}
