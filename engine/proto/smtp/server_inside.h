/* Between the files of the SMTP server. */
#ifndef NETSTAGE_PROTO_SMTP_SERVER_INSIDE_H
#define NETSTAGE_PROTO_SMTP_SERVER_INSIDE_H

#include "proto/smtp/server.h"

/* RSET's meaning: envelope and content are gone. */
void smtp_server_forget_transaction(SmtpServer *s);
/* The client has its time anew (RFC 5321 section 4.5.3.2.7). */
void smtp_server_set_idle(SmtpServer *s, Effects *effects);

/* ---- Commands: each is judged, and leaves its verdict ---- */

void smtp_verdict(SmtpCommand *c, uint16_t code, const char *enhanced, SmtpTextKey key, const SmtpPath *address);
/* `text` lives until the next command, or longer. */
void smtp_verdict_text(SmtpCommand *c, uint16_t code, const char *enhanced, const char *text);
/* 251 or 551 (RFC 5321 section 3.4): the new mailbox is named. */
void smtp_verdict_moved(SmtpCommand *c, const SmtpName *name, bool forward, Arena *arena);
/* Before each command. */
void smtp_server_empty_scratch(SmtpServer *s);
/* Offered, and asked for by EHLO: SMTP_EXTENSION_…. */
bool smtp_server_has_extension(const SmtpServer *s, unsigned extension);

void smtp_judge_vrfy(SmtpServer *s, SmtpCommand *c);
void smtp_judge_expn(SmtpServer *s, SmtpCommand *c);
void smtp_judge_help(SmtpServer *s, SmtpCommand *c);
void smtp_judge_auth(SmtpServer *s, SmtpCommand *c);

#endif
