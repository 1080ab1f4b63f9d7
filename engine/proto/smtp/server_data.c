/* What becomes of a message's content: the limits of RFC 5321 section 4.5.3.1, seven bits, line ends, loops. */
#include "proto/smtp/server.h"

static void strip_high_bits(SmtpContent *c) {
    for (size_t i = 0; i < c->size; i++) c->octets[i] &= 0x7f;
}

/* A message that nobody has room for is refused; where somebody has, the others are reported by mail. */
static SmtpVerdict judge_quotas(const SmtpServer *s) {
    const SmtpTransaction *t = &s->transaction;
    for (size_t i = 0; i < t->recipient_count; i++) {
        const SmtpName *name = t->recipients[i].name;
        if (!name || name->kind != SMTP_NAME_MAILBOX || name->quota == 0) return (SmtpVerdict){0};
        uint64_t held = s->office->mailbox_octets(s->office->self, name->mailbox);
        if (held <= name->quota && t->content.total <= name->quota - held) return (SmtpVerdict){0};
    }
    return (SmtpVerdict){552, "5.2.2", SMTP_TEXT_MAILBOX_FULL, NULL, &t->recipients[0].path};
}

SmtpVerdict smtp_server_judge_content(SmtpServer *s) {
    const SmtpServerConfig *config = s->config;
    SmtpContent *c = &s->transaction.content;
    if (c->most > 0 && c->total > c->most) return (SmtpVerdict){552, "5.3.4", SMTP_TEXT_TOO_BIG, NULL, NULL};
    if (c->total > s->office->room(s->office->self))
        return (SmtpVerdict){452, "4.3.1", SMTP_TEXT_COUNT, "Insufficient system storage", NULL};
    if (c->dots.bare_lf.count > 0 || c->dots.bare_cr.count > 0)
        return (SmtpVerdict){554, "5.6.0", SMTP_TEXT_COUNT,
                             "Transaction failed: a carriage return or line feed stands alone", NULL};
    if (c->dots.long_lines.count > 0)
        return (SmtpVerdict){500, "5.6.0", SMTP_TEXT_COUNT, "Line too long: 1000 octets with CRLF are the most", NULL};
    if (c->dots.eight_bit.count > 0 && s->transaction.mail.body != SMTP_BODY_8BITMIME) {
        if (config->eight_bit == SMTP_EIGHT_BIT_REFUSE)
            return (SmtpVerdict){554, "5.6.3", SMTP_TEXT_COUNT,
                                 "Transaction failed: an octet above 127, and 8BITMIME was not asked for", NULL};
        if (config->eight_bit == SMTP_EIGHT_BIT_STRIP) strip_high_bits(c);
    }
    Bytes content = bytes_of(c->octets, c->size);
    if (config->hops_most > 0 && smtp_content_count_fields(content, "Received") >= config->hops_most)
        return (SmtpVerdict){554, "5.4.6", SMTP_TEXT_COUNT, "Transaction failed: too many hops, mail loops", NULL};
    return judge_quotas(s);
}
