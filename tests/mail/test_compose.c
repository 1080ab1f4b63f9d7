/* Composing: the three views, the envelope, folding and encoded words, structure; reports written and read back. */
#include "mail_test.h"

#include "mail/compose.h"
#include "mail/header_write.h"
#include "mail/reencode.h"
#include "mail/report.h"
#include "mail/xtext.h"

#define FIELD(name, text)                                   \
    {                                                       \
        name, { (const uint8_t *)(text), sizeof(text) - 1 } \
    }
#define TEXT(text) \
    { (const uint8_t *)(text), sizeof(text) - 1 }
static const int64_t NOON = 1795314600; /* Sun, 22 Nov 2026 10:30:00 +0800 */

static Composed compose_it(Arena *arena, Draft draft, MailFaults *faults) {
    RandomStream random = random_stream(7, "pc1", "mail");
    draft.at_s = NOON;
    draft.zone_minutes = 480;
    *faults = mail_faults(arena);
    return compose(arena, &draft, &random, faults);
}

static void assert_lines_fit(Bytes mime) {
    size_t column = 0;
    for (size_t i = 0; i < mime.size; i++) {
        assert_true(mime.at[i] < 0x80);
        if (mime.at[i] == '\n') assert_true(i > 0 && mime.at[i - 1] == '\r');
        column = mime.at[i] == '\n' ? 0 : column + 1;
        assert_true(column <= 999);
    }
}

/* Plain English needs no MIME; Bcc goes; the envelope has everybody once. */
static void plain_english(void **state) {
    static const DraftField fields[] = {FIELD("From", "Alice <alice@crepes.fr>"),
                                        FIELD("To", "Bob <bob@hamburger.edu>, carol@x.org"),
                                        FIELD("Cc", "BOB@x.org, bob@HAMBURGER.edu"),
                                        FIELD("Bcc", "dave@y.org, carol@x.org"), FIELD("Subject", "Ketchup")};
    MailFaults faults;
    Composed c = compose_it(
        *state,
        (Draft){
            .fields = fields, .field_count = 5, .text = TEXT("Do you like ketchup?\n.\n"), .domain = TEXT("crepes.fr")},
        &faults);
    assert_faults(&faults, "");
    assert_text(c.written,
                "From: Alice <alice@crepes.fr>\r\nTo: Bob <bob@hamburger.edu>, carol@x.org\r\n"
                "Cc: BOB@x.org, bob@HAMBURGER.edu\r\nBcc: dave@y.org, carol@x.org\r\nSubject: Ketchup\r\n\r\n"
                "Do you like ketchup?\r\n.\r\n");
    Message m = message_read(*state, c.mime, LINES_CRLF, &faults);
    header_check(&m.header, &faults);
    assert_faults(&faults, "");
    assert_null(header_find(&m.header, "Bcc"));
    assert_null(header_find(&m.header, "MIME-Version"));
    assert_text(header_find(&m.header, "Date")->value, "Sun, 22 Nov 2026 10:30:00 +0800");
    assert_text(header_find(&m.header, "To")->value, "Bob <bob@hamburger.edu>, carol@x.org");
    assert_text(m.body, "Do you like ketchup?\r\n.\r\n");
    assert_null(strstr((const char *)c.mime.at, "dave"));
    static const char *const wanted[] = {"bob@hamburger.edu To", "carol@x.org To", "BOB@x.org Cc", "dave@y.org Bcc"};
    assert_int_equal(c.envelope.count, 4);
    for (size_t i = 0; i < 4; i++) {
        Text text = text_new();
        path_put(&text, &c.envelope.recipients[i].path);
        text_print(&text, " %s", c.envelope.recipients[i].field);
        assert_string_equal(text_get(&text), wanted[i]);
        text_free(&text);
    }
    assert_text(path_local_part(&c.envelope.reverse_path), "alice");
    assert_false(c.needs_8bit || c.needs_utf8);
    Composed again = compose_it(
        *state,
        (Draft){
            .fields = fields, .field_count = 5, .text = TEXT("Do you like ketchup?\n.\n"), .domain = TEXT("crepes.fr")},
        &faults);
    assert_true(bytes_equal(again.mime, c.mime)); /* the same seed, the same message */
}

static void chinese(void **state) {
    static const DraftField fields[] = {
        FIELD("From", "张三 <zhang@example.cn>"), FIELD("To", "李四 <li@example.cn>"),
        FIELD("Subject", "一封很长的信，主题也很长，长到一行里无论如何也放不下 and  English")};
    static const char *const charsets[] = {NULL, "GB2312", "GB18030", "Big5"};
    for (size_t i = 0; i < 4; i++) {
        MailFaults faults;
        Composed c = compose_it(*state,
                                (Draft){.fields = fields,
                                        .field_count = 3,
                                        .text = TEXT("你好，世界\n"),
                                        .charset = charsets[i],
                                        .domain = TEXT("example.cn")},
                                &faults);
        assert_faults(&faults, "");
        assert_lines_fit(c.mime);
        MimeTree tree = mime_read(*state, c.mime, (MimeRules){0}, &faults);
        assert_faults(&faults, "");
        const Header *h = &tree.root->header;
        for (size_t k = 0; k < 3; k++)
            assert_text(header_field_text(*state, header_find(h, fields[k].name), &faults),
                        (const char *)fields[k].value.at);
        assert_text(mime_part_text(*state, tree.root, &faults), "你好，世界\r\n");
        assert_true(tree.root->mime_version && tree.root->encoding == MIME_BASE64);
        assert_faults(&faults, "");
        assert_int_equal(c.part_count, 1);
        assert_true(bytes_equal(bytes_slice(c.mime, c.parts[0].at, c.parts[0].size), tree.root->body));
        assert_string_equal(encoding_why_name(c.parts[0].choice.why), "encoding.few_ascii");
        /* Header lines of 78 at most. */
        Line line;
        for (size_t at = 0; at < tree.root->body_offset && line_next(c.mime, at, LINES_CRLF, &line); at = line.next)
            assert_true(line.end - line.start <= 78);
    }
}

static void structure(void **state) {
    static const DraftField fields[] = {FIELD("From", "a@b.c"), FIELD("To", "d@e.f"), FIELD("Subject", "parts")};
    static const DraftField access[] = {FIELD("access-type", "ANON-FTP"), FIELD("site", "x.org"),
                                        FIELD("name", "a b.ps")};
    static const DraftPart parts[] = {
        {.type = "image/gif",
         .octets = TEXT("GIF89a\x80"),
         .filename = TEXT("照片.gif"),
         .description = TEXT("一张照片"),
         .content_id = TEXT("pic@x")},
        {.type = "text/html", .octets = TEXT("<p>é</p>\n"), .in_place = true, .filename = TEXT("a.html")},
        {.type = "message/rfc822", .octets = TEXT("Subject: caf\xc3\xa9\n\nh\xc3\xa9\n")},
        {.type = "message/external-body",
         .parameters = access,
         .parameter_count = 3,
         .octets = TEXT("Content-Type: application/postscript\r\nContent-ID: <i@x>\r\n\r\n")},
        {.octets = TEXT("\0\1\2")},
    };
    MailFaults faults;
    Composed c = compose_it(*state,
                            (Draft){.fields = fields,
                                    .field_count = 3,
                                    .text = TEXT("see below\n"),
                                    .html = TEXT("<b>see below</b>"),
                                    .parts = parts,
                                    .part_count = 5},
                            &faults);
    assert_faults(&faults, "");
    assert_lines_fit(c.mime);
    MimeTree tree = mime_read(*state, c.mime, (MimeRules){0}, &faults);
    assert_faults(&faults, "");
    const MimePart *all[10], *p = tree.root;
    size_t count = 0;
    for (; p && count < 10; p = mime_next(p)) all[count++] = p;
    static const char *const types[] = {"multipart/mixed",
                                        "multipart/alternative",
                                        "text/plain",
                                        "text/html",
                                        "image/gif",
                                        "text/html",
                                        "message/rfc822",
                                        "text/plain",
                                        "message/external-body",
                                        "application/octet-stream"};
    assert_int_equal(count, 10);
    for (size_t i = 0; i < 10; i++) {
        char type[60];
        snprintf(type, sizeof type, "%.*s/%.*s", (int)all[i]->type_name.size, (const char *)all[i]->type_name.at,
                 (int)all[i]->subtype.size, (const char *)all[i]->subtype.at);
        assert_string_equal(type, types[i]);
    }
    assert_text(mime_part_octets(*state, all[4], &faults), "GIF89a\x80");
    assert_text(mime_part_filename(all[4]), "照片.gif");
    assert_text(all[4]->content_description, "一张照片");
    assert_text(all[4]->content_id, "pic@x");
    assert_text(all[4]->disposition, "attachment");
    assert_text(mime_part_text(*state, all[5], &faults), "<p>é</p>\r\n");
    assert_text(all[5]->disposition, "inline");
    assert_text(mime_part_text(*state, all[7], &faults), "h\xef\xbf\xbd\xef\xbf\xbd\r\n"); /* it never said which set */
    assert_text(header_field_text(*state, header_find(&all[7]->header, "Subject"), NULL), "café");
    assert_text(parameter_find(&all[8]->parameters, "name")->value, "a b.ps");
    Bytes last = mime_part_octets(*state, all[9], &faults);
    assert_true(last.size == 3 && memcmp(last.at, "\0\1\2", 3) == 0);
    assert_int_equal(c.part_count, 7);

    static const DraftPart letters[] = {{.type = "message/rfc822", .octets = TEXT("Subject: 1\r\n\r\none\r\n")},
                                        {.type = "message/rfc822", .octets = TEXT("Subject: 2\r\n\r\ntwo\r\n")}};
    c = compose_it(
        *state, (Draft){.fields = fields, .field_count = 3, .multipart = "digest", .parts = letters, .part_count = 2},
        &faults);
    tree = mime_read(*state, c.mime, (MimeRules){0}, &faults);
    assert_text(tree.root->subtype, "digest");
    assert_int_equal(tree.root->first->header.count, 0); /* the default type */
    assert_text(tree.root->last->first->body, "two\r\n");
    c = compose_it(*state, (Draft){.fields = fields, .field_count = 3, .parts = parts, .part_count = 1}, &faults);
    tree = mime_read(*state, c.mime, (MimeRules){0}, &faults);
    assert_true(tree.root->type == MIME_IMAGE && !tree.root->first);
    c = compose_it(*state,
                   (Draft){.fields = fields, .field_count = 3, .text = TEXT("é"), .carrier = {.eight_bit = true}},
                   &faults);
    assert_true(c.needs_8bit && c.parts[0].choice.encoding == MIME_8BIT);
}

/* A boundary never occurs in what it encloses, even if the content was made to hold the first one drawn. */
static void boundaries(void **state) {
    static const DraftField fields[] = {FIELD("From", "a@b.c"), FIELD("To", "d@e.f"), FIELD("Message-ID", "<1@x>")};
    static const DraftPart part = {.octets = TEXT("x")};
    MailFaults faults;
    Draft draft = {.fields = fields, .field_count = 3, .text = TEXT("hi"), .parts = &part, .part_count = 1};
    Composed c = compose_it(*state, draft, &faults);
    MimeTree tree = mime_read(*state, c.mime, (MimeRules){0}, NULL);
    Text text = text_new();
    text_put(&text, "--");
    text_put_bytes(&text, tree.root->boundary);
    text_put(&text, "\r\n");
    draft.text = bytes_of(text.at, text.size);
    c = compose_it(*state, draft, &faults);
    MimeTree again = mime_read(*state, c.mime, (MimeRules){0}, NULL);
    assert_false(bytes_equal(tree.root->boundary, again.root->boundary));
    assert_text(again.root->first->body, text_get(&text));
    assert_int_equal(again.part_count, 3);
    text_free(&text);
}

static void what_users_type(void **state) {
    static const DraftField fields[] = {FIELD("From", "alice"),
                                        FIELD("To", "bob, \"x\" <bad domain@-x>, undisclosed:;"),
                                        FIELD("Subject", "inject\r\nBcc: evil@x.org\r\n\r\nbody"),
                                        FIELD("Content-Type", "text/html"),
                                        FIELD("X Bad", "1"),
                                        FIELD("X-Long", "w"),
                                        FIELD("Reply-To", "r@x.org")};
    MailFaults faults;
    Composed c = compose_it(
        *state, (Draft){.fields = fields, .field_count = 7, .text = TEXT("x"), .domain = TEXT("crepes.fr")}, &faults);
    assert_non_null(mail_fault_find(&faults, "compose.field_owned"));
    assert_non_null(mail_fault_find(&faults, "compose.field_name"));
    assert_non_null(mail_fault_find(&faults, "envelope.address"));
    Message m = message_read(*state, c.mime, LINES_CRLF, NULL);
    assert_text(header_find(&m.header, "Subject")->value, "inject Bcc: evil@x.org  body");
    assert_null(header_find(&m.header, "Bcc"));
    assert_text(header_find(&m.header, "From")->value, "alice@crepes.fr");
    assert_text(header_find(&m.header, "Reply-To")->value, "r@x.org");
    assert_text(m.body, "x");
    assert_int_equal(c.envelope.count, 1);
    static const DraftField hidden[] = {FIELD("From", "a@b.c"), FIELD("Bcc", "d@e.f")};
    c = compose_it(*state, (Draft){.fields = hidden, .field_count = 2, .text = TEXT("x")}, &faults);
    m = message_read(*state, c.mime, LINES_CRLF, NULL);
    assert_text(header_find(&m.header, "To")->value, "undisclosed-recipients:;");
    assert_int_equal(c.envelope.count, 1);
    static const DraftField nobody[] = {FIELD("Subject", "x")};
    c = compose_it(*state, (Draft){.fields = nobody, .field_count = 1}, &faults);
    assert_faults(&faults, "envelope.no_sender@0 envelope.no_recipients@12");
    assert_true(path_is_null(&c.envelope.reverse_path));
    static const DraftField international[] = {FIELD("From", "张三@例子.cn"), FIELD("To", "d@e.f")};
    c = compose_it(*state, (Draft){.fields = international, .field_count = 2, .text = TEXT("x")}, &faults);
    assert_true(c.needs_utf8);
    static const DraftField accent[] = {FIELD("From", "a@b.c"), FIELD("To", "d@e.f"), FIELD("Subject", "caf\xc3\xa9")};
    c = compose_it(*state, (Draft){.fields = accent, .field_count = 3, .text = TEXT("plain")}, &faults);
    m = message_read(*state, c.mime, LINES_CRLF, NULL);
    assert_non_null(header_find(&m.header, "MIME-Version"));
    /* A word of 3,000 letters, and blanks in a row, come back as they were. */
    Text subject = text_new();
    for (int i = 0; i < 3000; i++) text_put_char(&subject, (char)('a' + i % 26));
    text_put(&subject, "  two   blanks é  é  x");
    const DraftField longer[] = {{"From", bytes_text("a@b.c")}, {"Subject", bytes_of(subject.at, subject.size)}};
    c = compose_it(*state, (Draft){.fields = longer, .field_count = 2, .text = TEXT("x")}, &faults);
    assert_lines_fit(c.mime);
    m = message_read(*state, c.mime, LINES_CRLF, NULL);
    assert_text(header_field_text(*state, header_find(&m.header, "Subject"), NULL), text_get(&subject));
    text_free(&subject);
}

/* Lines of 78 where words allow it, and every blank comes back. */
static void folding(void **state) {
    static const char *const texts[] = {"a   \xc3\xa9  b   \xc3\xa9\xc3\xa9    \xc3\xa9", "\xc3\xa9   a",
                                        ("a subject of many short words that goes on and on and on until it no longer "
                                         "fits on one line of a header at all")};
    for (size_t i = 0; i < 3; i++) {
        Text to = text_new();
        header_write_text_field(&to, "Subject", bytes_text(texts[i]), charset_utf8());
        Message m = message_read(*state, bytes_of(to.at, to.size), LINES_CRLF, NULL);
        assert_text(header_field_text(*state, &m.header.fields[0], NULL), texts[i]);
        Line line;
        for (size_t at = 0; line_next(m.whole, at, LINES_CRLF, &line); at = line.next)
            assert_true(line.end - line.start <= 78);
        text_free(&to);
    }
}

static void reports(void **state) {
    ReportRecipient recipients[] = {
        {.original_recipient = TEXT("Bob@hamburger.edu"),
         .final_recipient = TEXT("bob@hamburger.edu"),
         .action = REPORT_FAILED,
         .status = TEXT("5.1.1"),
         .remote_mta = TEXT("mail.hamburger.edu"),
         .diagnostic_code = TEXT("550 5.1.1 no such user; sorry")},
        {.final_recipient = TEXT("eve@x.org"),
         .action = REPORT_DELAYED,
         .status = TEXT("4.4.1"),
         .has_will_retry_until = true,
         .will_retry_until_s = NOON + 86400,
         .has_last_attempt = true,
         .last_attempt_at_s = NOON - 60},
    };
    for (int eight_bit = 0; eight_bit < 2; eight_bit++)
        for (ReportReturn returns = REPORT_RETURNS_HEADER; returns <= REPORT_RETURNS_ALL; returns++) {
            ReportDraft draft = {.report = {.original_envelope_id = TEXT("QQ314159"),
                                            .reporting_mta = TEXT("mail.crepes.fr"),
                                            .has_arrival_date = true,
                                            .arrival_at_s = NOON - 3600,
                                            .recipients = recipients,
                                            .recipient_count = 2},
                                 .from = TEXT("Mail Delivery System <postmaster@crepes.fr>"),
                                 .to = TEXT("alice@crepes.fr"),
                                 .subject = TEXT("未送达的邮件"),
                                 .text = TEXT("您的邮件没有送达。\n"),
                                 .message = TEXT("Subject: hi\r\n\r\nbody\r\n"),
                                 .returns = returns,
                                 .at_s = NOON,
                                 .zone_minutes = 480};
            if (eight_bit) draft.message = bytes_text("Subject: caf\xc3\xa9\r\n\r\nbody \xc3\xa9\r\n");
            RandomStream random = random_stream(7, "srv", "mail");
            Bytes octets = report_write(*state, &draft, &random);
            assert_lines_fit(octets);
            MailFaults faults = mail_faults(*state);
            MimeTree tree = mime_read(*state, octets, (MimeRules){0}, &faults);
            ReportRead read;
            assert_true(report_read(*state, &tree, &read, &faults));
            assert_faults(&faults, "");
            assert_text(read.text, "您的邮件没有送达。\r\n");
            assert_text(header_field_text(*state, header_find(&tree.root->header, "Subject"), NULL), "未送达的邮件");
            assert_text(read.report.reporting_mta, "mail.crepes.fr");
            assert_text(read.report.original_envelope_id, "QQ314159");
            assert_true(read.report.has_arrival_date && read.report.arrival_at_s == NOON - 3600);
            assert_int_equal(read.report.recipient_count, 2);
            for (size_t i = 0; i < 2; i++) {
                const ReportRecipient *a = &recipients[i], *b = &read.report.recipients[i];
                assert_true(bytes_equal(a->original_recipient, b->original_recipient));
                assert_true(bytes_equal(a->final_recipient, b->final_recipient));
                assert_true(bytes_equal(a->status, b->status) && a->action == b->action);
                assert_true(bytes_equal(a->remote_mta, b->remote_mta));
                assert_true(bytes_equal(a->diagnostic_code, b->diagnostic_code));
                assert_true(a->has_will_retry_until == b->has_will_retry_until &&
                            a->will_retry_until_s == b->will_retry_until_s);
                assert_true(a->has_last_attempt == b->has_last_attempt && a->last_attempt_at_s == b->last_attempt_at_s);
            }
            if (returns == REPORT_RETURNS_ALL) assert_non_null(read.returned->first);
            else
                assert_text(mime_part_octets(*state, read.returned, &faults),
                            eight_bit ? "Subject: caf\xc3\xa9\r\n" : "Subject: hi\r\n");
        }
}

static void broken_reports(void **state) {
    static const char head[] =
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n";
    static const struct {
        const char *body;
        const char *fault;
    } all[] = {
        {"--b\r\n\r\nx\r\n--b--", "report.no_status"},
        {"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n--b--", "report.no_recipient"},
        {"--b\r\nContent-Type: message/delivery-status\r\n\r\nX: y\r\n\r\nFinal-Recipient: rfc822;a@b\r\nAction: "
         "failed\r\n--b--",
         "report.no_reporting_mta"},
        {"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\nArrival-Date: never\r\n\r\n"
         "Final-Recipient: rfc822;a@b\r\n--b--",
         "report.field"},
        {"--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns;x\r\n\r\nno field\r\n\r\n"
         "Final-Recipient: rfc822;a@b\r\nAction: lost\r\n--b--",
         "report.field"}};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        Text text = text_new();
        text_print(&text, "%s%s", head, all[i].body);
        for (size_t size = 0; size <= text.size; size++) { /* every truncation, too */
            MailFaults faults = mail_faults(*state);
            MimeTree tree = mime_read(*state, bytes_of(text.at, size), (MimeRules){0}, NULL);
            ReportRead read;
            bool is_report = report_read(*state, &tree, &read, &faults);
            if (size < text.size) continue;
            assert_true(is_report);
            if (!mail_fault_find(&faults, all[i].fault)) fail_msg("%zu: no %s", i, all[i].fault);
        }
        text_free(&text);
    }
    MimeTree tree = mime_read(*state, bytes_text("Subject: x\r\n\r\n"), (MimeRules){0}, NULL);
    ReportRead read;
    assert_false(report_read(*state, &tree, &read, NULL));
}

static void xtext(void **state) {
    (void)state;
    Text coded = text_new(), back = text_new();
    ParseFault fault;
    xtext_put(&coded, bytes_text("a+b=c d\x7f\xe9"));
    assert_string_equal(text_get(&coded), "a+2Bb+3Dc+20d+7F+E9");
    assert_true(xtext_decode(bytes_of(coded.at, coded.size), &back, &fault));
    assert_string_equal(text_get(&back), "a+b=c d\x7f\xe9");
    assert_false(xtext_decode(bytes_text("a+2"), &back, &fault));
    assert_true(strcmp(fault.reason, "xtext.escape") == 0 && fault.offset == 1);
    assert_false(xtext_decode(bytes_text("ab=c"), &back, &fault));
    assert_true(strcmp(fault.reason, "xtext.character") == 0 && fault.offset == 2);
    text_free(&coded);
    text_free(&back);
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(plain_english), MAIL_TEST(chinese),         MAIL_TEST(structure),
                                       MAIL_TEST(boundaries),    MAIL_TEST(what_users_type), MAIL_TEST(folding),
                                       MAIL_TEST(reports),       MAIL_TEST(broken_reports),  MAIL_TEST(xtext)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
