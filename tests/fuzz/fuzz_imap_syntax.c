/* Commands' arguments of any octets: what is read is written again as what it was, what is not has a place. The first
 * octet says what is read. */
#include "fuzz.h"
#include "proto/imap/data.h"

static void check_mailbox(ImapReader *r) {
    Bytes name, again;
    if (!imap_read_mailbox(r, &name)) return;
    Text text = text_new();
    imap_put_mailbox(&text, name);
    ImapReader back = imap_reader(bytes_of(text.at, text.size), r->arena);
    CHECK(imap_read_mailbox(&back, &again) && imap_read_end(&back) && bytes_equal(name, again));
    imap_pattern_matches(name, again);
    text_free(&text);
}

static void check_string(ImapReader *r) {
    Bytes string, again;
    if (!imap_read_astring(r, &string)) return;
    Text text = text_new();
    imap_put_astring(&text, string);
    ImapReader back = imap_reader(bytes_of(text.at, text.size), r->arena);
    CHECK(imap_read_astring(&back, &again) && imap_read_end(&back) && bytes_equal(string, again));
    text_free(&text);
}

static void check_set(ImapReader *r) {
    ImapSet set;
    if (!imap_read_set(r, &set)) return;
    CHECK(set.count > 0);
    for (size_t i = 0; i < set.count; i++)
        CHECK(set.ranges[i].last == IMAP_STAR ||
              (set.ranges[i].first != IMAP_STAR && set.ranges[i].first <= set.ranges[i].last));
    ImapSet resolved = imap_set_resolve(r->arena, &set, (uint32_t)r->text.size);
    for (size_t i = 0; i < resolved.count; i++) {
        CHECK(resolved.ranges[i].first >= 1 && resolved.ranges[i].first <= resolved.ranges[i].last);
        CHECK(i == 0 || (uint64_t)resolved.ranges[i - 1].last + 1 < resolved.ranges[i].first);
        CHECK(imap_set_has(&resolved, resolved.ranges[i].first) && imap_set_has(&resolved, resolved.ranges[i].last));
    }
}

static void check_fetch(ImapReader *r) {
    ImapFetchList list, again;
    if (!imap_read_fetch(r, &list)) return;
    for (size_t i = 0; i < list.count; i++) {
        if (list.items[i].item != IMAP_FETCH_BODY_SECTION) continue;
        Text text = text_new();
        list.items[i].partial = false;
        imap_put_section(&text, &list.items[i]);
        ImapReader back = imap_reader(bytes_of(text.at, text.size), r->arena);
        CHECK(imap_read_fetch(&back, &again) && imap_read_end(&back));
        const ImapSection *a = &list.items[i].section, *b = &again.items[0].section;
        CHECK(a->text == b->text && a->part_count == b->part_count && a->field_count == b->field_count);
        CHECK(a->part_count == 0 || memcmp(a->part, b->part, a->part_count * sizeof *a->part) == 0);
        for (size_t k = 0; k < a->field_count; k++) CHECK(bytes_equal(a->fields[k], b->fields[k]));
        text_free(&text);
    }
}

static size_t check_key(const ImapKey *key, size_t depth) {
    CHECK(depth <= IMAP_KEY_DEPTH_MOST + 1);
    size_t count = 1;
    for (const ImapKey *one = key->first; one; one = one->next) count += check_key(one, depth + 1);
    if (key->kind == IMAP_KEY_OR) CHECK(key->first && key->first->next);
    return count;
}

static void check_search(ImapReader *r) {
    ImapKey *key;
    bool bad_charset;
    if (!imap_read_search(r, &key, &bad_charset)) return;
    CHECK(check_key(key, 0) <= IMAP_KEYS_MOST + 1);
    imap_search_prepare(r->arena, key, 3, 9);
}

static void check_date(ImapReader *r) {
    int64_t at_s, again_s;
    if (!imap_read_date_time(r, &at_s)) return;
    Text text = text_new();
    imap_put_date_time(&text, at_s);
    ImapReader back = imap_reader(bytes_of(text.at, text.size), r->arena);
    CHECK(imap_read_date_time(&back, &again_s) && imap_read_end(&back));
    CHECK(at_s == again_s || at_s < -62100000000 || at_s > 253300000000); /* years 0000 to 9999 */
    text_free(&text);
}

static void check_others(ImapReader *r) {
    ImapReader flags = *r, day = *r, list = *r;
    ImapFlagNames names;
    int64_t day_s;
    Bytes pattern;
    if (!imap_read_store_flags(&flags, &names)) fuzz_check_fault(flags.fault, r->text.size);
    if (!imap_read_date(&day, &day_s)) fuzz_check_fault(day.fault, r->text.size);
    else CHECK(day_s % 86400 == 0);
    if (imap_read_list_mailbox(&list, &pattern)) imap_pattern_matches(pattern, r->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    static void (*const checks[])(ImapReader * r) = {check_mailbox, check_string, check_set,   check_fetch,
                                                     check_search,  check_date,   check_others};
    if (size == 0) return 0;
    Arena *arena = arena_new();
    ImapReader r = imap_reader(bytes_of(at + 1, size - 1), arena);
    checks[at[0] % (sizeof checks / sizeof checks[0])](&r);
    if (imap_failed(&r)) fuzz_check_fault(r.fault, size - 1);
    CHECK(r.at <= size - 1);
    arena_free(arena);
    return 0;
}
