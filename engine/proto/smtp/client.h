/* The SMTP client: RFC 5321, one machine a connection. It carries one message after another to a server, as long as its
 * host has another for it, and tells what became of each recipient. */
#ifndef NETSTAGE_PROTO_SMTP_CLIENT_H
#define NETSTAGE_PROTO_SMTP_CLIENT_H

#include "base/arena.h"
#include "proto/smtp/content.h"
#include "proto/smtp/reply.h"
#include "proto/smtp/syntax.h"
#include "sim/stream.h"
#include "sim/trace.h"

/* RFC 5321 section 4.5.3.2: how long the answer to each is waited for. */
typedef struct {
    SimTime greeting, mail, rcpt, data, block, final;
} SmtpTimeouts;

typedef struct {
    const char *name;            /* as it introduces itself */
    bool extended;               /* begins with EHLO */
    bool pipelining;             /* where the server offers it */
    bool spaced;                 /* "MAIL FROM: <...>", as the textbook has it and RFC 5321 has not */
    const char *user, *password; /* NULL: it does not authenticate */
    SmtpTimeouts timeouts;
} SmtpClientConfig;
extern const SmtpClientConfig smtp_client_config_default;

typedef enum {
    SMTP_OUTCOME_OPEN,
    SMTP_OUTCOME_ACCEPTED, /* RCPT was: what becomes of the message is still to be seen */
    SMTP_OUTCOME_SENT,
    SMTP_OUTCOME_LATER,   /* 4yz, or the connection broke */
    SMTP_OUTCOME_REFUSED, /* 5yz */
} SmtpOutcomeKind;

typedef struct {
    SmtpOutcomeKind kind;
    uint16_t code;                     /* of the reply; 0: there was none */
    char enhanced[SMTP_ENHANCED_MOST]; /* "" if the server gave none */
    const char *text;                  /* in the client's arena, until the job's end; never NULL once settled */
    const char *stage;                 /* static: the command that was answered: "MAIL", "RCPT", "DATA", "." */
} SmtpOutcome;

typedef struct {
    SmtpPath path;
    uint8_t notify;
    const char *orcpt;
    SmtpOutcome outcome;
    bool reported;       /* the sender was told, or is not to be: on disk */
    bool being_reported; /* that is on its way to the disk */
} SmtpJobRecipient;

/* A message for this server. It belongs to the host, and stays as it is until ASK_MAIL_DONE. */
typedef struct {
    SmtpMail mail; /* reverse-path, BODY, RET and ENVID */
    SmtpJobRecipient *recipients;
    size_t recipient_count;
    Bytes content;
} SmtpJob;

#define SMTP_CLIENT_STATES(X) \
    X(CLOSED)                 \
    X(CONNECTING)             \
    X(GREETING) X(EHLO) X(HELO) X(AUTH) X(READY) X(MAIL) X(RCPT) X(DATA) X(CONTENT) X(ACCEPT) X(RSET) X(QUIT) X(CLOSING)
typedef enum {
#define X(name) SMTP_CLIENT_##name,
    SMTP_CLIENT_STATES(X)
#undef X
} SmtpClientState;

typedef enum {
    SMTP_CLIENT_ON_CONNECT,
    SMTP_CLIENT_ON_OPEN,
    SMTP_CLIENT_ON_POSITIVE,     /* 2yz */
    SMTP_CLIENT_ON_INTERMEDIATE, /* 3yz */
    SMTP_CLIENT_ON_TRANSIENT,    /* 4yz */
    SMTP_CLIENT_ON_PERMANENT,    /* 5yz, or nonsense */
    SMTP_CLIENT_ON_CLOSING,      /* 421 */
    SMTP_CLIENT_ON_JOB,
    SMTP_CLIENT_ON_NO_JOB,
    SMTP_CLIENT_ON_ROOM,
    SMTP_CLIENT_ON_TIMEOUT,
    SMTP_CLIENT_ON_STOP,
    SMTP_CLIENT_ON_PEER_CLOSED,
    SMTP_CLIENT_ON_ENDED,
} SmtpClientInput;
enum { SMTP_CLIENT_TIMER_REPLY };

extern const MachineSpec smtp_client_spec; /* "smtp.client" */
extern const StreamProtocol smtp_client_stream;

typedef struct {
    Machine machine; /* initialised by the host */
    const SmtpClientConfig *config;
    Arena *arena; /* of the connection */
    SmtpReplyReader replies;
    uint8_t extensions; /* that the server offers: SMTP_EXTENSION_… of server.h */
    bool auth_plain, auth_login;
    uint64_t size_most; /* 0: none told */
    SmtpJob *job;       /* NULL: none */
    size_t asked;       /* recipients whose RCPT was answered */
    uint8_t auth_step;
    SmtpSending sending;
    bool was_ready;   /* the server was good for at least one message */
    SmtpOutcome last; /* why the connection came to nothing, where it did */
} SmtpClient;

/* Once for each place of a pool. */
void smtp_client_init(SmtpClient *client);
/* Before a connection is asked for. */
void smtp_client_begin(SmtpClient *client, const SmtpClientConfig *config);
/* The answer to ASK_MAIL_NEXT; NULL: there is no more. */
void smtp_client_job(SmtpClient *client, SmtpJob *job, Effects *effects);
void smtp_client_stop(SmtpClient *client, Effects *effects);
void smtp_client_end(SmtpClient *client);
void smtp_client_release(SmtpClient *client);

#endif
