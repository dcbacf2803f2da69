/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/people.h"

#include "base/rng.h"
#include "engine/feel/decimal.h"

#include <stdlib.h>
#include <string.h>

static int place_of(const struct law *law, int32_t day)
{
        int i = 0;

        while (law->days[i] != day)
                i++;
        return i;
}

/* A figure as a whole number of 10^-scale. */
static int figure(const struct pack *pack, const char *key, const char *dims, day_t day, int scale, int64_t *out,
                  struct error *err)
{
        const struct parameter *p;
        struct decimal d;

        if (pack_parameter(pack, key, dims, day, &p, err) < 0)
                return ERR;
        if (!decimal_parse(&d, str_from(p->value)) || !decimal_to_scaled(d, scale, out))
                return error_raise(err, SB_NUMBER_SYNTAX, "%s|%s", p->value, p->key);
        return 0;
}

/* Half up, exactly; n ≥ 0. */
static int64_t half_up(wide_t n, wide_t d)
{
        return (int64_t)((2 * n + d) / (2 * d));
}

static int divisors_read(struct law *law, const struct pack *pack, int i, struct error *err)
{
        const struct parameter *by_month;
        int64_t whole[102];
        char dims[16];

        if (pack_parameter(pack, "divisor_by_month", "", law->days[i], &by_month, err) < 0)
                return ERR;
        for (int age = 0; age < 102; age++) {
                snprintf(dims, sizeof dims, "age=%d", age);
                if (figure(pack, "divisor", dims, law->days[i], 1, &whole[age], NULL) < 0)
                        whole[age] = 0;
        }
        for (int m = 0; m < PEOPLE_AGES; m++) {
                int64_t low = whole[m / 12], high = whole[m / 12 + 1];
                int rest = strcmp(by_month->value, "true") == 0 ? m % 12 : 0;
                if (low == 0 || (rest != 0 && high == 0))
                        continue;
                law->divisor_10[i][m] = (int32_t)half_up((wide_t)low * 12 + (high - low) * rest, 12);
        }
        return 0;
}

int law_read(struct law *law, const struct pack *pack, struct error *err)
{
        month_t first = month_from(2022, 12), adjust = month_from(2026, 1);
        int64_t v;

        memset(law, 0, sizeof *law);
        law->adjust_day = month_first(adjust);
        law->notice = (struct notice){2500, 120, 8000, {2000, 3500, 6000}, 1000, {70, 75, 80}};
        for (int i = 0; i < PEOPLE_DAYS; i++) {
                day_t day = month_first(first + i);
                law->days[i] = day;
                law->months_to_adjust[i] = adjust - (first + i);
                if (figure(pack, "calc_base", "", day, 2, &law->calc_base[i], err) < 0 ||
                    figure(pack, "minimum_months", "", day, 0, &v, err) < 0 || divisors_read(law, pack, i, err) < 0)
                        return ERR;
                law->minimum_months[i] = (int)v;
        }
        if (figure(pack, "basic_rate", "", law->days[0], 4, &law->basic_1e6, err) < 0 ||
            figure(pack, "transition_rate", "", law->days[0], 4, &law->transition_1e6, err) < 0)
                return ERR;
        return 0;
}

#define NEW(field) ((p->field = calloc(count, sizeof *p->field)) != NULL)

int people_make(struct people *p, size_t count, uint64_t seed, const struct law *law)
{
        struct rng stream = rng_new(seed, 0), *r = &stream;

        memset(p, 0, sizeof *p);
        p->count = count;
        if (!NEW(day) || !NEW(index_1e4) || !NEW(age_months) || !NEW(months) || !NEW(deemed) || !NEW(balance_fen) ||
            !NEW(hardship) || !NEW(status) || !NEW(months_0) || !NEW(months_1) || !NEW(months_2) || !NEW(months_3) ||
            !NEW(paid_fen)) {
                people_free(p);
                return -1;
        }
        for (size_t i = 0; i < count; i++) {
                uint32_t kind = rng_below(r, 100);
                p->day[i] = law->days[rng_below(r, PEOPLE_DAYS)];
                p->age_months[i] = (int16_t)(kind < 45   ? 720 + rng_below(r, 40)
                                             : kind < 80 ? 660 + rng_below(r, 25)
                                                         : 600 + rng_below(r, 150));
                p->months[i] = (int16_t)(150 + rng_below(r, 360));
                p->deemed[i] = (int16_t)rng_below(r, (uint32_t)p->months[i] / 2);
                p->index_1e4[i] = (int32_t)(6000 + rng_below(r, 24001));
                p->balance_fen[i] = (int64_t)rng_below(r, 60000000);
                p->hardship[i] = rng_below(r, 20) == 0;
                p->status[i] = (int8_t)(rng_below(r, 50) == 0 ? 1 + rng_below(r, 2) : 0);
                p->months_0[i] = (int8_t)rng_below(r, 13);
                p->months_1[i] = p->months_2[i] = 12;
                p->months_3[i] = (int8_t)(12 - p->months_0[i]);
                p->paid_fen[i] = (int64_t)rng_below(r, 30000000);
        }
        return 0;
}

void people_free(struct people *p)
{
        void *all[] = {p->day,    p->index_1e4, p->age_months, p->months,   p->deemed,   p->balance_fen, p->hardship,
                       p->status, p->months_0,  p->months_1,   p->months_2, p->months_3, p->paid_fen};

        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
                free(all[i]);
        memset(p, 0, sizeof *p);
}

static int64_t tilt(const struct notice *n, int64_t age, bool hardship)
{
        int64_t sum = hardship ? n->hardship : 0;

        for (int k = 2; k >= 0; k--)
                if (age >= n->age[k])
                        return sum + n->old[k];
        return sum;
}

static int64_t adjustment_of(const struct notice *n, int64_t amount, int64_t years_100, int64_t age, bool hardship)
{
        return n->fixed + half_up((wide_t)n->per_year * years_100, 100) + half_up((wide_t)n->rate_1e6 * amount, 1000000) +
               tilt(n, age, hardship);
}

struct due oracle_due(const struct people *p, const struct law *law, size_t i)
{
        const struct notice *n = &law->notice;
        int at = place_of(law, p->day[i]);
        wide_t c = law->calc_base[at], w = half_up(c * p->index_1e4[i], 10000);
        int64_t years = half_up((wide_t)p->months[i] * 100, 12), deemed = half_up((wide_t)p->deemed[i] * 100, 12);
        bool eligible = p->months[i] >= law->minimum_months[at], hardship = p->hardship[i] != 0,
             due = p->day[i] < law->adjust_day && eligible;
        struct due d = {0, 0, 0, 0};

        if (eligible)
                d.award = half_up((c + w) * years * law->basic_1e6, (wide_t)2 * 100 * 1000000) +
                          half_up((wide_t)p->balance_fen[i] * 10, law->divisor_10[at][p->age_months[i]]) +
                          half_up(w * deemed * law->transition_1e6, (wide_t)100 * 1000000);
        int64_t age = (p->age_months[i] + law->months_to_adjust[at] - 1) / 12;
        if (due)
                d.adjustment = adjustment_of(n, d.award, years, age, hardship);
        d.payable = p->status[i] == 0 ? d.award + d.adjustment : 0;
        int64_t one = d.award + d.adjustment, two = due ? one + adjustment_of(n, one, years, age + 1, hardship) : one;
        int64_t three = due ? two + adjustment_of(n, two, years, age + 2, hardship) : two;
        d.total_due = d.award * p->months_0[i] + one * p->months_1[i] + two * p->months_2[i] + three * p->months_3[i];
        return d;
}

/* The same without tables of the engine: what a plain loop does, with the figures that change by the month of retirement found by its number.
 * Whole numbers of 64 bits suffice for these sizes. */
void plain_payable(const struct people *p, const struct law *law, size_t first, size_t last, int64_t *out)
{
        uint8_t at_of[PEOPLE_DAYS * 31 + 31];
        const struct notice *n = &law->notice;

        for (int i = 0; i < PEOPLE_DAYS; i++)
                at_of[law->days[i] - law->days[0]] = (uint8_t)i;
        for (size_t i = first; i < last; i++) {
                int at = at_of[p->day[i] - law->days[0]];
                int64_t c = law->calc_base[at], w = (c * p->index_1e4[i] + 5000) / 10000;
                int64_t years = ((int64_t)p->months[i] * 200 + 12) / 24, deemed = ((int64_t)p->deemed[i] * 200 + 12) / 24;
                int64_t award = ((c + w) * years * law->basic_1e6 + 100000000) / 200000000,
                        divisor = law->divisor_10[at][p->age_months[i]];
                award += (p->balance_fen[i] * 20 + divisor) / (2 * divisor);
                award += (w * deemed * law->transition_1e6 + 50000000) / 100000000;
                if (p->months[i] < law->minimum_months[at]) {
                        out[i] = 0;
                        continue;
                }
                int64_t age = (p->age_months[i] + law->months_to_adjust[at] - 1) / 12;
                int64_t sum = n->fixed + (n->per_year * years + 50) / 100 + (n->rate_1e6 * award + 500000) / 1000000 +
                              tilt(n, age, p->hardship[i] != 0);
                out[i] = p->status[i] != 0 ? 0 : p->day[i] < law->adjust_day ? award + sum : award;
        }
}
