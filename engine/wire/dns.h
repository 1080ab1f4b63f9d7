/* DNS messages: RFC 1035 section 4, with the flags of RFC 4035 and one question at most (RFC 9619). */
#ifndef NETSTAGE_WIRE_DNS_H
#define NETSTAGE_WIRE_DNS_H

#include "base/bytes.h"
#include "base/parse_fault.h"
#include "base/text.h"
#include "wire/address.h"

enum {
    DNS_PORT = 53,
    DNS_HEADER_SIZE = 12,
    DNS_UDP_MOST = 512, /* RFC 1035 section 2.3.4 */
    DNS_NAME_MOST = 255,
    DNS_LABEL_MOST = 63,
    DNS_RECORDS_MOST = 24,
    DNS_CLASS_IN = 1,
};

#define DNS_TYPES(X) X(A, 1) X(NS, 2) X(CNAME, 5) X(SOA, 6) X(PTR, 12) X(MX, 15) X(TXT, 16) X(AAAA, 28) X(OPT, 41)
typedef enum {
#define X(name, number) DNS_TYPE_##name = number,
    DNS_TYPES(X)
#undef X
} DnsType;
/* "A", "NS" …; NULL for a type the program does not know. */
const char *dns_type_name(uint16_t type);

typedef enum {
    DNS_RCODE_NO_ERROR,
    DNS_RCODE_FORMAT_ERROR,
    DNS_RCODE_SERVER_FAILURE,
    DNS_RCODE_NAME_ERROR,
    DNS_RCODE_NOT_IMPLEMENTED,
    DNS_RCODE_REFUSED,
} DnsRcode;

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

typedef struct {
    DnsName name;
    uint16_t type, class;
} DnsQuestion;

typedef struct {
    DnsName name;
    uint16_t type, class;
    uint32_t ttl_s;
    Ipv4Address address; /* of a record of type A and class IN */
    Bytes data;          /* of any other; names inside it may be compressed */
} DnsRecord;

typedef struct {
    uint16_t id;
    bool qr, aa, tc, rd, ra, z, ad, cd;
    uint8_t opcode, rcode;
    bool has_question;
    DnsQuestion question;
    size_t answer_count, authority_count, additional_count;
    DnsRecord records[DNS_RECORDS_MOST]; /* the three sections, one behind the other */
} DnsMessage;

/* Reads a UDP payload; record data points into `from`. False: *fault says where and why: "dns.truncated",
 * "dns.questions" (more than one), "dns.records" (more than DNS_RECORDS_MOST), "dns.label", "dns.pointer" (a
 * compressed name that does not lead back), "dns.name_too_long", "dns.rdata_length", "dns.trailing". */
bool dns_message_decode(Bytes from, DnsMessage *message, ParseFault *fault) NS_MUST_USE;
/* Writes the message. The owner's name of a record that equals the question's is compressed to a pointer to it. */
void dns_message_encode(const DnsMessage *message, ByteWriter *into);

/* ---- For describe_dns.c ---- */

/* Reads the name at *at of `message`, and moves *at behind it. */
bool dns_name_decode(Bytes message, size_t *at, DnsName *name, ParseFault *fault) NS_MUST_USE;

#endif
