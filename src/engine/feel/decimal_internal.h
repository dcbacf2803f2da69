/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of decimal.h share: wide integers, powers of ten, the one rounding. Nobody else
 * includes it.
 */
#ifndef ENGINE_FEEL_DECIMAL_INTERNAL_H
#define ENGINE_FEEL_DECIMAL_INTERNAL_H

#include "engine/feel/decimal.h"

#define TEN19 10000000000000000000ULL /* the greatest power of ten in 64 bits */

/* A product or a scaled dividend: 256 bits as four limbs, the lowest first. */
struct wide {
        uint64_t limb[4];
};

extern const u128_t decimal_ten[39]; /* 10^0 … 10^38 */

#define LIMIT34 (decimal_ten[DECIMAL_DIGITS])

int decimal_digits(u128_t v); /* 0 for 0 */
struct wide wide_mul(u128_t a, u128_t b);
struct wide wide_of(u128_t v);
u128_t wide_low(const struct wide *w);
/* w /= d in place, the remainder is answered. */
uint64_t wide_div(struct wide *w, uint64_t d);
/* w / d of 128 bits; the quotient must fit 128 bits (w / 2^128 < d). */
u128_t wide_div128(struct wide w, u128_t d, u128_t *remainder);
/* Round w × 10^exponent to 34 digits, half to even; sticky: there was more below w. False beyond
 * the range. */
bool decimal_finish(struct decimal *out, struct wide w, int exponent, bool negative, bool sticky);

#endif
