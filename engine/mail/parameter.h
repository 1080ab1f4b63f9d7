/* Parameters of Content-Type and Content-Disposition: name=value pairs (RFC 2045 section 5.1), with the character sets
 * and continuations of RFC 2231. */
#ifndef NETSTAGE_MAIL_PARAMETER_H
#define NETSTAGE_MAIL_PARAMETER_H

#include "mail/charset.h"

enum { PARAMETERS_MOST = 200 };

typedef struct {
    Bytes name;     /* in lower case, without RFC 2231's "*0*" */
    Bytes value;    /* UTF-8 */
    Bytes charset;  /* the label RFC 2231 gave; empty: none */
    Bytes language; /* likewise */
    size_t pieces;  /* 1, or how many continuations were joined */
    size_t offset;  /* of its name, in what is being read */
} Parameter;

typedef struct {
    Parameter *items;
    size_t count, capacity;
} Parameters;

/* Reads "; name=value; …" from `value`; blanks, comments and line ends may stand anywhere between. Pieces of a
 * continuation are joined in the order of their numbers. Read leniently and reported: parameter.encoded_word (RFC 2047
 * in a value, which section 5 forbids and real mailers write; decoded), parameter.syntax (passed over up to the next
 * semicolon), parameter.unquoted (characters a token may not have), parameter.repeated (the first counts),
 * parameter.piece_missing (the pieces before the gap count), parameter.bad_escape, parameter.no_semicolon,
 * parameter.too_many. */
Parameters parameters_read(Arena *arena, Bytes value, size_t offset, MailFaults *faults);
/* By its name in lower case; NULL: absent. */
const Parameter *parameter_find(const Parameters *parameters, const char *name);

/* One piece of a parameter as it is written: "filename*0*=UTF-8''%E4%BD%A0". */
typedef struct {
    Text *items;
    size_t count, capacity;
} ParameterPieces;
/* The parameter as one piece, a token or a quoted string, or, where its value (UTF-8) is not ASCII or too long for a
 * line, as RFC 2231 writes it, in pieces of at most 76 characters. The caller frees with parameter_pieces_free. */
ParameterPieces parameter_write(const char *name, Bytes value);
void parameter_pieces_free(ParameterPieces *pieces);

#endif
