/* Messages of any octets: ENVELOPE and BODYSTRUCTURE are lists of the syntax, header and text make up the message, and
 * every part the structure tells of is there. */
#include "fuzz.h"
#include "proto/imap/data.h"

static void check_list(Bytes list, Arena *arena) {
    ImapReader r = imap_reader(list, arena);
    size_t depth = 0;
    do {
        Bytes string;
        bool nil;
        uint32_t number;
        if (imap_is_next(&r, '(')) depth++, r.at++;
        else if (imap_is_next(&r, ')')) depth--, r.at++;
        else if (imap_is_next(&r, ' ')) r.at++;
        else if (r.at < list.size && list.at[r.at] >= '0' && list.at[r.at] <= '9') imap_read_number(&r, &number);
        else imap_read_nstring(&r, &string, &nil);
        CHECK(!imap_failed(&r));
    } while (depth > 0);
    CHECK(r.at == list.size);
}

static bool section(Arena *arena, MailContent *content, const char *item, Bytes *octets) {
    ImapReader r = imap_reader(bytes_text(item), arena);
    ImapFetchList list;
    CHECK(imap_read_fetch(&r, &list));
    return imap_section(arena, content, &list.items[0].section, octets);
}

static void check_search(Arena *arena, Mailbox *inbox) {
    static const char keys[] =
        "OR OR TEXT \"a=b\" BODY {2}\r\n\xc3\xa4 OR SENTON 1-Feb-1994 OR FROM \"ab\" HEADER To x";
    ImapReader r = imap_reader(bytes_of(keys, sizeof keys - 1), arena);
    ImapKey *key;
    bool bad_charset;
    CHECK(imap_read_search(&r, &key, &bad_charset));
    imap_search_prepare(arena, key, 1, 1);
    ImapCandidate candidate = {inbox, inbox->messages[0], 1, false};
    imap_search_matches(key, &candidate);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    Arena *arena = arena_new();
    MailAccount account;
    mail_account_init(&account, "a", 1);
    MailContent *content = mail_content_new(at, size);
    mailbox_append(mailbox_inbox(&account), content, 0, 0);
    check_list(imap_envelope(content), arena);
    check_list(imap_body(content), arena);
    check_list(imap_bodystructure(content), arena);
    Bytes header, text, part, mime, fields;
    CHECK(section(arena, content, "BODY[HEADER]", &header) && section(arena, content, "BODY[TEXT]", &text));
    CHECK(header.size + text.size == size && (size == 0 || header.at == content->octets));
    CHECK(section(arena, content, "BODY[1]", &part) && section(arena, content, "BODY[1.MIME]", &mime));
    CHECK(section(arena, content, "BODY[HEADER.FIELDS.NOT (x)]", &fields) && fields.size <= header.size + 2);
    static const char *const others[] = {"BODY[1.1]", "BODY[2.1.HEADER]", "BODY[1.1.1.TEXT]", "BODY[3.2.MIME]",
                                         "BODY[1.1.HEADER.FIELDS (Subject)]"};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (section(arena, content, others[i], &part)) CHECK(part.size <= size + 2);
    check_search(arena, mailbox_inbox(&account));
    mail_content_drop(content);
    mail_account_free(&account);
    arena_free(arena);
    return 0;
}
