/* What DNS's machines state about the domain. */
#ifndef NETSTAGE_PROTO_DNS_FACTS_H
#define NETSTAGE_PROTO_DNS_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_dns_resolved; /* name, address, server, ttl, cached (1: remembered, nobody was asked) */
extern const FactSpec fact_dns_failed;   /* name, reason: "dns.no_answer", "dns.name_error", "dns.no_address" … */

#endif
