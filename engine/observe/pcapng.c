#include "observe/pcapng.h"

#include <string.h>

/* Block types, and options by the section of the draft that defines them. */
enum {
    BLOCK_SECTION_HEADER = 0x0a0d0d0a,
    BLOCK_INTERFACE = 1,
    BLOCK_ENHANCED_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1a2b3c4d,
    LINKTYPE_ETHERNET = 1,
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SHB_HARDWARE = 2,
    SHB_USERAPPL = 4,
    IF_NAME = 2,
    IF_DESCRIPTION = 3,
    IF_TSRESOL = 9,
    NANOSECONDS = 9,
};

/* Blocks are written in little-endian order whatever the machine is. */
typedef struct {
    uint8_t *at;
    size_t size;
} Block;

static void put_u16(Block *b, uint16_t value) {
    b->at[b->size++] = (uint8_t)value;
    b->at[b->size++] = (uint8_t)(value >> 8);
}

static void put_u32(Block *b, uint32_t value) {
    put_u16(b, (uint16_t)value);
    put_u16(b, (uint16_t)(value >> 16));
}

static void put_padded(Block *b, const void *at, size_t size) {
    if (size > 0) memcpy(b->at + b->size, at, size);
    b->size += size;
    while (b->size % 4) b->at[b->size++] = 0;
}

static void put_option(Block *b, uint16_t code, const void *at, size_t size) {
    put_u16(b, code);
    put_u16(b, (uint16_t)size);
    put_padded(b, at, size);
}

static void put_option_text(Block *b, uint16_t code, const char *text) { put_option(b, code, text, strlen(text)); }

static Block block_begin(Output *output, uint32_t type, size_t most) {
    Block b = {(uint8_t *)output_room(output, most + 64), 0};
    put_u32(&b, type);
    put_u32(&b, 0);
    return b;
}

static void block_end(Block *b, Output *output) {
    uint32_t total = (uint32_t)b->size + 4;
    put_u32(b, total);
    Block length = {b->at + 4, 0};
    put_u32(&length, total);
    output_wrote(output, b->size);
}

static const char once_says[] = "each packet once, on the cable of its sender; --capture all shows every cable";
static const char every_says[] = "each packet on every cable it passed";

PcapngWriter pcapng_begin(const Trace *trace, PcapngScope scope, const char *application, Output *output) {
    Block b = block_begin(output, BLOCK_SECTION_HEADER, 400 + strlen(application));
    put_u32(&b, BYTE_ORDER_MAGIC);
    put_u16(&b, 1);
    put_u16(&b, 0);
    put_u32(&b, UINT32_MAX); /* section length: not said */
    put_u32(&b, UINT32_MAX);
    put_option_text(&b, SHB_HARDWARE, "simulated network");
    put_option_text(&b, SHB_USERAPPL, application);
    put_option_text(&b, OPTION_COMMENT, scope == PCAPNG_ONCE ? once_says : every_says);
    put_option(&b, OPTION_END, NULL, 0);
    block_end(&b, output);
    return (PcapngWriter){.trace = trace, .scope = scope, .output = output};
}

static void write_interface(PcapngWriter *w, const DirectoryLink *link) {
    const Directory *d = trace_directory(w->trace);
    Text description = text_new();
    text_print(&description, "%s %s to %s %s", d->hosts[link->end[0].host].name, link->end[0].name,
               d->hosts[link->end[1].host].name, link->end[1].name);
    Block b = block_begin(w->output, BLOCK_INTERFACE, 100 + strlen(link->name) + description.size);
    put_u16(&b, LINKTYPE_ETHERNET);
    put_u16(&b, 0);
    put_u32(&b, 0); /* snap length: no limit */
    put_option_text(&b, IF_NAME, link->name);
    put_option_text(&b, IF_DESCRIPTION, text_get(&description));
    put_option(&b, IF_TSRESOL, (uint8_t[]){NANOSECONDS}, 1);
    put_option(&b, OPTION_END, NULL, 0);
    block_end(&b, w->output);
    text_free(&description);
}

static const char *comment_of(const TraceRecord *r) {
    switch ((FrameCode)r->code) {
    case FRAME_LOST: return "lost on this link";
    case FRAME_CORRUPTED: return "corrupted on this link";
    case FRAME_DUPLICATE: return "duplicated on this link: the copy";
    default: return NULL;
    }
}

static void write_frame(PcapngWriter *w, const TraceRecord *r) {
    Bytes octets = frame_store_get(trace_frames(w->trace), r->frame.frame);
    Block b = block_begin(w->output, BLOCK_ENHANCED_PACKET, octets.size + 100);
    put_u32(&b, r->frame.link);
    put_u32(&b, (uint32_t)((uint64_t)r->at >> 32));
    put_u32(&b, (uint32_t)r->at);
    put_u32(&b, (uint32_t)octets.size);
    put_u32(&b, (uint32_t)octets.size);
    put_padded(&b, octets.at, octets.size);
    const char *comment = comment_of(r);
    if (comment) {
        put_option_text(&b, OPTION_COMMENT, comment);
        put_option(&b, OPTION_END, NULL, 0);
    }
    block_end(&b, w->output);
}

/* A switch's copies, and what a router only passes on: nobody here has said that. */
static bool is_passed_on(const PcapngWriter *w, const TraceRecord *r) {
    const Directory *d = trace_directory(w->trace);
    NodeKind kind = d->hosts[d->links[r->frame.link].end[r->small & 1].host].kind;
    if (kind == NODE_SWITCH || kind == NODE_HUB) return true;
    return kind == NODE_ROUTER && (r->cause == TRACE_NONE || trace_get(w->trace, r->cause)->kind != TRACE_MESSAGE);
}

void pcapng_update(PcapngWriter *w) {
    const Directory *d = trace_directory(w->trace);
    for (; w->links < d->link_count; w->links++) write_interface(w, &d->links[w->links]);
    for (size_t count = trace_count(w->trace); w->next_seq < count; w->next_seq++) {
        const TraceRecord *r = trace_get(w->trace, w->next_seq);
        if (r->kind != TRACE_FRAME || r->code == FRAME_LINK_DOWN) continue;
        if (w->scope == PCAPNG_EVERY_CABLE || !is_passed_on(w, r)) write_frame(w, r);
    }
}
