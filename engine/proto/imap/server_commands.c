/* One row a command: RFC 3501 section 6 and the extensions'. Here are also the short ones. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/imap/server_inside.h"

/* ---- Verdicts ---- */

void imap_verdict(ImapCommand *c, ImapStatus status, const char *code, const char *text) {
    c->status = status;
    c->code = code;
    c->text = text;
}

static const char *print(ImapServer *s, const char *format, va_list arguments) {
    char line[300];
    int size = vsnprintf(line, sizeof line, format, arguments);
    CHECK(size >= 0);
    return arena_text(s->scratch, line);
}

void imap_verdict_print(ImapServer *s, ImapCommand *c, ImapStatus status, const char *code, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    imap_verdict(c, status, code, print(s, format, arguments));
    va_end(arguments);
}

void imap_code_print(ImapServer *s, ImapCommand *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    c->code = print(s, format, arguments);
    va_end(arguments);
}

/* ---- The short ones ---- */

static void carry_capability(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)c;
    Text *to = imap_reply_begin(s);
    text_put(to, "* CAPABILITY ");
    imap_put_capabilities(s, to);
    imap_reply_end(s, effects);
}

/* RFC 2971 section 3.1: NIL, or at most 30 pairs. */
static void parse_id(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    Bytes text;
    bool is_nil;
    (void)s;
    if (!imap_read_space(r)) return;
    if (!imap_is_next(r, '(')) {
        if (imap_read_nstring(r, &text, &is_nil) && !is_nil) (void)imap_fault(r, "imap.id");
        return;
    }
    (void)imap_read_char(r, '(');
    for (int pairs = 0; !imap_is_next(r, ')') && !imap_failed(r); pairs++) {
        if (pairs == 30) (void)imap_fault(r, "imap.id");
        if (pairs > 0) (void)imap_read_space(r);
        (void)(imap_read_string(r, &text) && imap_read_space(r) && imap_read_nstring(r, &text, &is_nil));
    }
    (void)imap_read_char(r, ')');
}

static void carry_id(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)c;
    imap_reply_text(s, "* ID (\"name\" \"netstage\")", effects);
}

/* RFC 5161 section 3.1: there is nothing here that has to be enabled, and what is unknown is passed over. */
static void parse_enable(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    Bytes name;
    (void)s;
    do (void)(imap_read_space(r) && imap_read_atom(r, &name));
    while (!imap_failed(r) && imap_is_next(r, ' '));
}

static void carry_enable(ImapServer *s, ImapCommand *c, Effects *effects) {
    (void)c;
    imap_reply_text(s, "* ENABLED", effects);
}

/* DEVIATION: no TLS in a simulation whose every octet is to be seen (section 6.2.1: BAD where it is not offered). */
static void judge_starttls(ImapServer *s, ImapCommand *c) {
    (void)s;
    imap_verdict(c, IMAP_BAD, NULL, "STARTTLS is not offered");
}

/* ---- One row a command ---- */

#define IN(state) (1u << IMAP_SERVER_##state)
enum {
    EARLY = IN(NOT_AUTHENTICATED),
    LATER = IN(AUTHENTICATED) | IN(SELECTED),
    ALWAYS = EARLY | LATER,
    OPEN = IN(SELECTED),
};

#define COMMAND(name, states, parse, judge, carry_out) \
    { #name, IMAP_SERVER_ON_##name, states, false, false, parse, judge, carry_out }
#define UID_COMMAND(name, parse, judge, carry_out) \
    { "UID " #name, IMAP_SERVER_ON_##name, OPEN, true, false, parse, judge, carry_out }
#define NUMBER_COMMAND(name, parse, judge, carry_out) \
    { #name, IMAP_SERVER_ON_##name, OPEN, false, true, parse, judge, carry_out }
static const ImapCommandRow commands[] = {
    COMMAND(CAPABILITY, ALWAYS, NULL, NULL, carry_capability),
    COMMAND(NOOP, ALWAYS, NULL, NULL, NULL),
    COMMAND(LOGOUT, ALWAYS, NULL, NULL, NULL),
    COMMAND(ID, ALWAYS, parse_id, NULL, carry_id),
    {"STARTTLS", IMAP_SERVER_ON_REFUSED, EARLY, false, false, NULL, judge_starttls, NULL},
    COMMAND(AUTHENTICATE, EARLY, imap_parse_authenticate, imap_judge_authenticate, NULL),
    COMMAND(LOGIN, EARLY, imap_parse_login, imap_judge_login, NULL),
    COMMAND(SELECT, LATER, imap_parse_mailbox, imap_judge_select, imap_carry_select),
    COMMAND(EXAMINE, LATER, imap_parse_mailbox, imap_judge_select, imap_carry_examine),
    COMMAND(CREATE, LATER, imap_parse_create, imap_judge_write, imap_carry_create),
    COMMAND(DELETE, LATER, imap_parse_mailbox, imap_judge_write, imap_carry_delete),
    COMMAND(RENAME, LATER, imap_parse_rename, imap_judge_write, imap_carry_rename),
    COMMAND(SUBSCRIBE, LATER, imap_parse_mailbox, imap_judge_write, imap_carry_subscribe),
    COMMAND(UNSUBSCRIBE, LATER, imap_parse_mailbox, imap_judge_write, imap_carry_unsubscribe),
    COMMAND(LIST, LATER, imap_parse_list, NULL, imap_carry_list),
    COMMAND(LSUB, LATER, imap_parse_list, NULL, imap_carry_lsub),
    COMMAND(STATUS, LATER, imap_parse_status, imap_judge_status, imap_carry_status),
    COMMAND(APPEND, LATER, imap_parse_append, imap_judge_append, imap_carry_append),
    COMMAND(NAMESPACE, LATER, NULL, NULL, imap_carry_namespace),
    COMMAND(ENABLE, LATER, parse_enable, NULL, carry_enable),
    COMMAND(IDLE, LATER, NULL, NULL, NULL),
    COMMAND(CHECK, OPEN, NULL, NULL, NULL),
    COMMAND(CLOSE, OPEN, NULL, imap_judge_close, imap_carry_close),
    COMMAND(UNSELECT, OPEN, NULL, NULL, imap_carry_unselect),
    COMMAND(EXPUNGE, OPEN, NULL, imap_judge_expunge, imap_carry_expunge),
    UID_COMMAND(EXPUNGE, imap_parse_uid_expunge, imap_judge_expunge, imap_carry_expunge),
    NUMBER_COMMAND(SEARCH, imap_parse_search, imap_judge_search, imap_carry_search),
    UID_COMMAND(SEARCH, imap_parse_search, imap_judge_search, imap_carry_search),
    NUMBER_COMMAND(FETCH, imap_parse_fetch, imap_judge_fetch, imap_carry_fetch),
    UID_COMMAND(FETCH, imap_parse_fetch, imap_judge_fetch, imap_carry_fetch),
    NUMBER_COMMAND(STORE, imap_parse_store, imap_judge_store, imap_carry_store),
    UID_COMMAND(STORE, imap_parse_store, imap_judge_store, imap_carry_store),
    COMMAND(COPY, OPEN, imap_parse_copy, imap_judge_copy, imap_carry_copy),
    UID_COMMAND(COPY, imap_parse_copy, imap_judge_copy, imap_carry_copy),
    COMMAND(MOVE, OPEN, imap_parse_copy, imap_judge_move, imap_carry_move),
    UID_COMMAND(MOVE, imap_parse_copy, imap_judge_move, imap_carry_move),
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

size_t imap_command_count(void) { return COMMANDS; }
const ImapCommandRow *imap_command_row(size_t index) { return &commands[index]; }

static const ImapCommandRow *find(Bytes name, bool uid) {
    for (size_t i = 0; i < COMMANDS; i++)
        if (commands[i].uid == uid && bytes_is(name, commands[i].name + (uid ? 4 : 0))) return &commands[i];
    return NULL;
}

/* Tag and name; the reader stands behind them. */
static const ImapCommandRow *read_name(ImapReader *r, Bytes *tag) {
    Bytes name;
    if (!imap_read_tag(r, tag)) {
        *tag = (Bytes){0};
        return NULL;
    }
    if (!imap_read_space(r) || !imap_read_name(r, &name)) return NULL;
    if (!bytes_is(name, "UID")) return find(name, false);
    return imap_read_space(r) && imap_read_name(r, &name) ? find(name, true) : NULL;
}

void imap_server_peek(ImapServer *s) {
    ImapCommand *c = &s->command;
    *c = (ImapCommand){.reader = imap_reader(bytes_of(s->text.at, s->text.size), s->scratch)};
    c->row = read_name(&c->reader, &c->tag);
}

void imap_server_forget_command(ImapServer *s) {
    s->command = (ImapCommand){0};
    arena_free(s->scratch);
    s->scratch = arena_new();
}

static const char *in_words(const char *reason) {
    static const struct {
        const char *reason, *words;
    } faults[] = {
        {"imap.atom", "a word is expected"},
        {"imap.base64", "no base64"},
        {"imap.char", "another character is expected"},
        {"imap.charset", "a charset is expected"},
        {"imap.date", "no such date"},
        {"imap.end", "the command should end here"},
        {"imap.fetch", "no such FETCH item"},
        {"imap.fetch_many", "too many FETCH items"},
        {"imap.id", "no list of fields and values (RFC 2971)"},
        {"imap.flag", "a flag is expected"},
        {"imap.literal", "a literal that does not fit"},
        {"imap.name", "the name of a command is expected"},
        {"imap.nul", "NUL is no character of a string"},
        {"imap.number", "a number is expected"},
        {"imap.search", "no such SEARCH key"},
        {"imap.search_deep", "SEARCH keys too deep in one another"},
        {"imap.search_many", "too many SEARCH keys"},
        {"imap.section", "no such section"},
        {"imap.set_many", "too many numbers"},
        {"imap.space", "a space is expected"},
        {"imap.status_item", "no such STATUS item"},
        {"imap.store_item", "no such STORE item"},
        {"imap.string", "a string is expected"},
        {"imap.tag", "a tag is expected"},
        {"imap.utf7", "no modified UTF-7 (RFC 3501 section 5.1.3)"},
    };
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++)
        if (strcmp(faults[i].reason, reason) == 0) return faults[i].words;
    return reason;
}

static void refuse_syntax(ImapServer *s, ImapCommand *c) {
    const ParseFault *fault = &c->reader.fault;
    /* A string as good as any, which can be no mailbox's name: that is no fault of syntax. */
    bool is_name = strcmp(fault->reason, "imap.utf7") == 0;
    imap_verdict_print(s, c, is_name ? IMAP_NO : IMAP_BAD, is_name ? "CANNOT" : NULL, "%s at octet %zu: %s",
                       c->row->name, fault->offset, in_words(fault->reason));
}

static void read_and_judge(ImapServer *s, ImapCommand *c) {
    if (c->row->parse) c->row->parse(s, c);
    if (!imap_failed(&c->reader)) (void)imap_read_end(&c->reader);
    if (imap_failed(&c->reader)) refuse_syntax(s, c);
    else if (c->row->judge) c->row->judge(s, c);
}

/* A mailbox that can't be opened closes the one that was open (section 6.3.1). */
static bool steps_when_refused(const ImapCommand *c) {
    return c->status == IMAP_NO && (c->row->input == IMAP_SERVER_ON_SELECT || c->row->input == IMAP_SERVER_ON_EXAMINE);
}

bool imap_judge_name(const ImapServer *s, ImapCommand *c) {
    if (c->tag.size == 0) imap_verdict(c, IMAP_BAD, NULL, "A tag expected");
    else if (!c->row) imap_verdict(c, IMAP_BAD, NULL, "Unknown command");
    else if (!(c->row->states >> s->machine.state & 1))
        imap_verdict(c, IMAP_BAD, NULL, "Command not allowed in this state");
    return c->status == IMAP_OK;
}

void imap_server_command(ImapServer *s, const char *trouble, Effects *effects) {
    ImapCommand *c = &s->command;
    imap_server_peek(s);
    uint8_t input = IMAP_SERVER_ON_REFUSED;
    if (trouble) imap_verdict(c, IMAP_BAD, NULL, trouble);
    else if (imap_judge_name(s, c)) read_and_judge(s, c);
    if (c->status == IMAP_OK || (c->row && steps_when_refused(c))) input = c->row->input;
    machine_step(&s->machine, input, c, effects);
}
