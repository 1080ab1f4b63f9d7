/* Between recursor.c, the table, and recursor_look.c, which finds out what is known. */
#ifndef NETSTAGE_PROTO_DNS_RECURSOR_INSIDE_H
#define NETSTAGE_PROTO_DNS_RECURSOR_INSIDE_H

#include "proto/dns/recursor.h"

enum { DNS_PORT_FIRST = 49152 /* RFC 6335 section 6: dynamic ports */ };

/* What a response says of the name asked for. */
typedef struct {
    const DnsMessage *message;
    DnsName last;    /* the end of its chain of aliases */
    size_t aliases;  /* in that chain */
    bool has_answer; /* records of the type asked for, at that end */
    const DnsRecord *soa;
    Ipv4Address source;
    const DnsRecord *referral; /* the first NS record of a zone below the one asked, in which the name is */
} DnsReading;

/* What is known without asking: steps 1 and 2 of RFC 1034 section 5.3.3. */
typedef struct {
    const DnsKnown *known; /* ANSWER_KNOWN */
    DnsName cut;           /* SERVERS_KNOWN: the nearest zone above the name with servers to be asked */
    Ipv4Address servers[DNS_INQUIRY_SERVERS];
    uint8_t server_count;
    DnsName server_name; /* SERVER_NAMED: one whose address must be looked up */
} DnsLocal;

/* SERVFAIL for whoever asks. */
void dns_recursor_refuse(const DnsAsker *asker, uint16_t type, Effects *effects);

#endif
