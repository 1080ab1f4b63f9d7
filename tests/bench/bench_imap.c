/* The IMAP server by itself, without a network: what SELECT of a large mailbox, SEARCH over many messages and FETCH cost, and what a
 * message takes in memory.
 *
 *   bench_imap [MESSAGES [SEARCHED]]
 *
 * 100,000 and 10,000 by default. Figures only: nothing here passes or fails. */
#define _GNU_SOURCE
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/random.h"
#include "proto/imap/server.h"

static double now_s(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static size_t in_use(void) {
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

typedef struct {
    MailAccount account;
    Arena *arena;
    Effects effects;
    ImapServer server;
    ImapServerConfig config;
    ImapOffice office;
    bool asks, wrote;
    size_t said;
} Bench;

static MailAccount *log_in(void *self, Bytes user, Bytes password) { return (void)user, (void)password, &((Bench *)self)->account; }
static uint64_t quota(void *self, const MailAccount *account) { return (void)self, (void)account, 0; }
static uint64_t room(void *self) { return (void)self, UINT64_MAX; }
static const char *keep(void *self, const char *text) { return arena_text(((Bench *)self)->arena, text); }

static void carry_out(Bench *b) {
    for (size_t i = 0; i < b->effects.count; i++) {
        const Effect *e = &b->effects.items[i];
        if (e->kind == EFFECT_ASK) b->asks = true;
        if (e->kind == EFFECT_WRITE) {
            b->wrote = true;
            b->said += e->write.size;
        }
    }
    effects_begin(&b->effects, 0);
}

/* One command from beginning to end; the seconds it took. */
static double run(Bench *b, const char *command) {
    double start = now_s();
    b->said = 0;
    (void)imap_server_stream.receive(&b->server, bytes_text(command), &b->effects);
    carry_out(b);
    while (b->asks || b->wrote) {
        if (b->asks) {
            b->asks = false;
            imap_server_written(&b->server, true, false, &b->effects);
        } else {
            b->wrote = false;
            imap_server_stream.room(&b->server, &b->effects);
        }
        carry_out(b);
    }
    return now_s() - start;
}

static void report(Bench *b, const char *what, const char *command, int times) {
    double best = 1e9;
    for (int i = 0; i < times; i++) {
        double seconds = run(b, command);
        if (seconds < best) best = seconds;
    }
    printf("  %-52s %9.3f ms  %9zu octets said\n", what, best * 1e3, b->said);
}

/* About 2 kB: a letter with a picture. */
static Text letter(RandomStream *random, unsigned number) {
    static const char *const words[] = {"ketchup", "pickles", "lunch", "crepes", "hamburger", "mustard", "Gr=C3=BC=C3=9Fe"};
    Text text = text_new();
    text_print(&text, "From: Alice <alice%u@crepes.fr>\r\nTo: bob@hamburger.edu, \"Carol C.\" <carol@hamburger.edu>\r\nSubject: letter %u about %s\r\n"
               "Date: Mon, %u Sep 2026 08:00:00 +0000\r\nMessage-ID: <%u@crepes.fr>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
               "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
               number % 100, number, words[number % 7], 1 + number % 28, number);
    for (int i = 0; i < 120; i++) text_print(&text, "%s%s", words[random_below(random, 7)], i % 10 == 9 ? "\r\n" : " ");
    text_put(&text, "--b\r\nContent-Type: image/gif; name=\"p.gif\"\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    for (int i = 0; i < 10; i++) text_put(&text, "R0lGODlhR0lGODlhR0lGODlhR0lGODlhR0lGODlhR0lGODlhR0lGODlhR0lGODlhR0lG\r\n");
    text_put(&text, "--b--\r\n");
    return text;
}

static size_t fill(Bench *b, const char *name, unsigned count) {
    RandomStream random = random_stream(7, "bench", "imap");
    Mailbox *mailbox = mailbox_find(&b->account, bytes_text(name));
    size_t octets = 0;
    for (unsigned i = 1; i <= count; i++) {
        Text text = letter(&random, i);
        MailContent *content = mail_content_new((const uint8_t *)text.at, text.size);
        (void)mailbox_append(mailbox, content, i % 3 ? MAIL_FLAG_SEEN : 0, 1788768000 + i * 60);
        mail_content_drop(content);
        octets += text.size;
        text_free(&text);
    }
    return octets;
}

int main(int argc, char **argv) {
    unsigned many = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 100000, searched = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;
    struct utsname machine;
    if (uname(&machine) == 0) printf("%s %s, %s\n", machine.sysname, machine.machine, machine.nodename);
    static Bench b;
    b.arena = arena_new();
    b.config = imap_server_config_default;
    b.office = (ImapOffice){&b, log_in, quota, room, keep};
    mail_account_init(&b.account, "bob", 1);
    (void)mailbox_create(&b.account, bytes_text("many"), MAILBOX_USE_NONE);
    (void)mailbox_create(&b.account, bytes_text("searched"), MAILBOX_USE_NONE);
    size_t before = in_use();
    size_t octets = fill(&b, "many", many);
    printf("%u messages of %zu octets: %.0f octets each beside their content\n", many, octets / many, ((double)(in_use() - before) - (double)octets) / many);
    (void)fill(&b, "searched", searched);
    imap_server_init(&b.server);
    machine_init(&b.server.machine, &imap_server_spec, &b.server, NULL, 0, 0);
    imap_server_begin(&b.server, &b.config, &b.office);
    effects_begin(&b.effects, 0);
    imap_server_stream.opened(&b.server, &b.effects);
    (void)run(&b, "a LOGIN bob x\r\n");
    printf("%u messages:\n", many);
    report(&b, "SELECT", "a SELECT many\r\n", 5);
    before = in_use();
    (void)run(&b, "a UNSELECT\r\n");
    size_t closed = in_use();
    (void)run(&b, "a SELECT many\r\n");
    printf("  %-52s %9.1f octets a message\n", "a session that has it open", ((double)before - (double)closed) / many);
    report(&b, "NOOP, nothing new", "a NOOP\r\n", 5);
    (void)fill(&b, "many", 1);
    report(&b, "NOOP, one message new", "a NOOP\r\n", 1);
    report(&b, "STORE 5 +FLAGS.SILENT", "a STORE 5 +FLAGS.SILENT (\\Flagged)\r\n", 1);
    report(&b, "UID FETCH 1:* FLAGS", "a UID FETCH 1:* FLAGS\r\n", 3);
    report(&b, "SEARCH UNSEEN", "a SEARCH UNSEEN\r\n", 3);
    report(&b, "STORE 1:* +FLAGS.SILENT", "a STORE 1:* +FLAGS.SILENT (\\Answered)\r\n", 1);
    (void)run(&b, "a UNSELECT\r\na SELECT searched\r\n");
    printf("%u messages:\n", searched);
    report(&b, "SEARCH UNSEEN", "a SEARCH UNSEEN\r\n", 5);
    report(&b, "SEARCH SUBJECT ketchup", "a SEARCH SUBJECT ketchup\r\n", 3);
    report(&b, "SEARCH FROM alice50", "a SEARCH FROM alice50\r\n", 3);
    report(&b, "SEARCH SENTON 7-Sep-2026", "a SEARCH SENTON 7-Sep-2026\r\n", 3);
    report(&b, "SEARCH BODY nowhere", "a SEARCH BODY nowhere\r\n", 3);
    report(&b, "SEARCH TEXT nowhere", "a SEARCH TEXT nowhere\r\n", 3);
    before = in_use();
    report(&b, "FETCH 1:* ENVELOPE, the first time", "a FETCH 1:* ENVELOPE\r\n", 1);
    report(&b, "FETCH 1:* ENVELOPE, again", "a FETCH 1:* ENVELOPE\r\n", 3);
    report(&b, "FETCH 1:* BODYSTRUCTURE, the first time", "a FETCH 1:* BODYSTRUCTURE\r\n", 1);
    report(&b, "FETCH 1:* BODYSTRUCTURE, again", "a FETCH 1:* BODYSTRUCTURE\r\n", 3);
    printf("  %-52s %9.0f octets a message\n", "what is kept of both", ((double)in_use() - (double)before) / searched);
    report(&b, "FETCH 1:* BODY.PEEK[]", "a FETCH 1:* BODY.PEEK[]\r\n", 3);
    report(&b, "FETCH 1:* BODY.PEEK[1]", "a FETCH 1:* BODY.PEEK[1]\r\n", 3);
    imap_server_release(&b.server);
    mail_account_free(&b.account);
    effects_free(&b.effects);
    arena_free(b.arena);
    return 0;
}
