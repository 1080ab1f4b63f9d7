/* What the server says. Texts may be set by a scenario; in them "{host}", "{client}" (as it called itself), "{address}",
 * "{ip}" (the client's), "{number}" and "{size}" stand for values, and a line feed begins another line. */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "proto/smtp/server.h"

const char *const smtp_text_keys[SMTP_TEXT_COUNT] = {
#define X(name, key) #key,
    SMTP_TEXTS(X)
#undef X
};

static const char *const own_texts[SMTP_TEXT_COUNT] = {
    [SMTP_TEXT_GREETING] = "{host}",
    [SMTP_TEXT_HELO] = "Hello {client}, pleased to meet you",
    [SMTP_TEXT_EHLO] = "{host} Hello {client}, pleased to meet you",
    [SMTP_TEXT_MAIL] = "{address}... Sender ok",
    [SMTP_TEXT_RCPT] = "{address} ... Recipient ok",
    [SMTP_TEXT_DATA] = "Enter mail, end with \".\" on a line by itself",
    [SMTP_TEXT_ACCEPTED] = "Message accepted for delivery",
    [SMTP_TEXT_QUIT] = "{host} closing connection",
    [SMTP_TEXT_RSET] = "Reset state",
    [SMTP_TEXT_NOOP] = "OK",
    [SMTP_TEXT_HELP] = "Commands: HELO EHLO MAIL RCPT DATA RSET VRFY EXPN HELP NOOP QUIT\n"
                       "Further: AUTH SEND SOML SAML TURN (as this server is set)\n"
                       "HELP STATUS tells how the session stands",
    [SMTP_TEXT_UNKNOWN_USER] = "{address}... User unknown",
    [SMTP_TEXT_RELAY_REFUSED] = "{address}... Relaying denied",
    [SMTP_TEXT_MAILBOX_FULL] = "{address}... Mailbox full",
    [SMTP_TEXT_TOO_BIG] = "Message exceeds the maximum of {size} octets",
    [SMTP_TEXT_SHUTTING_DOWN] = "{host} Service not available, closing channel",
};

static void put_value(const SmtpServer *s, const SmtpVerdict *v, const char *name, size_t size, Text *text) {
    Bytes key = bytes_of(name, size);
    if (smtp_text_equal(key, "host")) text_put(text, s->config->name);
    else if (smtp_text_equal(key, "client")) text_put(text, s->helo);
    else if (smtp_text_equal(key, "ip")) ipv4_print(text, s->client);
    else if (smtp_text_equal(key, "number")) text_print(text, "%u", s->transaction.number);
    else if (smtp_text_equal(key, "size")) text_print(text, "%llu", (unsigned long long)s->config->size_most);
    else if (smtp_text_equal(key, "address")) text_put(text, v->address ? v->address->text : "");
    else { /* not ours: as it stands */ text_put_char(text, '{');
        text_put_n(text, name, size);
        text_put_char(text, '}');
    }
}

static void fill_in(const SmtpServer *s, const SmtpVerdict *v, Text *text) {
    const char *from = v->text;
    if (v->key != SMTP_TEXT_COUNT) from = s->config->texts[v->key] ? s->config->texts[v->key] : own_texts[v->key];
    while (*from) {
        const char *end = *from == '{' ? strchr(from, '}') : NULL;
        if (end) {
            put_value(s, v, from + 1, (size_t)(end - from - 1), text);
            from = end + 1;
        } else {
            text_put_char(text, *from++);
        }
    }
}

static void put_keyword(Text *text, const char *keyword) {
    text_put_char(text, '\n');
    text_put(text, keyword);
}

const char *const smtp_extension_names[] = {"SIZE", "8BITMIME", "PIPELINING", "ENHANCEDSTATUSCODES",
                                            "DSN",  "SMTPUTF8", "AUTH"};

/* The extensions, a line each, after EHLO (RFC 5321 section 4.1.1.1). */
static void put_extensions(const SmtpServer *s, Text *text) {
    const SmtpServerConfig *c = s->config;
    for (int i = 0; i < 7; i++) {
        if (!(c->extensions >> i & 1)) continue;
        if (1 << i == SMTP_EXTENSION_AUTH && c->user_count == 0) continue;
        put_keyword(text, smtp_extension_names[i]);
        if (1 << i == SMTP_EXTENSION_SIZE && c->size_most > 0)
            text_print(text, " %llu", (unsigned long long)c->size_most);
        if (1 << i == SMTP_EXTENSION_AUTH) text_put(text, " PLAIN LOGIN");
    }
    put_keyword(text, "HELP");
}

/* RFC 2034: with an enhanced code in front, but for the greeting and the answers to HELO and EHLO; and only to a
 * client that knows of them. */
static bool shows_enhanced(const SmtpServer *s, const SmtpVerdict *v) {
    return v->enhanced && s->extended && (s->config->extensions & SMTP_EXTENSION_ENHANCEDSTATUSCODES) != 0 &&
           v->key != SMTP_TEXT_GREETING && v->key != SMTP_TEXT_HELO && v->key != SMTP_TEXT_EHLO;
}

void smtp_server_reply(SmtpServer *s, const SmtpVerdict *v, Effects *effects) {
    Text text = text_new(), reply = text_new();
    fill_in(s, v, &text);
    if (v->key == SMTP_TEXT_EHLO) put_extensions(s, &text);
    bool enhanced = shows_enhanced(s, v);
    const char *line = text_get(&text);
    for (bool more = true; more;) {
        const char *end = strchr(line, '\n');
        more = end != NULL;
        size_t size = end ? (size_t)(end - line) : strlen(line), start = reply.size;
        text_print(&reply, "%u%c", v->code, more ? '-' : ' ');
        if (enhanced) text_print(&reply, "%s ", v->enhanced);
        size_t room = SMTP_REPLY_LINE_MOST - 2 - (reply.size - start);
        text_put_n(&reply, line, size < room ? size : room);
        text_put(&reply, "\r\n");
        if (end) line = end + 1;
    }
    effect_said(effects, STREAM_REPLY, bytes_of(reply.at, reply.size));
    text_put_n(&s->replies, reply.at, reply.size);
    text_free(&text);
    text_free(&reply);
}

void smtp_server_flush(SmtpServer *s, Effects *effects) {
    if (s->replies.size == 0) return;
    effects->current = &s->machine;
    effect_write(effects, bytes_of(s->replies.at, s->replies.size));
    text_clear(&s->replies);
}
