/* message/partial: a message too long for the way, sent in fragments (RFC 2046 section 5.2.2). */
#ifndef NETSTAGE_MAIL_PARTIAL_H
#define NETSTAGE_MAIL_PARTIAL_H

#include "mail/mime.h"

/* Puts the fragments together, in any order: the fields of the message around the first fragment, but those of section
 * 5.2.2.1 (Content-…, Subject, Message-ID, Encrypted, MIME-Version) from the message inside. False: *fault is
 *   mime.partial_type       no message/partial                        (offset: which fragment, from 0)
 *   mime.partial_other      another id, or another total              (offset: which fragment)
 *   mime.partial_repeated   a number twice                            (offset: which fragment)
 *   mime.partial_missing    one is not there                          (offset: its number)
 *   mime.partial_total      nobody tells how many there are */
bool mime_partial_join(Arena *arena, const MimeTree *const *fragments, size_t count, Bytes *whole,
                       ParseFault *fault) NS_MUST_USE;

/* Cuts a message between lines into fragments whose bodies have at most `octets_most` octets, or one line. Fragments
 * lack a Message-ID of their own: a user agent adds it. */
Bytes *mime_partial_split(Arena *arena, Bytes whole, size_t octets_most, Bytes id, size_t *count);

#endif
