/* The IMAP client: RFC 3501 as a mail reader speaks it while its user is on line, one machine a connection, with IDLE (RFC
 * 2177), MOVE (6851), UIDPLUS (4315), LITERAL+ (7888) and SASL-IR (4959) where the server offers them.
 *
 * It opens one mailbox, compares UIDVALIDITY with what it knows, learns the flags of what it has and the headers of what it
 * has not; then it waits for news. Of a message that the user opens it fetches the structure, then the part that is shown.
 * What the user wants is a queue of requests; one command runs at a time. Files: client.c (states, table, actions),
 * client_say.c (commands), client_requests.c (what is wanted next), client_stream.c (responses out of octets, entry points),
 * client_replies.c (what responses tell), client_fetch.c and client_structure.c (FETCH responses), client_memory.c (what
 * is known). */
#ifndef NETSTAGE_PROTO_IMAP_CLIENT_H
#define NETSTAGE_PROTO_IMAP_CLIENT_H

#include "base/arena.h"
#include "proto/imap/client_memory.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/lines.h"

enum {
    IMAP_CLIENT_LINE_MOST = 1024 * 1024,
    IMAP_CLIENT_MESSAGES_MOST = 1000000,
    IMAP_CLIENT_REQUESTS_MOST = 10000,
    IMAP_CLIENT_HEADERS_AT_ONCE = 500, /* UIDs named one by one in a command */
};

typedef struct {
    const char *user, *password;
    const char *mailbox;  /* the one that is read */
    const char *sent;     /* where copies of what the user writes go; NULL: nowhere */
    bool authenticate;    /* AUTHENTICATE where it is offered, else only where LOGIN is not */
    bool idle, move;      /* where they are offered */
    SimTime idle_for;     /* RFC 2177: 29 minutes at most */
    SimTime poll;         /* NOOP so often, without IDLE */
    SimTime patience;     /* for each response */
    uint32_t piece;       /* octets of an attachment that are asked for at once */
    uint64_t size_most;   /* octets of a response */
    uint64_t memory_most; /* octets that are remembered */
} ImapClientConfig;
extern const ImapClientConfig imap_client_config_default;

/* ---- What the user wants ---- */

#define IMAP_REQUESTS(X) X(OPEN) X(PART) X(FLAG) X(FILE) X(DELETE) X(KEEP)
typedef enum {
#define X(name) IMAP_REQUEST_##name,
    IMAP_REQUESTS(X)
#undef X
} ImapRequestKind;

typedef struct {
    ImapRequestKind kind;
    uint32_t uid;                     /* KEEP has none */
    char part[IMAP_PART_NUMBER_MOST]; /* PART */
    uint32_t from, octets;            /* PART: from where, how many at most */
    bool set;                         /* FLAG: or take away */
    char *flag, *mailbox;             /* FLAG; FILE and KEEP: where to. Owned */
    MailContent *content;             /* KEEP: held */
    /* How far it has come. */
    bool copied, marked; /* FILE, DELETE: the copy is made; \Deleted is set */
    bool shown;          /* OPEN */
    bool create;         /* the mailbox must be made first */
    bool created;
} ImapRequest;

/* ---- The machine ---- */

#define IMAP_CLIENT_STATES(X)                                                                                          \
    X(CLOSED)                                                                                                          \
    X(CONNECTING) X(GREETING) X(NOT_AUTHENTICATED) X(CAPABILITY) X(AUTHENTICATE) X(LOGIN) X(AUTHENTICATED)             \
        X(CAPABILITY_AGAIN) X(SELECT) X(SELECTED) X(STORING) X(FLAGS) X(HEADERS) X(STRUCTURE) X(PART) X(STORE) X(MOVE) \
            X(COPY) X(CREATE) X(EXPUNGE) X(APPEND) X(APPENDING) X(IDLE_SAID) X(IDLING) X(IDLE_DONE) X(WAITING) X(NOOP) \
                X(LOGOUT) X(CLOSING)
typedef enum {
#define X(name) IMAP_CLIENT_##name,
    IMAP_CLIENT_STATES(X)
#undef X
} ImapClientState;

typedef enum {
    IMAP_CLIENT_ON_CONNECT,
    IMAP_CLIENT_ON_OPEN,
    IMAP_CLIENT_ON_GREETED, /* untagged OK, as the first response */
    IMAP_CLIENT_ON_PREAUTH,
    IMAP_CLIENT_ON_BYE,
    IMAP_CLIENT_ON_OK, /* the tagged response of the command that runs */
    IMAP_CLIENT_ON_NO, /* NO or BAD */
    IMAP_CLIENT_ON_GO_ON,
    IMAP_CLIENT_ON_NONSENSE,
    IMAP_CLIENT_ON_NEXT,    /* no command runs: what comes next? */
    IMAP_CLIENT_ON_WISH,    /* the user wants something, or the mailbox has something new */
    IMAP_CLIENT_ON_LEARNED, /* somebody else has flagged or removed messages */
    IMAP_CLIENT_ON_WRITTEN,
    IMAP_CLIENT_ON_NOT_WRITTEN,
    IMAP_CLIENT_ON_TIMEOUT,
    IMAP_CLIENT_ON_WAITED, /* long enough: in IDLE, or for the next NOOP */
    IMAP_CLIENT_ON_STOP,
    IMAP_CLIENT_ON_PEER_CLOSED,
    IMAP_CLIENT_ON_ENDED,
} ImapClientInput;
enum { IMAP_CLIENT_TIMER_REPLY, IMAP_CLIENT_TIMER_WAIT };

extern const MachineSpec imap_client_spec; /* "imap.client" */
extern const StreamProtocol imap_client_stream;

typedef enum {
    IMAP_OUTCOME_NONE,
    IMAP_OUTCOME_DONE,
    IMAP_OUTCOME_LATER, /* it is worth trying again */
    IMAP_OUTCOME_REFUSED,
} ImapOutcome;

enum {
    IMAP_CAN_IDLE = 1,
    IMAP_CAN_MOVE = 2,
    IMAP_CAN_UIDPLUS = 4,
    IMAP_CAN_LITERAL_PLUS = 8,
    IMAP_CAN_SASL_IR = 16,
    IMAP_CAN_PLAIN = 32,
    IMAP_CAN_NOT_LOGIN = 64, /* LOGINDISABLED */
    IMAP_CAN_LITERAL_MINUS = 128,
};

typedef struct {
    Machine machine; /* initialised by the host */
    const ImapClientConfig *config;
    ImapMemory *memory; /* the host's */
    Arena *kept;        /* for texts that outlive the session: the world's */

    /* The response that is coming in. */
    LineReader lines;
    Text response;
    uint64_t literal_left;
    bool in_literal;
    const char *trouble; /* what is wrong with it: an identifier */
    Text words;          /* of the last tagged response, or of BYE: status and text */
    char code[16];       /* its response code: "TRYCREATE"; "" without */

    Arena *scratch; /* of a response */
    uint32_t tag;   /* of the command that runs, or of the last one */
    uint8_t capabilities;
    bool knows_capabilities, proof_sent;

    /* The mailbox as it has been told: UIDs by sequence number; 0: not known yet. */
    uint32_t *uids;
    size_t exists, uids_capacity;
    size_t exists_asked;                  /* so many of them have been asked for, told or not */
    uint32_t uid_validity;                /* as SELECT told it */
    uint32_t headers_to;                  /* headers of UIDs up to this one were asked for, come or not */
    bool flags_due, headers_due;          /* of what is known; of what is not */
    bool synchronized;                    /* both have come since the mailbox was opened */
    bool changed;                         /* memory holds more than the disk */
    bool news_due;                        /* the user wants to know what is new */
    uint64_t headers_read, octets_before; /* by HEADERS: how many; what had come before it */
    /* What the message is asked for: STRUCTURE, PART, STORE. */
    uint32_t asked_uid, asked_from, asked_octets; /* octets 0: the whole part */
    char asked_part[IMAP_PART_NUMBER_MOST];
    bool told; /* and it has come */

    bool leaving; /* the user goes off line */
    ImapRequest *requests;
    size_t request_count, request_capacity;

    uint64_t octets, round_trips;
    bool was_selected; /* in this session */
    bool reconnecting; /* an earlier session was cut off: set by the host */
    ImapOutcome outcome;
    const char *reason; /* of what went wrong: an identifier; NULL: nothing */
} ImapClient;

/* Once for each place of a pool. */
void imap_client_init(ImapClient *client);
/* Before a connection. Requests stay in their queue. */
void imap_client_begin(ImapClient *client, const ImapClientConfig *config, ImapMemory *memory, Arena *kept);
/* Takes the request's texts and content over. False: there are too many already; they are freed. Nothing is said yet: call
 * imap_client_wake. */
bool imap_client_request(ImapClient *client, const ImapRequest *request);
/* What can be answered from memory is answered; if the machine waits, it goes to work. Also without a connection. */
void imap_client_wake(ImapClient *client, Effects *effects);
/* Also: news is asked for now. */
void imap_client_check(ImapClient *client, Effects *effects);
/* The user goes off line: LOGOUT, when the command that runs is done. */
void imap_client_leave(ImapClient *client, Effects *effects);
/* Answer to ASK_MAILBOX_WRITE: what stood in memory when it was asked is on disk, or is not. */
void imap_client_written(ImapClient *client, bool written, Effects *effects);
/* The user's machine is switched off: the connection is broken off. */
void imap_client_stop(ImapClient *client, Effects *effects);
/* The connection is over, and another may begin. */
void imap_client_end(ImapClient *client);
/* What the user wanted is forgotten. */
void imap_client_forget_requests(ImapClient *client);
void imap_client_release(ImapClient *client);

#endif
