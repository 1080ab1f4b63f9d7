#include "proto/smtp/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "proto/smtp/syntax.h"

void smtp_content_begin(SmtpContent *c, uint64_t most) {
    smtp_content_free(c);
    *c = (SmtpContent){.most = most, .dots = dot_reader()};
}

void smtp_content_free(SmtpContent *c) {
    free(c->octets);
    *c = (SmtpContent){0};
}

bool smtp_content_take(SmtpContent *c, Bytes octets, size_t *taken) {
    CHECK(c->dots.state != DOTS_ENDED);
    size_t room = octets.size + 2; /* more than is allowed is read, and written over by what follows */
    c->octets = array_grow(c->octets, &c->capacity, c->size + room, 1);
    ByteWriter to = byte_writer(c->octets + c->size, room);
    *taken = dot_read(&c->dots, octets, &to);
    c->total += to.size;
    size_t left = c->most == 0 ? SIZE_MAX : (size_t)(c->most - c->size);
    c->size += to.size < left ? to.size : left;
    return c->dots.state == DOTS_ENDED;
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
    enum { END = 6, OVER = 2 }; /* what dot_stuff_end and dot_stuff write besides */
    CHECK(room >= 2 + OVER + END);
    if (s->ended) return 0;
    if (s->at == 0) s->dots = dot_stuffer(DOTS_AS_IT_IS);
    ByteWriter w = byte_writer(to, room);
    Bytes part = bytes_slice(content, s->at, (room - OVER - END) / 2);
    dot_stuff(&s->dots, part, &w);
    s->at += part.size;
    s->ended = s->at == content.size;
    if (s->ended) dot_stuff_end(&s->dots, &w);
    return w.size;
}
