/* The lexical pieces of structured header fields (RFC 5322 section 3.2), read in place: blanks, comments, quoted
 * strings, atoms. A position is an offset into the field's value, folded or not. */
#ifndef NETSTAGE_MAIL_LEXER_H
#define NETSTAGE_MAIL_LEXER_H

#include "mail/octets.h"

typedef struct {
    Bytes text;
    size_t at;
    size_t offset;      /* of the text within what is being read: for faults */
    Bytes comment;      /* the last comment skipped, without its parentheses; size 0: none */
    bool skipped;       /* the last skip passed at least one octet */
    MailFaults *faults; /* may be NULL */
} Lexer;

static inline Lexer lexer(Bytes text, size_t offset, MailFaults *faults) {
    return (Lexer){.text = text, .offset = offset, .faults = faults};
}
static inline bool lexer_end(const Lexer *l) { return l->at >= l->text.size; }
static inline uint8_t lexer_peek(const Lexer *l) { return l->at < l->text.size ? l->text.at[l->at] : 0; }
static inline bool lexer_is(const Lexer *l, char c) { return l->at < l->text.size && l->text.at[l->at] == (uint8_t)c; }
static inline void lexer_fault(const Lexer *l, const char *reason, size_t at) {
    mail_fault(l->faults, reason, l->offset + at);
}

/* Skips blanks, line ends and comments, nested ones too. A comment that never ends takes the rest:
 * "header.open_comment". */
void lexer_skip(Lexer *l);
/* Appends what the quoted string at the position says, without its quotes and backslashes, and goes behind it. False:
 * it never ends ("header.open_quote"); the rest is taken. `into` may be NULL. */
bool lexer_quoted(Lexer *l, Text *into);
/* The run of atom characters (RFC 5322 atext, and octets beyond ASCII: RFC 6532) at the position; may be empty. */
Bytes lexer_atom(Lexer *l);
/* The run of token characters (RFC 2045 section 5.1: no tspecials); may be empty. */
Bytes lexer_token(Lexer *l);
bool is_atext(uint8_t c);
bool is_token_character(uint8_t c);

#endif
