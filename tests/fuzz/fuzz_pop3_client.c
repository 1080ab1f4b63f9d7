/* A client that is answered with anything, in pieces of any size: it says whole commands, asks for no message twice, deletes
 * only what is on its disk, comes to an outcome, and keeps no more than it is allowed to. The first octet sets how the answers
 * are cut and how it is set. */
#include "fuzz.h"
#include "proto/pop3/client.h"

enum { NUMBERS = 200, SIZE_MOST = 2000 };

typedef struct {
    Pop3Client client;
    Effects effects;
    bool asked, fails, empty_memory;
    bool fetched[NUMBERS], marked[NUMBERS], known[NUMBERS], topped[NUMBERS];
} Ends;

/* Ids that begin with "k" are on the disk. */
static bool has(void *self, const char *unique) { return !((Ends *)self)->empty_memory && unique[0] == 'k'; }

static size_t number_in(Bytes command, size_t at) {
    size_t number = 0;
    while (at < command.size && command.at[at] >= '0' && command.at[at] <= '9')
        number = number * 10 + (size_t)(command.at[at++] - '0');
    return number;
}

static void check_command(Ends *ends, Bytes command) {
    CHECK(command.size >= 4 && command.size <= 253);
    for (size_t i = 0; i < command.size; i++) CHECK(command.at[i] >= ' ' && command.at[i] < 0x7f);
    bool retr = memcmp(command.at, "RETR ", 5) == 0, dele = memcmp(command.at, "DELE ", 5) == 0,
         top = memcmp(command.at, "TOP ", 4) == 0;
    if (!retr && !dele && !top) return;
    size_t number = number_in(command, top ? 4 : 5);
    CHECK(number > 0 && number <= ends->client.count);
    if (number >= NUMBERS) return;
    bool known = ends->known[number] || ends->client.items[number - 1].known;
    if (retr) CHECK(!known && !ends->fetched[number]), ends->fetched[number] = true;
    if (dele) CHECK(known && !ends->marked[number]), ends->marked[number] = true;
    if (top) CHECK(!known && !ends->topped[number]), ends->topped[number] = true;
    if (dele) CHECK(ends->client.config->mode == POP3_DELETE);
}

static void carry(Ends *ends) {
    for (size_t i = 0; i < ends->effects.count; i++) {
        const Effect *e = &ends->effects.items[i];
        const uint8_t *octets = ends->effects.octets;
        if (e->kind == EFFECT_SAID && !e->said.received)
            check_command(ends, bytes_of(octets + e->said.octets_at, e->said.size));
        if (e->kind == EFFECT_ASK) ends->asked = true;
    }
    effects_begin(&ends->effects, 0);
}

static void settle(Ends *ends) {
    carry(ends);
    while (ends->asked) {
        const char *unique;
        size_t number;
        MailContent *content = pop3_client_message(&ends->client, &unique, &number);
        CHECK(content->size <= SIZE_MOST && strlen(unique) <= POP3_UNIQUE_MOST);
        mail_content_drop(content);
        ends->asked = false;
        if (!ends->fails && number < NUMBERS) ends->known[number] = true;
        pop3_client_written(&ends->client, !ends->fails, &ends->effects);
        carry(ends);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *at, size_t size) {
    if (size == 0) return 0;
    uint8_t how = *at++;
    size--;
    static Ends ends;
    ends = (Ends){.fails = (how & 24) == 24, .empty_memory = how & 8};
    Arena *arena = arena_new();
    Pop3ClientConfig config = pop3_client_config_default;
    config.user = "bob";
    config.password = "a b";
    config.mode = (Pop3Mode)((how & 3) % 3);
    config.apop = !(how & 4);
    config.size_most = SIZE_MOST;
    config.retrieve_most = 100;
    pop3_client_init(&ends.client);
    machine_init(&ends.client.machine, &pop3_client_spec, &ends.client, NULL, 0, 0);
    pop3_client_begin(&ends.client, &config, (Pop3Memory){&ends, has}, arena);
    effects_begin(&ends.effects, 0);
    pop3_client_stream.connecting(&ends.client, &ends.effects);
    pop3_client_stream.opened(&ends.client, &ends.effects);
    settle(&ends);
    size_t step = (how >> 5) * 5 + 1;
    for (size_t i = 0; i < size;) {
        size_t part = step < size - i ? step : size - i;
        size_t taken = pop3_client_stream.receive(&ends.client, bytes_of(at + i, part), &ends.effects);
        CHECK(taken > 0 && taken <= part);
        settle(&ends);
        CHECK(ends.client.lines.capacity <= 1024 && ends.client.status.size <= 512);
        bool listing = ends.client.machine.state <= POP3_CLIENT_UIDL;
        CHECK(listing || ends.client.body_size <= SIZE_MOST || ends.client.machine.state == POP3_CLIENT_TOP);
        i += taken;
    }
    if (ends.client.machine.state != POP3_CLIENT_CLOSED && how & 32) {
        pop3_client_stream.peer_closed(&ends.client, &ends.effects);
        settle(&ends);
    }
    pop3_client_stream.ended(&ends.client, "tcp.reset", &ends.effects);
    settle(&ends);
    CHECK(ends.client.machine.state == POP3_CLIENT_CLOSED && ends.client.outcome != POP3_OUTCOME_NONE);
    CHECK((ends.client.outcome == POP3_OUTCOME_DONE) == (ends.client.reason == NULL));
    pop3_client_release(&ends.client);
    effects_free(&ends.effects);
    arena_free(arena);
    return 0;
}
