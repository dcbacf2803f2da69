/* SPDX-License-Identifier: Apache-2.0 */
#include "base/calendar.h"
#include "testing.h"

static day_t D(int y, int m, int d)
{
        assert_true(day_valid(y, m, d));
        return day_from(y, m, d);
}

static void knows_published_days(void **state)
{
        (void)state;
        assert_int_equal(D(1970, 1, 1), 0);
        assert_int_equal(D(2000, 2, 29), 11016);
        assert_int_equal(D(1, 1, 1), -719162);
        assert_int_equal(D(9999, 12, 31), DAY_END);
        assert_int_equal(month_from(9999, 12), MONTH_END);
        assert_true(day_instant(DAY_END) + (int64_t)8 * 3600 * 1000000 == INSTANT_END);
        assert_int_equal(day_weekday(0), 4);
        assert_int_equal(day_weekday(-1), 3);
        assert_int_equal(day_weekday(D(2026, 11, 24)), 2);
        assert_int_equal(day_weekday(D(1, 1, 1)), 1);
}

static void walks_every_day_of_the_range(void **state)
{
        (void)state;
        int y = 1, m = 1, d = 1;
        for (day_t day = D(1, 1, 1); day <= DAY_END; day++) {
                int ys, ms, ds;
                day_split(day, &ys, &ms, &ds);
                if (ys != y || ms != m || ds != d || day_from(y, m, d) != day)
                        fail_msg("%d is %d-%d-%d, not %d-%d-%d", day, y, m, d, ys, ms, ds);
                if (++d > days_in_month(y, m)) {
                        d = 1;
                        if (++m > 12) {
                                m = 1;
                                y++;
                        }
                }
        }
}

static void refuses_days_that_do_not_exist(void **state)
{
        (void)state;
        static const char *const bad[] = {"1990-02-30", "1900-02-29", "2023-02-29",  "2024-13-01", "2024-00-10",
                                          "2024-04-31", "2024-01-00", "0000-01-01",  "2024-1-01",  "2024/01/01",
                                          "",           "2024-01-1x", " 2024-01-01", "20240101",   "-024-01-01"};
        struct error err = {0};
        day_t d = 77;
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(day_parse(&d, str_from(bad[i]), &err), err, SB_DATE_SYNTAX);
        assert_int_equal(d, 77);
        assert_ok(day_parse(&d, STR("2000-02-29"), &err), err);
        assert_int_equal(d, D(2000, 2, 29));
        assert_ok(day_parse(&d, STR("9999-12-31"), &err), err);
        char text[16];
        assert_string_equal(day_text(D(1990, 2, 28), text), "1990-02-28");
        assert_string_equal(day_text(D(1, 1, 1), text), "0001-01-01");
}

static void handles_months(void **state)
{
        (void)state;
        struct error err = {0};
        month_t m;
        char text[16];
        assert_ok(month_parse(&m, STR("2026-11"), &err), err);
        assert_int_equal(m, 2026 * 12 + 10);
        assert_string_equal(month_text(m, text), "2026-11");
        assert_int_equal(month_first(m), D(2026, 11, 1));
        assert_int_equal(month_last(m), D(2026, 11, 30));
        assert_int_equal(month_last(month_from(2024, 2)), D(2024, 2, 29));
        assert_int_equal(month_last(month_from(2026, 12)), D(2026, 12, 31));
        assert_int_equal(month_of(D(2026, 12, 31)), month_from(2026, 12));
        assert_error(month_parse(&m, STR("2026-13"), &err), err, SB_MONTH_SYNTAX);
        assert_error(month_parse(&m, STR("2026-00"), &err), err, SB_MONTH_SYNTAX);
        assert_error(month_parse(&m, STR("0000-01"), &err), err, SB_MONTH_SYNTAX);
        assert_error(month_parse(&m, STR("2026-1"), &err), err, SB_MONTH_SYNTAX);
}

static void counts_months_of_age(void **state)
{
        (void)state;
        assert_int_equal(months_between(D(1965, 3, 15), D(2025, 3, 14)), 719);
        assert_int_equal(months_between(D(1965, 3, 15), D(2025, 3, 15)), 720);
        assert_int_equal(months_between(D(2024, 2, 29), D(2025, 2, 27)), 11);
        assert_int_equal(months_between(D(2024, 2, 29), D(2025, 2, 28)), 12);
        assert_int_equal(months_between(D(2024, 1, 31), D(2024, 4, 29)), 2);
        assert_int_equal(months_between(D(2024, 1, 31), D(2024, 4, 30)), 3);
        assert_int_equal(months_between(D(2024, 1, 31), D(2024, 1, 31)), 0);
        assert_int_equal(months_between(D(2024, 1, 31), D(2024, 1, 30)), -1);
}

static void legal_days_are_those_of_shanghai(void **state)
{
        (void)state;
        instant_t midnight = day_instant(D(2026, 1, 1));
        char text[32];
        assert_string_equal(instant_text(midnight, text), "2025-12-31T16:00:00.000000Z");
        assert_int_equal(instant_day(midnight), D(2026, 1, 1));
        assert_int_equal(instant_day(midnight - 1), D(2025, 12, 31));
        assert_int_equal(instant_day(day_instant(D(1965, 1, 1))), D(1965, 1, 1));
        assert_int_equal(instant_day(day_instant(D(1965, 1, 1)) - 1), D(1964, 12, 31));
        assert_string_equal(instant_text(-1, text), "1969-12-31T23:59:59.999999Z");
}

static void parses_instants(void **state)
{
        (void)state;
        struct error err = {0};
        instant_t a, b;
        char text[32];
        assert_ok(instant_parse(&a, STR("2026-11-24T05:41:27.000001Z"), &err), err);
        assert_string_equal(instant_text(a, text), "2026-11-24T05:41:27.000001Z");
        assert_ok(instant_parse(&a, STR("2026-11-24T05:41:27.5Z"), &err), err);
        assert_ok(instant_parse(&b, STR("2026-11-24T13:41:27.50+08:00"), &err), err);
        assert_true(a == b);
        static const char *const bad[] = {"2026-11-24",           "2026-11-24T24:00:00Z",         "2026-11-24T05:60:00Z",
                                          "2026-11-24T05:41:27",  "2026-11-24T05:41:27.Z",        "2026-02-30T05:41:27Z",
                                          "2026-11-24 05:41:27Z", "2026-11-24T05:41:27.1234567Z", "2026-11-24T05:41:27+8",
                                          "2026-11-24T05:41:60Z", "0001-01-01T00:00:00+00:01"};
        for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
                assert_error(instant_parse(&a, str_from(bad[i]), &err), err, SB_INSTANT_SYNTAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(knows_published_days),
            cmocka_unit_test(walks_every_day_of_the_range),
            cmocka_unit_test(refuses_days_that_do_not_exist),
            cmocka_unit_test(handles_months),
            cmocka_unit_test(counts_months_of_age),
            cmocka_unit_test(legal_days_are_those_of_shanghai),
            cmocka_unit_test(parses_instants),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
