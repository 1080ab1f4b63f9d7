#include "proto/dns/facts.h"

const FactSpec fact_dns_resolved = {
    "dns.resolved",
    5,
    {{"name", FACT_TEXT}, {"address", FACT_IPV4}, {"server", FACT_IPV4}, {"ttl", FACT_SPAN}, {"cached", FACT_NUMBER}}};
const FactSpec fact_dns_failed = {"dns.failed", 2, {{"name", FACT_TEXT}, {"reason", FACT_NAME}}};
