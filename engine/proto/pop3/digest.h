/* APOP's proof (RFC 1939 section 7): the MD5 digest (RFC 1321) of the greeting's timestamp with the secret behind it. */
#ifndef NETSTAGE_PROTO_POP3_DIGEST_H
#define NETSTAGE_PROTO_POP3_DIGEST_H

#include "base/bytes.h"

enum { POP3_DIGEST = 32, POP3_STAMP_MOST = 300 };

/* In lower-case hexadecimal digits. */
void pop3_digest(const char *stamp, const char *secret, char digest[POP3_DIGEST + 1]);
/* The timestamp of a greeting, angle brackets included; empty if it has none. */
Bytes pop3_stamp_in(Bytes greeting);

#endif
