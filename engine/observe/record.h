/* What a MESSAGE record is about, whether one frame carried it or a stream. */
#ifndef NETSTAGE_OBSERVE_RECORD_H
#define NETSTAGE_OBSERVE_RECORD_H

#include "observe/plain.h"
#include "wire/describe_said.h"

typedef struct {
    FrameSummary frame; /* of a stream's message: no MACs; payload_offset 0 */
    char name[SAID_NAME]; /* what frame.message points to where it is no static text */
} RecordSummary;

static inline bool record_is_said(const TraceRecord *message) { return message->message.stream != TRACE_NONE; }
/* Its octets: a frame's, or a stream's message as a whole. */
Bytes record_octets(const Trace *trace, const TraceRecord *message);
void record_summarise(const Trace *trace, const TraceRecord *message, RecordSummary *summary);
/* `into` as in describe_frame. */
void record_describe(const Trace *trace, const TraceRecord *message, Description *into);
/* For a stream's message: "command", "reply" or "content"; else "". */
const char *record_part(const TraceRecord *message);

#endif
