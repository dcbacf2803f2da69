/* SPDX-License-Identifier: Apache-2.0 */
#include "office/demo/internal.h"

#include <assert.h>
#include <string.h>

/* Before this month nobody paid: years worked are deemed years (视同缴费). */
#define PAID_FIRST month_from(1992, 1)

static void run_add(struct inhabitant *p, month_t from, month_t to, fen_t base, bool deemed, int64_t employer)
{
        if (from >= to || p->run_count == RUNS_MAX)
                return;
        p->runs[p->run_count++] =
            (struct run_of_base){.from = from, .to = to, .base = base, .deemed = deemed, .employer = employer};
}

static int64_t employer_at(const struct inhabitant *p, month_t m)
{
        if (p->employer >= 0 && month_first(m) >= p->since)
                return p->employer;
        return p->employer_before >= 0 && month_first(m) >= p->since_before ? p->employer_before : -1;
}

/* The base of a year in whole yuan: the person's level of the average wage, within the limits. */
static fen_t base_of(const struct law *l, int year, int64_t level)
{
        int64_t bounded = level < l->floor ? l->floor : level > l->ceiling ? l->ceiling : level;
        fen_t base = 0;

        money_scale(law_wage(l, year - 1), bounded, 10000, ROUND_HALF_UP, &base);
        return (base + 50) / 100 * 100;
}

void history_make(struct city *c, struct rng *r, struct inhabitant *p, month_t from, month_t to)
{
        /* Levels are hundredths of a percent of the average wage: most near it, a few far above. */
        int64_t level = 5500 + rng_between(r, 0, 6000) + (rng_below(r, 12) == 0 ? rng_between(r, 0, 14000) : 0);
        bool civil = rng_below(r, 3) == 0; /* no contributions before accounts began */
        month_t paid = civil && c->law.account_start > PAID_FIRST ? c->law.account_start : PAID_FIRST;
        month_t at = from;

        if (from < paid) {
                at = paid < to ? paid : to;
                run_add(p, from, at, 0, true, employer_at(p, from));
        }
        while (at < to) {
                int year = at / 12;
                month_t end = month_from(year + 1, 1) < to ? month_from(year + 1, 1) : to;
                int64_t employer = employer_at(p, at);
                if (employer_at(p, end - 1) != employer && p->employer >= 0 && month_of(p->since) > at)
                        end = month_of(p->since);
                /* Out of work for some months, now and then; never at the end of a worker's history. */
                month_t gap = rng_below(r, 28) == 0 && end < to ? (month_t)rng_between(r, 1, end - at) : 0;
                run_add(p, at, end - gap, base_of(&c->law, year, level), false, employer);
                at = end;
                level += rng_between(r, -150, 260);
                if (rng_below(r, 15) == 0)
                        level += rng_between(r, -1500, 2500);
        }
}

/* Money paid in for the months [from, to) of one run in a year, and its weight for interest within the year (月积数). */
static void deposits(const struct law *l, const struct run_of_base *run, int year, fen_t *sum, int64_t *weighted)
{
        month_t from = run->from > month_from(year, 1) ? run->from : month_from(year, 1);
        month_t to = run->to < month_from(year + 1, 1) ? run->to : month_from(year + 1, 1);
        fen_t part = 0;

        if (run->deemed || from >= to)
                return;
        money_scale(run->base, l->account_rate[year - LAW_FIRST], 10000, ROUND_HALF_UP, &part);
        for (month_t m = from; m < to; m++) {
                *sum += part;
                *weighted += part * (12 - (m % 12 + 1));
        }
}

void history_balance(const struct law *l, struct inhabitant *p, month_t until)
{
        int first = l->account_start / 12, last = until / 12;
        fen_t balance = 0;

        for (int year = first; year <= last; year++) {
                fen_t sum = 0, on_balance = 0, on_deposits = 0;
                int64_t weighted = 0;
                for (int i = 0; i < p->run_count; i++)
                        deposits(l, &p->runs[i], year, &sum, &weighted);
                /* The interest of a year is known when it is over. */
                if (year < last || until % 12 == 11) {
                        money_scale(balance, l->interest[year - LAW_FIRST], 10000, ROUND_HALF_UP, &on_balance);
                        money_scale(weighted, l->interest[year - LAW_FIRST], 120000, ROUND_HALF_UP, &on_deposits);
                }
                balance += sum + on_balance + on_deposits;
        }
        p->balance = balance;
}

static int64_t months_of(const struct inhabitant *p, bool deemed)
{
        int64_t n = 0;

        for (int i = 0; i < p->run_count; i++)
                if (p->runs[i].deemed == deemed)
                        n += p->runs[i].to - p->runs[i].from;
        return n;
}

/* What the system before awarded: the shape of the law's formula (half of the average and the indexed wage, a hundredth
 * a year), with the increases since then as one factor. These are old awards, not decisions of this system. */
int history_award(struct city *c, struct rng *r, struct inhabitant *p, struct error *err)
{
        int64_t paid = months_of(p, false), deemed = months_of(p, true), divisor = 0;
        int age = months_between(p->birth, month_last(p->retirement)) / 12;
        fen_t wage = law_wage(&c->law, p->retirement / 12 - 1);
        int rc = law_divisor(&c->law, age < 40 ? 40 : age > 70 ? 70 : age, &divisor, err);

        if (rc < 0)
                return rc;
        assert(divisor > 0);
        int64_t years_since = (c->taken_over - p->retirement) / 12;
        money_scale(wage, (paid + deemed) * rng_between(r, 80, 120), 12 * 10000, ROUND_HALF_UP, &p->basic);
        money_scale(p->basic, 1000 + 38 * years_since, 1000, ROUND_HALF_UP, &p->basic);
        money_scale(p->balance, 1, divisor, ROUND_HALF_UP, &p->account);
        money_scale(wage, deemed * 12, 12 * 1000, ROUND_HALF_UP, &p->transition);
        p->award_from = p->retirement + 1;
        /* What was paid from the account already is gone from it. */
        fen_t drawn = p->account * (c->taken_over + 1 - p->award_from);
        p->balance = drawn < p->balance ? p->balance - drawn : 0;
        if (p->basic <= 0)
                p->basic = 100;
        return 0;
}
