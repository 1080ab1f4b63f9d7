#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "view/strings.h"

static bool reads(Strings *strings, const char *content, Text *error) {
    return strings_read(strings, bytes_of(content, strlen(content)), "f.txt", error);
}

static void lines_become_texts(void **state) {
    (void)state;
    Strings *s = strings_new();
    Text error = text_new(), filled = text_new();
    assert_true(reads(s, "# a comment\n\n b.two = second \na.one=first\\nline\r\nc = {who} binds {ip} {odd}", &error));
    assert_string_equal(strings_get(s, "b.two"), "second");
    assert_string_equal(strings_get(s, "a.one"), "first\nline");
    assert_string_equal(strings_get(s, "nowhere"), "nowhere");
    assert_null(strings_find(s, "nowhere"));
    assert_string_equal(strings_find_in(s, "a", "one"), "first\nline");
    StringsValue values[] = {{"ip", "10.0.0.5"}, {"who", "pc1"}};
    strings_fill(&filled, s, "c", values, 2);
    assert_string_equal(text_get(&filled), "pc1 binds 10.0.0.5 {odd}");
    text_free(&filled);
    text_free(&error);
    strings_free(s);
}

static void mistakes_name_their_line(void **state) {
    (void)state;
    static const char *const bad[] = {"a = 1\nno equals sign\n", "a = 1\na = 2\n", "a = 1\n = 2\n",
                                      "a = 1\nsp ace = 2\n"};
    for (size_t i = 0; i < 4; i++) {
        Strings *s = strings_new();
        Text error = text_new();
        assert_false(reads(s, bad[i], &error));
        assert_non_null(strstr(text_get(&error), "f.txt:2: "));
        text_free(&error);
        strings_free(s);
    }
}

/* The placeholders of a text, sorted into a set of hashes that doesn't depend on their order. */
static uint64_t placeholders(const char *text) {
    uint64_t all = 0;
    for (const char *open = strchr(text, '{'); open; open = strchr(open + 1, '{')) {
        uint64_t hash = 14695981039346656037u;
        for (const char *c = open; *c && *c != '}'; c++) hash = (hash ^ (uint8_t)*c) * 1099511628211u;
        all += hash;
    }
    return all;
}

static void languages_have_the_same_keys_and_placeholders(void **state) {
    (void)state;
    Strings *languages[LANGUAGE_COUNT];
    Text error = text_new();
    for (Language l = 0; l < LANGUAGE_COUNT; l++)
        if (!strings_load(NETSTAGE_SOURCE "/assets", l, &languages[l], &error)) fail_msg("%s", text_get(&error));
    for (Language l = 0; l < LANGUAGE_COUNT; l++) {
        const Strings *here = languages[l], *there = languages[LANGUAGE_COUNT - 1 - l];
        for (size_t i = 0; i < strings_count(here); i++) {
            const char *key = strings_key_at(here, i), *other = strings_find(there, key);
            if (!other)
                fail_msg("%s is missing in %s", key, language_name(LANGUAGE_COUNT - 1 - l));
            else if (placeholders(strings_get(here, key)) != placeholders(other))
                fail_msg("%s has other placeholders in %s", key, language_name(LANGUAGE_COUNT - 1 - l));
        }
        assert_true(strings_count(here) > 0);
    }
    for (Language l = 0; l < LANGUAGE_COUNT; l++) strings_free(languages[l]);
    text_free(&error);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_texts),
        cmocka_unit_test(mistakes_name_their_line),
        cmocka_unit_test(languages_have_the_same_keys_and_placeholders),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
