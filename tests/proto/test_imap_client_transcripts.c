/* The IMAP client by transcript: no world, no network, only a machine, its stream and its clock.
 *
 * Each file of tests/proto/imap_client/ is read from top to bottom. "client NAME=VALUE ..." begins with an empty memory
 * (settings below), "again" another connection of the same client. Then
 *
 *   S: TEXT   C: TEXT    a line of the stream: the server's comes in, the client's must have been said next.
 *                        Escapes: \r \n \t \0 \\ \xHH; {500} behind a text repeats its last character so often
 *   raw TEXT             octets that come in, without a line end
 *   skip, silence        what has been said so far need not be looked at; nothing more has been said
 *   wait TIME            the clock goes on; timers expire on the way
 *   written, not written    the host's answer to what is to be on disk; "disk asks" holds the answer back, else it is given
 *                        at once
 *   open N, part N PART FROM OCTETS, flag N +FLAG, file N MAILBOX, delete N, keep MAILBOX TEXT, check, leave    the user
 *   opens, closes, ends HOW, stop     the connection; the host
 *   state NAME, fact TEXT, no fact, ignored REASON, closed, aborted, known N, asks N, outcome NAME REASON     what must have
 *                        come of it; "fact" looks through the facts in their order
 *   let NAME ... end     lines for later; "do NAME" plays them
 *   endings NAME STATE   after these lines, in this state: each way in which a connection can end
 *
 * "client", "do" and each ending begin a transcript. Each is run again with its input cut at each octet, and octet by octet; what was said and heard, the states,
 * facts and octets must be the same. When all have run, each row of the table must have been taken. */
#define _POSIX_C_SOURCE 200809L
#include "transcripts.h"

#include "mail/octets.h"
#include "proto/imap/client.h"

enum { LINE = 60000, WORDS = 20, BLOCKS = 60 };

static bool rows_taken[400];

typedef struct {
    const char *file;
    int line, depth;
    /* How the input is cut. */
    size_t cut; /* octets that have come in before the cut; SIZE_MAX: none */
    bool each_octet, checks;
    size_t came, cut_from; /* octets; cuts before this place are another transcript's */

    bool begun, disk_asks, writing;
    SimTime now;
    Effects effects;
    Arena *arena;
    ImapClient client;
    ImapClientConfig config;
    ImapMemory memory;
    size_t asked;
    struct {
        char name[40];
        Text lines;
    } blocks[BLOCKS];
    size_t block_count;
    Text *defining;
    Text unread, log, facts, ignored, wire;
    size_t wire_seen, facts_seen;
    bool closed, aborted, peer_closing;
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
    for (char *at = line.at; *at; at++)
        if (*at == '\r' || *at == '\n') *at = '~';
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
                rows_taken[effect->step.row] = true;
                if (effect->step.from != effect->step.to)
                    text_print(&p->log, "%s\n", m->spec->states[effect->step.to]);
                break;
            case EFFECT_IGNORED:
                text_print(&p->log, "ignored %s\n", effect->ignored.reason);
                text_print(&p->ignored, "%s\n", effect->ignored.reason);
                break;
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
                p->writing = true;
                p->asked++;
                text_put(&p->log, "ask write\n");
                break;
            case EFFECT_SEND: EXPECT(p, false, "IMAP sends no datagrams");
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

static void answer_write(Play *p, bool written) {
    EXPECT(p, p->writing, "nothing was asked to be written");
    p->writing = false;
    GIVE(p, imap_client_written(&p->client, written, &p->effects));
}

/* What follows from an input: the disk, octets that could not be taken before. */
static void settle(Play *p) {
    for (bool more = true; more;) {
        more = false;
        if (p->writing && !p->disk_asks) {
            answer_write(p, true);
            more = true;
        }
        if (p->unread.size > 0) {
            size_t taken = 0;
            GIVE(p, taken = imap_client_stream.receive(&p->client, bytes_of(p->unread.at, p->unread.size), &p->effects));
            EXPECT(p, taken <= p->unread.size, "more octets were taken than came");
            memmove(p->unread.at, p->unread.at + taken, p->unread.size - taken);
            p->unread.size -= taken;
            more |= taken > 0;
        }
        if (p->peer_closing && p->unread.size == 0) {
            p->peer_closing = false;
            GIVE(p, imap_client_stream.peer_closed(&p->client, &p->effects));
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
    if (p->each_octet) {
        for (size_t i = 0; i < size; i++) deliver(p, octets + i, 1);
    } else if (p->cut > from && p->cut < from + size) {
        deliver(p, octets, p->cut - from);
        deliver(p, octets + (p->cut - from), size - (p->cut - from));
    } else {
        deliver(p, octets, size);
    }
}

/* ---- Settings ---- */

static SimTime time_of(Play *p, const char *text) {
    SimTime t = 0;
    EXPECT(p, sim_time_parse(text, &t), "\"%s\" is no time", text);
    return t;
}

static void end_connection(Play *p) {
    if (!p->begun) return;
    EXPECT(p, !p->checks || p->wire_seen == p->wire.size, "something more was said: %s",
           text_get(&p->wire) + p->wire_seen);
    imap_client_end(&p->client);
    text_print(&p->log, "wire %s\n----\n", text_get(&p->wire));
    text_clear(&p->facts), text_clear(&p->ignored), text_clear(&p->unread), text_clear(&p->wire);
    p->wire_seen = p->facts_seen = 0;
    p->begun = p->closed = p->aborted = p->peer_closing = p->writing = p->disk_asks = false;
}

static void begin_connection(Play *p, bool reconnecting) {
    machine_init(&p->client.machine, &imap_client_spec, &p->client, NULL, 0, 0);
    imap_client_begin(&p->client, &p->config, &p->memory, p->arena);
    p->client.reconnecting = reconnecting;
    p->begun = true;
    GIVE(p, imap_client_stream.connecting(&p->client, &p->effects));
}

static void forget_client(Play *p) {
    end_connection(p);
    imap_client_release(&p->client);
    imap_memory_clear(&p->memory);
}

static void begin_client(Play *p, char **words, size_t count) {
    const char *v;
    ImapClientConfig *c = &p->config;
    *c = imap_client_config_default;
    c->user = "bob";
    c->password = transcript_is_set(words, count, "password", &v) ? arena_text(p->arena, v) : "hungry";
    c->authenticate = transcript_is_set(words, count, "authenticate", &v);
    c->idle = !transcript_is_set(words, count, "idle", &v);
    c->move = !transcript_is_set(words, count, "move", &v);
    if (transcript_is_set(words, count, "poll", &v)) c->poll = time_of(p, v);
    if (transcript_is_set(words, count, "piece", &v)) c->piece = (uint32_t)atoi(v);
    if (transcript_is_set(words, count, "size_most", &v)) c->size_most = strtoull(v, NULL, 10);
    if (transcript_is_set(words, count, "memory_most", &v)) c->memory_most = strtoull(v, NULL, 10);
    forget_client(p);
    imap_client_init(&p->client);
    p->asked = 0;
    begin_connection(p, false);
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


static void pass_time(Play *p, SimTime span) {
    SimTime until = p->now + span;
    for (;;) {
        MachineTimer *next = NULL;
        for (size_t i = 0; i < imap_client_spec.timer_count; i++) {
            MachineTimer *timer = &p->client.machine.timers[i];
            if (p->begun && timer->at <= until && (!next || timer->at < next->at)) next = timer;
        }
        if (!next) break;
        p->now = next->at;
        next->at = SIM_NEVER;
        GIVE(p, imap_client_stream.timer(&p->client, (uint8_t)(next - p->client.machine.timers), &p->effects));
        settle(p);
    }
    p->now = until;
}

/* ---- The user ---- */

static char *copy_of(const char *text) {
    char *copy = memory_new(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    return copy;
}

static bool play_wish(Play *p, const char *line, char **words, size_t count) {
    const char *verb = words[0];
    ImapRequest r = {0};
    if (strcmp(verb, "check") == 0) {
        GIVE(p, imap_client_check(&p->client, &p->effects));
        return true;
    }
    if (strcmp(verb, "leave") == 0) {
        GIVE(p, imap_client_leave(&p->client, &p->effects));
        return true;
    }
    if (strcmp(verb, "open") == 0) r.kind = IMAP_REQUEST_OPEN;
    else if (strcmp(verb, "part") == 0) r.kind = IMAP_REQUEST_PART;
    else if (strcmp(verb, "flag") == 0) r.kind = IMAP_REQUEST_FLAG;
    else if (strcmp(verb, "file") == 0) r.kind = IMAP_REQUEST_FILE;
    else if (strcmp(verb, "delete") == 0) r.kind = IMAP_REQUEST_DELETE;
    else if (strcmp(verb, "keep") == 0) r.kind = IMAP_REQUEST_KEEP;
    else return false;
    EXPECT(p, count > 1, "of which message? %.100s", line);
    if (r.kind == IMAP_REQUEST_KEEP) {
        Text text = unescaped(p, line + strlen("keep ") + strlen(words[1]) + 1);
        r.content = mail_content_new((const uint8_t *)text_get(&text), text.size);
        text_free(&text);
        r.mailbox = copy_of(words[1]);
    } else {
        size_t number = strtoul(words[1], NULL, 10);
        EXPECT(p, number >= 1 && number <= p->memory.count, "message %zu is not known", number);
        r.uid = p->memory.items[number - 1].uid;
    }
    if (r.kind == IMAP_REQUEST_PART) {
        snprintf(r.part, sizeof r.part, "%s", words[2]);
        r.from = (uint32_t)atoi(words[3]);
        r.octets = (uint32_t)atoi(words[4]);
    }
    if (r.kind == IMAP_REQUEST_FLAG) {
        r.set = words[2][0] == '+';
        r.flag = copy_of(words[2] + 1);
    }
    if (r.kind == IMAP_REQUEST_FILE) r.mailbox = copy_of(words[2]);
    EXPECT(p, imap_client_request(&p->client, &r), "too many requests");
    GIVE(p, imap_client_wake(&p->client, &p->effects));
    return true;
}

/* ---- What must have come of it ---- */

static bool play_check(Play *p, const char *line, char **words, size_t count) {
    static const char *const outcomes[] = {"none", "done", "later", "refused"};
    const char *verb = words[0], *first = count > 1 ? words[1] : "", *second = count > 2 ? words[2] : "";
    bool right = false;
    const char *is = "";
    char number[40];
    if (strcmp(verb, "state") == 0) {
        is = imap_client_spec.states[p->client.machine.state];
        right = strcmp(is, first) == 0;
    } else if (strcmp(verb, "fact") == 0) {
        is = text_get(&p->facts) + p->facts_seen;
        right = !p->checks || find_fact(p, line + 5);
    } else if (strcmp(verb, "no") == 0) {
        is = text_get(&p->facts) + p->facts_seen;
        right = *is == 0;
    } else if (strcmp(verb, "ignored") == 0) {
        is = text_get(&p->ignored);
        right = strstr(is, first) != NULL;
        text_clear(&p->ignored);
    } else if (strcmp(verb, "silence") == 0) {
        is = text_get(&p->wire) + p->wire_seen;
        right = p->wire_seen == p->wire.size;
    } else if (strcmp(verb, "closed") == 0) {
        right = p->closed && !p->aborted;
    } else if (strcmp(verb, "aborted") == 0) {
        right = p->aborted;
    } else if (strcmp(verb, "known") == 0 || strcmp(verb, "asks") == 0) {
        size_t value = verb[0] == 'k' ? p->memory.count : p->asked;
        snprintf(number, sizeof number, "%zu", value);
        is = number;
        right = value == strtoul(first, NULL, 10);
    } else if (strcmp(verb, "outcome") == 0) {
        is = p->client.reason ? p->client.reason : "";
        right = strcmp(outcomes[p->client.outcome], first) == 0 && strcmp(is, second) == 0;
    } else {
        return false;
    }
    EXPECT(p, right || !p->checks, "%.100s, but: %.400s", line, is);
    return true;
}

/* ---- Lines ---- */

static void play_lines(Play *p, const char *text, bool counts);

static const char *block_named(Play *p, const char *name) {
    for (size_t i = 0; i < p->block_count; i++)
        if (strcmp(p->blocks[i].name, name) == 0) return text_get(&p->blocks[i].lines);
    EXPECT(p, false, "no lines are called %s", name);
    return "";
}

/* A way in which a connection can end. In some states no reply is waited for, in some nothing is read. */
static const char late[] = "state CLOSED\nends tcp.reset\nwait 10m\nsilence\n",
                  closing[] = "closed\nstate CLOSING\nS: * 9 EXISTS\n",
                  closing_late[] = "closed\nstate CLOSING\nwait 60s\naborted\nstate CLOSED\n";
static const struct {
    const char *name, *lines, *after, *not_in;
} endings[] = {
    {"nonsense", "raw rubbish\\n\naborted\noutcome later imap.nonsense\n", late, "STORING"},
    {"time", "wait 59s\nstate %s\nwait 1s\naborted\noutcome later imap.timeout\n", late, "STORING IDLING WAITING"},
    {"bye", "S: * BYE sorry\noutcome later imap.bye\n", closing_late, "STORING LOGOUT"},
    {"stop", "stop\naborted\noutcome later imap.stopped\n", late, ""},
    {"closes", "closes\noutcome later imap.closed_early\n", closing, ""},
    {"ends", "ends tcp.reset\nstate CLOSED\noutcome later tcp.reset\n", "wait 10m\nsilence\n", ""},
};
enum { ENDINGS = sizeof endings / sizeof endings[0] };

static void play_ending(Play *p, const char *name, const char *block, const char *state) {
    char lines[400];
    size_t i = 0;
    while (i < ENDINGS && strcmp(endings[i].name, name) != 0) i++;
    EXPECT(p, i < ENDINGS, "no ending is called %s", name);
    play_lines(p, block_named(p, block), false);
    snprintf(lines, sizeof lines, "state %s\nskip\n", state);
    play_lines(p, lines, false);
    p->cut_from = p->came;
    snprintf(lines, sizeof lines, endings[i].lines, state);
    play_lines(p, lines, false);
    play_lines(p, endings[i].after, false);
    if (endings[i].after == closing) play_lines(p, "stop\naborted\nstate CLOSED\n", false);
}

static bool play_block(Play *p, char **words, size_t count) {
    if (strcmp(words[0], "let") == 0 && count > 1) {
        CHECK(p->block_count < BLOCKS);
        snprintf(p->blocks[p->block_count].name, sizeof p->blocks[0].name, "%s", words[1]);
        p->defining = &p->blocks[p->block_count++].lines;
        *p->defining = text_new();
    } else if (strcmp(words[0], "do") == 0 && count > 1) {
        play_lines(p, block_named(p, words[1]), false);
    } else if (strcmp(words[0], "ending") == 0 && count > 3) {
        play_ending(p, words[1], words[2], words[3]);
    } else {
        return false;
    }
    return true;
}

static void play_line(Play *p, char *line) {
    char copy[2000];
    char *words[WORDS];
    size_t count = 0;
    if (p->defining) {
        if (strcmp(line, "end") == 0) p->defining = NULL;
        else text_print(p->defining, "%s\n", line);
        return;
    }
    if ((line[0] == 'C' || line[0] == 'S') && line[1] == ':') {
        Text text = unescaped(p, line[2] ? line + 3 : "");
        if (line[0] == 'C') {
            must_be_written(p, &text);
        } else {
            text_put(&text, "\r\n");
            comes_in(p, text.at, text.size);
        }
        text_free(&text);
        return;
    }
    snprintf(copy, sizeof copy, "%s", line);
    char *left = NULL;
    for (char *word = strtok_r(copy, " ", &left); word && count < WORDS; word = strtok_r(NULL, " ", &left))
        words[count++] = word;
    if (count == 0 || words[0][0] == '#' || play_block(p, words, count)) return;
    const char *verb = words[0];
    if (strcmp(verb, "raw") == 0) {
        Text text = unescaped(p, line + 4);
        comes_in(p, text.at, text.size);
        text_free(&text);
        return;
    }
    if (play_check(p, line, words, count)) return;
    if (strcmp(verb, "client") == 0) begin_client(p, words + 1, count - 1);
    else if (strcmp(verb, "again") == 0) end_connection(p), begin_connection(p, true);
    else if (strcmp(verb, "opens") == 0) GIVE(p, imap_client_stream.opened(&p->client, &p->effects));
    else if (strcmp(verb, "closes") == 0) p->peer_closing = true;
    else if (strcmp(verb, "ends") == 0)
        GIVE(p, imap_client_stream.ended(&p->client, arena_text(p->arena, words[1]), &p->effects));
    else if (strcmp(verb, "stop") == 0) GIVE(p, imap_client_stop(&p->client, &p->effects));
    else if (strcmp(verb, "disk") == 0) p->disk_asks = true;
    else if (strcmp(verb, "written") == 0) answer_write(p, true);
    else if (strcmp(verb, "not") == 0) answer_write(p, false);
    else if (strcmp(verb, "skip") == 0) p->wire_seen = p->wire.size;
    else if (strcmp(verb, "wait") == 0) pass_time(p, time_of(p, words[1]));
    else EXPECT(p, play_wish(p, line, words, count), "unknown: %.100s", line);
    if (p->begun) settle(p);
}

static void play_lines(Play *p, const char *text, bool counts) {
    char *line = memory_new(LINE);
    while (*text) {
        const char *end = strchr(text, '\n');
        if (!end) end = text + strlen(text);
        CHECK(end - text < LINE);
        snprintf(line, LINE, "%.*s", (int)(end - text), text);
        bool in_block = p->defining || strncmp(line, "let ", 4) == 0;
        if (counts && !in_block) p->line++;
        play_line(p, line);
        text = *end ? end + 1 : end;
    }
    free(line);
}

static Text play(const char *file, int line, const char *text, size_t cut, bool each_octet, size_t *from, size_t *came) {
    static Play p;
    p = (Play){.file = file,
               .line = line,
               .cut = cut,
               .each_octet = each_octet,
               .checks = cut == SIZE_MAX && !each_octet,
               .arena = arena_new()};
    imap_client_init(&p.client);
    effects_begin(&p.effects, 0);
    play_lines(&p, text, true);
    forget_client(&p);
    *from = p.cut_from;
    *came = p.came;
    Text log = p.log;
    for (size_t i = 0; i < p.block_count; i++) text_free(&p.blocks[i].lines);
    text_free(&p.unread), text_free(&p.facts), text_free(&p.ignored), text_free(&p.wire);
    effects_free(&p.effects);
    arena_free(p.arena);
    return log;
}

static size_t play_section(const char *file, int line, const Text *section) {
    size_t from, octets, again, cuts = 0;
    Text whole = play(file, line, text_get(section), SIZE_MAX, false, &from, &octets);
    Text log = play(file, line, text_get(section), SIZE_MAX, true, &again, &again);
    transcript_compare(file, "octet by octet, line", (size_t)line, &log, &whole);
    for (size_t cut = from + 1; cut < octets; cut++, cuts++) {
        log = play(file, line, text_get(section), cut, false, &again, &again);
        transcript_compare(file, "cut at", cut, &log, &whole);
    }
    text_free(&whole);
    return cuts;
}

static bool begins_with(const char *line, const char *word) {
    size_t size = strlen(word);
    return strncmp(line, word, size) == 0 && (line[size] == ' ' || line[size] == '\n');
}

typedef struct {
    const char *file;
    Text blocks, section; /* the lines between "let" and "end"; and those that are collected */
    int line;
    size_t cuts;
} Sections;

static void play_collected(Sections *s) {
    Text whole = text_new();
    if (s->section.size == 0) return;
    text_print(&whole, "%s%s", text_get(&s->blocks), text_get(&s->section));
    s->cuts += play_section(s->file, s->line, &whole);
    text_free(&whole);
    text_clear(&s->section);
}

static size_t play_file(const char *file, const char *text) {
    Sections s = {.file = file};
    bool in_block = false;
    for (int line = 1; *text; line++) {
        const char *end = strchr(text, '\n');
        size_t size = (size_t)(end - text) + 1;
        if (begins_with(text, "let")) in_block = true;
        if (!in_block && (begins_with(text, "client") || begins_with(text, "do") || begins_with(text, "endings"))) {
            play_collected(&s);
            s.line = line - 1;
        }
        char block[40], state[40];
        if (!in_block && begins_with(text, "endings")) {
            assert_int_equal(sscanf(text, "endings %39s %39s", block, state), 2);
            for (size_t i = 0; i < ENDINGS; i++) {
                if (strstr(endings[i].not_in, state)) continue;
                text_print(&s.section, "ending %s %s %s\n", endings[i].name, block, state);
                play_collected(&s);
            }
        } else {
            text_put_n(in_block ? &s.blocks : &s.section, text, size);
        }
        if (in_block && begins_with(text, "end")) in_block = false;
        text += size;
    }
    play_collected(&s);
    text_free(&s.blocks), text_free(&s.section);
    return s.cuts;
}

static void every_transcript(void **state) {
    (void)state;
    transcript_files(NETSTAGE_SOURCE "/tests/proto/imap_client", play_file);
}

/* ---- Nothing left out ---- */

static void every_row_is_taken(void **state) {
    (void)state;
    const MachineSpec *spec = &imap_client_spec;
    Text missing = text_new();
    assert_true(spec->row_count < sizeof rows_taken);
    transcript_report_rows(spec, rows_taken, &missing);
    if (missing.size > 0) fprintf(stderr, "not taken by any transcript:%s\n", text_get(&missing));
    assert_int_equal(missing.size, 0);
    text_free(&missing);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_transcript), cmocka_unit_test(every_row_is_taken)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
