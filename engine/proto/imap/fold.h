/* Letters of either case as one, and texts found within texts: how SEARCH compares (RFC 3501 section 6.4.4). */
#ifndef NETSTAGE_PROTO_IMAP_FOLD_H
#define NETSTAGE_PROTO_IMAP_FOLD_H

#include "base/arena.h"
#include "base/bytes.h"

/* The text (UTF-8) with every Latin, Greek, Cyrillic, Armenian and full-width letter in lower case; octets that are not
 * UTF-8 stay.
 * DEVIATION: RFC 5051's i;unicode-casemap also decomposes: here "é" and "e" with an accent behind it are two texts. */
Bytes imap_fold(Arena *arena, Bytes utf8);

/* Borders (Knuth, Morris and Pratt): for each prefix of what is looked for, the length of its longest proper prefix that
 * is its suffix too. With them no text takes longer than its length. */
uint32_t *imap_borders(Arena *arena, Bytes wanted);
bool imap_find(Bytes text, Bytes wanted, const uint32_t *borders);

#endif
