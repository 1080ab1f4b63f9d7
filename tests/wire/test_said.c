/* Names and fields of what is said over a stream. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "wire/describe_said.h"

typedef struct {
    const char *protocol;
    SaidPart part;
    const char *octets, *name, *fields; /* "tag=A1 command=NOOP" */
} Case;

static const Case cases[] = {
    {"smtp", SAID_COMMAND, "mail FROM:<a@b>\r\n", "MAIL", "command=mail argument=FROM:<a@b>"},
    {"smtp", SAID_REPLY, "250 2.1.0 OK\r\n", "250", "code=250 first digit=2 second digit=5 third digit=0 enhanced code=2.1.0 text=OK"},
    {"http", SAID_REPLY, "HTTP/1.1 404 Not Found\r\n", "404", NULL},
    {"pop3", SAID_COMMAND, "RETR 1\r\n", "RETR", "command=RETR argument=1"},
    {"pop3", SAID_REPLY, "+OK 2 320\r\n", "+OK", "status=+OK text=2 320"},
    {"pop3", SAID_REPLY, "-ERR [IN-USE] locked\r\n", "-ERR", "status=-ERR text=[IN-USE] locked"},
    {"pop3", SAID_REPLY, "+ \r\n", "+", "status=+"},
    {"pop3", SAID_CONTENT, "Subject: a\r\n\r\nb\r\n", "mail", "header field=Subject: a body=62:0d:0a"},
    {"imap", SAID_COMMAND, "A1 login bob x\r\n", "LOGIN", "tag=A1 command=login argument=bob x"},
    {"imap", SAID_COMMAND, "a.2 Uid  FETCH 1:* FLAGS\r\n", "UID", NULL},
    {"imap", SAID_COMMAND, "a.2 UID FETCH 1:* FLAGS\r\n", "UID FETCH", "tag=a.2 command=UID FETCH argument=1:* FLAGS"},
    {"imap", SAID_COMMAND, "done\r\n", "DONE", "line=done"},
    {"imap", SAID_COMMAND, "AGJvYgB4\r\n", "", "line=AGJvYgB4"},
    {"imap", SAID_REPLY, "* 18 EXISTS\r\n", "EXISTS", "tag=* number=18 response=EXISTS"},
    {"imap", SAID_REPLY, "* OK [UNSEEN 12] first\r\n", "OK", "tag=* response=OK text=[UNSEEN 12] first"},
    {"imap", SAID_REPLY, "A1 NO not here\r\n", "NO", "tag=A1 response=NO text=not here"},
    {"imap", SAID_REPLY, "* 12 FETCH (BODY[] {3}\r\nabc)\r\n", "FETCH", "tag=* number=12 response=FETCH text=(BODY[] {3} more=61:62:63:29:0d:0a"},
    {"imap", SAID_REPLY, "+ idling\r\n", "+", "tag=+ text=idling"},
    {"imap", SAID_REPLY, "*", "", "tag=*"},
    {"imap", SAID_REPLY, "", "", ""},
    {"imap", SAID_COMMAND, "A1 THISISNOCOMMANDATALL\r\n", "", NULL},
};

static void each_has_its_name_and_fields(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const Case *c = &cases[i];
        char room[SAID_NAME];
        Bytes octets = bytes_of(c->octets, strlen(c->octets));
        assert_string_equal(said_name(c->protocol, c->part, octets, room), c->name);
        Description d = {0};
        describe_said(c->protocol, c->part, octets, &d);
        Text fields = text_new();
        for (size_t k = 0; k < d.count; k++) {
            const DescribedField *f = &d.fields[k];
            assert_true(f->offset + f->length <= octets.size);
            if (strcmp(f->key, c->protocol) == 0) continue;
            text_print(&fields, "%s%s=%s", fields.size ? " " : "", f->name, description_value(&d, f));
        }
        if (c->fields) assert_string_equal(text_get(&fields), c->fields);
        text_free(&fields);
        description_free(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_has_its_name_and_fields)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
