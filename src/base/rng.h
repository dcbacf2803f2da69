/* SPDX-License-Identifier: Apache-2.0
 *
 * Philox 4×32-10 (Salmon et al., SC 2011): counter based, so that stream s at position i is the
 * same whatever was drawn elsewhere, on any number of threads. For demonstration data, sampling and
 * simulation; never for keys or tokens (random_bytes).
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
        uint32_t key[2];
        uint32_t counter[4];
        uint32_t out[4];
        unsigned used;
};
/* Stream `stream` of seed `seed`. */
struct rng rng_new(uint64_t seed, uint64_t stream);
uint32_t rng_u32(struct rng *r);
uint64_t rng_u64(struct rng *r);
uint32_t rng_below(struct rng *r, uint32_t n);              /* 0 … n−1, unbiased; n > 0 */
int64_t rng_between(struct rng *r, int64_t lo, int64_t hi); /* inclusive */
double rng_unit(struct rng *r);                             /* [0, 1) with 53 bits */

void random_bytes(void *out, size_t n); /* from the operating system, through libsodium */

#endif
