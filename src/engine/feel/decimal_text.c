/* SPDX-License-Identifier: Apache-2.0
 *
 * Decimals to and from text and binary fractions.
 */
#include "engine/feel/decimal_internal.h"

#include <stdio.h>
#include <string.h>

#define PARSE_DIGITS_MAX 10000
#define PLAIN_DIGITS_MAX 40

/* The digits of a number as they are read: up to 35 are kept, so that one is there to round with.
 */
struct reading {
        u128_t c;
        size_t digits;
        int exponent;
        bool point, sticky;
};

static size_t read_digits(struct reading *r, struct str s, size_t i)
{
        for (; i < s.n; i++) {
                unsigned d = (unsigned)(unsigned char)s.p[i] - '0';
                if (s.p[i] == '.' && !r->point) {
                        r->point = true;
                        continue;
                }
                if (d > 9)
                        break;
                r->digits++;
                if (r->c < LIMIT34) {
                        r->c = r->c * 10 + d;
                        r->exponent -= r->point;
                } else {
                        r->sticky = r->sticky || d != 0;
                        r->exponent += !r->point;
                }
        }
        return i;
}

bool decimal_parse(struct decimal *out, struct str s)
{
        struct reading r = {0, 0, 0, false, false};
        bool negative = s.n > 0 && s.p[0] == '-';
        size_t i = negative || (s.n > 0 && s.p[0] == '+') ? 1 : 0;
        int64_t written = 0;

        if (s.n > PARSE_DIGITS_MAX)
                return false;
        i = read_digits(&r, s, i);
        if (r.digits == 0)
                return false;
        if (i < s.n && (s.p[i] == 'e' || s.p[i] == 'E')) {
                struct str rest = {s.p + i + 1, s.n - i - 1};
                if (rest.n > 1 && rest.p[0] == '+' && rest.p[1] != '-')
                        rest = (struct str){rest.p + 1, rest.n - 1};
                if (!text_to_int(rest, &written) || written > 100000 || written < -100000)
                        return false;
                i = s.n;
        }
        if (i != s.n)
                return false;
        return decimal_finish(out, wide_of(r.c), r.exponent + (int)written, negative, r.sticky);
}

static char *digits_text(u128_t v, char out[48])
{
        char *p = out + 47;

        *p = '\0';
        while ((v >> 64) != 0) {
                u128_t q = v / TEN19;
                uint64_t low = (uint64_t)(v - q * TEN19);
                for (int i = 0; i < 19; i++, low /= 10)
                        *--p = (char)('0' + (int)(low % 10));
                v = q;
        }
        uint64_t low = (uint64_t)v;
        do
                *--p = (char)('0' + (int)(low % 10));
        while ((low /= 10) > 0);
        return p;
}

char *decimal_text(struct decimal d, char out[DECIMAL_TEXT])
{
        char room[48];
        size_t at = 0;

        d = decimal_reduce(d);
        char *digits = digits_text(d.coefficient, room);
        int n = (int)(room + 47 - digits), e = d.exponent;
        if (d.negative)
                out[at++] = '-';
        if (e > PLAIN_DIGITS_MAX - n || e < -PLAIN_DIGITS_MAX) {
                for (; n > 1 && digits[n - 1] == '0'; e++) /* at the greatest exponent */
                        digits[--n] = '\0';
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
