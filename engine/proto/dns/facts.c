#include "proto/dns/facts.h"

const FactSpec fact_dns_resolved = {
    "dns.resolved",
    5,
    {{"name", FACT_TEXT}, {"address", FACT_IPV4}, {"server", FACT_IPV4}, {"ttl", FACT_SPAN}, {"cached", FACT_NUMBER}}};
const FactSpec fact_dns_failed = {"dns.failed", 2, {{"name", FACT_TEXT}, {"reason", FACT_NAME}}};
const FactSpec fact_dns_answered = {"dns.answered",
                                    6,
                                    {{"name", FACT_TEXT},
                                     {"type", FACT_TEXT},
                                     {"data", FACT_TEXT},
                                     {"server", FACT_IPV4},
                                     {"ttl", FACT_SPAN},
                                     {"cached", FACT_NUMBER}}};
const FactSpec fact_dns_cached = {"dns.cached",
                                  6,
                                  {{"name", FACT_TEXT},
                                   {"type", FACT_TEXT},
                                   {"data", FACT_TEXT},
                                   {"server", FACT_IPV4},
                                   {"ttl", FACT_SPAN},
                                   {"expires_at", FACT_TIME}}};
