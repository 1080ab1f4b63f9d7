/* A session that is told anything, in pieces of any size: what it writes is what it says, with every message dot-stuffed and
 * ended; nobody gets in without a password, nothing goes but in UPDATE, the lock is given back, and memory stays bounded. The
 * first octet sets how the octets are cut and how the server is set; 255 within them stands for an event of the host. */
#include "fuzz.h"
#include "proto/pop3/facts.h"
#include "proto/pop3/server.h"

typedef struct {
    Pop3Server server;
    Effects effects;
    MailAccount account;
    SimTime now, last;
    Pop3Update *update;
    Text said, written; /* what must be on the wire, and what is */
    bool closed, has_password;
} Ends;

static MailAccount *account_of(void *self, Bytes user) {
    return bytes_equal(user, bytes_of("bob", 3)) ? &((Ends *)self)->account : NULL;
}
static const char *password_of(void *self, Bytes user) {
    return ((Ends *)self)->has_password && user.size == 3 ? "a b" : NULL;
}
static SimTime *logged_in_at(void *self, const MailAccount *account) { return (void)account, &((Ends *)self)->last; }

/* Line by line, as slowly as it can be done. */
static void stuff(Text *to, Bytes content) {
    for (size_t at = 0; at < content.size;) {
        size_t end = at;
        while (end < content.size && content.at[end] != '\r' && content.at[end] != '\n') end++;
        if (end > at && content.at[at] == '.') text_put_char(to, '.');
        text_put_bytes(to, bytes_slice(content, at, end - at));
        text_put(to, "\r\n");
        at = end + 1;
        if (end + 1 < content.size && content.at[end] == '\r' && content.at[end + 1] == '\n') at++;
    }
    text_put(to, ".\r\n");
}

static void check_status(Bytes reply) {
    const uint8_t *end = memchr(reply.at, '\n', reply.size);
    CHECK(end && end - reply.at < POP3_REPLY_MOST && end > reply.at && end[-1] == '\r');
    CHECK(bytes_equal(bytes_slice(reply, 0, 3), bytes_of("+OK", 3)) ||
          bytes_equal(bytes_slice(reply, 0, 4), bytes_of("-ERR", 4)) || bytes_equal(reply, bytes_of("+ \r\n", 4)));
    CHECK(!memchr(reply.at, 0, reply.size) && !memchr(reply.at, '\r', (size_t)(end - reply.at) - 1));
}

static void carry(Ends *ends) {
    for (size_t i = 0; i < ends->effects.count; i++) {
        const Effect *e = &ends->effects.items[i];
        const char *octets = (const char *)ends->effects.octets;
        if (e->kind == EFFECT_WRITE) CHECK(!ends->closed);
        if (e->kind == EFFECT_WRITE) text_put_n(&ends->written, octets + e->write.octets_at, e->write.size);
        if (e->kind == EFFECT_CLOSE || e->kind == EFFECT_ABORT) ends->closed = true;
        if (e->kind == EFFECT_ASK) ends->update = pop3_server_update(&ends->server);
        if (e->kind == EFFECT_FACT && e->fact.spec == &fact_pop3_logged_in) CHECK(ends->has_password);
        if (e->kind != EFFECT_SAID || e->said.received) continue;
        Bytes said = bytes_of(octets + e->said.octets_at, e->said.size);
        if (e->said.part == STREAM_CONTENT) stuff(&ends->said, said);
        else check_status(said), text_put_bytes(&ends->said, said);
    }
    effects_begin(&ends->effects, ends->now);
    CHECK(ends->written.size <= ends->said.size);
    CHECK(ends->written.size == 0 || memcmp(ends->written.at, ends->said.at, ends->written.size) == 0);
    uint8_t state = ends->server.machine.state;
    if (state != POP3_SERVER_CLOSED && state < POP3_SERVER_SENDING) CHECK(ends->written.size == ends->said.size);
    CHECK(ends->server.lines.capacity <= 2 * POP3_AUTH_LINE_MOST && ends->server.replies.capacity <= 10 * POP3_PIECE);
    bool reads = state == POP3_SERVER_TRANSACTION || state == POP3_SERVER_SENDING || state == POP3_SERVER_SENDING_LAST;
    CHECK(!reads || ends->account.maildrop_lock == &ends->server);
    CHECK(reads || ends->account.maildrop_lock == ends->update);
}

static void answer(Ends *ends, bool written) {
    size_t removed = 0, count = ends->update->count;
    if (written) removed = pop3_update_carry_out(ends->update);
    else pop3_update_drop(ends->update);
    CHECK(removed == (written ? count : 0));
    ends->update = NULL;
    pop3_server_written(&ends->server, written, removed, &ends->effects);
    carry(ends);
}

static void event(Ends *ends, uint8_t what) {
    ends->now += what * SIM_SECOND;
    effects_begin(&ends->effects, ends->now);
    if (ends->update) {
        answer(ends, what & 1);
    } else if (what == 200) {
        pop3_server_shut_down(&ends->server, &ends->effects);
    } else if (what == 201 && ends->server.machine.state != POP3_SERVER_CLOSED) {
        pop3_server_stream.timer(&ends->server, POP3_SERVER_TIMER_IDLE, &ends->effects);
    } else {
        pop3_server_stream.room(&ends->server, &ends->effects);
    }
    carry(ends);
}

static void put_mail(Ends *ends, const char *content, size_t size) {
    MailContent *held = mail_content_new((const uint8_t *)content, size);
    mailbox_append(mailbox_inbox(&ends->account), held, 0, 0);
    mail_content_drop(held);
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    uint8_t how = *at++;
    size--;
    static char big[3 * POP3_PIECE];
    memset(big, '.', sizeof big);
    for (size_t i = 0; i < sizeof big; i += 70) big[i] = '\n';
    static Ends ends;
    ends = (Ends){.last = SIM_NEVER, .has_password = how & 1};
    Pop3ServerConfig config = pop3_server_config_default;
    config.name = "b.c";
    config.apop = how & 2;
    config.plain = !(how & 4);
    config.login_delay = how & 8 ? SIM_SECOND : 0;
    Pop3Office office = {&ends, account_of, password_of, logged_in_at};
    RandomStream random = random_stream(1, "host", "pop3.server");
    mail_account_init(&ends.account, "bob", 9);
    put_mail(&ends, ".\r\n\r\n.\n\r..\r\r\n", 13);
    put_mail(&ends, big, sizeof big);
    put_mail(&ends, "", 0);
    put_mail(&ends, "a: b\r\n\r\n.c\r\nd", 13);
    size_t count = 4;
    pop3_server_init(&ends.server);
    machine_init(&ends.server.machine, &pop3_server_spec, &ends.server, NULL, 0, 0);
    pop3_server_begin(&ends.server, &config, &office, &random, 5);
    effects_begin(&ends.effects, 0);
    pop3_server_stream.opened(&ends.server, &ends.effects);
    carry(&ends);
    size_t step = (how >> 4) + 1;
    for (size_t i = 0; i < size && ends.server.machine.state != POP3_SERVER_CLOSED;) {
        if (at[i] == 255) {
            event(&ends, i + 1 < size ? at[i + 1] : 0);
            i += 2;
            continue;
        }
        size_t part = 0;
        while (part < step && i + part < size && at[i + part] != 255) part++;
        size_t taken = pop3_server_stream.receive(&ends.server, bytes_of(at + i, part), &ends.effects);
        CHECK(taken <= part);
        carry(&ends);
        if (!ends.update && ends.server.machine.state != POP3_SERVER_CLOSING) CHECK(mailbox_inbox(&ends.account)->count == count);
        if (taken == 0) event(&ends, at[i] & 3);
        count = mailbox_inbox(&ends.account)->count;
        i += taken;
    }
    if (ends.server.machine.state != POP3_SERVER_CLOSED) pop3_server_stream.peer_closed(&ends.server, &ends.effects);
    carry(&ends);
    pop3_server_stream.ended(&ends.server, "tcp.closed", &ends.effects);
    carry(&ends);
    CHECK(ends.server.machine.state == POP3_SERVER_CLOSED);
    if (ends.update) answer(&ends, how & 1);
    CHECK(!ends.account.maildrop_lock);
    pop3_server_release(&ends.server);
    mail_account_free(&ends.account);
    text_free(&ends.said), text_free(&ends.written);
    effects_free(&ends.effects);
    return 0;
}
