/* Reads the frames of a classic pcap file of Ethernet, for tests. */
#ifndef NETSTAGE_TESTS_CAPTURE_H
#define NETSTAGE_TESTS_CAPTURE_H

#include "base/bytes.h"
#include "base/text.h"

typedef struct {
    Text content;
    size_t at; /* of the next record */
    bool swapped;
} Capture;

static inline uint32_t capture_number(const Capture *c, size_t at) {
    const uint8_t *p = (const uint8_t *)c->content.at + at;
    return c->swapped ? (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3]
                      : (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 | (uint32_t)p[1] << 8 | p[0];
}

/* False: the file cannot be read or is no pcap of Ethernet; *error says which. The caller frees capture->content. */
static inline bool capture_open(const char *path, Capture *capture, Text *error) {
    *capture = (Capture){0};
    if (!text_read_file(path, &capture->content, error)) return false;
    bool whole = capture->content.size >= 24;
    uint32_t magic = whole ? capture_number(capture, 0) : 0;
    capture->swapped = magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1;
    capture->at = 24;
    if (whole && (capture->swapped || magic == 0xa1b2c3d4 || magic == 0xa1b23c4d) && capture_number(capture, 20) == 1)
        return true;
    text_print(error, "%s: no pcap of Ethernet", path);
    return false;
}

/* False at the end of the file. */
static inline bool capture_next(Capture *c, Bytes *frame) {
    if (c->content.size - c->at < 16) return false;
    size_t size = capture_number(c, c->at + 8);
    if (c->content.size - c->at - 16 < size) return false;
    *frame = bytes_of(c->content.at + c->at + 16, size);
    c->at += 16 + size;
    return true;
}

#endif
