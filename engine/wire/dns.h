/* DNS messages: RFC 1035 section 4, with the flags of RFC 4035, EDNS(0) (RFC 6891) and one question at most (RFC 9619).
 *
 * Files: dns_name.c (names), dns_record.c (what is inside records), dns.c (messages), describe_dns.c (for whoever shows
 * them). */
#ifndef NETSTAGE_WIRE_DNS_H
#define NETSTAGE_WIRE_DNS_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"
#include "wire/address.h"

enum {
    DNS_PORT = 53,
    DNS_HEADER_SIZE = 12,
    DNS_UDP_MOST = 512,       /* RFC 1035 section 2.3.4: without EDNS */
    DNS_UDP_EDNS_MOST = 1232, /* what we take and give by EDNS: no fragments on any path (RFC 9715) */
    DNS_TCP_MOST = 65535,     /* RFC 1035 section 4.2.2 */
    DNS_NAME_MOST = 255,
    DNS_LABEL_MOST = 63,
    DNS_RECORDS_MOST = 64,
    DNS_ROOM = 8192,
    DNS_CLASS_IN = 1,
};

/* clang-format off */
#define DNS_TYPES(X)                                                                                               \
    X(A, 1) X(NS, 2) X(CNAME, 5) X(SOA, 6) X(PTR, 12) X(MX, 15) X(TXT, 16) X(AAAA, 28) X(OPT, 41) X(IXFR, 251)     \
        X(AXFR, 252) X(ANY, 255)
/* clang-format on */
typedef enum {
#define X(name, number) DNS_TYPE_##name = number,
    DNS_TYPES(X)
#undef X
} DnsType;
/* "A", "NS" …; NULL for a type the program does not know. */
const char *dns_type_name(uint16_t type);
/* The type of this name, capital letters; 0: there is none. */
uint16_t dns_type_of(const char *name);

typedef enum {
    DNS_RCODE_NO_ERROR,
    DNS_RCODE_FORMAT_ERROR,
    DNS_RCODE_SERVER_FAILURE,
    DNS_RCODE_NAME_ERROR,
    DNS_RCODE_NOT_IMPLEMENTED,
    DNS_RCODE_REFUSED,
    DNS_RCODE_BAD_VERSION = 16, /* RFC 6891 section 9: its upper bits stand in the OPT record */
} DnsRcode;

/* ---- Names (dns_name.c) ---- */

/* A domain name as it stands on the wire when it is not compressed: labels, each behind its length, up to the root's
 * 0. */
typedef struct {
    uint8_t size; /* 1 .. 255 */
    uint8_t octets[DNS_NAME_MOST];
} DnsName;

/* Reads "www.example.org" or "www.example.org."; labels of letters, digits, hyphens and underscores, not beginning or
 * ending with a hyphen (RFC 1123 section 2.1). False: it is no such name. */
bool dns_name_parse(const char *text, DnsName *name) NS_MUST_USE;
/* Without the closing dot; the root is ".". An octet that is no letter, digit, hyphen or underscore is written as in
 * RFC 1035 section 5.1, "\032". */
void dns_name_print(Text *text, const DnsName *name);
/* Letters of either case are the same (RFC 1035 section 2.3.3). */
bool dns_name_equal(const DnsName *a, const DnsName *b);

bool dns_name_is_root(const DnsName *name);
/* Whether the name is `above` or stands below it. */
bool dns_name_within(const DnsName *name, const DnsName *above);
/* Without the root's. */
size_t dns_name_labels(const DnsName *name);
/* The name's last `labels` labels: 0 is the root. */
DnsName dns_name_ending(const DnsName *name, size_t labels);
/* `name`'s labels before those of `above`; false: too long for one name. */
bool dns_name_join(const DnsName *name, const DnsName *above, DnsName *joined) NS_MUST_USE;
/* The name under which an address's PTR record stands: RFC 1035 section 3.5. */
DnsName dns_name_of_address(Ipv4Address address);
/* The same for names that are equal. */
uint32_t dns_name_hash(const DnsName *name);
/* Reads the name at *at of `message`, and moves *at behind it. Faults as of dns_message_decode. */
bool dns_name_decode(Bytes message, size_t *at, DnsName *name, ParseFault *fault) NS_MUST_USE;

/* ---- Records (dns_record.c) ---- */

typedef struct {
    DnsName name;
    uint16_t type, class;
} DnsQuestion;

typedef struct {
    DnsName name;
    uint16_t type, class;
    uint32_t ttl_s;
    Ipv4Address address; /* of a record of type A and class IN */
    Bytes data;          /* of any other; names inside it are not compressed, whatever stood on the wire */
} DnsRecord;

typedef struct {
    DnsName mname, rname;
    uint32_t serial, refresh_s, retry_s, expire_s, minimum_s;
} DnsSoa; /* RFC 1035 section 3.3.13 */

/* Reads RDATA of `length` octets at `at` of `message` into *record, whose type and class stand: names are expanded, and
 * *data points into `message` or, where something was compressed, into `room`. Faults as of dns_message_decode. */
bool dns_data_decode(Bytes message, size_t at, size_t length, DnsRecord *record, ByteWriter *room,
                     ParseFault *fault) NS_MUST_USE;
/* The name in the data of an NS, CNAME, PTR or MX record of class IN. */
DnsName dns_record_target(const DnsRecord *record);
uint16_t dns_record_preference(const DnsRecord *record); /* of an MX record */
DnsSoa dns_record_soa(const DnsRecord *record);          /* of an SOA record */
/* How long the lack of a name or of a type may be remembered, as this SOA record says (RFC 2308 section 5). */
uint32_t dns_record_negative_ttl_s(const DnsRecord *soa);
/* The data as RFC 1035 section 5.1 writes it: "10 mail.example.org"; of a type that is not known "\\# 3 0a0b0c" (RFC
 * 3597). */
void dns_record_print_data(Text *text, const DnsRecord *record);
/* "MX", or "TYPE99" (RFC 3597 section 5). */
void dns_type_print(Text *text, uint16_t type);
/* Whether both are of one RRset (RFC 2181 section 5). */
bool dns_record_same_set(const DnsRecord *a, const DnsRecord *b);

/* ---- Messages (dns.c) ---- */

typedef enum { DNS_ANSWER, DNS_AUTHORITY, DNS_ADDITIONAL, DNS_SECTIONS } DnsSection;

typedef struct {
    uint16_t id;
    bool qr, aa, tc, rd, ra, z, ad, cd;
    uint8_t opcode, rcode;
    bool has_question;
    DnsQuestion question;
    size_t answer_count, authority_count, additional_count;
    DnsRecord records[DNS_RECORDS_MOST]; /* the three sections, one behind the other */
    size_t room_used;
    uint8_t room[DNS_ROOM]; /* data of records that was compressed */
} DnsMessage;

/* Reads a message; record data points into `from` and into the message itself, which therefore must not be copied while
 * it is looked at. False: *fault says where and why: "dns.truncated", "dns.questions" (more than one), "dns.records"
 * (more than DNS_RECORDS_MOST, or than fits DNS_ROOM), "dns.label", "dns.pointer" (a compressed name that does not lead
 * back), "dns.name_too_long", "dns.rdata_length", "dns.trailing". */
bool dns_message_decode(Bytes from, DnsMessage *message, ParseFault *fault) NS_MUST_USE;
/* Makes *message empty, without touching more of it than need be. */
void dns_message_begin(DnsMessage *message);
/* Appends a record to the section, behind which the message must be empty still. A record that stands in the message
 * already is left out. False: there are DNS_RECORDS_MOST. */
bool dns_message_put(DnsMessage *message, DnsSection section, const DnsRecord *record);
/* Records of one section, *count of them. */
const DnsRecord *dns_message_section(const DnsMessage *message, DnsSection section, size_t *count);
/* Writes the message; names that stood before are compressed to a pointer (RFC 1035 section 4.1.4): owners, and names
 * in data of NS, CNAME, SOA, PTR and MX records (RFC 3597 section 4). */
void dns_message_encode(const DnsMessage *message, ByteWriter *into);
/* The same in at most `most` octets: whole RRsets are left out from the end, and TC is set if one of them was needed
 * (RFC 2181 section 9; a referral needs its glue: RFC 9471). */
void dns_message_encode_within(DnsMessage *message, size_t most, ByteWriter *into);

/* ---- EDNS(0): RFC 6891 ---- */

/* The message's OPT record; NULL: it has none. */
const DnsRecord *dns_message_opt(const DnsMessage *message);
size_t dns_message_opt_count(const DnsMessage *message);
static inline uint8_t dns_opt_version(const DnsRecord *opt) { return (uint8_t)(opt->ttl_s >> 16); }
/* How many octets the sender of this query takes by UDP: what its OPT says, between DNS_UDP_MOST and
 * DNS_UDP_EDNS_MOST. */
size_t dns_message_udp_most(const DnsMessage *query);
/* Appends our OPT record to the additional section. */
void dns_message_put_opt(DnsMessage *message, DnsRcode rcode);

#endif
