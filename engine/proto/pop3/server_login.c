/* Who comes: USER and PASS, APOP (RFC 1939 sections 4 and 7), and AUTH (RFC 5034) with PLAIN (RFC 4616). */
#include <string.h>

#include "mail/base64.h"
#include "proto/pop3/server_inside.h"

/* A login that does not succeed. */
static void fail(Pop3Command *c, const char *code, const char *reason, const char *text) {
    pop3_refuse(c, code, text);
    c->reason = reason;
}

static void fail_proof(const Pop3Server *s, Pop3Command *c) {
    fail(c, "AUTH", "pop3.wrong_password", "");
    pop3_put_text(s, POP3_TEXT_REFUSED, &c->text);
}

/* The proof was good: the maildrop is given, unless somebody has it, or the user has just been here. */
static void admit(Pop3Server *s, Pop3Command *c, Bytes user, const char *method, SimTime now) {
    MailAccount *account = s->office->account(s->office->self, user);
    if (!account) {
        fail_proof(s, c);
        return;
    }
    SimTime last = *s->office->logged_in_at(s->office->self, account);
    if (account->maildrop_lock) {
        fail(c, "IN-USE", "pop3.in_use", "another session has the maildrop");
    } else if (last != SIM_NEVER && now < last + s->config->login_delay) {
        fail(c, "LOGIN-DELAY", "pop3.login_delay", "");
        text_print(&c->text, "%lld s must pass between logins", (long long)(s->config->login_delay / SIM_SECOND));
    } else {
        memmove(s->user, user.at, user.size);
        s->user[user.size] = 0;
        c->account = account;
        c->method = method;
    }
}

/* Passwords are compared as a whole, however early they differ. */
static bool is_password(const char *password, Bytes given) {
    if (!password) return false;
    size_t size = strlen(password);
    uint8_t differs = size != given.size;
    for (size_t i = 0; i < given.size && size > 0; i++) differs |= (uint8_t)(given.at[i] ^ (uint8_t)password[i % size]);
    return !differs;
}

static bool may_be_plain(const Pop3Server *s, Pop3Command *c) {
    if (!s->config->plain) pop3_refuse(c, NULL, "the password must not be shown here: APOP expected");
    return s->config->plain;
}

void pop3_judge_user(Pop3Server *s, Pop3Command *c, SimTime now) {
    (void)now;
    if (!may_be_plain(s, c)) return;
    /* Whether there is such a user is told to nobody who has not proved to be it. */
    memcpy(s->user, c->argument.at, c->argument.size);
    s->user[c->argument.size] = 0;
    pop3_put_text(s, POP3_TEXT_USER, &c->text);
}

/* The password may hold spaces (RFC 1939 section 7): it is all that stands behind the first one. */
void pop3_judge_pass(Pop3Server *s, Pop3Command *c, SimTime now) {
    Bytes user = bytes_text(s->user);
    if (is_password(s->office->password(s->office->self, user), c->argument)) admit(s, c, user, "pop3.user_pass", now);
    else fail_proof(s, c);
}

void pop3_judge_apop(Pop3Server *s, Pop3Command *c, SimTime now) {
    if (!s->stamp[0]) {
        pop3_refuse(c, NULL, "APOP is not served here");
        return;
    }
    const char *secret = s->office->password(s->office->self, c->words[0]);
    char digest[POP3_DIGEST + 1] = "";
    if (secret) pop3_digest(s->stamp, secret, digest);
    if (secret && bytes_equal(c->words[1], bytes_of(digest, POP3_DIGEST))) admit(s, c, c->words[0], "pop3.apop", now);
    else fail_proof(s, c);
}

/* authzid NUL authcid NUL password */
static void judge_plain(Pop3Server *s, Pop3Command *c, Bytes decoded, SimTime now) {
    const uint8_t *end = decoded.at + decoded.size,
                  *name = decoded.size > 0 ? memchr(decoded.at, 0, decoded.size) : NULL;
    const uint8_t *password = name ? memchr(name + 1, 0, (size_t)(end - name - 1)) : NULL;
    if (!password || memchr(password + 1, 0, (size_t)(end - password - 1))) {
        fail_proof(s, c);
        return;
    }
    Bytes other = bytes_of(decoded.at, (size_t)(name - decoded.at)),
          user = bytes_of(name + 1, (size_t)(password - name - 1)),
          given = bytes_of(password + 1, (size_t)(end - password - 1));
    bool good = user.size < sizeof s->user && (other.size == 0 || bytes_equal(other, user)) &&
                is_password(s->office->password(s->office->self, user), given);
    if (good) admit(s, c, user, "pop3.auth_plain", now);
    else fail_proof(s, c);
}

static void judge_response(Pop3Server *s, Pop3Command *c, Bytes response, SimTime now) {
    if (bytes_equal(response, bytes_of("*", 1))) {
        fail(c, NULL, "pop3.cancelled", "authentication cancelled");
        return;
    }
    Arena *arena = arena_new();
    MailFaults faults = mail_faults(arena);
    Bytes decoded = base64_decode_all(arena, response, 0, &faults);
    if (faults.count > 0) fail(c, NULL, "pop3.not_base64", "cannot decode the response");
    else judge_plain(s, c, decoded, now);
    arena_free(arena);
}

void pop3_judge_auth(Pop3Server *s, Pop3Command *c, SimTime now) {
    if (!may_be_plain(s, c)) return;
    if (!bytes_is(c->words[0], "PLAIN")) {
        pop3_refuse(c, NULL, "unrecognized authentication type");
        return;
    }
    Bytes initial = c->words[1];
    if (bytes_equal(initial, bytes_of("=", 1))) initial = bytes_of("", 0); /* an empty response */
    if (c->word_count == 2) judge_response(s, c, initial, now);
    else c->asked = true;
}

void pop3_server_auth_line(Pop3Server *s, Bytes line, const char *trouble, Effects *effects) {
    Pop3Command c = {.argument = line};
    if (trouble) fail(&c, NULL, "pop3.not_base64", "cannot decode the response");
    else judge_response(s, &c, line, effects->now);
    machine_step(&s->machine, POP3_SERVER_ON_AUTH_LINE, &c, effects);
    text_free(&c.text);
}
