/* The timeline's memory: slots that are found again by who they belong to, states as blocks of slots, keyframes. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "observe/timeline_inside.h"

/* ---- States as blocks of memory ---- */

#define FOR_EACH_LIST(X)                                                      \
    X(hosts, host_count, host_capacity) X(interfaces, interface_count, interface_capacity) \
    X(machines, machine_count, machine_capacity) X(leases, lease_count, lease_capacity)    \
    X(bindings, binding_count, binding_capacity)

void timeline_state_free(TimelineState *s) {
#define X(list, count, capacity) free(s->list);
    FOR_EACH_LIST(X)
#undef X
}

size_t timeline_state_size(const TimelineState *s) {
    size_t size = 0;
#define X(list, count, capacity) size += s->count * sizeof *s->list;
    FOR_EACH_LIST(X)
#undef X
    return size;
}

void timeline_state_copy(const Timeline *tl, TimelineState *to, const TimelineState *from) {
    TimelineState kept = *to;
    *to = *from;
#define X(list, count, capacity)                                                       \
    to->list = kept.list;                                                              \
    to->count = tl->blank.count;                                                       \
    if (from->count > 0) memcpy(to->list, from->list, from->count * sizeof *to->list); \
    if (tl->blank.count > from->count)                                                 \
        memcpy(to->list + from->count, tl->blank.list + from->count,                   \
               (tl->blank.count - from->count) * sizeof *to->list);
    FOR_EACH_LIST(X)
#undef X
}

void timeline_keyframe_add(Timeline *tl) {
    tl->keyframes = array_grow(tl->keyframes, &tl->keyframe_capacity, tl->keyframe_count + 1, sizeof *tl->keyframes);
    Keyframe *keyframe = &tl->keyframes[tl->keyframe_count++];
    *keyframe = (Keyframe){tl->taken, tl->head};
#define X(list, count, capacity)                                                                              \
    keyframe->state.list = memory_resize(NULL, tl->head.count * sizeof *tl->head.list);                       \
    if (tl->head.count > 0) memcpy(keyframe->state.list, tl->head.list, tl->head.count * sizeof *tl->head.list);
    FOR_EACH_LIST(X)
#undef X
}

/* ---- Slots ---- */

static uint64_t slot_key(SlotKind kind, uint32_t owner) { return (uint64_t)kind << 32 | owner; }

static size_t slot_place(const SlotEntry *table, size_t capacity, uint64_t key, uint32_t key2) {
    uint64_t hash = (key ^ (uint64_t)key2 << 32 ^ key2) * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = (size_t)(hash >> 32) & (capacity - 1);
    while (table[at].key != 0 && (table[at].key != key || table[at].key2 != key2)) at = (at + 1) & (capacity - 1);
    return at;
}

uint32_t timeline_slot_find(const Timeline *tl, SlotKind kind, uint32_t owner, uint32_t key2) {
    if (tl->table_capacity == 0) return TIMELINE_NONE;
    const SlotEntry *entry = &tl->table[slot_place(tl->table, tl->table_capacity, slot_key(kind, owner), key2)];
    return entry->key ? entry->slot : TIMELINE_NONE;
}

static void slot_remember(Timeline *tl, SlotKind kind, uint32_t owner, uint32_t key2, uint32_t slot) {
    if (tl->table_count * 2 >= tl->table_capacity) {
        size_t capacity = tl->table_capacity ? tl->table_capacity * 2 : 64;
        SlotEntry *table = memory_new(capacity * sizeof *table);
        for (size_t i = 0; i < tl->table_capacity; i++)
            if (tl->table[i].key)
                table[slot_place(table, capacity, tl->table[i].key, tl->table[i].key2)] = tl->table[i];
        free(tl->table);
        tl->table = table;
        tl->table_capacity = capacity;
    }
    uint64_t key = slot_key(kind, owner);
    tl->table[slot_place(tl->table, tl->table_capacity, key, key2)] = (SlotEntry){key, key2, slot};
    tl->table_count++;
}

/* Appends a slot to the three states and to its host's list. `list`, `count` and `capacity` name the members. */
#define SLOT_ADD(tl, which, list, count, capacity, value)                                               \
    do {                                                                                                \
        TimelineState *const states[] = {&(tl)->blank, &(tl)->head, &(tl)->now};                        \
        size_t added = (tl)->blank.count, room = 0;                                                     \
        for (int s = 0; s < 3; s++) {                                                                   \
            room = (tl)->capacity;                                                                      \
            states[s]->list = array_grow(states[s]->list, &room, added + 1, sizeof *states[s]->list);   \
            states[s]->list[added] = (value);                                                           \
            states[s]->count = added + 1;                                                               \
        }                                                                                               \
        (tl)->capacity = room;                                                                          \
        seq_list_add(&(tl)->host_slots[(value).host].lists[which], (uint32_t)added);                    \
    } while (0)

void timeline_take_hosts(Timeline *tl) {
    size_t count = trace_directory(tl->trace)->host_count, capacity = tl->host_capacity;
    if (count <= tl->blank.host_count) return;
    TimelineState *const states[] = {&tl->blank, &tl->head, &tl->now};
    for (int s = 0; s < 3; s++) {
        capacity = tl->host_capacity;
        states[s]->hosts = array_grow(states[s]->hosts, &capacity, count, sizeof *states[s]->hosts);
        for (size_t i = states[s]->host_count; i < count; i++)
            states[s]->hosts[i] = (TimelineHost){.record = TIMELINE_NONE};
        states[s]->host_count = count;
    }
    tl->host_capacity = capacity;
    tl->host_slots = array_grow(tl->host_slots, &tl->host_slot_capacity, count, sizeof *tl->host_slots);
    for (; tl->host_slot_count < count; tl->host_slot_count++) tl->host_slots[tl->host_slot_count] = (HostSlots){0};
}

const uint32_t *timeline_slots(const Timeline *tl, uint32_t host, TimelineList list, size_t *count) {
    *count = 0;
    if (host >= tl->host_slot_count) return NULL;
    const SeqList *slots = &tl->host_slots[host].lists[list];
    *count = slots->count;
    return slots->seqs;
}

uint32_t timeline_machine_slot(Timeline *tl, uint32_t machine, uint32_t subject) {
    uint32_t slot = timeline_slot_find(tl, SLOT_MACHINE, machine, subject);
    if (slot != TIMELINE_NONE) return slot;
    const DirectoryMachine *entry = &trace_directory(tl->trace)->machines[machine];
    TimelineMachine blank = {.host = entry->host, .machine = machine, .subject = subject, .state = entry->spec->initial,
                             .record = TIMELINE_NONE};
    for (int i = 0; i < MACHINE_TIMERS; i++) blank.timers[i] = (TimelineTimer){0, SIM_NEVER, TIMELINE_NONE};
    slot = (uint32_t)tl->blank.machine_count;
    SLOT_ADD(tl, TIMELINE_MACHINES, machines, machine_count, machine_capacity, blank);
    slot_remember(tl, SLOT_MACHINE, machine, subject, slot);
    return slot;
}

uint32_t timeline_interface_slot(Timeline *tl, uint32_t host, uint32_t index) {
    uint32_t slot = timeline_slot_find(tl, SLOT_INTERFACE, host, index);
    if (slot != TIMELINE_NONE) return slot;
    TimelineInterface blank = {.host = host, .index = (uint8_t)index, .link = TIMELINE_NONE, .record = TIMELINE_NONE};
    slot = (uint32_t)tl->blank.interface_count;
    SLOT_ADD(tl, TIMELINE_INTERFACES, interfaces, interface_count, interface_capacity, blank);
    slot_remember(tl, SLOT_INTERFACE, host, index, slot);
    return slot;
}

uint32_t timeline_lease_slot(Timeline *tl, const TraceRecord *r) {
    uint32_t slot = timeline_slot_find(tl, SLOT_LEASE, r->machine, r->fact.subject);
    if (slot != TIMELINE_NONE) return slot;
    TimelineLease blank = {.host = r->host, .machine = r->machine, .subject = r->fact.subject, .record = TIMELINE_NONE};
    slot = (uint32_t)tl->blank.lease_count;
    SLOT_ADD(tl, TIMELINE_LEASES, leases, lease_count, lease_capacity, blank);
    slot_remember(tl, SLOT_LEASE, r->machine, r->fact.subject, slot);
    return slot;
}

uint32_t timeline_binding_slot(Timeline *tl, uint32_t host, Ipv4Address address) {
    uint32_t slot = timeline_slot_find(tl, SLOT_BINDING, host, address);
    if (slot != TIMELINE_NONE) return slot;
    TimelineBinding blank = {.host = host, .address = address, .expires_at = SIM_NEVER, .record = TIMELINE_NONE};
    slot = (uint32_t)tl->blank.binding_count;
    SLOT_ADD(tl, TIMELINE_BINDINGS, bindings, binding_count, binding_capacity, blank);
    slot_remember(tl, SLOT_BINDING, host, address, slot);
    return slot;
}

void timeline_mac_slot(Timeline *tl, MacAddress mac, uint32_t host) {
    uint64_t number = mac_number(mac);
    uint32_t high = (uint32_t)(number >> 32), low = (uint32_t)number;
    if (timeline_slot_find(tl, SLOT_MAC, high, low) == TIMELINE_NONE) slot_remember(tl, SLOT_MAC, high, low, host);
}
