#include "proto/imap/client_memory.h"

#include <stdlib.h>
#include <string.h>

/* What a message, a part and a piece take on disk besides their texts. */
enum { RECORD_OCTETS = 64 };

static char *copy_text(const char *at, size_t size) {
    char *copy = memory_new(size + 1);
    if (size > 0) memcpy(copy, at, size);
    copy[size] = 0;
    return copy;
}

/* At most IMAP_KNOWN_TEXT_MOST octets, and no character cut. */
static char *copy_for_people(Bytes text) {
    size_t size = text.size;
    if (size > IMAP_KNOWN_TEXT_MOST) {
        size = IMAP_KNOWN_TEXT_MOST;
        while (size > 0 && (text.at[size] & 0xc0) == 0x80) size--;
    }
    return copy_text((const char *)text.at, size);
}

/* ---- Headers and structures ---- */

static ImapHeader *header_hold(ImapHeader *header) {
    header->holders++;
    return header;
}

static void header_drop(ImapHeader *header) {
    if (--header->holders > 0) return;
    free(header->from);
    free(header->subject);
    free(header);
}

ImapStructure *imap_structure_new(void) {
    ImapStructure *structure = memory_new(sizeof *structure);
    structure->holders = 1;
    return structure;
}

void imap_structure_add(ImapStructure *structure, ImapPart part) {
    size_t capacity = structure->count;
    structure->parts = array_grow(structure->parts, &capacity, structure->count + 1, sizeof *structure->parts);
    part.type = copy_text(part.type, strlen(part.type));
    part.charset = copy_text(part.charset, strlen(part.charset));
    part.encoding = copy_text(part.encoding, strlen(part.encoding));
    part.name = copy_text(part.name, strlen(part.name));
    structure->parts[structure->count++] = part;
}

void imap_structure_drop(ImapStructure *structure) {
    if (!structure || --structure->holders > 0) return;
    for (size_t i = 0; i < structure->count; i++) {
        ImapPart *part = &structure->parts[i];
        free(part->type);
        free(part->charset);
        free(part->encoding);
        free(part->name);
    }
    free(structure->parts);
    free(structure);
}

const ImapPart *imap_structure_find(const ImapStructure *structure, const char *number) {
    for (size_t i = 0; structure && i < structure->count; i++)
        if (strcmp(structure->parts[i].number, number) == 0) return &structure->parts[i];
    return NULL;
}

static uint64_t structure_octets(const ImapStructure *structure) {
    uint64_t octets = 0;
    for (size_t i = 0; structure && i < structure->count; i++) octets += RECORD_OCTETS;
    return octets;
}

/* ---- Messages ---- */

static uint64_t known_octets(const ImapKnown *k) {
    uint64_t octets = RECORD_OCTETS + strlen(k->header->from) + strlen(k->header->subject) +
                      (k->keywords ? strlen(k->keywords) : 0) + structure_octets(k->structure);
    for (size_t i = 0; i < k->piece_count; i++) octets += RECORD_OCTETS + k->pieces[i].content->size;
    return octets;
}

static void known_clear(ImapKnown *k) {
    for (size_t i = 0; i < k->piece_count; i++) mail_content_drop(k->pieces[i].content);
    free(k->pieces);
    free(k->keywords);
    header_drop(k->header);
    imap_structure_drop(k->structure);
}

void imap_memory_clear(ImapMemory *memory) {
    for (size_t i = 0; i < memory->count; i++) known_clear(&memory->items[i]);
    free(memory->items);
    *memory = (ImapMemory){0};
}

void imap_memory_copy(ImapMemory *to, const ImapMemory *from) {
    CHECK(!to->items);
    *to = *from;
    to->capacity = from->count;
    to->items = from->count > 0 ? memory_new(from->count * sizeof *to->items) : NULL;
    for (size_t i = 0; i < from->count; i++) {
        const ImapKnown *old = &from->items[i];
        ImapKnown *k = &to->items[i];
        *k = *old;
        header_hold(k->header);
        if (k->structure) k->structure->holders++;
        if (k->keywords) k->keywords = copy_text(old->keywords, strlen(old->keywords));
        k->piece_capacity = old->piece_count;
        k->pieces = old->piece_count > 0 ? memory_new(old->piece_count * sizeof *k->pieces) : NULL;
        for (size_t p = 0; p < old->piece_count; p++) {
            k->pieces[p] = old->pieces[p];
            mail_content_hold(k->pieces[p].content);
        }
    }
}

/* The index of the first whose UID is at least `uid`. */
static size_t place_of(const ImapMemory *memory, uint32_t uid) {
    size_t low = 0, high = memory->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memory->items[middle].uid < uid) low = middle + 1;
        else high = middle;
    }
    return low;
}

ImapKnown *imap_memory_find(const ImapMemory *memory, uint32_t uid) {
    size_t place = place_of(memory, uid);
    return place < memory->count && memory->items[place].uid == uid ? &memory->items[place] : NULL;
}

ImapKnown *imap_memory_add(ImapMemory *memory, uint32_t uid, uint32_t size, int64_t date_s, Bytes from, Bytes subject) {
    size_t place = place_of(memory, uid);
    ImapHeader *header = memory_new(sizeof *header);
    *header = (ImapHeader){1, size, date_s, copy_for_people(from), copy_for_people(subject)};
    if (place < memory->count && memory->items[place].uid == uid) {
        memory->octets -= known_octets(&memory->items[place]);
        header_drop(memory->items[place].header);
        memory->items[place].header = header;
    } else {
        memory->items = array_grow(memory->items, &memory->capacity, memory->count + 1, sizeof *memory->items);
        memmove(memory->items + place + 1, memory->items + place, (memory->count - place) * sizeof *memory->items);
        memory->items[place] = (ImapKnown){.uid = uid, .header = header};
        memory->count++;
    }
    memory->octets += known_octets(&memory->items[place]);
    return &memory->items[place];
}

void imap_memory_forget(ImapMemory *memory, uint32_t uid) {
    size_t place = place_of(memory, uid);
    if (place == memory->count || memory->items[place].uid != uid) return;
    memory->octets -= known_octets(&memory->items[place]);
    known_clear(&memory->items[place]);
    memory->count--;
    memmove(memory->items + place, memory->items + place + 1, (memory->count - place) * sizeof *memory->items);
}

size_t imap_memory_unseen(const ImapMemory *memory) {
    size_t unseen = 0;
    for (size_t i = 0; i < memory->count; i++) unseen += !(memory->items[i].flags & MAIL_FLAG_SEEN);
    return unseen;
}

bool imap_known_set_flags(ImapMemory *memory, ImapKnown *k, uint8_t flags, Bytes keywords) {
    bool same = k->keywords ? bytes_equal(bytes_text(k->keywords), keywords) : keywords.size == 0;
    if (same && k->flags == flags) return false;
    memory->octets -= known_octets(k);
    k->flags = flags;
    if (!same) {
        free(k->keywords);
        k->keywords = keywords.size > 0 ? copy_text((const char *)keywords.at, keywords.size) : NULL;
    }
    memory->octets += known_octets(k);
    return true;
}

void imap_known_set_structure(ImapMemory *memory, ImapKnown *k, ImapStructure *structure) {
    memory->octets -= structure_octets(k->structure);
    imap_structure_drop(k->structure);
    k->structure = structure;
    memory->octets += structure_octets(structure);
}

/* ---- Pieces: by part, then by place; what overlaps is kept as it came ---- */

static int order_of(const ImapPiece *piece, const char *part, uint32_t from) {
    int order = strcmp(piece->part, part);
    return order != 0 ? order : piece->from < from ? -1 : piece->from > from;
}

void imap_known_add_piece(ImapMemory *memory, ImapKnown *k, const char *part, uint32_t from, Bytes octets, bool last) {
    size_t place = 0;
    ImapPiece piece = {.from = from, .content = mail_content_new(octets.at, octets.size), .last = last};
    CHECK(strlen(part) < sizeof piece.part);
    memcpy(piece.part, part, strlen(part) + 1);
    memory->octets -= known_octets(k);
    while (place < k->piece_count && order_of(&k->pieces[place], part, from) < 0) place++;
    if (place < k->piece_count && order_of(&k->pieces[place], part, from) == 0) {
        mail_content_drop(k->pieces[place].content);
    } else {
        k->pieces = array_grow(k->pieces, &k->piece_capacity, k->piece_count + 1, sizeof *k->pieces);
        memmove(k->pieces + place + 1, k->pieces + place, (k->piece_count - place) * sizeof *k->pieces);
        k->piece_count++;
    }
    k->pieces[place] = piece;
    memory->octets += known_octets(k);
}

uint32_t imap_known_has(const ImapKnown *k, const char *part, uint32_t from, bool *ends) {
    uint64_t to = from;
    *ends = false;
    for (size_t i = 0; i < k->piece_count && !*ends; i++) {
        const ImapPiece *p = &k->pieces[i];
        if (strcmp(p->part, part) != 0 || p->from + (uint64_t)p->content->size < to) continue;
        if (p->from > to) break;
        to = p->from + (uint64_t)p->content->size;
        *ends = p->last;
    }
    return (uint32_t)(to - from);
}

uint32_t imap_known_gap(const ImapKnown *k, const char *part, uint32_t from) {
    for (size_t i = 0; i < k->piece_count; i++)
        if (strcmp(k->pieces[i].part, part) == 0 && k->pieces[i].from > from) return k->pieces[i].from - from;
    return UINT32_MAX;
}

Bytes imap_known_octets(Arena *arena, const ImapKnown *k, const char *part) {
    bool ends;
    uint32_t size = imap_known_has(k, part, 0, &ends);
    uint8_t *octets = arena_alloc(arena, (size_t)size + 1);
    for (size_t i = 0; i < k->piece_count; i++) {
        const ImapPiece *p = &k->pieces[i];
        if (strcmp(p->part, part) != 0 || p->from > size) continue;
        Bytes piece = bytes_slice(mail_content_bytes(p->content), 0, size - p->from);
        if (piece.size > 0) memcpy(octets + p->from, piece.at, piece.size);
    }
    return bytes_of(octets, size);
}
