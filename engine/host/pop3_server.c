/* The sessions of a POP3 server. */
#include <stdlib.h>

#include "host/host.h"
#include "host/mail.h"
#include "host/pop3_services.h"
#include "proto/pop3/facts.h"

typedef struct {
    Pop3Service *service;
    HostStream stream;
    Pop3Server server;
    uint32_t life; /* how often this place was used: what comes back from the disk may come too late */
} Pop3Session;

struct Pop3Service {
    Host *host;
    Pop3ServiceConfig config;
    Pop3Office office;
    RandomStream random;
    uint32_t machine; /* directory index */
    HostStreamPool sessions;
    SimTime *logged_in_at; /* by account of the mail server */
    MailWatcher watcher; /* it wants nothing itself; the trace is told of the mailboxes' changes where somebody reads */
};

static Sim *sim_of(const Pop3Service *service) { return service->host->stack->sim; }
static MailService *mail_of(const Pop3Service *service) { return service->host->mail_server; }

/* ---- Whose maildrops there are ---- */

static MailAccount *account(void *self, Bytes user) { return mail_account_of(mail_of(self), user); }
static const char *password(void *self, Bytes user) { return mail_password_of(mail_of(self), user); }
static SimTime *logged_in_at(void *self, const MailAccount *of) {
    Pop3Service *service = self;
    return &service->logged_in_at[of - mail_of(service)->store.accounts];
}

/* ---- The update ---- */

typedef struct {
    Pop3Session *session;
    uint32_t life;
    Pop3Update *update;
} Updating;

static void drop_updating(void *what) {
    Updating *u = what;
    pop3_update_drop(u->update);
    free(u);
}

static void written(MailService *service, void *what, bool held, uint32_t cause) {
    Updating *u = what;
    Pop3Session *session = u->session;
    size_t removed = 0;
    if (held) {
        for (size_t i = 0; i < u->update->count; i++)
            if (!u->update->messages[i]->expunged)
                sim_record_fact(sim_of(session->service), service->host->id, TRACE_NONE, 0, &fact_pop3_removed,
                                (int64_t[]){fact_name(u->update->account->owner), u->update->messages[i]->uid}, cause);
        removed = pop3_update_carry_out(u->update);
        mail_changes_tell(service, cause);
    } else {
        pop3_update_drop(u->update);
    }
    if (session->life == u->life && session->stream.in_use) {
        Effects *effects = host_stream_begin(&session->stream);
        pop3_server_written(&session->server, held, removed, effects);
        host_stream_end(&session->stream, effects, cause);
    }
    free(u);
}

static void ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    Pop3Session *session = owner;
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_MAILBOX_WRITE);
    Updating *u = memory_new(sizeof *u);
    *u = (Updating){session, session->life, pop3_server_update(&session->server)};
    mail_disk_write(mail_of(session->service), written, drop_updating, u, cause);
}

/* ---- Sessions ---- */

static void over(void *owner, HostStream *stream, uint32_t cause) {
    Pop3Session *session = owner;
    (void)stream, (void)cause;
    pop3_server_end(&session->server);
    session->life++;
}

static const StreamOwner session_calls = {ask, over};

static Pop3Session *session_new(Pop3Service *service) {
    Pop3Session *session = arena_alloc(sim_arena(sim_of(service)), sizeof *session);
    *session = (Pop3Session){.service = service};
    pop3_server_init(&session->server);
    host_stream_init(&session->stream, service->host, &pop3_server_stream, &session->server, &session->server.machine,
                     &session_calls, session);
    machine_init(&session->server.machine, &pop3_server_spec, &session->server, &session->stream.carrier,
                 service->machine, 0);
    host_pool_add(&service->sessions, &session->stream);
    return session;
}

static Pop3Session *session_idle(Pop3Service *service, bool *one_too_many) {
    HostStream *idle;
    if (!host_pool_choose(&service->sessions, service->config.connections_most, &idle, one_too_many)) return NULL;
    return idle ? idle->owner : session_new(service);
}

static const TcpUser *accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    Pop3Service *service = self;
    bool one_too_many;
    Pop3Session *session = session_idle(service, &one_too_many);
    if (!session) { /* the connection is reset */
        sim_record_ignored(sim_of(service), service->host->id, service->machine, "pop3.too_many_connections",
                           FRAME_NONE, 0, cause);
        return NULL;
    }
    pop3_server_begin(&session->server, &service->config.server, &service->office, &service->random,
                      mail_civil_s(sim_now(sim_of(service))));
    session->server.one_too_many = one_too_many;
    return host_stream_accept(&session->stream, connection, TRACE_PROTO_POP3, user, cause);
}

/* ---- The service ---- */

void host_pop3_server_add(Host *host, const Pop3ServiceConfig *config) {
    Sim *sim = host->stack->sim;
    CHECK(host->mail_server && !host->pop3_server);
    Pop3Service *service = arena_alloc(sim_arena(sim), sizeof *service);
    *service = (Pop3Service){.host = host, .config = *config, .office = {service, account, password, logged_in_at}};
    service->random = random_stream(sim_seed(sim), host->name, "pop3.server");
    service->machine = trace_add_machine(sim_trace(sim), host->id, &pop3_server_spec);
    size_t accounts = host->mail_server->store.account_count;
    service->logged_in_at = arena_alloc(sim_arena(sim), (accounts + 1) * sizeof(SimTime));
    for (size_t i = 0; i < accounts; i++) service->logged_in_at[i] = SIM_NEVER;
    mail_watch(host->mail_server, &service->watcher);
    host->pop3_server = service;
    if (host->stack->powered) host_pop3_server_start(host);
}

void host_pop3_server_start(Host *host) {
    Pop3Service *service = host->pop3_server;
    if (!service) return;
    TcpListener listener = {.port = service->config.port,
                            .proto = TRACE_PROTO_POP3,
                            .backlog = 128,
                            .settings = service->config.tcp,
                            .accepted = accepted,
                            .self = service};
    host_stream_listen(host, &listener, service->machine, TRACE_NONE);
}

void host_pop3_server_shut_down(Host *host, uint32_t cause) {
    Pop3Service *service = host->pop3_server;
    if (!service) return;
    tcp_listen_end(host->stack, service->config.port);
    for (size_t i = 0; i < service->sessions.count; i++) {
        Pop3Session *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        Effects *effects = host_stream_begin(&session->stream);
        pop3_server_shut_down(&session->server, effects);
        host_stream_end(&session->stream, effects, cause);
    }
}

void host_pop3_server_stop(Host *host) {
    Pop3Service *service = host->pop3_server;
    if (!service) return;
    for (size_t i = 0; i < service->sessions.count; i++) {
        Pop3Session *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        host_stream_drop(&session->stream);
        pop3_server_end(&session->server);
        session->life++;
    }
    tcp_listen_end(host->stack, service->config.port);
}

void host_pop3_server_release(Host *host) {
    Pop3Service *service = host->pop3_server;
    if (!service) return;
    for (size_t i = 0; i < service->sessions.count; i++) {
        Pop3Session *session = service->sessions.items[i]->owner;
        pop3_server_release(&session->server);
        host_stream_release(&session->stream);
    }
    host_pool_free(&service->sessions);
}
