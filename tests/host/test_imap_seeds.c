/* Random interleavings of 2 to 4 IMAP sessions of one account, by seed, held against a plain model (imap_model.h).
 *
 * Sessions open mailboxes, read, mark, expunge, copy, move, append and idle; others deliver, mark and expunge meanwhile; a
 * disk takes its time or fails; everything crashes. The input is cut anywhere, and two commands may come at once. Always:
 *   - the numbers each session was told, its EXISTS, RECENT and EXPUNGE, agree with what it can fetch, message by message;
 *   - EXPUNGE is announced where it may be (RFC 3501 section 7.4.1), and there nothing that is gone is left unannounced;
 *   - flags are told as they are, and whoever was told of others is told when they change;
 *   - what was answered OK is in the mailbox, what was answered NO is not (COPY and MOVE: all or none), crash or not; no message
 *     is lost, and no UID or UIDVALIDITY used twice.
 *
 *   host_test_imap_seeds [FIRST [COUNT]]     default 1 2000; a failing seed is printed, with what was said last
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "imap_model.h"
#include "proto/imap/server.h"

enum { SESSIONS_MOST = 4, COMMANDS_MOST = 2, STEPS = 150, BIG = 40000 };

typedef enum { NOTHING, LOOK, READ, SEARCH_ALL, MARK, EXPUNGE, UID_EXPUNGE, COPY, MOVE, APPEND, OPEN, CLOSE, UNSELECT, IDLE, CREATE, DELETE } Kind;

typedef struct {
    Kind kind;
    bool uid, silent, examine;
    char sign; /* of a STORE: '+', '-', 0 */
    unsigned flags;
    uint32_t id; /* of what is appended */
    ModelSet set;
    const char *target;
    bool begun, applied, asked, no_numbers; /* a number was nobody's */
    bool chosen[VIEW_MOST];
    char tag[12], code[400]; /* the response code that is due */
} Command;

typedef struct {
    bool open, asks, wrote, idling;
    ImapServer server;
    Text in, out;
    Command commands[COMMANDS_MOST];
    int command_count;
    bool may_expunge; /* while the command that is being answered is */
    ModelView view;
} Session;

typedef struct {
    uint64_t seed;
    RandomStream random;
    MailAccount account;
    Arena *arena;
    ModelBox *boxes[BOXES_MOST];
    int box_count, session_count;
    Session sessions[SESSIONS_MOST];
    Mailbox *changed[8];
    int changed_count;
    Effects effects;
    ImapServerConfig config;
    ImapOffice office;
    uint32_t ids, tags;
    Text log;
    char wrong[1000];
    unsigned said, crashes;
} Run;

static uint32_t below(Run *run, uint32_t bound) { return (uint32_t)random_below(&run->random, bound); }
static bool chance(Run *run, unsigned per_cent) { return below(run, 100) < per_cent; }

#define COMPLAIN(run, ...) ((run)->wrong[0] ? (void)0 : (void)snprintf((run)->wrong, sizeof(run)->wrong, __VA_ARGS__))
#define MUST(run, condition, ...) ((condition) ? (void)0 : COMPLAIN(run, __VA_ARGS__))

static int place(const Run *run, const Session *s) { return (int)(s - run->sessions); }

static ModelBox *box_of(Run *run, const char *name) {
    for (int i = 0; i < run->box_count; i++)
        if (!run->boxes[i]->gone && strcmp(run->boxes[i]->name, name) == 0) return run->boxes[i];
    return NULL;
}

static ModelBox *box_new(Run *run, const char *name, uint32_t validity) {
    ModelBox *box = arena_alloc(run->arena, sizeof *box);
    *box = (ModelBox){.name = name, .uid_next = 1, .recent_from = 1, .validity = validity};
    for (int i = 0; i < run->box_count; i++)
        MUST(run, strcmp(run->boxes[i]->name, name) != 0 || run->boxes[i]->validity < validity, "UIDVALIDITY %u was used before", validity);
    return run->boxes[run->box_count++] = box;
}

static ModelMessage *add(Run *run, ModelBox *box, uint32_t id, unsigned flags) { return model_add(box, arena_alloc(run->arena, sizeof(ModelMessage)), id, flags); }

/* ---- The host ---- */

static MailAccount *log_in(void *self, Bytes user, Bytes password) {
    (void)user, (void)password;
    return &((Run *)self)->account;
}
static uint64_t no_quota(void *self, const MailAccount *account) {
    (void)self, (void)account;
    return 0;
}
static uint64_t much_room(void *self) {
    (void)self;
    return UINT64_MAX;
}
static const char *keep(void *self, const char *text) { return arena_text(((Run *)self)->arena, text); }

static void note_changed(void *listener, Mailbox *mailbox) {
    Run *run = listener;
    for (int i = 0; i < run->changed_count; i++)
        if (run->changed[i] == mailbox) return;
    run->changed[run->changed_count++] = mailbox_hold(mailbox);
}

static Bytes content_of(Run *run, uint32_t id) {
    Text text = text_new();
    text_print(&text, "Subject: %u\r\n\r\n", (unsigned)id);
    if (id % 10 == 0)
        for (int i = 0; i < BIG / 20; i++) text_put(&text, "a line of big mail\r\n");
    char *kept = arena_alloc(run->arena, text.size + 1);
    memcpy(kept, text.at, text.size);
    Bytes octets = bytes_of(kept, text.size);
    text_free(&text);
    return octets;
}

/* ---- What a session says, read as its client ---- */

static const char *const flag_names[] = {"\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft", "Key"};
enum { FLAGS = 6 };

static unsigned read_flags(const char **at, bool *recent) {
    unsigned flags = 0;
    *recent = false;
    for (++*at; **at != ')';) {
        size_t size = strcspn(*at, " )");
        if (size == 7 && strncmp(*at, "\\Recent", 7) == 0) *recent = true;
        for (int i = 0; i < FLAGS; i++)
            if (strlen(flag_names[i]) == size && strncmp(*at, flag_names[i], size) == 0) flags |= 1u << i;
        *at += size;
        while (**at == ' ') ++*at;
    }
    ++*at;
    return flags;
}

/* "(UID 3 FLAGS (\Seen) BODY[] {20}" and so on: of message `number`. */
static void read_fetch(Run *run, Session *s, int number, const char *at) {
    ModelView *v = &s->view;
    if (number < 1 || number > v->count) {
        COMPLAIN(run, "session %d: FETCH of %d, of %d messages", place(run, s), number, v->count);
        return;
    }
    ModelEntry *entry = &v->entries[number - 1];
    const ModelMessage *m = entry->message;
    for (at++; *at && *at != ')';) {
        if (strncmp(at, "UID ", 4) == 0) {
            char *end;
            unsigned long uid = strtoul(at + 4, &end, 10);
            MUST(run, uid == m->uid, "session %d: message %d has UID %lu, not %u", place(run, s), number, uid, (unsigned)m->uid);
            at = end;
        } else if (strncmp(at, "FLAGS ", 6) == 0) {
            bool recent;
            at += 6;
            unsigned flags = read_flags(&at, &recent);
            MUST(run, flags == m->flags, "session %d: message %d has flags %x, not %x", place(run, s), number, flags, m->flags);
            MUST(run, recent == entry->recent, "session %d: message %d is %srecent", place(run, s), number, recent ? "" : "not ");
            entry->told = (int)flags;
        } else if (strncmp(at, "BODY[] {", 8) == 0) {
            char *end;
            unsigned long size = strtoul(at + 8, &end, 10);
            Bytes content = content_of(run, m->id);
            MUST(run, size == content.size && memcmp(end + 3, content.at, size) == 0, "session %d: message %d has another content", place(run, s), number);
            at = end + 3 + size;
        } else {
            COMPLAIN(run, "session %d: %.30s?", place(run, s), at);
            return;
        }
        while (*at == ' ') at++;
    }
}

static void read_search(Run *run, Session *s, const Command *c, const char *at) {
    const ModelView *v = &s->view;
    int found = 0, due = 0;
    for (at += strlen("* SEARCH"); *at == ' '; found++) {
        unsigned long number = strtoul(at + 1, (char **)(uintptr_t)&at, 10);
        bool good = false;
        for (int i = 0; i < v->count && !good; i++)
            good = (c->uid ? v->entries[i].message->uid : (uint32_t)(i + 1)) == number && (v->entries[i].message->flags & c->flags) == c->flags;
        MUST(run, good, "session %d: SEARCH found %lu", place(run, s), number);
    }
    for (int i = 0; i < v->count; i++) due += (v->entries[i].message->flags & c->flags) == c->flags;
    MUST(run, found == due, "session %d: SEARCH found %d of %d", place(run, s), found, due);
}

static void read_untagged(Run *run, Session *s, const Command *c, const char *line) {
    char *end;
    unsigned long number = strtoul(line + 2, &end, 10);
    ModelView *v = &s->view;
    if (strncmp(line, "* SEARCH", 8) == 0) {
        read_search(run, s, c, line);
    } else if (strncmp(line, "* OK [COPYUID", 13) == 0) {
        MUST(run, strncmp(line + 6, c->code, strlen(c->code)) == 0, "session %d: %.60s, not %s", place(run, s), line, c->code);
    } else if (end == line + 2) {
        return;
    } else if (strcmp(end, " EXISTS") == 0) {
        if (v->box && c->kind != OPEN) model_view_grow(v);
        MUST(run, c->kind == OPEN || v->count == (int)number, "session %d: %lu EXISTS, not %d", place(run, s), number, v->count);
        MUST(run, c->kind != OPEN || model_alive(box_of(run, c->target)) == (int)number, "session %d: %lu EXISTS when opened", place(run, s), number);
    } else if (strcmp(end, " RECENT") == 0) {
        MUST(run, c->kind == OPEN || model_view_recent(v) == (int)number, "session %d: %lu RECENT, not %d", place(run, s), number, model_view_recent(v));
    } else if (strcmp(end, " EXPUNGE") == 0) {
        MUST(run, s->may_expunge, "session %d: EXPUNGE where it is forbidden", place(run, s));
        MUST(run, number >= 1 && number <= (unsigned long)v->count, "session %d: EXPUNGE of %lu, of %d messages", place(run, s), number, v->count);
        if (run->wrong[0]) return;
        MUST(run, v->entries[number - 1].message->dead, "session %d: EXPUNGE of %lu, which is there", place(run, s), number);
        model_view_remove(v, (int)number - 1);
    } else if (strncmp(end, " FETCH (", 8) == 0) {
        read_fetch(run, s, (int)number, end + 7);
    }
}

/* ---- What a command comes to ---- */

static void put_numbers(char *to, size_t size, const uint32_t *numbers, int count) {
    to[0] = 0;
    for (int i = 0, last; i < count; i = last + 1) {
        for (last = i; last + 1 < count && numbers[last + 1] == numbers[last] + 1;) last++;
        size_t used = strlen(to);
        if (last > i) snprintf(to + used, size - used, "%s%u:%u", i ? "," : "", numbers[i], numbers[last]);
        else snprintf(to + used, size - used, "%s%u", i ? "," : "", numbers[i]);
    }
}

static void apply_copy(Run *run, Session *s, Command *c) {
    uint32_t from[VIEW_MOST], to[VIEW_MOST];
    char old[150], new[150];
    int count = 0;
    ModelBox *target = box_of(run, c->target);
    for (int i = 0; i < s->view.count; i++) {
        if (!c->chosen[i]) continue;
        ModelMessage *m = s->view.entries[i].message;
        from[count] = m->uid;
        to[count++] = add(run, target, m->id, m->flags)->uid;
        if (c->kind == MOVE) m->dead = true;
    }
    if (count == 0) return;
    put_numbers(old, sizeof old, from, count);
    put_numbers(new, sizeof new, to, count);
    snprintf(c->code, sizeof c->code, "COPYUID %u %s %s]", (unsigned)target->validity, old, new);
}

static bool some_chosen(const Session *s, const Command *c, bool dead) {
    for (int i = 0; i < s->view.count; i++)
        if (c->chosen[i] && s->view.entries[i].message->dead == dead) return true;
    return false;
}

static void apply_mark(Session *s, const Command *c) {
    for (int i = 0; i < s->view.count; i++) {
        ModelEntry *entry = &s->view.entries[i];
        ModelMessage *m = entry->message;
        if (!c->chosen[i] || m->dead) continue;
        bool knew = entry->told == (int)m->flags;
        m->flags = c->kind == READ ? m->flags | MAIL_FLAG_SEEN : c->sign == '+' ? m->flags | c->flags : c->sign == '-' ? m->flags & ~c->flags : c->flags;
        if (knew && (c->silent || c->kind == READ)) entry->told = (int)m->flags;
    }
}

static void apply_expunge(Session *s, const Command *c) {
    ModelView *v = &s->view;
    uint32_t most = v->count ? v->entries[v->count - 1].message->uid : 0;
    for (int i = 0; i < v->box->count; i++) {
        ModelMessage *m = v->box->all[i];
        bool wanted = c->kind != UID_EXPUNGE || model_set_has(&c->set, m->uid, most);
        if (!m->dead && (m->flags & MAIL_FLAG_DELETED) && m->uid < v->next && wanted) m->dead = true;
    }
}

static void apply_delete(ModelBox *box) {
    box->gone = true;
    for (int i = 0; i < box->count; i++) box->all[i]->dead = true;
}

/* The command has been carried out (or refused, which `status` tells): before what it says is read. */
static void apply(Run *run, Session *s, Command *c, const char *status) {
    bool ok = strcmp(status, "OK") == 0, no = strcmp(status, "NO") == 0;
    ModelBox *target = c->target ? box_of(run, c->target) : NULL;
    if (c->no_numbers) {
        MUST(run, strcmp(status, "BAD") == 0, "session %d: %s for a number that no message has", place(run, s), status);
        return;
    }
    MUST(run, ok || no, "session %d: %s", place(run, s), status);
    switch (c->kind) {
        case READ:
            if (ok && !s->view.read_only) apply_mark(s, c);
            return;
        case MARK: {
            bool some_gone = some_chosen(s, c, true);
            if (no) MUST(run, s->view.read_only || some_gone || strcmp(c->code, "disk") == 0, "session %d: STORE, NO", place(run, s));
            if (ok) MUST(run, !s->view.read_only && (!some_gone || c->silent), "session %d: STORE, OK", place(run, s));
            if (!s->view.read_only && strcmp(c->code, "disk") != 0) apply_mark(s, c);
            return;
        }
        case EXPUNGE:
        case UID_EXPUNGE:
            if (ok && c->asked) apply_expunge(s, c);
            return;
        case CLOSE:
            if (ok && c->asked) apply_expunge(s, c);
            if (ok) s->view.box = NULL;
            return;
        case UNSELECT: s->view.box = NULL; return;
        case COPY:
        case MOVE:
            if (ok) MUST(run, target && !some_chosen(s, c, true) && !(c->kind == MOVE && s->view.read_only), "session %d: COPY or MOVE, OK", place(run, s));
            if (no) MUST(run, !target || some_chosen(s, c, true) || s->view.read_only || strcmp(c->code, "disk") == 0, "session %d: COPY or MOVE, NO", place(run, s));
            if (ok && target) apply_copy(run, s, c);
            return;
        case APPEND:
            MUST(run, ok == (target && strcmp(c->code, "disk") != 0), "session %d: APPEND, %s", place(run, s), status);
            if (!ok || !target) return;
            snprintf(c->code, sizeof c->code, "APPENDUID %u %u]", (unsigned)target->validity, (unsigned)target->uid_next);
            add(run, target, c->id, c->flags);
            return;
        case OPEN: MUST(run, ok == (target != NULL), "session %d: SELECT, %s", place(run, s), status); return;
        case CREATE:
            if (ok) (void)box_new(run, c->target, mailbox_find(&run->account, bytes_text(c->target))->uid_validity);
            return;
        case DELETE:
            if (ok && target) apply_delete(target);
            return;
        default: MUST(run, ok, "session %d: %s", place(run, s), status);
    }
}

/* Nothing is left to be told: at the end of a command, and while a session idles. */
static void check_told(Run *run, Session *s, bool expunges_too) {
    const ModelView *v = &s->view;
    if (!v->box) return;
    for (int i = 0; i < v->count; i++) {
        const ModelEntry *entry = &v->entries[i];
        MUST(run, !expunges_too || !entry->message->dead, "session %d: message %d (UID %u) is gone, and it was not told", place(run, s), i + 1, (unsigned)entry->message->uid);
        if (entry->told < 0 || entry->message->dead) continue;
        MUST(run, entry->told == (int)entry->message->flags, "session %d: message %d has flags %x, and it knows of %x", place(run, s), i + 1, entry->message->flags, (unsigned)entry->told);
    }
    for (int i = 0; i < v->box->count; i++)
        MUST(run, v->box->all[i]->dead || v->box->all[i]->uid < v->next, "session %d: UID %u was not announced", place(run, s), (unsigned)v->box->all[i]->uid);
}

static void end_command(Run *run, Session *s, const char *line) {
    Command *c = &s->commands[0];
    if (c->kind == OPEN) {
        s->view = (ModelView){.box = box_of(run, c->target), .read_only = c->examine};
        if (s->view.box) {
            s->view.next = 1;
            model_view_grow(&s->view);
        }
    } else if (s->view.box) {
        check_told(run, s, s->may_expunge && !c->no_numbers);
        s->view.next = s->view.box->uid_next;
        if (!s->view.read_only) s->view.box->recent_from = s->view.box->uid_next;
    }
    if (c->kind == COPY || c->kind == APPEND)
        MUST(run, strstr(line, " OK ") == NULL || strstr(line, c->code) != NULL, "session %d: %.80s, not %s", place(run, s), line, c->code);
    s->idling = false;
    for (int i = 1; i < s->command_count; i++) s->commands[i - 1] = s->commands[i];
    s->command_count--;
}

/* ---- Putting it together ---- */

static void begin_command(Run *run, Session *s) {
    Command *c = &s->commands[0];
    (void)run;
    if (s->command_count == 0 || c->begun) return;
    c->begun = true;
    bool numbers = c->kind == LOOK || c->kind == READ || c->kind == MARK || c->kind == COPY || c->kind == MOVE;
    c->no_numbers = numbers && !model_choose(&s->view, &c->set, c->uid, c->chosen);
    s->may_expunge = c->uid || !(c->kind == LOOK || c->kind == READ || c->kind == MARK || c->kind == SEARCH_ALL);
}

/* OK, NO or BAD of the command that is being answered, if that has been said; OK if a FETCH is still going on. */
static void find_status(const Session *s, const char *tag, char status[4]) {
    char wanted[20];
    snprintf(wanted, sizeof wanted, "%s ", tag);
    const char *at = text_get(&s->out);
    snprintf(status, 4, "OK");
    for (; at; at = strstr(at, "\r\n"), at += at ? 2 : 0)
        if (strncmp(at, wanted, strlen(wanted)) == 0) {
            snprintf(status, 4, "%.*s", (int)strcspn(at + strlen(wanted), " "), at + strlen(wanted));
            return;
        }
}

/* The length of the first response, literals included; 0: there is none. */
static size_t first_response(const Session *s) {
    const char *from = text_get(&s->out), *at = from;
    while ((at = strstr(at, "\r\n")) != NULL) {
        const char *brace = at;
        while (brace > from && brace[-1] != '{' && brace[-1] != '\n') brace--;
        if (at[-1] != '}' || brace == from || brace[-1] != '{') return (size_t)(at + 2 - from);
        at += 2 + strtoul(brace, NULL, 10);
    }
    return 0;
}

static void read_all(Run *run, Session *s) {
    size_t size;
    while (!run->wrong[0] && (size = first_response(s)) > 0) {
        begin_command(run, s);
        Command *c = s->command_count > 0 ? &s->commands[0] : NULL;
        if (!c) {
            COMPLAIN(run, "session %d: said without being asked: %.60s", place(run, s), text_get(&s->out));
            return;
        }
        if (!c->applied) {
            char status[4];
            find_status(s, c->tag, status);
            apply(run, s, c, status);
            c->applied = true;
        }
        char *line = arena_alloc(run->arena, size + 1);
        memcpy(line, s->out.at, size - 2);
        text_print(&run->log, "%d S: %.150s\n", place(run, s), line);
        memmove(s->out.at, s->out.at + size, s->out.size - size + 1);
        s->out.size -= size;
        run->said++;
        if (line[0] == '+') s->idling = true;
        else if (line[0] == '*') read_untagged(run, s, c, line);
        else end_command(run, s, line);
    }
}

static void carry_out(Run *run, Session *s) {
    for (size_t i = 0; i < run->effects.count; i++) {
        const Effect *effect = &run->effects.items[i];
        if (effect->kind == EFFECT_SAID && !effect->said.received)
            text_put_n(&s->out, (const char *)run->effects.octets + effect->said.octets_at, effect->said.size);
        if (effect->kind == EFFECT_WRITE) s->wrote = true;
        if (effect->kind == EFFECT_ASK) s->asks = true;
    }
    effects_begin(&run->effects, 0);
    read_all(run, s);
    if (s->asks && s->command_count > 0) {
        begin_command(run, s);
        s->commands[0].asked = true;
    }
}

#define GIVE(run, s, call)                     \
    do {                                       \
        effects_begin(&(run)->effects, 0);     \
        call;                                  \
        carry_out(run, s);                     \
    } while (0)

static void tell_changes(Run *run) {
    int count = run->changed_count;
    run->changed_count = 0;
    for (int k = 0; k < count; k++) {
        for (int i = 0; i < run->session_count; i++) {
            Session *s = &run->sessions[i];
            if (s->open && s->server.view.mailbox == run->changed[k]) GIVE(run, s, imap_server_changed(&s->server, &run->effects));
        }
        mailbox_drop(run->changed[k]);
    }
}

static void offer(Run *run, Session *s) {
    size_t size = s->in.size, taken = 0;
    if (size == 0) return;
    if (chance(run, 40)) size = 1 + below(run, (uint32_t)size);
    GIVE(run, s, taken = imap_server_stream.receive(&s->server, bytes_of(s->in.at, size), &run->effects));
    memmove(s->in.at, s->in.at + taken, s->in.size - taken);
    s->in.size -= taken;
}

/* Whatever this session can do now. */
static void go_on(Run *run, Session *s) {
    if (s->asks) {
        s->asks = false;
        bool written = !chance(run, 5);
        if (!written) snprintf(s->commands[0].code, sizeof s->commands[0].code, "disk");
        GIVE(run, s, imap_server_written(&s->server, written, false, &run->effects));
    } else if (s->wrote) {
        s->wrote = false;
        GIVE(run, s, imap_server_stream.room(&s->server, &run->effects));
    } else {
        offer(run, s);
    }
    tell_changes(run);
}

static bool is_busy(const Session *s) { return s->in.size > 0 || s->asks || s->wrote; }

static void settle(Run *run, Session *s) {
    while (is_busy(s) && !run->wrong[0]) go_on(run, s);
}

/* ---- Commands ---- */

static ModelSet random_set(Run *run, const Session *s, bool uid) {
    ModelSet set = {.count = 1 + (int)below(run, SET_RANGES)};
    uint32_t most = uid ? (s->view.box ? s->view.box->uid_next : 2) : (uint32_t)(s->view.count > 0 ? s->view.count : 1);
    for (int i = 0; i < set.count; i++) {
        set.first[i] = chance(run, 5) ? 0 : 1 + below(run, most + (chance(run, 3) ? 2 : 0));
        set.last[i] = chance(run, 60) ? set.first[i] : chance(run, 20) ? 0 : 1 + below(run, most);
    }
    return set;
}

static void put_set(Text *to, const ModelSet *set) {
    for (int i = 0; i < set->count; i++) {
        if (i > 0) text_put_char(to, ',');
        if (set->first[i]) text_print(to, "%u", (unsigned)set->first[i]);
        else text_put_char(to, '*');
        if (set->last[i] == set->first[i]) continue;
        if (set->last[i]) text_print(to, ":%u", (unsigned)set->last[i]);
        else text_put(to, ":*");
    }
}

static void put_flags(Text *to, unsigned flags) {
    const char *between = "";
    text_put_char(to, '(');
    for (int i = 0; i < FLAGS; i++) {
        if (!(flags >> i & 1)) continue;
        text_print(to, "%s%s", between, flag_names[i]);
        between = " ";
    }
    text_put_char(to, ')');
}

static void put_command(Run *run, Text *to, const Command *c) {
    static const char *const names[] = {"NOOP", "FETCH", "FETCH", "SEARCH", "STORE", "EXPUNGE", "EXPUNGE", "COPY", "MOVE", "APPEND", "SELECT", "CLOSE", "UNSELECT", "IDLE", "CREATE", "DELETE"};
    text_print(to, "%s %s%s", c->tag, c->uid || c->kind == UID_EXPUNGE ? "UID " : "", c->kind == OPEN && c->examine ? "EXAMINE" : names[c->kind]);
    if (c->kind == LOOK || c->kind == READ || c->kind == MARK || c->kind == UID_EXPUNGE || c->kind == COPY || c->kind == MOVE) {
        text_put_char(to, ' ');
        put_set(to, &c->set);
    }
    if (c->kind == LOOK) text_put(to, c->flags & 1 ? " (UID FLAGS)" : c->flags & 2 ? " FLAGS" : " (UID BODY.PEEK[])");
    if (c->kind == READ) text_put(to, " (UID BODY[])");
    if (c->kind == SEARCH_ALL) text_put(to, c->flags == MAIL_FLAG_SEEN ? " SEEN" : c->flags == MAIL_FLAG_DELETED ? " DELETED" : " ALL");
    if (c->kind == MARK) {
        text_put_char(to, ' ');
        if (c->sign) text_put_char(to, c->sign);
        text_print(to, "FLAGS%s ", c->silent ? ".SILENT" : "");
        put_flags(to, c->flags);
    }
    if (c->target) text_print(to, " %s", c->target);
    if (c->kind == APPEND) {
        Bytes content = content_of(run, c->id);
        text_put_char(to, ' ');
        put_flags(to, c->flags);
        text_print(to, " {%zu+}\r\n", content.size);
        text_put_n(to, (const char *)content.at, content.size);
    }
    text_put(to, "\r\n");
}

static unsigned some_flags(Run *run) { return below(run, 64) & below(run, 64); }

static void send(Run *run, Session *s, Command c) {
    snprintf(c.tag, sizeof c.tag, "t%u", (unsigned)++run->tags);
    Text text = text_new();
    put_command(run, &text, &c);
    text_print(&run->log, "%d C: %.100s", place(run, s), text_get(&text));
    if (!strchr(text_get(&text), '\n') || text.size > 100) text_put_char(&run->log, '\n');
    text_put_n(&s->in, text.at, text.size);
    text_free(&text);
    s->commands[s->command_count++] = c;
}

static const char *some_box(Run *run) { return chance(run, 65) ? "INBOX" : "other"; }

static Command a_command(Run *run, const Session *s) {
    Command c = {.uid = chance(run, 40)};
    c.set = random_set(run, s, c.uid);
    if (!s->view.box) return (Command){.kind = chance(run, 80) ? OPEN : APPEND, .target = some_box(run), .id = ++run->ids, .flags = some_flags(run), .examine = chance(run, 15)};
    switch (below(run, 30)) {
        case 0: case 1: case 2: case 3: return (Command){.kind = NOTHING};
        case 4: case 5: case 6: case 7: c.kind = LOOK; c.flags = below(run, 4); return c;
        case 8: case 9: c.kind = READ; return c;
        case 10: case 11: return (Command){.kind = SEARCH_ALL, .uid = c.uid, .flags = chance(run, 50) ? 0 : chance(run, 50) ? MAIL_FLAG_SEEN : MAIL_FLAG_DELETED};
        case 12: case 13: case 14: case 15: case 16:
            c.kind = MARK;
            c.sign = "+-+\0"[below(run, 4)];
            c.flags = some_flags(run) | (chance(run, 40) ? MAIL_FLAG_DELETED : 0);
            c.silent = chance(run, 40);
            return c;
        case 17: case 18: case 19: return (Command){.kind = EXPUNGE};
        case 20: return (Command){.kind = UID_EXPUNGE, .set = random_set(run, s, true)};
        case 21: case 22: c.kind = COPY; c.target = some_box(run); return c;
        case 23: case 24: c.kind = MOVE; c.target = some_box(run); return c;
        case 25: return (Command){.kind = APPEND, .target = some_box(run), .id = ++run->ids, .flags = some_flags(run)};
        case 26: return (Command){.kind = OPEN, .target = some_box(run), .examine = chance(run, 20)};
        case 27: return (Command){.kind = chance(run, 60) ? CLOSE : UNSELECT};
        case 28: return (Command){.kind = chance(run, 50) ? CREATE : DELETE, .target = "other"};
        default: return (Command){.kind = IDLE};
    }
}

/* ---- Everything else that happens ---- */

static void open_session(Run *run, Session *s) {
    s->open = true;
    imap_server_begin(&s->server, &run->config, &run->office);
    machine_init(&s->server.machine, &imap_server_spec, &s->server, NULL, 0, 0);
    effects_begin(&run->effects, 0);
    imap_server_stream.opened(&s->server, &run->effects);
    (void)imap_server_stream.receive(&s->server, bytes_text("l LOGIN bob pickle\r\n"), &run->effects);
    effects_begin(&run->effects, 0);
}

static void close_session(Session *s) {
    imap_server_end(&s->server);
    text_free(&s->in), text_free(&s->out);
    ImapServer server = s->server;
    *s = (Session){.server = server};
}

static void check_store(Run *run) {
    for (int i = 0; i < run->box_count && !run->wrong[0]; i++) {
        const ModelBox *box = run->boxes[i];
        if (box->gone) continue;
        const Mailbox *real = mailbox_find(&run->account, bytes_text(box->name));
        MUST(run, real && (int)real->count == model_alive(box) && real->uid_next == box->uid_next && real->uid_validity == box->validity, "%s is not what it should be", box->name);
        for (int k = 0, at = 0; k < box->count && !run->wrong[0]; k++) {
            const ModelMessage *m = box->all[k];
            if (m->dead) continue;
            const StoredMessage *stored = real->messages[at++];
            MUST(run, stored->uid == m->uid && stored->flags == m->flags && bytes_equal(mail_content_bytes(stored->content), content_of(run, m->id)),
                 "%s: message %d is not what it should be", box->name, at);
        }
    }
}

static void crash(Run *run) {
    text_put(&run->log, "crash\n");
    run->crashes++;
    for (int i = 0; i < run->session_count; i++) close_session(&run->sessions[i]);
    check_store(run);
    for (int i = 0; i < run->session_count; i++) open_session(run, &run->sessions[i]);
}

/* Delivery, another reader's flags, another's expunging. */
static void outsider(Run *run) {
    ModelBox *box = box_of(run, some_box(run));
    if (!box) return;
    Mailbox *real = mailbox_find(&run->account, bytes_text(box->name));
    if (chance(run, 60) || real->count == 0) {
        uint32_t id = ++run->ids;
        MailContent *content = mail_content_new(content_of(run, id).at, content_of(run, id).size);
        (void)mailbox_append(real, content, 0, 0);
        mail_content_drop(content);
        add(run, box, id, 0);
        text_print(&run->log, "delivered to %s\n", box->name);
    } else {
        StoredMessage *stored = real->messages[below(run, (uint32_t)real->count)];
        ModelMessage *m = NULL;
        for (int i = 0; i < box->count; i++)
            if (box->all[i]->uid == stored->uid) m = box->all[i];
        text_print(&run->log, "%s: UID %u changed or expunged by another\n", box->name, (unsigned)stored->uid);
        if (chance(run, 50)) {
            m->flags ^= MAIL_FLAG_FLAGGED;
            mailbox_set_flags(real, stored, m->flags);
        } else {
            m->dead = true;
            mailbox_expunge(real, stored);
        }
    }
    tell_changes(run);
}

static void client_acts(Run *run, Session *s) {
    if (s->idling) {
        if (!chance(run, 40)) return;
        text_put(&s->in, "DONE\r\n");
        s->idling = false;
        return;
    }
    if (s->command_count > 0) return;
    Command c = a_command(run, s);
    send(run, s, c);
    /* Another one at once where no numbers can be mistaken (section 5.5). */
    bool safe = c.kind == LOOK || c.kind == READ || c.kind == MARK || c.kind == SEARCH_ALL;
    if (!safe || c.uid || !chance(run, 30)) return;
    Command more = a_command(run, s);
    if (more.kind != OPEN && more.kind != CLOSE && more.kind != UNSELECT && more.kind != IDLE) send(run, s, more);
}

static void step(Run *run) {
    uint32_t what = below(run, 100);
    Session *s = &run->sessions[below(run, (uint32_t)run->session_count)];
    if (what < 12) outsider(run);
    else if (what == 12) crash(run);
    else if (what < 50) client_acts(run, s);
    else if (what < 75) go_on(run, s);
    else settle(run, s);
    for (int i = 0; i < run->session_count; i++)
        if (run->sessions[i].idling && !is_busy(&run->sessions[i])) check_told(run, &run->sessions[i], true);
    check_store(run);
}

static void run_seed(Run *run) {
    run->random = random_stream(run->seed, "imap", "seeds");
    run->arena = arena_new();
    run->config = imap_server_config_default;
    run->office = (ImapOffice){run, log_in, no_quota, much_room, keep};
    mail_account_init(&run->account, "bob", 1000);
    run->account.changed = note_changed;
    run->account.listener = run;
    (void)mailbox_create(&run->account, bytes_text("other"), MAILBOX_USE_NONE);
    Mailbox *real[] = {mailbox_inbox(&run->account), mailbox_find(&run->account, bytes_text("other"))};
    for (int i = 0; i < 2; i++) (void)mailbox_flag(real[i], bytes_text("Key"), true);
    (void)box_new(run, "INBOX", real[0]->uid_validity);
    (void)box_new(run, "other", real[1]->uid_validity);
    run->session_count = 2 + (int)below(run, SESSIONS_MOST - 1);
    for (int i = 0; i < run->session_count; i++) {
        imap_server_init(&run->sessions[i].server);
        open_session(run, &run->sessions[i]);
    }
    for (int i = 0; i < 5; i++) outsider(run);
    for (int i = 0; i < STEPS && !run->wrong[0]; i++) step(run);
    for (int i = 0; i < run->session_count; i++) {
        close_session(&run->sessions[i]);
        imap_server_release(&run->sessions[i].server);
    }
    for (int i = 0; i < run->changed_count; i++) mailbox_drop(run->changed[i]);
    mail_account_free(&run->account);
    effects_free(&run->effects);
    arena_free(run->arena);
}

static uint64_t first_seed = 1, seed_count = 2000;

static void every_seed(void **state) {
    (void)state;
    unsigned failures = 0, said = 0, crashes = 0;
    for (uint64_t seed = first_seed; seed < first_seed + seed_count && failures < 5; seed++) {
        Run *run = memory_new(sizeof *run);
        run->seed = seed;
        run_seed(run);
        said += run->said;
        crashes += run->crashes;
        if (run->wrong[0]) {
            failures++;
            const char *log = text_get(&run->log);
            size_t size = strlen(log);
            fprintf(stderr, "seed %llu: %s; before:\n%s", (unsigned long long)seed, run->wrong, log + (size > 1500 && seed_count > 1 ? size - 1500 : 0));
        }
        text_free(&run->log);
        free(run);
    }
    printf("%u responses, %u crashes\n", said, crashes);
    assert_int_equal(failures, 0);
}

int main(int argc, char **argv) {
    if (argc > 1) first_seed = strtoull(argv[1], NULL, 10);
    if (argc > 1) seed_count = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
