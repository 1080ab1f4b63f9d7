/* Base64 (RFC 2045 section 6.8): three octets, 24 bits, are regrouped as four numbers of six bits, each a character. */
#ifndef NETSTAGE_MAIL_BASE64_H
#define NETSTAGE_MAIL_BASE64_H

#include "mail/octets.h"
#include "mail/steps.h"

enum { BASE64_LINE = 76 }; /* characters in a line of a body, at most */

/* The character of a six-bit number, 0 .. 63. */
char base64_character(unsigned six_bits);
/* The six-bit number of a character; -1: none of the alphabet. */
int base64_number(uint8_t character);

/* ---- Writing. A stream: any number of base64_encode, then base64_encode_end ---- */

typedef struct {
    size_t line;   /* characters a line, a multiple of 4; 0: no line ends at all */
    size_t column; /* characters written in this line */
    uint8_t kept[3];
    size_t kept_size; /* octets that wait for a group of three */
} Base64Encoder;

static inline Base64Encoder base64_encoder(size_t line) { return (Base64Encoder){line, 0, {0}, 0}; }
/* Characters that `size` octets become, line ends (CRLF, one after each full line and after a last shorter one) and
 * padding included. */
size_t base64_encoded_size(size_t size, size_t line);
/* Writes what is ready. The writer needs room for base64_encoded_size(octets.size + 3, line) characters. */
void base64_encode(Base64Encoder *encoder, Bytes octets, ByteWriter *to);
void base64_encode_end(Base64Encoder *encoder, ByteWriter *to);
/* All at once, in the arena. */
Bytes base64_encode_all(Arena *arena, Bytes octets, size_t line);
/* How each group of base64_encode_all came about; at most `most` steps. */
CodingSteps base64_encode_steps(Arena *arena, Bytes octets, size_t line, size_t most);

/* ---- Reading. Characters outside the alphabet are skipped (RFC 2045 section 6.8), and all but blanks and line ends
 * are reported: "base64.character", "base64.after_padding" (ignored), "base64.padding" (missing, or where none
 * belongs), "base64.one_character" (six bits that make no octet), "base64.bits_left" (padding bits that are not 0)
 * ---- */

typedef struct {
    uint32_t bits;
    unsigned count;   /* characters of the group so far */
    unsigned padding; /* "=" met; after the first the octets end */
    bool bad_padding; /* noted once */
    size_t offset;    /* of the next character */
    MailFaults *faults;
} Base64Decoder;

static inline Base64Decoder base64_decoder(size_t offset, MailFaults *faults) {
    return (Base64Decoder){0, 0, 0, false, offset, faults};
}
/* The writer needs room for 3/4 of the characters, and 3 more. */
void base64_decode(Base64Decoder *decoder, Bytes characters, ByteWriter *to);
void base64_decode_end(Base64Decoder *decoder, ByteWriter *to);
Bytes base64_decode_all(Arena *arena, Bytes characters, size_t offset, MailFaults *faults);

#endif
