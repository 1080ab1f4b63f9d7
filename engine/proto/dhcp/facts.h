/* What DHCP's machines state. */
#ifndef NETSTAGE_PROTO_DHCP_FACTS_H
#define NETSTAGE_PROTO_DHCP_FACTS_H

#include "sim/effects.h"

extern const FactSpec fact_dhcp_offered;        /* client kept an offer: address, server, lease */
extern const FactSpec fact_dhcp_chosen;         /* client chose one: address, server, lease */
extern const FactSpec fact_dhcp_bound;          /* interface, address, server, started, t1, t2, expires */
extern const FactSpec fact_dhcp_unbound;        /* address, reason */
extern const FactSpec fact_dhcp_informed;       /* address, server */
extern const FactSpec fact_dhcp_binding;        /* server's table changed: address, state (a name), mac, expires */
extern const FactSpec fact_dhcp_pool_exhausted; /* subnet, mac */
extern const FactSpec fact_dhcp_relayed;        /* relay: xid, giaddr, hops, to */

#endif
