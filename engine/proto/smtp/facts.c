#include "proto/smtp/facts.h"

const FactSpec fact_smtp_phase = {"smtp.phase", 1, {{"phase", FACT_NAME}}};
const FactSpec fact_smtp_authenticated = {"smtp.authenticated", 1, {{"user", FACT_TEXT}}};
const FactSpec fact_smtp_accepted = {
    "smtp.accepted", 3, {{"number", FACT_NUMBER}, {"recipients", FACT_NUMBER}, {"size", FACT_NUMBER}}};
