/* Between the files of the timeline. */
#ifndef NETSTAGE_OBSERVE_TIMELINE_INSIDE_H
#define NETSTAGE_OBSERVE_TIMELINE_INSIDE_H

#include "observe/timeline.h"

/* What the fold does with a fact, and where the values it needs stand; found by name once per kind of fact. */
typedef enum {
    FOLD_NOTHING,
    FOLD_POWERED,
    FOLD_PLUGGED,
    FOLD_CONFIGURED,
    FOLD_UNCONFIGURED,
    FOLD_BOUND,
    FOLD_UNBOUND,
    FOLD_BINDING,
} FoldKind;
typedef struct {
    FoldKind kind;
    uint8_t at[FACT_FIELDS];
} FoldFact;

/* A growing list of seqs or slots. */
typedef struct {
    uint32_t *seqs;
    size_t count, capacity;
} SeqList;

typedef struct {
    uint32_t first_child, last_child, next_sibling; /* in the tree of causes */
    uint32_t next_of_frame;                         /* the next record that speaks of the same frame */
} RecordLinks;

typedef struct {
    SeqList classes[TIMELINE_CLASSES];
    SeqList frames;        /* FRAME records */
    SimTime *arrivals_most; /* by block of FRAMES_BLOCK in `frames`: the latest arrival in it and all blocks before */
    size_t block_count, block_capacity;
    RecordLinks *links; /* by seq */
    size_t link_capacity;
    uint32_t *frame_first, *frame_last; /* by frame: its records */
    size_t frame_count, frame_first_capacity, frame_last_capacity;
    SimTime end;
} TimelineIndex;

enum { FRAMES_BLOCK = 64 };

/* Where a slot is found again: open addressing over (kind, number, number). */
typedef struct {
    uint64_t key;  /* 0: empty */
    uint32_t key2; /* the rest of the key */
    uint32_t slot;
} SlotEntry;

typedef struct {
    uint32_t seq_end;
    TimelineState state;
} Keyframe;

typedef enum { SLOT_MACHINE = 1, SLOT_INTERFACE, SLOT_LEASE, SLOT_BINDING, SLOT_MAC } SlotKind;

/* The slots of one host, by TimelineList. */
typedef struct {
    SeqList lists[TIMELINE_LISTS];
} HostSlots;

struct Timeline {
    const Trace *trace;
    uint32_t taken; /* records taken in so far */
    TimelineState blank; /* every slot there is, as it is before the first record */
    TimelineState head;  /* after the last record taken in */
    TimelineState now;   /* at the place */
    size_t host_capacity, interface_capacity, machine_capacity, lease_capacity,
        binding_capacity; /* of each of the three */
    uint32_t *slot_of; /* by seq: the slot the record changes */
    size_t slot_capacity;
    SlotEntry *table;
    size_t table_count, table_capacity;
    HostSlots *host_slots;
    size_t host_slot_count, host_slot_capacity;
    FoldFact *facts; /* by the directory's fact index */
    size_t fact_count, fact_capacity;
    Keyframe *keyframes;
    size_t keyframe_count, keyframe_capacity;
    TimelineIndex index;
};

void seq_list_add(SeqList *list, uint32_t seq);

/* Slots: found, and made where there is none. */
uint32_t timeline_slot_find(const Timeline *timeline, SlotKind kind, uint32_t owner, uint32_t key);
uint32_t timeline_machine_slot(Timeline *timeline, uint32_t machine, uint32_t subject);
uint32_t timeline_interface_slot(Timeline *timeline, uint32_t host, uint32_t index);
uint32_t timeline_lease_slot(Timeline *timeline, const TraceRecord *record);
uint32_t timeline_binding_slot(Timeline *timeline, uint32_t host, Ipv4Address address);
/* Remembers whose MAC address this is. */
void timeline_mac_slot(Timeline *timeline, MacAddress mac, uint32_t host);
void timeline_take_hosts(Timeline *timeline);

void timeline_state_free(TimelineState *state);
size_t timeline_state_size(const TimelineState *state);
/* Copies `from`, which may have fewer slots than there are now; slots beyond it become blank. `to` has room for all. */
void timeline_state_copy(const Timeline *timeline, TimelineState *to, const TimelineState *from);
/* Keeps the state after the last record taken in. */
void timeline_keyframe_add(Timeline *timeline);

void timeline_index_add(Timeline *timeline, uint32_t seq);
void timeline_index_free(TimelineIndex *index);

#endif
