/* What the client says, with the parameters that the server knows of. */
#include "mail/base64.h"
#include "proto/smtp/client_inside.h"
#include "proto/smtp/server.h"

void smtp_client_say(SmtpSaying *saying, Effects *effects, const char *format, const char *a, const char *b) {
    size_t start = saying->octets.size;
    text_print(&saying->octets, format, a, b);
    effect_said(effects, STREAM_COMMAND, bytes_of(saying->octets.at + start, saying->octets.size - start));
    text_put(&saying->octets, "\r\n");
}

void smtp_client_say_all(SmtpSaying *saying, Effects *effects) {
    effect_write(effects, bytes_of(saying->octets.at, saying->octets.size));
    text_free(&saying->octets);
}

void smtp_client_say_one(Effects *effects, const char *format, const char *a) {
    SmtpSaying saying = {text_new()};
    smtp_client_say(&saying, effects, format, a, "");
    smtp_client_say_all(&saying, effects);
}

/* MAIL with the parameters that the server knows of. */
void smtp_client_say_mail(SmtpClient *c, SmtpSaying *saying, Effects *effects) {
    const SmtpMail *m = &c->job->mail;
    Text parameters = text_new();
    if (c->extensions & SMTP_EXTENSION_SIZE) text_print(&parameters, " SIZE=%zu", c->job->content.size);
    if (c->extensions & SMTP_EXTENSION_8BITMIME && m->body == SMTP_BODY_8BITMIME)
        text_put(&parameters, " BODY=8BITMIME");
    if (c->extensions & SMTP_EXTENSION_SMTPUTF8 && m->smtputf8) text_put(&parameters, " SMTPUTF8");
    if (c->extensions & SMTP_EXTENSION_DSN) {
        if (m->ret != SMTP_RET_NONE) text_print(&parameters, " RET=%s", m->ret == SMTP_RET_FULL ? "FULL" : "HDRS");
        if (m->envid[0]) text_print(&parameters, " ENVID=%s", m->envid);
    }
    smtp_client_say(saying, effects, c->config->spaced ? "MAIL FROM: <%s>%s" : "MAIL FROM:<%s>%s", m->path.text,
                    text_get(&parameters));
    text_free(&parameters);
}

void smtp_client_say_rcpt(SmtpClient *c, size_t index, SmtpSaying *saying, Effects *effects) {
    const SmtpJobRecipient *r = &c->job->recipients[index];
    Text parameters = text_new();
    if (c->extensions & SMTP_EXTENSION_DSN) {
        static const char *const names[] = {"SUCCESS", "FAILURE", "DELAY", "NEVER"};
        const char *between = " NOTIFY=";
        for (int i = 0; i < 4; i++) {
            if (!(r->notify >> i & 1)) continue;
            text_put(&parameters, between);
            text_put(&parameters, names[i]);
            between = ",";
        }
        if (r->orcpt && r->orcpt[0]) text_print(&parameters, " ORCPT=%s", r->orcpt);
    }
    smtp_client_say(saying, effects, c->config->spaced ? "RCPT TO: <%s>%s" : "RCPT TO:<%s>%s", r->path.text,
                    text_get(&parameters));
    text_free(&parameters);
}

bool smtp_client_pipelines(const SmtpClient *c) {
    return c->config->pipelining && (c->extensions & SMTP_EXTENSION_PIPELINING) != 0;
}

void smtp_client_say_base64(SmtpClient *c, Effects *effects, const char *format, Bytes octets) {
    Bytes encoded = base64_encode_all(c->arena, octets, 0);
    smtp_client_say_one(effects, format, arena_text_n(c->arena, (const char *)encoded.at, encoded.size));
}
