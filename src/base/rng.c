/* SPDX-License-Identifier: Apache-2.0 */
#include "base/rng.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

#define PHILOX_M0 0xD2511F53u
#define PHILOX_M1 0xCD9E8D57u
#define PHILOX_W0 0x9E3779B9u /* golden ratio */
#define PHILOX_W1 0xBB67AE85u /* √3 − 1 */
#define ROUNDS 10

struct rng rng_new(uint64_t seed, uint64_t stream)
{
        return (struct rng){
            .key = {(uint32_t)seed, (uint32_t)(seed >> 32)},
            .counter = {0, 0, (uint32_t)stream, (uint32_t)(stream >> 32)},
            .used = 4,
        };
}

static void block(struct rng *r)
{
        uint32_t c0 = r->counter[0], c1 = r->counter[1], c2 = r->counter[2], c3 = r->counter[3];
        uint32_t k0 = r->key[0], k1 = r->key[1];
        for (int i = 0; i < ROUNDS; i++) {
                uint64_t p0 = (uint64_t)PHILOX_M0 * c0, p1 = (uint64_t)PHILOX_M1 * c2;
                c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
                c1 = (uint32_t)p1;
                c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
                c3 = (uint32_t)p0;
                k0 += PHILOX_W0;
                k1 += PHILOX_W1;
        }
        r->out[0] = c0;
        r->out[1] = c1;
        r->out[2] = c2;
        r->out[3] = c3;
        r->used = 0;
        if (++r->counter[0] == 0)
                ++r->counter[1]; /* 2^64 blocks a stream: the upper half is the stream's own */
}

uint32_t rng_u32(struct rng *r)
{
        if (r->used >= 4)
                block(r);
        return r->out[r->used++];
}

uint64_t rng_u64(struct rng *r)
{
        uint64_t low = rng_u32(r);
        return low | (uint64_t)rng_u32(r) << 32;
}

/* Lemire (2019): multiply and reject the few values that would make some results likelier. */
uint32_t rng_below(struct rng *r, uint32_t n)
{
        assert(n > 0);
        uint64_t product = (uint64_t)rng_u32(r) * n;
        if ((uint32_t)product < n) {
                uint32_t threshold = (0u - n) % n;
                while ((uint32_t)product < threshold)
                        product = (uint64_t)rng_u32(r) * n;
        }
        return (uint32_t)(product >> 32);
}

int64_t rng_between(struct rng *r, int64_t lo, int64_t hi)
{
        assert(lo <= hi);
        uint64_t span = (uint64_t)hi - (uint64_t)lo;
        uint64_t v;
        if (span < UINT32_MAX) {
                v = rng_below(r, (uint32_t)span + 1);
        } else if (span == UINT64_MAX) {
                v = rng_u64(r);
        } else {
                uint64_t n = span + 1, least = (0 - n) % n; /* 2^64 mod n values are refused */
                do
                        v = rng_u64(r);
                while (v < least);
                v %= n;
        }
        return (int64_t)((uint64_t)lo + v);
}

double rng_unit(struct rng *r)
{
        return (double)(rng_u64(r) >> 11) * 0x1p-53;
}

void random_bytes(void *out, size_t n)
{
        if (sodium_init() < 0)
                abort(); /* no source of randomness: nothing may go on */
        randombytes_buf(out, n);
}
