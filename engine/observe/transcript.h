/* A run as a text for people: one line a message, in columns.
 *
 *     1.000000  pc1   → *    DHCP DISCOVER  0.0.0.0 → 255.255.255.255 broadcast  xid 0x00001234
 *     1.002000  dhcp1 → pc1  DHCP OFFER     192.168.1.1 → 192.168.1.100 unicast  xid 0x00001234 …
 *
 * A star stands for every station of the link. Beside the words of the protocols there are only the few of
 * TranscriptWords, so that a language file can replace them. */
#ifndef NETSTAGE_OBSERVE_TRANSCRIPT_H
#define NETSTAGE_OBSERVE_TRANSCRIPT_H

#include "observe/messages.h"
#include "observe/output.h"

typedef struct {
    const char *broadcast, *unicast, *lost, *ignored;
} TranscriptWords;
extern const TranscriptWords transcript_words_en;

typedef struct {
    bool states; /* a line for each arrow that leads to another state */
    bool facts;  /* a line for each fact */
    bool arp;    /* ARP messages too */
    bool segments; /* every TCP segment; else only those that open, close or break off a connection */
    bool says;   /* narration, beats, phases and expectations */
    const char *language; /* of narration: "en" or "zh"; where it is missing, any that there is */
    const TranscriptWords *words;
} TranscriptOptions;

/* Timeline and messages are of one trace. */
void transcript_write(const Timeline *timeline, const Messages *messages, const TranscriptOptions *options,
                      Output *output);

/* The same for whoever has only the trace. */
void transcript_export(const Trace *trace, const TranscriptOptions *options, Output *output);

/* The text of a SAY or EXPECT record: of a map of languages the one wanted, else the first; of an expectation its
 * "text". Appended to `into`. */
void trace_put_words(const Trace *trace, const TraceRecord *record, const char *language, Text *into);

#endif
