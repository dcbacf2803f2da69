/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimal numbers of 34 digits (IEEE 754-2008 decimal128 by value; DMN 1.5, 10.3.2.3.1): coefficient × 10^exponent, every
 * result rounded once, half to even. There is no infinity and no NaN: what has no value answers false. Knows nothing of FEEL.
 */
#ifndef ENGINE_FEEL_DECIMAL_H
#define ENGINE_FEEL_DECIMAL_H

#include "base/money.h"

#define DECIMAL_DIGITS 34
#define DECIMAL_EXP_MAX 6111
#define DECIMAL_EXP_MIN (-6176)
#define DECIMAL_TEXT 64 /* bytes that decimal_text may need in plain form up to 40 digits; longer numbers use an exponent */

__extension__ typedef unsigned __int128 u128_t;

struct decimal {
        u128_t coefficient; /* < 10^34 */
        int16_t exponent;
        bool negative; /* never for zero */
};

struct decimal decimal_from_int(int64_t v);
/* "12", "-1.50", ".5", "1e-3"; false for anything else or out of range. */
bool decimal_parse(struct decimal *out, struct str s);
/* Shortest plain form of the value: no exponent where at most 40 digits are needed, no trailing zeros. Returns out. */
char *decimal_text(struct decimal d, char out[DECIMAL_TEXT]);

bool decimal_add(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b);
bool decimal_div(struct decimal *out, struct decimal a, struct decimal b); /* false for b = 0 */
/* a − b × floor(a / b), as DMN's modulo: the sign of the divisor. */
bool decimal_modulo(struct decimal *out, struct decimal a, struct decimal b);
/* a to a whole power, exact steps rounded to 34 digits; other powers by exp and ln in extended binary are not offered here. */
bool decimal_power(struct decimal *out, struct decimal a, int64_t n);
bool decimal_sqrt(struct decimal *out, struct decimal a);
struct decimal decimal_negate(struct decimal a);
struct decimal decimal_abs(struct decimal a);
int decimal_compare(struct decimal a, struct decimal b); /* by value: 1.0 = 1 */
bool decimal_is_zero(struct decimal a);
/* Round to `scale` decimals with a named mode. */
bool decimal_round(struct decimal *out, struct decimal a, int scale, enum rounding mode);
/* A whole number in range; false when it has a fraction or does not fit. */
bool decimal_to_int(struct decimal a, int64_t *out);
/* Exact fen of an amount of yuan; false when it has more than two decimals or does not fit. */
bool decimal_to_fen(struct decimal yuan, fen_t *out);
struct decimal decimal_from_fen(fen_t fen);
double decimal_to_double(struct decimal a);
/* Nearest decimal of 17 significant digits; false for NaN and infinities. */
bool decimal_from_double(struct decimal *out, double v);

#endif
