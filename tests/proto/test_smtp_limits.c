/* What a peer can make an SMTP server or client remember: lines without end, sessions without number. */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/smtp/client.h"
#include "proto/smtp/server.h"

static uint64_t octets_in(void *self, uint32_t mailbox) { return (void)self, (void)mailbox, 0; }
static uint64_t room(void *self) { return (void)self, UINT64_MAX; }
static bool known(void *self, Ipv4Address client, const SmtpPath *from, const SmtpPath *to) { return (void)self, (void)client, (void)from, (void)to, true; }
static const SmtpPostOffice office = {NULL, octets_in, room, known};
static SmtpServerConfig config;
static SmtpName bob;
static uint32_t number;

static Effects effects;
static Text said; /* by the server, since it was cleared */

static void carry(void) {
    for (size_t i = 0; i < effects.count; i++)
        if (effects.items[i].kind == EFFECT_WRITE) text_put_n(&said, (const char *)effects.octets + effects.items[i].write.octets_at, effects.items[i].write.size);
    effects_begin(&effects, 0);
}

static void begin(SmtpServer *s) {
    smtp_server_begin(s, &config, &office, 1, 2, &number);
    machine_reuse(&s->machine, 0);
    smtp_server_stream.opened(s, &effects);
    carry();
}

static void make(SmtpServer *s) {
    smtp_server_init(s);
    machine_init(&s->machine, &smtp_server_spec, s, NULL, 0, 0);
    begin(s);
}

static void tell(SmtpServer *s, const char *octets, size_t size) {
    while (size > 0) {
        size_t taken = smtp_server_stream.receive(s, bytes_of(octets, size), &effects);
        carry();
        if (s->machine.state == SMTP_SERVER_STORING) smtp_server_stored(s, true, false, &effects);
        carry();
        octets += taken;
        size -= taken;
    }
}

static void tell_text(SmtpServer *s, const char *text) { tell(s, text, strlen(text)); }

static size_t held(const SmtpServer *s) { return s->lines.capacity + s->replies.capacity + s->transaction.content.capacity + arena_footprint(s->arena) + arena_footprint(s->scratch); }

static int set_up(void **state) {
    (void)state;
    config = smtp_server_config_default;
    config.name = "b.c";
    config.names = &bob;
    config.name_count = 1;
    config.errors_most = 0;
    bob.full_name = "";
    effects_begin(&effects, 0);
    return smtp_path_set(&bob.path, "bob") ? 0 : 1;
}

static void lines_without_end(void **state) {
    (void)state;
    static char much[64 * 1024];
    static SmtpServer s;
    static const char fills[] = {'x', '\0', '\r', ' ', '\xff'};
    for (size_t f = 0; f < sizeof fills; f++) {
        make(&s);
        memset(much, fills[f], sizeof much);
        for (int i = 0; i < 160; i++) tell(&s, much, sizeof much); /* 10 MB */
        assert_in_range(held(&s), 0, 200 * 1024);
        text_clear(&said);
        tell_text(&s, "\r\nNOOP\r\n");
        assert_string_equal(text_get(&said), "500 Line too long\r\n250 OK\r\n");
        smtp_server_release(&s);
    }
    /* A content may be as long as is allowed, and no longer. */
    make(&s);
    tell_text(&s, "HELO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<bob@b.c>\r\nDATA\r\n");
    memset(much, 'x', sizeof much);
    config.size_most = 100000;
    s.transaction.content.most = config.size_most;
    for (int i = 0; i < 160; i++) tell(&s, much, sizeof much);
    assert_in_range(held(&s), 0, 400 * 1024);
    text_clear(&said);
    tell_text(&s, "\r\n.\r\n");
    assert_string_equal(text_get(&said), "552 Message exceeds the maximum of 100000 octets\r\n");
    smtp_server_release(&s);
}

/* Whatever is asked, however often, a session remembers no more after it than before. */
static void commands_without_number(void **state) {
    (void)state;
    static SmtpServer s;
    make(&s);
    size_t before = 0;
    for (int i = 0; i < 20000; i++) {
        tell_text(&s, "EHLO a\r\nVRFY bob\r\nHELP STATUS\r\nHELP\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<bob@b.c> ORCPT=rfc822;bob NOTIFY=FAILURE\r\nRCPT TO:<bob@b.c>\r\nDATA\r\nx\r\n.\r\n");
        text_clear(&said);
        if (i == 10) before = held(&s);
    }
    assert_int_equal(held(&s), before);
    tell_text(&s, "MAIL FROM:<a@b.c>\r\n");
    for (int i = 0; i < 20000; i++) tell_text(&s, "RCPT TO:<bob@b.c> ORCPT=rfc822;bob\r\n");
    text_clear(&said);
    assert_in_range(held(&s), before, before + 64 * 1024); /* the same recipient is one */
    smtp_server_release(&s);
}

static void sessions_without_number(void **state) {
    (void)state;
    static SmtpServer s;
    make(&s);
    size_t before = 0;
    for (int i = 0; i < 10000; i++) {
        tell_text(&s, i % 2 ? "EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<bob@b.c>\r\nDATA\r\nhalf" : "HELO a\r\nMAI");
        smtp_server_stream.ended(&s, "tcp.reset", &effects);
        carry();
        smtp_server_end(&s);
        text_clear(&said);
        if (i == 100) before = mallinfo2().uordblks;
        begin(&s);
    }
    smtp_server_stream.ended(&s, "tcp.reset", &effects);
    carry();
    smtp_server_end(&s);
    assert_in_range(mallinfo2().uordblks, 0, before + 1024);
    smtp_server_release(&s);
    /* 2,000 at once, each in the middle of a command. */
    SmtpServer *many = calloc(2000, sizeof *many);
    before = mallinfo2().uordblks + mallinfo2().hblkhd;
    for (int i = 0; i < 2000; i++) {
        make(&many[i]);
        tell_text(&many[i], "EHLO a\r\nMAIL FROM:<a@b.c>\r\nRCPT TO:<b");
        text_clear(&said);
    }
    size_t each = (mallinfo2().uordblks + mallinfo2().hblkhd - before) / 2000;
    printf("%zu octets a session besides %zu of its own\n", each, sizeof *many);
    assert_in_range(each, 0, 200 * 1024);
    for (int i = 0; i < 2000; i++) smtp_server_release(&many[i]);
    free(many);
}

static void replies_without_end(void **state) {
    (void)state;
    SmtpReplyReader reader;
    smtp_reply_reader_init(&reader);
    size_t taken;
    for (int i = 0; i < 1000000; i++) assert_false(smtp_reply_take(&reader, bytes_of("250-x\r\n", 7), &taken));
    for (int i = 0; i < 1000000; i++) assert_false(smtp_reply_take(&reader, bytes_of("250-xxx", 7), &taken));
    assert_in_range(reader.reply.text.capacity + reader.reply.raw.capacity + reader.lines.capacity, 0, 100 * 1024);
    assert_true(smtp_reply_take(&reader, bytes_of("\r\n250 x\r\n", 9), &taken));
    assert_int_equal(reader.reply.code, 250);
    smtp_reply_reader_free(&reader);
}

static int tear_down(void **state) {
    (void)state;
    effects_free(&effects);
    text_free(&said);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(lines_without_end), cmocka_unit_test(commands_without_number), cmocka_unit_test(sessions_without_number), cmocka_unit_test(replies_without_end)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
