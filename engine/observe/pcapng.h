/* The frames of a run as a pcapng capture (draft-ietf-opsawg-pcapng): one interface a link, nanosecond timestamps,
 * and a comment at each frame that was lost, altered or doubled. Nothing in it depends on the machine. */
#ifndef NETSTAGE_OBSERVE_PCAPNG_H
#define NETSTAGE_OBSERVE_PCAPNG_H

#include "observe/output.h"
#include "sim/trace.h"

/* A frame passes several cables. To Wireshark, which follows connections through the whole file, a segment seen twice is a
 * segment sent twice: so a capture holds each packet once, on the cable of whoever sent it, unless every cable is
 * wanted. */
typedef enum { PCAPNG_ONCE, PCAPNG_EVERY_CABLE } PcapngScope;

typedef struct {
    const Trace *trace;
    PcapngScope scope;
    Output *output;
    uint32_t next_seq;
    uint32_t links; /* described so far */
} PcapngWriter;

/* Writes the head of the file. `application` is its name and version: "netstage 0.1.0". Trace and output must
 * outlive the writer. */
PcapngWriter pcapng_begin(const Trace *trace, PcapngScope scope, const char *application, Output *output);
/* Writes the frames that the trace has got since. A frame sent into a cut cable is not on it, and is left out. */
void pcapng_update(PcapngWriter *writer);

#endif
