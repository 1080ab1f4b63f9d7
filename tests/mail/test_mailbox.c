/* Mailboxes (RFC 3501 sections 2.3, 5.1 and 6.3): names, UIDs, flags, holders; and long random histories beside a plain
 * model. */
#include "mail_test.h"

#include "base/random.h"
#include "mail/mailbox.h"

static Bytes b(const char *text) { return bytes_text(text); }

static Mailbox *named(const MailAccount *a, const char *name) { return mailbox_find(a, b(name)); }

static StoredMessage *append(Mailbox *box, const char *text, uint64_t flags) {
    MailContent *content = mail_content_new((const uint8_t *)text, strlen(text));
    StoredMessage *m = mailbox_append(box, content, flags, 5);
    mail_content_drop(content);
    return m;
}

/* "INBOX a a/b(ns)" */
static void assert_names(const MailAccount *a, const char *wanted, int line) {
    Text all = text_new();
    for (size_t i = 0; i < a->count; i++)
        text_print(&all, "%s%s%s", i ? " " : "", a->mailboxes[i]->name, a->mailboxes[i]->no_select ? "(ns)" : "");
    if (strcmp(text_get(&all), wanted) != 0)
        fail_msg("line %d: got \"%s\", wanted \"%s\"", line, text_get(&all), wanted);
    text_free(&all);
}
#define names_are(a, wanted) assert_names(a, wanted, __LINE__)

static void names(void **state) {
    static const char *const bad[] = {"", "/", "a//b", "/a", "a/b//", "a*", "%", "a\x01", "a\x7f"};
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    names_are(&a, "INBOX");
    assert_int_equal(mailbox_create(&a, b("inBox"), MAILBOX_USE_NONE), MAILBOX_EXISTS);
    assert_int_equal(mailbox_create(&a, b("b/c/d/"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("b-"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("inbox/old"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("B"), MAILBOX_USE_ARCHIVE), MAILBOX_OK);
    names_are(&a, "INBOX B INBOX/old b b- b/c b/c/d");
    assert_int_equal(named(&a, "B")->use, MAILBOX_USE_ARCHIVE);
    assert_ptr_equal(named(&a, "inBOX"), mailbox_inbox(&a));
    assert_string_equal(named(&a, "InBoX/old")->name, "INBOX/old");
    assert_null(named(&a, "INBOX/OLD"));
    assert_null(named(&a, "INBOX/"));
    assert_null(mailbox_find(&a, (Bytes){0}));
    assert_true(mailbox_has_children(&a, mailbox_inbox(&a)));
    assert_true(mailbox_has_children(&a, named(&a, "b")));
    assert_false(mailbox_has_children(&a, named(&a, "b-")));
    assert_false(mailbox_has_children(&a, named(&a, "b/c/d")));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(mailbox_create(&a, b(bad[i]), MAILBOX_USE_NONE), MAILBOX_BAD_NAME);
        assert_int_equal(mailbox_rename(&a, b("B"), b(bad[i])), MAILBOX_BAD_NAME);
        assert_int_equal(mailbox_subscribe(&a, b(bad[i])), MAILBOX_BAD_NAME);
    }
    char longest[MAILBOX_NAME_MOST + 2];
    memset(longest, 'x', sizeof longest);
    assert_int_equal(mailbox_create(&a, bytes_of(longest, MAILBOX_NAME_MOST + 1), MAILBOX_USE_NONE), MAILBOX_BAD_NAME);
    assert_int_equal(mailbox_create(&a, bytes_of(longest, MAILBOX_NAME_MOST), MAILBOX_USE_NONE), MAILBOX_OK);
    char deep[2 * MAILBOX_DEPTH_MOST + 2];
    for (size_t i = 0; i < sizeof deep; i++) deep[i] = i % 2 ? '/' : 'd';
    assert_int_equal(mailbox_create(&a, bytes_of(deep, 2 * MAILBOX_DEPTH_MOST + 1), MAILBOX_USE_NONE),
                     MAILBOX_BAD_NAME);
    assert_int_equal(mailbox_create(&a, bytes_of(deep, 2 * MAILBOX_DEPTH_MOST - 1), MAILBOX_USE_NONE), MAILBOX_OK);
    /* Neither too deep nor too long may a name become by its superior's new one. */
    assert_int_equal(mailbox_rename(&a, b("d"), b("e/e")), MAILBOX_BAD_NAME);
    assert_int_equal(mailbox_create(&a, b("f/0123456789"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_rename(&a, b("f"), bytes_of(longest, MAILBOX_NAME_MOST - 10)), MAILBOX_BAD_NAME);
    assert_int_equal(mailbox_rename(&a, b("f"), bytes_of(longest, MAILBOX_NAME_MOST - 11)), MAILBOX_OK);
    mail_account_free(&a);
}

static void deleting(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    assert_int_equal(mailbox_create(&a, b("foo/bar"), MAILBOX_USE_NONE), MAILBOX_OK);
    Mailbox *foo = mailbox_hold(named(&a, "foo"));
    StoredMessage *m = stored_message_hold(append(foo, "x", 0));
    uint32_t validity = foo->uid_validity;
    assert_int_equal(mailbox_delete(&a, b("inbox")), MAILBOX_IS_INBOX);
    assert_int_equal(mailbox_delete(&a, b("none")), MAILBOX_MISSING);
    assert_int_equal(mailbox_delete(&a, b("foo")), MAILBOX_OK);
    names_are(&a, "INBOX foo(ns) foo/bar");
    assert_true(foo->gone && foo->count == 0 && !foo->account && m->expunged);
    assert_int_equal(m->content->octets[0], 'x'); /* who holds it still reads it */
    assert_int_equal(mailbox_delete(&a, b("foo")), MAILBOX_HAS_CHILDREN);
    assert_int_equal(mailbox_create(&a, b("foo"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_true(named(&a, "foo") != foo && named(&a, "foo")->uid_validity > validity);
    assert_int_equal(mailbox_delete(&a, b("foo/bar")), MAILBOX_OK);
    assert_int_equal(mailbox_delete(&a, b("foo")), MAILBOX_OK);
    names_are(&a, "INBOX");
    stored_message_drop(m);
    mailbox_drop(foo);
    mail_account_free(&a);
}

static void renaming(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    assert_int_equal(mailbox_create(&a, b("blurdybloop"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("foo/a/b"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("foo-"), MAILBOX_USE_NONE), MAILBOX_OK);
    StoredMessage *m = append(named(&a, "foo/a"), "x", 0);
    uint32_t uid = m->uid, validity = named(&a, "foo/a")->uid_validity;
    assert_int_equal(mailbox_rename(&a, b("foo"), b("zowie/x/")), MAILBOX_OK);
    names_are(&a, "INBOX blurdybloop foo- zowie zowie/x zowie/x/a zowie/x/a/b");
    assert_int_equal(named(&a, "zowie/x/a")->messages[0]->uid, uid);
    assert_int_equal(named(&a, "zowie/x/a")->uid_validity, validity);
    assert_int_equal(mailbox_rename(&a, b("zowie"), b("blurdybloop")), MAILBOX_EXISTS);
    assert_int_equal(mailbox_rename(&a, b("zowie"), b("zowie/y")), MAILBOX_BAD_NAME);
    assert_int_equal(mailbox_rename(&a, b("zowie"), b("zowie")), MAILBOX_EXISTS);
    assert_int_equal(mailbox_rename(&a, b("zowie"), b("Inbox")), MAILBOX_EXISTS);
    assert_int_equal(mailbox_rename(&a, b("none"), b("x")), MAILBOX_MISSING);
    assert_int_equal(mailbox_rename(&a, b("zowie/x"), b("inbox/x")), MAILBOX_OK);
    names_are(&a, "INBOX INBOX/x INBOX/x/a INBOX/x/a/b blurdybloop foo- zowie");
    /* The name "late" had a greater UIDVALIDITY before: that of an older mailbox cannot stay. */
    assert_int_equal(mailbox_create(&a, b("late"), MAILBOX_USE_NONE), MAILBOX_OK);
    validity = named(&a, "late")->uid_validity;
    assert_int_equal(mailbox_delete(&a, b("late")), MAILBOX_OK);
    assert_int_equal(mailbox_rename(&a, b("blurdybloop"), b("late")), MAILBOX_OK);
    assert_true(named(&a, "late")->uid_validity > validity);
    mail_account_free(&a);
}

static void renaming_inbox(void **state) {
    MailAccount a;
    uint64_t disk = 0;
    (void)state;
    mail_account_init(&a, "bob", 7);
    a.disk_octets = &disk;
    Mailbox *inbox = mailbox_inbox(&a);
    assert_int_equal(mailbox_create(&a, b("INBOX/below"), MAILBOX_USE_NONE), MAILBOX_OK);
    uint64_t junk = mailbox_flag(inbox, b("$Junk"), true), work = mailbox_flag(inbox, b("work"), true);
    assert_int_equal(junk, 1 << 5);
    (void)append(inbox, "one", 0);
    (void)append(inbox, "three", MAIL_FLAG_SEEN | work);
    uint32_t next = inbox->uid_next;
    assert_int_equal(mailbox_rename(&a, b("inbox"), b("old-mail")), MAILBOX_OK);
    names_are(&a, "INBOX INBOX/below old-mail");
    Mailbox *old = named(&a, "old-mail");
    assert_int_equal(old->count, 2);
    assert_int_equal(inbox->count, 0);
    assert_int_equal(inbox->uid_next, next); /* UIDs are not used again */
    assert_int_equal(inbox->unseen, 0);
    assert_int_equal(old->unseen, 1);
    assert_int_equal(disk, 8);
    assert_int_equal(mail_account_octets(&a), 8);
    assert_int_equal(old->messages[1]->flags, MAIL_FLAG_SEEN | mailbox_flag(old, b("WORK"), false));
    assert_int_equal(old->messages[1]->date_s, 5);
    assert_int_equal(mailbox_flag(old, b("$Junk"), false), 0);
    assert_int_equal(append(inbox, "new", 0)->uid, next);
    mail_account_free(&a);
    assert_int_equal(disk, 0);
}

static void limits(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    for (int i = 1; i < MAILBOXES_MOST - 1; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%d", i);
        assert_int_equal(mailbox_create(&a, b(name), MAILBOX_USE_NONE), MAILBOX_OK);
    }
    assert_int_equal(mailbox_create(&a, b("p/q"), MAILBOX_USE_NONE), MAILBOX_TOO_MANY);
    assert_null(named(&a, "p"));
    assert_int_equal(mailbox_rename(&a, b("m1"), b("p/q/r")), MAILBOX_TOO_MANY);
    assert_null(named(&a, "p"));
    assert_non_null(named(&a, "m1"));
    assert_int_equal(mailbox_create(&a, b("m2/x"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(a.count, MAILBOXES_MOST);
    assert_int_equal(mailbox_create(&a, b("y"), MAILBOX_USE_NONE), MAILBOX_TOO_MANY);
    assert_int_equal(mailbox_rename(&a, b("m1"), b("y")), MAILBOX_OK); /* no more names than before */
    assert_int_equal(mailbox_delete(&a, b("m2")), MAILBOX_OK);
    assert_int_equal(mailbox_create(&a, b("m2"), MAILBOX_USE_NONE), MAILBOX_OK); /* the name is there already */
    mail_account_free(&a);
}

static void flags(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    Mailbox *inbox = mailbox_inbox(&a);
    assert_int_equal(mailbox_flag(inbox, b("\\SEEN"), false), MAIL_FLAG_SEEN);
    assert_int_equal(mailbox_flag(inbox, b("\\Recent"), true), 0);
    assert_int_equal(mailbox_flag(inbox, b("\\Other"), true), 0);
    assert_int_equal(mailbox_flag(inbox, b(""), true), 0);
    assert_int_equal(mailbox_flag(inbox, b("two words"), true), 0);
    assert_int_equal(mailbox_flag(inbox, bytes_of("a\0b", 3), true), 0);
    assert_int_equal(mailbox_flag(inbox, b("$Forwarded"), false), 0);
    uint64_t all = 0;
    for (int i = 0; i < MAIL_KEYWORDS_MOST; i++) {
        char name[16];
        snprintf(name, sizeof name, "Key%d", i);
        uint64_t bit = mailbox_flag(inbox, b(name), true);
        assert_true(bit != 0 && !(all & bit));
        assert_string_equal(mailbox_flag_name(inbox, bit), name);
        all |= bit;
    }
    assert_int_equal(mailbox_flag(inbox, b("one-more"), true), 0);
    assert_int_equal(mailbox_flag(inbox, b("kEY49"), true), (uint64_t)1 << 54);
    assert_string_equal(mailbox_flag_name(inbox, MAIL_FLAG_DRAFT), "\\Draft");
    StoredMessage *m = append(inbox, "x", 0);
    uint64_t change = inbox->change;
    mailbox_set_flags(inbox, m, MAIL_FLAG_SEEN);
    assert_int_equal(inbox->unseen, 0);
    assert_true(m->change > change && inbox->change == m->change);
    change = inbox->change;
    mailbox_set_flags(inbox, m, MAIL_FLAG_SEEN); /* changes nothing */
    assert_int_equal(inbox->change, change);
    stored_message_hold(m);
    mailbox_expunge(inbox, m);
    assert_int_equal(inbox->unseen, 0);
    mailbox_set_flags(inbox, m, 0); /* gone: nothing */
    mailbox_expunge(inbox, m);
    assert_int_equal(inbox->unseen, 0);
    assert_int_equal(m->flags, MAIL_FLAG_SEEN);
    stored_message_drop(m);
    mail_account_free(&a);
}

static void subscriptions(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    assert_int_equal(mailbox_create(&a, b("x"), MAILBOX_USE_NONE), MAILBOX_OK);
    assert_int_equal(mailbox_subscribe(&a, b("x")), MAILBOX_OK);
    assert_int_equal(mailbox_subscribe(&a, b("inbox")), MAILBOX_OK);
    assert_int_equal(mailbox_subscribe(&a, b("INBOX")), MAILBOX_OK);
    assert_int_equal(mailbox_subscribe(&a, b("never/was")), MAILBOX_OK);
    assert_int_equal(a.subscription_count, 3);
    assert_string_equal(a.subscriptions[0], "INBOX");
    assert_string_equal(a.subscriptions[2], "x");
    assert_int_equal(mailbox_delete(&a, b("x")), MAILBOX_OK);
    assert_true(mailbox_is_subscribed(&a, b("x"))); /* section 6.3.6: it outlives the mailbox */
    assert_int_equal(mailbox_unsubscribe(&a, b("x")), MAILBOX_OK);
    assert_false(mailbox_is_subscribed(&a, b("x")));
    assert_int_equal(mailbox_unsubscribe(&a, b("x")), MAILBOX_MISSING);
    assert_true(mailbox_is_subscribed(&a, b("iNBOX")));
    mail_account_free(&a);
}

static void contents_are_shared(void **state) {
    MailAccount a;
    (void)state;
    mail_account_init(&a, "bob", 7);
    MailContent *c = mail_content_new((const uint8_t *)"abc", 3), *none = mail_content_new(NULL, 0);
    StoredMessage *one = mailbox_append(mailbox_inbox(&a), c, 0, 0);
    (void)mailbox_append(mailbox_inbox(&a), c, 0, 0);
    (void)mailbox_append(mailbox_inbox(&a), none, 0, 0);
    assert_int_equal(c->holders, 3);
    mailbox_expunge(mailbox_inbox(&a), one);
    assert_int_equal(c->holders, 2);
    assert_int_equal(mail_content_bytes(none).size, 0);
    mail_account_free(&a);
    assert_int_equal(c->holders, 1);
    mail_content_drop(c);
    mail_content_drop(none);
    mail_content_drop(NULL);
}

/* ---- Random histories ---- */

typedef struct {
    size_t told;
} Listener;
static void count_told(void *self, Mailbox *mailbox) {
    assert_non_null(mailbox);
    ((Listener *)self)->told++;
}

static bool is_deleted(void *self, const StoredMessage *m) {
    (void)self;
    return m->flags & MAIL_FLAG_DELETED;
}

/* What must hold of an account at any time. */
static void assert_sound(const MailAccount *a, uint64_t disk) {
    uint64_t octets = 0;
    assert_string_equal(a->mailboxes[0]->name, "INBOX");
    for (size_t i = 0; i < a->count; i++) {
        const Mailbox *box = a->mailboxes[i];
        size_t unseen = 0;
        uint64_t own = 0;
        assert_true(i < 2 || strcmp(a->mailboxes[i - 1]->name, box->name) < 0);
        assert_ptr_equal(mailbox_find(a, b(box->name)), box);
        const char *slash = strrchr(box->name, '/');
        if (slash) assert_non_null(mailbox_find(a, bytes_of(box->name, (size_t)(slash - box->name))));
        assert_true(box->uid_validity < a->uid_validity_next && !box->gone && (!box->no_select || box->count == 0));
        for (size_t k = 0; k < i; k++) assert_int_not_equal(a->mailboxes[k]->uid_validity, box->uid_validity);
        bool child = false;
        for (size_t k = 0; k < a->count; k++) {
            const char *other = a->mailboxes[k]->name;
            size_t size = strlen(box->name);
            child |= strncmp(other, box->name, size) == 0 && other[size] == '/';
        }
        assert_int_equal(mailbox_has_children(a, box), child);
        for (size_t k = 0; k < box->count; k++) {
            const StoredMessage *m = box->messages[k];
            assert_true(m->uid < box->uid_next && (k == 0 || box->messages[k - 1]->uid < m->uid) && !m->expunged);
            assert_int_equal(mailbox_index(box, m->uid), k);
            unseen += !(m->flags & MAIL_FLAG_SEEN);
            own += m->content->size;
        }
        assert_int_equal(mailbox_index(box, box->uid_next), box->count);
        assert_int_equal(unseen, box->unseen);
        assert_int_equal(own, box->octets);
        octets += own;
    }
    assert_int_equal(octets, mail_account_octets(a));
    assert_int_equal(octets, disk);
}

/* The greatest UIDVALIDITY and UIDs each name has had: they may only rise. */
typedef struct {
    char name[160];
    uint32_t validity, uid_next;
} Seen;

static void assert_rising(const MailAccount *a, Seen *seen, size_t *count) {
    for (size_t i = 0; i < a->count; i++) {
        const Mailbox *box = a->mailboxes[i];
        size_t k = 0;
        while (k < *count && strcmp(seen[k].name, box->name) != 0) k++;
        if (k == *count) {
            assert_true(*count < 2000 && strlen(box->name) < sizeof seen[k].name);
            strcpy(seen[(*count)++].name, box->name);
        }
        assert_true(box->uid_validity > seen[k].validity ||
                    (box->uid_validity == seen[k].validity && box->uid_next >= seen[k].uid_next));
        seen[k].validity = box->uid_validity;
        seen[k].uid_next = box->uid_next;
    }
}

static const char *some_name(RandomStream *r, char *room) {
    static const char *const levels[] = {"a", "b", "a-", "INBOX", "inbox", "a0"};
    size_t depth = 1 + random_below(r, 3);
    room[0] = 0;
    for (size_t i = 0; i < depth; i++) {
        if (i) strcat(room, "/");
        strcat(room, levels[random_below(r, 6)]);
    }
    return room;
}

static void histories(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        RandomStream r = random_stream(seed, "test", "mailbox");
        MailAccount a;
        Listener listener = {0};
        uint64_t disk = 0;
        Seen *seen = memory_new(2000 * sizeof *seen);
        size_t seen_count = 0;
        mail_account_init(&a, "bob", 1);
        a.disk_octets = &disk;
        a.changed = count_told;
        a.listener = &listener;
        StoredMessage *held[8] = {0};
        for (int step = 0; step < 150; step++) {
            char x[32], y[32];
            Bytes name = b(some_name(&r, x));
            Mailbox *box = a.mailboxes[random_below(&r, a.count)];
            size_t before = listener.told, place = random_below(&r, 8);
            bool tells = false;
            switch (random_below(&r, 9)) {
                case 0: (void)mailbox_create(&a, name, MAILBOX_USE_NONE); break;
                case 1:
                    (void)mailbox_delete(&a, name);
                    tells = listener.told > before;
                    break;
                case 2:
                    (void)mailbox_rename(&a, name, b(some_name(&r, y)));
                    tells = listener.told > before;
                    break;
                case 3:
                case 4:
                case 5:
                    if (!(tells = !box->no_select)) break;
                    (void)append(box, &"message"[random_below(&r, 7)], random_below(&r, 32));
                    break;
                case 6: tells = mailbox_expunge_all(box, is_deleted, NULL) > 0; break;
                case 7:
                    if (box->count == 0) break;
                    StoredMessage *m = box->messages[random_below(&r, box->count)];
                    uint64_t want = random_below(&r, 32);
                    tells = want != m->flags;
                    mailbox_set_flags(box, m, want);
                    break;
                default:
                    if (held[place]) stored_message_drop(held[place]);
                    held[place] = box->count ? stored_message_hold(box->messages[random_below(&r, box->count)]) : NULL;
            }
            assert_int_equal(tells, listener.told > before);
            assert_sound(&a, disk);
            assert_rising(&a, seen, &seen_count);
        }
        mail_account_free(&a);
        assert_int_equal(disk, 0);
        for (size_t i = 0; i < 8; i++) {
            if (!held[i]) continue;
            assert_int_equal(held[i]->content->octets[held[i]->content->size - 1], 'e');
            stored_message_drop(held[i]);
        }
        free(seen);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(names),         cmocka_unit_test(deleting),
                                       cmocka_unit_test(renaming),      cmocka_unit_test(renaming_inbox),
                                       cmocka_unit_test(limits),        cmocka_unit_test(flags),
                                       cmocka_unit_test(subscriptions), cmocka_unit_test(contents_are_shared),
                                       cmocka_unit_test(histories)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
