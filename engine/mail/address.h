/* Addresses in header fields: RFC 5322 section 3.4, and the obsolete forms of section 4.4, which must be read. The
 * stricter paths of SMTP's commands are in path.h. */
#ifndef NETSTAGE_MAIL_ADDRESS_H
#define NETSTAGE_MAIL_ADDRESS_H

#include "mail/octets.h"

enum { ADDRESS_MOST = 10000, ADDRESS_NO_GROUP = -1 };

typedef struct {
    Bytes name;          /* the display name as UTF-8: encoded words decoded, quotes removed; may be empty */
    Bytes comment;       /* the last comment beside it, as old mail gives the name: bob@example.org (Bob) */
    Bytes local_part;    /* quotes and backslashes removed */
    Bytes domain;        /* comments and blanks removed; "[192.0.2.1]" keeps its brackets; empty: none was given */
    Bytes route;         /* the obsolete source route, "@a,@b"; mostly empty */
    int group;           /* index into AddressList.groups, or ADDRESS_NO_GROUP */
    size_t offset, size; /* where it stands, from its first to its last octet */
} MailAddress;

typedef struct {
    Bytes name;
    size_t first, count; /* its members in AddressList.items; a group may be empty */
} AddressGroup;

typedef struct {
    MailAddress *items;
    size_t count, capacity;
    AddressGroup *groups;
    size_t group_count, group_capacity;
} AddressList;

/* Reads a list of mailboxes and groups, folded or not; `offset` is where the value stands in what is being read.
 * What is no address is passed over up to the next comma. Faults: address.no_domain (kept, with an empty domain),
 * address.syntax, address.empty (between two commas; obsolete, harmless), address.no_bracket (a missing ">"),
 * address.local_part_blank (words without a dot between them), address.dot (two dots in a row, or one at an end: kept),
 * address.route (obsolete source route), address.group_open (no ";"), address.quoted_encoded_word (decoded all
 * the same), address.too_many. */
AddressList address_list_read(Arena *arena, Bytes value, size_t offset, MailFaults *faults);
/* Likewise, with names and comments as they are written: encoded words are not decoded, octets beyond ASCII stay, blanks
 * become one. What IMAP's ENVELOPE wants (RFC 3501 section 7.4.2). */
AddressList address_list_read_raw(Arena *arena, Bytes value);

/* Whether two addresses are the same: the local part octet for octet, the domain whatever the case of its letters
 * (RFC 5321 section 2.4). "postmaster" is the same in any case (section 4.5.1). */
bool address_equal(Bytes local_part_a, Bytes domain_a, Bytes local_part_b, Bytes domain_b);

/* local-part@domain, the local part quoted if it must be; without "@" where there is no domain. */
void address_put(Text *to, Bytes local_part, Bytes domain);
/* The local part alone, quoted if it is no dot-atom. */
void address_put_local_part(Text *to, Bytes local_part);

#endif
