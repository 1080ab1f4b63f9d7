/* A maildrop as one session sees it (RFC 1939 sections 3 to 6): the messages that were in the mailbox when it was locked,
 * numbered from 1, with their sizes and the marks of deletion. What comes later does not show. */
#ifndef NETSTAGE_PROTO_POP3_MAILDROP_H
#define NETSTAGE_PROTO_POP3_MAILDROP_H

#include "mail/mailbox.h"

typedef struct {
    StoredMessage *message; /* held */
    uint64_t size;          /* octets as they are transmitted, without stuffing (section 11) */
    bool deleted;
} Pop3Message;

typedef struct {
    MailAccount *account; /* locked; NULL: none */
    Mailbox *inbox;       /* held */
    Pop3Message *messages;
    size_t count, capacity;
    size_t left;     /* not marked as deleted */
    uint64_t octets; /* of these */
} Pop3Maildrop;

/* How many octets a message has when every line ends with CRLF, however it is kept. */
uint64_t pop3_transmitted_size(Bytes content);
/* The header, the blank line and so many lines of the body: how much of the content that is (section 7, TOP). */
size_t pop3_top_size(Bytes content, uint64_t lines);

/* Takes the lock, in the name of `owner`: the account must be free. */
void pop3_maildrop_open(Pop3Maildrop *drop, MailAccount *account, const void *owner);
/* Gives the lock back if `owner` has it, and everything that is held. */
void pop3_maildrop_close(Pop3Maildrop *drop, const void *owner);
void pop3_maildrop_mark(Pop3Maildrop *drop, size_t index);
void pop3_maildrop_unmark_all(Pop3Maildrop *drop);

/* What a session that has entered the UPDATE state removes: it is carried out when the disk has written, whether the
 * session still stands or not. */
typedef struct {
    MailAccount *account;
    Mailbox *inbox;
    StoredMessage **messages; /* by UID, each held */
    size_t count;
} Pop3Update;

/* Takes over the lock. The caller carries the update out or drops it. */
Pop3Update *pop3_update_new(Pop3Maildrop *drop);
/* Removes the messages, gives the lock back, frees the update; returns how many there still were to remove. */
size_t pop3_update_carry_out(Pop3Update *update);
/* Nothing is removed; the lock is given back. */
void pop3_update_drop(Pop3Update *update);

#endif
