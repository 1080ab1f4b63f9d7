/* Between the files of the IMAP client. */
#ifndef NETSTAGE_PROTO_IMAP_CLIENT_INSIDE_H
#define NETSTAGE_PROTO_IMAP_CLIENT_INSIDE_H

#include "mail/octets.h"
#include "proto/imap/client.h"
#include "proto/imap/syntax.h"

static inline bool imap_client_is(const ImapClient *c, ImapClientState state) { return c->machine.state == state; }
static inline bool imap_client_can(const ImapClient *c, uint8_t what) { return c->capabilities & what; }

/* ---- client_requests.c ---- */

/* What is wanted once the mailbox is open and no command runs. */
#define IMAP_WANTS(X)                                                                                                  \
    X(WRITE)                                                                                                           \
    X(LOGOUT) X(FLAGS) X(HEADERS) X(NEWS) X(STRUCTURE) X(PART) X(STORE) X(MOVE) X(COPY) X(CREATE) X(EXPUNGE) X(APPEND) \
        X(REST)
typedef enum {
#define X(name) IMAP_WANT_##name,
    IMAP_WANTS(X)
#undef X
} ImapWant;
ImapWant imap_client_want(const ImapClient *c);
/* Requests that memory can answer, or that nothing can, leave the queue. Not while a command runs that one is about. */
void imap_client_settle(ImapClient *c, Effects *effects);
/* The one that is worked at. */
ImapRequest *imap_client_head(const ImapClient *c);
void imap_client_pop(ImapClient *c);
void imap_client_refuse(ImapClient *c, const char *reason, Effects *effects);
/* The flag that is told for the head, "\\Seen"; and whether it is set. */
const char *imap_client_flag_wanted(const ImapClient *c, bool *set);
/* What a user sees of a message: its text, decoded. */
const char *imap_client_text(Arena *kept, const ImapKnown *known, const ImapPart *part);

/* ---- client_say.c ---- */

void imap_client_say_words(ImapClient *c, const char *words, Effects *effects);
void imap_client_say_proof(ImapClient *c, Effects *effects);
void imap_client_say_authenticate(ImapClient *c, Effects *effects);
void imap_client_say_login(ImapClient *c, Effects *effects);
void imap_client_say_mailbox(ImapClient *c, const char *verb, const char *mailbox, Effects *effects);
void imap_client_say_flags(ImapClient *c, Effects *effects);
void imap_client_say_headers(ImapClient *c, Effects *effects);
void imap_client_say_structure(ImapClient *c, Effects *effects);
void imap_client_say_part(ImapClient *c, Effects *effects);
void imap_client_say_store(ImapClient *c, Effects *effects);
void imap_client_say_transfer(ImapClient *c, const char *verb, Effects *effects);
void imap_client_say_expunge(ImapClient *c, Effects *effects);
/* RFC 7888: LITERAL+, or LITERAL- and a message that is small enough. */
bool imap_client_may_append_at_once(const ImapClient *c);
/* Then the message follows at once, else when the server says "+". */
void imap_client_say_append(ImapClient *c, Effects *effects);
void imap_client_say_message(ImapClient *c, Effects *effects);
/* A line without a tag: DONE, an answer to a challenge. */
void imap_client_say_line(ImapClient *c, const char *line, Effects *effects);

/* ---- client_replies.c ---- */

/* A whole response, which stands in c->response. */
void imap_client_take_response(ImapClient *c, Effects *effects);
/* What the mailbox has and the client has no header of, as a set of UIDs: "12,14:*", of at most IMAP_CLIENT_HEADERS_AT_ONCE
 * pieces. False: there is nothing, or all of it was asked for already. */
typedef struct {
    Text set;
    uint32_t uid_last; /* that is named by itself; 0: none */
    size_t scanned;    /* so many messages were looked at */
    bool more;         /* than fits into one command */
} ImapMissing;
bool imap_client_missing(const ImapClient *c, ImapMissing *missing);
void imap_client_state_known(ImapClient *c, Effects *effects);

/* ---- client_fetch.c, client_structure.c ---- */

/* A FETCH response behind "* 3 FETCH ". */
void imap_client_take_fetch(ImapClient *c, ImapReader *r, uint32_t number, Effects *effects);
/* A BODYSTRUCTURE as the parts that it has; NULL: it cannot be read. */
ImapStructure *imap_read_structure(ImapReader *r);
/* Any value: an atom, a number, a string, a list of them. */
bool imap_skip_value(ImapReader *r);

#endif
