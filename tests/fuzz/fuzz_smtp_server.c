/* A session that is told anything, in pieces of any size: each reply is whole and well formed, a message is taken only
 * after a sender, a recipient and CRLF "." CRLF, and memory stays within what was sent. The first octet sets how the
 * octets are cut and how the server is set; 255 within them stands for an event of the host. */
#include "fuzz.h"
#include "proto/smtp/server.h"

typedef struct {
    SmtpServer server;
    Effects effects;
    SimTime now;
    size_t heard, said;
    bool closed;
} Ends;

static uint64_t octets_in(void *self, uint32_t mailbox) { return (void)self, (void)mailbox, 10; }
static uint64_t room(void *self) { return (void)self, 100000; }
static bool known(void *self, Ipv4Address client, const SmtpPath *from, const SmtpPath *to) {
    return (void)self, (void)client, from->size <= to->size;
}

static void check_reply(Bytes reply) {
    CHECK(reply.size >= 6 && reply.at[reply.size - 1] == '\n');
    uint8_t code[3];
    memcpy(code, reply.at, 3);
    for (size_t at = 0; at < reply.size;) {
        const uint8_t *line = reply.at + at, *end = memchr(line, '\n', reply.size - at);
        size_t size = (size_t)(end - line) + 1;
        CHECK(size >= 6 && size <= SMTP_REPLY_LINE_MOST && end[-1] == '\r');
        CHECK(memcmp(line, code, 3) == 0 && line[0] >= '2' && line[0] <= '5' && line[1] <= '5' && line[2] >= '0' &&
              line[2] <= '9');
        CHECK(line[3] == (at + size == reply.size ? ' ' : '-'));
        CHECK(!memchr(line, '\r', size - 2) && !memchr(line, 0, size));
        at += size;
    }
}

static void carry(Ends *ends) {
    size_t written = 0, said = 0;
    for (size_t i = 0; i < ends->effects.count; i++) {
        const Effect *e = &ends->effects.items[i];
        if (e->kind == EFFECT_WRITE) written += e->write.size;
        if (e->kind == EFFECT_WRITE) CHECK(!ends->closed);
        if (e->kind == EFFECT_CLOSE || e->kind == EFFECT_ABORT) ends->closed = true;
        if (e->kind == EFFECT_ASK) {
            const SmtpTransaction *t = &ends->server.transaction;
            CHECK(t->recipient_count > 0 && t->content.dots.bare_lf.count == 0 && t->content.dots.bare_cr.count == 0 &&
                  t->content.total <= 5000);
            for (size_t k = 0; k < t->recipient_count; k++) CHECK(t->recipients[k].path.size > 0);
        }
        if (e->kind != EFFECT_SAID || e->said.received) continue;
        said += e->said.size;
        check_reply(bytes_of(ends->effects.octets + e->said.octets_at, e->said.size));
    }
    CHECK(written == said);
    effects_begin(&ends->effects, ends->now);
}

static void event(Ends *ends, uint8_t what) {
    SmtpServer *s = &ends->server;
    if (s->machine.state == SMTP_SERVER_STORING || s->machine.state == SMTP_SERVER_STORING_LAST)
        smtp_server_stored(s, what & 1, what & 2, &ends->effects);
    else if (what == 7) smtp_server_shut_down(s, &ends->effects);
    carry(ends);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    static SmtpName names[3];
    static SmtpPath others[1];
    CHECK(smtp_path_set(&names[0].path, "bob") && smtp_path_set(&names[1].path, "staff") &&
          smtp_path_set(&names[2].path, "dave") && smtp_path_set(&others[0], "bob@b.c"));
    names[0].full_name = names[1].full_name = names[2].full_name = "";
    names[0].quota = 3000;
    names[1].kind = SMTP_NAME_LIST;
    names[2].kind = SMTP_NAME_MOVED;
    names[1].others = names[2].others = others;
    names[1].other_count = names[2].other_count = 1;
    SmtpUser user = {"a", "b"};
    if (size == 0) return 0;
    uint8_t how = *at++;
    size--;
    SmtpServerConfig config = smtp_server_config_default;
    config.name = "b.c";
    config.names = names;
    config.name_count = 3;
    config.users = &user;
    config.user_count = 1;
    config.size_most = 5000;
    config.recipients_most = 5;
    config.legacy = how & 1;
    config.eight_bit = (SmtpEightBit)(how >> 1 & 3) % 3;
    config.greylist = how & 8 ? SIM_SECOND : 0;
    SmtpPostOffice office = {NULL, octets_in, room, known};
    static Ends ends;
    uint32_t number = 0;
    ends = (Ends){0};
    smtp_server_init(&ends.server);
    machine_init(&ends.server.machine, &smtp_server_spec, &ends.server, NULL, 0, 0);
    smtp_server_begin(&ends.server, &config, &office, 1, 2, &number);
    effects_begin(&ends.effects, 0);
    smtp_server_stream.opened(&ends.server, &ends.effects);
    carry(&ends);
    size_t step = (how >> 4) + 1;
    for (size_t i = 0; i < size && ends.server.machine.state != SMTP_SERVER_CLOSED;) {
        if (at[i] == 255) {
            event(&ends, i + 1 < size ? at[i + 1] : 0);
            i += 2;
            continue;
        }
        size_t part = 0;
        while (part < step && i + part < size && at[i + part] != 255) part++;
        size_t taken = smtp_server_stream.receive(&ends.server, bytes_of(at + i, part), &ends.effects);
        CHECK(taken <= part);
        carry(&ends);
        if (taken == 0) event(&ends, at[i] & 3);
        i += taken;
        CHECK(ends.server.transaction.content.capacity <= 16384 && ends.server.lines.capacity <= 4096);
        CHECK(ends.server.transaction.recipient_count <= 5);
    }
    if (ends.server.machine.state != SMTP_SERVER_CLOSED) smtp_server_stream.peer_closed(&ends.server, &ends.effects);
    carry(&ends);
    smtp_server_stream.ended(&ends.server, "tcp.closed", &ends.effects);
    CHECK(ends.server.machine.state == SMTP_SERVER_CLOSED);
    smtp_server_release(&ends.server);
    effects_free(&ends.effects);
    return 0;
}
