/* Between the files of the POP3 server. */
#ifndef NETSTAGE_PROTO_POP3_SERVER_INSIDE_H
#define NETSTAGE_PROTO_POP3_SERVER_INSIDE_H

#include "mail/octets.h"
#include "proto/pop3/server.h"

/* A command being carried out: what it says, and what is to be answered. */
typedef struct {
    Bytes argument;       /* what stands behind the verb and a space */
    Bytes words[2];       /* of it */
    size_t word_count;    /* 3: more than two */
    size_t index;         /* of the message it names */
    bool refused, asked;  /* -ERR; a challenge, and the answer to it is awaited */
    const char *code;     /* "IN-USE": RFC 2449 section 8; NULL: none */
    const char *method;   /* of a login: an identifier */
    const char *reason;   /* why a login was refused: likewise; NULL: it was none */
    MailAccount *account; /* a login's, when it is taken */
    Text text;            /* behind +OK or -ERR */
    bool multi;           /* server->listing or server->content follows */
} Pop3Command;

void pop3_refuse(Pop3Command *c, const char *code, const char *text);
/* A text of the scenario's, or the machine's own, with its values filled in. */
void pop3_put_text(const Pop3Server *s, Pop3TextKey key, Text *text);
void pop3_server_reply(Pop3Server *s, Pop3Command *c, Effects *effects);
/* What was said is written: at the end of every input, and before a close. */
void pop3_server_flush(Pop3Server *s, Effects *effects);
/* The client has its time anew. */
void pop3_server_set_idle(Pop3Server *s, Effects *effects);
/* Whether what follows a reply is more than one piece. */
bool pop3_server_is_long(const Pop3Server *s);
/* Puts the next piece of it behind the replies; true: that was the last. */
bool pop3_server_put_piece(Pop3Server *s);
void pop3_server_forget_sending(Pop3Server *s);

/* Carries out a command line, or a line that is none for the reason given (NULL: it is sound). */
void pop3_server_command(Pop3Server *s, Bytes line, const char *trouble, Effects *effects);
/* The answer to a challenge. */
void pop3_server_auth_line(Pop3Server *s, Bytes line, const char *trouble, Effects *effects);

typedef void Pop3Judge(Pop3Server *s, Pop3Command *c, SimTime now);
Pop3Judge pop3_judge_user, pop3_judge_pass, pop3_judge_apop, pop3_judge_auth;

#endif
