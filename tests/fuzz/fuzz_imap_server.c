/* A session that is told anything, in pieces of any size, beside another that looks on: each response is whole and well
 * formed, what is written is what was said, each session's view stays in order, and memory within what was sent. The first
 * octet sets how the octets are cut and how the server is set; 255 within them stands for an event: the disk's answer, or
 * what somebody else does to the mailbox. */
#include "fuzz.h"
#include "proto/imap/server.h"

enum { SIZE_MOST = 3000 };

typedef struct {
    ImapServer server;
    bool closed, asks;
    size_t said;
} Session;

typedef struct {
    Session sessions[2]; /* the one that is told anything, and one that idles */
    MailAccount account;
    Effects effects;
    Arena *arena;
} Ends;

static MailAccount *log_in(void *self, Bytes user, Bytes password) {
    (void)user;
    return password.size < 8 ? &((Ends *)self)->account : NULL;
}
static uint64_t quota(void *self, const MailAccount *account) { return (void)self, (void)account, 20000; }
static uint64_t room(void *self) { return (void)self, 15000; }
static const char *keep(void *self, const char *text) { return arena_text(((Ends *)self)->arena, text); }

/* The end of a literal whose "}" CRLF ends at `at`; 0: none does. */
static size_t literal_end(Bytes r, size_t at) {
    size_t from = at - 3, size = 0;
    if (at < 4 || r.at[from] != '}') return 0;
    while (from > 0 && r.at[from - 1] >= '0' && r.at[from - 1] <= '9') from--;
    if (from == at - 3 || from == 0 || r.at[from - 1] != '{') return 0;
    for (; r.at[from] != '}'; from++) size = size * 10 + (size_t)(r.at[from] - '0');
    return at + size;
}

/* One response: one line, with literals in it, and in a FETCH as many parentheses opened as closed. */
static void check_response(Bytes r) {
    bool fetch = false, quoted = false;
    size_t depth = 0;
    CHECK(r.size >= 4 && r.at[r.size - 1] == '\n' && !memchr(r.at, 0, r.size));
    CHECK(r.at[0] == '*' || r.at[0] == '+' || r.at[0] > ' ');
    for (size_t i = 0; i + 8 < r.size && i < 20; i++) fetch = fetch || memcmp(r.at + i, " FETCH (", 8) == 0;
    for (size_t at = 0; at < r.size; at++) {
        uint8_t c = r.at[at];
        if (c == '\n') {
            CHECK(at > 0 && r.at[at - 1] == '\r');
            size_t end = literal_end(r, at + 1);
            if (end == 0 || !fetch) {
                CHECK(at + 1 == r.size || (end > 0 && end < r.size));
                if (at + 1 == r.size) break;
            }
            CHECK(end < r.size);
            at = end - 1;
            continue;
        }
        if (!fetch || r.at[0] != '*') continue;
        if (quoted && c == '\\') at++;
        else if (c == '"') quoted = !quoted;
        else if (!quoted && c == '(') depth++;
        else if (!quoted && c == ')') CHECK(depth-- > 0);
    }
    CHECK(depth == 0 && !quoted);
}

static void check_view(const ImapView *v) {
    size_t recent = 0;
    for (size_t i = 0; i < v->count; i++) {
        CHECK(i == 0 || v->entries[i - 1].message->uid < v->entries[i].message->uid);
        CHECK(v->entries[i].message->uid < v->uid_next && v->entries[i].message->holders > 0);
        recent += imap_view_is_recent(v, i);
    }
    CHECK(recent == v->recent);
}

static void carry(Ends *ends, Session *s) {
    size_t written = 0, said = 0;
    for (size_t i = 0; i < ends->effects.count; i++) {
        const Effect *e = &ends->effects.items[i];
        if (e->kind == EFFECT_WRITE) {
            CHECK(!s->closed);
            written += e->write.size;
        }
        if (e->kind == EFFECT_CLOSE || e->kind == EFFECT_ABORT) s->closed = true;
        if (e->kind == EFFECT_ASK) {
            CHECK(!s->asks);
            s->asks = true;
        }
        if (e->kind != EFFECT_SAID || e->said.received) continue;
        said += e->said.size;
        check_response(bytes_of(ends->effects.octets + e->said.octets_at, e->said.size));
    }
    CHECK(written == said);
    s->said += said;
    check_view(&s->server.view);
    effects_begin(&ends->effects, 0);
}

static void onlooker_hears(Ends *ends) {
    imap_server_changed(&ends->sessions[1].server, &ends->effects);
    carry(ends, &ends->sessions[1]);
}

static void answer_disk(Ends *ends, bool written, bool full) {
    Session *s = &ends->sessions[0];
    if (!s->asks) return;
    s->asks = false;
    imap_server_written(&s->server, written, full, &ends->effects);
    carry(ends, s);
    onlooker_hears(ends);
}

static void event(Ends *ends, uint8_t what) {
    Session *s = &ends->sessions[0];
    Mailbox *inbox = mailbox_inbox(&ends->account);
    switch (what % 8) {
        case 0: answer_disk(ends, false, true); break;
        case 1: answer_disk(ends, false, false); break;
        case 2: {
            static const uint8_t text[] = "From: a@b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\ny";
            MailContent *content = mail_content_new(text, sizeof text - 1);
            (void)mailbox_append(inbox, content, what >> 3, what);
            mail_content_drop(content);
            break;
        }
        case 3:
            if (inbox->count > 0) mailbox_expunge(inbox, inbox->messages[(what >> 3) % inbox->count]);
            break;
        case 4:
            if (inbox->count > 0) mailbox_set_flags(inbox, inbox->messages[(what >> 3) % inbox->count], what >> 3);
            break;
        case 5: imap_server_changed(&s->server, &ends->effects); break;
        case 6:
            if (what == 254) imap_server_shut_down(&s->server, &ends->effects);
            break;
        default: answer_disk(ends, true, false);
    }
    carry(ends, s);
    onlooker_hears(ends);
}

static void begin(Ends *ends, Session *s, const ImapServerConfig *config, const ImapOffice *office) {
    imap_server_init(&s->server);
    machine_init(&s->server.machine, &imap_server_spec, &s->server, NULL, 0, 0);
    imap_server_begin(&s->server, config, office);
    imap_server_stream.opened(&s->server, &ends->effects);
    carry(ends, s);
}

static void hear(Ends *ends, const uint8_t *at, size_t size, size_t step) {
    Session *s = &ends->sessions[0];
    for (size_t i = 0; i < size && !s->closed;) {
        if (at[i] == 255) {
            event(ends, i + 1 < size ? at[i + 1] : 0);
            i += 2;
            continue;
        }
        size_t part = 0;
        while (part < step && i + part < size && at[i + part] != 255) part++;
        size_t taken = imap_server_stream.receive(&s->server, bytes_of(at + i, part), &ends->effects);
        CHECK(taken <= part);
        carry(ends, s);
        if (taken == 0) {
            CHECK(s->asks || s->server.machine.state == IMAP_SERVER_FETCHING);
            answer_disk(ends, true, false);
            imap_server_stream.room(&s->server, &ends->effects);
            carry(ends, s);
        }
        i += taken;
        CHECK(s->server.text.size <= IMAP_COMMAND_MOST + IMAP_LINE_MOST + SIZE_MOST + 100);
        CHECK(s->server.lines.capacity <= 2 * IMAP_LINE_MOST);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    uint8_t how = *at;
    ImapServerConfig config = imap_server_config_default;
    static Ends ends;
    ends = (Ends){.arena = arena_new()};
    ImapOffice office = {&ends, log_in, quota, room, keep};
    config.name = "b.c";
    config.size_most = SIZE_MOST;
    config.login_disabled = how & 1;
    mail_account_init(&ends.account, "bob", 1000);
    effects_begin(&ends.effects, 0);
    for (int i = 0; i < 3; i++) event(&ends, (uint8_t)(2 + 8 * i));
    begin(&ends, &ends.sessions[1], &config, &office);
    (void)imap_server_stream.receive(&ends.sessions[1].server,
                                     bytes_text("a AUTHENTICATE PLAIN AGJvYgBw\r\nb EXAMINE INBOX\r\nc IDLE\r\n"), &ends.effects);
    carry(&ends, &ends.sessions[1]);
    CHECK(ends.sessions[1].server.machine.state == IMAP_SERVER_IDLING);
    begin(&ends, &ends.sessions[0], &config, &office);
    if (how & 2) {
        (void)imap_server_stream.receive(&ends.sessions[0].server,
                                         bytes_text("a AUTHENTICATE PLAIN AGJvYgBw\r\nb SELECT INBOX\r\n"), &ends.effects);
        carry(&ends, &ends.sessions[0]);
    }
    hear(&ends, at + 1, size - 1, (how >> 2) + 1);
    Session *s = &ends.sessions[0];
    if (s->server.machine.state != IMAP_SERVER_CLOSED) imap_server_stream.peer_closed(&s->server, &ends.effects);
    carry(&ends, s);
    for (int i = 0; i < 2; i++) {
        imap_server_stream.ended(&ends.sessions[i].server, "tcp.closed", &ends.effects);
        carry(&ends, &ends.sessions[i]);
        CHECK(ends.sessions[i].server.machine.state == IMAP_SERVER_CLOSED);
        imap_server_release(&ends.sessions[i].server);
    }
    mail_account_free(&ends.account);
    effects_free(&ends.effects);
    arena_free(ends.arena);
    return 0;
}
