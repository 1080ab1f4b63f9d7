#include "mail/base64.h"

#include <string.h>

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/* -1: outside the alphabet; -2: a blank or a line end; -3: the padding. */
enum { OUTSIDE = -1, SPACE = -2, PADDING = -3 };
/* clang-format off */
static const int8_t numbers[256] = {
#define NONE8 -1, -1, -1, -1, -1, -1, -1, -1
#define NONE32 NONE8, NONE8, NONE8, NONE8
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -2, -2, -1, -1, -2, -1, -1,
    NONE8, NONE8,
    -2, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, -1, -1, 63,
    52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -3, -1, -1,
    -1,  0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14,
    15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, -1,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40,
    41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
    NONE32, NONE32, NONE32, NONE32,
#undef NONE8
#undef NONE32
};
/* clang-format on */

char base64_character(unsigned six_bits) {
    CHECK(six_bits < 64);
    return alphabet[six_bits];
}

int base64_number(uint8_t character) { return numbers[character] >= 0 ? numbers[character] : -1; }

/* ---- Writing ---- */

size_t base64_encoded_size(size_t size, size_t line) {
    size_t characters = (size + 2) / 3 * 4;
    return line ? characters + (characters + line - 1) / line * 2 : characters;
}

static inline uint8_t *put_group(uint8_t *to, const uint8_t *from) {
    uint32_t bits = (uint32_t)from[0] << 16 | (uint32_t)from[1] << 8 | from[2];
    to[0] = (uint8_t)alphabet[bits >> 18];
    to[1] = (uint8_t)alphabet[bits >> 12 & 63];
    to[2] = (uint8_t)alphabet[bits >> 6 & 63];
    to[3] = (uint8_t)alphabet[bits & 63];
    return to + 4;
}

static inline uint8_t *end_full_line(Base64Encoder *e, uint8_t *to) {
    if (e->line == 0 || e->column < e->line) return to;
    e->column = 0;
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

void base64_encode(Base64Encoder *e, Bytes octets, ByteWriter *w) {
    CHECK(e->line % 4 == 0);
    CHECK(w->capacity - w->size >= base64_encoded_size(octets.size + e->kept_size, e->line));
    uint8_t *to = w->at + w->size;
    const uint8_t *from = octets.at, *end = octets.at + octets.size;
    while (e->kept_size > 0 && e->kept_size < 3 && from < end) e->kept[e->kept_size++] = *from++;
    if (e->kept_size == 3) {
        to = put_group(to, e->kept);
        e->column += 4;
        e->kept_size = 0;
        to = end_full_line(e, to);
    }
    while (end - from >= 3) {
        size_t groups = (size_t)(end - from) / 3;
        if (e->line && groups > (e->line - e->column) / 4) groups = (e->line - e->column) / 4;
        for (size_t i = 0; i < groups; i++, from += 3) to = put_group(to, from);
        e->column += groups * 4;
        to = end_full_line(e, to);
    }
    while (from < end) e->kept[e->kept_size++] = *from++;
    w->size = (size_t)(to - w->at);
}

void base64_encode_end(Base64Encoder *e, ByteWriter *w) {
    if (e->kept_size > 0) {
        uint8_t *to = octets_room(w, 4);
        CHECK(to != NULL);
        for (size_t i = e->kept_size; i < 3; i++) e->kept[i] = 0;
        put_group(to, e->kept);
        to[3] = '=';
        if (e->kept_size == 1) to[2] = '=';
        e->column += 4;
    }
    if (e->line && e->column > 0) byte_writer_put(w, "\r\n", 2);
    CHECK(!w->overflow);
    *e = base64_encoder(e->line);
}

Bytes base64_encode_all(Arena *arena, Bytes octets, size_t line) {
    size_t size = base64_encoded_size(octets.size + 3, line);
    ByteWriter w = byte_writer(arena_alloc(arena, size + 1), size);
    Base64Encoder e = base64_encoder(line);
    base64_encode(&e, octets, &w);
    base64_encode_end(&e, &w);
    return byte_writer_bytes(&w);
}

CodingSteps base64_encode_steps(Arena *arena, Bytes octets, size_t line, size_t most) {
    CodingSteps steps = {.most = most};
    size_t to = 0, column = 0;
    for (size_t from = 0; from < octets.size && !steps.cut; from += 3) {
        size_t size = octets.size - from < 3 ? octets.size - from : 3;
        uint32_t bits = 0;
        for (size_t i = 0; i < 3; i++) bits = bits << 8 | (i < size ? octets.at[from + i] : 0);
        CodingStep step = {size == 3 ? CODING_BASE64_GROUP : CODING_BASE64_PADDING, from, size, to, 4, {0}, 0};
        for (step.index_count = 0; step.index_count <= size; step.index_count++)
            step.index[step.index_count] = (uint8_t)(bits >> (18 - 6 * step.index_count) & 63);
        coding_step(arena, &steps, step);
        to += 4;
        column += 4;
        if (line && (column == line || from + 3 >= octets.size)) {
            coding_step(arena, &steps, (CodingStep){CODING_BASE64_BREAK, from + size, 0, to, 2, {0}, 0});
            to += 2;
            column = 0;
        }
    }
    return steps;
}

/* ---- Reading ---- */

static inline bool take_group(const uint8_t *from, uint8_t *to) {
    int32_t a = numbers[from[0]], b = numbers[from[1]], c = numbers[from[2]], d = numbers[from[3]];
    if ((a | b | c | d) < 0) return false;
    uint32_t bits = (uint32_t)(a << 18 | b << 12 | c << 6 | d);
    to[0] = (uint8_t)(bits >> 16);
    to[1] = (uint8_t)(bits >> 8);
    to[2] = (uint8_t)bits;
    return true;
}

/* The octets of a group that ends early, by padding or because the characters end. */
static void end_group(Base64Decoder *d, ByteWriter *w) {
    if (d->count == 1) mail_fault(d->faults, "base64.one_character", d->offset);
    if (d->count >= 2) byte_writer_u8(w, (uint8_t)(d->bits >> (d->count == 2 ? 4 : 10)));
    if (d->count == 3) byte_writer_u8(w, (uint8_t)(d->bits >> 2));
    uint32_t spare = d->count == 2 ? d->bits & 15 : d->count == 3 ? d->bits & 3 : 0;
    if (spare) mail_fault(d->faults, "base64.bits_left", d->offset);
}

static void take_character(Base64Decoder *d, uint8_t c, ByteWriter *w) {
    int number = numbers[c];
    if (number == PADDING) {
        if (d->padding == 0) {
            end_group(d, w);
            d->bad_padding = d->count < 2;
            if (d->bad_padding) mail_fault(d->faults, "base64.padding", d->offset);
        } else if (d->padding + d->count >= 4 && !d->bad_padding) {
            d->bad_padding = true;
            mail_fault(d->faults, "base64.padding", d->offset);
        }
        d->padding++;
    } else if (number >= 0 && d->padding > 0) {
        mail_fault(d->faults, "base64.after_padding", d->offset);
    } else if (number >= 0) {
        d->bits = d->bits << 6 | (uint32_t)number;
        if (++d->count == 4) {
            byte_writer_u8(w, (uint8_t)(d->bits >> 16));
            byte_writer_u8(w, (uint8_t)(d->bits >> 8));
            byte_writer_u8(w, (uint8_t)d->bits);
            d->bits = d->count = 0;
        }
    } else if (number == OUTSIDE) {
        mail_fault(d->faults, "base64.character", d->offset);
    }
    d->offset++;
}

void base64_decode(Base64Decoder *d, Bytes characters, ByteWriter *w) {
    CHECK(w->capacity - w->size >= characters.size / 4 * 3 + 3);
    const uint8_t *from = characters.at, *end = characters.at + characters.size;
    while (from < end) {
        if (d->count == 0 && d->padding == 0) {
            const uint8_t *start = from;
            uint8_t *to = w->at + w->size;
            while (end - from >= 4 && take_group(from, to)) {
                from += 4;
                to += 3;
            }
            w->size = (size_t)(to - w->at);
            d->offset += (size_t)(from - start);
            if (from == end) return;
        }
        take_character(d, *from++, w);
    }
}

void base64_decode_end(Base64Decoder *d, ByteWriter *w) {
    if (d->padding == 0 && d->count > 0) {
        end_group(d, w);
        if (d->count > 1) mail_fault(d->faults, "base64.padding", d->offset);
    } else if (d->padding > 0 && d->count + d->padding < 4 && !d->bad_padding) {
        mail_fault(d->faults, "base64.padding", d->offset);
    }
}

Bytes base64_decode_all(Arena *arena, Bytes characters, size_t offset, MailFaults *faults) {
    size_t size = characters.size / 4 * 3 + 6;
    ByteWriter w = byte_writer(arena_alloc(arena, size), size);
    Base64Decoder d = base64_decoder(offset, faults);
    base64_decode(&d, characters, &w);
    base64_decode_end(&d, &w);
    CHECK(!w.overflow);
    return byte_writer_bytes(&w);
}
