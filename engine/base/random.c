#include "base/random.h"

#include "base/check.h"

static uint64_t splitmix(uint64_t *x) {
    uint64_t z = (*x += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* FNV-1a, with the terminating NUL hashed too, so that ("ab","c") and ("a","bc") differ. */
static uint64_t hash_text(uint64_t hash, const char *text) {
    for (;; text++) {
        hash = (hash ^ (uint8_t)*text) * UINT64_C(0x100000001b3);
        if (!*text) return hash;
    }
}

RandomStream random_stream(uint64_t seed, const char *owner, const char *part) {
    uint64_t x = hash_text(hash_text(UINT64_C(0xcbf29ce484222325), owner), part) ^ splitmix(&seed);
    RandomStream stream;
    for (int i = 0; i < 4; i++) stream.s[i] = splitmix(&x);
    return stream;
}

static uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

uint64_t random_next(RandomStream *r) {
    uint64_t out = rotate(r->s[1] * 5, 7) * 9, t = r->s[1] << 17;
    r->s[2] ^= r->s[0];
    r->s[3] ^= r->s[1];
    r->s[1] ^= r->s[2];
    r->s[0] ^= r->s[3];
    r->s[2] ^= t;
    r->s[3] = rotate(r->s[3], 45);
    return out;
}

uint64_t random_below(RandomStream *stream, uint64_t bound) {
    CHECK(bound > 0);
    uint64_t unfair = (0 - bound) % bound, x;
    do x = random_next(stream);
    while (x < unfair);
    return x % bound;
}

int64_t random_between(RandomStream *stream, int64_t low, int64_t high) {
    CHECK(low <= high);
    return low + (int64_t)random_below(stream, (uint64_t)(high - low) + 1);
}
