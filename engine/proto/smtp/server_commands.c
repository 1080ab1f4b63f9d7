/* The commands: one row each, and what each means. A command is looked up, found allowed or not, parsed and judged here;
 * server.c's table then says where it leads. */
#include <string.h>

#include "base/text.h"
#include "mail/octets.h"
#include "mail/path.h"
#include "proto/smtp/server_inside.h"

typedef void CommandJudge(SmtpServer *s, SmtpCommand *c);

/* What is wrong with an argument: 501 for bad syntax, 553 for a mailbox that cannot be one, and for a parameter 504 as
 * RFC 821 has it, or 555 to those who said EHLO (RFC 5321 section 4.1.1.11). */
static void verdict_fault(const SmtpServer *s, SmtpCommand *c, const ParseFault *fault) {
    if (strcmp(fault->reason, "smtp.path") == 0) smtp_verdict_text(c, 553, "5.1.3", "Mailbox name not allowed");
    else if (strcmp(fault->reason, "smtp.parameter") != 0)
        smtp_verdict_text(c, 501, "5.5.4", "Syntax error in parameters or arguments");
    else if (s->extended) smtp_verdict_text(c, 555, "5.5.4", "Parameters not recognized or not implemented");
    else smtp_verdict_text(c, 504, "5.5.4", "Command parameter not implemented");
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
        smtp_verdict_text(c, 501, "5.5.2", "The name of your host expected");
    else smtp_verdict(c, 250, NULL, SMTP_TEXT_HELO, NULL);
}

static void judge_ehlo(SmtpServer *s, SmtpCommand *c) {
    judge_helo(s, c);
    if (c->verdict.code == 250) c->verdict.key = SMTP_TEXT_EHLO;
}

/* ---- MAIL and its kin ---- */

static void judge_mail(SmtpServer *s, SmtpCommand *c) {
    const SmtpServerConfig *config = s->config;
    ParseFault fault;
    if (!smtp_mail_parse(c->argument, smtp_server_has_extension(s, SMTP_EXTENSION_SMTPUTF8), &c->mail, &fault)) {
        verdict_fault(s, c, &fault);
        return;
    }
    const SmtpMail *m = &c->mail;
    bool unknown = (m->has_size && !smtp_server_has_extension(s, SMTP_EXTENSION_SIZE)) ||
                   (m->has_body && !smtp_server_has_extension(s, SMTP_EXTENSION_8BITMIME)) ||
                   (m->smtputf8 && !smtp_server_has_extension(s, SMTP_EXTENSION_SMTPUTF8)) ||
                   ((m->ret != SMTP_RET_NONE || m->envid[0]) && !smtp_server_has_extension(s, SMTP_EXTENSION_DSN)) ||
                   (m->has_auth && !smtp_server_has_extension(s, SMTP_EXTENSION_AUTH));
    if (unknown) verdict_fault(s, c, &(ParseFault){.reason = "smtp.parameter"});
    else if (!bytes_is_ascii(bytes_of(m->path.text, m->path.size)) && !m->smtputf8)
        smtp_verdict_text(c, 553, "5.6.7", "Mailbox name not allowed: SMTPUTF8 was not asked for");
    else if (config->auth_required && !s->user) smtp_verdict_text(c, 530, "5.7.0", "Authentication required");
    else if (m->has_size && config->size_most > 0 && m->size > config->size_most)
        smtp_verdict(c, 552, "5.3.4", SMTP_TEXT_TOO_BIG, NULL);
    else if (m->has_size && m->size > s->office->room(s->office->self))
        smtp_verdict_text(c, 452, "4.3.1", "Insufficient system storage");
    else smtp_verdict(c, 250, "2.1.0", SMTP_TEXT_MAIL, &c->mail.path);
}

/* SEND, SOML and SAML show a message on a terminal: RFC 821 section 3.4. RFC 5321 (appendix F.6) has done with them. */
static void judge_terminal(SmtpServer *s, SmtpCommand *c, SmtpDelivery delivery) {
    c->delivery = delivery;
    if (s->config->legacy) judge_mail(s, c);
    else smtp_verdict_text(c, 502, "5.5.1", "Command not implemented");
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
    if (c->name->busy) smtp_verdict_text(c, 450, "4.2.1", "Mailbox busy, try again later");
    else if (quota > 0 && (held >= quota || coming > quota - held))
        smtp_verdict(c, 552, "5.2.2", SMTP_TEXT_MAILBOX_FULL, path);
    else if (t->delivery == SMTP_DELIVER_SEND && !c->name->online)
        smtp_verdict_text(c, 450, "4.2.0", "The user is not at a terminal now");
    else if (s->config->greylist > 0 && !may_relay(s) &&
             !office->known_triplet(office->self, s->client, &t->mail.path, path))
        smtp_verdict_text(c, 450, "4.7.1", "Greylisted, please try again later");
    else smtp_verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
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
    if ((c->rcpt.notify || c->rcpt.orcpt[0]) && !smtp_server_has_extension(s, SMTP_EXTENSION_DSN)) {
        verdict_fault(s, c, &(ParseFault){.reason = "smtp.parameter"});
        return;
    }
    const SmtpPath *path = &c->rcpt.path;
    c->name = smtp_name_find(s->config, path);
    if (t->recipient_count >= s->config->recipients_most) smtp_verdict_text(c, 452, "4.5.3", "Too many recipients");
    else if (!smtp_domain_is_local(s->config, smtp_domain(path)) && !is_own_literal(s, path)) {
        c->name = NULL;
        if (may_relay(s)) smtp_verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
        else smtp_verdict(c, 550, "5.7.1", SMTP_TEXT_RELAY_REFUSED, path);
    } else if (!c->name) smtp_verdict(c, 550, "5.1.1", SMTP_TEXT_UNKNOWN_USER, path);
    else if (c->name->kind == SMTP_NAME_AMBIGUOUS) smtp_verdict_text(c, 553, "5.1.4", "User ambiguous");
    else if (c->name->kind == SMTP_NAME_MOVED) smtp_verdict_moved(c, c->name, c->name->forward, s->scratch);
    else if (c->name->kind == SMTP_NAME_LIST) smtp_verdict(c, 250, "2.1.5", SMTP_TEXT_RCPT, path);
    else judge_mailbox(s, c);
}

/* ---- DATA, RSET, NOOP, QUIT, TURN ---- */

static void judge_data(SmtpServer *s, SmtpCommand *c) {
    if (c->argument.size > 0) smtp_verdict_text(c, 501, "5.5.4", "DATA takes no argument");
    else if (s->transaction.recipient_count == 0) smtp_verdict_text(c, 554, "5.5.1", "No valid recipients");
    else smtp_verdict(c, 354, NULL, SMTP_TEXT_DATA, NULL);
}

static void judge_rset(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    if (c->argument.size > 0) smtp_verdict_text(c, 501, "5.5.4", "RSET takes no argument");
    else smtp_verdict(c, 250, "2.0.0", SMTP_TEXT_RSET, NULL);
}

static void judge_noop(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    smtp_verdict(c, 250, "2.0.0", SMTP_TEXT_NOOP, NULL);
}

static void judge_quit(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    if (c->argument.size > 0) smtp_verdict_text(c, 501, "5.5.4", "QUIT takes no argument");
    else smtp_verdict(c, 221, "2.0.0", SMTP_TEXT_QUIT, NULL);
}

/* The roles would change sides on a connection that nobody has authenticated: whoever calls could take mail that is
 * for somebody else. */
static void judge_turn(SmtpServer *s, SmtpCommand *c) {
    (void)s;
    smtp_verdict_text(c, 502, "5.5.1", "Command not implemented");
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
    COMMAND(RSET, BEFORE_DATA, judge_rset),         COMMAND(VRFY, BEFORE_DATA, smtp_judge_vrfy),
    COMMAND(EXPN, BEFORE_DATA, smtp_judge_expn),    COMMAND(HELP, BEFORE_DATA, smtp_judge_help),
    COMMAND(NOOP, BEFORE_DATA, judge_noop),         COMMAND(QUIT, BEFORE_DATA | IN(REFUSING), judge_quit),
    COMMAND(TURN, IN(READY), judge_turn),           COMMAND(AUTH, IN(READY), smtp_judge_auth),
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
    smtp_server_empty_scratch(s);
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
        smtp_verdict_text(&c, 500, "5.5.2",
                          long_line ? "Line too long"
                                    : "Syntax error: a line ends with CRLF and holds no other control octet");
    } else if (i == COMMANDS) {
        smtp_verdict_text(&c, 500, "5.5.2", "Syntax error, command unrecognized");
    } else if (!(commands[i].row.states >> s->machine.state & 1)) {
        smtp_verdict_text(&c, 503, "5.5.1", "Bad sequence of commands");
    } else {
        commands[i].judge(s, &c);
        if (c.verdict.code < 400 || steps_when_refused(commands[i].row.input)) input = commands[i].row.input;
        /* With no recipient DATA is refused by a row of its own. */
        if (commands[i].row.input == SMTP_SERVER_ON_DATA && c.verdict.code == 554) input = SMTP_SERVER_ON_DATA;
    }
    machine_step(&s->machine, input, &c, effects);
}
