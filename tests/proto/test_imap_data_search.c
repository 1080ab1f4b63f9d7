/* SEARCH (RFC 3501 section 6.4.4): each key, what it is compared with, and letters of many alphabets. */
#include "imap_data_test.h"

#include "mail/date.h"
#include "proto/imap/fold.h"

/* The numbers of the messages that match, "1 3"; all messages stand in `inbox`. */
static void search(Text *to, Arena *arena, Mailbox *inbox, const char *keys, const char *recent) {
    ImapReader r = imap_reader(bytes_text(keys), arena);
    ImapKey *key;
    bool bad_charset;
    if (!imap_read_search(&r, &key, &bad_charset) || !imap_read_end(&r) || bad_charset) fail_msg("%s: refused", keys);
    uint32_t last = inbox->count > 0 ? inbox->messages[inbox->count - 1]->uid : 0;
    imap_search_prepare(arena, key, (uint32_t)inbox->count, last);
    for (size_t i = 0; i < inbox->count; i++) {
        ImapCandidate c = {inbox, inbox->messages[i], (uint32_t)i + 1, recent[i] == 'r'};
        if (imap_search_matches(key, &c)) text_print(to, to->size ? " %zu" : "%zu", i + 1);
    }
}

static void assert_search_is(Arena *arena, Mailbox *inbox, const char *keys, const char *wanted, int line) {
    Text found = text_new();
    search(&found, arena, inbox, keys, "--r-r-----");
    if (strcmp(text_get(&found), wanted) != 0)
        fail_msg("line %d: %s finds \"%s\", wanted \"%s\"", line, keys, text_get(&found), wanted);
    text_free(&found);
}
#define assert_search(keys, wanted) assert_search_is(*state, inbox, keys, wanted, __LINE__)

static void add(Mailbox *inbox, const char *message, uint64_t flags, int64_t date_s) {
    MailContent *content = message_of(message);
    mailbox_append(inbox, content, flags, date_s);
    mail_content_drop(content);
}

static MailAccount *account_new(void) {
    MailAccount *account = memory_new(sizeof *account);
    mail_account_init(account, "bob", 1);
    return account;
}

static void account_free(MailAccount *account) {
    mail_account_free(account);
    free(account);
}

static void flags_numbers_sizes_and_days(void **state) {
    MailAccount *account = account_new();
    Mailbox *inbox = mailbox_inbox(account);
    int64_t day = civil_seconds(1994, 2, 1, 0, 0, 0);
    uint64_t spam = mailbox_flag(inbox, bytes_text("$Spam"), true);
    add(inbox, "Date: Tue, 1 Feb 1994 00:30:00 +0100\r\n\r\n", MAIL_FLAG_SEEN, day);
    add(inbox, "Date: 31 Jan 94 23:59 -0800\r\n\r\n12345", MAIL_FLAG_ANSWERED | MAIL_FLAG_FLAGGED, day - 1);
    add(inbox, "Date: soon\r\n\r\n", MAIL_FLAG_DELETED | MAIL_FLAG_DRAFT, day + 86399);
    add(inbox, "\r\n", spam, day + 86400);
    add(inbox, "Date: 2 Feb 1994 00:00:00 GMT\r\n\r\n", MAIL_FLAG_SEEN, day);
    mailbox_expunge(inbox, inbox->messages[1]);
    add(inbox, "Date: 31 Jan 94 23:59 -0800\r\n\r\n12345", MAIL_FLAG_ANSWERED | MAIL_FLAG_FLAGGED, day - 1);
    /* 1: UID 1, 2: UID 3, 3: UID 4, 4: UID 5, 5: UID 6; 3 and 5 are recent */
    assert_search("ALL", "1 2 3 4 5");
    assert_search("SEEN", "1 4");
    assert_search("UNSEEN", "2 3 5");
    assert_search("ANSWERED", "5");
    assert_search("UNANSWERED", "1 2 3 4");
    assert_search("FLAGGED", "5");
    assert_search("UNFLAGGED", "1 2 3 4");
    assert_search("DELETED", "2");
    assert_search("UNDELETED", "1 3 4 5");
    assert_search("DRAFT", "2");
    assert_search("UNDRAFT", "1 3 4 5");
    assert_search("RECENT", "3 5");
    assert_search("OLD", "1 2 4");
    assert_search("NEW", "3 5");
    mailbox_set_flags(inbox, inbox->messages[4], MAIL_FLAG_SEEN);
    assert_search("NEW", "3");
    assert_search("KEYWORD $spam", "3");
    assert_search("UNKEYWORD $SPAM", "1 2 4 5");
    assert_search("KEYWORD other", "");
    assert_search("UNKEYWORD other", "1 2 3 4 5");
    assert_search("2,4:*", "2 4 5");
    assert_search("*", "5");
    assert_search("9:*", "5");
    assert_search("7:8", "");
    assert_search("UID 3:5", "2 3 4");
    assert_search("UID *", "5");
    assert_search("UID 100:*", "5");
    assert_search("UID 2", "");
    assert_search("LARGER 35", "1 5");
    assert_search("LARGER 36", "1");
    assert_search("LARGER 39", "1");
    assert_search("LARGER 40", "");
    assert_search("SMALLER 3", "3");
    assert_search("SMALLER 2", "");
    assert_search("BEFORE 1-Feb-1994", "5");
    assert_search("ON 1-Feb-1994", "1 2 4");
    assert_search("SINCE 1-Feb-1994", "1 2 3 4");
    assert_search("SINCE 2-Feb-1994", "3");
    /* the day the sender wrote, whatever the zone; none in messages 2 and 3 */
    assert_search("SENTBEFORE 1-Feb-1994", "5");
    assert_search("SENTON 1-Feb-1994", "1");
    assert_search("SENTON 31-Jan-1994", "5");
    assert_search("SENTSINCE 1-Feb-1994", "1 4");
    assert_search("NOT SENTSINCE 1-Feb-1994", "2 3 5");
    /* together */
    assert_search("UNSEEN DELETED", "2");
    assert_search("OR SEEN DELETED", "1 2 4 5");
    assert_search("NOT (SEEN RECENT)", "1 2 3 4");
    assert_search("NOT NOT 1", "1");
    assert_search("OR (1 SEEN) (3 SEEN)", "1");
    assert_search("SINCE 1-Feb-1994 NOT OR DELETED KEYWORD $Spam", "1 4");
    account_free(account);
}

static void texts(void **state) {
    MailAccount *account = account_new();
    Mailbox *inbox = mailbox_inbox(account);
    add(inbox,
        "From: Smith <sm@x>\r\nTo: =?ISO-8859-1?Q?J=FCrgen?= <j@y>\r\nCc: c1@z, c2@z\r\nBcc: b@z\r\n"
        "Subject: =?UTF-8?B?5L2g?=\r\n =?UTF-8?B?5aW9?= World\r\nX-Empty:\r\n\r\nPlain body, aabaabaac\r\n",
        0, 0);
    add(inbox,
        "From: a@b\r\nFrom: second@from\r\nContent-Type: text/plain; charset=koi8-r\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n8NLJ18XU\r\n", /* "Привет" */
        0, 0);
    add(inbox,
        "Subject: parts\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\npreamble\r\n--b\r\nX-Inner: "
        "innerfield\r\n\r\n"
        "first\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        "H=C3=B6r =\r\nzu\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\naGlkZGVu\r\n"
        "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: "
        "=?UTF-8?Q?=C3=84nderung?=\r\n\r\nforwarded\r\n--b--\r\nepilogue",
        0, 0);
    add(inbox, "Subject: raw \xc3\xa4\r\n\r\nraw \xc3\xb6 body\r\n", 0, 0);
    assert_search("FROM smith", "1");
    assert_search("FROM \"sm@X\"", "1");
    assert_search("FROM SECOND", "2");
    assert_search("FROM \"\"", "1 2");
    assert_search("TO {7}\r\nj\xc3\xbcrgen", "1");
    assert_search("TO {7}\r\nJ\xc3\x9cRGEN", "1");
    assert_search("CHARSET ISO-8859-1 TO {6}\r\nJ\xdcRGEN", "1");
    assert_search("CC c2", "1");
    assert_search("BCC B@", "1");
    assert_search("CC smith", "");
    assert_search("SUBJECT {6}\r\n\xe4\xbd\xa0\xe5\xa5\xbd", "1");
    assert_search("SUBJECT {12}\r\n\xe4\xbd\xa0\xe5\xa5\xbd world", "1");
    assert_search("SUBJECT UTF-8", "");
    assert_search("SUBJECT \"\"", "1 3 4");
    assert_search("HEADER X-Empty \"\"", "1");
    assert_search("HEADER x-empty x", "");
    assert_search("HEADER X-None \"\"", "");
    assert_search("HEADER \"Subject\" raw", "4");
    assert_search("BODY aabaac", "1");
    assert_search("BODY aabaabb", "");
    assert_search("BODY smith", "");
    assert_search("TEXT smith", "1");
    assert_search("TEXT \"from: smith\"", "1");
    assert_search("BODY \"\"", "1 2 3 4");
    assert_search("TEXT \"\"", "1 2 3 4");
    assert_search("BODY {12}\r\n\xd0\x9f\xd0\xa0\xd0\x98\xd0\x92\xd0\x95\xd0\xa2", "2");
    assert_search("CHARSET KOI8-R BODY {6}\r\n\xd0\xd2\xc9\xd7\xc5\xd4", "2");
    assert_search("BODY 8NLJ", "");
    assert_search("BODY {7}\r\nh\xc3\xb6r zu", "3");
    assert_search("BODY hidden", "");
    assert_search("BODY innerfield", "3");
    assert_search("BODY {9}\r\n\xc3\xa4nderung", "3");
    assert_search("BODY {8}\r\n\xc3\x84nderun", "3");
    assert_search("BODY forwarded", "3");
    assert_search("BODY preamble", "");
    assert_search("BODY parts", "");
    assert_search("TEXT parts", "3");
    assert_search("BODY {6}\r\nraw \xc3\x96", "4");
    assert_search("SUBJECT {6}\r\nraw \xc3\xa4", "4");
    account_free(account);
}

/* Section 6.4.4's examples. */
static void the_examples(void **state) {
    MailAccount *account = account_new();
    Mailbox *inbox = mailbox_inbox(account);
    int64_t day = civil_seconds(1994, 2, 1, 0, 0, 0);
    add(inbox, "From: Smith\r\n\r\n", MAIL_FLAG_FLAGGED, day);
    add(inbox, "From: Jones\r\n\r\n", MAIL_FLAG_FLAGGED, day);
    add(inbox, "From: Jones\r\n\r\n", 0, day);
    add(inbox, "From: Jones\r\n\r\n", MAIL_FLAG_FLAGGED, day - 1);
    assert_search("FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"", "2");
    assert_search("TEXT \"string not in mailbox\"", "");
    assert_search("CHARSET UTF-8 TEXT {6}\r\n\xd0\xbf\xd1\x80\xd0\xb8", "");
    account_free(account);
}

static void letters_of_either_case(void **state) {
    static const char *const cases[][2] = {
        {"ABCXYZ@[`{", "abcxyz@[`{"},
        {"\xc3\x80\xc3\x96\xc3\x97\xc3\x98\xc3\x9e\xc3\x9f", "\xc3\xa0\xc3\xb6\xc3\x97\xc3\xb8\xc3\xbe\xc3\x9f"},
        {"\xc4\x80\xc4\x81\xc4\xb9\xc5\xbd\xc5\xb8", "\xc4\x81\xc4\x81\xc4\xba\xc5\xbe\xc3\xbf"},
        {"\xce\x91\xce\x86\xce\xa3\xcf\x82", "\xce\xb1\xce\xac\xcf\x83\xcf\x83"},
        {"\xd0\x81\xd0\x96\xd2\x90\xd3\x80", "\xd1\x91\xd0\xb6\xd2\x91\xd3\x8f"},
        {"\xe1\xba\x9e\xe1\xba\xa0", "\xc3\x9f\xe1\xba\xa1"},
        {"\xef\xbc\xa1\xe4\xbd\xa0\xf0\x9f\x92\xa9", "\xef\xbd\x81\xe4\xbd\xa0\xf0\x9f\x92\xa9"},
        {"A\xff\xc3(\x80Z", "a\xff\xc3(\x80z"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_text(imap_fold(*state, bytes_text(cases[i][0])), cases[i][1]);
}

/* Against the plain rule, and in time: a text made to be slow. */
static void finding(void **state) {
    for (size_t n = 0; n < 1 << 8; n++)
        for (size_t t = 0; t < 1 << 11; t += 3) {
            char wanted[8] = {0}, text[12] = {0};
            for (size_t k = 0; k < 1 + n % 7; k++) wanted[k] = n >> k & 1 ? 'a' : 'b';
            for (size_t k = 0; k < 11; k++) text[k] = t >> k & 1 ? 'a' : 'b';
            uint32_t borders[8] = {0};
            memcpy(borders, imap_borders(*state, bytes_text(wanted)), strlen(wanted) * sizeof *borders);
            assert_int_equal(imap_find(bytes_text(text), bytes_text(wanted), borders), strstr(text, wanted) != NULL);
        }
    enum { LONG = 4 << 20 };
    uint8_t *text = memory_new(LONG), *wanted = memory_new(LONG / 2);
    memset(text, 'a', LONG);
    memset(wanted, 'a', LONG / 2);
    wanted[LONG / 2 - 1] = 'b';
    uint32_t *borders = imap_borders(*state, bytes_of(wanted, LONG / 2));
    assert_false(imap_find(bytes_of(text, LONG), bytes_of(wanted, LONG / 2), borders));
    text[LONG - 1] = 'b';
    assert_true(imap_find(bytes_of(text, LONG), bytes_of(wanted, LONG / 2), borders));
    free(text);
    free(wanted);
}

/* FROM and TO look into the ENVELOPE, TEXT also at what stands before the first field. */
static void addresses_as_in_the_envelope(void **state) {
    MailAccount *account = account_new();
    Mailbox *inbox = mailbox_inbox(account);
    add(inbox, "To: bob @ x . example (Bob)\r\n\r\n", 0, 0);
    add(inbox, "To: bob@x.example, \"C\" <c(C)@(D) y.example>\r\n\r\n", 0, 0);
    add(inbox, "To: bob at x . example\r\n\r\n", 0, 0);
    add(inbox, "From gate Mon Sep  7 08:00:00 2026\r\nTo: c @\r\n y.example\r\n\r\nbody\r\n", 0, 0);
    assert_search("TO bob@x.example", "1 2");
    assert_search("TO c@y.example", "2 4");
    assert_search("TO \"(Bob)\"", "1");
    assert_search("TO \"x . example\"", "1 3");
    assert_search("CC bob@x.example", "");
    assert_search("TEXT gate", "4");
    assert_search("BODY gate", "");
    account_free(account);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MAIL_TEST(flags_numbers_sizes_and_days), MAIL_TEST(texts),   MAIL_TEST(the_examples),
        MAIL_TEST(letters_of_either_case),       MAIL_TEST(finding), MAIL_TEST(addresses_as_in_the_envelope),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
