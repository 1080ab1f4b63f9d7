/* Quoted-printable: the rules of RFC 2045 section 6.7 one by one, streams cut anywhere, and the steps. */
#include "mail_test.h"

#include "mail/quoted_printable.h"

static void rules(void **state) {
    static const struct {
        const char *plain, *coded;
    } both[] = {
        {"", ""},
        {"If you believe", "If you believe"},
        {"a=b", "a=3Db"},
        {"caf\xc3\xa9", "caf=C3=A9"},
        {"end \r\n", "end=20\r\n"},
        {"tab\t\r\nx", "tab=09\r\nx"},
        {"end ", "end=20"},
        {"a  b", "a  b"},
        {"one\r\ntwo\r\n\r\n", "one\r\ntwo\r\n\r\n"},
        {"lone\rcr lone\nlf", "lone=0Dcr lone=0Alf"},
        {".\r\n..\r\na.b", "=2E\r\n=2E.\r\na.b"},
        {"From me\r\nFrom", "=46rom me\r\nFrom"},
        {"\x01\x7f", "=01=7F"},
    };
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        assert_text(quoted_printable_encode(*state, bytes_text(both[i].plain), QP_TEXT), both[i].coded);
        MailFaults faults = mail_faults(*state);
        assert_text(quoted_printable_decode_all(*state, bytes_text(both[i].coded), 0, &faults), both[i].plain);
        assert_faults(&faults, "");
    }
    assert_text(quoted_printable_encode(*state, bytes_text("a\r\nb"), QP_BINARY), "a=0D=0Ab");
}

/* Lines of every length around 76, ending in every kind of octet. */
static void soft_breaks(void **state) {
    static const char *const tails[] = {"",     "x",     "=",     "\xe9",      " ",      ".",
                                        "\r\n", " \r\n", "=\r\n", "\xe9\r\nz", "xyz\r\n"};
    for (size_t length = 60; length < 240; length++)
        for (size_t t = 0; t < sizeof tails / sizeof tails[0]; t++)
            for (int kind = 0; kind < 3; kind++) {
                char plain[300];
                memset(plain, kind == 0 ? 'a' : kind == 1 ? ' ' : '\xff', length);
                strcpy(plain + length, tails[t]);
                Bytes octets = bytes_text(plain), coded = quoted_printable_encode(*state, octets, QP_TEXT);
                assert_int_equal(coded.size, quoted_printable_size(octets, QP_TEXT));
                size_t column = 0;
                for (size_t i = 0; i < coded.size; i++) {
                    if (coded.at[i] == '\r') {
                        assert_true(column <= 76);
                        assert_false(column > 0 && ascii_is_blank(coded.at[i - 1]));
                        column = 0;
                    } else if (coded.at[i] != '\n') {
                        column++;
                    }
                }
                assert_true(column <= 76);
                MailFaults faults = mail_faults(*state);
                assert_true(bytes_equal(quoted_printable_decode_all(*state, coded, 0, &faults), octets));
                assert_faults(&faults, "");
            }
    /* 76 characters before a line end fit without a break, 77 don't. */
    char line[80] = {0};
    memset(line, 'a', 76);
    assert_int_equal(quoted_printable_encode(*state, bytes_text(line), QP_TEXT).size, 76);
    line[76] = 'a';
    assert_int_equal(quoted_printable_encode(*state, bytes_text(line), QP_TEXT).size, 80);
}

static const char messy[] = "a=3Db = \r\nc  \r\n=e9=\r\n=4\r\n=XY z=\t\nlone\rcr\t\nx=";
static const char cleaned[] = "a=b c\r\n\xe9=4\r\n=XY zlone\rcr\nx";

static void what_is_odd(void **state) {
    MailFaults faults = mail_faults(*state);
    assert_text(quoted_printable_decode_all(*state, bytes_text(messy), 0, &faults), cleaned);
    assert_faults(&faults, "quoted_printable.lower_case@16 quoted_printable.bad_escape@21 "
                           "quoted_printable.bad_escape@25 quoted_printable.control@37 "
                           "quoted_printable.soft_break_at_end@44");
    faults = mail_faults(*state);
    char longer[100] = {0};
    memset(longer, 'a', 90);
    longer[85] = '\xe9';
    assert_text(quoted_printable_decode_all(*state, bytes_text(longer), 0, &faults), longer);
    assert_faults(&faults, "quoted_printable.long_line@76 quoted_printable.eight_bit@85");
    static const char *const kept[] = {"a=", "a=\t ", "=4", "a \t", "=\rx", "= x", "=="};
    static const char *const read[] = {"a", "a", "=4", "a", "=\rx", "= x", "="};
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        assert_text(quoted_printable_decode_all(*state, bytes_text(kept[i]), 0, NULL), read[i]);
}

static void every_cut(void **state) {
    (void)state;
    Bytes whole = bytes_text(messy);
    for (size_t first = 0; first <= whole.size; first++)
        for (size_t second = first; second <= whole.size; second++) {
            uint8_t room[200];
            ByteWriter w = byte_writer(room, sizeof room);
            QuotedPrintableDecoder d = quoted_printable_decoder(0, NULL);
            quoted_printable_decode(&d, bytes_slice(whole, 0, first), &w);
            quoted_printable_decode(&d, bytes_slice(whole, first, second - first), &w);
            quoted_printable_decode(&d, bytes_slice(whole, second, whole.size), &w);
            quoted_printable_decode_end(&d, &w);
            assert_text(byte_writer_bytes(&w), cleaned);
        }
}

static void steps(void **state) {
    const char *plain = "1 + 1 = 2, d\xc3\xa9j\xc3\xa0 vu \r\n.\r\nwith a line that is so long that it must be broken "
                        "somewhere before it ends\x01";
    Bytes octets = bytes_text(plain), coded = quoted_printable_encode(*state, octets, QP_TEXT);
    CodingSteps s = quoted_printable_steps(*state, octets, QP_TEXT, 1000);
    size_t from = 0, to = 0, seen[32] = {0};
    for (size_t i = 0; i < s.count; i++) {
        const CodingStep *step = &s.items[i];
        assert_true(step->from == from && step->to == to);
        seen[step->why]++;
        if (step->why == CODING_QP_LITERAL) assert_memory_equal(octets.at + from, coded.at + to, step->to_size);
        else if (step->why != CODING_QP_LINE_BREAK) assert_int_equal(coded.at[to], '=');
        from += step->from_size;
        to += step->to_size;
    }
    assert_true(from == octets.size && to == coded.size);
    assert_int_equal(seen[CODING_QP_NOT_ASCII], 4);
    assert_int_equal(seen[CODING_QP_EQUALS], 1);
    assert_int_equal(seen[CODING_QP_TRAILING_BLANK], 1);
    assert_int_equal(seen[CODING_QP_DOT], 1);
    assert_int_equal(seen[CODING_QP_LINE_BREAK], 2);
    assert_int_equal(seen[CODING_QP_SOFT_BREAK], 1);
    assert_int_equal(seen[CODING_QP_CONTROL], 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(rules), MAIL_TEST(soft_breaks), MAIL_TEST(what_is_odd),
                                       MAIL_TEST(every_cut), MAIL_TEST(steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
