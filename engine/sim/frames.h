/* The frame store: every frame's octets, once, named by id. Append-only; octets never move and never change.
 *
 * A long benchmark without a trace would fill memory with frames nobody will read: in transient mode a frame is
 * forgotten when its last holder lets go, and its id is used again. */
#ifndef NETSTAGE_SIM_FRAMES_H
#define NETSTAGE_SIM_FRAMES_H

#include "base/bytes.h"

typedef uint32_t FrameId;
#define FRAME_NONE UINT32_MAX

typedef struct FrameStore FrameStore;

FrameStore *frame_store_new(bool transient);
void frame_store_free(FrameStore *store);
/* Room for a frame of at most `most` octets, to be written in place; one at a time. */
uint8_t *frame_store_reserve(FrameStore *store, size_t most);
/* Keeps the first `size` octets of the reserved room; the caller holds the frame once. */
FrameId frame_store_commit(FrameStore *store, size_t size);
FrameId frame_store_add(FrameStore *store, Bytes octets);
Bytes frame_store_get(const FrameStore *store, FrameId frame);
size_t frame_store_count(const FrameStore *store);
/* Bytes of memory the store takes. */
size_t frame_store_footprint(const FrameStore *store);
/* No effect unless the store is transient. */
void frame_store_hold(FrameStore *store, FrameId frame);
void frame_store_release(FrameStore *store, FrameId frame);

#endif
