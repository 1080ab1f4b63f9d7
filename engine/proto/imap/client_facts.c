#include "proto/imap/client_facts.h"

const FactSpec fact_imap_uidvalidity_changed = {
    "imap.uidvalidity_changed",
    4,
    {{"mailbox", FACT_TEXT}, {"from", FACT_NUMBER}, {"to", FACT_NUMBER}, {"messages", FACT_NUMBER}}};
const FactSpec fact_imap_header = {"imap.header",
                                   5,
                                   {{"number", FACT_NUMBER},
                                    {"uid", FACT_NUMBER},
                                    {"size", FACT_NUMBER},
                                    {"from", FACT_TEXT},
                                    {"subject", FACT_TEXT}}};
const FactSpec fact_imap_headers_read = {
    "imap.headers_read", 3, {{"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"octets", FACT_NUMBER}}};
const FactSpec fact_imap_synchronized = {
    "imap.synchronized", 3, {{"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"unseen", FACT_NUMBER}}};
const FactSpec fact_imap_structure_read = {
    "imap.structure_read", 3, {{"uid", FACT_NUMBER}, {"parts", FACT_NUMBER}, {"shown", FACT_TEXT}}};
const FactSpec fact_imap_part_read = {
    "imap.part_read", 4, {{"uid", FACT_NUMBER}, {"part", FACT_TEXT}, {"from", FACT_NUMBER}, {"octets", FACT_NUMBER}}};
const FactSpec fact_imap_opened = {
    "imap.opened",
    5,
    {{"uid", FACT_NUMBER}, {"part", FACT_TEXT}, {"from", FACT_TEXT}, {"subject", FACT_TEXT}, {"text", FACT_TEXT}}};
const FactSpec fact_imap_part_whole = {
    "imap.part_whole", 4, {{"uid", FACT_NUMBER}, {"part", FACT_TEXT}, {"name", FACT_TEXT}, {"octets", FACT_NUMBER}}};
const FactSpec fact_imap_flag_told = {"imap.flag_told", 2, {{"uid", FACT_NUMBER}, {"flag", FACT_TEXT}}};
const FactSpec fact_imap_flag_heard = {"imap.flag_heard", 2, {{"uid", FACT_NUMBER}, {"flags", FACT_TEXT}}};
const FactSpec fact_imap_message_gone = {"imap.message_gone", 2, {{"uid", FACT_NUMBER}, {"messages", FACT_NUMBER}}};
const FactSpec fact_imap_filed = {"imap.filed", 2, {{"uid", FACT_NUMBER}, {"to", FACT_TEXT}}};
const FactSpec fact_imap_deleted = {"imap.deleted", 1, {{"uid", FACT_NUMBER}}};
const FactSpec fact_imap_kept = {"imap.kept", 2, {{"mailbox", FACT_TEXT}, {"size", FACT_NUMBER}}};
const FactSpec fact_imap_refused = {
    "imap.refused", 3, {{"uid", FACT_NUMBER}, {"reason", FACT_NAME}, {"text", FACT_TEXT}}};
const FactSpec fact_imap_reconnected = {"imap.reconnected", 2, {{"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}}};
const FactSpec fact_imap_done = {"imap.done", 2, {{"octets", FACT_NUMBER}, {"round_trips", FACT_NUMBER}}};
const FactSpec fact_imap_failed = {
    "imap.failed",
    4,
    {{"reason", FACT_NAME}, {"text", FACT_TEXT}, {"octets", FACT_NUMBER}, {"round_trips", FACT_NUMBER}}};
