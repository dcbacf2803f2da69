/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal numbers of 34 digits (IEEE 754-2008 decimal128 by value; DMN 1.5, 10.3.2.3.1): coefficient ×
 * 10^exponent, every result rounded once, half to even. There is no infinity and no NaN: what has
 * no value answers false. Small coefficients take short ways that give the same results. Knows
 * nothing of FEEL.
 */
#ifndef ENGINE_FEEL_DECIMAL_H
#define ENGINE_FEEL_DECIMAL_H

#include "base/money.h"

#define DECIMAL_DIGITS 34
#define DECIMAL_EXP_MAX 6111
#define DECIMAL_EXP_MIN (-6176)
/* Bytes that decimal_text may need: plain form up to 40 digits, longer numbers use an exponent. */
#define DECIMAL_TEXT 64

__extension__ typedef unsigned __int128 u128_t;

struct decimal {
        u128_t coefficient; /* < 10^34 */
        int16_t exponent;
        bool negative; /* never for zero */
};

struct decimal decimal_from_int(int64_t v);
/* "12", "-1.50", ".5", "1e-3"; false for anything else or out of range. */
bool decimal_parse(struct decimal *out, struct str s);
/* Shortest plain form of the value: no exponent where at most 40 digits are needed, no trailing
 * zeros. Returns out. */
char *decimal_text(struct decimal d, char out[DECIMAL_TEXT]);

bool decimal_add(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_div(struct decimal *out, struct decimal a, struct decimal b); /* false for b = 0 */
/* a − b × floor(a / b), as DMN's modulo: the sign of the divisor. The quotient is exact, however
 * many digits it has; false for b = 0. */
bool decimal_modulo(struct decimal *out, struct decimal a, struct decimal b);
/* a ** b to the nearest decimal. False for 0 to a negative power, a negative base with a fraction
 * as power, and beyond the range. 0 ** 0 is 1. */
bool decimal_power(struct decimal *out, struct decimal a, struct decimal b);
/* The nearest decimal; false for a < 0 (log: a ≤ 0), and beyond the range. */
bool decimal_sqrt(struct decimal *out, struct decimal a);
bool decimal_exp(struct decimal *out, struct decimal a);
bool decimal_log(struct decimal *out, struct decimal a);
struct decimal decimal_negate(struct decimal a);
struct decimal decimal_abs(struct decimal a);
int decimal_compare(struct decimal a, struct decimal b); /* by value: 1.0 = 1 */
bool decimal_is_zero(struct decimal a);
/* Round to `scale` decimals with a named mode; scale −6111 … 6176, false outside. */
bool decimal_round(struct decimal *out, struct decimal a, int scale, enum rounding mode);
/* The same value with the shortest coefficient; equal values are then equal bit by bit. */
struct decimal decimal_reduce(struct decimal d);
/* A whole number in range; false when it has a fraction or does not fit. */
bool decimal_to_int(struct decimal a, int64_t *out);
/* value × 10^scale as a whole number; false when digits would be lost or it does not fit. 0 ≤ scale
 * ≤ 18. */
bool decimal_to_scaled(struct decimal a, int scale, int64_t *out);
struct decimal decimal_from_scaled(int64_t v, int scale); /* v / 10^scale */
/* Exact fen of an amount of yuan; false when it has more than two decimals or does not fit. */
bool decimal_to_fen(struct decimal yuan, fen_t *out);
struct decimal decimal_from_fen(fen_t fen);

#endif
