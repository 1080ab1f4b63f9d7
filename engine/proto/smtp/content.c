#include "proto/smtp/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "proto/smtp/syntax.h"

enum { LINE_START, INSIDE, AFTER_CR, DOT, DOT_CR, ENDED };

void smtp_content_begin(SmtpContent *c, uint64_t most) {
    smtp_content_free(c);
    *c = (SmtpContent){.most = most, .state = LINE_START};
}

void smtp_content_free(SmtpContent *c) {
    free(c->octets);
    *c = (SmtpContent){0};
}

static void note(uint64_t *place, uint64_t at) {
    if (*place == 0) *place = at + 1;
}

static void put(SmtpContent *c, Bytes octets) {
    c->total += octets.size;
    if (c->most > 0 && c->total > c->most) return;
    c->octets = array_grow(c->octets, &c->capacity, c->size + octets.size, 1);
    memcpy(c->octets + c->size, octets.at, octets.size);
    c->size += octets.size;
}

/* Octets that are neither CR nor LF. */
static void put_inside(SmtpContent *c, Bytes octets) {
    for (size_t i = 0; i < octets.size; i++) {
        if (octets.at[i] > 127) note(&c->eight_bit_at, c->total + i);
        if (octets.at[i] == 0) note(&c->nul_at, c->total + i);
    }
    put(c, octets);
    c->line += octets.size;
    if (c->line > SMTP_TEXT_LINE_MOST - 2) note(&c->long_line_at, c->total - 1);
    c->state = INSIDE;
}

static void put_bare_cr(SmtpContent *c) {
    note(&c->bare_cr_at, c->total);
    put(c, bytes_of("\r", 1));
    c->line++;
}

static void take_octet(SmtpContent *c, uint8_t octet) {
    if (c->state == DOT_CR && octet == '\n') {
        c->state = ENDED;
        return;
    }
    if (c->state == DOT && octet == '\r') {
        c->state = DOT_CR;
        return;
    }
    if (c->state == LINE_START && octet == '.') {
        c->line = 1;
        c->state = DOT;
        return;
    }
    if (c->state == AFTER_CR && octet == '\n') {
        put(c, bytes_of("\r\n", 2));
        c->line = 0;
        c->state = LINE_START;
        return;
    }
    if (c->state == AFTER_CR || c->state == DOT_CR) put_bare_cr(c);
    if (octet == '\r') {
        c->state = AFTER_CR;
    } else if (octet == '\n') {
        note(&c->bare_lf_at, c->total);
        put(c, bytes_of("\n", 1));
        c->line++;
        c->state = INSIDE;
    } else {
        put_inside(c, bytes_of(&octet, 1));
    }
}

bool smtp_content_take(SmtpContent *c, Bytes octets, size_t *taken) {
    CHECK(c->state != ENDED);
    size_t at = 0;
    while (at < octets.size && c->state != ENDED) {
        size_t end = at;
        if (c->state == INSIDE || (c->state == LINE_START && octets.at[at] != '.'))
            while (end < octets.size && octets.at[end] != '\r' && octets.at[end] != '\n') end++;
        if (end > at) put_inside(c, bytes_slice(octets, at, end - at));
        else take_octet(c, octets.at[end++]);
        at = end;
    }
    *taken = at;
    return c->state == ENDED;
}

size_t smtp_content_count_fields(Bytes content, const char *name) {
    size_t count = 0, at = 0, length = strlen(name);
    while (at < content.size && content.at[at] != '\r' && content.at[at] != '\n') {
        if (smtp_text_equal(bytes_slice(content, at, length), name) && at + length < content.size &&
            content.at[at + length] == ':')
            count++;
        const uint8_t *end = memchr(content.at + at, '\n', content.size - at);
        if (!end) break;
        at = (size_t)(end - content.at) + 1;
    }
    return count;
}

size_t smtp_content_send(SmtpSending *s, Bytes content, uint8_t *to, size_t room) {
    CHECK(room >= 8);
    size_t size = 0;
    while (s->at < content.size && room - size >= 2) {
        if (!s->inside_line && content.at[s->at] == '.') to[size++] = '.';
        const uint8_t *from = content.at + s->at;
        size_t most = content.size - s->at < room - size ? content.size - s->at : room - size;
        const uint8_t *end = memchr(from, '\n', most);
        size_t part = end ? (size_t)(end - from) + 1 : most;
        memcpy(to + size, from, part);
        size += part;
        s->at += part;
        /* Only CRLF ends a line; nothing else is sent by us, but what a user has on disk may hold it. */
        s->inside_line = !(end && s->at >= 2 && content.at[s->at - 2] == '\r');
    }
    if (s->at < content.size || s->ended || room - size < 5) return size;
    bool open = s->inside_line && content.size > 0;
    memcpy(to + size, open ? "\r\n.\r\n" : ".\r\n", open ? 5 : 3);
    s->ended = true;
    return size + (open ? 5 : 3);
}
