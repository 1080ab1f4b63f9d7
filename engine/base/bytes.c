#include "base/bytes.h"

#include <string.h>

Bytes bytes_slice(Bytes whole, size_t offset, size_t size) {
    if (offset >= whole.size) return (Bytes){whole.at ? whole.at + whole.size : NULL, 0};
    size_t left = whole.size - offset;
    return (Bytes){whole.at + offset, size < left ? size : left};
}

bool bytes_equal(Bytes a, Bytes b) { return a.size == b.size && (a.size == 0 || memcmp(a.at, b.at, a.size) == 0); }

static bool reader_has(ByteReader *r, size_t size) {
    if (r->failed) return false;
    if (r->from.size - r->offset >= size) return true;
    r->failed = true;
    r->failed_at = r->offset;
    return false;
}

uint8_t byte_reader_u8(ByteReader *r) {
    if (!reader_has(r, 1)) return 0;
    return r->from.at[r->offset++];
}

uint16_t byte_reader_u16(ByteReader *r) {
    if (!reader_has(r, 2)) return 0;
    const uint8_t *p = r->from.at + r->offset;
    r->offset += 2;
    return octets_u16(p);
}

uint32_t byte_reader_u32(ByteReader *r) {
    if (!reader_has(r, 4)) return 0;
    const uint8_t *p = r->from.at + r->offset;
    r->offset += 4;
    return octets_u32(p);
}

Bytes byte_reader_take(ByteReader *r, size_t size) {
    if (!reader_has(r, size)) return (Bytes){NULL, 0};
    Bytes out = {r->from.at + r->offset, size};
    r->offset += size;
    return out;
}

void byte_reader_copy(ByteReader *r, void *to, size_t size) {
    Bytes from = byte_reader_take(r, size);
    if (from.size == size && size > 0) memcpy(to, from.at, size);
    else memset(to, 0, size);
}

void byte_writer_u8(ByteWriter *w, uint8_t value) {
    uint8_t *p = octets_room(w, 1);
    if (p) p[0] = value;
}

void byte_writer_u16(ByteWriter *w, uint16_t value) {
    uint8_t *p = octets_room(w, 2);
    if (p) octets_set_u16(p, value);
}

void byte_writer_u32(ByteWriter *w, uint32_t value) {
    uint8_t *p = octets_room(w, 4);
    if (p) octets_set_u32(p, value);
}

void byte_writer_put(ByteWriter *w, const void *from, size_t size) {
    uint8_t *p = octets_room(w, size);
    if (p && size > 0) memcpy(p, from, size);
}

void byte_writer_zeros(ByteWriter *w, size_t size) {
    uint8_t *p = octets_room(w, size);
    if (p && size > 0) memset(p, 0, size);
}

void byte_writer_patch_u16(ByteWriter *w, size_t offset, uint16_t value) {
    if (w->overflow) return;
    CHECK(offset + 2 <= w->size);
    octets_set_u16(w->at + offset, value);
}
