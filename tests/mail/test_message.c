/* Messages: fields and body, folding, what is malformed; dates (RFC 5322 appendix A) and message identifiers. */
#include "mail_test.h"

#include "mail/date.h"
#include "mail/message.h"
#include "mail/message_id.h"

static Message read_all(Arena *arena, const char *octets, LineRule rule, MailFaults *faults) {
    *faults = mail_faults(arena);
    return message_read(arena, bytes_text(octets), rule, faults);
}

static void fields_and_body(void **state) {
    MailFaults faults;
    Message m = read_all(*state,
                         "From: John Doe <jdoe@machine.example>\r\nSubject: Saying\r\n  Hello\r\nX-Empty:\r\n\r\n"
                         "This is a message.\r\n",
                         LINES_CRLF, &faults);
    assert_faults(&faults, "");
    assert_int_equal(m.header.count, 3);
    assert_true(m.header.separated);
    assert_text(m.header.fields[0].name, "From");
    assert_text(m.header.fields[1].value, "Saying\r\n  Hello");
    assert_text(header_field_unfold(*state, &m.header.fields[1]), "Saying  Hello");
    assert_text(m.header.fields[2].value, "");
    assert_text(bytes_slice(m.whole, m.header.fields[1].offset, m.header.fields[1].size),
                "Subject: Saying\r\n  Hello\r\n");
    assert_text(bytes_slice(m.whole, m.header.fields[1].value_offset, 6), "Saying");
    assert_text(bytes_slice(m.whole, m.header.offset + m.header.size, 2), "\r\n");
    assert_text(m.body, "This is a message.\r\n");
    assert_ptr_equal(header_find(&m.header, "SUBJECT"), &m.header.fields[1]);
    assert_null(header_find(&m.header, "Subj"));
    Text received = text_new();
    for (int i = 0; i < 30; i++) text_print(&received, "received: from h%d by h%d\r\n", i, i + 1);
    m = read_all(*state, text_get(&received), LINES_CRLF, &faults);
    assert_int_equal(header_count(&m.header, "Received"), 30);
    assert_false(m.header.separated);
    assert_int_equal(m.body.size, 0);
    text_free(&received);
}

static void what_is_odd(void **state) {
    static const struct {
        const char *octets;
        LineRule rule;
        size_t fields;
        const char *body, *faults;
    } odd[] = {
        {"Do you like ketchup?\r\nHow about pickles?\r\n", LINES_CRLF, 0,
         "Do you like ketchup?\r\nHow about pickles?\r\n", "message.no_header@0"},
        {"", LINES_CRLF, 0, "", ""},
        {"\r\nbody", LINES_CRLF, 0, "body", ""},
        {"A: 1\r\nno field\r\nB: 2\r\n\r\nx", LINES_CRLF, 3, "x", "message.line_not_field@6"},
        {"A: 1\r\nno field\r\n\r\nx", LINES_CRLF, 2, "x", "message.line_not_field@6"},
        {"A: 1\r\nHello Bob,\r\nhow are you\r\n", LINES_CRLF, 1, "Hello Bob,\r\nhow are you\r\n",
         "message.no_separator@6"},
        {"A : 1\r\n\r\n", LINES_CRLF, 1, "", "message.blank_in_name@1"},
        {" folded\r\nA: 1\r\n\r\nx", LINES_CRLF, 2, "x", "message.continuation_first@0"},
        {"From bob Mon Nov 21\r\nA: 1\r\n\r\nx", LINES_CRLF, 1, "x", "message.mbox_from@0"},
        {"A: 1\nB: 2\n\nx\n", LINES_LENIENT, 2, "x\n", "message.bare_lf@4"},
        {"A: 1\nB: 2\n\nx\n", LINES_CRLF, 1, "", ""}, /* no line ends: one field */
        {"A: 1\r\n \r\n\r\nx", LINES_CRLF, 1, "x", ""},
        {": x\r\n\r\ny", LINES_CRLF, 1, "y", "message.line_not_field@0"},
        {"A:\r\n\r\n", LINES_CRLF, 1, "", ""},
        {"A: 1\r", LINES_CRLF, 1, "", ""},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        MailFaults faults;
        Message m = read_all(*state, odd[i].octets, odd[i].rule, &faults);
        assert_faults(&faults, odd[i].faults);
        assert_int_equal(m.header.count, odd[i].fields);
        assert_text(m.body, odd[i].body);
    }
    Text line = text_new();
    text_print(&line, "A: %0995d\r\nB: %0996d\r\n\r\n", 0, 0); /* 998, 999 */
    MailFaults faults;
    read_all(*state, text_get(&line), LINES_CRLF, &faults);
    assert_faults(&faults, "message.long_line@1000");
    text_clear(&line);
    for (int i = 0; i < HEADER_FIELDS_MOST + 5; i++) text_put(&line, "a:b\r\n");
    text_put(&line, "\r\nbody");
    Message m = read_all(*state, text_get(&line), LINES_CRLF, &faults);
    assert_int_equal(m.header.count, HEADER_FIELDS_MOST);
    assert_text(m.body, "body");
    assert_faults(&faults, "message.too_many_fields@50000");
    text_free(&line);
    m = read_all(*state, "From: a@b\r\nSubject: x\r\nSUBJECT: y\r\n\r\n", LINES_CRLF, &faults);
    header_check(&m.header, &faults);
    assert_faults(&faults, "message.repeated_field@23 message.no_date@35");
}

static void dates(void **state) {
    static const struct {
        const char *value;
        int64_t at_s;
        int zone;
        const char *fault; /* NULL: good; "date.weekday": good, and noted */
    } all[] = {
        {"Fri, 21 Nov 1997 09:55:06 -0600", 880127706, -360, NULL},
        {"Tue, 1 Jul 2003 10:52:37 +0200", 1057049557, 120, NULL},
        {"Thu, 13 Feb 1969 23:32 -0330", -27723480, -210, NULL},
        {"Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32\r\n               -0330 (Newfoundland Time)",
         -27723480, -210, NULL},
        {"21 Nov 97 09:55:06 GMT", 880106106, 0, NULL},
        {"Fri, 21 Nov 1997 09(comment):   55  :  06 -0600", 880127706, -360, NULL},
        {"1 Jan 1970 00:00:00 +0000", 0, 0, NULL},
        {"29 Feb 2000 12:00:00 Z", 951825600, 0, NULL},
        {"Sun, 22 Nov 2026 10:30:00 +0800", 1795314600, 480, NULL},
        {"1 Jan 00 00:00 EST", 946702800, -300, NULL},
        {"1 Jan 103 00:00 X", 1041379200, 0, NULL},
        {"31 Dec 2016 23:59:60 +0000", 1483228800, 0, NULL},
        {"Mon, 21 Nov 1997 09:55:06 -0600", 880127706, -360, "date.weekday"},
        {"30 Feb 2000 12:00:00 Z", 0, 0, "date.day"},
        {"29 Feb 1900 12:00:00 Z", 0, 0, "date.day"},
        {"0 Jan 2000 12:00:00 Z", 0, 0, "date.day"},
        {"1 Foo 2000 12:00:00 Z", 0, 0, "date.month"},
        {"1 Jan 2 12:00:00 Z", 0, 0, "date.year"},
        {"1 Jan 2000 24:00:00 Z", 0, 0, "date.time"},
        {"1 Jan 2000 12:60:00 Z", 0, 0, "date.time"},
        {"1 Jan 2000 12 Z", 0, 0, "date.time"},
        {"1 Jan 2000 12:00:00", 0, 0, "date.zone"},
        {"1 Jan 2000 12:00:00 +080", 0, 0, "date.zone"},
        {"1 Jan 2000 12:00:00 Z x", 0, 0, "date.rest"},
        {"", 0, 0, "date.day"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        MailDate date;
        ParseFault fault = {0};
        MailFaults faults = mail_faults(*state);
        bool noted = all[i].fault && strcmp(all[i].fault, "date.weekday") == 0;
        bool good = date_read(bytes_text(all[i].value), 0, &date, &fault, &faults);
        if (good != (!all[i].fault || noted)) fail_msg("%s: %s", all[i].value, good ? "taken" : fault.reason);
        if (!good) {
            assert_string_equal(fault.reason, all[i].fault);
            continue;
        }
        assert_faults(&faults, noted ? "date.weekday@0" : "");
        if (date.at_s != all[i].at_s) fail_msg("%s: %lld", all[i].value, (long long)date.at_s);
        assert_int_equal(date.zone_minutes, all[i].zone);
    }
    MailDate date;
    ParseFault fault;
    assert_true(date_read(bytes_text("1 Jan 2000 12:00 -0000"), 0, &date, &fault, NULL) && !date.zone_known);
    assert_true(date_read(bytes_text("1 Jan 2000 12:00 +0000"), 0, &date, &fault, NULL) && date.zone_known);
    /* Written and read again, over four centuries. */
    for (int64_t at = -6000000000; at < 7000000000; at += 86400 * 11 + 12345) {
        Text text = text_new();
        date_put(&text, at, at % 2 ? 480 : -210);
        MailFaults faults = mail_faults(*state);
        assert_true(date_read(bytes_of(text.at, text.size), 0, &date, &fault, &faults));
        assert_true(date.at_s == at && date.zone_minutes == (at % 2 ? 480 : -210));
        assert_faults(&faults, "");
        text_free(&text);
    }
    Text text = text_new();
    date_put(&text, 880127706, -360);
    assert_string_equal(text_get(&text), "Fri, 21 Nov 1997 09:55:06 -0600");
    text_clear(&text);
    date_put(&text, -1, 0);
    assert_string_equal(text_get(&text), "Wed, 31 Dec 1969 23:59:59 +0000");
    text_free(&text);
}

static void identifiers(void **state) {
    RandomStream random = random_stream(7, "pc1", "mail"), again = random;
    Text a = text_new(), b = text_new();
    message_id_put(&a, 880127706, &random, bytes_text("crepes.fr"));
    message_id_put(&b, 880127706, &again, bytes_text("crepes.fr"));
    assert_string_equal(text_get(&a), text_get(&b));
    assert_memory_equal(a.at, "<19971121155506.", 16);
    assert_string_equal(a.at + a.size - 11, "@crepes.fr>");
    text_clear(&b);
    message_id_put(&b, 880127706, &random, bytes_text("crepes.fr"));
    assert_string_not_equal(text_get(&a), text_get(&b));
    text_free(&a);
    text_free(&b);
    MessageIds ids = message_ids_read(
        *state, bytes_text("<1@a> (c <no@c>)\r\n <2@b>, Your message of \"<x@y>\" < 3@c > <> <4"));
    assert_int_equal(ids.count, 3);
    assert_text(ids.items[0], "1@a");
    assert_text(ids.items[1], "2@b");
    assert_text(ids.items[2], "3@c");
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(fields_and_body), MAIL_TEST(what_is_odd), MAIL_TEST(dates),
                                       MAIL_TEST(identifiers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
