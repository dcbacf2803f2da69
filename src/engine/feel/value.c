/* SPDX-License-Identifier: Apache-2.0
 *
 * Values: equality, identity, order, entries; the machine that an evaluation runs on.
 */
#include "engine/feel/tree.h"

#include "engine/feel/pattern.h"

#include <string.h>

#define STEPS_DEFAULT INT64_C(10000000)
#define DEPTH_DEFAULT 1000
#define NEST_MAX 128
#define COMPARE_MAX INT64_C(4000000) /* values: a list may hold the same list many times over */

const char *feel_kind_name(enum feel_kind kind)
{
        static const char *const NAMES[] = {"null",
                                            "boolean",
                                            "number",
                                            "string",
                                            "date",
                                            "time",
                                            "date and time",
                                            "days and time duration",
                                            "years and months duration",
                                            "list",
                                            "context",
                                            "range",
                                            "function"};

        return NAMES[kind];
}

void feel_machine_again(struct feel_machine *m, const struct feel_limits *limits, struct error *err)
{
        m->steps = limits == NULL || limits->steps == 0 ? STEPS_DEFAULT : limits->steps;
        m->depth_max = limits == NULL || limits->depth == 0 ? DEPTH_DEFAULT : limits->depth;
        m->depth = 0;
        m->err = err;
        m->diagnostics = 0;
        m->diagnostic[0] = '\0';
        m->stack = NULL;
        m->stack_base = NULL;
        m->frame = NULL;
        m->question = NULL;
        m->env = NULL;
}

void feel_machine_init(struct feel_machine *m, struct arena *a, const struct feel_limits *limits, struct error *err)
{
        *m = (struct feel_machine){.arena = a};
        feel_machine_again(m, limits, err);
}

void feel_machine_dispose(struct feel_machine *m)
{
        if (m->own_patterns)
                pattern_cache_free(m->patterns);
        m->patterns = NULL;
        m->own_patterns = false;
}

/* Also ends an evaluation whose operators cannot answer ERR: no step is left. */
int feel_out_of_memory(struct feel_machine *m)
{
        m->steps = -1;
        return error_raise(m->err, SB_LIMIT, "%s|%s", "memory of an evaluation", "the arena");
}

struct feel_value feel_null(struct feel_machine *m, const char *why)
{
        if (m->diagnostics++ == 0)
                text_format(m->diagnostic, sizeof m->diagnostic, "%s", why);
        return feel_nothing();
}

const struct feel_value *feel_get(const struct feel_value *context, const char *name)
{
        for (uint32_t i = 0; i < context->count; i++)
                if (context->entries[i].name == name ||
                    (context->entries[i].name[0] == name[0] && strcmp(context->entries[i].name, name) == 0))
                        return &context->entries[i].value;
        return NULL;
}

static bool alike(const struct feel_value *a, const struct feel_value *b, bool exact, bool *equal, int64_t *budget, int depth);

static bool lists_alike(const struct feel_value *a, const struct feel_value *b, bool exact, bool *equal, int64_t *budget,
                        int depth)
{
        *equal = a->count == b->count;
        for (uint32_t i = 0; *equal && i < a->count; i++)
                if (!alike(&a->items[i], &b->items[i], exact, equal, budget, depth + 1))
                        *equal = false;
        return *budget >= 0; /* cut short, nothing is known */
}

static bool contexts_alike(const struct feel_value *a, const struct feel_value *b, bool exact, bool *equal, int64_t *budget,
                           int depth)
{
        *equal = a->count == b->count;
        for (uint32_t i = 0; *equal && i < a->count; i++) {
                const struct feel_value *other = feel_get(b, a->entries[i].name);
                if (other == NULL || !alike(&a->entries[i].value, other, exact, equal, budget, depth + 1))
                        *equal = false;
        }
        return *budget >= 0; /* cut short, nothing is known */
}

static bool ranges_alike(const struct feel_range *a, const struct feel_range *b, bool exact, bool *equal, int64_t *budget,
                         int depth)
{
        *equal = a->op == b->op && a->low_closed == b->low_closed && a->high_closed == b->high_closed;
        if (*equal && !alike(&a->low, &b->low, exact, equal, budget, depth + 1))
                *equal = false;
        if (*equal && !alike(&a->high, &b->high, exact, equal, budget, depth + 1))
                *equal = false;
        return *budget >= 0; /* cut short, nothing is known */
}

/* To the millisecond: finer fractions are kept and printed, but do not tell two moments apart. */
static struct temporal coarse(const struct temporal *t)
{
        struct temporal c = *t;

        c.ns -= c.ns % 1000000;
        return c;
}

static bool moments_order(const struct feel_value *a, const struct feel_value *b, int *order)
{
        struct temporal x = coarse(&a->moment), y = coarse(&b->moment);

        return a->kind == FEEL_DATE   ? temporal_compare_date(&x, &y, order)
               : a->kind == FEEL_TIME ? temporal_compare_time(&x, &y, order)
                                      : temporal_compare_date_time(&x, &y, order);
}

static bool moments_alike(const struct feel_value *a, const struct feel_value *b, bool *equal)
{
        int order;

        *equal = moments_order(a, b, &order) && order == 0;
        return true;
}

static bool alike(const struct feel_value *a, const struct feel_value *b, bool exact, bool *equal, int64_t *budget, int depth)
{
        *equal = false;
        if (a->kind == FEEL_NULL || b->kind == FEEL_NULL) {
                *equal = a->kind == b->kind;
                return true;
        }
        if (a->kind != b->kind)
                return false;
        if (depth > NEST_MAX || --*budget < 0) {
                *budget = -1; /* whoever holds them cannot tell either */
                return false;
        }
        switch (a->kind) {
        case FEEL_BOOLEAN:
                *equal = a->boolean == b->boolean;
                return true;
        case FEEL_NUMBER:
                *equal = decimal_compare(a->number, b->number) == 0;
                return true;
        case FEEL_STRING:
                *equal = str_equal(a->string, b->string);
                return true;
        case FEEL_DATE:
        case FEEL_TIME:
        case FEEL_DATE_TIME:
                if (!exact)
                        return moments_alike(a, b, equal);
                *equal = temporal_same(&a->moment, &b->moment);
                return true;
        case FEEL_DAYS:
                *equal = a->ns == b->ns;
                return true;
        case FEEL_MONTHS:
                *equal = a->months == b->months;
                return true;
        case FEEL_LIST:
                return lists_alike(a, b, exact, equal, budget, depth);
        case FEEL_CONTEXT:
                return contexts_alike(a, b, exact, equal, budget, depth);
        case FEEL_RANGE:
                return ranges_alike(a->range, b->range, exact, equal, budget, depth);
        case FEEL_FUNCTION:
                *equal = a->function == b->function;
                return true;
        case FEEL_NULL:
                break;
        }
        return false;
}

bool feel_equal(const struct feel_value *a, const struct feel_value *b, bool *equal)
{
        int64_t budget = COMPARE_MAX;

        return alike(a, b, false, equal, &budget, 0);
}

bool feel_is(const struct feel_value *a, const struct feel_value *b)
{
        int64_t budget = COMPARE_MAX;
        bool equal;

        return alike(a, b, true, &equal, &budget, 0) && equal;
}

bool feel_compare(const struct feel_value *a, const struct feel_value *b, int *order)
{
        if (a->kind != b->kind)
                return false;
        switch (a->kind) {
        case FEEL_NUMBER:
                *order = decimal_compare(a->number, b->number);
                return true;
        case FEEL_STRING:
                *order = str_compare(a->string, b->string);
                return true;
        case FEEL_DATE:
        case FEEL_TIME:
        case FEEL_DATE_TIME:
                return moments_order(a, b, order);
        case FEEL_DAYS:
                *order = (a->ns > b->ns) - (a->ns < b->ns);
                return true;
        case FEEL_MONTHS:
                *order = (a->months > b->months) - (a->months < b->months);
                return true;
        default:
                return false;
        }
}
