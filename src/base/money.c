/* SPDX-License-Identifier: Apache-2.0 */
#include "base/money.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool money_add(fen_t a, fen_t b, fen_t *out)
{
        fen_t sum;
        if (__builtin_add_overflow(a, b, &sum))
                return false;
        *out = sum;
        return true;
}

bool money_sub(fen_t a, fen_t b, fen_t *out)
{
        fen_t difference;
        if (__builtin_sub_overflow(a, b, &difference))
                return false;
        *out = difference;
        return true;
}

/* Whether the magnitude of a quotient grows by one: `twice` compares twice the remainder with the
 * divisor. */
static bool away(enum rounding mode, bool negative, int twice, bool odd)
{
        switch (mode) {
        case ROUND_HALF_UP:
                return twice >= 0;
        case ROUND_HALF_EVEN:
                return twice > 0 || (twice == 0 && odd);
        case ROUND_HALF_DOWN:
                return twice > 0;
        case ROUND_UP:
                return true;
        case ROUND_DOWN:
                return false;
        case ROUND_CEILING:
                return !negative;
        case ROUND_FLOOR:
                return negative;
        }
        abort(); /* no rounding mode */
}

wide_t round_div(wide_t value, wide_t divisor, enum rounding mode)
{
        assert(divisor != 0);
        wide_t q = value / divisor, r = value % divisor;
        if (r == 0)
                return q;
        bool negative = (value < 0) != (divisor < 0);
        wide_t rest = r < 0 ? r : -r; /* as negative numbers, which reach one further */
        wide_t whole = divisor < 0 ? divisor : -divisor;
        wide_t other = whole - rest;
        int twice = rest < other ? 1 : rest > other ? -1 : 0;
        if (away(mode, negative, twice, q % 2 != 0))
                q += negative ? -1 : 1;
        return q;
}

bool money_scale(fen_t amount, int64_t numerator, int64_t denominator, enum rounding mode, fen_t *out)
{
        wide_t v = round_div((wide_t)amount * numerator, denominator, mode);
        if (v > INT64_MAX || v < INT64_MIN)
                return false;
        *out = (fen_t)v;
        return true;
}

static int refuse(struct error *err, enum error_code code, struct str s)
{
        return error_raise(err, code, "%.*s", (int)(s.n < 40 ? s.n : 40), s.n ? s.p : "");
}

int money_parse(fen_t *out, struct str yuan, struct error *err)
{
        bool negative = yuan.n > 0 && yuan.p[0] == '-';
        wide_t v = 0;
        size_t i = negative, whole = 0, decimals = 0;
        bool point = false, too_large = false;
        for (; i < yuan.n; i++) {
                char c = yuan.p[i];
                if (c == '.' && !point && whole > 0) {
                        point = true;
                        continue;
                }
                if (c < '0' || c > '9' || (point && decimals == 2))
                        return refuse(err, SB_MONEY_SYNTAX, yuan);
                v = v * 10 + (c - '0');
                if (v > (wide_t)INT64_MAX + 1) {
                        too_large = true;
                        v = 0;
                }
                whole += !point;
                decimals += point;
        }
        if (whole == 0 || (point && decimals == 0))
                return refuse(err, SB_MONEY_SYNTAX, yuan);
        for (; decimals < 2; decimals++)
                v *= 10;
        if (negative)
                v = -v;
        if (too_large || v > INT64_MAX || v < INT64_MIN)
                return refuse(err, SB_OVERFLOW, yuan);
        *out = (fen_t)v;
        return 0;
}

static uint64_t magnitude(fen_t amount)
{
        return amount < 0 ? 0 - (uint64_t)amount : (uint64_t)amount;
}

char *money_text(fen_t amount, char out[24])
{
        uint64_t m = magnitude(amount);
        snprintf(out, 24, "%s%llu.%02u", amount < 0 ? "-" : "", (unsigned long long)(m / 100), (unsigned)(m % 100));
        return out;
}

char *money_grouped(fen_t amount, char out[32])
{
        char plain[24];
        money_text(amount, plain);
        size_t n = strlen(plain), digits = n - 3 - (amount < 0), o = 0, i = 0;
        if (amount < 0)
                out[o++] = plain[i++];
        for (; digits > 0; digits--) {
                out[o++] = plain[i++];
                if (digits > 1 && (digits - 1) % 3 == 0)
                        out[o++] = ',';
        }
        memcpy(out + o, plain + i, 4);
        return out;
}

static const char *const capital[] = {"零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"};

/* Four digits. A run of zeros inside is one 零; `led` says that something stands before, so that
 * leading zeros are told too. */
static void capitals_section(struct buf *out, unsigned v, bool led)
{
        static const char *const unit[] = {"仟", "佰", "拾", ""};
        bool zero = false;
        for (unsigned i = 0, scale = 1000; i < 4; i++, scale /= 10) {
                unsigned digit = v / scale % 10;
                if (digit == 0) {
                        zero = true;
                        continue;
                }
                if (zero && led)
                        buf_add_text(out, "零");
                zero = false;
                led = true;
                buf_add_text(out, capital[digit]);
                buf_add_text(out, unit[i]);
        }
}

/* Whole yuan. Above 亿 the number of 亿 is itself read so: 壹万亿. `led` as for a section. */
static void capitals_whole(struct buf *out, uint64_t v, bool led)
{
        if (v >= 100000000) {
                capitals_whole(out, v / 100000000, led);
                buf_add_text(out, "亿");
                v %= 100000000;
                led = true;
        }
        if (v >= 10000) {
                capitals_section(out, (unsigned)(v / 10000), led);
                buf_add_text(out, "万");
                v %= 10000;
                led = true;
        } else if (led && v >= 1000) {
                buf_add_text(out, "零"); /* the whole 万 is missing between 亿 and 仟 */
        }
        capitals_section(out, (unsigned)v, led);
}

int money_capitals(struct buf *out, fen_t amount)
{
        uint64_t m = magnitude(amount);
        uint64_t yuan = m / 100;
        unsigned jiao = (unsigned)(m / 10 % 10), fen = (unsigned)(m % 10);
        if (amount < 0)
                buf_add_text(out, "负");
        if (yuan > 0)
                capitals_whole(out, yuan, false);
        else if (jiao == 0 && fen == 0)
                buf_add_text(out, "零");
        if (yuan > 0 || (jiao == 0 && fen == 0))
                buf_add_text(out, "元");
        if (jiao > 0) {
                buf_add_text(out, capital[jiao]);
                buf_add_text(out, "角");
        } else if (fen > 0 && yuan > 0) {
                buf_add_text(out, "零");
        }
        if (fen > 0) {
                buf_add_text(out, capital[fen]);
                buf_add_text(out, "分");
        }
        if (jiao == 0 && fen == 0)
                buf_add_text(out, "整");
        return buf_check(out, NULL);
}
