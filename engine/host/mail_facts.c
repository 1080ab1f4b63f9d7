#include "host/mail_facts.h"

const FactSpec fact_mail_composed = {
    "mail.composed",
    4,
    {{"from", FACT_TEXT}, {"recipients", FACT_NUMBER}, {"size", FACT_NUMBER}, {"subject", FACT_TEXT}}};
const FactSpec fact_mail_queued = {"mail.queued",
                                   5,
                                   {{"entry", FACT_NUMBER},
                                    {"domain", FACT_TEXT},
                                    {"from", FACT_TEXT},
                                    {"recipients", FACT_NUMBER},
                                    {"size", FACT_NUMBER}}};
const FactSpec fact_mail_sent = {
    "mail.sent", 4, {{"entry", FACT_NUMBER}, {"recipient", FACT_TEXT}, {"host", FACT_TEXT}, {"code", FACT_NUMBER}}};
const FactSpec fact_mail_refused = {
    "mail.refused", 4, {{"entry", FACT_NUMBER}, {"recipient", FACT_TEXT}, {"code", FACT_NUMBER}, {"text", FACT_TEXT}}};
const FactSpec fact_mail_deferred = {
    "mail.deferred", 4, {{"entry", FACT_NUMBER}, {"domain", FACT_TEXT}, {"next_try", FACT_TIME}, {"text", FACT_TEXT}}};
const FactSpec fact_mail_dequeued = {"mail.dequeued", 2, {{"entry", FACT_NUMBER}, {"domain", FACT_TEXT}}};
const FactSpec fact_mail_delivered = {
    "mail.delivered", 4, {{"mailbox", FACT_TEXT}, {"uid", FACT_NUMBER}, {"from", FACT_TEXT}, {"size", FACT_NUMBER}}};
const FactSpec fact_mail_shown = {"mail.shown", 2, {{"mailbox", FACT_TEXT}, {"from", FACT_TEXT}}};
const FactSpec fact_mail_reported = {
    "mail.reported", 4, {{"kind", FACT_NAME}, {"to", FACT_TEXT}, {"recipient", FACT_TEXT}, {"text", FACT_TEXT}}};
const FactSpec fact_mail_report_dropped = {"mail.report_dropped", 2, {{"kind", FACT_NAME}, {"recipient", FACT_TEXT}}};
const FactSpec fact_mail_not_sent = {
    "mail.not_sent", 3, {{"recipient", FACT_TEXT}, {"code", FACT_NUMBER}, {"text", FACT_TEXT}}};
const FactSpec fact_mailbox_changed = {
    "mailbox.changed",
    4,
    {{"owner", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"unseen", FACT_NUMBER}}};
