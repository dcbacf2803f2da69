/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions of the specification among each other; nobody else includes it. The table is in builtin.c.
 */
#ifndef ENGINE_FEEL_BUILTIN_H
#define ENGINE_FEEL_BUILTIN_H

#include "engine/feel/run.h"

#define BUILTIN(id)                                                                                                            \
        int builtin_##id(struct feel_machine *m, const struct feel_builtin *f, unsigned overload, struct feel_value *a,        \
                         size_t n, struct feel_value *out)
/* clang-format indents such a list anew each time it is asked. */
/* clang-format off */
#define BUILTINS(X) \
        X(date) X(date_and_time) X(time) X(number) X(string) X(duration) X(years_and_months_duration) X(context) \
        X(range) X(not) X(substring) X(string_length) X(upper_case) X(lower_case) X(substring_before) \
        X(substring_after) X(replace) X(contains) X(starts_with) X(ends_with) X(matches) X(split) X(string_join) \
        X(list_contains) X(count) X(min) X(max) X(sum) X(mean) X(all) X(any) X(sublist) X(append) X(concatenate) \
        X(insert_before) X(remove) X(list_replace) X(reverse) X(index_of) X(union) X(distinct_values) X(flatten) \
        X(product) X(median) X(stddev) X(mode) X(decimal) X(rounding) X(abs) X(modulo) X(sqrt) X(log) X(exp) X(odd) \
        X(even) X(before) X(after) X(meets) X(met_by) X(overlaps) X(overlaps_before) X(overlaps_after) X(finishes) \
        X(finished_by) X(includes) X(during) X(starts) X(started_by) X(coincides) X(day_of_year) X(day_of_week) \
        X(month_of_year) X(week_of_year) X(last_day_of_month) X(sort) X(get_value) X(get_entries) X(context_put) \
        X(context_merge) X(is) X(now) X(today)
/* clang-format on */
#define DECLARE(id) BUILTIN(id);
BUILTINS(DECLARE)
#undef DECLARE

/* A mistake in the arguments: null, with the function's name as diagnostic. Returns 0. */
int builtin_bad(struct feel_machine *m, const struct feel_builtin *f, struct feel_value *out);
struct feel_value *builtin_items(struct feel_machine *m, size_t n); /* NULL: memory is used up */
/* A whole number that fits. */
bool builtin_whole(const struct feel_value *v, int64_t *out);

static inline int give(struct feel_value *out, struct feel_value v)
{
        *out = v;
        return 0;
}

/* The arguments that every function has, used or not. */
#define UNUSED_ARGUMENTS (void)m, (void)f, (void)overload, (void)a, (void)n

#endif
