/* Dot-stuffing: there and back, cut anywhere; nothing but CRLF "." CRLF ends the data; the choice of an encoding. */
#include "mail_test.h"

#include "mail/dots.h"
#include "mail/encoding_choice.h"

static Bytes stuffed(Arena *arena, DotRule rule, Bytes octets, size_t cut) {
    size_t room = 2 * octets.size + 10;
    ByteWriter w = byte_writer(arena_alloc(arena, room), room);
    DotStuffer s = dot_stuffer(rule);
    dot_stuff(&s, bytes_slice(octets, 0, cut), &w);
    dot_stuff(&s, bytes_slice(octets, cut, octets.size), &w);
    dot_stuff_end(&s, &w);
    return byte_writer_bytes(&w);
}

static void sending(void **state) {
    static const struct {
        const char *message, *repaired, *as_it_is;
    } all[] = {
        {"", ".\r\n", NULL},
        {"a\r\n", "a\r\n.\r\n", NULL},
        {"a", "a\r\n.\r\n", NULL},
        {".\r\n", "..\r\n.\r\n", NULL},
        {"..\r\n.a\r\na.\r\n", "...\r\n..a\r\na.\r\n.\r\n", NULL},
        {"a\n.\nb", "a\r\n..\r\nb\r\n.\r\n", "a\n.\nb\r\n.\r\n"},
        {"a\r.\rb\r", "a\r\n..\r\nb\r\n.\r\n", "a\r.\rb\r\r\n.\r\n"},
        {"a\r\n\n.\r\n", "a\r\n\r\n..\r\n.\r\n", "a\r\n\n.\r\n.\r\n"},
        {"\r\r\n", "\r\n\r\n.\r\n", "\r\r\n.\r\n"},
        {"a\n.\r\n", "a\r\n..\r\n.\r\n", "a\n.\r\n.\r\n"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        for (size_t cut = 0; cut <= strlen(all[i].message); cut++) {
            Bytes message = bytes_text(all[i].message);
            assert_text(stuffed(*state, DOTS_REPAIR, message, cut), all[i].repaired);
            assert_text(stuffed(*state, DOTS_AS_IT_IS, message, cut),
                        all[i].as_it_is ? all[i].as_it_is : all[i].repaired);
        }
}

/* Reads `data` cut at two places; what follows the end must be "NEXT". */
static DotReader read_cut(Bytes data, size_t first, size_t second, char *message, size_t *size, Bytes *rest) {
    DotReader r = dot_reader();
    *size = 0;
    size_t cuts[] = {0, first, second, data.size}, read = 0;
    for (size_t i = 0; i < 3; i++) {
        Bytes chunk = bytes_slice(data, cuts[i], cuts[i + 1] - cuts[i]);
        ByteWriter w = byte_writer(message + *size, chunk.size + 2);
        if (r.state != DOTS_ENDED) read = cuts[i] + dot_read(&r, chunk, &w);
        assert_false(w.overflow);
        *size += w.size;
    }
    *rest = bytes_slice(data, read, data.size);
    return r;
}

static void receiving(void **state) {
    (void)state;
    static const struct {
        const char *data, *message; /* with NEXT behind the end; without, it never ends */
        size_t bare_cr, bare_lf;
    } all[] = {
        {".\r\nNEXT", "", 0, 0},
        {"a\r\n.\r\nNEXT", "a\r\n", 0, 0},
        {"..\r\n.a\r\n...\r\n.\r\nNEXT", ".\r\na\r\n..\r\n", 0, 0},
        {"a\n.\nb\r\n.\r\nNEXT", "a\n.\nb\r\n", 0, 2},
        {"a\r\n.\nb\r\n.\r\nNEXT", "a\r\n\nb\r\n", 0, 1},
        {"a\n.\r\nb\r\n.\r\nNEXT", "a\n.\r\nb\r\n", 0, 1},
        {"a\r.\r\nb\r\n.\r\nNEXT", "a\r.\r\nb\r\n", 1, 0},
        {"a\r\n.\rb\r\n.\r\nNEXT", "a\r\n\rb\r\n", 1, 0},
        {"a\r\n.\r\r\n.\r\nNEXT", "a\r\n\r\r\n", 1, 0},
        {"a\r\r\n.\r\nNEXT", "a\r\r\n", 1, 0},
        {"\n.\nMAIL FROM:<x@y>\n", "\n.\nMAIL FROM:<x@y>\n", 0, 3},
        {"\r\n.\n", "\r\n\n", 0, 1},
        {"\n.\r\n", "\n.\r\n", 0, 1},
        {"\r\n.\r", "\r\n", 0, 0},
        {"\r.\r", "\r.", 1, 0},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        Bytes data = bytes_text(all[i].data);
        bool ends = strstr(all[i].data, "NEXT") != NULL;
        for (size_t first = 0; first <= data.size; first++)
            for (size_t second = first; second <= data.size; second++) {
                char message[100];
                size_t size;
                Bytes rest;
                DotReader r = read_cut(data, first, second, message, &size, &rest);
                assert_text(bytes_of(message, size), all[i].message);
                assert_int_equal(r.state == DOTS_ENDED, ends);
                assert_text(rest, ends ? "NEXT" : "");
                assert_true(r.bare_cr.count == all[i].bare_cr && r.bare_lf.count == all[i].bare_lf);
            }
    }
}

static void there_and_back(void **state) {
    static const char alphabet[] = ".\r\na";
    for (unsigned n = 0; n < 4 * 4 * 4 * 4 * 4 * 4; n++) { /* every message of six such characters, lines ended */
        char message[16];
        size_t size = 0;
        for (unsigned k = n, i = 0; i < 6; i++, k /= 4) message[size++] = alphabet[k % 4];
        message[size++] = '\r', message[size++] = '\n', message[size] = 0;
        Bytes data = stuffed(*state, DOTS_AS_IT_IS, bytes_text(message), 3);
        char back[40];
        size_t back_size;
        Bytes rest;
        DotReader r = read_cut(data, 2, 5, back, &back_size, &rest);
        assert_int_equal(r.state, DOTS_ENDED);
        assert_int_equal(rest.size, 0);
        assert_text(bytes_of(back, back_size), message);
    }
}

static void what_was_seen(void **state) {
    Text data = text_new();
    text_print(&data, "ok\r\n%0999d\r\n%0998d\r\n..x\xe9y\r\n", 0, 0);
    text_put_n(&data, "a\0b\nc\rd\r\n.\r\n", 12);
    ByteWriter w = byte_writer(arena_alloc(*state, data.size + 2), data.size + 2);
    DotReader r = dot_reader();
    assert_int_equal(dot_read(&r, bytes_of(data.at, data.size), &w), data.size);
    assert_true(r.long_lines.count == 1 && r.long_lines.first_at == 4 + 998);
    assert_true(r.unstuffed.count == 1 && r.unstuffed.first_at == 4 + 1001 + 1000);
    assert_true(r.eight_bit.count == 1 && r.eight_bit.first_at == 2005 + 3);
    assert_true(r.nul.count == 1 && r.nul.first_at == 2013);
    assert_true(r.bare_lf.first_at == 2015 && r.bare_cr.first_at == 2017);
    assert_int_equal(r.lines, 5);
    text_free(&data);
}

static void choices(void **state) {
    (void)state;
    char long_line[1100], short_line[1100];
    memset(long_line, 'a', 999), strcpy(long_line + 999, "\r\n");
    memset(short_line, 'a', 998), strcpy(short_line + 998, "\r\n");
    static const MailCarrier none = {0}, eight = {.eight_bit = true}, binary = {.eight_bit = true, .binary = true};
    const struct {
        const char *octets;
        size_t size; /* 0: strlen */
        bool is_text;
        MailCarrier carrier;
        MimeEncoding encoding;
        const char *why;
    } all[] = {
        {"hello\r\n", 0, true, none, MIME_7BIT, "encoding.ascii"},
        {"", 0, true, none, MIME_7BIT, "encoding.ascii"},
        {short_line, 0, true, none, MIME_7BIT, "encoding.ascii"},
        {long_line, 0, true, none, MIME_QUOTED_PRINTABLE, "encoding.long_lines"},
        {"bare\nlf", 0, true, none, MIME_QUOTED_PRINTABLE, "encoding.long_lines"},
        {"bare\rcr", 0, true, eight, MIME_QUOTED_PRINTABLE, "encoding.long_lines"},
        {"a caf\xc3\xa9 in Paris\r\n", 0, true, none, MIME_QUOTED_PRINTABLE, "encoding.mostly_ascii"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd\r\n", 0, true, none, MIME_BASE64, "encoding.few_ascii"},
        {"\xe4\xbd\xa0\xe5\xa5\xbd\r\n", 0, true, eight, MIME_8BIT, "encoding.carrier_8bit"},
        {"GIF89a", 0, false, none, MIME_BASE64, "encoding.not_text"},
        {"GIF89a", 0, false, eight, MIME_BASE64, "encoding.not_text"},
        {"GIF89a", 0, false, binary, MIME_BINARY, "encoding.carrier_binary"},
        {"a\0b", 3, true, none, MIME_BASE64, "encoding.not_text"},
        {"a\0b", 3, true, eight, MIME_BASE64, "encoding.not_text"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        Bytes octets = bytes_of(all[i].octets, all[i].size ? all[i].size : strlen(all[i].octets));
        EncodingChoice c = encoding_choose(octets, all[i].is_text, all[i].carrier);
        if (c.encoding != all[i].encoding || strcmp(encoding_why_name(c.why), all[i].why) != 0)
            fail_msg("%zu: %s, %s", i, mime_encoding_name(c.encoding), encoding_why_name(c.why));
        assert_true(c.possible[c.encoding]);
        for (MimeEncoding e = 0; e < MIME_OTHER_ENCODING; e++)
            assert_int_equal(encoding_apply(*state, octets, all[i].is_text, e).size, c.size[e]);
    }
    OctetSurvey s = octet_survey(bytes_text("ab\r\n\xe9"
                                            "cde\r\nf\rg\nh"));
    assert_true(s.lines == 3 && s.longest_line == 5 && s.longest_line_at == 10 && s.eight_bit == 1);
    assert_true(s.first_eight_bit == 4 && s.bare_cr == 1 && s.bare_lf == 1 && s.first_bare == 11);
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(sending), MAIL_TEST(receiving), MAIL_TEST(there_and_back),
                                       MAIL_TEST(what_was_seen), MAIL_TEST(choices)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
