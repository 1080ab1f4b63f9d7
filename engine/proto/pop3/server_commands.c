/* The commands: one row each, and what each means. A command is looked up, found allowed or not, and judged here;
 * server.c's table then says where it leads. */
#include <string.h>

#include "proto/pop3/server_inside.h"

void pop3_refuse(Pop3Command *c, const char *code, const char *text) {
    c->refused = true;
    c->code = code;
    text_clear(&c->text);
    text_put(&c->text, text);
}

/* ---- Which message ---- */

/* Message-numbers are decimal (RFC 1939 section 2); what is beyond any number gives UINT64_MAX. */
static bool read_number(Bytes word, uint64_t *number) {
    *number = 0;
    for (size_t i = 0; i < word.size; i++) {
        if (word.at[i] < '0' || word.at[i] > '9') return false;
        uint64_t digit = word.at[i] - '0';
        *number = *number > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *number * 10 + digit;
    }
    return word.size > 0;
}

static const Pop3Message *find_message(const Pop3Server *s, Pop3Command *c) {
    uint64_t number;
    if (!read_number(c->words[0], &number)) {
        pop3_refuse(c, NULL, "a message number expected");
        return NULL;
    }
    if (number == 0 || number > s->drop.count) {
        pop3_refuse(c, NULL, "no such message");
        text_print(&c->text, ", only %zu message%s in maildrop", s->drop.count, s->drop.count == 1 ? "" : "s");
        return NULL;
    }
    c->index = (size_t)number - 1;
    if (!s->drop.messages[c->index].deleted) return &s->drop.messages[c->index];
    pop3_refuse(c, NULL, "");
    text_print(&c->text, "message %llu already deleted", (unsigned long long)number);
    return NULL;
}

/* ---- What most of them do ---- */

static void judge_capa(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    text_put(&c->text, "Capability list follows");
    Text *l = &s->listing;
    text_put(l, "TOP\r\n");
    if (s->config->plain) text_put(l, "USER\r\nSASL PLAIN\r\n");
    text_put(l, "RESP-CODES\r\nAUTH-RESP-CODE\r\n");
    if (s->config->login_delay > 0)
        text_print(l, "LOGIN-DELAY %lld\r\n", (long long)(s->config->login_delay / SIM_SECOND));
    text_put(l, "PIPELINING\r\nEXPIRE NEVER\r\nUIDL\r\nIMPLEMENTATION netstage\r\n.\r\n");
    c->multi = true;
}

static void judge_stat(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    text_print(&c->text, "%zu %llu", s->drop.left, (unsigned long long)s->drop.octets);
}

typedef void PutScan(Text *text, const Pop3Server *s, size_t index);

static void put_size(Text *text, const Pop3Server *s, size_t index) {
    text_print(text, "%zu %llu", index + 1, (unsigned long long)s->drop.messages[index].size);
}

/* RFC 1939 section 7: 1 to 70 octets, never used again in this maildrop; a mailbox's UIDVALIDITY and the message's UID
 * are that. */
static void put_unique(Text *text, const Pop3Server *s, size_t index) {
    text_print(text, "%zu %u.%u", index + 1, (unsigned)s->drop.inbox->uid_validity,
               (unsigned)s->drop.messages[index].message->uid);
}

static void judge_scan(Pop3Server *s, Pop3Command *c, PutScan *put, const char *what) {
    if (c->word_count > 0) {
        if (find_message(s, c)) put(&c->text, s, c->index);
        return;
    }
    text_print(&c->text, "%s", what);
    for (size_t i = 0; i < s->drop.count; i++) {
        if (s->drop.messages[i].deleted) continue;
        put(&s->listing, s, i);
        text_put(&s->listing, "\r\n");
    }
    text_put(&s->listing, ".\r\n");
    c->multi = true;
}

static void judge_list(Pop3Server *s, Pop3Command *c, SimTime now) {
    Text what = text_new();
    (void)now;
    text_print(&what, "%zu message%s (%llu octets)", s->drop.left, s->drop.left == 1 ? "" : "s",
               (unsigned long long)s->drop.octets);
    judge_scan(s, c, put_size, text_get(&what));
    text_free(&what);
}

static void judge_uidl(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    judge_scan(s, c, put_unique, "unique-id listing follows");
}

static void begin_content(Pop3Server *s, Pop3Command *c, const Pop3Message *m, size_t end) {
    s->content = mail_content_hold(m->message->content);
    s->content_at = 0;
    s->content_end = end;
    s->stuffer = dot_stuffer(DOTS_REPAIR);
    c->multi = true;
}

static void judge_retr(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    const Pop3Message *m = find_message(s, c);
    if (!m) return;
    text_print(&c->text, "%llu octets", (unsigned long long)m->size);
    begin_content(s, c, m, m->message->content->size);
}

static void judge_top(Pop3Server *s, Pop3Command *c, SimTime now) {
    uint64_t lines;
    (void)now;
    const Pop3Message *m = find_message(s, c);
    if (!m) return;
    if (!read_number(c->words[1], &lines)) {
        pop3_refuse(c, NULL, "a number of lines expected");
        return;
    }
    Bytes content = mail_content_bytes(m->message->content);
    size_t end = pop3_top_size(content, lines);
    /* Wireshark wants the number of octets here too. */
    text_print(&c->text, "%llu octets follow", (unsigned long long)pop3_transmitted_size(bytes_slice(content, 0, end)));
    begin_content(s, c, m, end);
}

static void judge_dele(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    if (find_message(s, c)) text_print(&c->text, "message %zu deleted", c->index + 1);
}

static void judge_noop(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    pop3_put_text(s, POP3_TEXT_NOOP, &c->text);
}

static void judge_nothing(Pop3Server *s, Pop3Command *c, SimTime now) { (void)s, (void)c, (void)now; }

/* ---- One row a command ---- */

#define IN(state) (1u << POP3_SERVER_##state)
enum { BEFORE_LOGIN = IN(AUTHORIZATION) | IN(NAMED) };
enum { ANY = 99 }; /* words: the argument is read as a whole */

typedef struct {
    Pop3CommandRow row;
    uint8_t least, most; /* words behind the verb */
    Pop3Judge *judge;
} Command;

#define COMMAND(verb, states, least, most, judge) \
    { {#verb, POP3_SERVER_ON_##verb, states}, least, most, judge }
static const Command commands[] = {
    COMMAND(USER, BEFORE_LOGIN, 1, ANY, pop3_judge_user),
    COMMAND(PASS, IN(NAMED), 1, ANY, pop3_judge_pass),
    COMMAND(APOP, BEFORE_LOGIN, 2, 2, pop3_judge_apop),
    COMMAND(AUTH, BEFORE_LOGIN, 1, 2, pop3_judge_auth),
    COMMAND(CAPA, BEFORE_LOGIN | IN(TRANSACTION), 0, 0, judge_capa),
    COMMAND(STAT, IN(TRANSACTION), 0, 0, judge_stat),
    COMMAND(LIST, IN(TRANSACTION), 0, 1, judge_list),
    COMMAND(RETR, IN(TRANSACTION), 1, 1, judge_retr),
    COMMAND(DELE, IN(TRANSACTION), 1, 1, judge_dele),
    COMMAND(NOOP, IN(TRANSACTION), 0, 0, judge_noop),
    COMMAND(RSET, IN(TRANSACTION), 0, 0, judge_nothing),
    COMMAND(TOP, IN(TRANSACTION), 2, 2, judge_top),
    COMMAND(UIDL, IN(TRANSACTION), 0, 1, judge_uidl),
    COMMAND(QUIT, BEFORE_LOGIN | IN(TRANSACTION), 0, 0, judge_nothing),
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

size_t pop3_command_count(void) { return COMMANDS; }
const Pop3CommandRow *pop3_command_row(size_t index) { return &commands[index].row; }

/* Words are separated by one space (RFC 1939 section 3); more of them are forgiven, and so are those at the end. */
static void split(Pop3Command *c) {
    size_t at = 0;
    while (at < c->argument.size) {
        size_t end = at;
        while (end < c->argument.size && c->argument.at[end] != ' ') end++;
        if (end > at && c->word_count < 2) c->words[c->word_count] = bytes_slice(c->argument, at, end - at);
        if (end > at && c->word_count < 3) c->word_count++;
        at = end + 1;
    }
}

static void refuse_line(Pop3Command *c, const char *trouble) {
    if (strcmp(trouble, "pop3.line_too_long") == 0) pop3_refuse(c, NULL, "line too long");
    else pop3_refuse(c, NULL, "a line ends with CRLF and holds no other control octet");
}

void pop3_server_command(Pop3Server *s, Bytes line, const char *trouble, Effects *effects) {
    Pop3Command c = {0};
    size_t end = 0;
    while (end < line.size && line.at[end] != ' ') end++;
    Bytes verb = bytes_slice(line, 0, end);
    if (end < line.size) c.argument = bytes_slice(line, end + 1, SIZE_MAX);
    split(&c);
    size_t i = 0;
    while (i < COMMANDS && !bytes_is(verb, commands[i].row.verb)) i++;
    uint8_t input = POP3_SERVER_ON_REFUSED;
    if (trouble) {
        refuse_line(&c, trouble);
    } else if (i == COMMANDS) {
        pop3_refuse(&c, NULL, "unknown command");
    } else if (!(commands[i].row.states >> s->machine.state & 1)) {
        pop3_refuse(&c, NULL, "");
        text_print(&c.text, "%s is not valid in the %s state", commands[i].row.verb,
                   s->drop.account ? "TRANSACTION" : "AUTHORIZATION");
    } else if (c.word_count < commands[i].least || c.word_count > commands[i].most) {
        pop3_refuse(&c, NULL, c.word_count > commands[i].most ? "too many arguments" : "an argument is missing");
    } else {
        commands[i].judge(s, &c, effects->now);
        if (!c.refused || c.reason) input = commands[i].row.input;
    }
    machine_step(&s->machine, input, &c, effects);
    if (c.refused) pop3_server_forget_sending(s);
    text_free(&c.text);
}
