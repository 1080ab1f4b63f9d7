/* Addresses: the examples of RFC 5322 appendix A, obsolete forms, what is broken; SMTP's paths and their limits. */
#include "mail_test.h"

#include "mail/address.h"
#include "mail/path.h"

/* "name <local@domain> {group}" for each, joined by "|". */
static void print(Text *to, const AddressList *list) {
    for (size_t i = 0; i < list->count; i++) {
        const MailAddress *a = &list->items[i];
        if (i) text_put_char(to, '|');
        text_put_bytes(to, a->name);
        text_put_char(to, '<');
        address_put(to, a->local_part, a->domain);
        text_put_char(to, '>');
        if (a->comment.size > 0) text_print(to, "(%.*s)", (int)a->comment.size, (const char *)a->comment.at);
        if (a->group >= 0) {
            text_put_char(to, '{');
            text_put_bytes(to, list->groups[a->group].name);
            text_put_char(to, '}');
        }
    }
}

static void lists(void **state) {
    static const struct {
        const char *value, *read, *faults;
    } all[] = {
        {"John Doe <jdoe@machine.example>", "John Doe<jdoe@machine.example>", ""},
        {"\"Joe Q. Public\" <john.q.public@example.com>", "Joe Q. Public<john.q.public@example.com>", ""},
        {"Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>",
         "Mary Smith<mary@x.test>|<jdoe@example.org>|Who?<one@y.test>", ""},
        {"<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>",
         "<boss@nil.test>|Giant; \"Big\" Box<sysservices@example.net>", ""},
        {"A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;",
         "Ed Jones<c@a.test>{A Group}|<joe@where.test>{A Group}|John<jdoe@one.test>{A Group}", ""},
        {"Undisclosed recipients:;", "", ""},
        {"Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>", "Pete<pete@silly.test>(his host)", ""},
        {"A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
         " joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)",
         "Chris Jones<c@public.example>(Chris's host.){A Group}|<joe@example.org>{A Group}|"
         "John<jdoe@one.test>(my dear friend){A Group}",
         ""},
        {"Joe Q. Public <john.q.public@example.com>", "Joe Q. Public<john.q.public@example.com>", ""},
        {"Mary Smith <@node.test,@x.test:mary@example.net>, , jdoe@test  . example",
         "Mary Smith<mary@example.net>|<jdoe@test.example>", "address.route@12 address.empty@50"},
        {"John Doe <jdoe@machine(comment).  example>", "John Doe<jdoe@machine.example>(comment)", ""},
        {"bob@example.org (Bob)", "<bob@example.org>(Bob)", ""},
        {"\"a b\"@example.org", "<\"a b\"@example.org>", ""},
        {"\"quoted\".plain@example.org", "<quoted.plain@example.org>", ""},
        {"bob@[192.0.2.1], x@[IPv6:2001:db8::1]", "<bob@[192.0.2.1]>|<x@[IPv6:2001:db8::1]>", ""},
        {"=?UTF-8?B?5byg5LiJ?= <zhang@example.cn>", "张三<zhang@example.cn>", ""},
        {"=?UTF-8?Q?=E5=BC=A0?=\r\n =?UTF-8?Q?=E4=B8=89?= <zhang@example.cn>", "张三<zhang@example.cn>", ""},
        {"\"=?UTF-8?B?5byg5LiJ?=\" <zhang@example.cn>", "张三<zhang@example.cn>", "address.quoted_encoded_word@0"},
        {"张三 <张三@例子.中国>", "张三<张三@例子.中国>", ""},
        {"root", "<root>", "address.no_domain@0"},
        {"bob@", "<bob>", "address.no_domain@4"},
        {"Bob Smith@example.org", "<\"Bob Smith\"@example.org>", "address.local_part_blank@0"},
        {"a..b@example.org", "<\"a..b\"@example.org>", "address.dot@0"},
        {".a@example.org, a.@example.org", "<\".a\"@example.org>|<\"a.\"@example.org>", "address.dot@0 address.dot@16"},
        {"Bob <bob@example.org, Al <al@example.org>", "Bob<bob@example.org>|Al<al@example.org>",
         "address.no_bracket@20"},
        {"Bob <bob@example.org> extra, al@example.org", "Bob<bob@example.org>|<al@example.org>", "address.syntax@22"},
        {"@example.org, al@example.org", "<al@example.org>", "address.syntax@0"},
        {"\"open, al@example.org", "<\"open, al@example.org\">", "header.open_quote@0 address.no_domain@0"},
        {"bob@example.org (open", "<bob@example.org>(open)", "header.open_comment@16"},
        {"g: a@b.c", "<a@b.c>{g}", "address.group_open@8"},
        {"a@b.c; d@e.f", "<a@b.c>|<d@e.f>", "address.syntax@5"},
        {"<>", "", ""},
        {"", "", ""},
        {",,,", "", "address.empty@0 address.empty@1 address.empty@2"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        MailFaults faults = mail_faults(*state);
        AddressList list = address_list_read(*state, bytes_text(all[i].value), 0, &faults);
        Text text = text_new();
        print(&text, &list);
        if (strcmp(text_get(&text), all[i].read) != 0)
            fail_msg("%s: got %s, wanted %s", all[i].value, text_get(&text), all[i].read);
        assert_faults(&faults, all[i].faults);
        text_free(&text);
    }
    AddressList list = address_list_read(*state, bytes_text("a@b.c, Empty:;, Bob <bob@x.y> (c), d@e"), 50, NULL);
    assert_int_equal(list.group_count, 1);
    assert_text(list.groups[0].name, "Empty");
    assert_int_equal(list.groups[0].count, 0);
    assert_true(list.items[1].offset == 66 && list.items[1].size == 13);
}

static void sameness(void **state) {
    (void)state;
    assert_true(address_equal(bytes_text("bob"), bytes_text("X.org"), bytes_text("bob"), bytes_text("x.ORG")));
    assert_false(address_equal(bytes_text("bob"), bytes_text("x.org"), bytes_text("Bob"), bytes_text("x.org")));
    assert_false(address_equal(bytes_text("bob"), bytes_text("x.org"), bytes_text("bob"), bytes_text("y.org")));
    assert_true(address_equal(bytes_text("PostMaster"), bytes_text("x"), bytes_text("postmaster"), bytes_text("x")));
}

static void paths(void **state) {
    (void)state;
    static const struct {
        const char *path;
        PathRules rules;
        const char *read; /* NULL: refused */
        const char *reason;
        size_t at; /* its end, or the fault's offset */
    } all[] = {
        {"<alice@crepes.fr>", 0, "alice@crepes.fr", NULL, 17},
        {"<alice@crepes.fr> SIZE=10", 0, "alice@crepes.fr", NULL, 17},
        {"<@a.org,@b.org:joe@c.org>", 0, "joe@c.org", NULL, 25},
        {"<\"a b\"@c.org>", 0, "\"a b\"@c.org", NULL, 13},
        {"<\"a\\\"b\"@c.org>", 0, "\"a\\\"b\"@c.org", NULL, 14},
        {"<\"ab\"@c.org>", 0, "ab@c.org", NULL, 12},
        {"<bob@[192.0.2.1]>", 0, "bob@[192.0.2.1]", NULL, 17},
        {"<bob@[IPv6:2001:db8::1]>", 0, "bob@[IPv6:2001:db8::1]", NULL, 24},
        {"<bob@[IPv6:1:2:3:4:5:6:192.0.2.1]>", 0, "bob@[IPv6:1:2:3:4:5:6:192.0.2.1]", NULL, 34},
        {"<a.b+c/d=e@x-y.z9>", 0, "a.b+c/d=e@x-y.z9", NULL, 18},
        {"<>", PATH_NULL, "", NULL, 2},
        {"<Postmaster>", PATH_POSTMASTER, "Postmaster", NULL, 12},
        {"bob@example.org", PATH_BARE, "bob@example.org", NULL, 15},
        {"bob@example.org SIZE=1", PATH_BARE, "bob@example.org", NULL, 15},
        {"<张三@例子.中国>", PATH_UTF8, "张三@例子.中国", NULL, 22},
        {"<>", 0, NULL, "address.null", 1},
        {"<Postmaster>", 0, NULL, "address.no_domain", 11},
        {"<bob>", PATH_POSTMASTER, NULL, "address.no_domain", 4},
        {"bob@example.org", 0, NULL, "address.bracket", 0},
        {"<bob@example.org", 0, NULL, "address.bracket", 16},
        {"<@example.org>", 0, NULL, "address.route", 13},
        {"<@a.org,b.org:c@d.e>", 0, NULL, "address.route", 8},
        {"<bob smith@x.org>", 0, NULL, "address.no_domain", 4},
        {"<bob..smith@x.org>", 0, NULL, "address.local_part", 5},
        {"<.bob@x.org>", 0, NULL, "address.local_part", 1},
        {"<bob.@x.org>", 0, NULL, "address.local_part", 5},
        {"<bob@>", 0, NULL, "address.no_domain", 5},
        {"<bob@x..org>", 0, NULL, "address.domain", 7},
        {"<bob@-x.org>", 0, NULL, "address.domain", 5},
        {"<bob@x-.org>", 0, NULL, "address.domain", 5},
        {"<bob@x_y.org>", 0, NULL, "address.domain", 6},
        {"<bob@x.org.>", 0, NULL, "address.domain", 11},
        {"<bob@[300.0.0.1]>", 0, NULL, "address.literal", 5},
        {"<bob@[1.2.3]>", 0, NULL, "address.literal", 5},
        {"<bob@[IPv6:1::2::3]>", 0, NULL, "address.literal", 5},
        {"<bob@[IPv6:1:2:3]>", 0, NULL, "address.literal", 5},
        {"<bob@[IPv6:1:2:3:4:5:6:7::]>", 0, NULL, "address.literal", 5},
        {"<\"open@x.org>", 0, NULL, "address.quoted", 1},
        {"<\"\"@x.org>", 0, NULL, "address.local_part", 1},
        {"<\"a\tb\"@x.org>", 0, NULL, "address.quoted", 3},
        {"<张三@x.org>", 0, NULL, "address.not_ascii", 1},
        {"<bob@例子.中国>", 0, NULL, "address.not_ascii", 5},
        {"<\xff@x.org>", PATH_UTF8, NULL, "address.not_ascii", 1},
        {"", PATH_BARE, NULL, "address.local_part", 0},
        {"", 0, NULL, "address.bracket", 0},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        MailPath path;
        size_t end = 0;
        ParseFault fault = {0};
        bool good = path_parse(bytes_text(all[i].path), all[i].rules, &path, &end, &fault);
        if (good != (all[i].read != NULL)) fail_msg("%s: %s", all[i].path, good ? "taken" : fault.reason);
        if (good) {
            Text text = text_new();
            path_put(&text, &path);
            assert_string_equal(text_get(&text), all[i].read);
            assert_int_equal(end, all[i].at);
            text_free(&text);
        } else if (strcmp(fault.reason, all[i].reason) != 0 || fault.offset != all[i].at) {
            fail_msg("%s: %s at %zu, wanted %s at %zu", all[i].path, fault.reason, fault.offset, all[i].reason,
                     all[i].at);
        }
    }
}

/* RFC 5321 section 4.5.3.1: 64, 255, 256. */
static void limits(void **state) {
    (void)state;
    char text[600];
    MailPath path;
    size_t end;
    ParseFault fault;
    for (int length = 63; length <= 66; length++) {
        snprintf(text, sizeof text, "<%0*d@x.org>", length, 0);
        assert_int_equal(path_parse(bytes_text(text), 0, &path, &end, &fault), length <= 64);
        if (length > 64) assert_string_equal(fault.reason, "address.local_part_long");
        if (length > 64) assert_int_equal(fault.offset, 65);
        snprintf(text, sizeof text, "<\"%0*d\"@x.org>", length - 2, 0);
        assert_int_equal(path_parse(bytes_text(text), 0, &path, &end, &fault), length <= 64);
    }
    for (int length = 240; length <= 270; length++) {
        int size = snprintf(text, sizeof text, "<b@");
        for (int i = 0; i < length; i++) text[size + i] = i % 50 == 49 && i != length - 1 ? '.' : 'x';
        strcpy(text + size + length, ">");
        bool good = path_parse(bytes_text(text), 0, &path, &end, &fault);
        assert_int_equal(good, length + 4 <= 256);
        if (!good) assert_string_equal(fault.reason, length <= 255 ? "address.path_long" : "address.domain_long");
        assert_int_equal(domain_check(bytes_slice(bytes_text(text), 3, (size_t)length), false, &fault), length <= 255);
    }
    snprintf(text, sizeof text, "%064d.org", 0);
    assert_false(domain_check(bytes_text(text), false, &fault));
    assert_true(domain_check(bytes_text(text + 1), false, &fault));
    MailPath a, b;
    assert_true(path_make(bytes_text("bob"), bytes_text("X.org"), &a) &&
                path_make(bytes_text("bob"), bytes_text("x.ORG"), &b));
    assert_true(path_equal(&a, &b) && !path_is_null(&a) && !path_is_postmaster(&a));
    assert_true(path_make(bytes_text("POSTmaster"), (Bytes){0}, &a) && path_is_postmaster(&a));
    memset(text, 'x', sizeof text);
    assert_false(path_make(bytes_of(text, 65), (Bytes){0}, &a));
    assert_false(path_make(bytes_of(text, 64), bytes_of(text, 256), &a));
}

/* As IMAP hands them on: nothing decoded, the route kept. */
static void raw_names(void **state) {
    static const struct {
        const char *value, *read;
    } all[] = {
        {"=?UTF-8?Q?=C3=A4?=  =?UTF-8?Q?=C3=B6?= <a@b>", "=?UTF-8?Q?=C3=A4?= =?UTF-8?Q?=C3=B6?=<a@b>"},
        {"\"=?UTF-8?Q?=C3=A4?= \\\"x\\\"\" \xe4\r\n y <a@b>", "=?UTF-8?Q?=C3=A4?= \"x\" \xe4 y<a@b>"},
        {"a@b (=?UTF-8?Q?=C3=A4?=)", "<a@b>(=?UTF-8?Q?=C3=A4?=)"},
        {"=?UTF-8?Q?=C3=A4?=: c@d;", "<c@d>{=?UTF-8?Q?=C3=A4?=}"},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        AddressList list = address_list_read_raw(*state, bytes_text(all[i].value));
        Text text = text_new();
        print(&text, &list);
        assert_string_equal(text_get(&text), all[i].read);
        text_free(&text);
    }
    AddressList list = address_list_read_raw(*state, bytes_text("<@a.b, @c:d@e>"));
    assert_int_equal(list.count, 1);
    assert_text(list.items[0].route, "@a.b,@c");
    assert_text(list.items[0].local_part, "d");
}

static void every_truncation(void **state) {
    static const char *const lists[] = {
        "A \"b\\\"c\" (d (e) \\)) <@r.s:f.\"g\"@[1.2.3.4]>, G: =?UTF-8?B?5byg?= <h@i>;, j (k)",
        "<@a.org,@b.org:\"jo\\e\"@[IPv6:2001:db8::192.0.2.1]>"};
    for (size_t l = 0; l < 2; l++)
        for (size_t size = 0; size <= strlen(lists[l]); size++) {
            char *copy = malloc(size + 1); /* its own allocation: a read past the end is seen */
            memcpy(copy, lists[l], size);
            copy = realloc(copy, size ? size : 1);
            MailFaults faults = mail_faults(*state);
            AddressList list = address_list_read(*state, bytes_of(copy, size), 0, &faults);
            for (size_t i = 0; i < list.count; i++) assert_true(list.items[i].offset + list.items[i].size <= size);
            for (size_t i = 0; i < faults.count; i++) assert_true(faults.items[i].offset <= size);
            MailPath path;
            size_t end;
            ParseFault fault;
            if (path_parse(bytes_of(copy, size), PATH_UTF8, &path, &end, &fault)) assert_true(end <= size);
            else assert_true(fault.offset <= size);
            free(copy);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {MAIL_TEST(lists), MAIL_TEST(sameness), MAIL_TEST(paths), MAIL_TEST(limits), MAIL_TEST(raw_names),
                                       MAIL_TEST(every_truncation)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
