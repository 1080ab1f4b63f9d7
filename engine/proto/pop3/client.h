/* The POP3 client: RFC 1939 as a user agent speaks it, one machine a session.
 *
 * It asks for the greeting, CAPA, the login (APOP where the greeting has a timestamp, else USER and PASS), STAT, LIST and UIDL;
 * then it fetches what it does not have yet. A message is on the user's own disk (ASK_MAILBOX_WRITE) before DELE is said of
 * it, together with its unique-id: whatever breaks off, nothing is lost and nothing fetched twice. Files: client.c
 * (states, table, actions), client_stream.c (replies out of octets, what they tell, entry points). */
#ifndef NETSTAGE_PROTO_POP3_CLIENT_H
#define NETSTAGE_PROTO_POP3_CLIENT_H

#include "base/arena.h"
#include "mail/dots.h"
#include "mail/mailbox.h"
#include "proto/pop3/digest.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/lines.h"

enum {
    POP3_UNIQUE_MOST = 70,                /* octets of a unique-id (RFC 1939 section 7) */
    POP3_MESSAGES_MOST = 100000,          /* in a maildrop that a client reads */
    POP3_LISTING_MOST = 16 * 1024 * 1024, /* octets of LIST or UIDL */
};

typedef enum {
    POP3_KEEP,    /* messages stay on the server; what has been fetched is known by its unique-id */
    POP3_DELETE,  /* what has been fetched is deleted on the server */
    POP3_HEADERS, /* the headers first (TOP), then messages that are not too big; they stay */
} Pop3Mode;

typedef struct {
    const char *user, *password;
    Pop3Mode mode;
    bool apop;              /* where the greeting has a timestamp */
    uint64_t retrieve_most; /* of POP3_HEADERS: octets of a message that is fetched without being asked for */
    uint64_t size_most;     /* octets of a message that are taken at all */
    SimTime patience;       /* for each reply */
} Pop3ClientConfig;
extern const Pop3ClientConfig pop3_client_config_default;

/* What the user's disk knows. */
typedef struct {
    void *self;
    bool (*has)(void *self, const char *unique);
} Pop3Memory;

#define POP3_CLIENT_STATES(X) \
    X(CLOSED)                 \
    X(CONNECTING)             \
    X(GREETING)               \
    X(CAPA) X(APOP) X(AUTH) X(USER) X(PASS) X(STAT) X(LIST) X(UIDL) X(TOP) X(RETR) X(STORING) X(DELE) X(QUIT) X(CLOSING)
typedef enum {
#define X(name) POP3_CLIENT_##name,
    POP3_CLIENT_STATES(X)
#undef X
} Pop3ClientState;

typedef enum {
    POP3_CLIENT_ON_CONNECT,
    POP3_CLIENT_ON_OPEN,
    POP3_CLIENT_ON_OK, /* a whole reply, with what follows it */
    POP3_CLIENT_ON_ERR,
    POP3_CLIENT_ON_NONSENSE,
    POP3_CLIENT_ON_WRITTEN, /* the message and its unique-id are on the user's disk */
    POP3_CLIENT_ON_NOT_WRITTEN,
    POP3_CLIENT_ON_TIMEOUT,
    POP3_CLIENT_ON_STOP,
    POP3_CLIENT_ON_PEER_CLOSED,
    POP3_CLIENT_ON_ENDED,
} Pop3ClientInput;
enum { POP3_CLIENT_TIMER_REPLY };

extern const MachineSpec pop3_client_spec; /* "pop3.client" */
extern const StreamProtocol pop3_client_stream;

/* A message in the maildrop. */
typedef struct {
    char unique[POP3_UNIQUE_MOST + 1]; /* "": the server has none */
    uint64_t size;                     /* of LIST */
    bool known;                        /* it is on the user's disk */
    bool passed_over;                  /* nothing more is asked about it in this session */
    bool deleted;
} Pop3Item;

typedef enum {
    POP3_OUTCOME_NONE,
    POP3_OUTCOME_DONE,
    POP3_OUTCOME_LATER, /* it is worth trying again */
    POP3_OUTCOME_REFUSED,
} Pop3Outcome;

typedef struct {
    Machine machine; /* initialised by the host */
    const Pop3ClientConfig *config;
    Pop3Memory memory;
    Arena *kept; /* for texts that outlive the session: the world's */

    LineReader lines;
    Text status; /* the reply's first line */
    bool in_body;
    DotReader dots;
    uint8_t *body; /* what follows it, unstuffed */
    size_t body_size, body_capacity;
    const char *trouble; /* what is wrong with the reply: an identifier */

    char stamp[POP3_STAMP_MOST + 1]; /* of the greeting; "" if it has none */
    bool has_user, has_plain;        /* as CAPA says */
    Pop3Item *items;
    size_t count, capacity;
    uint64_t size;         /* of all of them, as STAT says */
    size_t at;             /* the message that TOP, RETR or DELE is about */
    size_t from, top_from; /* messages before it need no RETR or DELE any more; no TOP */
    uint64_t octets, fetched, deleted, round_trips;

    Pop3Outcome outcome;
    const char *reason; /* of what went wrong: an identifier; NULL: nothing */
} Pop3Client;

/* Once for each place of a pool. */
void pop3_client_init(Pop3Client *client);
/* Before a session. */
void pop3_client_begin(Pop3Client *client, const Pop3ClientConfig *config, Pop3Memory memory, Arena *kept);
/* Answer to ASK_MAILBOX_WRITE: the message that has been fetched, held for the caller, and its unique-id and number. */
MailContent *pop3_client_message(const Pop3Client *client, const char **unique, size_t *number);
void pop3_client_written(Pop3Client *client, bool written, Effects *effects);
/* The user's machine is switched off: the session is broken off; the server deletes nothing. */
void pop3_client_stop(Pop3Client *client, Effects *effects);
/* The session is over and may begin again. What it has learned stays until then. */
void pop3_client_end(Pop3Client *client);
void pop3_client_release(Pop3Client *client);

/* A header field's text for people; "" if there is none. It lives in `kept`. */
const char *pop3_header_text(Arena *kept, Bytes message, const char *field);

#endif
