/* AUTH: RFC 4954, with PLAIN (RFC 4616) and LOGIN. */
#include <string.h>

#include "mail/base64.h"
#include "proto/smtp/server_inside.h"

enum { AUTH_NONE, AUTH_PLAIN, AUTH_LOGIN_NAME, AUTH_LOGIN_PASSWORD };

static const SmtpUser *find_user(const SmtpServerConfig *config, const char *name, const char *password) {
    for (size_t i = 0; i < config->user_count; i++)
        if (strcmp(config->users[i].name, name) == 0 && strcmp(config->users[i].password, password) == 0)
            return &config->users[i];
    return NULL;
}

static void judge_password(SmtpServer *s, SmtpCommand *c, const char *name, const char *password) {
    s->user = find_user(s->config, name, password);
    if (s->user) smtp_verdict_text(c, 235, "2.7.0", "Authentication successful");
    else smtp_verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
}

/* authzid NUL authcid NUL password */
static void judge_plain(SmtpServer *s, SmtpCommand *c, const char *decoded, size_t size) {
    const char *end = decoded + size, *name = memchr(decoded, 0, size);
    const char *password = name ? memchr(name + 1, 0, (size_t)(end - name - 1)) : NULL;
    if (!password || (name != decoded && strcmp(decoded, name + 1) != 0) ||
        memchr(password + 1, 0, (size_t)(end - password - 1)))
        smtp_verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
    else judge_password(s, c, name + 1, password + 1);
}

static void judge_response(SmtpServer *s, SmtpCommand *c, Bytes response) {
    MailFaults faults = mail_faults(s->scratch);
    if (bytes_equal(response, bytes_of("*", 1))) {
        smtp_verdict_text(c, 501, "5.7.0", "Authentication cancelled");
        return;
    }
    Bytes octets = base64_decode_all(s->scratch, response, 0, &faults);
    if (faults.count > 0) {
        smtp_verdict_text(c, 501, "5.5.2", "Cannot decode the response");
        return;
    }
    octets = mail_keep(s->scratch, octets); /* with a NUL behind it */
    const char *decoded = (const char *)octets.at;
    size_t size = octets.size;
    if (s->auth_step == AUTH_PLAIN) {
        judge_plain(s, c, decoded, size);
    } else if (strlen(decoded) != size || size >= sizeof s->auth_name) {
        smtp_verdict_text(c, 535, "5.7.8", "Authentication credentials invalid");
    } else if (s->auth_step == AUTH_LOGIN_NAME) {
        memcpy(s->auth_name, decoded, size + 1);
        s->auth_step = AUTH_LOGIN_PASSWORD;
        smtp_verdict_text(c, 334, NULL, "UGFzc3dvcmQ6"); /* "Password:" */
    } else {
        judge_password(s, c, s->auth_name, decoded);
    }
}

void smtp_judge_auth(SmtpServer *s, SmtpCommand *c) {
    size_t end = 0;
    while (end < c->argument.size && c->argument.at[end] != ' ') end++;
    Bytes mechanism = bytes_slice(c->argument, 0, end), initial = {0};
    while (end < c->argument.size && c->argument.at[end] == ' ') end++;
    if (end < c->argument.size) initial = bytes_slice(c->argument, end, SIZE_MAX);
    bool plain = smtp_text_equal(mechanism, "PLAIN"), login = smtp_text_equal(mechanism, "LOGIN");
    if (!smtp_server_has_extension(s, SMTP_EXTENSION_AUTH) || s->config->user_count == 0) {
        smtp_verdict_text(c, 502, "5.5.1", "Command not implemented");
    } else if (s->user) {
        smtp_verdict_text(c, 503, "5.5.1", "Already authenticated");
    } else if (!plain && !login) {
        smtp_verdict_text(c, 504, "5.5.4", "Unrecognized authentication type");
    } else {
        s->auth_step = plain ? AUTH_PLAIN : AUTH_LOGIN_NAME;
        if (bytes_equal(initial, bytes_of("=", 1))) initial = bytes_of("", 0); /* an empty response */
        if (initial.at) judge_response(s, c, initial);
        else smtp_verdict_text(c, 334, NULL, plain ? "" : "VXNlcm5hbWU6" /* "Username:" */);
    }
}

void smtp_server_auth_line(SmtpServer *s, Bytes line, const char *trouble, Effects *effects) {
    SmtpCommand c = {.argument = line};
    smtp_server_empty_scratch(s);
    if (trouble && strcmp(trouble, "smtp.line_too_long") == 0)
        smtp_verdict_text(&c, 500, "5.5.6", "Authentication exchange line is too long");
    else if (trouble) smtp_verdict_text(&c, 501, "5.5.2", "Cannot decode the response");
    else judge_response(s, &c, line);
    machine_step(&s->machine, SMTP_SERVER_ON_AUTH_LINE, &c, effects);
}
