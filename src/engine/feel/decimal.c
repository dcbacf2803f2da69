/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/feel/decimal.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A product or a widened sum: 256 bits as four limbs, the lowest first. */
struct wide {
        uint64_t limb[4];
};

#define TEN19 10000000000000000000ULL /* 10^19, the greatest power of ten in a limb */

static u128_t power_of_ten(int n)
{
        u128_t p = 1;

        assert(n >= 0 && n <= 38);
        for (; n >= 19; n -= 19)
                p *= TEN19;
        for (; n > 0; n--)
                p *= 10;
        return p;
}

static u128_t limit34(void)
{
        return power_of_ten(DECIMAL_DIGITS);
}

static int digits_of(u128_t v)
{
        int n = 0;

        for (; v >= TEN19; v /= TEN19)
                n += 19;
        for (; v > 0; v /= 10)
                n++;
        return n;
}

static struct wide wide_mul(u128_t a, u128_t b)
{
        uint64_t al = (uint64_t)a, ah = (uint64_t)(a >> 64), bl = (uint64_t)b, bh = (uint64_t)(b >> 64);
        u128_t ll = (u128_t)al * bl, lh = (u128_t)al * bh, hl = (u128_t)ah * bl, hh = (u128_t)ah * bh;
        struct wide w;

        w.limb[0] = (uint64_t)ll;
        u128_t mid = (ll >> 64) + (uint64_t)lh + (uint64_t)hl;
        w.limb[1] = (uint64_t)mid;
        u128_t high = (mid >> 64) + (lh >> 64) + (hl >> 64) + (uint64_t)hh;
        w.limb[2] = (uint64_t)high;
        w.limb[3] = (uint64_t)((high >> 64) + (hh >> 64));
        return w;
}

static bool wide_is_zero(const struct wide *w)
{
        return (w->limb[0] | w->limb[1] | w->limb[2] | w->limb[3]) == 0;
}

/* w /= d in place, the remainder is answered. */
static uint64_t wide_div(struct wide *w, uint64_t d)
{
        u128_t r = 0;

        for (int i = 3; i >= 0; i--) {
                r = (r << 64) | w->limb[i];
                w->limb[i] = (uint64_t)(r / d);
                r %= d;
        }
        return (uint64_t)r;
}

static bool wide_fits(const struct wide *w)
{
        return w->limb[2] == 0 && w->limb[3] == 0 && (((u128_t)w->limb[1] << 64) | w->limb[0]) < limit34();
}

/* Whether a magnitude is raised by one: the last digit cut off, whether anything was cut off below it, the kept one. */
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

/* Cut w × 10^exponent to 34 digits; sticky says that there was more below w. */
static bool finish(struct decimal *out, struct wide w, int exponent, bool negative, bool sticky)
{
        unsigned digit = 0;

        while (!wide_fits(&w) || exponent < DECIMAL_EXP_MIN) {
                sticky = sticky || digit != 0;
                digit = (unsigned)wide_div(&w, 10);
                exponent++;
                if (wide_is_zero(&w) && digit == 0 && exponent < DECIMAL_EXP_MIN)
                        exponent = DECIMAL_EXP_MIN;
        }
        u128_t c = ((u128_t)w.limb[1] << 64) | w.limb[0];
        if (rounds_up(digit, sticky, (c & 1) != 0, negative, ROUND_HALF_EVEN) && ++c == limit34()) {
                c /= 10;
                exponent++;
        }
        if (c == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        while (exponent > DECIMAL_EXP_MAX && c < limit34() / 10) {
                c *= 10;
                exponent--;
        }
        if (exponent > DECIMAL_EXP_MAX)
                return false;
        *out = (struct decimal){c, (int16_t)exponent, negative};
        return true;
}

struct decimal decimal_from_int(int64_t v)
{
        u128_t magnitude = v < 0 ? (u128_t) - (wide_t)v : (u128_t)v;

        return (struct decimal){magnitude, 0, v < 0};
}

bool decimal_parse(struct decimal *out, struct str s)
{
        struct wide w = {{0, 0, 0, 0}};
        size_t i = 0, digits = 0;
        bool negative = false, point = false, sticky = false;
        int64_t exponent = 0, written = 0;
        u128_t c = 0;

        if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
                negative = s.p[i++] == '-';
        for (; i < s.n && ((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] == '.' && !point)); i++) {
                if (s.p[i] == '.') {
                        point = true;
                        continue;
                }
                digits++;
                unsigned d = (unsigned)(s.p[i] - '0');
                if (c < limit34()) { /* up to 35 digits are kept, so that one is there to round with */
                        c = c * 10 + d;
                        exponent -= point;
                } else {
                        sticky = sticky || d != 0;
                        exponent += !point;
                }
        }
        if (digits == 0 || digits > 10000)
                return false;
        if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
                struct str rest = {s.p + i + 1, s.n - i - 1};
                if (rest.n > 0 && rest.p[0] == '+')
                        rest = (struct str){rest.p + 1, rest.n - 1};
                if (!text_to_int(rest, &written) || written > 100000 || written < -100000)
                        return false;
                i = s.n;
        }
        if (i != s.n)
                return false;
        w.limb[0] = (uint64_t)c;
        w.limb[1] = (uint64_t)(c >> 64);
        if (c == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        return finish(out, w, (int)(exponent + written), negative, sticky);
}

/* The same value with the shortest coefficient. */
static struct decimal reduce(struct decimal d)
{
        if (d.coefficient == 0)
                return (struct decimal){0, 0, false};
        while (d.coefficient % 10 == 0 && d.exponent < DECIMAL_EXP_MAX) {
                d.coefficient /= 10;
                d.exponent++;
        }
        return d;
}

static char *digits_text(u128_t v, char out[48])
{
        char *p = out + 47;

        *p = '\0';
        do {
                *--p = (char)('0' + (int)(v % 10));
                v /= 10;
        } while (v > 0);
        return p;
}

char *decimal_text(struct decimal d, char out[DECIMAL_TEXT])
{
        char room[48];
        size_t at = 0;

        d = reduce(d);
        const char *digits = digits_text(d.coefficient, room);
        int n = (int)strlen(digits), e = d.exponent;
        if (d.negative)
                out[at++] = '-';
        if (e > 40 - n || e < -40) {
                snprintf(out + at, DECIMAL_TEXT - at, "%sE%+d", digits, e);
                return out;
        }
        if (e >= 0) {
                memcpy(out + at, digits, (size_t)n);
                memset(out + at + n, '0', (size_t)e);
                out[at + (size_t)(n + e)] = '\0';
                return out;
        }
        int whole = n + e; /* digits before the point */
        if (whole <= 0) {
                out[at++] = '0';
                out[at++] = '.';
                memset(out + at, '0', (size_t)-whole);
                at += (size_t)-whole;
                memcpy(out + at, digits, (size_t)n + 1);
                return out;
        }
        memcpy(out + at, digits, (size_t)whole);
        at += (size_t)whole;
        out[at++] = '.';
        memcpy(out + at, digits + whole, (size_t)(n - whole) + 1);
        return out;
}

static int compare_magnitude(struct decimal a, struct decimal b)
{
        if (a.coefficient == 0 || b.coefficient == 0)
                return (a.coefficient > 0) - (b.coefficient > 0);
        int da = digits_of(a.coefficient) + a.exponent, db = digits_of(b.coefficient) + b.exponent;
        if (da != db)
                return da < db ? -1 : 1;
        /* Same order of magnitude: the exponents differ by at most 33, so the greater one can be scaled. */
        int shift = a.exponent - b.exponent;
        u128_t ca = shift > 0 ? a.coefficient * power_of_ten(shift) : a.coefficient;
        u128_t cb = shift < 0 ? b.coefficient * power_of_ten(-shift) : b.coefficient;
        return (ca > cb) - (ca < cb);
}

int decimal_compare(struct decimal a, struct decimal b)
{
        bool na = a.negative && a.coefficient != 0, nb = b.negative && b.coefficient != 0;

        if (na != nb)
                return na ? -1 : 1;
        int magnitude = compare_magnitude(a, b);
        return na ? -magnitude : magnitude;
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

bool decimal_add(struct decimal *out, struct decimal a, struct decimal b)
{
        if (a.coefficient == 0 || b.coefficient == 0) {
                *out = a.coefficient == 0 ? b : a;
                return true;
        }
        if (a.exponent < b.exponent) {
                struct decimal t = a;
                a = b;
                b = t;
        }
        /* a has the greater exponent: scale it as far as 37 digits allow; what is left of b below is sticky. */
        int shift = a.exponent - b.exponent;
        int room = 37 - digits_of(a.coefficient);
        int up = shift < room ? shift : room;
        u128_t ca = a.coefficient * power_of_ten(up), cb = b.coefficient;
        int exponent = a.exponent - up;
        bool sticky = false;
        for (int down = shift - up; down > 0 && cb > 0; down--) {
                sticky = sticky || cb % 10 != 0;
                cb /= 10;
        }
        struct wide w = {{0, 0, 0, 0}};
        bool negative = a.negative;
        u128_t sum;
        if (a.negative == b.negative) {
                sum = ca + cb;
        } else if (ca >= cb) {
                sum = ca - cb;
                if (sticky) { /* the part below is taken away: one less, and something is left over */
                        assert(sum > 0);
                        sum--;
                }
        } else {
                sum = cb - ca;
                negative = b.negative;
        }
        w.limb[0] = (uint64_t)sum;
        w.limb[1] = (uint64_t)(sum >> 64);
        if (sum == 0 && !sticky) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        return finish(out, w, exponent, negative, sticky);
}

bool decimal_sub(struct decimal *out, struct decimal a, struct decimal b)
{
        return decimal_add(out, a, decimal_negate(b));
}

bool decimal_mul(struct decimal *out, struct decimal a, struct decimal b)
{
        if (a.coefficient == 0 || b.coefficient == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        return finish(out, wide_mul(a.coefficient, b.coefficient), a.exponent + b.exponent, a.negative != b.negative, false);
}

bool decimal_div(struct decimal *out, struct decimal a, struct decimal b)
{
        struct wide w = {{0, 0, 0, 0}};

        if (b.coefficient == 0)
                return false;
        if (a.coefficient == 0) {
                *out = (struct decimal){0, 0, false};
                return true;
        }
        u128_t q = a.coefficient / b.coefficient, r = a.coefficient % b.coefficient;
        int exponent = a.exponent - b.exponent;
        /* One digit at a time until 36 are there or nothing is left; r × 10 stays below 10^35. */
        while (r != 0 && q < limit34() * 10) {
                r *= 10;
                q = q * 10 + r / b.coefficient;
                r %= b.coefficient;
                exponent--;
        }
        w.limb[0] = (uint64_t)q;
        w.limb[1] = (uint64_t)(q >> 64);
        return finish(out, w, exponent, a.negative != b.negative, r != 0);
}

bool decimal_round(struct decimal *out, struct decimal a, int scale, enum rounding mode)
{
        int cut = -scale - a.exponent; /* digits to drop */
        unsigned digit = 0;
        bool sticky = false;

        if (a.coefficient == 0 || cut <= 0) {
                *out = a;
                return true;
        }
        u128_t c = a.coefficient;
        for (int i = 0; i < cut; i++) {
                sticky = sticky || digit != 0;
                digit = (unsigned)(c % 10);
                c /= 10;
                if (c == 0 && i + 2 < cut) { /* everything is below the last digit that counts */
                        sticky = true;
                        digit = 0;
                        break;
                }
        }
        c += rounds_up(digit, sticky, (c & 1) != 0, a.negative, mode) ? 1 : 0;
        struct wide w = {{(uint64_t)c, (uint64_t)(c >> 64), 0, 0}};
        return finish(out, w, -scale, a.negative, false);
}

bool decimal_modulo(struct decimal *out, struct decimal a, struct decimal b)
{
        struct decimal q, p;

        if (!decimal_div(&q, a, b) || !decimal_round(&q, q, 0, ROUND_FLOOR) || !decimal_mul(&p, q, b))
                return false;
        return decimal_sub(out, a, p);
}

bool decimal_power(struct decimal *out, struct decimal a, int64_t n)
{
        struct decimal result = decimal_from_int(1), square = a;
        uint64_t m = n < 0 ? (uint64_t)-n : (uint64_t)n;

        if (m > 1000000)
                return false;
        for (; m > 0; m >>= 1) {
                if ((m & 1) != 0 && !decimal_mul(&result, result, square))
                        return false;
                if (m > 1 && !decimal_mul(&square, square, square))
                        return false;
        }
        return n < 0 ? decimal_div(out, decimal_from_int(1), result) : (*out = result, true);
}

bool decimal_sqrt(struct decimal *out, struct decimal a)
{
        struct decimal x, q;

        if (a.negative)
                return false;
        if (a.coefficient == 0) {
                *out = a;
                return true;
        }
        /* Newton from a binary guess of the scaled coefficient: each step doubles the digits that are right. */
        int e = a.exponent;
        struct decimal m = {a.coefficient, 0, false};
        if (e % 2 != 0) {
                if (!decimal_mul(&m, m, decimal_from_int(10)))
                        return false;
                e--;
        }
        if (!decimal_from_double(&x, sqrt(decimal_to_double(m))))
                return false;
        struct decimal half = {5, -1, false};
        for (int i = 0; i < 4; i++)
                if (!decimal_div(&q, m, x) || !decimal_add(&x, x, q) || !decimal_mul(&x, x, half))
                        return false;
        x.exponent = (int16_t)(x.exponent + e / 2);
        struct decimal exact;
        struct decimal r = reduce(x);
        if (decimal_mul(&exact, r, r) && decimal_compare(exact, a) == 0)
                x = r;
        *out = x;
        return true;
}

bool decimal_to_int(struct decimal a, int64_t *out)
{
        struct decimal r = reduce(a);

        if (r.coefficient == 0) {
                *out = 0;
                return true;
        }
        if (r.exponent < 0 || digits_of(r.coefficient) + r.exponent > 19)
                return false;
        u128_t v = r.coefficient * power_of_ten(r.exponent);
        if (v > (u128_t)INT64_MAX + (r.negative ? 1 : 0))
                return false;
        *out = r.negative ? (int64_t)(-(wide_t)v) : (int64_t)v;
        return true;
}

bool decimal_to_fen(struct decimal yuan, fen_t *out)
{
        if (yuan.coefficient == 0) {
                *out = 0;
                return true;
        }
        yuan = reduce(yuan);
        yuan.exponent = (int16_t)(yuan.exponent + 2);
        return decimal_to_int(yuan, out);
}

struct decimal decimal_from_fen(fen_t fen)
{
        struct decimal d = decimal_from_int(fen);

        d.exponent = d.coefficient == 0 ? 0 : -2;
        return d;
}

double decimal_to_double(struct decimal a)
{
        char text[DECIMAL_TEXT];

        return strtod(decimal_text(a, text), NULL);
}

bool decimal_from_double(struct decimal *out, double v)
{
        char text[48];

        if (!isfinite(v))
                return false;
        snprintf(text, sizeof text, "%.17g", v);
        return decimal_parse(out, str_from(text));
}
