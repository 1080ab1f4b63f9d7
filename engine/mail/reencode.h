/* A message read and written again for another carrier: the same fields, structure and contents, encoded anew. What a
 * relay does with 8-bit mail before a server without 8BITMIME (RFC 6152 section 3). */
#ifndef NETSTAGE_MAIL_REENCODE_H
#define NETSTAGE_MAIL_REENCODE_H

#include "mail/encoding_choice.h"

/* All lines end in CRLF. Fields stay as they are, but for octets beyond ASCII, which become encoded words (not in
 * addresses themselves), and Content-Transfer-Encoding. Boundaries, preambles and epilogues stay. The content of a
 * text whose character set is not known stays as it is. */
Bytes reencode(Arena *arena, const MimeTree *tree, MailCarrier carrier);

#endif
