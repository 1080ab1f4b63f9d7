#include "proto/imap/server_facts.h"

const FactSpec fact_imap_authenticated = {"imap.authenticated", 1, {{"user", FACT_TEXT}}};
const FactSpec fact_imap_selected = {
    "imap.selected",
    4,
    {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"unseen", FACT_NUMBER}}};
const FactSpec fact_imap_closed = {"imap.closed", 2, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}}};
const FactSpec fact_imap_fetched = {
    "imap.fetched",
    4,
    {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"octets", FACT_NUMBER}}};
const FactSpec fact_imap_flags = {
    "imap.flags", 4, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}, {"flags", FACT_TEXT}}};
const FactSpec fact_imap_removed = {
    "imap.removed", 3, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"uid", FACT_NUMBER}}};
const FactSpec fact_imap_expunged = {
    "imap.expunged", 3, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"messages", FACT_NUMBER}}};
const FactSpec fact_imap_appended = {
    "imap.appended", 4, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"uid", FACT_NUMBER}, {"size", FACT_NUMBER}}};
const FactSpec fact_imap_copied = {
    "imap.copied", 4, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"to", FACT_TEXT}, {"messages", FACT_NUMBER}}};
const FactSpec fact_imap_moved = {
    "imap.moved", 4, {{"user", FACT_TEXT}, {"mailbox", FACT_TEXT}, {"to", FACT_TEXT}, {"messages", FACT_NUMBER}}};
