/* Random streams: each machine has its own, derived from the seed and its names, so that adding a host to a scenario
 * changes no other host's luck. xoshiro256** seeded through splitmix64 (Blackman and Vigna, public domain). */
#ifndef NETSTAGE_BASE_RANDOM_H
#define NETSTAGE_BASE_RANDOM_H

#include <stdint.h>

typedef struct {
    uint64_t s[4];
} RandomStream;

/* The stream of (seed, owner, part), for example (7, "pc1", "dhcp.client"). */
RandomStream random_stream(uint64_t seed, const char *owner, const char *part);
uint64_t random_next(RandomStream *stream);
/* Uniform in 0 .. bound-1, without modulo bias; bound must not be 0. */
uint64_t random_below(RandomStream *stream, uint64_t bound);
/* Uniform in low .. high, both included. */
int64_t random_between(RandomStream *stream, int64_t low, int64_t high);

#endif
