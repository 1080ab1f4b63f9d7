/* The commands: one row each, and what each means. A command is looked up, found allowed or not, parsed and judged here;
 * server.c's table then says where it leads. */
#include <string.h>

#include "base/text.h"
#include "mail/base64.h"
#include "mail/path.h"
#include "proto/smtp/server.h"

typedef void CommandJudge(SmtpServer *s, SmtpCommand *c);

static void verdict(SmtpCommand *c, uint16_t code, const char *enhanced, SmtpTextKey key, const SmtpPath *address) {
    c->verdict = (SmtpVerdict){code, enhanced, key, NULL, address};
}

static void verdict_text(SmtpCommand *c, uint16_t code, const char *enhanced, const char *text) {
    c->verdict = (SmtpVerdict){code, enhanced, SMTP_TEXT_COUNT, text, NULL};
}

static void empty_scratch(SmtpServer *s) {
    if (s->scratch) arena_free(s->scratch);
    s->scratch = arena_new();
}

static bool has_extension(const SmtpServer *s, unsigned extension) {
    return s->extended && (s->config->extensions & extension) != 0;
}

/* What is wrong with an argument: 501 for bad syntax, 553 for a mailbox that cannot be one, and for a parameter 504 as
 * RFC 821 has it, or 555 to those who said EHLO (RFC 5321 section 4.1.1.11). */
static void verdict_fault(const SmtpServer *s, SmtpCommand *c, const ParseFault *fault) {
    if (strcmp(fault->reason, "smtp.path") == 0) verdict_text(c, 553, "5.1.3", "Mailbox name not allowed");
    else if (strcmp(fault->reason, "smtp.parameter") != 0)
        verdict_text(c, 501, "5.5.4", "Syntax error in parameters or arguments");
    else if (s->extended) verdict_text(c, 555, "5.5.4", "Parameters not recognized or not implemented");
    else verdict_text(c, 504, "5.5.4", "Command parameter not implemented");
}

/* ---- Names ---- */

bool smtp_domain_is_local(const SmtpServerConfig *c, Bytes domain) {
    if (domain.size == 0 || smtp_text_equal(domain, c->name)) return true;
    for (size_t i = 0; i < c->domain_count; i++)
        if (smtp_text_equal(domain, c->domains[i])) return true;
    return false;
}

const SmtpName *smtp_name_find(const SmtpServerConfig *c, const SmtpPath *path) {
    Bytes local = smtp_local_part(path), domain = smtp_domain(path);
    bool postmaster = smtp_text_equal(local, "postmaster");
    const SmtpName *anywhere = NULL;
    for (size_t i = 0; i < c->name_count; i++) {
        const SmtpName *name = &c->names[i];
        Bytes own = smtp_local_part(&name->path), own_domain = smtp_domain(&name->path);
        if (!bytes_equal(own, local) && !(postmaster && smtp_text_equal(own, "postmaster"))) continue;
        if (own_domain.size == 0) anywhere = name;
        else if (domain.size == own_domain.size && smtp_text_equal(domain, name->path.text + name->path.at + 1))
            return name;
        else if (domain.size == 0 && !anywhere) anywhere = name;
    }
    return anywhere;
}

static bool may_relay(const SmtpServer *s) {
    if (s->user) return true;
    for (size_t i = 0; i < s->config->trusted_count; i++)
        if (ipv4_prefix_has(s->config->trusted[i], s->client)) return true;
    return false;
}

/* ---- HELO, EHLO ---- */

static void judge_helo(SmtpServer *s, SmtpCommand *c) {
    ParseFault fault;
    (void)s;
    if (c->argument.size > SMTP_DOMAIN_MOST || !domain_check(c->argument, true, &fault))
        verdict_text(c, 501, "5.5.2", "The name of your host expected");
    else verdict(c, 250, NULL, SMTP_TEXT_HELO, NULL);
}

static void judge_ehlo(SmtpServer *s, SmtpCommand *c) {
    judge_helo(s, c);
    if (c->verdict.code == 250) c->verdict.key = SMTP_TEXT_EHLO;
}

/* ---- MAIL and its kin ---- */

static void judge_mail(SmtpServer *s, SmtpCommand *c) {
    const SmtpServerConfig *config = s->config;
    ParseFault fault;
    if (!smtp_mail_parse(c->argument, has_extension(s, SMTP_EXTENSION_SMTPUTF8), &c->mail, &fault)) {
        verdict_fault(s, c, &fault);
        return;
    }
    const SmtpMail *m = &c->mail;
    bool unknown = (m->has_size && !has_extension(s, SMTP_EXTENSION_SIZE)) ||
                   (m->has_body && !has_extension(s, SMTP_EXTENSION_8BITMIME)) ||
                   (m->smtputf8 && !has_extension(s, SMTP_EXTENSION_SMTPUTF8)) ||
                   ((m->ret != SMTP_RET_NONE || m->envid[0]) && !has_extension(s, SMTP_EXTENSION_DSN)) ||
                   (m->has_auth && !has_extension(s, SMTP_EXTENSION_AUTH));
    if (unknown) verdict_fault(s, c, &(ParseFault){.reason = "smtp.parameter"});
    else if (!bytes_is_ascii(bytes_of(m->path.text, m->path.size)) && !m->smtputf8)
        verdict_text(c, 553, "5.6.7", "Mailbox name not allowed: SMTPUTF8 was not asked for");
    else if (config->auth_required && !s->user) verdict_text(c, 530, "5.7.0", "Authentication required");
    else if (m->has_size && config->size_most > 0 && m->size > config->size_most)
        verdict(c, 552, "5.3.4", SMTP_TEXT_TOO_BIG, NULL);
    else if (m->has_size && m->size > s->office->room(s->office->self))
        verdict_text(c, 452, "4.3.1", "Insufficient system storage");
    else verdict(c, 250, "2.1.0", SMTP_TEXT_MAIL, &c->mail.path);
}

/* SEND, SOML and SAML show a message on a terminal: RFC 821 section 3.4. RFC 5321 (appendix F.6) has done with them. */
static void judge_terminal(SmtpServer *s, SmtpCommand *c, SmtpDelivery delivery) {
    c->delivery = delivery;
    if (s->config->legacy) judge_mail(s, c);
    else verdict_text(c, 502, "5.5.1", "Command not implemented");
}

static void judge_send(SmtpServer *s, SmtpCommand *c) { judge_terminal(s, c, SMTP_DELIVER_SEND); }
static void judge_soml(SmtpServer *s, SmtpCommand *c) { judge_terminal(s, c, SMTP_DELIVER_SOML); }
static void judge_saml(SmtpServer *s, SmtpCommand *c) { judge_terminal(s, c, SMTP_DELIVER_SAML); }

/* ---- RCPT ---- */

static void judge_mailbox(SmtpServer *s, SmtpCommand *c) {
    const SmtpPostOffice *office = s->office;
    const SmtpTransaction *t = &s->transaction;
    const SmtpPath *path = &c->rcpt.path;
    uint64_t quota = c->name->quota, held = quota > 0 ? office->mailbox_octets(office->self, c->name->mailbox) : 0;
    uint64_t coming = t->mail.has_size ? t->mail.size : 0;
    if (c->name->busy) verdict_text(c, 450, "4.2.1", "Mailbox busy, try again later");
    else if (quota > 0 && (held >= quota || coming > quota - held))
        verdict(c, 552, "5.2.2", SMTP_TEXT_MAILBOX_FULL, path);
    else if (t->delivery == SMTP_DELIVER_SEND && !c->name->online)
        verdict_text(c, 450, "4.2.0", "The user is not at a terminal now");
    else if (s->config->greylist > 0 && !may_relay(s) &&
             !office->known_triplet(office->self, s->client, &t->mail.path, path))
        verdict_text(c, 450, "4.7.1", "Greylisted, please try again later");
    else verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
}

static void verdict_moved(SmtpCommand *c, const SmtpName *name, bool forward, Arena *arena) {
    Text text = text_new();
    if (forward) text_print(&text, "User not local; will forward to <%s>", name->others[0].text);
    else text_print(&text, "User not local; please try <%s>", name->others[0].text);
    verdict_text(c, forward ? 251 : 551, forward ? "2.1.5" : "5.1.6", arena_text(arena, text_get(&text)));
    text_free(&text);
}

/* "[192.0.2.25]", the address that the client has come to. */
static bool is_own_literal(const SmtpServer *s, const SmtpPath *path) {
    Text literal = text_new();
    text_put_char(&literal, '[');
    ipv4_print(&literal, s->own);
    text_put_char(&literal, ']');
    bool own = smtp_text_equal(smtp_domain(path), text_get(&literal));
    text_free(&literal);
    return own;
}

static void judge_rcpt(SmtpServer *s, SmtpCommand *c) {
    ParseFault fault;
    SmtpTransaction *t = &s->transaction;
    if (!smtp_rcpt_parse(c->argument, t->mail.smtputf8, &c->rcpt, &fault)) {
        verdict_fault(s, c, &fault);
        return;
    }
    if ((c->rcpt.notify || c->rcpt.orcpt[0]) && !has_extension(s, SMTP_EXTENSION_DSN)) {
        verdict_fault(s, c, &(ParseFault){.reason = "smtp.parameter"});
        return;
    }
    const SmtpPath *path = &c->rcpt.path;
    c->name = smtp_name_find(s->config, path);
    if (t->recipient_count >= s->config->recipients_most) verdict_text(c, 452, "4.5.3", "Too many recipients");
    else if (!smtp_domain_is_local(s->config, smtp_domain(path)) && !is_own_literal(s, path)) {
        c->name = NULL;
        if (may_relay(s)) verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
        else verdict(c, 550, "5.7.1", SMTP_TEXT_RELAY_REFUSED, path);
    } else if (!c->name) verdict(c, 550, "5.1.1", SMTP_TEXT_UNKNOWN_USER, path);
    else if (c->name->kind == SMTP_NAME_AMBIGUOUS) verdict_text(c, 553, "5.1.4", "User ambiguous");
    else if (c->name->kind == SMTP_NAME_MOVED) verdict_moved(c, c->name, c->name->forward, s->scratch);
    else if (c->name->kind == SMTP_NAME_LIST) verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
    else judge_mailbox(s, c);
}

/* ---- DATA, RSET, NOOP, QUIT, TURN ---- */

static void judge_data(SmtpServer *s, SmtpCommand *c) {
    if (c->argument.size > 0) verdict_text(c, 501, "5.5.4", "DATA takes no argument");
    else if (s->transaction.recipient_count == 0) verdict_text(c, 554, "5.5.1", "No valid recipients");
    else verdict(c, 354, NULL, SMTP_TEXT_DATA, NULL);
}

static void judge_rset(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    if (c->argument.size > 0) verdict_text(c, 501, "5.5.4", "RSET takes no argument");
    else verdict(c, 250, "2.0.0", SMTP_TEXT_RSET, NULL);
}

static void judge_noop(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    verdict(c, 250, "2.0.0", SMTP_TEXT_NOOP, NULL);
}

static void judge_quit(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    if (c->argument.size > 0) verdict_text(c, 501, "5.5.4", "QUIT takes no argument");
    else verdict(c, 221, "2.0.0", SMTP_TEXT_QUIT, NULL);
}

/* The roles would change sides on a connection that nobody has authenticated: whoever calls could take mail that is
 * for somebody else. */
static void judge_turn(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    verdict_text(c, 502, "5.5.1", "Command not implemented");
}

/* ---- VRFY, EXPN ---- */

static void put_person(Text *text, const SmtpServer *s, const SmtpName *name) {
    if (name->full_name[0]) text_print(text, "%s ", name->full_name);
    text_print(text, "<%s", name->path.text);
    if (smtp_domain(&name->path).size == 0)
        text_print(text, "@%s", s->config->domain_count > 0 ? s->config->domains[0] : s->config->name);
    text_put_char(text, '>');
}

static bool is_called(const SmtpName *name, Bytes text) {
    return smtp_text_equal(text, name->full_name) || bytes_equal(text, smtp_local_part(&name->path));
}

/* A mailbox, with or without angle brackets, or a user's name. */
static const SmtpName *find_called(const SmtpServer *s, Bytes text) {
    if (text.size >= 2 && text.at[0] == '<' && text.at[text.size - 1] == '>')
        text = bytes_slice(text, 1, text.size - 2);
    char mailbox[SMTP_PATH_MOST + 1] = "";
    if (text.size <= SMTP_PATH_MOST) memcpy(mailbox, text.at, text.size);
    SmtpPath path;
    if (mailbox[0] && smtp_path_set(&path, mailbox) && path.at < path.size)
        return smtp_domain_is_local(s->config, smtp_domain(&path)) ? smtp_name_find(s->config, &path) : NULL;
    for (size_t i = 0; i < s->config->name_count; i++)
        if (is_called(&s->config->names[i], text)) return &s->config->names[i];
    return NULL;
}

static bool judge_policy(SmtpCommand *c, SmtpVerify policy) {
    if (policy == SMTP_VERIFY_DISABLED) verdict_text(c, 502, "5.5.1", "Command not implemented");
    else if (c->argument.size == 0) verdict_text(c, 501, "5.5.4", "A name expected");
    else if (policy == SMTP_VERIFY_NONCOMMITTAL)
        verdict_text(c, 252, "2.5.2", "Cannot VRFY user, but will accept message and attempt delivery");
    else return true;
    return false;
}

static void verdict_people(SmtpServer *s, SmtpCommand *c, uint16_t code, const char *enhanced, const char *head) {
    Text text = text_new();
    text_put(&text, head);
    for (size_t i = 0; i < c->name->other_count; i++) {
        if (text.size > 0) text_put_char(&text, '\n');
        const SmtpName *known = smtp_name_find(s->config, &c->name->others[i]);
        bool local = smtp_domain_is_local(s->config, smtp_domain(&c->name->others[i]));
        if (known && local) put_person(&text, s, known);
        else text_print(&text, "<%s>", c->name->others[i].text);
    }
    verdict_text(c, code, enhanced, arena_text(s->scratch, text_get(&text)));
    text_free(&text);
}

static void judge_vrfy(SmtpServer *s, SmtpCommand *c) {
    if (!judge_policy(c, s->config->verify)) return;
    c->name = find_called(s, c->argument);
    if (!c->name) {
        verdict_text(c, 550, "5.1.1", "String does not match anything");
    } else if (c->name->kind == SMTP_NAME_MOVED) {
        verdict_moved(c, c->name, c->name->forward, s->scratch);
    } else if (c->name->kind == SMTP_NAME_AMBIGUOUS) {
        verdict_people(s, c, 553, "5.1.4", "User ambiguous; possibilities are");
    } else if (c->name->kind == SMTP_NAME_LIST) {
        verdict_text(c, 550, "5.1.1", "That is a mailing list, not a user");
    } else {
        Text text = text_new();
        put_person(&text, s, c->name);
        verdict_text(c, 250, "2.1.5", arena_text(s->scratch, text_get(&text)));
        text_free(&text);
    }
}

static void judge_expn(SmtpServer *s, SmtpCommand *c) {
    if (!judge_policy(c, s->config->expand)) return;
    c->name = find_called(s, c->argument);
    if (c->name && c->name->kind == SMTP_NAME_LIST) verdict_people(s, c, 250, "2.1.5", "");
    else if (c->name) verdict_text(c, 550, "5.1.1", "That is a user name, not a mailing list");
    else verdict_text(c, 550, "5.1.1", "There is no such mailing list");
}

/* ---- HELP ---- */

static void verdict_status(SmtpServer *s, SmtpCommand *c) {
    Text text = text_new();
    text_print(&text, "%s serves ", s->config->name);
    ipv4_print(&text, s->client);
    text_print(&text, "%s%s", s->helo[0] ? ", which calls itself " : ", which has not said its name yet", s->helo);
    text_print(&text, "\nThe session is in the state %s, with %zu recipients so far",
               s->machine.spec->states[s->machine.state], s->transaction.recipient_count);
    verdict_text(c, 211, "2.0.0", arena_text(s->scratch, text_get(&text)));
    text_free(&text);
}

static void judge_help(SmtpServer *s, SmtpCommand *c) {
    static const struct {
        const char *verb, *text;
    } topics[] = {
        {"HELO", "HELO <domain>: the client says who it is"},
        {"EHLO", "EHLO <domain>: the same, and asks which extensions there are"},
        {"MAIL", "MAIL FROM:<reverse-path>: begins a message"},
        {"RCPT", "RCPT TO:<forward-path>: names a recipient; once for each"},
        {"DATA", "DATA: the message follows, up to a line with a single dot"},
        {"RSET", "RSET: what was said of the message is forgotten"},
        {"VRFY", "VRFY <name>: is there such a user?"},
        {"EXPN", "EXPN <list>: who is on the mailing list?"},
        {"HELP", "HELP [<command>]"},
        {"NOOP", "NOOP: nothing, but an answer"},
        {"QUIT", "QUIT: closes the connection"},
        {"SEND", "SEND FROM:<reverse-path>: the message is for a terminal"},
        {"SOML", "SOML FROM:<reverse-path>: for a terminal, or else the mailbox"},
        {"SAML", "SAML FROM:<reverse-path>: for a terminal and the mailbox"},
        {"TURN", "TURN: client and server would change places"},
        {"AUTH", "AUTH PLAIN|LOGIN [<initial-response>]: the client proves who it is"},
    };
    if (c->argument.size == 0) {
        verdict(c, 214, "2.0.0", SMTP_TEXT_HELP, NULL);
        return;
    }
    if (smtp_text_equal(c->argument, "STATUS")) {
        verdict_status(s, c);
        return;
    }
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        if (!smtp_text_equal(c->argument, topics[i].verb)) continue;
        verdict_text(c, 214, "2.0.0", topics[i].text);
        return;
    }
    verdict_text(c, 504, "5.5.4", "No help on that");
}

/* ---- AUTH: RFC 4954, PLAIN: RFC 4616 ---- */

enum { AUTH_NONE, AUTH_PLAIN, AUTH_LOGIN_NAME, AUTH_LOGIN_PASSWORD };

static const SmtpUser *find_user(const SmtpServerConfig *config, const char *name, const char *password) {
    for (size_t i = 0; i < config->user_count; i++)
        if (strcmp(config->users[i].name, name) == 0 && strcmp(config->users[i].password, password) == 0)
            return &config->users[i];
    return NULL;
}

static void judge_password(SmtpServer *s, SmtpCommand *c, const char *name, const char *password) {
    s->user = find_user(s->config, name, password);
    if (s->user) verdict_text(c, 235, "2.7.0", "Authentication successful");
    else verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
}

/* authzid NUL authcid NUL password */
static void judge_plain(SmtpServer *s, SmtpCommand *c, const char *decoded, size_t size) {
    const char *end = decoded + size, *name = memchr(decoded, 0, size);
    const char *password = name ? memchr(name + 1, 0, (size_t)(end - name - 1)) : NULL;
    if (!password || (name != decoded && strcmp(decoded, name + 1) != 0) ||
        memchr(password + 1, 0, (size_t)(end - password - 1)))
        verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
    else judge_password(s, c, name + 1, password + 1);
}

static void judge_response(SmtpServer *s, SmtpCommand *c, Bytes response) {
    MailFaults faults = mail_faults(s->scratch);
    if (bytes_equal(response, bytes_of("*", 1))) {
        verdict_text(c, 501, "5.7.0", "Authentication cancelled");
        return;
    }
    Bytes octets = base64_decode_all(s->scratch, response, 0, &faults);
    if (faults.count > 0) {
        verdict_text(c, 501, "5.5.2", "Cannot decode the response");
        return;
    }
    octets = mail_keep(s->scratch, octets); /* with a NUL behind it */
    const char *decoded = (const char *)octets.at;
    size_t size = octets.size;
    if (s->auth_step == AUTH_PLAIN) {
        judge_plain(s, c, decoded, size);
    } else if (strlen(decoded) != size || size >= sizeof s->auth_name) {
        verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
    } else if (s->auth_step == AUTH_LOGIN_NAME) {
        memcpy(s->auth_name, decoded, size + 1);
        s->auth_step = AUTH_LOGIN_PASSWORD;
        verdict_text(c, 334, NULL, "UGFzc3dvcmQ6"); /* "Password:" */
    } else {
        judge_password(s, c, s->auth_name, decoded);
    }
}

static void judge_auth(SmtpServer *s, SmtpCommand *c) {
    size_t end = 0;
    while (end < c->argument.size && c->argument.at[end] != ' ') end++;
    Bytes mechanism = bytes_slice(c->argument, 0, end), initial = {0};
    while (end < c->argument.size && c->argument.at[end] == ' ') end++;
    if (end < c->argument.size) initial = bytes_slice(c->argument, end, SIZE_MAX);
    bool plain = smtp_text_equal(mechanism, "PLAIN"), login = smtp_text_equal(mechanism, "LOGIN");
    if (!has_extension(s, SMTP_EXTENSION_AUTH) || s->config->user_count == 0) {
        verdict_text(c, 502, "5.5.1", "Command not implemented");
    } else if (s->user) {
        verdict_text(c, 503, "5.5.1", "Already authenticated");
    } else if (!plain && !login) {
        verdict_text(c, 504, "5.5.4", "Unrecognized authentication type");
    } else {
        s->auth_step = plain ? AUTH_PLAIN : AUTH_LOGIN_NAME;
        if (bytes_equal(initial, bytes_of("=", 1))) initial = bytes_of("", 0); /* an empty response */
        if (initial.at) judge_response(s, c, initial);
        else verdict_text(c, 334, NULL, plain ? "" : "VXNlcm5hbWU6" /* "Username:" */);
    }
}

void smtp_server_auth_line(SmtpServer *s, Bytes line, const char *trouble, Effects *effects) {
    SmtpCommand c = {.argument = line};
    empty_scratch(s);
    if (trouble && strcmp(trouble, "smtp.line_too_long") == 0)
        verdict_text(&c, 500, "5.5.6", "Authentication exchange line is too long");
    else if (trouble) verdict_text(&c, 501, "5.5.2", "Cannot decode the response");
    else judge_response(s, &c, line);
    machine_step(&s->machine, SMTP_SERVER_ON_AUTH_LINE, &c, effects);
}

/* ---- One row a command ---- */

#define IN(state) (1u << SMTP_SERVER_##state)
enum { BEFORE_DATA = IN(GREETED) | IN(READY) | IN(MAIL) | IN(RCPT) };

typedef struct {
    SmtpCommandRow row;
    CommandJudge *judge;
} Command;

/* SEND and its kin are known before a transaction is begun; where they are not served, that is said in any state. */
#define COMMAND(verb, states, judge) \
    { {#verb, SMTP_SERVER_ON_##verb, states}, judge }
static const Command commands[] = {
    COMMAND(HELO, BEFORE_DATA, judge_helo),         COMMAND(EHLO, BEFORE_DATA, judge_ehlo),
    COMMAND(MAIL, IN(READY), judge_mail),           COMMAND(RCPT, IN(MAIL) | IN(RCPT), judge_rcpt),
    COMMAND(DATA, IN(MAIL) | IN(RCPT), judge_data), COMMAND(SEND, IN(READY), judge_send),
    COMMAND(SOML, IN(READY), judge_soml),           COMMAND(SAML, IN(READY), judge_saml),
    COMMAND(RSET, BEFORE_DATA, judge_rset),         COMMAND(VRFY, BEFORE_DATA, judge_vrfy),
    COMMAND(EXPN, BEFORE_DATA, judge_expn),         COMMAND(HELP, BEFORE_DATA, judge_help),
    COMMAND(NOOP, BEFORE_DATA, judge_noop),         COMMAND(QUIT, BEFORE_DATA | IN(REFUSING), judge_quit),
    COMMAND(TURN, IN(READY), judge_turn),           COMMAND(AUTH, IN(READY), judge_auth),
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

size_t smtp_command_count(void) { return COMMANDS; }
const SmtpCommandRow *smtp_command_row(size_t index) { return &commands[index].row; }

static bool is_verb(Bytes verb, const Command *command) { return smtp_text_equal(verb, command->row.verb); }

/* Commands whose refusal, whatever is wrong with them, leaves the state as it is. */
static bool steps_when_refused(uint8_t input) {
    return input == SMTP_SERVER_ON_MAIL || input == SMTP_SERVER_ON_SEND || input == SMTP_SERVER_ON_SOML ||
           input == SMTP_SERVER_ON_SAML || input == SMTP_SERVER_ON_RCPT || input == SMTP_SERVER_ON_AUTH ||
           input == SMTP_SERVER_ON_TURN;
}

void smtp_server_command(SmtpServer *s, Bytes line, const char *trouble, Effects *effects) {
    SmtpCommand c = {0};
    empty_scratch(s);
    size_t end = 0;
    while (end < line.size && line.at[end] != ' ' && line.at[end] != '\t') end++;
    Bytes verb = bytes_slice(line, 0, end);
    while (end < line.size && (line.at[end] == ' ' || line.at[end] == '\t')) end++;
    size_t last = line.size;
    while (last > end && (line.at[last - 1] == ' ' || line.at[last - 1] == '\t')) last--; /* section 4.1.1 */
    c.argument = bytes_slice(line, end, last - end);
    size_t i = 0;
    while (i < COMMANDS && !is_verb(verb, &commands[i])) i++;
    uint8_t input = SMTP_SERVER_ON_REFUSED;
    if (trouble) {
        bool long_line = strcmp(trouble, "smtp.line_too_long") == 0;
        verdict_text(&c, 500, "5.5.2",
                     long_line ? "Line too long"
                               : "Syntax error: a line ends with CRLF and holds no other control octet");
    } else if (i == COMMANDS) {
        verdict_text(&c, 500, "5.5.2", "Syntax error, command unrecognized");
    } else if (!(commands[i].row.states >> s->machine.state & 1)) {
        verdict_text(&c, 503, "5.5.1", "Bad sequence of commands");
    } else {
        commands[i].judge(s, &c);
        if (c.verdict.code < 400 || steps_when_refused(commands[i].row.input)) input = commands[i].row.input;
        /* With no recipient DATA is refused by a row of its own. */
        if (commands[i].row.input == SMTP_SERVER_ON_DATA && c.verdict.code == 554) input = SMTP_SERVER_ON_DATA;
    }
    machine_step(&s->machine, input, &c, effects);
}
