/* Message identifiers (RFC 5322 section 3.6.4): made, and read from Message-ID, In-Reply-To, References, Content-ID. */
#ifndef NETSTAGE_MAIL_MESSAGE_ID_H
#define NETSTAGE_MAIL_MESSAGE_ID_H

#include "base/random.h"
#include "mail/octets.h"

/* "<20261122023900.5f3a9c01b2@crepes.fr>": the time, 40 random bits, the domain. */
void message_id_put(Text *to, int64_t at_s, RandomStream *random, Bytes domain);

typedef struct {
    Bytes *items; /* without their brackets */
    size_t count, capacity;
} MessageIds;

/* Every identifier in the value; what stands between them is passed over (old mail writes words there). */
MessageIds message_ids_read(Arena *arena, Bytes value);

#endif
