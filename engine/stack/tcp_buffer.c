/* Octets that wait to be sent, acknowledged, read, or joined by those before them. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "stack/tcp_inside.h"

enum { RING_FIRST = 256 };

static void copy_out(const TcpRing *ring, uint32_t offset, uint8_t *to, uint32_t size) {
    uint32_t at = (ring->start + offset) & (ring->capacity - 1), straight = ring->capacity - at;
    if (straight > size) straight = size;
    memcpy(to, ring->at + at, straight);
    memcpy(to + straight, ring->at, size - straight);
}

static void make_room(TcpRing *ring, uint32_t needed) {
    if (needed <= ring->capacity) return;
    uint32_t capacity = ring->capacity ? ring->capacity : RING_FIRST;
    while (capacity < needed) capacity *= 2;
    uint8_t *at = memory_resize(NULL, capacity);
    if (ring->capacity > 0) copy_out(ring, 0, at, ring->capacity); /* early octets stand behind `size` */
    free(ring->at);
    *ring = (TcpRing){.at = at, .capacity = capacity, .size = ring->size};
}

void tcp_ring_put(TcpRing *ring, uint32_t offset, Bytes octets) {
    if (octets.size == 0) return;
    make_room(ring, offset + (uint32_t)octets.size);
    uint32_t at = (ring->start + offset) & (ring->capacity - 1), straight = ring->capacity - at;
    if (straight > octets.size) straight = (uint32_t)octets.size;
    memcpy(ring->at + at, octets.at, straight);
    memcpy(ring->at, octets.at + straight, octets.size - straight);
}

void tcp_ring_copy(const TcpRing *ring, uint32_t offset, uint8_t *to, uint32_t size) {
    CHECK(offset + size <= ring->size);
    copy_out(ring, offset, to, size);
}

Bytes tcp_ring_front(const TcpRing *ring) {
    if (ring->size == 0) return bytes_of(NULL, 0);
    uint32_t straight = ring->capacity - ring->start;
    return bytes_of(ring->at + ring->start, straight < ring->size ? straight : ring->size);
}

void tcp_ring_drop(TcpRing *ring, uint32_t size) {
    CHECK(size <= ring->size);
    if (size == 0) return;
    ring->start = (ring->start + size) & (ring->capacity - 1);
    ring->size -= size;
}

void tcp_ring_release(TcpRing *ring) {
    free(ring->at);
    *ring = (TcpRing){0};
}
