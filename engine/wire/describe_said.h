/* What a message of a stream says, field by field: the commands and replies of protocols that speak in lines. The octets
 * are those of the message alone, whatever segments carried it. */
#ifndef NETSTAGE_WIRE_DESCRIBE_SAID_H
#define NETSTAGE_WIRE_DESCRIBE_SAID_H

#include "wire/describe.h"

typedef enum { SAID_COMMAND, SAID_REPLY, SAID_CONTENT } SaidPart;

/* "MAIL", "250", "mail"; a command in letters of any case is named in upper case. `room` is where a name is written that is not
 * static; it has SAID_NAME octets. "" where there is none. `protocol` is "smtp", "http" … */
enum { SAID_NAME = 16 };
const char *said_name(const char *protocol, SaidPart part, Bytes octets, char *room);
/* `into` as in describe_frame. */
void describe_said(const char *protocol, SaidPart part, Bytes octets, Description *into);

#endif
