/* The trace as JSON, one object a line, as `--trace` writes it.
 *
 * Every object has seq, cause (a seq or null), t (seconds), host (a name or null), machine (a name or null) and kind;
 * `subject` where a host runs many machines of one kind (an address). Then, by kind:
 *
 * state    from, to, input, ref timer    timer (its name), action "set" | "cleared" | "expired", expires (seconds;
 * with "set") message  event "sent" | "received", proto, name, src, dst (IPv4; of ARP sender and target), src_port,
 * dst_port (where there are ports), src_mac, dst_mac, fields (of the innermost protocol, by their RFC names), frames
 * [id] frame    frame (id), link, from, to (nodes), size, verdict "delivered" | "lost" | "duplicate" | "corrupted" |
 * "link_down", arrives (seconds; of a lost one: when it would have) fact     fact (its name), values {…} ignored
 * reason, frame (id or null), offset, input (or null) command  command {…} say      say "text" | "beat" | "phase",
 * text {language: text} expect   held, expect {text, detail}
 *
 * Addresses are text, spans and times are seconds, and "never" is null. */
#ifndef NETSTAGE_OBSERVE_JSONL_H
#define NETSTAGE_OBSERVE_JSONL_H

#include "observe/output.h"
#include "sim/trace.h"

/* Writes the records from `from` to before `to`. */
void jsonl_write(const Trace *trace, size_t from, size_t to, Output *output);

#endif
