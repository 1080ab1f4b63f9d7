#include "proto/pop3/facts.h"

const FactSpec fact_pop3_phase = {"pop3.phase", 1, {{"phase", FACT_NAME}}};
const FactSpec fact_pop3_logged_in = {
    "pop3.logged_in",
    4,
    {{"user", FACT_TEXT}, {"method", FACT_NAME}, {"messages", FACT_NUMBER}, {"size", FACT_NUMBER}}};
const FactSpec fact_pop3_login_refused = {"pop3.login_refused", 1, {{"reason", FACT_NAME}}};
const FactSpec fact_pop3_updated = {
    "pop3.updated", 3, {{"user", FACT_TEXT}, {"removed", FACT_NUMBER}, {"left", FACT_NUMBER}}};
const FactSpec fact_pop3_removed = {"pop3.removed", 2, {{"user", FACT_TEXT}, {"uid", FACT_NUMBER}}};
const FactSpec fact_pop3_lost = {"pop3.lost", 2, {{"user", FACT_TEXT}, {"marked", FACT_NUMBER}}};
const FactSpec fact_pop3_listed = {
    "pop3.listed", 3, {{"messages", FACT_NUMBER}, {"size", FACT_NUMBER}, {"new", FACT_NUMBER}}};
const FactSpec fact_pop3_header = {
    "pop3.header", 4, {{"number", FACT_NUMBER}, {"size", FACT_NUMBER}, {"from", FACT_TEXT}, {"subject", FACT_TEXT}}};
const FactSpec fact_pop3_retrieved = {"pop3.retrieved",
                                      6,
                                      {{"number", FACT_NUMBER},
                                       {"uid", FACT_TEXT},
                                       {"size", FACT_NUMBER},
                                       {"from", FACT_TEXT},
                                       {"subject", FACT_TEXT},
                                       {"messages", FACT_NUMBER}}};
const FactSpec fact_pop3_deleted = {"pop3.deleted", 1, {{"number", FACT_NUMBER}}};
const FactSpec fact_pop3_done = {"pop3.done",
                                 5,
                                 {{"messages", FACT_NUMBER},
                                  {"new", FACT_NUMBER},
                                  {"deleted", FACT_NUMBER},
                                  {"octets", FACT_NUMBER},
                                  {"round_trips", FACT_NUMBER}}};
const FactSpec fact_pop3_failed = {
    "pop3.failed",
    4,
    {{"reason", FACT_NAME}, {"text", FACT_TEXT}, {"octets", FACT_NUMBER}, {"round_trips", FACT_NUMBER}}};
