/* A user's POP3 client: sessions, one after another, and the disk they fill. */
#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"
#include "host/pop3_services.h"
#include "proto/pop3/facts.h"

struct Pop3Reader {
    Host *host;
    Pop3ReaderConfig config;
    uint32_t machine;
    HostStream stream;
    Pop3Client client;
    MailService disk; /* a disk alone: it neither serves nor sends */
    char **known;     /* on disk too: unique-ids of what was fetched and may still be on the server, sorted */
    size_t known_count, known_capacity;
    bool running, looking_up;
    uint16_t tries;
    uint32_t turn; /* an earlier turn's alarm is void */
};

static Sim *sim_of(const Pop3Reader *r) { return r->host->stack->sim; }
static MailAccount *account_of(Pop3Reader *r) { return &r->disk.store.accounts[0]; }

/* ---- What the disk knows ---- */

static size_t known_place(const Pop3Reader *r, const char *unique, bool *found) {
    size_t low = 0, high = r->known_count;
    *found = false;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(unique, r->known[middle]);
        if (order == 0) *found = true;
        if (order == 0) return middle;
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return low;
}

static bool is_known(void *self, const char *unique) {
    bool found;
    (void)known_place(self, unique, &found);
    return found;
}

static char *copy_text(const char *text) {
    char *copy = memory_new(strlen(text) + 1);
    return strcpy(copy, text);
}

static void remember(Pop3Reader *r, const char *unique) {
    bool found;
    size_t place = known_place(r, unique, &found);
    if (found || !unique[0]) return;
    r->known = array_grow(r->known, &r->known_capacity, r->known_count + 1, sizeof *r->known);
    memmove(r->known + place + 1, r->known + place, (r->known_count - place) * sizeof *r->known);
    r->known[place] = copy_text(unique);
    r->known_count++;
}

/* ---- A message onto the disk ---- */

typedef struct {
    Pop3Reader *reader;
    uint32_t turn;
    MailContent *content;
    char unique[POP3_UNIQUE_MOST + 1];
    size_t number;
} Storing;

static void drop_storing(void *what) {
    Storing *s = what;
    mail_content_drop(s->content);
    free(s);
}

/* The message and its unique-id, in one instant. */
static void written(MailService *disk, void *what, bool held, uint32_t cause) {
    Storing *s = what;
    Pop3Reader *r = s->reader;
    Sim *sim = sim_of(r);
    bool taken = held && disk->store.octets + s->content->size <= disk->store.size;
    if (taken) {
        Mailbox *inbox = mailbox_inbox(account_of(r));
        mailbox_append(inbox, s->content, 0, mail_civil_s(sim_now(sim)));
        remember(r, s->unique);
        Bytes octets = mail_content_bytes(s->content);
        cause = sim_record_fact(
            sim, r->host->id, TRACE_NONE, 0, &fact_pop3_retrieved,
            (int64_t[]){(int64_t)s->number, fact_name(arena_text(sim_arena(sim), s->unique)), (int64_t)octets.size,
                        fact_name(pop3_header_text(sim_arena(sim), octets, "From")),
                        fact_name(pop3_header_text(sim_arena(sim), octets, "Subject")), (int64_t)inbox->count},
            cause);
        sim_record_fact(sim, r->host->id, TRACE_NONE, 0, &fact_mailbox_changed,
                        (int64_t[]){fact_name(account_of(r)->owner), fact_name("INBOX"), (int64_t)inbox->count,
                                    (int64_t)inbox->unseen},
                        cause);
    }
    if (r->turn == s->turn && r->stream.in_use) {
        Effects *effects = host_stream_begin(&r->stream);
        pop3_client_written(&r->client, taken, effects);
        host_stream_end(&r->stream, effects, cause);
    }
    drop_storing(s);
}

static void ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    Pop3Reader *r = owner;
    const char *unique;
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_MAILBOX_WRITE);
    Storing *s = memory_new(sizeof *s);
    *s = (Storing){.reader = r, .turn = r->turn};
    s->content = pop3_client_message(&r->client, &unique, &s->number);
    memcpy(s->unique, unique, strlen(unique));
    mail_disk_write(&r->disk, written, drop_storing, s, cause);
}

/* ---- Sessions ---- */

static void again(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    Pop3Reader *r = self;
    (void)other;
    if (r->turn == number && r->running) host_pop3_client_check(r->host, cause);
}

static void set_alarm(Pop3Reader *r, SimTime span, uint32_t cause) {
    r->turn++;
    if (span > 0) sim_schedule(sim_of(r), sim_now(sim_of(r)) + span, again, r, r->turn, 0, cause);
}

static void try_later(Pop3Reader *r, uint32_t cause) {
    bool more = r->config.retry > 0 && r->tries < r->config.tries_most;
    if (!more) r->tries = 0;
    set_alarm(r, more ? r->config.retry : r->config.check, cause);
}

/* What the server has no longer, nobody will ask for again; but a listing with gaps does not say so. */
static void forget_gone(Pop3Reader *r) {
    const Pop3Client *c = &r->client;
    for (size_t i = 0; i < c->count; i++)
        if (!c->items[i].unique[0]) return;
    char **old = r->known;
    size_t count = r->known_count;
    r->known = NULL;
    r->known_count = r->known_capacity = 0;
    for (size_t i = 0; i < c->count; i++)
        if (c->items[i].known && !c->items[i].deleted) remember(r, c->items[i].unique);
    for (size_t i = 0; i < count; i++) free(old[i]);
    free(old);
}

static void over(void *owner, HostStream *stream, uint32_t cause) {
    Pop3Reader *r = owner;
    (void)stream;
    Pop3Outcome outcome = r->client.outcome;
    if (outcome == POP3_OUTCOME_DONE) forget_gone(r);
    pop3_client_end(&r->client);
    if (outcome == POP3_OUTCOME_LATER) {
        try_later(r, cause);
    } else {
        r->tries = 0;
        set_alarm(r, r->config.check, cause);
    }
}

static const StreamOwner owner_calls = {ask, over};

static void fail(Pop3Reader *r, const char *reason, uint32_t cause) {
    cause = sim_record_fact(sim_of(r), r->host->id, r->machine, 0, &fact_pop3_failed,
                            (int64_t[]){fact_name(reason), fact_name(""), 0, 0}, cause);
    try_later(r, cause);
}

static void connect_to(Pop3Reader *r, Ipv4Address address, uint32_t cause) {
    pop3_client_begin(&r->client, &r->config.client, (Pop3Memory){r, is_known}, sim_arena(sim_of(r)));
    TcpOpen open = {.destination = address,
                    .destination_port = r->config.port,
                    .proto = TRACE_PROTO_POP3,
                    .settings = tcp_settings_default};
    host_stream_connect(&r->stream, &open, cause);
}

static void found(void *self, const NameAnswer *answer, uint32_t cause) {
    Pop3Reader *r = self;
    r->looking_up = false;
    if (answer->outcome == NAME_FOUND && answer->count > 0) connect_to(r, answer->addresses[0], cause);
    else fail(r, "pop3.name_not_found", cause);
}

void host_pop3_client_check(Host *host, uint32_t cause) {
    Pop3Reader *r = host->pop3_client;
    Ipv4Address address;
    DnsName name;
    if (!r->running || r->looking_up || r->stream.in_use) {
        sim_record_ignored(sim_of(r), host->id, r->machine, r->running ? "pop3.busy" : "pop3.off", FRAME_NONE, 0,
                           cause);
        return;
    }
    r->turn++;
    r->tries++;
    if (ipv4_parse(r->config.server, &address)) {
        connect_to(r, address, cause);
    } else if (dns_name_parse(r->config.server, &name)) {
        r->looking_up = true;
        host_look_up(host, &name, (NameWaiter){found, r}, cause);
    } else {
        fail(r, "pop3.name_not_found", cause);
    }
}

/* ---- The service ---- */

void host_pop3_client_add(Host *host, const Pop3ReaderConfig *config) {
    Sim *sim = host->stack->sim;
    Pop3Reader *r = arena_alloc(sim_arena(sim), sizeof *r);
    *r = (Pop3Reader){.host = host, .config = *config};
    r->machine = trace_add_machine(sim_trace(sim), host->id, &pop3_client_spec);
    r->disk = (MailService){.host = host, .config = {.disk_latency = config->disk_latency}};
    r->disk.store.size = config->disk_size;
    r->disk.store.account_count = 1;
    r->disk.store.accounts = memory_new(sizeof(MailAccount));
    mail_account_init(account_of(r), config->client.user, MAIL_CIVIL_START_S);
    account_of(r)->disk_octets = &r->disk.store.octets;
    pop3_client_init(&r->client);
    host_stream_init(&r->stream, host, &pop3_client_stream, &r->client, &r->client.machine, &owner_calls, r);
    machine_init(&r->client.machine, &pop3_client_spec, &r->client, &r->stream.carrier, r->machine, 0);
    host->pop3_client = r;
}

void host_pop3_client_start(Host *host, uint32_t cause) {
    Pop3Reader *r = host->pop3_client;
    if (!r || r->running) return;
    r->running = true;
    r->tries = 0;
    set_alarm(r, r->config.check, cause);
}

void host_pop3_client_shut_down(Host *host, uint32_t cause) {
    Pop3Reader *r = host->pop3_client;
    if (!r || !r->stream.in_use) return;
    Effects *effects = host_stream_begin(&r->stream);
    pop3_client_stop(&r->client, effects);
    host_stream_end(&r->stream, effects, cause);
}

void host_pop3_client_stop(Host *host) {
    Pop3Reader *r = host->pop3_client;
    if (!r) return;
    r->running = r->looking_up = false;
    r->turn++;
    mail_disk_crash(&r->disk);
    if (!r->stream.in_use) return;
    host_stream_drop(&r->stream);
    pop3_client_end(&r->client);
}

void host_pop3_client_release(Host *host) {
    Pop3Reader *r = host->pop3_client;
    if (!r) return;
    mail_disk_crash(&r->disk);
    pop3_client_release(&r->client);
    host_stream_release(&r->stream);
    mail_store_free(&r->disk.store);
    for (size_t i = 0; i < r->known_count; i++) free(r->known[i]);
    free(r->known);
}

MailService *host_pop3_client_disk(Host *host) { return &host->pop3_client->disk; }
MailAccount *host_pop3_client_account(Host *host) { return account_of(host->pop3_client); }
size_t host_pop3_client_known(const Host *host) { return host->pop3_client->known_count; }
