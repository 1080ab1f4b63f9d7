#include "mail/octets.h"

#include <string.h>

void *mail_grow(Arena *arena, void *items, size_t *capacity, size_t needed, size_t item_size) {
    if (needed <= *capacity) return items;
    size_t next = *capacity ? *capacity * 2 : 8;
    while (next < needed) next *= 2;
    void *grown = arena_alloc(arena, next * item_size);
    if (*capacity > 0) memcpy(grown, items, *capacity * item_size);
    *capacity = next;
    return grown;
}

void mail_fault(MailFaults *faults, const char *reason, size_t offset) {
    if (!faults) return;
    if (faults->count == MAIL_FAULTS_MOST) {
        faults->beyond++;
        return;
    }
    faults->items = mail_grow(faults->arena, faults->items, &faults->capacity, faults->count + 1, sizeof(ParseFault));
    faults->items[faults->count++] = (ParseFault){reason, offset};
}

const ParseFault *mail_fault_find(const MailFaults *faults, const char *reason) {
    for (size_t i = 0; i < faults->count; i++)
        if (strcmp(faults->items[i].reason, reason) == 0) return &faults->items[i];
    return NULL;
}

Bytes mail_keep(Arena *arena, Bytes bytes) {
    uint8_t *copy = arena_alloc(arena, bytes.size + 1);
    if (bytes.size > 0) memcpy(copy, bytes.at, bytes.size);
    return bytes_of(copy, bytes.size);
}

Bytes mail_keep_text(Arena *arena, Text *text) {
    Bytes kept = mail_keep(arena, bytes_of(text->at, text->size));
    text_free(text);
    return kept;
}

Bytes mail_keep_lower(Arena *arena, Bytes bytes) {
    uint8_t *copy = arena_alloc(arena, bytes.size + 1);
    for (size_t i = 0; i < bytes.size; i++) copy[i] = (uint8_t)ascii_lower((char)bytes.at[i]);
    return bytes_of(copy, bytes.size);
}

bool bytes_equal_nocase(Bytes a, Bytes b) {
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower((char)a.at[i]) != ascii_lower((char)b.at[i])) return false;
    return true;
}

bool bytes_is(Bytes a, const char *text) { return bytes_equal_nocase(a, bytes_text(text)); }

bool bytes_is_ascii(Bytes bytes) {
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.at[i] >= 0x80) return false;
    return true;
}

Bytes bytes_trim(Bytes bytes) {
    size_t start = 0, end = bytes.size;
    while (start < end && ascii_is_space(bytes.at[start])) start++;
    while (end > start && ascii_is_space(bytes.at[end - 1])) end--;
    return bytes_slice(bytes, start, end - start);
}
