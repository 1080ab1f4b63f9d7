#include "host/imap_client.h"

#include <stdlib.h>
#include <string.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/mail_facts.h"
#include "proto/imap/client_facts.h"

struct ImapClientService {
    Host *host;
    ImapClientServiceConfig config;
    uint32_t machine;
    HostStream stream;
    ImapClient client;
    ImapMemory memory, on_disk;
    MailService disk; /* a disk alone: it neither serves nor sends */
    bool running, looking_up;
    bool on_line;             /* the user wants to be */
    uint16_t tries;           /* in a row that came to nothing */
    uint32_t turn;            /* an earlier turn's alarm is void */
    uint32_t life;            /* of the connection: what comes back from the disk may come too late */
    size_t told, told_unseen; /* of the mailbox, as the trace knows it */
};

static Sim *sim_of(const ImapClientService *s) { return s->host->stack->sim; }

/* ---- What is known goes to disk ---- */

typedef struct {
    ImapClientService *service;
    ImapMemory memory;
    uint32_t life;
} Storing;

static void drop_storing(void *what) {
    Storing *s = what;
    imap_memory_clear(&s->memory);
    free(s);
}

/* What the user sees of the mailbox. */
static uint32_t tell_mailbox(ImapClientService *service, uint32_t cause) {
    const ImapMemory *m = &service->on_disk;
    size_t unseen = imap_memory_unseen(m);
    if (m->count == service->told && unseen == service->told_unseen) return cause;
    service->told = m->count;
    service->told_unseen = unseen;
    return sim_record_fact(sim_of(service), service->host->id, TRACE_NONE, 0, &fact_mailbox_changed,
                           (int64_t[]){fact_name(service->config.client.user),
                                       fact_name(service->config.client.mailbox), (int64_t)m->count, (int64_t)unseen},
                           cause);
}

static void written(MailService *disk, void *what, bool held, uint32_t cause) {
    Storing *s = what;
    ImapClientService *service = s->service;
    bool taken = held && s->memory.octets <= disk->store.size;
    if (taken) {
        imap_memory_clear(&service->on_disk);
        service->on_disk = s->memory;
        s->memory = (ImapMemory){0};
        disk->store.octets = service->on_disk.octets;
        cause = tell_mailbox(service, cause);
    }
    if (service->life == s->life && service->stream.in_use) {
        Effects *effects = host_stream_begin(&service->stream);
        imap_client_written(&service->client, taken, effects);
        host_stream_end(&service->stream, effects, cause);
    } else if (!taken) {
        service->client.changed = true;
    }
    drop_storing(s);
}

static void ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    ImapClientService *service = owner;
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_MAILBOX_WRITE);
    Storing *s = memory_new(sizeof *s);
    *s = (Storing){.service = service, .life = service->life};
    imap_memory_copy(&s->memory, &service->memory);
    mail_disk_write(&service->disk, written, drop_storing, s, cause);
}

/* ---- Connections ---- */

static void connect_now(ImapClientService *service, uint32_t cause);

static void again(void *self, uint64_t number, uint32_t other, uint32_t cause) {
    ImapClientService *service = self;
    (void)other;
    if (service->turn == number && service->running && service->on_line) connect_now(service, cause);
}

static void connect_after(ImapClientService *service, SimTime span, uint32_t cause) {
    service->turn++;
    sim_schedule(sim_of(service), sim_now(sim_of(service)) + span, again, service, service->turn, 0, cause);
}

/* After 10 s, 20 s, 40 s … */
static void try_later(ImapClientService *service, uint32_t cause) {
    SimTime span = service->config.retry;
    for (int i = 0; i < service->tries && span < service->config.retry_most; i++) span *= 2;
    if (span > service->config.retry_most) span = service->config.retry_most;
    if (span < SIM_SECOND) span = SIM_SECOND;
    if (service->tries < UINT16_MAX) service->tries++;
    connect_after(service, span, cause);
}

static void over(void *owner, HostStream *stream, uint32_t cause) {
    ImapClientService *service = owner;
    ImapClient *c = &service->client;
    (void)stream;
    bool later = c->outcome == IMAP_OUTCOME_LATER && service->on_line,
         anew = c->outcome == IMAP_OUTCOME_DONE && service->on_line; /* the user has come back meanwhile */
    if (c->was_selected) {
        service->tries = 0;
        c->reconnecting = later;
    }
    imap_client_end(c);
    service->life++;
    service->turn++;
    if (anew) connect_after(service, 0, cause);
    else if (!later) service->on_line = false;
    else if (service->running) try_later(service, cause);
}

static const StreamOwner owner_calls = {ask, over};

static void fail(ImapClientService *service, const char *reason, uint32_t cause) {
    cause = sim_record_fact(sim_of(service), service->host->id, service->machine, 0, &fact_imap_failed,
                            (int64_t[]){fact_name(reason), fact_name(""), 0, 0}, cause);
    try_later(service, cause);
}

static void connect_to(ImapClientService *service, Ipv4Address address, uint32_t cause) {
    imap_client_begin(&service->client, &service->config.client, &service->memory, sim_arena(sim_of(service)));
    TcpOpen open = {.destination = address,
                    .destination_port = service->config.port,
                    .proto = TRACE_PROTO_IMAP,
                    .settings = tcp_settings_default};
    host_stream_connect(&service->stream, &open, cause);
}

static void found(void *self, const NameAnswer *answer, uint32_t cause) {
    ImapClientService *service = self;
    service->looking_up = false;
    if (!service->on_line) return;
    if (answer->outcome == NAME_FOUND && answer->count > 0) connect_to(service, answer->addresses[0], cause);
    else fail(service, "imap.name_not_found", cause);
}

static void connect_now(ImapClientService *service, uint32_t cause) {
    Ipv4Address address;
    DnsName name;
    if (service->looking_up || service->stream.in_use) return;
    service->turn++;
    if (ipv4_parse(service->config.server, &address)) {
        connect_to(service, address, cause);
    } else if (dns_name_parse(service->config.server, &name)) {
        service->looking_up = true;
        host_look_up(service->host, &name, (NameWaiter){found, service}, cause);
    } else {
        fail(service, "imap.name_not_found", cause);
    }
}

/* ---- The user ---- */

static bool is_off(ImapClientService *service, uint32_t cause) {
    if (!service->running)
        sim_record_ignored(sim_of(service), service->host->id, service->machine, "imap.off", FRAME_NONE, 0, cause);
    return !service->running;
}

/* An input of the user's, whether there is a connection or not. */
static void give(ImapClientService *service, void (*input)(ImapClient *, Effects *), uint32_t cause) {
    if (service->stream.in_use) {
        Effects *effects = host_stream_begin(&service->stream);
        input(&service->client, effects);
        host_stream_end(&service->stream, effects, cause);
    } else {
        Effects *effects = sim_effects(sim_of(service));
        input(&service->client, effects);
        sim_apply(sim_of(service), effects, cause);
    }
}

void host_imap_client_connect(Host *host, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (is_off(service, cause)) return;
    service->on_line = true;
    service->client.leaving = false;
    connect_now(service, cause);
}

void host_imap_client_disconnect(Host *host, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (is_off(service, cause)) return;
    service->on_line = false;
    service->client.reconnecting = false;
    service->turn++;
    if (service->stream.in_use) give(service, imap_client_leave, cause);
}

void host_imap_client_check(Host *host, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (is_off(service, cause)) return;
    if (service->on_line && service->stream.in_use) give(service, imap_client_check, cause);
    else host_imap_client_connect(host, cause);
}

void host_imap_client_request(Host *host, size_t number, ImapRequest *request, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    const ImapMemory *m = &service->memory;
    bool exists = number <= m->count && (number > 0 || request->kind == IMAP_REQUEST_KEEP);
    if (is_off(service, cause) || !exists) {
        if (service->running)
            sim_record_ignored(sim_of(service), host->id, service->machine, "imap.no_such_message", FRAME_NONE, 0,
                               cause);
        free(request->flag);
        free(request->mailbox);
        mail_content_drop(request->content);
        return;
    }
    if (number > 0) request->uid = m->items[number - 1].uid;
    if (imap_client_request(&service->client, request)) give(service, imap_client_wake, cause);
    else
        sim_record_ignored(sim_of(service), host->id, service->machine, "imap.too_many_requests", FRAME_NONE, 0, cause);
}

void host_imap_client_keep(Host *host, Bytes message, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (!service || !service->config.client.sent || !service->running) return;
    ImapRequest keep = {.kind = IMAP_REQUEST_KEEP, .content = mail_content_new(message.at, message.size)};
    keep.mailbox = memory_new(strlen(service->config.client.sent) + 1);
    memcpy(keep.mailbox, service->config.client.sent, strlen(service->config.client.sent) + 1);
    host_imap_client_request(host, 0, &keep, cause);
}

/* ---- The service ---- */

void host_imap_client_add(Host *host, const ImapClientServiceConfig *config) {
    Sim *sim = host->stack->sim;
    ImapClientService *service = arena_alloc(sim_arena(sim), sizeof *service);
    *service = (ImapClientService){.host = host, .config = *config};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &imap_client_spec);
    service->disk = (MailService){.host = host, .config = {.disk_latency = config->disk_latency}};
    service->disk.store.size = config->disk_size;
    imap_client_init(&service->client);
    service->client.memory = &service->memory;
    service->client.config = &service->config.client;
    service->client.kept = sim_arena(sim);
    host_stream_init(&service->stream, host, &imap_client_stream, &service->client, &service->client.machine,
                     &owner_calls, service);
    machine_init(&service->client.machine, &imap_client_spec, &service->client, &service->stream.carrier,
                 service->machine, 0);
    host->imap_client = service;
}

void host_imap_client_start(Host *host, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (!service || service->running) return;
    service->running = true;
    service->tries = 0;
    if (service->config.connect) host_imap_client_connect(host, cause);
}

void host_imap_client_shut_down(Host *host, uint32_t cause) {
    ImapClientService *service = host->imap_client;
    if (!service) return;
    service->on_line = false;
    if (service->stream.in_use) give(service, imap_client_stop, cause);
}

void host_imap_client_stop(Host *host) {
    ImapClientService *service = host->imap_client;
    if (!service) return;
    service->running = service->looking_up = service->on_line = false;
    service->turn++;
    service->life++;
    mail_disk_crash(&service->disk);
    if (service->stream.in_use) {
        host_stream_drop(&service->stream);
        imap_client_end(&service->client);
    }
    imap_client_forget_requests(&service->client);
    imap_memory_clear(&service->memory);
    imap_memory_copy(&service->memory, &service->on_disk);
    service->client.changed = service->client.reconnecting = false;
}

void host_imap_client_release(Host *host) {
    ImapClientService *service = host->imap_client;
    if (!service) return;
    mail_disk_crash(&service->disk);
    imap_client_release(&service->client);
    host_stream_release(&service->stream);
    imap_memory_clear(&service->memory);
    imap_memory_clear(&service->on_disk);
    mail_store_free(&service->disk.store);
}

const ImapClient *host_imap_client_machine(const Host *host) { return &host->imap_client->client; }
MailService *host_imap_client_disk(Host *host) { return &host->imap_client->disk; }
const ImapMemory *host_imap_client_memory(const Host *host) { return &host->imap_client->memory; }
const ImapMemory *host_imap_client_memory_on_disk(const Host *host) { return &host->imap_client->on_disk; }
