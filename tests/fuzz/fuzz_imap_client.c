/* A client that is answered with anything, in pieces of any size: it says whole lines, asks for nothing twice in a row
 * without end, keeps its numbers and its memory in order and within their bounds, and gives everything back. The first octet
 * sets how it is cut and set, and what the user wants. */
#include <string.h>

#include "fuzz.h"
#include "proto/imap/client.h"

enum { MEMORY_MOST = 100000, RESPONSE_MOST = 20000 };

static char *copy_of(const char *text) {
    char *copy = memory_new(strlen(text) + 1);
    memcpy(copy, text, strlen(text));
    return copy;
}

static void check_memory(const ImapClient *c) {
    const ImapMemory *m = c->memory;
    CHECK(c->exists <= IMAP_CLIENT_MESSAGES_MOST && c->exists_asked <= c->exists);
    for (size_t i = 0; i < m->count; i++) {
        const ImapKnown *k = &m->items[i];
        CHECK(k->uid > 0 && (i == 0 || m->items[i - 1].uid < k->uid) && k->header != NULL);
        CHECK(strlen(k->header->subject) <= IMAP_KNOWN_TEXT_MOST && k->flags < 32);
        CHECK(!k->structure || k->structure->shown <= k->structure->count);
    }
    CHECK(m->octets <= MEMORY_MOST + RESPONSE_MOST * (uint64_t)40);
    CHECK(c->response.size <= RESPONSE_MOST + IMAP_CLIENT_LINE_MOST);
}

/* What it says, and the disk's answer. */
static void carry(ImapClient *c, Effects *effects, bool disk) {
    for (bool asks = true; asks;) {
        asks = false;
        for (size_t i = 0; i < effects->count; i++) {
            const Effect *e = &effects->items[i];
            const uint8_t *octets = effects->octets;
            if (e->kind == EFFECT_SAID && !e->said.received && e->said.part == STREAM_COMMAND)
                CHECK(!memchr(octets + e->said.octets_at, '\n', e->said.size) &&
                      !memchr(octets + e->said.octets_at, 0, e->said.size));
            if (e->kind == EFFECT_ASK) asks = true;
        }
        effects_begin(effects, 0);
        check_memory(c);
        if (asks) imap_client_written(c, disk, effects);
    }
}

static void want(ImapClient *c, uint8_t how) {
    const ImapMemory *m = c->memory;
    if (m->count == 0 || c->request_count > 8) return;
    ImapRequest r = {.kind = (ImapRequestKind)(how % 6), .uid = m->items[how % m->count].uid, .octets = 100};
    if (r.kind == IMAP_REQUEST_PART) memcpy(r.part, how & 8 ? "1" : "2.1", how & 8 ? 2 : 4);
    if (r.kind == IMAP_REQUEST_FLAG) r.flag = copy_of("\\Flagged");
    if (r.kind == IMAP_REQUEST_FILE || r.kind == IMAP_REQUEST_KEEP) r.mailbox = copy_of("A b");
    if (r.kind == IMAP_REQUEST_KEEP) r.content = mail_content_new((const uint8_t *)"x\r\n", 3);
    CHECK(imap_client_request(c, &r));
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    uint8_t how = *at++;
    size--;
    static ImapClient client;
    ImapClient *c = &client;
    ImapMemory memory = {0};
    Effects effects = {0};
    Arena *kept = arena_new();
    ImapClientConfig config = imap_client_config_default;
    config.user = "a";
    config.password = "b c";
    config.authenticate = how & 1;
    config.idle = !(how & 2);
    config.move = !(how & 4);
    config.piece = 10;
    config.size_most = RESPONSE_MOST;
    config.memory_most = MEMORY_MOST;
    imap_client_init(c);
    for (int session = 0; session < 2; session++) {
        machine_init(&c->machine, &imap_client_spec, c, NULL, 0, 0);
        imap_client_begin(c, &config, &memory, kept);
        c->reconnecting = session > 0;
        effects_begin(&effects, 0);
        imap_client_stream.connecting(c, &effects);
        imap_client_stream.opened(c, &effects);
        carry(c, &effects, true);
        size_t step = session ? 4096 : (how >> 4) + 1;
        for (size_t i = 0; i < size;) {
            size_t part = step < size - i ? step : size - i;
            size_t taken = imap_client_stream.receive(c, bytes_of(at + i, part), &effects);
            CHECK(taken <= part);
            carry(c, &effects, !(how & 8) || i < 500);
            if (taken > 0 && i / 64 != (i + taken) / 64) {
                want(c, (uint8_t)(how + i / 64));
                imap_client_wake(c, &effects);
                carry(c, &effects, true);
            }
            i += taken;
        }
        if (how & 16) imap_client_leave(c, &effects);
        carry(c, &effects, true);
        if (how & 32) imap_client_stop(c, &effects);
        imap_client_stream.ended(c, "tcp.reset", &effects);
        carry(c, &effects, true);
        CHECK(c->machine.state == IMAP_CLIENT_CLOSED);
        imap_client_end(c);
    }
    ImapMemory copy = {0};
    imap_memory_copy(&copy, &memory);
    CHECK(copy.octets == memory.octets && copy.count == memory.count);
    imap_memory_clear(&copy);
    imap_client_release(c);
    imap_memory_clear(&memory);
    effects_free(&effects);
    arena_free(kept);
    return 0;
}
