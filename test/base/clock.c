/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"
#include "testing.h"

static void a_virtual_clock_stands_still(void **state)
{
        (void)state;
        struct clock *c = clock_virtual(day_instant(day_from(2026, 1, 1)) - 1);
        assert_int_equal(clock_today(c), day_from(2025, 12, 31));
        assert_true(clock_now(c) == clock_now(c));
        clock_advance(c, 1);
        assert_int_equal(clock_today(c), day_from(2026, 1, 1));
        clock_set(c, 0);
        assert_true(clock_now(c) == 0);
        clock_free(c);
        clock_free(NULL);
}

static void the_machines_clock_goes_on(void **state)
{
        (void)state;
        struct clock *c = clock_system();
        assert_true(clock_now(c) > day_instant(day_from(2020, 1, 1)));
        double a = clock_monotonic();
        assert_true(clock_monotonic() >= a);
        clock_free(c);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_virtual_clock_stands_still),
            cmocka_unit_test(the_machines_clock_goes_on),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
