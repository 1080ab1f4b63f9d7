/* Mail on a host: the SMTP server's sessions, the outgoing queue with the connections it opens, and the disk that both
 * write to. A mail server has all of it; a user agent has the queue alone, with one server that it hands everything to.
 *
 * Files: mail_store.c (what is on disk), mail_disk.c (writing takes time), mail_server.c (sessions), mail_accept.c (what
 * becomes of a message that was taken over), mail_watch.c (who is told of changed mailboxes), mail_queue.c (the queue and its connections), mail_routes.c (where a domain's
 * mail goes), mail_reports.c (what the sender is told), mail_agent.c (the user's). */
#ifndef NETSTAGE_HOST_MAIL_H
#define NETSTAGE_HOST_MAIL_H

#include "base/random.h"
#include "host/streams.h"
#include "mail/mailbox.h"
#include "proto/smtp/client.h"
#include "proto/smtp/queue.h"
#include "proto/smtp/server.h"

/* Every world begins on this day: Monday, 7 September 2026, 08:00 UTC. */
enum { MAIL_CIVIL_START_S = 1788768000 };
int64_t mail_civil_s(SimTime at);

/* ---- On disk ---- */

/* A message in the outgoing queue, for the recipients of one domain. */
typedef struct QueuedMail {
    struct QueuedMail *next; /* in the order of numbers */
    uint32_t number;
    const char *domain; /* in the world's arena */
    SmtpMail mail;
    SmtpJobRecipient *recipients;
    size_t recipient_count;
    MailContent *content;
    SimTime queued_at;
    bool warned;
} QueuedMail;

typedef struct {
    MailAccount *accounts; /* who has a mailbox here; their places never change */
    size_t account_count;
    QueuedMail *queue;
    uint32_t next_number;     /* of messages */
    uint32_t next_entry;      /* of queue entries */
    uint64_t octets, size;    /* used, and in all */
    bool failing;             /* every write ends with an error */
    struct Triplet *triplets; /* greylisting */
    size_t triplet_count, triplet_capacity, triplets_seen;
} MailStore;

/* Puts the content into the INBOX. */
const StoredMessage *mail_store_deliver(MailStore *store, uint32_t account, MailContent *content, SimTime now);
QueuedMail *mail_store_find(const MailStore *store, uint32_t number);
/* The store owns the entry from now on. */
void mail_store_queue(MailStore *store, QueuedMail *mail);
void mail_store_remove(MailStore *store, uint32_t number);
void mail_store_free(MailStore *store);
/* Octets that the disk still takes. */
uint64_t mail_store_room(const MailStore *store);
/* Since when (a time) this client, sender and recipient are known; SIM_NEVER, and known from now on. */
SimTime mail_store_triplet(MailStore *store, Ipv4Address client, const SmtpPath *from, const SmtpPath *to, SimTime now);

/* ---- Services ---- */

typedef struct MailService MailService;

typedef struct {
    MailService *service;
    HostStream stream;
    SmtpServer server;
    uint32_t life; /* how often this place was used: what comes back from the disk may come too late */
} MailSession;

typedef struct MailEntry MailEntry;

/* A connection to another server, for as many messages as there are for it. */
typedef struct {
    MailService *service;
    HostStream stream;
    SmtpClient client;
    const char *domain, *host; /* whose mail goes over it, and the exchanger's name */
    Ipv4Address address;
    MailEntry *sending; /* whose message is under way; NULL: none */
    bool quitting;      /* it was told that there is no more */
    uint64_t life;      /* how often this place was used */
} MailLink;

enum { MAIL_ROUTE_HOSTS = 16, MAIL_ROUTE_ADDRESSES = 8 };

/* An entry of the queue at work. */
struct MailEntry {
    MailService *service;
    EffectCarrier carrier;
    SmtpQueueEntry queue;
    QueuedMail *mail;                    /* on disk; NULL: this place is free */
    const char *hosts[MAIL_ROUTE_HOSTS]; /* the route: names, or address literals */
    uint8_t host_count;
    Ipv4Address addresses[MAIL_ROUTE_ADDRESSES]; /* of the host that is being tried */
    uint8_t address_count, address_at;           /* which of them comes next */
    SmtpOutcome trouble; /* why the last attempt failed; its text lives in the world's arena */
    uint64_t turn;       /* it waits for a look-up; 0: no */
    bool released;       /* its connection came to nothing, and it is about to be told */
    MailLink *link;      /* that will take it, or is taking it; NULL: none */
    SmtpJob job;         /* of the recipients that are left */
    size_t *job_places;  /* which of the message's recipients each is */
    uint32_t life;
};

typedef struct {
    SmtpServerConfig server;
    SmtpClientConfig client;
    SmtpQueueConfig queue;
    bool receives; /* a mail server; false: a user agent's queue */
    uint16_t ports[4];
    size_t port_count;
    const char *relay_to; /* host that takes everything; NULL: by MX */
    uint16_t relay_port;
    uint16_t sessions_most; /* more connections are greeted with 421 */
    SimTime disk_latency;
    uint64_t disk_size;
    TcpSettings tcp;
    const char **mailboxes; /* names */
    size_t mailbox_count;
    const char *address; /* of a user agent: whose it is */
} MailConfig;

struct MailService {
    Host *host;
    MailConfig config;
    MailStore store;
    SmtpPostOffice office;
    RandomStream random;
    uint32_t server_machine, client_machine, queue_machine; /* directory indexes */
    HostStreamPool sessions;
    MailLink **links;
    MailEntry **entries;
    size_t link_count, link_capacity, entry_count, entry_capacity;
    bool running;
    struct DiskWrite *writes, *idle_writes; /* under way; and places to be used again */
    uint32_t look_ups;                      /* under way */
    uint64_t turns;
    bool taking_turns;
    struct MailWatcher *watchers;
    Mailbox **changed; /* since the watchers were told last; held */
    size_t changed_count, changed_capacity;
    const char **texts; /* kept once each: a table by hash */
    size_t text_count, text_capacity;
};

/* `config` is kept; what it points to lives in the world's arena. */
MailService *mail_service_new(Host *host, const MailConfig *config);
void mail_service_free(MailService *service);
void mail_service_start(MailService *service, uint32_t cause);
/* In order: sessions are told 421, connections broken off. */
void mail_service_shut_down(MailService *service, uint32_t cause);
void mail_service_stop(MailService *service); /* power is gone */
/* The text in the world's arena, once however often it is kept: what facts and outcomes point to. NULL gives "". */
const char *mail_keep_words(MailService *service, const char *text);
/* Everything that waits is tried now. */
void mail_service_run_queue(MailService *service, uint32_t cause);

/* ---- mail_disk.c ---- */

/* Writes when the disk has had its time; `done` may change the store, and is told whether the write held. A crash
 * meanwhile drops it: nothing was written, and `drop` gives back what `what` holds. */
typedef void DiskDone(MailService *service, void *what, bool written, uint32_t cause);
typedef void DiskDrop(void *what);
void mail_disk_write(MailService *service, DiskDone *done, DiskDrop *drop, void *what, uint32_t cause);
/* The same for what must be written sooner or later: begun after `wait`, and tried again as long as the disk fails. */
enum { MAIL_DISK_RETRY_S = 10 };
void mail_disk_write_surely(MailService *service, SimTime wait, DiskDone *done, DiskDrop *drop, void *what,
                            uint32_t cause);
void mail_disk_crash(MailService *service);

/* ---- mail_watch.c ---- */

/* Who reads the server's mailboxes: a POP3 or IMAP service on the same host. Where there is one, the trace is told of each
 * change too (fact_mailbox_changed). */
typedef struct MailWatcher {
    struct MailWatcher *next;
    void *self;
    void (*changed)(void *self, Mailbox *mailbox, uint32_t cause); /* may be NULL */
} MailWatcher;
/* For good: the watcher lives as long as the world. */
void mail_watch(MailService *service, MailWatcher *watcher);
/* After whatever may have changed mailboxes: tells of each that did. `cause` is the record that led to it. */
void mail_changes_tell(MailService *service, uint32_t cause);
/* For MailAccount.changed. */
void mail_watch_changed(void *listener, Mailbox *mailbox);
/* Whose mailboxes a user may read, and with which password; NULL: nobody of that name has a mailbox, or none is set. Names
 * count as written (row M12). */
MailAccount *mail_account_of(MailService *service, Bytes user);
const char *mail_password_of(const MailService *service, Bytes user);

/* ---- mail_accept.c ---- */

/* The session's transaction is complete: writes it to disk, then tells the session. */
void mail_accept(MailSession *session, uint32_t cause);
/* A message that a user of this host has written: it is queued or delivered once it is on disk, or the user is told that
 * the disk did not take it. `content` is taken over. */
void mail_submit(MailService *service, const SmtpMail *mail, const SmtpJobRecipient *recipients, size_t count,
                 MailContent *content, uint32_t cause);

/* What became of an entry's recipients, and that the sender is told: it holds from when it is written. */
typedef struct {
    uint32_t entry; /* number */
    bool warned;    /* it was a warning of delay */
    size_t count;
    SmtpOutcome *outcomes; /* by place in the message */
    bool *told;
} MailTelling;
MailTelling *mail_telling_new(const QueuedMail *mail);
void mail_telling_free(MailTelling *telling); /* NULL is allowed */
/* A report to `to`, with a null reverse-path: it is tried until the disk takes it. `telling` (NULL: none) is written with
 * it; both are taken over. */
void mail_submit_report(MailService *service, const SmtpPath *to, MailContent *content, MailTelling *telling,
                        uint32_t cause);
/* The same where nobody is to be told. */
void mail_submit_telling(MailService *service, MailTelling *telling, uint32_t cause);

/* ---- mail_queue.c ---- */

/* The entry, which is on disk, is put to work: recipients that are refused already are reported, the others sent to. */
void mail_queue_enter(MailService *service, QueuedMail *mail, uint32_t cause);
/* What was found on disk after a boot. */
void mail_queue_restore(MailService *service, uint32_t cause);
void mail_queue_shut_down(MailService *service, uint32_t cause);
void mail_queue_stop(MailService *service);
void mail_queue_release(MailService *service);

/* What happened to the entry, for its machine: an input that needs nothing more. */
void mail_queue_input(MailEntry *entry, SmtpQueueInput what, uint32_t cause);
/* The address of the route's host that the machine wants is known: a connection that stands is used, or one is opened. */
void mail_queue_connect(MailEntry *entry, Ipv4Address address, uint32_t cause);

/* ---- mail_routes.c ---- */

/* The host that was being tried has another address, which is tried now (RFC 5321 section 5.1); false: it has none. */
bool mail_route_next_address(MailEntry *entry, uint32_t cause);
/* Looks up the hosts of the entry's domain; then the address of the one that is to be tried. The machine is told. */
void mail_route_find(MailEntry *entry, uint32_t cause);
void mail_route_connect(MailEntry *entry, uint32_t cause);

/* ---- mail_reports.c ---- */

/* Tells the sender, where one wants to be told, what became of recipients: of those that are settled and not yet
 * reported (FAILED), or of all that are left. */
void mail_report_entry(MailEntry *entry, SmtpReportKind kind, uint32_t cause);
/* Success asked for (NOTIFY=SUCCESS) of recipients that a server took over which sends no reports itself (RFC 3461
 * section 5.2.2). */
void mail_report_passed_on(MailEntry *entry, const SmtpJobRecipient *recipients, size_t count, const char *host,
                           uint32_t cause);
/* Success, for recipients whose mailbox is here. */
void mail_report_delivered(MailService *service, const SmtpMail *mail, const SmtpJobRecipient *recipients, size_t count,
                           Bytes content, SimTime arrived_at, uint32_t cause);

/* ---- mail_server.c ---- */

void mail_server_start(MailService *service);
void mail_server_shut_down(MailService *service, uint32_t cause);
void mail_server_stop(MailService *service);
void mail_server_release(MailService *service);

#endif
