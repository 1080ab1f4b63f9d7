#include "proto/smtp/syntax.h"

#include <string.h>

#include "base/text.h"
#include "mail/path.h"
#include "mail/xtext.h"

typedef struct {
    Bytes from;
    size_t at;
    bool utf8;
    ParseFault *fault;
} Scanner;

static bool fail(Scanner *s, const char *reason) {
    if (!s->fault->reason) *s->fault = (ParseFault){.offset = s->at, .reason = reason};
    return false;
}

static int peek(const Scanner *s) { return s->at < s->from.size ? s->from.at[s->at] : -1; }

static bool skip(Scanner *s, char c) {
    if (peek(s) != c) return false;
    s->at++;
    return true;
}

static bool is_alphanumeric(int c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static char lower(char c) { return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c; }

bool smtp_text_equal(Bytes a, const char *b) {
    if (strlen(b) != a.size) return false;
    for (size_t i = 0; i < a.size; i++)
        if (lower((char)a.at[i]) != lower(b[i])) return false;
    return true;
}

/* ---- Paths ---- */

Bytes smtp_domain(const SmtpPath *path) {
    return path->at < path->size ? bytes_of(path->text + path->at + 1, (size_t)(path->size - path->at - 1))
                                 : bytes_of(NULL, 0);
}

bool smtp_path_equal(const SmtpPath *a, const SmtpPath *b) {
    if (a->size != b->size || a->at != b->at || memcmp(a->text, b->text, a->at) != 0) return false;
    for (size_t i = a->at; i < a->size; i++)
        if (lower(a->text[i]) != lower(b->text[i])) return false;
    return true;
}

/* What `mail/path.h` has read, as text again: local parts are quoted only where they must be. */
static bool set_text(SmtpPath *path, const MailPath *parsed) {
    Text text = text_new();
    path_put(&text, parsed);
    bool fits = text.size <= SMTP_PATH_MOST;
    if (fits) {
        memcpy(path->text, text_get(&text), text.size + 1);
        path->size = (uint16_t)text.size;
        path->at = (uint16_t)(path_domain(parsed).size > 0 ? text.size - path_domain(parsed).size - 1 : text.size);
    }
    text_free(&text);
    return fits;
}

bool smtp_path_set(SmtpPath *path, const char *mailbox) {
    Text bracketed = text_new();
    text_print(&bracketed, "<%s>", mailbox);
    MailPath parsed;
    ParseFault fault;
    size_t end;
    *path = (SmtpPath){0};
    bool domain = strchr(mailbox, '@') != NULL;
    bool good = domain || !mailbox[0] ? path_parse(bytes_of(bracketed.at, bracketed.size), PATH_UTF8 | PATH_NULL,
                                                   &parsed, &end, &fault) &&
                                            end == bracketed.size
                                      : path_make(bytes_of(mailbox, strlen(mailbox)), bytes_of(NULL, 0), &parsed);
    good = good && set_text(path, &parsed);
    text_free(&bracketed);
    return good;
}

static bool scan_path(Scanner *s, SmtpPath *path, PathRules rules) {
    MailPath parsed;
    ParseFault fault;
    size_t end;
    *path = (SmtpPath){0};
    if (!path_parse(bytes_slice(s->from, s->at, SIZE_MAX), s->utf8 ? rules | PATH_UTF8 : rules, &parsed, &end,
                    &fault)) {
        s->at += fault.offset;
        bool syntax = strcmp(fault.reason, "address.bracket") == 0 || strcmp(fault.reason, "address.null") == 0;
        return fail(s, syntax ? "smtp.syntax" : "smtp.path");
    }
    s->at += end;
    return set_text(path, &parsed) || fail(s, "smtp.path");
}

static bool is_xtext(Bytes text, size_t most) {
    Text decoded = text_new();
    ParseFault fault;
    bool good = text.size > 0 && text.size <= most && xtext_decode(text, &decoded, &fault);
    text_free(&decoded);
    return good;
}

/* ---- Parameters: esmtp-keyword [ "=" esmtp-value ] ---- */

typedef struct {
    Bytes keyword, value;
    bool has_value;
} Parameter;

static bool scan_parameter(Scanner *s, Parameter *p) {
    size_t start = s->at;
    while (is_alphanumeric(peek(s)) || (peek(s) == '-' && s->at > start)) s->at++;
    p->keyword = bytes_slice(s->from, start, s->at - start);
    if (p->keyword.size == 0) return fail(s, "smtp.syntax");
    p->has_value = skip(s, '=');
    start = s->at;
    while (p->has_value && peek(s) > 32 && peek(s) != '=' && (peek(s) < 127 || (s->utf8 && peek(s) > 127))) s->at++;
    p->value = bytes_slice(s->from, start, s->at - start);
    if (p->has_value && p->value.size == 0) return fail(s, "smtp.syntax");
    return peek(s) < 0 || peek(s) == ' ' || fail(s, "smtp.syntax");
}

static bool read_size(Bytes text, uint64_t *size) {
    if (text.size == 0 || text.size > 20) return false; /* RFC 1870 section 3 */
    *size = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') return false;
        uint64_t digit = (uint64_t)(text.at[i] - '0');
        *size = *size > (UINT64_MAX - digit) / 10 ? UINT64_MAX : *size * 10 + digit;
    }
    return true;
}

static bool mail_parameter(SmtpMail *mail, const Parameter *p) {
    if (smtp_text_equal(p->keyword, "SIZE")) {
        mail->has_size = true;
        return read_size(p->value, &mail->size);
    }
    if (smtp_text_equal(p->keyword, "BODY")) {
        mail->has_body = true;
        mail->body = smtp_text_equal(p->value, "8BITMIME") ? SMTP_BODY_8BITMIME : SMTP_BODY_7BIT;
        return mail->body == SMTP_BODY_8BITMIME || smtp_text_equal(p->value, "7BIT");
    }
    if (smtp_text_equal(p->keyword, "RET")) {
        if (mail->ret != SMTP_RET_NONE) return false;
        mail->ret = smtp_text_equal(p->value, "FULL")   ? SMTP_RET_FULL
                    : smtp_text_equal(p->value, "HDRS") ? SMTP_RET_HDRS
                                                        : SMTP_RET_NONE;
        return mail->ret != SMTP_RET_NONE;
    }
    if (smtp_text_equal(p->keyword, "ENVID")) {
        if (mail->envid[0] || !is_xtext(p->value, SMTP_ENVID_MOST)) return false;
        memcpy(mail->envid, p->value.at, p->value.size);
        return true;
    }
    if (smtp_text_equal(p->keyword, "AUTH")) {
        mail->has_auth = true;
        return p->has_value;
    }
    if (smtp_text_equal(p->keyword, "SMTPUTF8")) {
        mail->smtputf8 = true;
        return !p->has_value;
    }
    return false;
}

static bool read_notify(Bytes list, uint8_t *notify) {
    static const char *const names[] = {"SUCCESS", "FAILURE", "DELAY"};
    if (*notify) return false;
    if (smtp_text_equal(list, "NEVER")) {
        *notify = SMTP_NOTIFY_NEVER;
        return true;
    }
    for (size_t at = 0; at <= list.size;) {
        size_t end = at;
        while (end < list.size && list.at[end] != ',') end++;
        size_t i = 0;
        while (i < 3 && !smtp_text_equal(bytes_slice(list, at, end - at), names[i])) i++;
        if (i == 3) return false;
        *notify |= (uint8_t)(1 << i);
        at = end + 1;
    }
    return true;
}

static bool rcpt_parameter(SmtpRcpt *rcpt, const Parameter *p) {
    if (smtp_text_equal(p->keyword, "NOTIFY")) return read_notify(p->value, &rcpt->notify);
    if (smtp_text_equal(p->keyword, "ORCPT")) {
        const uint8_t *semicolon = p->value.size > 0 ? memchr(p->value.at, ';', p->value.size) : NULL;
        if (rcpt->orcpt[0] || !semicolon || semicolon == p->value.at) return false;
        Bytes address = bytes_slice(p->value, (size_t)(semicolon - p->value.at) + 1, SIZE_MAX);
        if (p->value.size >= sizeof rcpt->orcpt || !is_xtext(address, SMTP_PATH_MOST * 2)) return false;
        memcpy(rcpt->orcpt, p->value.at, p->value.size);
        return true;
    }
    return false;
}

/* ---- Whole arguments ---- */

static bool scan_word(Scanner *s, const char *word) {
    if (!smtp_text_equal(bytes_slice(s->from, s->at, strlen(word)), word)) return fail(s, "smtp.syntax");
    s->at += strlen(word);
    while (peek(s) == ' ') s->at++; /* "MAIL FROM: <a@b>" is as common as it is wrong */
    return true;
}

static bool next_parameter(Scanner *s, Parameter *p, bool *more) {
    size_t blanks = s->at;
    while (peek(s) == ' ') s->at++;
    *more = peek(s) >= 0;
    if (!*more) return true;
    if (s->at == blanks) return fail(s, "smtp.syntax");
    return scan_parameter(s, p);
}

bool smtp_mail_parse(Bytes argument, bool utf8, SmtpMail *mail, ParseFault *fault) {
    *mail = (SmtpMail){0};
    *fault = (ParseFault){0};
    Scanner s = {.from = argument, .utf8 = utf8, .fault = fault};
    if (!scan_word(&s, "FROM:") || !scan_path(&s, &mail->path, PATH_NULL)) return false;
    for (bool more = true;;) {
        Parameter p;
        if (!next_parameter(&s, &p, &more)) return false;
        if (!more) return true;
        if (!mail_parameter(mail, &p)) return fail(&s, "smtp.parameter");
    }
}

bool smtp_rcpt_parse(Bytes argument, bool utf8, SmtpRcpt *rcpt, ParseFault *fault) {
    *rcpt = (SmtpRcpt){0};
    *fault = (ParseFault){0};
    Scanner s = {.from = argument, .utf8 = utf8, .fault = fault};
    if (!scan_word(&s, "TO:") || !scan_path(&s, &rcpt->path, PATH_POSTMASTER)) return false;
    for (bool more = true;;) {
        Parameter p;
        if (!next_parameter(&s, &p, &more)) return false;
        if (!more) return true;
        if (!rcpt_parameter(rcpt, &p)) return fail(&s, "smtp.parameter");
    }
}
