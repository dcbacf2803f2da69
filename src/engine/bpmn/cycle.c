/* SPDX-License-Identifier: Apache-2.0
 *
 * When the clock begins a process: once at a date, once after a while, or again and again, "R/2026-01-05/P1M". Months are counted from
 * the first day, so that what is due on the 31st is due on the last day of a shorter month and on the 31st again after it.
 */
#include "engine/bpmn/model.h"

#include <string.h>

#define MONTHS_MAX 24000

/* base moved by whole months; its time of day stays, its day is the last one of a shorter month. INSTANT_END past the calendar. */
static instant_t months_add(instant_t base, int64_t months)
{
        day_t day = instant_day(base), into;
        int y, m, d;

        day_split(day, &y, &m, &d);
        if (months > MONTH_END - month_from(y, m))
                return INSTANT_END;
        month_t month = (month_t)(month_from(y, m) + months);
        into = month_first(month) + d - 1;
        if (into > month_last(month))
                into = month_last(month);
        return day_instant(into) + (base - day_instant(day));
}

/* The first of first, first + n, first + 2n … after an instant, at most `times` (-1 without end): 1, or 0 when all have passed. */
static int next_of(instant_t first, const struct span *step, int64_t times, instant_t after, instant_t *at)
{
        int64_t k = 0;

        if (step->months == 0 && after >= first)
                k = (after - first) / step->us + 1;
        while (step->months > 0 && k < MONTHS_MAX && months_add(first, k * step->months) <= after)
                k++;
        if ((times >= 0 && k >= times) || k >= INT64_MAX / 2 || (step->months > 0 && k >= MONTHS_MAX))
                return 0;
        *at = step->months > 0 ? months_add(first, k * step->months) : first + k * step->us;
        return *at < INSTANT_END;
}

int bpmn_start_next(const struct bpmn_model *m, int node, instant_t base, instant_t after, instant_t *at, struct error *err)
{
        const struct code *c = &m->codes[node];
        const struct trigger *x = NULL;
        struct value_scope nothing = {.variables = NULL};
        struct span step = {.months = 0};
        json_t *none = json_object();
        instant_t first = base;
        int rc = none == NULL ? error_raise(err, SB_MEMORY, "%s", "") : 0;

        nothing.variables = none;
        for (size_t k = 0; k < c->trigger_count && x == NULL; k++)
                x = c->triggers[k].kind == BPMN_TIMER ? &c->triggers[k] : NULL;
        if (rc == 0 && (x == NULL || x->timer == NULL))
                rc = error_raise(err, SB_BPMN_EXPRESSION, "%s|%s", m->nodes[node].id,
                                 ERROR_BOTH("no date begins it", "未设启动时间"));
        if (rc == 0 && x->first != NULL)
                rc = expression_instant(x->first, &nothing, x->first_text, base, &first, err);
        bool spanned = rc == 0 && expression_span(x->timer, &nothing, x->timer_text, &step, NULL) == 0;
        if (rc == 0 && !spanned) { /* a date */
                rc = expression_instant(x->timer, &nothing, x->timer_text, base, at, err);
                rc = rc < 0 ? rc : *at > after;
        } else if (rc == 0) {
                if (x->first == NULL) /* the first after one interval */
                        first = step.months > 0 ? months_add(base, step.months) : base + step.us;
                rc = next_of(first, &step, x->cycle, after, at);
        }
        json_decref(none);
        return rc;
}
