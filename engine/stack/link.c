#include "stack/link.h"

#include <string.h>

#include "wire/describe.h"

Link *link_new(Sim *sim, const DirectoryLink *entry, LinkEnd a, LinkEnd b, const LinkQuality *quality) {
    Link *link = arena_alloc(sim_arena(sim), sizeof *link);
    link->sim = sim;
    link->id = trace_add_link(sim_trace(sim), entry);
    link->name = arena_text(sim_arena(sim), entry->name);
    link->end[0] = a;
    link->end[1] = b;
    link->way[0].quality = link->way[1].quality = *quality;
    link->up = true;
    return link;
}

static void arrive(void *self, uint64_t number, uint32_t frame, uint32_t cause) {
    Link *link = self;
    const LinkEnd *to = &link->end[number & 1];
    if ((uint32_t)(number >> 1) != link->pulls) {
        sim_record_ignored(link->sim, to->host, TRACE_NONE, "link.pulled", frame, 0, cause);
        frame_store_release(sim_frames(link->sim), frame);
        return;
    }
    to->receive(to->node, to->port, frame, cause);
}

static void transit(Link *link, int side, FrameId frame, FrameCode code, SimTime arrives_at, uint32_t cause) {
    TraceRecord record = {.at = sim_now(link->sim),
                          .cause = cause,
                          .host = link->end[side].host,
                          .machine = TRACE_NONE,
                          .kind = TRACE_FRAME,
                          .code = (uint8_t)code,
                          .small = (uint16_t)side};
    record.frame.arrives_at = arrives_at;
    record.frame.frame = frame;
    record.frame.link = link->id;
    uint32_t seq = trace_add(sim_trace(link->sim), &record);
    if (code == FRAME_LOST || code == FRAME_LINK_DOWN) frame_store_release(sim_frames(link->sim), frame);
    else sim_schedule(link->sim, arrives_at, arrive, link, (uint64_t)link->pulls << 1 | (uint64_t)!side, frame, seq);
}

/* The first fault by hand that this frame meets, used up by one; -1 if it meets none. */
static int meet_fault(Link *link, LinkWay *way, FrameId frame, SimTime *by, uint32_t *cause) {
    FrameSummary summary;
    bool summarised = false;
    for (LinkFault **at = &way->faults; *at; at = &(*at)->next) {
        LinkFault *fault = *at;
        if (fault->message) {
            if (!summarised) frame_summarise(frame_store_get(sim_frames(link->sim), frame), &summary);
            summarised = true;
            if (strcmp(fault->message, summary.message) != 0) continue;
        }
        *by = fault->by;
        *cause = fault->cause;
        if (--fault->count == 0) *at = fault->next;
        return (int)fault->action;
    }
    return -1;
}

/* One octet behind the Ethernet addresses is changed, so that the frame still finds a reader who must notice. */
static FrameId corrupt(Link *link, LinkWay *way, FrameId frame) {
    FrameStore *frames = sim_frames(link->sim);
    size_t size = frame_store_get(frames, frame).size;
    uint8_t *room = frame_store_reserve(frames, size);
    memcpy(room, frame_store_get(frames, frame).at, size);
    size_t first = size > 12 ? 12 : 0;
    room[first + random_below(&way->random, size - first)] ^= (uint8_t)(1 + random_below(&way->random, 255));
    FrameId changed = frame_store_commit(frames, size);
    frame_store_release(frames, frame);
    return changed;
}

static bool chance(LinkWay *way, uint32_t ppm) { return ppm > 0 && random_below(&way->random, LINK_PPM) < ppm; }

void link_send(Link *link, int side, FrameId frame, uint32_t cause) {
    LinkWay *way = &link->way[side];
    const LinkQuality *q = &way->quality;
    SimTime now = sim_now(link->sim), leaves_at = way->free_at > now ? way->free_at : now;
    if (!link->up) {
        transit(link, side, frame, FRAME_LINK_DOWN, now, cause);
        return;
    }
    if (q->bandwidth_bps > 0) {
        uint64_t bits = frame_store_get(sim_frames(link->sim), frame).size * UINT64_C(8);
        leaves_at += (SimTime)(bits * (uint64_t)SIM_SECOND / q->bandwidth_bps);
        way->free_at = leaves_at;
    }
    SimTime arrives_at = leaves_at + q->latency;
    if (!way->faults && (q->loss_ppm | q->duplicate_ppm | q->reorder_ppm | q->corrupt_ppm) == 0) {
        transit(link, side, frame, FRAME_DELIVERED, arrives_at, cause);
        return;
    }
    if (!way->random_ready) {
        way->random = random_stream(sim_seed(link->sim), link->name, side ? "b-to-a" : "a-to-b");
        way->random_ready = true;
    }
    SimTime by = 0;
    int fault = meet_fault(link, way, frame, &by, &cause);
    if (fault == FAULT_DROP || chance(way, q->loss_ppm)) {
        transit(link, side, frame, FRAME_LOST, arrives_at, cause);
        return;
    }
    if (fault == FAULT_DELAY) arrives_at += by;
    if (chance(way, q->reorder_ppm)) arrives_at += q->reorder_by;
    FrameCode code = FRAME_DELIVERED;
    if (fault == FAULT_CORRUPT || chance(way, q->corrupt_ppm)) {
        frame = corrupt(link, way, frame);
        code = FRAME_CORRUPTED;
    }
    bool twice = fault == FAULT_DUPLICATE || chance(way, q->duplicate_ppm);
    if (twice) frame_store_hold(sim_frames(link->sim), frame);
    transit(link, side, frame, code, arrives_at, cause);
    if (twice) transit(link, side, frame, FRAME_DUPLICATE, arrives_at + q->latency / 2 + SIM_MICROSECOND, cause);
}

void link_set_up(Link *link, bool up) {
    if (link->up && !up) link->pulls++;
    link->up = up;
}

void link_add_fault(Link *link, int side, const LinkFault *fault) {
    LinkFault *kept = arena_alloc(sim_arena(link->sim), sizeof *kept);
    *kept = *fault;
    kept->next = NULL;
    if (fault->message) kept->message = arena_text(sim_arena(link->sim), fault->message);
    LinkFault **at = &link->way[side].faults;
    while (*at) at = &(*at)->next;
    *at = kept;
}
