/* SMTP's machines by transcript: no world, no network, only a machine, its stream and its clock.
 *
 * Each file of tests/proto/smtp/ is read from top to bottom. A line "server NAME=VALUE ..." or "client NAME=VALUE ..." begins
 * another connection (settings below); then
 *
 *   C: TEXT   S: TEXT    a line of the stream: of the side that is not tested it comes in, of the other it must be said next.
 *                        Escapes: \r \n \t \0 \\ \xHH; {500} behind a text repeats its last character so often
 *   raw TEXT             octets that come in, without a line end
 *   content TEXT         the client's next message is this content
 *   wire TEXT            the last octets that were written
 *   skip                 what has been said so far need not be looked at
 *   silence              nothing more has been said
 *   wait TIME            the clock goes on; timers expire on the way
 *   stored, not stored, full     the host's answer about the message
 *   job FROM TO ...      before "opens": a message for the client; words with = are its parameters (below)
 *   hold, room           the network takes no more of what is written; it does again
 *   opens, closes, ends HOW, stop, shut down     the connection; the host
 *   state NAME, fact NAME, closed, aborted, outcome N KIND CODE, asked NAME      what must have come of it
 *
 * Every transcript is run again with its input cut at each octet, octet by octet, and (a server's) run together as far as
 * nothing else happens between; what was said and heard, the states and facts must be the same. When all have run, each row of
 * the server's, the client's and the queue's table must have been taken, and each command given in each state. */
#define _POSIX_C_SOURCE 200809L
#include "transcripts.h"

#include "proto/smtp/client.h"
#include "proto/smtp/queue.h"
#include "proto/smtp/server.h"

enum { LINES = 4000, WORDS = 20, JOBS = 8 };

static bool server_rows[256], client_rows[256], queue_rows[64];
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
    SimTime now;
    Effects effects;
    Arena *arena;
    SmtpServer server;
    SmtpClient client;
    SmtpServerConfig server_config;
    SmtpClientConfig client_config;
    SmtpPostOffice office;
    uint32_t number;
    uint64_t room;
    bool greylisted_known;
    SmtpJob jobs[JOBS];
    size_t job_count, job_next;
    SmtpJob *done;
    Text unread, log, said, facts, asked, wire;
    size_t said_seen;
    bool closed, aborted, wrote, held, asks_next, peer_closing;
} Play;

#define EXPECT(play, condition, ...)                            \
    do {                                                        \
        if (!(condition)) {                                     \
            char message[900];                                  \
            snprintf(message, sizeof message, __VA_ARGS__);     \
            fail_msg("%s:%d: %s", (play)->file, (play)->line, message); \
        }                                                       \
    } while (0)

/* ---- The host ---- */

static uint64_t office_octets(void *self, uint32_t mailbox) {
    (void)self;
    return mailbox == 2 ? 100 : 0;
}
static uint64_t office_room(void *self) { return ((Play *)self)->room; }
static bool office_triplet(void *self, Ipv4Address client, const SmtpPath *from, const SmtpPath *to) {
    (void)client, (void)from, (void)to;
    return ((Play *)self)->greylisted_known;
}

static SmtpPath path_of(Play *p, const char *text) {
    SmtpPath path;
    EXPECT(p, smtp_path_set(&path, text), "\"%s\" is no mailbox", text);
    return path;
}

static Machine *machine_of(Play *p) { return p->is_server ? &p->server.machine : &p->client.machine; }
static const StreamProtocol *protocol_of(Play *p) { return p->is_server ? &smtp_server_stream : &smtp_client_stream; }
static void *self_of(Play *p) { return p->is_server ? (void *)&p->server : (void *)&p->client; }

static void note_done(Play *p) {
    p->done = &p->jobs[p->job_next - 1];
    for (size_t i = 0; i < p->done->recipient_count; i++) {
        SmtpOutcome *o = &p->done->recipients[i].outcome;
        text_print(&p->log, "outcome %zu %d %u\n", i, o->kind, (unsigned)o->code);
        if (o->text) o->text = arena_text(p->arena, o->text);
    }
}

static void carry_out(Play *p) {
    Effects *e = &p->effects;
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        Machine *m = effect->machine;
        switch ((EffectKind)effect->kind) {
            case EFFECT_STEP:
                (p->is_server ? server_rows : client_rows)[effect->step.row] = true;
                if (effect->step.from != effect->step.to) text_print(&p->log, "%s\n", m->spec->states[effect->step.to]);
                break;
            case EFFECT_IGNORED: text_print(&p->log, "ignored %s\n", effect->ignored.reason); break;
            case EFFECT_TIMER_SET: m->timers[effect->timer.timer].at = effect->timer.at; break;
            case EFFECT_TIMER_CLEAR: m->timers[effect->timer.timer].at = SIM_NEVER; break;
            case EFFECT_FACT:
                text_print(&p->log, "fact %s\n", effect->fact.spec->name);
                text_print(&p->facts, "%s\n", effect->fact.spec->name);
                break;
            case EFFECT_SAID: {
                const char *at = (const char *)e->octets + effect->said.octets_at;
                text_put(&p->log, effect->said.received ? "heard " : "said ");
                text_put_n(&p->log, at, effect->said.size);
                text_put_char(&p->log, '\n');
                if (effect->said.received) break;
                text_put_n(&p->said, at, effect->said.size);
                if (effect->said.part == STREAM_COMMAND || effect->said.size < 2 || at[effect->said.size - 1] != '\n') text_put(&p->said, "\r\n");
                break;
            }
            case EFFECT_WRITE:
                EXPECT(p, !p->closed, "nothing is written to a stream that was closed");
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
            case EFFECT_ASK: {
                static const char *const names[] = {[ASK_MAIL_ACCEPT] = "accept", [ASK_MAIL_NEXT] = "next", [ASK_MAIL_DONE] = "done", [ASK_MAIL_HOST_FAILED] = "host failed"};
                text_print(&p->log, "ask %s\n", names[effect->ask.ask]);
                text_print(&p->asked, "%s\n", names[effect->ask.ask]);
                if (effect->ask.ask == ASK_MAIL_NEXT) p->asks_next = true;
                if (effect->ask.ask == ASK_MAIL_DONE) note_done(p);
                break;
            }
            case EFFECT_SEND: EXPECT(p, false, "SMTP sends no datagrams");
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

/* What follows from an input: the next message, room for more of the content, octets that could not be taken before. */
static void settle(Play *p) {
    for (bool more = true; more;) {
        more = false;
        if (p->asks_next) {
            p->asks_next = false;
            SmtpJob *job = p->job_next < p->job_count ? &p->jobs[p->job_next++] : NULL;
            GIVE(p, smtp_client_job(&p->client, job, &p->effects));
            more = true;
        }
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

/* ---- Settings ---- */

static SimTime time_of(Play *p, const char *text) {
    SimTime t = 0;
    EXPECT(p, sim_time_parse(text, &t), "\"%s\" is no time", text);
    return t;
}

static SmtpName name_of(Play *p, const char *path, const char *full, SmtpNameKind kind, const char *one, const char *two) {
    SmtpName name = {.path = path_of(p, path), .full_name = full, .kind = kind};
    name.others = arena_alloc(p->arena, 2 * sizeof *name.others);
    if (one) name.others[name.other_count++] = path_of(p, one);
    if (two) name.others[name.other_count++] = path_of(p, two);
    return name;
}

static void end_connection(Play *p) {
    if (!p->begun) return;
    flush_batch(p);
    EXPECT(p, !p->checks || p->said_seen == p->said.size, "something more was said: %s", text_get(&p->said) + p->said_seen);
    if (p->is_server) smtp_server_release(&p->server);
    else smtp_client_release(&p->client);
    text_clear(&p->said), text_clear(&p->facts), text_clear(&p->asked), text_clear(&p->unread), text_clear(&p->wire);
    p->said_seen = 0;
    p->held = p->begun = p->closed = p->aborted = p->wrote = p->asks_next = p->peer_closing = false;
    p->job_count = p->job_next = 0;
    text_put(&p->log, "----\n");
}

static unsigned extension_bits(const char *list) {
    unsigned bits = 0;
    for (int i = 0; i < 7; i++) bits |= strstr(list, smtp_extension_names[i]) ? 1u << i : 0;
    return bits;
}

static void begin_server(Play *p, char **words, size_t count) {
    static const char *const policies[] = {"answer", "noncommittal", "disabled"};
    static const char *const eights[] = {"accept", "strip", "refuse"};
    const char *v;
    SmtpServerConfig *c = &p->server_config;
    *c = smtp_server_config_default;
    c->name = "hamburger.edu";
    c->size_most = 2000;
    c->names = arena_alloc(p->arena, 12 * sizeof *c->names);
    c->names[c->name_count++] = name_of(p, "bob", "Bob Baker", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count] = name_of(p, "bea", "", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count++].mailbox = 1;
    c->names[c->name_count] = name_of(p, "full", "", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count].quota = 100;
    c->names[c->name_count++].mailbox = 2;
    c->names[c->name_count] = name_of(p, "small", "", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count].quota = 200;
    c->names[c->name_count++].mailbox = 3;
    c->names[c->name_count] = name_of(p, "busy", "", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count].mailbox = 4;
    c->names[c->name_count++].busy = true;
    c->names[c->name_count] = name_of(p, "olive", "Olive On-line", SMTP_NAME_MAILBOX, NULL, NULL);
    c->names[c->name_count].mailbox = 5;
    c->names[c->name_count++].online = true;
    c->names[c->name_count] = name_of(p, "dave", "", SMTP_NAME_MOVED, "dave@elsewhere.org", NULL);
    c->names[c->name_count++].forward = true;
    c->names[c->name_count++] = name_of(p, "eve", "", SMTP_NAME_MOVED, "eve@elsewhere.org", NULL);
    c->names[c->name_count++] = name_of(p, "staff", "", SMTP_NAME_LIST, "bob", "dave@elsewhere.org");
    c->names[c->name_count++] = name_of(p, "smith", "Smith", SMTP_NAME_AMBIGUOUS, "bob", "bea");
    static SmtpUser users[] = {{"alice", "secret"}};
    c->users = users;
    c->user_count = transcript_is_set(words, count, "users", &v) ? 0 : 1;
    static Ipv4Prefix trusted[] = {{0x0a000000, 8}};
    c->trusted = trusted;
    c->trusted_count = transcript_is_set(words, count, "trusted", &v) ? 1 : 0;
    if (transcript_is_set(words, count, "extensions", &v)) c->extensions = (uint8_t)extension_bits(v);
    if (transcript_is_set(words, count, "size", &v)) c->size_most = strtoull(v, NULL, 10);
    if (transcript_is_set(words, count, "recipients", &v)) c->recipients_most = (uint16_t)atoi(v);
    if (transcript_is_set(words, count, "hops", &v)) c->hops_most = (uint16_t)atoi(v);
    if (transcript_is_set(words, count, "errors", &v)) c->errors_most = (uint16_t)atoi(v);
    c->legacy = transcript_is_set(words, count, "legacy", &v);
    c->auth_required = transcript_is_set(words, count, "auth_required", &v);
    c->no_service = transcript_is_set(words, count, "no_service", &v);
    bool one_too_many = transcript_is_set(words, count, "one_too_many", &v);
    for (unsigned i = 0; i < 3; i++) {
        if (transcript_is_set(words, count, "vrfy", &v) && strcmp(v, policies[i]) == 0) c->verify = (SmtpVerify)i;
        if (transcript_is_set(words, count, "expn", &v) && strcmp(v, policies[i]) == 0) c->expand = (SmtpVerify)i;
        if (transcript_is_set(words, count, "eight_bit", &v) && strcmp(v, eights[i]) == 0) c->eight_bit = (SmtpEightBit)i;
    }
    if (transcript_is_set(words, count, "greylist", &v)) c->greylist = time_of(p, v);
    p->greylisted_known = transcript_is_set(words, count, "known", &v);
    p->room = transcript_is_set(words, count, "room", &v) ? strtoull(v, NULL, 10) : UINT64_MAX;
    p->office = (SmtpPostOffice){p, office_octets, office_room, office_triplet};
    smtp_server_init(&p->server);
    machine_init(&p->server.machine, &smtp_server_spec, &p->server, NULL, 0, 0);
    smtp_server_begin(&p->server, c, &p->office, 0x0a000005, 0x0a000019, &p->number);
    p->server.one_too_many = one_too_many;
    p->is_server = p->begun = true;
    GIVE(p, smtp_server_stream.opened(&p->server, &p->effects));
}

static void begin_client(Play *p, char **words, size_t count) {
    const char *v;
    SmtpClientConfig *c = &p->client_config;
    *c = smtp_client_config_default;
    c->name = "crepes.fr";
    c->extended = !transcript_is_set(words, count, "helo", &v);
    c->spaced = transcript_is_set(words, count, "spaced", &v);
    c->pipelining = !transcript_is_set(words, count, "one_by_one", &v);
    if (transcript_is_set(words, count, "user", &v)) {
        c->user = arena_text(p->arena, v);
        c->password = "secret";
    }
    smtp_client_init(&p->client);
    machine_init(&p->client.machine, &smtp_client_spec, &p->client, NULL, 0, 0);
    smtp_client_begin(&p->client, c);
    p->is_server = false;
    p->begun = true;
    GIVE(p, smtp_client_stream.connecting(&p->client, &p->effects));
}

static void add_job(Play *p, char **words, size_t count) {
    EXPECT(p, p->job_count < JOBS && count >= 2, "job FROM TO ...");
    SmtpJob *job = &p->jobs[p->job_count++];
    const char *v;
    *job = (SmtpJob){.mail = {.path = path_of(p, strcmp(words[0], "null") == 0 ? "" : words[0])}};
    job->recipients = arena_alloc(p->arena, count * sizeof *job->recipients);
    for (size_t i = 1; i < count; i++)
        if (!strchr(words[i], '=')) job->recipients[job->recipient_count++] = (SmtpJobRecipient){.path = path_of(p, words[i]), .orcpt = "rfc822;x"};
    if (transcript_is_set(words, count, "body", &v)) job->mail.body = SMTP_BODY_8BITMIME;
    if (transcript_is_set(words, count, "utf8", &v)) job->mail.smtputf8 = true;
    if (transcript_is_set(words, count, "ret", &v)) job->mail.ret = v[0] == 'F' ? SMTP_RET_FULL : SMTP_RET_HDRS;
    if (transcript_is_set(words, count, "envid", &v)) strcpy(job->mail.envid, v);
    if (transcript_is_set(words, count, "notify", &v))
        for (size_t i = 0; i < job->recipient_count; i++) job->recipients[i].notify = (uint8_t)atoi(v);
    static const char content[] = "Subject: x\r\n\r\ny\r\n.z\r\n";
    job->content = bytes_of(content, sizeof content - 1);
    if (transcript_is_set(words, count, "size", &v)) {
        size_t size = strtoull(v, NULL, 10);
        uint8_t *octets = arena_alloc(p->arena, size);
        memset(octets, 'x', size);
        for (size_t i = 77; i < size; i += 78) octets[i - 1] = '\r', octets[i] = '\n';
        job->content = bytes_of(octets, size);
    }
}

/* ---- A line ---- */

static Text unescaped(Play *p, const char *from) {
    Text text = text_new();
    EXPECT(p, transcript_unescape(from, &text), "{NUMBER} expected");
    return text;
}

static void must_be_said(Play *p, const Text *line) {
    if (!p->checks) return;
    const char *at = text_get(&p->said) + p->said_seen;
    size_t left = p->said.size - p->said_seen;
    EXPECT(p, left > 0, "nothing was said, but this was expected: %s", text_get(line));
    const char *end = at;
    while (end + 1 < at + left && !(end[0] == '\r' && end[1] == '\n')) end++;
    size_t size = (size_t)(end - at);
    EXPECT(p, size == line->size && (size == 0 || memcmp(at, line->at, size) == 0), "said \"%.*s\", expected \"%s\"", (int)size, at, text_get(line));
    p->said_seen += size + 2;
}

static void note_given(const Play *p, const Text *line) {
    for (size_t i = 0; i < smtp_command_count(); i++) {
        const char *verb = smtp_command_row(i)->verb;
        size_t size = strlen(verb);
        if (line->size >= size && smtp_text_equal(bytes_of(line->at, size), verb) && (line->size == size || line->at[size] == ' ')) given[i][p->server.machine.state] = true;
    }
}

static void pass_time(Play *p, SimTime span) {
    SimTime until = p->now + span;
    MachineTimer *timer = &machine_of(p)->timers[0];
    while (timer->at <= until) {
        p->now = timer->at;
        timer->at = SIM_NEVER;
        GIVE(p, protocol_of(p)->timer(self_of(p), 0, &p->effects));
        settle(p);
    }
    p->now = until;
}

static bool has_line(const Text *text, const char *line) {
    size_t size = strlen(line);
    for (const char *at = text_get(text); *at; at = strchr(at, '\n') + 1)
        if (strncmp(at, line, size) == 0 && at[size] == '\n') return true;
    return false;
}

static void play_line(Play *p, char *line) {
    static const char *const kinds[] = {"open", "accepted", "sent", "later", "refused"};
    char copy[4000], *words[WORDS];
    size_t count = 0;
    if (line[0] == 'C' && line[1] == ':' && !p->is_server) EXPECT(p, p->begun, "no connection");
    if ((line[0] == 'C' || line[0] == 'S') && line[1] == ':') {
        Text text = unescaped(p, line[2] ? line + 3 : "");
        if ((line[0] == 'C') != p->is_server) {
            if (!p->together) must_be_said(p, &text);
        } else {
            if (p->checks && p->is_server) note_given(p, &text);
            text_put(&text, "\r\n");
            comes_in(p, text.at, text.size);
        }
        text_free(&text);
        return;
    }
    if (strncmp(line, "raw ", 4) == 0) {
        Text text = unescaped(p, line + 4);
        comes_in(p, text.at, text.size);
        text_free(&text);
        return;
    }
    if (strncmp(line, "wire ", 5) == 0) {
        Text text = unescaped(p, line + 5);
        EXPECT(p, p->wire.size >= text.size && memcmp(p->wire.at + p->wire.size - text.size, text.at, text.size) == 0, "the octets were other ones");
        text_free(&text);
        return;
    }
    snprintf(copy, sizeof copy, "%s", line);
    for (char *word = strtok(copy, " "); word && count < WORDS; word = strtok(NULL, " ")) words[count++] = word;
    if (count == 0 || words[0][0] == '#') return;
    const char *verb = words[0];
    bool checks = strcmp(verb, "state") == 0 || strcmp(verb, "fact") == 0 || strcmp(verb, "silence") == 0 || strcmp(verb, "closed") == 0 || strcmp(verb, "aborted") == 0 ||
                  strcmp(verb, "outcome") == 0 || strcmp(verb, "asked") == 0;
    if (checks) {
        if (!p->checks) return;
        const char *state = machine_of(p)->spec->states[machine_of(p)->state];
        if (strcmp(verb, "state") == 0) EXPECT(p, strcmp(state, words[1]) == 0, "in the state %s", state);
        else if (strcmp(verb, "fact") == 0) EXPECT(p, has_line(&p->facts, words[1]), "no such fact");
        else if (strcmp(verb, "asked") == 0) EXPECT(p, has_line(&p->asked, line + 6), "not asked");
        else if (strcmp(verb, "silence") == 0) EXPECT(p, p->said_seen == p->said.size, "this was said: %s", text_get(&p->said) + p->said_seen);
        else if (strcmp(verb, "closed") == 0) EXPECT(p, p->closed && !p->aborted, "not closed");
        else if (strcmp(verb, "aborted") == 0) EXPECT(p, p->aborted, "not aborted");
        else {
            const SmtpOutcome *o = &p->done->recipients[atoi(words[1])].outcome;
            EXPECT(p, strcmp(kinds[o->kind], words[2]) == 0 && o->code == atoi(words[3]), "%s %u %s", kinds[o->kind], (unsigned)o->code, o->text ? o->text : "");
        }
        return;
    }
    flush_batch(p);
    if (strcmp(verb, "server") == 0) end_connection(p), begin_server(p, words + 1, count - 1);
    else if (strcmp(verb, "client") == 0) end_connection(p), begin_client(p, words + 1, count - 1);
    else if (strcmp(verb, "job") == 0) add_job(p, words + 1, count - 1);
    else if (strcmp(verb, "opens") == 0) GIVE(p, protocol_of(p)->opened(self_of(p), &p->effects));
    else if (strcmp(verb, "closes") == 0) p->peer_closing = true;
    else if (strcmp(verb, "ends") == 0) GIVE(p, protocol_of(p)->ended(self_of(p), words[1], &p->effects));
    else if (strcmp(verb, "stop") == 0) GIVE(p, smtp_client_stop(&p->client, &p->effects));
    else if (strcmp(verb, "shut") == 0) GIVE(p, smtp_server_shut_down(&p->server, &p->effects));
    else if (strcmp(verb, "stored") == 0) GIVE(p, smtp_server_stored(&p->server, true, false, &p->effects));
    else if (strcmp(verb, "full") == 0) GIVE(p, smtp_server_stored(&p->server, false, true, &p->effects));
    else if (strcmp(verb, "not") == 0) GIVE(p, smtp_server_stored(&p->server, false, false, &p->effects));
    else if (strcmp(verb, "skip") == 0) p->said_seen = p->said.size;
    else if (strcmp(verb, "hold") == 0) p->held = true;
    else if (strcmp(verb, "room") == 0) p->held = false;
    else if (strcmp(verb, "wait") == 0) pass_time(p, time_of(p, words[1]));
    else EXPECT(p, false, "unknown: %.100s", line);
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
    end_connection(&p);
    *came = p.came;
    Text log = p.log;
    text_free(&p.batch), text_free(&p.unread), text_free(&p.said), text_free(&p.facts), text_free(&p.asked), text_free(&p.wire);
    effects_free(&p.effects);
    arena_free(p.arena);
    return log;
}

static size_t play_file(const char *file, const char *text) {
    return transcript_cut(play, file, text, SIZE_MAX);
}

static void every_transcript(void **state) {
    (void)state;
    transcript_files(NETSTAGE_SOURCE "/tests/proto/smtp", play_file);
}

/* ---- The queue: a machine without a stream ---- */

static SmtpQueueEntry entry;
static Text queue_log;

static void queue_carry(Effects *e) {
    for (size_t i = 0; i < e->count; i++) {
        const Effect *effect = &e->items[i];
        if (effect->kind == EFFECT_STEP) queue_rows[effect->step.row] = true;
        if (effect->kind == EFFECT_TIMER_SET) text_print(&queue_log, "timer %u %lld\n", (unsigned)effect->timer.timer, (long long)(effect->timer.at / SIM_SECOND));
        if (effect->kind == EFFECT_TIMER_CLEAR) text_print(&queue_log, "clear %u\n", (unsigned)effect->timer.timer);
        if (effect->kind != EFFECT_ASK) continue;
        static const char *const names[] = {[ASK_MAIL_ROUTE] = "route", [ASK_MAIL_CONNECT] = "connect", [ASK_MAIL_DEFERRED] = "deferred", [ASK_MAIL_REPORT] = "report", [ASK_MAIL_REMOVE] = "remove"};
        text_print(&queue_log, "%s", names[effect->ask.ask]);
        if (effect->ask.ask == ASK_MAIL_CONNECT || effect->ask.ask == ASK_MAIL_REPORT) text_print(&queue_log, " %d", (int)effect->ask.number);
        text_put(&queue_log, "\n");
    }
}

#define QUEUE(at_s, call, state_, expected)                                      \
    do {                                                                         \
        Effects effects = {0};                                                   \
        effects_begin(&effects, (at_s)*SIM_SECOND);                              \
        text_clear(&queue_log);                                                  \
        call;                                                                    \
        queue_carry(&effects);                                                   \
        effects_free(&effects);                                                  \
        assert_string_equal(smtp_queue_spec.states[entry.machine.state], state_); \
        assert_string_equal(text_get(&queue_log), expected);                     \
    } while (0)
#define INPUT(what) smtp_queue_input(&entry, SMTP_QUEUE_ON_##what, &effects)

static const SmtpQueueConfig queue_config = {100 * SIM_SECOND, 300 * SIM_SECOND, 1000 * SIM_SECOND, 500 * SIM_SECOND};

static void queue_begin(const SmtpQueueConfig *config) {
    entry = (SmtpQueueEntry){0};
    machine_init(&entry.machine, &smtp_queue_spec, &entry, NULL, 0, 0);
    const char *expected = config->warn ? "timer 2 1000\ntimer 1 500\nclear 0\nroute\n" : "clear 0\nroute\n";
    QUEUE(0, smtp_queue_enter(&entry, config, 0, false, &effects), "RESOLVING", expected);
}

static void the_queue(void **state) {
    (void)state;
    queue_begin(&queue_config);
    QUEUE(1, INPUT(ROUTE_LATER), "DEFERRED", "timer 0 101\ndeferred\n");
    QUEUE(101, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_RETRY, &effects), "RESOLVING", "clear 0\nroute\n");
    QUEUE(102, smtp_queue_route(&entry, 2, &effects), "SENDING", "connect 0\n");
    QUEUE(103, INPUT(HOST_FAILED), "SENDING", "connect 1\n");
    QUEUE(104, INPUT(HOST_FAILED), "DEFERRED", "timer 0 304\ndeferred\n");
    QUEUE(110, INPUT(RUN), "RESOLVING", "clear 0\nroute\n");
    QUEUE(111, smtp_queue_route(&entry, 1, &effects), "SENDING", "connect 0\n");
    QUEUE(112, smtp_queue_settled(&entry, true, &effects), "DEFERRED", "report 0\ntimer 0 412\ndeferred\n");
    QUEUE(120, INPUT(TAKEN_ALONG), "SENDING", "clear 0\n");
    QUEUE(500, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_WARN, &effects), "SENDING", "report 1\n");
    QUEUE(501, smtp_queue_settled(&entry, false, &effects), "DONE", "report 0\nclear 0\nclear 1\nclear 2\nremove\n");
    queue_begin(&queue_config);
    QUEUE(500, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_WARN, &effects), "RESOLVING", "report 1\n");
    QUEUE(600, INPUT(ROUTE_LATER), "DEFERRED", "timer 0 700\ndeferred\n");
    QUEUE(1000, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_GIVE_UP, &effects), "DONE", "report 2\nclear 0\nclear 1\nclear 2\nremove\n");
    queue_begin(&queue_config);
    QUEUE(1, INPUT(ROUTE_LATER), "DEFERRED", "timer 0 101\ndeferred\n");
    QUEUE(500, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_WARN, &effects), "DEFERRED", "report 1\n");
    QUEUE(501, INPUT(RUN), "RESOLVING", "clear 0\nroute\n");
    QUEUE(1000, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_GIVE_UP, &effects), "RESOLVING", "");
    QUEUE(1001, INPUT(ROUTE_LATER), "DONE", "report 2\nclear 0\nclear 1\nclear 2\nremove\n");
    queue_begin(&queue_config);
    QUEUE(1, INPUT(NO_ROUTE), "DONE", "report 3\nclear 0\nclear 1\nclear 2\nremove\n");
    for (int how = 0; how < 3; how++) {
        queue_begin(&queue_config);
        QUEUE(1, smtp_queue_route(&entry, 1, &effects), "SENDING", "connect 0\n");
        QUEUE(1000, smtp_queue_timer(&entry, SMTP_QUEUE_TIMER_GIVE_UP, &effects), "SENDING", "");
        if (how == 0) QUEUE(1001, INPUT(HOST_FAILED), "DONE", "report 2\nclear 0\nclear 1\nclear 2\nremove\n");
        if (how == 1) QUEUE(1001, smtp_queue_settled(&entry, true, &effects), "DONE", "report 2\nclear 0\nclear 1\nclear 2\nremove\n");
        if (how == 2) QUEUE(1001, INPUT(NO_ROUTE), "DONE", "report 3\nclear 0\nclear 1\nclear 2\nremove\n");
    }
    /* One attempt is all it gets. */
    queue_begin(&(SmtpQueueConfig){100 * SIM_SECOND, 300 * SIM_SECOND, 0, 0});
    QUEUE(0, INPUT(ROUTE_LATER), "DONE", "report 2\nclear 0\nclear 1\nclear 2\nremove\n");
    /* Never longer than the longest; and what is found on disk goes on where it was. */
    queue_begin(&queue_config);
    static const char *const waits[] = {"timer 0 110\ndeferred\n", "timer 0 210\ndeferred\n", "timer 0 310\ndeferred\n", "timer 0 310\ndeferred\n"};
    for (size_t i = 0; i < 4; i++) {
        QUEUE(10, INPUT(ROUTE_LATER), "DEFERRED", waits[i]);
        QUEUE(10, INPUT(RUN), "RESOLVING", "clear 0\nroute\n");
    }
    machine_init(&entry.machine, &smtp_queue_spec, &entry, NULL, 0, 0);
    QUEUE(700, smtp_queue_enter(&entry, &queue_config, 0, true, &effects), "RESOLVING", "timer 2 1000\nclear 0\nroute\n");
    machine_init(&entry.machine, &smtp_queue_spec, &entry, NULL, 0, 0);
    QUEUE(1700, smtp_queue_enter(&entry, &queue_config, 0, false, &effects), "RESOLVING", "timer 2 1700\ntimer 1 1700\nclear 0\nroute\n");
    text_free(&queue_log);
}

/* ---- Nothing left out ---- */

static void every_row_is_taken(void **state) {
    (void)state;
    Text missing = text_new();
    transcript_report_rows(&smtp_server_spec, server_rows, &missing);
    transcript_report_rows(&smtp_client_spec, client_rows, &missing);
    transcript_report_rows(&smtp_queue_spec, queue_rows, &missing);
    static const SmtpServerState states[] = {SMTP_SERVER_GREETED, SMTP_SERVER_READY, SMTP_SERVER_MAIL, SMTP_SERVER_RCPT, SMTP_SERVER_REFUSING};
    for (size_t i = 0; i < smtp_command_count(); i++)
        for (size_t k = 0; k < sizeof states / sizeof states[0]; k++)
            if (!given[i][states[k]]) text_print(&missing, "\n  %s is never given in the state %s", smtp_command_row(i)->verb, smtp_server_spec.states[states[k]]);
    if (missing.size > 0) fprintf(stderr, "not taken by any transcript:%s\n", text_get(&missing));
    assert_int_equal(missing.size, 0);
    text_free(&missing);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_transcript), cmocka_unit_test(the_queue), cmocka_unit_test(every_row_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
