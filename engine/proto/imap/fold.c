#include "proto/imap/fold.h"

#include <string.h>

#include "base/text.h"
#include "mail/octets.h"

/* Capitals from `first` to `last`, each `step` beyond the one before; its small letter lies `to_small` behind it. */
typedef struct {
    uint32_t first, last, step;
    int32_t to_small;
} Capitals;

/* In ascending order. From Unicode's CaseFolding.txt, the simple foldings (status C and S). */
static const Capitals capitals[] = {
    {0xb5, 0xb5, 1, 775},       {0xc0, 0xd6, 1, 32},     {0xd8, 0xde, 1, 32},     {0x100, 0x12e, 2, 1},
    {0x132, 0x136, 2, 1},       {0x139, 0x147, 2, 1},    {0x14a, 0x176, 2, 1},    {0x178, 0x178, 1, -121},
    {0x179, 0x17d, 2, 1},       {0x17f, 0x17f, 1, -268}, {0x1cd, 0x1db, 2, 1},    {0x1de, 0x1ee, 2, 1},
    {0x1f4, 0x1f4, 1, 1},       {0x1f8, 0x21e, 2, 1},    {0x222, 0x232, 2, 1},    {0x386, 0x386, 1, 38},
    {0x388, 0x38a, 1, 37},      {0x38c, 0x38c, 1, 64},   {0x38e, 0x38f, 1, 63},   {0x391, 0x3a1, 1, 32},
    {0x3a3, 0x3ab, 1, 32},      {0x3c2, 0x3c2, 1, 1},    {0x3d8, 0x3ee, 2, 1},    {0x400, 0x40f, 1, 80},
    {0x410, 0x42f, 1, 32},      {0x460, 0x480, 2, 1},    {0x48a, 0x4be, 2, 1},    {0x4c0, 0x4c0, 1, 15},
    {0x4c1, 0x4cd, 2, 1},       {0x4d0, 0x52e, 2, 1},    {0x531, 0x556, 1, 48},   {0x1e00, 0x1e94, 2, 1},
    {0x1e9e, 0x1e9e, 1, -7615}, {0x1ea0, 0x1efe, 2, 1},  {0xff21, 0xff3a, 1, 32},
};
enum { CAPITALS = sizeof capitals / sizeof capitals[0] };

static uint32_t small_letter(uint32_t c) {
    size_t low = 0, high = CAPITALS;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (capitals[middle].last < c) low = middle + 1;
        else high = middle;
    }
    if (low == CAPITALS || c < capitals[low].first || (c - capitals[low].first) % capitals[low].step != 0) return c;
    return (uint32_t)((int64_t)c + capitals[low].to_small);
}

/* No small letter takes more octets than its capital. */
static size_t put_character(uint8_t *to, uint32_t c) {
    if (c < 0x80) {
        to[0] = (uint8_t)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (uint8_t)(0xc0 | c >> 6);
        to[1] = (uint8_t)(0x80 | (c & 0x3f));
        return 2;
    }
    to[0] = (uint8_t)(0xe0 | c >> 12);
    to[1] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    to[2] = (uint8_t)(0x80 | (c & 0x3f));
    return 3;
}

Bytes imap_fold(Arena *arena, Bytes utf8) {
    uint8_t *to = arena_alloc(arena, utf8.size + 1);
    size_t size = 0;
    for (size_t at = 0; at < utf8.size;) {
        uint8_t octet = utf8.at[at];
        if (octet < 0x80) {
            to[size++] = octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + 32) : octet;
            at++;
            continue;
        }
        uint32_t c;
        size_t octets = utf8_next((const char *)utf8.at + at, utf8.size - at, &c), start = size;
        uint32_t small = octets == 2 || octets == 3 ? small_letter(c) : c;
        if (small != c) {
            size += put_character(to + size, small);
        } else {
            memcpy(to + size, utf8.at + at, octets);
            size += octets;
        }
        CHECK(size - start <= octets);
        at += octets;
    }
    return bytes_of(to, size);
}

uint32_t *imap_borders(Arena *arena, Bytes wanted) {
    CHECK(wanted.size < UINT32_MAX);
    uint32_t *borders = arena_alloc(arena, (wanted.size + 1) * sizeof *borders), matched = 0;
    for (size_t i = 1; i < wanted.size; i++) {
        while (matched > 0 && wanted.at[matched] != wanted.at[i]) matched = borders[matched - 1];
        if (wanted.at[matched] == wanted.at[i]) matched++;
        borders[i] = matched;
    }
    return borders;
}

bool imap_find(Bytes text, Bytes wanted, const uint32_t *borders) {
    if (wanted.size == 0) return true;
    size_t matched = 0;
    for (size_t at = 0; at < text.size; at++) {
        if (matched == 0) {
            const uint8_t *next = memchr(text.at + at, wanted.at[0], text.size - at);
            if (!next) return false;
            at = (size_t)(next - text.at);
        }
        while (matched > 0 && wanted.at[matched] != text.at[at]) matched = borders[matched - 1];
        if (wanted.at[matched] == text.at[at]) matched++;
        if (matched == wanted.size) return true;
    }
    return false;
}
