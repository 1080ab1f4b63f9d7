/* Where exports go: a file that appears whole or not at all, standard output, or a text in memory. Large exports
 * stream through a buffer. */
#ifndef NETSTAGE_OBSERVE_OUTPUT_H
#define NETSTAGE_OBSERVE_OUTPUT_H

#include "base/text.h"

typedef struct Output Output;

/* Writes to a temporary file beside `path`, which takes its name when it is closed; a device or a pipe is
 * written to as it is; "-" is standard output. NULL:
 * *error says why. */
Output *output_to_file(const char *path, Text *error) NS_MUST_USE;
/* Appends to `text`, which must outlive the output. */
Output *output_to_text(Text *text);
/* Ends it and frees it. False: something could not be written, and *error says what; the file is then as it was
 * before. */
bool output_close(Output *output, Text *error) NS_MUST_USE;
/* Hands what was written so far to the operating system (a live capture that somebody reads along). */
void output_flush(Output *output);

void output_put(Output *output, const void *at, size_t size);
void output_put_text(Output *output, const char *text);
/* Room for at most `most` characters, to be written in place; then output_wrote says how many were. */
char *output_room(Output *output, size_t most);
void output_wrote(Output *output, size_t size);
void output_put_decimal(Output *output, uint64_t value);
/* Seconds with nine places: 12.500000000. */
void output_put_seconds(Output *output, int64_t nanoseconds);
/* A JSON string with its quotes. */
void output_put_json(Output *output, const char *text);
void output_put_ipv4(Output *output, uint32_t address);
/* Octets in hexadecimal with `between` each two. */
void output_put_hex(Output *output, Bytes octets, char between);

#endif
