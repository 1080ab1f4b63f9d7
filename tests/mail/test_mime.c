/* The tree of parts: RFC 2046's examples, defaults, what is malformed, limits, fragments, carriers. */
#include "mail_test.h"

#include <time.h>

#include "mail/mime.h"
#include "mail/partial.h"
#include "mail/reencode.h"

/* "multipart/mixed(text/plain text/plain)". */
static void outline(Text *to, const MimePart *p) {
    text_print(to, "%.*s/%.*s", (int)p->type_name.size, (const char *)p->type_name.at, (int)p->subtype.size,
               (const char *)p->subtype.at);
    if (!p->first) return;
    text_put_char(to, '(');
    for (const MimePart *child = p->first; child; child = child->next) {
        if (child != p->first) text_put_char(to, ' ');
        outline(to, child);
    }
    text_put_char(to, ')');
}

static MimeTree read_tree(Arena *arena, const char *octets, LineRule lines, MailFaults *faults) {
    *faults = mail_faults(arena);
    return mime_read(arena, bytes_text(octets), (MimeRules){.lines = lines}, faults);
}

static void assert_outline(const MimeTree *tree, const char *wanted, int line) {
    Text text = text_new();
    outline(&text, tree->root);
    if (strcmp(text_get(&text), wanted) != 0) fail_msg("line %d: %s, wanted %s", line, text_get(&text), wanted);
    text_free(&text);
}
#define assert_tree(tree, wanted) assert_outline(&(tree), wanted, __LINE__)

/* RFC 2046 section 5.1.1. */
static void the_rfc_example(void **state) {
    MailFaults faults;
    MimeTree tree = read_tree(*state,
                              "From: Nathaniel Borenstein <nsb@bellcore.com>\r\nMIME-Version: 1.0\r\n"
                              "Content-type: multipart/mixed; boundary=\"simple boundary\"\r\n\r\n"
                              "This is the preamble.\r\n--simple boundary\r\n\r\n"
                              "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak."
                              "\r\n--simple boundary\r\nContent-type: text/plain; charset=us-ascii\r\n\r\n"
                              "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n"
                              "\r\n--simple boundary--\r\nThis is the epilogue.\r\n",
                              LINES_CRLF, &faults);
    assert_faults(&faults, "");
    assert_tree(tree, "multipart/mixed(text/plain text/plain)");
    const MimePart *root = tree.root, *one = root->first, *two = one->next;
    assert_text(root->preamble, "This is the preamble.");
    assert_text(root->epilogue, "This is the epilogue.\r\n");
    assert_text(root->boundary, "simple boundary");
    assert_text(one->body, "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.");
    assert_text(two->body, "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n");
    assert_false(one->type_given);
    assert_true(two->type_given && two->number == 2 && two->depth == 1 && two->parent == root);
    assert_text(bytes_slice(tree.whole, two->offset, two->size), "Content-type: text/plain; charset=us-ascii\r\n\r\n"
                                                                 "This is explicitly typed plain US-ASCII text.\r\n"
                                                                 "It DOES end with a linebreak.\r\n");
    assert_int_equal(tree.part_count, 3);
    assert_ptr_equal(mime_next(root), one);
    assert_ptr_equal(mime_next(one), two);
    assert_null(mime_next(two));
}

static const char nested[] =
    "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n\r\n"
    "--o\r\nContent-Type: multipart/alternative; boundary=oo\r\n\r\n--oo\r\n\r\nplain\r\n--oo\r\n"
    "Content-Type: text/html\r\n\r\n<p>\r\n--oo--\r\n"
    "--o\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\nContent-Type: multipart/digest; boundary=d\r\n\r\n"
    "--d\r\n\r\nSubject: first\r\n\r\n1\r\n--d\r\nContent-Type: text/plain\r\n\r\n2\r\n--d--\r\n"
    "--o\r\nContent-Type: image/gif; name=\"a.gif\"\r\nContent-Transfer-Encoding: BASE64\r\nContent-ID: <x@y>\r\n"
    "Content-Description: =?UTF-8?B?5L2g?=\r\nContent-Disposition: Attachment; filename*=UTF-8''%E4%BD%A0.gif\r\n\r\n"
    "R0lG\r\nODlh\r\n--o--\r\n";

static void nesting_and_numbers(void **state) {
    MailFaults faults;
    MimeTree tree = read_tree(*state, nested, LINES_CRLF, &faults);
    assert_faults(&faults, "");
    assert_tree(tree, "multipart/mixed(multipart/alternative(text/plain text/html) "
                      "message/rfc822(multipart/digest(message/rfc822(text/plain) text/plain)) image/gif)");
    static const struct {
        const char *number, *body; /* NULL: there is no such part */
    } parts[] = {{"1.1", "plain"}, {"1.2", "<p>"},    {"2.1.1", "1"}, {"2.2", "2"}, {"3", "R0lG\r\nODlh"},
                 {"4", NULL},      {"1.3", NULL},     {"3.1", NULL},  {"0", NULL},  {"1.", NULL},
                 {"x", NULL},      {"2.1.1.1", NULL}, {"2.1.2", NULL}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const MimePart *p = mime_part_find(&tree, parts[i].number);
        if (!p != !parts[i].body) fail_msg("%s", parts[i].number);
        if (p) assert_text(p->body, parts[i].body);
    }
    assert_ptr_equal(mime_part_find(&tree, ""), tree.root);
    const MimePart *image = mime_part_find(&tree, "3");
    assert_int_equal(image->encoding, MIME_BASE64);
    assert_text(mime_part_octets(*state, image, &faults), "GIF89a");
    assert_text(mime_part_filename(image), "你.gif");
    assert_text(image->content_id, "x@y");
    assert_text(image->content_description, "你");
    assert_text(image->disposition, "attachment");
    assert_int_equal(mime_part_find(&tree, "2.1")->type, MIME_MESSAGE);
    tree = read_tree(*state, "Subject: x\r\n\r\nbody", LINES_CRLF, &faults);
    assert_ptr_equal(mime_part_find(&tree, "1"), tree.root);
    assert_null(mime_part_find(&tree, "1.1"));
    assert_null(mime_part_find(&tree, "2"));
}

static void defaults(void **state) {
    static const struct {
        const char *octets, *type, *encoding, *charset, *text, *faults;
    } all[] = {
        {"Subject: x\r\n\r\nhi", "text/plain", "7bit", "us-ascii", "hi", ""},
        {"MIME-Version: 1.0\r\nContent-Type: text\r\n\r\nhi", "text/plain", "7bit", "us-ascii", "hi",
         "mime.content_type@37"},
        {"MIME-Version: 1.0\r\nContent-Type: text; charset=utf-8\r\n\r\n\xe4\xbd\xa0", "text/plain", "7bit", "utf-8",
         "你", "mime.content_type@37"},
        {"MIME-Version: 1.0\r\nContent-Type: \r\n\r\nhi", "text/plain", "7bit", "us-ascii", "hi",
         "mime.content_type@33"},
        {"MIME-Version: 1.0\r\nContent-Type: (c) TEXT (d) / (e) HTML (f); (g) charset=\"gb2312\"\r\n\r\n\xc4\xe3",
         "text/html", "7bit", "gb2312", "你", ""},
        {"Content-Type: text/plain\r\n\r\nhi", "text/plain", "7bit", "us-ascii", "hi", "mime.no_version@0"},
        {"MIME-Version: 1.0\r\nContent-Transfer-Encoding: x-uue\r\n\r\nhi", "text/plain", "x-uue", "us-ascii", "hi",
         "mime.encoding_unknown@46"},
        {"MIME-Version: 1.0\r\nContent-Transfer-Encoding: (c) Quoted-Printable (d)\r\n\r\na=3Db", "text/plain",
         "quoted-printable", "us-ascii", "a=b", ""},
        {"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=x-no\r\n\r\n\xe9", "text/plain", "7bit", "x-no",
         "\xef\xbf\xbd", "charset.unknown@61"},
        {"MIME-Version: 1.0\r\nContent-Type: multipart/mixed\r\n\r\nhi", "multipart/mixed", "7bit", "us-ascii", "hi",
         "mime.no_boundary@0"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        MailFaults faults;
        MimeTree tree = read_tree(*state, all[i].octets, LINES_CRLF, &faults);
        assert_tree(tree, all[i].type);
        assert_text(tree.root->encoding_name, all[i].encoding);
        assert_text(mime_part_charset(tree.root), all[i].charset);
        assert_text(mime_part_text(*state, tree.root, &faults), all[i].text);
        assert_faults(&faults, all[i].faults);
    }
}

#define MULTI "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" /* 64 octets */
static void what_is_odd(void **state) {
    static const struct {
        const char *octets, *tree, *faults;
    } odd[] = {
        {MULTI "no delimiter\r\n", "multipart/mixed", "mime.boundary_missing@78"},
        {MULTI "--b\r\n\r\nx", "multipart/mixed(text/plain)", "mime.not_closed@72"},
        {MULTI "--b\r\n\r\nx\r\n--b", "multipart/mixed(text/plain text/plain)", "mime.not_closed@77"},
        {MULTI "--b--\r\n", "multipart/mixed", ""},
        {MULTI "--b\r\n--b\r\n\r\nx\r\n--b--", "multipart/mixed(text/plain text/plain)", ""},
        {MULTI "--b\r\nContent-Type: text/html\r\n--b--", "multipart/mixed(text/html)", ""},
        {MULTI "--b\r\nno header here\r\n--b--", "multipart/mixed(text/plain)", "message.no_header@69"},
        {MULTI "--b \t\r\n\r\nx\r\n--b-- \r\n--b\r\n\r\nnot a part\r\n", "multipart/mixed(text/plain)", ""},
        {MULTI "--bc\r\n--b x\r\n --b\r\nx--b\r\n--b\r\n\r\n--b--", "multipart/mixed(text/plain)", ""},
        {MULTI "--b\r\nContent-Type: multipart/mixed; boundary=bb\r\n\r\n--bb\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--",
         "multipart/mixed(multipart/mixed(text/plain) text/plain)", "mime.not_closed@124"},
        {MULTI "--b\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--b--\r\n",
         "multipart/mixed(multipart/mixed(text/plain))", ""},
        {MULTI
         "--b\r\nContent-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0K\r\n--b--",
         "multipart/mixed(message/rfc822)", "mime.encoding_of_composite@126"},
        {MULTI "--b\n\nx\n--b--", "multipart/mixed", "mime.boundary_missing@76"},
        {"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"b \"\r\nContent-Transfer-Encoding: "
         "base64\r\n\r\n"
         "--b\r\n\r\nx\r\n--b--",
         "multipart/mixed(text/plain)", "mime.encoding_of_composite@92"},
        {"Content-Type: message/rfc822\r\nMIME-Version: 1\r\n\r\n", "message/rfc822(text/plain)", ""},
        {"", "text/plain", ""},
    };
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        MailFaults faults;
        MimeTree tree = read_tree(*state, odd[i].octets, LINES_CRLF, &faults);
        Text text = text_new();
        outline(&text, tree.root);
        if (strcmp(text_get(&text), odd[i].tree) != 0) fail_msg("%zu: %s", i, text_get(&text));
        text_free(&text);
        assert_faults(&faults, odd[i].faults);
    }
    MailFaults faults;
    MimeTree tree = read_tree(*state,
                              "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1\n\n--b\n\nx\n--b--\nend\n",
                              LINES_LENIENT, &faults);
    assert_tree(tree, "multipart/mixed(text/plain)");
    assert_text(tree.root->first->body, "x");
    assert_text(tree.root->epilogue, "end\n");
}

static double seconds(void) { return (double)clock() / CLOCKS_PER_SEC; }

/* Depth and number are bounded, and the time grows with the size, whatever the shape. */
static void limits(void **state) {
    Text text = text_new();
    text_put(&text, "MIME-Version: 1.0\r\n");
    for (int i = 0; i < 200; i++)
        text_print(&text, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    text_put(&text, "\r\nx");
    MailFaults faults = mail_faults(*state);
    MimeTree tree = mime_read(*state, bytes_of(text.at, text.size), (MimeRules){0}, &faults);
    assert_int_equal(tree.part_count, MIME_DEPTH_MOST + 1);
    assert_non_null(mail_fault_find(&faults, "mime.too_deep"));

    text_clear(&text);
    text_put(&text, MULTI);
    for (int i = 0; i < 100000; i++) text_print(&text, "--b\r\nX-Number: %d\r\n\r\nx\r\n", i);
    text_put(&text, "--b--\r\nepilogue");
    faults = mail_faults(*state);
    tree = mime_read(*state, bytes_of(text.at, text.size), (MimeRules){0}, &faults);
    assert_int_equal(tree.part_count, MIME_PARTS_MOST);
    assert_text(tree.root->epilogue, "epilogue");
    assert_int_equal(faults.count, 1);
    assert_string_equal(faults.items[0].reason, "mime.too_many_parts");
    double before = seconds();
    tree = mime_read(*state, bytes_of(text.at, text.size), (MimeRules){.parts_most = 200000}, NULL);
    assert_int_equal(tree.part_count, 100001);
    assert_text(tree.root->last->body, "x");
    assert_true(seconds() - before < 5); /* 0.05 s in a release build; a quadratic reading takes minutes */

    /* Lines that look like delimiters of fifty open multiparts. */
    text_clear(&text);
    text_put(&text, "MIME-Version: 1.0\r\n");
    for (int i = 0; i < 49; i++)
        text_print(&text, "Content-Type: multipart/mixed; boundary=%060d%02d\r\n\r\n--%060d%02d\r\n", 0, i, 0, i);
    text_put(&text, "\r\n");
    for (int i = 0; i < 200000; i++) text_print(&text, "--%060dxx\r\n", 0);
    before = seconds();
    tree = mime_read(*state, bytes_of(text.at, text.size), (MimeRules){0}, NULL);
    assert_int_equal(tree.part_count, 50);
    assert_true(seconds() - before < 10);
    text_free(&text);
}

static void kinds(void **state) {
    (void)state;
    size_t basic = 0;
    bool types[MIME_OTHER_TYPE] = {false};
    for (size_t i = 0; i < mime_kind_count; i++) {
        basic += mime_kinds[i].basic;
        types[mime_kinds[i].type] = true;
        Bytes type = bytes_text(mime_type_name(mime_kinds[i].type));
        assert_ptr_equal(mime_kind_find(type, bytes_text(mime_kinds[i].subtype)), &mime_kinds[i]);
    }
    assert_int_equal(basic, 15);
    for (size_t i = 0; i < MIME_OTHER_TYPE; i++) assert_true(types[i]);
    assert_null(mime_kind_find(bytes_text("text"), bytes_text("nothing")));
    assert_int_equal(mime_type_find(bytes_text("chemical")), MIME_OTHER_TYPE);
    assert_string_equal(mime_encoding_name(MIME_QUOTED_PRINTABLE), "quoted-printable");
}

static MimeTree *tree_of(Arena *arena, Bytes octets) {
    MimeTree *tree = arena_alloc(arena, sizeof *tree);
    *tree = mime_read(arena, octets, (MimeRules){0}, NULL);
    return tree;
}

/* RFC 2046 section 5.2.2.2's example, its audio shortened. */
static void fragments(void **state) {
    MimeTree *one = tree_of(
        *state, bytes_text("X-Weird-Header-1: Foo\r\nFrom: Bill@host.com\r\nTo: joe@otherhost.com\r\n"
                           "Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\nSubject: Audio mail (part 1 of 2)\r\n"
                           "Message-ID: <id1@host.com>\r\nMIME-Version: 1.0\r\n"
                           "Content-type: message/partial; id=\"ABC@host.com\"; number=1; total=2\r\n\r\n"
                           "X-Weird-Header-1: Bar\r\nX-Weird-Header-2: Hello\r\nMessage-ID: <anotherid@foo.com>\r\n"
                           "Subject: Audio mail\r\nMIME-Version: 1.0\r\nContent-type: audio/basic\r\n"
                           "Content-transfer-encoding: base64\r\n\r\nR0lG\r\n"));
    MimeTree *two = tree_of(
        *state, bytes_text("From: Bill@host.com\r\nTo: joe@otherhost.com\r\nSubject: Audio mail (part 2 of 2)\r\n"
                           "MIME-Version: 1.0\r\nMessage-ID: <id2@host.com>\r\n"
                           "Content-type: message/partial; id=\"ABC@host.com\"; number=2; total=2\r\n\r\nODlh\r\n"));
    const MimeTree *both[] = {two, one};
    Bytes whole;
    ParseFault fault = {0};
    assert_true(mime_partial_join(*state, both, 2, &whole, &fault));
    assert_text(whole, "X-Weird-Header-1: Foo\r\nFrom: Bill@host.com\r\nTo: joe@otherhost.com\r\n"
                       "Date: Fri, 26 Mar 1993 12:59:38 -0500 (EST)\r\nMessage-ID: <anotherid@foo.com>\r\n"
                       "Subject: Audio mail\r\nMIME-Version: 1.0\r\nContent-type: audio/basic\r\n"
                       "Content-transfer-encoding: base64\r\n\r\nR0lG\r\nODlh\r\n");
    assert_text(mime_part_octets(*state, tree_of(*state, whole)->root, NULL), "GIF89a");
    MimeTree *plain = tree_of(*state, bytes_text("Subject: x\r\n\r\nx"));
    MimeTree *other = tree_of(*state, bytes_text("Content-Type: message/partial; id=z; number=2; total=2\r\n\r\nx"));
    MimeTree *open = tree_of(*state,
                             bytes_text("Content-Type: message/partial; id=\"ABC@host.com\"; number=1\r\n\r\nx"));
    const struct {
        const MimeTree *trees[2];
        size_t count;
        const char *reason;
        size_t offset;
    } bad[] = {{{one, NULL}, 1, "mime.partial_missing", 2}, {{two, NULL}, 1, "mime.partial_missing", 1},
               {{one, one}, 2, "mime.partial_repeated", 1}, {{one, other}, 2, "mime.partial_other", 1},
               {{one, plain}, 2, "mime.partial_type", 1},   {{open, NULL}, 1, "mime.partial_total", 0}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(mime_partial_join(*state, bad[i].trees, bad[i].count, &whole, &fault));
        if (strcmp(fault.reason, bad[i].reason) != 0 || fault.offset != bad[i].offset)
            fail_msg("%zu: %s at %zu", i, fault.reason, fault.offset);
    }
    for (size_t most = 1; most < 200; most += 7) {
        size_t count;
        Bytes *pieces = mime_partial_split(*state, bytes_text(nested), most, bytes_text("a b@c"), &count);
        assert_true(count > 1);
        const MimeTree **trees = arena_alloc(*state, count * sizeof *trees);
        for (size_t i = 0; i < count; i++) trees[i] = tree_of(*state, pieces[count - 1 - i]);
        assert_true(mime_partial_join(*state, trees, count, &whole, &fault));
        assert_text(whole, nested);
    }
}

/* Encoded anew for a 7-bit carrier and for an 8-bit one: the same contents. */
static void carriers(void **state) {
    MailFaults faults;
    MimeTree tree = read_tree(
        *state,
        "From: \xe5\xbc\xa0 <z@x>\r\nSubject: caf\xc3\xa9\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
        "\xe4\xbd\xa0\xe5\xa5\xbd\xe4\xbd\xa0\xe5\xa5\xbd\r\n"
        "--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nLS1iDQp4\r\n"
        "--b\r\nContent-Type: image/gif; name=\"\xe5\xbc\xa0\"\r\nContent-Transfer-Encoding: binary\r\n\r\n"
        "GIF\x80\xff\r\n--b--\r\n",
        LINES_CRLF, &faults);
    for (int eight_bit = 0; eight_bit < 2; eight_bit++) {
        Bytes again = reencode(*state, &tree, (MailCarrier){.eight_bit = eight_bit});
        MimeTree read = mime_read(*state, again, (MimeRules){0}, &faults);
        assert_tree(read, "multipart/mixed(text/plain text/plain image/gif)");
        const MimePart *one = read.root->first, *two = one->next, *three = two->next;
        assert_text(mime_part_text(*state, one, NULL), "你好你好");
        assert_text(mime_part_octets(*state, two, NULL), "--b\r\nx"); /* as it is, it would end the part */
        assert_text(mime_part_octets(*state, three, NULL), "GIF\x80\xff");
        assert_text(mime_part_filename(three), "张");
        assert_text(header_field_text(*state, header_find(&read.root->header, "Subject"), NULL), "café");
        if (!eight_bit) assert_true(bytes_is_ascii(again));
        assert_int_equal(one->encoding, eight_bit ? MIME_8BIT : MIME_BASE64);
        assert_int_equal(three->encoding, MIME_BASE64);
    }
}

/* In a place of its own, so that a sanitizer sees a read past its end. */
static void truncated(Bytes message) {
    for (size_t size = 0; size <= message.size; size++) {
        Arena *arena = arena_new(), **state = &arena;
        char *copy = malloc(size ? size : 1);
        if (size > 0) memcpy(copy, message.at, size);
        MailFaults faults = mail_faults(*state);
        MimeTree tree = mime_read(*state, bytes_of(copy, size), (MimeRules){.lines = LINES_LENIENT}, &faults);
        for (const MimePart *p = tree.root; p; p = mime_next(p)) {
            assert_true(p->offset + p->size <= size && p->body_offset + p->body.size <= size);
            mime_part_text(*state, p, &faults);
            for (const MimePart *child = p->first; child; child = child->next)
                assert_true(child->offset >= p->body_offset && child->offset + child->size <= p->offset + p->size);
        }
        for (size_t i = 0; i < faults.count; i++) assert_true(faults.items[i].offset <= size);
        mime_read(*state, reencode(*state, &tree, (MailCarrier){0}), (MimeRules){0}, NULL);
        free(copy);
        arena_free(arena);
    }
}

static void every_truncation(void **state) {
    (void)state;
    truncated(bytes_text(nested));
    static const char *const names[] = {"type-multipart-digest",  "type-message-external-body",
                                        "nested-three-deep",      "nested-message-in-message",
                                        "nested-report",          "chinese-gb2312-quoted",
                                        "chinese-gb18030-8bit",   "japanese-iso-2022-jp",
                                        "words-split-in-gb",      "parameter-continued",
                                        "parameter-boundary-odd", "addresses-groups",
                                        "addresses-obsolete",     "crlf",
                                        "broken-base64",          "broken-quoted"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        Text path = text_new(), file = text_new(), error = text_new();
        text_print(&path, "%s/tests/mail/corpus/%s.eml", NETSTAGE_SOURCE, names[i]);
        if (!text_read_file(text_get(&path), &file, &error)) fail_msg("%s", text_get(&error));
        truncated(bytes_of(file.at, file.size));
        text_free(&path);
        text_free(&file);
        text_free(&error);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(the_rfc_example), MAIL_TEST(nesting_and_numbers),
                                       MAIL_TEST(defaults),        MAIL_TEST(what_is_odd),
                                       MAIL_TEST(limits),          MAIL_TEST(kinds),
                                       MAIL_TEST(fragments),       MAIL_TEST(carriers),
                                       MAIL_TEST(every_truncation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
