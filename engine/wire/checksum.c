#include "wire/checksum.h"

#include <string.h>

/* Words are added in the machine's own order, sixteen octets at a time: the sum of swapped words is the swapped sum
 * (RFC 1071 section 2B). The last step stores the sum in the machine's order and reads it as two octets. */
uint16_t checksum_sum(Bytes bytes) {
    const uint8_t *at = bytes.at;
    size_t left = bytes.size;
    uint64_t sum = 0;
    for (; left >= 16; at += 16, left -= 16) {
        uint32_t w[4];
        memcpy(w, at, 16);
        sum += (uint64_t)w[0] + w[1] + w[2] + w[3];
    }
    for (; left >= 4; at += 4, left -= 4) {
        uint32_t w;
        memcpy(&w, at, 4);
        sum += w;
    }
    if (left > 0) {
        uint8_t last[4] = {at[0], left > 1 ? at[1] : 0, left > 2 ? at[2] : 0, 0};
        uint32_t w;
        memcpy(&w, last, 4);
        sum += w;
    }
    uint16_t folded = checksum_fold(sum);
    uint8_t octets[2];
    memcpy(octets, &folded, 2);
    return (uint16_t)(octets[0] << 8 | octets[1]);
}
