/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "testing.h"

static day_t day_of(const char *text)
{
        struct error err = {0};
        day_t d = 0;
        assert_ok(day_parse(&d, str_from(text), &err), err);
        return d;
}

static void mark_run(struct calendar *c, const char *from, const char *to, bool work)
{
        struct error err = {0};
        for (day_t d = day_of(from); d <= day_of(to); d++)
                assert_ok(calendar_mark(c, d, work, &err), err);
}

/* 国办发明电〔2023〕7号: Spring Festival 2024 is 10–17 February, with work on Sundays 4 and 18
 * February; Labour Day 1–5 May, with work on Sunday 28 April and Saturday 11 May. */
static struct calendar *calendar_2024(void)
{
        struct error err = {0};
        struct calendar *c = calendar_new("2024");
        assert_non_null(c);
        assert_ok(calendar_cover(c, 2024, 2024, &err), err);
        mark_run(c, "2024-01-01", "2024-01-01", false);
        mark_run(c, "2024-02-10", "2024-02-17", false);
        mark_run(c, "2024-02-04", "2024-02-04", true);
        mark_run(c, "2024-02-18", "2024-02-18", true);
        mark_run(c, "2024-05-01", "2024-05-05", false);
        mark_run(c, "2024-04-28", "2024-04-28", true);
        mark_run(c, "2024-05-11", "2024-05-11", true);
        return c;
}

static void tells_working_days(void **state)
{
        (void)state;
        static const struct {
                const char *day;
                bool working;
        } cases[] = {{"2024-01-01", false}, {"2024-01-02", true},  {"2024-01-06", false}, {"2024-02-04", true},
                     {"2024-02-09", true},  {"2024-02-12", false}, {"2024-02-18", true},  {"2024-05-11", true},
                     {"2024-05-12", false}, {"2024-12-31", true},  {"2024-02-29", true}};
        struct calendar *c = calendar_2024();
        struct error err = {0};
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
                bool working = !cases[i].working;
                assert_ok(calendar_is_working(c, day_of(cases[i].day), &working, &err), err);
                if (working != cases[i].working)
                        fail_msg("%s", cases[i].day);
        }
        calendar_free(c);
        calendar_free(NULL);
}

static void adds_working_days(void **state)
{
        (void)state;
        struct calendar *c = calendar_2024();
        struct error err = {0};
        day_t due = 0;
        assert_ok(calendar_add_working(c, day_of("2024-02-09"), 0, &due, &err), err);
        assert_int_equal(due, day_of("2024-02-09"));
        assert_ok(calendar_add_working(c, day_of("2024-02-09"), 1, &due, &err), err);
        assert_int_equal(due, day_of("2024-02-18"));
        assert_ok(calendar_add_working(c, day_of("2024-02-09"), 6, &due, &err), err);
        assert_int_equal(due, day_of("2024-02-23"));
        assert_ok(calendar_add_working(c, day_of("2024-02-08"), 15, &due, &err), err);
        assert_int_equal(due, day_of("2024-03-06"));
        assert_error(calendar_add_working(c, 0, -1, &due, &err), err, SB_NUMBER_SYNTAX);
        calendar_free(c);
}

static void rolls_calendar_days(void **state)
{
        (void)state;
        struct calendar *c = calendar_2024();
        struct error err = {0};
        day_t due = 0;
        assert_ok(calendar_add_calendar(c, day_of("2024-02-01"), 3, &due, &err), err);
        assert_int_equal(due, day_of("2024-02-04"));
        assert_ok(calendar_add_calendar(c, day_of("2024-02-01"), 9, &due, &err), err);
        assert_int_equal(due, day_of("2024-02-18"));
        assert_ok(calendar_add_calendar(c, day_of("2024-03-01"), 30, &due, &err), err);
        assert_int_equal(due, day_of("2024-04-01"));
        calendar_free(c);
}

static void counts_half_open(void **state)
{
        (void)state;
        struct calendar *c = calendar_2024();
        struct error err = {0};
        int n = -1;
        assert_ok(calendar_count_working(c, day_of("2024-02-08"), day_of("2024-02-18"), &n, &err), err);
        assert_int_equal(n, 2);
        assert_ok(calendar_count_working(c, day_of("2024-02-18"), day_of("2024-02-18"), &n, &err), err);
        assert_int_equal(n, 0);
        calendar_free(c);
}

static void says_where_the_table_ends(void **state)
{
        (void)state;
        struct calendar *c = calendar_2024();
        struct error err = {0};
        bool working;
        day_t due = 5;
        int n;
        assert_error(calendar_is_working(c, day_of("2023-12-31"), &working, &err), err, SB_CALENDAR_END);
        assert_error(calendar_is_working(c, day_of("2025-01-01"), &working, &err), err, SB_CALENDAR_END);
        assert_error(calendar_add_working(c, day_of("2024-12-31"), 1, &due, &err), err, SB_CALENDAR_END);
        assert_int_equal(due, 5);
        assert_error(calendar_count_working(c, day_of("2024-12-30"), day_of("2025-01-01"), &n, &err), err, SB_CALENDAR_END);
        /* A mark in a year does not make the year known. */
        assert_ok(calendar_mark(c, day_of("2026-10-01"), false, &err), err);
        assert_error(calendar_is_working(c, day_of("2026-10-01"), &working, &err), err, SB_CALENDAR_END);
        assert_error(calendar_is_working(c, day_of("2025-10-01"), &working, &err), err, SB_CALENDAR_END);
        assert_ok(calendar_is_working(c, day_of("2024-12-31"), &working, &err), err);
        assert_error(calendar_mark(c, day_of("2024-05-01"), true, &err), err, SB_CALENDAR_MARK);
        assert_error(calendar_cover(c, 2030, 2029, &err), err, SB_NUMBER_SYNTAX);
        calendar_free(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(tells_working_days),        cmocka_unit_test(adds_working_days),
            cmocka_unit_test(rolls_calendar_days),       cmocka_unit_test(counts_half_open),
            cmocka_unit_test(says_where_the_table_ends),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
