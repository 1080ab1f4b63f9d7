#include "observe/record.h"

Bytes record_octets(const Trace *trace, const TraceRecord *message) {
    CHECK(message->kind == TRACE_MESSAGE);
    return frame_store_get(trace_frames(trace), message->message.frame);
}

void record_summarise(const Trace *trace, const TraceRecord *r, RecordSummary *summary) {
    Bytes octets = record_octets(trace, r);
    if (!record_is_said(r)) {
        frame_summarise(octets, &summary->frame);
        return;
    }
    const DirectoryStream *stream = &trace_directory(trace)->streams[r->message.stream];
    bool sent = r->code == MESSAGE_SENT;
    summary->frame = (FrameSummary){.source = sent ? stream->local : stream->remote,
                                    .destination = sent ? stream->remote : stream->local,
                                    .source_port = sent ? stream->local_port : stream->remote_port,
                                    .destination_port = sent ? stream->remote_port : stream->local_port,
                                    .protocol = trace_proto_name((uint8_t)r->small),
                                    .payload_size = octets.size,
                                    .unicast = true};
    summary->frame.message =
        said_name(summary->frame.protocol, (SaidPart)r->message.part, octets, summary->name);
}

void record_describe(const Trace *trace, const TraceRecord *r, Description *into) {
    if (!record_is_said(r)) describe_frame(record_octets(trace, r), into);
    else
        describe_said(trace_proto_name((uint8_t)r->small), (SaidPart)r->message.part, record_octets(trace, r), into);
}

const char *record_part(const TraceRecord *r) {
    static const char *const names[] = {"command", "reply", "content"};
    return record_is_said(r) ? names[r->message.part] : "";
}
