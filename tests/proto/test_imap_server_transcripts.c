/* The IMAP server by transcript: no world, no network, only sessions of one account, their streams and their clock.
 *
 * Each file of tests/proto/imap/ is read from top to bottom. "server NAME=VALUE ..." begins anew: an empty account of bob, whose
 * password is pickle (settings: quota, room, size, literals, errors, login_disabled, too_many, validity). Then
 *
 *   session N            goes on with this session; one that was not there yet is opened
 *   bob N [COMMAND]      the same, and Bob logs in, and says this; what is said until then need not be looked at
 *   C: TEXT   S: TEXT    a line of the stream: the client's comes in, the server's must be said next. Escapes: \r \n \t \0 \\ \xHH;
 *                        {500} behind a text with # in front repeats the last character so often (C# TEXT{500}). A server's line
 *                        that ends in " ..." need only begin so
 *   raw TEXT             octets that come in, without a line end
 *   create MAILBOX [USE]       message MAILBOX FLAG ... [@SECONDS]       mailboxes and messages; what follows as "| TEXT" is the message
 *                        ("|# TEXT" as C#; "|= TEXT" too, without a line end; "lines N TEXT" is N of them)
 *   fill MAILBOX N FLAG ...    so many small messages
 *   skip, silence        what has been said so far need not be looked at; nothing more has been said
 *   wait TIME            the clock goes on; the session's timers expire on the way
 *   slow disk            from now on the disk waits for "written", "not written", "full"
 *   hold, room           the network takes no more of what is written; it does again
 *   closes, ends, shut down         the connection; the host
 *   state NAME, fact NAME, closed, aborted       what must have come of it
 *
 * Every transcript is run again with its input cut at each octet, octet by octet, and run together as far as nothing else
 * happens between; what was said and heard, the states and facts must be the same. When all have run, each row of the table must have
 * been taken, and each command given in each state. */
#define _POSIX_C_SOURCE 200809L
#include "transcripts.h"

#include "proto/imap/server.h"

enum { SESSIONS = 5, WORDS = 20 };

static bool taken_rows[256];
static bool given[64][32]; /* command, state */

typedef struct {
    bool begun, wrote, held, closed, aborted, peer_closing, asks;
    ImapServer server;
    Text unread, said, facts;
    size_t said_seen;
} Session;

typedef struct {
    const char *file;
    int line;
    /* How the input is cut. */
    size_t cut; /* octets that have come in before the cut; SIZE_MAX: none */
    bool each_octet, together, checks;
    size_t came;
    Text batch; /* input that waits to be run together with what follows */

    SimTime now;
    Effects effects;
    Arena *arena;
    ImapServerConfig config;
    ImapOffice office;
    uint64_t quota, room;
    bool too_many, slow_disk, has_account;
    MailAccount account;
    Mailbox *changed[8];
    size_t changed_count;
    Session sessions[SESSIONS];
    Session *current;
    Text log, message;
    Mailbox *message_to;
    uint64_t message_flags;
    int64_t message_date_s;
} Play;

#define EXPECT(play, condition, ...)                            \
    do {                                                        \
        if (!(condition)) {                                     \
            char message[1200];                                 \
            snprintf(message, sizeof message, __VA_ARGS__);     \
            fail_msg("%s:%d: %s", (play)->file, (play)->line, message); \
        }                                                       \
    } while (0)

/* ---- The host ---- */

static MailAccount *log_in(void *self, Bytes user, Bytes password) {
    Play *p = self;
    return bytes_equal(user, bytes_text("bob")) && bytes_equal(password, bytes_text("pickle")) ? &p->account : NULL;
}
static uint64_t quota(void *self, const MailAccount *account) {
    (void)account;
    return ((Play *)self)->quota;
}
static uint64_t room(void *self) { return ((Play *)self)->room; }
static const char *keep(void *self, const char *text) { return arena_text(((Play *)self)->arena, text); }

static void note_changed(void *listener, Mailbox *mailbox) {
    Play *p = listener;
    for (size_t i = 0; i < p->changed_count; i++)
        if (p->changed[i] == mailbox) return;
    if (p->changed_count < 8) p->changed[p->changed_count++] = mailbox;
}

static void note_said(Play *p, Session *s, const Effect *effect) {
    const char *at = (const char *)p->effects.octets + effect->said.octets_at;
    text_print(&p->log, "%d %s %d ", (int)(s - p->sessions), effect->said.received ? "heard" : "said", effect->said.part);
    text_put_n(&p->log, at, effect->said.size);
    text_put_char(&p->log, '\n');
    if (!effect->said.received) text_put_n(&s->said, at, effect->said.size);
}

static void carry_out(Play *p, Session *s) {
    Effects *e = &p->effects;
    Machine *m = &s->server.machine;
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        switch ((EffectKind)effect->kind) {
            case EFFECT_STEP:
                taken_rows[effect->step.row] = true;
                if (effect->step.from != effect->step.to) text_print(&p->log, "%s\n", m->spec->states[effect->step.to]);
                break;
            case EFFECT_IGNORED: text_print(&p->log, "ignored %s\n", effect->ignored.reason); break;
            case EFFECT_TIMER_SET: m->timers[effect->timer.timer].at = effect->timer.at; break;
            case EFFECT_TIMER_CLEAR: m->timers[effect->timer.timer].at = SIM_NEVER; break;
            case EFFECT_FACT:
                text_print(&p->log, "fact %s\n", effect->fact.spec->name);
                text_print(&s->facts, "%s\n", effect->fact.spec->name);
                break;
            case EFFECT_SAID: note_said(p, s, effect); break;
            case EFFECT_WRITE:
                EXPECT(p, !s->closed, "nothing is written to a stream that was closed");
                s->wrote = true;
                break;
            case EFFECT_CLOSE:
                s->closed = true;
                text_put(&p->log, "close\n");
                break;
            case EFFECT_ABORT:
                s->aborted = true;
                text_put(&p->log, "abort\n");
                break;
            case EFFECT_ASK:
                EXPECT(p, effect->ask.ask == ASK_MAILBOX_WRITE, "asked for something else");
                text_put(&p->log, "ask\n");
                s->asks = true;
                break;
            case EFFECT_SEND: EXPECT(p, false, "IMAP sends no datagrams");
        }
    }
    effects_begin(e, p->now);
}

#define GIVE(p, s, call)                        \
    do {                                        \
        effects_begin(&(p)->effects, (p)->now); \
        call;                                   \
        carry_out(p, s);                        \
    } while (0)

static bool settle_one(Play *p, Session *s) {
    bool more = false;
    if (s->asks && !p->slow_disk) {
        s->asks = false;
        GIVE(p, s, imap_server_written(&s->server, true, false, &p->effects));
        more = true;
    }
    if (s->wrote && !s->held) {
        s->wrote = false;
        GIVE(p, s, imap_server_stream.room(&s->server, &p->effects));
        more = true;
    }
    if (s->unread.size > 0) {
        size_t taken = 0;
        GIVE(p, s, taken = imap_server_stream.receive(&s->server, bytes_of(s->unread.at, s->unread.size), &p->effects));
        EXPECT(p, taken <= s->unread.size, "more octets were taken than came");
        memmove(s->unread.at, s->unread.at + taken, s->unread.size - taken);
        s->unread.size -= taken;
        more |= taken > 0;
    }
    if (s->peer_closing && s->unread.size == 0) {
        s->peer_closing = false;
        GIVE(p, s, imap_server_stream.peer_closed(&s->server, &p->effects));
        more = true;
    }
    return more;
}

static void tell_changes(Play *p) {
    size_t count = p->changed_count;
    p->changed_count = 0;
    for (size_t k = 0; k < count; k++)
        for (int i = 0; i < SESSIONS; i++) {
            Session *s = &p->sessions[i];
            if (s->begun && s->server.view.mailbox == p->changed[k]) GIVE(p, s, imap_server_changed(&s->server, &p->effects));
        }
}

static void settle(Play *p) {
    for (bool more = true; more;) {
        more = false;
        for (int i = 0; i < SESSIONS; i++)
            if (p->sessions[i].begun) more |= settle_one(p, &p->sessions[i]);
        tell_changes(p);
    }
}

static void note_given(Play *p, const char *octets, size_t size) {
    const char *end = octets + size, *name = memchr(octets, ' ', size);
    for (size_t i = 0; name && i < imap_command_count(); i++) {
        const char *row = imap_command_row(i)->name;
        size_t length = strlen(row);
        if ((size_t)(end - name - 1) < length || !bytes_equal_nocase(bytes_of(name + 1, length), bytes_text(row))) continue;
        char after = (size_t)(end - name - 1) > length ? name[1 + length] : ' ';
        if (after == ' ' || after == '\r') given[i][p->current->server.machine.state] = true;
    }
}

static void deliver(Play *p, const char *octets, size_t size) {
    if (p->checks) note_given(p, octets, size);
    text_put_n(&p->current->unread, octets, size);
    settle(p);
}

static void comes_in(Play *p, const char *octets, size_t size) {
    EXPECT(p, p->current, "no session");
    size_t from = p->came;
    p->came += size;
    if (p->together) {
        text_put_n(&p->batch, octets, size);
        return;
    }
    if (p->each_octet) {
        for (size_t i = 0; i < size; i++) deliver(p, octets + i, 1);
    } else if (p->cut > from && p->cut < from + size) {
        deliver(p, octets, p->cut - from);
        deliver(p, octets + (p->cut - from), size - (p->cut - from));
    } else {
        deliver(p, octets, size);
    }
}

static void flush_batch(Play *p) {
    if (p->batch.size > 0) deliver(p, p->batch.at, p->batch.size);
    text_clear(&p->batch);
}

/* ---- Lines ---- */

static void end_all(Play *p) {
    flush_batch(p);
    for (int i = 0; i < SESSIONS; i++) {
        Session *s = &p->sessions[i];
        if (!s->begun) continue;
        EXPECT(p, !p->checks || s->said_seen == s->said.size, "session %d said more: %s", i, text_get(&s->said) + s->said_seen);
        imap_server_release(&s->server);
        text_free(&s->unread), text_free(&s->said), text_free(&s->facts);
        *s = (Session){0};
    }
    p->current = NULL;
    if (p->has_account) mail_account_free(&p->account);
    p->has_account = false;
    text_put(&p->log, "----\n");
}

static void begin(Play *p, char **words, size_t count) {
    const char *v;
    p->config = imap_server_config_default;
    p->config.name = "hamburger.edu";
    p->config.size_most = 2000;
    p->config.civil_start_s = 1788768000;
    if (transcript_is_set(words, count, "size", &v)) p->config.size_most = strtoull(v, NULL, 10);
    p->config.errors_most = transcript_is_set(words, count, "errors", &v) ? (uint16_t)strtoul(v, NULL, 10) : 0;
    if (transcript_is_set(words, count, "literals", &v))
        p->config.literals = strcmp(v, "minus") == 0 ? IMAP_LITERAL_MINUS : IMAP_LITERAL_SYNCHRONIZING;
    p->config.login_disabled = transcript_is_set(words, count, "login_disabled", &v);
    p->too_many = transcript_is_set(words, count, "too_many", &v);
    p->quota = transcript_is_set(words, count, "quota", &v) ? strtoull(v, NULL, 10) : 0;
    p->room = transcript_is_set(words, count, "room", &v) ? strtoull(v, NULL, 10) : UINT64_MAX;
    p->slow_disk = false;
    uint32_t validity = transcript_is_set(words, count, "validity", &v) ? (uint32_t)strtoul(v, NULL, 10) : 1788768000;
    p->office = (ImapOffice){p, log_in, quota, room, keep};
    p->now = 0;
    mail_account_init(&p->account, "bob", validity);
    p->account.changed = note_changed;
    p->account.listener = p;
    p->has_account = true;
}

static void open_session(Play *p, int number) {
    EXPECT(p, number >= 0 && number < SESSIONS, "there are %d sessions", SESSIONS);
    Session *s = p->current = &p->sessions[number];
    if (s->begun) return;
    s->begun = true;
    imap_server_init(&s->server);
    machine_init(&s->server.machine, &imap_server_spec, &s->server, NULL, 0, 0);
    imap_server_begin(&s->server, &p->config, &p->office);
    s->server.one_too_many = p->too_many;
    GIVE(p, s, imap_server_stream.opened(&s->server, &p->effects));
}

static Text unescaped(Play *p, const char *text, bool repeats) {
    Text to = text_new();
    for (const char *at = text; *at; at++) {
        if (*at == '{' && repeats) {
            long times = strtol(at + 1, (char **)(uintptr_t)&at, 10);
            for (long i = 1; i < times; i++) text_put_char(&to, to.at[to.size - 1]);
        } else if (*at == '\\' && at[1] && strchr("rnt0x#", at[1])) {
            at++;
            if (*at == 'x') {
                text_put_char(&to, (char)(text_hex_digit(at[1]) << 4 | text_hex_digit(at[2])));
                at += 2;
            } else {
                text_put_char(&to, *at == 'r' ? '\r' : *at == 'n' ? '\n' : *at == 't' ? '\t' : *at == '#' ? '\\' : 0);
            }
        } else {
            text_put_char(&to, *at);
        }
    }
    EXPECT(p, to.size < 200000, "too long");
    return to;
}

/* One line of what was said, its CRLF taken off. */
static void expect_said(Play *p, const char *line) {
    Session *s = p->current;
    const char *at = text_get(&s->said) + s->said_seen, *end = strstr(at, "\r\n");
    EXPECT(p, s->said_seen < s->said.size && end, "nothing more was said, where this was expected: %s", line);
    size_t size = (size_t)(end - at), length = strlen(line);
    bool open = length >= 4 && strcmp(line + length - 4, " ...") == 0;
    bool good = open ? size >= length - 4 && memcmp(at, line, length - 4) == 0 : size == length && memcmp(at, line, size) == 0;
    EXPECT(p, good, "\"%.*s\" was said instead of \"%s\"", (int)(size > 400 ? 400 : size), at, line);
    s->said_seen += size + 2;
}

static void put_message(Play *p) {
    if (!p->message_to) return;
    MailContent *content = mail_content_new((const uint8_t *)p->message.at, p->message.size);
    mailbox_append(p->message_to, content, p->message_flags, p->message_date_s);
    mail_content_drop(content);
    p->message_to = NULL;
    text_clear(&p->message);
}

static void begin_message(Play *p, char **words, size_t count) {
    p->message_to = mailbox_find(&p->account, bytes_text(words[0]));
    EXPECT(p, p->message_to, "no mailbox %s", words[0]);
    p->message_flags = 0;
    p->message_date_s = 1788768000;
    for (size_t i = 1; i < count; i++) {
        if (words[i][0] == '@') p->message_date_s = strtoll(words[i] + 1, NULL, 10);
        else p->message_flags |= mailbox_flag(p->message_to, bytes_text(words[i]), true);
    }
}

static void fill(Play *p, char **words, size_t count) {
    Mailbox *mailbox = mailbox_find(&p->account, bytes_text(words[0]));
    EXPECT(p, mailbox && count > 1, "no mailbox %s", words[0]);
    uint64_t flags = 0;
    for (size_t i = 2; i < count; i++) flags |= mailbox_flag(mailbox, bytes_text(words[i]), true);
    for (int i = 0; i < atoi(words[1]); i++) {
        char text[100];
        int size = snprintf(text, sizeof text, "Subject: %u\r\n\r\nsmall\r\n", (unsigned)mailbox->uid_next);
        MailContent *content = mail_content_new((const uint8_t *)text, (size_t)size);
        mailbox_append(mailbox, content, flags, 1788768000);
        mail_content_drop(content);
    }
}

/* What a message's next lines are. */
static void message_line(Play *p, const char *line) {
    Text text = line[1] == '#' || line[1] == '=' ? unescaped(p, line + 3, true) : text_new();
    if (text.size == 0) text_put(&text, line[1] ? line + 2 : "");
    text_put_n(&p->message, text_get(&text), text.size);
    if (line[1] != '=') text_put(&p->message, "\r\n");
    text_free(&text);
}

static void pass_time(Play *p, SimTime span) {
    Session *s = p->current;
    SimTime end = p->now + span;
    for (;;) {
        SimTime at = s->server.machine.timers[0].at;
        if (at == SIM_NEVER || at > end) break;
        p->now = at;
        s->server.machine.timers[0].at = SIM_NEVER;
        GIVE(p, s, imap_server_stream.timer(&s->server, 0, &p->effects));
        settle(p);
    }
    p->now = end;
}

static bool has_line(const Text *text, const char *line) {
    char whole[100];
    snprintf(whole, sizeof whole, "%s\n", line);
    return strstr(text_get(text), whole) != NULL;
}

static bool check_line(Play *p, const char *verb, const char *word) {
    Session *s = p->current;
    bool known = strcmp(verb, "state") == 0 || strcmp(verb, "fact") == 0 || strcmp(verb, "silence") == 0 || strcmp(verb, "closed") == 0 || strcmp(verb, "aborted") == 0;
    if (!known || !p->checks) return known;
    const char *state = s->server.machine.spec->states[s->server.machine.state];
    if (strcmp(verb, "state") == 0) EXPECT(p, strcmp(state, word) == 0, "in the state %s", state);
    else if (strcmp(verb, "fact") == 0) EXPECT(p, has_line(&s->facts, word), "no such fact");
    else if (strcmp(verb, "silence") == 0) EXPECT(p, s->said_seen == s->said.size, "this was said: %s", text_get(&s->said) + s->said_seen);
    else if (strcmp(verb, "closed") == 0) EXPECT(p, s->closed && !s->aborted, "not closed");
    else EXPECT(p, s->aborted, "not aborted");
    return true;
}

static void play_line(Play *p, const char *line) {
    char copy[4000], *words[WORDS];
    size_t count = 0;
    if (line[0] == '|') {
        message_line(p, line);
        return;
    }
    if (strncmp(line, "lines ", 6) == 0) {
        const char *text = strchr(line + 6, ' ');
        for (int i = atoi(line + 6); i > 0; i--) text_print(&p->message, "%s\r\n", text ? text + 1 : "");
        return;
    }
    put_message(p);
    if (line[0] == 'C' && (line[1] == ':' || line[1] == '#')) {
        Text text = unescaped(p, line + 3, line[1] == '#');
        text_put(&text, "\r\n");
        comes_in(p, text.at, text.size);
        text_free(&text);
        return;
    }
    if (strncmp(line, "raw ", 4) == 0) {
        Text text = unescaped(p, line + 4, false);
        comes_in(p, text.at, text.size);
        text_free(&text);
        return;
    }
    if (strncmp(line, "S: ", 3) == 0) {
        Text text = unescaped(p, line + 3, false);
        if (p->checks) expect_said(p, text_get(&text));
        text_free(&text);
        return;
    }
    if (strncmp(line, "bob ", 4) == 0) {
        char *rest;
        Text login = text_new();
        flush_batch(p);
        open_session(p, (int)strtol(line + 4, &rest, 10));
        text_print(&login, "x LOGIN bob pickle\r\n");
        if (*rest) text_print(&login, "y%s\r\n", rest);
        comes_in(p, login.at, login.size);
        text_free(&login);
        p->current->said_seen = p->current->said.size;
        return;
    }
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word && count < WORDS; word = strtok(NULL, " ")) words[count++] = word;
    if (count == 0 || words[0][0] == '#') return;
    const char *verb = words[0];
    if (check_line(p, verb, count > 1 ? words[1] : "")) return;
    flush_batch(p);
    if (strcmp(verb, "server") == 0) end_all(p), begin(p, words + 1, count - 1);
    else if (strcmp(verb, "session") == 0) open_session(p, atoi(words[1]));
    else if (strcmp(verb, "create") == 0)
        EXPECT(p, mailbox_create(&p->account, bytes_text(words[1]), count > 2 ? (MailboxUse)atoi(words[2]) : MAILBOX_USE_NONE) == MAILBOX_OK, "not created");
    else if (strcmp(verb, "fill") == 0) fill(p, words + 1, count - 1);
    else if (strcmp(verb, "message") == 0) begin_message(p, words + 1, count - 1);
    else if (strcmp(verb, "closes") == 0) p->current->peer_closing = true;
    else if (strcmp(verb, "ends") == 0) GIVE(p, p->current, imap_server_stream.ended(&p->current->server, "tcp.reset", &p->effects));
    else if (strcmp(verb, "shut") == 0) GIVE(p, p->current, imap_server_shut_down(&p->current->server, &p->effects));
    else if (strcmp(verb, "slow") == 0) p->slow_disk = true;
    else if (strcmp(verb, "written") == 0 || strcmp(verb, "full") == 0 || strcmp(verb, "not") == 0) {
        EXPECT(p, p->current->asks, "the disk was not asked");
        p->current->asks = false;
        GIVE(p, p->current, imap_server_written(&p->current->server, verb[0] == 'w', verb[0] == 'f', &p->effects));
    } else if (strcmp(verb, "skip") == 0) p->current->said_seen = p->current->said.size;
    else if (strcmp(verb, "hold") == 0) p->current->held = true;
    else if (strcmp(verb, "room") == 0) p->current->held = false;
    else if (strcmp(verb, "wait") == 0) {
        SimTime span = 0;
        EXPECT(p, sim_time_parse(words[1], &span), "no time");
        pass_time(p, span);
    } else EXPECT(p, false, "unknown: %.100s", line);
    settle(p);
}

static Text play(const char *file, const char *text, size_t cut, bool each_octet, bool together, size_t *came) {
    static Play p;
    p = (Play){.file = file, .cut = cut, .each_octet = each_octet, .together = together, .checks = cut == SIZE_MAX && !each_octet && !together, .arena = arena_new()};
    effects_begin(&p.effects, 0);
    const char *at = text;
    while (*at) {
        const char *end = strchr(at, '\n');
        if (!end) end = at + strlen(at);
        char line[4000];
        snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
        p.line++;
        play_line(&p, line);
        at = *end ? end + 1 : end;
    }
    end_all(&p);
    *came = p.came;
    Text log = p.log;
    text_free(&p.batch), text_free(&p.message);
    effects_free(&p.effects);
    arena_free(p.arena);
    return log;
}

static size_t play_file(const char *file, const char *text) {
    return transcript_cut(play, file, text, 20000 /* the one with lines of 64 kB */);
}

static void every_transcript(void **state) {
    (void)state;
    transcript_files(NETSTAGE_SOURCE "/tests/proto/imap", play_file);
}

static void nothing_left_out(void **state) {
    (void)state;
    Text missing = text_new();
    const MachineSpec *spec = &imap_server_spec;
    assert_true(spec->row_count <= sizeof taken_rows);
    transcript_report_rows(spec, taken_rows, &missing);
    static const ImapServerState states[] = {IMAP_SERVER_NOT_AUTHENTICATED, IMAP_SERVER_AUTHENTICATED, IMAP_SERVER_SELECTED};
    for (size_t i = 0; i < imap_command_count(); i++)
        for (size_t k = 0; k < sizeof states / sizeof states[0]; k++)
            if (!given[i][states[k]]) text_print(&missing, "\n  %s is never given in the state %s", imap_command_row(i)->name, spec->states[states[k]]);
    if (missing.size > 0) fprintf(stderr, "not taken by any transcript:%s\n", text_get(&missing));
    assert_int_equal(missing.size, 0);
    text_free(&missing);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_transcript), cmocka_unit_test(nothing_left_out)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
