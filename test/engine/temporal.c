/* SPDX-License-Identifier: Apache-2.0
 *
 * Dates, times and durations: against Python's datetime where it reaches, known values beyond.
 */
#include "engine/feel/temporal.h"
#include "oracle.h"

#include <string.h>

/* A world with two zones. */
static const struct zone *find_zone(void *ctx, struct str name)
{
        return zones_find(ctx, name);
}

static struct zones *zone_folder;
static struct temporal_zones zones = {find_zone, NULL};

static int open_zones(void **state)
{
        (void)state;
        if (zones_open(&zone_folder, NULL, NULL) != 0)
                return -1;
        zones.ctx = zone_folder;
        return 0;
}

static int close_zones(void **state)
{
        (void)state;
        zones_close(zone_folder);
        return 0;
}

static struct temporal_any any(const char *text)
{
        struct temporal_any v;

        if (!temporal_parse(&v, str_from(text), &zones))
                fail_msg("not read: %s", text);
        return v;
}

static const char *print(const struct temporal_any *v, char out[TEMPORAL_TEXT + 64])
{
        size_t n = TEMPORAL_TEXT + 64;

        switch (v->kind) {
        case TEMPORAL_DATE:
                temporal_print_date(out, n, v->moment.day);
                break;
        case TEMPORAL_TIME:
                temporal_print_time(out, n, &v->moment);
                break;
        case TEMPORAL_DATE_TIME:
                temporal_print_date_time(out, n, &v->moment);
                break;
        case TEMPORAL_DAYS:
                temporal_print_days(out, n, v->ns);
                break;
        case TEMPORAL_MONTHS:
                temporal_print_months(out, n, v->months);
                break;
        }
        return out;
}

static const char *answer(const char *op, const char *x, const char *y, char out[TEMPORAL_TEXT + 64])
{
        struct temporal_any a = any(x), r = a;
        int order;

        if (strcmp(op, "add") == 0) {
                assert_true(temporal_date_time_add_ns(&r.moment, &a.moment, any(y).ns));
        } else if (strcmp(op, "subtract") == 0) {
                struct temporal_any b = any(y);
                r.kind = TEMPORAL_DAYS;
                assert_true(temporal_date_sub(&r.ns, &a.moment, false, &b.moment, false));
        } else if (strcmp(op, "compare") == 0) {
                struct temporal_any b = any(y);
                assert_true(temporal_compare_date_time(&a.moment, &b.moment, &order));
                snprintf(out, TEMPORAL_TEXT, "%d", order);
                return out;
        } else if (strcmp(op, "calendar") == 0) {
                assert_int_equal(temporal_weekday(a.moment.day), y[0] - '0');
                snprintf(out, TEMPORAL_TEXT, "%d %d %lld", temporal_day_of_year(a.moment.day),
                         temporal_week_of_year(a.moment.day), (long long)a.moment.day);
                return out;
        }
        return print(&r, out);
}

static void agrees_with_python(void **state)
{
        char line[512], out[TEMPORAL_TEXT + 64];
        int count = 0;

        (void)state;
        struct oracle oracle = oracle_start("test/engine/temporal_oracle.py", "5", "60000");
        while (fgets(line, sizeof line, oracle.lines) != NULL) {
                char *rest = line, *op = strsep(&rest, "|"), *x = strsep(&rest, "|"), *y = strsep(&rest, "|");
                char *expected = strsep(&rest, "\n");
                assert_non_null(expected);
                const char *got = answer(op, x, y, out);
                if (strcmp(got, expected) != 0)
                        fail_msg("%s %s %s: %s, not %s", op, x, y, got, expected);
                count++;
        }
        oracle_end(&oracle);
        assert_true(count > 55000);
}

static void prints_canonically(void **state)
{
        static const char *const CASES[][2] = {
            {"2024-02-29", "2024-02-29"},
            {"-0044-03-15", "-0044-03-15"},
            {"999999999-12-31", "999999999-12-31"},
            {"-999999999-01-01", "-999999999-01-01"},
            {"0000-02-29", "0000-02-29"},
            {"10:30:00", "10:30:00"},
            {"10:30:00.500", "10:30:00.5"},
            {"10:30:00.123456789", "10:30:00.123456789"},
            {"10:30:00-00:00", "10:30:00Z"},
            {"10:30:00+08:00", "10:30:00+08:00"},
            {"10:30:00-02:45:55", "10:30:00-02:45:55"},
            {"24:00:00", "00:00:00"},
            {"2021-01-01T24:00:00", "2021-01-02T00:00:00"},
            {"2021-01-01T10:10:10Z", "2021-01-01T10:10:10Z"},
            {"P1D", "P1D"},
            {"PT24H", "P1D"},
            {"PT0.S", "PT0S"},
            {"-P0D", "PT0S"},
            {"-PT1H2M", "-PT1H2M"},
            {"PT1000M0.999999999S", "PT16H40M0.999999999S"},
            {"P26M", "P2Y2M"},
            {"-P100M", "-P8Y4M"},
            {"P0Y", "P0M"},
            {"-P0M", "P0M"},
            {"P999999999999D", "P999999999999D"},
            {"PT9223372036854775S", "P106751991167DT7H12M55S"},
        };
        char out[TEMPORAL_TEXT + 64];

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
                struct temporal_any v = any(CASES[i][0]);
                assert_string_equal(print(&v, out), CASES[i][1]);
        }
        char small[8];
        assert_int_equal(temporal_print_date(small, sizeof small, 0), 10);
        assert_string_equal(small, "1970-01");
        assert_int_equal(temporal_print_date(NULL, 0, 0), 10);
}

static void refuses_what_is_none(void **state)
{
        static const char *const CASES[] = {
            "",
            "P",
            "PT",
            "P1",
            "1D",
            "P1H",
            "P1S",
            "PT1D",
            "P1M2Y",
            "P1Y2D",
            "--P1D",
            "P-1D",
            "P1.5D",
            "PT.5S",
            "+P1D",
            "PT1H1H",
            "P9999999999999999999D",
            "P99999999999999999999M",
            "P999999999999999999D",
            "P999999999999999999Y",
            "2023-02-29",
            "2024-13-01",
            "2024-00-01",
            "2024-01-32",
            "02024-01-01",
            "+2024-01-01",
            "24-01-01",
            "1000000000-01-01",
            "2024-1-01",
            "2024-01-01 ",
            "2024-01-01Z",
            "2024-01-01T",
            "2024-01-01T10",
            "2024-01-01T10:00",
            "10:30",
            "1:30:00",
            "24:00:01",
            "10:60:00",
            "10:30:60",
            "10:30:00.",
            "10:30:00+19:00",
            "10:30:00+8:00",
            "10:30:00+08",
            "10:30:00@",
            "10:30:00@Nowhere/Land",
            "13:20:00+02:00@Europe/Paris",
            "999999999-12-31T24:00:00",
            "T10:30:00",
            "2024-01-01T10:30:00@Nowhere/Land",
        };
        struct temporal_any v;

        (void)state;
        for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
                if (temporal_parse(&v, str_from(CASES[i]), &zones))
                        fail_msg("read: %s", CASES[i]);
        assert_true(temporal_unknown_zone(STR("10:30:00@Nowhere/Land"), &zones));
        assert_true(temporal_unknown_zone(STR("2024-01-01T10:30:00@Asia/Shanghai"), NULL));
        assert_false(temporal_unknown_zone(STR("10:60:00@Nowhere/Land"), &zones));
        assert_false(temporal_unknown_zone(STR("10:60:00"), &zones));
        struct temporal t;
        assert_true(temporal_parse_date_time(&t, STR("2018-12-08"), NULL));
        assert_false(temporal_parse_date(&t, STR("2018-12-08T00:00:00")));
}

/* In every 400 years, and at both ends, days and dates go into one another. */
static void counts_days_both_ways(void **state)
{
        int64_t year, before = 0;
        int month, dom;

        (void)state;
        for (int64_t day = -146097; day < 146097; day++) {
                temporal_day_split(day, &year, &month, &dom);
                assert_true(temporal_day_valid(year, month, dom) && temporal_day_from(year, month, dom) == day);
                int64_t key = (year * 12 + month) * 31 + dom;
                assert_true(day == -146097 || key > before);
                before = key;
        }
        temporal_day_split(temporal_day_from(-TEMPORAL_YEAR_MAX, 1, 1), &year, &month, &dom);
        assert_true(year == -TEMPORAL_YEAR_MAX && month == 1 && dom == 1);
        assert_false(temporal_day_in_range(temporal_day_from(-TEMPORAL_YEAR_MAX, 1, 1) - 1));
        assert_false(temporal_day_in_range(temporal_day_from(TEMPORAL_YEAR_MAX, 12, 31) + 1));
        assert_true(temporal_month_last(temporal_day_from(2024, 2, 1)) == temporal_day_from(2024, 2, 29));
}

static void months(const char *date, int64_t by, const char *expected)
{
        struct temporal_any v = any(date);
        char out[TEMPORAL_TEXT + 64];

        bool ok = v.kind == TEMPORAL_DATE ? temporal_date_add_months(&v.moment, &v.moment, by)
                                          : temporal_date_time_add_months(&v.moment, &v.moment, by);
        assert_int_equal(ok, expected != NULL);
        if (ok)
                assert_string_equal(print(&v, out), expected);
}

static void adds_months_and_clips(void **state)
{
        (void)state;
        months("2024-01-31", 1, "2024-02-29");
        months("2024-03-31", -1, "2024-02-29");
        months("2023-12-31", 2, "2024-02-29");
        months("-0001-12-31", 1, "0000-01-31");
        months("2024-02-29", 12, "2025-02-28");
        months("2024-02-29T23:59:59.5Z", -48, "2020-02-29T23:59:59.5Z");
        months("999999999-12-31", 1, NULL);
        months("-999999999-01-01", -1, NULL);
        months("2024-01-31", INT64_MAX, NULL);
        months("2024-01-31", INT64_MIN, NULL);
        months("2021-02-28T02:30:00@Europe/Paris", 1, "2021-03-28T02:30:00@Europe/Paris");
}

static void between(const char *from, const char *to, int64_t expected)
{
        struct temporal_any a = any(from), b = any(to);

        assert_int_equal(temporal_months_between(&a.moment, &b.moment), expected);
}

static void counts_whole_months(void **state)
{
        (void)state;
        between("2011-12-22", "2013-08-24", 20);
        between("2013-08-24", "2011-12-22", -20);
        between("2015-01-21", "2016-01-21", 12);
        between("2024-01-31", "2024-02-29", 0);
        between("2024-02-29", "2024-01-31", 0);
        between("2024-01-15", "2024-02-14", 0);
        between("-2016-01-30T09:05:00", "-2017-02-28T02:02:02", -11);
        between("2014-12-31T23:59:59", "-2019-10-01T12:32:59", -(4033 * 12 + 2));
}

static void differs(const char *x, const char *y, const char *expected)
{
        struct temporal_any a = any(x), b = any(y), r = {.kind = TEMPORAL_DAYS};
        char out[TEMPORAL_TEXT + 64];
        bool ok = a.kind == TEMPORAL_TIME
                      ? temporal_time_sub(&r.ns, &a.moment, &b.moment)
                      : temporal_date_sub(&r.ns, &a.moment, a.kind == TEMPORAL_DATE, &b.moment, b.kind == TEMPORAL_DATE);

        if (ok != (expected != NULL))
                fail_msg("%s - %s", x, y);
        if (ok)
                assert_string_equal(print(&r, out), expected);
}

static void subtracts_by_zone(void **state)
{
        (void)state;
        differs("2021-01-02", "1995-01-01", "P9498D");
        differs("2021-01-02T10:10:10", "2021-01-01T10:10:10", "P1D");
        differs("2021-01-02T10:10:10Z", "2021-01-01T10:10:10", NULL);
        differs("2021-01-02T10:10:10Z", "2021-01-01", "P1DT10H10M10S");
        differs("2021-01-02", "2021-01-01T10:10:10+11:00", "P1DT49M50S");
        differs("2021-01-02T10:10:10", "2021-01-01", NULL);
        differs("10:10:10Z", "11:10:10+01:00", "PT0S");
        differs("10:10:10", "11:10:10+01:00", NULL);
        if (zones_find(zone_folder, STR("Europe/Paris")) == NULL)
                skip();
        differs("2021-01-02T10:10:10@Europe/Paris", "2021-01-01T10:10:10@Asia/Dhaka", "P1DT5H");
        differs("10:10:10@Australia/Melbourne", "11:10:10@Australia/Melbourne", "-PT1H");
        differs("10:10:10@Australia/Melbourne", "11:10:10@Europe/Paris", NULL);
        differs("2021-03-28T12:00:00@Europe/Paris", "2021-03-27T12:00:00@Europe/Paris", "PT23H");
}

static void moves_along_the_instant_in_a_zone(void **state)
{
        struct temporal t;
        char out[TEMPORAL_TEXT + 64];
        wide_t offset;

        (void)state;
        if (zones_find(zone_folder, STR("Europe/Paris")) == NULL)
                skip();
        assert_true(temporal_parse_date_time(&t, STR("2021-03-28T01:30:00@Europe/Paris"), &zones));
        assert_true(temporal_date_time_add_ns(&t, &t, (wide_t)3600 * TEMPORAL_NS_PER_S));
        temporal_print_date_time(out, sizeof out, &t);
        assert_string_equal(out, "2021-03-28T03:30:00@Europe/Paris");
        assert_true(temporal_offset(&t, &offset) && offset == (wide_t)7200 * TEMPORAL_NS_PER_S);
        assert_string_equal(temporal_zone_id(&t), "Europe/Paris");
        struct temporal time = temporal_time_of(&t), date = temporal_date_of(&t), joined;
        assert_false(temporal_offset(&time, &offset));
        assert_true(temporal_join(&joined, &date, &time) && temporal_same(&joined, &t));
        assert_true(temporal_time_add_ns(&time, &time, -(wide_t)4 * 3600 * TEMPORAL_NS_PER_S));
        temporal_print_time(out, sizeof out, &time);
        assert_string_equal(out, "23:30:00@Europe/Paris");
}

static void takes_times_apart(void **state)
{
        struct temporal t;
        wide_t offset = -(wide_t)9955 * TEMPORAL_NS_PER_S, too_far = (wide_t)64801 * TEMPORAL_NS_PER_S;
        struct decimal second;
        char out[TEMPORAL_TEXT];

        (void)state;
        assert_true(decimal_parse(&second, STR("45.25")));
        assert_true(temporal_make_time(&t, 11, 59, second, &offset));
        assert_int_equal(temporal_hour(&t), 11);
        assert_int_equal(temporal_minute(&t), 59);
        assert_int_equal(decimal_compare(temporal_second(&t), second), 0);
        temporal_print_time(out, sizeof out, &t);
        assert_string_equal(out, "11:59:45.25-02:45:55");
        assert_false(temporal_make_time(&t, 11, 59, second, &too_far));
        assert_false(temporal_make_time(&t, 24, 0, second, NULL));
        assert_false(temporal_make_time(&t, 0, 60, second, NULL));
        assert_false(temporal_make_time(&t, 0, 0, decimal_from_int(60), NULL));
        assert_false(temporal_make_time(&t, 0, 0, decimal_from_int(-1), NULL));
        assert_false(temporal_make_date(&t, 2023, 2, 29));
        assert_false(temporal_make_date(&t, 2023, INT64_MAX, 29));
        assert_true(temporal_make_date(&t, 2024, 2, 29) && t.day == 19782);
}

static void compares_only_what_can_be(void **state)
{
        struct temporal_any a = any("10:30:00.0001"), b = any("10:30:00.0002"), z = any("10:30:00Z");
        bool equal;
        int order;

        (void)state;
        assert_true(temporal_equal_time(&a.moment, &b.moment, &equal) && equal);
        assert_true(temporal_compare_time(&a.moment, &b.moment, &order) && order < 0);
        assert_false(temporal_compare_time(&a.moment, &z.moment, &order));
        assert_false(temporal_equal_time(&a.moment, &z.moment, &equal));
        a = any("2018-10-08T00:00:00+02:00");
        b = any("2018-10-07T22:00:00Z");
        assert_true(temporal_equal_date_time(&a.moment, &b.moment, &equal) && equal);
        assert_false(temporal_same(&a.moment, &b.moment));
}

static void scales_durations(void **state)
{
        struct decimal by;
        int64_t m;
        wide_t ns;

        (void)state;
        assert_true(decimal_parse(&by, STR("2.5")));
        assert_true(temporal_ns_scale(&ns, any("PT23H").ns, by) && ns == any("PT57H30M").ns);
        assert_true(temporal_ns_divide(&ns, any("P10DT23H").ns, by) && ns == any("P4DT9H12M").ns);
        assert_true(temporal_months_scale(&m, 23, by) && m == 57);
        assert_true(temporal_months_divide(&m, -131, by) && m == -52);
        assert_false(temporal_months_divide(&m, 1, decimal_from_int(0)));
        assert_false(temporal_ns_divide(&ns, 1, decimal_from_int(0)));
        assert_false(temporal_ns_scale(&ns, TEMPORAL_DURATION_MAX_NS, by));
        assert_false(temporal_months_scale(&m, INT64_MAX, by));
        assert_false(temporal_ns_add(&ns, TEMPORAL_DURATION_MAX_NS, 1));
        assert_false(temporal_months_add(&m, INT64_MAX, 1));
        assert_true(temporal_ns_ratio(&by, any("P10D").ns, any("P4D").ns));
        assert_int_equal(by.coefficient, 25);
        struct decimal second;
        int hour, minute;
        temporal_ns_split(any("-P1DT2H3M4.5S").ns, &m, &hour, &minute, &second);
        assert_true(m == -1 && hour == -2 && minute == -3 && second.negative && second.coefficient == 45);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(agrees_with_python),    cmocka_unit_test(prints_canonically),
            cmocka_unit_test(refuses_what_is_none),  cmocka_unit_test(counts_days_both_ways),
            cmocka_unit_test(adds_months_and_clips), cmocka_unit_test(counts_whole_months),
            cmocka_unit_test(subtracts_by_zone),     cmocka_unit_test(moves_along_the_instant_in_a_zone),
            cmocka_unit_test(takes_times_apart),     cmocka_unit_test(compares_only_what_can_be),
            cmocka_unit_test(scales_durations),
        };
        return cmocka_run_group_tests_name("temporal", tests, open_zones, close_zones);
}
