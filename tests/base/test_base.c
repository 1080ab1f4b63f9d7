/* Octets, texts, values, random numbers, memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/random.h"
#include "base/value.h"

/* ---- Octets ---- */

static void a_reader_fails_once_and_for_all(void **state) {
    (void)state;
    const uint8_t octets[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    ByteReader r = byte_reader(bytes_of(octets, sizeof octets));
    assert_int_equal(byte_reader_u8(&r), 1);
    assert_int_equal(byte_reader_u16(&r), 0x0203);
    assert_int_equal(byte_reader_u32(&r), 0x04050607);
    assert_int_equal(byte_reader_left(&r), 2);
    assert_int_equal(byte_reader_u32(&r), 0);
    assert_true(r.failed);
    assert_int_equal(r.failed_at, 7);
    assert_int_equal(byte_reader_u8(&r), 0); /* though an octet is left */
    assert_int_equal(byte_reader_left(&r), 0);
    assert_int_equal(r.failed_at, 7);
    uint8_t copy[2] = {9, 9};
    byte_reader_copy(&r, copy, 2);
    assert_memory_equal(copy, "\0\0", 2);
    r = byte_reader(bytes_of(octets, sizeof octets));
    Bytes taken = byte_reader_take(&r, 9);
    assert_ptr_equal(taken.at, octets);
    assert_int_equal(byte_reader_take(&r, 0).size, 0);
    assert_false(r.failed);
    assert_int_equal(byte_reader_take(&r, SIZE_MAX).size, 0);
    assert_true(r.failed);
    Bytes whole = bytes_of(octets, sizeof octets);
    assert_int_equal(bytes_slice(whole, 7, 5).size, 2);
    assert_int_equal(bytes_slice(whole, 9, 1).size, 0);
    assert_int_equal(bytes_slice(whole, SIZE_MAX, SIZE_MAX).size, 0);
    assert_true(bytes_equal(bytes_slice(whole, 2, 0), bytes_of(NULL, 0)));
    assert_false(bytes_equal(bytes_slice(whole, 0, 2), bytes_slice(whole, 1, 2)));
}

static void a_writer_stops_where_its_room_ends(void **state) {
    (void)state;
    uint8_t room[8] = {0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
    ByteWriter w = byte_writer(room, 7);
    byte_writer_u32(&w, 0x01020304);
    byte_writer_u16(&w, 0x0506);
    byte_writer_u16(&w, 0x0708); /* one octet is left */
    assert_true(w.overflow);
    byte_writer_u8(&w, 9); /* would fit, but the record is broken */
    assert_int_equal(w.size, 6);
    assert_memory_equal(room, "\1\2\3\4\5\6\xaa\xaa", 8);
    w = byte_writer(room, 8);
    byte_writer_zeros(&w, 4);
    byte_writer_patch_u16(&w, 1, 0x1122);
    byte_writer_put(&w, "xy", 2);
    assert_false(w.overflow);
    assert_memory_equal(room, "\0\x11\x22\0xy\xaa\xaa", 8);
}

/* ---- Texts ---- */

static void utf8(void **state) {
    (void)state;
    static const struct {
        const char *octets;
        size_t size, length;
        uint32_t code;
    } cases[] = {
        {"a", 1, 1, 'a'},
        {"\xc3\xa9", 2, 2, 0xe9},
        {"\xe7\xa7\x9f", 3, 3, 0x79df},
        {"\xf0\x9f\x98\x80", 4, 4, 0x1f600},
        {"\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff},
        {"\xf4\x90\x80\x80", 4, 1, 0xfffd}, /* beyond */
        {"\xc0\x80", 2, 1, 0xfffd},         /* overlong */
        {"\xe0\x9f\xbf", 3, 1, 0xfffd},
        {"\xed\xa0\x80", 3, 1, 0xfffd}, /* a surrogate */
        {"\xe7\xa7", 2, 1, 0xfffd},     /* cut off */
        {"\xe7\xa7x", 3, 1, 0xfffd},
        {"\x80", 1, 1, 0xfffd},
        {"\xff", 1, 1, 0xfffd},
        {"\0", 1, 1, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t code = 1;
        size_t length = utf8_next(cases[i].octets, cases[i].size, &code);
        if (length != cases[i].length || code != cases[i].code) fail_msg("case %zu: %zu, U+%04X", i, length, (unsigned)code);
    }
}

static void texts(void **state) {
    (void)state;
    Text text = text_new();
    assert_string_equal(text_get(&text), "");
    static const char odd[] = "q\" b\\ n\n t\t z\0 \x7f \xe7\xa7\x9f \xff";
    text_put_json(&text, odd, sizeof odd - 1);
    assert_string_equal(text_get(&text), "\"q\\\" b\\\\ n\\n t\\u0009 z\\u0000 \\u007f \xe7\xa7\x9f \xef\xbf\xbd\"");
    text_clear(&text);
    text_put_xml(&text, "a<b>&\"c'");
    assert_string_equal(text_get(&text), "a&lt;b&gt;&amp;&quot;c&#39;");
    text_clear(&text);
    text_put_hex(&text, bytes_of("\x00\x9f\xff", 3), ":");
    assert_string_equal(text_get(&text), "00:9f:ff");
    text_clear(&text);
    char big[1000];
    memset(big, 'x', sizeof big - 1);
    big[999] = 0;
    text_print(&text, "<%s|%d>", big, 42);
    assert_int_equal(text.size, 999 + 5);
    assert_int_equal(strlen(text_get(&text)), text.size);
    assert_string_equal(text_get(&text) + 1000, "|42>");
    text_free(&text);
    for (int c = 0; c < 256; c++) {
        const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 32 : c) : NULL;
        assert_int_equal(text_hex_digit((char)c), at ? at - digits : -1);
    }
}

static void near_names(void **state) {
    (void)state;
    static const char *const names[] = {"address", "router", "lease", "latency"};
    assert_string_equal(text_nearest("adress", names, 4), "address");
    assert_string_equal(text_nearest("Router", names, 4), "router");
    assert_string_equal(text_nearest("leese", names, 4), "lease");
    assert_string_equal(text_nearest("latnecy", names, 4), "latency");
    assert_null(text_nearest("zzzzzz", names, 4));
    assert_null(text_nearest("", names, 4));
    assert_null(text_nearest("x", names, 0));
}

static void files(void **state) {
    (void)state;
    Text text = text_new(), error = text_new();
    char path[] = "/tmp/netstage-test-XXXXXX";
    snprintf(path, sizeof path, "/tmp/netstage-test-%06u", (unsigned)((uintptr_t)&text >> 4 & 0xfffff) % 1000000);
    assert_true(text_write_file(path, bytes_of("a\0b", 3), &error));
    assert_true(text_read_file(path, &text, &error));
    assert_int_equal(text.size, 3);
    assert_memory_equal(text.at, "a\0b", 3);
    remove(path);
    assert_false(text_read_file(path, &text, &error));
    assert_non_null(strstr(text_get(&error), path));
    text_clear(&error);
    assert_false(text_write_file("/nowhere/at/all", bytes_of("x", 1), &error));
    assert_non_null(strstr(text_get(&error), "/nowhere/at/all"));
    text_free(&text);
    text_free(&error);
}

/* ---- Values ---- */

static void json_round_trip(void **state) {
    (void)state;
    static const char *const good[] = {
        "null", "true", "false", "0", "-1", "9223372036854775807", "-9223372036854775808", "\"\"", "\"a\\\"b\\\\c\\n\\u0000\xe7\xa7\x9f\"",
        "[]", "{}", "[1,[2,[3]],{\"a\":null}]", "{\"b\":1,\"a\":{\"c\":[true,\"x\"]}}", "{\"\":0}",
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        Value value;
        Text fault = text_new(), out = text_new();
        if (!value_parse(arena, good[i], strlen(good[i]), &value, &fault)) fail_msg("%s: %s", good[i], text_get(&fault));
        value_print(&out, &value);
        assert_string_equal(text_get(&out), good[i]);
        text_free(&out);
        text_free(&fault);
    }
    Value value;
    Text fault = text_new();
    static const char spaced[] = " { \"a\" : [ 1 , \"\\ud83d\\ude00\\u00e9\\/\\t\" ] } \n";
    assert_true(value_parse(arena, spaced, strlen(spaced), &value, &fault));
    assert_string_equal(value_get(&value, "a")->items[1].text, "\xf0\x9f\x98\x80\xc3\xa9/\t");
    assert_null(value_get(&value, "b"));
    assert_null(value_get(value_get(&value, "a"), "b")); /* a list is no map */
    text_free(&fault);
    arena_free(arena);
}

static void json_mistakes(void **state) {
    (void)state;
    static const struct {
        const char *json, *message;
    } bad[] = {
        {"", "at offset 0: a value expected"},
        {"[1,2", "at offset 4:"},
        {"[1 2]", "at offset 3:"},
        {"{\"a\" 1}", "at offset 5:"},
        {"{a:1}", "at offset 1:"},
        {"{\"a\":1,}", "at offset 7:"},
        {"nul", "at offset 0:"},
        {"1.5", "at offset 1: a whole number expected"},
        {"1e3", "at offset 1: a whole number expected"},
        {"9223372036854775808", "at offset"},
        {"-", "at offset"},
        {"\"abc", "at offset 4:"},
        {"\"\\x\"", "at offset"},
        {"\"\\u12g4\"", "at offset"},
        {"\"a\nb\"", "at offset 2:"},
        {"1 1", "at offset 2:"},
        {"-9223372036854775809", "at offset"},
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Value value;
        Text fault = text_new();
        if (value_parse(arena, bad[i].json, strlen(bad[i].json), &value, &fault)) fail_msg("%s was taken", bad[i].json);
        if (strncmp(text_get(&fault), bad[i].message, strlen(bad[i].message)) != 0) fail_msg("%s: %s", bad[i].json, text_get(&fault));
        text_free(&fault);
    }
    for (int depth = 63; depth <= 66; depth++) {
        char json[140];
        memset(json, '[', (size_t)depth);
        memset(json + depth, ']', (size_t)depth);
        Value value;
        Text fault = text_new();
        assert_int_equal(value_parse(arena, json, 2 * (size_t)depth, &value, &fault), depth <= 64);
        text_free(&fault);
    }
    arena_free(arena);
}

/* What reading {…} by the fields below gives: the mistake as "field: message", or "". */
static Text read_as_config(Arena *arena, const char *json) {
    static const char *const kinds[] = {"switch", "hub"};
    Value value;
    Text out = text_new(), fault = text_new();
    ConfigError error = {0};
    if (!value_parse(arena, json, strlen(json), &value, &fault)) fail_msg("%s: %s", json, text_get(&fault));
    ValueReader r = value_reader(arena, &value, "pools[2]", &error);
    (void)value_read_truth(&r, "up", true);
    (void)value_read_number(&r, "count", 1, 10, 3);
    (void)value_read_text(&r, "name", "");
    (void)value_read_choice(&r, "kind", kinds, 2, 0);
    (void)value_read_any(&r, "more", "a list");
    bool good = value_reader_finish(&r);
    assert_int_equal(good, error.message.size == 0);
    if (!good) text_print(&out, "%s: %s", error.field, text_get(&error.message));
    text_free(&error.message);
    text_free(&fault);
    return out;
}

static void a_reader_of_configurations(void **state) {
    (void)state;
    static const struct {
        const char *json, *field, *words;
    } cases[] = {
        {"{\"up\":false,\"count\":10,\"name\":\"x\",\"kind\":\"hub\",\"more\":[1]}", "", ""},
        {"{}", "", ""},
        {"{\"conut\":1}", "pools[2].conut: ", "did you mean \"count\""},
        {"{\"zzz\":1}", "pools[2].zzz: ", "unknown field"},
        {"{\"count\":11}", "pools[2].count: ", "11"},
        {"{\"count\":0}", "pools[2].count: ", "1"},
        {"{\"count\":\"3\"}", "pools[2].count: ", "number"},
        {"{\"up\":1}", "pools[2].up: ", "true"},
        {"{\"name\":[]}", "pools[2].name: ", "text"},
        {"{\"kind\":\"swich\"}", "pools[2].kind: ", "switch"},
        {"{\"count\":0,\"zzz\":1}", "pools[2].count: ", ""}, /* the first mistake is kept */
    };
    Arena *arena = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text mistake = read_as_config(arena, cases[i].json);
        if (strncmp(text_get(&mistake), cases[i].field, strlen(cases[i].field)) != 0 || !strstr(text_get(&mistake), cases[i].words)) fail_msg("%s: %s", cases[i].json, text_get(&mistake));
        if (!cases[i].field[0]) assert_string_equal(text_get(&mistake), "");
        text_free(&mistake);
    }
    ConfigError error = {0};
    Value map = value_map();
    ValueReader r = value_reader(arena, &map, "", &error);
    assert_int_equal(value_read_number(&r, "count", 1, 10, 3), 3);
    assert_string_equal(value_read_text(&r, "name", "fallback"), "fallback");
    assert_true(value_read_truth(&r, "up", true));
    assert_null(value_read_any(&r, "more", "a list"));
    value_set(arena, &map, "a", value_number(1));
    value_set(arena, &map, "a", value_number(2)); /* replaced */
    assert_int_equal(map.count, 1);
    assert_int_equal(value_get(&map, "a")->number, 2);
    arena_free(arena);
}

/* ---- Random numbers ---- */

static void known_random_numbers(void **state) {
    (void)state;
    /* xoshiro256** from the state {1, 2, 3, 4}: the first numbers its authors' program gives. */
    RandomStream r = {{1, 2, 3, 4}};
    static const uint64_t known[] = {11520, 0, 1509978240, 1215971899390074240};
    for (size_t i = 0; i < 4; i++) assert_true(random_next(&r) == known[i]);
}

static void streams_are_independent(void **state) {
    (void)state;
    RandomStream a = random_stream(7, "pc1", "dhcp.client"), again = random_stream(7, "pc1", "dhcp.client");
    RandomStream others[] = {random_stream(8, "pc1", "dhcp.client"), random_stream(7, "pc2", "dhcp.client"), random_stream(7, "pc1", "arp"),
                             random_stream(7, "pc1d", "hcp.client"), random_stream(7, "", "pc1dhcp.client")};
    for (int i = 0; i < 100; i++) {
        uint64_t x = random_next(&a);
        assert_true(x == random_next(&again));
        for (size_t k = 0; k < 5; k++) assert_true(x != random_next(&others[k]));
    }
}

static void no_number_is_preferred(void **state) {
    (void)state;
    RandomStream r = random_stream(3, "test", "fair");
    static const uint64_t bounds[] = {1, 2, 3, 7, 10, 100};
    for (size_t b = 0; b < 6; b++) {
        size_t counts[100] = {0}, each = 4000;
        for (size_t i = 0; i < each * bounds[b]; i++) counts[random_below(&r, bounds[b])]++;
        for (size_t i = 0; i < bounds[b]; i++) assert_in_range(counts[i], each - each / 10, each + each / 10);
    }
    /* A bound of 3/4 of the range: without rejection the first half of it would come twice as often as the rest. */
    uint64_t bound = UINT64_C(3) << 62;
    size_t low = 0;
    for (int i = 0; i < 30000; i++) low += random_below(&r, bound) < bound / 3;
    assert_in_range(low, 9600, 10400);
    int64_t least = INT64_MAX, most = INT64_MIN;
    for (int i = 0; i < 1000; i++) {
        int64_t x = random_between(&r, -3, 4);
        assert_true(x >= -3 && x <= 4);
        if (x < least) least = x;
        if (x > most) most = x;
    }
    assert_true(least == -3 && most == 4);
    assert_int_equal(random_between(&r, 5, 5), 5);
}

/* ---- Memory ---- */

static void an_arena(void **state) {
    (void)state;
    Arena *arena = arena_new();
    uint8_t *places[2000];
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i * 7 % 5000;
        places[i] = arena_alloc(arena, size);
        assert_non_null(places[i]);
        assert_int_equal((uintptr_t)places[i] % _Alignof(max_align_t), 0);
        for (size_t k = 0; k < size; k++) assert_int_equal(places[i][k], 0);
        memset(places[i], (int)(i % 251), size);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t k = 0; k < i * 7 % 5000; k++) assert_int_equal(places[i][k], i % 251);
    assert_true(arena_footprint(arena) >= 2000 * 2000);
    char word[] = "word";
    char *copy = arena_text(arena, word);
    word[0] = 'l';
    assert_string_equal(copy, "word");
    assert_string_equal(arena_text_n(arena, "abcdef", 3), "abc");
    arena_free(arena);
    arena_free(NULL);
}

static void a_growing_array(void **state) {
    (void)state;
    int *items = NULL;
    size_t capacity = 0, moves = 0;
    for (int i = 0; i < 10000; i++) {
        size_t before = capacity;
        items = array_grow(items, &capacity, (size_t)i + 1, sizeof *items);
        moves += capacity != before;
        assert_true(capacity > (size_t)i);
        items[i] = i;
    }
    for (int i = 0; i < 10000; i++) assert_int_equal(items[i], i);
    assert_true(moves < 30); /* it grows by a factor, not by one */
    free(items);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_fails_once_and_for_all),
        cmocka_unit_test(a_writer_stops_where_its_room_ends),
        cmocka_unit_test(utf8),
        cmocka_unit_test(texts),
        cmocka_unit_test(near_names),
        cmocka_unit_test(files),
        cmocka_unit_test(json_round_trip),
        cmocka_unit_test(json_mistakes),
        cmocka_unit_test(a_reader_of_configurations),
        cmocka_unit_test(known_random_numbers),
        cmocka_unit_test(streams_are_independent),
        cmocka_unit_test(no_number_is_preferred),
        cmocka_unit_test(an_arena),
        cmocka_unit_test(a_growing_array),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
