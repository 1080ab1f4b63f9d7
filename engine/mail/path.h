/* The paths of MAIL FROM and RCPT TO: RFC 5321 section 4.1.2, strict, with the limits of section 4.5.3.1. A path is a
 * plain value, without memory of its own. */
#ifndef NETSTAGE_MAIL_PATH_H
#define NETSTAGE_MAIL_PATH_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"

enum { PATH_LOCAL_PART_MOST = 64, PATH_DOMAIN_MOST = 255, PATH_MOST = 256 };

typedef struct {
    uint8_t local_part_size;               /* 0, and no domain: the null reverse-path "<>" */
    uint16_t domain_size;                  /* 0 beside a local part: <Postmaster> */
    char local_part[PATH_LOCAL_PART_MOST]; /* quotes and backslashes removed; no NUL behind it */
    char domain[PATH_DOMAIN_MOST];         /* as given; an address literal with its brackets; no NUL behind it */
} MailPath;

typedef enum {
    PATH_STRICT = 0,
    PATH_BARE = 1,       /* "bob@example.org" without brackets is read too, as old clients write it; up to a blank */
    PATH_UTF8 = 2,       /* SMTPUTF8 (RFC 6531): octets beyond ASCII, well-formed UTF-8, in both parts */
    PATH_NULL = 4,       /* "<>" is good: a reverse-path */
    PATH_POSTMASTER = 8, /* "<Postmaster>" is good: a forward-path */
} PathRules;

/* Reads the path at the start of `from`. *end: where it ends, the closing bracket included; parameters follow there.
 * A source route is read and dropped (section 4.1.1.3). False: *fault says why and where:
 *   address.bracket            it does not begin with "<", or has no ">"
 *   address.null               "<>" where a mailbox is wanted
 *   address.local_part         no local part, or one that is neither dot-atom nor quoted string
 *   address.local_part_long    over 64 octets
 *   address.quoted             an open quoted string, or one with a character that may not stand in it
 *   address.no_domain          no "@domain"
 *   address.domain             a label that is empty, too long, or has a character other than letter, digit, hyphen
 *   address.domain_long        over 255 octets
 *   address.literal            an address literal that is no IPv4 or IPv6 address
 *   address.route              a source route that is none
 *   address.path_long          over 256 octets with its brackets
 *   address.not_ascii          octets beyond ASCII without PATH_UTF8, or not UTF-8 */
bool path_parse(Bytes from, PathRules rules, MailPath *path, size_t *end, ParseFault *fault) NS_MUST_USE;

static inline bool path_is_null(const MailPath *path) { return path->local_part_size == 0 && path->domain_size == 0; }
static inline Bytes path_local_part(const MailPath *path) { return bytes_of(path->local_part, path->local_part_size); }
static inline Bytes path_domain(const MailPath *path) { return bytes_of(path->domain, path->domain_size); }
/* Whether it is "postmaster", in letters of any case, of any domain or of none (section 4.5.1). */
bool path_is_postmaster(const MailPath *path);
/* The same mailbox: see address_equal. */
bool path_equal(const MailPath *a, const MailPath *b);
/* A path of these two parts; false where they exceed the limits. */
bool path_make(Bytes local_part, Bytes domain, MailPath *path) NS_MUST_USE;
/* local-part@domain, without brackets, the local part quoted if it must be; nothing for the null path. */
void path_put(Text *to, const MailPath *path);
/* Whether the text is a domain name (labels of letters, digits and hyphens) or an address literal: EHLO's argument.
 * `utf8`: labels may have octets beyond ASCII. */
bool domain_check(Bytes text, bool utf8, ParseFault *fault) NS_MUST_USE;

#endif
