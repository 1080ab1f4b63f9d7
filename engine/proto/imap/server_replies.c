/* Responses (RFC 3501 section 7), as they are put together and written. */
#include "proto/imap/server_inside.h"

enum { ROOM_KEPT = 256 * 1024 };

void imap_text_empty(Text *text) {
    if (text->capacity > ROOM_KEPT) text_free(text);
    text_clear(text);
}

Text *imap_reply_begin(ImapServer *s) {
    s->reply_at = s->replies.size;
    return &s->replies;
}

void imap_reply_end(ImapServer *s, Effects *effects) {
    text_put(&s->replies, "\r\n");
    effect_said(effects, STREAM_REPLY, bytes_of(s->replies.at + s->reply_at, s->replies.size - s->reply_at));
}

void imap_reply_text(ImapServer *s, const char *text, Effects *effects) {
    text_put(imap_reply_begin(s), text);
    imap_reply_end(s, effects);
}

void imap_reply_tagged(ImapServer *s, Effects *effects) {
    static const char *const words[] = {[IMAP_OK] = "OK", [IMAP_NO] = "NO", [IMAP_BAD] = "BAD"};
    const ImapCommand *c = &s->command;
    Text *to = imap_reply_begin(s);
    if (c->tag.size > 0) text_put_bytes(to, c->tag);
    else text_put_char(to, '*');
    text_print(to, " %s ", words[c->status]);
    if (c->code) text_print(to, "[%s] ", c->code);
    if (c->text) text_put(to, c->text);
    else text_print(to, "%s completed", c->row->name);
    imap_reply_end(s, effects);
}

void imap_replies_begin(ImapServer *s) { text_clear(&s->replies); }

void imap_replies_flush(ImapServer *s, Effects *effects) {
    if (s->replies.size == 0) return;
    effects->current = &s->machine;
    effect_write(effects, bytes_of(s->replies.at, s->replies.size));
    imap_text_empty(&s->replies);
}

/* ---- Flags ---- */

void imap_put_flags(Text *to, const Mailbox *mailbox, uint64_t flags, bool recent) {
    const char *between = "";
    text_put_char(to, '(');
    if (recent) {
        text_put(to, "\\Recent");
        between = " ";
    }
    for (uint64_t left = flags & ~IMAP_VIEW_RECENT; left; left &= left - 1) {
        text_put(to, between);
        text_put(to, mailbox_flag_name(mailbox, left & -left));
        between = " ";
    }
    text_put_char(to, ')');
}

void imap_reply_flags(ImapServer *s, size_t index, bool with_uid, Effects *effects) {
    ImapView *v = &s->view;
    Text *to = imap_reply_begin(s);
    text_print(to, "* %zu FETCH (", index + 1);
    if (with_uid) text_print(to, "UID %u ", (unsigned)v->entries[index].message->uid);
    text_put(to, "FLAGS ");
    imap_put_flags(to, v->mailbox, v->entries[index].told, imap_view_is_recent(v, index));
    text_put_char(to, ')');
    imap_reply_end(s, effects);
}

static uint64_t all_flags(const Mailbox *mailbox) {
    return ((uint64_t)1 << (MAIL_SYSTEM_FLAGS + mailbox->keyword_count)) - 1;
}

void imap_reply_keywords(ImapServer *s, Effects *effects) {
    const Mailbox *mailbox = s->view.mailbox;
    Text *to = imap_reply_begin(s);
    text_put(to, "* FLAGS ");
    imap_put_flags(to, mailbox, all_flags(mailbox), false);
    imap_reply_end(s, effects);
    to = imap_reply_begin(s);
    if (s->view.read_only) {
        text_put(to, "* OK [PERMANENTFLAGS ()] Read-only mailbox");
    } else {
        text_put(to, "* OK [PERMANENTFLAGS ");
        imap_put_flags(to, mailbox, all_flags(mailbox), false);
        to->size--; /* the parenthesis: "\*" stands before it while new keywords may be made */
        text_put(to, mailbox->keyword_count < MAIL_KEYWORDS_MOST ? " \\*)] Limited" : ")] No more keywords");
    }
    imap_reply_end(s, effects);
}

void imap_reply_new_keywords(ImapServer *s, Effects *effects) {
    if (s->view.keywords_told == s->view.mailbox->keyword_count) return;
    s->view.keywords_told = s->view.mailbox->keyword_count;
    imap_reply_keywords(s, effects);
}

/* ---- News of the mailbox ---- */

typedef struct {
    ImapServer *server;
    Effects *effects;
    bool with_uid;
} News;

static void tell_keywords(void *self) {
    News *n = self;
    imap_reply_keywords(n->server, n->effects);
}

static void tell_expunge(void *self, uint32_t number) {
    News *n = self;
    text_print(imap_reply_begin(n->server), "* %u EXPUNGE", (unsigned)number);
    imap_reply_end(n->server, n->effects);
}

static void tell_flags(void *self, uint32_t number) {
    News *n = self;
    imap_reply_flags(n->server, number - 1, n->with_uid, n->effects);
}

static void tell_exists(void *self) {
    News *n = self;
    text_print(imap_reply_begin(n->server), "* %zu EXISTS", n->server->view.count);
    imap_reply_end(n->server, n->effects);
    text_print(imap_reply_begin(n->server), "* %zu RECENT", n->server->view.recent);
    imap_reply_end(n->server, n->effects);
}

void imap_reply_news(ImapServer *s, bool with_expunges, Effects *effects) {
    if (!s->view.mailbox) return;
    News news = {s, effects, s->command.row && s->command.row->uid};
    ImapViewTeller teller = {&news, tell_keywords, tell_expunge, tell_flags, tell_exists};
    imap_view_sync(&s->view, with_expunges, &teller);
}

/* ---- Capabilities ---- */

/* What is of no use before login is announced after it. */
void imap_put_capabilities(const ImapServer *s, Text *to) {
    static const char *const literals[] = {" LITERAL+", " LITERAL-", ""};
    text_print(to, "IMAP4rev1%s SASL-IR ID ENABLE IDLE", literals[s->config->literals]);
    if (s->account) text_put(to, " NAMESPACE UIDPLUS UNSELECT MOVE CHILDREN SPECIAL-USE");
    else text_put(to, s->config->login_disabled ? " LOGINDISABLED AUTH=PLAIN AUTH=LOGIN" : " AUTH=PLAIN AUTH=LOGIN");
}
