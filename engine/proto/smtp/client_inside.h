/* Between the files of the SMTP client: client.c (states, table, actions), client_say.c (what it says),
 * client_outcomes.c (what became of recipients), client_stream.c (octets in, entry points). */
#ifndef NETSTAGE_PROTO_SMTP_CLIENT_INSIDE_H
#define NETSTAGE_PROTO_SMTP_CLIENT_INSIDE_H

#include "proto/smtp/client.h"

/* Several commands may go into one write: the segments are then as few as pipelining wants them. */
typedef struct {
    Text octets;
} SmtpSaying;

/* One command into `saying`, its CRLF added. `format` takes two texts. */
void smtp_client_say(SmtpSaying *saying, Effects *effects, const char *format, const char *a, const char *b);
/* Writes what was said, and frees it. */
void smtp_client_say_all(SmtpSaying *saying, Effects *effects);
void smtp_client_say_one(Effects *effects, const char *format, const char *a);
/* MAIL and RCPT of the job under way, with the parameters that the server knows of. */
void smtp_client_say_mail(SmtpClient *c, SmtpSaying *saying, Effects *effects);
void smtp_client_say_rcpt(SmtpClient *c, size_t index, SmtpSaying *saying, Effects *effects);
void smtp_client_say_base64(SmtpClient *c, Effects *effects, const char *format, Bytes octets);
bool smtp_client_pipelines(const SmtpClient *c);

/* ACCEPTED, LATER or REFUSED by the reply's code; the text is copied into the client's arena. */
SmtpOutcome smtp_client_outcome_of(SmtpClient *c, const SmtpReply *reply, const char *stage);
/* Recipients about whom nothing final was said. */
void smtp_client_settle(SmtpClient *c, SmtpOutcome outcome);
bool smtp_client_has_accepted(const SmtpClient *c);
/* Why the server will not take the message, so that it need not be tried (static); NULL: it may. */
const char *smtp_client_impossible(const SmtpClient *c, const SmtpJob *job, const char **enhanced);

#endif
