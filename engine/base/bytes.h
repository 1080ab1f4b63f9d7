/* Octets: a span, a bounds-checked cursor to read them and another to write them.
 *
 * Every multi-octet number is in network byte order. A reader that runs out of octets fails once and for all: it
 * returns zeros from then on and remembers where it failed, so a codec reads a whole header and asks once. */
#ifndef NETSTAGE_BASE_BYTES_H
#define NETSTAGE_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"

typedef struct {
    const uint8_t *at; /* may be NULL only if size is 0 */
    size_t size;
} Bytes;

static inline Bytes bytes_of(const void *at, size_t size) { return (Bytes){at, size}; }

/* The part of `whole` that starts at `offset` and is at most `size` long; empty where `offset` lies beyond the end. */
Bytes bytes_slice(Bytes whole, size_t offset, size_t size);
bool bytes_equal(Bytes a, Bytes b);

typedef struct {
    Bytes from;
    size_t offset;
    bool failed;      /* a read went past the end */
    size_t failed_at; /* offset of that read */
} ByteReader;

static inline ByteReader byte_reader(Bytes from) { return (ByteReader){from, 0, false, 0}; }
static inline size_t byte_reader_left(const ByteReader *r) { return r->failed ? 0 : r->from.size - r->offset; }
uint8_t byte_reader_u8(ByteReader *r);
uint16_t byte_reader_u16(ByteReader *r);
uint32_t byte_reader_u32(ByteReader *r);
/* A span into the source, not a copy; empty on failure. */
Bytes byte_reader_take(ByteReader *r, size_t size);
/* Copies `size` octets; zeros on failure. */
void byte_reader_copy(ByteReader *r, void *to, size_t size);

typedef struct {
    uint8_t *at;
    size_t capacity;
    size_t size;
    bool overflow; /* something did not fit; what did not fit was not written */
} ByteWriter;

static inline ByteWriter byte_writer(void *at, size_t capacity) { return (ByteWriter){at, capacity, 0, false}; }
void byte_writer_u8(ByteWriter *w, uint8_t value);
void byte_writer_u16(ByteWriter *w, uint16_t value);
void byte_writer_u32(ByteWriter *w, uint32_t value);
void byte_writer_put(ByteWriter *w, const void *from, size_t size);
void byte_writer_zeros(ByteWriter *w, size_t size);
/* Overwrites two octets written earlier: lengths and checksums. */
void byte_writer_patch_u16(ByteWriter *w, size_t offset, uint16_t value);
static inline Bytes byte_writer_bytes(const ByteWriter *w) { return (Bytes){w->at, w->size}; }

/* ---- Octets in network order at a place whose room was checked once for a whole header ---- */

static inline uint16_t octets_u16(const uint8_t *p) { return (uint16_t)(p[0] << 8 | p[1]); }
static inline uint32_t octets_u32(const uint8_t *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}
static inline void octets_set_u16(uint8_t *p, uint16_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}
static inline void octets_set_u32(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 24);
    p[1] = (uint8_t)(value >> 16);
    p[2] = (uint8_t)(value >> 8);
    p[3] = (uint8_t)value;
}

/* Room for `size` octets at the writer's end, already counted as written and not yet set; NULL, and w->overflow
 * set, where it does not fit. */
static inline uint8_t *octets_room(ByteWriter *w, size_t size) {
    if (w->overflow || w->capacity - w->size < size) {
        w->overflow = true;
        return NULL;
    }
    uint8_t *p = w->at + w->size;
    w->size += size;
    return p;
}

#endif
