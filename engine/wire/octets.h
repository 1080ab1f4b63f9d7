/* For codecs of fixed headers: octets in network order at a place whose room was checked once for the whole header. */
#ifndef NETSTAGE_WIRE_OCTETS_H
#define NETSTAGE_WIRE_OCTETS_H

#include <stdint.h>

#include "base/bytes.h"

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
