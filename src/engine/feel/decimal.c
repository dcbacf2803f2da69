/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/decimal_internal.h"

#include <assert.h>

#define T(n) ((u128_t)TEN19 * (n))

const u128_t decimal_ten[39] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    TEN19,
    T(10),
    T(100),
    T(1000),
    T(10000),
    T(100000),
    T(1000000),
    T(10000000),
    T(100000000),
    T(1000000000),
    T(10000000000),
    T(100000000000),
    T(1000000000000),
    T(10000000000000),
    T(100000000000000),
    T(1000000000000000),
    T(10000000000000000),
    T(100000000000000000),
    T(1000000000000000000),
    T(TEN19),
};

static int bits_of(uint64_t v)
{
        return 64 - __builtin_clzll(v);
}

int decimal_digits(u128_t v)
{
        uint64_t high = (uint64_t)(v >> 64);

        if (v == 0)
                return 0;
        int bits = high != 0 ? 64 + bits_of(high) : bits_of((uint64_t)v);
        int n = (bits * 1233) >> 12; /* floor(bits × log10 2): the number of digits or one less */
        return n + (v >= decimal_ten[n]);
}

struct wide wide_of(u128_t v)
{
        return (struct wide){{(uint64_t)v, (uint64_t)(v >> 64), 0, 0}};
}

u128_t wide_low(const struct wide *w)
{
        return ((u128_t)w->limb[1] << 64) | w->limb[0];
}

struct wide wide_mul(u128_t a, u128_t b)
{
        uint64_t al = (uint64_t)a, ah = (uint64_t)(a >> 64);
        uint64_t bl = (uint64_t)b, bh = (uint64_t)(b >> 64);
        u128_t ll = (u128_t)al * bl, lh = (u128_t)al * bh, hl = (u128_t)ah * bl;
        u128_t hh = (u128_t)ah * bh;
        struct wide w;

        w.limb[0] = (uint64_t)ll;
        u128_t mid = (ll >> 64) + (uint64_t)lh + (uint64_t)hl;
        w.limb[1] = (uint64_t)mid;
        u128_t high = (mid >> 64) + (lh >> 64) + (hl >> 64) + (uint64_t)hh;
        w.limb[2] = (uint64_t)high;
        w.limb[3] = (uint64_t)((high >> 64) + (hh >> 64));
        return w;
}

uint64_t wide_div(struct wide *w, uint64_t d)
{
        uint64_t r = 0;

        for (int i = 3; i >= 0; i--) {
                if (r == 0 && w->limb[i] < d) {
                        r = w->limb[i];
                        w->limb[i] = 0;
                        continue;
                }
                u128_t v = ((u128_t)r << 64) | w->limb[i];
                w->limb[i] = (uint64_t)(v / d);
                r = (uint64_t)(v - (u128_t)w->limb[i] * d);
        }
        return r;
}

/* One limb of the quotient of three limbs by two (Knuth, TAOCP 4.3.1 D): d's top bit is set, high <
 * d. */
static uint64_t divide_3_by_2(u128_t high, uint64_t low, u128_t d, u128_t *remainder)
{
        uint64_t d1 = (uint64_t)(d >> 64), d0 = (uint64_t)d;
        u128_t q = (high >> 64) >= d1 ? (u128_t)UINT64_MAX : high / d1;
        u128_t r = high - q * d1; /* may take a limb and more, when q was cut to one */

        while ((r >> 64) == 0 && q * d0 > ((r << 64) | low)) {
                q--;
                r += d1;
        }
        *remainder = ((high << 64) | low) - q * d; /* modulo 2^128, where it fits */
        return (uint64_t)q;
}

u128_t wide_div128(struct wide w, u128_t d, u128_t *remainder)
{
        u128_t high = ((u128_t)w.limb[3] << 64) | w.limb[2], low = wide_low(&w);

        assert(d != 0 && high < d);
        if ((d >> 64) == 0) {
                *remainder = wide_div(&w, (uint64_t)d);
                return wide_low(&w);
        }
        int shift = 64 - bits_of((uint64_t)(d >> 64));
        if (shift > 0) {
                d <<= shift;
                high = (high << shift) | (low >> (128 - shift));
                low <<= shift;
        }
        u128_t r;
        uint64_t q1 = divide_3_by_2(high, (uint64_t)(low >> 64), d, &r);
        uint64_t q0 = divide_3_by_2(r, (uint64_t)low, d, &r);
        *remainder = r >> shift;
        return ((u128_t)q1 << 64) | q0;
}

/* Whether a magnitude is raised by one: the last digit cut off, whether anything was cut off below
 * it, whether the kept one is odd. */
static bool rounds_up(unsigned digit, bool sticky, bool odd, bool negative, enum rounding mode)
{
        switch (mode) {
        case ROUND_HALF_UP:
                return digit >= 5;
        case ROUND_HALF_DOWN:
                return digit > 5 || (digit == 5 && sticky);
        case ROUND_HALF_EVEN:
                return digit > 5 || (digit == 5 && (sticky || odd));
        case ROUND_UP:
                return digit > 0 || sticky;
        case ROUND_DOWN:
                return false;
        case ROUND_CEILING:
                return !negative && (digit > 0 || sticky);
        case ROUND_FLOOR:
                return negative && (digit > 0 || sticky);
        }
        return false;
}

static bool fits34(const struct wide *w)
{
        return w->limb[2] == 0 && w->limb[3] == 0 && wide_low(w) < LIMIT34;
}

/* What was cut off so far: its first digit, and whether there is more below. */
struct cut {
        unsigned digit;
        bool sticky;
};

static void drop(struct wide *w, int count, struct cut *cut)
{
        while (count > 0) {
                int n = count < 19 ? count : 19;
                uint64_t below = (uint64_t)decimal_ten[n - 1];
                uint64_t rest = wide_div(w, (uint64_t)decimal_ten[n]);
                cut->sticky = cut->sticky || cut->digit != 0 || rest % below != 0;
                cut->digit = (unsigned)(rest / below);
                count -= n;
        }
}

/* At most the digits of w, at least one less. */
static int wide_digits_floor(const struct wide *w)
{
        for (int i = 3; i >= 0; i--)
                if (w->limb[i] != 0)
                        return ((64 * i + bits_of(w->limb[i])) * 1233) >> 12;
        return 0;
}

bool decimal_finish(struct decimal *out, struct wide w, int exponent, bool negative, bool sticky)
{
        struct cut cut = {0, sticky};

        if (!fits34(&w) || exponent < DECIMAL_EXP_MIN) {
                int count = wide_digits_floor(&w) - DECIMAL_DIGITS;
                if (count < DECIMAL_EXP_MIN - exponent)
                        count = DECIMAL_EXP_MIN - exponent;
                if (count > 0) {
                        drop(&w, count > 100 ? 100 : count, &cut);
                        exponent += count;
                }
                for (; !fits34(&w); exponent++)
                        drop(&w, 1, &cut);
        }
        u128_t c = wide_low(&w);
        if (rounds_up(cut.digit, cut.sticky, (c & 1) != 0, negative, ROUND_HALF_EVEN) && ++c == LIMIT34) {
                c /= 10;
                exponent++;
        }
        if (c == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        if (exponent > DECIMAL_EXP_MAX) {
                int up = exponent - DECIMAL_EXP_MAX;
                if (up > DECIMAL_DIGITS - decimal_digits(c))
                        return false;
                c *= decimal_ten[up];
                exponent = DECIMAL_EXP_MAX;
        }
        *out = (struct decimal){c, (int16_t)exponent, negative};
        return true;
}

struct decimal decimal_from_int(int64_t v)
{
        return (struct decimal){v < 0 ? 0 - (uint64_t)v : (uint64_t)v, 0, v < 0};
}

struct decimal decimal_from_scaled(int64_t v, int scale)
{
        struct decimal d = decimal_from_int(v);

        d.exponent = (int16_t)(v == 0 ? 0 : -scale);
        return d;
}

struct decimal decimal_reduce(struct decimal d)
{
        static const int STEPS[] = {16, 8, 4, 2, 1};

        if (d.coefficient == 0)
                return (struct decimal){0, 0, false};
        for (size_t i = 0; i < sizeof STEPS / sizeof *STEPS; i++) {
                int n = STEPS[i];
                for (int k = 0; k < 2 && d.exponent + n <= DECIMAL_EXP_MAX; k++) {
                        u128_t q;
                        if ((d.coefficient & (((u128_t)1 << n) - 1)) != 0)
                                break; /* 10^n divides only what 2^n divides */
                        if ((d.coefficient >> 64) == 0) {
                                uint64_t c = (uint64_t)d.coefficient, t = (uint64_t)decimal_ten[n];
                                if (c % t != 0)
                                        break;
                                q = c / t;
                        } else {
                                q = d.coefficient / decimal_ten[n];
                                if (q * decimal_ten[n] != d.coefficient)
                                        break;
                        }
                        d.coefficient = q;
                        d.exponent = (int16_t)(d.exponent + n);
                }
        }
        return d;
}

static int compare_magnitude(struct decimal a, struct decimal b)
{
        if (a.exponent == b.exponent || a.coefficient == 0 || b.coefficient == 0)
                return (a.coefficient > b.coefficient) - (a.coefficient < b.coefficient);
        int da = decimal_digits(a.coefficient) + a.exponent;
        int db = decimal_digits(b.coefficient) + b.exponent;
        if (da != db)
                return da < db ? -1 : 1;
        /* Same order of magnitude: the exponents differ by at most 33, so one can be scaled. */
        int shift = a.exponent - b.exponent;
        u128_t ca = shift > 0 ? a.coefficient * decimal_ten[shift] : a.coefficient;
        u128_t cb = shift < 0 ? b.coefficient * decimal_ten[-shift] : b.coefficient;
        return (ca > cb) - (ca < cb);
}

int decimal_compare(struct decimal a, struct decimal b)
{
        if (a.negative != b.negative)
                return a.negative ? -1 : 1;
        int magnitude = compare_magnitude(a, b);
        return a.negative ? -magnitude : magnitude;
}

bool decimal_is_zero(struct decimal a)
{
        return a.coefficient == 0;
}

struct decimal decimal_negate(struct decimal a)
{
        a.negative = a.coefficient != 0 && !a.negative;
        return a;
}

struct decimal decimal_abs(struct decimal a)
{
        a.negative = false;
        return a;
}

/* The sum of magnitudes or their difference, on one exponent; sticky belongs below b. */
static bool add_aligned(struct decimal *out, u128_t ca, bool na, u128_t cb, bool nb, int exponent, bool sticky)
{
        bool negative = na;
        u128_t sum;

        if (na == nb) {
                sum = ca + cb;
        } else if (ca >= cb) {
                sum = ca - cb;
                if (sticky) { /* the part below is taken away: one less, and something is left */
                        assert(sum > 0);
                        sum--;
                }
        } else {
                sum = cb - ca;
                negative = nb;
        }
        if (sum == 0 && !sticky) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        if (sum < LIMIT34 && !sticky && exponent >= DECIMAL_EXP_MIN) {
                *out = (struct decimal){sum, (int16_t)exponent, negative};
                return true;
        }
        return decimal_finish(out, wide_of(sum), exponent, negative, sticky);
}

bool decimal_add(struct decimal *out, struct decimal a, struct decimal b)
{
        bool sticky = false;

        if (a.coefficient == 0 || b.coefficient == 0) {
                *out = a.coefficient == 0 ? b : a;
                return true;
        }
        if (a.exponent == b.exponent)
                return add_aligned(out, a.coefficient, a.negative, b.coefficient, b.negative, a.exponent, false);
        if (a.exponent < b.exponent) {
                struct decimal t = a;
                a = b;
                b = t;
        }
        /* a has the greater exponent: scale it as far as 37 digits allow; what is left of b below
         * is sticky. Where anything is cut off, a has 37 digits and b fewer, so that a − b keeps
         * more than 34. */
        int shift = a.exponent - b.exponent, room = 37 - decimal_digits(a.coefficient);
        int up = shift < room ? shift : room, down = shift - up;
        u128_t cb = b.coefficient;
        if (down > 0) {
                u128_t q = down >= DECIMAL_DIGITS ? 0 : cb / decimal_ten[down];
                sticky = down >= DECIMAL_DIGITS || q * decimal_ten[down] != cb;
                cb = q;
        }
        return add_aligned(out, a.coefficient * decimal_ten[up], a.negative, cb, b.negative, a.exponent - up, sticky);
}

bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b)
{
        return decimal_add(out, a, decimal_negate(b));
}

bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b)
{
        int exponent = a.exponent + b.exponent;

        if (a.coefficient == 0 || b.coefficient == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        if (((a.coefficient | b.coefficient) >> 64) == 0 && exponent >= DECIMAL_EXP_MIN && exponent <= DECIMAL_EXP_MAX) {
                u128_t p = (u128_t)(uint64_t)a.coefficient * (uint64_t)b.coefficient;
                if (p < LIMIT34) {
                        *out = (struct decimal){p, (int16_t)exponent, a.negative != b.negative};
                        return true;
                }
        }
        return decimal_finish(out, wide_mul(a.coefficient, b.coefficient), exponent, a.negative != b.negative, false);
}

bool decimal_div(struct decimal *out, struct decimal a, struct decimal b)
{
        bool negative = a.negative != b.negative;
        u128_t q, r;

        if (b.coefficient == 0)
                return false;
        if (a.coefficient == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        int exponent = a.exponent - b.exponent;
        if (((a.coefficient | b.coefficient) >> 64) == 0) {
                uint64_t ca = (uint64_t)a.coefficient, cb = (uint64_t)b.coefficient;
                if (ca % cb == 0)
                        return decimal_finish(out, wide_of(ca / cb), exponent, negative, false);
        }
        /* 35 or 36 digits of quotient and whether anything is left over are enough to round. */
        int up = DECIMAL_DIGITS + 1 + decimal_digits(b.coefficient) - decimal_digits(a.coefficient);
        struct wide w = up <= 38 ? wide_mul(a.coefficient, decimal_ten[up])
                                 : wide_mul(a.coefficient * decimal_ten[up - 35], decimal_ten[35]);
        q = wide_div128(w, b.coefficient, &r);
        if (!decimal_finish(out, wide_of(q), exponent - up, negative, r != 0))
                return false;
        if (r == 0)
                *out = decimal_reduce(*out);
        return true;
}

bool decimal_round(struct decimal *out, struct decimal a, int scale, enum rounding mode)
{
        int count = -scale - a.exponent; /* digits to drop */
        struct cut cut = {0, false};
        u128_t c = 0;

        if (scale < -DECIMAL_EXP_MAX || scale > -DECIMAL_EXP_MIN)
                return false;
        if (a.coefficient == 0 || count <= 0) {
                *out = a;
                return true;
        }
        if (count > DECIMAL_DIGITS) {
                cut.sticky = true; /* less than a tenth of the last place that is kept */
        } else if ((a.coefficient >> 64) == 0 && count < 20) {
                uint64_t v = (uint64_t)a.coefficient, below = (uint64_t)decimal_ten[count - 1];
                uint64_t upper = v / below;
                c = upper / 10;
                cut = (struct cut){(unsigned)(upper % 10), v % below != 0};
        } else {
                u128_t upper = a.coefficient / decimal_ten[count - 1];
                c = upper / 10;
                cut.digit = (unsigned)(upper - c * 10);
                cut.sticky = upper * decimal_ten[count - 1] != a.coefficient;
        }
        c += rounds_up(cut.digit, cut.sticky, (c & 1) != 0, a.negative, mode) ? 1 : 0;
        return decimal_finish(out, wide_of(c), -scale, a.negative, false);
}

/* |a| mod |b|, exact: its exponent is the lesser one of both. */
static struct decimal remainder_of(struct decimal a, struct decimal b)
{
        int shift = a.exponent - b.exponent;

        a.negative = b.negative = false;
        if (compare_magnitude(a, b) < 0)
                return a;
        if (shift < 0) { /* b is not greater than a, so that it fits on a's exponent */
                u128_t r = a.coefficient % (b.coefficient * decimal_ten[-shift]);
                return (struct decimal){r, r == 0 ? 0 : a.exponent, false};
        }
        u128_t r = a.coefficient % b.coefficient;
        for (; shift > 0 && r != 0; shift -= 4) /* 10^34 × 10^4 fits */
                r = r * decimal_ten[shift < 4 ? shift : 4] % b.coefficient;
        return (struct decimal){r, r == 0 ? 0 : b.exponent, false};
}

bool decimal_modulo(struct decimal *out, struct decimal a, struct decimal b)
{
        if (b.coefficient == 0)
                return false;
        struct decimal r = remainder_of(a, b);
        r.negative = a.negative && r.coefficient != 0;
        if (r.coefficient == 0 || r.negative == b.negative) {
                *out = r;
                return true;
        }
        return decimal_add(out, r, b);
}

bool decimal_to_scaled(struct decimal a, int scale, int64_t *out)
{
        int shift = a.exponent + scale;
        u128_t c = a.coefficient;

        if (c == 0) {
                *out = 0;
                return true;
        }
        if (shift < 0) {
                if (shift < -DECIMAL_DIGITS || c % decimal_ten[-shift] != 0)
                        return false;
                c /= decimal_ten[-shift];
        } else if (shift > 0) {
                if (shift > 18 || decimal_digits(c) + shift > 19)
                        return false;
                c *= decimal_ten[shift];
        }
        if (c > (u128_t)INT64_MAX + (a.negative ? 1 : 0))
                return false;
        *out = a.negative ? (int64_t)(0 - (uint64_t)c) : (int64_t)c;
        return true;
}

bool decimal_to_int(struct decimal a, int64_t *out)
{
        return decimal_to_scaled(a, 0, out);
}

bool decimal_to_fen(struct decimal yuan, fen_t *out)
{
        return decimal_to_scaled(yuan, 2, out);
}

struct decimal decimal_from_fen(fen_t fen)
{
        return decimal_from_scaled(fen, 2);
}
