/* Memory that lives as long as its world: allocate, never free singly, drop all at once. */
#ifndef NETSTAGE_BASE_ARENA_H
#define NETSTAGE_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena); /* NULL is allowed */
/* Zeroed, aligned for any type. Never NULL: a machine out of memory ends the program with a message. */
void *arena_alloc(Arena *arena, size_t size);
/* A copy of `text` with its terminating NUL. */
char *arena_text(Arena *arena, const char *text);
char *arena_text_n(Arena *arena, const char *text, size_t size);
/* Bytes taken from the operating system. */
size_t arena_footprint(const Arena *arena);

/* malloc, realloc and calloc that end the program with a message when memory is exhausted. */
void *memory_new(size_t size); /* zeroed */
void *memory_resize(void *old, size_t size);

/* Makes room for at least `needed` items of `item_size` in a growing array; returns its new place and updates
 * *capacity. New room is not zeroed. */
void *array_grow(void *items, size_t *capacity, size_t needed, size_t item_size);

#endif
