/* RFC 3501 section 9: what is allowed is read, what is not is refused with its place and reason, and what is written is
 * read again as it was. */
#include "../mail/mail_test.h"

#include "mail/date.h"
#include "proto/imap/syntax.h"

static ImapReader reader_of(Arena *arena, const char *text) { return imap_reader(bytes_text(text), arena); }

static void assert_fault_at(const ImapReader *r, const char *reason, size_t offset, const char *input, int line) {
    const char *got = r->fault.reason ? r->fault.reason : "none";
    if (strcmp(got, reason ? reason : "none") != 0 || (reason && r->fault.offset != offset))
        fail_msg("line %d: \"%s\": fault %s at %zu, wanted %s at %zu", line, input, got, r->fault.offset,
                 reason ? reason : "none", offset);
}
#define assert_fault(r, reason, offset, input) assert_fault_at(&(r), reason, offset, input, __LINE__)

typedef bool (*ReadBytes)(ImapReader *r, Bytes *bytes);
typedef struct {
    const char *input, *wanted, *reason; /* wanted NULL: refused for this reason, */
    size_t offset;                       /* here; else: where reading ended */
} Case;

static void check_cases(Arena *arena, ReadBytes read, const Case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const Case *c = &cases[i];
        ImapReader r = reader_of(arena, c->input);
        Bytes bytes;
        bool good = read(&r, &bytes);
        assert_fault(r, c->reason, c->offset, c->input);
        if (good != (c->wanted != NULL)) fail_msg("\"%s\": %s", c->input, good ? "taken" : "refused");
        if (!good) continue;
        assert_text(bytes, c->wanted);
        if (r.at != c->offset) fail_msg("\"%s\": read to %zu, not %zu", c->input, r.at, c->offset);
    }
}
#define CHECK_CASES(read, ...) \
    check_cases(*state, read, (const Case[]){__VA_ARGS__}, sizeof((const Case[]){__VA_ARGS__}) / sizeof(Case))

static void tags_atoms_and_names(void **state) {
    CHECK_CASES(imap_read_tag, {"a001 NOOP", "a001", NULL, 4}, {"a]}-. x", "a]}-.", NULL, 5},
                {"+ x", NULL, "imap.tag", 0}, {"a+b", "a", NULL, 1}, {"", NULL, "imap.tag", 0},
                {" a", NULL, "imap.tag", 0}, {"*", NULL, "imap.tag", 0});
    CHECK_CASES(imap_read_atom, {"INBOX", "INBOX", NULL, 5}, {"a+}=b", "a+}=b", NULL, 5}, {"a]", "a", NULL, 1},
                {"]", NULL, "imap.atom", 0}, {"(", NULL, "imap.atom", 0}, {"{", NULL, "imap.atom", 0},
                {"%", NULL, "imap.atom", 0}, {"*", NULL, "imap.atom", 0}, {"\"", NULL, "imap.atom", 0},
                {"\\", NULL, "imap.atom", 0}, {"\x7f", NULL, "imap.atom", 0}, {"\x80", NULL, "imap.atom", 0},
                {"a\tb", "a", NULL, 1});
    CHECK_CASES(imap_read_name, {"uid fetch", "UID", NULL, 3}, {"Body.Peek[", "BODY.PEEK", NULL, 9},
                {"utf-8", "UTF-8", NULL, 5}, {"[", NULL, "imap.name", 0});
}

static void strings(void **state) {
    CHECK_CASES(imap_read_string, {"\"\"", "", NULL, 2}, {"\"a b\" c", "a b", NULL, 5},
                {"\"a\\\"b\\\\c\"", "a\"b\\c", NULL, 9}, {"\"\\\\\"", "\\", NULL, 4}, {"{3}\r\nabcd", "abc", NULL, 8},
                {"{0}\r\n", "", NULL, 5}, {"{3+}\r\na\r\n", "a\r\n", NULL, 9}, {"{1-}\r\n\xff", "\xff", NULL, 7},
                {"{03}\r\nabc", "abc", NULL, 9}, {"\"a", NULL, "imap.string", 2}, {"\"a\\", NULL, "imap.string", 3},
                {"\"a\\b\"", NULL, "imap.string", 3}, {"\"a\nb\"", NULL, "imap.string", 2},
                {"\"a\rb\"", NULL, "imap.string", 2}, {"\"a\x80\"", NULL, "imap.string", 2},
                {"a", NULL, "imap.string", 0}, {"", NULL, "imap.string", 0}, {"{}\r\n", NULL, "imap.literal", 1},
                {"{-1}\r\n", NULL, "imap.literal", 1}, {"{3}\r\nab", NULL, "imap.literal", 5},
                {"{3}\nabc", NULL, "imap.literal", 3}, {"{3 }\r\nabc", NULL, "imap.literal", 2},
                {"{3+-}\r\nabc", NULL, "imap.literal", 3}, {"{4294967296}\r\n", NULL, "imap.number", 10},
                {"{4294967295}\r\na", NULL, "imap.literal", 14});
    CHECK_CASES(imap_read_astring, {"a]b c", "a]b", NULL, 3}, {"\"x y\"", "x y", NULL, 5}, {"{1}\r\n(", "(", NULL, 6},
                {"NIL", "NIL", NULL, 3}, {"%", NULL, "imap.string", 0}, {")", NULL, "imap.string", 0});
    const char nul[] = "{3}\r\na\0b";
    ImapReader r = imap_reader(bytes_of(nul, sizeof nul - 1), *state);
    Bytes bytes;
    assert_false(imap_read_string(&r, &bytes));
    assert_fault(r, "imap.nul", 6, "a literal with NUL");
    const char quoted[] = "\"a\0b\"";
    r = imap_reader(bytes_of(quoted, sizeof quoted - 1), *state);
    assert_false(imap_read_string(&r, &bytes));
    assert_fault(r, "imap.string", 2, "a quoted string with NUL");
}

static void nstrings_and_the_first_fault_stays(void **state) {
    static const struct {
        const char *input, *wanted;
        bool nil, good;
    } cases[] = {{"NIL", "", true, true},   {"nil)", "", true, true}, {"\"NIL\"", "NIL", false, true},
                 {"NILS", "", true, false}, {"x", "", true, false},   {"", "", true, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ImapReader r = reader_of(*state, cases[i].input);
        Bytes bytes;
        bool nil;
        assert_int_equal(imap_read_nstring(&r, &bytes, &nil), cases[i].good);
        if (!cases[i].good) continue;
        assert_text(bytes, cases[i].wanted);
        assert_int_equal(nil, cases[i].nil);
    }
    ImapReader r = reader_of(*state, "x 7");
    uint32_t number;
    Bytes bytes;
    ImapSet set;
    assert_false(imap_read_number(&r, &number));
    assert_false(imap_read_space(&r) || imap_read_char(&r, 'x') || imap_read_atom(&r, &bytes) || imap_read_end(&r) ||
                 imap_is_next(&r, 'x') || imap_read_set(&r, &set) || imap_read_mailbox(&r, &bytes));
    assert_fault(r, "imap.number", 0, "x 7");
    r = reader_of(*state, "ab");
    assert_true(imap_read_char(&r, 'a'));
    assert_false(imap_read_end(&r));
    assert_fault(r, "imap.end", 1, "ab");
}

static void numbers(void **state) {
    static const struct {
        const char *input;
        bool good, nz;
        uint32_t wanted;
    } cases[] = {{"0", true, false, 0},
                 {"007", true, false, 7},
                 {"1", true, true, 1},
                 {"10)", true, true, 10},
                 {"4294967295", true, true, UINT32_MAX},
                 {"4294967296", false, false, 0},
                 {"99999999999999999999999", false, false, 0},
                 {"-1", false, false, 0},
                 {"", false, false, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t number;
        ImapReader r = reader_of(*state, cases[i].input), nz = r;
        assert_int_equal(imap_read_number(&r, &number), cases[i].good);
        if (cases[i].good) assert_int_equal(number, cases[i].wanted);
        assert_int_equal(imap_read_nz_number(&nz, &number), cases[i].nz);
    }
}

/* Section 5.1.3, and what it forbids. */
static void names_of_mailboxes(void **state) {
    CHECK_CASES(imap_read_mailbox, {"inbox", "INBOX", NULL, 5}, {"\"InBoX\"", "INBOX", NULL, 7},
                {"{5}\r\niNBOX", "INBOX", NULL, 10}, {"inbox/a", "inbox/a", NULL, 7}, {"a&-b", "a&b", NULL, 4},
                {"~peter/mail/&U,BTFw-/&ZeVnLIqe-",
                 "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e", NULL, 31},
                {"&Jjo-!", "\xe2\x98\xba!", NULL, 6}, {"&2D3cqQ-", "\xf0\x9f\x92\xa9", NULL, 8},
                {"&AOQ-&-&AOQ-", "\xc3\xa4&\xc3\xa4", NULL, 12}, {"&Jjo!", NULL, "imap.utf7", 0},
                {"&U,BTFw-&ZeVnLIqe-", NULL, "imap.utf7", 0}, {"&Jjo", NULL, "imap.utf7", 0},
                {"&", NULL, "imap.utf7", 0}, {"&AGE-", NULL, "imap.utf7", 0}, {"&ACY-", NULL, "imap.utf7", 0},
                {"&Jj-", NULL, "imap.utf7", 0}, {"&Jjp-", NULL, "imap.utf7", 0}, {"&JjoA-", NULL, "imap.utf7", 0},
                {"&2D0-", NULL, "imap.utf7", 0}, {"&3Kk-", NULL, "imap.utf7", 0}, {"&2D3YPQ-", NULL, "imap.utf7", 0},
                {"&U/BTFw-", NULL, "imap.utf7", 0}, {"&U=BTFw-", NULL, "imap.utf7", 0},
                {"\"a\tb\"", NULL, "imap.utf7", 0}, {"{2}\r\n\xc3\xa4", NULL, "imap.utf7", 0}, {"a%", "a", NULL, 1});
    CHECK_CASES(imap_read_list_mailbox, {"%", "%", NULL, 1}, {"*", "*", NULL, 1}, {"a/%]*", "a/%]*", NULL, 5},
                {"\"\"", "", NULL, 2}, {"\"&AOQ-%\"", "\xc3\xa4%", NULL, 8}, {"inbox", "INBOX", NULL, 5},
                {"inbox*", "inbox*", NULL, 6}, {"(", NULL, "imap.string", 0}, {"&*", NULL, "imap.utf7", 0});
}

/* Every name has one form: encode(decode(x)) is x where x is allowed, decode(encode(u)) is u for all text. */
static void utf7_there_and_back(void **state) {
    Arena *arena = *state;
    static const uint32_t some[] = {'a',  '&',   '-',   ',',    '/',    '~',    ' ',     1,       0x7f,    0x80,
                                    0xe4, 0x7ff, 0x800, 0x4e2d, 0xfffd, 0xffff, 0x10000, 0x1f4a9, 0x10ffff};
    enum { SOME = sizeof some / sizeof some[0] };
    for (size_t n = 0; n < SOME * SOME * SOME; n++) {
        Text utf8 = text_new(), utf7 = text_new(), back = text_new();
        for (size_t k = 0, rest = n; k < 3; k++, rest /= SOME) {
            char octets[5] = {0};
            uint32_t c = some[rest % SOME];
            size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
            static const uint8_t lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
            for (size_t i = size; i-- > 1; c >>= 6) octets[i] = (char)(0x80 | (c & 0x3f));
            octets[0] = (char)(size == 1 ? c : lead[size] | c);
            text_put_n(&utf8, octets, size);
        }
        imap_utf7_encode(bytes_of(utf8.at, utf8.size), &utf7);
        assert_true(bytes_is_ascii(bytes_of(utf7.at, utf7.size)));
        if (!imap_utf7_decode(bytes_of(utf7.at, utf7.size), &back)) fail_msg("%s refused", text_get(&utf7));
        assert_true(back.size == utf8.size && memcmp(back.at, utf8.at, utf8.size) == 0);
        text_free(&utf8);
        text_free(&utf7);
        text_free(&back);
    }
    static const char alphabet[] = "&-AJj,o2D3k";
    char name[7] = {0};
    size_t taken = 0;
    for (size_t n = 0; n < 11 * 11 * 11 * 11 * 11 * 11; n++) {
        for (size_t k = 0, rest = n; k < 6; k++, rest /= 11) name[k] = alphabet[rest % 11];
        Text utf8 = text_new(), again = text_new();
        if (imap_utf7_decode(bytes_text(name), &utf8)) {
            taken++;
            imap_utf7_encode(bytes_of(utf8.at, utf8.size), &again);
            assert_string_equal(text_get(&again), name);
        }
        text_free(&utf8);
        text_free(&again);
    }
    assert_true(taken > 1000);
    (void)arena;
}

static void flags(void **state) {
    static const struct {
        const char *input;
        size_t count;
        const char *last, *reason;
        size_t offset;
    } lists[] = {{"()", 0, NULL, NULL, 0},
                 {"(\\Seen \\deleted $Forwarded a+b)", 4, "a+b", NULL, 0},
                 {"(\\Foo)", 1, "\\Foo", NULL, 0},
                 {"(\\Recent)", 0, NULL, "imap.flag", 1},
                 {"(\\Seen \\RECENT)", 0, NULL, "imap.flag", 7},
                 {"(\\)", 0, NULL, "imap.atom", 2},
                 {"(\\Seen )", 0, NULL, "imap.atom", 7},
                 {"( \\Seen)", 0, NULL, "imap.atom", 1},
                 {"(\\*)", 0, NULL, "imap.atom", 2},
                 {"(a]b)", 0, NULL, "imap.char", 2},
                 {"(\\Seen", 0, NULL, "imap.char", 6}};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        ImapReader r = reader_of(*state, lists[i].input);
        ImapFlagNames flags;
        bool good = imap_read_flag_list(&r, &flags) && imap_read_end(&r);
        assert_fault(r, lists[i].reason, lists[i].offset, lists[i].input);
        assert_int_equal(good, lists[i].reason == NULL);
        if (!good) continue;
        assert_int_equal(flags.count, lists[i].count);
        if (lists[i].last) assert_text(flags.names[flags.count - 1], lists[i].last);
    }
    ImapFlagNames flags;
    ImapReader r = reader_of(*state, "\\Seen $a");
    assert_true(imap_read_store_flags(&r, &flags) && imap_read_end(&r) && flags.count == 2);
    r = reader_of(*state, "(\\Seen)");
    assert_true(imap_read_store_flags(&r, &flags) && imap_read_end(&r) && flags.count == 1);
    r = reader_of(*state, "");
    assert_false(imap_read_store_flags(&r, &flags));
}

static void dates(void **state) {
    static const struct {
        const char *input;
        bool good;
        int year, month, day;
    } days[] = {
        {"1-Feb-1994", true, 1994, 2, 1},    {"\"01-FEB-1994\"", true, 1994, 2, 1}, {"29-feb-2024", true, 2024, 2, 29},
        {"31-Dec-9999", true, 9999, 12, 31}, {"29-Feb-2023", false, 0, 0, 0},       {"31-Apr-2023", false, 0, 0, 0},
        {"0-Jan-2023", false, 0, 0, 0},      {"001-Jan-2023", false, 0, 0, 0},      {"1-Jan-23", false, 0, 0, 0},
        {"1-January-2023", false, 0, 0, 0},  {"1 Jan 2023", false, 0, 0, 0},        {"\"1-Jan-2023", false, 0, 0, 0},
        {" 1-Jan-2023", false, 0, 0, 0},     {"1-Jan-20235", false, 0, 0, 0},       {"", false, 0, 0, 0}};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        ImapReader r = reader_of(*state, days[i].input);
        int64_t day_s;
        bool good = imap_read_date(&r, &day_s) && imap_read_end(&r);
        if (good != days[i].good) fail_msg("\"%s\": %s", days[i].input, good ? "taken" : "refused");
        if (good) assert_true(day_s == civil_seconds(days[i].year, days[i].month, days[i].day, 0, 0, 0));
    }
    static const struct {
        const char *input, *again;
    } times[] = {{"\"17-Jul-1996 02:44:25 -0700\"", "\"17-Jul-1996 09:44:25 +0000\""},
                 {"\" 1-Jan-2000 00:30:00 +0100\"", "\"31-Dec-1999 23:30:00 +0000\""},
                 {"\"01-jan-2000 00:00:60 +0000\"", "\" 1-Jan-2000 00:01:00 +0000\""},
                 {"\"1-Jan-2000 00:00:00 +0000\"", NULL},
                 {"\"31-Jun-2000 00:00:00 +0000\"", NULL},
                 {"\"01-Jan-2000 24:00:00 +0000\"", NULL},
                 {"\"01-Jan-2000 00:60:00 +0000\"", NULL},
                 {"\"01-Jan-2000 00:00:61 +0000\"", NULL},
                 {"\"01-Jan-2000 00:00:00 0000\"", NULL},
                 {"\"01-Jan-2000 00:00:00 +000\"", NULL},
                 {"\"01-Jan-2000 00:00:00 +0060\"", NULL},
                 {"\"01-Jan-2000 00:00:00\"", NULL},
                 {"\"01-Jan-2000  00:00:00 +0000\"", NULL},
                 {"01-Jan-2000 00:00:00 +0000", NULL},
                 {"\"01-Jan-2000 00:00:00 +0000", NULL},
                 {"\"0a-Jan-2000 00:00:00 +0000\"", NULL}};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        ImapReader r = reader_of(*state, times[i].input);
        int64_t at_s;
        bool good = imap_read_date_time(&r, &at_s) && imap_read_end(&r);
        if (good != (times[i].again != NULL)) fail_msg("\"%s\": %s", times[i].input, good ? "taken" : "refused");
        if (!good) {
            assert_string_equal(r.fault.reason, "imap.date");
            continue;
        }
        Text text = text_new();
        imap_put_date_time(&text, at_s);
        assert_string_equal(text_get(&text), times[i].again);
        text_free(&text);
    }
}

/* ---- Sets ---- */

static void put_ranges(Text *text, const ImapSet *set) {
    for (size_t i = 0; i < set->count; i++)
        text_print(text, "%s%u:%u", i ? "," : "", (unsigned)set->ranges[i].first, (unsigned)set->ranges[i].last);
}

static void sets(void **state) {
    static const struct {
        const char *input, *read;
        uint32_t most;
        const char *resolved;
    } cases[] = {{"1", "1:1", 9, "1:1"},
                 {"2,4:7,9,12:*", "2:2,4:7,9:9,12:0", 15, "2:2,4:7,9:9,12:15"},
                 {"*:4,5:7", "4:0,5:7", 10, "4:10"},
                 {"4:*", "4:0", 3, "3:4"},
                 {"*", "0:0", 3, "3:3"},
                 {"*:*", "0:0", 0, ""},
                 {"1:*", "1:0", 0, "1:1"},
                 {"5:3,4,1", "3:5,4:4,1:1", 9, "1:1,3:5"},
                 {"1,2,3,5,4", "1:1,2:2,3:3,5:5,4:4", 9, "1:5"},
                 {"3:4294967295,4294967295", "3:4294967295,4294967295:4294967295", 9, "3:4294967295"},
                 {"4:4294967295", "4:4294967295", 3, "4:4294967295"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ImapReader r = reader_of(*state, cases[i].input);
        ImapSet set;
        if (!imap_read_set(&r, &set) || !imap_read_end(&r)) fail_msg("\"%s\" refused", cases[i].input);
        Text text = text_new();
        put_ranges(&text, &set);
        assert_string_equal(text_get(&text), cases[i].read);
        ImapSet resolved = imap_set_resolve(*state, &set, cases[i].most);
        text_clear(&text);
        put_ranges(&text, &resolved);
        assert_string_equal(text_get(&text), cases[i].resolved);
        text_free(&text);
        for (uint32_t n = 1; n <= 20; n++) {
            bool in = false;
            for (size_t k = 0; k < resolved.count; k++)
                in = in || (n >= resolved.ranges[k].first && n <= resolved.ranges[k].last);
            assert_int_equal(imap_set_has(&resolved, n), in);
        }
    }
    static const char *const bad[] = {"", "0", "1,", ",1", "1:", ":1", "a", "1:0", "01", "4294967296", "**", "1 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ImapReader r = reader_of(*state, bad[i]);
        ImapSet set;
        if (imap_read_set(&r, &set) && imap_read_end(&r)) fail_msg("\"%s\" taken", bad[i]);
    }
    Text many = text_new();
    for (size_t i = 0; i <= IMAP_RANGES_MOST; i++) text_put(&many, i ? ",1" : "1");
    ImapReader r = imap_reader(bytes_of(many.at, many.size), *state);
    ImapSet set;
    assert_false(imap_read_set(&r, &set));
    assert_fault(r, "imap.set_many", 2 * (size_t)IMAP_RANGES_MOST + 1, "many ranges");
    text_free(&many);
    uint32_t numbers[] = {1, 2, 3, 7, 9, 10, UINT32_MAX};
    Text text = text_new();
    imap_put_set(&text, numbers, 7);
    assert_string_equal(text_get(&text), "1:3,7,9:10,4294967295");
    text_free(&text);
}

/* ---- FETCH ---- */

static const char *const item_names[] = {
#define X(name) #name,
    IMAP_FETCH_ITEMS(X)
#undef X
};

static void put_fetch(Text *to, const ImapFetchList *list) {
    static const char *const texts[] = {"", "HEADER", "HEADER.FIELDS", "HEADER.FIELDS.NOT", "TEXT", "MIME"};
    for (size_t i = 0; i < list->count; i++) {
        const ImapFetch *f = &list->items[i];
        text_print(to, "%s%s%s", i ? " " : "", item_names[f->item], f->peek ? "!" : "");
        if (f->item != IMAP_FETCH_BODY_SECTION) continue;
        text_put_char(to, '[');
        for (size_t k = 0; k < f->section.part_count; k++)
            text_print(to, "%s%u", k ? "." : "", (unsigned)f->section.part[k]);
        text_print(to, ":%s", texts[f->section.text]);
        for (size_t k = 0; k < f->section.field_count; k++)
            text_print(to, " %.*s", (int)f->section.fields[k].size, (const char *)f->section.fields[k].at);
        text_put_char(to, ']');
        if (f->partial) text_print(to, "<%u.%u>", (unsigned)f->from, (unsigned)f->most);
    }
}

static void fetches(void **state) {
    static const struct {
        const char *input, *wanted;
        bool reads;
    } cases[] = {{"ALL", "FLAGS INTERNALDATE RFC822_SIZE ENVELOPE", false},
                 {"fast", "FLAGS INTERNALDATE RFC822_SIZE", false},
                 {"FULL", "FLAGS INTERNALDATE RFC822_SIZE ENVELOPE BODY", false},
                 {"BODY", "BODY", false},
                 {"BODYSTRUCTURE", "BODYSTRUCTURE", false},
                 {"RFC822", "RFC822", true},
                 {"RFC822.HEADER", "RFC822_HEADER", false},
                 {"RFC822.TEXT", "RFC822_TEXT", true},
                 {"(UID FLAGS RFC822.SIZE)", "UID FLAGS RFC822_SIZE", false},
                 {"BODY[]", "BODY_SECTION[:]", true},
                 {"BODY.PEEK[]", "BODY_SECTION![:]", false},
                 {"body.peek[header]", "BODY_SECTION![:HEADER]", false},
                 {"BODY[TEXT]<0.2048>", "BODY_SECTION[:TEXT]<0.2048>", true},
                 {"BODY[4.2.2.1]", "BODY_SECTION[4.2.2.1:]", true},
                 {"BODY[1.MIME]", "BODY_SECTION[1:MIME]", true},
                 {"BODY[4.2.HEADER]", "BODY_SECTION[4.2:HEADER]", true},
                 {"(FLAGS BODY[HEADER.FIELDS (DATE FROM)])", "FLAGS BODY_SECTION[:HEADER.FIELDS DATE FROM]", true},
                 {"BODY.PEEK[2.HEADER.FIELDS.NOT (\"a b\" {1}\r\nx)]<3.1>",
                  "BODY_SECTION![2:HEADER.FIELDS.NOT a b x]<3.1>", false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ImapReader r = reader_of(*state, cases[i].input);
        ImapFetchList list;
        if (!imap_read_fetch(&r, &list) || !imap_read_end(&r))
            fail_msg("\"%s\" refused: %s", cases[i].input, r.fault.reason);
        Text text = text_new();
        put_fetch(&text, &list);
        assert_string_equal(text_get(&text), cases[i].wanted);
        text_free(&text);
        assert_int_equal(imap_fetch_reads(&list), cases[i].reads);
    }
    static const Case bad[] = {{"", NULL, "imap.name", 0},
                               {"()", NULL, "imap.name", 1},
                               {"(ALL)", NULL, "imap.fetch", 1},
                               {"(FLAGS ALL)", NULL, "imap.fetch", 7},
                               {"FLAGS UID", NULL, "imap.end", 5},
                               {"(FLAGS  UID)", NULL, "imap.name", 7},
                               {"(FLAGS", NULL, "imap.char", 6},
                               {"FOO", NULL, "imap.fetch", 0},
                               {"RFC822.PEEK", NULL, "imap.fetch", 0},
                               {"BODY.PEEK", NULL, "imap.char", 9},
                               {"BODY[", NULL, "imap.name", 5},
                               {"BODY[1", NULL, "imap.section", 6},
                               {"BODY[1.]", NULL, "imap.name", 7},
                               {"BODY[0]", NULL, "imap.number", 5},
                               {"BODY[1.0]", NULL, "imap.number", 7},
                               {"BODY[MIME]", NULL, "imap.section", 5},
                               {"BODY[FOO]", NULL, "imap.section", 5},
                               {"BODY[TEXT", NULL, "imap.section", 9},
                               {"BODY[HEADER.FIELDS]", NULL, "imap.space", 18},
                               {"BODY[HEADER.FIELDS ()]", NULL, "imap.string", 20},
                               {"BODY[HEADER.FIELDS (a ]", NULL, "imap.char", 23},
                               {"BODY[]<0>", NULL, "imap.char", 8},
                               {"BODY[]<0.0>", NULL, "imap.number", 9},
                               {"BODY[]<.1>", NULL, "imap.number", 7},
                               {"BODYSTRUCTURE[]", NULL, "imap.end", 13}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ImapReader r = reader_of(*state, bad[i].input);
        ImapFetchList list;
        assert_false(imap_read_fetch(&r, &list) && imap_read_end(&r));
        assert_fault(r, bad[i].reason, bad[i].offset, bad[i].input);
    }
    Text many = text_new();
    text_put_char(&many, '(');
    for (size_t i = 0; i <= IMAP_FETCH_MOST; i++) text_put(&many, i ? " UID" : "UID");
    text_put_char(&many, ')');
    ImapReader r = imap_reader(bytes_of(many.at, many.size), *state);
    ImapFetchList list;
    assert_false(imap_read_fetch(&r, &list));
    assert_string_equal(r.fault.reason, "imap.fetch_many");
    text_free(&many);
}

/* ---- SEARCH ---- */

static const char *const key_names[] = {
#define X(name) #name,
    IMAP_KEYS(X)
#undef X
};

static void put_key(Text *to, const ImapKey *key) {
    text_put(to, key_names[key->kind]);
    if (key->field.size > 0) text_print(to, " %.*s", (int)key->field.size, (const char *)key->field.at);
    if (key->text.size > 0) text_print(to, " '%.*s'", (int)key->text.size, (const char *)key->text.at);
    if (key->number > 0) text_print(to, " %u", (unsigned)key->number);
    if (key->day_s > 0) text_print(to, " %lld", (long long)key->day_s / 86400);
    if (key->set.count > 0) text_put_char(to, ' ');
    put_ranges(to, &key->set);
    if (!key->first) return;
    text_put_char(to, '(');
    for (const ImapKey *one = key->first; one; one = one->next) {
        if (one != key->first) text_put_char(to, ' ');
        put_key(to, one);
    }
    text_put_char(to, ')');
}

static void searches(void **state) {
    static const struct {
        const char *input, *wanted;
    } cases[] = {
        {"FLAGGED SINCE 1-Feb-1994 NOT FROM \"Smith\"", "AND(FLAGGED SINCE 8797 NOT(FROM 'Smith'))"},
        {"TEXT \"string not in mailbox\"", "AND(TEXT 'string not in mailbox')"},
        {"CHARSET UTF-8 TEXT {4}\r\n\xc3\xa4\xc3\xb6", "AND(TEXT '\xc3\xa4\xc3\xb6')"},
        {"charset \"iso-8859-1\" subject {1}\r\n\xe4", "AND(SUBJECT '\xc3\xa4')"},
        {"CHARSET ISO-2022-JP TO {8}\r\n\x1b$B$\"\x1b(B", "AND(TO '\xe3\x81\x82')"},
        {"SUBJECT {2}\r\n\xc3\xa4", "AND(SUBJECT '\xc3\xa4')"},
        {"2,4:* UID 7 all", "AND(SET 2:2,4:0 UID 7:7 ALL)"},
        {"* NEW", "AND(SET 0:0 NEW)"},
        {"OR SEEN (DELETED DRAFT) OLD", "AND(OR(SEEN AND(DELETED DRAFT)) OLD)"},
        {"NOT NOT OR 1 OR 2 3", "AND(NOT(NOT(OR(SET 1:1 OR(SET 2:2 SET 3:3)))))"},
        {"((ALL))", "AND(AND(AND(ALL)))"},
        {"HEADER X-Spam \"\" HEADER {2}\r\nId x", "AND(HEADER X-Spam HEADER Id 'x')"},
        {"KEYWORD $Junk UNKEYWORD a LARGER 5 SMALLER 0", "AND(KEYWORD '$Junk' UNKEYWORD 'a' LARGER 5 SMALLER)"},
        {"BCC a BODY b CC c TO d SUBJECT e", "AND(BCC 'a' BODY 'b' CC 'c' TO 'd' SUBJECT 'e')"},
        {"BEFORE 2-Jan-1970 ON 2-Jan-1970 SENTBEFORE 2-Jan-1970 SENTON 2-Jan-1970 SENTSINCE \"2-Jan-1970\"",
         "AND(BEFORE 1 ON 1 SENTBEFORE 1 SENTON 1 SENTSINCE 1)"},
        {"ANSWERED DELETED FLAGGED RECENT UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN",
         "AND(ANSWERED DELETED FLAGGED RECENT UNANSWERED UNDELETED UNDRAFT UNFLAGGED UNSEEN)"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ImapReader r = reader_of(*state, cases[i].input);
        ImapKey *key;
        bool bad_charset;
        if (!imap_read_search(&r, &key, &bad_charset) || !imap_read_end(&r) || bad_charset)
            fail_msg("\"%s\" refused: %s", cases[i].input, r.fault.reason);
        Text text = text_new();
        put_key(&text, key);
        assert_string_equal(text_get(&text), cases[i].wanted);
        text_free(&text);
    }
    static const Case bad[] = {{"", NULL, "imap.name", 0},
                               {"()", NULL, "imap.name", 1},
                               {"FOO", NULL, "imap.search", 0},
                               {"ALL FOO", NULL, "imap.search", 4},
                               {"SET 1", NULL, "imap.search", 0},
                               {"AND ALL", NULL, "imap.search", 0},
                               {"ALL ", NULL, "imap.name", 4},
                               {"(ALL", NULL, "imap.char", 4},
                               {"ALL)", NULL, "imap.end", 3},
                               {"FROM", NULL, "imap.space", 4},
                               {"FROM (", NULL, "imap.string", 5},
                               {"OR ALL", NULL, "imap.space", 6},
                               {"NOT", NULL, "imap.space", 3},
                               {"LARGER -1", NULL, "imap.number", 7},
                               {"KEYWORD \\Seen", NULL, "imap.atom", 8},
                               {"KEYWORD \"a\"", NULL, "imap.atom", 8},
                               {"SINCE 30-Feb-2000", NULL, "imap.date", 17},
                               {"UID x", NULL, "imap.number", 4},
                               {"0", NULL, "imap.number", 0},
                               {"CHARSET", NULL, "imap.search", 0},
                               {"CHARSET UTF-8", NULL, "imap.space", 13},
                               {"ALL CHARSET UTF-8", NULL, "imap.search", 4},
                               {"CHARSET UTF-8 TEXT {1}\r\n\xc3", NULL, "imap.charset", 19},
                               {"CHARSET US-ASCII TEXT {2}\r\n\xc3\xa4", NULL, "imap.charset", 22},
                               {"TEXT {1}\r\n\xe4", NULL, "imap.charset", 5}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ImapReader r = reader_of(*state, bad[i].input);
        ImapKey *key;
        bool bad_charset;
        assert_false(imap_read_search(&r, &key, &bad_charset) && imap_read_end(&r));
        assert_fault(r, bad[i].reason, bad[i].offset, bad[i].input);
    }
    ImapReader r = reader_of(*state, "CHARSET X-NONE TEXT {1}\r\n\xff");
    ImapKey *key;
    bool bad_charset;
    assert_true(imap_read_search(&r, &key, &bad_charset) && imap_read_end(&r) && bad_charset);
}

/* Nesting ten thousand deep is refused, not followed. */
static void search_limits(void **state) {
    static const char *const openers[] = {"(", "NOT ", "OR ALL "};
    for (size_t kind = 0; kind < 3; kind++)
        for (size_t depth = 50; depth <= 10000; depth *= 14) {
            Text text = text_new();
            for (size_t i = 0; i < depth; i++) text_put(&text, openers[kind]);
            text_put(&text, "ALL");
            for (size_t i = 0; i < depth && kind == 0; i++) text_put_char(&text, ')');
            ImapReader r = imap_reader(bytes_of(text.at, text.size), *state);
            ImapKey *key;
            bool bad_charset, good = imap_read_search(&r, &key, &bad_charset);
            assert_int_equal(good, depth < IMAP_KEY_DEPTH_MOST);
            if (!good) assert_string_equal(r.fault.reason, "imap.search_deep");
            text_free(&text);
        }
    Text text = text_new();
    for (size_t i = 0; i <= IMAP_KEYS_MOST; i++) text_put(&text, i ? " ALL" : "ALL");
    ImapReader r = imap_reader(bytes_of(text.at, text.size), *state);
    ImapKey *key;
    bool bad_charset;
    assert_false(imap_read_search(&r, &key, &bad_charset));
    assert_string_equal(r.fault.reason, "imap.search_many");
    text_free(&text);
}

/* ---- Truncation: nothing is read beyond the end, and a fault lies within ---- */

static void every_truncation(void **state) {
    static const char fetch[] = "(UID BODY.PEEK[1.2.HEADER.FIELDS (\"a\\\"b\" {2}\r\ncd)]<10.20> RFC822.SIZE)";
    static const char search[] = "CHARSET UTF-8 OR (SINCE 1-Feb-1994 2,4:*) NOT HEADER {1}\r\na \"x\\\\\"";
    for (size_t size = 0; size < sizeof fetch - 1; size++) {
        uint8_t *exact = memory_new(size ? size : 1);
        memcpy(exact, fetch, size);
        ImapReader r = imap_reader(bytes_of(exact, size), *state);
        ImapFetchList list;
        assert_false(imap_read_fetch(&r, &list));
        assert_true(r.fault.offset <= size);
        free(exact);
    }
    for (size_t size = 0; size < sizeof search - 1; size++) {
        uint8_t *exact = memory_new(size ? size : 1);
        memcpy(exact, search, size);
        ImapReader r = imap_reader(bytes_of(exact, size), *state);
        ImapKey *key;
        bool bad_charset;
        assert_false(imap_read_search(&r, &key, &bad_charset));
        assert_true(r.fault.offset <= size);
        free(exact);
    }
}

/* ---- Writing ---- */

static void writing(void **state) {
    static const struct {
        const char *octets, *string, *astring;
    } cases[] = {{"", "\"\"", "\"\""},
                 {"abc", "\"abc\"", "abc"},
                 {"a b", "\"a b\"", "\"a b\""},
                 {"NIL", "\"NIL\"", "\"NIL\""},
                 {"a]", "\"a]\"", "a]"},
                 {"a\"\\", "\"a\\\"\\\\\"", "\"a\\\"\\\\\""},
                 {"a\nb", "{3}\r\na\nb", "{3}\r\na\nb"},
                 {"\xc3\xa4", "{2}\r\n\xc3\xa4", "{2}\r\n\xc3\xa4"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        Text text = text_new();
        imap_put_string(&text, bytes_text(cases[i].octets));
        assert_string_equal(text_get(&text), cases[i].string);
        ImapReader r = reader_of(*state, text_get(&text));
        Bytes bytes;
        assert_true(imap_read_string(&r, &bytes) && imap_read_end(&r));
        assert_text(bytes, cases[i].octets);
        text_clear(&text);
        imap_put_astring(&text, bytes_text(cases[i].octets));
        assert_string_equal(text_get(&text), cases[i].astring);
        r = reader_of(*state, text_get(&text));
        assert_true(imap_read_astring(&r, &bytes) && imap_read_end(&r));
        assert_text(bytes, cases[i].octets);
        text_free(&text);
    }
    Text text = text_new();
    imap_put_nstring(&text, bytes_text("NIL"), true);
    imap_put_string(&text, bytes_of("a\0b\0", 4));
    imap_put_mailbox(&text, bytes_text("\xe5\x8f\xb0\xe5\x8c\x97 & co"));
    assert_string_equal(text_get(&text), "NIL{4}\r\na\x80"
                                         "b\x80"
                                         "\"&U,BTFw- &- co\"");
    text_free(&text);
}

/* ---- LIST's patterns ---- */

/* As section 6.3.8 says it, without regard to time. */
static bool matches_plainly(const char *pattern, const char *name) {
    if (!*pattern) return !*name;
    if (*pattern != '*' && *pattern != '%') return *pattern == *name && *name && matches_plainly(pattern + 1, name + 1);
    if (matches_plainly(pattern + 1, name)) return true;
    return *name && (*pattern == '*' || *name != '/') && matches_plainly(pattern, name + 1);
}

static void patterns(void **state) {
    (void)state;
    static const char letters[] = "a/*%", names[] = "ab/";
    size_t agreed[2] = {0};
    for (size_t p = 0; p < 4096; p++)
        for (size_t n = 0; n < 243 * 3; n++) {
            char pattern[7] = {0}, name[7] = {0};
            for (size_t k = 0, rest = p; k < 6; k++, rest /= 4) pattern[k] = letters[rest % 4];
            for (size_t k = 0, rest = n; k < 6; k++, rest /= 3) name[k] = names[rest % 3];
            for (size_t k = 6; k > n % 7; k--) name[k] = 0;
            bool wanted = matches_plainly(pattern, name);
            if (imap_pattern_matches(bytes_text(pattern), bytes_text(name)) != wanted)
                fail_msg("%s against %s", pattern, name);
            agreed[wanted]++;
        }
    assert_true(agreed[0] > 1000 && agreed[1] > 1000);
    assert_true(imap_pattern_matches(bytes_text(""), bytes_text("")));
    Text pattern = text_new(), name = text_new();
    for (size_t i = 0; i < 100000; i++) text_put(&pattern, i % 2 ? "*" : "%");
    for (size_t i = 0; i < 1000; i++) text_put(&pattern, i % 2 ? "*%" : "a");
    for (size_t i = 0; i < 1000; i++) text_put(&name, "a");
    text_put(&pattern, "b");
    for (size_t i = 0; i < 100; i++)
        assert_false(imap_pattern_matches(bytes_of(pattern.at, pattern.size), bytes_of(name.at, name.size)));
    text_free(&pattern);
    text_free(&name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        MAIL_TEST(tags_atoms_and_names),
        MAIL_TEST(strings),
        MAIL_TEST(nstrings_and_the_first_fault_stays),
        MAIL_TEST(numbers),
        MAIL_TEST(flags),
        MAIL_TEST(names_of_mailboxes),
        MAIL_TEST(utf7_there_and_back),
        MAIL_TEST(dates),
        MAIL_TEST(sets),
        MAIL_TEST(fetches),
        MAIL_TEST(searches),
        MAIL_TEST(search_limits),
        MAIL_TEST(every_truncation),
        MAIL_TEST(writing),
        MAIL_TEST(patterns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
