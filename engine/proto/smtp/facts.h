/* What SMTP's machines state about mail. */
#ifndef NETSTAGE_PROTO_SMTP_FACTS_H
#define NETSTAGE_PROTO_SMTP_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_smtp_phase;         /* "smtp.phase": connection set-up, mail transfer, release (row M10) */
extern const FactSpec fact_smtp_authenticated; /* "smtp.authenticated" */
extern const FactSpec fact_smtp_accepted;      /* "smtp.accepted": the server has answered for a message */

#endif
