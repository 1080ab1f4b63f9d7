#include "proto/smtp/reply.h"

#include <string.h>

void smtp_reply_reader_init(SmtpReplyReader *r) { *r = (SmtpReplyReader){.lines = line_reader(SMTP_REPLY_TEXT_MOST)}; }

void smtp_reply_reader_clear(SmtpReplyReader *r) {
    line_reader_clear(&r->lines);
    text_clear(&r->reply.text);
    text_clear(&r->reply.raw);
    r->begun = r->ended = false;
}

void smtp_reply_reader_free(SmtpReplyReader *r) {
    line_reader_free(&r->lines);
    text_free(&r->reply.text);
    text_free(&r->reply.raw);
}

/* "2.1.5 " before the text: class, subject and detail of at most three digits. */
static size_t read_enhanced(Bytes text, char to[SMTP_ENHANCED_MOST]) {
    size_t at = 0;
    to[0] = 0;
    for (int part = 0; part < 3; part++) {
        size_t start = at;
        while (at < text.size && at - start < 3 && text.at[at] >= '0' && text.at[at] <= '9') at++;
        if (at == start || (part == 0 && (at != 1 || !strchr("245", text.at[0])))) return 0;
        if (part < 2 && (at == text.size || text.at[at++] != '.')) return 0;
    }
    if (at < text.size && text.at[at] != ' ') return 0;
    memcpy(to, text.at, at);
    to[at] = 0;
    return at < text.size ? at + 1 : at;
}

static uint16_t read_code(Bytes line) {
    if (line.size < 3 || line.at[0] < '2' || line.at[0] > '5') return 0;
    for (int i = 1; i < 3; i++)
        if (line.at[i] < '0' || line.at[i] > '9') return 0;
    if (line.size > 3 && line.at[3] != ' ' && line.at[3] != '-') return 0;
    return (uint16_t)((line.at[0] - '0') * 100 + (line.at[1] - '0') * 10 + line.at[2] - '0');
}

static bool take_line(SmtpReplyReader *r, Bytes line) {
    SmtpReply *reply = &r->reply;
    if (reply->raw.size < SMTP_REPLY_TEXT_MOST) {
        text_put_n(&reply->raw, (const char *)line.at, line.size);
        text_put(&reply->raw, "\r\n");
    }
    uint16_t code = read_code(line);
    if (code == 0 || (r->begun && code != reply->code)) {
        reply->code = 0;
        return true;
    }
    Bytes text = bytes_slice(line, 4, SIZE_MAX);
    char enhanced[SMTP_ENHANCED_MOST];
    text = bytes_slice(text, read_enhanced(text, enhanced), SIZE_MAX);
    if (!r->begun) memcpy(reply->enhanced, enhanced, sizeof enhanced);
    if (reply->text.size < SMTP_REPLY_TEXT_MOST) {
        if (r->begun) text_put_char(&reply->text, '\n');
        text_put_n(&reply->text, (const char *)text.at, text.size);
    }
    reply->code = code;
    r->begun = true;
    return line.size == 3 || line.at[3] == ' ';
}

bool smtp_reply_take(SmtpReplyReader *r, Bytes octets, size_t *taken) {
    *taken = 0;
    if (r->ended) smtp_reply_reader_clear(r);
    while (*taken < octets.size) {
        size_t part;
        Bytes line;
        LineEnd end = line_reader_take(&r->lines, bytes_slice(octets, *taken, SIZE_MAX), &part, &line);
        *taken += part;
        if (end == LINE_PARTIAL) return false;
        r->ended = take_line(r, line);
        if (r->ended) return true;
    }
    return false;
}
