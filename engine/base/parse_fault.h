/* Malformed input is a value: where, and why. */
#ifndef NETSTAGE_BASE_PARSE_FAULT_H
#define NETSTAGE_BASE_PARSE_FAULT_H

#include <stddef.h>

typedef struct {
    const char *reason; /* NULL: no fault. A static identifier such as "ipv4.checksum"; words live in assets/lang */
    size_t offset;      /* octets from the start of what was being read */
} ParseFault;

#endif
