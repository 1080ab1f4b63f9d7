/* What POP3's machines state. */
#ifndef NETSTAGE_PROTO_POP3_FACTS_H
#define NETSTAGE_PROTO_POP3_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_pop3_phase; /* "pop3.phase": which of the session's three states has begun (RFC 1939 3) */
extern const FactSpec fact_pop3_logged_in;     /* "pop3.logged_in": a user has the maildrop, with what is in it */
extern const FactSpec fact_pop3_login_refused; /* "pop3.login_refused" */
extern const FactSpec fact_pop3_updated;       /* "pop3.updated": a server has removed what was marked */
extern const FactSpec fact_pop3_removed;       /* "pop3.removed": which they were, one each */
extern const FactSpec fact_pop3_lost;          /* "pop3.lost": a session ended without QUIT; what was marked stays */
extern const FactSpec fact_pop3_listed;        /* "pop3.listed": a client knows what is in the maildrop */
extern const FactSpec fact_pop3_header;        /* "pop3.header": TOP has fetched a message's header */
extern const FactSpec fact_pop3_retrieved;     /* "pop3.retrieved": a message lies on the client's own disk */
extern const FactSpec fact_pop3_deleted;       /* "pop3.deleted": a server has marked a message, at the client's wish */
extern const FactSpec fact_pop3_done;          /* "pop3.done": a client's session, with what it cost */
extern const FactSpec fact_pop3_failed;        /* "pop3.failed": a client's session came to nothing, or was cut off */

#endif
