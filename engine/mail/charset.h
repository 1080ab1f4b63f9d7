/* Character sets of mail, to UTF-8 and back, by the C library's iconv.
 *
 * Only the sets of a closed table are known: a label from a message never reaches iconv. */
#ifndef NETSTAGE_MAIL_CHARSET_H
#define NETSTAGE_MAIL_CHARSET_H

#include "mail/octets.h"

typedef struct {
    const char *name;    /* the preferred MIME name: "UTF-8", "GB2312", "ISO-8859-1" */
    const char *decoder; /* iconv's name for reading; NULL: ASCII or UTF-8, read without iconv */
    const char *encoder; /* iconv's name for writing */
} Charset;

/* The set of this label, letters of either case, with the aliases mail uses ("utf8", "cp936", "latin1"); NULL where
 * the set is not known. */
const Charset *charset_find(Bytes label);
const Charset *charset_utf8(void);
const Charset *charset_ascii(void);

/* The octets as UTF-8. What cannot be read becomes U+FFFD, and the first such place is noted: "charset.undecodable".
 * With `charset` NULL (not known) every octet beyond ASCII becomes U+FFFD ("charset.unknown"). `offset` is where the
 * octets stand in what is being read. Where nothing needs a change the result is the span given.
 *
 * DEVIATION: "gb2312" is read as GB18030, which contains it: real mail says gb2312 and means GBK. */
Bytes charset_decode(Arena *arena, const Charset *charset, Bytes octets, size_t offset, MailFaults *faults);

/* UTF-8 text in the set. False: the set lacks a character of it, or the text is not UTF-8. */
bool charset_encode(Arena *arena, const Charset *charset, Bytes utf8, Bytes *octets) NS_MUST_USE;

/* The offset of the first octet that is not part of well-formed UTF-8; the size where all is well. */
size_t charset_utf8_valid(Bytes text);

#endif
