#include "proto/dhcp/facts.h"

const FactSpec fact_dhcp_offered = {
    "dhcp.offered", 3, {{"address", FACT_IPV4}, {"server", FACT_IPV4}, {"lease", FACT_SPAN}}};
const FactSpec fact_dhcp_chosen = {
    "dhcp.chosen", 3, {{"address", FACT_IPV4}, {"server", FACT_IPV4}, {"lease", FACT_SPAN}}};
const FactSpec fact_dhcp_bound = {"dhcp.bound",
                                  7,
                                  {{"interface", FACT_NUMBER},
                                   {"address", FACT_IPV4},
                                   {"server", FACT_IPV4},
                                   {"started", FACT_TIME},
                                   {"t1", FACT_TIME},
                                   {"t2", FACT_TIME},
                                   {"expires", FACT_TIME}}};
const FactSpec fact_dhcp_unbound = {"dhcp.unbound", 2, {{"address", FACT_IPV4}, {"reason", FACT_NAME}}};
const FactSpec fact_dhcp_informed = {"dhcp.informed", 2, {{"address", FACT_IPV4}, {"server", FACT_IPV4}}};
const FactSpec fact_dhcp_binding = {
    "dhcp.binding", 4, {{"address", FACT_IPV4}, {"state", FACT_NAME}, {"mac", FACT_MAC}, {"expires", FACT_TIME}}};
const FactSpec fact_dhcp_pool_exhausted = {"dhcp.pool_exhausted", 2, {{"subnet", FACT_IPV4}, {"mac", FACT_MAC}}};
const FactSpec fact_dhcp_relayed = {
    "dhcp.relayed", 4, {{"xid", FACT_NUMBER}, {"giaddr", FACT_IPV4}, {"hops", FACT_NUMBER}, {"to", FACT_IPV4}}};
