/* Cables: what happens to a frame between two ends.
 *
 * Each direction has its own latency, bandwidth and faults, changeable while running. A frame that meets a fault is
 * never altered in place: a corrupted one is another frame in the store. Every transit is one trace record. */
#ifndef NETSTAGE_STACK_LINK_H
#define NETSTAGE_STACK_LINK_H

#include "base/random.h"
#include "sim/sim.h"

/* A frame arrives at a node's port; the node holds it and must let go of it (frame_store_release). `cause` is the
 * transit. */
typedef void LinkReceive(void *node, uint32_t port, FrameId frame, uint32_t cause);
typedef struct {
    void *node;
    LinkReceive *receive;
    uint32_t port;
    uint32_t host; /* directory index */
} LinkEnd;

enum { LINK_PPM = 1000000 };
typedef struct {
    SimTime latency;
    uint64_t bandwidth_bps; /* 0: octets take no time */
    uint32_t loss_ppm, duplicate_ppm, reorder_ppm, corrupt_ppm;
    SimTime reorder_by; /* how much later a reordered frame arrives */
} LinkQuality;

typedef enum { FAULT_DROP, FAULT_DUPLICATE, FAULT_CORRUPT, FAULT_DELAY } LinkFaultAction;
/* A fault by hand: the next `count` frames, or those that carry a message of this name. */
typedef struct LinkFault {
    struct LinkFault *next;
    LinkFaultAction action;
    uint32_t count;
    SimTime by;          /* FAULT_DELAY */
    const char *message; /* NULL: any frame; as in FrameSummary */
    uint32_t cause;      /* the command's record */
} LinkFault;

typedef struct {
    LinkQuality quality;
    SimTime free_at; /* when the last frame's octets have left */
    RandomStream random;
    bool random_ready;
    LinkFault *faults;
} LinkWay;

typedef struct {
    Sim *sim;
    uint32_t id; /* directory index */
    const char *name;
    LinkEnd end[2];
    LinkWay way[2]; /* way[0] leads from end 0 to end 1 */
    bool up;
    uint32_t pulls; /* times it went down: frames under way then are gone */
} Link;

/* Joins two ends and enters the link into the directory. The link lives in the simulation's arena. */
Link *link_new(Sim *sim, const DirectoryLink *entry, LinkEnd a, LinkEnd b, const LinkQuality *quality);
/* Sends a frame from end `side`; takes over one hold of it. `cause` is the record that led to it. */
void link_send(Link *link, int side, FrameId frame, uint32_t cause);
void link_set_up(Link *link, bool up);
void link_add_fault(Link *link, int side, const LinkFault *fault);

#endif
