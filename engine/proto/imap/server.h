/* The IMAP server: RFC 3501 (IMAP4rev1), as one machine a connection, with IDLE (RFC 2177), UIDPLUS (4315), LITERAL+ and LITERAL-
 * (7888), NAMESPACE (2342), UNSELECT (3691), MOVE (6851), CHILDREN (3348), ID (2971), ENABLE (5161), SPECIAL-USE (6154) and
 * SASL-IR (4959).
 *
 * A session is handed octets, puts commands together out of lines and literals, and carries them out one at a time, in
 * the order in which they came. What changes a mailbox is first asked of the host (ASK_MAILBOX_WRITE) and done, and
 * answered, only when the disk has written. Files: server.c (states, table, actions), server_stream.c (octets in, entry
 * points), server_commands.c (one row a command, and the short ones), server_login.c, server_mailboxes.c, server_lists.c,
 * server_append.c, server_fetch.c, server_store.c, server_search.c, server_replies.c, server_view.c (what a session has
 * been told of its mailbox). */
#ifndef NETSTAGE_PROTO_IMAP_SERVER_H
#define NETSTAGE_PROTO_IMAP_SERVER_H

#include "proto/imap/server_view.h"
#include "proto/imap/syntax.h"
#include "sim/stream.h"
#include "sim/trace.h"
#include "wire/lines.h"

/* ---- What a session may know of its host ---- */

typedef struct {
    void *self;
    /* Whose mailboxes open to this name and password; NULL: none. */
    MailAccount *(*log_in)(void *self, Bytes user, Bytes password);
    uint64_t (*quota)(void *self, const MailAccount *account); /* octets; 0: none */
    uint64_t (*room)(void *self);                              /* octets that the disk still takes */
    const char *(*keep)(void *self, const char *text);         /* for as long as the run: what facts point to */
} ImapOffice;

/* RFC 7888: literals that are sent without waiting, any of them, those of at most 4,096 octets, or none. */
typedef enum { IMAP_LITERAL_PLUS, IMAP_LITERAL_MINUS, IMAP_LITERAL_SYNCHRONIZING } ImapLiterals;

typedef struct {
    const char *name;         /* of the host, as it greets */
    ImapLiterals literals;
    uint64_t size_most;       /* octets of a message that is appended */
    bool login_disabled;      /* LOGINDISABLED (section 6.2.3): AUTHENTICATE alone */
    SimTime autologout;       /* section 5.4: at least 30 minutes */
    SimTime autologout_early; /* before anybody has logged in */
    uint16_t errors_most;     /* BAD commands in a row, or refused logins, then BYE; 0: no limit */
    int64_t civil_start_s;    /* seconds since 1970 when the run begins: INTERNALDATE of what is appended without one */
} ImapServerConfig;
extern const ImapServerConfig imap_server_config_default;

/* Octets of a command without the message that APPEND brings; and of one line of it. */
enum { IMAP_COMMAND_MOST = 128 * 1024, IMAP_LINE_MOST = 64 * 1024, IMAP_LITERAL_MOST = 64 * 1024 };
/* A FETCH that says more than this is said piece by piece, as the stream takes it. */
enum { IMAP_FETCH_AT_ONCE = 64 * 1024 };

/* ---- The machine ---- */

#define IMAP_SERVER_STATES(X)                                                                                        \
    X(CLOSED)                                                                                                        \
    X(NOT_AUTHENTICATED)                                                                                             \
    X(AUTHENTICATING) X(AUTHENTICATED) X(SELECTED) X(FETCHING) X(FETCHING_LAST) X(WRITING) X(WRITING_LAST) X(IDLING) \
        X(LOGOUT)
typedef enum {
#define X(name) IMAP_SERVER_##name,
    IMAP_SERVER_STATES(X)
#undef X
} ImapServerState;

#define IMAP_COMMANDS(X)                                                                                     \
    X(CAPABILITY)                                                                                            \
    X(NOOP)                                                                                                  \
    X(LOGOUT) X(ID) X(AUTHENTICATE) X(LOGIN) X(SELECT) X(EXAMINE) X(CREATE) X(DELETE) X(RENAME) X(SUBSCRIBE) \
        X(UNSUBSCRIBE) X(LIST) X(LSUB) X(STATUS) X(APPEND) X(NAMESPACE) X(ENABLE) X(IDLE) X(CHECK) X(CLOSE)  \
            X(UNSELECT) X(EXPUNGE) X(SEARCH) X(FETCH) X(STORE) X(COPY) X(MOVE)

typedef enum {
    IMAP_SERVER_ON_OPEN,    /* the connection stands */
    IMAP_SERVER_ON_REFUSED, /* a command that is not known, not allowed here, badly written, or can't be carried out */
    IMAP_SERVER_ON_AUTOLOGOUT, /* the timer */
    IMAP_SERVER_ON_SHUT_DOWN,
    IMAP_SERVER_ON_PEER_CLOSED,
    IMAP_SERVER_ON_ENDED,
    IMAP_SERVER_ON_AUTH_LINE, /* the answer to a challenge */
    IMAP_SERVER_ON_DONE,      /* ends IDLE */
    IMAP_SERVER_ON_CHANGED,   /* the selected mailbox, by somebody else */
    IMAP_SERVER_ON_WRITTEN,
    IMAP_SERVER_ON_NOT_WRITTEN,
    IMAP_SERVER_ON_ROOM, /* the stream takes more */
#define X(name) IMAP_SERVER_ON_##name,
    IMAP_COMMANDS(X)
#undef X
} ImapServerInput;
enum { IMAP_SERVER_TIMER_AUTOLOGOUT };

extern const MachineSpec imap_server_spec; /* "imap.server" */
extern const StreamProtocol imap_server_stream;

/* ---- A command ---- */

typedef enum { IMAP_OK, IMAP_NO, IMAP_BAD } ImapStatus;
typedef enum { IMAP_STORE_REPLACE, IMAP_STORE_ADD, IMAP_STORE_REMOVE } ImapStoreKind;

/* What was read of it, and what it comes to. Lives until the next command begins. */
typedef struct {
    const struct ImapCommandRow *row; /* NULL: none of that name */
    ImapReader reader;
    Bytes tag; /* empty: none could be read */

    Bytes mailbox, other; /* UTF-8; LIST: reference and pattern */
    Bytes user, password; /* AUTHENTICATE: mechanism and initial response */
    bool has_initial;
    uint32_t items; /* STATUS: a bit for each */
    ImapFlagNames flags;
    int64_t date_s;
    bool has_date;
    Bytes content;
    ImapSet set;
    bool has_set; /* EXPUNGE: of UID EXPUNGE */
    ImapFetchList fetch;
    ImapStoreKind store;
    bool silent;
    ImapKey *key;
    bool bad_charset;

    Mailbox *target;     /* SELECT: which mailbox */
    uint32_t *chosen;    /* which messages: indexes in the view, ascending */
    size_t chosen_count; /* and how far FETCH has come */
    size_t chosen_next;
    uint64_t octets; /* FETCH: about so many are to be said */
    bool reads;      /* FETCH: sets \Seen */
    bool writes;     /* the disk is to be asked first */
    bool asks_more;  /* AUTHENTICATE: the text is a challenge */
    bool closes;     /* nothing good can follow: the session ends */
    bool some_gone;  /* of the messages chosen, some exist no longer */

    ImapStatus status;
    const char *code; /* "[TRYCREATE]", without brackets; NULL: none */
    const char *text;
} ImapCommand;

typedef struct ImapServer ImapServer;

/* A command, and the states it is allowed in. */
typedef struct ImapCommandRow {
    const char *name; /* "UID FETCH" */
    uint8_t input;
    uint16_t states;    /* a bit for each ImapServerState */
    bool uid;           /* its numbers are UIDs */
    bool keeps_numbers; /* no EXPUNGE while it is answered (section 7.4.1) */
    /* Reads the arguments; a fault is noted in the reader. NULL: there are none. */
    void (*parse)(ImapServer *server, ImapCommand *command);
    /* Whether it can be done, and whether it writes: sets status, code and text, or `writes`. NULL: it always can. */
    void (*judge)(ImapServer *server, ImapCommand *command);
    /* Does it, and says what is said before the tagged response. NULL: nothing. */
    void (*carry_out)(ImapServer *server, ImapCommand *command, Effects *effects);
} ImapCommandRow;
size_t imap_command_count(void);
const ImapCommandRow *imap_command_row(size_t index);

/* ---- A session ---- */

struct ImapServer {
    Machine machine; /* initialised by the host */
    const ImapServerConfig *config;
    const ImapOffice *office;
    Arena *scratch; /* of a command: emptied before the next */
    LineReader lines;
    Text text;                                  /* the command so far: lines, and literals in their places */
    uint64_t literal_left;                      /* octets of a literal that are still to come */
    uint64_t message_size;                      /* of the message that APPEND brings, once it has begun */
    bool collecting, in_literal, hears_message; /* a command has begun; one of its literals; and that is a message */
    size_t heard_to;                            /* so much of the text has been noted as heard */
    Text replies;                               /* said and not yet written */
    size_t reply_at;                            /* where the response that is being put together begins */
    MailAccount *account;                       /* whose mailboxes; NULL: nobody has logged in */
    const char *user;
    ImapView view; /* of the mailbox that is selected; view.mailbox NULL: none */
    ImapCommand command;
    uint8_t auth_step;
    char auth_name[256];
    uint16_t errors; /* BAD commands in a row, or refused logins */
    bool one_too_many; /* more connections than the server serves: set by the host after the beginning */
};

/* Once for each place of a pool. */
void imap_server_init(ImapServer *server);
/* Before a connection. */
void imap_server_begin(ImapServer *server, const ImapServerConfig *config, const ImapOffice *office);
/* The host's answer to ASK_MAILBOX_WRITE: the disk has written; or it has not, because it is full or fails. The session
 * changes its account during the call. */
void imap_server_written(ImapServer *server, bool written, bool full, Effects *effects);
/* The selected mailbox was changed by somebody else: who idles is told (RFC 2177). */
void imap_server_changed(ImapServer *server, Effects *effects);
void imap_server_shut_down(ImapServer *server, Effects *effects);
/* The session is over and may begin again. */
void imap_server_end(ImapServer *server);
/* Everything it holds is given back. */
void imap_server_release(ImapServer *server);

#endif
