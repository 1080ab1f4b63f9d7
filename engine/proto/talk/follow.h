/* Following a conversation from outside: out of the octets of both directions come commands, replies and contents, each
 * as a whole and cut as the protocols' own machines cut them. What is followed is only noted: whatever is said, right or
 * wrong, nothing here refuses it. */
#ifndef NETSTAGE_PROTO_TALK_FOLLOW_H
#define NETSTAGE_PROTO_TALK_FOLLOW_H

#include "base/text.h"
#include "proto/smtp/content.h"
#include "proto/smtp/reply.h"
#include "sim/stream.h"

enum { FOLLOW_CONTENT_MOST = 256 * 1024 * 1024 }; /* octets of a content or literal that are kept */

typedef struct {
    void *self;
    /* Something is whole. */
    void (*note)(void *self, bool from_client, StreamPart part, Bytes octets);
} Listener;

/* What the server's next replies are to: RFC 1939 section 3 says which have more than one line. */
typedef enum { POP3_ANSWER_LINE, POP3_ANSWER_LISTING, POP3_ANSWER_CONTENT } Pop3Answer;

typedef struct {
    uint8_t *answers; /* Pop3Answer, first asked first */
    size_t count, capacity;
    bool greeted, in_body;
    Pop3Answer body;
    Text status;
} Pop3Following;

/* A command, or a response, and the literals in it (RFC 3501 section 4.3). */
typedef struct {
    Text text;
    size_t noted; /* octets of the text that have been */
    uint64_t literal_left;
    bool begun, in_literal, waits; /* until the server lets the literal come */
    bool is_message;               /* the literal is what is appended */
    uint64_t waiting;              /* octets of the literal that is waited for */
} ImapFollowing;

typedef struct {
    uint8_t proto; /* TraceProto */
    LineReader commands, lines;
    SmtpReplyReader replies;
    SmtpContent content;
    bool content_follows;
    Pop3Following pop3;
    ImapFollowing command, response;
} Follower;

void follower_init(Follower *follower);
/* Begins with a new connection. */
void follower_begin(Follower *follower, uint8_t proto);
void follower_take(Follower *follower, bool from_client, Bytes octets, const Listener *listener);
void follower_release(Follower *follower);

/* The protocols (follow_pop3.c, follow_imap.c). */
void follow_pop3(Follower *follower, bool from_client, Bytes octets, const Listener *listener);
void follow_imap(Follower *follower, bool from_client, Bytes octets, const Listener *listener);
void follow_imap_begin(ImapFollowing *following);

#endif
