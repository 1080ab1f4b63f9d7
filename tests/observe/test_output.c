#define _POSIX_C_SOURCE 200809L /* mkdtemp, access */
/* Outputs: numbers as text, quoting, streaming through the buffer, and files that appear whole or not at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/random.h"
#include "observe/output.h"
#include "wire/address.h"

static void numbers_and_quotes(void **state) {
    (void)state;
    Text text = text_new(), error = text_new();
    Output *o = output_to_text(&text);
    static const uint64_t decimals[] = {0, 9, 10, 4294967296, UINT64_MAX};
    for (int i = 0; i < 5; i++) {
        output_put_decimal(o, decimals[i]);
        output_put_text(o, " ");
    }
    static const int64_t times[] = {0, 1, 999999999, 1000000000, -1500000000, INT64_MAX, INT64_MIN};
    for (int i = 0; i < 7; i++) {
        output_put_seconds(o, times[i]);
        output_put_text(o, " ");
    }
    static const char *const quoted[] = {"", "plain", "a\"b", "back\\slash", "line\n", "中文", "\x7f"};
    for (int i = 0; i < 7; i++) output_put_json(o, quoted[i]);
    output_put_hex(o, bytes_of("\0\x9f\xff", 3), ':');
    output_put_hex(o, bytes_of("\xab\1", 2), 0);
    output_put_hex(o, bytes_of(NULL, 0), ':');
    assert_true(output_close(o, &error));
    assert_string_equal(text_get(&text),
                        "0 9 10 4294967296 18446744073709551615 "
                        "0.000000000 0.000000001 0.999999999 1.000000000 -1.500000000 9223372036.854775807 "
                        "-9223372036.854775808 "
                        "\"\"\"plain\"\"a\\\"b\"\"back\\\\slash\"\"line\\n\"\"中文\"\"\\u007f\"00:9f:ffab01");
    text_free(&text);
}

static void addresses_as_elsewhere(void **state) {
    (void)state;
    RandomStream random = random_stream(1, "output", "test");
    static const uint32_t octets[] = {0, 1, 9, 10, 19, 99, 100, 109, 199, 255};
    for (int round = 0; round < 2000; round++) {
        uint32_t address = 0;
        for (int i = 0; i < 4; i++) address = address << 8 | octets[random_below(&random, 10)];
        Text one = text_new(), other = text_new(), error = text_new();
        Output *o = output_to_text(&one);
        output_put_ipv4(o, address);
        assert_true(output_close(o, &error));
        text_print(&other, "%u.%u.%u.%u", address >> 24, address >> 16 & 255, address >> 8 & 255, address & 255);
        assert_string_equal(text_get(&one), text_get(&other));
        text_clear(&one);
        ipv4_print(&one, address);
        assert_string_equal(text_get(&one), text_get(&other));
        text_free(&one);
        text_free(&other);
    }
}

/* What is larger than the buffer, or ends just beyond it, arrives as it was put. */
static void streams(void **state) {
    (void)state;
    RandomStream random = random_stream(2, "output", "test");
    Text expected = text_new(), got = text_new(), error = text_new();
    Output *o = output_to_text(&got);
    static char piece[700000];
    for (int i = 0; i < 300; i++) {
        size_t size = i == 150 ? sizeof piece : random_below(&random, 5000);
        for (size_t k = 0; k < size; k++) piece[k] = (char)('a' + (i + k) % 26);
        output_put(o, piece, size);
        text_put_n(&expected, piece, size);
        if (i % 40 == 0) output_flush(o);
    }
    assert_true(output_close(o, &error));
    assert_int_equal(got.size, expected.size);
    assert_memory_equal(got.at, expected.at, got.size);
    for (size_t size = (1 << 18) - 5; size <= 1 << 18; size++) { /* up to the very end of the buffer, and a bit more */
        text_clear(&got);
        o = output_to_text(&got);
        output_put(o, piece, size);
        output_put(o, piece, 3);
        assert_true(output_close(o, &error));
        assert_int_equal(got.size, size + 3);
    }
    text_free(&got);
    text_free(&expected);
}

static void a_file_appears_whole(void **state) {
    (void)state;
    char folder[] = "/tmp/netstage-output-XXXXXX";
    assert_non_null(mkdtemp(folder));
    Text path = text_new(), content = text_new(), error = text_new();
    text_print(&path, "%s/out", folder);
    Output *o = output_to_file(text_get(&path), &error);
    assert_non_null(o);
    output_put_text(o, "hello");
    output_flush(o);
    assert_int_not_equal(access(text_get(&path), F_OK), 0); /* not yet */
    assert_true(output_close(o, &error));
    assert_true(text_read_file(text_get(&path), &content, &error));
    assert_string_equal(text_get(&content), "hello");
    assert_int_equal(unlink(text_get(&path)), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left behind */
    text_free(&path);
    text_free(&content);
}

static void trouble_is_told(void **state) {
    (void)state;
    Text error = text_new();
    assert_null(output_to_file("/nonexistent/folder/out", &error));
    assert_non_null(strstr(text_get(&error), "/nonexistent/folder/out"));
    text_clear(&error);
    if (access("/dev/full", W_OK) == 0) {
        Output *o = output_to_file("/dev/full", &error); /* a disk without room; and a device, which stays one */
        assert_non_null(o);
        output_put_text(o, "hello");
        assert_false(output_close(o, &error));
        assert_non_null(strstr(text_get(&error), "/dev/full"));
        assert_int_not_equal(access("/dev/full.new", F_OK), 0);
        struct stat about;
        assert_int_equal(stat("/dev/full", &about), 0);
        assert_true(S_ISCHR(about.st_mode));
    }
    text_free(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_quotes),   cmocka_unit_test(addresses_as_elsewhere), cmocka_unit_test(streams),
        cmocka_unit_test(a_file_appears_whole), cmocka_unit_test(trouble_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
