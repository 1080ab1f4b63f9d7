/* What became of recipients, from a reply or from what the server is known not to take. */
#include <string.h>

#include "proto/smtp/client_inside.h"
#include "proto/smtp/server.h"

SmtpOutcome smtp_client_outcome_of(SmtpClient *c, const SmtpReply *reply, const char *stage) {
    SmtpOutcome outcome = {.code = reply->code, .stage = stage};
    outcome.kind = reply->code >= 200 && reply->code < 300 ? SMTP_OUTCOME_ACCEPTED
                   : reply->code < 500                     ? SMTP_OUTCOME_LATER /* 4yz, or nonsense */
                                                           : SMTP_OUTCOME_REFUSED;
    memcpy(outcome.enhanced, reply->enhanced, sizeof outcome.enhanced);
    outcome.text = arena_text(c->arena, text_get(&reply->text));
    return outcome;
}

/* Recipients about whom nothing final was said. */
void smtp_client_settle(SmtpClient *c, SmtpOutcome outcome) {
    c->last = outcome;
    if (!c->job) return;
    for (size_t i = 0; i < c->job->recipient_count; i++) {
        SmtpOutcomeKind kind = c->job->recipients[i].outcome.kind;
        if (kind == SMTP_OUTCOME_OPEN || kind == SMTP_OUTCOME_ACCEPTED) c->job->recipients[i].outcome = outcome;
    }
}

bool smtp_client_has_accepted(const SmtpClient *c) {
    for (size_t i = 0; i < c->job->recipient_count; i++)
        if (c->job->recipients[i].outcome.kind == SMTP_OUTCOME_ACCEPTED) return true;
    return false;
}

/* What the server is known not to take need not be tried: RFC 1870 section 6, RFC 6152 section 3, RFC 6531 3.4. */
const char *smtp_client_impossible(const SmtpClient *c, const SmtpJob *job, const char **enhanced) {
    bool known = (c->extensions & SMTP_EXTENSION_SIZE) != 0 && c->size_most > 0;
    *enhanced = "5.3.4";
    if (known && job->content.size > c->size_most) return "Message exceeds what the server takes (SIZE)";
    *enhanced = "5.6.3";
    if (job->mail.body == SMTP_BODY_8BITMIME && !(c->extensions & SMTP_EXTENSION_8BITMIME))
        return "The server does not take 8-bit content (8BITMIME)";
    *enhanced = "5.6.7";
    if (job->mail.smtputf8 && !(c->extensions & SMTP_EXTENSION_SMTPUTF8))
        return "The server does not take internationalized addresses (SMTPUTF8)";
    return NULL;
}
