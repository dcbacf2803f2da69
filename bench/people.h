/* SPDX-License-Identifier: Apache-2.0
 *
 * A million pensioners of Hunan made from a seed, as columns; what the law gives each, computed twice in C that knows nothing of DMN: exactly
 * (the oracle) and as fast as a plain loop goes (the limit). The figures of law come from the pack; the terms of the yearly notice, which the
 * pack does not know, are made up.
 */
#ifndef BENCH_PEOPLE_H
#define BENCH_PEOPLE_H

#include "base/money.h"
#include "pack/pack.h"

#define PEOPLE_DAYS 36   /* months of retirement: 2022-12 … 2025-11 */
#define PEOPLE_AGES 1200 /* table of divisors by age in months */

struct people {
        size_t count;
        int32_t *day, *index_1e4; /* first day of the month of retirement; average index × 10^4 */
        int16_t *age_months, *months, *deemed;
        int64_t *balance_fen;
        int8_t *hardship, *status;
        int8_t *months_0, *months_1, *months_2,
            *months_3; /* of 36 months: before the first adjustment, after one, two, three */
        int64_t *paid_fen;
};
struct notice { /* fen; ages in years; rate in 10^-6 */
        int64_t fixed, per_year, rate_1e6, old[3], hardship;
        int age[3];
};
struct law { /* by the place of the day of retirement */
        int32_t days[PEOPLE_DAYS], adjust_day;
        int64_t calc_base[PEOPLE_DAYS];               /* fen */
        int32_t divisor_10[PEOPLE_DAYS][PEOPLE_AGES]; /* tenths of a month */
        int minimum_months[PEOPLE_DAYS], months_to_adjust[PEOPLE_DAYS];
        int64_t basic_1e6, transition_1e6; /* rates in 10^-6 */
        struct notice notice;
};
struct due {
        int64_t award, adjustment, payable, total_due;
};

int people_make(struct people *p, size_t count, uint64_t seed, const struct law *law);
void people_free(struct people *p);
/* SB_PARAMETER_MISSING and its like; needs figures that do not change by another rule within the years. */
int law_read(struct law *law, const struct pack *pack, struct error *err);
struct due oracle_due(const struct people *p, const struct law *law, size_t i);
/* payable of rows first … last into out, as a plain loop does it. */
void plain_payable(const struct people *p, const struct law *law, size_t first, size_t last, int64_t *out);

#endif
