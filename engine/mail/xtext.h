/* xtext (RFC 3461 section 4): how ENVID and ORCPT carry any ASCII text in one word: "+" and two digits for what may not
 * stand in a command. */
#ifndef NETSTAGE_MAIL_XTEXT_H
#define NETSTAGE_MAIL_XTEXT_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"

void xtext_put(Text *to, Bytes text);
/* Appends the decoded text. False: *fault is xtext.character or xtext.escape. */
bool xtext_decode(Bytes xtext, Text *to, ParseFault *fault) NS_MUST_USE;

#endif
