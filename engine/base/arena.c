#include "base/arena.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/check.h"

typedef struct Block {
    struct Block *next;
    size_t size, used;
    _Alignas(16) uint8_t room[];
} Block;

struct Arena {
    Block *blocks; /* the newest first */
    size_t footprint, next_block;
};

enum { BLOCK_FIRST = 2 * 1024, BLOCK_MOST = 64 * 1024, ALIGNMENT = 16 };

static _Noreturn void out_of_memory(size_t size) {
    fprintf(stderr, "netstage: out of memory (%zu bytes wanted)\n", size);
    exit(2);
}

void *memory_new(size_t size) {
    void *p = calloc(1, size ? size : 1);
    if (!p) out_of_memory(size);
    return p;
}

void *memory_resize(void *old, size_t size) {
    void *p = realloc(old, size ? size : 1);
    if (!p) out_of_memory(size);
    return p;
}

void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size) {
    if (needed <= *capacity) return items;
    size_t next = *capacity ? *capacity : 8;
    while (next < needed) next *= 2;
    CHECK(next <= SIZE_MAX / item_size);
    *capacity = next;
    return memory_resize(items, next * item_size);
}

Arena *arena_new(void) { return memory_new(sizeof(Arena)); }

void arena_free(Arena *arena) {
    if (!arena) return;
    for (Block *b = arena->blocks; b;) {
        Block *next = b->next;
        free(b);
        b = next;
    }
    free(arena);
}

void *arena_alloc(Arena *arena, size_t size) {
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    Block *b = arena->blocks;
    if (!b || b->size - b->used < size) {
        if (arena->next_block < BLOCK_FIRST) arena->next_block = BLOCK_FIRST;
        size_t room = size > arena->next_block ? size : arena->next_block;
        if (arena->next_block < BLOCK_MOST) arena->next_block *= 2;
        b = memory_new(sizeof(Block) + room);
        b->size = room;
        b->next = arena->blocks;
        arena->blocks = b;
        arena->footprint += sizeof(Block) + room;
    }
    void *p = b->room + b->used;
    b->used += size;
    return p;
}

char *arena_text_n(Arena *arena, const char *text, size_t size) {
    char *copy = arena_alloc(arena, size + 1);
    if (size > 0) memcpy(copy, text, size);
    return copy;
}

char *arena_text(Arena *arena, const char *text) { return arena_text_n(arena, text, strlen(text)); }

size_t arena_footprint(const Arena *arena) { return arena->footprint; }
