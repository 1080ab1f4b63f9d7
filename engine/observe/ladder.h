/* The sequence diagram of a run as a model: hosts in columns, messages in rows, phases beside them. It is drawn
 * elsewhere. */
#ifndef NETSTAGE_OBSERVE_LADDER_H
#define NETSTAGE_OBSERVE_LADDER_H

#include "observe/messages.h"

/* Where one copy of a message ended. */
typedef struct {
    uint32_t column; /* TIMELINE_NONE: it was lost before it came near anyone */
    SimTime at;      /* when it arrived, or would have */
    ArrivalFate fate;
    uint32_t record; /* that says so */
} LadderEnd;

typedef struct {
    uint32_t message; /* index in the Messages */
    uint32_t column;  /* of the sender */
    SimTime sent_at;
    uint32_t phase;   /* index in phases, or TIMELINE_NONE before the first */
    uint32_t first_end, end_count; /* where it went; a broadcast has many */
} LadderRow;

typedef struct {
    uint32_t host; /* directory index */
} LadderColumn;

typedef struct {
    uint32_t record;              /* the SAY record with its words */
    SimTime at;
    uint32_t first_row, row_count;
} LadderPhase;

typedef struct {
    LadderColumn *columns; /* in the order in which the hosts stand on the stage */
    LadderRow *rows;       /* in the order of sending */
    LadderEnd *ends;
    LadderPhase *phases;
    size_t column_count, row_count, end_count, phase_count;
    size_t column_capacity, row_capacity, end_capacity, phase_capacity;
} Ladder;

typedef struct {
    bool arp;              /* ARP messages too */
    SimTime from, to;      /* only messages sent in from .. to, both included */
} LadderOptions;

/* Columns are the hosts and routers that sent or were sent something that is shown. */
void ladder_build(const Timeline *timeline, const Messages *messages, const LadderOptions *options, Ladder *ladder);
void ladder_free(Ladder *ladder);

#endif
