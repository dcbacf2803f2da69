/* SPDX-License-Identifier: Apache-2.0
 *
 * Roots, exponentials, logarithms and powers of decimals, in fixed point of 90 decimals: more than twice the digits of a result, so
 * that what is cut off decides the rounding. A result that is exact to 78 digits is taken as exact: ties are then ties.
 */
#include "engine/feel/decimal_internal.h"

#include <assert.h>
#include <math.h>

#define TEN18 1000000000000000000ULL
#define LIMBS 6
#define DECIMALS (18 * (LIMBS - 1))
#define TAYLOR_TERMS 30    /* of exp below 0.01: 0.009^30 / 30! < 10^-93 */
#define HALVINGS 8         /* 2.31 / 2^8 < 0.01 */
#define ATANH_TERMS 15     /* of squares below 3·10^-7 */
#define EXPONENT_FAR 20000 /* beyond every range, with room */
#define EXP_MAX 60000      /* e to it is far beyond the range */
#define POWER_BY_SQUARES_MAX 1000000000

/* A number ≥ 0 in fixed point: limb[0] before the point, then 18 decimals each. */
struct fix {
        uint64_t limb[LIMBS];
};
/* ± mantissa × 10^exponent, mantissa between 0.0009 and 10^9. */
struct real {
        struct fix mantissa;
        int64_t exponent;
        bool negative;
};

static const struct fix LN10 = {
    {2, 302585092994045684, 17991454684364207, 601101488628772976, 33327900967572609, 677352480235997205}};

static struct fix fix_int(uint64_t v)
{
        struct fix f = {{v}};

        return f;
}

static int fix_compare(const struct fix *a, const struct fix *b)
{
        for (int i = 0; i < LIMBS; i++)
                if (a->limb[i] != b->limb[i])
                        return a->limb[i] < b->limb[i] ? -1 : 1;
        return 0;
}

static struct fix fix_add(struct fix a, struct fix b)
{
        uint64_t carry = 0;

        for (int i = LIMBS - 1; i >= 0; i--) {
                uint64_t v = a.limb[i] + b.limb[i] + carry;
                carry = i > 0 && v >= TEN18;
                a.limb[i] = carry ? v - TEN18 : v;
        }
        return a;
}

/* a − b, a ≥ b. */
static struct fix fix_sub(struct fix a, struct fix b)
{
        uint64_t borrow = 0;

        for (int i = LIMBS - 1; i >= 0; i--) {
                uint64_t take = b.limb[i] + borrow;
                borrow = a.limb[i] < take;
                a.limb[i] = a.limb[i] + (borrow ? TEN18 : 0) - take;
        }
        assert(borrow == 0);
        return a;
}

static struct fix fix_mul(const struct fix *a, const struct fix *b)
{
        u128_t sum[LIMBS + 1] = {0}, carry = 0; /* one more place, whose carry counts */
        struct fix r;

        for (int i = 0; i < LIMBS; i++)
                for (int j = 0; j < LIMBS && i + j <= LIMBS; j++)
                        sum[i + j] += (u128_t)a->limb[i] * b->limb[j];
        for (int i = LIMBS; i >= 0; i--) {
                u128_t v = sum[i] + carry;
                carry = i > 0 ? v / TEN18 : 0;
                if (i < LIMBS)
                        r.limb[i] = (uint64_t)(v - carry * TEN18);
        }
        return r;
}

static struct fix fix_mul_small(struct fix a, uint64_t n)
{
        struct fix b = fix_int(n);

        return fix_mul(&a, &b);
}

static struct fix fix_div_small(struct fix a, uint64_t n)
{
        uint64_t r = 0;

        for (int i = 0; i < LIMBS; i++) {
                u128_t v = (u128_t)r * TEN18 + a.limb[i];
                a.limb[i] = (uint64_t)(v / n);
                r = (uint64_t)(v % n);
        }
        return a;
}

static double fix_double(const struct fix *a)
{
        return (double)a->limb[0] + (double)a->limb[1] / 1e18 + (double)a->limb[2] / 1e36;
}

/* coefficient × 10^exponent, which is below 10^18; digits below 10^-90 are cut off. */
static struct fix fix_from(u128_t coefficient, int exponent)
{
        int place = exponent >= 0 ? 0 : (-exponent + 17) / 18;
        struct wide w = wide_mul(coefficient, decimal_ten[18 * place + exponent]);
        struct fix f = fix_int(0);

        for (; w.limb[0] != 0 || w.limb[1] != 0 || w.limb[2] != 0 || w.limb[3] != 0; place--) {
                uint64_t limb = wide_div(&w, TEN18);
                assert(place >= 0);
                if (place < LIMBS)
                        f.limb[place] = limb;
        }
        return f;
}

/* 1 / a, a between 0.1 and 10^3: Newton, from 15 digits. */
static struct fix fix_reciprocal(const struct fix *a)
{
        struct fix y = fix_from((u128_t)(1e18 / fix_double(a)), -18), two = fix_int(2);

        for (int i = 0; i < 3; i++) {
                struct fix p = fix_mul(a, &y), q = fix_sub(two, p);
                y = fix_mul(&y, &q);
        }
        return y;
}

/* ±a ± b. */
static struct fix fix_signed_add(struct fix a, bool na, struct fix b, bool nb, bool *negative)
{
        *negative = na;
        if (na == nb)
                return fix_add(a, b);
        if (fix_compare(&a, &b) >= 0)
                return fix_sub(a, b);
        *negative = nb;
        return fix_sub(b, a);
}

/* Round to a decimal; 78 digits count. */
static bool real_finish(struct decimal *out, const struct real *r)
{
        struct fix f = fix_mul_small(r->mantissa, 1000), half = {{0, 0, 0, 0, 0, 500000000000}};

        if (r->exponent > EXPONENT_FAR)
                return false;
        if (r->exponent < -EXPONENT_FAR) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        f = fix_add(f, half);
        bool sticky = f.limb[3] != 0 || f.limb[4] != 0 || f.limb[5] / 1000000000000 != 0;
        struct wide w = wide_mul((u128_t)f.limb[0] * TEN18 + f.limb[1], TEN18);
        u128_t low = (u128_t)w.limb[0] + f.limb[2];
        w.limb[0] = (uint64_t)low;
        for (int i = 1; i < 4 && (low >>= 64) != 0; i++) {
                low += w.limb[i];
                w.limb[i] = (uint64_t)low;
        }
        return decimal_finish(out, w, (int)r->exponent - 3 - 36, r->negative, sticky);
}

/* e^x for 0 ≤ x < 2.4 */
static struct fix exp_small(struct fix x)
{
        struct fix one = fix_int(1), sum = one;

        x = fix_div_small(x, 1 << HALVINGS);
        for (uint64_t n = TAYLOR_TERMS; n > 0; n--) {
                sum = fix_div_small(fix_mul(&sum, &x), n);
                sum = fix_add(sum, one);
        }
        for (int i = 0; i < HALVINGS; i++)
                sum = fix_mul(&sum, &sum);
        return sum;
}

/* e^±x = 10^k × e^r, x < EXP_MAX. */
static struct real exp_of(struct fix x, bool negative)
{
        uint64_t k = (uint64_t)(fix_double(&x) / 2.302585092994045684);
        struct fix part = fix_mul_small(LN10, k);

        while (fix_compare(&part, &x) > 0) {
                k--;
                part = fix_sub(part, LN10);
        }
        struct fix r = fix_sub(x, part);
        if (!negative)
                return (struct real){exp_small(r), (int64_t)k, false};
        if (fix_compare(&r, &LN10) > 0) {
                k++;
                r = fix_sub(r, LN10);
        }
        return (struct real){exp_small(fix_sub(LN10, r)), -(int64_t)k - 1, false};
}

/* 2 atanh(z)/z for z² given: 2 (1 + z²/3 + z⁴/5 …) */
static struct fix atanh_factor(const struct fix *z2)
{
        struct fix sum = fix_int(0);

        for (uint64_t n = ATANH_TERMS; n > 0; n--) {
                sum = fix_add(sum, fix_div_small(fix_int(1), 2 * n + 1));
                sum = fix_mul(&sum, z2);
        }
        return fix_mul_small(fix_add(sum, fix_int(1)), 2);
}

/* ln(1 ± t) for t = c × 10^e below 10^-3, as t × 2 atanh(z)/z / (2 ± t): all digits of it count, however small. */
static struct real log_near_one(u128_t c, int e, bool negative)
{
        int lead = decimal_digits(c) - 1;
        struct fix t = fix_from(c, e), two = fix_int(2);
        struct fix sum = negative ? fix_sub(two, t) : fix_add(two, t);
        struct fix w = fix_reciprocal(&sum), z = fix_mul(&t, &w), z2 = fix_mul(&z, &z);
        struct fix factor = atanh_factor(&z2), mantissa = fix_from(c, -lead);

        factor = fix_mul(&factor, &w);
        return (struct real){fix_mul(&mantissa, &factor), e + lead, negative};
}

/* ln m for 0.3 < m < 3.2: y from the C library, exact by what it misses, ln m = y + 2 atanh((m − e^y) / (m + e^y)). */
static struct fix log_middle(struct fix m, bool *negative)
{
        double y = log(fix_double(&m));
        struct fix guess = fix_from((u128_t)(fabs(y) * 1e17), -17), e = exp_small(guess), one = fix_int(1);
        struct fix left = m, right = e;
        bool minus;

        if (y < 0) {
                left = fix_mul(&m, &e);
                right = one;
        }
        struct fix difference = fix_signed_add(left, false, right, true, &minus), sum = fix_add(left, right);
        struct fix w = fix_reciprocal(&sum), z = fix_mul(&difference, &w), z2 = fix_mul(&z, &z);
        struct fix factor = atanh_factor(&z2);
        return fix_signed_add(guess, y < 0, fix_mul(&z, &factor), minus, negative);
}

/* ln of a > 0. */
static struct real log_of(struct decimal a)
{
        int n = decimal_digits(a.coefficient), k = a.exponent + n - 1;
        bool upper = n < 3 ? a.coefficient * decimal_ten[3 - n] > 316 : a.coefficient > 316 * decimal_ten[n - 3];
        u128_t one = decimal_ten[n - 1];
        int e = -(n - 1);
        struct real r = {fix_int(0), 0, false};

        if (upper) { /* take it as 0.3 … 1 rather than 3 … 10 */
                k++;
                one *= 10;
                e--;
        }
        u128_t t = a.coefficient > one ? a.coefficient - one : one - a.coefficient;
        if (t == 0 && k == 0)
                return r;
        if (k == 0 && t < one / 1000)
                return log_near_one(t, e, a.coefficient < one);
        bool negative;
        struct fix middle = log_middle(fix_from(a.coefficient, e), &negative);
        struct fix tens = fix_mul_small(LN10, (uint64_t)(k < 0 ? -k : k));
        r.mantissa = fix_signed_add(tens, k < 0, middle, negative, &r.negative);
        return r;
}

bool decimal_exp(struct decimal *out, struct decimal a)
{
        int order = decimal_digits(a.coefficient) + a.exponent;

        if (a.coefficient == 0 || order < -DECIMALS) {
                *out = decimal_from_int(1);
                return true;
        }
        if (order > 5 || decimal_compare(decimal_abs(a), decimal_from_int(EXP_MAX)) >= 0) {
                *out = (struct decimal){0, 0, false};
                return a.negative;
        }
        struct decimal r = decimal_reduce(a);
        struct real e = exp_of(fix_from(r.coefficient, r.exponent), a.negative);
        return real_finish(out, &e);
}

bool decimal_log(struct decimal *out, struct decimal a)
{
        if (a.coefficient == 0 || a.negative)
                return false;
        struct real r = log_of(a);
        return real_finish(out, &r);
}

/* Bring the mantissa below 10. */
static void real_normalise(struct real *r)
{
        while (r->mantissa.limb[0] >= 10) {
                r->mantissa = fix_div_small(r->mantissa, 10);
                r->exponent++;
        }
}

/* a^n for whole n, 10^9 at most. */
static bool power_by_squares(struct decimal *out, struct decimal a, uint64_t n, bool inverse, bool negative)
{
        int lead = decimal_digits(a.coefficient) - 1;
        struct real square = {fix_from(a.coefficient, -lead), a.exponent + lead, false};
        struct real result = {fix_int(1), 0, negative};

        for (; n > 0; n >>= 1) {
                if ((n & 1) != 0) {
                        result.mantissa = fix_mul(&result.mantissa, &square.mantissa);
                        result.exponent += square.exponent;
                        real_normalise(&result);
                }
                square.mantissa = fix_mul(&square.mantissa, &square.mantissa);
                square.exponent *= 2;
                real_normalise(&square);
        }
        if (inverse) {
                result.mantissa = fix_reciprocal(&result.mantissa);
                result.exponent = -result.exponent;
        }
        return real_finish(out, &result);
}

/* e^(b ln a), a > 0 and not 1. */
static bool power_by_log(struct decimal *out, struct decimal a, struct decimal b, bool negative)
{
        struct real l = log_of(a);
        int lead = decimal_digits(b.coefficient) - 1;
        struct fix factor = fix_from(b.coefficient, -lead), x = fix_mul(&l.mantissa, &factor);
        bool minus = l.negative != b.negative;
        int64_t shift = l.exponent + b.exponent + lead;

        for (; shift > 0 && x.limb[0] < EXP_MAX; shift--)
                x = fix_mul_small(x, 10);
        for (; shift < 0 && shift >= -2 * DECIMALS; shift++)
                x = fix_div_small(x, 10);
        if (shift < 0)
                x = fix_int(0);
        struct real r = {fix_int(1), minus ? -EXPONENT_FAR - 1 : EXPONENT_FAR + 1, negative};
        if (x.limb[0] < EXP_MAX)
                r = exp_of(x, minus);
        r.negative = negative;
        return real_finish(out, &r);
}

bool decimal_power(struct decimal *out, struct decimal a, struct decimal b)
{
        a = decimal_reduce(a);
        b = decimal_reduce(b);
        if (b.coefficient == 0) {
                *out = decimal_from_int(1);
                return true;
        }
        if (a.coefficient == 0) {
                *out = a;
                return !b.negative;
        }
        bool whole = b.exponent >= 0, odd = b.exponent == 0 && (b.coefficient & 1) != 0;
        if (a.negative && !whole)
                return false;
        bool negative = a.negative && odd;
        int64_t n;
        a.negative = false;
        if (a.coefficient == 1 && a.exponent == 0) {
                *out = decimal_from_int(negative ? -1 : 1);
                return true;
        }
        if (decimal_to_int(decimal_abs(b), &n) && n <= POWER_BY_SQUARES_MAX)
                return power_by_squares(out, a, (uint64_t)n, b.negative, negative);
        return power_by_log(out, a, b, negative);
}

bool decimal_sqrt(struct decimal *out, struct decimal a)
{
        if (a.negative)
                return false;
        if (a.coefficient == 0) {
                *out = a;
                return true;
        }
        /* The whole root of c × 10^s, 69 or 70 digits with an even exponent. */
        int n = decimal_digits(a.coefficient), s = 70 - n;
        s -= (a.exponent - s) % 2 != 0;
        struct wide w =
            s <= 38 ? wide_mul(a.coefficient, decimal_ten[s]) : wide_mul(a.coefficient * decimal_ten[s - 36], decimal_ten[36]);
        double guess = sqrt(ldexp((double)w.limb[3], 192) + ldexp((double)w.limb[2], 128) + ldexp((double)w.limb[1], 64));
        u128_t x = (u128_t)guess + 1, r;
        for (int i = 0; i < 3; i++)
                x = (x + wide_div128(w, x, &r)) / 2;
        for (;; x--) { /* Newton ends at the root or one above it */
                struct wide square = wide_mul(x, x);
                u128_t high = ((u128_t)square.limb[3] << 64) | square.limb[2], low = wide_low(&square);
                u128_t whigh = ((u128_t)w.limb[3] << 64) | w.limb[2], wlow = wide_low(&w);
                if (high > whigh || (high == whigh && low > wlow))
                        continue;
                if (!decimal_finish(out, wide_of(x), (a.exponent - s) / 2, false, high != whigh || low != wlow))
                        return false;
                *out = decimal_reduce(*out);
                return true;
        }
}
