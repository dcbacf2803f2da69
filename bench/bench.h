/* SPDX-License-Identifier: Apache-2.0
 *
 * What a benchmark prints: a line "name value unit bar" for each figure. A bar is an upper limit; a
 * figure without one is told for comparison only. A benchmark exits 1 when a bar was missed.
 */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <stdio.h>

/* Print a figure; returns 1 when it is above its bar (0: no bar), so that a program can sum misses.
 */
static inline int bench_figure(const char *name, double value, const char *unit, double bar)
{
        char limit[32] = "-";
        int missed = bar > 0 && value > bar;
        if (bar > 0)
                snprintf(limit, sizeof limit, "<=%g%s", bar, missed ? " MISSED" : "");
        printf("%-40s %14.*f %-8s %s\n", name, value < 100 ? 2 : 0, value, unit, limit);
        fflush(stdout);
        return missed;
}

/* The same for a figure that should be at least its bar. */
static inline int bench_at_least(const char *name, double value, const char *unit, double bar)
{
        int missed = value < bar;
        printf("%-40s %14.*f %-8s >=%g%s\n", name, value < 100 ? 2 : 0, value, unit, bar, missed ? " MISSED" : "");
        fflush(stdout);
        return missed;
}

#endif
