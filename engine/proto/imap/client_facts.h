/* What an IMAP client states. */
#ifndef NETSTAGE_PROTO_IMAP_CLIENT_FACTS_H
#define NETSTAGE_PROTO_IMAP_CLIENT_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_imap_uidvalidity_changed; /* "imap.uidvalidity_changed": what was known counts no longer */
extern const FactSpec fact_imap_header;              /* "imap.header": one message's flags, size, envelope have come */
extern const FactSpec fact_imap_headers_read;        /* "imap.headers_read": so many of them */
extern const FactSpec fact_imap_synchronized;        /* "imap.synchronized": what is known is what the server has */
extern const FactSpec fact_imap_structure_read;      /* "imap.structure_read": which parts a message has */
extern const FactSpec fact_imap_part_read;           /* "imap.part_read": some octets of a part have come */
extern const FactSpec fact_imap_opened;              /* "imap.opened": the user sees a message's text */
extern const FactSpec fact_imap_part_whole;          /* "imap.part_whole": what the user wanted of a part is there */
extern const FactSpec fact_imap_flag_told;    /* "imap.flag_told": the server has set a flag at the user's wish */
extern const FactSpec fact_imap_flag_heard;   /* "imap.flag_heard": flags were changed elsewhere */
extern const FactSpec fact_imap_message_gone; /* "imap.message_gone": a message is no longer in the mailbox */
extern const FactSpec fact_imap_filed;        /* "imap.filed": the user's message lies in another mailbox */
extern const FactSpec fact_imap_deleted;      /* "imap.deleted": at the user's wish */
extern const FactSpec fact_imap_kept;         /* "imap.kept": a copy of what the user wrote is at the server */
extern const FactSpec fact_imap_refused;      /* "imap.refused": what the user wanted cannot be had */
extern const FactSpec fact_imap_reconnected;  /* "imap.reconnected": with all that was known still known */
extern const FactSpec fact_imap_done;         /* "imap.done": a session ended in order, with what it cost */
extern const FactSpec fact_imap_failed;       /* "imap.failed": a session came to nothing, or was cut off */

#endif
