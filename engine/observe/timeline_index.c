/* The timeline's index: which records are of a class, speak of a frame, or were led to by another. */
#include <stdlib.h>

#include "base/arena.h"
#include "observe/timeline_inside.h"

void seq_list_add(SeqList *list, uint32_t seq) {
    list->seqs = array_grow(list->seqs, &list->capacity, list->count + 1, sizeof *list->seqs);
    list->seqs[list->count++] = seq;
}

/* The class of a record as a bit; 0: none. */
static unsigned class_of(const TraceRecord *r) {
    switch ((TraceKind)r->kind) {
    case TRACE_STATE: return r->state.from != r->state.to ? TIMELINE_STATES : TIMELINE_STEPS;
    case TRACE_TIMER: return r->code == TIMER_EXPIRED ? TIMELINE_EXPIRIES : 0;
    case TRACE_MESSAGE: return r->code == MESSAGE_SENT ? TIMELINE_SENT : TIMELINE_RECEIVED;
    case TRACE_FRAME: return r->code != FRAME_DELIVERED ? TIMELINE_LOSSES : 0;
    case TRACE_FACT: return TIMELINE_FACTS;
    case TRACE_IGNORED: return TIMELINE_IGNORED;
    case TRACE_COMMAND: return TIMELINE_COMMANDS;
    case TRACE_SAY:
        return r->code == SAY_BEAT ? TIMELINE_BEATS : r->code == SAY_PHASE ? TIMELINE_PHASES : TIMELINE_TEXTS;
    case TRACE_EXPECT: return TIMELINE_EXPECTS;
    case TRACE_KINDS: break;
    }
    return 0;
}

static size_t class_index(unsigned class) {
    size_t i = 0;
    while (!(class >> i & 1)) i++;
    return i;
}

static uint32_t frame_of(const TraceRecord *r) {
    switch ((TraceKind)r->kind) {
    case TRACE_MESSAGE: return r->message.frame;
    case TRACE_FRAME: return r->frame.frame;
    case TRACE_IGNORED: return r->ignored.frame;
    default: return FRAME_NONE;
    }
}

static void frame_transit_add(TimelineIndex *x, const TraceRecord *r, uint32_t seq) {
    size_t block = x->frames.count / FRAMES_BLOCK;
    seq_list_add(&x->frames, seq);
    if (block == x->block_count) {
        x->arrivals_most = array_grow(x->arrivals_most, &x->block_capacity, block + 1, sizeof *x->arrivals_most);
        x->arrivals_most[block] = block > 0 ? x->arrivals_most[block - 1] : 0;
        x->block_count++;
    }
    if (r->frame.arrives_at > x->arrivals_most[block]) x->arrivals_most[block] = r->frame.arrives_at;
    if (r->frame.arrives_at > x->end) x->end = r->frame.arrives_at;
}

static void frame_record_add(TimelineIndex *x, uint32_t frame, uint32_t seq) {
    if (frame >= x->frame_count) {
        x->frame_first = array_grow(x->frame_first, &x->frame_first_capacity, frame + 1U, sizeof *x->frame_first);
        x->frame_last = array_grow(x->frame_last, &x->frame_last_capacity, frame + 1U, sizeof *x->frame_last);
        for (; x->frame_count <= frame; x->frame_count++)
            x->frame_first[x->frame_count] = x->frame_last[x->frame_count] = TIMELINE_NONE;
    }
    if (x->frame_first[frame] == TIMELINE_NONE)
        x->frame_first[frame] = seq;
    else
        x->links[x->frame_last[frame]].next_of_frame = seq;
    x->frame_last[frame] = seq;
}

void timeline_index_add(Timeline *tl, uint32_t seq) {
    TimelineIndex *x = &tl->index;
    const TraceRecord *r = trace_get(tl->trace, seq);
    x->links = array_grow(x->links, &x->link_capacity, seq + 1U, sizeof *x->links);
    x->links[seq] = (RecordLinks){TIMELINE_NONE, TIMELINE_NONE, TIMELINE_NONE, TIMELINE_NONE};
    if (r->cause != TRACE_NONE) {
        RecordLinks *parent = &x->links[r->cause];
        if (parent->first_child == TIMELINE_NONE)
            parent->first_child = seq;
        else
            x->links[parent->last_child].next_sibling = seq;
        parent->last_child = seq;
    }
    unsigned class = class_of(r);
    if (class) seq_list_add(&x->classes[class_index(class)], seq);
    if (r->kind == TRACE_FRAME) frame_transit_add(x, r, seq);
    if (frame_of(r) != FRAME_NONE) frame_record_add(x, frame_of(r), seq);
    if (r->at > x->end) x->end = r->at;
}

void timeline_index_free(TimelineIndex *x) {
    for (int i = 0; i < TIMELINE_CLASSES; i++) free(x->classes[i].seqs);
    free(x->frames.seqs);
    free(x->arrivals_most);
    free(x->links);
    free(x->frame_first);
    free(x->frame_last);
}

/* The number of entries below `seq`. */
static size_t list_below(const SeqList *list, uint32_t seq) {
    size_t low = 0, high = list->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (list->seqs[middle] < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t timeline_seq_at(const Timeline *tl, SimTime t) {
    uint32_t low = 0, high = tl->taken;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (trace_get(tl->trace, middle)->at <= t)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

uint32_t timeline_next(const Timeline *tl, uint32_t from, unsigned classes) {
    uint32_t found = TIMELINE_NONE;
    for (int i = 0; i < TIMELINE_CLASSES; i++) {
        if (!(classes >> i & 1)) continue;
        const SeqList *list = &tl->index.classes[i];
        size_t at = list_below(list, from);
        if (at < list->count && list->seqs[at] < found) found = list->seqs[at];
    }
    return found;
}

uint32_t timeline_previous(const Timeline *tl, uint32_t before, unsigned classes) {
    uint32_t found = TIMELINE_NONE;
    for (int i = 0; i < TIMELINE_CLASSES; i++) {
        if (!(classes >> i & 1)) continue;
        const SeqList *list = &tl->index.classes[i];
        size_t at = list_below(list, before);
        if (at > 0 && (found == TIMELINE_NONE || list->seqs[at - 1] > found)) found = list->seqs[at - 1];
    }
    return found;
}

const uint32_t *timeline_class(const Timeline *tl, TimelineClass class, size_t *count) {
    const SeqList *list = &tl->index.classes[class_index(class)];
    *count = list->count;
    return list->seqs;
}

size_t timeline_causes(const Timeline *tl, uint32_t seq, uint32_t *chain, size_t most) {
    size_t count = 0;
    for (; seq != TRACE_NONE; seq = trace_get(tl->trace, seq)->cause) {
        if (count < most) chain[count] = seq;
        count++;
    }
    return count;
}

size_t timeline_consequences(const Timeline *tl, uint32_t seq, uint32_t *records, size_t most) {
    CHECK(seq < tl->taken);
    size_t count = 0;
    for (uint32_t at = tl->index.links[seq].first_child; at != TIMELINE_NONE; at = tl->index.links[at].next_sibling) {
        if (count < most) records[count] = at;
        count++;
    }
    return count;
}

size_t timeline_frame_records(const Timeline *tl, uint32_t frame, uint32_t *records, size_t most) {
    size_t count = 0;
    if (frame >= tl->index.frame_count) return 0;
    for (uint32_t at = tl->index.frame_first[frame]; at != TIMELINE_NONE; at = tl->index.links[at].next_of_frame) {
        if (count < most) records[count] = at;
        count++;
    }
    return count;
}

uint32_t timeline_message_of(const Timeline *tl, uint32_t seq) {
    for (; seq != TRACE_NONE; seq = trace_get(tl->trace, seq)->cause) {
        const TraceRecord *r = trace_get(tl->trace, seq);
        if (r->kind == TRACE_MESSAGE && r->code == MESSAGE_SENT) return seq;
    }
    return TIMELINE_NONE;
}

size_t timeline_frames(const Timeline *tl, TimelineFrame *frames, size_t most) {
    const TimelineIndex *x = &tl->index;
    const Directory *d = trace_directory(tl->trace);
    SimTime t = tl->now.t;
    size_t end = list_below(&x->frames, tl->now.seq_end), start = end;
    /* Back over blocks as long as anything in or before them is still under way. */
    while (start > 0 && x->arrivals_most[(start - 1) / FRAMES_BLOCK] > t)
        start = (start - 1) / FRAMES_BLOCK * FRAMES_BLOCK;
    size_t count = 0;
    for (size_t i = start; i < end; i++) {
        const TraceRecord *r = trace_get(tl->trace, x->frames.seqs[i]);
        if (r->frame.arrives_at <= t) continue;
        if (count < most) {
            const DirectoryLink *link = &d->links[r->frame.link];
            frames[count] = (TimelineFrame){x->frames.seqs[i],
                                            r->frame.frame,
                                            r->frame.link,
                                            link->end[r->small & 1].host,
                                            link->end[~r->small & 1].host,
                                            (uint8_t)r->small,
                                            r->code,
                                            r->at,
                                            r->frame.arrives_at};
        }
        count++;
    }
    return count;
}
