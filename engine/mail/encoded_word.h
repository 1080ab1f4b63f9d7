/* Encoded words (RFC 2047): other characters than ASCII in header fields, "=?UTF-8?B?5L2g5aW9?=". */
#ifndef NETSTAGE_MAIL_ENCODED_WORD_H
#define NETSTAGE_MAIL_ENCODED_WORD_H

#include "mail/charset.h"

enum { ENCODED_WORD_MOST = 75, ENCODED_WORD_LINE = 76 }; /* RFC 2047 section 2 */

typedef struct {
    size_t offset, size; /* from "=?" to "?=", in the text it was found in */
    Bytes charset;       /* the label, without RFC 2231's "*language" */
    Bytes language;      /* may be empty */
    char encoding;       /* 'B' or 'Q' */
    Bytes text;          /* what stands between the last "?" and "?=" */
} EncodedWord;

/* The first encoded word at or behind `from`; false: there is none. */
bool encoded_word_find(Bytes text, size_t from, EncodedWord *word) NS_MUST_USE;
/* Its octets, still in its own character set. */
Bytes encoded_word_octets(Arena *arena, const EncodedWord *word, size_t offset, MailFaults *faults);

/* The text of a field's value, or of a part of one, as UTF-8. Line ends before blanks are dropped (unfolding, RFC 5322
 * section 2.2.3), encoded words are decoded, blanks between two of them vanish, octets that are not UTF-8 become
 * U+FFFD. `offset` is where the text stands in what is being read. Read leniently and reported:
 *   encoded_word.too_long          over 75 characters
 *   encoded_word.blank             a blank within a word
 *   encoded_word.not_separated     letters stand right beside it
 *   encoded_word.split_character   a character is cut by the end of the word; the next word has its rest
 *   header.eight_bit               octets beyond ASCII that are not UTF-8
 * and what base64 and the character set have to say. */
Bytes encoded_words_decode(Arena *arena, Bytes text, size_t offset, MailFaults *faults);

/* Where an encoded word will stand decides which characters may stand in it as they are (RFC 2047 section 5). */
typedef enum { ENCODED_WORD_TEXT, ENCODED_WORD_COMMENT, ENCODED_WORD_PHRASE } EncodedWordPlace;

/* Whether the text cannot stand in a header field as it is: characters beyond ASCII, control characters, something that
 * looks like an encoded word. */
bool encoded_words_needed(Bytes text);
/* Writes the text as encoded words, each at most 75 characters, between them CRLF and a blank, never cutting a
 * character.
 * `encoding` is 'B', 'Q', or 0: whichever is shorter. `column` is where the first word begins in its line; *column
 * becomes where the last ends. A set that lacks a character gives way to UTF-8; octets that are not UTF-8 are written
 * as U+FFFD. */
void encoded_words_encode(Text *to, Bytes text, const Charset *charset, EncodedWordPlace place, char encoding,
                          size_t *column);

#endif
