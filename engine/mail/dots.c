#include "mail/dots.h"

#include <string.h>

static void see(Sightings *s, size_t at) {
    if (s->count++ == 0) s->first_at = at;
}

/* ---- Sending ---- */

static void end_line(DotStuffer *s, ByteWriter *to) {
    byte_writer_put(to, "\r\n", 2);
    s->in_line = false;
}

void dot_stuff(DotStuffer *s, Bytes octets, ByteWriter *to) {
    CHECK(to->capacity - to->size >= 2 * octets.size + 2);
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t c = octets.at[i];
        if (s->after_cr && c != '\n') { /* the CR before was a bare one */
            if (s->rule == DOTS_REPAIR) end_line(s, to);
            else byte_writer_u8(to, '\r'), s->in_line = true;
        }
        if (c == '\n' && (s->after_cr || s->rule == DOTS_REPAIR)) {
            end_line(s, to);
        } else if (c != '\r') {
            if (c == '.' && !s->in_line) {
                see(&s->stuffed, s->offset + i);
                byte_writer_u8(to, '.');
            }
            size_t run = 1;
            while (i + run < octets.size && octets.at[i + run] != '\r' && octets.at[i + run] != '\n') run++;
            byte_writer_put(to, octets.at + i, run);
            i += run - 1;
            s->in_line = true;
        }
        s->after_cr = c == '\r';
    }
    s->offset += octets.size;
}

void dot_stuff_end(DotStuffer *s, ByteWriter *to) {
    if (s->after_cr && s->rule == DOTS_AS_IT_IS) byte_writer_u8(to, '\r'), s->in_line = true;
    else if (s->after_cr) end_line(s, to);
    if (s->in_line) end_line(s, to);
    byte_writer_put(to, ".\r\n", 3);
    CHECK(!to->overflow);
    *s = dot_stuffer(s->rule);
}

/* ---- Receiving ---- */

/* An octet that belongs to a line. */
static void take_text(DotReader *r, uint8_t c, ByteWriter *to) {
    r->state = DOTS_TEXT;
    if (c == 0) see(&r->nul, r->offset);
    if (c >= 0x80) see(&r->eight_bit, r->offset);
    if (c == '\n') see(&r->bare_lf, r->offset);
    if (c != '\r' && ++r->line == DOTS_LINE_MOST - 1) see(&r->long_lines, r->offset);
    if (c == '\r') r->state = DOTS_CR;
    else byte_writer_u8(to, c);
}

static void bare_cr(DotReader *r, ByteWriter *to) {
    see(&r->bare_cr, r->offset - 1);
    r->line++;
    byte_writer_u8(to, '\r');
}

static void take(DotReader *r, uint8_t c, ByteWriter *to) {
    switch (r->state) {
        case DOTS_LINE_START:
            if (c != '.') {
                take_text(r, c, to);
                return;
            }
            r->state = DOTS_DOT;
            return;
        case DOTS_TEXT: take_text(r, c, to); return;
        case DOTS_CR:
            if (c == '\n') {
                byte_writer_put(to, "\r\n", 2);
                r->state = DOTS_LINE_START;
                r->lines++;
                r->line = 0;
                return;
            }
            bare_cr(r, to);
            take_text(r, c, to);
            return;
        case DOTS_DOT:
            if (c == '\r') {
                r->state = DOTS_DOT_CR;
                return;
            }
            see(&r->unstuffed, r->offset - 1);
            take_text(r, c, to);
            return;
        case DOTS_DOT_CR:
            if (c == '\n') {
                r->state = DOTS_ENDED;
                return;
            }
            see(&r->unstuffed, r->offset - 2);
            bare_cr(r, to);
            take_text(r, c, to);
            return;
        case DOTS_ENDED: break;
    }
    CHECK_UNREACHABLE();
}

/* Octets in the midst of a line about which there is nothing to note: they are copied together. */
static size_t take_run(DotReader *r, Bytes octets, ByteWriter *to) {
    size_t most = octets.size, run = 0;
    if (r->line < DOTS_LINE_MOST - 1 && most > DOTS_LINE_MOST - 2 - r->line) most = DOTS_LINE_MOST - 2 - r->line;
    while (run < most && octets.at[run] > '\r' && octets.at[run] < 0x80) run++;
    byte_writer_put(to, octets.at, run);
    r->line += run;
    r->offset += run;
    return run;
}

size_t dot_read(DotReader *r, Bytes octets, ByteWriter *to) {
    CHECK(to->capacity - to->size >= octets.size + 2);
    size_t i = 0;
    while (i < octets.size && r->state != DOTS_ENDED) {
        if (r->state == DOTS_TEXT) i += take_run(r, bytes_slice(octets, i, SIZE_MAX), to);
        if (i == octets.size) break;
        take(r, octets.at[i++], to);
        r->offset++;
    }
    return i;
}
