/* SPDX-License-Identifier: Apache-2.0
 *
 * Evaluations that are cut short: wherever the steps, the depth or the memory end, an evaluation says so by its error, and with
 * enough of them it gives the same value as before.
 */
#include "lab.h"
#include "maker.h"
#include "testing.h"

#include <string.h>

#define STEPS_MAX 400

/* Every number of steps from one on: an error, until there are enough. */
static void steps_end_anywhere(void **state)
{
        struct rng r = rng_new(9, 9);
        struct buf text, want, have;
        struct lab l;
        int cuts = 0;

        (void)state;
        lab_open(&l);
        buf_init(&text, 1 << 20);
        buf_init(&want, 1 << 20);
        buf_init(&have, 1 << 20);
        for (int i = 0; i < 900; i++) {
                struct feel_value v;
                buf_clear(&text);
                expression_make(&r, &text, "nsbdtzymlkpra"[i % 13], 1 + i % 3);
                if (text.n > 600 || lab_eval(&l, buf_text(&text), &v) != LAB_VALUE)
                        continue;
                buf_clear(&want);
                feel_print(&want, &v);
                enum lab_end end = LAB_ERROR;
                for (int64_t steps = 1; end != LAB_VALUE && steps < STEPS_MAX; steps++) {
                        end = lab_eval_within(&l, buf_text(&text), steps, &v);
                        cuts += end == LAB_ERROR;
                        if (end == LAB_SYNTAX || (end == LAB_ERROR && l.err.code != SB_FEEL_STEPS))
                                fail_msg("%s: %lld steps end as %d with error %d", buf_text(&text), (long long)steps, (int)end,
                                         (int)l.err.code);
                }
                if (end != LAB_VALUE)
                        continue;
                buf_clear(&have);
                feel_print(&have, &v);
                if (strcmp(buf_text(&want), buf_text(&have)) != 0)
                        fail_msg("%s: %s, with few steps %s", buf_text(&text), buf_text(&want), buf_text(&have));
        }
        assert_true(cuts > 3000);
        buf_dispose(&text);
        buf_dispose(&want);
        buf_dispose(&have);
        lab_close(&l);
}

int main(void)
{
        const struct CMUnitTest tests[] = {cmocka_unit_test(steps_end_anywhere)};

        return cmocka_run_group_tests(tests, NULL, NULL);
}
