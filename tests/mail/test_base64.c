/* Base64: RFC 4648's examples, streams cut anywhere, what is odd and where, and the steps against the encoder. */
#include "mail_test.h"

#include "mail/base64.h"

static void examples(void **state) {
    static const struct {
        const char *plain, *coded;
    } both[] = {{"", ""},
                {"f", "Zg=="},
                {"fo", "Zm8="},
                {"foo", "Zm9v"},
                {"foob", "Zm9vYg=="},
                {"fooba", "Zm9vYmE="},
                {"foobar", "Zm9vYmFy"},
                {"\xe4\xbd\xa0\xe5\xa5\xbd", "5L2g5aW9"},
                {"\xfb\xff\xbf", "+/+/"}};
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        assert_text(base64_encode_all(*state, bytes_text(both[i].plain), 0), both[i].coded);
        MailFaults faults = mail_faults(*state);
        assert_text(base64_decode_all(*state, bytes_text(both[i].coded), 0, &faults), both[i].plain);
        assert_faults(&faults, "");
    }
}

static uint8_t *some_octets(Arena *arena, size_t size) {
    uint8_t *octets = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++) octets[i] = (uint8_t)(i * 167 + i / 7);
    return octets;
}

static void lines(void **state) {
    for (size_t size = 0; size < 300; size++) {
        Bytes octets = bytes_of(some_octets(*state, size), size);
        Bytes coded = base64_encode_all(*state, octets, 76);
        assert_int_equal(coded.size, base64_encoded_size(size, 76));
        size_t column = 0;
        for (size_t i = 0; i < coded.size; i++) {
            column = coded.at[i] == '\n' ? 0 : column + 1;
            assert_true(column <= 77 && (column <= 76 || coded.at[i] == '\r'));
        }
        assert_int_equal(column, 0);
        assert_true(bytes_equal(base64_decode_all(*state, coded, 0, NULL), octets));
    }
}

static void every_cut(void **state) {
    enum { SIZE = 130 };
    Bytes octets = bytes_of(some_octets(*state, SIZE), SIZE), whole = base64_encode_all(*state, octets, 76);
    for (size_t cut = 0; cut <= SIZE; cut++) {
        uint8_t room[400];
        ByteWriter w = byte_writer(room, sizeof room);
        Base64Encoder e = base64_encoder(76);
        base64_encode(&e, bytes_slice(octets, 0, cut), &w);
        base64_encode(&e, bytes_slice(octets, cut, 1), &w);
        base64_encode(&e, bytes_slice(octets, cut + 1, SIZE), &w);
        base64_encode_end(&e, &w);
        assert_true(bytes_equal(byte_writer_bytes(&w), whole));
    }
    for (size_t cut = 0; cut <= whole.size; cut++) {
        uint8_t room[400];
        ByteWriter w = byte_writer(room, sizeof room);
        Base64Decoder d = base64_decoder(0, NULL);
        base64_decode(&d, bytes_slice(whole, 0, cut), &w);
        base64_decode(&d, bytes_slice(whole, cut, whole.size), &w);
        base64_decode_end(&d, &w);
        assert_true(bytes_equal(byte_writer_bytes(&w), octets));
    }
}

static void what_is_odd(void **state) {
    static const struct {
        const char *coded, *plain, *faults;
    } odd[] = {
        {"Zm9v\r\n Ym\tFy\n", "foobar", ""},
        {"Zm!9v*", "foo", "base64.character@102 base64.character@105"},
        {"Zm8", "fo", "base64.padding@103"},
        {"Zg", "f", "base64.padding@102"},
        {"Z", "", "base64.one_character@101"},
        {"Zm9v=", "foo", "base64.padding@104"},
        {"Zg=", "f", "base64.padding@103"},
        {"Zg===", "f", "base64.padding@104"},
        {"Zh==", "f", "base64.bits_left@102"},
        {"Zm9=", "fo", "base64.bits_left@103"},
        {"Zg==Zg==", "f", "base64.after_padding@104 base64.after_padding@105 base64.padding@106"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        MailFaults faults = mail_faults(*state);
        assert_text(base64_decode_all(*state, bytes_text(odd[i].coded), 100, &faults), odd[i].plain);
        assert_faults(&faults, odd[i].faults);
    }
}

static void steps(void **state) {
    for (size_t size = 0; size < 130; size++) {
        Bytes octets = bytes_of(some_octets(*state, size), size), coded = base64_encode_all(*state, octets, 76);
        CodingSteps s = base64_encode_steps(*state, octets, 76, 1000);
        size_t from = 0, to = 0;
        for (size_t i = 0; i < s.count; i++) {
            assert_true(s.items[i].from == from && s.items[i].to == to);
            for (unsigned k = 0; k < s.items[i].index_count; k++)
                assert_int_equal(coded.at[to + k], base64_character(s.items[i].index[k]));
            if (s.items[i].why == CODING_BASE64_PADDING) assert_int_equal(coded.at[to + 3], '=');
            if (s.items[i].why == CODING_BASE64_BREAK) assert_int_equal(coded.at[to], '\r');
            from += s.items[i].from_size;
            to += s.items[i].to_size;
        }
        assert_true(from == size && to == coded.size && !s.cut);
    }
    CodingSteps s = base64_encode_steps(*state, bytes_text("\xe4\xbd\xa0"), 0, 1); /* 你: 3 × 8 = 4 × 6 bits */
    assert_int_equal(s.items[0].why, CODING_BASE64_GROUP);
    static const uint8_t four[] = {57, 11, 54, 32};
    assert_memory_equal(s.items[0].index, four, 4);
    assert_string_equal(coding_why_name(s.items[0].why), "base64.group");
    assert_true(base64_encode_steps(*state, bytes_text("fooba"), 0, 1).cut);
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(examples), MAIL_TEST(lines), MAIL_TEST(every_cut),
                                       MAIL_TEST(what_is_odd), MAIL_TEST(steps)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
