/* Inside wire/: how the parts of a description are put together. */
#ifndef NETSTAGE_WIRE_DESCRIBE_BUILD_H
#define NETSTAGE_WIRE_DESCRIBE_BUILD_H

#include "wire/describe.h"

/* Appends a field whose value is what is written to d->values before the next call. Returns it; the pointer is
 * good until the next field. */
DescribedField *describe_field(Description *d, const char *key, const char *name, int depth, size_t offset,
                               size_t length);
/* The same with a value that is a decimal number. */
void describe_number(Description *d, const char *key, const char *name, int depth, size_t offset, size_t length,
                     uint32_t value);
/* The value in hexadecimal, "0x0800", as many digits as `length` octets have. */
void describe_hex(Description *d, const char *key, const char *name, int depth, size_t offset, size_t length,
                  uint32_t value);
void describe_ipv4(Description *d, const char *key, const char *name, int depth, size_t offset, Ipv4Address value);
/* Printable ASCII as it is, anything else as hexadecimal octets. */
void describe_put_text_or_hex(Description *d, Bytes value);
void describe_put_decimal(Text *text, uint32_t value);
/* Keeps the first fault; `offset` is that within the frame. */
void describe_fault(Description *d, const char *reason, size_t offset);

/* The DHCP message that is the octets `at` .. `at + size` of the frame. */
void describe_dhcp(Description *d, Bytes frame, size_t at, size_t size);
/* "DISCOVER", "BOOTREQUEST" for a message without option 53; "" if it cannot be told. `message` is a UDP payload. */
const char *dhcp_message_name(Bytes message);
/* Whether a datagram between these ports with this content is shown as DHCP. */
bool dhcp_is_message(uint16_t source_port, uint16_t destination_port, Bytes payload);
/* The DNS message that is the octets `at` .. `at + size` of the frame, DNS_HEADER_SIZE at least. */
void describe_dns(Description *d, Bytes frame, size_t at, size_t size);
/* "query MX" with the type asked for ("query" if the program does not know it); "response", "referral", "NODATA",
 * "truncated", or the response's error: "NXDOMAIN". */
const char *dns_message_name(Bytes message);
/* Whether a datagram between these ports with this content is shown as DNS. */
bool dns_is_message(uint16_t source_port, uint16_t destination_port, Bytes payload);
/* The TCP segment that is the octets `at` .. `at + size` of the frame. */
void describe_tcp(Description *d, Bytes frame, size_t at, size_t size, Ipv4Address source, Ipv4Address destination);
/* "SYN", "SYN ACK", "ACK", "DATA" (it may acknowledge too), "FIN ACK", "RST", "RST ACK". */
const char *tcp_message_name(uint8_t flags, size_t payload_size);
const char *arp_message_name(Bytes packet);
const char *icmp_message_name(uint8_t type);

#endif
