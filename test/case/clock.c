/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits against a count day by day by somebody who knows no formula: working days, calendar days and months, pauses, leap days,
 * make-up days, a table that ends; and the words of warning.
 */
#include "case/clock.h"

#include "base/rng.h"
#include "testing.h"

#include <string.h>

#define FIRST 2023
#define LAST 2028
#define PAUSES 3

/* A table of holidays drawn from the seed: some weekdays off, some Saturdays and Sundays made up. */
static struct calendar *calendar_draw(struct rng *r, bool work[])
{
        struct calendar *c = calendar_new("drawn");
        day_t first = day_from(FIRST, 1, 1), end = day_from(LAST + 1, 1, 1);
        struct error err = {0};

        assert_non_null(c);
        assert_ok(calendar_cover(c, FIRST, LAST, &err), err);
        for (day_t d = first; d < end; d++) {
                bool weekday = day_weekday(d) <= 5;
                bool turned = rng_below(r, weekday ? 14 : 9) == 0;
                work[d - first] = weekday != turned;
                if (turned)
                        assert_ok(calendar_mark(c, d, !weekday, &err), err);
        }
        return c;
}

static bool paused(const struct pause_span *p, size_t count, day_t d)
{
        for (size_t i = 0; i < count; i++)
                if (d > p[i].from && d <= p[i].to)
                        return true;
        return false;
}

/* One day after the other, as a clerk with a paper calendar. */
static day_t naive(const bool work[], day_t start, struct limit limit, const struct pause_span *p, size_t count)
{
        day_t first = day_from(FIRST, 1, 1), d = start;
        int left = limit.n;

        if (limit.unit == LIMIT_MONTHS) {
                int year, month, day;
                day_split(start, &year, &month, &day);
                month += limit.n;
                year += (month - 1) / 12;
                month = (month - 1) % 12 + 1;
                while (!day_valid(year, month, day))
                        day--;
                left = day_from(year, month, day) - start;
        }
        while (left > 0) {
                d++;
                if (!paused(p, count, d) && (limit.unit != LIMIT_WORKING_DAYS || work[d - first]))
                        left--;
        }
        while (limit.unit != LIMIT_WORKING_DAYS && !work[d - first])
                d++;
        return d;
}

static void a_limit_is_what_a_clerk_counts(void **state)
{
        static bool work[2200];

        (void)state;
        for (uint64_t seed = 1; seed <= 300; seed++) {
                struct rng r;
                struct pause_span p[PAUSES];
                struct error err = {0};
                size_t count;
                day_t due = 0;
                r = rng_new(seed, 1);
                struct calendar *c = calendar_draw(&r, work);
                day_t start = day_from(FIRST, 12, 1) + (day_t)rng_below(&r, 700);
                if (seed % 10 == 0)
                        start = day_from(2024, 2, 29); /* the leap day itself */
                struct limit limit = {(int)rng_below(&r, 40) + 1, (enum limit_unit)(1 + rng_below(&r, 3))};
                if (limit.unit == LIMIT_MONTHS)
                        limit.n = limit.n % 13 + 1;
                day_t at = start;
                size_t many = rng_below(&r, PAUSES + 1);
                for (count = 0; count < many; count++) {
                        p[count].from = at + (day_t)rng_below(&r, 15);
                        p[count].to = p[count].from + (day_t)rng_below(&r, 30);
                        at = p[count].to + 1;
                }
                assert_ok(clock_due(c, start, limit, p, count, &due, &err), err);
                assert_int_equal(due, naive(work, start, limit, p, count));
                calendar_free(c);
        }
}

static void a_table_that_ends_is_an_error(void **state)
{
        struct calendar *c = calendar_new("short");
        struct error err = {0};
        day_t due = 0;

        (void)state;
        assert_ok(calendar_cover(c, 2026, 2026, &err), err);
        assert_ok(clock_due(c, day_from(2026, 12, 1), (struct limit){5, LIMIT_WORKING_DAYS}, NULL, 0, &due, &err), err);
        assert_error(clock_due(c, day_from(2026, 12, 24), (struct limit){10, LIMIT_WORKING_DAYS}, NULL, 0, &due, &err), err,
                     SB_CALENDAR_END);
        error_clear(&err);
        assert_error(clock_due(c, day_from(2026, 12, 24), (struct limit){1, LIMIT_MONTHS}, NULL, 0, &due, &err), err,
                     SB_CALENDAR_END);
        error_clear(&err);
        assert_ok(clock_due(c, day_from(2026, 12, 24), (struct limit){.unit = LIMIT_NONE}, NULL, 0, &due, &err), err);
        assert_int_equal(due, DAY_END);
        calendar_free(c);
}

static void months_end_where_the_month_ends(void **state)
{
        static const struct {
                int from[3], n, to[3];
        } cases[] = {{{2024, 1, 31}, 1, {2024, 2, 29}},
                     {{2023, 1, 31}, 1, {2023, 2, 28}},
                     {{2024, 2, 29}, 12, {2025, 2, 28}},
                     {{2023, 10, 31}, 1, {2023, 11, 30}},
                     {{2023, 12, 15}, 1, {2024, 1, 15}}};
        struct calendar *c = calendar_new("months");
        struct error err = {0};

        (void)state;
        assert_ok(calendar_cover(c, 2023, 2025, &err), err);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                day_t due = 0;
                assert_ok(clock_due(c, day_from(cases[i].from[0], cases[i].from[1], cases[i].from[2]),
                                    (struct limit){cases[i].n, LIMIT_MONTHS}, NULL, 0, &due, &err),
                          err);
                assert_int_equal(due, day_from(cases[i].to[0], cases[i].to[1], cases[i].to[2]));
        }
        calendar_free(c);
}

static void warnings_come_at_half_and_at_four_fifths(void **state)
{
        struct calendar *c = calendar_new("week");
        day_t monday = day_from(2026, 11, 2), due = day_from(2026, 11, 16); /* ten working days */
        struct error err = {0};

        (void)state;
        assert_ok(calendar_cover(c, 2026, 2026, &err), err);
        assert_string_equal(clock_warning(c, monday, due, day_from(2026, 11, 6), false), "none");    /* four used */
        assert_string_equal(clock_warning(c, monday, due, day_from(2026, 11, 9), false), "half");    /* five */
        assert_string_equal(clock_warning(c, monday, due, day_from(2026, 11, 11), false), "half");   /* seven */
        assert_string_equal(clock_warning(c, monday, due, day_from(2026, 11, 12), false), "late80"); /* eight */
        assert_string_equal(clock_warning(c, monday, due, due, false), "late80");
        assert_string_equal(clock_warning(c, monday, due, due + 1, false), "overdue");
        assert_string_equal(clock_warning(c, monday, due, due + 1, true), "paused");
        assert_string_equal(clock_warning(c, monday, DAY_END, due, false), "none");
        assert_string_equal(clock_warning(c, monday, due, monday - 1, false), "none");            /* not begun yet */
        assert_string_equal(clock_warning(c, monday - 2, monday - 1, monday - 2, false), "none"); /* a weekend holds no day */
        assert_string_equal(clock_warning(c, monday, day_from(2027, 6, 1), monday + 9, false),
                            "none"); /* nobody knows its days */
        calendar_free(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_limit_is_what_a_clerk_counts),
            cmocka_unit_test(a_table_that_ends_is_an_error),
            cmocka_unit_test(months_end_where_the_month_ends),
            cmocka_unit_test(warnings_come_at_half_and_at_four_fifths),
        };

        return cmocka_run_group_tests(tests, NULL, NULL);
}
