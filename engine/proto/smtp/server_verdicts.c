/* Verdicts, and what several commands look at. */
#include "proto/smtp/server_inside.h"

void smtp_verdict(SmtpCommand *c, uint16_t code, const char *enhanced, SmtpTextKey key, const SmtpPath *address) {
    c->verdict = (SmtpVerdict){code, enhanced, key, NULL, address};
}

void smtp_verdict_text(SmtpCommand *c, uint16_t code, const char *enhanced, const char *text) {
    c->verdict = (SmtpVerdict){code, enhanced, SMTP_TEXT_COUNT, text, NULL};
}

void smtp_server_empty_scratch(SmtpServer *s) {
    if (s->scratch) arena_free(s->scratch);
    s->scratch = arena_new();
}

bool smtp_server_has_extension(const SmtpServer *s, unsigned extension) {
    return s->extended && (s->config->extensions & extension) != 0;
}
