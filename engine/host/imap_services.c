#include "host/imap_services.h"

#include <stdlib.h>

#include "host/host.h"

typedef struct {
    ImapService *service;
    HostStream stream;
    ImapServer server;
    uint32_t life; /* how often this place was used: what comes back from the disk may come too late */
} ImapSession;

struct ImapService {
    Host *host;
    MailService *mail;
    ImapServiceConfig config;
    ImapOffice office;
    MailWatcher watcher;
    uint32_t machine; /* directory index */
    HostStreamPool sessions;
};

static Sim *sim_of(const ImapService *service) { return service->host->stack->sim; }

/* ---- What a session may know of its host ---- */

static MailAccount *log_in(void *self, Bytes user, Bytes password) {
    const ImapService *service = self;
    MailAccount *account = mail_account_of(service->mail, user);
    const char *right = account ? mail_password_of(service->mail, user) : NULL;
    return right && bytes_equal(password, bytes_text(right)) ? account : NULL;
}

static uint64_t quota(void *self, const MailAccount *account) {
    const MailService *mail = ((const ImapService *)self)->mail;
    const SmtpServerConfig *c = &mail->config.server;
    size_t mailbox = (size_t)(account - mail->store.accounts);
    for (size_t i = 0; i < c->name_count; i++)
        if (c->names[i].kind == SMTP_NAME_MAILBOX && c->names[i].mailbox == mailbox) return c->names[i].quota;
    return 0;
}

static uint64_t room(void *self) { return mail_store_room(&((const ImapService *)self)->mail->store); }

static const char *keep(void *self, const char *text) { return mail_keep_words(((ImapService *)self)->mail, text); }

/* ---- Writing ---- */

typedef struct {
    ImapSession *session;
    uint32_t life;
} Writing;

static void drop(void *what) { free(what); }

static void written(MailService *mail, void *what, bool done, uint32_t cause) {
    Writing *w = what;
    ImapSession *session = w->session;
    bool there = session->life == w->life && session->stream.in_use;
    free(w);
    if (!there) return;
    Effects *effects = host_stream_begin(&session->stream);
    imap_server_written(&session->server, done, false, effects);
    host_stream_end(&session->stream, effects, cause);
    mail_changes_tell(mail, cause);
}

static void ask(void *owner, HostStream *stream, const Effect *effect, Bytes octets, uint32_t cause) {
    ImapSession *session = owner;
    (void)stream, (void)octets;
    CHECK(effect->ask.ask == ASK_MAILBOX_WRITE);
    Writing *w = memory_new(sizeof *w);
    *w = (Writing){session, session->life};
    mail_disk_write(session->service->mail, written, drop, w, cause);
}

static void over(void *owner, HostStream *stream, uint32_t cause) {
    ImapSession *session = owner;
    (void)stream, (void)cause;
    imap_server_end(&session->server);
    session->life++;
}

static const StreamOwner session_calls = {ask, over};

/* ---- News ---- */

static void changed(void *self, Mailbox *mailbox, uint32_t cause) {
    ImapService *service = self;
    for (size_t i = 0; i < service->sessions.count; i++) {
        ImapSession *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use || session->server.view.mailbox != mailbox) continue;
        if (session->server.machine.state != IMAP_SERVER_IDLING) continue;
        Effects *effects = host_stream_begin(&session->stream);
        imap_server_changed(&session->server, effects);
        host_stream_end(&session->stream, effects, cause);
    }
}

/* ---- Sessions ---- */

static ImapSession *session_new(ImapService *service) {
    ImapSession *session = arena_alloc(sim_arena(sim_of(service)), sizeof *session);
    *session = (ImapSession){.service = service};
    imap_server_init(&session->server);
    host_stream_init(&session->stream, service->host, &imap_server_stream, &session->server, &session->server.machine,
                     &session_calls, session);
    machine_init(&session->server.machine, &imap_server_spec, &session->server, &session->stream.carrier,
                 service->machine, 0);
    host_pool_add(&service->sessions, &session->stream);
    return session;
}

static ImapSession *session_idle(ImapService *service, bool *one_too_many) {
    HostStream *idle;
    if (!host_pool_choose(&service->sessions, service->config.sessions_most, &idle, one_too_many)) return NULL;
    return idle ? idle->owner : session_new(service);
}

static const TcpUser *accepted(void *self, TcpConnection *connection, void **user, uint32_t cause) {
    ImapService *service = self;
    bool one_too_many;
    ImapSession *session = session_idle(service, &one_too_many);
    if (!session) { /* the connection is reset */
        sim_record_ignored(sim_of(service), service->host->id, service->machine, "imap.too_many_connections",
                           FRAME_NONE, 0, cause);
        return NULL;
    }
    imap_server_begin(&session->server, &service->config.server, &service->office);
    session->server.one_too_many = one_too_many;
    return host_stream_accept(&session->stream, connection, TRACE_PROTO_IMAP, user, cause);
}

/* ---- The service ---- */

void host_imap_server_add(Host *host, const ImapServiceConfig *config) {
    CHECK(host->mail_server && !host->imap_server);
    Sim *sim = host->stack->sim;
    ImapService *service = arena_alloc(sim_arena(sim), sizeof *service);
    *service = (ImapService){.host = host, .mail = host->mail_server, .config = *config};
    service->office = (ImapOffice){service, log_in, quota, room, keep};
    service->watcher = (MailWatcher){NULL, service, changed};
    service->machine = trace_add_machine(sim_trace(sim), host->id, &imap_server_spec);
    mail_watch(service->mail, &service->watcher);
    for (size_t i = 0; i < service->mail->store.account_count; i++) {
        MailAccount *account = &service->mail->store.accounts[i];
        (void)mailbox_subscribe(account, bytes_text("INBOX"));
        for (size_t k = 0; k < config->folder_count; k++) {
            (void)mailbox_create(account, bytes_text(config->folders[k].name), config->folders[k].use);
            (void)mailbox_subscribe(account, bytes_text(config->folders[k].name));
        }
    }
    host->imap_server = service;
    if (host->stack->powered) host_imap_start(host);
}

void host_imap_start(Host *host) {
    ImapService *service = host->imap_server;
    if (!service) return;
    TcpListener listener = {.port = service->config.port,
                            .proto = TRACE_PROTO_IMAP,
                            .backlog = 128,
                            .settings = service->config.tcp,
                            .accepted = accepted,
                            .self = service};
    host_stream_listen(host, &listener, service->machine, TRACE_NONE);
}

void host_imap_shut_down(Host *host, uint32_t cause) {
    ImapService *service = host->imap_server;
    if (!service) return;
    tcp_listen_end(host->stack, service->config.port);
    for (size_t i = 0; i < service->sessions.count; i++) {
        ImapSession *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        Effects *effects = host_stream_begin(&session->stream);
        imap_server_shut_down(&session->server, effects);
        host_stream_end(&session->stream, effects, cause);
    }
}

void host_imap_stop(Host *host) {
    ImapService *service = host->imap_server;
    if (!service) return;
    for (size_t i = 0; i < service->sessions.count; i++) {
        ImapSession *session = service->sessions.items[i]->owner;
        if (!session->stream.in_use) continue;
        host_stream_drop(&session->stream);
        imap_server_end(&session->server);
        session->life++;
    }
    tcp_listen_end(host->stack, service->config.port);
}

void host_imap_release(Host *host) {
    ImapService *service = host->imap_server;
    if (!service) return;
    for (size_t i = 0; i < service->sessions.count; i++) {
        ImapSession *session = service->sessions.items[i]->owner;
        imap_server_release(&session->server);
        host_stream_release(&session->stream);
    }
    host_pool_free(&service->sessions);
}
