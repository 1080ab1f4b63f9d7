/* POP3's machines by transcript: no world, no network, only a machine, its stream and its clock.
 *
 * Each file of tests/proto/pop3/ is read from top to bottom. "server NAME=VALUE ..." or "client NAME=VALUE ..." begins
 * another connection (settings below); "maildrop" before it empties bob's maildrop, "mail TEXT" puts a message into it (also
 * during a session), "mails N" as many empty ones, "disk UNIQUE ..." says what a client's disk knows already. Then
 *
 *   C: TEXT   S: TEXT    a line of the stream: of the side that is not tested it comes in, of the other it must come next.
 *                        Escapes: \r \n \t \0 \\ \xHH; {500} behind a text repeats its last character so often
 *   raw TEXT             octets that come in, without a line end
 *   skip                 what has been written so far need not be looked at
 *   silence              nothing more has been written
 *   wait TIME            the clock goes on; timers expire on the way
 *   written, not written    the host's answer to what is to be on disk
 *   hold, room           the network takes no more of what is written; it does again
 *   opens, closes, ends HOW, stop, shut down     the connection; the host
 *   state NAME, fact TEXT, no fact, closed, aborted, lock taken|free, holds N, outcome NAME REASON     what must have come
 *                        of it; "fact" looks through the facts of this connection in their order
 *
 * Every transcript is run again with its input cut at each octet, octet by octet, and (a server's) run together as far as
 * nothing else happens between; what was said and heard, the states, facts and octets must be the same. When all have run, each
 * row of the server's and the client's table must have been taken, and each command given in each state. */
#define _POSIX_C_SOURCE 200809L
#include "transcripts.h"

#include "proto/pop3/client.h"
#include "proto/pop3/server.h"

enum { LINE = 60000, WORDS = 20, KNOWN = 20 };

static bool server_rows[256], client_rows[256];
static bool given[32][32]; /* command, state */

typedef struct {
    const char *file;
    int line;
    /* How the input is cut. */
    size_t cut; /* octets that have come in before the cut; SIZE_MAX: none */
    bool each_octet, together, checks;
    size_t came;
    Text batch; /* input that waits to be run together with what follows */

    bool is_server, begun;
    SimTime now, logged_in_at;
    Effects effects;
    Arena *arena;
    MailAccount account;
    int other; /* a session that has the lock */
    Pop3Server server;
    Pop3Client client;
    Pop3ServerConfig server_config;
    Pop3ClientConfig client_config;
    Pop3Office office;
    RandomStream random;
    Pop3Update *update;
    char known[KNOWN][POP3_UNIQUE_MOST + 1];
    size_t known_count, stored;
    Text unread, log, facts, wire;
    size_t wire_seen, facts_seen;
    bool closed, aborted, wrote, held, peer_closing;
} Play;

#define EXPECT(play, condition, ...)                                    \
    do {                                                                \
        if (!(condition)) {                                             \
            char message[900];                                          \
            snprintf(message, sizeof message, __VA_ARGS__);             \
            fail_msg("%s:%d: %s", (play)->file, (play)->line, message); \
        }                                                               \
    } while (0)

/* ---- The host ---- */

static MailAccount *office_account(void *self, Bytes user) {
    Play *p = self;
    return bytes_equal(user, bytes_text("bob")) ? &p->account : NULL;
}

static const char *office_password(void *self, Bytes user) {
    (void)self;
    if (bytes_equal(user, bytes_text("bob"))) return "hungry as ever";
    return bytes_equal(user, bytes_text("mrose")) ? "tanstaaf" : NULL;
}

/* The RFC's own user: he has bob's maildrop here. */
static MailAccount *office_account_mrose(void *self, Bytes user) {
    Play *p = self;
    return bytes_equal(user, bytes_text("mrose")) ? &p->account : NULL;
}

static SimTime *office_logged_in_at(void *self, const MailAccount *account) {
    (void)account;
    return &((Play *)self)->logged_in_at;
}

static bool memory_has(void *self, const char *unique) {
    Play *p = self;
    for (size_t i = 0; i < p->known_count; i++)
        if (strcmp(p->known[i], unique) == 0) return true;
    return false;
}

static Machine *machine_of(Play *p) { return p->is_server ? &p->server.machine : &p->client.machine; }
static const StreamProtocol *protocol_of(Play *p) { return p->is_server ? &pop3_server_stream : &pop3_client_stream; }
static void *self_of(Play *p) { return p->is_server ? (void *)&p->server : (void *)&p->client; }

static void note_fact(Play *p, const Effect *effect) {
    const FactSpec *spec = effect->fact.spec;
    int64_t values[FACT_FIELDS];
    Text line = text_new();
    memcpy(values, p->effects.octets + effect->fact.values_at, spec->count * sizeof *values);
    text_put(&line, spec->name);
    for (size_t i = 0; i < spec->count; i++) {
        if (spec->fields[i].kind == FACT_NUMBER) text_print(&line, " %lld", (long long)values[i]);
        else text_print(&line, " %s", (const char *)(uintptr_t)values[i]);
    }
    text_put_char(&line, '\n');
    text_put_n(&p->facts, line.at, line.size);
    text_print(&p->log, "fact %s", text_get(&line));
    text_free(&line);
}

static void carry_out(Play *p) {
    Effects *e = &p->effects;
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        Machine *m = effect->machine;
        switch ((EffectKind)effect->kind) {
            case EFFECT_STEP:
                (p->is_server ? server_rows : client_rows)[effect->step.row] = true;
                if (effect->step.from != effect->step.to)
                    text_print(&p->log, "%s\n", m->spec->states[effect->step.to]);
                break;
            case EFFECT_IGNORED: text_print(&p->log, "ignored %s\n", effect->ignored.reason); break;
            case EFFECT_TIMER_SET: m->timers[effect->timer.timer].at = effect->timer.at; break;
            case EFFECT_TIMER_CLEAR: m->timers[effect->timer.timer].at = SIM_NEVER; break;
            case EFFECT_FACT: note_fact(p, effect); break;
            case EFFECT_SAID:
                text_put(&p->log, effect->said.received ? "heard " : "said ");
                text_put_n(&p->log, (const char *)e->octets + effect->said.octets_at, effect->said.size);
                text_put_char(&p->log, '\n');
                break;
            case EFFECT_WRITE:
                EXPECT(p, !p->closed && !p->aborted, "nothing is written to a stream that was closed");
                p->wrote = true;
                text_put_n(&p->wire, (const char *)e->octets + effect->write.octets_at, effect->write.size);
                break;
            case EFFECT_CLOSE:
                p->closed = true;
                text_put(&p->log, "close\n");
                break;
            case EFFECT_ABORT:
                p->aborted = true;
                text_put(&p->log, "abort\n");
                break;
            case EFFECT_ASK:
                EXPECT(p, effect->ask.ask == ASK_MAILBOX_WRITE, "asked %d", (int)effect->ask.ask);
                if (p->is_server) p->update = pop3_server_update(&p->server);
                text_put(&p->log, "ask write\n");
                break;
            case EFFECT_SEND: EXPECT(p, false, "POP3 sends no datagrams");
        }
    }
    effects_begin(e, p->now);
}

#define GIVE(p, call)                           \
    do {                                        \
        effects_begin(&(p)->effects, (p)->now); \
        call;                                   \
        carry_out(p);                           \
    } while (0)

/* What follows from an input: room for more, octets that could not be taken before. */
static void settle(Play *p) {
    for (bool more = true; more;) {
        more = false;
        if (p->wrote && !p->held && protocol_of(p)->room) {
            p->wrote = false;
            GIVE(p, protocol_of(p)->room(self_of(p), &p->effects));
            more = true;
        }
        if (p->unread.size > 0) {
            size_t taken = 0;
            GIVE(p, taken = protocol_of(p)->receive(self_of(p), bytes_of(p->unread.at, p->unread.size), &p->effects));
            EXPECT(p, taken <= p->unread.size, "more octets were taken than came");
            memmove(p->unread.at, p->unread.at + taken, p->unread.size - taken);
            p->unread.size -= taken;
            more |= taken > 0;
        }
        if (p->peer_closing && p->unread.size == 0) {
            p->peer_closing = false;
            GIVE(p, protocol_of(p)->peer_closed(self_of(p), &p->effects));
            more = true;
        }
    }
}

static void deliver(Play *p, const char *octets, size_t size) {
    text_put_n(&p->unread, octets, size);
    settle(p);
}

static void comes_in(Play *p, const char *octets, size_t size) {
    size_t from = p->came;
    p->came += size;
    if (p->together && p->is_server) {
        text_put_n(&p->batch, octets, size);
    } else if (p->each_octet) {
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

/* ---- Settings ---- */

static SimTime time_of(Play *p, const char *text) {
    SimTime t = 0;
    EXPECT(p, sim_time_parse(text, &t), "\"%s\" is no time", text);
    return t;
}

static void end_connection(Play *p) {
    if (!p->begun) return;
    flush_batch(p);
    EXPECT(p, !p->checks || p->wire_seen == p->wire.size, "something more was written: %s",
           text_get(&p->wire) + p->wire_seen);
    if (p->is_server) pop3_server_release(&p->server);
    else pop3_client_release(&p->client);
    if (p->update) pop3_update_drop(p->update);
    p->update = NULL;
    EXPECT(p, !p->account.maildrop_lock || p->account.maildrop_lock == &p->other, "the lock was not given back");
    p->account.maildrop_lock = NULL;
    text_print(&p->log, "wire %s\n----\n", text_get(&p->wire));
    text_clear(&p->facts), text_clear(&p->unread), text_clear(&p->wire);
    p->wire_seen = p->facts_seen = p->stored = 0;
    p->held = p->begun = p->closed = p->aborted = p->wrote = p->peer_closing = false;
}

static void begin_server(Play *p, char **words, size_t count) {
    const char *v;
    Pop3ServerConfig *c = &p->server_config;
    *c = pop3_server_config_default;
    c->name = "hamburger.edu";
    c->apop = transcript_is_set(words, count, "apop", &v);
    if (transcript_is_set(words, count, "plain", &v)) c->plain = strcmp(v, "no") != 0;
    if (transcript_is_set(words, count, "delay", &v)) c->login_delay = time_of(p, v);
    if (transcript_is_set(words, count, "errors", &v)) c->errors_most = (uint16_t)atoi(v);
    if (transcript_is_set(words, count, "greeting", &v)) c->texts[POP3_TEXT_GREETING] = arena_text(p->arena, v);
    if (transcript_is_set(words, count, "noop", &v)) c->texts[POP3_TEXT_NOOP] = arena_text(p->arena, v);
    bool mrose = transcript_is_set(words, count, "stamp", &v);
    p->office = (Pop3Office){p, mrose ? office_account_mrose : office_account, office_password, office_logged_in_at};
    if (mrose) c->name = "dewey", c->texts[POP3_TEXT_GREETING] = "POP3 server ready", c->apop = true;
    pop3_server_init(&p->server);
    machine_init(&p->server.machine, &pop3_server_spec, &p->server, NULL, 0, 0);
    pop3_server_begin(&p->server, c, &p->office, &p->random, 1788768000);
    if (mrose) snprintf(p->server.stamp, sizeof p->server.stamp, "<%s>", v);
    else if (c->apop) strcpy(p->server.stamp, "<7.8@hamburger.edu>");
    p->server.one_too_many = transcript_is_set(words, count, "one_too_many", &v);
    if (transcript_is_set(words, count, "locked", &v)) p->account.maildrop_lock = &p->other;
    p->is_server = p->begun = true;
    GIVE(p, pop3_server_stream.opened(&p->server, &p->effects));
}

static void begin_client(Play *p, char **words, size_t count) {
    static const char *const modes[] = {"keep", "delete", "headers"};
    const char *v;
    Pop3ClientConfig *c = &p->client_config;
    *c = pop3_client_config_default;
    c->user = "bob";
    c->password = "hungry as ever";
    c->apop = !transcript_is_set(words, count, "apop", &v);
    for (unsigned i = 0; i < 3; i++)
        if (transcript_is_set(words, count, "mode", &v) && strcmp(v, modes[i]) == 0) c->mode = (Pop3Mode)i;
    if (transcript_is_set(words, count, "retrieve_most", &v)) c->retrieve_most = strtoull(v, NULL, 10);
    if (transcript_is_set(words, count, "size_most", &v)) c->size_most = strtoull(v, NULL, 10);
    pop3_client_init(&p->client);
    machine_init(&p->client.machine, &pop3_client_spec, &p->client, NULL, 0, 0);
    pop3_client_begin(&p->client, c, (Pop3Memory){p, memory_has}, p->arena);
    p->is_server = false;
    p->begun = true;
    GIVE(p, pop3_client_stream.connecting(&p->client, &p->effects));
}

/* ---- A line ---- */

static Text unescaped(Play *p, const char *from) {
    Text text = text_new();
    EXPECT(p, transcript_unescape(from, &text), "{NUMBER} expected");
    return text;
}

static void must_be_written(Play *p, const Text *line) {
    if (!p->checks) return;
    const char *at = text_get(&p->wire) + p->wire_seen;
    size_t left = p->wire.size - p->wire_seen;
    EXPECT(p, left > 0, "nothing was written, but this was expected: %.200s", text_get(line));
    const char *end = at;
    while (end + 1 < at + left && !(end[0] == '\r' && end[1] == '\n')) end++;
    size_t size = (size_t)(end - at);
    EXPECT(p, size == line->size && (size == 0 || memcmp(at, line->at, size) == 0),
           "written \"%.*s\", expected \"%.300s\"", size > 300 ? 300 : (int)size, at, text_get(line));
    p->wire_seen += size + 2;
}

static void note_given(const Play *p, const Text *line) {
    for (size_t i = 0; i < pop3_command_count(); i++) {
        const char *verb = pop3_command_row(i)->verb;
        size_t size = strlen(verb);
        if (line->size >= size && bytes_is(bytes_of(line->at, size), verb) &&
            (line->size == size || line->at[size] == ' '))
            given[i][p->server.machine.state] = true;
    }
}

static void pass_time(Play *p, SimTime span) {
    SimTime until = p->now + span;
    MachineTimer *timer = &machine_of(p)->timers[0];
    while (p->begun && timer->at <= until) {
        p->now = timer->at;
        timer->at = SIM_NEVER;
        GIVE(p, protocol_of(p)->timer(self_of(p), 0, &p->effects));
        settle(p);
    }
    p->now = until;
}

static void put_mail(Play *p, const Text *text) {
    MailContent *content = mail_content_new((const uint8_t *)text_get(text), text->size);
    mailbox_append(mailbox_inbox(&p->account), content, 0, 0);
    mail_content_drop(content);
}

static void answer_write(Play *p, bool written) {
    if (p->is_server) {
        size_t removed = 0;
        EXPECT(p, p->update != NULL, "nothing was asked to be written");
        if (written) removed = pop3_update_carry_out(p->update);
        else pop3_update_drop(p->update);
        p->update = NULL;
        GIVE(p, pop3_server_written(&p->server, written, removed, &p->effects));
        return;
    }
    const char *unique;
    size_t number;
    MailContent *content = pop3_client_message(&p->client, &unique, &number);
    text_print(&p->log, "stored %zu \"%s\" %.*s\n", number, unique, (int)content->size, (const char *)content->octets);
    if (written) p->stored++;
    mail_content_drop(content);
    GIVE(p, pop3_client_written(&p->client, written, &p->effects));
}

/* The next facts, in their order: others may stand between. */
static bool find_fact(Play *p, const char *line) {
    size_t size = strlen(line);
    for (const char *at = text_get(&p->facts) + p->facts_seen; *at; at = strchr(at, '\n') + 1) {
        if (strncmp(at, line, size) != 0 || (at[size] != '\n' && at[size] != ' ')) continue;
        p->facts_seen = (size_t)(strchr(at, '\n') + 1 - text_get(&p->facts));
        return true;
    }
    return false;
}

static bool play_check(Play *p, const char *line, char **words, size_t count) {
    static const char *const outcomes[] = {"none", "done", "later", "refused"};
    const char *verb = words[0], *first = count > 1 ? words[1] : "", *second = count > 2 ? words[2] : "";
    bool right = false;
    const char *is = "";
    if (strcmp(verb, "state") == 0) is = machine_of(p)->spec->states[machine_of(p)->state], right = strcmp(is, first) == 0;
    else if (strcmp(verb, "fact") == 0) is = text_get(&p->facts) + p->facts_seen, right = !p->checks || find_fact(p, line + 5);
    else if (strcmp(verb, "no") == 0) is = text_get(&p->facts) + p->facts_seen, right = *is == 0;
    else if (strcmp(verb, "silence") == 0) is = text_get(&p->wire) + p->wire_seen, right = p->wire_seen == p->wire.size;
    else if (strcmp(verb, "closed") == 0) right = p->closed && !p->aborted;
    else if (strcmp(verb, "aborted") == 0) right = p->aborted;
    else if (strcmp(verb, "lock") == 0) right = (p->account.maildrop_lock != NULL) == (strcmp(first, "taken") == 0);
    else if (strcmp(verb, "holds") == 0)
        right = (p->is_server ? mailbox_inbox(&p->account)->count : p->stored) == strtoul(first, NULL, 10);
    else if (strcmp(verb, "outcome") == 0) {
        is = p->client.reason ? p->client.reason : "";
        right = strcmp(outcomes[p->client.outcome], first) == 0 && strcmp(is, second) == 0;
    } else {
        return false;
    }
    EXPECT(p, right || !p->checks, "%.100s, but: %.200s", line, is);
    return true;
}

static void play_line(Play *p, char *line) {
    static char copy[LINE];
    char *words[WORDS];
    size_t count = 0;
    if ((line[0] == 'C' || line[0] == 'S') && line[1] == ':') {
        Text text = unescaped(p, line[2] ? line + 3 : "");
        if ((line[0] == 'C') != p->is_server) {
            if (!p->together) must_be_written(p, &text);
        } else {
            if (p->checks && p->is_server) note_given(p, &text);
            text_put(&text, "\r\n");
            comes_in(p, text.at, text.size);
        }
        text_free(&text);
        return;
    }
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word && count < WORDS; word = strtok(NULL, " ")) words[count++] = word;
    if (count == 0 || words[0][0] == '#') return;
    const char *verb = words[0];
    if (strcmp(verb, "raw") == 0) {
        Text text = unescaped(p, line + 4);
        comes_in(p, text.at, text.size);
        text_free(&text);
        return;
    }
    if (play_check(p, line, words, count)) return;
    flush_batch(p);
    if (strcmp(verb, "server") == 0) end_connection(p), begin_server(p, words + 1, count - 1);
    else if (strcmp(verb, "client") == 0) end_connection(p), begin_client(p, words + 1, count - 1);
    else if (strcmp(verb, "maildrop") == 0) {
        end_connection(p);
        mail_account_free(&p->account);
        mail_account_init(&p->account, "bob", 9);
    } else if (strcmp(verb, "mail") == 0) {
        Text text = unescaped(p, line[4] ? line + 5 : "");
        put_mail(p, &text);
        text_free(&text);
    } else if (strcmp(verb, "mails") == 0) {
        Text text = text_new();
        for (int i = atoi(words[1]); i > 0; i--) put_mail(p, &text);
        text_free(&text);
    } else if (strcmp(verb, "disk") == 0) {
        p->known_count = 0;
        for (size_t i = 1; i < count; i++) strcpy(p->known[p->known_count++], words[i]);
    } else if (strcmp(verb, "opens") == 0) GIVE(p, protocol_of(p)->opened(self_of(p), &p->effects));
    else if (strcmp(verb, "closes") == 0) p->peer_closing = true;
    else if (strcmp(verb, "ends") == 0) GIVE(p, protocol_of(p)->ended(self_of(p), arena_text(p->arena, words[1]), &p->effects));
    else if (strcmp(verb, "stop") == 0) GIVE(p, pop3_client_stop(&p->client, &p->effects));
    else if (strcmp(verb, "shut") == 0) GIVE(p, pop3_server_shut_down(&p->server, &p->effects));
    else if (strcmp(verb, "written") == 0) answer_write(p, true);
    else if (strcmp(verb, "not") == 0) answer_write(p, false);
    else if (strcmp(verb, "skip") == 0) p->wire_seen = p->wire.size;
    else if (strcmp(verb, "hold") == 0) p->held = true;
    else if (strcmp(verb, "room") == 0) p->held = false;
    else if (strcmp(verb, "wait") == 0) pass_time(p, time_of(p, words[1]));
    else EXPECT(p, false, "unknown: %.100s", line);
    if (p->begun) settle(p);
}

static Text play(const char *file, const char *text, size_t cut, bool each_octet, bool together, size_t *came) {
    static Play p;
    static char line[LINE];
    p = (Play){.file = file,
               .cut = cut,
               .each_octet = each_octet,
               .together = together,
               .checks = cut == SIZE_MAX && !each_octet && !together,
               .arena = arena_new(),
               .logged_in_at = SIM_NEVER};
    p.random = random_stream(1, "host", "pop3");
    mail_account_init(&p.account, "bob", 9);
    effects_begin(&p.effects, 0);
    const char *at = text;
    while (*at) {
        const char *end = strchr(at, '\n');
        if (!end) end = at + strlen(at);
        CHECK(end - at < LINE);
        snprintf(line, sizeof line, "%.*s", (int)(end - at), at);
        p.line++;
        play_line(&p, line);
        at = *end ? end + 1 : end;
    }
    end_connection(&p);
    *came = p.came;
    Text log = p.log;
    text_free(&p.batch), text_free(&p.unread), text_free(&p.facts), text_free(&p.wire);
    mail_account_free(&p.account);
    effects_free(&p.effects);
    arena_free(p.arena);
    return log;
}

static size_t play_file(const char *file, const char *text) {
    return transcript_cut(play, file, text, SIZE_MAX);
}

static void every_transcript(void **state) {
    (void)state;
    transcript_files(NETSTAGE_SOURCE "/tests/proto/pop3", play_file);
}

/* ---- Nothing left out ---- */

static void every_row_is_taken(void **state) {
    (void)state;
    Text missing = text_new();
    transcript_report_rows(&pop3_server_spec, server_rows, &missing);
    transcript_report_rows(&pop3_client_spec, client_rows, &missing);
    static const Pop3ServerState states[] = {POP3_SERVER_AUTHORIZATION, POP3_SERVER_NAMED, POP3_SERVER_TRANSACTION};
    for (size_t i = 0; i < pop3_command_count(); i++)
        for (size_t k = 0; k < sizeof states / sizeof states[0]; k++)
            if (!given[i][states[k]])
                text_print(&missing, "\n  %s is never given in the state %s", pop3_command_row(i)->verb,
                           pop3_server_spec.states[states[k]]);
    if (missing.size > 0) fprintf(stderr, "not taken by any transcript:%s\n", text_get(&missing));
    assert_int_equal(missing.size, 0);
    text_free(&missing);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_transcript), cmocka_unit_test(every_row_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
