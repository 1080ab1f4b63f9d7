/* What the IMAP server states about mailboxes. */
#ifndef NETSTAGE_PROTO_IMAP_SERVER_FACTS_H
#define NETSTAGE_PROTO_IMAP_SERVER_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_imap_authenticated; /* "imap.authenticated" */
extern const FactSpec fact_imap_selected;      /* "imap.selected": a mailbox is open to this session */
extern const FactSpec fact_imap_closed;        /* "imap.closed": no longer */
extern const FactSpec fact_imap_fetched;       /* "imap.fetched": so much of so many messages was sent */
extern const FactSpec fact_imap_flags;         /* "imap.flags": STORE, or reading, has set flags */
extern const FactSpec fact_imap_removed;       /* "imap.removed": which they were, one each; also of MOVE */
extern const FactSpec fact_imap_expunged;      /* "imap.expunged": messages are gone for good */
extern const FactSpec fact_imap_appended;      /* "imap.appended" */
extern const FactSpec fact_imap_copied;        /* "imap.copied" */
extern const FactSpec fact_imap_moved;         /* "imap.moved" */

#endif
