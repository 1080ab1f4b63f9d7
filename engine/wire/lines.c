#include "wire/lines.h"

#include <stdlib.h>

#include "base/arena.h"

void line_reader_free(LineReader *r) {
    free(r->at);
    *r = line_reader(r->most);
}

void line_reader_clear(LineReader *r) {
    r->size = 0;
    r->cr = r->too_long = r->bare_cr = false;
}

static void put(LineReader *r, uint8_t octet) {
    if (r->size == r->most) {
        r->too_long = true;
        return;
    }
    r->at = array_grow(r->at, &r->capacity, r->size + 1, 1);
    r->at[r->size++] = octet;
}

static LineEnd finish(LineReader *r, LineEnd how, Bytes *line) {
    *line = bytes_of(r->at, r->size);
    if (how == LINE_WHOLE && r->bare_cr) how = LINE_BARE_CR;
    if (r->too_long) how = LINE_TOO_LONG;
    line_reader_clear(r); /* the octets stay where they are until the next call */
    return how;
}

LineEnd line_reader_take(LineReader *r, Bytes octets, size_t *taken, Bytes *line) {
    for (size_t i = 0; i < octets.size; i++) {
        uint8_t octet = octets.at[i];
        if (octet == '\n') {
            *taken = i + 1;
            return finish(r, r->cr ? LINE_WHOLE : LINE_BARE_LF, line);
        }
        if (r->cr) {
            put(r, '\r');
            r->bare_cr = true;
        }
        r->cr = octet == '\r';
        if (!r->cr) put(r, octet);
    }
    *taken = octets.size;
    return LINE_PARTIAL;
}
