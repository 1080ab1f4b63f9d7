/* Header text beyond ASCII: character sets, encoded words (RFC 2047 section 8's examples), parameters (RFC 2231). */
#include "mail_test.h"

#include "mail/encoded_word.h"
#include "mail/parameter.h"

static void charsets(void **state) {
    static const struct {
        const char *label, *octets, *text;
    } both[] = {
        {"us-ascii", "abc", "abc"},        {"UTF-8", "\xe4\xbd\xa0", "你"},      {"gb2312", "\xc4\xe3\xba\xc3", "你好"},
        {"GBK", "\x81\x40", "丂"},         {"gb18030", "\x94\x39\xda\x33", "💩"}, {"Big5", "\xa7\x41\xa6\x6e", "你好"},
        {"iso-8859-1", "caf\xe9", "café"}, {"ISO-8859-15", "\xa4", "€"},         {"latin1", "\xe9", "é"},
        {"koi8-r", "\xd0", "п"},
    };
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        const Charset *charset = charset_find(bytes_text(both[i].label));
        assert_non_null(charset);
        MailFaults faults = mail_faults(*state);
        assert_text(charset_decode(*state, charset, bytes_text(both[i].octets), 0, &faults), both[i].text);
        assert_faults(&faults, "");
        Bytes octets;
        assert_true(charset_encode(*state, charset, bytes_text(both[i].text), &octets));
        assert_text(octets, both[i].octets);
    }
    /* Real mail says gb2312 and means what contains it. */
    assert_text(charset_decode(*state, charset_find(bytes_text("gb2312")), bytes_text("\x94\x39\xda\x33"), 0, NULL),
                "💩");
    assert_null(charset_find(bytes_text("UTF-8//TRANSLIT")));
    assert_null(charset_find(bytes_text("x-nobody")));
    Bytes octets;
    assert_false(charset_encode(*state, charset_ascii(), bytes_text("é"), &octets));
    assert_false(charset_encode(*state, charset_find(bytes_text("gb2312")), bytes_text("丂"), &octets)); /* GBK only */
    assert_false(charset_encode(*state, charset_find(bytes_text("iso-8859-1")), bytes_text("你"), &octets));
    assert_false(charset_encode(*state, charset_utf8(), bytes_text("\xff"), &octets));
}

static void undecodable(void **state) {
    static const struct {
        const char *label, *octets, *text, *faults;
    } odd[] = {
        {"utf-8",
         "a\xe4\xbd"
         "b",
         "a\xef\xbf\xbd\xef\xbf\xbd"
         "b",
         "charset.undecodable@8"},
        {"us-ascii", "a\xe9", "a\xef\xbf\xbd", "charset.undecodable@8"},
        {"gb2312", "ok\xc4", "ok\xef\xbf\xbd", "charset.undecodable@9"},
        {"gb18030", "z\x94\x39", "z\xef\xbf\xbd", "charset.undecodable@8"},
        {"gb18030", "\xffz", "\xef\xbf\xbdz", "charset.undecodable@7"},
        {"x-nobody",
         "a\xe9"
         "b",
         "a\xef\xbf\xbd"
         "b",
         "charset.unknown@8"},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        MailFaults faults = mail_faults(*state);
        assert_text(
            charset_decode(*state, charset_find(bytes_text(odd[i].label)), bytes_text(odd[i].octets), 7, &faults),
            odd[i].text);
        assert_faults(&faults, odd[i].faults);
    }
}

static void words_read(void **state) {
    static const struct {
        const char *coded, *text, *faults;
    } both[] = {
        {"(=?ISO-8859-1?Q?a?=)", "(a)", ""},
        {"(=?ISO-8859-1?Q?a?= b)", "(a b)", ""},
        {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)", ""},
        {"(=?ISO-8859-1?Q?a?=\r\n  =?ISO-8859-1?Q?b?=)", "(ab)", ""},
        {"(=?ISO-8859-1?Q?a_b?=)", "(a b)", ""},
        {"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)", ""},
        {"=?US-ASCII*EN?Q?Keith_Moore?=", "Keith Moore", ""},
        {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=\r\n =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
         "If you can read this you understand the example.", ""},
        {"=?GB2312?B?xOO6ww==?= =?Big5?B?p0Gmbg==?=", "你好你好", ""},
        {"plain text", "plain text", ""},
        {"folded\r\n text", "folded text", ""},
        {"=?utf-8?Q?=E4=BD?= =?utf-8?Q?=A0?=", "你", "encoded_word.split_character@19"},
        {"a=?utf-8?Q?b?=c", "abc", "encoded_word.not_separated@1"},
        {"=?utf-8?Q?a b?=", "a b", "encoded_word.blank@0"},
        {"=?x-no?Q?=E9?=", "\xef\xbf\xbd", "charset.unknown@0"},
        {"=?utf-8?Q?unfinished", "=?utf-8?Q?unfinished", ""},
        {"=?utf-8?X?a?= =?utf-8?Q?b?=", "=?utf-8?X?a?= b", ""},
        {"=?utf-8?B?5L2g?==?utf-8?B?5aW9?=", "你好", "encoded_word.not_separated@0 encoded_word.not_separated@16"},
        {"caf\xc3\xa9", "café", ""},
        {"caf\xe9", "caf\xef\xbf\xbd", "header.eight_bit@3"},
        {"=?UTF-8?Q?=?=", "=", ""},
        {"=?", "=?", ""},
    };
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        MailFaults faults = mail_faults(*state);
        assert_text(encoded_words_decode(*state, bytes_text(both[i].coded), 0, &faults), both[i].text);
        assert_faults(&faults, both[i].faults);
    }
}

static void words_written(void **state) {
    static const char *const texts[] = {
        "你好",
        "é",
        "一封很长的信，主题也很长，长到一行里无论如何也放不下，所以必须折成好几行来写",
        "mostly ascii with one \xc3\xa9 in the middle of it all, and then a lot more of plain ascii",
        "💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩💩",
        "=?utf-8?Q?not_a_word?="};
    static const char *const labels[] = {"UTF-8", "GB2312", "GB18030", "Big5", "ISO-8859-1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        for (size_t l = 0; l < 5; l++)
            for (int encoding = 0; encoding < 3; encoding++)
                for (size_t start = 1; start < 90; start += 8) {
                    Text to = text_new();
                    size_t column = start;
                    encoded_words_encode(&to, bytes_text(texts[i]), charset_find(bytes_text(labels[l])),
                                         ENCODED_WORD_PHRASE, "\0BQ"[encoding], &column);
                    MailFaults faults = mail_faults(*state);
                    assert_text(bytes_trim(encoded_words_decode(*state, bytes_of(to.at, to.size), 0, &faults)),
                                texts[i]);
                    assert_faults(&faults, ""); /* none too long, none split within a character */
                    size_t at = start;
                    for (size_t k = 0; k < to.size; k++) {
                        at = to.at[k] == '\r' ? 0 : to.at[k] == '\n' ? 0 : at + 1;
                        if (to.at[k] != '\r' && start <= 76) assert_true(at <= 76);
                    }
                    assert_int_equal(at, column);
                    text_free(&to);
                }
    Text to = text_new();
    size_t column = 9;
    encoded_words_encode(&to, bytes_text("Caf\xc3\xa9 (x)"), charset_utf8(), ENCODED_WORD_PHRASE, 0, &column);
    assert_string_equal(text_get(&to), "=?UTF-8?B?Q2Fmw6kgKHgp?="); /* 16 characters; Q takes 18 */
    text_free(&to);
    column = 9;
    encoded_words_encode(&to, bytes_text("Caf\xc3\xa9 x"), charset_utf8(), ENCODED_WORD_TEXT, 0, &column);
    assert_string_equal(text_get(&to), "=?UTF-8?Q?Caf=C3=A9_x?=");
    text_free(&to);
}

static void parameters(void **state) {
    static const struct {
        const char *value, *read, *faults;
    } both[] = {
        {"; charset=us-ascii", "charset=us-ascii", ""},
        {"; charset=us-ascii (Plain text)", "charset=us-ascii", ""},
        {"; CharSet=\"us-ascii\"", "charset=us-ascii", ""},
        {"; a=\"q \\\"x\\\" \\\\\"; b=2", "a=q \"x\" \\|b=2", ""},
        {"; URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"",
         "url=ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar", ""},
        {"; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A", "title=This is ***fun***", ""},
        {"; title*0*=us-ascii'en'This%20is%20even%20more%20; title*1*=%2A%2A%2Afun%2A%2A%2A%20;"
         " title*2=\"isn't it!\"",
         "title=This is even more ***fun*** isn't it!", ""},
        {"; n*1=b; n*0=a; n*2=c", "n=abc", ""},
        {"; n*0*=gb2312''%C4%E3; n*1*=%BA%C3", "n=你好", ""},
        {"; n*0*=UTF-8''%E4%BD; n*1*=%A0", "n=你", ""},
        {"; filename=\"=?UTF-8?B?5L2g?=\"", "filename=你", "parameter.encoded_word@102"},
        {"; filename=plain.txt; filename*=UTF-8''%E4%BD%A0", "filename=你", ""},
        {"; a=1; a=2", "a=1", "parameter.repeated@107"},
        {"; n*0=a; n*2=c", "n=a", "parameter.piece_missing@109"},
        {"; n*1=a", "", "parameter.piece_missing@102"},
        {"; n*=UTF-8''%zz", "n=%zz", "parameter.bad_escape@102"},
        {"; a=b c=d", "a=b|c=d", "parameter.no_semicolon@106"},
        {"; =x; a=1", "a=1", "parameter.syntax@102"},
        {"; a; b=1", "b=1", "parameter.syntax@102"},
        {"; a=x/y=z", "a=x/y=z", "parameter.unquoted@104"},
        {"; a=\"open", "a=open", "header.open_quote@104"},
        {";;; a=1;", "a=1", ""},
        {"; a=", "a=", ""},
    };
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        MailFaults faults = mail_faults(*state);
        Parameters all = parameters_read(*state, bytes_text(both[i].value), 100, &faults);
        Text text = text_new();
        for (size_t k = 0; k < all.count; k++) {
            if (k) text_put_char(&text, '|');
            text_put_bytes(&text, all.items[k].name);
            text_put_char(&text, '=');
            text_put_bytes(&text, all.items[k].value);
        }
        if (strcmp(text_get(&text), both[i].read) != 0)
            fail_msg("%s: got %s, wanted %s", both[i].value, text_get(&text), both[i].read);
        assert_faults(&faults, both[i].faults);
        text_free(&text);
    }
    Parameters all = parameters_read(*state, bytes_text("; t*=gb2312'zh'%C4%E3"), 0, NULL);
    const Parameter *t = parameter_find(&all, "t");
    assert_non_null(t);
    assert_text(t->charset, "gb2312");
    assert_text(t->language, "zh");
    assert_null(parameter_find(&all, "u"));
}

static void parameters_written(void **state) {
    static const struct {
        const char *value, *written;
    } both[] = {
        {"photo.gif", "filename=photo.gif"},          {"my photo.gif", "filename=\"my photo.gif\""},
        {"a\"b\\c", "filename=\"a\\\"b\\\\c\""},      {"", "filename=\"\""},
        {"你.txt", "filename*=UTF-8''%E4%BD%A0.txt"},
    };
    for (size_t i = 0; i < sizeof both / sizeof both[0]; i++) {
        ParameterPieces pieces = parameter_write("filename", bytes_text(both[i].value));
        assert_int_equal(pieces.count, 1);
        assert_string_equal(text_get(&pieces.items[0]), both[i].written);
        parameter_pieces_free(&pieces);
    }
    const char *longest = "一个非常非常非常非常非常非常非常非常非常非常非常非常非常非常长的文件名\r\n (第二稿)'%*.txt";
    ParameterPieces pieces = parameter_write("filename", bytes_text(longest));
    assert_true(pieces.count > 3);
    Text value = text_new();
    for (size_t i = 0; i < pieces.count; i++) {
        assert_true(pieces.items[i].size <= 76);
        text_print(&value, ";\r\n %s", text_get(&pieces.items[i]));
    }
    MailFaults faults = mail_faults(*state);
    Parameters all = parameters_read(*state, bytes_of(value.at, value.size), 0, &faults);
    assert_faults(&faults, "");
    assert_text(parameter_find(&all, "filename")->value, longest);
    assert_int_equal(parameter_find(&all, "filename")->pieces, pieces.count);
    text_free(&value);
    parameter_pieces_free(&pieces);
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(charsets),      MAIL_TEST(undecodable), MAIL_TEST(words_read),
                                       MAIL_TEST(words_written), MAIL_TEST(parameters),  MAIL_TEST(parameters_written)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
