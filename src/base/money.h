/* SPDX-License-Identifier: Apache-2.0
 *
 * Money: whole fen in int64_t, checked arithmetic, named rounding. No floating point anywhere.
 */
#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include "base/text.h"

typedef int64_t fen_t;                 /* 1 yuan = 100 fen */
__extension__ typedef __int128 wide_t; /* exact products of amounts */

enum rounding {
        ROUND_HALF_UP,   /* 四舍五入: ties away from zero */
        ROUND_HALF_EVEN, /* ties to the even neighbour */
        ROUND_HALF_DOWN, /* ties towards zero */
        ROUND_UP,        /* away from zero */
        ROUND_DOWN,      /* towards zero */
        ROUND_CEILING,
        ROUND_FLOOR,
};

/* a+b, a−b: false and *out untouched on overflow. */
bool money_add(fen_t a, fen_t b, fen_t *out);
bool money_sub(fen_t a, fen_t b, fen_t *out);
/* amount × numerator / denominator, rounded once, 128-bit in between; denominator ≠ 0. false on
 * overflow. */
bool money_scale(fen_t amount, int64_t numerator, int64_t denominator, enum rounding mode, fen_t *out);
/* Divide an exact 128-bit value with a named rounding. */
wide_t round_div(wide_t value, wide_t divisor, enum rounding mode);

/* "1234.50", "-0.05", "12" → fen; at most two decimals, no blanks, no separators. SB_MONEY_SYNTAX.
 */
int money_parse(fen_t *out, struct str yuan, struct error *err);
/* "1234.50"; out of at least 24 bytes. Returns out. */
char *money_text(fen_t amount, char out[24]);
/* "12,345.67" for people; out of at least 32 bytes. */
char *money_grouped(fen_t amount, char out[32]);
/* 大写: 壹万贰仟叁佰肆拾伍元陆角柒分, by the rules of 中国人民银行《支付结算办法》附件一
 * (正确填写票据和结算凭证的基本规定). */
int money_capitals(struct buf *out, fen_t amount);

#endif
