/* The SMTP server: RFC 5321, with RFC 821's commands, as one machine a connection.
 *
 * A session is handed octets, reads commands out of them, and answers. What it may know of its host stands in a
 * SmtpServerConfig and a SmtpPostOffice; what must be written to disk it asks for (ASK_MAIL_ACCEPT), and it says 250
 * only when that has happened. Files: server.c (states, table, actions), server_stream.c (octets in, entry points),
 * server_commands.c (one row a command, and what most of them do), server_asking.c (VRFY, EXPN, HELP), server_auth.c,
 * server_verdicts.c, server_data.c (the content), server_replies.c (reply texts). */
#ifndef NETSTAGE_PROTO_SMTP_SERVER_H
#define NETSTAGE_PROTO_SMTP_SERVER_H

#include "base/arena.h"
#include "proto/smtp/content.h"
#include "proto/smtp/syntax.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/address.h"
#include "wire/lines.h"

/* ---- Who has a mailbox here ---- */

typedef enum {
    SMTP_NAME_MAILBOX,
    SMTP_NAME_MOVED,     /* lives elsewhere: 251 and forwarded, or 551 */
    SMTP_NAME_LIST,      /* stands for its members */
    SMTP_NAME_AMBIGUOUS, /* several people are called so: 553 */
} SmtpNameKind;

typedef struct {
    SmtpPath path;
    const char *full_name; /* "Bob Baker"; "" if none */
    SmtpNameKind kind;
    SmtpPath *others; /* MOVED: the new mailbox; LIST: members; AMBIGUOUS: whom it may mean */
    size_t other_count;
    bool forward;     /* MOVED: mail is taken and sent on */
    bool busy;        /* 450: locked by somebody */
    bool online;      /* SEND and SOML find a terminal */
    uint64_t quota;   /* octets; 0: none */
    uint32_t mailbox; /* MAILBOX: its number in the mail store */
} SmtpName;

/* How full the host's disk and mailboxes are, as the host answers. Nothing is changed by asking, but that a triplet
 * which was asked for is known from then on. */
typedef struct {
    void *self;
    uint64_t (*mailbox_octets)(void *self, uint32_t mailbox);
    uint64_t (*room)(void *self); /* octets that the disk still takes */
    /* Greylisting (RFC 6647): may this client send this sender's mail to this recipient by now? */
    bool (*known_triplet)(void *self, Ipv4Address client, const SmtpPath *from, const SmtpPath *to);
} SmtpPostOffice;

typedef enum { SMTP_VERIFY_ANSWER, SMTP_VERIFY_NONCOMMITTAL /* 252 */, SMTP_VERIFY_DISABLED /* 502 */ } SmtpVerify;
typedef enum {
    SMTP_EIGHT_BIT_ACCEPT,
    SMTP_EIGHT_BIT_STRIP, /* as the old relays did: the highest bit is lost */
    SMTP_EIGHT_BIT_REFUSE,
} SmtpEightBit;

enum {
    SMTP_EXTENSION_SIZE = 1,
    SMTP_EXTENSION_8BITMIME = 2,
    SMTP_EXTENSION_PIPELINING = 4,
    SMTP_EXTENSION_ENHANCEDSTATUSCODES = 8,
    SMTP_EXTENSION_DSN = 16,
    SMTP_EXTENSION_SMTPUTF8 = 32,
    SMTP_EXTENSION_AUTH = 64, /* where there are users */
};
extern const char *const smtp_extension_names[7];

typedef struct {
    const char *name, *password;
} SmtpUser;

/* Texts of replies that a scenario may set; the code comes from the machine. "{…}" stands for a value: see
 * server_replies.c. */
#define SMTP_TEXTS(X)                                                                                       \
    X(GREETING, greeting)                                                                                   \
    X(HELO, helo)                                                                                           \
    X(EHLO, ehlo)                                                                                           \
    X(MAIL, mail)                                                                                           \
    X(RCPT, rcpt)                                                                                           \
    X(DATA, data)                                                                                           \
    X(ACCEPTED, accepted)                                                                                   \
    X(QUIT, quit)                                                                                           \
    X(RSET, rset) X(NOOP, noop) X(HELP, help) X(UNKNOWN_USER, unknown_user) X(RELAY_REFUSED, relay_refused) \
        X(MAILBOX_FULL, mailbox_full) X(TOO_BIG, too_big) X(SHUTTING_DOWN, shutting_down)
typedef enum {
#define X(name, key) SMTP_TEXT_##name,
    SMTP_TEXTS(X)
#undef X
        SMTP_TEXT_COUNT,
} SmtpTextKey;
extern const char *const smtp_text_keys[SMTP_TEXT_COUNT]; /* as in a scenario: "greeting" */

typedef struct {
    const char *name;     /* of the host, as it greets */
    const char **domains; /* mail for them is delivered here */
    size_t domain_count;
    SmtpName *names;
    size_t name_count;
    const char *texts[SMTP_TEXT_COUNT]; /* NULL: the machine's own */
    uint8_t extensions;
    uint64_t size_most; /* octets of a message; 0: no limit but memory's */
    uint16_t recipients_most;
    uint16_t hops_most; /* Received fields (section 6.3) */
    SmtpVerify verify, expand;
    bool legacy; /* SEND, SOML and SAML are served */
    SmtpEightBit eight_bit;
    SmtpUser *users;
    size_t user_count;
    bool auth_required;  /* for any mail: a submission server */
    Ipv4Prefix *trusted; /* may send anywhere */
    size_t trusted_count;
    bool no_service;      /* 554 instead of a greeting (section 3.1) */
    SimTime greylist;     /* 0: off */
    SimTime idle;         /* section 4.5.3.2.7: 5 minutes */
    uint16_t errors_most; /* so many refused commands, and the connection is closed */
} SmtpServerConfig;
extern const SmtpServerConfig smtp_server_config_default;

/* Whether mail for the domain is delivered here; and whom a path means, NULL: nobody known. Local parts count as written
 * (row M12), but "postmaster" in any case (RFC 5321 section 4.5.1). */
bool smtp_domain_is_local(const SmtpServerConfig *config, Bytes domain);
const SmtpName *smtp_name_find(const SmtpServerConfig *config, const SmtpPath *path);

/* ---- A session ---- */

typedef struct {
    SmtpPath path;
    uint8_t notify;
    const char *orcpt;    /* "" if none; in the transaction's arena */
    const SmtpName *name; /* whose mailbox, list or forward it is; NULL: mail for elsewhere */
} SmtpRecipient;

typedef enum { SMTP_DELIVER_MAIL, SMTP_DELIVER_SEND, SMTP_DELIVER_SOML, SMTP_DELIVER_SAML } SmtpDelivery;

/* What was taken over with a message: the envelope and the content, Received field in front. */
typedef struct {
    SmtpMail mail;
    SmtpDelivery delivery;
    SmtpRecipient *recipients;
    size_t recipient_count, recipient_capacity;
    SmtpContent content;
    uint32_t number; /* on this host, in the Received field and the reply */
} SmtpTransaction;

#define SMTP_SERVER_STATES(X) \
    X(CLOSED) X(GREETED) X(READY) X(MAIL) X(RCPT) X(DATA) X(STORING) X(STORING_LAST) X(AUTH) X(REFUSING) X(CLOSING)
typedef enum {
#define X(name) SMTP_SERVER_##name,
    SMTP_SERVER_STATES(X)
#undef X
} SmtpServerState;

#define SMTP_COMMANDS(X) \
    X(HELO)              \
    X(EHLO)              \
    X(MAIL) X(RCPT) X(DATA) X(SEND) X(SOML) X(SAML) X(RSET) X(VRFY) X(EXPN) X(HELP) X(NOOP) X(QUIT) X(TURN) X(AUTH)

typedef enum {
    SMTP_SERVER_ON_OPEN, /* the connection stands */
#define X(name) SMTP_SERVER_ON_##name,
    SMTP_COMMANDS(X)
#undef X
        SMTP_SERVER_ON_REFUSED, /* a command that is not known, not allowed here, or badly written */
    SMTP_SERVER_ON_AUTH_LINE,   /* the answer to 334 */
    SMTP_SERVER_ON_END_OF_DATA, /* CRLF "." CRLF */
    SMTP_SERVER_ON_STORED,
    SMTP_SERVER_ON_NOT_STORED,
    SMTP_SERVER_ON_IDLE,
    SMTP_SERVER_ON_SHUT_DOWN,
    SMTP_SERVER_ON_PEER_CLOSED,
    SMTP_SERVER_ON_ENDED,
} SmtpServerInput;
enum { SMTP_SERVER_TIMER_IDLE };

extern const MachineSpec smtp_server_spec; /* "smtp.server" */
extern const StreamProtocol smtp_server_stream;

/* What is answered: the code, the enhanced code of RFC 3463 ("1.5" of "2.1.5"; NULL: none), and the text, in which
 * a line feed begins another line of the reply. */
typedef struct {
    uint16_t code;
    const char *enhanced;
    SmtpTextKey key; /* SMTP_TEXT_COUNT: `text` as it is */
    const char *text;
    const SmtpPath *address; /* {address}, or NULL */
} SmtpVerdict;

typedef struct {
    Machine machine; /* initialised by the host */
    const SmtpServerConfig *config;
    const SmtpPostOffice *office;
    Arena *arena;   /* of the transaction: emptied with it */
    Arena *scratch; /* of a command: emptied before the next */
    Ipv4Address client, own;
    uint32_t *next_number; /* of messages on this host */
    LineReader lines;
    Text
        replies; /* said and not yet written: RFC 2920 section 3.2, answers to commands that came together go together */
    char helo[SMTP_DOMAIN_MOST + 1]; /* what the client calls itself */
    bool extended;                   /* it said EHLO */
    bool one_too_many;               /* more connections than the server serves: set by the host after the beginning */
    const SmtpUser *user;            /* authenticated */
    uint8_t auth_step;
    char auth_name[256];
    uint16_t errors;
    SmtpTransaction transaction;
} SmtpServer;

/* ---- Between the server's files ---- */

/* A command being carried out: what it says, and what is to be answered. A verdict of 400 and more refuses it. */
typedef struct {
    Bytes argument;
    SmtpMail mail;
    SmtpRcpt rcpt;
    const SmtpName *name; /* whom RCPT, VRFY or EXPN mean here, or NULL */
    SmtpDelivery delivery;
    SmtpVerdict verdict;
} SmtpCommand;

void smtp_server_reply(SmtpServer *server, const SmtpVerdict *verdict, Effects *effects);
/* What was said is written: at the end of every input, and before a close. */
void smtp_server_flush(SmtpServer *server, Effects *effects);
/* Carries out a command line, or a line that is none for the reason given (NULL: it is sound). */
void smtp_server_command(SmtpServer *server, Bytes line, const char *trouble, Effects *effects);
/* The answer to 334. */
void smtp_server_auth_line(SmtpServer *server, Bytes line, const char *trouble, Effects *effects);
/* What the content is answered with if it cannot be taken; code 0: it can. */
SmtpVerdict smtp_server_judge_content(SmtpServer *server);

/* Once for each place of a pool. */
void smtp_server_init(SmtpServer *server);
/* Before a connection: whose it is. */
void smtp_server_begin(SmtpServer *server, const SmtpServerConfig *config, const SmtpPostOffice *office,
                       Ipv4Address client, Ipv4Address own, uint32_t *next_number);
/* STORED, NOT_STORED (the disk refused: `full` tells 452 from 451) or SHUT_DOWN. */
void smtp_server_stored(SmtpServer *server, bool stored, bool full, Effects *effects);
void smtp_server_shut_down(SmtpServer *server, Effects *effects);
/* The session is over and may begin again. */
void smtp_server_end(SmtpServer *server);
/* Everything it holds is given back. */
void smtp_server_release(SmtpServer *server);

/* A command and the states it is allowed in. */
typedef struct {
    const char *verb;
    uint8_t input;
    uint16_t states; /* a bit for each SmtpServerState */
} SmtpCommandRow;
size_t smtp_command_count(void);
const SmtpCommandRow *smtp_command_row(size_t index);

#endif
