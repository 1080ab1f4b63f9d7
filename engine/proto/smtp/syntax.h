/* The arguments of SMTP's commands: RFC 5321 section 4.1.2, with the parameters of its extensions (SIZE: RFC 1870,
 * BODY: RFC 6152, RET, ENVID, NOTIFY, ORCPT: RFC 3461, AUTH: RFC 4954, SMTPUTF8: RFC 6531). */
#ifndef NETSTAGE_PROTO_SMTP_SYNTAX_H
#define NETSTAGE_PROTO_SMTP_SYNTAX_H

#include "base/bytes.h"
#include "base/parse_fault.h"

/* RFC 5321 section 4.5.3.1; `line` counts the CRLF. */
enum {
    SMTP_LOCAL_PART_MOST = 64,
    SMTP_DOMAIN_MOST = 255,
    SMTP_PATH_MOST = 256,
    SMTP_COMMAND_MOST = 512,
    SMTP_COMMAND_EXTENDED_MOST = 512 + 26 + 16 + 500 + 10, /* what SIZE, BODY, AUTH, SMTPUTF8 and DSN add to it */
    SMTP_REPLY_LINE_MOST = 512,
    SMTP_TEXT_LINE_MOST = 1000,
    SMTP_RECIPIENTS_LEAST = 100, /* as many a server must take */
    SMTP_ENVID_MOST = 100,
};

/* A mailbox, "alice@crepes.fr", or "" for the null reverse-path; as written, but for a source route. */
typedef struct {
    char text[SMTP_PATH_MOST + 1];
    uint16_t size, at; /* at: where the "@" stands; == size where there is none ("postmaster", "") */
} SmtpPath;

static inline Bytes smtp_local_part(const SmtpPath *path) { return bytes_of(path->text, path->at); }
/* Empty where there is none. */
Bytes smtp_domain(const SmtpPath *path);
/* Reads a mailbox without angle brackets; false: fault. */
bool smtp_path_set(SmtpPath *path, const char *mailbox);
/* Local parts by octet, domains without regard to case (section 2.4). */
bool smtp_path_equal(const SmtpPath *a, const SmtpPath *b);

typedef enum { SMTP_BODY_7BIT, SMTP_BODY_8BITMIME } SmtpBody;
typedef enum { SMTP_RET_NONE, SMTP_RET_FULL, SMTP_RET_HDRS } SmtpRet;
enum { SMTP_NOTIFY_SUCCESS = 1, SMTP_NOTIFY_FAILURE = 2, SMTP_NOTIFY_DELAY = 4, SMTP_NOTIFY_NEVER = 8 };

typedef struct {
    SmtpPath path;
    bool has_size, smtputf8, has_auth, has_body;
    uint64_t size;
    SmtpBody body;
    SmtpRet ret;
    char envid[SMTP_ENVID_MOST + 1]; /* xtext as it came; "" if none */
} SmtpMail;

typedef struct {
    SmtpPath path;
    uint8_t notify;                     /* SMTP_NOTIFY_…; 0: not given */
    char orcpt[SMTP_PATH_MOST * 2 + 1]; /* "rfc822;…" as it came; "" if none */
} SmtpRcpt;

/* Reads what follows "MAIL " or "RCPT " (or SEND, SOML, SAML): "FROM:<…> …". `fault->reason` is "smtp.syntax" (501),
 * "smtp.path" (553: the path is none, or too long), "smtp.parameter" (555: unknown, or with a bad value) with the place;
 * `utf8` allows octets above 127 (section 3.3 of RFC 6531). */
bool smtp_mail_parse(Bytes argument, bool utf8, SmtpMail *mail, ParseFault *fault) NS_MUST_USE;
bool smtp_rcpt_parse(Bytes argument, bool utf8, SmtpRcpt *rcpt, ParseFault *fault) NS_MUST_USE;

/* ASCII letters alike in either case. */
bool smtp_text_equal(Bytes a, const char *b);

#endif
