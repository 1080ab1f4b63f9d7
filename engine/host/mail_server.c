/* The sessions of a mail server. */
#include "host/host.h"
#include "host/mail.h"

static Sim *sim_of(const MailService *service) { return service->host->stack->sim; }

/* ---- What a session may know of its host ---- */

static uint64_t mailbox_octets(void *self, uint32_t mailbox) {
    return mail_account_octets(&((const MailService *)self)->store.accounts[mailbox]);
}

static uint64_t room(void *self) { return mail_store_room(&((const MailService *)self)->store); }

/* Known for long enough: RFC 6647 section 2. That somebody came for the first time is remembered at once. */
static bool known_triplet(void *self, Ipv4Address client, const SmtpPath *from, const SmtpPath *to) {
    MailService *service = self;
    SimTime now = sim_now(sim_of(service)), since = mail_store_triplet(&service->store, client, from, to, now);
    return since != SIM_NEVER && now >= since + service->config.server.greylist;
}

/* ---- Sessions ---- */

static void ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_MAIL_ACCEPT);
    mail_accept(owner, cause);
}

static void over(void *owner, HostStream *stream, uint32_t cause) {
    MailSession *session = owner;
    (void)stream, (void)cause;
    smtp_server_end(&session->server);
    session->life++;
}

static const StreamOwner session_calls = {ask, over};

static MailSession *session_new(MailService *service) {
    MailSession *session = arena_alloc(sim_arena(sim_of(service)), sizeof *session);
    *session = (MailSession){.service = service};
    smtp_server_init(&session->server);
    host_stream_init(&session->stream, service->host, &smtp_server_stream, &session->server, &session->server.machine,
                     &session_calls, session);
    machine_init(&session->server.machine, &smtp_server_spec, &session->server, &session->stream.carrier,
                 service->server_machine, 0);
    host_pool_add(&service->sessions, &session->stream);
    return session;
}

static MailSession *session_idle(MailService *service, bool *one_too_many) {
    HostStream *idle;
    if (!host_pool_choose(&service->sessions, service->config.sessions_most, &idle, one_too_many)) return NULL;
    return idle ? idle->owner : session_new(service);
}

static const TcpUser *accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    MailService *service = self;
    bool one_too_many;
    MailSession *session = session_idle(service, &one_too_many);
    if (!session) { /* the connection is reset */
        sim_record_ignored(sim_of(service), service->host->id, service->server_machine, "smtp.too_many_connections",
                           FRAME_NONE, 0, cause);
        return NULL;
    }
    TcpStatus status = tcp_status(connection);
    smtp_server_begin(&session->server, &service->config.server, &service->office, status.remote, status.local,
                      &service->store.next_number);
    session->server.one_too_many = one_too_many;
    return host_stream_accept(&session->stream, connection, TRACE_PROTO_SMTP, user, cause);
}

void mail_server_start(MailService *service) {
    service->office = (SmtpPostOffice){service, mailbox_octets, room, known_triplet};
    for (size_t i = 0; i < service->config.port_count; i++) {
        TcpListener listener = {.port = service->config.ports[i],
                                .proto = TRACE_PROTO_SMTP,
                                .backlog = 128,
                                .settings = service->config.tcp,
                                .accepted = accepted,
                                .self = service};
        host_stream_listen(service->host, &listener, service->server_machine, TRACE_NONE);
    }
}

void mail_server_shut_down(MailService *service, uint32_t cause) {
    for (size_t i = 0; i < service->config.port_count; i++)
        tcp_listen_end(service->host->stack, service->config.ports[i]);
    for (size_t i = 0; i < service->sessions.count; i++) {
        MailSession *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        Effects *effects = host_stream_begin(&session->stream);
        smtp_server_shut_down(&session->server, effects);
        host_stream_end(&session->stream, effects, cause);
    }
}

void mail_server_stop(MailService *service) {
    for (size_t i = 0; i < service->sessions.count; i++) {
        MailSession *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        host_stream_drop(&session->stream);
        smtp_server_end(&session->server);
        session->life++;
    }
}

void mail_server_release(MailService *service) {
    for (size_t i = 0; i < service->sessions.count; i++) {
        MailSession *session = service->sessions.items[i]->owner;
        smtp_server_release(&session->server);
        host_stream_release(&session->stream);
    }
    host_pool_free(&service->sessions);
}
