/* SPDX-License-Identifier: Apache-2.0
 *
 * Erlang's formulas against what is known of them: closed forms for one and two servers, values of published tables, and identities.
 */
#include "engine/queue/queue.h"

#include "testing.h"

#include <math.h>

static void near(double a, double b, double by)
{
        if (!(fabs(a - b) <= by))
                fail_msg("%.12g is not %.12g", a, b);
}

/* The sum of powers over factorials, as the formula is written. */
static double blocked_by_sum(double load, int servers)
{
        double term = 1, sum = 1;

        for (int k = 1; k <= servers; k++) {
                term *= load / k;
                sum += term;
        }
        return term / sum;
}

static void one_and_two_servers_have_closed_forms(void **state)
{
        (void)state;
        for (int k = 1; k < 20; k++) {
                double rho = k / 20.0;
                near(queue_waits(rho, 1), rho, 1e-14);
                near(queue_waits(2 * rho, 2), 2 * rho * rho / (1 + rho), 1e-14);
                near(queue_wait_mean(rho, 1, 60), 60 * rho / (1 - rho), 1e-9);
                near(queue_within(rho, 1, 1, 3), 1 - rho * exp(-3 * (1 - rho)), 1e-14);
        }
}

/* Published tables of the loss formula: the load at which so many servers lose one in a hundred (or as said), to the figures printed. */
static void losses_are_those_of_the_tables(void **state)
{
        static const struct {
                int servers;
                double load, lost;
        } rows[] = {{1, 0.0101, 0.01}, {2, 0.153, 0.01}, {5, 1.36, 0.01},  {10, 4.46, 0.01}, {20, 12.0, 0.01},
                    {50, 37.9, 0.01},  {5, 2.22, 0.05},  {10, 6.22, 0.05}, {20, 15.2, 0.05}, {100, 84.1, 0.01}};

        (void)state;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
                near(queue_blocked(rows[i].load, rows[i].servers), rows[i].lost, 0.03 * rows[i].lost);
}

/* The worked example of call centres: 200 calls an hour of three minutes, ten erlangs; with 14 agents 17.4 % wait, 88.8 % are answered
 * within 20 seconds, and the mean wait is 7.8 seconds. */
static void the_worked_example_comes_out(void **state)
{
        (void)state;
        near(queue_waits(10, 14), 0.1741, 0.0001);
        near(queue_within(10, 14, 180, 20), 0.8884, 0.0001);
        near(queue_wait_mean(10, 14, 180), 7.84, 0.01);
        assert_int_equal(queue_servers(10, 180, 20, 0.80), 14);
        assert_int_equal(queue_servers(10, 180, 20, 0.90), 15);
}

static void identities_hold(void **state)
{
        (void)state;
        for (int c = 1; c <= 60; c++)
                for (double load = 0.25; load < c; load += 0.75) {
                        double b = queue_blocked(load, c), w = queue_waits(load, c);
                        near(b, blocked_by_sum(load, c), 1e-12);
                        near(1 / w, 1 / b - (1 / b - 1) * load / c, 1e-7 / w); /* the two formulas, the other way round */
                        assert_true(w >= b && w <= 1);
                        assert_true(queue_waits(load, c + 1) < w); /* one more never hurts */
                        near(queue_within(load, c, 7, 0), 1 - w, 1e-12);
                }
}

static void edges(void **state)
{
        (void)state;
        near(queue_blocked(0, 0), 1, 0);
        near(queue_blocked(0, 3), 0, 0);
        near(queue_waits(0, 0), 0, 0);
        near(queue_waits(3, 3), 1, 0); /* the line grows */
        assert_true(queue_wait_mean(3, 3, 60) < 0);
        near(queue_within(3, 3, 60, 600), 0, 0);
        assert_int_equal(queue_servers(0, 60, 600, 0.9), 0);
        assert_int_equal(queue_servers(QUEUE_LOAD_MAX + 1, 60, 600, 0.9), -1);
        assert_int_equal(queue_servers(1, 60, 600, 1), -1);
        for (double load = 0.1; load < 400; load *= 1.7) {
                int c = queue_servers(load, 900, 600, 0.9);
                assert_true(queue_within(load, c, 900, 600) >= 0.9);
                assert_true(c == 1 || c - 1 <= load || queue_within(load, c - 1, 900, 600) < 0.9);
        }
        assert_true(queue_servers(QUEUE_LOAD_MAX, 900, 600, 0.99) > (int)QUEUE_LOAD_MAX);
}

int main(void)
{
        const struct CMUnitTest tests[] = {
            cmocka_unit_test(one_and_two_servers_have_closed_forms),
            cmocka_unit_test(losses_are_those_of_the_tables),
            cmocka_unit_test(the_worked_example_comes_out),
            cmocka_unit_test(identities_hold),
            cmocka_unit_test(edges),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
