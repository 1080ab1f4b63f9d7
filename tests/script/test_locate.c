/* Mistakes are reported at the line where the field stands. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "script/locate.h"

static const char source[] = "local s = scenario { title = { en = \"}\" } }\n"                      /* 1 */
                             "-- srv:dhcp_server { lease = 1 }\n"                                   /* 2 */
                             "local lan = s:lan { name = 'lan1', [\"prefix\"] = \"10.0.0.0/8\" }\n" /* 3 */
                             "--[[ lan { name\n"                                                    /* 4 */
                             "]] srv:dhcp_server {\n"                                               /* 5 */
                             "  pools = {\n"                                                        /* 6 */
                             "    { \"10.0.0.1\", \"10.0.0.9\" },\n"                                /* 7 */
                             "    { first = \"10.0.1.1\",\n"                                        /* 8 */
                             "      last = \"10.0.1.9\" },\n"                                       /* 9 */
                             "  },\n"                                                               /* 10 */
                             "  -- lease = 5,\n"                                                    /* 11 */
                             "  check = function(a, b) local t = { lease = 1, } return a, b end,\n" /* 12 */
                             "  [ [[long]] ] = 1; lease = \"60s\",\n"                               /* 13 */
                             "}\n"                                                                  /* 14 */
                             "pc:dhcp_client(options)\n"                                            /* 15 */
                             "s:host { name = \"x\", on = lan } s:host {\n"                         /* 16 */
                             "  name = 'y', if_ = 1 == 1,\n"                                        /* 17 */
                             "  address = ''}\n";                                                   /* 18 */

static int at(int line, const char *call, const char *path) {
    return locate_field(source, sizeof source - 1, line, call, path);
}

static void test_fields(void **state) {
    (void)state;
    assert_int_equal(at(1, "scenario", "title"), 1);
    assert_int_equal(at(3, "lan", "prefix"), 3);
    assert_int_equal(at(5, "dhcp_server", "pools"), 6);
    assert_int_equal(at(5, "dhcp_server", "pools[1]"), 7);
    assert_int_equal(at(5, "dhcp_server", "pools[1][2]"), 7);
    assert_int_equal(at(5, "dhcp_server", "pools[2].first"), 8);
    assert_int_equal(at(5, "dhcp_server", "pools[2].last"), 9);
    assert_int_equal(at(5, "dhcp_server", "pools[1].last"), 7); /* given as a pair: as far as the path goes */
    assert_int_equal(at(5, "dhcp_server", "lease"), 13);
    assert_int_equal(at(5, "dhcp_server", "check"), 12);
}

static void test_what_is_not_there(void **state) {
    (void)state;
    assert_int_equal(at(5, "dhcp_server", "absent"), 5);
    assert_int_equal(at(15, "dhcp_client", "lease"), 15);
    assert_int_equal(at(5, "no_such_call", "lease"), 5);
    assert_int_equal(at(17, "host", "name"), 17);
    assert_int_equal(locate_field("f {", 3, 1, "f", "a"), 1);
    assert_int_equal(locate_field("", 0, 1, "f", "a[1"), 1);
}

/* Cut anywhere, it must come to an end. */
static void test_truncated(void **state) {
    (void)state;
    for (size_t size = 0; size < sizeof source; size++) {
        int line = locate_field(source, size, 5, "dhcp_server", "pools[2].last");
        assert_true(line >= 5 && line <= 9);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_what_is_not_there),
        cmocka_unit_test(test_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
