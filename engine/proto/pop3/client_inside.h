/* Between the files of the POP3 client. */
#ifndef NETSTAGE_PROTO_POP3_CLIENT_INSIDE_H
#define NETSTAGE_PROTO_POP3_CLIENT_INSIDE_H

#include "mail/octets.h"
#include "proto/pop3/client.h"

/* What follows from what is known so far, for the message that it is about; false: nothing of the kind is left. */
bool pop3_client_next_top(const Pop3Client *c, size_t *at);
bool pop3_client_next_retr(const Pop3Client *c, size_t *at);
bool pop3_client_next_dele(const Pop3Client *c, size_t *at);

#endif
