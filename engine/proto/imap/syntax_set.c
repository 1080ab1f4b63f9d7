/* Sequence sets: RFC 3501 section 9, "sequence-set". */
#include <stdlib.h>

#include "proto/imap/syntax.h"

/* seq-number = nz-number / "*" */
static bool read_number(ImapReader *r, uint32_t *number) {
    if (imap_is_next(r, '*')) {
        r->at++;
        *number = IMAP_STAR;
        return true;
    }
    return imap_read_nz_number(r, number);
}

static ImapRange range_of(uint32_t a, uint32_t b) {
    bool turned = b != IMAP_STAR && (a == IMAP_STAR || a > b);
    return turned ? (ImapRange){b, a} : (ImapRange){a, b};
}

bool imap_read_set(ImapReader *r, ImapSet *set) {
    size_t capacity = 0;
    *set = (ImapSet){0};
    if (imap_failed(r)) return false;
    for (;;) {
        uint32_t first, last;
        if (!read_number(r, &first)) return false;
        last = first;
        if (imap_is_next(r, ':')) {
            r->at++;
            if (!read_number(r, &last)) return false;
        }
        if (set->count == IMAP_RANGES_MOST) return imap_fault(r, "imap.set_many");
        set->ranges = mail_grow(r->arena, set->ranges, &capacity, set->count + 1, sizeof *set->ranges);
        set->ranges[set->count++] = range_of(first, last);
        if (!imap_is_next(r, ',')) return true;
        r->at++;
    }
}

static int by_first(const void *a, const void *b) {
    const ImapRange *x = a, *y = b;
    return x->first < y->first ? -1 : x->first > y->first;
}

ImapSet imap_set_resolve(Arena *arena, const ImapSet *set, uint32_t most) {
    ImapSet resolved = {.ranges = arena_alloc(arena, (set->count + 1) * sizeof(ImapRange))};
    for (size_t i = 0; i < set->count; i++) {
        uint32_t first = set->ranges[i].first == IMAP_STAR ? most : set->ranges[i].first;
        uint32_t last = set->ranges[i].last == IMAP_STAR ? most : set->ranges[i].last;
        if (first == 0 && last == 0) continue;
        ImapRange range = first < last ? (ImapRange){first, last} : (ImapRange){last, first};
        if (range.first == 0) range.first = 1;
        resolved.ranges[resolved.count++] = range;
    }
    if (resolved.count == 0) return resolved;
    qsort(resolved.ranges, resolved.count, sizeof(ImapRange), by_first);
    size_t kept = 0;
    for (size_t i = 1; i < resolved.count; i++) {
        ImapRange *last = &resolved.ranges[kept], next = resolved.ranges[i];
        bool joins = next.first <= last->last || next.first - 1 == last->last;
        if (!joins) resolved.ranges[++kept] = next;
        else if (next.last > last->last) last->last = next.last;
    }
    resolved.count = kept + 1;
    return resolved;
}

bool imap_set_has(const ImapSet *resolved, uint32_t number) {
    size_t low = 0, high = resolved->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (resolved->ranges[middle].last < number) low = middle + 1;
        else high = middle;
    }
    return low < resolved->count && resolved->ranges[low].first <= number;
}

void imap_put_set(Text *to, const uint32_t *numbers, size_t count) {
    for (size_t i = 0; i < count;) {
        size_t last = i;
        while (last + 1 < count && numbers[last + 1] - numbers[last] == 1) last++;
        text_print(to, i > 0 ? ",%u" : "%u", (unsigned)numbers[i]);
        if (last > i) text_print(to, ":%u", (unsigned)numbers[last]);
        i = last + 1;
    }
}
