/* The POP3 server: RFC 1939, with CAPA and response codes (RFC 2449, 3206) and AUTH (RFC 5034), as one machine a
 * connection.
 *
 * A session is handed octets, reads commands out of them, and answers. Whose maildrops there are it learns from a
 * Pop3Office. What it removes, it removes in its UPDATE state: it asks for the disk (ASK_MAILBOX_WRITE), and answers
 * QUIT when that has written. Files: server.c (states, table, actions), server_stream.c (octets in and out, entry points),
 * server_commands.c (one row a command, and what most of them do), server_login.c (USER, PASS, APOP, AUTH), maildrop.c,
 * digest.c. */
#ifndef NETSTAGE_PROTO_POP3_SERVER_H
#define NETSTAGE_PROTO_POP3_SERVER_H

#include "base/random.h"
#include "mail/dots.h"
#include "proto/pop3/digest.h"
#include "proto/pop3/maildrop.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/lines.h"

enum {
    POP3_COMMAND_MOST = 255,    /* octets of a command, CRLF included (RFC 2449 section 4) */
    POP3_REPLY_MOST = 512,      /* of a reply's first line (likewise) */
    POP3_AUTH_LINE_MOST = 4096, /* of an answer to a challenge (RFC 5034 section 4) */
    POP3_PIECE = 16 * 1024,     /* what is longer is written piece by piece */
};

/* Whose maildrops there are. */
typedef struct {
    void *self;
    /* NULL: nobody of that name has a maildrop. */
    MailAccount *(*account)(void *self, Bytes user);
    /* NULL: none is set, and the user cannot log in. */
    const char *(*password)(void *self, Bytes user);
    /* Where it is kept when the user last logged in; SIM_NEVER: not yet. */
    SimTime *(*logged_in_at)(void *self, const MailAccount *account);
} Pop3Office;

/* Texts of replies that a scenario may set; "+OK" or "-ERR" comes from the machine. In them {host}, {user}, {messages} and
 * {octets} stand for values. */
#define POP3_TEXTS(X) \
    X(GREETING, greeting) X(USER, user) X(LOGIN, login) X(REFUSED, refused) X(NOOP, noop) X(QUIT, quit)
typedef enum {
#define X(name, key) POP3_TEXT_##name,
    POP3_TEXTS(X)
#undef X
        POP3_TEXT_COUNT,
} Pop3TextKey;
extern const char *const pop3_text_keys[POP3_TEXT_COUNT]; /* as in a scenario: "greeting" */

typedef struct {
    const char *name;                   /* of the host, as it greets */
    const char *texts[POP3_TEXT_COUNT]; /* NULL: the machine's own */
    bool apop;                          /* the greeting has a timestamp, and APOP is served */
    bool plain;                         /* USER and PASS, and AUTH PLAIN, which show the password, are served */
    SimTime login_delay;                /* between one login of a user and the next (RFC 2449 section 6.5); 0: none */
    SimTime idle;                       /* autologout: RFC 1939 section 3 wants at least 10 minutes */
    uint16_t errors_most;               /* so many refused commands, and the connection is closed; 0: any number */
} Pop3ServerConfig;
extern const Pop3ServerConfig pop3_server_config_default;

/* ---- A session ---- */

/* NAMED: a USER command was taken, and PASS may follow. AUTH: between a challenge and its answer. SENDING: a long answer is
 * under way; SENDING_LAST: to a client that has closed its side and may still read. UPDATE: the disk is writing. */
#define POP3_SERVER_STATES(X) \
    X(CLOSED)                 \
    X(AUTHORIZATION) X(NAMED) X(AUTH) X(TRANSACTION) X(SENDING) X(SENDING_LAST) X(UPDATE) X(CLOSING)
typedef enum {
#define X(name) POP3_SERVER_##name,
    POP3_SERVER_STATES(X)
#undef X
} Pop3ServerState;

#define POP3_COMMANDS(X) \
    X(USER)              \
    X(PASS) X(APOP) X(AUTH) X(CAPA) X(STAT) X(LIST) X(RETR) X(DELE) X(NOOP) X(RSET) X(TOP) X(UIDL) X(QUIT)

typedef enum {
    POP3_SERVER_ON_OPEN, /* the connection stands */
#define X(name) POP3_SERVER_ON_##name,
    POP3_COMMANDS(X)
#undef X
        POP3_SERVER_ON_REFUSED, /* a command that is not known, not allowed here, or cannot be carried out */
    POP3_SERVER_ON_AUTH_LINE,   /* the answer to a challenge */
    POP3_SERVER_ON_SENT,        /* a long answer has been written */
    POP3_SERVER_ON_WRITTEN,     /* the maildrop is updated */
    POP3_SERVER_ON_NOT_WRITTEN,
    POP3_SERVER_ON_IDLE,
    POP3_SERVER_ON_SHUT_DOWN,
    POP3_SERVER_ON_PEER_CLOSED,
    POP3_SERVER_ON_ENDED,
} Pop3ServerInput;
enum { POP3_SERVER_TIMER_IDLE };

extern const MachineSpec pop3_server_spec; /* "pop3.server" */
extern const StreamProtocol pop3_server_stream;

typedef struct {
    Machine machine; /* initialised by the host */
    const Pop3ServerConfig *config;
    const Pop3Office *office;
    LineReader lines;
    Text replies;                    /* said and not yet written: answers to commands that came together go together */
    char stamp[POP3_STAMP_MOST + 1]; /* of the greeting; "" if it has none */
    char user[POP3_COMMAND_MOST];    /* of USER, or who has logged in */
    bool one_too_many;               /* more connections than the server serves: set by the host after the beginning */
    uint16_t errors;
    Pop3Maildrop drop;
    /* What is being written: a listing, or a message that is stuffed on its way. */
    Text listing;
    size_t listing_at;
    MailContent *content; /* held; NULL: none */
    size_t content_at, content_end;
    DotStuffer stuffer;
} Pop3Server;

/* Once for each place of a pool. */
void pop3_server_init(Pop3Server *server);
/* Before a connection. The timestamp of the greeting is made from the random stream and the civil time. */
void pop3_server_begin(Pop3Server *server, const Pop3ServerConfig *config, const Pop3Office *office,
                       RandomStream *random, int64_t civil_s);
/* Answer to ASK_MAILBOX_WRITE: what is to be written; the caller's from now on. */
Pop3Update *pop3_server_update(Pop3Server *server);
/* `removed`: how many messages there were to remove. */
void pop3_server_written(Pop3Server *server, bool written, size_t removed, Effects *effects);
void pop3_server_shut_down(Pop3Server *server, Effects *effects);
/* The session is over and may begin again; the maildrop is free, unless an update is still being written. */
void pop3_server_end(Pop3Server *server);
/* Everything it holds is given back. */
void pop3_server_release(Pop3Server *server);

/* A command and the states it is allowed in. */
typedef struct {
    const char *verb;
    uint8_t input;
    uint16_t states; /* a bit for each Pop3ServerState */
} Pop3CommandRow;
size_t pop3_command_count(void);
const Pop3CommandRow *pop3_command_row(size_t index);

#endif
