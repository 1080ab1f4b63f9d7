/* What the tests of IMAP's data share: messages as stored, sections asked for as a client asks. */
#ifndef NETSTAGE_TESTS_IMAP_DATA_H
#define NETSTAGE_TESTS_IMAP_DATA_H

#include "../mail/mail_test.h"

#include "proto/imap/data.h"

static inline MailContent *message_of(const char *octets) {
    return mail_content_new((const uint8_t *)octets, strlen(octets));
}

/* The section's octets, "NIL" where there is none; NULL: the item is no section of the syntax. */
static inline const char *section_of(Arena *arena, MailContent *content, const char *item) {
    ImapReader r = imap_reader(bytes_text(item), arena);
    ImapFetchList list;
    if (!imap_read_fetch(&r, &list) || !imap_read_end(&r) || list.items[0].item != IMAP_FETCH_BODY_SECTION) return NULL;
    Bytes octets;
    if (!imap_section(arena, content, &list.items[0].section, &octets)) return "NIL";
    return (const char *)mail_keep(arena, octets).at;
}

static inline void assert_section_is(Arena *arena, MailContent *content, const char *item, const char *wanted,
                                     int line) {
    const char *got = section_of(arena, content, item);
    if (!got || strcmp(got, wanted) != 0)
        fail_msg("line %d: %s is\n%s\nwanted\n%s", line, item, got ? got : "no section", wanted);
}
#define assert_section(content, item, wanted) assert_section_is(*state, content, item, wanted, __LINE__)

#endif
