/* What a client may ask about users and lists, and HELP. */
#include <string.h>

#include "base/text.h"
#include "proto/smtp/server_inside.h"

void smtp_verdict_moved(SmtpCommand *c, const SmtpName *name, bool forward, Arena *arena) {
    Text text = text_new();
    if (forward) text_print(&text, "User not local; will forward to <%s>", name->others[0].text);
    else text_print(&text, "User not local; please try <%s>", name->others[0].text);
    smtp_verdict_text(c, forward ? 251 : 551, forward ? "2.1.5" : "5.1.6", arena_text(arena, text_get(&text)));
    text_free(&text);
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
    if (policy == SMTP_VERIFY_DISABLED) smtp_verdict_text(c, 502, "5.5.1", "Command not implemented");
    else if (c->argument.size == 0) smtp_verdict_text(c, 501, "5.5.4", "A name expected");
    else if (policy == SMTP_VERIFY_NONCOMMITTAL)
        smtp_verdict_text(c, 252, "2.5.2", "Cannot VRFY user, but will accept message and attempt delivery");
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
    smtp_verdict_text(c, code, enhanced, arena_text(s->scratch, text_get(&text)));
    text_free(&text);
}

void smtp_judge_vrfy(SmtpServer *s, SmtpCommand *c) {
    if (!judge_policy(c, s->config->verify)) return;
    c->name = find_called(s, c->argument);
    if (!c->name) {
        smtp_verdict_text(c, 550, "5.1.1", "String does not match anything");
    } else if (c->name->kind == SMTP_NAME_MOVED) {
        smtp_verdict_moved(c, c->name, c->name->forward, s->scratch);
    } else if (c->name->kind == SMTP_NAME_AMBIGUOUS) {
        verdict_people(s, c, 553, "5.1.4", "User ambiguous; possibilities are");
    } else if (c->name->kind == SMTP_NAME_LIST) {
        smtp_verdict_text(c, 550, "5.1.1", "That is a mailing list, not a user");
    } else {
        Text text = text_new();
        put_person(&text, s, c->name);
        smtp_verdict_text(c, 250, "2.1.5", arena_text(s->scratch, text_get(&text)));
        text_free(&text);
    }
}

void smtp_judge_expn(SmtpServer *s, SmtpCommand *c) {
    if (!judge_policy(c, s->config->expand)) return;
    c->name = find_called(s, c->argument);
    if (c->name && c->name->kind == SMTP_NAME_LIST) verdict_people(s, c, 250, "2.1.5", "");
    else if (c->name) smtp_verdict_text(c, 550, "5.1.1", "That is a user name, not a mailing list");
    else smtp_verdict_text(c, 550, "5.1.1", "There is no such mailing list");
}

/* ---- HELP ---- */

static void verdict_status(SmtpServer *s, SmtpCommand *c) {
    Text text = text_new();
    text_print(&text, "%s serves ", s->config->name);
    ipv4_print(&text, s->client);
    text_print(&text, "%s%s", s->helo[0] ? ", which calls itself " : ", which has not said its name yet", s->helo);
    text_print(&text, "\nThe session is in the state %s, with %zu recipients so far",
               s->machine.spec->states[s->machine.state], s->transaction.recipient_count);
    smtp_verdict_text(c, 211, "2.0.0", arena_text(s->scratch, text_get(&text)));
    text_free(&text);
}

void smtp_judge_help(SmtpServer *s, SmtpCommand *c) {
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
        smtp_verdict(c, 214, "2.0.0", SMTP_TEXT_HELP, NULL);
        return;
    }
    if (smtp_text_equal(c->argument, "STATUS")) {
        verdict_status(s, c);
        return;
    }
    for (size_t i = 0; i < sizeof topics / sizeof topics[0]; i++) {
        if (!smtp_text_equal(c->argument, topics[i].verb)) continue;
        smtp_verdict_text(c, 214, "2.0.0", topics[i].text);
        return;
    }
    smtp_verdict_text(c, 504, "5.5.4", "No help on that");
}
