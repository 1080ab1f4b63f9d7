#include "observe/ladder.h"

#include <stdlib.h>

#include "base/arena.h"

/* A unicast that a bystander also heard (on a hub, or before the switch had learned) is drawn only to whom it was
 * for. */
static bool is_drawn(const MessageEntry *m, const MessageArrival *arrival) {
    return arrival->fate == ARRIVAL_TAKEN || m->broadcast || m->to == TIMELINE_NONE || arrival->host == m->to;
}

static void row_add(Ladder *ladder, const Messages *messages, uint32_t index) {
    const MessageEntry *m = &messages->list[index];
    LadderRow row = {.message = index, .column = m->host, .sent_at = m->at, .first_end = (uint32_t)ladder->end_count,
                     .phase = ladder->phase_count > 0 ? (uint32_t)ladder->phase_count - 1 : TIMELINE_NONE};
    for (uint32_t i = 0; i < m->arrival_count; i++) {
        const MessageArrival *a = &messages->arrivals[m->first_arrival + i];
        if (!is_drawn(m, a)) continue;
        ladder->ends = array_grow(ladder->ends, &ladder->end_capacity, ladder->end_count + 1, sizeof *ladder->ends);
        ladder->ends[ladder->end_count++] = (LadderEnd){a->host, a->at, a->fate, a->record};
        row.end_count++;
    }
    ladder->rows = array_grow(ladder->rows, &ladder->row_capacity, ladder->row_count + 1, sizeof *ladder->rows);
    ladder->rows[ladder->row_count++] = row;
    if (row.phase != TIMELINE_NONE) ladder->phases[row.phase].row_count++;
}

static void phase_add(Ladder *ladder, uint32_t seq, SimTime at) {
    ladder->phases =
        array_grow(ladder->phases, &ladder->phase_capacity, ladder->phase_count + 1, sizeof *ladder->phases);
    ladder->phases[ladder->phase_count++] = (LadderPhase){seq, at, (uint32_t)ladder->row_count, 0};
}

static bool stands_in_a_column(const Directory *directory, uint32_t host) {
    return host < directory->host_count && directory->hosts[host].kind != NODE_SWITCH &&
           directory->hosts[host].kind != NODE_HUB;
}

/* Until now `column` held the host itself, or nobody. */
static void columns_make(Ladder *ladder, const Directory *directory) {
    uint32_t *column_of = memory_resize(NULL, directory->host_count * sizeof *column_of);
    bool *used = memory_new(directory->host_count * sizeof *used);
    for (size_t i = 0; i < ladder->row_count; i++) used[ladder->rows[i].column] = true;
    for (size_t i = 0; i < ladder->end_count; i++)
        if (ladder->ends[i].column != TIMELINE_NONE) used[ladder->ends[i].column] = true;
    for (uint32_t host = 0; host < directory->host_count; host++) {
        column_of[host] = TIMELINE_NONE;
        if (!used[host] || !stands_in_a_column(directory, host)) continue;
        ladder->columns =
            array_grow(ladder->columns, &ladder->column_capacity, ladder->column_count + 1, sizeof *ladder->columns);
        column_of[host] = (uint32_t)ladder->column_count;
        ladder->columns[ladder->column_count++] = (LadderColumn){host};
    }
    for (size_t i = 0; i < ladder->row_count; i++) ladder->rows[i].column = column_of[ladder->rows[i].column];
    for (size_t i = 0; i < ladder->end_count; i++)
        if (ladder->ends[i].column != TIMELINE_NONE) ladder->ends[i].column = column_of[ladder->ends[i].column];
    free(column_of);
    free(used);
}

void ladder_build(const Timeline *timeline, const Messages *messages, const LadderOptions *options, Ladder *ladder) {
    const Trace *trace = timeline_trace(timeline);
    *ladder = (Ladder){0};
    for (uint32_t seq = 0; seq < messages->record_count; seq++) {
        const TraceRecord *r = trace_get(trace, seq);
        if (r->kind == TRACE_SAY && r->code == SAY_PHASE) phase_add(ladder, seq, r->at);
        if (r->kind != TRACE_MESSAGE || r->code != MESSAGE_SENT) continue;
        if (r->at < options->from || r->at > options->to) continue;
        if (r->small == TRACE_PROTO_ARP && !options->arp) continue;
        row_add(ladder, messages, messages->message_of[seq]);
    }
    columns_make(ladder, trace_directory(trace));
}

void ladder_free(Ladder *ladder) {
    free(ladder->columns);
    free(ladder->rows);
    free(ladder->ends);
    free(ladder->phases);
    *ladder = (Ladder){0};
}
