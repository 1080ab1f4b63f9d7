/* What a mail server keeps on disk besides mail. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "host/mail.h"

static void triplets_are_known_and_bounded(void **state) {
    (void)state;
    MailStore store = {0};
    SmtpPath from = {0}, to = {0};
    assert_int_equal(mail_store_triplet(&store, 1, &from, &to, 5), SIM_NEVER);
    assert_int_equal(mail_store_triplet(&store, 1, &from, &to, 9), 5);
    for (uint32_t client = 2; client <= 10000; client++) assert_int_equal(mail_store_triplet(&store, client, &from, &to, 10), SIM_NEVER);
    assert_int_equal(mail_store_triplet(&store, 1, &from, &to, 11), 5);
    assert_int_equal(mail_store_triplet(&store, 10001, &from, &to, 11), SIM_NEVER);
    assert_int_equal(store.triplet_count, 10000);
    assert_int_equal(mail_store_triplet(&store, 10001, &from, &to, 12), 11);
    assert_int_equal(mail_store_triplet(&store, 2, &from, &to, 12), 10);
    assert_int_equal(mail_store_triplet(&store, 1, &from, &to, 12), SIM_NEVER); /* the oldest was forgotten */
    mail_store_free(&store);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(triplets_are_known_and_bounded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
