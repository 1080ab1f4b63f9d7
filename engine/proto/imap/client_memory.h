/* What a reader knows of one mailbox at its server: headers, flags, structures, and parts that were read, by UID. As long
 * as UIDVALIDITY stays the same (RFC 3501 section 2.3.1.1), nothing of it need be fetched again.
 *
 * A copy shares what never changes (headers, structures, octets), so that all of it can go to disk in one instant. */
#ifndef NETSTAGE_PROTO_IMAP_CLIENT_MEMORY_H
#define NETSTAGE_PROTO_IMAP_CLIENT_MEMORY_H

#include "mail/mailbox.h"

enum { IMAP_PART_NUMBER_MOST = 40, IMAP_PARTS_MOST = 1000, IMAP_KNOWN_TEXT_MOST = 400 };

typedef struct {
    uint32_t holders;
    uint32_t size; /* RFC822.SIZE */
    int64_t date_s;
    char *from, *subject; /* for people: UTF-8, at most IMAP_KNOWN_TEXT_MOST octets */
} ImapHeader;

typedef struct {
    char number[IMAP_PART_NUMBER_MOST]; /* "2.1" */
    char *type;                         /* "text/plain", in lower case */
    char *charset, *encoding, *name;    /* "" where none is told */
    uint32_t octets;                    /* as it is carried */
    bool attachment;
} ImapPart;

typedef struct {
    uint32_t holders;
    ImapPart *parts; /* that have no parts of their own, in their order */
    size_t count;
    size_t shown; /* the one whose text a reader shows; `count`: there is none */
} ImapStructure;

/* Some octets of a part. */
typedef struct {
    char part[IMAP_PART_NUMBER_MOST];
    uint32_t from;
    MailContent *content;
    bool last; /* the part ends here */
} ImapPiece;

typedef struct {
    uint32_t uid;
    uint8_t flags;  /* MAIL_FLAG_… */
    char *keywords; /* other flags, a blank between two; NULL: none */
    ImapHeader *header;
    ImapStructure *structure; /* NULL: not asked for yet */
    ImapPiece *pieces;
    size_t piece_count, piece_capacity;
} ImapKnown;

typedef struct {
    uint32_t uid_validity; /* 0: it was never open */
    ImapKnown *items;      /* by UID */
    size_t count, capacity;
    uint64_t octets; /* about so many are on the disk */
} ImapMemory;

/* Drops everything it knows. */
void imap_memory_clear(ImapMemory *memory);
void imap_memory_copy(ImapMemory *to, const ImapMemory *from); /* `to` is empty */
/* NULL: not known. Good until a message is added or forgotten. */
ImapKnown *imap_memory_find(const ImapMemory *memory, uint32_t uid);
/* A message whose header has come, or has come again. */
ImapKnown *imap_memory_add(ImapMemory *memory, uint32_t uid, uint32_t size, int64_t date_s, Bytes from, Bytes subject);
void imap_memory_forget(ImapMemory *memory, uint32_t uid);
size_t imap_memory_unseen(const ImapMemory *memory);

/* Flags as they are now. True: they were different. */
bool imap_known_set_flags(ImapMemory *memory, ImapKnown *known, uint8_t flags, Bytes keywords);
/* Takes the structure over. */
void imap_known_set_structure(ImapMemory *memory, ImapKnown *known, ImapStructure *structure);
void imap_known_add_piece(ImapMemory *memory, ImapKnown *known, const char *part, uint32_t from, Bytes octets,
                          bool last);
/* How many octets of the part are there without a gap, from `from` on; *ends: up to its end. */
uint32_t imap_known_has(const ImapKnown *known, const char *part, uint32_t from, bool *ends);
/* How many octets are missing from there on; UINT32_MAX: all that follow. */
uint32_t imap_known_gap(const ImapKnown *known, const char *part, uint32_t from);
/* The part from its beginning, as far as it is there without a gap. */
Bytes imap_known_octets(Arena *arena, const ImapKnown *known, const char *part);

ImapStructure *imap_structure_new(void);
void imap_structure_add(ImapStructure *structure, ImapPart part);                        /* its texts are copied */
void imap_structure_drop(ImapStructure *structure);                                      /* NULL is allowed */
const ImapPart *imap_structure_find(const ImapStructure *structure, const char *number); /* NULL: there is none */

#endif
