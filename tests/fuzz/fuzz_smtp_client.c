/* A client that is answered with anything, in pieces of any size: it says whole commands, tells what became of every message
 * it was given, and never takes a message for sent that no 2yz has followed. The first octet sets how it is cut and set. */
#include "fuzz.h"
#include "proto/smtp/client.h"

typedef struct {
    SmtpClient client;
    Effects effects;
    SmtpJob jobs[2];
    SmtpJobRecipient recipients[4];
    size_t next, done;
    bool asks, wrote, positive;
} Ends;

static void check_done(Ends *ends) {
    CHECK(ends->done < ends->next);
    SmtpJob *job = &ends->jobs[ends->done++];
    for (size_t i = 0; i < job->recipient_count; i++) {
        const SmtpOutcome *o = &job->recipients[i].outcome;
        CHECK(o->kind == SMTP_OUTCOME_SENT || o->kind == SMTP_OUTCOME_LATER || o->kind == SMTP_OUTCOME_REFUSED);
        CHECK(o->text != NULL && o->stage != NULL);
        if (o->kind == SMTP_OUTCOME_SENT) CHECK(ends->positive && o->code / 100 == 2);
        if (o->kind == SMTP_OUTCOME_REFUSED) CHECK(o->code == 0 || o->code / 100 == 5);
    }
}

static void carry(Ends *ends) {
    for (size_t i = 0; i < ends->effects.count; i++) {
        const Effect *e = &ends->effects.items[i];
        const uint8_t *octets = ends->effects.octets;
        if (e->kind == EFFECT_WRITE) ends->wrote = true;
        if (e->kind == EFFECT_SAID && e->said.received)
            ends->positive = e->said.size > 0 && octets[e->said.octets_at] == '2';
        if (e->kind == EFFECT_SAID && !e->said.received && e->said.part == STREAM_COMMAND) {
            CHECK(!memchr(octets + e->said.octets_at, '\n', e->said.size) &&
                  !memchr(octets + e->said.octets_at, 0, e->said.size));
            CHECK(e->said.size + 2 <= SMTP_COMMAND_EXTENDED_MOST);
        }
        if (e->kind == EFFECT_ASK && e->ask.ask == ASK_MAIL_NEXT) ends->asks = true;
        if (e->kind == EFFECT_ASK && e->ask.ask == ASK_MAIL_DONE) check_done(ends);
    }
    effects_begin(&ends->effects, 0);
}

static void settle(Ends *ends) {
    carry(ends);
    while (ends->asks || ends->wrote) {
        bool asks = ends->asks;
        ends->asks = false;
        if (asks) {
            SmtpJob *job = ends->next < 2 ? &ends->jobs[ends->next++] : NULL;
            smtp_client_job(&ends->client, job, &ends->effects);
        } else {
            ends->wrote = false;
            smtp_client_stream.room(&ends->client, &ends->effects);
        }
        carry(ends);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    uint8_t how = *at++;
    size--;
    static Ends ends;
    ends = (Ends){0};
    SmtpClientConfig config = smtp_client_config_default;
    config.name = "a.b";
    config.extended = !(how & 1);
    config.pipelining = how & 2;
    if (how & 4) config.user = "a", config.password = "b";
    for (size_t i = 0; i < 2; i++) {
        SmtpJob *job = &ends.jobs[i];
        CHECK(smtp_path_set(&job->mail.path, i ? "" : "a@b.c"));
        job->recipients = &ends.recipients[2 * i];
        job->recipient_count = 2 - i;
        for (size_t k = 0; k < 2; k++) CHECK(smtp_path_set(&ends.recipients[2 * i + k].path, k ? "x@y.z" : "b@c.d"));
        job->mail.body = how & 8 ? SMTP_BODY_8BITMIME : SMTP_BODY_7BIT;
        job->content = bytes_of("a: b\r\n\r\n.c\r\n", 13);
    }
    smtp_client_init(&ends.client);
    machine_init(&ends.client.machine, &smtp_client_spec, &ends.client, NULL, 0, 0);
    smtp_client_begin(&ends.client, &config);
    effects_begin(&ends.effects, 0);
    smtp_client_stream.connecting(&ends.client, &ends.effects);
    smtp_client_stream.opened(&ends.client, &ends.effects);
    settle(&ends);
    size_t step = (how >> 4) + 1;
    for (size_t i = 0; i < size;) {
        size_t part = step < size - i ? step : size - i;
        size_t taken = smtp_client_stream.receive(&ends.client, bytes_of(at + i, part), &ends.effects);
        CHECK(taken <= part);
        settle(&ends);
        CHECK(ends.client.replies.reply.text.size <= 2 * SMTP_REPLY_TEXT_MOST &&
              ends.client.replies.lines.capacity <= 2 * SMTP_REPLY_TEXT_MOST);
        i += taken;
    }
    if (ends.client.machine.state != SMTP_CLIENT_CLOSED && how & 32) {
        smtp_client_stream.peer_closed(&ends.client, &ends.effects);
        settle(&ends);
    }
    smtp_client_stream.ended(&ends.client, "tcp.reset", &ends.effects);
    settle(&ends);
    CHECK(ends.client.machine.state == SMTP_CLIENT_CLOSED && ends.done == ends.next);
    smtp_client_release(&ends.client);
    effects_free(&ends.effects);
    return 0;
}
