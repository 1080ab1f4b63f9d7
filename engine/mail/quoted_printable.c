#include "mail/quoted_printable.h"

#include <string.h>

/* ---- Writing ---- */

/* Octets that may stand for themselves (RFC 2045 section 6.7, rules 2 and 3); blanks where no line ends behind them. */
static inline bool is_literal(uint8_t c) { return (c >= 33 && c <= 126 && c != '=') || c == ' ' || c == '\t'; }

typedef struct {
    uint8_t *to;  /* NULL: only count */
    size_t size;  /* characters so far */
    Arena *arena; /* of the steps */
    CodingSteps *steps;
} Sink;

static inline void put(Sink *s, CodingWhy why, const void *characters, size_t to_size, size_t from, size_t from_size) {
    if (s->to) memcpy(s->to + s->size, characters, to_size);
    if (s->steps) coding_step(s->arena, s->steps, (CodingStep){why, from, from_size, s->size, to_size, {0}, 0});
    s->size += to_size;
}

static inline bool ends_at(Bytes in, size_t i, QuotedPrintableKind kind) {
    return i == in.size || (kind == QP_TEXT && in.at[i] == '\r' && i + 1 < in.size && in.at[i + 1] == '\n');
}

static CodingWhy why_quoted(uint8_t c) {
    if (c >= 0x80) return CODING_QP_NOT_ASCII;
    if (c == '=') return CODING_QP_EQUALS;
    if (ascii_is_blank(c)) return CODING_QP_TRAILING_BLANK;
    return c == '.' || c == 'F' ? CODING_QP_DOT : CODING_QP_CONTROL;
}

/* What an old relay might change at the start of a line: a dot, and "From " (RFC 2049 section 3). */
static bool is_risky_start(Bytes in, size_t i) {
    return in.at[i] == '.' || (in.size - i >= 5 && memcmp(in.at + i, "From ", 5) == 0);
}

static void encode(Bytes in, QuotedPrintableKind kind, Sink *s) {
    static const char digits[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < in.size;) {
        if (ends_at(in, i, kind)) {
            put(s, CODING_QP_LINE_BREAK, "\r\n", 2, i, 2);
            column = 0;
            i += 2;
            continue;
        }
        size_t run = 0;
        if (column > 0 || !is_risky_start(in, i)) {
            while (i + run < in.size && run <= QUOTED_PRINTABLE_LINE && is_literal(in.at[i + run])) run++;
            if (run > 0 && ascii_is_blank(in.at[i + run - 1]) && ends_at(in, i + run, kind)) run--;
        }
        size_t room = QUOTED_PRINTABLE_LINE - column - 1; /* the last column is the soft break's "=" */
        size_t wanted = run > 0 ? 1 : 3;
        if (wanted > room && !(wanted == room + 1 && ends_at(in, i + 1, kind))) {
            put(s, CODING_QP_SOFT_BREAK, "=\r\n", 3, i, 0);
            column = 0;
            continue;
        }
        if (run > 0) {
            if (run > room && !(run == room + 1 && ends_at(in, i + run, kind))) run = room;
            put(s, CODING_QP_LITERAL, in.at + i, run, i, run);
            column += run;
            i += run;
        } else if (!s->steps && column > 0 && room >= 3 && !is_literal(in.at[i])) {
            /* A run of octets to be quoted, without a step for each. */
            while (i < in.size && room >= 3 && !is_literal(in.at[i]) && !ends_at(in, i, kind)) {
                if (s->to) {
                    uint8_t *to = s->to + s->size;
                    to[0] = '=';
                    to[1] = (uint8_t)digits[in.at[i] >> 4];
                    to[2] = (uint8_t)digits[in.at[i] & 15];
                }
                s->size += 3;
                column += 3;
                room -= 3;
                i++;
            }
        } else {
            char quoted[3] = {'=', digits[in.at[i] >> 4], digits[in.at[i] & 15]};
            put(s, why_quoted(in.at[i]), quoted, 3, i, 1);
            column += 3;
            i++;
        }
    }
}

size_t quoted_printable_size(Bytes octets, QuotedPrintableKind kind) {
    Sink s = {0};
    encode(octets, kind, &s);
    return s.size;
}

Bytes quoted_printable_encode(Arena *arena, Bytes octets, QuotedPrintableKind kind) {
    Sink s = {.to = arena_alloc(arena, quoted_printable_size(octets, kind) + 1)};
    encode(octets, kind, &s);
    return bytes_of(s.to, s.size);
}

CodingSteps quoted_printable_steps(Arena *arena, Bytes octets, QuotedPrintableKind kind, size_t most) {
    CodingSteps steps = {.most = most};
    Sink s = {.arena = arena, .steps = &steps};
    encode(bytes_slice(octets, 0, most), kind, &s); /* no step takes less than an octet, but for soft breaks */
    if (octets.size > most) steps.cut = true;
    return steps;
}

/* ---- Reading ---- */

static void bad_escape(QuotedPrintableDecoder *d, ByteWriter *w) {
    mail_fault(d->faults, "quoted_printable.bad_escape", d->offset - d->escape_size - d->soft_blanks - 1);
    if (d->escape_size) byte_writer_u8(w, d->escape[0]);
    d->blanks = d->soft_blanks;
    d->in_escape = false;
}

/* An "=" stands at the end of what was written, with what followed it. False: it was no escape, and `c` is still to be
 * read. */
static bool take_in_escape(QuotedPrintableDecoder *d, uint8_t c, ByteWriter *w) {
    if (d->after_cr || c == '\n') {
        if (c != '\n' || d->escape_size) {
            bad_escape(d, w);
            return false;
        }
        w->size -= 1 + d->soft_blanks; /* a soft line break */
        d->in_escape = d->after_cr = d->long_line = false;
        d->column = 0;
        return true;
    }
    int digit = d->soft_blanks ? -1 : text_hex_digit((char)c);
    if (digit >= 0 && c >= 'a') mail_fault(d->faults, "quoted_printable.lower_case", d->offset);
    if (digit >= 0 && d->escape_size == 1) {
        w->at[w->size - 1] = (uint8_t)(text_hex_digit((char)d->escape[0]) << 4 | digit);
        d->in_escape = false;
    } else if (digit >= 0) {
        d->escape[d->escape_size++] = c;
    } else if (c == '\r' && !d->escape_size) {
        d->after_cr = true;
    } else if (ascii_is_blank(c) && !d->escape_size) {
        d->soft_blanks++;
        byte_writer_u8(w, c);
    } else {
        bad_escape(d, w);
        return false;
    }
    d->column++;
    return true;
}

static void take(QuotedPrintableDecoder *d, uint8_t c, ByteWriter *w) {
    if (d->in_escape && take_in_escape(d, c, w)) return;
    if (c == '\n') {
        w->size -= d->blanks;
        if (d->after_cr) byte_writer_u8(w, '\r');
        byte_writer_u8(w, '\n');
        d->after_cr = d->long_line = false;
        d->blanks = d->column = 0;
        return;
    }
    if (d->after_cr) { /* it ended no line */
        mail_fault(d->faults, "quoted_printable.control", d->offset - 1);
        byte_writer_u8(w, '\r');
        d->after_cr = false;
        d->blanks = 0;
    }
    if (++d->column > QUOTED_PRINTABLE_LINE && c != '\r' && !d->long_line) {
        d->long_line = true;
        mail_fault(d->faults, "quoted_printable.long_line", d->offset);
    }
    if (c == '\r') {
        d->after_cr = true;
        return;
    }
    byte_writer_u8(w, c);
    if (ascii_is_blank(c)) {
        d->blanks++;
        return;
    }
    d->blanks = 0;
    if (c == '=') {
        d->in_escape = true;
        d->escape_size = d->soft_blanks = 0;
    } else if (c >= 0x80) {
        mail_fault(d->faults, "quoted_printable.eight_bit", d->offset);
    } else if (c < 32 || c == 127) {
        mail_fault(d->faults, "quoted_printable.control", d->offset);
    }
}

/* What needs no state: a run of plain characters, an escape, a soft break, a line end, all within what is at hand. Returns how
 * many characters were read; 0: `take` must look. */
static size_t take_fast(QuotedPrintableDecoder *d, Bytes in, size_t i, ByteWriter *w) {
    size_t left = in.size - i, room = QUOTED_PRINTABLE_LINE - d->column;
    const uint8_t *p = in.at + i;
    if (is_literal(*p)) {
        size_t most = left < room ? left : room, run = 1, blanks = 0;
        while (run < most && is_literal(p[run])) run++;
        if (run > most) return 0;
        while (blanks < run && ascii_is_blank(p[run - 1 - blanks])) blanks++;
        d->blanks = blanks == run ? d->blanks + run : blanks;
        memcpy(w->at + w->size, p, run);
        w->size += run;
        d->column += run;
        return run;
    }
    if (*p == '\r' && left >= 2 && p[1] == '\n') {
        w->size -= d->blanks;
        w->at[w->size++] = '\r';
        w->at[w->size++] = '\n';
    } else if (*p == '=' && left >= 3 && p[1] == '\r' && p[2] == '\n' && room >= 1) {
        d->blanks = d->column = 0;
        d->long_line = false;
        return 3;
    } else if (*p == '=' && left >= 3 && room >= 3 && p[2] < 'a' && p[1] < 'a') {
        int high = text_hex_digit((char)p[1]), low = text_hex_digit((char)p[2]);
        if (high < 0 || low < 0) return 0;
        w->at[w->size++] = (uint8_t)(high << 4 | low);
        d->blanks = 0;
        d->column += 3;
        return 3;
    } else {
        return 0;
    }
    d->blanks = d->column = 0;
    d->long_line = false;
    return 2;
}

void quoted_printable_decode(QuotedPrintableDecoder *d, Bytes in, ByteWriter *w) {
    CHECK(w->capacity - w->size >= in.size + 4);
    for (size_t i = 0; i < in.size;) {
        bool plain = !d->in_escape && !d->after_cr && d->column <= QUOTED_PRINTABLE_LINE;
        size_t read = plain ? take_fast(d, in, i, w) : 0;
        if (read == 0) {
            take(d, in.at[i], w);
            read = 1;
        }
        d->offset += read;
        i += read;
    }
}

void quoted_printable_decode_end(QuotedPrintableDecoder *d, ByteWriter *w) {
    if (d->in_escape && !d->escape_size) {
        w->size -= 1 + d->soft_blanks;
        mail_fault(d->faults, "quoted_printable.soft_break_at_end", d->offset);
    } else if (d->in_escape) {
        bad_escape(d, w);
    } else if (d->after_cr) {
        mail_fault(d->faults, "quoted_printable.control", d->offset - 1);
        byte_writer_u8(w, '\r');
    } else {
        w->size -= d->blanks;
    }
    *d = quoted_printable_decoder(d->offset, d->faults);
}

Bytes quoted_printable_decode_all(Arena *arena, Bytes characters, size_t offset, MailFaults *faults) {
    ByteWriter w = byte_writer(arena_alloc(arena, characters.size + 8), characters.size + 8);
    QuotedPrintableDecoder d = quoted_printable_decoder(offset, faults);
    quoted_printable_decode(&d, characters, &w);
    quoted_printable_decode_end(&d, &w);
    CHECK(!w.overflow);
    return byte_writer_bytes(&w);
}
