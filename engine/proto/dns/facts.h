/* What DNS's machines state about the domain. */
#ifndef NETSTAGE_PROTO_DNS_FACTS_H
#define NETSTAGE_PROTO_DNS_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_dns_resolved; /* name, address, server, ttl, cached (1: remembered, nobody was asked) */
extern const FactSpec fact_dns_answered; /* of another type than A: name, type, data, server, ttl, cached */
extern const FactSpec fact_dns_failed;   /* name, reason: "dns.no_answer", "dns.name_error", "dns.no_data" … */
/* A resolver remembers something: name, type ("" with a name that does not exist), data ("10 mail.example.org";
 * "NXDOMAIN", "NODATA", "SERVFAIL"), server, ttl, expires_at. */
extern const FactSpec fact_dns_cached;

#endif
