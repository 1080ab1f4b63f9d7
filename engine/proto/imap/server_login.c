/* LOGIN and AUTHENTICATE (RFC 3501 sections 6.2.2, 6.2.3; RFC 4959), with PLAIN (RFC 4616) and LOGIN. */
#include <string.h>

#include "mail/base64.h"
#include "proto/imap/server_inside.h"

enum { STEP_PLAIN = 1, STEP_NAME, STEP_PASSWORD };

static void judge_password(ImapServer *s, ImapCommand *c, Bytes user, Bytes password) {
    s->account = s->office->log_in(s->office->self, user, password);
    if (!s->account) {
        imap_verdict(c, IMAP_NO, "AUTHENTICATIONFAILED", "Authentication failed");
        return;
    }
    s->user = s->account->owner;
}

/* ---- LOGIN ---- */

void imap_parse_login(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    (void)(imap_read_space(r) && imap_read_astring(r, &c->user) && imap_read_space(r) &&
           imap_read_astring(r, &c->password));
}

void imap_judge_login(ImapServer *s, ImapCommand *c) {
    if (s->config->login_disabled) imap_verdict(c, IMAP_NO, "PRIVACYREQUIRED", "LOGIN is disabled here");
    else judge_password(s, c, c->user, c->password);
}

/* ---- AUTHENTICATE ---- */

void imap_parse_authenticate(ImapServer *s, ImapCommand *c) {
    ImapReader *r = &c->reader;
    (void)s;
    if (!imap_read_space(r) || !imap_read_atom(r, &c->user) || !imap_is_next(r, ' ')) return;
    (void)imap_read_space(r);
    c->has_initial = true;
    size_t from = r->at;
    while (r->at < r->text.size && r->text.at[r->at] > ' ' && r->text.at[r->at] < 127) r->at++;
    c->password = bytes_slice(r->text, from, r->at - from);
    if (c->password.size == 0) (void)imap_fault(r, "imap.base64");
}

/* authzid NUL authcid NUL password */
static void judge_plain(ImapServer *s, ImapCommand *c, Bytes decoded) {
    const char *at = (const char *)decoded.at, *end = at + decoded.size;
    const char *name = decoded.size ? memchr(at, 0, decoded.size) : NULL;
    const char *password = name ? memchr(name + 1, 0, (size_t)(end - name - 1)) : NULL;
    Bytes as = bytes_of(at, name ? (size_t)(name - at) : 0);
    Bytes user = bytes_of(name ? name + 1 : "", password ? (size_t)(password - name - 1) : 0);
    bool sound = password && (as.size == 0 || bytes_equal(as, user));
    if (!sound) imap_verdict(c, IMAP_NO, "AUTHENTICATIONFAILED", "Authentication failed");
    else judge_password(s, c, user, bytes_of(password + 1, (size_t)(end - password - 1)));
}

static void ask_more(ImapCommand *c, const char *challenge) {
    c->asks_more = true;
    c->text = challenge;
}

static void judge_response(ImapServer *s, ImapCommand *c, Bytes response) {
    c->asks_more = false;
    c->text = NULL;
    MailFaults faults = mail_faults(s->scratch);
    if (bytes_equal(response, bytes_of("*", 1))) {
        imap_verdict(c, IMAP_BAD, NULL, "Authentication cancelled");
        return;
    }
    Bytes decoded = base64_decode_all(s->scratch, response, 0, &faults);
    if (faults.count > 0) {
        imap_verdict(c, IMAP_BAD, NULL, "The response is not in base64");
    } else if (s->auth_step == STEP_PLAIN) {
        judge_plain(s, c, decoded);
    } else if (s->auth_step == STEP_PASSWORD) {
        judge_password(s, c, bytes_text(s->auth_name), decoded);
    } else if (decoded.size >= sizeof s->auth_name || (decoded.size && memchr(decoded.at, 0, decoded.size))) {
        imap_verdict(c, IMAP_NO, "AUTHENTICATIONFAILED", "Authentication failed");
    } else {
        memcpy(s->auth_name, decoded.at, decoded.size);
        s->auth_name[decoded.size] = 0;
        s->auth_step = STEP_PASSWORD;
        ask_more(c, "UGFzc3dvcmQ6"); /* "Password:" */
    }
}

void imap_judge_authenticate(ImapServer *s, ImapCommand *c) {
    bool plain = bytes_is(c->user, "PLAIN"), login = bytes_is(c->user, "LOGIN");
    if (!plain && !login) {
        imap_verdict(c, IMAP_NO, NULL, "Unknown authentication mechanism");
        return;
    }
    s->auth_step = plain ? STEP_PLAIN : STEP_NAME;
    if (!c->has_initial) ask_more(c, plain ? "" : "VXNlcm5hbWU6" /* "Username:" */);
    else judge_response(s, c, bytes_equal(c->password, bytes_of("=", 1)) ? bytes_of("", 0) : c->password);
}

void imap_server_auth_line(ImapServer *s, Bytes line, const char *trouble, Effects *effects) {
    ImapCommand *c = &s->command;
    if (trouble) {
        c->asks_more = false;
        imap_verdict(c, IMAP_BAD, NULL, "The response is not in base64");
    } else {
        judge_response(s, c, line);
    }
    machine_step(&s->machine, IMAP_SERVER_ON_AUTH_LINE, c, effects);
}
