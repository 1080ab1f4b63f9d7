/* What the tests of mail/ share: an arena for each test, C strings as spans, and faults looked up by name. */
#ifndef NETSTAGE_TESTS_MAIL_H
#define NETSTAGE_TESTS_MAIL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mail/octets.h"

static inline int arena_up(void **state) {
    *state = arena_new();
    return 0;
}
static inline int arena_down(void **state) {
    arena_free(*state);
    return 0;
}
#define MAIL_TEST(f) cmocka_unit_test_setup_teardown(f, arena_up, arena_down)

static inline void assert_bytes(Bytes got, const char *wanted, int line) {
    if (got.size != strlen(wanted) || (got.size > 0 && memcmp(got.at, wanted, got.size) != 0))
        fail_msg("line %d: got \"%.*s\", wanted \"%s\"", line, (int)got.size, (const char *)got.at, wanted);
}
#define assert_text(got, wanted) assert_bytes(got, wanted, __LINE__)

/* The faults' reasons in order, with their offsets: "a.b@3 c.d@7". */
static inline void assert_fault_list(const MailFaults *faults, const char *wanted, int line) {
    Text all = text_new();
    for (size_t i = 0; i < faults->count; i++)
        text_print(&all, "%s%s@%zu", i ? " " : "", faults->items[i].reason, faults->items[i].offset);
    if (strcmp(text_get(&all), wanted) != 0)
        fail_msg("line %d: faults \"%s\", wanted \"%s\"", line, text_get(&all), wanted);
    text_free(&all);
}
#define assert_faults(faults, wanted) assert_fault_list(faults, wanted, __LINE__)

#endif
