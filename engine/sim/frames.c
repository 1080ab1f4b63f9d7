#include "sim/frames.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

typedef struct {
    uint8_t *at;
    uint32_t size;
    uint32_t holders; /* transient: let go at 0 */
} Frame;

struct FrameStore {
    bool transient;
    Frame *frames;
    size_t count, capacity;
    /* Kept frames stand one behind the other in chunks that never move. */
    uint8_t **chunks;
    size_t chunk_count, chunk_capacity, chunk_used, chunk_size;
    size_t footprint;
    /* Transient frames each have room of their own, used again. */
    FrameId *idle;
    size_t idle_count, idle_capacity;
    FrameId reserved;
};

enum { CHUNK = 1 << 20, CHUNK_FIRST = 1 << 16, TRANSIENT_ROOM = 2048 };

FrameStore *frame_store_new(bool transient) {
    FrameStore *store = memory_new(sizeof *store);
    store->transient = transient;
    store->reserved = FRAME_NONE;
    return store;
}

void frame_store_free(FrameStore *store) {
    if (!store) return;
    if (store->transient)
        for (size_t i = 0; i < store->count; i++) free(store->frames[i].at);
    for (size_t i = 0; i < store->chunk_count; i++) free(store->chunks[i]);
    free(store->chunks);
    free(store->frames);
    free(store->idle);
    free(store);
}

static FrameId frame_new(FrameStore *store) {
    CHECK(store->count < FRAME_NONE);
    store->frames = array_grow(store->frames, &store->capacity, store->count + 1, sizeof(Frame));
    store->frames[store->count] = (Frame){0};
    return (FrameId)store->count++;
}

uint8_t *frame_store_reserve(FrameStore *store, size_t most) {
    if (store->transient) {
        CHECK(most <= TRANSIENT_ROOM);
        if (store->idle_count > 0) {
            store->reserved = store->idle[store->idle_count - 1];
        } else {
            store->reserved = frame_new(store);
            store->frames[store->reserved].at = memory_new(TRANSIENT_ROOM);
            store->footprint += TRANSIENT_ROOM;
            store->idle = array_grow(store->idle, &store->idle_capacity, store->idle_count + 1, sizeof(FrameId));
            store->idle[store->idle_count++] = store->reserved;
        }
        return store->frames[store->reserved].at;
    }
    if (store->chunk_count == 0 || store->chunk_size - store->chunk_used < most) {
        size_t size = store->chunk_count == 0 ? CHUNK_FIRST : CHUNK;
        if (size < most) size = most;
        store->chunks = array_grow(store->chunks, &store->chunk_capacity, store->chunk_count + 1, sizeof(uint8_t *));
        store->chunks[store->chunk_count++] = memory_resize(NULL, size);
        store->chunk_size = size;
        store->chunk_used = 0;
        store->footprint += size;
    }
    return store->chunks[store->chunk_count - 1] + store->chunk_used;
}

FrameId frame_store_commit(FrameStore *store, size_t size) {
    if (store->transient) {
        CHECK(store->reserved != FRAME_NONE && size <= TRANSIENT_ROOM);
        FrameId id = store->reserved;
        CHECK(store->idle_count > 0 && store->idle[store->idle_count - 1] == id);
        store->idle_count--;
        store->frames[id].size = (uint32_t)size;
        store->frames[id].holders = 1;
        store->reserved = FRAME_NONE;
        return id;
    }
    CHECK(store->chunk_count > 0 && store->chunk_used + size <= store->chunk_size);
    FrameId id = frame_new(store);
    store->frames[id].at = store->chunks[store->chunk_count - 1] + store->chunk_used;
    store->frames[id].size = (uint32_t)size;
    store->chunk_used += size;
    return id;
}

FrameId frame_store_add(FrameStore *store, Bytes octets) {
    uint8_t *room = frame_store_reserve(store, octets.size);
    if (octets.size > 0) memcpy(room, octets.at, octets.size);
    return frame_store_commit(store, octets.size);
}

Bytes frame_store_get(const FrameStore *store, FrameId frame) {
    CHECK(frame < store->count);
    return bytes_of(store->frames[frame].at, store->frames[frame].size);
}

size_t frame_store_count(const FrameStore *store) { return store->count; }

size_t frame_store_footprint(const FrameStore *store) { return store->footprint + store->capacity * sizeof(Frame); }

void frame_store_hold(FrameStore *store, FrameId frame) {
    if (!store->transient) return;
    store->frames[frame].holders++;
}

void frame_store_release(FrameStore *store, FrameId frame) {
    if (!store->transient) return;
    CHECK(store->frames[frame].holders > 0);
    if (--store->frames[frame].holders > 0) return;
    store->idle = array_grow(store->idle, &store->idle_capacity, store->idle_count + 1, sizeof(FrameId));
    store->idle[store->idle_count++] = frame;
}
